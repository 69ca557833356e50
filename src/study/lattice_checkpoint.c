/* SPDX-License-Identifier: BSD-3-Clause */
/* Checkpoints of the Monte Carlo of a study: where it stands, the state and the arrangements of every slot. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/checkpoint.h"
#include "study/lattice_walks.h"

typedef struct place {
  uint64_t hash;
  int64_t step, block;
} place;

static void path_of(const nmd_lattice_walks *w, char path[4096]) {
  snprintf(path, 4096, "%s/monte_carlo.checkpoint", w->study->input->output);
}

/* The arrangement in the walk is the current one: it goes into the slot's own copy first. */
static nmd_status pack_mine(const nmd_lattice_walks *w, double **state, uint8_t **arrangements) {
  const size_t n = (size_t)w->scene.super.n;
  NMD_TRY(NMD_ALLOC(*state, (size_t)w->own * w->n_state));
  NMD_TRY(NMD_ALLOC(*arrangements, 2 * n * (size_t)w->own));
  for (int k = 0; k < w->own; k++) {
    nmd_lattice_slot *s = &w->slot[k];
    s->moves[0] = (double)s->walk.moves;
    s->moves[1] = (double)s->walk.accepted;
    memcpy(s->arrangements, s->walk.occupation, n);
    memcpy(*state + (size_t)k * w->n_state, s->state, w->n_state * sizeof(double));
    memcpy(*arrangements + 2 * n * (size_t)k, s->arrangements, 2 * n);
  }
  return NMD_OK;
}

/* Blocks of the ranks one after another become the order of the slots. */
static nmd_status sort_slots(const nmd_lattice_walks *w, const char *all, size_t bytes, void *out_pointer) {
  const int size = nmd_comm_size(w->study->comm);
  char *out;
  NMD_TRY(nmd_alloc(&out, (size_t)w->slots, bytes));
  for (int rank = 0; rank < size; rank++)
    for (int k = rank; k < w->slots; k += size, all += bytes) memcpy(out + (size_t)k * bytes, all, bytes);
  memcpy(out_pointer, &out, sizeof out);
  return NMD_OK;
}

nmd_status nmd__lattice_walks_gather(const nmd_lattice_walks *w, double **state, uint8_t **arrangements) {
  const nmd_comm *comm = w->study->comm;
  const size_t n = (size_t)w->scene.super.n, state_bytes = w->n_state * sizeof(double);
  double *my_state = NULL;
  uint8_t *my_arrangements = NULL;
  char *all[2] = {NULL, NULL};
  *state = NULL;
  *arrangements = NULL;
  nmd_status status = nmd_comm_agree(comm, pack_mine(w, &my_state, &my_arrangements));
  if (status == NMD_OK) status = nmd_comm_gather(comm, my_state, (size_t)w->own * state_bytes, 0, &all[0], NULL);
  if (status == NMD_OK) status = nmd_comm_gather(comm, my_arrangements, 2 * n * (size_t)w->own, 0, &all[1], NULL);
  if (status == NMD_OK && nmd_comm_rank(comm) == 0) status = sort_slots(w, all[0], state_bytes, state);
  if (status == NMD_OK && nmd_comm_rank(comm) == 0) status = sort_slots(w, all[1], 2 * n, arrangements);
  nmd_free(my_state);
  nmd_free(my_arrangements);
  nmd_free(all[0]);
  nmd_free(all[1]);
  return nmd_comm_agree(comm, status);
}

static nmd_status write_file(const nmd_lattice_walks *w, const double *state, const uint8_t *arrangements) {
  const place at = {w->hash, w->step, w->block};
  nmd_checkpoint_writer *writer;
  char path[4096];
  path_of(w, path);
  NMD_TRY(nmd_checkpoint_writer_create(&writer));
  nmd_status status = nmd_checkpoint_writer_add(writer, "lattice.place", &at, sizeof at);
  if (status == NMD_OK)
    status = nmd_checkpoint_writer_lend(writer, "lattice.state", state, (size_t)w->slots * w->n_state * sizeof *state);
  if (status == NMD_OK)
    status = nmd_checkpoint_writer_lend(writer, "lattice.arrangements", arrangements,
                                        2 * (size_t)w->slots * (size_t)w->scene.super.n);
  if (status == NMD_OK) status = nmd_checkpoint_writer_save(writer, path, 1);
  nmd_checkpoint_writer_destroy(writer);
  return status;
}

nmd_status nmd__lattice_walks_save(nmd_lattice_walks *w) {
  double *state;
  uint8_t *arrangements;
  NMD_TRY(nmd__lattice_walks_gather(w, &state, &arrangements));
  const nmd_status status = nmd_comm_rank(w->study->comm) == 0 ? write_file(w, state, arrangements) : NMD_OK;
  nmd_free(state);
  nmd_free(arrangements);
  return nmd_comm_agree_root(w->study->comm, status);
}

/* ---- reading ---- */

static nmd_status take_slots(nmd_lattice_walks *w, const nmd_checkpoint *c) {
  const size_t n = (size_t)w->scene.super.n;
  const void *state, *arrangements;
  size_t count;
  place at;
  NMD_TRY(nmd_checkpoint_get(c, "lattice.place", &at, sizeof at));
  NMD_TRY(nmd_checkpoint_view(c, "lattice.state", w->n_state * sizeof(double), &state, &count));
  NMD_TRY(nmd_checkpoint_view(c, "lattice.arrangements", 2 * n, &arrangements, &count));
  w->step = at.step;
  w->block = at.block;
  for (int k = 0; k < w->own; k++) {
    const size_t number = (size_t)(nmd_comm_rank(w->study->comm) + k * nmd_comm_size(w->study->comm));
    nmd_lattice_slot *s = &w->slot[k];
    memcpy(s->state, (const double *)state + number * w->n_state, w->n_state * sizeof(double));
    memcpy(s->arrangements, (const uint8_t *)arrangements + 2 * n * number, 2 * n);
    memcpy(s->walk.occupation, s->arrangements, n);
    s->walk.moves = (int64_t)s->moves[0];
    s->walk.accepted = (int64_t)s->moves[1];
    NMD_TRY(nmd_lattice_walk_sync(&s->walk));
  }
  return NMD_OK;
}

static bool belongs(const nmd_lattice_walks *w, const nmd_checkpoint *c) {
  place at;
  return nmd_checkpoint_has(c, "lattice.place") && nmd_checkpoint_get(c, "lattice.place", &at, sizeof at) == NMD_OK &&
         at.hash == w->hash;
}

/* Rank 0 reads; its bytes go to all. size 0: none that belongs to these walks. */
static nmd_status read_image(const nmd_lattice_walks *w, char **bytes, int64_t *size) {
  nmd_checkpoint *c;
  const void *image;
  size_t length;
  char path[4096];
  path_of(w, path);
  *size = 0;
  if (access(path, R_OK) != 0) return NMD_OK;
  NMD_TRY(nmd_checkpoint_read(path, &c));
  if (!belongs(w, c)) {
    nmd_log_info("%s is of other settings: starting anew", path);
    nmd_checkpoint_destroy(c);
    return NMD_OK;
  }
  nmd_checkpoint_image(c, &image, &length);
  const nmd_status status = NMD_ALLOC(*bytes, length);
  if (status == NMD_OK) memcpy(*bytes, image, length);
  *size = (int64_t)length;
  nmd_checkpoint_destroy(c);
  return status;
}

nmd_status nmd__lattice_walks_load(nmd_lattice_walks *w) {
  const nmd_comm *comm = w->study->comm;
  const bool root = nmd_comm_rank(comm) == 0;
  nmd_checkpoint *c = NULL;
  char *bytes = NULL;
  int64_t size = 0;
  NMD_TRY(nmd_comm_agree_root(comm, root ? read_image(w, &bytes, &size) : NMD_OK));
  nmd_comm_broadcast(comm, &size, sizeof size, 0);
  if (size == 0) return NMD_OK;
  nmd_status status = root ? NMD_OK : NMD_ALLOC(bytes, size);
  status = nmd_comm_agree(comm, status);
  if (status == NMD_OK) nmd_comm_broadcast(comm, bytes, (size_t)size, 0);
  if (status == NMD_OK) status = nmd_checkpoint_parse("monte_carlo.checkpoint", bytes, (size_t)size, &c);
  if (status == NMD_OK) status = take_slots(w, c);
  nmd_checkpoint_destroy(c);
  nmd_free(bytes);
  if (status == NMD_OK && w->step < w->steps)
    nmd_log_info("going on from the checkpoint: step %lld, block %lld", (long long)w->step, (long long)w->block);
  return nmd_comm_agree(comm, status);
}
