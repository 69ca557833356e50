/* SPDX-License-Identifier: BSD-3-Clause */
/* What is wrong, or looks wrong, with a labelled data set. */
#ifndef NNPMD_DATASET_CHECK_H
#define NNPMD_DATASET_CHECK_H

#include "dataset/dataset.h"
#include "parallel/comm.h"

/* X(name, what it says) */
#define NMD_FINDING_LIST(X)                                                                                            \
  X(NO_ENERGY, "no energy")                                                                                            \
  X(NO_FORCES, "no forces")                                                                                            \
  X(DUPLICATE, "the same structure as an earlier frame")                                                               \
  X(CONTRADICTION, "the same structure as an earlier frame with another energy")                                       \
  X(ISOLATED, "an atom without a neighbour")                                                                           \
  X(SHORT, "two atoms too close")                                                                                      \
  X(LARGE_FORCE, "a large force")                                                                                      \
  X(NET_FORCE, "forces that do not sum up to zero")                                                                    \
  X(ENERGY, "an energy far from those of like compositions")                                                           \
  X(STRESS, "a stress that is not symmetric")                                                                          \
  X(SCF, "a calculation whose electrons did not converge")                                                             \
  X(UNITS, "units or signs that do not fit together")

typedef enum nmd_finding_kind {
#define NMD_X(name, text) NMD_FINDING_##name,
  NMD_FINDING_LIST(NMD_X)
#undef NMD_X
      NMD_FINDINGS
} nmd_finding_kind;

const char *nmd_finding_name(nmd_finding_kind kind); /* "no energy" */

typedef struct nmd_finding {
  nmd_finding_kind kind;
  int64_t frame;  /* -1: of the whole set */
  char text[240]; /* value, what was expected */
} nmd_finding;

typedef struct nmd_check_options {
  double isolated;  /* A: an atom has a neighbour within this */
  double shortest;  /* least distance in units of the sum of the covalent radii */
  double max_force; /* eV/A */
  double net_force; /* eV/A an atom */
  double outlier;   /* energies this many median deviations off the composition's */
  double tolerance; /* relative, of the fingerprints of duplicates */
  const char *key;  /* info key of runs: energies are compared along them */
} nmd_check_options;

/* How energies change along runs against what forces and stresses say: dE = a * work of the forces + b * work of the
 * stress, from pairs of frames of a run that are near each other. Both are 1 when units and signs fit. */
typedef struct nmd_work_fit {
  int64_t pairs;
  double force, stress;             /* a, b; NaN when the pairs cannot tell */
  double force_error, stress_error; /* standard errors */
} nmd_work_fit;

typedef struct nmd_check_report {
  nmd_finding *findings; /* [n] in order of frame */
  int64_t n, capacity;
  int64_t count[NMD_FINDINGS];
  nmd_work_fit work;
  double nearest_ratio; /* median over atoms of nearest distance / sum of covalent radii */
} nmd_check_report;

/* Owner of the report: caller (nmd_check_report_free). Errors: MEMORY, EXPLODED. Local. */
nmd_status nmd_dataset_check(const nmd_comm *alone, const nmd_dataset *set, const nmd_check_options *options,
                             nmd_check_report *report) NMD_MUST_USE;
void nmd_check_report_free(nmd_check_report *report);

/* For the files of this check: add a finding. */
nmd_status nmd__report(nmd_check_report *report, nmd_finding_kind kind, int64_t frame, const char *format,
                       ...) NMD_MUST_USE __attribute__((format(printf, 4, 5)));
nmd_status nmd__check_energies(const nmd_dataset *set, const nmd_check_options *o, nmd_check_report *r) NMD_MUST_USE;
nmd_status nmd__check_work(const nmd_dataset *set, const nmd_check_options *o, nmd_check_report *r) NMD_MUST_USE;

#endif
