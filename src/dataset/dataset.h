/* SPDX-License-Identifier: BSD-3-Clause */
/* A set of labelled structures in memory: read from any format, written to those that hold labels. */
#ifndef NNPMD_DATASET_DATASET_H
#define NNPMD_DATASET_DATASET_H

#include "io/read_structure.h"

typedef struct nmd_dataset {
  int64_t n, capacity;
  nmd_structure *frames; /* [n], owned */
  char **place;          /* [n], owned: "train.extxyz:123", the first line of the frame, or "folder: frame 4" */
} nmd_dataset;

/* Append every frame of a file or folder; *added (may be NULL) says how many. options: NULL for automatic.
 * Errors: as nmd_structure_reader_next; FILE_TRUNCATED (no frame at all). Local. */
nmd_status nmd_dataset_read(nmd_dataset *set, const char *path, const nmd_read_options *options,
                            int64_t *added) NMD_MUST_USE;
void nmd_dataset_free(nmd_dataset *set); /* leaves it zeroed */

typedef struct nmd_dataset_write_options {
  const char *format; /* extxyz, input_data, deepmd, poscar or NULL: by the name (.extxyz .xyz, .data, name/) */
  int digits;         /* significant ones of per-atom numbers; 0: 17, exact */
  double length_unit; /* input_data: A in a unit of length of the file; 0: 1 */
  double energy_unit; /* input_data: eV in a unit of energy of the file; 0: 1 */
} nmd_dataset_write_options;

/* Write the frames index[0..n-1] (index NULL: the first n) to one file or folder, which appears when it is complete.
 * Local. Errors: BAD_CHOICE (format), CONFLICT (what the format cannot hold), WRITE, MEMORY. */
nmd_status nmd_dataset_write(const nmd_dataset *set, const int64_t *index, int64_t n, const char *path,
                             const nmd_dataset_write_options *options) NMD_MUST_USE;

/* "Au12Li8", elements by atomic number. */
void nmd_structure_formula(const nmd_structure *structure, char *text, size_t size);
/* Value of an info key, or "" without it. */
const char *nmd_structure_key(const nmd_structure *structure, const char *key);
/* Largest |force| (eV/A); 0 without forces. */
double nmd_structure_largest_force(const nmd_structure *structure);

#endif
