/* SPDX-License-Identifier: BSD-3-Clause */
/* Mean squared displacements of each element while a run goes on, by the code of nnpmd-msd (analysis/msd.h).
 *
 * Positions are sampled at each write. `frames` samples make a window, whose MSD is averaged over its atoms and all times
 * in it; after each window a block of rows is written, of the average over all windows of the stage so far, with the
 * standard error from their scatter. Image counters follow the atoms, so nothing is lost between samples. Displacements are
 * fractional coordinates times the mean cell of the window, as in nnpmd-msd.
 *
 * Memory: frames x 24 bytes an atom, shared among the ranks, and as much in each checkpoint: what makes a restarted run
 * give the rows of an uninterrupted one. */
#include "base/memory.h"
#include "output/choose.h"
#include "output/msd_window.h"
#include "output/text_file.h"

typedef struct msd_parameters {
  int64_t frames, lags;
  char *direction;
  nmd_text_list elements, groups;
} msd_parameters;

static const nmd_option msd_options[] = {
    {"frames", NMD_OPT_INT, offsetof(msd_parameters, frames), .fallback = "1000", .min = 4, .max = 1e8,
     .doc = "samples that make a window; takes 24 bytes a sample and atom of memory, shared among the ranks"},
    {"lags", NMD_OPT_INT, offsetof(msd_parameters, lags), .fallback = "0", .min = 0, .max = 1e8,
     .doc = "times that are written: 0, every, ... (lags - 1) every; 0: half a window"},
    {"direction", NMD_OPT_TEXT, offsetof(msd_parameters, direction), .fallback = "xyz",
     .doc = "x, y, z, xyz, ab (plane of the cell vectors a and b), c (along c), or a vector \"u,v,w\""},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(msd_parameters, elements), .fallback = "",
     .doc = "look at these elements only; none: all"},
    {"groups", NMD_OPT_TEXT_LIST, offsetof(msd_parameters, groups), .fallback = "",
     .doc = "look at atoms of these groups only; none: all"},
};
static const nmd_option_table msd_table = {"msd", "mean squared displacements, averaged over windows of time",
                                           sizeof(msd_parameters), NMD_COUNT(msd_options), msd_options};

typedef struct msd {
  const nmd_text_list *groups; /* not owned */
  nmd_choice only;
  nmd__msd_window window;
  const nmd_species *species; /* not owned */
  const char *path;           /* not owned */
  nmd_buffer text, state;     /* state: of the last flush, rank 0 */
  nmd_text_file file;
} msd;

static void msd_destroy(void *opaque) {
  msd *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd__msd_window_free(&self->window);
  nmd_buffer_free(&self->text);
  nmd_buffer_free(&self->state);
  nmd_free(self);
}

static nmd_status msd_setup(msd *self, const msd_parameters *p, const nmd_species *species) {
  if (p->lags > p->frames)
    NMD_FAIL(CONFLICT, "lags: %lld of windows of %lld frames; expected at most as many", (long long)p->lags,
             (long long)p->frames);
  NMD_TRY(nmd_choose_elements(&p->elements, species, &self->only));
  self->groups = &p->groups;
  self->window = (nmd__msd_window){.frames = p->frames,
                                   .lags = p->lags > 0 ? p->lags : p->frames / 2,
                                   .only = &self->only,
                                   .direction = p->direction};
  return nmd__msd_window_init(&self->window, species->n);
}

static nmd_status msd_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  msd *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->species = species;
  self->path = path;
  const nmd_status status = msd_setup(self, parameters, species);
  if (status == NMD_OK)
    *out = self;
  else
    msd_destroy(self);
  return status;
}

static nmd_status msd_choose(void *opaque, const nmd_groups *groups) {
  msd *self = opaque;
  return nmd_choose_groups(self->groups, groups, &self->only);
}

static int msd_wants(const void *self) {
  (void)self;
  return 0;
}

static nmd_status msd_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  msd *self = opaque;
  nmd_buffer header = {0}, units = {0};
  nmd_buffer_text(&header, "# stage windows time");
  nmd_buffer_text(&units, "# 1 1 ps");
  for (int k = 0; k < self->species->n; k++) {
    const char *symbol = nmd_element_symbol(self->species->atomic_number[k]);
    if (nmd_chosen_element(&self->only, k)) nmd_buffer_printf(&header, " msd_%s error_%s", symbol, symbol);
    if (nmd_chosen_element(&self->only, k)) nmd_buffer_text(&units, " A^2 A^2");
  }
  nmd_buffer_printf(&header, "\n%s\n", units.data != NULL ? units.data : "");
  nmd_status status = nmd_comm_agree(comm, header.status != NMD_OK ? header.status : units.status);
  if (status == NMD_OK) status = nmd_text_file_begin(&self->file, comm, self->path, offset, header.data);
  nmd_buffer_free(&header);
  nmd_buffer_free(&units);
  return status;
}

static nmd_status format_block(msd *self) {
  const nmd__msd_window *w = &self->window;
  double *mean, *error = NULL;
  const int64_t n = w->kinds * w->lags;
  nmd_buffer_clear(&self->text);
  NMD_TRY(NMD_ALLOC(mean, 2 * n));
  error = mean + n;
  nmd_blocks_mean(&w->blocks, mean, error);
  for (int64_t m = 0; m < w->lags; m++) {
    nmd_buffer_printf(&self->text, "%d %lld %.9g", w->stage + 1, (long long)w->windows, 1e-3 * w->spacing * (double)m);
    for (int k = 0; k < w->kinds; k++)
      if (nmd_chosen_element(&self->only, k))
        nmd_buffer_printf(&self->text, " %.10g %.3g", mean[k * w->lags + m], error[k * w->lags + m]);
    nmd_buffer_text(&self->text, "\n");
  }
  nmd_buffer_text(&self->text, "\n");
  nmd_free(mean);
  return self->text.status;
}

static nmd_status msd_write(void *opaque, const nmd_observation *seen) {
  msd *self = opaque;
  bool full;
  if (!seen->regular) return NMD_OK; /* the last step is not a sample of its own */
  NMD_TRY(nmd__msd_window_add(&self->window, seen, &full));
  if (!full) return NMD_OK;
  NMD_TRY(nmd_comm_agree(seen->comm, nmd_comm_rank(seen->comm) == 0 ? format_block(self) : NMD_OK));
  return nmd_text_file_write(&self->file, self->text.data, self->text.length);
}

static nmd_status msd_flush(void *opaque, int64_t *offset) {
  msd *self = opaque;
  NMD_TRY(nmd__msd_window_save(&self->window, self->file.comm, &self->state));
  return nmd_text_file_flush(&self->file, offset);
}

static const void *msd_state(const void *opaque, size_t *bytes) {
  const msd *self = opaque;
  *bytes = self->state.length;
  return self->state.data;
}

static nmd_status msd_restore(void *opaque, const nmd_comm *comm, const void *bytes, size_t n) {
  return nmd__msd_window_restore(&((msd *)opaque)->window, comm, bytes, n);
}

extern const nmd_output_ops nmd__output_msd;
const nmd_output_ops nmd__output_msd = {
    .name = "msd",
    .options = &msd_table,
    .default_file = "msd.dat",
    .create = msd_create,
    .choose = msd_choose,
    .wants = msd_wants,
    .begin = msd_begin,
    .write = msd_write,
    .flush = msd_flush,
    .state = msd_state,
    .restore = msd_restore,
    .destroy = msd_destroy,
};
