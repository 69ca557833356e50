/* SPDX-License-Identifier: BSD-3-Clause */
/* LAMMPS text dump in metal units: any number of frames, columns in any order.
 *
 * Positions from x y z, or xs ys zs (scaled), with the counters ix iy iz if there; or from xu yu zu / xsu ysu zsu,
 * which are unwrapped already: counters beside them must not be added again, so they come out as zero. Elements from the
 * column `element`, or from `type` when the caller gives the elements. vx vy vz in A/ps, fx fy fz in eV/A.
 * The comment of the structure becomes "timestep=N". Definition: https://docs.lammps.org/dump.html */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/read_format.h"
#include "system/element.h"

enum { COLUMNS_MAX = 128 };

typedef enum dump_field {
  ID,
  TYPE,
  ELEMENT,
  POSITION,
  SCALED,
  UNWRAPPED,
  SCALED_UNWRAPPED,
  IMAGE,
  VELOCITY,
  FORCE,
  FIELDS
} dump_field;

static const struct {
  int count;
  const char *names[3];
} fields[FIELDS] = {
    [ID] = {1, {"id"}},
    [TYPE] = {1, {"type"}},
    [ELEMENT] = {1, {"element"}},
    [POSITION] = {3, {"x", "y", "z"}},
    [SCALED] = {3, {"xs", "ys", "zs"}},
    [UNWRAPPED] = {3, {"xu", "yu", "zu"}},
    [SCALED_UNWRAPPED] = {3, {"xsu", "ysu", "zsu"}},
    [IMAGE] = {3, {"ix", "iy", "iz"}},
    [VELOCITY] = {3, {"vx", "vy", "vz"}},
    [FORCE] = {3, {"fx", "fy", "fz"}},
};

typedef struct dump_frame {
  int64_t n, step;
  bool has_n, has_box;
  nmd_box box;
  int columns;
  int column[FIELDS][3]; /* -1: absent */
} dump_frame;

static bool fits(const char *head) {
  char line[NMD__LINE_HEAD];
  return nmd__head_line(head, 0, line) && strncmp(line, "ITEM: ", 6) == 0;
}

static nmd_status read_integer(nmd_source *source, const char *what, int64_t min, int64_t *value, char **word) {
  NMD_TRY(nmd_source_need(source, what));
  if (nmd_source_words(source, word, 1) != 1)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "blank line; expected %s; correct the file", what);
  return nmd_source_int(source, *word, what, min, INT64_MAX / 1024, value);
}

/* The bounds of a tilted box are those of its bounding box. */
static void box_of_bounds(double rows[3][3], double h[3][3], double origin[3]) {
  const double xy = rows[0][2], xz = rows[1][2], yz = rows[2][2];
  rows[0][0] -= fmin(fmin(0.0, xy), fmin(xz, xy + xz));
  rows[0][1] -= fmax(fmax(0.0, xy), fmax(xz, xy + xz));
  rows[1][0] -= fmin(0.0, yz);
  rows[1][1] -= fmax(0.0, yz);
  for (int d = 0; d < 3; d++) {
    origin[d] = rows[d][0];
    h[d][d] = rows[d][1] - rows[d][0];
  }
  h[1][0] = xy;
  h[2][0] = xz;
  h[2][1] = yz;
}

/* words: those behind "ITEM: BOX BOUNDS": [xy xz yz | abc origin] [pp pp pp] */
static nmd_status read_box(nmd_source *source, char **words, int n, dump_frame *frame) {
  const bool tilted = n > 0 && strcmp(words[0], "xy") == 0, general = n > 0 && strcmp(words[0], "abc") == 0;
  const int flags = tilted ? 3 : general ? 2 : 0, wanted = general ? 4 : tilted ? 3 : 2;
  bool periodic[3] = {true, true, true};
  for (int d = 0; d < 3 && flags + d < n; d++) periodic[d] = words[flags + d][0] == 'p';
  double rows[3][3] = {{0}}, h[3][3] = {{0}}, origin[3] = {0};
  for (int d = 0; d < 3; d++) {
    char *row[5];
    double values[4] = {0};
    NMD_TRY(nmd_source_need(source, "three lines of box bounds"));
    const int found = nmd_source_words(source, row, 5);
    if (found != wanted)
      return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "box bounds: %d numbers; expected %d; correct the line",
                             found, wanted);
    NMD_TRY(nmd_source_reals(source, row, wanted, "box bounds", values));
    memcpy(general ? h[d] : rows[d], values, sizeof rows[d]);
    origin[d] = values[3];
  }
  if (!general) box_of_bounds(rows, h, origin);
  frame->has_box = true;
  return nmd__read_box(source, h, origin, periodic, &frame->box);
}

/* words: the names of the columns. */
static nmd_status read_columns(const nmd_source *source, char **words, int n, dump_frame *frame) {
  frame->columns = n;
  for (int k = 0; k < FIELDS * 3; k++) frame->column[k / 3][k % 3] = -1;
  for (int c = 0; c < n; c++)
    for (int k = 0; k < FIELDS * 3; k++) {
      const char *name = fields[k / 3].names[k % 3];
      if (name == NULL || strcmp(name, words[c]) != 0) continue;
      if (frame->column[k / 3][k % 3] >= 0)
        return nmd_source_fail(source, words[c], NMD_DUPLICATE_KEY, "column '%s' a second time; drop one", words[c]);
      frame->column[k / 3][k % 3] = c;
    }
  return NMD_OK;
}

static bool has(const dump_frame *frame, dump_field field) {
  for (int k = 0; k < fields[field].count; k++)
    if (frame->column[field][k] < 0) return false;
  return true;
}

/* Which kind of positions to take; FIELDS: none. */
static dump_field position_field(const dump_frame *frame) {
  static const dump_field kinds[] = {POSITION, SCALED, UNWRAPPED, SCALED_UNWRAPPED};
  for (int k = 0; k < 4; k++)
    if (has(frame, kinds[k])) return kinds[k];
  return FIELDS;
}

static nmd_status check_columns(const nmd_source *source, const nmd_read_options *options, const dump_frame *frame) {
  if (!frame->has_n || !frame->has_box)
    return nmd_source_fail(source, NULL, NMD_MISSING_KEY,
                           "ATOMS before %s; expected it first; is the file damaged?",
                           frame->has_n ? "BOX BOUNDS" : "NUMBER OF ATOMS");
  if (position_field(frame) == FIELDS)
    return nmd_source_fail(source, NULL, NMD_MISSING_KEY,
                           "no positions; expected columns x y z, xs ys zs, xu yu zu or xsu ysu zsu; dump them");
  if (!has(frame, ELEMENT) && !(has(frame, TYPE) && options->n_elements > 0))
    return nmd_source_fail(source, NULL, NMD_MISSING_KEY,
                           "no column element; expected it, or type and the elements of the types; give them");
  return NMD_OK;
}

static nmd_status read_element(const nmd_source *source, const nmd_read_options *options, const dump_frame *frame,
                               char **words, int *number) {
  if (has(frame, ELEMENT)) return nmd_source_element(source, words[frame->column[ELEMENT][0]], number);
  const char *word = words[frame->column[TYPE][0]];
  int64_t type;
  NMD_TRY(nmd_source_int(source, word, "atom type", 1, options->n_elements, &type));
  *number = nmd_element_from_symbol(options->elements[type - 1]);
  if (*number > 0) return NMD_OK;
  return nmd_source_fail(source, word, NMD_UNKNOWN_ELEMENT, "the element '%.20s' given for type %.20s is no symbol",
                         options->elements[type - 1], word);
}

static nmd_status read_three(const nmd_source *source, const dump_frame *frame, dump_field field, char **words,
                             const char *what, double scale, double out[3]) {
  for (int d = 0; d < 3; d++) {
    NMD_TRY(nmd_source_real(source, words[frame->column[field][d]], what, &out[d]));
    out[d] *= scale;
  }
  return NMD_OK;
}

static nmd_status read_position(const nmd_source *source, const dump_frame *frame, char **words, double x[3]) {
  const dump_field field = position_field(frame);
  double given[3];
  NMD_TRY(read_three(source, frame, field, words, "position", 1.0, given));
  if (field == SCALED || field == SCALED_UNWRAPPED) nmd_box_to_cartesian(&frame->box, given, x);
  else memcpy(x, given, sizeof given);
  return NMD_OK;
}

static nmd_status read_atom(const nmd_source *source, const nmd_read_options *options, const dump_frame *frame,
                            char **words, int64_t i, nmd__id_map *ids, nmd_structure *out) {
  NMD_TRY(read_element(source, options, frame, words, &out->atomic_number[i]));
  NMD_TRY(read_position(source, frame, words, out->x[i]));
  if (out->v != NULL) NMD_TRY(read_three(source, frame, VELOCITY, words, "velocity", 1e-3, out->v[i])); /* A/ps */
  if (out->f != NULL) NMD_TRY(read_three(source, frame, FORCE, words, "force", 1.0, out->f[i]));
  const dump_field kind = position_field(frame);
  if (out->image != NULL && (kind == POSITION || kind == SCALED)) {
    char *counters[3];
    for (int d = 0; d < 3; d++) counters[d] = words[frame->column[IMAGE][d]];
    NMD_TRY(nmd_source_images(source, counters, out->image[i]));
  }
  if (has(frame, ID)) NMD_TRY(nmd__read_id(source, ids, words[frame->column[ID][0]], i, &out->id[i]));
  return NMD_OK;
}

static nmd_status read_lines(nmd_source *source, const nmd_read_options *options, const dump_frame *frame,
                             nmd__id_map *ids, nmd_structure *out) {
  char *words[COLUMNS_MAX + 1], expected[64];
  for (int64_t i = 0; i < frame->n; i++) {
    snprintf(expected, sizeof expected, "the line of atom %lld of %lld", (long long)i + 1, (long long)frame->n);
    NMD_TRY(nmd_source_need(source, expected));
    const int found = nmd_source_words(source, words, frame->columns + 1);
    if (found != frame->columns)
      return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                             "atom %lld of %lld: %s%d columns; ITEM: ATOMS names %d; correct the line",
                             (long long)i + 1, (long long)frame->n, found > frame->columns ? "at least " : "", found,
                             frame->columns);
    NMD_TRY(read_atom(source, options, frame, words, i, ids, out));
  }
  return NMD_OK;
}

static nmd_status read_atoms(nmd_source *source, const nmd_read_options *options, const dump_frame *frame,
                             nmd_structure *out) {
  NMD_TRY(check_columns(source, options, frame));
  const dump_field kind = position_field(frame);
  char comment[64];
  snprintf(comment, sizeof comment, "timestep=%lld", (long long)frame->step);
  NMD_TRY(nmd_structure_init(out, frame->n));
  NMD_TRY(nmd_strdup(comment, &out->comment));
  out->box = frame->box;
  if (has(frame, VELOCITY)) NMD_TRY(nmd_structure_need_velocities(out));
  if (has(frame, FORCE)) NMD_TRY(nmd_structure_need_forces(out));
  if (has(frame, IMAGE) || kind == UNWRAPPED || kind == SCALED_UNWRAPPED) NMD_TRY(nmd_structure_need_images(out));
  nmd__id_map ids;
  NMD_TRY(nmd__id_map_init(&ids, frame->n));
  const nmd_status status = read_lines(source, options, frame, &ids, out);
  nmd__id_map_free(&ids);
  return status;
}

static nmd_status read_units(nmd_source *source) {
  char *word[1];
  NMD_TRY(nmd_source_need(source, "the units"));
  if (nmd_source_words(source, word, 1) == 1 && strcmp(word[0], "metal") == 0) return NMD_OK;
  return nmd_source_fail(source, NULL, NMD_WRONG_UNIT, "units '%.20s'; expected metal; convert the file",
                         source->text);
}

/* One item but ATOMS; words and n: those behind "ITEM:". */
static nmd_status read_item(nmd_source *source, char **words, int n, dump_frame *frame) {
  char *word = NULL;
  if (n == 1 && strcmp(words[0], "TIMESTEP") == 0)
    return read_integer(source, "timestep", INT64_MIN, &frame->step, &word);
  if (n == 1 && strcmp(words[0], "UNITS") == 0) return read_units(source);
  if (n == 1 && strcmp(words[0], "TIME") == 0) return nmd_source_need(source, "the time");
  if (n == 3 && strcmp(words[0], "NUMBER") == 0) {
    NMD_TRY(read_integer(source, "number of atoms", 1, &frame->n, &word));
    frame->has_n = true;
    return nmd_source_expect(source, word, frame->n, 4, "atoms");
  }
  if (n >= 2 && strcmp(words[0], "BOX") == 0 && strcmp(words[1], "BOUNDS") == 0)
    return read_box(source, words + 2, n - 2, frame);
  return nmd_source_fail(source, NULL, NMD_UNKNOWN_KEY,
                         "'%.40s'; expected ITEM: TIMESTEP, NUMBER OF ATOMS, BOX BOUNDS, ATOMS, UNITS or TIME",
                         source->text);
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  dump_frame frame = {0};
  for (bool inside = false;; inside = true) {
    char *words[COLUMNS_MAX + 2];
    NMD_TRY(nmd_source_next_filled(source, end));
    if (*end && !inside) return NMD_OK;
    if (*end)
      return nmd_source_fail(source, NULL, NMD_FILE_TRUNCATED,
                             "the file ends inside a frame; expected ITEM: ATOMS; copy or write the file again");
    const int n = nmd_source_words(source, words, COLUMNS_MAX + 2) - 1;
    if (n < 1 || n > COLUMNS_MAX || strcmp(words[0], "ITEM:") != 0)
      return nmd_source_fail(source, words[0], NMD_FILE_FORMAT,
                             "'%.40s'; expected a line ITEM: ...; is the number of atoms right?", source->text);
    if (strcmp(words[1], "ATOMS") == 0) {
      NMD_TRY(read_columns(source, words + 2, n - 1, &frame));
      return read_atoms(source, options, &frame, out);
    }
    NMD_TRY(read_item(source, words + 1, n, &frame));
  }
}

const nmd__structure_format nmd__format_lammps_dump = {
    .name = "lammps_dump",
    .doc = "LAMMPS text dump, metal units; any number of frames",
    .name_parts = "|.lammpstrj|.dump|",
    .fits = fits,
    .read = read,
};
