/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of each cycle: cycle_NNN/cycle.yaml, and the summary of all of them. */
#ifndef NNPMD_STUDY_ACTIVE_RECORD_H
#define NNPMD_STUDY_ACTIVE_RECORD_H

#include "study/active.h"

/* How far a cycle has come. */
enum { NMD_ACTIVE_BEGUN, NMD_ACTIVE_PICKED, NMD_ACTIVE_LABELLED, NMD_ACTIVE_TRAINED };

/* No pointers: rank 0 hands it to the others. -1: not known. */
typedef struct nmd_active_record {
  int64_t cycle;
  int reached;
  int64_t walks, early, steps;     /* early: ended by physics or by disagreement */
  int64_t flagged, usable, picked; /* frames */
  double sigma_mean, sigma_max;    /* eV/A, worst atom of each usable frame */
  int64_t labelled, failed;        /* frames */
  double new_energy, new_force;    /* rms errors of the old models for the new labels, eV/atom, eV/A */
  int64_t training;                /* frames labelled by the loop so far */
  double test_energy, test_force;  /* rms errors of the new models */
  double walk_seconds, label_seconds, training_seconds; /* wall time of the process that ended the step */
} nmd_active_record;

void nmd_active_record_init(nmd_active_record *record, int64_t cycle);
/* From disk; *there is false without a file, and the record new. Errors: as nmd_options_parse, READ. Local. */
nmd_status nmd_active_record_read(const nmd_active *active, int64_t cycle, nmd_active_record *record,
                                  bool *there) NMD_MUST_USE;
/* The file is replaced whole. Errors: WRITE, MEMORY. Local. */
nmd_status nmd_active_record_write(const nmd_active *active, const nmd_active_record *record) NMD_MUST_USE;

/* summary.txt, summary.yaml, active.gnuplot and active.png of the cycles 0 to `last`; the last row goes to the log.
 * Errors: those above. Local. */
nmd_status nmd_active_report(const nmd_active *active, int64_t last) NMD_MUST_USE;

#endif
