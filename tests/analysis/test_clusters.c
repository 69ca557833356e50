/* SPDX-License-Identifier: BSD-3-Clause */
/* Dissolved atoms and clusters in arrangements whose answer is known. */
#include "analysis/clusters.h"

#include <string.h>

#include "support/test.h"

/* Simple cubic of 10 x 10 x 10 sites, a = 3 A: solvent (kind 1) everywhere, solute (kind 0) where put. */
enum { L = 10, N = L * L * L };
typedef struct lattice {
  nmd_box box;
  double x[N][3];
  int kind[N];
} lattice;
static lattice crystal;

static int site(int i, int j, int k) { return ((i + L) % L * L + (j + L) % L) * L + (k + L) % L; }

static void fill(void) {
  const double h[3][3] = {{3 * L, 0, 0}, {0, 3 * L, 0}, {0, 0, 3 * L}};
  TEST_OK(nmd_box_init(&crystal.box, h, NULL, NULL));
  for (int i = 0; i < L; i++)
    for (int j = 0; j < L; j++)
      for (int k = 0; k < L; k++) {
        double *x = crystal.x[site(i, j, k)];
        x[0] = 3 * i, x[1] = 3 * j, x[2] = 3 * k;
        crystal.kind[site(i, j, k)] = 1;
      }
}

static const nmd_cluster_rule rule = {.solute = 0, .solvent = 1, .bond = 3.5, .link = 3.5, .share = 0.6};

static void find(nmd_clusters *c, const nmd_cluster_rule *how) {
  nmd_clusters_init(c);
  TEST_OK(nmd_clusters_find(c, how, &crystal.box, N, (const double(*)[3])crystal.x, crystal.kind));
}

static void test_single_pair_and_ring(void) {
  nmd_clusters c;
  fill();
  crystal.kind[site(0, 0, 0)] = 0;                               /* alone */
  crystal.kind[site(5, 5, 9)] = crystal.kind[site(5, 5, 0)] = 0; /* a pair through the boundary */
  for (int k = 0; k < 4; k++) crystal.kind[site(2 + k / 2, 7 + (k == 1 || k == 2), 4)] = 0; /* a ring of four */
  find(&c, &rule);
  TEST_EQUAL_INT(c.n_dissolved, 7);
  TEST_EQUAL_INT(c.n_clusters, 3);
  TEST_EQUAL_INT(c.n_adjacent, 1 + 4);
  TEST_EQUAL_INT(c.largest, 4);
  TEST_EQUAL_INT(c.label[site(0, 0, 0)], 0);
  CU_ASSERT_EQUAL(c.label[site(5, 5, 9)], c.label[site(5, 5, 0)]);
  CU_ASSERT_EQUAL(c.size[c.label[site(5, 5, 9)]], 2);
  TEST_EQUAL_INT(c.label[site(1, 1, 1)], -1);
  nmd_clusters_free(&c);
}

/* Half the crystal is solute: nothing is dissolved in it nor at its flat faces (one neighbour of six is solvent), but
 * an atom on a face (five of six) is. */
static void test_slab_with_an_adatom(void) {
  nmd_clusters c;
  fill();
  for (int i = 0; i < L / 2; i++)
    for (int j = 0; j < L; j++)
      for (int k = 0; k < L; k++) crystal.kind[site(i, j, k)] = 0;
  find(&c, &rule);
  TEST_EQUAL_INT(c.n_dissolved, 0);
  TEST_EQUAL_INT(c.n_clusters, 0);
  nmd_clusters_free(&c);
  crystal.kind[site(L / 2, 3, 3)] = 0;
  find(&c, &rule);
  TEST_EQUAL_INT(c.n_dissolved, 1);
  nmd_clusters_free(&c);
  nmd_cluster_rule strict = rule;
  strict.share = 0.9;
  find(&c, &strict);
  TEST_EQUAL_INT(c.n_dissolved, 0);
  nmd_clusters_free(&c);
}

/* A longer link joins what shares no bond. */
static void test_link(void) {
  nmd_clusters c;
  nmd_cluster_rule far = rule;
  far.link = 4.5;
  fill();
  crystal.kind[site(1, 1, 1)] = crystal.kind[site(2, 2, 1)] = 0;
  find(&c, &rule);
  TEST_EQUAL_INT(c.n_clusters, 2);
  nmd_clusters_free(&c);
  find(&c, &far);
  TEST_EQUAL_INT(c.n_clusters, 1);
  TEST_EQUAL_INT(c.n_adjacent, 1);
  nmd_clusters_free(&c);
}

/* An atom without neighbours is a gas, not a solution. */
static void test_no_neighbours(void) {
  nmd_clusters c;
  fill();
  for (int i = 0; i < N; i++) crystal.kind[i] = -1;
  crystal.kind[site(4, 4, 4)] = 0;
  find(&c, &rule);
  TEST_EQUAL_INT(c.n_dissolved, 0);
  nmd_clusters_free(&c);
}

TEST_SUITE("analysis/clusters", TEST(test_single_pair_and_ring), TEST(test_slab_with_an_adatom), TEST(test_link),
           TEST(test_no_neighbours))
