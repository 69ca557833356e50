/* SPDX-License-Identifier: BSD-3-Clause */
/* What a plan costs: each group of functions counts the units of work it does (vectors, pairs, products ...), and a
 * table per instruction set has the nanoseconds of a unit. The table is measured by bench/calibrate and part of the
 * source, so that the same binary on the same kind of CPU always makes the same plan. */
#ifndef NNPMD_NNP_COST_H
#define NNPMD_NNP_COST_H

#include "nnp/kernel.h"
#include "system/element.h"

/* Units of work, both passes together. X(name, what one unit is) */
#define NMD_COST_UNITS(X)                                                                                              \
  X(CENTRE, "centre")                                                                                                  \
  X(GATHERED_SPECIES, "species of a centre")                                                                           \
  X(NEIGHBOUR, "neighbour within the cut-off")                                                                         \
  X(NEIGHBOUR_VECTOR, "vector of the list, for each species")                                                          \
  X(CUT_VECTOR, "cut-off function of a vector of neighbours")                                                          \
  X(USE, "radial factor of a species")                                                                                 \
  X(USE_VECTOR, "Gaussian factor of a vector of neighbours")                                                           \
  X(COMPACT_VECTOR, "compact factor of a vector of neighbours")                                                        \
  X(SUM, "radial sum")                                                                                                 \
  X(SET, "set of moments")                                                                                             \
  X(SET_MOMENT, "moment of a set")                                                                                     \
  X(SET_VECTOR_1, "moments of order 1 of a vector of neighbours")                                                      \
  X(SET_VECTOR_2, "order 2")                                                                                           \
  X(SET_VECTOR_3, "order 3")                                                                                           \
  X(SET_VECTOR_4, "order 4")                                                                                           \
  X(SET_VECTOR_5, "order 5")                                                                                           \
  X(SET_VECTOR_6, "order 6")                                                                                           \
  X(FORM, "form of two sets")                                                                                          \
  X(FORM_VECTOR, "vector of the matrix of a form")                                                                     \
  X(STREAM, "stream of pairs")                                                                                         \
  X(STREAM_ROW, "two rows of a stream's walk")                                                                         \
  X(WALK_VECTOR, "vector of a row of the walk")                                                                        \
  X(PAIR_VECTOR, "vector of collected pairs")                                                                          \
  X(SIDE_POLYNOMIAL, "r_jk of a vector of pairs and its polynomial cut-off")                                           \
  X(SIDE_COSINE, "the same, cosine")                                                                                   \
  X(SIDE_TANH, "the same, tanh^3")                                                                                     \
  X(SIDE_EXPONENTIAL, "the same, exponential")                                                                         \
  X(ETA_VECTOR, "eta, of a vector of pairs")                                                                           \
  X(EXPONENTIAL_VECTOR, "exponential of a vector of pairs")                                                            \
  X(PRODUCT_VECTOR, "product of a program, of a vector of pairs")                                                      \
  X(POWER_VECTOR, "real power of a vector of pairs")                                                                   \
  X(TERM_VECTOR, "function of a vector of pairs")                                                                      \
  X(GENERIC, "generic group")                                                                                          \
  X(GENERIC_VECTOR, "vector of pairs of a generic group")                                                              \
  X(GENERIC_ANGLE, "theta of such a vector")                                                                           \
  X(GENERIC_WINDOW, "window in theta")                                                                                 \
  X(GENERIC_POWER, "integer power")                                                                                    \
  X(GENERIC_REAL_POWER, "real power")                                                                                  \
  X(GENERIC_FACTOR, "radial factor of a wide group")                                                                   \
  X(GENERIC_GAUSSIAN, "Gaussian factor of a narrow group")                                                             \
  X(GENERIC_COMPACT, "compact factor of a narrow group")                                                               \
  X(GENERIC_TERM, "function")                                                                                          \
  X(NETWORK, "network")                                                                                                \
  X(NETWORK_LAYER, "layer")                                                                                            \
  X(NETWORK_VECTOR, "vector of weights, forward and backward")                                                         \
  X(NETWORK_ACTIVATION, "activation of a vector of neurons")

typedef enum nmd_cost_unit {
#define X(name, text) NMD_COST_##name,
  NMD_COST_UNITS(X)
#undef X
      NMD_COST_UNIT_COUNT
} nmd_cost_unit;

typedef struct nmd_cost {
  double units[NMD_COST_UNIT_COUNT];
} nmd_cost;

/* An environment, as far as its cost goes. */
typedef struct nmd_cost_environment {
  int lanes;
  double listed;                 /* neighbours of the caller's list */
  double count[NMD_ELEMENT_MAX]; /* those within the plan's cut-off, by species */
} nmd_cost_environment;

/* Counters: each ADDS the units of a part of the plan. */
void nmd_cost_add_radial(const nmd_element_plan *plan, const nmd_cost_environment *e, nmd_cost *cost); /* + gather */
void nmd_cost_add_set(const nmd_element_plan *plan, int set, const nmd_cost_environment *e, nmd_cost *cost);
void nmd_cost_add_form(const nmd_element_plan *plan, int form, const nmd_cost_environment *e, nmd_cost *cost);
void nmd_cost_add_triples(const nmd_element_plan *plan, int group, const nmd_cost_environment *e, nmd_cost *cost);
void nmd_cost_add_generic(const nmd_element_plan *plan, int group, const nmd_cost_environment *e, nmd_cost *cost);
void nmd_cost_add_network(const nmd_network *network, int lanes, nmd_cost *cost);
void nmd_cost_add_plan(const nmd_element_plan *plan, const nmd_cost_environment *e, nmd_cost *cost); /* no network */

/* Nanoseconds of a unit, [NMD_COST_UNIT_COUNT]: of the instruction set, as measured. */
const double *nmd_cost_table(nmd_simd simd);
double nmd_cost_us(const nmd_cost *cost, nmd_simd simd);
/* An environment to count for. `neighbours` [n_species]: how many of each within `cutoff` (A); NULL: as no structure is
 * known at load, condensed matter of 0.07 atoms per cubic Angstrom with equal shares of the model's elements. */
nmd_cost_environment nmd_cost_typical(const nmd_element_plan *plan, const double *neighbours, double cutoff, int lanes);
/* One line per group of a chosen plan: microseconds, what it is, its algorithm and what the other one would cost; and
 * the networks. Errors: MEMORY. */
nmd_status nmd_cost_describe(const nmd_element_plan *plan, const nmd_network *networks, int n_networks, const nmd_model *model,
                             int element, nmd_simd simd, const double *neighbours, int lanes, nmd_text_writer *write,
                             void *context) NMD_MUST_USE;

#endif
