/* SPDX-License-Identifier: BSD-3-Clause */
/* The crystal structures that builders know, as motifs on a Bravais lattice. */
#ifndef NNPMD_BUILD_CRYSTAL_H
#define NNPMD_BUILD_CRYSTAL_H

#include "base/status.h"

typedef struct nmd_site {
  double s[3];    /* fractional */
  int sublattice; /* index into the list of elements */
} nmd_site;

/* X(name) in the order of enum and table; `b2` is another name of cscl. hcp: hexagonal cell of 2 atoms, gamma = 120;
 * hcp_orthogonal: the same crystal in the cell a, sqrt(3) a, c of 4 atoms. */
#define NMD_CRYSTALS(X)                                                                                                \
  X(fcc)                                                                                                               \
  X(bcc)                                                                                                               \
  X(hcp)                                                                                                               \
  X(hcp_orthogonal)                                                                                                    \
  X(sc) X(diamond) X(rocksalt) X(cscl) X(b2) X(l1_0) X(l1_2) X(d0_3) X(b32) X(zincblende) X(fluorite) X(perovskite)

typedef enum nmd_crystal {
#define NMD_X(name) NMD_CRYSTAL_##name,
  NMD_CRYSTALS(NMD_X)
#undef NMD_X
      NMD_CRYSTAL_COUNT
} nmd_crystal;

#define NMD_CRYSTAL_CHOICE(name) "|" #name
#define NMD_CRYSTAL_CHOICES (("" NMD_CRYSTALS(NMD_CRYSTAL_CHOICE)) + 1) /* "fcc|bcc|..." */

enum { NMD_SITES_MAX = 16 };

const char *nmd_crystal_name(nmd_crystal crystal);
const char *nmd_crystal_formula(nmd_crystal crystal); /* "A B3": one letter per sublattice, in order */
int nmd_crystal_sublattices(nmd_crystal crystal);
double nmd_crystal_c_over_a(nmd_crystal crystal); /* ideal */
/* Sites of the conventional cell, at most NMD_SITES_MAX; returns their number. */
int nmd_crystal_sites(nmd_crystal crystal, nmd_site *sites);
/* Cell vectors (A) for lattice constants a and c (A). */
void nmd_crystal_cell(nmd_crystal crystal, double a, double c, double h[3][3]);

#endif
