/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/kernel_parts.h"

/* In single precision powers of small numbers leave the normal range, where arithmetic is slow on many CPUs. */
unsigned NMD_KERNEL(begin)(void) {
#if defined NMD_MIXED && defined __SSE2__
  const unsigned state = _mm_getcsr();
  _mm_setcsr(state | _MM_FLUSH_ZERO_ON | 0x0040u); /* 0x0040: denormals are zero */
  return state;
#elif defined NMD_MIXED && defined __aarch64__
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | 1u << 24)); /* flush to zero */
  return (unsigned)state;
#else
  return 0;
#endif
}

void NMD_KERNEL(end)(unsigned state) {
#if defined NMD_MIXED && defined __SSE2__
  _mm_setcsr(state);
#elif defined NMD_MIXED && defined __aarch64__
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)state));
#else
  (void)state;
#endif
}

extern const nmd_kernels NMD_KERNEL(kernels);
const nmd_kernels NMD_KERNEL(kernels) = {
    .simd = NMD_SIMD_BYTES == 64   ? NMD_SIMD_AVX512
            : NMD_SIMD_BYTES == 32 ? NMD_SIMD_AVX2
                                   : NMD_SIMD_PORTABLE,
    .precision = sizeof(real) == sizeof(double) ? NMD_PRECISION_DOUBLE : NMD_PRECISION_MIXED,
    .lanes = W,
    .real_size = sizeof(real),
    .begin = NMD_KERNEL(begin),
    .end = NMD_KERNEL(end),
    .collect = NMD_KERNEL_DOUBLE(collect),
    .gather = NMD_KERNEL(gather),
    .radial = NMD_KERNEL(radial),
    .radial_gradient = NMD_KERNEL(radial_gradient),
    .moments = NMD_KERNEL(moments),
    .moments_gradient = NMD_KERNEL(moments_gradient),
    .forms = NMD_KERNEL_DOUBLE(forms),
    .forms_gradient = NMD_KERNEL_DOUBLE(forms_gradient),
    .triples = NMD_KERNEL(triples),
    .triples_gradient = NMD_KERNEL(triples_gradient),
    .generic = NMD_KERNEL(generic),
    .generic_gradient = NMD_KERNEL(generic_gradient),
    .scatter = NMD_KERNEL(scatter),
    .network = NMD_KERNEL_DOUBLE(network),
    .network_block = NMD_KERNEL_DOUBLE(network_block),
};
