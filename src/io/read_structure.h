/* SPDX-License-Identifier: BSD-3-Clause */
/* Structure files of every format: one frame, or frame after frame without holding the file in memory.
 *
 * Positions come as the file has them (not wrapped). Everything is checked on the way in: counts, finite numbers,
 * elements, distinct ids, a cell with volume; each problem is reported as `file:line:column: value; expected; remedy`.
 * A file without a cell becomes a non-periodic structure in a box that leaves NMD_CLUSTER_MARGIN around the atoms. */
#ifndef NNPMD_IO_READ_STRUCTURE_H
#define NNPMD_IO_READ_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "system/structure.h"

#define NMD_CLUSTER_MARGIN 10.0 /* A */

typedef struct nmd_read_options {
  const char *format;             /* a name of nmd_structure_format_name, or NULL: by the file's name and content */
  const char *const *elements;    /* [n_elements] symbol of each atom type (LAMMPS), group (POSCAR), see read_netcdf.h */
  int n_elements;                 /* 0: from the file */
  double length_unit;             /* input.data: the file's unit of length in A (bohr: NMD_BOHR); 0: A */
  double energy_unit;             /* input.data: the file's unit of energy in eV (hartree: NMD_HARTREE); 0: eV */
} nmd_read_options;

/* Read frame `frame` (0 is the first, -1 the last) into *out (owner: caller, nmd_structure_free). options may be NULL.
 * Local. Errors: FILE_MISSING, FILE_FORMAT, FILE_TRUNCATED, BAD_NUMBER, OUT_OF_RANGE (also: no such frame),
 * UNKNOWN_ELEMENT, DUPLICATE_KEY, MISSING_KEY, BAD_CELL, BAD_CHOICE (format), CONFLICT, READ, MEMORY. */
nmd_status nmd_structure_read(const char *path, const nmd_read_options *options, int64_t frame, nmd_structure *out)
    NMD_MUST_USE;

/* Frame after frame. */
typedef struct nmd_structure_reader nmd_structure_reader;
/* options (NULL: all automatic) are borrowed until the reader is closed. */
nmd_status nmd_structure_reader_open(const char *path, const nmd_read_options *options, nmd_structure_reader **reader)
    NMD_MUST_USE;
/* The same from bytes in memory, which are copied; `name` stands for the path. */
nmd_status nmd_structure_reader_open_bytes(const char *name, const void *bytes, size_t length,
                                           const nmd_read_options *options, nmd_structure_reader **reader) NMD_MUST_USE;
/* *end is true behind the last frame, and *out is then empty; otherwise *out belongs to the caller. */
nmd_status nmd_structure_reader_next(nmd_structure_reader *reader, nmd_structure *out, bool *end) NMD_MUST_USE;
int64_t nmd_structure_reader_frame(const nmd_structure_reader *reader); /* number of frames delivered */
/* "file:line" (NetCDF: "file: frame N") of the place reached, for messages of the caller about this frame. */
const char *nmd_structure_reader_place(nmd_structure_reader *reader);
const char *nmd_structure_reader_format(const nmd_structure_reader *reader);
/* The text has been read to its last byte: an error there may be a file that was cut off. */
bool nmd_structure_reader_exhausted(const nmd_structure_reader *reader);
void nmd_structure_reader_close(nmd_structure_reader *reader); /* NULL-safe */

int nmd_structure_format_count(void);
const char *nmd_structure_format_name(int index); /* "extxyz" */
const char *nmd_structure_format_doc(int index);  /* one line */

#endif
