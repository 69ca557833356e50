/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/dynamics.h"

#include <math.h>

#include "base/memory.h"
#include "simulation/inner_run.h"

/* A cell that shrinks or grows beyond these, relative to the start, is past saving, and slow. */
static const double least_volume = 0.4, most_volume = 2.5;

typedef struct watcher {
  const nmd_dynamics *target;
  nmd_sampler sampler;
} watcher;

static nmd_status watch(void *context, const nmd_simulation *s) {
  watcher *w = context;
  const double ratio = s->box.volume / w->target->start.box.volume;
  if (!(ratio > least_volume && ratio < most_volume))
    NMD_FAIL(EXPLODED, "step %lld: %g times the volume at the start", (long long)s->counters.step, ratio);
  if (s->stage < s->n_stages - 1 || s->counters.stage_step % w->target->every != 0) return NMD_OK;
  return nmd_sampler_add(&w->sampler, &s->box, s->atoms.n_owned, (const double(*)[3])s->atoms.x, s->atoms.species);
}

static nmd_status run(const nmd_dynamics *target, const nmd_comm *alone, const nmd_yaml_node *potential,
                      nmd_distributions *out) {
  watcher w = {.target = target};
  const nmd_inner_run what = {&target->start, potential, target->stages, target->seed};
  NMD_TRY(nmd_sampler_init(&w.sampler, &target->plan));
  nmd_status status = nmd_inner_run_all(alone, &what, watch, &w);
  if (status == NMD_OK) status = nmd_sampler_result(&w.sampler, out);
  nmd_sampler_free(&w.sampler);
  return status;
}

/* ---- the loss ---- */

static double mean(double sum, int n) { return n > 0 ? sum / n : 0; }

static double rdf_loss(const nmd_dynamics *t, const nmd_distributions *seen) {
  const int pairs = nmd_kind_pairs(seen->kinds);
  double sum = 0;
  int n = 0;
  for (int k = 0; k < pairs; k++) {
    bool counted = false;
    if (t->wanted[k])
      sum += nmd_curve_loss(seen->bins, t->reference.g + k * seen->bins, seen->g + k * seen->bins, &counted);
    n += counted;
  }
  return mean(sum, n);
}

static double adf_loss(const nmd_dynamics *t, const nmd_distributions *seen) {
  double sum = 0;
  int n = 0;
  for (int k = 0; k < seen->triplets; k++) {
    bool counted;
    sum += nmd_curve_loss(seen->angle_bins, t->reference.p + k * seen->angle_bins, seen->p + k * seen->angle_bins,
                          &counted);
    n += counted;
  }
  return mean(sum, n);
}

static double square(double x) { return x * x; }

static void compare(nmd_dynamics *t) {
  nmd_dynamics_result *r = &t->result;
  const nmd_dynamics_weights *w = &t->weights;
  r->rdf = rdf_loss(t, &r->seen);
  r->adf = adf_loss(t, &r->seen);
  r->volume = square((r->seen.volume / t->reference.volume - 1) / w->volume_tolerance);
  r->lattice = 0;
  for (int d = 0; d < 3; d++)
    r->lattice += square((r->seen.lengths[d] / t->reference.lengths[d] - 1) / w->lattice_tolerance) / 3;
  const double sum = w->rdf * r->rdf + w->adf * r->adf + w->volume * r->volume + w->lattice * r->lattice;
  r->loss = sum < t->cap ? sum : t->cap; /* also if not a number */
}

void nmd_dynamics_leave_out(nmd_dynamics *t) {
  nmd_distributions_free(&t->result.seen);
  t->result = (nmd_dynamics_result){.failed = true, .loss = t->cap};
}

nmd_status nmd_dynamics_evaluate(nmd_dynamics *t, const nmd_comm *alone, const nmd_yaml_node *potential) {
  nmd_dynamics_leave_out(t);
  const nmd_status status = run(t, alone, potential, &t->result.seen);
  if (status == NMD_EXPLODED) return NMD_OK;
  NMD_TRY(status);
  t->result.failed = false;
  compare(t);
  return NMD_OK;
}
