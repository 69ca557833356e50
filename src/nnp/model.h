/* SPDX-License-Identifier: BSD-3-Clause */
/* A Behler-Parrinello model as read from an n2p2 / RuNNer folder: input.nn, scaling.data, weights.NNN.data. */
#ifndef NNPMD_NNP_MODEL_H
#define NNPMD_NNP_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"
#include "base/status.h"

typedef struct nmd_model nmd_model; /* the struct is in nnp/model_data.h, for this module's own files */

/* Read a model folder. length_unit: A per length unit of the model; energy_unit: eV per energy unit (1, 1 or Bohr,
 * Hartree); everything is converted to A and eV here, once. All problems carry file:line:column. Local.
 * Errors: FILE_MISSING, FILE_TRUNCATED, BAD_NUMBER, MODEL_*. */
nmd_status nmd_model_read(const char *folder, double length_unit, double energy_unit, nmd_model **out) NMD_MUST_USE;
/* Read `folder`/input.nn alone: a model still to be trained, functions unscaled, weights zero. Else as above. */
nmd_status nmd_model_read_untrained(const char *folder, double length_unit, double energy_unit, nmd_model **out)
    NMD_MUST_USE;
void nmd_model_destroy(nmd_model *model);
int nmd_model_element_count(const nmd_model *model);
int nmd_model_atomic_number(const nmd_model *model, int element);
int nmd_model_element_index(const nmd_model *model, int atomic_number); /* -1: not in the model */
int nmd_model_function_count(const nmd_model *model, int element);
double nmd_model_cutoff(const nmd_model *model);                        /* largest, A */
double nmd_model_offset(const nmd_model *model, int element);           /* mean_energy + atom_energy of the element, eV */
/* Text of function `f` (sorted, 0-based) of an element, as a symfunction_short line; valid until the next call. */
const char *nmd_model_function_text(const nmd_model *model, int element, int f);
/* Adds what its energies and training ranges depend on to a hash (base/hash.h), and neither folder nor comments. */
void nmd_model_identify(const nmd_model *model, uint64_t *hash);
/* Load summary: elements, functions by type, cut-offs, network, scaling, keywords used / passed over. */
void nmd_model_describe(const nmd_model *model, nmd_text_writer *write, void *context);

#endif
