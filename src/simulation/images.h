/* SPDX-License-Identifier: BSD-3-Clause */
/* Evaluation of the images of a band: each by a group of ranks. With more images than ranks a group is one rank, which
 * does several; with more ranks a group divides its images into domains. Ghosts and lists are made anew each time, so
 * that the numbers follow from the positions alone. */
#ifndef NNPMD_SIMULATION_IMAGES_H
#define NNPMD_SIMULATION_IMAGES_H

#include "dynamics/band.h"

struct nmd_simulation;
typedef struct nmd_images nmd_images;

/* `between`: images that are moved at once, the most groups there will be. Collective. Errors: MEMORY. */
nmd_status nmd_images_create(const struct nmd_simulation *simulation, int between, nmd_images **out) NMD_MUST_USE;
void nmd_images_destroy(nmd_images *images); /* NULL-safe */
/* nmd_band_service's `evaluate`; counts extrapolations in the simulation. Collective, same status everywhere. */
nmd_status nmd_images_evaluate(nmd_images *images, struct nmd_simulation *simulation, nmd_band *band,
                               const bool *wanted) NMD_MUST_USE;

#endif
