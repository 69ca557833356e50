/* SPDX-License-Identifier: BSD-3-Clause */
/* The input of nnpmd-active: dynamics, choice of frames, labels, training. */
#ifndef NNPMD_STUDY_ACTIVE_INPUT_H
#define NNPMD_STUDY_ACTIVE_INPUT_H

#include "base/option.h"
#include "parallel/comm.h"

typedef struct nmd_active_dynamics {
  nmd_text_list structures, temperatures;
  const nmd_yaml_node *stages, *settings;
  int64_t every, gap, frames;
  double distance; /* A */
} nmd_active_dynamics;

enum { NMD_ACTIVE_FARTHEST, NMD_ACTIVE_RANDOM };

typedef struct nmd_active_pick {
  double sigma, limit; /* eV/A */
  double outside;      /* functions out of range an atom */
  double shortest;     /* A */
  int64_t frames, components;
  double apart;
  int method;
} nmd_active_pick;

typedef struct nmd_active_label {
  char *command, *calculator, *result;
  int64_t workers, batch, tries;
} nmd_active_label;

typedef struct nmd_active_input {
  nmd_yaml *tree; /* first, for nmd_input_kind; owned */
  char *title, *output, *model;
  int64_t seed, cycles, committee;
  const nmd_yaml_node *potential, *dynamics_node, *pick_node, *label_node, *training, *retraining;
  nmd_text_list test;
  bool pictures;
  /* parsed */
  nmd_active_dynamics dynamics;
  nmd_active_pick pick;
  nmd_active_label label;
} nmd_active_input;

const nmd_option_table *nmd_active_input_table(void);
/* Text on rank 0, broadcast, "a.b=c" assignments, parsed and checked. Collective; same status on all ranks. Errors: as
 * nmd_options_parse, CONFLICT (keys that belong to the loop, words to be replaced that are missing). */
nmd_status nmd_active_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                 nmd_active_input *input) NMD_MUST_USE;
void nmd_active_input_free(nmd_active_input *input);

/* The words in an input that stand for what changes from walk to walk. */
extern const char nmd_active_word_committee[], nmd_active_word_temperature[];

#endif
