/* SPDX-License-Identifier: BSD-3-Clause */
/* Fit of a force field: parameters of a potential, searched by populations on islands (one a rank) against labelled
 * structures, relaxed cells and short runs of molecular dynamics. */
#ifndef NNPMD_FIT_FIELD_FIT_H
#define NNPMD_FIT_FIELD_FIT_H

#include "fit/labelled.h"
#include "fit/search.h"
#include "fit/variables.h"

typedef struct nmd_field_fit_input {
  nmd_yaml *tree; /* first, for nmd_input_kind; owned */
  int64_t seed, population, generations, migrate, every, report;
  char *output;                                                                   /* folder */
  const nmd_yaml_node *potential, *parameters, *data, *loss, *relaxed, *dynamics; /* not owned: of tree */
  const nmd_yaml_node *search;
  bool pictures;
} nmd_field_fit_input;

typedef struct nmd_field_fit_options {
  bool check; /* read all, evaluate the start once, log what would be done; write nothing, search nothing */
  bool restart;
  double max_seconds; /* 0: no limit */
} nmd_field_fit_options;

/* Of the result, the same on all ranks. */
typedef struct nmd_field_fit_result {
  double loss, start_loss;
  int64_t generation, evaluations;
  double x[NMD_SEARCH_DIM_MAX];
} nmd_field_fit_result;

const nmd_option_table *nmd_field_fit_table(void);
/* Read on rank 0, the text goes to all. Collective. Errors: those of base, with places. */
nmd_status nmd_field_fit_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                              nmd_field_fit_input *input) NMD_MUST_USE;
void nmd_field_fit_input_free(nmd_field_fit_input *input);
/* Search; writes fitted.yaml, history.dat, parity_*.dat, rdf_*.dat, adf_*.dat, pictures and the checkpoint into the
 * output folder. Collective. Errors: those of reading and of the potential at the start, CHECKPOINT, WRITE; INTERRUPTED
 * at the limit of time, with a checkpoint. */
nmd_status nmd_field_fit_run(const nmd_comm *comm, const nmd_field_fit_input *input,
                             const nmd_field_fit_options *options, nmd_field_fit_result *result) NMD_MUST_USE;

#endif
