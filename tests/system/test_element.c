/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/element.h"

#include "support/test.h"

static void test_symbols(void) {
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++) {
    TEST_EQUAL_INT(nmd_element_from_symbol(nmd_element_symbol(z)), z);
    TEST_CHECK(nmd_element_mass(z) > 1.0 * z && nmd_element_mass(z) < 2.7 * z + 1.0, "mass of element %d", z);
  }
  TEST_EQUAL_INT(nmd_element_from_symbol("Li"), 3);
  TEST_EQUAL_INT(nmd_element_from_symbol("Au"), 79);
  TEST_EQUAL_INT(nmd_element_from_symbol("Og"), 118);
}

static void test_unknown(void) {
  static const char *const wrong[] = {"", "li", "LI", "Xx", "Li ", "A", "Auu", "118"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) TEST_EQUAL_INT(nmd_element_from_symbol(wrong[i]), 0);
  TEST_EQUAL_INT(nmd_element_from_symbol(NULL), 0);
  TEST_EQUAL_TEXT(nmd_element_symbol(0), "?");
  TEST_EQUAL_TEXT(nmd_element_symbol(119), "?");
  TEST_EQUAL_TEXT(nmd_element_symbol(-5), "?");
  CU_ASSERT_EQUAL(nmd_element_mass(0), 0.0);
  CU_ASSERT_EQUAL(nmd_element_mass(119), 0.0);
}

static void test_masses(void) {
  TEST_NEAR(nmd_element_mass(1), 1.0080, 1e-12);
  TEST_NEAR(nmd_element_mass(3), 6.94, 1e-12);
  TEST_NEAR(nmd_element_mass(8), 15.999, 1e-12);
  TEST_NEAR(nmd_element_mass(41), 92.906, 1e-12);
  TEST_NEAR(nmd_element_mass(79), 196.97, 1e-12);
  TEST_NEAR(nmd_element_mass(94), 244.0, 1e-12); /* no standard weight: mass number */
}

static void test_species(void) {
  const int z[] = {79, 3, 3, 79, 8, 0, -1, 200};
  nmd_species species;
  nmd_species_init(&species, z, 8);
  TEST_EQUAL_INT(species.n, 3);
  TEST_EQUAL_INT(species.atomic_number[0], 3);
  TEST_EQUAL_INT(species.atomic_number[1], 8);
  TEST_EQUAL_INT(species.atomic_number[2], 79);
  TEST_NEAR(species.mass[2], 196.97, 1e-12);
  TEST_EQUAL_INT(nmd_species_index(&species, 79), 2);
  TEST_EQUAL_INT(nmd_species_index(&species, 6), -1);
  nmd_species_init(&species, NULL, 0);
  TEST_EQUAL_INT(species.n, 0);
}

TEST_SUITE("system/element", TEST(test_symbols), TEST(test_unknown), TEST(test_masses), TEST(test_species))
