/* SPDX-License-Identifier: BSD-3-Clause */
/* VASP 5 POSCAR / CONTCAR: comment; scale (negative: the cell's volume in A^3; or a factor for each of x, y, z); three
 * cell vectors; element symbols; counts; optionally `Selective dynamics`; `Direct` or `Cartesian`; positions with
 * anything behind them (T / F flags are read over); optionally a block of velocities (Cartesian, A/fs).
 * Always periodic along all three axes. Definition: https://www.vasp.at/wiki/index.php/POSCAR */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/poscar_header.h"
#include "io/read_format.h"

static bool fits(const char *head) {
  char line[NMD__LINE_HEAD];
  if (!nmd__head_line(head, 1, line) || !(nmd__line_is_reals(line, 1) || nmd__line_is_reals(line, 3))) return false;
  for (int k = 2; k < 5; k++)
    if (!nmd__head_line(head, k, line) || !nmd__line_is_reals(line, 3)) return false;
  return true;
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

static nmd_status read_positions(nmd_source *source, const nmd__poscar *p, nmd_structure *out) {
  bool direct;
  NMD_TRY(read_mode(source, &direct));
  int64_t i = 0;
  for (int g = 0; g < p->groups; g++)
    for (int64_t k = 0; k < p->count[g]; k++, i++) {
      double given[3];
      NMD_TRY(nmd__poscar_triple_read(source, "position", i, p->n, given));
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
static nmd_status read_velocities(nmd_source *source, const nmd__poscar *p, nmd_structure *out) {
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
  for (int64_t i = 0; i < p->n; i++) NMD_TRY(nmd__poscar_triple_read(source, "velocity", i, p->n, out->v[i]));
  return NMD_OK;
}

/* VASP's predictor-corrector numbers may follow: read over. */
static nmd_status pass_rest(nmd_source *source) {
  bool end = false;
  while (!end) NMD_TRY(nmd_source_next(source, &end));
  return NMD_OK;
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  nmd__poscar p = {.n = 0};
  NMD_TRY(nmd_source_next(source, end));
  if (*end) return NMD_OK;
  char *comment;
  NMD_TRY(nmd_strdup(source->text, &comment));
  nmd_status status;
  NMD_GOTO(nmd__poscar_header_read(source, options, &p));
  NMD_GOTO(nmd_structure_init(out, p.n));
  out->box = p.box;
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
