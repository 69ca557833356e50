/* SPDX-License-Identifier: BSD-3-Clause */
/* A program's command line for people and shells: man page and completions, whatever table it is parsed with. */
#ifndef NNPMD_BASE_COMMAND_PAGE_H
#define NNPMD_BASE_COMMAND_PAGE_H

#include "base/option_command.h"

enum { NMD_PAGE_OPTIONS_MAX = 72, NMD_PAGE_ABOUT_MAX = 512 };

typedef struct nmd_page_option {
  const char *name;               /* without --; not owned, as all that follow */
  char letter;                    /* of -q, or 0 */
  const char *value;              /* "FILE", "N"; NULL: a flag */
  const char *choices;            /* of the value, "a|b|c", or NULL */
  const char *doc;                /* one line */
  char about[NMD_PAGE_ABOUT_MAX]; /* type, range, default; "": nothing to say */
} nmd_page_option;

typedef struct nmd_page {
  nmd_command_text text;
  const char *command;     /* of a program with commands (then each is a page), or NULL */
  const char *exit_status; /* sentences */
  int n;
  nmd_page_option options[NMD_PAGE_OPTIONS_MAX];
} nmd_page;

/* The options of a table, and those that every tool has (--help, --version, --man, --completion). Local. */
void nmd_page_fill(const nmd_option_table *table, nmd_page *page);
/* In roff, for section 1. Local. */
void nmd_page_man(const nmd_page *page, nmd_text_writer *write, void *context);
/* A script for "bash" or "zsh" that completes options, choices and files of a program with n pages. Local. Errors:
 * BAD_CHOICE. */
nmd_status nmd_page_completion(const nmd_page *pages, int n, const char *program, const char *shell,
                               nmd_text_writer *write, void *context) NMD_MUST_USE;

#endif
