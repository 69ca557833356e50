/* SPDX-License-Identifier: BSD-3-Clause */
/* Mixing fraction in time: 0 for pure slices, 1 when every slice has the overall composition (formula in
 * analysis/slices.h). */
#include <stdio.h>

#include "base/memory.h"
#include "output/slices.h"
#include "output/text_file.h"

typedef struct mixing_parameters {
  nmd_slice_parameters slices;
} mixing_parameters;

static const nmd_option mixing_options[] = {NMD_SLICE_OPTIONS(mixing_parameters, slices)};
static const nmd_option_table mixing_table = {"mixing", "mixing fraction (1 - intensity of segregation) in time",
                                              sizeof(mixing_parameters), NMD_COUNT(mixing_options), mixing_options};

typedef struct mixing {
  nmd_slices slices;
  const char *path; /* not owned */
  nmd_text_file file;
} mixing;

static void mixing_destroy(void *opaque) {
  mixing *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_slices_free(&self->slices);
  nmd_free(self);
}

static nmd_status mixing_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  mixing *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->path = path;
  const nmd_slice_parameters *slices = &((const mixing_parameters *)parameters)->slices;
  const nmd_status status = nmd_slices_init(&self->slices, slices->axis, (int)slices->bins, species->n);
  if (status != NMD_OK) {
    nmd_free(self);
    return status;
  }
  *out = self;
  return NMD_OK;
}

static int mixing_wants(const void *self) {
  (void)self;
  return 0;
}

static nmd_status mixing_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  mixing *self = opaque;
  return nmd_text_file_begin(&self->file, comm, self->path, offset, "# step time mixing_fraction\n# 1 fs 1\n");
}

static nmd_status mixing_write(void *opaque, const nmd_observation *seen) {
  mixing *self = opaque;
  nmd_slices_observe(&self->slices, seen);
  char row[96];
  const int used = snprintf(row, sizeof row, "%lld %.3f %.6f\n", (long long)seen->step, seen->time,
                            nmd_slices_mixing(&self->slices));
  return nmd_text_file_write(&self->file, row, (size_t)used);
}

static nmd_status mixing_flush(void *opaque, int64_t *offset) {
  return nmd_text_file_flush(&((mixing *)opaque)->file, offset);
}

extern const nmd_output_ops nmd__output_mixing;
const nmd_output_ops nmd__output_mixing = {
    .name = "mixing",
    .options = &mixing_table,
    .default_file = "mixing.dat",
    .create = mixing_create,
    .wants = mixing_wants,
    .begin = mixing_begin,
    .write = mixing_write,
    .flush = mixing_flush,
    .destroy = mixing_destroy,
};
