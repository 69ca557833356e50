/* SPDX-License-Identifier: BSD-3-Clause */
/* A study of nnpmd-lattice: energies of arrangements, the expansion fitted to them, Monte Carlo with it. */
#ifndef NNPMD_STUDY_LATTICE_H
#define NNPMD_STUDY_LATTICE_H

#include "io/buffer.h"
#include "lattice/order.h"
#include "lattice/regression.h"
#include "potential/potential.h"
#include "study/lattice_input.h"

/* The expansion on one supercell. Not copied: the model points into it. */
typedef struct nmd_lattice_scene {
  nmd_supercell super;
  nmd_lattice_energy energy;
  nmd_ewald_pairs ewald; /* with charges */
  nmd_lattice_model model;
} nmd_lattice_scene;

enum { NMD_LATTICE_NAME = 64 }; /* of an arrangement, its zero included */

/* An arrangement with its energy. */
typedef struct nmd_lattice_row {
  char name[NMD_LATTICE_NAME];
  int cells;
  double energy;    /* eV a parent cell */
  double *features; /* [n_features], owned */
} nmd_lattice_row;

/* What became of the structures. */
typedef struct nmd_lattice_fates {
  int64_t made, kept, unconverged, left[5]; /* left by nmd_mapping_result */
  int64_t rearranged;                       /* kept, but as another arrangement than that it began as */
} nmd_lattice_fates;

typedef struct nmd_lattice_study {
  const nmd_comm *comm;           /* not owned */
  const nmd_lattice_input *input; /* not owned */
  nmd_comm *alone;
  nmd_parent_lattice parent;
  nmd_cluster_list clusters;
  bool with_ewald;
  int n_features; /* functions of the clusters, and Ewald's energy a parent cell as the last */
  double *j;      /* [1 + n_features]: J_0, J of the functions, factor of Ewald's energy */
  bool has_j;
  nmd_lattice_row *row;
  int n_rows;
  nmd_lattice_fates fates;
  nmd_regression fit;                 /* rank 0 */
  struct nmd__lattice_engine *engine; /* the potential; private to lattice_data.c */
} nmd_lattice_study;

/* Parent lattice and clusters; *out gets the study. Collective; same status on all ranks. On error nothing is left. */
nmd_status nmd_lattice_create(const nmd_comm *comm, const nmd_lattice_input *input,
                              nmd_lattice_study **out) NMD_MUST_USE;
void nmd_lattice_destroy(nmd_lattice_study *study);
/* Energies, fit, Monte Carlo, tables and pictures. Collective. Errors: INTERRUPTED after a signal (run it again to go
 * on), those of files, potential and fit. */
nmd_status nmd_lattice_run(nmd_lattice_study *study) NMD_MUST_USE;

/* The supercell `matrix` with the energies found (all zero before). Owner: the caller. Local. Errors: MEMORY,
 * OUT_OF_RANGE. */
nmd_status nmd_lattice_scene_init(const nmd_lattice_study *study, const int matrix[3][3],
                                  nmd_lattice_scene *scene) NMD_MUST_USE;
void nmd_lattice_scene_free(nmd_lattice_scene *scene);
/* Numbers of each species of the model from proportions; `key` is their place in the input. Local. Errors: CONFLICT
 * (they do not come out whole, a species no site allows). */
nmd_status nmd_lattice_counts(const nmd_lattice_study *study, const nmd_lattice_scene *scene,
                              const nmd_lattice_amounts *shares, const char *key, int64_t *count) NMD_MUST_USE;
/* features [n_features] of an arrangement. Local. */
void nmd_lattice_features(const nmd_lattice_study *study, const nmd_lattice_scene *scene, const uint8_t *occupation,
                          double *features);
double nmd_lattice_predict(const nmd_lattice_study *study, const double *features); /* eV a parent cell */

/* Text into a file of the output folder. Local. */
nmd_status nmd_lattice_write(const nmd_lattice_study *study, const char *name, nmd_buffer *text) NMD_MUST_USE;
/* Run gnuplot on a script in the output folder, if pictures are wanted. Local. */
void nmd_lattice_draw(const nmd_lattice_study *study, const char *script);

#endif
