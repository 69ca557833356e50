/* SPDX-License-Identifier: BSD-3-Clause */
/* Extended XYZ, as ASE, OVITO and QUIP read it.
 *
 * Comment line: Lattice (rows a, b, c in A, exact), Origin when not zero, Properties, pbc, unwrapped=T if so, step, time (fs), energy
 * (eV), stress (eV/A^3, sign of ASE), virial (eV, = -volume * stress), temperature (K), extras.
 * Columns: species, pos (A, in the cell or unwrapped), id, image (unwrapped = pos + image * Lattice), velo (A/fs), forces (eV/A),
 * energies (eV), virials (9, eV), sigma_energy (eV), sigma_force (eV/A), extrapolation. */
#ifndef NNPMD_IO_WRITE_EXTXYZ_H
#define NNPMD_IO_WRITE_EXTXYZ_H

#include "io/frame.h"

/* Append the frame to *out. fields: NMD_FIELD_... bits; digits: significant ones of per-atom numbers (17: exact).
 * Local. Errors: MEMORY. */
nmd_status nmd_extxyz_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) NMD_MUST_USE;

/* " key=value", quoted as needed. */
void nmd_extxyz_put_extra(nmd_buffer *out, const nmd_frame_extra *extra);

#endif
