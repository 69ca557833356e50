/* SPDX-License-Identifier: BSD-3-Clause */
#include "input_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "argp_page.h"
#include "base/log.h"
#include "base/version.h"
#include "nnp/blas.h"
#include "nnp/evaluate.h"

enum { OPT_CHECK = 256, OPT_EXPLAIN, OPT_SCHEMA, OPT_MARKDOWN, OPT_SET, OPT_RESTART, OPT_MAX_HOURS, OPTION_MAX = 24 };

typedef struct command_line {
  const input_program *program;
  const char *explain;
  bool schema, markdown, version;
  input_run run;
} command_line;

/* ---- the table of options, which depends on the program ---- */

typedef struct option_list {
  struct argp_option items[OPTION_MAX];
  int n;
  char explain[128], set[160]; /* documentation with the program's own example */
} option_list;

static void add(option_list *list, const char *name, int key, const char *argument, const char *doc) {
  list->items[list->n++] = (struct argp_option){name, key, argument, 0, doc, 0};
}

static void list_options(const input_program *program, option_list *list) {
  static const struct argp_option page[] = {ARGP_PAGE_OPTIONS};
  const char *key = program->explain != NULL ? program->explain : program->example;
  snprintf(list->explain, sizeof list->explain, "explain an input key, e.g. %.*s", (int)strcspn(key, "="), key);
  snprintf(list->set, sizeof list->set, "change the input, e.g. --set %s; repeatable", program->example);
  if (program->check != NULL) add(list, "check", OPT_CHECK, NULL, program->check);
  add(list, "explain", OPT_EXPLAIN, "KEY", list->explain);
  add(list, "schema", OPT_SCHEMA, NULL, "print the JSON Schema of the input");
  add(list, "reference", OPT_MARKDOWN, NULL, "print the input reference (Markdown)");
  add(list, "set", OPT_SET, "KEY=VALUE", list->set);
  if (program->restarts) {
    const bool file = program->restarts_from_file;
    add(list, "restart", OPT_RESTART, file ? "FILE" : NULL,
        file ? "continue from a checkpoint" : "go on from the checkpoint in the output folder");
    add(list, "max-hours", OPT_MAX_HOURS, "H", "stop with a checkpoint (exit code 75) after H hours of wall time");
  }
  for (const struct argp_option *o = program->more; o != NULL && o->name != NULL; o++)
    add(list, o->name, o->key, o->arg, o->doc);
  add(list, "quiet", 'q', NULL, "no log on the screen");
  add(list, "version", 'V', NULL, "print the version");
  for (size_t k = 0; k < sizeof page / sizeof page[0]; k++) list->items[list->n++] = page[k];
}

static void take_hours(input_run *run, const char *text, const struct argp_state *state) {
  char *end;
  run->max_seconds = 3600 * strtod(text, &end);
  if (*end != '\0' || end == text || !(run->max_seconds > 0))
    argp_error(state, "--max-hours \"%s\": expected a number of hours > 0, e.g. 23.5", text);
}

void input_run_assign(input_run *asked, char *assignment, const struct argp_state *state) {
  if (asked->n == INPUT_ASSIGNMENTS_MAX) argp_error(state, "more than %d times --set", INPUT_ASSIGNMENTS_MAX);
  asked->assignments[asked->n++] = assignment;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
  command_line *line = state->input;
  switch (key) {
    case OPT_CHECK: line->run.check = true; return 0;
    case OPT_EXPLAIN: line->explain = argument; return 0;
    case OPT_SCHEMA: line->schema = true; return 0;
    case OPT_MARKDOWN: line->markdown = true; return 0;
    case OPT_RESTART:
      line->run.restart = true;
      line->run.restart_file = argument;
      return 0;
    case OPT_MAX_HOURS: take_hours(&line->run, argument, state); return 0;
    case 'q': line->run.quiet = true; return 0;
    case 'V': line->version = true; return 0;
    case OPT_SET: input_run_assign(&line->run, argument, state); return 0;
    case ARGP_KEY_ARG:
      if (line->run.path != NULL) return ARGP_ERR_UNKNOWN;
      line->run.path = argument;
      return 0;
    default:
      if (key < INPUT_OPTION_OWN || key >= ARGP_KEY_END || line->program->take == NULL) return ARGP_ERR_UNKNOWN;
      line->program->take(key, argument, &line->run, state);
      return 0;
  }
}

/* ---- what is asked ---- */

static void to_stdout(void *context, const char *text) {
  (void)context;
  fputs(text, stdout);
}

static void log_to_screen(nmd_log_level level, const char *line, void *context) {
  (void)context;
  printf("%s%s\n", level == NMD_LOG_WARNING ? "WARNING: " : "", line);
  fflush(stdout);
}

/* Questions about the program, which rank 0 answers; *answered: there was one. */
static nmd_status answer(const input_program *program, const command_line *line, bool root, bool *answered) {
  char title[64];
  *answered = line->version || line->explain != NULL || line->schema || line->markdown;
  if (!*answered && program->answer != NULL) return program->answer(answered);
  if (!*answered || !root) return NMD_OK;
  if (line->version && program->print_version != NULL)
    program->print_version();
  else if (line->version)
    printf("%s %s %s\n", program->name, NMD_VERSION, NMD_REVISION);
  if (line->explain != NULL) NMD_TRY(nmd_options_explain(program->table(), line->explain, to_stdout, NULL));
  snprintf(title, sizeof title, "%s input", program->name);
  if (line->schema) nmd_options_schema(program->table(), title, to_stdout, NULL);
  if (line->markdown) nmd_options_markdown(program->table(), to_stdout, NULL);
  return NMD_OK;
}

static nmd_status answer_or_run(const input_program *program, const nmd_comm *world, const command_line *line) {
  const bool root = nmd_comm_rank(world) == 0;
  bool answered;
  const nmd_status status = answer(program, line, root, &answered);
  if (answered) return status;
  if (line->run.path == NULL)
    NMD_FAIL(USAGE, "no input file; expected: %s %s (%s --help lists the options)", program->name, program->argument,
             program->name);
  NMD_TRY(nmd_comm_check_launch(world));
  if (root && !line->run.quiet) nmd_log_set_sink(log_to_screen, NULL);
  nmd_log_info("%s %s, %d ranks, %s", program->name, NMD_VERSION, nmd_comm_size(world), nmd_evaluator_simd_name());
  return program->run(world, &line->run);
}

static nmd_status start(const input_program *program, int argc, char **argv, const command_line *line) {
  nmd_comm *world;
  nmd_status status = nmd_comm_start(&argc, &argv, &world);
  const bool started = status == NMD_OK;
  if (started) status = answer_or_run(program, world, line);
  if (status != NMD_OK && (!started || nmd_comm_rank(world) == 0)) {
    fflush(stdout);
    fprintf(stderr, "%s: %s: %s\n", program->name, status == NMD_INTERRUPTED ? "stopped" : "error", nmd_error_text());
  }
  if (started) nmd_comm_stop(world);
  return status;
}

void input_program_draw(const char *folder) {
  char command[4096];
  snprintf(command, sizeof command, "cd '%s' && gnuplot pictures.gnuplot >/dev/null 2>&1", folder);
  if (strchr(folder, '\'') != NULL || system(command) != 0)
    nmd_log_info("no pictures (is gnuplot installed?): gnuplot pictures.gnuplot in %s makes them", folder);
}

int input_program_main(const input_program *program, int argc, char **argv) {
  int code;
  char text[2048];
  option_list list = {.n = 0};
  command_line line = {.program = program};
  list_options(program, &list);
  snprintf(text, sizeof text, "%s\vExit codes: %s", program->summary, program->exit_codes);
  const struct argp argp_parser = {list.items, parse_option, program->argument, text, 0, 0, 0};
  if (nmd_argp_answer(&argp_parser, program->name, program->about, argc, argv, &code)) return code;
  argp_err_exit_status = 2;
  if (argp_parse(&argp_parser, argc, argv, 0, NULL, &line) != 0) return 2;
  nmd_blas_single_thread();
  return nmd_status_exit_code(start(program, argc, argv, &line));
}
