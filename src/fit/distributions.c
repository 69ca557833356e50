/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/distributions.h"

#include <math.h>
#include <string.h>

#include "base/columns.h"
#include "base/memory.h"
#include "base/vec3.h"

nmd_status nmd_distributions_init(nmd_distributions *d, const nmd_distribution_plan *plan) {
  const int kinds = plan->species.n;
  *d = (nmd_distributions){.kinds = kinds, .bins = plan->bins, .angle_bins = plan->angle_bins};
  const int n_g = nmd_kind_pairs(kinds) * d->bins;
  const int n_p = plan->bond != NULL ? kinds * nmd_kind_pairs(kinds) * d->angle_bins : 0;
  nmd_status status = NMD_ALLOC(d->g, n_g);
  if (status == NMD_OK && n_p > 0) status = NMD_ALLOC(d->p, n_p);
  if (status == NMD_OK && n_p > 0) status = NMD_ALLOC(d->angles, n_p / d->angle_bins);
  if (status != NMD_OK) {
    nmd_distributions_free(d);
    return status;
  }
  d->triplets = n_p > 0 ? n_p / d->angle_bins : 0;
  for (int k = 0; k < n_g; k++) d->g[k] = NAN;
  for (int k = 0; k < n_p; k++) d->p[k] = NAN;
  return NMD_OK;
}

void nmd_distributions_free(nmd_distributions *d) {
  nmd_free(d->g);
  nmd_free(d->p);
  nmd_free(d->angles);
  *d = (nmd_distributions){0};
}

/* ---- frames ---- */

nmd_status nmd_sampler_init(nmd_sampler *s, const nmd_distribution_plan *plan) {
  *s = (nmd_sampler){.plan = plan};
  nmd_status status = nmd_rdf_init(&s->rdf, plan->species.n, plan->cutoff, plan->bins);
  if (status == NMD_OK && plan->bond != NULL)
    status = nmd_adf_init(&s->adf, plan->species.n, plan->bond, plan->angle_bins);
  if (status != NMD_OK) nmd_sampler_free(s);
  return status;
}

void nmd_sampler_free(nmd_sampler *s) {
  nmd_rdf_free(&s->rdf);
  if (s->adf.kinds > 0) nmd_adf_free(&s->adf);
  *s = (nmd_sampler){0};
}

nmd_status nmd_sampler_add(nmd_sampler *s, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind) {
  NMD_TRY(nmd_rdf_add(&s->rdf, s->frames, box, n, x, kind));
  if (s->plan->bond != NULL) NMD_TRY(nmd_adf_add(&s->adf, s->frames, box, n, x, kind));
  s->frames++;
  s->volume += box->volume;
  for (int d = 0; d < 3; d++) s->lengths[d] += nmd_norm(box->h[d]);
  return NMD_OK;
}

static nmd_status take_g(const nmd_sampler *s, nmd_distributions *out) {
  double *mean;
  NMD_TRY(NMD_ALLOC(mean, nmd_rdf_width(&s->rdf)));
  nmd_blocks_mean(&s->rdf.blocks, mean, NULL);
  for (int a = 0; a < out->kinds; a++)
    for (int b = a; b < out->kinds; b++)
      for (int k = 0; k < out->bins; k++)
        out->g[nmd_kind_pair(out->kinds, a, b) * out->bins + k] = mean[nmd_rdf_g(&s->rdf, a, b, k)];
  nmd_free(mean);
  return NMD_OK;
}

static nmd_status take_p(const nmd_sampler *s, nmd_distributions *out) {
  double *error;
  if (out->p == NULL) return NMD_OK;
  NMD_TRY(NMD_ALLOC(error, out->triplets * out->angle_bins));
  const nmd_status status = nmd_adf_result(&s->adf, out->p, error, out->angles);
  nmd_free(error);
  return status;
}

nmd_status nmd_sampler_result(const nmd_sampler *s, nmd_distributions *out) {
  *out = (nmd_distributions){0};
  if (s->frames == 0) NMD_FAIL(CONFLICT, "no frame to take averages over");
  NMD_TRY(nmd_distributions_init(out, s->plan));
  nmd_status status = take_g(s, out);
  if (status == NMD_OK) status = take_p(s, out);
  out->frames = s->frames;
  out->volume = s->volume / (double)s->frames;
  for (int d = 0; d < 3; d++) out->lengths[d] = s->lengths[d] / (double)s->frames;
  if (status != NMD_OK) nmd_distributions_free(out);
  return status;
}

/* ---- tables ---- */

static double value_at(const nmd_columns *c, double x) {
  if (x < c->x[0] || x > c->x[c->n - 1]) return NAN;
  int k = 0;
  while (k < c->n - 2 && c->x[k + 1] < x) k++;
  const double t = (x - c->x[k]) / (c->x[k + 1] - c->x[k]);
  return c->y[k] + t * (c->y[k + 1] - c->y[k]);
}

nmd_status nmd_table_sample(const char *path, int column, int n, const double *x, double *y) {
  nmd_columns c;
  NMD_TRY(nmd_columns_read(path, column, "two numbers", 2, &c));
  for (int k = 0; k < n; k++) y[k] = value_at(&c, x[k]);
  nmd_columns_free(&c);
  return NMD_OK;
}

double nmd_curve_loss(int n, const double *reference, const double *trial, bool *counted) {
  double difference = 0, square = 0;
  for (int k = 0; k < n; k++) {
    if (isnan(reference[k])) continue;
    const double other = isnan(trial[k]) ? 0 : trial[k]; /* an angle that never occurs */
    difference += (other - reference[k]) * (other - reference[k]);
    square += reference[k] * reference[k];
  }
  *counted = square > 0;
  return *counted ? difference / square : 0;
}
