/* SPDX-License-Identifier: BSD-3-Clause */
/* Migration: atoms hop from brick to brick, along a, then b, then c, until all are at home.
 *
 * The number of hops along each axis is agreed beforehand (one reduction), so the ranks never disagree on how many
 * messages follow, and an atom may start anywhere: a single rank may hold the whole system. */
#include <math.h>
#include <stdint.h>

#include "base/memory.h"
#include "parallel/domain.h"
#include "parallel/domain_private.h"

static const double wrap_tolerance = 1e-6; /* fractional: rounding of a wrapped position, and far less than a brick */

typedef struct migration {
  const nmd_domain *domain;
  const nmd_box *box;
  nmd_atoms *atoms;
  char *outgoing[2]; /* to the low and the high side */
  size_t used[2], capacity[2];
  void *incoming;
  size_t capacity_incoming, atom_bytes;
} migration;

/* Hops from this brick to the atom's along d: < 0 to the low side. The shorter way round a periodic axis. */
static int hops_home(const migration *m, const double s[3], int d) {
  const int n = m->domain->grid[d];
  int hops = nmd__domain_brick(m->domain, d, s[d]) - m->domain->coordinates[d];
  if (m->box->periodic[d]) {
    if (2 * hops > n)
      hops -= n;
    else if (2 * hops <= -n)
      hops += n;
  }
  return hops;
}

static nmd_status check_position(const migration *m, int i, const double s[3]) {
  const double *x = &m->atoms->x[3 * (int64_t)i];
  const long long id = (long long)m->atoms->id[i];
  if (!isfinite(s[0] + s[1] + s[2]))
    NMD_FAIL(EXPLODED, "atom %lld: position (%g %g %g) A is not finite; use a smaller time step or a better start", id,
             x[0], x[1], x[2]);
  for (int d = 0; d < 3; d++)
    if (m->box->periodic[d] && (s[d] < -wrap_tolerance || s[d] > 1.0 + wrap_tolerance))
      NMD_FAIL(LOST_ATOM,
               "atom %lld: position (%g %g %g) A is outside the periodic cell (fractional %g along %c); "
               "use a smaller time step or a better start",
               id, x[0], x[1], x[2], s[d], 'a' + d);
  return NMD_OK;
}

/* Most hops any atom here needs: need[2 d + side]. */
static nmd_status survey(const migration *m, int64_t need[6]) {
  for (int k = 0; k < 6; k++) need[k] = 0;
  for (int i = 0; i < m->atoms->n_owned; i++) {
    double s[3];
    nmd_box_to_fractional(m->box, &m->atoms->x[3 * (int64_t)i], s);
    NMD_TRY(check_position(m, i, s));
    for (int d = 0; d < 3; d++) {
      const int hops = hops_home(m, s, d), side = hops > 0;
      const int64_t distance = hops > 0 ? hops : -hops;
      if (distance > need[2 * d + side]) need[2 * d + side] = distance;
    }
  }
  return NMD_OK;
}

static nmd_status pack_leaver(migration *m, int i, int side) {
  if (m->used[side] + m->atom_bytes > m->capacity[side]) {
    const size_t wanted = 2 * m->capacity[side] + 64 * m->atom_bytes;
    NMD_TRY(nmd_grow((void *)&m->outgoing[side], m->used[side], wanted, 1));
    m->capacity[side] = wanted;
  }
  nmd_atoms_pack(m->atoms, i, NMD_FIELD_M | NMD_FIELD_EXTRA, m->outgoing[side] + m->used[side]);
  m->used[side] += m->atom_bytes;
  return NMD_OK;
}

/* Move the leavers along d from the arrays into the two buffers; the last atom fills each hole. */
static nmd_status collect_leavers(migration *m, int d) {
  m->used[0] = m->used[1] = 0;
  for (int i = 0; i < m->atoms->n_owned;) {
    double s[3];
    nmd_box_to_fractional(m->box, &m->atoms->x[3 * (int64_t)i], s);
    const int hops = hops_home(m, s, d);
    if (hops == 0) {
      i++;
      continue;
    }
    NMD_TRY(pack_leaver(m, i, hops > 0));
    nmd_atoms_copy(m->atoms, --m->atoms->n_owned, i);
  }
  return NMD_OK;
}

static nmd_status append_arrivals(migration *m, size_t bytes) {
  const int64_t count = (int64_t)(bytes / m->atom_bytes), total = m->atoms->n_owned + count;
  if (total > INT32_MAX / 4)
    NMD_FAIL(MEMORY, "%lld atoms on one rank: more than %d; use more ranks", (long long)total, INT32_MAX / 4);
  NMD_TRY(nmd_atoms_reserve(m->atoms, (int)total));
  const char *next = m->incoming;
  while (m->atoms->n_owned < total) next = nmd_atoms_unpack(m->atoms, m->atoms->n_owned++, NMD_FIELD_M | NMD_FIELD_EXTRA, next);
  return NMD_OK;
}

/* One hop of all atoms that are not at home along d. A rank that failed keeps sending empty messages. */
static nmd_status hop(migration *m, int d, nmd_status status) {
  if (status == NMD_OK) status = collect_leavers(m, d);
  for (int side = 0; side < 2; side++) {
    const int to = nmd__domain_neighbour(m->domain, m->box, d, side);
    const int from = nmd__domain_neighbour(m->domain, m->box, d, 1 - side);
    size_t received;
    const nmd_status arrived =
        nmd_comm_exchange(m->domain->comm, to, m->outgoing[side], status == NMD_OK ? m->used[side] : 0, from,
                          &m->incoming, &m->capacity_incoming, &received);
    if (status == NMD_OK) status = arrived;
    if (status == NMD_OK) status = append_arrivals(m, received);
  }
  return status;
}

static nmd_status check_total(const nmd_domain *domain, int64_t before, int64_t after) {
  int64_t totals[2] = {before, after};
  nmd_comm_sum_int(domain->comm, totals, 2);
  if (totals[0] == totals[1]) return NMD_OK;
  NMD_FAIL(LOST_ATOM, "%lld atoms before migration, %lld after; please report it", (long long)totals[0],
           (long long)totals[1]);
}

nmd_status nmd_migrate(const nmd_domain *domain, const nmd_box *box, nmd_atoms *atoms) {
  migration m = {.domain = domain, .box = box, .atoms = atoms};
  m.atom_bytes = nmd_atoms_packed_bytes(NMD_FIELD_M) + nmd_atoms_extra_bytes(atoms);
  const int64_t before = atoms->n_owned;
  atoms->n_ghost = 0;
  int64_t need[7];
  nmd_status status = survey(&m, need);
  need[6] = status != NMD_OK;
  nmd_comm_max_int(domain->comm, need, 7);
  if (need[6]) return nmd_comm_agree(domain->comm, status);
  for (int d = 0; d < 3; d++) {
    const int64_t rounds = need[2 * d] > need[2 * d + 1] ? need[2 * d] : need[2 * d + 1];
    for (int64_t k = 0; k < rounds; k++) status = hop(&m, d, status);
  }
  for (int side = 0; side < 2; side++) nmd_free(m.outgoing[side]);
  nmd_free(m.incoming);
  NMD_TRY(nmd_comm_agree(domain->comm, status));
  return check_total(domain, before, atoms->n_owned);
}
