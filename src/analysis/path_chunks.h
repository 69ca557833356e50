/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside analysis: positions that come frame by frame and are wanted atom by atom.
 *
 * Laid down as they come, an atom's path would be one number every few hundred kB. So frames are collected until a line
 * of the cache is full for every coordinate, then turned round; an atom's path is then read in long pieces. */
#ifndef NNPMD_ANALYSIS_PATH_CHUNKS_H
#define NNPMD_ANALYSIS_PATH_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct nmd__path_chunks {
  int64_t atoms, frames;
  bool single;  /* kept in 32 bits, as the files hold them */
  void *stage;  /* [frames on the way][3 atoms] float or double */
  void **chunk; /* [n][3 atoms][frames of a chunk] likewise */
  int64_t n, capacity;
} nmd__path_chunks;

/* Bytes for so many atoms and frames, the stage included. */
int64_t nmd__path_chunks_bytes(int64_t atoms, int64_t frames, bool single);
/* Empty, for so many atoms. Errors: MEMORY. */
nmd_status nmd__path_chunks_begin(nmd__path_chunks *chunks, int64_t atoms, bool single) NMD_MUST_USE;
/* One more frame: the positions x[which[i] - offset] (A) of the atoms. Errors: MEMORY. */
nmd_status nmd__path_chunks_put(nmd__path_chunks *chunks, const double (*x)[3], const int64_t *which,
                                int64_t offset) NMD_MUST_USE;
void nmd__path_chunks_end(nmd__path_chunks *chunks); /* all frames are put */
/* The path of one of the atoms: x [3][frames]. */
void nmd__path_chunks_get(const nmd__path_chunks *chunks, int64_t atom, double *x);
void nmd__path_chunks_drop(nmd__path_chunks *chunks); /* free what is kept */

#endif
