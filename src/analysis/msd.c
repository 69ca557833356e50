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

/* Eight sums side by side: one would wait for itself. */
static double mean_of(const double *x, int64_t n) {
  double part[8] = {0}, sum = 0.0;
  int64_t k = 0;
  for (; k + 8 <= n; k += 8)
    for (int j = 0; j < 8; j++) part[j] += x[k + j];
  for (; k < n; k++) sum += x[k];
  for (int j = 0; j < 8; j++) sum += part[j];
  return sum / (double)n;
}

/* About the atom's mean place: differences do not change, and rounding stays small. */
static void pad(transform *t, const double *x) {
  for (int d = 0; d < 3; d++) {
    const double *from = x + d * t->n_frames;
    const double mean = mean_of(from, t->n_frames);
    double *to = t->padded + d * t->size;
    for (int64_t k = 0; k < t->n_frames; k++) to[k] = from[k] - mean;
    memset(to + t->n_frames, 0, (size_t)(t->size - t->n_frames) * sizeof *to);
  }
}

/* All six products at a time: every series is read once. */
static void add_squares(const transform *t, double *square) {
  const double *restrict x = t->padded, *restrict y = x + t->size, *restrict z = y + t->size;
  double *restrict s = square;
  const int64_t n = t->n_frames;
  for (int64_t k = 0; k < n; k++) {
    s[k] += x[k] * x[k];
    s[n + k] += y[k] * y[k];
    s[2 * n + k] += z[k] * z[k];
    s[3 * n + k] += y[k] * z[k];
    s[4 * n + k] += x[k] * z[k];
    s[5 * n + k] += x[k] * y[k];
  }
}

static void add_spectra(const transform *t, double *spectrum) {
  const double *restrict x = (const double *)t->line, *restrict y = x + 2 * t->bins, *restrict z = y + 2 * t->bins;
  double *restrict s = spectrum;
  const int64_t n = t->bins;
  for (int64_t k = 0; k < n; k++) {
    const double xr = x[2 * k], xi = x[2 * k + 1], yr = y[2 * k], yi = y[2 * k + 1], zr = z[2 * k], zi = z[2 * k + 1];
    s[k] += xr * xr + xi * xi;
    s[n + k] += yr * yr + yi * yi;
    s[2 * n + k] += zr * zr + zi * zi;
    s[3 * n + k] += yr * zr + yi * zi;
    s[4 * n + k] += xr * zr + xi * zi;
    s[5 * n + k] += xr * yr + xi * yi;
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

/* Window method: origins 0, stride, 2 stride ... (stride 0: only frame 0). */
typedef struct window {
  const int *kind;
  nmd_msd *msd;
  int64_t stride;
} window;

static nmd_status add_windows(void *context, int64_t atom, const double *x) {
  const window *w = context;
  const int64_t n = w->msd->n_frames, lags = w->msd->n_lags, stride = w->stride > 0 ? w->stride : n;
  double *tensor = w->msd->tensor + w->kind[atom] * NMD_TENSOR * lags;
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

struct nmd_msd_counter {
  const nmd_comm *comm;
  nmd_msd msd;
  bool direct; /* by windows, else by transform */
  window window;
  transform transform;
};

static nmd_status counter_init(const nmd_paths *paths, int64_t n_lags, int64_t stride, nmd_msd_counter *c) {
  NMD_TRY(msd_init(&c->msd, paths->n_frames, paths->spacing, n_lags, paths->species.n));
  for (int k = 0; k < paths->species.n; k++) c->msd.count[k] = paths->chosen[k];
  c->direct = stride != 1;
  c->window = (window){paths->kind, &c->msd, stride};
  return c->direct ? NMD_OK : transform_init(&c->transform, paths->n_frames, n_lags, paths->species.n, paths->kind);
}

static void counter_free(nmd_msd_counter *c) {
  if (c == NULL) return;
  nmd_msd_free(&c->msd);
  transform_free(&c->transform);
  nmd_free(c);
}

nmd_status nmd_msd_begin(const nmd_paths *paths, const nmd_comm *comm, int64_t n_lags, int64_t origin_stride,
                         nmd_msd_counter **counter, nmd_path_visit *visit) {
  nmd_msd_counter *c = NULL;
  nmd_status status = NMD_ALLOC(c, 1);
  if (status == NMD_OK) {
    c->comm = comm;
    status = counter_init(paths, n_lags, origin_stride, c);
  }
  status = nmd_comm_agree(comm, status);
  if (status != NMD_OK) {
    counter_free(c);
    return status;
  }
  *counter = c;
  *visit = c->direct ? (nmd_path_visit){add_windows, &c->window} : (nmd_path_visit){add_atom, &c->transform};
  return NMD_OK;
}

static void finish_windows(nmd_msd *msd, const nmd_comm *comm) {
  sum_over_ranks(comm, msd->tensor, msd->n_kinds * NMD_TENSOR * msd->n_lags);
  for (int k = 0; k < msd->n_kinds; k++)
    for (int64_t i = 0; i < NMD_TENSOR * msd->n_lags && msd->count[k] > 0; i++)
      msd->tensor[k * NMD_TENSOR * msd->n_lags + i] /= (double)msd->count[k];
}

static void finish_transform(nmd_msd_counter *c) {
  transform *t = &c->transform;
  sum_over_ranks(c->comm, t->spectrum, t->n_kinds * NMD_TENSOR * t->bins);
  sum_over_ranks(c->comm, t->square, t->n_kinds * NMD_TENSOR * t->n_frames);
  finish_all(t, &c->msd);
}

nmd_status nmd_msd_end(nmd_msd_counter *c, nmd_status visited, nmd_msd *msd) {
  *msd = (nmd_msd){0};
  if (visited == NMD_OK) {
    if (c->direct)
      finish_windows(&c->msd, c->comm);
    else
      finish_transform(c);
    *msd = c->msd;
    c->msd = (nmd_msd){0};
  }
  counter_free(c);
  return visited;
}

nmd_status nmd_msd_self(const nmd_paths *paths, const nmd_comm *comm, int64_t n_lags, int64_t origin_stride,
                        nmd_msd *msd) {
  nmd_msd_counter *counter;
  nmd_path_visit visit;
  NMD_TRY(nmd_msd_begin(paths, comm, n_lags, origin_stride, &counter, &visit));
  return nmd_msd_end(counter, nmd_paths_visit(paths, 1, &visit), msd);
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
