/* SPDX-License-Identifier: BSD-3-Clause */
/* Internal units: A, eV, fs, K, u (mass), e (charge). Pressure inside: eV/A^3. Velocity: A/fs. */
#ifndef NNPMD_BASE_UNITS_H
#define NNPMD_BASE_UNITS_H

#include <stddef.h>

#include "base/status.h"

/* CODATA 2018 */
#define NMD_BOLTZMANN 8.617333262145179e-5      /* eV/K */
#define NMD_MV2_TO_EV 103.64269652680505        /* u (A/fs)^2 in eV */
#define NMD_FORCE_TO_ACCELERATION (1.0 / NMD_MV2_TO_EV) /* (eV/A)/u in A/fs^2 */
#define NMD_EV_PER_A3_TO_GPA 160.2176634        /* eV/A^3 in GPa */
#define NMD_BOHR 0.529177210903                 /* A */
#define NMD_HARTREE 27.211386245988             /* eV */
#define NMD_COULOMB 14.399645478425668          /* e^2/(4 pi eps0) in eV A */

typedef enum nmd_dimension {
  NMD_DIM_NONE,        /* a pure number */
  NMD_DIM_LENGTH,      /* A, nm, bohr */
  NMD_DIM_ENERGY,      /* eV, meV, hartree, kJ/mol, kcal/mol */
  NMD_DIM_TIME,        /* fs, ps, ns */
  NMD_DIM_TEMPERATURE, /* K */
  NMD_DIM_PRESSURE,    /* GPa, MPa, kbar, bar, atm, eV/A^3; internal eV/A^3 */
  NMD_DIM_FORCE,       /* eV/A, meV/A */
  NMD_DIM_MASS,        /* u */
  NMD_DIM_ANGLE,       /* deg, rad; internal deg */
  NMD_DIM_FREQUENCY,   /* 1/fs, 1/ps, THz */
  NMD_DIM_VELOCITY,    /* A/fs, A/ps, m/s */
  NMD_DIM_WALLTIME     /* s, min, h, d, H:MM:SS or D-HH:MM:SS; internal s */
} nmd_dimension;

/* "12.5 ps" -> 12500 (fs). A number without unit is in the dimension's default unit (the first listed above; GPa for
 * pressure, s for wall time). Errors: BAD_NUMBER, WRONG_UNIT (message lists the units of the dimension; no place). */
nmd_status nmd_quantity_parse(const char *text, nmd_dimension dimension, double *value) NMD_MUST_USE;
const char *nmd_dimension_default_unit(nmd_dimension dimension); /* "GPa"; "" for NONE */
/* internal value -> value in the default unit */
double nmd_dimension_to_default_unit(nmd_dimension dimension, double value);
const char *nmd_dimension_name(nmd_dimension dimension);        /* "pressure" */
const char *nmd_dimension_unit(nmd_dimension dimension, int i); /* the i-th, default first; NULL past the end */
const char *nmd_dimension_spelling(nmd_dimension dimension, int i); /* likewise, with aliases ("Angstrom") */
/* Internal value as text in the default unit, with as few digits as read back to the same value (in rare cases of units
 * with a factor to its last bit but one). */
void nmd_quantity_format(double value, nmd_dimension dimension, char *text, size_t size);

#endif
