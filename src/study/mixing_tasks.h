/* SPDX-License-Identifier: BSD-3-Clause */
/* The structures of a study: named, in an order that follows from the input, each made by whoever needs it. */
#ifndef NNPMD_STUDY_MIXING_TASKS_H
#define NNPMD_STUDY_MIXING_TASKS_H

#include "build/derivative.h"
#include "build/prototype.h"
#include "study/mixing_input.h"
#include "system/structure.h"

typedef enum nmd_mixing_kind {
  NMD_MIXING_PROTOTYPE,
  NMD_MIXING_DERIVATIVE,
  NMD_MIXING_GRID,
  NMD_MIXING_RANDOM,
  NMD_MIXING_SYMMETRIC
} nmd_mixing_kind;

typedef struct nmd_mixing_task {
  nmd_mixing_kind kind;
  char name[48]; /* "l1_2-AuLi3", "fcc4-017", "bcc-k07-1", "random-00042", "symmetric-00042": also of its file */
  int atoms;
  const nmd_prototype *prototype; /* with elements flipped or not */
  bool flip;
  const nmd_parent *parent;
  nmd_derivative derivative;
  int64_t k, trial; /* atoms of the second element in a cell of the grid; ordering, number of a random cell */
} nmd_mixing_task;

/* *tasks [*n], owner: the caller (nmd_free). Local, the same on all ranks. Errors: MEMORY. */
nmd_status nmd_mixing_tasks(const nmd_mixing_input *input, nmd_mixing_task **tasks, int64_t *n) NMD_MUST_USE;
/* Where it starts from; cells of the grid are ordered at random. Local. Errors: MEMORY. */
nmd_status nmd_mixing_start(const nmd_mixing_input *input, const nmd_mixing_task *task,
                            nmd_structure *out) NMD_MUST_USE;
/* Key of a task's random numbers: of its name, so that a longer list leaves it as it is. Local. */
uint64_t nmd_mixing_seed(const nmd_mixing_input *input, const nmd_mixing_task *task);

#endif
