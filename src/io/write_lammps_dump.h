/* SPDX-License-Identifier: BSD-3-Clause */
/* LAMMPS text dump in metal units, as LAMMPS, ASE and OVITO read it.
 *
 * ITEM: TIMESTEP, NUMBER OF ATOMS, BOX BOUNDS (with xy xz yz when tilted; pp periodic, ff not), ATOMS with the columns
 * id type element x y z (xu yu zu when unwrapped), then as asked for ix iy iz, vx vy vz (A/ps), fx fy fz (eV/A), energy
 * (eV), w1 ... w9 (virial, eV, row-major), sigma_energy (eV), sigma_force (eV/A),
 * extrapolation. Types count the elements present by atomic number.
 * Cells LAMMPS cannot express are turned with all their vectors, see io/lammps_cell.h. */
#ifndef NNPMD_IO_WRITE_LAMMPS_DUMP_H
#define NNPMD_IO_WRITE_LAMMPS_DUMP_H

#include "io/frame.h"

/* As nmd_extxyz_format. */
nmd_status nmd_lammps_dump_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out)
    NMD_MUST_USE;

#endif
