/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/activation.h"
#include "support/test.h"

static void test_values(void) {
  const double x = 0.7;
  TEST_NEAR(nmd_activation_value(NMD_ACT_IDENTITY, x, NULL), 0.7, 0.0);
  TEST_NEAR(nmd_activation_value(NMD_ACT_TANH, x, NULL), tanh(0.7), 1e-15);
  TEST_NEAR(nmd_activation_value(NMD_ACT_LOGISTIC, x, NULL), 1.0 / (1.0 + exp(-0.7)), 1e-15);
  TEST_NEAR(nmd_activation_value(NMD_ACT_REVERSED_LOGISTIC, x, NULL), 1.0 - 1.0 / (1.0 + exp(-0.7)), 1e-15);
  TEST_NEAR(nmd_activation_value(NMD_ACT_SOFTPLUS, x, NULL), log(1.0 + exp(0.7)), 1e-15);
  TEST_NEAR(nmd_activation_value(NMD_ACT_RELU, x, NULL), 0.7, 0.0);
  TEST_NEAR(nmd_activation_value(NMD_ACT_RELU, -x, NULL), 0.0, 0.0);
  TEST_NEAR(nmd_activation_value(NMD_ACT_GAUSSIAN, x, NULL), exp(-0.245), 1e-15);
  TEST_NEAR(nmd_activation_value(NMD_ACT_COSINE, x, NULL), cos(0.7), 1e-15);
  TEST_NEAR(nmd_activation_value(NMD_ACT_EXP, x, NULL), exp(-0.7), 1e-15);
  TEST_NEAR(nmd_activation_value(NMD_ACT_HARMONIC, x, NULL), 0.49, 1e-15);
}

static void test_saturation(void) {
  double slope = 2.0;
  TEST_NEAR(nmd_activation_value(NMD_ACT_LOGISTIC, 800.0, &slope), 1.0, 0.0);
  TEST_NEAR(slope, 0.0, 0.0);
  TEST_NEAR(nmd_activation_value(NMD_ACT_LOGISTIC, -800.0, &slope), 0.0, 0.0);
  TEST_NEAR(nmd_activation_value(NMD_ACT_REVERSED_LOGISTIC, -800.0, &slope), 1.0, 0.0);
  TEST_NEAR(nmd_activation_value(NMD_ACT_SOFTPLUS, 800.0, &slope), 800.0, 0.0);
  TEST_NEAR(slope, 1.0, 0.0);
  TEST_NEAR(nmd_activation_value(NMD_ACT_SOFTPLUS, -800.0, &slope), 0.0, 0.0);
  TEST_NEAR(slope, 0.0, 0.0);
  nmd_activation_value(NMD_ACT_RELU, 0.0, &slope);
  TEST_NEAR(slope, 0.0, 0.0);
}

static void test_slopes(void) {
  const double h = 1e-3;
  double largest = 0.0;
  for (int k = NMD_ACT_IDENTITY; k <= NMD_ACT_HARMONIC; k++)
    for (double x = -6.0; x < 6.0; x += 0.0413) {
      double slope;
      if (k == NMD_ACT_RELU && fabs(x) < 3.0 * h) continue;
      nmd_activation_value((nmd_activation)k, x, &slope);
#define F(x) nmd_activation_value((nmd_activation)k, x, NULL)
      const double numeric = (8.0 * (F(x + h) - F(x - h)) - (F(x + 2 * h) - F(x - 2 * h))) / (12.0 * h);
#undef F
      largest = fmax(largest, fabs(slope - numeric) / (1.0 + fabs(slope)));
    }
  printf("  activation functions: slope off by at most %.1e\n", largest);
  TEST_CHECK(largest < 1e-11, "slope off by %g", largest);
}

static void test_letters(void) {
  nmd_activation kind;
  for (const char *letter = "ltspSrgceh"; *letter != '\0'; letter++)
    TEST_CHECK(nmd_activation_from_letter(*letter, &kind) && nmd_activation_letter(kind) == *letter, "letter %c",
               *letter);
  CU_ASSERT_FALSE(nmd_activation_from_letter('G', &kind));
  CU_ASSERT_FALSE(nmd_activation_from_letter('\0', &kind));
  TEST_EQUAL_TEXT(nmd_activation_name(NMD_ACT_TANH), "tanh");
}

TEST_SUITE("nnp/activation", TEST(test_values), TEST(test_saturation), TEST(test_slopes), TEST(test_letters))
