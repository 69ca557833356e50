/* SPDX-License-Identifier: BSD-3-Clause */
/* What a user reads at the end: speed, where the time went, balance, memory, worst extrapolations. */
#include <string.h>

#include "base/memory.h"
#include "simulation/simulation.h"

static void log_speed(const nmd_simulation *s, double wall, int64_t steps) {
  const double timestep = s->stages[s->stage].common.timestep;
  const double per_second = (double)steps / wall;
  nmd_log_info("Loop time of %.3f s on %d ranks of %d threads for %lld steps with %lld atoms", wall,
               nmd_comm_size(s->comm), s->threads, (long long)steps, (long long)s->n_atoms);
  nmd_log_info("Performance: %.3f ns/day, %.3f hours/ns, %.2f timesteps/s, %.2f katom-step/s",
               per_second * timestep * 86400 * 1e-6, 1e6 / (per_second * timestep * 3600), per_second,
               per_second * (double)s->n_atoms * 1e-3);
}

static void log_phases(const nmd_simulation *s, double wall) {
  double sum[NMD_PHASE_COUNT], low[NMD_PHASE_COUNT], high[NMD_PHASE_COUNT];
  memcpy(sum, s->timer.seconds, sizeof sum);
  memcpy(low, s->timer.seconds, sizeof low);
  memcpy(high, s->timer.seconds, sizeof high);
  nmd_comm_sum(s->comm, sum, NMD_PHASE_COUNT);
  nmd_comm_min(s->comm, low, NMD_PHASE_COUNT);
  nmd_comm_max(s->comm, high, NMD_PHASE_COUNT);
  nmd_log_info("%-20s %10s %10s %10s %8s", "Time of a rank (s)", "min", "mean", "max", "% total");
  for (int p = 0; p < NMD_PHASE_COUNT; p++) {
    const double mean = sum[p] / nmd_comm_size(s->comm);
    nmd_log_info("  %-18s %10.3f %10.3f %10.3f %8.1f", nmd_phase_label(p), low[p], mean, high[p], 100 * mean / wall);
  }
}

static void log_counts(const nmd_simulation *s, int64_t steps) {
  enum { ROWS = 7 };
  static const char *const labels[ROWS] = {"atoms", "ghosts", "listed neighbours", "memory (MB)", "program (MB)",
                                           "messages one way", "kB one way"};
  int messages;
  int64_t bytes;
  nmd_halo_statistics(s->halo, &messages, &bytes); /* positions go out, forces come back the same way */
  const int64_t pairs = s->list.n > 0 ? s->list.first[s->list.n] : 0;
  double low[ROWS] = {s->atoms.n_owned, s->atoms.n_ghost, (double)pairs, nmd_memory_peak_MB(), s->program_MB, messages,
                      1e-3 * (double)bytes};
  double high[ROWS], sum[ROWS];
  memcpy(high, low, sizeof high);
  memcpy(sum, low, sizeof sum);
  nmd_comm_min(s->comm, low, ROWS);
  nmd_comm_max(s->comm, high, ROWS);
  nmd_comm_sum(s->comm, sum, ROWS);
  nmd_log_info("%-20s %10s %10s %10s", "Of a rank", "min", "mean", "max");
  for (int k = 0; k < ROWS; k++)
    nmd_log_info("  %-18s %10.0f %10.0f %10.0f", labels[k], low[k], sum[k] / nmd_comm_size(s->comm), high[k]);
  nmd_log_info("Imbalance of atoms: %.3f; neighbour lists built: %lld (one in %.1f steps); none was overdue",
               high[0] * nmd_comm_size(s->comm) / sum[0], (long long)s->counters.rebuilds,
               (double)steps / (double)(s->counters.rebuilds > 0 ? s->counters.rebuilds : 1));
  double imbalance;
  if (nmd_comm_size(s->comm) > 1 && nmd_simulation_imbalance(s, &imbalance) == NMD_OK)
    nmd_log_info("Imbalance of counted cost: %.3f; planes moved %lld times for it", imbalance,
                 (long long)s->balance.moves);
}

void nmd_simulation_worst(const nmd_simulation *s, nmd_offender *table, int *n) {
  char *all;
  size_t *counts;
  *n = 0;
  if (nmd_alloc(&counts, (size_t)nmd_comm_size(s->comm), sizeof *counts) != NMD_OK) return;
  const size_t bytes = (size_t)s->n_offenders * sizeof(nmd_offender);
  if (nmd_comm_gather(s->comm, s->offenders, bytes, 0, &all, counts) == NMD_OK && nmd_comm_rank(s->comm) == 0) {
    size_t total = 0;
    for (int r = 0; r < nmd_comm_size(s->comm); r++) total += counts[r] / sizeof(nmd_offender);
    for (size_t k = 0; k < total; k++) {
      nmd_offender one;
      memcpy(&one, all + k * sizeof one, sizeof one);
      nmd_offenders_add(table, n, &one);
    }
    nmd_free(all);
  }
  nmd_free(counts);
}

static void log_offenders(const nmd_simulation *s) {
  if (s->counters.extrapolations == 0) {
    nmd_log_info("Extrapolations: none");
    return;
  }
  nmd_offender table[NMD_OFFENDER_MAX];
  int n;
  nmd_simulation_worst(s, table, &n);
  nmd_log_warning("Extrapolations: %lld (atom, function) pairs outside the training range. The worst:",
                  (long long)s->counters.extrapolations);
  nmd_log_info("  %-4s %9s %10s %10s %14s %14s %14s %8s", "", "function", "atom", "step", "value", "lowest", "highest",
               "excess");
  for (int k = 0; k < n; k++)
    nmd_log_info("  %-4s %9d %10lld %10lld %14.6g %14.6g %14.6g %7.1f%%", nmd_element_symbol(table[k].atomic_number),
                 table[k].function, (long long)table[k].atom_id, (long long)table[k].step, table[k].value, table[k].low,
                 table[k].high, 100 * table[k].excess);
  nmd_log_info("  Add such structures to the training set, or distrust what happens there.");
}

void nmd_simulation_summary(nmd_simulation *s, double wall_seconds, int64_t steps) {
  if (steps > 0 && wall_seconds > 0) {
    log_speed(s, wall_seconds, steps);
    log_phases(s, wall_seconds);
    log_counts(s, steps);
  }
  log_offenders(s);
}
