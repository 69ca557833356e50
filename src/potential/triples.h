/* SPDX-License-Identifier: BSD-3-Clause */
/* The frame of angular terms: E = sum over centres i and unordered pairs j, k of their neighbours of
 *
 *   L (cos theta_jik - c)^2 exp[b_j / (r_ij - rc_j) + b_k / (r_ik - rc_k)],  r_ij < rc_j, r_ik < rc_k
 *
 *   L  strength (eV)    c  cosine without energy    b  decay (A)    rc  cut-off of a leg (A)
 *
 * with L, c, b and rc of the three elements. The energy belongs to atom i; all derivatives vanish at the cut-offs. */
#ifndef NNPMD_POTENTIAL_TRIPLES_H
#define NNPMD_POTENTIAL_TRIPLES_H

#include "potential/pair.h"

typedef struct nmd__triple_leg {
  double decay, cutoff; /* A */
} nmd__triple_leg;

typedef struct nmd__triple_entry {
  double strength, cosine;
  nmd__triple_leg leg[2]; /* to the first and the second outer element */
} nmd__triple_entry;

typedef struct nmd__triples {
  nmd__pair_table *reach;     /* owned; rows of neighbours within the longest leg of each centre and element; no form */
  nmd__triple_entry *entries; /* [n][n][n] centre, outer, outer; owned; strength 0: nothing */
  double (*scratch)[3];       /* forces of further threads */
  int64_t capacity;
} nmd__triples;

nmd_status nmd__triples_init(nmd__triples *triples, const nmd_species *species) NMD_MUST_USE;
void nmd__triples_free(nmd__triples *triples);
/* Both orders of the outer elements b and c. Local. Errors: MEMORY. */
void nmd__triples_set(nmd__triples *triples, int centre, int b, int c, const nmd__triple_entry *entry);
void nmd__triples_identify(const nmd__triples *triples, uint64_t *hash);
/* Adds to `partial`. Local. Errors: MEMORY. */
nmd_status nmd__triples_compute(nmd__triples *triples, const nmd_potential_input *input,
                                nmd_potential_partial *partial) NMD_MUST_USE;

#endif
