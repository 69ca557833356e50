/* SPDX-License-Identifier: BSD-3-Clause */
/* From many candidate functions to the few worth their time. */
#ifndef NNPMD_DATASET_FUNCTIONS_PRUNE_H
#define NNPMD_DATASET_FUNCTIONS_PRUNE_H

#include "dataset/functions.h"

typedef struct nmd_prune_options {
  double correlation; /* candidates that correlate more than this with an earlier one drop out */
  nmd_function_order order;
  int count;   /* functions of an element; 0: as many as `cost` allows */
  double cost; /* microseconds of an average atom; 0: no limit */
  nmd_input_nn_options input;
} nmd_prune_options;

typedef struct nmd_pruned {
  int *keep, n;                 /* lines of the set, element after element, the most telling first; owned */
  int candidates, distinct;     /* before and after dropping those that go along with others */
  double cost;                  /* predicted, microseconds of an average atom */
  double all_cost;              /* of all candidates */
  double left[NMD_ELEMENT_MAX]; /* share of the variance of the candidates that the kept ones do not describe */
} nmd_pruned;

/* set: lines of nmd_functions_generate; their merits are filled in. frames: what they are judged by (a sample will do).
 * Errors: OUT_OF_RANGE (not one function an element within `cost`), those of the parts, MEMORY. Local. */
nmd_status nmd_functions_prune(const nmd_comm *alone, const nmd_dataset *frames, const nmd_ranges *ranges,
                               nmd_function_set *set, const nmd_prune_options *options, nmd_pruned *out) NMD_MUST_USE;
void nmd_pruned_free(nmd_pruned *pruned);

#endif
