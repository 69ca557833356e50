/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/units.h"

#include "base/status.h"
#include "support/test.h"

/* The SI definitions and CODATA 2018, written out. */
#define E_CHARGE 1.602176634e-19
#define AVOGADRO 6.02214076e23
#define ATOMIC_MASS 1.66053906660e-27

static void test_constants(void) {
  TEST_RELATIVE(NMD_BOLTZMANN, 1.380649e-23 / E_CHARGE, 1e-15);
  TEST_RELATIVE(NMD_MV2_TO_EV, ATOMIC_MASS * 1e10 / E_CHARGE, 1e-15);
  TEST_RELATIVE(NMD_EV_PER_A3_TO_GPA, E_CHARGE * 1e30 * 1e-9, 1e-15);
  TEST_RELATIVE(NMD_COULOMB, E_CHARGE / (4 * M_PI * 8.8541878128e-12) * 1e10, 1e-12);
  TEST_RELATIVE(NMD_COULOMB, NMD_HARTREE * NMD_BOHR, 1e-9);
}

static void test_values(void) {
  const double gpa = 1e9 / E_CHARGE * 1e-30, kj = 1e3 / AVOGADRO / E_CHARGE;
  const struct {
    const char *text;
    nmd_dimension dimension;
    double value;
  } known[] = {
      {"2.5", NMD_DIM_NONE, 2.5},
      {" -1e3 ", NMD_DIM_NONE, -1000},
      {"3", NMD_DIM_LENGTH, 3},
      {"1 A", NMD_DIM_LENGTH, 1},
      {"1.5 nm", NMD_DIM_LENGTH, 15},
      {"1 bohr", NMD_DIM_LENGTH, 0.529177210903},
      {"2 \xC3\x85", NMD_DIM_LENGTH, 2},
      {"2 Angstrom", NMD_DIM_LENGTH, 2},
      {"1eV", NMD_DIM_ENERGY, 1},
      {"5 meV", NMD_DIM_ENERGY, 0.005},
      {"1 hartree", NMD_DIM_ENERGY, 27.211386245988},
      {"1 kJ/mol", NMD_DIM_ENERGY, kj},
      {"1 kcal/mol", NMD_DIM_ENERGY, 4.184 * kj},
      {"12.5 ps", NMD_DIM_TIME, 12500},
      {"0.1 ns", NMD_DIM_TIME, 1e5},
      {"2\tfs", NMD_DIM_TIME, 2},
      {"1e3ps", NMD_DIM_TIME, 1e6},
      {"300 K", NMD_DIM_TEMPERATURE, 300},
      {"1", NMD_DIM_PRESSURE, gpa},
      {"1 GPa", NMD_DIM_PRESSURE, gpa},
      {"1 kbar", NMD_DIM_PRESSURE, 0.1 * gpa},
      {"1 bar", NMD_DIM_PRESSURE, 1e-4 * gpa},
      {"1 atm", NMD_DIM_PRESSURE, 1.01325e-4 * gpa},
      {"1 MPa", NMD_DIM_PRESSURE, 1e-3 * gpa},
      {"101325 Pa", NMD_DIM_PRESSURE, 1.01325e-4 * gpa},
      {"0.01 eV/A^3", NMD_DIM_PRESSURE, 0.01},
      {"1 meV/A", NMD_DIM_FORCE, 1e-3},
      {"1 hartree/bohr", NMD_DIM_FORCE, 51.42206747632590},
      {"12.011 u", NMD_DIM_MASS, 12.011},
      {"180 deg", NMD_DIM_ANGLE, 180},
      {"1 rad", NMD_DIM_ANGLE, 180 / M_PI},
      {"1 THz", NMD_DIM_FREQUENCY, 1e-3},
      {"1 1/ps", NMD_DIM_FREQUENCY, 1e-3},
      {"100 1/cm", NMD_DIM_FREQUENCY, 299792458e2 * 100 * 1e-15},
      {"1 A/ps", NMD_DIM_VELOCITY, 1e-3},
      {"100 m/s", NMD_DIM_VELOCITY, 1e-3},
      {"90", NMD_DIM_WALLTIME, 90},
      {"15 min", NMD_DIM_WALLTIME, 900},
      {"2 h", NMD_DIM_WALLTIME, 7200},
      {"1:30:05", NMD_DIM_WALLTIME, 5405},
      {"100:00:00", NMD_DIM_WALLTIME, 360000},
      {"2-12:00:00", NMD_DIM_WALLTIME, 216000},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    double value = NAN;
    if (!TEST_OK(nmd_quantity_parse(known[i].text, known[i].dimension, &value))) continue;
    TEST_CHECK(fabs(value - known[i].value) <= 1e-14 * fabs(known[i].value), "\"%s\" = %.17g, expected %.17g",
               known[i].text, value, known[i].value);
  }
}

static void expect_failure(const char *text, nmd_dimension dimension, nmd_status code, const char *part) {
  double value = 42;
  TEST_FAILS(nmd_quantity_parse(text, dimension, &value), code);
  TEST_CONTAINS(nmd_error_text(), text);
  TEST_CONTAINS(nmd_error_text(), part);
  TEST_NEAR(value, 42, 0);
}

static void test_bad_numbers(void) {
  static const char *const bad[] = {"",      "fs",       "many", "inf", "nan", "-inf fs", "0x10", "-0x1p3 fs",
                                    "1e999", "1e308 ns", ".",    "+",   "-",   "--1 fs",  "+-1"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    expect_failure(bad[i], NMD_DIM_TIME, NMD_BAD_NUMBER, "finite number");
  expect_failure("many", NMD_DIM_TIME, NMD_BAD_NUMBER, "fs, ps, ns");
  expect_failure("x", NMD_DIM_NONE, NMD_BAD_NUMBER, "finite number");
}

static void test_wrong_units(void) {
  expect_failure("5 GPa", NMD_DIM_TIME, NMD_WRONG_UNIT, "GPa is a unit of pressure; expected one of time: fs, ps, ns");
  expect_failure("5 parsec", NMD_DIM_LENGTH, NMD_WRONG_UNIT, "unknown unit \"parsec\"; units of length: A, nm, bohr");
  expect_failure("5 EV", NMD_DIM_ENERGY, NMD_WRONG_UNIT, "upper and lower case");
  expect_failure("5 fs fs", NMD_DIM_TIME, NMD_WRONG_UNIT, "fs fs");
  expect_failure("5 K", NMD_DIM_NONE, NMD_WRONG_UNIT, "plain number");
  expect_failure("1e", NMD_DIM_TIME, NMD_WRONG_UNIT, "\"e\"");
  expect_failure("1,5 fs", NMD_DIM_TIME, NMD_WRONG_UNIT, ",5 fs");
  expect_failure("90:00", NMD_DIM_WALLTIME, NMD_WRONG_UNIT, "H:MM:SS");
  expect_failure("1:75:00", NMD_DIM_WALLTIME, NMD_WRONG_UNIT, "H:MM:SS");
  expect_failure("5 unit-that-is-much-longer-than-any-unit-has-a-right-to-be", NMD_DIM_TIME, NMD_WRONG_UNIT, "unknown");
}

static void test_default_units(void) {
  static const char *const names[] = {"", "A", "eV", "fs", "K", "GPa", "eV/A", "u", "deg", "1/fs", "A/fs", "s"};
  for (int d = 0; d <= NMD_DIM_WALLTIME; d++) {
    double value;
    TEST_EQUAL_TEXT(nmd_dimension_default_unit((nmd_dimension)d), names[d]);
    TEST_OK(nmd_quantity_parse("7.25", (nmd_dimension)d, &value));
    TEST_RELATIVE(nmd_dimension_to_default_unit((nmd_dimension)d, value), 7.25, 1e-15);
    CU_ASSERT(nmd_dimension_name((nmd_dimension)d)[0] != '\0');
    for (int i = 0; nmd_dimension_spelling((nmd_dimension)d, i) != NULL; i++) {
      char text[64];
      snprintf(text, sizeof text, "1 %s", nmd_dimension_spelling((nmd_dimension)d, i));
      TEST_OK(nmd_quantity_parse(text, (nmd_dimension)d, &value));
    }
  }
  CU_ASSERT(nmd_dimension_unit(NMD_DIM_TIME, -1) == NULL);
  CU_ASSERT(nmd_dimension_unit(NMD_DIM_TIME, 100) == NULL);
}

static void test_format_reads_back(void) {
  static const double values[] = {0, 1, -1, 0.1, 1.0 / 3, 1e-300, 1e300, 300, 12345678.9, 6.02214076e23, 1e15 + 0.3};
  for (int d = 0; d <= NMD_DIM_WALLTIME; d++)
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
      char text[64];
      double back = NAN;
      nmd_quantity_format(values[i], (nmd_dimension)d, text, sizeof text);
      TEST_OK(nmd_quantity_parse(text, (nmd_dimension)d, &back));
      TEST_CHECK(fabs(back - values[i]) <= 3e-16 * fabs(values[i]), "\"%s\" -> %.17g, expected %.17g", text, back,
                 values[i]);
    }
  char text[64];
  nmd_quantity_format(1.0 / NMD_EV_PER_A3_TO_GPA, NMD_DIM_PRESSURE, text, sizeof text);
  TEST_EQUAL_TEXT(text, "1 GPa");
  nmd_quantity_format(8.6 * (1.0 / NMD_EV_PER_A3_TO_GPA), NMD_DIM_PRESSURE, text, sizeof text);
  TEST_EQUAL_TEXT(text, "8.6 GPa");
  nmd_quantity_format(INFINITY, NMD_DIM_TIME, text, sizeof text);
  TEST_EQUAL_TEXT(text, "inf fs");
  nmd_quantity_format(12500, NMD_DIM_TIME, text, sizeof text);
  TEST_EQUAL_TEXT(text, "12500 fs");
  nmd_quantity_format(0.1, NMD_DIM_NONE, text, sizeof text);
  TEST_EQUAL_TEXT(text, "0.1");
}

TEST_SUITE("base/units", TEST(test_constants), TEST(test_values), TEST(test_bad_numbers), TEST(test_wrong_units),
           TEST(test_default_units), TEST(test_format_reads_back))
