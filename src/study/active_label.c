/* SPDX-License-Identifier: BSD-3-Clause */
/* Labels of the picked frames, by the command or calculator of the input. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/label.h"
#include "io/buffer.h"
#include "simulation/simulation.h"
#include "study/active_model.h"
#include "study/active_pick.h"

/* nnpmd-ase-label makes a command of a calculator. */
static nmd_status command_of(const nmd_active *a, nmd_buffer *out) {
  const nmd_active_label *l = &a->input->label;
  if (l->command != NULL)
    nmd_buffer_text(out, l->command);
  else
    nmd_buffer_printf(out, "nnpmd-ase-label %s", l->calculator);
  return out->status;
}

static nmd_status run_labels(const nmd_active *a, int64_t cycle, nmd_dataset *set, bool *done,
                             nmd_label_summary *summary) {
  char folder[NMD_ACTIVE_PATH];
  nmd_buffer command = {0};
  nmd_active_path(a, cycle, "labels", folder);
  nmd_status status = command_of(a, &command);
  if (status == NMD_OK) {
    const nmd_label_options o = {.command = command.data,
                                 .folder = folder,
                                 .result = a->input->label.result,
                                 .workers = a->input->label.workers,
                                 .batch = a->input->label.batch,
                                 .tries = a->input->label.tries,
                                 .environment = a->environment,
                                 .stop = nmd_signals_flag()};
    status = nmd_dataset_label(set, &o, done, summary);
  }
  nmd_buffer_free(&command);
  return status;
}

/* How wrong the models were where they were unsure. */
static nmd_status measure_new(const nmd_active *a, const nmd_dataset *set, nmd_active_record *r) {
  char models[NMD_ACTIVE_PATH];
  nmd_active_potential potential;
  nmd_active_errors errors;
  nmd_active_model(a, r->cycle, models);
  nmd_status status = nmd_active_potential_open(a, models, set, &potential);
  if (status == NMD_OK) status = nmd_active_measure(&potential, set, &errors);
  nmd_active_potential_free(&potential);
  if (status != NMD_OK) return status;
  r->new_energy = errors.energy;
  r->new_force = errors.force;
  return NMD_OK;
}

static nmd_status keep_labelled(const nmd_active *a, const nmd_dataset *set, const bool *done, nmd_active_record *r) {
  char path[NMD_ACTIVE_PATH];
  int64_t *index, n = 0;
  NMD_TRY(NMD_ALLOC(index, set->n));
  for (int64_t k = 0; k < set->n; k++)
    if (done[k]) index[n++] = k;
  nmd_active_path(a, r->cycle, "labelled.extxyz", path);
  const nmd_status status = nmd_dataset_write(set, index, n, path, &(nmd_dataset_write_options){.format = "extxyz"});
  nmd_free(index);
  r->labelled = n;
  return status;
}

static nmd_status label_set(const nmd_active *a, nmd_dataset *set, nmd_active_record *r) {
  nmd_label_summary summary;
  bool *done;
  NMD_TRY(NMD_ALLOC(done, set->n));
  nmd_status status = run_labels(a, r->cycle, set, done, &summary);
  if (status == NMD_OK && summary.failed == set->n)
    status = nmd_fail(NMD_CONFLICT, "label: none of %lld frames got a label; the last failure: %s", (long long)set->n,
                      summary.reason);
  r->failed = summary.failed;
  if (status == NMD_OK) status = keep_labelled(a, set, done, r);
  if (status == NMD_OK) status = measure_new(a, set, r);
  nmd_free(done);
  return status;
}

nmd_status nmd_active_label_frames(const nmd_active *a, nmd_active_record *r) {
  nmd_dataset set = {0};
  char path[NMD_ACTIVE_PATH];
  nmd_active_path(a, r->cycle, "picked.extxyz", path);
  nmd_status status = nmd_dataset_read(&set, path, NULL, NULL);
  if (status == NMD_OK) status = label_set(a, &set, r);
  nmd_dataset_free(&set);
  return status;
}
