/* SPDX-License-Identifier: BSD-3-Clause */
/* L-BFGS on the full batch: quasi-Newton steps from the last `memory` pairs of steps and changes of the gradient, with
 * a backtracking line search (Armijo). An epoch is one step. D. Liu, J. Nocedal, Math. Program. 45, 503 (1989).
 * Trade-off: exact gradients, no matrices, no noise; slower than levenberg_marquardt, for networks too large for it. */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "training/optimiser.h"

extern const nmd_optimiser_ops nmd__optimiser_lbfgs;

enum { TRIES = 20 };

typedef struct lbfgs_parameters {
  nmd_stage_parameters stage;
  int64_t memory;
} lbfgs_parameters;

static const nmd_option options[] = {
    NMD_STAGE_EPOCHS(lbfgs_parameters, "200"),
    {"memory", NMD_OPT_INT, offsetof(lbfgs_parameters, memory), .fallback = "30", .min = 1, .max = 1000,
     .doc = "pairs of vectors kept"},
};
static const nmd_option_table lbfgs_table = {"lbfgs", "full-batch quasi-Newton steps", sizeof(lbfgs_parameters),
                                             NMD_COUNT(options), options};

/* All that a restart needs is one array: header, w and g of the last step, then the pairs. */
typedef struct lbfgs {
  int member, memory;
  size_t n;
  double *state; /* [2]: number of pairs, steps done; [n] gradient; [memory][n] s; [memory][n] y */
  double *gradient, *s, *y, *direction, *trial, *trial_gradient, *alpha;
} lbfgs;

static void lbfgs_destroy(void *opaque) {
  lbfgs *self = opaque;
  if (self == NULL) return;
  nmd_free(self->state);
  nmd_free(self->direction);
  nmd_free(self->trial);
  nmd_free(self->trial_gradient);
  nmd_free(self->alpha);
  nmd_free(self);
}

static size_t lbfgs_length(const void *opaque) {
  const lbfgs *self = opaque;
  return 2 + self->n * (size_t)(1 + 2 * self->memory);
}

static nmd_status lbfgs_init(lbfgs *self) {
  NMD_TRY(NMD_ALLOC(self->state, lbfgs_length(self)));
  self->gradient = self->state + 2;
  self->s = self->gradient + self->n;
  self->y = self->s + self->n * (size_t)self->memory;
  NMD_TRY(NMD_ALLOC(self->direction, self->n));
  NMD_TRY(NMD_ALLOC(self->trial, self->n));
  NMD_TRY(NMD_ALLOC(self->trial_gradient, self->n));
  return NMD_ALLOC(self->alpha, self->memory);
}

static nmd_status lbfgs_create(const void *parameters, nmd_fit *fit, int member, void **out) {
  lbfgs *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  *out = self;
  self->member = member;
  self->memory = (int)((const lbfgs_parameters *)parameters)->memory;
  self->n = fit->layout.n;
  return nmd_comm_agree(fit->world, lbfgs_init(self));
}

static double *pair(double *base, const lbfgs *self, int64_t k) { return base + (size_t)(k % self->memory) * self->n; }

/* Two loops over the pairs, latest first, then last. */
static void set_direction(lbfgs *self) {
  const int n = (int)self->n;
  const int64_t count = (int64_t)self->state[0], first = count > self->memory ? count - self->memory : 0;
  double *d = self->direction;
  for (int k = 0; k < n; k++) d[k] = -self->gradient[k];
  for (int64_t k = count - 1; k >= first; k--) {
    const double *s = pair(self->s, self, k), *y = pair(self->y, self, k);
    self->alpha[k % self->memory] = cblas_ddot(n, s, 1, d, 1) / cblas_ddot(n, s, 1, y, 1);
    cblas_daxpy(n, -self->alpha[k % self->memory], y, 1, d, 1);
  }
  if (count > 0) {
    const double *s = pair(self->s, self, count - 1), *y = pair(self->y, self, count - 1);
    cblas_dscal(n, cblas_ddot(n, s, 1, y, 1) / cblas_ddot(n, y, 1, y, 1), d, 1);
  }
  for (int64_t k = first; k < count; k++) {
    const double *s = pair(self->s, self, k), *y = pair(self->y, self, k);
    const double beta = cblas_ddot(n, y, 1, d, 1) / cblas_ddot(n, s, 1, y, 1);
    cblas_daxpy(n, self->alpha[k % self->memory] - beta, s, 1, d, 1);
  }
}

/* Keep the pair if the curvature along it is positive, so that the matrix stays so. */
static void keep_pair(lbfgs *self, const double *weights) {
  const int64_t count = (int64_t)self->state[0];
  double *s = pair(self->s, self, count), *y = pair(self->y, self, count);
  for (size_t k = 0; k < self->n; k++) {
    s[k] = self->trial[k] - weights[k];
    y[k] = self->trial_gradient[k] - self->gradient[k];
  }
  if (cblas_ddot((int)self->n, s, 1, y, 1) > 1e-14 * cblas_ddot((int)self->n, y, 1, y, 1)) self->state[0] += 1.0;
}

static nmd_status line_search(lbfgs *self, nmd_fit *fit, double loss, double *weights) {
  const double slope = cblas_ddot((int)self->n, self->direction, 1, self->gradient, 1);
  const double norm = cblas_dnrm2((int)self->n, self->gradient, 1);
  double step = self->state[0] > 0.0 ? 1.0 : fmin(1.0, 0.1 / fmax(norm, 1e-300)), after;
  for (int k = 0; k < TRIES; k++, step *= 0.4) {
    for (size_t i = 0; i < self->n; i++) self->trial[i] = weights[i] + step * self->direction[i];
    const nmd_status status = nmd_fit_loss(fit, self->trial, &after, self->trial_gradient);
    if (status != NMD_OK && status != NMD_EXPLODED) return status;
    if (status == NMD_OK && after <= loss + 1e-4 * step * slope) {
      keep_pair(self, weights);
      memcpy(weights, self->trial, self->n * sizeof(double));
      memcpy(self->gradient, self->trial_gradient, self->n * sizeof(double));
      return NMD_OK;
    }
  }
  self->state[0] = 0.0; /* stuck: forget the pairs and go downhill next time */
  return NMD_OK;
}

static nmd_status lbfgs_epoch(void *opaque, nmd_fit *fit, int64_t epoch, double progress) {
  lbfgs *self = opaque;
  double *weights = fit->members[self->member].weights, loss;
  (void)progress;
  NMD_TRY(nmd_fit_loss(fit, weights, &loss, self->gradient));
  set_direction(self);
  if (cblas_ddot((int)self->n, self->direction, 1, self->gradient, 1) >= 0.0) {
    self->state[0] = 0.0;
    set_direction(self);
  }
  NMD_TRY(line_search(self, fit, loss, weights));
  nmd_comm_broadcast(fit->world, weights, self->n * sizeof(double), 0);
  nmd_member_average(fit, self->member, epoch);
  return NMD_OK;
}

static double lbfgs_bytes(const void *parameters, const nmd_fit *fit) {
  const double pairs = (double)((const lbfgs_parameters *)parameters)->memory;
  return (4.0 + 2.0 * pairs) * (double)fit->layout.n * sizeof(double);
}
static nmd_status lbfgs_save(const void *opaque, double *state) {
  if (state != NULL) memcpy(state, ((const lbfgs *)opaque)->state, lbfgs_length(opaque) * sizeof *state);
  return NMD_OK;
}
static nmd_status lbfgs_restore(void *opaque, const double *state) {
  memcpy(((lbfgs *)opaque)->state, state, lbfgs_length(opaque) * sizeof *state);
  return NMD_OK;
}

const nmd_optimiser_ops nmd__optimiser_lbfgs = {&lbfgs_table, lbfgs_create, lbfgs_destroy, lbfgs_epoch,
                                                lbfgs_bytes,  lbfgs_length, lbfgs_save,    lbfgs_restore};
