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
  keep_environment();
  for (int k = 0; k < N_COMMANDS; k++)
    if (strcmp(word, commands[k]->name) == 0) return nmd__dataset_main(commands[k], argc - 1, argv + 1);
  return unknown(word);
}
