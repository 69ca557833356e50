/* SPDX-License-Identifier: BSD-3-Clause */
/* What an evaluator is made of, for the files of this module and the benchmarks. */
#ifndef NNPMD_NNP_EVALUATOR_DATA_H
#define NNPMD_NNP_EVALUATOR_DATA_H

#include <stdatomic.h>

#include "nnp/kernel.h"

struct nmd_evaluator {
  const nmd_model *model; /* the first one of a committee; not owned */
  const nmd_kernels *kernels;
  atomic_int *users;              /* evaluators that share what follows; the last one frees it */
  nmd_element_plan *plans;        /* [n_elements], read only once made, like the rest */
  int n_members;                  /* of the committee, or 1 */
  int n_networks;                 /* of an element: 1 for all members, or 1 for each where their shapes differ */
  nmd_network *networks;          /* [n_elements][n_networks] */
  double *extra_offset;           /* [n_elements][n_members] of a member's atom beyond that of the first one, eV */
  int block;                      /* centres at a time: NMD_BLOCK, or 1 */
  nmd_scratch scratch[NMD_BLOCK]; /* of this one alone; `block` in use, each of one centre */
};

/* Arrays whose length depends on the plans alone; with room for some neighbours. Errors: MEMORY. */
nmd_status nmd__scratch_init(nmd_evaluator *e) NMD_MUST_USE;
/* Room for `n` neighbours of a centre. Errors: MEMORY. */
nmd_status nmd__scratch_neighbours(nmd_evaluator *e, int n) NMD_MUST_USE;
/* Where each triple group's pairs go, for the neighbours now in the scratch. Errors: MEMORY. */
nmd_status nmd__scratch_streams(const nmd_evaluator *e, const nmd_element_plan *plan, nmd_scratch *s) NMD_MUST_USE;
void nmd__scratch_free(nmd_evaluator *e);

#endif
