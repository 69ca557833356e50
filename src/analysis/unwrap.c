/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/unwrap.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

nmd_status nmd_unwrapper_init(nmd_unwrapper *unwrapper, int64_t n) {
  *unwrapper = (nmd_unwrapper){.n = n};
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(unwrapper->s, n));
  NMD_GOTO(NMD_ALLOC(unwrapper->count, n));
  NMD_GOTO(NMD_ALLOC(unwrapper->x, n));
  NMD_GOTO(NMD_ALLOC(unwrapper->wrapped, n));
  return NMD_OK;
done:
  nmd_unwrapper_free(unwrapper);
  return status;
}

void nmd_unwrapper_free(nmd_unwrapper *unwrapper) {
  nmd_free(unwrapper->s);
  nmd_free(unwrapper->count);
  nmd_free(unwrapper->x);
  nmd_free(unwrapper->wrapped);
  *unwrapper = (nmd_unwrapper){0};
}

enum { CELLS_MAX = 1000000 }; /* that an atom may pass from one frame to the next */

/* Cells to subtract from ds so that it is the nearest image's; refuses what is no clear decision. */
static nmd_status cells_passed(const nmd_box *box, const double ds[3], int64_t id, double cells[3]) {
  for (int d = 0; d < 3; d++) {
    cells[d] = box->periodic[d] ? nearbyint(ds[d]) : 0.0;
    if (!(fabs(cells[d]) <= CELLS_MAX))
      NMD_FAIL(CONFLICT,
               "atom %lld moves by %.3g cells along vector %c between two frames; expected the path of one system: "
               "is a coordinate damaged?",
               (long long)id, cells[d], "abc"[d]);
    if (!box->periodic[d] || fabs(ds[d] - cells[d]) <= NMD_HOP_LIMIT) continue;
    NMD_FAIL(
        CONFLICT,
        "atom %lld moves by %.2f of cell vector %c between two frames, too close to half a cell to know its image; "
        "expected below %g; write frames more often, or with image counters or unwrapped positions",
        (long long)id, fabs(ds[d] - cells[d]), "abc"[d], NMD_HOP_LIMIT);
  }
  return NMD_OK;
}

static nmd_status next_nearest(nmd_unwrapper *u, const nmd_box *box, int64_t i, int64_t id, double x[3]) {
  double s[3], ds[3], cells[3] = {0}, shift[3], count[3];
  nmd_box_to_fractional(box, x, s);
  for (int d = 0; d < 3; d++) ds[d] = s[d] - u->s[i][d];
  if (u->frames > 0) NMD_TRY(cells_passed(box, ds, id, cells));
  for (int d = 0; d < 3; d++) {
    u->count[i][d] -= (int64_t)cells[d];
    count[d] = (double)u->count[i][d];
    u->s[i][d] = s[d];
  }
  nmd_row_times(count, box->h, shift);
  for (int d = 0; d < 3; d++) x[d] += shift[d];
  return NMD_OK;
}

static nmd_status next_tor(nmd_unwrapper *u, const nmd_box *box, int64_t i, int64_t id, double x[3]) {
  double dx[3], ds[3], cells[3] = {0}, shift[3];
  for (int d = 0; d < 3; d++) dx[d] = x[d] - u->wrapped[i][d];
  memcpy(u->wrapped[i], x, sizeof u->wrapped[i]);
  if (u->frames == 0) {
    memcpy(u->x[i], x, sizeof u->x[i]);
    return NMD_OK;
  }
  nmd_row_times(dx, box->inverse, ds);
  NMD_TRY(cells_passed(box, ds, id, cells));
  nmd_row_times(cells, box->h, shift);
  for (int d = 0; d < 3; d++) x[d] = u->x[i][d] += dx[d] - shift[d];
  return NMD_OK;
}

nmd_status nmd_unwrapper_next(nmd_unwrapper *unwrapper, nmd_unwrap scheme, const nmd_box *box, const int64_t *id,
                              double (*x)[3]) {
  for (int64_t i = 0; i < unwrapper->n; i++)
    NMD_TRY(scheme == NMD_UNWRAP_TOR ? next_tor(unwrapper, box, i, id[i], x[i])
                                     : next_nearest(unwrapper, box, i, id[i], x[i]));
  unwrapper->frames++;
  return NMD_OK;
}
