/* SPDX-License-Identifier: BSD-3-Clause */
/* LAMMPS data file, metal units, atom_style atomic, with masses, element comments, images and velocities (A/ps).
 * Cells LAMMPS cannot express are turned with all their vectors, see io/lammps_cell.h. */
#ifndef NNPMD_IO_WRITE_LAMMPS_DATA_H
#define NNPMD_IO_WRITE_LAMMPS_DATA_H

#include "io/frame.h"

/* As nmd_extxyz_format; of the fields IMAGE and VELOCITY count. */
nmd_status nmd_lammps_data_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out)
    NMD_MUST_USE;

#endif
