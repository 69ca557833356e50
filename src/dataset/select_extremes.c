/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "base/memory.h"
#include "dataset/select.h"

/* Least and largest value of each function: those of a frame, or of all frames that are in. */
typedef struct extent {
  double *low, *high; /* [columns]: the functions of all elements, one element after the other */
} extent;

static int count_columns(const nmd_descriptor_set *set) {
  int n = 0;
  for (int e = 0; e < set->n_elements; e++) n += set->elements[e].functions;
  return n;
}

static void stretch(double *low, double *high, double value) {
  *low = fmin(*low, value);
  *high = fmax(*high, value);
}

/* of[frame], all columns: 0 (the mean) unless an atom lies beyond. */
static void find_extents(const nmd_descriptor_set *set, const extent *of) {
  int first = 0;
  for (int e = 0; e < set->n_elements; e++) {
    const nmd_element_descriptors *d = &set->elements[e];
    for (int64_t i = 0; i < d->n; i++)
      for (int f = 0; f < d->functions; f++)
        stretch(&of[d->frame[i]].low[first + f], &of[d->frame[i]].high[first + f], d->G[i * d->functions + f]);
    first += d->functions;
  }
}

/* How far the frame reaches beyond, over all functions and both ends. */
static double reach_beyond(const extent *inside, const extent *frame, int columns) {
  double sum = 0.0;
  for (int c = 0; c < columns; c++)
    sum += fmax(0.0, inside->low[c] - frame->low[c]) + fmax(0.0, frame->high[c] - inside->high[c]);
  return sum;
}

static void include(const extent *inside, const extent *frame, int columns) {
  for (int c = 0; c < columns; c++) {
    stretch(&inside->low[c], &inside->high[c], frame->low[c]);
    stretch(&inside->low[c], &inside->high[c], frame->high[c]);
  }
}

static int64_t best_of(const extent *inside, const extent *frames, int64_t n, int columns, double *reach) {
  int64_t best = -1;
  *reach = 0.0;
  for (int64_t k = 0; k < n; k++) {
    const double r = reach_beyond(inside, &frames[k], columns);
    if (r > *reach) *reach = r, best = k;
  }
  return best;
}

nmd_status nmd_select_extremes(const nmd_descriptor_set *set, const bool *given, int64_t wanted, int64_t *frames,
                               double *reach, int64_t *n) {
  const int columns = count_columns(set);
  const int64_t n_frames = set->n_frames;
  extent *of = NULL; /* the last one: of what is in */
  double *values = NULL;
  *n = 0;
  nmd_status status = NMD_ALLOC(of, n_frames + 1);
  if (status == NMD_OK) status = NMD_ALLOC(values, 2 * (n_frames + 1) * columns);
  if (status == NMD_OK) {
    for (int64_t k = 0; k <= n_frames; k++) of[k] = (extent){values + 2 * k * columns, values + (2 * k + 1) * columns};
    find_extents(set, of);
    for (int64_t k = 0; k < n_frames && given != NULL; k++)
      if (given[k]) include(&of[n_frames], &of[k], columns);
    while (*n < wanted) {
      const int64_t best = best_of(&of[n_frames], of, n_frames, columns, &reach[*n]);
      if (best < 0) break;
      include(&of[n_frames], &of[best], columns);
      frames[(*n)++] = best;
    }
  }
  nmd_free(values);
  nmd_free(of);
  return status;
}
