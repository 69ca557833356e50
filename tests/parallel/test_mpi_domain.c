/* SPDX-License-Identifier: BSD-3-Clause */
/* Migration, halo and balance against one process that knows all atoms.
 *
 * Every rank makes the whole system from the same random numbers, keeps a share of it, and after migration and halo
 * compares what it sees around each of its atoms with all pairs of all atoms and images. Positions must agree to the
 * last bit: a ghost is x + shift h, whatever way it came. */
#include "parallel/domain.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"
#include "support/test.h"

enum { ATOMS_MAX = 2000, SEEN_MAX = 6000 };

static double all_x[ATOMS_MAX][3]; /* of id - 1 */
static int n_all;

static double uniform(int64_t step, int64_t id) {
  double u[2];
  nmd_random_uniform2(11, NMD_STREAM_TEST, step, id, 0, u);
  return u[0];
}

/* Random wrapped positions; along open axes also outside of the box. */
static void make_all(const nmd_box *box, int n, int64_t seed) {
  n_all = n;
  for (int i = 0; i < n; i++) {
    double s[3];
    int image[3] = {0, 0, 0};
    for (int d = 0; d < 3; d++) {
      s[d] = uniform(seed, 3 * i + d);
      if (!box->periodic[d]) s[d] = 1.6 * s[d] - 0.3;
    }
    nmd_box_to_cartesian(box, s, all_x[i]);
    nmd_box_wrap(box, all_x[i], image);
  }
}

/* This rank's share before migration: 0: rank 0 has all; 1: dealt out; 2: the last rank has all. */
static void take_share(nmd_atoms *atoms, int how) {
  const int rank = nmd_comm_rank(TEST_COMM), size = nmd_comm_size(test_comm);
  nmd_atoms_init(atoms);
  TEST_OK(nmd_atoms_reserve(atoms, n_all));
  for (int i = 0; i < n_all; i++) {
    const int holder = how == 0 ? 0 : how == 1 ? i % size : size - 1;
    if (holder != rank) continue;
    const int k = atoms->n_owned++;
    memcpy(&atoms->x[3 * k], all_x[i], sizeof all_x[i]);
    atoms->id[k] = i + 1;
    atoms->species[k] = i % 5;
    atoms->image[3 * k + 1] = -i;
    for (int c = 0; c < 3; c++) atoms->v[3 * k + c] = i + 0.25 * c;
  }
}

/* Every atom exists once, on its owner, with all that belongs to it. */
static void check_owned(const nmd_domain *domain, const nmd_box *box, const nmd_atoms *atoms) {
  static int64_t seen[ATOMS_MAX];
  memset(seen, 0, sizeof seen);
  int wrong = 0;
  for (int k = 0; k < atoms->n_owned; k++) {
    const int i = (int)atoms->id[k] - 1;
    double s[3];
    if (i < 0 || i >= n_all) {
      wrong++;
      continue;
    }
    seen[i]++;
    nmd_box_to_fractional(box, &atoms->x[3 * k], s);
    wrong += nmd_domain_owner(domain, s) != nmd_comm_rank(test_comm);
    wrong += memcmp(&atoms->x[3 * k], all_x[i], sizeof all_x[i]) != 0;
    wrong += atoms->species[k] != i % 5 || atoms->image[3 * k + 1] != -i || atoms->v[3 * k + 2] != i + 0.5;
  }
  nmd_comm_sum_int(test_comm, seen, n_all);
  for (int i = 0; i < n_all; i++) wrong += seen[i] != 1;
  TEST_EQUAL_INT(wrong, 0);
}

typedef struct sight {
  int64_t id;
  double r[3];
} sight;

static int compare_sights(const void *a, const void *b) {
  const sight *p = a, *q = b;
  if (p->id != q->id) return p->id < q->id ? -1 : 1;
  for (int k = 0; k < 3; k++)
    if (p->r[k] != q->r[k]) return p->r[k] < q->r[k] ? -1 : 1;
  return 0;
}

static void look(const double x[3], const double y[3], int64_t id, double cutoff, sight *list, int *n) {
  const double r[3] = {y[0] - x[0], y[1] - x[1], y[2] - x[2]};
  if (nmd_dot(r, r) >= cutoff * cutoff || *n >= SEEN_MAX) return;
  list[*n].id = id;
  memcpy(list[(*n)++].r, r, sizeof r);
}

static void shifted(const nmd_box *box, const double x[3], const int m[3], double y[3]) {
  for (int k = 0; k < 3; k++) y[k] = x[k] + (m[0] * box->h[0][k] + m[1] * box->h[1][k] + m[2] * box->h[2][k]);
}

/* All atoms and images around x, x itself included. */
static int look_globally(const nmd_box *box, const double x[3], double cutoff, sight *list) {
  int n = 0, m[3], reach[3];
  for (int d = 0; d < 3; d++) reach[d] = box->periodic[d] ? (int)ceil(cutoff / nmd_box_height(box, d)) : 0;
  for (m[0] = -reach[0]; m[0] <= reach[0]; m[0]++)
    for (m[1] = -reach[1]; m[1] <= reach[1]; m[1]++)
      for (m[2] = -reach[2]; m[2] <= reach[2]; m[2]++)
        for (int j = 0; j < n_all; j++) {
          double y[3];
          shifted(box, all_x[j], m, y);
          look(x, y, j + 1, cutoff, list, &n);
        }
  return n;
}

static void check_sights(const nmd_box *box, const nmd_atoms *atoms, double cutoff) {
  static sight here[SEEN_MAX], expected[SEEN_MAX];
  int wrong = 0;
  for (int i = 0; i < atoms->n_owned; i++) {
    const double *x = &atoms->x[3 * i];
    int n = 0;
    for (int j = 0; j < atoms->n_owned + atoms->n_ghost; j++) look(x, &atoms->x[3 * j], atoms->id[j], cutoff, here, &n);
    const int m = look_globally(box, x, cutoff, expected);
    TEST_CHECK(m < SEEN_MAX, "test array too small");
    qsort(here, (size_t)n, sizeof *here, compare_sights);
    qsort(expected, (size_t)m, sizeof *expected, compare_sights);
    bool same = n == m;
    for (int k = 0; same && k < n; k++) same = compare_sights(&here[k], &expected[k]) == 0;
    wrong += !same;
  }
  TEST_EQUAL_INT(wrong, 0);
  for (int g = atoms->n_owned; g < atoms->n_owned + atoms->n_ghost; g++)
    wrong += atoms->species[g] != (atoms->id[g] - 1) % 5;
  TEST_EQUAL_INT(wrong, 0);
}

/* Uneven planes; the same on all ranks. */
static void make_uneven(nmd_domain *domain, int64_t seed) {
  for (int d = 0; d < 3; d++) {
    const int n = domain->grid[d];
    double planes[64];
    planes[0] = 0.0;
    for (int k = 0; k < n; k++) planes[k + 1] = planes[k] + 0.05 + uniform(seed, 10 * d + k);
    for (int k = 0; k < n; k++) planes[k] /= planes[n];
    planes[n] = 1.0;
    nmd_domain_set_planes(domain, d, planes);
  }
}

typedef struct setting {
  nmd_box box;
  nmd_domain domain;
  nmd_atoms atoms;
  nmd_halo *halo;
} setting;

static void start(setting *t, const double h[3][3], const bool periodic[3], const int grid[3], int n, int64_t seed) {
  const double origin[3] = {1.5, -20.0, 0.3};
  TEST_OK(nmd_box_init(&t->box, h, origin, periodic));
  TEST_OK(nmd_domain_init(&t->domain, test_comm, &t->box, grid));
  if (seed % 2) make_uneven(&t->domain, seed);
  make_all(&t->box, n, seed);
  take_share(&t->atoms, (int)(seed % 3));
  TEST_OK(nmd_halo_create(&t->halo));
}

static void stop(setting *t) {
  nmd_halo_destroy(t->halo);
  nmd_atoms_free(&t->atoms);
  nmd_domain_free(&t->domain);
}

static void check_all(const double h[3][3], const bool periodic[3], const int grid[3], int n, double cutoff,
                      int64_t seed) {
  setting t;
  start(&t, h, periodic, grid, n, seed);
  TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
  check_owned(&t.domain, &t.box, &t.atoms);
  TEST_OK(nmd_halo_build(t.halo, &t.domain, &t.box, cutoff, &t.atoms));
  check_sights(&t.box, &t.atoms, cutoff);
  stop(&t);
}

/* Calls check for every grid of this number of ranks. */
static void for_grids(const double h[3][3], const bool periodic[3], int n, double cutoff, int64_t seed) {
  const int size = nmd_comm_size(test_comm);
  for (int a = 1; a <= size; a++)
    for (int b = 1; a * b <= size; b++) {
      if (size % (a * b) != 0) continue;
      const int grid[3] = {a, b, size / (a * b)};
      check_all(h, periodic, grid, n, cutoff, seed++);
    }
}

static const bool all_periodic[3] = {true, true, true};
static const double boxes[][3][3] = {
    {{12, 0, 0}, {0, 12, 0}, {0, 0, 12}},  {{25, 0, 0}, {0, 7, 0}, {0, 0, 9}},
    {{10, 0, 0}, {4, 9, 0}, {-3, 5, 11}},  {{0, 10, 0}, {10, 0, 0}, {0, 0, 10}}, /* left-handed */
    {{10, 0, 0}, {17, 9, 0}, {0, -14, 8}},                                       /* badly skewed */
};
enum { BOXES = sizeof boxes / sizeof *boxes };

static void test_periodic(void) {
  for (int k = 0; k < BOXES; k++) {
    for_grids(boxes[k], all_periodic, 60, 3.0, 100 * k);
    for_grids(boxes[k], all_periodic, 25, 8.0, 100 * k + 50);
  }
}

static void test_open(void) {
  for (int mask = 0; mask < 7; mask++) {
    const bool periodic[3] = {mask & 1, mask & 2, mask & 4};
    for_grids(boxes[mask % BOXES], periodic, 60, 4.0, 1000 + 100 * mask);
  }
}

static void test_tiny_cells(void) {
  const double cells[][3][3] = {
      {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}}, {{0, 2, 2}, {2, 0, 2}, {2, 2, 0}}, {{2.5, 0, 0}, {1.5, 2.5, 0}, {-1, 0.5, 3}}};
  for (int k = 0; k < 3; k++)
    for (int n = 1; n <= 4; n *= 2) for_grids(cells[k], all_periodic, n, 2.9 * n, 2000 + 100 * k + n);
}

/* Atoms exactly on planes and faces, pairs exactly at the cut-off. */
static void test_lattice(void) {
  const double h[3][3] = {{8, 0, 0}, {0, 8, 0}, {0, 0, 8}};
  setting t;
  start(&t, h, all_periodic, NULL, 512, 0);
  nmd_atoms_free(&t.atoms);
  for (int i = 0; i < n_all; i++) {
    const int cell[3] = {i % 8, i / 8 % 8, i / 64};
    for (int k = 0; k < 3; k++) all_x[i][k] = t.box.origin[k] + cell[k];
    int image[3] = {0, 0, 0};
    nmd_box_wrap(&t.box, all_x[i], image);
  }
  take_share(&t.atoms, 1);
  TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
  check_owned(&t.domain, &t.box, &t.atoms);
  for (int k = 2; k < 9; k++) { /* 1, 1 + a little, 2, ... */
    const double cutoff = k / 2 + (k % 2 ? 1e-6 : 0.0);
    TEST_OK(nmd_halo_build(t.halo, &t.domain, &t.box, cutoff, &t.atoms));
    check_sights(&t.box, &t.atoms, cutoff);
  }
  stop(&t);
}

/* New positions, a new cell: ghosts follow exactly, without a rebuild. */
static void test_forward(void) {
  for (int k = 0; k < BOXES; k++) {
    setting t;
    static int shift[200000][3];
    start(&t, boxes[k], all_periodic, NULL, 150, 3000 + k);
    TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
    TEST_OK(nmd_halo_build(t.halo, &t.domain, &t.box, 5.0, &t.atoms));
    const int first = t.atoms.n_owned, last = first + t.atoms.n_ghost;
    for (int g = first; g < last; g++) {
      double s[3], s_owner[3];
      nmd_box_to_fractional(&t.box, &t.atoms.x[3 * g], s);
      nmd_box_to_fractional(&t.box, all_x[t.atoms.id[g] - 1], s_owner);
      for (int d = 0; d < 3; d++) shift[g][d] = (int)lround(s[d] - s_owner[d]);
    }
    const int64_t in_use = nmd_memory_in_use();
    for (int step = 0; step < 3; step++) {
      double h[3][3];
      for (int c = 0; c < 9; c++) h[c / 3][c % 3] = boxes[k][c / 3][c % 3] + 0.1 * uniform(3100 + step, c);
      TEST_OK(nmd_box_set_h(&t.box, h));
      for (int i = 0; i < n_all; i++)
        for (int c = 0; c < 3; c++) all_x[i][c] += uniform(3200 + step, 3 * i + c) - 0.5;
      for (int i = 0; i < first; i++) memcpy(&t.atoms.x[3 * i], all_x[t.atoms.id[i] - 1], sizeof all_x[0]);
      nmd_halo_forward(t.halo, &t.box, &t.atoms);
      int wrong = 0;
      for (int g = first; g < last; g++) {
        double y[3];
        shifted(&t.box, all_x[t.atoms.id[g] - 1], shift[g], y);
        wrong += memcmp(y, &t.atoms.x[3 * g], sizeof y) != 0;
      }
      TEST_EQUAL_INT(wrong, 0);
    }
    CU_ASSERT_EQUAL(nmd_memory_in_use(), in_use);
    stop(&t);
  }
}

/* Ghosts' values added to owners, and owners' to ghosts, for any number of components. Whole numbers: sums are exact.
 */
static void check_values(setting *t, int components) {
  const int n = t->atoms.n_owned, m = n + t->atoms.n_ghost;
  double *values, *expected;
  TEST_OK(NMD_ALLOC(values, (int64_t)m * components));
  TEST_OK(NMD_ALLOC(expected, (int64_t)n_all * components));
  for (int i = 0; i < m; i++)
    for (int c = 0; c < components; c++) {
      const double v = floor(1e6 * uniform(4000 + nmd_comm_rank(test_comm), (int64_t)i * components + c));
      values[(int64_t)i * components + c] = v;
      expected[(t->atoms.id[i] - 1) * components + c] += v;
    }
  nmd_comm_sum(test_comm, expected, n_all * components);
  nmd_halo_reverse(t->halo, values, components);
  int wrong = 0;
  for (int i = 0; i < n; i++)
    for (int c = 0; c < components; c++)
      wrong += values[(int64_t)i * components + c] != expected[(t->atoms.id[i] - 1) * components + c];
  nmd_halo_forward_values(t->halo, values, components);
  for (int i = n; i < m; i++)
    for (int c = 0; c < components; c++)
      wrong += values[(int64_t)i * components + c] != expected[(t->atoms.id[i] - 1) * components + c];
  TEST_CHECK(wrong == 0, "%d components: %d wrong sums", components, wrong);
  nmd_free(values);
  nmd_free(expected);
}

static void test_values(void) {
  for (int k = 0; k < BOXES; k++)
    for (int n = 1; n <= 400; n *= 20) {
      setting t;
      start(&t, boxes[k], all_periodic, NULL, n, 4100 + k);
      TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
      TEST_OK(nmd_halo_build(t.halo, &t.domain, &t.box, 3.5, &t.atoms));
      const int components[] = {1, 2, 3, 4, 10, 57};
      for (int c = 0; c < 6; c++) check_values(&t, components[c]);
      stop(&t);
    }
}

/* Atoms jump across the whole cell, again and again. */
static void test_big_moves(void) {
  for (int k = 0; k < BOXES; k++) {
    setting t;
    start(&t, boxes[k], all_periodic, NULL, 300, 5000 + k);
    for (int step = 0; step < 5; step++) {
      make_all(&t.box, 300, 5100 + step);
      for (int i = 0; i < t.atoms.n_owned; i++) memcpy(&t.atoms.x[3 * i], all_x[t.atoms.id[i] - 1], sizeof all_x[0]);
      TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
      check_owned(&t.domain, &t.box, &t.atoms);
      TEST_OK(nmd_halo_build(t.halo, &t.domain, &t.box, 3.0, &t.atoms)); /* the halo serves again */
      check_sights(&t.box, &t.atoms, 3.0);
    }
    stop(&t);
  }
}

static void test_bad_positions(void) {
  setting t;
  const int rank = nmd_comm_rank(test_comm), last = nmd_comm_size(test_comm) - 1;
  start(&t, boxes[0], all_periodic, NULL, 40, 1);
  if (rank == last) {
    t.atoms.n_owned = 1;
    t.atoms.x[1] = NAN;
    t.atoms.id[0] = 77;
  }
  TEST_FAILS(nmd_migrate(&t.domain, &t.box, &t.atoms), NMD_EXPLODED);
  TEST_CONTAINS(nmd_error_text(), "atom 77");
  if (rank == last) memcpy(&t.atoms.x[0], (double[3]){100.0, -19.0, 1.0}, 3 * sizeof(double));
  TEST_FAILS(nmd_migrate(&t.domain, &t.box, &t.atoms), NMD_LOST_ATOM);
  TEST_CONTAINS(nmd_error_text(), "atom 77");
  TEST_FAILS(nmd_halo_build(t.halo, &t.domain, &t.box, INFINITY, &t.atoms), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_halo_build(t.halo, &t.domain, &t.box, 1e9, &t.atoms), NMD_DECOMPOSITION);
  TEST_FAILS(nmd_halo_build(t.halo, &t.domain, &t.box, 1e5, &t.atoms), NMD_MEMORY);
  stop(&t);
}

static void test_grid_choice(void) {
  const double slab[3][3] = {{10, 0, 0}, {0, 10, 0}, {0, 0, 1000}}, cube[3][3] = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
  const int size = nmd_comm_size(test_comm), misfit[3] = {0, size + 1, 0}, negative[3] = {-1, 0, 0};
  nmd_box box;
  nmd_domain domain;
  TEST_OK(nmd_box_init(&box, slab, NULL, NULL));
  TEST_OK(nmd_domain_init(&domain, test_comm, &box, NULL));
  CU_ASSERT_EQUAL(domain.grid[2], size);
  nmd_domain_free(&domain);
  TEST_OK(nmd_box_init(&box, cube, NULL, NULL));
  TEST_OK(nmd_domain_init(&domain, test_comm, &box, NULL));
  CU_ASSERT_EQUAL(domain.grid[0] * domain.grid[1] * domain.grid[2], size);
  if (size == 8) CU_ASSERT(domain.grid[0] == 2 && domain.grid[1] == 2);
  nmd_domain_free(&domain);
  TEST_FAILS(nmd_domain_init(&domain, test_comm, &box, misfit), NMD_DECOMPOSITION);
  TEST_FAILS(nmd_domain_init(&domain, test_comm, &box, negative), NMD_DECOMPOSITION);
}

/* Many ranks have few atoms each, and bricks thinner than the bins of the histogram. */
static double fair(void) { return nmd_comm_size(test_comm) <= 8 ? 1.1 : 1.6; }

/* Dense below, thin above: planes move down until the ranks have equal shares. */
static void test_balance(void) {
  const double h[3][3] = {{20, 0, 0}, {3, 20, 0}, {0, 0, 60}};
  setting t;
  double imbalance, first_imbalance = 0.0, planes[2][64];
  for (int how = 0; how < 2; how++) {
    start(&t, h, all_periodic, (int[3]){1, 1, 0}, ATOMS_MAX, 0);
    nmd_atoms_free(&t.atoms);
    for (int i = 0; i < n_all; i++) {
      double s[3];
      nmd_box_to_fractional(&t.box, all_x[i], s);
      s[2] = i % 10 ? 0.2 * s[2] : s[2];
      nmd_box_to_cartesian(&t.box, s, all_x[i]);
    }
    take_share(&t.atoms, how);
    if (how == 0) TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
    TEST_OK(nmd_balance(&t.domain, &t.box, &t.atoms, NULL, &imbalance));
    if (how == 0) first_imbalance = imbalance;
    memcpy(planes[how], t.domain.planes[2], (size_t)(t.domain.grid[2] + 1) * sizeof(double));
    TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
    check_owned(&t.domain, &t.box, &t.atoms);
    TEST_OK(nmd_halo_build(t.halo, &t.domain, &t.box, 4.0, &t.atoms));
    if (how == 0) check_sights(&t.box, &t.atoms, 4.0);
    TEST_OK(nmd_balance(&t.domain, &t.box, &t.atoms, NULL, &imbalance));
    TEST_CHECK(imbalance < fair(), "imbalance %g, %g before", imbalance, first_imbalance);
    if (how == 0) stop(&t);
  }
  const int n = t.domain.grid[2];
  if (n > 1) CU_ASSERT(first_imbalance > 1.5);
  CU_ASSERT(memcmp(planes[0], planes[1], (size_t)(n + 1) * sizeof(double)) == 0); /* however atoms are spread */
  double low[64];
  memcpy(low, t.domain.planes[2], (size_t)(n + 1) * sizeof(double));
  nmd_comm_min(test_comm, low, n + 1);
  CU_ASSERT(memcmp(low, t.domain.planes[2], (size_t)(n + 1) * sizeof(double)) == 0);
  stop(&t);
}

/* Weights count, not atoms; useless weights change nothing. */
static void test_balance_weights(void) {
  setting t;
  double imbalance, *weight;
  start(&t, boxes[0], all_periodic, (int[3]){0, 1, 1}, 1500, 2);
  TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
  TEST_OK(NMD_ALLOC(weight, n_all));
  TEST_OK(nmd_balance(&t.domain, &t.box, &t.atoms, weight, &imbalance)); /* zeros */
  CU_ASSERT_EQUAL(imbalance, 1.0);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < t.atoms.n_owned; i++) {
      double s[3];
      nmd_box_to_fractional(&t.box, &t.atoms.x[3 * i], s);
      weight[i] = s[0] < 0.3 ? 90.0 : 1.0;
    }
    TEST_OK(nmd_balance(&t.domain, &t.box, &t.atoms, weight, &imbalance));
    TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
  }
  TEST_CHECK(imbalance < fair(), "imbalance %g", imbalance);
  for (int i = 0; i < t.atoms.n_owned; i++) weight[i] = i % 2 ? NAN : INFINITY;
  TEST_OK(nmd_balance(&t.domain, &t.box, &t.atoms, weight, &imbalance));
  nmd_free(weight);
  stop(&t);
}

/* Planes lie between the layers of a crystal, where vibrations do not reach them. */
static void test_balance_layers(void) {
  enum { LAYERS = 48 };
  setting t;
  double imbalance;
  start(&t, boxes[0], all_periodic, (int[3]){1, 0, 1}, 960, 0);
  const int ranks = nmd_comm_size(test_comm);
  for (int i = 0; i < t.atoms.n_owned; i++) {
    double s[3];
    nmd_box_to_fractional(&t.box, &t.atoms.x[3 * i], s);
    s[1] = ((double)(t.atoms.id[i] % LAYERS) + 0.25) / LAYERS;
    nmd_box_to_cartesian(&t.box, s, &t.atoms.x[3 * i]);
  }
  TEST_OK(nmd_balance(&t.domain, &t.box, &t.atoms, NULL, &imbalance));
  for (int k = 1; k < ranks && LAYERS % ranks == 0; k++) {
    const double from_layer = fmod(t.domain.planes[1][k] * LAYERS - 0.25 + LAYERS, 1.0);
    TEST_NEAR(from_layer, 0.5, 0.05);
  }
  stop(&t);
}

static void test_statistics(void) {
  setting t;
  int messages;
  int64_t bytes;
  start(&t, boxes[0], all_periodic, NULL, 800, 4);
  nmd_halo_statistics(t.halo, &messages, &bytes);
  CU_ASSERT(messages == 0 && bytes == 0);
  TEST_OK(nmd_migrate(&t.domain, &t.box, &t.atoms));
  TEST_OK(nmd_halo_build(t.halo, &t.domain, &t.box, 2.0, &t.atoms));
  nmd_halo_statistics(t.halo, &messages, &bytes);
  int expected = 0;
  for (int d = 0; d < 3; d++) expected += t.domain.grid[d] > 1 ? 2 : 0;
  CU_ASSERT_EQUAL(messages, expected);
  CU_ASSERT_EQUAL(bytes > 0, expected > 0);
  stop(&t);
}

TEST_SUITE("parallel/mpi_domain", TEST(test_periodic), TEST(test_open), TEST(test_tiny_cells), TEST(test_lattice),
           TEST(test_forward), TEST(test_values), TEST(test_big_moves), TEST(test_bad_positions),
           TEST(test_grid_choice), TEST(test_balance), TEST(test_balance_weights), TEST(test_balance_layers),
           TEST(test_statistics))
