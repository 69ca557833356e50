/* SPDX-License-Identifier: BSD-3-Clause */
/* What every potential must do, run over the whole registry: forces and virial are derivatives of the energy, the
 * energy has the symmetries of space, parts sum to the whole, supercells scale. A registry entry without a case here
 * fails. */
#include "base/hash.h"
#include "base/memory.h"
#include "base/vec3.h"
#include "build/transform.h"
#include "parallel/comm.h"
#include "potential_cases.h"
#include "simulation/evaluate_structure.h"
#include "support/test.h"

typedef struct fixture {
  nmd_groups groups;
  nmd_species species;
  nmd_potential potential;
  nmd_structure structure; /* rattled, sheared bcc-like crystal of 16 atoms, two elements */
} fixture;

static nmd_status parse_groups(const char *text, nmd_groups *groups) {
  nmd_yaml *tree;
  NMD_TRY(nmd_yaml_parse("groups", text, strlen(text), &tree));
  const nmd_status status = nmd_groups_parse(nmd_yaml_root(tree), groups);
  nmd_yaml_destroy(tree);
  return status;
}

static bool fixture_open(const potential_case *which, fixture *f) {
  memset(f, 0, sizeof *f);
  char text[1024];
  potential_case_text(which, text, sizeof text);
  nmd_yaml *tree;
  nmd_status status = strstr(which->yaml, "groups:") != NULL ? parse_groups(POTENTIAL_CASE_GROUPS, &f->groups) : NMD_OK;
  if (status == NMD_OK) status = potential_case_structure(which, &f->structure);
  if (status == NMD_OK) nmd_species_init(&f->species, f->structure.atomic_number, 16);
  if (status == NMD_OK) status = nmd_yaml_parse("case", text, strlen(text), &tree);
  if (status == NMD_OK) {
    status = nmd_potential_create_grouped(nmd_yaml_root(tree), &f->species, &f->groups, &f->potential);
    nmd_yaml_destroy(tree);
  }
  return test_check(status == NMD_OK, __FILE__, __LINE__, "%s: %s", which->label, nmd_error_text());
}

static void fixture_close(fixture *f) {
  nmd_potential_destroy(&f->potential);
  nmd_groups_free(&f->groups);
  nmd_structure_free(&f->structure);
}

static nmd_structure_results evaluate(const fixture *f, const nmd_structure *structure) {
  nmd_structure_results results;
  const nmd_status status = nmd_structure_evaluate(TEST_COMM, &f->potential, &f->species, structure, &results);
  test_check(status == NMD_OK, __FILE__, __LINE__, "%s", status == NMD_OK ? "" : nmd_error_text());
  return results;
}

static double energy_of(const fixture *f, const nmd_structure *structure) {
  nmd_structure_results results = evaluate(f, structure);
  const double energy = results.energy;
  nmd_structure_results_free(&results);
  return energy;
}

/* Four-point central difference of the energy over a change of the structure. */
typedef void change(nmd_structure *structure, int a, int b, double amount);
static double slope(const fixture *f, change *apply, int a, int b) {
  const double step = 3e-4, weight[4] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
  double sum = 0;
  for (int k = 0; k < 4; k++) {
    nmd_structure copy = {0};
    test_check(nmd_structure_copy(&f->structure, &copy) == NMD_OK, __FILE__, __LINE__, "copy");
    apply(&copy, a, b, step * (k < 2 ? k - 2 : k - 1));
    sum += weight[k] * energy_of(f, &copy);
    nmd_structure_free(&copy);
  }
  return sum / step;
}

static void move_atom(nmd_structure *s, int atom, int axis, double amount) { s->x[atom][axis] += amount; }

static void strain_cell(nmd_structure *s, int a, int b, double amount) {
  double m[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, h[3][3];
  m[a][b] += amount; /* x_b += amount x_a */
  nmd_mat_times(s->box.h, m, h);
  for (int64_t i = 0; i < s->n; i++) {
    double x[3];
    nmd_row_times(s->x[i], m, x);
    memcpy(s->x[i], x, sizeof x);
  }
  test_check(nmd_box_set_h(&s->box, h) == NMD_OK, __FILE__, __LINE__, "cell");
}

static double largest_force(const nmd_structure_results *r) {
  double largest = 0;
  for (int64_t i = 0; i < r->n; i++) largest = fmax(largest, nmd_norm(r->force[i]));
  return largest;
}

/* With truncation: shift the force jumps at the cut-off by intention. */
static bool smooth(const potential_case *which) { return strcmp(which->label, "shift") != 0; }

static void check_derivatives(const potential_case *which, const fixture *f) {
  if (!smooth(which)) return;
  nmd_structure_results r = evaluate(f, &f->structure);
  const double scale = fmax(largest_force(&r), 1e-3);
  for (int k = 0; k < 6; k++) {
    const int atom = k * 5 % 16, axis = k % 3;
    const double numeric = -slope(f, move_atom, atom, axis);
    test_check(fabs(numeric - r.force[atom][axis]) <= 1e-6 * scale, __FILE__, __LINE__,
               "%s: force %d %d: %.12g, difference %.12g", which->label, atom, axis, r.force[atom][axis], numeric);
  }
  double virial_scale = 0;
  for (int k = 0; k < 9; k++) virial_scale = fmax(virial_scale, fabs(r.virial[k / 3][k % 3]));
  for (int k = 0; k < 9; k += 2) { /* W_ab = sum r_a f_b = -dE/d(strain), strain: x_b += e x_a */
    const double numeric = -slope(f, strain_cell, k / 3, k % 3);
    test_check(fabs(numeric - r.virial[k / 3][k % 3]) <= 1e-6 * virial_scale, __FILE__, __LINE__,
               "%s: virial %d %d: %.12g, difference %.12g", which->label, k / 3, k % 3, r.virial[k / 3][k % 3],
               numeric);
  }
  nmd_structure_results_free(&r);
}

static void check_sums(const potential_case *which, const fixture *f) {
  nmd_structure_results r = evaluate(f, &f->structure);
  double energy = 0, force[3] = {0}, virial[9] = {0};
  for (int64_t i = 0; i < r.n; i++) {
    energy += r.atom_energy[i];
    for (int a = 0; a < 3; a++) force[a] += r.force[i][a];
    for (int k = 0; k < 9; k++) virial[k] += r.atom_virial[i][k];
  }
  test_check(fabs(energy - r.energy) <= 1e-10 * (1 + fabs(r.energy)), __FILE__, __LINE__, "%s: atomic energies",
             which->label);
  for (int a = 0; a < 3; a++)
    test_check(fabs(force[a]) <= 1e-10 * (1 + largest_force(&r)), __FILE__, __LINE__, "%s: total force %g",
               which->label, force[a]);
  for (int k = 0; k < 9; k++) {
    test_check(fabs(virial[k] - r.virial[k / 3][k % 3]) <= 1e-9 * (1 + fabs(virial[k])), __FILE__, __LINE__,
               "%s: atomic virials", which->label);
    test_check(fabs(r.virial[k / 3][k % 3] - r.virial[k % 3][k / 3]) <= 1e-8 * (1 + fabs(virial[k])), __FILE__,
               __LINE__, "%s: virial not symmetric", which->label);
  }
  nmd_structure_results_free(&r);
}

static void rotate_structure(nmd_structure *s, const double q[3][3]) {
  double h[3][3];
  nmd_mat_times(s->box.h, q, h);
  for (int64_t i = 0; i < s->n; i++) {
    double x[3];
    nmd_row_times(s->x[i], q, x);
    memcpy(s->x[i], x, sizeof x);
  }
  test_check(nmd_box_set_h(&s->box, h) == NMD_OK, __FILE__, __LINE__, "cell");
}

static void check_symmetries(const potential_case *which, const fixture *f) {
  const double energy = energy_of(f, &f->structure), tolerance = 1e-10 * (16 + fabs(energy));
  nmd_structure copy = {0};
  test_check(nmd_structure_copy(&f->structure, &copy) == NMD_OK, __FILE__, __LINE__, "copy");
  for (int64_t i = 0; i < copy.n; i++) /* translation, far outside the cell */
    for (int a = 0; a < 3; a++) copy.x[i][a] += 31.4 + a;
  test_check(fabs(energy_of(f, &copy) - energy) <= tolerance, __FILE__, __LINE__, "%s: translation", which->label);
  const double c = cos(0.7), s = sin(0.7);
  const double turn[3][3] = {{c, s, 0}, {-s, c, 0}, {0, 0, 1}}, mirror[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, -1}};
  rotate_structure(&copy, turn);
  test_check(fabs(energy_of(f, &copy) - energy) <= tolerance, __FILE__, __LINE__, "%s: rotation", which->label);
  rotate_structure(&copy, mirror); /* left-handed cell */
  test_check(fabs(energy_of(f, &copy) - energy) <= tolerance, __FILE__, __LINE__, "%s: reflection", which->label);
  for (int i = 0; i < 8; i++) { /* permutation: reverse the order */
    double x[3];
    memcpy(x, copy.x[i], sizeof x);
    memcpy(copy.x[i], copy.x[15 - i], sizeof x);
    memcpy(copy.x[15 - i], x, sizeof x);
    const int z = copy.atomic_number[i];
    copy.atomic_number[i] = copy.atomic_number[15 - i];
    copy.atomic_number[15 - i] = z;
  }
  test_check(fabs(energy_of(f, &copy) - energy) <= tolerance, __FILE__, __LINE__, "%s: permutation", which->label);
  nmd_structure_free(&copy);
}

static void check_supercell(const potential_case *which, const fixture *f) {
  const int64_t n[3] = {2, 1, 3};
  nmd_structure large = {0};
  test_check(nmd_structure_repeat(&f->structure, n, &large) == NMD_OK, __FILE__, __LINE__, "repeat");
  const double one = energy_of(f, &f->structure), six = energy_of(f, &large);
  test_check(fabs(six - 6 * one) <= 1e-9 * (1 + fabs(six)) * 0.1 + 1e-9, __FILE__, __LINE__,
             "%s: supercell %.15g %.15g", which->label, six, 6 * one);
  nmd_structure_free(&large);
}

/* Some potentials are for cells without open sides. */
static bool needs_cell(const potential_case *which) { return strstr(which->yaml, "spme") != NULL; }

/* Pull a pair through the cut-off: energy and force have no jump. */
static void check_cutoff(const potential_case *which, const fixture *f) {
  const double rc = f->potential.ops->cutoff(f->potential.self), d = 1e-7;
  const bool periodic = needs_cell(which);
  double energy[2], force[2];
  for (int side = 0; side < 2; side++) {
    nmd_structure pair = {0};
    const double size = periodic ? 16 : 40, h[3][3] = {{size, 0, 0}, {0, size, 0}, {0, 0, size}};
    const bool open[3] = {periodic, periodic, periodic};
    test_check(nmd_structure_init(&pair, 2) == NMD_OK && nmd_box_init(&pair.box, h, NULL, open) == NMD_OK, __FILE__,
               __LINE__, "pair");
    pair.atomic_number[0] = which->z[0];
    pair.atomic_number[1] = which->z[1];
    pair.x[1][0] = rc + (side == 0 ? -d : d);
    nmd_structure_results r = evaluate(f, &pair);
    energy[side] = r.energy;
    force[side] = r.force[1][0];
    nmd_structure_results_free(&r);
    nmd_structure_free(&pair);
  }
  test_check(fabs(energy[1] - energy[0]) < 1e-7, __FILE__, __LINE__, "%s: energy jumps at the cut-off", which->label);
  if (smooth(which))
    test_check(fabs(force[1] - force[0]) < 1e-5, __FILE__, __LINE__, "%s: force jumps at the cut-off", which->label);
}

/* Energy, forces and virial of a sum of terms that see everything are the sums of those of its terms. */
static void check_terms(const potential_case *which, const fixture *f) {
  char text[1024];
  nmd_yaml *tree;
  potential_case_text(which, text, sizeof text);
  if (strcmp(which->name, "sum") != 0 || strstr(text, "among") || strstr(text, "groups") || strstr(text, "weights"))
    return;
  if (!TEST_OK(nmd_yaml_parse("case", text, strlen(text), &tree))) return;
  const nmd_yaml_node *terms = nmd_yaml_find(nmd_yaml_find(nmd_yaml_root(tree), "sum"), "terms");
  nmd_structure_results whole = evaluate(f, &f->structure);
  const double scale = 1 + largest_force(&whole);
  double energy = whole.energy;
  for (int k = 0; k < terms->n; k++) {
    fixture one = *f;
    if (!TEST_OK(nmd_potential_create(terms->items[k], &f->species, &one.potential))) continue;
    nmd_structure_results part = evaluate(&one, &f->structure);
    energy -= part.energy;
    for (int64_t i = 0; i < 3 * whole.n; i++) whole.force[i / 3][i % 3] -= part.force[i / 3][i % 3];
    for (int e = 0; e < 9; e++) whole.virial[e / 3][e % 3] -= part.virial[e / 3][e % 3];
    nmd_structure_results_free(&part);
    nmd_potential_destroy(&one.potential);
  }
  TEST_NEAR(energy, 0, 1e-11 * (1 + fabs(whole.energy)));
  test_check(largest_force(&whole) <= 1e-12 * scale, __FILE__, __LINE__, "%s: forces of the terms are %g off",
             which->label, largest_force(&whole));
  for (int e = 0; e < 9; e++) TEST_NEAR(whole.virial[e / 3][e % 3], 0, 1e-10 * scale);
  nmd_structure_results_free(&whole);
  nmd_yaml_destroy(tree);
}

static void for_each_case(void (*check)(const potential_case *, const fixture *)) {
  for (int k = 0; k < n_potential_cases; k++) {
    fixture f;
    if (fixture_open(&potential_cases[k], &f)) check(&potential_cases[k], &f);
    fixture_close(&f);
  }
}

static uint64_t identity_of(const potential_case *which) {
  uint64_t hash = NMD_HASH_START;
  fixture f;
  if (fixture_open(which, &f)) nmd_potential_identify(&f.potential, &hash);
  fixture_close(&f);
  return hash;
}

/* The same again, another one for any other case. */
static void test_identity(void) {
  for (int k = 0; k < n_potential_cases; k++) {
    const uint64_t own = identity_of(&potential_cases[k]);
    TEST_CHECK(own == identity_of(&potential_cases[k]), "%s: not the same again", potential_cases[k].label);
    for (int j = 0; j < k; j++)
      TEST_CHECK(own != identity_of(&potential_cases[j]), "%s %s is taken for %s", potential_cases[k].name,
                 potential_cases[k].label, potential_cases[j].label);
  }
}

/* One number more or less in any potential of pairs or triples is another potential. */
static void test_identity_of_numbers(void) {
  static const char *const numbers[][3] = {{"lennard_jones", "epsilon: 0.0104", "epsilon: 0.0105"},
                                           {"morse", "depth: 0.1", "depth: 0.11"},
                                           {"buckingham", "rho: 0.3}", "rho: 0.31}"},
                                           {"angular", "gamma: -0.1", "gamma: -0.11"},
                                           {"screened_coulomb", "length: 2.5", "length: 2.6"},
                                           {"spme", "accuracy: 1e-13", "accuracy: 1e-12"}};
  for (int k = 0; k < NMD_COUNT(numbers); k++)
    for (int i = 0; i < n_potential_cases; i++) {
      const potential_case *which = &potential_cases[i];
      const char *at = strstr(which->yaml, numbers[k][1]);
      if (strcmp(which->name, numbers[k][0]) != 0 || at == NULL) continue;
      char text[1024];
      snprintf(text, sizeof text, "%.*s%s%s", (int)(at - which->yaml), which->yaml, numbers[k][2],
               at + strlen(numbers[k][1]));
      potential_case other = *which;
      other.yaml = text;
      TEST_CHECK(identity_of(which) != identity_of(&other), "%s: %s", which->name, numbers[k][2]);
      break;
    }
}

static void test_every_entry_has_a_case(void) {
  for (int k = 0; nmd_potential_registry[k] != NULL; k++) {
    bool found = false;
    for (int c = 0; c < n_potential_cases; c++)
      found = found || strcmp(potential_cases[c].name, nmd_potential_registry[k]->name) == 0;
    test_check(found, __FILE__, __LINE__, "no case for potential %s", nmd_potential_registry[k]->name);
    CU_ASSERT_PTR_EQUAL(nmd_potential_registry[k]->options, nmd_potential_tables[k]);
  }
}
static void test_derivatives(void) { for_each_case(check_derivatives); }
static void test_sums(void) { for_each_case(check_sums); }
static void test_symmetries(void) { for_each_case(check_symmetries); }
static void test_supercell(void) { for_each_case(check_supercell); }
static void test_terms(void) { for_each_case(check_terms); }
static void test_cutoff(void) { for_each_case(check_cutoff); }

TEST_SUITE("contract/potential", TEST(test_every_entry_has_a_case), TEST(test_derivatives), TEST(test_sums),
           TEST(test_symmetries), TEST(test_supercell), TEST(test_cutoff), TEST(test_terms), TEST(test_identity),
           TEST(test_identity_of_numbers))
