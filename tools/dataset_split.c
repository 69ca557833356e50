/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset split and reweight. */
#include "dataset/split.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "dataset_tool.h"

typedef struct split_parameters {
  char *train, *test, *holdout, *key;
  double test_fraction, holdout_fraction;
  int by;
  int64_t seed;
  nmd_text_list holdout_values;
} split_parameters;

static const nmd_option split_options[] = {
    {"train", NMD_OPT_PATH, offsetof(split_parameters, train), .doc = "data set to write: frames for training"},
    {"test", NMD_OPT_PATH, offsetof(split_parameters, test), .doc = "data set to write: frames for testing"},
    {"holdout", NMD_OPT_PATH, offsetof(split_parameters, holdout), .fallback = "",
     .doc = "data set to write: frames held back to the end"},
    {"test-fraction", NMD_OPT_REAL, offsetof(split_parameters, test_fraction), .fallback = "0.1", .min = 0, .max = 1,
     .doc = "fraction of the frames for testing"},
    {"holdout-fraction", NMD_OPT_REAL, offsetof(split_parameters, holdout_fraction), .fallback = "0", .min = 0,
     .max = 1, .doc = "fraction of the frames held back"},
    {"by", NMD_OPT_CHOICE, offsetof(split_parameters, by), .fallback = "structure", .choices = "structure|family",
     .doc =
         "deal out single frames, or whole families (frames with the same value of --key), which is the honest test"},
    {"key", NMD_OPT_TEXT, offsetof(split_parameters, key), .fallback = "group", .doc = "key of the families"},
    {"holdout-families", NMD_OPT_TEXT_LIST, offsetof(split_parameters, holdout_values), .fallback = "",
     .doc = "families (values of --key) to hold back whatever the fractions"},
    {"seed", NMD_OPT_INT, offsetof(split_parameters, seed), .fallback = "1", .min = 0, .max = -1,
     .doc = "seed: the same one gives the same parts"},
};
static const nmd_option_table split_table = {"split", "splitting", sizeof(split_parameters), NMD_COUNT(split_options),
                                             split_options};

static nmd_status write_part(tool *t, const nmd_dataset *set, const nmd_part *part, nmd_part wanted, const char *path) {
  static const char *const names[NMD_PARTS] = {"train", "test", "holdout"};
  const nmd_dataset_write_options exact = {.digits = 17};
  int64_t *index, n = 0, atoms = 0;
  NMD_TRY(NMD_ALLOC(index, set->n));
  for (int64_t k = 0; k < set->n; k++) {
    if (part[k] != wanted) continue;
    index[n++] = k;
    atoms += set->frames[k].n;
  }
  nmd_status status = NMD_OK;
  if (path != NULL)
    status = nmd_dataset_write(set, index, n, path, &exact);
  else if (n > 0)
    status = nmd_fail(NMD_MISSING_KEY, "--holdout: %lld frames are held back; expected a file for them", (long long)n);
  nmd_buffer_printf(&t->text, "%-8s %8lld %10lld  %s\n", names[wanted], (long long)n, (long long)atoms,
                    path != NULL ? path : "-");
  nmd_json_int(&t->json, names[wanted], n);
  nmd_free(index);
  return status;
}

/* One part must not take the place of another. */
static nmd_status check_names(const split_parameters *p) {
  const char *const names[NMD_PARTS] = {p->train, p->test, p->holdout};
  for (int a = 0; a < NMD_PARTS; a++)
    for (int b = 0; b < a; b++)
      if (names[a] != NULL && names[b] != NULL && strcmp(names[a], names[b]) == 0)
        NMD_FAIL(CONFLICT, "%s: two parts have this file; expected one for each part", names[a]);
  return NMD_OK;
}

/* Families are whole: a small share of few of them may be none. */
static void warn_if_empty(const nmd_part *part, int64_t n, nmd_part wanted, double fraction, const char *name) {
  int64_t count = 0;
  for (int64_t k = 0; k < n; k++) count += part[k] == wanted;
  if (count == 0 && fraction > 0.0)
    nmd_log_warning(
        "no frame fell to %s: %g of %lld frames is less than one frame or family; expected a larger fraction", name,
        fraction, (long long)n);
}

static nmd_status run_split(tool *t) {
  const split_parameters *p = nmd__dataset_own(t, false);
  const nmd_split_options o = {.test = p->test_fraction,
                               .holdout = p->holdout_fraction,
                               .by_group = p->by == 1,
                               .key = p->key,
                               .holdout_values = &p->holdout_values,
                               .seed = (uint64_t)p->seed};
  nmd_dataset set;
  nmd_part *part = NULL;
  if (!t->root) return NMD_OK;
  NMD_TRY(check_names(p));
  NMD_TRY(nmd__dataset_load(t, &set));
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(part, set.n));
  NMD_GOTO(nmd_dataset_split(&set, &o, part));
  warn_if_empty(part, set.n, NMD_PART_TEST, p->test_fraction, "testing");
  warn_if_empty(part, set.n, NMD_PART_HOLDOUT, p->holdout_fraction, "the hold-out");
  nmd_tool_columns(t, "part frames atoms file", "- - - -");
  NMD_GOTO(write_part(t, &set, part, NMD_PART_TRAIN, p->train));
  NMD_GOTO(write_part(t, &set, part, NMD_PART_TEST, p->test));
  NMD_GOTO(write_part(t, &set, part, NMD_PART_HOLDOUT, p->holdout));
done:
  nmd_free(part);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_split = {
    .name = "split",
    .words = "FILE...",
    .summary = "share frames out to training, testing and hold-out",
    .description =
        "By structure, a random fraction of the frames is set aside; snapshots of one run then stand on both "
        "sides, which makes test errors look better than they are. By family, frames with the same --key stay "
        "together. The seed decides; the order of the frames is kept within each part.",
    .own = &split_table,
    .run = run_split,
};

typedef struct weight_parameters {
  char *key;
  nmd_text_list weights;
  bool balance;
  double other;
} weight_parameters;

static const nmd_option weight_options[] = {
    {"key", NMD_OPT_TEXT, offsetof(weight_parameters, key), .fallback = "kind", .doc = "key of the families"},
    {"weights", NMD_OPT_TEXT_LIST, offsetof(weight_parameters, weights), .fallback = "",
     .doc = "weights of families, e.g. eos=4,md=0.5"},
    {"balance", NMD_OPT_BOOL, offsetof(weight_parameters, balance), .fallback = "false",
     .doc = "families count alike, however many frames they have (--weights then override)"},
    {"other", NMD_OPT_REAL, offsetof(weight_parameters, other), .fallback = "1", .min = 0, .max = -1,
     .doc = "weight of families that are not named"},
};
static const nmd_option_table weight_table = {"reweight", "weights", sizeof(weight_parameters),
                                              NMD_COUNT(weight_options), weight_options};

static nmd_status list_weights(tool *t, const nmd_dataset *set, const char *key) {
  nmd_families_of families;
  NMD_TRY(nmd_dataset_families(set, key, &families));
  nmd_tool_columns(t, "family frames weight", "- - -");
  for (int64_t f = 0; f < families.n; f++) {
    int64_t k = 0;
    while (families.of_frame[k] != f) k++;
    nmd_buffer_printf(&t->text, "%-16s %8lld %s\n", families.name[f], (long long)families.count[f],
                      nmd_structure_key(&set->frames[k], "weight"));
  }
  nmd_families_of_free(&families);
  return NMD_OK;
}

static nmd_status run_reweight(tool *t) {
  const weight_parameters *p = nmd__dataset_own(t, true);
  const nmd_weight_options o = {p->key, &p->weights, p->balance, p->other};
  nmd_dataset set;
  if (!t->root) return NMD_OK;
  NMD_TRY(nmd__dataset_load(t, &set));
  nmd_status status = nmd_dataset_reweight(&set, &o);
  if (status == NMD_OK) status = list_weights(t, &set, p->key);
  if (status == NMD_OK) status = nmd__dataset_store(t, &set, NULL, set.n);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_reweight = {
    .name = "reweight",
    .words = "FILE...",
    .summary = "give families of frames their weights in training",
    .description = "Sets the key `weight` of every frame, which the trainer multiplies all rows of the frame with.",
    .writes = true,
    .own = &weight_table,
    .run = run_reweight,
};
