/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/random_cell.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/option.h"
#include "base/random.h"
#include "base/vec3.h"
#include "base/version.h"

typedef struct dice {
  uint64_t seed;
  int64_t thrown;
} dice;

static double throw(dice * d) {
  double u[2];
  nmd_random_uniform2(d->seed, NMD_STREAM_BUILD, d->thrown++, 0, 0, u);
  return u[0];
}

/* Atoms and how many of the second element. */
typedef struct content {
  int n, second;
  double volume; /* A^3 */
} content;

static content draw_content(const nmd_random_cell_request *request, dice *d) {
  content c = {.n = 2 + (int)(throw(d) * (request->most - 1))};
  c.second = (int)(throw(d) * (c.n + 1));
  return c;
}

static void draw_volume(const nmd_random_cell_request *request, dice *d, content *c) {
  const double second = (double)c->second / c->n;
  c->volume = ((1 - second) * request->volume[0] + second * request->volume[1]) * c->n * (0.9 + 0.3 * throw(d));
}

static void scale_to(double h[3][3], double volume) {
  const double scale = cbrt(volume / fabs(nmd_det((const double(*)[3])h)));
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] *= scale;
}

/* Edges within a factor of two and angles that are not flat. */
static void draw_shape(dice *d, double h[3][3]) {
  for (int a = 0; a < 3; a++)
    for (int b = 0; b <= a; b++) h[a][b] = a == b ? 0.7 + 0.7 * throw(d) : 0.5 * (2 * throw(d) - 1);
}

/* Shortest distance from atom i to those before it, and to its own images. */
static double nearest_before(const nmd_structure *s, int64_t i) {
  double least = INFINITY;
  for (int64_t j = 0; j <= i; j++)
    for (int c = 0; c < 125; c++) {
      const double m[3] = {c % 5 - 2, c / 5 % 5 - 2, c / 25 - 2};
      double d[3];
      nmd_row_times(m, s->box.h, d);
      for (int k = 0; k < 3; k++) d[k] += s->x[j][k] - s->x[i][k];
      const double r = nmd_norm(d);
      if ((i != j || c != 62) && r < least) least = r; /* 62: the atom itself */
    }
  return least;
}

static double wanted_distance(const content *c) { return 0.85 * cbrt(c->volume / c->n); }

static nmd_status plain_cell(const nmd_random_cell_request *request, dice *d, nmd_structure *out) {
  content c = draw_content(request, d);
  double h[3][3] = {{0}};
  draw_shape(d, h);
  draw_volume(request, d, &c);
  scale_to(h, c.volume);
  NMD_TRY(nmd_structure_init(out, c.n));
  NMD_TRY(nmd_box_init(&out->box, (const double(*)[3])h, NULL, NULL));
  for (int64_t i = 0; i < c.n; i++) {
    out->atomic_number[i] = request->z[i < c.second];
    for (int tries = 0; tries < 200; tries++) {
      double s[3];
      for (int k = 0; k < 3; k++) s[k] = throw(d);
      nmd_box_to_cartesian(&out->box, s, out->x[i]);
      if (nearest_before(out, i) > wanted_distance(&c) * (1 - 0.002 * tries)) break;
    }
  }
  return NMD_OK;
}

nmd_status nmd_random_cell(const nmd_random_cell_request *request, nmd_structure *out) {
  dice d = {.seed = request->seed};
  *out = (nmd_structure){0};
  return plain_cell(request, &d, out);
}

bool nmd_random_cell_has_symmetry(void) { return NMD_HAVE_SYMSPG; }

#if NMD_HAVE_SYMSPG
#include <spglib.h>

enum { OPERATIONS_MAX = 192, GROUPS = 230, SETTINGS = 530, GROUP_TRIES = 400, ORBIT_TRIES = 100 };

typedef struct group {
  int number, n, centrings; /* operations, lattice points of the conventional cell */
  int rotation[OPERATIONS_MAX][3][3];
  double shift[OPERATIONS_MAX][3];
} group;

/* ---- group and cell ---- */

/* The group in its first setting (unique axis b, hexagonal axes). */
static bool load_group(int number, group *g) {
  static const int identity[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  int setting = 1;
  while (setting < SETTINGS && spg_get_spacegroup_type(setting).number != number) setting++;
  g->number = number;
  g->n = spg_get_symmetry_from_database(g->rotation, g->shift, setting);
  g->centrings = 0;
  for (int k = 0; k < g->n; k++) g->centrings += memcmp(g->rotation[k], identity, sizeof identity) == 0;
  return g->n > 0;
}

/* Edges and angles as the crystal system asks. */
static void draw_conventional(dice *d, int number, double h[3][3]) {
  double edge[3];
  memset(h, 0, 9 * sizeof(double));
  if (number <= 2) {
    draw_shape(d, h);
    return;
  }
  for (int k = 0; k < 3; k++) edge[k] = 0.7 + 0.7 * throw(d);
  if (number >= 75) edge[1] = edge[0];
  if (number >= 195) edge[2] = edge[0];
  for (int k = 0; k < 3; k++) h[k][k] = edge[k];
  if (number <= 15) h[2][0] = edge[2] * (throw(d) - 0.5);
  if (number >= 143 && number <= 194) {
    h[1][0] = -0.5 * edge[0];
    h[1][1] = sqrt(0.75) * edge[0];
  }
}

/* ---- orbits ---- */

/* Any number, a simple fraction, or tied to one of those before it. */
static double draw_coordinate(dice *d, const double *before, int n) {
  static const int parts[] = {2, 2, 4, 3, 8};
  static const double factors[] = {1, -1, 2, 0.5};
  const double u = throw(d);
  if (u < 0.35) return throw(d);
  if (u < 0.75 || n == 0) {
    const int part = parts[(int)(NMD_COUNT(parts) * throw(d))];
    return floor(part * throw(d)) / part;
  }
  const double factor = factors[(int)(NMD_COUNT(factors) * throw(d))];
  return factor * before[(int)(n * throw(d))];
}

static bool same_place(const double a[3], const double b[3]) {
  for (int k = 0; k < 3; k++)
    if (fabs(a[k] - b[k] - rint(a[k] - b[k])) > 1e-6) return false;
  return true;
}

/* Images of s in the conventional cell; more than `most`: most + 1 and no more. */
static int find_orbit(const group *g, const double s[3], int most, double (*image)[3]) {
  int n = 0;
  for (int k = 0; k < g->n && n <= most; k++) {
    double y[3];
    for (int a = 0; a < 3; a++) {
      y[a] = g->shift[k][a];
      for (int b = 0; b < 3; b++) y[a] += g->rotation[k][a][b] * s[b];
      y[a] -= floor(y[a]);
    }
    bool is_new = true;
    for (int j = 0; j < n && is_new; j++) is_new = !same_place(y, image[j]);
    if (is_new) memcpy(image[n++], y, sizeof y);
  }
  return n;
}

/* One more orbit of at most `room` atoms behind the *n there are; false: none of the places tried had room. */
static bool add_orbit(const group *g, dice *d, const content *c, int z, int room, nmd_structure *s, int64_t *n) {
  double image[OPERATIONS_MAX + 1][3];
  for (int tries = 0; tries < ORBIT_TRIES; tries++) {
    double at[3];
    for (int k = 0; k < 3; k++) at[k] = draw_coordinate(d, at, k);
    const int found = find_orbit(g, at, room, image);
    if (found > room) continue;
    bool apart = true;
    for (int k = 0; k < found && apart; k++) {
      nmd_box_to_cartesian(&s->box, image[k], s->x[*n + k]);
      s->atomic_number[*n + k] = z;
      apart = nearest_before(s, *n + k) > 0.9 * wanted_distance(c); /* symmetry keeps atoms that are too close so */
    }
    if (!apart) continue;
    *n += found;
    return true;
  }
  return false;
}

/* All atoms in orbits of the group; false: it cannot hold them, or was not found to. */
static bool fill(const nmd_random_cell_request *request, const group *g, dice *d, const content *c, nmd_structure *s) {
  int64_t n = 0;
  const int64_t second = (int64_t)c->second * g->centrings, all = (int64_t)c->n * g->centrings;
  while (n < second)
    if (!add_orbit(g, d, c, request->z[1], (int)(second - n), s, &n)) return false;
  while (n < all)
    if (!add_orbit(g, d, c, request->z[0], (int)(all - n), s, &n)) return false;
  return true;
}

/* ---- the primitive cell ---- */

static nmd_status to_primitive(const nmd_structure *s, nmd_structure *out) {
  double columns[3][3], h[3][3], (*direct)[3];
  int *type;
  NMD_TRY(NMD_ALLOC(direct, 4 * s->n)); /* spglib wants room for a conventional cell */
  nmd_status status = NMD_ALLOC(type, 4 * s->n);
  for (int k = 0; k < 9; k++) columns[k / 3][k % 3] = s->box.h[k % 3][k / 3];
  int n = 0;
  if (status == NMD_OK) {
    for (int64_t i = 0; i < s->n; i++) nmd_box_to_fractional(&s->box, s->x[i], direct[i]);
    memcpy(type, s->atomic_number, (size_t)s->n * sizeof *type);
    n = spg_standardize_cell(columns, direct, type, (int)s->n, 1, 1, 1e-4);
    status = n > 0 ? nmd_structure_init(out, n) : nmd_structure_copy(s, out);
  }
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] = columns[k % 3][k / 3];
  if (status == NMD_OK && n > 0) status = nmd_box_init(&out->box, (const double(*)[3])h, NULL, NULL);
  for (int64_t i = 0; i < n && status == NMD_OK; i++) {
    out->atomic_number[i] = type[i];
    nmd_box_to_cartesian(&out->box, direct[i], out->x[i]);
  }
  nmd_free(direct);
  nmd_free(type);
  return status;
}

/* One try: *done when the group held the atoms. */
static nmd_status try_group(const nmd_random_cell_request *request, group *g, dice *d, content *c, nmd_structure *out,
                            bool *done) {
  nmd_structure conventional = {0};
  double h[3][3];
  *done = false;
  if (!load_group(1 + (int)(GROUPS * throw(d)), g)) return NMD_OK;
  draw_conventional(d, g->number, h);
  draw_volume(request, d, c);
  scale_to(h, c->volume * g->centrings);
  NMD_TRY(nmd_structure_init(&conventional, (int64_t)c->n * g->centrings));
  nmd_status status = nmd_box_init(&conventional.box, (const double(*)[3])h, NULL, NULL);
  if (status == NMD_OK) *done = fill(request, g, d, c, &conventional);
  if (*done) status = to_primitive(&conventional, out);
  nmd_structure_free(&conventional);
  return status;
}

nmd_status nmd_random_cell_symmetric(const nmd_random_cell_request *request, nmd_structure *out, int *number) {
  dice d = {.seed = request->seed};
  content c = draw_content(request, &d);
  group *g;
  bool done = false;
  *out = (nmd_structure){0};
  NMD_TRY(NMD_ALLOC(g, 1));
  nmd_status status = NMD_OK;
  for (int k = 0; k < GROUP_TRIES && !done && status == NMD_OK; k++) status = try_group(request, g, &d, &c, out, &done);
  *number = done ? g->number : 0;
  nmd_free(g);
  return done || status != NMD_OK ? status : plain_cell(request, &d, out);
}

#else

nmd_status nmd_random_cell_symmetric(const nmd_random_cell_request *request, nmd_structure *out, int *number) {
  (void)request, (void)out, (void)number;
  NMD_FAIL(CONFLICT, "symmetric random cells need spglib, which this program was built without; install it "
                     "(libsymspg-dev) and build again, or start from plain random cells");
}

#endif
