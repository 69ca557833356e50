/* SPDX-License-Identifier: BSD-3-Clause */
/* Densities on a grid: atoms are kept, places are right, files read as they should. */
#include "analysis/density.h"

#include "base/units.h"
#include "support/test.h"

static const double h[3][3] = {{6, 0, 0}, {2, 8, 0}, {-1, 0, 10}}, origin[3] = {1, 2, 3};

static void test_sum_and_place(void) {
  nmd_box box;
  nmd_density density;
  double x[3][3], sum = 0;
  const int n[3] = {6, 8, 10}, kind[3] = {0, 0, 1};
  const double s[3][3] = {{0.5, 0.5, 0.5}, {0.05, -0.2, 3.33}, {0.1, 0.1, 0.1}};
  TEST_OK(nmd_box_init(&box, h, origin, NULL));
  for (int i = 0; i < 3; i++) nmd_box_to_cartesian(&box, s[i], x[i]);
  TEST_OK(nmd_density_init(&density, n));
  for (int f = 0; f < 2; f++) nmd_density_add(&density, &box, 3, (const double(*)[3])x, kind, 0);
  for (int i = 0; i < n[0]; i++)
    for (int j = 0; j < n[1]; j++)
      for (int k = 0; k < n[2]; k++) sum += nmd_density_at(&density, i, j, k);
  TEST_NEAR(sum * box.volume / (6 * 8 * 10), 2, 1e-12);
  TEST_NEAR(nmd_density_at(&density, 3, 4, 5), 480 / box.volume, 1e-12);                   /* exactly on a point */
  TEST_NEAR(nmd_density_at(&density, 0, 6, 3), 0.7 * 0.6 * 0.7 * 480 / box.volume, 1e-12); /* (0.3, 6.4, 3.3) */
  TEST_NEAR(nmd_density_at(&density, 1, 7, 4), 0.3 * 0.4 * 0.3 * 480 / box.volume, 1e-12);
  nmd_density_free(&density);
}

static void test_files(void) {
  nmd_box box;
  nmd_density density;
  nmd_structure frame;
  nmd_buffer cube = {0}, vtk = {0};
  const double x[1][3] = {{1, 2, 3}};
  TEST_OK(nmd_box_init(&box, h, origin, NULL));
  TEST_OK(nmd_density_init(&density, (int[]){2, 2, 2}));
  nmd_density_add(&density, &box, 1, x, NULL, 0);
  TEST_OK(nmd_structure_init(&frame, 1));
  frame.atomic_number[0] = 3;
  nmd_density_cube(&density, "title", &frame, &cube);
  nmd_density_vtk(&density, "title", &vtk);
  int atoms, points[3];
  double values[3], vectors[3][3], density0;
  const char *lines = strstr(cube.data, "1/bohr^3\n") + 9;
  TEST_EQUAL_INT(sscanf(lines,
                        "%d %lf %lf %lf\n%d %lf %lf %lf\n%d %lf %lf %lf\n%d %lf %lf %lf\n%*d %*f %*f %*f %*f %lf",
                        &atoms, &values[0], &values[1], &values[2], &points[0], &vectors[0][0], &vectors[0][1],
                        &vectors[0][2], &points[1], &vectors[1][0], &vectors[1][1], &vectors[1][2], &points[2],
                        &vectors[2][0], &vectors[2][1], &vectors[2][2], &density0),
                 17);
  TEST_EQUAL_INT(atoms, 1);
  TEST_NEAR(values[2], 3 / NMD_BOHR, 1e-5);
  for (int d = 0; d < 9; d++) TEST_NEAR(vectors[d / 3][d % 3] * points[d / 3] * NMD_BOHR, h[d / 3][d % 3], 1e-5);
  TEST_RELATIVE(density0, 8 / box.volume * pow(NMD_BOHR, 3), 1e-5);
  TEST_CONTAINS(vtk.data, "DIMENSIONS 2 2 2\nPOINTS 8 float\n1.00000 2.00000 3.00000\n4.00000 2.00000 3.00000\n");
  TEST_CONTAINS(vtk.data, "POINT_DATA 8");
  nmd_buffer_free(&cube);
  nmd_buffer_free(&vtk);
  nmd_structure_free(&frame);
  nmd_density_free(&density);
}

static void test_open_axis(void) {
  nmd_box box;
  nmd_density density;
  const bool periodic[3] = {true, true, false};
  const double cubic[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}, x[2][3] = {{1, 1, 1}, {1, 1, 9}};
  TEST_OK(nmd_box_init(&box, cubic, NULL, periodic));
  TEST_OK(nmd_density_init(&density, (int[]){4, 4, 4}));
  nmd_density_add(&density, &box, 2, x, NULL, 0);
  TEST_NEAR(nmd_density_at(&density, 1, 1, 1), 1, 1e-12); /* the second atom is outside */
  nmd_density_free(&density);
}

static void test_errors(void) {
  nmd_density density;
  TEST_FAILS(nmd_density_init(&density, (int[]){0, 1, 1}), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_density_init(&density, (int[]){2000, 2000, 2000}), NMD_OUT_OF_RANGE);
}

TEST_SUITE("analysis/density", TEST(test_sum_and_place), TEST(test_files), TEST(test_open_axis), TEST(test_errors))
