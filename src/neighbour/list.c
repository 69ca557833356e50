/* SPDX-License-Identifier: BSD-3-Clause */
#include "neighbour/list.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/team.h"
#include "base/vec3.h"
#include "neighbour/grid.h"

enum { ROWS_TO_JUDGE = 32 };
static atomic_int_fast64_t builds; /* of this process */

/* Rows begin .. end - 1, by one thread; kept between builds. A cache line of its own: threads write to it all the time. */
typedef struct nmd__list_part {
  _Alignas(64) int32_t *index;
  int64_t n, capacity;
  int begin, end, row;
} part;

void nmd_neighbour_list_init(nmd_neighbour_list *list, double cutoff, double skin) {
  memset(list, 0, sizeof *list);
  list->cutoff = cutoff;
  list->skin = skin;
}

void nmd_neighbour_list_free(nmd_neighbour_list *list) {
  if (list == NULL) return;
  nmd_free(list->first);
  nmd_free(list->index);
  for (int k = 0; k < list->n_parts; k++) nmd_free(list->parts[k].index);
  nmd_free(list->parts);
  if (list->grid != NULL) nmd__grid_free(list->grid);
  nmd_free(list->grid);
  const int threads = list->threads;
  nmd_neighbour_list_init(list, list->cutoff, list->skin);
  list->threads = threads;
}

static nmd_status check_positions(const nmd_atoms *atoms) {
  const int64_t n = (int64_t)atoms->n_owned + atoms->n_ghost;
  for (int64_t i = 0; i < n; i++) {
    const double *x = &atoms->x[3 * i];
    if (!isfinite(x[0]) || !isfinite(x[1]) || !isfinite(x[2]))
      NMD_FAIL(EXPLODED, "atom %lld: position (%g %g %g) A is not finite; use a smaller time step or a better start",
               (long long)atoms->id[i], x[0], x[1], x[2]);
  }
  return NMD_OK;
}

static nmd_status prepare(nmd_neighbour_list *list, const nmd_atoms *atoms, double radius) {
  NMD_TRY(check_positions(atoms));
  if (list->grid == NULL) NMD_TRY(NMD_ALLOC(list->grid, 1));
  NMD_TRY(nmd__grid_build(list->grid, atoms, radius));
  list->n = atoms->n_owned;
  if (list->n + 1 > list->capacity_first) {
    const int64_t wanted = list->n + list->n / 16 + 64;
    NMD_TRY(NMD_GROW(list->first, 0, wanted));
    list->capacity_first = wanted;
  }
  const int wanted = list->threads > 1 ? list->threads : 1;
  if (wanted <= list->n_parts) return NMD_OK;
  NMD_TRY(NMD_GROW(list->parts, list->n_parts, wanted));
  list->n_parts = wanted;
  return NMD_OK;
}

/* Room for `more` items. What the rows so far need tells how much all will: so an array grows once or twice, and only
 * little is left over. */
static nmd_status reserve_part(part *p, int64_t more) {
  if (p->n + more <= p->capacity && p->index != NULL) return NMD_OK;
  const int64_t rows = p->row - p->begin, all = p->end - p->begin;
  int64_t wanted = p->n + p->n / 8 + more;
  if (rows >= ROWS_TO_JUDGE) {
    const int64_t expected = (int64_t)((double)p->n / (double)rows * (double)all * 1.02) + more;
    if (expected > wanted) wanted = expected;
  } else
    wanted += ROWS_TO_JUDGE * more;
  NMD_TRY(NMD_GROW(p->index, p->n, wanted));
  p->capacity = wanted;
  return NMD_OK;
}

typedef struct build {
  nmd_neighbour_list *list;
  const nmd_atoms *atoms;
  double radius;
  int n_parts;
} build;

/* Rows of one thread, their lengths into first[row + 1]. */
static nmd_status list_rows(void *context, int which) {
  const build *b = context;
  part *p = &b->list->parts[which];
  p->n = 0;
  p->begin = (int)nmd_team_share(b->list->n, which, b->n_parts);
  p->end = (int)nmd_team_share(b->list->n, which + 1, b->n_parts);
  for (p->row = p->begin; p->row < p->end; p->row++) {
    const double *x = &b->atoms->x[3 * (int64_t)p->row];
    nmd__runs runs;
    nmd__grid_runs(b->list->grid, x, b->radius, &runs);
    NMD_TRY(reserve_part(p, runs.candidates + NMD__PICK_SLACK));
    const int n = nmd__grid_near(b->list->grid, &runs, x, b->radius, p->row, p->index + p->n);
    b->list->first[p->row + 1] = n;
    p->n += n;
  }
  return NMD_OK;
}

static nmd_status copy_rows(void *context, int which) {
  const build *b = context;
  const part *p = &b->list->parts[which];
  if (p->n > 0) memcpy(b->list->index + b->list->first[p->begin], p->index, (size_t)p->n * sizeof *p->index);
  return NMD_OK;
}

/* One part lends its array to the list; several are copied behind one another. */
static nmd_status join_parts(build *b) {
  nmd_neighbour_list *list = b->list;
  if (b->n_parts == 1) {
    list->index = list->parts[0].index;
    list->capacity_index = list->parts[0].capacity;
    list->parts[0] = (part){0};
    return NMD_OK;
  }
  const int64_t total = list->first[list->n];
  if (total > list->capacity_index || list->index == NULL) {
    const int64_t wanted = total + total / 32 + 64;
    NMD_TRY(NMD_GROW(list->index, 0, wanted));
    list->capacity_index = wanted;
  }
  return nmd_team_run(b->n_parts, copy_rows, b);
}

static nmd_status make_rows(build *b) {
  nmd_neighbour_list *list = b->list;
  if (b->n_parts == 1) {
    list->parts[0].index = list->index;
    list->parts[0].capacity = list->capacity_index;
    list->index = NULL;
    list->capacity_index = 0;
  }
  list->first[0] = 0;
  NMD_TRY(nmd_team_run(b->n_parts, list_rows, b));
  for (int i = 0; i < list->n; i++) list->first[i + 1] += list->first[i];
  return join_parts(b);
}

nmd_status nmd_neighbour_list_build(nmd_neighbour_list *list, const nmd_box *box, nmd_atoms *atoms) {
  const double radius = list->cutoff + list->skin;
  if (!(radius > 0.0 && isfinite(radius)))
    NMD_FAIL(OUT_OF_RANGE, "cutoff %g A with skin %g A: expected a sum > 0", list->cutoff, list->skin);
  NMD_TRY(prepare(list, atoms, radius));
  build b = {list, atoms, radius, list->threads > 1 ? list->threads : 1};
  NMD_TRY(make_rows(&b));
  memcpy(list->h_listed, box->h, sizeof list->h_listed);
  if (list->n > 0) memcpy(atoms->x_listed, atoms->x, (size_t)list->n * 3 * sizeof *atoms->x);
  list->serial = atomic_fetch_add(&builds, 1) + 1;
  return NMD_OK;
}

/* A = h_listed^-1 h; exactly 1 for the same cell. */
static void affine_map(const nmd_neighbour_list *list, const nmd_box *box, double a[3][3]) {
  if (memcmp(list->h_listed, box->h, sizeof box->h) == 0) {
    for (int i = 0; i < 9; i++) a[i / 3][i % 3] = i % 4 == 0;
    return;
  }
  double inverse[3][3];
  nmd_mat_invert(list->h_listed, inverse);
  nmd_mat_times(inverse, box->h, a);
}

double nmd_neighbour_displacement(const nmd_neighbour_list *list, const nmd_box *box, const nmd_atoms *atoms) {
  double a[3][3], largest = 0.0;
  affine_map(list, box, a);
  for (int64_t i = 0; i < list->n; i++) {
    const double *x = &atoms->x[3 * i], *old = &atoms->x_listed[3 * i];
    /* From the origin, which the cell keeps: an atom that only follows the cell has not moved. */
    const double from[3] = {old[0] - box->origin[0], old[1] - box->origin[1], old[2] - box->origin[2]};
    double to[3];
    nmd_row_times(from, a, to);
    for (int k = 0; k < 3; k++) to[k] -= x[k] - box->origin[k];
    const double squared = nmd_dot(to, to);
    if (!isfinite(squared)) return INFINITY; /* a NaN must not hide */
    if (squared > largest) largest = squared;
  }
  return sqrt(largest);
}

bool nmd_neighbour_list_valid(const nmd_neighbour_list *list, const nmd_box *box, double displacement) {
  double a[3][3];
  affine_map(list, box, a);
  const bool same_cell = memcmp(list->h_listed, box->h, sizeof box->h) == 0;
  const double stretch = same_cell ? 1.0 : nmd_smallest_stretch(a);
  return stretch * (list->cutoff + list->skin) - 2.0 * displacement >= list->cutoff;
}
