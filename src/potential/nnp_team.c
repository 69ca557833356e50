/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "potential/nnp_worker.h"

enum { BLOCK = 64 }; /* atoms; their forces are whole cache lines */

struct nmd__nnp_member {
  nmd__nnp_worker *worker;
  int capacity;            /* atoms, whole blocks */
  double (*force)[3];      /* [capacity] */
  double (*atom_virial)[9]; /* [capacity], made when first wanted */
  bool *touched;           /* [blocks] by the rows of this part */
  nmd_potential_partial partial;
};

void nmd__nnp_team_init(nmd__nnp_team *team, const nmd__nnp_shared *shared) {
  *team = (nmd__nnp_team){.shared = shared};
}

static void member_destroy(nmd__nnp_member *m) {
  if (m == NULL) return;
  nmd__nnp_worker_destroy(m->worker);
  nmd_free(m->force);
  nmd_free(m->atom_virial);
  nmd_free(m->touched);
  nmd_free(m);
}

void nmd__nnp_team_free(nmd__nnp_team *team) {
  for (int k = 0; k < team->n; k++) member_destroy(team->members[k]);
  nmd_free(team->members);
  nmd_free(team->begin);
  nmd_free(team->cost);
  nmd__nnp_team_init(team, team->shared);
}

/* What the parts share in one evaluation. */
typedef struct job {
  nmd__nnp_team *team;
  const nmd_potential_input *input;
  nmd_potential_partial *partial;
  int parts, total; /* total: owned atoms and ghosts */
} job;

static nmd_status create_member(void *context, int part) {
  nmd__nnp_team *team = ((job *)context)->team;
  nmd__nnp_member **m = &team->members[part];
  if (*m == NULL) NMD_TRY(NMD_ALLOC(*m, 1));
  return (*m)->worker != NULL ? NMD_OK : nmd__nnp_worker_create(team->shared, part == 0, &(*m)->worker);
}

static nmd_status need_members(job *j) {
  nmd__nnp_team *team = j->team;
  if (team->n >= j->parts) return NMD_OK;
  NMD_TRY(NMD_GROW(team->members, team->n, j->parts));
  NMD_TRY(NMD_GROW(team->begin, 0, j->parts + 1));
  team->n = j->parts;
  team->serial = 0;
  return nmd_team_run(j->parts, create_member, j);
}

static nmd_status member_room(nmd__nnp_member *m, int total, bool want_virial) {
  if (total > m->capacity || m->touched == NULL) {
    const int64_t blocks = ((int64_t)total + total / 16) / BLOCK + 1;
    nmd_free(m->atom_virial);
    m->atom_virial = NULL;
    NMD_TRY(NMD_GROW(m->force, 0, blocks * BLOCK));
    NMD_TRY(NMD_GROW(m->touched, 0, blocks));
    m->capacity = (int)(blocks * BLOCK);
  }
  return want_virial && m->atom_virial == NULL ? NMD_ALLOC(m->atom_virial, m->capacity) : NMD_OK;
}

static nmd_status mark_blocks(void *context, int part) {
  const job *j = context;
  nmd__nnp_member *m = j->team->members[part];
  const nmd_neighbour_list *list = j->input->list;
  const int begin = j->team->begin[part], end = j->team->begin[part + 1];
  NMD_TRY(member_room(m, j->total, false));
  memset(m->touched, 0, (size_t)(m->capacity / BLOCK) * sizeof *m->touched);
  for (int i = begin; i < end; i++) m->touched[i / BLOCK] = true;
  for (int64_t k = list->first[begin]; k < list->first[end]; k++) m->touched[list->index[k] / BLOCK] = true;
  return NMD_OK;
}

/* Cut the atoms where the running cost passes the multiples of a part's share. */
static nmd_status split_atoms(job *j) {
  nmd__nnp_team *team = j->team;
  const int n = j->input->list->n;
  if (team->serial == j->input->list->serial && team->parts == j->parts) return NMD_OK;
  if (n > team->capacity_cost) {
    NMD_TRY(NMD_GROW(team->cost, 0, n + n / 16));
    team->capacity_cost = n + n / 16;
  }
  const double total = nmd_atom_costs(nmd__nnp_atom_cost, team->shared, j->input->atoms, j->input->list, team->cost);
  double sum = 0;
  int part = 0;
  team->begin[0] = 0;
  for (int i = 0; i < n; i++) {
    while (part + 1 < j->parts && sum + 0.5 * team->cost[i] >= total * (part + 1) / j->parts) team->begin[++part] = i;
    sum += team->cost[i];
  }
  while (part < j->parts) team->begin[++part] = n;
  team->parts = j->parts;
  team->serial = 0; /* until all blocks are marked */
  NMD_TRY(nmd_team_run(j->parts, mark_blocks, j));
  team->serial = j->input->list->serial;
  return NMD_OK;
}

static void clear_blocks(nmd__nnp_member *m, bool virial) {
  for (int b = 0; b < m->capacity / BLOCK; b++) {
    if (!m->touched[b]) continue;
    memset(m->force[(int64_t)b * BLOCK], 0, BLOCK * sizeof *m->force);
    if (virial) memset(m->atom_virial[(int64_t)b * BLOCK], 0, BLOCK * sizeof *m->atom_virial);
  }
}

static nmd_status run_part(void *context, int part) {
  const job *j = context;
  nmd__nnp_member *m = j->team->members[part];
  NMD_TRY(member_room(m, j->total, j->input->want_atom_virial));
  clear_blocks(m, j->input->want_atom_virial);
  m->partial = (nmd_potential_partial){
      .force = m->force, .atom_energy = j->partial->atom_energy, .atom_sigma = j->partial->atom_sigma,
      .atom_virial = m->atom_virial, .atom_extrapolation = j->partial->atom_extrapolation};
  return nmd__nnp_worker_run(m->worker, j->input, j->team->begin[part], j->team->begin[part + 1], &m->partial);
}

static void add_block(const job *j, int block) {
  const int first = block * BLOCK, last = first + BLOCK < j->total ? first + BLOCK : j->total;
  for (int p = 0; p < j->parts; p++) {
    const nmd__nnp_member *m = j->team->members[p];
    if (!m->touched[block]) continue;
    for (int i = first; i < last; i++)
      for (int a = 0; a < 3; a++) j->partial->force[i][a] += m->force[i][a];
    for (int i = first; j->input->want_atom_virial && i < last; i++)
      for (int a = 0; a < 9; a++) j->partial->atom_virial[i][a] += m->atom_virial[i][a];
  }
}

static nmd_status add_part(void *context, int part) {
  const job *j = context;
  const int blocks = (j->total + BLOCK - 1) / BLOCK;
  const int end = (int)nmd_team_share(blocks, part + 1, j->parts);
  for (int b = (int)nmd_team_share(blocks, part, j->parts); b < end; b++) add_block(j, b);
  return NMD_OK;
}

static void add_sums(const job *j) {
  for (int p = 0; p < j->parts; p++) {
    const nmd_potential_partial *from = &j->team->members[p]->partial;
    j->partial->energy += from->energy;
    j->partial->extrapolations += from->extrapolations;
    for (int k = 0; k < 9; k++) j->partial->virial[k / 3][k % 3] += from->virial[k / 3][k % 3];
    for (int k = 0; k < NMD_POTENTIAL_MEMBERS_MAX; k++) j->partial->member_energy[k] += from->member_energy[k];
    for (int k = 0; k < from->n_offenders; k++)
      nmd_offenders_add(j->partial->offenders, &j->partial->n_offenders, &from->offenders[k]);
  }
}

nmd_status nmd__nnp_team_compute(nmd__nnp_team *team, const nmd_potential_input *input, nmd_potential_partial *partial) {
  const bool alone = input->threads <= 1 || partial->force == NULL || input->list->n == 0;
  job j = {team, input, partial, alone ? 1 : input->threads, input->atoms->n_owned + input->atoms->n_ghost};
  NMD_TRY(need_members(&j));
  if (alone) return nmd__nnp_worker_run(team->members[0]->worker, input, 0, input->list->n, partial);
  NMD_TRY(split_atoms(&j));
  NMD_TRY(nmd_team_run(j.parts, run_part, &j));
  NMD_TRY(nmd_team_run(j.parts, add_part, &j));
  add_sums(&j);
  return NMD_OK;
}
