/* SPDX-License-Identifier: BSD-3-Clause */
/* Both evaluators against the numbers of n2p2 and LAMMPS: every folder of tests/reference, and the published water
 * model where NNPMD_WATER_DATA names its folder. LINKS: reference */
#include <dirent.h>

#include "nnp/model_data.h"
#include "nnp/reference.h"
#include "support/reference_case.h"
#include "support/test.h"

enum { FOLDERS_MAX = 100 };
typedef struct tolerances {
  double energy; /* eV per atom */
  double atomic; /* of the model's energy unit, and of the energy if that is larger */
  double force;  /* eV/A */
  double virial; /* eV per 100 atoms */
  bool count;    /* of extrapolations: the same */
} tolerances;
static const tolerances of_double = {1e-9, 1e-10, 1e-8, 1e-7, true};
static const tolerances of_mixed = {1e-6, 1e-5, 1e-4, 1e-3, false};

static nmd_status evaluate_plain(void *context, const nmd_environments *environments,
                                 nmd_environment_results *results) {
  return nmd_reference_evaluate(context, environments, results);
}

static void keep_maximum(reference_deviation *largest, const reference_deviation *d) {
  if (d->energy > largest->energy) largest->energy = d->energy;
  if (d->atomic_energy > largest->atomic_energy) largest->atomic_energy = d->atomic_energy;
  if (d->force > largest->force) largest->force = d->force;
  if (d->virial > largest->virial) largest->virial = d->virial;
}

static void print_maximum(const char *what, int n, const reference_deviation *d) {
  printf("  %s, %d cases: largest deviations %.1e eV/atom, atomic %.1e eV, force %.1e eV/A, virial %.1e eV\n", what, n,
         d->energy, d->atomic_energy, d->force, d->virial);
}

static void check_case(const reference_case *c, int batch, reference_evaluator *evaluate, void *context,
                       const tolerances *t, reference_deviation *largest) {
  reference_result r;
  const bool ok = reference_case_evaluate(c, batch, evaluate, context, &r);
  TEST_CHECK(ok, "%s could not be evaluated", c->name);
  if (ok) {
    const reference_deviation d = reference_case_compare(c, &r);
    const double hundreds = c->n > 100 ? c->n / 100.0 : 1.0;
    double scale = c->model->energy_factor > 1.0 ? c->model->energy_factor : 1.0;
    for (int i = 0; i < c->n; i++) scale = fmax(scale, fabs(c->atomic_energy[i]));
    TEST_CHECK(d.energy <= t->energy, "%s: energy off by %g eV/atom", c->name, d.energy);
    TEST_CHECK(d.atomic_energy <= t->atomic * scale, "%s: atomic energy off by %g eV", c->name, d.atomic_energy);
    TEST_CHECK(d.force <= t->force, "%s: force off by %g eV/A", c->name, d.force);
    TEST_CHECK(d.virial <= t->virial * hundreds, "%s: virial off by %g eV", c->name, d.virial);
    TEST_CHECK(d.extrapolations == 0 || !t->count, "%s: %lld extrapolations, expected %lld", c->name,
               (long long)r.extrapolations, (long long)c->extrapolations);
    keep_maximum(largest, &d);
  }
  reference_result_free(&r);
}

static int compare_names(const void *a, const void *b) { return strcmp(a, b); }

/* The folders of tests/reference, sorted. */
static int list_folders(char names[FOLDERS_MAX][512]) {
  DIR *folder = opendir(NMD_TEST_DATA "/reference");
  int n = 0;
  if (folder == NULL) return 0;
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL && n < FOLDERS_MAX;)
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
      snprintf(names[n++], sizeof names[0], "%s/reference/%.200s", NMD_TEST_DATA, entry->d_name);
  closedir(folder);
  qsort(names, (size_t)n, sizeof names[0], compare_names);
  return n;
}

typedef void case_check(const reference_case *c, reference_deviation *largest);

static void for_all_cases(const char *what, case_check *check) {
  static char names[FOLDERS_MAX][512];
  reference_deviation largest = {0};
  const int n = list_folders(names);
  TEST_CHECK(n == 40, "%d reference folders, expected 40", n);
  for (int i = 0; i < n; i++) {
    reference_case c;
    const bool ok = reference_case_read(names[i], &c);
    TEST_CHECK(ok, "%s could not be read", names[i]);
    if (ok) check(&c, &largest);
    reference_case_free(&c);
  }
  print_maximum(what, n, &largest);
}

static void check_plain(const reference_case *c, reference_deviation *largest) {
  check_case(c, 0, evaluate_plain, c->model, &of_double, largest);
}

static void test_plain(void) { for_all_cases("plain evaluator", check_plain); }

static nmd_status evaluate_fast(void *context, const nmd_environments *environments, nmd_environment_results *results) {
  return nmd_evaluate(context, environments, results);
}

static nmd_evaluator_options under_test; /* what check_fast makes its evaluators with */

/* All centres at once and, in double, in batches of the preferred size and one by one. */
static void check_fast(const reference_case *c, reference_deviation *largest) {
  nmd_evaluator *evaluator = NULL;
  if (!TEST_OK(nmd_evaluator_create(c->model, &under_test, &evaluator))) return;
  TEST_CHECK(nmd_evaluator_simd(evaluator) <= under_test.simd, "a better instruction set than asked for");
  const tolerances *t = under_test.precision == NMD_PRECISION_MIXED ? &of_mixed : &of_double;
  check_case(c, 0, evaluate_fast, evaluator, t, largest);
  if (t == &of_double) {
    check_case(c, nmd_evaluator_batch_size(evaluator), evaluate_fast, evaluator, t, largest);
    check_case(c, 1, evaluate_fast, evaluator, t, largest);
  }
  nmd_evaluator_destroy(evaluator);
}

static const char *const precision_names[] = {"double", "mixed"};
static const char *const simd_names[] = {"", "portable", "AVX2", "AVX-512"};
static const char *const algorithm_names[] = {"best plan", "moments", "pairs", "generic"};

/* Every instruction set (on a CPU without it the next lower one is tested again) and every algorithm. */
static void for_all_plans(nmd_precision precision, void (*run)(const char *what, case_check *check)) {
  for (nmd_simd simd = NMD_SIMD_PORTABLE; simd <= NMD_SIMD_AVX512; simd++)
    for (nmd_algorithm algorithm = NMD_ALGORITHM_BEST; algorithm <= NMD_ALGORITHM_GENERIC; algorithm++) {
      char what[80];
      under_test = (nmd_evaluator_options){.precision = precision, .simd = simd, .algorithm = algorithm};
      snprintf(what, sizeof what, "%s, %s, %s", precision_names[precision], simd_names[simd],
               algorithm_names[algorithm]);
      run(what, check_fast);
    }
}

static void test_fast(void) { for_all_plans(NMD_PRECISION_DOUBLE, for_all_cases); }
static void test_mixed(void) { for_all_plans(NMD_PRECISION_MIXED, for_all_cases); }

static bool read_water(reference_case *c) {
  const char *folder = getenv("NNPMD_WATER_DATA");
  char file[1024];
  if (folder == NULL) {
    printf("  SKIPPED: NNPMD_WATER_DATA is not set\n");
    return false;
  }
  snprintf(file, sizeof file, "%s/ice_384.extxyz", folder);
  const bool ok = reference_case_read_extxyz(folder, file, 1.0 / 1.8897261328, 1.0 / 0.0367493254, c);
  TEST_CHECK(ok, "%s could not be read", file);
  return ok;
}

static void check_water(const char *what, case_check *check) {
  reference_case c = {0};
  reference_deviation largest = {0};
  if (!read_water(&c)) return;
  check(&c, &largest);
  print_maximum(what, 1, &largest);
  reference_case_free(&c);
}

static void test_water_plain(void) { check_water("plain evaluator, ice", check_plain); }
static void test_water_fast(void) { for_all_plans(NMD_PRECISION_DOUBLE, check_water); }
static void test_water_mixed(void) { for_all_plans(NMD_PRECISION_MIXED, check_water); }

TEST_SUITE("nnp/reference", TEST(test_plain), TEST(test_fast), TEST(test_mixed), TEST(test_water_plain),
           TEST(test_water_fast), TEST(test_water_mixed))
