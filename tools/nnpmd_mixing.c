/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-mixing: mixing energies and the convex hull of two elements. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argp_page.h"
#include "base/log.h"
#include "base/version.h"
#include "nnp/blas.h"
#include "nnp/evaluate.h"
#include "study/mixing.h"

enum {
  OPT_CHECK = 256,
  OPT_EXPLAIN,
  OPT_SCHEMA,
  OPT_MARKDOWN,
  OPT_SET,
  ASSIGNMENT_MAX = 256
};

typedef struct command_line {
  const char *input, *explain;
  bool check, schema, markdown, quiet, version;
  int n_assignments;
  char *assignments[ASSIGNMENT_MAX];
} command_line;

static const struct argp_option argp_options[] = {
    {"check", OPT_CHECK, 0, 0, "read the input and the potential, list the structures, relax nothing", 0},
    {"explain", OPT_EXPLAIN, "KEY", 0, "explain an input key, e.g. grid.denominator", 0},
    {"schema", OPT_SCHEMA, 0, 0, "print the JSON Schema of the input", 0},
    {"reference", OPT_MARKDOWN, 0, 0, "print the input reference (Markdown)", 0},
    {"set", OPT_SET, "KEY=VALUE", 0, "change the input, e.g. --set grid.orderings=4; repeatable",
     0},
    {"quiet", 'q', 0, 0, "no log on the screen", 0},
    {"version", 'V', 0, 0, "print the version", 0},
    ARGP_PAGE_OPTIONS,
    {0}};

static error_t parse_option(int key, char *argument, struct argp_state *state) {
  command_line *line = state->input;
  switch (key) {
    case OPT_CHECK: line->check = true; return 0;
    case OPT_EXPLAIN: line->explain = argument; return 0;
    case OPT_SCHEMA: line->schema = true; return 0;
    case OPT_MARKDOWN: line->markdown = true; return 0;
    case 'q': line->quiet = true; return 0;
    case 'V': line->version = true; return 0;
    case OPT_SET:
      if (line->n_assignments == ASSIGNMENT_MAX) argp_error(state, "more than %d times --set", ASSIGNMENT_MAX);
      line->assignments[line->n_assignments++] = argument;
      return 0;
    case ARGP_KEY_ARG:
      if (line->input != NULL) return ARGP_ERR_UNKNOWN;
      line->input = argument;
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp argp_parser = {
    argp_options,
    parse_option,
    "STUDY.yaml",
    "Mixing energies of two elements: prototypes, orderings and random cells relaxed, convex hull, comparison. Started again it "
    "goes on where it ended.\v"
    "Exit codes: 0 done, 2 input error, 3 stopped by physics, 4 I/O or memory, 75 stopped early: run it again to "
    "go on.",
    0,
    0,
    0};

static void to_stdout(void *context, const char *text) {
  (void)context;
  fputs(text, stdout);
}

static void log_to_screen(nmd_log_level level, const char *line, void *context) {
  (void)context;
  printf("%s%s\n", level == NMD_LOG_WARNING ? "WARNING: " : "", line);
  fflush(stdout);
}

static void list_tasks(const nmd_mixing *mixing) {
  for (int64_t k = 0; k < mixing->n; k++) printf("%s %d\n", mixing->task[k].name, mixing->task[k].atoms);
}

static nmd_status check_or_run(const nmd_comm *world, const command_line *line) {
  nmd_mixing_input input;
  nmd_mixing *mixing;
  const bool root = nmd_comm_rank(world) == 0;
  if (root && !line->quiet) nmd_log_set_sink(log_to_screen, NULL);
  nmd_log_info("nnpmd-mixing %s, %d ranks, %s", NMD_VERSION, nmd_comm_size(world), nmd_evaluator_simd_name());
  NMD_TRY(nmd_mixing_input_read(world, line->input, line->n_assignments, line->assignments, &input));
  nmd_status status = nmd_mixing_create(world, &input, &mixing);
  if (status == NMD_OK && line->check && root) list_tasks(mixing);
  if (status == NMD_OK && !line->check) status = nmd_mixing_run(mixing);
  nmd_mixing_destroy(mixing);
  nmd_mixing_input_free(&input);
  return status;
}

static nmd_status dispatch(const nmd_comm *world, const command_line *line) {
  const bool root = nmd_comm_rank(world) == 0;
  if (line->version) {
    if (root) printf("nnpmd-mixing %s %s\n", NMD_VERSION, NMD_REVISION);
    return NMD_OK;
  }
  if (line->explain != NULL)
    return root ? nmd_options_explain(nmd_mixing_input_table(), line->explain, to_stdout, NULL) : NMD_OK;
  if (line->schema) {
    if (root) nmd_options_schema(nmd_mixing_input_table(), "nnpmd-mixing input", to_stdout, NULL);
    return NMD_OK;
  }
  if (line->markdown) {
    if (root) nmd_options_markdown(nmd_mixing_input_table(), to_stdout, NULL);
    return NMD_OK;
  }
  if (line->input == NULL)
    NMD_FAIL(USAGE, "no input file; expected: nnpmd-mixing STUDY.yaml (nnpmd-mixing --help lists the options)");
  NMD_TRY(nmd_comm_check_launch(world));
  return check_or_run(world, line);
}

static const char about[] =
    "Reads STUDY.yaml, makes structures of two elements (compounds, all orderings of small cells, annealed orderings on a fine "
    "grid of compositions, random cells), relaxes cells and atoms with the ranks sharing them out, and writes mixing energies, "
    "the convex hull, the structures near it and a picture to the output folder. A study that was killed goes on when started "
    "again.\n\n"
    "Every key of the input is explained by nnpmd-mixing --explain KEY; nnpmd-mixing --reference prints them all.";

int main(int argc, char **argv) {
  int code;
  if (nmd_argp_answer(&argp_parser, "nnpmd-mixing", about, argc, argv, &code)) return code;
  argp_err_exit_status = 2;
  command_line line = {0};
  if (argp_parse(&argp_parser, argc, argv, 0, NULL, &line) != 0) return 2;
  nmd_blas_single_thread();
  nmd_comm *world;
  nmd_status status = nmd_comm_start(&argc, &argv, &world);
  if (status == NMD_OK) {
    status = dispatch(world, &line);
    if (status != NMD_OK && nmd_comm_rank(world) == 0) {
      fflush(stdout);
      fprintf(stderr, "nnpmd-mixing: %s: %s\n", status == NMD_INTERRUPTED ? "stopped" : "error", nmd_error_text());
    }
    nmd_comm_stop(world);
  } else
    fprintf(stderr, "nnpmd-mixing: error: %s\n", nmd_error_text());
  return nmd_status_exit_code(status);
}
