/* SPDX-License-Identifier: BSD-3-Clause */
/* Committees: the mean and the spread against separate evaluations of the members, one member alone, the layouts of
 * folders, and models that do not fit together. LINKS: reference */
#include <sys/stat.h>
#include <unistd.h>

#include "nnp/committee.h"
#include "nnp/evaluator_data.h"
#include "nnp/model_data.h"
#include "support/model_folder.h"
#include "support/reference_case.h"
#include "support/test.h"

enum { MEMBERS = 4, CENTRES = 200, PAIRS = 40000 };

static const char *const all_types = "012-all-types-sorted", *const wide = "033-bohr-normalized-offsets";

static void copy_model(const char *name, double factor) { model_folder_copy(all_types, test_path(name), factor); }

/* test_path(name)/1 .. n, from a reference model */
static void make_committee_of(const char *source, const char *name, int n) {
  char member[64];
  mkdir(test_path(name), 0777);
  for (int k = 1; k <= n; k++) {
    snprintf(member, sizeof member, "%s/%d", name, k);
    model_folder_copy(source, test_path(member), 0.7 + 0.1 * k);
  }
}

static void make_committee(const char *name, int n) { make_committee_of(all_types, name, n); }

/* Puts `put` for the first `find` of a file of the test's folder. */
static void edit(const char *name, const char *find, const char *put) {
  static char text[1 << 20];
  char path[512];
  snprintf(path, sizeof path, "%s", test_path(name));
  FILE *file = fopen(path, "r");
  if (!TEST_CHECK(file != NULL, "%s", path)) return;
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  char *at = strstr(text, find);
  if (!TEST_CHECK(at != NULL, "%s has no \"%s\"", path, find)) return;
  file = fopen(path, "w");
  fprintf(file, "%.*s%s%s", (int)(at - text), text, put, at + strlen(find));
  fclose(file);
}

typedef struct outcome {
  double energy[CENTRES], sigma[CENTRES], member[CENTRES * MEMBERS], g[3][PAIRS];
} outcome;

static nmd_status run(nmd_evaluator *evaluator, const nmd_environments *environments, int member, outcome *out) {
  nmd_environment_results results = {.energy = out->energy,
                                     .gx = out->g[0],
                                     .gy = out->g[1],
                                     .gz = out->g[2],
                                     .sigma = out->sigma,
                                     .member_energy = out->member,
                                     .member = member};
  return nmd_evaluate(evaluator, environments, &results);
}

typedef struct ensemble {
  nmd_committee committee;
  nmd_evaluator *together, *alone[MEMBERS];
  double tolerance;
} ensemble;

static void compare(const nmd_environments *environments, const outcome *together, const outcome *alone,
                    double tolerance) {
  for (int c = 0; c < environments->n; c++) {
    double mean = 0.0, squares = 0.0;
    for (int k = 0; k < MEMBERS; k++) mean += alone[k].energy[c] / MEMBERS;
    for (int k = 0; k < MEMBERS; k++) {
      squares += (alone[k].energy[c] - mean) * (alone[k].energy[c] - mean);
      TEST_NEAR(together->member[c * MEMBERS + k], alone[k].energy[c], tolerance);
    }
    TEST_NEAR(together->energy[c], mean, tolerance);
    TEST_NEAR(together->sigma[c], sqrt(squares / (MEMBERS - 1)), tolerance);
    CU_ASSERT(together->sigma[c] > 1e-6);
  }
  for (int d = 0; d < 3; d++)
    for (int i = 0; i < environments->first[environments->n]; i++) {
      double mean = 0.0;
      for (int k = 0; k < MEMBERS; k++) mean += alone[k].g[d][i] / MEMBERS;
      if (!TEST_NEAR(together->g[d][i], mean, tolerance)) return;
    }
}

/* Centre by centre: the same bits as in a batch. */
static void compare_single(nmd_evaluator *evaluator, const nmd_environments *all, const outcome *batch) {
  static outcome one;
  for (int c = 0; c < all->n; c++) {
    const int begin = all->first[c], first[2] = {0, all->first[c + 1] - begin};
    const nmd_environments centre = {
        1, all->element, first, all->dx + begin, all->dy + begin, all->dz + begin, all->neighbour_element + begin};
    TEST_OK(run(evaluator, &centre, 0, &one));
    CU_ASSERT(one.energy[0] == batch->energy[c] && one.sigma[0] == batch->sigma[c]);
    CU_ASSERT(memcmp(one.member, batch->member + c * MEMBERS, MEMBERS * sizeof(double)) == 0);
    for (int d = 0; d < 3; d++)
      CU_ASSERT(memcmp(one.g[d], batch->g[d] + begin, (size_t)first[1] * sizeof(double)) == 0);
  }
}

static nmd_status compare_all(void *context, const nmd_environments *environments, nmd_environment_results *results) {
  static outcome together, one, alone[MEMBERS];
  ensemble *e = context;
  TEST_CHECK(environments->n <= CENTRES && environments->first[environments->n] <= PAIRS, "too small an array");
  NMD_TRY(run(e->together, environments, 0, &together));
  for (int k = 0; k < MEMBERS; k++) NMD_TRY(run(e->alone[k], environments, 0, &alone[k]));
  compare(environments, &together, alone, e->tolerance);
  compare_single(e->together, environments, &together);
  for (int k = 0; k < MEMBERS; k++) {
    NMD_TRY(run(e->together, environments, k + 1, &one));
    CU_ASSERT(memcmp(one.energy, alone[k].energy, (size_t)environments->n * sizeof(double)) == 0);
    for (int d = 0; d < 3; d++)
      CU_ASSERT(memcmp(one.g[d], alone[k].g[d], (size_t)environments->first[environments->n] * sizeof(double)) == 0);
    CU_ASSERT(alone[k].sigma[0] == 0.0);
  }
  return nmd_evaluate(e->together, environments, results);
}

static void check_committee(const char *source, double unit, const nmd_evaluator_options *options, int block) {
  const bool mixed = options != NULL && options->precision == NMD_PRECISION_MIXED;
  ensemble e = {.tolerance = mixed ? 1e-6 : 1e-12}; /* mixed: a sum of slopes is rounded, not each of them */
  reference_case c;
  reference_result r;
  char folder[512];
  make_committee_of(source, "mean", MEMBERS);
  if (!TEST_OK(nmd_committee_read(test_path("mean"), NULL, 0, false, unit, 1.0, &e.committee))) return;
  TEST_EQUAL_INT(e.committee.n, MEMBERS);
  TEST_OK(nmd_evaluator_create_committee((const nmd_model *const *)e.committee.models, MEMBERS, options, &e.together));
  TEST_EQUAL_INT(nmd_evaluator_members(e.together), MEMBERS);
  TEST_EQUAL_INT(e.together->block, block);
  for (int k = 0; k < MEMBERS; k++) TEST_OK(nmd_evaluator_create(e.committee.models[k], options, &e.alone[k]));
  snprintf(folder, sizeof folder, "%s/reference/%s", NMD_TEST_DATA, source);
  CU_ASSERT(reference_case_read(folder, &c));
  CU_ASSERT(reference_case_evaluate(&c, 0, compare_all, &e, &r));
  reference_result_free(&r);
  reference_case_free(&c);
  nmd_evaluator_destroy(e.together);
  for (int k = 0; k < MEMBERS; k++) nmd_evaluator_destroy(e.alone[k]);
  nmd_committee_free(&e.committee);
}

static void test_mean_and_spread(void) { check_committee(all_types, 1.0, NULL, 1); }

/* Without streams of pairs centres go through the networks in blocks: on every instruction set, in both precisions. */
static void test_blocks(void) {
  const double bohr = 0.529177210903;
  for (int simd = NMD_SIMD_PORTABLE; simd <= NMD_SIMD_AVX512; simd++)
    for (int precision = NMD_PRECISION_DOUBLE; precision <= NMD_PRECISION_MIXED; precision++) {
      const nmd_evaluator_options options = {(nmd_precision)precision, (nmd_simd)simd, NMD_ALGORITHM_MOMENTS};
      check_committee(wide, bohr, &options, NMD_BLOCK);
    }
}

/* A member whose atoms have another energy: it counts for the mean and the spread. */
static void test_offsets(void) {
  nmd_committee c;
  nmd_evaluator *evaluator;
  const int first[2] = {0, 0}, none = 0;
  const double nothing = 0.0;
  const nmd_environments lonely = {1, 0, first, &nothing, &nothing, &nothing, &none};
  double energy, sigma, member[2];
  nmd_environment_results results = {.energy = &energy, .sigma = &sigma, .member_energy = member};
  mkdir(test_path("offsets"), 0777);
  copy_model("offsets/1", 0.0);
  copy_model("offsets/2", 0.0);
  edit("offsets/2/input.nn", "\nelements", "\natom_energy Li 0.25\nelements");
  if (!TEST_OK(nmd_committee_read(test_path("offsets"), NULL, 0, false, 1.0, 1.0, &c))) return;
  TEST_OK(nmd_evaluator_create_committee((const nmd_model *const *)c.models, 2, NULL, &evaluator));
  TEST_OK(nmd_evaluate(evaluator, &lonely, &results));
  TEST_NEAR(member[1] - member[0], 0.25, 1e-12);
  TEST_NEAR(energy, member[0] + 0.125, 1e-12);
  TEST_NEAR(sigma, 0.25 / sqrt(2.0), 1e-12);
  nmd_evaluator_destroy(evaluator);
  nmd_committee_free(&c);
}

static int count(const char *folder, char *const *names, int n, bool single) {
  nmd_committee c;
  const nmd_status status = nmd_committee_read(test_path(folder), names, n, single, 1.0, 1.0, &c);
  const int found = status == NMD_OK ? c.n : -1;
  nmd_committee_free(&c);
  return found;
}

static void test_layouts(void) {
  char *names[] = {"3", "1"};
  make_committee("layout", 3);
  TEST_EQUAL_INT(count("layout", NULL, 0, false), 3);
  TEST_EQUAL_INT(count("layout", NULL, 0, true), 1);
  TEST_EQUAL_INT(count("layout", names, 2, false), 2);
  TEST_EQUAL_INT(count("layout", names, 2, true), 1);
  TEST_EQUAL_INT(count("layout/2", NULL, 0, false), 1);
}

/* `find` in a file of member 2 becomes `put`: the message says both places. */
static void check_misfit(const char *file, const char *find, const char *put, const char *say, const char *also) {
  nmd_committee c;
  char name[64];
  make_committee("misfit", 2);
  snprintf(name, sizeof name, "misfit/2/%s", file);
  edit(name, find, put);
  TEST_FAILS(nmd_committee_read(test_path("misfit"), NULL, 0, false, 1.0, 1.0, &c), NMD_MODEL_COMMITTEE);
  TEST_CONTAINS(nmd_error_text(), say);
  TEST_CONTAINS(nmd_error_text(), also);
  nmd_committee_free(&c);
}

static void test_misfits(void) {
  check_misfit("input.nn", "cutoff_type 2", "cutoff_type 1", "misfit/2/input.nn:", "the cut-off function (type 1");
  check_misfit("input.nn", "Li 2 Li 0.45109", "Li 2 Li 0.46109", "misfit/2/input.nn:", "share their functions");
  check_misfit("scaling.data", "1.1960131520199061E-02", "1.1E-02",
               "misfit/2/scaling.data:", "function 1 of Li is scaled otherwise than in");
}

static void test_other_elements(void) {
  nmd_committee c;
  char *names[] = {"li_au", "s_cu"};
  char folder[512];
  mkdir(test_path("other"), 0777);
  copy_model("other/li_au", 0.0);
  snprintf(folder, sizeof folder, "%s/reference/014-cut2-alpha-ignored", NMD_TEST_DATA);
  unlink(test_path("other/s_cu"));
  CU_ASSERT(symlink(folder, test_path("other/s_cu")) == 0);
  TEST_FAILS(nmd_committee_read(test_path("other"), names, 2, false, 1.0, 1.0, &c), NMD_MODEL_COMMITTEE);
  TEST_CONTAINS(nmd_error_text(), "elements differ from those of");
  nmd_committee_free(&c);
}

static void test_gap(void) {
  nmd_committee c;
  make_committee("gap", 2);
  copy_model("gap/4", 0.0);
  TEST_FAILS(nmd_committee_read(test_path("gap"), NULL, 0, false, 1.0, 1.0, &c), NMD_MODEL_COMMITTEE);
  TEST_CONTAINS(nmd_error_text(), "gap/3/input.nn is missing");
  nmd_committee_free(&c);
}

TEST_SUITE("nnp/committee", TEST(test_mean_and_spread), TEST(test_blocks), TEST(test_offsets), TEST(test_layouts),
           TEST(test_misfits), TEST(test_other_elements), TEST(test_gap))
