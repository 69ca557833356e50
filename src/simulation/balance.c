/* SPDX-License-Identifier: BSD-3-Clause */
/* When and by what to move the planes between ranks.
 *
 * The cost of an atom is counted (its species and listed neighbours), never timed, so a run repeats bit for bit. Planes
 * stay where they are while the ranks' costs are level: moving them changes the halo and sends atoms about. What a
 * grid of planes cannot level (a weight along a diagonal, single layers of a crystal) is learnt at the first look after
 * a move and not tried again. */
#include <math.h>

#include "base/memory.h"
#include "simulation/simulation.h"

/* Move when the dearest rank costs this share of the mean more than right after the last move. */
static const double tolerated = 0.01;

static nmd_status own_costs(const nmd_simulation *s, double **cost, double *sum) {
  NMD_ASSERT(s->list.n == s->atoms.n_owned);
  NMD_TRY(NMD_ALLOC(*cost, s->list.n));
  *sum = nmd_atom_costs(s->potential.ops->atom_cost, s->potential.self, &s->atoms, &s->list, *cost);
  return NMD_OK;
}

/* Largest share of a rank over the mean. */
static double imbalance_of(const nmd_simulation *s, double mine) {
  double largest = mine, total = mine;
  nmd_comm_max(s->comm, &largest, 1);
  nmd_comm_sum(s->comm, &total, 1);
  return total > 0 ? largest * nmd_comm_size(s->comm) / total : 1.0;
}

nmd_status nmd_simulation_imbalance(const nmd_simulation *s, double *imbalance) {
  double *cost = NULL, sum = 0;
  NMD_TRY(nmd_comm_agree(s->comm, own_costs(s, &cost, &sum)));
  nmd_free(cost);
  *imbalance = imbalance_of(s, sum);
  return NMD_OK;
}

/* `cost` belongs to the owned atoms in their order. */
static nmd_status move_if_needed(nmd_simulation *s, const double *cost, double sum, bool *moved) {
  nmd_balance_state *b = &s->balance;
  const double now = imbalance_of(s, sum);
  if (b->first <= 0) b->first = now;
  if (b->moved) b->floor = now;
  b->moved = false;
  if (now <= fmax(b->floor, 1.0) + tolerated) return NMD_OK;
  double by_cost;
  NMD_TRY(nmd_balance(&s->domain, &s->box, &s->atoms, cost, &by_cost));
  b->moves++;
  b->moved = *moved = true;
  return NMD_OK;
}

nmd_status nmd_simulation_balance(nmd_simulation *s, bool *moved) {
  *moved = false;
  if (!s->input.parallel.balance || nmd_comm_size(s->comm) == 1) return NMD_OK;
  double *cost = NULL, sum = 0, by_number;
  if (s->list.serial == 0) return nmd_balance(&s->domain, &s->box, &s->atoms, NULL, &by_number); /* no list yet */
  nmd_status status = nmd_comm_agree(s->comm, own_costs(s, &cost, &sum));
  if (status == NMD_OK) status = move_if_needed(s, cost, sum, moved);
  nmd_free(cost);
  return status;
}
