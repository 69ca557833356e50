/* SPDX-License-Identifier: BSD-3-Clause */
/* What a model is made of, for the files of this module and for training. Everything in A and eV; functions in the
 * format's sorted order. */
#ifndef NNPMD_NNP_MODEL_DATA_H
#define NNPMD_NNP_MODEL_DATA_H

#include <stdbool.h>

#include "nnp/model.h"

/* Kinds of symmetry functions; the numbers of the file format are mapped in model_read and nowhere else. */
typedef enum nmd_function_kind {
  NMD_RADIAL,                   /* 2 */
  NMD_NARROW,                   /* 3 */
  NMD_WIDE,                     /* 9 */
  NMD_RADIAL_WEIGHTED,          /* 12 */
  NMD_NARROW_WEIGHTED,          /* 13 */
  NMD_COMPACT_RADIAL,           /* 20 */
  NMD_COMPACT_NARROW,           /* 21 */
  NMD_COMPACT_WIDE,             /* 22 */
  NMD_COMPACT_RADIAL_WEIGHTED,  /* 23 */
  NMD_COMPACT_NARROW_WEIGHTED,  /* 24 */
  NMD_COMPACT_WIDE_WEIGHTED     /* 25 */
} nmd_function_kind;

typedef enum nmd_cutoff_kind { /* cutoff_type 0..8 */
  NMD_CUTOFF_HARD,
  NMD_CUTOFF_COSINE,
  NMD_CUTOFF_TANH3,             /* tanh^3(1 - r/rc), not normalised */
  NMD_CUTOFF_TANH3_NORMALISED,
  NMD_CUTOFF_EXP,
  NMD_CUTOFF_POLY1,
  NMD_CUTOFF_POLY2,
  NMD_CUTOFF_POLY3,
  NMD_CUTOFF_POLY4
} nmd_cutoff_kind;

typedef enum nmd_activation {
  NMD_ACT_IDENTITY, NMD_ACT_TANH, NMD_ACT_LOGISTIC, NMD_ACT_SOFTPLUS, NMD_ACT_RELU, NMD_ACT_GAUSSIAN, NMD_ACT_COSINE,
  NMD_ACT_REVERSED_LOGISTIC, NMD_ACT_EXP, NMD_ACT_HARMONIC
} nmd_activation;

typedef struct nmd_symmetry_function {
  nmd_function_kind kind;
  int e1, e2;                   /* neighbour elements (model index, e1 <= e2), -1 where the kind has none */
  double eta, rs, lambda, zeta; /* 1/A^2, A; kinds 2, 3, 9, 12, 13. A negative rs of kinds 3 and 9 is stored as 0 */
  double rl, rc;                /* A; rl for compact kinds */
  double theta_l, theta_r;      /* degrees, compact angular kinds */
  nmd_cutoff_kind compact;      /* POLY1..4 or EXP, compact kinds */
  bool asymmetric;              /* letter a: radial factors only */
  int line;                     /* of input.nn; 0: none */
} nmd_symmetry_function;

typedef struct nmd_layer {
  int n_in, n_out;
  nmd_activation activation;
  double *weight;               /* [n_in][n_out], normalize_nodes folded in */
  double *bias;                 /* [n_out], likewise */
} nmd_layer;

typedef struct nmd_element_model {
  int atomic_number;
  int n_functions;
  nmd_symmetry_function *functions;
  double *scale_factor, *scale_shift; /* scaled = factor * (G - shift) + base */
  double scale_base;
  double *low, *high;           /* training range of raw G (min, max) for extrapolation counts */
  int *scaling_line;            /* [n_functions] lines of scaling.data; NULL: none */
  int n_layers;                 /* hidden + output */
  nmd_layer *layers;
  double offset;                /* eV: mean_energy + atom_energy */
} nmd_element_model;

typedef struct nmd_scaling_rule { /* the switches of input.nn: what is done with the statistics of scaling.data */
  bool scale, center, sigma;
  double min, max;              /* scaled range */
} nmd_scaling_rule;

/* Over the training set, raw G. */
typedef struct nmd_function_statistics {
  double min, max, mean, sigma;
} nmd_function_statistics;

struct nmd_model {
  int n_elements;               /* sorted by atomic number */
  nmd_element_model *elements;
  nmd_cutoff_kind cutoff_kind;  /* of kinds 2, 3, 9, 12, 13 */
  double cutoff_alpha;          /* inner radius = alpha rc */
  double cutoff;                /* largest rc, A */
  nmd_scaling_rule scaling;
  bool normalize_nodes;         /* the weights of the files are divided by the width of the layer below */
  double energy_factor;         /* network output * factor = eV (1 / conv_energy * energy unit) */
  char *folder;                 /* as given, for messages */
  int elements_line, cutoff_line; /* of input.nn; 0: none */
  char *summary;                /* text of the load summary, lines ending in \n */
  char function_text[256];
};

/* Scaling of function f of an element by the model's rule. Errors: MODEL_SCALING (a range of zero to divide by; no
 * place). */
nmd_status nmd_model_set_scaling(nmd_model *model, int element, int f, const nmd_function_statistics *statistics)
    NMD_MUST_USE;

#endif
