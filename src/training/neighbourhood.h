/* SPDX-License-Identifier: BSD-3-Clause */
/* Neighbours of every atom of one structure, periodic images as ghosts that know whose image they are. */
#ifndef NNPMD_TRAINING_NEIGHBOURHOOD_H
#define NNPMD_TRAINING_NEIGHBOURHOOD_H

#include "neighbour/list.h"
#include "parallel/domain.h"
#include "training/sample.h"

typedef struct nmd_neighbourhood {
  nmd_domain domain;
  nmd_halo *halo;
  nmd_neighbour_list list;
  nmd_atoms atoms; /* species: model index; id: index in the structure + 1, also of ghosts */
} nmd_neighbourhood;

/* Errors: OVERLAP, MEMORY; with the sample's name. Free also after a failure. */
nmd_status nmd_neighbourhood_init(nmd_neighbourhood *w, const nmd_comm *alone, const nmd_sample *sample,
                                  double cutoff) NMD_MUST_USE;
void nmd_neighbourhood_free(nmd_neighbourhood *w);

#endif
