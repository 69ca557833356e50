/* SPDX-License-Identifier: BSD-3-Clause */
/* Levenberg-Marquardt on the full batch: with residuals r (all energies, force and stress components, weighted) and
 * their derivatives J,
 *
 *   (J^T J + mu diag(J^T J)) step = J^T r,
 *
 * mu falls after a step that lowers the loss and rises until one does. Each pass costs (observations) x (weights)^2,
 * in BLAS 3; near a minimum it needs few. K. Levenberg, Q. Appl. Math. 2, 164 (1944); D. Marquardt, J. SIAM 11, 431
 * (1963). Trade-off: no noise, so the deepest fits, but also no escape from a poor valley: run it after `kalman`. */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "training/optimiser.h"

extern const nmd_optimiser_ops nmd__optimiser_levenberg_marquardt;
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);

enum { ROWS = 256, TRIES = 8 };

typedef struct lm_parameters {
  nmd_stage_parameters stage;
  double damping;
} lm_parameters;

static const nmd_option options[] = {
    NMD_STAGE_EPOCHS(lm_parameters, "10"),
    {"damping", NMD_OPT_REAL, offsetof(lm_parameters, damping), .fallback = "1e-3", .min = 0, .max = 1e6, .min_open = 1,
     .doc = "first value of mu; it adapts itself"},
};
static const nmd_option_table lm_table = {"levenberg_marquardt", "full-batch least squares", sizeof(lm_parameters),
                                          NMD_COUNT(options), options};

typedef struct lm {
  double mu;
  int member;
  size_t n;
  int filled;
  double *rows, *residuals; /* [ROWS + what one structure adds][n] */
  size_t row_capacity;
  double *matrix, *factor; /* [n][n], lower triangle by columns */
  double *gradient, *step, *trial;
} lm;

static void lm_destroy(void *opaque) {
  lm *self = opaque;
  if (self == NULL) return;
  double *arrays[] = {self->rows, self->residuals, self->matrix, self->factor, self->gradient, self->step, self->trial};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  nmd_free(self);
}

static int rows_of(const nmd_sample *sample) {
  return 1 + (sample->structure.f != NULL ? 3 * (int)sample->structure.n : 0) + (sample->has_stress ? 6 : 0);
}

static int most_rows(const nmd_fit *fit) {
  int most = 0;
  for (int i = 0; i < fit->training.set.n; i++)
    if (rows_of(&fit->training.set.samples[i]) > most) most = rows_of(&fit->training.set.samples[i]);
  return most;
}

static nmd_status lm_init(lm *self, const nmd_fit *fit) {
  self->n = fit->layout.n;
  self->row_capacity = (size_t)(ROWS + most_rows(fit));
  NMD_TRY(NMD_ALLOC(self->rows, self->row_capacity * self->n));
  NMD_TRY(NMD_ALLOC(self->residuals, self->row_capacity));
  NMD_TRY(NMD_ALLOC(self->matrix, self->n * self->n));
  NMD_TRY(NMD_ALLOC(self->factor, self->n * self->n));
  NMD_TRY(NMD_ALLOC(self->gradient, self->n));
  NMD_TRY(NMD_ALLOC(self->step, self->n));
  return NMD_ALLOC(self->trial, self->n);
}

static nmd_status lm_create(const void *parameters, nmd_fit *fit, int member, void **out) {
  lm *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  *out = self;
  self->mu = ((const lm_parameters *)parameters)->damping;
  self->member = member;
  return nmd_comm_agree(fit->world, lm_init(self, fit));
}

/* Add the collected rows to J^T J and J^T r. */
static void flush(lm *self) {
  const int n = (int)self->n;
  if (self->filled == 0) return;
  cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, n, self->filled, 1.0, self->rows, n, 1.0, self->matrix, n);
  cblas_dgemv(CblasColMajor, CblasNoTrans, n, self->filled, 1.0, self->rows, n, self->residuals, 1, 1.0, self->gradient,
              1);
  self->filled = 0;
}

static void finish_row(lm *self, double factor, double residual) {
  cblas_dscal((int)self->n, factor, self->rows + (size_t)self->filled * self->n, 1);
  self->residuals[self->filled++] = residual;
}

static nmd_status add_components(lm *self, nmd_fit *fit, const nmd_sample *sample, double weight) {
  const nmd_errors *e = &fit->errors;
  const nmd_objective *o = &fit->objective;
  const int n_force = e->has_forces ? 3 * e->n : 0, n_rows = n_force + (e->has_stress ? 6 : 0);
  const size_t width = 3 * (size_t)e->n + 6;
  double *coefficients;
  if (n_rows == 0) return NMD_OK;
  NMD_TRY(NMD_ALLOC(coefficients, (size_t)n_rows * width));
  for (int r = 0; r < n_rows; r++)
    coefficients[(size_t)r * width + (size_t)(r < n_force ? r : 3 * e->n + r - n_force)] = 1.0;
  const nmd_status status =
      nmd_pass_force_rows(fit->pass, n_rows, coefficients, self->rows + (size_t)self->filled * self->n, self->n);
  const double w = weight * o->force_weight / sqrt(fmax(n_force, 1.0)), s = weight * o->stress_weight / sqrt(6.0);
  for (int r = 0; r < n_rows && status == NMD_OK; r++)
    if (r < n_force)
      finish_row(self, w * o->model->energy_factor, w * (&e->force[0][0])[r]);
    else
      finish_row(self, -s * o->model->energy_factor / sample->structure.box.volume, s * e->stress[r - n_force]);
  nmd_free(coefficients);
  return status;
}

static nmd_status accumulate(lm *self, nmd_fit *fit, const double *weights) {
  nmd_data *data = &fit->training;
  const nmd_objective *o = &fit->objective;
  for (int i = 0; i < data->set.n; i++) {
    const nmd_sample *sample = &data->set.samples[i];
    if (!nmd_data_owns(data, i)) continue;
    const double weight = sqrt(nmd_sample_weight(o, sample));
    NMD_TRY(nmd_fit_errors(fit, data, i, weights));
    const double w = weight * o->energy_weight[sample->level] / fit->errors.n;
    nmd_pass_energy_row(fit->pass, self->rows + (size_t)self->filled * self->n);
    finish_row(self, w * o->model->energy_factor, w * fit->errors.energy);
    NMD_TRY(add_components(self, fit, sample, weight));
    if (self->filled >= ROWS) flush(self);
  }
  flush(self);
  return NMD_OK;
}

static nmd_status normal_equations(lm *self, nmd_fit *fit, const double *weights) {
  memset(self->matrix, 0, self->n * self->n * sizeof(double));
  memset(self->gradient, 0, self->n * sizeof(double));
  self->filled = 0;
  NMD_TRY(nmd_comm_agree(fit->world, accumulate(self, fit, weights)));
  for (size_t c = 0; c < self->n && nmd_comm_size(fit->world) > 1; c++) /* by columns: counts of MPI are small */
    nmd_comm_sum(fit->world, self->matrix + c * self->n, (int)self->n);
  nmd_comm_sum(fit->world, self->gradient, (int)self->n);
  return NMD_OK;
}

/* False when the damped matrix is not positive definite to rounding. */
static bool solve(lm *self) {
  const int n = (int)self->n;
  int info = 0;
  double largest = 0.0;
  memcpy(self->factor, self->matrix, self->n * self->n * sizeof(double));
  for (size_t i = 0; i < self->n; i++) largest = fmax(largest, self->matrix[i * self->n + i]);
  for (size_t i = 0; i < self->n; i++)
    self->factor[i * self->n + i] += self->mu * (self->matrix[i * self->n + i] + 1e-6 * largest);
  dpotrf_("L", &n, self->factor, &n, &info);
  if (info != 0) return false;
  memcpy(self->step, self->gradient, self->n * sizeof(double));
  cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n, self->factor, n, self->step, 1);
  cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n, self->factor, n, self->step, 1);
  return true;
}

static nmd_status lm_epoch(void *opaque, nmd_fit *fit, int64_t epoch, double progress) {
  lm *self = opaque;
  double *weights = fit->members[self->member].weights, before, after;
  (void)progress;
  NMD_TRY(nmd_fit_loss(fit, weights, &before, NULL));
  NMD_TRY(normal_equations(self, fit, weights));
  for (int k = 0; k < TRIES; k++) {
    const bool solved = solve(self);
    for (size_t i = 0; i < self->n; i++) self->trial[i] = weights[i] + (solved ? self->step[i] : 0.0);
    nmd_comm_broadcast(fit->world, self->trial, self->n * sizeof(double), 0);
    nmd_status status = solved ? nmd_fit_loss(fit, self->trial, &after, NULL) : NMD_EXPLODED;
    if (status != NMD_OK && status != NMD_EXPLODED) return status;
    if (status == NMD_OK && after < before) {
      memcpy(weights, self->trial, self->n * sizeof(double));
      self->mu = fmax(self->mu / (k == 0 ? 4.0 : 1.5), 1e-12);
      nmd_member_average(fit, self->member, epoch);
      return NMD_OK;
    }
    self->mu *= 4.0;
  }
  return NMD_OK; /* as deep as rounding allows */
}

static double lm_bytes(const void *parameters, const nmd_fit *fit) {
  const double n = (double)fit->layout.n;
  (void)parameters;
  return (2.0 * n + (double)(ROWS + most_rows(fit)) + 3.0) * n * sizeof(double);
}
static size_t lm_length(const void *opaque) {
  (void)opaque;
  return 1;
}
static nmd_status lm_save(const void *opaque, double *state) {
  if (state != NULL) state[0] = ((const lm *)opaque)->mu;
  return NMD_OK;
}
static nmd_status lm_restore(void *opaque, const double *state) {
  ((lm *)opaque)->mu = state[0];
  return NMD_OK;
}

const nmd_optimiser_ops nmd__optimiser_levenberg_marquardt = {&lm_table, lm_create, lm_destroy, lm_epoch,
                                                              lm_bytes,  lm_length, lm_save,    lm_restore};
