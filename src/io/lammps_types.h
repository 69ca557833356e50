/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: which element is an atom type of a LAMMPS data file?
 *
 * The elements the caller gave; else the comment behind its mass ("1 6.94 # Li"); else its type label; else the one
 * element with that mass. Never the order of types alone: elements confused that way give a run that looks sane. */
#ifndef NNPMD_IO_LAMMPS_TYPES_H
#define NNPMD_IO_LAMMPS_TYPES_H

#include <stdint.h>

#include "io/read_structure.h"

enum { NMD__LABEL_MAX = 24 };

typedef struct nmd__lammps_type {
  double mass;                  /* u; 0: not given */
  char comment[NMD__LABEL_MAX]; /* first word behind # */
  char label[NMD__LABEL_MAX];
  int64_t line;                 /* of its mass or label; 0: neither */
  int atomic_number;
} nmd__lammps_type;

/* `index` from 0. Errors: UNKNOWN_ELEMENT, CONFLICT (the mass is that of another element than the comment or label). */
nmd_status nmd__lammps_type_element(const nmd__lammps_type *type, int64_t index, const char *file,
                                    const nmd_read_options *options, int *atomic_number) NMD_MUST_USE;

#endif
