/* SPDX-License-Identifier: BSD-3-Clause */
/* Composition profile along a cell vector, in time: number density of each element in slices of the cell.
 *
 * Slices are cut in fractional coordinates, so they follow a changing cell. The file has a block per write, one row a
 * slice (time, centre of the slice in A, densities in 1/A^3), blocks parted by a blank line as gnuplot's maps want it.
 * With `average` the writes are samples, and after that many a block follows with the mean over all samples of the stage
 * and its standard error (stage_average.h).
 */
#include "base/memory.h"
#include "output/slices.h"
#include "output/stage_average.h"
#include "output/text_file.h"

typedef struct profile_parameters {
  nmd_slice_parameters slices;
  int64_t average;
} profile_parameters;

static const nmd_option profile_options[] = {
    NMD_SLICE_OPTIONS(profile_parameters, slices),
    {"average", NMD_OPT_INT, offsetof(profile_parameters, average), .fallback = "0", .min = 0, .max = 1e9,
     .doc = "N: after every N samples the average over the stage so far, with errors; 0: densities of the moment at each write"},
};
static const nmd_option_table profile_table = {"profile",
                                               "number density of each element in slices of the cell, in time",
                                               sizeof(profile_parameters), NMD_COUNT(profile_options), profile_options};

typedef struct profile {
  nmd_slices slices;
  const nmd_species *species; /* not owned */
  const char *path;           /* not owned */
  nmd__stage_average average;
  nmd_blocks blocks;          /* [bins][1 + species]: centre (A), densities (1/A^3) */
  double *values;             /* [2][bins][1 + species] of a sample or a mean, and its error */
  nmd_buffer text;
  nmd_text_file file;
} profile;

static void profile_destroy(void *opaque) {
  profile *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_slices_free(&self->slices);
  nmd_blocks_free(&self->blocks);
  nmd_buffer_free(&self->average.state);
  nmd_buffer_free(&self->text);
  nmd_free(self->values);
  nmd_free(self);
}

static nmd_status profile_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  const profile_parameters *p = parameters;
  profile *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->species = species;
  self->path = path;
  self->average = (nmd__stage_average){.every = p->average, .stage = -1};
  const int width = (int)p->slices.bins * (1 + species->n);
  nmd_status status = nmd_slices_init(&self->slices, p->slices.axis, (int)p->slices.bins, species->n);
  if (status == NMD_OK) status = nmd_blocks_init(&self->blocks, width);
  if (status == NMD_OK) status = NMD_ALLOC(self->values, 2 * width);
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
  const bool errors = self->average.every > 0;
  nmd_buffer header = {0};
  nmd_buffer_text(&header, "# time position");
  for (int s = 0; s < self->species->n; s++) {
    const char *symbol = nmd_element_symbol(self->species->atomic_number[s]);
    nmd_buffer_printf(&header, errors ? " %s error_%s" : " %s", symbol, symbol);
  }
  nmd_buffer_text(&header, "\n# fs A");
  for (int s = 0; s < self->species->n; s++) nmd_buffer_text(&header, errors ? " 1/A^3 1/A^3" : " 1/A^3");
  nmd_buffer_text(&header, "\n");
  nmd_status status = nmd_comm_agree(comm, header.status);
  if (status == NMD_OK) status = nmd_text_file_begin(&self->file, comm, self->path, offset, header.data);
  nmd_buffer_free(&header);
  return status;
}

static void fill_values(profile *self, const nmd_observation *seen) {
  const nmd_slices *slices = &self->slices;
  const double volume = nmd_slices_volume(slices, seen->box);
  double *value = self->values;
  for (int b = 0; b < slices->bins; b++) {
    *value++ = nmd_slices_centre(slices, seen->box, b);
    for (int s = 0; s < slices->kinds; s++) *value++ = (double)slices->count[b * slices->kinds + s] / volume;
  }
}

/* error NULL: none. */
static nmd_status format_block(profile *self, double time, const double *value, const double *error) {
  const nmd_slices *slices = &self->slices;
  for (int b = 0; b < slices->bins; b++) {
    nmd_buffer_printf(&self->text, "%.3f %.4f", time, value[b * (1 + slices->kinds)]);
    for (int k = b * (1 + slices->kinds) + 1; k < (b + 1) * (1 + slices->kinds); k++) {
      nmd_buffer_printf(&self->text, " %.6f", value[k]);
      if (error != NULL) nmd_buffer_printf(&self->text, " %.3g", error[k]);
    }
    nmd_buffer_text(&self->text, "\n");
  }
  nmd_buffer_text(&self->text, "\n");
  return self->text.status;
}

/* Rank 0: the block that is due, if any. */
static nmd_status add_sample(profile *self, const nmd_observation *seen) {
  double *error = self->values + self->blocks.width;
  fill_values(self, seen);
  if (self->average.every == 0) return format_block(self, seen->time, self->values, NULL);
  NMD_TRY(nmd__stage_average_sample(&self->average, &self->blocks, seen->stage));
  nmd_blocks_add(&self->blocks, self->average.samples - 1, self->values);
  if (!nmd__stage_average_due(&self->average)) return NMD_OK;
  nmd_blocks_mean(&self->blocks, self->values, error);
  return format_block(self, seen->time, self->values, error);
}

static nmd_status profile_write(void *opaque, const nmd_observation *seen) {
  profile *self = opaque;
  if (self->average.every > 0 && !seen->regular) return NMD_OK; /* the last step is not a sample of its own */
  nmd_slices_observe(&self->slices, seen);
  nmd_buffer_clear(&self->text);
  NMD_TRY(nmd_comm_agree(seen->comm, nmd_comm_rank(seen->comm) == 0 ? add_sample(self, seen) : NMD_OK));
  return nmd_text_file_write(&self->file, self->text.data, self->text.length);
}

static nmd_status profile_flush(void *opaque, int64_t *offset) {
  profile *self = opaque;
  const nmd_comm *comm = self->file.comm;
  const bool root = nmd_comm_rank(comm) == 0;
  NMD_TRY(nmd_comm_agree(comm, root ? nmd__stage_average_save(&self->average, &self->blocks) : NMD_OK));
  return nmd_text_file_flush(&self->file, offset);
}

static const void *profile_saved(const void *opaque, size_t *bytes) {
  const profile *self = opaque;
  *bytes = self->average.state.length;
  return self->average.state.data;
}

static nmd_status profile_restore(void *opaque, const nmd_comm *comm, const void *bytes, size_t n) {
  profile *self = opaque;
  if (nmd_comm_rank(comm) == 0) nmd__stage_average_restore(&self->average, &self->blocks, bytes, n, "profile");
  return NMD_OK;
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
    .state = profile_saved,
    .restore = profile_restore,
    .destroy = profile_destroy,
};
