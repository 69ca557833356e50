/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-vacf: velocity autocorrelation, Green-Kubo diffusion coefficient and vibrational density of states. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/vacf.h"
#include "base/memory.h"
#include "base/units.h"
#include "frames.h"

typedef struct vacf_options {
  double window, plateau; /* fs */
  double segments;
} vacf_options;

static const nmd_option vacf_option_list[] = {
    {"window", NMD_OPT_REAL, offsetof(vacf_options, window), NMD_DIM_TIME, "2 ps", 0, 0, .min_open = 1,
     .doc = "longest time of the correlation; the spectrum resolves 1 / (2 window)"},
    {"plateau", NMD_OPT_REAL, offsetof(vacf_options, plateau), NMD_DIM_TIME, "0 fs", 0, -1,
     .doc = "the integral is averaged from this time on to the window; 0: from half the window"},
    {"segments", NMD_OPT_REAL, offsetof(vacf_options, segments), NMD_DIM_NONE, "4", 1, 1e6,
     .doc = "length of the pieces of the run, in windows: longer ones use the data better, more of them give better "
            "errors"},
};
static const nmd_option_table vacf_table = {"vacf", "velocity correlations", sizeof(vacf_options),
                                            NMD_COUNT(vacf_option_list), vacf_option_list};

typedef struct job {
  const vacf_options *options;
  tool *tool;
  nmd_vacf vacf;
  bool begun;
  int lags, segment;
  /* The first frame waits for the second, which tells the spacing. */
  double (*waiting)[3];
  double first_time;
  double spacing;
} job;

static nmd_status lay_out(job *j, double spacing) {
  const double lags = floor(j->options->window / spacing * (1 + 1e-9)) + 1, segment = ceil(lags * j->options->segments);
  if (!(lags >= 3 && segment < 1e9))
    NMD_FAIL(OUT_OF_RANGE,
             "--window %g fs with frames every %g fs: %.0f points; expected at least 3: write velocities more "
             "often, or take a longer window",
             j->options->window, spacing, lags);
  j->lags = (int)lags;
  j->segment = (int)segment;
  j->spacing = spacing;
  return NMD_OK;
}

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  job *j = context;
  j->tool = t;
  if (first->atoms->v == NULL)
    NMD_FAIL(MISSING_KEY,
             "no velocities in the trajectory; expected them (trajectory output of nnpmd: velocities: true)");
  j->first_time = first->time;
  return NMD_ALLOC(j->waiting, frames->n);
}

static nmd_status start(job *j, const tool_frames *frames, double spacing) {
  const int kinds = frames->species.n;
  NMD_TRY(lay_out(j, spacing));
  NMD_TRY(nmd_tool_claim_memory(j->tool, nmd_vacf_bytes(kinds, frames->n, j->lags, j->segment),
                                "the velocities of one segment",
                                "take a shorter --window, fewer --segments or fewer atoms"));
  NMD_TRY(nmd_vacf_init(&j->vacf, kinds, frames->n, frames->kind, j->lags, j->segment, spacing));
  j->begun = true;
  return NMD_OK;
}

/* Whole segments go round the ranks. */
static nmd_status add(job *j, int64_t k, const double (*v)[3]) {
  const nmd_comm *comm = j->tool->comm;
  if (k / j->segment % nmd_comm_size(comm) != nmd_comm_rank(comm)) return NMD_OK;
  return nmd_vacf_add(&j->vacf, k, v);
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  job *j = context;
  if (k == 0) {
    memcpy(j->waiting, frame->atoms->v, (size_t)frames->n * sizeof *j->waiting);
    return NMD_OK;
  }
  if (k == 1) {
    NMD_TRY(start(j, frames, frame->time - j->first_time));
    NMD_TRY(add(j, 0, (const double(*)[3])j->waiting));
  }
  return add(j, k, (const double(*)[3])frame->atoms->v);
}

/* 1/fs to cm^-1 and meV: nu / c, h nu. */
static const double per_cm = 33356.409519815204, meV = 4135.667696923859;

static void put_species(nmd_json *json, const tool_frames *frames, const nmd_vacf_result *r, int k,
                        double temperature) {
  const double d = 1e3 * r->plateau[k], error = 1e3 * r->plateau_error[k];
  nmd_json_open(json, tool_kind(frames, k), '{');
  nmd_json_open(json, "D_A2_per_ps", '{');
  nmd_json_real(json, "value", d);
  nmd_json_real(json, "sigma", error);
  nmd_json_close(json);
  nmd_json_open(json, "D_cm2_per_s", '{');
  nmd_json_real(json, "value", 1e-4 * d);
  nmd_json_real(json, "sigma", 1e-4 * error);
  nmd_json_close(json);
  nmd_json_real(json, "temperature_K", temperature);
  nmd_json_reals(json, "vacf_A2_per_fs2", r->c + k * r->lags, r->lags, 1);
  nmd_json_reals(json, "vacf_error_A2_per_fs2", r->c_error + k * r->lags, r->lags, 1);
  nmd_json_reals(json, "running_D_A2_per_fs", r->integral + k * r->lags, r->lags, 1);
  nmd_json_reals(json, "vdos_fs", r->density + k * r->frequencies, r->frequencies, 1);
  nmd_json_reals(json, "vdos_error_fs", r->density_error + k * r->frequencies, r->frequencies, 1);
  nmd_json_close(json);
}

static void put_summary(tool *t, const tool_frames *frames, const job *j, const nmd_vacf_result *r, int from) {
  nmd_json *json = &t->json;
  nmd_tool_note(t, "correlations up to %g ps in %lld segments of %g ps; errors from %d blocks of segments",
                1e-3 * (r->lags - 1) * j->spacing, (long long)nmd_blocks_frames(&j->vacf.blocks),
                1e-3 * j->segment * j->spacing, nmd_blocks_full(&j->vacf.blocks));
  nmd_json_open(json, "species", '{');
  for (int k = 0; k < frames->species.n; k++) {
    const double mass = frames->species.mass[k], c0 = r->c[k * r->lags];
    const double temperature = mass * c0 * NMD_MV2_TO_EV / (3 * NMD_BOLTZMANN);
    const double d = 1e3 * r->plateau[k], error = 1e3 * r->plateau_error[k];
    const double last = fabs(r->c[(k + 1) * r->lags - 1]) / c0;
    nmd_tool_note(
        t,
        "%s: D %.6g +- %.2g A^2/ps = %.6g +- %.2g cm^2/s (mean of the integral from %g ps on), temperature of the "
        "velocities %.5g K",
        tool_kind(frames, k), d, error, 1e-4 * d, 1e-4 * error, 1e-3 * from * j->spacing, temperature);
    if (last > 0.05)
      nmd_tool_note(t, "%s: the correlation is still %.2f of its beginning at the end of the window: take a longer one",
                    tool_kind(frames, k), last);
    if (r->c[k * r->lags + 1] < 0.8 * c0)
      nmd_tool_note(
          t,
          "%s: the correlation falls to %.2f from one frame to the next: too coarse for its integral and spectrum; "
          "write velocities more often",
          tool_kind(frames, k), r->c[k * r->lags + 1] / c0);
    put_species(json, frames, r, k, temperature);
  }
  nmd_json_close(json);
  nmd_json_real(json, "spacing_fs", j->spacing);
  nmd_json_real(json, "frequency_step_per_fs", r->frequency_step);
}

static void put_columns(tool *t, const tool_frames *frames, const char *first, const char *first_units, const char *a,
                        const char *a_unit, const char *b, const char *b_unit) {
  nmd_buffer names = {0}, units = {0};
  nmd_buffer_text(&names, first);
  nmd_buffer_text(&units, first_units);
  for (int k = 0; k < frames->species.n; k++) {
    const char *kind = tool_kind(frames, k);
    nmd_buffer_printf(&names, " %s_%s error_%s", a, kind, kind);
    nmd_buffer_printf(&units, " %s %s", a_unit, a_unit);
    if (b != NULL) nmd_buffer_printf(&names, " %s_%s error_%s", b, kind, kind);
    if (b != NULL) nmd_buffer_printf(&units, " %s %s", b_unit, b_unit);
  }
  nmd_tool_columns(t, names.data != NULL ? names.data : "", units.data != NULL ? units.data : "");
  nmd_buffer_free(&names);
  nmd_buffer_free(&units);
}

static void put_correlations(tool *t, const tool_frames *frames, const job *j, const nmd_vacf_result *r) {
  nmd_tool_note(t, "block 1: normalised correlation and its integral D(t)");
  put_columns(t, frames, "time", "ps", "vacf", "1", "D", "A^2/ps");
  for (int i = 0; i < r->lags; i++) {
    nmd_buffer_printf(&t->text, "%.8g", 1e-3 * i * j->spacing);
    for (int k = 0; k < frames->species.n; k++) {
      const int at = k * r->lags + i;
      nmd_buffer_printf(&t->text, " %.8g %.3g %.8g %.3g", r->c[at] / r->c[k * r->lags],
                        r->c_error[at] / r->c[k * r->lags], 1e3 * r->integral[at], 1e3 * r->integral_error[at]);
    }
    nmd_buffer_text(&t->text, "\n");
  }
}

/* Total: each species with its atoms; equipartition makes the mass weights the same for all. */
static void put_spectrum(tool *t, const tool_frames *frames, const nmd_vacf_result *r) {
  nmd_buffer_text(&t->text, "\n\n");
  nmd_tool_note(t, "block 2: vibrational density of states, integral 1 for each element (and for the total)");
  put_columns(t, frames, "frequency wavenumber energy total", "THz 1/cm meV 1/THz", "vdos", "1/THz", NULL, NULL);
  for (int i = 0; i < r->frequencies; i++) {
    const double nu = i * r->frequency_step;
    double total = 0;
    for (int k = 0; k < frames->species.n; k++)
      total += frames->population[k] / (double)frames->n * r->density[k * r->frequencies + i];
    nmd_buffer_printf(&t->text, "%.7g %.7g %.7g %.7g", 1e3 * nu, per_cm * nu, meV * nu, 1e-3 * total);
    for (int k = 0; k < frames->species.n; k++)
      nmd_buffer_printf(&t->text, " %.7g %.3g", 1e-3 * r->density[k * r->frequencies + i],
                        1e-3 * r->density_error[k * r->frequencies + i]);
    nmd_buffer_text(&t->text, "\n");
  }
}

static void put_plot(tool *t, const tool_frames *frames) {
  tool_plot_table(t);
  nmd_buffer_text(&t->plot,
                  "set multiplot layout 2,1\nset key top right\nset xlabel 'time (ps)'\nset ylabel 'C(t)/C(0)'\nplot 0 "
                  "notitle lc rgb 'gray50'");
  for (int k = 0; k < frames->species.n; k++)
    nmd_buffer_printf(&t->plot, ", $data index 0 using 1:%d with lines lw 2 title '%s'", 2 + 4 * k,
                      tool_kind(frames, k));
  nmd_buffer_text(&t->plot,
                  "\nset xlabel 'frequency (THz)'\nset ylabel 'density of states (1/THz)'\nplot $data index 1 using "
                  "1:4 with lines lw 2 lc rgb 'black' title 'total'");
  for (int k = 0; k < frames->species.n; k++)
    nmd_buffer_printf(&t->plot, ", $data index 1 using 1:%d with lines lw 2 title '%s'", 5 + 2 * k,
                      tool_kind(frames, k));
  nmd_buffer_text(&t->plot, "\nunset multiplot\n");
}

static int plateau_from(const job *j) {
  if (j->options->plateau <= 0) return j->lags / 2;
  const double lag = ceil(j->options->plateau / j->spacing * (1 - 1e-9));
  return lag < j->lags ? (int)lag : j->lags; /* beyond: refused below */
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  job *j = context;
  nmd_vacf_result r;
  if (!j->begun) NMD_FAIL(OUT_OF_RANGE, "one frame only; expected a trajectory");
  nmd_blocks_reduce(&j->vacf.blocks, t->comm);
  if (!t->root) return NMD_OK;
  NMD_TRY(nmd_vacf_evaluate(&j->vacf, plateau_from(j), &r));
  put_summary(t, frames, j, &r, plateau_from(j));
  put_correlations(t, frames, j, &r);
  put_spectrum(t, frames, &r);
  put_plot(t, frames);
  nmd_vacf_result_free(&r);
  return NMD_OK;
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  job j = {.options = t->options, .tool = t};
  t->trajectory.unwrap = NMD_UNWRAP_NONE;
  const nmd_status status = tool_frames_visit(t, &visitor, true, &j);
  nmd_vacf_free(&j.vacf);
  nmd_free(j.waiting);
  return status;
}

static const nmd_tool definition = {.program = "nnpmd-vacf",
                                    .words = "TRAJECTORY...",
                                    .summary =
                                        "velocity autocorrelation, Green-Kubo diffusion, vibrational density of states",
                                    .description = "From a trajectory with velocities: their autocorrelation for each "
                                                   "element, its integral (the Green-Kubo diffusion "
                                                   "coefficient, with the error of the plateau) and its spectrum (the "
                                                   "vibrational density of states, Hann window).\n\n"
                                                   "The run is cut into segments of some windows each; one is in "
                                                   "memory at a time, and the scatter between them gives "
                                                   "the errors. Under mpirun the ranks share the segments. A "
                                                   "thermostat that acts on every atom (Langevin) changes "
                                                   "the correlation: take NVE or CSVR.",
                                    .options = &vacf_table,
                                    .min_words = 1,
                                    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
