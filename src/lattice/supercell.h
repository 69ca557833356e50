/* SPDX-License-Identifier: BSD-3-Clause */
/* A periodic piece of a parent lattice: any integer matrix of its cell vectors, its sites numbered. */
#ifndef NNPMD_LATTICE_SUPERCELL_H
#define NNPMD_LATTICE_SUPERCELL_H

#include "lattice/parent.h"

typedef struct nmd_supercell {
  int matrix[3][3];  /* rows: its cell vectors in units of the parent's */
  int reduced[3][3]; /* the same lattice of translations, lower triangular with positive diagonal (Hermite) */
  int cells, n;      /* parent cells; sites = cells * n_sites, site = cell * n_sites + b */
  int (*cell)[3];    /* [cells] */
} nmd_supercell;

/* Owner: the caller. Local. Errors: BAD_CELL (no volume), OUT_OF_RANGE (more than 2^24 sites), MEMORY. */
nmd_status nmd_supercell_init(nmd_supercell *super, const nmd_parent_lattice *parent,
                              const int matrix[3][3]) NMD_MUST_USE;
void nmd_supercell_free(nmd_supercell *super);
/* Index of the parent cell `cell` (any integers) modulo the period. */
int nmd_supercell_cell(const nmd_supercell *super, const int cell[3]);
/* The structure of an arrangement: occupation [n] index into the species of each site's kind; vacancies are left out;
 * sites first, then the frame, each parent cell after the other.
 * Local. Errors: BAD_CELL, MEMORY. */
nmd_status nmd_supercell_structure(const nmd_supercell *super, const nmd_parent_lattice *parent,
                                   const uint8_t *occupation, nmd_structure *out) NMD_MUST_USE;
/* Positions [n][3] (A) of the sites in the unstrained supercell, and its box. */
nmd_status nmd_supercell_positions(const nmd_supercell *super, const nmd_parent_lattice *parent, nmd_box *box,
                                   double (*x)[3]) NMD_MUST_USE;

#endif
