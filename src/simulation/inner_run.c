/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/inner_run.h"

static nmd_status run_stages(nmd_simulation *s, nmd_inner_watch *watch, void *context) {
  NMD_TRY(nmd_simulation_rebuild(s));
  NMD_TRY(nmd_simulation_forces(s));
  for (int k = 0; k < s->n_stages; k++) {
    NMD_TRY(nmd_stage_begin(s, k));
    while (!nmd_stage_finished(s)) {
      NMD_TRY(nmd_simulation_step(s));
      NMD_TRY(watch(context, s));
    }
    nmd_stage_end(s);
  }
  return NMD_OK;
}

static nmd_status open_run(const nmd_comm *comm, const nmd_inner_run *run, nmd_simulation **out) {
  nmd_input input;
  *out = NULL;
  NMD_TRY(nmd_comm_agree(comm, nmd_input_compose(run->potential, run->stages, run->seed, &input)));
  input.checkpoint.last_frames = 0; /* no files, not even of failures */
  const nmd_status status = nmd_simulation_create_with(comm, &input, run->structure, out);
  nmd_input_free(&input); /* whatever was not taken over */
  return status;
}

nmd_status nmd_inner_run_all(const nmd_comm *comm, const nmd_inner_run *run, nmd_inner_watch *watch, void *context) {
  nmd_simulation *s;
  nmd_log_mute(true);
  nmd_status status = open_run(comm, run, &s);
  if (status == NMD_OK) status = run_stages(s, watch, context);
  nmd_simulation_destroy(s);
  nmd_log_mute(false);
  return status;
}
