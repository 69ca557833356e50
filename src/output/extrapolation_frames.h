/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside output: which frames with extrapolating atoms are worth a calculation: those that differ from all chosen so
 * far.
 *
 * Two frames differ when the flagged atoms of the newer one lie elsewhere: root mean square of their displacements from
 * their places in the older one (nearest image, cell of the newer frame) above a distance. */
#ifndef NNPMD_OUTPUT_EXTRAPOLATION_FRAMES_H
#define NNPMD_OUTPUT_EXTRAPOLATION_FRAMES_H

#include "io/frame.h"

typedef struct nmd__flagged_frames {
  double distance; /* A */
  int64_t n_atoms;
  int n, capacity; /* frames kept */
  float *x;        /* [n][n_atoms][3] A, atoms in order of id */
} nmd__flagged_frames;

/* Is it unlike all kept frames? `extrapolation` of the view says which atoms are flagged. */
bool nmd__flagged_frames_new(const nmd__flagged_frames *frames, const nmd_frame_view *view);
nmd_status nmd__flagged_frames_keep(nmd__flagged_frames *frames, const nmd_frame_view *view) NMD_MUST_USE;
/* Keep the frames of an extended XYZ file (of a run that goes on) and write all as input.data to `labels` (NULL: do
 * not). *last_step is that of the last frame, unchanged if there is none. */
nmd_status nmd__flagged_frames_reread(nmd__flagged_frames *frames, const char *path, const char *labels,
                                      int64_t *last_step) NMD_MUST_USE;
/* The frame as input.data with these two labels. */
nmd_status nmd__flagged_frame_label(const nmd_frame_view *view, const char *step, const char *extrapolations,
                                    nmd_buffer *out) NMD_MUST_USE;
void nmd__flagged_frames_free(nmd__flagged_frames *frames);

#endif
