/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of this copy's kernels, for the kernel files only. */
#ifndef NNPMD_NNP_KERNEL_PARTS_H
#define NNPMD_NNP_KERNEL_PARTS_H

#include "nnp/simd.h" /* before kernel.h, which takes the real type from it */

#include "nnp/kernel.h"

/* Neighbours of a species that a factor is worked out for: all, or the near ones, in whole vectors. */
static inline int nmd__neighbours_of(const nmd_scratch *s, int species, bool near) {
  if (near) return (s->near[species] + W - 1) / W * W;
  return s->start[species + 1] - s->start[species];
}

void NMD_KERNEL(gather)(const nmd_element_plan *plan, const nmd_environments *e, int centre, nmd_scratch *s);
int NMD_KERNEL_DOUBLE(collect)(const nmd_environment_source *from, double *dx, double *dy, double *dz, int *which);
void NMD_KERNEL(radial)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(radial_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(moments)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(moments_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL_DOUBLE(forms)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL_DOUBLE(forms_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(triples)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(triples_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(generic)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(generic_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(scatter)(const nmd_element_plan *plan, const nmd_scratch *s, double *gx, double *gy, double *gz);
unsigned NMD_KERNEL(begin)(void);
void NMD_KERNEL(end)(unsigned state);
void NMD_KERNEL_DOUBLE(network)(const nmd_network *network, const double *G, double *work, double *energy,
                                const double *weight, double *dG);
void NMD_KERNEL_DOUBLE(network_block)(const nmd_network *network, nmd_scratch *block, const double *weight);

#endif
