/* SPDX-License-Identifier: BSD-3-Clause */
/* Autocorrelation of velocities (or of any vectors: fluxes, stresses) with its time integral and its spectrum.
 *
 * The run is cut into segments; within one, C(t) = <v(0) . v(t)> over atoms and origins comes from FFTs in O(N log N)
 * (the Wiener-Khinchin theorem, zero-padded). Memory holds one segment, whatever the length of the run, and the scatter
 * between (blocks of) segments gives the errors of all that follows from C:
 *   D(t) = 1/3 int_0^t C,  g(nu) = 4 int_0^T C(t)/C(0) w(t) cos(2 pi nu t) dt,  int_0^infinity g dnu = 1,
 * with w Hann's window. M. P. Allen, D. J. Tildesley, Computer Simulation of Liquids, 2nd ed. (2017),
 * sections 2.7, 8.3. */
#ifndef NNPMD_ANALYSIS_VACF_H
#define NNPMD_ANALYSIS_VACF_H

#include <stdint.h>

#include "analysis/blocks.h"

typedef struct nmd_vacf {
  int kinds, lags, segment; /* lags: C(0) ... C((lags - 1) spacing); frames of a segment */
  double spacing;           /* of the frames, in fs */
  int64_t n;                /* vectors a frame */
  int *kind;                /* [n] */
  double *population;       /* [kinds] */
  double *series;           /* [3 n][segment]: one component of one atom is contiguous */
  double *values;           /* [kinds][lags] of the last segment */
  nmd_blocks blocks;        /* a "frame" is a segment */
  struct nmd__vacf_fft *fft;
} nmd_vacf;

/* kind [n] is copied (negative: left out). segment >= lags >= 2. Errors: OUT_OF_RANGE, MEMORY. */
nmd_status nmd_vacf_init(nmd_vacf *vacf, int kinds, int64_t n, const int *kind, int lags, int segment,
                         double spacing) NMD_MUST_USE;
void nmd_vacf_free(nmd_vacf *vacf);
int64_t nmd_vacf_bytes(int kinds, int64_t n, int lags, int segment); /* memory of one of these */
/* Frame number k of the run: v [n][3]. Frames of one segment in order, all of them; whole segments may go to other
 * ranks (segment k / segment), then nmd_blocks_reduce. Local. Errors: MEMORY. */
nmd_status nmd_vacf_add(nmd_vacf *vacf, int64_t k, const double (*v)[3]) NMD_MUST_USE;

/* All from the full segments; every array [kinds][...], errors are one standard error. */
typedef struct nmd_vacf_result {
  int lags, frequencies;
  double *c, *c_error;               /* [kinds][lags] in (unit of v)^2 */
  double *integral, *integral_error; /* [kinds][lags]: D(t) in (unit of v)^2 fs */
  double *plateau, *plateau_error;   /* [kinds]: mean of D(t) over the lags from `plateau_from` on */
  double *density, *density_error;   /* [kinds][frequencies]: g in fs */
  double frequency_step;             /* 1/fs */
} nmd_vacf_result;

/* Errors: OUT_OF_RANGE (no full segment), MEMORY. */
nmd_status nmd_vacf_evaluate(const nmd_vacf *vacf, int plateau_from, nmd_vacf_result *result) NMD_MUST_USE;
void nmd_vacf_result_free(nmd_vacf_result *result);

#endif
