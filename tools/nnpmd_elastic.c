/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-elastic: elastic constants and equation of state of a crystal. */
#include <stdio.h>

#include "input_program.h"
#include "study/elastic.h"

static nmd_status say_plan(const nmd_elastic_input *input) {
  nmd_structure structure;
  NMD_TRY(nmd_elastic_input_structure(input, &structure));
  printf("%lld atoms; 48 strains, %lld volumes\n", (long long)structure.n, (long long)input->points);
  nmd_structure_free(&structure);
  return NMD_OK;
}

static nmd_status compute(const nmd_comm *world, const nmd_elastic_input *input) {
  nmd_elastic_result result;
  NMD_TRY(nmd_elastic_compute(world, input, &result));
  nmd_status status = nmd_comm_rank(world) == 0 ? nmd_elastic_report(input, &result) : NMD_OK;
  nmd_elastic_result_free(&result);
  return nmd_comm_agree(world, status);
}

static nmd_status run(const nmd_comm *world, const input_run *asked) {
  nmd_elastic_input input;
  NMD_TRY(nmd_elastic_input_read(world, asked->path, asked->n, asked->assignments, &input));
  nmd_status status = NMD_OK;
  if (!asked->check)
    status = compute(world, &input);
  else if (nmd_comm_rank(world) == 0)
    status = say_plan(&input);
  nmd_elastic_input_free(&input);
  return status;
}

static const input_program program = {
    .name = "nnpmd-elastic",
    .argument = "STUDY.yaml",
    .summary =
        "Elastic constants of a crystal, with its atoms fixed to the cell and relaxed, and its equation of state.",
    .exit_codes = "0 done, 2 input error, 3 stopped by physics, 4 I/O or memory, 75 stopped early: run it again to go "
                  "on.",
    .about = "Reads STUDY.yaml, relaxes the crystal, strains it in the six ways by small amounts, and writes the "
             "matrix of elastic constants from stresses, its diagonal from energies, averages over orientations, and "
             "energy and pressure against volume with a third-order Birch fit.\n\n"
             "Every key of the input is explained by nnpmd-elastic --explain KEY; nnpmd-elastic --reference prints "
             "them all.",
    .example = "relax.max_steps=500",
    .check = "read the input, say what would be computed, do nothing",
    .table = nmd_elastic_input_table,
    .run = run};

int main(int argc, char **argv) { return input_program_main(&program, argc, argv); }
