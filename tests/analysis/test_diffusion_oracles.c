/* SPDX-License-Identifier: BSD-3-Clause */
/* From files to MSD, D and conductivity, against numpy, MDAnalysis, LAMMPS and kinisi on the same files.
 * LINKS: parallel */
#include "analysis/conductivity.h"
#include "analysis/transport.h"
#include "base/memory.h"
#include "diffusion_oracles.h"
#include "support/test.h"

#define DATA NMD_TEST_DATA "/analysis/data/"

typedef struct scene {
  nmd_transport_options options;
  nmd_selection selection;
  nmd_transport transport;
} scene;

static const char *const xyz[] = {"xyz"};

static nmd_transport_options plain(void) {
  return (nmd_transport_options){.paths = {.trajectory = {.timestep = 4.0}, .memory = 1 << 28},
                                 .directions = xyz,
                                 .n_sets = 1,
                                 .origin_stride = 1,
                                 .start = -1.0,
                                 .hop = 3.0};
}

/* One element, or all (NULL). */
static void open_scene(const char *file, const char *element, nmd_transport_options options, scene *s) {
  char *symbol = (char *)element;
  const nmd_text_list list = {.n = element != NULL, .items = &symbol};
  TEST_OK(nmd_selection_init(&s->selection, &list, NULL));
  s->options = options;
  s->options.paths.trajectory.selection = &s->selection;
  TEST_OK(nmd_transport_run(TEST_COMM, &file, 1, &s->options, &s->transport));
}

static void close_scene(scene *s) {
  nmd_transport_free(&s->transport);
  nmd_selection_free(&s->selection);
}

static int chosen_kind(const scene *s) {
  int kind = 0;
  while (s->transport.msd.count[kind] == 0) kind++;
  return kind;
}

static void compare(const double *msd, const double *expected, int n, double tolerance) {
  for (int m = 1; m < n; m++) TEST_RELATIVE(msd[m], expected[m], tolerance);
}

/* Mean over all atoms, of whatever element. */
static void mean_over_all(const nmd_transport *t, double *out, int n) {
  for (int m = 0; m < n; m++) {
    double sum = 0.0, atoms = 0.0;
    for (int k = 0; k < t->msd.n_kinds; k++) {
      sum += (double)t->msd.count[k] * nmd_transport_msd(t, 0, k)[m];
      atoms += (double)t->msd.count[k];
    }
    out[m] = sum / atoms;
  }
}

static void test_msd_of_numpy_and_mdanalysis(void) {
  static const char *const element[] = {"Ar", "Kr"};
  static const double *const numpy[] = {numpy_msd_Ar, numpy_msd_Kr};
  static const double *const mdanalysis[] = {mdanalysis_msd_Ar, mdanalysis_msd_Kr};
  for (int k = 0; k < 2; k++) {
    scene s;
    open_scene(DATA "argon.nc", element[k], plain(), &s);
    const double *msd = nmd_transport_msd(&s.transport, 0, chosen_kind(&s));
    compare(msd, numpy[k], ORACLE_LAGS, 1e-9);
    TEST_CHECK(s.transport.centre_wander < 1e-4, "constant energy: the centre of mass is off a straight line by %g A",
               s.transport.centre_wander);
    compare(msd, mdanalysis[k], ORACLE_LAGS, 1e-5);
    close_scene(&s);
  }
}

static void test_msd_of_lammps(void) {
  enum { FRAMES = sizeof lammps_msd / sizeof *lammps_msd };
  nmd_transport_options options = plain();
  scene s;
  double msd[FRAMES];
  options.origin_stride = 0;
  options.paths.drift = NMD_DRIFT_CENTRE;
  options.max_lag = (FRAMES - 1) * 2000.0;
  open_scene(DATA "lj_liquid.lammpstrj.gz", NULL, options, &s);
  mean_over_all(&s.transport, msd, FRAMES);
  compare(msd, lammps_msd, FRAMES, 1e-4);
  close_scene(&s);
}

/* A flexible triclinic cell, scaled coordinates. Without image counters, atoms unsorted: the same paths. */
static void test_fractional_displacements(void) {
  nmd_transport_options options = plain();
  scene s;
  double msd[ORACLE_LAGS], wrapped[ORACLE_LAGS], plateau = 0.0, cartesian = 0.0;
  options.max_lag = ORACLE_LAGS * 2000.0;
  open_scene(DATA "npt_crystal.lammpstrj.gz", NULL, options, &s);
  mean_over_all(&s.transport, msd, ORACLE_LAGS);
  compare(msd, numpy_msd_fractional, ORACLE_LAGS, 1e-9);
  close_scene(&s);
  open_scene(DATA "npt_crystal_wrapped.lammpstrj.gz", NULL, options, &s);
  mean_over_all(&s.transport, wrapped, ORACLE_LAGS);
  compare(wrapped, msd, ORACLE_LAGS, 1e-4); /* six digits in the file */
  close_scene(&s);
  for (int m = 1; m < ORACLE_LAGS; m++) plateau += msd[m], cartesian += numpy_msd_cartesian[m];
  TEST_CHECK(cartesian > 1.3 * plateau, "the cell breathes: %g against %g A^2", cartesian, plateau);
}

/* kinisi: mean, sigma, ends of 95 %. The same data: the answers lie in each other's intervals, with similar sigmas. */
static void agree(const char *what, const nmd_interval *ours, const double kinisi[4]) {
  printf("%s: %.5g +- %.2g, kinisi %.5g +- %.2g\n", what, ours->value, ours->sigma, kinisi[0], kinisi[1]);
  TEST_CHECK(ours->value > kinisi[2] && ours->value < kinisi[3], "%s outside of kinisi's interval", what);
  TEST_CHECK(kinisi[0] > ours->ci95[0] && kinisi[0] < ours->ci95[1], "kinisi's %s outside of the interval", what);
  TEST_CHECK(fabs(ours->value - kinisi[0]) < hypot(ours->sigma, kinisi[1]), "%s beyond one sigma", what);
  TEST_CHECK(ours->sigma < 2.0 * kinisi[1] && kinisi[1] < 2.0 * ours->sigma, "sigma of %s", what);
}

static nmd_interval per_ps(const nmd_interval *i) {
  return (nmd_interval){1e3 * i->value, 1e3 * i->sigma, {0}, {1e3 * i->ci95[0], 1e3 * i->ci95[1]}};
}

/* The walk of diffusion_oracles.py: x [ions][3][frames]. */
static void lattice_walk(double *x) {
  uint64_t state = 1;
  for (int64_t t = 1; t < ORACLE_FRAMES; t++)
    for (int i = 0; i < ORACLE_IONS; i++) {
      for (int d = 0; d < 3; d++) {
        double *path = x + (3 * i + d) * ORACLE_FRAMES;
        path[t] = path[t - 1];
      }
      state = 6364136223846793005u * state + 1442695040888963407u;
      const uint64_t draw = state >> 33, which = draw / 10 % 6;
      if (draw % 10 < 3) x[(3 * i + (int64_t)(which % 3)) * ORACLE_FRAMES + t] += which < 3 ? 1.0 : -1.0;
    }
}

static void fit_conductivity(const nmd_paths *paths, nmd_conductivity *result) {
  static const double charge[] = {1.0};
  enum { LAGS = ORACLE_FRAMES / 2 };
  double self[LAGS], collective[LAGS], independent[LAGS];
  nmd_spread spread[NMD_LEVELS_MAX];
  nmd_directions all;
  nmd_msd msd, total;
  nmd_windows windows;
  TEST_OK(nmd_directions_parse("xyz", paths->mean_h, &all));
  TEST_OK(nmd_msd_self(paths, TEST_COMM, LAGS, 1, &msd));
  TEST_OK(nmd_msd_collective(paths, charge, LAGS, &total));
  TEST_OK(nmd_windows_count(paths, TEST_COMM, &all, 1, &windows));
  for (int k = 0; k < windows.n_levels; k++) nmd_windows_spread(&windows, k, 0, 0, &spread[k]);
  nmd_msd_project(&msd, 0, &all, self);
  nmd_msd_project(&total, 0, &all, collective);
  for (int m = 0; m < LAGS; m++) independent[m] = ORACLE_IONS * self[m];
  nmd_carrier carrier = {.charge = 1.0, .ions = ORACLE_IONS, .msd = self, .spread = spread};
  const nmd_conductivity_input input = {.n = 1,
                                        .carrier = &carrier,
                                        .collective = collective,
                                        .independent = independent,
                                        .n_lags = LAGS,
                                        .n_frames = ORACLE_FRAMES,
                                        .spacing = paths->spacing,
                                        .dimensions = 3,
                                        .n_spread = windows.n_levels,
                                        .start = paths->spacing,
                                        .hop = 1.0,
                                        .temperature = oracle_temperature,
                                        .volume = paths->mean_volume};
  TEST_OK(nmd_conductivity_fit(&input, result));
  nmd_windows_free(&windows);
  nmd_msd_free(&total);
  nmd_msd_free(&msd);
}

static void test_conductivity_of_kinisi(void) {
  static const double h[3][3] = {{20, 0, 0}, {0, 20, 0}, {0, 0, 20}};
  static double x[3 * ORACLE_IONS * ORACLE_FRAMES];
  int number[ORACLE_IONS];
  nmd_paths paths;
  nmd_conductivity c;
  for (int i = 0; i < ORACLE_IONS; i++) number[i] = 3;
  lattice_walk(x);
  TEST_OK(nmd_paths_borrow(TEST_COMM, ORACLE_IONS, number, ORACLE_FRAMES, 800.0, h, x, &paths));
  fit_conductivity(&paths, &c);
  TEST_CHECK(c.found, "%s", c.why);
  agree("conductivity", &c.helfand, kinisi_conductivity);
  const double D = 0.3 / 6.0 / 800.0, truth = nmd_conductivity_unit(oracle_temperature, 8000.0) * ORACLE_IONS * D;
  TEST_CHECK(c.helfand.ci95[0] < truth && truth < c.helfand.ci95[1], "truth %g S/m", truth);
  nmd_paths_free(&paths);
}

static void test_D_of_kinisi(void) {
  static const char *const element[] = {"Ar", "Kr"};
  static const double *const D[] = {kinisi_D_Ar, kinisi_D_Kr};
  nmd_transport_options options = plain();
  options.paths.drift = NMD_DRIFT_FRAMEWORK;
  options.start = 1e3 * oracle_start_ps;
  for (int k = 0; k < 2; k++) {
    scene s;
    open_scene(DATA "argon.nc", element[k], options, &s);
    const nmd_diffusion *fit = nmd_transport_fit(&s.transport, 0, chosen_kind(&s));
    TEST_CHECK(fit->found, "%s", fit->why);
    const nmd_interval each = per_ps(&fit->D);
    agree(element[k], &each, D[k]);
    close_scene(&s);
  }
}

TEST_SUITE("analysis/diffusion_oracles", TEST(test_msd_of_numpy_and_mdanalysis), TEST(test_msd_of_lammps),
           TEST(test_fractional_displacements), TEST(test_D_of_kinisi), TEST(test_conductivity_of_kinisi))
