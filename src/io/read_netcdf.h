/* SPDX-License-Identifier: BSD-3-Clause */
/* AMBER NetCDF trajectories (classic NetCDF: CDF-1, CDF-2, CDF-5), any frame in any order, parts of frames.
 *
 * Read: coordinates (A), velocities, forces, cell_lengths, cell_angles, cell_origin, time, as 32- or 64-bit numbers
 * with their scale_factor; units by attribute, without one those of the convention (ps, A/ps, kcal/mol/A). The cell has
 * a along x and b in the xy plane. The convention knows neither elements nor image counters: elements come from the
 * variable Z (which nnpmd writes and others ignore), from the types of LAMMPS or ASE, or from the caller; files of
 * nnpmd say whether coordinates are unwrapped, and image is there (zero) only then. An axis of length 0 is not
 * periodic. Definition: https://ambermd.org/netcdf/nctraj.xhtml */
#ifndef NNPMD_IO_READ_NETCDF_H
#define NNPMD_IO_READ_NETCDF_H

#include "io/read_structure.h"

typedef struct nmd_netcdf nmd_netcdf;

typedef struct nmd_netcdf_summary {
  int64_t n_atoms;
  int64_t n_frames;    /* whole ones in the file */
  int64_t n_announced; /* by its header; more than n_frames: the file was cut off */
  bool has_velocities, has_forces, has_cell, has_time, unwrapped;
  bool single;              /* coordinates are 32-bit numbers in A: a float holds them without loss */
  const int *atomic_number; /* [n_atoms], owned by the file */
  const int64_t *id;        /* [n_atoms], owned by the file */
} nmd_netcdf_summary;

/* options (may be NULL): elements, one for each atom type of the file, else one for all atoms, or one for each atom in
 * turn, where "Li*400" stands for 400 of them. Local. Errors: FILE_MISSING, FILE_FORMAT, FILE_TRUNCATED, MISSING_KEY,
 * WRONG_UNIT, UNKNOWN_ELEMENT, CONFLICT, OUT_OF_RANGE, READ, MEMORY. */
nmd_status nmd_netcdf_open(const char *path, const nmd_read_options *options, nmd_netcdf **file) NMD_MUST_USE;
nmd_status nmd_netcdf_open_bytes(const char *name, const void *bytes, size_t length, const nmd_read_options *options,
                                 nmd_netcdf **file) NMD_MUST_USE;       /* bytes: copied */
const nmd_netcdf_summary *nmd_netcdf_summarise(const nmd_netcdf *file); /* lives as long as the file */
void nmd_netcdf_close(nmd_netcdf *file);                                /* NULL-safe */

/* These may be called from several threads at once; frames count from 0. Errors: OUT_OF_RANGE (no such frame or atoms),
 * READ, BAD_NUMBER (a value that is not finite), BAD_CELL. */
/* Positions of atoms first ... first + n - 1 (order of the file) into x [n][3] A: one large read, no allocation. */
nmd_status nmd_netcdf_positions(const nmd_netcdf *file, int64_t frame, int64_t first, int64_t n,
                                double (*x)[3]) NMD_MUST_USE;
/* Cell of a frame; without one (or with axes of length 0) around its atoms as for text files. Errors: MEMORY too. */
nmd_status nmd_netcdf_box(const nmd_netcdf *file, int64_t frame, nmd_box *box) NMD_MUST_USE;
nmd_status nmd_netcdf_time(const nmd_netcdf *file, int64_t frame, double *time) NMD_MUST_USE; /* fs; has_time */
/* Everything of a frame; its info has time (fs) where the file tells it. Owner: caller, nmd_structure_free. */
nmd_status nmd_netcdf_frame(const nmd_netcdf *file, int64_t frame, nmd_structure *out) NMD_MUST_USE;

#endif
