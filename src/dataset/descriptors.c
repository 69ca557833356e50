/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/descriptors.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/environments.h"
#include "nnp/evaluate.h"

int64_t nmd_descriptor_set_bytes(const nmd_dataset *set, const nmd_model *model) {
  int64_t bytes = 0;
  for (int64_t k = 0; k < set->n; k++)
    for (int64_t i = 0; i < set->frames[k].n; i++) {
      const int e = nmd_model_element_index(model, set->frames[k].atomic_number[i]);
      if (e >= 0) bytes += 8 * (nmd_model_function_count(model, e) + 1);
    }
  return bytes;
}

static nmd_status count_atoms(const nmd_dataset *set, const nmd_model *model, int64_t *count) {
  for (int64_t k = 0; k < set->n; k++)
    for (int64_t i = 0; i < set->frames[k].n; i++) {
      const int z = set->frames[k].atomic_number[i], e = nmd_model_element_index(model, z);
      if (e < 0)
        NMD_FAIL(MODEL_ELEMENT,
                 "%s: atom %lld is %s, for which the input.nn has no functions; add them or drop the frame",
                 set->place[k], (long long)i + 1, nmd_element_symbol(z));
      count[e]++;
    }
  return NMD_OK;
}

static nmd_status allocate(const nmd_dataset *set, const nmd_model *model, nmd_descriptor_set *out) {
  int64_t count[NMD_ELEMENT_MAX] = {0};
  out->n_elements = nmd_model_element_count(model);
  out->n_frames = set->n;
  NMD_TRY(count_atoms(set, model, count));
  NMD_TRY(NMD_ALLOC(out->elements, out->n_elements));
  for (int e = 0; e < out->n_elements; e++) {
    nmd_element_descriptors *d = &out->elements[e];
    d->atomic_number = nmd_model_atomic_number(model, e);
    d->functions = nmd_model_function_count(model, e);
    NMD_TRY(NMD_ALLOC(d->frame, count[e]));
    NMD_TRY(NMD_ALLOC(d->G, count[e] * d->functions));
    NMD_TRY(NMD_ALLOC(d->mean, d->functions));
    NMD_TRY(NMD_ALLOC(d->sigma, d->functions));
  }
  return NMD_OK;
}

/* Environments of the atoms of one element of a frame, in the layout of the evaluator. */
typedef struct batch {
  int *first, *element;
  double *d[3], *energy;
} batch;

static void batch_free(batch *b) {
  nmd_free(b->first);
  nmd_free(b->element);
  for (int a = 0; a < 3; a++) nmd_free(b->d[a]);
  nmd_free(b->energy);
}

static nmd_status batch_make(const nmd_structure *s, const nmd_neighbours *nb, const nmd_model *model, int element,
                             batch *b, int *n) {
  NMD_TRY(NMD_ALLOC(b->first, s->n + 1));
  NMD_TRY(NMD_ALLOC(b->element, nb->first[nb->n]));
  for (int a = 0; a < 3; a++) NMD_TRY(NMD_ALLOC(b->d[a], nb->first[nb->n]));
  NMD_TRY(NMD_ALLOC(b->energy, s->n));
  int pairs = 0;
  *n = 0;
  for (int64_t i = 0; i < s->n; i++) {
    if (nmd_model_element_index(model, s->atomic_number[i]) != element) continue;
    for (int64_t k = nb->first[i]; k < nb->first[i + 1]; k++, pairs++) {
      for (int a = 0; a < 3; a++) b->d[a][pairs] = nb->d[k][a];
      b->element[pairs] = nmd_model_element_index(model, s->atomic_number[nb->atom[k]]);
    }
    b->first[++*n] = pairs;
  }
  return NMD_OK;
}

static nmd_status evaluate_element(nmd_evaluator *evaluator, const nmd_model *model, const nmd_structure *s,
                                   const nmd_neighbours *nb, int element, int64_t frame, nmd_descriptor_set *out) {
  nmd_element_descriptors *d = &out->elements[element];
  batch b = {0};
  int n = 0;
  nmd_status status = batch_make(s, nb, model, element, &b, &n);
  if (status == NMD_OK && n > 0) {
    const nmd_environments environments = {n, element, b.first, b.d[0], b.d[1], b.d[2], b.element};
    nmd_environment_results results = {.energy = b.energy, .G = d->G + d->n * d->functions};
    status = nmd_evaluate(evaluator, &environments, &results);
    for (int k = 0; k < n; k++) d->frame[d->n + k] = frame;
    d->n += n;
    out->neighbours[element] += b.first[n];
  }
  batch_free(&b);
  return status;
}

static nmd_status evaluate_frame(const nmd_comm *alone, nmd_evaluator *evaluator, const nmd_model *model,
                                 const nmd_structure *s, int64_t frame, nmd_descriptor_set *out) {
  nmd_neighbours nb;
  NMD_TRY(nmd_neighbours_find(alone, s, nmd_model_cutoff(model), &nb));
  nmd_status status = NMD_OK;
  for (int e = 0; e < out->n_elements && status == NMD_OK; e++)
    status = evaluate_element(evaluator, model, s, &nb, e, frame, out);
  nmd_neighbours_free(&nb);
  return status;
}

static void find_moments(nmd_element_descriptors *d) {
  for (int64_t i = 0; i < d->n; i++)
    for (int f = 0; f < d->functions; f++) d->mean[f] += d->G[i * d->functions + f] / (double)d->n;
  for (int64_t i = 0; i < d->n; i++)
    for (int f = 0; f < d->functions; f++) {
      const double x = d->G[i * d->functions + f] - d->mean[f];
      d->sigma[f] += x * x / (double)d->n;
    }
  for (int f = 0; f < d->functions; f++) d->sigma[f] = sqrt(d->sigma[f]);
}

nmd_status nmd_descriptor_set_make(const nmd_comm *alone, const nmd_dataset *set, const nmd_model *model,
                                   nmd_descriptor_set *out) {
  nmd_evaluator *evaluator = NULL;
  *out = (nmd_descriptor_set){0};
  nmd_status status = allocate(set, model, out);
  if (status == NMD_OK) status = nmd_evaluator_create(model, NULL, &evaluator);
  for (int64_t k = 0; k < set->n && status == NMD_OK; k++) {
    status = evaluate_frame(alone, evaluator, model, &set->frames[k], k, out);
    if (status != NMD_OK) status = nmd_fail_prefix(status, "%s", set->place[k]);
  }
  nmd_evaluator_destroy(evaluator);
  for (int e = 0; e < out->n_elements && status == NMD_OK; e++) {
    find_moments(&out->elements[e]);
    if (out->elements[e].n > 0) out->neighbours[e] /= (double)out->elements[e].n;
  }
  if (status != NMD_OK) nmd_descriptor_set_free(out);
  return status;
}

void nmd_descriptor_set_free(nmd_descriptor_set *set) {
  for (int e = 0; e < set->n_elements && set->elements != NULL; e++) {
    nmd_free(set->elements[e].frame);
    nmd_free(set->elements[e].G);
    nmd_free(set->elements[e].mean);
    nmd_free(set->elements[e].sigma);
  }
  nmd_free(set->elements);
  *set = (nmd_descriptor_set){0};
}

void nmd_descriptor_set_standardise(nmd_descriptor_set *set) {
  for (int e = 0; e < set->n_elements; e++) {
    nmd_element_descriptors *d = &set->elements[e];
    for (int64_t i = 0; i < d->n; i++)
      for (int f = 0; f < d->functions; f++) {
        double *g = &d->G[i * d->functions + f];
        const bool varies = d->sigma[f] > 1e-10 * (fabs(d->mean[f]) + 1e-10);
        *g = varies ? (*g - d->mean[f]) / d->sigma[f] : 0.0;
      }
  }
}

static nmd_status allocate_points(nmd_points *out, int64_t n, int size) {
  *out = (nmd_points){.n = n, .size = size};
  nmd_status status = NMD_ALLOC(out->x, n * size);
  if (status == NMD_OK) status = NMD_ALLOC(out->frame, n);
  if (status != NMD_OK) nmd_points_free(out);
  return status;
}

nmd_status nmd_points_of_frames(const nmd_descriptor_set *set, nmd_points *out) {
  int size = set->n_elements;
  int64_t *atoms;
  for (int e = 0; e < set->n_elements; e++) size += set->elements[e].functions;
  NMD_TRY(allocate_points(out, set->n_frames, size));
  const nmd_status status = NMD_ALLOC(atoms, set->n_frames * (set->n_elements + 1));
  if (status != NMD_OK) {
    nmd_points_free(out);
    return status;
  }
  for (int e = 0, at = set->n_elements; e < set->n_elements; at += set->elements[e++].functions) {
    const nmd_element_descriptors *d = &set->elements[e];
    for (int64_t i = 0; i < d->n; i++) {
      atoms[d->frame[i] * (set->n_elements + 1) + e]++;
      atoms[d->frame[i] * (set->n_elements + 1) + set->n_elements]++;
      for (int f = 0; f < d->functions; f++) out->x[d->frame[i] * size + at + f] += d->G[i * d->functions + f];
    }
  }
  for (int64_t k = 0; k < out->n; k++) {
    const int64_t *count = atoms + k * (set->n_elements + 1);
    out->frame[k] = k;
    for (int e = 0, at = set->n_elements; e < set->n_elements; at += set->elements[e++].functions) {
      const double x = (double)count[e] / (double)count[set->n_elements];
      out->x[k * size + e] = x;
      for (int f = 0; f < set->elements[e].functions && count[e] > 0; f++)
        out->x[k * size + at + f] *= sqrt(x) / (double)count[e];
    }
  }
  nmd_free(atoms);
  return NMD_OK;
}

nmd_status nmd_points_of_atoms(const nmd_descriptor_set *set, int element, nmd_points *out) {
  const nmd_element_descriptors *d = &set->elements[element];
  NMD_TRY(allocate_points(out, d->n, d->functions));
  memcpy(out->x, d->G, (size_t)(d->n * d->functions) * sizeof(double));
  memcpy(out->frame, d->frame, (size_t)d->n * sizeof *out->frame);
  return NMD_OK;
}

void nmd_points_free(nmd_points *points) {
  nmd_free(points->x);
  nmd_free(points->frame);
  *points = (nmd_points){0};
}
