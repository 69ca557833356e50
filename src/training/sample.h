/* SPDX-License-Identifier: BSD-3-Clause */
/* Labelled structures: what training learns from and is judged by. */
#ifndef NNPMD_TRAINING_SAMPLE_H
#define NNPMD_TRAINING_SAMPLE_H

#include <stdint.h>

#include "io/read_structure.h"
#include "nnp/model.h"
#include "training/baseline.h"

enum { NMD_FAMILIES_MAX = 64, NMD_FAMILY_NAME_MAX = 40 };

typedef struct nmd_sample {
  nmd_structure structure; /* positions, box, forces; owned */
  char *name;              /* "train.extxyz:123", the end of the frame in its file; owned */
  int *element;            /* [n] model index; owned */
  double energy;           /* eV, as labelled, less the baseline as all labels */
  bool has_stress;
  double virial[6];     /* eV: -volume * stress: xx yy zz yz xz xy */
  int family;           /* index into the set's names */
  uint64_t group;       /* hash of the `group` key, or of the name: what is kept together when data are split */
  double weight;        /* of all its rows */
  int level;            /* 0 or 1: reference level of the energies */
  double largest_force; /* eV/A, as labelled, 0 without forces */
} nmd_sample;

typedef struct nmd_families {
  int n;
  char name[NMD_FAMILIES_MAX][NMD_FAMILY_NAME_MAX];
} nmd_families;

typedef struct nmd_sample_set {
  int n, capacity;
  nmd_sample *samples; /* owned */
  int dropped;         /* frames filtered out */
} nmd_sample_set;

typedef struct nmd_sample_filter {
  double max_force;           /* eV/A; 0: none */
  double max_energy_per_atom; /* eV, above the set's mean of its composition: not used when 0 */
  bool use_stress;
  int level;
  const nmd_baseline *baseline; /* taken off the labels; NULL: none. Not owned */
} nmd_sample_filter;

/* Append the frames of a file. Frames need energies; those without forces give energies only. `kind`, `group`,
 * `weight` and `stress` (or `virial`) come from the line of keys of extended XYZ, `kind=` etc. in the comment of
 * input.data. Errors: as the readers, MISSING_KEY (energy), MODEL_ELEMENT, BAD_NUMBER, OVERLAP, MEMORY; all with
 * file:line. Local. */
nmd_status nmd_sample_set_read(nmd_sample_set *set, const char *path, const nmd_read_options *options,
                               const nmd_model *model, const nmd_sample_filter *filter,
                               nmd_families *families) NMD_MUST_USE;
/* Move a fraction of the samples, by random numbers of (seed, sample or group), to `other`. */
nmd_status nmd_sample_set_split(nmd_sample_set *set, double fraction, bool by_group, uint64_t seed,
                                nmd_sample_set *other) NMD_MUST_USE;
void nmd_sample_set_free(nmd_sample_set *set);

#endif
