/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "system/element.h"

static nmd_status append(nmd_dataset *set, nmd_structure *frame, const char *place) {
  if (set->n == set->capacity) {
    const int64_t capacity = 2 * set->capacity + 64;
    NMD_TRY(NMD_GROW(set->frames, set->n, capacity));
    NMD_TRY(NMD_GROW(set->place, set->n, capacity));
    set->capacity = capacity;
  }
  NMD_TRY(nmd_strdup(place, &set->place[set->n]));
  set->frames[set->n++] = *frame;
  return NMD_OK;
}

/* Where the next frame begins: behind the last line read. */
static void name_place(nmd_structure_reader *reader, const char *path, char *place, size_t size) {
  const char *colon = strrchr(nmd_structure_reader_place(reader), ':');
  long long line = 0;
  if (colon != NULL && sscanf(colon + 1, "%lld", &line) == 1 &&
      strcmp(nmd_structure_reader_format(reader), "deepmd") != 0)
    snprintf(place, size, "%s:%lld", path, line + 1);
  else
    snprintf(place, size, "%s: frame %lld", path, (long long)nmd_structure_reader_frame(reader));
}

nmd_status nmd_dataset_read(nmd_dataset *set, const char *path, const nmd_read_options *options, int64_t *added) {
  nmd_structure_reader *reader;
  NMD_TRY(nmd_structure_reader_open(path, options, &reader));
  nmd_status status = NMD_OK;
  const int64_t before = set->n;
  for (bool end = false; status == NMD_OK;) {
    char place[1200];
    nmd_structure frame;
    name_place(reader, path, place, sizeof place);
    status = nmd_structure_reader_next(reader, &frame, &end);
    if (status != NMD_OK || end) break;
    status = append(set, &frame, place);
    if (status != NMD_OK) nmd_structure_free(&frame);
  }
  nmd_structure_reader_close(reader);
  if (status == NMD_OK && set->n == before)
    NMD_FAIL(FILE_TRUNCATED, "%s:1: the file holds no structure; check the path", path);
  if (added != NULL) *added = set->n - before;
  return status;
}

void nmd_dataset_free(nmd_dataset *set) {
  for (int64_t k = 0; k < set->n; k++) {
    nmd_structure_free(&set->frames[k]);
    nmd_free(set->place[k]);
  }
  nmd_free(set->frames);
  nmd_free(set->place);
  *set = (nmd_dataset){0};
}

void nmd_structure_formula(const nmd_structure *structure, char *text, size_t size) {
  nmd_species species;
  nmd_species_init(&species, structure->atomic_number, (long)structure->n);
  size_t used = 0;
  text[0] = '\0';
  for (int k = 0; k < species.n && used < size; k++) {
    int64_t count = 0;
    for (int64_t i = 0; i < structure->n; i++) count += structure->atomic_number[i] == species.atomic_number[k];
    used += (size_t)snprintf(text + used, size - used, "%s%lld", nmd_element_symbol(species.atomic_number[k]),
                             (long long)count);
  }
}

const char *nmd_structure_key(const nmd_structure *structure, const char *key) {
  const char *value = nmd_structure_info(structure, key);
  return value != NULL ? value : "";
}

double nmd_structure_largest_force(const nmd_structure *structure) {
  double largest = 0.0;
  for (int64_t i = 0; structure->f != NULL && i < structure->n; i++) largest = fmax(largest, nmd_norm(structure->f[i]));
  return largest;
}
