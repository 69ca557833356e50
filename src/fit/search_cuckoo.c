/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuckoo search with adaptive ranges. Each generation:
 *
 *   1. every nest x_i lays an egg x_i + s L (x_i - x_best), L a step of Levy's distribution with index 3/2 (R. N.
 * Mantegna, Phys. Rev. E 49, 4677 (1994)); the egg takes the place of a random nest if it is better;
 *   2. every nest is compared with a mixture x_i + u (x_a - x_b) of its components, and the better one stays;
 *   3. the worst share of the nests is abandoned, for new ones drawn in turn within the ranges and within the bounds.
 *
 * Every so many generations the ranges become those of the better half, widened on both sides, never beyond the bounds:
 * draws come closer as the nests do. X.-S. Yang, S. Deb, World Congress on Nature & Biologically Inspired Computing,
 * 210 (2009); adaptive ranges for force fields: R. Kobayashi et al., APL Mater. 8, 081111 (2020). */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "fit/search.h"

extern const nmd_search_ops nmd__search_cuckoo;
extern const nmd_option_table nmd__search_cuckoo_options;

typedef struct cuckoo_parameters {
  double abandoned, step, widen;
  int64_t update_ranges;
} cuckoo_parameters;

static const nmd_option options[] = {
    {"abandoned", NMD_OPT_REAL, offsetof(cuckoo_parameters, abandoned), .fallback = "0.1", .max = 0.9,
     .doc = "share of the nests given up each generation"},
    {"step", NMD_OPT_REAL, offsetof(cuckoo_parameters, step), .fallback = "0.3", .max = 10, .min_open = 1,
     .doc = "scale of the flights"},
    {"update_ranges", NMD_OPT_INT, offsetof(cuckoo_parameters, update_ranges), .fallback = "10", .max = 1000000,
     .doc = "generations after which the ranges follow the better half; 0: never"},
    {"widen", NMD_OPT_REAL, offsetof(cuckoo_parameters, widen), .fallback = "0.25", .max = 10,
     .doc = "room on both sides of the better half, in units of its width"},
};
const nmd_option_table nmd__search_cuckoo_options = {"cuckoo", "cuckoo search with adaptive ranges",
                                                     sizeof(cuckoo_parameters), NMD_COUNT(options), options};

/* Mantegna's u / |v|^(2/3), u and v normal, u scaled for index 3/2. */
static double levy(const double g[2]) { return 0.6965745025576968 * g[0] / pow(fabs(g[1]), 2.0 / 3.0); }

/* Draws 0 .. 255 of an individual are flights, 256 .. 511 new nests, 512 who is replaced. */
static void fly(const nmd_search_problem *problem, uint64_t seed, int64_t who, double step, const nmd_search_state *s,
                int i, double *egg) {
  const double *x = s->x + (int64_t)i * s->dim, *best = s->x + (int64_t)nmd_search_best(s) * s->dim;
  for (int d = 0; d < s->dim; d++) {
    double g[2];
    nmd_random_normal2(seed, NMD_STREAM_SEARCH, s->generation, who, (unsigned)d, g);
    const double own = x == best ? 0.1 * (s->high[d] - s->low[d]) : x[d] - best[d]; /* the best looks around */
    egg[d] = x[d] + step * levy(g) * own * (x == best ? 0.1 : 1);
  }
  nmd_search_into_bounds(problem, egg);
}

static nmd_status lay_eggs(const cuckoo_parameters *p, const nmd_search_problem *problem, uint64_t seed, int island,
                           nmd_search_state *s) {
  double egg[NMD_SEARCH_DIM_MAX];
  for (int i = 0; i < s->n; i++) {
    double loss, u[2];
    const int64_t who = (int64_t)island * s->n + i;
    fly(problem, seed, who, p->step, s, i, egg);
    NMD_TRY(problem->loss(problem->context, egg, &loss));
    s->evaluations++;
    nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, who, 512, u);
    int j = (int)(u[0] * s->n);
    if (u[1] < 0.5) j = i; /* its own nest as often as another's */
    if (loss >= s->loss[j]) continue;
    memcpy(s->x + (int64_t)j * s->dim, egg, (size_t)s->dim * sizeof *egg);
    s->loss[j] = loss;
  }
  return NMD_OK;
}

/* Draws 600 and on of an individual. */
static nmd_status mix(const nmd_search_problem *problem, uint64_t seed, int island, nmd_search_state *s) {
  double trial[NMD_SEARCH_DIM_MAX];
  for (int i = 0; i < s->n; i++) {
    double u[2], v[2], loss, *x = s->x + (int64_t)i * s->dim;
    const int64_t who = (int64_t)island * s->n + i;
    nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, who, 600, u);
    nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, who, 601, v);
    const double *a = s->x + (int64_t)(u[0] * s->n) * s->dim, *b = s->x + (int64_t)(u[1] * s->n) * s->dim;
    for (int d = 0; d < s->dim; d++) {
      double w[2];
      nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, who, (unsigned)(602 + d), w);
      trial[d] = w[0] < 0.75 ? x[d] + v[0] * (a[d] - b[d]) : x[d];
    }
    nmd_search_into_bounds(problem, trial);
    NMD_TRY(problem->loss(problem->context, trial, &loss));
    s->evaluations++;
    if (loss >= s->loss[i]) continue;
    memcpy(x, trial, (size_t)s->dim * sizeof *x);
    s->loss[i] = loss;
  }
  return NMD_OK;
}

static nmd_status abandon(const cuckoo_parameters *p, const nmd_search_problem *problem, uint64_t seed, int island,
                          nmd_search_state *s) {
  const int n = (int)(p->abandoned * s->n);
  for (int k = 0; k < n; k++) {
    const int i = nmd_search_worst(s);
    double *x = s->x + (int64_t)i * s->dim;
    for (int d = 0; d < s->dim; d++) {
      double u[2];
      nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, (int64_t)island * s->n + k, (unsigned)(256 + d), u);
      const double low = k % 2 == 0 ? s->low[d] : problem->low[d], high = k % 2 == 0 ? s->high[d] : problem->high[d];
      x[d] = low + u[0] * (high - low);
    }
    NMD_TRY(problem->loss(problem->context, x, &s->loss[i])); /* it stays, better or not, and may be the worst again */
    s->evaluations++;
  }
  return NMD_OK;
}

/* Losses of which half are better. */
static double median_loss(const nmd_search_state *s) {
  double median = INFINITY;
  for (int i = 0; i < s->n; i++) {
    int below = 0;
    for (int j = 0; j < s->n; j++) below += s->loss[j] <= s->loss[i];
    if (2 * below >= s->n && s->loss[i] < median) median = s->loss[i];
  }
  return median;
}

static void follow_better_half(const cuckoo_parameters *p, const nmd_search_problem *problem, nmd_search_state *s) {
  const double median = median_loss(s);
  for (int d = 0; d < s->dim; d++) {
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < s->n; i++) {
      if (s->loss[i] > median) continue;
      low = fmin(low, s->x[(int64_t)i * s->dim + d]);
      high = fmax(high, s->x[(int64_t)i * s->dim + d]);
    }
    const double room = p->widen * (high - low);
    s->low[d] = fmax(problem->low[d], low - room);
    s->high[d] = fmin(problem->high[d], high + room);
  }
}

static nmd_status generation(const void *parameters, const nmd_search_problem *problem, uint64_t seed, int island,
                             nmd_search_state *s) {
  const cuckoo_parameters *p = parameters;
  s->generation++;
  NMD_TRY(lay_eggs(p, problem, seed, island, s));
  NMD_TRY(mix(problem, seed, island, s));
  NMD_TRY(abandon(p, problem, seed, island, s));
  if (p->update_ranges > 0 && s->generation % p->update_ranges == 0) follow_better_half(p, problem, s);
  return NMD_OK;
}

const nmd_search_ops nmd__search_cuckoo = {
    .name = "cuckoo", .options = &nmd__search_cuckoo_options, .generation = generation};
