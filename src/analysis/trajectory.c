/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/trajectory.h"

#include <math.h>
#include <string.h>

#include "analysis/frame_order.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vec3.h"

/* Times from single-precision files carry their rounding; steps are exact. */
#define SPACING_TOLERANCE 1e-3
#define SINGLE_PRECISION 2.5e-7
#define SAME_PLACE 1e-6 /* A: a frame that repeats the one before */

typedef struct moment {
  bool has_step, has_time;
  int64_t step;
  double time; /* fs */
} moment;

struct nmd_trajectory {
  nmd_trajectory_options options;
  const char *const *paths;
  int n_paths, file;            /* file: of the open reader */
  nmd_structure_reader *reader; /* NULL: none open */
  int64_t in_file, kept_of_file, run, given, read, overlap;
  bool fresh_file; /* no frame of this file kept yet: overlap is allowed */
  nmd_frame_order order;
  nmd_unwrapper unwrapper;
  nmd_unwrap scheme;
  nmd_structure atoms; /* of the frame given out */
  nmd_box box;         /* of the frame before */
  moment last;
  double first_time, spacing;
  int64_t steps;     /* from frame to frame that count for the spacing: behind first and skip */
  double steps_from; /* fs, where they begin */
  bool variable_cell;
};

nmd_status nmd_trajectory_open(const char *const *paths, int n_paths, const nmd_trajectory_options *options,
                               nmd_trajectory **trajectory) {
  nmd_trajectory *fresh;
  if (n_paths < 1) NMD_FAIL(USAGE, "no trajectory; expected one or more files");
  NMD_TRY(NMD_ALLOC(fresh, 1));
  fresh->options = *options;
  if (fresh->options.stride < 1) fresh->options.stride = 1;
  fresh->paths = paths;
  fresh->n_paths = n_paths;
  fresh->file = -1;
  *trajectory = fresh;
  return NMD_OK;
}

void nmd_trajectory_close(nmd_trajectory *trajectory) {
  if (trajectory == NULL) return;
  nmd_structure_reader_close(trajectory->reader);
  nmd_frame_order_free(&trajectory->order);
  nmd_unwrapper_free(&trajectory->unwrapper);
  nmd_structure_free(&trajectory->atoms);
  nmd_free(trajectory);
}

/* A number behind "key=" in the comment of formats without a place for it. */
static bool number_in(const char *comment, const char *key, double *value) {
  const char *at = comment == NULL ? NULL : strstr(comment, key);
  if (at == NULL || (at > comment && at[-1] != ' ')) return false;
  char word[40] = "";
  at += strlen(key);
  strncat(word, at, strcspn(at, " \t") < sizeof word ? strcspn(at, " \t") : 0);
  return nmd_parse_real(word, value);
}

static moment moment_of(const nmd_structure *frame) {
  moment m = {.step = -1};
  double value = 0.0;
  const char *step = nmd_structure_info(frame, "step"), *time = nmd_structure_info(frame, "time");
  m.has_step = (step != NULL && nmd_parse_real(step, &value)) || number_in(frame->comment, "timestep=", &value);
  if (m.has_step) m.step = (int64_t)value;
  m.has_time = (time != NULL && nmd_parse_real(time, &m.time)) || number_in(frame->comment, "time=", &m.time);
  return m;
}

/* fs of a frame; run: its number when nothing better is known. */
static nmd_status fix_time(const nmd_trajectory *t, moment *m) {
  if (t->options.timestep > 0.0 && m->has_step)
    m->time = t->options.timestep * (double)m->step;
  else if (!m->has_time && t->options.timestep > 0.0)
    m->time = t->options.timestep * (double)t->run;
  else if (!m->has_time && t->options.timeless)
    m->time = (double)t->run;
  else if (!m->has_time)
    NMD_FAIL(
        MISSING_KEY,
        "%s: the file does not say at which time its frames are; expected the time step of the simulation (without "
        "steps in the file: the time from frame to frame), e.g. --timestep \"1 fs\"",
        nmd_structure_reader_place(t->reader));
  return NMD_OK;
}

/* Is this frame no later than the last one? Known by step, else by time. */
static bool is_past(const moment *m, const moment *last) {
  if (m->has_step && last->has_step) return m->step <= last->step;
  return m->time <= last->time + SINGLE_PRECISION * fabs(last->time);
}

static bool is_repeated(const nmd_trajectory *t, const nmd_structure *frame) {
  if (frame->n != t->order.n || t->order.last_x == NULL) return false;
  for (int64_t i = 0; i < frame->n; i++)
    for (int d = 0; d < 3; d++)
      if (fabs(frame->x[i][d] - t->order.last_x[i][d]) > SAME_PLACE) return false;
  return true;
}

static nmd_status check_forward(nmd_trajectory *t, const nmd_structure *frame, const moment *m, bool *drop) {
  *drop = false;
  if (t->run == 0) return NMD_OK;
  const bool timed = m->has_time || m->has_step;
  if (timed ? !is_past(m, &t->last) : !(t->fresh_file && is_repeated(t, frame))) return NMD_OK;
  if (t->fresh_file) {
    *drop = true;
    return NMD_OK;
  }
  NMD_FAIL(CONFLICT,
           "%s: frame %lld: time goes back, from step %lld (%g fs) to step %lld (%g fs); expected frames in "
           "order of time; cut the file there and give the parts as files",
           nmd_structure_reader_place(t->reader), (long long)t->in_file, (long long)t->last.step, t->last.time,
           (long long)m->step, m->time);
}

/* Is the last frame behind those that the options leave out at the beginning? */
static bool has_begun(const nmd_trajectory *t) {
  const double since = t->last.time - t->first_time;
  return t->run > t->options.first && since >= t->options.skip * (1.0 - 1e-9);
}

static nmd_status check_spacing(nmd_trajectory *t, const moment *m) {
  if (t->run == 0) t->first_time = m->time;
  if (t->run == 0 || !has_begun(t)) {
    t->steps_from = m->time;
    return NMD_OK;
  }
  const double step = m->time - t->last.time;
  if (t->steps++ == 0) t->spacing = step;
  if (t->steps < 2 || t->options.timeless) return NMD_OK;
  const double slack = SPACING_TOLERANCE * t->spacing + SINGLE_PRECISION * fabs(m->time);
  if (fabs(step - t->spacing) <= slack) return NMD_OK;
  NMD_FAIL(
      CONFLICT,
      "%s: frame %lld comes %g fs after the one before, the frames until there came every %g fs; time averages need "
      "an even spacing; write frames at a constant interval, or select an even part with --first and --frames",
      nmd_structure_reader_place(t->reader), (long long)t->in_file, step, t->spacing);
}

/* Sooner than evenly: the frame that a run writes at its end may. */
static bool comes_early(const nmd_trajectory *t, const moment *m) {
  const double slack = SPACING_TOLERANCE * t->spacing + SINGLE_PRECISION * fabs(m->time);
  return t->steps > 0 && !t->options.timeless && m->time - t->last.time < t->spacing - slack;
}

bool nmd_trajectory_same_cell(const nmd_box *a, const nmd_box *b) {
  double largest = 0.0, difference = 0.0;
  for (int k = 0; k < 9; k++) {
    largest = fmax(largest, fabs(a->h[k / 3][k % 3]));
    difference = fmax(difference, fabs(a->h[k / 3][k % 3] - b->h[k / 3][k % 3]));
  }
  return difference <= 1e-6 * largest;
}

static nmd_status choose_scheme(nmd_trajectory *t, const nmd_structure *frame) {
  t->scheme = t->options.unwrap;
  if (t->scheme == NMD_UNWRAP_AUTO) t->scheme = frame->image != NULL ? NMD_UNWRAP_IMAGES : NMD_UNWRAP_NEAREST;
  if (t->scheme != NMD_UNWRAP_IMAGES || frame->image != NULL) return NMD_OK;
  NMD_FAIL(MISSING_KEY, "%s: no image counters in the file; expected them for --unwrap images; take auto or nearest",
           nmd_structure_reader_place(t->reader));
}

/* x + image h, with the cell of the moment. */
static void add_images(const nmd_structure *frame, const int64_t *order, nmd_structure *atoms) {
  for (int64_t i = 0; i < atoms->n; i++) {
    const int *image = frame->image[order[i]];
    const double count[3] = {image[0], image[1], image[2]};
    double shift[3];
    nmd_row_times(count, frame->box.h, shift);
    for (int d = 0; d < 3; d++) atoms->x[i][d] += shift[d];
  }
}

static nmd_status unwrap(nmd_trajectory *t, const nmd_structure *frame) {
  if (t->scheme == NMD_UNWRAP_NONE) return NMD_OK;
  if (t->scheme == NMD_UNWRAP_IMAGES) {
    if (frame->image == NULL)
      NMD_FAIL(CONFLICT,
               "%s: frame %lld has no image counters, the frames before had; expected the same columns in all "
               "frames; give --unwrap nearest",
               nmd_structure_reader_place(t->reader), (long long)t->in_file);
    add_images(frame, t->order.order, &t->atoms);
    return NMD_OK;
  }
  if (t->unwrapper.n == 0) NMD_TRY(nmd_unwrapper_init(&t->unwrapper, t->atoms.n));
  const nmd_status status = nmd_unwrapper_next(&t->unwrapper, t->scheme, &frame->box, t->atoms.id, t->atoms.x);
  if (status == NMD_CONFLICT)
    return nmd_fail_prefix(status, "%s: frame %lld", nmd_structure_reader_place(t->reader), (long long)t->in_file);
  return status;
}

/* Everything that is checked of one more frame of the run, which then becomes t->atoms. */
static nmd_status take(nmd_trajectory *t, const nmd_structure *frame, const moment *m) {
  NMD_TRY(check_spacing(t, m));
  if (t->run == 0)
    NMD_TRY(choose_scheme(t, frame));
  else if (!nmd_trajectory_same_cell(&frame->box, &t->box))
    t->variable_cell = true;
  t->box = frame->box;
  const nmd_status status = nmd_frame_order_apply(&t->order, frame, t->options.selection, &t->atoms);
  if (status == NMD_CONFLICT || status == NMD_MISSING_KEY)
    return nmd_fail_prefix(status, "%s: frame %lld", nmd_structure_reader_place(t->reader), (long long)t->in_file);
  NMD_TRY(status);
  NMD_TRY(unwrap(t, frame));
  t->last = *m;
  t->fresh_file = false;
  t->kept_of_file++;
  t->run++;
  return NMD_OK;
}

static nmd_status close_file(nmd_trajectory *t) {
  nmd_structure_reader_close(t->reader);
  t->reader = NULL;
  if (t->kept_of_file > 0) return NMD_OK;
  if (t->in_file == 0) NMD_FAIL(FILE_TRUNCATED, "%s: no frame in the file; expected a trajectory", t->paths[t->file]);
  NMD_FAIL(CONFLICT,
           "%s: all %lld frames lie before the end of the files before it (%g fs); expected the files of one "
           "run in order of time",
           t->paths[t->file], (long long)t->in_file, t->last.time);
}

static nmd_status open_next_file(nmd_trajectory *t) {
  t->file++;
  t->in_file = t->kept_of_file = 0;
  t->fresh_file = true;
  return nmd_structure_reader_open(t->paths[t->file], t->options.read, &t->reader);
}

/* The next frame of the file; *end at its end, which may be a frame that is cut off, perhaps within a word. */
static nmd_status read_raw(nmd_trajectory *t, nmd_structure *frame, bool *end) {
  nmd_status status = nmd_structure_reader_next(t->reader, frame, end);
  if (status != NMD_OK && status != NMD_MEMORY && status != NMD_READ && nmd_structure_reader_exhausted(t->reader))
    status = NMD_FILE_TRUNCATED;
  if (status == NMD_FILE_TRUNCATED && !t->options.strict && t->in_file > 0) {
    nmd_log_warning("the last frame is cut off (%s): the %lld frames before it are used", nmd_error_text(),
                    (long long)t->in_file);
    *end = true;
    return NMD_OK;
  }
  if (status != NMD_OK && t->in_file > 0)
    return nmd_fail_prefix(status, "frame %lld of the file (from 0)", (long long)t->in_file);
  return status;
}

/* Is a frame that comes early the last one of all? Then it is left out. Otherwise the run is uneven, which ends it
 * anyway. */
static nmd_status leave_out_last(nmd_trajectory *t, const moment *m, bool *end) {
  nmd_structure next = {0};
  if (t->file + 1 < t->n_paths) return NMD_OK;
  NMD_TRY(read_raw(t, &next, end));
  nmd_structure_free(&next);
  if (!*end) return NMD_OK;
  nmd_log_warning("the last frame comes %g fs after the one before, the others every %g fs: left out",
                  m->time - t->last.time, t->spacing);
  t->read++;
  return NMD_OK;
}

static nmd_status next_of_file(nmd_trajectory *t, bool *got, bool *end) {
  nmd_structure frame = {0};
  *got = false;
  NMD_TRY(read_raw(t, &frame, end));
  if (*end) return NMD_OK;
  moment m = moment_of(&frame);
  bool drop = false;
  nmd_status status;
  NMD_GOTO(fix_time(t, &m));
  NMD_GOTO(check_forward(t, &frame, &m, &drop));
  if (!drop && comes_early(t, &m)) NMD_GOTO(leave_out_last(t, &m, end));
  if (*end) goto done;
  if (!drop) NMD_GOTO(take(t, &frame, &m));
  t->in_file++;
  t->read++;
  if (drop) t->overlap++;
  *got = !drop;
done:
  nmd_structure_free(&frame);
  return status;
}

/* The next frame of the run into t->atoms. */
static nmd_status advance(nmd_trajectory *t, bool *end) {
  bool got = false;
  for (*end = false; !got && !*end;) {
    if (t->reader == NULL && t->file + 1 == t->n_paths) {
      *end = true;
      return NMD_OK;
    }
    if (t->reader == NULL) NMD_TRY(open_next_file(t));
    bool end_of_file;
    NMD_TRY(next_of_file(t, &got, &end_of_file));
    if (end_of_file) NMD_TRY(close_file(t));
  }
  return NMD_OK;
}

static bool is_wanted(const nmd_trajectory *t) {
  return has_begun(t) && (t->run - 1 - t->options.first) % t->options.stride == 0;
}

nmd_status nmd_trajectory_next(nmd_trajectory *t, nmd_trajectory_frame *frame, bool *end) {
  *end = t->options.n_frames > 0 && t->given == t->options.n_frames;
  while (!*end) {
    NMD_TRY(advance(t, end));
    if (*end || !is_wanted(t)) continue;
    t->given++;
    *frame =
        (nmd_trajectory_frame){.atoms = &t->atoms, .index = t->run - 1, .step = t->last.step, .time = t->last.time};
    return NMD_OK;
  }
  return NMD_OK;
}

static const char *scheme_text(nmd_unwrap scheme) {
  switch (scheme) {
    case NMD_UNWRAP_IMAGES: return "unwrapped with the file's image counters or unwrapped positions";
    case NMD_UNWRAP_NEAREST: return "unwrapped here: nearest image in fractional coordinates from frame to frame";
    case NMD_UNWRAP_TOR: return "unwrapped here: Cartesian displacements to the nearest image added up (TOR)";
    default: return "not unwrapped";
  }
}

nmd_trajectory_facts nmd_trajectory_learnt(const nmd_trajectory *t) {
  const bool *periodic = t->box.periodic;
  return (nmd_trajectory_facts){
      .frames_read = t->read,
      .overlap = t->overlap,
      .spacing = t->steps > 0 ? (t->last.time - t->steps_from) / (double)t->steps : 0.0,
      .variable_cell = t->variable_cell,
      .periodic = periodic[0] || periodic[1] || periodic[2],
      .unwrap = t->scheme,
      .unwrap_text = scheme_text(t->scheme),
  };
}
