/* SPDX-License-Identifier: BSD-3-Clause */
#include "coverage.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "support/test.h"

int coverage_repeats(void) {
  const char *text = getenv("NNPMD_WALKS");
  const int n = text != NULL ? atoi(text) : 500;
  return n < 1 ? 1 : n > 2000 ? 2000 : n;
}

int64_t coverage_seed(int64_t number) {
  const char *series = getenv("NNPMD_WALK_SERIES");
  return 100000000 * (series != NULL ? atoll(series) : 4) + number;
}

void coverage_count(tally *t, double truth, const nmd_interval *i) {
  t->n++;
  t->in68 += i->ci68[0] <= truth && truth <= i->ci68[1];
  t->in95 += i->ci95[0] <= truth && truth <= i->ci95[1];
  t->value += i->value / truth;
  t->square += (i->value / truth) * (i->value / truth);
  t->sigma += i->sigma / truth;
}

void coverage_count_ols(tally *t, double truth, double value, double sigma) {
  t->ols68 += fabs(value - truth) <= sigma;
  t->ols95 += fabs(value - truth) <= 1.96 * sigma;
}

void coverage_print_head(void) {
  printf("                            |   n  mean/true sigma scatter |  68 %%   95 %% | OLS 68 %%  95 %%\n");
}

void coverage_judge(const char *what, const walk *w, const tally *t) {
  const double n = t->n, c68 = 100.0 * t->in68 / n, c95 = 100.0 * t->in95 / n, mean = t->value / n;
  static const char *const names[] = {"Brownian", "hopping", "shared"};
  printf("%-5s %-8s ions %2d %s %.1f | %3d   %6.3f   %.3f  %.3f  | %5.1f  %5.1f |  %5.1f  %5.1f\n", what,
         names[w->kind], w->ions, w->kind == WALK_SHARED ? "rho " : "back", w->kind == WALK_SHARED ? w->rho : w->back,
         t->n, mean, t->sigma / n, sqrt(t->square / n - mean * mean), c68, c95, 100.0 * t->ols68 / n,
         100.0 * t->ols95 / n);
  fflush(stdout);
  TEST_CHECK(t->n >= 0.6 * t->tried, "%d of %d walks gave an answer", t->n, t->tried);
  TEST_CHECK(fabs(c68 - 68.3) <= 6.0 + 100.0 * sqrt(0.683 * 0.317 / n),
             "%s, %d ions: 68 %% interval holds the truth in %.1f %%", names[w->kind], w->ions, c68);
  TEST_CHECK(fabs(c95 - 95.0) <= 3.0 + 100.0 * sqrt(0.95 * 0.05 / n),
             "%s, %d ions: 95 %% interval holds the truth in %.1f %%", names[w->kind], w->ions, c95);
}

static nmd_status estimate(const nmd_comm *comm, const nmd_paths *paths, bool collective, outcome *o) {
  static const double one[] = {1.0};
  nmd_directions xyz;
  nmd_msd msd, total;
  nmd_windows windows;
  nmd_spread spread[NMD_LEVELS_MAX];
  double *m, *q, *all;
  NMD_TRY(nmd_directions_parse("xyz", paths->mean_h, &xyz));
  NMD_TRY(nmd_msd_self(paths, comm, paths->n_frames / 2, 1, &msd));
  NMD_TRY(nmd_msd_collective(paths, one, paths->n_frames / 2, &total));
  NMD_TRY(nmd_windows_count(paths, comm, &xyz, 1, &windows));
  for (int k = 0; k < windows.n_levels; k++) nmd_windows_spread(&windows, k, 0, 0, &spread[k]);
  NMD_TRY(NMD_ALLOC(m, msd.n_lags));
  NMD_TRY(NMD_ALLOC(q, msd.n_lags));
  NMD_TRY(NMD_ALLOC(all, msd.n_lags));
  nmd_msd_project(&msd, 0, &xyz, m);
  nmd_msd_project(&total, 0, &xyz, q);
  for (int64_t k = 0; k < msd.n_lags; k++) all[k] = (double)paths->n * m[k];
  const nmd_diffusion_input input = {.msd = m,
                                     .n_lags = msd.n_lags,
                                     .n_frames = paths->n_frames,
                                     .spacing = 1.0,
                                     .dimensions = 3,
                                     .ions = (double)paths->n,
                                     .spread = spread,
                                     .n_spread = windows.n_levels,
                                     .start = -1.0,
                                     .hop_time = -1.0,
                                     .prior_sigma = -1.0,
                                     .hop = WALK_STEP};
  nmd_carrier carrier = {.charge = 1.0, .ions = (double)paths->n, .msd = m, .spread = spread};
  const nmd_conductivity_input charge = {.n = 1,
                                         .carrier = &carrier,
                                         .collective = q,
                                         .independent = all,
                                         .n_lags = msd.n_lags,
                                         .n_frames = paths->n_frames,
                                         .spacing = 1.0,
                                         .dimensions = 3,
                                         .n_spread = windows.n_levels,
                                         .start = -1.0,
                                         .hop = WALK_STEP,
                                         .temperature = 300.0,
                                         .volume = 1e4};
  NMD_TRY(nmd_diffusion_fit(&input, &o->self));
  if (collective) NMD_TRY(nmd_conductivity_fit(&charge, &o->charge));
  nmd_free(m);
  nmd_free(q);
  nmd_free(all);
  nmd_windows_free(&windows);
  nmd_msd_free(&msd);
  nmd_msd_free(&total);
  return NMD_OK;
}

void coverage_run(const nmd_comm *comm, const walk *w, int64_t seed, bool collective, outcome *o) {
  static const double h[3][3] = {{50, 0, 0}, {0, 50, 0}, {0, 0, 50}};
  double *x;
  int *number;
  nmd_paths paths;
  TEST_OK(NMD_ALLOC(x, 3 * w->ions * w->frames));
  TEST_OK(NMD_ALLOC(number, w->ions));
  for (int i = 0; i < w->ions; i++) number[i] = 3;
  walk_make(w, seed, x);
  TEST_OK(nmd_paths_borrow(comm, w->ions, number, w->frames, 1.0, h, x, &paths));
  TEST_OK(estimate(comm, &paths, collective, o));
  nmd_paths_free(&paths);
  nmd_free(x);
  nmd_free(number);
}
