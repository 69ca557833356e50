/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"
#include "potential/nnp_worker.h"

struct nmd__nnp_worker {
  const nmd__nnp_shared *shared; /* not owned */
  nmd_evaluator *evaluator;
  bool borrowed;                 /* the evaluator is the shared one */
  int batch;
  int *centre, *first;           /* [batch], [batch + 1] */
  double *energy, *sigma;        /* [batch] */
  double *member_energy;         /* [batch][members] */
  int64_t capacity;              /* neighbours */
  double *dx, *dy, *dz, *gx, *gy, *gz;
  int *neighbour_element, *neighbour_index;
  int n_listed;                   /* room for every function of every centre of a batch */
  nmd_extrapolation *listed;      /* [n_listed] */
};

double nmd__nnp_atom_cost(const void *opaque, int species, int neighbours) {
  const nmd__nnp_shared *shared = opaque;
  double each[NMD_ELEMENT_MAX] = {0};
  for (int s = 0; s < shared->species->n; s++) each[shared->element[s]] += (double)neighbours / shared->species->n;
  return nmd_evaluator_cost(shared->evaluator, shared->element[species], each);
}

void nmd__nnp_worker_destroy(nmd__nnp_worker *self) {
  if (self == NULL) return;
  if (!self->borrowed) nmd_evaluator_destroy(self->evaluator);
  void *arrays[] = {self->centre, self->first, self->energy, self->sigma, self->member_energy,
                    self->dx, self->dy, self->dz, self->gx, self->gy, self->gz,
                    self->neighbour_element, self->neighbour_index, self->listed};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  nmd_free(self);
}

static nmd_status reserve_neighbours(nmd__nnp_worker *self, int64_t n) {
  if (n <= self->capacity) return NMD_OK;
  n += n / 4;
  double **reals[] = {&self->dx, &self->dy, &self->dz, &self->gx, &self->gy, &self->gz};
  for (int k = 0; k < NMD_COUNT(reals); k++) NMD_TRY(nmd_grow(reals[k], (size_t)self->capacity, (size_t)n, sizeof(double)));
  NMD_TRY(NMD_GROW(self->neighbour_element, self->capacity, n));
  NMD_TRY(NMD_GROW(self->neighbour_index, self->capacity, n));
  self->capacity = n;
  return NMD_OK;
}

static nmd_status worker_init(nmd__nnp_worker *self, const nmd__nnp_shared *shared, bool first) {
  self->shared = shared;
  self->borrowed = first;
  self->evaluator = first ? shared->evaluator : NULL;
  if (!first) NMD_TRY(nmd_evaluator_clone(shared->evaluator, &self->evaluator));
  self->batch = nmd_evaluator_batch_size(self->evaluator);
  NMD_TRY(NMD_ALLOC(self->centre, self->batch));
  NMD_TRY(NMD_ALLOC(self->first, self->batch + 1));
  NMD_TRY(NMD_ALLOC(self->energy, self->batch));
  for (int e = 0; e < nmd_model_element_count(shared->model); e++) {
    const int all = self->batch * nmd_model_function_count(shared->model, e);
    if (all > self->n_listed) self->n_listed = all;
  }
  NMD_TRY(NMD_ALLOC(self->listed, self->n_listed)); /* zeroed pages that take no memory before something extrapolates */
  NMD_TRY(NMD_ALLOC(self->sigma, self->batch));
  NMD_TRY(NMD_ALLOC(self->member_energy, self->batch * shared->committee.n));
  return reserve_neighbours(self, 128 * self->batch);
}

nmd_status nmd__nnp_worker_create(const nmd__nnp_shared *shared, bool first, nmd__nnp_worker **out) {
  nmd__nnp_worker *self;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(self, 1));
  const nmd_status status = worker_init(self, shared, first);
  if (status != NMD_OK) {
    nmd__nnp_worker_destroy(self);
    return status;
  }
  *out = self;
  return NMD_OK;
}

/* Append the neighbours of atom i within the cut-off; returns the new end. */
static int gather_neighbours(nmd__nnp_worker *self, const nmd_potential_input *input, int i, int end) {
  const nmd_neighbour_list *list = input->list;
  const double *x = input->atoms->x;
  const nmd_environment_source from = {.x = x,
                                       .index = list->index + list->first[i],
                                       .n = (int)(list->first[i + 1] - list->first[i]),
                                       .origin = {x[3 * i], x[3 * i + 1], x[3 * i + 2]},
                                       .scale = self->shared->scale,
                                       .cutoff2 = self->shared->cutoff2};
  int *which = self->neighbour_index + end, *element = self->neighbour_element + end;
  const int n = nmd_evaluator_collect(self->evaluator, &from, self->dx + end, self->dy + end, self->dz + end, which);
  for (int k = 0; k < n; k++) element[k] = self->shared->element[input->atoms->species[which[k]]];
  return end + n;
}

static void scatter(const nmd__nnp_worker *self, int c, nmd_potential_partial *partial) {
  const int i = self->centre[c];
  double fx = 0, fy = 0, fz = 0;
  double w[3][3] = {{0}};
  for (int k = self->first[c]; k < self->first[c + 1]; k++) {
    double *f = partial->force[self->neighbour_index[k]];
    const double gx = self->gx[k], gy = self->gy[k], gz = self->gz[k];
    const double dx = self->dx[k], dy = self->dy[k], dz = self->dz[k];
    f[0] -= gx;
    f[1] -= gy;
    f[2] -= gz;
    fx += gx;
    fy += gy;
    fz += gz;
    w[0][0] -= dx * gx, w[0][1] -= dx * gy, w[0][2] -= dx * gz;
    w[1][0] -= dy * gx, w[1][1] -= dy * gy, w[1][2] -= dy * gz;
    w[2][0] -= dz * gx, w[2][1] -= dz * gy, w[2][2] -= dz * gz;
  }
  partial->force[i][0] += fx;
  partial->force[i][1] += fy;
  partial->force[i][2] += fz;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) partial->virial[a][b] += w[a][b];
}

static void add_energy(const nmd__nnp_worker *self, const nmd_potential_input *input, int c,
                       nmd_potential_partial *partial) {
  const int i = self->centre[c];
  const double energy = self->energy[c] + nmd_model_offset(self->shared->model, self->shared->element[input->atoms->species[i]]);
  partial->energy += energy;
  if (input->want_atom_energy) partial->atom_energy[i] += energy;
}

static void scatter_committee(const nmd__nnp_worker *self, const nmd_potential_input *input, int c,
                              nmd_potential_partial *partial) {
  const int i = self->centre[c], n = self->shared->committee.n;
  const double offset = nmd_model_offset(self->shared->model, self->shared->element[input->atoms->species[i]]);
  for (int k = 0; k < n; k++) partial->member_energy[k] += self->member_energy[c * n + k] + offset;
  if (input->want_atom_sigma) partial->atom_sigma[i] += self->sigma[c];
}

static void scatter_atom_virial(const nmd__nnp_worker *self, int c, nmd_potential_partial *partial) {
  for (int k = self->first[c]; k < self->first[c + 1]; k++) {
    const double d[3] = {self->dx[k], self->dy[k], self->dz[k]}, g[3] = {self->gx[k], self->gy[k], self->gz[k]};
    double *w = partial->atom_virial[self->neighbour_index[k]];
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) w[3 * a + b] -= d[a] * g[b];
  }
}

static void note_extrapolations(const nmd__nnp_worker *self, const nmd_potential_input *input,
                                const nmd_environment_results *results, nmd_potential_partial *partial) {
  partial->extrapolations += results->n_extrapolations;
  const int64_t listed = results->n_extrapolations < results->capacity ? results->n_extrapolations : results->capacity;
  for (int64_t k = 0; k < listed; k++) {
    const nmd_extrapolation *e = &results->extrapolations[k];
    const int i = self->centre[e->centre];
    if (partial->atom_extrapolation != NULL) partial->atom_extrapolation[i]++;
    const double range = e->high > e->low ? e->high - e->low : 1.0;
    const nmd_offender offender = {.atom_id = input->atoms->id[i],
                                   .atomic_number = self->shared->species->atomic_number[input->atoms->species[i]],
                                   .function = e->function + 1,
                                   .value = e->value,
                                   .low = e->low,
                                   .high = e->high,
                                   .excess = (e->value < e->low ? e->low - e->value : e->value - e->high) / range};
    nmd_offenders_add(partial->offenders, &partial->n_offenders, &offender);
  }
}

static nmd_status compute_batch(nmd__nnp_worker *self, const nmd_potential_input *input, int element, int n,
                                nmd_potential_partial *partial) {
  const nmd_environments environments = {n, element, self->first, self->dx, self->dy, self->dz, self->neighbour_element};
  nmd_environment_results results = {.energy = self->energy, .gx = self->gx, .gy = self->gy, .gz = self->gz,
                                     .sigma = self->sigma, .member_energy = self->member_energy, .member = input->member,
                                     .capacity = self->n_listed, .extrapolations = self->listed};
  const bool count_only = partial->force == NULL;
  if (count_only || input->energies_only) results.gx = results.gy = results.gz = NULL;
  NMD_TRY(nmd_evaluate(self->evaluator, &environments, &results));
  if (results.n_extrapolations > 0) note_extrapolations(self, input, &results, partial);
  for (int c = 0; c < n && !count_only; c++) {
    if (!input->energies_only) scatter(self, c, partial);
    add_energy(self, input, c, partial);
    if (input->want_atom_virial) scatter_atom_virial(self, c, partial);
    if (self->shared->committee.n > 1) scatter_committee(self, input, c, partial);
  }
  return NMD_OK;
}

/* The atoms of one species in [begin, end), in batches. */
static nmd_status run_species(nmd__nnp_worker *self, const nmd_potential_input *input, int species, int begin, int end,
                              nmd_potential_partial *partial) {
  const nmd_neighbour_list *list = input->list;
  const int element = self->shared->element[species];
  int n = 0, used = 0;
  for (int i = begin; i < end; i++) {
    if (input->atoms->species[i] != species) continue;
    NMD_TRY(reserve_neighbours(self, used + 8 + list->first[i + 1] - list->first[i]));
    self->centre[n] = i;
    self->first[n] = used;
    used = gather_neighbours(self, input, i, used);
    self->first[++n] = used;
    if (n < self->batch) continue;
    NMD_TRY(compute_batch(self, input, element, n, partial));
    n = used = 0;
  }
  return n > 0 ? compute_batch(self, input, element, n, partial) : NMD_OK;
}

nmd_status nmd__nnp_worker_run(nmd__nnp_worker *self, const nmd_potential_input *input, int begin, int end,
                               nmd_potential_partial *partial) {
  for (int s = 0; s < self->shared->species->n; s++) NMD_TRY(run_species(self, input, s, begin, end, partial));
  return NMD_OK;
}
