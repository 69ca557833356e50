/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/covariance.h"

#include <cblas.h>
#include <string.h>

#include "base/memory.h"

enum { PANEL = 128 }; /* columns: wide enough for BLAS, narrow enough to deal out evenly */

static nmd_status make_panels(nmd_covariance *c, int n_blocks, const size_t *ends) {
  size_t most = c->n / PANEL + (size_t)n_blocks + 1, start = 0;
  NMD_TRY(NMD_ALLOC(c->panels, most));
  for (int b = 0; b < n_blocks; start = ends[b++])
    for (size_t first = start; first < ends[b]; first += PANEL) {
      const size_t left = ends[b] - first;
      c->panels[c->n_panels++] = (nmd_panel){.first = first, .columns = left < PANEL ? left : PANEL, .rows = left};
    }
  return NMD_OK;
}

/* Each panel, in order, to the rank with the least numbers so far. */
static nmd_status deal(nmd_covariance *c) {
  const int size = nmd_comm_size(c->comm);
  size_t *load;
  NMD_TRY(NMD_ALLOC(load, size));
  for (int k = 0; k < c->n_panels; k++) {
    nmd_panel *p = &c->panels[k];
    for (int r = 1; r < size; r++)
      if (load[r] < load[p->owner]) p->owner = r;
    load[p->owner] += p->columns * p->rows;
  }
  nmd_free(load);
  return NMD_OK;
}

nmd_status nmd_covariance_init(nmd_covariance *c, const nmd_comm *comm, size_t n, int n_blocks, const size_t *ends,
                               double diagonal) {
  *c = (nmd_covariance){.comm = comm, .n = n};
  NMD_TRY(make_panels(c, n_blocks, ends));
  NMD_TRY(deal(c));
  for (int k = 0; k < c->n_panels; k++) {
    nmd_panel *p = &c->panels[k];
    if (p->owner != nmd_comm_rank(comm)) continue;
    NMD_TRY(NMD_ALLOC(p->p, p->columns * p->rows));
    for (size_t i = 0; i < p->columns; i++) p->p[i * p->rows + i] = diagonal;
  }
  return NMD_OK;
}

void nmd_covariance_free(nmd_covariance *c) {
  for (int k = 0; k < c->n_panels; k++) nmd_free(c->panels[k].p);
  nmd_free(c->panels);
  *c = (nmd_covariance){0};
}

/* A panel counts for its own rows and, mirrored, for its columns. */
void nmd_covariance_times(const nmd_covariance *c, int m, const double *h, double *x) {
  const int n = (int)c->n;
  memset(x, 0, (size_t)m * c->n * sizeof *x);
  for (int k = 0; k < c->n_panels; k++) {
    const nmd_panel *p = &c->panels[k];
    const int rows = (int)p->rows, columns = (int)p->columns, below = rows - columns;
    if (p->p == NULL) continue;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rows, m, columns, 1.0, p->p, rows, h + p->first, n, 1.0,
                x + p->first, n);
    if (below == 0) continue;
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, columns, m, below, 1.0, p->p + columns, rows,
                h + p->first + columns, n, 1.0, x + p->first, n);
  }
  nmd_comm_sum(c->comm, x, m * n);
}

void nmd_covariance_update(nmd_covariance *c, int m, const double *y, double forgetting, double q) {
  const int n = (int)c->n;
  for (int k = 0; k < c->n_panels; k++) {
    const nmd_panel *p = &c->panels[k];
    if (p->p == NULL) continue;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)p->rows, (int)p->columns, m, -1.0 / forgetting,
                y + p->first, n, y + p->first, n, 1.0 / forgetting, p->p, (int)p->rows);
    for (size_t i = 0; i < p->columns; i++) p->p[i * p->rows + i] += q;
  }
}

size_t nmd_covariance_bytes(const nmd_covariance *c) {
  size_t bytes = 0;
  for (int k = 0; k < c->n_panels; k++)
    if (c->panels[k].p != NULL) bytes += c->panels[k].columns * c->panels[k].rows * sizeof(double);
  return bytes;
}

size_t nmd_covariance_length(const nmd_covariance *c) {
  size_t length = 0;
  for (int k = 0; k < c->n_panels; k++) length += c->panels[k].columns * c->panels[k].rows;
  return length;
}

nmd_status nmd_covariance_gather(const nmd_covariance *c, double *out) {
  const bool root = nmd_comm_rank(c->comm) == 0;
  nmd_status status = NMD_OK;
  for (int k = 0; k < c->n_panels && status == NMD_OK; k++) {
    const nmd_panel *p = &c->panels[k];
    const size_t bytes = p->columns * p->rows * sizeof(double);
    char *all = NULL;
    status = nmd_comm_gather(c->comm, p->p, p->p != NULL ? bytes : 0, 0, &all, NULL);
    if (root && status == NMD_OK) {
      memcpy(out, all, bytes);
      out += p->columns * p->rows;
    }
    nmd_free(all);
  }
  return nmd_comm_agree(c->comm, status);
}

void nmd_covariance_scatter(nmd_covariance *c, const double *in) {
  size_t at = 0;
  for (int k = 0; k < c->n_panels; k++) {
    const nmd_panel *p = &c->panels[k];
    if (p->p != NULL) memcpy(p->p, in + at, p->columns * p->rows * sizeof(double));
    at += p->columns * p->rows;
  }
}
