/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/split.h"

typedef struct item {
  const char *name;
  int64_t frame;
} item;

static int by_name(const void *a, const void *b) {
  const item *x = a, *y = b;
  const int order = strcmp(x->name, y->name);
  return order != 0 ? order : (x->frame > y->frame) - (x->frame < y->frame);
}

static int by_frame(const void *a, const void *b) {
  const item *x = a, *y = b;
  return (x->frame > y->frame) - (x->frame < y->frame);
}

/* items sorted by name and frame: the first of each name, in order of frame, numbers the family. */
static void number_families(const item *items, int64_t n, item *firsts, nmd_families_of *out) {
  for (int64_t k = 0; k < n; k++)
    if (k == 0 || strcmp(items[k].name, items[k - 1].name) != 0) firsts[out->n++] = items[k];
  if (out->n > 0) qsort(firsts, (size_t)out->n, sizeof *firsts, by_frame);
  for (int64_t f = 0; f < out->n; f++) {
    out->name[f] = firsts[f].name;
    const item wanted = firsts[f];
    const item *at = bsearch(&wanted, items, (size_t)n, sizeof *items, by_name);
    for (int64_t k = at - items; k < n && strcmp(items[k].name, wanted.name) == 0; k++) {
      out->of_frame[items[k].frame] = f;
      out->count[f]++;
    }
  }
}

nmd_status nmd_dataset_families(const nmd_dataset *set, const char *key, nmd_families_of *out) {
  item *items = NULL, *firsts = NULL;
  *out = (nmd_families_of){0};
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(items, set->n));
  NMD_GOTO(NMD_ALLOC(firsts, set->n));
  NMD_GOTO(NMD_ALLOC(out->name, set->n));
  NMD_GOTO(NMD_ALLOC(out->count, set->n));
  NMD_GOTO(NMD_ALLOC(out->of_frame, set->n));
  for (int64_t k = 0; k < set->n; k++) items[k] = (item){nmd_structure_key(&set->frames[k], key), k};
  if (set->n > 0) qsort(items, (size_t)set->n, sizeof *items, by_name);
  number_families(items, set->n, firsts, out);
done:
  nmd_free(items);
  nmd_free(firsts);
  if (status != NMD_OK) nmd_families_of_free(out);
  return status;
}

void nmd_families_of_free(nmd_families_of *families) {
  nmd_free(families->name);
  nmd_free(families->count);
  nmd_free(families->of_frame);
  *families = (nmd_families_of){0};
}
