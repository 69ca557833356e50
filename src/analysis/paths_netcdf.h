/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside analysis: AMBER NetCDF files as one run whose frames, and parts of frames, are read in any order. */
#ifndef NNPMD_ANALYSIS_PATHS_NETCDF_H
#define NNPMD_ANALYSIS_PATHS_NETCDF_H

#include "analysis/trajectory.h"
#include "io/read_netcdf.h"

typedef struct nmd_netcdf_run {
  int n_files;
  nmd_netcdf **file;
  int64_t n_frames, overlap, read;
  int *which;     /* [n_frames] file of each frame of the run */
  int64_t *frame; /* [n_frames] its number there */
  double spacing; /* fs, of the frames in the files */
  double first_time, last_time;
  int64_t counted; /* steps from frame to frame that count for the spacing: behind first and skip, within frames */
  double counted_from, counted_to;
} nmd_netcdf_run;

/* *usable: all files are NetCDF with unwrapped coordinates, the same atoms in order of id, and options that need no
 * more; otherwise the general way (trajectory.h) is to be taken, and nothing is open. The same checks of times as
 * there. Errors: those of nmd_netcdf_open, CONFLICT (times), MISSING_KEY (no times), FILE_TRUNCATED (strict). Local. */
nmd_status nmd_netcdf_run_open(const char *const *files, int n_files, const nmd_trajectory_options *options,
                               nmd_netcdf_run *run, bool *usable) NMD_MUST_USE;
void nmd_netcdf_run_close(nmd_netcdf_run *run);
const nmd_netcdf_summary *nmd_netcdf_run_atoms(const nmd_netcdf_run *run);
nmd_status nmd_netcdf_run_positions(const nmd_netcdf_run *run, int64_t frame, int64_t first, int64_t n,
                                    double (*x)[3]) NMD_MUST_USE;
nmd_status nmd_netcdf_run_box(const nmd_netcdf_run *run, int64_t frame, nmd_box *box) NMD_MUST_USE;

#endif
