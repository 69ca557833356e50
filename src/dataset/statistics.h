/* SPDX-License-Identifier: BSD-3-Clause */
/* Distributions of energies, forces and distances in a data set. */
#ifndef NNPMD_DATASET_STATISTICS_H
#define NNPMD_DATASET_STATISTICS_H

#include "dataset/dataset.h"
#include "parallel/comm.h"
#include "system/element.h"

typedef struct nmd_histogram {
  double low, width; /* bin b holds low + b width <= x < low + (b + 1) width; what lies outside goes to the ends */
  int n;
  int64_t *count; /* [n] owned */
  int64_t total;
} nmd_histogram;

nmd_status nmd_histogram_init(nmd_histogram *h, double low, double high, int bins) NMD_MUST_USE;
void nmd_histogram_add(nmd_histogram *h, double x);
void nmd_histogram_free(nmd_histogram *h);

enum { NMD_STATISTICS_BINS = 80 };

typedef struct nmd_statistics {
  nmd_species species;
  double element_energy[NMD_ELEMENT_MAX]; /* eV: fit of the energies by composition */
  int64_t atoms, atoms_of[NMD_ELEMENT_MAX], with_energy, with_forces, with_stress;
  double *energy;                    /* [frames] eV/atom above the fit; NaN without */
  nmd_histogram energies;            /* of these */
  nmd_histogram *forces;             /* [species] |F| (eV/A) */
  double force_rms[NMD_ELEMENT_MAX]; /* of the components, eV/A */
  nmd_histogram *distances; /* [species * species, a <= b: a * n + b] distances of pairs (A) up to the cut-off */
  double *nearest;          /* [species * species] shortest distance of each pair of elements (A); infinite: none */
} nmd_statistics;

/* cutoff (A) of the distances. Owner: caller. Errors: EXPLODED, MEMORY. Local. */
nmd_status nmd_dataset_statistics(const nmd_comm *alone, const nmd_dataset *set, double cutoff,
                                  nmd_statistics *out) NMD_MUST_USE;
void nmd_statistics_free(nmd_statistics *statistics);

#endif
