/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/paths.h"

#include <math.h>
#include <string.h>

#include "analysis/path_chunks.h"
#include "analysis/paths_netcdf.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/vec3.h"

enum { FRAMES_MIN = 4, REST = 50000000 };

struct nmd__paths_store {
  const nmd_comm *comm;
  const char *const *files;
  int n_files;
  nmd_paths_options options;
  int64_t first;         /* of the selected atoms, that in `kept` comes first */
  nmd__path_chunks kept; /* positions of some atoms in all frames */
  nmd_netcdf_run run;    /* open when the files are NetCDF that can be read in any order */
  bool random;           /* they are */
  int *all_kind;         /* [atoms of the files] species */
  int64_t n_all;
  nmd_box *box; /* [frames] */
  int64_t box_capacity;
  const double *borrowed; /* [atoms][3][frames] instead of chunks; or NULL */
  double *own;            /* the same, if it is to be freed */
  int64_t *chosen;        /* [n_selected] index of a selected atom among all atoms by id */
};
typedef struct nmd__paths_store store;

void nmd_paths_free(nmd_paths *paths) {
  if (paths->store != NULL) {
    nmd__path_chunks_drop(&paths->store->kept);
    nmd_free(paths->store->box);
    nmd_free(paths->store->chosen);
    nmd_free(paths->store->all_kind);
    nmd_netcdf_run_close(&paths->store->run);
    nmd_free(paths->store->own);
    nmd_free(paths->store);
  }
  nmd_free(paths->mean);
  nmd_free(paths->chosen_mean);
  nmd_free(paths->drift);
  nmd_free(paths->kind);
  nmd_free(paths->id);
  *paths = (nmd_paths){0};
}

/* What paths may take: of a limit that leaves room, program, libraries and working arrays (REST) get theirs. */
static int64_t budget_of(const nmd_paths *p) {
  const int64_t limit = p->store->options.memory;
  return limit >= 4 * REST ? limit - REST : limit;
}

static int64_t bytes_of(const nmd_paths *p, int64_t atoms, int64_t frames) {
  return nmd__path_chunks_bytes(atoms, frames, p->store->kept.single);
}

/* What the first frame tells: who is there, who is selected, whose atoms are this rank's. */
static nmd_status meet_atoms(nmd_paths *p, const nmd_structure *atoms) {
  store *s = p->store;
  nmd_species_init(&p->species, atoms->atomic_number, (long)atoms->n);
  s->n_all = atoms->n;
  NMD_TRY(NMD_ALLOC(s->chosen, atoms->n));
  NMD_TRY(NMD_ALLOC(s->all_kind, atoms->n));
  for (int64_t i = 0; i < atoms->n; i++) {
    const int k = s->all_kind[i] = nmd_species_index(&p->species, atoms->atomic_number[i]);
    const nmd_selection *selection = s->options.trajectory.selection;
    p->population[k]++;
    if (selection != NULL && !nmd_selection_has(selection, atoms->id[i], atoms->atomic_number[i])) continue;
    p->chosen[k]++;
    s->chosen[p->n_selected++] = i;
  }
  if (p->n_selected == 0) NMD_FAIL(MISSING_KEY, "no atom of the elements and ids selected; expected at least one");
  const int64_t size = nmd_comm_size(s->comm), rank = nmd_comm_rank(s->comm);
  p->first = p->n_selected * rank / size;
  p->n = p->n_selected * (rank + 1) / size - p->first;
  s->first = p->first;
  p->block_atoms = p->n;
  NMD_TRY(nmd__path_chunks_begin(&s->kept, p->n, s->kept.single));
  NMD_TRY(NMD_ALLOC(p->kind, p->n));
  NMD_TRY(NMD_ALLOC(p->id, p->n));
  for (int64_t i = 0; i < p->n; i++) {
    const int64_t all = s->chosen[p->first + i];
    p->kind[i] = nmd_species_index(&p->species, atoms->atomic_number[all]);
    p->id[i] = atoms->id[all];
  }
  return NMD_OK;
}

/* Means are gathered as [frame][2][species][3] and turned round at the end. x: atoms offset ... offset + n - 1. */
static nmd_status add_means(nmd_paths *p, const double (*x)[3], int64_t offset, int64_t n_atoms, double **sums,
                            int64_t *capacity, int64_t frame) {
  const store *s = p->store;
  const int n = p->species.n;
  const int64_t width = 6 * n;
  if (frame >= *capacity) {
    *capacity = 2 * frame + 1024;
    NMD_TRY(NMD_GROW(*sums, frame * width, *capacity * width));
  }
  double *sum = *sums + frame * width;
  for (int64_t i = 0; i < n_atoms;) { /* stretches of one species: their sums stay in registers */
    const int kind = s->all_kind[offset + i];
    double part[3] = {0};
    for (; i < n_atoms && s->all_kind[offset + i] == kind; i++)
      for (int d = 0; d < 3; d++) part[d] += x[i][d];
    for (int d = 0; d < 3; d++) sum[3 * kind + d] += part[d];
  }
  const bool everything = p->n_selected == s->n_all;
  for (int64_t k = 0; k < p->n_selected && !everything; k++) {
    const int64_t i = s->chosen[k] - offset;
    if (i < 0 || i >= n_atoms) continue;
    for (int d = 0; d < 3; d++) sum[3 * n + 3 * s->all_kind[offset + i] + d] += x[i][d];
  }
  if (everything) memcpy(sum + 3 * n, sum, (size_t)(3 * n) * sizeof *sum);
  return NMD_OK;
}

static nmd_status keep_box(store *s, const nmd_box *box, int64_t frame) {
  if (frame == s->box_capacity) {
    s->box_capacity = 2 * s->box_capacity + 1024;
    NMD_TRY(NMD_GROW(s->box, frame, s->box_capacity));
  }
  s->box[frame] = *box;
  return NMD_OK;
}

/* From Cartesian in the cell of frame t to the frame of the mean cell. */
static void straighten(const nmd_paths *p, int64_t t, double x[3]) {
  if (!p->facts.variable_cell || p->facts.unwrap == NMD_UNWRAP_TOR || !p->facts.periodic) return;
  double s[3];
  nmd_box_to_fractional(&p->store->box[t], x, s);
  nmd_row_times(s, p->mean_h, x);
}

static void mean_cell(nmd_paths *p) {
  const store *s = p->store;
  for (int64_t t = 0; t < p->n_frames; t++)
    for (int k = 0; k < 9; k++) p->mean_h[k / 3][k % 3] += s->box[t].h[k / 3][k % 3] / (double)p->n_frames;
  for (int64_t t = 0; t < p->n_frames; t++) p->mean_volume += s->box[t].volume / (double)p->n_frames;
}

static nmd_status turn_means(nmd_paths *p, const double *sums) {
  const int n = p->species.n;
  NMD_TRY(NMD_ALLOC(p->mean, (int64_t)n * p->n_frames * 3));
  NMD_TRY(NMD_ALLOC(p->chosen_mean, (int64_t)n * p->n_frames * 3));
  for (int64_t t = 0; t < p->n_frames; t++)
    for (int k = 0; k < n; k++) {
      double *all = p->mean + 3 * (k * p->n_frames + t), *chosen = p->chosen_mean + 3 * (k * p->n_frames + t);
      for (int d = 0; d < 3; d++) {
        all[d] = sums[6 * n * t + 3 * k + d] / (double)p->population[k];
        if (p->chosen[k] > 0) chosen[d] = sums[6 * n * t + 3 * n + 3 * k + d] / (double)p->chosen[k];
      }
      straighten(p, t, all);
      straighten(p, t, chosen);
    }
  return NMD_OK;
}

/* Weight of each species in the drift; they sum to 1. */
static nmd_status drift_weights(const nmd_paths *p, double *weight) {
  const nmd_paths_options *o = &p->store->options;
  double total = 0.0;
  for (int k = 0; k < p->species.n; k++) {
    bool in = o->drift == NMD_DRIFT_CENTRE || p->chosen[k] == 0;
    if (o->drift == NMD_DRIFT_FRAMEWORK && o->framework != NULL && o->framework->n > 0) {
      in = false;
      for (int f = 0; f < o->framework->n; f++)
        in = in || strcmp(o->framework->items[f], nmd_element_symbol(p->species.atomic_number[k])) == 0;
    }
    const double each = o->drift == NMD_DRIFT_CENTRE ? p->species.mass[k] : 1.0;
    weight[k] = in ? each * (double)p->population[k] : 0.0;
    total += weight[k];
  }
  if (total <= 0.0)
    NMD_FAIL(CONFLICT, "no atom of the framework in the files: its drift cannot be removed; expected its elements in "
                       "--framework, or --drift none");
  for (int k = 0; k < p->species.n; k++) weight[k] /= total;
  return NMD_OK;
}

static nmd_status remove_drift(nmd_paths *p) {
  NMD_TRY(NMD_ALLOC(p->drift, 3 * p->n_frames));
  if (p->store->options.drift == NMD_DRIFT_NONE) return NMD_OK;
  double weight[NMD_ELEMENT_MAX];
  NMD_TRY(drift_weights(p, weight));
  for (int64_t i = 0; i < 3 * p->n_frames; i++)
    for (int k = 0; k < p->species.n; k++)
      p->drift[i] += weight[k] * (p->mean[3 * k * p->n_frames + i] - p->mean[3 * k * p->n_frames + i % 3]);
  for (int k = 0; k < p->species.n; k++)
    for (int64_t i = 0; i < 3 * p->n_frames; i++) {
      p->mean[3 * k * p->n_frames + i] -= p->drift[i];
      if (p->chosen[k] > 0) p->chosen_mean[3 * k * p->n_frames + i] -= p->drift[i];
    }
  return NMD_OK;
}

/* Memory is used up: from here on the pass only looks. */
static void give_up_keeping(nmd_paths *p) {
  nmd__path_chunks_drop(&p->store->kept);
  p->block_atoms = 0;
}

static nmd_status first_frame_or_next(nmd_paths *p, const nmd_trajectory_frame *frame, double **sums,
                                      int64_t *capacity) {
  if (p->n_frames == 0) NMD_TRY(meet_atoms(p, frame->atoms));
  const double(*x)[3] = (const double(*)[3])frame->atoms->x;
  NMD_TRY(add_means(p, x, 0, frame->atoms->n, sums, capacity, p->n_frames));
  NMD_TRY(keep_box(p->store, &frame->atoms->box, p->n_frames));
  if (p->block_atoms > 0 && bytes_of(p, p->n, p->n_frames + 1) > budget_of(p)) give_up_keeping(p);
  if (p->block_atoms > 0) NMD_TRY(nmd__path_chunks_put(&p->store->kept, x, p->store->chosen + p->first, 0));
  p->n_frames++;
  return NMD_OK;
}

/* Which atoms of the files this rank reads: its own, and the others up to those of the next rank. */
static void span_of(const nmd_paths *p, int64_t *first, int64_t *n) {
  const store *s = p->store;
  const bool last = p->first + p->n == p->n_selected;
  *first = p->first == 0 ? 0 : p->first < p->n_selected ? s->chosen[p->first] : s->n_all;
  *n = (last ? s->n_all : s->chosen[p->first + p->n]) - *first;
  if (p->n == 0 && p->n_selected > 0 && p->first > 0) *n = 0;
}

static void tell_memory(const nmd_paths *p, int64_t frames, int64_t block) {
  nmd_log_info("memory: %.4g MB a rank for paths, of %lld atoms at a time (limit %.4g MB, --memory)",
               1e-6 * (double)bytes_of(p, block, frames), (long long)block, 1e-6 * (double)p->store->options.memory);
}

/* NetCDF: this rank's atoms of every frame. */
static nmd_status look_at_frames(nmd_paths *p, double **sums) {
  store *s = p->store;
  const nmd_netcdf_summary *atoms = nmd_netcdf_run_atoms(&s->run);
  const nmd_structure who = {
      .n = atoms->n_atoms, .id = (int64_t *)atoms->id, .atomic_number = (int *)atoms->atomic_number};
  int64_t first, n, capacity = 0;
  double(*x)[3];
  nmd_box box;
  NMD_TRY(meet_atoms(p, &who));
  span_of(p, &first, &n);
  NMD_TRY(NMD_ALLOC(x, n + 1));
  if (bytes_of(p, p->n, s->run.n_frames) > budget_of(p)) p->block_atoms = 0;
  tell_memory(p, s->run.n_frames, p->block_atoms > 0 ? p->n : budget_of(p) / bytes_of(p, 1, s->run.n_frames));
  nmd_status status = NMD_OK;
  for (int64_t t = 0; t < s->run.n_frames && status == NMD_OK; t++) {
    status = nmd_netcdf_run_positions(&s->run, t, first, n, x);
    if (status == NMD_OK) status = nmd_netcdf_run_box(&s->run, t, &box);
    if (status == NMD_OK) status = add_means(p, (const double(*)[3])x, first, n, sums, &capacity, t);
    if (status == NMD_OK) status = keep_box(s, &box, t);
    if (status == NMD_OK && p->block_atoms > 0)
      status = nmd__path_chunks_put(&s->kept, (const double(*)[3])x, s->chosen + p->first, first);
    if (t > 0 && !nmd_trajectory_same_cell(&box, &s->box[t - 1])) p->facts.variable_cell = true;
  }
  nmd_free(x);
  return status;
}

/* Then 32 bits keep all that the files hold. */
static bool all_single(const nmd_netcdf_run *run) {
  bool single = true;
  for (int k = 0; k < run->n_files; k++) single = single && nmd_netcdf_summarise(run->file[k])->single;
  return single;
}

static nmd_status first_pass_of_netcdf(nmd_paths *p, double **sums) {
  store *s = p->store;
  s->kept.single = all_single(&s->run);
  NMD_TRY(nmd_comm_agree(s->comm, look_at_frames(p, sums)));
  p->n_frames = s->run.n_frames;
  p->n_passes = 1;
  for (int64_t k = 0; k < 6 * p->species.n * p->n_frames; k += 1 << 20) {
    const int64_t left = 6 * p->species.n * p->n_frames - k;
    nmd_comm_sum(s->comm, *sums + k, (int)(left < 1 << 20 ? left : 1 << 20));
  }
  const bool *periodic = s->box[0].periodic;
  p->facts.frames_read = s->run.read;
  p->facts.overlap = s->run.overlap;
  p->facts.spacing = s->run.spacing;
  p->facts.periodic = periodic[0] || periodic[1] || periodic[2];
  p->facts.unwrap = NMD_UNWRAP_IMAGES;
  p->facts.unwrap_text = "unwrapped positions of the file";
  p->spacing = s->run.spacing * (double)(s->options.trajectory.stride > 1 ? s->options.trajectory.stride : 1);
  return NMD_OK;
}

static nmd_status first_pass(nmd_paths *p, double **sums) {
  NMD_TRY(nmd_netcdf_run_open(p->store->files, p->store->n_files, &p->store->options.trajectory, &p->store->run,
                              &p->store->random));
  if (p->store->random && p->store->run.n_frames > 0) return first_pass_of_netcdf(p, sums);
  nmd_trajectory_options all = p->store->options.trajectory;
  all.selection = NULL;
  nmd_trajectory *t;
  int64_t capacity = 0;
  NMD_TRY(nmd_trajectory_open(p->store->files, p->store->n_files, &all, &t));
  nmd_status status = NMD_OK;
  for (bool end = false; status == NMD_OK;) {
    nmd_trajectory_frame frame;
    status = nmd_trajectory_next(t, &frame, &end);
    if (status != NMD_OK || end) break;
    status = first_frame_or_next(p, &frame, sums, &capacity);
  }
  p->facts = nmd_trajectory_learnt(t);
  nmd_trajectory_close(t);
  p->n_passes = 1;
  p->spacing = p->facts.spacing * (double)(all.stride > 1 ? all.stride : 1);
  return status;
}

static nmd_status choose_blocks(nmd_paths *p) {
  if (p->block_atoms == p->n) return NMD_OK;
  if (p->n == 0) return NMD_OK;
  p->block_atoms = budget_of(p) / bytes_of(p, 1, p->n_frames);
  if (p->block_atoms >= 1) return NMD_OK;
  NMD_FAIL(MEMORY,
           "the path of one atom over %lld frames needs %lld bytes, more than the limit of %lld; raise --memory",
           (long long)p->n_frames, (long long)bytes_of(p, 1, p->n_frames), (long long)p->store->options.memory);
}

static nmd_status load(nmd_paths *p) {
  double *sums = NULL;
  nmd_status status = first_pass(p, &sums);
  if (status == NMD_OK) nmd__path_chunks_end(&p->store->kept);
  if (status == NMD_OK && p->n_frames < FRAMES_MIN)
    status = nmd_fail(NMD_OUT_OF_RANGE, "%lld frames in the range asked for; expected at least %d",
                      (long long)p->n_frames, FRAMES_MIN);
  if (status == NMD_OK) mean_cell(p);
  if (status == NMD_OK) status = turn_means(p, sums);
  if (status == NMD_OK) status = remove_drift(p);
  if (status == NMD_OK) status = choose_blocks(p);
  if (status == NMD_OK && !p->store->random) tell_memory(p, p->n_frames, p->block_atoms);
  nmd_free(sums);
  return status;
}

nmd_status nmd_paths_load(const nmd_comm *comm, const char *const *files, int n_files, const nmd_paths_options *options,
                          nmd_paths *paths) {
  *paths = (nmd_paths){.n_runs = 1};
  nmd_status status = NMD_ALLOC(paths->store, 1);
  if (status == NMD_OK) {
    *paths->store = (store){.comm = comm, .files = files, .n_files = n_files, .options = *options};
    status = load(paths);
  }
  status = nmd_comm_agree(comm, status);
  if (status != NMD_OK) nmd_paths_free(paths);
  return status;
}

static nmd_status fill_borrowed(nmd_paths *p, const int *atomic_number, const double *x) {
  nmd_species_init(&p->species, atomic_number, (long)p->n);
  const int64_t T = p->n_frames;
  NMD_TRY(NMD_ALLOC(p->kind, p->n));
  NMD_TRY(NMD_ALLOC(p->id, p->n));
  NMD_TRY(NMD_ALLOC(p->drift, 3 * T));
  NMD_TRY(NMD_ALLOC(p->mean, 3 * T * p->species.n));
  NMD_TRY(NMD_ALLOC(p->chosen_mean, 3 * T * p->species.n));
  for (int64_t i = 0; i < p->n; i++) {
    p->id[i] = i + 1;
    p->kind[i] = nmd_species_index(&p->species, atomic_number[i]);
    p->population[p->kind[i]] = ++p->chosen[p->kind[i]];
  }
  for (int64_t i = 0; i < p->n; i++)
    for (int64_t k = 0; k < 3 * T; k++)
      p->mean[3 * T * p->kind[i] + 3 * (k % T) + k / T] += x[3 * T * i + k] / (double)p->population[p->kind[i]];
  memcpy(p->chosen_mean, p->mean, (size_t)(3 * T * p->species.n) * sizeof(double));
  return NMD_OK;
}

nmd_status nmd_paths_borrow(const nmd_comm *comm, int64_t n, const int *atomic_number, int64_t n_frames, double spacing,
                            const double h[3][3], const double *x, nmd_paths *paths) {
  *paths =
      (nmd_paths){.n_frames = n_frames, .spacing = spacing, .n_selected = n, .n = n, .block_atoms = n, .n_runs = 1};
  if (n < 1 || n_frames < FRAMES_MIN)
    NMD_FAIL(OUT_OF_RANGE, "%lld atoms in %lld frames; expected at least 1 in %d", (long long)n, (long long)n_frames,
             FRAMES_MIN);
  memcpy(paths->mean_h, h, sizeof paths->mean_h);
  paths->mean_volume = fabs(nmd_det(h));
  nmd_status status = NMD_ALLOC(paths->store, 1);
  if (status == NMD_OK) {
    paths->store->comm = comm;
    paths->store->borrowed = x;
    status = fill_borrowed(paths, atomic_number, x);
  }
  if (status != NMD_OK) nmd_paths_free(paths);
  return status;
}

nmd_status nmd__paths_own(const nmd_comm *comm, double *x, nmd_paths *paths) {
  NMD_TRY(NMD_ALLOC(paths->store, 1));
  *paths->store = (store){.comm = comm, .borrowed = x, .own = x};
  return NMD_OK;
}

/* What the files hold to what analyses want. */
static void correct(const nmd_paths *p, double *x) {
  const int64_t n = p->n_frames;
  if (p->facts.variable_cell)
    for (int64_t t = 0; t < n; t++) {
      double r[3] = {x[t], x[n + t], x[2 * n + t]};
      straighten(p, t, r);
      for (int d = 0; d < 3; d++) x[d * n + t] = r[d];
    }
  if (p->store->options.drift != NMD_DRIFT_NONE)
    for (int d = 0; d < 3; d++)
      for (int64_t t = 0; t < n; t++) x[d * n + t] -= p->drift[3 * t + d];
}

static nmd_status visit_all(int n, const nmd_path_visit *visits, int64_t atom, const double *x) {
  for (int k = 0; k < n; k++) NMD_TRY(visits[k].visit(visits[k].context, atom, x));
  return NMD_OK;
}

static nmd_status visit_store(const nmd_paths *p, int n, const nmd_path_visit *visits) {
  const store *s = p->store;
  double *x;
  NMD_TRY(NMD_ALLOC(x, 3 * p->n_frames));
  nmd_status status = NMD_OK;
  for (int64_t i = 0; i < s->kept.atoms && status == NMD_OK; i++) {
    nmd__path_chunks_get(&s->kept, i, x);
    correct(p, x);
    status = visit_all(n, visits, s->first - p->first + i, x);
  }
  nmd_free(x);
  return status;
}

/* The files once more, for the atoms of the block. */
static nmd_status read_block_of_netcdf(const nmd_paths *p) {
  store *s = p->store;
  const int64_t first = s->chosen[s->first], n = s->chosen[s->first + s->kept.atoms - 1] + 1 - first;
  double(*x)[3];
  NMD_TRY(NMD_ALLOC(x, n));
  nmd_status status = NMD_OK;
  for (int64_t t = 0; t < p->n_frames && status == NMD_OK; t++) {
    status = nmd_netcdf_run_positions(&s->run, t, first, n, x);
    if (status == NMD_OK) status = nmd__path_chunks_put(&s->kept, (const double(*)[3])x, s->chosen + s->first, first);
  }
  nmd_free(x);
  return status;
}

static nmd_status read_block_of_stream(const nmd_paths *p) {
  store *s = p->store;
  nmd_trajectory_options all = s->options.trajectory;
  all.selection = NULL;
  nmd_trajectory *t;
  NMD_TRY(nmd_trajectory_open(s->files, s->n_files, &all, &t));
  nmd_status status = NMD_OK;
  for (bool end = false; status == NMD_OK;) {
    nmd_trajectory_frame frame;
    status = nmd_trajectory_next(t, &frame, &end);
    if (status != NMD_OK || end) break;
    status = nmd__path_chunks_put(&s->kept, (const double(*)[3])frame.atoms->x, s->chosen + s->first, 0);
  }
  nmd_trajectory_close(t);
  return status;
}

static nmd_status read_block(const nmd_paths *p, int64_t first, int64_t atoms) {
  store *s = p->store;
  s->first = first;
  NMD_TRY(nmd__path_chunks_begin(&s->kept, atoms, s->kept.single));
  NMD_TRY(s->random ? read_block_of_netcdf(p) : read_block_of_stream(p));
  nmd__path_chunks_end(&s->kept);
  if (s->kept.frames == p->n_frames) return NMD_OK;
  NMD_FAIL(FILE_FORMAT, "%lld frames now, %lld when the files were read before; is a run still writing them?",
           (long long)s->kept.frames, (long long)p->n_frames);
}

static nmd_status visit_borrowed(const nmd_paths *p, int n, const nmd_path_visit *visits) {
  for (int64_t i = 0; i < p->n; i++) NMD_TRY(visit_all(n, visits, i, p->store->borrowed + 3 * i * p->n_frames));
  return NMD_OK;
}

nmd_status nmd_paths_visit(const nmd_paths *paths, int n, const nmd_path_visit *visits) {
  nmd_status status = NMD_OK;
  if (paths->store->borrowed != NULL)
    status = visit_borrowed(paths, n, visits);
  else if (paths->block_atoms == paths->n)
    status = visit_store(paths, n, visits);
  else
    for (int64_t from = 0; from < paths->n && status == NMD_OK; from += paths->block_atoms) {
      const int64_t left = paths->n - from, block = left < paths->block_atoms ? left : paths->block_atoms;
      status = read_block(paths, paths->first + from, block);
      if (status == NMD_OK) status = visit_store(paths, n, visits);
    }
  return nmd_comm_agree(paths->store->comm, status);
}
