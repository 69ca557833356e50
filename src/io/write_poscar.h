/* SPDX-License-Identifier: BSD-3-Clause */
/* VASP 5 POSCAR, direct coordinates, velocities (A/fs) if asked for. Atoms are grouped by element in order of atomic
 * number; ids, images and open boundaries have no place in the format. */
#ifndef NNPMD_IO_WRITE_POSCAR_H
#define NNPMD_IO_WRITE_POSCAR_H

#include "io/frame.h"

/* As nmd_extxyz_format; of the fields VELOCITY counts. */
nmd_status nmd_poscar_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) NMD_MUST_USE;
/* A frame of an XDATCAR: the same head before each (as VASP does where the cell varies), `Direct configuration= STEP`,
 * positions, which may lie outside 0 ... 1 when unwrapped. */
nmd_status nmd_xdatcar_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) NMD_MUST_USE;

#endif
