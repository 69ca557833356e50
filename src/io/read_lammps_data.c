/* SPDX-License-Identifier: BSD-3-Clause */
/* LAMMPS data file in metal units, atom_style atomic or charge: header with counts and box (xlo xhi, tilt, or general
 * avec bvec cvec), sections Masses, Atom Type Labels, Atoms (with image flags if there) and Velocities (A/ps). Other
 * sections are read over; bonded styles are refused. Always periodic along all three axes: the file does not say.
 *
 * Which element a type is: io/lammps_types.h.
 * Definition: https://docs.lammps.org/read_data.html */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/lammps_types.h"
#include "io/read_format.h"

enum { TYPES_MAX = 512, WORDS_MAX = 12 };

typedef struct data_file {
  nmd_source *source;
  const nmd_read_options *options;
  nmd_structure *out;
  int64_t atoms, types;
  double low[3], high[3], tilt[3]; /* tilt: xy xz yz */
  double general[3][3], origin[3];
  bool has_bounds[3], is_general, has_atoms, has_types;
  nmd__lammps_type type[TYPES_MAX];
  nmd__id_map ids;
} data_file;

static bool fits(const char *head) {
  char line[NMD__LINE_HEAD], *words[3];
  for (int k = 1; k < 40 && nmd__head_line(head, k, line); k++)
    if (nmd_split(line, words, 3) >= 2 && nmd__line_is_integer(words[0]) && strcmp(words[1], "atoms") == 0) return true;
  return false;
}

/* Words up to a comment; *comment is the first word behind `#`, or NULL. */
static int words_of(nmd_source *source, char **words, int max, char **comment) {
  static char none[1];
  char *all[32];
  int n = nmd_source_words(source, all, 32), kept = 0;
  *comment = none;
  for (int i = 0; i < n; i++) {
    char *hash = strchr(all[i], '#');
    if (hash != NULL) {
      *comment = hash[1] != '\0' ? hash + 1 : i + 1 < n ? all[i + 1] : none;
      if (hash != all[i] && kept < max) words[kept++] = all[i];
      *hash = '\0';
      break;
    }
    if (kept < max) words[kept++] = all[i];
  }
  return kept;
}

static bool ends_with(char **words, int n, const char *a, const char *b) {
  return n >= 2 && strcmp(words[n - 2], a) == 0 && strcmp(words[n - 1], b) == 0;
}

static nmd_status take_bounds(data_file *f, char **words, int n, bool *taken) {
  static const char *const names[3][2] = {{"xlo", "xhi"}, {"ylo", "yhi"}, {"zlo", "zhi"}};
  for (int d = 0; d < 3; d++) {
    if (n != 4 || !ends_with(words, n, names[d][0], names[d][1])) continue;
    NMD_TRY(nmd_source_real(f->source, words[0], names[d][0], &f->low[d]));
    NMD_TRY(nmd_source_real(f->source, words[1], names[d][1], &f->high[d]));
    f->has_bounds[d] = *taken = true;
    if (!(f->high[d] > f->low[d]))
      return nmd_source_fail(f->source, words[1], NMD_BAD_CELL, "%s %s is not above %s %s; correct the bounds",
                             names[d][1], words[1], names[d][0], words[0]);
  }
  return NMD_OK;
}

static nmd_status take_general_box(data_file *f, char **words, int n, bool *taken) {
  static const char *const vectors[3] = {"avec", "bvec", "cvec"};
  if (n == 5 && ends_with(words, n, "abc", "origin")) {
    *taken = true;
    return nmd_source_reals(f->source, words, 3, "abc origin", f->origin);
  }
  for (int k = 0; k < 3; k++)
    if (n == 4 && strcmp(words[3], vectors[k]) == 0) {
      *taken = f->is_general = f->has_bounds[k] = true;
      return nmd_source_reals(f->source, words, 3, vectors[k], f->general[k]);
    }
  return NMD_OK;
}

static nmd_status take_box(data_file *f, char **words, int n, bool *taken) {
  if (n == 6 && strcmp(words[3], "xy") == 0 && ends_with(words, n, "xz", "yz")) {
    *taken = true;
    return nmd_source_reals(f->source, words, 3, "tilt", f->tilt);
  }
  NMD_TRY(take_bounds(f, words, n, taken));
  return *taken ? NMD_OK : take_general_box(f, words, n, taken);
}

static nmd_status take_count(data_file *f, char **words, int n, bool *taken) {
  static const char *const bonded[] = {"bonds", "angles", "dihedrals", "impropers"};
  int64_t value;
  if (n == 2 && strcmp(words[1], "atoms") == 0) {
    *taken = true;
    NMD_TRY(nmd_source_int(f->source, words[0], "atoms", 1, INT64_MAX / 1024, &f->atoms));
    return nmd_source_expect(f->source, words[0], f->atoms, 10, "atoms");
  }
  if (n == 3 && ends_with(words, n, "atom", "types")) {
    *taken = true;
    return nmd_source_int(f->source, words[0], "atom types", 1, TYPES_MAX, &f->types);
  }
  for (int k = 0; k < 4; k++) {
    if (n != 2 || strcmp(words[1], bonded[k]) != 0) continue;
    *taken = true;
    NMD_TRY(nmd_source_int(f->source, words[0], words[1], 0, INT64_MAX, &value));
    if (value > 0)
      return nmd_source_fail(f->source, words[0], NMD_CONFLICT,
                             "%s %s: bonded styles are not supported; expected atom_style atomic or charge; convert it",
                             words[0], words[1]);
  }
  /* "0 bond types", "2 extra bond per atom" and so on count things we do not have */
  if (n >= 3 && (strcmp(words[n - 1], "types") == 0 || strcmp(words[1], "extra") == 0)) *taken = true;
  return NMD_OK;
}

static nmd_status read_header(data_file *f) {
  char *words[WORDS_MAX], *comment;
  NMD_TRY(nmd_source_need(f->source, "the comment line of a LAMMPS data file"));
  NMD_TRY(nmd_strdup(f->source->text, &f->out->comment));
  for (;;) {
    bool end, taken = false;
    NMD_TRY(nmd_source_next(f->source, &end));
    if (end) return NMD_OK;
    const int n = words_of(f->source, words, WORDS_MAX, &comment);
    if (n == 0) continue;
    if ((words[0][0] >= 'A' && words[0][0] <= 'Z')) break;
    NMD_TRY(take_count(f, words, n, &taken));
    if (!taken) NMD_TRY(take_box(f, words, n, &taken));
    if (!taken)
      return nmd_source_fail(f->source, words[0], NMD_UNKNOWN_KEY,
                             "'%.40s' is no header line; expected e.g. `8 atoms`, `2 atom types`, `0 10 xlo xhi` or a "
                             "section such as Atoms",
                             f->source->text);
  }
  nmd_source_back(f->source);
  return NMD_OK;
}

static nmd_status header_lacks(const data_file *f, const char *what) {
  return nmd_source_fail(f->source, NULL, NMD_MISSING_KEY, "the header has no line `%s`; add it", what);
}

static nmd_status make_box(data_file *f) {
  static const char *const lines[2][3] = {{"xlo xhi", "ylo yhi", "zlo zhi"}, {"avec", "bvec", "cvec"}};
  for (int d = 0; d < 3; d++)
    if (!f->has_bounds[d]) return header_lacks(f, lines[f->is_general][d]);
  if (f->is_general) return nmd__read_box(f->source, f->general, f->origin, NULL, &f->out->box);
  const double h[3][3] = {{f->high[0] - f->low[0], 0, 0},
                          {f->tilt[0], f->high[1] - f->low[1], 0},
                          {f->tilt[1], f->tilt[2], f->high[2] - f->low[2]}};
  return nmd__read_box(f->source, h, f->low, NULL, &f->out->box);
}

/* nmd_structure_init clears what is there, so the comment is carried over it. */
static nmd_status make_structure(data_file *f) {
  if (f->atoms == 0) return header_lacks(f, "N atoms");
  if (f->types == 0) return header_lacks(f, "N atom types");
  char *comment = f->out->comment;
  f->out->comment = NULL;
  const nmd_status status = nmd_structure_init(f->out, f->atoms);
  if (status == NMD_OK) f->out->comment = comment;
  else nmd_free(comment);
  NMD_TRY(status);
  NMD_TRY(nmd__id_map_init(&f->ids, f->atoms));
  return make_box(f);
}

/* The line `index` of `count` in a section; blank lines in between are passed. */
static nmd_status section_line(data_file *f, const char *section, int64_t index, int64_t count, char **words, int *n,
                               char **comment) {
  char expected[80];
  snprintf(expected, sizeof expected, "line %lld of %lld of section %s", (long long)index + 1, (long long)count,
           section);
  do {
    NMD_TRY(nmd_source_need(f->source, expected));
    *n = words_of(f->source, words, WORDS_MAX, comment);
  } while (*n == 0);
  return NMD_OK;
}

static nmd_status wrong_words(const data_file *f, const char *section, int n, const char *expected) {
  return nmd_source_fail(f->source, NULL, NMD_FILE_FORMAT, "section %s: %d words; expected `%s`; correct the line",
                         section, n, expected);
}

static void keep_word(char to[NMD__LABEL_MAX], const char *word) {
  snprintf(to, NMD__LABEL_MAX, "%.*s", NMD__LABEL_MAX - 1, word);
  for (char *c = to; *c != '\0'; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?'; /* it may end up in a message */
}

static nmd_status read_type(const data_file *f, const char *word, int64_t *type) {
  int64_t number;
  if (!nmd_parse_int(word, &number))
    for (int64_t t = 0; t < f->types; t++)
      if (f->type[t].label[0] != '\0' && strcmp(f->type[t].label, word) == 0) {
        *type = t;
        return NMD_OK;
      }
  NMD_TRY(nmd_source_int(f->source, word, "atom type", 1, f->types, type));
  --*type;
  return NMD_OK;
}

static nmd_status read_masses(data_file *f) {
  char *words[WORDS_MAX], *comment;
  for (int64_t k = 0; k < f->types; k++) {
    int n;
    int64_t t;
    NMD_TRY(section_line(f, "Masses", k, f->types, words, &n, &comment));
    if (n != 2) return wrong_words(f, "Masses", n, "type mass # element");
    NMD_TRY(read_type(f, words[0], &t));
    nmd__lammps_type *type = &f->type[t];
    NMD_TRY(nmd_source_real(f->source, words[1], "mass", &type->mass));
    if (!(type->mass > 0.0))
      return nmd_source_fail(f->source, words[1], NMD_OUT_OF_RANGE, "mass: %s u; expected > 0 u; correct it", words[1]);
    keep_word(type->comment, comment);
    type->line = f->source->line;
  }
  return NMD_OK;
}

static nmd_status read_labels(data_file *f) {
  char *words[WORDS_MAX], *comment;
  for (int64_t k = 0; k < f->types; k++) {
    int n;
    int64_t t;
    NMD_TRY(section_line(f, "Atom Type Labels", k, f->types, words, &n, &comment));
    if (n != 2) return wrong_words(f, "Atom Type Labels", n, "type label");
    NMD_TRY(nmd_source_int(f->source, words[0], "atom type", 1, f->types, &t));
    keep_word(f->type[t - 1].label, words[1]);
    f->type[t - 1].line = f->source->line;
  }
  return NMD_OK;
}

/* Words of a line before the coordinates: `id type` or `id type charge`; 0: neither. */
static int words_before_x(const char *style, int n) {
  const bool charge = strcmp(style, "charge") == 0, atomic = strcmp(style, "atomic") == 0;
  if (!charge && (n == 5 || n == 8)) return 2;
  if (!atomic && (n == 6 || n == 9)) return 3;
  return 0;
}

static nmd_status read_atom(data_file *f, int64_t i, char **words, int n, int before) {
  int64_t type;
  double charge;
  NMD_TRY(nmd__read_id(f->source, &f->ids, words[0], i, &f->out->id[i]));
  NMD_TRY(read_type(f, words[1], &type));
  f->out->atomic_number[i] = (int)type; /* becomes the element when all sections are read */
  if (before == 3) NMD_TRY(nmd_source_real(f->source, words[2], "charge", &charge));
  NMD_TRY(nmd_source_reals(f->source, words + before, 3, "position", f->out->x[i]));
  if (n == before + 3) return NMD_OK;
  NMD_TRY(nmd_structure_need_images(f->out));
  return nmd_source_images(f->source, words + before + 3, f->out->image[i]);
}

static nmd_status read_atoms(data_file *f, const char *style) {
  char *words[WORDS_MAX], *comment;
  if (style[0] != '\0' && strcmp(style, "atomic") != 0 && strcmp(style, "charge") != 0)
    return nmd_source_fail(f->source, style, NMD_BAD_CHOICE,
                           "atom style '%.20s'; expected atomic or charge; convert the file", style);
  if (f->has_atoms)
    return nmd_source_fail(f->source, NULL, NMD_DUPLICATE_KEY, "a second section Atoms; expected one; remove it");
  char kept_style[8];
  snprintf(kept_style, sizeof kept_style, "%.7s", style);
  int first = 0;
  for (int64_t i = 0; i < f->atoms; i++) {
    int n;
    NMD_TRY(section_line(f, "Atoms", i, f->atoms, words, &n, &comment));
    if (first == 0) first = n;
    const int before = words_before_x(kept_style, n);
    if (before == 0 || n != first)
      return wrong_words(f, "Atoms", n, "id type [charge] x y z [ix iy iz]` alike on all lines as in `1 1 0 0 0");
    NMD_TRY(read_atom(f, i, words, n, before));
  }
  f->has_atoms = true;
  return NMD_OK;
}

static nmd_status read_velocities(data_file *f) {
  char *words[WORDS_MAX], *comment;
  if (!f->has_atoms)
    return nmd_source_fail(f->source, NULL, NMD_FILE_FORMAT, "Velocities before Atoms; expected behind; move them");
  NMD_TRY(nmd_structure_need_velocities(f->out));
  for (int64_t k = 0; k < f->atoms; k++) {
    int n;
    int64_t id;
    NMD_TRY(section_line(f, "Velocities", k, f->atoms, words, &n, &comment));
    if (n != 4) return wrong_words(f, "Velocities", n, "id vx vy vz");
    NMD_TRY(nmd_source_int(f->source, words[0], "atom id", 1, INT64_MAX, &id));
    const int64_t i = nmd__id_map_find(&f->ids, id);
    if (i < 0)
      return nmd_source_fail(f->source, words[0], NMD_CONFLICT, "no atom %s in section Atoms; correct the id",
                             words[0]);
    NMD_TRY(nmd_source_reals(f->source, words + 1, 3, "velocity", f->out->v[i]));
    for (int d = 0; d < 3; d++) f->out->v[i][d] *= 1e-3; /* A/ps */
  }
  return NMD_OK;
}

/* Read over lines that belong to a section of no interest: they begin with a number or a type label. */
static nmd_status pass_section(data_file *f) {
  char *words[1], *comment;
  for (;;) {
    bool end;
    int64_t number;
    NMD_TRY(nmd_source_next(f->source, &end));
    if (end) return NMD_OK;
    if (words_of(f->source, words, 1, &comment) == 0 || nmd_parse_int(words[0], &number)) continue;
    nmd_source_back(f->source);
    return NMD_OK;
  }
}

static nmd_status read_section(data_file *f) {
  char *words[WORDS_MAX], *comment;
  const int n = words_of(f->source, words, WORDS_MAX, &comment);
  if (n == 0) return NMD_OK;
  if (n == 1 && strcmp(words[0], "Masses") == 0) return read_masses(f);
  if (n == 1 && strcmp(words[0], "Atoms") == 0) return read_atoms(f, comment);
  if (n == 1 && strcmp(words[0], "Velocities") == 0) return read_velocities(f);
  if (n == 3 && strcmp(words[0], "Atom") == 0 && ends_with(words, n, "Type", "Labels")) return read_labels(f);
  if (strcmp(words[n - 1], "Coeffs") == 0 || strcmp(words[n - 1], "Labels") == 0) return pass_section(f);
  return nmd_source_fail(f->source, words[0], NMD_UNKNOWN_KEY,
                         "'%.40s' is no section; expected Masses, Atoms, Velocities or coefficients; is a count in the "
                         "header too small, or the atom style a bonded one?",
                         words[0]);
}

static nmd_status map_types(data_file *f) {
  for (int64_t t = 0; t < f->types; t++) f->type[t].atomic_number = 0;
  for (int64_t i = 0; i < f->atoms; i++) {
    const int t = f->out->atomic_number[i];
    nmd__lammps_type *type = &f->type[t];
    if (type->atomic_number == 0)
      NMD_TRY(nmd__lammps_type_element(type, t, f->source->name, f->options, &type->atomic_number));
    f->out->atomic_number[i] = type->atomic_number;
  }
  return NMD_OK;
}

static nmd_status read_file(data_file *f) {
  NMD_TRY(read_header(f));
  NMD_TRY(make_structure(f));
  for (;;) {
    bool end;
    NMD_TRY(nmd_source_next(f->source, &end));
    if (end) break;
    NMD_TRY(read_section(f));
  }
  if (!f->has_atoms)
    return nmd_source_fail(f->source, NULL, NMD_FILE_TRUNCATED,
                           "the file ends without a section Atoms; expected it; copy or write the file again");
  return map_types(f);
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  NMD_TRY(nmd_source_next_filled(source, end));
  if (*end) return NMD_OK;
  nmd_source_back(source);
  data_file *f;
  NMD_TRY(NMD_ALLOC(f, 1));
  f->source = source;
  f->options = options;
  f->out = out;
  const nmd_status status = read_file(f);
  nmd__id_map_free(&f->ids);
  nmd_free(f);
  return status;
}

const nmd__structure_format nmd__format_lammps_data = {
    .name = "lammps_data",
    .doc = "LAMMPS data file, metal units, atom_style atomic or charge; one frame",
    .name_parts = "|.lmp|.lammps|.lammps-data|",
    .fits = fits,
    .read = read,
};
