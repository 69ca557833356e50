/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/fit_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/timer.h"
#include "training/committee_errors.h"
#include "training/fit_state.h"
#include "training/parity.h"

static double core_seconds(const nmd_fit *fit) {
  double t = (double)clock() / CLOCKS_PER_SEC;
  nmd_comm_sum(fit->world, &t, 1);
  return t;
}

/* Training and validation side by side; "-" where there is none. */
static const char *pair(char *text, size_t size, int width, int digits, double training, double validation,
                        bool judged) {
  char second[32] = "-";
  if (judged) snprintf(second, sizeof second, "%.*f", digits, validation);
  snprintf(text, size, "%*.*f / %*s", width, digits, training, width, second);
  return text;
}

static void log_epoch(const nmd_fit_state *state, const nmd_curve_row *row) {
  const nmd_fit *fit = state->fit;
  const nmd_error_sums *t = &row->training->all, *v = &row->validation->all;
  const double done = (double)(row->epoch - state->first_epoch), left = (double)(fit->input->epochs - row->epoch);
  const double eta = done > 0.0 ? (row->wall - state->wall_before) / done * left : 0.0;
  const bool judged = row->validation->weight > 0.0;
  char energy[80], force[80], loss[80] = "-", member[32] = "";
  if (fit->n_members > 1) snprintf(member, sizeof member, " member %d", row->member + 1);
  if (judged) snprintf(loss, sizeof loss, "%.4g", nmd_metrics_score(row->validation));
  nmd_log_info("epoch %4lld%s %-19s E %s meV/atom  F %s meV/A  loss %.4g / %s  %.0f s, %.0f s left",
               (long long)row->epoch, member, row->stage,
               pair(energy, sizeof energy, 8, 3, 1e3 * nmd_rms(t->energy2, t->n_energy),
                    1e3 * nmd_rms(v->energy2, v->n_energy), judged),
               pair(force, sizeof force, 8, 2, 1e3 * nmd_rms(t->force2, t->n_force),
                    1e3 * nmd_rms(v->force2, v->n_force), judged),
               nmd_metrics_score(row->training), loss, row->wall, eta);
}

/* Without validation data the training set decides. */
static double score(const nmd_metrics *training, const nmd_metrics *validation) {
  return validation->weight > 0.0 ? nmd_metrics_score(validation) : nmd_metrics_score(training);
}

static nmd_status keep_if_best(nmd_fit_state *state, int member, const double *weights, double value, int64_t epoch) {
  nmd_fit *fit = state->fit;
  nmd_member *m = &fit->members[member];
  if (fit->input->keep == 0 && !(value < m->best_score)) return NMD_OK;
  m->best_score = value;
  m->best_epoch = epoch;
  memcpy(m->best, weights, fit->layout.n * sizeof(double));
  const nmd_status status = nmd_comm_rank(fit->world) == 0 ? nmd_fit_write_weights(fit, member, m->best) : NMD_OK;
  return nmd_comm_agree(fit->world, status);
}

static nmd_status judge(nmd_fit_state *state, int member, const char *stage, const double *weights, int64_t epoch,
                        nmd_metrics *training) {
  nmd_fit *fit = state->fit;
  nmd_metrics validation;
  NMD_TRY(nmd_fit_measure(fit, &fit->training, weights, training));
  NMD_TRY(nmd_fit_measure(fit, &fit->validation, weights, &validation));
  const nmd_curve_row row = {.epoch = epoch,
                             .member = member,
                             .stage = stage,
                             .wall = state->wall_before + nmd_wall_seconds() - state->started,
                             .core = state->core_before + core_seconds(fit),
                             .training = training,
                             .validation = &validation};
  NMD_TRY(keep_if_best(state, member, weights, score(training, &validation), epoch));
  log_epoch(state, &row);
  return nmd_comm_agree(fit->world, nmd_fit_state_curve(state, &row));
}

static nmd_status member_epoch(nmd_fit_state *state, int member, int64_t epoch, double progress) {
  nmd_fit *fit = state->fit;
  nmd_member *m = &fit->members[member];
  nmd_metrics averaged;
  const nmd_optimiser_ops *ops = state->ops;
  NMD_TRY(ops->epoch(state->optimisers[member], fit, epoch, progress));
  NMD_TRY(judge(state, member, ops->table->name, m->weights, epoch + 1, &m->training));
  if (m->n_average < 2) return NMD_OK;
  return judge(state, member, "average", m->average, epoch + 1, &averaged);
}

static bool patience_is_over(const nmd_fit *fit, int64_t epoch) {
  int64_t latest = 0;
  for (int m = 0; m < fit->n_members; m++)
    if (fit->members[m].best_epoch > latest) latest = fit->members[m].best_epoch;
  return fit->input->patience > 0 && epoch - latest >= fit->input->patience;
}

static nmd_status out_of_time(const nmd_fit_state *state, double max_seconds, bool *over) {
  double elapsed = nmd_wall_seconds() - state->started;
  nmd_comm_broadcast(state->fit->world, &elapsed, sizeof elapsed, 0);
  *over = max_seconds > 0.0 && elapsed > max_seconds;
  return NMD_OK;
}

static nmd_status run_stage(nmd_fit_state *state, const nmd_fit_run_options *options, int64_t start) {
  nmd_fit *fit = state->fit;
  const nmd_stage_parameters *p = fit->input->stages[state->stage].parameters;
  const int64_t every = fit->input->checkpoint_every;
  for (int64_t k = start; k < p->epochs; k++) {
    const int64_t epoch = state->stage_start + k;
    bool over;
    for (int m = 0; m < fit->n_members; m++) NMD_TRY(member_epoch(state, m, epoch, (double)k / (double)p->epochs));
    NMD_TRY(nmd_fit_refit_level(fit, 1));
    state->epoch = epoch + 1;
    NMD_TRY(out_of_time(state, options->max_seconds, &over));
    if (over || (every > 0 && state->epoch % every == 0) || state->epoch == fit->input->epochs)
      NMD_TRY(nmd_fit_state_save(state));
    state->ended = patience_is_over(fit, state->epoch);
    if (state->ended) nmd_log_info("no progress for %lld epochs: end", (long long)fit->input->patience);
    if (over) NMD_FAIL(INTERRUPTED, "out of time after epoch %lld; go on with --restart", (long long)state->epoch);
    if (state->ended) return NMD_OK;
  }
  return NMD_OK;
}

static nmd_status begin(nmd_fit_state *state, bool restart) {
  nmd_fit *fit = state->fit;
  const bool root = nmd_comm_rank(fit->world) == 0;
  NMD_TRY(nmd_comm_agree(fit->world, root ? nmd_fit_write_settings(fit) : NMD_OK));
  if (restart) return nmd_fit_state_load(state);
  NMD_TRY(nmd_fit_state_open(state));
  for (int m = 0; m < fit->n_members; m++)
    NMD_TRY(judge(state, m, "start", fit->members[m].weights, 0, &fit->members[m].training));
  return NMD_OK;
}

/* What a run of the committee will show: the mean is better than its members. */
static nmd_status log_committee(nmd_fit *fit) {
  const bool judged = fit->validation.set.n > 0;
  nmd_metrics errors;
  if (fit->n_members < 2) return NMD_OK;
  NMD_TRY(nmd_fit_measure_committee(fit, judged ? &fit->validation : &fit->training, &errors));
  const nmd_error_sums *e = &errors.all;
  nmd_log_info("committee: the mean of %d members on the %s data: E %.3f meV/atom  F %.2f meV/A  loss %.4g",
               fit->n_members, judged ? "validation" : "training", 1e3 * nmd_rms(e->energy2, e->n_energy),
               1e3 * nmd_rms(e->force2, e->n_force), nmd_metrics_score(&errors));
  return NMD_OK;
}

static nmd_status run(nmd_fit_state *state, const nmd_fit_run_options *options) {
  nmd_fit *fit = state->fit;
  NMD_TRY(begin(state, options->restart));
  for (; state->stage < fit->input->n_stages && !state->ended; state->stage++) {
    const nmd_stage_parameters *p = fit->input->stages[state->stage].parameters;
    const int64_t start = state->epoch - state->stage_start;
    if (start < p->epochs) {
      NMD_TRY(nmd_fit_state_stage(state));
      NMD_TRY(run_stage(state, options, start));
    }
    state->stage_start += p->epochs;
  }
  for (int m = 0; m < fit->n_members; m++)
    nmd_log_info("member %d: %s loss %.6g in epoch %lld", m + 1, fit->input->keep == 0 ? "best" : "last",
                 fit->members[m].best_score, (long long)fit->members[m].best_epoch);
  NMD_TRY(log_committee(fit));
  return nmd_fit_write_parity(fit);
}

nmd_status nmd_fit_run(nmd_fit *fit, const nmd_fit_run_options *options) {
  nmd_fit_state state = {.fit = fit, .started = nmd_wall_seconds()};
  nmd_status status = run(&state, options);
  nmd_fit_state_close(&state);
  return status;
}
