/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset select: a few frames that stand for all, in the space of symmetry functions. */
#include "dataset/select.h"

#include <string.h>

#include "base/memory.h"
#include "dataset/pca.h"
#include "dataset_tool.h"

typedef struct select_parameters {
  char *model, *given;
  int64_t count, components, seed, random;
  int method;
} select_parameters;

enum { METHOD_FARTHEST, METHOD_GRID, METHOD_RANDOM, METHOD_EXTREMES };

static const nmd_option options[] = {
    {"model", NMD_OPT_PATH, offsetof(select_parameters, model),
     .doc = "folder with an input.nn, whose symmetry functions tell structures apart (needs no weights)"},
    {"count", NMD_OPT_INT, offsetof(select_parameters, count), .min = 1, .max = -1, .doc = "frames to choose"},
    {"method", NMD_OPT_CHOICE, offsetof(select_parameters, method), .fallback = "farthest",
     .choices = "farthest|grid|random|extremes",
     .doc =
         "farthest points; one frame of each cell of a grid over three principal components; random frames; or those "
         "whose atoms hold the extreme values of the functions"},
    {"components", NMD_OPT_INT, offsetof(select_parameters, components), .fallback = "20", .min = 1, .max = 500,
     .doc = "principal components in which distances are measured"},
    {"given", NMD_OPT_PATH, offsetof(select_parameters, given), .fallback = "",
     .doc = "data set that is there already: choose what it lacks (farthest, extremes)"},
    {"seed", NMD_OPT_INT, offsetof(select_parameters, seed), .fallback = "1", .min = 0, .max = -1,
     .doc = "seed of random choices"},
    {"random", NMD_OPT_INT, offsetof(select_parameters, random), .fallback = "5", .min = 0, .max = 100,
     .doc = "random choices of the same size to compare the coverage with"},
};
static const nmd_option_table table = {"select", "selection", sizeof(select_parameters), NMD_COUNT(options), options};

/* Standardised functions of all atoms (of given frames at the end). */
static nmd_status find_functions(tool *t, const select_parameters *p, const nmd_dataset *set, nmd_descriptor_set *out) {
  nmd_model *model;
  nmd_comm *alone;
  NMD_TRY(nmd_model_read_untrained(p->model, 1.0, 1.0, &model));
  NMD_TRY(nmd_comm_split(t->comm, nmd_comm_rank(t->comm), &alone));
  nmd_status status =
      nmd_tool_claim_memory(t, nmd_descriptor_set_bytes(set, model), "symmetry functions", "use --stride");
  if (status == NMD_OK) status = nmd_descriptor_set_make(alone, set, model, out);
  nmd_comm_free(alone);
  nmd_model_destroy(model);
  if (status == NMD_OK) nmd_descriptor_set_standardise(out);
  return status;
}

/* Principal components of all frames. */
static nmd_status find_points(tool *t, const select_parameters *p, const nmd_descriptor_set *functions,
                              nmd_points *points) {
  double share[500], total = 0.0;
  nmd_status status = nmd_points_of_frames(functions, points);
  if (status == NMD_OK) status = nmd_points_project(points, (int)p->components, share);
  if (status != NMD_OK) return status;
  for (int k = 0; k < points->size; k++) total += share[k];
  nmd_tool_note(t, "distances in %d principal components, %.2f %% of the variance", points->size, 100.0 * total);
  return NMD_OK;
}

static nmd_status choose(const select_parameters *p, const nmd_descriptor_set *functions, const nmd_points *points,
                         const bool *given, int64_t *frames, double *radius, int64_t *n) {
  const int64_t n_frames = functions->n_frames;
  switch (p->method) {
    case METHOD_EXTREMES: return nmd_select_extremes(functions, given, p->count, frames, radius, n);
    case METHOD_GRID: return nmd_select_grid(points, 3, p->count, frames, n);
    case METHOD_RANDOM: return nmd_select_random(n_frames, (uint64_t)p->seed, p->count, frames, n);
    default: return nmd_select_farthest(points, n_frames, given, p->count, frames, radius, n);
  }
}

static void add_given(const bool *given, int64_t n_frames, int64_t *frames, int64_t *n) {
  for (int64_t k = 0; given != NULL && k < n_frames; k++)
    if (given[k]) frames[(*n)++] = k;
}

static nmd_status report_coverage(tool *t, const char *name, const nmd_points *points, int64_t n_frames,
                                  const int64_t *frames, int64_t n, nmd_coverage *out) {
  NMD_TRY(nmd_coverage_of(points, n_frames, frames, n, out));
  nmd_buffer_printf(&t->text, "%-12s %8lld %12.5g %12.5g\n", name, (long long)n, out->radius, out->mean);
  return NMD_OK;
}

/* The choice beside random ones of the same size: largest and mean distance of any frame to the nearest chosen one. */
static nmd_status compare(tool *t, const select_parameters *p, const nmd_points *points, int64_t n_frames,
                          const bool *given, const int64_t *chosen, int64_t n_chosen) {
  static const char *const names[] = {"farthest", "grid", "random", "extremes"};
  int64_t *frames, n = n_chosen;
  nmd_coverage ours, mean = {0.0, 0.0}, one;
  NMD_TRY(NMD_ALLOC(frames, 2 * n_frames));
  memcpy(frames, chosen, (size_t)n_chosen * sizeof *frames);
  add_given(given, n_frames, frames, &n);
  nmd_tool_columns(t, "choice frames coverage_radius mean_distance", "- - - -");
  nmd_status status = report_coverage(t, names[p->method], points, n_frames, frames, n, &ours);
  for (int64_t k = 0; k < p->random && status == NMD_OK; k++) {
    status = nmd_select_random(n_frames, (uint64_t)(1000 + p->seed + k), n_chosen, frames, &n);
    if (status == NMD_OK) add_given(given, n_frames, frames, &n);
    if (status == NMD_OK) status = report_coverage(t, "(random)", points, n_frames, frames, n, &one);
    mean.radius += one.radius / (double)p->random;
    mean.mean += one.mean / (double)p->random;
  }
  nmd_free(frames);
  if (status != NMD_OK) return status;
  nmd_json_int(&t->json, "frames", n_chosen);
  nmd_json_real(&t->json, "coverage_radius", ours.radius);
  nmd_json_real(&t->json, "coverage_mean", ours.mean);
  if (p->random > 0) nmd_json_real(&t->json, "random_coverage_radius", mean.radius);
  if (p->random > 0) nmd_json_real(&t->json, "random_coverage_mean", mean.mean);
  return NMD_OK;
}

static void plot_choice(tool *t, const nmd_points *points, const int64_t *frames, int64_t n) {
  nmd_buffer *plot = &t->plot;
  nmd_buffer_text(plot, "$all << EOD\n");
  for (int64_t k = 0; k < points->n; k++)
    nmd_buffer_printf(plot, "%.5g %.5g\n", points->x[k * points->size],
                      points->x[k * points->size + (points->size > 1)]);
  nmd_buffer_text(plot, "EOD\n$chosen << EOD\n");
  for (int64_t k = 0; k < n; k++)
    nmd_buffer_printf(plot, "%.5g %.5g\n", points->x[frames[k] * points->size],
                      points->x[frames[k] * points->size + (points->size > 1)]);
  nmd_buffer_printf(
      plot,
      "EOD\nset xlabel 'first component'\nset ylabel 'second component'\n"
      "plot $all with points pt 7 ps 0.3 lc rgb '#bbbbbb' title '%lld frames', $chosen with points pt 6 ps 0.9 "
      "lc rgb '#c00000' title '%lld chosen'\n",
      (long long)points->n, (long long)n);
}

/* frames that the files named with --given hold come behind the candidates */
static nmd_status load(tool *t, const select_parameters *p, nmd_dataset *set, int64_t *candidates, bool **given) {
  NMD_TRY(nmd__dataset_load(t, set));
  *candidates = set->n;
  *given = NULL;
  if (p->given == NULL) return NMD_OK;
  if (p->method != METHOD_FARTHEST && p->method != METHOD_EXTREMES)
    NMD_FAIL(CONFLICT, "--given goes with --method farthest and extremes only");
  int64_t added;
  NMD_TRY(nmd_dataset_read(set, p->given, NULL, &added));
  NMD_TRY(NMD_ALLOC(*given, set->n));
  for (int64_t k = *candidates; k < set->n; k++) (*given)[k] = true;
  nmd_tool_note(t, "%s: %lld frames that are there already", p->given, (long long)added);
  return NMD_OK;
}

static nmd_status select_frames(tool *t, const select_parameters *p, const nmd_dataset *set, const bool *given) {
  nmd_descriptor_set functions = {0};
  nmd_points points = {0};
  int64_t *frames = NULL, n = 0;
  double *radius = NULL;
  nmd_status status;
  NMD_GOTO(find_functions(t, p, set, &functions));
  NMD_GOTO(find_points(t, p, &functions, &points));
  NMD_GOTO(NMD_ALLOC(frames, p->count < set->n ? p->count : set->n));
  NMD_GOTO(NMD_ALLOC(radius, set->n));
  select_parameters bounded = *p;
  if (bounded.count > set->n) bounded.count = set->n;
  NMD_GOTO(choose(&bounded, &functions, &points, given, frames, radius, &n));
  if (n < p->count)
    nmd_tool_note(t, "only %lld frames add to each other; %lld were asked for", (long long)n, (long long)p->count);
  if (p->method == METHOD_EXTREMES && n > 0)
    nmd_tool_note(t,
                  "frames reach %.4g (the first) to %.4g (the last) standard deviations beyond those before them, over "
                  "all functions",
                  radius[0], radius[n - 1]);
  NMD_GOTO(compare(t, p, &points, set->n, given, frames, n));
  if (t->output->plot) plot_choice(t, &points, frames, n);
  NMD_GOTO(nmd__dataset_store(t, set, frames, n));
done:
  nmd_free(frames);
  nmd_free(radius);
  nmd_points_free(&points);
  nmd_descriptor_set_free(&functions);
  return status;
}

static nmd_status run(tool *t) {
  const select_parameters *p = nmd__dataset_own(t, true);
  nmd_dataset set;
  int64_t candidates;
  bool *given = NULL;
  if (nmd_comm_size(t->comm) > 1) NMD_FAIL(USAGE, "this command runs on one rank; start it without mpirun");
  nmd_status status = load(t, p, &set, &candidates, &given);
  if (status == NMD_OK) status = select_frames(t, p, &set, given);
  nmd_free(given);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_select = {
    .name = "select",
    .words = "FILE...",
    .summary = "choose frames that cover the space of symmetry functions",
    .description =
        "A frame is a point: the mean symmetry functions of each of its elements. Farthest points leave no "
        "region out; the grid takes one frame a cell; extremes stretch the range of every function. All are compared "
        "with random choices by the coverage "
        "radius: the largest distance of any frame to the nearest chosen one. Frames come out in the order of "
        "choice, so the first N of them are the choice of N.",
    .writes = true,
    .own = &table,
    .run = run,
};
