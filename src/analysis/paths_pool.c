/* SPDX-License-Identifier: BSD-3-Clause */
/* Several independent runs as one: the ions of all, over the time that all have. */
#include <math.h>
#include <string.h>

#include "analysis/paths.h"
#include "base/memory.h"

static nmd_status check_alike(const nmd_paths *one, const nmd_paths *other, const char *file) {
  bool same = one->species.n == other->species.n;
  for (int k = 0; same && k < one->species.n; k++)
    same = one->species.atomic_number[k] == other->species.atomic_number[k];
  if (!same) NMD_FAIL(CONFLICT, "%s: other elements than in the first run; expected runs of one system", file);
  if (fabs(other->spacing - one->spacing) <= 1e-6 * one->spacing) return NMD_OK;
  NMD_FAIL(CONFLICT, "%s: frames every %g fs, in the first run every %g fs; expected the same", file, other->spacing,
           one->spacing);
}

typedef struct taker {
  int64_t frames, frames_of_run;
  double *x; /* [atoms][3][frames], where the next atom goes */
} taker;

static nmd_status take_atom(void *context, int64_t atom, const double *x) {
  taker *to = context;
  (void)atom;
  for (int d = 0; d < 3; d++, to->x += to->frames)
    memcpy(to->x, x + d * to->frames_of_run, (size_t)to->frames * sizeof *x);
  return NMD_OK;
}

/* Weighted with the atoms behind them, one species after the other. all: of the sum. */
static void add_mean(const nmd_paths *run, const int64_t *of_run, const int64_t *all, const double *mean,
                     int64_t frames, double *sum) {
  for (int k = 0; k < run->species.n; k++)
    for (int64_t i = 0; i < 3 * frames && of_run[k] > 0; i++)
      sum[3 * k * frames + i] += (double)of_run[k] / (double)all[k] * mean[3 * k * run->n_frames + i];
}

static void add_numbers(const nmd_paths *run, nmd_paths *pool) {
  for (int k = 0; k < run->species.n; k++) {
    pool->population[k] += run->population[k];
    pool->chosen[k] += run->chosen[k];
  }
  pool->n_selected += run->n_selected;
  pool->first += run->first;
  pool->n += run->n;
  if (run->n_frames < pool->n_frames) pool->n_frames = run->n_frames;
  pool->facts.variable_cell = pool->facts.variable_cell || run->facts.variable_cell;
}

/* Sums over runs; pool knows the numbers already. x: [pool->n][3][pool->n_frames]. */
static nmd_status add_run(const nmd_paths *run, int64_t before, double *x, nmd_paths *pool) {
  const double share = 1.0 / pool->n_runs;
  taker to = {pool->n_frames, run->n_frames, x + 3 * before * pool->n_frames};
  memcpy(pool->kind + before, run->kind, (size_t)run->n * sizeof *run->kind);
  memcpy(pool->id + before, run->id, (size_t)run->n * sizeof *run->id);
  add_mean(run, run->population, pool->population, run->mean, pool->n_frames, pool->mean);
  add_mean(run, run->chosen, pool->chosen, run->chosen_mean, pool->n_frames, pool->chosen_mean);
  for (int64_t i = 0; i < 3 * pool->n_frames; i++) pool->drift[i] += share * run->drift[i];
  for (int k = 0; k < 9; k++) pool->mean_h[k / 3][k % 3] += share * run->mean_h[k / 3][k % 3];
  pool->mean_volume += share * run->mean_volume;
  return nmd_paths_visit(run, 1, &(nmd_path_visit){take_atom, &to});
}

static nmd_status allocate(nmd_paths *pool, double **x) {
  const int64_t places = 3 * pool->n_frames;
  NMD_TRY(NMD_ALLOC(*x, pool->n * places + 1));
  NMD_TRY(NMD_ALLOC(pool->kind, pool->n));
  NMD_TRY(NMD_ALLOC(pool->id, pool->n));
  NMD_TRY(NMD_ALLOC(pool->mean, pool->species.n * places));
  NMD_TRY(NMD_ALLOC(pool->chosen_mean, pool->species.n * places));
  return NMD_ALLOC(pool->drift, places);
}

static nmd_status join(const nmd_comm *comm, const nmd_paths *run, int n, nmd_paths *pool) {
  double *x = NULL;
  *pool = (nmd_paths){.n_frames = run[0].n_frames,
                      .spacing = run[0].spacing,
                      .facts = run[0].facts,
                      .species = run[0].species,
                      .n_passes = 1,
                      .n_runs = n};
  for (int k = 0; k < n; k++) add_numbers(&run[k], pool);
  pool->block_atoms = pool->n;
  nmd_status status = nmd_comm_agree(comm, allocate(pool, &x));
  for (int64_t k = 0, before = 0; k < n && status == NMD_OK; before += run[k++].n)
    status = add_run(&run[k], before, x, pool);
  if (status == NMD_OK) return nmd_comm_agree(comm, nmd__paths_own(comm, x, pool));
  nmd_free(x);
  return status;
}

nmd_status nmd_paths_pool(const nmd_comm *comm, const char *const *files, int n_files, const nmd_paths_options *options,
                          nmd_paths *paths) {
  nmd_paths *run;
  *paths = (nmd_paths){0};
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(run, n_files)));
  nmd_status status = NMD_OK;
  for (int k = 0; k < n_files && status == NMD_OK; k++) {
    status = nmd_paths_load(comm, files + k, 1, options, &run[k]);
    if (status == NMD_OK) status = nmd_comm_agree(comm, check_alike(&run[0], &run[k], files[k]));
  }
  if (status == NMD_OK) status = join(comm, run, n_files, paths);
  for (int k = 0; k < n_files; k++)
    if (run[k].store != NULL) nmd_paths_free(&run[k]);
  nmd_free(run);
  if (status != NMD_OK) nmd_paths_free(paths);
  return status;
}
