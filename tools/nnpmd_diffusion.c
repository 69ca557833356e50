/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-diffusion: diffusion coefficients of every species along several directions, with errors found in several ways.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/resample.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/option_join.h"
#include "base/units.h"
#include "base/vec3.h"
#include "transport_tool.h"

enum { SETS = 6 };
static const char *const directions[SETS] = {"xyz", "x", "y", "z", "ab", "c"};

typedef struct diffusion_options {
  double temperature, viscosity;
  bool independent;
} diffusion_options;

static const nmd_option diffusion_option_list[] = {
    {"temperature", NMD_OPT_REAL, offsetof(diffusion_options, temperature), NMD_DIM_TEMPERATURE, "0 K", 0, -1,
     .doc = "temperature of the run: goes to the JSON, for nnpmd-arrhenius"},
    {"viscosity", NMD_OPT_REAL, offsetof(diffusion_options, viscosity), NMD_DIM_NONE, "0", 0, -1,
     .doc = "shear viscosity of a liquid in mPa s: adds the finite-size correction of Yeh and Hummer (cubic cells)"},
    {"independent", NMD_OPT_BOOL, offsetof(diffusion_options, independent), .fallback = "false",
     .doc = "the files are independent runs of one system (seeds), not pieces of one: their ions are taken together"},
};
static const nmd_option_table diffusion_table = {"diffusion", "diffusion", sizeof(diffusion_options),
                                                 NMD_COUNT(diffusion_option_list), diffusion_option_list};

/* All there is of one species. */
typedef struct row {
  int kind;
  nmd_resampled other[SETS];
} row;

static const char *symbol_of(const nmd_transport *r, int kind) {
  return nmd_element_symbol(r->paths.species.atomic_number[kind]);
}

/* Slope between the start of the fit and three times it, where the fit has most of its weight. */
static nmd_status resample_all(tool *t, const nmd_transport *r, row *rows, int n) {
  for (int i = 0; i < n; i++)
    for (int set = 0; set < SETS; set++) {
      const nmd_diffusion *f = nmd_transport_fit(r, set, rows[i].kind);
      if (!f->found) continue;
      const int64_t b = 3 * f->start < f->end ? 3 * f->start : f->end;
      NMD_TRY(nmd_resample(&r->paths, t->comm, rows[i].kind, &r->set[set], f->start, b, &rows[i].other[set]));
    }
  return NMD_OK;
}

static nmd_status correction_of(const nmd_transport *r, const diffusion_options *o, double *correction) {
  const double(*h)[3] = r->paths.mean_h;
  *correction = 0.0;
  if (o->viscosity <= 0.0) return NMD_OK;
  const double a = nmd_norm(h[0]), b = nmd_norm(h[1]), c = nmd_norm(h[2]);
  const double skew = fabs(nmd_dot(h[0], h[1])) + fabs(nmd_dot(h[0], h[2])) + fabs(nmd_dot(h[1], h[2]));
  if (o->temperature <= 0.0) NMD_FAIL(MISSING_KEY, "--viscosity needs --temperature for the finite-size correction");
  if (fabs(b - a) > 0.01 * a || fabs(c - a) > 0.01 * a || skew > 0.01 * a * a)
    NMD_FAIL(CONFLICT,
             "--viscosity: the correction of Yeh and Hummer is for cubic cells; the mean cell is %g x %g x %g A", a, b,
             c);
  *correction = nmd_yeh_hummer(o->temperature, 1e-3 * o->viscosity, a);
  return NMD_OK;
}

static void put_table_row(tool *t, const nmd_transport *r, const row *w, int set) {
  const nmd_diffusion *f = nmd_transport_fit(r, set, w->kind);
  nmd_buffer_printf(&t->text, "%-2s %-3s", symbol_of(r, w->kind), directions[set]);
  if (!f->found) {
    nmd_buffer_text(&t->text, " nan nan nan nan nan nan nan nan nan nan nan nan nan\n");
    return;
  }
  const double unit = 1e3, *a = f->D.ci68, *b = f->D.ci95;
  nmd_buffer_printf(&t->text, " %.6g %.3g %.6g %.6g %.6g %.6g", unit * f->D.value, unit * f->D.sigma, unit * a[0],
                    unit * a[1], unit * b[0], unit * b[1]);
  nmd_buffer_printf(&t->text, " %.6g %.6g %.4g %.4g %.3g %.3g %.3g\n", 0.1 * f->D.value,
                    1e-3 * r->paths.spacing * (double)f->start, f->exponent, f->n_eff, unit * w->other[set].block_sigma,
                    unit * w->other[set].bootstrap_sigma, unit * f->D.value * f->he_sigma);
}

/* A line through the MSD of a handful of hops looks as straight as any. */
static void warn_of_few(const nmd_transport *r, const row *w) {
  enum { FEW_HOPS = 30, FEW = 10 };
  const nmd_diffusion *f = nmd_transport_fit(r, 0, w->kind);
  if (f->found && (f->hops < FEW_HOPS || f->n_eff < FEW))
    nmd_log_warning(
        "%s: D rests on about %.2g hops of all %lld atoms (%.2g independent displacements), so it is an order of "
        "magnitude; expected %d hops or more: run longer, with more ions, or take several seeds together "
        "(--independent)",
        symbol_of(r, w->kind), f->hops, (long long)r->msd.count[w->kind], f->n_eff, FEW_HOPS);
}

static void put_table(tool *t, const nmd_transport *r, const row *rows, int n, double correction) {
  for (int i = 0; i < n; i++)
    for (int set = 0; set < SETS; set++) {
      const nmd_diffusion *f = nmd_transport_fit(r, set, rows[i].kind);
      if (!f->found) nmd_tool_note(t, "%s, %s: no D: %s", symbol_of(r, rows[i].kind), directions[set], f->why);
    }
  nmd_tool_note(
      t,
      "D by generalised least squares with a modelled covariance; ci: intervals of 68 %% and 95 %%; errors beside "
      "it: from %d blocks of time, from resampled ions, and by He, Zhu and Mo (2018)",
      NMD_TIME_BLOCKS);
  if (correction > 0.0)
    nmd_tool_note(t, "finite-size correction (Yeh, Hummer), to be ADDED to D of xyz: %.5g A^2/ps = %.5g cm^2/s",
                  1e3 * correction, 0.1 * correction);
  nmd_tool_columns(t,
                   "species direction D sigma ci68_low ci68_high ci95_low ci95_high D fit_start exponent n_eff "
                   "sigma_blocks sigma_bootstrap sigma_he_zhu_mo",
                   "- - A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps cm^2/s ps 1 1 A^2/ps A^2/ps A^2/ps");
  for (int i = 0; i < n; i++)
    for (int set = 0; set < SETS; set++) put_table_row(t, r, &rows[i], set);
}

static void put_tensor(nmd_json *json, const nmd_transport *r, const nmd_diffusion *f, int kind) {
  static const char *const names[NMD_TENSOR] = {"xx", "yy", "zz", "yz", "xz", "xy"};
  const int64_t b = 3 * f->start < f->end ? 3 * f->start : f->end;
  nmd_json_open(json, "tensor_A2_per_ps", '{');
  for (int c = 0; c < NMD_TENSOR; c++) {
    const double *m = r->msd.tensor + (kind * NMD_TENSOR + c) * r->msd.n_lags;
    nmd_json_real(json, names[c], 1e3 * (m[b] - m[f->start]) / (2.0 * r->msd.spacing * (double)(b - f->start)));
  }
  nmd_json_close(json);
}

static void put_json(tool *t, const nmd_transport *r, const row *rows, int n, const diffusion_options *o,
                     double correction) {
  if (o->temperature > 0.0) nmd_json_real(&t->json, "temperature_K", o->temperature);
  if (correction > 0.0) nmd_json_real(&t->json, "finite_size_correction_A2_per_ps", 1e3 * correction);
  nmd_json_open(&t->json, "species", '{');
  for (int i = 0; i < n; i++) {
    const nmd_diffusion *main_fit = nmd_transport_fit(r, 0, rows[i].kind);
    nmd_json_open(&t->json, symbol_of(r, rows[i].kind), '{');
    nmd_json_int(&t->json, "n_atoms", r->msd.count[rows[i].kind]);
    tool_json_fit(&t->json, r, main_fit, 3);
    if (main_fit->found) put_tensor(&t->json, r, main_fit, rows[i].kind);
    nmd_json_open(&t->json, "directions", '{');
    for (int set = 0; set < SETS; set++) {
      const nmd_diffusion *f = nmd_transport_fit(r, set, rows[i].kind);
      nmd_json_open(&t->json, directions[set], '{');
      tool_json_fit(&t->json, r, f, r->set[set].n);
      if (f->found) nmd_json_real(&t->json, "sigma_blocks_A2_per_ps", 1e3 * rows[i].other[set].block_sigma);
      if (f->found) nmd_json_real(&t->json, "sigma_bootstrap_A2_per_ps", 1e3 * rows[i].other[set].bootstrap_sigma);
      nmd_json_close(&t->json);
    }
    nmd_json_close(&t->json);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
}

/* D along x, y, z, ab, c of each species with its 68 % interval. */
static void put_plot(tool *t, const nmd_transport *r, const row *rows, int n) {
  nmd_buffer *p = &t->plot;
  nmd_buffer_text(p, "$d << EOD\n");
  for (int i = 0; i < n; i++) {
    for (int set = 0; set < SETS; set++) {
      const nmd_diffusion *f = nmd_transport_fit(r, set, rows[i].kind);
      if (f->found)
        nmd_buffer_printf(p, "%d \"%s\" %.9g %.9g %.9g\n", set, directions[set], 1e3 * f->D.value, 1e3 * f->D.ci68[0],
                          1e3 * f->D.ci68[1]);
    }
    nmd_buffer_text(p, "\n\n");
  }
  nmd_buffer_text(p, "EOD\nset ylabel 'D (A^2/ps)'\nset xrange [-0.5:5.5]\nset yrange [0:*]\nplot ");
  for (int i = 0; i < n; i++)
    nmd_buffer_printf(p, "%s$d index %d using ($1+%.2f):3:4:5:xtic(2) with yerrorbars pt 7 lw 2 title '%s'",
                      i > 0 ? ", " : "", i, 0.08 * i, symbol_of(r, rows[i].kind));
  nmd_buffer_text(p, "\n");
}

static nmd_status report(tool *t, const nmd_transport *r, const diffusion_options *o) {
  row rows[NMD_ELEMENT_MAX] = {{0}};
  int n = 0, found = 0;
  double correction;
  for (int k = 0; k < r->msd.n_kinds; k++)
    if (r->msd.count[k] > 0) rows[n++].kind = k;
  for (int i = 0; i < n; i++)
    for (int set = 0; set < SETS; set++) found += nmd_transport_fit(r, set, rows[i].kind)->found;
  if (found == 0)
    NMD_FAIL(NO_ANSWER, "no diffusion coefficient of any species: %s: %s", symbol_of(r, rows[0].kind),
             nmd_transport_fit(r, 0, rows[0].kind)->why);
  NMD_TRY(correction_of(r, o, &correction));
  NMD_TRY(resample_all(t, r, rows, n));
  if (!t->root) return NMD_OK;
  for (int i = 0; i < n; i++) warn_of_few(r, &rows[i]);
  put_table(t, r, rows, n, correction);
  put_json(t, r, rows, n, o, correction);
  if (t->output->plot) put_plot(t, r, rows, n);
  return NMD_OK;
}

static nmd_status run(tool *t) {
  const diffusion_options *o = tool_transport_own(t);
  nmd_transport r;
  tool_transport common = *(const tool_transport *)t->options;
  common.independent = o->independent;
  NMD_TRY(tool_transport_run(t, &common, directions, SETS, 1, &r));
  const nmd_status status = report(t, &r, o);
  nmd_transport_free(&r);
  return nmd_comm_agree(t->comm, status);
}

int main(int argc, char **argv) {
  const nmd_tool definition = {
      .program = "nnpmd-diffusion",
      .words = "TRAJECTORY...",
      .summary = "diffusion coefficients of every species and direction, with intervals that hold",
      .description =
          "Fits the mean squared displacements of a run (see nnpmd-msd) by generalised least squares with a modelled "
          "covariance, for all directions together, along x, y, z, in the plane of the cell vectors a and b, and along "
          "c. Errors from blocks of time, from resampled ions and by the rule of He, Zhu and Mo stand beside it. Ends "
          "with code 3 when the run allows no D at all, and says how long it should be.",
      .options = nmd_option_tables_join(&tool_transport_table, &diffusion_table),
      .min_words = 1,
      .run = run,
  };
  return nmd_tool_main(&definition, argc, argv);
}
