/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tools msd, diffusion and conductivity share: their options, and how a diffusion coefficient is reported. */
#ifndef NNPMD_TOOLS_TRANSPORT_TOOL_H
#define NNPMD_TOOLS_TRANSPORT_TOOL_H

#include "analysis/transport.h"
#include "tool.h"

typedef struct tool_transport {
  int drift;
  nmd_text_list framework;
  double max_lag, fit_start, fit_end, hop;
  bool independent; /* see nmd_transport_options; the option of a tool for which it means something */
} tool_transport;

extern const nmd_option_table tool_transport_table;
const void *tool_transport_own(const tool *t); /* the options joined behind these */

/* Load, compute and fit as the options tell; directions [n_sets] are borrowed. Notes about what was read, removed and
 * assumed go to the header, warnings to the screen. Collective. */
nmd_status tool_transport_run(tool *t, const tool_transport *options, const char *const *directions, int n_sets,
                              int64_t origin_stride, nmd_transport *transport) NMD_MUST_USE;

/* {value, sigma, ci68, ci95} times factor; an end that is not bounded becomes null. */
void tool_json_interval(nmd_json *json, const char *key, const nmd_interval *interval, double factor);
/* D_A2_per_ps, D_cm2_per_s and what belongs to the fit, or nulls and why. */
void tool_json_fit(nmd_json *json, const nmd_transport *transport, const nmd_diffusion *fit, int dimensions);
/* One line about a fit for the header: "Li, xyz: D = ...". */
void tool_note_fit(tool *t, const nmd_transport *transport, const char *who, const nmd_diffusion *fit);

#endif
