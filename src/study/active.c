/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/active.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/timer.h"
#include "simulation/simulation.h"
#include "study/active_fit.h"
#include "study/active_model.h"
#include "study/active_pick.h"
#include "study/active_walks.h"

/* ---- names ---- */

void nmd_active_path(const nmd_active *a, int64_t cycle, const char *name, char path[NMD_ACTIVE_PATH]) {
  snprintf(path, NMD_ACTIVE_PATH, "%.3000s/cycle_%03lld%s%.900s", a->input->output, (long long)cycle,
           name[0] != '\0' ? "/" : "", name);
}

void nmd_active_model(const nmd_active *a, int64_t cycle, char path[NMD_ACTIVE_PATH]) {
  if (cycle <= 1 && a->input->model != NULL)
    snprintf(path, NMD_ACTIVE_PATH, "%.4000s", a->input->model);
  else
    nmd_active_path(a, cycle - 1, "model", path);
}

bool nmd_active_exists(const char *path) { return access(path, F_OK) == 0; }

nmd_status nmd_active_make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return NMD_OK;
  NMD_FAIL(WRITE, "output_folder: cannot make \"%s\": %s; its parent folder must exist and be writable", path,
           strerror(errno));
}

/* ---- set-up ---- */

static nmd_status check_output(const nmd_active_input *input) {
  if (strpbrk(input->output, "\"'\\\n") == NULL && strlen(input->output) < 3000) return NMD_OK;
  NMD_FAIL(CONFLICT, "output_folder: \"%.200s\": expected a name without quotes and backslashes", input->output);
}

static nmd_status setup(nmd_active *a) {
  const nmd_active_dynamics *d = &a->input->dynamics;
  NMD_TRY(check_output(a->input));
  for (int k = 0; k < d->structures.n; k++) NMD_TRY(nmd_dataset_read(&a->starts, d->structures.items[k], NULL, NULL));
  a->n_walks = a->starts.n * (d->temperatures.n > 0 ? d->temperatures.n : 1);
  return NMD_OK;
}

nmd_status nmd_active_create(const nmd_comm *comm, const nmd_active_input *input, char *const *environment,
                             nmd_baseline_maker baselines, nmd_active **out) {
  nmd_active *a;
  *out = NULL;
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(a, 1)));
  *a = (nmd_active){.comm = comm, .input = input, .environment = environment, .baselines = baselines};
  nmd_status status = nmd_comm_split(comm, nmd_comm_rank(comm), &a->alone);
  if (status == NMD_OK) status = nmd_comm_agree(comm, setup(a));
  if (status != NMD_OK) {
    nmd_active_destroy(a);
    return status;
  }
  nmd_log_info("%lld walks a cycle (%lld structures), committee of %lld, %d ranks", (long long)a->n_walks,
               (long long)a->starts.n, (long long)input->committee, nmd_comm_size(comm));
  *out = a;
  return NMD_OK;
}

void nmd_active_destroy(nmd_active *a) {
  if (a == NULL) return;
  nmd_dataset_free(&a->starts);
  nmd_comm_free(a->alone);
  nmd_free(a);
}

/* ---- one cycle ---- */

/* A step of rank 0, after which all know the record and it is on disk. */
static nmd_status settle(const nmd_active *a, nmd_active_record *r, int reached, nmd_status status) {
  if (nmd_comm_rank(a->comm) == 0 && status == NMD_OK) {
    r->reached = reached;
    status = nmd_active_record_write(a, r);
  }
  status = nmd_comm_agree_root(a->comm, status);
  nmd_comm_broadcast(a->comm, r, sizeof *r, 0);
  return status;
}

static nmd_status walk_and_pick(const nmd_active *a, nmd_active_record *r) {
  const double started = nmd_wall_seconds();
  nmd_log_info("cycle %lld: walks", (long long)r->cycle);
  NMD_TRY(nmd_active_walks_run(a, r->cycle));
  const nmd_status status = nmd_comm_rank(a->comm) == 0 ? nmd_active_pick_frames(a, r) : NMD_OK;
  r->walk_seconds = nmd_wall_seconds() - started;
  return settle(a, r, NMD_ACTIVE_PICKED, status);
}

static nmd_status label(const nmd_active *a, nmd_active_record *r) {
  const double started = nmd_wall_seconds();
  nmd_log_info("cycle %lld: labels of %lld frames", (long long)r->cycle, (long long)r->picked);
  const nmd_status status = nmd_comm_rank(a->comm) == 0 ? nmd_active_label_frames(a, r) : NMD_OK;
  r->label_seconds = nmd_wall_seconds() - started;
  return settle(a, r, NMD_ACTIVE_LABELLED, status);
}

/* The models that the next cycle begins with, on the test set. */
static nmd_status test(const nmd_active *a, nmd_active_record *r) {
  nmd_dataset set = {0};
  nmd_active_potential potential = {0};
  nmd_active_errors errors;
  char models[NMD_ACTIVE_PATH];
  nmd_status status = NMD_OK;
  if (a->input->test.n == 0) return NMD_OK;
  for (int k = 0; k < a->input->test.n; k++) NMD_GOTO(nmd_dataset_read(&set, a->input->test.items[k], NULL, NULL));
  nmd_active_model(a, r->cycle + 1, models);
  NMD_GOTO(nmd_active_potential_open(a, models, &set, &potential));
  NMD_GOTO(nmd_active_measure(&potential, &set, &errors));
  r->test_energy = errors.energy;
  r->test_force = errors.force;
done:
  nmd_active_potential_free(&potential);
  nmd_dataset_free(&set);
  return status;
}

/* Frames labelled in all cycles so far. */
static nmd_status count_training(const nmd_active *a, nmd_active_record *r) {
  r->training = r->labelled > 0 ? r->labelled : 0;
  for (int64_t c = 1; c < r->cycle; c++) {
    nmd_active_record before;
    bool there;
    NMD_TRY(nmd_active_record_read(a, c, &before, &there));
    r->training += before.labelled > 0 ? before.labelled : 0;
  }
  return NMD_OK;
}

static nmd_status train_and_test(const nmd_active *a, nmd_active_record *r) {
  const double started = nmd_wall_seconds();
  if (r->cycle > 0 || a->input->model == NULL) {
    nmd_log_info("cycle %lld: training", (long long)r->cycle);
    NMD_TRY(nmd_active_train(a, r->cycle));
  }
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(a->comm) == 0) status = count_training(a, r);
  if (nmd_comm_rank(a->comm) == 0 && status == NMD_OK) status = test(a, r);
  r->training_seconds = nmd_wall_seconds() - started;
  return settle(a, r, NMD_ACTIVE_TRAINED, status);
}

/* The record of a cycle as the disk has it, for all ranks; its folder. */
static nmd_status begin_cycle(const nmd_active *a, int64_t cycle, nmd_active_record *r) {
  nmd_status status = NMD_OK;
  nmd_active_record_init(r, cycle);
  if (nmd_comm_rank(a->comm) == 0) {
    char path[NMD_ACTIVE_PATH];
    bool there;
    nmd_active_path(a, cycle, "", path);
    status = nmd_active_make_folder(path);
    if (status == NMD_OK) status = nmd_active_record_read(a, cycle, r, &there);
  }
  status = nmd_comm_agree_root(a->comm, status);
  nmd_comm_broadcast(a->comm, r, sizeof *r, 0);
  return status;
}

static nmd_status stopped(const nmd_active *a) {
  double seen = nmd_signals_seen();
  nmd_comm_max(a->comm, &seen, 1);
  if (seen > 0) NMD_FAIL(INTERRUPTED, "stopped early; the same command goes on where this one ended");
  return NMD_OK;
}

static nmd_status run_cycle(const nmd_active *a, nmd_active_record *r) {
  if (r->cycle > 0) {
    if (r->reached < NMD_ACTIVE_PICKED) NMD_TRY(walk_and_pick(a, r));
    NMD_TRY(stopped(a));
    if (r->picked == 0) return NMD_OK;
    if (r->reached < NMD_ACTIVE_LABELLED) NMD_TRY(label(a, r));
    NMD_TRY(stopped(a));
  }
  if (r->reached < NMD_ACTIVE_TRAINED) NMD_TRY(train_and_test(a, r));
  return stopped(a);
}

static void say_end(const nmd_active *a, const nmd_active_record *r) {
  char models[NMD_ACTIVE_PATH];
  const bool converged = r->cycle > 0 && r->picked == 0;
  nmd_active_model(a, converged ? r->cycle : r->cycle + 1, models);
  if (converged && r->flagged > 0)
    nmd_log_warning("%lld frames were flagged, but none is within the limits of `pick` and apart from what is known",
                    (long long)r->flagged);
  nmd_log_info("%s; the models are in %s", converged ? "no frame is left to label" : "all cycles are done", models);
}

nmd_status nmd_active_run(nmd_active *a) {
  const bool root = nmd_comm_rank(a->comm) == 0;
  nmd_active_record r;
  nmd_signals_catch();
  NMD_TRY(nmd_comm_agree_root(a->comm, root ? nmd_active_make_folder(a->input->output) : NMD_OK));
  for (int64_t cycle = 0; cycle <= a->input->cycles; cycle++) {
    NMD_TRY(begin_cycle(a, cycle, &r));
    NMD_TRY(run_cycle(a, &r));
    NMD_TRY(nmd_comm_agree_root(a->comm, root ? nmd_active_report(a, cycle) : NMD_OK));
    if (cycle > 0 && r.picked == 0) break;
  }
  say_end(a, &r);
  return NMD_OK;
}
