/* SPDX-License-Identifier: BSD-3-Clause */
/* Every method of the registry finds the least of functions with many minima or a bent valley; the same seed repeats
 * the bits, and a population copied in between goes on with them. */
#include "base/memory.h"
#include "base/yaml.h"
#include "fit/search.h"
#include "support/test.h"

enum { DIM = 4 };

static nmd_status rastrigin(void *context, const double *x, double *loss) {
  (void)context;
  *loss = 0;
  for (int d = 0; d < DIM; d++) {
    const double y = x[d] - 0.3 * d;
    *loss += y * y + 2 * (1 - cos(6 * y));
  }
  return NMD_OK;
}

static nmd_status valley(void *context, const double *x, double *loss) {
  (void)context;
  *loss = 0;
  for (int d = 0; d + 1 < DIM; d++) *loss += 20 * pow(x[d + 1] - x[d] * x[d], 2) + pow(1 - x[d], 2);
  return NMD_OK;
}

static const double low[DIM] = {-3, -3, -3, -3}, high[DIM] = {3, 3, 3, 3}, start[DIM] = {-2, 2.5, -1.5, 2};

/* Parameters of a method by name, all defaults. */
static void *method_parameters(const nmd_search_ops *ops) {
  void *parameters;
  if (!TEST_OK(nmd_alloc(&parameters, 1, ops->options->size)) ||
      !TEST_OK(nmd_options_parse(ops->options, NULL, parameters)))
    return NULL;
  return parameters;
}

static double search(const nmd_search_ops *ops, const nmd_search_problem *problem, int generations, int copy_at,
                     double *x) {
  nmd_search_state state, copy;
  void *parameters = method_parameters(ops);
  if (parameters == NULL || !TEST_OK(nmd_search_begin(problem, 24, 7, 0, &state))) return NAN;
  for (int g = 0; g < generations; g++) {
    if (g == copy_at) { /* what a checkpoint does */
      TEST_OK(nmd_search_state_init(&copy, state.dim, state.n));
      memcpy(copy.values, state.values, (size_t)state.n_values * sizeof *copy.values);
      copy.generation = state.generation;
      nmd_search_state_free(&state);
      state = copy;
    }
    TEST_OK(ops->generation(parameters, problem, 7, 0, &state));
  }
  const int best = nmd_search_best(&state);
  const double loss = state.loss[best];
  memcpy(x, state.x + best * DIM, DIM * sizeof *x);
  for (int d = 0; d < DIM; d++) TEST_CHECK(x[d] >= low[d] && x[d] <= high[d], "%s: out of bounds", ops->name);
  nmd_search_state_free(&state);
  nmd_options_free(ops->options, parameters);
  nmd_free(parameters);
  return loss;
}

static void test_minima(void) {
  const nmd_search_problem problems[2] = {{DIM, low, high, start, rastrigin, NULL},
                                          {DIM, low, high, start, valley, NULL}};
  for (int k = 0; nmd_search_registry[k] != NULL; k++) {
    const nmd_search_ops *ops = nmd_search_registry[k];
    CU_ASSERT(nmd_search_tables[k] == ops->options);
    for (int p = 0; p < 2; p++) {
      double x[DIM];
      const double loss = search(ops, &problems[p], strcmp(ops->name, "nlopt") == 0 ? 15 : 400, -1, x);
      printf("  %s, problem %d: %.2e\n", ops->name, p, loss);
      TEST_CHECK(loss < 1e-3, "%s, problem %d: loss %g", ops->name, p, loss);
      for (int d = 0; d < DIM; d++) TEST_NEAR(x[d], p == 0 ? 0.3 * d : 1, 0.03);
    }
  }
}

static void test_same_bits(void) {
  const nmd_search_problem problem = {DIM, low, high, start, rastrigin, NULL};
  for (int k = 0; nmd_search_registry[k] != NULL; k++) {
    double a[DIM], b[DIM], c[DIM];
    search(nmd_search_registry[k], &problem, 12, -1, a);
    search(nmd_search_registry[k], &problem, 12, -1, b);
    search(nmd_search_registry[k], &problem, 12, 5, c);
    TEST_CHECK(memcmp(a, b, sizeof a) == 0, "%s: the same seed, other bits", nmd_search_registry[k]->name);
    TEST_CHECK(memcmp(a, c, sizeof a) == 0, "%s: other bits after a restart", nmd_search_registry[k]->name);
  }
}

TEST_SUITE("fit/search", TEST(test_minima), TEST(test_same_bits))
