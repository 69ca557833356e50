/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-clusters: atoms of one element dissolved in another, and the clusters they form, in time. */
#include <math.h>
#include <stdio.h>

#include "analysis/blocks.h"
#include "base/memory.h"
#include "dissolved.h"
#include "frames.h"

typedef struct clusters_options {
  tool_dissolved dissolved;
  char *map;
  int64_t sizes;
} clusters_options;

static const nmd_option clusters_option_list[] = {
    TOOL_DISSOLVED_OPTIONS(clusters_options, dissolved),
    {"sizes", NMD_OPT_INT, offsetof(clusters_options, sizes), .fallback = "12", .min = 1, .max = 100000,
     .doc = "largest size of the histogram; the last entry counts all above"},
    {"map", NMD_OPT_PATH, offsetof(clusters_options, map), .fallback = "",
     .doc = "also write the last frame as extended XYZ with the cluster of each atom (-1: not dissolved), for OVITO"},
};
static const nmd_option_table clusters_table = {"clusters", "dissolved atoms", sizeof(clusters_options),
                                                NMD_COUNT(clusters_option_list), clusters_option_list};

enum { TIME, DISSOLVED, CLUSTERS, ADJACENT, LARGEST, COLUMNS };

typedef struct job {
  nmd_cluster_rule rule;
  nmd_clusters clusters;
  tool_series series; /* COLUMNS, then clusters of size 1, 2, ... sizes and above */
  int sizes;
  bool map;
  nmd_structure last; /* the last frame, for the map */
} job;

static nmd_status find_kind(const tool_frames *frames, const char *option, const char *symbol, int *kind) {
  *kind = nmd_species_index(&frames->species, nmd_element_from_symbol(symbol));
  if (*kind < 0) NMD_FAIL(UNKNOWN_ELEMENT, "--%s %s: no such atoms among those selected", option, symbol);
  return NMD_OK;
}

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  job *j = context;
  const clusters_options *o = t->options;
  (void)first;
  j->sizes = (int)o->sizes;
  j->map = o->map != NULL;
  j->series.width = COLUMNS + j->sizes;
  j->rule = tool_dissolved_rule(&o->dissolved);
  NMD_TRY(find_kind(frames, "solute", o->dissolved.solute, &j->rule.solute));
  return find_kind(frames, "solvent", o->dissolved.solvent, &j->rule.solvent);
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  job *j = context;
  const nmd_structure *atoms = frame->atoms;
  nmd_clusters *c = &j->clusters;
  double *row;
  NMD_TRY(nmd_clusters_find(c, &j->rule, &atoms->box, atoms->n, (const double(*)[3])atoms->x, frames->kind));
  NMD_TRY(tool_series_row(&j->series, k, &row));
  row[TIME] = frame->time;
  row[DISSOLVED] = (double)c->n_dissolved;
  row[CLUSTERS] = (double)c->n_clusters;
  row[ADJACENT] = (double)c->n_adjacent;
  row[LARGEST] = (double)c->largest;
  for (int64_t m = 0; m < c->n_clusters; m++) row[COLUMNS + (c->size[m] < j->sizes ? c->size[m] : j->sizes) - 1] += 1;
  if (!j->map) return NMD_OK;
  nmd_structure_free(&j->last);
  return nmd_structure_copy(atoms, &j->last);
}

static void put_table(tool *t, const tool_frames *frames, const job *j, const double *mean, const double *error) {
  const clusters_options *o = t->options;
  nmd_tool_note(t, "dissolved: %s with neighbours within %g A of which at least %g are %s; adjacent within %g A",
                o->dissolved.solute, o->dissolved.bond, o->dissolved.share, o->dissolved.solvent, j->rule.link);
  nmd_tool_note(t, "means: %.6g +- %.2g dissolved atoms, %.6g +- %.2g clusters, %.6g +- %.2g adjacent pairs",
                mean[DISSOLVED], error[DISSOLVED], mean[CLUSTERS], error[CLUSTERS], mean[ADJACENT], error[ADJACENT]);
  for (int s = 0; s < j->sizes; s++)
    if (mean[COLUMNS + s] > 0)
      nmd_tool_note(t, "clusters of %d%s: %.6g +- %.2g", s + 1, s + 1 == j->sizes ? " and more" : "", mean[COLUMNS + s],
                    error[COLUMNS + s]);
  nmd_tool_columns(t, "time dissolved clusters adjacent_pairs largest mean_size",
                   frames->timed ? "fs 1 1 1 1 1" : "frame 1 1 1 1 1");
  for (int64_t k = 0; k < frames->frames; k++) {
    const double *row = j->series.values + k * j->series.width;
    nmd_buffer_printf(&t->text, "%.10g %.0f %.0f %.0f %.0f %.5g\n", row[TIME], row[DISSOLVED], row[CLUSTERS],
                      row[ADJACENT], row[LARGEST], row[CLUSTERS] > 0 ? row[DISSOLVED] / row[CLUSTERS] : 0);
  }
}

static void put_json(tool *t, const tool_frames *frames, const job *j, const double *mean, const double *error) {
  static const char *const names[COLUMNS] = {"time", "dissolved", "clusters", "adjacent_pairs", "largest"};
  nmd_json_int(&t->json, "frames", frames->frames);
  nmd_json_open(&t->json, "means", '{');
  for (int c = DISSOLVED; c < COLUMNS; c++) {
    nmd_json_open(&t->json, names[c], '{');
    nmd_json_real(&t->json, "value", mean[c]);
    nmd_json_real(&t->json, "error", error[c]);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
  nmd_json_reals(&t->json, "clusters_by_size", mean + COLUMNS, j->sizes, 1);
  nmd_json_reals(&t->json, "clusters_by_size_error", error + COLUMNS, j->sizes, 1);
  nmd_json_open(&t->json, "series", '{');
  nmd_json_text(&t->json, "time_unit", tool_time_unit(frames));
  for (int c = 0; c < COLUMNS; c++)
    nmd_json_reals(&t->json, names[c], j->series.values + c, frames->frames, j->series.width);
  nmd_json_close(&t->json);
}

/* Rank of the last frame; the map is its business, as it has the labels. */
static nmd_status write_map(tool *t, const tool_frames *frames, job *j) {
  const clusters_options *o = t->options;
  double *label;
  if (o->map == NULL || (frames->frames - 1) % nmd_comm_size(t->comm) != nmd_comm_rank(t->comm)) return NMD_OK;
  NMD_TRY(NMD_ALLOC(label, j->last.n));
  for (int64_t i = 0; i < j->last.n; i++) label[i] = j->clusters.label[i];
  const nmd_status status = tool_write_map(o->map, &j->last, "cluster:R:1", 1, label);
  nmd_free(label);
  return status;
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  job *j = context;
  nmd_blocks blocks;
  double *mean;
  NMD_TRY(nmd_comm_agree(t->comm, write_map(t, frames, j)));
  NMD_TRY(tool_series_reduce(&j->series, frames->frames, t->comm));
  if (!t->root) return NMD_OK;
  NMD_TRY(nmd_blocks_init(&blocks, j->series.width));
  for (int64_t k = 0; k < frames->frames; k++) nmd_blocks_add(&blocks, k, j->series.values + k * j->series.width);
  nmd_status status = NMD_ALLOC(mean, 2 * j->series.width);
  if (status == NMD_OK) {
    nmd_blocks_mean(&blocks, mean, mean + j->series.width);
    put_table(t, frames, j, mean, mean + j->series.width);
    put_json(t, frames, j, mean, mean + j->series.width);
    tool_plot_table(t);
    nmd_buffer_printf(
        &t->plot,
        "set xlabel 'time (%s)'\nset ylabel 'number'\nplot $data using 1:2 with lines lw 2 title 'dissolved "
        "atoms', $data using 1:3 with lines lw 2 title 'clusters', $data using 1:5 with lines lw 2 title 'atoms "
        "of the largest cluster'\n",
        tool_time_unit(frames));
    nmd_free(mean);
  }
  nmd_blocks_free(&blocks);
  return status;
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  job j = {0};
  nmd_clusters_init(&j.clusters);
  t->trajectory.timeless = true;
  t->trajectory.unwrap = NMD_UNWRAP_NONE;
  const nmd_status status = tool_frames_visit(t, &visitor, false, &j);
  tool_series_free(&j.series);
  nmd_clusters_free(&j.clusters);
  nmd_structure_free(&j.last);
  return status;
}

static const nmd_tool definition = {
    .program = "nnpmd-clusters",
    .words = "TRAJECTORY...",
    .summary = "dissolved atoms and the clusters they form",
    .description =
        "By coordination: an atom of the solute is dissolved when at least a given share of its neighbours is solvent. "
        "Inside its own phase that share is 0, at a flat surface about a half, alone in the solvent 1. Dissolved atoms "
        "next to each other form clusters; the table has their numbers frame by frame, the header the mean numbers of "
        "clusters of each size. Under mpirun the ranks share the frames.",
    .options = &clusters_table,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
