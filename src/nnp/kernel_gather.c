/* SPDX-License-Identifier: BSD-3-Clause */
/* Into and out of the scratch: neighbours within the cut-off packed by species, gradients back to the caller's order.
 */
#include "nnp/kernel_parts.h"

static const real far_away = 1000000; /* A: where padding sits; beyond every cut-off of every neighbour */

/* One mask of those within the cut-off per vector, and how many of each species. */
static void count_neighbours(int n, double limit2, const double *dx, const double *dy, const double *dz,
                             const int *element, int n_species, nmd_scratch *s) {
  for (int b = 0; b < n_species; b++) s->count[b] = 0;
  for (int i = 0, v = 0; i < n; i += W, v++) {
    const int left = n - i;
    const vr x = v_load_first(dx + i, left), y = v_load_first(dy + i, left), z = v_load_first(dz + i, left);
    const unsigned inside = v_bits_less(x * x + y * y + z * z, v_set((real)limit2));
    s->inside[v] = (uint16_t)inside;
    for (int b = 0; b < n_species; b++) s->count[b] += __builtin_popcount(inside & v_bits_equal(element + i, left, b));
  }
}

/* The same for the near ones, and those a little beyond, so that no rounding of squares leaves one out. */
static void count_near(int n, double limit2, const double *dx, const double *dy, const double *dz, const int *element,
                       int n_species, nmd_scratch *s) {
  for (int b = 0; b < n_species; b++) s->near[b] = 0;
  for (int i = 0, v = 0; i < n; i += W, v++) {
    const int left = n - i;
    const vr x = v_load_first(dx + i, left), y = v_load_first(dy + i, left), z = v_load_first(dz + i, left);
    const unsigned close = s->inside[v] & v_bits_less(x * x + y * y + z * z, v_set((real)limit2));
    s->close[v] = (uint16_t)close;
    if (close == 0) continue;
    for (int b = 0; b < n_species; b++) s->near[b] += __builtin_popcount(close & v_bits_equal(element + i, left, b));
  }
}

/* Where the neighbours of a species are in the caller's list, those of one mask without those of another; the vector
 * written last may run over into what is written later. */
static int *sort_species(int n, const int *element, int species, const uint16_t *mask, const uint16_t *without,
                         int *to) {
  for (int i = 0, v = 0; i < n; i += W, v++) {
    unsigned bits = mask[v];
    if (without != NULL) bits &= ~(unsigned)without[v];
    bits &= v_bits_equal(element + i, n - i, species);
    v_compress_indices(to, bits, i);
    to += __builtin_popcount(bits);
  }
  return to;
}

static void sort_neighbours(int n, const int *element, const nmd_element_plan *plan, nmd_scratch *s) {
  const bool near = plan->near > 0.0;
  for (int b = 0; b < plan->n_species; b++) {
    int *to = s->origin + s->start[b];
    if (s->count[b] == 0) continue;
    if (near) to = sort_species(n, element, b, s->close, NULL, to);
    sort_species(n, element, b, s->inside, near ? s->close : NULL, to);
  }
}

static void copy_neighbours(const double *dx, const double *dy, const double *dz, int from, int count, int end,
                            nmd_scratch *s) {
  for (int i = from; i < from + count; i++) {
    const int k = s->origin[i];
    s->x[i] = (real)dx[k];
    s->y[i] = (real)dy[k];
    s->z[i] = (real)dz[k];
  }
  for (int i = from + count; i < end; i++) s->x[i] = s->y[i] = s->z[i] = far_away;
}

void NMD_KERNEL(gather)(const nmd_element_plan *plan, const nmd_environments *e, int centre, nmd_scratch *s) {
  const int first = e->first[centre], n = e->first[centre + 1] - first;
  const double *dx = e->dx + first, *dy = e->dy + first, *dz = e->dz + first;
  const int *element = e->neighbour_element + first;
  count_neighbours(n, plan->cutoff * plan->cutoff, dx, dy, dz, element, plan->n_species, s);
  if (plan->near > 0.0) count_near(n, plan->near * plan->near * (1.0 + 1e-6), dx, dy, dz, element, plan->n_species, s);
  s->start[0] = 0;
  for (int b = 0; b < plan->n_species; b++) s->start[b + 1] = s->start[b] + (s->count[b] + W - 1) / W * W;
  s->n = s->start[plan->n_species];
  sort_neighbours(n, element, plan, s);
  for (int b = 0; b < plan->n_species; b++) copy_neighbours(dx, dy, dz, s->start[b], s->count[b], s->start[b + 1], s);
  for (int i = 0; i < s->n; i += W) {
    const vr x = v_load(s->x + i), y = v_load(s->y + i), z = v_load(s->z + i), zero = v_set(0.0);
    const vr r = v_sqrt(v_max(x * x + y * y + z * z, v_set(NMD_TINY))), inverse = 1.0 / r;
    v_store(s->r + i, r);
    v_store(s->inverse + i, inverse);
    v_store(s->ux + i, x * inverse);
    v_store(s->uy + i, y * inverse);
    v_store(s->uz + i, z * inverse);
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
