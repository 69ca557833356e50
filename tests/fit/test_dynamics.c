/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs of molecular dynamics as targets: a bond length is found again from g(r), angles and the cell of a trajectory; a
 * run that flies apart is a large loss and no more; what is wrong with the section is told. LINKS: simulation io build
 */
#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "fit/dynamics.h"
#include "fit/field_fit.h"
#include "io/write_structure.h"
#include "parallel/comm.h"
#include "simulation/inner_run.h"
#include "support/test.h"

#define POTENTIAL                                                                                                      \
  "{morse: {cutoff: 5, pairs: [{elements: [Li, F], depth: %g, alpha: 1.5, distance: %g}, {elements: [Li, Li], depth: " \
  "0.2, alpha: 1.3, distance: 3.0}, {elements: [F, F], depth: 0.2, alpha: 1.3, distance: 3.1}]}}"
#define STAGES                                                                                                         \
  "[npt: {steps: 200, timestep: 2 fs, velocities: 200 K, temperature: 200 K, coupling: anisotropic, tau_p: 200 fs}, "  \
  "npt: {steps: %d, timestep: 2 fs, temperature: 200 K, coupling: anisotropic}]"

static void make_cell(nmd_structure *s) {
  const double h[3][3] = {{5.7, 0, 0}, {0.2, 5.6, 0}, {0, 0, 5.8}};
  TEST_OK(nmd_structure_init(s, 16));
  TEST_OK(nmd_box_init(&s->box, h, NULL, NULL));
  for (int i = 0; i < 16; i++) {
    double f[3];
    for (int k = 0; k < 3; k++) f[k] = (((i / 2) >> k & 1) + 0.5 * (i & 1)) / 2 + 0.002 * ((i * 7 + k * 5) % 11);
    nmd_box_to_cartesian(&s->box, f, s->x[i]);
    s->atomic_number[i] = i & 1 ? 9 : 3;
  }
}

static nmd_yaml *parse(const char *text) {
  nmd_yaml *tree = NULL;
  TEST_OK(nmd_yaml_parse("text", text, strlen(text), &tree));
  return tree;
}

static nmd_yaml *parse_potential(double depth, double distance) {
  char text[512];
  snprintf(text, sizeof text, POTENTIAL, depth, distance);
  return parse(text);
}

/* ---- the reference: frames of a run of the planted potential ---- */

static nmd_status write_frame(void *context, const nmd_simulation *s) {
  if (s->stage == 0 || s->counters.stage_step % 10 != 0) return NMD_OK;
  FILE *file = context;
  fprintf(file, "%d\nLattice=\"", s->atoms.n_owned);
  for (int k = 0; k < 9; k++) fprintf(file, "%.9f ", s->box.h[k / 3][k % 3]);
  fprintf(file, "\" Properties=species:S:1:pos:R:3:id:I:1\n");
  for (int i = 0; i < s->atoms.n_owned; i++) {
    const double *x = s->atoms.x + 3 * i;
    fprintf(file, "%s %.9f %.9f %.9f %lld\n", nmd_element_symbol(s->species.atomic_number[s->atoms.species[i]]), x[0],
            x[1], x[2], (long long)s->atoms.id[i]);
  }
  return NMD_OK;
}

static void write_reference(void) {
  char stages[512];
  nmd_structure start = {0};
  snprintf(stages, sizeof stages, STAGES, 1500);
  make_cell(&start);
  nmd_yaml *potential = parse_potential(0.6, 2.4), *list = parse(stages);
  const nmd_inner_run run = {&start, nmd_yaml_root(potential), nmd_yaml_root(list), 77};
  FILE *file = fopen(test_path("md.extxyz"), "w");
  if (TEST_CHECK(file != NULL, "md.extxyz")) {
    TEST_OK(nmd_inner_run_all(TEST_COMM, &run, write_frame, file));
    fclose(file);
  }
  TEST_OK(nmd_structure_write(test_path("start.extxyz"), NULL, &start));
  nmd_yaml_destroy(potential);
  nmd_yaml_destroy(list);
  nmd_structure_free(&start);
}

/* ---- one target ---- */

static nmd_yaml *open_target(const char *text, nmd_dynamics *target, nmd_status *status) {
  char whole[2048];
  snprintf(whole, sizeof whole, "%s", text);
  nmd_yaml *tree = NULL;
  const char *path = test_path("target.yaml");
  TEST_OK(nmd_yaml_parse(path, whole, strlen(whole), &tree));
  *status = nmd_dynamics_open(nmd_yaml_root(tree), 5, target);
  return tree;
}

#define TARGET                                                                                                         \
  "{structure: start.extxyz, reference: md.extxyz, first: 20, every: 10, stages: [npt: {steps: 200, timestep: 2 fs, "  \
  "velocities: 200 K, temperature: 200 K, coupling: anisotropic, tau_p: 200 fs}, npt: {steps: 400, timestep: 2 fs, "   \
  "temperature: 200 K, coupling: anisotropic}], rdf: {cutoff: 5 A, bins: 50, pairs: [Li-F, F-F]}, adf: {bins: 30, "    \
  "bonds: [{elements: [Li, F], length: 3}]}, volume: {tolerance: 0.02}, lattice: {weight: 0.5}}"

static void evaluate(nmd_dynamics *target, double depth, double distance) {
  nmd_yaml *tree = parse_potential(depth, distance);
  TEST_OK(nmd_dynamics_evaluate(target, TEST_COMM, nmd_yaml_root(tree)));
  nmd_yaml_destroy(tree);
}

static void test_target(void) {
  nmd_dynamics target;
  nmd_status status;
  write_reference();
  nmd_yaml *tree = open_target(TARGET, &target, &status);
  if (TEST_OK(status)) {
    evaluate(&target, 0.6, 2.4);
    const nmd_dynamics_result right = target.result;
    TEST_CHECK(!right.failed && right.loss < 1, "planted: loss %g", right.loss);
    TEST_NEAR(right.loss, right.rdf + right.adf + right.volume + 0.5 * right.lattice, 1e-12);
    evaluate(&target, 0.6, 2.4);
    TEST_CHECK(target.result.loss == right.loss, "the same run, another loss");
    evaluate(&target, 0.6, 2.55);
    printf("  planted: loss %.3f (g %.3f, angles %.3f, volume %.3f, lattice %.3f), longer bond: %.1f\n", right.loss,
           right.rdf, right.adf, right.volume, right.lattice, target.result.loss);
    TEST_CHECK(target.result.loss > 5 * right.loss && target.result.seen.volume > 1.02 * target.reference.volume,
               "a longer bond: loss %g, volume %g of %g", target.result.loss, target.result.seen.volume,
               target.reference.volume);
    evaluate(&target, 900, 4.5); /* flies apart */
    TEST_CHECK(target.result.failed && target.result.loss == 100, "explosion: loss %g", target.result.loss);
  }
  nmd_dynamics_free(&target);
  nmd_yaml_destroy(tree);
}

/* Averages of the file by hand: the volume, and the number of F within 3 A of a Li, which g(r) must add up to. */
static void test_reference(void) {
  nmd_dynamics target;
  nmd_status status;
  write_reference();
  nmd_yaml *tree = open_target(TARGET, &target, &status);
  if (TEST_OK(status)) {
    const nmd_distributions *d = &target.reference;
    double volume = 0, lines = 0, count = 0;
    char line[512];
    FILE *file = fopen(test_path("md.extxyz"), "r");
    for (int n = 0; file != NULL && fgets(line, sizeof line, file) != NULL;) {
      double h[9];
      if (sscanf(line, "Lattice=\"%lf %lf %lf %lf %lf %lf %lf %lf %lf", h, h + 1, h + 2, h + 3, h + 4, h + 5, h + 6,
                 h + 7, h + 8) != 9 ||
          n++ < 20)
        continue;
      volume +=
          h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) + h[2] * (h[3] * h[7] - h[4] * h[6]);
      lines++;
    }
    if (file != NULL) fclose(file);
    TEST_EQUAL_INT(d->frames, (int64_t)lines);
    TEST_RELATIVE(d->volume, volume / lines, 1e-8);
    for (int k = 0; k < 30; k++) { /* to 3 A, 8 F an average volume */
      const double low = 0.1 * k, high = low + 0.1;
      count +=
          d->g[nmd_kind_pair(2, 0, 1) * 50 + k] * 8 / d->volume * 4 * M_PI / 3 * (pow(high, 3) - pow(low, 3));
    }
    TEST_NEAR(count, 8, 0.4); /* of a CsCl crystal, less what is farther than 3 A at 200 K */
    double sum = 0;           /* Li-F-Li: densities add up to 1 */
    const nmd_adf sizes = {.kinds = 2};
    for (int k = 0; k < 30; k++) sum += d->p[nmd_adf_triplet(&sizes, 0, 1, 0) * 30 + k] * 6;
    TEST_NEAR(sum, 1, 1e-9);
  }
  nmd_dynamics_free(&target);
  nmd_yaml_destroy(tree);
}

static void test_curve_loss(void) {
  bool counted;
  const double reference[3] = {1, 2, NAN}, trial[3] = {0, 2, 5}, never[3] = {NAN, NAN, NAN};
  TEST_NEAR(nmd_curve_loss(3, reference, trial, &counted), 0.2, 1e-15);
  CU_ASSERT_TRUE(counted);
  TEST_NEAR(nmd_curve_loss(3, reference, never, &counted), 1, 1e-15);
  nmd_curve_loss(3, never, trial, &counted);
  CU_ASSERT_FALSE(counted);
}

/* A tabulated g(r) and no trajectory: the curve on the bins, and the size of the cell from the start. */
static void test_tables(void) {
  nmd_dynamics target;
  nmd_status status;
  write_reference();
  FILE *file = fopen(test_path("g.dat"), "w");
  fprintf(file, "# r g\n1.0 7 0.0\n2.0 7 3.0\n4.0 7 1.0\n");
  fclose(file);
  nmd_yaml *tree =
      open_target("{structure: start.extxyz, stages: [nve: {steps: 1}], rdf: {cutoff: 5, bins: 10, tables: "
                  "[{elements: [F, Li], file: g.dat, column: 3}]}, volume: {}}",
                  &target, &status);
  if (TEST_OK(status)) {
    const double *g = target.reference.g + 10 * nmd_kind_pair(2, 0, 1);
    CU_ASSERT_TRUE(isnan(g[0]) && isnan(g[1]) && isnan(g[8]));
    TEST_NEAR(g[2], 0.75, 1e-12); /* at 1.25 A */
    TEST_NEAR(g[4], 2.75, 1e-12);
    CU_ASSERT_TRUE(isnan(target.reference.g[0]));
    TEST_NEAR(target.reference.volume, target.start.box.volume, 1e-12);
  }
  nmd_dynamics_free(&target);
  nmd_yaml_destroy(tree);
}

/* ---- whole fits ---- */

static nmd_status run_fit_up_to(double high, const char *extra, const char *dynamics, nmd_field_fit_result *r) {
  char potential[512];
  static char path[512];
  snprintf(path, sizeof path, "%s", test_path("fit.yaml"));
  snprintf(potential, sizeof potential, POTENTIAL, 0.6, 2.6);
  FILE *file = fopen(path, "w");
  if (!TEST_CHECK(file != NULL, "%s", path)) return NMD_WRITE;
  fprintf(file,
          "output_folder: '%s'\npotential: %s\nparameters: [{path: morse.pairs.0.distance, low: 2.2, high: %g}]\n%s%s\n"
          "search: differential_evolution\npopulation: 6\ngenerations: 9\n",
          test_path("out"), potential, high, extra, dynamics);
  fclose(file);
  nmd_field_fit_input input;
  const nmd_field_fit_options options = {.restart = false};
  NMD_TRY(nmd_field_fit_read(TEST_COMM, path, 0, NULL, &input));
  const nmd_status status = nmd_field_fit_run(TEST_COMM, &input, &options, r);
  nmd_field_fit_input_free(&input);
  return status;
}

static nmd_status run_fit(const char *extra, const char *dynamics, nmd_field_fit_result *r) {
  return run_fit_up_to(2.8, extra, dynamics, r);
}

static void test_fit(void) {
  nmd_field_fit_result r;
  write_reference();
  if (!TEST_OK(run_fit("", "dynamics: [" TARGET "]", &r))) return;
  printf("  distance %.4f (planted 2.4), loss %.3f of %.3f\n", r.x[0], r.loss, r.start_loss);
  TEST_NEAR(r.x[0], 2.4, 0.01);
  FILE *file = fopen(test_path("out/rdf_1.dat"), "r");
  char line[256] = "";
  if (TEST_CHECK(file != NULL && fgets(line, sizeof line, file) != NULL, "rdf_1.dat"))
    TEST_CONTAINS(line, "# r reference_Li-F Li-F reference_F-F F-F");
  if (file != NULL) fclose(file);
}

/* Where the other targets are far off, no run is made: the loss is the cap. */
static void test_left_out(void) {
  nmd_field_fit_result r;
  write_reference();
  if (TEST_OK(run_fit("relaxed: [{file: start.extxyz, steps: 1, tolerance: 1e-6}]\nloss: {skip_dynamics_above: 1e-3}\n",
                      "dynamics: [" TARGET "]", &r)))
    TEST_CHECK(r.start_loss > 100, "loss %g; expected the cap in it", r.start_loss);
}

/* A distance beyond what the potential takes: no potential, no run, and not the best of all for having no loss. */
static void test_impossible(void) {
  nmd_field_fit_result r;
  write_reference();
  if (TEST_OK(run_fit_up_to(1e6, "", "dynamics: [" TARGET "]", &r)))
    TEST_CHECK(r.loss > 0 && r.x[0] < 10, "loss %g at a distance of %g", r.loss, r.x[0]);
}

static void expect(const char *extra, const char *dynamics, nmd_status code, const char *part) {
  nmd_field_fit_result r;
  TEST_FAILS(run_fit(extra, dynamics, &r), code);
  TEST_CONTAINS(nmd_error_text(), part);
}

#define RUN "stages: [nve: {steps: 1}]"
static void test_errors(void) {
  write_reference();
  expect("", "", NMD_MISSING_KEY, "no target");
  expect("", "dynamics: {reference: md.extxyz}", NMD_WRONG_TYPE, "expected a list");
  expect("", "dynamics: [{" RUN "}]", NMD_MISSING_KEY, "neither structure nor reference");
  expect("", "dynamics: [{structure: start.extxyz, " RUN "}]", NMD_MISSING_KEY, "nothing to compare with");
  expect("", "dynamics: [{reference: none.extxyz, " RUN "}]", NMD_FILE_MISSING, "none.extxyz");
  expect("", "dynamics: [{structure: start.extxyz, reference: md.extxyz, first: 9999, " RUN "}]", NMD_OUT_OF_RANGE,
         "no frame from number 9999");
  expect("", "dynamics: [{reference: md.extxyz, stages: [nvx: {steps: 1}]}]", NMD_UNKNOWN_KEY, "nvx");
  expect("", "dynamics: [{reference: md.extxyz, stages: []}]", NMD_MISSING_KEY, "stages: the list is empty");
  expect("", "dynamics: [{reference: md.extxyz, " RUN ", rdf: {pairs: [LiF]}}]", NMD_BAD_CHOICE, "such as Nb-O");
  expect("", "dynamics: [{reference: md.extxyz, " RUN ", rdf: {pairs: [Li-O]}}]", NMD_CONFLICT, "not in the structure");
  expect("", "dynamics: [{reference: md.extxyz, " RUN ", adf: {bonds: []}}]", NMD_MISSING_KEY, "at least one");
  expect("", "dynamics: [{reference: md.extxyz, " RUN ", adf: {bonds: [{elements: [Li, Xx], length: 2}]}}]",
         NMD_UNKNOWN_ELEMENT, "Xx");
  expect("", "dynamics: [{reference: md.extxyz, " RUN ", adf: {bonds: [{elements: [Li], length: 2}]}}]", NMD_WRONG_TYPE,
         "1 given; expected 2");
  FILE *file = fopen(test_path("bad.dat"), "w");
  fprintf(file, "1 2\n1 3\n");
  fclose(file);
  expect("", "dynamics: [{reference: md.extxyz, " RUN ", rdf: {tables: [{elements: [Li, F], file: bad.dat}]}}]",
         NMD_FILE_FORMAT, "expected it to go up");
  expect("",
         "dynamics: [{reference: md.extxyz, " RUN ", rdf: {tables: [{elements: [Li, F], file: bad.dat, column: 3}]}}]",
         NMD_FILE_FORMAT, "2 columns; expected at least 3");
  nmd_structure other = {0};
  make_cell(&other);
  for (int i = 0; i < 16; i++) other.atomic_number[i] = 3;
  TEST_OK(nmd_structure_write(test_path("lithium.extxyz"), NULL, &other));
  nmd_structure_free(&other);
  expect("", "dynamics: [{structure: lithium.extxyz, reference: md.extxyz, " RUN "}]", NMD_CONFLICT, "other elements");
}

TEST_SUITE("fit/dynamics", TEST(test_curve_loss), TEST(test_reference), TEST(test_target), TEST(test_tables),
           TEST(test_fit), TEST(test_impossible), TEST(test_left_out), TEST(test_errors))
