/* SPDX-License-Identifier: BSD-3-Clause */
/* Principal components, choices that cover, histograms; symmetry functions of a set against single evaluations.
 * Uses TEST_COMM. */
#include "dataset/select.h"

#include "base/memory.h"
#include "base/random.h"
#include "dataset/environments.h"
#include "dataset/pca.h"
#include "dataset/statistics.h"
#include "nnp/reference.h"
#include "support/test.h"
#include "support/test_mpi.h"
#include "toy_set.h"

static double draw(int64_t k) {
  double g[2];
  nmd_random_normal2(3, NMD_STREAM_TEST, 0, k, 0, g);
  return g[0];
}

static void make_points(int64_t n, int size, nmd_points *p) {
  *p = (nmd_points){.n = n, .size = size};
  TEST_OK(NMD_ALLOC(p->x, n * size));
  TEST_OK(NMD_ALLOC(p->frame, n));
  for (int64_t k = 0; k < n; k++) p->frame[k] = k;
  for (int64_t k = 0; k < n * size; k++) p->x[k] = draw(k);
}

/* A v = lambda v, vectors orthonormal, values descending. */
static void test_eigen(void) {
  enum { N = 17 };
  double a[N * N], kept[N * N], values[N], v[N * N];
  for (int i = 0; i < N; i++)
    for (int k = 0; k <= i; k++) a[i * N + k] = a[k * N + i] = draw(i * N + k);
  memcpy(kept, a, sizeof a);
  nmd_eigen_symmetric(a, N, values, v);
  for (int i = 0; i < N; i++) {
    CU_ASSERT(i == 0 || values[i] <= values[i - 1]);
    for (int k = 0; k < N; k++) {
      double av = 0.0, dot = 0.0;
      for (int m = 0; m < N; m++) av += kept[k * N + m] * v[i * N + m];
      for (int m = 0; m < N; m++) dot += v[k * N + m] * v[i * N + m];
      TEST_NEAR(av, values[i] * v[i * N + k], 1e-12);
      TEST_NEAR(dot, i == k, 1e-12);
    }
  }
}

/* A flat cloud: two components hold all the variance, and distances stay. */
static void test_projection(void) {
  nmd_points p;
  double share[5], before, after;
  make_points(50, 5, &p);
  for (int64_t k = 0; k < p.n; k++) {
    double *x = p.x + 5 * k;
    x[2] = x[0] - 2.0 * x[1], x[3] = 0.5 * x[1] + 7.0, x[4] = x[0] + x[1];
  }
  before =
      hypot(hypot(p.x[0] - p.x[5], p.x[1] - p.x[6]), hypot(hypot(p.x[2] - p.x[7], p.x[3] - p.x[8]), p.x[4] - p.x[9]));
  TEST_OK(nmd_points_project(&p, 2, share));
  after = hypot(p.x[0] - p.x[2], p.x[1] - p.x[3]);
  TEST_NEAR(after, before, 1e-12);
  TEST_NEAR(share[0] + share[1], 1.0, 1e-12);
  CU_ASSERT(share[0] > share[1]);
  nmd_points_free(&p);
}

static void test_farthest(void) {
  enum { N = 400, CHOSEN = 40 };
  nmd_points p;
  int64_t frames[N], n, again[N], m;
  double radius[N], other[N];
  nmd_coverage ours, random;
  make_points(N, 3, &p);
  TEST_OK(nmd_select_farthest(&p, N, NULL, CHOSEN, frames, radius, &n));
  TEST_EQUAL_INT(n, CHOSEN);
  for (int k = 2; k < CHOSEN; k++) CU_ASSERT(radius[k] <= radius[k - 1]);
  TEST_OK(nmd_select_farthest(&p, N, NULL, CHOSEN / 2, again, other, &m));
  CU_ASSERT(memcmp(frames, again, CHOSEN / 2 * sizeof *frames) == 0); /* the beginning of the larger choice */
  TEST_OK(nmd_coverage_of(&p, N, frames, n, &ours));
  CU_ASSERT(ours.radius <= radius[CHOSEN - 1]);
  for (uint64_t seed = 1; seed <= 5; seed++) {
    TEST_OK(nmd_select_random(N, seed, CHOSEN, again, &m));
    TEST_OK(nmd_coverage_of(&p, N, again, m, &random));
    TEST_CHECK(ours.radius < 0.7 * random.radius, "farthest %g, random %g", ours.radius, random.radius);
  }
  /* given frames are not chosen again, and what they cover comes last */
  bool given[N] = {false};
  for (int k = 0; k < CHOSEN; k++) given[frames[k]] = true;
  TEST_OK(nmd_select_farthest(&p, N, given, 10, again, other, &m));
  TEST_NEAR(other[0], ours.radius, 1e-12);
  for (int k = 0; k < 10; k++) CU_ASSERT(!given[again[k]]);
  TEST_OK(nmd_select_farthest(&p, N, NULL, N, frames, radius, &n)); /* all, then it ends */
  TEST_EQUAL_INT(n, N);
  nmd_points_free(&p);
}

static void test_grid(void) {
  enum { N = 500 };
  nmd_points p;
  int64_t frames[N], n;
  double share[3];
  nmd_coverage ours, random;
  bool seen[N] = {false};
  make_points(N, 3, &p);
  TEST_OK(nmd_points_project(&p, 3, share));
  TEST_OK(nmd_select_grid(&p, 3, 60, frames, &n));
  TEST_EQUAL_INT(n, 60);
  for (int k = 0; k < n; k++) {
    CU_ASSERT(frames[k] >= 0 && frames[k] < N && !seen[frames[k]]);
    seen[frames[k]] = true;
  }
  TEST_OK(nmd_coverage_of(&p, N, frames, n, &ours));
  TEST_OK(nmd_select_random(N, 2, 60, frames, &n));
  TEST_OK(nmd_coverage_of(&p, N, frames, n, &random));
  TEST_CHECK(ours.radius < random.radius, "grid %g, random %g", ours.radius, random.radius);
  nmd_points_free(&p);
}

/* Sum over functions and ends of what frames[0..n-1] cover from the mean on: by the definition, frame by frame. */
static double covered(const nmd_descriptor_set *d, const int64_t *frames, int64_t n) {
  double sum = 0.0;
  for (int e = 0; e < d->n_elements; e++)
    for (int f = 0; f < d->elements[e].functions; f++) {
      double low = 0.0, high = 0.0;
      for (int64_t i = 0; i < d->elements[e].n; i++)
        for (int64_t k = 0; k < n; k++) {
          if (d->elements[e].frame[i] != frames[k]) continue;
          low = fmin(low, d->elements[e].G[i * d->elements[e].functions + f]);
          high = fmax(high, d->elements[e].G[i * d->elements[e].functions + f]);
        }
      sum += high - low;
    }
  return sum;
}

/* Each choice adds the most; all choices have the ranges of all frames; given frames are not chosen again. */
static void test_extremes(void) {
  enum { N = 25 };
  nmd_dataset set;
  nmd_model *model;
  nmd_descriptor_set d;
  int64_t frames[N], every[N], again[N], n, m;
  double reach[N], other[N];
  toy_set_make(N, &set);
  TEST_OK(nmd_model_read_untrained(NMD_TEST_DATA "/../potentials/AuLi-starter", 1.0, 1.0, &model));
  TEST_OK(nmd_descriptor_set_make(TEST_COMM, &set, model, &d));
  nmd_descriptor_set_standardise(&d);
  TEST_OK(nmd_select_extremes(&d, NULL, N, frames, reach, &n));
  for (int64_t k = 0; k < N; k++) every[k] = k;
  TEST_CHECK(n > 3 && n < N, "%lld of %d frames hold an extreme", (long long)n, N);
  TEST_NEAR(covered(&d, frames, n), covered(&d, every, N), 1e-9);
  for (int64_t k = 0; k < n; k++) {
    const double before = covered(&d, frames, k);
    TEST_NEAR(reach[k], covered(&d, frames, k + 1) - before, 1e-9);
    memcpy(again, frames, (size_t)k * sizeof *again);
    for (again[k] = 0; again[k] < N; again[k]++) CU_ASSERT(covered(&d, again, k + 1) - before <= reach[k] + 1e-9);
  }
  bool given[N] = {false};
  for (int k = 0; k < 3; k++) given[frames[k]] = true;
  TEST_OK(nmd_select_extremes(&d, given, 2, again, other, &m));
  CU_ASSERT(m == 2 && again[0] == frames[3] && again[1] == frames[4]);
  TEST_NEAR(other[0], reach[3], 1e-12);
  nmd_descriptor_set_free(&d);
  nmd_model_destroy(model);
  nmd_dataset_free(&set);
}

static void test_random_choice(void) {
  int64_t a[20], b[20], n;
  TEST_OK(nmd_select_random(20, 7, 50, a, &n)); /* more than there are: all, once */
  TEST_EQUAL_INT(n, 20);
  int64_t sum = 0;
  for (int k = 0; k < 20; k++) sum += a[k];
  TEST_EQUAL_INT(sum, 190);
  TEST_OK(nmd_select_random(20, 7, 5, b, &n));
  CU_ASSERT(memcmp(a, b, 5 * sizeof *a) == 0);
}

static void test_histogram(void) {
  nmd_histogram h;
  TEST_OK(nmd_histogram_init(&h, -1.0, 1.0, 4));
  static const double values[] = {-5.0, -1.0, -0.51, -0.5, 0.0, 0.49, 0.99, 1.0, 7.0};
  for (size_t k = 0; k < sizeof values / sizeof *values; k++) nmd_histogram_add(&h, values[k]);
  CU_ASSERT(h.count[0] == 3 && h.count[1] == 1 && h.count[2] == 2 && h.count[3] == 3 && h.total == 9);
  nmd_histogram_free(&h);
}

static void test_statistics(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_dataset set;
  nmd_statistics s;
  toy_set_make(30, &set);
  TEST_OK(nmd_dataset_statistics(TEST_COMM, &set, 5.0, &s));
  CU_ASSERT(s.atoms == 180 && s.with_energy == 30 && s.with_stress == 30 && s.species.n == 2);
  CU_ASSERT(s.forces[0].total + s.forces[1].total == 180 && s.energies.total == 30);
  int64_t pairs = 0;
  for (int64_t k = 0; k < set.n; k++) {
    nmd_neighbours nb;
    TEST_OK(nmd_neighbours_find(TEST_COMM, &set.frames[k], 5.0, &nb));
    pairs += nb.first[nb.n];
    nmd_neighbours_free(&nb);
  }
  /* unlike pairs are counted from one side */
  TEST_EQUAL_INT(s.distances[0].total + s.distances[3].total + 2 * s.distances[1].total, pairs);
  nmd_statistics_free(&s);
  nmd_dataset_free(&set);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void compare_with_reference(const nmd_model *model, const nmd_structure *s, const nmd_descriptor_set *d) {
  nmd_neighbours nb;
  TEST_OK(nmd_neighbours_find(TEST_COMM, s, nmd_model_cutoff(model), &nb));
  const int64_t count = nb.first[1];
  double *x[3], energy, G[256];
  int *element, first[2] = {0, (int)count};
  TEST_OK(NMD_ALLOC(element, count));
  for (int a = 0; a < 3; a++) TEST_OK(NMD_ALLOC(x[a], count));
  for (int64_t k = 0; k < count; k++) {
    for (int a = 0; a < 3; a++) x[a][k] = nb.d[k][a];
    element[k] = nmd_model_element_index(model, s->atomic_number[nb.atom[k]]);
  }
  const int e = nmd_model_element_index(model, s->atomic_number[0]);
  const nmd_environments environments = {1, e, first, x[0], x[1], x[2], element};
  nmd_environment_results results = {.energy = &energy, .G = G};
  TEST_OK(nmd_reference_evaluate(model, &environments, &results));
  for (int f = 0; f < nmd_model_function_count(model, e); f++) TEST_NEAR(d->elements[e].G[f], G[f], 1e-9);
  nmd_free(element);
  for (int a = 0; a < 3; a++) nmd_free(x[a]);
  nmd_neighbours_free(&nb);
}

static void test_descriptors(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_dataset set;
  nmd_model *model;
  nmd_descriptor_set d;
  nmd_points p;
  toy_set_make(12, &set);
  TEST_OK(nmd_model_read_untrained(NMD_TEST_DATA "/../potentials/AuLi-starter", 1.0, 1.0, &model));
  TEST_OK(nmd_descriptor_set_make(TEST_COMM, &set, model, &d));
  compare_with_reference(model, &set.frames[0], &d);
  CU_ASSERT(d.elements[0].n + d.elements[1].n == 72 && d.neighbours[0] > 1.0);
  nmd_descriptor_set_standardise(&d);
  double mean = 0.0, square = 0.0;
  const nmd_element_descriptors *e = &d.elements[1];
  for (int64_t i = 0; i < e->n; i++) {
    mean += e->G[i * e->functions] / (double)e->n;
    square += e->G[i * e->functions] * e->G[i * e->functions] / (double)e->n;
  }
  TEST_NEAR(mean, 0.0, 1e-12);
  TEST_NEAR(square, 1.0, 1e-12);
  TEST_OK(nmd_points_of_frames(&d, &p));
  CU_ASSERT(p.n == 12 && p.size == 2 + 54 + 54);
  TEST_NEAR(p.x[0] + p.x[1], 1.0, 1e-15);
  nmd_points_free(&p);
  nmd_descriptor_set_free(&d);
  set.frames[0].atomic_number[2] = 8;
  TEST_FAILS(nmd_descriptor_set_make(TEST_COMM, &set, model, &d), NMD_MODEL_ELEMENT);
  TEST_CONTAINS(nmd_error_text(), "toy:0: atom 3 is O");
  nmd_model_destroy(model);
  nmd_dataset_free(&set);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("dataset/select", TEST(test_eigen), TEST(test_projection), TEST(test_farthest), TEST(test_grid),
           TEST(test_extremes), TEST(test_random_choice), TEST(test_histogram), TEST(test_statistics),
           TEST(test_descriptors))
