/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-adf: distributions of the angles between bonds. */
#include <math.h>
#include <stdio.h>

#include "analysis/adf.h"
#include "base/memory.h"
#include "frames.h"

typedef struct adf_options {
  nmd_text_list bonds;
  int64_t bins;
} adf_options;

static const nmd_option adf_option_list[] = {
    {"bonds", NMD_OPT_TEXT_LIST, offsetof(adf_options, bonds), .fallback = NULL,
     .doc = "bond cut-offs in A: one for all pairs, e.g. 3.4, or pairs, e.g. Li-O:2.5,La-O:3.2 (others are no bonds)"},
    {"bins", NMD_OPT_INT, offsetof(adf_options, bins), .fallback = "90", .min = 1, .max = 100000,
     .doc = "bins from 0 to 180 degrees"},
};
static const nmd_option_table adf_table = {"adf", "angle distributions", sizeof(adf_options),
                                           NMD_COUNT(adf_option_list), adf_option_list};

/* Which of the triplets have angles. */
typedef struct results {
  double *p, *error, *angles, *theta; /* [triplets][bins], likewise, [triplets], [bins] */
} results;

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  const adf_options *options = t->options;
  double *cutoff;
  const int kinds = frames->species.n;
  (void)first;
  NMD_TRY(NMD_ALLOC(cutoff, kinds * kinds));
  nmd_status status = tool_parse_cutoffs(frames, &options->bonds, cutoff);
  const int64_t width = options->bins * kinds * kinds * (kinds + 1) / 2;
  if (status == NMD_OK)
    status = nmd_tool_claim_memory(t, 8 * (NMD_BLOCKS_MAX + 1) * width, "histograms of all blocks",
                                   "take fewer bins or elements");
  if (status == NMD_OK) status = nmd_adf_init(context, kinds, cutoff, (int)options->bins);
  nmd_free(cutoff);
  return status;
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  const nmd_structure *atoms = frame->atoms;
  return nmd_adf_add(context, k, &atoms->box, atoms->n, (const double(*)[3])atoms->x, frames->kind);
}

/* "O-Li-O" of triplet t; false when it has no angle. */
static bool triplet_name(const tool_frames *frames, const nmd_adf *adf, const results *r, int triplet, char name[32]) {
  for (int c = 0; c < adf->kinds; c++)
    for (int a = 0; a < adf->kinds; a++)
      for (int b = a; b < adf->kinds; b++)
        if (nmd_adf_triplet(adf, a, c, b) == triplet)
          snprintf(name, 32, "%s-%s-%s", tool_kind(frames, a), tool_kind(frames, c), tool_kind(frames, b));
  return r->angles[triplet] > 0;
}

static void put_table(tool *t, const tool_frames *frames, const nmd_adf *adf, const results *r) {
  nmd_buffer names = {0}, units = {0};
  char name[32];
  nmd_tool_note(
      t, "p: probability density of the angle A-centre-B; errors: one standard error from %d blocks of %lld frames",
      nmd_blocks_full(&adf->blocks), (long long)adf->blocks.length);
  nmd_buffer_text(&names, "theta");
  nmd_buffer_text(&units, "degree");
  for (int k = 0; k < nmd_adf_triplets(adf); k++) {
    if (!triplet_name(frames, adf, r, k, name)) continue;
    nmd_tool_note(t, "%s: %.6g angles a centre", name, r->angles[k]);
    nmd_buffer_printf(&names, " p_%s error_%s", name, name);
    nmd_buffer_text(&units, " 1/degree 1/degree");
  }
  nmd_tool_columns(t, names.data != NULL ? names.data : "", units.data != NULL ? units.data : "");
  nmd_buffer_free(&names);
  nmd_buffer_free(&units);
  for (int i = 0; i < adf->bins; i++) {
    nmd_buffer_printf(&t->text, "%.8g", r->theta[i]);
    for (int k = 0; k < nmd_adf_triplets(adf); k++) {
      if (!(r->angles[k] > 0)) continue;
      nmd_buffer_real(&t->text, r->p[k * adf->bins + i], 10);
      nmd_buffer_real(&t->text, r->error[k * adf->bins + i], 4);
    }
    nmd_buffer_text(&t->text, "\n");
  }
}

static void put_json(tool *t, const tool_frames *frames, const nmd_adf *adf, const results *r) {
  char name[32];
  nmd_json_int(&t->json, "frames", frames->frames);
  nmd_json_reals(&t->json, "theta_degrees", r->theta, adf->bins, 1);
  nmd_json_open(&t->json, "angles", '{');
  for (int k = 0; k < nmd_adf_triplets(adf); k++) {
    if (!triplet_name(frames, adf, r, k, name)) continue;
    nmd_json_open(&t->json, name, '{');
    nmd_json_real(&t->json, "angles_per_centre", r->angles[k]);
    nmd_json_reals(&t->json, "p_per_degree", r->p + k * adf->bins, adf->bins, 1);
    nmd_json_reals(&t->json, "p_error_per_degree", r->error + k * adf->bins, adf->bins, 1);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
}

static void put_plot(tool *t, const tool_frames *frames, const nmd_adf *adf, const results *r) {
  char name[32];
  int column = 2;
  tool_plot_table(t);
  nmd_buffer_text(
      &t->plot,
      "set xlabel 'angle (degrees)'\nset ylabel 'p (1/degree)'\nset xrange [0:180]\nset xtics 30\nplot 0 notitle lc "
      "rgb 'gray50'");
  for (int k = 0; k < nmd_adf_triplets(adf); k++) {
    if (!triplet_name(frames, adf, r, k, name)) continue;
    nmd_buffer_printf(&t->plot, ", \\\n  $data using 1:%d with lines lw 2 title '%s'", column, name);
    column += 2;
  }
  nmd_buffer_text(&t->plot, "\n");
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  nmd_adf *adf = context;
  const int n = nmd_adf_triplets(adf) * adf->bins;
  results r;
  nmd_blocks_reduce(&adf->blocks, t->comm);
  NMD_TRY(NMD_ALLOC(r.p, 2 * (int64_t)n + nmd_adf_triplets(adf) + adf->bins));
  r.error = r.p + n;
  r.angles = r.error + n;
  r.theta = r.angles + nmd_adf_triplets(adf);
  for (int i = 0; i < adf->bins; i++) r.theta[i] = (i + 0.5) * 180 / adf->bins;
  const nmd_status status = nmd_adf_result(adf, r.p, r.error, r.angles);
  if (status == NMD_OK && t->root) {
    put_table(t, frames, adf, &r);
    put_json(t, frames, adf, &r);
    put_plot(t, frames, adf, &r);
  }
  nmd_free(r.p);
  return status;
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  nmd_adf adf = {0};
  t->trajectory.timeless = true;
  t->trajectory.unwrap = NMD_UNWRAP_NONE;
  const nmd_status status = tool_frames_visit(t, &visitor, false, &adf);
  nmd_adf_free(&adf);
  return status;
}

static const nmd_tool definition = {
    .program = "nnpmd-adf",
    .words = "TRAJECTORY...",
    .summary = "distributions of the angles between bonds",
    .description =
        "For every centre and pair of neighbours within the bond cut-offs: the probability density of the angle, "
        "with an error from block averages, and the mean number of such angles at a centre. Uncorrelated bonds "
        "give (pi/360) sin(theta) a degree. Under mpirun the ranks share the frames.",
    .options = &adf_table,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
