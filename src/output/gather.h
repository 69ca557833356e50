/* SPDX-License-Identifier: BSD-3-Clause */
/* All atoms of a run on rank 0, in order of id: what trajectory writers take. */
#ifndef NNPMD_OUTPUT_GATHER_H
#define NNPMD_OUTPUT_GATHER_H

#include "io/frame.h"
#include "output/choose.h"
#include "output/output.h"

/* Arrays of the last gathered frame (rank 0), reused from frame to frame. */
typedef struct nmd_gathered {
  const nmd_choice *only;  /* whose atoms are taken; NULL: all; set by the user of it, not owned */
  bool unwrapped;          /* positions followed through the boundaries instead of counters; likewise */
  int64_t n, capacity;
  int64_t *id;
  int *atomic_number;
  int (*image)[3];
  double (*x)[3], (*v)[3], (*f)[3];
  double *atom_energy;
  double (*atom_virial)[9];
  int *extrapolation;
  double *sigma_energy, *sigma_force;
} nmd_gathered;

/* Positions wrapped into the cell, images counted along, or unwrapped. fields: NMD_FIELD_* bits; energies and virials only when in
 * `fields` and in `seen`. *view (rank 0) borrows from `gathered`, `seen`. Collective, same status everywhere. */
nmd_status nmd_gather_frame(nmd_gathered *gathered, const nmd_observation *seen, unsigned fields, nmd_frame_view *view)
    NMD_MUST_USE;
void nmd_gathered_free(nmd_gathered *gathered);

#endif
