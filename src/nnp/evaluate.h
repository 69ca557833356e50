/* SPDX-License-Identifier: BSD-3-Clause */
/* Evaluation of batches of atomic environments: G, network, backward pass to forces on the neighbours.
 * Pure maths: no box, no MPI; nothing of size neighbours x functions is stored. */
#ifndef NNPMD_NNP_EVALUATE_H
#define NNPMD_NNP_EVALUATE_H

#include <stdint.h>

#include "base/status.h"
#include "nnp/model.h"

/* Where the neighbours of one centre are: positions and a list. */
typedef struct nmd_environment_source {
  const double *x; /* [atoms][3] */
  const int32_t *index;
  int n; /* of `index` */
  double origin[3];
  double scale;   /* displacement = scale * (x - origin) */
  double cutoff2; /* square of the largest displacement wanted */
} nmd_environment_source;

/* Environments of up to any number of central atoms of ONE element, in Angstrom. Neighbours of centre c are
 * first[c] .. first[c+1]-1. Pairs at or beyond the largest cut-off may be present; they are ignored. */
typedef struct nmd_environments {
  int n;                        /* centres */
  int element;                  /* of the centres: index into the model's elements */
  const int *first;             /* [n + 1], first[0] == 0 */
  const double *dx, *dy, *dz;   /* [first[n]] x_neighbour - x_centre (A) */
  const int *neighbour_element; /* [first[n]] model element index */
} nmd_environments;

typedef struct nmd_extrapolation {
  int centre;   /* in the batch */
  int function; /* sorted index, 0-based */
  double value, low, high;
} nmd_extrapolation;

/* Results, arrays owned by the caller. Energies eV, gradients eV/A. */
typedef struct nmd_environment_results {
  double *energy;                    /* [n] network energy in eV WITHOUT atom_energy and mean_energy offsets */
  double *gx, *gy, *gz;              /* [first[n]] dE_centre/d(x_neighbour); NULL: energies only */
  double *G;                         /* [n][functions of the element] raw values, or NULL */
  double *sigma;                     /* [n] spread of the committee, sqrt(sum_k (E_k - E)^2 / (K - 1)) in eV, or NULL */
  double *member_energy;             /* [n][members] as `energy`, or NULL */
  int member;                        /* whose energy and gradient: 0 the mean, k member k alone (1 .. members) */
  int64_t n_extrapolations;          /* set: all of the batch. Tolerance 1000 * 2.220446e-16, as in n2p2; mixed
                                      * precision: 1e-6 and 1e-5 of the range */
  int capacity;                      /* of `extrapolations` */
  nmd_extrapolation *extrapolations; /* the first `capacity` of them, or NULL */
} nmd_environment_results;

typedef struct nmd_evaluator nmd_evaluator; /* plan + scratch; one per thread of execution */

typedef enum nmd_simd { NMD_SIMD_BEST, NMD_SIMD_PORTABLE, NMD_SIMD_AVX2, NMD_SIMD_AVX512 } nmd_simd;

/* How angular functions are done; where the algorithm cannot do a function, the next one of this list can. */
typedef enum nmd_algorithm {
  NMD_ALGORITHM_BEST,    /* what costs least by nnp/cost.h */
  NMD_ALGORITHM_MOMENTS, /* moments of the neighbour density: wide functions with a small integer zeta */
  NMD_ALGORITHM_PAIRS,   /* streams of pairs: all but the compact ones */
  NMD_ALGORITHM_GENERIC  /* plain sums over pairs: all */
} nmd_algorithm;

/* Mixed: displacements are rounded to single precision, in which all of a neighbour or a pair is done. Sums over them
 * end in double, and moments, G, network, energies, gradients handed out and all that follows stay in it. */
typedef enum nmd_precision { NMD_PRECISION_DOUBLE, NMD_PRECISION_MIXED } nmd_precision;

typedef struct nmd_evaluator_options {
  nmd_precision precision;
  nmd_simd simd; /* instruction set of the kernels, or the next lower one of this CPU; the environment variable
                  * NNPMD_SIMD (portable, avx2, avx512) replaces NMD_SIMD_BEST */
  nmd_algorithm algorithm;
} nmd_evaluator_options;

/* Compile a plan for every element of the model. `model` is borrowed and must outlive it; options NULL: all defaults.
 */
nmd_status nmd_evaluator_create(const nmd_model *model, const nmd_evaluator_options *options,
                                nmd_evaluator **out) NMD_MUST_USE;
/* The same for a committee of n models that fit together (nmd_committee_check): one pass over the neighbours, n
 * networks, the gradient of their mean energy. Offsets of atoms: those of models[0]; what others have more is part of
 * their energies. */
nmd_status nmd_evaluator_create_committee(const nmd_model *const *models, int n, const nmd_evaluator_options *options,
                                          nmd_evaluator **out) NMD_MUST_USE;
int nmd_evaluator_members(const nmd_evaluator *evaluator);
/* Another one for another thread: plans and networks are shared (read only), the scratch is its own and touched first
 * by the calling thread. They may be destroyed in any order. Errors: MEMORY. */
nmd_status nmd_evaluator_clone(const nmd_evaluator *evaluator, nmd_evaluator **out) NMD_MUST_USE;
void nmd_evaluator_destroy(nmd_evaluator *evaluator);
int nmd_evaluator_batch_size(const nmd_evaluator *evaluator); /* centres per call that suit it best */
/* Displacements of the neighbours within the cut-off and their `index` values, one after the other; returns how many.
 * The arrays need room for 8 more than `from->n`. */
int nmd_evaluator_collect(const nmd_evaluator *evaluator, const nmd_environment_source *from, double *dx, double *dy,
                          double *dz, int *which);
nmd_status nmd_evaluate(nmd_evaluator *evaluator, const nmd_environments *environments,
                        nmd_environment_results *results) NMD_MUST_USE;
/* Every function of one centre and its derivatives, for training: G [functions of the element] raw values,
 * dG [functions][3][neighbours of the centre] dG/dx of each neighbour (1/A times the unit of G). About as many passes as
 * functions: made to be called once and kept. Local. Errors: MEMORY. */
nmd_status nmd_evaluate_derivatives(nmd_evaluator *evaluator, const nmd_environments *environments, int centre,
                                    double *G, double *dG) NMD_MUST_USE;
/* Estimated microseconds of one environment of `element`, by nnp/cost.h. neighbours [elements of the model]: how many
 * of each are within the model's cut-off; NULL: those of a typical density. */
double nmd_evaluator_cost(const nmd_evaluator *evaluator, int element, const double *neighbours);

/* Instruction set of the evaluator's kernels (never NMD_SIMD_BEST), and the name of that of an evaluator made without
 * options: "AVX-512", "AVX2" or "portable". */
nmd_simd nmd_evaluator_simd(const nmd_evaluator *evaluator);
const char *nmd_evaluator_simd_name(void);
/* The plan: per element its groups of functions, their algorithm, its estimated cost (`neighbours` as above) and that
 * of another algorithm; lines ending in \n. Errors: MEMORY. */
nmd_status nmd_evaluator_describe(const nmd_evaluator *evaluator, const double *neighbours, nmd_text_writer *write,
                                  void *context) NMD_MUST_USE;

#endif
