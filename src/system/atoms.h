/* SPDX-License-Identifier: BSD-3-Clause */
/* The atoms of one rank: structure of arrays, owned atoms first, ghosts after. */
#ifndef NNPMD_SYSTEM_ATOMS_H
#define NNPMD_SYSTEM_ATOMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* X(name, type, components, what) for every per-atom field. `what` is a set of
 *   M  moves with the atom (migration, sorting)
 *   H  sent to ghosts when the halo is set up (positions also at each step, with the image shift)
 *   C  written to checkpoints */
#define NMD_ATOM_FIELDS(X)                                                                                             \
  X(x, double, 3, M | H | C)        /* position (A) */                                                                 \
  X(v, double, 3, M | C)            /* velocity (A/fs) */                                                              \
  X(f, double, 3, M | C)            /* force (eV/A); ghosts collect partial forces, sent back by reverse */            \
  X(x_listed, double, 3, M | C)     /* position when the neighbour list was built (A) */                               \
  X(id, int64_t, 1, M | H | C)      /* unique, from 1 */                                                               \
  X(groups, uint32_t, 1, M | H | C) /* bits of the groups it belongs to (groups.h) */                                  \
  X(image, int32_t, 3, M | C)       /* cell crossings: x + image h is unwrapped */                                     \
  X(species, int32_t, 1, M | H | C) /* index into the run's nmd_species */

enum { NMD_FIELD_M = 1, NMD_FIELD_H = 2, NMD_FIELD_C = 4, NMD_FIELD_EXTRA = 8 /* see n_extra */ };

typedef struct nmd_atoms {
  int n_owned, n_ghost, capacity;
#define NMD_X(name, type, components, what) type *name; /* [capacity][components] */
  NMD_ATOM_FIELDS(NMD_X)
#undef NMD_X
  /* Numbers that one module attaches to the atoms for a while (the memory of a minimiser): they move with the atom, are sorted,
   * and are packed with NMD_FIELD_EXTRA. Set by nmd_atoms_set_extra. */
  int n_extra;
  double *extra; /* [capacity][n_extra] */
} nmd_atoms;

typedef struct nmd_atom_field {
  const char *name;
  size_t offset;      /* of the pointer in nmd_atoms */
  size_t item_bytes;  /* components * sizeof(type) */
  int what;
} nmd_atom_field;

extern const nmd_atom_field nmd_atom_fields[]; /* in the order of the list */
int nmd_atom_field_count(void);
void *nmd_atom_field_data(const nmd_atoms *atoms, const nmd_atom_field *field);

void nmd_atoms_init(nmd_atoms *atoms);
nmd_status nmd_atoms_reserve(nmd_atoms *atoms, int capacity) NMD_MUST_USE; /* grows by at least a half; keeps data */
void nmd_atoms_free(nmd_atoms *atoms);
nmd_status nmd_atoms_set_extra(nmd_atoms *atoms, int n) NMD_MUST_USE; /* zeroed; 0: none. Errors: MEMORY */
size_t nmd_atoms_packed_bytes(int what);                                   /* per atom, fields with that flag, no extra */
size_t nmd_atoms_extra_bytes(const nmd_atoms *atoms);                      /* per atom */
char *nmd_atoms_pack(const nmd_atoms *atoms, int i, int what, char *buffer);         /* returns the next position */
const char *nmd_atoms_unpack(nmd_atoms *atoms, int i, int what, const char *buffer);
void nmd_atoms_copy(nmd_atoms *atoms, int from, int to);                   /* every M field */
/* Owned atoms in a new order: new[i] = old[order[i]]. Needs scratch space: Errors MEMORY. */
nmd_status nmd_atoms_permute(nmd_atoms *atoms, const int *order) NMD_MUST_USE;

#endif
