/* SPDX-License-Identifier: BSD-3-Clause */
/* Are the intervals true? Walks of known D and Haven ratio, 500 times each: the intervals must hold
 * the truth as often as they say. The same is counted for an ordinary least-squares fit. LINKS: analysis parallel */
#include <math.h>

#include "coverage.h"
#include "support/test.h"

static const walk walks[] = {
    {WALK_BROWNIAN, 8, 200, 15, 0, 0},   {WALK_BROWNIAN, 64, 200, 15, 0, 0}, {WALK_HOPPING, 8, 200, 20, 0.0, 0},
    {WALK_HOPPING, 64, 200, 20, 0.0, 0}, {WALK_HOPPING, 8, 200, 20, 0.3, 0}, {WALK_HOPPING, 32, 200, 20, 0.3, 0},
    {WALK_HOPPING, 64, 200, 20, 0.3, 0}, {WALK_SHARED, 8, 200, 15, 0, 0.3},  {WALK_SHARED, 32, 200, 15, 0, 0.2},
    {WALK_SHARED, 64, 200, 15, 0, 0.5},
};
enum { N_WALKS = sizeof walks / sizeof walks[0] };

/* Walks that no constant was set on. */
static const walk others[] = {
    {WALK_BROWNIAN, 20, 300, 10, 0, 0}, {WALK_HOPPING, 16, 150, 12, 0.15, 0}, {WALK_HOPPING, 24, 250, 16, 0.4, 0},
    {WALK_HOPPING, 48, 120, 14, 0.2, 0}, {WALK_SHARED, 16, 250, 12, 0, 0.7},   {WALK_SHARED, 48, 150, 18, 0, 0.1},
};
enum { N_OTHERS = sizeof others / sizeof others[0] };

static void count_all(const walk *w, int64_t first, tally *self, tally *charge, tally *ratio) {
  const double D = walk_diffusion(w), H = walk_haven(w);
  for (int64_t seed = 0; seed < coverage_repeats(); seed++) {
    outcome o;
    coverage_run(TEST_COMM, w, coverage_seed(first + seed), true, &o);
    self->tried++, charge->tried++, ratio->tried++;
    if (!o.self.found) continue;
    coverage_count(self, D, &o.self.D);
    coverage_count_ols(self, D, o.self.ols, o.self.ols_sigma);
    if (!o.charge.found) continue;
    const double Dq = D * w->ions / H, r = w->ions * o.self.ols / o.charge.collective.ols;
    coverage_count(charge, Dq, &o.charge.collective.D);
    coverage_count_ols(charge, Dq, o.charge.collective.ols, o.charge.collective.ols_sigma);
    coverage_count(ratio, H, &o.charge.haven);
    coverage_count_ols(
        ratio, H, r, r * hypot(o.self.ols_sigma / o.self.ols, o.charge.collective.ols_sigma / o.charge.collective.ols));
  }
}

static void count_and_judge(const walk *list, int n, int64_t first) {
  const int64_t stride = coverage_repeats() > 1000 ? 3000 : 1000; /* between the seeds of two kinds of walk */
  tally self[16] = {{0}}, charge[16] = {{0}}, ratio[16] = {{0}};
  for (int k = 0; k < n; k++) count_all(&list[k], first + stride * k, &self[k], &charge[k], &ratio[k]);
  coverage_print_head();
  for (int k = 0; k < n; k++) coverage_judge("D", &list[k], &self[k]);
  for (int k = 0; k < n; k++) coverage_judge("D_q", &list[k], &charge[k]);
  for (int k = 0; k < n; k++) coverage_judge("H", &list[k], &ratio[k]);
}

static void test_diffusion_and_haven(void) { count_and_judge(walks, N_WALKS, 0); }
static void test_other_walks(void) { count_and_judge(others, N_OTHERS, 50000); }

TEST_SUITE("physics/intervals", TEST(test_diffusion_and_haven), TEST(test_other_walks))
