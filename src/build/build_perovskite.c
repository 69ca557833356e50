/* SPDX-License-Identifier: BSD-3-Clause */
/* A perovskite ABX3 whose A sites are partly empty, as in La1/3NbO3: rich and poor layers of A along c, the A atoms of rich
 * layers in a pattern, octahedra tilted, and small ions (Li) inserted into vacancies until the charges add up to zero.
 *
 *   build: {perovskite: {elements: [La, Nb, O], a: 3.91, repeat: [6, 6, 4], rich: 0.6, pattern: striped, inserted: Li}}
 *
 * Tilts: A. M. Glazer, Acta Cryst. B 28, 3384 (1972); each octahedron is turned to first order in the angle, neighbours across
 * an axis of rotation in turn, and the cell is not shrunk. Which sites: build/vacancies.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "build/builder_list.h"
#include "build/transform.h"
#include "build/vacancies.h"

typedef struct perovskite_parameters {
  nmd_text_list elements;
  double a, c; /* A; c 0: a */
  int64_t repeat[3];
  double tilt[3]; /* deg */
  char *tilt_signs;
  double charge_a, charge_b, charge_x, charge_inserted;
  char *inserted;
  nmd__vacancies vacancies;
} perovskite_parameters;

#define AT(member) offsetof(perovskite_parameters, member)
static const nmd_option options[] = {
    {"elements", NMD_OPT_TEXT_LIST, AT(elements), .doc = "A (corner), B (centre) and X (faces), e.g. [La, Nb, O]"},
    {"a", NMD_OPT_REAL, AT(a), NMD_DIM_LENGTH, NULL, 0.5, 100, .doc = "edge of one ABX3 unit along a and b"},
    {"c", NMD_OPT_REAL, AT(c), NMD_DIM_LENGTH, "", 0.5, 100, .doc = "edge of one unit along c; default a"},
    {"repeat", NMD_OPT_INT3, AT(repeat), .fallback = "2", .min = 1, .max = 10000, .doc = "units along a, b and c"},
    {"layers", NMD_OPT_CHOICE, AT(vacancies.layers), .fallback = "alternate", .choices = "alternate|uniform",
     .doc = "alternate: A layers along c are rich and poor in turn; uniform: all are rich ones"},
    {"rich", NMD_OPT_REAL, AT(vacancies.rich), .fallback = "0.6666666667", .max = 1,
     .doc = "share of the A sites of rich layers that are taken; not for pattern: given"},
    {"poor", NMD_OPT_REAL, AT(vacancies.poor), .fallback = "0", .max = 1,
     .doc = "share of the A sites of poor layers that are taken, at random"},
    {"pattern", NMD_OPT_CHOICE, AT(vacancies.pattern), .fallback = "random", .choices = "random|striped|closed|given",
     .doc = "of A atoms in rich layers: at random; empty rows along a; islands of vacancies closed in by A atoms; `rows`"},
    {"tile", NMD_OPT_INT3, AT(vacancies.tile), .fallback = "[4, 3, 1]", .min = 1, .max = 10000,
     .doc = "closed: one island in each tile of so many units along a and b"},
    {"island", NMD_OPT_INT3, AT(vacancies.island), .fallback = "[2, 2, 1]", .min = 1, .max = 10000,
     .doc = "closed: empty units of an island along a and b"},
    {"rows", NMD_OPT_TEXT_LIST, AT(vacancies.rows), .fallback = "",
     .doc = "given: rows of 1 (taken) and 0 (empty) along a, one after the other along b, repeated over the layer"},
    {"shift", NMD_OPT_INT3, AT(vacancies.shift), .fallback = "0", .max = 10000,
     .doc = "units along a and b by which the pattern moves from one rich layer to the next"},
    {"inserted", NMD_OPT_TEXT, AT(inserted), .fallback = "",
     .doc = "element put into vacancies until the charges add up to zero, e.g. Li; none: they must do so without"},
    {"inserted_layers", NMD_OPT_CHOICE, AT(vacancies.where), .fallback = "any", .choices = "any|rich|poor",
     .doc = "layers whose vacancies it may take"},
    {"inserted_sites", NMD_OPT_CHOICE, AT(vacancies.sites), .fallback = "vacancy", .choices = "vacancy|window",
     .doc = "vacancy: empty A sites; window: half way between two neighbouring empty ones of a layer, the square of four X"},
    {"inserted_distance", NMD_OPT_REAL, AT(vacancies.distance), NMD_DIM_LENGTH, "0 A", 0, 100,
     .doc = "least distance between two of them"},
    {"charge_a", NMD_OPT_REAL, AT(charge_a), .fallback = "3", .min = -10, .max = 10, .doc = "formal charge of A"},
    {"charge_b", NMD_OPT_REAL, AT(charge_b), .fallback = "5", .min = -10, .max = 10, .doc = "formal charge of B"},
    {"charge_x", NMD_OPT_REAL, AT(charge_x), .fallback = "-2", .min = -10, .max = 10, .doc = "formal charge of X"},
    {"charge_inserted", NMD_OPT_REAL, AT(charge_inserted), .fallback = "1", .min = -10, .max = 10,
     .doc = "formal charge of the inserted element"},
    {"tilt", NMD_OPT_REAL3, AT(tilt), NMD_DIM_ANGLE, "0 deg", 0, 30, .doc = "angles of octahedra about a, b and c"},
    {"tilt_signs", NMD_OPT_TEXT, AT(tilt_signs), .fallback = "'---'",
     .doc = "Glazer's signs of a, b and c: +: the same along the axis, -: in turn; e.g. \"--+\""},
};
const nmd_option_table nmd__build_perovskite_table = {
    "perovskite", "a perovskite with vacancies on the A sites, layers, patterns, tilts and inserted ions",
    sizeof(perovskite_parameters), NMD_COUNT(options), options};

typedef struct cell {
  const perovskite_parameters *p;
  int64_t n[3], units;
  double c;
  int z[4];         /* A, B, X, inserted; 0: none */
  int64_t inserted; /* how many */
  nmd__sites sites;
} cell;

static nmd_status read_elements(cell *w) {
  const perovskite_parameters *p = w->p;
  if (p->elements.n != 3)
    NMD_FAIL(BUILD, "elements: %d given; expected three, A B X, e.g. [La, Nb, O]", p->elements.n);
  for (int k = 0; k < 3; k++) NMD_TRY(nmd_build_element(p->elements.items[k], &w->z[k]));
  if (p->inserted != NULL) NMD_TRY(nmd_build_element(p->inserted, &w->z[3]));
  return NMD_OK;
}

/* How many inserted ions make the cell neutral. */
static nmd_status balance_charges(cell *w) {
  const perovskite_parameters *p = w->p;
  const double n = (double)w->units, rest = p->charge_a * (double)w->sites.taken + p->charge_b * n + 3 * p->charge_x * n;
  const double wanted = w->z[3] != 0 && p->charge_inserted != 0 ? -rest / p->charge_inserted : 0;
  w->inserted = (int64_t)llround(wanted);
  const double left = rest + p->charge_inserted * (double)w->inserted * (w->z[3] != 0);
  if (w->inserted < 0 || fabs(left) > 1e-6)
    NMD_FAIL(BUILD, "charges: %lld %s, %lld %s and %lld %s make %+g e, which %s; expected 0: change rich, poor, repeat or "
                    "the charges", (long long)w->sites.taken, p->elements.items[0], (long long)w->units,
             p->elements.items[1], (long long)(3 * w->units), p->elements.items[2], rest,
             w->z[3] == 0 ? "nothing balances (inserted: none)" : "no whole number of inserted ions balances");
  return NMD_OK;
}

/* Turning in turn needs even repeats across the axis, and for "-" along it, too. */
static nmd_status check_tilts(const cell *w) {
  static const char axes[] = "abc";
  const char *signs = w->p->tilt_signs;
  if (strlen(signs) != 3 || strspn(signs, "+-0") != 3)
    NMD_FAIL(BUILD, "tilt_signs: \"%s\"; expected three of + - 0, e.g. \"--+\"", signs);
  for (int d = 0; d < 3; d++) {
    if (w->p->tilt[d] == 0 || signs[d] == '0') continue;
    for (int e = 0; e < 3; e++)
      if (w->n[e] % 2 != 0 && (e != d || signs[d] == '-'))
        NMD_FAIL(BUILD, "tilt about %c, sign %c: %lld units along %c; expected an even number, as octahedra turn in turn",
                 axes[d], signs[d], (long long)w->n[e], axes[e]);
  }
  return NMD_OK;
}

/* Tangents of the angles of octahedron (i, j, k). */
static void turn_of(const cell *w, const int64_t at[3], double turn[3]) {
  for (int d = 0; d < 3; d++) {
    const int64_t across = at[(d + 1) % 3] + at[(d + 2) % 3], along = w->p->tilt_signs[d] == '-' ? at[d] : 0;
    const double angle = w->p->tilt_signs[d] == '0' ? 0 : w->p->tilt[d] * 0.017453292519943295;
    turn[d] = ((across + along) % 2 == 0 ? 1 : -1) * tan(angle);
  }
}

static void put(nmd_structure *s, int z, double x, double y, double zz) {
  const double place[3] = {x, y, zz};
  memcpy(s->x[s->n], place, sizeof place);
  s->atomic_number[s->n++] = z;
}

/* B in the middle of the unit and the X towards +a, +b, +c, moved as the turned octahedron has them. */
static void put_framework(const cell *w, const int64_t at[3], nmd_structure *s) {
  const double a = w->p->a, c = w->c, x = (at[0] + 0.5) * a, y = (at[1] + 0.5) * a, z = (at[2] + 0.5) * c;
  double t[3];
  turn_of(w, at, t);
  put(s, w->z[1], x, y, z);
  put(s, w->z[2], x + a / 2, y + t[2] * a / 2, z - t[1] * a / 2);
  put(s, w->z[2], x - t[2] * a / 2, y + a / 2, z + t[0] * a / 2);
  put(s, w->z[2], x + t[1] * c / 2, y - t[0] * c / 2, z + c / 2);
}

static nmd_status fill(cell *w, nmd_structure *s) {
  const double a = w->p->a, h[3][3] = {{(double)w->n[0] * a, 0, 0}, {0, (double)w->n[1] * a, 0}, {0, 0, (double)w->n[2] * w->c}};
  const int64_t total = 4 * w->units + w->sites.taken + w->inserted;
  NMD_TRY(nmd_structure_init(s, total));
  NMD_TRY(nmd_box_init(&s->box, h, NULL, NULL));
  s->n = 0;
  for (int64_t u = 0; u < w->units; u++)
    if (w->sites.state[u] == NMD__SITE_TAKEN)
      put(s, w->z[0], (double)(u % w->n[0]) * a, (double)(u / w->n[0] % w->n[1]) * a, (double)(u / w->n[0] / w->n[1]) * w->c);
  for (int64_t u = 0; u < w->units; u++) {
    const int64_t at[3] = {u % w->n[0], u / w->n[0] % w->n[1], u / w->n[0] / w->n[1]};
    put_framework(w, at, s);
  }
  for (int64_t k = 0; k < w->inserted; k++)
    put(s, w->z[3], w->sites.inserted[k][0] * a, w->sites.inserted[k][1] * a, w->sites.inserted[k][2] * w->c);
  return NMD_OK;
}

/* Every choice in one line: into the report, and with the structure into files. */
static nmd_status record(const cell *w, uint64_t seed, nmd_structure *s, const nmd_build_report *report) {
  const perovskite_parameters *p = w->p;
  char text[640], pattern[128];
  nmd__vacancies_describe(&p->vacancies, w->n, pattern, sizeof pattern);
  int used = snprintf(text, sizeof text, "perovskite %s %s %s, %lld x %lld x %lld units of %.6g x %.6g x %.6g A, %s; %lld %s, %lld "
                      "empty A sites", p->elements.items[0], p->elements.items[1], p->elements.items[2],
                      (long long)w->n[0], (long long)w->n[1], (long long)w->n[2], p->a, p->a, w->c, pattern,
                      (long long)w->sites.taken, p->elements.items[0], (long long)(w->units - w->sites.taken));
  if (w->inserted > 0 && used < (int)sizeof text)
    used += snprintf(text + used, sizeof text - (size_t)used, "; %lld %s in %s of %s layers, at least %.4g A apart",
                     (long long)w->inserted, p->inserted, p->vacancies.sites == 0 ? "vacancies" : "windows",
                     p->vacancies.where == 0 ? "all" : p->vacancies.where == 1 ? "rich" : "poor", p->vacancies.distance);
  if (used < (int)sizeof text)
    snprintf(text + used, sizeof text - (size_t)used, "; tilts %.4g %.4g %.4g deg \"%s\"; charges %+g %+g %+g %+g; seed %llu",
             p->tilt[0], p->tilt[1], p->tilt[2], p->tilt_signs, p->charge_a, p->charge_b, p->charge_x, p->charge_inserted,
             (unsigned long long)seed);
  nmd_build_say(report, "%s\n", text);
  nmd_build_say_composition(s, report);
  return nmd_structure_set_info(s, "build", text);
}

static nmd_status build_cell(cell *w, uint64_t seed, nmd_structure *out, const nmd_build_report *report) {
  const int64_t atoms[2] = {w->units, 6};
  int64_t total;
  NMD_TRY(nmd_build_count(atoms, 2, &total));
  NMD_TRY(read_elements(w));
  NMD_TRY(check_tilts(w));
  NMD_TRY(nmd__vacancies_choose(&w->p->vacancies, w->n, seed, &w->sites));
  NMD_TRY(balance_charges(w));
  const double edge[3] = {w->p->a, w->p->a, w->c};
  NMD_TRY(nmd__vacancies_insert(&w->p->vacancies, w->n, edge, seed, w->inserted, &w->sites));
  NMD_TRY(fill(w, out));
  return record(w, seed, out, report);
}

static nmd_status build(const void *parameters, uint64_t seed, nmd_structure *out, const nmd_build_report *report) {
  const perovskite_parameters *p = parameters;
  cell w = {.p = p, .units = p->repeat[0] * p->repeat[1] * p->repeat[2], .c = p->c > 0 ? p->c : p->a};
  memcpy(w.n, p->repeat, sizeof w.n);
  *out = (nmd_structure){0};
  const nmd_status status = build_cell(&w, seed, out, report);
  nmd__sites_free(&w.sites);
  if (status != NMD_OK) nmd_structure_free(out);
  return status;
}

const nmd_builder_ops nmd__build_perovskite = {
    .name = "perovskite", .options = &nmd__build_perovskite_table, .build = build};
