/* SPDX-License-Identifier: BSD-3-Clause */
/* How many threads each rank gets, and whether they have cores to run on. */
#include <unistd.h>

#include "base/team.h"
#include "simulation/simulation.h"

/* mpirun binds each rank to one core unless told otherwise: its threads would take turns there. */
static void warn_about_cores(const nmd_simulation *s, int64_t node_ranks, int64_t bound) {
  const int64_t cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (s->threads > 1 && bound < s->threads)
    nmd_log_warning("%d threads a rank, but a rank is bound to %lld cores: threads take turns; start with mpirun --bind-to "
                    "none, or --map-by slot:PE=%d",
                    s->threads, (long long)bound, s->threads);
  else if (node_ranks * s->threads > cores)
    nmd_log_warning("%lld ranks of %d threads on a node with %lld cores: they take turns; use fewer of either",
                    (long long)node_ranks, s->threads, (long long)cores);
}

nmd_status nmd_simulation_set_threads(nmd_simulation *s) {
  const int64_t asked = s->input.parallel.threads;
  int64_t worst[3] = {asked > 0 ? asked : nmd_team_wish(), nmd_comm_node_size(s->comm), -nmd_team_cores()};
  nmd_comm_max_int(s->comm, worst, 3); /* environments may differ, threads may not: the bits depend on them */
  s->threads = (int)worst[0];
  if (s->threads > 1 && !nmd_team_available())
    NMD_FAIL(CONFLICT, "%d threads a rank, but nnpmd was built without OpenMP; use more ranks instead, or build with it",
             s->threads);
  if (s->threads > 1)
    nmd_log_info("Threads: %d a rank, binding %s (OMP_PROC_BIND)", s->threads, nmd_team_binding());
  warn_about_cores(s, worst[1], -worst[2]);
  return NMD_OK;
}
