/* SPDX-License-Identifier: BSD-3-Clause */
/* Independent runs of different lengths, cells and drifts, taken together: the mean over all their ions, each run's own
 * drift removed, as direct sums over the walks that the files were written from; and runs that do not belong together.
 */
#include "analysis/transport.h"
#include "base/memory.h"
#include "base/random.h"
#include "support/test.h"

enum { IONS = 3, HOST = 2, FRAMES = 60, SHORTER = 48, LAGS = SHORTER / 2 + 1 };
static const double edge[2] = {10, 11}, drift[2] = {0, 0.013}; /* A, A a frame */
static const int frames[2] = {FRAMES, SHORTER};

typedef struct walks {
  double x[2][FRAMES][IONS][3];
} walks;

static void draw(walks *w) {
  for (int run = 0; run < 2; run++)
    for (int t = 1; t < frames[run]; t++)
      for (int i = 0; i < IONS; i++)
        for (int d = 0; d < 3; d++) {
          double u[2];
          nmd_random_uniform2(11 + (uint64_t)run, NMD_STREAM_BUILD, t, i, d, u);
          w->x[run][t][i][d] = w->x[run][t - 1][i][d] + u[0] - 0.5;
        }
}

/* Unwrapped coordinates; everything drifts. */
static void write_run(const char *name, const walks *w, int run, const char *host, int every) {
  static char text[1 << 17];
  size_t used = 0;
  for (int t = 0; t < frames[run]; t++) {
    used += (size_t)snprintf(text + used, sizeof text - used,
                             "ITEM: TIMESTEP\n%d\nITEM: NUMBER OF ATOMS\n%d\nITEM: BOX BOUNDS pp pp pp\n0 %g\n0 %g\n0 "
                             "%g\nITEM: ATOMS id element xu yu zu\n",
                             every * t, IONS + HOST, edge[run], edge[run], edge[run]);
    for (int i = 0; i < IONS + HOST; i++) {
      used += (size_t)snprintf(text + used, sizeof text - used, "%d %s", i + 1, i < IONS ? "Li" : host);
      for (int d = 0; d < 3; d++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %.12g",
                                 2.0 * i + drift[run] * t + (i < IONS ? w->x[run][t][i][d] : 0));
      used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    }
  }
  test_write(name, text);
}

static double expected_msd(const walks *w, int lag) {
  double sum = 0;
  for (int run = 0; run < 2; run++)
    for (int t = 0; t + lag < SHORTER; t++)
      for (int i = 0; i < IONS; i++)
        for (int d = 0; d < 3; d++) {
          const double u = w->x[run][t + lag][i][d] - w->x[run][t][i][d];
          sum += u * u;
        }
  return sum / (2 * IONS * (SHORTER - lag));
}

static nmd_status open_runs(nmd_transport *t, nmd_selection *selection) {
  static const char *const xyz[] = {"xyz"};
  static char first[1024], second[1024];
  const char *const files[] = {first, second};
  snprintf(first, sizeof first, "%s", test_path("one.lammpstrj"));
  snprintf(second, sizeof second, "%s", test_path("two.lammpstrj"));
  char *symbol = (char *)"Li";
  const nmd_text_list list = {.n = 1, .items = &symbol};
  TEST_OK(nmd_selection_init(selection, &list, NULL));
  const nmd_transport_options options = {
      .paths = {.trajectory = {.timestep = 4, .selection = selection}, .drift = NMD_DRIFT_FRAMEWORK, .memory = 1 << 28},
      .directions = xyz,
      .n_sets = 1,
      .independent = true,
      .origin_stride = 1,
      .start = -1,
      .hop = 3};
  return nmd_transport_run(TEST_COMM, files, 2, &options, t);
}

static void test_together(void) {
  static walks w;
  nmd_transport t;
  nmd_selection selection;
  draw(&w);
  write_run("one.lammpstrj", &w, 0, "O", 1);
  write_run("two.lammpstrj", &w, 1, "O", 1);
  if (!TEST_OK(open_runs(&t, &selection))) return;
  TEST_EQUAL_INT(t.paths.n_runs, 2);
  TEST_EQUAL_INT(t.paths.n_frames, SHORTER);
  TEST_NEAR(t.paths.mean_h[0][0], 10.5, 1e-12);
  TEST_NEAR(t.paths.mean_volume, 0.5 * (1000 + 1331), 1e-9);
  int li = 0;
  while (t.msd.count[li] == 0) li++;
  TEST_EQUAL_INT(t.msd.count[li], 2 * IONS);
  TEST_EQUAL_INT(t.windows.count[li], 2 * IONS);
  TEST_EQUAL_INT(t.msd.n_lags, LAGS);
  for (int m = 1; m < LAGS; m++) TEST_RELATIVE(nmd_transport_msd(&t, 0, li)[m], expected_msd(&w, m), 1e-9);
  nmd_transport_free(&t);
  nmd_selection_free(&selection);
}

static void test_refused(void) {
  static walks w;
  nmd_transport t;
  nmd_selection selection;
  draw(&w);
  write_run("two.lammpstrj", &w, 1, "S", 1);
  TEST_FAILS(open_runs(&t, &selection), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "two.lammpstrj: other elements than in the first run; expected runs of one system");
  nmd_selection_free(&selection);
  write_run("two.lammpstrj", &w, 1, "O", 2);
  TEST_FAILS(open_runs(&t, &selection), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "in the first run every 4 fs; expected the same");
  nmd_selection_free(&selection);
}

TEST_SUITE("analysis/pool", TEST(test_together), TEST(test_refused))
