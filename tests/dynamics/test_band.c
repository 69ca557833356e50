/* SPDX-License-Identifier: BSD-3-Clause */
/* The band against a surface whose saddle points are known, and its first guess: distances change evenly, forces are
 * the slope of what is minimised (so the guess is a path, not a heap). */
#include "base/memory.h"
#include "base/vec3.h"
#include "dynamics/band.h"
#include "dynamics/mover.h"
#include "support/test.h"

/* K. Muller, L. Brown, Theor. Chim. Acta 53, 75 (1979), in units of 100 of theirs; z is bound to 0. */
static double muller_brown(const double x[3], double force[3]) {
  static const double height[4] = {-2, -1, -1.7, 0.15}, a[4] = {-1, -1, -6.5, 0.7}, b[4] = {0, 0, 11, 0.6},
                      c[4] = {-10, -10, -6.5, 0.7}, x0[4] = {1, 0, -0.5, -1}, y0[4] = {0, 0.5, 1.5, 1};
  double sum = 0.5 * x[2] * x[2];
  force[0] = force[1] = 0;
  force[2] = -x[2];
  for (int k = 0; k < 4; k++) {
    const double dx = x[0] - x0[k], dy = x[1] - y0[k];
    const double part = height[k] * exp(a[k] * dx * dx + b[k] * dx * dy + c[k] * dy * dy);
    sum += part;
    force[0] -= part * (2 * a[k] * dx + b[k] * dy);
    force[1] -= part * (b[k] * dx + 2 * c[k] * dy);
  }
  return sum;
}

static const double minimum[2][3] = {{-0.558223635, 1.441725842, 0}, {0.623499405, 0.028037759, 0}};
static const double saddle[3] = {-0.822001558, 0.624312803, 0}, saddle_energy = -0.40664843508658;

static void relax(nmd_band *band, nmd_mover_method method, double spring) {
  nmd_mover mover = {.method = method, .n = 3 * (band->n - 2), .max_move = 0.05, .timestep = 1, .mass = 1};
  if (!TEST_OK(nmd_mover_init(&mover))) return;
  bool climb = false;
  int step = 0;
  for (; step < 20000; step++) {
    for (int k = 0; k < band->n; k++) band->energy[k] = muller_brown(band->x + 3 * k, band->force + 3 * k);
    if (!TEST_OK(nmd_band_measure(band, spring, climb))) break;
    if (climb && band->largest < 1e-5) break;
    if (!climb && band->largest < 0.1) {
      climb = true;
      nmd_mover_reset(&mover);
    } else
      nmd_mover_step(&mover, band->x + 3, band->pull + 3);
  }
  TEST_CHECK(climb && band->largest < 1e-5, "method %d: %d steps, pull %g", method, step, band->largest);
  nmd_mover_free(&mover);
}

static void check_surface(nmd_mover_method method, int images, double spring) {
  nmd_band band;
  double forward, back, d[3];
  if (!TEST_OK(nmd_band_init(&band, images, 1))) return;
  memcpy(band.x, minimum[0], sizeof minimum[0]);
  memcpy(band.x + 3 * (images - 1), minimum[1], sizeof minimum[1]);
  nmd_band_interpolate(&band);
  relax(&band, method, spring);
  const double *top = band.x + 3 * band.highest;
  for (int a = 0; a < 3; a++) d[a] = top[a] - saddle[a];
  TEST_CHECK(nmd_norm(d) < 1e-4, "method %d, %d images: saddle off by %g", method, images, nmd_norm(d));
  TEST_NEAR(band.energy[band.highest], saddle_energy, 1e-8);
  nmd_band_barriers(&band, false, &forward, &back);
  TEST_NEAR(forward, saddle_energy - band.energy[0], 1e-8);
  TEST_NEAR(back, saddle_energy - band.energy[images - 1], 1e-8);
  nmd_band_free(&band);
}

static void test_muller_brown(void) {
  check_surface(NMD_MOVER_LBFGS, 9, 1);
  check_surface(NMD_MOVER_LBFGS, 12, 10);
  check_surface(NMD_MOVER_FIRE, 9, 1);
  check_surface(NMD_MOVER_FIRE, 10, 5);
}

/* Without climbing the images are evenly spaced. */
static void test_spacing(void) {
  nmd_band band;
  if (!TEST_OK(nmd_band_init(&band, 8, 1))) return;
  memcpy(band.x, minimum[0], sizeof minimum[0]);
  memcpy(band.x + 21, minimum[1], sizeof minimum[1]);
  nmd_band_interpolate(&band);
  nmd_mover mover = {.method = NMD_MOVER_FIRE, .n = 18, .max_move = 0.05, .timestep = 1, .mass = 1};
  CU_ASSERT(nmd_mover_init(&mover) == NMD_OK);
  for (int step = 0; step < 20000 && (step == 0 || band.largest > 1e-6); step++) {
    for (int k = 0; k < 8; k++) band.energy[k] = muller_brown(band.x + 3 * k, band.force + 3 * k);
    if (!TEST_OK(nmd_band_measure(&band, 2, false))) break;
    nmd_mover_step(&mover, band.x + 3, band.pull + 3);
  }
  for (int k = 1; k < 8; k++) TEST_RELATIVE(band.path[k] - band.path[k - 1], band.path[7] / 7, 1e-3);
  nmd_mover_free(&mover);
  nmd_band_free(&band);
}

/* Two atoms change places: on a line they would meet; by distances they pass at a distance. Through the cell's face,
 * too. */
static void test_interpolation(void) {
  const double h[3][3] = {{9, 0, 0}, {0, 9, 0}, {0, 0, 9}};
  nmd_band band;
  nmd_box box;
  if (!TEST_OK(nmd_band_init(&band, 9, 6)) || !TEST_OK(nmd_box_init(&box, h, NULL, NULL))) return;
  static const double x[6][3] = {{8, 4, 4}, {10.4, 4.1, 4}, {9.1, 6.4, 4}, {9, 1.5, 4.2}, {9.2, 4, 6.5}, {9, 3.9, 1.3}};
  double *end = nmd_band_of(&band, band.x, 8), nearest[2] = {99, 99};
  memcpy(band.x, x, sizeof x);
  memcpy(end, x, sizeof x);
  memcpy(end, x[1], sizeof x[1]);
  memcpy(end + 3, x[0], sizeof x[0]);
  for (int way = 0; way < 2; way++) {
    nmd_band_interpolate(&band);
    if (way == 1 && !TEST_OK(nmd_band_interpolate_distances(&band, &box))) return;
    for (int k = 0; k < 9; k++) {
      const double *at = nmd_band_of(&band, band.x, k);
      double d[3];
      for (int a = 0; a < 3; a++) d[a] = at[3 + a] - at[a];
      nearest[way] = fmin(nearest[way], nmd_norm(d));
    }
  }
  TEST_CHECK(nearest[0] < 0.1 && nearest[1] > 1.5, "nearest %g A on the line, %g by distances", nearest[0], nearest[1]);
  double far[3] = {-8.9, 13.4, 4};
  const double to[3] = {8, 4, 4};
  nmd_nearest_image(&box, to, far);
  TEST_NEAR(far[0], 9.1, 1e-12);
  TEST_NEAR(far[1], 4.4, 1e-12);
  nmd_band_free(&band);
}

TEST_SUITE("dynamics/band", TEST(test_muller_brown), TEST(test_spacing), TEST(test_interpolation))
