/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside output: windows of a run's positions, and the mean squared displacements of those that are full.
 *
 * A window is `frames` samples at equal intervals; every rank keeps them for an even share of the atoms, as fractional
 * coordinates followed through the boundaries. When it is full it becomes paths in its mean cell, from which analysis/msd
 * makes the MSD, as of a trajectory of that length; the next window begins with the next sample. */
#ifndef NNPMD_OUTPUT_MSD_WINDOW_H
#define NNPMD_OUTPUT_MSD_WINDOW_H

#include "analysis/blocks.h"
#include "analysis/msd.h"
#include "io/buffer.h"
#include "output/share.h"

typedef struct nmd__msd_window {
  int64_t frames, lags;
  int kinds;
  const nmd_choice *only; /* who is looked at; not owned */
  const char *direction;
  bool shared; /* `share` and x are there */
  nmd_share share;
  double *x; /* [share.n][3][frames] fractional */
  int64_t filled, windows;
  int stage;              /* the averages are of; -1: none yet */
  double last, spacing;   /* fs */
  double sum_h[3][3];     /* A, of the samples so far */
  nmd_blocks blocks;      /* [kinds][lags] of full windows */
  nmd_buffer pending;     /* rank 0: a restored state whose paths wait for the first sample to be dealt out */
} nmd__msd_window;

/* frames >= 4, lags <= frames; `direction` as for nmd_directions_parse, borrowed. Local. Errors: BAD_CHOICE, MEMORY. */
nmd_status nmd__msd_window_init(nmd__msd_window *window, int kinds) NMD_MUST_USE;
void nmd__msd_window_free(nmd__msd_window *window);
/* One sample. *full: the window was full and its MSD has been added to `blocks`. A new stage, or another interval, begins
 * anew. Collective, same status everywhere. */
nmd_status nmd__msd_window_add(nmd__msd_window *window, const nmd_observation *seen, bool *full) NMD_MUST_USE;
/* All of it, put into `out` of rank 0, and back (bytes of rank 0). A state of other sizes is left alone with a warning.
 * Collective, same status everywhere. */
nmd_status nmd__msd_window_save(const nmd__msd_window *window, const nmd_comm *comm, nmd_buffer *out) NMD_MUST_USE;
nmd_status nmd__msd_window_restore(nmd__msd_window *window, const nmd_comm *comm, const void *bytes,
                                   size_t n) NMD_MUST_USE;

#endif
