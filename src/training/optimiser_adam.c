/* SPDX-License-Identifier: BSD-3-Clause */
/* Adam: gradients of mini-batches (one structure from each stream, `batch` times), moments m and v,
 *   w -= rate * m_hat / (sqrt(v_hat) + 1e-8).
 * D. Kingma, J. Ba, ICLR (2015), algorithm 1. Trade-off: cheap steps and no matrices, but many more of them. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "training/optimiser.h"

extern const nmd_optimiser_ops nmd__optimiser_adam;

typedef struct adam_parameters {
  nmd_stage_parameters stage;
  double rate[2], beta1, beta2;
  int64_t batch;
} adam_parameters;

static const nmd_option options[] = {
    NMD_STAGE_EPOCHS(adam_parameters, "200"),
    {"rate", NMD_OPT_RAMP, offsetof(adam_parameters, rate), .fallback = "1e-2 -> 1e-4", .min = 1e-12, .max = 10,
     .doc = "step length; geometric from first to last value over the stage"},
    {"batch", NMD_OPT_INT, offsetof(adam_parameters, batch), .fallback = "1", .min = 1, .max = 1e9,
     .doc = "structures from each stream in a batch"},
    {"beta1", NMD_OPT_REAL, offsetof(adam_parameters, beta1), .fallback = "0.9", .min = 0, .max = 0.9999,
     .doc = "memory of the mean gradient"},
    {"beta2", NMD_OPT_REAL, offsetof(adam_parameters, beta2), .fallback = "0.999", .min = 0, .max = 0.999999,
     .doc = "memory of the mean square gradient"},
};
static const nmd_option_table adam_table = {"adam", "stochastic gradients with adaptive steps", sizeof(adam_parameters),
                                            NMD_COUNT(options), options};

typedef struct adam {
  adam_parameters p;
  int member, longest;
  size_t n;
  double steps;
  double *m, *v, *gradient, *scratch;
  int *order;
} adam;

static void adam_destroy(void *opaque) {
  adam *self = opaque;
  if (self == NULL) return;
  nmd_free(self->m);
  nmd_free(self->v);
  nmd_free(self->gradient);
  nmd_free(self->scratch);
  nmd_free(self->order);
  nmd_free(self);
}

static nmd_status adam_init(adam *self, const nmd_fit *fit) {
  int64_t atoms = 0;
  for (int i = 0; i < fit->training.set.n; i++)
    if (fit->training.set.samples[i].structure.n > atoms) atoms = fit->training.set.samples[i].structure.n;
  self->n = fit->layout.n;
  self->longest = nmd_data_longest_stream(&fit->training);
  NMD_TRY(NMD_ALLOC(self->m, self->n));
  NMD_TRY(NMD_ALLOC(self->v, self->n));
  NMD_TRY(NMD_ALLOC(self->gradient, self->n + 1)); /* last: sum of the weights of the samples */
  NMD_TRY(NMD_ALLOC(self->scratch, 2 * self->n + 3 * (size_t)atoms + 6));
  return NMD_ALLOC(self->order, fit->training.n_streams * self->longest);
}

static nmd_status adam_create(const void *parameters, nmd_fit *fit, int member, void **out) {
  adam *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  *out = self;
  self->p = *(const adam_parameters *)parameters;
  self->member = member;
  return nmd_comm_agree(fit->world, adam_init(self, fit));
}

static nmd_status add_stream(adam *self, nmd_fit *fit, int stream, int from) {
  const double *weights = fit->members[self->member].weights;
  for (int k = from; k < from + self->p.batch && k < self->longest; k++) {
    const int i = self->order[stream * self->longest + k];
    if (i < 0) continue;
    NMD_TRY(nmd_fit_errors(fit, &fit->training, i, weights));
    self->gradient[self->n] += nmd_sample_weight(&fit->objective, &fit->training.set.samples[i]);
    NMD_TRY(nmd_sample_gradient(&fit->objective, fit->pass, &fit->training.set.samples[i], &fit->errors, self->scratch,
                                self->gradient));
  }
  return NMD_OK;
}

static void step(adam *self, double rate, double *weights) {
  const double b1 = self->p.beta1, b2 = self->p.beta2, total = self->gradient[self->n];
  self->steps += 1.0;
  const double c1 = 1.0 / (1.0 - pow(b1, self->steps)), c2 = 1.0 / (1.0 - pow(b2, self->steps));
  for (size_t k = 0; k < self->n && total > 0.0; k++) {
    const double g = self->gradient[k] / total;
    self->m[k] = b1 * self->m[k] + (1.0 - b1) * g;
    self->v[k] = b2 * self->v[k] + (1.0 - b2) * g * g;
    weights[k] -= rate * c1 * self->m[k] / (sqrt(c2 * self->v[k]) + 1e-8);
  }
}

static nmd_status adam_epoch(void *opaque, nmd_fit *fit, int64_t epoch, double progress) {
  adam *self = opaque;
  const nmd_data *data = &fit->training;
  const int size = nmd_comm_size(fit->world), rank = nmd_comm_rank(fit->world);
  NMD_TRY(nmd_data_shuffle(data, fit->members[self->member].seed, epoch, self->longest, self->order));
  for (int from = 0; from < self->longest; from += (int)self->p.batch) {
    nmd_status status = NMD_OK;
    memset(self->gradient, 0, (self->n + 1) * sizeof(double));
    for (int s = rank; s < data->n_streams && status == NMD_OK; s += size) status = add_stream(self, fit, s, from);
    NMD_TRY(nmd_comm_agree(fit->world, status));
    nmd_comm_sum(fit->world, self->gradient, (int)self->n + 1);
    const double part = progress + (double)from / self->longest / (double)self->p.stage.epochs;
    step(self, self->p.rate[0] * pow(self->p.rate[1] / self->p.rate[0], part), fit->members[self->member].weights);
    nmd_member_average(fit, self->member, epoch);
  }
  return NMD_OK;
}

static double adam_bytes(const void *parameters, const nmd_fit *fit) {
  (void)parameters;
  return 5.0 * (double)fit->layout.n * sizeof(double);
}
static size_t adam_length(const void *opaque) { return 2 * ((const adam *)opaque)->n + 1; }

static nmd_status adam_save(const void *opaque, double *state) {
  const adam *self = opaque;
  if (state == NULL) return NMD_OK;
  memcpy(state, self->m, self->n * sizeof(double));
  memcpy(state + self->n, self->v, self->n * sizeof(double));
  state[2 * self->n] = self->steps;
  return NMD_OK;
}

static nmd_status adam_restore(void *opaque, const double *state) {
  adam *self = opaque;
  memcpy(self->m, state, self->n * sizeof(double));
  memcpy(self->v, state + self->n, self->n * sizeof(double));
  self->steps = state[2 * self->n];
  return NMD_OK;
}

const nmd_optimiser_ops nmd__optimiser_adam = {&adam_table, adam_create, adam_destroy, adam_epoch,
                                               adam_bytes,  adam_length, adam_save,    adam_restore};
