/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice_case.h"

#include <math.h>
#include <string.h>

#include "support/test.h"

typedef struct crystal {
  const char *name;
  double h[3][3];
  int n;
  double s[5][3];
  int z[5];
  nmd_lattice_kind kind;
} crystal;

#define CU_AU                                                                                                          \
  {                                                                                                                    \
    2, { 29, 79 }                                                                                                      \
  }
static const crystal crystals[] = {
    {"sc", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 1, {{0, 0, 0}}, {29}, CU_AU},
    {"square", {{1, 0, 0}, {0, 1, 0}, {0, 0, 10}}, 1, {{0, 0, 0}}, {29}, CU_AU},
    {"fcc", {{0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}, 1, {{0, 0, 0}}, {29}, CU_AU},
    {"fcc_ternary", {{0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}, 1, {{0, 0, 0}}, {29}, {3, {29, 79, 0}}},
    {"fcc4",
     {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
     4,
     {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}},
     {29, 29, 29, 29},
     CU_AU},
    {"bcc", {{-0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0.5, 0.5, -0.5}}, 1, {{0, 0, 0}}, {29}, CU_AU},
    {"bcc2", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 2, {{0, 0, 0}, {0.5, 0.5, 0.5}}, {29, 29}, CU_AU},
    {"hcp",
     {{1, 0, 0}, {-0.5, 0.86602540378443865, 0}, {0, 0, 1.63299316185545206}},
     2,
     {{0, 0, 0}, {1.0 / 3, 2.0 / 3, 0.5}},
     {29, 29},
     CU_AU},
    {"perovskite",
     {{3.9, 0, 0}, {0, 3.9, 0}, {0, 0, 3.9}},
     5,
     {{0, 0, 0}, {0.5, 0.5, 0.5}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}},
     {57, 41, 8, 8, 8},
     {2, {57, 0}}},
};

static const crystal *find(const char *name) {
  for (size_t k = 0; k < sizeof crystals / sizeof *crystals; k++)
    if (strcmp(crystals[k].name, name) == 0) return &crystals[k];
  TEST_CHECK(false, "no crystal %s", name);
  return NULL;
}

bool lattice_structure(const char *name, nmd_structure *s) {
  const crystal *c = find(name);
  if (c == NULL || !TEST_OK(nmd_structure_init(s, c->n)) || !TEST_OK(nmd_box_init(&s->box, c->h, NULL, NULL)))
    return false;
  for (int i = 0; i < c->n; i++) {
    nmd_box_to_cartesian(&s->box, c->s[i], s->x[i]);
    s->atomic_number[i] = c->z[i];
  }
  return true;
}

bool lattice_case(const char *name, nmd_parent_lattice *parent) {
  nmd_structure s;
  if (!lattice_structure(name, &s)) return false;
  const nmd_site_rule rule = {find(name)->z[0], find(name)->kind};
  const bool ok = TEST_OK(nmd_parent_lattice_init(parent, &s, 1, &rule, 1e-3));
  nmd_structure_free(&s);
  return ok;
}
