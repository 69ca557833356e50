/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/atoms.h"

#include "base/memory.h"
#include "support/test.h"

static void set(nmd_atoms *atoms, int i, int tag) {
  for (int k = 0; k < 3; k++) {
    atoms->x[3 * i + k] = tag + 0.1 * k;
    atoms->v[3 * i + k] = -tag - 0.1 * k;
    atoms->f[3 * i + k] = 2.0 * tag + k;
    atoms->x_listed[3 * i + k] = 3.0 * tag + k;
    atoms->image[3 * i + k] = tag * 10 + k;
  }
  atoms->id[i] = ((int64_t)tag << 33) + 1;
  atoms->species[i] = tag % 3;
}

static bool is(const nmd_atoms *atoms, int i, int tag) {
  bool same = atoms->id[i] == ((int64_t)tag << 33) + 1 && atoms->species[i] == tag % 3;
  for (int k = 0; k < 3; k++)
    same = same && atoms->x[3 * i + k] == tag + 0.1 * k && atoms->v[3 * i + k] == -tag - 0.1 * k &&
           atoms->f[3 * i + k] == 2.0 * tag + k && atoms->x_listed[3 * i + k] == 3.0 * tag + k &&
           atoms->image[3 * i + k] == tag * 10 + k;
  return same;
}

static void fill(nmd_atoms *atoms, int n) {
  nmd_atoms_init(atoms);
  TEST_OK(nmd_atoms_reserve(atoms, n));
  for (int i = 0; i < n; i++) set(atoms, i, i);
  atoms->n_owned = n;
}

static void test_reserve(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_atoms atoms;
  fill(&atoms, 10);
  TEST_OK(nmd_atoms_reserve(&atoms, 11));
  CU_ASSERT(atoms.capacity >= 15);
  const double *x = atoms.x;
  TEST_OK(nmd_atoms_reserve(&atoms, 15));
  CU_ASSERT(atoms.x == x);
  TEST_OK(nmd_atoms_reserve(&atoms, 1000));
  for (int i = 0; i < 10; i++) CU_ASSERT(is(&atoms, i, i));
  CU_ASSERT(atoms.x[2999] == 0.0);
  nmd_atoms_free(&atoms);
  nmd_atoms_free(&atoms);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_fields(void) {
  TEST_EQUAL_INT(nmd_atom_field_count(), 8);
  TEST_EQUAL_TEXT(nmd_atom_fields[0].name, "x");
  TEST_EQUAL_INT(nmd_atom_fields[0].item_bytes, 24);
  TEST_EQUAL_INT(nmd_atoms_packed_bytes(NMD_FIELD_M), 4 * 24 + 8 + 4 + 12 + 4);
  TEST_EQUAL_INT(nmd_atoms_packed_bytes(NMD_FIELD_H), 24 + 8 + 4 + 4);
  nmd_atoms atoms;
  fill(&atoms, 2);
  CU_ASSERT(nmd_atom_field_data(&atoms, &nmd_atom_fields[0]) == (void *)atoms.x);
  CU_ASSERT(nmd_atom_field_data(&atoms, &nmd_atom_fields[7]) == (void *)atoms.species);
  nmd_atoms_free(&atoms);
}

static void test_pack(void) {
  nmd_atoms a, b;
  char buffer[512];
  fill(&a, 4);
  fill(&b, 4);
  char *end = nmd_atoms_pack(&a, 3, NMD_FIELD_M, buffer + 1); /* any alignment */
  TEST_EQUAL_INT(end - buffer - 1, nmd_atoms_packed_bytes(NMD_FIELD_M));
  CU_ASSERT(nmd_atoms_unpack(&b, 0, NMD_FIELD_M, buffer + 1) == end);
  CU_ASSERT(is(&b, 0, 3) && is(&b, 1, 1));
  end = nmd_atoms_pack(&a, 2, NMD_FIELD_H, buffer);
  TEST_EQUAL_INT(end - buffer, nmd_atoms_packed_bytes(NMD_FIELD_H));
  CU_ASSERT(nmd_atoms_unpack(&b, 1, NMD_FIELD_H, buffer) == end);
  CU_ASSERT(b.x[3] == 2.0 && b.id[1] == a.id[2] && b.v[3] == -1.0);
  nmd_atoms_free(&a);
  nmd_atoms_free(&b);
}

static void test_copy_and_permute(void) {
  nmd_atoms atoms;
  fill(&atoms, 5);
  nmd_atoms_copy(&atoms, 4, 1);
  CU_ASSERT(is(&atoms, 1, 4) && is(&atoms, 4, 4));
  nmd_atoms_copy(&atoms, 2, 2);
  set(&atoms, 1, 1);
  const int order[] = {3, 0, 4, 1, 2};
  TEST_OK(nmd_atoms_permute(&atoms, order));
  for (int i = 0; i < 5; i++) CU_ASSERT(is(&atoms, i, order[i]));
  atoms.n_owned = 0;
  TEST_OK(nmd_atoms_permute(&atoms, order));
  nmd_atoms_free(&atoms);
  nmd_atoms_init(&atoms);
  TEST_OK(nmd_atoms_permute(&atoms, order));
}

/* Attached numbers go wherever the atom goes. */
static void test_extra(void) {
  nmd_atoms a, b;
  char buffer[512];
  fill(&a, 5);
  fill(&b, 5);
  TEST_OK(nmd_atoms_set_extra(&a, 2));
  TEST_OK(nmd_atoms_set_extra(&b, 2));
  for (int k = 0; k < 10; k++) a.extra[k] = k;
  TEST_EQUAL_INT(nmd_atoms_extra_bytes(&a), 16);
  char *end = nmd_atoms_pack(&a, 3, NMD_FIELD_M | NMD_FIELD_EXTRA, buffer);
  TEST_EQUAL_INT(end - buffer, nmd_atoms_packed_bytes(NMD_FIELD_M) + 16);
  CU_ASSERT(nmd_atoms_unpack(&b, 1, NMD_FIELD_M | NMD_FIELD_EXTRA, buffer) == end);
  CU_ASSERT(is(&b, 1, 3) && b.extra[2] == 6 && b.extra[3] == 7 && b.extra[4] == 0);
  const int order[] = {3, 0, 4, 1, 2};
  TEST_OK(nmd_atoms_permute(&a, order));
  for (int i = 0; i < 5; i++) CU_ASSERT(is(&a, i, order[i]) && a.extra[2 * i + 1] == 2 * order[i] + 1);
  TEST_OK(nmd_atoms_reserve(&a, 1000));
  nmd_atoms_copy(&a, 2, 999);
  CU_ASSERT(a.extra[9] == 5 && a.extra[1998] == 8 && a.extra[10] == 0);
  TEST_OK(nmd_atoms_set_extra(&a, 0));
  CU_ASSERT(a.extra == NULL && nmd_atoms_extra_bytes(&a) == 0);
  nmd_atoms_free(&a);
  nmd_atoms_free(&b);
}

TEST_SUITE("system/atoms", TEST(test_reserve), TEST(test_fields), TEST(test_pack), TEST(test_copy_and_permute),
           TEST(test_extra))
