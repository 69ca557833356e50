/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/blas.h"

#include <cblas.h>

void nmd_blas_single_thread(void) { openblas_set_num_threads(1); }
const char *nmd_blas_name(void) { return openblas_get_config(); }
