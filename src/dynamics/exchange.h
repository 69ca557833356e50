/* SPDX-License-Identifier: BSD-3-Clause */
/* Monte Carlo moves of elements on sites that stand still, as an ensemble asks for them. Whoever has the potential
 * (simulation/monte_carlo.c) makes the moves; the ensemble has the temperature and keeps the books. */
#ifndef NNPMD_DYNAMICS_EXCHANGE_H
#define NNPMD_DYNAMICS_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "system/element.h"

typedef enum nmd_exchange_kind {
  NMD_EXCHANGE_SWAP,    /* two atoms of different elements change places */
  NMD_EXCHANGE_IDENTITY /* an atom becomes one of another element */
} nmd_exchange_kind;

typedef struct nmd_exchange {
  nmd_exchange_kind kind;
  double temperature;                         /* K; 0: only downhill */
  double moves;                               /* tried per atom of an active region */
  bool one_region;                            /* the whole cell as one, worked on by one rank */
  bool takes_part[NMD_ELEMENT_MAX];           /* [species] */
  double chemical_potential[NMD_ELEMENT_MAX]; /* [species] eV, without the kinetic part */
  uint64_t seed;
  int64_t step;      /* key of the random numbers */
  int levels;        /* of temperature, for tempering; <= 1: none */
  double highest;    /* K, of the last level; those between form a geometric series */
  int32_t *occupant; /* [levels - 1][atoms] of levels 1, 2, ...: the atom (by order of id) on the site where that of the
                      * index sits in the run, which is level 0. The ensemble keeps it; the same on all ranks */
} nmd_exchange;

/* What came of it, of all ranks. */
typedef struct nmd_exchange_counts {
  double tried, accepted;
  double energy; /* eV, change of the potential energy: sum of the accepted local differences */
  int64_t regions;
  double level_swaps, level_swaps_accepted; /* of two temperatures */
} nmd_exchange_counts;

/* Moves on the atoms of the run, which are then back on their ranks with ghosts and list. Collective. */
typedef struct nmd_exchange_service {
  nmd_status (*run)(void *context, const nmd_exchange *what, nmd_exchange_counts *counts);
  void *context;
} nmd_exchange_service;

#endif
