/* SPDX-License-Identifier: BSD-3-Clause */
/* What a training writes: the model in n2p2's format, the learning curve, pictures. */
#ifndef NNPMD_TRAINING_FIT_OUTPUT_H
#define NNPMD_TRAINING_FIT_OUTPUT_H

#include "io/file_append.h"
#include "training/fit.h"

/* Path of a file of the output folder; member >= 0: in the member's folder when there are several. Free with nmd_free.
 */
nmd_status nmd_fit_path(const nmd_fit *fit, int member, const char *name, char **path) NMD_MUST_USE;
/* A model left by an earlier training that nnpmd would read in place of this one, or with it: sub-folders 1, 2, ...
 * beyond those that this one writes. Errors: CONFLICT. */
nmd_status nmd_fit_check_output(const nmd_fit *fit) NMD_MUST_USE;
/* Make the output folder(s) and write input.nn and scaling.data there. Root only. Errors: WRITE, READ, MEMORY. */
nmd_status nmd_fit_write_settings(const nmd_fit *fit) NMD_MUST_USE;
/* weights.NNN.data of a member, each file whole. Root only. */
nmd_status nmd_fit_write_weights(nmd_fit *fit, int member, const double *weights) NMD_MUST_USE;

/* One row of the learning curve. */
typedef struct nmd_curve_row {
  int64_t epoch;
  int member;
  const char *stage;
  double wall, core; /* s since the start; core: all ranks together */
  const nmd_metrics *training, *validation;
} nmd_curve_row;
extern const char nmd_curve_header[];
nmd_status nmd_curve_write(nmd_append_file *file, const nmd_curve_row *row) NMD_MUST_USE;
extern const char nmd_families_header[];
nmd_status nmd_families_write(nmd_append_file *file, const nmd_families *families,
                              const nmd_curve_row *row) NMD_MUST_USE;

#endif
