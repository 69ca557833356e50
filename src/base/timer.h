/* SPDX-License-Identifier: BSD-3-Clause */
/* Wall-clock phases of a run: exclusive times, a phase is started by naming it. */
#ifndef NNPMD_BASE_TIMER_H
#define NNPMD_BASE_TIMER_H

#define NMD_PHASE_LIST(X)                                                                                              \
  X(OTHER, "other")                                                                                                    \
  X(FORCE, "potential")                                                                                                \
  X(NEIGHBOUR, "neighbour")                                                                                            \
  X(COMM, "communication")                                                                                             \
  X(INTEGRATE, "integration")                                                                                          \
  X(OUTPUT, "output")                                                                                                  \
  X(WAIT, "waiting for ranks")

typedef enum nmd_phase {
#define NMD_X(name, label) NMD_PHASE_##name,
  NMD_PHASE_LIST(NMD_X)
#undef NMD_X
      NMD_PHASE_COUNT
} nmd_phase;

typedef struct nmd_timer {
  double seconds[NMD_PHASE_COUNT];
  nmd_phase current;
  double since;
} nmd_timer;

double nmd_wall_seconds(void);                               /* monotonic */
void nmd_timer_init(nmd_timer *timer);                       /* starts in OTHER */
nmd_phase nmd_timer_switch(nmd_timer *timer, nmd_phase phase); /* books the time since the last switch; returns the old phase */
const char *nmd_phase_label(nmd_phase phase);

#endif
