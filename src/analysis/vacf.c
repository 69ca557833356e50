/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/vacf.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { FINER = 2 }; /* points of the spectrum per independent one, for smooth curves */

typedef struct nmd__vacf_fft {
  int size; /* segment + lags or a little more: no correlation around the end */
  double *padded;
  fftw_complex *spectrum;
  double *power; /* [kinds][size / 2 + 1] */
  fftw_plan forward, back;
} fft;

/* The next product of 2, 3 and 5: FFTW's fast sizes. */
static int fast_size(int n) {
  for (;; n++) {
    int rest = n;
    for (int p = 2; p <= 5; p++)
      while (rest % p == 0) rest /= p;
    if (rest == 1) return n;
  }
}

static nmd_status make_fft(nmd_vacf *vacf) {
  NMD_TRY(NMD_ALLOC(vacf->fft, 1));
  fft *f = vacf->fft;
  f->size = fast_size(vacf->segment + vacf->lags);
  NMD_TRY(NMD_ALLOC(f->padded, f->size));
  NMD_TRY(NMD_ALLOC(f->spectrum, f->size / 2 + 1));
  NMD_TRY(NMD_ALLOC(f->power, (int64_t)vacf->kinds * (f->size / 2 + 1)));
  /* FFTW_ESTIMATE: the plan, and so the last bits, do not depend on timings */
  f->forward = fftw_plan_dft_r2c_1d(f->size, f->padded, f->spectrum, FFTW_ESTIMATE);
  f->back = fftw_plan_dft_c2r_1d(f->size, f->spectrum, f->padded, FFTW_ESTIMATE);
  if (f->forward == NULL || f->back == NULL) NMD_FAIL(MEMORY, "no plan for a Fourier transform of %d points", f->size);
  return NMD_OK;
}

nmd_status nmd_vacf_init(nmd_vacf *vacf, int kinds, int64_t n, const int *kind, int lags, int segment, double spacing) {
  *vacf = (nmd_vacf){.kinds = kinds, .lags = lags, .segment = segment, .spacing = spacing, .n = n};
  if (lags < 2 || segment < lags || segment > (1 << 29))
    NMD_FAIL(OUT_OF_RANGE, "%d lags in segments of %d frames: expected at least 2 lags, in at least as many frames",
             lags, segment);
  nmd_status status = NMD_ALLOC(vacf->kind, n);
  if (status == NMD_OK) status = NMD_ALLOC(vacf->population, kinds);
  if (status == NMD_OK) status = NMD_ALLOC(vacf->series, 3 * n * segment);
  if (status == NMD_OK) status = NMD_ALLOC(vacf->values, (int64_t)kinds * lags);
  if (status == NMD_OK) status = nmd_blocks_init(&vacf->blocks, kinds * lags);
  if (status == NMD_OK) status = make_fft(vacf);
  for (int64_t i = 0; i < n && status == NMD_OK; i++) {
    vacf->kind[i] = kind[i];
    if (kind[i] >= 0) vacf->population[kind[i]] += 1;
  }
  if (status != NMD_OK) nmd_vacf_free(vacf);
  return status;
}

void nmd_vacf_free(nmd_vacf *vacf) {
  nmd_free(vacf->kind);
  nmd_free(vacf->population);
  nmd_free(vacf->series);
  nmd_free(vacf->values);
  nmd_blocks_free(&vacf->blocks);
  fft *f = vacf->fft;
  if (f != NULL) {
    if (f->forward != NULL) fftw_destroy_plan(f->forward);
    if (f->back != NULL) fftw_destroy_plan(f->back);
    nmd_free(f->padded);
    nmd_free(f->spectrum);
    nmd_free(f->power);
  }
  nmd_free(f);
  *vacf = (nmd_vacf){0};
}

int64_t nmd_vacf_bytes(int kinds, int64_t n, int lags, int segment) {
  return 8 * (3 * n * segment + (int64_t)(NMD_BLOCKS_MAX + 1) * kinds * lags + (3 + kinds) * (int64_t)(segment + lags));
}

static void add_power(nmd_vacf *vacf, int kind, const double *series) {
  fft *f = vacf->fft;
  double *power = f->power + (int64_t)kind * (f->size / 2 + 1);
  memcpy(f->padded, series, sizeof *series * (size_t)vacf->segment);
  memset(f->padded + vacf->segment, 0, sizeof *series * (size_t)(f->size - vacf->segment));
  fftw_execute(f->forward);
  for (int k = 0; k <= f->size / 2; k++)
    power[k] += f->spectrum[k][0] * f->spectrum[k][0] + f->spectrum[k][1] * f->spectrum[k][1];
}

/* Back from the summed power of a kind to its correlation. */
static void correlate(nmd_vacf *vacf, int kind) {
  fft *f = vacf->fft;
  const double *power = f->power + (int64_t)kind * (f->size / 2 + 1);
  for (int k = 0; k <= f->size / 2; k++) {
    f->spectrum[k][0] = power[k];
    f->spectrum[k][1] = 0;
  }
  fftw_execute(f->back);
  const double atoms = fmax(vacf->population[kind], 1);
  for (int t = 0; t < vacf->lags; t++)
    vacf->values[kind * vacf->lags + t] = f->padded[t] / f->size / (vacf->segment - t) / atoms;
}

nmd_status nmd_vacf_add(nmd_vacf *vacf, int64_t k, const double (*v)[3]) {
  const int at = (int)(k % vacf->segment);
  for (int64_t i = 0; i < vacf->n; i++)
    for (int d = 0; d < 3; d++) vacf->series[(3 * i + d) * vacf->segment + at] = v[i][d];
  if (at + 1 < vacf->segment) return NMD_OK;
  memset(vacf->fft->power, 0, sizeof(double) * (size_t)vacf->kinds * (size_t)(vacf->fft->size / 2 + 1));
  for (int64_t i = 0; i < 3 * vacf->n; i++)
    if (vacf->kind[i / 3] >= 0) add_power(vacf, vacf->kind[i / 3], vacf->series + i * vacf->segment);
  for (int kind = 0; kind < vacf->kinds; kind++) correlate(vacf, kind);
  nmd_blocks_add(&vacf->blocks, k / vacf->segment, vacf->values);
  return NMD_OK;
}

/* What follows from C, one kind after the other: C, D(t), plateau, g. */
typedef struct derivation {
  const nmd_vacf *vacf;
  int plateau_from, points, frequencies; /* points: of the padded transform */
  double *work;                          /* [points] */
  fftw_plan plan;                        /* trapezoidal rule of the cosine transform, on work */
} derivation;

static void integrate(const nmd_vacf *vacf, const double *c, double *integral) {
  integral[0] = 0;
  for (int t = 1; t < vacf->lags; t++) integral[t] = integral[t - 1] + vacf->spacing * (c[t] + c[t - 1]) / 6;
}

static void transform(const derivation *d, const double *c, double *density) {
  const nmd_vacf *vacf = d->vacf;
  memset(d->work, 0, sizeof *d->work * (size_t)d->points);
  for (int t = 0; t < vacf->lags; t++) {
    const double half = cos(0.5 * M_PI * t / (vacf->lags - 1));
    d->work[t] = c[t] / c[0] * half * half;
  }
  fftw_execute(d->plan); /* c0 + 2 sum c_t cos(...) */
  for (int k = 0; k < d->frequencies; k++) density[k] = 2 * vacf->spacing * d->work[k];
}

static void derive(const void *opaque, const double *mean, double *derived) {
  const derivation *d = opaque;
  const int lags = d->vacf->lags;
  for (int kind = 0; kind < d->vacf->kinds; kind++) {
    const double *c = mean + kind * lags;
    double *integral = derived + lags, *plateau = integral + lags, sum = 0;
    memcpy(derived, c, sizeof *c * (size_t)lags);
    integrate(d->vacf, c, integral);
    for (int t = d->plateau_from; t < lags; t++) sum += integral[t];
    *plateau = sum / (lags - d->plateau_from);
    transform(d, c, plateau + 1);
    derived = plateau + 1 + d->frequencies;
  }
}

static nmd_status make_derivation(const nmd_vacf *vacf, int plateau_from, derivation *d) {
  *d = (derivation){.vacf = vacf, .plateau_from = plateau_from, .points = FINER * (vacf->lags - 1) + 1};
  d->frequencies = d->points;
  NMD_TRY(NMD_ALLOC(d->work, d->points));
  d->plan = fftw_plan_r2r_1d(d->points, d->work, d->work, FFTW_REDFT00, FFTW_ESTIMATE);
  if (d->plan != NULL) return NMD_OK;
  nmd_free(d->work);
  NMD_FAIL(MEMORY, "no plan for a Fourier transform of %d points", d->points);
}

static nmd_status make_result(const derivation *d, nmd_vacf_result *r) {
  const int64_t kinds = d->vacf->kinds;
  *r = (nmd_vacf_result){.lags = d->vacf->lags, .frequencies = d->frequencies};
  r->frequency_step = 1 / (2 * d->vacf->spacing * (d->points - 1));
  NMD_TRY(NMD_ALLOC(r->c, kinds * r->lags));
  NMD_TRY(NMD_ALLOC(r->c_error, kinds * r->lags));
  NMD_TRY(NMD_ALLOC(r->integral, kinds * r->lags));
  NMD_TRY(NMD_ALLOC(r->integral_error, kinds * r->lags));
  NMD_TRY(NMD_ALLOC(r->plateau, kinds));
  NMD_TRY(NMD_ALLOC(r->plateau_error, kinds));
  NMD_TRY(NMD_ALLOC(r->density, kinds * r->frequencies));
  return NMD_ALLOC(r->density_error, kinds * r->frequencies);
}

static void unpack(const double *from, int kinds, int lags, int frequencies, double *c, double *integral,
                   double *plateau, double *density) {
  for (int k = 0; k < kinds; k++) {
    memcpy(c + k * lags, from, sizeof *c * (size_t)lags);
    memcpy(integral + k * lags, from + lags, sizeof *c * (size_t)lags);
    plateau[k] = from[2 * lags];
    memcpy(density + k * frequencies, from + 2 * lags + 1, sizeof *c * (size_t)frequencies);
    from += 2 * lags + 1 + frequencies;
  }
}

nmd_status nmd_vacf_evaluate(const nmd_vacf *vacf, int plateau_from, nmd_vacf_result *r) {
  derivation d;
  double *value = NULL;
  *r = (nmd_vacf_result){0};
  if (nmd_blocks_frames(&vacf->blocks) < 1)
    NMD_FAIL(OUT_OF_RANGE, "fewer than %d frames: expected at least one segment; take shorter correlations",
             vacf->segment);
  if (plateau_from < 0 || plateau_from >= vacf->lags)
    NMD_FAIL(OUT_OF_RANGE, "a plateau from lag %d on: expected one of the %d lags", plateau_from, vacf->lags);
  NMD_TRY(make_derivation(vacf, plateau_from, &d));
  const int n = vacf->kinds * (2 * vacf->lags + 1 + d.frequencies);
  nmd_status status = make_result(&d, r);
  if (status == NMD_OK) status = NMD_ALLOC(value, 2 * (int64_t)n);
  if (status == NMD_OK) status = nmd_blocks_derive(&vacf->blocks, derive, &d, n, value, value + n);
  if (status == NMD_OK) {
    unpack(value, vacf->kinds, r->lags, r->frequencies, r->c, r->integral, r->plateau, r->density);
    unpack(value + n, vacf->kinds, r->lags, r->frequencies, r->c_error, r->integral_error, r->plateau_error,
           r->density_error);
  } else {
    nmd_vacf_result_free(r);
  }
  fftw_destroy_plan(d.plan);
  nmd_free(d.work);
  nmd_free(value);
  return status;
}

void nmd_vacf_result_free(nmd_vacf_result *r) {
  double *all[] = {r->c,       r->c_error,       r->integral, r->integral_error,
                   r->plateau, r->plateau_error, r->density,  r->density_error};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) nmd_free(all[k]);
  *r = (nmd_vacf_result){0};
}
