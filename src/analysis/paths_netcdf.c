/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/paths_netcdf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

/* Of times in single precision, as in trajectory.c. */
#define SPACING_TOLERANCE 1e-3
#define SINGLE_PRECISION 2.5e-7

void nmd_netcdf_run_close(nmd_netcdf_run *run) {
  for (int k = 0; run->file != NULL && k < run->n_files; k++) nmd_netcdf_close(run->file[k]);
  nmd_free(run->file);
  nmd_free(run->which);
  nmd_free(run->frame);
  *run = (nmd_netcdf_run){0};
}

const nmd_netcdf_summary *nmd_netcdf_run_atoms(const nmd_netcdf_run *run) { return nmd_netcdf_summarise(run->file[0]); }

nmd_status nmd_netcdf_run_positions(const nmd_netcdf_run *run, int64_t frame, int64_t first, int64_t n,
                                    double (*x)[3]) {
  return nmd_netcdf_positions(run->file[run->which[frame]], run->frame[frame], first, n, x);
}

nmd_status nmd_netcdf_run_box(const nmd_netcdf_run *run, int64_t frame, nmd_box *box) {
  return nmd_netcdf_box(run->file[run->which[frame]], run->frame[frame], box);
}

static bool is_netcdf(const char *path) {
  char magic[3] = "";
  FILE *file = fopen(path, "rb");
  if (file == NULL) return false;
  const bool whole = fread(magic, 1, 3, file) == 3;
  fclose(file);
  return whole && memcmp(magic, "CDF", 3) == 0;
}

static bool options_allow(const nmd_trajectory_options *o) {
  const char *format = o->read != NULL ? o->read->format : NULL;
  return (o->unwrap == NMD_UNWRAP_AUTO || o->unwrap == NMD_UNWRAP_IMAGES) && !o->timeless &&
         (format == NULL || strcmp(format, "netcdf") == 0);
}

static bool same_atoms(const nmd_netcdf_summary *a, const nmd_netcdf_summary *b) {
  const size_t n = (size_t)a->n_atoms;
  return a->n_atoms == b->n_atoms && memcmp(a->id, b->id, n * sizeof *a->id) == 0 &&
         memcmp(a->atomic_number, b->atomic_number, n * sizeof *a->atomic_number) == 0;
}

static bool in_order(const nmd_netcdf_summary *s) {
  for (int64_t i = 1; i < s->n_atoms; i++)
    if (s->id[i] <= s->id[i - 1]) return false;
  return true;
}

static nmd_status open_all(const char *const *files, const nmd_trajectory_options *o, nmd_netcdf_run *run,
                           bool *usable) {
  NMD_TRY(NMD_ALLOC(run->file, run->n_files));
  int64_t frames = 0;
  for (int k = 0; k < run->n_files && *usable; k++) {
    NMD_TRY(nmd_netcdf_open(files[k], o->read, &run->file[k]));
    const nmd_netcdf_summary *s = nmd_netcdf_summarise(run->file[k]);
    *usable = s->unwrapped && s->n_frames > 0 && in_order(s) && same_atoms(s, nmd_netcdf_run_atoms(run)) &&
              (s->has_time || o->timestep > 0.0);
    frames += s->n_frames;
  }
  NMD_TRY(NMD_ALLOC(run->which, frames));
  return NMD_ALLOC(run->frame, frames);
}

static nmd_status warn_of_cut(const char *path, const nmd_netcdf_summary *s, bool strict) {
  if (s->n_announced <= s->n_frames) return NMD_OK;
  if (strict)
    NMD_FAIL(FILE_TRUNCATED, "%s: frame %lld is cut off (%lld are announced); copy the file again", path,
             (long long)s->n_frames, (long long)s->n_announced);
  nmd_log_warning("%s: the last frame is cut off (%lld frames are announced): the %lld before it are used", path,
                  (long long)s->n_announced, (long long)s->n_frames);
  return NMD_OK;
}

static nmd_status check_step(const char *path, int64_t frame, double step, double time, const nmd_netcdf_run *run) {
  if (run->counted < 1 || fabs(step - run->spacing) <= SPACING_TOLERANCE * run->spacing + SINGLE_PRECISION * fabs(time))
    return NMD_OK;
  NMD_FAIL(
      CONFLICT,
      "%s: frame %lld comes %g fs after the one before, the frames until there came every %g fs; time averages "
      "need an even spacing; write frames at a constant interval, or select an even part with --first and --frames",
      path, (long long)frame, step, run->spacing);
}

/* Where a run ended, between two times at which it writes. */
static bool last_comes_early(double time, bool last, const nmd_netcdf_run *run) {
  const double step = time - run->last_time, slack = SPACING_TOLERANCE * run->spacing + SINGLE_PRECISION * fabs(time);
  if (!last || run->counted < 1 || step <= 0 || step >= run->spacing - slack) return false;
  nmd_log_warning("the last frame comes %g fs after the one before, the others every %g fs: left out", step,
                  run->spacing);
  return true;
}

/* Time and spacing of one more frame, the index-th. */
static nmd_status note_time(const char *path, int64_t frame, double time, const nmd_trajectory_options *o,
                            nmd_netcdf_run *run, int64_t index) {
  const bool done = o->n_frames > 0 && run->n_frames == o->n_frames;
  const bool counts = index > o->first && run->last_time - run->first_time >= o->skip * (1.0 - 1e-9);
  if (index == 0) run->first_time = time;
  if (index > 0 && time <= run->last_time)
    NMD_FAIL(CONFLICT, "%s: frame %lld: time goes back, from %g fs to %g fs; expected frames in order of time", path,
             (long long)frame, run->last_time, time);
  if (!counts && run->counted == 0) run->counted_from = time;
  if (counts && !done) {
    NMD_TRY(check_step(path, frame, time - run->last_time, time, run));
    if (run->counted++ == 0) run->spacing = time - run->last_time;
    run->counted_to = time;
  }
  run->last_time = time;
  return NMD_OK;
}

/* One more frame of the run, if it is no repetition and is wanted; index counts the run's frames. */
static nmd_status take(const char *path, int which, int64_t frame, double time, bool fresh,
                       const nmd_trajectory_options *o, nmd_netcdf_run *run, int64_t *index) {
  if (*index > 0 && fresh && time <= run->last_time + SINGLE_PRECISION * fabs(time)) {
    run->overlap++;
    return NMD_OK;
  }
  NMD_TRY(note_time(path, frame, time, o, run, *index));
  const int64_t at = (*index)++, stride = o->stride > 1 ? o->stride : 1;
  const bool wanted = at >= o->first && (at - o->first) % stride == 0 &&
                      time - run->first_time >= o->skip * (1.0 - 1e-9) &&
                      (o->n_frames == 0 || run->n_frames < o->n_frames);
  if (!wanted) return NMD_OK;
  run->which[run->n_frames] = which;
  run->frame[run->n_frames++] = frame;
  return NMD_OK;
}

static nmd_status line_up(const char *const *files, const nmd_trajectory_options *o, nmd_netcdf_run *run) {
  int64_t index = 0;
  for (int k = 0; k < run->n_files; k++) {
    const nmd_netcdf_summary *s = nmd_netcdf_summarise(run->file[k]);
    const int64_t before = index;
    NMD_TRY(warn_of_cut(files[k], s, o->strict));
    for (int64_t frame = 0; frame < s->n_frames; frame++) {
      double time = o->timestep * (double)index;
      if (s->has_time) NMD_TRY(nmd_netcdf_time(run->file[k], frame, &time));
      const bool last = k + 1 == run->n_files && frame + 1 == s->n_frames;
      if (!last_comes_early(time, last, run)) NMD_TRY(take(files[k], k, frame, time, index == before, o, run, &index));
      run->read++;
    }
    if (index == before)
      NMD_FAIL(CONFLICT,
               "%s: all %lld frames lie before the end of the files before it (%g fs); expected the files of one "
               "run in order of time",
               files[k], (long long)s->n_frames, run->last_time);
  }
  if (run->counted > 0) run->spacing = (run->counted_to - run->counted_from) / (double)run->counted;
  return NMD_OK;
}

nmd_status nmd_netcdf_run_open(const char *const *files, int n_files, const nmd_trajectory_options *options,
                               nmd_netcdf_run *run, bool *usable) {
  *run = (nmd_netcdf_run){.n_files = n_files};
  *usable = options_allow(options);
  for (int k = 0; k < n_files && *usable; k++) *usable = is_netcdf(files[k]);
  if (!*usable) return NMD_OK;
  nmd_status status = open_all(files, options, run, usable);
  if (status == NMD_OK && *usable) status = line_up(files, options, run);
  if (status != NMD_OK || !*usable) nmd_netcdf_run_close(run);
  return status;
}
