/* SPDX-License-Identifier: BSD-3-Clause */
/* A study of mixing energies: structures shared out over ranks, relaxed, each result a file of its own, then the hull.
 */
#ifndef NNPMD_STUDY_MIXING_H
#define NNPMD_STUDY_MIXING_H

#include "potential/potential.h"
#include "study/mixing_tasks.h"

/* A relaxed structure as its file in `results` tells. */
typedef struct nmd_mixing_result {
  const nmd_mixing_task *task;
  nmd_structure structure;
  double energy;   /* eV/atom */
  double second;   /* fraction of the second element */
  double shortest; /* A, distance of two atoms */
  int64_t steps, extrapolations;
  bool converged;
  int members;                              /* of a committee; 0: one model */
  double member[NMD_POTENTIAL_MEMBERS_MAX]; /* eV/atom */
  char symmetry[32];
} nmd_mixing_result;

typedef struct nmd_mixing {
  const nmd_comm *comm;          /* not owned */
  const nmd_mixing_input *input; /* not owned */
  nmd_comm *alone;
  nmd_species species;
  nmd_potential potential;
  nmd_mixing_task *task;
  int64_t n;
  char settings[24]; /* what a result depends on, as a number: others are done again */
} nmd_mixing;

/* Potential and list of structures. Collective; same status on all ranks. On error nothing is left. */
nmd_status nmd_mixing_create(const nmd_comm *comm, const nmd_mixing_input *input, nmd_mixing **out) NMD_MUST_USE;
void nmd_mixing_destroy(nmd_mixing *mixing);
/* Relax what is not there yet; then tables and pictures. Collective. Errors: INTERRUPTED after a signal (run it again
 * to go on), those of files and of the potential. */
nmd_status nmd_mixing_run(nmd_mixing *mixing) NMD_MUST_USE;

/* Rank 0: from results to tables, structures on and near the hull, plot and comparison (mixing_report.c). */
nmd_status nmd_mixing_report(const nmd_mixing *mixing, nmd_mixing_result *results, int64_t n) NMD_MUST_USE;

#endif
