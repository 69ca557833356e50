/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/structure.h"

#include "base/memory.h"
#include "support/test.h"

static void test_init_and_free(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_structure s;
  TEST_OK(nmd_structure_init(&s, 3));
  CU_ASSERT(s.id[0] == 1 && s.id[2] == 3 && s.x[2][2] == 0.0 && s.v == NULL && s.f == NULL && s.image == NULL);
  TEST_OK(nmd_structure_need_velocities(&s));
  double(*v)[3] = s.v;
  TEST_OK(nmd_structure_need_velocities(&s));
  CU_ASSERT(s.v == v && s.v[2][1] == 0.0);
  nmd_structure_free(&s);
  nmd_structure_free(&s);
  nmd_structure_free(NULL);
  CU_ASSERT(s.n == 0 && s.x == NULL);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
  TEST_OK(nmd_structure_init(&s, 0));
  nmd_structure_free(&s);
  TEST_FAILS(nmd_structure_init(&s, -1), NMD_INTERNAL);
  TEST_FAILS(nmd_structure_init(&s, INT64_MAX / 2), NMD_MEMORY);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_copy(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_structure a, b;
  const double h[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
  TEST_OK(nmd_structure_init(&a, 2));
  TEST_OK(nmd_box_init(&a.box, h, NULL, NULL));
  TEST_OK(nmd_structure_need_forces(&a));
  TEST_OK(nmd_structure_need_images(&a));
  TEST_OK(nmd_strdup("a frame", &a.comment));
  a.atomic_number[1] = 79;
  a.x[1][0] = 1.5;
  a.f[0][2] = -2.0;
  a.image[1][1] = -3;
  a.id[0] = 42;
  a.has_energy = true;
  a.energy = -7.5;
  a.has_stress = true;
  a.stress[1][2] = 0.25;
  TEST_OK(nmd_structure_set_info(&a, "group", "first"));
  TEST_OK(nmd_structure_set_info(&a, "kind", "md"));
  TEST_OK(nmd_structure_set_info(&a, "group", "second"));
  TEST_OK(nmd_structure_copy(&a, &b));
  nmd_structure_free(&a);
  CU_ASSERT(b.n == 2 && b.atomic_number[1] == 79 && b.x[1][0] == 1.5 && b.f[0][2] == -2.0 && b.image[1][1] == -3);
  CU_ASSERT(b.id[0] == 42 && b.has_energy && b.energy == -7.5 && b.v == NULL && b.box.volume == 64.0);
  TEST_EQUAL_TEXT(b.comment, "a frame");
  CU_ASSERT(b.has_stress && b.stress[1][2] == 0.25 && b.n_info == 2);
  TEST_EQUAL_TEXT(nmd_structure_info(&b, "group"), "second");
  TEST_EQUAL_TEXT(nmd_structure_info(&b, "kind"), "md");
  CU_ASSERT(nmd_structure_info(&b, "kin") == NULL);
  nmd_structure_free(&b);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("system/structure", TEST(test_init_and_free), TEST(test_copy))
