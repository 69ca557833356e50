/* SPDX-License-Identifier: BSD-3-Clause */
/* What every step of dynamics is watched for: atoms that go too far in it, and drift of the centre of mass.
 *
 * In a time t an atom moves by at most |v| t + |f| t^2 / 2m (velocity Verlet), so it keeps to a length L for
 * t <= 2 L / (|v| + sqrt(v^2 + 2 |f| L / m)). The least of these times over all atoms is compared with the time step:
 * one reduction, and only when a limit is set. A shortened step depends on the state alone, so restarts stay exact. */
#include <math.h>

#include "base/vec3.h"
#include "simulation/failure.h"

/* A step so much shorter than the stage's means that something is broken. */
static const double shortest = 1e-4;

static double time_of_atom(const nmd_simulation *s, int i, double limit) {
  const double v = nmd_norm(s->atoms.v + 3 * i);
  const double a = nmd_norm(s->atoms.f + 3 * i) * NMD_FORCE_TO_ACCELERATION / s->species.mass[s->atoms.species[i]];
  return 2.0 * limit / (v + sqrt(v * v + 2.0 * a * limit)); /* infinite at rest without force */
}

/* The time in which no atom of any rank moves by more than limit, and this rank's atom that is the first to (-1: none).
 */
static double longest_time(const nmd_simulation *s, double limit, int *first) {
  double time = INFINITY;
  *first = -1;
  for (int i = 0; i < s->atoms.n_owned; i++) {
    const double t = time_of_atom(s, i, limit);
    if (t >= time) continue;
    time = t;
    *first = i;
  }
  return time;
}

static nmd_status stop_at(const nmd_simulation *s, int first, bool mine, double needed) {
  nmd_status status = NMD_OK;
  if (mine && first >= 0) {
    char text[768];
    nmd_failure_describe(s, first, text, sizeof text);
    status =
        nmd_fail(NMD_EXPLODED,
                 "step %lld: would move an atom by more than largest_move, %g A; a time step of %.3g fs would not: %s",
                 (long long)s->counters.step + 1, s->stages[s->stage].common.largest_move, needed, text);
  }
  return nmd_comm_agree(s->comm, status);
}

/* Once for each power of two, so that a hot start does not fill the log. */
static void warn(nmd_simulation *s, double needed) {
  const int64_t n = s->counters.large_moves;
  if ((n & (n - 1)) == 0)
    nmd_log_warning(
        "step %lld: an atom moves by more than largest_move, %g A; a time step of %.3g fs would keep it (%lld "
        "such steps in this stage)",
        (long long)s->counters.step + 1, s->stages[s->stage].common.largest_move, needed, (long long)n);
}

nmd_status nmd_simulation_guard_step(nmd_simulation *s) {
  const nmd_stage_common *c = &s->stages[s->stage].common;
  s->motion.timestep = c->timestep;
  if (c->largest_move <= 0) return NMD_OK;
  int first;
  const double mine = longest_time(s, c->largest_move, &first);
  double time = mine;
  nmd_comm_min(s->comm, &time, 1);
  if (!(time < c->timestep)) return NMD_OK;
  s->counters.large_moves++;
  if (c->on_large_move == NMD_MOVE_STOP || time < shortest * c->timestep) return stop_at(s, first, mine == time, time);
  if (c->on_large_move == NMD_MOVE_WARN)
    warn(s, time);
  else
    s->motion.timestep = time;
  return NMD_OK;
}

void nmd_simulation_stop_drift(nmd_simulation *s) {
  const int64_t every = s->stages[s->stage].common.remove_drift;
  if (every > 0 && (s->counters.step + 1) % every == 0) s->counters.drift_energy += nmd_momentum_remove(&s->motion);
}

double nmd_simulation_conserved(const nmd_simulation *s) {
  return s->stages[s->stage].ops->conserved(s->ensemble, &s->motion) + s->counters.drift_energy;
}
