/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include "support/test.h"

static bool is_zero(const char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (bytes[i] != 0) return false;
  return true;
}

static void test_alloc(void) {
  const int64_t before = nmd_memory_in_use();
  static const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 1000003};
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
    char *bytes = NULL;
    if (!TEST_OK(NMD_ALLOC(bytes, sizes[k]))) continue;
    CU_ASSERT(bytes != NULL && (uintptr_t)bytes % 64 == 0 && is_zero(bytes, sizes[k]));
    CU_ASSERT(nmd_memory_in_use() >= before + (int64_t)sizes[k]);
    memset(bytes, 1, sizes[k]);
    nmd_free(bytes);
  }
  nmd_free(NULL);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_sizes_that_cannot_be(void) {
  double *x = NULL;
  TEST_FAILS(NMD_ALLOC(x, SIZE_MAX), NMD_MEMORY);
  TEST_CONTAINS(nmd_error_text(), "address space");
  TEST_FAILS(NMD_ALLOC(x, SIZE_MAX / 8), NMD_MEMORY);
  TEST_FAILS(NMD_ALLOC(x, (size_t)-1 / 16), NMD_MEMORY);
  TEST_FAILS(nmd_alloc(&x, (size_t)1 << 58, 1), NMD_MEMORY);
  TEST_CONTAINS(nmd_error_text(), "GB wanted");
  CU_ASSERT(x == NULL);
}

static void test_grow(void) {
  const int64_t before = nmd_memory_in_use();
  int *a = NULL;
  TEST_OK(NMD_GROW(a, 0, 3));
  for (int i = 0; i < 3; i++) a[i] = i + 1;
  TEST_OK(NMD_GROW(a, 3, 100));
  CU_ASSERT(a[0] == 1 && a[1] == 2 && a[2] == 3 && is_zero((const char *)(a + 3), 97 * sizeof *a));
  TEST_OK(NMD_GROW(a, 100, 2)); /* shrinking keeps what fits */
  CU_ASSERT(a[0] == 1 && a[1] == 2);
  int *same = a;
  TEST_FAILS(NMD_GROW(a, 2, SIZE_MAX), NMD_MEMORY);
  CU_ASSERT(a == same && a[1] == 2); /* untouched by a failure */
  nmd_free(a);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_strdup(void) {
  char *copy = NULL, *empty = NULL;
  TEST_OK(nmd_strdup("copper", &copy));
  TEST_OK(nmd_strdup("", &empty));
  TEST_EQUAL_TEXT(copy, "copper");
  TEST_EQUAL_TEXT(empty, "");
  nmd_free(copy);
  nmd_free(empty);
}

TEST_SUITE("base/memory", TEST(test_alloc), TEST(test_sizes_that_cannot_be), TEST(test_grow), TEST(test_strdup))
