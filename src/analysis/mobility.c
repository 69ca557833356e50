/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/mobility.h"

#include <math.h>
#include <string.h>

#include "base/vec3.h"

enum { HALF, WHOLE, SPANS }; /* of the lag */

typedef struct sums {
  double n[NMD_MOBILITY_BLOCKS][NMD_MOBILITY_REGIONS];
  double square[NMD_MOBILITY_BLOCKS][NMD_MOBILITY_REGIONS][SPANS][3];
} sums;

typedef struct counter {
  const nmd_paths *paths;
  const nmd_mobility_options *options;
  int64_t lag;      /* frames */
  double normal[3]; /* of the planes, unit */
  double period;    /* A, of the cell along it */
  sums sum;
} counter;

static int region_of(const counter *c, const double r[3]) {
  const nmd_mobility_options *o = c->options;
  const double height = nmd_dot(r, c->normal) / c->period;
  double nearest = c->period;
  for (int k = 0; k < o->n_planes; k++) {
    const double off = height - o->plane[k];
    nearest = fmin(nearest, fabs(off - round(off)) * c->period);
  }
  int region = 0;
  while (region < o->n_edges && nearest >= o->edge[region]) region++;
  return region;
}

/* Origins of all blocks, so that every displacement over the lag belongs to one. */
static nmd_status add_atom(void *context, int64_t atom, const double *x) {
  counter *c = context;
  const int64_t n = c->paths->n_frames, origins = n - c->lag, span[SPANS] = {c->lag / 2, c->lag};
  (void)atom;
  for (int64_t t = 0; t < origins; t++) {
    const double r[3] = {x[t], x[n + t], x[2 * n + t]};
    const int block = (int)(t * NMD_MOBILITY_BLOCKS / origins), region = region_of(c, r);
    c->sum.n[block][region] += 1;
    for (int s = 0; s < SPANS; s++)
      for (int d = 0; d < 3; d++) {
        const double u = x[d * n + t + span[s]] - r[d];
        c->sum.square[block][region][s][d] += u * u;
      }
  }
  return NMD_OK;
}

static nmd_status prepare(counter *c) {
  const nmd_paths *p = c->paths;
  const int a = c->options->axis;
  double across[3];
  nmd_cross(p->mean_h[(a + 1) % 3], p->mean_h[(a + 2) % 3], across);
  for (int d = 0; d < 3; d++) c->normal[d] = across[d] / nmd_norm(across);
  c->period = fabs(nmd_dot(p->mean_h[a], c->normal));
  for (int d = 0; d < 3 && nmd_dot(p->mean_h[a], across) < 0; d++) c->normal[d] = -c->normal[d];
  c->lag = 2 * (int64_t)nearbyint(c->options->lag / (2 * p->spacing));
  if (c->lag >= 2 && c->lag <= p->n_frames / 4) return NMD_OK;
  NMD_FAIL(OUT_OF_RANGE, "lag of %g fs; expected two frames (%g fs) up to a quarter of the run (%g fs)",
           c->options->lag, 2 * p->spacing, p->spacing * (double)(p->n_frames / 4));
}

/* D of the origins of blocks from ... to - 1: x, y, z, all; false if there are none. */
static bool slope_of(const counter *c, int region, int from, int to, double D[4]) {
  double n = 0, square[SPANS][3] = {{0}};
  for (int b = from; b < to; b++) {
    n += c->sum.n[b][region];
    for (int k = 0; k < SPANS * 3; k++) square[k / 3][k % 3] += c->sum.square[b][region][k / 3][k % 3];
  }
  D[3] = 0;
  for (int d = 0; d < 3; d++) {
    D[d] = n > 0 ? (square[WHOLE][d] - square[HALF][d]) / (n * (double)c->lag * c->paths->spacing) : NAN;
    D[3] += D[d] / 3;
  }
  return n > 0;
}

static void finish_region(const counter *c, int region, nmd_mobility *m) {
  double sum[4] = {0}, squares[4] = {0}, n = 0, all = 0;
  (void)slope_of(c, region, 0, NMD_MOBILITY_BLOCKS, m->D[region]);
  for (int b = 0; b < NMD_MOBILITY_BLOCKS; b++) {
    double D[4];
    all += c->sum.n[b][region];
    if (!slope_of(c, region, b, b + 1, D)) continue;
    n += 1;
    for (int d = 0; d < 4; d++) sum[d] += D[d], squares[d] += D[d] * D[d];
  }
  m->atoms[region] = all / (double)(c->paths->n_frames - c->lag);
  for (int d = 0; d < 4; d++)
    m->sigma[region][d] = n > 1 ? sqrt(fmax(0, squares[d] - sum[d] * sum[d] / n) / (n * (n - 1))) : NAN;
}

nmd_status nmd_mobility_count(const nmd_paths *paths, const nmd_comm *comm, const nmd_mobility_options *options,
                              nmd_mobility *mobility) {
  counter c = {.paths = paths, .options = options};
  NMD_TRY(nmd_comm_agree(comm, prepare(&c)));
  NMD_TRY(nmd_paths_visit(paths, 1, &(nmd_path_visit){add_atom, &c}));
  nmd_comm_sum(comm, &c.sum.n[0][0], NMD_MOBILITY_BLOCKS * NMD_MOBILITY_REGIONS);
  nmd_comm_sum(comm, &c.sum.square[0][0][0][0], NMD_MOBILITY_BLOCKS * NMD_MOBILITY_REGIONS * SPANS * 3);
  *mobility = (nmd_mobility){
      .n_regions = options->n_edges + 1, .n_blocks = NMD_MOBILITY_BLOCKS, .lag = paths->spacing * (double)c.lag};
  for (int region = 0; region < mobility->n_regions; region++) finish_region(&c, region, mobility);
  return NMD_OK;
}
