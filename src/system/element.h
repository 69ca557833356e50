/* SPDX-License-Identifier: BSD-3-Clause */
/* Chemical elements: symbol, atomic number, standard atomic weight. */
#ifndef NNPMD_SYSTEM_ELEMENT_H
#define NNPMD_SYSTEM_ELEMENT_H

#include <stdint.h>

#include "base/status.h"

enum { NMD_ELEMENT_MAX = 118 };

int nmd_element_from_symbol(const char *symbol);    /* atomic number, 0 if unknown; case matters ("Li") */
const char *nmd_element_symbol(int atomic_number);  /* "Li"; "?" outside 1..118 */
double nmd_element_mass(int atomic_number);         /* u (IUPAC 2021, abridged); 0 outside 1..118 */

/* The elements of a run, in order of atomic number: atoms carry an index into this table. */
typedef struct nmd_species {
  int n;
  int atomic_number[NMD_ELEMENT_MAX];
  double mass[NMD_ELEMENT_MAX];                     /* u */
  int64_t atoms[NMD_ELEMENT_MAX];                   /* of each when the table was made; all 0: not known */
} nmd_species;

/* Table of the distinct elements among n atomic numbers, with standard masses. */
void nmd_species_init(nmd_species *species, const int *atomic_numbers, long n);
int nmd_species_index(const nmd_species *species, int atomic_number); /* -1 if absent */

#endif
