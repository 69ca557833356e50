/* SPDX-License-Identifier: BSD-3-Clause */
/* The registry: one line an ensemble. */
#include "dynamics/ensemble.h"

#define NMD_ENSEMBLE_LIST(X)                                                                                           \
  X(nve)                                                                                                               \
  X(nvt)                                                                                                               \
  X(nose_hoover)                                                                                                       \
  X(npt)                                                                                                               \
  X(mtk)                                                                                                               \
  X(deform)                                                                                                            \
  X(field)                                                                                                             \
  X(monte_carlo)                                                                                                       \
  X(minimise)                                                                                                          \
  X(neb)                                                                                                               \
  X(ipi)

#define NMD_X(name)                                                                                                    \
  extern const nmd_ensemble_ops nmd__ensemble_##name;                                                                  \
  extern const nmd_option_table nmd__ensemble_##name##_options;
NMD_ENSEMBLE_LIST(NMD_X)
#undef NMD_X

const nmd_ensemble_ops *const nmd_ensemble_registry[] = {
#define NMD_X(name) &nmd__ensemble_##name,
    NMD_ENSEMBLE_LIST(NMD_X)
#undef NMD_X
        NULL};

const nmd_option_table *const nmd_ensemble_tables[] = {
#define NMD_X(name) &nmd__ensemble_##name##_options,
    NMD_ENSEMBLE_LIST(NMD_X)
#undef NMD_X
        NULL};
