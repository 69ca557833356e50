/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd: the program. Command line in, exit code out; everything else is in simulation/. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "argp_page.h"
#include "base/version.h"
#include "nnp/blas.h"
#include "nnp/evaluate.h"
#include "simulation/references.h"
#include "simulation/simulation.h"

enum {
  OPT_CHECK = 256,
  OPT_EXPLAIN,
  OPT_SCHEMA,
  OPT_MARKDOWN,
  OPT_SET,
  OPT_RESTART,
  OPT_MAX_HOURS,
  OPT_VERIFY,
  OPT_THREADS,
  OPT_SELF_TEST,
  OPT_CITE,
  ASSIGNMENT_MAX = 256
};

typedef struct command_line {
  const char *input, *explain, *verify;
  bool check, cite, schema, markdown, quiet, version;
  int n_assignments;
  char *assignments[ASSIGNMENT_MAX];
  char threads[64];
  nmd_run_options run;
} command_line;

static const struct argp_option argp_options[] = {
    {"check", OPT_CHECK, 0, 0, "read everything, print sizes, memory, cost and decomposition, run nothing", 0},
    {"explain", OPT_EXPLAIN, "KEY", 0, "explain an input key, e.g. timestep or stages.nvt.temperature", 0},
    {"schema", OPT_SCHEMA, 0, 0, "print the JSON Schema of the input", 0},
    {"reference", OPT_MARKDOWN, 0, 0, "print the input reference (Markdown)", 0},
    {"set", OPT_SET, "KEY=VALUE", 0, "change the input, e.g. --set seed=7 --set stages.0.nve.steps=100; repeatable", 0},
    {"nthreads", OPT_THREADS, "N", 0, "threads of each rank, as --set parallel.threads=N", 0},
    {"restart", OPT_RESTART, "FILE", 0, "continue from a checkpoint", 0},
    {"verify", OPT_VERIFY, "FILE", 0, "is this checkpoint sound, and of which step? Runs nothing", 0},
    {"self-test", OPT_SELF_TEST, 0, 0, "before the run, compare forces of a few atoms with energy differences", 0},
    {"cite", OPT_CITE, 0, 0, "print BibTeX of the papers to cite for the methods of this input, run nothing", 0},
    {"max-hours", OPT_MAX_HOURS, "H", 0, "stop with a checkpoint (exit code 75) after H hours of wall time", 0},
    {"quiet", 'q', 0, 0, "no progress and no log on the screen", 0},
    {"version", 'V', 0, 0, "print versions and features", 0},
    ARGP_PAGE_OPTIONS,
    {0}};

static void assign(command_line *line, char *assignment, struct argp_state *state) {
  if (line->n_assignments == ASSIGNMENT_MAX) argp_error(state, "more than %d times --set", ASSIGNMENT_MAX);
  line->assignments[line->n_assignments++] = assignment;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
  command_line *line = state->input;
  char *end;
  switch (key) {
    case OPT_CHECK: line->check = true; return 0;
    case OPT_EXPLAIN: line->explain = argument; return 0;
    case OPT_SCHEMA: line->schema = true; return 0;
    case OPT_MARKDOWN: line->markdown = true; return 0;
    case OPT_VERIFY: line->verify = argument; return 0;
    case OPT_RESTART: line->run.restart = argument; return 0;
    case OPT_CITE: line->cite = line->quiet = true; return 0;
    case OPT_SELF_TEST: line->run.self_test = true; return 0;
    case 'q': line->quiet = true; return 0;
    case 'V': line->version = true; return 0;
    case OPT_SET: assign(line, argument, state); return 0;
    case OPT_THREADS:
      snprintf(line->threads, sizeof line->threads, "parallel.threads=%s", argument);
      assign(line, line->threads, state);
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

static const struct argp argp_parser = {argp_options,
                                        parse_option,
                                        "INPUT.yaml",
                                        "Molecular dynamics with Behler-Parrinello neural-network potentials.\v"
                                        "Exit codes: 0 done, 2 input error, 3 stopped by physics, 4 I/O or memory, 75 "
                                        "stopped early with a valid checkpoint.",
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

static void progress_to_terminal(void *context, double fraction, double seconds) {
  (void)context;
  fprintf(stderr, "\r%5.1f %%  %d:%02d:%02d left ", 100 * fraction, (int)(seconds / 3600), (int)(seconds / 60) % 60,
          (int)seconds % 60);
}

static void print_version(void) {
  printf("nnpmd %s %s (%s, %s)\nMPI: %s\nBLAS: %s\nSIMD: %s\n", NMD_VERSION, NMD_REVISION, NMD_BUILD_TYPE, NMD_COMPILER,
         nmd_comm_library(), nmd_blas_name(), nmd_evaluator_simd_name());
  printf("Features: %s\n", NMD_FEATURES);
}

static nmd_status check_or_run(const nmd_comm *world, command_line *line) {
  const bool root = nmd_comm_rank(world) == 0;
  if (root && !line->quiet) nmd_log_set_sink(log_to_screen, NULL);
  if (root && !line->quiet && isatty(STDERR_FILENO)) line->run.progress = progress_to_terminal;
  nmd_log_info("nnpmd %s, %d ranks, %s", NMD_VERSION, nmd_comm_size(world), nmd_evaluator_simd_name());
  nmd_input input;
  NMD_TRY(nmd_input_read(world, line->input, line->n_assignments, line->assignments, &input));
  nmd_simulation *simulation;
  NMD_TRY(nmd_simulation_create(world, &input, &simulation));
  nmd_status status = NMD_OK;
  if (line->cite)
    status = root ? nmd_references_write(simulation, to_stdout, NULL) : NMD_OK;
  else if (line->check)
    status = nmd_simulation_report(simulation, to_stdout, NULL);
  else
    status = nmd_simulation_run(simulation, &line->run);
  nmd_simulation_destroy(simulation);
  return status;
}

static nmd_status dispatch(const nmd_comm *world, command_line *line) {
  const bool root = nmd_comm_rank(world) == 0;
  if (line->version) {
    if (root) print_version();
    return NMD_OK;
  }
  if (line->explain != NULL)
    return root ? nmd_options_explain(nmd_input_table(), line->explain, to_stdout, NULL) : NMD_OK;
  if (line->verify != NULL) return root ? nmd_state_verify(line->verify, to_stdout, NULL) : NMD_OK;
  if (line->schema) {
    if (root) nmd_options_schema(nmd_input_table(), "nnpmd input", to_stdout, NULL);
    return NMD_OK;
  }
  if (line->markdown) {
    if (root) nmd_options_markdown(nmd_input_table(), to_stdout, NULL);
    return NMD_OK;
  }
  if (line->input == NULL)
    NMD_FAIL(USAGE, "no input file; expected: nnpmd INPUT.yaml (nnpmd --help lists the options)");
  NMD_TRY(nmd_comm_check_launch(world));
  return check_or_run(world, line);
}

static const char about[] =
    "Reads INPUT.yaml, builds or reads the structure, and runs its stages: minimisation and dynamics in several ensembles, "
    "with outputs and checkpoints. Started by mpirun or srun, all ranks work on one system.\n\n"
    "Every key of the input is explained by nnpmd --explain KEY; nnpmd --explain stages lists what there is, nnpmd "
    "--reference prints it all, nnpmd --schema gives editors the JSON Schema.\n\n"
    "SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 ask for a stop with a checkpoint after the step in progress.";

int main(int argc, char **argv) {
  argp_err_exit_status = 2;
  command_line line = {0};
  int code;
  if (nmd_argp_answer(&argp_parser, "nnpmd", about, argc, argv, &code)) return code;
  if (argp_parse(&argp_parser, argc, argv, 0, NULL, &line) != 0) return 2;
  nmd_blas_single_thread();
  nmd_comm *world;
  nmd_status status = nmd_comm_start(&argc, &argv, &world);
  if (status == NMD_OK) {
    status = dispatch(world, &line);
    if (status != NMD_OK && nmd_comm_rank(world) == 0) {
      fflush(stdout);
      fprintf(stderr, "nnpmd: %s: %s\n", status == NMD_INTERRUPTED ? "stopped" : "error", nmd_error_text());
    }
    nmd_comm_stop(world);
  } else
    fprintf(stderr, "nnpmd: error: %s\n", nmd_error_text());
  return nmd_status_exit_code(status);
}
