/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/structure.h"

#include <string.h>

#include "base/memory.h"

nmd_status nmd_structure_init(nmd_structure *structure, int64_t n) {
  memset(structure, 0, sizeof *structure);
  if (n < 0) NMD_FAIL(INTERNAL, "a structure of %lld atoms was asked for", (long long)n);
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(structure->atomic_number, n));
  NMD_GOTO(NMD_ALLOC(structure->x, n));
  NMD_GOTO(NMD_ALLOC(structure->id, n));
  structure->n = n;
  for (int64_t i = 0; i < n; i++) structure->id[i] = i + 1;
  return NMD_OK;
done:
  nmd_structure_free(structure);
  return status;
}

nmd_status nmd_structure_need_velocities(nmd_structure *structure) {
  return structure->v != NULL ? NMD_OK : NMD_ALLOC(structure->v, structure->n);
}

nmd_status nmd_structure_need_forces(nmd_structure *structure) {
  return structure->f != NULL ? NMD_OK : NMD_ALLOC(structure->f, structure->n);
}

nmd_status nmd_structure_need_images(nmd_structure *structure) {
  return structure->image != NULL ? NMD_OK : NMD_ALLOC(structure->image, structure->n);
}

static nmd_info *find_info(const nmd_structure *structure, const char *key) {
  for (int k = 0; k < structure->n_info; k++)
    if (strcmp(structure->info[k].key, key) == 0) return &structure->info[k];
  return NULL;
}

const char *nmd_structure_info(const nmd_structure *structure, const char *key) {
  const nmd_info *found = find_info(structure, key);
  return found != NULL ? found->value : NULL;
}

static nmd_status add_info(nmd_structure *structure, const char *key, char *value) {
  char *own_key = NULL;
  nmd_status status = NMD_GROW(structure->info, structure->n_info, structure->n_info + 1);
  if (status == NMD_OK) status = nmd_strdup(key, &own_key);
  if (status != NMD_OK) return status;
  structure->info[structure->n_info++] = (nmd_info){own_key, value};
  return NMD_OK;
}

nmd_status nmd_structure_set_info(nmd_structure *structure, const char *key, const char *value) {
  char *own_value;
  NMD_TRY(nmd_strdup(value, &own_value));
  nmd_info *found = find_info(structure, key);
  if (found == NULL) {
    const nmd_status status = add_info(structure, key, own_value);
    if (status != NMD_OK) nmd_free(own_value);
    return status;
  }
  nmd_free((void *)found->value);
  found->value = own_value;
  return NMD_OK;
}

static nmd_status copy_optional(const nmd_structure *from, nmd_structure *to) {
  const size_t n = (size_t)from->n;
  if (from->v != NULL) {
    NMD_TRY(nmd_structure_need_velocities(to));
    memcpy(to->v, from->v, n * sizeof *to->v);
  }
  if (from->f != NULL) {
    NMD_TRY(nmd_structure_need_forces(to));
    memcpy(to->f, from->f, n * sizeof *to->f);
  }
  if (from->image != NULL) {
    NMD_TRY(nmd_structure_need_images(to));
    memcpy(to->image, from->image, n * sizeof *to->image);
  }
  for (int k = 0; k < from->n_info; k++)
    NMD_TRY(nmd_structure_set_info(to, from->info[k].key, from->info[k].value));
  return from->comment != NULL ? nmd_strdup(from->comment, &to->comment) : NMD_OK;
}

nmd_status nmd_structure_copy(const nmd_structure *from, nmd_structure *to) {
  const size_t n = (size_t)from->n;
  NMD_TRY(nmd_structure_init(to, from->n));
  to->box = from->box;
  to->has_energy = from->has_energy;
  to->energy = from->energy;
  to->has_stress = from->has_stress;
  memcpy(to->stress, from->stress, sizeof to->stress);
  memcpy(to->atomic_number, from->atomic_number, n * sizeof *to->atomic_number);
  memcpy(to->x, from->x, n * sizeof *to->x);
  memcpy(to->id, from->id, n * sizeof *to->id);
  const nmd_status status = copy_optional(from, to);
  if (status != NMD_OK) nmd_structure_free(to);
  return status;
}

void nmd_structure_free(nmd_structure *structure) {
  if (structure == NULL) return;
  nmd_free(structure->atomic_number);
  nmd_free(structure->x);
  nmd_free(structure->v);
  nmd_free(structure->f);
  nmd_free(structure->image);
  nmd_free(structure->id);
  nmd_free(structure->comment);
  for (int k = 0; k < structure->n_info; k++) {
    nmd_free((void *)structure->info[k].key);
    nmd_free((void *)structure->info[k].value);
  }
  nmd_free(structure->info);
  memset(structure, 0, sizeof *structure);
}
