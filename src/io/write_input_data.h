/* SPDX-License-Identifier: BSD-3-Clause */
/* The training format of n2p2 and RuNNer (input.data), in A and eV: begin / comment / lattice / atom / energy / charge /
 * end. Extras and the stress, for which the format has no place, go into the comment line as key=value; the reader finds
 * them there (stress in eV/A^3). */
#ifndef NNPMD_IO_WRITE_INPUT_DATA_H
#define NNPMD_IO_WRITE_INPUT_DATA_H

#include "io/frame.h"

/* Append the frame to *out. fields: only NMD_FIELD_FORCE counts; without forces zeros are written, as the format demands
 * the columns. Local. Errors: CONFLICT (a cell that is periodic along some axes only: the format cannot say so), MEMORY. */
nmd_status nmd_input_data_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) NMD_MUST_USE;

#endif
