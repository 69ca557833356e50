/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside output: the NetCDF kind of a trajectory, which all ranks write together. */
#ifndef NNPMD_OUTPUT_TRAJECTORY_NETCDF_H
#define NNPMD_OUTPUT_TRAJECTORY_NETCDF_H

#include "io/write_netcdf.h"
#include "output/share.h"

typedef struct nmd__trajectory_netcdf {
  const nmd_comm *comm; /* not owned */
  const char *path;     /* not owned */
  bool velocities, forces, unwrapped, scalar[NMD_NETCDF_SCALARS];
  const nmd_choice *only; /* who is written; not owned */
  bool shared;      /* `share` is there */
  nmd_share share;
  nmd_netcdf_writer *writer; /* NULL: before the first frame, whose atoms make the header */
} nmd__trajectory_netcdf;

/* As the functions of nmd_output_ops. All Collective, same status everywhere. */
nmd_status nmd__trajectory_netcdf_begin(nmd__trajectory_netcdf *self, const nmd_comm *comm,
                                        int64_t offset) NMD_MUST_USE;
nmd_status nmd__trajectory_netcdf_write(nmd__trajectory_netcdf *self, const nmd_observation *seen) NMD_MUST_USE;
nmd_status nmd__trajectory_netcdf_flush(nmd__trajectory_netcdf *self, int64_t *offset) NMD_MUST_USE;
void nmd__trajectory_netcdf_end(nmd__trajectory_netcdf *self);

#endif
