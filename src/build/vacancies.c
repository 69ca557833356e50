/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/vacancies.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum { PERIOD_MAX = 12, ATTEMPTS = 200 };
static const double tolerance = 1e-3; /* of shares */

void nmd__sites_free(nmd__sites *sites) {
  nmd_free(sites->state);
  nmd_free(sites->inserted);
  *sites = (nmd__sites){0};
}

typedef struct drawn {
  double key;
  int64_t item;
} drawn;

static int by_key(const void *a, const void *b) {
  const drawn *p = a, *q = b;
  if (p->key != q->key) return p->key < q->key ? -1 : 1;
  return p->item < q->item ? -1 : 1;
}

/* Items 0 .. n - 1 in random order. */
static void draw_order(drawn *order, int64_t n, uint64_t seed, int64_t draw) {
  for (int64_t k = 0; k < n; k++) {
    double u[2];
    nmd_random_uniform2(seed, NMD_STREAM_BUILD, 7000 + draw, k, 0, u);
    order[k] = (drawn){u[0], k};
  }
  qsort(order, (size_t)n, sizeof *order, by_key);
}

static bool is_rich(const nmd__vacancies *v, int64_t layer) {
  return v->layers == NMD__LAYERS_UNIFORM || layer % 2 == 0;
}

/* ---- patterns ---- */

/* Smallest period p with a whole number m of taken rows, m / p = share. */
static nmd_status find_stripes(double share, int64_t along_b, int *taken, int *period) {
  for (int p = 1; p <= PERIOD_MAX; p++) {
    const double m = share * p;
    if (fabs(m - round(m)) > tolerance * p) continue;
    *taken = (int)round(m);
    *period = p;
    if (along_b % p == 0) return NMD_OK;
    NMD_FAIL(BUILD, "pattern striped: %d of %d rows taken (rich %g), but %lld units along b; expected a multiple of %d",
             *taken, p, share, (long long)along_b, p);
  }
  NMD_FAIL(BUILD, "pattern striped: rich %g is no number of rows out of %d or fewer; expected e.g. 0.5, 0.6, 0.6667",
           share, PERIOD_MAX);
}

static nmd_status check_islands(const nmd__vacancies *v, const int64_t n[3]) {
  const double share = 1 - (double)(v->island[0] * v->island[1]) / (double)(v->tile[0] * v->tile[1]);
  for (int d = 0; d < 2; d++) {
    if (n[d] % v->tile[d] != 0)
      NMD_FAIL(BUILD, "pattern closed: tile %lld x %lld in %lld x %lld units; expected whole tiles",
               (long long)v->tile[0], (long long)v->tile[1], (long long)n[0], (long long)n[1]);
    if (v->island[d] >= v->tile[d])
      NMD_FAIL(BUILD,
               "pattern closed: island %lld x %lld in tile %lld x %lld is not closed in; expected a smaller island",
               (long long)v->island[0], (long long)v->island[1], (long long)v->tile[0], (long long)v->tile[1]);
  }
  if (fabs(share - v->rich) > tolerance)
    NMD_FAIL(BUILD,
             "pattern closed: islands %lld x %lld in tiles %lld x %lld leave a share of %.4g, rich is %g; expected the "
             "same",
             (long long)v->island[0], (long long)v->island[1], (long long)v->tile[0], (long long)v->tile[1], share,
             v->rich);
  return NMD_OK;
}

static nmd_status check_rows(const nmd__vacancies *v, const int64_t n[3]) {
  if (v->rows.n == 0) NMD_FAIL(BUILD, "pattern given: no rows; expected e.g. rows: [\"110\", \"101\"]");
  const size_t length = strlen(v->rows.items[0]);
  for (int k = 0; k < v->rows.n; k++)
    if (strlen(v->rows.items[k]) != length || length == 0 || strspn(v->rows.items[k], "01") != length)
      NMD_FAIL(BUILD, "rows: \"%s\"; expected rows of 1 and 0, all of the same length", v->rows.items[k]);
  if (n[0] % (int64_t)length != 0 || n[1] % v->rows.n != 0)
    NMD_FAIL(BUILD, "rows: %zu x %d sites in %lld x %lld units; expected a pattern that fits a whole number of times",
             length, v->rows.n, (long long)n[0], (long long)n[1]);
  return NMD_OK;
}

static bool pattern_has(const nmd__vacancies *v, int taken, int period, int64_t i, int64_t j) {
  if (v->pattern == NMD__PATTERN_STRIPED) return j % period < taken;
  if (v->pattern == NMD__PATTERN_CLOSED) return i % v->tile[0] >= v->island[0] || j % v->tile[1] >= v->island[1];
  return v->rows.items[j % v->rows.n][i % (int64_t)strlen(v->rows.items[0])] == '1';
}

static nmd_status fill_pattern(const nmd__vacancies *v, const int64_t n[3], nmd__sites *out) {
  int taken = 0, period = 1;
  if (v->pattern == NMD__PATTERN_STRIPED) NMD_TRY(find_stripes(v->rich, n[1], &taken, &period));
  if (v->pattern == NMD__PATTERN_CLOSED) NMD_TRY(check_islands(v, n));
  if (v->pattern == NMD__PATTERN_GIVEN) NMD_TRY(check_rows(v, n));
  int64_t layer = 0;
  for (int64_t k = 0; k < n[2]; k++) {
    if (!is_rich(v, k)) continue;
    for (int64_t j = 0; j < n[1]; j++)
      for (int64_t i = 0; i < n[0]; i++)
        if (pattern_has(v, taken, period, i + layer * v->shift[0], j + layer * v->shift[1]))
          out->state[(k * n[1] + j) * n[0] + i] = NMD__SITE_TAKEN;
    layer++;
  }
  return NMD_OK;
}

/* A share of the sites of all rich (or poor) layers, as evenly over the layers as whole numbers go. */
static nmd_status fill_random(const nmd__vacancies *v, const int64_t n[3], bool rich, double share, uint64_t seed,
                              nmd__sites *out) {
  const int64_t sites = n[0] * n[1];
  int64_t layers = 0, layer = 0;
  drawn *order;
  NMD_TRY(NMD_ALLOC(order, sites));
  for (int64_t k = 0; k < n[2]; k++) layers += is_rich(v, k) == rich;
  const int64_t total = (int64_t)llround(share * (double)(sites * layers));
  for (int64_t k = 0; k < n[2]; k++) {
    if (is_rich(v, k) != rich) continue;
    const int64_t here = (layer + 1) * total / layers - layer * total / layers;
    draw_order(order, sites, seed, k);
    for (int64_t s = 0; s < here; s++) out->state[k * sites + order[s].item] = NMD__SITE_TAKEN;
    layer++;
  }
  nmd_free(order);
  return NMD_OK;
}

nmd_status nmd__vacancies_choose(const nmd__vacancies *v, const int64_t n[3], uint64_t seed, nmd__sites *out) {
  const int64_t total = n[0] * n[1] * n[2];
  if (v->layers == NMD__LAYERS_ALTERNATE && n[2] % 2 != 0)
    NMD_FAIL(BUILD, "layers alternate: %lld units along c; expected an even number, or layers: uniform",
             (long long)n[2]);
  NMD_TRY(NMD_ALLOC(out->state, total));
  if (v->pattern == NMD__PATTERN_RANDOM)
    NMD_TRY(fill_random(v, n, true, v->rich, seed, out));
  else
    NMD_TRY(fill_pattern(v, n, out));
  NMD_TRY(fill_random(v, n, false, v->poor, seed, out));
  for (int64_t s = 0; s < total; s++) out->taken += out->state[s] == NMD__SITE_TAKEN;
  return NMD_OK;
}

/* ---- inserted ions ---- */

static bool may_insert(const nmd__vacancies *v, int64_t layer) {
  return v->where == NMD__INSERT_ANY || is_rich(v, layer) == (v->where == NMD__INSERT_RICH);
}

/* All places, in units; at most two windows a site. */
static int64_t collect_places(const nmd__vacancies *v, const int64_t n[3], const nmd__sites *sites,
                              double (*places)[3]) {
  int64_t count = 0;
  for (int64_t k = 0; k < n[2]; k++)
    for (int64_t j = 0; j < n[1] && may_insert(v, k); j++)
      for (int64_t i = 0; i < n[0]; i++) {
        if (sites->state[(k * n[1] + j) * n[0] + i] != NMD__SITE_EMPTY) continue;
        const int64_t next[2] = {(k * n[1] + j) * n[0] + (i + 1) % n[0], (k * n[1] + (j + 1) % n[1]) * n[0] + i};
        for (int d = 0; d < (v->sites == NMD__INSERT_WINDOW ? 2 : 1); d++) {
          if (v->sites == NMD__INSERT_WINDOW && sites->state[next[d]] != NMD__SITE_EMPTY) continue;
          places[count][0] = (double)i + (v->sites == NMD__INSERT_WINDOW && d == 0 ? 0.5 : 0);
          places[count][1] = (double)j + (v->sites == NMD__INSERT_WINDOW && d == 1 ? 0.5 : 0);
          places[count++][2] = (double)k;
        }
      }
  return count;
}

static bool far_enough(const double place[3], const double (*others)[3], int64_t count, const int64_t n[3],
                       const double edge[3], double distance) {
  for (int64_t o = 0; o < count; o++) {
    double r2 = 0;
    for (int d = 0; d < 3; d++) {
      double apart = place[d] - others[o][d];
      apart -= (double)n[d] * round(apart / (double)n[d]);
      r2 += apart * apart * edge[d] * edge[d];
    }
    if (r2 < distance * distance * (1 - 1e-9)) return false;
  }
  return true;
}

static nmd_status place_ions(const nmd__vacancies *v, const int64_t n[3], const double edge[3], uint64_t seed,
                             int64_t count, const double (*places)[3], int64_t n_places, drawn *order,
                             nmd__sites *sites) {
  int64_t most = 0;
  for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
    int64_t put = 0;
    draw_order(order, n_places, seed, 1000000 + attempt);
    for (int64_t k = 0; k < n_places && put < count; k++) {
      const double *place = places[order[k].item];
      if (v->distance > 0 && !far_enough(place, (const double(*)[3])sites->inserted, put, n, edge, v->distance))
        continue;
      memcpy(sites->inserted[put++], place, 3 * sizeof(double));
    }
    if (put == count) return NMD_OK;
    if (put > most) most = put;
    if (v->distance <= 0) break;
  }
  NMD_FAIL(BUILD,
           "inserted: room for %lld of %lld ions in %lld places at least %g A apart (%d tries); expected a smaller "
           "inserted_distance, other sites or layers, or a larger share of A",
           (long long)most, (long long)count, (long long)n_places, v->distance, ATTEMPTS);
}

nmd_status nmd__vacancies_insert(const nmd__vacancies *v, const int64_t n[3], const double edge[3], uint64_t seed,
                                 int64_t count, nmd__sites *sites) {
  if (count == 0) return NMD_OK;
  double(*places)[3] = NULL;
  drawn *order = NULL;
  nmd_status status = NMD_ALLOC(sites->inserted, count);
  if (status == NMD_OK) status = NMD_ALLOC(places, 2 * n[0] * n[1] * n[2]);
  if (status == NMD_OK) status = NMD_ALLOC(order, 2 * n[0] * n[1] * n[2]);
  if (status == NMD_OK) {
    const int64_t n_places = collect_places(v, n, sites, places);
    status = place_ions(v, n, edge, seed, count, (const double(*)[3])places, n_places, order, sites);
  }
  nmd_free(places);
  nmd_free(order);
  return status;
}

void nmd__vacancies_describe(const nmd__vacancies *v, const int64_t n[3], char *text, size_t size) {
  static const char *const patterns[] = {"random", "striped", "closed", "given"};
  int taken = 0, period = 0;
  const int used = snprintf(text, size, "%s A layers, rich %.6g %s, poor %.6g random, shift %lld %lld",
                            v->layers == NMD__LAYERS_ALTERNATE ? "alternate" : "uniform", v->rich, patterns[v->pattern],
                            v->poor, (long long)v->shift[0], (long long)v->shift[1]);
  if (used < 0 || (size_t)used >= size) return;
  text += used;
  size -= (size_t)used;
  if (v->pattern == NMD__PATTERN_STRIPED && find_stripes(v->rich, n[1], &taken, &period) == NMD_OK)
    snprintf(text, size, " (%d of %d rows taken)", taken, period);
  if (v->pattern == NMD__PATTERN_CLOSED)
    snprintf(text, size, " (islands %lld x %lld in tiles %lld x %lld)", (long long)v->island[0],
             (long long)v->island[1], (long long)v->tile[0], (long long)v->tile[1]);
  if (v->pattern == NMD__PATTERN_GIVEN) snprintf(text, size, " (%zu x %d)", strlen(v->rows.items[0]), v->rows.n);
}
