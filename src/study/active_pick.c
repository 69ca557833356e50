/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/active_pick.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dataset/pca.h"
#include "dataset/select.h"
#include "study/active_model.h"
#include "study/active_walks.h"

/* ---- candidates ---- */

static bool has_content(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && info.st_size > 0;
}

static nmd_status note_origin(nmd_dataset *set, int64_t first, int64_t cycle, const char *walk) {
  char text[64];
  snprintf(text, sizeof text, "cycle_%03lld/%s", (long long)cycle, walk);
  for (int64_t k = first; k < set->n; k++) {
    NMD_TRY(nmd_structure_set_info(&set->frames[k], "kind", "active"));
    NMD_TRY(nmd_structure_set_info(&set->frames[k], "group", text));
  }
  return NMD_OK;
}

static nmd_status read_candidates(const nmd_active *a, int64_t cycle, nmd_dataset *set) {
  for (int64_t w = 0; w < a->n_walks; w++) {
    nmd_active_walk walk;
    char path[NMD_ACTIVE_PATH], name[128];
    const int64_t first = set->n;
    nmd_active_walk_at(a, w, &walk);
    snprintf(name, sizeof name, "%s/%s", walk.name, nmd_active_walk_frames(a));
    nmd_active_path(a, cycle, name, path);
    if (!has_content(path)) continue;
    NMD_TRY(nmd_dataset_read(set, path, NULL, NULL));
    NMD_TRY(note_origin(set, first, cycle, walk.name));
  }
  return NMD_OK;
}

/* Is there a pair of atoms closer than this? Neighbouring images suffice, as cells are longer than such distances. */
static bool has_short_pair(const nmd_structure *s, double distance) {
  for (int64_t i = 0; i < s->n; i++)
    for (int64_t j = 0; j < i; j++) {
      double d[3], f[3];
      for (int k = 0; k < 3; k++) d[k] = s->x[i][k] - s->x[j][k] + s->box.origin[k];
      nmd_box_to_fractional(&s->box, d, f);
      for (int c = 0; c < 27; c++) {
        const int shift[3] = {c % 3 - 1, c / 3 % 3 - 1, c / 9 - 1};
        double g[3], image[3], square = 0;
        for (int k = 0; k < 3; k++) g[k] = s->box.periodic[k] ? f[k] - round(f[k]) + shift[k] : f[k];
        nmd_box_to_cartesian(&s->box, g, image);
        for (int k = 0; k < 3; k++) square += (image[k] - s->box.origin[k]) * (image[k] - s->box.origin[k]);
        if (square < distance * distance) return true;
      }
    }
  return false;
}

/* What the models predict must not look like labels. */
static void strip(nmd_structure *s) {
  s->has_energy = s->has_stress = false;
  nmd_free(s->f);
  nmd_free(s->v);
  s->f = s->v = NULL;
}

static nmd_status note_doubt(nmd_structure *s, double sigma, int64_t extrapolations) {
  char text[64];
  snprintf(text, sizeof text, "%.6g", sigma);
  NMD_TRY(nmd_structure_set_info(s, "sigma", text));
  snprintf(text, sizeof text, "%lld", (long long)extrapolations);
  return nmd_structure_set_info(s, "extrapolations", text);
}

/* Frames beyond the limits go to the end of the set and out of its count. */
static nmd_status keep_usable(const nmd_active *a, const nmd_active_potential *potential, nmd_dataset *set,
                              nmd_active_record *r) {
  const nmd_active_pick *p = &a->input->pick;
  int64_t kept = 0;
  double sum = 0, worst = 0;
  for (int64_t k = 0; k < set->n; k++) {
    nmd_structure s = set->frames[k];
    double sigma;
    int64_t extrapolations;
    const nmd_status status = nmd_active_doubt(potential, &s, &sigma, &extrapolations);
    if (status != NMD_OK && status != NMD_EXPLODED) return status;
    const bool beyond = status != NMD_OK || sigma > p->limit || (double)extrapolations > p->outside * (double)s.n;
    if (beyond || has_short_pair(&s, p->shortest)) continue;
    char *place = set->place[k];
    set->frames[k] = set->frames[kept];
    set->place[k] = set->place[kept];
    strip(&s);
    set->frames[kept] = s;
    set->place[kept] = place;
    NMD_TRY(note_doubt(&set->frames[kept++], sigma, extrapolations));
    sum += sigma;
    worst = fmax(worst, sigma);
  }
  r->usable = kept;
  r->sigma_mean = kept > 0 ? sum / (double)kept : 0;
  r->sigma_max = worst;
  return NMD_OK;
}

/* ---- choice ---- */

/* What the models know: the data of the start and the labels of earlier cycles. */
static nmd_status read_known(const nmd_active *a, int64_t cycle, nmd_dataset *set) {
  const nmd_yaml_node *files = nmd_yaml_find(nmd_yaml_find(a->input->training, "data"), "training");
  const int n = files->kind == NMD_YAML_LIST ? files->n : 1;
  for (int k = 0; k < n; k++) {
    const nmd_yaml_node *file = files->kind == NMD_YAML_LIST ? files->items[k] : files;
    NMD_TRY(nmd_dataset_read(set, file->text, NULL, NULL));
  }
  for (int64_t c = 1; c < cycle; c++) {
    char path[NMD_ACTIVE_PATH];
    nmd_active_path(a, c, "labelled.extxyz", path);
    NMD_TRY(nmd_dataset_read(set, path, NULL, NULL));
  }
  return NMD_OK;
}

static nmd_status find_points(const nmd_active *a, int64_t cycle, const nmd_dataset *set, nmd_points *points) {
  char folder[NMD_ACTIVE_PATH], first[NMD_ACTIVE_PATH + 8];
  nmd_model *model;
  nmd_descriptor_set descriptors;
  double share[500];
  nmd_active_model(a, cycle, folder);
  snprintf(first, sizeof first, "%s/1", folder);
  NMD_TRY(nmd_model_read_untrained(first, 1.0, 1.0, &model));
  nmd_status status = nmd_descriptor_set_make(a->alone, set, model, &descriptors);
  nmd_model_destroy(model);
  NMD_TRY(status);
  nmd_descriptor_set_standardise(&descriptors);
  status = nmd_points_of_frames(&descriptors, points);
  nmd_descriptor_set_free(&descriptors);
  return status == NMD_OK ? nmd_points_project(points, (int)a->input->pick.components, share) : status;
}

/* Farthest points from all that is known, until `apart`. */
static nmd_status choose_farthest(const nmd_active *a, const nmd_points *points, int64_t usable, int64_t *frames,
                                  int64_t *n) {
  const nmd_active_pick *p = &a->input->pick;
  double *radius = NULL;
  bool *given;
  NMD_TRY(NMD_ALLOC(given, points->n));
  nmd_status status = NMD_ALLOC(radius, points->n);
  for (int64_t k = usable; k < points->n; k++) given[k] = true;
  if (status == NMD_OK)
    status = nmd_select_farthest(points, points->n, given, p->frames < usable ? p->frames : usable, frames, radius, n);
  while (status == NMD_OK && *n > 0 && radius[*n - 1] < p->apart) --*n;
  nmd_free(radius);
  nmd_free(given);
  return status;
}

/* The usable frames and, behind them, the known ones, as one set that owns nothing of its frames. */
static nmd_status choose(const nmd_active *a, int64_t cycle, const nmd_dataset *set, int64_t usable, int64_t *frames,
                         int64_t *n) {
  nmd_dataset known = {0}, all = {0};
  nmd_points points = {0};
  if (a->input->pick.method == NMD_ACTIVE_RANDOM)
    return nmd_select_random(usable, (uint64_t)(a->input->seed + cycle), a->input->pick.frames, frames, n);
  nmd_status status;
  NMD_GOTO(read_known(a, cycle, &known));
  NMD_GOTO(NMD_ALLOC(all.frames, usable + known.n));
  NMD_GOTO(NMD_ALLOC(all.place, usable + known.n));
  for (int64_t k = 0; k < usable + known.n; k++) {
    all.frames[k] = k < usable ? set->frames[k] : known.frames[k - usable];
    all.place[k] = k < usable ? set->place[k] : known.place[k - usable];
  }
  all.n = usable + known.n;
  NMD_GOTO(find_points(a, cycle, &all, &points));
  NMD_GOTO(choose_farthest(a, &points, usable, frames, n));
done:
  nmd_points_free(&points);
  nmd_free(all.frames);
  nmd_free(all.place);
  nmd_dataset_free(&known);
  return status;
}

static nmd_status store(const nmd_active *a, int64_t cycle, const char *name, const nmd_dataset *set,
                        const int64_t *index, int64_t n) {
  char path[NMD_ACTIVE_PATH];
  nmd_active_path(a, cycle, name, path);
  return nmd_dataset_write(set, index, n, path, &(nmd_dataset_write_options){.format = "extxyz"});
}

static nmd_status choose_and_store(const nmd_active *a, const nmd_dataset *set, nmd_active_record *r) {
  int64_t *frames;
  r->picked = 0;
  if (r->usable == 0) return NMD_OK;
  NMD_TRY(NMD_ALLOC(frames, set->n));
  nmd_status status = choose(a, r->cycle, set, r->usable, frames, &r->picked);
  if (status == NMD_OK && r->picked > 0) status = store(a, r->cycle, "picked.extxyz", set, frames, r->picked);
  nmd_free(frames);
  return status;
}

nmd_status nmd_active_pick_frames(const nmd_active *a, nmd_active_record *r) {
  nmd_dataset set = {0};
  nmd_active_potential potential = {0};
  char models[NMD_ACTIVE_PATH];
  nmd_status status;
  r->walks = a->n_walks;
  NMD_GOTO(nmd_active_walks_count(a, r->cycle, &r->steps, &r->early));
  NMD_GOTO(read_candidates(a, r->cycle, &set));
  r->flagged = set.n;
  r->usable = 0;
  if (set.n > 0) {
    nmd_active_model(a, r->cycle, models);
    NMD_GOTO(nmd_active_potential_open(a, models, &set, &potential));
    NMD_GOTO(keep_usable(a, &potential, &set, r));
  }
  NMD_GOTO(choose_and_store(a, &set, r));
done:
  nmd_active_potential_free(&potential);
  nmd_dataset_free(&set);
  return status;
}
