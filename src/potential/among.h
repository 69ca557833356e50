/* SPDX-License-Identifier: BSD-3-Clause */
/* A potential that sees only the atoms of some elements, or of a group: they alone have energies from it, and
 * neighbours. What it gives may be multiplied by a number. */
#ifndef NNPMD_POTENTIAL_AMONG_H
#define NNPMD_POTENTIAL_AMONG_H

#include "potential/potential.h"

typedef struct nmd__among {
  nmd_species species; /* those seen */
  int to[NMD_ELEMENT_MAX]; /* [species of the run] index in `species`, or -1 */
  int n_all;           /* species of the run */
  nmd_subset subset;   /* and of these groups only; set by the owner, at the start all atoms */
  double weight;       /* of energies, forces and virials; set by the owner, at the start 1 */
  int64_t serial;      /* of the list that `list` was made from; 0: none */
  int capacity, total; /* atoms of the run with room here, and there at the last look */
  int *place;          /* [total] of each in `atoms`, or -1 */
  int *kind;           /* [total] species of the run when the list was made */
  nmd_atoms atoms;     /* x, species, id of those seen */
  nmd_neighbour_list list;
  double (*force)[3], (*atom_virial)[9], *atom_energy, *atom_sigma; /* [capacity] */
  int *atom_extrapolation;
} nmd__among;

/* elements: "Au-Li", all of which the run must have; or "all". Local. Errors: UNKNOWN_ELEMENT, CONFLICT. */
nmd_status nmd__among_init(nmd__among *among, const nmd_species *all, const char *elements) NMD_MUST_USE;
void nmd__among_free(nmd__among *among);
/* The term's part of the atoms seen, added to `partial`. As the compute of the term. */
nmd_status nmd__among_compute(nmd__among *among, const nmd_potential *term, const nmd_potential_input *input,
                              nmd_potential_partial *partial) NMD_MUST_USE;
/* What the term's count_other_unit says of them. */
nmd_status nmd__among_count_other_unit(nmd__among *among, const nmd_potential *term, const nmd_potential_input *input,
                                       int64_t *count, const char **unit) NMD_MUST_USE;

#endif
