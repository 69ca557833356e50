/* SPDX-License-Identifier: BSD-3-Clause */
/* Low-index faces of fcc and bcc crystals as stacks of atomic planes over orthogonal in-plane cells. */
#ifndef NNPMD_BUILD_SURFACE_H
#define NNPMD_BUILD_SURFACE_H

#include <stdint.h>

#include "system/structure.h"

typedef enum nmd_cubic { NMD_CUBIC_FCC, NMD_CUBIC_BCC } nmd_cubic;
typedef enum nmd_face { NMD_FACE_100, NMD_FACE_110, NMD_FACE_111 } nmd_face;
#define NMD_CUBIC_CHOICES "fcc|bcc"
#define NMD_FACE_CHOICES "100|110|111"

enum { NMD_PLANES_MAX = 3, NMD_PER_PLANE_MAX = 4 };
typedef struct nmd_surface {
  nmd_cubic lattice;
  nmd_face face;
  int rotation;        /* degrees of the in-plane cell against the standard one: 0, 45 (face 100 only), 90 */
  double edge[2];      /* of the in-plane cell, along x and y (A) */
  double spacing;      /* between planes (A) */
  double nearest;      /* nearest-neighbour distance of the crystal (A) */
  int direction[3][3]; /* crystal directions along x, y and the normal, in halves of a */
  int n_planes;        /* after which the stacking repeats */
  int per_plane;       /* atoms of the in-plane cell in one plane */
  double s[NMD_PLANES_MAX][NMD_PER_PLANE_MAX][2]; /* fractional, in [0, 1) */
} nmd_surface;

/* Local. `rotation` must be one that the face has. */
void nmd_surface_init(nmd_cubic lattice, nmd_face face, int rotation, double a, nmd_surface *surface);
const char *nmd_cubic_name(nmd_cubic lattice);
const char *nmd_face_name(nmd_face face);

/* A block of crystal to put into a structure: repeat[0] x repeat[1] in-plane cells, `layers` planes from z upwards. */
typedef struct nmd_block {
  const nmd_surface *surface;
  int atomic_number;
  int64_t repeat[2], layers;
  double edge[2]; /* total, strained (A) */
  double z;       /* of the lowest plane (A) */
} nmd_block;
int64_t nmd_block_atoms(const nmd_block *block);
/* Fills atoms first .. first + nmd_block_atoms() - 1, plane by plane. */
void nmd_block_fill(const nmd_block *block, nmd_structure *structure, int64_t first);

#endif
