/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "dynamics/neb.h"
#include "io/read_structure.h"

/* ---- moves: "12 by 0 2.04 2.04", "12 to 4.1 0 2" ---- */

static int by_value(const void *a, const void *b) {
  const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  return (i > j) - (i < j);
}

static nmd_status parse_move(const char *text, int64_t n, const int64_t *id, nmd__neb_move *move) {
  enum { WORDS = 5, LONGEST = 256 };
  char line[LONGEST], *word[WORDS + 1];
  int64_t wanted;
  if (strlen(text) >= LONGEST)
    NMD_FAIL(WRONG_TYPE, "neb: moves: a text of %zu letters; expected e.g. \"12 by 0 2.04 2.04\"", strlen(text));
  strcpy(line, text);
  const int words = nmd_split(line, word, WORDS + 1);
  bool sound =
      words == WORDS && nmd_parse_int(word[0], &wanted) && (strcmp(word[1], "by") == 0 || strcmp(word[1], "to") == 0);
  for (int a = 0; a < 3 && sound; a++) sound = nmd_parse_real(word[2 + a], &move->to[a]);
  if (!sound)
    NMD_FAIL(WRONG_TYPE,
             "neb: moves: \"%s\"; expected an id, `by` or `to`, and three lengths in A, e.g. \"12 by 0 2.04 2.04\"",
             text);
  move->absolute = strcmp(word[1], "to") == 0;
  const int64_t *found = bsearch(&wanted, id, (size_t)n, sizeof *id, by_value);
  if (found == NULL)
    NMD_FAIL(CONFLICT, "neb: moves: \"%s\": no atom has the id %lld; expected one of %lld to %lld", text,
             (long long)wanted, (long long)id[0], (long long)id[n - 1]);
  move->atom = found - id;
  return NMD_OK;
}

static nmd_status parse_moves(const nmd_text_list *list, int64_t n, const int64_t *id, nmd__neb_ends *ends) {
  NMD_TRY(NMD_ALLOC(ends->move, list->n));
  for (; ends->n_moves < list->n; ends->n_moves++)
    NMD_TRY(parse_move(list->items[ends->n_moves], n, id, &ends->move[ends->n_moves]));
  return NMD_OK;
}

/* ---- files ---- */

/* Atoms of a frame into the order of the band. */
static nmd_status take_frame(const nmd_structure *s, const char *path, int64_t n, const int64_t *id, const int *z,
                             double *fractional) {
  if (s->n != n)
    NMD_FAIL(CONFLICT, "neb: %s: %lld atoms; expected the %lld of the run", path, (long long)s->n, (long long)n);
  for (int64_t k = 0; k < n; k++) {
    const int64_t *found = bsearch(&s->id[k], id, (size_t)n, sizeof *id, by_value);
    if (found == NULL)
      NMD_FAIL(CONFLICT, "neb: %s: atom %lld is not in the run; expected the same ids", path, (long long)s->id[k]);
    const int64_t place = found - id;
    if (z[place] != s->atomic_number[k])
      NMD_FAIL(CONFLICT, "neb: %s: atom %lld is %s, in the run %s; expected the same atoms in the same order, or ids",
               path, (long long)s->id[k], nmd_element_symbol(s->atomic_number[k]), nmd_element_symbol(z[place]));
    nmd_box_to_fractional(&s->box, s->x[k], fractional + 3 * place);
  }
  return NMD_OK;
}

static nmd_status read_end(const nmd_neb_parameters *p, int64_t n, const int64_t *id, const int *z,
                           nmd__neb_ends *ends) {
  nmd_structure s = {0};
  nmd_status status = nmd_structure_read(p->end, NULL, p->end_frame, &s);
  if (status != NMD_OK) return nmd_fail_prefix(status, "neb: end");
  ends->given = 1;
  status = NMD_ALLOC(ends->fractional, 3 * n);
  if (status == NMD_OK) status = take_frame(&s, p->end, n, id, z, ends->fractional);
  nmd_structure_free(&s);
  return status;
}

static nmd_status read_frames(nmd_structure_reader *reader, const char *path, int64_t n, const int64_t *id,
                              const int *z, nmd__neb_ends *ends) {
  for (;;) {
    nmd_structure s = {0};
    bool end;
    NMD_TRY(nmd_structure_reader_next(reader, &s, &end));
    if (end) return NMD_OK;
    nmd_status status = NMD_GROW(ends->fractional, ends->given * 3 * n, (ends->given + 1) * 3 * n);
    if (status == NMD_OK) status = take_frame(&s, path, n, id, z, ends->fractional + ends->given * 3 * n);
    nmd_structure_free(&s);
    NMD_TRY(status);
    ends->given++;
  }
}

static nmd_status read_path(const nmd_neb_parameters *p, int64_t n, const int64_t *id, const int *z,
                            nmd__neb_ends *ends) {
  nmd_structure_reader *reader;
  NMD_TRY(nmd_structure_reader_open(p->path, NULL, &reader));
  const nmd_status status = read_frames(reader, p->path, n, id, z, ends);
  nmd_structure_reader_close(reader);
  NMD_TRY(status);
  if (ends->given < 3)
    NMD_FAIL(CONFLICT, "neb: %s: %d frames; expected at least 3, both ends and what is between", p->path, ends->given);
  ends->images = ends->given;
  return NMD_OK;
}

static nmd_status read_files(const nmd_neb_parameters *p, int64_t n, const int64_t *id, const int *z,
                             nmd__neb_ends *ends) {
  if (p->end != NULL) return read_end(p, n, id, z, ends);
  return p->path != NULL ? read_path(p, n, id, z, ends) : NMD_OK;
}

nmd_status nmd__neb_ends_init(const nmd_neb_parameters *p, const nmd_comm *comm, int64_t n, const int64_t *id,
                              const int *z, nmd__neb_ends *ends) {
  *ends = (nmd__neb_ends){.images = (int)p->images + 2};
  const int ways = (p->end != NULL) + (p->path != NULL) + (p->moves.n > 0);
  if (ways != 1)
    NMD_FAIL(CONFLICT,
             "neb: %d ways to say where the path ends; expected one of end (a structure file), moves (of atoms) and "
             "path (a file with all images)",
             ways);
  NMD_TRY(nmd_comm_agree(comm, parse_moves(&p->moves, n, id, ends)));
  NMD_TRY(nmd_comm_agree_root(comm, nmd_comm_rank(comm) == 0 ? read_files(p, n, id, z, ends) : NMD_OK));
  int heads[2] = {ends->images, ends->given};
  nmd_comm_broadcast(comm, heads, sizeof heads, 0);
  ends->images = heads[0];
  ends->given = heads[1];
  if (nmd_comm_rank(comm) != 0 && ends->given > 0)
    NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(ends->fractional, ends->given * 3 * n)));
  else
    NMD_TRY(nmd_comm_agree(comm, NMD_OK));
  nmd_comm_broadcast(comm, ends->fractional, (size_t)(ends->given * 3 * n) * sizeof(double), 0);
  return NMD_OK;
}

void nmd__neb_ends_free(nmd__neb_ends *ends) {
  nmd_free(ends->fractional);
  nmd_free(ends->move);
  *ends = (nmd__neb_ends){0};
}

/* ---- onto the band ---- */

/* A given image, atom by atom the periodic image nearest to that in image `near`. */
static void place_given(const nmd__neb_ends *ends, const nmd_box *box, nmd_band *band, int given, int image, int near) {
  const double *s = ends->fractional + (int64_t)given * band->atoms * 3, *to = nmd_band_of(band, band->x, near);
  double *x = nmd_band_of(band, band->x, image);
  for (int64_t i = 0; i < band->atoms; i++) {
    nmd_box_to_cartesian(box, s + 3 * i, x + 3 * i);
    nmd_nearest_image(box, to + 3 * i, x + 3 * i);
  }
}

static void place_moved(const nmd__neb_ends *ends, const nmd_box *box, nmd_band *band) {
  double *x = nmd_band_of(band, band->x, band->n - 1);
  memcpy(x, band->x, (size_t)band->atoms * 3 * sizeof *x);
  for (int k = 0; k < ends->n_moves; k++) {
    const nmd__neb_move *m = &ends->move[k];
    for (int a = 0; a < 3; a++) x[3 * m->atom + a] = m->to[a] + (m->absolute ? 0 : band->x[3 * m->atom + a]);
    if (m->absolute) nmd_nearest_image(box, band->x + 3 * m->atom, x + 3 * m->atom);
  }
}

/* A path is followed from image to image, so that a long one may go around the cell. */
void nmd__neb_ends_place(const nmd__neb_ends *ends, const nmd_box *box, nmd_band *band) {
  if (ends->given == 0) place_moved(ends, box, band);
  if (ends->given == 1) place_given(ends, box, band, 0, band->n - 1, 0);
  for (int k = 1; k < ends->given; k++) place_given(ends, box, band, k, k, k - 1);
}

nmd_status nmd__neb_ends_connect(const nmd__neb_ends *ends, const nmd_neb_parameters *p, const nmd_box *box,
                                 nmd_band *band) {
  if (ends->given > 1) return NMD_OK;
  if (p->interpolation == 0) return nmd_band_interpolate_distances(band, box);
  nmd_band_interpolate(band);
  return NMD_OK;
}
