/* SPDX-License-Identifier: BSD-3-Clause */
/* One frame of a trajectory as the writers take it: borrowed arrays of all atoms, in order of id. */
#ifndef NNPMD_IO_FRAME_H
#define NNPMD_IO_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "io/buffer.h"
#include "system/box.h"
#include "system/structure.h"

/* X(name, bit, member of nmd_frame_view that must be there) */
#define NMD_FRAME_FIELDS(X)                                                                                            \
  X(ID, 1, id)                                                                                                         \
  X(IMAGE, 2, image)                                                                                                   \
  X(VELOCITY, 4, v)                                                                                                    \
  X(FORCE, 8, f)                                                                                                       \
  X(ATOM_ENERGY, 16, atom_energy)                                                                                      \
  X(ATOM_VIRIAL, 32, atom_virial)                                                                                      \
  X(SIGMA_FORCE, 64, sigma_force)                                                                                      \
  X(EXTRAPOLATION, 128, extrapolation)                                                                                 \
  X(SIGMA_ENERGY, 256, sigma_energy)

/* Species and positions are always written. */
enum {
#define NMD_X(name, bit, member) NMD_FIELD_##name = bit,
  NMD_FRAME_FIELDS(NMD_X)
#undef NMD_X
  NMD_FIELDS_DEFAULT = NMD_FIELD_ID | NMD_FIELD_IMAGE
};

enum { NMD_DIGITS_DEFAULT = 10, NMD_DIGITS_MAX = 17 /* reads back exactly */ };

typedef nmd_info nmd_frame_extra; /* values are quoted as needed */

/* Nothing in here is owned. Optional arrays are NULL. */
typedef struct nmd_frame_view {
  int64_t n;
  const int64_t *id;               /* [n] or NULL: 1..n */
  const int *atomic_number;        /* [n] */
  const double (*x)[3];            /* [n] A, wrapped into the cell unless: */
  bool unwrapped;                  /* followed through the boundaries; readers are told, image is not written */
  const int (*image)[3];           /* [n] unwrapped position = x + image h; or NULL */
  const double (*v)[3];            /* [n] A/fs */
  const double (*f)[3];            /* [n] eV/A */
  const double *atom_energy;       /* [n] eV */
  const double (*atom_virial)[9];  /* [n] eV, row-major; their sum is -volume * stress (potential part) */
  const double *sigma_energy;      /* [n] eV, spread of a committee's energies of the atom */
  const double *sigma_force;       /* [n] eV/A, and of its forces */
  const int *extrapolation;        /* [n] symmetry functions outside the training range */
  const nmd_box *box;
  int64_t step;                    /* -1: none */
  double time;                     /* fs; with step */
  bool has_energy, has_stress, has_temperature;
  double energy;                   /* eV, potential */
  double stress[3][3];             /* eV/A^3, sign of ASE: tension positive; virial = -volume * stress (eV) */
  double temperature;              /* K */
  const nmd_frame_extra *extras;   /* [n_extras] */
  int n_extras;
} nmd_frame_view;

/* View of a structure (in its order of atoms), its info as extras; no step. */
void nmd_frame_view_init(nmd_frame_view *view, const nmd_structure *structure);
/* The fields that the view can deliver. */
unsigned nmd_frame_fields(const nmd_frame_view *view);
/* INTERNAL if a field is asked for that the view lacks, or digits is outside 1..17. */
nmd_status nmd_frame_check(const nmd_frame_view *view, unsigned fields, int digits) NMD_MUST_USE;
static inline int64_t nmd_frame_id(const nmd_frame_view *view, int64_t i) {
  return view->id != NULL ? view->id[i] : i + 1;
}

#endif
