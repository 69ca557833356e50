/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/split.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

/* A unit that is dealt out as a whole: a frame or a group. */
typedef struct unit {
  double score; /* random */
  int64_t index;
} unit;

static int by_score(const void *a, const void *b) {
  const unit *x = a, *y = b;
  return x->score != y->score ? (x->score > y->score) - (x->score < y->score)
                              : (x->index > y->index) - (x->index < y->index);
}

static nmd_status shuffled(int64_t n, uint64_t seed, unit **out) {
  NMD_TRY(NMD_ALLOC(*out, n));
  for (int64_t k = 0; k < n; k++) {
    double u[2];
    nmd_random_uniform2(seed, NMD_STREAM_DATASET, 0, k, 0, u);
    (*out)[k] = (unit){u[0], k};
  }
  if (n > 0) qsort(*out, (size_t)n, sizeof **out, by_score);
  return NMD_OK;
}

static nmd_status check_options(const nmd_split_options *o) {
  if (o->test >= 0.0 && o->holdout >= 0.0 && o->test + o->holdout < 1.0) return NMD_OK;
  NMD_FAIL(OUT_OF_RANGE, "fractions of test %g and hold-out %g; expected 0 or more, together less than 1", o->test,
           o->holdout);
}

static nmd_status check_keys(const nmd_dataset *set, const char *key) {
  for (int64_t k = 0; k < set->n; k++)
    if (nmd_structure_info(&set->frames[k], key) == NULL)
      NMD_FAIL(MISSING_KEY, "%s: no key %s; expected %s=... in every frame to share them out by; choose another key",
               set->place[k], key, key);
  return NMD_OK;
}

/* Groups that are named for the hold-out set. */
static nmd_status hold_out_named(const nmd_families_of *groups, const nmd_split_options *o, nmd_part *of_group) {
  for (int v = 0; o->holdout_values != NULL && v < o->holdout_values->n; v++) {
    bool found = false;
    for (int64_t g = 0; g < groups->n; g++) {
      if (strcmp(groups->name[g], o->holdout_values->items[v]) != 0) continue;
      of_group[g] = NMD_PART_HOLDOUT;
      found = true;
    }
    if (!found)
      NMD_FAIL(BAD_CHOICE, "no frame has %s=%s; expected a value that occurs", o->key, o->holdout_values->items[v]);
  }
  return NMD_OK;
}

/* Units in random order go to the hold-out set and the test set while they fit in; the rest trains. */
static void deal(const unit *units, int64_t n_units, const int64_t *size, int64_t n, const nmd_split_options *o,
                 nmd_part *of_unit) {
  int64_t room[NMD_PARTS] = {0, llround(o->test * (double)n), llround(o->holdout * (double)n)};
  for (int64_t k = 0; k < n_units; k++) {
    const int64_t u = units[k].index, frames = size != NULL ? size[u] : 1;
    if (of_unit[u] != NMD_PART_TRAIN) continue;
    for (int part = NMD_PART_HOLDOUT; part >= NMD_PART_TEST; part--) {
      if (room[part] < frames) continue;
      room[part] -= frames;
      of_unit[u] = (nmd_part)part;
      break;
    }
  }
}

static nmd_status split_groups(const nmd_dataset *set, const nmd_split_options *o, nmd_part *part) {
  nmd_families_of groups = {0};
  unit *units = NULL;
  nmd_part *of_group = NULL;
  nmd_status status;
  NMD_GOTO(check_keys(set, o->key));
  NMD_GOTO(nmd_dataset_families(set, o->key, &groups));
  NMD_GOTO(NMD_ALLOC(of_group, groups.n));
  NMD_GOTO(hold_out_named(&groups, o, of_group));
  if (o->by_group) {
    NMD_GOTO(shuffled(groups.n, o->seed, &units));
    deal(units, groups.n, groups.count, set->n, o, of_group);
  }
  for (int64_t k = 0; k < set->n; k++) part[k] = of_group[groups.of_frame[k]];
done:
  nmd_free(units);
  nmd_free(of_group);
  nmd_families_of_free(&groups);
  return status;
}

nmd_status nmd_dataset_split(const nmd_dataset *set, const nmd_split_options *o, nmd_part *part) {
  NMD_TRY(check_options(o));
  for (int64_t k = 0; k < set->n; k++) part[k] = NMD_PART_TRAIN;
  if (o->by_group || (o->holdout_values != NULL && o->holdout_values->n > 0)) NMD_TRY(split_groups(set, o, part));
  if (o->by_group) return NMD_OK;
  unit *units;
  NMD_TRY(shuffled(set->n, o->seed, &units));
  deal(units, set->n, NULL, set->n, o, part);
  nmd_free(units);
  return NMD_OK;
}

/* "md=2" */
static nmd_status named_weight(const nmd_families_of *families, const char *text, const char *key, double *weight) {
  const char *equals = strrchr(text, '=');
  double value;
  if (equals == NULL || !nmd_parse_real(equals + 1, &value) || value < 0.0)
    NMD_FAIL(BAD_NUMBER, "weight '%s'; expected FAMILY=NUMBER with a number of 0 or more, e.g. md=2", text);
  bool found = false;
  for (int64_t f = 0; f < families->n; f++) {
    if (strncmp(families->name[f], text, (size_t)(equals - text)) != 0 || families->name[f][equals - text] != '\0')
      continue;
    weight[f] = value;
    found = true;
  }
  if (found) return NMD_OK;
  NMD_FAIL(BAD_CHOICE, "weight '%s': no frame has %s=%.*s; expected a value that occurs", text, key,
           (int)(equals - text), text);
}

static nmd_status find_weights(const nmd_dataset *set, const nmd_families_of *families, const nmd_weight_options *o,
                               double *weight) {
  for (int64_t f = 0; f < families->n; f++)
    weight[f] = o->balance ? (double)set->n / ((double)families->n * (double)families->count[f]) : o->other;
  for (int k = 0; o->weights != NULL && k < o->weights->n; k++)
    NMD_TRY(named_weight(families, o->weights->items[k], o->key, weight));
  return NMD_OK;
}

nmd_status nmd_dataset_reweight(nmd_dataset *set, const nmd_weight_options *o) {
  nmd_families_of families = {0};
  double *weight = NULL;
  if (strcmp(o->key, "weight") == 0)
    NMD_FAIL(CONFLICT, "families by the key weight, which is the one to be set; expected another key, such as group");
  nmd_status status;
  NMD_GOTO(check_keys(set, o->key));
  NMD_GOTO(nmd_dataset_families(set, o->key, &families));
  NMD_GOTO(NMD_ALLOC(weight, families.n));
  NMD_GOTO(find_weights(set, &families, o, weight));
  for (int64_t k = 0; k < set->n; k++) {
    char text[32];
    snprintf(text, sizeof text, "%.6g", weight[families.of_frame[k]]);
    NMD_GOTO(nmd_structure_set_info(&set->frames[k], "weight", text));
  }
done:
  nmd_free(weight);
  nmd_families_of_free(&families);
  return status;
}
