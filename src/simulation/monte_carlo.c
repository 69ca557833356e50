/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/monte_carlo.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/units.h"
#include "simulation/exchange_sites.h"

/* Which sites of a region may be picked, and all that a move needs. */
typedef struct mover {
  nmd__sites *sites;
  const nmd_exchange *what;
  int cells[3];                /* along each axis */
  double offset[3], active[3]; /* fractional: start of the first cell; height of a region in units of that of a cell */
  int *region;                 /* [n] of each site, -1: none */
  int *member, n_members;      /* sites of the present region */
  int *touched, n_touched;     /* sites whose energies a move changes */
  int *stamp, today;           /* [n] who is in `touched` */
  double *trial;               /* [n_touched] eV */
  int *species_before, *occupant_before; /* [n] at the start of the step */
  uint32_t frozen;                       /* bits of groups whose atoms take no part */
  int64_t id;                            /* of the move, for random numbers */
  nmd_exchange_counts counts;
} mover;

enum { DRAWS_MAX = 256 }; /* picks of an unlike site before a swap is given up */
enum { OFFSET_ID = -1, LEVEL_ID = -2, REGION_BITS = 40 };

static void draw(const mover *m, unsigned which, double u[2]) {
  nmd_random_uniform2(m->what->seed, NMD_STREAM_EXCHANGE, m->what->step, m->id, which, u);
}

/* ---- regions ---- */

static void cut_axes(mover *m, const nmd_box *box) {
  const double rc = m->sites->list.cutoff;
  double u[4];
  m->id = OFFSET_ID;
  draw(m, 0, u);
  draw(m, 1, u + 2);
  for (int d = 0; d < 3; d++) {
    const double height = nmd_box_height(box, d);
    const double most = m->what->one_region ? 1 : floor(height / (3 * rc));
    m->cells[d] = most > 1 ? (int)most : 1;
    m->offset[d] = u[d];
    m->active[d] = m->cells[d] > 1 ? 1 - 2 * rc * m->cells[d] / height : 1;
  }
}

/* Region of fractional coordinates, -1 in the gaps. Atoms outside the cell along an open axis count for the cell that
 * they would be in if it were periodic: no farther apart than they are. */
static int region_of(const mover *m, const double s[3]) {
  int region = 0;
  for (int d = 0; d < 3; d++) {
    const double shifted = (s[d] - m->offset[d] - floor(s[d] - m->offset[d])) * m->cells[d];
    const int cell = shifted < m->cells[d] ? (int)shifted : m->cells[d] - 1;
    if (m->cells[d] > 1 && shifted - cell >= m->active[d]) return -1;
    region = region * m->cells[d] + cell;
  }
  return region;
}

static void find_members(mover *m, int region) {
  m->n_members = 0;
  for (int k = 0; k < m->sites->n; k++)
    if (m->region[k] == region && m->what->takes_part[m->sites->atoms.species[k]]) m->member[m->n_members++] = k;
}

/* ---- one move ---- */

static void touch(mover *m, int site) {
  if (m->stamp[site] == m->today) return;
  m->stamp[site] = m->today;
  m->touched[m->n_touched++] = site;
}

static void touch_around(mover *m, int site) {
  const nmd_neighbour_list *list = &m->sites->list;
  touch(m, site);
  for (int64_t k = list->first[site]; k < list->first[site + 1]; k++)
    touch(m, (int)m->sites->atoms.id[list->index[k]] - 1);
}

/* Energies of the touched sites before the move: most are known from earlier moves. */
static nmd_status know_touched(mover *m) {
  nmd__sites *sites = m->sites;
  int *unknown, n = 0;
  NMD_TRY(NMD_ALLOC(unknown, m->n_touched));
  for (int k = 0; k < m->n_touched; k++)
    if (!sites->known[m->touched[k]]) unknown[n++] = m->touched[k];
  const nmd_status status = n > 0 ? nmd_local_energy_of(&sites->local, unknown, n, m->trial) : NMD_OK;
  for (int k = 0; k < n && status == NMD_OK; k++) {
    sites->energy[unknown[k]] = m->trial[k];
    sites->known[unknown[k]] = true;
  }
  nmd_free(unknown);
  return status;
}

/* Change of the energy by the new species, which are set already; `trial` then has the touched energies. */
static nmd_status energy_change(mover *m, double *change) {
  NMD_TRY(nmd_local_energy_of(&m->sites->local, m->touched, m->n_touched, m->trial));
  *change = 0;
  for (int k = 0; k < m->n_touched; k++) *change += m->trial[k] - m->sites->energy[m->touched[k]];
  return NMD_OK;
}

static bool accept(const mover *m, double change, double u) {
  if (change <= 0) return true;
  const double kT = NMD_BOLTZMANN * m->what->temperature;
  return kT > 0 && u < exp(-change / kT);
}

/* Sites a (and b; -1: none) get other species; kept or undone. `work` is what the change costs besides energy (eV). */
static nmd_status try_species(mover *m, const int site[2], const int species[2], double work, double u,
                              bool *accepted) {
  nmd__sites *sites = m->sites;
  const int n = site[1] < 0 ? 1 : 2;
  int before[2];
  double change;
  m->today++;
  m->n_touched = 0;
  for (int k = 0; k < n; k++) touch_around(m, site[k]);
  NMD_TRY(know_touched(m));
  for (int k = 0; k < n; k++) {
    before[k] = sites->atoms.species[site[k]];
    nmd__sites_set_species(sites, site[k], species[k]);
  }
  NMD_TRY(energy_change(m, &change));
  m->counts.tried++;
  *accepted = accept(m, change - work, u);
  for (int k = 0; k < n && !*accepted; k++) nmd__sites_set_species(sites, site[k], before[k]);
  if (!*accepted) return NMD_OK;
  for (int k = 0; k < m->n_touched; k++) sites->energy[m->touched[k]] = m->trial[k];
  m->counts.accepted++;
  m->counts.energy += change;
  return NMD_OK;
}

static int pick(const mover *m, double u) {
  const int k = (int)(u * m->n_members);
  return m->member[k < m->n_members ? k : m->n_members - 1];
}

static nmd_status try_swap(mover *m) {
  double u[2], v[2];
  int *occupant = m->sites->occupant;
  const int32_t *species = m->sites->atoms.species;
  draw(m, 0, u);
  int site[2] = {pick(m, u[0]), -1};
  for (unsigned k = 1; k < DRAWS_MAX && site[1] < 0; k++) {
    draw(m, k, v);
    for (int a = 0; a < 2 && site[1] < 0; a++)
      if (species[pick(m, v[a])] != species[site[0]]) site[1] = pick(m, v[a]);
  }
  if (site[1] < 0) return NMD_OK;
  const int becomes[2] = {species[site[1]], species[site[0]]};
  bool accepted;
  NMD_TRY(try_species(m, site, becomes, 0, u[1], &accepted));
  if (!accepted) return NMD_OK;
  const int other = occupant[site[0]];
  occupant[site[0]] = occupant[site[1]];
  occupant[site[1]] = other;
  return NMD_OK;
}

static nmd_status try_identity(mover *m) {
  double u[2], v[2];
  int others[NMD_ELEMENT_MAX], n = 0;
  draw(m, 0, u);
  draw(m, 1, v);
  const int site[2] = {pick(m, u[0]), -1}, before = m->sites->atoms.species[site[0]];
  for (int s = 0; s < NMD_ELEMENT_MAX; s++)
    if (m->what->takes_part[s] && s != before) others[n++] = s;
  const int k = (int)(v[0] * n), becomes[2] = {others[k < n ? k : n - 1], -1};
  bool accepted;
  const double *mu = m->what->chemical_potential;
  return try_species(m, site, becomes, mu[becomes[0]] - mu[before], u[1], &accepted);
}

/* With a number that is always even a swap that costs nothing would be undone each time in a region of two sites. */
static int64_t count_moves(mover *m, int region) {
  double u[2];
  m->id = ((int64_t)(region + 1) << REGION_BITS) - 1;
  draw(m, 0, u);
  return llround(ceil(m->what->moves * m->n_members)) + (u[0] < 0.5);
}

/* Moves of the members; `region` is the key of their random numbers. */
static nmd_status run_members(mover *m, int region) {
  if (m->n_members == 0) return NMD_OK;
  const int64_t moves = count_moves(m, region);
  for (int64_t k = 0; k < moves; k++) {
    m->id = ((int64_t)region << REGION_BITS) + k;
    NMD_TRY(m->what->kind == NMD_EXCHANGE_SWAP ? try_swap(m) : try_identity(m));
  }
  return NMD_OK;
}

static nmd_status run_region(mover *m, int region) {
  find_members(m, region);
  return run_members(m, region);
}

/* ---- tempering ---- */

static nmd_status mover_room(mover *m) {
  const int n = m->sites->n;
  NMD_TRY(NMD_ALLOC(m->region, n));
  NMD_TRY(NMD_ALLOC(m->member, n));
  NMD_TRY(NMD_ALLOC(m->touched, n));
  NMD_TRY(NMD_ALLOC(m->stamp, n));
  NMD_TRY(NMD_ALLOC(m->trial, n));
  NMD_TRY(NMD_ALLOC(m->species_before, n));
  NMD_TRY(NMD_ALLOC(m->occupant_before, n));
  for (int k = 0; k < n; k++) {
    m->species_before[k] = m->sites->atoms.species[k];
    m->occupant_before[k] = m->sites->occupant[k];
  }
  return NMD_OK;
}

static void mover_free(mover *m) {
  void *arrays[] = {m->region, m->member, m->touched, m->stamp, m->trial, m->species_before, m->occupant_before};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
}

typedef struct ladder {
  int levels, n;
  int64_t *occupant;   /* [levels][n] on the sites of this step */
  double *energy, *kT; /* [levels] eV */
  int32_t *species;    /* [n] of the atoms */
} ladder;

static nmd_status ladder_setup(ladder *l, const mover *m) {
  const nmd_exchange *what = m->what;
  l->levels = what->levels;
  l->n = m->sites->n;
  NMD_TRY(NMD_ALLOC(l->occupant, (int64_t)l->levels * l->n));
  NMD_TRY(NMD_ALLOC(l->energy, l->levels));
  NMD_TRY(NMD_ALLOC(l->kT, l->levels));
  NMD_TRY(NMD_ALLOC(l->species, l->n));
  for (int k = 0; k < l->levels; k++)
    l->kT[k] = NMD_BOLTZMANN * what->temperature * pow(what->highest / what->temperature, (double)k / (l->levels - 1));
  for (int i = 0; i < l->n; i++) l->species[i] = m->sites->atoms.species[i]; /* at the start atom i is on site i */
  return NMD_OK;
}

static void ladder_free(ladder *l) {
  nmd_free(l->occupant);
  nmd_free(l->energy);
  nmd_free(l->kT);
  nmd_free(l->species);
}

static void show_arrangement(mover *m, const ladder *l, const int64_t *occupant) {
  for (int i = 0; i < l->n; i++) {
    m->sites->occupant[i] = (int)occupant[i];
    nmd__sites_set_species(m->sites, i, l->species[occupant[i]]);
  }
}

/* Level k makes its moves; its energy before is added to *before. */
static nmd_status run_level(mover *m, ladder *l, int k, double *before) {
  nmd__sites *sites = m->sites;
  nmd_exchange what = *m->what;
  const nmd_exchange *outer = m->what;
  int64_t *occupant = l->occupant + (int64_t)k * l->n;
  for (int i = 0; i < l->n; i++) occupant[i] = k == 0 ? i : outer->occupant[(int64_t)(k - 1) * l->n + i];
  show_arrangement(m, l, occupant);
  memset(sites->known, 0, (size_t)l->n * sizeof *sites->known);
  m->n_touched = 0;
  for (int i = 0; i < l->n; i++) m->touched[m->n_touched++] = i;
  NMD_TRY(know_touched(m));
  for (int i = 0; i < l->n; i++) *before += sites->energy[i];
  find_members(m, 0);
  what.temperature = l->kT[k] / NMD_BOLTZMANN;
  m->what = &what;
  m->counts.energy = 0;
  const nmd_status status = run_members(m, k);
  m->what = outer;
  l->energy[k] = *before + m->counts.energy;
  for (int i = 0; i < l->n; i++) occupant[i] = sites->occupant[i];
  return status;
}

static nmd_status run_levels(mover *m, ladder *l, const nmd_comm *comm, double *start) {
  NMD_TRY(mover_room(m));
  NMD_TRY(ladder_setup(l, m));
  for (int i = 0; i < l->n; i++) m->region[i] = m->sites->atoms.groups[i] & m->frozen ? -1 : 0;
  for (int k = nmd_comm_rank(comm); k < l->levels; k += nmd_comm_size(comm)) {
    double before = 0;
    NMD_TRY(run_level(m, l, k, &before));
    if (k == 0) *start = before;
  }
  return NMD_OK;
}

static void swap_levels(mover *m, ladder *l) {
  for (int k = (int)(m->what->step % 2); k + 1 < l->levels; k += 2) {
    double u[2];
    m->id = LEVEL_ID - k;
    draw(m, 0, u);
    m->counts.level_swaps++;
    const double exponent = (1 / l->kT[k] - 1 / l->kT[k + 1]) * (l->energy[k] - l->energy[k + 1]);
    if (exponent < 0 && u[0] >= exp(exponent)) continue;
    m->counts.level_swaps_accepted++;
    const double energy = l->energy[k];
    l->energy[k] = l->energy[k + 1];
    l->energy[k + 1] = energy;
    int64_t *a = l->occupant + (int64_t)k * l->n, *b = a + l->n;
    for (int i = 0; i < l->n; i++) {
      const int64_t other = a[i];
      a[i] = b[i];
      b[i] = other;
    }
  }
}

/* The lowest level is what the run shows; the others are kept relative to it. */
static nmd_status keep_levels(mover *m, const ladder *l) {
  int *site_of;
  NMD_TRY(NMD_ALLOC(site_of, l->n));
  for (int i = 0; i < l->n; i++) site_of[l->occupant[i]] = i;
  for (int k = 1; k < l->levels; k++)
    for (int i = 0; i < l->n; i++)
      m->what->occupant[(int64_t)(k - 1) * l->n + i] = (int32_t)l->occupant[(int64_t)k * l->n + site_of[i]];
  nmd_free(site_of);
  show_arrangement(m, l, l->occupant);
  return NMD_OK;
}

static nmd_status share_levels(mover *m, ladder *l, const nmd_comm *comm, double start) {
  double sums[3] = {m->counts.tried, m->counts.accepted, start};
  nmd_comm_sum_int(comm, l->occupant, l->levels * l->n);
  nmd_comm_sum(comm, l->energy, l->levels);
  nmd_comm_sum(comm, sums, 3);
  swap_levels(m, l);
  m->counts.tried = sums[0];
  m->counts.accepted = sums[1];
  m->counts.energy = l->energy[0] - sums[2];
  return nmd_comm_agree(comm, keep_levels(m, l));
}

static nmd_status temper(mover *m, const nmd_comm *comm) {
  ladder l = {0};
  double start = 0;
  nmd_status status = nmd_comm_agree(comm, run_levels(m, &l, comm, &start));
  if (status == NMD_OK) status = share_levels(m, &l, comm, start);
  ladder_free(&l);
  return status;
}

/* ---- all of them ---- */

static nmd_status run_regions(mover *m, const nmd_simulation *s) {
  NMD_TRY(mover_room(m));
  cut_axes(m, &s->box);
  for (int k = 0; k < m->sites->n; k++) {
    double fractional[3];
    nmd_box_to_fractional(&s->box, m->sites->atoms.x + 3 * k, fractional);
    m->region[k] = m->sites->atoms.groups[k] & m->frozen ? -1 : region_of(m, fractional);
  }
  const int regions = m->cells[0] * m->cells[1] * m->cells[2], size = nmd_comm_size(s->comm);
  m->counts.regions = regions;
  for (int r = nmd_comm_rank(s->comm); r < regions; r += size) NMD_TRY(run_region(m, r));
  return NMD_OK;
}

/* Every site was changed by one rank at most: differences add up to the new state. */
static nmd_status share_changes(mover *m, const nmd_comm *comm) {
  nmd__sites *sites = m->sites;
  const int n = sites->n;
  int64_t *delta;
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(delta, 2 * n)));
  for (int k = 0; k < n; k++) {
    delta[2 * k] = sites->atoms.species[k] - m->species_before[k];
    delta[2 * k + 1] = sites->occupant[k] - m->occupant_before[k];
  }
  nmd_comm_sum_int(comm, delta, 2 * n);
  for (int k = 0; k < n; k++) {
    sites->atoms.species[k] = (int32_t)(m->species_before[k] + delta[2 * k]);
    sites->occupant[k] = (int)(m->occupant_before[k] + delta[2 * k + 1]);
  }
  nmd_free(delta);
  double sums[3] = {m->counts.tried, m->counts.accepted, m->counts.energy};
  nmd_comm_sum(comm, sums, 3);
  m->counts.tried = sums[0];
  m->counts.accepted = sums[1];
  m->counts.energy = sums[2];
  return NMD_OK;
}

static nmd_status move_and_return(mover *m, nmd_simulation *s) {
  if (m->what->levels > 1)
    NMD_TRY(temper(m, s->comm));
  else {
    NMD_TRY(nmd_comm_agree(s->comm, run_regions(m, s)));
    NMD_TRY(share_changes(m, s->comm));
  }
  if (m->counts.accepted < 1) return NMD_OK;
  NMD_TRY(nmd_comm_agree(s->comm, nmd__sites_put_back(m->sites, s)));
  return nmd_simulation_rebuild(s);
}

nmd_status nmd_monte_carlo_moves(nmd_simulation *s, const nmd_exchange *what, nmd_exchange_counts *counts) {
  const nmd_phase phase = nmd_timer_switch(&s->timer, NMD_PHASE_FORCE);
  mover m = {.what = what, .frozen = s->motion.frozen};
  nmd_status status = nmd__sites_create(s, &m.sites);
  if (status == NMD_OK) status = move_and_return(&m, s);
  *counts = m.counts;
  mover_free(&m);
  nmd__sites_destroy(m.sites);
  nmd_timer_switch(&s->timer, phase);
  return status;
}

static nmd_status anneal_sites(mover *m, nmd_exchange *what, int64_t steps, const double temperature[2]) {
  NMD_TRY(mover_room(m));
  for (int64_t k = 0; k < steps; k++) {
    what->step = k + 1;
    what->temperature = temperature[0] + (temperature[1] - temperature[0]) * (double)(k + 1) / (double)steps;
    NMD_TRY(run_region(m, 0));
  }
  return NMD_OK;
}

nmd_status nmd_monte_carlo_anneal(const nmd_potential *potential, const nmd_species *species, uint64_t seed,
                                  int64_t steps, const double temperature[2], nmd_structure *structure) {
  nmd_exchange what = {.kind = NMD_EXCHANGE_SWAP, .moves = 1, .one_region = true, .seed = seed};
  mover m = {.what = &what};
  for (int s = 0; s < species->n; s++) what.takes_part[s] = true;
  NMD_TRY(nmd__sites_of_structure(potential, species, structure, &m.sites));
  const nmd_status status = anneal_sites(&m, &what, steps, temperature);
  for (int k = 0; k < m.sites->n; k++) structure->atomic_number[k] = species->atomic_number[m.sites->atoms.species[k]];
  mover_free(&m);
  nmd__sites_destroy(m.sites);
  return status;
}
