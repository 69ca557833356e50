/* SPDX-License-Identifier: BSD-3-Clause */
/* The tools that look at one frame after the other: frames are shared over ranks, atoms come with their kind. */
#ifndef NNPMD_TOOLS_FRAMES_H
#define NNPMD_TOOLS_FRAMES_H

#include "system/element.h"
#include "tool.h"

typedef struct tool_frames {
  nmd_species species;                /* of the selected atoms */
  int *kind;                          /* [n] index into species */
  int64_t n;                          /* selected atoms */
  double population[NMD_ELEMENT_MAX]; /* atoms of each kind */
  int64_t frames;                     /* seen by all ranks together */
  double first_time, last_time;       /* fs, or frame numbers when the files have no times: */
  bool timed;
  nmd_trajectory_facts facts;
} tool_frames;

typedef struct tool_visitor {
  /* Once, after the first frame was read: species and kinds are known. */
  nmd_status (*begin)(void *context, tool *t, const tool_frames *frames, const nmd_trajectory_frame *first);
  /* Frame number k (0, 1, ... of those used). */
  nmd_status (*frame)(void *context, const tool_frames *frames, int64_t k, const nmd_trajectory_frame *frame);
  /* Once, after the last frame, if all went well. Collective. */
  nmd_status (*report)(void *context, tool *t, const tool_frames *frames);
} tool_visitor;

/* Read the trajectory; frame k is visited by rank k modulo size (by every rank if `all`). Leaves remarks on frames and
 * cell in the table, then reports. Collective. Errors: those of nmd_trajectory_next and of the visitor; those before
 * the report are the same on all ranks. */
nmd_status tool_frames_visit(tool *t, const tool_visitor *visitor, bool all, void *context) NMD_MUST_USE;

/* Numbers of every frame, each filled in by the rank that saw it. */
typedef struct tool_series {
  int width;
  int64_t capacity;
  double *values; /* [frames][width]; owned */
} tool_series;

/* Row k, zeroed until filled. Errors: MEMORY. */
nmd_status tool_series_row(tool_series *series, int64_t k, double **row) NMD_MUST_USE;
/* All ranks' rows on all ranks. Collective. Errors: MEMORY. */
nmd_status tool_series_reduce(tool_series *series, int64_t frames, const nmd_comm *comm) NMD_MUST_USE;
void tool_series_free(tool_series *series);

/* A text to a file, whole or not at all. Errors: WRITE, MEMORY (also of the text). */
nmd_status tool_write_file(const char *path, const nmd_buffer *text) NMD_MUST_USE;

/* Extended XYZ of atoms with columns of numbers of our own: columns like "displacement:R:3", values [n][width] in that
 * order. Written whole or not at all. Errors: WRITE, MEMORY. */
nmd_status tool_write_map(const char *path, const nmd_structure *atoms, const char *columns, int width,
                          const double *values) NMD_MUST_USE;

/* The table so far as gnuplot's $data, for plots that need no other file. */
void tool_plot_table(tool *t);
const char *tool_time_unit(const tool_frames *frames); /* "fs", or "frame" */
/* "Li" */
const char *tool_kind(const tool_frames *frames, int kind);
/* A table of bond cut-offs [kinds][kinds] (A) from "2.5" or "0.25 nm" (all) or "Li-O:2.5,La-O:3.2" (others 0). Errors:
 * USAGE, UNKNOWN_ELEMENT. */
nmd_status tool_parse_cutoffs(const tool_frames *frames, const nmd_text_list *list, double *cutoff) NMD_MUST_USE;

#endif
