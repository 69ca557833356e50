/* SPDX-License-Identifier: BSD-3-Clause */
/* What the analysis tools share: the command line, trajectories as options tell, the table with its header, --json and
 * --plot, the limit of memory, MPI. A tool is one option table, one function and one nmd_tool. */
#ifndef NNPMD_TOOLS_TOOL_H
#define NNPMD_TOOLS_TOOL_H

#include "analysis/trajectory.h"
#include "base/command_page.h"
#include "io/write_json.h"
#include "parallel/comm.h"

/* Options of every tool. */
typedef struct tool_output {
  char *output, *json; /* paths or NULL */
  bool plot, quiet;
  char *memory; /* "2 GB" or NULL */
} tool_output;

/* Options of the tools that read trajectories. */
typedef struct tool_input {
  nmd_text_list species, elements;
  char *ids, *format;
  double timestep, skip;
  int64_t first, frames, stride;
  int unwrap;
  bool strict;
} tool_input;

typedef struct tool {
  const nmd_comm *comm;
  bool root;
  const char *program;
  int n_words;
  char **words; /* what is no option: files */
  const tool_output *output;
  const tool_input *input; /* NULL: a tool without trajectories */
  const void *options;     /* the tool's own parameters */
  int64_t memory_limit;    /* bytes for this rank */
  nmd_selection selection;
  nmd_read_options read;
  nmd_trajectory_options trajectory;
  nmd_buffer text; /* the table; rank 0 writes it when all is well */
  nmd_buffer json_text;
  nmd_json json;   /* open at the top: program, version, command, inputs are in it */
  nmd_buffer plot; /* gnuplot commands behind the common ones; empty: nothing to plot */
  char command[4096];
} tool;

typedef struct nmd_tool {
  const char *program, *words, *summary, *description;
  const nmd_option_table *options; /* of the tool itself */
  bool no_trajectory;
  int min_words;
  nmd_status (*run)(tool *t); /* Collective */
} nmd_tool;

/* The main function of a tool: returns the exit code. */
int nmd_tool_main(const nmd_tool *definition, int argc, char **argv);

/* What --man and --completion show of a tool. */
void nmd_tool_page(const nmd_tool *definition, nmd_page *page);

/* Columns of a table with their units: "# time msd\n# ps A^2\n". */
void nmd_tool_columns(tool *t, const char *names, const char *units);
/* A remark: into the header of the table as "# ...", and to the JSON's list "notes" at the end. */
void nmd_tool_note(tool *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Path of a companion of the table: "msd.png" beside "msd.txt" or, with the table on the screen, "nnpmd-msd.png". */
void nmd_tool_path(const tool *t, const char *end, char *path, size_t size);
/* Print the memory that will be used; Errors: MEMORY when above the limit (says what would help). Collective. */
nmd_status nmd_tool_claim_memory(tool *t, int64_t bytes, const char *what, const char *remedy) NMD_MUST_USE;

#endif
