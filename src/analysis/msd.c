/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/msd.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/vec3.h"

/* Which two components make the k-th of the tensor. */
static const int first_of[NMD_TENSOR] = {0, 1, 2, 1, 0, 0}, second_of[NMD_TENSOR] = {0, 1, 2, 2, 2, 1};

typedef struct transform {
  int64_t n_frames, n_lags, size, bins; /* size: of the padded series; bins = size / 2 + 1 */
  int n_kinds;
  double *padded;     /* [3][size] */
  fftw_complex *line; /* [3][bins] */
  fftw_plan forward, back;
  double *spectrum; /* [n_kinds][NMD_TENSOR][bins], summed over atoms */
  double *square;   /* [n_kinds][NMD_TENSOR][n_frames], likewise */
  const int *kind;
} transform;

/* The least 2^a 3^b 5^c 7^d >= n: FFTW is fast on these. */
static int64_t good_size(int64_t n) {
  for (int64_t size = n + n % 2;; size += 2) {
    int64_t rest = size;
    for (int p = 2; p <= 7; p += p == 2 ? 1 : 2)
      while (rest % p == 0) rest /= p;
    if (rest == 1) return size;
  }
}

static void transform_free(transform *t) {
  if (t->forward != NULL) fftw_destroy_plan(t->forward);
  if (t->back != NULL) fftw_destroy_plan(t->back);
  nmd_free(t->padded);
  nmd_free(t->line);
  nmd_free(t->spectrum);
  nmd_free(t->square);
}

/* Plans by estimate, not by timing: the same machine must give the same bits every time. */
static nmd_status transform_init(transform *t, int64_t n_frames, int64_t n_lags, int n_kinds, const int *kind) {
  *t = (transform){.n_frames = n_frames, .n_lags = n_lags, .n_kinds = n_kinds, .kind = kind};
  t->size = good_size(n_frames + n_lags);
  t->bins = t->size / 2 + 1;
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(t->padded, 3 * t->size));
  NMD_GOTO(NMD_ALLOC(t->line, 3 * t->bins));
  NMD_GOTO(NMD_ALLOC(t->spectrum, n_kinds * NMD_TENSOR * t->bins));
  NMD_GOTO(NMD_ALLOC(t->square, n_kinds * NMD_TENSOR * n_frames));
  const int size = (int)t->size;
  if (t->size > INT32_MAX / 4) NMD_GOTO(nmd_fail(NMD_OUT_OF_RANGE, "%lld frames; expected fewer", (long long)n_frames));
  t->forward =
      fftw_plan_many_dft_r2c(1, &size, 3, t->padded, NULL, 1, size, t->line, NULL, 1, (int)t->bins, FFTW_ESTIMATE);
  t->back = fftw_plan_dft_c2r_1d(size, t->line, t->padded, FFTW_ESTIMATE);
  if (t->forward == NULL || t->back == NULL)
    NMD_GOTO(nmd_fail(NMD_MEMORY, "no memory for transforms of size %d", size));
  return NMD_OK;
done:
  transform_free(t);
  return status;
}

/* About the atom's mean place: differences do not change, and rounding stays small. */
static void pad(transform *t, const double *x) {
  for (int d = 0; d < 3; d++) {
    const double *from = x + d * t->n_frames;
    double *to = t->padded + d * t->size, mean = 0.0;
    for (int64_t k = 0; k < t->n_frames; k++) mean += from[k];
    mean /= (double)t->n_frames;
    for (int64_t k = 0; k < t->n_frames; k++) to[k] = from[k] - mean;
    memset(to + t->n_frames, 0, (size_t)(t->size - t->n_frames) * sizeof *to);
  }
}

static void add_squares(const transform *t, double *square) {
  for (int c = 0; c < NMD_TENSOR; c++) {
    const double *a = t->padded + first_of[c] * t->size, *b = t->padded + second_of[c] * t->size;
    double *to = square + c * t->n_frames;
    for (int64_t k = 0; k < t->n_frames; k++) to[k] += a[k] * b[k];
  }
}

static void add_spectra(const transform *t, double *spectrum) {
  const double *x = (const double *)t->line, *y = x + 2 * t->bins, *z = y + 2 * t->bins;
  double *s[NMD_TENSOR];
  for (int c = 0; c < NMD_TENSOR; c++) s[c] = spectrum + c * t->bins;
  for (int64_t k = 0; k < t->bins; k++) {
    const double xr = x[2 * k], xi = x[2 * k + 1], yr = y[2 * k], yi = y[2 * k + 1], zr = z[2 * k], zi = z[2 * k + 1];
    s[0][k] += xr * xr + xi * xi;
    s[1][k] += yr * yr + yi * yi;
    s[2][k] += zr * zr + zi * zi;
    s[3][k] += yr * zr + yi * zi;
    s[4][k] += xr * zr + xi * zi;
    s[5][k] += xr * yr + xi * yi;
  }
}

static nmd_status add_atom(void *context, int64_t atom, const double *x) {
  transform *t = context;
  const int kind = t->kind == NULL ? 0 : t->kind[atom];
  pad(t, x);
  add_squares(t, t->square + kind * NMD_TENSOR * t->n_frames);
  fftw_execute(t->forward);
  add_spectra(t, t->spectrum + kind * NMD_TENSOR * t->bins);
  return NMD_OK;
}

/* One component of one species, from sums over its `count` atoms. */
static void finish_component(transform *t, const double *spectrum, const double *square, double count, double *out) {
  for (int64_t k = 0; k < t->bins; k++) t->line[k][0] = spectrum[k], t->line[k][1] = 0.0;
  fftw_execute(t->back);
  long double ends = 0.0L; /* sum of the squares at both ends of all pairs */
  for (int64_t k = 0; k < t->n_frames; k++) ends += 2.0L * square[k];
  for (int64_t m = 0; m < t->n_lags; m++) {
    if (m > 0) ends -= (long double)square[m - 1] + square[t->n_frames - m];
    const long double cross = 2.0L * (long double)t->padded[m] / (long double)t->size;
    out[m] = m == 0 ? 0.0 : (double)((ends - cross) / ((long double)(t->n_frames - m) * count));
  }
}

static nmd_status msd_init(nmd_msd *msd, int64_t n_frames, double spacing, int64_t n_lags, int n_kinds) {
  *msd = (nmd_msd){.n_frames = n_frames, .n_lags = n_lags, .spacing = spacing, .n_kinds = n_kinds};
  if (n_lags < 1 || n_lags > n_frames)
    NMD_FAIL(OUT_OF_RANGE, "%lld lags of %lld frames; expected 1 up to the number of frames", (long long)n_lags,
             (long long)n_frames);
  NMD_TRY(NMD_ALLOC(msd->count, n_kinds));
  return NMD_ALLOC(msd->tensor, n_kinds * NMD_TENSOR * n_lags);
}

void nmd_msd_free(nmd_msd *msd) {
  nmd_free(msd->count);
  nmd_free(msd->tensor);
  *msd = (nmd_msd){0};
}

static void finish_all(transform *t, nmd_msd *msd) {
  for (int k = 0; k < msd->n_kinds; k++)
    for (int c = 0; c < NMD_TENSOR && msd->count[k] > 0; c++) {
      const int64_t at = k * NMD_TENSOR + c;
      finish_component(t, t->spectrum + at * t->bins, t->square + at * t->n_frames, (double)msd->count[k],
                       msd->tensor + at * t->n_lags);
    }
}

static void sum_over_ranks(const nmd_comm *comm, double *values, int64_t n) {
  enum { PIECE = 1 << 20 };
  for (int64_t k = 0; k < n; k += PIECE) nmd_comm_sum(comm, values + k, (int)(n - k < PIECE ? n - k : PIECE));
}

static nmd_status self_by_transform(const nmd_paths *paths, const nmd_comm *comm, nmd_msd *msd) {
  transform t;
  NMD_TRY(nmd_comm_agree(comm, transform_init(&t, paths->n_frames, msd->n_lags, msd->n_kinds, paths->kind)));
  const nmd_status status = nmd_paths_visit(paths, add_atom, &t);
  if (status == NMD_OK) {
    sum_over_ranks(comm, t.spectrum, t.n_kinds * NMD_TENSOR * t.bins);
    sum_over_ranks(comm, t.square, t.n_kinds * NMD_TENSOR * t.n_frames);
    finish_all(&t, msd);
  }
  transform_free(&t);
  return status;
}

/* Window method: origins 0, stride, 2 stride ... (stride 0: only frame 0). */
typedef struct window {
  const nmd_paths *paths;
  nmd_msd *msd;
  int64_t stride;
} window;

static nmd_status add_windows(void *context, int64_t atom, const double *x) {
  const window *w = context;
  const int64_t n = w->msd->n_frames, lags = w->msd->n_lags, stride = w->stride > 0 ? w->stride : n;
  double *tensor = w->msd->tensor + w->paths->kind[atom] * NMD_TENSOR * lags;
  for (int64_t m = 1; m < lags; m++) {
    double sum[NMD_TENSOR] = {0};
    int64_t count = 0;
    for (int64_t t = 0; t + m < n; t += stride, count++) {
      double d[3];
      for (int a = 0; a < 3; a++) d[a] = x[a * n + t + m] - x[a * n + t];
      for (int c = 0; c < NMD_TENSOR; c++) sum[c] += d[first_of[c]] * d[second_of[c]];
    }
    for (int c = 0; c < NMD_TENSOR; c++) tensor[c * lags + m] += sum[c] / (double)count;
  }
  return NMD_OK;
}

static nmd_status self_by_windows(const nmd_paths *paths, const nmd_comm *comm, int64_t stride, nmd_msd *msd) {
  window w = {paths, msd, stride};
  NMD_TRY(nmd_paths_visit(paths, add_windows, &w));
  sum_over_ranks(comm, msd->tensor, msd->n_kinds * NMD_TENSOR * msd->n_lags);
  for (int k = 0; k < msd->n_kinds; k++)
    for (int64_t i = 0; i < NMD_TENSOR * msd->n_lags && msd->count[k] > 0; i++)
      msd->tensor[k * NMD_TENSOR * msd->n_lags + i] /= (double)msd->count[k];
  return NMD_OK;
}

nmd_status nmd_msd_self(const nmd_paths *paths, const nmd_comm *comm, int64_t n_lags, int64_t origin_stride,
                        nmd_msd *msd) {
  nmd_status status = msd_init(msd, paths->n_frames, paths->spacing, n_lags, paths->species.n);
  status = nmd_comm_agree(comm, status);
  for (int k = 0; k < paths->species.n && status == NMD_OK; k++) msd->count[k] = paths->chosen[k];
  if (status == NMD_OK)
    status =
        origin_stride == 1 ? self_by_transform(paths, comm, msd) : self_by_windows(paths, comm, origin_stride, msd);
  if (status != NMD_OK) nmd_msd_free(msd);
  return status;
}

nmd_status nmd_msd_of_series(const double *x, int64_t n_frames, double spacing, int64_t n_lags, nmd_msd *msd) {
  transform t = {0};
  nmd_status status = msd_init(msd, n_frames, spacing, n_lags, 1);
  if (status == NMD_OK) status = transform_init(&t, n_frames, n_lags, 1, NULL);
  if (status == NMD_OK) {
    msd->count[0] = 1;
    (void)!add_atom(&t, 0, x); /* cannot fail */
    finish_all(&t, msd);
    transform_free(&t);
  } else
    nmd_msd_free(msd);
  return status;
}

nmd_status nmd_msd_collective(const nmd_paths *paths, const double *charge, int64_t n_lags, nmd_msd *msd) {
  const int64_t n = paths->n_frames;
  double *x;
  NMD_TRY(NMD_ALLOC(x, 3 * n));
  for (int k = 0; k < paths->species.n; k++)
    for (int64_t t = 0; t < n; t++)
      for (int d = 0; d < 3; d++)
        x[d * n + t] += charge[k] * (double)paths->chosen[k] * paths->chosen_mean[3 * (k * n + t) + d];
  const nmd_status status = nmd_msd_of_series(x, n, paths->spacing, n_lags, msd);
  nmd_free(x);
  return status;
}

static nmd_status parse_vector(const char *text, double u[3]) {
  char copy[128] = "", *words[4];
  strncat(copy, text, sizeof copy - 1);
  for (char *c = copy; *c != '\0'; c++)
    if (*c == ',') *c = ' ';
  const int n = nmd_split(copy, words, 4);
  for (int d = 0; d < 3 && n == 3; d++)
    if (!nmd_parse_real(words[d], &u[d])) u[0] = u[1] = u[2] = 0.0;
  const double length = n == 3 ? nmd_norm(u) : 0.0;
  for (int d = 0; d < 3 && length > 0.0; d++) u[d] /= length;
  if (length > 0.0) return NMD_OK;
  NMD_FAIL(BAD_CHOICE, "direction \"%.40s\": expected x, y, z, xyz, ab, c or a vector u,v,w", text);
}

static void normalise(double u[3]) {
  const double length = nmd_norm(u);
  for (int d = 0; d < 3; d++) u[d] /= length;
}

nmd_status nmd_directions_parse(const char *text, const double h[3][3], nmd_directions *directions) {
  *directions = (nmd_directions){.n = 1};
  double(*axis)[3] = directions->axis;
  if (strlen(text) == 1 && strchr("xyz", *text) != NULL)
    axis[0][*text - 'x'] = 1.0;
  else if (strcmp(text, "xyz") == 0) {
    directions->n = 3;
    for (int d = 0; d < 3; d++) axis[d][d] = 1.0;
  } else if (strcmp(text, "c") == 0) {
    memcpy(axis[0], h[2], sizeof axis[0]);
    normalise(axis[0]);
  } else if (strcmp(text, "ab") == 0) { /* a, and what of b is normal to it */
    directions->n = 2;
    memcpy(axis[0], h[0], sizeof axis[0]);
    normalise(axis[0]);
    const double along = nmd_dot(axis[0], h[1]);
    for (int d = 0; d < 3; d++) axis[1][d] = h[1][d] - along * axis[0][d];
    normalise(axis[1]);
  } else
    return parse_vector(text, axis[0]);
  return NMD_OK;
}

void nmd_msd_project(const nmd_msd *msd, int kind, const nmd_directions *directions, double *out) {
  const double *tensor = msd->tensor + kind * NMD_TENSOR * msd->n_lags;
  double weight[NMD_TENSOR] = {0};
  for (int k = 0; k < directions->n; k++)
    for (int c = 0; c < NMD_TENSOR; c++)
      weight[c] += (c < 3 ? 1.0 : 2.0) * directions->axis[k][first_of[c]] * directions->axis[k][second_of[c]];
  for (int64_t m = 0; m < msd->n_lags; m++) {
    out[m] = 0.0;
    for (int c = 0; c < NMD_TENSOR; c++) out[m] += weight[c] * tensor[c * msd->n_lags + m];
  }
}
