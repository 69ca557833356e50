/* SPDX-License-Identifier: BSD-3-Clause */
/* A few atoms in the open or in a cell, and potentials given as YAML. */
#ifndef NNPMD_TESTS_POTENTIAL_SCENE_H
#define NNPMD_TESTS_POTENTIAL_SCENE_H

#include "simulation/evaluate_structure.h"

typedef struct scene {
  nmd_structure structure;
  nmd_species species;
  nmd_groups groups;
} scene;

void scene_make(scene *s, int n, const int *numbers, const double (*x)[3]); /* A, in the open */
void scene_make_cell(scene *s, int n, const int *numbers, const double h[3][3], const double (*fractional)[3]);
void scene_set_groups(scene *s, const char *yaml); /* the input's list; ids are places, from 1 */
void scene_free(scene *s);
nmd_status scene_potential(const scene *s, const char *yaml, nmd_potential *out);
/* Free with nmd_structure_results_free; nothing in it after a failure, which is counted. */
nmd_structure_results scene_evaluate(const nmd_comm *comm, const scene *s, const char *yaml);

#endif
