/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-rdf: partial pair distribution functions and running coordination numbers of a trajectory. */
#include <math.h>
#include <stdio.h>

#include "analysis/rdf.h"
#include "base/memory.h"
#include "frames.h"

typedef struct rdf_options {
  double cutoff, width; /* A */
} rdf_options;

static const nmd_option rdf_option_list[] = {
    {"cutoff", NMD_OPT_REAL, offsetof(rdf_options, cutoff), NMD_DIM_LENGTH, "10 A", 0, 0, .min_open = 1,
     .doc = "largest distance; may exceed half the cell, or the cell: images are counted"},
    {"width", NMD_OPT_REAL, offsetof(rdf_options, width), NMD_DIM_LENGTH, "0.05 A", 0, 0, .min_open = 1,
     .doc = "width of the bins (made a little smaller if it does not divide the cut-off)"},
};
static const nmd_option_table rdf_table = {"rdf", "pair distribution functions", sizeof(rdf_options),
                                           NMD_COUNT(rdf_option_list), rdf_option_list};

enum { BINS_MAX = 1000000 };

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  const rdf_options *options = t->options;
  const double bins = ceil(options->cutoff / options->width * (1 - 1e-12));
  const int kinds = frames->species.n;
  if (!(bins <= BINS_MAX))
    NMD_FAIL(OUT_OF_RANGE, "--width %g A: %.0f bins up to %g A; expected at most %d", options->width, bins,
             options->cutoff, BINS_MAX);
  const bool *periodic = first->atoms->box.periodic;
  if (t->root && !(periodic[0] && periodic[1] && periodic[2]))
    nmd_log_warning("the cell has open axes: g(r) is relative to the mean density of its box, %.6g A^3",
                    first->atoms->box.volume);
  const int64_t width = (int64_t)bins * (kinds * (kinds + 1) / 2 + 2 * kinds * kinds);
  NMD_TRY(nmd_tool_claim_memory(t, 8 * (NMD_BLOCKS_MAX + 1) * width, "histograms of all blocks",
                                "take wider bins or fewer elements"));
  return nmd_rdf_init(context, kinds, options->cutoff, (int)bins);
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  const nmd_structure *atoms = frame->atoms;
  return nmd_rdf_add(context, k, &atoms->box, atoms->n, (const double(*)[3])atoms->x, frames->kind);
}

static void put_columns(tool *t, const tool_frames *frames) {
  nmd_buffer names = {0}, units = {0};
  const int kinds = frames->species.n;
  nmd_buffer_text(&names, "r");
  nmd_buffer_text(&units, "A");
  for (int a = 0; a < kinds; a++)
    for (int b = a; b < kinds; b++) {
      const char *one = tool_kind(frames, a), *two = tool_kind(frames, b);
      nmd_buffer_printf(&names, " g_%s-%s error_%s-%s", one, two, one, two);
      nmd_buffer_text(&units, " 1 1");
    }
  for (int a = 0; a < kinds; a++)
    for (int b = 0; b < kinds; b++) {
      nmd_buffer_printf(&names, " n_%s-%s", tool_kind(frames, a), tool_kind(frames, b));
      nmd_buffer_text(&units, " 1");
    }
  nmd_tool_columns(t, names.data != NULL ? names.data : "", units.data != NULL ? units.data : "");
  nmd_buffer_free(&names);
  nmd_buffer_free(&units);
}

static void put_table(tool *t, const tool_frames *frames, const nmd_rdf *rdf, const double *mean, const double *error) {
  const int kinds = frames->species.n;
  nmd_tool_note(
      t, "g: pair distribution function at the centre r of its bin; n_A-B: mean number of B within r + %g A of an A",
      0.5 * rdf->cutoff / rdf->bins);
  nmd_tool_note(t, "errors: one standard error from %d blocks of %lld frames", nmd_blocks_full(&rdf->blocks),
                (long long)rdf->blocks.length);
  put_columns(t, frames);
  for (int k = 0; k < rdf->bins; k++) {
    nmd_buffer_printf(&t->text, "%.8g", nmd_rdf_r(rdf, k));
    for (int a = 0; a < kinds; a++)
      for (int b = a; b < kinds; b++) {
        nmd_buffer_real(&t->text, mean[nmd_rdf_g(rdf, a, b, k)], 12);
        nmd_buffer_real(&t->text, error[nmd_rdf_g(rdf, a, b, k)], 4);
      }
    for (int a = 0; a < kinds; a++)
      for (int b = 0; b < kinds; b++) nmd_buffer_real(&t->text, mean[nmd_rdf_n(rdf, a, b, k)], 10);
    nmd_buffer_text(&t->text, "\n");
  }
}

static void put_json(tool *t, const tool_frames *frames, const nmd_rdf *rdf, const double *r, const double *mean,
                     const double *error) {
  nmd_json *json = &t->json;
  nmd_json_int(json, "frames", frames->frames);
  nmd_json_int(json, "blocks", nmd_blocks_full(&rdf->blocks));
  nmd_json_real(json, "volume_A3", mean[nmd_rdf_volume(rdf)]);
  nmd_json_real(json, "bin_width_A", rdf->cutoff / rdf->bins);
  nmd_json_reals(json, "r_A", r, rdf->bins, 1);
  nmd_json_open(json, "pairs", '{');
  for (int a = 0; a < frames->species.n; a++)
    for (int b = a; b < frames->species.n; b++) {
      char name[16];
      snprintf(name, sizeof name, "%s-%s", tool_kind(frames, a), tool_kind(frames, b));
      nmd_json_open(json, name, '{');
      nmd_json_reals(json, "g", mean + nmd_rdf_g(rdf, a, b, 0), rdf->bins, 1);
      nmd_json_reals(json, "g_error", error + nmd_rdf_g(rdf, a, b, 0), rdf->bins, 1);
      snprintf(name, sizeof name, "n_%s_of_%s", tool_kind(frames, b), tool_kind(frames, a));
      nmd_json_reals(json, name, mean + nmd_rdf_n(rdf, a, b, 0), rdf->bins, 1);
      snprintf(name, sizeof name, "n_%s_of_%s", tool_kind(frames, a), tool_kind(frames, b));
      if (a != b) nmd_json_reals(json, name, mean + nmd_rdf_n(rdf, b, a, 0), rdf->bins, 1);
      nmd_json_close(json);
    }
  nmd_json_close(json);
}

static void put_plot(tool *t, const tool_frames *frames) {
  tool_plot_table(t);
  nmd_buffer_text(&t->plot, "set xlabel 'r (Å)'\nset ylabel 'g(r)'\nset key top right\nplot \\\n");
  int column = 2;
  for (int a = 0; a < frames->species.n; a++)
    for (int b = a; b < frames->species.n; b++, column += 2)
      nmd_buffer_printf(&t->plot, "  $data using 1:%d with lines lw 2 title '%s–%s'%s\n", column, tool_kind(frames, a),
                        tool_kind(frames, b), a == frames->species.n - 1 ? "" : ", \\");
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  nmd_rdf *rdf = context;
  double *mean, *error, *r;
  const int width = nmd_rdf_width(rdf);
  nmd_blocks_reduce(&rdf->blocks, t->comm);
  NMD_TRY(NMD_ALLOC(mean, 2 * (int64_t)width + rdf->bins));
  error = mean + width;
  r = error + width;
  for (int k = 0; k < rdf->bins; k++) r[k] = nmd_rdf_r(rdf, k);
  nmd_blocks_mean(&rdf->blocks, mean, error);
  if (t->root) {
    put_table(t, frames, rdf, mean, error);
    put_json(t, frames, rdf, r, mean, error);
    put_plot(t, frames);
  }
  nmd_free(mean);
  return NMD_OK;
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  nmd_rdf rdf = {0};
  t->trajectory.timeless = true;
  t->trajectory.unwrap = NMD_UNWRAP_NONE;
  const nmd_status status = tool_frames_visit(t, &visitor, false, &rdf);
  nmd_rdf_free(&rdf);
  return status;
}

static const nmd_tool definition = {
    .program = "nnpmd-rdf",
    .words = "TRAJECTORY...",
    .summary = "partial pair distribution functions and coordination numbers",
    .description =
        "For every pair of elements: g(r), the density of B at distance r from an A relative to the mean density, with "
        "an error from block averages, and the running coordination number n(r).\n\n"
        "Any periodic cell will do, also triclinic, changing, or smaller than the cut-off: periodic images are "
        "counted. Uncorrelated atoms give g = 1 exactly (N - 1 others of the same element). Under mpirun the ranks "
        "share the frames.",
    .options = &rdf_table,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
