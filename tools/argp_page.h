/* SPDX-License-Identifier: BSD-3-Clause */
/* --man and --completion of the programs whose command line argp reads, from the table that argp reads it with. */
#ifndef NNPMD_TOOLS_ARGP_PAGE_H
#define NNPMD_TOOLS_ARGP_PAGE_H

#include <argp.h>
#include <stdbool.h>

/* For the end of a table of options: so that --help has them. They never come to the parser. */
#define ARGP_PAGE_OPTIONS                                                                                              \
  {"man", 1000, 0, 0, "print the man page", 0}, { "completion", 1001, "SHELL", 0, "print a script for bash or zsh", 0 }

/* If the first word asks for them: print them and give the exit code. `description`: paragraphs of the man page. */
bool nmd_argp_answer(const struct argp *argp, const char *program, const char *description, int argc, char **argv,
                     int *exit_code);

#endif
