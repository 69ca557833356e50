/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/exchange_sites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct site_record {
  int64_t id;
  double x[3];
  int32_t species;
  uint32_t groups;
} site_record;

static int by_id(const void *a, const void *b) {
  const int64_t x = ((const site_record *)a)->id, y = ((const site_record *)b)->id;
  return (x > y) - (x < y);
}

/* All atoms, wrapped, sorted by id, on every rank; owner: the caller. */
static nmd_status gather_records(const nmd_simulation *s, site_record **all) {
  site_record *mine;
  char *gathered = NULL;
  nmd_status status = NMD_ALLOC(mine, s->atoms.n_owned);
  NMD_TRY(nmd_comm_agree(s->comm, status));
  for (int i = 0; i < s->atoms.n_owned; i++) {
    int image[3] = {0, 0, 0};
    mine[i] = (site_record){.id = s->atoms.id[i], .species = s->atoms.species[i], .groups = s->atoms.groups[i]};
    memcpy(mine[i].x, s->atoms.x + 3 * i, sizeof mine[i].x);
    nmd_box_wrap(&s->box, mine[i].x, image);
  }
  const size_t bytes = (size_t)s->n_atoms * sizeof **all;
  status = nmd_comm_gather(s->comm, mine, (size_t)s->atoms.n_owned * sizeof *mine, 0, &gathered, NULL);
  nmd_free(mine);
  if (status == NMD_OK && nmd_comm_rank(s->comm) != 0) status = nmd_alloc(&gathered, bytes, 1);
  status = nmd_comm_agree(s->comm, status);
  if (status == NMD_OK) {
    if (nmd_comm_rank(s->comm) == 0) qsort(gathered, (size_t)s->n_atoms, sizeof **all, by_id);
    nmd_comm_broadcast(s->comm, gathered, bytes, 0);
  } else
    nmd_free(gathered);
  *all = status == NMD_OK ? (site_record *)gathered : NULL;
  return status;
}

static nmd_status load_records(nmd__sites *sites, const site_record *records) {
  NMD_TRY(NMD_ALLOC(sites->id, sites->n));
  NMD_TRY(NMD_ALLOC(sites->occupant, sites->n));
  NMD_TRY(NMD_ALLOC(sites->energy, sites->n));
  NMD_TRY(NMD_ALLOC(sites->known, sites->n));
  NMD_TRY(nmd_atoms_reserve(&sites->atoms, sites->n));
  sites->atoms.n_owned = sites->n;
  for (int k = 0; k < sites->n; k++) {
    sites->id[k] = records[k].id;
    sites->occupant[k] = k;
    memcpy(sites->atoms.x + 3 * k, records[k].x, sizeof records[k].x);
    sites->atoms.id[k] = k + 1; /* images find their site by it */
    sites->atoms.species[k] = records[k].species;
    sites->atoms.groups[k] = records[k].groups;
  }
  return NMD_OK;
}

/* Which ghosts are images of a site: counted, then filled in. */
static nmd_status find_images(nmd__sites *sites) {
  const nmd_atoms *atoms = &sites->atoms;
  const int n = sites->n, total = atoms->n_owned + atoms->n_ghost;
  NMD_TRY(NMD_ALLOC(sites->first_image, n + 1));
  NMD_TRY(NMD_ALLOC(sites->image, atoms->n_ghost));
  for (int j = n; j < total; j++) sites->first_image[atoms->id[j]]++; /* id - 1 is the site, + 1 for its end */
  for (int k = 0; k < n; k++) sites->first_image[k + 1] += sites->first_image[k];
  int *at;
  NMD_TRY(NMD_ALLOC(at, n + 1));
  memcpy(at, sites->first_image, (size_t)(n + 1) * sizeof *at);
  for (int j = n; j < total; j++) sites->image[at[atoms->id[j] - 1]++] = j;
  nmd_free(at);
  return NMD_OK;
}

static nmd_status sites_setup(nmd__sites *sites, const nmd_potential *potential, const nmd_box *box,
                              const site_record *records) {
  const double cutoff = potential->ops->cutoff(potential->self);
  NMD_TRY(nmd_comm_alone(&sites->alone));
  NMD_TRY(nmd_domain_init(&sites->domain, sites->alone, box, NULL));
  NMD_TRY(nmd_halo_create(&sites->halo));
  NMD_TRY(load_records(sites, records));
  NMD_TRY(nmd_halo_build(sites->halo, &sites->domain, box, cutoff, &sites->atoms));
  nmd_neighbour_list_init(&sites->list, cutoff, 0.0);
  NMD_TRY(nmd_neighbour_list_build(&sites->list, box, &sites->atoms));
  nmd_local_energy_init(&sites->local, potential, &sites->atoms, &sites->list);
  return find_images(sites);
}

static nmd_status sites_of_records(const nmd_potential *potential, const nmd_box *box, int64_t n,
                                   const site_record *records, nmd__sites **out) {
  nmd__sites *sites;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(sites, 1));
  sites->n = (int)n;
  nmd_atoms_init(&sites->atoms);
  const nmd_status status = sites_setup(sites, potential, box, records);
  if (status == NMD_OK)
    *out = sites;
  else
    nmd__sites_destroy(sites);
  return status;
}

nmd_status nmd__sites_create(const nmd_simulation *s, nmd__sites **out) {
  site_record *records;
  *out = NULL;
  NMD_TRY(gather_records(s, &records));
  const nmd_status status = nmd_comm_agree(s->comm, sites_of_records(&s->potential, &s->box, s->n_atoms, records, out));
  nmd_free(records);
  if (status == NMD_OK) return NMD_OK;
  nmd__sites_destroy(*out);
  *out = NULL;
  return status;
}

nmd_status nmd__sites_of_structure(const nmd_potential *potential, const nmd_species *species,
                                   const nmd_structure *structure, nmd__sites **out) {
  site_record *records;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(records, structure->n));
  for (int64_t k = 0; k < structure->n; k++) {
    int image[3] = {0, 0, 0};
    records[k] = (site_record){.id = k + 1, .species = nmd_species_index(species, structure->atomic_number[k])};
    memcpy(records[k].x, structure->x[k], sizeof records[k].x);
    nmd_box_wrap(&structure->box, records[k].x, image);
  }
  const nmd_status status = sites_of_records(potential, &structure->box, structure->n, records, out);
  nmd_free(records);
  return status;
}

void nmd__sites_destroy(nmd__sites *sites) {
  if (sites == NULL) return;
  nmd_local_energy_free(&sites->local);
  nmd_neighbour_list_free(&sites->list);
  nmd_atoms_free(&sites->atoms);
  nmd_halo_destroy(sites->halo);
  nmd_domain_free(&sites->domain);
  nmd_comm_free(sites->alone);
  void *arrays[] = {sites->id, sites->occupant, sites->first_image, sites->image, sites->energy, sites->known};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  nmd_free(sites);
}

void nmd__sites_set_species(nmd__sites *sites, int site, int species) {
  sites->atoms.species[site] = species;
  for (int k = sites->first_image[site]; k < sites->first_image[site + 1]; k++)
    sites->atoms.species[sites->image[k]] = species;
}

/* Place of an id in the ascending list. */
static int atom_of_id(const nmd__sites *sites, int64_t id) {
  int low = 0, high = sites->n - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (sites->id[middle] < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void put_atom(const nmd__sites *sites, nmd_simulation *s, int i, int atom, int site) {
  nmd_atoms *atoms = &s->atoms;
  const int before = atoms->species[i], after = sites->atoms.species[site];
  if (site != atom) memcpy(atoms->x + 3 * i, sites->atoms.x + 3 * site, 3 * sizeof(double));
  if (after == before) return;
  const double scale = sqrt(s->species.mass[before] / s->species.mass[after]);
  atoms->species[i] = after;
  for (int a = 0; a < 3; a++) atoms->v[3 * i + a] *= scale;
}

nmd_status nmd__sites_put_back(const nmd__sites *sites, nmd_simulation *s) {
  int *site_of;
  NMD_TRY(NMD_ALLOC(site_of, sites->n));
  for (int k = 0; k < sites->n; k++) site_of[sites->occupant[k]] = k;
  for (int i = 0; i < s->atoms.n_owned; i++) {
    const int atom = atom_of_id(sites, s->atoms.id[i]);
    put_atom(sites, s, i, atom, site_of[atom]);
  }
  nmd_free(site_of);
  return NMD_OK;
}
