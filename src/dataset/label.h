/* SPDX-License-Identifier: BSD-3-Clause */
/* Labelling: a command of the user's, run over structures in parallel, that can be killed and started again.
 *
 * Frames are dealt out in units of `batch`. Each attempt at a unit has a folder of its own, FOLDER/unit-000012/try-1,
 * with structure.extxyz (and POSCAR, when it is one frame) in it; the command runs there and leaves its result, in any
 * format that is read, in one file. A unit that is done becomes FOLDER/unit-000012.extxyz, which appears whole or not
 * at all: what is there is not calculated again. A command that outlives a killed run writes to a folder nobody looks
 * at. */
#ifndef NNPMD_DATASET_LABEL_H
#define NNPMD_DATASET_LABEL_H

#include <signal.h>

#include "dataset/dataset.h"

typedef struct nmd_label_options {
  const char *command;               /* for /bin/sh, run in the folder of the attempt */
  const char *folder;                /* where units live */
  const char *result;                /* file the command leaves: "result.extxyz", "OUTCAR", "vasprun.xml", ... */
  int64_t workers, batch;            /* commands at a time, frames of each */
  int64_t tries;                     /* attempts at a unit in this run */
  char *const *environment;          /* of the commands */
  const volatile sig_atomic_t *stop; /* becomes 1 when the run shall end early; or NULL */
} nmd_label_options;

typedef struct nmd_label_summary {
  int64_t reused, labelled, failed; /* frames: from an earlier run, by this one, without result */
  int64_t unit;                     /* a unit that failed, or -1 */
  char reason[400];                 /* of its last failure */
} nmd_label_summary;

/* Put energies, forces and stresses into the frames; done [set->n] says which have them. Atoms of results are found
 * again by element and place (within 0.01 A), so their order is free. Failures of commands are counted, not returned.
 * Errors: CONFLICT (another run holds the folder; the folder belongs to other structures), INTERRUPTED (by `stop`; all
 * finished units are kept), WRITE, MEMORY. Local. */
nmd_status nmd_dataset_label(nmd_dataset *set, const nmd_label_options *options, bool *done,
                             nmd_label_summary *summary) NMD_MUST_USE;

/* Labels of `result` for the same atoms in any order. Errors: CONFLICT (another structure), MISSING_KEY (no energy or
 * forces), MEMORY. */
nmd_status nmd_labels_take(nmd_structure *frame, const nmd_structure *result) NMD_MUST_USE;

#endif
