/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/lattice_data.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/timer.h"
#include "io/read_structure.h"
#include "io/write_structure.h"
#include "simulation/evaluate_structure.h"
#include "simulation/simulation.h"
#include "study/relax.h"
#include "study/saved.h"

nmd_status nmd_lattice_map(const nmd_lattice_study *st, const nmd_structure *structure, nmd_mapping *out) {
  const nmd_mapping_settings settings = {st->input->fit.displacement, st->input->fit.strain};
  return nmd_mapping_find(&st->parent, &settings, structure, out);
}

void nmd_lattice_frame_name(const nmd_structure_reader *reader, const nmd_structure *frame, char name[NMD_LATTICE_NAME]) {
  const char *said = nmd_structure_info(frame, "name");
  if (said != NULL)
    snprintf(name, NMD_LATTICE_NAME, "%s", said);
  else
    snprintf(name, NMD_LATTICE_NAME, "frame-%lld", (long long)nmd_structure_reader_frame(reader) - 1);
}

/* ---- rows ---- */

static bool known(const nmd_lattice_study *st, const double *features) {
  for (int r = 0; r < st->n_rows; r++) {
    bool same = true;
    for (int f = 0; f < st->n_features && same; f++)
      same = fabs(st->row[r].features[f] - features[f]) < 1e-7 * (1 + fabs(features[f]));
    if (same) return true;
  }
  return false;
}

static nmd_status add_row(nmd_lattice_study *st, const char *name, int cells, double energy, const double *features) {
  if ((st->n_rows & (st->n_rows - 1)) == 0)
    NMD_TRY(NMD_GROW(st->row, st->n_rows, st->n_rows == 0 ? 1 : 2 * st->n_rows));
  nmd_lattice_row *r = &st->row[st->n_rows];
  *r = (nmd_lattice_row){.cells = cells, .energy = energy / cells};
  snprintf(r->name, sizeof r->name, "%s", name);
  NMD_TRY(NMD_ALLOC(r->features, st->n_features));
  memcpy(r->features, features, (size_t)st->n_features * sizeof *features);
  st->n_rows++;
  return NMD_OK;
}

/* The last scene is kept: structures of one cell follow each other. */
typedef struct mapper {
  nmd_lattice_study *st;
  nmd_lattice_scene scene;
  bool has_scene;
} mapper;

static void mapper_free(mapper *m) {
  if (m->has_scene) nmd_lattice_scene_free(&m->scene);
}

static nmd_status scene_for(mapper *m, const int matrix[3][3]) {
  if (m->has_scene && memcmp(m->scene.super.matrix, matrix, sizeof m->scene.super.matrix) == 0) return NMD_OK;
  if (m->has_scene) nmd_lattice_scene_free(&m->scene);
  m->has_scene = false;
  NMD_TRY(nmd_lattice_scene_init(m->st, matrix, &m->scene));
  m->has_scene = true;
  return NMD_OK;
}

/* A structure with an energy becomes a row, or a count of those that left. begun: its arrangement before, or NULL. */
static nmd_status take_structure(mapper *m, const char *name, const nmd_structure *s, const char *begun) {
  nmd_mapping map;
  double *features;
  nmd_lattice_study *st = m->st;
  NMD_TRY(nmd_lattice_map(st, s, &map));
  st->fates.left[map.result] += map.result != NMD_MAPPED;
  nmd_status status = NMD_OK;
  if (map.result == NMD_MAPPED) {
    for (int i = 0; begun != NULL && begun[i] != '\0' && i < map.super.n; i++)
      if (begun[i] - '0' != map.occupation[i]) {
        st->fates.rearranged++;
        break;
      }
    status = NMD_ALLOC(features, st->n_features);
    if (status == NMD_OK) status = scene_for(m, (const int(*)[3])map.super.matrix);
    if (status == NMD_OK) nmd_lattice_features(st, &m->scene, map.occupation, features);
    if (status == NMD_OK) status = add_row(st, name, map.super.cells, s->energy, features);
    if (status == NMD_OK) st->fates.kept++;
    nmd_free(features);
  } else
    nmd_log_detail("%s: left out: %s (largest displacement %.2f A)", name, nmd_mapping_reason(map.result), map.largest);
  nmd_mapping_free(&map);
  return status;
}

/* ---- from a file ---- */

static nmd_status read_all(nmd_lattice_study *st, nmd_structure_reader *reader) {
  mapper m = {.st = st};
  nmd_status status = NMD_OK;
  for (bool end = false; status == NMD_OK;) {
    nmd_structure s;
    char name[NMD_LATTICE_NAME];
    status = nmd_structure_reader_next(reader, &s, &end);
    if (status != NMD_OK || end) break;
    nmd_lattice_frame_name(reader, &s, name);
    st->fates.made++;
    if (!s.has_energy)
      status = nmd_fail(NMD_MISSING_KEY, "%s: no energy in this frame; expected energy=... in its comment line",
                        nmd_structure_reader_place(reader));
    else
      status = take_structure(&m, name, &s, NULL);
    nmd_structure_free(&s);
  }
  mapper_free(&m);
  return status;
}

static nmd_status read_file(nmd_lattice_study *st) {
  nmd_structure_reader *reader;
  NMD_TRY(nmd_structure_reader_open(st->input->configurations.file, NULL, &reader));
  const nmd_status status = read_all(st, reader);
  nmd_structure_reader_close(reader);
  return status;
}

nmd_status nmd_lattice_read_file(nmd_lattice_study *study) { return nmd_comm_agree(study->comm, read_file(study)); }

/* ---- relaxation ---- */

static nmd_status relax_parameters(const nmd_lattice_study *st, void **parameters, nmd_yaml **tree) {
  static const char *const cells[] = {"fixed", "isotropic", "anisotropic", "triclinic"};
  const nmd_lattice_relax *r = &st->input->relax;
  char text[256];
  snprintf(text, sizeof text,
           "cell: %s\nforce_tolerance: %.17g eV/A\nstress_tolerance: %.17g eV/A^3\nmax_steps: %lld\n", cells[r->cell],
           r->force_tolerance, r->stress_tolerance, (long long)r->max_steps);
  NMD_TRY(nmd_yaml_parse("relax", text, strlen(text), tree));
  NMD_TRY(nmd_alloc(parameters, 1, nmd_relax_options()->size));
  return nmd_options_parse(nmd_relax_options(), nmd_yaml_root(*tree), *parameters);
}

/* The potential for one composition, kept while structures have it: charges of some potentials depend on it. */
struct nmd__lattice_engine {
  bool made;
  nmd_species species;
  nmd_potential potential;
};

static bool same_composition(const nmd_species *a, const nmd_species *b) {
  if (a->n != b->n) return false;
  for (int k = 0; k < a->n; k++)
    if (a->atomic_number[k] != b->atomic_number[k] || a->atoms[k] * b->atoms[0] != a->atoms[0] * b->atoms[k])
      return false;
  return true;
}

nmd_status nmd__lattice_engine_create(struct nmd__lattice_engine **out) { return NMD_ALLOC(*out, 1); }

void nmd__lattice_engine_destroy(struct nmd__lattice_engine *engine) {
  if (engine != NULL && engine->made) nmd_potential_destroy(&engine->potential);
  nmd_free(engine);
}

static nmd_status engine_for(const nmd_lattice_study *st, const nmd_structure *s, struct nmd__lattice_engine **out) {
  struct nmd__lattice_engine *e = st->engine;
  nmd_species species;
  nmd_species_init(&species, s->atomic_number, (long)s->n);
  *out = e;
  if (e->made && same_composition(&species, &e->species)) return NMD_OK;
  if (e->made) nmd_potential_destroy(&e->potential);
  e->made = false;
  e->species = species;
  NMD_TRY(nmd_potential_create(st->input->potential, &e->species, &e->potential));
  e->made = true;
  return NMD_OK;
}

static nmd_status relax_with(const nmd_lattice_study *st, const void *parameters, nmd_structure *s,
                             nmd_relax_result *result) {
  struct nmd__lattice_engine *e;
  NMD_TRY(engine_for(st, s, &e));
  const nmd_relaxer relaxer = {.alone = st->alone,
                               .potential = &e->potential,
                               .species = &e->species,
                               .timestep = 1.0,
                               .parameters = parameters};
  return nmd_relax(&relaxer, s, result);
}

/* Displacements of a start, from the arrangement: the same whoever relaxes it. */
static void rattle(const nmd_lattice_study *st, int64_t attempt, uint64_t key, nmd_structure *s) {
  for (int64_t i = 0; i < s->n; i++) {
    double g[3];
    nmd_random_normal3((uint64_t)st->input->seed ^ key, NMD_STREAM_LATTICE, -2000000000 - attempt, i, 2, g);
    for (int a = 0; a < 3; a++) s->x[i][a] += st->input->relax.rattle * g[a];
  }
}

static uint64_t arrangement_key(const nmd_structure *s) {
  uint64_t hash = NMD_HASH_START;
  for (int64_t i = 0; i < s->n; i++) {
    char text[96];
    snprintf(text, sizeof text, "%d %.3f %.3f %.3f", s->atomic_number[i], s->x[i][0], s->x[i][1], s->x[i][2]);
    nmd_hash_text(&hash, text);
  }
  return hash;
}

/* The lowest of the tries that converged, else the last. */
static nmd_status relax_tries(const nmd_lattice_study *st, const void *parameters, nmd_structure *s, bool *converged) {
  const uint64_t key = arrangement_key(s);
  nmd_structure best = {0};
  nmd_status status = NMD_OK;
  *converged = false;
  for (int64_t t = 0; t < st->input->relax.tries && status == NMD_OK; t++) {
    nmd_structure trial;
    nmd_relax_result result = {0};
    NMD_TRY(nmd_structure_copy(s, &trial));
    if (st->input->relax.rattle > 0) rattle(st, t, key, &trial);
    status = relax_with(st, parameters, &trial, &result);
    if (status == NMD_EXPLODED || status == NMD_BAD_CELL)
      status = t + 1 < st->input->relax.tries || best.n > 0 ? NMD_OK : status;
    else if (status == NMD_OK && (best.n == 0 || (result.converged && (!*converged || trial.energy < best.energy)))) {
      nmd_structure_free(&best);
      best = trial;
      *converged = result.converged;
      continue;
    }
    nmd_structure_free(&trial);
  }
  if (best.n > 0) {
    nmd_structure_free(s);
    *s = best;
  }
  return status;
}

nmd_status nmd_lattice_relax_one(const nmd_lattice_study *study, nmd_structure *structure, bool *converged) {
  nmd_yaml *tree = NULL;
  void *parameters = NULL;
  nmd_status status = relax_parameters(study, &parameters, &tree);
  *converged = false;
  if (status == NMD_OK) status = relax_tries(study, parameters, structure, converged);
  if (parameters != NULL) nmd_options_free(nmd_relax_options(), parameters);
  nmd_free(parameters);
  nmd_yaml_destroy(tree);
  return status;
}

/* What a result depends on besides its arrangement; the energy of the start tells other weights of a model in the same
 * place. */
static nmd_status settings_of(const nmd_lattice_study *st, const nmd_structure *s, char text[24]) {
  const nmd_lattice_relax *r = &st->input->relax;
  struct nmd__lattice_engine *e;
  nmd_structure_results all;
  uint64_t hash = NMD_HASH_START;
  char numbers[256];
  NMD_TRY(engine_for(st, s, &e));
  NMD_TRY(nmd_structure_evaluate(st->alone, &e->potential, &e->species, s, &all));
  nmd_potential_identify(&e->potential, &hash);
  snprintf(numbers, sizeof numbers, "%d %.17g %.17g %lld %.17g %lld %lld %.6f", r->cell, r->force_tolerance,
           r->stress_tolerance, (long long)r->max_steps, r->rattle, (long long)r->tries,
           (long long)(r->rattle > 0 ? st->input->seed : 0), all.energy);
  nmd_structure_results_free(&all);
  nmd_hash_text(&hash, numbers);
  snprintf(text, 24, "%016" PRIx64, hash);
  return NMD_OK;
}

/* ---- arrangements of a round ---- */

typedef struct task {
  char name[NMD_LATTICE_NAME];
  int cell;            /* of the input's list */
  uint8_t *occupation; /* owned */
  int n;
} task;

typedef struct round_tasks {
  nmd_lattice_study *st;
  int64_t round;
  task *item;
  int n;
  double *features; /* [n][n_features] of those made in this round, against doubles */
} round_tasks;

static void tasks_free(round_tasks *t) {
  for (int k = 0; k < t->n; k++) nmd_free(t->item[k].occupation);
  nmd_free(t->item);
  nmd_free(t->features);
}

static bool made_before(const round_tasks *t, const double *features) {
  const int p = t->st->n_features;
  if (known(t->st, features)) return true;
  for (int k = 0; k < t->n; k++) {
    bool same = true;
    for (int f = 0; f < p && same; f++)
      same = fabs(t->features[(size_t)k * (size_t)p + (size_t)f] - features[f]) < 1e-7 * (1 + fabs(features[f]));
    if (same) return true;
  }
  return false;
}

static nmd_status add_task(round_tasks *t, const nmd_lattice_walk *walk, const nmd_lattice_scene *scene, int cell,
                           int64_t trial, double *features) {
  const int p = t->st->n_features, *repeat = t->st->input->cell[cell];
  nmd_lattice_features(t->st, scene, walk->occupation, features);
  if (made_before(t, features)) return NMD_OK;
  NMD_TRY(NMD_GROW(t->item, t->n, t->n + 1));
  NMD_TRY(NMD_GROW(t->features, (size_t)t->n * (size_t)p, (size_t)(t->n + 1) * (size_t)p));
  memcpy(t->features + (size_t)t->n * (size_t)p, features, (size_t)p * sizeof *features);
  task *k = &t->item[t->n++];
  *k = (task){.cell = cell, .n = scene->super.n};
  snprintf(k->name, sizeof k->name, "r%lld-%dx%dx%d-%03lld", (long long)t->round, repeat[0], repeat[1], repeat[2],
           (long long)trial);
  NMD_TRY(NMD_ALLOC(k->occupation, k->n));
  memcpy(k->occupation, walk->occupation, (size_t)k->n);
  return NMD_OK;
}

/* The first trial cools to the end; later ones stop earlier, up to 60 % of the way before it, so that what is thermally
 * excited has its share of the data. */
static void anneal(const nmd_lattice_configurations *c, int64_t trial, nmd_lattice_walk *walk) {
  const double last = (double)(c->sweeps > 1 ? c->sweeps - 1 : 1), stop = 1 - 0.6 * (double)trial / (double)c->annealed;
  for (int64_t k = 0; (double)k <= stop * last; k++)
    nmd_lattice_walk_sweep(walk, c->temperature[0] * pow(c->temperature[1] / c->temperature[0], (double)k / last));
}

static nmd_status make_in_scene(round_tasks *t, const nmd_lattice_scene *scene, int cell) {
  const nmd_lattice_configurations *c = &t->st->input->configurations;
  const int64_t trials = t->round == 0 ? c->random : c->annealed;
  int64_t count[NMD_LATTICE_GLOBAL_MAX];
  double *features;
  NMD_TRY(nmd_lattice_counts(t->st, scene, &t->st->input->made, "configurations.composition", count));
  NMD_TRY(NMD_ALLOC(features, t->st->n_features));
  nmd_status status = NMD_OK;
  for (int64_t trial = 0; trial < trials && status == NMD_OK; trial++) {
    nmd_lattice_walk walk;
    const int64_t id = (t->round * NMD_LATTICE_CELLS_MAX + cell) * 1000000 + trial;
    status = nmd_lattice_walk_init(&walk, &scene->model, (uint64_t)t->st->input->seed, id);
    if (status == NMD_OK) status = nmd_lattice_walk_shuffle(&walk, count);
    if (status == NMD_OK && t->round > 0) anneal(c, trial, &walk);
    if (status == NMD_OK) status = add_task(t, &walk, scene, cell, trial, features);
    nmd_lattice_walk_free(&walk);
  }
  nmd_free(features);
  return status;
}

static nmd_status list_tasks(round_tasks *t) {
  for (int c = 0; c < t->st->input->n_cells; c++) {
    const int *repeat = t->st->input->cell[c];
    const int matrix[3][3] = {{repeat[0], 0, 0}, {0, repeat[1], 0}, {0, 0, repeat[2]}};
    nmd_lattice_scene scene;
    NMD_TRY(nmd_lattice_scene_init(t->st, matrix, &scene));
    const nmd_status status = make_in_scene(t, &scene, c);
    nmd_lattice_scene_free(&scene);
    NMD_TRY(status);
  }
  return NMD_OK;
}

/* ---- results ---- */

static void result_path(const nmd_lattice_study *st, const task *t, char path[4096]) {
  snprintf(path, 4096, "%s/results/%s.extxyz", st->input->output, t->name);
}

static void occupation_text(const task *t, char *text) {
  for (int i = 0; i < t->n; i++) text[i] = (char)('0' + t->occupation[i]);
  text[t->n] = '\0';
}

static bool info_is(const nmd_structure *s, const char *key, const char *value) {
  const char *found = nmd_structure_info(s, key);
  return found != NULL && strcmp(found, value) == 0;
}

/* The result of a task if it was made with today's settings and arrangement. */
static bool read_result(const nmd_lattice_study *st, const task *t, const char *settings, const char *begun,
                        nmd_structure *out) {
  char path[4096];
  result_path(st, t, path);
  if (access(path, R_OK) != 0 || nmd_structure_read(path, NULL, 0, out) != NMD_OK) return false;
  if (out->has_energy && info_is(out, "settings", settings) && info_is(out, "begun", begun)) return true;
  nmd_structure_free(out);
  return false;
}

static nmd_status start_structure(const nmd_lattice_study *st, const task *t, nmd_structure *out) {
  const int *repeat = st->input->cell[t->cell];
  const int matrix[3][3] = {{repeat[0], 0, 0}, {0, repeat[1], 0}, {0, 0, repeat[2]}};
  nmd_supercell super;
  NMD_TRY(nmd_supercell_init(&super, &st->parent, matrix));
  const nmd_status status = nmd_supercell_structure(&super, &st->parent, t->occupation, out);
  nmd_supercell_free(&super);
  return status;
}

/* One that explodes has a result all the same, as it stands, so that it is not tried again. */
static nmd_status relax_task(const nmd_lattice_study *st, const task *t, const char *settings, const char *begun,
                             nmd_structure *s) {
  char path[4096];
  bool converged;
  nmd_status status = nmd_lattice_relax_one(st, s, &converged);
  if (status == NMD_EXPLODED || status == NMD_BAD_CELL) {
    s->has_energy = true;
    s->energy = 0;
    status = NMD_OK;
  }
  NMD_TRY(status);
  NMD_TRY(nmd_structure_set_info(s, "name", t->name));
  NMD_TRY(nmd_structure_set_info(s, "settings", settings));
  NMD_TRY(nmd_structure_set_info(s, "begun", begun));
  NMD_TRY(nmd_structure_set_info(s, "converged", converged ? "1" : "0"));
  result_path(st, t, path);
  return nmd_structure_write(path, "extxyz", s);
}

static nmd_status do_task(const nmd_lattice_study *st, const task *t) {
  char settings[24], *begun;
  nmd_structure s, done;
  NMD_TRY(start_structure(st, t, &s));
  nmd_status status = NMD_ALLOC(begun, t->n + 1);
  if (status == NMD_OK) {
    occupation_text(t, begun);
    status = settings_of(st, &s, settings);
  }
  if (status == NMD_OK && read_result(st, t, settings, begun, &done))
    nmd_structure_free(&done);
  else if (status == NMD_OK)
    status = relax_task(st, t, settings, begun, &s);
  nmd_structure_free(&s);
  nmd_free(begun);
  return status == NMD_OK ? NMD_OK : nmd_fail_prefix(status, "%s", t->name);
}

/* Dealt out in turns: tasks of one cell follow each other, so ranks get about the same. */
static nmd_status do_mine(const round_tasks *t) {
  const nmd_comm *comm = t->st->comm;
  const double started = nmd_wall_seconds();
  double said = started;
  for (int k = nmd_comm_rank(comm); k < t->n; k += nmd_comm_size(comm)) {
    if (nmd_signals_seen()) NMD_FAIL(INTERRUPTED, "stopped early; the same command goes on where this one ended");
    NMD_TRY(do_task(t->st, &t->item[k]));
    const double now = nmd_wall_seconds();
    if (now - said < 10) continue;
    said = now;
    nmd_log_info("  round %lld: %d of %d structures, %.0f s, about %.0f s left", (long long)t->round, k + 1, t->n,
                 now - started, (now - started) * (t->n - k - 1) / (k + 1));
  }
  return NMD_OK;
}

static nmd_status collect_one(mapper *m, const task *t) {
  char settings[24], *begun;
  nmd_structure start, s;
  NMD_TRY(start_structure(m->st, t, &start));
  nmd_status status = settings_of(m->st, &start, settings);
  nmd_structure_free(&start);
  NMD_TRY(status);
  NMD_TRY(NMD_ALLOC(begun, t->n + 1));
  occupation_text(t, begun);
  m->st->fates.made++;
  if (!read_result(m->st, t, settings, begun, &s))
    status =
        nmd_fail(NMD_FILE_MISSING, "results/%s.extxyz: not there; expected it a moment after it was written", t->name);
  else {
    if (info_is(&s, "converged", "1"))
      status = take_structure(m, t->name, &s, begun);
    else
      m->st->fates.unconverged++;
    nmd_structure_free(&s);
  }
  nmd_free(begun);
  return status;
}

static nmd_status collect(const round_tasks *t) {
  mapper m = {.st = t->st};
  nmd_status status = NMD_OK;
  for (int k = 0; k < t->n && status == NMD_OK; k++) status = collect_one(&m, &t->item[k]);
  mapper_free(&m);
  return status;
}

nmd_status nmd_lattice_make_round(nmd_lattice_study *study, int64_t round) {
  round_tasks t = {.st = study, .round = round};
  nmd_status status = nmd_comm_agree(study->comm, list_tasks(&t));
  if (status == NMD_OK)
    nmd_log_info("round %lld: %d arrangements to relax on %d ranks", (long long)round, t.n, nmd_comm_size(study->comm));
  if (status == NMD_OK) status = nmd_comm_agree(study->comm, do_mine(&t));
  if (status == NMD_OK) status = nmd_comm_agree(study->comm, collect(&t));
  tasks_free(&t);
  return status;
}
