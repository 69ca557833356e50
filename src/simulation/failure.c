/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/failure.h"

#include <math.h>
#include <stdio.h>

#include "base/vec3.h"

enum { SHOWN = 4 };

typedef struct near_atom {
  int j;
  double distance;
} near_atom;

/* The nearest listed neighbours of owned atom i, nearest first; returns their number. Those without a distance (a
 * position that is no number) are left out. */
static int nearest(const nmd_simulation *s, int i, near_atom found[SHOWN]) {
  const double *x = s->atoms.x;
  int n = 0;
  if (i >= s->list.n) return 0;
  for (int64_t k = s->list.first[i]; k < s->list.first[i + 1]; k++) {
    const int j = s->list.index[k];
    const double d[3] = {x[3 * j] - x[3 * i], x[3 * j + 1] - x[3 * i + 1], x[3 * j + 2] - x[3 * i + 2]};
    near_atom one = {j, nmd_norm(d)};
    if (!isfinite(one.distance)) continue;
    if (n == SHOWN && one.distance >= found[SHOWN - 1].distance) continue;
    int place = n < SHOWN ? n++ : SHOWN - 1;
    for (; place > 0 && found[place - 1].distance > one.distance; place--) found[place] = found[place - 1];
    found[place] = one;
  }
  return n;
}

static const char *symbol_of(const nmd_simulation *s, int i) {
  return nmd_element_symbol(s->species.atomic_number[s->atoms.species[i]]);
}

void nmd_failure_describe(const nmd_simulation *s, int i, char *text, size_t size) {
  const double *x = s->atoms.x + 3 * i, *v = s->atoms.v + 3 * i, *f = s->atoms.f + 3 * i;
  near_atom found[SHOWN] = {{0, 0}};
  const int n = nearest(s, i, found);
  size_t used = (size_t)snprintf(
      text, size,
      "atom %lld (%s) at (%.4g, %.4g, %.4g) A on rank %d, v = (%.3g, %.3g, %.3g) A/fs, f = (%.3g, %.3g, %.3g) "
      "eV/A",
      (long long)s->atoms.id[i], symbol_of(s, i), x[0], x[1], x[2], nmd_comm_rank(s->comm), v[0], v[1], v[2], f[0],
      f[1], f[2]);
  for (int k = 0; k < n && used < size; k++)
    used += (size_t)snprintf(text + used, size - used, "%s %s %lld at %.3g A", k == 0 ? "; neighbours:" : ",",
                             symbol_of(s, found[k].j), (long long)s->atoms.id[found[k].j], found[k].distance);
  if (n == 0 && used < size) snprintf(text + used, size - used, "; no neighbours in the list");
}

nmd_status nmd_failure_name_force(const nmd_simulation *s) {
  nmd_status status = NMD_OK;
  for (int i = 0; i < s->atoms.n_owned && status == NMD_OK; i++) {
    if (isfinite(nmd_norm(s->atoms.f + 3 * i))) continue;
    char text[768];
    nmd_failure_describe(s, i, text, sizeof text);
    status = nmd_fail(NMD_EXPLODED, "step %lld: the force on an atom is not a number: %s",
                      (long long)s->counters.step + 1, text);
  }
  return nmd_comm_agree(s->comm, status);
}
