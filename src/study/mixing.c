/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/mixing.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timer.h"
#include "base/vec3.h"
#include "io/read_structure.h"
#include "io/write_structure.h"
#include "simulation/evaluate_structure.h"
#include "simulation/monte_carlo.h"
#include "simulation/simulation.h"
#include "study/relax.h"
#include "study/saved.h"
#include "study/symmetry.h"

static const double symmetry_tolerance = 0.03; /* A */

/* ---- set-up ---- */

static void log_line(void *context, const char *text) {
  (void)context;
  const size_t length = strlen(text);
  if (length > 0) nmd_log_info("  %.*s", (int)(length - (text[length - 1] == '\n')), text);
}

/* A model may have other weights under the same name: the energy of a crystal of both elements tells. */
static nmd_status add_probe(const nmd_mixing *m, uint64_t *hash) {
  nmd_structure s;
  nmd_structure_results all;
  const double volume = 0.5 * (m->input->volume[0] + m->input->volume[1]);
  NMD_TRY(nmd_prototype_structure(nmd_prototype_find("b2"), m->input->z, volume, &s));
  nmd_status status = nmd_structure_evaluate(m->alone, &m->potential, &m->species, &s, &all);
  if (status == NMD_OK) {
    nmd_hash_bytes(hash, &all.energy, sizeof all.energy);
    nmd_structure_results_free(&all);
  }
  nmd_structure_free(&s);
  return status;
}

static nmd_status describe_settings(nmd_mixing *m) {
  const nmd_mixing_input *in = m->input;
  uint64_t hash = NMD_HASH_START;
  char text[512];
  nmd_potential_identify(&m->potential, &hash);
  snprintf(text, sizeof text, "%d %d %.17g %.17g %.17g %.17g %lld %lld %.17g %.17g %lld %lld %d", in->z[0], in->z[1],
           in->volume[0], in->volume[1], in->relax.force_tolerance, in->relax.stress_tolerance,
           (long long)in->relax.max_steps, (long long)in->grid.sweeps, in->grid.temperature[0], in->grid.temperature[1],
           (long long)in->random.atoms, (long long)in->seed, nmd_potential_members(&m->potential));
  nmd_hash_text(&hash, text);
  NMD_TRY(add_probe(m, &hash));
  snprintf(m->settings, sizeof m->settings, "%016" PRIx64, hash);
  return NMD_OK;
}

static nmd_status make_folders(const nmd_mixing *m) {
  static const char *const names[] = {"", "/results", "/stable"};
  char path[4096];
  for (int k = 0; k < NMD_COUNT(names); k++) {
    snprintf(path, sizeof path, "%s%s", m->input->output, names[k]);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
      NMD_FAIL(WRITE, "output_folder: cannot make \"%s\": %s; its parent folder must exist and be writable", path,
               strerror(errno));
  }
  return NMD_OK;
}

static nmd_status setup(nmd_mixing *m) {
  nmd_species_init(&m->species, m->input->z, 2);
  NMD_TRY(nmd_comm_alone(&m->alone));
  NMD_TRY(nmd_potential_create(m->input->potential, &m->species, &m->potential));
  m->potential.ops->describe(m->potential.self, log_line, NULL);
  NMD_TRY(describe_settings(m));
  return nmd_mixing_tasks(m->input, &m->task, &m->n);
}

nmd_status nmd_mixing_create(const nmd_comm *comm, const nmd_mixing_input *input, nmd_mixing **out) {
  nmd_mixing *m;
  *out = NULL;
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(m, 1)));
  m->comm = comm;
  m->input = input;
  const nmd_status status = nmd_comm_agree(comm, setup(m));
  if (status != NMD_OK) {
    nmd_mixing_destroy(m);
    return status;
  }
  nmd_log_info("%lld structures on %d ranks", (long long)m->n, nmd_comm_size(comm));
  *out = m;
  return NMD_OK;
}

void nmd_mixing_destroy(nmd_mixing *m) {
  if (m == NULL) return;
  nmd_potential_destroy(&m->potential);
  nmd_comm_free(m->alone);
  nmd_free(m->task);
  nmd_free(m);
}

/* ---- one structure ---- */

static void result_path(const nmd_mixing *m, const nmd_mixing_task *task, char path[4096]) {
  snprintf(path, 4096, "%s/results/%s.extxyz", m->input->output, task->name);
}

static double shortest_distance(const nmd_structure *s) {
  double least = INFINITY;
  for (int64_t i = 0; i < s->n; i++)
    for (int64_t j = 0; j <= i; j++)
      for (int c = 0; c < 343; c++) {
        const double k[3] = {c % 7 - 3, c / 7 % 7 - 3, c / 49 - 3};
        double d[3];
        nmd_row_times(k, s->box.h, d);
        for (int a = 0; a < 3; a++) d[a] += s->x[j][a] - s->x[i][a];
        const double r = nmd_norm(d);
        if ((i != j || c != 171) && r < least) least = r; /* 171: the atom itself */
      }
  return least;
}

static nmd_status note(nmd_structure *s, const char *key, const char *format, double value) {
  char text[64];
  snprintf(text, sizeof text, format, value);
  return nmd_structure_set_info(s, key, text);
}

/* What the file says besides the structure. */
static nmd_status annotate(const nmd_mixing *m, const nmd_mixing_task *task, const nmd_relax_result *relaxed,
                           nmd_structure *s) {
  nmd_structure_results all;
  char members[NMD_POTENTIAL_MEMBERS_MAX * 26] = "", symmetry[NMD_SYMMETRY_TEXT];
  NMD_TRY(nmd_structure_evaluate(m->alone, &m->potential, &m->species, s, &all));
  int used = 0;
  for (int k = 0; k < all.members && all.members > 1; k++)
    used += snprintf(members + used, sizeof members - (size_t)used, "%s%.17g", k > 0 ? " " : "", all.member_energy[k]);
  const int64_t extrapolations = all.extrapolations;
  nmd_structure_results_free(&all);
  nmd_symmetry_label(s, symmetry_tolerance, symmetry);
  NMD_TRY(nmd_structure_set_info(s, "name", task->name));
  NMD_TRY(nmd_structure_set_info(s, "settings", m->settings));
  NMD_TRY(nmd_structure_set_info(s, "symmetry", symmetry));
  NMD_TRY(note(s, "steps", "%.0f", (double)relaxed->steps));
  NMD_TRY(note(s, "converged", "%.0f", relaxed->converged));
  NMD_TRY(note(s, "shortest", "%.6f", shortest_distance(s)));
  NMD_TRY(note(s, "extrapolations", "%.0f", (double)extrapolations));
  return used > 0 ? nmd_structure_set_info(s, "members", members) : NMD_OK;
}

/* The options of the stage minimise, from those of this study. */
static nmd_status relax_parameters(const nmd_mixing *m, void **parameters, nmd_yaml **tree) {
  const nmd_mixing_relax *r = &m->input->relax;
  char text[256];
  snprintf(text, sizeof text,
           "cell: triclinic\nforce_tolerance: %.17g eV/A\nstress_tolerance: %.17g eV/A^3\nmax_steps: %lld\n",
           r->force_tolerance, r->stress_tolerance, (long long)r->max_steps);
  NMD_TRY(nmd_yaml_parse("relax", text, strlen(text), tree));
  NMD_TRY(nmd_alloc(parameters, 1, nmd_relax_options()->size));
  return nmd_options_parse(nmd_relax_options(), nmd_yaml_root(*tree), *parameters);
}

static nmd_status relax_task(const nmd_mixing *m, const nmd_mixing_task *task, const nmd_relaxer *relaxer) {
  nmd_structure s;
  nmd_relax_result relaxed;
  char path[4096];
  NMD_TRY(nmd_mixing_start(m->input, task, &s));
  nmd_status status = NMD_OK;
  if (task->kind == NMD_MIXING_GRID)
    status = nmd_monte_carlo_anneal(&m->potential, &m->species, nmd_mixing_seed(m->input, task), m->input->grid.sweeps,
                                    m->input->grid.temperature, &s);
  if (status == NMD_OK) status = nmd_relax(relaxer, &s, &relaxed);
  if (status == NMD_EXPLODED || status == NMD_BAD_CELL) { /* a bad start, not a bad run: it has no result */
    nmd_log_detail("%s: %s", task->name, nmd_error_text());
    nmd_structure_free(&s);
    return NMD_OK;
  }
  if (status == NMD_OK) status = annotate(m, task, &relaxed, &s);
  result_path(m, task, path);
  if (status == NMD_OK) status = nmd_structure_write(path, "extxyz", &s);
  nmd_structure_free(&s);
  return status == NMD_OK ? NMD_OK : nmd_fail_prefix(status, "%s", task->name);
}

/* ---- all of them ---- */

static bool info_is(const nmd_structure *s, const char *key, const char *value) {
  const char *found = nmd_structure_info(s, key);
  return found != NULL && strcmp(found, value) == 0;
}

static double info_number(const nmd_structure *s, const char *key) {
  const char *text = nmd_structure_info(s, key);
  double value;
  return text != NULL && nmd_parse_real(text, &value) ? value : NAN;
}

/* The result of a task, if there is one made with today's settings. */
static bool read_result(const nmd_mixing *m, const nmd_mixing_task *task, nmd_mixing_result *r) {
  char path[4096];
  result_path(m, task, path);
  *r = (nmd_mixing_result){.task = task};
  if (access(path, R_OK) != 0 || nmd_structure_read(path, NULL, 0, &r->structure) != NMD_OK) return false;
  const nmd_structure *s = &r->structure;
  if (!s->has_energy || !info_is(s, "settings", m->settings)) {
    nmd_structure_free(&r->structure);
    return false;
  }
  r->energy = s->energy / (double)s->n;
  for (int64_t i = 0; i < s->n; i++) r->second += (s->atomic_number[i] == m->input->z[1]) / (double)s->n;
  r->shortest = info_number(s, "shortest");
  r->steps = (int64_t)info_number(s, "steps");
  r->extrapolations = (int64_t)info_number(s, "extrapolations");
  r->converged = info_is(s, "converged", "1");
  const char *symmetry = nmd_structure_info(s, "symmetry"), *members = nmd_structure_info(s, "members");
  snprintf(r->symmetry, sizeof r->symmetry, "%s", symmetry != NULL ? symmetry : "-");
  for (char *end; members != NULL && *members != '\0' && r->members < NMD_POTENTIAL_MEMBERS_MAX; members = end)
    r->member[r->members++] = strtod(members, &end) / (double)s->n;
  return true;
}

static bool is_done(const nmd_mixing *m, const nmd_mixing_task *task) {
  nmd_mixing_result r;
  if (!read_result(m, task, &r)) return false;
  nmd_structure_free(&r.structure);
  return true;
}

static const nmd_mixing_task *compared;
static int by_cost(const void *a, const void *b) {
  const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  if (compared[i].atoms != compared[j].atoms) return compared[j].atoms - compared[i].atoms;
  return (i > j) - (i < j);
}

/* Large structures first, dealt out in turns: ranks then end at about the same time. */
static nmd_status deal_tasks(const nmd_mixing *m, int64_t **mine, int64_t *n_mine) {
  int64_t *order;
  NMD_TRY(NMD_ALLOC(order, m->n));
  for (int64_t k = 0; k < m->n; k++) order[k] = k;
  compared = m->task;
  qsort(order, (size_t)m->n, sizeof *order, by_cost);
  *n_mine = 0;
  for (int64_t k = nmd_comm_rank(m->comm); k < m->n; k += nmd_comm_size(m->comm)) order[(*n_mine)++] = order[k];
  *mine = order;
  return NMD_OK;
}

static nmd_status relax_mine(const nmd_mixing *m, const nmd_relaxer *relaxer) {
  int64_t *mine, n, done = 0;
  NMD_TRY(deal_tasks(m, &mine, &n));
  const double started = nmd_wall_seconds();
  double said = started;
  nmd_status status = NMD_OK;
  for (int64_t k = 0; k < n && status == NMD_OK; k++) {
    if (nmd_signals_seen())
      status = nmd_fail(NMD_INTERRUPTED, "stopped early; the same command goes on where this one ended");
    else if (!is_done(m, &m->task[mine[k]])) {
      status = relax_task(m, &m->task[mine[k]], relaxer);
      done++;
    }
    const double now = nmd_wall_seconds();
    if (now - said < 10) continue;
    said = now;
    nmd_log_info("  %lld of %lld structures of the first rank, %.0f s", (long long)(k + 1), (long long)n,
                 now - started);
  }
  nmd_free(mine);
  return status;
}

static nmd_status relax_all(const nmd_mixing *m) {
  nmd_yaml *tree = NULL;
  void *parameters = NULL;
  nmd_status status = relax_parameters(m, &parameters, &tree);
  const nmd_relaxer relaxer = {
      .alone = m->alone, .potential = &m->potential, .species = &m->species, .timestep = 2.0, .parameters = parameters};
  if (status == NMD_OK) status = relax_mine(m, &relaxer);
  if (parameters != NULL) nmd_options_free(nmd_relax_options(), parameters);
  nmd_free(parameters);
  nmd_yaml_destroy(tree);
  return status;
}

static nmd_status collect_and_report(const nmd_mixing *m) {
  nmd_mixing_result *results;
  int64_t n = 0;
  NMD_TRY(NMD_ALLOC(results, m->n));
  for (int64_t k = 0; k < m->n; k++) n += read_result(m, &m->task[k], &results[n]);
  nmd_log_info("%lld of %lld structures have results", (long long)n, (long long)m->n);
  const nmd_status status = nmd_mixing_report(m, results, n);
  for (int64_t k = 0; k < n; k++) nmd_structure_free(&results[k].structure);
  nmd_free(results);
  return status;
}

nmd_status nmd_mixing_run(nmd_mixing *m) {
  const bool root = nmd_comm_rank(m->comm) == 0;
  nmd_signals_catch();
  NMD_TRY(nmd_comm_agree_root(m->comm, root ? make_folders(m) : NMD_OK));
  NMD_TRY(nmd_comm_agree(m->comm, relax_all(m)));
  return nmd_comm_agree_root(m->comm, root ? collect_and_report(m) : NMD_OK);
}
