/* SPDX-License-Identifier: BSD-3-Clause */
/* The main function of the programs that do what one YAML file says: command line, answers about keys, MPI. */
#ifndef NNPMD_TOOLS_INPUT_PROGRAM_H
#define NNPMD_TOOLS_INPUT_PROGRAM_H

#include <argp.h>
#include <stdbool.h>

#include "base/option.h"
#include "parallel/comm.h"

enum { INPUT_ASSIGNMENTS_MAX = 256 };

/* What the command line asks for. */
typedef struct input_run {
  const char *path; /* of the YAML file */
  int n;            /* assignments "a.b=c" from --set */
  char *assignments[INPUT_ASSIGNMENTS_MAX];
  bool check;               /* say what would be done, on rank 0, and do nothing */
  bool quiet;               /* no log on the screen */
  bool restart;             /* go on from the checkpoint in the output folder */
  const char *restart_file; /* or from this one */
  double max_seconds;       /* stop with a checkpoint (INTERRUPTED) after so much wall time; 0: never */
} input_run;

typedef struct input_program {
  const char *name;                       /* "nnpmd-mixing" */
  const char *argument;                   /* "STUDY.yaml" */
  const char *summary;                    /* a sentence or two for --help */
  const char *exit_codes;                 /* the last line of --help */
  const char *about;                      /* paragraphs of the man page */
  const char *example;                    /* "relax.max_steps=500": a key of the input and a value */
  const char *explain;                    /* a key as --explain takes it; NULL: that of the example */
  const char *check;                      /* what --check does; NULL: there is none */
  bool restarts;                          /* it has --restart and --max-hours */
  bool restarts_from_file;                /* and that is --restart FILE */
  const struct argp_option *more;         /* options of its own, keys from INPUT_OPTION_OWN, closed by {0}; or NULL */
  void (*take)(int key, char *argument, input_run *asked, const struct argp_state *state); /* one of them */
  nmd_status (*answer)(bool *answered);   /* a question of its own, on rank 0, without input; or NULL */
  void (*print_version)(void);            /* NULL: name and version */
  const nmd_option_table *(*table)(void); /* of the input */
  nmd_status (*run)(const nmd_comm *world, const input_run *asked); /* Collective */
} input_program;

enum { INPUT_OPTION_OWN = 512 };
void input_run_assign(input_run *asked, char *assignment, const struct argp_state *state); /* as --set */

int input_program_main(const input_program *program, int argc, char **argv); /* returns the exit code */
/* Draw what `pictures.gnuplot` in this folder says, if there is a gnuplot; a line of the log where not. */
void input_program_draw(const char *folder);

#endif
