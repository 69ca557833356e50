/* SPDX-License-Identifier: BSD-3-Clause */
/* Pairs of kinds of atoms, whose order does not matter: aa, ab, ..., bb, ... */
#ifndef NNPMD_ANALYSIS_KINDS_H
#define NNPMD_ANALYSIS_KINDS_H

static inline int nmd_kind_pairs(int kinds) { return kinds * (kinds + 1) / 2; }

/* Place of the pair of a and b: loops over a <= b meet 0, 1, 2, ... */
static inline int nmd_kind_pair(int kinds, int a, int b) {
  const int low = a < b ? a : b, high = a < b ? b : a;
  return low * kinds - low * (low - 1) / 2 + high - low;
}

#endif
