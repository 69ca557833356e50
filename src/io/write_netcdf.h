/* SPDX-License-Identifier: BSD-3-Clause */
/* AMBER NetCDF trajectory, written by all ranks together through PnetCDF.
 *
 * coordinates (A), velocities (A/ps), forces (kcal/mol/A) as 32-bit numbers; time (ps), cell_lengths, cell_angles,
 * cell_origin as 64-bit ones (the convention has 32-bit times, which blur after some nanoseconds). Beside the
 * convention and over-read by others: Z (atomic numbers), atom_id, periodic. CDF-2, which every reader knows; CDF-5
 * when a frame or an id is too large for it. Cells that lengths and angles cannot express are turned, see
 * io/lammps_cell.h. */
#ifndef NNPMD_IO_WRITE_NETCDF_H
#define NNPMD_IO_WRITE_NETCDF_H

#include <stdbool.h>
#include <stdint.h>

#include "parallel/comm.h"
#include "system/box.h"

/* One number an atom beside the convention: variables energies, sigma_energy (eV), sigma_force (eV/A), extrapolation. */
typedef enum nmd_netcdf_scalar {
  NMD_NETCDF_ENERGY,
  NMD_NETCDF_SIGMA_ENERGY,
  NMD_NETCDF_SIGMA_FORCE,
  NMD_NETCDF_EXTRAPOLATION,
  NMD_NETCDF_SCALARS
} nmd_netcdf_scalar;

typedef struct nmd_netcdf_layout {
  int64_t n_atoms;  /* of all ranks */
  int64_t first, n; /* this rank's share: atoms first ... first + n - 1 in the order of the file */
  bool velocities, forces, unwrapped, scalar[NMD_NETCDF_SCALARS];
  const bool *periodic;     /* [3] */
  const int *atomic_number; /* [n] of the share */
  const int64_t *id;        /* [n] */
} nmd_netcdf_layout;

/* This rank's share of a frame; nothing is owned, arrays other than x may be NULL: not written. */
typedef struct nmd_netcdf_view {
  const nmd_box *box;
  double time; /* fs */
  int64_t first, n;
  const double (*x)[3], (*v)[3], (*f)[3];   /* [n] A, A/fs, eV/A, in the orientation of `box` */
  const double *scalar[NMD_NETCDF_SCALARS]; /* [n] each */
} nmd_netcdf_view;

typedef struct nmd_netcdf_writer nmd_netcdf_writer;

bool nmd_netcdf_writer_available(void); /* was PnetCDF there when this program was built? Local */
/* Collective, same status everywhere, all of them. Errors: WRITE, MEMORY; without PnetCDF BAD_CHOICE. */
nmd_status nmd_netcdf_writer_create(const nmd_comm *comm, const char *path, const nmd_netcdf_layout *layout,
                                    nmd_netcdf_writer **writer) NMD_MUST_USE;
/* Cut the file at byte `offset` (of an earlier flush) and continue it. Errors: CHECKPOINT (missing, shorter, other). */
nmd_status nmd_netcdf_writer_resume(const nmd_comm *comm, const char *path, int64_t offset,
                                    nmd_netcdf_writer **writer) NMD_MUST_USE;
nmd_status nmd_netcdf_writer_write(nmd_netcdf_writer *writer, const nmd_netcdf_view *frame) NMD_MUST_USE;
nmd_status nmd_netcdf_writer_flush(nmd_netcdf_writer *writer, int64_t *offset) NMD_MUST_USE; /* offset: on every rank */
nmd_status nmd_netcdf_writer_close(nmd_netcdf_writer *writer) NMD_MUST_USE;                  /* NULL-safe */

#endif
