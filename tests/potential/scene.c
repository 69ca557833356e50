/* SPDX-License-Identifier: BSD-3-Clause */
#include "scene.h"

#include "support/test.h"

void scene_make(scene *s, int n, const int *numbers, const double (*x)[3]) {
  static const double h[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20}};
  static const bool open[3] = {false, false, false};
  TEST_OK(nmd_structure_init(&s->structure, n));
  TEST_OK(nmd_box_init(&s->structure.box, h, NULL, open));
  memcpy(s->structure.atomic_number, numbers, (size_t)n * sizeof *numbers);
  memcpy(s->structure.x, x, (size_t)n * sizeof *x);
  nmd_species_init(&s->species, numbers, n);
}

nmd_status scene_potential(const scene *s, const char *yaml, nmd_potential *out) {
  nmd_yaml *tree;
  NMD_TRY(nmd_yaml_parse("case", yaml, strlen(yaml), &tree));
  const nmd_status status = nmd_potential_create(nmd_yaml_root(tree), &s->species, out);
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
