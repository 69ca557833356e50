/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside analysis: the numbers behind scattering.h, by atomic number; sources there. */
#ifndef NNPMD_ANALYSIS_SCATTERING_TABLE_H
#define NNPMD_ANALYSIS_SCATTERING_TABLE_H

typedef struct nmd__scatterer {
  double a[5], b[5], c; /* X-ray: electrons, A^2, electrons */
  double neutron;       /* fm; NaN: not measured */
} nmd__scatterer;

extern const nmd__scatterer nmd__scatterers[98];

#endif
