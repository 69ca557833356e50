/* SPDX-License-Identifier: BSD-3-Clause */
/* The main function of the programs that run a study described by a YAML file: command line, answers about keys, MPI.
 */
#ifndef NNPMD_TOOLS_STUDY_MAIN_H
#define NNPMD_TOOLS_STUDY_MAIN_H

#include <stdbool.h>

#include "base/option.h"
#include "parallel/comm.h"

typedef struct study_program {
  const char *name;                       /* "nnpmd-mixing" */
  const char *summary;                    /* a sentence or two for --help */
  const char *about;                      /* paragraphs of the man page */
  const nmd_option_table *(*table)(void); /* of the input */
  /* Read the input with `n` assignments "a.b=c"; check: say what would be done, on rank 0, and do nothing. Collective.
   */
  nmd_status (*run)(const nmd_comm *world, const char *path, int n, char *const *assignments, bool check);
} study_program;

int study_main(const study_program *program, int argc, char **argv); /* returns the exit code */

#endif
