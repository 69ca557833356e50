/* SPDX-License-Identifier: BSD-3-Clause */
/* The loop over stages and steps, with outputs, checkpoints and early stops. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "simulation/references.h"
#include "simulation/self_test.h"

enum { EXIT_PHYSICS = 3 };

typedef struct run_clock {
  double started, last_save, last_progress;
  double limit; /* s after which to stop with a checkpoint; 0: none */
  int64_t first_step;
} run_clock;

static int64_t total_steps(const nmd_simulation *s) {
  int64_t total = 0;
  for (int k = 0; k < s->n_stages; k++) total += s->stages[k].steps;
  return total;
}

/* Fraction of the planned steps; a minimisation that ends early counts as done in full. */
static double run_fraction(const nmd_simulation *s) {
  int64_t done = s->counters.stage_step;
  for (int k = 0; k < s->stage; k++) done += s->stages[k].steps;
  return (double)done / (double)total_steps(s);
}

static nmd_status set_freedoms(nmd_simulation *s) {
  const nmd_stage *stage = &s->stages[s->stage];
  s->motion.timestep = stage->common.timestep;
  NMD_TRY(nmd_members_freeze(s));
  const bool keeps = stage->ops->conserves_momentum != NULL && stage->ops->conserves_momentum(stage->own);
  const bool none = keeps || stage->common.remove_drift > 0;
  s->motion.removed_freedoms = none && s->motion.n_frozen == 0 ? 3 : 0; /* frozen atoms are walls */
  return NMD_OK;
}

nmd_status nmd_stage_resume(nmd_simulation *s, int index, const double *state, size_t n) {
  s->stage = index;
  NMD_TRY(set_freedoms(s));
  s->motion.step = s->counters.step;
  s->motion.progress = (double)s->counters.stage_step / (double)s->stages[index].steps;
  const nmd_ensemble_ops *ops = s->stages[index].ops;
  NMD_TRY(nmd_comm_agree(s->comm, ops->create(s->stages[index].own, &s->motion, &s->ensemble)));
  if (n != (size_t)ops->state_size(s->ensemble))
    NMD_FAIL(CHECKPOINT, "checkpoint: the state of stage %s has %zu numbers, expected %d: it was written by another version of "
             "nnpmd; use that version to continue", ops->name, n, ops->state_size(s->ensemble));
  ops->restore(s->ensemble, state);
  return NMD_OK;
}

nmd_status nmd_stage_begin(nmd_simulation *s, int index) {
  const nmd_stage *stage = &s->stages[index];
  s->stage = index;
  s->counters.stage_step = s->counters.large_moves = 0;
  s->counters.drift_energy = 0;
  s->motion.step = s->counters.step;
  s->motion.progress = 0;
  NMD_TRY(set_freedoms(s));
  if (stage->common.velocities >= 0)
    NMD_TRY(nmd_velocities_set(&s->motion, stage->common.velocities));
  else if (s->motion.removed_freedoms > 0)
    nmd_momentum_remove(&s->motion);
  return nmd_comm_agree(s->comm, stage->ops->create(stage->own, &s->motion, &s->ensemble));
}

bool nmd_stage_finished(const nmd_simulation *s) {
  const nmd_stage *stage = &s->stages[s->stage];
  return s->counters.stage_step >= stage->steps ||
         (stage->ops->finished != NULL && s->counters.stage_step > 0 && stage->ops->finished(s->ensemble, &s->motion));
}

void nmd_stage_end(nmd_simulation *s) {
  if (s->ensemble != NULL) s->stages[s->stage].ops->destroy(s->ensemble);
  s->ensemble = NULL;
  s->motion.band = NULL;
  nmd_images_destroy(s->images);
  s->images = NULL;
  (void)!nmd_atoms_set_extra(&s->atoms, 0); /* whatever the stage attached; frees only */
}

static void log_stage(const nmd_simulation *s) {
  const nmd_stage *stage = &s->stages[s->stage];
  char length[32] = "";
  if (!stage->ops->timeless) snprintf(length, sizeof length, " of %g fs", stage->common.timestep);
  nmd_log_info("Stage %d of %d: %s, up to %lld steps%s", s->stage + 1, s->n_stages, stage->ops->name,
               (long long)stage->steps, length);
}

/* ---- outputs ---- */

/* What the outputs due at `step` need from the force evaluation. */
static int wants_at(const nmd_simulation *s, int64_t step, bool last) {
  int wants = 0;
  for (int k = 0; k < s->n_outputs; k++)
    if (nmd_output_due(&s->outputs[k], step, last)) wants |= s->outputs[k].ops->wants(s->outputs[k].self);
  return wants;
}

static void fill_pressure(const nmd_simulation *s, nmd_observation *seen) {
  double kinetic[3][3] = {{0}};
  if (s->stages[s->stage].ops->finished == NULL) nmd_kinetic_tensor(&s->motion, kinetic); /* minimisers' are no motion */
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++)
      seen->pressure[a][b] =
          (kinetic[a][b] + 0.5 * (s->totals.virial[a][b] + s->totals.virial[b][a])) / s->box.volume;
}

static void observe(const nmd_simulation *s, nmd_observation *seen) {
  const nmd_stage *stage = &s->stages[s->stage];
  *seen = (nmd_observation){.comm = s->comm,
                            .atoms = &s->atoms,
                            .box = &s->box,
                            .species = &s->species,
                            .n_atoms = s->n_atoms,
                            .step = s->counters.step,
                            .time = s->counters.time,
                            .stage = s->stage,
                            .stage_name = stage->ops->name,
                            .progress = run_fraction(s),
                            .band = s->motion.band,
                            .potential_energy = s->totals.potential_energy,
                            .kinetic_energy = stage->ops->kinetic_energy != NULL
                                                  ? stage->ops->kinetic_energy(s->ensemble, &s->motion)
                                                  : nmd_kinetic_energy(&s->motion),
                            .conserved = nmd_simulation_conserved(s),
                            .extrapolations = s->totals.extrapolations,
                            .extrapolations_total = s->counters.extrapolations,
                            .atom_energy = s->wants & NMD_WANT_ATOM_ENERGY ? s->atom_energy : NULL,
                            .atom_virial = s->wants & NMD_WANT_ATOM_VIRIAL ? (const double(*)[9])s->atom_virial : NULL,
                            .atom_extrapolation = s->wants & NMD_WANT_ATOM_EXTRAPOLATION ? s->atom_extrapolation : NULL,
                            .sigma_energy = s->wants & NMD_WANT_SIGMA ? s->sigma_energy : NULL,
                            .sigma_force = s->wants & NMD_WANT_SIGMA ? s->sigma_force : NULL,
                            .sigma_total = s->totals.sigma};
  seen->temperature = nmd_temperature_of(&s->motion, seen->kinetic_energy);
  memcpy(seen->virial, s->totals.virial, sizeof seen->virial);
  fill_pressure(s, seen);
}

/* Per-atom values that nobody foresaw (a minimisation that ended early): evaluate once more, count nothing twice. */
static nmd_status fetch_missing(nmd_simulation *s, int wants) {
  if ((wants & ~s->wants) == 0) return NMD_OK;
  const nmd_run_counters counters = s->counters;
  s->wants = wants;
  NMD_TRY(nmd_simulation_forces(s));
  s->counters = counters;
  return NMD_OK;
}

static nmd_status write_outputs(nmd_simulation *s, bool last) {
  nmd_observation seen;
  bool observed = false;
  nmd_timer_switch(&s->timer, NMD_PHASE_OUTPUT);
  for (int k = 0; k < s->n_outputs; k++) {
    nmd_output *output = &s->outputs[k];
    if (!nmd_output_due(output, s->counters.step, last)) continue;
    if (!observed) {
      NMD_TRY(fetch_missing(s, wants_at(s, s->counters.step, last)));
      observe(s, &seen);
      observed = true;
    }
    seen.regular = nmd_output_due(output, s->counters.step, false);
    NMD_TRY(output->ops->write(output->self, &seen));
  }
  nmd_timer_switch(&s->timer, NMD_PHASE_OTHER);
  return NMD_OK;
}

static nmd_status make_folder(const nmd_simulation *s) {
  if (nmd_comm_rank(s->comm) != 0) return NMD_OK;
  const char *folder = s->input.output_folder;
  if (mkdir(folder, 0777) != 0 && errno != EEXIST)
    NMD_FAIL(WRITE, "output_folder: cannot make \"%s\": %s; its parent folder must exist and be writable", folder,
             strerror(errno));
  return NMD_OK;
}

static nmd_status begin_outputs(nmd_simulation *s, const int64_t *offsets) {
  NMD_TRY(nmd_comm_agree(s->comm, make_folder(s)));
  for (int k = 0; k < s->n_outputs; k++)
    NMD_TRY(s->outputs[k].ops->begin(s->outputs[k].self, s->comm, offsets != NULL ? offsets[k] : -1));
  return NMD_OK;
}

/* ---- start ---- */

static nmd_status test_forces(nmd_simulation *s, const nmd_run_options *options) {
  nmd_self_test result;
  if (!options->self_test) return NMD_OK;
  NMD_TRY(nmd_simulation_self_test(s, &result));
  nmd_log_info("Self-test: forces of %d atoms are the slope of the energy to %.2g eV/A", result.atoms, result.largest);
  return NMD_OK;
}

static nmd_status start_fresh(nmd_simulation *s, const nmd_run_options *options) {
  NMD_TRY(nmd_simulation_rebuild(s));
  s->wants = wants_at(s, 0, false);
  NMD_TRY(nmd_simulation_forces(s));
  NMD_TRY(nmd_simulation_check_units(s));
  NMD_TRY(test_forces(s, options));
  NMD_TRY(begin_outputs(s, NULL)); /* nothing is written before here */
  NMD_TRY(nmd_stage_begin(s, 0));
  log_stage(s);
  return write_outputs(s, false);
}

static nmd_status start_again(nmd_simulation *s, const nmd_run_options *options) {
  const char *path = options->restart;
  int64_t *offsets;
  NMD_TRY(NMD_ALLOC(offsets, s->n_outputs));
  nmd_status status = nmd_state_load(s, path, offsets);
  if (status == NMD_OK) status = test_forces(s, options);
  if (status == NMD_OK) status = begin_outputs(s, offsets);
  nmd_free(offsets);
  if (status == NMD_OK) nmd_log_info("Continuing from step %lld (%s)", (long long)s->counters.step, path);
  if (status == NMD_OK) log_stage(s);
  return status;
}

/* ---- the loop ---- */

static void look_at_clock(nmd_simulation *s, const nmd_run_options *options, run_clock *clock) {
  if (nmd_comm_rank(s->comm) != 0) {
    s->want_stop = nmd_signals_seen();
    return;
  }
  const double now = nmd_wall_seconds(), elapsed = now - clock->started;
  const double period = s->input.checkpoint.every_walltime;
  s->want_stop = nmd_signals_seen() || (clock->limit > 0 && elapsed > clock->limit);
  s->want_save = period > 0 && now - clock->last_save > period;
  if (options->progress != NULL && now - clock->last_progress > 1.0) {
    clock->last_progress = now;
    const double fraction = run_fraction(s);
    const double speed = (double)(s->counters.step - clock->first_step) / elapsed;
    const double left = (1 - fraction) * (double)total_steps(s) / (speed > 0 ? speed : 1);
    options->progress(options->progress_context, fraction, left);
  }
}

static nmd_status save_when_due(nmd_simulation *s, bool now, run_clock *clock) {
  const int64_t every = s->input.checkpoint.every;
  if (!now && !s->save && !(every > 0 && s->counters.step % every == 0)) return NMD_OK;
  nmd_timer_switch(&s->timer, NMD_PHASE_OUTPUT);
  NMD_TRY(nmd_state_save(s));
  clock->last_save = nmd_wall_seconds();
  s->save = s->want_save = false;
  nmd_timer_switch(&s->timer, NMD_PHASE_OTHER);
  return NMD_OK;
}

static nmd_status run_stage(nmd_simulation *s, const nmd_run_options *options, run_clock *clock) {
  const bool last_stage = s->stage == s->n_stages - 1;
  bool done = nmd_stage_finished(s);
  while (!done) {
    look_at_clock(s, options, clock);
    const bool last_by_length = last_stage && s->counters.stage_step + 1 == s->stages[s->stage].steps;
    s->wants = wants_at(s, s->counters.step + 1, last_by_length);
    NMD_TRY(nmd_simulation_step(s));
    if (s->ring != NULL) nmd_ring_record(s->ring, s);
    done = nmd_stage_finished(s);
    NMD_TRY(write_outputs(s, last_stage && done));
    if (s->stop && !(last_stage && done)) {
      NMD_TRY(save_when_due(s, true, clock));
      NMD_FAIL(INTERRUPTED, "stopped early at step %lld; continue with --restart %s", (long long)s->counters.step,
               s->checkpoint_path);
    }
    if (!done) NMD_TRY(save_when_due(s, false, clock));
  }
  return NMD_OK;
}

static nmd_status run_stages(nmd_simulation *s, const nmd_run_options *options, run_clock *clock) {
  for (;;) {
    NMD_TRY(run_stage(s, options, clock));
    if (s->stage == s->n_stages - 1) return save_when_due(s, true, clock);
    const int next = s->stage + 1;
    nmd_stage_end(s);
    NMD_TRY(nmd_stage_begin(s, next));
    log_stage(s);
    NMD_TRY(save_when_due(s, true, clock));
  }
}

/* The time limit of the command line, or the end of a Slurm job less a margin for the last step and the checkpoint,
 * whichever comes first. An end that lies far back is a left-over of the environment. */
static double time_limit(const nmd_run_options *options) {
  enum { MARGIN = 120, STALE = 3600 };
  const char *end = getenv("SLURM_JOB_END_TIME");
  int64_t seconds;
  if (end == NULL || !nmd_parse_int(end, &seconds)) return options->max_seconds;
  const double left = (double)(seconds - (int64_t)time(NULL)) - MARGIN;
  if (left < -STALE || (options->max_seconds > 0 && options->max_seconds <= left)) return options->max_seconds;
  nmd_log_info("The Slurm job ends in %.0f s: stopping with a checkpoint %d s before", left + MARGIN, MARGIN);
  return left > 1e-3 ? left : 1e-3;
}

/* Physics ended the run, and every rank knows: the last frames go to disk, the message says where. */
static nmd_status leave_traces(nmd_simulation *s, nmd_status status) {
  char text[1536], *path = NULL;
  int written = 0;
  snprintf(text, sizeof text, "%s", nmd_error_text());
  if (s->ring == NULL || nmd_comm_agree(s->comm, nmd_path_join(s->input.output_folder, "last_frames.extxyz", &path)) != NMD_OK)
    return nmd_fail(status, "%s", text);
  const nmd_status ring = nmd_ring_write(s->ring, s, path, &written);
  if (ring == NMD_OK && written > 0) nmd_fail(status, "%s; the %d steps before it are in %s", text, written, path);
  else nmd_fail(status, "%s", text);
  nmd_free(path);
  return status;
}

nmd_status nmd_simulation_run(nmd_simulation *s, const nmd_run_options *options) {
  nmd_signals_catch();
  NMD_TRY(options->restart != NULL ? start_again(s, options) : start_fresh(s, options));
  if (s->ring != NULL) nmd_ring_record(s->ring, s);
  nmd_timer_init(&s->timer);
  run_clock clock = {.started = nmd_wall_seconds(), .first_step = s->counters.step};
  clock.last_save = clock.last_progress = clock.started;
  clock.limit = time_limit(options);
  const nmd_status status = run_stages(s, options, &clock);
  if (nmd_status_exit_code(status) == EXIT_PHYSICS) return leave_traces(s, status);
  if (status != NMD_OK && status != NMD_INTERRUPTED) return status;
  nmd_timer_switch(&s->timer, NMD_PHASE_OTHER);
  if (s->counters.step == clock.first_step && status == NMD_OK)
    nmd_log_info("Nothing was left to do: the run is at its end; make the last stage longer or add a stage");
  nmd_error error;
  nmd_error_save(status, &error);
  nmd_simulation_summary(s, nmd_wall_seconds() - clock.started, s->counters.step - clock.first_step);
  NMD_TRY(nmd_comm_agree(s->comm, nmd_comm_rank(s->comm) == 0 ? nmd_references_leave(s) : NMD_OK));
  return status == NMD_OK ? NMD_OK : nmd_error_restore(&error);
}
