/* SPDX-License-Identifier: BSD-3-Clause */
/* The main function of the programs that do what one YAML file says: command line, answers about keys, MPI. */
#ifndef NNPMD_TOOLS_INPUT_PROGRAM_H
#define NNPMD_TOOLS_INPUT_PROGRAM_H

#include <stdbool.h>

#include "base/option.h"
#include "parallel/comm.h"

/* What the command line asks for. */
typedef struct input_run {
  const char *path; /* of the YAML file */
  int n;            /* assignments "a.b=c" from --set */
  char *const *assignments;
  bool check;         /* say what would be done, on rank 0, and do nothing */
  bool restart;       /* go on from the checkpoint in the output folder */
  double max_seconds; /* stop with a checkpoint (INTERRUPTED) after so much wall time; 0: never */
} input_run;

typedef struct input_program {
  const char *name;                       /* "nnpmd-mixing" */
  const char *argument;                   /* "STUDY.yaml" */
  const char *summary;                    /* a sentence or two for --help */
  const char *exit_codes;                 /* the last line of --help */
  const char *about;                      /* paragraphs of the man page */
  const char *example;                    /* "relax.max_steps=500": a key of the input and a value */
  const char *check;                      /* what --check does; NULL: there is none */
  bool restarts;                          /* it has --restart and --max-hours */
  const nmd_option_table *(*table)(void); /* of the input */
  nmd_status (*run)(const nmd_comm *world, const input_run *asked); /* Collective */
} input_program;

int input_program_main(const input_program *program, int argc, char **argv); /* returns the exit code */
/* Draw what `pictures.gnuplot` in this folder says, if there is a gnuplot; a line of the log where not. */
void input_program_draw(const char *folder);

#endif
