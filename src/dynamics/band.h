/* SPDX-License-Identifier: BSD-3-Clause */
/* A band of images between two states, for minimum-energy paths. Whoever has the potential (simulation/images.c)
 * evaluates the images; the stage `neb` moves them; the output `band` writes them. Every rank has the whole band. */
#ifndef NNPMD_DYNAMICS_BAND_H
#define NNPMD_DYNAMICS_BAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "system/box.h"

/* Numbers of an atom follow each other: x[(image * atoms + atom) * 3 + axis]. Atoms are in order of id. */
typedef struct nmd_band {
  int n; /* images, both ends among them */
  int64_t atoms;
  int64_t *id;    /* [atoms] ascending */
  int32_t *kind;  /* [atoms] species of the run */
  bool *fixed;    /* [atoms] frozen: no forces */
  double *x;      /* A, continuous along the band: not wrapped */
  double *force;  /* eV/A, of the potential */
  double *pull;   /* eV/A, what moves the images; zero at the ends */
  double *energy; /* [n] eV */
  double *path;   /* [n] length of the path up to each image, A */
  double *slope;  /* [n] dE/dpath by the forces, eV/A */
  double *across; /* [n] longest force on an atom perpendicular to the path, eV/A */
  double largest; /* longest pull on an atom, eV/A */
  int highest;    /* image of the highest energy, the ends counted; lowest number first */
  int climbing;   /* image that climbs, -1: none */
} nmd_band;

/* Zeroed arrays. Errors: MEMORY. */
nmd_status nmd_band_init(nmd_band *band, int images, int64_t atoms) NMD_MUST_USE;
void nmd_band_free(nmd_band *band); /* leaves it zeroed */
static inline double *nmd_band_of(const nmd_band *band, double *values, int image) {
  return values + (int64_t)image * band->atoms * 3;
}

/* From x, energy, force: everything else. Tangents tau of G. Henkelman, H. Jonsson, J. Chem. Phys. 113, 9978 (2000),
 * equations 8-11, springs along them (eq. 12), k `spring` (eV/A^2):
 *   pull_i = F_i - (F_i . tau) tau + k (|x_{i+1} - x_i| - |x_i - x_{i-1}|) tau;
 * with `climb` the highest image between the ends has F - 2 (F . tau) tau instead (G. Henkelman, B. Uberuaga, H.
 * Jonsson, J. Chem. Phys. 113, 9901 (2000)), if it is higher than both ends. Errors: MEMORY; CONFLICT (two images are
 * the same). */
nmd_status nmd_band_measure(nmd_band *band, double spring, bool climb) NMD_MUST_USE;
/* Highest energy over that of the first and the last image (eV): of the images, or of the cubic through energies and
 * slopes of neighbouring images, whichever is more. */
void nmd_band_barriers(const nmd_band *band, bool between, double *forward, double *back);
/* Energy (eV) of that cubic, at `t` in [0, 1] from image k to k + 1. */
double nmd_band_energy_between(const nmd_band *band, int k, double t);

/* The images between the first and the last: equal steps on the straight line. */
void nmd_band_interpolate(nmd_band *band);
/* Then moved until the distances of atoms are what the straight line of distances would be: S. Smidstrup, A. Pedersen,
 * K. Stokbro, H. Jonsson, J. Chem. Phys. 140, 214106 (2014), pairs nearer than 6 A at an end. Atoms that would come too
 * near each other on the straight line pass around. Errors: MEMORY and those of nmd_band_measure. */
nmd_status nmd_band_interpolate_distances(nmd_band *band, const nmd_box *box) NMD_MUST_USE;
/* x becomes the periodic image of x nearest to `to`. */
void nmd_nearest_image(const nmd_box *box, const double to[3], double x[3]);

/* Energies and forces of the images `wanted` [n]; the same on all ranks. Collective. Errors: those of the potential. */
typedef struct nmd_band_service {
  nmd_status (*evaluate)(void *context, nmd_band *band, const bool *wanted);
  void *context;
} nmd_band_service;

#endif
