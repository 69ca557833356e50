/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/windows.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

enum { ROW = 3 * NMD_WINDOWS_MAX, BATCH = 32 };

/* Rows of displacements are collected before they are multiplied. */
struct nmd_windows_counter {
  const nmd_paths *paths;
  const nmd_comm *comm;
  nmd_windows w;
  double *rows; /* [n_levels][n_kinds][BATCH][ROW] */
  int *filled;  /* [n_kinds] */
};
typedef nmd_windows_counter counter;

static int choose_levels(int64_t n_frames, nmd_windows *w) {
  for (int64_t width = 1; width <= (n_frames - 1) / NMD_WINDOWS_MIN && w->n_levels < NMD_LEVELS_MAX;) {
    const int64_t fit = (n_frames - 1) / width;
    w->width[w->n_levels] = width;
    w->windows[w->n_levels++] = (int)(fit < NMD_WINDOWS_MAX ? fit : NMD_WINDOWS_MAX);
    const int64_t next = (int64_t)(1.3 * (double)width + 0.5);
    width = next > width ? next : width + 1;
  }
  return w->n_levels;
}

static nmd_status allocate(const nmd_paths *paths, const nmd_directions *sets, int n_sets, nmd_windows *w) {
  *w = (nmd_windows){.n_kinds = paths->species.n, .n_sets = n_sets, .sets = sets, .n_frames = paths->n_frames};
  choose_levels(paths->n_frames, w);
  const int64_t cells = (int64_t)w->n_levels * w->n_kinds;
  NMD_TRY(NMD_ALLOC(w->count, w->n_kinds));
  for (int k = 0; k < w->n_kinds; k++) w->count[k] = paths->chosen[k];
  NMD_TRY(NMD_ALLOC(w->gram, cells * ROW * ROW));
  NMD_TRY(NMD_ALLOC(w->mean, cells * ROW));
  return NMD_ALLOC(w->moments, cells * n_sets * 2);
}

void nmd_windows_free(nmd_windows *windows) {
  nmd_free(windows->count);
  nmd_free(windows->gram);
  nmd_free(windows->mean);
  nmd_free(windows->moments);
  *windows = (nmd_windows){0};
}

/* First frame of window k: evenly over the run. */
static int64_t start_of(const nmd_windows *w, int level, int k) {
  const int64_t fit = (w->n_frames - 1) / w->width[level];
  return w->width[level] * (fit * k / w->windows[level]);
}

static void multiply(counter *c, int kind) {
  const int n = c->filled[kind];
  for (int level = 0; level < c->w.n_levels; level++) {
    const int64_t at = (int64_t)level * c->w.n_kinds + kind;
    const int used = 3 * c->w.windows[level];
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, used, n, 1.0, c->rows + at * BATCH * ROW, ROW, 1.0,
                c->w.gram + at * ROW * ROW, ROW);
  }
  c->filled[kind] = 0;
}

static void add_moments(const nmd_windows *w, int level, int kind, const double *row) {
  double *m = w->moments + 2 * w->n_sets * ((int64_t)level * w->n_kinds + kind);
  for (int k = 0; k < w->windows[level]; k++)
    for (int s = 0; s < w->n_sets; s++) {
      double r2 = 0.0;
      for (int p = 0; p < w->sets[s].n; p++) {
        const double u = nmd_dot(w->sets[s].axis[p], row + 3 * k);
        r2 += u * u;
      }
      m[2 * s] += r2;
      m[2 * s + 1] += r2 * r2;
    }
}

static nmd_status count_atom(void *context, int64_t atom, const double *x) {
  counter *c = context;
  nmd_windows *w = &c->w;
  const int kind = c->paths->kind[atom];
  const int64_t n = w->n_frames;
  for (int level = 0; level < w->n_levels; level++) {
    const int64_t at = (int64_t)level * w->n_kinds + kind;
    double *row = c->rows + (at * BATCH + c->filled[kind]) * ROW;
    for (int k = 0; k < w->windows[level]; k++) {
      const int64_t from = start_of(w, level, k), to = from + w->width[level];
      for (int d = 0; d < 3; d++) {
        row[3 * k + d] = x[d * n + to] - x[d * n + from];
        w->mean[at * ROW + 3 * k + d] += row[3 * k + d];
      }
    }
    add_moments(w, level, kind, row);
  }
  if (++c->filled[kind] == BATCH) multiply(c, kind);
  return NMD_OK;
}

static void reduce(const nmd_comm *comm, nmd_windows *w) {
  const int64_t cells = (int64_t)w->n_levels * w->n_kinds;
  for (int64_t k = 0; k < cells; k++) nmd_comm_sum(comm, w->gram + k * ROW * ROW, ROW * ROW);
  nmd_comm_sum(comm, w->mean, (int)(cells * ROW));
  nmd_comm_sum(comm, w->moments, (int)(cells * w->n_sets * 2));
}

static void counter_free(counter *c) {
  if (c == NULL) return;
  nmd_windows_free(&c->w);
  nmd_free(c->rows);
  nmd_free(c->filled);
  nmd_free(c);
}

static nmd_status counter_init(const nmd_directions *sets, int n_sets, counter *c) {
  NMD_TRY(allocate(c->paths, sets, n_sets, &c->w));
  NMD_TRY(NMD_ALLOC(c->rows, (int64_t)c->w.n_levels * c->w.n_kinds * BATCH * ROW));
  return NMD_ALLOC(c->filled, c->w.n_kinds);
}

nmd_status nmd_windows_begin(const nmd_paths *paths, const nmd_comm *comm, const nmd_directions *sets, int n_sets,
                             nmd_windows_counter **out, nmd_path_visit *visit) {
  counter *c = NULL;
  nmd_status status = NMD_ALLOC(c, 1);
  if (status == NMD_OK) {
    c->paths = paths;
    c->comm = comm;
    status = counter_init(sets, n_sets, c);
  }
  status = nmd_comm_agree(comm, status);
  if (status != NMD_OK) {
    counter_free(c);
    return status;
  }
  *out = c;
  *visit = (nmd_path_visit){count_atom, c};
  return NMD_OK;
}

nmd_status nmd_windows_end(nmd_windows_counter *c, nmd_status visited, nmd_windows *windows) {
  *windows = (nmd_windows){0};
  if (visited == NMD_OK) {
    for (int k = 0; k < c->w.n_kinds; k++) multiply(c, k);
    reduce(c->comm, &c->w);
    *windows = c->w;
    c->w = (nmd_windows){0};
  }
  counter_free(c);
  return visited;
}

nmd_status nmd_windows_count(const nmd_paths *paths, const nmd_comm *comm, const nmd_directions *sets, int n_sets,
                             nmd_windows *windows) {
  nmd_windows_counter *c;
  nmd_path_visit visit;
  NMD_TRY(nmd_windows_begin(paths, comm, sets, n_sets, &c, &visit));
  return nmd_windows_end(c, nmd_paths_visit(paths, 1, &visit), windows);
}

/* What the estimates need of one window pair, after projection on the directions. */
typedef struct traces {
  int windows, axes;
  double square[NMD_WINDOWS_MAX][NMD_WINDOWS_MAX]; /* sum over axis pairs of (D_kp . D_lq)^2 */
  double trace[NMD_WINDOWS_MAX];                   /* sum over axes of D_kp . D_kp */
  double tensor[3][3];                             /* sum over windows of D_kp . D_kq */
} traces;

/* gram: [ROW][ROW], upper triangle; without_mean: the displacement common to all ions is taken out first. */
static void project(const nmd_windows *w, int level, int kind, const nmd_directions *set, bool without_mean,
                    traces *t) {
  const int64_t at = (int64_t)level * w->n_kinds + kind;
  const double *gram = w->gram + at * ROW * ROW, *mean = w->mean + at * ROW;
  const double each = without_mean ? 1.0 / (double)w->count[kind] : 0.0;
  *t = (traces){.windows = w->windows[level], .axes = set->n};
  for (int k = 0; k < t->windows; k++)
    for (int l = k; l < t->windows; l++)
      for (int p = 0; p < set->n; p++)
        for (int q = 0; q < set->n; q++) {
          double sum = 0.0;
          for (int c = 0; c < 3; c++)
            for (int d = 0; d < 3; d++) {
              const int i = 3 * k + c, j = 3 * l + d, low = i < j ? i : j, high = i < j ? j : i;
              sum += set->axis[p][c] * set->axis[q][d] * (gram[low * ROW + high] - each * mean[i] * mean[j]);
            }
          t->square[k][l] += sum * sum;
          if (k == l) t->tensor[p][q] += sum;
          if (k == l && p == q) t->trace[k] += sum;
        }
}

/* tr(C^2) / tr(C)^2 of the covariance C between ions, without window `without` (-1: with all); 0 if it cannot be told.
 * Different windows are independent, so all pairs of axes, equal or not, count alike. */
static double participation_of(const traces *t, double dimension, int without) {
  double square = 0.0, trace = 0.0, n = 0.0;
  for (int k = 0; k < t->windows; k++) {
    if (k == without) continue;
    trace += t->trace[k];
    n += 1.0;
    for (int l = k + 1; l < t->windows; l++)
      if (l != without) square += 2.0 * t->square[k][l];
  }
  if (n < 2.0 || trace <= 0.0) return 0.0;
  /* the sum over different windows has n (n - 1) terms; tr^2 is corrected for the variance of its own estimate */
  const double mixed = square / (n * (n - 1.0)), mean = trace / n;
  return mixed / (mean * mean - (2.0 / n) * mixed / dimension);
}

static double freedom_of(const traces *t, double dimension, double value) {
  double sum = 0.0, squares = 0.0;
  const int n = t->windows;
  for (int k = 0; k < n; k++) {
    const double each = participation_of(t, dimension, k);
    sum += each;
    squares += each * each;
  }
  const double variance = (squares - sum * sum / n) * (n - 1) / n;
  return variance > 0.0 && value > 0.0 ? 2.0 * value * value / variance : 1e6;
}

/* tr(T)^2 / tr(T^2). */
static double dimension_of(const traces *t) {
  double trace = 0.0, square = 0.0;
  for (int p = 0; p < t->axes; p++) {
    trace += t->tensor[p][p];
    for (int q = 0; q < t->axes; q++) square += t->tensor[p][q] * t->tensor[p][q];
  }
  return square > 0.0 ? trace * trace / square : 1.0;
}

void nmd_windows_spread(const nmd_windows *w, int level, int kind, int set, nmd_spread *spread) {
  traces t;
  const double ions = (double)w->count[kind], cells = ions * w->windows[level];
  project(w, level, kind, &w->sets[set], false, &t);
  *spread = (nmd_spread){.width = w->width[level], .windows = t.windows, .dimension = dimension_of(&t)};
  const double joint = participation_of(&t, spread->dimension, -1);
  spread->participation = fmin(1.0, fmax(1.0 / ions, joint));
  spread->freedom = freedom_of(&t, spread->dimension, joint);
  const double *m = w->moments + 2 * (w->n_sets * ((int64_t)level * w->n_kinds + kind) + set);
  const double r2 = m[0] / cells, r4 = m[1] / cells;
  spread->kurtosis = r2 > 0.0 ? r4 / (r2 * r2) - 1.0 - 2.0 / spread->dimension : 0.0;
  const double whole = ions * (double)((w->n_frames - 1) / w->width[level]);
  spread->excess = fmax(0.0, spread->kurtosis) / whole;
  project(w, level, kind, &w->sets[set], true, &t);
  spread->rest = fmin(1.0, fmax(1.0 / fmax(1.0, ions - 1.0), participation_of(&t, spread->dimension, -1)));
}
