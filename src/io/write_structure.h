/* SPDX-License-Identifier: BSD-3-Clause */
/* One structure to one file, in the format that its name tells; for tools and for structures a run leaves behind. */
#ifndef NNPMD_IO_WRITE_STRUCTURE_H
#define NNPMD_IO_WRITE_STRUCTURE_H

#include "io/frame.h"

/* Formats a frame; see write_extxyz.h and its siblings. */
typedef nmd_status nmd_frame_formatter(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out);

/* Formatter of a format name ("extxyz", "lammps_dump", "lammps_data", "input_data", "cif", "poscar", "xdatcar"), or NULL. */
nmd_frame_formatter *nmd_frame_formatter_find(const char *format);
/* Format that the name of a file tells (ends and beginnings below), or NULL. */
const char *nmd_frame_format_by_name(const char *path);
/* Write everything the structure has, exactly (17 digits), atomically. format NULL: by the path's name: .extxyz .xyz,
 * .lammpstrj .dump, .lmp .lammps .data, input.data, .cif, POSCAR CONTCAR .poscar .vasp, XDATCAR .xdatcar.
 * Local. Errors: BAD_CHOICE (format), WRITE, MEMORY. */
nmd_status nmd_structure_write(const char *path, const char *format, const nmd_structure *structure) NMD_MUST_USE;

#endif
