/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/derivative.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

#define T (1.0 / 3)
/* Cell vectors with the nearest-neighbour distance 1 (fcc, hcp) or the cube edge 1 (bcc); scaled where they are used.
 */
static const nmd_parent parents[] = {
    {"fcc", {{0, M_SQRT1_2, M_SQRT1_2}, {M_SQRT1_2, 0, M_SQRT1_2}, {M_SQRT1_2, M_SQRT1_2, 0}}, 1, {{0, 0, 0}}},
    {"bcc", {{-0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0.5, 0.5, -0.5}}, 1, {{0, 0, 0}}},
    {"hcp", {{1, 0, 0}, {-0.5, 0.86602540378443865, 0}, {0, 0, 1.63299316185545206}}, 2, {{0, 0, 0}, {T, 2 * T, 0.5}}},
};
#undef T

const nmd_parent *nmd_parent_find(const char *name) {
  for (size_t k = 0; k < sizeof parents / sizeof *parents; k++)
    if (strcmp(parents[k].name, name) == 0) return &parents[k];
  return NULL;
}

/* ---- symmetries of the parent ---- */

enum { SYMMETRIES_MAX = 96 };

/* Site (v, b), v the parent cell (row), goes to (v turn + shift[b], to[b]). */
typedef struct symmetry {
  int turn[3][3];
  int to[NMD_PARENT_SITES_MAX], shift[NMD_PARENT_SITES_MAX][3];
} symmetry;

typedef struct symmetries {
  int n;
  symmetry s[SYMMETRIES_MAX];
} symmetries;

static bool keeps_metric(const double cell[3][3], const int turn[3][3]) {
  for (int i = 0; i < 3; i++)
    for (int j = i; j < 3; j++) {
      double a[3] = {0}, b[3] = {0};
      for (int k = 0; k < 3; k++)
        for (int c = 0; c < 3; c++) {
          a[c] += turn[i][k] * cell[k][c];
          b[c] += turn[j][k] * cell[k][c];
        }
      if (fabs(nmd_dot(a, b) - nmd_dot(cell[i], cell[j])) > 1e-6) return false;
    }
  return true;
}

/* The symmetry with this turn that takes site 0 to `first`, if there is one. */
static bool fit_sites(const nmd_parent *parent, const int first, symmetry *s) {
  double turned[NMD_PARENT_SITES_MAX][3], move[3];
  for (int b = 0; b < parent->n_sites; b++)
    for (int c = 0; c < 3; c++) {
      turned[b][c] = 0;
      for (int k = 0; k < 3; k++) turned[b][c] += parent->site[b][k] * s->turn[k][c];
    }
  for (int c = 0; c < 3; c++) move[c] = parent->site[first][c] - turned[0][c];
  for (int b = 0; b < parent->n_sites; b++) {
    s->to[b] = -1;
    for (int t = 0; t < parent->n_sites; t++) {
      bool same = true;
      for (int c = 0; c < 3 && same; c++) {
        const double d = turned[b][c] + move[c] - parent->site[t][c];
        s->shift[b][c] = (int)lround(d);
        same = fabs(d - s->shift[b][c]) < 1e-6;
      }
      if (same) s->to[b] = t;
      if (same) break;
    }
    if (s->to[b] < 0) return false;
  }
  return true;
}

static void find_symmetries(const nmd_parent *parent, symmetries *all) {
  all->n = 0;
  for (int code = 0; code < 19683; code++) { /* 3^9: entries of a reduced cell's isometries are -1, 0, 1 */
    symmetry s;
    for (int k = 0, rest = code; k < 9; k++, rest /= 3) s.turn[k / 3][k % 3] = rest % 3 - 1;
    if (!keeps_metric(parent->cell, s.turn)) continue;
    for (int first = 0; first < parent->n_sites; first++)
      if (all->n < SYMMETRIES_MAX && fit_sites(parent, first, &s)) all->s[all->n++] = s;
  }
}

/* ---- superlattices ---- */

static int floor_divide(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/* The cell v within the period (rows of h): index among h[0][0] h[1][1] h[2][2], v is reduced. */
static int reduce_cell(const int h[3][3], int v[3]) {
  for (int k = 2; k >= 0; k--) {
    const int times = floor_divide(v[k], h[k][k]);
    for (int c = 0; c <= k; c++) v[c] -= times * h[k][c];
  }
  return (v[0] * h[1][1] + v[1]) * h[2][2] + v[2];
}

static void cell_of_index(const int h[3][3], int index, int v[3]) {
  v[2] = index % h[2][2];
  v[1] = index / h[2][2] % h[1][1];
  v[0] = index / (h[2][2] * h[1][1]);
}

static void subtract_row(int to[3], const int from[3], int times) {
  for (int c = 0; c < 3; c++) to[c] -= times * from[c];
}

/* Lower triangular Hermite normal form of the rows of h: column by column from the last, Euclid's algorithm on the
 * rows. */
static void hermite_form(int h[3][3]) {
  for (int k = 2; k >= 0; k--) {
    for (int r = k - 1; r >= 0; r--)
      while (h[r][k] != 0) {
        subtract_row(h[k], h[r], h[k][k] / h[r][k]);
        int other[3];
        memcpy(other, h[k], sizeof other);
        memcpy(h[k], h[r], sizeof other);
        memcpy(h[r], other, sizeof other);
      }
    if (h[k][k] < 0)
      for (int c = 0; c < 3; c++) h[k][c] = -h[k][c];
  }
  for (int r = 1; r < 3; r++)
    for (int k = r - 1; k >= 0; k--) subtract_row(h[r], h[k], floor_divide(h[r][k], h[k][k]));
}

static void turn_period(const int h[3][3], const int turn[3][3], int out[3][3]) {
  for (int i = 0; i < 3; i++)
    for (int c = 0; c < 3; c++) {
      out[i][c] = 0;
      for (int k = 0; k < 3; k++) out[i][c] += h[i][k] * turn[k][c];
    }
  hermite_form(out);
}

/* ---- colourings ---- */

typedef struct list {
  const nmd_parent *parent;
  const symmetries *all;
  int cells, sites;
  int stabiliser[SYMMETRIES_MAX], n_stabiliser;
  int period[3][3];
  nmd_derivative **out;
  int64_t n;
} list;

/* The least of its kind? Then the symmetries that keep it are noted. */
static bool is_least_period(list *l) {
  l->n_stabiliser = 0;
  for (int k = 0; k < l->all->n; k++) {
    int turned[3][3];
    turn_period((const int(*)[3])l->period, (const int(*)[3])l->all->s[k].turn, turned);
    const int order = memcmp(turned, l->period, sizeof turned); /* any total order will do */
    if (order < 0) return false;
    if (order == 0) l->stabiliser[l->n_stabiliser++] = k;
  }
  return true;
}

/* Where symmetry s followed by a translation takes every site. */
static void map_sites(const list *l, const symmetry *s, int translation, int *to) {
  const int(*h)[3] = (const int(*)[3])l->period;
  int t[3];
  cell_of_index(h, translation, t);
  for (int cell = 0; cell < l->cells; cell++)
    for (int b = 0; b < l->parent->n_sites; b++) {
      int v[3], w[3];
      cell_of_index(h, cell, v);
      for (int c = 0; c < 3; c++) {
        w[c] = s->shift[b][c] + t[c];
        for (int k = 0; k < 3; k++) w[c] += v[k] * s->turn[k][c];
      }
      to[cell * l->parent->n_sites + b] = reduce_cell(h, w) * l->parent->n_sites + s->to[b];
    }
}

static unsigned permute(unsigned colours, const int *to, int n) {
  unsigned out = 0;
  for (int k = 0; k < n; k++)
    if (colours >> k & 1) out |= 1u << to[k];
  return out;
}

static bool is_identity(const symmetry *s) {
  for (int k = 0; k < 9; k++)
    if (s->turn[k / 3][k % 3] != (k % 4 == 0)) return false;
  return s->to[0] == 0;
}

static nmd_status keep(list *l, unsigned colours) {
  if ((l->n & (l->n - 1)) == 0) NMD_TRY(NMD_GROW(*l->out, l->n, l->n == 0 ? 1 : 2 * l->n));
  nmd_derivative *d = &(*l->out)[l->n++];
  d->cells = l->cells;
  memcpy(d->period, l->period, sizeof d->period);
  d->second = colours;
  return NMD_OK;
}

/* Cross out what each symmetry turns a colouring into, and what repeats itself within the period. */
static nmd_status colour_period(list *l) {
  const unsigned all = 1u << l->sites;
  bool *out;
  NMD_TRY(NMD_ALLOC(out, all));
  for (int k = 0; k < l->n_stabiliser; k++)
    for (int t = 0; t < l->cells; t++) {
      const symmetry *s = &l->all->s[l->stabiliser[k]];
      int to[NMD_DERIVATIVE_SITES_MAX];
      const bool pure_translation = is_identity(s) && t > 0;
      map_sites(l, s, t, to);
      for (unsigned c = 0; c < all; c++) {
        const unsigned image = permute(c, to, l->sites);
        if (image < c || (image == c && pure_translation)) out[c] = true;
      }
    }
  nmd_status status = NMD_OK;
  for (unsigned c = 0; c < all && status == NMD_OK; c++)
    if (!out[c]) status = keep(l, c);
  nmd_free(out);
  return status;
}

static nmd_status list_periods(list *l) {
  for (int a = 1; a <= l->cells; a++)
    for (int c = 1; l->cells % a == 0 && c <= l->cells / a; c++) {
      if (l->cells / a % c != 0) continue;
      const int f = l->cells / a / c;
      for (int k = 0; k < a * a * c; k++) {
        const int h[3][3] = {{a, 0, 0}, {k % a, c, 0}, {k / a % a, k / (a * a), f}};
        memcpy(l->period, h, sizeof h);
        if (is_least_period(l)) NMD_TRY(colour_period(l));
      }
    }
  return NMD_OK;
}

nmd_status nmd_derivative_list(const nmd_parent *parent, int cells, nmd_derivative **out, int64_t *n) {
  *out = NULL;
  *n = 0;
  if (cells < 1 || cells * parent->n_sites > NMD_DERIVATIVE_SITES_MAX)
    NMD_FAIL(OUT_OF_RANGE, "%s: %d cells of %d sites; expected 1 to %d sites in all", parent->name, cells,
             parent->n_sites, NMD_DERIVATIVE_SITES_MAX);
  symmetries all;
  find_symmetries(parent, &all);
  list l = {.parent = parent, .all = &all, .cells = cells, .sites = cells * parent->n_sites, .out = out};
  const nmd_status status = list_periods(&l);
  *n = l.n;
  if (status == NMD_OK) return NMD_OK;
  nmd_free(*out);
  *out = NULL;
  return status;
}

nmd_status nmd_derivative_structure(const nmd_parent *parent, const nmd_derivative *d, const int z[2], double volume,
                                    nmd_structure *out) {
  const double scale = cbrt(volume * parent->n_sites / fabs(nmd_det(parent->cell)));
  double h[3][3], period[3][3];
  for (int k = 0; k < 9; k++) period[k / 3][k % 3] = scale * d->period[k / 3][k % 3];
  nmd_mat_times((const double(*)[3])period, parent->cell, h);
  NMD_TRY(nmd_structure_init(out, (int64_t)d->cells * parent->n_sites));
  for (int k = 0; k < out->n; k++) {
    int v[3];
    double at[3];
    cell_of_index(d->period, k / parent->n_sites, v);
    for (int c = 0; c < 3; c++) at[c] = scale * (v[c] + parent->site[k % parent->n_sites][c]);
    nmd_row_times(at, parent->cell, out->x[k]);
    out->atomic_number[k] = z[d->second >> k & 1];
  }
  return nmd_box_init(&out->box, (const double(*)[3])h, NULL, NULL);
}
