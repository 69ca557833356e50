/* SPDX-License-Identifier: BSD-3-Clause */
/* Tabulated pair potentials: files with lines "r V(r)" (A, eV; more columns and lines after # are passed over) at equal
 * steps of r, joined by a cubic spline, shifted at the last point so that energy and force end at zero.
 *
 * The force is the derivative of the spline, so that energy is conserved whatever the step. Closer than the first point
 * the spline goes on with its first slope. */
#include <stdio.h>

#include "base/memory.h"
#include "base/text.h"
#include "potential/pair.h"
#include "potential/pair_math.h"

typedef struct tabulated_parameters {
  const nmd_yaml_node *pairs;
} tabulated_parameters;

typedef struct tabulated_pair_parameters {
  nmd_text_list elements;
  char *file;
} tabulated_pair_parameters;

static const nmd_option pair_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(tabulated_pair_parameters, elements), .doc = "the two elements, [Li, O]"},
    {"file", NMD_OPT_PATH, offsetof(tabulated_pair_parameters, file),
     .doc =
         "lines with a distance (A) and the energy of the pair (eV), at equal steps; the last distance is the cut-off"},
};
static const nmd_option_table pair_table = {"pairs", "the table of one pair of elements",
                                            sizeof(tabulated_pair_parameters), NMD_COUNT(pair_options), pair_options};

static const nmd_option tabulated_options[] = {
    {"pairs", NMD_OPT_NODE, offsetof(tabulated_parameters, pairs), .section = &pair_table, .is_list = 1,
     .doc = "the table of each pair of elements that interacts"},
};

extern const nmd_option_table nmd__potential_tabulated_options;
const nmd_option_table nmd__potential_tabulated_options = {"tabulated", "pair potentials from tables, by cubic splines",
                                                           sizeof(tabulated_parameters), NMD_COUNT(tabulated_options),
                                                           tabulated_options};

/* parameters: first r, 1 / step, intervals, then a + b t + c t^2 + d t^3 of each interval, t in steps */
NMD_PAIR_KERNEL
static void tabulated_form(const double *parameters, int n, const double *r, const double *inverse, double *energy,
                           double *force_over_r) {
  const double first = parameters[0], rate = parameters[1], last = parameters[2] - 1, *c = parameters + 3;
  for (int k = 0; k < n; k++) {
    const double place = (r[k] - first) * rate, inside = place < 0 ? 0 : place;
    const double whole = inside > last ? last : (double)(int)inside, t = inside - whole;
    const double *p = c + 4 * (int)whole;
    const double slope = p[1] + t * (2 * p[2] + 3 * t * p[3]);
    energy[k] = p[0] + t * (p[1] + t * (p[2] + t * p[3])) + (place - inside) * slope;
    force_over_r[k] = -slope * rate * inverse[k];
  }
}

typedef struct points {
  int n, capacity;
  double *r, *v;
} points;

static void points_free(points *p) {
  nmd_free(p->r);
  nmd_free(p->v);
}

static nmd_status add_point(points *p, const nmd_lines *lines, const char *r_word, const char *v_word) {
  if (p->n == p->capacity) {
    p->capacity = p->capacity == 0 ? 256 : 2 * p->capacity;
    NMD_TRY(NMD_GROW(p->r, p->n, p->capacity));
    NMD_TRY(NMD_GROW(p->v, p->n, p->capacity));
  }
  if (!nmd_parse_real(r_word, &p->r[p->n]) || !nmd_parse_real(v_word, &p->v[p->n]))
    NMD_FAIL(BAD_NUMBER, "%s:%d: \"%s %s\"; expected a distance (A) and an energy (eV)", lines->file, lines->line,
             r_word, v_word);
  if (p->n == 0 && p->r[0] <= 0)
    NMD_FAIL(OUT_OF_RANGE, "%s:%d: first distance %g A; expected > 0", lines->file, lines->line, p->r[0]);
  const double step = p->n > 0 ? p->r[p->n] - p->r[p->n - 1] : 1, wanted = p->n > 1 ? p->r[1] - p->r[0] : step;
  if (step <= 0 || fabs(step - wanted) > 1e-4 * wanted)
    NMD_FAIL(FILE_FORMAT,
             "%s:%d: distance %.9g A is %.9g A after the one before; expected equal steps of %.9g A upwards",
             lines->file, lines->line, p->r[p->n], step, wanted);
  p->n++;
  return NMD_OK;
}

static nmd_status read_points(const char *path, points *p) {
  char *text, *line, *words[3];
  size_t length;
  NMD_TRY(nmd_text_read_file(path, &text, &length));
  nmd_lines lines;
  nmd_lines_init(&lines, path, text);
  nmd_status status = NMD_OK;
  while (status == NMD_OK && nmd_lines_next(&lines, &line)) {
    const int n = nmd_split(line, words, 3);
    if (n == 0 || words[0][0] == '#') continue;
    status = n == 1 ? nmd_fail(NMD_FILE_FORMAT, "%s:%d: one column; expected a distance (A) and an energy (eV)", path,
                               lines.line)
                    : add_point(p, &lines, words[0], words[1]);
  }
  if (status == NMD_OK && p->n < 4)
    status = nmd_fail(NMD_FILE_TRUNCATED, "%s: %d points; expected at least 4", path, p->n);
  nmd_free(text);
  return status;
}

/* Second derivatives (per step^2) of the spline whose end slopes are those of the cubics through the last four points,
 * so that a table of a cubic is that cubic: a tridiagonal system with rows 2 1 / 1 4 1 / 1 2. */
static void spline_curvatures(const points *p, double *m, double *scratch) {
  const double *v = p->v, *w = p->v + p->n - 1;
  const int last = p->n - 1;
  const double first_slope = (-11 * v[0] + 18 * v[1] - 9 * v[2] + 2 * v[3]) / 6;
  const double last_slope = (11 * w[0] - 18 * w[-1] + 9 * w[-2] - 2 * w[-3]) / 6;
  scratch[0] = 0.5;
  m[0] = 3 * (v[1] - v[0] - first_slope);
  for (int k = 1; k <= last; k++) {
    const double right = k < last ? v[k + 1] - 2 * v[k] + v[k - 1] : last_slope - (v[k] - v[k - 1]);
    scratch[k] = 1 / ((k < last ? 4 : 2) - scratch[k - 1]);
    m[k] = (6 * right - m[k - 1]) * scratch[k];
  }
  for (int k = last - 1; k >= 0; k--) m[k] -= scratch[k] * m[k + 1];
}

static nmd_status make_parameters(const points *p, double **out) {
  double *m, *c;
  NMD_TRY(NMD_ALLOC(m, 2 * p->n));
  const nmd_status status = NMD_ALLOC(c, 3 + 4 * (p->n - 1));
  if (status == NMD_OK) {
    spline_curvatures(p, m, m + p->n);
    c[0] = p->r[0];
    c[1] = (p->n - 1) / (p->r[p->n - 1] - p->r[0]);
    c[2] = p->n - 1;
    for (int k = 0; k < p->n - 1; k++) {
      double *piece = c + 3 + 4 * k;
      piece[0] = p->v[k];
      piece[1] = p->v[k + 1] - p->v[k] - (2 * m[k] + m[k + 1]) / 6;
      piece[2] = m[k] / 2;
      piece[3] = (m[k + 1] - m[k]) / 6;
    }
    *out = c;
  }
  nmd_free(m);
  return status;
}

static nmd_status set_from_file(nmd__pair_table *table, const char *file, const int index[2]) {
  points p = {0};
  double *parameters = NULL;
  nmd_status status = read_points(file, &p);
  if (status == NMD_OK) status = make_parameters(&p, &parameters);
  if (status == NMD_OK && index[0] >= 0 && index[1] >= 0)
    status = nmd__pair_table_set(table, index[0], index[1], p.r[p.n - 1], parameters, 3 + 4 * (p.n - 1));
  if (status == NMD_OK && p.r[p.n - 1] > table->cutoff) table->cutoff = p.r[p.n - 1];
  nmd_free(parameters);
  points_free(&p);
  return status;
}

static nmd_status set_pair(nmd__pair_table *table, const nmd_species *species, const nmd_yaml_node *node) {
  tabulated_pair_parameters pair;
  int index[2];
  NMD_TRY(nmd_options_parse(&pair_table, node, &pair));
  nmd_status status = nmd__elements_parse(node, &pair.elements, 2, "[Li, O]", species, index);
  if (status == NMD_OK) status = set_from_file(table, pair.file, index);
  nmd_options_free(&pair_table, &pair);
  return status;
}

static nmd_status fill_table(nmd__pair_table *table, const void *parameters, const nmd_species *species) {
  const tabulated_parameters *p = parameters;
  for (int k = 0; k < p->pairs->n; k++) NMD_TRY(set_pair(table, species, p->pairs->items[k]));
  snprintf(table->summary, sizeof table->summary, "Tabulated, %d pairs of elements, cut-off %.6g A\n", p->pairs->n,
           table->cutoff);
  return NMD_OK;
}

static nmd_status tabulated_create(const void *parameters, const nmd_species *species, void **out) {
  return nmd__pair_build(tabulated_form, NMD__PAIR_FORCE_SHIFT, fill_table, parameters, species, out);
}

extern const nmd_potential_ops nmd__potential_tabulated;
const nmd_potential_ops nmd__potential_tabulated = {
    .name = "tabulated",
    .options = &nmd__potential_tabulated_options,
    .create = tabulated_create,
    .cutoff = nmd__pair_cutoff,
    .compute = nmd__pair_compute,
    .describe = nmd__pair_describe,
    .cost = nmd__pair_cost,
    .destroy = nmd__pair_destroy,
};
