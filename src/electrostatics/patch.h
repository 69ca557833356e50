/* SPDX-License-Identifier: BSD-3-Clause */
/* Each rank spreads its charges on a patch of the mesh of its own, just around its atoms, whatever its domain; patches
 * are then added up on the pencils of the transform, and potentials come back the same way. So the mesh needs to know
 * neither domains nor ghosts. */
#ifndef NNPMD_ELECTROSTATICS_PATCH_H
#define NNPMD_ELECTROSTATICS_PATCH_H

#include "electrostatics/fft.h"

typedef struct nmd__extent {
  int low[3], n[3]; /* mesh points low .. low + n - 1, not wrapped; n = 0: no atoms */
} nmd__extent;

typedef struct nmd__patch {
  nmd__extent *extents; /* [ranks] of all ranks; own: extents[rank] */
  double *values;       /* [n0][n1][n2] of this rank */
  int64_t capacity;
  double *out, *in; /* messages */
  int64_t capacity_out, capacity_in;
  int *counts; /* [4][ranks] */
} nmd__patch;

void nmd__patch_free(nmd__patch *patch);
/* Room for the own patch and all messages; clears the values. `extents` are set. Local. Errors: MEMORY. */
nmd_status nmd__patch_prepare(nmd__patch *patch, const nmd_comm *comm, const nmd_fft_layout *layout) NMD_MUST_USE;
/* real = sum of all patches. Collective. */
void nmd__patch_gather(nmd__patch *patch, const nmd_comm *comm, const nmd_fft_layout *layout, double *real);
/* Patches = the real mesh at their points. Collective. */
void nmd__patch_scatter(nmd__patch *patch, const nmd_comm *comm, const nmd_fft_layout *layout, const double *real);

#endif
