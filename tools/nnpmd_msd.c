/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-msd: mean squared displacements of a trajectory, and the diffusion coefficients that follow. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/van_hove.h"
#include "base/memory.h"
#include "base/option_join.h"
#include "base/text.h"
#include "base/units.h"
#include "transport_tool.h"

typedef struct msd_options {
  char *direction;
  int64_t origin_stride;
  bool tensor, collective, non_gaussian;
  nmd_text_list charges, van_hove;
} msd_options;

static const nmd_option msd_option_list[] = {
    {"direction", NMD_OPT_TEXT, offsetof(msd_options, direction), .fallback = "xyz",
     .doc = "x, y, z, xyz, ab (plane of the cell vectors a and b), c (along c), or a vector u,v,w"},
    {"tensor", NMD_OPT_BOOL, offsetof(msd_options, tensor), .fallback = "false", .doc = "print all six components"},
    {"collective", NMD_OPT_BOOL, offsetof(msd_options, collective), .fallback = "false",
     .doc = "also of the charge, |sum q (r(t) - r(0))|^2 / N, and its distinct part (pairs of different ions)"},
    {"charges", NMD_OPT_TEXT_LIST, offsetof(msd_options, charges), .fallback = "",
     .doc = "charges for --collective, e.g. Li:1,La:3; default: 1 for all"},
    {"non-gaussian", NMD_OPT_BOOL, offsetof(msd_options, non_gaussian), .fallback = "false",
     .doc = "also the non-Gaussian parameter, <r^4> / ((1 + 2/d) <r^2>^2) - 1 in d dimensions"},
    {"van-hove", NMD_OPT_TEXT_LIST, offsetof(msd_options, van_hove), .fallback = "",
     .doc = "also the self part of the van Hove function at these times, e.g. \"1 ps,10 ps\" (to --json)"},
    {"origin-stride", NMD_OPT_INT, offsetof(msd_options, origin_stride), .fallback = "1", .min = 0, .max = -1,
     .doc = "1: all times are origins (FFT); N: every N-th, 0: the first frame only (direct sums)"},
};
static const nmd_option_table msd_table = {"msd", "msd", sizeof(msd_options), NMD_COUNT(msd_option_list),
                                           msd_option_list};

static const char *symbol_of(const nmd_transport *r, int kind) {
  return nmd_element_symbol(r->paths.species.atomic_number[kind]);
}

/* "Li:1" in the list; fallback when the list is empty. */
static nmd_status charges_of(const nmd_transport *r, const nmd_text_list *list, double *charge) {
  for (int k = 0; k < r->paths.species.n; k++) charge[k] = list->n == 0 ? 1.0 : 0.0;
  for (int i = 0; i < list->n; i++) {
    bool known = false;
    for (int k = 0; k < r->paths.species.n; k++) {
      const char *symbol = symbol_of(r, k);
      const size_t n = strlen(symbol);
      if (strncmp(list->items[i], symbol, n) != 0 || list->items[i][n] != ':') continue;
      known = nmd_parse_real(list->items[i] + n + 1, &charge[k]);
    }
    if (!known)
      NMD_FAIL(BAD_CHOICE, "--charges: '%.40s'; expected element:charge of an element of the files, e.g. Li:1",
               list->items[i]);
  }
  return NMD_OK;
}

typedef struct collective {
  bool wanted;
  double ions;
  double *msd, *self; /* [n_lags] A^2 e^2 per ion: of the charge, and of independent ions */
} collective;

static nmd_status add_collective(const nmd_transport *r, const msd_options *o, collective *c) {
  double charge[NMD_ELEMENT_MAX];
  nmd_msd total;
  c->wanted = o->collective;
  if (!c->wanted) return NMD_OK;
  NMD_TRY(charges_of(r, &o->charges, charge));
  NMD_TRY(NMD_ALLOC(c->msd, r->msd.n_lags));
  NMD_TRY(NMD_ALLOC(c->self, r->msd.n_lags));
  NMD_TRY(nmd_msd_collective(&r->paths, charge, r->msd.n_lags, &total));
  nmd_msd_project(&total, 0, &r->set[0], c->msd);
  nmd_msd_free(&total);
  for (int k = 0; k < r->msd.n_kinds; k++) {
    if (charge[k] != 0.0) c->ions += (double)r->msd.count[k];
    for (int64_t m = 0; m < r->msd.n_lags && r->msd.count[k] > 0; m++)
      c->self[m] += charge[k] * charge[k] * (double)r->msd.count[k] * nmd_transport_msd(r, 0, k)[m];
  }
  for (int64_t m = 0; m < r->msd.n_lags && c->ions > 0.0; m++) c->msd[m] /= c->ions, c->self[m] /= c->ions;
  return NMD_OK;
}

static const char *const tensor_names[NMD_TENSOR] = {"xx", "yy", "zz", "yz", "xz", "xy"};

static void put_columns(tool *t, const nmd_transport *r, const msd_options *o, const collective *c) {
  nmd_buffer names = {0}, units = {0};
  nmd_buffer_text(&names, "time");
  nmd_buffer_text(&units, "ps");
  for (int k = 0; k < r->msd.n_kinds; k++) {
    if (r->msd.count[k] == 0) continue;
    nmd_buffer_printf(&names, " %s", symbol_of(r, k));
    nmd_buffer_text(&units, " A^2");
    for (int a = 0; a < NMD_TENSOR && o->tensor; a++) {
      nmd_buffer_printf(&names, " %s_%s", symbol_of(r, k), tensor_names[a]);
      nmd_buffer_text(&units, " A^2");
    }
  }
  if (c->wanted) nmd_buffer_text(&names, " charge distinct");
  if (c->wanted) nmd_buffer_text(&units, " A^2e^2 A^2e^2");
  nmd_tool_columns(t, names.data, units.data);
  nmd_buffer_free(&names);
  nmd_buffer_free(&units);
}

static void put_row(nmd_buffer *out, const nmd_transport *r, const msd_options *o, const collective *c, int64_t m) {
  nmd_buffer_printf(out, "%.9g", 1e-3 * r->msd.spacing * (double)m);
  for (int k = 0; k < r->msd.n_kinds; k++) {
    if (r->msd.count[k] == 0) continue;
    nmd_buffer_printf(out, " %.10g", nmd_transport_msd(r, 0, k)[m]);
    for (int a = 0; a < NMD_TENSOR && o->tensor; a++)
      nmd_buffer_printf(out, " %.10g", r->msd.tensor[(k * NMD_TENSOR + a) * r->msd.n_lags + m]);
  }
  if (c->wanted) nmd_buffer_printf(out, " %.10g %.10g", c->msd[m], c->msd[m] - c->self[m]);
  nmd_buffer_text(out, "\n");
}

static void put_plot(tool *t, const nmd_transport *r, const msd_options *o) {
  nmd_buffer *p = &t->plot;
  nmd_buffer_text(p, "$msd << EOD\n");
  const int64_t step = r->msd.n_lags / 2000 + 1;
  const collective none = {.wanted = false};
  const msd_options plain = {.direction = o->direction};
  for (int64_t m = 1; m < r->msd.n_lags; m += step) put_row(p, r, &plain, &none, m);
  nmd_buffer_printf(p, "EOD\nset xlabel 'time (ps)'\nset ylabel 'mean squared displacement, %s (A^2)'\nplot ",
                    o->direction);
  int column = 2;
  const char *comma = "";
  for (int k = 0; k < r->msd.n_kinds; k++) {
    if (r->msd.count[k] == 0) continue;
    const nmd_diffusion *f = nmd_transport_fit(r, 0, k);
    nmd_buffer_printf(p, "%s$msd using 1:%d with lines lw 2 lc %d title '%s'", comma, column, column - 1,
                      symbol_of(r, k));
    if (f->found) {
      const double unit = 1e-3 * r->msd.spacing, slope = 2e3 * r->set[0].n * f->D.value;
      nmd_buffer_printf(p, ", [%.9g:%.9g] %.9g*x%+.9g dt 2 lc 'black' title 'D = %.3g +- %.2g A^2/ps'",
                        unit * (double)f->start, unit * (double)f->end, slope, f->intercept, 1e3 * f->D.value,
                        1e3 * f->D.sigma);
    }
    comma = ", ";
    column++;
  }
  nmd_buffer_text(p, "\n");
}

/* The windows of the error estimate give the fourth moment as well. */
static void put_non_gaussian(nmd_json *json, const nmd_transport *r, int kind) {
  double time[NMD_LEVELS_MAX], alpha[NMD_LEVELS_MAX];
  const int n = r->windows.n_levels, d = r->set[0].n;
  for (int k = 0; k < n; k++) {
    const double *m = r->windows.moments + 2 * (r->windows.n_sets * ((int64_t)k * r->windows.n_kinds + kind));
    const double cells = (double)r->msd.count[kind] * r->windows.windows[k];
    time[k] = 1e-3 * r->msd.spacing * (double)r->windows.width[k];
    alpha[k] = m[1] * cells / (m[0] * m[0]) / (1.0 + 2.0 / d) - 1.0;
  }
  nmd_json_open(json, "non_gaussian", '{');
  nmd_json_reals(json, "time_ps", time, n, 1);
  nmd_json_reals(json, "alpha2", alpha, n, 1);
  nmd_json_close(json);
}

static void put_van_hove(nmd_json *json, const nmd_van_hove *v, int kind) {
  if (v->n_times == 0) return;
  nmd_json_open(json, "van_hove_self", '[');
  for (int k = 0; k < v->n_times; k++) {
    nmd_json_open(json, NULL, '{');
    nmd_json_real(json, "time_ps", 1e-3 * v->time[k]);
    nmd_json_real(json, "bin_A", v->bin);
    nmd_json_reals(json, "density_per_A", nmd_van_hove_density(v, k, kind), v->n_bins, 1);
    nmd_json_close(json);
  }
  nmd_json_close(json);
}

static nmd_status put_json(tool *t, const nmd_transport *r, const msd_options *o, const collective *c,
                           const nmd_van_hove *v) {
  double *time;
  NMD_TRY(NMD_ALLOC(time, r->msd.n_lags));
  for (int64_t m = 0; m < r->msd.n_lags; m++) time[m] = 1e-3 * r->msd.spacing * (double)m;
  nmd_json_text(&t->json, "direction", o->direction);
  nmd_json_reals(&t->json, "time_ps", time, r->msd.n_lags, 1);
  nmd_free(time);
  nmd_json_open(&t->json, "species", '{');
  for (int k = 0; k < r->msd.n_kinds; k++) {
    if (r->msd.count[k] == 0) continue;
    nmd_json_open(&t->json, symbol_of(r, k), '{');
    nmd_json_int(&t->json, "n_atoms", r->msd.count[k]);
    tool_json_fit(&t->json, r, nmd_transport_fit(r, 0, k), r->set[0].n);
    if (o->non_gaussian) put_non_gaussian(&t->json, r, k);
    put_van_hove(&t->json, v, k);
    nmd_json_reals(&t->json, "msd_A2", nmd_transport_msd(r, 0, k), r->msd.n_lags, 1);
    nmd_json_open(&t->json, "tensor_A2", '{');
    for (int a = 0; a < NMD_TENSOR; a++)
      nmd_json_reals(&t->json, tensor_names[a], r->msd.tensor + (k * NMD_TENSOR + a) * r->msd.n_lags, r->msd.n_lags, 1);
    nmd_json_close(&t->json);
    nmd_json_close(&t->json);
  }
  nmd_json_close(&t->json);
  if (c->wanted) nmd_json_reals(&t->json, "charge_msd_A2e2_per_ion", c->msd, r->msd.n_lags, 1);
  return NMD_OK;
}

static nmd_status report(tool *t, const nmd_transport *r, const msd_options *o, const collective *c,
                         const nmd_van_hove *v) {
  for (int k = 0; k < r->msd.n_kinds; k++) {
    char who[64];
    if (r->msd.count[k] == 0) continue;
    snprintf(who, sizeof who, "%s (%lld atoms), %s", symbol_of(r, k), (long long)r->msd.count[k], o->direction);
    tool_note_fit(t, r, who, nmd_transport_fit(r, 0, k));
  }
  put_columns(t, r, o, c);
  for (int64_t m = 0; m < r->msd.n_lags; m++) put_row(&t->text, r, o, c, m);
  if (t->output->plot) put_plot(t, r, o);
  return put_json(t, r, o, c, v);
}

static nmd_status van_hove_times(const nmd_text_list *list, double time[NMD_VAN_HOVE_MAX]) {
  if (list->n > NMD_VAN_HOVE_MAX)
    NMD_FAIL(OUT_OF_RANGE, "--van-hove: %d times; expected at most %d", list->n, NMD_VAN_HOVE_MAX);
  for (int k = 0; k < list->n; k++) {
    const nmd_status status = nmd_quantity_parse(list->items[k], NMD_DIM_TIME, &time[k]);
    if (status != NMD_OK) return nmd_fail_prefix(status, "--van-hove");
  }
  return NMD_OK;
}

static nmd_status run(tool *t) {
  const tool_transport *common = t->options;
  const msd_options *o = tool_transport_own(t);
  const char *const directions[] = {o->direction};
  nmd_transport r;
  collective c = {.wanted = false};
  nmd_van_hove v = {.n_times = 0};
  double time[NMD_VAN_HOVE_MAX];
  NMD_TRY(van_hove_times(&o->van_hove, time));
  NMD_TRY(tool_transport_run(t, common, directions, 1, o->origin_stride, &r));
  nmd_status status = o->van_hove.n == 0 ? NMD_OK : nmd_van_hove_count(&r.paths, t->comm, o->van_hove.n, time, &v);
  if (status == NMD_OK && t->root) status = add_collective(&r, o, &c);
  if (status == NMD_OK && t->root) status = report(t, &r, o, &c, &v);
  nmd_van_hove_free(&v);
  nmd_free(c.msd);
  nmd_free(c.self);
  nmd_transport_free(&r);
  return nmd_comm_agree(t->comm, status);
}

int main(int argc, char **argv) {
  const nmd_tool definition = {
      .program = "nnpmd-msd",
      .words = "TRAJECTORY...",
      .summary = "mean squared displacements and diffusion coefficients of a trajectory",
      .description = "Reads one or several trajectory files as one run (extended XYZ, LAMMPS dump, AMBER NetCDF, "
                     "POSCAR; .gz), unwraps the paths, and prints the mean squared displacement of every species over "
                     "time, averaged over all atoms and time origins, with the diffusion coefficient, its 68 % and 95 "
                     "% intervals, and how they were found. Where the data do not allow a D, none is printed, but the "
                     "length of run that would.\n\n"
                     "In a variable cell displacements are fractional coordinates times the mean cell.",
      .options = nmd_option_tables_join(&tool_transport_table, &msd_table),
      .min_words = 1,
      .run = run,
  };
  return nmd_tool_main(&definition, argc, argv);
}
