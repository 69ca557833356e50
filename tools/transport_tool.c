/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport_tool.h"

#include <math.h>

#include "base/option_join.h"
#include "base/units.h"
#include "nnp/blas.h"

#define PS 1e-3             /* of a fs */
#define A2_PER_PS 1e3       /* of A^2/fs */
#define CM2_PER_S 0.1       /* of A^2/fs */
#define SHIFT_WARNING 0.5   /* A, of the centre of mass over the run */
#define WANDER_WARNING 0.05 /* A, root mean square distance from a straight line: a fortieth of a hop */

static const nmd_option options[] = {
    {"drift", NMD_OPT_CHOICE, offsetof(tool_transport, drift), .fallback = "none", .choices = NMD_DRIFT_CHOICES,
     .doc = "drift to take out of all paths: of the centre of mass of all atoms, or of the framework"},
    {"framework", NMD_OPT_TEXT_LIST, offsetof(tool_transport, framework), .fallback = "",
     .doc = "elements of the framework; default: those that are not looked at"},
    {"max-lag", NMD_OPT_REAL, offsetof(tool_transport, max_lag), NMD_DIM_TIME, "0 fs", 0, -1,
     .doc = "longest time difference; 0: half the run"},
    {"fit-start", NMD_OPT_REAL, offsetof(tool_transport, fit_start), NMD_DIM_TIME, "0 fs", 0, -1,
     .doc = "start of the diffusive regime; 0: found from the data"},
    {"fit-end", NMD_OPT_REAL, offsetof(tool_transport, fit_end), NMD_DIM_TIME, "0 fs", 0, -1,
     .doc = "longest time difference of the fit; 0: eight times its start"},
    {"hop-length", NMD_OPT_REAL, offsetof(tool_transport, hop), NMD_DIM_LENGTH, "3 A", 0, 0, .min_open = 1,
     .doc = "length of a hop, for counting hops (X. He et al. 2018); no part of D or its error"},
};
const nmd_option_table tool_transport_table = {"transport", "transport", sizeof(tool_transport), NMD_COUNT(options),
                                               options};

const void *tool_transport_own(const tool *t) {
  return (const char *)t->options + nmd_option_tables_join_offset(&tool_transport_table);
}

static void note_paths(tool *t, const nmd_transport *r, int drift) {
  const nmd_paths *p = &r->paths;
  nmd_tool_note(t, "frames: %lld every %.6g ps (overlap of restarts left out: %lld), atoms: %lld",
                (long long)p->n_frames, PS * p->spacing, (long long)p->facts.overlap, (long long)p->n_selected);
  if (p->n_runs > 1)
    nmd_tool_note(t, "runs: %d independent ones, their ions taken together; drift and cell: means over runs",
                  p->n_runs);
  nmd_tool_note(t, "paths: %s", p->facts.unwrap_text);
  nmd_tool_note(t, "displacements: %s",
                !p->facts.variable_cell             ? "Cartesian (the cell is fixed)"
                : p->facts.unwrap == NMD_UNWRAP_TOR ? "Cartesian, added up in the cell of the moment (TOR)"
                                                    : "fractional times the mean cell (the cell varies)");
  const double *d = p->drift + 3 * (p->n_frames - 1);
  if (drift != NMD_DRIFT_NONE)
    nmd_tool_note(t, "drift removed (%s): %.4g %.4g %.4g A over the run",
                  drift == NMD_DRIFT_CENTRE ? "centre of mass" : "framework", d[0], d[1], d[2]);
  if (p->n_passes > 1 || p->block_atoms < p->n)
    nmd_tool_note(t, "memory: paths in blocks of %lld atoms, files read anew for each", (long long)p->block_atoms);
}

static void warn_of_drift(const nmd_transport *r, int drift) {
  const char *removed = drift == NMD_DRIFT_NONE ? "" : " before its removal";
  if (r->centre_wander > WANDER_WARNING)
    nmd_log_warning("the centre of mass moved by %.3g A over the run%s, %.2g A off a straight line: was a Langevin "
                    "thermostat on, which slows diffusion down, or do the files lack atoms? D wants NVE or CSVR",
                    r->centre_shift, removed, r->centre_wander);
  else if (r->centre_shift > SHIFT_WARNING && drift == NMD_DRIFT_NONE)
    nmd_log_warning("the centre of mass moves evenly, by %.3g A over the run; --drift com or framework takes it out",
                    r->centre_shift);
}

nmd_status tool_transport_run(tool *t, const tool_transport *o, const char *const *directions, int n_sets,
                              int64_t origin_stride, nmd_transport *transport) {
  const nmd_transport_options run = {
      .paths = {.trajectory = t->trajectory,
                .drift = (nmd_drift_choice)o->drift,
                .framework = &o->framework,
                .memory = t->memory_limit},
      .directions = directions,
      .n_sets = n_sets,
      .independent = o->independent,
      .max_lag = o->max_lag,
      .origin_stride = origin_stride,
      .start = o->fit_start > 0.0 ? o->fit_start : -1.0,
      .end = o->fit_end,
      .hop = o->hop,
  };
  nmd_blas_single_thread(); /* ranks share the cores already */
  NMD_TRY(nmd_transport_run(t->comm, (const char *const *)t->words, t->n_words, &run, transport));
  if (!t->root) return NMD_OK;
  note_paths(t, transport, o->drift);
  warn_of_drift(transport, o->drift);
  const nmd_paths *p = &transport->paths;
  nmd_json_int(&t->json, "n_runs", p->n_runs);
  nmd_json_int(&t->json, "n_frames", p->n_frames);
  nmd_json_real(&t->json, "spacing_ps", PS * p->spacing);
  nmd_json_text(&t->json, "paths", p->facts.unwrap_text);
  nmd_json_bool(&t->json, "variable_cell", p->facts.variable_cell);
  nmd_json_real(&t->json, "mean_volume_A3", p->mean_volume);
  nmd_json_reals(&t->json, "drift_removed_A", p->drift + 3 * (p->n_frames - 1), 3, 1);
  return NMD_OK;
}

void tool_json_interval(nmd_json *json, const char *key, const nmd_interval *i, double factor) {
  double ends[2];
  nmd_json_open(json, key, '{');
  nmd_json_real(json, "value", factor * i->value);
  nmd_json_real(json, "sigma", factor * i->sigma);
  for (int k = 0; k < 2; k++) ends[k] = factor * i->ci68[k];
  nmd_json_reals(json, "ci68", ends, 2, 1);
  for (int k = 0; k < 2; k++) ends[k] = factor * i->ci95[k];
  nmd_json_reals(json, "ci95", ends, 2, 1);
}

static void put_one_unit(nmd_json *json, const char *key, const nmd_diffusion *f, double spacing, double factor) {
  tool_json_interval(json, key, &f->D, factor);
  nmd_json_text(json, "method", "generalised least squares, modelled covariance");
  nmd_json_real(json, "fit_start_ps", PS * spacing * (double)f->start);
  nmd_json_real(json, "fit_end_ps", PS * spacing * (double)f->end);
  nmd_json_real(json, "n_eff", f->n_eff);
  nmd_json_real(json, "freedom_of_sigma", f->freedom_of_sigma);
  nmd_json_close(json);
}

void tool_json_fit(nmd_json *json, const nmd_transport *r, const nmd_diffusion *f, int dimensions) {
  nmd_json_int(json, "dimensions", dimensions);
  if (!f->found) {
    nmd_json_text(json, "D_A2_per_ps", NULL);
    nmd_json_text(json, "D_cm2_per_s", NULL);
    nmd_json_text(json, "why", f->why);
    nmd_json_real(json, "run_needed_ps", PS * f->need);
    return;
  }
  put_one_unit(json, "D_A2_per_ps", f, r->paths.spacing, A2_PER_PS);
  put_one_unit(json, "D_cm2_per_s", f, r->paths.spacing, CM2_PER_S);
  nmd_json_real(json, "intercept_A2", f->intercept);
  nmd_json_real(json, "exponent", f->exponent);
  nmd_json_real(json, "exponent_sigma", f->exponent_error);
  nmd_json_real(json, "hop_time_ps", PS * f->hop_time);
  nmd_json_real(json, "hops_he_zhu_mo", f->hops);
  nmd_json_real(json, "relative_sigma_he_zhu_mo", f->he_sigma);
}

void tool_note_fit(tool *t, const nmd_transport *r, const char *who, const nmd_diffusion *f) {
  if (!f->found) {
    nmd_tool_note(t, "%s: no D: %s", who, f->why);
    return;
  }
  const double *a = f->D.ci95;
  nmd_tool_note(t, "%s: D = %.5g +- %.2g A^2/ps = %.5g +- %.2g cm^2/s, 95 %%: %.5g to %.5g A^2/ps", who,
                A2_PER_PS * f->D.value, A2_PER_PS * f->D.sigma, CM2_PER_S * f->D.value, CM2_PER_S * f->D.sigma,
                A2_PER_PS * a[0], A2_PER_PS * a[1]);
  nmd_tool_note(
      t,
      "    fit from %.4g to %.4g ps, log-log slope %.2f +- %.2f, n_eff %.3g, hops %.3g (error by He, Zhu, Mo: %.0f %%)",
      PS * r->paths.spacing * (double)f->start, PS * r->paths.spacing * (double)f->end, f->exponent, f->exponent_error,
      f->n_eff, f->hops, 100.0 * f->he_sigma);
}
