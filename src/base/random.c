/* SPDX-License-Identifier: BSD-3-Clause */
/* Two levels of Philox4x32-10 (J. Salmon, M. Moraes, R. Dror, D. Shaw, SC11 (2011), "Parallel random numbers: as easy
 * as 1, 2, 3"). Seed, stream, draw, step and id have more bits together than one counter block (128) and one key (64),
 * so (seed; stream, draw) gives the key of a second block whose counter is the full 64 + 64 bits of (step, id). For a
 * given key a block is a bijection of its counter: no two (step, id) ever share their words. The price, a second block
 * of about 10 ns, is nothing beside one atom's forces. */
#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

static uint32_t low(uint64_t x) { return (uint32_t)(x & UINT32_MAX); }
static uint32_t high(uint64_t x) { return (uint32_t)(x >> 32); }

void nmd_random_words(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, uint32_t words[4]) {
  const philox4x32_key_t outer_key = {{low(seed), high(seed)}};
  const philox4x32_ctr_t purpose = {{(uint32_t)stream, draw, 0, 0}};
  const philox4x32_ctr_t derived = philox4x32(purpose, outer_key);
  const philox4x32_key_t key = {{derived.v[0], derived.v[1]}};
  const uint64_t s = (uint64_t)step, i = (uint64_t)id;
  const philox4x32_ctr_t counter = {{low(s), high(s), low(i), high(i)}};
  const philox4x32_ctr_t out = philox4x32(counter, key);
  for (int k = 0; k < 4; k++) words[k] = out.v[k];
}

/* 52 random bits at the middle of their bin: exact in a double, and never 0 or 1. */
static double open_uniform(uint32_t upper, uint32_t lower) {
  const uint64_t bits = ((uint64_t)upper << 32 | lower) >> 12;
  return ((double)bits + 0.5) * 0x1p-52;
}

void nmd_random_uniform2(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, double u[2]) {
  uint32_t words[4];
  nmd_random_words(seed, stream, step, id, draw, words);
  u[0] = open_uniform(words[0], words[1]);
  u[1] = open_uniform(words[2], words[3]);
}

/* G. Box, M. Muller, Ann. Math. Stat. 29, 610 (1958): no rejection, so a draw always costs the same counters. */
void nmd_random_normal2(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, double g[2]) {
  double u[2];
  nmd_random_uniform2(seed, stream, step, id, draw, u);
  const double radius = sqrt(-2.0 * log(u[0])), angle = 2.0 * M_PI * u[1];
  g[0] = radius * cos(angle);
  g[1] = radius * sin(angle);
}

void nmd_random_normal3(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, double g[3]) {
  double a[2], b[2];
  nmd_random_normal2(seed, stream, step, id, 2 * draw, a);
  nmd_random_normal2(seed, stream, step, id, 2 * draw + 1, b);
  g[0] = a[0];
  g[1] = a[1];
  g[2] = b[0];
}
