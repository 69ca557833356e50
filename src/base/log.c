/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static nmd_log_sink *log_sink;
static void *log_context;
static int log_muted; /* how often */

void nmd_log_set_sink(nmd_log_sink *sink, void *context) {
  log_sink = sink;
  log_context = context;
}

void nmd_log_mute(bool muted) { log_muted += muted ? 1 : -1; }

void nmd_log(nmd_log_level level, const char *format, ...) {
  if (log_sink == NULL || log_muted > 0) return;
  char line[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  log_sink(level, line, log_context);
}
