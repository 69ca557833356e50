/* SPDX-License-Identifier: BSD-3-Clause */
/* Occupancies and hops of walks that are known. */
#include "analysis/sites.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"
#include "support/test.h"

enum { L = 4, SITES = L * L * L };
static const double a = 3.0;
static double position[SITES][3];
static nmd_box box;

static void make_lattice(double skew) {
  const double h[3][3] = {{L * a, 0, 0}, {skew, L * a, 0}, {0, 0, L * a}};
  TEST_OK(nmd_box_init(&box, h, NULL, NULL));
  for (int k = 0; k < SITES; k++) {
    const double s[3] = {k / (L * L) / (double)L, k / L % L / (double)L, k % L / (double)L};
    nmd_box_to_cartesian(&box, s, position[k]);
  }
}

/* One atom: 0 -> 1 -> 0 through the middle, then over the boundary to 3. */
static void test_a_walk(void) {
  nmd_sites sites;
  const double path[][3] = {{0, 0, 0.1}, {0, 0, 1.4}, {0, 0, 1.6},  {0, 0, 1.4},  {0, 0, 2.9}, {0, 0, 3.1},
                            {0, 0, 1.5}, {0, 0, 0.2}, {0, 0, -0.5}, {0, 0, -2.6}, {0, 0, -3}};
  make_lattice(0);
  TEST_OK(nmd_sites_init(&sites, &box, SITES, (const double(*)[3])position, 1, 0.8));
  for (size_t f = 0; f < sizeof path / sizeof *path; f++) TEST_OK(nmd_sites_add(&sites, &box, &path[f]));
  TEST_EQUAL_INT(sites.n_hops, 3);
  const nmd_hop *hop = sites.hop;
  CU_ASSERT(hop[0].from == 0 && hop[0].to == 1 && hop[0].frame == 4 && !hop[0].back);
  CU_ASSERT(hop[1].from == 1 && hop[1].to == 0 && hop[1].frame == 7 && hop[1].back);
  CU_ASSERT(hop[2].from == 0 && hop[2].to == 3 && hop[2].frame == 9 && !hop[2].back);
  TEST_NEAR(hop[0].vector[2], a, 1e-12);
  TEST_NEAR(hop[2].vector[2], -a, 1e-12); /* through the boundary */
  TEST_EQUAL_INT(sites.n_residence, 2);
  TEST_NEAR(sites.residence, 3 + 2, 0);
  CU_ASSERT(sites.occupied[0] == 4 + 2 && sites.occupied[1] == 3 && sites.occupied[3] == 2);
  CU_ASSERT(sites.empty[3] == 9 && sites.empty[5] == 11 && sites.multiple[0] == 0);
  nmd_sites_free(&sites);
}

/* Without a core the middle decides, and recrossings count as hops: why there is a core. */
static void test_nearest_site(void) {
  nmd_sites sites;
  const double path[][3] = {{0, 0, 0}, {0, 0, 1.6}, {0, 0, 1.4}, {0, 0, 1.6}, {0, 0, 1.4}};
  make_lattice(0);
  for (int core = 0; core < 2; core++) {
    TEST_OK(nmd_sites_init(&sites, &box, SITES, (const double(*)[3])position, 1, core * 0.8));
    for (size_t f = 0; f < sizeof path / sizeof *path; f++) TEST_OK(nmd_sites_add(&sites, &box, &path[f]));
    TEST_EQUAL_INT(sites.n_hops, core ? 0 : 4);
    nmd_sites_free(&sites);
  }
}

/* Random hops in a skewed, breathing cell with vibration: every hop is found, rates and directions with it. */
static void test_random_hops(void) {
  enum { ATOMS = 10, FRAMES = 2000 };
  nmd_sites sites;
  double x[ATOMS][3], s[ATOMS][3];
  int64_t made = 0;
  make_lattice(5);
  TEST_OK(nmd_sites_init(&sites, &box, SITES, (const double(*)[3])position, ATOMS, 1.0));
  for (int i = 0; i < ATOMS; i++)
    for (int d = 0; d < 3; d++) s[i][d] = (double)((i * 7 + d) % L) / L;
  for (int64_t f = 0; f < FRAMES; f++) {
    const double scale = 1 + 0.05 * sin(0.01 * (double)f),
                 h[3][3] = {{scale * L * a, 0, 0}, {5 * scale, scale * L * a, 0}, {0, 0, L * a}};
    TEST_OK(nmd_box_set_h(&box, h));
    for (int i = 0; i < ATOMS; i++) {
      double u[2], g[3];
      nmd_random_uniform2(1, NMD_STREAM_TEST, f, i, 0, u);
      nmd_random_normal3(1, NMD_STREAM_TEST, f, i, 1, g);
      const int axis = (int)(3 * u[1]), sign = 3 * u[1] - axis < 0.5 ? -1 : 1;
      if (f > 0 && u[0] < 0.01) {
        s[i][axis] += sign / (double)L;
        made++;
      }
      nmd_box_to_cartesian(&box, s[i], x[i]);
      for (int d = 0; d < 3; d++) x[i][d] += 0.2 * g[d];
    }
    TEST_OK(nmd_sites_add(&sites, &box, (const double(*)[3])x));
  }
  TEST_EQUAL_INT(sites.n_hops, made);
  int groups;
  double(*direction)[3];
  int64_t *count, sum = 0;
  TEST_OK(nmd_sites_directions(&sites, 1.0, &groups, &direction, &count));
  TEST_EQUAL_INT(groups, 6);
  for (int k = 0; k < groups; k++) sum += count[k];
  TEST_EQUAL_INT(sum, made);
  TEST_RELATIVE(sites.residence / (double)sites.n_residence, 100, 0.35); /* 1 / 0.01; the run is finite */
  nmd_free(direction);
  nmd_free(count);
  nmd_sites_free(&sites);
}

static void test_errors(void) {
  nmd_sites sites;
  make_lattice(0);
  TEST_FAILS(nmd_sites_init(&sites, &box, 0, (const double(*)[3])position, 1, 1), NMD_OUT_OF_RANGE);
}

TEST_SUITE("analysis/sites", TEST(test_a_walk), TEST(test_nearest_site), TEST(test_random_hops), TEST(test_errors))
