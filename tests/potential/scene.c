/* SPDX-License-Identifier: BSD-3-Clause */
#include "scene.h"

#include "support/test.h"

static void make(scene *s, int n, const int *numbers, const double h[3][3], const bool *periodic) {
  s->groups = (nmd_groups){0};
  TEST_OK(nmd_structure_init(&s->structure, n));
  TEST_OK(nmd_box_init(&s->structure.box, h, NULL, periodic));
  memcpy(s->structure.atomic_number, numbers, (size_t)n * sizeof *numbers);
  nmd_species_init(&s->species, numbers, n);
}

void scene_make(scene *s, int n, const int *numbers, const double (*x)[3]) {
  static const double h[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20}};
  static const bool open[3] = {false, false, false};
  make(s, n, numbers, h, open);
  memcpy(s->structure.x, x, (size_t)n * sizeof *x);
}

void scene_make_cell(scene *s, int n, const int *numbers, const double h[3][3], const double (*fractional)[3]) {
  make(s, n, numbers, h, NULL);
  for (int i = 0; i < n; i++) nmd_box_to_cartesian(&s->structure.box, fractional[i], s->structure.x[i]);
}

void scene_set_groups(scene *s, const char *yaml) {
  nmd_yaml *tree;
  if (!TEST_OK(nmd_yaml_parse("groups", yaml, strlen(yaml), &tree))) return;
  TEST_OK(nmd_groups_parse(nmd_yaml_root(tree), &s->groups));
  nmd_yaml_destroy(tree);
}

void scene_free(scene *s) {
  nmd_groups_free(&s->groups);
  nmd_structure_free(&s->structure);
}

nmd_status scene_potential(const scene *s, const char *yaml, nmd_potential *out) {
  nmd_yaml *tree;
  NMD_TRY(nmd_yaml_parse("case", yaml, strlen(yaml), &tree));
  const nmd_status status = nmd_potential_create_grouped(nmd_yaml_root(tree), &s->species, &s->groups, out);
  nmd_yaml_destroy(tree);
  return status;
}

nmd_structure_results scene_evaluate(const nmd_comm *comm, const scene *s, const char *yaml) {
  nmd_potential potential;
  nmd_structure_results results = {0};
  if (!TEST_OK(scene_potential(s, yaml, &potential))) return results;
  TEST_OK(nmd_structure_evaluate(comm, &potential, &s->species, &s->structure, &results));
  nmd_potential_destroy(&potential);
  return results;
}
