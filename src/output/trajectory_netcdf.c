/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/trajectory_netcdf.h"

#include "io/file_atomic.h"

enum { BACKUPS = 3 }; /* earlier files of the same name that are kept, as of text files */

nmd_status nmd__trajectory_netcdf_begin(nmd__trajectory_netcdf *self, const nmd_comm *comm, int64_t offset) {
  self->comm = comm;
  if (offset > 0) return nmd_netcdf_writer_resume(comm, self->path, offset, &self->writer);
  return nmd_comm_agree(comm, nmd_comm_rank(comm) == 0 ? nmd_file_rotate(self->path, BACKUPS) : NMD_OK);
}

static nmd_status create(nmd__trajectory_netcdf *self, const nmd_observation *seen) {
  const nmd_share *share = &self->share;
  nmd_netcdf_layout layout = {.n_atoms = share->total,
                                    .first = share->first,
                                    .n = share->n,
                                    .velocities = self->velocities,
                                    .forces = self->forces,
                                    .unwrapped = self->unwrapped,
                                    .periodic = seen->box->periodic,
                                    .atomic_number = share->atomic_number,
                                    .id = share->sorted + share->first};
  for (int k = 0; k < NMD_NETCDF_SCALARS; k++) layout.scalar[k] = self->scalar[k];
  return nmd_netcdf_writer_create(self->comm, self->path, &layout, &self->writer);
}

nmd_status nmd__trajectory_netcdf_write(nmd__trajectory_netcdf *self, const nmd_observation *seen) {
  nmd_share *share = &self->share;
  if (!self->shared) NMD_TRY(nmd_share_init(share, seen, self->only));
  self->shared = true;
  NMD_TRY(nmd_share_fill(share, seen, self->only, self->unwrapped));
  if (self->writer == NULL) NMD_TRY(create(self, seen));
  nmd_netcdf_view frame = {.box = seen->box,
                            .time = seen->time,
                            .first = share->first,
                            .n = share->n,
                            .x = (const double(*)[3])share->x,
                            .v = self->velocities ? (const double(*)[3])share->v : NULL,
                            .f = self->forces ? (const double(*)[3])share->f : NULL};
  for (int k = 0; k < NMD_NETCDF_SCALARS; k++) frame.scalar[k] = self->scalar[k] ? share->scalar[k] : NULL;
  return nmd_netcdf_writer_write(self->writer, &frame);
}

nmd_status nmd__trajectory_netcdf_flush(nmd__trajectory_netcdf *self, int64_t *offset) {
  *offset = 0; /* no frame yet: a restart begins anew */
  return self->writer != NULL ? nmd_netcdf_writer_flush(self->writer, offset) : NMD_OK;
}

void nmd__trajectory_netcdf_end(nmd__trajectory_netcdf *self) {
  (void)!nmd_netcdf_writer_close(self->writer); /* flushed and checked before */
  nmd_share_free(&self->share);
}
