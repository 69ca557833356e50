/* SPDX-License-Identifier: BSD-3-Clause */
/* The C API as a user sees it: numbers of the reference implementation, errors as text, several threads, no MPI. */
#include <pthread.h>

#include "nnpmd/nnpmd.h"
#include "support/test.h"

#define AU_LI NMD_TEST_DATA "/../potentials/AuLi"

static char error[NNPMD_ERROR_MAX];

static nnpmd_model *load(void) {
  nnpmd_model *model = NULL;
  TEST_CHECK(nnpmd_load(AU_LI, NULL, &model, error, sizeof error) == NNPMD_OK, "%s", error);
  return model;
}

enum { ATOMS = 5 };
static const int numbers[ATOMS] = {79, 3, 79, 3, 3};
static const double positions[ATOMS][3] = {
    {0, 0, 0}, {2.6, 0.2, 0.1}, {0.1, 2.9, 0}, {2.7, 2.8, 2.5}, {-0.2, 1.3, 2.6}};
static const double cell[3][3] = {{5.3, 0.1, -0.2}, {0.3, 5.6, 0}, {0, -0.4, 5.1}};

static nnpmd_structure structure_at(const double (*x)[3]) {
  return (nnpmd_structure){.n = ATOMS, .atomic_number = numbers, .position = x[0], .cell = cell[0]};
}

static double energy_at(nnpmd_model *model, const double (*x)[3]) {
  const nnpmd_structure s = structure_at(x);
  nnpmd_results results = {0};
  TEST_CHECK(nnpmd_evaluate(model, &s, &results, error, sizeof error) == NNPMD_OK, "%s", error);
  return results.energy;
}

static void test_derivatives(void) {
  nnpmd_model *model = load();
  if (model == NULL) return;
  double force[ATOMS][3], atom_energy[ATOMS], atom_virial[ATOMS][9], energy = 0, virial[9] = {0};
  const nnpmd_structure s = structure_at(positions);
  nnpmd_results r = {.force = force[0], .atom_energy = atom_energy, .atom_virial = atom_virial[0]};
  TEST_CHECK(nnpmd_evaluate(model, &s, &r, error, sizeof error) == NNPMD_OK, "%s", error);
  TEST_EQUAL_TEXT(error, "");
  for (int i = 0; i < ATOMS; i++) {
    energy += atom_energy[i];
    for (int k = 0; k < 9; k++) virial[k] += atom_virial[i][k];
    double moved[ATOMS][3];
    memcpy(moved, positions, sizeof moved);
    moved[i][i % 3] += 1e-4;
    const double above = energy_at(model, (const double(*)[3])moved);
    moved[i][i % 3] -= 2e-4;
    const double below = energy_at(model, (const double(*)[3])moved);
    TEST_NEAR(force[i][i % 3], (below - above) / 2e-4, 1e-6 * (1 + fabs(force[i][i % 3])));
  }
  TEST_NEAR(energy, r.energy, 1e-12 * fabs(r.energy));
  for (int k = 0; k < 9; k++) TEST_NEAR(virial[k], r.virial[k], 1e-10 * (1 + fabs(r.virial[k])));
  int found[4] = {0};
  TEST_EQUAL_INT(nnpmd_elements(model, found, 4), 2);
  TEST_CHECK(found[0] == 3 && found[1] == 79 && found[2] == 0, "elements");
  TEST_CHECK(nnpmd_cutoff(model) > 5 && nnpmd_cutoff(model) < 9, "cutoff %g", nnpmd_cutoff(model));
  nnpmd_free(model);
}

static void test_mixed_precision(void) {
  const nnpmd_options mixed = {.precision = "mixed"};
  nnpmd_model *model = load(), *fast = NULL;
  TEST_CHECK(nnpmd_load(AU_LI, &mixed, &fast, error, sizeof error) == NNPMD_OK, "%s", error);
  if (model != NULL && fast != NULL) {
    const double exact = energy_at(model, positions), rounded = energy_at(fast, positions);
    TEST_NEAR(rounded, exact, 1e-4 * ATOMS);
    TEST_CHECK(rounded != exact, "another arithmetic");
  }
  nnpmd_free(model);
  nnpmd_free(fast);
}

static void test_no_cell(void) {
  nnpmd_model *model = load();
  if (model == NULL) return;
  nnpmd_structure s = structure_at(positions);
  nnpmd_results cluster = {0}, vacuum = {0};
  s.cell = NULL;
  TEST_CHECK(nnpmd_evaluate(model, &s, &cluster, error, sizeof error) == NNPMD_OK, "%s", error);
  static const double wide[9] = {40, 0, 0, 0, 40, 0, 0, 0, 40};
  s.cell = wide;
  TEST_CHECK(nnpmd_evaluate(model, &s, &vacuum, error, sizeof error) == NNPMD_OK, "%s", error);
  TEST_NEAR(cluster.energy, vacuum.energy, 1e-12 * fabs(vacuum.energy));
  nnpmd_free(model);
}

static void fails(nnpmd_model *model, const nnpmd_structure *s, int code, const char *part) {
  nnpmd_results r = {0};
  TEST_EQUAL_INT(nnpmd_evaluate(model, s, &r, error, sizeof error), code);
  TEST_CONTAINS(error, part);
}

static void test_errors(void) {
  nnpmd_model *model = (nnpmd_model *)(uintptr_t)1;
  TEST_EQUAL_INT(nnpmd_load("/nowhere", NULL, &model, error, sizeof error), NNPMD_INPUT_ERROR);
  TEST_CHECK(model == NULL, "model after an error");
  TEST_CONTAINS(error, "/nowhere");
  const nnpmd_options furlongs = {.length_unit = "furlong"};
  TEST_EQUAL_INT(nnpmd_load(AU_LI, &furlongs, &model, error, sizeof error), NNPMD_INPUT_ERROR);
  TEST_CONTAINS(error, "bohr");
  TEST_EQUAL_INT(nnpmd_load("/nowhere", NULL, &model, NULL, 0), NNPMD_INPUT_ERROR);
  char brief[8];
  nnpmd_load("/nowhere", NULL, &model, brief, sizeof brief);
  TEST_CHECK(strlen(brief) == 7, "cut to the room given: %s", brief);
  TEST_EQUAL_INT(nnpmd_load_input("zbl: {inner: 3}", numbers, ATOMS, &model, error, sizeof error), NNPMD_INPUT_ERROR);
  TEST_EQUAL_INT(nnpmd_load_input("zbl", numbers, 0, &model, error, sizeof error), NNPMD_INPUT_ERROR);
  static const int absurd[1] = {119};
  TEST_EQUAL_INT(nnpmd_load_input("zbl", absurd, 1, &model, error, sizeof error), NNPMD_INPUT_ERROR);
  nnpmd_free(NULL);
  model = load();
  if (model == NULL) return;
  static const int other[ATOMS] = {79, 3, 79, 8, 3}, axes[3] = {1, 0, 0};
  static const double flat[9] = {1, 0, 0, 0, 1, 0, 1, 1, 0};
  double bad[ATOMS][3];
  memcpy(bad, positions, sizeof bad);
  bad[4][1] = NAN;
  nnpmd_structure s = structure_at((const double(*)[3])bad);
  fails(model, &s, NNPMD_INPUT_ERROR, "position of atom 4");
  s = structure_at(positions);
  s.atomic_number = other;
  fails(model, &s, NNPMD_INPUT_ERROR,
        "atom 3 (from 0) is O (atomic number 8), which the model does not know; expected only: Li Au");
  s = structure_at(positions);
  s.cell = flat;
  fails(model, &s, NNPMD_INPUT_ERROR, "cell");
  s.cell = NULL;
  s.periodic = axes;
  fails(model, &s, NNPMD_INPUT_ERROR, "no cell");
  s.n = 0;
  fails(model, &s, NNPMD_INPUT_ERROR, "0 atoms");
  nnpmd_free(model);
}

/* Any potential of the input, and models that live side by side. */
static void test_other_potentials(void) {
  nnpmd_model *sum = NULL, *floor_only = NULL, *model = load();
  const char *both =
      "sum: {terms: [{zbl: {inner: 1.0, outer: 2.9}}, {nnp: {folder: '" AU_LI "', length_unit: A, energy_unit: eV}}]}";
  TEST_CHECK(nnpmd_load_input(both, numbers, ATOMS, &sum, error, sizeof error) == NNPMD_OK, "%s", error);
  TEST_CHECK(nnpmd_load_input("zbl: {inner: 1.0, outer: 2.9}", numbers, ATOMS, &floor_only, error, sizeof error) == 0,
             "%s", error);
  if (sum != NULL && floor_only != NULL && model != NULL) {
    const double part = energy_at(floor_only, positions);
    TEST_CHECK(part > 1e-3, "the floor is felt: %g eV", part);
    TEST_NEAR(energy_at(sum, positions), part + energy_at(model, positions), 1e-12 * fabs(energy_at(sum, positions)));
  }
  nnpmd_free(sum);
  nnpmd_free(floor_only);
  nnpmd_free(model);
}

typedef struct task {
  nnpmd_model *model;
  double shift, energy;
  int failures;
} task;

static void *evaluate_often(void *opaque) {
  task *t = opaque;
  double moved[ATOMS][3];
  memcpy(moved, positions, sizeof moved);
  moved[0][0] += t->shift;
  const nnpmd_structure s = structure_at((const double(*)[3])moved);
  char own_error[256];
  for (int k = 0; k < 40; k++) {
    nnpmd_results r = {0};
    if (nnpmd_evaluate(t->model, &s, &r, own_error, sizeof own_error) != NNPMD_OK) t->failures++;
    if (k > 0 && r.energy != t->energy) t->failures++; /* same bits each time */
    t->energy = r.energy;
  }
  return NULL;
}

static void test_threads(void) {
  enum { THREADS = 6 };
  nnpmd_model *model = load();
  if (model == NULL) return;
  pthread_t threads[THREADS];
  task tasks[THREADS];
  for (int k = 0; k < THREADS; k++) {
    tasks[k] = (task){model, 0.05 * (k / 2), 0, 0};
    TEST_CHECK(pthread_create(&threads[k], NULL, evaluate_often, &tasks[k]) == 0, "thread");
  }
  for (int k = 0; k < THREADS; k++) pthread_join(threads[k], NULL);
  for (int k = 0; k < THREADS; k++) TEST_EQUAL_INT(tasks[k].failures, 0);
  for (int k = 0; k < THREADS; k += 2) TEST_NEAR(tasks[k].energy, tasks[k + 1].energy, 0);
  TEST_CHECK(tasks[0].energy != tasks[2].energy, "different structures");
  nnpmd_free(model);
}

TEST_SUITE("api/nnpmd", TEST(test_derivatives), TEST(test_mixed_precision), TEST(test_no_cell), TEST(test_errors),
           TEST(test_other_potentials), TEST(test_threads))
