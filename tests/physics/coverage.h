/* SPDX-License-Identifier: BSD-3-Clause */
/* Counting how often intervals hold the truth, over many walks. */
#ifndef NNPMD_TESTS_PHYSICS_COVERAGE_H
#define NNPMD_TESTS_PHYSICS_COVERAGE_H

#include "analysis/conductivity.h"
#include "walks.h"

/* Walks of each kind: 500, or NNPMD_WALKS in the environment, at most 2000. */
int coverage_repeats(void);

/* Walks of the test have seeds of their own: the constants of the estimates were set on series 0 to 3, what is
 * tested is series 4 (NNPMD_WALK_SERIES=N in the environment: another). */
int64_t coverage_seed(int64_t number);

typedef struct tally {
  int tried, n, in68, in95, ols68, ols95;
  double value, square, sigma;
} tally;
void coverage_count(tally *t, double truth, const nmd_interval *interval);
void coverage_count_ols(tally *t, double truth, double value, double sigma);

void coverage_print_head(void);
/* Print a row; wanted is coverage of 68 +- 6 % and 95 +- 3 %, give or take the error of counting it (2 and 1 %). Runs
 * too short for an answer are told so; they are to be the smaller part. */
void coverage_judge(const char *what, const walk *w, const tally *t);

/* Everything that is estimated from one walk. */
typedef struct outcome {
  nmd_diffusion self;
  nmd_conductivity charge; /* if collective */
} outcome;
void coverage_run(const nmd_comm *comm, const walk *w, int64_t seed, bool collective, outcome *o);

#endif
