/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: the header of a classic NetCDF file (CDF-1, CDF-2 with 64-bit offsets, CDF-5 with 64-bit sizes).
 *
 * Read by ourselves: the format is small, trajectories come from everywhere and may be damaged, and reading must
 * neither need MPI nor trust a number before it is checked against the size of the file. Definition:
 * https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html */
#ifndef NNPMD_IO_NETCDF_HEADER_H
#define NNPMD_IO_NETCDF_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
  NMD__NC_BYTE = 1,
  NMD__NC_CHAR,
  NMD__NC_SHORT,
  NMD__NC_INT,
  NMD__NC_FLOAT,
  NMD__NC_DOUBLE,
  NMD__NC_UBYTE,
  NMD__NC_USHORT,
  NMD__NC_UINT,
  NMD__NC_INT64,
  NMD__NC_UINT64
};
enum { NMD__NC_DIMENSIONS_MAX = 64, NMD__NC_VARIABLES_MAX = 128, NMD__NC_RANK_MAX = 8, NMD__NC_NAME = 64 };

typedef struct nmd__nc_variable {
  char name[NMD__NC_NAME];
  int type, rank;
  int dimension[NMD__NC_RANK_MAX]; /* indices, slowest first */
  bool record;                     /* its first dimension is the frame */
  int64_t count;                   /* values in a record, or in all */
  int64_t begin;                   /* byte of the first record, or of the values */
  char units[NMD__NC_NAME];        /* attribute, "" if none */
  double scale;                    /* attribute scale_factor, 1 if none */
} nmd__nc_variable;

typedef struct nmd__nc_header {
  int version;          /* 1, 2, 5 */
  int64_t records;      /* announced; -1: written as a stream, count by the size of the file */
  int64_t record_bytes; /* of all record variables together */
  int n_dimensions, n_variables;
  struct {
    char name[NMD__NC_NAME];
    int64_t length; /* 0: the record dimension */
  } dimension[NMD__NC_DIMENSIONS_MAX];
  nmd__nc_variable variable[NMD__NC_VARIABLES_MAX];
  char conventions[NMD__NC_NAME], program[NMD__NC_NAME], coordinates[NMD__NC_NAME]; /* global attributes */
} nmd__nc_header;

bool nmd__nc_is_magic(const void *bytes, size_t length);
/* Parse the first `length` bytes of a file of `size` bytes. Errors name file and byte: FILE_FORMAT, FILE_TRUNCATED. */
nmd_status nmd__nc_header_parse(const char *name, const uint8_t *bytes, size_t length, int64_t size,
                                nmd__nc_header *header) NMD_MUST_USE;
const nmd__nc_variable *nmd__nc_find(const nmd__nc_header *header, const char *name); /* NULL: not there */
size_t nmd__nc_type_size(int type);

#endif
