/* SPDX-License-Identifier: BSD-3-Clause */
/* Labels of two potentials together, less one of them, are those of the other: energies, forces, virials; each
 * composition with its own. LINKS: simulation io training */
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "fit/baseline.h"
#include "io/write_structure.h"
#include "parallel/comm.h"
#include "simulation/evaluate_structure.h"
#include "support/test.h"
#include "training/fit.h"

#define MORSE                                                                                                          \
  "{morse: {cutoff: 5, pairs: [{elements: [Au, Li], depth: 0.4, alpha: 1.5, distance: 2.7}, {elements: [Li, Li], "     \
  "depth: 0.2, alpha: 1.3, distance: 3.0}]}}"
#define FLOOR "{zbl: {inner: 1, outer: 4}}"
enum { ATOMS = 12 };

static void make_structure(int index, nmd_structure *s) {
  const double h[3][3] = {{6.2, 0, 0}, {0.4, 6.0, 0}, {0.3, -0.2, 9.1}};
  TEST_OK(nmd_structure_init(s, ATOMS));
  TEST_OK(nmd_box_init(&s->box, h, NULL, (const bool[3]){true, true, true}));
  for (int i = 0; i < ATOMS; i++) {
    double g[3], f[3];
    nmd_random_normal3(3, NMD_STREAM_TEST, index, i, 0, g);
    f[0] = (i & 1) / 2.0 + 0.03 * g[0];
    f[1] = (i >> 1 & 1) / 2.0 + 0.03 * g[1];
    f[2] = i / 4 / 3.0 + 0.02 * g[2];
    nmd_box_to_cartesian(&s->box, f, s->x[i]);
    s->atomic_number[i] = (i + index) % 3 ? 79 : 3;
  }
}

static void evaluate(const char *yaml, const nmd_structure *s, nmd_structure_results *r) {
  nmd_yaml *tree;
  nmd_potential potential;
  nmd_species species;
  nmd_comm *alone;
  nmd_species_init(&species, s->atomic_number, (long)s->n);
  TEST_OK(nmd_comm_alone(&alone));
  TEST_OK(nmd_yaml_parse("test", yaml, strlen(yaml), &tree));
  TEST_OK(nmd_potential_create(nmd_yaml_root(tree), &species, &potential));
  TEST_OK(nmd_structure_evaluate(alone, &potential, &species, s, r));
  nmd_potential_destroy(&potential);
  nmd_yaml_destroy(tree);
  nmd_comm_free(alone);
}

/* A file with the structure and labels of both potentials. */
static const char *label(nmd_structure *s) {
  nmd_structure_results r;
  evaluate("{sum: {terms: [" MORSE ", " FLOOR "]}}", s, &r);
  TEST_OK(nmd_structure_need_forces(s));
  memcpy(s->f, r.force, ATOMS * sizeof *s->f);
  s->has_energy = s->has_stress = true;
  s->energy = r.energy;
  for (int k = 0; k < 9; k++) s->stress[k / 3][k % 3] = -r.virial[k / 3][k % 3] / s->box.volume;
  TEST_OK(nmd_structure_write(test_path("one.extxyz"), NULL, s));
  nmd_structure_results_free(&r);
  return test_path("one.extxyz");
}

static void check_structure(const nmd_sample_filter *filter, const nmd_model *model, int index) {
  static const int place[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  static nmd_families families;
  nmd_sample_set set = {0};
  nmd_structure s;
  nmd_structure_results morse, zbl;
  make_structure(index, &s);
  TEST_OK(nmd_sample_set_read(&set, label(&s), NULL, model, filter, &families));
  evaluate(MORSE, &s, &morse);
  evaluate(FLOOR, &s, &zbl);
  TEST_CHECK(zbl.energy > 1.0 && zbl.virial[0][0] > 1.0, "the floor is too far away: %g eV", zbl.energy);
  TEST_EQUAL_INT(set.n, 1);
  const nmd_sample *sample = &set.samples[0];
  TEST_NEAR(sample->energy, morse.energy, 1e-8);
  for (int k = 0; k < 6; k++) TEST_NEAR(sample->virial[k], morse.virial[place[k][0]][place[k][1]], 1e-7);
  for (int i = 0; i < 3 * ATOMS; i++) TEST_NEAR((&sample->structure.f[0][0])[i], (&morse.force[0][0])[i], 1e-7);
  nmd_structure_results_free(&morse);
  nmd_structure_results_free(&zbl);
  nmd_sample_set_free(&set);
  nmd_structure_free(&s);
}

static void test_taken_off(void) {
  const char terms[] = "- zbl:\n    inner: 1 A\n    outer: 4\n";
  const int64_t before = nmd_memory_in_use();
  nmd_baseline baseline;
  nmd_yaml *tree;
  nmd_model *model;
  TEST_OK(nmd_yaml_parse("terms", terms, strlen(terms), &tree));
  TEST_OK(nmd_baseline_create(nmd_yaml_root(tree), &baseline));
  TEST_OK(nmd_model_read(NMD_SOURCE_DIR "/potentials/AuLi-starter", 1.0, 1.0, &model));
  const nmd_sample_filter filter = {.use_stress = true, .baseline = &baseline};
  for (int index = 0; index < 4; index++) check_structure(&filter, model, index);
  nmd_baseline_destroy(&baseline);
  nmd_yaml_destroy(tree);
  nmd_model_destroy(model);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void fails(const char *terms, nmd_status code, const char *part) {
  nmd_baseline baseline;
  nmd_structure s;
  nmd_yaml *tree;
  double energy, force[ATOMS][3], virial[6];
  make_structure(0, &s);
  TEST_OK(nmd_yaml_parse("terms", terms, strlen(terms), &tree));
  nmd_status status = nmd_baseline_create(nmd_yaml_root(tree), &baseline);
  if (status == NMD_OK) status = baseline.evaluate(baseline.context, &s, &energy, force, virial);
  TEST_FAILS(status, code);
  TEST_CONTAINS(nmd_error_text(), part);
  nmd_baseline_destroy(&baseline);
  nmd_yaml_destroy(tree);
  nmd_structure_free(&s);
}

static void test_errors(void) {
  nmd_baseline none;
  TEST_OK(nmd_baseline_create(NULL, &none));
  TEST_CHECK(none.evaluate == NULL, "a baseline of nothing");
  fails("zbl: {inner: 1}", NMD_WRONG_TYPE, "expected a list of potentials");
  fails("- zlb", NMD_UNKNOWN_KEY, "zbl");
  fails("- zbl: {inner: 2, outer: 1}", NMD_CONFLICT, "outer");
}

/* Where no program has put a potential in (nnpmd-active). */
static void test_without_potentials(void) {
  char path[1024], text[2048];
  nmd_fit_input input;
  nmd_fit *fit;
  nmd_structure s;
  make_structure(0, &s);
  snprintf(text, sizeof text, "settings: %s/potentials/AuLi-starter\noutput: %s\ndata: {training: %s}\n",
           NMD_SOURCE_DIR, test_folder(), label(&s));
  strcat(text, "baseline: [zbl]\nstages: [kalman: {epochs: 1}]\n");
  snprintf(path, sizeof path, "%s", test_write("fit.yaml", text));
  TEST_OK(nmd_fit_input_read(TEST_COMM, path, 0, NULL, &input));
  TEST_FAILS(nmd_fit_create(TEST_COMM, &input, true, &fit), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "fit.yaml:4:11: baseline: this program has no potentials");
  nmd_fit_input_free(&input);
  nmd_structure_free(&s);
}

TEST_SUITE("fit/baseline", TEST(test_taken_off), TEST(test_errors), TEST(test_without_potentials))
