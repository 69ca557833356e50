/* SPDX-License-Identifier: BSD-3-Clause */
/* What --check tells before a job is queued: sizes, memory, cost and decomposition. */
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "simulation/self_test.h"

static void say(nmd_text_writer *write, void *context, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(nmd_text_writer *write, void *context, const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (write != NULL) write(context, line);
}

/* Mean number of each species within the potential's cut-off of an atom. Collective. */
static void count_neighbours(const nmd_simulation *s, double neighbours[NMD_ELEMENT_MAX]) {
  const double limit = s->list.cutoff * s->list.cutoff, *x = s->atoms.x;
  for (int k = 0; k < s->species.n; k++) neighbours[k] = 0.0;
  for (int i = 0; i < s->list.n; i++)
    for (int64_t k = s->list.first[i]; k < s->list.first[i + 1]; k++) {
      const int j = s->list.index[k];
      const double d[3] = {x[3 * j] - x[3 * i], x[3 * j + 1] - x[3 * i + 1], x[3 * j + 2] - x[3 * i + 2]};
      if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] < limit) neighbours[s->atoms.species[j]] += 1.0;
    }
  nmd_comm_sum(s->comm, neighbours, s->species.n);
  for (int k = 0; k < s->species.n; k++) neighbours[k] /= (double)s->n_atoms;
}

static void write_nothing(void *context, const char *line) {
  (void)context;
  (void)line;
}

static nmd_status report_cost(const nmd_simulation *s, nmd_text_writer *write, void *context) {
  const nmd_potential *potential = &s->potential;
  double neighbours[NMD_ELEMENT_MAX], per_atom = potential->ops->cost(potential->self);
  int64_t steps = 0;
  for (int k = 0; k < s->n_stages; k++) steps += s->stages[k].steps;
  count_neighbours(s, neighbours);
  if (potential->ops->describe_cost != NULL)
    NMD_TRY(potential->ops->describe_cost(potential->self, neighbours, write != NULL ? write : write_nothing, context,
                                          &per_atom));
  const double per_step = per_atom * (double)s->n_atoms / nmd_comm_size(s->comm) * 1e-6;
  say(write, context, "Cost: about %.2g us per atom and step, %.3g ms per step on %d ranks, %.3g h for %lld steps\n",
      per_atom, 1e3 * per_step, nmd_comm_size(s->comm), per_step * (double)steps / 3600, (long long)steps);
  return NMD_OK;
}

static nmd_status report_ranks(const nmd_simulation *s, nmd_text_writer *write, void *context) {
  int messages;
  int64_t bytes;
  double imbalance;
  nmd_halo_statistics(s->halo, &messages, &bytes);
  NMD_TRY(nmd_simulation_imbalance(s, &imbalance));
  const int64_t pairs = s->list.first[s->list.n];
  double low[6] = {s->atoms.n_owned, s->atoms.n_ghost, (double)pairs, (double)bytes, (double)nmd_memory_in_use(), messages};
  double high[6], sum[6];
  for (int k = 0; k < 6; k++) high[k] = sum[k] = low[k];
  nmd_comm_min(s->comm, low, 6);
  nmd_comm_max(s->comm, high, 6);
  nmd_comm_sum(s->comm, sum, 6);
  const int size = nmd_comm_size(s->comm);
  say(write, context, "Decomposition: %d x %d x %d bricks; atoms a rank %.0f to %.0f, ghosts %.0f to %.0f\n",
      s->domain.grid[0], s->domain.grid[1], s->domain.grid[2], low[0], high[0], low[1], high[1]);
  say(write, context, "Balance: counted cost of a rank, max / mean %.3f\n", imbalance);
  say(write, context, "Neighbours: %.1f per atom within cut-off %.4g A + skin %.4g A\n", sum[2] / (double)s->n_atoms,
      s->list.cutoff, s->list.skin);
  /* Positions out, forces back: each message goes both ways. */
  say(write, context, "Halo: at most 2 x %.0f messages and 2 x %.4g kB a rank and step, 2 x %.4g kB on average\n", high[5],
      high[3] * 1e-3, sum[3] / size * 1e-3);
  say(write, context, "Memory: %.1f MB a rank at most, %.2f kB per atom in all\n", high[4] * 1e-6,
      sum[4] / (double)s->n_atoms * 1e-3);
  if (low[0] < 0.5) say(write, context, "Note: some ranks have no atoms; %d ranks are too many for this box\n", size);
  return NMD_OK;
}

static nmd_status report_forces(nmd_simulation *s, nmd_text_writer *write, void *context) {
  nmd_self_test result;
  NMD_TRY(nmd_simulation_self_test(s, &result));
  say(write, context, "Self-test: forces of %d atoms are the slope of the energy to %.2g eV/A\n", result.atoms,
      result.largest);
  return NMD_OK;
}

nmd_status nmd_simulation_report(nmd_simulation *s, nmd_text_writer *write, void *context) {
  if (nmd_comm_rank(s->comm) != 0) write = NULL;
  NMD_TRY(nmd_simulation_rebuild(s));
  NMD_TRY(nmd_simulation_forces(s));
  NMD_TRY(nmd_simulation_check_units(s));
  say(write, context, "Input: good\n");
  NMD_TRY(report_ranks(s, write, context));
  NMD_TRY(report_cost(s, write, context));
  say(write, context, "At the start: energy %.6f eV (%.6f eV/atom), %lld extrapolations\n", s->totals.potential_energy,
      s->totals.potential_energy / (double)s->n_atoms, (long long)s->totals.extrapolations);
  NMD_TRY(report_forces(s, write, context));
  for (int k = 0; k < s->n_stages; k++)
    say(write, context, "Stage %d: %s, %lld steps of %g fs\n", k + 1, s->stages[k].ops->name,
        (long long)s->stages[k].steps, s->stages[k].common.timestep);
  for (int k = 0; k < s->n_outputs; k++)
    say(write, context, "Output %d: %s every %lld steps to %s\n", k + 1, s->outputs[k].ops->name,
        (long long)s->outputs[k].every, s->outputs[k].path);
  return NMD_OK;
}
