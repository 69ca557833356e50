/* SPDX-License-Identifier: BSD-3-Clause */
/* Threads of a rank: the only user of OpenMP. Work is cut into numbered parts, so that what a part does and the order in
 * which parts are put together do not depend on which thread did it, or on how many there really were. */
#ifndef NNPMD_BASE_TEAM_H
#define NNPMD_BASE_TEAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { NMD_THREADS_MAX = 1024 };

typedef nmd_status nmd_team_work(void *context, int part);

/* Do parts 0 .. n - 1, at the same time where there are threads; returns when all are done. Parts must not write to the
 * same memory. If some fail: code and text of the lowest one. n <= 1: in the caller, without a team. */
nmd_status nmd_team_run(int n, nmd_team_work *work, void *context) NMD_MUST_USE;
/* First item of part `part` of n equal ones of `items`. */
int64_t nmd_team_share(int64_t items, int part, int n);

int nmd_team_wish(void);       /* what OMP_NUM_THREADS asks for (its first number), 1 if it is not set */
int nmd_team_cores(void);      /* cores this process may run on */
bool nmd_team_available(void); /* built with OpenMP? Without, the parts are done one after the other */
const char *nmd_team_binding(void); /* of threads, as OMP_PROC_BIND has it: "none", "close", ... */

#endif
