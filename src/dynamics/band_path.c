/* SPDX-License-Identifier: BSD-3-Clause */
/* The first guess of a path between two states. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dynamics/band.h"
#include "dynamics/mover.h"

static const double reach = 6.0;      /* A, of pairs */
static const double spring = 0.05;    /* 1/A^2, about the stiffness of a pair at 2.5 A */
static const double tolerance = 1e-4; /* 1/A */
static const double max_move = 0.1;   /* A */
static const double nearest = 0.3;    /* A, of two atoms to begin with */
enum { STEPS_MAX = 500 };

void nmd_nearest_image(const nmd_box *box, const double to[3], double x[3]) {
  double s[3], d[3];
  for (int a = 0; a < 3; a++) d[a] = x[a] - to[a] + box->origin[a];
  nmd_box_to_fractional(box, d, s);
  for (int a = 0; a < 3; a++)
    if (box->periodic[a]) s[a] -= round(s[a]);
  nmd_row_times(s, box->h, d);
  for (int a = 0; a < 3; a++) x[a] = to[a] + d[a];
}

void nmd_band_interpolate(nmd_band *band) {
  const int last = band->n - 1;
  const double *from = band->x, *to = nmd_band_of(band, band->x, last);
  for (int k = 1; k < last; k++) {
    double *x = nmd_band_of(band, band->x, k);
    for (int64_t i = 0; i < 3 * band->atoms; i++) x[i] = from[i] + (to[i] - from[i]) * k / last;
  }
}

/* ---- by distances ---- */

typedef struct distance {
  int64_t i, j;
  double shift[3]; /* A, of j, the same in all images */
  double ends[2];  /* A */
} distance;

typedef struct distances {
  distance *pair;
  int64_t n;
} distances;

static double separation(const double *x, const distance *p, double d[3]) {
  for (int a = 0; a < 3; a++) d[a] = x[3 * p->j + a] + p->shift[a] - x[3 * p->i + a];
  return nmd_norm(d);
}

/* The image of j nearest to i at one end, if it is near. */
static nmd_status add_pair(distances *list, const nmd_band *band, const nmd_box *box, int64_t i, int64_t j, int end) {
  const double *x[2] = {band->x, nmd_band_of(band, band->x, band->n - 1)};
  double near[3], d[3];
  distance p = {.i = i, .j = j};
  memcpy(near, x[end] + 3 * j, sizeof near);
  nmd_nearest_image(box, x[end] + 3 * i, near);
  for (int a = 0; a < 3; a++) p.shift[a] = near[a] - x[end][3 * j + a];
  for (int e = 0; e < 2; e++) p.ends[e] = separation(x[e], &p, d);
  if (p.ends[end] > reach) return NMD_OK;
  if (end == 1 && list->n > 0) { /* found from the first end already? */
    const distance *before = &list->pair[list->n - 1];
    const double other[3] = {before->shift[0] - p.shift[0], before->shift[1] - p.shift[1],
                             before->shift[2] - p.shift[2]};
    if (before->i == i && before->j == j && nmd_norm(other) < 1e-6) return NMD_OK;
  }
  if ((list->n & (list->n - 1)) == 0) NMD_TRY(NMD_GROW(list->pair, list->n, list->n == 0 ? 1 : 2 * list->n));
  list->pair[list->n++] = p;
  return NMD_OK;
}

static nmd_status find_pairs(distances *list, const nmd_band *band, const nmd_box *box) {
  for (int64_t i = 0; i < band->atoms; i++)
    for (int64_t j = i + 1; j < band->atoms; j++)
      for (int end = 0; end < 2; end++) NMD_TRY(add_pair(list, band, box, i, j, end));
  return NMD_OK;
}

/* A direction at a right angle to a pair as it is at the first end. */
static void across_pair(const nmd_band *band, const distance *pair, double direction[3]) {
  double d[3];
  separation(band->x, pair, d);
  int least = 0;
  for (int a = 1; a < 3; a++)
    if (fabs(d[a]) < fabs(d[least])) least = a;
  const double axis[3] = {least == 0, least == 1, least == 2};
  nmd_cross(d, axis, direction);
  const double length = nmd_norm(direction);
  for (int a = 0; a < 3; a++) direction[a] = length > 0 ? direction[a] / length : axis[a];
}

/* Atoms that meet on the straight line have no direction to part in: they get one. */
static void part_pairs(const distances *list, nmd_band *band) {
  for (int64_t p = 0; p < list->n; p++)
    for (int k = 1; k < band->n - 1; k++) {
      const distance *pair = &list->pair[p];
      double *x = nmd_band_of(band, band->x, k), d[3], direction[3];
      if (separation(x, pair, d) > nearest) continue;
      across_pair(band, pair, direction);
      for (int a = 0; a < 3; a++) {
        if (!band->fixed[pair->i]) x[3 * pair->i + a] -= nearest * direction[a];
        if (!band->fixed[pair->j]) x[3 * pair->j + a] += nearest * direction[a];
      }
    }
}

/* S = 1/2 sum w (d - d_wanted)^2, w = 1 / d^4, and -dS/dx, into energy and force of image k. */
static void distance_forces(const distances *list, nmd_band *band, int k) {
  const double *x = nmd_band_of(band, band->x, k), t = (double)k / (band->n - 1);
  double *force = nmd_band_of(band, band->force, k), sum = 0;
  memset(force, 0, (size_t)band->atoms * 3 * sizeof *force);
  for (int64_t p = 0; p < list->n; p++) {
    const distance *pair = &list->pair[p];
    double d[3];
    const double r = separation(x, pair, d), off = r - (1 - t) * pair->ends[0] - t * pair->ends[1];
    const double w = 1 / (r * r * r * r), push = w * off * (1 - 2 * off / r) / r; /* dS/dr / r */
    sum += 0.5 * w * off * off;
    for (int a = 0; a < 3; a++) {
      force[3 * pair->i + a] += push * d[a];
      force[3 * pair->j + a] -= push * d[a];
    }
  }
  for (int64_t i = 0; i < band->atoms; i++)
    if (band->fixed[i]) force[3 * i] = force[3 * i + 1] = force[3 * i + 2] = 0;
  band->energy[k] = sum;
}

static nmd_status move_images(const distances *list, nmd_band *band, nmd_mover *mover) {
  for (int step = 0; step < STEPS_MAX; step++) {
    for (int k = 0; k < band->n; k++) distance_forces(list, band, k);
    NMD_TRY(nmd_band_measure(band, spring, false));
    if (band->largest < tolerance) break;
    nmd_mover_step(mover, nmd_band_of(band, band->x, 1), nmd_band_of(band, band->pull, 1));
  }
  return NMD_OK;
}

/* Energies and forces of the ends are put aside: the same arrays serve here. */
static nmd_status with_own_forces(const distances *list, nmd_band *band, nmd_mover *mover) {
  const int64_t all = band->n * band->atoms * 3;
  double *force, *energy;
  NMD_TRY(NMD_ALLOC(force, all));
  NMD_TRY(NMD_ALLOC(energy, band->n));
  memcpy(force, band->force, (size_t)all * sizeof *force);
  memcpy(energy, band->energy, (size_t)band->n * sizeof *energy);
  const nmd_status status = move_images(list, band, mover);
  memcpy(band->force, force, (size_t)all * sizeof *force);
  memcpy(band->energy, energy, (size_t)band->n * sizeof *energy);
  nmd_free(force);
  nmd_free(energy);
  return status;
}

nmd_status nmd_band_interpolate_distances(nmd_band *band, const nmd_box *box) {
  distances list = {0};
  nmd_mover mover = {.method = NMD_MOVER_LBFGS, .n = (band->n - 2) * band->atoms * 3, .max_move = max_move};
  nmd_band_interpolate(band);
  nmd_status status = find_pairs(&list, band, box);
  if (status == NMD_OK) part_pairs(&list, band);
  if (status == NMD_OK) status = nmd_mover_init(&mover);
  if (status == NMD_OK) status = with_own_forces(&list, band, &mover);
  nmd_mover_free(&mover);
  nmd_free(list.pair);
  return status;
}
