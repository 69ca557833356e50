/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: the lines that VASP's POSCAR and XDATCAR share: scale, cell, elements, counts. */
#ifndef NNPMD_IO_POSCAR_HEADER_H
#define NNPMD_IO_POSCAR_HEADER_H

#include "io/read_structure.h"
#include "io/source.h"
#include "system/box.h"

enum { NMD__POSCAR_GROUPS_MAX = 256 };

typedef struct nmd__poscar {
  double scale[3], h[3][3];
  nmd_box box;
  int groups, number[NMD__POSCAR_GROUPS_MAX];
  int64_t count[NMD__POSCAR_GROUPS_MAX], n;
} nmd__poscar;

/* The lines behind the comment, up to the counts. Errors as for nmd_structure_read, with the place. */
nmd_status nmd__poscar_header_read(nmd_source *source, const nmd_read_options *options, nmd__poscar *p) NMD_MUST_USE;
/* Three numbers of atom i of n, on a line of their own with anything behind them. */
nmd_status nmd__poscar_triple_read(nmd_source *source, const char *what, int64_t i, int64_t n,
                                   double out[3]) NMD_MUST_USE;

#endif
