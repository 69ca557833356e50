/* SPDX-License-Identifier: BSD-3-Clause */
/* From a relaxed structure back to an arrangement on its parent lattice.
 *
 * The structure's cell must be a supercell of the parent, oriented as it, but for a strain; each atom goes to the
 * nearest site that allows its element, measured after the strain and a common shift are taken out; sites without an
 * atom are vacancies. A structure in which an atom went too far, two atoms share a site, or the frame has a hole has
 * left the lattice. */
#ifndef NNPMD_LATTICE_MAPPING_H
#define NNPMD_LATTICE_MAPPING_H

#include "lattice/supercell.h"

typedef enum nmd_mapping_result {
  NMD_MAPPED,
  NMD_MAPPING_CELL,   /* no supercell of the parent: other volume, strained too much */
  NMD_MAPPING_FAR,    /* an atom further from its site than allowed, or no site for its element */
  NMD_MAPPING_SHARED, /* two atoms on one site */
  NMD_MAPPING_HOLE    /* a site of the frame, or one that does not allow a vacancy, is empty */
} nmd_mapping_result;

typedef struct nmd_mapping_settings {
  double displacement; /* A, the most */
  double strain;       /* the most, without the change of volume */
} nmd_mapping_settings;

typedef struct nmd_mapping {
  nmd_mapping_result result;
  nmd_supercell super; /* owned; empty unless mapped */
  uint8_t *occupation; /* [super.n], owned */
  double largest, rms; /* A, displacements */
} nmd_mapping;

/* Local. Errors: MEMORY. A structure that has left the lattice is a result, not an error. */
nmd_status nmd_mapping_find(const nmd_parent_lattice *parent, const nmd_mapping_settings *settings,
                            const nmd_structure *structure, nmd_mapping *mapping) NMD_MUST_USE;
void nmd_mapping_free(nmd_mapping *mapping);
const char *nmd_mapping_reason(nmd_mapping_result result); /* "an atom too far from its site" */

#endif
