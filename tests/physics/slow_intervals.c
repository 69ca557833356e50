/* SPDX-License-Identifier: BSD-3-Clause */
/* Are the intervals true? Walks of known D, Haven ratio and activation energy, 500 times each: the intervals must hold
 * the truth as often as they say. The same is counted for an ordinary least-squares fit. LINKS: analysis parallel */
#include "analysis/arrhenius.h"
#include "analysis/conductivity.h"
#include "base/memory.h"
#include "base/units.h"
#include "support/test.h"
#include "walks.h"

enum { REPEATS = 500 };

typedef struct tally {
  int tried, n, in68, in95, ols68, ols95;
  double value, square, sigma;
} tally;

static void count(tally *t, double truth, const nmd_interval *i) {
  t->n++;
  t->in68 += i->ci68[0] <= truth && truth <= i->ci68[1];
  t->in95 += i->ci95[0] <= truth && truth <= i->ci95[1];
  t->value += i->value / truth;
  t->square += (i->value / truth) * (i->value / truth);
  t->sigma += i->sigma / truth;
}

static void count_ols(tally *t, double truth, double value, double sigma) {
  t->ols68 += fabs(value - truth) <= sigma;
  t->ols95 += fabs(value - truth) <= 1.96 * sigma;
}

static void print_head(void) {
  printf("                            |   n  mean/true sigma scatter |  68 %%   95 %% | OLS 68 %%  95 %%\n");
}

/* Print a row; wanted is coverage of 68 +- 6 % and 95 +- 3 %, give or take the error of counting it (2 and 1 %). Runs
 * too short for an answer are told so; they are to be the smaller part. */
static void judge(const char *what, const walk *w, const tally *t) {
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

/* Everything that is estimated from one walk. */
typedef struct outcome {
  nmd_diffusion self;
  nmd_conductivity charge;
} outcome;

static nmd_status estimate(const nmd_paths *paths, bool collective, outcome *o) {
  static const double one[] = {1.0};
  nmd_directions xyz;
  nmd_msd msd, total;
  nmd_windows windows;
  nmd_spread spread[NMD_LEVELS_MAX];
  double *m, *q, *all;
  NMD_TRY(nmd_directions_parse("xyz", paths->mean_h, &xyz));
  NMD_TRY(nmd_msd_self(paths, TEST_COMM, paths->n_frames / 2, 1, &msd));
  NMD_TRY(nmd_msd_collective(paths, one, paths->n_frames / 2, &total));
  NMD_TRY(nmd_windows_count(paths, TEST_COMM, &xyz, 1, &windows));
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

static void run(const walk *w, int64_t seed, bool collective, outcome *o) {
  static const double h[3][3] = {{50, 0, 0}, {0, 50, 0}, {0, 0, 50}};
  double *x;
  int *number;
  nmd_paths paths;
  TEST_OK(NMD_ALLOC(x, 3 * w->ions * w->frames));
  TEST_OK(NMD_ALLOC(number, w->ions));
  for (int i = 0; i < w->ions; i++) number[i] = 3;
  walk_make(w, seed, x);
  TEST_OK(nmd_paths_borrow(TEST_COMM, w->ions, number, w->frames, 1.0, h, x, &paths));
  TEST_OK(estimate(&paths, collective, o));
  nmd_paths_free(&paths);
  nmd_free(x);
  nmd_free(number);
}

static const walk walks[] = {
    {WALK_BROWNIAN, 8, 200, 15, 0, 0},   {WALK_BROWNIAN, 64, 200, 15, 0, 0}, {WALK_HOPPING, 8, 200, 20, 0.0, 0},
    {WALK_HOPPING, 64, 200, 20, 0.0, 0}, {WALK_HOPPING, 8, 200, 20, 0.3, 0}, {WALK_HOPPING, 32, 200, 20, 0.3, 0},
    {WALK_HOPPING, 64, 200, 20, 0.3, 0}, {WALK_SHARED, 8, 200, 15, 0, 0.3},  {WALK_SHARED, 32, 200, 15, 0, 0.2},
    {WALK_SHARED, 64, 200, 15, 0, 0.5},
};
enum { N_WALKS = sizeof walks / sizeof walks[0] };

static void test_diffusion_and_haven(void) {
  tally self[N_WALKS] = {{0}}, charge[N_WALKS] = {{0}}, ratio[N_WALKS] = {{0}};
  for (int k = 0; k < N_WALKS; k++)
    for (int64_t seed = 0; seed < REPEATS; seed++) {
      outcome o;
      const double D = walk_diffusion(&walks[k]), H = walk_haven(&walks[k]);
      run(&walks[k], 1000 * k + seed, true, &o);
      self[k].tried++, charge[k].tried++, ratio[k].tried++;
      if (!o.self.found) continue;
      count(&self[k], D, &o.self.D);
      count_ols(&self[k], D, o.self.ols, o.self.ols_sigma);
      if (!o.charge.found) continue;
      count(&charge[k], D * walks[k].ions / H, &o.charge.collective.D);
      count_ols(&charge[k], D * walks[k].ions / H, o.charge.collective.ols, o.charge.collective.ols_sigma);
      count(&ratio[k], H, &o.charge.haven);
      const double r = walks[k].ions * o.self.ols / o.charge.collective.ols;
      count_ols(&ratio[k], H, r,
                r * hypot(o.self.ols_sigma / o.self.ols, o.charge.collective.ols_sigma / o.charge.collective.ols));
    }
  print_head();
  for (int k = 0; k < N_WALKS; k++) judge("D", &walks[k], &self[k]);
  for (int k = 0; k < N_WALKS; k++) judge("D_q", &walks[k], &charge[k]);
  for (int k = 0; k < N_WALKS; k++) judge("H", &walks[k], &ratio[k]);
}

/* Four temperatures, each run until 14 to 20 hops were made: the time of a frame follows from the activation energy. */
static void test_activation_energy(void) {
  static const double temperature[] = {600.0, 520.0, 460.0, 410.0}, hops[] = {20.0, 18.0, 16.0, 14.0}, energy = 0.3;
  static const int chosen[] = {0, 2, 5, 6, 9};
  print_head();
  for (int k = 0; k < (int)(sizeof chosen / sizeof chosen[0]); k++) {
    tally t = {0};
    for (int64_t seed = 0; seed < REPEATS; seed++) {
      nmd_arrhenius_point points[4], plain[4];
      bool found = true;
      for (int i = 0; i < 4; i++) {
        walk w = walks[chosen[k]];
        outcome o;
        w.hops *= hops[i] / 20.0;
        const double frame =
            hops[i] / 20.0 * exp(energy / NMD_BOLTZMANN * (1.0 / temperature[i] - 1.0 / temperature[0]));
        run(&w, 100000 + 10000 * k + 4 * seed + i, false, &o);
        found = found && o.self.found;
        points[i] = (nmd_arrhenius_point){temperature[i], o.self.D.value / frame, o.self.D.sigma / frame,
                                          o.self.freedom_of_sigma};
        plain[i] = (nmd_arrhenius_point){temperature[i], o.self.ols / frame, o.self.ols_sigma / frame, 0.0};
      }
      t.tried++;
      nmd_arrhenius fit;
      if (!found) continue;
      TEST_OK(nmd_arrhenius_fit(points, 4, &fit));
      count(&t, energy, &fit.energy);
      TEST_OK(nmd_arrhenius_fit(plain, 4, &fit));
      count_ols(&t, energy, fit.energy.value, fit.energy.sigma);
    }
    judge("E_a", &walks[chosen[k]], &t);
  }
}

TEST_SUITE("physics/intervals", TEST(test_diffusion_and_haven), TEST(test_activation_energy))
