/* SPDX-License-Identifier: BSD-3-Clause */
/* What the stage `neb` is told and where its two ends come from (neb_ends.c). */
#ifndef NNPMD_DYNAMICS_NEB_H
#define NNPMD_DYNAMICS_NEB_H

#include "dynamics/band.h"
#include "dynamics/ensemble.h"

typedef struct nmd_neb_parameters {
  char *end, *path;
  int64_t end_frame, images;
  nmd_text_list moves;
  int interpolation; /* DISTANCES, LINE */
  bool relax_ends, climb;
  int method;                          /* nmd_mover_method */
  double spring;                       /* eV/A^2 */
  double climb_below, force_tolerance; /* eV/A */
  double max_move;                     /* A */
  int64_t max_steps;
} nmd_neb_parameters;

/* An atom that is elsewhere in the end. */
typedef struct nmd__neb_move {
  int64_t atom; /* place in the band */
  bool absolute;
  double to[3]; /* A: where, or by how much */
} nmd__neb_move;

typedef struct nmd__neb_ends {
  int images;          /* of the band */
  int given;           /* images that were given: 0 (moves), 1 (the end) or all */
  double *fractional;  /* [given][atoms][3], in the order of the band */
  nmd__neb_move *move; /* [n_moves] */
  int n_moves;
} nmd__neb_ends;

/* From the parameters; `id`, `z` [motion->n_atoms] the run's atoms in order of id. Files are read by rank 0.
 * Collective, same status everywhere. Errors: CONFLICT (not one way to say the end; other atoms), WRONG_TYPE,
 * BAD_NUMBER, and those of reading a structure. */
nmd_status nmd__neb_ends_init(const nmd_neb_parameters *parameters, const nmd_comm *comm, int64_t n, const int64_t *id,
                              const int *z, nmd__neb_ends *ends) NMD_MUST_USE;
void nmd__neb_ends_free(nmd__neb_ends *ends);
/* The last image, from the first one in band->x, without jumps through the cell's faces. Local. */
void nmd__neb_ends_place(const nmd__neb_ends *ends, const nmd_box *box, nmd_band *band);
/* The images between: those given, or by interpolation. Local. Errors: those of nmd_band_interpolate_distances. */
nmd_status nmd__neb_ends_connect(const nmd__neb_ends *ends, const nmd_neb_parameters *parameters, const nmd_box *box,
                                 nmd_band *band) NMD_MUST_USE;

#endif
