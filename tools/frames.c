/* SPDX-License-Identifier: BSD-3-Clause */
#include "frames.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "io/file_atomic.h"

static nmd_status learn_kinds(tool_frames *frames, const nmd_trajectory_frame *first) {
  const nmd_structure *atoms = first->atoms;
  frames->n = atoms->n;
  nmd_species_init(&frames->species, atoms->atomic_number, (long)atoms->n);
  NMD_TRY(NMD_ALLOC(frames->kind, atoms->n));
  for (int64_t i = 0; i < atoms->n; i++) {
    frames->kind[i] = nmd_species_index(&frames->species, atoms->atomic_number[i]);
    frames->population[frames->kind[i]] += 1;
  }
  frames->first_time = first->time;
  return NMD_OK;
}

static nmd_status read_frames(tool *t, nmd_trajectory *trajectory, const tool_visitor *visitor, bool all, void *context,
                              tool_frames *frames) {
  const int rank = nmd_comm_rank(t->comm), size = nmd_comm_size(t->comm);
  for (;;) {
    nmd_trajectory_frame frame;
    bool end;
    NMD_TRY(nmd_trajectory_next(trajectory, &frame, &end));
    if (end) break;
    if (frames->frames == 0) {
      NMD_TRY(learn_kinds(frames, &frame));
      NMD_TRY(visitor->begin(context, t, frames, &frame));
    }
    if (all || frames->frames % size == rank) {
      const nmd_status status = visitor->frame(context, frames, frames->frames, &frame);
      if (status != NMD_OK) return nmd_fail_prefix(status, "frame %lld of the run", (long long)frame.index);
    }
    frames->last_time = frame.time;
    frames->timed = frames->timed || frame.time != (double)frame.index;
    frames->frames++;
  }
  frames->facts = nmd_trajectory_learnt(trajectory);
  if (frames->frames > 0) return NMD_OK;
  NMD_FAIL(OUT_OF_RANGE, "no frame left of the %lld in the files; expected smaller --first and --skip",
           (long long)frames->facts.frames_read);
}

static void leave_notes(tool *t, const tool_frames *frames) {
  char composition[1024] = "";
  size_t used = 0;
  for (int k = 0; k < frames->species.n && used < sizeof composition; k++)
    used += (size_t)snprintf(composition + used, sizeof composition - used, " %s %.0f", tool_kind(frames, k),
                             frames->population[k]);
  nmd_tool_note(t, "%lld frames, atoms:%s%s", (long long)frames->frames, composition,
                frames->facts.variable_cell ? ", variable cell" : "");
  if (frames->facts.overlap > 0)
    nmd_tool_note(t, "%lld frames that two files share were used once", (long long)frames->facts.overlap);
}

nmd_status tool_frames_visit(tool *t, const tool_visitor *visitor, bool all, void *context) {
  nmd_trajectory *trajectory = NULL;
  tool_frames frames = {0};
  nmd_status status = nmd_trajectory_open((const char *const *)t->words, t->n_words, &t->trajectory, &trajectory);
  if (status == NMD_OK) status = read_frames(t, trajectory, visitor, all, context, &frames);
  nmd_trajectory_close(trajectory);
  status = nmd_comm_agree(t->comm, status);
  if (status == NMD_OK && t->root) leave_notes(t, &frames);
  if (status == NMD_OK) status = visitor->report(context, t, &frames);
  nmd_free(frames.kind);
  return status;
}

nmd_status tool_series_row(tool_series *series, int64_t k, double **row) {
  if (k >= series->capacity) {
    const int64_t wanted = 2 * k + 256;
    NMD_TRY(NMD_GROW(series->values, series->capacity * series->width, wanted * series->width));
    series->capacity = wanted;
  }
  *row = series->values + k * series->width;
  return NMD_OK;
}

nmd_status tool_series_reduce(tool_series *series, int64_t frames, const nmd_comm *comm) {
  enum { CHUNK = 1 << 20 };
  double *last;
  nmd_status status = tool_series_row(series, frames, &last);
  NMD_TRY(nmd_comm_agree(comm, status));
  for (int64_t at = 0; at < frames * series->width; at += CHUNK) {
    const int64_t left = frames * series->width - at;
    nmd_comm_sum(comm, series->values + at, left < CHUNK ? (int)left : CHUNK);
  }
  return NMD_OK;
}

void tool_series_free(tool_series *series) {
  nmd_free(series->values);
  *series = (tool_series){0};
}

nmd_status tool_write_file(const char *path, const nmd_buffer *text) {
  NMD_TRY(text->status);
  return nmd_file_write_atomic(path, text->data, text->length, 1);
}

nmd_status tool_write_map(const char *path, const nmd_structure *atoms, const char *columns, int width,
                          const double *values) {
  nmd_buffer text = {0};
  nmd_buffer_printf(&text, "%lld\nLattice=\"", (long long)atoms->n);
  for (int k = 0; k < 9; k++) nmd_buffer_printf(&text, "%s%.10g", k > 0 ? " " : "", atoms->box.h[k / 3][k % 3]);
  const double *origin = atoms->box.origin;
  nmd_buffer_printf(&text,
                    "\" Origin=\"%.10g %.10g %.10g\" Properties=species:S:1:pos:R:3:id:I:1:%s pbc=\"%c %c %c\"\n",
                    origin[0], origin[1], origin[2], columns, "FT"[atoms->box.periodic[0]],
                    "FT"[atoms->box.periodic[1]], "FT"[atoms->box.periodic[2]]);
  for (int64_t i = 0; i < atoms->n; i++) {
    nmd_buffer_text(&text, nmd_element_symbol(atoms->atomic_number[i]));
    nmd_buffer_reals(&text, atoms->x[i], 3, 10);
    nmd_buffer_int(&text, atoms->id[i]);
    nmd_buffer_reals(&text, values + i * width, width, 8);
    nmd_buffer_text(&text, "\n");
  }
  const nmd_status status = tool_write_file(path, &text);
  nmd_buffer_free(&text);
  return status;
}

void tool_plot_table(tool *t) {
  nmd_buffer_text(&t->plot, "$data << EOD\n");
  if (t->text.data != NULL) nmd_buffer_text(&t->plot, t->text.data);
  nmd_buffer_text(&t->plot, "EOD\n");
}

const char *tool_time_unit(const tool_frames *frames) { return frames->timed ? "fs" : "frame"; }

const char *tool_kind(const tool_frames *frames, int kind) {
  return nmd_element_symbol(frames->species.atomic_number[kind]);
}

static nmd_status parse_kind(const tool_frames *frames, const char *symbol, const char *item, int *kind) {
  *kind = nmd_species_index(&frames->species, nmd_element_from_symbol(symbol));
  if (*kind < 0) NMD_FAIL(UNKNOWN_ELEMENT, "'%s': no atoms of element '%s' among those selected", item, symbol);
  return NMD_OK;
}

static nmd_status parse_cutoff(const tool_frames *frames, const char *item, double *cutoff) {
  const int n = frames->species.n;
  char a[8], b[8], length[40];
  double value;
  if (nmd_quantity_parse(item, NMD_DIM_LENGTH, &value) == NMD_OK && value > 0) {
    for (int k = 0; k < n * n; k++) cutoff[k] = value;
    return NMD_OK;
  }
  int one, two;
  if (sscanf(item, "%7[A-Za-z]-%7[A-Za-z]:%39[^\n]", a, b, length) != 3 ||
      nmd_quantity_parse(length, NMD_DIM_LENGTH, &value) != NMD_OK || !(value >= 0))
    NMD_FAIL(USAGE, "bond cut-off '%s': expected one length for all pairs, or A-B:LENGTH, e.g. Li-O:2.5,La-O:3.2 (A)",
             item);
  NMD_TRY(parse_kind(frames, a, item, &one));
  NMD_TRY(parse_kind(frames, b, item, &two));
  cutoff[one * n + two] = cutoff[two * n + one] = value;
  return NMD_OK;
}

nmd_status tool_parse_cutoffs(const tool_frames *frames, const nmd_text_list *list, double *cutoff) {
  memset(cutoff, 0, sizeof *cutoff * (size_t)(frames->species.n * frames->species.n));
  for (int k = 0; k < list->n; k++) NMD_TRY(parse_cutoff(frames, list->items[k], cutoff));
  return NMD_OK;
}
