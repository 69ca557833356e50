/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/mapping.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

const char *nmd_mapping_reason(nmd_mapping_result result) {
  static const char *const reasons[] = {"mapped", "no supercell of the parent lattice", "an atom too far from its site",
                                        "two atoms on one site", "an empty site that may not be"};
  return reasons[result];
}

void nmd_mapping_free(nmd_mapping *mapping) {
  nmd_supercell_free(&mapping->super);
  nmd_free(mapping->occupation);
  *mapping = (nmd_mapping){0};
}

/* ---- the cell ---- */

/* Largest departure of the stretches of h = (matrix parent) F from their mean. */
static double strain_of(const double from[3][3], const double to[3][3]) {
  double inverse[3][3], f[3][3], back[3][3];
  nmd_mat_invert(from, inverse);
  nmd_mat_times((const double(*)[3])inverse, to, f);
  const double mean = cbrt(fabs(nmd_det((const double(*)[3])f)));
  nmd_mat_invert((const double(*)[3])f, back);
  return fmax(1 - nmd_smallest_stretch((const double(*)[3])f) / mean,
              1 / (nmd_smallest_stretch((const double(*)[3])back) * mean) - 1);
}

static bool find_matrix(const nmd_parent_lattice *parent, const nmd_structure *s, double strain, int matrix[3][3]) {
  double m[3][3], whole[3][3], ideal[3][3];
  nmd_mat_times(s->box.h, parent->box.inverse, m);
  for (int k = 0; k < 9; k++) {
    matrix[k / 3][k % 3] = (int)lround(m[k / 3][k % 3]);
    whole[k / 3][k % 3] = matrix[k / 3][k % 3];
  }
  if (fabs(nmd_det((const double(*)[3])whole)) < 0.5) return false;
  nmd_mat_times((const double(*)[3])whole, parent->box.h, ideal);
  return strain_of((const double(*)[3])ideal, s->box.h) <= strain;
}

/* ---- atoms on sites ---- */

/* Sites of the supercell, then its frame: fractional positions in the supercell. */
typedef struct places {
  int n, n_sites;
  double (*s)[3];
  int *kind; /* of a site; -z of the frame */
  int *atom; /* on it, or -1 */
} places;

static nmd_status make_places(const nmd_parent_lattice *parent, const nmd_supercell *super, places *p) {
  double whole[3][3], inverse[3][3];
  for (int k = 0; k < 9; k++) whole[k / 3][k % 3] = super->matrix[k / 3][k % 3];
  nmd_mat_invert((const double(*)[3])whole, inverse);
  p->n_sites = super->n;
  p->n = super->n + super->cells * parent->n_frame;
  NMD_TRY(NMD_ALLOC(p->s, p->n));
  NMD_TRY(NMD_ALLOC(p->kind, p->n));
  NMD_TRY(NMD_ALLOC(p->atom, p->n));
  for (int k = 0; k < p->n; k++) {
    const bool site = k < super->n;
    const int each = site ? parent->n_sites : parent->n_frame, at = site ? k : k - super->n;
    const double *from = site ? parent->site[at % each] : parent->frame[at % each];
    double v[3];
    for (int a = 0; a < 3; a++) v[a] = from[a] + super->cell[at / each][a];
    nmd_row_times(v, (const double(*)[3])inverse, p->s[k]);
    p->kind[k] = site ? parent->kind[at % each] : -parent->frame_z[at % each];
  }
  return NMD_OK;
}

static void places_free(places *p) {
  nmd_free(p->s);
  nmd_free(p->kind);
  nmd_free(p->atom);
}

static int species_at(const nmd_parent_lattice *parent, int kind, int z) { /* -1: not allowed */
  if (kind < 0) return kind == -z ? 0 : -1;
  for (int s = 0; s < parent->kinds[kind].n; s++)
    if (parent->kinds[kind].z[s] == z) return s;
  return -1;
}

/* d (fractional, nearest image) from a place to s; returns its length. Cells of small structures are compact enough for
 * the nearest image in fractional coordinates. */
static double offset(const nmd_box *box, const double s[3], const double place[3], double d[3]) {
  double x[3];
  for (int a = 0; a < 3; a++) {
    d[a] = s[a] - place[a];
    d[a] -= round(d[a]);
  }
  nmd_row_times(d, box->h, x);
  return nmd_norm(x);
}

typedef struct trial {
  double shift[3]; /* fractional, subtracted from the atoms */
  double squares, largest;
  bool all; /* every atom has a place that allows it */
} trial;

/* Nearest places of all atoms; improves the shift by the mean displacement. */
static void try_shift(const nmd_parent_lattice *parent, const nmd_structure *s, const double (*atom)[3],
                      const places *p, int *nearest, trial *t) {
  double mean[3] = {0};
  t->squares = t->largest = 0;
  t->all = true;
  for (int64_t i = 0; i < s->n; i++) {
    double moved[3], d[3], best_d[3] = {0}, best = INFINITY;
    for (int a = 0; a < 3; a++) moved[a] = atom[i][a] - t->shift[a];
    for (int k = 0; k < p->n; k++) {
      if (species_at(parent, p->kind[k], s->atomic_number[i]) < 0) continue;
      const double r = offset(&s->box, moved, p->s[k], d);
      if (r >= best) continue;
      best = r;
      nearest[i] = k;
      memcpy(best_d, d, sizeof d);
    }
    if (best == INFINITY) {
      t->all = false;
      return;
    }
    t->squares += best * best;
    t->largest = fmax(t->largest, best);
    for (int a = 0; a < 3; a++) mean[a] += best_d[a] / (double)s->n;
  }
  for (int a = 0; a < 3; a++) t->shift[a] += mean[a];
}

enum { REFINEMENTS = 3 };

static void refine(const nmd_parent_lattice *parent, const nmd_structure *s, const double (*atom)[3], const places *p,
                   int *nearest, trial *t) {
  for (int k = 0; k < REFINEMENTS; k++) try_shift(parent, s, atom, p, nearest, t);
}

/* Shifts that put the first atom on each of its places in turn, if none at all is not good enough. */
static trial best_shift(const nmd_parent_lattice *parent, const nmd_mapping_settings *set, const nmd_structure *s,
                        const double (*atom)[3], const places *p, int *nearest) {
  trial best = {.all = true};
  refine(parent, s, atom, p, nearest, &best);
  if (best.all && best.largest > set->displacement)
    for (int k = 0; k < p->n; k++) {
      if (species_at(parent, p->kind[k], s->atomic_number[0]) < 0) continue;
      trial t = {.all = true};
      for (int a = 0; a < 3; a++) t.shift[a] = atom[0][a] - p->s[k][a];
      refine(parent, s, atom, p, nearest, &t);
      if (t.squares < best.squares - 1e-9) best = t;
    }
  trial last = best;
  try_shift(parent, s, atom, p, nearest, &last);
  return last;
}

static nmd_mapping_result fill_sites(const nmd_parent_lattice *parent, const nmd_structure *s, const int *nearest,
                                     places *p, uint8_t *occupation) {
  for (int k = 0; k < p->n; k++) p->atom[k] = -1;
  for (int64_t i = 0; i < s->n; i++) {
    if (p->atom[nearest[i]] >= 0) return NMD_MAPPING_SHARED;
    p->atom[nearest[i]] = (int)i;
  }
  for (int k = 0; k < p->n; k++) {
    const int z = p->atom[k] < 0 ? NMD_VACANCY : s->atomic_number[p->atom[k]];
    const int species = species_at(parent, p->kind[k], z);
    if (species < 0 || (k >= p->n_sites && p->atom[k] < 0)) return NMD_MAPPING_HOLE;
    if (k < p->n_sites) occupation[k] = (uint8_t)species;
  }
  return NMD_MAPPED;
}

static nmd_status map_atoms(const nmd_parent_lattice *parent, const nmd_mapping_settings *set, const nmd_structure *s,
                            nmd_mapping *m) {
  places p = {0};
  double(*atom)[3] = NULL;
  int *nearest = NULL;
  nmd_status status = make_places(parent, &m->super, &p);
  if (status == NMD_OK) status = NMD_ALLOC(atom, s->n);
  if (status == NMD_OK) status = NMD_ALLOC(nearest, s->n);
  if (status == NMD_OK) status = NMD_ALLOC(m->occupation, m->super.n);
  for (int64_t i = 0; i < s->n && status == NMD_OK; i++) nmd_box_to_fractional(&s->box, s->x[i], atom[i]);
  if (status == NMD_OK) {
    const trial t = best_shift(parent, set, s, (const double(*)[3])atom, &p, nearest);
    m->largest = t.largest;
    m->rms = sqrt(t.squares / (double)(s->n > 0 ? s->n : 1));
    m->result =
        !t.all || t.largest > set->displacement ? NMD_MAPPING_FAR : fill_sites(parent, s, nearest, &p, m->occupation);
  }
  nmd_free(atom);
  nmd_free(nearest);
  places_free(&p);
  return status;
}

nmd_status nmd_mapping_find(const nmd_parent_lattice *parent, const nmd_mapping_settings *settings,
                            const nmd_structure *structure, nmd_mapping *mapping) {
  int matrix[3][3];
  *mapping = (nmd_mapping){.result = NMD_MAPPING_CELL};
  if (!find_matrix(parent, structure, settings->strain, matrix)) return NMD_OK;
  nmd_status status = nmd_supercell_init(&mapping->super, parent, (const int(*)[3])matrix);
  if (status == NMD_OK) status = map_atoms(parent, settings, structure, mapping);
  if (status != NMD_OK) nmd_mapping_free(mapping);
  return status;
}
