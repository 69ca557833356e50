/* SPDX-License-Identifier: BSD-3-Clause */
/* The frame of pair potentials: E = sum over pairs V_ab(r), one form with a row of parameters per pair of elements.
 *
 * A form is one loop over packed pairs of the same two elements, so that its parameters are constants and the compiler
 * makes vectors of it. The frame finds the pairs, shifts what is cut, adds up energies, forces and virials. */
#ifndef NNPMD_POTENTIAL_PAIR_H
#define NNPMD_POTENTIAL_PAIR_H

#include "potential/potential.h"

/* V (eV) and -V'(r)/r (eV/A^2) of n pairs at distances r [n] (A); inverse [n] is 1 / r. */
typedef void nmd__pair_form(const double *parameters, int n, const double *r, const double *inverse, double *energy,
                            double *force_over_r);

/* What is continuous at the cut-off: as the form has it; V - V(rc); V - V(rc) - (r - rc) V'(rc). */
typedef enum nmd__pair_truncation { NMD__PAIR_FORCE_SHIFT, NMD__PAIR_SHIFT, NMD__PAIR_AS_IS } nmd__pair_truncation;

typedef struct nmd__pair_entry {
  double cutoff;       /* A; 0: these two elements do not interact */
  double shift, slope; /* taken off: shift + (r - cutoff) slope */
  int n_parameters;
  double *parameters;  /* owned */
} nmd__pair_entry;

/* Neighbours of each atom sorted by element, without those that are too far or do not interact: made anew when the list
 * is. Row i of element s ends at end[i * n_species + s] and begins where that of s - 1 ends, the first at
 * list->first[i]. */
typedef struct nmd__pair_rows {
  int64_t serial; /* of the list they were made from */
  uint64_t kinds; /* of the species of its atoms, which Monte Carlo may exchange under a list */
  int32_t *index;
  int64_t *end;
  int64_t capacity_index, capacity_end;
} nmd__pair_rows;

typedef struct nmd__pair_table {
  nmd__pair_form *form;
  nmd__pair_truncation truncation;
  int n_species;
  double cutoff;                /* A, the largest */
  nmd__pair_entry *entries;     /* [n_species][n_species] */
  char summary[256];            /* a line for the log, with its \n */
  double cost;                  /* estimate: microseconds an atom and step */
  unsigned traits;              /* NMD_TRAIT_... */
  nmd__pair_rows rows, passing; /* of the run's list; of lists made for one call (serial 0) */
} nmd__pair_table;

/* A table in which nothing interacts yet. Local. Errors: MEMORY. */
nmd_status nmd__pair_table_create(nmd__pair_form *form, nmd__pair_truncation truncation, const nmd_species *species,
                                  nmd__pair_table **out) NMD_MUST_USE;
/* Elements a and b (species indices, either order) interact up to `cutoff` with these n parameters (copied). */
nmd_status nmd__pair_table_set(nmd__pair_table *table, int a, int b, double cutoff, const double *parameters,
                               int n) NMD_MUST_USE;

/* The rows of this list, made anew if it was. Local. Errors: MEMORY. */
nmd_status nmd__pair_rows_update(nmd__pair_table *table, const nmd_potential_input *input,
                                 const nmd__pair_rows **out) NMD_MUST_USE;

/* Sets pairs, summary and what else differs from the defaults. */
typedef nmd_status nmd__pair_fill(nmd__pair_table *table, const void *parameters, const nmd_species *species);
/* The op `create` of a pair potential: a table with what `fill` sets. Local. Errors: MEMORY, those of fill. */
nmd_status nmd__pair_build(nmd__pair_form *form, nmd__pair_truncation truncation, nmd__pair_fill *fill,
                           const void *parameters, const nmd_species *species, void **out) NMD_MUST_USE;

/* For ops: *self is the table. */
double nmd__pair_cutoff(const void *self);
nmd_status nmd__pair_compute(void *self, const nmd_potential_input *input, nmd_potential_partial *partial);
void nmd__pair_describe(const void *self, nmd_text_writer *write, void *context);
void nmd__pair_identify(const void *self, uint64_t *hash);
double nmd__pair_cost(const void *self);
unsigned nmd__pair_traits(const void *self);
void nmd__pair_destroy(void *self);

/* Species indices of the `wanted` elements of a list such as [Li, O]; -1 for elements this run does not have. `node` is
 * where they stand, `example` goes into messages. Errors: CONFLICT (another number of them), UNKNOWN_ELEMENT. */
nmd_status nmd__elements_parse(const nmd_yaml_node *node, const nmd_text_list *elements, int wanted,
                               const char *example, const nmd_species *species, int *index) NMD_MUST_USE;

/* V = c0 erfc(c1 r) / r: of the screened Coulomb term, and of Ewald's sum in real space. */
nmd__pair_form nmd__screened_coulomb_form;

/* ---- sums over packed pairs, pair_sum.c ---- */

enum { NMD__PAIR_BLOCK = 256 };
typedef struct nmd__pair_block {
  double d[3][NMD__PAIR_BLOCK];                        /* x_j - x_i, A */
  double r[NMD__PAIR_BLOCK], inverse[NMD__PAIR_BLOCK]; /* at most the cut-off, A; 1 / r */
  double inside[NMD__PAIR_BLOCK];                      /* 1, or 0 beyond the cut-off */
  double energy[NMD__PAIR_BLOCK], force_over_r[NMD__PAIR_BLOCK];
} nmd__pair_block;
/* Of one atom, whole pairs: energy, sum f d, sum f d (x) d as xx yy zz xy xz yz. */
typedef struct nmd__pair_sums {
  double energy, force[3], virial[6];
} nmd__pair_sums;
/* Distances of a block; returns how many are within the cut-off. */
double nmd__pair_gather(nmd__pair_block *block, const double *x, const double xi[3], const int32_t *index, int n,
                      double cutoff2);
void nmd__pair_add(const nmd__pair_block *block, int n, double cutoff, double shift, double slope,
                   nmd__pair_sums *sums);

#endif
