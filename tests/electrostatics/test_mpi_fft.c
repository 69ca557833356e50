/* SPDX-License-Identifier: BSD-3-Clause */
/* The distributed transform against the sum that defines it, and back; meshes with fewer pencils than ranks, too. */
#include "base/memory.h"
#include "electrostatics/fft.h"
#include "parallel/comm.h"
#include "support/test.h"

static double value_at(int x, int y, int z) { return sin(1.3 * x + 0.7 * y * y + 2.1 * z + 0.2 * x * z) + 0.1 * x; }

static void fill_real(const nmd_fft_layout *l, double *real) {
  for (int x = 0; x < l->n[0]; x++)
    for (int y = 0; y < l->n[1]; y++)
      for (int z = 0; z < l->k[2]; z++) *real++ = value_at(l->low[0] + x, l->low[1] + y, z);
}

static void plain_mode(const int k[3], const int m[3], double out[2]) {
  out[0] = out[1] = 0;
  for (int x = 0; x < k[0]; x++)
    for (int y = 0; y < k[1]; y++)
      for (int z = 0; z < k[2]; z++) {
        const double phase =
            -2 * 3.14159265358979323846 * ((double)m[0] * x / k[0] + (double)m[1] * y / k[1] + (double)m[2] * z / k[2]);
        out[0] += value_at(x, y, z) * cos(phase);
        out[1] += value_at(x, y, z) * sin(phase);
      }
}

static void check_modes(const nmd_fft_layout *l, const double (*modes)[2]) {
  double count = 0;
  for (int a = 0; a < l->mode_n[0]; a++)
    for (int b = 0; b < l->mode_n[1]; b++)
      for (int c = 0; c < l->mode_n[2]; c++, count++) {
        const int m[3] = {l->mode_low[0] + a, l->mode_low[1] + b, l->mode_low[2] + c};
        double expected[2];
        plain_mode(l->k, m, expected);
        const double *mode = modes[a * l->mode_stride[0] + b * l->mode_stride[1] + c * l->mode_stride[2]];
        for (int p = 0; p < 2; p++) TEST_NEAR(mode[p], expected[p], 1e-10);
      }
  nmd_comm_sum(TEST_COMM, &count, 1);
  TEST_NEAR(count, (double)l->k[0] * l->k[1] * (l->k[2] / 2 + 1), 0);
}

static void check_mesh(int k0, int k1, int k2) {
  const int k[3] = {k0, k1, k2};
  nmd_fft *fft;
  if (!TEST_OK(nmd_fft_create(TEST_COMM, k, &fft))) return;
  const nmd_fft_layout *l = nmd_fft_layout_of(fft);
  double *real = nmd_fft_real(fft), *start;
  const int64_t n = (int64_t)l->n[0] * l->n[1] * k[2];
  if (!TEST_OK(NMD_ALLOC(start, n))) return;
  fill_real(l, start);
  memcpy(real, start, (size_t)n * sizeof *real);
  nmd_fft_forward(fft);
  check_modes(l, (const double(*)[2])nmd_fft_modes(fft));
  nmd_fft_backward(fft);
  for (int64_t i = 0; i < n; i++) TEST_NEAR(real[i] / (k0 * k1 * k2), start[i], 1e-12);
  nmd_free(start);
  nmd_fft_destroy(fft);
}

static void test_meshes(void) {
  check_mesh(6, 5, 8);
  check_mesh(4, 7, 9);
  check_mesh(1, 1, 12);
  check_mesh(2, 3, 2);
}

TEST_SUITE("electrostatics/fft", TEST(test_meshes))
