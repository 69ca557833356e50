/* SPDX-License-Identifier: BSD-3-Clause */
/* Relaxed cells: the pressure is gone, a relaxed cell is its own target, and a bond length is found from lattice
 * constants alone. LINKS: simulation io build */
#include "base/memory.h"
#include "fit/field_fit.h"
#include "fit/relaxed.h"
#include "io/write_structure.h"
#include "parallel/comm.h"
#include "simulation/evaluate_structure.h"
#include "support/test.h"

#define POTENTIAL                                                                                                      \
  "{morse: {cutoff: 5, pairs: [{elements: [Li, F], depth: 0.6, alpha: 1.5, distance: %g}, {elements: [Li, Li], "       \
  "depth: 0.2, "                                                                                                       \
  "alpha: 1.3, distance: 3.0}, {elements: [F, F], depth: 0.2, alpha: 1.3, distance: 3.1}]}}"

static void make_cell(nmd_structure *s) {
  const double h[3][3] = {{6.2, 0, 0}, {0.4, 6.0, 0}, {0, 0, 6.5}};
  TEST_OK(nmd_structure_init(s, 16));
  TEST_OK(nmd_box_init(&s->box, h, NULL, NULL));
  for (int i = 0; i < 16; i++) {
    double f[3];
    for (int k = 0; k < 3; k++) f[k] = (((i / 2) >> k & 1) + 0.5 * (i & 1)) / 2 + 0.003 * ((i * 7 + k * 5) % 11);
    nmd_box_to_cartesian(&s->box, f, s->x[i]);
    s->atomic_number[i] = i & 1 ? 9 : 3;
  }
}

static nmd_yaml *parse(double distance) {
  char text[512];
  nmd_yaml *tree = NULL;
  snprintf(text, sizeof text, POTENTIAL, distance);
  TEST_OK(nmd_yaml_parse("potential", text, strlen(text), &tree));
  return tree;
}

/* The cell at rest under the potential: lengths by relaxation, then the reference takes them, until nothing changes. */
static void settle(nmd_relaxed *target, const nmd_yaml *tree) {
  double loss;
  target->steps = 1000;
  target->tolerance = 0.01;
  nmd_species_init(&target->species, target->reference.atomic_number, (long)target->reference.n);
  for (int k = 0; k < 4; k++) {
    double h[3][3];
    TEST_OK(nmd_relaxed_evaluate(target, TEST_COMM, nmd_yaml_root(tree), &loss));
    for (int e = 0; e < 9; e++) h[e / 3][e % 3] = target->reference.box.h[e / 3][e % 3] * target->lengths[e % 3];
    for (int64_t i = 0; i < target->reference.n; i++)
      for (int d = 0; d < 3; d++) target->reference.x[i][d] *= target->lengths[d];
    TEST_OK(nmd_box_set_h(&target->reference.box, h));
  }
}

static void test_rest(void) {
  nmd_relaxed target = {.steps = 1000};
  nmd_yaml *tree = parse(2.4);
  double loss = 1;
  make_cell(&target.reference);
  settle(&target, tree);
  TEST_OK(nmd_relaxed_evaluate(&target, TEST_COMM, nmd_yaml_root(tree), &loss));
  printf("  lengths %.6f %.6f %.6f, loss %.2e\n", target.lengths[0], target.lengths[1], target.lengths[2], loss);
  TEST_CHECK(loss < 1e-2, "loss %g", loss);
  nmd_yaml *longer = parse(2.5);
  TEST_OK(nmd_relaxed_evaluate(&target, TEST_COMM, nmd_yaml_root(longer), &loss));
  TEST_CHECK(loss > 1 && target.lengths[0] > 1.005, "a longer bond: loss %g, lengths %g %g %g", loss, target.lengths[0],
             target.lengths[1], target.lengths[2]);
  nmd_yaml_destroy(longer);
  nmd_yaml_destroy(tree);
  nmd_structure_free(&target.reference);
}

static void test_fit_to_lattice(void) {
  nmd_relaxed target = {.steps = 1000};
  nmd_yaml *tree = parse(2.4);
  char path[512], potential[512];
  make_cell(&target.reference);
  settle(&target, tree);
  nmd_yaml_destroy(tree);
  TEST_OK(nmd_structure_need_forces(&target.reference));
  target.reference.has_energy = true;
  TEST_OK(nmd_structure_write(test_path("cell.extxyz"), NULL, &target.reference));
  nmd_structure_free(&target.reference);
  snprintf(path, sizeof path, "%s", test_path("fit.yaml"));
  snprintf(potential, sizeof potential, POTENTIAL, 2.7);
  FILE *file = fopen(path, "w");
  if (!TEST_CHECK(file != NULL, "%s", path)) return;
  fprintf(
      file,
      "output_folder: %s\npotential: %s\nparameters: [{path: morse.pairs.0.distance, low: 2.1, high: 2.8}]\n"
      "data: {file: cell.extxyz}\nloss: {energy: 0, force: 0, stress: 0}\nrelaxed: [{file: cell.extxyz, steps: 300}]\n"
      "search: differential_evolution\npopulation: 8\ngenerations: 12\n",
      test_path("out"), potential);
  fclose(file);
  nmd_field_fit_input input;
  nmd_field_fit_result r;
  const nmd_field_fit_options options = {.restart = false};
  if (!TEST_OK(nmd_field_fit_read(TEST_COMM, path, 0, NULL, &input))) return;
  if (TEST_OK(nmd_field_fit_run(TEST_COMM, &input, &options, &r))) {
    printf("  distance %.4f, planted 2.4\n", r.x[0]);
    TEST_NEAR(r.x[0], 2.4, 0.01);
  }
  nmd_field_fit_input_free(&input);
}

TEST_SUITE("fit/relaxed", TEST(test_rest), TEST(test_fit_to_lattice))
