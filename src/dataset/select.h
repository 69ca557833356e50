/* SPDX-License-Identifier: BSD-3-Clause */
/* Choosing a few frames that stand for all. */
#ifndef NNPMD_DATASET_SELECT_H
#define NNPMD_DATASET_SELECT_H

#include "dataset/descriptors.h"

/* How well chosen points stand for all: distance of each point to the nearest chosen one. */
typedef struct nmd_coverage {
  double radius; /* largest */
  double mean;   /* over the points */
} nmd_coverage;

/* frames[0..n-1] are chosen; points of the same frame are chosen with it. Errors: MEMORY. */
nmd_status nmd_coverage_of(const nmd_points *points, int64_t n_frames, const int64_t *frames, int64_t n,
                           nmd_coverage *out) NMD_MUST_USE;

/* Farthest points: from the frame nearest to the mean on (or from those `given`, which are not counted), always the
 * frame of the point farthest from all chosen ones. radius [wanted]: the largest distance before each choice (A.
 * Gonzalez, Theor. Comput. Sci. 38, 293 (1985): at most twice the best possible). Stops early when nothing is left
 * apart; *n says how many. Errors: MEMORY. */
nmd_status nmd_select_farthest(const nmd_points *points, int64_t n_frames, const bool *given, int64_t wanted,
                               int64_t *frames, double *radius, int64_t *n) NMD_MUST_USE;
/* A grid over the first two or three principal components, fine enough that `wanted` cells are filled; of each cell the
 * frame nearest to its middle; when more cells are filled, the farthest of these frames. points: one a frame,
 * projected. Errors: MEMORY. */
nmd_status nmd_select_grid(const nmd_points *points, int components, int64_t wanted, int64_t *frames,
                           int64_t *n) NMD_MUST_USE;
/* Extreme values: always the frame whose atoms reach farthest beyond the least and largest value of each symmetry
 * function among those that are in (at first the mean, or the frames `given`, which are not counted), summed over
 * functions and both ends in standard deviations; reach [wanted]: that sum before each choice. set: standardised. Stops
 * early when no frame reaches beyond; *n says how many. Errors: MEMORY. */
nmd_status nmd_select_extremes(const nmd_descriptor_set *set, const bool *given, int64_t wanted, int64_t *frames,
                               double *reach, int64_t *n) NMD_MUST_USE;
/* Random frames. Errors: MEMORY. */
nmd_status nmd_select_random(int64_t n_frames, uint64_t seed, int64_t wanted, int64_t *frames, int64_t *n) NMD_MUST_USE;

#endif
