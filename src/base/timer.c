/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/timer.h"

#include <string.h>
#include <time.h>

double nmd_wall_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void nmd_timer_init(nmd_timer *timer) {
  memset(timer, 0, sizeof *timer);
  timer->since = nmd_wall_seconds();
}

nmd_phase nmd_timer_switch(nmd_timer *timer, nmd_phase phase) {
  const double now = nmd_wall_seconds();
  const nmd_phase old = timer->current;
  timer->seconds[old] += now - timer->since;
  timer->since = now;
  timer->current = phase;
  return old;
}

const char *nmd_phase_label(nmd_phase phase) {
  static const char *labels[] = {
#define NMD_X(name, label) label,
      NMD_PHASE_LIST(NMD_X)
#undef NMD_X
  };
  return labels[phase];
}
