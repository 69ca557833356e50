/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset stats: distributions as a table, as JSON and as a picture. */
#include "dataset/statistics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/pca.h"
#include "dataset/split.h"
#include "dataset_tool.h"
#include "nnp/model.h"

typedef struct stats_parameters {
  double cutoff;
  char *key, *model;
} stats_parameters;

static const nmd_option options[] = {
    {"cutoff", NMD_OPT_REAL, offsetof(stats_parameters, cutoff), NMD_DIM_LENGTH, "6 A", 0, 30, .min_open = 1,
     .doc = "largest distance of the histograms"},
    {"key", NMD_OPT_TEXT, offsetof(stats_parameters, key), .fallback = "kind", .doc = "key of the families"},
    {"model", NMD_OPT_PATH, offsetof(stats_parameters, model), .fallback = "",
     .doc = "folder with an input.nn: also the principal components of its symmetry functions"},
};
static const nmd_option_table table = {"stats", "statistics", sizeof(stats_parameters), NMD_COUNT(options), options};

/* What the parts of the report need. */
typedef struct report {
  tool *t;
  const nmd_dataset *set;
  const stats_parameters *p;
  nmd_statistics s;
  nmd_families_of families;
  nmd_points points; /* principal components; n 0: not asked for */
  double share[2];
} report;

static const char *symbol(const report *r, int e) { return nmd_element_symbol(r->s.species.atomic_number[e]); }

static void write_totals(report *r) {
  nmd_json *json = &r->t->json;
  const nmd_statistics *s = &r->s;
  nmd_buffer_printf(&r->t->text, "# %lld frames, %lld atoms; with energy %lld, forces %lld, stress %lld\n",
                    (long long)r->set->n, (long long)s->atoms, (long long)s->with_energy, (long long)s->with_forces,
                    (long long)s->with_stress);
  nmd_json_int(json, "frames", r->set->n);
  nmd_json_int(json, "atoms", s->atoms);
  nmd_json_int(json, "with_energy", s->with_energy);
  nmd_json_int(json, "with_forces", s->with_forces);
  nmd_json_int(json, "with_stress", s->with_stress);
  nmd_tool_columns(r->t, "element atoms fitted_energy force_rms", "- - eV eV/A");
  nmd_json_open(json, "elements", '[');
  for (int e = 0; e < s->species.n; e++) {
    nmd_buffer_printf(&r->t->text, "%-7s %10lld %12.4f %10.4f\n", symbol(r, e), (long long)s->atoms_of[e],
                      s->element_energy[e], s->force_rms[e]);
    nmd_json_open(json, NULL, '{');
    nmd_json_text(json, "element", symbol(r, e));
    nmd_json_int(json, "atoms", s->atoms_of[e]);
    nmd_json_real(json, "fitted_energy_eV", s->element_energy[e]);
    nmd_json_real(json, "force_rms_eV_per_A", s->force_rms[e]);
    nmd_json_close(json);
  }
  nmd_json_close(json);
}

static void write_families(report *r) {
  nmd_json *json = &r->t->json;
  nmd_tool_columns(r->t, "family frames atoms energy_mean energy_min energy_max largest_force",
                   "- - - eV/atom eV/atom eV/atom eV/A");
  nmd_json_open(json, "families", '[');
  for (int64_t f = 0; f < r->families.n; f++) {
    double sum = 0.0, low = INFINITY, high = -INFINITY, force = 0.0;
    int64_t atoms = 0, n = 0;
    for (int64_t k = 0; k < r->set->n; k++) {
      if (r->families.of_frame[k] != f) continue;
      atoms += r->set->frames[k].n;
      force = fmax(force, nmd_structure_largest_force(&r->set->frames[k]));
      if (isnan(r->s.energy[k])) continue;
      sum += r->s.energy[k];
      low = fmin(low, r->s.energy[k]), high = fmax(high, r->s.energy[k]);
      n++;
    }
    const char *name = r->families.name[f][0] != '\0' ? r->families.name[f] : "-";
    nmd_buffer_printf(&r->t->text, "%-16s %7lld %8lld %10.4f %10.4f %10.4f %10.3f\n", name,
                      (long long)r->families.count[f], (long long)atoms, n > 0 ? sum / (double)n : NAN, low, high,
                      force);
    nmd_json_open(json, NULL, '{');
    nmd_json_text(json, "family", name);
    nmd_json_int(json, "frames", r->families.count[f]);
    nmd_json_int(json, "atoms", atoms);
    nmd_json_real(json, "energy_mean_eV_per_atom", n > 0 ? sum / (double)n : NAN);
    nmd_json_real(json, "largest_force_eV_per_A", force);
    nmd_json_close(json);
  }
  nmd_json_close(json);
}

static void write_histogram(report *r, const char *what, const char *unit, const nmd_histogram *h) {
  nmd_json *json = &r->t->json;
  nmd_buffer_printf(&r->t->text, "#\n# histogram: %s (%lld values)\n# low count\n# %s -\n", what, (long long)h->total,
                    unit);
  nmd_json_open(json, NULL, '{');
  nmd_json_text(json, "what", what);
  nmd_json_text(json, "unit", unit);
  nmd_json_real(json, "low", h->low);
  nmd_json_real(json, "width", h->width);
  nmd_json_open(json, "count", '[');
  for (int b = 0; b < h->n; b++) {
    nmd_buffer_printf(&r->t->text, "%10.4f %8lld\n", h->low + b * h->width, (long long)h->count[b]);
    nmd_json_int(json, NULL, h->count[b]);
  }
  nmd_json_close(json);
  nmd_json_close(json);
}

static void write_histograms(report *r) {
  char what[64];
  const int n = r->s.species.n;
  nmd_json_open(&r->t->json, "histograms", '[');
  if (r->s.with_energy > 0) write_histogram(r, "energy above the fit", "eV/atom", &r->s.energies);
  for (int e = 0; e < n && r->s.with_forces > 0; e++) {
    snprintf(what, sizeof what, "force on %s", symbol(r, e));
    write_histogram(r, what, "eV/A", &r->s.forces[e]);
  }
  for (int p = 0; p < n * n; p++) {
    if (r->s.distances[p].total == 0) continue;
    snprintf(what, sizeof what, "distance %s-%s", symbol(r, p / n), symbol(r, p % n));
    write_histogram(r, what, "A", &r->s.distances[p]);
  }
  nmd_json_close(&r->t->json);
}

/* One block of inline data for gnuplot: x y family of every frame that has them. */
static void plot_frames(report *r, const char *name, double (*x)(const report *, int64_t),
                        double (*y)(const report *, int64_t)) {
  nmd_buffer_printf(&r->t->plot, "$%s << EOD\n", name);
  for (int64_t f = 0; f < r->families.n; f++) {
    for (int64_t k = 0; k < r->set->n; k++)
      if (r->families.of_frame[k] == f && isfinite(y(r, k)))
        nmd_buffer_printf(&r->t->plot, "%.6g %.6g\n", x(r, k), y(r, k));
    nmd_buffer_text(&r->t->plot, "\n\n");
  }
  nmd_buffer_text(&r->t->plot, "EOD\n");
}

static double fraction_of_last(const report *r, int64_t k) {
  const nmd_structure *s = &r->set->frames[k];
  int64_t count = 0;
  for (int64_t i = 0; i < s->n; i++) count += s->atomic_number[i] == r->s.species.atomic_number[r->s.species.n - 1];
  return (double)count / (double)s->n;
}
static double energy_of(const report *r, int64_t k) { return r->s.energy[k]; }
static double first_component(const report *r, int64_t k) { return r->points.x[k * r->points.size]; }
static double second_component(const report *r, int64_t k) {
  return r->points.size > 1 ? r->points.x[k * r->points.size + 1] : 0.0;
}

static void plot_histogram(nmd_buffer *plot, const char *name, const nmd_histogram *h) {
  nmd_buffer_printf(plot, "$%s << EOD\n", name);
  for (int b = 0; b < h->n; b++)
    nmd_buffer_printf(plot, "%.6g %lld\n", h->low + (b + 0.5) * h->width, (long long)h->count[b]);
  nmd_buffer_text(plot, "EOD\n");
}

/* Up to three curves a panel: one data block and one title each. */
static void plot_panel(nmd_buffer *plot, const char *x, const char *y, bool log, int n, char names[][16],
                       char titles[][24]) {
  nmd_buffer_printf(plot, "set xlabel '%s'\nset ylabel '%s'\n%s\nplot ", x, y,
                    log ? "set logscale y\nset yrange [0.5:*]" : "unset logscale y"); /* 0 and 1 must look different */
  for (int k = 0; k < n; k++)
    nmd_buffer_printf(plot, "%s$%s using 1:2 with histeps lw 2 title '%s'", k > 0 ? ", " : "", names[k], titles[k]);
  nmd_buffer_text(plot, "\nunset logscale y\nset yrange [*:*]\n");
}

/* A name between quotes of gnuplot. */
static void plot_title(nmd_buffer *plot, const char *name) {
  nmd_buffer_text(plot, " title '");
  for (int k = 0; name[k] != '\0' && k < 20; k++) nmd_buffer_printf(plot, name[k] == '\'' ? "''" : "%c", name[k]);
  nmd_buffer_text(plot, "'");
}

static void plot_scatter(report *r, const char *name, const char *x, const char *y) {
  static const char *const colours[] = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b",
                                        "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#000000", "#aec7e8"};
  const bool many = r->families.n > 1;
  nmd_buffer *plot = &r->t->plot;
  nmd_buffer_printf(plot, "set xlabel '%s'\nset ylabel '%s'\n%s\nplot ", x, y,
                    many ? "set key outside right top samplen 0.5 font ',9'" : "unset key");
  for (int64_t f = 0; f < r->families.n; f++) {
    nmd_buffer_printf(plot, "%s$%s index %lld with points pt 7 ps 0.4 lc rgb '%s'", f > 0 ? ", " : "", name,
                      (long long)f, colours[f % (int64_t)NMD_COUNT(colours)]);
    plot_title(plot, r->families.name[f][0] != '\0' ? r->families.name[f] : "none");
  }
  nmd_buffer_text(plot, "\nset key inside right top\n");
}

enum { CURVES = 6 };

static void plot_histograms(report *r, char forces[][16], char force_titles[][24], int *n_forces, char pairs[][16],
                            char pair_titles[][24], int *n_pairs) {
  const int n = r->s.species.n;
  *n_forces = *n_pairs = 0;
  for (int e = 0; e < n && *n_forces < CURVES; e++, ++*n_forces) {
    snprintf(forces[*n_forces], 16, "force%d", e);
    snprintf(force_titles[*n_forces], 24, "%s", symbol(r, e));
    plot_histogram(&r->t->plot, forces[*n_forces], &r->s.forces[e]);
  }
  for (int p = 0; p < n * n && *n_pairs < CURVES; p++) {
    if (r->s.distances[p].total == 0) continue;
    snprintf(pairs[*n_pairs], 16, "pair%d", p);
    snprintf(pair_titles[*n_pairs], 24, "%s-%s", symbol(r, p / n), symbol(r, p % n));
    plot_histogram(&r->t->plot, pairs[(*n_pairs)++], &r->s.distances[p]);
  }
}

static void plot_all(report *r) {
  nmd_buffer *plot = &r->t->plot;
  char forces[CURVES][16], force_titles[CURVES][24], pairs[CURVES][16], pair_titles[CURVES][24], x[64];
  char energy[1][16] = {"energy"}, energy_title[1][24] = {"frames"};
  int n_forces, n_pairs;
  plot_histogram(plot, "energy", &r->s.energies);
  plot_histograms(r, forces, force_titles, &n_forces, pairs, pair_titles, &n_pairs);
  plot_frames(r, "composition", fraction_of_last, energy_of);
  if (r->points.n > 0) plot_frames(r, "components", first_component, second_component);
  nmd_buffer_text(plot, "set terminal pngcairo noenhanced size 1500,950 font 'sans,11'\nset multiplot layout 2,3\nset "
                        "key inside right top\n");
  plot_panel(plot, "energy above the fit (eV/atom)", "frames", true, 1, energy, energy_title);
  plot_panel(plot, "force (eV/A)", "atoms", true, n_forces, forces, force_titles);
  plot_panel(plot, "distance (A)", "pairs", false, n_pairs, pairs, pair_titles);
  snprintf(x, sizeof x, "fraction of %s", symbol(r, r->s.species.n - 1));
  plot_scatter(r, "composition", x, "energy above the fit (eV/atom)");
  if (r->points.n > 0) plot_scatter(r, "components", "first component", "second component");
  nmd_buffer_text(plot, "unset multiplot\n");
}

static nmd_status find_components(report *r, const nmd_comm *alone) {
  nmd_model *model;
  nmd_descriptor_set descriptors;
  if (r->p->model == NULL) return NMD_OK;
  NMD_TRY(nmd_model_read_untrained(r->p->model, 1.0, 1.0, &model));
  nmd_status status =
      nmd_tool_claim_memory(r->t, nmd_descriptor_set_bytes(r->set, model), "symmetry functions", "use --stride");
  if (status == NMD_OK) status = nmd_descriptor_set_make(alone, r->set, model, &descriptors);
  if (status == NMD_OK) {
    nmd_descriptor_set_standardise(&descriptors);
    status = nmd_points_of_frames(&descriptors, &r->points);
    nmd_descriptor_set_free(&descriptors);
  }
  nmd_model_destroy(model);
  if (status == NMD_OK) status = nmd_points_project(&r->points, 2, r->share);
  if (status == NMD_OK)
    nmd_tool_note(r->t, "principal components of the frames: %.1f %% and %.1f %% of the variance", 100.0 * r->share[0],
                  100.0 * r->share[1]);
  return status;
}

static nmd_status make_report(report *r) {
  nmd_comm *alone;
  NMD_TRY(nmd_comm_split(r->t->comm, nmd_comm_rank(r->t->comm), &alone));
  nmd_status status = nmd_dataset_statistics(alone, r->set, r->p->cutoff, &r->s);
  if (status == NMD_OK) status = nmd_dataset_families(r->set, r->p->key, &r->families);
  if (status == NMD_OK) status = find_components(r, alone);
  nmd_comm_free(alone);
  NMD_TRY(status);
  write_totals(r);
  write_families(r);
  write_histograms(r);
  if (r->t->output->plot) plot_all(r);
  return NMD_OK;
}

static nmd_status run(tool *t) {
  nmd_dataset set;
  if (nmd_comm_size(t->comm) > 1) NMD_FAIL(USAGE, "this command runs on one rank; start it without mpirun");
  NMD_TRY(nmd__dataset_load(t, &set));
  report r = {.t = t, .set = &set, .p = nmd__dataset_own(t, false)};
  const nmd_status status = make_report(&r);
  nmd_statistics_free(&r.s);
  nmd_families_of_free(&r.families);
  nmd_points_free(&r.points);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_stats = {
    .name = "stats",
    .words = "FILE...",
    .summary = "energies, forces, distances, compositions, principal components",
    .description = "Energies are shown above the least-squares fit of one energy per element, so that different "
                   "compositions compare. With --model, the symmetry functions of its input.nn give the principal "
                   "components of the frames.",
    .own = &table,
    .run = run,
};
