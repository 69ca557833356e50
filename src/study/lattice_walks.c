/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/lattice_walks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/timer.h"
#include "base/units.h"
#include "simulation/simulation.h"
#include "study/saved.h"

/* ---- set-up ---- */

void nmd__lattice_slot_layout(const nmd_lattice_walks *w, nmd_lattice_slot *s) {
  s->best = s->state;
  s->moves = s->best + 1;
  s->exchanged = s->moves + 2;
  s->accepted = s->exchanged + 2;
  s->energy = s->accepted + w->steps;
  s->order = s->energy + (size_t)w->steps * (size_t)w->sweeps;
  s->diffuse = s->order + (size_t)w->steps * (size_t)w->n_order;
}

static void set_temperatures(nmd_lattice_walks *w) {
  const double *t = w->study->input->walks.temperature;
  for (int k = 0; k < w->n_temperatures; k++)
    w->temperature[k] = t[0] * pow(t[1] / t[0], (double)k / (w->n_temperatures > 1 ? w->n_temperatures - 1 : 1));
}

static void set_lengths(nmd_lattice_walks *w) {
  const nmd_lattice_walks_input *in = &w->study->input->walks;
  const bool tempering = in->method == NMD_LATTICE_TEMPERING;
  w->n_temperatures = (int)in->temperatures;
  w->steps = tempering ? 1 : w->n_temperatures;
  w->slots = tempering ? w->n_temperatures : (int)in->replicas;
  w->blocks[0] = (int)((in->equilibration + in->block - 1) / in->block);
  w->blocks[1] = (int)((in->sweeps + in->block - 1) / in->block);
  w->sweeps = w->blocks[1] * (int)in->block;
}

static nmd_status choose_species(nmd_lattice_walks *w) {
  const nmd_lattice_input *in = w->study->input;
  const nmd_lattice_model *m = &w->scene.model;
  w->species = 0;
  for (int s = 0; in->walks.species != NULL && s < m->n_species; s++)
    if (strcmp(in->walks.species, nmd_lattice_species_name(m->z[s])) == 0) w->species = s;
  if (in->walks.species != NULL && strcmp(in->walks.species, nmd_lattice_species_name(m->z[w->species])) != 0)
    NMD_FAIL_AT(nmd_lattice_input_place(in, "monte_carlo.species"), CONFLICT,
                "species: no site may hold %s; expected one of parent.sites", in->walks.species);
  for (int a = 0; a < m->n_species; a++)
    for (int b = a + 1; b < m->n_species; b++) {
      w->pair[w->n_pairs][0] = a;
      w->pair[w->n_pairs++][1] = b;
    }
  return NMD_OK;
}

static nmd_status set_orders(nmd_lattice_walks *w) {
  const nmd_lattice_input *in = w->study->input;
  NMD_TRY(choose_species(w));
  NMD_TRY(nmd_shells_init(&w->shells, &w->study->clusters, &w->study->parent, &w->scene.super,
                          in->walks.shells > 0 ? in->walks.shells : INFINITY));
  for (; w->n_waves < in->n_waves; w->n_waves++)
    NMD_TRY(nmd_wave_star_init(&w->star[w->n_waves], &w->study->parent, in->wave[w->n_waves]));
  w->n_order = w->n_pairs * w->shells.n + 2 * w->n_waves;
  if (in->n_planes == 0) return NMD_OK;
  const int repeat[3] = {(int)in->walks.repeat[0], (int)in->walks.repeat[1], (int)in->walks.repeat[2]};
  w->n_diffuse = w->scene.super.cells;
  return nmd_wave_grid_init(&w->grid, &w->study->parent, repeat);
}

static void set_potentials(nmd_lattice_walks *w) {
  const nmd_lattice_input *in = w->study->input;
  w->scene.model.semi_grand = in->walks.moves == 1;
  for (int k = 0; k < in->chemical_potentials.n; k++) {
    const int s = nmd_lattice_model_species(&w->scene.model, in->chemical_potentials.item[k].z);
    if (s >= 0) w->scene.model.chemical_potential[s] = in->chemical_potentials.item[k].value;
  }
}

static nmd_status make_slot(nmd_lattice_walks *w, int number, const int64_t *count, nmd_lattice_slot *s) {
  NMD_TRY(nmd_lattice_walk_init(&s->walk, &w->scene.model, (uint64_t)w->study->input->seed, -1 - number));
  NMD_TRY(NMD_ALLOC(s->state, w->n_state));
  NMD_TRY(NMD_ALLOC(s->arrangements, 2 * (size_t)w->scene.super.n));
  nmd__lattice_slot_layout(w, s);
  NMD_TRY(nmd_lattice_walk_shuffle(&s->walk, count));
  *s->best = INFINITY;
  return NMD_OK;
}

static nmd_status make_slots(nmd_lattice_walks *w) {
  const int rank = nmd_comm_rank(w->study->comm), size = nmd_comm_size(w->study->comm);
  int64_t count[NMD_LATTICE_GLOBAL_MAX];
  NMD_TRY(nmd_lattice_counts(w->study, &w->scene, &w->study->input->walked, "monte_carlo.composition", count));
  w->n_state = 5 + (size_t)w->steps * (size_t)(1 + w->sweeps + w->n_order + w->n_diffuse);
  NMD_TRY(NMD_ALLOC(w->slot, (w->slots - rank + size - 1) / size + 1));
  for (int k = rank; k < w->slots; k += size) NMD_TRY(make_slot(w, k, count, &w->slot[w->own++]));
  return NMD_OK;
}

/* What the walks follow from: energies, lattice, temperatures, lengths, the first arrangement of slot 0 of this rank
 * count. */
static void set_hash(nmd_lattice_walks *w) {
  const nmd_lattice_input *in = w->study->input;
  w->hash = NMD_HASH_START;
  nmd_hash_bytes(&w->hash, w->study->j, (size_t)(1 + w->study->n_features) * sizeof(double));
  nmd_hash_bytes(&w->hash, in->walks.repeat, sizeof in->walks.repeat);
  nmd_hash_bytes(&w->hash, w->temperature, (size_t)w->n_temperatures * sizeof(double));
  nmd_hash_bytes(&w->hash, in->charge, sizeof in->charge);
  nmd_hash_bytes(&w->hash, w->scene.model.chemical_potential, sizeof w->scene.model.chemical_potential);
  const int64_t numbers[] = {in->seed,     w->steps,        w->slots,           w->blocks[0],
                             w->blocks[1], in->walks.block, in->walks.moves,    in->walks.method,
                             w->n_order,   w->species,      (int64_t)w->n_state};
  nmd_hash_bytes(&w->hash, numbers, sizeof numbers);
  for (int k = 0; k < in->walked.n; k++) nmd_hash_bytes(&w->hash, &in->walked.item[k].value, sizeof(double));
  for (int k = 0; k < in->n_waves; k++) nmd_hash_bytes(&w->hash, in->wave[k], sizeof in->wave[k]);
}

static nmd_status walks_init(nmd_lattice_walks *w, const nmd_lattice_study *study) {
  const int64_t *repeat = study->input->walks.repeat;
  const int matrix[3][3] = {{(int)repeat[0], 0, 0}, {0, (int)repeat[1], 0}, {0, 0, (int)repeat[2]}};
  *w = (nmd_lattice_walks){.study = study};
  set_lengths(w);
  NMD_TRY(NMD_ALLOC(w->temperature, w->n_temperatures));
  set_temperatures(w);
  NMD_TRY(nmd_yaml_blame(nmd_lattice_scene_init(study, matrix, &w->scene),
                         nmd_lattice_input_place(study->input, "monte_carlo.repeat"), "repeat"));
  set_potentials(w);
  NMD_TRY(set_orders(w));
  NMD_TRY(make_slots(w));
  set_hash(w);
  return NMD_OK;
}

static void slots_free(nmd_lattice_slot *slot, int n) {
  for (int k = 0; k < n; k++) {
    nmd_lattice_walk_free(&slot[k].walk);
    nmd_free(slot[k].state);
    nmd_free(slot[k].arrangements);
  }
  nmd_free(slot);
}

static void walks_free(nmd_lattice_walks *w) {
  if (w->slot != NULL) slots_free(w->slot, w->own);
  for (int k = 0; k < w->n_waves; k++) nmd_wave_star_free(&w->star[k]);
  nmd_shells_free(&w->shells);
  nmd_wave_grid_free(&w->grid);
  nmd_lattice_scene_free(&w->scene);
  nmd_free(w->temperature);
}

/* ---- one block of one slot ---- */

static int number_of(const nmd_lattice_walks *w, int own) {
  return nmd_comm_rank(w->study->comm) + own * nmd_comm_size(w->study->comm);
}

static double temperature_of(const nmd_lattice_walks *w, int number) {
  return w->temperature[w->study->input->walks.method == NMD_LATTICE_TEMPERING ? number : (int)w->step];
}

static void keep_best(nmd_lattice_slot *s) {
  if (s->walk.energy >= *s->best - 1e-9) return;
  *s->best = s->walk.energy;
  memcpy(s->arrangements + s->walk.model->n, s->walk.occupation, (size_t)s->walk.model->n);
}

static void add_order(const nmd_lattice_walks *w, nmd_lattice_slot *s) {
  const nmd_lattice_study *st = w->study;
  double *to = s->order + (size_t)w->step * (size_t)w->n_order, alpha[256];
  for (int p = 0; p < w->n_pairs; p++) {
    if (w->shells.n <= 256) nmd_warren_cowley(&w->shells, &s->walk, w->pair[p][0], w->pair[p][1], alpha);
    for (int k = 0; k < w->shells.n; k++) *to++ += k < 256 ? alpha[k] : NAN;
  }
  for (int v = 0; v < w->n_waves; v++) {
    double most = 0, sum = 0;
    for (int k = 0; k < w->star[v].n; k++) {
      const double i = nmd_wave_intensity(&st->parent, &w->scene.super, &s->walk, w->species, w->star[v].k[k]);
      most = fmax(most, i);
      sum += i;
    }
    *to++ += most;
    *to++ += sum;
  }
}

static nmd_status run_block(nmd_lattice_walks *w, int own) {
  nmd_lattice_slot *s = &w->slot[own];
  const int sweeps = (int)w->study->input->walks.block;
  const double t = temperature_of(w, number_of(w, own));
  const bool average = w->block >= w->blocks[0];
  double *energy = s->energy + (size_t)w->step * (size_t)w->sweeps + (size_t)(w->block - w->blocks[0]) * (size_t)sweeps;
  NMD_TRY(nmd_lattice_walk_sync(&s->walk));
  const int64_t before = s->walk.accepted;
  for (int k = 0; k < sweeps; k++) {
    nmd_lattice_walk_sweep(&s->walk, t);
    keep_best(s);
    if (average) energy[k] = s->walk.energy;
  }
  if (average) {
    s->accepted[w->step] += (double)(s->walk.accepted - before) / ((double)w->sweeps * w->scene.super.n);
    add_order(w, s);
    if (w->n_diffuse > 0)
      nmd_wave_grid_add(&w->grid, &s->walk, w->species, s->diffuse + (size_t)w->step * (size_t)w->n_diffuse);
  }
  return NMD_OK;
}

/* ---- exchanges ---- */

static double grand_energy(const nmd_lattice_slot *s) {
  const nmd_lattice_model *m = s->walk.model;
  int64_t count[NMD_LATTICE_GLOBAL_MAX];
  double energy = s->walk.energy;
  nmd_lattice_walk_counts(&s->walk, count);
  for (int k = 0; k < m->n_species && m->semi_grand; k++) energy -= m->chemical_potential[k] * (double)count[k];
  return energy;
}

/* Slots a and b = a + 1: all ranks know whether, the owners do it. */
static nmd_status exchange(nmd_lattice_walks *w, int a) {
  const nmd_comm *comm = w->study->comm;
  const int size = nmd_comm_size(comm), rank = nmd_comm_rank(comm), n = w->scene.super.n,
            of[2] = {a % size, (a + 1) % size};
  nmd_lattice_slot *mine = rank == of[0] ? &w->slot[a / size] : rank == of[1] ? &w->slot[(a + 1) / size] : NULL;
  uint8_t *incoming;
  if (mine == NULL) return NMD_OK;
  NMD_TRY(NMD_ALLOC(incoming, n));
  if (of[0] == of[1]) {
    nmd_lattice_slot *other = &w->slot[(a + 1) / size];
    memcpy(incoming, other->walk.occupation, (size_t)n);
    memcpy(other->walk.occupation, mine->walk.occupation, (size_t)n);
  } else {
    const int partner = rank == of[0] ? of[1] : of[0];
    nmd_comm_exchange_known(comm, partner, mine->walk.occupation, (size_t)n, partner, incoming, (size_t)n);
  }
  memcpy(mine->walk.occupation, incoming, (size_t)n);
  nmd_free(incoming);
  return NMD_OK;
}

static nmd_status exchange_all(nmd_lattice_walks *w) {
  const nmd_comm *comm = w->study->comm;
  double *energy;
  NMD_TRY(NMD_ALLOC(energy, w->slots));
  for (int k = 0; k < w->own; k++) energy[number_of(w, k)] = grand_energy(&w->slot[k]);
  nmd_comm_sum(comm, energy, w->slots); /* one rank's value and zeros: exact */
  nmd_status status = NMD_OK;
  for (int a = (int)(w->block % 2); a + 1 < w->slots && status == NMD_OK; a += 2) {
    double u[2];
    const double difference =
        (1 / w->temperature[a] - 1 / w->temperature[a + 1]) / NMD_BOLTZMANN * (energy[a] - energy[a + 1]);
    nmd_random_uniform2((uint64_t)w->study->input->seed, NMD_STREAM_LATTICE, -1000000000 - w->block, a, 1, u);
    const bool yes = difference >= 0 || u[0] < exp(difference);
    if (a % nmd_comm_size(comm) == nmd_comm_rank(comm)) {
      w->slot[a / nmd_comm_size(comm)].exchanged[0] += 1;
      w->slot[a / nmd_comm_size(comm)].exchanged[1] += yes;
    }
    if (yes) status = exchange(w, a);
  }
  nmd_free(energy);
  return status;
}

/* ---- all of it ---- */

typedef struct progress {
  double started, said, saved;
  int64_t done, first, total; /* blocks */
} progress;

static void say_progress(const nmd_lattice_walks *w, progress *p) {
  const double now = nmd_wall_seconds();
  if (now - p->said < 10 || w->own == 0) return;
  p->said = now;
  const double per_block = (now - p->started) / (double)(p->done - p->first);
  nmd_log_info("  temperature %.0f K, block %lld: %.5f eV/site, %.0f%% done, %.3g moves/s, about %.0f s left",
               temperature_of(w, number_of(w, 0)), (long long)w->block, w->slot[0].walk.energy / w->scene.super.n,
               100.0 * (double)p->done / (double)p->total,
               (double)w->slots * (double)w->study->input->walks.block * w->scene.super.n / per_block,
               per_block * (double)(p->total - p->done));
}

/* 1: time for a checkpoint, 2: and to stop. Rank 0 looks at the clock, any rank may have seen a signal. */
static int decide(const nmd_lattice_walks *w, progress *p) {
  const double now = nmd_wall_seconds();
  double what = nmd_signals_seen() ? 2 : 0;
  if (what == 0 && nmd_comm_rank(w->study->comm) == 0 && now - p->saved > w->study->input->walks.checkpoint) what = 1;
  nmd_comm_max(w->study->comm, &what, 1);
  if (what > 0) p->saved = now;
  return (int)what;
}

static nmd_status one_block(nmd_lattice_walks *w) {
  nmd_status status = NMD_OK;
  for (int k = 0; k < w->own && status == NMD_OK; k++) status = run_block(w, k);
  NMD_TRY(nmd_comm_agree(w->study->comm, status));
  if (w->study->input->walks.method == NMD_LATTICE_TEMPERING) NMD_TRY(nmd_comm_agree(w->study->comm, exchange_all(w)));
  if (++w->block == w->blocks[0] + w->blocks[1]) {
    w->block = 0;
    w->step++;
  }
  return NMD_OK;
}

static nmd_status walk_on(nmd_lattice_walks *w) {
  const int64_t each = w->blocks[0] + w->blocks[1], first = w->step * each + w->block;
  progress p = {nmd_wall_seconds(), nmd_wall_seconds(), nmd_wall_seconds(), first, first, w->steps * each};
  while (w->step < w->steps) {
    const int what = decide(w, &p);
    if (what > 0) NMD_TRY(nmd__lattice_walks_save(w));
    if (what == 2) NMD_FAIL(INTERRUPTED, "stopped early; the same command goes on from the checkpoint");
    NMD_TRY(one_block(w));
    p.done++;
    say_progress(w, &p);
  }
  const double seconds = nmd_wall_seconds() - p.started;
  if (p.done > first)
    nmd_log_info(
        "%.4g moves tried in %.1f s: %.4g moves/s on %d ranks",
        (double)(p.done - first) * (double)w->slots * (double)w->study->input->walks.block * w->scene.super.n, seconds,
        (double)(p.done - first) * (double)w->slots * (double)w->study->input->walks.block * w->scene.super.n / seconds,
        nmd_comm_size(w->study->comm));
  return nmd__lattice_walks_save(w);
}

/* ---- results ---- */

static int best_slot(const nmd_lattice_slot *slot, int n) {
  int best = 0;
  for (int k = 1; k < n; k++)
    if (*slot[k].best < *slot[best].best - 1e-9) best = k;
  return best;
}

static nmd_status report(const nmd_lattice_walks *w, double *state, uint8_t *arrangements, uint8_t *best) {
  const size_t n = (size_t)w->scene.super.n;
  nmd_lattice_slot *slot;
  NMD_TRY(NMD_ALLOC(slot, w->slots));
  for (int k = 0; k < w->slots; k++) {
    slot[k].state = state + (size_t)k * w->n_state;
    slot[k].arrangements = arrangements + 2 * (size_t)k * n;
    nmd__lattice_slot_layout(w, &slot[k]);
  }
  memcpy(best, slot[best_slot(slot, w->slots)].arrangements + n, n);
  nmd_status status = nmd__lattice_walks_report(w, slot);
  if (status == NMD_OK) status = nmd__lattice_diffuse_report(w, slot);
  if (status == NMD_OK) status = nmd__lattice_layers_report(w, best);
  nmd_free(slot);
  return status;
}

static nmd_status finish(nmd_lattice_walks *w, nmd_lattice_study *study) {
  const bool root = nmd_comm_rank(study->comm) == 0;
  double *state = NULL;
  uint8_t *arrangements = NULL, *best = NULL;
  NMD_TRY(nmd__lattice_walks_gather(w, &state, &arrangements));
  nmd_status status = nmd_comm_agree(study->comm, NMD_ALLOC(best, w->scene.super.n));
  if (status == NMD_OK) status = nmd_comm_agree_root(study->comm, root ? report(w, state, arrangements, best) : NMD_OK);
  if (status == NMD_OK) nmd_comm_broadcast(study->comm, best, (size_t)w->scene.super.n, 0);
  if (status == NMD_OK) status = nmd__lattice_compare(study, w, best);
  nmd_free(state);
  nmd_free(arrangements);
  nmd_free(best);
  return status;
}

nmd_status nmd_lattice_walks_run(nmd_lattice_study *study) {
  nmd_lattice_walks w;
  if (study->input->walks_node == NULL) return nmd__lattice_compare(study, NULL, NULL);
  nmd_status status = nmd_comm_agree(study->comm, walks_init(&w, study));
  if (status == NMD_OK)
    nmd_log_info("Monte Carlo: %d sites, %d %s, %d temperatures, %.0f clusters a site", w.scene.super.n, w.slots,
                 study->input->walks.method == NMD_LATTICE_TEMPERING ? "levels" : "replicas", w.n_temperatures,
                 w.scene.energy.clusters);
  if (status == NMD_OK) status = nmd__lattice_walks_load(&w);
  if (status == NMD_OK) status = walk_on(&w);
  if (status == NMD_OK) status = finish(&w, study);
  walks_free(&w);
  return status;
}
