/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels of the evaluator: one table of functions per instruction set, and the scratch they work on.
 *
 * Everything of one centre stays in the innermost caches: gather, pass 1 (G), network, pass 2 (gradient), scatter. So a
 * centre's bits cannot depend on its batch. Neighbours within the cut-off are packed by species in structure-of-arrays
 * form; each species starts at a multiple of NMD_LANES and is filled up with far neighbours of weight zero. */
#ifndef NNPMD_NNP_KERNEL_H
#define NNPMD_NNP_KERNEL_H

#include <stddef.h>

#include "nnp/evaluate.h"
#include "nnp/network.h"
#include "nnp/plan.h"

typedef struct nmd_triple_stream { /* the pairs of one triple group that count, in the order j, k */
  size_t first;                    /* of its arrays in `stream`, doubles */
  size_t capacity;                 /* of each array */
  size_t n;
  size_t first_mask;
} nmd_triple_stream;

typedef struct nmd_scratch {
  int capacity;          /* neighbours, padded: length of each array below */
  int n;                 /* in use, padded */
  int *start;            /* [n_species + 1] first of each species */
  int *count;            /* [n_species] real ones */
  int *origin;           /* place in the caller's list */
  unsigned char *inside; /* masks of the caller's neighbours within the cut-off */
  double *distance2;     /* in the caller's order */
  double *x, *y, *z;     /* A; 1e6 in padding */
  double *ux, *uy, *uz;  /* unit vector; 0 in padding */
  double *r, *inverse;   /* r and 1 / r */
  double *gx, *gy, *gz;  /* gradient: g + radial u + alpha x */
  double *radial, *alpha;
  double *shifted;            /* (r - rs)^2 of a triple group */
  double *ratio;              /* fc' / (fc r) of a triple group */
  double *fc, *dfc;           /* [cuts][capacity] */
  double *value, *slope;      /* [factors][capacity] */
  double *sums;               /* [uses] */
  double *moments, *dmoments; /* [moments_length] */
  double *self, *dself;       /* [sets]: sum of R^2 */
  double *coefficients;       /* [gradient_length] */
  double *G, *dG;             /* [n_functions, padded] */
  double *terms;              /* one vector for each term of a triple group */
  double *bends;              /* two vectors for each angular factor of a generic group */
  double *network;            /* activations, see network.h */
  nmd_triple_stream *streams; /* [triple groups] */
  double *stream;
  size_t stream_capacity;
  unsigned char *masks; /* one per vector of the dense loops */
  size_t mask_capacity;
} nmd_scratch;

typedef struct nmd_kernels {
  nmd_simd simd;
  int lanes;
  void (*gather)(const nmd_element_plan *, const nmd_environments *, int centre, nmd_scratch *);
  void (*radial)(const nmd_element_plan *, nmd_scratch *);
  void (*radial_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*moments)(const nmd_element_plan *, nmd_scratch *);
  void (*moments_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*triples)(const nmd_element_plan *, nmd_scratch *);
  void (*triples_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*generic)(const nmd_element_plan *, nmd_scratch *);
  void (*generic_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*scatter)(const nmd_element_plan *, const nmd_scratch *, double *gx, double *gy, double *gz);
  /* Energy of raw G; dG becomes its gradient with respect to raw G unless NULL. G and dG are padded. */
  double (*network)(const nmd_network *, const double *G, double *work, double *dG);
} nmd_kernels;

extern const nmd_kernels nmd__kernels_portable;
#ifdef NMD_HAVE_X86_KERNELS
extern const nmd_kernels nmd__kernels_avx2, nmd__kernels_avx512;
#endif

/* As nmd_evaluator_options says. */
const nmd_kernels *nmd_kernels_choose(nmd_simd simd);

#endif
