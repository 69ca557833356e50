/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels of the evaluator: one table of functions per instruction set, and the scratch they work on.
 *
 * Everything of one centre stays in the innermost caches: gather, pass 1 (G), network, pass 2 (gradient), scatter. For
 * committees NMD_BLOCK centres go through the networks together, each with a scratch of its own; the operations of a
 * centre are the same. So its bits cannot depend on its batch. Neighbours within the cut-off are packed by species in
 * structure-of-arrays form; each species starts at a multiple of NMD_LANES and is filled up with far neighbours of
 * weight zero; near ones come first where the plan says so. */
#ifndef NNPMD_NNP_KERNEL_H
#define NNPMD_NNP_KERNEL_H

#include <stddef.h>

#include "nnp/evaluate.h"
#include "nnp/network.h"
#include "nnp/plan.h"

/* The real type of the kernels: double, or float in mixed precision (simd.h); nothing else looks into these arrays. */
#ifndef NMD_REAL
#define NMD_REAL void
#endif

enum { NMD_BLOCK = 4 }; /* centres that go through the networks of a committee together */

typedef struct nmd_triple_stream { /* the pairs of one triple group that count, in the order j, k */
  size_t first;                    /* of its arrays in `stream` */
  size_t capacity;                 /* of each array */
  size_t n;
  size_t first_mask;
} nmd_triple_stream;

typedef struct nmd_scratch {
  int capacity;        /* neighbours, padded: length of each array below */
  int n;               /* in use, padded */
  int *start;          /* [n_species + 1] first of each species */
  int *count;          /* [n_species] real ones */
  int *near;           /* [n_species] near ones, where the plan has some */
  int *origin;         /* place in the caller's list */
  uint16_t *inside;    /* masks of the caller's neighbours within the cut-off */
  uint16_t *close;     /* and of the near ones */
  NMD_REAL *x, *y, *z; /* A; 1e6 in padding */
  NMD_REAL *ux, *uy, *uz;
  NMD_REAL *r, *inverse;  /* r and 1 / r */
  NMD_REAL *gx, *gy, *gz; /* gradient: g + radial u + alpha x */
  NMD_REAL *radial, *alpha;
  NMD_REAL *shifted;          /* (r - rs)^2 of a triple group */
  NMD_REAL *ratio;            /* fc' / (fc r) of a triple group */
  NMD_REAL *fc, *dfc;         /* [cuts][capacity] */
  NMD_REAL *value, *slope;    /* [factors][capacity] */
  NMD_REAL *coefficients;     /* [gradient_length] */
  NMD_REAL *terms;            /* one vector for each term of a triple group */
  NMD_REAL *bends;            /* two vectors for each angular factor of a generic group */
  NMD_REAL *stream;           /* pairs of triple groups */
  double *sums;               /* [uses] */
  double *moments, *dmoments; /* [moments_length] */
  double *self, *dself;       /* [sets]: sum of R^2 */
  double *G, *dG;             /* [n_functions, padded] */
  double *dG_member;          /* likewise, of one member of a committee */
  double *member_energy;      /* [members] */
  double *member_weight;      /* [members] of the energy that is wanted */
  double *network;            /* activations, see network.h; those of a block are in the first one's, or NULL */
  nmd_triple_stream *streams; /* [triple groups] */
  size_t stream_capacity;
  uint16_t *masks; /* one per vector of the dense loops */
  size_t mask_capacity;
} nmd_scratch;

typedef struct nmd_kernels {
  nmd_simd simd;
  nmd_precision precision;
  int lanes;
  size_t real_size;
  unsigned (*begin)(void); /* around evaluations: in mixed precision denormal numbers become 0 ... */
  void (*end)(unsigned);   /* ... until here, with what begin returned */
  int (*collect)(const nmd_environment_source *, double *dx, double *dy, double *dz, int *which);
  void (*gather)(const nmd_element_plan *, const nmd_environments *, int centre, nmd_scratch *);
  void (*radial)(const nmd_element_plan *, nmd_scratch *);
  void (*radial_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*moments)(const nmd_element_plan *, nmd_scratch *);
  void (*moments_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*forms)(const nmd_element_plan *, nmd_scratch *); /* moments to G */
  void (*forms_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*triples)(const nmd_element_plan *, nmd_scratch *);
  void (*triples_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*generic)(const nmd_element_plan *, nmd_scratch *);
  void (*generic_gradient)(const nmd_element_plan *, nmd_scratch *);
  void (*scatter)(const nmd_element_plan *, const nmd_scratch *, double *gx, double *gy, double *gz);
  /* Energies [members] of raw G; with weights [members], dG becomes the gradient of their weighted sum with respect to
   * raw G. G and dG are padded. */
  void (*network)(const nmd_network *, const double *G, double *work, double *energy, const double *weight, double *dG);
  /* The same for a block: from the G of NMD_BLOCK scratches to their member_energy and dG. */
  void (*network_block)(const nmd_network *, nmd_scratch *block, const double *weight);
} nmd_kernels;

extern const nmd_kernels nmd__kernels_portable, nmd__kernels_mixed_portable;
#ifdef NMD_HAVE_X86_KERNELS
extern const nmd_kernels nmd__kernels_avx2, nmd__kernels_mixed_avx2;
extern const nmd_kernels nmd__kernels_avx512, nmd__kernels_mixed_avx512;
#endif

/* As nmd_evaluator_options says. */
const nmd_kernels *nmd_kernels_choose(nmd_simd simd, nmd_precision precision);

#endif
