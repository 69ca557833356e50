/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/active_walks.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/yaml_write.h"
#include "io/file_atomic.h"
#include "io/write_structure.h"
#include "simulation/simulation.h"

static const nmd_option end_options[] = {
    {"input", NMD_OPT_TEXT, offsetof(nmd_active_walk_end, input), .doc = "digest of the input"},
    {"steps", NMD_OPT_INT, offsetof(nmd_active_walk_end, steps), .min = 0, .max = -1, .doc = "steps done"},
    {"ended", NMD_OPT_TEXT, offsetof(nmd_active_walk_end, ended), .doc = "complete, or why it ended early"},
};
static const nmd_option_table end_table = {"walk", "how a walk ended", sizeof(nmd_active_walk_end),
                                           NMD_COUNT(end_options), end_options};

const char *nmd_active_walk_frames(const nmd_active *a) {
  return a->input->pick.method == NMD_ACTIVE_RANDOM ? "trajectory.extxyz" : "flagged.extxyz";
}

void nmd_active_walk_at(const nmd_active *a, int64_t index, nmd_active_walk *out) {
  const nmd_text_list *t = &a->input->dynamics.temperatures;
  const int64_t n = t->n > 0 ? t->n : 1;
  out->start = index / n;
  out->temperature = t->n > 0 ? t->items[index % n] : "";
  snprintf(out->name, sizeof out->name, "walk_%04lld", (long long)index + 1);
}

/* ---- the input of a walk ---- */

static void to_buffer(void *context, const char *text) { nmd_buffer_text(context, text); }

typedef struct replacements {
  char models[PATH_MAX + 2], path[PATH_MAX + 2];
  const char *temperature;
  bool failed; /* a path that does not exist; its text is in `path` */
} replacements;

/* The real path of a file in quotes. */
static const char *absolute(replacements *r, const char *path, char out[PATH_MAX + 2]) {
  char found[PATH_MAX];
  if (realpath(path, found) == NULL) {
    r->failed = true;
    snprintf(out, PATH_MAX + 2, "%.4000s", path);
    return out;
  }
  snprintf(out, PATH_MAX + 2, "\"%s\"", found);
  return out;
}

/* Files named in the potential are relative to the folder of this input; those of a walk's would be to another one. */
static const char *in_potential(void *context, const char *key, const nmd_yaml_node *scalar) {
  replacements *r = context;
  char path[PATH_MAX];
  if (!scalar->quoted && strcmp(scalar->text, nmd_active_word_committee) == 0) return r->models;
  const bool names_file = key != NULL && (strcmp(key, "folder") == 0 || strcmp(key, "file") == 0);
  if (!names_file || r->failed) return NULL;
  snprintf(path, sizeof path, "%.2000s%.2000s", scalar->text[0] == '/' ? "" : scalar->folder, scalar->text);
  return absolute(r, path, r->path);
}

static const char *in_stages(void *context, const char *key, const nmd_yaml_node *scalar) {
  (void)key;
  const bool hit = !scalar->quoted && strcmp(scalar->text, nmd_active_word_temperature) == 0;
  return hit ? ((replacements *)context)->temperature : NULL;
}

nmd_status nmd_active_potential_text(const nmd_active *a, const char *models, int indent, nmd_buffer *out) {
  replacements r = {.failed = false};
  if (absolute(&r, models, r.models), r.failed) NMD_FAIL(FILE_MISSING, "%s: no such folder of models", models);
  nmd_yaml_write(a->input->potential, indent, in_potential, &r, to_buffer, out);
  if (r.failed) NMD_FAIL_AT(a->input->potential, FILE_MISSING, "potential: no such file or folder: %s", r.path);
  return out->status;
}

static void put_outputs(const nmd_active *a, int64_t atoms, nmd_buffer *out) {
  const nmd_active_dynamics *d = &a->input->dynamics;
  const nmd_active_pick *p = &a->input->pick;
  nmd_buffer_printf(out, "outputs:\n  - thermo: {every: %lld}\n", (long long)d->every);
  nmd_buffer_printf(out,
                    "  - extrapolation: {file: flagged.extxyz, every: %lld, gap: %lld, distance: %.10g A, sigma: %.10g "
                    "eV/A, sigma_end: %.10g eV/A, outside_end: %.0f, max_frames: %lld, input_data: false}\n",
                    (long long)d->every, (long long)d->gap, d->distance, p->sigma, p->limit,
                    ceil(p->outside * (double)atoms), (long long)d->frames);
  if (p->method == NMD_ACTIVE_RANDOM)
    nmd_buffer_printf(out, "  - trajectory: {file: trajectory.extxyz, every: %lld, digits: 17}\n", (long long)d->gap);
}

static nmd_status walk_text(const nmd_active *a, int64_t cycle, int64_t index, nmd_buffer *out) {
  char models[NMD_ACTIVE_PATH], folder[NMD_ACTIVE_PATH];
  nmd_active_walk walk;
  nmd_active_walk_at(a, index, &walk);
  nmd_active_model(a, cycle, models);
  nmd_active_path(a, cycle, walk.name, folder);
  replacements r = {.temperature = walk.temperature};
  nmd_buffer_printf(out, "seed: %lld\noutput_folder: \"%s\"\nstructure: {file: start.extxyz}\npotential:",
                    (long long)(a->input->seed + 1000003 * cycle + index), folder);
  NMD_TRY(nmd_active_potential_text(a, models, 2, out));
  nmd_buffer_text(out, "stages:");
  nmd_yaml_write(a->input->dynamics.stages, 2, in_stages, &r, to_buffer, out);
  put_outputs(a, a->starts.frames[walk.start].n, out);
  nmd_buffer_text(out, "checkpoint: {every: 0, every_walltime: 0 s, last_frames: 0}\n");
  const nmd_yaml_node *more = a->input->dynamics.settings;
  for (int k = 0; more != NULL && k < more->n; k++) {
    nmd_buffer_printf(out, "%s:", more->keys[k]->text);
    nmd_yaml_write(more->items[k], 2, NULL, NULL, to_buffer, out);
  }
  return out->status;
}

/* Of the input and the atoms. */
static void digest(const nmd_buffer *text, const nmd_structure *s, char out[32]) {
  uint64_t hash = NMD_HASH_START;
  const void *parts[] = {text->data, s->x, s->box.h, s->atomic_number};
  const size_t sizes[] = {text->length, (size_t)s->n * sizeof *s->x, sizeof s->box.h,
                          (size_t)s->n * sizeof *s->atomic_number};
  for (int k = 0; k < NMD_COUNT(parts); k++) nmd_hash_bytes(&hash, parts[k], sizes[k]);
  snprintf(out, 32, "x%016" PRIx64, hash); /* x: never a number */
}

/* ---- one walk ---- */

static void path_in(const nmd_active *a, int64_t cycle, const char *walk, const char *name,
                    char path[NMD_ACTIVE_PATH]) {
  char inner[128];
  snprintf(inner, sizeof inner, "%s/%s", walk, name);
  nmd_active_path(a, cycle, inner, path);
}

static nmd_status read_end(const char *path, nmd_active_walk_end *end) {
  char *text;
  size_t length;
  nmd_yaml *tree = NULL;
  NMD_TRY(nmd_text_read_file(path, &text, &length));
  nmd_status status = nmd_yaml_parse(path, text, length, &tree);
  if (status == NMD_OK) status = nmd_options_parse(&end_table, nmd_yaml_root(tree), end);
  nmd_yaml_destroy(tree);
  nmd_free(text);
  return status;
}

static bool is_done(const char *path, const char *wanted) {
  nmd_active_walk_end end;
  if (!nmd_active_exists(path) || read_end(path, &end) != NMD_OK) return false;
  const bool same = strcmp(end.input, wanted) == 0;
  nmd_options_free(&end_table, &end);
  return same;
}

/* Message in double quotes, on one line. */
static void put_message(nmd_buffer *out, const char *text) {
  nmd_buffer_text(out, "\"");
  for (; *text != '\0'; text++) nmd_buffer_printf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
  nmd_buffer_text(out, "\"\n");
}

static nmd_status write_end(const char *path, const char *input, int64_t steps, const char *ended) {
  nmd_buffer out = {0};
  nmd_buffer_printf(&out, "input: %s\nsteps: %lld\nended: ", input, (long long)steps);
  put_message(&out, ended);
  nmd_status status = out.status;
  if (status == NMD_OK) status = nmd_file_write_atomic(path, out.data, out.length, 1);
  nmd_buffer_free(&out);
  return status;
}

/* What a poor potential does to a cell and its atoms ends a walk, not the loop. */
static bool is_physics(nmd_status status) {
  return nmd_status_exit_code(status) == 3 || status == NMD_BAD_CELL || status == NMD_OVERLAP ||
         status == NMD_DECOMPOSITION;
}

static nmd_status simulate(const nmd_active *a, const char *path, int64_t *steps, char ended[400]) {
  nmd_input input;
  nmd_simulation *simulation;
  NMD_TRY(nmd_input_read(a->alone, path, 0, NULL, &input));
  NMD_TRY(nmd_simulation_create(a->alone, &input, &simulation));
  const nmd_status status = nmd_simulation_run(simulation, &(nmd_run_options){.restart = NULL});
  *steps = simulation->counters.step;
  nmd_simulation_destroy(simulation);
  snprintf(ended, 400, "%.399s", status == NMD_OK ? "complete" : nmd_error_text());
  if (status == NMD_INTERRUPTED) NMD_FAIL(INTERRUPTED, "stopped early; the same command goes on where this one ended");
  return is_physics(status) ? NMD_OK : status;
}

static nmd_status start_walk(const nmd_active *a, int64_t cycle, const nmd_active_walk *walk, const nmd_buffer *text,
                             char path[NMD_ACTIVE_PATH]) {
  nmd_active_path(a, cycle, walk->name, path);
  NMD_TRY(nmd_active_make_folder(path));
  path_in(a, cycle, walk->name, "start.extxyz", path);
  NMD_TRY(nmd_structure_write(path, "extxyz", &a->starts.frames[walk->start]));
  path_in(a, cycle, walk->name, "input.yaml", path);
  return nmd_file_write_atomic(path, text->data, text->length, 1);
}

static nmd_status run_walk(const nmd_active *a, int64_t cycle, const nmd_active_walk *walk, const nmd_buffer *text,
                           const char *wanted) {
  char path[NMD_ACTIVE_PATH], ended[400] = "";
  int64_t steps = 0;
  NMD_TRY(start_walk(a, cycle, walk, text, path));
  nmd_log_mute(true);
  nmd_status status = simulate(a, path, &steps, ended);
  nmd_log_mute(false);
  if (status != NMD_OK) return status == NMD_INTERRUPTED ? status : nmd_fail_prefix(status, "%s", walk->name);
  path_in(a, cycle, walk->name, "done.yaml", path);
  NMD_TRY(write_end(path, wanted, steps, ended));
  nmd_log_info("  %s: %s %s, %lld steps, %s", walk->name, a->starts.place[walk->start], walk->temperature,
               (long long)steps, ended);
  return NMD_OK;
}

static nmd_status walk_if_needed(const nmd_active *a, int64_t cycle, int64_t index) {
  char wanted[32], path[NMD_ACTIVE_PATH];
  nmd_active_walk walk;
  nmd_buffer text = {0};
  nmd_active_walk_at(a, index, &walk);
  nmd_status status = walk_text(a, cycle, index, &text);
  if (status == NMD_OK) {
    digest(&text, &a->starts.frames[walk.start], wanted);
    path_in(a, cycle, walk.name, "done.yaml", path);
    if (!is_done(path, wanted)) status = run_walk(a, cycle, &walk, &text, wanted);
  }
  nmd_buffer_free(&text);
  return status;
}

static nmd_status run_mine(const nmd_active *a, int64_t cycle) {
  for (int64_t k = nmd_comm_rank(a->comm); k < a->n_walks; k += nmd_comm_size(a->comm)) {
    if (nmd_signals_seen()) NMD_FAIL(INTERRUPTED, "stopped early; the same command goes on where this one ended");
    NMD_TRY(walk_if_needed(a, cycle, k));
  }
  return NMD_OK;
}

nmd_status nmd_active_walks_run(const nmd_active *a, int64_t cycle) {
  return nmd_comm_agree(a->comm, run_mine(a, cycle));
}

nmd_status nmd_active_walks_count(const nmd_active *a, int64_t cycle, int64_t *steps, int64_t *early) {
  *steps = *early = 0;
  for (int64_t k = 0; k < a->n_walks; k++) {
    nmd_active_walk walk;
    nmd_active_walk_end end;
    char path[NMD_ACTIVE_PATH];
    nmd_active_walk_at(a, k, &walk);
    path_in(a, cycle, walk.name, "done.yaml", path);
    NMD_TRY(read_end(path, &end));
    *steps += end.steps;
    *early += strcmp(end.ended, "complete") != 0;
    nmd_options_free(&end_table, &end);
  }
  return NMD_OK;
}
