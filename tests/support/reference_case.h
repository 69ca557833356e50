/* SPDX-License-Identifier: BSD-3-Clause */
/* A reference case: a model, a structure and the numbers that an independent program gives for them. The readers here
 * are as small as these files allow and no part of the program. */
#ifndef NNPMD_TESTS_SUPPORT_REFERENCE_CASE_H
#define NNPMD_TESTS_SUPPORT_REFERENCE_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "nnp/evaluate.h"

typedef struct reference_case {
  char name[256];
  nmd_model *model;
  int n;
  double cell[3][3];     /* rows, A */
  bool periodic;         /* all three directions or none */
  double (*x)[3];        /* A */
  int *element;          /* model index */
  double energy;         /* eV, total with offsets */
  double *atomic_energy; /* eV, network only; NULL: not given */
  double (*force)[3];    /* eV/A */
  double virial[3][3];   /* eV, sum r_a f_b */
  int64_t extrapolations;
} reference_case;

/* What an evaluator gives for a case. */
typedef struct reference_result {
  double energy, *atomic_energy, (*force)[3], virial[3][3];
  int64_t extrapolations;
} reference_result;

/* Largest absolute differences: energy per atom, the rest as it is. */
typedef struct reference_deviation {
  double energy, atomic_energy, force, virial;
  int64_t extrapolations;
} reference_deviation;

typedef nmd_status reference_evaluator(void *context, const nmd_environments *environments,
                                       nmd_environment_results *results);

/* A folder with input.nn ..., structure.extxyz and expected.json. False with a line on stderr if anything is amiss. */
bool reference_case_read(const char *folder, reference_case *out);
/* A model folder and an extxyz file that carries energy, virial, forces and atomic energies (these with offsets). */
bool reference_case_read_extxyz(const char *model_folder, const char *file, double length_unit, double energy_unit,
                                reference_case *out);
void reference_case_free(reference_case *c);

/* Environments by brute force over all periodic images, handed over in batches of at most `batch` centres of one
 * element (0: all of them). */
bool reference_case_evaluate(const reference_case *c, int batch, reference_evaluator *evaluate, void *context,
                             reference_result *out);
void reference_result_free(reference_result *r);
reference_deviation reference_case_compare(const reference_case *c, const reference_result *r);

#endif
