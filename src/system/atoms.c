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
  atoms->capacity = wanted;
  return NMD_OK;
}

void nmd_atoms_free(nmd_atoms *atoms) {
  if (atoms == NULL) return;
  for (int k = 0; k < FIELD_COUNT; k++) nmd_free(nmd_atom_field_data(atoms, &nmd_atom_fields[k]));
  nmd_atoms_init(atoms);
}

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
  return buffer;
}

const char *nmd_atoms_unpack(nmd_atoms *atoms, int i, int what, const char *buffer) {
  for (int k = 0; k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (!(field->what & what)) continue;
    memcpy(field_item(atoms, field, i), buffer, field->item_bytes);
    buffer += field->item_bytes;
  }
  return buffer;
}

void nmd_atoms_copy(nmd_atoms *atoms, int from, int to) {
  if (from == to) return;
  for (int k = 0; k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (!(field->what & NMD_FIELD_M)) continue;
    memcpy(field_item(atoms, field, to), field_item(atoms, field, from), field->item_bytes);
  }
}

nmd_status nmd_atoms_permute(nmd_atoms *atoms, const int *order) {
  size_t widest = 1;
  for (int k = 0; k < FIELD_COUNT; k++)
    if (nmd_atom_fields[k].item_bytes > widest) widest = nmd_atom_fields[k].item_bytes;
  const size_t n = (size_t)atoms->n_owned;
  char *old;
  NMD_TRY(nmd_alloc(&old, n, widest));
  for (int k = 0; n > 0 && k < FIELD_COUNT; k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (!(field->what & NMD_FIELD_M)) continue;
    const size_t bytes = field->item_bytes;
    char *data = nmd_atom_field_data(atoms, field);
    memcpy(old, data, n * bytes);
    for (size_t i = 0; i < n; i++) memcpy(data + i * bytes, old + (size_t)order[i] * bytes, bytes);
  }
  nmd_free(old);
  return NMD_OK;
}
