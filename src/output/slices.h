/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of the outputs that cut the cell into slices, and the count over all ranks; the arithmetic is in
 * analysis/slices.h. */
#ifndef NNPMD_OUTPUT_SLICES_H
#define NNPMD_OUTPUT_SLICES_H

#include "analysis/slices.h"
#include "output/output.h"

/* NMD_SLICE_OPTIONS(struct, member) makes the option lines. */
typedef struct nmd_slice_parameters {
  int axis;
  int64_t bins;
} nmd_slice_parameters;

#define NMD_SLICE_OPTIONS(type, member)                                                                                \
  {"axis",          NMD_OPT_CHOICE,     offsetof(type, member.axis),                                                   \
   .fallback = "c", .choices = "a|b|c", .doc = "cell vector across which the slices are cut"},                         \
  {                                                                                                                    \
    "bins", NMD_OPT_INT, offsetof(type, member.bins), .fallback = "40", .min = 1, .max = 100000,                       \
                                                      .doc = "number of slices"                                        \
  }

/* The owned atoms of all ranks; the same on all. Collective. */
static inline void nmd_slices_observe(nmd_slices *slices, const nmd_observation *seen) {
  nmd_slices_count(slices, seen->box, seen->atoms->n_owned, (const double(*)[3])seen->atoms->x, seen->atoms->species);
  nmd_comm_sum_int(seen->comm, slices->count, slices->bins * slices->kinds);
}

#endif
