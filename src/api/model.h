/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside the library: a model, and the workers that evaluate with it. */
#ifndef NNPMD_API_MODEL_H
#define NNPMD_API_MODEL_H

#include <pthread.h>

#include "nnpmd/nnpmd.h"
#include "parallel/comm.h"
#include "potential/potential.h"

#define NMD_EXPORT __attribute__((visibility("default")))

typedef struct nmd__worker {
  struct nmd__worker *next;
  nmd_potential potential;
} nmd__worker;

struct nnpmd_model {
  nmd_yaml *tree; /* of the potential's input; lives as long as the potentials made from it */
  nmd_species species;
  double cutoff;
  nmd_comm *alone;
  pthread_mutex_t lock;
  nmd__worker *idle; /* under the lock */
};

/* An idle worker, or a new one; give it back. */
nmd_status nmd__worker_take(nnpmd_model *model, nmd__worker **out) NMD_MUST_USE;
void nmd__worker_give_back(nnpmd_model *model, nmd__worker *done);
/* "atom i is X, which the model does not know". */
nmd_status nmd__unknown_element(const nnpmd_model *model, int64_t atom, int atomic_number) NMD_MUST_USE;
/* Exit code and text for the caller of the library. */
int nmd__answer(nmd_status status, char *error, size_t size);

#endif
