/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/kernel_parts.h"

const nmd_kernels NMD_KERNEL(kernels) = {
    .simd = NMD_SIMD_WIDTH == 8   ? NMD_SIMD_AVX512
            : NMD_SIMD_WIDTH == 4 ? NMD_SIMD_AVX2
                                  : NMD_SIMD_PORTABLE,
    .lanes = W,
    .gather = NMD_KERNEL(gather),
    .radial = NMD_KERNEL(radial),
    .radial_gradient = NMD_KERNEL(radial_gradient),
    .moments = NMD_KERNEL(moments),
    .moments_gradient = NMD_KERNEL(moments_gradient),
    .triples = NMD_KERNEL(triples),
    .triples_gradient = NMD_KERNEL(triples_gradient),
    .generic = NMD_KERNEL(generic),
    .generic_gradient = NMD_KERNEL(generic_gradient),
    .scatter = NMD_KERNEL(scatter),
    .network = NMD_KERNEL(network),
};
