/* SPDX-License-Identifier: BSD-3-Clause */
/* Active learning: dynamics with a committee, frames it is unsure of, labels, training, and again.
 *
 * Each cycle has a folder, cycle_001, ..., and every step in it ends with a file that appears whole:
 * walk_0001/done.yaml, picked.extxyz, labelled.extxyz, model/ (renamed when complete), summary.yaml. A loop that was
 * killed takes up what is there. Walks and members of the committee are dealt out to the ranks, each calculated by one
 * of them alone, so the number of ranks changes no bit of the picks. */
#ifndef NNPMD_STUDY_ACTIVE_H
#define NNPMD_STUDY_ACTIVE_H

#include "dataset/dataset.h"
#include "study/active_input.h"
#include "training/baseline.h"

typedef struct nmd_active {
  const nmd_comm *comm; /* not owned */
  nmd_comm *alone;
  const nmd_active_input *input; /* not owned */
  char *const *environment;      /* of labelling commands; not owned */
  nmd_baseline_maker baselines;  /* of trainings with a `baseline` */
  nmd_dataset starts;
  int64_t n_walks; /* starts times temperatures */
} nmd_active;

/* Read the structures to start from. Collective. Errors: those of reading, MEMORY. */
nmd_status nmd_active_create(const nmd_comm *comm, const nmd_active_input *input, char *const *environment,
                             nmd_baseline_maker baselines, nmd_active **out) NMD_MUST_USE;
void nmd_active_destroy(nmd_active *active);
/* All cycles to the end. Collective. Errors: those of the steps; INTERRUPTED after a signal: started again it goes on.
 */
nmd_status nmd_active_run(nmd_active *active) NMD_MUST_USE;

enum { NMD_ACTIVE_PATH = 4096 };
/* "OUTPUT/cycle_003/NAME". */
void nmd_active_path(const nmd_active *active, int64_t cycle, const char *name, char path[NMD_ACTIVE_PATH]);
/* Folder of the committee that cycle k begins with: the given one, or the one of the cycle before. */
void nmd_active_model(const nmd_active *active, int64_t cycle, char path[NMD_ACTIVE_PATH]);
nmd_status nmd_active_make_folder(const char *path) NMD_MUST_USE; /* it may be there; parents must be. Errors: WRITE */
bool nmd_active_exists(const char *path);

#endif
