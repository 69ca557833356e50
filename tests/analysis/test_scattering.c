/* SPDX-License-Identifier: BSD-3-Clause */
/* Form factors and scattering lengths against ASE, against what they must be, and their weights. */
#include "analysis/scattering.h"

#include "analysis/ase_debye.h"
#include "support/test.h"
#include "system/element.h"

static void test_against_ase(void) {
  const int number[] = {6, 28, 79};
  const double *expected[] = {ase_f_C, ase_f_Ni, ase_f_Au};
  for (int e = 0; e < 3; e++)
    for (int i = 0; i < ASE_Q; i++) {
      double f;
      TEST_OK(nmd_xray_form_factor(number[e], ase_q[i], &f));
      TEST_RELATIVE(f, expected[e][i], 2e-6); /* the last digits differ between the tables */
    }
}

/* All electrons scatter forward, fewer and fewer with Q; the fits are good to some hundredths of an electron. */
static void test_all_elements(void) {
  for (int z = 1; z <= NMD_SCATTERING_MAX; z++) {
    double f, before;
    TEST_OK(nmd_xray_form_factor(z, 0, &before));
    TEST_NEAR(before, z, 0.05);
    for (double q = 0.5; q < 25; q += 0.5) {
      TEST_OK(nmd_xray_form_factor(z, q, &f));
      TEST_CHECK(f < before + 1e-3 && f > -1e-2, "%s at %g: %g after %g", nmd_element_symbol(z), q, f, before);
      before = f;
    }
  }
}

/* fm, Sears (1992); later measurements moved none of these by more than 4 %. */
static void test_neutron_lengths(void) {
  const struct {
    const char *symbol;
    double b;
  } known[] = {{"H", -3.739}, {"Li", -1.90}, {"C", 6.646},  {"N", 9.36},   {"O", 5.803},   {"Na", 3.63},  {"Al", 3.449},
               {"Si", 4.149}, {"S", 2.847},  {"Cl", 9.577}, {"Ar", 1.909}, {"Ti", -3.438}, {"Fe", 9.45},  {"Ni", 10.3},
               {"Cu", 7.718}, {"Zr", 7.16},  {"Nb", 7.054}, {"Ag", 5.922}, {"La", 8.24},   {"Pb", 9.405}, {"Au", 7.63}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    double b;
    TEST_OK(nmd_neutron_length(nmd_element_from_symbol(known[k].symbol), &b));
    TEST_RELATIVE(b, known[k].b, 0.04);
  }
}

static void test_weights(void) {
  double w[6];
  const double c[3] = {0.5, 0.3, 0.2}, f[3] = {3, -1, 8};
  TEST_OK(nmd_faber_ziman(3, c, f, w));
  TEST_NEAR(w[0] + w[1] + w[2] + w[3] + w[4] + w[5], 1, 1e-14);
  TEST_NEAR(w[1], 2 * 0.15 * -3 / (2.8 * 2.8), 1e-14);
  TEST_NEAR(w[5], 0.04 * 64 / (2.8 * 2.8), 1e-14);
}

static void test_errors(void) {
  double f, w[3];
  TEST_FAILS(nmd_xray_form_factor(99, 1, &f), NMD_UNKNOWN_ELEMENT);
  TEST_FAILS(nmd_xray_form_factor(0, 1, &f), NMD_UNKNOWN_ELEMENT);
  TEST_FAILS(nmd_xray_form_factor(3, 80, &f), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_xray_form_factor(3, -1, &f), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_neutron_length(85, &f), NMD_UNKNOWN_ELEMENT);
  TEST_CONTAINS(nmd_error_text(), "element At");
  TEST_FAILS(nmd_faber_ziman(2, (double[]){0.5, 0.5}, (double[]){2, -2}, w), NMD_CONFLICT);
}

TEST_SUITE("analysis/scattering", TEST(test_against_ase), TEST(test_all_elements), TEST(test_neutron_lengths),
           TEST(test_weights), TEST(test_errors))
