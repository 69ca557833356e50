/* SPDX-License-Identifier: BSD-3-Clause */
/* CIF: cell and atoms without symmetry (P 1), for viewers and databases. The cell's orientation is not part of the
 * format. S. R. Hall, F. H. Allen, I. D. Brown, Acta Cryst. A47, 655 (1991). */
#ifndef NNPMD_IO_WRITE_CIF_H
#define NNPMD_IO_WRITE_CIF_H

#include "io/frame.h"

/* One data block. See write_extxyz.h. A left-handed cell comes out mirrored: lengths and angles do not tell. */
nmd_status nmd_cif_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) NMD_MUST_USE;

#endif
