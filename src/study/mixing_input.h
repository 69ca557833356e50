/* SPDX-License-Identifier: BSD-3-Clause */
/* The input of nnpmd-mixing: which structures of two elements are relaxed, with which potential. */
#ifndef NNPMD_STUDY_MIXING_INPUT_H
#define NNPMD_STUDY_MIXING_INPUT_H

#include "base/option.h"
#include "parallel/comm.h"

typedef struct nmd_mixing_enumerate {
  nmd_text_list parents;
  int64_t atoms; /* at most, in the period; 0: none */
} nmd_mixing_enumerate;

typedef struct nmd_mixing_grid {
  nmd_text_list parents;
  int64_t denominator;   /* compositions k / denominator, cells of so many sites; 0: none */
  int64_t orderings;     /* for each composition */
  int64_t sweeps;        /* of the annealing */
  double temperature[2]; /* K */
} nmd_mixing_grid;

typedef struct nmd_mixing_random {
  int64_t number, symmetric, atoms;
} nmd_mixing_random;

typedef struct nmd_mixing_relax {
  double force_tolerance;  /* eV/A */
  double stress_tolerance; /* eV/A^3 */
  int64_t max_steps;
} nmd_mixing_relax;

typedef struct nmd_mixing_input {
  nmd_yaml *tree; /* first, for nmd_input_kind; owned */
  int64_t seed;
  char *output;
  const nmd_yaml_node *potential, *enumerate_node, *grid_node, *random_node, *relax_node;
  nmd_text_list elements, volumes, prototypes;
  double minimum_distance; /* A */
  double window;           /* eV/atom */
  char *compare;           /* labelled structures, or NULL */
  bool pictures;
  /* parsed */
  nmd_mixing_enumerate enumerate;
  nmd_mixing_grid grid;
  nmd_mixing_random random;
  nmd_mixing_relax relax;
  int z[2];
  double volume[2]; /* A^3 an atom */
} nmd_mixing_input;

const nmd_option_table *nmd_mixing_input_table(void);
/* Text on rank 0, broadcast, "a.b=c" assignments, parsed and checked. Collective; same status on all ranks. */
nmd_status nmd_mixing_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                 nmd_mixing_input *input) NMD_MUST_USE;
void nmd_mixing_input_free(nmd_mixing_input *input);

#endif
