/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/conductivity.h"

#include <math.h>
#include <stdio.h>

#include "analysis/quantile.h"
#include "base/memory.h"
#include "base/units.h"

/* How far the charge's intercept may be from that of independent ions: of the intercept, and of the MSD at the start.
 * Set by the coverage test (tests/physics/slow_intervals.c). */
#define PRIOR_DOUBT 0.5
#define PRIOR_LEAST 0.08
#define COLLECTIVE_WORST 0.7 /* relative sigma: one path cannot do better in a short run, and the interval says so */
#define ELEMENTARY_CHARGE 1.602176634e-19 /* C; an eV in J, too (CODATA 2018) */

/* e^2 / (A^3 eV) * A^2 / fs = e / (A fs V) = 1.602e-19 C / (1e-10 m 1e-15 s V) */
double nmd_conductivity_unit(double temperature, double volume) {
  return ELEMENTARY_CHARGE / 1e-25 / (volume * NMD_BOLTZMANN * temperature);
}

static nmd_diffusion_input input_of(const nmd_conductivity_input *in, const nmd_carrier *c, double start) {
  return (nmd_diffusion_input){.msd = c->msd,
                               .n_lags = in->n_lags,
                               .n_frames = in->n_frames,
                               .spacing = in->spacing,
                               .dimensions = in->dimensions,
                               .ions = c->ions,
                               .spread = c->spread,
                               .n_spread = in->n_spread,
                               .start = start,
                               .hop_time = -1.0,
                               .prior_sigma = -1.0,
                               .hop = in->hop};
}

static nmd_status fail(nmd_conductivity *r, const char *what, const nmd_diffusion *fit) {
  r->found = false;
  snprintf(r->why, sizeof r->why, "%s: %s", what, fit->why);
  return NMD_OK;
}

/* Every carrier by itself, then all from the latest start. */
static nmd_status fit_carriers(const nmd_conductivity_input *in, nmd_conductivity *r) {
  double start = in->start;
  for (int round = 0; round < 2; round++)
    for (int k = 0; k < in->n; k++) {
      nmd_carrier *c = &in->carrier[k];
      const nmd_diffusion_input input = input_of(in, c, round == 0 ? in->start : start);
      NMD_TRY(nmd_diffusion_fit(&input, &c->fit));
      if (!c->fit.found) return fail(r, "self diffusion of a carrier", &c->fit);
      start = fmax(start, in->spacing * (double)c->fit.start);
    }
  return NMD_OK;
}

/* (sum q^2)^2 / sum q^4: how many ions share the charge's path. */
static double sharers(const nmd_conductivity_input *in) {
  double q2 = 0.0, q4 = 0.0;
  for (int k = 0; k < in->n; k++) {
    q2 += in->carrier[k].ions * pow(in->carrier[k].charge, 2.0);
    q4 += in->carrier[k].ions * pow(in->carrier[k].charge, 4.0);
  }
  return q2 * q2 / q4;
}

/* Spread of a sum over all ions whose MSD is `msd`; rest: of the motion that is not the charge's. Hops of all carriers.
 */
static void spread_of_sum(const nmd_conductivity_input *in, const double *msd, bool rest, nmd_spread *spread) {
  for (int level = 0; level < in->n_spread; level++) {
    const int64_t width = in->carrier[0].spread[level].width;
    double fourth = 0.0, participation = 0.0;
    for (int k = 0; k < in->n; k++) {
      const nmd_carrier *c = &in->carrier[k];
      const double share = c->ions * c->charge * c->charge * c->msd[width] / in->independent[width];
      fourth += c->ions * pow(c->charge, 4.0) * c->spread[level].kurtosis * pow(c->msd[width], 2.0);
      participation += share * share * c->spread[level].rest;
    }
    spread[level] = in->carrier[0].spread[level];
    spread[level].participation = rest ? participation : 1.0;
    spread[level].kurtosis = fourth / pow(msd[width], 2.0);
    if (!rest) spread[level].freedom = 1e6; /* one path: nothing about its participation is estimated */
  }
}

static nmd_status fit_sum(const nmd_conductivity_input *in, const double *msd, const nmd_spread *spread, double start,
                          double prior, double prior_sigma, nmd_diffusion *fit) {
  double hop_time = 0.0;
  for (int k = 0; k < in->n; k++) hop_time = fmax(hop_time, in->carrier[k].fit.hop_time / in->spacing);
  nmd_diffusion_input input = input_of(in, &in->carrier[0], start);
  input.msd = msd;
  input.shape = in->independent;
  input.spread = spread;
  input.ions = 1.0;
  input.hop = 1e-6; /* hops have been counted by the carriers */
  input.worst = COLLECTIVE_WORST;
  input.hop_time = hop_time;
  input.prior = prior;
  input.prior_sigma = prior_sigma;
  return nmd_diffusion_fit(&input, fit);
}

/* Motion that is not the charge's, as of ions that move against each other. */
static nmd_status fit_rest(const nmd_conductivity_input *in, double start, nmd_conductivity *r) {
  nmd_spread spread[NMD_LEVELS_MAX];
  double *rest;
  NMD_TRY(NMD_ALLOC(rest, in->n_lags));
  for (int64_t m = 0; m < in->n_lags; m++) rest[m] = in->independent[m] - in->collective[m] / sharers(in);
  spread_of_sum(in, rest, true, spread);
  const nmd_status status = fit_sum(in, rest, spread, start, 0.0, -1.0, &r->rest);
  nmd_free(rest);
  NMD_TRY(status);
  return r->rest.found ? NMD_OK : fail(r, "motion of the ions against each other", &r->rest);
}

/* The charge has one path, which says little about slope AND intercept. While it diffuses from where the ions do, the
 * intercept (what they do before: vibrate, jump back) is taken from the rest of the motion, with doubt; otherwise
 * fitted.
 */
static nmd_status fit_charge(const nmd_conductivity_input *in, double start, bool prior, nmd_conductivity *r,
                             nmd_diffusion *fit) {
  nmd_spread spread[NMD_LEVELS_MAX];
  const double n = sharers(in);
  spread_of_sum(in, in->collective, false, spread);
  r->prior_factor = !prior ? 0.0 : n > 1.0 ? n / (n - 1.0) : 1.0;
  const double seen = pow(r->rest.intercept, 2.0) - pow(r->rest.intercept_sigma, 2.0); /* beyond its own noise */
  const double doubt = PRIOR_DOUBT * sqrt(fmax(0.0, seen));
  const double least = r->rest.hop_time > 0.0 ? PRIOR_LEAST * in->independent[r->rest.start] : 0.0;
  const double sigma = r->prior_factor * hypot(hypot(doubt, least), r->rest.intercept_sigma);
  return fit_sum(in, in->collective, spread, start, r->prior_factor * r->rest.intercept, prior ? sigma : -1.0, fit);
}

/* The charge may diffuse later than the ions do, for they push each other: then all fits start where it does. */
static nmd_status fit_modes(const nmd_conductivity_input *in, nmd_conductivity *r) {
  double start = in->spacing * (double)in->carrier[0].fit.start;
  bool together = true;
  NMD_TRY(fit_rest(in, start, r));
  if (r->found && in->start < 0.0) {
    nmd_diffusion trial;
    NMD_TRY(fit_charge(in, -1.0, true, r, &trial));
    if (!trial.found && trial.start == 0) return fail(r, "collective displacement of the charge", &trial);
    const double later = in->spacing * (double)trial.start;
    together = later <= start;
    if (!together) NMD_TRY(fit_rest(in, start = later, r));
  }
  if (!r->found) return NMD_OK;
  NMD_TRY(fit_charge(in, start, together, r, &r->collective));
  return r->collective.found ? NMD_OK : fail(r, "collective displacement of the charge", &r->collective);
}

static void scale(const nmd_interval *from, double factor, nmd_interval *to) {
  to->value = factor * from->value;
  to->sigma = factor * from->sigma;
  for (int k = 0; k < 2; k++) {
    to->ci68[k] = factor * from->ci68[k];
    to->ci95[k] = factor * from->ci95[k];
  }
}

/* Sums over carriers: of q^2 N D, and of its variance. */
static void independent_ions(const nmd_conductivity_input *in, nmd_interval *sum) {
  double value = 0.0, variance = 0.0, spread = 0.0;
  for (int k = 0; k < in->n; k++) {
    const nmd_carrier *c = &in->carrier[k];
    const double weight = c->ions * c->charge * c->charge, part = pow(weight * c->fit.D.sigma, 2.0);
    value += weight * c->fit.D.value;
    variance += part;
    spread += part * part / c->fit.freedom_of_sigma;
  }
  nmd_interval_chi2(value, 2.0 * value * value / variance, variance * variance / spread, sum);
}

/* rest / D_q as a ratio of two chi^2. Through the intercept D_q follows the rest a little: the spread of the ratio is
 * less by their covariance, and the degrees of freedom are raised to match. */
static void haven(const nmd_conductivity_input *in, nmd_conductivity *r) {
  static const double z68 = 1.0, z95 = 1.959963984540054;
  const double n = sharers(in), rest = r->rest.D.value, Dq = r->collective.D.value, ratio = rest / Dq;
  const double apart = 2.0 / r->rest.freedom + 2.0 / r->collective.freedom;
  const double through_prior = r->collective.prior_weight * r->prior_factor * r->rest.slope_covariance / (rest * Dq);
  const double common = 2.0 * (through_prior + fmin(r->rest.hop_share, r->collective.hop_share));
  const double raise = apart / fmax(apart - common, 0.3 * apart);
  const double free_rest = raise * r->rest.freedom, free_charge = raise * r->collective.freedom;
  nmd_interval *h = &r->haven;
  h->value = 1.0 / n + ratio;
  h->sigma = ratio * sqrt(2.0 / free_charge + 2.0 / free_rest);
  h->ci68[0] = 1.0 / n + ratio / nmd_f_ratio(z68, free_rest, free_charge);
  h->ci68[1] = 1.0 / n + ratio / nmd_f_ratio(-z68, free_rest, free_charge);
  h->ci95[0] = 1.0 / n + ratio / nmd_f_ratio(z95, free_rest, free_charge);
  h->ci95[1] = 1.0 / n + ratio / nmd_f_ratio(-z95, free_rest, free_charge);
}

nmd_status nmd_conductivity_fit(const nmd_conductivity_input *in, nmd_conductivity *r) {
  *r = (nmd_conductivity){.found = true};
  NMD_TRY(fit_carriers(in, r));
  if (r->found) NMD_TRY(fit_modes(in, r));
  if (!r->found) return NMD_OK;
  nmd_interval sum;
  independent_ions(in, &sum);
  const double unit = nmd_conductivity_unit(in->temperature, in->volume);
  scale(&sum, unit, &r->nernst_einstein);
  scale(&r->collective.D, unit, &r->helfand);
  haven(in, r);
  return NMD_OK;
}
