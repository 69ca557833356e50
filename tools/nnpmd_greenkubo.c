/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-greenkubo: transport coefficients from the autocorrelation of a flux of the whole system: shear viscosity from
 * the stress, thermal conductivity from the heat flux. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/vacf.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "frames.h"

typedef struct greenkubo_options {
  int quantity;
  double window, plateau, skip; /* fs */
  double segments;
} greenkubo_options;

static const nmd_option greenkubo_option_list[] = {
    {"quantity", NMD_OPT_CHOICE, offsetof(greenkubo_options, quantity), .fallback = "viscosity",
     .choices = "viscosity|conductivity",
     .doc = "viscosity: from p_xy, p_xz, p_yz (GPa); conductivity: thermal, from j_x, j_y, j_z (eV/A^2/fs, energy flux "
            "density)"},
    {"window", NMD_OPT_REAL, offsetof(greenkubo_options, window), NMD_DIM_TIME, "2 ps", 0, 0, .min_open = 1,
     .doc = "longest time of the correlation"},
    {"plateau", NMD_OPT_REAL, offsetof(greenkubo_options, plateau), NMD_DIM_TIME, "0 fs", 0, -1,
     .doc = "the integral is averaged from this time on to the window; 0: from half the window"},
    {"segments", NMD_OPT_REAL, offsetof(greenkubo_options, segments), NMD_DIM_NONE, "4", 1, 1e6,
     .doc = "length of the pieces of the run, in windows"},
    {"skip", NMD_OPT_REAL, offsetof(greenkubo_options, skip), NMD_DIM_TIME, "0 fs", 0, -1,
     .doc = "time to leave out at the beginning"},
};
static const nmd_option_table greenkubo_table = {"greenkubo", "transport coefficients of the whole system",
                                                 sizeof(greenkubo_options), NMD_COUNT(greenkubo_option_list),
                                                 greenkubo_option_list};

/* The columns of a table that are needed, by name; the last three are the flux. */
enum { TIME, TEMPERATURE, VOLUME, FLUX, NEEDED = FLUX + 3, WORDS_MAX = 256 };

typedef struct quantity {
  const char *columns[NEEDED];
  const char *name, *unit, *key; /* of the coefficient, for people and for JSON */
  const char *square;            /* unit of the correlation */
  double to_internal;            /* of the flux: to eV/A^3, eV/A^2/fs */
  /* coefficient = factor * volume / (k T^power) * integral of <flux flux> of one component */
  double factor;
  int power;
} quantity;

static const quantity quantities[] = {
    /* eV fs / A^3 = 0.1602 mPa s */
    {{"time", "T", "volume", "p_xy", "p_xz", "p_yz"},
     "shear viscosity",
     "mPa.s",
     "viscosity_mPa_s",
     "GPa^2",
     1 / NMD_EV_PER_A3_TO_GPA,
     0.1602176634,
     1},
    /* eV / (A fs K) = 1.602e6 W/(m K) */
    {{"time", "T", "volume", "j_x", "j_y", "j_z"},
     "thermal conductivity",
     "W/(m.K)",
     "thermal_conductivity_W_per_m_K",
     "(eV/A^2/fs)^2",
     1,
     1.602176634e6,
     2},
};

typedef struct job {
  const greenkubo_options *options;
  const quantity *quantity;
  const char *path;
  tool_series series; /* [n][NEEDED] */
  int64_t n;
  double spacing, mean[NEEDED];
  int lags, segment;
  nmd_vacf vacf;
} job;

static void find_columns(const quantity *q, char *line, int column[NEEDED]) {
  char *words[WORDS_MAX];
  const int n = nmd_split(line + 1, words, WORDS_MAX);
  for (int k = 0; k < NEEDED; k++)
    for (int w = 0; w < n; w++)
      if (strcmp(words[w], q->columns[k]) == 0) column[k] = w;
}

static nmd_status read_row(const quantity *q, const nmd_lines *lines, char *line, const int column[NEEDED],
                           double *row) {
  char *words[WORDS_MAX];
  const int n = nmd_split(line, words, WORDS_MAX);
  for (int k = 0; k < NEEDED; k++) {
    if (column[k] < 0)
      NMD_FAIL(MISSING_KEY, "%s: no column '%s' named above the first row; expected e.g. the thermo table of a run",
               lines->file, q->columns[k]);
    if (column[k] >= n || !nmd_parse_real(words[column[k]], &row[k]))
      NMD_FAIL(BAD_NUMBER, "%s:%d: column '%s' is no number", lines->file, lines->line, q->columns[k]);
  }
  return NMD_OK;
}

/* Rows from `skip` after the first on. */
static nmd_status read_lines(job *j, char *text) {
  nmd_lines lines;
  char *line;
  int column[NEEDED] = {-1, -1, -1, -1, -1, -1};
  double begin = NAN, *row;
  nmd_lines_init(&lines, j->path, text);
  while (nmd_lines_next(&lines, &line)) {
    if (line[0] == '#') find_columns(j->quantity, line, column);
    if (line[0] == '#' || line[0] == '\0') continue;
    NMD_TRY(tool_series_row(&j->series, j->n, &row));
    NMD_TRY(read_row(j->quantity, &lines, line, column, row));
    if (isnan(begin)) begin = row[TIME];
    j->n += row[TIME] - begin >= j->options->skip * (1 - 1e-9);
  }
  return NMD_OK;
}

static nmd_status read_table(job *j) {
  char *text;
  size_t length;
  j->series.width = NEEDED;
  NMD_TRY(nmd_text_read_file(j->path, &text, &length));
  const nmd_status status = read_lines(j, text);
  nmd_free(text);
  return status;
}

static nmd_status check_even(job *j) {
  const double *v = j->series.values;
  if (j->n < 3) NMD_FAIL(OUT_OF_RANGE, "%s: %lld rows; expected a long series", j->path, (long long)j->n);
  j->spacing = v[NEEDED + TIME] - v[TIME];
  for (int64_t k = 1; k < j->n; k++) {
    const double step = v[k * NEEDED + TIME] - v[(k - 1) * NEEDED + TIME];
    if (!(step > 0) || fabs(step - j->spacing) > 1e-6 * fabs(j->spacing))
      NMD_FAIL(CONFLICT,
               "%s: row %lld comes %g fs after the one before, the first two are %g fs apart; expected even spacing",
               j->path, (long long)(k + 1), step, j->spacing);
  }
  return NMD_OK;
}

static nmd_status lay_out(tool *t, job *j) {
  const greenkubo_options *o = j->options;
  const double lags = floor(o->window / j->spacing * (1 + 1e-9)) + 1, segment = ceil(lags * o->segments);
  if (!(lags >= 3 && segment < 1e9))
    NMD_FAIL(OUT_OF_RANGE, "--window %g fs with rows every %g fs: %.0f points; expected at least 3", o->window,
             j->spacing, lags);
  j->lags = (int)lags;
  j->segment = (int)segment;
  return nmd_tool_claim_memory(t, nmd_vacf_bytes(1, 1, j->lags, j->segment), "one segment", "take a shorter --window");
}

/* The fluxes have mean zero in equilibrium: nothing is taken out. */
static nmd_status correlate(job *j) {
  const int kind = 0;
  NMD_TRY(nmd_vacf_init(&j->vacf, 1, 1, &kind, j->lags, j->segment, j->spacing));
  for (int64_t k = 0; k < j->n; k++) {
    const double *row = j->series.values + k * NEEDED;
    double flux[1][3];
    for (int c = 0; c < NEEDED; c++) j->mean[c] += row[c] / (double)j->n;
    for (int c = 0; c < 3; c++) flux[0][c] = row[FLUX + c] * j->quantity->to_internal;
    NMD_TRY(nmd_vacf_add(&j->vacf, k, (const double(*)[3])flux));
  }
  return NMD_OK;
}

static int plateau_from(const job *j) {
  if (j->options->plateau <= 0) return j->lags / 2;
  const double lag = ceil(j->options->plateau / j->spacing * (1 - 1e-9));
  return lag < j->lags ? (int)lag : j->lags; /* beyond: refused by the evaluation */
}

static void report(tool *t, const job *j, const nmd_vacf_result *r) {
  const quantity *q = j->quantity;
  const double unit = q->factor * j->mean[VOLUME] / (NMD_BOLTZMANN * pow(j->mean[TEMPERATURE], q->power));
  const double value = unit * r->plateau[0], error = unit * r->plateau_error[0];
  const double square = 1 / (3 * q->to_internal * q->to_internal); /* of one component, in the table's unit */
  char names[128], units[128];
  nmd_tool_note(t, "mean temperature %.6g K, volume %.8g A^3; %lld segments of %g ps", j->mean[TEMPERATURE],
                j->mean[VOLUME], (long long)nmd_blocks_frames(&j->vacf.blocks), 1e-3 * j->segment * j->spacing);
  nmd_tool_note(t, "%s %.6g +- %.2g %s (mean of the integral from %g ps on)", q->name, value, error, q->unit,
                1e-3 * plateau_from(j) * j->spacing);
  snprintf(names, sizeof names, "time correlation error %s error", q->key);
  snprintf(units, sizeof units, "ps %s %s %s %s", q->square, q->square, q->unit, q->unit);
  nmd_tool_columns(t, names, units);
  for (int i = 0; i < r->lags; i++)
    nmd_buffer_printf(&t->text, "%.8g %.8g %.3g %.8g %.3g\n", 1e-3 * i * j->spacing, square * r->c[i],
                      square * r->c_error[i], unit * r->integral[i], unit * r->integral_error[i]);
  nmd_json_open(&t->json, q->key, '{');
  nmd_json_real(&t->json, "value", value);
  nmd_json_real(&t->json, "sigma", error);
  nmd_json_close(&t->json);
  nmd_json_real(&t->json, "spacing_fs", j->spacing);
  nmd_json_reals(&t->json, "correlation", r->c, r->lags, 1);
  nmd_json_reals(&t->json, "correlation_error", r->c_error, r->lags, 1);
  tool_plot_table(t);
  nmd_buffer_printf(&t->plot,
                    "set xlabel 'time (ps)'\nset ylabel '%s (%s)'\nunset key\nplot $data using 1:4:5 with "
                    "yerrorlines\n",
                    q->name, q->unit);
}

static nmd_status compute(tool *t, job *j) {
  nmd_vacf_result r;
  NMD_TRY(read_table(j));
  NMD_TRY(check_even(j));
  NMD_TRY(lay_out(t, j));
  NMD_TRY(correlate(j));
  NMD_TRY(nmd_vacf_evaluate(&j->vacf, plateau_from(j), &r));
  report(t, j, &r);
  nmd_vacf_result_free(&r);
  return NMD_OK;
}

static nmd_status run(tool *t) {
  const greenkubo_options *options = t->options;
  job j = {.options = options, .quantity = &quantities[options->quantity], .path = t->words[0]};
  nmd_status status = t->n_words == 1 ? NMD_OK : nmd_fail(NMD_USAGE, "%d files; expected one table", t->n_words);
  if (status == NMD_OK && t->root) status = compute(t, &j); /* one series: nothing to share */
  tool_series_free(&j.series);
  nmd_vacf_free(&j.vacf);
  return nmd_comm_agree(t->comm, status);
}

static const nmd_tool definition = {
    .program = "nnpmd-greenkubo",
    .words = "TABLE",
    .summary = "shear viscosity and thermal conductivity from the fluctuations of a run",
    .description =
        "Autocorrelation of a flux of the whole system and its Green-Kubo integral, with errors from segments of the "
        "run: V/kT int <p p> is the shear viscosity, V/kT^2 int <j j> the thermal conductivity, each averaged over "
        "three components. The table names its columns in a line that begins with #, as the thermo output of nnpmd "
        "does: time (fs), T (K), volume (A^3) and the flux.\n\n"
        "It is one series for the whole system, so it needs much longer runs than the diffusion of single atoms.",
    .options = &greenkubo_table,
    .no_trajectory = true,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
