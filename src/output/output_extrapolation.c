/* SPDX-License-Identifier: BSD-3-Clause */
/* Atoms in environments outside the training range of the potential, or about whose forces a committee disagrees: say so,
 * export such frames for labelling, or stop.
 *
 * The count is that of (atom, symmetry function) pairs out of range at a step, over all ranks: it does not depend on
 * their number. Frames go to an extended XYZ file (with the number of functions out of range of each atom) and, for
 * training programs, to input.data beside it. A frame is exported when it comes `gap` steps or more after the last one
 * and its flagged atoms have moved by `distance` from where they were in each frame exported before
 * (extrapolation_frames.h); after a restart the file itself tells which those are. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/write_extxyz.h"
#include "output/extrapolation_frames.h"
#include "output/gather.h"
#include "output/text_file.h"

typedef struct extrapolation_parameters {
  int policy;
  int64_t tolerated, limit, gap, max_frames, outside_end;
  double distance, sigma, sigma_end;
  bool input_data;
} extrapolation_parameters;

static const nmd_option extrapolation_options[] = {
    {"policy", NMD_OPT_CHOICE, offsetof(extrapolation_parameters, policy), .fallback = "dump",
     .choices = "warn|dump|stop",
     .doc = "warn: log it; dump: export frames, too; stop: end the run, too (exit code 3)"},
    {"tolerated", NMD_OPT_INT, offsetof(extrapolation_parameters, tolerated), .fallback = "0", .min = 0, .max = 1e15,
     .doc = "(atom, function) pairs out of range at a step that are passed over"},
    {"limit", NMD_OPT_INT, offsetof(extrapolation_parameters, limit), .fallback = "0", .min = 0, .max = 1e15,
     .doc = "policy stop: pairs out of range since the run began that it survives"},
    {"gap", NMD_OPT_INT, offsetof(extrapolation_parameters, gap), .fallback = "100", .min = 1, .max = 1e12,
     .doc = "steps at least between two exported frames"},
    {"distance", NMD_OPT_REAL, offsetof(extrapolation_parameters, distance), NMD_DIM_LENGTH, "0.3 A", 0, 100,
     .doc = "how far the flagged atoms must have moved (root mean square) since each frame exported before"},
    {"sigma", NMD_OPT_REAL, offsetof(extrapolation_parameters, sigma), NMD_DIM_FORCE, "0 eV/A", 0, 1e6,
     .doc = "also flag atoms about whose force a committee disagrees by more than this (policy stop: they end the "
            "run); takes one more evaluation a member at each look; 0: do not"},
    {"sigma_end", NMD_OPT_REAL, offsetof(extrapolation_parameters, sigma_end), NMD_DIM_FORCE, "0 eV/A", 0, 1e6,
     .doc = "end the run (exit code 3), whatever the policy, when the committee disagrees about a force by more than "
            "this, after such a frame has been exported; goes with sigma; 0: do not"},
    {"outside_end", NMD_OPT_INT, offsetof(extrapolation_parameters, outside_end), .fallback = "0", .min = 0,
     .max = 1e15,
     .doc = "end the run (exit code 3), whatever the policy, when more pairs than this are out of range at a step; 0: "
            "do not"},
    {"max_frames", NMD_OPT_INT, offsetof(extrapolation_parameters, max_frames), .fallback = "100", .min = 1, .max = 1e6,
     .doc = "frames to export at most; their positions are kept in memory"},
    {"input_data", NMD_OPT_BOOL, offsetof(extrapolation_parameters, input_data), .fallback = "true",
     .doc = "write the frames as input.data (n2p2, RuNNer; A, eV), too; the file's name ends in .data"},
};
static const nmd_option_table extrapolation_table = {
    "extrapolation", "frames with atoms outside the training range of the potential", sizeof(extrapolation_parameters),
    NMD_COUNT(extrapolation_options), extrapolation_options};

enum { WARN, DUMP, STOP };
static unsigned fields_of(const extrapolation_parameters *p) {
  return NMD_FIELD_ID | NMD_FIELD_IMAGE | NMD_FIELD_VELOCITY | NMD_FIELD_FORCE | NMD_FIELD_EXTRAPOLATION |
         (p->sigma > 0 ? NMD_FIELD_SIGMA_ENERGY | NMD_FIELD_SIGMA_FORCE : 0u);
}

typedef struct extrapolation {
  extrapolation_parameters parameters;
  const char *path; /* not owned */
  char *labels;     /* path of input.data; NULL: none */
  nmd_text_file file, label_file;
  nmd_gathered gathered;
  nmd__flagged_frames frames;  /* rank 0 */
  int64_t last_step, n_frames; /* of the exported ones; the same on all ranks */
  int64_t next_warning;        /* total from which to warn again */
  int64_t warned_sigma;        /* steps with a word about the committee */
  int *flags;                  /* [n_flags] of the atoms of a frame, rank 0 */
  int64_t n_flags;
} extrapolation;

/* name.extxyz becomes name.data */
static nmd_status label_path(const char *path, char **out) {
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  const size_t stem = dot != NULL && (slash == NULL || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);
  NMD_TRY(nmd_alloc(out, stem + sizeof ".data", 1));
  memcpy(*out, path, stem);
  memcpy(*out + stem, ".data", sizeof ".data");
  return NMD_OK;
}

static nmd_status extrapolation_create(const void *parameters, const char *path, const nmd_species *species,
                                       void **out) {
  (void)species;
  extrapolation *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->parameters = *(const extrapolation_parameters *)parameters;
  self->path = path;
  self->last_step = INT64_MIN / 2;
  self->frames.distance = self->parameters.distance;
  const nmd_status status = self->parameters.input_data ? label_path(path, &self->labels) : NMD_OK;
  if (status == NMD_OK)
    *out = self;
  else
    nmd_free(self);
  return status;
}

static int extrapolation_wants(const void *self) {
  return NMD_WANT_ATOM_EXTRAPOLATION | (((const extrapolation *)self)->parameters.sigma > 0 ? NMD_WANT_SIGMA : 0);
}

/* After a restart: the frames before the cut. */
static nmd_status take_up(extrapolation *self, const nmd_comm *comm) {
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(comm) == 0 && self->file.file.offset > 0)
    status = nmd__flagged_frames_reread(&self->frames, self->path, self->labels, &self->last_step);
  NMD_TRY(nmd_comm_agree(comm, status));
  int64_t state[2] = {self->last_step, self->frames.n};
  nmd_comm_broadcast(comm, state, sizeof state, 0);
  self->last_step = state[0];
  self->n_frames = state[1];
  return NMD_OK;
}

static int64_t size_of(const extrapolation *self) {
  FILE *file = fopen(self->labels, "rb");
  if (file == NULL) return -1;
  const int64_t size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  fclose(file);
  return size;
}

static nmd_status extrapolation_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  extrapolation *self = opaque;
  NMD_TRY(nmd_text_file_begin(&self->file, comm, self->path, offset, ""));
  if (offset >= 0) NMD_TRY(take_up(self, comm));
  if (self->labels == NULL) return NMD_OK;
  const int64_t rewritten = self->n_frames > 0 && nmd_comm_rank(comm) == 0 ? size_of(self) : -1;
  return nmd_text_file_begin(&self->label_file, comm, self->labels, rewritten, "");
}

static void warn(extrapolation *self, const nmd_observation *seen) {
  if (seen->extrapolations_total < self->next_warning) return;
  nmd_log_warning("step %lld: %lld (atom, function) pairs are outside the training range, %lld since the run began",
                  (long long)seen->step, (long long)seen->extrapolations, (long long)seen->extrapolations_total);
  self->next_warning = 10 * seen->extrapolations_total; /* a word for each power of ten, not a flood */
}

/* Atoms beyond the committee's threshold, all ranks; *worst: the largest spread. Collective. */
static int64_t count_disputed(const extrapolation *self, const nmd_observation *seen, double *worst) {
  int64_t n = 0;
  *worst = 0;
  if (self->parameters.sigma <= 0) return 0;
  for (int i = 0; i < seen->atoms->n_owned; i++) {
    n += seen->sigma_force[i] > self->parameters.sigma;
    if (seen->sigma_force[i] > *worst) *worst = seen->sigma_force[i];
  }
  nmd_comm_sum_int(seen->comm, &n, 1);
  nmd_comm_max(seen->comm, worst, 1);
  return n;
}

/* Is the frame unlike those exported, where its flagged atoms are concerned? */
static nmd_status is_new(extrapolation *self, const nmd_frame_view *view, bool *fresh) {
  nmd_frame_view flagged = *view;
  if (self->parameters.sigma > 0) {
    if (view->n > self->n_flags) {
      NMD_TRY(NMD_GROW(self->flags, 0, view->n));
      self->n_flags = view->n;
    }
    for (int64_t i = 0; i < view->n; i++)
      self->flags[i] = view->extrapolation[i] + (view->sigma_force[i] > self->parameters.sigma);
    flagged.extrapolation = self->flags;
  }
  *fresh = nmd__flagged_frames_new(&self->frames, &flagged);
  return NMD_OK;
}

static nmd_status export_frame(extrapolation *self, const nmd_frame_view *view, bool *exported) {
  bool fresh;
  NMD_TRY(is_new(self, view, &fresh));
  if (!fresh) return NMD_OK;
  nmd_buffer text = {0};
  nmd_status status = nmd_extxyz_format(view, fields_of(&self->parameters), NMD_DIGITS_MAX, &text);
  if (status == NMD_OK) status = nmd_append_write(&self->file.file, text.data, text.length, false);
  nmd_buffer_clear(&text);
  if (status == NMD_OK && self->labels != NULL) {
    char step[32];
    snprintf(step, sizeof step, "%lld", (long long)view->step);
    status = nmd__flagged_frame_label(view, step, view->extras[0].value, &text);
    if (status == NMD_OK) status = nmd_append_write(&self->label_file.file, text.data, text.length, false);
  }
  nmd_buffer_free(&text);
  if (status == NMD_OK) status = nmd__flagged_frames_keep(&self->frames, view);
  *exported = status == NMD_OK;
  return status;
}

static nmd_status consider(extrapolation *self, const nmd_observation *seen) {
  nmd_frame_view view;
  NMD_TRY(nmd_gather_frame(&self->gathered, seen, fields_of(&self->parameters), &view));
  bool exported = false;
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(seen->comm) == 0) {
    char count[32];
    const nmd_frame_extra extra = {"extrapolations", count};
    snprintf(count, sizeof count, "%lld", (long long)seen->extrapolations);
    view.extras = &extra;
    view.n_extras = 1;
    status = export_frame(self, &view, &exported);
  }
  NMD_TRY(nmd_comm_agree(seen->comm, status));
  nmd_comm_broadcast(seen->comm, &exported, sizeof exported, 0);
  if (!exported) return NMD_OK;
  self->last_step = seen->step;
  self->n_frames++;
  return NMD_OK;
}

static nmd_status extrapolation_flush(void *opaque, int64_t *offset) {
  extrapolation *self = opaque;
  if (self->labels != NULL) NMD_TRY(nmd_text_file_flush(&self->label_file, offset));
  return nmd_text_file_flush(&self->file, offset);
}

static void warn_of_dispute(extrapolation *self, const nmd_observation *seen, int64_t disputed, double worst) {
  const int64_t n = ++self->warned_sigma;
  for (int64_t power = 1; power <= n; power *= 10) /* the 1st, 10th, 100th time */
    if (power == n)
      nmd_log_warning("step %lld: the committee disagrees about the forces of %lld atoms by more than %g eV/A (up to %.3g)",
                      (long long)seen->step, (long long)disputed, self->parameters.sigma, worst);
}

static nmd_status extrapolation_write(void *opaque, const nmd_observation *seen) {
  extrapolation *self = opaque;
  const extrapolation_parameters *p = &self->parameters;
  double worst;
  const int64_t disputed = count_disputed(self, seen, &worst);
  const bool outside = seen->extrapolations > p->tolerated;
  if (!outside && disputed == 0) return NMD_OK;
  if (outside) warn(self, seen);
  if (disputed > 0) warn_of_dispute(self, seen, disputed, worst);
  if (p->policy != WARN && seen->step - self->last_step >= p->gap && self->n_frames < p->max_frames)
    NMD_TRY(consider(self, seen));
  const bool over = outside && ((p->policy == STOP && seen->extrapolations_total > p->limit) ||
                                (p->outside_end > 0 && seen->extrapolations > p->outside_end));
  const bool unsure = disputed > 0 && (p->policy == STOP || (p->sigma_end > 0 && worst > p->sigma_end));
  if (!(over || unsure)) return NMD_OK;
  int64_t ignored;
  NMD_TRY(extrapolation_flush(self, &ignored));
  if (!over)
    NMD_FAIL(EXTRAPOLATED,
             "step %lld: the committee disagrees about the forces of %lld atoms by up to %.3g eV/A; expected at most "
             "%g; %lld frames for labelling are in %s",
             (long long)seen->step, (long long)disputed, worst, p->policy == STOP ? p->sigma : p->sigma_end,
             (long long)self->n_frames, self->path);
  NMD_FAIL(
      EXTRAPOLATED,
      "step %lld: %lld (atom, function) pairs are outside the training range, %lld since the run began; expected at "
      "most %lld; %lld frames for labelling are in %s",
      (long long)seen->step, (long long)seen->extrapolations, (long long)seen->extrapolations_total,
      (long long)(p->policy == STOP ? p->limit : p->outside_end), (long long)self->n_frames, self->path);
}

static void extrapolation_destroy(void *opaque) {
  extrapolation *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  (void)!nmd_text_file_end(&self->label_file);
  nmd__flagged_frames_free(&self->frames);
  nmd_gathered_free(&self->gathered);
  nmd_free(self->labels);
  nmd_free(self->flags);
  nmd_free(self);
}

extern const nmd_output_ops nmd__output_extrapolation;
const nmd_output_ops nmd__output_extrapolation = {
    .name = "extrapolation",
    .options = &extrapolation_table,
    .default_file = "extrapolation.extxyz",
    .create = extrapolation_create,
    .wants = extrapolation_wants,
    .begin = extrapolation_begin,
    .write = extrapolation_write,
    .flush = extrapolation_flush,
    .destroy = extrapolation_destroy,
};
