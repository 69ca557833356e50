/* SPDX-License-Identifier: BSD-3-Clause */
/* Sets of symmetry functions made from the distances and angles of a data set, and pruned to a number or a speed. */
#ifndef NNPMD_DATASET_FUNCTIONS_H
#define NNPMD_DATASET_FUNCTIONS_H

#include "dataset/dataset.h"
#include "dataset/descriptors.h"

typedef struct nmd_function_options {
  double cutoff;      /* A */
  int shells;         /* radial functions along the distances of each pair of elements */
  bool compact;       /* polynomials with compact support (types 20, 22) in place of Gaussians (2, 9 / 3) */
  bool wide, narrow;  /* angular functions without / with the third side (types 9 / 3); neither: radial only */
  int angular_shells; /* radial widths of angular functions */
  int largest_zeta;   /* 1, 2, 4, ... up to this */
  int angle_windows;  /* compact: windows along the angle */
} nmd_function_options;

/* A line of input.nn, and why it is there. */
typedef struct nmd_function_line {
  int centre;     /* index of its element */
  char text[120]; /* "symfunction_short Au 2 Li 2.0 2.6 6.5" */
  char note[80];
  double merit; /* share of the variance that was not described before it was chosen */
} nmd_function_line;

typedef struct nmd_function_set {
  nmd_function_line *lines; /* owned */
  int n, capacity;
} nmd_function_set;

/* What the data say: of each ordered pair of elements the shortest distance that matters (all but one in a thousand
 * within the cut-off are longer), of each centre and pair of neighbours the smallest angle (likewise). */
typedef struct nmd_ranges {
  nmd_species species;
  double *shortest;       /* [n][n] A; the cut-off where a pair does not occur */
  double *smallest_angle; /* [n][n][n] centre, b <= c: degrees; 180 where there is none */
  double *neighbours;     /* [n][n] mean number of each element (second) within the cut-off of each (first) */
  double *share;          /* [n] of the atoms */
} nmd_ranges;

/* Errors: EXPLODED, MEMORY. Local. */
nmd_status nmd_ranges_find(const nmd_comm *alone, const nmd_dataset *set, double cutoff, nmd_ranges *out) NMD_MUST_USE;
void nmd_ranges_free(nmd_ranges *ranges);

/* All functions that may be useful, for every element; more than one wants. Errors: MEMORY. */
nmd_status nmd_functions_generate(const nmd_ranges *ranges, const nmd_function_options *options,
                                  nmd_function_set *out) NMD_MUST_USE;
void nmd_function_set_free(nmd_function_set *set);

/* input.nn with functions keep[0..n-1] of the set and everything nnpmd-train, n2p2 and RuNNer need besides. `head`:
 * lines of comment, each with its line end. nodes: "16 16". Errors: MEMORY. */
typedef struct nmd_input_nn_options {
  const char *head, *nodes;
  int n_hidden, cutoff_type;
} nmd_input_nn_options;
nmd_status nmd_functions_write(const nmd_function_set *set, const int *keep, int n, const nmd_species *species,
                               const nmd_input_nn_options *options, char **text) NMD_MUST_USE;
/* The model with these functions, without weights: through a file in the folder for temporary ones. */
nmd_status nmd_functions_model(const nmd_function_set *set, const int *keep, int n, const nmd_species *species,
                               const nmd_input_nn_options *options, nmd_model **out) NMD_MUST_USE;
/* Predicted time of an average atom: forces included, microseconds. Errors: MEMORY. */
nmd_status nmd_model_cost(const nmd_model *model, const nmd_ranges *ranges, double *cost) NMD_MUST_USE;

/* How functions are put in order. PIVOTS: next is the one with most variance of its own that those before it do not
 * describe (pivoted Cholesky): each adds something new. CUR: next is the column with the largest coefficient in the
 * leading right singular vector of what is left (G. Imbalzano et al., J. Chem. Phys. 148, 241730 (2018)): each
 * describes much of the others. Fits to the Au-Li set with 36 functions an element have force errors a quarter smaller
 * by PIVOTS. */
typedef enum nmd_function_order { NMD_ORDER_PIVOTS, NMD_ORDER_CUR } nmd_function_order;

/* Order in which the functions of one element are worth having. columns: their values over atoms, standardised, in the
 * model's order; candidates that hardly vary or go along with an earlier one (|correlation| above `correlation`) drop
 * out. order [functions]; merit [functions]: the share of all variance left undescribed before each. *n: how many.
 * Errors: OUT_OF_RANGE (too many candidates), MEMORY. */
nmd_status nmd_functions_order(const nmd_element_descriptors *columns, double correlation, nmd_function_order how,
                               int *order, double *merit, int *n) NMD_MUST_USE;

#endif
