/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-train: from labelled structures to a Behler-Parrinello potential. */
#include "fit/baseline.h"
#include "input_program.h"
#include "training/fit_run.h"

static nmd_status train(const nmd_comm *world, const input_run *asked, const nmd_fit_input *input) {
  nmd_fit *fit;
  nmd_status status = nmd_fit_create(world, input, asked->check, &fit);
  if (status == NMD_OK && !asked->check)
    status = nmd_fit_run(fit, &(nmd_fit_run_options){asked->restart, asked->max_seconds});
  nmd_fit_destroy(fit);
  if (status == NMD_OK && !asked->check && nmd_comm_rank(world) == 0 && input->pictures)
    input_program_draw(input->output);
  return status;
}

static nmd_status run(const nmd_comm *world, const input_run *asked) {
  nmd_fit_input input;
  NMD_TRY(nmd_fit_input_read(world, asked->path, asked->n, asked->assignments, &input));
  nmd_status status = nmd_comm_agree(world, nmd_baseline_create(input.baseline_node, &input.baseline));
  if (status == NMD_OK) status = train(world, asked, &input);
  nmd_baseline_destroy(&input.baseline);
  nmd_fit_input_free(&input);
  return status;
}

static const input_program program = {
    .name = "nnpmd-train",
    .argument = "FIT.yaml",
    .summary = "Training of Behler-Parrinello neural-network potentials from labelled structures.",
    .exit_codes = "0 done, 2 input error, 3 the model ran away, 4 I/O or memory, 75 stopped early with a valid "
                  "checkpoint.",
    .about =
        "Reads FIT.yaml and the labelled structures it names, computes descriptors, and fits the networks stage by "
        "stage. The model is written in the format of RuNNer and n2p2, for nnpmd and nnpmd-eval.\n\n"
        "Every key of the input is explained by nnpmd-train --explain KEY; nnpmd-train --reference prints them all.",
    .example = "data.max_force=10",
    .check = "read input and data, print sizes and memory, train nothing",
    .restarts = true,
    .table = nmd_fit_input_table,
    .run = run};

int main(int argc, char **argv) { return input_program_main(&program, argc, argv); }
