/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of an atom that ends a run: id, element, position, velocity, force, step, rank, nearest neighbours. */
#ifndef NNPMD_SIMULATION_FAILURE_H
#define NNPMD_SIMULATION_FAILURE_H

#include "simulation/simulation.h"

/* "atom 17 (Li) at (x, y, z) A on rank 3, v = ... A/fs, f = ... eV/A; neighbours: Au 4 at 0.31 A, ..." of owned atom i
 * into text [size]. Local. */
void nmd_failure_describe(const nmd_simulation *simulation, int i, char *text, size_t size);
/* EXPLODED, naming the owned atom with the first force that is no finite number, if any rank has one. Collective. */
nmd_status nmd_failure_name_force(const nmd_simulation *simulation) NMD_MUST_USE;

#endif
