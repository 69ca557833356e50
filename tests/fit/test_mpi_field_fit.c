/* SPDX-License-Identifier: BSD-3-Clause */
/* A force field with known parameters labels structures; the fit finds them again. Restarts repeat the bits; what is
 * wrong with inputs and checkpoints is told. LINKS: simulation io build */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "fit/field_fit.h"
#include "io/write_structure.h"
#include "parallel/comm.h"
#include "simulation/evaluate_structure.h"
#include "support/test.h"

#define PLANTED                                                                                                        \
  "{sum: {terms: [{morse: {cutoff: 5, pairs: [{elements: [Li, F], depth: 0.45, alpha: 1.7, distance: 2.2}]}}, "        \
  "{screened_coulomb: {cutoff: 5, between: all, screening: length, length: 2.1, ions: [{element: Li, charge: 0.75}, "  \
  "{element: F, charge: -0.75}]}}]}}"
#define GUESS                                                                                                          \
  "{sum: {terms: [{morse: {cutoff: 5, pairs: [{elements: [Li, F], depth: 0.2, alpha: 2.5, distance: 2.6}]}}, "         \
  "{screened_coulomb: {cutoff: 5, between: all, screening: length, length: 2.1, ions: [{element: Li, charge: 0.5}, "   \
  "{element: F, charge: -0.5}]}}]}}"

static nmd_status label(nmd_structure *s, const char *yaml, int64_t step) {
  nmd_yaml *tree;
  nmd_potential potential;
  nmd_species species;
  nmd_structure_results r;
  nmd_comm *alone;
  const double h[3][3] = {{5 + 0.05 * (double)step, 0.2, 0}, {0, 5.1, -0.1}, {0.3, 0, 5.2}};
  NMD_TRY(nmd_structure_init(s, 16));
  NMD_TRY(nmd_box_init(&s->box, h, NULL, NULL));
  for (int i = 0; i < 16; i++) {
    double g[3], f[3];
    nmd_random_normal3(3, NMD_STREAM_TEST, step, i, 0, g);
    for (int k = 0; k < 3; k++) f[k] = (((i / 2) >> k & 1) + 0.5 * (i & 1)) / 2 + 0.025 * g[k];
    nmd_box_to_cartesian(&s->box, f, s->x[i]);
    s->atomic_number[i] = i & 1 ? 9 : 3;
  }
  nmd_species_init(&species, s->atomic_number, 16);
  NMD_TRY(nmd_comm_alone(&alone));
  NMD_TRY(nmd_yaml_parse("planted", yaml, strlen(yaml), &tree));
  NMD_TRY(nmd_potential_create(nmd_yaml_root(tree), &species, &potential));
  NMD_TRY(nmd_structure_evaluate(alone, &potential, &species, s, &r));
  NMD_TRY(nmd_structure_need_forces(s));
  memcpy(s->f, r.force, 16 * sizeof *s->f);
  s->has_energy = s->has_stress = true;
  s->energy = r.energy - 16 * 3.7; /* a force field has another zero */
  for (int k = 0; k < 9; k++) s->stress[k / 3][k % 3] = -r.virial[k / 3][k % 3] / s->box.volume;
  nmd_structure_results_free(&r);
  nmd_potential_destroy(&potential);
  nmd_yaml_destroy(tree);
  nmd_comm_free(alone);
  return NMD_OK;
}

static bool root(void) { return nmd_comm_rank(TEST_COMM) == 0; }

/* Several frames in one file. */
static void write_labelled(void) {
  if (root()) {
    char *all = NULL;
    size_t used = 0;
    for (int k = 0; k < 6; k++) {
      nmd_structure s = {0};
      char *text;
      size_t length;
      if (!TEST_OK(label(&s, PLANTED, k)) || !TEST_OK(nmd_structure_write(test_path("one.extxyz"), NULL, &s)) ||
          !TEST_OK(nmd_text_read_file(test_path("one.extxyz"), &text, &length)) ||
          !TEST_OK(NMD_GROW(all, used, used + length)))
        return;
      memcpy(all + used, text, length);
      used += length;
      nmd_free(text);
      nmd_structure_free(&s);
    }
    FILE *file = fopen(test_path("labelled.extxyz"), "wb");
    if (TEST_CHECK(file != NULL, "labelled.extxyz")) {
      fwrite(all, 1, used, file);
      fclose(file);
    }
    nmd_free(all);
  }
  nmd_comm_barrier(TEST_COMM);
}

static const char parameters[] = "  - {path: sum.terms.0.morse.pairs.0.depth, low: 0.1, high: 1}\n"
                                 "  - {path: sum.terms.0.morse.pairs.0.alpha, low: 1, high: 3}\n"
                                 "  - {path: sum.terms.0.morse.pairs.0.distance, low: 1.8, high: 2.8}\n"
                                 "  - {path: sum.terms.1.screened_coulomb.ions.0.charge, low: 0.2, high: 1.2}\n"
                                 "  - {path: sum.terms.1.screened_coulomb.ions.1.charge, same_as: "
                                 "sum.terms.1.screened_coulomb.ions.0.charge, factor: -1}\n"
                                 "  - {path: sum.terms.1.screened_coulomb.length, fixed: true}\n";

static int population(void) { return nmd_comm_size(TEST_COMM) > 1 ? 8 : 24; }

static nmd_status run_fit(const char *potential, const char *list, const char *method, const char *folder,
                          int generations, const nmd_field_fit_options *options, nmd_field_fit_result *result) {
  static char path[512], output[512];
  snprintf(path, sizeof path, "%s", test_path("fit.yaml"));
  snprintf(output, sizeof output, "%s", test_path(folder));
  if (root()) {
    FILE *file = fopen(path, "w");
    if (!TEST_CHECK(file != NULL, "%s", path)) return NMD_WRITE;
    fprintf(file,
            "seed: 3\noutput_folder: %s\npotential: %s\nparameters:\n%sdata: {file: labelled.extxyz}\nsearch: %s\n"
            "population: %d\ngenerations: %d\nreport_every: 1000\n",
            output, potential, list, method, population(), generations);
    fclose(file);
  }
  nmd_comm_barrier(TEST_COMM);
  nmd_field_fit_input input;
  NMD_TRY(nmd_field_fit_read(TEST_COMM, path, 0, NULL, &input));
  const nmd_status status = nmd_field_fit_run(TEST_COMM, &input, options, result);
  nmd_field_fit_input_free(&input);
  nmd_comm_barrier(TEST_COMM);
  return status;
}

static const nmd_field_fit_options anew = {.restart = false};

static void check_planted(const char *method, const char *folder, int generations) {
  static const double planted[4] = {0.45, 1.7, 2.2, 0.75};
  nmd_field_fit_result r;
  if (!TEST_OK(run_fit(GUESS, parameters, method, folder, generations, &anew, &r))) return;
  if (root())
    printf("  %s: loss %.2e of %.2e after %lld evaluations: %.4f %.4f %.4f %.4f\n", method, r.loss, r.start_loss,
           (long long)r.evaluations, r.x[0], r.x[1], r.x[2], r.x[3]);
  for (int k = 0; k < 4; k++) TEST_RELATIVE(r.x[k], planted[k], 0.01);
  TEST_CHECK(r.loss < 1e-4 * r.start_loss, "%s: loss %g of %g", method, r.loss, r.start_loss);
}

/* Several islands: the loss falls, and all ranks have the same result. */
static void check_islands(void) {
  nmd_field_fit_result r, other;
  if (!TEST_OK(run_fit(GUESS, parameters, "differential_evolution", "islands", 25, &anew, &r))) return;
  TEST_CHECK(r.loss < 1e-3 * r.start_loss, "loss %g of %g", r.loss, r.start_loss);
  other = r;
  nmd_comm_broadcast(TEST_COMM, &other, sizeof other, 0);
  TEST_CHECK(memcmp(&r, &other, sizeof r) == 0, "ranks differ");
}

static void test_planted(void) {
  write_labelled();
  if (nmd_comm_size(TEST_COMM) > 1) {
    check_islands();
    return;
  }
  check_planted("cuckoo", "cuckoo", 110);
  check_planted("differential_evolution", "evolution", 70);
  check_planted("{nlopt: {algorithm: crs2, evaluations: 2500}}", "nlopt", 1);
  char *text;
  size_t length;
  static const char *const files[] = {"cuckoo/fitted.yaml", "cuckoo/parity_force.dat", "cuckoo/parity_energy.dat"};
  for (int k = 0; k < 3; k++)
    if (TEST_OK(nmd_text_read_file(test_path(files[k]), &text, &length))) {
      if (k == 0) TEST_CONTAINS(text, "length: 2.1");
      TEST_CONTAINS(text, k == 0 ? "potential: {sum: {terms: [{morse:" : "label computed");
      nmd_free(text);
    }
}

static void test_restart(void) {
  nmd_field_fit_result whole, first, rest;
  const nmd_field_fit_options again = {.restart = true}, brief = {.max_seconds = 1e-9};
  write_labelled();
  TEST_OK(run_fit(GUESS, parameters, "cuckoo", "whole", 12, &anew, &whole));
  TEST_FAILS(run_fit(GUESS, parameters, "cuckoo", "halves", 12, &brief, &first), NMD_INTERRUPTED);
  TEST_OK(run_fit(GUESS, parameters, "cuckoo", "halves", 7, &again, &first));
  TEST_OK(run_fit(GUESS, parameters, "cuckoo", "halves", 12, &again, &rest));
  TEST_CHECK(memcmp(whole.x, rest.x, sizeof whole.x) == 0 && whole.loss == rest.loss,
             "other bits after a restart: %g %g", whole.loss, rest.loss);
  TEST_EQUAL_INT(rest.evaluations, whole.evaluations);
  TEST_FAILS(run_fit(GUESS, parameters, "differential_evolution", "halves", 12, &again, &rest), NMD_CHECKPOINT);
  TEST_CONTAINS(nmd_error_text(), "method 0");
  TEST_FAILS(run_fit(GUESS, parameters, "cuckoo", "nothing", 12, &again, &rest), NMD_FILE_MISSING);
  if (root()) {
    FILE *file = fopen(test_path("halves/fit.checkpoint"), "r+b"); /* one byte of the values */
    if (TEST_CHECK(file != NULL, "checkpoint")) {
      fseek(file, 200, SEEK_SET);
      const int c = fgetc(file);
      fseek(file, 200, SEEK_SET);
      fputc(c ^ 1, file);
      fclose(file);
    }
  }
  nmd_comm_barrier(TEST_COMM);
  TEST_FAILS(run_fit(GUESS, parameters, "cuckoo", "halves", 12, &again, &rest), NMD_CHECKPOINT);
  TEST_CONTAINS(nmd_error_text(), "check sum");
}

static char logged[4096];
static void keep_line(nmd_log_level level, const char *line, void *context) {
  (void)level, (void)context;
  const size_t used = strlen(logged);
  snprintf(logged + used, sizeof logged - used, "%s\n", line);
}

/* --check says what is searched and how far off the start is, and leaves nothing behind. */
static void test_check_only(void) {
  static const nmd_field_fit_options check = {.check = true};
  static const char *const said[] = {
      "6 structures, 4 free parameters", "sum.terms.0.morse.pairs.0.alpha: 2.5, searched from 1 to 3",
      "charge: -1 times sum.terms.1",    "length: fixed",
      "0 relaxed cells, 0 runs",         "12 generations"};
  nmd_field_fit_result r, start;
  write_labelled();
  nmd_log_set_sink(keep_line, NULL);
  TEST_OK(run_fit(GUESS, parameters, "cuckoo", "checked", 12, &check, &r));
  nmd_log_set_sink(NULL, NULL);
  for (int k = 0; k < NMD_COUNT(said); k++) TEST_CONTAINS(logged, said[k]);
  TEST_CHECK(access(test_path("checked"), F_OK) != 0, "--check made a folder");
  TEST_OK(run_fit(GUESS, parameters, "cuckoo", "unchecked", 1, &anew, &start));
  TEST_CHECK(r.start_loss == start.start_loss && r.evaluations == 0, "loss %g and %g at the start, %lld evaluations",
             r.start_loss, start.start_loss, (long long)r.evaluations);
  TEST_FAILS(
      run_fit(GUESS, "  - {path: sum.terms.5.morse.depth, low: 0, high: 1}\n", "cuckoo", "checked", 2, &check, &r),
      NMD_MISSING_KEY);
}

static void expect(const char *potential, const char *list, const char *method, nmd_status code, const char *part) {
  nmd_field_fit_result r;
  TEST_FAILS(run_fit(potential, list, method, "errors", 2, &anew, &r), code);
  TEST_CONTAINS(nmd_error_text(), part);
}

static void test_errors(void) {
  write_labelled();
  expect(GUESS, "  - {path: sum.terms.5.morse.depth, low: 0, high: 1}\n", "cuckoo", NMD_MISSING_KEY, "nothing at");
  expect(GUESS, "  - {path: sum.terms.0.morse.cutoff, low: 3, high: 1}\n", "cuckoo", NMD_CONFLICT, "low 3, high 1");
  expect(GUESS, "  - {path: sum.terms.0.morse.cutoff, fixed: true}\n", "cuckoo", NMD_CONFLICT, "one that is free");
  expect(GUESS, "  - {path: sum.terms.0.morse.cutoff, same_as: nothing}\n", "cuckoo", NMD_CONFLICT,
         "is not fitted here");
  expect(GUESS, "  - {path: sum.terms.0.morse.pairs.0.elements.0, low: 3, high: 4}\n", "cuckoo", NMD_BAD_NUMBER,
         "expected a number");
  expect(GUESS, parameters, "cukoo", NMD_UNKNOWN_KEY, "cuckoo");
  expect("{screened_coulomb: {cutoff: 5, ions: [{element: Li, charge: 1}, {element: F, charge: -2}]}}",
         "  - {path: screened_coulomb.cutoff, low: 3, high: 5}\n", "cuckoo", NMD_CONFLICT, "add up to -8 e");
}

TEST_SUITE("fit/field_fit", TEST(test_planted), TEST(test_restart), TEST(test_check_only), TEST(test_errors))
