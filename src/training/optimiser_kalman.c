/* SPDX-License-Identifier: BSD-3-Clause */
/* Multistream extended Kalman filter: weights w with covariance P are corrected by blocks of m observations (energies
 * and forces of one structure from each stream) with innovations xi and derivatives H,
 *
 *   S = H^T P H + R,   w += P H S^-1 xi,   P <- (P - P H S^-1 H^T P) / lambda + q 1.
 *
 * R noise of the observations (residuals in units of the rms force of the data), q noise of the process, lambda
 * forgetting; R and q go geometrically from their first to their last value over the stage, which anneals the weights.
 * With the Cholesky factor S = L L^T and Y = L^-1 H^T P the update is P - Y^T Y: three products of BLAS 3, and P stays
 * symmetric. Outliers: an innovation beyond `outlier` times the rms of its kind gets a noise larger by the ratio
 * (Huber's weights), so that a few extreme structures cannot throw the weights about.
 *
 * S. Singhal, L. Wu, NIPS 1 (1988); S. Haykin (ed.), Kalman Filtering and Neural Networks (2001); A. Singraber et al.,
 * J. Chem. Theory Comput. 15, 3075 (2019); P. J. Huber, Ann. Math. Stat. 35, 73 (1964).
 * Trade-off: memory and time grow with the square of the number of weights; `blocks` cuts both. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "training/covariance.h"
#include "training/optimiser.h"
#include "training/rows.h"

extern const nmd_optimiser_ops nmd__optimiser_kalman;

typedef struct kalman_parameters {
  nmd_stage_parameters stage;
  int64_t force_rows, stress_rows;
  int selection; /* nmd_row_selection */
  double threshold;
  double noise[2], process_noise[2];
  double covariance, forgetting, outlier;
  int blocks;
} kalman_parameters;

static const nmd_option options[] = {
    NMD_STAGE_EPOCHS(kalman_parameters, "20"),
    {"force_rows", NMD_OPT_INT, offsetof(kalman_parameters, force_rows), .fallback = "3", .min = 0, .max = 1000,
     .doc = "observations of forces from a structure, each time it is visited (and one of its energy)"},
    {"stress_rows", NMD_OPT_INT, offsetof(kalman_parameters, stress_rows), .fallback = "1", .min = 0, .max = 6,
     .doc = "observations of the stress, where there is one"},
    {"selection", NMD_OPT_CHOICE, offsetof(kalman_parameters, selection), .fallback = "projection",
     .choices = "component|projection",
     .doc = "an observation of forces is one component, or a random combination of all (signs at random)"},
    {"threshold", NMD_OPT_REAL, offsetof(kalman_parameters, threshold), .fallback = "0", .min = 0, .max = 10,
     .doc = "components: prefer those whose error is beyond this times the rms error (three are tried)"},
    {"noise", NMD_OPT_RAMP, offsetof(kalman_parameters, noise), .fallback = "1 -> 0.01", .min = 1e-12, .max = 1e6,
     .doc = "variance of the noise of observations, in units of the mean square force of the data; small is fast"},
    {"process_noise", NMD_OPT_RAMP, offsetof(kalman_parameters, process_noise), .fallback = "1e-4 -> 1e-8", .min = 0,
     .max = 1, .doc = "added to the variance of every weight at each update"},
    {"covariance", NMD_OPT_REAL, offsetof(kalman_parameters, covariance), .fallback = "1", .min = 0, .max = 1e6,
     .min_open = 1, .doc = "first variance of the weights"},
    {"forgetting", NMD_OPT_REAL, offsetof(kalman_parameters, forgetting), .fallback = "1", .min = 0.5, .max = 1,
     .doc = "factor by which the past counts less at each update; 1: never forget"},
    {"outlier", NMD_OPT_REAL, offsetof(kalman_parameters, outlier), .fallback = "3", .min = 0, .max = 1e6,
     .doc = "innovations beyond this many rms errors of their kind are damped; 0: none"},
    {"blocks", NMD_OPT_CHOICE, offsetof(kalman_parameters, blocks), .fallback = "all", .choices = "all|element|layer",
     .doc = "which weights share a covariance matrix: all, those of an element, those of a layer"},
};
static const nmd_option_table kalman_table = {"kalman", "multistream extended Kalman filter", sizeof(kalman_parameters),
                                              NMD_COUNT(options), options};

typedef struct kalman {
  kalman_parameters p;
  const nmd_comm *comm;
  int member;
  nmd_covariance covariance;
  nmd_row_block rows;
  double *x, *s; /* P H [m][n]; S [m][m] */
  int *order;    /* [streams][longest]: samples of each stream in the order of the epoch */
  int longest;
} kalman;

static void kalman_destroy(void *opaque) {
  kalman *self = opaque;
  if (self == NULL) return;
  nmd_covariance_free(&self->covariance);
  nmd_row_block_free(&self->rows);
  nmd_free(self->x);
  nmd_free(self->s);
  nmd_free(self->order);
  nmd_free(self);
}

/* Ends of the blocks of weights that share a covariance matrix. */
static int block_ends(const kalman_parameters *p, const nmd_layout *layout, size_t *ends) {
  int n = 0;
  for (int e = 0; e < layout->n_elements && p->blocks > 0; e++) {
    const nmd_element_layout *element = &layout->elements[e];
    for (int l = 0; l < element->n_layers && p->blocks == 2; l++)
      ends[n++] = element->layers[l].bias + (size_t)element->layers[l].n_out;
    if (p->blocks == 1) ends[n++] = element->first + element->size;
  }
  if (n == 0) ends[n++] = layout->n;
  return n;
}

static nmd_status make_covariance(kalman *self, const nmd_fit *fit) {
  const nmd_layout *layout = &fit->layout;
  size_t *ends;
  NMD_TRY(NMD_ALLOC(ends, layout->n_elements * layout->n_layers_max + 1));
  const int n = block_ends(&self->p, layout, ends);
  const nmd_status status =
      nmd_covariance_init(&self->covariance, fit->world, layout->n, n, ends, self->p.covariance, self->rows.n);
  nmd_free(ends);
  return status;
}

/* Observations of a structure, and in one update. */
static int rows_of_sample(const kalman_parameters *p, const nmd_fit *fit) {
  return (int)(1 + p->force_rows + (fit->input->data.stress ? p->stress_rows : 0));
}
static size_t rows_of(const kalman_parameters *p, const nmd_fit *fit) {
  return (size_t)fit->training.n_streams * (size_t)rows_of_sample(p, fit);
}

static nmd_status kalman_init(kalman *self, nmd_fit *fit) {
  const size_t m = rows_of(&self->p, fit);
  self->comm = fit->world;
  NMD_TRY(nmd_row_block_init(&self->rows, fit->world, fit->training.n_streams, rows_of_sample(&self->p, fit),
                             fit->layout.n));
  NMD_TRY(NMD_ALLOC(self->x, m * fit->layout.n));
  NMD_TRY(NMD_ALLOC(self->s, m * m));
  self->longest = nmd_data_longest_stream(&fit->training);
  NMD_TRY(NMD_ALLOC(self->order, fit->training.n_streams * self->longest));
  return make_covariance(self, fit);
}

static nmd_status kalman_create(const void *parameters, nmd_fit *fit, int member, void **out) {
  kalman *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  *out = self;
  self->p = *(const kalman_parameters *)parameters;
  self->member = member;
  return nmd_comm_agree(fit->world, kalman_init(self, fit));
}

/* a = l l^T, lower triangle by columns; false if it is not positive definite. */
static bool factorise(int n, double *a) {
  for (int k = 0; k < n; k++) {
    double d = a[k * n + k];
    for (int i = 0; i < k; i++) d -= a[i * n + k] * a[i * n + k];
    if (!(d > 0.0)) return false;
    d = sqrt(d);
    a[k * n + k] = d;
    for (int i = 0; i < k; i++) cblas_daxpy(n - k - 1, -a[i * n + k], a + i * n + k + 1, 1, a + k * n + k + 1, 1);
    cblas_dscal(n - k - 1, 1.0 / d, a + k * n + k + 1, 1);
  }
  return true;
}

/* One block of observations. */
static nmd_status update(kalman *self, double noise, double process_noise, double *weights) {
  const int m = self->rows.n, n = (int)self->covariance.n;
  double *xi = self->rows.residual;
  nmd_covariance_times(&self->covariance, m, self->rows.h, self->x);
  cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, m, m, n, 1.0, self->rows.h, n, self->x, n, 0.0, self->s, m);
  for (int r = 0; r < m; r++) self->s[r * m + r] += noise * self->rows.noise[r];
  if (!factorise(m, self->s))
    NMD_FAIL(EXPLODED,
             "kalman: the covariance of the weights is no longer positive; start again with a larger noise or "
             "process_noise");
  cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, n, m, 1.0, self->s, m, self->x, n);
  cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, m, self->s, m, xi, 1);
  cblas_dgemv(CblasColMajor, CblasNoTrans, n, m, 1.0, self->x, n, xi, 1, 1.0, weights, 1);
  nmd_covariance_update(&self->covariance, m, self->x, self->p.forgetting, process_noise);
  return NMD_OK;
}

static nmd_status block(kalman *self, nmd_fit *fit, int64_t epoch, int index, double progress) {
  const kalman_parameters *p = &self->p;
  nmd_member *member = &fit->members[self->member];
  const nmd_row_request request = {.force_rows = (int)p->force_rows,
                                   .stress_rows = fit->input->data.stress ? (int)p->stress_rows : 0,
                                   .selection = (nmd_row_selection)p->selection,
                                   .threshold = p->threshold,
                                   .outlier = p->outlier,
                                   .seed = member->seed,
                                   .step = epoch * 1000000 + index,
                                   .errors = &member->training};
  nmd_status status = NMD_OK;
  nmd_row_block_clear(&self->rows);
  for (int s = 0; s < fit->training.n_streams; s++) {
    const int sample = self->order[s * self->longest + index];
    const bool mine = sample >= 0 && s % nmd_comm_size(fit->world) == nmd_comm_rank(fit->world);
    if (status == NMD_OK && mine) status = nmd_rows_add(fit, &request, sample, member->weights, s, &self->rows);
  }
  NMD_TRY(nmd_comm_agree(fit->world, status));
  nmd_row_block_share(&self->rows);
  const double q0 = p->process_noise[0], q1 = p->process_noise[1];
  const double q = q0 > 0.0 && q1 > 0.0 ? q0 * pow(q1 / q0, progress) : q0 + (q1 - q0) * progress;
  return update(self, p->noise[0] * pow(p->noise[1] / p->noise[0], progress), q, member->weights);
}

static nmd_status kalman_epoch(void *opaque, nmd_fit *fit, int64_t epoch, double progress) {
  kalman *self = opaque;
  NMD_TRY(nmd_data_shuffle(&fit->training, fit->members[self->member].seed, epoch, self->longest, self->order));
  for (int index = 0; index < self->longest; index++) {
    const double part = (double)index / self->longest / (double)self->p.stage.epochs;
    NMD_TRY(block(self, fit, epoch, index, progress + part));
    nmd_member_average(fit, self->member, epoch);
  }
  nmd_covariance_settle(&self->covariance);
  nmd_comm_broadcast(fit->world, fit->members[self->member].weights, fit->layout.n * sizeof(double), 0);
  return NMD_OK;
}

/* Triangles of the blocks, dealt out evenly, and three arrays of rows. */
static double kalman_bytes(const void *parameters, const nmd_fit *fit) {
  const kalman_parameters *p = parameters;
  const nmd_layout *layout = &fit->layout;
  double numbers = p->blocks == 0 ? nmd_covariance_numbers(layout->n) : 0.0;
  for (int e = 0; e < layout->n_elements && p->blocks > 0; e++) {
    const nmd_element_layout *element = &layout->elements[e];
    if (p->blocks == 1) numbers += nmd_covariance_numbers(element->size);
    for (int l = 0; l < element->n_layers && p->blocks == 2; l++)
      numbers += nmd_covariance_numbers((size_t)(element->layers[l].n_in + 1) * (size_t)element->layers[l].n_out);
  }
  return (numbers / nmd_comm_size(fit->world) + 3.0 * (double)(layout->n * rows_of(p, fit))) * sizeof(double);
}
static size_t kalman_length(const void *opaque) { return nmd_covariance_length(&((const kalman *)opaque)->covariance); }
static nmd_status kalman_save(const void *opaque, double *state) {
  return nmd_covariance_gather(&((const kalman *)opaque)->covariance, state);
}
static nmd_status kalman_restore(void *opaque, const double *state) {
  nmd_covariance_scatter(&((kalman *)opaque)->covariance, state);
  return NMD_OK;
}

const nmd_optimiser_ops nmd__optimiser_kalman = {&kalman_table, kalman_create, kalman_destroy, kalman_epoch,
                                                 kalman_bytes,  kalman_length, kalman_save,    kalman_restore};
