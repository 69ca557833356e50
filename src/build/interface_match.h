/* SPDX-License-Identifier: BSD-3-Clause */
/* The best common cell of two crystal faces: in-plane repeats and planes of both sides for little strain and a wanted
 * number of atoms. */
#ifndef NNPMD_BUILD_INTERFACE_MATCH_H
#define NNPMD_BUILD_INTERFACE_MATCH_H

#include "build/surface.h"

typedef enum nmd_strained { NMD_STRAIN_A, NMD_STRAIN_B, NMD_STRAIN_SHARED } nmd_strained;
#define NMD_STRAINED_CHOICES "a|b|shared"

enum { NMD_VARIANTS_MAX = 2 };
typedef struct nmd_match_side {
  int n_variants; /* in-plane cells to try */
  nmd_surface variant[NMD_VARIANTS_MAX];
  int64_t repeat[2], layers; /* 0: free */
} nmd_match_side;

typedef struct nmd_match_request {
  nmd_match_side side[2];
  nmd_strained strained;
  double max_strain; /* of either side */
  int64_t atoms;     /* wanted number, to be met within 10 %; or */
  bool any_size;     /* only a size to aim at */
} nmd_match_request;

typedef struct nmd_match {
  int variant[2];
  int64_t repeat[2][2], layers[2]; /* [side][x, y]; [side] */
  double edge[2];                  /* common cell (A) */
  double strain[2][2];             /* [side][x, y]: edge / (repeat * cell edge) - 1 */
  double worst;                    /* largest |strain| */
  int64_t atoms;
  double cost;
} nmd_match;

/* Within 10 % of the wanted atoms (if they matter) the match with the least cost: strain, difference in atoms, and
 * departure from a compact shape (each side about as thick as wide), each in units of what people tolerate.
 * Deterministic. Local. Errors: BUILD, naming the nearest possibility. */
nmd_status nmd_interface_match(const nmd_match_request *request, nmd_match *match) NMD_MUST_USE;

#endif
