/* SPDX-License-Identifier: BSD-3-Clause */
/* The input file: text on rank 0, the same tree and parameters on every rank. */
#ifndef NNPMD_SIMULATION_INPUT_H
#define NNPMD_SIMULATION_INPUT_H

#include "base/option.h"
#include "parallel/comm.h"

typedef struct nmd_structure_input {
  char *file;
  int format;                      /* see nmd_structure_format_chosen */
  int64_t frame;                   /* from 0; -1: the last */
  double length_unit;              /* A per unit, of formats without one */
  nmd_text_list elements;          /* of LAMMPS atom types 1, 2, ... */
  int64_t repeat[3];
  const nmd_yaml_node *build;
  double minimum_distance;
  char *save;                      /* or NULL */
} nmd_structure_input;

typedef struct nmd_parallel_input {
  int64_t grid[3];
  int64_t threads;                 /* a rank; 0: what OMP_NUM_THREADS says, else 1 */
  double skin;
  bool balance;
} nmd_parallel_input;

typedef struct nmd_checkpoint_input {
  char *file;
  int64_t every;                   /* steps, 0: only at the end of stages */
  double every_walltime;           /* s, 0: never */
  int64_t keep;
  int64_t last_frames;             /* kept in memory, for failures */
} nmd_checkpoint_input;

/* The sections of the file; *_table in input.c. */
typedef struct nmd_input {
  nmd_yaml *tree; /* first, for nmd_input_kind; owned */
  char *title;
  int64_t seed;
  char *output_folder;
  const nmd_yaml_node *structure_node, *potential, *stages, *outputs, *parallel_node, *checkpoint_node, *groups, *masses;
  /* parsed sections */
  nmd_structure_input structure;
  nmd_parallel_input parallel;
  nmd_checkpoint_input checkpoint;
} nmd_input;

/* The reader's name of a value of structure.format, NULL for "auto". Local. */
const char *nmd_structure_format_chosen(int format);

/* Read `path` on rank 0, broadcast the text, apply `n` assignments "a.b=c", parse. Errors: everything base gives, with
 * file:line:column. Collective; same status on all ranks. */
nmd_status nmd_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments, nmd_input *input)
    NMD_MUST_USE;
/* An input of these parts and defaults, for a run inside of another program. The nodes are borrowed. Local. Errors:
 * WRONG_TYPE, MISSING_KEY (no stages), MEMORY. */
nmd_status nmd_input_compose(const nmd_yaml_node *potential, const nmd_yaml_node *stages, int64_t seed,
                             nmd_input *input) NMD_MUST_USE;
void nmd_input_free(nmd_input *input);
/* The root option table with everything below it, for --schema, --explain and docs. */
const nmd_option_table *nmd_input_table(void);

#endif
