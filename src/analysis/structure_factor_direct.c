/* SPDX-License-Identifier: BSD-3-Clause */
/* S(Q) at the wave vectors of a cell. exp(i k x) is a product of three powers of exp(2 pi i s_d), tabulated for a chunk
 * of atoms at a time, so that the tables stay in the cache; the atoms of a chunk are of one kind. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/structure_factor.h"
#include "analysis/kinds.h"
#include "base/memory.h"
#include "base/vec3.h"

enum { CHUNK = 128 };

typedef struct wave {
  int m[3]; /* k = m h^-T 2 pi; m[0] >= 0 */
  int bin;
  double length; /* 1/A */
} wave;

typedef struct nmd__waves {
  wave *wave;
  int64_t n, capacity;
  double *in_bin; /* [bins] wave vectors there are */
  double *rho;    /* [kinds][n][2] */
  int64_t rho_capacity;
  double *table[3]; /* [most[d] + 1][2][CHUNK] cos and sin of m 2 pi s_d */
  int64_t table_capacity[3];
  int most[3];    /* largest |m_d| */
  double h[3][3]; /* cell they were chosen for */
} waves;

nmd_status nmd_sq_init(nmd_sq *sq, int kinds, double q_max, int bins, int vectors) {
  *sq = (nmd_sq){.kinds = kinds, .bins = bins, .q_max = q_max, .vectors = vectors};
  const int width = (nmd_kind_pairs(kinds) + 2) * bins;
  nmd_status status = NMD_ALLOC(sq->values, width);
  if (status == NMD_OK) status = NMD_ALLOC(sq->waves, 1);
  if (status == NMD_OK) status = NMD_ALLOC(sq->waves->in_bin, bins);
  if (status == NMD_OK) status = nmd_blocks_init(&sq->blocks, width);
  if (status != NMD_OK) nmd_sq_free(sq);
  return status;
}

void nmd_sq_free(nmd_sq *sq) {
  nmd_free(sq->values);
  nmd_blocks_free(&sq->blocks);
  if (sq->waves != NULL) {
    nmd_free(sq->waves->wave);
    nmd_free(sq->waves->in_bin);
    nmd_free(sq->waves->rho);
    for (int d = 0; d < 3; d++) nmd_free(sq->waves->table[d]);
  }
  nmd_free(sq->waves);
  *sq = (nmd_sq){0};
}

/* A number in [0, 1) that looks random and depends on the wave vector only: which ones are taken of a full bin. */
static double lot(const int m[3]) {
  uint64_t h = 0x9E3779B97F4A7C15u;
  for (int d = 0; d < 3; d++) {
    h = (h ^ (uint64_t)(int64_t)m[d]) * 0xBF58476D1CE4E5B9u;
    h ^= h >> 31;
  }
  return (double)(h >> 11) * 0x1p-53;
}

/* Half of space: k and -k give the same. */
static bool is_first_half(const int m[3]) {
  for (int d = 0; d < 3; d++)
    if (m[d] != 0) return m[d] > 0;
  return false;
}

typedef nmd_status wave_visitor(nmd_sq *sq, const wave *w);

/* All wave vectors of half space with |k| < q_max. |m_d| = |k . h_d| / 2 pi <= q_max |h_d| / 2 pi. */
static nmd_status visit_waves(nmd_sq *sq, const nmd_box *box, wave_visitor *visit) {
  const int *most = sq->waves->most;
  wave w;
  for (w.m[0] = 0; w.m[0] <= most[0]; w.m[0]++)
    for (w.m[1] = -most[1]; w.m[1] <= most[1]; w.m[1]++)
      for (w.m[2] = -most[2]; w.m[2] <= most[2]; w.m[2]++) {
        if (!is_first_half(w.m)) continue;
        double k[3];
        for (int d = 0; d < 3; d++)
          k[d] = 2 * M_PI * (box->inverse[d][0] * w.m[0] + box->inverse[d][1] * w.m[1] + box->inverse[d][2] * w.m[2]);
        w.length = nmd_norm(k);
        w.bin = (int)(w.length / sq->q_max * sq->bins);
        if (w.length < sq->q_max && w.bin < sq->bins) NMD_TRY(visit(sq, &w));
      }
  return NMD_OK;
}

static nmd_status count_wave(nmd_sq *sq, const wave *w) {
  sq->waves->in_bin[w->bin] += 1;
  return NMD_OK;
}

static nmd_status take_wave(nmd_sq *sq, const wave *w) {
  waves *all = sq->waves;
  if (lot(w->m) * all->in_bin[w->bin] >= sq->vectors) return NMD_OK;
  if (all->n == all->capacity) {
    const int64_t wanted = 2 * all->capacity + 1024;
    NMD_TRY(NMD_GROW(all->wave, all->n, wanted));
    all->capacity = wanted;
  }
  all->wave[all->n++] = *w;
  return NMD_OK;
}

static nmd_status choose_waves(nmd_sq *sq, const nmd_box *box) {
  waves *all = sq->waves;
  double candidates = 1;
  if (memcmp(all->h, box->h, sizeof all->h) == 0) return NMD_OK; /* the cell of the frame before */
  memset(all->h, 0, sizeof all->h);
  for (int d = 0; d < 3; d++) {
    const double most = floor(sq->q_max * nmd_norm(box->h[d]) / (2 * M_PI));
    candidates *= 2 * most + 1;
    if (!(candidates < 2e9))
      NMD_FAIL(OUT_OF_RANGE, "Q up to %g 1/A: too many wave vectors for this cell; expected a smaller range",
               sq->q_max);
    all->most[d] = (int)most;
  }
  memset(all->in_bin, 0, sizeof *all->in_bin * (size_t)sq->bins);
  all->n = 0;
  NMD_TRY(visit_waves(sq, box, count_wave));
  NMD_TRY(visit_waves(sq, box, take_wave));
  memcpy(all->h, box->h, sizeof all->h);
  return NMD_OK;
}

static nmd_status reserve(nmd_sq *sq) {
  waves *all = sq->waves;
  const int64_t wanted = 2 * sq->kinds * all->n;
  if (wanted > all->rho_capacity) {
    all->rho_capacity = 0;
    NMD_TRY(NMD_GROW(all->rho, 0, wanted));
    all->rho_capacity = wanted;
  }
  for (int d = 0; d < 3; d++) {
    const int64_t size = 2 * CHUNK * ((int64_t)all->most[d] + 1);
    if (size <= all->table_capacity[d]) continue;
    all->table_capacity[d] = 0;
    NMD_TRY(NMD_GROW(all->table[d], 0, size));
    all->table_capacity[d] = size;
  }
  memset(all->rho, 0, sizeof *all->rho * (size_t)wanted);
  return NMD_OK;
}

/* Powers of exp(2 pi i s), each from the one before; every ANCHOR-th anew, so that no error grows along the table. */
static void fill_tables(waves *all, int n, double s[CHUNK][3]) {
  enum { ANCHOR = 16 };
  for (int d = 0; d < 3; d++) {
    const double *one = all->table[d] + 2 * CHUNK;
    for (int m = 0; m <= all->most[d]; m++) {
      double *c = all->table[d] + (int64_t)m * 2 * CHUNK;
      const double *before = c - 2 * CHUNK;
      for (int i = 0; i < n && (m % ANCHOR == 0 || m == 1); i++) {
        c[i] = cos(2 * M_PI * m * s[i][d]);
        c[CHUNK + i] = sin(2 * M_PI * m * s[i][d]);
      }
      for (int i = 0; i < n && m % ANCHOR != 0 && m != 1; i++) {
        c[i] = before[i] * one[i] - before[CHUNK + i] * one[CHUNK + i];
        c[CHUNK + i] = before[i] * one[CHUNK + i] + before[CHUNK + i] * one[i];
      }
      for (int i = n; i < CHUNK; i++) c[i] = c[CHUNK + i] = 0; /* atoms that are not there add nothing */
    }
  }
}

/* Sum over the chunk of exp(i k x); negative m: the conjugate. */
static void add_wave(const waves *all, const int m[3], double rho[2]) {
  const double *x = all->table[0] + (int64_t)m[0] * 2 * CHUNK, *y = all->table[1] + (int64_t)abs(m[1]) * 2 * CHUNK,
               *z = all->table[2] + (int64_t)abs(m[2]) * 2 * CHUNK;
  const double sy = m[1] < 0 ? -1 : 1, sz = m[2] < 0 ? -1 : 1;
  double re[8] = {0}, im[8] = {0}; /* lanes, so that the sums need not wait for each other */
  for (int i = 0; i < CHUNK; i += 8)
    for (int l = 0; l < 8; l++) {
      const double yi = sy * y[CHUNK + i + l], zi = sz * z[CHUNK + i + l];
      const double re2 = y[i + l] * z[i + l] - yi * zi, im2 = y[i + l] * zi + yi * z[i + l];
      re[l] += x[i + l] * re2 - x[CHUNK + i + l] * im2;
      im[l] += x[i + l] * im2 + x[CHUNK + i + l] * re2;
    }
  for (int l = 0; l < 8; l++) {
    rho[0] += re[l];
    rho[1] += im[l];
  }
}

static void add_chunk(nmd_sq *sq, int kind, int n, double s[CHUNK][3]) {
  waves *all = sq->waves;
  if (n == 0) return;
  fill_tables(all, n, s);
  double *rho = all->rho + 2 * kind * all->n;
  for (int64_t w = 0; w < all->n; w++) add_wave(all, all->wave[w].m, rho + 2 * w);
}

static int64_t sum_atoms(nmd_sq *sq, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind) {
  double s[CHUNK][3];
  int64_t total = 0;
  for (int k = 0; k < sq->kinds; k++) {
    int filled = 0;
    for (int64_t i = 0; i < n; i++) {
      if (kind[i] != k) continue;
      nmd_box_to_fractional(box, x[i], s[filled]);
      for (int d = 0; d < 3; d++) s[filled][d] -= floor(s[filled][d]);
      total++;
      if (++filled < CHUNK) continue;
      add_chunk(sq, k, filled, s);
      filled = 0;
    }
    add_chunk(sq, k, filled, s);
  }
  return total;
}

static void collect(nmd_sq *sq, double total) {
  const waves *all = sq->waves;
  const int pairs = nmd_kind_pairs(sq->kinds);
  memset(sq->values, 0, sizeof *sq->values * (size_t)((pairs + 2) * sq->bins));
  for (int64_t w = 0; w < all->n; w++) {
    double *value = sq->values + all->wave[w].bin;
    for (int a = 0; a < sq->kinds; a++)
      for (int b = a; b < sq->kinds; b++, value += sq->bins) {
        const double *ra = all->rho + 2 * (a * all->n + w), *rb = all->rho + 2 * (b * all->n + w);
        *value += (ra[0] * rb[0] + ra[1] * rb[1]) / total;
      }
    value[0] += all->wave[w].length;
    value[sq->bins] += 1;
  }
}

nmd_status nmd_sq_add(nmd_sq *sq, int64_t frame, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind) {
  for (int d = 0; d < 3; d++)
    if (!box->periodic[d])
      NMD_FAIL(CONFLICT, "axis %c of the cell is open: wave vectors need a periodic cell; use the method debye",
               'a' + d);
  NMD_TRY(choose_waves(sq, box));
  NMD_TRY(reserve(sq));
  const int64_t total = sum_atoms(sq, box, n, x, kind);
  collect(sq, (double)total);
  nmd_blocks_add(&sq->blocks, frame, sq->values);
  return NMD_OK;
}

typedef struct result_context {
  const nmd_sq *sq;
  const double *fraction;
} result_context;

static void derive(const void *opaque, const double *mean, double *s) {
  const result_context *context = opaque;
  const nmd_sq *sq = context->sq;
  const double *c = context->fraction, *count = mean + (nmd_kind_pairs(sq->kinds) + 1) * sq->bins;
  for (int a = 0; a < sq->kinds; a++)
    for (int b = a; b < sq->kinds; b++)
      for (int k = 0; k < sq->bins; k++) *s++ = 1 + (*mean++ / count[k] - (a == b ? c[a] : 0)) / (c[a] * c[b]);
  for (int k = 0; k < sq->bins; k++) *s++ = mean[k] / count[k]; /* q, behind the pairs */
}

nmd_status nmd_sq_result(const nmd_sq *sq, const double *fraction, double *q, double *s, double *error) {
  const int n = nmd_kind_pairs(sq->kinds) * sq->bins;
  const result_context context = {sq, fraction};
  double *value;
  NMD_TRY(NMD_ALLOC(value, 2 * (n + sq->bins)));
  const nmd_status status = nmd_blocks_derive(&sq->blocks, derive, &context, n + sq->bins, value, value + n + sq->bins);
  memcpy(s, value, sizeof *s * (size_t)n);
  memcpy(q, value + n, sizeof *q * (size_t)sq->bins);
  memcpy(error, value + n + sq->bins, sizeof *error * (size_t)n);
  nmd_free(value);
  return status;
}
