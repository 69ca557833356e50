/* SPDX-License-Identifier: BSD-3-Clause */
/* Random atoms in cells of every kind, and the direct sum over all their images. */
#ifndef NNPMD_TESTS_ANALYSIS_PAIR_SCENE_H
#define NNPMD_TESTS_ANALYSIS_PAIR_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "system/box.h"

enum { SCENE_ATOMS_MAX = 4096, SCENE_CELLS = 6 };

typedef struct pair_scene {
  nmd_box box;
  int n;
  double x[SCENE_ATOMS_MAX][3]; /* some of them several cells away */
  int kind[SCENE_ATOMS_MAX];
} pair_scene;

/* Cell number `cell` (cubic, flat, triclinic, left-handed, skewed, tiny), n atoms of `kinds` kinds. */
void pair_scene_fill(pair_scene *scene, int cell, int n, int kinds, const bool periodic[3], int64_t seed);
/* Calls visit(context, i, j, d) for all i, j and images with 0 < |d| < cutoff or i != j. */
typedef void pair_visitor(void *context, int i, int j, const double d[3]);
void pair_scene_visit(const pair_scene *scene, double cutoff, pair_visitor *visit, void *context);

#endif
