/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/atoms.h"

#include <limits.h>
#include <string.h>

#include "base/memory.h"

#define M NMD_FIELD_M
#define H NMD_FIELD_H
#define C NMD_FIELD_C
const nmd_atom_field nmd_atom_fields[] = {
#define NMD_X(name, type, components, what) {#name, offsetof(nmd_atoms, name), sizeof(type) * (components), what},
    NMD_ATOM_FIELDS(NMD_X)
#undef NMD_X
};
#undef M
#undef H
#undef C

enum { FIELD_COUNT = (int)(sizeof nmd_atom_fields / sizeof nmd_atom_fields[0]) };

int nmd_atom_field_count(void) { return FIELD_COUNT; }

/* Address of the pointer member; memcpy keeps this free of aliasing trouble between pointer types. */
static char *field_slot(const nmd_atoms *atoms, const nmd_atom_field *field) { return (char *)atoms + field->offset; }

void *nmd_atom_field_data(const nmd_atoms *atoms, const nmd_atom_field *field) {
  void *data;
  memcpy(&data, field_slot(atoms, field), sizeof data);
  return data;
}

static char *field_item(const nmd_atoms *atoms, const nmd_atom_field *field, int i) {
  return (char *)nmd_atom_field_data(atoms, field) + (size_t)i * field->item_bytes;
}

void nmd_atoms_init(nmd_atoms *atoms) { memset(atoms, 0, sizeof *atoms); }

/* A failure part-way leaves some arrays longer than `capacity` says, which is harmless. */
nmd_status nmd_atoms_reserve(nmd_atoms *atoms, int capacity) {
  if (capacity <= atoms->capacity) return NMD_OK;
  const int64_t grown = (int64_t)atoms->capacity + atoms->capacity / 2;
  const int wanted = grown > capacity ? (int)(grown < INT_MAX ? grown : INT_MAX) : capacity;
  for (int k = 0; k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    void *data = nmd_atom_field_data(atoms, field);
    NMD_TRY(nmd_grow(&data, (size_t)atoms->capacity, (size_t)wanted, field->item_bytes));
    memcpy(field_slot(atoms, field), &data, sizeof data);
  }
  if (atoms->n_extra > 0)
    NMD_TRY(nmd_grow(&atoms->extra, (size_t)atoms->capacity, (size_t)wanted, nmd_atoms_extra_bytes(atoms)));
  atoms->capacity = wanted;
  return NMD_OK;
}

void nmd_atoms_free(nmd_atoms *atoms) {
  if (atoms == NULL) return;
  for (int k = 0; k < FIELD_COUNT; k++) nmd_free(nmd_atom_field_data(atoms, &nmd_atom_fields[k]));
  nmd_free(atoms->extra);
  nmd_atoms_init(atoms);
}

nmd_status nmd_atoms_set_extra(nmd_atoms *atoms, int n) {
  nmd_free(atoms->extra);
  atoms->extra = NULL;
  atoms->n_extra = 0;
  if (n > 0) NMD_TRY(nmd_alloc(&atoms->extra, (size_t)atoms->capacity, (size_t)n * sizeof(double)));
  atoms->n_extra = n;
  return NMD_OK;
}

size_t nmd_atoms_extra_bytes(const nmd_atoms *atoms) { return (size_t)atoms->n_extra * sizeof(double); }

static double *extra_of(const nmd_atoms *atoms, int i) { return atoms->extra + (size_t)i * (size_t)atoms->n_extra; }

size_t nmd_atoms_packed_bytes(int what) {
  size_t bytes = 0;
  for (int k = 0; k < FIELD_COUNT; k++)
    if (nmd_atom_fields[k].what & what) bytes += nmd_atom_fields[k].item_bytes;
  return bytes;
}

char *nmd_atoms_pack(const nmd_atoms *atoms, int i, int what, char *buffer) {
  for (int k = 0; k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (!(field->what & what)) continue;
    memcpy(buffer, field_item(atoms, field, i), field->item_bytes);
    buffer += field->item_bytes;
  }
  if (!(what & NMD_FIELD_EXTRA) || atoms->n_extra == 0) return buffer;
  memcpy(buffer, extra_of(atoms, i), nmd_atoms_extra_bytes(atoms));
  return buffer + nmd_atoms_extra_bytes(atoms);
}

const char *nmd_atoms_unpack(nmd_atoms *atoms, int i, int what, const char *buffer) {
  for (int k = 0; k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (!(field->what & what)) continue;
    memcpy(field_item(atoms, field, i), buffer, field->item_bytes);
    buffer += field->item_bytes;
  }
  if (!(what & NMD_FIELD_EXTRA) || atoms->n_extra == 0) return buffer;
  memcpy(extra_of(atoms, i), buffer, nmd_atoms_extra_bytes(atoms));
  return buffer + nmd_atoms_extra_bytes(atoms);
}

void nmd_atoms_copy(nmd_atoms *atoms, int from, int to) {
  if (from == to) return;
  for (int k = 0; k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (!(field->what & NMD_FIELD_M)) continue;
    memcpy(field_item(atoms, field, to), field_item(atoms, field, from), field->item_bytes);
  }
  if (atoms->n_extra > 0) memcpy(extra_of(atoms, to), extra_of(atoms, from), nmd_atoms_extra_bytes(atoms));
}

/* data [n] items of `bytes`, to their new places; old: room for them. */
static void permute_items(char *data, size_t n, size_t bytes, const int *order, char *old) {
  memcpy(old, data, n * bytes);
  for (size_t i = 0; i < n; i++) memcpy(data + i * bytes, old + (size_t)order[i] * bytes, bytes);
}

nmd_status nmd_atoms_permute(nmd_atoms *atoms, const int *order) {
  const size_t n = (size_t)atoms->n_owned, extra = nmd_atoms_extra_bytes(atoms);
  size_t widest = extra > 0 ? extra : 1;
  for (int k = 0; k < FIELD_COUNT; k++)
    if (nmd_atom_fields[k].item_bytes > widest) widest = nmd_atom_fields[k].item_bytes;
  char *old;
  NMD_TRY(nmd_alloc(&old, n, widest));
  for (int k = 0; n > 0 && k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (field->what & NMD_FIELD_M) permute_items(nmd_atom_field_data(atoms, field), n, field->item_bytes, order, old);
  }
  if (n > 0 && extra > 0) permute_items((char *)atoms->extra, n, extra, order, old);
  nmd_free(old);
  return NMD_OK;
}
