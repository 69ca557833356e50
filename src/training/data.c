/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/data.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

typedef struct sized {
  int64_t atoms;
  int sample;
} sized;

static int by_size(const void *a, const void *b) {
  const sized *x = a, *y = b;
  if (x->atoms != y->atoms) return x->atoms > y->atoms ? -1 : 1;
  return x->sample - y->sample;
}

/* Largest first, to and fro, so that no stream gets the larger one of each round. */
static nmd_status deal(nmd_data *data) {
  const int n = data->set.n, m = data->n_streams;
  sized *order;
  NMD_TRY(NMD_ALLOC(data->stream, n));
  NMD_TRY(NMD_ALLOC(order, n));
  for (int i = 0; i < n; i++) order[i] = (sized){data->set.samples[i].structure.n, i};
  qsort(order, (size_t)n, sizeof *order, by_size);
  for (int i = 0; i < n; i++) {
    const int round = i / m, place = i % m;
    data->stream[order[i].sample] = round % 2 == 0 ? place : m - 1 - place;
  }
  nmd_free(order);
  return NMD_OK;
}

static nmd_status estimate(nmd_data *data) {
  for (int i = 0; i < data->set.n; i++) {
    size_t bytes;
    if (!nmd_data_owns(data, i)) continue;
    NMD_TRY(nmd_descriptors_estimate(data->maker, &data->set.samples[i], &bytes));
    data->wanted += bytes;
    data->n_own++;
  }
  return NMD_OK;
}

nmd_status nmd_data_init(nmd_data *data, const nmd_comm *comm, const nmd_comm *alone, const nmd_model *model,
                         const nmd_dependence *dependence, const nmd_data_options *options, nmd_sample_set *set) {
  *data = (nmd_data){.comm = comm,
                     .model = model,
                     .dependence = dependence,
                     .set = *set,
                     .n_streams = options->n_streams,
                     .cap = options->cap};
  *set = (nmd_sample_set){0};
  NMD_TRY(deal(data));
  NMD_TRY(
      nmd_descriptor_maker_create(alone, model, dependence, options->want_double, options->want_strain, &data->maker));
  return estimate(data);
}

nmd_status nmd_data_evaluate(nmd_data *data) {
  NMD_TRY(NMD_ALLOC(data->descriptors, data->set.n));
  for (int i = 0; i < data->set.n; i++) {
    const nmd_sample *sample = &data->set.samples[i];
    size_t bytes;
    if (!nmd_data_owns(data, i)) continue;
    NMD_TRY(nmd_descriptors_estimate(data->maker, sample, &bytes));
    const bool keep = data->kept + bytes <= data->cap;
    NMD_TRY(nmd_descriptors_make(data->maker, sample, keep, &data->descriptors[i]));
    data->kept += data->descriptors[i].bytes;
    data->n_kept += keep;
  }
  return NMD_OK;
}

void nmd_data_scale(nmd_data *data) {
  for (int i = 0; i < data->set.n; i++)
    if (data->descriptors[i].atom != NULL) nmd_descriptors_scale(data->dependence, data->model, &data->descriptors[i]);
}

nmd_status nmd_data_get(nmd_data *data, int sample, const nmd_descriptors **out) {
  *out = &data->descriptors[sample];
  if ((*out)->first != NULL) return NMD_OK;
  nmd_descriptors_free(&data->scratch);
  NMD_TRY(nmd_descriptors_make(data->maker, &data->set.samples[sample], true, &data->scratch));
  nmd_descriptors_scale(data->dependence, data->model, &data->scratch);
  *out = &data->scratch;
  return NMD_OK;
}

void nmd_data_free(nmd_data *data) {
  for (int i = 0; data->descriptors != NULL && i < data->set.n; i++) nmd_descriptors_free(&data->descriptors[i]);
  nmd_free(data->descriptors);
  nmd_free(data->stream);
  nmd_descriptors_free(&data->scratch);
  nmd_descriptor_maker_destroy(data->maker);
  nmd_sample_set_free(&data->set);
  *data = (nmd_data){0};
}

int nmd_data_longest_stream(const nmd_data *data) { return (data->set.n + data->n_streams - 1) / data->n_streams; }

typedef struct keyed {
  double key;
  int sample;
} keyed;

static int by_key(const void *a, const void *b) {
  const keyed *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return x->sample - y->sample;
}

nmd_status nmd_data_shuffle(const nmd_data *data, uint64_t seed, int64_t epoch, int longest, int *order) {
  keyed *keys;
  int *at = NULL;
  NMD_TRY(NMD_ALLOC(keys, data->set.n));
  const nmd_status status = NMD_ALLOC(at, data->n_streams);
  for (int i = 0; i < data->set.n; i++) {
    double u[2];
    nmd_random_uniform2(seed, NMD_STREAM_SHUFFLE, epoch, i, 0, u);
    keys[i] = (keyed){u[0], i};
  }
  qsort(keys, (size_t)data->set.n, sizeof *keys, by_key);
  for (int k = 0; k < data->n_streams * longest; k++) order[k] = -1;
  for (int k = 0; k < data->set.n && status == NMD_OK; k++) {
    const int stream = data->stream[keys[k].sample];
    order[stream * longest + at[stream]++] = keys[k].sample;
  }
  nmd_free(keys);
  nmd_free(at);
  return status;
}

typedef struct sums {
  double *low, *high, *moments; /* moments: [n] sums, [n] sums of squares, then the number of atoms */
} sums;

static void add_sample(const nmd_descriptors *d, int e, int n, sums *s) {
  for (int i = 0; i < d->first_atom[e + 1] - d->first_atom[e]; i++) {
    const double *G = d->G[e] + (size_t)i * (size_t)n;
    for (int f = 0; f < n; f++) {
      s->low[f] = fmin(s->low[f], G[f]);
      s->high[f] = fmax(s->high[f], G[f]);
      s->moments[f] += G[f];
      s->moments[n + f] += G[f] * G[f];
    }
    s->moments[2 * n] += 1.0;
  }
}

static void finish(const nmd_comm *comm, int n, sums *s, nmd_function_statistics *out) {
  nmd_comm_min(comm, s->low, n);
  nmd_comm_max(comm, s->high, n);
  nmd_comm_sum(comm, s->moments, 2 * n + 1);
  const double count = s->moments[2 * n];
  for (int f = 0; f < n; f++) {
    const double mean = count > 0.0 ? s->moments[f] / count : 0.0;
    const double variance = count > 1.0 ? (s->moments[n + f] - count * mean * mean) / (count - 1.0) : 0.0;
    out[f] = (nmd_function_statistics){s->low[f], s->high[f], mean, sqrt(fmax(variance, 0.0))};
  }
}

static nmd_status element_statistics(const nmd_data *data, int e, nmd_function_statistics *out) {
  const int n = data->model->elements[e].n_functions;
  sums s = {0};
  nmd_status status = NMD_OK;
  NMD_GOTO(NMD_ALLOC(s.low, n));
  NMD_GOTO(NMD_ALLOC(s.high, n));
  NMD_GOTO(NMD_ALLOC(s.moments, 2 * n + 1));
  for (int f = 0; f < n; f++) s.low[f] = INFINITY, s.high[f] = -INFINITY;
  for (int i = 0; i < data->set.n; i++)
    if (data->descriptors[i].atom != NULL) add_sample(&data->descriptors[i], e, n, &s);
  finish(data->comm, n, &s, out);
done:
  nmd_free(s.low);
  nmd_free(s.high);
  nmd_free(s.moments);
  return status;
}

nmd_status nmd_data_statistics(const nmd_data *data, nmd_function_statistics **statistics) {
  for (int e = 0; e < data->model->n_elements; e++) NMD_TRY(element_statistics(data, e, statistics[e]));
  return NMD_OK;
}
