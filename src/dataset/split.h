/* SPDX-License-Identifier: BSD-3-Clause */
/* Sharing a data set out to training, testing and hold-out, and giving its families weights. */
#ifndef NNPMD_DATASET_SPLIT_H
#define NNPMD_DATASET_SPLIT_H

#include "base/option.h"
#include "dataset/dataset.h"

typedef enum nmd_part { NMD_PART_TRAIN, NMD_PART_TEST, NMD_PART_HOLDOUT, NMD_PARTS } nmd_part;

typedef struct nmd_split_options {
  double test, holdout;                /* fractions of the frames */
  bool by_group;                       /* frames with the same value of `key` stay together */
  const char *key;                     /* info key, e.g. "group" */
  const nmd_text_list *holdout_values; /* values of `key` that go to the hold-out set whatever the fractions; or NULL */
  uint64_t seed;
} nmd_split_options;

/* part[k] of every frame [n]. The same seed, frames and order give the same parts. By structure the numbers are exact
 * (rounded); by group they are the nearest that whole groups, in random order, allow from below.
 * Errors: OUT_OF_RANGE (fractions), MISSING_KEY (a frame without `key`, when that matters), BAD_CHOICE (a hold-out
 * value that no frame has), MEMORY. */
nmd_status nmd_dataset_split(const nmd_dataset *set, const nmd_split_options *options, nmd_part *part) NMD_MUST_USE;

typedef struct nmd_weight_options {
  const char *key;              /* families are the values of this info key */
  const nmd_text_list *weights; /* "md=2", "eos=0.5" */
  bool balance;                 /* families count alike: weight = frames / (families * frames of the family) */
  double other;                 /* of families not named; without balance */
} nmd_weight_options;

/* Set the info key `weight` of every frame. Errors: MISSING_KEY, BAD_NUMBER, BAD_CHOICE (a family that is not there),
 * MEMORY. */
nmd_status nmd_dataset_reweight(nmd_dataset *set, const nmd_weight_options *options) NMD_MUST_USE;

/* The distinct values of an info key in order of first appearance, how many frames each has, and which each frame has.
 */
typedef struct nmd_families_of {
  int64_t n;
  const char **name; /* [n], borrowed from the frames */
  int64_t *count;    /* [n] */
  int64_t *of_frame; /* [frames] */
} nmd_families_of;
nmd_status nmd_dataset_families(const nmd_dataset *set, const char *key, nmd_families_of *out) NMD_MUST_USE;
void nmd_families_of_free(nmd_families_of *families);

#endif
