/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of this copy's kernels, for the kernel files only. */
#ifndef NNPMD_NNP_KERNEL_PARTS_H
#define NNPMD_NNP_KERNEL_PARTS_H

#include "nnp/kernel.h"
#include "nnp/simd.h"

void NMD_KERNEL(gather)(const nmd_element_plan *plan, const nmd_environments *e, int centre, nmd_scratch *s);
void NMD_KERNEL(radial)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(radial_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(moments)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(moments_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(triples)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(triples_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(generic)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(generic_gradient)(const nmd_element_plan *plan, nmd_scratch *s);
void NMD_KERNEL(scatter)(const nmd_element_plan *plan, const nmd_scratch *s, double *gx, double *gy, double *gz);
double NMD_KERNEL(network)(const nmd_network *network, const double *G, double *work, double *dG);

#endif
