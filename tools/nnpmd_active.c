/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-active: dynamics, frames that the models are unsure of, labels, training, and again. */
#include <stdio.h>

#include "fit/baseline.h"
#include "input_program.h"
#include "study/active_walks.h"

extern char **environ;

static void list_walks(const nmd_active *active) {
  for (int64_t k = 0; k < active->n_walks; k++) {
    nmd_active_walk walk;
    nmd_active_walk_at(active, k, &walk);
    printf("%s %s %lld atoms %s\n", walk.name, active->starts.place[walk.start],
           (long long)active->starts.frames[walk.start].n, walk.temperature);
  }
}

static nmd_status run(const nmd_comm *world, const input_run *asked) {
  const nmd_baseline_maker baselines = {nmd_baseline_create, nmd_baseline_destroy};
  nmd_active_input input;
  nmd_active *active;
  NMD_TRY(nmd_active_input_read(world, asked->path, asked->n, asked->assignments, &input));
  nmd_status status = nmd_active_create(world, &input, environ, baselines, &active);
  if (status == NMD_OK && asked->check && nmd_comm_rank(world) == 0) list_walks(active);
  if (status == NMD_OK && !asked->check) status = nmd_active_run(active);
  nmd_active_destroy(active);
  nmd_active_input_free(&input);
  return status;
}

static const input_program program = {
    .name = "nnpmd-active",
    .argument = "LOOP.yaml",
    .summary =
        "Active learning: dynamics with a committee, frames it is unsure of, labels, training, and again. Started "
        "again it goes on where it ended.",
    .exit_codes =
        "0 done, 2 input error, 3 the model ran away, 4 I/O or memory, 75 stopped early: run it again to go on.",
    .about =
        "Reads LOOP.yaml. In each cycle every start runs at every temperature with the committee; frames about whose "
        "forces the committee disagrees, or with atoms outside its training range, are flagged; those farthest from "
        "all that is known, as symmetry functions see it, are labelled by a command or an ASE calculator; the "
        "committee is trained on. The loop ends when no frame is flagged. All of a cycle is in a folder of its own; a "
        "loop that was killed goes on when started again, with the same choices. Ranks share out walks and members of "
        "the committee.\n\n"
        "Every key of the input is explained by nnpmd-active --explain KEY; nnpmd-active --reference prints them all.",
    .example = "pick.frames=100",
    .check = "read the input and the structures, list the walks, run nothing",
    .table = nmd_active_input_table,
    .run = run};

int main(int argc, char **argv) { return input_program_main(&program, argc, argv); }
