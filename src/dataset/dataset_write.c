/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "dataset/dataset.h"
#include "io/file_atomic.h"
#include "io/write_deepmd.h"
#include "io/write_structure.h"

static bool ends_with(const char *path, const char *end) {
  const size_t length = strlen(path), n = strlen(end);
  return length >= n && strcasecmp(path + length - n, end) == 0;
}

/* In this program .data means the format of n2p2, which is what a data set is. */
static const char *format_of(const char *path, const nmd_dataset_write_options *options) {
  if (options->format != NULL) return options->format;
  const char *slash = strrchr(path, '/');
  if (ends_with(path, "/")) return "deepmd";
  if (ends_with(path, ".data")) return "input_data";
  if (ends_with(path, ".extxyz") || ends_with(path, ".xyz")) return "extxyz";
  if (ends_with(path, ".poscar") || ends_with(path, ".vasp") || strcmp(slash != NULL ? slash + 1 : path, "POSCAR") == 0)
    return "poscar";
  return "";
}

/* Numbers of the file are internal ones divided by its units. */
static void to_units(nmd_structure *s, double length, double energy) {
  for (int64_t i = 0; i < s->n; i++)
    for (int d = 0; d < 3; d++) {
      s->x[i][d] /= length;
      if (s->f != NULL) s->f[i][d] /= energy / length;
    }
  for (int k = 0; k < 9; k++) s->box.h[k / 3][k % 3] /= length;
  s->energy /= energy;
}

static nmd_status format_frame(const nmd_structure *frame, nmd_frame_formatter *formatter, int digits,
                               nmd_buffer *out) {
  nmd_frame_view view;
  nmd_frame_view_init(&view, frame);
  unsigned fields = nmd_frame_fields(&view) & ~(unsigned)NMD_FIELD_ID;
  for (int64_t i = 0; i < frame->n; i++)
    if (frame->id[i] != i + 1) fields |= NMD_FIELD_ID; /* worth writing only when it says something */
  return formatter(&view, fields, digits, out);
}

static nmd_status format_in_units(const nmd_structure *frame, nmd_frame_formatter *formatter, int digits, double length,
                                  double energy, nmd_buffer *out) {
  nmd_structure copy;
  NMD_TRY(nmd_structure_copy(frame, &copy));
  to_units(&copy, length, energy);
  const nmd_status status = format_frame(&copy, formatter, digits, out);
  nmd_structure_free(&copy);
  return status;
}

static nmd_status write_text(const nmd_dataset *set, const int64_t *index, int64_t n, const char *path,
                             const char *format, const nmd_dataset_write_options *o) {
  nmd_frame_formatter *formatter = nmd_frame_formatter_find(format);
  const double length = o->length_unit > 0.0 ? o->length_unit : 1.0;
  const double energy = o->energy_unit > 0.0 ? o->energy_unit : 1.0;
  const bool units = strcmp(format, "input_data") == 0 && (length != 1.0 || energy != 1.0);
  const int digits = o->digits > 0 ? o->digits : NMD_DIGITS_MAX;
  nmd_buffer text = {0};
  nmd_status status = NMD_OK;
  for (int64_t k = 0; k < n && status == NMD_OK; k++) {
    const int64_t f = index != NULL ? index[k] : k;
    status = units ? format_in_units(&set->frames[f], formatter, digits, length, energy, &text)
                   : format_frame(&set->frames[f], formatter, digits, &text);
    if (status != NMD_OK) status = nmd_fail_prefix(status, "%s", set->place[f]);
  }
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text.data != NULL ? text.data : "", text.length, 1);
  nmd_buffer_free(&text);
  return status;
}

/* The writer takes frames in a row: a shallow copy, whose arrays still belong to the set. */
static nmd_status write_deepmd(const nmd_dataset *set, const int64_t *index, int64_t n, const char *path) {
  nmd_structure *row;
  char folder[4096];
  NMD_TRY(NMD_ALLOC(row, n));
  for (int64_t k = 0; k < n; k++) row[k] = set->frames[index != NULL ? index[k] : k];
  snprintf(folder, sizeof folder, "%s", path);
  while (strlen(folder) > 1 && folder[strlen(folder) - 1] == '/') folder[strlen(folder) - 1] = '\0';
  const nmd_status status = nmd_deepmd_write(folder, row, n);
  nmd_free(row);
  return status;
}

nmd_status nmd_dataset_write(const nmd_dataset *set, const int64_t *index, int64_t n, const char *path,
                             const nmd_dataset_write_options *options) {
  const char *format = format_of(path, options);
  if (strcmp(format, "deepmd") == 0) return write_deepmd(set, index, n, path);
  const bool poscar = strcmp(format, "poscar") == 0;
  if (!poscar && strcmp(format, "extxyz") != 0 && strcmp(format, "input_data") != 0)
    NMD_FAIL(BAD_CHOICE,
             "%s: '%.40s' tells no format of data sets; expected extxyz, input_data, deepmd or poscar (names "
             ".extxyz, .data, folder/, .poscar)",
             path, format[0] != '\0' ? format : "its name");
  if (poscar && n != 1)
    NMD_FAIL(CONFLICT, "%s: a POSCAR holds one structure, %lld were asked for; choose extxyz", path, (long long)n);
  return write_text(set, index, n, path, format, options);
}
