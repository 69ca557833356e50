/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/parent.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "system/element.h"

const char *nmd_lattice_species_name(int z) { return z == NMD_VACANCY ? "X" : nmd_element_symbol(z); }

void nmd_lattice_point_functions(int n, double value[NMD_LATTICE_SPECIES_MAX][NMD_LATTICE_SPECIES_MAX]) {
  memset(value, 0, sizeof(double[NMD_LATTICE_SPECIES_MAX][NMD_LATTICE_SPECIES_MAX]));
  for (int f = 0; f < n; f++) { /* Gram and Schmidt on the powers of the spin */
    double square = 0;
    for (int s = 0; s < n; s++) value[f][s] = pow(n > 1 ? 1 - 2.0 * s / (n - 1) : 1, f);
    for (int g = 0; g < f; g++) {
      double overlap = 0;
      for (int s = 0; s < n; s++) overlap += value[f][s] * value[g][s] / n;
      for (int s = 0; s < n; s++) value[f][s] -= overlap * value[g][s];
    }
    for (int s = 0; s < n; s++) square += value[f][s] * value[f][s] / n;
    for (int s = 0; s < n; s++) value[f][s] /= sqrt(square);
  }
}

/* ---- sites ---- */

static nmd_status check_kind(const nmd_lattice_kind *kind) {
  if (kind->n < 2 || kind->n > NMD_LATTICE_SPECIES_MAX)
    NMD_FAIL(CONFLICT, "a site with %d species; expected 2 to %d (a site that never changes belongs to the frame)",
             kind->n, NMD_LATTICE_SPECIES_MAX);
  for (int a = 0; a < kind->n; a++)
    for (int b = 0; b < a; b++)
      if (kind->z[a] == kind->z[b])
        NMD_FAIL(CONFLICT, "species %s is named twice for one site; expected each once",
                 nmd_lattice_species_name(kind->z[a]));
  return NMD_OK;
}

static nmd_status check_rules(const nmd_structure *crystal, int n, const nmd_site_rule *rules) {
  if (n < 1 || n > NMD_LATTICE_KINDS_MAX)
    NMD_FAIL(OUT_OF_RANGE, "%d kinds of sites; expected 1 to %d", n, NMD_LATTICE_KINDS_MAX);
  for (int a = 0; a < 3; a++)
    if (!crystal->box.periodic[a])
      NMD_FAIL(CONFLICT, "the parent lattice is open along axis %c; expected a crystal, periodic along all three",
               "abc"[a]);
  for (int r = 0; r < n; r++) {
    int found = 0;
    NMD_TRY(check_kind(&rules[r].kind));
    for (int64_t i = 0; i < crystal->n; i++) found += crystal->atomic_number[i] == rules[r].z;
    if (found == 0)
      NMD_FAIL(CONFLICT, "no %s in the parent lattice; expected an element of its file, which marks the sites",
               nmd_element_symbol(rules[r].z));
    for (int q = 0; q < r; q++)
      if (rules[q].z == rules[r].z)
        NMD_FAIL(CONFLICT, "sites of %s are described twice; expected once", nmd_element_symbol(rules[r].z));
  }
  return NMD_OK;
}

static int rule_of(int z, int n, const nmd_site_rule *rules) {
  for (int r = 0; r < n; r++)
    if (rules[r].z == z) return r;
  return -1;
}

static void take_sites(nmd_parent_lattice *p, const nmd_structure *crystal, int n, const nmd_site_rule *rules) {
  for (int64_t i = 0; i < crystal->n; i++) {
    const int rule = rule_of(crystal->atomic_number[i], n, rules);
    double s[3];
    nmd_box_to_fractional(&crystal->box, crystal->x[i], s);
    if (rule >= 0) {
      memcpy(p->site[p->n_sites], s, sizeof s);
      p->kind[p->n_sites++] = rule;
    } else {
      memcpy(p->frame[p->n_frame], s, sizeof s);
      p->frame_z[p->n_frame++] = crystal->atomic_number[i];
    }
  }
}

/* ---- symmetries ---- */

enum { STEP_MAX = 2, ROWS_MAX = 125 }; /* entries of a rotation; those of a reduced cell are -1, 0, 1 */

typedef struct candidates { /* vectors as long as a cell vector */
  int n;
  int row[ROWS_MAX][3];
  double x[ROWS_MAX][3];
} candidates;

static void find_rows(const nmd_box *box, int axis, double tolerance, candidates *out) {
  const int each = 2 * STEP_MAX + 1;
  out->n = 0;
  for (int code = 0; code < ROWS_MAX; code++) {
    const int row[3] = {code % each - STEP_MAX, code / each % each - STEP_MAX, code / (each * each) - STEP_MAX};
    const double v[3] = {row[0], row[1], row[2]};
    double x[3];
    nmd_row_times(v, box->h, x);
    if (fabs(nmd_norm(x) - nmd_norm(box->h[axis])) > tolerance) continue;
    memcpy(out->row[out->n], row, sizeof row);
    memcpy(out->x[out->n++], x, sizeof x);
  }
}

static bool same_angle(const nmd_box *box, int a, int b, const double *x, const double *y, double tolerance) {
  return fabs(nmd_dot(x, y) - nmd_dot(box->h[a], box->h[b])) <= tolerance * (nmd_norm(x) + nmd_norm(y));
}

/* All atoms in one list: kind of a site, or kinds + element of the frame, so that equal numbers may map on each other.
 */
typedef struct crystal_atoms {
  const nmd_box *box;
  int n, n_sites;
  double (*s)[3];
  int *label;
  double tolerance;
  int *to;
  int (*shift)[3];
} crystal_atoms;

/* The atom of the same label at `s` up to whole cells, or -1. */
static int atom_at(const crystal_atoms *c, const double s[3], int label, int shift[3]) {
  for (int k = 0; k < c->n; k++) {
    if (c->label[k] != label) continue;
    double d[3], x[3];
    for (int a = 0; a < 3; a++) {
      d[a] = s[a] - c->s[k][a];
      shift[a] = (int)lround(d[a]);
      d[a] -= shift[a];
    }
    nmd_row_times(d, c->box->h, x);
    if (nmd_norm(x) <= c->tolerance) return k;
  }
  return -1;
}

/* Does turn + move map the crystal onto itself? Then to and shift say where. */
static bool maps(const crystal_atoms *c, int turn[3][3], const double move[3]) {
  for (int b = 0; b < c->n; b++) {
    double s[3];
    for (int a = 0; a < 3; a++) {
      s[a] = move[a];
      for (int k = 0; k < 3; k++) s[a] += c->s[b][k] * turn[k][a];
    }
    c->to[b] = atom_at(c, s, c->label[b], c->shift[b]);
    if (c->to[b] < 0) return false;
  }
  return true;
}

static nmd_status keep_symmetry(nmd_parent_lattice *p, const crystal_atoms *c, int turn[3][3]) {
  if ((p->n_symmetries & (p->n_symmetries - 1)) == 0)
    NMD_TRY(NMD_GROW(p->symmetry, p->n_symmetries, p->n_symmetries == 0 ? 1 : 2 * p->n_symmetries));
  nmd_lattice_symmetry *s = &p->symmetry[p->n_symmetries++];
  memcpy(s->turn, turn, sizeof s->turn);
  NMD_TRY(NMD_ALLOC(s->to, p->n_sites));
  NMD_TRY(NMD_ALLOC(s->shift, p->n_sites));
  memcpy(s->to, c->to, (size_t)p->n_sites * sizeof *s->to);
  memcpy(s->shift, c->shift, (size_t)p->n_sites * sizeof *s->shift);
  return NMD_OK;
}

/* Translations that go with a rotation: those that take the first site to one of its kind. */
static nmd_status add_with_turn(nmd_parent_lattice *p, const crystal_atoms *c, int turn[3][3]) {
  for (int t = 0; t < p->n_sites; t++) {
    double move[3];
    if (c->label[t] != c->label[0]) continue;
    for (int a = 0; a < 3; a++) {
      move[a] = c->s[t][a];
      for (int k = 0; k < 3; k++) move[a] -= c->s[0][k] * turn[k][a];
    }
    if (maps(c, turn, move)) NMD_TRY(keep_symmetry(p, c, turn));
  }
  return NMD_OK;
}

static nmd_status try_rows(nmd_parent_lattice *p, const crystal_atoms *c, const candidates rows[3]) {
  for (int i = 0; i < rows[0].n; i++)
    for (int j = 0; j < rows[1].n; j++) {
      if (!same_angle(c->box, 0, 1, rows[0].x[i], rows[1].x[j], c->tolerance)) continue;
      for (int k = 0; k < rows[2].n; k++) {
        if (!same_angle(c->box, 0, 2, rows[0].x[i], rows[2].x[k], c->tolerance) ||
            !same_angle(c->box, 1, 2, rows[1].x[j], rows[2].x[k], c->tolerance))
          continue;
        int turn[3][3];
        memcpy(turn[0], rows[0].row[i], sizeof turn[0]);
        memcpy(turn[1], rows[1].row[j], sizeof turn[1]);
        memcpy(turn[2], rows[2].row[k], sizeof turn[2]);
        NMD_TRY(add_with_turn(p, c, turn));
      }
    }
  return NMD_OK;
}

static nmd_status find_symmetries(nmd_parent_lattice *p, crystal_atoms *c) {
  candidates rows[3];
  NMD_TRY(NMD_ALLOC(c->s, c->n));
  NMD_TRY(NMD_ALLOC(c->label, c->n));
  NMD_TRY(NMD_ALLOC(c->to, c->n));
  NMD_TRY(NMD_ALLOC(c->shift, c->n));
  for (int b = 0; b < c->n; b++) {
    const int f = b - p->n_sites;
    memcpy(c->s[b], f < 0 ? p->site[b] : p->frame[f], sizeof c->s[b]);
    c->label[b] = f < 0 ? p->kind[b] : p->n_kinds + p->frame_z[f];
  }
  for (int a = 0; a < 3; a++) find_rows(c->box, a, c->tolerance, &rows[a]);
  return try_rows(p, c, rows);
}

/* ---- all of it ---- */

static nmd_status fill_parent(nmd_parent_lattice *p, const nmd_structure *crystal, int n, const nmd_site_rule *rules) {
  NMD_TRY(check_rules(crystal, n, rules));
  NMD_TRY(NMD_ALLOC(p->site, crystal->n));
  NMD_TRY(NMD_ALLOC(p->kind, crystal->n));
  NMD_TRY(NMD_ALLOC(p->frame, crystal->n));
  NMD_TRY(NMD_ALLOC(p->frame_z, crystal->n));
  p->box = crystal->box;
  p->n_kinds = n;
  for (int r = 0; r < n; r++) p->kinds[r] = rules[r].kind;
  take_sites(p, crystal, n, rules);
  return NMD_OK;
}

nmd_status nmd_parent_lattice_init(nmd_parent_lattice *parent, const nmd_structure *crystal, int n_rules,
                                   const nmd_site_rule *rules, double tolerance) {
  *parent = (nmd_parent_lattice){0};
  nmd_status status = fill_parent(parent, crystal, n_rules, rules);
  crystal_atoms c = {
      .box = &parent->box, .n = parent->n_sites + parent->n_frame, .n_sites = parent->n_sites, .tolerance = tolerance};
  if (status == NMD_OK) status = find_symmetries(parent, &c);
  void *scratch[] = {c.s, c.label, c.to, c.shift};
  for (int k = 0; k < 4; k++) nmd_free(scratch[k]);
  if (status != NMD_OK) nmd_parent_lattice_free(parent);
  return status;
}

void nmd_parent_lattice_free(nmd_parent_lattice *p) {
  for (int k = 0; k < p->n_symmetries && p->symmetry != NULL; k++) {
    nmd_free(p->symmetry[k].to);
    nmd_free(p->symmetry[k].shift);
  }
  void *arrays[] = {p->site, p->kind, p->frame, p->frame_z, p->symmetry};
  for (int k = 0; k < 5; k++) nmd_free(arrays[k]);
  *p = (nmd_parent_lattice){0};
}
