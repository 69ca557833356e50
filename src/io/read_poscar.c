/* SPDX-License-Identifier: BSD-3-Clause */
/* VASP 5 POSCAR / CONTCAR: comment; scale (negative: the cell's volume in A^3; or a factor for each of x, y, z); three
 * cell vectors; element symbols; counts; optionally `Selective dynamics`; `Direct` or `Cartesian`; positions with
 * anything behind them (T / F flags are read over); optionally a block of velocities (Cartesian, A/fs).
 * Always periodic along all three axes. Definition: https://www.vasp.at/wiki/index.php/POSCAR */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/vec3.h"
#include "io/read_format.h"
#include "system/element.h"

enum { GROUPS_MAX = 256 };

typedef struct poscar {
  double scale[3], h[3][3];
  int groups, number[GROUPS_MAX];
  int64_t count[GROUPS_MAX], n;
} poscar;

static bool fits(const char *head) {
  char line[NMD__LINE_HEAD];
  if (!nmd__head_line(head, 1, line) || !(nmd__line_is_reals(line, 1) || nmd__line_is_reals(line, 3))) return false;
  for (int k = 2; k < 5; k++)
    if (!nmd__head_line(head, k, line) || !nmd__line_is_reals(line, 3)) return false;
  return true;
}

/* Words up to a comment. */
static int words_of(nmd_source *source, char **words, int max) {
  const int n = nmd_source_words(source, words, max);
  for (int i = 0; i < n; i++)
    if (words[i][0] == '!' || words[i][0] == '#') return i;
  return n;
}

static nmd_status read_scale(nmd_source *source, poscar *p) {
  char *words[4];
  NMD_TRY(nmd_source_need(source, "the scale factor of the cell"));
  const int n = words_of(source, words, 4);
  if (n != 1 && n != 3)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "scale: %d words; expected one number, or three", n);
  NMD_TRY(nmd_source_reals(source, words, n, "scale", p->scale));
  for (int d = n; d < 3; d++) p->scale[d] = p->scale[0];
  for (int d = 0; d < n; d++)
    if (p->scale[d] == 0.0 || (n == 3 && p->scale[d] < 0.0))
      return nmd_source_fail(source, words[d], NMD_OUT_OF_RANGE,
                             "scale: %s; expected a positive factor, or one negative number for the volume", words[d]);
  return NMD_OK;
}

static nmd_status read_cell(nmd_source *source, poscar *p) {
  char *words[4];
  NMD_TRY(read_scale(source, p));
  for (int k = 0; k < 3; k++) {
    NMD_TRY(nmd_source_need(source, "a cell vector"));
    const int n = words_of(source, words, 4);
    if (n != 3)
      return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "cell vector %d: %d words; expected three numbers", k + 1,
                             n);
    NMD_TRY(nmd_source_reals(source, words, 3, "cell vector", p->h[k]));
  }
  if (p->scale[0] < 0.0) { /* the volume wanted */
    const double volume = fabs(nmd_det(p->h)), scale = volume > 0.0 ? cbrt(-p->scale[0] / volume) : 1.0;
    for (int d = 0; d < 3; d++) p->scale[d] = scale;
  }
  for (int k = 0; k < 9; k++) p->h[k / 3][k % 3] *= p->scale[k % 3];
  return NMD_OK;
}

/* "Li", "Li_sv", "Li/5f2c..." (a hash of VASP 6). */
static nmd_status read_symbol(const nmd_source *source, char *word, int *number) {
  char symbol[8] = "";
  const size_t n = strcspn(word, "_/");
  if (n < sizeof symbol) memcpy(symbol, word, n);
  *number = nmd_element_from_symbol(symbol);
  return *number > 0 ? NMD_OK : nmd_source_element(source, word, number);
}

static nmd_status read_symbols(nmd_source *source, const nmd_read_options *options, poscar *p) {
  char *words[GROUPS_MAX + 1];
  double value;
  NMD_TRY(nmd_source_need(source, "the line of element symbols"));
  int n = words_of(source, words, GROUPS_MAX + 1);
  if (n == 0 || n > GROUPS_MAX)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "%d element symbols; expected 1 to %d", n, GROUPS_MAX);
  if (nmd_parse_real(words[0], &value)) { /* VASP 4: counts come without symbols */
    if (options->n_elements == 0)
      return nmd_source_fail(source, words[0], NMD_MISSING_KEY,
                             "'%s' where element symbols are due (VASP 4 file?); expected e.g. `Li Au`; insert that "
                             "line above the counts or give the elements",
                             words[0]);
    nmd_source_back(source);
    n = options->n_elements;
  }
  p->groups = n;
  for (int g = 0; g < n && options->n_elements == 0; g++) NMD_TRY(read_symbol(source, words[g], &p->number[g]));
  return NMD_OK;
}

/* Elements the caller gave go before those of the file. */
static nmd_status take_given_elements(const nmd_source *source, const nmd_read_options *options, poscar *p) {
  if (options->n_elements == 0) return NMD_OK;
  if (options->n_elements != p->groups)
    return nmd_source_fail(source, NULL, NMD_CONFLICT, "%d groups of atoms, but %d elements given; give one for each",
                           p->groups, options->n_elements);
  for (int g = 0; g < p->groups; g++) {
    p->number[g] = nmd_element_from_symbol(options->elements[g]);
    if (p->number[g] == 0)
      return nmd_source_fail(source, NULL, NMD_UNKNOWN_ELEMENT, "given element '%.20s'; expected a symbol such as Li",
                             options->elements[g]);
  }
  return NMD_OK;
}

static nmd_status read_counts(nmd_source *source, poscar *p) {
  char *words[GROUPS_MAX + 1];
  NMD_TRY(nmd_source_need(source, "the numbers of atoms of each element"));
  const int n = words_of(source, words, GROUPS_MAX + 1);
  if (n != p->groups)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                           "%d numbers of atoms for %d elements; expected one for each; correct one of the two lines",
                           n, p->groups);
  for (int g = 0; g < n; g++) {
    NMD_TRY(nmd_source_int(source, words[g], "number of atoms", 0, INT64_MAX / GROUPS_MAX, &p->count[g]));
    p->n += p->count[g];
  }
  if (p->n == 0)
    return nmd_source_fail(source, words[0], NMD_OUT_OF_RANGE, "no atoms at all; expected at least one; correct it");
  return nmd_source_expect(source, words[0], p->n, 6, "atoms");
}

/* Which first letter a keyword line has; selective dynamics is passed over. */
static nmd_status read_mode(nmd_source *source, bool *direct) {
  char *words[1] = {NULL};
  char letter = '\0';
  for (int line = 0; line < 2; line++) {
    NMD_TRY(nmd_source_need(source, "`Direct` or `Cartesian`"));
    letter = nmd_source_words(source, words, 1) > 0 ? (char)tolower((unsigned char)words[0][0]) : '\0';
    if (letter != 's') break;
  }
  *direct = letter == 'd';
  if (*direct || letter == 'c' || letter == 'k') return NMD_OK;
  return nmd_source_fail(source, letter != '\0' ? words[0] : NULL, NMD_FILE_FORMAT,
                         "'%.40s' is no kind of coordinates; expected Direct or Cartesian (or Selective dynamics "
                         "above); does the number of symbols, counts or lines fit?",
                         letter != '\0' ? words[0] : "");
}

static nmd_status read_triple(nmd_source *source, const char *what, int64_t i, int64_t n, double out[3]) {
  char *words[4], expected[80];
  snprintf(expected, sizeof expected, "the %s of atom %lld of %lld", what, (long long)i + 1, (long long)n);
  NMD_TRY(nmd_source_need(source, expected));
  const int found = nmd_source_words(source, words, 4);
  if (found < 3)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "%s of atom %lld of %lld: %d numbers; expected three", what,
                           (long long)i + 1, (long long)n, found);
  return nmd_source_reals(source, words, 3, what, out);
}

static nmd_status read_positions(nmd_source *source, const poscar *p, nmd_structure *out) {
  bool direct;
  NMD_TRY(read_mode(source, &direct));
  int64_t i = 0;
  for (int g = 0; g < p->groups; g++)
    for (int64_t k = 0; k < p->count[g]; k++, i++) {
      double given[3];
      NMD_TRY(read_triple(source, "position", i, p->n, given));
      if (direct) nmd_box_to_cartesian(&out->box, given, out->x[i]);
      else
        for (int d = 0; d < 3; d++) out->x[i][d] = given[d] * p->scale[d];
      out->atomic_number[i] = p->number[g];
    }
  return NMD_OK;
}

/* "Lattice velocities and vectors", its state number and six vectors: of VASP's barostat, not ours. */
static nmd_status pass_lattice_velocities(nmd_source *source) {
  for (int line = 0; line < 7; line++) NMD_TRY(nmd_source_need(source, "the lattice velocities"));
  bool end;
  return nmd_source_next(source, &end);
}

/* Behind the positions: nothing, or a line that is blank or `Cartesian`, then n velocities. */
static nmd_status read_velocities(nmd_source *source, const poscar *p, nmd_structure *out) {
  char *words[1];
  bool end;
  NMD_TRY(nmd_source_next(source, &end));
  if (end) return NMD_OK;
  int found = nmd_source_words(source, words, 1);
  char letter = found > 0 ? (char)tolower((unsigned char)words[0][0]) : '\0';
  if (letter == 'l') {
    NMD_TRY(pass_lattice_velocities(source));
    found = nmd_source_words(source, words, 1);
    letter = found > 0 ? (char)tolower((unsigned char)words[0][0]) : '\0';
  }
  if (letter == 'd')
    return nmd_source_fail(source, words[0], NMD_WRONG_UNIT,
                           "velocities in direct coordinates depend on VASP's time step; expected Cartesian ones in "
                           "A/fs; convert or delete the block");
  if (found > 0 && letter != 'c' && letter != 'k')
    return nmd_source_fail(source, words[0], NMD_FILE_FORMAT,
                           "'%.40s' behind the %lld positions; expected a blank line, `Cartesian` or the end of the "
                           "file; are the counts right?",
                           words[0], (long long)p->n);
  NMD_TRY(nmd_source_next_filled(source, &end));
  if (end) return NMD_OK;
  nmd_source_back(source);
  NMD_TRY(nmd_structure_need_velocities(out));
  for (int64_t i = 0; i < p->n; i++) NMD_TRY(read_triple(source, "velocity", i, p->n, out->v[i]));
  return NMD_OK;
}

/* VASP's predictor-corrector numbers may follow: read over. */
static nmd_status pass_rest(nmd_source *source) {
  bool end = false;
  while (!end) NMD_TRY(nmd_source_next(source, &end));
  return NMD_OK;
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  poscar p = {.n = 0};
  NMD_TRY(nmd_source_next(source, end));
  if (*end) return NMD_OK;
  char *comment;
  NMD_TRY(nmd_strdup(source->text, &comment));
  nmd_status status;
  NMD_GOTO(read_cell(source, &p));
  nmd_box box;
  NMD_GOTO(nmd__read_box(source, p.h, NULL, NULL, &box));
  NMD_GOTO(read_symbols(source, options, &p));
  NMD_GOTO(take_given_elements(source, options, &p));
  NMD_GOTO(read_counts(source, &p));
  NMD_GOTO(nmd_structure_init(out, p.n));
  out->box = box;
  out->comment = comment;
  comment = NULL;
  NMD_GOTO(read_positions(source, &p, out));
  NMD_GOTO(read_velocities(source, &p, out));
  NMD_GOTO(pass_rest(source));
done:
  nmd_free(comment);
  return status;
}

const nmd__structure_format nmd__format_poscar = {
    .name = "poscar",
    .doc = "VASP 5 POSCAR or CONTCAR; one frame",
    .name_parts = "|^POSCAR|^CONTCAR|.poscar|.vasp|",
    .fits = fits,
    .read = read,
};
