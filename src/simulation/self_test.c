/* SPDX-License-Identifier: BSD-3-Clause */
/* An atom is moved off its place (where symmetry may hide every mistake: all forces of a perfect crystal are zero), and
 * its force along a direction of chance compared with a central difference of the whole system's energy:
 *
 *   f . d  =  -[E(x + h d) - E(x - h d)] / 2h  +  O(h^2)
 *
 * The neighbour list stays as it is: with a fixed list both sides speak of the same pairs, however far atoms moved. */
#include "simulation/self_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"

/* A: how far off its place; half of what the difference spans. With single-precision parts the energy of an atom's
 * surroundings is good to 1e-6 eV, with the span below to 1e-4 eV/A; the error of the difference itself is less. */
#define NMD_OFFSET 0.1
#define NMD_SPAN 0.004
/* eV/A, and as a share of the force. Wrong signs, units and forgotten terms are far beyond it. */
#define NMD_TOLERANCE 2e-3

/* What the evaluations overwrite. */
typedef struct backup {
  double *x, *f; /* [3 n_owned] */
  nmd_totals totals;
  nmd_run_counters counters;
  nmd_offender offenders[NMD_OFFENDER_MAX];
  int n_offenders, wants;
} backup;

static nmd_status backup_take(const nmd_simulation *s, backup *b) {
  const size_t n = 3 * (size_t)s->atoms.n_owned;
  *b = (backup){.totals = s->totals, .counters = s->counters, .n_offenders = s->n_offenders, .wants = s->wants};
  memcpy(b->offenders, s->offenders, sizeof b->offenders);
  NMD_TRY(NMD_ALLOC(b->x, n));
  NMD_TRY(NMD_ALLOC(b->f, n));
  memcpy(b->x, s->atoms.x, n * sizeof(double));
  memcpy(b->f, s->atoms.f, n * sizeof(double));
  return NMD_OK;
}

static void backup_return(nmd_simulation *s, backup *b) {
  const size_t bytes = 3 * (size_t)s->atoms.n_owned * sizeof(double);
  memcpy(s->atoms.x, b->x, bytes);
  nmd_halo_forward(s->halo, &s->box, &s->atoms);
  memcpy(s->atoms.f, b->f, bytes);
  s->totals = b->totals;
  s->counters = b->counters;
  s->n_offenders = b->n_offenders;
  memcpy(s->offenders, b->offenders, sizeof s->offenders);
  s->wants = b->wants;
  s->motion.potential_energy = s->totals.potential_energy;
  memcpy(s->motion.virial, s->totals.virial, sizeof s->motion.virial);
}

static void backup_free(backup *b) {
  nmd_free(b->x);
  nmd_free(b->f);
}

/* Lowest (sign 1) or highest (sign -1) id of a species over all ranks; INFINITY if it has no atoms. Ids are exact. */
static double extreme_id(const nmd_simulation *s, int species, int sign) {
  double id = INFINITY;
  for (int i = 0; i < s->atoms.n_owned; i++)
    if (s->atoms.species[i] == species) id = fmin(id, sign * (double)s->atoms.id[i]);
  nmd_comm_min(s->comm, &id, 1);
  return sign * id;
}

static int find_owned(const nmd_simulation *s, int64_t id) {
  for (int i = 0; i < s->atoms.n_owned; i++)
    if (s->atoms.id[i] == id) return i;
  return -1;
}

/* Energy with owned atom i (-1: on another rank) at this place. */
static nmd_status energy_at(nmd_simulation *s, int i, const double x[3], double *energy) {
  if (i >= 0) memcpy(s->atoms.x + 3 * i, x, 3 * sizeof(double));
  nmd_halo_forward(s->halo, &s->box, &s->atoms);
  NMD_TRY(nmd_simulation_forces(s));
  *energy = s->totals.potential_energy;
  return NMD_OK;
}

static void unit_vector(int64_t id, unsigned draw, double d[3]) {
  nmd_random_normal3(1, NMD_STREAM_SELF_TEST, 0, id, draw, d);
  const double norm = nmd_norm(d);
  for (int k = 0; k < 3; k++) d[k] /= norm;
}

/* Force and slope of one atom along a direction, the same on all ranks. */
static nmd_status measure(nmd_simulation *s, int64_t id, double *force, double *slope) {
  const int i = find_owned(s, id);
  double offset[3], d[3], home[3] = {0, 0, 0}, base[3], x[3], energy[2], unused;
  unit_vector(id, 0, offset);
  unit_vector(id, 1, d);
  if (i >= 0) memcpy(home, s->atoms.x + 3 * i, sizeof home);
  for (int k = 0; k < 3; k++) base[k] = home[k] + NMD_OFFSET * offset[k];
  NMD_TRY(energy_at(s, i, base, &unused));
  *force = i >= 0 ? nmd_dot(s->atoms.f + 3 * i, d) : 0.0;
  nmd_comm_sum(s->comm, force, 1);
  for (int e = 0; e < 2; e++) {
    for (int k = 0; k < 3; k++) x[k] = base[k] + (e == 0 ? -NMD_SPAN : NMD_SPAN) * d[k];
    NMD_TRY(energy_at(s, i, x, &energy[e]));
  }
  *slope = -(energy[1] - energy[0]) / (2 * NMD_SPAN);
  if (i >= 0) memcpy(s->atoms.x + 3 * i, home, sizeof home);
  return NMD_OK;
}

static nmd_status test_atom(nmd_simulation *s, int64_t id, int species, nmd_self_test *result) {
  double force, slope;
  NMD_TRY(measure(s, id, &force, &slope));
  const double difference = fabs(force - slope);
  result->atoms++;
  if (!(difference <= result->largest)) result->largest = difference;
  if (difference <= NMD_TOLERANCE * (1 + fabs(slope))) return NMD_OK;
  NMD_FAIL(
      CONFLICT,
      "self-test: potential %s, atom %lld (%s) moved by %g A: its force along a direction is %.6g eV/A, the slope of "
      "the energy %.6g eV/A; expected to agree within %.2g eV/A: a potential that jumps (hard cut-off, relu "
      "networks) cannot conserve energy, anything else is a defect to be reported",
      s->potential.ops->name, (long long)id, nmd_element_symbol(s->species.atomic_number[species]), NMD_OFFSET, force,
      slope, NMD_TOLERANCE * (1 + fabs(slope)));
}

static nmd_status test_species(nmd_simulation *s, int species, nmd_self_test *result) {
  const double first = extreme_id(s, species, 1), last = extreme_id(s, species, -1);
  if (!isfinite(first)) return NMD_OK;
  NMD_TRY(test_atom(s, (int64_t)first, species, result));
  return last > first ? test_atom(s, (int64_t)last, species, result) : NMD_OK;
}

nmd_status nmd_simulation_self_test(nmd_simulation *s, nmd_self_test *result) {
  backup b;
  *result = (nmd_self_test){0};
  nmd_status status = nmd_comm_agree(s->comm, backup_take(s, &b));
  if (status == NMD_OK) {
    s->wants = 0;
    for (int k = 0; k < s->species.n && status == NMD_OK; k++) status = test_species(s, k, result);
    backup_return(s, &b);
  }
  backup_free(&b);
  return status;
}
