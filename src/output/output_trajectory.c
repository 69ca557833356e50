/* SPDX-License-Identifier: BSD-3-Clause */
/* Trajectory: frames of all or some atoms in order of id. Text formats carry wrapped positions with image counters or
 * unwrapped positions (= position + image . cell, with the cell of the frame); NetCDF has no place for counters. */
#include <string.h>

#include "base/memory.h"
#include "io/write_extxyz.h"
#include "io/write_lammps_dump.h"
#include "io/write_poscar.h"
#include "io/write_structure.h"
#include "output/choose.h"
#include "output/gather.h"
#include "output/text_file.h"
#include "output/trajectory_netcdf.h"

typedef struct trajectory_parameters {
  int format, coordinates, compress;
  nmd_text_list elements, groups;
  bool velocities, forces, energies, virials, extrapolation, sigma;
  int64_t digits;
} trajectory_parameters;

static const nmd_option trajectory_options[] = {
    {"format", NMD_OPT_CHOICE, offsetof(trajectory_parameters, format), .fallback = "extxyz",
     .choices = "extxyz|dump|netcdf|xdatcar",
     .doc = "extended XYZ (ASE, OVITO), LAMMPS text dump (metal units), AMBER NetCDF (small and fast, 32-bit numbers) or "
            "XDATCAR of VASP"},
    {"compress", NMD_OPT_CHOICE, offsetof(trajectory_parameters, compress), .fallback = "auto",
     .choices = "auto|none|gzip|zstd",
     .doc = "pack the text; auto: by the end of the file's name, .gz or .zst"},
    {"coordinates", NMD_OPT_CHOICE, offsetof(trajectory_parameters, coordinates), .fallback = "auto",
     .choices = "auto|wrapped|unwrapped",
     .doc = "wrapped: in the cell, with image counters where the format has them; unwrapped: followed through the "
            "boundaries; auto: wrapped, but unwrapped for netcdf and xdatcar, which have no counters"},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(trajectory_parameters, elements), .fallback = "",
     .doc = "write the atoms of these elements only; none: all atoms"},
    {"groups", NMD_OPT_TEXT_LIST, offsetof(trajectory_parameters, groups), .fallback = "",
     .doc = "write the atoms of these groups only; none: all atoms"},
    {"velocities", NMD_OPT_BOOL, offsetof(trajectory_parameters, velocities), .fallback = "false",
     .doc = "write velocities (extxyz: A/fs; dump, netcdf: A/ps; not xdatcar)"},
    {"forces", NMD_OPT_BOOL, offsetof(trajectory_parameters, forces), .fallback = "false",
     .doc = "write forces (eV/A; netcdf: kcal/mol/A, as its convention asks; not xdatcar)"},
    {"energies", NMD_OPT_BOOL, offsetof(trajectory_parameters, energies), .fallback = "false",
     .doc = "write the energy of each atom (eV; not xdatcar)"},
    {"virials", NMD_OPT_BOOL, offsetof(trajectory_parameters, virials), .fallback = "false",
     .doc = "write the virial of each atom (9 components, eV; extxyz and dump)"},
    {"extrapolation", NMD_OPT_BOOL, offsetof(trajectory_parameters, extrapolation), .fallback = "false",
     .doc = "write how many symmetry functions of each atom are outside the training range (not xdatcar)"},
    {"sigma", NMD_OPT_BOOL, offsetof(trajectory_parameters, sigma), .fallback = "false",
     .doc = "write the spread of a committee about each atom: sigma_energy (eV) and sigma_force (eV/A), which takes one more "
            "evaluation a member at the steps written (not xdatcar)"},
    {"digits", NMD_OPT_INT, offsetof(trajectory_parameters, digits), .fallback = "10", .min = 4, .max = 17,
     .doc = "significant digits of text; 17 reads back exactly"},
};
static const nmd_option_table trajectory_table = {"trajectory", "positions of atoms in time",
                                                  sizeof(trajectory_parameters), NMD_COUNT(trajectory_options),
                                                  trajectory_options};

enum { EXTXYZ, DUMP, NETCDF, XDATCAR };
enum { AUTO, WRAPPED, UNWRAPPED };

typedef struct trajectory {
  trajectory_parameters parameters; /* its lists are not owned */
  bool unwrapped;
  nmd_choice only;
  unsigned fields;
  nmd_text_file file;
  const char *path; /* not owned */
  nmd_gathered gathered;
  nmd_buffer text;
  nmd__trajectory_netcdf netcdf;
} trajectory;

static nmd_status check_format(const trajectory_parameters *p) {
  if (p->format == NETCDF && p->virials)
    NMD_FAIL(CONFLICT, "format netcdf has no place for virials of atoms; leave them out or use extxyz or dump");
  if (p->format == NETCDF && !nmd_netcdf_writer_available())
    NMD_FAIL(BAD_CHOICE, "format: netcdf: this nnpmd was built without PnetCDF; use extxyz or dump, or build it with "
                         "PnetCDF (Debian: libpnetcdf-dev)");
  if (p->format == XDATCAR &&
      (p->energies || p->virials || p->velocities || p->forces || p->extrapolation || p->sigma))
    NMD_FAIL(CONFLICT, "format xdatcar has positions only; leave velocities, forces, energies, virials and sigma out or use "
                       "extxyz");
  return NMD_OK;
}

static nmd_status choose_packing(trajectory *self) {
  static const nmd_packing packings[] = {NMD_PACK_NONE, NMD_PACK_NONE, NMD_PACK_GZIP, NMD_PACK_ZSTD};
  const trajectory_parameters *p = &self->parameters;
  const nmd_packing packing = p->compress == 0 ? nmd_packing_of_name(self->path) : packings[p->compress];
  if (p->format == NETCDF && packing != NMD_PACK_NONE)
    NMD_FAIL(CONFLICT, "format netcdf is not packed: readers want any frame at any time; leave compress and .gz or .zst out");
  if (!nmd_packing_available(packing))
    NMD_FAIL(BAD_CHOICE, "compress: zstd: this nnpmd was built without libzstd; use gzip, or build it with libzstd (Debian: "
             "libzstd-dev)");
  self->file.packing = packing;
  return NMD_OK;
}

static unsigned fields_of(const trajectory *self) {
  const trajectory_parameters *p = &self->parameters;
  if (p->format == XDATCAR) return NMD_FIELD_ID;
  return NMD_FIELD_ID | (self->unwrapped ? 0u : NMD_FIELD_IMAGE) | (p->velocities ? NMD_FIELD_VELOCITY : 0u) |
         (p->forces ? NMD_FIELD_FORCE : 0u) | (p->energies ? NMD_FIELD_ATOM_ENERGY : 0u) |
         (p->virials ? NMD_FIELD_ATOM_VIRIAL : 0u) | (p->extrapolation ? NMD_FIELD_EXTRAPOLATION : 0u) |
         (p->sigma ? NMD_FIELD_SIGMA_ENERGY | NMD_FIELD_SIGMA_FORCE : 0u);
}

static nmd_status trajectory_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  const trajectory_parameters *p = parameters;
  trajectory *self;
  NMD_TRY(check_format(p));
  NMD_TRY(NMD_ALLOC(self, 1));
  self->parameters = *p;
  self->path = path;
  self->unwrapped = p->coordinates == UNWRAPPED || (p->coordinates == AUTO && (p->format == NETCDF || p->format == XDATCAR));
  self->fields = fields_of(self);
  nmd_status status = nmd_choose_elements(&p->elements, species, &self->only);
  if (status == NMD_OK) status = choose_packing(self);
  if (status != NMD_OK) {
    nmd_free(self);
    return status;
  }
  self->gathered.only = &self->only;
  self->gathered.unwrapped = self->unwrapped;
  self->netcdf = (nmd__trajectory_netcdf){
      .path = path, .velocities = p->velocities, .forces = p->forces, .unwrapped = self->unwrapped, .only = &self->only,
      .scalar = {[NMD_NETCDF_ENERGY] = p->energies, [NMD_NETCDF_SIGMA_ENERGY] = p->sigma,
                 [NMD_NETCDF_SIGMA_FORCE] = p->sigma, [NMD_NETCDF_EXTRAPOLATION] = p->extrapolation}};
  *out = self;
  return NMD_OK;
}

/* A dump under the name of another format would mislead readers that go by the name. */
static const char *trajectory_name_file(const void *parameters) {
  static const char *const names[][3] = {
      {"trajectory.extxyz", "trajectory.extxyz.gz", "trajectory.extxyz.zst"},
      {"trajectory.lammpstrj", "trajectory.lammpstrj.gz", "trajectory.lammpstrj.zst"},
      {"trajectory.nc", "trajectory.nc", "trajectory.nc"},
      {"XDATCAR", "XDATCAR.gz", "XDATCAR.zst"}};
  const trajectory_parameters *p = parameters;
  return names[p->format][p->compress > 1 ? p->compress - 1 : 0];
}

static nmd_status trajectory_choose(void *opaque, const nmd_groups *groups) {
  trajectory *self = opaque;
  return nmd_choose_groups(&self->parameters.groups, groups, &self->only);
}

static int trajectory_wants(const void *opaque) {
  const trajectory_parameters *p = &((const trajectory *)opaque)->parameters;
  return (p->energies ? NMD_WANT_ATOM_ENERGY : 0) | (p->virials ? NMD_WANT_ATOM_VIRIAL : 0) |
         (p->extrapolation ? NMD_WANT_ATOM_EXTRAPOLATION : 0) | (p->sigma ? NMD_WANT_SIGMA : 0);
}

static nmd_status trajectory_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  trajectory *self = opaque;
  if (self->parameters.format == NETCDF) return nmd__trajectory_netcdf_begin(&self->netcdf, comm, offset);
  return nmd_text_file_begin(&self->file, comm, self->path, offset, "");
}

static nmd_status format_frame(trajectory *self, const nmd_frame_view *view) {
  nmd_buffer_clear(&self->text);
  const int digits = (int)self->parameters.digits;
  static nmd_frame_formatter *const formatters[] = {nmd_extxyz_format, nmd_lammps_dump_format, NULL, nmd_xdatcar_format};
  return formatters[self->parameters.format](view, self->fields, digits, &self->text);
}

static nmd_status trajectory_write(void *opaque, const nmd_observation *seen) {
  trajectory *self = opaque;
  nmd_frame_view view;
  if (self->parameters.format == NETCDF) return nmd__trajectory_netcdf_write(&self->netcdf, seen);
  NMD_TRY(nmd_gather_frame(&self->gathered, seen, self->fields, &view));
  const nmd_status status = nmd_comm_rank(seen->comm) == 0 ? format_frame(self, &view) : NMD_OK;
  NMD_TRY(nmd_comm_agree(seen->comm, status));
  return nmd_text_file_write(&self->file, self->text.data, self->text.length);
}

static nmd_status trajectory_flush(void *opaque, int64_t *offset) {
  trajectory *self = opaque;
  if (self->parameters.format == NETCDF) return nmd__trajectory_netcdf_flush(&self->netcdf, offset);
  return nmd_text_file_flush(&self->file, offset);
}

static void trajectory_destroy(void *opaque) {
  trajectory *self = opaque;
  nmd__trajectory_netcdf_end(&self->netcdf);
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
    .choose = trajectory_choose,
    .wants = trajectory_wants,
    .begin = trajectory_begin,
    .write = trajectory_write,
    .flush = trajectory_flush,
    .destroy = trajectory_destroy,
};
