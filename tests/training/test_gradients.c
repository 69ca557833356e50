/* SPDX-License-Identifier: BSD-3-Clause */
/* Over all reference cases (every kind of symmetry function, cut-off, activation and scaling): energies, forces and
 * virials of training are those of independent programs, and the gradient of a loss with respect to EVERY weight is
 * that of central differences. TEST_COMM LINKS: reference */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/activation.h"
#include "support/test.h"
#include "training/case_sample.h"
#include "training/pass.h"

static const double gradient_tolerance = 1e-6; /* of the largest component */

typedef struct setup {
  reference_case c;
  nmd_sample sample;
  nmd_dependence dependence;
  nmd_layout layout;
  nmd_descriptor_maker *maker;
  nmd_descriptors d;
  nmd_pass *pass;
  double *weights, (*force)[3], *coefficients;
} setup;

static nmd_status make_setup(setup *s, bool want_double) {
  NMD_TRY(nmd_dependence_init(&s->dependence, s->c.model));
  NMD_TRY(nmd_layout_init(&s->layout, s->c.model));
  NMD_TRY(NMD_ALLOC(s->weights, s->layout.n));
  nmd_layout_from_model(&s->layout, s->c.model, s->weights);
  NMD_TRY(nmd_descriptor_maker_create(TEST_COMM, s->c.model, &s->dependence, want_double, true, &s->maker));
  NMD_TRY(nmd_descriptors_make(s->maker, &s->sample, true, &s->d));
  nmd_descriptors_scale(&s->dependence, s->c.model, &s->d);
  NMD_TRY(nmd_pass_create(&s->layout, &s->dependence, &s->pass));
  NMD_TRY(NMD_ALLOC(s->force, s->d.n));
  return NMD_ALLOC(s->coefficients, 3 * s->d.n + 6);
}

static void free_setup(setup *s) {
  nmd_pass_destroy(s->pass);
  nmd_descriptors_free(&s->d);
  nmd_descriptor_maker_destroy(s->maker);
  nmd_layout_free(&s->layout);
  nmd_dependence_free(&s->dependence);
  case_sample_free(&s->sample);
  reference_case_free(&s->c);
  nmd_free(s->weights);
  nmd_free(s->force);
  nmd_free(s->coefficients);
  memset(s, 0, sizeof *s);
}

/* L = a E + sum b_k F_k^2 + sum c_k virial_k^2 with fixed numbers of both signs, in network units. */
static double loss(setup *s, const double *weights, bool slopes) {
  double energy, virial[6], sum;
  TEST_OK(nmd_pass_forward(s->pass, &s->d, weights, true, &energy));
  nmd_pass_forces(s->pass, s->force, virial);
  sum = 0.7 * energy;
  for (int k = 0; k < 3 * s->d.n; k++) {
    const double b = 1.0 + 0.5 * sin(k), f = (&s->force[0][0])[k];
    sum += b * f * f;
    if (slopes) s->coefficients[k] = 2.0 * b * f;
  }
  for (int k = 0; k < 6; k++) {
    const double b = 0.01 * (1.0 + 0.5 * cos(k));
    sum += b * virial[k] * virial[k];
    if (slopes) s->coefficients[3 * s->d.n + k] = 2.0 * b * virial[k];
  }
  return sum;
}

static double largest_deviation(setup *s) {
  double *gradient, *energy_row, most = 0.0, deviation = 0.0;
  TEST_OK(NMD_ALLOC(gradient, s->layout.n));
  TEST_OK(NMD_ALLOC(energy_row, s->layout.n));
  loss(s, s->weights, true);
  nmd_pass_energy_row(s->pass, energy_row);
  TEST_OK(nmd_pass_force_rows(s->pass, 1, s->coefficients, gradient, s->layout.n));
  for (size_t k = 0; k < s->layout.n; k++) {
    gradient[k] += 0.7 * energy_row[k];
    most = fmax(most, fabs(gradient[k]));
  }
  for (size_t k = 0; k < s->layout.n; k++) {
    const double w = s->weights[k], h = 2e-5 * fmax(1.0, fabs(w));
    s->weights[k] = w + h;
    const double up = loss(s, s->weights, false);
    s->weights[k] = w - h;
    const double down = loss(s, s->weights, false);
    s->weights[k] = w;
    deviation = fmax(deviation, fabs((up - down) / (2.0 * h) - gradient[k]));
  }
  nmd_free(gradient);
  nmd_free(energy_row);
  return most > 0.0 ? deviation / most : deviation;
}

static void open_case(const char *folder, bool want_double, setup *s) {
  memset(s, 0, sizeof *s);
  if (!reference_case_read(folder, &s->c) || !case_sample(&s->c, &s->sample)) exit(1);
  TEST_OK(make_setup(s, want_double));
}

static void gradients_of_all_cases(void) {
  char folders[CASE_FOLDERS_MAX][512];
  const int n = case_folders(folders);
  double most = 0.0;
  size_t weights = 0;
  TEST_CHECK(n >= 40, "%d reference cases", n);
  for (int i = 0; i < n; i++) {
    setup s;
    open_case(folders[i], i % 2 == 0, &s); /* both precisions */
    const double deviation = largest_deviation(&s);
    TEST_CHECK(deviation < gradient_tolerance, "%s: gradient off by %.2e of its largest component", s.c.name,
               deviation);
    most = fmax(most, deviation);
    weights += s.layout.n;
    free_setup(&s);
  }
  printf("  %d cases, %zu weights: largest deviation %.1e of the gradient\n", n, weights, most);
}

static void numbers_of_all_cases(void) {
  static const int place[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};
  char folders[CASE_FOLDERS_MAX][512];
  const int n = case_folders(folders);
  for (int i = 0; i < n; i++) {
    setup s;
    double energy, virial[6], off = 0.0;
    open_case(folders[i], true, &s);
    const double unit = s.c.model->energy_factor;
    TEST_OK(nmd_pass_forward(s.pass, &s.d, s.weights, true, &energy));
    nmd_pass_forces(s.pass, s.force, virial);
    for (int k = 0; k < s.c.n; k++) energy += s.c.model->elements[s.c.element[k]].offset / unit;
    TEST_CHECK(fabs(unit * energy - s.c.energy) < 1e-9 * s.c.n, "%s: energy %.12g, expected %.12g", s.c.name,
               unit * energy, s.c.energy);
    for (int k = 0; k < s.c.n; k++)
      for (int c = 0; c < 3; c++) off = fmax(off, fabs(unit * s.force[k][c] - s.c.force[k][c]));
    TEST_CHECK(off < 1e-8, "%s: force off by %g eV/A", s.c.name, off);
    off = 0.0;
    for (int k = 0; k < 6; k++) off = fmax(off, fabs(unit * virial[k] - s.c.virial[place[k][0]][place[k][1]]));
    TEST_CHECK(off < 1e-7 * (1 + s.c.n / 100), "%s: virial off by %g eV", s.c.name, off);
    free_setup(&s);
  }
}

static void curvatures_of_activations(void) {
  for (int kind = NMD_ACT_IDENTITY; kind <= NMD_ACT_HARMONIC; kind++)
    for (double x = -3.05; x < 3.1; x += 0.37) {
      double up, down;
      nmd_activation_value((nmd_activation)kind, x + 1e-5, &up);
      nmd_activation_value((nmd_activation)kind, x - 1e-5, &down);
      TEST_NEAR(nmd_activation_curvature((nmd_activation)kind, x), (up - down) / 2e-5, 1e-8);
    }
}

TEST_SUITE("training/gradients", TEST(numbers_of_all_cases), TEST(curvatures_of_activations),
           TEST(gradients_of_all_cases))
