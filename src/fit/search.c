/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/search.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

/* Here a new method is one more X(name): file search_name.c with nmd__search_name and its table of options. */
#define METHODS(X) X(cuckoo) X(differential_evolution) X(nlopt)

#define NMD_X(name)                                                                                                    \
  extern const nmd_search_ops nmd__search_##name;                                                                      \
  extern const nmd_option_table nmd__search_##name##_options;
METHODS(NMD_X)
#undef NMD_X
#define OPS(name) &nmd__search_##name,
#define TABLE(name) &nmd__search_##name##_options,
const nmd_search_ops *const nmd_search_registry[] = {METHODS(OPS) NULL};
const nmd_option_table *const nmd_search_tables[] = {METHODS(TABLE) NULL};

nmd_status nmd_search_state_init(nmd_search_state *state, int dim, int n) {
  *state = (nmd_search_state){.dim = dim, .n = n, .n_values = (int64_t)n * dim + n + 2 * dim};
  NMD_TRY(NMD_ALLOC(state->values, state->n_values));
  state->x = state->values;
  state->loss = state->x + (int64_t)n * dim;
  state->low = state->loss + n;
  state->high = state->low + dim;
  return NMD_OK;
}

void nmd_search_state_free(nmd_search_state *state) {
  nmd_free(state->values);
  *state = (nmd_search_state){0};
}

nmd_status nmd_search_begin(const nmd_search_problem *problem, int n, uint64_t seed, int island,
                            nmd_search_state *state) {
  NMD_TRY(nmd_search_state_init(state, problem->dim, n));
  memcpy(state->low, problem->low, (size_t)problem->dim * sizeof *state->low);
  memcpy(state->high, problem->high, (size_t)problem->dim * sizeof *state->high);
  for (int i = 0; i < n; i++) {
    double *x = state->x + (int64_t)i * problem->dim;
    for (int d = 0; d < problem->dim; d++) {
      double u[2];
      nmd_random_uniform2(seed, NMD_STREAM_SEARCH, 0, (int64_t)island * n + i, (unsigned)d, u);
      x[d] = i == 0 && island == 0 ? problem->start[d] : problem->low[d] + u[0] * (problem->high[d] - problem->low[d]);
    }
    NMD_TRY(problem->loss(problem->context, x, &state->loss[i]));
    state->evaluations++;
  }
  return NMD_OK;
}

int nmd_search_best(const nmd_search_state *state) {
  int best = 0;
  for (int i = 1; i < state->n; i++)
    if (state->loss[i] < state->loss[best]) best = i;
  return best;
}

int nmd_search_worst(const nmd_search_state *state) {
  int worst = 0;
  for (int i = 1; i < state->n; i++)
    if (state->loss[i] > state->loss[worst]) worst = i;
  return worst;
}

void nmd_search_into_bounds(const nmd_search_problem *problem, double *x) {
  for (int d = 0; d < problem->dim; d++) {
    const double low = problem->low[d], high = problem->high[d];
    if (x[d] < low) x[d] = 2 * low - x[d];
    if (x[d] > high) x[d] = 2 * high - x[d];
    if (!(x[d] >= low)) x[d] = low; /* also if not a number */
    if (x[d] > high) x[d] = high;
  }
}
