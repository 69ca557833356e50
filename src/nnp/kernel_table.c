/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/kernel_parts.h"

#define NMD_TEXT2(x) #x
#define NMD_TEXT(x) NMD_TEXT2(x)

const nmd_kernels NMD_KERNEL(kernels) = {
    .name = NMD_TEXT(NMD_KERNEL_SUFFIX),
    .lanes = W,
    .gather = NMD_KERNEL(gather),
    .radial = NMD_KERNEL(radial),
    .radial_gradient = NMD_KERNEL(radial_gradient),
    .moments = NMD_KERNEL(moments),
    .moments_gradient = NMD_KERNEL(moments_gradient),
    .triples = NMD_KERNEL(triples),
    .triples_gradient = NMD_KERNEL(triples_gradient),
    .compact = NMD_KERNEL(compact),
    .compact_gradient = NMD_KERNEL(compact_gradient),
    .scatter = NMD_KERNEL(scatter),
    .network = NMD_KERNEL(network),
};
