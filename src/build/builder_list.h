/* SPDX-License-Identifier: BSD-3-Clause */
/* The registry of builders: a new builder is a file build_<name>.c and a name here. */
#ifndef NNPMD_BUILD_BUILDER_LIST_H
#define NNPMD_BUILD_BUILDER_LIST_H

#include "build/builder.h"

#define NMD_BUILDERS(X) X(lattice) X(slab) X(interface) X(perovskite) X(grain_boundary)

#define NMD_X(name)                                                                                                    \
  extern const nmd_builder_ops nmd__build_##name;                                                                      \
  extern const nmd_option_table nmd__build_##name##_table;
NMD_BUILDERS(NMD_X)
#undef NMD_X

#endif
