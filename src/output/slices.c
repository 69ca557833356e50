/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/slices.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

nmd_status nmd_slices_init(nmd_slices *slices, const nmd_slice_parameters *parameters, int n_species) {
  *slices = (nmd_slices){parameters->axis, (int)parameters->bins, n_species, NULL};
  return NMD_ALLOC(slices->count, slices->bins * n_species);
}

void nmd_slices_free(nmd_slices *slices) {
  nmd_free(slices->count);
  *slices = (nmd_slices){0};
}

void nmd_slices_count(nmd_slices *slices, const nmd_observation *seen) {
  const int n = slices->n_species;
  memset(slices->count, 0, (size_t)(slices->bins * n) * sizeof *slices->count);
  for (int i = 0; i < seen->atoms->n_owned; i++) {
    double s[3];
    nmd_box_to_fractional(seen->box, seen->atoms->x + 3 * i, s);
    const int bin = (int)((s[slices->axis] - floor(s[slices->axis])) * slices->bins);
    slices->count[(bin < slices->bins ? bin : slices->bins - 1) * n + seen->atoms->species[i]]++;
  }
  nmd_comm_sum_int(seen->comm, slices->count, slices->bins * n);
}

/* Numerator and denominator of the intensity of segregation of one element. */
static void add_segregation(const nmd_slices *slices, int species, double total, double sums[2]) {
  const int n = slices->n_species;
  double of_element = 0, numerator = 0;
  for (int b = 0; b < slices->bins; b++) of_element += (double)slices->count[b * n + species];
  const double x = of_element / total;
  for (int b = 0; b < slices->bins; b++) {
    double in_slice = 0;
    for (int s = 0; s < n; s++) in_slice += (double)slices->count[b * n + s];
    if (in_slice == 0) continue;
    const double deviation = (double)slices->count[b * n + species] / in_slice - x;
    numerator += in_slice * deviation * deviation;
  }
  sums[0] += numerator;
  sums[1] += total * x * (1 - x);
}

double nmd_slices_mixing(const nmd_slices *slices) {
  double total = 0, sums[2] = {0, 0};
  for (int k = 0; k < slices->bins * slices->n_species; k++) total += (double)slices->count[k];
  for (int s = 0; s < slices->n_species; s++) add_segregation(slices, s, total, sums);
  return sums[1] > 0 ? 1 - sums[0] / sums[1] : 1;
}
