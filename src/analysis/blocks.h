/* SPDX-License-Identifier: BSD-3-Clause */
/* Mean and error of a vector measured at every frame of a correlated series, in one pass and fixed memory.
 *
 * The series is cut into blocks of equal length; block means are nearly independent once a block is longer than the
 * correlation time, and their scatter gives the error of the mean (H. Flyvbjerg, H. G. Petersen, J. Chem. Phys. 91,
 * 461 (1989)). When NMD_BLOCKS_MAX blocks are full, neighbours are merged and the length doubles, so that a long series
 * ends with 16 to 31 full blocks. Which block a frame belongs to follows from its number alone: ranks that share the
 * frames in any way get the same blocks. */
#ifndef NNPMD_ANALYSIS_BLOCKS_H
#define NNPMD_ANALYSIS_BLOCKS_H

#include <stdint.h>

#include "base/status.h"
#include "parallel/comm.h"

enum { NMD_BLOCKS_MAX = 32 };

typedef struct nmd_blocks {
  int width;                     /* numbers a frame */
  int64_t length;                /* frames a block */
  int64_t count[NMD_BLOCKS_MAX]; /* frames in each block so far */
  double *sum;                   /* [NMD_BLOCKS_MAX][width]; owned */
} nmd_blocks;

nmd_status nmd_blocks_init(nmd_blocks *blocks, int width) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_blocks_free(nmd_blocks *blocks);
/* The numbers [width] of frame `frame` (from 0, each once, in any order). Local. */
void nmd_blocks_add(nmd_blocks *blocks, int64_t frame, const double *values);
/* All ranks' frames together, on all ranks. Collective, once, at the end. */
void nmd_blocks_reduce(nmd_blocks *blocks, const nmd_comm *comm);
int64_t nmd_blocks_frames(const nmd_blocks *blocks);
int nmd_blocks_full(const nmd_blocks *blocks); /* number of full blocks */
/* mean [width] over all frames (NaN without any); error [width] or NULL: one standard error of the mean from the full
 * blocks, NaN with fewer than two. */
void nmd_blocks_mean(const nmd_blocks *blocks, double *mean, double *error);
/* Quantities that follow from the mean, nonlinear ones too: value [n] from the mean over all frames, error [n] from the
 * scatter of the same function over the full blocks. function(context, mean [width], derived [n]). Errors: MEMORY. */
typedef void nmd_blocks_function(const void *context, const double *mean, double *derived);
nmd_status nmd_blocks_derive(const nmd_blocks *blocks, nmd_blocks_function *function, const void *context, int n,
                             double *value, double *error) NMD_MUST_USE;
/* Mean [width] over the frames of block b, which has some. */
void nmd_blocks_block_mean(const nmd_blocks *blocks, int b, double *mean);

#endif
