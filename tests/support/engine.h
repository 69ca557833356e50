/* SPDX-License-Identifier: BSD-3-Clause */
/* The real engine inside a test: small crystals, inputs from text, runs step by step, states compared by atom id.
 * Programs that use it say `LINKS: engine`. */
#ifndef NNPMD_TESTS_SUPPORT_ENGINE_H
#define NNPMD_TESTS_SUPPORT_ENGINE_H

#include "simulation/simulation.h"

#define ENGINE_AU_LI_IN(precision)                                                                                     \
  "nnp: {folder: '" NMD_TEST_DATA "/../potentials/AuLi-starter', length_unit: A, energy_unit: eV, precision: " precision "}"
#define ENGINE_AU_LI ENGINE_AU_LI_IN("double")
/* A solid with argon's well depth times ten, so that it stays one at room temperature. */
#define ENGINE_LJ "lennard_jones: {epsilon: 0.104, sigma: 3.4, cutoff: 7.0}"

typedef struct engine_crystal {
  const char *sites; /* "fcc", "b2", "sc" (cubic ones of build/crystal.h) */
  double a;          /* A, cubic */
  int cells[3];
  int z[2];          /* elements of the sublattices */
  double rattle;     /* A, standard deviation */
  double shear;      /* off-diagonal elements of the deformation of cell and atoms */
  double vacuum[3];  /* A added along each axis */
  bool open[3];      /* axis not periodic */
} engine_crystal;

/* Write the crystal to test_path(name) (root) and wait for it. Collective over TEST_COMM, as are the next two. */
void engine_write_crystal(const engine_crystal *crystal, const char *name);
/* Write an input of this text (printf) to test_path(name); returns the path (static buffer). */
const char *engine_write_input(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Read the input, make the simulation, begin its first stage (no outputs). NULL and a failed check otherwise.
 * Collective over `comm`, as all that follow over their simulation's. */
nmd_simulation *engine_open(const nmd_comm *comm, const char *input_path);
/* The input's simulation as created, nothing evaluated: for nmd_state_load, or to see it refused. */
nmd_status engine_create(const nmd_comm *comm, const char *input_path, nmd_simulation **out) NMD_MUST_USE;
bool engine_steps(nmd_simulation *simulation, int64_t steps);

typedef struct engine_state {
  int64_t n;
  double (*x)[3], (*v)[3], (*f)[3]; /* [n] by id - 1; x unwrapped */
  nmd_box box;
  double potential, kinetic, conserved; /* eV; kinetic as the ensemble estimates it */
  double temperature;                   /* K */
  double pressure;                      /* eV/A^3 */
} engine_state;

double engine_conserved(const nmd_simulation *simulation);
double engine_kinetic(const nmd_simulation *simulation);
double engine_pressure(const nmd_simulation *simulation); /* eV/A^3 */
/* The whole system on every rank; owner: the caller (engine_state_free). */
void engine_look(const nmd_simulation *simulation, engine_state *state);
void engine_state_free(engine_state *state);
/* From rank `root` of `comm` to all. */
void engine_state_share(const nmd_comm *comm, int root, engine_state *state);
double engine_largest_difference(const double (*a)[3], const double (*b)[3], int64_t n);

/* The figures behind the checks, on standard output of rank 0. */
void engine_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
