/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-mixing: mixing energies and the convex hull of two elements. */
#include <stdio.h>

#include "input_program.h"
#include "study/mixing.h"

static void list_tasks(const nmd_mixing *mixing) {
  for (int64_t k = 0; k < mixing->n; k++) printf("%s %d\n", mixing->task[k].name, mixing->task[k].atoms);
}

static nmd_status run(const nmd_comm *world, const input_run *asked) {
  nmd_mixing_input input;
  nmd_mixing *mixing;
  NMD_TRY(nmd_mixing_input_read(world, asked->path, asked->n, asked->assignments, &input));
  nmd_status status = nmd_mixing_create(world, &input, &mixing);
  if (status == NMD_OK && asked->check && nmd_comm_rank(world) == 0) list_tasks(mixing);
  if (status == NMD_OK && !asked->check) status = nmd_mixing_run(mixing);
  nmd_mixing_destroy(mixing);
  nmd_mixing_input_free(&input);
  return status;
}

static const input_program program = {
    .name = "nnpmd-mixing",
    .argument = "STUDY.yaml",
    .summary =
        "Mixing energies of two elements: prototypes, orderings and random cells relaxed, convex hull, comparison. "
        "Started again it goes on where it ended.",
    .exit_codes = "0 done, 2 input error, 3 stopped by physics, 4 I/O or memory, 75 stopped early: run it again to go "
                  "on.",
    .about =
        "Reads STUDY.yaml, makes structures of two elements (compounds, all orderings of small cells, annealed "
        "orderings on a fine grid of compositions, random cells), relaxes cells and atoms with the ranks sharing them "
        "out, and writes mixing energies, the convex hull, the structures near it and a picture to the output folder. "
        "A study that was killed goes on when started again.\n\n"
        "Every key of the input is explained by nnpmd-mixing --explain KEY; nnpmd-mixing --reference prints them all.",
    .example = "relax.max_steps=500",
    .check = "read the input and the potential, list the structures, relax nothing",
    .table = nmd_mixing_input_table,
    .run = run};

int main(int argc, char **argv) { return input_program_main(&program, argc, argv); }
