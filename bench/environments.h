/* SPDX-License-Identifier: BSD-3-Clause */
/* What the benchmarks of the evaluator share: environments of a rattled crystal, clocks, and a centre's evaluation with
 * a stop watch between the kernels. */
#ifndef NNPMD_BENCH_ENVIRONMENTS_H
#define NNPMD_BENCH_ENVIRONMENTS_H

#include "nnp/cost.h"
#include "nnp/evaluator_data.h"

enum { BENCH_CELLS = 8, BENCH_ATOMS = BENCH_CELLS * BENCH_CELLS * BENCH_CELLS, BENCH_ELEMENTS = 16 };

/* A periodic simple cubic crystal, rattled, with the species drawn at random. */
typedef struct bench_crystal {
  double x[BENCH_ATOMS][3], edge;
  int element[BENCH_ATOMS];
} bench_crystal;

typedef struct bench_batch { /* centres of one element */
  nmd_environments environments;
  nmd_environment_results results;
  double within; /* mean number of neighbours within the cut-off */
} bench_batch;

double bench_random(void);      /* 0 .. 1 */
double bench_cpu_seconds(void); /* of this process: what others do on the machine should not count */
/* So dense that a sphere of radius `cutoff` (A) has `neighbours` in it; shares of the elements [n_elements]. */
void bench_make_crystal(bench_crystal *c, double neighbours, double cutoff, int n_elements, const double *composition);
/* The neighbours within `reach` (A) of at most `most` atoms of an element. */
nmd_status bench_make_batch(const bench_crystal *c, int element, int most, double cutoff, double reach,
                            bench_batch *b) NMD_MUST_USE;
void bench_batch_free(bench_batch *b);
/* What the estimate of the cost sees of a batch: neighbours of each element within `cutoff` (A), mean over centres. */
nmd_cost_environment bench_mean_environment(const bench_batch *b, double cutoff, int lanes);
/* GFLOP/s of one core in double precision with the widest vectors it has (0: unknown). */
double bench_fma_peak(void);
double bench_cache_bandwidth(void); /* GB/s of loads from the innermost cache (0: unknown) */

typedef enum bench_phase {
  BENCH_GATHER, /* and scatter */
  BENCH_RADIAL,
  BENCH_MOMENTS,
  BENCH_TRIPLES,
  BENCH_GENERIC,
  BENCH_NETWORK,
  BENCH_PHASES
} bench_phase;

/* Seconds of each phase per centre, both passes, in the order and the cache state of a real evaluation: the least of
 * several sweeps over the batch. */
nmd_status bench_profile(nmd_evaluator *e, const bench_batch *b, double seconds[BENCH_PHASES]) NMD_MUST_USE;

#endif
