/* SPDX-License-Identifier: BSD-3-Clause */
/* Global minimisation of a loss within bounds by populations. Ops + registry; one file a method. */
#ifndef NNPMD_FIT_SEARCH_H
#define NNPMD_FIT_SEARCH_H

#include <stdint.h>

#include "base/option.h"

enum { NMD_SEARCH_DIM_MAX = 256 };

typedef struct nmd_search_problem {
  int dim;
  const double *low, *high, *start; /* [dim] */
  /* Loss of x [dim], >= 0; huge where x is not possible. Local. */
  nmd_status (*loss)(void *context, const double *x, double *loss);
  void *context;
} nmd_search_problem;

/* All that a method knows between two generations: written to checkpoints as it is. Random numbers are functions of
 * (seed, generation, individual), so a restarted search repeats the bits. */
typedef struct nmd_search_state {
  int dim, n; /* n individuals */
  int64_t generation, evaluations;
  double *x;          /* [n][dim] */
  double *loss;       /* [n] */
  double *low, *high; /* [dim] ranges in which new individuals are drawn */
  double *values;     /* the one allocation behind these, n_values numbers */
  int64_t n_values;
} nmd_search_state;

typedef struct nmd_search_ops {
  const char *name;
  const nmd_option_table *options;
  /* One generation. `island` tells random numbers of several populations apart. Local. Errors: those of the loss. */
  nmd_status (*generation)(const void *parameters, const nmd_search_problem *problem, uint64_t seed, int island,
                           nmd_search_state *state);
} nmd_search_ops;

/* Registry: NULL-terminated, and the option tables in the same order. */
extern const nmd_search_ops *const nmd_search_registry[];
extern const nmd_option_table *const nmd_search_tables[];

/* Individual 0 of island 0 at the start, the others drawn in the bounds. Local. Errors: MEMORY, those of the loss. */
nmd_status nmd_search_begin(const nmd_search_problem *problem, int n, uint64_t seed, int island,
                            nmd_search_state *state) NMD_MUST_USE;
/* Room only, everything zero. Local. */
nmd_status nmd_search_state_init(nmd_search_state *state, int dim, int n) NMD_MUST_USE;
void nmd_search_state_free(nmd_search_state *state);
int nmd_search_best(const nmd_search_state *state); /* index of the least loss, the first of several */
int nmd_search_worst(const nmd_search_state *state);
/* Put x in the bounds by reflection, then by clipping. */
void nmd_search_into_bounds(const nmd_search_problem *problem, double *x);

#endif
