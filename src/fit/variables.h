/* SPDX-License-Identifier: BSD-3-Clause */
/* The numbers of a potential that are fitted: places in its YAML, with bounds; tied to each other or held. */
#ifndef NNPMD_FIT_VARIABLES_H
#define NNPMD_FIT_VARIABLES_H

#include "base/option.h"
#include "base/yaml.h"

typedef struct nmd_variable {
  char *path;       /* below `potential`, e.g. sum.terms.0.morse.pairs.1.depth */
  double low, high; /* in the default unit of the key */
  bool fixed;       /* stays as it stands in the potential */
  char *same_as;    /* path of another one, or NULL */
  double factor;    /* times that one */
} nmd_variable;

typedef struct nmd_variables {
  nmd_variable *all; /* owned */
  int n;
  int n_free, free[256];      /* which are searched */
  int *source;                /* [n] index among the free ones, -1: fixed */
  double *low, *high, *start; /* [n_free]; start: from the potential, put into the bounds */
} nmd_variables;

extern const nmd_option_table nmd_variable_table; /* of one entry of `parameters` */

/* From the list `parameters`; the numbers at the start from `potential`. Local. Errors: MISSING_KEY (no such place),
 * CONFLICT (bounds, ties to nothing or to a tied one), BAD_NUMBER, MEMORY. */
nmd_status nmd_variables_read(const nmd_yaml_node *list, const nmd_yaml_node *potential,
                              nmd_variables *out) NMD_MUST_USE;
void nmd_variables_free(nmd_variables *variables);
/* The document with x [n_free] put in. Local. Errors: those of YAML. */
nmd_status nmd_variables_apply(const nmd_variables *variables, const double *x, nmd_yaml *document) NMD_MUST_USE;

#endif
