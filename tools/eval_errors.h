/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors of a model against the labels that structures carry, whole and by family (key `kind`). */
#ifndef NNPMD_TOOLS_EVAL_ERRORS_H
#define NNPMD_TOOLS_EVAL_ERRORS_H

#include "nnpmd/nnpmd.h"
#include "parallel/comm.h"
#include "system/structure.h"
#include "training/metrics.h"

typedef struct error_family {
  char name[64];
  double frames, atoms;
  nmd_error_sums sums;
} error_family;

typedef struct error_table { /* the same families in the same order on every rank */
  int n;
  error_family *families; /* [n], owned; the first one is everything */
} error_table;

/* The family of a structure, made at its first. Every rank calls it for every structure, in the same order. */
nmd_status error_table_family(error_table *table, const nmd_structure *structure, int *family) NMD_MUST_USE;
/* Add what a structure's labels and the results say; the rank that evaluated it. Errors: MEMORY. */
nmd_status error_table_add(error_table *table, int family, const nmd_structure *structure,
                           const nnpmd_results *results) NMD_MUST_USE;
/* Sum over ranks and print on rank 0. Collective. Errors: MISSING_KEY (no structure had a label). */
nmd_status error_table_print(const nmd_comm *world, error_table *table) NMD_MUST_USE;
void error_table_free(error_table *table);

#endif
