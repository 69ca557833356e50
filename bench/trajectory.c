/* SPDX-License-Identifier: BSD-3-Clause */
/* How fast a NetCDF trajectory is written and read, against copying the same bytes in memory.
 *
 *   trajectory [ATOMS FRAMES FILE]      default 10000 1000 trajectory_bench.nc, which is removed at the end
 *
 * Positions only, as a diffusion run stores them; reading converts to 64-bit numbers. The file is read from the cache. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/timer.h"
#include "io/read_netcdf.h"
#include "io/write_netcdf.h"

typedef struct bench {
  int64_t atoms, frames;
  const char *path;
  double (*x)[3];
  int *number;
  int64_t *id;
} bench;

static void report(const char *what, const bench *b, double seconds) {
  const double bytes = 12.0 * (double)b->atoms * (double)b->frames;
  printf("%-28s %8.3f s %8.2f GB/s %9.0f frames/s\n", what, seconds, 1e-9 * bytes / seconds, (double)b->frames / seconds);
}

static nmd_status write_file(const nmd_comm *comm, const bench *b) {
  static const double h[3][3] = {{60, 0, 0}, {0, 60, 0}, {0, 0, 60}};
  static const bool periodic[3] = {true, true, true};
  nmd_box box;
  nmd_netcdf_writer *writer;
  const nmd_netcdf_layout layout = {.n_atoms = b->atoms, .n = b->atoms, .unwrapped = true, .periodic = periodic,
                                    .atomic_number = b->number, .id = b->id};
  NMD_TRY(nmd_box_init(&box, h, NULL, NULL));
  NMD_TRY(nmd_netcdf_writer_create(comm, b->path, &layout, &writer));
  const double began = nmd_wall_seconds();
  for (int64_t k = 0; k < b->frames; k++) {
    const nmd_netcdf_view frame = {.box = &box, .time = (double)k, .n = b->atoms, .x = (const double(*)[3])b->x};
    NMD_TRY(nmd_netcdf_writer_write(writer, &frame));
  }
  NMD_TRY(nmd_netcdf_writer_close(writer));
  report("written (one rank)", b, nmd_wall_seconds() - began);
  return NMD_OK;
}

static nmd_status read_file(const bench *b) {
  nmd_netcdf *file;
  NMD_TRY(nmd_netcdf_open(b->path, NULL, &file));
  for (int round = 0; round < 2; round++) { /* the first fills the cache */
    const double began = nmd_wall_seconds();
    for (int64_t k = 0; k < b->frames; k++) NMD_TRY(nmd_netcdf_positions(file, k, 0, b->atoms, b->x));
    if (round == 1) report("read, whole frames", b, nmd_wall_seconds() - began);
  }
  const double began = nmd_wall_seconds();
  const int64_t part = b->atoms / 10;
  for (int64_t first = 0; first + part <= b->atoms; first += part)
    for (int64_t k = 0; k < b->frames; k++) NMD_TRY(nmd_netcdf_positions(file, k, first, part, b->x));
  report("read, a tenth of the atoms", b, nmd_wall_seconds() - began);
  nmd_netcdf_close(file);
  return NMD_OK;
}

static nmd_status copy_memory(const bench *b) {
  float *from, *to; /* all frames, so that they come from memory, not from a cache */
  const size_t each = 3 * (size_t)b->atoms, all = each * (size_t)b->frames;
  NMD_TRY(NMD_ALLOC(from, all));
  NMD_TRY(NMD_ALLOC(to, each));
  memset(from, 1, all * sizeof *from);
  const double began = nmd_wall_seconds();
  for (int64_t k = 0; k < b->frames; k++) {
    memcpy(to, from + (size_t)k * each, each * sizeof *to);
    __asm__ volatile("" : : "r"(to) : "memory");
  }
  report("copied in memory", b, nmd_wall_seconds() - began);
  nmd_free(from);
  nmd_free(to);
  return NMD_OK;
}

static nmd_status run(const nmd_comm *comm, bench *b) {
  NMD_TRY(NMD_ALLOC(b->x, b->atoms));
  NMD_TRY(NMD_ALLOC(b->number, b->atoms));
  NMD_TRY(NMD_ALLOC(b->id, b->atoms));
  for (int64_t i = 0; i < b->atoms; i++) {
    b->number[i] = 3;
    b->id[i] = i + 1;
    for (int d = 0; d < 3; d++) b->x[i][d] = 0.001 * (double)(i * (d + 7) % 60000);
  }
  NMD_TRY(write_file(comm, b));
  NMD_TRY(read_file(b));
  return copy_memory(b);
}

int main(int argc, char **argv) {
  bench b = {10000, 1000, "trajectory_bench.nc", NULL, NULL, NULL};
  if (argc == 4) b.atoms = atoll(argv[1]), b.frames = atoll(argv[2]), b.path = argv[3];
  nmd_comm *comm;
  nmd_status status = nmd_comm_start(&argc, &argv, &comm);
  if (status == NMD_OK) status = run(comm, &b);
  if (status != NMD_OK) fprintf(stderr, "trajectory: %s\n", nmd_error_text());
  remove(b.path);
  nmd_free(b.x);
  nmd_free(b.number);
  nmd_free(b.id);
  nmd_comm_stop(comm);
  return nmd_status_exit_code(status);
}
