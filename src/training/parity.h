/* SPDX-License-Identifier: BSD-3-Clause */
/* Labels against the model, structure by structure and component by component, and the pictures of a training. */
#ifndef NNPMD_TRAINING_PARITY_H
#define NNPMD_TRAINING_PARITY_H

#include "training/fit.h"

/* parity_energy.txt and parity_force.txt in the output folder: the validation set (without one, the training set) with
 * the best weights of each member; pictures.gnuplot draws them and the learning curve. Collective. Errors: WRITE,
 * MEMORY. */
nmd_status nmd_fit_write_parity(nmd_fit *fit) NMD_MUST_USE;

#endif
