/* SPDX-License-Identifier: BSD-3-Clause */
/* inputs/perovskite_npt, shortened: SrTiO3 with all six components of the cell free under both barostats stays what it
 * is, and its cell never turns.
 *
 * LINKS: engine */
#include "base/memory.h"
#include "base/text.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

enum { ROWS_MAX = 1024, COLUMNS = 26, STAGE = 1, TEMPERATURE = 3, CONSERVED = 7, VOLUME = 9, A_X = 16 };

typedef struct table {
  int n;
  double row[ROWS_MAX][COLUMNS];
} table;
static table thermo;

static void run_shortened(void) {
  char folder[1100];
  snprintf(folder, sizeof folder, "output_folder=\"%s\"", test_folder());
  char *const changes[] = {folder, "stages.1.npt.duration=3 ps", "stages.2.npt.steps=10000", "stages.3.mtk.steps=10000",
                           "outputs.0.thermo.every=50"};
  nmd_input input;
  nmd_simulation *s;
  const nmd_run_options options = {0};
  if (!TEST_OK(nmd_input_read(TEST_COMM, NMD_SOURCE_DIR "/inputs/perovskite_npt/input.yaml", 5, changes, &input)))
    return;
  if (!TEST_OK(nmd_simulation_create(TEST_COMM, &input, &s))) return;
  TEST_OK(nmd_simulation_run(s, &options));
  nmd_simulation_destroy(s);
}

static void read_thermo(void) {
  char *text, *line;
  size_t length;
  nmd_lines lines;
  thermo.n = 0;
  if (!TEST_OK(nmd_text_read_file(test_path("thermo.dat"), &text, &length))) return;
  nmd_lines_init(&lines, "thermo.dat", text);
  while (nmd_lines_next(&lines, &line) && thermo.n < ROWS_MAX) {
    char *words[COLUMNS + 2];
    if (line[0] == '#' || nmd_split(line, words, COLUMNS + 2) < COLUMNS) continue;
    for (int k = 0; k < COLUMNS; k++) CU_ASSERT(nmd_parse_real(words[k], &thermo.row[thermo.n][k]));
    thermo.n++;
  }
  nmd_free(text);
}

static double angle(const double *a, const double *b) {
  double ab = 0, aa = 0, bb = 0;
  for (int k = 0; k < 3; k++) ab += a[k] * b[k], aa += a[k] * a[k], bb += b[k] * b[k];
  return acos(ab / sqrt(aa * bb)) * 180 / 3.14159265358979;
}

/* Rows of a stage: mean temperature and volume, shape of the cell, conserved quantity. */
static void check_stage(int stage, const char *name) {
  static double temperature[ROWS_MAX], volume[ROWS_MAX], conserved[ROWS_MAX];
  double most = 0;
  int n = 0;
  for (int k = 0; k < thermo.n; k++) {
    const double *row = thermo.row[k], *h = row + A_X;
    if ((int)row[STAGE] != stage) continue;
    CU_ASSERT(h[1] == 0 && h[2] == 0 && h[5] == 0); /* a along x, b in the plane of x and y */
    for (int p = 0; p < 3; p++) most = fmax(most, fabs(angle(h + 3 * p, h + 3 * ((p + 1) % 3)) - 90));
    temperature[n] = row[TEMPERATURE];
    volume[n] = row[VOLUME];
    conserved[n++] = row[CONSERVED];
  }
  const test_estimate t = test_mean(temperature, n), v = test_mean(volume, n), drift = test_drift(conserved, n, 8);
  engine_say(
      "  %s: %d rows, T %.1f +- %.1f K, V %.1f +- %.1f A^3, angles within %.2f degrees, drift %.1e +- %.1e eV a row\n",
      name, n, t.value, t.error, v.value, v.error, most, drift.value, drift.error);
  TEST_CHECK(n >= 199, "%s: %d rows", name, n);
  TEST_CHECK(fabs(t.value - 300) < 4 * t.error + 2, "%s: %g K", name, t.value);
  /* 1650.5 A^3 over 2 x 10^5 steps */
  TEST_CHECK(fabs(v.value - 1650.5) < 4 * v.error + 3, "%s: %g A^3", name, v.value);
  TEST_CHECK(most < 3, "%s: an angle %g degrees off", name, most);
  TEST_CHECK(fabs(drift.value) * n < 0.02, "%s: conserved quantity drifts by %g eV", name, drift.value * n);
}

static void test_cell_is_stable(void) {
  run_shortened();
  read_thermo();
  check_stage(3, "npt");
  check_stage(4, "mtk");
}

TEST_SUITE("physics/perovskite", TEST(test_cell_is_stable))
