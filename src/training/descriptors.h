/* SPDX-License-Identifier: BSD-3-Clause */
/* Symmetry functions of a structure and their derivatives, in the compact form that training keeps in memory.
 *
 * dG_i/dx_j is kept once for each pair of a centre i and an atom j of the structure (images of j are summed up: they
 * move together), for the functions alone that an element like that of j can change. Values are scaled as the network
 * wants them. */
#ifndef NNPMD_TRAINING_DESCRIPTORS_H
#define NNPMD_TRAINING_DESCRIPTORS_H

#include "nnp/evaluate.h"
#include "nnp/model_data.h"
#include "parallel/comm.h"
#include "training/sample.h"

/* Which functions of a centre depend on neighbours of an element; the last list of a centre's element, number
 * n_elements, holds all functions: that of the centre itself. */
typedef struct nmd_dependence {
  int n_elements;
  int *count;  /* [n_elements * (n_elements + 1)] */
  int **lists; /* likewise, each owned */
} nmd_dependence;

nmd_status nmd_dependence_init(nmd_dependence *d, const nmd_model *model) NMD_MUST_USE;
void nmd_dependence_free(nmd_dependence *d);
static inline int nmd_dependence_index(const nmd_dependence *d, int centre, int neighbour) {
  return centre * (d->n_elements + 1) + neighbour;
}

typedef struct nmd_descriptors {
  int n, n_elements;
  int *first_atom;  /* [n_elements + 1]: centres sorted by element */
  int *atom;        /* [n] index in the structure of each sorted centre */
  double **G;       /* [n_elements]: [atoms of the element][functions] */
  bool is_double;   /* type of the derivatives */
  int *first;       /* [n + 1]: pairs of each sorted centre */
  int *neighbour;   /* atom j of the pair */
  int *list;        /* its list in the dependence table */
  size_t *start;    /* of its [3][count of the list] derivatives */
  void *derivative; /* float or double */
  double **strain;  /* [n_elements]: [atoms][6][functions] dG/dstrain xx yy zz yz xz xy; NULL: not wanted */
  size_t bytes;     /* of all arrays */
} nmd_descriptors;

typedef struct nmd_descriptor_maker nmd_descriptor_maker; /* evaluator and scratch space */
/* `alone`: a communicator of one rank; model and dependence are borrowed. */
nmd_status nmd_descriptor_maker_create(const nmd_comm *alone, const nmd_model *model, const nmd_dependence *dependence,
                                       bool want_double, bool want_strain, nmd_descriptor_maker **out) NMD_MUST_USE;
void nmd_descriptor_maker_destroy(nmd_descriptor_maker *maker);
/* Raw G and, with `derivatives`, dG. Errors: OVERLAP (two atoms on top of each other), MEMORY. */
nmd_status nmd_descriptors_make(nmd_descriptor_maker *maker, const nmd_sample *sample, bool derivatives,
                                nmd_descriptors *out) NMD_MUST_USE;
/* Bytes that the derivatives of the sample will take, from counted neighbours. */
nmd_status nmd_descriptors_estimate(nmd_descriptor_maker *maker, const nmd_sample *sample, size_t *bytes) NMD_MUST_USE;
/* Apply the model's scaling to G and dG. */
void nmd_descriptors_scale(const nmd_dependence *dependence, const nmd_model *model, nmd_descriptors *d);
void nmd_descriptors_free(nmd_descriptors *d);

/* The [3][count] derivatives of a pair as doubles: the kept ones or a copy in scratch. */
const double *nmd_descriptors_block(const nmd_descriptors *d, int pair, int count, double *scratch);

#endif
