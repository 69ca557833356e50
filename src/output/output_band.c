/* SPDX-License-Identifier: BSD-3-Clause */
/* The band of a stage `neb`: a table of its energies that grows with the steps; and files that always hold the latest
 * band: the images (extended XYZ, to look at, or to go on from with `path`), and the profile between them, the cubic
 * through energies and slopes (first block) and the images themselves (second), for gnuplot. Steps of other stages
 * write nothing. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/file_atomic.h"
#include "io/write_extxyz.h"
#include "output/output.h"
#include "output/text_file.h"

typedef struct band_parameters {
  bool images;
  int64_t points;
} band_parameters;

static const nmd_option band_options[] = {
    {"images", NMD_OPT_BOOL, offsetof(band_parameters, images), .fallback = "true",
     .doc = "also the images themselves, FILE.extxyz (the latest ones)"},
    {"points", NMD_OPT_INT, offsetof(band_parameters, points), .fallback = "20", .min = 1, .max = 10000,
     .doc = "of the profile, from one image to the next"},
};
static const nmd_option_table band_table = {"band", "energies and images of a nudged elastic band",
                                            sizeof(band_parameters), NMD_COUNT(band_options), band_options};

typedef struct band_output {
  band_parameters parameters;
  const char *path; /* not owned */
  nmd_text_file file;
} band_output;

static void band_destroy(void *opaque) {
  band_output *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_free(self);
}

static nmd_status band_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  (void)species;
  band_output *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->parameters = *(const band_parameters *)parameters;
  self->path = path;
  *out = self;
  return NMD_OK;
}

static int band_wants(const void *self) {
  (void)self;
  return 0;
}

static nmd_status band_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  band_output *self = opaque;
  return nmd_text_file_begin(&self->file, comm, self->path, offset,
                             "# step image path energy energy-first slope across\n# 1 1 A eV eV eV/A eV/A\n");
}

/* FILE without what follows its last dot, then `end`. */
static nmd_status write_beside(const band_output *self, const char *end, const nmd_buffer *text) {
  char *path;
  const size_t length = strlen(self->path);
  NMD_TRY(text->status);
  NMD_TRY(NMD_ALLOC(path, length + strlen(end) + 1));
  memcpy(path, self->path, length);
  char *dot = strrchr(path, '.');
  if (dot == NULL || strchr(dot, '/') != NULL) dot = path + length;
  strcpy(dot, end);
  const nmd_status status = nmd_file_write_atomic(path, text->data, text->length, 1);
  nmd_free(path);
  return status;
}

static nmd_status put_image(const nmd_observation *seen, const int *z, int k, nmd_buffer *text) {
  const nmd_band *band = seen->band;
  char number[16], along[32];
  snprintf(number, sizeof number, "%d", k);
  snprintf(along, sizeof along, "%.8g", band->path[k]);
  const nmd_frame_extra extras[] = {{"image", number}, {"path", along}};
  const nmd_frame_view view = {.n = band->atoms,
                               .id = band->id,
                               .atomic_number = z,
                               .x = (const double(*)[3])nmd_band_of(band, band->x, k),
                               .unwrapped = true,
                               .f = (const double(*)[3])nmd_band_of(band, band->force, k),
                               .box = seen->box,
                               .step = seen->step,
                               .time = seen->time,
                               .has_energy = true,
                               .energy = band->energy[k],
                               .extras = extras,
                               .n_extras = 2};
  return nmd_extxyz_format(&view, NMD_FIELD_ID | NMD_FIELD_FORCE, NMD_DIGITS_MAX, text);
}

static nmd_status write_images(const band_output *self, const nmd_observation *seen) {
  const nmd_band *band = seen->band;
  nmd_buffer text = {0};
  int *z;
  NMD_TRY(NMD_ALLOC(z, band->atoms));
  for (int64_t i = 0; i < band->atoms; i++) z[i] = seen->species->atomic_number[band->kind[i]];
  nmd_status status = NMD_OK;
  for (int k = 0; k < band->n && status == NMD_OK; k++) status = put_image(seen, z, k, &text);
  if (status == NMD_OK) status = write_beside(self, ".extxyz", &text);
  nmd_free(z);
  nmd_buffer_free(&text);
  return status;
}

static nmd_status write_profile(const band_output *self, const nmd_band *band) {
  nmd_buffer text = {0};
  const int points = (int)self->parameters.points;
  nmd_buffer_text(&text, "# gnuplot: plot 'band_profile.dat' index 0 with lines, '' index 1 with points\n"
                         "# path energy-first\n# A eV\n");
  for (int k = 0; k + 1 < band->n; k++)
    for (int p = 0; p < points + (k + 2 == band->n); p++) {
      const double t = (double)p / points;
      nmd_buffer_printf(&text, "%.6f %.8f\n", band->path[k] + t * (band->path[k + 1] - band->path[k]),
                        nmd_band_energy_between(band, k, t) - band->energy[0]);
    }
  nmd_buffer_printf(&text, "\n\n");
  for (int k = 0; k < band->n; k++)
    nmd_buffer_printf(&text, "%.6f %.8f\n", band->path[k], band->energy[k] - band->energy[0]);
  const nmd_status status = write_beside(self, "_profile.dat", &text);
  nmd_buffer_free(&text);
  return status;
}

static nmd_status write_rows(band_output *self, const nmd_observation *seen) {
  const nmd_band *band = seen->band;
  nmd_buffer text = {0};
  for (int k = 0; k < band->n; k++)
    nmd_buffer_printf(&text, "%lld %d %.6f %.9f %.9f %.6f %.6f\n", (long long)seen->step, k, band->path[k],
                      band->energy[k], band->energy[k] - band->energy[0], band->slope[k], band->across[k]);
  nmd_buffer_printf(&text, "\n");
  nmd_status status = text.status;
  if (status == NMD_OK) status = nmd_text_file_write(&self->file, text.data, text.length);
  nmd_buffer_free(&text);
  return status;
}

/* Rank 0 has all of it; the others only learn how it went. */
static nmd_status write_all(band_output *self, const nmd_observation *seen) {
  if (nmd_comm_rank(seen->comm) != 0) return NMD_OK;
  if (self->parameters.images) NMD_TRY(write_images(self, seen));
  return write_profile(self, seen->band);
}

static nmd_status band_write(void *opaque, const nmd_observation *seen) {
  band_output *self = opaque;
  if (seen->band == NULL) return NMD_OK;
  NMD_TRY(nmd_comm_agree_root(seen->comm, write_all(self, seen)));
  return write_rows(self, seen);
}

static nmd_status band_flush(void *opaque, int64_t *offset) {
  return nmd_text_file_flush(&((band_output *)opaque)->file, offset);
}

extern const nmd_output_ops nmd__output_band;
const nmd_output_ops nmd__output_band = {
    .name = "band",
    .options = &band_table,
    .default_file = "band.dat",
    .create = band_create,
    .wants = band_wants,
    .begin = band_begin,
    .write = band_write,
    .flush = band_flush,
    .destroy = band_destroy,
};
