/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/regression.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

extern void dsyev_(const char *job, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
                   const int *lwork, int *info);

enum { LAMBDAS = 49, DESCENT_MAX = 20000 };

/* Centred and scaled rows of a part of the data, and its eigenvalues. */
typedef struct problem {
  int n, p;             /* rows and columns that vary */
  int *column;          /* [p] in the caller's x */
  double *mean, *scale; /* [p] */
  double y_mean;
  double *z, *y;     /* [n][p], [n] */
  double *vectors;   /* [p][p] row k: eigenvector k of Z^T Z */
  double *values;    /* [p] */
  double *turned;    /* [n][p] Z times eigenvectors */
  double *along;     /* [p] turned^T y */
  double *gram, *zy; /* [p][p], [p] */
} problem;

static void problem_free(problem *q) {
  void *arrays[] = {q->column, q->mean,   q->scale, q->z,    q->y, q->vectors,
                    q->values, q->turned, q->along, q->gram, q->zy};
  for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) nmd_free(arrays[k]);
  *q = (problem){0};
}

static nmd_status problem_room(problem *q, int n, int p) {
  NMD_TRY(NMD_ALLOC(q->column, p));
  NMD_TRY(NMD_ALLOC(q->mean, p));
  NMD_TRY(NMD_ALLOC(q->scale, p));
  NMD_TRY(NMD_ALLOC(q->z, (size_t)n * (size_t)p));
  NMD_TRY(NMD_ALLOC(q->y, n));
  NMD_TRY(NMD_ALLOC(q->vectors, (size_t)p * (size_t)p));
  NMD_TRY(NMD_ALLOC(q->gram, (size_t)p * (size_t)p));
  NMD_TRY(NMD_ALLOC(q->values, p));
  NMD_TRY(NMD_ALLOC(q->turned, (size_t)n * (size_t)p));
  NMD_TRY(NMD_ALLOC(q->along, p));
  return NMD_ALLOC(q->zy, p);
}

/* Rows `row` of x; columns that do not vary among them are left out. */
static void take_rows(problem *q, int n, const int *row, int p, const double *x, const double *y) {
  q->n = n;
  q->p = 0;
  q->y_mean = 0;
  for (int i = 0; i < n; i++) q->y_mean += y[row[i]] / n;
  for (int i = 0; i < n; i++) q->y[i] = y[row[i]] - q->y_mean;
  for (int c = 0; c < p; c++) {
    double mean = 0, square = 0, largest = 0;
    for (int i = 0; i < n; i++) mean += x[(size_t)row[i] * (size_t)p + (size_t)c] / n;
    for (int i = 0; i < n; i++) {
      const double d = x[(size_t)row[i] * (size_t)p + (size_t)c] - mean;
      square += d * d / n;
      largest = fmax(largest, fabs(x[(size_t)row[i] * (size_t)p + (size_t)c]));
    }
    if (sqrt(square) <= 1e-10 * fmax(1, largest)) continue;
    q->column[q->p] = c;
    q->mean[q->p] = mean;
    q->scale[q->p++] = sqrt(square);
  }
  for (int i = 0; i < n; i++)
    for (int k = 0; k < q->p; k++)
      q->z[(size_t)i * (size_t)q->p + (size_t)k] =
          (x[(size_t)row[i] * (size_t)p + (size_t)q->column[k]] - q->mean[k]) / q->scale[k];
}

static nmd_status solve_eigen(problem *q) {
  const int p = q->p, lwork = 40 * p + 64;
  int info = 0;
  double *work;
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, p, p, q->n, 1, q->z, p, q->z, p, 0, q->gram, p);
  cblas_dgemv(CblasRowMajor, CblasTrans, q->n, p, 1, q->z, p, q->y, 1, 0, q->zy, 1);
  memcpy(q->vectors, q->gram, (size_t)p * (size_t)p * sizeof *q->gram);
  NMD_TRY(NMD_ALLOC(work, lwork));
  dsyev_("V", "U", &p, q->vectors, &p, q->values, work, &lwork, &info);
  nmd_free(work);
  if (info != 0) NMD_FAIL(NO_ANSWER, "eigenvalues of the normal equations were not found (LAPACK dsyev: %d)", info);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, q->n, p, p, 1, q->z, p, q->vectors, p, 0, q->turned, p);
  cblas_dgemv(CblasRowMajor, CblasNoTrans, p, p, 1, q->vectors, p, q->zy, 1, 0, q->along, 1);
  return NMD_OK;
}

static nmd_status problem_init(problem *q, int n, const int *row, int p, const double *x, const double *y) {
  *q = (problem){0};
  nmd_status status = problem_room(q, n, p);
  if (status == NMD_OK) take_rows(q, n, row, p, x, y);
  if (status == NMD_OK && q->p > 0) status = solve_eigen(q);
  if (status != NMD_OK) problem_free(q);
  return status;
}

/* ---- ridge ---- */

/* 0 for directions that the rows do not determine, so that a tiny lambda is a pseudo-inverse. */
static double shrink(const problem *q, int k, double lambda) {
  const double most = q->values[q->p - 1];
  return q->values[k] > 1e-13 * most ? 1 / (q->values[k] + lambda) : 0;
}

/* Mean square of the leave-one-out residuals; left_out [n] or NULL gets the predictions; *freedom the trace. */
static double leave_one_out(const problem *q, double lambda, double *left_out, double *freedom) {
  double sum = 0, trace = 0;
  for (int i = 0; i < q->n; i++) {
    const double *t = q->turned + (size_t)i * (size_t)q->p;
    double predicted = 0, hat = 1.0 / q->n;
    for (int k = 0; k < q->p; k++) {
      const double s = shrink(q, k, lambda);
      predicted += t[k] * s * q->along[k];
      hat += t[k] * t[k] * s;
    }
    const double r = (q->y[i] - predicted) / fmax(1 - hat, 1e-9);
    if (left_out != NULL) left_out[i] = q->y_mean + q->y[i] - r;
    sum += r * r / q->n;
    trace += hat;
  }
  if (freedom != NULL) *freedom = trace;
  return sum;
}

static void solve_ridge(const problem *q, double lambda, double *scaled) {
  memset(scaled, 0, (size_t)q->p * sizeof *scaled);
  for (int k = 0; k < q->p; k++)
    cblas_daxpy(q->p, shrink(q, k, lambda) * q->along[k], q->vectors + (size_t)k * (size_t)q->p, 1, scaled, 1);
}

/* ---- lasso ---- */

static void solve_lasso(const problem *q, double lambda, double *scaled) { /* from the scaled given */
  const int p = q->p;
  for (int round = 0; round < DESCENT_MAX; round++) {
    double change = 0;
    for (int k = 0; k < p; k++) {
      const double *g = q->gram + (size_t)k * (size_t)p;
      const double rest = q->zy[k] - cblas_ddot(p, g, 1, scaled, 1) + g[k] * scaled[k];
      const double new = copysign(fmax(fabs(rest) - lambda, 0), rest) / g[k];
      change = fmax(change, fabs(new - scaled[k]));
      scaled[k] = new;
    }
    if (change < 1e-12) return;
  }
}

/* ---- cross-validation by parts ---- */

static void solve(const nmd_regression_settings *s, const problem *q, double lambda, double *scaled) {
  if (s->method == NMD_REGRESSION_RIDGE)
    solve_ridge(q, lambda, scaled);
  else
    solve_lasso(q, lambda, scaled);
}

static double predict(const problem *q, const double *scaled, const double *x) {
  double sum = q->y_mean;
  for (int k = 0; k < q->p; k++) sum += scaled[k] * (x[q->column[k]] - q->mean[k]) / q->scale[k];
  return sum;
}

/* A random order of the rows; row order[i] belongs to part i mod folds. */
static void shuffle_rows(uint64_t seed, int n, int *order) {
  for (int i = 0; i < n; i++) order[i] = i;
  for (int i = n - 1; i > 0; i--) {
    double u[2];
    nmd_random_uniform2(seed, NMD_STREAM_DATASET, 0, i, 0, u);
    const int j = (int)(u[0] * (i + 1)), other = order[i];
    order[i] = order[j];
    order[j] = other;
  }
}

/* The part `fold` left out: adds its squared errors at each lambda; predictions at the last one go to left_out. lambda
 * falls. */
static nmd_status leave_part_out(const nmd_regression_settings *s, int fold, int n, int p, const double *x,
                                 const double *y, const int *order, int n_lambda, const double *lambda, double *error,
                                 double *left_out) {
  int *kept, n_kept = 0;
  double *scaled = NULL;
  problem q = {0};
  NMD_TRY(NMD_ALLOC(kept, n));
  for (int i = 0; i < n; i++)
    if (i % s->folds != fold) kept[n_kept++] = order[i];
  nmd_status status = problem_init(&q, n_kept, kept, p, x, y);
  if (status == NMD_OK) status = NMD_ALLOC(scaled, p);
  for (int l = 0; l < n_lambda && status == NMD_OK; l++) {
    solve(s, &q, lambda[l] * n_kept / n, scaled);
    for (int i = fold; i < n; i += s->folds) {
      left_out[order[i]] = predict(&q, scaled, x + (size_t)order[i] * (size_t)p);
      error[l] += pow(y[order[i]] - left_out[order[i]], 2) / n;
    }
  }
  problem_free(&q);
  nmd_free(scaled);
  nmd_free(kept);
  return status;
}

static nmd_status all_parts(const nmd_regression_settings *s, int n, int p, const double *x, const double *y,
                            int n_lambda, const double *lambda, double *error, double *left_out) {
  int *order;
  NMD_TRY(NMD_ALLOC(order, n));
  shuffle_rows(s->seed, n, order);
  nmd_status status = NMD_OK;
  for (int l = 0; l < n_lambda; l++) error[l] = 0;
  for (int fold = 0; fold < s->folds && status == NMD_OK; fold++)
    status = leave_part_out(s, fold, n, p, x, y, order, n_lambda, lambda, error, left_out);
  nmd_free(order);
  return status;
}

/* ---- the fit ---- */

static double largest_lambda(const nmd_regression_settings *s, const problem *q) {
  if (s->method == NMD_REGRESSION_RIDGE) return q->p > 0 ? 10 * q->values[q->p - 1] : 1;
  double most = 0;
  for (int k = 0; k < q->p; k++) most = fmax(most, fabs(q->zy[k]));
  return most > 0 ? most : 1;
}

static nmd_status choose_lambda(const nmd_regression_settings *s, const problem *q, int n, int p, const double *x,
                                const double *y, nmd_regression *fit) {
  double lambda[LAMBDAS], error[LAMBDAS] = {0};
  const double most = largest_lambda(s, q), decades = s->method == NMD_REGRESSION_RIDGE ? 12 : 5;
  for (int l = 0; l < LAMBDAS; l++) lambda[l] = most * pow(10, -decades * l / (LAMBDAS - 1));
  if (s->method == NMD_REGRESSION_RIDGE)
    for (int l = 0; l < LAMBDAS; l++) error[l] = leave_one_out(q, lambda[l], NULL, NULL);
  else
    NMD_TRY(all_parts(s, n, p, x, y, LAMBDAS, lambda, error, fit->left_out));
  int best = 0;
  for (int l = 1; l < LAMBDAS; l++)
    if (error[l] < error[best]) best = l;
  fit->lambda = lambda[best];
  return NMD_OK;
}

static void take_solution(const problem *q, const double *scaled, const double *x, const double *y,
                          nmd_regression *fit) {
  fit->j[0] = q->y_mean;
  for (int k = 0; k < q->p; k++) {
    fit->j[1 + q->column[k]] = scaled[k] / q->scale[k];
    fit->j[0] -= scaled[k] / q->scale[k] * q->mean[k];
    fit->used += scaled[k] != 0;
  }
  for (int i = 0; i < fit->n; i++) {
    fit->predicted[i] = predict(q, scaled, x + (size_t)i * (size_t)fit->p);
    fit->rmse += pow(y[i] - fit->predicted[i], 2) / fit->n;
  }
  fit->rmse = sqrt(fit->rmse);
}

static nmd_status judge(const nmd_regression_settings *s, const problem *q, const double *x, const double *y,
                        nmd_regression *fit) {
  double error;
  NMD_TRY(all_parts(s, fit->n, fit->p, x, y, 1, &fit->lambda, &error, fit->left_out));
  fit->folds = fit->loo = sqrt(error);
  fit->freedom = fit->used + 1;
  if (s->method == NMD_REGRESSION_RIDGE) fit->loo = sqrt(leave_one_out(q, fit->lambda, fit->left_out, &fit->freedom));
  return NMD_OK;
}

static nmd_status fit_all(const nmd_regression_settings *s, const problem *q, const double *x, const double *y,
                          nmd_regression *fit) {
  double *scaled;
  if (s->lambda <= 0) NMD_TRY(choose_lambda(s, q, fit->n, fit->p, x, y, fit));
  NMD_TRY(NMD_ALLOC(scaled, fit->p));
  solve(s, q, fit->lambda, scaled);
  take_solution(q, scaled, x, y, fit);
  nmd_free(scaled);
  return judge(s, q, x, y, fit);
}

static nmd_status check(const nmd_regression_settings *s, int n, int p, const double *x, const double *y) {
  if (n < 3) NMD_FAIL(NO_ANSWER, "%d energies to fit; expected at least three", n);
  if (s->folds < 2 || s->folds > n)
    NMD_FAIL(OUT_OF_RANGE, "cross-validation in %d parts of %d energies; expected 2 to %d", s->folds, n, n);
  for (int64_t k = 0; k < (int64_t)n * p; k++)
    if (!isfinite(x[k])) NMD_FAIL(BAD_NUMBER, "correlation of structure %lld is not finite", (long long)(k / p));
  for (int i = 0; i < n; i++)
    if (!isfinite(y[i])) NMD_FAIL(BAD_NUMBER, "energy %d is not finite", i);
  return NMD_OK;
}

nmd_status nmd_regression_fit(const nmd_regression_settings *settings, int n, int p, const double *x, const double *y,
                              nmd_regression *fit) {
  problem q = {0};
  int *row = NULL;
  *fit = (nmd_regression){.n = n, .p = p, .lambda = settings->lambda};
  nmd_status status = check(settings, n, p, x, y);
  if (status == NMD_OK) status = NMD_ALLOC(fit->j, 1 + p);
  if (status == NMD_OK) status = NMD_ALLOC(fit->predicted, n);
  if (status == NMD_OK) status = NMD_ALLOC(fit->left_out, n);
  if (status == NMD_OK) status = NMD_ALLOC(row, n);
  for (int i = 0; i < n && status == NMD_OK; i++) row[i] = i;
  if (status == NMD_OK) status = problem_init(&q, n, row, p, x, y);
  if (status == NMD_OK) status = fit_all(settings, &q, x, y, fit);
  problem_free(&q);
  nmd_free(row);
  if (status != NMD_OK) nmd_regression_free(fit);
  return status;
}

void nmd_regression_free(nmd_regression *fit) {
  nmd_free(fit->j);
  nmd_free(fit->predicted);
  nmd_free(fit->left_out);
  *fit = (nmd_regression){0};
}
