/* SPDX-License-Identifier: BSD-3-Clause */
/* Counter-based random numbers (Random123, Philox4x32-10: Salmon et al., SC11 (2011)): a pure function of
 * (seed, stream, step, id), so noise does not depend on ranks, order or restarts. */
#ifndef NNPMD_BASE_RANDOM_H
#define NNPMD_BASE_RANDOM_H

#include <stdint.h>

/* One per use, never reused for another. */
typedef enum nmd_stream {
  NMD_STREAM_DATASET = 24, /* splits and random choices of structures */
  NMD_STREAM_LANGEVIN = 1,
  NMD_STREAM_CSVR = 2,
  NMD_STREAM_BAROSTAT = 3,
  NMD_STREAM_VELOCITY = 4,
  NMD_STREAM_BUILD = 5,
  NMD_STREAM_EXCHANGE = 6,   /* Monte Carlo moves of elements */
  NMD_STREAM_LATTICE = 26,   /* moves, exchanges and random arrangements on a lattice */
  NMD_STREAM_WEIGHTS = 20,   /* first weights of a network */
  NMD_STREAM_SHUFFLE = 21,   /* order of structures in training */
  NMD_STREAM_SELECT = 22,    /* force components in training */
  NMD_STREAM_SPLIT = 23,     /* validation set */
  NMD_STREAM_BOOTSTRAP = 30, /* resampling of ions */
  NMD_STREAM_SELF_TEST = 40, /* directions in which forces are tested at the start */
  NMD_STREAM_SEARCH = 25,    /* populations of a global search */
  NMD_STREAM_TEST = 99
} nmd_stream;

/* Four independent 32-bit words for (seed, stream, step, id, draw). step, id: 64-bit; draw < 2^16. */
void nmd_random_words(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, uint32_t words[4]);
/* Two uniforms in the open interval (0, 1), 52 random bits each. */
void nmd_random_uniform2(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, double u[2]);
/* Two independent standard normals (Box-Muller). */
void nmd_random_normal2(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, double g[2]);
/* Three standard normals (uses draws 2*draw and 2*draw+1). */
void nmd_random_normal3(uint64_t seed, nmd_stream stream, int64_t step, int64_t id, unsigned draw, double g[3]);

#endif
