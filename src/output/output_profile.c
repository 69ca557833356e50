/* SPDX-License-Identifier: BSD-3-Clause */
/* Composition profile along a cell vector, in time: number density of each element in slices of the cell.
 *
 * Slices are cut in fractional coordinates, so they follow a changing cell. The file has a block per write, one row a
 * slice (time, centre of the slice in A, densities in 1/A^3), blocks parted by a blank line as gnuplot's maps want it.
 */
#include <stdio.h>

#include "base/memory.h"
#include "output/slices.h"
#include "output/text_file.h"

typedef struct profile_parameters {
  nmd_slice_parameters slices;
} profile_parameters;

static const nmd_option profile_options[] = {NMD_SLICE_OPTIONS(profile_parameters, slices)};
static const nmd_option_table profile_table = {"profile",
                                               "number density of each element in slices of the cell, in time",
                                               sizeof(profile_parameters), NMD_COUNT(profile_options), profile_options};

typedef struct profile {
  nmd_slices slices;
  const nmd_species *species; /* not owned */
  const char *path;           /* not owned */
  char *text;                 /* of one block */
  size_t text_size;
  nmd_text_file file;
} profile;

static void profile_destroy(void *opaque) {
  profile *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_slices_free(&self->slices);
  nmd_free(self->text);
  nmd_free(self);
}

static nmd_status profile_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  const profile_parameters *p = parameters;
  profile *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->species = species;
  self->path = path;
  self->text_size = (size_t)p->slices.bins * (size_t)(64 + 32 * species->n) + 64;
  nmd_status status = nmd_slices_init(&self->slices, p->slices.axis, (int)p->slices.bins, species->n);
  if (status == NMD_OK) status = NMD_ALLOC(self->text, self->text_size);
  if (status != NMD_OK) {
    profile_destroy(self);
    return status;
  }
  *out = self;
  return NMD_OK;
}

static int profile_wants(const void *self) {
  (void)self;
  return 0;
}

static nmd_status profile_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  profile *self = opaque;
  char header[32 + 16 * NMD_ELEMENT_MAX];
  size_t used = (size_t)snprintf(header, sizeof header, "# time position");
  for (int s = 0; s < self->species->n; s++)
    used += (size_t)snprintf(header + used, sizeof header - used, " %s",
                             nmd_element_symbol(self->species->atomic_number[s]));
  used += (size_t)snprintf(header + used, sizeof header - used, "\n# fs A");
  for (int s = 0; s < self->species->n; s++) used += (size_t)snprintf(header + used, sizeof header - used, " 1/A^3");
  snprintf(header + used, sizeof header - used, "\n");
  return nmd_text_file_begin(&self->file, comm, self->path, offset, header);
}

static size_t format_block(profile *self, const nmd_observation *seen) {
  const nmd_slices *slices = &self->slices;
  const double volume = nmd_slices_volume(slices, seen->box);
  char *text = self->text;
  const size_t size = self->text_size;
  size_t used = 0;
  for (int b = 0; b < slices->bins; b++) {
    used +=
        (size_t)snprintf(text + used, size - used, "%.3f %.4f", seen->time, nmd_slices_centre(slices, seen->box, b));
    for (int s = 0; s < slices->kinds; s++)
      used +=
          (size_t)snprintf(text + used, size - used, " %.6f", (double)slices->count[b * slices->kinds + s] / volume);
    used += (size_t)snprintf(text + used, size - used, "\n");
  }
  return used + (size_t)snprintf(text + used, size - used, "\n");
}

static nmd_status profile_write(void *opaque, const nmd_observation *seen) {
  profile *self = opaque;
  nmd_slices_observe(&self->slices, seen);
  return nmd_text_file_write(&self->file, self->text, format_block(self, seen));
}

static nmd_status profile_flush(void *opaque, int64_t *offset) {
  return nmd_text_file_flush(&((profile *)opaque)->file, offset);
}

extern const nmd_output_ops nmd__output_profile;
const nmd_output_ops nmd__output_profile = {
    .name = "profile",
    .options = &profile_table,
    .default_file = "profile.dat",
    .create = profile_create,
    .wants = profile_wants,
    .begin = profile_begin,
    .write = profile_write,
    .flush = profile_flush,
    .destroy = profile_destroy,
};
