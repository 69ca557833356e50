/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset: labelled structures from any source to a data set to train with. One command, one file dataset_*.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/option.h"
#include "base/version.h"
#include "dataset_tool.h"

static const dataset_command *const commands[] = {
    &nmd__dataset_convert, &nmd__dataset_check,  &nmd__dataset_split,     &nmd__dataset_merge, &nmd__dataset_reweight,
    &nmd__dataset_stats,   &nmd__dataset_select, &nmd__dataset_functions, &nmd__dataset_label,
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

char **nmd__dataset_environment;

/* Before MPI adds to it: commands that label must not take themselves for a part of this job. */
static void keep_environment(void) {
  size_t n = 0;
  while (environ[n] != NULL) n++;
  nmd__dataset_environment = calloc(n + 1, sizeof *nmd__dataset_environment);
  for (size_t k = 0; k < n && nmd__dataset_environment != NULL; k++) nmd__dataset_environment[k] = strdup(environ[k]);
}

static void print_help(void) {
  printf("usage: nnpmd-dataset COMMAND [OPTION...] FILE...\n\n"
         "Labelled structures: read, checked, looked at, divided, chosen, labelled, written.\n\nCommands:\n");
  for (int k = 0; k < N_COMMANDS; k++) printf("  %-10s %s\n", commands[k]->name, commands[k]->summary);
  printf("\nnnpmd-dataset COMMAND --help lists the options of a command.\nFormats read:\n");
  for (int k = 0; k < nmd_structure_format_count(); k++)
    printf("  %-12s %s\n", nmd_structure_format_name(k), nmd_structure_format_doc(k));
  printf("\nExit codes: 0 done, 2 input error, 4 I/O or memory, 75 stopped early (label).\n");
}

static int unknown(const char *word) {
  const char *names[N_COMMANDS];
  for (int k = 0; k < N_COMMANDS; k++) names[k] = commands[k]->name;
  const char *near = nmd_nearest(word, names, N_COMMANDS);
  fprintf(stderr, "nnpmd-dataset: error: unknown command '%.40s'%s%s%s; expected one of:", word,
          near != NULL ? " (did you mean " : "", near != NULL ? near : "", near != NULL ? "?)" : "");
  for (int k = 0; k < N_COMMANDS; k++) fprintf(stderr, " %s", names[k]);
  fprintf(stderr, "\n");
  return 2;
}

static void to_stdout(void *context, const char *text) {
  (void)context;
  fputs(text, stdout);
}

/* The man page: commands stand where options do elsewhere. Each command has its own with all its options. */
static void print_man(void) {
  static nmd_page page = {.text = {.program = "nnpmd-dataset",
                                   .words = "COMMAND FILE...",
                                   .summary = "labelled structures: read, checked, divided, chosen, labelled, written",
                                   .version = NMD_VERSION},
                          .exit_status = "0: done. 2: input error. 4: I/O or memory. 75: stopped early (label)."};
  static char description[4096];
  size_t used = (size_t)snprintf(description, sizeof description,
                                 "Takes sets of labelled structures in the formats of several programs to sets to train "
                                 "with. Options of a command are listed by its --help and in its man page.");
  for (int k = 0; k < N_COMMANDS && used < sizeof description; k++)
    used += (size_t)snprintf(description + used, sizeof description - used, "\n\n%s: %s. See nnpmd-dataset-%s(1).",
                             commands[k]->name, commands[k]->summary, commands[k]->name);
  page.text.description = description;
  static const nmd_option_table none = {.name = "none"};
  nmd_page_fill(&none, &page);
  nmd_page_man(&page, to_stdout, NULL);
}

static int print_completion(const char *shell) {
  static nmd_page pages[N_COMMANDS];
  for (int k = 0; k < N_COMMANDS; k++) {
    nmd__dataset_page(commands[k], &pages[k]);
    pages[k].command = commands[k]->name;
  }
  const nmd_status status = nmd_page_completion(pages, N_COMMANDS, "nnpmd-dataset", shell, to_stdout, NULL);
  if (status != NMD_OK) fprintf(stderr, "nnpmd-dataset: error: %s\n", nmd_error_text());
  return nmd_status_exit_code(status);
}

int main(int argc, char **argv) {
  const char *word = argc > 1 ? argv[1] : "--help";
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
    print_help();
    return argc > 1 ? 0 : 2;
  }
  if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
    printf("nnpmd-dataset %s %s\n", NMD_VERSION, NMD_REVISION);
    return 0;
  }
  if (strcmp(word, "--man") == 0) {
    print_man();
    return 0;
  }
  if (strcmp(word, "--completion") == 0) return print_completion(argc > 2 ? argv[2] : "");
  keep_environment();
  for (int k = 0; k < N_COMMANDS; k++)
    if (strcmp(word, commands[k]->name) == 0) return nmd__dataset_main(commands[k], argc - 1, argv + 1);
  return unknown(word);
}
