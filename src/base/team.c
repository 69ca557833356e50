/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/team.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* Error texts belong to threads: the lowest failing part's is carried to the caller. */
typedef struct failure {
  int part;
  nmd_error error;
} failure;

static void note(failure *first, int part, nmd_status status) {
  if (part >= first->part) return;
  first->part = part;
  nmd_error_save(status, &first->error);
}

static void run_parts(int n, int thread, int threads, nmd_team_work *work, void *context, failure *first) {
  for (int part = thread; part < n; part += threads) {
    const nmd_status status = work(context, part);
    if (status == NMD_OK) continue;
#ifdef _OPENMP
#pragma omp critical(nmd_team_failure)
#endif
    note(first, part, status);
  }
}

nmd_status nmd_team_run(int n, nmd_team_work *work, void *context) {
  if (n <= 1) return work(context, 0);
  failure first;
  first.part = n;
#ifdef _OPENMP
#pragma omp parallel num_threads(n)
  run_parts(n, omp_get_thread_num(), omp_get_num_threads(), work, context, &first);
#else
  run_parts(n, 0, 1, work, context, &first);
#endif
  return first.part == n ? NMD_OK : nmd_error_restore(&first.error);
}

int64_t nmd_team_share(int64_t items, int part, int n) { return items * part / n; }

int nmd_team_wish(void) {
  const char *text = getenv("OMP_NUM_THREADS"); /* a number, or a list of them, one a level of nesting */
  const long wish = text != NULL ? strtol(text, NULL, 10) : 1;
  return wish < 1 ? 1 : wish < NMD_THREADS_MAX ? (int)wish : NMD_THREADS_MAX;
}

int nmd_team_cores(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

bool nmd_team_available(void) {
#ifdef _OPENMP
  return true;
#else
  return false;
#endif
}

const char *nmd_team_binding(void) {
#ifdef _OPENMP
  static const char *const names[] = {"none", "true", "primary", "close", "spread"};
  const int binding = (int)omp_get_proc_bind();
  return binding >= 0 && binding < 5 ? names[binding] : "unknown";
#else
  return "none";
#endif
}
