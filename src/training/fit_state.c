/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/fit_state.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/timer.h"
#include "io/checkpoint.h"

static bool is_root(const nmd_fit_state *state) { return nmd_comm_rank(state->fit->world) == 0; }

static nmd_status with_path(const nmd_fit *fit, const char *name, char **path) {
  return nmd_fit_path(fit, -1, name, path);
}

static nmd_status open_table(const nmd_fit *fit, const char *name, const char *header, int64_t offset,
                             nmd_append_file *file) {
  char *path;
  NMD_TRY(with_path(fit, name, &path));
  const nmd_status status =
      offset >= 0 ? nmd_append_resume(path, offset, file) : nmd_append_create(path, header, strlen(header), 1, file);
  nmd_free(path);
  return status;
}

static nmd_status open_tables(nmd_fit_state *state, const int64_t offsets[2]) {
  nmd_status status = NMD_OK;
  if (is_root(state)) {
    status = open_table(state->fit, "learning_curve.txt", nmd_curve_header, offsets[0], &state->curve);
    if (status == NMD_OK)
      status = open_table(state->fit, "families.txt", nmd_families_header, offsets[1], &state->families);
  }
  return nmd_comm_agree(state->fit->world, status);
}

nmd_status nmd_fit_state_open(nmd_fit_state *state) { return open_tables(state, (const int64_t[2]){-1, -1}); }

nmd_status nmd_fit_state_curve(nmd_fit_state *state, const nmd_curve_row *row) {
  if (!is_root(state)) return NMD_OK;
  NMD_TRY(nmd_curve_write(&state->curve, row));
  return nmd_families_write(&state->families, &state->fit->families, row);
}

static void destroy_optimisers(nmd_fit_state *state) {
  for (int m = 0; state->optimisers != NULL && m < state->fit->n_members; m++)
    state->ops->destroy(state->optimisers[m]);
  nmd_free(state->optimisers);
  state->optimisers = NULL;
}

/* Everything of fixed size: what the checkpoint must fit, and where we are. */
typedef struct header {
  int64_t weights, members, training, validation, epochs, stage, stage_start, epoch;
  int64_t offsets[2];
  double wall, core;
} header;

static header header_of(const nmd_fit_state *state) {
  const nmd_fit *fit = state->fit;
  return (header){.weights = (int64_t)fit->layout.n,
                  .members = fit->n_members,
                  .training = fit->training.set.n,
                  .validation = fit->validation.set.n,
                  .epochs = fit->input->epochs,
                  .stage = state->stage,
                  .stage_start = state->stage_start,
                  .epoch = state->epoch,
                  .offsets = {state->curve.offset, state->families.offset},
                  .wall = state->wall_before + nmd_wall_seconds() - state->started};
}

static nmd_status restore_optimiser(nmd_fit_state *state, int m) {
  const nmd_checkpoint *checkpoint = state->restored;
  char name[32];
  const void *bytes;
  size_t count;
  snprintf(name, sizeof name, "optimiser.%d", m);
  NMD_TRY(nmd_checkpoint_view(checkpoint, name, sizeof(double), &bytes, &count));
  if (count != state->ops->state_length(state->optimisers[m]))
    NMD_FAIL(CHECKPOINT, "the checkpoint's %s has %zu numbers, expected %zu; the stages were changed: start anew", name,
             count, state->ops->state_length(state->optimisers[m]));
  return state->ops->restore(state->optimisers[m], bytes);
}

nmd_status nmd_fit_state_stage(nmd_fit_state *state) {
  nmd_fit *fit = state->fit;
  const nmd_stage *stage = &fit->input->stages[state->stage];
  destroy_optimisers(state);
  state->ops = nmd_optimiser_at(stage->optimiser);
  NMD_TRY(NMD_ALLOC(state->optimisers, fit->n_members));
  for (int m = 0; m < fit->n_members; m++)
    NMD_TRY(state->ops->create(stage->parameters, fit, m, &state->optimisers[m]));
  nmd_log_info("stage %d: %s", state->stage + 1, state->ops->table->name);
  nmd_status status = NMD_OK;
  const bool within = state->restored != NULL && state->epoch > state->stage_start;
  for (int m = 0; m < fit->n_members && within && status == NMD_OK; m++) status = restore_optimiser(state, m);
  nmd_checkpoint_destroy(state->restored);
  state->restored = NULL;
  return nmd_comm_agree(fit->world, status);
}

static nmd_status add_optimiser(const nmd_fit_state *state, int m, nmd_checkpoint_writer *writer) {
  const size_t length = state->ops->state_length(state->optimisers[m]);
  char name[32];
  double *numbers = NULL;
  nmd_status status = is_root(state) ? NMD_ALLOC(numbers, length) : NMD_OK;
  NMD_TRY(nmd_comm_agree(state->fit->world, status));
  status = state->ops->save(state->optimisers[m], numbers);
  snprintf(name, sizeof name, "optimiser.%d", m);
  if (status == NMD_OK && writer != NULL)
    status = nmd_checkpoint_writer_add(writer, name, numbers, length * sizeof *numbers);
  nmd_free(numbers);
  return status;
}

typedef struct member_numbers {
  double best_score;
  int64_t n_average, best_epoch;
} member_numbers;

enum { SECTIONS = 5 };

typedef struct section { /* of a member, in the checkpoint */
  char name[32];
  void *data;
  size_t size;
} section;

static void list_sections(const nmd_fit *fit, int m, member_numbers *numbers, section out[SECTIONS]) {
  static const char *const names[SECTIONS] = {"weights", "average", "best", "errors", "numbers"};
  nmd_member *member = &fit->members[m];
  void *const data[SECTIONS] = {member->weights, member->average, member->best, &member->training, numbers};
  const size_t bytes = fit->layout.n * sizeof(double),
               size[SECTIONS] = {bytes, bytes, bytes, sizeof member->training, sizeof *numbers};
  for (int k = 0; k < SECTIONS; k++) {
    out[k] = (section){.data = data[k], .size = size[k]};
    snprintf(out[k].name, sizeof out[k].name, "%s.%d", names[k], m);
  }
}

static nmd_status add_member(const nmd_fit *fit, int m, nmd_checkpoint_writer *writer) {
  const nmd_member *member = &fit->members[m];
  member_numbers numbers = {member->best_score, member->n_average, member->best_epoch};
  section all[SECTIONS];
  list_sections(fit, m, &numbers, all);
  for (int k = 0; k < SECTIONS; k++) NMD_TRY(nmd_checkpoint_writer_add(writer, all[k].name, all[k].data, all[k].size));
  return NMD_OK;
}

static nmd_status fill_checkpoint(const nmd_fit_state *state, nmd_checkpoint_writer *writer) {
  const nmd_fit *fit = state->fit;
  const header h = header_of(state);
  NMD_TRY(nmd_checkpoint_writer_add(writer, "header", &h, sizeof h));
  NMD_TRY(nmd_checkpoint_writer_add(writer, "offsets", fit->objective.offset, sizeof fit->objective.offset));
  for (int m = 0; m < fit->n_members; m++) NMD_TRY(add_member(fit, m, writer));
  return NMD_OK;
}

static nmd_status sync_tables(nmd_fit_state *state) {
  NMD_TRY(nmd_append_sync(&state->curve));
  return nmd_append_sync(&state->families);
}

nmd_status nmd_fit_state_save(nmd_fit_state *state) {
  nmd_fit *fit = state->fit;
  nmd_checkpoint_writer *writer = NULL;
  char *path = NULL;
  nmd_status status = NMD_OK;
  if (is_root(state)) {
    status = sync_tables(state);
    if (status == NMD_OK) status = nmd_checkpoint_writer_create(&writer);
    if (status == NMD_OK) status = fill_checkpoint(state, writer);
  }
  status = nmd_comm_agree(fit->world, status);
  for (int m = 0; m < fit->n_members && status == NMD_OK; m++)
    status = nmd_comm_agree(fit->world, add_optimiser(state, m, writer));
  if (status == NMD_OK && is_root(state)) {
    status = with_path(fit, "train.checkpoint", &path);
    if (status == NMD_OK) status = nmd_checkpoint_writer_save(writer, path, 1);
    nmd_free(path);
  }
  nmd_checkpoint_writer_destroy(writer);
  return nmd_comm_agree(fit->world, status);
}

static nmd_status read_image(const nmd_fit_state *state, nmd_checkpoint **checkpoint) {
  char *path = NULL;
  nmd_status status = with_path(state->fit, "train.checkpoint", &path);
  const void *bytes = NULL;
  size_t size = 0;
  if (status == NMD_OK && is_root(state)) status = nmd_checkpoint_read(path, checkpoint);
  if (status == NMD_OK && is_root(state)) nmd_checkpoint_image(*checkpoint, &bytes, &size);
  status = nmd_comm_agree(state->fit->world, status);
  if (status == NMD_OK && nmd_comm_size(state->fit->world) > 1) {
    char *copy = NULL;
    nmd_comm_broadcast(state->fit->world, &size, sizeof size, 0);
    status = nmd_comm_agree(state->fit->world, nmd_alloc(&copy, size, 1));
    if (status == NMD_OK) {
      if (is_root(state)) memcpy(copy, bytes, size);
      nmd_comm_broadcast(state->fit->world, copy, size, 0);
      if (!is_root(state)) status = nmd_checkpoint_parse(path, copy, size, checkpoint);
    }
    nmd_free(copy);
  }
  nmd_free(path);
  return status;
}

static nmd_status get_member(const nmd_checkpoint *c, const nmd_fit *fit, int m) {
  nmd_member *member = &fit->members[m];
  member_numbers numbers;
  section all[SECTIONS];
  list_sections(fit, m, &numbers, all);
  for (int k = 0; k < SECTIONS; k++) NMD_TRY(nmd_checkpoint_get(c, all[k].name, all[k].data, all[k].size));
  member->best_score = numbers.best_score;
  member->n_average = numbers.n_average;
  member->best_epoch = numbers.best_epoch;
  return NMD_OK;
}

static nmd_status check_header(const header *now, const header *then) {
  static const char *const what[] = {"weights", "members", "training structures", "validation structures", "epochs"};
  const int64_t *a = &now->weights, *b = &then->weights;
  for (int k = 0; k < NMD_COUNT(what); k++)
    if (a[k] != b[k])
      NMD_FAIL(CHECKPOINT,
               "the checkpoint is of a training with %lld %s, the input has %lld; start anew without "
               "--restart, or use the input it was made with",
               (long long)b[k], what[k], (long long)a[k]);
  return NMD_OK;
}

static nmd_status take(nmd_fit_state *state, const nmd_checkpoint *c, header *h) {
  nmd_fit *fit = state->fit;
  const header now = header_of(state);
  NMD_TRY(nmd_checkpoint_get(c, "header", h, sizeof *h));
  NMD_TRY(check_header(&now, h));
  NMD_TRY(nmd_checkpoint_get(c, "offsets", fit->objective.offset, sizeof fit->objective.offset));
  for (int m = 0; m < fit->n_members; m++) NMD_TRY(get_member(c, fit, m));
  state->stage = (int)h->stage;
  state->stage_start = h->stage_start;
  state->epoch = state->first_epoch = h->epoch;
  state->wall_before = h->wall;
  state->core_before = h->core;
  return NMD_OK;
}

nmd_status nmd_fit_state_load(nmd_fit_state *state) {
  nmd_fit *fit = state->fit;
  nmd_checkpoint *checkpoint = NULL;
  header h = {0};
  nmd_status status = nmd_comm_agree(fit->world, read_image(state, &checkpoint));
  if (status == NMD_OK) status = nmd_comm_agree(fit->world, take(state, checkpoint, &h));
  if (status == NMD_OK) status = open_tables(state, h.offsets);
  for (int m = 0; m < fit->n_members && status == NMD_OK && is_root(state); m++)
    status = nmd_fit_write_weights(fit, m, fit->members[m].best);
  state->restored = checkpoint;
  if (status == NMD_OK) nmd_log_info("going on after epoch %lld", (long long)state->epoch);
  return nmd_comm_agree(fit->world, status);
}

void nmd_fit_state_close(nmd_fit_state *state) {
  destroy_optimisers(state);
  nmd_checkpoint_destroy(state->restored);
  if (nmd_append_close(&state->curve) != NMD_OK || nmd_append_close(&state->families) != NMD_OK)
    nmd_log_warning("%s", nmd_error_text());
}
