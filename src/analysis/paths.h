/* SPDX-License-Identifier: BSD-3-Clause */
/* The paths of atoms through a whole run, for analyses that need all times of an atom at once.
 *
 * One pass over the files keeps the paths of this rank's atoms as long as they fit the limit of memory; when they do
 * not, the first pass only looks, and the paths come in blocks of atoms, one more pass a block. The mean position of
 * every species in every frame is always kept: it gives drifts and collective displacements.
 *
 * In a cell that varies, displacements are taken in fractional coordinates times the mean cell, so that the breathing
 * of the cell moves no atom; in a fixed cell they are Cartesian (with NMD_UNWRAP_TOR in any). */
#ifndef NNPMD_ANALYSIS_PATHS_H
#define NNPMD_ANALYSIS_PATHS_H

#include "analysis/trajectory.h"
#include "parallel/comm.h"
#include "system/element.h"

typedef enum nmd_drift_choice {
  NMD_DRIFT_NONE,
  NMD_DRIFT_CENTRE,   /* centre of mass of all atoms of the files */
  NMD_DRIFT_FRAMEWORK /* mean position of the atoms of the framework's elements */
} nmd_drift_choice;
#define NMD_DRIFT_CHOICES "none|com|framework"

typedef struct nmd_paths_options {
  nmd_trajectory_options trajectory; /* its selection chooses the atoms whose paths are kept */
  nmd_drift_choice drift;            /* removed from all paths and means */
  const nmd_text_list *framework;    /* elements; NULL or empty: those without a selected atom */
  int64_t memory;                    /* bytes for this rank */
} nmd_paths_options;

typedef struct nmd_paths {
  int64_t n_frames;
  double spacing; /* fs */
  double mean_h[3][3], mean_volume;
  nmd_trajectory_facts facts;
  nmd_species species;                 /* of all atoms of the files */
  int64_t population[NMD_ELEMENT_MAX]; /* atoms of each species in the files */
  int64_t n_selected;                  /* on all ranks */
  int64_t chosen[NMD_ELEMENT_MAX];     /* of these, of each species */
  double *mean;                        /* [species.n][n_frames][3] A, drift removed; of ALL atoms of a species */
  double *chosen_mean;                 /* likewise of the selected atoms; owned like mean */
  double *drift;                       /* [n_frames][3] A: what was removed (zero at the first frame) */
  int64_t first, n;                    /* this rank's selected atoms: first ... first + n - 1 of the selected */
  int *kind;                           /* [n] species of each */
  int64_t *id;                         /* [n] */
  int64_t block_atoms;                 /* atoms in memory at a time */
  int64_t n_passes;                    /* over the files, the first included */
  int n_runs;                          /* independent ones; more than one: by nmd_paths_pool */
  struct nmd__paths_store *store;      /* inside */
} nmd_paths;

/* paths of files [n_files] and options are borrowed until nmd_paths_free. Collective. Errors: those of the trajectory,
 * CONFLICT (a framework without atoms), OUT_OF_RANGE (fewer than 4 frames), MEMORY (one atom does not fit). */
nmd_status nmd_paths_load(const nmd_comm *comm, const char *const *files, int n_files, const nmd_paths_options *options,
                          nmd_paths *paths) NMD_MUST_USE;
void nmd_paths_free(nmd_paths *paths);
/* Each file is a run of its own, of one system; their ions are taken together, over the frames that all runs have. What
 * options say is done to each: frames are skipped, drift removed, its own mean cell taken. Means are over all atoms,
 * cells and drifts over runs; displacements that are SUMS over ions are those of no run. Collective. Errors: those of
 * nmd_paths_load, CONFLICT (other elements or spacing). */
nmd_status nmd_paths_pool(const nmd_comm *comm, const char *const *files, int n_files, const nmd_paths_options *options,
                          nmd_paths *paths) NMD_MUST_USE;
/* Inside: x [paths->n][3][paths->n_frames] (A, drift removed) is theirs from here on. Errors: MEMORY (x stays the
 * caller's). */
nmd_status nmd__paths_own(const nmd_comm *comm, double *x, nmd_paths *paths) NMD_MUST_USE;

/* Paths that are in memory already: x [n][3][n_frames] A, borrowed, and the atomic number of each of n atoms; no drift
 * is removed, all atoms are selected and belong to this process. h: cell. Local. Errors: OUT_OF_RANGE, MEMORY. */
nmd_status nmd_paths_borrow(const nmd_comm *comm, int64_t n, const int *atomic_number, int64_t n_frames, double spacing,
                            const double h[3][3], const double *x, nmd_paths *paths) NMD_MUST_USE;

/* Called for atoms one after the other: x [3][n_frames] A (borrowed), atom: index into kind and id. */
typedef nmd_status nmd_path_visitor(void *context, int64_t atom, const double *x);
typedef struct nmd_path_visit {
  nmd_path_visitor *visit;
  void *context;
} nmd_path_visit;
/* Every atom of this rank, in order, by each visitor in turn: together, for when memory is short every call reads the
 * files again. Collective. */
nmd_status nmd_paths_visit(const nmd_paths *paths, int n, const nmd_path_visit *visits) NMD_MUST_USE;

#endif
