/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"

#include <Random123/philox.h>

#include "support/test.h"

enum { SAMPLES = 200000 };

/* The known-answer vectors that Random123 publishes (kat_vectors, philox4x32 10). */
static void test_philox_known_answers(void) {
  static const uint32_t vectors[3][10] = {
      {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
      {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
      {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
       0x24126ea1}};
  for (int i = 0; i < 3; i++) {
    const uint32_t *v = vectors[i];
    const philox4x32_ctr_t counter = {{v[0], v[1], v[2], v[3]}};
    const philox4x32_key_t key = {{v[4], v[5]}};
    const philox4x32_ctr_t out = philox4x32(counter, key);
    for (int k = 0; k < 4; k++) TEST_EQUAL_INT(out.v[k], v[6 + k]);
  }
}

/* From an independent Philox in Python: key = first two words of philox((stream, draw, 0, 0); seed). These fix the
 * packing for good: a change would change every run that is continued. */
static void test_words(void) {
  static const struct {
    uint64_t seed;
    int stream;
    int64_t step, id;
    unsigned draw;
    uint32_t words[4];
  } known[] = {
      {0, 99, 0, 0, 0, {0x02b37205, 0x2b38ba8b, 0x89da2d15, 0x8b6ed03f}},
      {1, 99, 2, 3, 4, {0x3927d6f8, 0x78a923a8, 0x93a3fb9a, 0x230466f1}},
      {0x123456789abcdef0, 1, -1, ((int64_t)1 << 40) + 7, 65535, {0xf0a287e6, 0x9130a8a2, 0x77cb7ad6, 0xbd771657}}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    uint32_t words[4];
    nmd_random_words(known[i].seed, (nmd_stream)known[i].stream, known[i].step, known[i].id, known[i].draw, words);
    for (int k = 0; k < 4; k++) TEST_EQUAL_INT(words[k], known[i].words[k]);
  }
}

static void test_every_argument_matters(void) {
  uint32_t base[4], other[6][4];
  nmd_random_words(1, NMD_STREAM_TEST, 1, 1, 1, base);
  nmd_random_words(2, NMD_STREAM_TEST, 1, 1, 1, other[0]);
  nmd_random_words(1, NMD_STREAM_BUILD, 1, 1, 1, other[1]);
  nmd_random_words(1, NMD_STREAM_TEST, 1 + ((int64_t)1 << 32), 1, 1, other[2]);
  nmd_random_words(1, NMD_STREAM_TEST, 1, 1 + ((int64_t)1 << 33), 1, other[3]);
  nmd_random_words(1, NMD_STREAM_TEST, 1, 1, 2, other[4]);
  nmd_random_words(1 + ((uint64_t)1 << 35), NMD_STREAM_TEST, 1, 1, 1, other[5]);
  for (int i = 0; i < 6; i++) {
    TEST_CHECK(memcmp(base, other[i], sizeof base) != 0, "argument %d has no effect", i);
    for (int k = 0; k < i; k++) CU_ASSERT(memcmp(other[k], other[i], sizeof base) != 0);
  }
}

static void test_uniform_values(void) {
  double u[2], g[2];
  nmd_random_uniform2(1, NMD_STREAM_TEST, 2, 3, 0, u);
  TEST_NEAR(u[0], 0.45328140314430543, 0);
  TEST_NEAR(u[1], 0.5147933909513075, 0);
  nmd_random_normal2(1, NMD_STREAM_TEST, 2, 3, 0, g);
  TEST_NEAR(g[0], -1.2525380403699926, 1e-14);
  TEST_NEAR(g[1], -0.11675937720224724, 1e-14);
}

/* Moments within five standard errors; open interval; halves uncorrelated. */
static void test_uniform_moments(void) {
  double sum[2] = {0}, square[2] = {0}, cross = 0, least = 1, most = 0;
  int bins[16] = {0};
  for (int i = 0; i < SAMPLES; i++) {
    double u[2];
    nmd_random_uniform2(7, NMD_STREAM_TEST, 11, i, 0, u);
    for (int k = 0; k < 2; k++) {
      sum[k] += u[k];
      square[k] += u[k] * u[k];
      least = fmin(least, u[k]);
      most = fmax(most, u[k]);
      bins[(int)(16 * u[k])]++;
    }
    cross += (u[0] - 0.5) * (u[1] - 0.5);
  }
  CU_ASSERT(least > 0 && most < 1);
  for (int k = 0; k < 2; k++) {
    TEST_NEAR(sum[k] / SAMPLES, 0.5, 5 * sqrt(1.0 / 12 / SAMPLES));
    TEST_NEAR(square[k] / SAMPLES, 1.0 / 3, 5 * sqrt(4.0 / 45 / SAMPLES));
  }
  TEST_NEAR(cross / SAMPLES, 0, 5.0 / 12 / sqrt(SAMPLES));
  double chi2 = 0;
  for (int b = 0; b < 16; b++) chi2 += pow(bins[b] - 2.0 * SAMPLES / 16, 2) / (2.0 * SAMPLES / 16);
  TEST_CHECK(chi2 < 45, "chi^2 = %g with 15 degrees of freedom", chi2);
}

/* Moments 1 to 6 of the normal distribution: 0, 1, 0, 3, 0, 15, and the three components uncorrelated. */
static void test_normal_moments(void) {
  static const double expected[6] = {0, 1, 0, 3, 0, 15}, variance[6] = {1, 2, 15, 96, 945, 10170};
  double moments[3][6] = {{0}}, cross[3] = {0};
  for (int i = 0; i < SAMPLES; i++) {
    double g[3];
    nmd_random_normal3(3, NMD_STREAM_TEST, i, 5, 1, g);
    for (int k = 0; k < 3; k++) {
      double power = 1;
      for (int m = 0; m < 6; m++) moments[k][m] += power *= g[k];
      cross[k] += g[k] * g[(k + 1) % 3];
    }
  }
  for (int k = 0; k < 3; k++) {
    for (int m = 0; m < 6; m++)
      TEST_CHECK(fabs(moments[k][m] / SAMPLES - expected[m]) < 5 * sqrt(variance[m] / SAMPLES),
                 "component %d: moment %d = %g", k, m + 1, moments[k][m] / SAMPLES);
    TEST_NEAR(cross[k] / SAMPLES, 0, 5 / sqrt(SAMPLES));
  }
}

/* Noise of neighbouring steps, atoms and draws does not correlate: the property a thermostat needs. */
static void test_no_correlation_between_counters(void) {
  double by_step = 0, by_id = 0, by_draw = 0, by_stream = 0;
  for (int i = 0; i < SAMPLES; i++) {
    double g[2], other[2];
    nmd_random_normal2(1, NMD_STREAM_TEST, i, 1, 0, g);
    nmd_random_normal2(1, NMD_STREAM_TEST, i + 1, 1, 0, other);
    by_step += g[0] * other[0];
    nmd_random_normal2(1, NMD_STREAM_TEST, i, 2, 0, other);
    by_id += g[0] * other[0];
    nmd_random_normal2(1, NMD_STREAM_TEST, i, 1, 1, other);
    by_draw += g[0] * other[0];
    nmd_random_normal2(1, NMD_STREAM_LANGEVIN, i, 1, 0, other);
    by_stream += g[0] * other[0];
  }
  const double limit = 5 / sqrt(SAMPLES);
  TEST_NEAR(by_step / SAMPLES, 0, limit);
  TEST_NEAR(by_id / SAMPLES, 0, limit);
  TEST_NEAR(by_draw / SAMPLES, 0, limit);
  TEST_NEAR(by_stream / SAMPLES, 0, limit);
}

TEST_SUITE("base/random", TEST(test_philox_known_answers), TEST(test_words), TEST(test_every_argument_matters),
           TEST(test_uniform_values), TEST(test_uniform_moments), TEST(test_normal_moments),
           TEST(test_no_correlation_between_counters))
