/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_structure.h"

#include <string.h>
#include <strings.h>

#include "io/file_atomic.h"
#include "io/write_cif.h"
#include "io/write_extxyz.h"
#include "io/write_input_data.h"
#include "io/write_lammps_data.h"
#include "io/write_lammps_dump.h"
#include "io/write_poscar.h"

static const struct {
  const char *name, *ends[4], *begins[2];
  nmd_frame_formatter *format;
} writers[] = {
    {"input_data", {NULL}, {"input.data"}, nmd_input_data_format}, /* before the .data of LAMMPS */
    {"extxyz", {".extxyz", ".xyz"}, {NULL}, nmd_extxyz_format},
    {"lammps_dump", {".lammpstrj", ".dump"}, {NULL}, nmd_lammps_dump_format},
    {"lammps_data", {".lmp", ".lammps", ".lammps-data", ".data"}, {NULL}, nmd_lammps_data_format},
    {"cif", {".cif"}, {NULL}, nmd_cif_format},
    {"xdatcar", {".xdatcar"}, {"XDATCAR"}, nmd_xdatcar_format},
    {"poscar", {".poscar", ".vasp"}, {"POSCAR", "CONTCAR"}, nmd_poscar_format},
};
enum { N_WRITERS = sizeof writers / sizeof writers[0] };

nmd_frame_formatter *nmd_frame_formatter_find(const char *format) {
  for (int w = 0; w < N_WRITERS; w++)
    if (strcmp(writers[w].name, format) == 0) return writers[w].format;
  return NULL;
}

const char *nmd_frame_format_by_name(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
  const size_t length = strlen(name);
  for (int w = 0; w < N_WRITERS; w++) {
    for (int k = 0; k < 4 && writers[w].ends[k] != NULL; k++) {
      const size_t n = strlen(writers[w].ends[k]);
      if (length > n && strcasecmp(name + length - n, writers[w].ends[k]) == 0) return writers[w].name;
    }
    for (int k = 0; k < 2 && writers[w].begins[k] != NULL; k++)
      if (strncmp(name, writers[w].begins[k], strlen(writers[w].begins[k])) == 0) return writers[w].name;
  }
  return NULL;
}

nmd_status nmd_structure_write(const char *path, const char *format, const nmd_structure *structure) {
  const char *name = format != NULL ? format : nmd_frame_format_by_name(path);
  nmd_frame_formatter *formatter = name != NULL ? nmd_frame_formatter_find(name) : NULL;
  if (formatter == NULL)
    NMD_FAIL(BAD_CHOICE, "%s: '%.40s' tells no structure format; expected extxyz, lammps_dump, lammps_data, input_data, cif, poscar "
             "or xdatcar",
             path, format != NULL ? format : "its name");
  nmd_frame_view view;
  nmd_frame_view_init(&view, structure);
  nmd_buffer text = {0};
  nmd_status status = formatter(&view, nmd_frame_fields(&view), NMD_DIGITS_MAX, &text);
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text.data, text.length, 1);
  nmd_buffer_free(&text);
  return status;
}
