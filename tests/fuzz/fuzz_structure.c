/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target of one structure format (FUZZ_FORMAT; "" lets the content decide): any bytes give frames that hold what
 * the reader promises, or an error with a message; never a crash, a leak or an endless loop. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/read_structure.h"

enum { FRAMES_MAX = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int promised) {
  if (!promised) abort();
}

static void check_frame(const nmd_structure *s) {
  check(s->n >= 1 && s->box.volume > 0 && isfinite(s->box.volume));
  for (int64_t i = 0; i < s->n; i++) {
    check(s->atomic_number[i] >= 1 && s->atomic_number[i] <= 118);
    for (int d = 0; d < 3; d++) check(isfinite(s->x[i][d]));
    if (s->v != NULL) check(isfinite(s->v[i][0]) && isfinite(s->v[i][1]) && isfinite(s->v[i][2]));
    if (s->f != NULL) check(isfinite(s->f[i][0]) && isfinite(s->f[i][1]) && isfinite(s->f[i][2]));
  }
  if (s->has_energy) check(isfinite(s->energy));
}

static void read_all(const uint8_t *data, size_t size, const nmd_read_options *options) {
  nmd_structure_reader *reader;
  nmd_status status = nmd_structure_reader_open_bytes("fuzz", data, size, options, &reader);
  if (status != NMD_OK) {
    check(strlen(nmd_error_text()) > 10);
    return;
  }
  bool end = false;
  for (int k = 0; k < FRAMES_MAX && status == NMD_OK && !end; k++) {
    nmd_structure frame = {0};
    status = nmd_structure_reader_next(reader, &frame, &end);
    if (status == NMD_OK && !end) check_frame(&frame);
    if (status != NMD_OK) check(strlen(nmd_error_text()) > 10);
    nmd_structure_free(&frame);
  }
  (void)nmd_structure_reader_place(reader);
  nmd_structure_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const elements[] = {"Au", "Li", "O", "La"};
  nmd_read_options options = {.format = FUZZ_FORMAT[0] == '\0' ? NULL : FUZZ_FORMAT};
  read_all(data, size, &options);
  options.elements = elements; /* given by the user, where the file has types only */
  options.n_elements = 1 + (int)(size % 4);
  read_all(data, size, &options);
  return 0;
}
