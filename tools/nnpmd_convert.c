/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-convert: any readable trajectory or set of structures to any writable format. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "io/file_append.h"
#include "io/pack.h"
#include "io/write_netcdf.h"
#include "io/write_structure.h"
#include "tool.h"

typedef struct convert_options {
  char *to, *to_format;
  bool wrap, split;
  int64_t digits;
  double length_unit, energy_unit;
} convert_options;

static const nmd_option convert_option_list[] = {
    {"to", NMD_OPT_PATH, offsetof(convert_options, to), .fallback = NULL, .doc = "file to write"},
    {"to-format", NMD_OPT_TEXT, offsetof(convert_options, to_format), .fallback = "",
     .doc = "its format: extxyz, lammps_dump, netcdf, lammps_data, input_data (n2p2, RuNNer), poscar; default: by its "
            "name"},
    {"wrap", NMD_OPT_BOOL, offsetof(convert_options, wrap), .fallback = "false",
     .doc = "bring positions into the cell; image counters keep the path where the format has them"},
    {"split", NMD_OPT_BOOL, offsetof(convert_options, split), .fallback = "false",
     .doc = "one file a frame, numbered in front of the name's extension"},
    {"digits", NMD_OPT_INT, offsetof(convert_options, digits), .fallback = "17", .min = 1, .max = 17,
     .doc = "significant digits of numbers of each atom; 17: exact"},
    {"length-unit", NMD_OPT_REAL, offsetof(convert_options, length_unit), NMD_DIM_LENGTH, "0 A", 0, 0,
     .doc = "unit of length of an input.data to read, e.g. \"1 bohr\"; 0: A"},
    {"energy-unit", NMD_OPT_REAL, offsetof(convert_options, energy_unit), NMD_DIM_ENERGY, "0 eV", 0, 0,
     .doc = "unit of energy of an input.data to read, e.g. \"1 hartree\"; 0: eV"},
};
static const nmd_option_table convert_table = {"convert", "trajectories to other formats", sizeof(convert_options),
                                               NMD_COUNT(convert_option_list), convert_option_list};

enum { PIECE = 1 << 20 };

typedef struct writer {
  const convert_options *options;
  nmd_frame_formatter *format;
  bool single, dump; /* the format: one structure a file; a LAMMPS dump */
  nmd_packing packing;
  bool netcdf; /* or the binary one, written by its own writer */
  nmd_netcdf_writer *nc;
  const nmd_comm *alone;
  int64_t n;          /* atoms of its frames */
  int *atomic_number; /* [n] */
  char part[4096];
  nmd_append_file file;
  nmd_buffer text;
  int64_t written;
} writer;

static bool ends_in(const char *path, const char *end) {
  const size_t length = strlen(path), n = strlen(end);
  return length > n && strcasecmp(path + length - n, end) == 0;
}

static nmd_status writer_open(writer *w, const convert_options *options) {
  char plain[4096]; /* the name without the ending of a packed file */
  w->packing = nmd_packing_of_name(options->to);
  snprintf(plain, sizeof plain, "%s", options->to);
  if (w->packing != NMD_PACK_NONE) *strrchr(plain, '.') = '\0';
  if (!nmd_packing_available(w->packing))
    NMD_FAIL(BAD_CHOICE, "%s: this program was built without zstd; expected .gz or a plain file", options->to);
  const char *format = options->to_format != NULL ? options->to_format : nmd_frame_format_by_name(plain);
  w->options = options;
  w->netcdf =
      format != NULL ? strcmp(format, "netcdf") == 0 : ends_in(options->to, ".nc") || ends_in(options->to, ".ncdf");
  if (w->netcdf) return NMD_OK;
  w->format = format == NULL ? NULL : nmd_frame_formatter_find(format);
  if (w->format == NULL)
    NMD_FAIL(BAD_CHOICE,
             "%s: no format %s%s; expected extxyz, lammps_dump, netcdf, xdatcar, lammps_data, input_data or poscar "
             "(--to-format)",
             options->to, format == NULL ? "follows from the name" : "", format == NULL ? "" : format);
  w->dump = strcmp(format, "lammps_dump") == 0;
  w->single = strcmp(format, "lammps_data") == 0 || strcmp(format, "poscar") == 0;
  return NMD_OK;
}

/* "run.xyz" becomes "run.0012.xyz". */
static void numbered(const char *path, int64_t k, char *out, size_t size) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  const size_t stem = dot != NULL && dot > (slash != NULL ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path);
  snprintf(out, size, "%.*s.%04lld%s", (int)stem, path, (long long)k, path + stem);
}

/* What has gathered, to the file; packed in pieces that unpack by themselves. */
static nmd_status flush_text(writer *w) {
  nmd_buffer packed = {0};
  nmd_status status = NMD_OK;
  if (w->text.length == 0) return NMD_OK;
  if (w->packing == NMD_PACK_NONE) {
    status = nmd_append_write(&w->file, w->text.data, w->text.length, false);
  } else {
    status = nmd_pack(w->packing, w->text.data, w->text.length, &packed);
    if (status == NMD_OK) status = packed.status;
    if (status == NMD_OK) status = nmd_append_write(&w->file, packed.data, packed.length, false);
  }
  nmd_buffer_free(&packed);
  nmd_buffer_clear(&w->text);
  return status;
}

static nmd_status close_file(writer *w) {
  char path[4096];
  if (w->file.path == NULL) return NMD_OK;
  NMD_TRY(flush_text(w));
  snprintf(path, sizeof path, "%s", w->options->to);
  if (w->options->split) numbered(w->options->to, w->written - 1, path, sizeof path);
  NMD_TRY(nmd_append_close(&w->file));
  if (rename(w->part, path) != 0) NMD_FAIL(WRITE, "%s: cannot be renamed to %s", w->part, path);
  return NMD_OK;
}

static nmd_status put_text(writer *w) {
  if (w->file.path == NULL) {
    snprintf(w->part, sizeof w->part, "%.4000s.part", w->options->to);
    NMD_TRY(nmd_append_create(w->part, NULL, 0, 0, &w->file));
  }
  if (w->text.length > PIECE) NMD_TRY(flush_text(w));
  w->written++;
  return w->options->split ? close_file(w) : NMD_OK;
}

static nmd_status begin_netcdf(writer *w, const nmd_structure *s) {
  const nmd_netcdf_layout layout = {.n_atoms = s->n,
                                    .n = s->n,
                                    .velocities = s->v != NULL,
                                    .forces = s->f != NULL,
                                    .unwrapped = !w->options->wrap,
                                    .periodic = s->box.periodic,
                                    .atomic_number = s->atomic_number,
                                    .id = s->id};
  w->n = s->n;
  NMD_TRY(NMD_ALLOC(w->atomic_number, s->n));
  memcpy(w->atomic_number, s->atomic_number, (size_t)s->n * sizeof *s->atomic_number);
  snprintf(w->part, sizeof w->part, "%.4000s.part", w->options->to);
  return nmd_netcdf_writer_create(w->alone, w->part, &layout, &w->nc);
}

/* The format has one list of atoms for all frames. */
static nmd_status put_netcdf(writer *w, const nmd_structure *s, double time) {
  if (w->nc == NULL) NMD_TRY(begin_netcdf(w, s));
  if (s->n != w->n || memcmp(w->atomic_number, s->atomic_number, (size_t)w->n * sizeof *s->atomic_number) != 0)
    NMD_FAIL(
        CONFLICT,
        "frame %lld has other atoms, or the same in another order: a NetCDF trajectory needs the same in all frames; "
        "give --unwrap images or nearest to read the files as one run, or take another format",
        (long long)w->written);
  const nmd_netcdf_view frame = {.box = &s->box,
                                  .time = isfinite(time) ? time : (double)w->written,
                                  .n = s->n,
                                  .x = (const double(*)[3])s->x,
                                  .v = (const double(*)[3])s->v,
                                  .f = (const double(*)[3])s->f};
  NMD_TRY(nmd_netcdf_writer_write(w->nc, &frame));
  w->written++;
  return NMD_OK;
}

static nmd_status finish_netcdf(writer *w) {
  nmd_netcdf_writer *nc = w->nc;
  w->nc = NULL;
  NMD_TRY(nmd_netcdf_writer_close(nc));
  if (rename(w->part, w->options->to) != 0) NMD_FAIL(WRITE, "%s: cannot be renamed to %s", w->part, w->options->to);
  return NMD_OK;
}

static nmd_status wrap_atoms(nmd_structure *s) {
  NMD_TRY(nmd_structure_need_images(s));
  for (int64_t i = 0; i < s->n; i++) nmd_box_wrap(&s->box, s->x[i], s->image[i]);
  return NMD_OK;
}

/* Step of a frame: extended XYZ has it as a key, a dump in the remark its reader leaves; -1: none. */
static int64_t step_of(const nmd_structure *s) {
  const char *key = nmd_structure_info(s, "step"),
             *remark = s->comment != NULL ? strstr(s->comment, "timestep=") : NULL;
  long long step = -1;
  if (key != NULL)
    (void)!sscanf(key, "%lld", &step);
  else if (remark != NULL)
    (void)!sscanf(remark, "timestep=%lld", &step);
  return step < 0 ? -1 : step;
}

/* What is known of the moment becomes labels, unless they are there already. */
static nmd_status label_moment(nmd_structure *s, int64_t step, double time) {
  char text[40];
  snprintf(text, sizeof text, "%lld", (long long)step);
  if (step >= 0 && nmd_structure_info(s, "step") == NULL) NMD_TRY(nmd_structure_set_info(s, "step", text));
  snprintf(text, sizeof text, "%.15g", time);
  if (isfinite(time) && nmd_structure_info(s, "time") == NULL) NMD_TRY(nmd_structure_set_info(s, "time", text));
  return NMD_OK;
}

static nmd_status put_structure(writer *w, nmd_structure *s, int64_t step, double time) {
  nmd_frame_view view;
  if (w->single && w->written == 1 && !w->options->split)
    NMD_FAIL(CONFLICT,
             "%s: the format holds one structure, there are more; give --split, or choose one with --first N "
             "--frames 1",
             w->options->to);
  if (w->options->wrap) NMD_TRY(wrap_atoms(s));
  if (w->netcdf) return put_netcdf(w, s, time);
  NMD_TRY(label_moment(s, step, time));
  nmd_frame_view_init(&view, s);
  if (w->dump) view.step = step;
  NMD_TRY(w->format(&view, nmd_frame_fields(&view), (int)w->options->digits, &w->text));
  NMD_TRY(w->text.status);
  return put_text(w);
}

/* Keep the selected atoms of a structure, which loses its energy with the others. */
static void select_atoms(const nmd_selection *selection, nmd_structure *s) {
  int64_t n = 0;
  for (int64_t i = 0; i < s->n; i++) {
    if (!nmd_selection_has(selection, s->id[i], s->atomic_number[i])) continue;
    s->atomic_number[n] = s->atomic_number[i];
    s->id[n] = s->id[i];
    memmove(s->x[n], s->x[i], sizeof *s->x);
    if (s->v != NULL) memmove(s->v[n], s->v[i], sizeof *s->v);
    if (s->f != NULL) memmove(s->f[n], s->f[i], sizeof *s->f);
    if (s->image != NULL) memmove(s->image[n], s->image[i], sizeof *s->image);
    n++;
  }
  if (n < s->n) s->has_energy = s->has_stress = false;
  s->n = n;
}

static nmd_status convert_file(tool *t, writer *w, const char *path, int64_t *frame) {
  nmd_structure_reader *reader;
  const tool_input *in = t->input;
  bool end = false;
  nmd_status status = nmd_structure_reader_open(path, &t->read, &reader);
  if (status != NMD_OK) return status;
  while (status == NMD_OK && !end && (in->frames == 0 || w->written < in->frames)) {
    nmd_structure s = {0};
    status = nmd_structure_reader_next(reader, &s, &end);
    if (status == NMD_FILE_TRUNCATED && !in->strict && nmd_structure_reader_frame(reader) > 0) {
      nmd_log_warning("the last frame is cut off (%s): the frames before it are used", nmd_error_text());
      status = NMD_OK;
      end = true;
    }
    const bool wanted = !end && *frame >= in->first && (*frame - in->first) % in->stride == 0;
    if (status == NMD_OK && wanted) {
      select_atoms(&t->selection, &s);
      status = s.n > 0 ? put_structure(w, &s, step_of(&s),
                                       in->timestep > 0 && step_of(&s) >= 0 ? in->timestep * (double)step_of(&s) : NAN)
                       : nmd_fail(NMD_MISSING_KEY, "%s: no atom of frame %lld is selected", path, (long long)*frame);
    }
    (*frame)++;
    nmd_structure_free(&s);
  }
  nmd_structure_reader_close(reader);
  return status;
}

/* Frame after frame as it stands: frames need not have the same atoms. */
static nmd_status convert_frames(tool *t, writer *w) {
  int64_t frame = 0;
  t->read.length_unit = w->options->length_unit;
  t->read.energy_unit = w->options->energy_unit;
  for (int k = 0; k < t->n_words; k++) NMD_TRY(convert_file(t, w, t->words[k], &frame));
  return NMD_OK;
}

/* As one run: overlap left out, atoms in order of id, paths unwrapped. */
static nmd_status convert_run(tool *t, writer *w) {
  nmd_trajectory *trajectory;
  nmd_trajectory_frame frame;
  bool end;
  t->trajectory.timeless = t->input->skip == 0 && t->input->timestep == 0;
  NMD_TRY(nmd_trajectory_open((const char *const *)t->words, t->n_words, &t->trajectory, &trajectory));
  nmd_status status = nmd_trajectory_next(trajectory, &frame, &end);
  while (status == NMD_OK && !end) {
    nmd_structure copy = {0};
    status = nmd_structure_copy(frame.atoms, &copy);
    if (status == NMD_OK) status = put_structure(w, &copy, frame.step, t->trajectory.timeless ? NAN : frame.time);
    nmd_structure_free(&copy);
    if (status == NMD_OK) status = nmd_trajectory_next(trajectory, &frame, &end);
  }
  if (status == NMD_OK) nmd_tool_note(t, "positions: %s", nmd_trajectory_learnt(trajectory).unwrap_text);
  nmd_trajectory_close(trajectory);
  return status;
}

static nmd_status convert(tool *t, writer *w) {
  const int unwrap = t->input->unwrap;
  const bool as_run = unwrap == NMD_UNWRAP_IMAGES || unwrap == NMD_UNWRAP_NEAREST || unwrap == NMD_UNWRAP_TOR;
  NMD_TRY(writer_open(w, t->options));
  NMD_TRY(as_run || t->input->skip > 0 ? convert_run(t, w) : convert_frames(t, w));
  if (w->written == 0) NMD_FAIL(OUT_OF_RANGE, "no frame was chosen; expected smaller --first and --skip");
  return w->netcdf ? finish_netcdf(w) : close_file(w);
}

static nmd_status run(tool *t) {
  writer w = {0};
  nmd_comm *alone;
  NMD_TRY(nmd_comm_split(t->comm, nmd_comm_rank(t->comm), &alone));
  w.alone = alone;
  nmd_status status = t->root ? convert(t, &w) : NMD_OK; /* one file, one writer */
  if (w.nc != NULL) {
    (void)!nmd_netcdf_writer_close(w.nc);
    unlink(w.part);
  }
  if (w.file.path != NULL) { /* failed on the way: nothing half-written stays */
    (void)!nmd_append_close(&w.file);
    unlink(w.part);
  }
  if (t->root && status == NMD_OK) {
    nmd_tool_note(t, "%lld frames written to %s", (long long)w.written, w.options->to);
    nmd_json_int(&t->json, "frames", w.written);
    nmd_json_text(&t->json, "to", w.options->to);
  }
  nmd_buffer_free(&w.text);
  nmd_free(w.atomic_number);
  nmd_comm_free(alone);
  return nmd_comm_agree(t->comm, status);
}

static const nmd_tool definition = {
    .program = "nnpmd-convert",
    .words = "FILE...",
    .summary = "trajectories and sets of structures to other formats",
    .description =
        "Reads every format of nnpmd (extended XYZ, LAMMPS dump and data, POSCAR, input.data; gzip by content) and "
        "writes extended XYZ, LAMMPS dump and data, POSCAR or the input.data of n2p2 and RuNNer, with energies, "
        "forces, stress and labels where both formats have them. --species and --ids take a part of the atoms, "
        "--first, --frames and --stride a part of the frames.\n\n"
        "With --unwrap images, nearest or tor the files are read as one run: frames that restarts have twice are left "
        "out, atoms are put in order of their ids and their paths are made continuous; energies and labels are "
        "dropped. Otherwise each frame is taken as it stands, and frames may have different atoms.",
    .options = &convert_table,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
