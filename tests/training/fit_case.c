/* SPDX-License-Identifier: BSD-3-Clause */
/* TEST_COMM LINKS: reference */
#include "training/fit_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/random.h"
#include "io/buffer.h"
#include "support/test.h"
#include "support/test_mpi.h"

static const char settings[] =
    "number_of_elements 2\nelements Li Au\ncutoff_type 2\nscale_symmetry_functions\ncenter_symmetry_functions\n"
    "global_hidden_layers_short 2\nglobal_nodes_short 6 6\nglobal_activation_short t t l\n";

static void add_functions(nmd_buffer *out) {
  static const char *const elements[] = {"Li", "Au"};
  for (int c = 0; c < 2; c++) {
    for (int n = 0; n < 2; n++) {
      nmd_buffer_printf(out, "symfunction_short %s 2 %s 0.05 0.0 6.0\n", elements[c], elements[n]);
      nmd_buffer_printf(out, "symfunction_short %s 2 %s 1.0 2.8 6.0\n", elements[c], elements[n]);
    }
    nmd_buffer_printf(out, "symfunction_short %s 9 Li Au 0.02 1.0 1 6.0\n", elements[c]);
    nmd_buffer_printf(out, "symfunction_short %s 3 Au Au 0.02 -1.0 2 6.0\n", elements[c]);
  }
}

/* A rattled B2 cell of 2 x 2 x (1 or 2) units, some atoms exchanged. */
static void make_structure(int index, nmd_sample *s) {
  const int layers = 1 + index % 2, n = 8 * layers;
  double u[2], g[3];
  TEST_OK(nmd_structure_init(&s->structure, n));
  TEST_OK(NMD_ALLOC(s->element, n));
  TEST_OK(nmd_strdup("made", &s->name));
  nmd_random_uniform2(5, NMD_STREAM_TEST, index, 0, 0, u);
  const double a = 3.0 + 0.4 * u[0];
  const double h[3][3] = {{2 * a, 0.0, 0.1 * u[1]}, {0.0, 2 * a, 0.0}, {0.0, 0.2 * u[1], layers * a}};
  TEST_OK(nmd_box_init(&s->structure.box, h, NULL, (const bool[3]){true, true, true}));
  for (int i = 0; i < n; i++) {
    const int site = i / 2, au = i % 2;
    const double x[3] = {site % 2 + 0.5 * au, site / 2 % 2 + 0.5 * au, site / 4 + 0.5 * au};
    nmd_random_uniform2(5, NMD_STREAM_TEST, index, i, 1, u);
    nmd_random_normal3(5, NMD_STREAM_TEST, index, i, 2, g);
    s->structure.atomic_number[i] = (u[0] < 0.8 ? au : 1 - au) ? 79 : 3;
    s->element[i] = s->structure.atomic_number[i] == 79;
    for (int d = 0; d < 3; d++) s->structure.x[i][d] = a * x[d] + 0.15 * g[d];
  }
}

static void add_frame(const nmd_sample *s, int index, double energy, double (*force)[3], const double *virial,
                      nmd_buffer *out) {
  const nmd_structure *a = &s->structure;
  const double(*h)[3] = a->box.h, v = -a->box.volume;
  nmd_buffer_printf(out, "%d\nLattice=\"%.12g %.12g %.12g %.12g %.12g %.12g %.12g %.12g %.12g\" ", (int)a->n, h[0][0],
                    h[0][1], h[0][2], h[1][0], h[1][1], h[1][2], h[2][0], h[2][1], h[2][2]);
  nmd_buffer_printf(out, "energy=%.12g stress=\"%.10g %.10g %.10g %.10g %.10g %.10g %.10g %.10g %.10g\" ", energy,
                    virial[0] / v, virial[5] / v, virial[4] / v, virial[5] / v, virial[1] / v, virial[3] / v,
                    virial[4] / v, virial[3] / v, virial[2] / v);
  nmd_buffer_printf(out, "kind=%s group=g%d Properties=species:S:1:pos:R:3:forces:R:3\n", a->n > 8 ? "big" : "small",
                    index / 3);
  for (int64_t i = 0; i < a->n; i++)
    nmd_buffer_printf(out, "%s %.12g %.12g %.12g %.12g %.12g %.12g\n", a->atomic_number[i] == 79 ? "Au" : "Li",
                      a->x[i][0], a->x[i][1], a->x[i][2], force[i][0], force[i][1], force[i][2]);
}

/* Labels by the pass over the model of the tree, which other tests compare with independent programs. */
static void label(nmd_model *model, const nmd_comm *alone, int first, int n, nmd_buffer *out) {
  nmd_dependence dependence;
  nmd_layout layout;
  nmd_descriptor_maker *maker;
  nmd_pass *pass;
  double *weights, virial[6], energy;
  TEST_OK(nmd_dependence_init(&dependence, model));
  TEST_OK(nmd_layout_init(&layout, model));
  TEST_OK(NMD_ALLOC(weights, layout.n));
  nmd_layout_from_model(&layout, model, weights);
  TEST_OK(nmd_descriptor_maker_create(alone, model, &dependence, true, true, &maker));
  TEST_OK(nmd_pass_create(&layout, &dependence, &pass));
  for (int k = first; k < first + n; k++) {
    nmd_sample s = {0};
    nmd_descriptors d;
    double force[16][3];
    make_structure(k, &s);
    TEST_OK(nmd_descriptors_make(maker, &s, true, &d));
    nmd_descriptors_scale(&dependence, model, &d);
    TEST_OK(nmd_pass_forward(pass, &d, weights, true, &energy));
    nmd_pass_forces(pass, force, virial);
    energy *= model->energy_factor;
    for (int64_t i = 0; i < s.structure.n; i++) {
      energy += model->elements[s.element[i]].offset;
      for (int c = 0; c < 3; c++) force[i][c] *= model->energy_factor;
    }
    for (int c = 0; c < 6; c++) virial[c] *= model->energy_factor;
    add_frame(&s, k, energy, force, virial, out);
    nmd_descriptors_free(&d);
    nmd_structure_free(&s.structure);
    nmd_free(s.element);
    nmd_free(s.name);
  }
  nmd_pass_destroy(pass);
  nmd_descriptor_maker_destroy(maker);
  nmd_layout_free(&layout);
  nmd_dependence_free(&dependence);
  nmd_free(weights);
}

void fit_case_write(int n) {
  test_folder(); /* made by all ranks together */
  nmd_comm *alone;
  TEST_OK(nmd_comm_split(TEST_COMM, nmd_comm_rank(TEST_COMM), &alone));
  if (nmd_comm_rank(TEST_COMM) == 0) {
    nmd_model *model;
    nmd_buffer training = {0}, validation = {0}, input = {0};
    TEST_OK(nmd_model_read(NMD_SOURCE_DIR "/potentials/AuLi-starter", 1.0, 1.0, &model));
    label(model, alone, 0, n, &training);
    label(model, alone, n, n / 4 + 1, &validation);
    nmd_buffer_text(&input, settings);
    add_functions(&input);
    test_write("train.extxyz", training.data);
    test_write("validation.extxyz", validation.data);
    test_write("input.nn", input.data);
    nmd_buffer_free(&training);
    nmd_buffer_free(&validation);
    nmd_buffer_free(&input);
    nmd_model_destroy(model);
  }
  nmd_comm_free(alone);
  nmd_comm_barrier(TEST_COMM);
}

const char *fit_case_input(const char *name, const char *more, const char *stages) {
  char text[4096], file[64];
  snprintf(file, sizeof file, "%s.yaml", name);
  snprintf(
      text, sizeof text, "output: %s\npictures: false\n%s%s%s%s\ndata: {training: %s, validation: %s}\nstages: %s\n",
      test_path(name), strstr(more, "start_from") ? "" : "settings: ", strstr(more, "start_from") ? "" : test_folder(),
      strstr(more, "start_from") ? "" : "\n", more, test_path("train.extxyz"), test_path("validation.extxyz"), stages);
  if (nmd_comm_rank(TEST_COMM) == 0) test_write(file, text);
  nmd_comm_barrier(TEST_COMM);
  return test_path(file);
}

nmd_status fit_case_run(const nmd_comm *comm, const char *path, const nmd_fit_run_options *options,
                        nmd_fit_input *input, nmd_fit **fit) {
  static const nmd_fit_run_options defaults = {0};
  *fit = NULL;
  NMD_TRY(nmd_fit_input_read(comm, path, 0, NULL, input));
  nmd_status status = nmd_fit_create(comm, input, false, fit);
  if (status == NMD_OK) status = nmd_fit_run(*fit, options != NULL ? options : &defaults);
  return status;
}
