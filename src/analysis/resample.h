/* SPDX-License-Identifier: BSD-3-Clause */
/* Two rough estimates of the error of a slope of an MSD that share nothing with the model of diffusion.h: D from blocks
 * of time, and D of resampled ions (bootstrap). Both use the slope between two lags. */
#ifndef NNPMD_ANALYSIS_RESAMPLE_H
#define NNPMD_ANALYSIS_RESAMPLE_H

#include "analysis/msd.h"

enum { NMD_TIME_BLOCKS = 5, NMD_RESAMPLES = 500 };

typedef struct nmd_resampled {
  double value;           /* A^2/fs, of all ions and times */
  double block_sigma;     /* standard error of the mean of NMD_TIME_BLOCKS blocks; NAN: the run is too short for them */
  double bootstrap_sigma; /* scatter over resampled ions; NAN: fewer than two. Too small when ions move together */
} nmd_resampled;

/* For one species: slope between lags a < b (frames) along the directions. Collective. Errors: MEMORY, those of
 * nmd_paths_visit. */
nmd_status nmd_resample(const nmd_paths *paths, const nmd_comm *comm, int kind, const nmd_directions *directions,
                        int64_t a, int64_t b, nmd_resampled *result) NMD_MUST_USE;

#endif
