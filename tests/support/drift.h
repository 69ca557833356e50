/* SPDX-License-Identifier: BSD-3-Clause */
/* One bound for the drift of the total energy of every kind of potential. */
#ifndef NNPMD_TESTS_SUPPORT_DRIFT_H
#define NNPMD_TESTS_SUPPORT_DRIFT_H

#include "simulation/simulation.h"

/* The whole present stage of s, one of constant energy: its conserved energy per atom into series [steps of the stage],
 * and the mean temperature (K). Returns the number of steps. Collective. */
int drift_run_stage(nmd_simulation *s, double *series, double *temperature);
/* Such a stage must not drift by more than 1e-4 eV/atom/ns, within two errors of the drift, which itself must be below
 * 1e-4; its temperature must lie in `low` to `high`. `label` is for the line of figures. Collective. */
void drift_check(nmd_simulation *s, const char *label, double low, double high, double *series);

#endif
