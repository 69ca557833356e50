/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/elastic.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/vec3.h"
#include "potential/potential.h"
#include "simulation/evaluate_structure.h"
#include "simulation/simulation.h"
#include "study/relax.h"
#include "study/saved.h"

enum { STEPS = 4, STRAINS = 6 * STEPS, VALUES = 7 }; /* six stresses and the energy of each strain */
static const double step[STEPS] = {1, -1, 2, -2};

typedef struct study {
  const nmd_comm *comm;
  const nmd_elastic_input *input;
  nmd_comm *alone;
  nmd_species species;
  nmd_potential potential;
  nmd_yaml *tree[2];
  void *parameters[2]; /* of minimise: cell free, cell fixed */
  nmd_structure rest;
  double energy;     /* eV */
  uint64_t hash;     /* of all that a measurement depends on */
  char folder[4096]; /* where measurements are kept */
} study;

/* ---- relaxation ---- */

static nmd_status make_parameters(study *s, int which, const char *cell) {
  const nmd_elastic_relax *r = &s->input->relax;
  char text[256];
  snprintf(text, sizeof text,
           "cell: %s\nforce_tolerance: %.17g eV/A\nstress_tolerance: %.17g eV/A^3\nmax_steps: %lld\n", cell,
           r->force_tolerance, r->stress_tolerance, (long long)r->max_steps);
  NMD_TRY(nmd_yaml_parse("relax", text, strlen(text), &s->tree[which]));
  NMD_TRY(nmd_alloc(&s->parameters[which], 1, nmd_relax_options()->size));
  return nmd_options_parse(nmd_relax_options(), nmd_yaml_root(s->tree[which]), s->parameters[which]);
}

static nmd_status relax(const study *s, int which, nmd_structure *structure) {
  const nmd_relaxer relaxer = {s->alone, &s->potential, &s->species, 2.0, s->parameters[which]};
  nmd_relax_result result;
  NMD_TRY(nmd_relax(&relaxer, structure, &result));
  if (result.converged) return NMD_OK;
  NMD_FAIL(CONFLICT,
           "not relaxed after %lld steps: longest force %.2e eV/A; expected below %.2e: raise relax.max_steps or the "
           "tolerance, or start nearer to a minimum",
           (long long)result.steps, result.force_max, s->input->relax.force_tolerance);
}

/* ---- what is there already ---- */

static nmd_status make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return NMD_OK;
  NMD_FAIL(WRITE, "output_folder: cannot make \"%s\": %s; its parent folder must exist and be writable", path,
           strerror(errno));
}

static nmd_status make_folders(const study *s) {
  if (nmd_comm_rank(s->comm) != 0) return NMD_OK;
  NMD_TRY(make_folder(s->input->output));
  return make_folder(s->folder);
}

/* A measurement depends on the crystal at rest, the potential and the tolerances; not on the number of ranks. */
static void describe_settings(study *s) {
  const nmd_elastic_relax *r = &s->input->relax;
  const double numbers[] = {r->force_tolerance, r->stress_tolerance, (double)r->max_steps};
  s->hash = NMD_HASH_START;
  nmd_potential_identify(&s->potential, &s->hash);
  nmd_hash_bytes(&s->hash, numbers, sizeof numbers);
  nmd_hash_bytes(&s->hash, s->rest.box.h, sizeof s->rest.box.h);
  nmd_hash_bytes(&s->hash, s->rest.x, (size_t)s->rest.n * sizeof *s->rest.x);
  nmd_hash_bytes(&s->hash, s->rest.atomic_number, (size_t)s->rest.n * sizeof *s->rest.atomic_number);
}

static nmd_status stopped(void) {
  if (!nmd_signals_seen()) return NMD_OK;
  NMD_FAIL(INTERRUPTED, "stopped early; the same command goes on where this one ended");
}

/* ---- set-up ---- */

static nmd_status setup(study *s) {
  NMD_TRY(nmd_elastic_input_structure(s->input, &s->rest));
  nmd_species_init(&s->species, s->rest.atomic_number, (long)s->rest.n);
  NMD_TRY(nmd_comm_alone(&s->alone));
  NMD_TRY(nmd_potential_create(s->input->potential, &s->species, &s->potential));
  NMD_TRY(make_parameters(s, 0, "triclinic"));
  NMD_TRY(make_parameters(s, 1, "fixed"));
  NMD_TRY(relax(s, 0, &s->rest)); /* the same on every rank, bit for bit */
  s->energy = s->rest.energy;
  describe_settings(s);
  return NMD_OK;
}

static void teardown(study *s) {
  for (int k = 0; k < 2; k++) {
    if (s->parameters[k] != NULL) nmd_options_free(nmd_relax_options(), s->parameters[k]);
    nmd_free(s->parameters[k]);
    nmd_yaml_destroy(s->tree[k]);
  }
  nmd_potential_destroy(&s->potential);
  nmd_comm_free(s->alone);
  nmd_structure_free(&s->rest);
}

/* The structure at rest with h (1 + strain), atoms following. */
static nmd_status strained(const study *s, const double strain[3][3], nmd_structure *out) {
  double map[3][3], h[3][3];
  for (int k = 0; k < 9; k++) map[k / 3][k % 3] = (k % 4 == 0) + strain[k / 3][k % 3];
  NMD_TRY(nmd_structure_copy(&s->rest, out));
  nmd_mat_times(s->rest.box.h, (const double(*)[3])map, h);
  for (int64_t i = 0; i < out->n; i++) {
    double from[3];
    for (int k = 0; k < 3; k++) from[k] = s->rest.x[i][k] - s->rest.box.origin[k];
    nmd_row_times(from, (const double(*)[3])map, out->x[i]);
    for (int k = 0; k < 3; k++) out->x[i][k] += out->box.origin[k];
  }
  return nmd_box_set_h(&out->box, (const double(*)[3])h);
}

/* Stress (Voigt, eV/A^3, tension positive) and energy. */
static nmd_status measure(const study *s, const nmd_structure *structure, double *values) {
  nmd_structure_results all;
  NMD_TRY(nmd_structure_evaluate(s->alone, &s->potential, &s->species, structure, &all));
  for (int i = 0; i < 6; i++) values[i] = -nmd_symmetric((const double(*)[3])all.virial, i) / structure->box.volume;
  values[6] = all.energy;
  nmd_structure_results_free(&all);
  return NMD_OK;
}

/* ---- elastic constants ---- */

static nmd_status measure_strain(const study *s, int which, bool relaxed, double *values) {
  double strain[3][3] = {{0}};
  const int a = nmd_voigt[which / STEPS][0], b = nmd_voigt[which / STEPS][1];
  const double amount = s->input->strain * step[which % STEPS];
  strain[a][b] += 0.5 * amount;
  strain[b][a] += 0.5 * amount; /* a == b: the whole amount; shears: half of 2 e_ab on each side */
  nmd_structure structure = {0};
  nmd_status status = strained(s, (const double(*)[3])strain, &structure);
  if (status == NMD_OK && relaxed) status = relax(s, 1, &structure);
  if (status == NMD_OK) status = measure(s, &structure, values);
  nmd_structure_free(&structure);
  return status;
}

/* Eigenvalues of a symmetric 6 x 6 matrix by cyclic Jacobi rotations: the lowest one. */
static double lowest_eigenvalue(const double matrix[6][6]) {
  double a[6][6];
  memcpy(a, matrix, sizeof a);
  for (int sweep = 0; sweep < 60; sweep++)
    for (int p = 0; p < 5; p++)
      for (int q = p + 1; q < 6; q++) {
        if (fabs(a[p][q]) < 1e-300) continue;
        const double angle = 0.5 * atan2(2 * a[p][q], a[q][q] - a[p][p]), c = cos(angle), d = sin(angle);
        for (int k = 0; k < 6; k++) {
          const double x = a[k][p], y = a[k][q];
          a[k][p] = c * x - d * y, a[k][q] = d * x + c * y;
        }
        for (int k = 0; k < 6; k++) {
          const double x = a[p][k], y = a[q][k];
          a[p][k] = c * x - d * y, a[q][k] = d * x + c * y;
        }
      }
  double least = a[0][0];
  for (int k = 1; k < 6; k++) least = fmin(least, a[k][k]);
  return least;
}

/* Inverse by Gauss-Jordan elimination with pivots; false if singular. */
static bool invert(const double matrix[6][6], double out[6][6]) {
  double a[6][12] = {{0}};
  for (int i = 0; i < 6; i++) {
    memcpy(a[i], matrix[i], sizeof matrix[i]);
    a[i][6 + i] = 1;
  }
  for (int k = 0; k < 6; k++) {
    int pivot = k;
    for (int i = k; i < 6; i++)
      if (fabs(a[i][k]) > fabs(a[pivot][k])) pivot = i;
    if (fabs(a[pivot][k]) < 1e-12) return false;
    for (int j = 0; j < 12; j++) {
      const double other = a[k][j];
      a[k][j] = a[pivot][j];
      a[pivot][j] = other;
    }
    for (int i = 0; i < 6; i++) {
      const double factor = a[i][k] / a[k][k];
      for (int j = 0; j < 12 && i != k; j++) a[i][j] -= factor * a[k][j];
    }
  }
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) out[i][j] = a[i][6 + j] / a[i][i];
  return true;
}

static void average(nmd_elastic_constants *e) {
  const double(*c)[6] = (const double(*)[6])e->c;
  double s[6][6];
  const double diagonal = c[0][0] + c[1][1] + c[2][2], cross = c[0][1] + c[0][2] + c[1][2],
               shears = c[3][3] + c[4][4] + c[5][5];
  e->bulk[0] = (diagonal + 2 * cross) / 9;
  e->shear[0] = (diagonal - cross + 3 * shears) / 15;
  e->bulk[1] = e->shear[1] = NAN;
  if (!invert(c, s)) return;
  const double s_diagonal = s[0][0] + s[1][1] + s[2][2], s_cross = s[0][1] + s[0][2] + s[1][2];
  e->bulk[1] = 1 / (s_diagonal + 2 * s_cross);
  e->shear[1] = 15 / (4 * s_diagonal - 4 * s_cross + 3 * (s[3][3] + s[4][4] + s[5][5]));
}

static void differentiate(const study *s, double (*values)[VALUES], nmd_elastic_constants *e) {
  const double d = s->input->strain, volume = s->rest.box.volume;
  double raw[6][6];
  *e = (nmd_elastic_constants){0};
  for (int j = 0; j < 6; j++) {
    const double(*v)[VALUES] = (const double(*)[VALUES])values + STEPS * j;
    for (int i = 0; i < 6; i++) raw[i][j] = (8 * (v[0][i] - v[1][i]) - (v[2][i] - v[3][i])) / (12 * d);
    e->from_energy[j] = (16 * (v[0][6] + v[1][6]) - (v[2][6] + v[3][6]) - 30 * s->energy) / (12 * d * d * volume);
  }
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) {
      e->c[i][j] = 0.5 * (raw[i][j] + raw[j][i]);
      e->asymmetry = fmax(e->asymmetry, fabs(raw[i][j] - raw[j][i]));
    }
  e->lowest = lowest_eigenvalue((const double(*)[6])e->c);
  average(e);
}

/* The strain is part of the name: a study with another one finds none of these. */
static nmd_status strain_once(const study *s, int k, double *values) {
  static const char *const axes[] = {"xx", "yy", "zz", "yz", "xz", "xy"};
  char name[96];
  const int which = k % STRAINS;
  snprintf(name, sizeof name, "%s-%s%+.12g.dat", k < STRAINS ? "fixed" : "relaxed", axes[which / STEPS],
           s->input->strain * step[which % STEPS]);
  if (nmd_saved_read(s->folder, name, s->hash, VALUES, values)) return NMD_OK;
  NMD_TRY(stopped());
  NMD_TRY(measure_strain(s, which, k >= STRAINS, values));
  return nmd_saved_write(s->folder, name, s->hash, VALUES, values);
}

static nmd_status strain_all(const study *s, double (*values)[VALUES]) {
  const int size = nmd_comm_size(s->comm);
  for (int k = nmd_comm_rank(s->comm); k < 2 * STRAINS; k += size) NMD_TRY(strain_once(s, k, values[k]));
  return NMD_OK;
}

static nmd_status find_constants(const study *s, nmd_elastic_result *result) {
  double(*values)[VALUES];
  NMD_TRY(nmd_comm_agree(s->comm, NMD_ALLOC(values, 2 * STRAINS)));
  const nmd_status status = nmd_comm_agree(s->comm, strain_all(s, values));
  if (status == NMD_OK) {
    nmd_comm_sum(s->comm, values[0], 2 * STRAINS * VALUES);
    differentiate(s, values, &result->fixed);
    differentiate(s, values + STRAINS, &result->relaxed);
  }
  nmd_free(values);
  return status;
}

/* ---- equation of state ---- */

static nmd_status measure_volume(const study *s, double ratio, double point[3]) {
  const double stretch = cbrt(ratio) - 1, strain[3][3] = {{stretch, 0, 0}, {0, stretch, 0}, {0, 0, stretch}};
  double values[VALUES];
  nmd_structure structure = {0};
  nmd_status status = strained(s, strain, &structure);
  if (status == NMD_OK) status = relax(s, 1, &structure);
  if (status == NMD_OK) status = measure(s, &structure, values);
  if (status == NMD_OK) {
    point[0] = structure.box.volume / (double)structure.n;
    point[1] = values[6] / (double)structure.n;
    point[2] = -(values[0] + values[1] + values[2]) / 3;
  }
  nmd_structure_free(&structure);
  return status;
}

/* Least squares of a cubic through (x, y), by normal equations in a variable of order one. */
static bool fit_cubic(int64_t n, const double *x, const double *y, double a[4]) {
  double m[6][6] = {{0}}, inverse[6][6], right[4] = {0};
  for (int64_t k = 0; k < n; k++)
    for (int i = 0; i < 4; i++) {
      right[i] += pow(x[k], i) * y[k];
      for (int j = 0; j < 4; j++) m[i][j] += pow(x[k], i + j);
    }
  m[4][4] = m[5][5] = 1;
  if (!invert((const double(*)[6])m, inverse)) return false;
  for (int i = 0; i < 4; i++) {
    a[i] = 0;
    for (int j = 0; j < 4; j++) a[i] += inverse[i][j] * right[j];
  }
  return true;
}

/* E = cubic in u = [(V_r / V)^(2/3) - 1] / w, w the largest |u|: minimum, B = V E'', B' = -1 - V E''' / E''. */
static nmd_status fit_equation(nmd_elastic_result *r) {
  double *x, *y, a[4] = {0}, w = 0;
  const double reference = r->point[r->n / 2][0];
  NMD_TRY(NMD_ALLOC(x, 2 * r->n));
  y = x + r->n;
  for (int64_t k = 0; k < r->n; k++) {
    x[k] = pow(reference / r->point[k][0], 2.0 / 3) - 1;
    y[k] = r->point[k][1] - r->energy;
    w = fmax(w, fabs(x[k]));
  }
  for (int64_t k = 0; k < r->n; k++) x[k] /= w;
  const bool good = fit_cubic(r->n, x, y, a);
  const double root = a[2] * a[2] - 3 * a[1] * a[3];
  /* The minimum, in the form that is safe for a small cubic term. */
  const double u = good && root > 0 ? -a[1] / (a[2] + sqrt(root)) : NAN;
  for (int64_t k = 0; k < r->n; k++)
    r->rms += pow(y[k] - (a[0] + x[k] * (a[1] + x[k] * (a[2] + x[k] * a[3]))), 2) / (double)r->n;
  r->rms = sqrt(r->rms);
  nmd_free(x);
  if (!(fabs(u) <= 1.5))
    NMD_FAIL(CONFLICT,
             "equation of state: no minimum of the energy near the crystal at rest; expected one: use a smaller range");
  /* Derivatives with respect to z = w u = q - 1, q = (V_r / V)^(2/3), at the minimum: E' = 0. */
  const double q = 1 + w * u, second = (2 * a[2] + 6 * a[3] * u) / (w * w), third = 6 * a[3] / (w * w * w);
  const double v = reference * pow(q, -1.5), dq = -2.0 / 3 * q / v, d2q = 10.0 / 9 * q / (v * v);
  const double e2 = second * dq * dq, e3 = third * dq * dq * dq + 3 * second * dq * d2q;
  r->volume = v;
  r->bulk = v * e2;
  r->slope = -1 - v * e3 / e2;
  return NMD_OK;
}

static nmd_status volume_once(const study *s, double ratio, double point[3]) {
  char name[64];
  snprintf(name, sizeof name, "volume-%.12g.dat", ratio);
  if (nmd_saved_read(s->folder, name, s->hash, 3, point)) return NMD_OK;
  NMD_TRY(stopped());
  NMD_TRY(measure_volume(s, ratio, point));
  return nmd_saved_write(s->folder, name, s->hash, 3, point);
}

static nmd_status measure_volumes(const study *s, nmd_elastic_result *r) {
  for (int64_t k = nmd_comm_rank(s->comm); k < r->n; k += nmd_comm_size(s->comm))
    NMD_TRY(volume_once(s, 1 + s->input->range * (2 * (double)k / (double)(r->n - 1) - 1), r->point[k]));
  return NMD_OK;
}

static nmd_status find_equation(const study *s, nmd_elastic_result *r) {
  r->n = s->input->points;
  NMD_TRY(nmd_comm_agree(s->comm, NMD_ALLOC(r->point, r->n)));
  NMD_TRY(nmd_comm_agree(s->comm, measure_volumes(s, r)));
  nmd_comm_sum(s->comm, r->point[0], 3 * (int)r->n);
  return fit_equation(r);
}

static nmd_status run(study *s, nmd_elastic_result *r) {
  snprintf(s->folder, sizeof s->folder, "%s/results", s->input->output);
  nmd_signals_catch();
  NMD_TRY(nmd_comm_agree_root(s->comm, make_folders(s)));
  NMD_TRY(nmd_comm_agree(s->comm, setup(s)));
  NMD_TRY(nmd_structure_copy(&s->rest, &r->structure));
  r->energy = s->energy / (double)s->rest.n;
  NMD_TRY(find_constants(s, r));
  return find_equation(s, r);
}

nmd_status nmd_elastic_compute(const nmd_comm *comm, const nmd_elastic_input *input, nmd_elastic_result *result) {
  study s = {.comm = comm, .input = input};
  *result = (nmd_elastic_result){0};
  const nmd_status status = nmd_comm_agree(comm, run(&s, result));
  teardown(&s);
  if (status != NMD_OK) nmd_elastic_result_free(result);
  return status;
}

void nmd_elastic_result_free(nmd_elastic_result *result) {
  nmd_structure_free(&result->structure);
  nmd_free(result->point);
  *result = (nmd_elastic_result){0};
}
