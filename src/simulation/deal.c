/* SPDX-License-Identifier: BSD-3-Clause */
/* From the structure that rank 0 read or built to atoms on their ranks. It is sent in slices, from which each rank takes
 * its own atoms: no other rank ever holds the whole. */
#include <string.h>

#include "base/memory.h"
#include "simulation/simulation.h"

enum { SLICE = 1 << 16 }; /* atoms */

void nmd_simulation_share_head(nmd_simulation *s, const nmd_structure *structure) {
  struct {
    int64_t n;
    nmd_box box;
    nmd_species species;
  } head = {.n = structure->n, .box = structure->box};
  if (nmd_comm_rank(s->comm) == 0) nmd_species_init(&head.species, structure->atomic_number, (long)structure->n);
  nmd_comm_broadcast(s->comm, &head, sizeof head, 0);
  s->n_atoms = head.n;
  s->box = head.box;
  s->species = head.species;
}

static nmd_status take_own_atoms(nmd_simulation *s, const nmd_structure *structure) {
  const int rank = nmd_comm_rank(s->comm);
  nmd_atoms *atoms = &s->atoms;
  for (int64_t k = 0; k < structure->n; k++) {
    double x[3], fractional[3];
    int image[3] = {0, 0, 0};
    memcpy(x, structure->x[k], sizeof x);
    nmd_box_wrap(&s->box, x, image);
    nmd_box_to_fractional(&s->box, x, fractional);
    if (nmd_domain_owner(&s->domain, fractional) != rank) continue;
    NMD_TRY(nmd_atoms_reserve(atoms, atoms->n_owned + 1));
    const int i = atoms->n_owned++;
    atoms->id[i] = structure->id[k];
    atoms->groups[i] = nmd_groups_of(&s->groups, &s->box, structure->id[k], structure->atomic_number[k], x);
    atoms->species[i] = nmd_species_index(&s->species, structure->atomic_number[k]);
    for (int a = 0; a < 3; a++) {
      atoms->x[3 * i + a] = x[a];
      atoms->v[3 * i + a] = structure->v != NULL ? structure->v[k][a] : 0;
      atoms->image[3 * i + a] = image[a] + (structure->image != NULL ? structure->image[k][a] : 0);
    }
  }
  return NMD_OK;
}

/* One slice to all ranks; on rank 0 `slice` points into the whole structure. */
static void share_slice(const nmd_comm *comm, nmd_structure *slice) {
  const size_t n = (size_t)slice->n;
  nmd_comm_broadcast(comm, slice->atomic_number, n * sizeof *slice->atomic_number, 0);
  nmd_comm_broadcast(comm, slice->id, n * sizeof *slice->id, 0);
  nmd_comm_broadcast(comm, slice->x, n * sizeof *slice->x, 0);
  if (slice->v != NULL) nmd_comm_broadcast(comm, slice->v, n * sizeof *slice->v, 0);
  if (slice->image != NULL) nmd_comm_broadcast(comm, slice->image, n * sizeof *slice->image, 0);
}

static nmd_structure slice_of(const nmd_structure *whole, int64_t first, int64_t n) {
  return (nmd_structure){.n = n,
                         .atomic_number = whole->atomic_number + first,
                         .id = whole->id + first,
                         .x = whole->x + first,
                         .v = whole->v != NULL ? whole->v + first : NULL,
                         .image = whole->image != NULL ? whole->image + first : NULL};
}

/* Room for a slice on the ranks that have no structure. */
static nmd_status slice_room(nmd_structure *room, int64_t n, bool has_v, bool has_image) {
  NMD_TRY(nmd_structure_init(room, n < SLICE ? n : SLICE));
  if (has_v) NMD_TRY(nmd_structure_need_velocities(room));
  return has_image ? nmd_structure_need_images(room) : NMD_OK;
}

static nmd_status deal_slices(nmd_simulation *s, const nmd_structure *structure) {
  for (int64_t first = 0; first < s->n_atoms; first += SLICE) {
    const int64_t n = s->n_atoms - first < SLICE ? s->n_atoms - first : SLICE;
    nmd_structure slice = slice_of(structure, nmd_comm_rank(s->comm) == 0 ? first : 0, n);
    share_slice(s->comm, &slice);
    NMD_TRY(nmd_comm_agree(s->comm, take_own_atoms(s, &slice)));
  }
  return NMD_OK;
}

nmd_status nmd_simulation_deal(nmd_simulation *s, const nmd_structure *structure) {
  const bool root = nmd_comm_rank(s->comm) == 0;
  int has[2] = {root && structure->v != NULL, root && structure->image != NULL};
  nmd_comm_broadcast(s->comm, has, sizeof has, 0);
  nmd_structure room = {0};
  nmd_status status = nmd_comm_agree(s->comm, root ? NMD_OK : slice_room(&room, s->n_atoms, has[0], has[1]));
  if (status == NMD_OK) status = deal_slices(s, root ? structure : &room);
  nmd_structure_free(&room);
  return status;
}
