/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-onset: when alloying starts, do the dissolved atoms sit together? One trajectory a replica, one test of all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/onset.h"
#include "base/memory.h"
#include "dissolved.h"
#include "system/element.h"
#include "tool.h"

typedef struct onset_options {
  tool_dissolved dissolved;
  double layer;
  int64_t threshold, permutations, seed;
  int axis;
} onset_options;

static const nmd_option onset_option_list[] = {
    TOOL_DISSOLVED_OPTIONS(onset_options, dissolved),
    {"threshold", NMD_OPT_INT, offsetof(onset_options, threshold), .fallback = "8", .min = 2, .max = 1e9,
     .doc = "the onset is the first frame with so many dissolved atoms; choose it before the runs"},
    {"axis", NMD_OPT_CHOICE, offsetof(onset_options, axis), .fallback = "c", .choices = "a|b|c",
     .doc = "cell vector across the interface"},
    {"layer", NMD_OPT_REAL, offsetof(onset_options, layer), NMD_DIM_LENGTH, "2.5 A", 0, 0, .min_open = 1,
     .doc = "thickness of the layers within which places are permuted"},
    {"permutations", NMD_OPT_INT, offsetof(onset_options, permutations), .fallback = "9999", .min = 99, .max = 1e7,
     .doc = "of the null model; the smallest p is one in so many and one"},
    {"seed", NMD_OPT_INT, offsetof(onset_options, seed), .fallback = "1", .min = 0, .max = 9e15,
     .doc = "seed of the permutations"},
};
static const nmd_option_table onset_table = {"onset", "onset of alloying", sizeof(onset_options),
                                             NMD_COUNT(onset_option_list), onset_option_list};

typedef struct replica {
  double reached, time, frames; /* the onset was seen; its time (fs); frames read */
  double dissolved, places, pairs, largest, expected, deviation, p;
} replica;
enum { FIELDS = sizeof(replica) / sizeof(double) };

typedef struct job {
  tool *t;
  nmd_onset_rule rule;
  replica *replica; /* [n_words] */
  double *null;     /* [n_words][permutations] */
} job;

static nmd_status set_kinds(const onset_options *o, const nmd_structure *s, const char *path, int *kind) {
  const int solute = nmd_element_from_symbol(o->dissolved.solute),
            solvent = nmd_element_from_symbol(o->dissolved.solvent);
  int64_t found[2] = {0, 0};
  for (int64_t i = 0; i < s->n; i++) {
    kind[i] = s->atomic_number[i] == solute ? 0 : s->atomic_number[i] == solvent ? 1 : 2;
    if (kind[i] < 2) found[kind[i]]++;
  }
  for (int k = 0; k < 2; k++)
    if (found[k] == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "%s: no atoms of --%s %s; expected elements of the trajectory", path,
               k == 0 ? "solute" : "solvent", k == 0 ? o->dissolved.solute : o->dissolved.solvent);
  return NMD_OK;
}

/* One frame: is it the onset? Then the test. */
static nmd_status look(job *j, int which, const nmd_trajectory_frame *frame, nmd_clusters *clusters) {
  const onset_options *o = j->t->options;
  const nmd_structure *s = frame->atoms;
  replica *r = &j->replica[which];
  int *kind;
  nmd_onset onset;
  NMD_TRY(NMD_ALLOC(kind, s->n));
  nmd_status status = set_kinds(o, s, j->t->words[which], kind);
  if (status == NMD_OK)
    status = nmd_clusters_find(clusters, &j->rule.cluster, &s->box, s->n, (const double(*)[3])s->x, kind);
  if (status == NMD_OK && clusters->n_dissolved >= o->threshold) {
    status = nmd_onset_test(&j->rule, &s->box, s->n, (const double(*)[3])s->x, kind, which, &onset,
                            j->null + which * o->permutations);
    if (status == NMD_OK)
      *r = (replica){1,
                     frame->time,
                     r->frames,
                     (double)onset.dissolved,
                     (double)onset.places,
                     (double)onset.pairs,
                     (double)onset.largest,
                     onset.expected,
                     onset.deviation,
                     onset.p};
  }
  nmd_free(kind);
  return status;
}

static nmd_status read_replica(job *j, int which) {
  const char *const path = j->t->words[which];
  nmd_trajectory *trajectory;
  nmd_clusters clusters;
  bool end = false;
  NMD_TRY(nmd_trajectory_open(&path, 1, &j->t->trajectory, &trajectory));
  nmd_clusters_init(&clusters);
  nmd_status status = NMD_OK;
  while (status == NMD_OK && !end && j->replica[which].reached < 1) {
    nmd_trajectory_frame frame;
    status = nmd_trajectory_next(trajectory, &frame, &end);
    if (status != NMD_OK || end) break;
    j->replica[which].frames++;
    j->replica[which].time = frame.time;
    status = look(j, which, &frame, &clusters);
  }
  nmd_clusters_free(&clusters);
  nmd_trajectory_close(trajectory);
  return status;
}

static nmd_status read_all(job *j) {
  for (int k = nmd_comm_rank(j->t->comm); k < j->t->n_words; k += nmd_comm_size(j->t->comm))
    NMD_TRY(read_replica(j, k));
  return NMD_OK;
}

/* All replicas together. */
typedef struct verdict {
  int64_t n; /* replicas with an onset */
  double pairs, expected, p;
  double ratio, ratio_error;     /* of the pairs to those expected */
  double largest, largest_error; /* cluster at the onset, mean */
} verdict;

/* Ratio of two sums over replicas with its standard error by linearisation (W. G. Cochran, Sampling Techniques, 3rd
 * ed., eq. 6.13), and the mean of the largest clusters. */
static void average(const job *j, verdict *v) {
  double residual = 0, square = 0;
  const double n = (double)v->n;
  v->ratio = v->pairs / v->expected;
  for (int k = 0; k < j->t->n_words; k++)
    if (j->replica[k].reached > 0) v->largest += j->replica[k].largest / n;
  for (int k = 0; k < j->t->n_words; k++) {
    const replica *r = &j->replica[k];
    if (r->reached < 1) continue;
    residual += pow(r->pairs - v->ratio * r->expected, 2);
    square += pow(r->largest - v->largest, 2);
  }
  v->ratio_error = v->n > 1 ? sqrt(residual * n / (n - 1)) / v->expected : NAN;
  v->largest_error = v->n > 1 ? sqrt(square / (n * (n - 1))) : NAN;
}

/* Pairs of all replicas against the sums of their permutations. */
static nmd_status judge(const job *j, verdict *v) {
  const int64_t permutations = ((const onset_options *)j->t->options)->permutations;
  double *sum;
  *v = (verdict){0};
  NMD_TRY(NMD_ALLOC(sum, permutations));
  for (int k = 0; k < j->t->n_words; k++) {
    if (j->replica[k].reached < 1) continue;
    v->n++;
    v->pairs += j->replica[k].pairs;
    v->expected += j->replica[k].expected;
    for (int64_t m = 0; m < permutations; m++) sum[m] += j->null[k * permutations + m];
  }
  v->p = nmd_onset_p(v->pairs, sum, permutations);
  nmd_free(sum);
  average(j, v);
  return NMD_OK;
}

static void put_rows(const job *j) {
  tool *t = j->t;
  nmd_tool_columns(t, "replica onset_time dissolved places adjacent_pairs expected deviation largest p",
                   "- fs 1 1 1 1 1 1 1");
  for (int k = 0; k < t->n_words; k++) {
    const replica *r = &j->replica[k];
    if (r->reached < 1)
      nmd_buffer_printf(&t->text, "%s nan nan nan nan nan nan nan nan\n", t->words[k]);
    else
      nmd_buffer_printf(&t->text, "%s %.10g %.0f %.0f %.0f %.4f %.4f %.0f %.6f\n", t->words[k], r->time, r->dissolved,
                        r->places, r->pairs, r->expected, r->deviation, r->largest, r->p);
  }
}

static void put_json(const job *j, const verdict *v) {
  nmd_json *json = &j->t->json;
  nmd_json_int(json, "replicas", j->t->n_words);
  nmd_json_int(json, "replicas_with_onset", v->n);
  nmd_json_real(json, "adjacent_pairs", v->pairs);
  nmd_json_real(json, "expected_pairs", v->expected);
  nmd_json_real(json, "ratio", v->ratio);
  nmd_json_real(json, "ratio_error", v->ratio_error);
  nmd_json_real(json, "p", v->p);
  nmd_json_reals(json, "onset_time_fs", &j->replica[0].time, j->t->n_words, FIELDS);
  nmd_json_reals(json, "largest_cluster", &j->replica[0].largest, j->t->n_words, FIELDS);
  nmd_json_reals(json, "p_of_replica", &j->replica[0].p, j->t->n_words, FIELDS);
}

/* Numbers that a replica without an onset does not have. */
static void clear_missing(const job *j) {
  for (int k = 0; k < j->t->n_words; k++)
    if (j->replica[k].reached < 1) j->replica[k].time = j->replica[k].largest = j->replica[k].p = NAN;
}

static nmd_status report(const job *j) {
  const onset_options *o = j->t->options;
  verdict v;
  NMD_TRY(judge(j, &v));
  nmd_tool_note(
      j->t,
      "onset: first frame with %lld or more dissolved atoms (%s with at least %g of their neighbours within %g A %s)",
      (long long)o->threshold, o->dissolved.solute, o->dissolved.share, o->dissolved.bond, o->dissolved.solvent);
  nmd_tool_note(
      j->t,
      "statistic: pairs of dissolved atoms within %g A; null model: dissolved independently, places permuted within "
      "layers of %g A across %c; %lld permutations",
      j->rule.cluster.link, o->layer, 'a' + o->axis, (long long)o->permutations);
  nmd_tool_note(j->t, "%lld of %d replicas reached the onset", (long long)v.n, j->t->n_words);
  if (v.n > 0) {
    nmd_tool_note(j->t, "largest cluster at the onset: %.3f atoms, +- %.3f", v.largest, v.largest_error);
    nmd_tool_note(j->t, "all replicas: %.0f adjacent pairs, %.3f expected, ratio %.3f +- %.3f; p = %.6f", v.pairs,
                  v.expected, v.ratio, v.ratio_error, v.p);
  }
  clear_missing(j);
  put_rows(j);
  put_json(j, &v);
  return NMD_OK;
}

static nmd_status run(tool *t) {
  const onset_options *o = t->options;
  job j = {.t = t};
  t->trajectory.timeless = true;
  t->trajectory.unwrap = NMD_UNWRAP_NONE;
  j.rule = (nmd_onset_rule){.cluster = tool_dissolved_rule(&o->dissolved),
                            .axis = o->axis,
                            .layer = o->layer,
                            .permutations = o->permutations,
                            .seed = (uint64_t)o->seed};
  j.rule.cluster.solvent = 1;
  nmd_status status = NMD_ALLOC(j.replica, t->n_words);
  if (status == NMD_OK) status = NMD_ALLOC(j.null, t->n_words * o->permutations);
  status = nmd_comm_agree(t->comm, status);
  if (status == NMD_OK) status = nmd_comm_agree(t->comm, read_all(&j));
  if (status == NMD_OK) {
    nmd_comm_sum(t->comm, &j.replica[0].reached, t->n_words * FIELDS);
    nmd_comm_sum(t->comm, j.null, (int)(t->n_words * o->permutations));
    if (t->root) status = report(&j);
  }
  nmd_free(j.replica);
  nmd_free(j.null);
  return nmd_comm_agree(t->comm, status);
}

static const nmd_tool definition = {.program = "nnpmd-onset",
                                    .words = "TRAJECTORY...",
                                    .summary = "do the atoms that have dissolved when alloying starts sit together?",
                                    .description = "Each trajectory is a replica (another seed). In each the onset is "
                                                   "the first frame with a given number of dissolved "
                                                   "atoms; there the pairs of adjacent dissolved atoms are counted and "
                                                   "compared with those of atoms that dissolved "
                                                   "independently, by permuting the places within layers along the "
                                                   "interface. The table has the replicas, its header one "
                                                   "p value for all of them together. Choose threshold and distances "
                                                   "before looking at the runs. Under mpirun the ranks "
                                                   "share the replicas.",
                                    .options = &onset_table,
                                    .min_words = 1,
                                    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
