/* SPDX-License-Identifier: BSD-3-Clause */
/* Pair distribution functions and coordination numbers while a run goes on, by the code of nnpmd-rdf (formulas in
 * analysis/rdf.h).
 *
 * Each write is a block of its own, of that moment: rows of r (centre of the bin, A), g of every pair of elements, then
 * n of every ordered pair; blocks are parted by a blank line. With `average` the writes are samples, and after that many
 * a block follows with the average over all samples of the stage, each g with its standard error (analysis/blocks.h): a
 * restarted run goes on with the sums, which are in the checkpoint. The atoms are gathered on rank 0, which counts:
 * simple, and cheap at the intervals at which g(r) is worth counting. */
#include "analysis/rdf.h"
#include "base/memory.h"
#include "output/gather.h"
#include "output/stage_average.h"
#include "output/text_file.h"

typedef struct rdf_parameters {
  double cutoff; /* A */
  int64_t bins, average;
} rdf_parameters;

static const nmd_option rdf_options[] = {
    {"cutoff", NMD_OPT_REAL, offsetof(rdf_parameters, cutoff), NMD_DIM_LENGTH, "10 A", 0, 1000, .min_open = 1,
     .doc = "largest distance; images are counted in small cells"},
    {"bins", NMD_OPT_INT, offsetof(rdf_parameters, bins), .fallback = "200", .min = 1, .max = 100000,
     .doc = "number of bins up to the cut-off"},
    {"average", NMD_OPT_INT, offsetof(rdf_parameters, average), .fallback = "0", .min = 0, .max = 1e9,
     .doc = "N: after every N samples the average over the stage so far, with errors; 0: g(r) of the moment at each write"},
};
static const nmd_option_table rdf_table = {"rdf", "pair distribution functions and coordination numbers, in time",
                                           sizeof(rdf_parameters), NMD_COUNT(rdf_options), rdf_options};

typedef struct rdf {
  nmd_rdf rdf; /* rank 0 counts */
  nmd__stage_average average;
  nmd_gathered gathered;
  const nmd_species *species; /* not owned */
  const char *path;           /* not owned */
  int *kind;                  /* [n] of the gathered atoms */
  int64_t capacity;
  nmd_buffer text;
  nmd_text_file file;
} rdf;

static void rdf_destroy(void *opaque) {
  rdf *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_rdf_free(&self->rdf);
  nmd_gathered_free(&self->gathered);
  nmd_buffer_free(&self->text);
  nmd_buffer_free(&self->average.state);
  nmd_free(self->kind);
  nmd_free(self);
}

static nmd_status rdf_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  const rdf_parameters *p = parameters;
  rdf *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->species = species;
  self->path = path;
  self->average = (nmd__stage_average){.every = p->average, .stage = -1};
  const nmd_status status = nmd_rdf_init(&self->rdf, species->n, p->cutoff, (int)p->bins);
  if (status != NMD_OK) {
    rdf_destroy(self);
    return status;
  }
  *out = self;
  return NMD_OK;
}

static int rdf_wants(const void *self) {
  (void)self;
  return 0;
}

static const char *symbol(const rdf *self, int kind) { return nmd_element_symbol(self->species->atomic_number[kind]); }

static nmd_status rdf_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  rdf *self = opaque;
  const int n = self->species->n;
  nmd_buffer header = {0}, units = {0};
  nmd_buffer_text(&header, "# time r");
  nmd_buffer_text(&units, "# fs A");
  for (int a = 0; a < n; a++)
    for (int b = a; b < n; b++) {
      nmd_buffer_printf(&header, " g_%s-%s", symbol(self, a), symbol(self, b));
      if (self->average.every > 0) nmd_buffer_printf(&header, " error_%s-%s", symbol(self, a), symbol(self, b));
      if (self->average.every > 0) nmd_buffer_text(&units, " 1");
    }
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++) nmd_buffer_printf(&header, " n_%s-%s", symbol(self, a), symbol(self, b));
  for (int k = 0; k < n * (n + 1) / 2 + n * n; k++) nmd_buffer_text(&units, " 1");
  nmd_buffer_printf(&header, "\n%s\n", units.data != NULL ? units.data : "");
  const nmd_status memory = header.status != NMD_OK ? header.status : units.status;
  nmd_status status = nmd_comm_agree(comm, memory);
  if (status == NMD_OK) status = nmd_text_file_begin(&self->file, comm, self->path, offset, header.data);
  nmd_buffer_free(&header);
  nmd_buffer_free(&units);
  return status;
}

/* error NULL: none. */
static void format_block(rdf *self, double time, const double *values, const double *error) {
  const nmd_rdf *r = &self->rdf;
  for (int k = 0; k < r->bins; k++) {
    nmd_buffer_printf(&self->text, "%.3f %.6g", time, nmd_rdf_r(r, k));
    for (int a = 0; a < r->kinds; a++)
      for (int b = a; b < r->kinds; b++) {
        nmd_buffer_printf(&self->text, " %.6f", values[nmd_rdf_g(r, a, b, k)]);
        if (error != NULL) nmd_buffer_printf(&self->text, " %.4g", error[nmd_rdf_g(r, a, b, k)]);
      }
    for (int a = 0; a < r->kinds; a++)
      for (int b = 0; b < r->kinds; b++) nmd_buffer_printf(&self->text, " %.6f", values[nmd_rdf_n(r, a, b, k)]);
    nmd_buffer_text(&self->text, "\n");
  }
  nmd_buffer_text(&self->text, "\n");
}

static nmd_status format_average(rdf *self, double time) {
  const int width = nmd_rdf_width(&self->rdf);
  double *mean;
  NMD_TRY(NMD_ALLOC(mean, 2 * width));
  nmd_blocks_mean(&self->rdf.blocks, mean, mean + width);
  format_block(self, time, mean, mean + width);
  nmd_free(mean);
  return self->text.status;
}

static nmd_status count_pairs(rdf *self, const nmd_frame_view *view, int stage) {
  NMD_TRY(nmd__stage_average_sample(&self->average, &self->rdf.blocks, stage));
  nmd_buffer_clear(&self->text);
  if (view->n > self->capacity) {
    self->capacity = 0;
    NMD_TRY(NMD_GROW(self->kind, 0, view->n));
    self->capacity = view->n;
  }
  for (int64_t i = 0; i < view->n; i++) self->kind[i] = nmd_species_index(self->species, view->atomic_number[i]);
  NMD_TRY(nmd_rdf_add(&self->rdf, self->average.samples - 1, view->box, view->n, view->x, self->kind));
  if (self->average.every == 0) format_block(self, view->time, self->rdf.values, NULL);
  else if (nmd__stage_average_due(&self->average)) return format_average(self, view->time);
  return self->text.status;
}

static nmd_status rdf_write(void *opaque, const nmd_observation *seen) {
  rdf *self = opaque;
  nmd_frame_view view;
  if (self->average.every > 0 && !seen->regular) return NMD_OK; /* the last step is not a sample of its own */
  NMD_TRY(nmd_gather_frame(&self->gathered, seen, NMD_FIELD_ID, &view));
  const bool root = nmd_comm_rank(seen->comm) == 0;
  NMD_TRY(nmd_comm_agree(seen->comm, root ? count_pairs(self, &view, seen->stage) : NMD_OK));
  return nmd_text_file_write(&self->file, self->text.data, self->text.length);
}

static nmd_status rdf_flush(void *opaque, int64_t *offset) {
  rdf *self = opaque;
  const nmd_comm *comm = self->file.comm;
  NMD_TRY(nmd_comm_agree(comm, nmd_comm_rank(comm) == 0 ? nmd__stage_average_save(&self->average, &self->rdf.blocks) : NMD_OK));
  return nmd_text_file_flush(&self->file, offset);
}

static const void *rdf_saved(const void *opaque, size_t *bytes) {
  const rdf *self = opaque;
  *bytes = self->average.state.length;
  return self->average.state.data;
}

/* Rank 0 has all of it. */
static nmd_status rdf_restore(void *opaque, const nmd_comm *comm, const void *bytes, size_t n) {
  rdf *self = opaque;
  if (nmd_comm_rank(comm) == 0) nmd__stage_average_restore(&self->average, &self->rdf.blocks, bytes, n, "rdf");
  return NMD_OK;
}

extern const nmd_output_ops nmd__output_rdf;
const nmd_output_ops nmd__output_rdf = {
    .name = "rdf",
    .options = &rdf_table,
    .default_file = "rdf.dat",
    .create = rdf_create,
    .wants = rdf_wants,
    .begin = rdf_begin,
    .write = rdf_write,
    .flush = rdf_flush,
    .state = rdf_saved,
    .restore = rdf_restore,
    .destroy = rdf_destroy,
};
