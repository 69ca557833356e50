/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the fit share. */
#ifndef NNPMD_FIT_FIELD_FIT_PARTS_H
#define NNPMD_FIT_FIELD_FIT_PARTS_H

#include "fit/dynamics.h"
#include "fit/field_fit.h"
#include "fit/relaxed.h"
#include "io/buffer.h"

typedef struct nmd__fit_data {
  char *file;
  int64_t every, most;
} nmd__fit_data;
typedef struct nmd__fit_weights {
  double energy, force, stress;
  double skip_above; /* loss of the other targets above which no dynamics are run; 0: always run */
} nmd__fit_weights;
typedef struct nmd__fit_relaxed {
  char *file;
  int64_t frame, steps;
  double weight, tolerance;
} nmd__fit_relaxed;
enum { NMD__RELAXED_MAX = 16 };
extern const nmd_option_table nmd__fit_relaxed_table;
extern const nmd_option_table nmd__fit_data_table, nmd__fit_weights_table;

typedef struct nmd__field_fit {
  const nmd_comm *comm;
  const nmd_field_fit_input *input;
  nmd_comm *alone;
  nmd__fit_weights weights;
  nmd_labelled set;
  nmd_relaxed relaxed[NMD__RELAXED_MAX];
  int n_relaxed;
  nmd_dynamics dynamics[NMD_DYNAMICS_MAX];
  int n_dynamics;
  nmd_variables variables;
  const nmd_search_ops *ops;
  void *parameters; /* of the method, owned */
  nmd_search_state state;
  nmd_labelled_loss parts; /* of the last evaluation */
} nmd__field_fit;

/* Loss at x; *why: that of the potential, where it cannot be made (then the loss is huge and the status OK). */
nmd_status nmd__fit_loss(nmd__field_fit *fit, const double *x, double *loss, nmd_status *why) NMD_MUST_USE;

/* Populations of all islands to the file and back. Collective. Errors: WRITE, CHECKPOINT (of another fit, damaged). */
nmd_status nmd__fit_save(const nmd__field_fit *fit) NMD_MUST_USE;
nmd_status nmd__fit_load(nmd__field_fit *fit) NMD_MUST_USE;
/* fitted.yaml, tables of parity and of distributions, and pictures of them, at x. Call on one rank. Errors: WRITE,
 * MEMORY. */
nmd_status nmd__fit_report(nmd__field_fit *fit, const double *x) NMD_MUST_USE;
/* The part of it about dynamics (field_fit_curves.c): rdf_K.dat, adf_K.dat, lines of pictures.gnuplot. */
nmd_status nmd__fit_report_dynamics(const nmd__field_fit *fit, nmd_buffer *pictures) NMD_MUST_USE;
/* Lines of the log about the last runs. */
void nmd__fit_log_dynamics(const nmd__field_fit *fit);
nmd_status nmd__fit_write_text(const nmd__field_fit *fit, const char *name, const nmd_buffer *text) NMD_MUST_USE;

#endif
