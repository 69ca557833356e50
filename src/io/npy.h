/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays of numbers in NumPy's .npy files (versions 1 to 3).
 * Definition: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef NNPMD_IO_NPY_H
#define NNPMD_IO_NPY_H

#include <stdint.h>

#include "base/status.h"

enum { NMD_NPY_DIMENSIONS = 4 };

typedef struct nmd_npy {
  int n_dimensions;
  int64_t shape[NMD_NPY_DIMENSIONS];
  int64_t count;   /* product of the shape */
  double *values;  /* [count] row-major, whatever the type in the file; owned */
} nmd_npy;

/* Types f2 is not read; f4, f8, i1 to i8, u1 to u8 and bool are, of either byte order, C or Fortran order for up to two
 * dimensions. Errors: FILE_MISSING, FILE_FORMAT, FILE_TRUNCATED, READ, MEMORY; messages name the byte. Local. */
nmd_status nmd_npy_read(const char *path, nmd_npy *out) NMD_MUST_USE;
void nmd_npy_free(nmd_npy *array);
/* Write an array [rows][columns] of doubles (columns 0: one-dimensional), atomically. Errors: WRITE, MEMORY. */
nmd_status nmd_npy_write(const char *path, const double *values, int64_t rows, int64_t columns) NMD_MUST_USE;

#endif
