/* SPDX-License-Identifier: BSD-3-Clause */
/* The main function of the programs that run a study: see study_main.h. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argp_page.h"
#include "base/log.h"
#include "base/version.h"
#include "nnp/blas.h"
#include "nnp/evaluate.h"
#include "study_main.h"

enum { OPT_CHECK = 256, OPT_EXPLAIN, OPT_SCHEMA, OPT_MARKDOWN, OPT_SET, ASSIGNMENT_MAX = 256 };

typedef struct command_line {
  const char *input, *explain;
  bool check, schema, markdown, quiet, version;
  int n_assignments;
  char *assignments[ASSIGNMENT_MAX];
} command_line;

static const study_program *study; /* argp has no other way to it */

static const struct argp_option argp_options[] = {
    {"check", OPT_CHECK, 0, 0, "read the input and the potential, say what would be done, do nothing", 0},
    {"explain", OPT_EXPLAIN, "KEY", 0, "explain an input key, e.g. relax.max_steps", 0},
    {"schema", OPT_SCHEMA, 0, 0, "print the JSON Schema of the input", 0},
    {"reference", OPT_MARKDOWN, 0, 0, "print the input reference (Markdown)", 0},
    {"set", OPT_SET, "KEY=VALUE", 0, "change the input, e.g. --set relax.max_steps=500; repeatable", 0},
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

static void to_stdout(void *context, const char *text) {
  (void)context;
  fputs(text, stdout);
}

static void log_to_screen(nmd_log_level level, const char *line, void *context) {
  (void)context;
  printf("%s%s\n", level == NMD_LOG_WARNING ? "WARNING: " : "", line);
  fflush(stdout);
}

static nmd_status run_study(const nmd_comm *world, const command_line *line) {
  if (nmd_comm_rank(world) == 0 && !line->quiet) nmd_log_set_sink(log_to_screen, NULL);
  nmd_log_info("%s %s, %d ranks, %s", study->name, NMD_VERSION, nmd_comm_size(world), nmd_evaluator_simd_name());
  return study->run(world, line->input, line->n_assignments, line->assignments, line->check);
}

static nmd_status dispatch(const nmd_comm *world, const command_line *line) {
  const bool root = nmd_comm_rank(world) == 0;
  if (line->version) {
    if (root) printf("%s %s %s\n", study->name, NMD_VERSION, NMD_REVISION);
    return NMD_OK;
  }
  if (line->explain != NULL) return root ? nmd_options_explain(study->table(), line->explain, to_stdout, NULL) : NMD_OK;
  if (line->schema) {
    if (root) nmd_options_schema(study->table(), study->name, to_stdout, NULL);
    return NMD_OK;
  }
  if (line->markdown) {
    if (root) nmd_options_markdown(study->table(), to_stdout, NULL);
    return NMD_OK;
  }
  if (line->input == NULL)
    NMD_FAIL(USAGE, "no input file; expected: %s STUDY.yaml (%s --help lists the options)", study->name, study->name);
  NMD_TRY(nmd_comm_check_launch(world));
  return run_study(world, line);
}

int study_main(const study_program *program, int argc, char **argv) {
  int code;
  study = program;
  static char text[2048];
  snprintf(text, sizeof text,
           "%s\v"
           "Exit codes: 0 done, 2 input error, 3 stopped by physics, 4 I/O or memory, 75 stopped early: run it again "
           "to go on.",
           program->summary);
  const struct argp argp_parser = {argp_options, parse_option, "STUDY.yaml", text, 0, 0, 0};
  if (nmd_argp_answer(&argp_parser, program->name, program->about, argc, argv, &code)) return code;
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
      fprintf(stderr, "%s: %s: %s\n", study->name, status == NMD_INTERRUPTED ? "stopped" : "error", nmd_error_text());
    }
    nmd_comm_stop(world);
  } else
    fprintf(stderr, "%s: error: %s\n", study->name, nmd_error_text());
  return nmd_status_exit_code(status);
}
