/* SPDX-License-Identifier: BSD-3-Clause */
/* Symmetry functions of all atoms of a data set, and vectors that stand for whole structures. */
#ifndef NNPMD_DATASET_DESCRIPTORS_H
#define NNPMD_DATASET_DESCRIPTORS_H

#include "dataset/dataset.h"
#include "nnp/model.h"
#include "parallel/comm.h"
#include "system/element.h"

/* The atoms of one element. */
typedef struct nmd_element_descriptors {
  int atomic_number, functions;
  int64_t n;
  int64_t *frame;       /* [n] */
  double *G;            /* [n][functions] */
  double *mean, *sigma; /* [functions] over the atoms */
} nmd_element_descriptors;

typedef struct nmd_descriptor_set {
  int n_elements;
  nmd_element_descriptors *elements; /* in the model's order */
  int64_t n_frames;
  double neighbours[NMD_ELEMENT_MAX]; /* mean number within the cut-off, of each element */
} nmd_descriptor_set;

int64_t nmd_descriptor_set_bytes(const nmd_dataset *set, const nmd_model *model); /* that it will take */
/* Raw values. `alone`: a communicator of one rank. Errors: MODEL_ELEMENT (an element the model lacks), EXPLODED,
 * MEMORY. Local. */
nmd_status nmd_descriptor_set_make(const nmd_comm *alone, const nmd_dataset *set, const nmd_model *model,
                                   nmd_descriptor_set *out) NMD_MUST_USE;
void nmd_descriptor_set_free(nmd_descriptor_set *set);

/* Every function to mean 0 and deviation 1 over the atoms of its element (constant ones to 0). */
void nmd_descriptor_set_standardise(nmd_descriptor_set *set);

/* Rows of numbers to measure distances between. */
typedef struct nmd_points {
  int64_t n;
  int size;
  double *x;      /* [n][size] */
  int64_t *frame; /* [n] */
} nmd_points;

/* A point a frame: of each element with fraction x its x and sqrt(x) times the mean of its standardised functions. */
nmd_status nmd_points_of_frames(const nmd_descriptor_set *set, nmd_points *out) NMD_MUST_USE;
/* The points of the atoms of one element. */
nmd_status nmd_points_of_atoms(const nmd_descriptor_set *set, int element, nmd_points *out) NMD_MUST_USE;
void nmd_points_free(nmd_points *points);

#endif
