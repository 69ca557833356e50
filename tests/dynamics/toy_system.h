/* SPDX-License-Identifier: BSD-3-Clause */
/* Systems with known statistical mechanics, driven as the simulation layer drives real ones. */
#ifndef NNPMD_TESTS_DYNAMICS_TOY_SYSTEM_H
#define NNPMD_TESTS_DYNAMICS_TOY_SYSTEM_H

#include "dynamics/ensemble.h"

typedef struct toy_bond {
  int i, j;
  double shift[3]; /* cells between them: r = x_j - x_i + shift h */
  double length, spring, quartic;
} toy_bond;

typedef struct toy_system {
  nmd_atoms atoms; /* this rank's: ids 1 + rank, 1 + rank + size, ... */
  nmd_box box;
  nmd_species species;
  nmd_motion motion;
  void (*force)(struct toy_system *toy);
  double (*site)[3];      /* Einstein: by id - 1 */
  double spring, quartic; /* Einstein: U = spring r^2 / 2 + quartic r^4 / 4 (eV/A^2, eV/A^4) */
  toy_bond *bonds;        /* crystal */
  int n_bonds;
  bool external; /* forces from outside: momentum is not conserved whatever the ensemble says */
  const nmd_ensemble_ops *ops;
  const nmd_option_table *table;
  void *ensemble, *parameters;
  int64_t stage_steps, stage_step;
} toy_system;

/* n free atoms in a cell h (rows; A), random positions; atoms are Li and O in turn. */
void toy_gas(toy_system *toy, const nmd_comm *comm, int64_t n, const double h[3][3]);
/* The same with every atom bound to a site of its own. */
void toy_einstein(toy_system *toy, const nmd_comm *comm, int64_t n, double spring, double quartic);
/* n^3 atoms in a simple cubic crystal (3 A) with springs (3 and 1 eV/A^2, quartic 4 and 2 eV/A^4) to first and second
 * neighbours; one rank. `tilt` shears the cell. */
void toy_crystal(toy_system *toy, const nmd_comm *comm, int n, double tilt);
void toy_free(toy_system *toy);

/* Begin a stage, text as in an input file: "nvt: {temperature: 300 K}". Removed freedoms and momentum as the
 * simulation layer does; velocities are kept. */
nmd_status toy_stage(toy_system *toy, const char *text, double timestep, int64_t steps) NMD_MUST_USE;
nmd_status toy_step(toy_system *toy) NMD_MUST_USE;
/* All steps of a stage; false (and a printed message) on failure. */
bool toy_run(toy_system *toy, const char *text, double timestep, int64_t steps);
/* Make `to` (same system, same stage begun) go on where `from` stands, through save and restore. */
void toy_resume(toy_system *to, const toy_system *from);
bool toy_same_bits(const toy_system *a, const toy_system *b); /* positions, velocities, cell, state of the ensemble */
/* A resumed run of the second half of a stage ends with the bits of the whole run. `make` sets up the system. */
bool toy_restart_is_exact(void (*make)(toy_system *toy), const char *text, double timestep, int64_t steps);
double toy_conserved(const toy_system *toy);
double toy_temperature(const toy_system *toy); /* as a log would show it */
double toy_pressure(const toy_system *toy);    /* eV/A^3, kinetic + virial */

/* Fluctuation of the conserved quantity: RMS (eV) about the mean of windows of 1 ps, over runs of 4 ps (`time` fs in
 * all) from states equilibrated at 900 K. */
double toy_fluctuation(void (*make)(toy_system *toy), const char *text, double timestep, double time);
/* Exponent p of fluctuation ~ dt^p over dt = 1, 2, 4 fs. */
double toy_order(void (*make)(toy_system *toy), const char *text, double time);
/* Drift of the conserved quantity per atom in meV/ns, and its error, over `time` (fs) in 16 blocks. */
double toy_drift(void (*make)(toy_system *toy), const char *text, double timestep, double time, double *error);

/* Two state points of an ensemble at constant pressure, 900 K, 0 and 3 GPa: <P> = P, and the volumes differ as their
 * fluctuations say: d<V>/dP = -var V / kT (the mean of the two variances is exact to second order in the difference).
 * Pressures inside lack the kT / V of the missing momenta. `more`: further options (", coupling: triclinic"). */
void toy_check_volume_fluctuations(void (*make)(toy_system *toy), const char *stage, const char *more);

/* Shown when the environment has TEST_SHOW: the figures behind the checks. */
void toy_show(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Mean, its error from blocks, variance and its error (blocks) of a series. */
typedef struct toy_statistics {
  double mean, mean_error, variance, variance_error;
} toy_statistics;
toy_statistics toy_analyse(const double *series, int n);
/* Slope of the line through n points; its standard error from scatter. */
double toy_slope(const double *x, const double *y, int n, double *error);

#endif
