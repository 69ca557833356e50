/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/onset.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

typedef struct places {
  int64_t n;         /* places, by layer */
  int *atom, *layer; /* [n] of each */
  int layers;
  int *first, *drawn;  /* [layers + 1] places of a layer; [layers] dissolved atoms there */
  int64_t *first_link; /* [n + 1] */
  int *link;           /* adjacent places, each pair once */
  int *order;          /* [n] scratch of a permutation */
  bool *taken;         /* [n] */
} places;

static void places_free(places *p) {
  void *all[] = {p->atom, p->layer, p->first, p->drawn, p->first_link, p->link, p->order, p->taken};
  for (int k = 0; k < (int)(sizeof all / sizeof *all); k++) nmd_free(all[k]);
}

/* Share of solvent among the neighbours of an atom as the rule for dissolved ones sees it. */
static nmd_status surrounded(const nmd_onset_rule *rule, nmd_pairs *pairs, int64_t i, bool *yes) {
  const nmd_neighbours *around;
  int solvent = 0;
  NMD_TRY(nmd_pairs_around(pairs, i, &around));
  for (int k = 0; k < around->n; k++) solvent += around->kind[k] == rule->cluster.solvent;
  *yes = around->n > 0 && solvent >= rule->cluster.share * around->n;
  return NMD_OK;
}

static int layer_of(const nmd_onset_rule *rule, const nmd_box *box, int layers, const double x[3]) {
  double s[3];
  nmd_box_to_fractional(box, x, s);
  const double inside = s[rule->axis] - floor(s[rule->axis]);
  const int layer = (int)(inside * layers);
  return layer < layers ? layer : layers - 1;
}

/* Dissolved atoms and solvent atoms that are surrounded by solvent, sorted by layer. */
static nmd_status find_places(const nmd_onset_rule *rule, const nmd_box *box, int64_t n, const double (*x)[3],
                              const int *kind, const nmd_clusters *clusters, places *p) {
  nmd_pairs pairs;
  int *layer;
  p->layers = (int)fmax(1, floor(nmd_box_height(box, rule->axis) / rule->layer));
  NMD_TRY(NMD_ALLOC(p->atom, n));
  NMD_TRY(NMD_ALLOC(p->layer, n));
  NMD_TRY(NMD_ALLOC(p->first, p->layers + 1));
  NMD_TRY(NMD_ALLOC(p->drawn, p->layers));
  NMD_TRY(NMD_ALLOC(layer, n));
  nmd_pairs_init(&pairs);
  nmd_status status = nmd_pairs_build(&pairs, box, n, x, kind, rule->cluster.bond, false);
  for (int64_t i = 0; i < n && status == NMD_OK; i++) {
    bool place = clusters->label[i] >= 0;
    if (!place && kind[i] == rule->cluster.solvent) status = surrounded(rule, &pairs, i, &place);
    layer[i] = place ? layer_of(rule, box, p->layers, x[i]) : -1;
    if (layer[i] >= 0) p->first[layer[i] + 1]++;
    if (clusters->label[i] >= 0) p->drawn[layer[i]]++;
  }
  nmd_pairs_free(&pairs);
  for (int l = 0; l < p->layers; l++) p->first[l + 1] += p->first[l];
  for (int l = 0; l < p->layers; l++)
    for (int64_t i = 0; i < n; i++)
      if (layer[i] == l) p->layer[p->n] = l, p->atom[p->n++] = (int)i;
  nmd_free(layer);
  return status;
}

/* Which places are adjacent, as the rule for clusters has it. */
static nmd_status link_places(const nmd_onset_rule *rule, const nmd_box *box, const double (*x)[3], places *p) {
  nmd_pairs pairs;
  double(*at)[3];
  int64_t used = 0, capacity = 0;
  NMD_TRY(NMD_ALLOC(p->first_link, p->n + 1));
  NMD_TRY(NMD_ALLOC(p->order, p->n));
  NMD_TRY(NMD_ALLOC(p->taken, p->n));
  NMD_TRY(NMD_ALLOC(at, p->n));
  for (int64_t k = 0; k < p->n; k++) memcpy(at[k], x[p->atom[k]], sizeof at[k]);
  nmd_pairs_init(&pairs);
  nmd_status status = nmd_pairs_build(&pairs, box, p->n, (const double(*)[3])at, NULL, rule->cluster.link, true);
  for (int64_t k = 0; k < p->n && status == NMD_OK; k++) {
    const nmd_neighbours *around;
    status = nmd_pairs_around(&pairs, k, &around);
    if (status == NMD_OK && used + around->n > capacity) {
      capacity = 2 * (used + around->n) + 64;
      status = NMD_GROW(p->link, used, capacity);
    }
    for (int j = 0; status == NMD_OK && j < around->n; j++) p->link[used++] = around->atom[j];
    p->first_link[k + 1] = used;
  }
  nmd_pairs_free(&pairs);
  nmd_free(at);
  return status;
}

static double count_pairs(const places *p) {
  double n = 0;
  for (int64_t k = 0; k < p->n; k++)
    for (int64_t j = p->first_link[k]; p->taken[k] && j < p->first_link[k + 1]; j++) n += p->taken[p->link[j]];
  return n;
}

/* As many places of each layer as atoms are dissolved in it: the head of a shuffle. */
static void draw_places(const nmd_onset_rule *rule, places *p, int64_t replica, int64_t permutation) {
  memset(p->taken, 0, (size_t)p->n * sizeof *p->taken);
  for (int l = 0; l < p->layers; l++) {
    const int n = p->first[l + 1] - p->first[l];
    int *order = p->order + p->first[l];
    for (int k = 0; k < n; k++) order[k] = p->first[l] + k;
    for (int k = 0; k < p->drawn[l]; k++) {
      double u[2];
      nmd_random_uniform2(rule->seed, NMD_STREAM_BOOTSTRAP, permutation, (replica << 32) + p->first[l] + k, 0, u);
      const int other = k + (int)(u[0] * (n - k)), chosen = order[other < n ? other : n - 1];
      order[other < n ? other : n - 1] = order[k];
      order[k] = chosen;
      p->taken[chosen] = true;
    }
  }
}

double nmd_onset_p(double pairs, const double *null, int64_t permutations) {
  int64_t above = 0;
  for (int64_t k = 0; k < permutations; k++) above += null[k] >= pairs - 1e-9;
  return (double)(1 + above) / (double)(1 + permutations);
}

static void permute(const nmd_onset_rule *rule, const nmd_clusters *clusters, int64_t replica, places *p,
                    nmd_onset *onset, double *null) {
  double sum = 0, square = 0;
  for (int64_t k = 0; k < p->n; k++) p->taken[k] = clusters->label[p->atom[k]] >= 0;
  onset->pairs = (int64_t)count_pairs(p);
  for (int64_t m = 0; m < rule->permutations; m++) {
    draw_places(rule, p, replica, m);
    null[m] = count_pairs(p);
    sum += null[m];
    square += null[m] * null[m];
  }
  const double n = (double)rule->permutations;
  onset->expected = sum / n;
  onset->deviation = sqrt(fmax(square / n - onset->expected * onset->expected, 0));
  onset->p = nmd_onset_p((double)onset->pairs, null, rule->permutations);
}

nmd_status nmd_onset_test(const nmd_onset_rule *rule, const nmd_box *box, int64_t n, const double (*x)[3],
                          const int *kind, int64_t replica, nmd_onset *onset, double *null) {
  nmd_clusters clusters;
  places p = {0};
  *onset = (nmd_onset){0};
  nmd_clusters_init(&clusters);
  nmd_status status = nmd_clusters_find(&clusters, &rule->cluster, box, n, x, kind);
  if (status == NMD_OK) status = find_places(rule, box, n, x, kind, &clusters, &p);
  if (status == NMD_OK) status = link_places(rule, box, x, &p);
  if (status == NMD_OK) {
    onset->dissolved = clusters.n_dissolved;
    onset->largest = clusters.largest;
    onset->places = p.n;
    permute(rule, &clusters, replica, &p, onset, null);
  }
  places_free(&p);
  nmd_clusters_free(&clusters);
  return status;
}
