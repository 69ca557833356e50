/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/scattering.h"

#include <math.h>
#include <stdbool.h>

#include "analysis/scattering_table.h"
#include "system/element.h"

nmd_status nmd_xray_form_factor(int atomic_number, double q, double *f) {
  if (atomic_number < 1 || atomic_number > NMD_SCATTERING_MAX)
    NMD_FAIL(UNKNOWN_ELEMENT, "no X-ray form factor of element %s: expected H to Cf",
             nmd_element_symbol(atomic_number));
  const double s = q / (4 * M_PI);
  if (!(s >= 0 && s <= 6))
    NMD_FAIL(OUT_OF_RANGE, "Q %g 1/A: the X-ray form factors are known from 0 to %.1f 1/A", q, 24 * M_PI);
  const nmd__scatterer *atom = &nmd__scatterers[atomic_number - 1];
  *f = atom->c;
  for (int k = 0; k < 5; k++) *f += atom->a[k] * exp(-atom->b[k] * s * s);
  return NMD_OK;
}

nmd_status nmd_neutron_length(int atomic_number, double *b) {
  const bool known = atomic_number >= 1 && atomic_number <= NMD_SCATTERING_MAX;
  if (!known || isnan(nmd__scatterers[atomic_number - 1].neutron))
    NMD_FAIL(UNKNOWN_ELEMENT, "no neutron scattering length of element %s", nmd_element_symbol(atomic_number));
  *b = nmd__scatterers[atomic_number - 1].neutron;
  return NMD_OK;
}

nmd_status nmd_faber_ziman(int kinds, const double *fraction, const double *f, double *weight) {
  double mean = 0, size = 0;
  for (int a = 0; a < kinds; a++) {
    mean += fraction[a] * f[a];
    size += fraction[a] * fabs(f[a]);
  }
  if (!(fabs(mean) > 1e-6 * size))
    NMD_FAIL(CONFLICT, "mean scattering length %g: S(Q) is not defined for a null mixture; use the partial ones", mean);
  int k = 0;
  for (int a = 0; a < kinds; a++)
    for (int b = a; b < kinds; b++)
      weight[k++] = (a == b ? 1 : 2) * fraction[a] * fraction[b] * f[a] * f[b] / (mean * mean);
  return NMD_OK;
}
