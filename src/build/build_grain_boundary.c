/* SPDX-License-Identifier: BSD-3-Clause */
/* Two grains of a cubic crystal that meet at symmetric tilt boundaries: the second grain is the mirror image of the
 * first in the boundary plane, which is a rotation about the tilt axis. A cell has two boundaries, half a cell apart.
 *
 *   build: {grain_boundary: {type: fcc, a: 4.17, elements: Au, axis: [0, 0, 1], plane: [2, 1, 0], repeat: [1, 1, 2]}}
 *
 * x = axis x plane normal, y = axis, z = normal. Lattice points common to both grains are one in Sigma: for a
 * reflection in (h k l) without common factor N = h^2 + k^2 + l^2 if that is odd, else N / 2 (W. Bollmann, Crystal
 * Defects and Crystalline Interfaces (1970); H. Grimmer, Acta Cryst. A 30, 685 (1974)). Atoms of the grains that lie on
 * top of each other are one, so that a boundary without shift has the composition of the crystal: on each mirror plane
 * its atoms count once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "build/builder_list.h"
#include "build/crystal.h"
#include "build/transform.h"
#include "system/element.h"

typedef struct boundary_parameters {
  int type;
  double a, c;
  nmd_text_list elements;
  int64_t axis[3], plane[3], repeat[3];
  double offset, shift[2], gap, overlap;
  const nmd_yaml_node *substitute, *remove, *charges;
} boundary_parameters;

typedef struct removal {
  char *element;
  double fraction;
} removal;
static const nmd_option removal_options[] = {
    {"element", NMD_OPT_TEXT, offsetof(removal, element), .doc = "symbol"},
    {"fraction", NMD_OPT_REAL, offsetof(removal, fraction), .max = 1, .min_open = 1,
     .doc = "of its atoms, drawn at random"},
};
static const nmd_option_table removal_table = {"remove", "vacancies", sizeof(removal), NMD_COUNT(removal_options),
                                               removal_options};

typedef struct formal_charge {
  char *element;
  double charge;
} formal_charge;
static const nmd_option charge_options[] = {
    {"element", NMD_OPT_TEXT, offsetof(formal_charge, element), .doc = "symbol"},
    {"charge", NMD_OPT_REAL, offsetof(formal_charge, charge), .min = -10, .max = 10, .doc = "formal charge, e"},
};
static const nmd_option_table charge_table = {"charges", "formal charges", sizeof(formal_charge),
                                              NMD_COUNT(charge_options), charge_options};

#define AT(member) offsetof(boundary_parameters, member)
static const nmd_option options[] = {
    {"type", NMD_OPT_CHOICE, AT(type), .choices = NMD_CRYSTAL_CHOICES, .doc = "crystal structure, a cubic one"},
    {"a", NMD_OPT_REAL, AT(a), NMD_DIM_LENGTH, .min = 0.5, .max = 100,
     .doc = "lattice constant of the conventional cell"},
    {"c", NMD_OPT_REAL, AT(c), NMD_DIM_LENGTH, "", 0.5, 100,
     .doc = "along [0, 0, 1], where that is the axis; default a"},
    {"elements", NMD_OPT_TEXT_LIST, AT(elements), .doc = "one element per sublattice, in the order of the crystal"},
    {"axis", NMD_OPT_INT3, AT(axis), .fallback = "[0, 0, 1]", .min = -20, .max = 20,
     .doc = "tilt axis [u, v, w], in the boundary"},
    {"plane", NMD_OPT_INT3, AT(plane), .min = -50, .max = 50,
     .doc = "boundary plane (h k l), e.g. [2, 1, 0] for Sigma 5 about [0, 0, 1]"},
    {"repeat", NMD_OPT_INT3, AT(repeat), .fallback = "1", .min = 1, .max = 10000,
     .doc = "periods across the axis in the boundary, along the axis, and in the thickness of each grain"},
    {"offset", NMD_OPT_REAL, AT(offset), .fallback = "0", .min = 0, .max = 1,
     .doc = "where the first grain is cut, in periods along the normal: which atoms are in the boundary"},
    {"shift_x", NMD_OPT_REAL, AT(shift[0]), .fallback = "0", .min = -1, .max = 1,
     .doc = "of the second grain in the boundary, in periods across the axis"},
    {"shift_y", NMD_OPT_REAL, AT(shift[1]), .fallback = "0", .min = -1, .max = 1, .doc = "in periods along the axis"},
    {"gap", NMD_OPT_REAL, AT(gap), NMD_DIM_LENGTH, "0 A", -5, 100,
     .doc = "by which the grains are moved apart at each boundary"},
    {"overlap", NMD_OPT_REAL, AT(overlap), NMD_DIM_LENGTH, "0.5 A", 0, 10, .min_open = 1,
     .doc = "two atoms of one element, one of each grain, nearer than this become one half-way"},
    {"substitute", NMD_OPT_NODE, AT(substitute), .fallback = "", .is_list = 1, .section = &nmd_substitution_table,
     .doc = "random replacements, exact in number"},
    {"remove", NMD_OPT_NODE, AT(remove), .fallback = "", .is_list = 1, .section = &removal_table,
     .doc = "random vacancies, exact in number, after the replacements"},
    {"charges", NMD_OPT_NODE, AT(charges), .fallback = "", .is_list = 1, .section = &charge_table,
     .doc = "formal charges: the cell must be neutral then"},
};
const nmd_option_table nmd__build_grain_boundary_table = {"grain_boundary",
                                                          "two grains at symmetric tilt boundaries of a cubic crystal",
                                                          sizeof(boundary_parameters), NMD_COUNT(options), options};

static const double tolerance =
    1e-7; /* of coordinates in units of a, which are multiples of 1/8 and more apart than that */

typedef struct grain_atom {
  double x[3]; /* of the first grain, in units of a, x and y in the cell */
  int sublattice;
} grain_atom;

typedef struct geometry {
  double direction[3][3]; /* unit vectors of x, y, z in the crystal */
  double period[3];       /* units of a */
  double length[3];       /* of a grain, units of a */
  int64_t sigma;
  nmd_site site[NMD_SITES_MAX];
  int sites;
  grain_atom *atom; /* of the first grain, both its faces included */
  int64_t n, capacity;
} geometry;

static int64_t common(int64_t a, int64_t b) { return b == 0 ? llabs(a) : common(b, a % b); }

static void reduce(const int64_t v[3], int64_t r[3]) {
  const int64_t g = common(v[0], common(v[1], v[2]));
  for (int a = 0; a < 3; a++) r[a] = v[a] / (g > 0 ? g : 1);
}

/* Does the crystal repeat after v / 2? */
static bool is_half_period(const geometry *g, const int64_t v[3]) {
  for (int i = 0; i < g->sites; i++) {
    bool found = false;
    for (int j = 0; j < g->sites && !found; j++) {
      double off = 0;
      for (int a = 0; a < 3; a++) {
        const double d = g->site[i].s[a] + 0.5 * (double)v[a] - g->site[j].s[a];
        off = fmax(off, fabs(d - round(d)));
      }
      found = off < tolerance && g->site[i].sublattice == g->site[j].sublattice;
    }
    if (!found) return false;
  }
  return true;
}

static nmd_status check_crystal(const boundary_parameters *p) {
  const nmd_crystal type = (nmd_crystal)p->type;
  double h[3][3];
  nmd_crystal_cell(type, 1, nmd_crystal_c_over_a(type), h);
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++)
      if (fabs(h[a][b] - (a == b)) > tolerance)
        NMD_FAIL(BUILD, "type: %s is not cubic; expected e.g. fcc, bcc, rocksalt, fluorite or perovskite",
                 nmd_crystal_name(type));
  if (type == NMD_CRYSTAL_l1_0) NMD_FAIL(BUILD, "type: l1_0 has tetragonal order; expected a cubic crystal, e.g. l1_2");
  if (p->elements.n != nmd_crystal_sublattices(type))
    NMD_FAIL(BUILD, "elements: %d given; %s needs %d, one per sublattice of %s", p->elements.n, nmd_crystal_name(type),
             nmd_crystal_sublattices(type), nmd_crystal_formula(type));
  if (p->c > 0 && fabs(p->c - p->a) > 0 && (p->axis[0] != 0 || p->axis[1] != 0))
    NMD_FAIL(BUILD, "c: %g A with axis [%lld, %lld, %lld]; a tetragonal crystal needs axis [0, 0, 1]", p->c,
             (long long)p->axis[0], (long long)p->axis[1], (long long)p->axis[2]);
  return NMD_OK;
}

static nmd_status set_directions(const boundary_parameters *p, geometry *g) {
  int64_t v[3][3];
  reduce(p->axis, v[1]);
  reduce(p->plane, v[2]);
  int64_t dot = 0, norm = 0, axis = 0;
  for (int a = 0; a < 3; a++) {
    dot += v[1][a] * v[2][a];
    norm += v[2][a] * v[2][a];
    axis += v[1][a] * v[1][a];
  }
  if (norm == 0 || axis == 0)
    NMD_FAIL(BUILD, "axis and plane: [0, 0, 0] is no direction; expected e.g. [0, 0, 1] and [2, 1, 0]");
  if (dot != 0)
    NMD_FAIL(BUILD,
             "plane (%lld %lld %lld) does not hold the axis [%lld, %lld, %lld]: u h + v k + w l = %lld; expected 0",
             (long long)v[2][0], (long long)v[2][1], (long long)v[2][2], (long long)v[1][0], (long long)v[1][1],
             (long long)v[1][2], (long long)dot);
  g->sigma = norm % 2 == 0 ? norm / 2 : norm;
  int64_t x[3];
  for (int a = 0; a < 3; a++) x[a] = v[1][(a + 1) % 3] * v[2][(a + 2) % 3] - v[1][(a + 2) % 3] * v[2][(a + 1) % 3];
  reduce(x, v[0]);
  for (int d = 0; d < 3; d++) {
    const double length = sqrt((double)(v[d][0] * v[d][0] + v[d][1] * v[d][1] + v[d][2] * v[d][2]));
    g->period[d] = is_half_period(g, v[d]) ? 0.5 * length : length;
    g->length[d] = g->period[d] * (double)p->repeat[d];
    for (int a = 0; a < 3; a++) g->direction[d][a] = (double)v[d][a] / length;
  }
  return NMD_OK;
}

/* ---- the first grain ---- */

static nmd_status add_atom(geometry *g, const double r[3], int sublattice, double offset) {
  double x[3];
  for (int d = 0; d < 3; d++) x[d] = nmd_dot(r, g->direction[d]);
  x[2] -= offset * g->period[2];
  for (int d = 0; d < 3; d++)
    if (x[d] < -tolerance || x[d] > g->length[d] + (d == 2 ? tolerance : -tolerance)) return NMD_OK;
  if (g->n == g->capacity) {
    g->capacity = g->capacity == 0 ? 64 : 2 * g->capacity;
    NMD_TRY(NMD_GROW(g->atom, g->n, g->capacity));
  }
  g->atom[g->n] = (grain_atom){.sublattice = sublattice};
  memcpy(g->atom[g->n++].x, x, sizeof x);
  return NMD_OK;
}

/* Conventional cells that may have atoms in the grain. */
static void find_cells(const geometry *g, double offset, int64_t low[3], int64_t high[3]) {
  for (int a = 0; a < 3; a++) low[a] = INT32_MAX, high[a] = INT32_MIN;
  for (int corner = 0; corner < 8; corner++)
    for (int a = 0; a < 3; a++) {
      double r = offset * g->period[2] * g->direction[2][a];
      for (int d = 0; d < 3; d++) r += (corner >> d & 1) * g->length[d] * g->direction[d][a];
      if ((int64_t)floor(r) - 1 < low[a]) low[a] = (int64_t)floor(r) - 1;
      if ((int64_t)ceil(r) + 1 > high[a]) high[a] = (int64_t)ceil(r) + 1;
    }
}

static nmd_status fill_grain(geometry *g, double offset) {
  int64_t low[3], high[3], i[3];
  find_cells(g, offset, low, high);
  for (i[0] = low[0]; i[0] <= high[0]; i[0]++)
    for (i[1] = low[1]; i[1] <= high[1]; i[1]++)
      for (i[2] = low[2]; i[2] <= high[2]; i[2]++)
        for (int s = 0; s < g->sites; s++) {
          double r[3];
          for (int a = 0; a < 3; a++) r[a] = (double)i[a] + g->site[s].s[a];
          NMD_TRY(add_atom(g, r, g->site[s].sublattice, offset));
        }
  return NMD_OK;
}

/* ---- both grains ---- */

/* Atoms of the cell: those of grain 1, then of grain 2, whose z is below. */
static void place(const boundary_parameters *p, const geometry *g, const int *z, nmd_structure *out) {
  const double scale[3] = {p->a, p->c > 0 ? p->c : p->a, p->a};
  for (int64_t k = 0; k < 2 * g->n; k++) {
    const grain_atom *atom = &g->atom[k % g->n];
    const bool second = k >= g->n;
    out->atomic_number[k] = z[atom->sublattice];
    for (int d = 0; d < 2; d++) out->x[k][d] = scale[d] * (atom->x[d] + (second ? p->shift[d] * g->period[d] : 0));
    out->x[k][2] = (second ? -1 : 1) * scale[2] * atom->x[2];
  }
}

static double apart(const nmd_structure *s, int64_t i, int64_t j, double d[3]) {
  for (int a = 0; a < 3; a++) {
    d[a] = s->x[j][a] - s->x[i][a];
    d[a] -= s->box.h[a][a] * round(d[a] / s->box.h[a][a]);
  }
  return nmd_norm(d);
}

/* The grains are pulled apart; atoms that they share stay half-way between them. `first`: atoms of grain 1. */
static void open_gap(nmd_structure *s, int64_t first, double length, double gap, const bool *shared) {
  for (int64_t k = 0; k < s->n; k++) {
    if (!shared[k])
      s->x[k][2] += k < first ? 0.5 * gap : -0.5 * gap;
    else if (s->x[k][2] > 0.5 * length)
      s->x[k][2] += gap;
  }
}

/* An atom of grain 1 takes in the one of grain 2 that is too near. Returns how many went. */
static int64_t merge(const nmd_structure *s, int64_t first, double overlap, bool *gone, bool *shared) {
  int64_t merged = 0;
  const double half = 0.5 * s->box.h[2][2];
  for (int64_t i = 0; i < first; i++) {
    if (fmin(s->x[i][2], half - s->x[i][2]) > overlap) continue;
    for (int64_t j = first; j < s->n; j++) {
      double d[3];
      if (gone[j] || s->atomic_number[i] != s->atomic_number[j] || apart(s, i, j, d) >= overlap) continue;
      gone[j] = true;
      shared[i] = true;
      merged++;
      for (int a = 0; a < 3; a++) s->x[i][a] += 0.5 * d[a];
      break;
    }
  }
  return merged;
}

static void drop(nmd_structure *s, const bool *gone) {
  int64_t kept = 0;
  for (int64_t k = 0; k < s->n; k++) {
    if (gone[k]) continue;
    s->atomic_number[kept] = s->atomic_number[k];
    memcpy(s->x[kept++], s->x[k], sizeof s->x[k]);
  }
  s->n = kept;
}

/* ---- vacancies and charges ---- */

static nmd_status draw_vacancies(const nmd_structure *s, const nmd_yaml_node *list, uint64_t seed, bool *gone) {
  for (int k = 0; list != NULL && k < list->n; k++) {
    removal r;
    NMD_TRY(nmd_options_parse(&removal_table, list->items[k], &r));
    const nmd_status status = nmd_structure_draw(s, r.element, r.fraction, seed + 1 + (uint64_t)k, gone);
    nmd_options_free(&removal_table, &r);
    NMD_TRY(status);
  }
  return NMD_OK;
}

static nmd_status remove_atoms(nmd_structure *s, const nmd_yaml_node *list, uint64_t seed) {
  bool *gone;
  NMD_TRY(NMD_ALLOC(gone, s->n));
  const nmd_status status = draw_vacancies(s, list, seed, gone);
  if (status == NMD_OK) drop(s, gone);
  nmd_free(gone);
  for (int64_t k = 0; k < s->n; k++) s->id[k] = k + 1;
  return status;
}

static nmd_status check_charge(const nmd_structure *s, const nmd_yaml_node *list, const nmd_build_report *report) {
  double charge_of[NMD_ELEMENT_MAX + 1] = {0}, sum = 0;
  if (list == NULL) return NMD_OK;
  for (int k = 0; k < list->n; k++) {
    formal_charge c;
    int z = 0;
    NMD_TRY(nmd_options_parse(&charge_table, list->items[k], &c));
    const nmd_status status = nmd_build_element(c.element, &z);
    charge_of[z] = c.charge;
    nmd_options_free(&charge_table, &c);
    NMD_TRY(status);
  }
  for (int64_t k = 0; k < s->n; k++) sum += charge_of[s->atomic_number[k]];
  nmd_build_say(report, "formal charge of the cell %+.6g e\n", sum);
  if (fabs(sum) > 1e-6)
    NMD_FAIL(BUILD,
             "the formal charges add up to %+.6g e; expected 0: choose replacements, vacancies and repeats that do",
             sum);
  return NMD_OK;
}

static nmd_status join_grains(const boundary_parameters *p, const geometry *g, const int *z, nmd_structure *out,
                              const nmd_build_report *report) {
  bool *gone;
  const double length = p->a * g->length[2], height = 2 * (length + p->gap), c = p->c > 0 ? p->c : p->a;
  double h[3][3] = {{p->a * g->length[0], 0, 0}, {0, c * g->length[1], 0}, {0, 0, 2 * length}};
  if (!(height > 0)) NMD_FAIL(BUILD, "gap: %g A leaves no cell", p->gap);
  NMD_TRY(nmd_structure_init(out, 2 * g->n));
  NMD_TRY(nmd_box_init(&out->box, (const double(*)[3])h, NULL, NULL));
  place(p, g, z, out);
  NMD_TRY(NMD_ALLOC(gone, 2 * out->n));
  bool *shared = gone + out->n;
  const int64_t merged = merge(out, g->n, p->overlap, gone, shared);
  open_gap(out, g->n, length, p->gap, shared);
  drop(out, gone);
  nmd_free(gone);
  h[2][2] = height;
  NMD_TRY(nmd_box_set_h(&out->box, (const double(*)[3])h));
  nmd_build_say(report,
                "Sigma %lld (%lld %lld %lld)[%lld %lld %lld] tilt boundaries of %s, two of %.4f x %.4f A, %.4f A "
                "apart; %lld pairs of atoms became one\n",
                (long long)g->sigma, (long long)p->plane[0], (long long)p->plane[1], (long long)p->plane[2],
                (long long)p->axis[0], (long long)p->axis[1], (long long)p->axis[2],
                nmd_crystal_name((nmd_crystal)p->type), h[0][0], h[1][1], 0.5 * height, (long long)merged);
  return NMD_OK;
}

static nmd_status finish(const boundary_parameters *p, uint64_t seed, nmd_structure *out,
                         const nmd_build_report *report) {
  for (int64_t k = 0; k < out->n; k++) {
    int image[3];
    nmd_box_wrap(&out->box, out->x[k], image);
  }
  NMD_TRY(nmd_structure_substitute_from(out, p->substitute, seed, report));
  NMD_TRY(remove_atoms(out, p->remove, seed));
  NMD_TRY(check_charge(out, p->charges, report));
  nmd_build_say_composition(out, report);
  return NMD_OK;
}

static nmd_status build_from(const boundary_parameters *p, geometry *g, uint64_t seed, nmd_structure *out,
                             const nmd_build_report *report) {
  int z[NMD_SITES_MAX];
  int64_t most;
  NMD_TRY(check_crystal(p));
  for (int k = 0; k < p->elements.n; k++) NMD_TRY(nmd_build_element(p->elements.items[k], &z[k]));
  g->sites = nmd_crystal_sites((nmd_crystal)p->type, g->site);
  NMD_TRY(set_directions(p, g));
  const int64_t cells = (int64_t)ceil(g->length[0] * g->length[1] * g->length[2]);
  NMD_TRY(nmd_build_count((int64_t[]){cells, 2, g->sites}, 3, &most));
  NMD_TRY(fill_grain(g, p->offset));
  NMD_TRY(join_grains(p, g, z, out, report));
  return finish(p, seed, out, report);
}

static nmd_status build(const void *parameters, uint64_t seed, nmd_structure *out, const nmd_build_report *report) {
  geometry g = {.n = 0};
  *out = (nmd_structure){0};
  const nmd_status status = build_from(parameters, &g, seed, out, report);
  nmd_free(g.atom);
  if (status != NMD_OK) nmd_structure_free(out);
  return status;
}

const nmd_builder_ops nmd__build_grain_boundary = {
    .name = "grain_boundary", .options = &nmd__build_grain_boundary_table, .build = build};
