/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: elements and ids of the atoms of a NetCDF trajectory, about which its convention says nothing. */
#ifndef NNPMD_IO_NETCDF_ELEMENTS_H
#define NNPMD_IO_NETCDF_ELEMENTS_H

#include "io/netcdf_header.h"
#include "io/read_structure.h"

typedef nmd_status nmd__nc_fetch(const void *file, int64_t at, size_t length, void *out);

typedef struct nmd__nc_reader { /* nothing owned */
  const char *name;
  const nmd__nc_header *header;
  int64_t n_atoms, n_frames;
  const void *file;
  nmd__nc_fetch *fetch;
} nmd__nc_reader;

/* From the caller's list, the variable Z, or the types ASE and LAMMPS write (of the first frame); *numbers [n_atoms] is
 * the caller's. Errors: MISSING_KEY, UNKNOWN_ELEMENT, CONFLICT, FILE_FORMAT, READ, MEMORY. */
nmd_status nmd__nc_elements(const nmd__nc_reader *reader, const nmd_read_options *options, int **numbers) NMD_MUST_USE;
/* The variable atom_id, else 1 ... n. Errors: DUPLICATE_KEY, FILE_FORMAT, READ, MEMORY. */
nmd_status nmd__nc_ids(const nmd__nc_reader *reader, int64_t **ids) NMD_MUST_USE;

#endif
