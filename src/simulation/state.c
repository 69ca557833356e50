/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of a run, to a checkpoint and back.
 *
 * Bit for bit at the same layout of ranks: atoms keep their order, and the neighbour list, whose order fixes the order of
 * sums, is built again from the positions and the cell it was built from (x_listed, h_listed), not from today's. At
 * another layout the atoms are dealt out anew and the run is the same up to the order of sums. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/checkpoint.h"
#include "simulation/settings.h"
#include "simulation/state_outputs.h"

typedef struct state_meta {
  int64_t n_atoms, ranks, stage, seed, n_outputs, bytes_per_atom, extra_per_atom;
  int64_t grid[3];
  nmd_run_counters counters;
  nmd_totals totals;
  nmd_box box;
  double h_listed[3][3];
  nmd_balance_state balance;
} state_meta;

enum { NAME_MAX_BYTES = 512, EXTRA_MAX = 4096 };

/* ---- save ---- */

static size_t state_bytes(const nmd_atoms *atoms) {
  return nmd_atoms_packed_bytes(NMD_FIELD_C) + nmd_atoms_extra_bytes(atoms);
}

static size_t meta_bytes(const state_meta *meta) {
  if (meta->bytes_per_atom < 1 || meta->extra_per_atom < 0 || meta->extra_per_atom > EXTRA_MAX) return 1; /* fits nothing */
  return (size_t)meta->bytes_per_atom + (size_t)meta->extra_per_atom * sizeof(double);
}

static void fill_meta(const nmd_simulation *s, state_meta *meta) {
  memset(meta, 0, sizeof *meta); /* padding too: same state, same bytes */
  meta->n_atoms = s->n_atoms;
  meta->ranks = nmd_comm_size(s->comm);
  meta->stage = s->stage;
  meta->seed = s->input.seed;
  meta->n_outputs = s->n_outputs;
  meta->bytes_per_atom = (int64_t)nmd_atoms_packed_bytes(NMD_FIELD_C);
  meta->extra_per_atom = s->atoms.n_extra;
  for (int d = 0; d < 3; d++) meta->grid[d] = s->domain.grid[d];
  memcpy(&meta->counters, &s->counters, sizeof s->counters);
  memcpy(&meta->totals, &s->totals, sizeof s->totals);
  memcpy(&meta->box, &s->box, sizeof s->box);
  memcpy(meta->h_listed, s->list.h_listed, sizeof meta->h_listed);
  meta->balance.first = s->balance.first;
  meta->balance.floor = s->balance.floor;
  meta->balance.moves = s->balance.moves;
  meta->balance.moved = s->balance.moved;
}

static nmd_status add_layout(const nmd_simulation *s, nmd_checkpoint_writer *writer) {
  char name[16];
  for (int d = 0; d < 3; d++) {
    snprintf(name, sizeof name, "planes%d", d);
    NMD_TRY(nmd_checkpoint_writer_add(writer, name, s->domain.planes[d],
                                      (size_t)(s->domain.grid[d] + 1) * sizeof(double)));
  }
  return nmd_checkpoint_writer_add(writer, "species", s->species.atomic_number,
                                   (size_t)s->species.n * sizeof s->species.atomic_number[0]);
}

static nmd_status add_stage(const nmd_simulation *s, nmd_checkpoint_writer *writer) {
  const nmd_ensemble_ops *ops = s->stages[s->stage].ops;
  const int n = ops->state_size(s->ensemble);
  double *state;
  NMD_TRY(NMD_ALLOC(state, n));
  ops->save(s->ensemble, state);
  nmd_status status = nmd_checkpoint_writer_add(writer, "ensemble", state, (size_t)n * sizeof *state);
  nmd_free(state);
  if (status == NMD_OK) status = nmd_checkpoint_writer_add(writer, "ensemble_name", ops->name, strlen(ops->name));
  return status;
}

static nmd_status add_outputs(const nmd_simulation *s, const int64_t *offsets, nmd_checkpoint_writer *writer) {
  char name[32];
  for (int k = 0; k < s->n_outputs; k++) {
    snprintf(name, sizeof name, "output%d", k);
    NMD_TRY(nmd_checkpoint_writer_add(writer, name, s->outputs[k].path, strlen(s->outputs[k].path)));
  }
  return nmd_checkpoint_writer_add(writer, "offsets", offsets, (size_t)s->n_outputs * sizeof *offsets);
}

static nmd_status pack_atoms(const nmd_simulation *s, char **packed, size_t *bytes) {
  const size_t each = state_bytes(&s->atoms);
  *bytes = (size_t)s->atoms.n_owned * each;
  NMD_TRY(nmd_alloc(packed, *bytes, 1));
  char *to = *packed;
  for (int i = 0; i < s->atoms.n_owned; i++) to = nmd_atoms_pack(&s->atoms, i, NMD_FIELD_C | NMD_FIELD_EXTRA, to);
  return NMD_OK;
}

static nmd_status write_sections(const nmd_simulation *s, const char *atoms, const size_t *counts,
                                 const nmd_offender *worst, int n_worst, const int64_t *offsets) {
  nmd_checkpoint_writer *writer;
  NMD_TRY(nmd_checkpoint_writer_create(&writer));
  state_meta meta;
  fill_meta(s, &meta);
  size_t bytes = 0;
  for (int r = 0; r < nmd_comm_size(s->comm); r++) bytes += counts[r];
  nmd_status status = nmd_checkpoint_writer_add(writer, "meta", &meta, sizeof meta);
  if (status == NMD_OK) status = add_layout(s, writer);
  if (status == NMD_OK) status = add_stage(s, writer);
  if (status == NMD_OK) status = nmd_members_save(s, writer);
  if (status == NMD_OK) status = add_outputs(s, offsets, writer);
  if (status == NMD_OK) status = nmd_settings_save(nmd_yaml_root(s->input.tree), writer);
  if (status == NMD_OK) status = nmd__state_outputs_add(s, writer);
  if (status == NMD_OK) status = nmd_checkpoint_writer_add(writer, "worst", worst, (size_t)n_worst * sizeof *worst);
  if (status == NMD_OK)
    status = nmd_checkpoint_writer_add(writer, "counts", counts, (size_t)nmd_comm_size(s->comm) * sizeof *counts);
  if (status == NMD_OK) status = nmd_checkpoint_writer_lend(writer, "atoms", atoms, bytes);
  if (status == NMD_OK)
    status = nmd_checkpoint_writer_save(writer, s->checkpoint_path, (int)s->input.checkpoint.keep);
  nmd_checkpoint_writer_destroy(writer);
  return status;
}

static nmd_status gather_and_write(nmd_simulation *s, const char *mine, size_t bytes, size_t *counts,
                                   const int64_t *offsets) {
  nmd_offender worst[NMD_OFFENDER_MAX];
  memset(worst, 0, sizeof worst);
  int n_worst;
  nmd_simulation_worst(s, worst, &n_worst);
  char *all = NULL;
  nmd_status status = nmd_comm_gather(s->comm, mine, bytes, 0, &all, counts);
  if (status == NMD_OK && nmd_comm_rank(s->comm) == 0) {
    status = write_sections(s, all, counts, worst, n_worst, offsets);
    nmd_free(all);
  }
  return nmd_comm_agree(s->comm, status);
}

nmd_status nmd_state_save(nmd_simulation *s) {
  int64_t *offsets = NULL;
  size_t *counts = NULL, bytes = 0;
  char *mine = NULL;
  nmd_status status = NMD_ALLOC(offsets, s->n_outputs);
  if (status == NMD_OK) status = NMD_ALLOC(counts, nmd_comm_size(s->comm));
  if (status == NMD_OK) status = pack_atoms(s, &mine, &bytes);
  status = nmd_comm_agree(s->comm, status);
  for (int k = 0; k < s->n_outputs && status == NMD_OK; k++)
    status = s->outputs[k].ops->flush(s->outputs[k].self, &offsets[k]);
  if (status == NMD_OK) status = gather_and_write(s, mine, bytes, counts, offsets);
  nmd_free(mine);
  nmd_free(counts);
  nmd_free(offsets);
  return status;
}

/* ---- load ---- */

static nmd_status check_meta(const nmd_simulation *s, const char *path, const state_meta *meta) {
  if (meta->n_atoms != s->n_atoms)
    NMD_FAIL(CHECKPOINT, "%s: holds %lld atoms, the input's structure has %lld; restart with the input that made it", path,
             (long long)meta->n_atoms, (long long)s->n_atoms);
  if (meta->bytes_per_atom != (int64_t)nmd_atoms_packed_bytes(NMD_FIELD_C) || meta->extra_per_atom < 0 ||
      meta->extra_per_atom > EXTRA_MAX)
    NMD_FAIL(CHECKPOINT, "%s: was written by another version of nnpmd; use that version to continue", path);
  if (meta->stage < 0 || meta->stage >= s->n_stages)
    NMD_FAIL(CHECKPOINT, "%s: is in stage %lld, the input has %d; restart with the input that made it", path,
             (long long)meta->stage + 1, s->n_stages);
  return NMD_OK;
}

static nmd_status check_names(const nmd_simulation *s, const char *path, const nmd_checkpoint *file,
                              const state_meta *meta) {
  const void *text;
  size_t n;
  NMD_TRY(nmd_checkpoint_view(file, "ensemble_name", 1, &text, &n));
  const char *now = s->stages[meta->stage].ops->name;
  if (n != strlen(now) || memcmp(text, now, n) != 0)
    NMD_FAIL(CHECKPOINT, "%s: stage %lld was %.*s, the input says %s; restart with the input that made it", path,
             (long long)meta->stage + 1, (int)n, (const char *)text, now);
  NMD_TRY(nmd_checkpoint_view(file, "species", sizeof(int), &text, &n));
  if ((int)n != s->species.n || memcmp(text, s->species.atomic_number, n * sizeof(int)) != 0)
    NMD_FAIL(CHECKPOINT, "%s: holds other elements than the input's structure; restart with the input that made it", path);
  return NMD_OK;
}

/* Offsets of the input's outputs, by path; an output that the checkpoint does not know begins anew (-1). */
static nmd_status find_offsets(const nmd_simulation *s, const nmd_checkpoint *file, int64_t n_saved, int64_t *offsets) {
  const void *saved;
  size_t n;
  NMD_TRY(nmd_checkpoint_view(file, "offsets", sizeof(int64_t), &saved, &n));
  for (int k = 0; k < s->n_outputs; k++) {
    int64_t place;
    NMD_TRY(nmd__state_output_find(file, n_saved, s->outputs[k].path, &place));
    offsets[k] = -1;
    if (place >= 0 && place < (int64_t)n) memcpy(&offsets[k], (const int64_t *)saved + place, sizeof *offsets);
  }
  return NMD_OK;
}

static bool same_layout(const nmd_simulation *s, const state_meta *meta) {
  bool same = meta->ranks == nmd_comm_size(s->comm);
  for (int d = 0; d < 3; d++) same = same && meta->grid[d] == s->domain.grid[d];
  return same;
}

/* Rank 0 deals out the atoms: the saved blocks at the same layout, equal shares otherwise. */
static nmd_status deal_atoms(const nmd_simulation *s, const nmd_checkpoint *file, bool same, void **mine,
                             size_t *bytes) {
  const size_t each = state_bytes(&s->atoms);
  const bool root = nmd_comm_rank(s->comm) == 0;
  const void *atoms = NULL, *counts = NULL;
  size_t n_bytes = 0, n_counts = 0, at = 0, capacity = 0;
  nmd_status status = NMD_OK;
  if (root) status = nmd_checkpoint_view(file, "atoms", 1, &atoms, &n_bytes);
  if (root && status == NMD_OK) status = nmd_checkpoint_view(file, "counts", sizeof(size_t), &counts, &n_counts);
  if (root && status == NMD_OK && n_bytes != (size_t)s->n_atoms * each)
    status = nmd_fail(NMD_CHECKPOINT, "checkpoint: the atoms' section has the wrong size");
  NMD_TRY(nmd_comm_agree(s->comm, status));
  const int size = nmd_comm_size(s->comm), rank = nmd_comm_rank(s->comm);
  for (int r = 0; r < size && status == NMD_OK; r++) {
    const size_t end = same ? 0 : (size_t)(s->n_atoms * (r + 1) / size) * each;
    size_t share = 0;
    if (root) share = same ? ((const size_t *)counts)[r] : end - at;
    if (root && at + share > n_bytes) share = n_bytes - at;
    if (!root && rank != r) continue;
    size_t received; /* 0 where only sending: must not touch *bytes */
    status = nmd_comm_exchange(s->comm, root ? r : -1, root ? (const char *)atoms + at : NULL, share,
                               rank == r ? 0 : -1, mine, &capacity, &received);
    if (rank == r) *bytes = received;
    at += share;
  }
  return nmd_comm_agree(s->comm, status);
}

static nmd_status unpack_atoms(nmd_simulation *s, const char *packed, size_t bytes) {
  const int n = (int)(bytes / state_bytes(&s->atoms));
  s->atoms.n_owned = s->atoms.n_ghost = 0;
  NMD_TRY(nmd_atoms_reserve(&s->atoms, n));
  for (int i = 0; i < n; i++) packed = nmd_atoms_unpack(&s->atoms, i, NMD_FIELD_C | NMD_FIELD_EXTRA, packed);
  s->atoms.n_owned = n;
  return NMD_OK;
}

/* What a potential keeps as long as a list lives (sorted neighbours, say) it makes at the first evaluation with it. In the
 * run that made the checkpoint this was at the places of the list: so it must be here, for the same bits. */
static nmd_status evaluate_at_list(nmd_simulation *s) {
  double(*force)[3];
  NMD_TRY(nmd_comm_agree(s->comm, NMD_ALLOC(force, s->atoms.n_owned + s->atoms.n_ghost)));
  const nmd_potential_input input = {
      .atoms = &s->atoms, .list = &s->list, .threads = s->threads, .box = &s->box, .comm = s->comm};
  nmd_potential_partial partial = {.force = force};
  const nmd_status status = s->potential.ops->compute(s->potential.self, &input, &partial);
  nmd_free(force);
  return status;
}

/* Ghosts and list from the positions and the cell of their last build, then today's positions. */
static nmd_status relist(nmd_simulation *s, const state_meta *meta) {
  const size_t bytes = (size_t)s->atoms.n_owned * 3 * sizeof(double);
  double *now;
  NMD_TRY(nmd_alloc(&now, bytes, 1));
  memcpy(now, s->atoms.x, bytes);
  memcpy(s->atoms.x, s->atoms.x_listed, bytes);
  nmd_box listed = meta->box;
  nmd_status status = nmd_box_set_h(&listed, meta->h_listed);
  if (status == NMD_OK)
    status = nmd_halo_build(s->halo, &s->domain, &listed, s->list.cutoff + s->list.skin, &s->atoms);
  if (status == NMD_OK) status = nmd_comm_agree(s->comm, nmd_neighbour_list_build(&s->list, &listed, &s->atoms));
  if (status == NMD_OK) status = nmd_comm_agree(s->comm, evaluate_at_list(s));
  memcpy(s->atoms.x, now, bytes);
  nmd_free(now);
  if (status == NMD_OK) nmd_halo_forward(s->halo, &s->box, &s->atoms);
  return status;
}

static nmd_status restore_planes(nmd_simulation *s, const nmd_checkpoint *file) {
  for (int d = 0; d < 3; d++) {
    char name[16];
    snprintf(name, sizeof name, "planes%d", d);
    const size_t bytes = (size_t)(s->domain.grid[d] + 1) * sizeof(double);
    double *planes;
    NMD_TRY(nmd_alloc(&planes, bytes, 1));
    nmd_status status = NMD_OK;
    if (nmd_comm_rank(s->comm) == 0) status = nmd_checkpoint_get(file, name, planes, bytes);
    status = nmd_comm_agree(s->comm, status);
    if (status == NMD_OK) {
      nmd_comm_broadcast(s->comm, planes, bytes, 0);
      nmd_domain_set_planes(&s->domain, d, planes);
    }
    nmd_free(planes);
    NMD_TRY(status);
  }
  return NMD_OK;
}

static nmd_status restore_stage(nmd_simulation *s, const nmd_checkpoint *file, int stage) {
  const void *state = NULL;
  size_t n = 0;
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(s->comm) == 0) status = nmd_checkpoint_view(file, "ensemble", sizeof(double), &state, &n);
  NMD_TRY(nmd_comm_agree(s->comm, status));
  nmd_comm_broadcast(s->comm, &n, sizeof n, 0);
  double *copy;
  NMD_TRY(NMD_ALLOC(copy, n));
  if (state != NULL) memcpy(copy, state, n * sizeof *copy);
  nmd_comm_broadcast(s->comm, copy, n * sizeof *copy, 0);
  status = nmd_stage_resume(s, stage, copy, n);
  nmd_free(copy);
  return status;
}

static nmd_status restore_worst(nmd_simulation *s, const nmd_checkpoint *file) {
  if (nmd_comm_rank(s->comm) != 0) return NMD_OK;
  const void *worst;
  size_t n;
  NMD_TRY(nmd_checkpoint_view(file, "worst", sizeof(nmd_offender), &worst, &n));
  s->n_offenders = n < NMD_OFFENDER_MAX ? (int)n : NMD_OFFENDER_MAX;
  memcpy(s->offenders, worst, (size_t)s->n_offenders * sizeof(nmd_offender));
  return NMD_OK;
}

static nmd_status restore_atoms(nmd_simulation *s, const nmd_checkpoint *file, const state_meta *meta) {
  const bool same = same_layout(s, meta);
  s->atoms.n_owned = s->atoms.n_ghost = 0; /* those of the checkpoint come instead */
  NMD_TRY(nmd_comm_agree(s->comm, nmd_atoms_set_extra(&s->atoms, (int)meta->extra_per_atom)));
  if (!same)
    nmd_log_info("The checkpoint was made on %lld ranks: continuing on %d, equal up to the order of sums",
                 (long long)meta->ranks, nmd_comm_size(s->comm));
  void *mine = NULL;
  size_t bytes = 0;
  nmd_status status = deal_atoms(s, file, same, &mine, &bytes);
  if (status == NMD_OK) status = nmd_comm_agree(s->comm, unpack_atoms(s, mine, bytes));
  nmd_free(mine);
  NMD_TRY(status);
  if (!same) return nmd_simulation_rebuild(s);
  NMD_TRY(restore_planes(s, file));
  return relist(s, meta);
}

static nmd_status read_meta(const nmd_simulation *s, const char *path, nmd_checkpoint **file, state_meta *meta,
                            int64_t *offsets) {
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(s->comm) == 0) {
    status = nmd_checkpoint_read(path, file);
    if (status == NMD_OK) status = nmd_checkpoint_get(*file, "meta", meta, sizeof *meta);
    if (status == NMD_OK) status = check_meta(s, path, meta);
    if (status == NMD_OK) status = check_names(s, path, *file, meta);
    if (status == NMD_OK) status = find_offsets(s, *file, meta->n_outputs, offsets);
    if (status == NMD_OK) status = nmd_settings_compare(nmd_yaml_root(s->input.tree), *file);
  }
  status = nmd_comm_agree(s->comm, status);
  nmd_comm_broadcast(s->comm, meta, sizeof *meta, 0);
  nmd_comm_broadcast(s->comm, offsets, (size_t)s->n_outputs * sizeof *offsets, 0);
  return status;
}

nmd_status nmd_state_load(nmd_simulation *s, const char *path, int64_t *offsets) {
  nmd_checkpoint *file = NULL;
  state_meta meta = {0};
  nmd_status status = read_meta(s, path, &file, &meta, offsets);
  if (status == NMD_OK) {
    s->box = meta.box;
    s->counters = meta.counters;
    s->totals = meta.totals;
    s->balance = meta.balance;
    if (meta.seed != s->input.seed)
      nmd_log_warning("seed: %lld in the checkpoint, now %lld: random numbers change", (long long)meta.seed,
                      (long long)s->input.seed);
    s->motion.potential_energy = s->totals.potential_energy;
    memcpy(s->motion.virial, s->totals.virial, sizeof s->motion.virial);
    status = restore_atoms(s, file, &meta);
    if (status == NMD_OK) status = nmd_members_restore(s, file);
  }
  s->counters.rebuilds = meta.counters.rebuilds;
  if (status == NMD_OK) status = restore_stage(s, file, (int)meta.stage);
  if (status == NMD_OK) status = nmd_comm_agree(s->comm, restore_worst(s, file));
  if (status == NMD_OK) status = nmd__state_outputs_restore(s, file, meta.n_outputs);
  nmd_checkpoint_destroy(file);
  return status;
}

/* ---- verify ---- */

static nmd_status verify_sections(const char *path, const nmd_checkpoint *file, state_meta *meta) {
  const void *bytes;
  size_t n_atoms, n_counts, n_offsets;
  NMD_TRY(nmd_checkpoint_get(file, "meta", meta, sizeof *meta));
  NMD_TRY(nmd_checkpoint_view(file, "atoms", meta_bytes(meta), &bytes, &n_atoms));
  NMD_TRY(nmd_checkpoint_view(file, "counts", sizeof(size_t), &bytes, &n_counts));
  NMD_TRY(nmd_checkpoint_view(file, "offsets", sizeof(int64_t), &bytes, &n_offsets));
  if ((int64_t)n_atoms == meta->n_atoms && (int64_t)n_counts == meta->ranks && (int64_t)n_offsets == meta->n_outputs)
    return NMD_OK;
  NMD_FAIL(CHECKPOINT, "%s: holds %zu atoms, %zu ranks and %zu outputs where %lld, %lld and %lld are announced; use an "
           "earlier checkpoint", path, n_atoms, n_counts, n_offsets, (long long)meta->n_atoms, (long long)meta->ranks,
           (long long)meta->n_outputs);
}

nmd_status nmd_state_verify(const char *path, nmd_text_writer *write, void *context) {
  nmd_checkpoint *file;
  state_meta meta;
  NMD_TRY(nmd_checkpoint_read(path, &file));
  const nmd_status status = verify_sections(path, file, &meta);
  const int sections = nmd_checkpoint_count(file);
  nmd_checkpoint_destroy(file);
  NMD_TRY(status);
  char line[512];
  snprintf(line, sizeof line, "%s: sound; step %lld, %.3f ps, stage %lld, %lld atoms, made on %lld ranks, %lld outputs, "
           "%d sections\n", path, (long long)meta.counters.step, 1e-3 * meta.counters.time, (long long)meta.stage + 1,
           (long long)meta.n_atoms, (long long)meta.ranks, (long long)meta.n_outputs, sections);
  write(context, line);
  return NMD_OK;
}
