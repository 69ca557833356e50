/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd: the program. Command line in, exit code out; everything else is in simulation/. */
#include <stdio.h>
#include <unistd.h>

#include "base/version.h"
#include "input_program.h"
#include "nnp/blas.h"
#include "nnp/evaluate.h"
#include "simulation/references.h"
#include "simulation/simulation.h"

enum { OPT_SELF_TEST = INPUT_OPTION_OWN, OPT_VERIFY, OPT_THREADS, OPT_CITE };

static const struct argp_option own_options[] = {
    {"nthreads", OPT_THREADS, "N", 0, "threads of each rank, as --set parallel.threads=N", 0},
    {"verify", OPT_VERIFY, "FILE", 0, "is this checkpoint sound, and of which step? Runs nothing", 0},
    {"self-test", OPT_SELF_TEST, 0, 0, "before the run, compare forces of a few atoms with energy differences", 0},
    {"cite", OPT_CITE, 0, 0, "print BibTeX of the papers to cite for the methods of this input, run nothing", 0},
    {0}};

/* What the options above ask for. */
static struct {
  const char *verify;
  bool cite, self_test;
  char threads[64];
} own;

static void take(int key, char *argument, input_run *asked, const struct argp_state *state) {
  switch (key) {
    case OPT_VERIFY: own.verify = argument; break;
    case OPT_CITE: own.cite = asked->quiet = true; break;
    case OPT_SELF_TEST: own.self_test = true; break;
    default: /* OPT_THREADS */
      snprintf(own.threads, sizeof own.threads, "parallel.threads=%s", argument);
      input_run_assign(asked, own.threads, state);
  }
}

static void to_stdout(void *context, const char *text) {
  (void)context;
  fputs(text, stdout);
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

static nmd_status answer(bool *answered) {
  *answered = own.verify != NULL;
  return *answered ? nmd_state_verify(own.verify, to_stdout, NULL) : NMD_OK;
}

static nmd_status check_or_run(const nmd_comm *world, const input_run *asked, nmd_simulation *simulation) {
  const bool root = nmd_comm_rank(world) == 0;
  if (own.cite) return root ? nmd_references_write(simulation, to_stdout, NULL) : NMD_OK;
  if (asked->check) return nmd_simulation_report(simulation, to_stdout, NULL);
  nmd_run_options options = {
      .restart = asked->restart_file, .max_seconds = asked->max_seconds, .self_test = own.self_test};
  if (root && !asked->quiet && isatty(STDERR_FILENO)) options.progress = progress_to_terminal;
  return nmd_simulation_run(simulation, &options);
}

static nmd_status run(const nmd_comm *world, const input_run *asked) {
  nmd_input input;
  nmd_simulation *simulation;
  NMD_TRY(nmd_input_read(world, asked->path, asked->n, asked->assignments, &input));
  NMD_TRY(nmd_simulation_create(world, &input, &simulation));
  const nmd_status status = check_or_run(world, asked, simulation);
  nmd_simulation_destroy(simulation);
  return status;
}

static const input_program program = {
    .name = "nnpmd",
    .argument = "INPUT.yaml",
    .summary = "Molecular dynamics with Behler-Parrinello neural-network potentials.",
    .exit_codes = "0 done, 2 input error, 3 stopped by physics, 4 I/O or memory, 75 stopped early with a valid "
                  "checkpoint.",
    .about =
        "Reads INPUT.yaml, builds or reads the structure, and runs its stages: minimisation and dynamics in several "
        "ensembles, with outputs and checkpoints. Started by mpirun or srun, all ranks work on one system.\n\n"
        "Every key of the input is explained by nnpmd --explain KEY; nnpmd --explain stages lists what there is, nnpmd "
        "--reference prints it all, nnpmd --schema gives editors the JSON Schema.\n\n"
        "SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 ask for a stop with a checkpoint after the step in progress.",
    .example = "stages.0.nve.steps=100",
    .explain = "stages.nvt.temperature",
    .check = "read everything, print sizes, memory, cost and decomposition, run nothing",
    .restarts = true,
    .restarts_from_file = true,
    .more = own_options,
    .take = take,
    .answer = answer,
    .print_version = print_version,
    .table = nmd_input_table,
    .run = run};

int main(int argc, char **argv) { return input_program_main(&program, argc, argv); }
