/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "dataset/select.h"

/* A frame in its cell. */
typedef struct resident {
  int64_t cell, point;
  double distance; /* squared, to the middle of the cell */
} resident;

static int by_cell(const void *a, const void *b) {
  const resident *x = a, *y = b;
  if (x->cell != y->cell) return (x->cell > y->cell) - (x->cell < y->cell);
  if (x->distance != y->distance) return (x->distance > y->distance) - (x->distance < y->distance);
  return (x->point > y->point) - (x->point < y->point);
}

static void find_extent(const nmd_points *p, int components, double *low, double *high) {
  for (int c = 0; c < components; c++) low[c] = INFINITY, high[c] = -INFINITY;
  for (int64_t k = 0; k < p->n; k++)
    for (int c = 0; c < components; c++) {
      low[c] = fmin(low[c], p->x[k * p->size + c]);
      high[c] = fmax(high[c], p->x[k * p->size + c]);
    }
}

/* Sorts the points into cells of a width and returns the number of filled ones; the first resident of each cell is the
 * one nearest to its middle. */
static int64_t fill_cells(const nmd_points *p, int components, const double *low, double width, resident *residents) {
  for (int64_t k = 0; k < p->n; k++) {
    residents[k] = (resident){0, k, 0.0};
    for (int c = 0; c < components; c++) {
      const double at = (p->x[k * p->size + c] - low[c]) / width, cell = floor(at), off = at - cell - 0.5;
      residents[k].cell = residents[k].cell * 100003 + (int64_t)cell;
      residents[k].distance += off * off;
    }
  }
  qsort(residents, (size_t)p->n, sizeof *residents, by_cell);
  int64_t filled = p->n > 0;
  for (int64_t k = 1; k < p->n; k++) filled += residents[k].cell != residents[k - 1].cell;
  return filled;
}

/* The widest cells of which `wanted` are filled, by bisection. */
static double find_width(const nmd_points *p, int components, const double *low, const double *high, int64_t wanted,
                         resident *residents) {
  double widest = 1e-12;
  for (int c = 0; c < components; c++) widest = fmax(widest, 1.001 * (high[c] - low[c]));
  double finest = widest / 50000.0;
  for (int k = 0; k < 40; k++) {
    const double middle = sqrt(widest * finest);
    if (fill_cells(p, components, low, middle, residents) >= wanted)
      finest = middle;
    else
      widest = middle;
  }
  return finest;
}

/* Of the representatives the farthest ones, as points of their own. */
static nmd_status thin_out(const nmd_points *p, const int64_t *kept, int64_t n_kept, int64_t wanted, int64_t *frames,
                           int64_t *n) {
  nmd_points few = {.n = n_kept, .size = p->size};
  double *radius = NULL;
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(few.x, n_kept * p->size));
  NMD_GOTO(NMD_ALLOC(few.frame, n_kept));
  NMD_GOTO(NMD_ALLOC(radius, wanted));
  for (int64_t k = 0; k < n_kept; k++) {
    few.frame[k] = k;
    for (int f = 0; f < p->size; f++) few.x[k * p->size + f] = p->x[kept[k] * p->size + f];
  }
  NMD_GOTO(nmd_select_farthest(&few, n_kept, NULL, wanted, frames, radius, n));
  for (int64_t k = 0; k < *n; k++) frames[k] = p->frame[kept[frames[k]]];
done:
  nmd_free(radius);
  nmd_points_free(&few);
  return status;
}

nmd_status nmd_select_grid(const nmd_points *p, int components, int64_t wanted, int64_t *frames, int64_t *n) {
  double low[3], high[3];
  resident *residents = NULL;
  int64_t *kept = NULL, n_kept = 0;
  if (components > p->size) components = p->size;
  if (components > 3) components = 3;
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(residents, p->n));
  NMD_GOTO(NMD_ALLOC(kept, p->n));
  find_extent(p, components, low, high);
  fill_cells(p, components, low, find_width(p, components, low, high, wanted, residents), residents);
  for (int64_t k = 0; k < p->n; k++)
    if (k == 0 || residents[k].cell != residents[k - 1].cell) kept[n_kept++] = residents[k].point;
  NMD_GOTO(thin_out(p, kept, n_kept, wanted, frames, n));
done:
  nmd_free(residents);
  nmd_free(kept);
  return status;
}
