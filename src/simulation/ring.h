/* SPDX-License-Identifier: BSD-3-Clause */
/* The last frames of a run, kept in memory and written when physics ends it: what led there can be looked at, without
 * a trajectory of every step. Costs one copy of positions and velocities a step. */
#ifndef NNPMD_SIMULATION_RING_H
#define NNPMD_SIMULATION_RING_H

#include "base/status.h"

struct nmd_simulation;
typedef struct nmd_ring nmd_ring;

nmd_status nmd_ring_create(int frames, nmd_ring **ring) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_ring_destroy(nmd_ring *ring);                                /* NULL-safe */
/* The state after a completed step takes the place of the oldest; without memory for it the frame lacks this rank's
 * atoms. Local. */
void nmd_ring_record(nmd_ring *ring, const struct nmd_simulation *simulation);
/* All kept frames, oldest first, into `path` as extended XYZ with velocities and forces; *written: how many. Collective,
 * same status everywhere. Errors: WRITE, MEMORY. */
nmd_status nmd_ring_write(nmd_ring *ring, const struct nmd_simulation *simulation, const char *path,
                          int *written) NMD_MUST_USE;

#endif
