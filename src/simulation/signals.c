/* SPDX-License-Identifier: BSD-3-Clause */
/* Signals set a flag; the next step's reduction makes it common to all ranks. */
#include <string.h>

#include "simulation/simulation.h"

static volatile sig_atomic_t seen;

static void handler(int number) {
  seen = 1;
  signal(number, SIG_DFL); /* a second one ends the process at once */
}

void nmd_signals_catch(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  const int caught[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
  for (int k = 0; k < NMD_COUNT(caught); k++) sigaction(caught[k], &action, NULL);
}

bool nmd_signals_seen(void) { return seen != 0; }
const volatile sig_atomic_t *nmd_signals_flag(void) { return &seen; }
