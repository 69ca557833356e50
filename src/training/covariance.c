/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/covariance.h"

#include <cblas.h>
#include <string.h>

#include "base/memory.h"

enum {
  PANEL = 128, /* columns: wide enough for BLAS, narrow enough to deal out evenly */
  TILE = 384   /* rows of a panel that stay in the cache between update and product */
};

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
                               double diagonal, int m_max) {
  *c = (nmd_covariance){.comm = comm, .n = n, .m_max = m_max};
  NMD_TRY(NMD_ALLOC(c->y, (size_t)m_max * n));
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
  nmd_free(c->y);
  *c = (nmd_covariance){0};
}

/* The update that waits, for rows from..from + rows of a panel. */
static void update_tile(const nmd_covariance *c, const nmd_panel *p, size_t from, int rows) {
  const int n = (int)c->n;
  if (c->waiting == 0) return;
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, rows, (int)p->columns, c->waiting, -1.0 / c->forgetting,
              c->y + p->first + from, n, c->y + p->first, n, 1.0 / c->forgetting, p->p + from, (int)p->rows);
  for (size_t i = from; i < from + (size_t)rows && i < p->columns; i++) p->p[i * p->rows + i] += c->q;
}

/* A tile counts for its own rows and, mirrored, for its columns; the head of a panel is square and whole. */
static void times_tile(const nmd_covariance *c, const nmd_panel *p, size_t from, int rows, int m, const double *h,
                       double *x) {
  const int n = (int)c->n, columns = (int)p->columns, stride = (int)p->rows;
  const double *tile = p->p + from;
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rows, m, columns, 1.0, tile, stride, h + p->first, n, 1.0,
              x + p->first + from, n);
  if (from == 0) return;
  cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, columns, m, rows, 1.0, tile, stride, h + p->first + from, n, 1.0,
              x + p->first, n);
}

static void walk_panel(const nmd_covariance *c, const nmd_panel *p, int m, const double *h, double *x) {
  size_t from = 0, rows = p->columns;
  for (; from < p->rows; from += rows, rows = p->rows - from < TILE ? p->rows - from : TILE) {
    update_tile(c, p, from, (int)rows);
    if (m > 0) times_tile(c, p, from, (int)rows, m, h, x);
  }
}

static void walk(nmd_covariance *c, int m, const double *h, double *x) {
  for (int k = 0; k < c->n_panels; k++)
    if (c->panels[k].p != NULL) walk_panel(c, &c->panels[k], m, h, x);
  c->waiting = 0;
}

void nmd_covariance_times(nmd_covariance *c, int m, const double *h, double *x) {
  memset(x, 0, (size_t)m * c->n * sizeof *x);
  walk(c, m, h, x);
  nmd_comm_sum(c->comm, x, m * (int)c->n);
}

void nmd_covariance_settle(nmd_covariance *c) {
  if (c->waiting > 0) walk(c, 0, NULL, NULL);
}

void nmd_covariance_update(nmd_covariance *c, int m, const double *y, double forgetting, double q) {
  NMD_ASSERT(m > 0 && m <= c->m_max);
  nmd_covariance_settle(c);
  memcpy(c->y, y, (size_t)m * c->n * sizeof *y);
  c->waiting = m;
  c->forgetting = forgetting;
  c->q = q;
}

double nmd_covariance_numbers(size_t n) {
  double numbers = 0.0;
  for (size_t first = 0; first < n; first += PANEL)
    numbers += (double)(n - first) * (double)(n - first < PANEL ? n - first : PANEL);
  return numbers;
}

size_t nmd_covariance_length(const nmd_covariance *c) {
  size_t length = 0;
  for (int k = 0; k < c->n_panels; k++) length += c->panels[k].columns * c->panels[k].rows;
  return length;
}

nmd_status nmd_covariance_gather(const nmd_covariance *c, double *out) {
  const bool root = nmd_comm_rank(c->comm) == 0;
  nmd_status status = NMD_OK;
  NMD_ASSERT(c->waiting == 0);
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
  c->waiting = 0;
  for (int k = 0; k < c->n_panels; k++) {
    const nmd_panel *p = &c->panels[k];
    if (p->p != NULL) memcpy(p->p, in + at, p->columns * p->rows * sizeof(double));
    at += p->columns * p->rows;
  }
}
