/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/slices.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

nmd_status nmd_slices_init(nmd_slices *slices, int axis, int bins, int kinds) {
  *slices = (nmd_slices){axis, bins, kinds, NULL};
  return NMD_ALLOC(slices->count, (int64_t)bins * kinds);
}

void nmd_slices_free(nmd_slices *slices) {
  nmd_free(slices->count);
  *slices = (nmd_slices){0};
}

void nmd_slices_count(nmd_slices *slices, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind) {
  memset(slices->count, 0, (size_t)slices->bins * (size_t)slices->kinds * sizeof *slices->count);
  for (int64_t i = 0; i < n; i++) {
    double s[3];
    if (kind[i] < 0) continue;
    nmd_box_to_fractional(box, x[i], s);
    const int bin = (int)((s[slices->axis] - floor(s[slices->axis])) * slices->bins);
    slices->count[(bin < slices->bins ? bin : slices->bins - 1) * slices->kinds + kind[i]]++;
  }
}

double nmd_slices_thickness(const nmd_slices *slices, const nmd_box *box) {
  return nmd_norm(box->h[slices->axis]) / slices->bins;
}

double nmd_slices_centre(const nmd_slices *slices, const nmd_box *box, int bin) {
  return (bin + 0.5) * nmd_slices_thickness(slices, box);
}

double nmd_slices_volume(const nmd_slices *slices, const nmd_box *box) { return box->volume / slices->bins; }

/* Numerator and denominator of the intensity of segregation of one kind. */
static void add_segregation(const nmd_slices *slices, int kind, double total, double sums[2]) {
  const int n = slices->kinds;
  double of_kind = 0, numerator = 0;
  for (int b = 0; b < slices->bins; b++) of_kind += (double)slices->count[b * n + kind];
  const double x = of_kind / total;
  for (int b = 0; b < slices->bins; b++) {
    double in_slice = 0;
    for (int s = 0; s < n; s++) in_slice += (double)slices->count[b * n + s];
    if (in_slice == 0) continue;
    const double deviation = (double)slices->count[b * n + kind] / in_slice - x;
    numerator += in_slice * deviation * deviation;
  }
  sums[0] += numerator;
  sums[1] += total * x * (1 - x);
}

double nmd_slices_mixing(const nmd_slices *slices) {
  double total = 0, sums[2] = {0, 0};
  for (int k = 0; k < slices->bins * slices->kinds; k++) total += (double)slices->count[k];
  for (int s = 0; s < slices->kinds; s++) add_segregation(slices, s, total, sums);
  return sums[1] > 0 ? 1 - sums[0] / sums[1] : 1;
}
