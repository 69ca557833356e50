/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside analysis: the atoms of every frame in order of id, and the check that they are the same atoms. */
#ifndef NNPMD_ANALYSIS_FRAME_ORDER_H
#define NNPMD_ANALYSIS_FRAME_ORDER_H

#include "analysis/selection.h"
#include "system/structure.h"

typedef struct nmd_frame_order {
  int64_t n, selected; /* atoms of a frame, of those selected; n = 0: no frame seen yet */
  int64_t *id;         /* [n] of the first frame, sorted */
  int *atomic_number;  /* [n] likewise */
  int64_t *raw_id;     /* [n] of the last frame, as in the file */
  int64_t *rank;       /* [n] index in the file of the k-th atom by id, of the last frame */
  int64_t *chosen;     /* [selected] which k are selected */
  int64_t *order;      /* [selected] index in the file of each selected atom, of the last frame */
  double (*last_x)[3]; /* [n] positions of the last frame, as in the file */
} nmd_frame_order;

/* Fill atoms (zeroed, or from the last call) with the selected atoms of the frame in order of id: box, numbers, ids, x,
 * v, f. Errors: CONFLICT (other atoms than in the first frame), MISSING_KEY (nothing selected), MEMORY. */
nmd_status nmd_frame_order_apply(nmd_frame_order *order, const nmd_structure *frame, const nmd_selection *selection,
                                 nmd_structure *atoms) NMD_MUST_USE;
void nmd_frame_order_free(nmd_frame_order *order);

#endif
