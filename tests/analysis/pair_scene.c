/* SPDX-License-Identifier: BSD-3-Clause */
#include "pair_scene.h"

#include "base/random.h"
#include "base/vec3.h"
#include "support/test.h"

static const double cells[SCENE_CELLS][3][3] = {
    {{11, 0, 0}, {0, 11, 0}, {0, 0, 11}},  {{20, 0, 0}, {0, 5, 0}, {0, 0, 9}},
    {{10, 0, 0}, {4, 9, 0}, {-3, 5, 11}},  {{0, 10, 0}, {10, 0, 0}, {0, 0, 10}},
    {{10, 0, 0}, {25, 9, 0}, {0, -30, 8}}, {{2.5, 0, 0}, {1.5, 2.5, 0}, {-1, 0.5, 3}}};

void pair_scene_fill(pair_scene *scene, int cell, int n, int kinds, const bool periodic[3], int64_t seed) {
  const double origin[3] = {-3.0, 5.0, 0.25};
  TEST_OK(nmd_box_init(&scene->box, cells[cell], origin, periodic));
  scene->n = n;
  for (int i = 0; i < n; i++) {
    double u[4], s[3];
    nmd_random_uniform2(11, NMD_STREAM_TEST, seed, i, 0, u);
    nmd_random_uniform2(11, NMD_STREAM_TEST, seed, i, 1, u + 2);
    for (int d = 0; d < 3; d++) s[d] = u[d] + (scene->box.periodic[d] ? (i + d) % 4 - 1 : 0);
    nmd_box_to_cartesian(&scene->box, s, scene->x[i]);
    scene->kind[i] = (int)(u[3] * kinds);
  }
}

/* Vectors from i to the images of j, both brought into the cell first. */
static void visit_images(const pair_scene *scene, int i, int j, const int m[3], double cutoff, pair_visitor *visit,
                         void *context) {
  double base[3], s[2][3];
  for (int e = 0; e < 2; e++) nmd_box_to_fractional(&scene->box, scene->x[e ? j : i], s[e]);
  for (int d = 0; d < 3; d++) {
    base[d] = s[1][d] - s[0][d];
    if (scene->box.periodic[d]) base[d] -= floor(base[d]);
  }
  for (int a = -m[0]; a <= m[0]; a++)
    for (int b = -m[1]; b <= m[1]; b++)
      for (int c = -m[2]; c <= m[2]; c++) {
        const double shifted[3] = {base[0] + a, base[1] + b, base[2] + c};
        double d[3];
        nmd_row_times(shifted, scene->box.h, d);
        const bool self = i == j && a == 0 && b == 0 && c == 0;
        if (!self && nmd_norm(d) < cutoff) visit(context, i, j, d);
      }
}

void pair_scene_visit(const pair_scene *scene, double cutoff, pair_visitor *visit, void *context) {
  int m[3];
  for (int d = 0; d < 3; d++)
    m[d] = scene->box.periodic[d] ? (int)ceil(cutoff / nmd_box_height(&scene->box, d)) + 1 : 0;
  for (int i = 0; i < scene->n; i++)
    for (int j = 0; j < scene->n; j++) visit_images(scene, i, j, m, cutoff, visit, context);
}
