/* SPDX-License-Identifier: BSD-3-Clause */
/* The input of nnpmd-train: option tables and their structs. */
#ifndef NNPMD_TRAINING_FIT_INPUT_H
#define NNPMD_TRAINING_FIT_INPUT_H

#include "base/option.h"
#include "parallel/comm.h"
#include "training/baseline.h"

typedef struct nmd_data_input {
  nmd_text_list training, validation, second_level;
  double validation_fraction;
  int split; /* 0: by structure, 1: by group */
  int format;
  double length_unit, energy_unit;
  double max_force, validation_max_force; /* eV/A; 0: no limit */
  bool stress;
} nmd_data_input;

typedef struct nmd_loss_input {
  double energy_weight, force_weight, stress_weight, second_level, second_energy;
  const nmd_yaml_node *families;
} nmd_loss_input;

typedef struct nmd_stage {
  int optimiser;
  void *parameters; /* owned; begins with nmd_stage_parameters */
} nmd_stage;

enum { NMD_STAGES_MAX = 32 };

typedef struct nmd_fit_input {
  nmd_yaml *tree; /* first, for nmd_input_kind; owned */
  char *title, *settings, *output, *start_from;
  int64_t seed, committee, patience;
  double length_unit, energy_unit; /* of the model: A, eV */
  int model_units;                 /* choice: A,eV | bohr,hartree */
  bool normalise;
  int atom_energies; /* choice: fit | settings */
  int precision;     /* of the kept derivatives: single | double */
  double memory;     /* GB on each rank */
  double average;    /* last part of the run */
  int ranges;        /* of a model to start from: keep | widen */
  int keep;          /* 0: weights of the lowest validation loss; 1: the last ones */
  int64_t streams;
  int64_t checkpoint_every;
  bool pictures;
  const nmd_yaml_node *data_node, *loss_node, *stages_node, *baseline_node;
  nmd_baseline baseline; /* of that node: the program puts it in, and frees it */
  nmd_data_input data;
  nmd_loss_input loss;
  int n_stages;
  nmd_stage stages[NMD_STAGES_MAX];
  int64_t epochs; /* of all stages */
} nmd_fit_input;

const nmd_option_table *nmd_fit_input_table(void);
/* Rank 0 reads the text, all parse it. Collective. Errors: as nmd_options_parse, FILE_MISSING, CONFLICT. */
nmd_status nmd_fit_input_read(const nmd_comm *comm, const char *path, int n_assignments, char *const *assignments,
                              nmd_fit_input *input) NMD_MUST_USE;
void nmd_fit_input_free(nmd_fit_input *input);
/* Name of the structure format chosen, NULL for automatic. */
const char *nmd_fit_format(int choice);

#endif
