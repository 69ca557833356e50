/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-profile: composition profile along a cell vector, and the mixing fraction in time. */
#include <math.h>
#include <stdio.h>

#include "analysis/blocks.h"
#include "analysis/slices.h"
#include "base/memory.h"
#include "frames.h"

typedef struct profile_options {
  int axis;
  int64_t bins;
  char *mixing;
} profile_options;

static const nmd_option profile_option_list[] = {
    {"axis", NMD_OPT_CHOICE, offsetof(profile_options, axis), .fallback = "c", .choices = "a|b|c",
     .doc = "cell vector across which the slices are cut"},
    {"bins", NMD_OPT_INT, offsetof(profile_options, bins), .fallback = "40", .min = 1, .max = 100000,
     .doc = "number of slices"},
    {"mixing", NMD_OPT_PATH, offsetof(profile_options, mixing), .fallback = "",
     .doc = "also write the mixing fraction of every frame to this file"},
};
static const nmd_option_table profile_table = {"profile", "composition profile", sizeof(profile_options),
                                               NMD_COUNT(profile_option_list), profile_option_list};

typedef struct job {
  nmd_slices slices;
  nmd_blocks blocks; /* a frame: densities [bins][kinds], positions [bins], mixing fraction */
  double *values;
  tool_series series; /* time, mixing fraction */
  int width;
} job;

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  job *j = context;
  const profile_options *options = t->options;
  (void)first;
  j->width = (int)options->bins * (frames->species.n + 1) + 1;
  j->series.width = 2;
  NMD_TRY(nmd_tool_claim_memory(t, 8 * (NMD_BLOCKS_MAX + 1) * (int64_t)j->width, "profiles of all blocks",
                                "take fewer bins"));
  NMD_TRY(nmd_slices_init(&j->slices, options->axis, (int)options->bins, frames->species.n));
  NMD_TRY(NMD_ALLOC(j->values, j->width));
  return nmd_blocks_init(&j->blocks, j->width);
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  job *j = context;
  const nmd_structure *atoms = frame->atoms;
  nmd_slices *slices = &j->slices;
  const int n = slices->bins * slices->kinds;
  double *row;
  nmd_slices_count(slices, &atoms->box, atoms->n, (const double(*)[3])atoms->x, frames->kind);
  for (int b = 0; b < n; b++) j->values[b] = (double)slices->count[b] / nmd_slices_volume(slices, &atoms->box);
  for (int b = 0; b < slices->bins; b++) j->values[n + b] = nmd_slices_centre(slices, &atoms->box, b);
  j->values[j->width - 1] = nmd_slices_mixing(slices);
  nmd_blocks_add(&j->blocks, k, j->values);
  NMD_TRY(tool_series_row(&j->series, k, &row));
  row[0] = frame->time;
  row[1] = j->values[j->width - 1];
  return NMD_OK;
}

static void put_table(tool *t, const tool_frames *frames, const job *j, const double *mean, const double *error) {
  nmd_buffer names = {0}, units = {0};
  const int kinds = frames->species.n, bins = j->slices.bins;
  nmd_tool_note(
      t, "mixing fraction %.6f, standard error %.2g (%d blocks of %lld frames); 0: pure slices, 1: all slices alike",
      mean[j->width - 1], error[j->width - 1], nmd_blocks_full(&j->blocks), (long long)j->blocks.length);
  nmd_buffer_text(&names, "position");
  nmd_buffer_text(&units, "A");
  for (int k = 0; k < kinds; k++) {
    nmd_buffer_printf(&names, " %s error_%s x_%s", tool_kind(frames, k), tool_kind(frames, k), tool_kind(frames, k));
    nmd_buffer_text(&units, " 1/A^3 1/A^3 1");
  }
  nmd_tool_columns(t, names.data != NULL ? names.data : "", units.data != NULL ? units.data : "");
  nmd_buffer_free(&names);
  nmd_buffer_free(&units);
  for (int b = 0; b < bins; b++) {
    double all = 0;
    for (int k = 0; k < kinds; k++) all += mean[b * kinds + k];
    nmd_buffer_printf(&t->text, "%.6g", mean[bins * kinds + b]);
    for (int k = 0; k < kinds; k++)
      nmd_buffer_printf(&t->text, " %.8g %.3g %.6g", mean[b * kinds + k], error[b * kinds + k],
                        all > 0 ? mean[b * kinds + k] / all : NAN);
    nmd_buffer_text(&t->text, "\n");
  }
}

static void put_json(tool *t, const tool_frames *frames, const job *j, const double *mean, const double *error) {
  nmd_json *json = &t->json;
  const int kinds = frames->species.n, bins = j->slices.bins;
  nmd_json_int(json, "frames", frames->frames);
  nmd_json_real(json, "mixing_fraction", mean[j->width - 1]);
  nmd_json_real(json, "mixing_fraction_error", error[j->width - 1]);
  nmd_json_reals(json, "position_A", mean + bins * kinds, bins, 1);
  nmd_json_open(json, "density_per_A3", '{');
  for (int k = 0; k < kinds; k++) nmd_json_reals(json, tool_kind(frames, k), mean + k, bins, kinds);
  nmd_json_close(json);
  nmd_json_open(json, "density_error_per_A3", '{');
  for (int k = 0; k < kinds; k++) nmd_json_reals(json, tool_kind(frames, k), error + k, bins, kinds);
  nmd_json_close(json);
  nmd_json_text(json, "time_unit", tool_time_unit(frames));
  nmd_json_reals(json, "time", j->series.values, frames->frames, 2);
  nmd_json_reals(json, "mixing_fraction_series", j->series.values + 1, frames->frames, 2);
}

static nmd_status write_mixing(tool *t, const tool_frames *frames, const job *j) {
  const profile_options *options = t->options;
  nmd_buffer text = {0};
  if (options->mixing == NULL) return NMD_OK;
  nmd_buffer_printf(&text, "# %s\n# time mixing_fraction\n# %s 1\n", t->command, tool_time_unit(frames));
  for (int64_t k = 0; k < frames->frames; k++)
    nmd_buffer_printf(&text, "%.10g %.8f\n", j->series.values[2 * k], j->series.values[2 * k + 1]);
  const nmd_status status = tool_write_file(options->mixing, &text);
  nmd_buffer_free(&text);
  return status;
}

static void put_plot(tool *t, const tool_frames *frames) {
  tool_plot_table(t);
  nmd_buffer_printf(&t->plot, "set xlabel 'position along %c (Å)'\nset ylabel 'number density (1/Å^3)'\nplot ",
                    'a' + ((const profile_options *)t->options)->axis);
  for (int k = 0; k < frames->species.n; k++)
    nmd_buffer_printf(&t->plot, "%s$data using 1:%d with histeps lw 2 title '%s'", k > 0 ? ", " : "", 2 + 3 * k,
                      tool_kind(frames, k));
  nmd_buffer_text(&t->plot, "\n");
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  job *j = context;
  double *mean;
  nmd_blocks_reduce(&j->blocks, t->comm);
  NMD_TRY(tool_series_reduce(&j->series, frames->frames, t->comm));
  if (!t->root) return NMD_OK;
  NMD_TRY(NMD_ALLOC(mean, 2 * j->width));
  nmd_blocks_mean(&j->blocks, mean, mean + j->width);
  put_table(t, frames, j, mean, mean + j->width);
  put_json(t, frames, j, mean, mean + j->width);
  put_plot(t, frames);
  nmd_free(mean);
  return write_mixing(t, frames, j);
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  job j = {0};
  t->trajectory.timeless = true;
  t->trajectory.unwrap = NMD_UNWRAP_NONE;
  const nmd_status status = tool_frames_visit(t, &visitor, false, &j);
  tool_series_free(&j.series);
  nmd_slices_free(&j.slices);
  nmd_blocks_free(&j.blocks);
  nmd_free(j.values);
  return status;
}

static const nmd_tool definition = {
    .program = "nnpmd-profile",
    .words = "TRAJECTORY...",
    .summary = "composition profile along a cell vector and mixing fraction",
    .description =
        "Number density and fraction of every element in slices across a cell vector, averaged over the frames, with "
        "an error from block averages, and the mixing fraction 1 - I with Danckwerts' intensity of segregation I: 0 "
        "when every slice is pure, 1 when every slice has the overall composition. The outputs `profile` and `mixing` "
        "of nnpmd write the same numbers during a run. Under mpirun the ranks share the frames.",
    .options = &profile_table,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
