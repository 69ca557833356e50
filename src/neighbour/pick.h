/* SPDX-License-Identifier: BSD-3-Clause */
/* The innermost loop of a list build: which of a run of atoms are near a point. One file per instruction set; all give
 * the same result to the last bit, since each distance is the same sum of the same squares. */
#ifndef NNPMD_NEIGHBOUR_PICK_H
#define NNPMD_NEIGHBOUR_PICK_H

#include <stdint.h>

enum { NMD__PICK_SLACK = 8 }; /* items behind the last result that a pick may overwrite */

typedef struct nmd__pick_input {
  const double *x, *y, *z; /* sorted by cell */
  const int32_t *atom;     /* whose coordinates these are */
} nmd__pick_input;

/* Write the atoms of slots [first, last) other than `self` with |x_slot - x|^2 < r2 to out; returns how many. */
typedef int nmd__pick(const nmd__pick_input *in, int first, int last, const double x[3], double r2, int32_t self,
                      int32_t *out);
nmd__pick nmd__pick_portable, nmd__pick_avx512;
nmd__pick *nmd__pick_choose(void); /* the best of this processor */

#endif
