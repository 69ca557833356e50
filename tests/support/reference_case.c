/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/reference_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec3.h"
#include "support/test.h"
#include "system/element.h"

static bool complain(const char *what, const char *where) {
  fprintf(stderr, "reference case: %s: %s\n", where, what);
  return false;
}

static void *zeroed(size_t count, size_t size) {
  void *p = calloc(count > 0 ? count : 1, size);
  if (p == NULL) exit(1);
  return p;
}

/* The numbers after "key": up to the end of its value, nested lists flattened; returns how many were there. */
static int json_numbers(const char *text, const char *key, double *values, int max) {
  char quoted[128];
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *at = strstr(text, quoted);
  int n = 0, depth = 0;
  if (at == NULL) return 0;
  at += strlen(quoted);
  do {
    at += strspn(at, " \n\t,");
    if (*at == '[')
      depth++, at++;
    else if (*at == ']')
      depth--, at++;
    else {
      char *end;
      const double value = strtod(at, &end);
      if (end == at) return n;
      if (n < max) values[n] = value;
      n++;
      at = end;
    }
  } while (depth > 0);
  return n;
}

/* key="a b c" or key=a in an extxyz comment line. */
static int comment_numbers(const char *comment, const char *key, double *values, int max) {
  const size_t length = strlen(key);
  const char *at = comment;
  while ((at = strstr(at, key)) != NULL && at[length] != '=') at++;
  if (at == NULL) return 0;
  at += length + 1;
  at += *at == '"';
  int n = 0;
  for (char *end; n < max; n++, at = end) {
    values[n] = strtod(at, &end);
    if (end == at) break;
  }
  return n;
}

/* Structure part: species and positions; further columns of a line are left to `rest` (fx fy fz atomic energy). */
static bool read_extxyz(const char *file, reference_case *c, double (**rest)[4], char *comment, size_t size) {
  FILE *in = fopen(file, "r");
  if (in == NULL) return complain("cannot open", file);
  bool ok = fscanf(in, "%d ", &c->n) == 1 && c->n > 0 && fgets(comment, (int)size, in) != NULL;
  if (!ok) {
    fclose(in);
    return complain("no structure", file);
  }
  const size_t n = (size_t)c->n;
  c->x = zeroed(n, sizeof *c->x);
  c->element = zeroed(n, sizeof *c->element);
  c->force = zeroed(n, sizeof *c->force);
  c->atomic_energy = zeroed(n, sizeof *c->atomic_energy);
  *rest = zeroed(n, sizeof **rest);
  c->periodic = comment_numbers(comment, "Lattice", c->cell[0], 9) == 9 && strstr(comment, "pbc=\"F") == NULL;
  char line[1024], symbol[8];
  for (int i = 0; ok && i < c->n; i++) {
    double *r = (*rest)[i];
    ok = fgets(line, sizeof line, in) != NULL && sscanf(line, "%7s %lf %lf %lf %lf %lf %lf %lf", symbol, &c->x[i][0],
                                                        &c->x[i][1], &c->x[i][2], &r[0], &r[1], &r[2], &r[3]) >= 4;
    if (ok) c->element[i] = nmd_model_element_index(c->model, nmd_element_from_symbol(symbol));
    ok = ok && c->element[i] >= 0;
  }
  fclose(in);
  return ok || complain("bad atom line", file);
}

static bool read_model(const char *folder, double length_unit, double energy_unit, reference_case *c) {
  const char *slash = strrchr(folder, '/');
  memset(c, 0, sizeof *c);
  snprintf(c->name, sizeof c->name, "%s", slash != NULL ? slash + 1 : folder);
  if (nmd_model_read(folder, length_unit, energy_unit, &c->model) == NMD_OK) return true;
  return complain(nmd_error_text(), folder);
}

static bool read_expected(const char *text, const char *folder, double energy_unit, reference_case *c) {
  const int n = c->n;
  double total;
  bool ok = json_numbers(text, "energy_ev", &c->energy, 1) == 1;
  ok = ok && json_numbers(text, "forces_ev_per_angstrom", c->force[0], 3 * n) == 3 * n;
  ok = ok && json_numbers(text, "atomic_nn_energies_model_units", c->atomic_energy, n) == n;
  ok = ok && json_numbers(text, "virial_ev", c->virial[0], 9) == 9;
  ok = ok && json_numbers(text, "total", &total, 1) == 1;
  if (!ok) return complain("expected.json lacks numbers", folder);
  for (int i = 0; i < n; i++) c->atomic_energy[i] *= energy_unit;
  c->extrapolations = (int64_t)total;
  return true;
}

bool reference_case_read(const char *folder, reference_case *out) {
  char path[1024], comment[4096];
  double length_unit = 1.0, energy_unit = 1.0, (*rest)[4] = NULL;
  snprintf(path, sizeof path, "%s/expected.json", folder);
  char *text = test_read(path);
  memset(out, 0, sizeof *out);
  if (text == NULL) return complain("cannot read", path);
  json_numbers(text, "length_unit_in_angstrom", &length_unit, 1);
  json_numbers(text, "energy_unit_in_ev", &energy_unit, 1);
  snprintf(path, sizeof path, "%s/structure.extxyz", folder);
  const bool ok = read_model(folder, length_unit, energy_unit, out) &&
                  read_extxyz(path, out, &rest, comment, sizeof comment) &&
                  read_expected(text, folder, energy_unit, out);
  free(rest);
  free(text);
  return ok;
}

bool reference_case_read_extxyz(const char *model_folder, const char *file, double length_unit, double energy_unit,
                                reference_case *out) {
  char comment[4096];
  double(*rest)[4] = NULL;
  bool ok =
      read_model(model_folder, length_unit, energy_unit, out) && read_extxyz(file, out, &rest, comment, sizeof comment);
  ok = ok && comment_numbers(comment, "energy", &out->energy, 1) == 1;
  ok = ok && comment_numbers(comment, "virial", out->virial[0], 9) == 9;
  for (int i = 0; ok && i < out->n; i++) {
    memcpy(out->force[i], rest[i], sizeof out->force[i]);
    out->atomic_energy[i] = rest[i][3] - nmd_model_offset(out->model, out->element[i]);
  }
  free(rest);
  return ok || complain("numbers are missing", file);
}

void reference_case_free(reference_case *c) {
  nmd_model_destroy(c->model);
  free(c->x);
  free(c->element);
  free(c->force);
  free(c->atomic_energy);
  memset(c, 0, sizeof *c);
}

/* Neighbours of several centres; grows as they are found. */
typedef struct neighbours {
  int n, capacity;
  int *first, *element, *atom;
  double *d[3], *g[3];
} neighbours;

static void add_neighbour(neighbours *b, const reference_case *c, int j, const double d[3]) {
  if (b->n == b->capacity) {
    b->capacity = 2 * b->capacity + 256;
    const size_t bytes = (size_t)b->capacity * sizeof(double);
    for (int k = 0; k < 3; k++) b->d[k] = realloc(b->d[k], bytes);
    b->element = realloc(b->element, (size_t)b->capacity * sizeof *b->element);
    b->atom = realloc(b->atom, (size_t)b->capacity * sizeof *b->atom);
  }
  for (int k = 0; k < 3; k++) b->d[k][b->n] = d[k];
  b->element[b->n] = c->element[j];
  b->atom[b->n++] = j;
}

/* Images needed along each cell vector once a difference is reduced to within half a cell. */
static void image_range(const reference_case *c, double inverse[3][3], int range[3]) {
  const double rc = nmd_model_cutoff(c->model);
  memset(range, 0, 3 * sizeof *range);
  if (!c->periodic) return;
  nmd_mat_invert(c->cell, inverse);
  for (int k = 0; k < 3; k++) { /* column k of the inverse has the length 1 / height */
    const double column[3] = {inverse[0][k], inverse[1][k], inverse[2][k]};
    range[k] = (int)ceil(rc * nmd_norm(column) + 0.5);
  }
}

static void find_neighbours(const reference_case *c, int i, neighbours *b) {
  const double rc = nmd_model_cutoff(c->model);
  double inverse[3][3];
  int range[3];
  image_range(c, inverse, range);
  for (int j = 0; j < c->n; j++) {
    double base[3], f[3], d[3], shift[3];
    for (int k = 0; k < 3; k++) base[k] = c->x[j][k] - c->x[i][k];
    if (c->periodic) {
      nmd_row_times(base, inverse, f);
      const double whole[3] = {-rint(f[0]), -rint(f[1]), -rint(f[2])};
      nmd_row_times(whole, c->cell, shift);
      for (int k = 0; k < 3; k++) base[k] += shift[k];
    }
    for (int p = -range[0]; p <= range[0]; p++)
      for (int q = -range[1]; q <= range[1]; q++)
        for (int r = -range[2]; r <= range[2]; r++) {
          const double image[3] = {p, q, r};
          nmd_row_times(image, c->cell, shift);
          for (int k = 0; k < 3; k++) d[k] = base[k] + shift[k];
          const double distance = nmd_norm(d);
          if (distance < rc && !(i == j && distance < 1e-8)) add_neighbour(b, c, j, d);
        }
  }
}

static void add_results(const reference_case *c, const neighbours *b, const int *centres, int n, const double *energy,
                        reference_result *out) {
  for (int i = 0; i < n; i++) {
    const int atom = centres[i];
    out->atomic_energy[atom] = energy[i];
    out->energy += energy[i] + nmd_model_offset(c->model, c->element[atom]);
    for (int j = b->first[i]; j < b->first[i + 1]; j++)
      for (int k = 0; k < 3; k++) {
        out->force[b->atom[j]][k] -= b->g[k][j];
        out->force[atom][k] += b->g[k][j];
        for (int a = 0; a < 3; a++) out->virial[a][k] -= b->d[a][j] * b->g[k][j];
      }
  }
}

static bool evaluate_batch(const reference_case *c, const int *centres, int n, reference_evaluator *evaluate,
                           void *context, reference_result *out) {
  neighbours b = {0};
  b.first = zeroed((size_t)n + 1, sizeof *b.first);
  for (int i = 0; i < n; i++) {
    find_neighbours(c, centres[i], &b);
    b.first[i + 1] = b.n;
  }
  double *energy = zeroed((size_t)n, sizeof *energy);
  for (int k = 0; k < 3; k++) b.g[k] = zeroed((size_t)b.n, sizeof(double));
  const nmd_environments environments = {.n = n,
                                         .element = c->element[centres[0]],
                                         .first = b.first,
                                         .dx = b.d[0],
                                         .dy = b.d[1],
                                         .dz = b.d[2],
                                         .neighbour_element = b.element};
  nmd_environment_results results = {.energy = energy, .gx = b.g[0], .gy = b.g[1], .gz = b.g[2]};
  const bool ok = evaluate(context, &environments, &results) == NMD_OK;
  if (ok)
    add_results(c, &b, centres, n, energy, out);
  else
    complain(nmd_error_text(), c->name);
  out->extrapolations += results.n_extrapolations;
  for (int k = 0; k < 3; k++) free(b.d[k]), free(b.g[k]);
  free(b.first);
  free(b.element);
  free(b.atom);
  free(energy);
  return ok;
}

bool reference_case_evaluate(const reference_case *c, int batch, reference_evaluator *evaluate, void *context,
                             reference_result *out) {
  memset(out, 0, sizeof *out);
  out->atomic_energy = zeroed((size_t)c->n, sizeof *out->atomic_energy);
  out->force = zeroed((size_t)c->n, sizeof *out->force);
  int *centres = zeroed((size_t)c->n, sizeof *centres);
  bool ok = true;
  for (int e = 0; ok && e < nmd_model_element_count(c->model); e++) {
    int n = 0;
    for (int i = 0; ok && i < c->n; i++) {
      if (c->element[i] == e) centres[n++] = i;
      if (n == 0 || (n != batch && i + 1 < c->n)) continue;
      ok = evaluate_batch(c, centres, n, evaluate, context, out);
      n = 0;
    }
  }
  free(centres);
  return ok;
}

void reference_result_free(reference_result *r) {
  free(r->atomic_energy);
  free(r->force);
  memset(r, 0, sizeof *r);
}

/* NaN counts as an infinite difference. */
static void take_larger(double *largest, double a, double b) {
  const double d = fabs(a - b);
  if (!(d <= *largest)) *largest = isnan(d) ? INFINITY : d;
}

reference_deviation reference_case_compare(const reference_case *c, const reference_result *r) {
  reference_deviation d = {0};
  take_larger(&d.energy, r->energy / c->n, c->energy / c->n);
  for (int i = 0; i < c->n; i++) {
    take_larger(&d.atomic_energy, r->atomic_energy[i], c->atomic_energy[i]);
    for (int k = 0; k < 3; k++) take_larger(&d.force, r->force[i][k], c->force[i][k]);
  }
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) take_larger(&d.virial, r->virial[a][b], c->virial[a][b]);
  d.extrapolations = r->extrapolations - c->extrapolations;
  return d;
}
