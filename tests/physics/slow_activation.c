/* SPDX-License-Identifier: BSD-3-Clause */
/* Does the interval of an activation energy hold the truth as often as it says? 500 sets of four walks. The same is
 * counted for ordinary least squares. LINKS: analysis parallel */
#include <math.h>

#include "analysis/arrhenius.h"
#include "base/units.h"
#include "coverage.h"
#include "support/test.h"

static const walk walks[] = {
    {WALK_BROWNIAN, 8, 200, 15, 0, 0},   {WALK_HOPPING, 8, 200, 20, 0.0, 0}, {WALK_HOPPING, 32, 200, 20, 0.3, 0},
    {WALK_HOPPING, 64, 200, 20, 0.3, 0}, {WALK_SHARED, 64, 200, 15, 0, 0.5},
};
enum { N_WALKS = sizeof walks / sizeof walks[0] };

/* Four temperatures, each run until 14 to 20 hops were made: the time of a frame follows from the activation energy. */
static void test_activation_energy(void) {
  static const double temperature[] = {600.0, 520.0, 460.0, 410.0}, hops[] = {20.0, 18.0, 16.0, 14.0}, energy = 0.3;
  coverage_print_head();
  for (int k = 0; k < N_WALKS; k++) {
    tally t = {0};
    for (int64_t seed = 0; seed < coverage_repeats(); seed++) {
      nmd_arrhenius_point points[4], plain[4];
      bool found = true;
      for (int i = 0; i < 4; i++) {
        walk w = walks[k];
        outcome o;
        w.hops *= hops[i] / 20.0;
        const double frame =
            hops[i] / 20.0 * exp(energy / NMD_BOLTZMANN * (1.0 / temperature[i] - 1.0 / temperature[0]));
        coverage_run(TEST_COMM, &w, coverage_seed(100000 + 10000 * k + 4 * seed + i), false, &o);
        found = found && o.self.found;
        points[i] = (nmd_arrhenius_point){temperature[i], o.self.D.value / frame, o.self.D.sigma / frame,
                                          o.self.freedom_of_sigma};
        plain[i] = (nmd_arrhenius_point){temperature[i], o.self.ols / frame, o.self.ols_sigma / frame, 0.0};
      }
      t.tried++;
      nmd_arrhenius fit;
      if (!found) continue;
      TEST_OK(nmd_arrhenius_fit(points, 4, &fit));
      coverage_count(&t, energy, &fit.energy);
      TEST_OK(nmd_arrhenius_fit(plain, 4, &fit));
      coverage_count_ols(&t, energy, fit.energy.value, fit.energy.sigma);
    }
    coverage_judge("E_a", &walks[k], &t);
  }
}

TEST_SUITE("physics/activation", TEST(test_activation_energy))
