/* SPDX-License-Identifier: BSD-3-Clause */
/* Samples with their descriptors, dealt out to the ranks; kept in memory as far as the cap allows, the rest is
 * evaluated anew at each use. */
#ifndef NNPMD_TRAINING_DATA_H
#define NNPMD_TRAINING_DATA_H

#include "training/descriptors.h"

typedef struct nmd_data {
  const nmd_comm *comm;
  const nmd_model *model;
  const nmd_dependence *dependence; /* none of the three owned */
  nmd_sample_set set;               /* all samples, on all ranks; owned */
  int n_streams;
  int *stream;                  /* [n] stream of each sample; streams are dealt out to the ranks by turns */
  nmd_descriptors *descriptors; /* [n] of this rank's samples: at least G; derivatives where they are kept */
  size_t wanted, kept, cap;     /* bytes of this rank's descriptors with all derivatives / as they are / allowed */
  int n_own, n_kept;            /* samples of this rank / with derivatives in memory */
  nmd_descriptor_maker *maker;
  nmd_descriptors scratch; /* of a sample whose derivatives are not kept */
} nmd_data;

typedef struct nmd_data_options {
  int n_streams;
  bool want_double, want_strain;
  size_t cap; /* bytes on this rank */
} nmd_data_options;

/* Takes `set` over. Samples go to streams so that each has its share of large and small ones. Estimates the memory
 * (`wanted`), evaluates nothing yet. `alone` is a communicator of this rank only. Errors: OVERLAP, MEMORY. Local. */
nmd_status nmd_data_init(nmd_data *data, const nmd_comm *comm, const nmd_comm *alone, const nmd_model *model,
                         const nmd_dependence *dependence, const nmd_data_options *options,
                         nmd_sample_set *set) NMD_MUST_USE;
/* Evaluate the descriptors of this rank's samples, raw. Local. */
nmd_status nmd_data_evaluate(nmd_data *data) NMD_MUST_USE;
/* Apply the model's scaling. Local. */
void nmd_data_scale(nmd_data *data);
void nmd_data_free(nmd_data *data);

static inline bool nmd_data_owns(const nmd_data *data, int sample) {
  return data->stream[sample] % nmd_comm_size(data->comm) == nmd_comm_rank(data->comm);
}
/* Descriptors with derivatives of an own sample, valid until the next call. Errors: MEMORY. Local. */
nmd_status nmd_data_get(nmd_data *data, int sample, const nmd_descriptors **out) NMD_MUST_USE;

int nmd_data_longest_stream(const nmd_data *data);
/* The samples of each stream in a random order of (seed, epoch): order [n_streams][longest], -1 where a stream has no
 * more. Errors: MEMORY. Local. */
nmd_status nmd_data_shuffle(const nmd_data *data, uint64_t seed, int64_t epoch, int longest, int *order) NMD_MUST_USE;

/* Statistics of raw G over all ranks: statistics[e] [functions]. Errors: MEMORY. Collective. */
nmd_status nmd_data_statistics(const nmd_data *data, nmd_function_statistics **statistics) NMD_MUST_USE;

#endif
