/* SPDX-License-Identifier: BSD-3-Clause */
/* The fast evaluator against the plain one on random models of every kind of function and random environments: none,
 * few and many neighbours, neighbours beyond the cut-off and on top of each other; bits independent of the batch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "nnp/evaluator_data.h"
#include "nnp/model_data.h"
#include "nnp/reference.h"
#include "support/test.h"

enum { ELEMENTS = 3, FUNCTIONS = 40, HIDDEN = 19, CENTRES = 6, NEIGHBOURS = 70, PAIRS = CENTRES * NEIGHBOURS };

static uint64_t state;

static double unit(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) * 0x1p-53;
}

static int below(int n) { return (int)(unit() * n); }

typedef struct toy_model { /* with the storage of its arrays */
  nmd_model model;
  nmd_element_model elements[ELEMENTS];
  nmd_symmetry_function functions[ELEMENTS][FUNCTIONS];
  nmd_layer layers[ELEMENTS][2];
  double scale[ELEMENTS][4][FUNCTIONS];
  double weight1[ELEMENTS][FUNCTIONS * HIDDEN], bias1[HIDDEN], weight2[HIDDEN], bias2[1];
} toy_model;

static bool is_weighted(nmd_function_kind kind) {
  return kind == NMD_RADIAL_WEIGHTED || kind == NMD_NARROW_WEIGHTED || kind == NMD_COMPACT_RADIAL_WEIGHTED ||
         kind == NMD_COMPACT_NARROW_WEIGHTED || kind == NMD_COMPACT_WIDE_WEIGHTED;
}

static nmd_symmetry_function random_function(int kinds) {
  static const double etas[] = {0.0, 0.01, 0.03, 0.07, 0.2, 0.123}, zetas[] = {1.0, 2.0, 4.0, 6.0, 3.0, 9.0, 16.0, 2.3};
  static const double lambdas[] = {-1.0, 1.0, 1.0, 0.6, -1.4}, lows[] = {0.0, 30.0, -100.0, 60.0};
  static const double highs[] = {180.0, 140.0, 100.0, 300.0};
  const int window = below(4);
  nmd_symmetry_function f = {.kind = (nmd_function_kind)below(kinds),
                             .e1 = below(ELEMENTS),
                             .eta = etas[below(6)],
                             .rs = below(3) ? 0.0 : 1.5,
                             .lambda = lambdas[below(5)],
                             .zeta = zetas[below(8)],
                             .rc = below(3) ? 5.5 : 4.5,
                             .theta_l = lows[window],
                             .theta_r = highs[window],
                             .compact = (nmd_cutoff_kind)(NMD_CUTOFF_EXP + below(5))};
  f.e2 = f.e1 + below(ELEMENTS - f.e1);
  f.rl = below(2) ? -f.rc : 1.2;
  f.asymmetric = f.compact != NMD_CUTOFF_EXP && below(2);
  if (is_weighted(f.kind)) f.e1 = f.e2 = -1;
  if (f.kind == NMD_RADIAL || f.kind == NMD_COMPACT_RADIAL) f.e2 = -1;
  return f;
}

/* Radial functions and wide ones that moments can do, with cut-offs far apart. */
enum { NEAR_AND_FAR = 0 }; /* in place of a number of kinds */
static nmd_symmetry_function near_or_far(void) {
  static const nmd_function_kind kinds[] = {NMD_RADIAL, NMD_WIDE,           NMD_WIDE,
                                            NMD_WIDE,   NMD_COMPACT_RADIAL, NMD_RADIAL_WEIGHTED};
  static const double cutoffs[] = {5.5, 5.5, 3.9, 2.8};
  nmd_symmetry_function f = random_function(NMD_WIDE + 1);
  f.kind = kinds[below(6)];
  f.rc = cutoffs[below(4)];
  f.rl = below(2) ? -f.rc : 1.2;
  f.zeta = 1 + below(6);
  f.lambda = below(2) ? 1.0 : -1.0;
  if (f.kind == NMD_RADIAL_WEIGHTED) f.e1 = f.e2 = -1;
  if (f.kind == NMD_WIDE && f.e2 < 0) f.e2 = f.e1;
  if (f.kind == NMD_RADIAL || f.kind == NMD_COMPACT_RADIAL) f.e2 = -1;
  return f;
}

static void make_element(toy_model *t, int e, int kinds) {
  const int n = 1 + below(FUNCTIONS);
  for (int f = 0; f < n; f++) {
    t->functions[e][f] = kinds == NEAR_AND_FAR ? near_or_far() : random_function(kinds);
    t->scale[e][0][f] = (0.5 + unit()) / (is_weighted(t->functions[e][f].kind) ? 300.0 : 1.0) / n;
    t->scale[e][1][f] = unit();
    t->scale[e][3][f] = 3.0 * unit() + 1e-6;
    t->scale[e][2][f] = 1e-6;
  }
  for (int i = 0; i < n * HIDDEN; i++) t->weight1[e][i] = unit() - 0.5;
  t->layers[e][0] = (nmd_layer){n, HIDDEN, (nmd_activation)below(4), t->weight1[e], t->bias1};
  t->layers[e][1] = (nmd_layer){HIDDEN, 1, NMD_ACT_IDENTITY, t->weight2, t->bias2};
  t->elements[e] = (nmd_element_model){.atomic_number = 3 + 10 * e,
                                       .n_functions = n,
                                       .functions = t->functions[e],
                                       .scale_factor = t->scale[e][0],
                                       .scale_shift = t->scale[e][1],
                                       .scale_base = 0.25,
                                       .low = t->scale[e][2],
                                       .high = t->scale[e][3],
                                       .n_layers = 2,
                                       .layers = t->layers[e]};
}

static void make_model(toy_model *t, int seed, int kinds) {
  state = 0x9e3779b97f4a7c15u * (uint64_t)(seed + 1);
  for (int i = 0; i < HIDDEN; i++) {
    t->bias1[i] = unit() - 0.5;
    t->weight2[i] = unit() - 0.5;
  }
  t->model = (nmd_model){.n_elements = ELEMENTS,
                         .elements = t->elements,
                         .cutoff_kind = (nmd_cutoff_kind)(seed % 9),
                         .cutoff_alpha = seed % 2 ? 0.3 : 0.0,
                         .cutoff = 5.5,
                         .energy_factor = 1.7};
  for (int e = 0; e < ELEMENTS; e++) make_element(t, e, kinds);
}

typedef struct toy_batch {
  int first[CENTRES + 1], element[PAIRS];
  double x[3][PAIRS];
} toy_batch;

static void make_batch(toy_batch *b, bool on_top) {
  static const int most[CENTRES] = {0, 1, 2, 12, 33, NEIGHBOURS};
  int n = 0;
  for (int c = 0; c < CENTRES; c++) {
    for (int i = 0; i < most[c]; i++, n++) {
      do
        for (int d = 0; d < 3; d++) b->x[d][n] = 13.0 * (unit() - 0.5);
      while (hypot(hypot(b->x[0][n], b->x[1][n]), b->x[2][n]) < 0.9);
      b->element[n] = below(ELEMENTS);
      if (on_top && i > 0 && below(5) == 0)
        for (int d = 0; d < 3; d++) b->x[d][n] = b->x[d][n - 1];
    }
    b->first[c + 1] = n;
  }
}

typedef struct toy_result {
  double energy[CENTRES], g[3][PAIRS], G[CENTRES * FUNCTIONS];
  nmd_environment_results r;
} toy_result;

static nmd_environment_results *results_of(toy_result *t) {
  t->r = (nmd_environment_results){.energy = t->energy, .gx = t->g[0], .gy = t->g[1], .gz = t->g[2], .G = t->G};
  return &t->r;
}

static nmd_environments environments_of(const toy_batch *b, int element) {
  return (nmd_environments){CENTRES, element, b->first, b->x[0], b->x[1], b->x[2], b->element};
}

typedef struct tolerances { /* relative, or absolute below 1 */
  double G, energy, gradient;
} tolerances;
static const tolerances of_precision[] = {{1e-12, 1e-11, 1e-11}, {2e-5, 2e-6, 4e-6}};

static void compare(const tolerances *limit, const toy_model *t, int seed, int element, const toy_batch *b,
                    const toy_result *fast, const toy_result *plain) {
  const int functions = t->elements[element].n_functions;
  double scale = 1.0, worst = 0.0;
  for (int i = 0; i < CENTRES * functions; i++) {
    const bool weighted = is_weighted(t->functions[element][i % functions].kind);
    const double difference = fabs(fast->G[i] - plain->G[i]) / ((weighted ? 500.0 : 1.0) + fabs(plain->G[i]));
    TEST_CHECK(difference < limit->G, "model %d: function %d is %.17g, plainly %.17g", seed, i % functions + 1,
               fast->G[i], plain->G[i]);
  }
  for (int c = 0; c < CENTRES; c++)
    TEST_CHECK(fabs(fast->energy[c] - plain->energy[c]) < limit->energy * fmax(1.0, fabs(plain->energy[c])),
               "model %d: energy %.17g, plainly %.17g", seed, fast->energy[c], plain->energy[c]);
  for (int d = 0; d < 3; d++)
    for (int i = 0; i < b->first[CENTRES]; i++) {
      scale = fmax(scale, fabs(plain->g[d][i]));
      worst = fmax(worst, fabs(fast->g[d][i] - plain->g[d][i]));
    }
  TEST_CHECK(worst < limit->gradient * scale, "model %d: gradient off by %g of %g", seed, worst, scale);
}

/* Each centre alone, and without gradient: the same bits. */
static void check_alone(nmd_evaluator *evaluator, const toy_batch *b, int element, const toy_result *all) {
  static toy_result one;
  for (int c = 0; c < CENTRES; c++) {
    const int from = b->first[c], n = b->first[c + 1] - from, first[2] = {0, n};
    const nmd_environments e = {1, element, first, b->x[0] + from, b->x[1] + from, b->x[2] + from, b->element + from};
    TEST_OK(nmd_evaluate(evaluator, &e, results_of(&one)));
    CU_ASSERT(one.energy[0] == all->energy[c]);
    for (int d = 0; d < 3; d++) CU_ASSERT(memcmp(one.g[d], all->g[d] + from, (size_t)n * sizeof(double)) == 0);
    nmd_environment_results energy_only = {.energy = one.energy};
    TEST_OK(nmd_evaluate(evaluator, &e, &energy_only));
    CU_ASSERT(one.energy[0] == all->energy[c]);
  }
}

/* A clone gives the same bits, also after the evaluator it was made from is gone. */
static void check_clone(nmd_evaluator **evaluator, const toy_batch *b, int element, const toy_result *all) {
  static toy_result again;
  nmd_evaluator *clone;
  const nmd_environments environments = environments_of(b, element);
  if (!TEST_OK(nmd_evaluator_clone(*evaluator, &clone))) return;
  nmd_evaluator_destroy(*evaluator);
  *evaluator = clone;
  TEST_OK(nmd_evaluate(clone, &environments, results_of(&again)));
  CU_ASSERT(memcmp(again.energy, all->energy, sizeof again.energy) == 0);
  for (int d = 0; d < 3; d++) CU_ASSERT(memcmp(again.g[d], all->g[d], (size_t)b->first[CENTRES] * sizeof(double)) == 0);
}

static void check_model(nmd_evaluator_options options, int seed, int kinds, bool on_top) {
  static toy_model t;
  static toy_batch b;
  static toy_result fast, plain;
  const double few[ELEMENTS] = {7.0, 7.0, 6.0}, many[ELEMENTS] = {20.0, 20.0, 20.0};
  nmd_evaluator *evaluator;
  make_model(&t, seed, kinds);
  if (!TEST_OK(nmd_evaluator_create(&t.model, &options, &evaluator))) return;
  for (int e = 0; e < ELEMENTS; e++) {
    make_batch(&b, on_top);
    const nmd_environments environments = environments_of(&b, e);
    TEST_OK(nmd_evaluate(evaluator, &environments, results_of(&fast)));
    TEST_OK(nmd_reference_evaluate(&t.model, &environments, results_of(&plain)));
    compare(&of_precision[options.precision], &t, seed, e, &b, &fast, &plain);
    check_alone(evaluator, &b, e, &fast);
    check_clone(&evaluator, &b, e, &fast);
    CU_ASSERT(nmd_evaluator_cost(evaluator, e, many) > nmd_evaluator_cost(evaluator, e, few));
    CU_ASSERT(nmd_evaluator_cost(evaluator, e, NULL) > 0.0);
  }
  nmd_evaluator_destroy(evaluator);
}

/* Each instruction set with each algorithm, for models first .. first + n - 1 */
static void check_models(nmd_precision precision, int first, int n, int kinds, bool on_top) {
  nmd_evaluator_options options = {.precision = precision};
  for (options.simd = NMD_SIMD_PORTABLE; options.simd <= NMD_SIMD_AVX512; options.simd++)
    for (options.algorithm = NMD_ALGORITHM_BEST; options.algorithm <= NMD_ALGORITHM_GENERIC; options.algorithm++)
      for (int seed = first; seed < first + n; seed++) check_model(options, seed, kinds, on_top);
}

static void test_all_kinds(void) { check_models(NMD_PRECISION_DOUBLE, 0, 36, NMD_COMPACT_WIDE_WEIGHTED + 1, false); }
static void test_mixed(void) { check_models(NMD_PRECISION_MIXED, 0, 36, NMD_COMPACT_WIDE_WEIGHTED + 1, false); }

/* Two neighbours at one place have an angle of 0, where the plain and the fast form of a compact function may differ by
 * whether cos(theta) rounds to 1: the other kinds only. */
static void test_neighbours_on_top(void) {
  check_models(NMD_PRECISION_DOUBLE, 100, 27, NMD_COMPACT_RADIAL + 1, true);
  check_models(NMD_PRECISION_MIXED, 100, 27, NMD_COMPACT_RADIAL + 1, true);
}

/* Near neighbours in front of far ones, in both precisions; most of these models have some. */
static void test_near_and_far(void) {
  const nmd_evaluator_options moments = {.algorithm = NMD_ALGORITHM_MOMENTS};
  static toy_model t;
  int with_near = 0;
  check_models(NMD_PRECISION_DOUBLE, 200, 18, NEAR_AND_FAR, false);
  check_models(NMD_PRECISION_MIXED, 200, 18, NEAR_AND_FAR, true);
  for (int seed = 200; seed < 218; seed++) {
    nmd_evaluator *evaluator;
    make_model(&t, seed, NEAR_AND_FAR);
    if (!TEST_OK(nmd_evaluator_create(&t.model, &moments, &evaluator))) return;
    for (int e = 0; e < ELEMENTS; e++) with_near += evaluator->plans[e].near == 3.9;
    nmd_evaluator_destroy(evaluator);
  }
  TEST_CHECK(with_near > 40, "%d of 54 elements have near neighbours", with_near);
}

static void count_text(void *context, const char *text) { *(int *)context += text[strlen(text) - 1] == '\n'; }

static void test_describe(void) {
  static toy_model t;
  nmd_evaluator *evaluator;
  int lines = 0;
  make_model(&t, 7, NMD_COMPACT_WIDE_WEIGHTED + 1);
  if (!TEST_OK(nmd_evaluator_create(&t.model, NULL, &evaluator))) return;
  TEST_OK(nmd_evaluator_describe(evaluator, NULL, count_text, &lines));
  CU_ASSERT(lines > ELEMENTS);
  nmd_evaluator_destroy(evaluator);
}

TEST_SUITE("nnp/evaluate", TEST(test_all_kinds), TEST(test_mixed), TEST(test_neighbours_on_top),
           TEST(test_near_and_far), TEST(test_describe))
