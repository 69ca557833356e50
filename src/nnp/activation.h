/* SPDX-License-Identifier: BSD-3-Clause */
/* Activation functions of the n2p2 / RuNNer format, one number at a time (the plain form; kernels have their own). */
#ifndef NNPMD_NNP_ACTIVATION_H
#define NNPMD_NNP_ACTIVATION_H

#include <stdbool.h>

#include "nnp/model_data.h"

/* f(x); *slope becomes df/dx (slope may be NULL). */
double nmd_activation_value(nmd_activation kind, double x, double *slope);
/* d2f/dx2, for training (0 at the kink of relu and where the logistic functions are cut off). */
double nmd_activation_curvature(nmd_activation kind, double x);
/* The letter of the file format ("t" is tanh); false if there is no such letter. */
bool nmd_activation_from_letter(char letter, nmd_activation *kind);
char nmd_activation_letter(nmd_activation kind);
const char *nmd_activation_name(nmd_activation kind); /* "tanh" */

#endif
