/* SPDX-License-Identifier: BSD-3-Clause */
/* Targets of molecular dynamics: a short run with the trial force field should have the pair distribution functions,
 * the angles, the volume and the lattice constants of a reference.
 *
 * L = w_r <sum (g - g0)^2 / sum g0^2> + w_a <sum (p - p0)^2 / sum p0^2> + w_V ((V - V0) / (t_V V0))^2 + w_l <((l - l0)
 * / (t_l l0))^2>, means over pairs of elements, triplets and axes, and no more than a cap: that is the loss of a run
 * that flies apart, too. Form: R. Kobayashi, Y. Miyaji, K. Nakano, M. Nakayama, APL Mater. 8, 081111 (2020). */
#ifndef NNPMD_FIT_DYNAMICS_H
#define NNPMD_FIT_DYNAMICS_H

#include "base/option.h"
#include "fit/distributions.h"
#include "parallel/comm.h"
#include "system/structure.h"

typedef struct nmd_dynamics_weights {
  double rdf, adf, volume, lattice;
  double volume_tolerance, lattice_tolerance; /* relative */
} nmd_dynamics_weights;

/* What came out last. */
typedef struct nmd_dynamics_result {
  bool failed;                            /* flew apart: no averages */
  double loss, rdf, adf, volume, lattice; /* the sum, capped; parts without weights */
  nmd_distributions seen;                 /* owned; empty when failed */
} nmd_dynamics_result;

typedef struct nmd_dynamics {
  nmd_structure start;         /* owned */
  const nmd_yaml_node *stages; /* not owned: of the document */
  int64_t every, seed;         /* steps from sample to sample of the last stage */
  double cap;
  nmd_dynamics_weights weights;
  nmd_distribution_plan plan;
  nmd_distributions reference; /* owned */
  bool *wanted;                /* [pairs] which g(r) count; owned */
  nmd_dynamics_result result;
} nmd_dynamics;

enum { NMD_DYNAMICS_MAX = 8 };
extern const nmd_option_table nmd_dynamics_table; /* of one entry of `dynamics` */

/* From an entry of the input. Local. Errors: those of reading, CONFLICT (elements of start and reference differ,
 * nothing to compare with), MISSING_KEY, MEMORY. */
nmd_status nmd_dynamics_open(const nmd_yaml_node *node, int64_t seed, nmd_dynamics *out) NMD_MUST_USE;
void nmd_dynamics_free(nmd_dynamics *target);
/* Run and compare; target->result.loss is what counts. A run that flies apart is no error. Local; `alone` as in
 * nmd_structure_evaluate. Errors: those of set-up. */
nmd_status nmd_dynamics_evaluate(nmd_dynamics *target, const nmd_comm *alone,
                                 const nmd_yaml_node *potential) NMD_MUST_USE;
/* No run: the result is that of one that failed. */
void nmd_dynamics_leave_out(nmd_dynamics *target);

#endif
