/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset convert and merge: from files of any format to one file. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "dataset/fingerprint.h"
#include "dataset_tool.h"

static nmd_status run_convert(tool *t) {
  nmd_dataset set;
  if (!t->root) return NMD_OK;
  NMD_TRY(nmd__dataset_load(t, &set));
  const nmd_status status = nmd__dataset_store(t, &set, NULL, set.n);
  nmd_json_int(&t->json, "frames", set.n);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_convert = {
    .name = "convert",
    .words = "FILE...",
    .summary = "read files of any format, write one data set",
    .description =
        "Reads extended XYZ, input.data of n2p2 and RuNNer, OUTCAR and vasprun.xml of VASP, DeePMD folders and plain "
        "structure files, and writes extended XYZ, input.data or DeePMD folders. Energies are in eV, forces in eV/A, "
        "stresses in eV/A^3 with tension positive. Energies of VASP are those extrapolated to zero smearing.",
    .writes = true,
    .run = run_convert,
};

typedef struct merge_options {
  char *tag;
  bool unique;
  double tolerance, cutoff;
} merge_options;

static const nmd_option options[] = {
    {"tag", NMD_OPT_TEXT, offsetof(merge_options, tag), .fallback = "",
     .doc = "key that names the file a frame comes from, e.g. source; with its folders where file names repeat"},
    {"unique", NMD_OPT_BOOL, offsetof(merge_options, unique), .fallback = "false",
     .doc = "drop structures that an earlier frame holds already (turned, moved, renumbered or repeated too)"},
    {"tolerance", NMD_OPT_REAL, offsetof(merge_options, tolerance), .fallback = "1e-6", .min = 0, .max = 1,
     .doc = "relative difference of fingerprints below which structures are the same"},
};
static const nmd_option_table merge_table = {"merge", "merging", sizeof(merge_options), NMD_COUNT(options), options};

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

/* Files of one name in several folders (run1/OUTCAR, run2/OUTCAR): only with their folders are they told apart. */
static bool names_repeat(const tool *t) {
  for (int i = 0; i < t->n_words; i++)
    for (int k = 0; k < i; k++)
      if (strcmp(base_of(t->words[i]), base_of(t->words[k])) == 0) return true;
  return false;
}

/* "data/a.extxyz:17" -> "a.extxyz", or "data/a.extxyz" with folders */
static nmd_status tag_frames(const tool *t, nmd_dataset *set, const char *key) {
  const bool folders = names_repeat(t);
  for (int64_t k = 0; k < set->n; k++) {
    const char *base = base_of(set->place[k]), *first = folders ? set->place[k] : base;
    char name[2048];
    snprintf(name, sizeof name, "%.*s", (int)((size_t)(base - first) + strcspn(base, ":")), first);
    NMD_TRY(nmd_structure_set_info(&set->frames[k], key, name));
  }
  return NMD_OK;
}

static nmd_status all_fingerprints(const nmd_comm *comm, const nmd_dataset *set, double **prints) {
  const double cutoff = 6.0;
  nmd_comm *alone;
  NMD_TRY(nmd_comm_split(comm, nmd_comm_rank(comm), &alone));
  nmd_status status = NMD_ALLOC(*prints, set->n * NMD_FINGERPRINT_SIZE);
  for (int64_t k = 0; k < set->n && status == NMD_OK; k++) {
    nmd_neighbours nb;
    status = nmd_neighbours_find(alone, &set->frames[k], cutoff, &nb);
    if (status != NMD_OK) break;
    nmd_fingerprint(&set->frames[k], &nb, cutoff, *prints + k * NMD_FINGERPRINT_SIZE);
    nmd_neighbours_free(&nb);
  }
  nmd_comm_free(alone);
  return status;
}

/* index of the frames that are the first of their kind */
static nmd_status keep_first(tool *t, const nmd_dataset *set, double tolerance, int64_t *index, int64_t *n) {
  double *prints = NULL;
  nmd_duplicate *found = NULL;
  int64_t n_found = 0;
  nmd_status status = all_fingerprints(t->comm, set, &prints);
  if (status == NMD_OK) status = nmd_duplicates_find(set, prints, tolerance, &found, &n_found);
  *n = 0;
  for (int64_t k = 0, d = 0; k < set->n && status == NMD_OK; k++) {
    if (d < n_found && found[d].second == k)
      d++; /* in order of `second` */
    else
      index[(*n)++] = k;
  }
  if (status == NMD_OK) nmd_tool_note(t, "%lld duplicates dropped", (long long)n_found);
  nmd_free(prints);
  nmd_free(found);
  return status;
}

static nmd_status run_merge(tool *t) {
  const merge_options *o = nmd__dataset_own(t, true);
  nmd_dataset set;
  int64_t *index = NULL, n;
  if (!t->root) return NMD_OK;
  NMD_TRY(nmd__dataset_load(t, &set));
  n = set.n;
  nmd_status status = o->tag != NULL ? tag_frames(t, &set, o->tag) : NMD_OK;
  if (status == NMD_OK && o->unique) status = NMD_ALLOC(index, set.n);
  if (status == NMD_OK && o->unique) status = keep_first(t, &set, o->tolerance, index, &n);
  if (status == NMD_OK) status = nmd__dataset_store(t, &set, index, n);
  nmd_json_int(&t->json, "frames", n);
  nmd_free(index);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_merge = {
    .name = "merge",
    .words = "FILE...",
    .summary = "join data sets, note where frames come from, drop duplicates",
    .description = "Frames keep their keys; --tag adds one with the name of the file. Duplicates are recognised by a "
                   "fingerprint that does not change when a structure is turned, moved, renumbered or repeated.",
    .writes = true,
    .own = &merge_table,
    .run = run_merge,
};
