/* SPDX-License-Identifier: BSD-3-Clause */
/* The papers of the methods that a run uses, for its log, for --cite, and for references.bib beside summary.yaml. */
#ifndef NNPMD_SIMULATION_REFERENCES_H
#define NNPMD_SIMULATION_REFERENCES_H

#include "simulation/simulation.h"

/* BibTeX entries of all methods of the input's stages and potential, in a fixed order. Local. Errors: MEMORY. */
nmd_status nmd_references_write(const nmd_simulation *simulation, nmd_text_writer *write, void *context) NMD_MUST_USE;
/* One line for the log with their keys; with an output `summary`, references.bib goes to the output folder. Rank 0.
 * Errors: MEMORY, WRITE. */
nmd_status nmd_references_leave(const nmd_simulation *simulation) NMD_MUST_USE;

#endif
