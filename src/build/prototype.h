/* SPDX-License-Identifier: BSD-3-Clause */
/* Crystal structures of binary compounds by their Strukturbericht names, ready to be relaxed: cells of the right shape
 * and symmetry, scaled to a volume. More of them than crystal.h has, which is about lattices to build from. */
#ifndef NNPMD_BUILD_PROTOTYPE_H
#define NNPMD_BUILD_PROTOTYPE_H

#include "system/structure.h"

enum { NMD_PROTOTYPE_SITES_MAX = 40 };

typedef struct nmd_prototype_site {
  double s[3];
  int second; /* 1: of the second element */
} nmd_prototype_site;

typedef struct nmd_prototype {
  const char *name;    /* "l1_2" */
  const char *example; /* "AuCu3" */
  double cell[3][3];   /* rows, in any unit */
  int n;
  double first;                                     /* fraction of sites of the first element */
  nmd_prototype_site site[NMD_PROTOTYPE_SITES_MAX]; /* fractional */
} nmd_prototype;

int nmd_prototype_count(void);
const nmd_prototype *nmd_prototype_at(int index);
const nmd_prototype *nmd_prototype_find(const char *name); /* NULL: no such name */
/* Elements z[0], z[1]; `volume` (A^3) an atom. Local. Errors: MEMORY. */
nmd_status nmd_prototype_structure(const nmd_prototype *prototype, const int z[2], double volume,
                                   nmd_structure *out) NMD_MUST_USE;

#endif
