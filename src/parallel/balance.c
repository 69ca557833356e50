/* SPDX-License-Identifier: BSD-3-Clause */
/* Load balance: planes move to the quantiles of the weight along each axis.
 *
 * Weights are counted in integers, so the planes do not depend on how the atoms are spread over the ranks. The axes are
 * treated one by one, which levels layers, slabs and clusters; it cannot level a weight that varies along a diagonal.
 */
#include <math.h>

#include "parallel/domain.h"
#include "parallel/domain_private.h"

enum { BINS = 1024 };
static const double weight_units = 1048576.0; /* integer weight of the heaviest atom */
static const double least_width_A = 1.0;      /* thinner bricks only add passes to the halo */
static const double close_share = 0.002;      /* of a brick's weight: as good as level */
static const double least_width_share = 0.25; /* but a brick of the equal grid may always shrink to this share */

static double weight_scale(const nmd_domain *domain, const nmd_atoms *atoms, const double *weight) {
  if (weight == NULL) return 1.0;
  double heaviest = 0.0;
  for (int i = 0; i < atoms->n_owned; i++)
    if (weight[i] > heaviest && isfinite(weight[i])) heaviest = weight[i];
  nmd_comm_max(domain->comm, &heaviest, 1);
  return heaviest > 0.0 ? weight_units / heaviest : 0.0;
}

static int64_t integer_weight(const double *weight, int i, double scale) {
  if (weight == NULL) return 1;
  return weight[i] > 0.0 && isfinite(weight[i]) ? (int64_t)llround(weight[i] * scale) : 0;
}

static int bin_of(double s) {
  const double t = s * BINS;
  if (!(t > 0.0)) return 0; /* also NaN */
  return t < BINS ? (int)t : BINS - 1;
}

static int64_t count_weight(const nmd_domain *domain, const nmd_box *box, const nmd_atoms *atoms, const double *weight,
                            int64_t histogram[3][BINS]) {
  const double scale = weight_scale(domain, atoms, weight);
  int64_t mine = 0;
  for (int i = 0; i < atoms->n_owned; i++) {
    const int64_t w = integer_weight(weight, i, scale);
    double s[3];
    nmd_box_to_fractional(box, &atoms->x[3 * (int64_t)i], s);
    for (int d = 0; d < 3; d++) histogram[d][bin_of(s[d])] += w;
    mine += w;
  }
  return mine;
}

/* Middle of the empty bins behind `bin`, or its end. */
static double gap_behind(const int64_t *histogram, int bin) {
  int next = bin + 1;
  while (next < BINS - 1 && histogram[next] == 0) next++;
  return 0.5 * (bin + 1 + next) / BINS;
}

/* Planes at the quantiles k / n of the histogram, linear inside a bin. A quantile that falls between two layers of a
 * crystal is put half-way, so that vibrations do not carry atoms to and fro. */
static void quantiles(const int64_t *histogram, int64_t total, int n, double *planes) {
  const double close = close_share * (double)total / n;
  int bin = 0;
  int64_t below = 0;
  planes[0] = 0.0;
  planes[n] = 1.0;
  for (int k = 1; k < n; k++) {
    const double target = (double)total * k / n;
    while (bin < BINS - 1 && (double)(below + histogram[bin]) < target - close) below += histogram[bin++];
    const double inside = histogram[bin] > 0 ? (target - (double)below) / (double)histogram[bin] : 0.0;
    if ((double)(below + histogram[bin]) <= target + close)
      planes[k] = gap_behind(histogram, bin);
    else
      planes[k] = (bin + fmin(fmax(inside, 0.0), 1.0)) / BINS;
  }
}

/* Push planes apart to the least width, from both ends. */
static void keep_width(double *planes, int n, double width) {
  for (int k = 1; k < n; k++) planes[k] = fmax(planes[k], planes[k - 1] + width);
  for (int k = n - 1; k > 0; k--) planes[k] = fmin(planes[k], planes[k + 1] - width);
}

nmd_status nmd_balance(nmd_domain *domain, const nmd_box *box, const nmd_atoms *atoms, const double *weight,
                       double *imbalance) {
  int64_t histogram[3][BINS] = {{0}};
  const int64_t mine = count_weight(domain, box, atoms, weight, histogram);
  int64_t largest = mine, total = mine;
  nmd_comm_max_int(domain->comm, &largest, 1);
  nmd_comm_sum_int(domain->comm, &total, 1);
  nmd_comm_sum_int(domain->comm, histogram[0], 3 * BINS);
  *imbalance = 1.0;
  if (total <= 0) return NMD_OK;
  *imbalance = (double)largest * nmd_comm_size(domain->comm) / (double)total;
  for (int d = 0; d < 3; d++) {
    const int n = domain->grid[d];
    if (n == 1) continue;
    double planes[NMD_GRID_MAX + 1];
    quantiles(histogram[d], total, n, planes);
    keep_width(planes, n, fmin(least_width_A / nmd_box_height(box, d), least_width_share / n));
    nmd_domain_set_planes(domain, d, planes);
  }
  return NMD_OK;
}
