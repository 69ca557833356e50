/* SPDX-License-Identifier: BSD-3-Clause */
#include "parallel/domain.h"

#include <string.h>

#include "base/memory.h"
#include "parallel/domain_private.h"

/* Total area of the planes that atoms see across: each cut costs one face of the cell, V / height. */
static double halo_surface(const nmd_box *box, const int grid[3]) {
  double area = 0.0;
  for (int d = 0; d < 3; d++) {
    const int cuts = box->periodic[d] ? grid[d] : grid[d] - 1;
    area += cuts * box->volume / nmd_box_height(box, d);
  }
  return area;
}

static bool grid_fits(const int grid[3], const int wanted[3]) {
  for (int d = 0; d < 3; d++)
    if (grid[d] > NMD_GRID_MAX || (wanted != NULL && wanted[d] > 0 && grid[d] != wanted[d])) return false;
  return true;
}

static nmd_status choose_grid(const nmd_box *box, int ranks, const int wanted[3], int grid[3]) {
  double best = -1.0;
  for (int a = 1; a <= ranks; a++) {
    if (ranks % a != 0) continue;
    for (int b = 1; b <= ranks / a; b++) {
      if (ranks / a % b != 0) continue;
      const int trial[3] = {a, b, ranks / a / b};
      if (!grid_fits(trial, wanted)) continue;
      const double area = halo_surface(box, trial);
      /* Equal but for rounding: the later one, which cuts a most; its neighbours along c stay close in rank. */
      if (best >= 0.0 && area > best * (1.0 + 1e-9)) continue;
      best = area;
      memcpy(grid, trial, sizeof trial);
    }
  }
  if (best >= 0.0) return NMD_OK;
  const int free_grid[3] = {0, 0, 0}, *w = wanted != NULL ? wanted : free_grid;
  NMD_FAIL(DECOMPOSITION,
           "a grid of %d x %d x %d bricks (0: free) does not fit %d ranks; expected factors whose product is %d and at "
           "most %d an axis; free an axis or change the number of ranks",
           w[0], w[1], w[2], ranks, ranks, NMD_GRID_MAX);
}

nmd_status nmd_domain_init(nmd_domain *domain, const nmd_comm *comm, const nmd_box *box, const int wanted[3]) {
  memset(domain, 0, sizeof *domain);
  domain->comm = comm;
  for (int d = 0; wanted != NULL && d < 3; d++)
    if (wanted[d] < 0) NMD_FAIL(DECOMPOSITION, "%d bricks along an axis: expected >= 1, or 0 for free", wanted[d]);
  NMD_TRY(choose_grid(box, nmd_comm_size(comm), wanted, domain->grid));
  int rank = nmd_comm_rank(comm);
  for (int d = 2; d >= 0; d--) {
    domain->coordinates[d] = rank % domain->grid[d];
    rank /= domain->grid[d];
  }
  for (int d = 0; d < 3; d++) {
    const int n = domain->grid[d];
    const nmd_status status = NMD_ALLOC(domain->planes[d], n + 1);
    if (status != NMD_OK) {
      nmd_domain_free(domain);
      return status;
    }
    for (int k = 0; k <= n; k++) domain->planes[d][k] = (double)k / n;
    nmd_domain_set_planes(domain, d, domain->planes[d]);
  }
  return NMD_OK;
}

void nmd_domain_free(nmd_domain *domain) {
  if (domain == NULL) return;
  for (int d = 0; d < 3; d++) nmd_free(domain->planes[d]);
  memset(domain, 0, sizeof *domain);
}

void nmd_domain_set_planes(nmd_domain *domain, int d, const double *planes) {
  const int n = domain->grid[d];
  NMD_ASSERT(planes[0] == 0.0 && planes[n] == 1.0);
  for (int k = 0; k < n; k++) NMD_ASSERT(planes[k] < planes[k + 1]);
  memmove(domain->planes[d], planes, (size_t)(n + 1) * sizeof *planes);
  domain->low[d] = planes[domain->coordinates[d]];
  domain->high[d] = planes[domain->coordinates[d] + 1];
}

int nmd__domain_brick(const nmd_domain *domain, int d, double s) {
  int low = 0, high = domain->grid[d];
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (s >= domain->planes[d][middle])
      low = middle;
    else
      high = middle;
  }
  return low;
}

static int rank_of(const nmd_domain *domain, const int c[3]) {
  return (c[0] * domain->grid[1] + c[1]) * domain->grid[2] + c[2];
}

int nmd_domain_owner(const nmd_domain *domain, const double s[3]) {
  const int c[3] = {nmd__domain_brick(domain, 0, s[0]), nmd__domain_brick(domain, 1, s[1]),
                    nmd__domain_brick(domain, 2, s[2])};
  return rank_of(domain, c);
}

bool nmd__domain_at_edge(const nmd_domain *domain, int d, int side) {
  return domain->coordinates[d] == (side == 0 ? 0 : domain->grid[d] - 1);
}

int nmd__domain_neighbour(const nmd_domain *domain, const nmd_box *box, int d, int side) {
  const int n = domain->grid[d];
  if (!box->periodic[d] && nmd__domain_at_edge(domain, d, side)) return -1;
  int c[3];
  memcpy(c, domain->coordinates, sizeof c);
  c[d] = (c[d] + (side == 0 ? n - 1 : 1)) % n;
  return rank_of(domain, c);
}
