/* SPDX-License-Identifier: BSD-3-Clause */
/* Monte Carlo moves of elements on fixed sites, with energies of the touched atoms only, in several regions at once.
 *
 * What a move touches: the energy of an atom depends on the atoms within the potential's cut-off rc of it, so a change
 * of element on site a changes the energies of a and of the sites within rc of a (periodic images count for their
 * site).
 *
 * Regions. Each axis is cut into the largest number of equal cells of height >= 3 rc; where that is one, the axis is
 * not cut. The active part of a cell is the cell less a gap of 2 rc along each axis that is cut; cells are shifted by a
 * random offset drawn anew in each step. Regions (the active parts) are then more than 2 rc apart, so that no atom's
 * energy depends on two of them: moves of different regions change energies of different atoms, see nothing of each
 * other, and the order in which they are made does not matter. So a step with all regions at once IS a sequence of
 * single moves.
 *
 * Detailed balance. Which sites are in which region follows from positions and offset, and how many moves are tried
 * there from their number and a coin: neither depends on the elements. A swap picks a site of the region, then an
 * unlike one of it, each with equal probability: probabilities that depend on the region's composition only, which
 * swaps keep; a semi-grand move picks a site and a new element with equal probability. Both proposals are symmetric,
 * and with the Metropolis acceptance each single move leaves the target distribution as it is; so does any sequence of
 * them, and any sequence chosen without regard to the elements. The random offset lets every atom reach every site in
 * the end, and the coin (one move more, or not) lets a region of two sites end with its atoms either way.
 *
 * Tempering (levels > 1) has one region, and the ranks share out the levels instead. Arrangements of all levels are the same on
 * all ranks between steps.
 *
 * Random numbers are functions of seed, step, region (or level), move: the moves do not depend on the number of ranks. */
#ifndef NNPMD_SIMULATION_MONTE_CARLO_H
#define NNPMD_SIMULATION_MONTE_CARLO_H

#include "dynamics/exchange.h"
#include "simulation/simulation.h"

/* One step of moves on the atoms of `s`, which end up on their ranks with ghosts and list. Collective. */
nmd_status nmd_monte_carlo_moves(nmd_simulation *s, const nmd_exchange *what, nmd_exchange_counts *counts) NMD_MUST_USE;

/* An ordering of the structure's elements over its sites by annealing: `steps` steps of swaps from one temperature to the
 * other (K), one region. Returned are its elements. Local. Errors: MEMORY and those of the potential. */
nmd_status nmd_monte_carlo_anneal(const nmd_potential *potential, const nmd_species *species, uint64_t seed, int64_t steps,
                                  const double temperature[2], nmd_structure *structure) NMD_MUST_USE;

#endif
