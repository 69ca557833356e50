/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-displacement: how far each atom got, as a map for OVITO and as a table an element. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "frames.h"

typedef struct displacement_options {
  char *map;
  bool drift;
} displacement_options;

static const nmd_option displacement_option_list[] = {
    {"map", NMD_OPT_PATH, offsetof(displacement_options, map), .fallback = "displacement.extxyz",
     .doc = "extended XYZ of the first frame with the displacement (vector and length) and the vibration of each atom"},
    {"remove-drift", NMD_OPT_BOOL, offsetof(displacement_options, drift), .fallback = "false",
     .doc = "take the mean displacement of all selected atoms out"},
};
static const nmd_option_table displacement_table = {"displacement", "displacement maps", sizeof(displacement_options),
                                                    NMD_COUNT(displacement_option_list), displacement_option_list};

enum { COLUMNS = 5 }; /* displacement, its length, vibration */

typedef struct job {
  nmd_structure first, last;
  double (*mean)[3], *square; /* [n] of the fractional path times the first cell */
  bool drift;
} job;

static nmd_status begin(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first) {
  job *j = context;
  NMD_TRY(nmd_tool_claim_memory(t, 8 * 20 * frames->n, "first and last positions", "select fewer atoms"));
  NMD_TRY(nmd_structure_copy(first->atoms, &j->first));
  NMD_TRY(nmd_structure_copy(first->atoms, &j->last));
  NMD_TRY(NMD_ALLOC(j->mean, frames->n));
  return NMD_ALLOC(j->square, frames->n);
}

/* Position in the first cell: a cell that breathes moves no atom. */
static void in_first_cell(const job *j, const nmd_box *box, const double x[3], double y[3]) {
  double s[3];
  nmd_box_to_fractional(box, x, s);
  nmd_box_to_cartesian(&j->first.box, s, y);
}

static void mean_shift(const job *j, const nmd_structure *atoms, double shift[3]) {
  double y[3], sum[3] = {0, 0, 0};
  for (int64_t i = 0; i < atoms->n && j->drift; i++) {
    in_first_cell(j, &atoms->box, atoms->x[i], y);
    for (int d = 0; d < 3; d++) sum[d] += y[d] - j->first.x[i][d];
  }
  for (int d = 0; d < 3; d++) shift[d] = sum[d] / (double)atoms->n;
}

static nmd_status visit(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame) {
  job *j = context;
  double shift[3];
  (void)frames;
  (void)k;
  mean_shift(j, frame->atoms, shift);
  for (int64_t i = 0; i < frame->atoms->n; i++) {
    double *y = j->last.x[i];
    in_first_cell(j, &frame->atoms->box, frame->atoms->x[i], y);
    for (int d = 0; d < 3; d++) {
      y[d] -= shift[d];
      const double off = y[d] - j->first.x[i][d];
      j->mean[i][d] += off;
      j->square[i] += off * off;
    }
  }
  return NMD_OK;
}

static void fill(const job *j, double frames, double *values) {
  for (int64_t i = 0; i < j->first.n; i++) {
    double *v = values + COLUMNS * i, mean[3];
    for (int d = 0; d < 3; d++) {
      v[d] = j->last.x[i][d] - j->first.x[i][d];
      mean[d] = j->mean[i][d] / frames;
    }
    v[3] = nmd_norm(v);
    v[4] = sqrt(fmax(j->square[i] / frames - nmd_dot(mean, mean), 0));
  }
}

static void put_element(tool *t, const tool_frames *frames, const job *j, const double *values, int k) {
  double sum = 0, square = 0, most = -1, vibration = 0;
  int64_t id = 0;
  for (int64_t i = 0; i < frames->n; i++) {
    const double length = values[COLUMNS * i + 3];
    if (frames->kind[i] != k) continue;
    sum += length;
    square += length * length;
    vibration += values[COLUMNS * i + 4];
    if (length > most) {
      most = length;
      id = j->first.id[i];
    }
  }
  const double n = frames->population[k];
  nmd_buffer_printf(&t->text, "%s %.0f %.6g %.6g %.6g %lld %.6g\n", tool_kind(frames, k), n, sum / n, sqrt(square / n),
                    most, (long long)id, vibration / n);
  nmd_json_open(&t->json, tool_kind(frames, k), '{');
  nmd_json_real(&t->json, "mean_displacement_A", sum / n);
  nmd_json_real(&t->json, "rms_displacement_A", sqrt(square / n));
  nmd_json_real(&t->json, "mean_vibration_A", vibration / n);
  nmd_json_close(&t->json);
}

static void put_table(tool *t, const tool_frames *frames, const job *j, const double *values) {
  nmd_tool_note(t, "displacement from the first frame (%g %s) to the last (%g %s), %s", frames->first_time,
                tool_time_unit(frames), frames->last_time, tool_time_unit(frames), frames->facts.unwrap_text);
  nmd_tool_note(t, "vibration: root mean square distance of an atom from its own mean position");
  nmd_tool_columns(t, "element atoms mean_displacement rms_displacement largest largest_id mean_vibration",
                   "- 1 A A A 1 A");
  nmd_json_open(&t->json, "elements", '{');
  for (int k = 0; k < frames->species.n; k++) put_element(t, frames, j, values, k);
  nmd_json_close(&t->json);
}

/* How many atoms of each element went how far. */
static void put_plot(tool *t, const tool_frames *frames, const double *values) {
  double most = 0;
  for (int64_t i = 0; i < frames->n; i++) most = fmax(most, values[COLUMNS * i + 3]);
  for (int k = 0; k < frames->species.n; k++) {
    nmd_buffer_printf(&t->plot, "$%s << EOD\n", tool_kind(frames, k));
    for (int64_t i = 0; i < frames->n; i++)
      if (frames->kind[i] == k) nmd_buffer_printf(&t->plot, "%.4f\n", values[COLUMNS * i + 3]);
    nmd_buffer_text(&t->plot, "EOD\n");
  }
  nmd_buffer_printf(
      &t->plot,
      "w = %.4g\nbin(x) = w * (floor(x / w) + 0.5)\nset xlabel 'displacement (Å)'\nset ylabel 'atoms'\nset key "
      "top right\nset style fill transparent solid 0.4\nplot ",
      most > 0 ? most / 30 : 1);
  for (int k = 0; k < frames->species.n; k++)
    nmd_buffer_printf(&t->plot, "%s$%s using (bin($1)):(1) smooth frequency with boxes title '%s'", k > 0 ? ", " : "",
                      tool_kind(frames, k), tool_kind(frames, k));
  nmd_buffer_text(&t->plot, "\n");
}

static nmd_status report(void *context, tool *t, const tool_frames *frames) {
  job *j = context;
  const displacement_options *o = t->options;
  double *values;
  if (!t->root) return NMD_OK;
  NMD_TRY(NMD_ALLOC(values, COLUMNS * frames->n));
  fill(j, (double)frames->frames, values);
  put_table(t, frames, j, values);
  if (t->output->plot) put_plot(t, frames, values);
  const nmd_status status =
      tool_write_map(o->map, &j->first, "displacement:R:3:displacement_length:R:1:vibration:R:1", COLUMNS, values);
  nmd_free(values);
  if (status == NMD_OK) nmd_tool_note(t, "map: %s", o->map);
  return status;
}

static const tool_visitor visitor = {begin, visit, report};

static nmd_status run(tool *t) {
  job j = {0};
  j.drift = ((const displacement_options *)t->options)->drift;
  t->trajectory.timeless = true;
  const nmd_status status = tool_frames_visit(t, &visitor, true, &j);
  nmd_structure_free(&j.first);
  nmd_structure_free(&j.last);
  nmd_free(j.mean);
  nmd_free(j.square);
  return status;
}

static const nmd_tool definition = {
    .program = "nnpmd-displacement",
    .words = "TRAJECTORY...",
    .summary = "displacement of each atom, as a map",
    .description =
        "The displacement of every atom from the first frame to the last along its unwrapped path, and its "
        "vibration about its mean position, as extended XYZ for OVITO (arrows, colours), with a summary an element. "
        "In a cell that changes, displacements are fractional ones in the first cell.",
    .options = &displacement_table,
    .min_words = 1,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
