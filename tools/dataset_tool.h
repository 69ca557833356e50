/* SPDX-License-Identifier: BSD-3-Clause */
/* What the commands of nnpmd-dataset share: the options of reading and writing data sets, and how they are used. */
#ifndef NNPMD_TOOLS_DATASET_TOOL_H
#define NNPMD_TOOLS_DATASET_TOOL_H

#include "dataset/dataset.h"
#include "tool.h"

/* Options of every command: how the files are read and which frames count. */
typedef struct dataset_input {
  char *format;
  double length_unit, energy_unit, max_force;
  int64_t stride;
  nmd_text_list only;
} dataset_input;

/* Options of commands that write one data set. */
typedef struct dataset_target {
  char *to, *to_format;
  int64_t digits;
  double to_length_unit, to_energy_unit;
} dataset_target;

extern const nmd_option_table nmd__dataset_input_options, nmd__dataset_target_options;

/* A command: `own` options follow those of input and (when it writes) of target. */
typedef struct dataset_command {
  const char *name; /* "convert" */
  const char *words, *summary, *description;
  bool writes;
  const nmd_option_table *own; /* or NULL */
  nmd_status (*run)(tool *t);
} dataset_command;

extern const dataset_command nmd__dataset_convert, nmd__dataset_check, nmd__dataset_split, nmd__dataset_merge,
    nmd__dataset_reweight, nmd__dataset_stats, nmd__dataset_select, nmd__dataset_functions, nmd__dataset_label;
extern char **nmd__dataset_environment; /* as the program was started with */

const dataset_input *nmd__dataset_input(const tool *t);
const dataset_target *nmd__dataset_target(const tool *t); /* commands that write */
const void *nmd__dataset_own(const tool *t, bool writes);
/* Read all files named on the command line, keep the frames asked for, say how many. */
nmd_status nmd__dataset_load(tool *t, nmd_dataset *set) NMD_MUST_USE;
/* Write the frames index[0..n-1] (NULL: all) to --to and say so. */
nmd_status nmd__dataset_store(tool *t, const nmd_dataset *set, const int64_t *index, int64_t n) NMD_MUST_USE;
/* What --man and --completion show of a command. */
void nmd__dataset_page(const dataset_command *command, nmd_page *page);
/* The main function of a command. */
int nmd__dataset_main(const dataset_command *command, int argc, char **argv);

#endif
