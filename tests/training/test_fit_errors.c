/* SPDX-License-Identifier: BSD-3-Clause */
/* Malformed data, inputs and settings: the code, and a message that says where and what. TEST_COMM LINKS: reference */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/test.h"
#include "training/fit_case.h"

static char *good; /* text of train.extxyz */

/* A data file, an input, what comes of it. */
typedef struct bad {
  const char *find, *put; /* in train.extxyz, once; find NULL: nothing */
  const char *assignment; /* --set, or NULL */
  nmd_status code;
  const char *message;
} bad;

static const bad cases[] = {
    {"energy=", "Energy=", NULL, NMD_MISSING_KEY, "has no energy"},
    {"energy=-", "energy=x", NULL, NMD_BAD_NUMBER, "train.extxyz:2:"},
    {"energy=-", "energy=nan", NULL, NMD_BAD_NUMBER, "train.extxyz:2:"},
    {"Li ", "Xx ", NULL, NMD_UNKNOWN_ELEMENT, "train.extxyz:"},
    {"Li ", "Na ", NULL, NMD_MODEL_ELEMENT, "Na, which is not on the elements line"},
    {"Lattice=\"", "Lattice=\"0 ", NULL, NMD_FILE_FORMAT, "train.extxyz:2:"},
    {"kind=", "weight=-1 kind=", NULL, NMD_BAD_NUMBER, "weight=-1"},
    {"kind=", "weight=heavy kind=", NULL, NMD_BAD_NUMBER, "weight=heavy"},
    {"stress=\"", "stress=\"1 ", "data.stress=true", NMD_FILE_FORMAT, "train.extxyz:2:"},
    {"forces:R:3", "forces:R:2", NULL, NMD_FILE_FORMAT, "forces"},
    {"8\nLattice", "9\nLattice", NULL, NMD_FILE_FORMAT, "train.extxyz:"},
    {"8\nLattice", "0\nLattice", NULL, NMD_OUT_OF_RANGE, "train.extxyz:1:"},
    {NULL, NULL, "data.training=missing.extxyz", NMD_FILE_MISSING, "missing.extxyz"},
    {NULL, NULL, "data.max_force=1e-9 eV/A", NMD_CONFLICT, "no structure is left"},
    {NULL, NULL, "data.max_force=1 eV", NMD_WRONG_UNIT, "max_force"},
    {NULL, NULL, "loss.families={huge: 2}", NMD_UNKNOWN_KEY, "kind=huge"},
    {NULL, NULL, "loss.families={big: -2}", NMD_BAD_NUMBER, "weight >= 0"},
    {NULL, NULL, "loss.families=3", NMD_WRONG_TYPE, "expected a map"},
    {NULL, NULL, "stages=[]", NMD_WRONG_TYPE, "stages"},
    {NULL, NULL, "stages=[calman: {}]", NMD_UNKNOWN_KEY, "kalman"},
    {NULL, NULL, "stages=[kalman: {epoch: 3}]", NMD_UNKNOWN_KEY, "epochs"},
    {NULL, NULL, "stages=[kalman: {noise: -1}]", NMD_OUT_OF_RANGE, "noise"},
    {NULL, NULL, "committee=0", NMD_OUT_OF_RANGE, "committee"},
    {NULL, NULL, "start_from=elsewhere", NMD_FILE_MISSING, "input.nn"},
    {NULL, NULL, "settings=nowhere", NMD_FILE_MISSING, "input.nn"},
    {NULL, NULL, "precision=quadruple", NMD_BAD_CHOICE, "double"},
};

static void write_changed(const bad *b) {
  const char *at = b->find == NULL ? NULL : strstr(good, b->find);
  TEST_CHECK(b->find == NULL || at != NULL, "case %d: text not in the data", (int)(b - cases));
  if (at == NULL) {
    test_write("train.extxyz", good);
    return;
  }
  char *text = malloc(strlen(good) + strlen(b->put) + 1);
  sprintf(text, "%.*s%s%s", (int)(at - good), good, b->put, at + strlen(b->find));
  test_write("train.extxyz", text);
  free(text);
}

static void test_messages(void) {
  fit_case_write(4);
  good = test_read(test_path("train.extxyz"));
  char path[2048];
  snprintf(path, sizeof path, "%s", fit_case_input("errors", "", "[kalman: {epochs: 1}]"));
  for (int k = 0; k < NMD_COUNT(cases); k++) {
    char assignment[256], *assignments[1] = {assignment};
    nmd_fit_input input;
    nmd_fit *fit = NULL;
    snprintf(assignment, sizeof assignment, "%s", cases[k].assignment != NULL ? cases[k].assignment : "");
    write_changed(&cases[k]);
    nmd_status status = nmd_fit_input_read(TEST_COMM, path, cases[k].assignment != NULL, assignments, &input);
    if (status == NMD_OK) {
      status = nmd_fit_create(TEST_COMM, &input, false, &fit);
      nmd_fit_destroy(fit);
      nmd_fit_input_free(&input);
    }
    TEST_CHECK(status == cases[k].code, "case %d (%s %s): %s (%s), expected %s", k, cases[k].put ? cases[k].put : "",
               assignment, nmd_status_name(status), nmd_error_text(), nmd_status_name(cases[k].code));
    TEST_CONTAINS(nmd_error_text(), cases[k].message);
  }
  free(good);
}

static void grown_fails(const char *settings_text, const char *settings, const char *message) {
  nmd_fit_input input;
  nmd_fit *fit;
  char more[4096], path[2048], folder[1024];
  snprintf(folder, sizeof folder, "%s", test_path(settings));
  mkdir(folder, 0777);
  snprintf(path, sizeof path, "%s/input.nn", settings);
  test_write(path, settings_text);
  snprintf(more, sizeof more, "settings: %s\nstart_from: %s", folder, test_path("small"));
  snprintf(path, sizeof path, "%s", fit_case_input("grown", more, "[kalman: {epochs: 1}]"));
  TEST_FAILS(fit_case_run(TEST_COMM, path, NULL, &input, &fit), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), message);
  nmd_fit_input_free(&input);
}

/* The settings of the fitted model with `put` in the place of `found`, as long. */
static void grown_fails_with(const char *found, const char *put, const char *settings, const char *message) {
  char *text = test_read(test_path("input.nn")), *at = strstr(text, found);
  TEST_CHECK(at != NULL, "no %s in the settings", found);
  if (at != NULL) memcpy(at, put, strlen(put));
  grown_fails(text, settings, message);
  free(text);
}

/* Settings that a fitted model cannot grow into. */
static void test_grown_messages(void) {
  nmd_fit_input input;
  nmd_fit *fit;
  fit_case_write(4);
  TEST_OK(fit_case_run(TEST_COMM, fit_case_input("small", "", "[kalman: {epochs: 1}]"), NULL, &input, &fit));
  nmd_fit_destroy(fit);
  nmd_fit_input_free(&input);
  char *text = test_read(test_path("input.nn")), *at = strstr(text, "symfunction_short");
  memmove(at, strchr(at, '\n') + 1, strlen(strchr(at, '\n') + 1) + 1);
  grown_fails(text, "fewer", "function");
  free(text);
  grown_fails_with("cutoff_type 2", "cutoff_type 1", "other_cutoff", "cut-off function of start_from");
  grown_fails_with("global_nodes_short 6 6", "global_nodes_short 7 6", "other_layers", "hidden layers of start_from");
  TEST_FAILS(nmd_fit_input_read(TEST_COMM, test_write("neither.yaml", "data: {training: x}\nstages: [kalman: {}]\n"), 0,
                                NULL, &input),
             NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "neither");
}

/* Two atoms on one place; a function that never acts; a checkpoint that is not there. */
static void test_more_messages(void) {
  nmd_fit_input input;
  nmd_fit *fit;
  fit_case_write(4);
  char path[2048];
  snprintf(path, sizeof path, "%s", fit_case_input("overlap", "", "[kalman: {epochs: 1}]"));
  test_write("train.extxyz", "2\nLattice=\"9 0 0 0 9 0 0 0 9\" energy=1 Properties=species:S:1:pos:R:3:forces:R:3\n"
                             "Li 1 1 1 0 0 0\nAu 1 1 1 0 0 0\n");
  TEST_FAILS(fit_case_run(TEST_COMM, path, NULL, &input, &fit), NMD_OVERLAP);
  TEST_CONTAINS(nmd_error_text(), "train.extxyz:4: atoms 1 and 2");
  nmd_fit_input_free(&input);
  test_write("train.extxyz", "2\nLattice=\"9 0 0 0 9 0 0 0 9\" energy=1 Properties=species:S:1:pos:R:3:forces:R:3\n"
                             "Li 1 1 1 0 0 0\nLi 1 1 4 0 0 0\n");
  TEST_FAILS(fit_case_run(TEST_COMM, path, NULL, &input, &fit), NMD_MODEL_SCALING);
  TEST_CONTAINS(nmd_error_text(), "remove the function");
  nmd_fit_input_free(&input);
  fit_case_write(4);
  const nmd_fit_run_options restart = {.restart = true};
  TEST_FAILS(fit_case_run(TEST_COMM, path, &restart, &input, &fit), NMD_FILE_MISSING);
  nmd_fit_destroy(fit);
  nmd_fit_input_free(&input);
}

/* Weights that are not finite end the run at the first structure, by name, and leave the last good ones. */
static void test_not_finite(void) {
  nmd_fit_input input;
  nmd_fit *fit;
  nmd_metrics metrics;
  fit_case_write(4);
  TEST_OK(fit_case_run(TEST_COMM, fit_case_input("finite", "", "[kalman: {epochs: 1}]"), NULL, &input, &fit));
  for (size_t k = 0; k < fit->layout.n; k++) fit->members[0].weights[k] = NAN;
  TEST_FAILS(nmd_fit_measure(fit, &fit->training, fit->members[0].weights, &metrics), NMD_EXPLODED);
  TEST_CONTAINS(nmd_error_text(), "train.extxyz:10: ");
  nmd_fit_destroy(fit);
  nmd_fit_input_free(&input);
}

TEST_SUITE("training/fit_errors", TEST(test_messages), TEST(test_more_messages), TEST(test_grown_messages),
           TEST(test_not_finite))
