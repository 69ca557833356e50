/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/extrapolation_frames.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "io/file_atomic.h"
#include "io/read_structure.h"
#include "io/write_input_data.h"

/* Square of the displacement to the nearest image along periodic axes. */
static double squared_displacement(const nmd_box *box, const float from[3], const double to[3]) {
  double d[3], s[3], image[3], sum = 0;
  for (int a = 0; a < 3; a++) d[a] = to[a] - (double)from[a] + box->origin[a];
  nmd_box_to_fractional(box, d, s);
  for (int a = 0; a < 3; a++)
    if (box->periodic[a]) s[a] -= round(s[a]);
  nmd_box_to_cartesian(box, s, image);
  for (int a = 0; a < 3; a++) sum += (image[a] - box->origin[a]) * (image[a] - box->origin[a]);
  return sum;
}

static bool differs(const nmd__flagged_frames *frames, int k, const nmd_frame_view *view) {
  const float *x = frames->x + (int64_t)k * frames->n_atoms * 3;
  double sum = 0;
  int64_t flagged = 0;
  for (int64_t i = 0; i < view->n; i++) {
    if (view->extrapolation[i] == 0) continue;
    sum += squared_displacement(view->box, x + 3 * i, view->x[i]);
    flagged++;
  }
  return flagged > 0 && sum > (double)flagged * frames->distance * frames->distance;
}

bool nmd__flagged_frames_new(const nmd__flagged_frames *frames, const nmd_frame_view *view) {
  for (int k = 0; k < frames->n; k++)
    if (!differs(frames, k, view)) return false;
  return true;
}

nmd_status nmd__flagged_frames_keep(nmd__flagged_frames *frames, const nmd_frame_view *view) {
  const int64_t each = 3 * view->n;
  frames->n_atoms = view->n;
  if (frames->n == frames->capacity) {
    const int capacity = 2 * frames->capacity + 4;
    NMD_TRY(NMD_GROW(frames->x, frames->n * each, capacity * each));
    frames->capacity = capacity;
  }
  float *x = frames->x + frames->n * each;
  for (int64_t i = 0; i < each; i++) x[i] = (float)view->x[i / 3][i % 3];
  frames->n++;
  return NMD_OK;
}

nmd_status nmd__flagged_frame_label(const nmd_frame_view *view, const char *step, const char *extrapolations,
                                    nmd_buffer *out) {
  const nmd_frame_extra extras[] = {{"step", step}, {"extrapolations", extrapolations}};
  nmd_frame_view labelled = *view;
  labelled.extras = extras;
  labelled.n_extras = 2;
  return nmd_input_data_format(&labelled, NMD_FIELD_FORCE, NMD_DIGITS_MAX, out);
}

static const char *info_of(const nmd_structure *frame, const char *key) {
  const char *value = nmd_structure_info(frame, key);
  return value != NULL ? value : "0";
}

static nmd_status reread(nmd__flagged_frames *frames, nmd_structure_reader *reader, nmd_buffer *labels,
                         int64_t *last_step) {
  for (;;) {
    nmd_structure frame;
    bool end;
    NMD_TRY(nmd_structure_reader_next(reader, &frame, &end));
    if (end) return labels->status;
    nmd_frame_view view;
    nmd_frame_view_init(&view, &frame);
    const char *step = info_of(&frame, "step");
    nmd_status status = nmd__flagged_frames_keep(frames, &view);
    if (status == NMD_OK) status = nmd__flagged_frame_label(&view, step, info_of(&frame, "extrapolations"), labels);
    *last_step = strtoll(step, NULL, 10);
    nmd_structure_free(&frame);
    NMD_TRY(status);
  }
}

nmd_status nmd__flagged_frames_reread(nmd__flagged_frames *frames, const char *path, const char *labels,
                                      int64_t *last_step) {
  nmd_structure_reader *reader;
  nmd_buffer text = {0};
  const nmd_read_options options = {.format = "extxyz"};
  NMD_TRY(nmd_structure_reader_open(path, &options, &reader));
  nmd_status status = reread(frames, reader, &text, last_step);
  nmd_structure_reader_close(reader);
  if (status == NMD_OK && labels != NULL) status = nmd_file_write_atomic(labels, text.data, text.length, 1);
  nmd_buffer_free(&text);
  return status;
}

void nmd__flagged_frames_free(nmd__flagged_frames *frames) {
  nmd_free(frames->x);
  *frames = (nmd__flagged_frames){0};
}
