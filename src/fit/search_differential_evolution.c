/* SPDX-License-Identifier: BSD-3-Clause */
/* Differential evolution, current-to-best/1/bin: a trial for each individual
 *
 *   y = x_i + F (x_best - x_i) + F (x_a - x_b),  each component taken with probability C, one always
 *
 * takes its place if it is not worse; F is drawn for each trial between `scale` / 2 and `scale`. R. Storn, K. Price, J.
 * Global Optim. 11, 341 (1997). */
#include <string.h>

#include "base/random.h"
#include "fit/search.h"

extern const nmd_search_ops nmd__search_differential_evolution;
extern const nmd_option_table nmd__search_differential_evolution_options;

typedef struct de_parameters {
  double scale, crossover;
} de_parameters;

static const nmd_option options[] = {
    {"scale", NMD_OPT_REAL, offsetof(de_parameters, scale), .fallback = "0.9", .max = 2, .min_open = 1,
     .doc = "most of F, the length of steps; at least half of it"},
    {"crossover", NMD_OPT_REAL, offsetof(de_parameters, crossover), .fallback = "0.9", .max = 1,
     .doc = "probability that a component is taken from the trial"},
};
const nmd_option_table nmd__search_differential_evolution_options = {
    "differential_evolution", "differential evolution (current-to-best/1/bin)", sizeof(de_parameters),
    NMD_COUNT(options), options};

static void make_trial(const de_parameters *p, const nmd_search_problem *problem, uint64_t seed, int64_t who,
                       const nmd_search_state *s, int i, double *y) {
  const double *x = s->x + (int64_t)i * s->dim, *best = s->x + (int64_t)nmd_search_best(s) * s->dim;
  double u[2], w[2];
  nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, who, 512, u);
  nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, who, 513, w);
  const double *a = s->x + (int64_t)(u[0] * s->n) * s->dim, *b = s->x + (int64_t)(u[1] * s->n) * s->dim;
  const double f = p->scale * (0.5 + 0.5 * w[0]);
  const int always = (int)(w[1] * s->dim);
  for (int d = 0; d < s->dim; d++) {
    double v[2];
    nmd_random_uniform2(seed, NMD_STREAM_SEARCH, s->generation, who, (unsigned)d, v);
    y[d] = v[0] < p->crossover || d == always ? x[d] + f * (best[d] - x[d]) + f * (a[d] - b[d]) : x[d];
  }
  nmd_search_into_bounds(problem, y);
}

static nmd_status generation(const void *parameters, const nmd_search_problem *problem, uint64_t seed, int island,
                             nmd_search_state *s) {
  double y[NMD_SEARCH_DIM_MAX];
  s->generation++;
  for (int i = 0; i < s->n; i++) {
    double loss;
    make_trial(parameters, problem, seed, (int64_t)island * s->n + i, s, i, y);
    NMD_TRY(problem->loss(problem->context, y, &loss));
    s->evaluations++;
    if (loss > s->loss[i]) continue;
    memcpy(s->x + (int64_t)i * s->dim, y, (size_t)s->dim * sizeof *y);
    s->loss[i] = loss;
  }
  return NMD_OK;
}

const nmd_search_ops nmd__search_differential_evolution = {
    .name = "differential_evolution", .options = &nmd__search_differential_evolution_options, .generation = generation};
