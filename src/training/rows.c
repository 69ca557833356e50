/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/rows.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum { TRIALS = 3 };

nmd_status nmd_row_block_init(nmd_row_block *block, const nmd_comm *comm, int n_slots, int rows_of_slot,
                              size_t n_weights) {
  *block = (nmd_row_block){.comm = comm, .n_slots = n_slots, .n = n_slots * rows_of_slot, .n_weights = n_weights};
  NMD_TRY(NMD_ALLOC(block->h, (size_t)block->n * n_weights));
  NMD_TRY(NMD_ALLOC(block->residual, 2 * block->n));
  NMD_TRY(NMD_ALLOC(block->lengths, nmd_comm_size(comm)));
  NMD_TRY(NMD_ALLOC(block->starts, nmd_comm_size(comm)));
  block->noise = block->residual + block->n;
  return NMD_OK;
}

void nmd_row_block_free(nmd_row_block *block) {
  nmd_free(block->h);
  nmd_free(block->residual);
  nmd_free(block->lengths);
  nmd_free(block->starts);
  *block = (nmd_row_block){0};
}

void nmd_row_block_clear(nmd_row_block *block) {
  memset(block->h, 0, (size_t)block->n * block->n_weights * sizeof *block->h);
  memset(block->residual, 0, 2 * (size_t)block->n * sizeof *block->residual);
}

/* The slots of all ranks by turns: as many at once as there are ranks. */
static void share_derivatives(nmd_row_block *block) {
  const int ranks = nmd_comm_size(block->comm), length = block->n / block->n_slots * (int)block->n_weights;
  for (int first = 0; first < block->n_slots; first += ranks) {
    for (int r = 0; r < ranks; r++) {
      block->lengths[r] = first + r < block->n_slots ? length : 0;
      block->starts[r] = block->lengths[r] > 0 ? r * length : 0;
    }
    nmd_comm_share(block->comm, block->h + (size_t)first * (size_t)length, block->lengths, block->starts);
  }
}

void nmd_row_block_share(nmd_row_block *block) {
  if (nmd_comm_size(block->comm) > 1) {
    share_derivatives(block);
    nmd_comm_sum(block->comm, block->residual,
                 2 * block->n); /* exact: each comes from one rank, and is 0 on the others */
  }
  for (int r = 0; r < block->n; r++)
    if (block->noise[r] == 0.0) block->noise[r] = 1.0; /* an empty row */
}

/* Scale the derivative, enter residual and noise: the rows count as sqrt(weight of the sample). */
static void finish_row(const nmd_row_request *request, double factor, double residual, double rms, int row,
                       nmd_row_block *block) {
  double *h = block->h + (size_t)row * block->n_weights;
  for (size_t k = 0; k < block->n_weights; k++) h[k] *= factor;
  block->residual[row] = residual;
  block->noise[row] = 1.0;
  const double limit = request->outlier * rms;
  if (limit > 0.0 && fabs(residual) > limit) block->noise[row] = fabs(residual) / limit;
}

static int random_index(const nmd_row_request *request, int sample, unsigned draw, int n) {
  double u[2];
  nmd_random_uniform2(request->seed, NMD_STREAM_SELECT, request->step, sample, draw, u);
  const int k = (int)(u[0] * n);
  return k < n ? k : n - 1;
}

/* A component at random, a few times again while its error is small. */
static void choose_component(const nmd_row_request *request, int sample, unsigned row, const nmd_errors *e, double rms,
                             double *coefficients) {
  int k = 0;
  for (unsigned trial = 0; trial < TRIALS; trial++) {
    k = random_index(request, sample, row * TRIALS + trial, 3 * e->n);
    if (fabs((&e->force[0][0])[k]) > request->threshold * rms) break;
  }
  coefficients[k] = 1.0;
}

/* +-1 / sqrt(number of components) at random: on average as informative as one component, and blind to none. */
static void choose_projection(const nmd_row_request *request, int sample, unsigned row, int n, double *coefficients) {
  const double size = 1.0 / sqrt(3.0 * n);
  uint32_t words[4] = {0};
  for (int k = 0; k < 3 * n; k++) {
    if (k % 128 == 0)
      nmd_random_words(request->seed, NMD_STREAM_SELECT, request->step, sample, row * 64 + (unsigned)(k / 128), words);
    coefficients[k] = words[k / 32 % 4] >> (k % 32) & 1u ? size : -size;
  }
}

static void choose(const nmd_row_request *request, int sample, const nmd_errors *e, double rms, double *coefficients) {
  const size_t width = 3 * (size_t)e->n + 6;
  int row = 0;
  for (int r = 0; r < request->force_rows; r++, row++) {
    double *c = coefficients + (size_t)row * width;
    if (request->selection == NMD_ROWS_COMPONENT)
      choose_component(request, sample, (unsigned)r, e, rms, c);
    else
      choose_projection(request, sample, (unsigned)r, e->n, c);
  }
  for (int r = 0; r < request->stress_rows; r++, row++)
    coefficients[(size_t)row * width + 3 * (size_t)e->n + (size_t)((random_index(request, sample, 60000, 6) + r) % 6)] =
        1.0;
}

static double dot(const double *a, const double *b, int n) {
  double sum = 0.0;
  for (int k = 0; k < n; k++) sum += a[k] * b[k];
  return sum;
}

static nmd_status add_forces(nmd_fit *fit, const nmd_row_request *request, int index, int first, double weight,
                             nmd_row_block *block) {
  const nmd_objective *o = &fit->objective;
  const nmd_errors *e = &fit->errors;
  const nmd_error_sums *known = &request->errors->all;
  const nmd_sample *sample = &fit->training.set.samples[index];
  const int n_rows = request->force_rows + request->stress_rows;
  const size_t width = 3 * (size_t)e->n + 6;
  const double unit = o->model->energy_factor, rms = nmd_rms(known->force2, known->n_force);
  double *coefficients;
  NMD_TRY(NMD_ALLOC(coefficients, (size_t)n_rows * width));
  choose(request, index, e, rms, coefficients);
  const nmd_status status = nmd_pass_force_rows(fit->pass, n_rows, coefficients,
                                                block->h + (size_t)first * block->n_weights, block->n_weights);
  for (int r = 0; r < n_rows && status == NMD_OK; r++) {
    const double *c = coefficients + (size_t)r * width;
    const bool is_force = r < request->force_rows, there = is_force ? e->has_forces : e->has_stress;
    const double w = there ? weight * (is_force ? o->force_weight : o->stress_weight) : 0.0;
    const double error = is_force ? dot(c, &e->force[0][0], 3 * e->n) : dot(c + 3 * e->n, e->stress, 6);
    const double scale = is_force ? unit : -unit / sample->structure.box.volume;
    const double typical = is_force ? rms : nmd_rms(known->stress2, known->n_stress);
    finish_row(request, w * scale, there ? w * error : 0.0, w * typical, first + r, block);
  }
  nmd_free(coefficients);
  return status;
}

nmd_status nmd_rows_add(nmd_fit *fit, const nmd_row_request *request, int index, const double *weights, int slot,
                        nmd_row_block *block) {
  const nmd_objective *o = &fit->objective;
  const nmd_sample *sample = &fit->training.set.samples[index];
  const nmd_error_sums *known = &request->errors->all;
  const double weight = sqrt(nmd_sample_weight(o, sample));
  const int first = slot * (1 + request->force_rows + request->stress_rows);
  NMD_TRY(nmd_fit_errors(fit, &fit->training, index, weights));
  const double energy_weight = weight * o->energy_weight[sample->level], w = energy_weight / fit->errors.n;
  nmd_pass_energy_row(fit->pass, block->h + (size_t)first * block->n_weights);
  finish_row(request, w * o->model->energy_factor, w * fit->errors.energy,
             energy_weight * nmd_rms(known->energy2, known->n_energy), first, block);
  if (request->force_rows + request->stress_rows == 0 || !(fit->errors.has_forces || fit->errors.has_stress))
    return NMD_OK;
  return add_forces(fit, request, index, first + 1, weight, block);
}
