/* SPDX-License-Identifier: BSD-3-Clause */
/* What every potential must do, run over the whole registry: forces and virial are derivatives of the energy, the energy
 * has the symmetries of space, parts sum to the whole, supercells scale. A registry entry without a case here fails. */
#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"
#include "build/transform.h"
#include "parallel/comm.h"
#include "simulation/evaluate_structure.h"
#include "support/test.h"

typedef struct potential_case {
  const char *name;      /* registry name */
  const char *label;
  const char *yaml;      /* %s: tests folder */
  double spacing;        /* of the crystal the test is made on, A */
  int z[2];              /* elements */
} potential_case;

#define NNP(folder) "nnp: {folder: '%s/reference/" folder "', length_unit: A, energy_unit: eV}"
#define SPME_TERM                                                                                                      \
  "spme: {cutoff: 5.5, accuracy: 1e-13, ions: [{element: Li, charge: 0.9}, {element: F, charge: -0.7}]}"
#define SPME SPME_TERM " #%s"
static const potential_case cases[] = {
    {"nnp", "radial", NNP("001-t2-ortho"), 2.9, {79, 79}},
    {"nnp", "narrow", NNP("002-t3-zetas"), 2.9, {3, 79}},
    {"nnp", "wide", NNP("003-t9-zetas-alpha"), 2.9, {16, 29}},
    {"nnp", "weighted", NNP("004-t12-t13-weighted"), 2.9, {12, 13}},
    {"nnp", "all types", NNP("012-all-types-sorted"), 2.9, {3, 79}},
    {"nnp", "mixed cut-offs", NNP("034-mixed-cutoffs"), 2.9, {12, 13}},
    {"nnp", "Au-Li", "nnp: {folder: '%s/../potentials/AuLi', length_unit: A, energy_unit: eV}", 2.9, {3, 79}},
    {"lennard_jones", "plain", "lennard_jones: {epsilon: 0.0104, sigma: 2.4, cutoff: 5.5} #%s", 2.7, {18, 36}},
    {"lennard_jones",
     "pairs",
     "lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.5, pairs: [{elements: [Ar, Kr], epsilon: 0.013, sigma: "
     "2.5}]} "
     "#%s",
     2.7,
     {18, 36}},
    {"lennard_jones",
     "shift",
     "lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.5, truncation: shift} #%s",
     2.7,
     {18, 36}},
    {"morse",
     "given",
     "morse: {cutoff: 5.5, pairs: [{elements: [Li, O], depth: 0.3, alpha: 1.4, distance: 2.3}, {elements: [Li, Li], "
     "depth: "
     "0.1, alpha: 1.1, distance: 2.9}]} #%s",
     2.5,
     {3, 8}},
    {"morse", "bond valence", "morse: {cutoff: 6.0, set: bond_valence} #%s", 2.2, {41, 8}},
    {"buckingham",
     "given",
     "buckingham: {cutoff: 5.5, pairs: [{elements: [Li, O], A: 426.5, rho: 0.3}, {elements: [O, O], A: 22764, rho: "
     "0.149, "
     "C: 27.9}]} #%s",
     2.5,
     {3, 8}},
    {"screened_coulomb", "radii", "screened_coulomb: {cutoff: 6.0, charges: fixed_bvs} #%s", 2.2, {41, 8}},
    {"screened_coulomb",
     "all",
     "screened_coulomb: {cutoff: 5.0, between: all, screening: length, length: 2.5, ions: [{element: Li, charge: 0.9}, "
     "{element: F, charge: -0.7}]} #%s",
     2.4,
     {3, 9}},
    {"tabulated",
     "table",
     "tabulated: {pairs: [{elements: [Ar, Kr], file: '%s/contract/pair_table.dat'}]}",
     2.7,
     {18, 36}},
    {"angular",
     "O-Nb-O",
     "angular: {triples: [{elements: [Nb, O, O], alpha: 2.0, beta: 1.0, gamma: -0.1, cutoff: 3.4}, "
     "{elements: [O, Nb, O], alpha: 0.7, gamma: 0.2, cutoff: 3.1}]} #%s",
     2.4,
     {41, 8}},
    {"stillinger_weber",
     "silicon",
     "stillinger_weber: {pairs: [{elements: [Si, Si], epsilon: 2.1683, sigma: 2.0951}], triples: [{elements: [Si, Si, "
     "Si]}]} "
     "#%s",
     2.6,
     {14, 14}},
    {"stillinger_weber",
     "two elements",
     "stillinger_weber: {pairs: [{elements: [Si, Si], epsilon: 2.17, sigma: 2.1}, {elements: [Si, C], epsilon: 1.5, "
     "sigma: "
     "1.8, q: 1, p: 5}], triples: [{elements: [Si, Si, C], lambda: 15}, {elements: [C, Si, Si], angle: 100, epsilon: "
     "2}]} #%s",
     2.5,
     {14, 6}},
    {"spme", "ionic", SPME, 2.5, {3, 9}},
    {"sum",
     "Born-Mayer and spme",
     "sum: {terms: [{buckingham: {cutoff: 5.5, pairs: [{elements: [Li, F], A: 426.5, rho: 0.3}]}}, {" SPME_TERM
     "}]} #%s",
     2.5,
     {3, 9}},
    {"sum",
     "bond-valence force field",
     "sum: {terms: [{morse: {cutoff: 6.0, set: bond_valence}}, {screened_coulomb: {cutoff: 5.0, charges: fixed_bvs}}]} "
     "#%s",
     2.2,
     {41, 8}},
    {"zbl", "close", "zbl: {inner: 2.0, outer: 3.1} #%s", 2.4, {3, 79}},
    {"zbl", "defaults", "zbl #%s", 1.3, {8, 14}},
    {"sum",
     "pairs",
     "sum: {terms: [{lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.5}}, {zbl: {inner: 1.0, outer: 2.6}}]} #%s",
     2.7,
     {18, 36}},
    {"sum",
     "lithium by itself, floor for all",
     "sum: {among: [Li, Ar-Li], terms: [{nnp: {folder: '%s/../potentials/AuLi', length_unit: A, energy_unit: eV}}, "
     "{lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.0}}]}",
     2.9,
     {3, 18}},
    {"sum",
     "one potential a group",
     "sum: {groups: [heart, rim], terms: [{nnp: {folder: '%s/../potentials/AuLi', length_unit: A, energy_unit: eV}}, "
     "{lennard_jones: {epsilon: 0.05, sigma: 2.5, cutoff: 5.0}}]}",
     2.9,
     {3, 79}},
    {"sum",
     "embedded",
     "sum: {groups: [heart, all, heart], weights: [1, 1, -1], terms: [{nnp: {folder: '%s/../potentials/AuLi', "
     "length_unit: "
     "A, energy_unit: eV}}, {lennard_jones: {epsilon: 0.05, sigma: 2.5, cutoff: 5.0}}, "
     "{lennard_jones: {epsilon: 0.05, sigma: 2.5, cutoff: 5.0}}]}",
     2.9,
     {3, 79}},
    {"sum",
     "group and element",
     "sum: {among: [Li, all], groups: [heart, rim], weights: [0.5, 2], terms: [{nnp: {folder: '%s/../potentials/AuLi', "
     "length_unit: A, energy_unit: eV}}, {zbl: {inner: 1.5, outer: 2.9}}]}",
     2.7,
     {3, 79}},
    {"sum",
     "nnp and floor",
     "sum: {terms: [{zbl: {inner: 1.5, outer: 2.9}}, {nnp: {folder: '%s/../potentials/AuLi', length_unit: A, "
     "energy_unit: "
     "eV}}]}",
     2.9,
     {3, 79}},
};

/* Equal parts of a cell of 16 atoms, of its supercells, and of both in reverse order. */
#define GROUPS                                                                                                         \
  "[{name: rim, ids: [1-4, 13-20, 29-36, 45-52, 61-68, 77-84, 93-96]}, "                                               \
  "{name: heart, ids: [5-12, 21-28, 37-44, 53-60, 69-76, 85-92]}]"

typedef struct fixture {
  nmd_groups groups;
  nmd_species species;
  nmd_potential potential;
  nmd_structure structure; /* rattled, sheared bcc-like crystal of 16 atoms, two elements */
} fixture;

static nmd_status make_structure(const potential_case *which, nmd_structure *out) {
  const double a = which->spacing;
  const double h[3][3] = {{2 * a, 0.1, -0.2}, {0.3, 2 * a, 0.15}, {-0.1, 0.25, 2 * a}};
  NMD_TRY(nmd_structure_init(out, 16));
  NMD_TRY(nmd_box_init(&out->box, h, NULL, NULL));
  for (int i = 0; i < 16; i++) {
    double g[3], s[3];
    nmd_random_normal3(7, NMD_STREAM_TEST, 0, i, 0, g);
    for (int k = 0; k < 3; k++) s[k] = (((i / 2) >> k & 1) + 0.5 * (i & 1)) / 2 + 0.02 * g[k];
    nmd_box_to_cartesian(&out->box, s, out->x[i]);
    out->atomic_number[i] = which->z[(i * 5 / 3) & 1];
  }
  return NMD_OK;
}

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
  snprintf(text, sizeof text, which->yaml, NMD_TEST_DATA);
  nmd_yaml *tree;
  nmd_status status = strstr(which->yaml, "groups:") != NULL ? parse_groups(GROUPS, &f->groups) : NMD_OK;
  if (status == NMD_OK) status = make_structure(which, &f->structure);
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
               "%s: virial %d %d: %.12g, difference %.12g", which->label, k / 3, k % 3, r.virial[k / 3][k % 3], numeric);
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
    test_check(fabs(force[a]) <= 1e-10 * (1 + largest_force(&r)), __FILE__, __LINE__, "%s: total force %g", which->label,
               force[a]);
  for (int k = 0; k < 9; k++) {
    test_check(fabs(virial[k] - r.virial[k / 3][k % 3]) <= 1e-9 * (1 + fabs(virial[k])), __FILE__, __LINE__,
               "%s: atomic virials", which->label);
    test_check(fabs(r.virial[k / 3][k % 3] - r.virial[k % 3][k / 3]) <= 1e-8 * (1 + fabs(virial[k])), __FILE__, __LINE__,
               "%s: virial not symmetric", which->label);
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
  test_check(fabs(six - 6 * one) <= 1e-9 * (1 + fabs(six)) * 0.1 + 1e-9, __FILE__, __LINE__, "%s: supercell %.15g %.15g",
             which->label, six, 6 * one);
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

static void for_each_case(void (*check)(const potential_case *, const fixture *)) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    fixture f;
    if (fixture_open(&cases[k], &f)) check(&cases[k], &f);
    fixture_close(&f);
  }
}

static void test_every_entry_has_a_case(void) {
  for (int k = 0; nmd_potential_registry[k] != NULL; k++) {
    bool found = false;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
      found = found || strcmp(cases[c].name, nmd_potential_registry[k]->name) == 0;
    test_check(found, __FILE__, __LINE__, "no case for potential %s", nmd_potential_registry[k]->name);
    CU_ASSERT_PTR_EQUAL(nmd_potential_registry[k]->options, nmd_potential_tables[k]);
  }
}
static void test_derivatives(void) { for_each_case(check_derivatives); }
static void test_sums(void) { for_each_case(check_sums); }
static void test_symmetries(void) { for_each_case(check_symmetries); }
static void test_supercell(void) { for_each_case(check_supercell); }
static void test_cutoff(void) { for_each_case(check_cutoff); }

TEST_SUITE("contract/potential", TEST(test_every_entry_has_a_case), TEST(test_derivatives), TEST(test_sums),
           TEST(test_symmetries), TEST(test_supercell), TEST(test_cutoff))
