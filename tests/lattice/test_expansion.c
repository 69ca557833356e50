/* SPDX-License-Identifier: BSD-3-Clause */
/* Correlations of known orderings, local energy changes against whole energies, and the Ewald matrix against the
 * engine's particle-mesh Ewald. LINKS: simulation */
#include "base/memory.h"
#include "base/vec3.h"
#include "lattice/ewald_pairs.h"
#include "lattice/expansion.h"
#include "lattice_case.h"
#include "simulation/evaluate_structure.h"
#include "support/test.h"

/* ---- orderings: correlations of L1_0, L1_2, B2 are known by counting ---- */

static void check_correlations(const char *crystal, const int matrix[3][3], const uint8_t *occupation,
                               const double diameter[5], int n, const double *expected) {
  nmd_parent_lattice p;
  nmd_supercell super;
  nmd_cluster_list list;
  double value[64], weight[64];
  if (!lattice_case(crystal, &p)) return;
  if (TEST_OK(nmd_supercell_init(&super, &p, matrix)) && TEST_OK(nmd_cluster_list_init(&list, &p, diameter))) {
    nmd_correlations(&list, &p, &super, occupation, value);
    nmd_correlation_multiplicities(&list, weight);
    TEST_EQUAL_INT(list.n_functions, n);
    for (int k = 0; k < n; k++) TEST_NEAR(value[k] / weight[k], expected[k], 1e-13);
    nmd_cluster_list_free(&list);
  }
  nmd_supercell_free(&super);
  nmd_parent_lattice_free(&p);
}

static void test_fcc_orderings(void) {
  const double d[5] = {0, 0, 1.01, sqrt(0.5) + 0.01, sqrt(0.5) + 0.01};
  const int one[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  /* Cube of four sites: (000), (0 1/2 1/2), (1/2 0 1/2), (1/2 1/2 0); planes along c alternate in L1_0. */
  const uint8_t l1_0[] = {0, 1, 1, 0}, l1_2[] = {1, 0, 0, 0}, pure[] = {0, 0, 0, 0};
  const double of_l1_0[] = {0, -1.0 / 3, 1, 0, 1}, of_l1_2[] = {0.5, 0, 1, -0.5, -1}, of_pure[] = {1, 1, 1, 1, 1};
  check_correlations("fcc4", one, l1_0, d, 5, of_l1_0);
  check_correlations("fcc4", one, l1_2, d, 5, of_l1_2);
  check_correlations("fcc4", one, pure, d, 5, of_pure);
  /* The same in a skew supercell of the primitive cell: L1_0 with its planes along a + b - c of the primitive vectors.
   */
  const int two[3][3] = {{1, 1, 0}, {1, -1, 0}, {0, 0, 1}};
  const uint8_t layers[] = {0, 1};
  const double pairs[] = {0, -1.0 / 3, 1, 0, 1};
  check_correlations("fcc", two, layers, d, 5, pairs);
}

static void test_bcc_orderings(void) {
  const double d[5] = {0, 0, 1.01, 1.01, 1.01};
  const int one[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  const uint8_t b2[] = {0, 1};
  const double of_b2[] = {0, -1, 1, 0, 1};
  check_correlations("bcc2", one, b2, d, 5, of_b2);
}

/* ---- local changes ---- */

static double any(int k) { return sin(12.9898 * k + 0.37); }

static void check_changes(const char *crystal, const int matrix[3][3], const double diameter[5]) {
  nmd_parent_lattice p;
  nmd_supercell super;
  nmd_cluster_list list;
  nmd_lattice_energy energy = {0};
  uint8_t occupation[512];
  double j[256], value[256], total, before, after;
  if (!lattice_case(crystal, &p)) return;
  if (!TEST_OK(nmd_supercell_init(&super, &p, matrix)) || !TEST_OK(nmd_cluster_list_init(&list, &p, diameter))) return;
  const int species = p.kinds[0].n;
  for (int k = 0; k <= list.n_functions; k++) j[k] = any(k);
  for (int i = 0; i < super.n; i++) occupation[i] = (uint8_t)((i * 7 + i * i * 3) % species);
  if (TEST_OK(nmd_lattice_energy_init(&energy, &list, &p, &super, j))) {
    nmd_correlations(&list, &p, &super, occupation, value);
    total = j[0];
    for (int k = 0; k < list.n_functions; k++) total += j[1 + k] * value[k];
    TEST_OK(nmd_lattice_energy_total(&energy, occupation, &before));
    TEST_NEAR(before, total * super.cells, 1e-10 * super.n);
    for (int i = 0; i < super.n; i++) {
      const uint8_t old = occupation[i], new = (uint8_t)((old + 1) % species);
      const double change = nmd_lattice_energy_change(&energy, occupation, i, new);
      occupation[i] = new;
      TEST_OK(nmd_lattice_energy_total(&energy, occupation, &after));
      TEST_NEAR(change, after - before, 1e-10 * super.n);
      occupation[i] = old;
    }
  }
  nmd_lattice_energy_free(&energy);
  nmd_cluster_list_free(&list);
  nmd_supercell_free(&super);
  nmd_parent_lattice_free(&p);
}

/* Also where clusters meet themselves through the boundary. */
static void test_changes(void) {
  const double near[5] = {0, 0, 1.01, 0.8, 0.8}, far[5] = {0, 0, 2.3, 1.5, 1.01};
  const int large[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}, flat[3][3] = {{3, 0, 0}, {0, 2, 0}, {0, 0, 1}},
            skew[3][3] = {{2, 1, 0}, {0, 2, -1}, {1, 0, 2}}, one[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  check_changes("fcc", large, near);
  check_changes("fcc_ternary", skew, near);
  check_changes("fcc_ternary", large, near);
  check_changes("sc", flat, far);
  check_changes("sc", one, far);
  check_changes("hcp", skew, far);
}

/* ---- Ewald ---- */

static const char spme_input[] =
    "spme: {cutoff: 7 A, accuracy: 1e-11, ions: [{element: La, charge: 3}, {element: Nb, charge: 5}, "
    "{element: O, charge: -2}]}\n";

static double engine_energy(const nmd_structure *s) {
  nmd_species species;
  nmd_yaml *tree;
  nmd_potential potential;
  nmd_structure_results r;
  nmd_comm *alone;
  double energy = NAN;
  nmd_species_init(&species, s->atomic_number, (long)s->n);
  if (!TEST_OK(nmd_comm_alone(&alone)) || !TEST_OK(nmd_yaml_parse("spme", spme_input, strlen(spme_input), &tree)))
    return NAN;
  if (TEST_OK(nmd_potential_create(nmd_yaml_root(tree), &species, &potential))) {
    if (TEST_OK(nmd_structure_evaluate(alone, &potential, &species, s, &r))) {
      energy = r.energy;
      nmd_structure_results_free(&r);
    }
    nmd_potential_destroy(&potential);
  }
  nmd_yaml_destroy(tree);
  nmd_comm_free(alone);
  return energy;
}

/* La1/3NbO3 in several arrangements. Real-space terms of the engine are shifted at the cut-off, which vanishes at this
 * accuracy. */
static void test_ewald(void) {
  const int matrix[3][3] = {{3, 0, 0}, {1, 2, 0}, {0, 0, 2}};
  const int taken[3][4] = {{0, 1, 2, 3}, {0, 3, 5, 10}, {1, 4, 6, 11}};
  double charge[NMD_LATTICE_Z_MAX] = {0}, q[12];
  nmd_parent_lattice p;
  nmd_supercell super;
  nmd_ewald_pairs ewald;
  charge[57] = 3, charge[41] = 5, charge[8] = -2;
  if (!lattice_case("perovskite", &p)) return;
  if (!TEST_OK(nmd_supercell_init(&super, &p, matrix)) || !TEST_OK(nmd_ewald_pairs_init(&ewald, &p, &super, charge)))
    return;
  for (int c = 0; c < 3; c++) {
    uint8_t occupation[12];
    nmd_structure s;
    memset(occupation, 1, sizeof occupation);
    memset(q, 0, sizeof q);
    for (int k = 0; k < 4; k++) {
      occupation[taken[c][k]] = 0;
      q[taken[c][k]] = 3;
    }
    if (!TEST_OK(nmd_supercell_structure(&super, &p, occupation, &s))) return;
    TEST_EQUAL_INT(s.n, 4 + 12 * 4);
    TEST_NEAR(nmd_ewald_pairs_energy(&ewald, q), engine_energy(&s), 2e-6);
    nmd_structure_free(&s);
  }
  nmd_ewald_pairs_free(&ewald);
  nmd_supercell_free(&super);
  nmd_parent_lattice_free(&p);
}

/* Madelung's constant of rock salt: -1.7475645946 e^2/d a pair of ions (E. R. Smith, P. R. Soc. A 375, 475 (1981)). */
static void test_madelung(void) {
  const double edge = 5.6402;
  const double h[3][3] = {{0, edge / 2, edge / 2}, {edge / 2, 0, edge / 2}, {edge / 2, edge / 2, 0}};
  const double same[3] = {0, 0, 0}, other[3] = {edge / 2, 0, 0};
  nmd_box box;
  nmd_ewald_kernel g;
  if (!TEST_OK(nmd_box_init(&box, h, NULL, NULL)) || !TEST_OK(nmd_ewald_kernel_init(&g, &box))) return;
  TEST_NEAR(nmd_ewald_kernel_value(&g, same) - nmd_ewald_kernel_value(&g, other),
            -1.7475645946331822 * 14.399645478425668 / (edge / 2), 1e-11);
  nmd_ewald_kernel_free(&g);
}

static void test_errors(void) {
  const int flat[3][3] = {{1, 1, 0}, {2, 2, 0}, {0, 0, 1}}, huge[3][3] = {{300, 0, 0}, {0, 300, 0}, {0, 0, 300}},
            large[3][3] = {{30, 0, 0}, {0, 30, 0}, {0, 0, 30}};
  nmd_parent_lattice p;
  nmd_supercell super;
  nmd_ewald_pairs ewald;
  double charge[NMD_LATTICE_Z_MAX] = {0};
  if (!lattice_case("sc", &p)) return;
  TEST_FAILS(nmd_supercell_init(&super, &p, flat), NMD_BAD_CELL);
  TEST_CONTAINS(nmd_error_text(), "without volume");
  TEST_FAILS(nmd_supercell_init(&super, &p, huge), NMD_OUT_OF_RANGE);
  if (TEST_OK(nmd_supercell_init(&super, &p, large)))
    TEST_FAILS(nmd_ewald_pairs_init(&ewald, &p, &super, charge), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "take a smaller supercell");
  nmd_supercell_free(&super);
  nmd_parent_lattice_free(&p);
}

TEST_SUITE("lattice/expansion", TEST(test_fcc_orderings), TEST(test_bcc_orderings), TEST(test_changes),
           TEST(test_ewald), TEST(test_madelung), TEST(test_errors))
