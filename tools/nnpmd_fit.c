/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-fit: parameters of a force field from labelled structures, by global searches. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

#include "argp_page.h"
#include "base/log.h"
#include "base/version.h"
#include "fit/field_fit.h"

enum { OPT_EXPLAIN = 256, OPT_SCHEMA, OPT_MARKDOWN, OPT_SET, OPT_RESTART, OPT_MAX_HOURS, ASSIGNMENT_MAX = 256 };

typedef struct command_line {
  const char *input, *explain;
  bool schema, markdown, quiet, version;
  int n_assignments;
  char *assignments[ASSIGNMENT_MAX];
  nmd_field_fit_options run;
} command_line;

static const struct argp_option argp_options[] = {
    {"explain", OPT_EXPLAIN, "KEY", 0, "explain an input key, e.g. search.cuckoo.step", 0},
    {"schema", OPT_SCHEMA, 0, 0, "print the JSON Schema of the input", 0},
    {"reference", OPT_MARKDOWN, 0, 0, "print the input reference (Markdown)", 0},
    {"set", OPT_SET, "KEY=VALUE", 0, "change the input, e.g. --set seed=7; repeatable", 0},
    {"restart", OPT_RESTART, 0, 0, "go on from the checkpoint in the output folder", 0},
    {"max-hours", OPT_MAX_HOURS, "H", 0, "stop with a checkpoint (exit code 75) after H hours of wall time", 0},
    {"quiet", 'q', 0, 0, "no log on the screen", 0},
    {"version", 'V', 0, 0, "print the version", 0},
    ARGP_PAGE_OPTIONS,
    {0}};

static error_t parse_option(int key, char *argument, struct argp_state *state) {
  command_line *line = state->input;
  char *end;
  switch (key) {
    case OPT_EXPLAIN: line->explain = argument; return 0;
    case OPT_SCHEMA: line->schema = true; return 0;
    case OPT_MARKDOWN: line->markdown = true; return 0;
    case OPT_RESTART: line->run.restart = true; return 0;
    case 'q': line->quiet = true; return 0;
    case 'V': line->version = true; return 0;
    case OPT_SET:
      if (line->n_assignments == ASSIGNMENT_MAX) argp_error(state, "more than %d times --set", ASSIGNMENT_MAX);
      line->assignments[line->n_assignments++] = argument;
      return 0;
    case OPT_MAX_HOURS:
      line->run.max_seconds = 3600 * strtod(argument, &end);
      if (*end != '\0' || end == argument || !(line->run.max_seconds > 0))
        argp_error(state, "--max-hours \"%s\": expected a number of hours > 0, e.g. 23.5", argument);
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
    "FIT.yaml",
    "Parameters of a classical force field from labelled structures, by global searches on islands.\v"
    "Exit codes: 0 done, 2 input error, 4 I/O or memory, 75 stopped early with a valid checkpoint.",
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

static nmd_status run(const nmd_comm *world, const command_line *line) {
  nmd_field_fit_input input;
  nmd_field_fit_result result;
  if (nmd_comm_rank(world) == 0 && !line->quiet) nmd_log_set_sink(log_to_screen, NULL);
  nmd_log_info("nnpmd-fit %s, %d ranks", NMD_VERSION, nmd_comm_size(world));
  NMD_TRY(nmd_field_fit_read(world, line->input, line->n_assignments, line->assignments, &input));
  const nmd_status status = nmd_field_fit_run(world, &input, &line->run, &result);
  nmd_field_fit_input_free(&input);
  return status;
}

static nmd_status dispatch(const nmd_comm *world, const command_line *line) {
  const bool root = nmd_comm_rank(world) == 0;
  if (line->version && root) printf("nnpmd-fit %s %s\n", NMD_VERSION, NMD_REVISION);
  if (line->explain != NULL && root) return nmd_options_explain(nmd_field_fit_table(), line->explain, to_stdout, NULL);
  if (line->schema && root) nmd_options_schema(nmd_field_fit_table(), "nnpmd-fit input", to_stdout, NULL);
  if (line->markdown && root) nmd_options_markdown(nmd_field_fit_table(), to_stdout, NULL);
  if (line->version || line->explain != NULL || line->schema || line->markdown) return NMD_OK;
  if (line->input == NULL)
    NMD_FAIL(USAGE, "no input file; expected: nnpmd-fit FIT.yaml (nnpmd-fit --help lists the options)");
  NMD_TRY(nmd_comm_check_launch(world));
  return run(world, line);
}

static const char about[] =
    "Reads FIT.yaml, the force field with the numbers to start from and the labelled structures it names, and searches "
    "the "
    "parameters within their bounds: cuckoo search with adaptive ranges, differential evolution, or global methods of "
    "NLopt, a "
    "population on each rank. Writes fitted.yaml, history.dat, tables of parity and a checkpoint.\n\n"
    "Every key of the input is explained by nnpmd-fit --explain KEY; nnpmd-fit --reference prints them all.";

int main(int argc, char **argv) {
  argp_err_exit_status = 2;
  command_line line = {0};
  int code;
  if (nmd_argp_answer(&argp_parser, "nnpmd-fit", about, argc, argv, &code)) return code;
  if (argp_parse(&argp_parser, argc, argv, 0, NULL, &line) != 0) return 2;
  nmd_comm *world;
  nmd_status status = nmd_comm_start(&argc, &argv, &world);
  if (status == NMD_OK) {
    status = dispatch(world, &line);
    if (status != NMD_OK && nmd_comm_rank(world) == 0) {
      fflush(stdout);
      fprintf(stderr, "nnpmd-fit: %s: %s\n", status == NMD_INTERRUPTED ? "stopped" : "error", nmd_error_text());
    }
    nmd_comm_stop(world);
  } else
    fprintf(stderr, "nnpmd-fit: error: %s\n", nmd_error_text());
  return nmd_status_exit_code(status);
}
