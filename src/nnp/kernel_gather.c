/* SPDX-License-Identifier: BSD-3-Clause */
/* Into and out of the scratch: neighbours within the cut-off packed by species, gradients back to the caller's order.
 */
#include "nnp/kernel_parts.h"
#include "nnp/simd.h"

static const real far_away = 1000000; /* A: where padding sits; beyond every cut-off of every neighbour */

/* Squared distances, one mask of those within the cut-off per vector, and how many of each species. */
static void measure(int n, double limit2, const double *dx, const double *dy, const double *dz, const int *element,
                    int n_species, nmd_scratch *s) {
  for (int b = 0; b < n_species; b++) s->count[b] = 0;
  for (int i = 0, v = 0; i < n; i += W, v++) {
    const int left = n - i;
    const vr x = v_load_first(dx + i, left), y = v_load_first(dy + i, left), z = v_load_first(dz + i, left);
    const vr r2 = x * x + y * y + z * z;
    const unsigned inside = v_bits_less(r2, v_set((real)limit2));
    v_store(s->distance2 + i, r2);
    s->inside[v] = (uint16_t)inside;
    for (int b = 0; b < n_species; b++) s->count[b] += __builtin_popcount(inside & v_bits_equal(element + i, left, b));
  }
}

/* The neighbours of one species, packed; the vector written last may run over into what is written later. */
static void pack(int n, int species, const double *dx, const double *dy, const double *dz, const int *element,
                 nmd_scratch *s) {
  int to = s->start[species];
  for (int i = 0, v = 0; i < n; i += W, v++) {
    const int left = n - i;
    const unsigned bits = s->inside[v] & v_bits_equal(element + i, left, species);
    v_compress_store(s->x + to, bits, v_load_first(dx + i, left));
    v_compress_store(s->y + to, bits, v_load_first(dy + i, left));
    v_compress_store(s->z + to, bits, v_load_first(dz + i, left));
    v_compress_store(s->r + to, bits, v_load(s->distance2 + i));
    v_compress_indices(s->origin + to, bits, i);
    to += __builtin_popcount(bits);
  }
}

static void pad(nmd_scratch *s, int from, int to) {
  for (int i = from; i < to; i++) {
    s->x[i] = s->y[i] = s->z[i] = far_away;
    s->r[i] = 3 * far_away * far_away;
  }
}

void NMD_KERNEL(gather)(const nmd_element_plan *plan, const nmd_environments *e, int centre, nmd_scratch *s) {
  const int first = e->first[centre], n = e->first[centre + 1] - first;
  const double *dx = e->dx + first, *dy = e->dy + first, *dz = e->dz + first;
  const int *element = e->neighbour_element + first;
  measure(n, plan->cutoff * plan->cutoff, dx, dy, dz, element, plan->n_species, s);
  s->start[0] = 0;
  for (int b = 0; b < plan->n_species; b++) s->start[b + 1] = s->start[b] + (s->count[b] + W - 1) / W * W;
  s->n = s->start[plan->n_species];
  for (int b = 0; b < plan->n_species; b++)
    if (s->count[b] > 0) pack(n, b, dx, dy, dz, element, s);
  for (int b = 0; b < plan->n_species; b++) pad(s, s->start[b] + s->count[b], s->start[b + 1]);
  for (int i = 0; i < s->n; i += W) {
    const vr r = v_sqrt(v_max(v_load(s->r + i), v_set(NMD_TINY))), inverse = 1.0 / r, zero = v_set(0.0);
    v_store(s->r + i, r);
    v_store(s->inverse + i, inverse);
    v_store(s->ux + i, v_load(s->x + i) * inverse);
    v_store(s->uy + i, v_load(s->y + i) * inverse);
    v_store(s->uz + i, v_load(s->z + i) * inverse);
    v_store(s->gx + i, zero);
    v_store(s->gy + i, zero);
    v_store(s->gz + i, zero);
    v_store(s->radial + i, zero);
  }
}

void NMD_KERNEL(scatter)(const nmd_element_plan *plan, const nmd_scratch *s, double *gx, double *gy, double *gz) {
  for (int i = 0; i < s->n; i += W) {
    const vr radial = v_load(s->radial + i);
    v_store(s->gx + i, v_load(s->gx + i) + radial * v_load(s->ux + i));
    v_store(s->gy + i, v_load(s->gy + i) + radial * v_load(s->uy + i));
    v_store(s->gz + i, v_load(s->gz + i) + radial * v_load(s->uz + i));
  }
  for (int b = 0; b < plan->n_species; b++)
    for (int i = s->start[b]; i < s->start[b] + s->count[b]; i++) {
      gx[s->origin[i]] = s->gx[i];
      gy[s->origin[i]] = s->gy[i];
      gz[s->origin[i]] = s->gz[i];
    }
}
