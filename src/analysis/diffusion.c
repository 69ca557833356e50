/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/diffusion.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/msd_covariance.h"
#include "analysis/quantile.h"
#include "base/memory.h"

/* Set by the coverage test (tests/physics/slow_intervals.c): with less the intervals would be too narrow. */
#define AGREE 3.0         /* sigmas of the difference of two slopes */
#define SAFETY 2          /* start moved on by that factor: a curvature below the noise is still there */
#define HOP_TIMES 3.0     /* start, in times between hops */
#define HOP_TIMES_MIN 1.0 /* the longest start must allow that much */
#define REACH 8.0         /* end of the fit / start */
#define WORST 0.5         /* relative sigma above which no D is given */
#define HOPS_MIN 8.0      /* of all ions together */

void nmd_interval_chi2(double value, double freedom, double freedom_of_sigma, nmd_interval *interval) {
  const double z68 = nmd_student_quantile(0.5 + 0.5 * 0.6826894921370859, freedom_of_sigma);
  const double z95 = nmd_student_quantile(0.975, freedom_of_sigma);
  interval->value = value;
  interval->sigma = value * sqrt(2.0 / freedom);
  interval->ci68[0] = value / nmd_chi2_ratio(z68, freedom);
  interval->ci68[1] = value / nmd_chi2_ratio(-z68, freedom);
  interval->ci95[0] = value / nmd_chi2_ratio(z95, freedom);
  interval->ci95[1] = value / nmd_chi2_ratio(-z95, freedom);
}

enum { ROUNDS = 2 };

/* One line through the MSD. */
typedef struct line {
  double slope, intercept, variance; /* in lags; variance: of the slope */
  nmd_msd_line fitted;
} line;

/* Lags of a fit from start to end: every one, or spread evenly in the logarithm. */
static int choose_lags(int64_t start, int64_t end, int64_t lag[NMD_MSD_POINTS]) {
  int n = 0;
  for (int k = 0; k < NMD_MSD_POINTS; k++) {
    const double f = (double)k / (NMD_MSD_POINTS - 1);
    const int64_t m = (int64_t)nearbyint((double)start * pow((double)end / (double)start, f));
    if (n == 0 || m > lag[n - 1]) lag[n++] = m;
  }
  return n;
}

static const nmd_spread *spread_at(const nmd_diffusion_input *in, int64_t width) {
  int k = 0;
  while (k + 1 < in->n_spread && in->spread[k].width < width) k++;
  return &in->spread[k];
}

/* Mean time between hops in lags, from the windows that hold about one: there the excess kurtosis is 1 / hops. 0: the
 * displacements are Gaussian at all lags. */
static double hop_time(const nmd_diffusion_input *in) {
  if (in->hop_time >= 0.0) return in->hop_time;
  int peak = 0, n = 0;
  double sum = 0.0;
  for (int k = 1; k < in->n_spread; k++)
    if (in->spread[k].kurtosis > in->spread[peak].kurtosis) peak = k;
  for (int k = peak; k < in->n_spread; k++) {
    if (in->spread[k].kurtosis < 0.5 || in->spread[k].kurtosis > 2.0) continue;
    sum += in->spread[k].kurtosis * (double)in->spread[k].width;
    n++;
  }
  return n > 0 ? sum / n : 0.0;
}

/* Variance of the MSD at lags i, j beyond the Gaussian, over i j: hops are counted, and the fourth cumulant of a walk
 * grows in proportion to time. Mean over windows from the time of a hop up to twice the start. */
static double hop_noise(const nmd_diffusion_input *in, int64_t start) {
  const double from = hop_time(in);
  double sum = 0.0;
  int n = 0;
  for (int k = 0; k < in->n_spread; k++) {
    const nmd_spread *s = &in->spread[k];
    if (n > 0 && (double)s->width > 2.0 * (double)start) break;
    if ((double)s->width < from && k + 1 < in->n_spread) continue;
    const double msd = in->msd[s->width];
    sum += s->kurtosis * msd * msd / (double)s->width;
    n++;
  }
  return n > 0 ? fmax(0.0, sum / n) / (in->ions * (double)(in->n_frames - 1)) : 0.0;
}

static nmd_status fit_line(const nmd_diffusion_input *in, int64_t start, int64_t end, line *l) {
  double y[NMD_MSD_POINTS];
  int64_t lag[NMD_MSD_POINTS];
  const int n = choose_lags(start, end, lag);
  const nmd_spread *spread = spread_at(in, start);
  for (int k = 0; k < n; k++) y[k] = in->msd[lag[k]];
  nmd_msd_line fitted = {.slope = (y[n - 1] - y[0]) / (double)(lag[n - 1] - lag[0])};
  fitted.intercept = y[0] - fitted.slope * (double)lag[0];
  for (int round = 0; round < ROUNDS; round++) {
    const nmd_msd_model model = {.shape = in->shape != NULL ? in->shape : in->msd,
                                 .n_frames = in->n_frames,
                                 .start = start,
                                 .slope = fmax(fitted.slope, 1e-3 * in->msd[start] / (double)start),
                                 .intercept = fitted.intercept,
                                 .gaussian = 2.0 * spread->participation / spread->dimension,
                                 .excess = hop_noise(in, start),
                                 .prior = in->prior,
                                 .prior_sigma = in->prior_sigma};
    NMD_TRY(nmd_msd_gls(&model, n, lag, y, &fitted));
  }
  l->slope = fitted.slope;
  l->intercept = fitted.intercept;
  l->variance = fitted.slope_variance;
  l->fitted = fitted;
  return NMD_OK;
}

static int64_t end_of(const nmd_diffusion_input *in, int64_t start) {
  const int64_t reach = (int64_t)(REACH * (double)start) + 2, last = in->n_lags - 1;
  const int64_t wanted = in->end > 0.0 ? (int64_t)nearbyint(in->end / in->spacing) : reach;
  return wanted < last ? wanted : last;
}

/* Does a later slope fit an earlier one, as chi^2 over its freedom does? Relative variances: that of a slope which came
 * out low by chance is low too, and would make the chance look impossible. */
static bool agrees(const line *early, const line *late) {
  const double variance =
      late->variance / (late->slope * late->slope) - early->variance / (early->slope * early->slope);
  if (!(variance > 0.0)) return true;
  const double spread = variance / 9.0; /* 2 / (9 freedom) */
  return fabs(cbrt(late->slope / early->slope) - 1.0 + spread) <= AGREE * sqrt(spread);
}

/* Is the line as good as nothing? */
static bool is_vague(const line *l) { return !(l->slope > 0.0) || sqrt(l->variance) > WORST * l->slope; }

/* First of the candidates that agrees with all later ones that say anything; -1: none. */
static int first_agreeing(const line *candidate, int n) {
  for (int k = 0; k < n; k++) {
    bool good = !is_vague(&candidate[k]);
    int others = 0;
    for (int m = k + 1; m < n && good; m++) {
      if (is_vague(&candidate[m])) continue;
      good = agrees(&candidate[k], &candidate[m]);
      others++;
    }
    if (good && others > 0) return k;
  }
  return -1;
}

static nmd_status refuse(nmd_diffusion *r, double need, const char *why) {
  r->found = false;
  r->need = need;
  snprintf(r->why, sizeof r->why, "%s; a run of about %.3g ps is needed", why, 1e-3 * need);
  return NMD_OK;
}

static nmd_status find_start(const nmd_diffusion_input *in, nmd_diffusion *r, int64_t *start) {
  line candidate[NMD_LEVELS_MAX];
  int n = 0;
  const double whole = in->spacing * (double)(in->n_frames - 1);
  for (int k = 0; k < in->n_spread && end_of(in, in->spread[k].width) >= 2 * in->spread[k].width + 1; k++)
    NMD_TRY(fit_line(in, in->spread[k].width, end_of(in, in->spread[k].width), &candidate[n++]));
  const int first = first_agreeing(candidate, n);
  if (first < 0) {
    *start = 0;
    return refuse(
        r, 4.0 * whole,
        "the data are not diffusive: the slope of the MSD still changes, or is not known to 50 %, at all lags up to "
        "a sixth of the run");
  }
  const int64_t longest = in->spread[n - 1].width, settled = (int64_t)ceil(HOP_TIMES * hop_time(in));
  if (HOP_TIMES_MIN * hop_time(in) > (double)longest)
    return refuse(r, in->spacing * 20.0 * hop_time(in),
                  "too few hops: the run is shorter than six times the mean time between the hops of an ion");
  const int64_t safe = SAFETY * in->spread[first].width < longest ? SAFETY * in->spread[first].width : longest;
  const int64_t quarter = (in->n_frames - 1) / 4, calm = settled < quarter ? settled : quarter;
  *start = safe > calm ? safe : calm;
  if (*start > (in->n_lags - 2) / 2) *start = (in->n_lags - 2) / 2;
  return NMD_OK;
}

static void ordinary_fit(const nmd_diffusion_input *in, nmd_diffusion *r) {
  double n = 0.0, t = 0.0, y = 0.0, tt = 0.0, ty = 0.0, rest = 0.0;
  for (int64_t m = r->start; m <= r->end; m++) n += 1.0, t += (double)m, y += in->msd[m];
  t /= n, y /= n;
  for (int64_t m = r->start; m <= r->end; m++) {
    tt += ((double)m - t) * ((double)m - t);
    ty += ((double)m - t) * (in->msd[m] - y);
  }
  const double slope = ty / tt, unit = 2.0 * in->dimensions * in->spacing;
  for (int64_t m = r->start; m <= r->end; m++) rest += pow(in->msd[m] - y - slope * ((double)m - t), 2.0);
  r->ols = slope / unit;
  r->ols_sigma = n > 2.0 ? sqrt(rest / (n - 2.0) / tt) / unit : NAN;
}

/* Log-log slope between the start and twice it, of M - c and, over the fit, of M. */
static void exponents(const nmd_diffusion_input *in, const line *l, nmd_diffusion *r) {
  const int64_t a = r->start, b = 2 * r->start <= r->end ? 2 * r->start : r->end;
  const double ratio = (in->msd[b] - l->intercept) / (in->msd[a] - l->intercept);
  r->exponent = log(ratio) / log((double)b / (double)a);
  r->exponent_error = 2.0 * sqrt(l->variance) / l->slope;
  r->raw_exponent = log(in->msd[r->end] / in->msd[a]) / log((double)r->end / (double)a);
}

static nmd_status judge(const nmd_diffusion_input *in, const line *l, nmd_diffusion *r) {
  const double whole = in->spacing * (double)(in->n_frames - 1), relative = sqrt(l->variance) / l->slope;
  if (!(l->slope > 0.0) || relative > (in->worst > 0.0 ? in->worst : WORST)) {
    const double longer = l->slope > 0.0 ? pow(relative / 0.3, 2.0) : 10.0;
    return refuse(r, whole * fmin(fmax(longer, 2.0), 100.0),
                  "the slope of the MSD is too uncertain, or not above zero");
  }
  if (r->hops < HOPS_MIN)
    return refuse(r, whole * fmin(30.0 / fmax(r->hops, 0.3), 100.0),
                  "too few hops: the MSD has risen by less than eight hops of all ions together");
  return NMD_OK;
}

nmd_status nmd_diffusion_fit(const nmd_diffusion_input *in, nmd_diffusion *r) {
  *r = (nmd_diffusion){.found = true};
  if (in->n_spread < 1 || in->n_lags < 4)
    NMD_FAIL(OUT_OF_RANGE, "%lld lags; expected at least 4: too few frames", (long long)in->n_lags);
  if (in->start >= 0.0) {
    r->start = (int64_t)nearbyint(in->start / in->spacing);
    if (r->start < 1 || 2 * r->start > in->n_lags - 1)
      NMD_FAIL(OUT_OF_RANGE, "fit from %g fs; expected one frame (%g fs) to half the longest lag (%g fs)", in->start,
               in->spacing, 0.5 * in->spacing * (double)(in->n_lags - 1));
  } else
    NMD_TRY(find_start(in, r, &r->start));
  if (!r->found) return NMD_OK;
  r->end = end_of(in, r->start);
  if (r->end < r->start + 2)
    NMD_FAIL(OUT_OF_RANGE, "fit from lag %lld to lag %lld; expected at least three lags", (long long)r->start,
             (long long)r->end);
  line l;
  NMD_TRY(fit_line(in, r->start, r->end, &l));
  const double unit = 2.0 * in->dimensions * in->spacing;
  r->intercept = l.intercept;
  r->intercept_sigma = sqrt(l.fitted.intercept_variance);
  r->slope_covariance = l.fitted.covariance / unit;
  r->prior_weight = l.fitted.prior_weight / unit;
  r->hop_share = hop_noise(in, r->start) / (l.slope * l.slope);
  r->hops = in->ions * fmax(l.slope, 0.0) * (double)(in->n_frames - 1) / (in->hop * in->hop);
  r->he_sigma = 3.43 / sqrt(r->hops) + 0.04;
  r->hop_time = hop_time(in) * in->spacing;
  exponents(in, &l, r);
  ordinary_fit(in, r);
  NMD_TRY(judge(in, &l, r));
  if (!r->found) return NMD_OK;
  r->freedom = 2.0 * l.slope * l.slope / l.variance;
  r->freedom_of_sigma = spread_at(in, r->start)->freedom;
  r->n_eff = r->freedom / in->dimensions;
  nmd_interval_chi2(l.slope / unit, r->freedom, r->freedom_of_sigma, &r->D);
  return NMD_OK;
}
