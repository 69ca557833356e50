/* SPDX-License-Identifier: BSD-3-Clause */
/* LINKS: reference */
#include "training/case_sample.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/model_data.h"
#include "support/test.h"

static const int tensor_place[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

static nmd_status fill(const reference_case *c, nmd_sample *s) {
  NMD_TRY(nmd_structure_init(&s->structure, c->n));
  NMD_TRY(nmd_structure_need_forces(&s->structure));
  const bool periodic[3] = {c->periodic, c->periodic, c->periodic};
  double large[3][3] = {{100.0, 0.0, 0.0}, {0.0, 100.0, 0.0}, {0.0, 0.0, 100.0}}; /* for clusters */
  NMD_TRY(nmd_box_init(&s->structure.box, c->periodic ? c->cell : large, NULL, periodic));
  NMD_TRY(nmd_strdup(c->name, &s->name));
  NMD_TRY(NMD_ALLOC(s->element, c->n));
  for (int i = 0; i < c->n; i++) {
    s->element[i] = c->element[i];
    s->structure.atomic_number[i] = c->model->elements[c->element[i]].atomic_number;
    memcpy(s->structure.x[i], c->x[i], sizeof s->structure.x[i]);
    memcpy(s->structure.f[i], c->force[i], sizeof s->structure.f[i]);
  }
  s->energy = c->energy;
  for (int k = 0; k < 6; k++) s->virial[k] = c->virial[tensor_place[k][0]][tensor_place[k][1]];
  return NMD_OK;
}

bool case_sample(const reference_case *c, nmd_sample *out) {
  *out = (nmd_sample){.weight = 1.0, .has_stress = true};
  const bool ok = fill(c, out) == NMD_OK;
  TEST_CHECK(ok, "%s: %s", c->name, nmd_error_text());
  return ok;
}

void case_sample_free(nmd_sample *sample) {
  nmd_structure_free(&sample->structure);
  nmd_free(sample->name);
  nmd_free(sample->element);
}

static int compare_names(const void *a, const void *b) { return strcmp(a, b); }

int case_folders(char names[CASE_FOLDERS_MAX][512]) {
  DIR *folder = opendir(NMD_TEST_DATA "/reference");
  int n = 0;
  for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL && n < CASE_FOLDERS_MAX;)
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
      snprintf(names[n++], 512, "%s/reference/%s", NMD_TEST_DATA, entry->d_name);
  if (folder != NULL) closedir(folder);
  qsort(names, (size_t)n, 512, compare_names);
  return n;
}
