/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd as a library: load a potential, evaluate structures given as arrays.
 *
 *   char error[NNPMD_ERROR_MAX];
 *   nnpmd_model *model;
 *   if (nnpmd_load("potentials/AuLi", NULL, &model, error, sizeof error) != NNPMD_OK) fprintf(stderr, "%s\n", error);
 *   nnpmd_structure gold = {.n = 1, .atomic_number = (int[]){79}, .position = (double[]){0, 0, 0},
 *                           .cell = (double[]){0, 2.08, 2.08, 2.08, 0, 2.08, 2.08, 2.08, 0}};
 *   nnpmd_results results = {0};
 *   nnpmd_evaluate(model, &gold, &results, error, sizeof error);   // results.energy
 *   nnpmd_free(model);
 *
 * Units: A, eV; angles of cells do not occur. Nothing is printed, the process is never ended, MPI is neither needed nor
 * started. A model may be used by several threads at once: each call of nnpmd_evaluate takes a working copy of its own.
 * Functions that can fail return NNPMD_OK or another code of the list below; `error` [error_size] (NULL with 0: not wanted)
 * then has one line of text, which names place, value and remedy. */
#ifndef NNPMD_NNPMD_H
#define NNPMD_NNPMD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NNPMD_API_VERSION 1 /* grows when something here changes its meaning or goes */
#define NNPMD_ERROR_MAX 2048

/* What a call returns: the exit codes of the programs. */
enum {
  NNPMD_OK = 0,
  NNPMD_INTERNAL_ERROR = 1,
  NNPMD_INPUT_ERROR = 2,   /* files, units, elements, cells */
  NNPMD_PHYSICS_ERROR = 3, /* energies or forces that are no numbers */
  NNPMD_SYSTEM_ERROR = 4   /* memory, read errors */
};

typedef struct nnpmd_model nnpmd_model;

/* n atoms. Arrays belong to the caller. */
typedef struct nnpmd_structure {
  int64_t n;
  const int *atomic_number; /* [n] */
  const double *position;   /* [n][3] A, anywhere */
  const double *cell;       /* [3][3] rows a, b, c (A), any orientation; NULL: none, not periodic */
  const int *periodic;      /* [3] 0 or 1; NULL: all of them if there is a cell */
} nnpmd_structure;

/* Arrays belong to the caller; NULL: not wanted. */
typedef struct nnpmd_results {
  double energy;          /* eV, set */
  double virial[9];       /* eV, row-major, set: W_ab = sum r_a f_b = -dE/dstrain; stress (tension positive) = -W / volume */
  int64_t extrapolations; /* set: (atom, symmetry function) pairs outside the training range */
  double *force;          /* [n][3] eV/A */
  double *atom_energy;    /* [n] eV, their sum is energy */
  double *atom_virial;    /* [n][9] eV, row-major, their sum is virial */
  int members;            /* set: models of the committee; 1: a model alone, whose sigmas are zero */
  double sigma;           /* eV, set: sqrt(sum_k (E_k - E)^2 / (members - 1)), the spread of the members' energies */
  double *sigma_energy;   /* [n] eV, that of the atoms' energies */
  double *sigma_force;    /* [n] eV/A, sqrt(sum_k |F_k - F|^2 / (members - 1)); takes one more evaluation a member */
} nnpmd_results;

const char *nnpmd_version(void); /* "0.1.0" */

/* How to read and evaluate a model; NULL members: the first choice. Zero a struct before use, as it may grow. */
typedef struct nnpmd_options {
  const char *length_unit; /* of the model's files, which do not tell it: "A" or "bohr" */
  const char *energy_unit; /* likewise: "eV" or "hartree" */
  const char *precision;   /* "double", or "mixed": single-precision arithmetic with sums in double */
} nnpmd_options;

/* A Behler-Parrinello model (J. Behler, M. Parrinello, Phys. Rev. Lett. 98, 146401 (2007)), or a committee (sub-folders 1, 2,
 * ...), from a folder in the n2p2 / RuNNer format, for all elements of the model; options NULL: all first choices. *model is
 * the caller's to free, NULL on an error: INPUT (files missing or garbled, units), SYSTEM. */
int nnpmd_load(const char *folder, const nnpmd_options *options, nnpmd_model **model, char *error, size_t error_size);
/* Any potential of the program, as the section `potential` of its input has it (YAML), for the elements atomic_numbers [n];
 * paths are relative to the working folder. Errors as nnpmd_load.
 * "sum: {terms: [{nnp: {folder: m, length_unit: A, energy_unit: eV}}, {zbl: {inner: 0.8 A, outer: 1.4 A}}]}", or that
 * section of a file: "file: input.yaml". */
int nnpmd_load_input(const char *potential, const int *atomic_numbers, int n, nnpmd_model **model, char *error,
                     size_t error_size);
void nnpmd_free(nnpmd_model *model); /* NULL-safe; no evaluation of it may be going on */

double nnpmd_cutoff(const nnpmd_model *model); /* A: atoms farther apart do not see each other */
/* Number of elements; the first `max` atomic numbers into atomic_numbers (may be NULL with max 0). */
int nnpmd_elements(const nnpmd_model *model, int *atomic_numbers, int max);

/* Energy, forces, virial of one structure into *results, whose arrays are filled where they are not NULL. Cells smaller than
 * the cut-off are fine. Errors: INPUT (an element the model does not know, a flat cell, positions that are no numbers),
 * PHYSICS, SYSTEM. */
int nnpmd_evaluate(nnpmd_model *model, const nnpmd_structure *structure, nnpmd_results *results, char *error,
                   size_t error_size);

/* A part of a larger system, for programs that divide space and place the images of atoms themselves. */
typedef struct nnpmd_part nnpmd_part;

/* Atoms 0 ... n_local - 1 are evaluated; the others are their neighbours, images where they stand. All atoms nearer to a local
 * one than nnpmd_cutoff must be there, and nearer than that + skin as long as `renew` is 0. Arrays belong to the caller. */
typedef struct nnpmd_neighbourhood {
  int64_t n_local, n;
  const int *atomic_number; /* [n] */
  const double *position;   /* [n][3] A */
  int renew;                /* 1: these are other atoms than in the last call; 0: the same ones, moved by less than skin / 2 */
} nnpmd_neighbourhood;

/* skin: A, >= 0. One at a time may use a part; several parts may be used at once. The model must outlive it. *part is the
 * caller's to free, NULL on an error: INPUT (skin), SYSTEM. */
int nnpmd_part_create(nnpmd_model *model, double skin, nnpmd_part **part, char *error, size_t error_size);
/* energy, virial, extrapolations, atom_energy [n_local], sigma_energy [n_local]: of the local atoms. force [n][3] and
 * atom_virial [n][9]: what these put on EVERY atom; the caller adds up what belongs to one atom. sigma_force must be NULL.
 * Errors as nnpmd_evaluate. */
int nnpmd_part_evaluate(nnpmd_part *part, const nnpmd_neighbourhood *given, nnpmd_results *results, char *error,
                        size_t error_size);
void nnpmd_part_free(nnpmd_part *part); /* NULL-safe */

#ifdef __cplusplus
}
#endif

#endif
