/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/ewald_pairs.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"

static const double reach = 5.7; /* exp(-reach^2) is 8e-15 */

/* ---- g of a cell ---- */

/* Whole-number vectors up to `most` lengths of the rows of h (heights: distances of planes), each handed to `visit`. */
typedef void visitor(nmd_ewald_kernel *kernel, const double x[3], bool store);

static void visit_lattice(nmd_ewald_kernel *kernel, const double h[3][3], const double heights[3], double most,
                          visitor *visit, bool store) {
  int n[3];
  for (int a = 0; a < 3; a++) n[a] = 1 + (int)ceil(most / heights[a]);
  for (int i = -n[0]; i <= n[0]; i++)
    for (int j = -n[1]; j <= n[1]; j++)
      for (int k = -n[2]; k <= n[2]; k++) {
        const double v[3] = {i, j, k};
        double x[3];
        nmd_row_times(v, h, x);
        visit(kernel, x, store);
      }
}

/* Translations that matter for any x within the cell: all up to the reach plus its longest diagonal, checked again
 * where they are used. */
static double longest_diagonal(const nmd_box *box) {
  double most = 0;
  for (int c = 0; c < 8; c++) {
    const double v[3] = {c & 1, (c >> 1 & 1) * 2 - 1, (c >> 2 & 1) * 2 - 1};
    double x[3];
    nmd_row_times(v, box->h, x);
    most = fmax(most, nmd_norm(x));
  }
  return most;
}

static void visit_real(nmd_ewald_kernel *kernel, const double x[3], bool store) {
  if (store) memcpy(kernel->real[kernel->n_real], x, sizeof kernel->real[0]);
  kernel->n_real++;
}

static void visit_wave(nmd_ewald_kernel *kernel, const double x[3], bool store) {
  const double square = nmd_dot(x, x), most = 2 * kernel->alpha * reach;
  const bool half = x[2] > 1e-9 || (fabs(x[2]) <= 1e-9 && (x[1] > 1e-9 || (fabs(x[1]) <= 1e-9 && x[0] > 1e-9)));
  if (!half || square > most * most) return;
  if (store) {
    memcpy(kernel->wave[kernel->n_wave], x, 3 * sizeof(double));
    kernel->wave[kernel->n_wave][3] = 2 * exp(-square / (4 * kernel->alpha * kernel->alpha)) / square;
  }
  kernel->n_wave++;
}

nmd_status nmd_ewald_kernel_init(nmd_ewald_kernel *kernel, const nmd_box *box) {
  double wave[3][3], heights[3], wave_heights[3];
  *kernel = (nmd_ewald_kernel){.alpha = sqrt(M_PI) / cbrt(box->volume)};
  for (int r = 0; r < 3; r++)
    for (int c = 0; c < 3; c++) wave[r][c] = 2 * M_PI * box->inverse[c][r];
  for (int a = 0; a < 3; a++) {
    heights[a] = nmd_box_height(box, a);
    wave_heights[a] = 2 * M_PI / nmd_norm(box->h[a]);
  }
  const double far = reach / kernel->alpha + longest_diagonal(box);
  for (int store = 0; store < 2; store++) {
    if (store == 1) NMD_TRY(NMD_ALLOC(kernel->real, kernel->n_real));
    if (store == 1) NMD_TRY(NMD_ALLOC(kernel->wave, kernel->n_wave));
    kernel->n_real = kernel->n_wave = 0;
    visit_lattice(kernel, box->h, heights, far, visit_real, store == 1);
    visit_lattice(kernel, (const double(*)[3])wave, wave_heights, 2 * kernel->alpha * reach, visit_wave, store == 1);
  }
  for (int k = 0; k < kernel->n_wave; k++) kernel->wave[k][3] *= 4 * M_PI * NMD_COULOMB / box->volume;
  kernel->shift = -NMD_COULOMB * M_PI / (box->volume * kernel->alpha * kernel->alpha);
  return NMD_OK;
}

void nmd_ewald_kernel_free(nmd_ewald_kernel *kernel) {
  nmd_free(kernel->real);
  nmd_free(kernel->wave);
  *kernel = (nmd_ewald_kernel){0};
}

double nmd_ewald_kernel_value(const nmd_ewald_kernel *kernel, const double x[3]) {
  double sum = kernel->shift;
  const double far = reach / kernel->alpha;
  for (int k = 0; k < kernel->n_real; k++) {
    double d[3];
    for (int a = 0; a < 3; a++) d[a] = x[a] + kernel->real[k][a];
    const double r2 = nmd_dot(d, d);
    if (r2 > far * far) continue;
    if (r2 < 1e-12)
      sum -= 2 * NMD_COULOMB * kernel->alpha / sqrt(M_PI);
    else
      sum += NMD_COULOMB * erfc(kernel->alpha * sqrt(r2)) / sqrt(r2);
  }
  for (int k = 0; k < kernel->n_wave; k++) sum += kernel->wave[k][3] * cos(nmd_dot(kernel->wave[k], x));
  return sum;
}

/* ---- matrix of a supercell ---- */

static void frame_terms(nmd_ewald_pairs *e, const nmd_parent_lattice *parent, const nmd_ewald_kernel *g, int cells,
                        const double *charge) {
  for (int b = 0; b < parent->n_sites + parent->n_frame; b++) {
    const double *s = b < parent->n_sites ? parent->site[b] : parent->frame[b - parent->n_sites];
    double sum = 0;
    for (int f = 0; f < parent->n_frame; f++) {
      double d[3], x[3];
      for (int a = 0; a < 3; a++) d[a] = s[a] - parent->frame[f][a];
      nmd_row_times(d, parent->box.h, x);
      sum += charge[parent->frame_z[f]] * nmd_ewald_kernel_value(g, x);
    }
    if (b < parent->n_sites)
      for (int c = 0; c < cells; c++) e->field[c * parent->n_sites + b] = sum;
    else
      e->constant += 0.5 * cells * charge[parent->frame_z[b - parent->n_sites]] * sum;
  }
}

/* g between site b in cell 0 and all sites, which gives that of all cells by translation. */
static void site_terms(nmd_ewald_pairs *e, const nmd_parent_lattice *parent, const nmd_supercell *super,
                       const nmd_ewald_kernel *g, int b, double *row) {
  const int n_sites = parent->n_sites;
  for (int j = 0; j < super->n; j++) {
    double d[3], x[3];
    for (int a = 0; a < 3; a++) d[a] = parent->site[j % n_sites][a] + super->cell[j / n_sites][a] - parent->site[b][a];
    nmd_row_times(d, parent->box.h, x);
    row[j] = nmd_ewald_kernel_value(g, x);
  }
  for (int c = 0; c < super->cells; c++)
    for (int other = 0; other < super->cells; other++) {
      int at[3];
      for (int a = 0; a < 3; a++) at[a] = super->cell[other][a] - super->cell[c][a];
      const int from = nmd_supercell_cell(super, at);
      double *to = e->pair + (size_t)(c * n_sites + b) * (size_t)e->n + (size_t)(other * n_sites);
      memcpy(to, row + from * n_sites, (size_t)n_sites * sizeof *to);
    }
}

static nmd_status fill_frame(nmd_ewald_pairs *e, const nmd_parent_lattice *parent, int cells, const double *charge) {
  nmd_ewald_kernel g;
  nmd_status status = nmd_ewald_kernel_init(&g, &parent->box);
  if (status == NMD_OK) frame_terms(e, parent, &g, cells, charge);
  nmd_ewald_kernel_free(&g);
  return status;
}

static nmd_status fill_pairs(nmd_ewald_pairs *e, const nmd_parent_lattice *parent, const nmd_supercell *super) {
  nmd_ewald_kernel g = {0};
  nmd_box box;
  double(*x)[3], *row = NULL;
  NMD_TRY(NMD_ALLOC(x, super->n));
  nmd_status status = nmd_supercell_positions(super, parent, &box, x);
  nmd_free(x);
  if (status == NMD_OK) status = nmd_ewald_kernel_init(&g, &box);
  if (status == NMD_OK) status = NMD_ALLOC(row, super->n);
  for (int b = 0; b < parent->n_sites && status == NMD_OK; b++) site_terms(e, parent, super, &g, b, row);
  nmd_free(row);
  nmd_ewald_kernel_free(&g);
  return status;
}

nmd_status nmd_ewald_pairs_init(nmd_ewald_pairs *ewald, const nmd_parent_lattice *parent, const nmd_supercell *super,
                                const double *charge) {
  *ewald = (nmd_ewald_pairs){.n = super->n};
  if (super->n > NMD_EWALD_SITES_MAX)
    NMD_FAIL(OUT_OF_RANGE, "Ewald's matrix of %d sites; expected up to %d: take a smaller supercell", super->n,
             NMD_EWALD_SITES_MAX);
  NMD_TRY(NMD_ALLOC(ewald->field, super->n));
  NMD_TRY(NMD_ALLOC(ewald->self, super->n));
  nmd_status status = NMD_ALLOC(ewald->pair, (size_t)super->n * (size_t)super->n);
  if (status == NMD_OK) status = fill_frame(ewald, parent, super->cells, charge);
  if (status == NMD_OK) status = fill_pairs(ewald, parent, super);
  for (int i = 0; i < super->n && status == NMD_OK; i++)
    ewald->self[i] = ewald->pair[(size_t)i * (size_t)super->n + (size_t)i];
  if (status != NMD_OK) nmd_ewald_pairs_free(ewald);
  return status;
}

void nmd_ewald_pairs_free(nmd_ewald_pairs *ewald) {
  nmd_free(ewald->pair);
  nmd_free(ewald->field);
  nmd_free(ewald->self);
  *ewald = (nmd_ewald_pairs){0};
}

double nmd_ewald_pairs_energy(const nmd_ewald_pairs *ewald, const double *q) {
  double sum = ewald->constant;
  for (int i = 0; i < ewald->n; i++) {
    const double *row = ewald->pair + (size_t)i * (size_t)ewald->n;
    double potential = 0;
    for (int j = 0; j < ewald->n; j++) potential += row[j] * q[j];
    sum += q[i] * (ewald->field[i] + 0.5 * potential);
  }
  return sum;
}
