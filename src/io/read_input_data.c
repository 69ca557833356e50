/* SPDX-License-Identifier: BSD-3-Clause */
/* The training files of n2p2 and RuNNer ("input.data"): structures between `begin` and `end`, with lines
 *   comment TEXT / lattice X Y Z (three or none) / atom X Y Z ELEMENT CHARGE 0 FX FY FZ / energy E / charge Q
 * in any unit; nmd_read_options gives the units of length and energy. Charges are read and not kept. A structure
 * without lattice is not periodic, one with lattice along all three axes. Words key=value of the comment become info.
 * Definition: https://compphysvienna.github.io/n2p2/topics/cfg_file.html */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/extxyz_header.h"
#include "io/read_format.h"

typedef struct atom_row {
  double x[3], f[3];
  int atomic_number;
} atom_row;

typedef struct frame {
  atom_row *atoms;
  int64_t n, capacity;
  int lattices;
  double lattice[3][3];
  bool has_energy, has_charge;
  double energy;
  char *comment;
  int64_t first_line;
} frame;

static bool fits(const char *head) {
  char line[NMD__LINE_HEAD];
  for (int k = 0; nmd__head_line(head, k, line); k++) {
    const char *c = line + strspn(line, " \t");
    if (*c == '\0' || *c == '#') continue;
    return strncmp(c, "begin", 5) == 0 && (c[5] == '\0' || c[5] == ' ' || c[5] == '\t');
  }
  return false;
}

static nmd_status wrong_count(const nmd_source *source, char **words, int found, const char *expected) {
  return nmd_source_fail(source, words[found - 1], NMD_FILE_FORMAT, "%s: %d values; expected `%s`; correct the line",
                         words[0], found - 1, expected);
}

static nmd_status take_atom(const nmd_source *source, char **words, int found, frame *f) {
  double ignored;
  if (found != 10) return wrong_count(source, words, found, "atom x y z element charge 0 fx fy fz");
  if (f->n == f->capacity) {
    const int64_t capacity = 2 * f->capacity + 64;
    NMD_TRY(NMD_GROW(f->atoms, f->n, capacity));
    f->capacity = capacity;
  }
  atom_row *row = &f->atoms[f->n];
  NMD_TRY(nmd_source_reals(source, words + 1, 3, "position", row->x));
  NMD_TRY(nmd_source_element(source, words[4], &row->atomic_number));
  for (int k = 5; k < 7; k++) NMD_TRY(nmd_source_real(source, words[k], "charge", &ignored));
  NMD_TRY(nmd_source_reals(source, words + 7, 3, "force", row->f));
  f->n++;
  return NMD_OK;
}

static nmd_status take_lattice(const nmd_source *source, char **words, int found, frame *f) {
  if (found != 4) return wrong_count(source, words, found, "lattice x y z");
  if (f->lattices == 3)
    return nmd_source_fail(source, words[0], NMD_DUPLICATE_KEY,
                           "a fourth lattice line in the structure from line %lld; expected three or none; drop one",
                           (long long)f->first_line);
  return nmd_source_reals(source, words + 1, 3, "lattice vector", f->lattice[f->lattices++]);
}

static nmd_status take_scalar(const nmd_source *source, char **words, int found, bool *has, double *value) {
  if (found != 2) return wrong_count(source, words, found, "energy E (or charge Q)");
  if (*has)
    return nmd_source_fail(source, words[0], NMD_DUPLICATE_KEY, "%s: a second time in this structure; expected once",
                           words[0]);
  *has = true;
  return nmd_source_real(source, words[1], words[0], value);
}

static nmd_status take_comment(const nmd_source *source, frame *f) {
  if (f->comment != NULL) return NMD_OK;
  const char *text = strstr(source->text, "comment") + strlen("comment");
  return nmd_strdup(text + strspn(text, " \t"), &f->comment);
}

static nmd_status take_line(const nmd_source *source, char **words, int found, frame *f) {
  double ignored;
  const char *key = words[0];
  if (strcmp(key, "atom") == 0) return take_atom(source, words, found, f);
  if (strcmp(key, "lattice") == 0) return take_lattice(source, words, found, f);
  if (strcmp(key, "energy") == 0) return take_scalar(source, words, found, &f->has_energy, &f->energy);
  if (strcmp(key, "charge") == 0) return take_scalar(source, words, found, &f->has_charge, &ignored);
  if (strcmp(key, "comment") == 0) return take_comment(source, f);
  if (strcmp(key, "begin") == 0)
    return nmd_source_fail(source, key, NMD_FILE_FORMAT,
                           "begin inside the structure from line %lld; expected its end first; add the line end",
                           (long long)f->first_line);
  return nmd_source_fail(source, key, NMD_UNKNOWN_KEY,
                         "unknown keyword '%.40s'; expected comment, lattice, atom, energy, charge or end", key);
}

static nmd_status read_lines(nmd_source *source, frame *f) {
  char *words[12], expected[80];
  snprintf(expected, sizeof expected, "the line `end` of the structure from line %lld", (long long)f->first_line);
  for (;;) {
    NMD_TRY(nmd_source_need(source, expected));
    const int found = nmd_source_words(source, words, 12);
    if (found == 0 || words[0][0] == '#') continue;
    if (strcmp(words[0], "end") == 0) return NMD_OK;
    NMD_TRY(take_line(source, words, found, f));
  }
}

static nmd_status check(const nmd_source *source, const frame *f) {
  if (f->n == 0)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                           "the structure from line %lld has no atom; expected at least one; remove it or add atoms",
                           (long long)f->first_line);
  if (f->lattices == 0 || f->lattices == 3) return NMD_OK;
  return nmd_source_fail(source, NULL, NMD_MISSING_KEY,
                         "the structure from line %lld has %d lattice lines; expected three, or none for a cluster",
                         (long long)f->first_line, f->lattices);
}

/* key=value words of the comment; a stress there is in the units of nnpmd, whatever those of the file. */
static nmd_status read_info(const nmd_source *source, nmd_structure *out) {
  char *copy;
  if (out->comment == NULL) return NMD_OK;
  NMD_TRY(nmd_strdup(out->comment, &copy));
  const nmd_status status = nmd__xyz_info_read(source, copy, out);
  nmd_free(copy);
  return status;
}

static nmd_status to_structure(const nmd_source *source, const nmd_read_options *options, frame *f,
                               nmd_structure *out) {
  const double length = options->length_unit, energy = options->energy_unit;
  NMD_TRY(nmd_structure_init(out, f->n));
  NMD_TRY(nmd_structure_need_forces(out));
  for (int64_t i = 0; i < f->n; i++) {
    out->atomic_number[i] = f->atoms[i].atomic_number;
    for (int d = 0; d < 3; d++) out->x[i][d] = f->atoms[i].x[d] * length;
    for (int d = 0; d < 3; d++) out->f[i][d] = f->atoms[i].f[d] * (energy / length);
  }
  out->has_energy = f->has_energy;
  out->energy = f->energy * energy;
  out->comment = f->comment;
  f->comment = NULL;
  NMD_TRY(read_info(source, out));
  if (f->lattices == 0) return nmd__box_around(source, out);
  for (int k = 0; k < 9; k++) f->lattice[k / 3][k % 3] *= length;
  return nmd__read_box(source, f->lattice, NULL, NULL, &out->box);
}

static nmd_status read_begin(nmd_source *source, bool *end) {
  char *words[2];
  do {
    NMD_TRY(nmd_source_next_filled(source, end));
    if (*end) return NMD_OK;
    nmd_source_words(source, words, 2);
  } while (words[0][0] == '#');
  if (strcmp(words[0], "begin") == 0) return NMD_OK;
  return nmd_source_fail(source, words[0], NMD_FILE_FORMAT,
                         "'%.40s' outside of a structure; expected the line begin; correct the file", words[0]);
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  NMD_TRY(read_begin(source, end));
  if (*end) return NMD_OK;
  frame f = {.first_line = source->line};
  nmd_status status;
  NMD_GOTO(read_lines(source, &f));
  NMD_GOTO(check(source, &f));
  NMD_GOTO(to_structure(source, options, &f, out));
done:
  nmd_free(f.atoms);
  nmd_free(f.comment);
  return status;
}

const nmd__structure_format nmd__format_input_data = {
    .name = "input_data",
    .doc = "training file of n2p2 and RuNNer (begin ... end); any number of frames",
    .name_parts = "|",
    .fits = fits,
    .read = read,
};
