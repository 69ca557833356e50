/* SPDX-License-Identifier: BSD-3-Clause */
#include "walks.h"

#include <math.h>

#include "base/random.h"

static void gaussian_steps(const walk *w, int64_t seed, double *x) {
  const double step = WALK_STEP * sqrt(w->hops / (3.0 * (w->frames - 1)));
  const double rho = w->kind == WALK_SHARED ? w->rho : 0.0;
  for (int t = 1; t < w->frames; t++) {
    double shared[3];
    nmd_random_normal3((uint64_t)seed, NMD_STREAM_TEST, t, 0, 0, shared);
    for (int i = 0; i < w->ions; i++) {
      double own[3];
      nmd_random_normal3((uint64_t)seed, NMD_STREAM_TEST, t, i + 1, 0, own);
      for (int d = 0; d < 3; d++) {
        double *path = x + (3 * i + d) * w->frames;
        path[t] = path[t - 1] + step * (sqrt(rho) * shared[d] + sqrt(1.0 - rho) * own[d]);
      }
    }
  }
}

/* Hops come as a Poisson process; several may fall into one frame. */
static void hops(const walk *w, int64_t seed, double *x) {
  const double rate = w->hops / (w->frames - 1);
  for (int i = 0; i < w->ions; i++) {
    double u[2], next = 0.0, place[3] = {0};
    int64_t draw = 0;
    nmd_random_uniform2((uint64_t)seed, NMD_STREAM_TEST, draw++, i + 1, 1, u);
    int last = (int)(6.0 * u[0]); /* the hop before the first frame */
    next = -log(u[1]) / rate;
    for (int t = 0; t < w->frames; t++) {
      for (; next <= t; draw++) {
        nmd_random_uniform2((uint64_t)seed, NMD_STREAM_TEST, draw, i + 1, 1, u);
        const double which = u[0] < w->back ? -1.0 : 6.0 * (u[0] - w->back) / (1.0 - w->back);
        last = which < 0.0 ? (last + 3) % 6 : (int)which;
        place[last % 3] += last < 3 ? WALK_STEP : -WALK_STEP;
        next -= log(u[1]) / rate;
      }
      for (int d = 0; d < 3; d++) x[(3 * i + d) * w->frames + t] = place[d];
    }
  }
}

void walk_make(const walk *w, int64_t seed, double *x) {
  for (int i = 0; i < 3 * w->ions; i++) x[i * w->frames] = 0.0;
  if (w->kind == WALK_HOPPING)
    hops(w, seed, x);
  else
    gaussian_steps(w, seed, x);
}

double walk_diffusion(const walk *w) {
  const double free = w->hops * WALK_STEP * WALK_STEP / (6.0 * (w->frames - 1));
  return w->kind == WALK_HOPPING ? free * (1.0 - w->back) / (1.0 + w->back) : free;
}

double walk_haven(const walk *w) { return w->kind == WALK_SHARED ? 1.0 / (1.0 + (w->ions - 1) * w->rho) : 1.0; }
