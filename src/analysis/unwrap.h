/* SPDX-License-Identifier: BSD-3-Clause */
/* Paths of atoms through periodic boundaries, from wrapped positions.
 *
 * NEAREST: each atom goes to the image nearest to its last place IN FRACTIONAL COORDINATES, and keeps an integer count
 * of cells; position = wrapped + count . h(t). Exact for atoms that move less than half a cell between frames, in any
 * cell, fixed or variable; fractional displacements stay free of the cell's breathing.
 * TOR: Cartesian displacements to the nearest image are added up (S. von Buelow, J. T. Bullerjahn, G. Hummer, J. Chem.
 * Phys. 153, 021101 (2020), eq. 6): for Cartesian displacements in a cell that fluctuates (NPT).
 * A displacement above NMD_HOP_LIMIT of a cell is refused: at half a cell two images are equally near. */
#ifndef NNPMD_ANALYSIS_UNWRAP_H
#define NNPMD_ANALYSIS_UNWRAP_H

#include <stdint.h>

#include "base/status.h"
#include "system/box.h"

#define NMD_HOP_LIMIT 0.4 /* of a cell vector, per frame */

typedef enum nmd_unwrap {
  NMD_UNWRAP_AUTO, /* IMAGES if the file has counters (or unwrapped positions), else NEAREST */
  NMD_UNWRAP_IMAGES,
  NMD_UNWRAP_NEAREST,
  NMD_UNWRAP_TOR,
  NMD_UNWRAP_NONE /* positions as in the file */
} nmd_unwrap;
#define NMD_UNWRAP_CHOICES "auto|images|nearest|tor|none"

typedef struct nmd_unwrapper {
  int64_t n, frames;
  double (*s)[3];      /* [n] fractional, as in the file, of the frame before */
  int64_t (*count)[3]; /* [n] cells passed (NEAREST) */
  double (*x)[3];      /* [n] unwrapped (TOR), and wrapped before */
  double (*wrapped)[3];
} nmd_unwrapper;

nmd_status nmd_unwrapper_init(nmd_unwrapper *unwrapper, int64_t n) NMD_MUST_USE; /* Errors: MEMORY */
void nmd_unwrapper_free(nmd_unwrapper *unwrapper);
/* Next frame: x [n][3] (A) is changed in place; id [n] for messages. scheme: NEAREST or TOR, always the same. Axes that
 * are not periodic are left alone. Errors: CONFLICT (ambiguous hop; names atom, axis, displacement), MEMORY. */
nmd_status nmd_unwrapper_next(nmd_unwrapper *unwrapper, nmd_unwrap scheme, const nmd_box *box, const int64_t *id,
                              double (*x)[3]) NMD_MUST_USE;

#endif
