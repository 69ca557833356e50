/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-mixing: mixing energies and the convex hull of two elements. */
#include <stdio.h>

#include "study/mixing.h"
#include "study_main.h"

static void list_tasks(const nmd_mixing *mixing) {
  for (int64_t k = 0; k < mixing->n; k++) printf("%s %d\n", mixing->task[k].name, mixing->task[k].atoms);
}

static nmd_status run(const nmd_comm *world, const char *path, int n, char *const *assignments, bool check) {
  nmd_mixing_input input;
  nmd_mixing *mixing;
  NMD_TRY(nmd_mixing_input_read(world, path, n, assignments, &input));
  nmd_status status = nmd_mixing_create(world, &input, &mixing);
  if (status == NMD_OK && check && nmd_comm_rank(world) == 0) list_tasks(mixing);
  if (status == NMD_OK && !check) status = nmd_mixing_run(mixing);
  nmd_mixing_destroy(mixing);
  nmd_mixing_input_free(&input);
  return status;
}

static const study_program program = {
    .name = "nnpmd-mixing",
    .summary =
        "Mixing energies of two elements: prototypes, orderings and random cells relaxed, convex hull, comparison. "
        "Started again it goes on where it ended.",
    .about =
        "Reads STUDY.yaml, makes structures of two elements (compounds, all orderings of small cells, annealed "
        "orderings on a "
        "fine grid of compositions, random cells), relaxes cells and atoms with the ranks sharing them out, and writes "
        "mixing "
        "energies, the convex hull, the structures near it and a picture to the output folder. A study that was killed "
        "goes "
        "on when started again.\n\n"
        "Every key of the input is explained by nnpmd-mixing --explain KEY; nnpmd-mixing --reference prints them all.",
    .table = nmd_mixing_input_table,
    .run = run};

int main(int argc, char **argv) { return study_main(&program, argc, argv); }
