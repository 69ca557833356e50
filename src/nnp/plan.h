/* SPDX-License-Identifier: BSD-3-Clause */
/* The evaluation plan of an element: its symmetry functions grouped by what they share, made once at load.
 *
 *  - cuts: unique cut-off radii; fc and dfc/dr of each neighbour are computed once per cut.
 *  - factors: unique radial factors R(r), exp(-eta (r - rs)^2) fc(r) or a compact C(r; rl, rc); one value and one slope
 *    per neighbour, for the species that need it ("uses").
 *  - sums: radial functions, G = sum over species of coefficient * sum_j R(r_j). Weighted kinds are the same with the
 *    atomic numbers as coefficients; the kernels know no other difference, here and below.
 *  - moments: wide functions with a small integer zeta and |lambda| <= 1. With n = x / r,
 *      sum_{j in a, k in b} R_j R_k (n_j . n_k)^p = sum_{|i| = p} p! / (ix! iy! iz!) M^a_i M^b_i,   M^a_i = sum_{j in
 * a} R_j n_j^i, so G is a form in the moments M of two species, exact and linear in the number of neighbours; the pairs
 * j = k of equal species are taken off again.
 *  - triples: all other wide and all narrow functions, pair by pair. A group shares species pair, cut-off and shift.
 *  - generic: any angular function pair by pair, with a radial factor for each side; compact angular functions always.
 *
 * Where some radial sums and moments reach less far than the others (`near`), the near neighbours of a species stand in
 * front of its far ones, and those factors are worked out for them alone.
 */
#ifndef NNPMD_NNP_PLAN_H
#define NNPMD_NNP_PLAN_H

#include <stdbool.h>

#include "base/status.h"
#include "nnp/evaluate.h"
#include "nnp/model_data.h"

enum {
  NMD_LANES = 8,        /* arrays of neighbours and functions are padded to a multiple of this */
  NMD_MAX_ORDER = 6,    /* largest zeta done by moments */
  NMD_MAX_MOMENTS = 84, /* monomials of degree 0 .. 6 in three variables */
  NMD_MAX_MOMENTS_PADDED = 88,
  NMD_MAX_ANGLES = 16,    /* (lambda, zeta) of a triple group; more make another group */
  NMD_MAX_EXPONENTS = 16, /* eta of a triple group, likewise */
  NMD_MAX_CHAINED = 64,   /* largest integer power built from products */
  NMD_MAX_REGISTERS = 256 /* intermediate results of a triple group */
};

static inline int nmd_padded(int n) { return (n + NMD_LANES - 1) / NMD_LANES * NMD_LANES; }
/* Monomials x^a y^b z^c: of degree d, and of all degrees below d (the first one of degree d). Within a degree the order
 * is x^d, x^(d-1) y, x^(d-1) z, x^(d-2) y^2, ... */
static inline int nmd_monomials(int d) { return (d + 1) * (d + 2) / 2; }
static inline int nmd_first_monomial(int d) { return d * (d + 1) * (d + 2) / 6; }

typedef struct nmd_plan_factor {
  bool compact;
  int cut; /* index of rc among the cuts (not compact) */
  double eta, rs;
  double rl, rc; /* compact */
  nmd_cutoff_kind shape;
  bool asymmetric;
  bool near; /* vanishes beyond the plan's `near`: there is neither value nor slope there */
} nmd_plan_factor;

typedef struct nmd_plan_use { /* factor wanted for the neighbours of a species */
  int factor, species;
  bool value; /* R(r_j) is stored: angular functions want it; the slope always is */
} nmd_plan_use;

typedef struct nmd_plan_sum { /* G[function] += coefficient * sum of the use */
  int function, use;
  double coefficient;
} nmd_plan_sum;

typedef struct nmd_plan_moments {
  int species, factor;
  int order;          /* the largest degree */
  int first;          /* of its moments in the scratch array: degrees 0 .. order, then padding */
  int first_gradient; /* of its gradient coefficients */
} nmd_plan_moments;

typedef struct nmd_plan_form { /* functions made of two sets of moments */
  int a, b;                    /* sets; equal for equal species */
  int length;                  /* of a row of `matrix`, padded */
  int n_functions;             /* the matrix has this number padded to NMD_LANES; the rows behind are zero */
  int *function;               /* [n_functions] their indices */
  double *matrix;              /* [padded n_functions][length]: G = sum_i matrix_i M^a_i M^b_i - self * sum_j R_j^2 */
  double *self;                /* [padded n_functions] */
} nmd_plan_form;

/* One step of the little programs that make the angular and radial factors of a pair; registers hold vectors. */
typedef enum nmd_step_kind {
  NMD_STEP_PRODUCT,    /* to = a * b */
  NMD_STEP_BASE,       /* to = u = max(0, (1 + value * c) / 2) */
  NMD_STEP_POSITIVE,   /* to = 1 where a > 0, else 0 */
  NMD_STEP_POWER,      /* to = a^value, 0 where a = 0 */
  NMD_STEP_EXPONENTIAL /* to = exp(-value * T) */
} nmd_step_kind;

typedef struct nmd_step {
  nmd_step_kind kind;
  int to, a, b;
  double value;
} nmd_step;

typedef struct nmd_program {
  int n_steps, n_registers;
  nmd_step *steps;
} nmd_program;

typedef struct nmd_plan_angle {
  double lambda, zeta;
  int value;               /* register of u^zeta in `angular` */
  int gradient_value, low; /* of u^zeta and u^(zeta - 1) in `angular_gradient` */
} nmd_plan_angle;

typedef struct nmd_plan_term { /* G[function] += coefficient * sum_pairs exp(-eta ...) fc fc [fc] u^zeta */
  int exponent, angle, function;
  double coefficient;
} nmd_plan_term;

typedef struct nmd_plan_triples {
  bool narrow;
  int a, b; /* species, a <= b */
  int cut;
  double rc, rs; /* rs != 0: a single eta (see kernel_triples.c) */
  int n_eta, n_angles, n_terms;
  double *eta;            /* ascending */
  nmd_plan_angle *angles; /* sorted by lambda, zeta */
  nmd_plan_term *terms;   /* sorted by exponent */
  int *first_term;        /* [n_eta + 1] */
  int *exponential;       /* [n_eta] register of exp(-eta T) in `radial` */
  nmd_program radial, angular, angular_gradient;
} nmd_plan_triples;

typedef struct nmd_plan_bend { /* angular factor of generic functions */
  bool window;                 /* in theta, radians; else ((1 + lambda c) / 2)^zeta */
  double centre, half_width;
  nmd_cutoff_kind shape;
  double lambda, zeta;
} nmd_plan_bend;

typedef struct nmd_plan_generic_term {
  int factor, bend, function; /* factor: local index */
  double coefficient;
} nmd_plan_generic_term;

typedef struct nmd_plan_generic { /* generic angular functions of a pair of species */
  bool narrow, windows;           /* windows: some bends are */
  int a, b;
  int n_factors, n_bends, n_terms;
  int *factors; /* into the element's factors */
  nmd_plan_bend *bends;
  nmd_plan_generic_term *terms; /* sorted by factor */
  int *first_term;              /* [n_factors + 1] */
} nmd_plan_generic;

typedef struct nmd_element_plan {
  int n_species; /* elements of the model */
  int n_functions;
  double cutoff; /* the largest of this element's functions */
  double near;   /* A: neighbours closer than this come first of their species; 0: in the order of the list */
  nmd_cutoff_kind cutoff_kind;
  double cutoff_alpha;
  nmd_algorithm *algorithms; /* [n_functions], of a plan that was chosen; else NULL */
  int n_cuts, n_factors, n_uses, n_sums, n_moments, n_forms, n_triples, n_generic;
  double *cuts;
  nmd_plan_factor *factors;
  nmd_plan_use *uses;
  nmd_plan_sum *sums;
  nmd_plan_moments *moments;
  nmd_plan_form *forms;
  nmd_plan_triples *triples;
  nmd_plan_generic *generic;
  int moments_length, gradient_length; /* scratch of all sets of moments */
  int angular_functions;               /* those of `forms`, by moments */
} nmd_element_plan;

/* Group the functions of `element`; algorithms [n_functions] says how each angular one is done. Errors: MEMORY. Free
 * with nmd_element_plan_free also after a failure. */
nmd_status nmd_element_plan_init(nmd_element_plan *plan, const nmd_model *model, int element,
                                 const nmd_algorithm *algorithms) NMD_MUST_USE;
/* The same, with the algorithms that cost least for these kernels (nnp/cost.h), or the one that is wished for where it
 * can do a function. Deterministic. */
nmd_status nmd_element_plan_choose(nmd_element_plan *plan, const nmd_model *model, int element, nmd_algorithm wish,
                                   nmd_simd simd, int lanes) NMD_MUST_USE;
void nmd_element_plan_free(nmd_element_plan *plan);
#endif
