/* SPDX-License-Identifier: BSD-3-Clause */
/* One whole structure on one process: what readers return, builders make and writers take. */
#ifndef NNPMD_SYSTEM_STRUCTURE_H
#define NNPMD_SYSTEM_STRUCTURE_H

#include <stdint.h>

#include "base/status.h"
#include "system/box.h"

/* A key and a value of text: what a file says about a whole structure (kind, group, family, ...). */
typedef struct nmd_info {
  const char *key;    /* letters, digits, _ - . */
  const char *value;  /* any text */
} nmd_info;

typedef struct nmd_structure {
  int64_t n;
  nmd_box box;
  int *atomic_number;    /* [n] */
  double (*x)[3];        /* [n] A */
  double (*v)[3];        /* [n] A/fs, or NULL */
  double (*f)[3];        /* [n] eV/A, or NULL */
  int (*image)[3];       /* [n], or NULL */
  int64_t *id;           /* [n], from 1 when the file has none; unique */
  bool has_energy, has_stress;
  double energy;         /* eV, when has_energy */
  double stress[3][3];   /* eV/A^3, when has_stress; sign of ASE: tension positive, virial = -volume * stress */
  nmd_info *info;        /* [n_info], texts owned, or NULL: labels without a place of their own, in order of the file */
  int n_info;
  char *comment;         /* or NULL */
} nmd_structure;

/* Zeroed arrays x, atomic_number, id (1..n); v, f, image stay NULL until asked for. Errors: MEMORY. */
nmd_status nmd_structure_init(nmd_structure *structure, int64_t n) NMD_MUST_USE;
nmd_status nmd_structure_need_velocities(nmd_structure *structure) NMD_MUST_USE;
nmd_status nmd_structure_need_forces(nmd_structure *structure) NMD_MUST_USE;
nmd_status nmd_structure_need_images(nmd_structure *structure) NMD_MUST_USE;
/* Value of an info key, or NULL. */
const char *nmd_structure_info(const nmd_structure *structure, const char *key);
/* Add a key or replace its value; both texts are copied. Errors: MEMORY. */
nmd_status nmd_structure_set_info(nmd_structure *structure, const char *key, const char *value) NMD_MUST_USE;
nmd_status nmd_structure_copy(const nmd_structure *from, nmd_structure *to) NMD_MUST_USE;
void nmd_structure_free(nmd_structure *structure); /* NULL-safe members; leaves it zeroed */

#endif
