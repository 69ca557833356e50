/* SPDX-License-Identifier: BSD-3-Clause */
/* Command lines read by an option table: --key VALUE, --key=VALUE, --flag; all other words are left in order. The same
 * table gives --help, the man page and completions (command_page.h), so nothing about an option is written twice. */
#ifndef NNPMD_BASE_OPTION_COMMAND_H
#define NNPMD_BASE_OPTION_COMMAND_H

#include "base/option.h"

typedef enum nmd_command_request {
  NMD_COMMAND_RUN,
  NMD_COMMAND_HELP,
  NMD_COMMAND_MAN,
  NMD_COMMAND_COMPLETION,
  NMD_COMMAND_VERSION
} nmd_command_request;

typedef struct nmd_command {
  nmd_command_request request; /* --help (-h), --man, --completion, --version (-V): then nothing else was read */
  const char *shell;           /* of --completion; not owned */
  int n_words;
  char **words; /* owned array of argv's words that are no options */
} nmd_command;

/* What --help and the man page say around the options. */
typedef struct nmd_command_text {
  const char *program;     /* "nnpmd-msd" */
  const char *words;       /* "TRAJECTORY..." */
  const char *summary;     /* one line, no full stop */
  const char *description; /* paragraphs, separated by blank lines */
  const char *version;
} nmd_command_text;

/* Fill *parameters as nmd_options_parse does (nmd_options_free it when the request is RUN). A list is written a,b,c;
 * a flag without a value is true. A word "--" ends the options. Messages name the option. Errors: USAGE (unknown option
 * with the nearest one, no value, given twice), and those of nmd_options_parse. */
nmd_status nmd_command_parse(const nmd_option_table *table, int argc, char **argv, void *parameters,
                             nmd_command *command) NMD_MUST_USE;
void nmd_command_free(nmd_command *command);
void nmd_command_help(const nmd_option_table *table, const nmd_command_text *text, nmd_text_writer *write,
                      void *context);

#endif
