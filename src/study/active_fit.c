/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/active_fit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/yaml_write.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "training/fit_run.h"

enum { WHOLE = -1 }; /* in place of a member: all of them at once */

static void to_buffer(void *context, const char *text) { nmd_buffer_text(context, text); }

/* ---- inputs of nnpmd-train ---- */

static void put_key(nmd_buffer *out, int indent, const char *key, const nmd_yaml_node *value) {
  nmd_buffer_printf(out, "%*s%s:", indent, "", key);
  nmd_yaml_write(value, indent + 2, NULL, NULL, to_buffer, out);
}

static void put_files(nmd_buffer *out, const nmd_yaml_node *files) {
  const int n = files->kind == NMD_YAML_LIST ? files->n : 1;
  for (int k = 0; k < n; k++) {
    nmd_buffer_text(out, "    -");
    nmd_yaml_write(files->kind == NMD_YAML_LIST ? files->items[k] : files, 6, NULL, NULL, to_buffer, out);
  }
}

/* The section `data` of the training, and the labels of all cycles up to this one. */
static void put_data(const nmd_active *a, int64_t cycle, nmd_buffer *out) {
  const nmd_yaml_node *data = nmd_yaml_find(a->input->training, "data");
  nmd_buffer_text(out, "data:\n  training:\n");
  put_files(out, nmd_yaml_find(data, "training"));
  for (int64_t c = 1; c <= cycle; c++) {
    char path[NMD_ACTIVE_PATH];
    nmd_active_path(a, c, "labelled.extxyz", path);
    nmd_buffer_printf(out, "    - \"%s\"\n", path);
  }
  for (int k = 0; k < data->n; k++)
    if (strcmp(data->keys[k]->text, "training") != 0) put_key(out, 2, data->keys[k]->text, data->items[k]);
}

static void put_other_keys(const nmd_active *a, int64_t cycle, nmd_buffer *out) {
  const nmd_yaml_node *first = a->input->training, *later = cycle > 0 ? a->input->retraining : NULL;
  for (int k = 0; k < first->n; k++) {
    const char *key = first->keys[k]->text;
    const bool dropped = strcmp(key, "data") == 0 || (cycle > 0 && strcmp(key, "settings") == 0);
    if (!dropped && nmd_yaml_find(later, key) == NULL) put_key(out, 0, key, first->items[k]);
  }
  for (int k = 0; later != NULL && k < later->n; k++) put_key(out, 0, later->keys[k]->text, later->items[k]);
}

static nmd_status fit_text(const nmd_active *a, int64_t cycle, int member, nmd_buffer *out) {
  char model[NMD_ACTIVE_PATH], output[NMD_ACTIVE_PATH];
  const long long seed = (long long)(a->input->seed + 1000003 * cycle);
  nmd_active_path(a, cycle, "model.part", output);
  if (member == WHOLE) {
    nmd_buffer_printf(out, "output: \"%s\"\ncommittee: %lld\nseed: %lld\n", output, (long long)a->input->committee,
                      seed);
  } else {
    nmd_active_model(a, cycle, model);
    nmd_buffer_printf(out, "start_from: \"%s/%d\"\noutput: \"%s/%d\"\nseed: %lld\n", model, member + 1, output,
                      member + 1, seed + member);
  }
  put_data(a, cycle, out);
  put_other_keys(a, cycle, out);
  return out->status;
}

static nmd_status write_input(const nmd_active *a, int64_t cycle, int member, char path[NMD_ACTIVE_PATH]) {
  char name[32] = "fit.yaml";
  nmd_buffer text = {0};
  if (member != WHOLE) snprintf(name, sizeof name, "fit_%d.yaml", member + 1);
  nmd_active_path(a, cycle, name, path);
  nmd_status status = fit_text(a, cycle, member, &text);
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text.data, text.length, 1);
  nmd_buffer_free(&text);
  return status;
}

/* ---- one training ---- */

static void checkpoint_of(const nmd_active *a, int64_t cycle, int member, char path[NMD_ACTIVE_PATH]) {
  char name[64] = "model.part/train.checkpoint";
  if (member != WHOLE) snprintf(name, sizeof name, "model.part/%d/train.checkpoint", member + 1);
  nmd_active_path(a, cycle, name, path);
}

/* Collective over `comm`, whose rank 0 writes. */
static nmd_status train(const nmd_active *a, const nmd_comm *comm, int64_t cycle, int member) {
  char path[NMD_ACTIVE_PATH];
  nmd_fit_input input;
  nmd_fit *fit = NULL;
  const bool root = nmd_comm_rank(comm) == 0;
  NMD_TRY(nmd_comm_agree(comm, root ? write_input(a, cycle, member, path) : NMD_OK));
  nmd_comm_broadcast(comm, path, sizeof path, 0);
  NMD_TRY(nmd_fit_input_read(comm, path, 0, NULL, &input));
  nmd_status status = nmd_comm_agree(comm, a->baselines.create(input.baseline_node, &input.baseline));
  if (status == NMD_OK) status = nmd_fit_create(comm, &input, false, &fit);
  checkpoint_of(a, cycle, member, path);
  bool restart = nmd_active_exists(path);
  nmd_comm_broadcast(comm, &restart, sizeof restart, 0);
  if (status == NMD_OK) status = nmd_fit_run(fit, &(nmd_fit_run_options){.restart = restart});
  nmd_fit_destroy(fit);
  a->baselines.destroy(&input.baseline);
  nmd_fit_input_free(&input);
  return status;
}

/* ---- all members ---- */

/* With at least as many ranks as members each member has a group of ranks; otherwise ranks take members in turn. */
static nmd_status train_members(const nmd_active *a, int64_t cycle) {
  const int ranks = nmd_comm_size(a->comm), rank = nmd_comm_rank(a->comm), members = (int)a->input->committee;
  const bool groups = ranks > members;
  nmd_comm *part;
  NMD_TRY(nmd_comm_split(a->comm, groups ? rank % members : rank, &part));
  nmd_status status = NMD_OK;
  for (int m = rank % members; m < members && status == NMD_OK; m += groups ? members : ranks)
    status = train(a, part, cycle, m);
  nmd_comm_free(part);
  return nmd_comm_agree(a->comm, status);
}

/* Checkpoints of a finished training are large and of no more use. */
static void drop_checkpoints(const nmd_active *a, int64_t cycle) {
  char path[NMD_ACTIVE_PATH];
  for (int m = WHOLE; m < (int)a->input->committee; m++) {
    checkpoint_of(a, cycle, m, path);
    unlink(path);
  }
}

static nmd_status publish(const nmd_active *a, int64_t cycle) {
  char part[NMD_ACTIVE_PATH], whole[NMD_ACTIVE_PATH];
  nmd_active_path(a, cycle, "model.part", part);
  nmd_active_path(a, cycle, "model", whole);
  drop_checkpoints(a, cycle);
  if (rename(part, whole) != 0) NMD_FAIL(WRITE, "%s: cannot be renamed to %s: %s", part, whole, strerror(errno));
  return NMD_OK;
}

nmd_status nmd_active_train(const nmd_active *a, int64_t cycle) {
  char path[NMD_ACTIVE_PATH];
  const bool root = nmd_comm_rank(a->comm) == 0;
  nmd_active_path(a, cycle, "model", path);
  bool done = nmd_active_exists(path);
  nmd_comm_broadcast(a->comm, &done, sizeof done, 0);
  if (done) return NMD_OK;
  nmd_active_path(a, cycle, "model.part", path);
  NMD_TRY(nmd_comm_agree_root(a->comm, root ? nmd_active_make_folder(path) : NMD_OK));
  NMD_TRY(cycle == 0 ? train(a, a->comm, cycle, WHOLE) : train_members(a, cycle));
  return nmd_comm_agree_root(a->comm, root ? publish(a, cycle) : NMD_OK);
}
