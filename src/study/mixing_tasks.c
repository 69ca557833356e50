/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/mixing_tasks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"
#include "build/crystal.h"
#include "study/random_cell.h"
#include "system/element.h"

typedef struct task_list {
  const nmd_mixing_input *input;
  nmd_mixing_task *task;
  int64_t n;
} task_list;

static nmd_status append(task_list *list, const nmd_mixing_task *task) {
  if ((list->n & (list->n - 1)) == 0) NMD_TRY(NMD_GROW(list->task, list->n, list->n == 0 ? 1 : 2 * list->n));
  list->task[list->n++] = *task;
  return NMD_OK;
}

/* ---- which ---- */

static bool wanted(const nmd_text_list *list, const char *name) {
  for (int k = 0; k < list->n; k++)
    if (strcmp(list->items[k], name) == 0 || strcmp(list->items[k], "all") == 0) return true;
  return false;
}

static void name_prototype(const nmd_mixing_input *input, nmd_mixing_task *t) {
  const nmd_prototype *p = t->prototype;
  int count[2] = {0, 0};
  for (int k = 0; k < p->n; k++) count[p->site[k].second]++;
  const int a = t->flip ? 1 : 0;
  int divisor = count[1] == 0 ? count[0] : 1;
  for (int d = 2; d <= count[0] && d <= count[1]; d++)
    if (count[0] % d == 0 && count[1] % d == 0) divisor = d;
  int used = snprintf(t->name, sizeof t->name, "%s-%s", p->name, nmd_element_symbol(input->z[a]));
  if (count[0] / divisor > 1) used += snprintf(t->name + used, sizeof t->name - (size_t)used, "%d", count[0] / divisor);
  if (count[1] == 0) return;
  used += snprintf(t->name + used, sizeof t->name - (size_t)used, "%s", nmd_element_symbol(input->z[1 - a]));
  if (count[1] / divisor > 1) snprintf(t->name + used, sizeof t->name - (size_t)used, "%d", count[1] / divisor);
}

/* Compounds that look the same with their elements exchanged come once. */
static bool symmetric(const nmd_prototype *p) {
  static const char *const names[] = {"b1", "b2", "b19", "b32", "b_h", "l1_0", "l1_1"};
  for (int k = 0; k < NMD_COUNT(names); k++)
    if (strcmp(p->name, names[k]) == 0) return true;
  return false;
}

static nmd_status add_prototypes(task_list *list) {
  for (int k = 0; k < nmd_prototype_count(); k++)
    for (int flip = 0; flip < 2; flip++) {
      nmd_mixing_task t = {.kind = NMD_MIXING_PROTOTYPE, .prototype = nmd_prototype_at(k), .flip = flip == 1};
      const bool pure = t.prototype->first > 1 - 1e-9; /* always there: the hull needs them */
      if ((flip == 1 && symmetric(t.prototype)) || !(pure || wanted(&list->input->prototypes, t.prototype->name)))
        continue;
      t.atoms = t.prototype->n;
      name_prototype(list->input, &t);
      NMD_TRY(append(list, &t));
    }
  return NMD_OK;
}

static nmd_status add_derivatives_of(task_list *list, const nmd_parent *parent, int cells) {
  nmd_derivative *all;
  int64_t n;
  NMD_TRY(nmd_derivative_list(parent, cells, &all, &n));
  nmd_status status = NMD_OK;
  for (int64_t k = 0; k < n && status == NMD_OK; k++) {
    nmd_mixing_task t = {
        .kind = NMD_MIXING_DERIVATIVE, .parent = parent, .derivative = all[k], .atoms = cells * parent->n_sites};
    const unsigned full = (1u << t.atoms) - 1;
    if (all[k].second == 0 || all[k].second == full) continue; /* pure: among the prototypes */
    snprintf(t.name, sizeof t.name, "%s%d-%03lld", parent->name, t.atoms, (long long)k);
    status = append(list, &t);
  }
  nmd_free(all);
  return status;
}

static nmd_status add_derivatives(task_list *list) {
  const nmd_mixing_enumerate *e = &list->input->enumerate;
  for (int p = 0; p < e->parents.n; p++) {
    const nmd_parent *parent = nmd_parent_find(e->parents.items[p]);
    for (int cells = 1; cells * parent->n_sites <= e->atoms; cells++) NMD_TRY(add_derivatives_of(list, parent, cells));
  }
  return NMD_OK;
}

static nmd_status add_grid(task_list *list) {
  const nmd_mixing_grid *g = &list->input->grid;
  for (int p = 0; p < g->parents.n; p++)
    for (int64_t k = 1; k < g->denominator; k++)
      for (int64_t trial = 0; trial < g->orderings; trial++) {
        nmd_mixing_task t = {.kind = NMD_MIXING_GRID,
                             .parent = nmd_parent_find(g->parents.items[p]),
                             .atoms = (int)g->denominator,
                             .k = k,
                             .trial = trial};
        snprintf(t.name, sizeof t.name, "%s%lld-k%02lld-%lld", t.parent->name, (long long)g->denominator, (long long)k,
                 (long long)trial);
        NMD_TRY(append(list, &t));
      }
  return NMD_OK;
}

static nmd_status add_random(task_list *list, nmd_mixing_kind kind, int64_t number) {
  for (int64_t k = 0; k < number; k++) {
    nmd_mixing_task t = {.kind = kind, .trial = k, .atoms = (int)list->input->random.atoms};
    snprintf(t.name, sizeof t.name, "%s-%05lld", kind == NMD_MIXING_RANDOM ? "random" : "symmetric", (long long)k);
    NMD_TRY(append(list, &t));
  }
  return NMD_OK;
}

nmd_status nmd_mixing_tasks(const nmd_mixing_input *input, nmd_mixing_task **tasks, int64_t *n) {
  task_list list = {.input = input};
  nmd_status status = add_prototypes(&list);
  if (status == NMD_OK) status = add_derivatives(&list);
  if (status == NMD_OK) status = add_grid(&list);
  if (status == NMD_OK) status = add_random(&list, NMD_MIXING_RANDOM, input->random.number);
  if (status == NMD_OK) status = add_random(&list, NMD_MIXING_SYMMETRIC, input->random.symmetric);
  if (status != NMD_OK) nmd_free(list.task);
  *tasks = status == NMD_OK ? list.task : NULL;
  *n = list.n;
  return status;
}

/* ---- where from ---- */

uint64_t nmd_mixing_seed(const nmd_mixing_input *input, const nmd_mixing_task *task) {
  uint64_t hash = NMD_HASH_START ^ (uint64_t)input->seed;
  nmd_hash_text(&hash, task->name);
  return hash;
}

static double mean_volume(const nmd_mixing_input *input, double second) {
  return (1 - second) * input->volume[0] + second * input->volume[1];
}

/* Copies of the cell along its axes, n in all, none of the repeats much longer than another. */
static void choose_repeats(const double h[3][3], int n, int repeat[3]) {
  double best = INFINITY;
  for (int a = 1; a <= n; a++)
    for (int b = 1; n % a == 0 && b <= n / a; b++) {
      if (n / a % b != 0) continue;
      const double length[3] = {a * nmd_norm(h[0]), b * nmd_norm(h[1]), n / a / b * nmd_norm(h[2])};
      const double most = fmax(fmax(length[0], length[1]), length[2]),
                   least = fmin(fmin(length[0], length[1]), length[2]);
      if (most / least >= best - 1e-9) continue;
      best = most / least;
      repeat[0] = a, repeat[1] = b, repeat[2] = n / a / b;
    }
}

static void shuffle_elements(const nmd_mixing_input *input, const nmd_mixing_task *task, nmd_structure *s) {
  const uint64_t seed = nmd_mixing_seed(input, task);
  for (int64_t i = 0; i < s->n; i++) s->atomic_number[i] = input->z[i < task->k];
  for (int64_t i = s->n - 1; i > 0; i--) {
    double u[2];
    nmd_random_uniform2(seed, NMD_STREAM_BUILD, 0, i, 0, u);
    const int64_t j = (int64_t)(u[0] * (double)(i + 1));
    const int z = s->atomic_number[i];
    s->atomic_number[i] = s->atomic_number[j];
    s->atomic_number[j] = z;
  }
}

static nmd_status grid_cell(const nmd_mixing_input *input, const nmd_mixing_task *task, nmd_structure *out) {
  static const nmd_crystal crystals[] = {NMD_CRYSTAL_fcc, NMD_CRYSTAL_bcc, NMD_CRYSTAL_hcp_orthogonal};
  static const char *const names[] = {"fcc", "bcc", "hcp"};
  nmd_site sites[NMD_SITES_MAX];
  int which = 0, repeat[3] = {1, 1, 1};
  while (strcmp(names[which], task->parent->name) != 0) which++;
  const int each = nmd_crystal_sites(crystals[which], sites);
  double h[3][3];
  nmd_crystal_cell(crystals[which], 1, nmd_crystal_c_over_a(crystals[which]), h);
  const double scale =
      cbrt(mean_volume(input, (double)task->k / task->atoms) * each / fabs(nmd_det((const double(*)[3])h)));
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] *= scale;
  choose_repeats((const double(*)[3])h, task->atoms / each, repeat);
  NMD_TRY(nmd_structure_init(out, task->atoms));
  for (int i = 0; i < task->atoms; i++) {
    const int cell = i / each;
    const int at[3] = {cell % repeat[0], cell / repeat[0] % repeat[1], cell / (repeat[0] * repeat[1])};
    double s[3];
    for (int c = 0; c < 3; c++) s[c] = at[c] + sites[i % each].s[c];
    nmd_row_times(s, (const double(*)[3])h, out->x[i]);
  }
  shuffle_elements(input, task, out);
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] *= repeat[k / 3];
  return nmd_box_init(&out->box, (const double(*)[3])h, NULL, NULL);
}

static nmd_status random_cell(const nmd_mixing_input *input, const nmd_mixing_task *task, nmd_structure *out) {
  const nmd_random_cell_request request = {.seed = nmd_mixing_seed(input, task),
                                           .most = task->atoms,
                                           .z = {input->z[0], input->z[1]},
                                           .volume = {input->volume[0], input->volume[1]}};
  int group;
  return task->kind == NMD_MIXING_RANDOM ? nmd_random_cell(&request, out)
                                         : nmd_random_cell_symmetric(&request, out, &group);
}

nmd_status nmd_mixing_start(const nmd_mixing_input *input, const nmd_mixing_task *task, nmd_structure *out) {
  *out = (nmd_structure){0};
  if (task->kind == NMD_MIXING_PROTOTYPE) {
    const int z[2] = {input->z[task->flip ? 1 : 0], input->z[task->flip ? 0 : 1]};
    const double second = task->flip ? task->prototype->first : 1 - task->prototype->first;
    return nmd_prototype_structure(task->prototype, z, mean_volume(input, second), out);
  }
  if (task->kind == NMD_MIXING_DERIVATIVE) {
    int second = 0;
    for (int k = 0; k < task->atoms; k++) second += task->derivative.second >> k & 1;
    return nmd_derivative_structure(task->parent, &task->derivative, input->z,
                                    mean_volume(input, (double)second / task->atoms), out);
  }
  if (task->kind == NMD_MIXING_GRID) return grid_cell(input, task, out);
  return random_cell(input, task, out);
}
