/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-elastic: elastic constants and equation of state of a crystal. */
#include <stdio.h>

#include "study/elastic.h"
#include "study_main.h"

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

static nmd_status run(const nmd_comm *world, const char *path, int n, char *const *assignments, bool check) {
  nmd_elastic_input input;
  NMD_TRY(nmd_elastic_input_read(world, path, n, assignments, &input));
  nmd_status status = NMD_OK;
  if (!check)
    status = compute(world, &input);
  else if (nmd_comm_rank(world) == 0)
    status = say_plan(&input);
  nmd_elastic_input_free(&input);
  return status;
}

static const study_program program = {
    .name = "nnpmd-elastic",
    .summary =
        "Elastic constants of a crystal, with its atoms fixed to the cell and relaxed, and its equation of state.",
    .about = "Reads STUDY.yaml, relaxes the crystal, strains it in the six ways by small amounts, and writes the "
             "matrix of elastic "
             "constants from stresses, its diagonal from energies, averages over orientations, and energy and pressure "
             "against "
             "volume with a third-order Birch fit.\n\n"
             "Every key of the input is explained by nnpmd-elastic --explain KEY; nnpmd-elastic --reference prints "
             "them all.",
    .table = nmd_elastic_input_table,
    .run = run};

int main(int argc, char **argv) { return study_main(&program, argc, argv); }
