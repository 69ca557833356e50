/* SPDX-License-Identifier: BSD-3-Clause */
/* The C API as a user sees it: numbers of the reference implementation, errors as text, several threads, no MPI. */
#include <pthread.h>

#include "nnpmd/nnpmd.h"
#include "support/test.h"

#define AU_LI NMD_TEST_DATA "/../potentials/AuLi-starter"

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
  TEST_EQUAL_INT(nnpmd_load_input("file: none.yaml", numbers, ATOMS, &model, error, sizeof error), NNPMD_INPUT_ERROR);
  TEST_CONTAINS(error, "none.yaml: cannot open");
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

/* ---- parts ---- */

enum { IMAGES = 5, REPEATS = (2 * IMAGES + 1) * (2 * IMAGES + 1) * (2 * IMAGES + 1), PLACES = ATOMS * REPEATS };

typedef struct crowd {
  int number[PLACES], owner[PLACES];
  double x[PLACES][3], force[PLACES][3], virial[PLACES][9];
} crowd;

/* The cell's atoms from `first` on in front, then all others and all images. */
static void fill_crowd(crowd *c, const double (*x)[3], int first, int n_local) {
  int used = n_local;
  for (int k = 0; k < REPEATS; k++) {
    const int shift[3] = {k % (2 * IMAGES + 1) - IMAGES, k / (2 * IMAGES + 1) % (2 * IMAGES + 1) - IMAGES,
                          k / ((2 * IMAGES + 1) * (2 * IMAGES + 1)) - IMAGES};
    for (int i = 0; i < ATOMS; i++) {
      const bool home = shift[0] == 0 && shift[1] == 0 && shift[2] == 0 && i >= first && i < first + n_local;
      const int at = home ? i - first : used++;
      c->number[at] = numbers[i];
      c->owner[at] = i;
      for (int a = 0; a < 3; a++)
        c->x[at][a] = x[i][a] + shift[0] * cell[0][a] + shift[1] * cell[1][a] + shift[2] * cell[2][a];
    }
  }
}

static void add_part(nnpmd_part *part, crowd *c, int first, int n_local, int renew, nnpmd_results *sum) {
  const nnpmd_neighbourhood given = {n_local, PLACES, c->number, c->x[0], renew};
  double energies[ATOMS];
  nnpmd_results r = {.force = c->force[0], .atom_energy = energies, .atom_virial = c->virial[0]};
  TEST_CHECK(nnpmd_part_evaluate(part, &given, &r, error, sizeof error) == NNPMD_OK, "%s", error);
  sum->energy += r.energy;
  sum->extrapolations += r.extrapolations;
  for (int k = 0; k < 9; k++) sum->virial[k] += r.virial[k];
  for (int i = 0; i < n_local; i++) sum->atom_energy[first + i] += energies[i];
  for (int i = 0; i < PLACES; i++) {
    for (int a = 0; a < 3; a++) sum->force[3 * c->owner[i] + a] += c->force[i][a];
    for (int k = 0; k < 9; k++) sum->atom_virial[9 * c->owner[i] + k] += c->virial[i][k];
  }
}

/* Two parts that share the atoms are the periodic whole, also after moves with the list kept. */
static void test_parts(void) {
  nnpmd_model *model = load();
  if (model == NULL) return;
  static crowd crowds[2];
  nnpmd_part *part[2] = {NULL, NULL};
  double moved[ATOMS][3];
  memcpy(moved, positions, sizeof moved);
  for (int p = 0; p < 2; p++)
    TEST_CHECK(nnpmd_part_create(model, 0.5, &part[p], error, sizeof error) == NNPMD_OK, "%s", error);
  for (int step = 0; step < 3; step++) {
    double force[2][ATOMS][3] = {{{0}}}, energies[2][ATOMS] = {{0}}, virials[2][ATOMS][9] = {{{0}}};
    nnpmd_results whole = {.force = force[0][0], .atom_energy = energies[0], .atom_virial = virials[0][0]};
    nnpmd_results sum = {.force = force[1][0], .atom_energy = energies[1], .atom_virial = virials[1][0]};
    const nnpmd_structure s = structure_at((const double(*)[3])moved);
    TEST_CHECK(nnpmd_evaluate(model, &s, &whole, error, sizeof error) == NNPMD_OK, "%s", error);
    for (int p = 0; p < 2; p++) {
      fill_crowd(&crowds[p], (const double(*)[3])moved, 3 * p, p == 0 ? 3 : 2);
      add_part(part[p], &crowds[p], 3 * p, p == 0 ? 3 : 2, step == 0, &sum);
    }
    TEST_NEAR(sum.energy, whole.energy, 1e-12 * fabs(whole.energy));
    TEST_EQUAL_INT(sum.extrapolations, whole.extrapolations);
    for (int k = 0; k < 9; k++) TEST_NEAR(sum.virial[k], whole.virial[k], 1e-10);
    for (int i = 0; i < ATOMS; i++) {
      TEST_NEAR(energies[1][i], energies[0][i], 1e-11);
      for (int a = 0; a < 3; a++) TEST_NEAR(force[1][i][a], force[0][i][a], 1e-11);
      for (int k = 0; k < 9; k++) TEST_NEAR(virials[1][i][k], virials[0][i][k], 1e-10);
      moved[i][(i + step) % 3] += 0.1;
    }
  }
  nnpmd_neighbourhood other = {2, PLACES, crowds[0].number, crowds[0].x[0], 0};
  nnpmd_results r = {0};
  TEST_EQUAL_INT(nnpmd_part_evaluate(part[0], &other, &r, error, sizeof error), NNPMD_INPUT_ERROR);
  TEST_CONTAINS(error, "renew is 0, but the atoms are not those of the last call");
  other.renew = 1;
  crowds[0].number[7] = 8;
  TEST_EQUAL_INT(nnpmd_part_evaluate(part[0], &other, &r, error, sizeof error), NNPMD_INPUT_ERROR);
  TEST_CONTAINS(error, "atom 7 (from 0) is O");
  other.n_local = PLACES + 1;
  TEST_EQUAL_INT(nnpmd_part_evaluate(part[0], &other, &r, error, sizeof error), NNPMD_INPUT_ERROR);
  nnpmd_part_free(part[0]);
  nnpmd_part_free(part[1]);
  TEST_EQUAL_INT(nnpmd_part_create(model, -1, &part[1], error, sizeof error), NNPMD_INPUT_ERROR);
  TEST_CHECK(part[1] == NULL, "no part after an error");
  nnpmd_part_free(NULL);
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
           TEST(test_other_potentials), TEST(test_parts), TEST(test_threads))
