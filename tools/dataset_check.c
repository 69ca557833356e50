/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset check: what is wrong, or looks wrong. */
#include "dataset/check.h"

#include <math.h>

#include "dataset_tool.h"

typedef struct check_parameters {
  double isolated, shortest, max_force_ok, net_force, outlier, tolerance;
  char *key;
  int64_t list;
  bool strict;
} check_parameters;

static const nmd_option options[] = {
    {"isolated", NMD_OPT_REAL, offsetof(check_parameters, isolated), NMD_DIM_LENGTH, "5 A", 0, 20, .min_open = 1,
     .doc = "an atom without a neighbour within this is reported"},
    {"shortest", NMD_OPT_REAL, offsetof(check_parameters, shortest), .fallback = "0.6", .min = 0, .max = 2,
     .doc = "least distance in units of the sum of the covalent radii"},
    {"large-force", NMD_OPT_REAL, offsetof(check_parameters, max_force_ok), NMD_DIM_FORCE, "25 eV/A", 0, -1,
     .min_open = 1, .doc = "larger forces are reported"},
    {"net-force", NMD_OPT_REAL, offsetof(check_parameters, net_force), NMD_DIM_FORCE, "0.005 eV/A", 0, -1,
     .min_open = 1, .doc = "largest net force an atom"},
    {"outlier", NMD_OPT_REAL, offsetof(check_parameters, outlier), .fallback = "20", .min = 1, .max = -1,
     .doc = "energies this many median deviations from those of their composition are reported"},
    {"tolerance", NMD_OPT_REAL, offsetof(check_parameters, tolerance), .fallback = "1e-6", .min = 0, .max = 1,
     .doc = "relative difference of fingerprints below which structures are the same"},
    {"key", NMD_OPT_TEXT, offsetof(check_parameters, key), .fallback = "group",
     .doc = "key of runs: along each, energies are compared with the work of forces and stresses"},
    {"list", NMD_OPT_INT, offsetof(check_parameters, list), .fallback = "10", .min = 0, .max = -1,
     .doc = "findings listed of each kind; the JSON has all"},
    {"strict", NMD_OPT_BOOL, offsetof(check_parameters, strict), .fallback = "false",
     .doc = "end with exit code 2 when there are findings"},
};
static const nmd_option_table table = {"check", "checks", sizeof(check_parameters), NMD_COUNT(options), options};

static void write_summary(tool *t, const nmd_check_report *r) {
  nmd_tool_columns(t, "findings kind", "- -");
  for (int k = 0; k < NMD_FINDINGS; k++)
    nmd_buffer_printf(&t->text, "%8lld  %s\n", (long long)r->count[k], nmd_finding_name((nmd_finding_kind)k));
  nmd_buffer_printf(&t->text, "#\n# nearest neighbours: %.3f of the covalent radii (median)\n", r->nearest_ratio);
  const nmd_work_fit *w = &r->work;
  nmd_buffer_printf(&t->text,
                    "# energy changes along runs against the work of labels, %lld pairs of frames (1: units and "
                    "signs fit)\n",
                    (long long)w->pairs);
  if (!isnan(w->force)) nmd_buffer_printf(&t->text, "#   forces %.4f +- %.4f\n", w->force, w->force_error);
  if (!isnan(w->stress)) nmd_buffer_printf(&t->text, "#   stress %.4f +- %.4f\n", w->stress, w->stress_error);
}

static void write_findings(tool *t, const nmd_dataset *set, const nmd_check_report *r, int64_t most) {
  nmd_json_open(&t->json, "findings", '[');
  for (int kind = 0; kind < NMD_FINDINGS; kind++) {
    int64_t listed = 0;
    if (r->count[kind] > 0) nmd_buffer_printf(&t->text, "\n# %s\n", nmd_finding_name((nmd_finding_kind)kind));
    for (int64_t k = 0; k < r->n; k++) {
      const nmd_finding *f = &r->findings[k];
      const char *place = f->frame >= 0 ? set->place[f->frame] : "all frames";
      if ((int)f->kind != kind) continue;
      nmd_json_open(&t->json, NULL, '{');
      nmd_json_text(&t->json, "kind", nmd_finding_name(f->kind));
      nmd_json_int(&t->json, "frame", f->frame);
      nmd_json_text(&t->json, "place", place);
      nmd_json_text(&t->json, "text", f->text);
      nmd_json_close(&t->json);
      if (listed++ < most) nmd_buffer_printf(&t->text, "%s: %s\n", place, f->text);
    }
    if (listed > most)
      nmd_buffer_printf(&t->text, "# ... and %lld more (--list, --json)\n", (long long)(listed - most));
  }
  nmd_json_close(&t->json);
}

static nmd_status check_set(tool *t, const check_parameters *p, const nmd_dataset *set) {
  const nmd_check_options o = {p->isolated, p->shortest,  p->max_force_ok, p->net_force,
                               p->outlier,  p->tolerance, p->key};
  nmd_comm *alone;
  nmd_check_report report;
  NMD_TRY(nmd_comm_split(t->comm, nmd_comm_rank(t->comm), &alone));
  nmd_status status = nmd_dataset_check(alone, set, &o, &report);
  nmd_comm_free(alone);
  NMD_TRY(status);
  write_summary(t, &report);
  nmd_json_int(&t->json, "frames", set->n);
  nmd_json_real(&t->json, "work_of_forces", report.work.force);
  nmd_json_real(&t->json, "work_of_stress", report.work.stress);
  write_findings(t, set, &report, p->list);
  if (p->strict && report.n > 0)
    status = nmd_fail(NMD_CONFLICT, "%lld findings; expected none (--strict)", (long long)report.n);
  nmd_check_report_free(&report);
  return status;
}

static nmd_status run(tool *t) {
  nmd_dataset set;
  if (nmd_comm_size(t->comm) > 1) NMD_FAIL(USAGE, "this command runs on one rank; start it without mpirun");
  NMD_TRY(nmd__dataset_load(t, &set));
  const nmd_status status = check_set(t, nmd__dataset_own(t, false), &set);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_check = {
    .name = "check",
    .words = "FILE...",
    .summary = "look for what is wrong: duplicates, distances, forces, energies, units, signs",
    .description =
        "Everything is said with the place of the frame. Units and signs are judged by comparing the changes of "
        "energy along runs (frames with the same --key, near each other) with the work that their forces and "
        "stresses do: the ratio is 1 when all labels belong together.",
    .own = &table,
    .run = run,
};
