/* SPDX-License-Identifier: BSD-3-Clause */
/* Trajectory: frames of all atoms in order of id, as extended XYZ or LAMMPS dump, wrapped positions with image counters
 * (unwrapped = position + image . cell). */
#include "base/memory.h"
#include "io/write_extxyz.h"
#include "io/write_lammps_dump.h"
#include "output/gather.h"
#include "output/text_file.h"

typedef struct trajectory_parameters {
  int format;
  bool velocities, forces, energies, virials;
  int64_t digits;
} trajectory_parameters;

static const nmd_option trajectory_options[] = {
    {"format", NMD_OPT_CHOICE, offsetof(trajectory_parameters, format), .fallback = "extxyz", .choices = "extxyz|dump",
     .doc = "extended XYZ (ASE, OVITO) or LAMMPS text dump (metal units)"},
    {"velocities", NMD_OPT_BOOL, offsetof(trajectory_parameters, velocities), .fallback = "false",
     .doc = "write velocities (extxyz: A/fs, dump: A/ps)"},
    {"forces", NMD_OPT_BOOL, offsetof(trajectory_parameters, forces), .fallback = "false", .doc = "write forces (eV/A)"},
    {"energies", NMD_OPT_BOOL, offsetof(trajectory_parameters, energies), .fallback = "false",
     .doc = "write the energy of each atom (eV)"},
    {"virials", NMD_OPT_BOOL, offsetof(trajectory_parameters, virials), .fallback = "false",
     .doc = "write the virial of each atom (9 components, eV)"},
    {"digits", NMD_OPT_INT, offsetof(trajectory_parameters, digits), .fallback = "10", .min = 4, .max = 17,
     .doc = "significant digits; 17 reads back exactly"},
};
static const nmd_option_table trajectory_table = {"trajectory", "positions of all atoms in time",
                                                  sizeof(trajectory_parameters), NMD_COUNT(trajectory_options),
                                                  trajectory_options};

enum { EXTXYZ, DUMP };

typedef struct trajectory {
  trajectory_parameters parameters;
  unsigned fields;
  const char *path; /* not owned */
  nmd_text_file file;
  nmd_gathered gathered;
  nmd_buffer text;
} trajectory;

static nmd_status trajectory_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  (void)species;
  const trajectory_parameters *p = parameters;
  trajectory *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->parameters = *p;
  self->path = path;
  self->fields = NMD_FIELDS_DEFAULT | (p->velocities ? NMD_FIELD_VELOCITY : 0u) | (p->forces ? NMD_FIELD_FORCE : 0u) |
                 (p->energies ? NMD_FIELD_ATOM_ENERGY : 0u) | (p->virials ? NMD_FIELD_ATOM_VIRIAL : 0u);
  *out = self;
  return NMD_OK;
}

/* A dump under the name of another format would mislead readers that go by the name. */
static const char *trajectory_name_file(const void *parameters) {
  return ((const trajectory_parameters *)parameters)->format == DUMP ? "trajectory.lammpstrj" : "trajectory.extxyz";
}

static int trajectory_wants(const void *opaque) {
  const trajectory_parameters *p = &((const trajectory *)opaque)->parameters;
  return (p->energies ? NMD_WANT_ATOM_ENERGY : 0) | (p->virials ? NMD_WANT_ATOM_VIRIAL : 0);
}

static nmd_status trajectory_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  trajectory *self = opaque;
  return nmd_text_file_begin(&self->file, comm, self->path, offset, "");
}

static nmd_status format_frame(trajectory *self, const nmd_frame_view *view) {
  nmd_buffer_clear(&self->text);
  const int digits = (int)self->parameters.digits;
  return self->parameters.format == DUMP ? nmd_lammps_dump_format(view, self->fields, digits, &self->text)
                                         : nmd_extxyz_format(view, self->fields, digits, &self->text);
}

static nmd_status trajectory_write(void *opaque, const nmd_observation *seen) {
  trajectory *self = opaque;
  nmd_frame_view view;
  NMD_TRY(nmd_gather_frame(&self->gathered, seen, self->fields, &view));
  const nmd_status status = nmd_comm_rank(seen->comm) == 0 ? format_frame(self, &view) : NMD_OK;
  NMD_TRY(nmd_comm_agree(seen->comm, status));
  return nmd_text_file_write(&self->file, self->text.data, self->text.length);
}

static nmd_status trajectory_flush(void *opaque, int64_t *offset) {
  return nmd_text_file_flush(&((trajectory *)opaque)->file, offset);
}

static void trajectory_destroy(void *opaque) {
  trajectory *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_gathered_free(&self->gathered);
  nmd_buffer_free(&self->text);
  nmd_free(self);
}

extern const nmd_output_ops nmd__output_trajectory;
const nmd_output_ops nmd__output_trajectory = {
    .name = "trajectory",
    .options = &trajectory_table,
    .name_file = trajectory_name_file,
    .create = trajectory_create,
    .wants = trajectory_wants,
    .begin = trajectory_begin,
    .write = trajectory_write,
    .flush = trajectory_flush,
    .destroy = trajectory_destroy,
};
