/* SPDX-License-Identifier: BSD-3-Clause */
/* Into and out of the scratch: neighbours within the cut-off packed by species, gradients back to the caller's order. */
#include "nnp/kernel_parts.h"
#include "nnp/simd.h"

static const double far_away = 1e6; /* A: where padding sits; beyond every cut-off of every neighbour */

/* Distances, species and counts. Neighbours beyond the cut-off go to a bucket of their own behind the others, which
 * costs less than a branch that cannot be predicted. */
static void sort_into_buckets(int n, double limit2, const double *dx, const double *dy, const double *dz,
                              const int *element, int n_species, nmd_scratch *s) {
  for (int b = 0; b <= n_species; b++) s->count[b] = 0;
  for (int i = 0; i < n; i++) s->distance2[i] = dx[i] * dx[i] + dy[i] * dy[i] + dz[i] * dz[i];
  for (int i = 0; i < n; i++) {
    const int b = s->distance2[i] < limit2 ? element[i] : n_species;
    s->bucket[i] = b;
    s->count[b]++;
  }
}

static void pad(nmd_scratch *s, int from, int to) {
  for (int i = from; i < to; i++) {
    s->x[i] = s->y[i] = s->z[i] = far_away;
    s->r[i] = 3.0 * far_away * far_away;
  }
}

void NMD_KERNEL(gather)(const nmd_element_plan *plan, const nmd_environments *e, int centre, nmd_scratch *s) {
  const int first = e->first[centre], n = e->first[centre + 1] - first;
  const double *dx = e->dx + first, *dy = e->dy + first, *dz = e->dz + first;
  int *cursor = s->cursor;
  sort_into_buckets(n, plan->cutoff * plan->cutoff, dx, dy, dz, e->neighbour_element + first, plan->n_species, s);
  s->start[0] = 0;
  for (int b = 0; b < plan->n_species; b++) s->start[b + 1] = s->start[b] + nmd_padded(s->count[b]);
  for (int b = 0; b <= plan->n_species; b++) cursor[b] = s->start[b];
  s->n = s->start[plan->n_species];
  for (int i = 0; i < n; i++) {
    const int place = cursor[s->bucket[i]]++;
    s->x[place] = dx[i];
    s->y[place] = dy[i];
    s->z[place] = dz[i];
    s->r[place] = s->distance2[i];
    s->origin[place] = i;
  }
  for (int b = 0; b < plan->n_species; b++) pad(s, s->start[b] + s->count[b], s->start[b + 1]);
  for (int i = 0; i < s->n; i += W) {
    const vd r = v_sqrt(v_max(v_load(s->r + i), v_set(1e-60))), inverse = 1.0 / r, zero = v_set(0.0);
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
    const vd radial = v_load(s->radial + i);
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
