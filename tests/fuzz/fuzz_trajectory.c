/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target of a trajectory as the analyses read it: any bytes give frames of the same atoms at rising times with
 * finite unwrapped positions, or an error with a message; never a crash, a leak or an endless loop. Read twice: as any
 * format, frame after frame, and as NetCDF, in any order. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/paths_netcdf.h"
#include "analysis/trajectory.h"
#include "base/memory.h"

enum { FRAMES_MAX = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int promised) {
  if (!promised) abort();
}

static void read_in_turn(const char *path, const nmd_trajectory_options *options) {
  nmd_trajectory *trajectory;
  bool end = false;
  int64_t atoms = 0;
  double before = -INFINITY;
  if (nmd_trajectory_open(&path, 1, options, &trajectory) != NMD_OK) {
    check(strlen(nmd_error_text()) > 10);
    return;
  }
  for (int k = 0; k < FRAMES_MAX && !end; k++) {
    nmd_trajectory_frame frame;
    if (nmd_trajectory_next(trajectory, &frame, &end) != NMD_OK) {
      check(strlen(nmd_error_text()) > 10);
      break;
    }
    if (end) break;
    check(atoms == 0 || frame.atoms->n == atoms);
    check(frame.time > before);
    atoms = frame.atoms->n;
    before = frame.time;
    for (int64_t i = 0; i < 3 * atoms; i++) check(isfinite(frame.atoms->x[i / 3][i % 3]));
  }
  nmd_trajectory_close(trajectory);
}

static void read_in_any_order(const char *path, const nmd_trajectory_options *options) {
  nmd_netcdf_run run;
  bool usable;
  double(*x)[3];
  if (nmd_netcdf_run_open(&path, 1, options, &run, &usable) != NMD_OK) {
    check(strlen(nmd_error_text()) > 10);
    return;
  }
  if (!usable) return;
  const int64_t n = nmd_netcdf_run_atoms(&run)->n_atoms;
  if (NMD_ALLOC(x, n) == NMD_OK) {
    for (int64_t t = run.n_frames - 1; t >= 0 && t > run.n_frames - FRAMES_MAX; t--) {
      nmd_box box;
      if (nmd_netcdf_run_positions(&run, t, 0, n, x) != NMD_OK || nmd_netcdf_run_box(&run, t, &box) != NMD_OK) break;
      check(box.volume > 0.0 && isfinite(x[n - 1][2]));
    }
    nmd_free(x);
  }
  nmd_netcdf_run_close(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const elements[] = {"Li", "O"};
  const nmd_read_options read = {.elements = elements, .n_elements = 2};
  const nmd_trajectory_options options = {.read = &read, .timestep = 1.0};
  char path[64];
  const int file = memfd_create("fuzz", 0);
  if (file < 0) return 0;
  if (write(file, data, size) == (ssize_t)size) {
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    read_in_turn(path, &options);
    read_in_any_order(path, &options);
  }
  close(file);
  return 0;
}
