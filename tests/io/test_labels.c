/* SPDX-License-Identifier: BSD-3-Clause */
/* Labels of structures: energy, forces, stress and info through extended XYZ and input.data. */
#include "base/memory.h"
#include "io/file_atomic.h"
#include "io/read_structure.h"
#include "io/write_structure.h"
#include "sample.h"

#define XYZ "Lattice=\"5 0 0 0 5 0 0 0 5\" Properties=species:S:1:pos:R:3"

static void read_text(const char *name, const char *text, nmd_structure *s) {
  TEST_OK(nmd_structure_read(test_write(name, text), NULL, 0, s));
}

static void test_extxyz_labels(void) {
  nmd_structure s;
  read_text("a.extxyz",
            "1\n" XYZ " kind=md group=\"a b\" energy=-3.5 stress=\"1 2 3 2 5 6 3 6 9\" tag=x=y note\nLi 0 0 0\n", &s);
  CU_ASSERT(s.has_energy && s.energy == -3.5 && s.has_stress && s.stress[1][1] == 5.0 && s.stress[2][0] == 3.0);
  TEST_EQUAL_INT(s.n_info, 3);
  TEST_EQUAL_TEXT(nmd_structure_info(&s, "group"), "a b");
  TEST_EQUAL_TEXT(nmd_structure_info(&s, "tag"), "x=y");
  nmd_structure_free(&s);
  read_text("b.extxyz", "1\n" XYZ " stress=[1,2,3,4,5,6]\nLi 0 0 0\n", &s);
  CU_ASSERT(s.has_stress && s.stress[0][0] == 1.0 && s.stress[1][2] == 4.0 && s.stress[0][2] == 5.0 &&
            s.stress[1][0] == 6.0);
  nmd_structure_free(&s);
  read_text("c.extxyz", "1\n" XYZ " virial=\"125 0 0 0 -250 0 0 0 0\"\nLi 0 0 0\n", &s);
  CU_ASSERT(s.has_stress && s.stress[0][0] == -1.0 && s.stress[1][1] == 2.0);
  nmd_structure_free(&s);
  read_text("d.extxyz", "1\nvirial=\"1 0 0 0 1 0 0 0 1\"\nLi 0 0 0\n", &s); /* no volume, no stress */
  CU_ASSERT(!s.has_stress && !s.has_energy && s.n_info == 0);
  nmd_structure_free(&s);
}

static void compare(const nmd_structure *a, const nmd_structure *b) {
  TEST_EQUAL_INT(b->n, a->n);
  for (int64_t i = 0; i < a->n; i++)
    CU_ASSERT(memcmp(a->x[i], b->x[i], sizeof a->x[i]) == 0 && memcmp(a->f[i], b->f[i], sizeof a->f[i]) == 0 &&
              a->atomic_number[i] == b->atomic_number[i]);
  CU_ASSERT(b->has_energy && b->energy == a->energy && b->has_stress &&
            memcmp(a->stress, b->stress, sizeof a->stress) == 0);
  CU_ASSERT(memcmp(a->box.h, b->box.h, sizeof a->box.h) == 0);
  TEST_EQUAL_INT(b->n_info, a->n_info);
  for (int k = 0; k < a->n_info; k++) TEST_EQUAL_TEXT(nmd_structure_info(b, a->info[k].key), a->info[k].value);
}

static void test_round_trips(void) {
  static const char *const names[] = {"s.extxyz", "input.data"};
  const int64_t before = nmd_memory_in_use();
  nmd_structure a, b;
  sample_make(1, &a);
  memset(a.box.origin, 0, sizeof a.box.origin); /* input.data has none */
  a.has_stress = true;
  uint64_t state = 3;
  for (int k = 0; k < 9; k++) a.stress[k / 3][k % 3] = sample_number(&state);
  TEST_OK(nmd_structure_set_info(&a, "group", "AuLi/md/7"));
  TEST_OK(nmd_structure_set_info(&a, "odd key", "say \"hi\" = \\ there"));
  TEST_OK(nmd_structure_set_info(&a, "empty", ""));
  for (int k = 0; k < 2; k++) {
    TEST_OK(nmd_structure_write(test_path(names[k]), NULL, &a));
    if (!TEST_OK(nmd_structure_read(test_path(names[k]), NULL, 0, &b))) continue;
    compare(&a, &b);
    nmd_structure_free(&b);
  }
  a.box.periodic[2] = false;
  TEST_FAILS(nmd_structure_write(test_path("input.data"), NULL, &a), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "periodic along 2 of its axes");
  nmd_structure_free(&a);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

/* A comment that is no list of pairs is no error; reserved words in it do not become labels. */
static void test_comments(void) {
  nmd_structure s;
  read_text("input.data", "begin\ncomment free text, energy=5 \"half a quote\natom 0 0 0 Li 0 0 0 0 0\nenergy 1\nend\n",
            &s);
  CU_ASSERT(s.energy == 1.0 && s.n_info == 0 && !s.has_stress);
  nmd_structure_free(&s);
  read_text("input.data", "begin\ncomment id=7 stress=\"1 2\" kind=eos\natom 0 0 0 Li 0 0 0 0 0\nenergy 1\nend\n", &s);
  CU_ASSERT(s.n_info == 2 && !s.has_stress);
  TEST_EQUAL_TEXT(nmd_structure_info(&s, "kind"), "eos");
  nmd_structure_free(&s);
}

static void test_bad_labels(void) {
  static const struct {
    const char *text;
    nmd_status code;
    const char *part;
  } cases[] = {
      {"stress=\"1 2 3\"", NMD_FILE_FORMAT, "a.extxyz:2:68: stress: 3 numbers; expected 9"},
      {"stress=\"1 2 3 4 5 x\"", NMD_BAD_NUMBER, "stress: 'x' is not a finite number"},
      {"virial=\"1 2 3 4 5 6 7 8 nan\"", NMD_BAD_NUMBER, "virial: 'nan'"},
      {"stress=\"1 2 3 4 5 6\" stress=\"1 2 3 4 5 6\"", NMD_DUPLICATE_KEY, "a.extxyz:2:81: stress: given twice"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    char text[512];
    nmd_structure s;
    snprintf(text, sizeof text, "1\n" XYZ " %s\nLi 0 0 0\n", cases[k].text);
    TEST_FAILS(nmd_structure_read(test_write("a.extxyz", text), NULL, 0, &s), cases[k].code);
    TEST_CONTAINS(nmd_error_text(), cases[k].part);
  }
}

TEST_SUITE("io/labels", TEST(test_extxyz_labels), TEST(test_round_trips), TEST(test_comments), TEST(test_bad_labels))
