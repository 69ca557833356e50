/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-fit: parameters of a force field from labelled structures and dynamics, by global searches. */
#include "fit/field_fit.h"
#include "input_program.h"

static nmd_status run(const nmd_comm *world, const input_run *asked) {
  nmd_field_fit_input input;
  nmd_field_fit_result result;
  const nmd_field_fit_options options = {asked->check, asked->restart, asked->max_seconds};
  NMD_TRY(nmd_field_fit_read(world, asked->path, asked->n, asked->assignments, &input));
  const nmd_status status = nmd_field_fit_run(world, &input, &options, &result);
  if (status == NMD_OK && !asked->check && nmd_comm_rank(world) == 0 && input.pictures)
    input_program_draw(input.output);
  nmd_field_fit_input_free(&input);
  return status;
}

static const input_program program = {
    .name = "nnpmd-fit",
    .argument = "FIT.yaml",
    .summary =
        "Parameters of a classical force field from labelled structures and dynamics, by global searches on islands.",
    .exit_codes = "0 done, 2 input error, 4 I/O or memory, 75 stopped early with a valid checkpoint.",
    .about = "Reads FIT.yaml, the force field with the numbers to start from, and the targets it names (labelled "
             "structures, relaxed cells, trajectories whose distributions short runs should show), and searches the "
             "parameters within their bounds: cuckoo search with adaptive ranges, differential evolution, or global "
             "methods of NLopt, a population on each rank. Writes fitted.yaml, history.dat, tables and pictures of "
             "parity and distributions, and a checkpoint.\n\n"
             "Every key of the input is explained by nnpmd-fit --explain KEY; nnpmd-fit --reference prints them all.",
    .example = "seed=7",
    .check = "read input and targets, evaluate the numbers at the start once, print errors and time; search nothing",
    .restarts = true,
    .table = nmd_field_fit_table,
    .run = run};

int main(int argc, char **argv) { return input_program_main(&program, argc, argv); }
