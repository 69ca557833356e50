/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-dataset label: a command of the user's gives structures their energies, forces and stresses. */
#include "dataset/label.h"

#include <string.h>

#include "base/memory.h"
#include "dataset_tool.h"

typedef struct label_parameters {
  char *command, *folder, *result;
  int64_t workers, batch, tries;
} label_parameters;

static const nmd_option options[] = {
    {"command", NMD_OPT_TEXT, offsetof(label_parameters, command),
     .doc = "for the shell: finds structure.extxyz (and POSCAR) where it starts, leaves --result there"},
    {"folder", NMD_OPT_PATH, offsetof(label_parameters, folder), .fallback = "labels",
     .doc = "folder for the calculations; what is done there is not done again"},
    {"result", NMD_OPT_TEXT, offsetof(label_parameters, result), .fallback = "result.extxyz",
     .doc = "file the command leaves, of any format with energy and forces, e.g. OUTCAR or vasprun.xml"},
    {"workers", NMD_OPT_INT, offsetof(label_parameters, workers), .fallback = "1", .min = 1, .max = 4096,
     .doc = "commands at a time"},
    {"batch", NMD_OPT_INT, offsetof(label_parameters, batch), .fallback = "1", .min = 1, .max = 100000,
     .doc = "frames in each structure.extxyz, for commands that take long to start"},
    {"tries", NMD_OPT_INT, offsetof(label_parameters, tries), .fallback = "1", .min = 1, .max = 100,
     .doc = "attempts at a structure before it is given up for this run"},
};
static const nmd_option_table table = {"label", "labelling", sizeof(label_parameters), NMD_COUNT(options), options};

static volatile sig_atomic_t stop_wanted;
static void want_stop(int number) {
  (void)number;
  stop_wanted = 1;
}

static nmd_status store_done(tool *t, const nmd_dataset *set, const bool *done) {
  int64_t *index, n = 0;
  NMD_TRY(NMD_ALLOC(index, set->n));
  for (int64_t k = 0; k < set->n; k++)
    if (done[k]) index[n++] = k;
  const nmd_status status = nmd__dataset_store(t, set, index, n);
  nmd_free(index);
  return status;
}

static nmd_status label_set(tool *t, const label_parameters *p, nmd_dataset *set) {
  const nmd_label_options o = {.command = p->command,
                               .folder = p->folder,
                               .result = p->result,
                               .workers = p->workers,
                               .batch = p->batch,
                               .tries = p->tries,
                               .environment = nmd__dataset_environment,
                               .stop = &stop_wanted};
  nmd_label_summary summary;
  bool *done;
  NMD_TRY(NMD_ALLOC(done, set->n));
  nmd_status status = nmd_dataset_label(set, &o, done, &summary);
  if (status == NMD_OK) status = store_done(t, set, done);
  nmd_free(done);
  NMD_TRY(status);
  nmd_tool_note(t, "%lld frames labelled, %lld from before, %lld failed", (long long)summary.labelled,
                (long long)summary.reused, (long long)summary.failed);
  nmd_json_int(&t->json, "labelled", summary.labelled);
  nmd_json_int(&t->json, "reused", summary.reused);
  nmd_json_int(&t->json, "failed", summary.failed);
  if (summary.failed > 0)
    NMD_FAIL(CONFLICT, "%lld frames have no label, the others are in %s; the last failure: %s",
             (long long)summary.failed, nmd__dataset_target(t)->to, summary.reason);
  return NMD_OK;
}

static nmd_status run(tool *t) {
  nmd_dataset set;
  if (nmd_comm_size(t->comm) > 1)
    NMD_FAIL(USAGE, "this command runs on one rank and starts --workers commands; start it without mpirun");
  signal(SIGTERM, want_stop);
  signal(SIGINT, want_stop);
  NMD_TRY(nmd__dataset_load(t, &set));
  const nmd_status status = label_set(t, nmd__dataset_own(t, true), &set);
  nmd_dataset_free(&set);
  return status;
}

const dataset_command nmd__dataset_label = {
    .name = "label",
    .words = "FILE...",
    .summary = "run a command over structures, in parallel, for energies, forces and stresses",
    .description = "Every structure is calculated in a folder of its own. The run may be ended or killed at any time: "
                   "started again it goes on, finished structures are not lost and half ones not kept. nnpmd-ase-label "
                   "makes a command of any calculator of ASE. Exit code 75: stopped early by SIGTERM or SIGINT.",
    .writes = true,
    .own = &table,
    .run = run,
};
