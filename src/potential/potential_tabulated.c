/* SPDX-License-Identifier: BSD-3-Clause */
/* Tabulated pair potentials: files with lines "r V(r)" (A, eV; more columns and lines after # are passed over) at equal
 * steps of r, joined by a cubic spline, shifted at the last point so that energy and force end at zero.
 *
 * The force is the derivative of the spline, so that energy is conserved whatever the step. Closer than the first point
 * the spline goes on with its first slope. */
#include <stdio.h>

#include "base/columns.h"
#include "base/memory.h"
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

static nmd_status read_table(const char *path, nmd_columns *table) {
  NMD_TRY(nmd_columns_read(path, 2, "a distance (A) and an energy (eV)", 4, table));
  const double *r = table->x, wanted = r[1] - r[0];
  nmd_status status = NMD_OK;
  if (r[0] <= 0)
    status = nmd_fail(NMD_OUT_OF_RANGE, "%s:%d: first distance %g A; expected > 0", path, table->line[0], r[0]);
  for (int k = 1; k < table->n && status == NMD_OK; k++)
    if (fabs(r[k] - r[k - 1] - wanted) > 1e-4 * wanted)
      status = nmd_fail(NMD_FILE_FORMAT,
                        "%s:%d: distance %.9g A is %.9g A after the one before; expected equal steps of %.9g A upwards",
                        path, table->line[k], r[k], r[k] - r[k - 1], wanted);
  if (status != NMD_OK) nmd_columns_free(table);
  return status;
}

/* Second derivatives (per step^2) of the spline whose end slopes are those of the cubics through the last four points,
 * so that a table of a cubic is that cubic: a tridiagonal system with rows 2 1 / 1 4 1 / 1 2. */
static void spline_curvatures(const nmd_columns *p, double *m, double *scratch) {
  const double *v = p->y, *w = p->y + p->n - 1;
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

static nmd_status make_parameters(const nmd_columns *p, double **out) {
  double *m, *c;
  NMD_TRY(NMD_ALLOC(m, 2 * p->n));
  const nmd_status status = NMD_ALLOC(c, 3 + 4 * (p->n - 1));
  if (status == NMD_OK) {
    spline_curvatures(p, m, m + p->n);
    c[0] = p->x[0];
    c[1] = (p->n - 1) / (p->x[p->n - 1] - p->x[0]);
    c[2] = p->n - 1;
    for (int k = 0; k < p->n - 1; k++) {
      double *piece = c + 3 + 4 * k;
      piece[0] = p->y[k];
      piece[1] = p->y[k + 1] - p->y[k] - (2 * m[k] + m[k + 1]) / 6;
      piece[2] = m[k] / 2;
      piece[3] = (m[k + 1] - m[k]) / 6;
    }
    *out = c;
  }
  nmd_free(m);
  return status;
}

static nmd_status set_from_file(nmd__pair_table *table, const char *file, const int index[2]) {
  nmd_columns p;
  double *parameters = NULL;
  NMD_TRY(read_table(file, &p));
  const double cutoff = p.x[p.n - 1];
  nmd_status status = make_parameters(&p, &parameters);
  if (status == NMD_OK && index[0] >= 0 && index[1] >= 0)
    status = nmd__pair_table_set(table, index[0], index[1], cutoff, parameters, 3 + 4 * (p.n - 1));
  if (status == NMD_OK && cutoff > table->cutoff) table->cutoff = cutoff;
  nmd_free(parameters);
  nmd_columns_free(&p);
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
    .identify = nmd__pair_identify,
    .cost = nmd__pair_cost,
    .destroy = nmd__pair_destroy,
};
