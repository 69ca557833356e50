/* SPDX-License-Identifier: BSD-3-Clause */
/* The evaluation of a range of atoms by one thread, and the sharing out of a rank's atoms among its threads.
 *
 * Each thread owns an evaluator (plans shared, scratch its own) and, if there are several, a force array of its own, of
 * which it clears and fills only the blocks of atoms that its rows touch. The arrays are then added block by block in the
 * order of the parts: no atomics, and the same bits whichever thread did what. Parts are cut by counted cost, which
 * follows from the list alone. */
#ifndef NNPMD_POTENTIAL_NNP_WORKER_H
#define NNPMD_POTENTIAL_NNP_WORKER_H

#include "nnp/committee.h"
#include "nnp/evaluate.h"
#include "potential/potential.h"

/* What all workers of a potential look at. */
typedef struct nmd__nnp_shared {
  nmd_committee committee;    /* or one model */
  const nmd_model *model;     /* the first one of them */
  nmd_evaluator *evaluator;   /* of the first worker; others are clones */
  const nmd_species *species; /* not owned */
  int *element;               /* [species] model element */
  double cutoff2;             /* A^2 */
  double scale;               /* of displacements: 1 but for count_other_unit */
} nmd__nnp_shared;

typedef struct nmd__nnp_worker nmd__nnp_worker;
typedef struct nmd__nnp_member nmd__nnp_member; /* a worker with its force array */

typedef struct nmd__nnp_team {
  const nmd__nnp_shared *shared; /* not owned */
  int n;
  nmd__nnp_member **members; /* [n] */
  int parts;                 /* the split is for this many */
  int64_t serial;            /* and for the list with this serial number */
  int *begin;                /* [n + 1] atoms of each part */
  double *cost;              /* [atoms] scratch */
  int64_t capacity_cost;
} nmd__nnp_team;

void nmd__nnp_team_init(nmd__nnp_team *team, const nmd__nnp_shared *shared);
void nmd__nnp_team_free(nmd__nnp_team *team);
/* Energies, forces and virials of all atoms of the list, with input->threads threads, added to `partial`; a partial
 * without forces counts extrapolations only. */
nmd_status nmd__nnp_team_compute(nmd__nnp_team *team, const nmd_potential_input *input,
                                 nmd_potential_partial *partial) NMD_MUST_USE;

/* Counted cost of an atom, see nmd_potential_ops; `shared` as void. */
double nmd__nnp_atom_cost(const void *shared, int species, int neighbours);

/* ---- one worker; used by the team ---- */

nmd_status nmd__nnp_worker_create(const nmd__nnp_shared *shared, bool first, nmd__nnp_worker **out) NMD_MUST_USE;
void nmd__nnp_worker_destroy(nmd__nnp_worker *worker);
/* Atoms [begin, end) into `partial`. */
nmd_status nmd__nnp_worker_run(nmd__nnp_worker *worker, const nmd_potential_input *input, int begin, int end,
                               nmd_potential_partial *partial) NMD_MUST_USE;

#endif
