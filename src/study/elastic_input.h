/* SPDX-License-Identifier: BSD-3-Clause */
/* The input of nnpmd-elastic: a crystal, a potential, how far to strain it. */
#ifndef NNPMD_STUDY_ELASTIC_INPUT_H
#define NNPMD_STUDY_ELASTIC_INPUT_H

#include "base/option.h"
#include "parallel/comm.h"
#include "system/structure.h"

typedef struct nmd_elastic_crystal {
  char *prototype;
  nmd_text_list elements;
  double volume; /* A^3 an atom */
} nmd_elastic_crystal;

typedef struct nmd_elastic_relax {
  double force_tolerance;  /* eV/A */
  double stress_tolerance; /* eV/A^3 */
  int64_t max_steps;
} nmd_elastic_relax;

typedef struct nmd_elastic_input {
  nmd_yaml *tree; /* first, for nmd_input_kind; owned */
  char *output;
  const nmd_yaml_node *potential, *crystal_node, *relax_node;
  char *structure; /* file, or NULL: crystal */
  double strain;
  double range; /* of volumes: V0 (1 +- range) */
  int64_t points;
  bool pictures;
  nmd_elastic_crystal crystal;
  nmd_elastic_relax relax;
} nmd_elastic_input;

const nmd_option_table *nmd_elastic_input_table(void);
/* Text on rank 0, broadcast, "a.b=c" assignments, parsed and checked. Collective; same status on all ranks. */
nmd_status nmd_elastic_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                  nmd_elastic_input *input) NMD_MUST_USE;
void nmd_elastic_input_free(nmd_elastic_input *input);
/* The crystal of the input. Local. Errors: those of reading, CONFLICT (open boundaries). */
nmd_status nmd_elastic_input_structure(const nmd_elastic_input *input, nmd_structure *out) NMD_MUST_USE;

#endif
