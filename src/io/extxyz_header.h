/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: the second line of an extended XYZ frame: key=value pairs and the table of columns. */
#ifndef NNPMD_IO_EXTXYZ_HEADER_H
#define NNPMD_IO_EXTXYZ_HEADER_H

#include <stdbool.h>

#include "io/source.h"
#include "system/structure.h"

/* Columns that mean something to us; all others are read over. */
typedef enum nmd__xyz_field {
  NMD__XYZ_SPECIES,  /* symbol */
  NMD__XYZ_NUMBER,   /* atomic number */
  NMD__XYZ_POSITION, /* A */
  NMD__XYZ_VELOCITY, /* A/fs */
  NMD__XYZ_MOMENTUM, /* ASE: sqrt(u eV) */
  NMD__XYZ_FORCE,    /* eV/A */
  NMD__XYZ_ID,
  NMD__XYZ_IMAGE,
  NMD__XYZ_MASS,     /* u, to turn momenta into velocities */
  NMD__XYZ_FIELDS
} nmd__xyz_field;

enum { NMD__XYZ_MAX_COLUMNS = 1000 };

typedef struct nmd__xyz_header {
  bool has_lattice, has_virial;
  double lattice[3][3], origin[3];
  double virial[3][3];          /* eV; becomes the stress when there is no other */
  nmd_structure labels;         /* without atoms: energy, stress and info; owner: the caller (nmd_structure_free) */
  bool periodic[3];
  int columns;                  /* words per atom line */
  int start[NMD__XYZ_FIELDS];   /* first word of a field, -1: absent */
} nmd__xyz_header;

/* Parse the source's current line. Keys without a meaning of their own become info. Errors as for nmd_structure_read, with the place. */
nmd_status nmd__xyz_header_read(nmd_source *source, nmd__xyz_header *header) NMD_MUST_USE;

/* The key=value pairs of a text (a comment, say) that is changed on the way, as info, `stress` (eV/A^3) as the
 * stress; other words are passed over. Errors: MEMORY only: what does not look like pairs is no error here. */
nmd_status nmd__xyz_info_read(const nmd_source *source, char *text, nmd_structure *labels) NMD_MUST_USE;

#endif
