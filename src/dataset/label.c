/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/label.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/timer.h"

enum { PATH_SIZE = 4096, POLL_MILLISECONDS = 20, REPORT_SECONDS = 10 };

typedef struct unit {
  int64_t first, n; /* frames */
  int64_t tries;
  bool done, failed;
} unit;

typedef struct worker {
  pid_t pid; /* 0: idle */
  int64_t unit;
  char folder[PATH_SIZE]; /* of the attempt */
} worker;

typedef struct labelling {
  nmd_dataset *set;
  const nmd_label_options *o;
  bool *done;
  nmd_label_summary *summary;
  unit *units;
  worker *workers;
  int64_t n_units, next, n_running, n_finished;
  int lock;
  double started, reported;
} labelling;

static void unit_path(const labelling *l, int64_t u, const char *end, char path[PATH_SIZE]) {
  snprintf(path, PATH_SIZE, "%.3800s/unit-%06lld%s", l->o->folder, (long long)u, end);
}

static nmd_status make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return NMD_OK;
  NMD_FAIL(WRITE, "%s: the folder cannot be made: %s", path, strerror(errno));
}

/* One run at a time: the lock goes with the process, however it ends; commands do not inherit it. */
static nmd_status take_lock(labelling *l) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%.3900s/lock", l->o->folder);
  NMD_TRY(make_folder(l->o->folder));
  l->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (l->lock < 0) NMD_FAIL(WRITE, "%s: cannot be opened: %s", path, strerror(errno));
  if (flock(l->lock, LOCK_EX | LOCK_NB) == 0) return NMD_OK;
  NMD_FAIL(CONFLICT, "%s: another run works in this folder; wait for it or choose another --folder", l->o->folder);
}

/* The frames of a file become the labels of the frames of a unit. */
static nmd_status read_labels(labelling *l, const unit *u, const char *path) {
  nmd_dataset results = {0};
  nmd_status status = nmd_dataset_read(&results, path, NULL, NULL);
  /* of a run with many ionic steps the last counts when one frame was asked for */
  const int64_t first = u->n == 1 ? results.n - 1 : 0;
  if (status == NMD_OK && u->n > 1 && results.n != u->n)
    status = nmd_fail(NMD_CONFLICT, "%s: %lld frames; expected the %lld of structure.extxyz, in order", path,
                      (long long)results.n, (long long)u->n);
  for (int64_t k = 0; k < u->n && status == NMD_OK; k++) {
    status = nmd_labels_take(&l->set->frames[u->first + k], &results.frames[first + k]);
    if (status != NMD_OK) status = nmd_fail_prefix(status, "%s", results.place[first + k]);
  }
  nmd_dataset_free(&results);
  return status;
}

static nmd_status write_done(const labelling *l, const unit *u, const char *path) {
  const nmd_dataset_write_options exact = {.format = "extxyz"};
  int64_t *index;
  NMD_TRY(NMD_ALLOC(index, u->n));
  for (int64_t k = 0; k < u->n; k++) index[k] = u->first + k;
  const nmd_status status = nmd_dataset_write(l->set, index, u->n, path, &exact);
  nmd_free(index);
  return status;
}

static void mark_done(labelling *l, unit *u, int64_t *count) {
  u->done = true;
  l->n_finished++;
  *count += u->n;
  for (int64_t k = 0; k < u->n; k++) l->done[u->first + k] = true;
}

/* Units that an earlier run finished. */
static nmd_status reuse(labelling *l) {
  for (int64_t k = 0; k < l->n_units; k++) {
    char path[PATH_SIZE];
    unit_path(l, k, ".extxyz", path);
    if (access(path, F_OK) != 0) continue;
    const nmd_status status = read_labels(l, &l->units[k], path);
    if (status == NMD_CONFLICT)
      return nmd_fail_prefix(status,
                             "the folder %s belongs to other structures or another --batch; choose another "
                             "--folder",
                             l->o->folder);
    NMD_TRY(status);
    mark_done(l, &l->units[k], &l->summary->reused);
  }
  return NMD_OK;
}

/* A folder that no attempt had before. */
static nmd_status make_attempt(labelling *l, int64_t k, char folder[PATH_SIZE]) {
  char parent[PATH_SIZE];
  unit_path(l, k, "", parent);
  NMD_TRY(make_folder(parent));
  for (int attempt = 1; attempt < 100000; attempt++) {
    snprintf(folder, PATH_SIZE, "%.4000s/try-%d", parent, attempt);
    if (mkdir(folder, 0777) == 0) return NMD_OK;
    if (errno != EEXIST) break;
  }
  NMD_FAIL(WRITE, "%s: the folder cannot be made: %s", folder, strerror(errno));
}

/* Without the labels they may have: a command that does nothing must not look like one that did. */
static nmd_status write_inputs(const labelling *l, const unit *u, const char *folder) {
  const nmd_dataset_write_options extxyz = {.format = "extxyz"}, poscar = {.format = "poscar"};
  nmd_dataset bare = {.n = u->n, .place = l->set->place + u->first};
  char path[PATH_SIZE + 32];
  NMD_TRY(NMD_ALLOC(bare.frames, u->n));
  for (int64_t k = 0; k < u->n; k++) {
    bare.frames[k] = l->set->frames[u->first + k]; /* its arrays stay with the set */
    bare.frames[k].has_energy = bare.frames[k].has_stress = false;
    bare.frames[k].f = NULL;
  }
  snprintf(path, sizeof path, "%s/structure.extxyz", folder);
  nmd_status status = nmd_dataset_write(&bare, NULL, u->n, path, &extxyz);
  const bool *periodic = bare.frames[0].box.periodic;
  snprintf(path, sizeof path, "%s/POSCAR", folder);
  if (status == NMD_OK && u->n == 1 && periodic[0] && periodic[1] && periodic[2])
    status = nmd_dataset_write(&bare, NULL, 1, path, &poscar);
  nmd_free(bare.frames);
  return status;
}

/* A shell in the folder, in a process group of its own, output to command.log. */
static nmd_status spawn(const labelling *l, const char *folder, pid_t *pid) {
  char *script;
  posix_spawnattr_t attributes;
  NMD_TRY(NMD_ALLOC(script, strlen(l->o->command) + 64));
  sprintf(script, "cd \"$0\" && exec >command.log 2>&1 </dev/null\n%s\n", l->o->command);
  char *const arguments[] = {"sh", "-c", script, (char *)folder, NULL};
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int error = posix_spawn(pid, "/bin/sh", NULL, &attributes, arguments, l->o->environment);
  posix_spawnattr_destroy(&attributes);
  nmd_free(script);
  if (error == 0) return NMD_OK;
  NMD_FAIL(WRITE, "%s: no process can be started: %s", folder, strerror(error));
}

static nmd_status start_unit(labelling *l, int64_t k, worker *w) {
  NMD_TRY(make_attempt(l, k, w->folder));
  NMD_TRY(write_inputs(l, &l->units[k], w->folder));
  NMD_TRY(spawn(l, w->folder, &w->pid));
  w->unit = k;
  l->units[k].tries++;
  l->n_running++;
  return NMD_OK;
}

/* The next unit that is neither done nor given up nor running. */
static int64_t next_unit(labelling *l) {
  while (l->next < l->n_units && (l->units[l->next].done || l->units[l->next].failed)) l->next++;
  return l->next < l->n_units ? l->next++ : -1;
}

static void keep_reason(labelling *l, int64_t k, const worker *w, const char *reason) {
  l->summary->unit = k;
  snprintf(l->summary->reason, sizeof l->summary->reason, "%.180s: %.200s", w->folder, reason);
  nmd_log_warning("%s", l->summary->reason);
}

/* Try again at once in a new folder, or give the unit up. */
static nmd_status unit_failed(labelling *l, worker *w, const char *reason) {
  unit *u = &l->units[w->unit];
  keep_reason(l, w->unit, w, reason);
  if (u->tries < l->o->tries) return start_unit(l, w->unit, w);
  u->failed = true;
  l->n_finished++;
  l->summary->failed += u->n;
  return NMD_OK;
}

static nmd_status unit_ended(labelling *l, worker *w, int code) {
  char path[PATH_SIZE + 300], text[200];
  w->pid = 0;
  l->n_running--;
  if (!WIFEXITED(code) || WEXITSTATUS(code) != 0) {
    snprintf(text, sizeof text,
             WIFEXITED(code) ? "the command ended with code %d (see command.log)"
                             : "the command was ended by signal %d",
             WIFEXITED(code) ? WEXITSTATUS(code) : WTERMSIG(code));
    return unit_failed(l, w, text);
  }
  snprintf(path, sizeof path, "%s/%.250s", w->folder, l->o->result);
  const nmd_status status = read_labels(l, &l->units[w->unit], path);
  if (status == NMD_MEMORY) return status;
  if (status != NMD_OK) return unit_failed(l, w, nmd_error_text());
  unit_path(l, w->unit, ".extxyz", path);
  NMD_TRY(write_done(l, &l->units[w->unit], path));
  mark_done(l, &l->units[w->unit], &l->summary->labelled);
  return NMD_OK;
}

static void report(labelling *l) {
  const double now = nmd_wall_seconds();
  if (now - l->reported < REPORT_SECONDS) return;
  l->reported = now;
  const double rate = (double)l->summary->labelled / (now - l->started);
  const int64_t left = l->set->n - l->summary->reused - l->summary->labelled - l->summary->failed;
  nmd_log_info("label: %lld of %lld frames (%lld from before, %lld failed), %lld commands at work, %.0f s to go",
               (long long)(l->set->n - left), (long long)l->set->n, (long long)l->summary->reused,
               (long long)l->summary->failed, (long long)l->n_running, rate > 0.0 ? (double)left / rate : 0.0);
}

static void end_all(labelling *l) {
  for (int64_t k = 0; k < l->o->workers; k++)
    if (l->workers[k].pid > 0) kill(-l->workers[k].pid, SIGTERM);
  for (int64_t k = 0; k < l->o->workers; k++)
    if (l->workers[k].pid > 0) waitpid(l->workers[k].pid, NULL, 0);
}

static nmd_status tend(labelling *l, worker *w) {
  int code;
  if (w->pid > 0) {
    if (waitpid(w->pid, &code, WNOHANG) != w->pid) return NMD_OK;
    NMD_TRY(unit_ended(l, w, code));
  }
  if (w->pid > 0) return NMD_OK; /* a second try */
  const int64_t k = next_unit(l);
  return k >= 0 ? start_unit(l, k, w) : NMD_OK;
}

static nmd_status run_all(labelling *l) {
  const struct timespec pause = {0, POLL_MILLISECONDS * 1000000L};
  l->started = l->reported = nmd_wall_seconds();
  while (l->n_finished < l->n_units) {
    for (int64_t k = 0; k < l->o->workers; k++) NMD_TRY(tend(l, &l->workers[k]));
    if (l->o->stop != NULL && *l->o->stop)
      NMD_FAIL(INTERRUPTED, "stopped with %lld of %lld frames labelled; the same command goes on from there",
               (long long)(l->summary->labelled + l->summary->reused), (long long)l->set->n);
    report(l);
    if (l->n_finished < l->n_units) nanosleep(&pause, NULL);
  }
  return NMD_OK;
}

static nmd_status make_units(labelling *l) {
  l->n_units = (l->set->n + l->o->batch - 1) / l->o->batch;
  NMD_TRY(NMD_ALLOC(l->units, l->n_units));
  NMD_TRY(NMD_ALLOC(l->workers, l->o->workers));
  for (int64_t k = 0; k < l->n_units; k++) {
    const int64_t first = k * l->o->batch, rest = l->set->n - first;
    l->units[k] = (unit){.first = first, .n = rest < l->o->batch ? rest : l->o->batch};
  }
  return NMD_OK;
}

nmd_status nmd_dataset_label(nmd_dataset *set, const nmd_label_options *o, bool *done, nmd_label_summary *summary) {
  labelling l = {.set = set, .o = o, .done = done, .summary = summary, .lock = -1};
  *summary = (nmd_label_summary){.unit = -1};
  memset(done, 0, (size_t)set->n * sizeof *done);
  nmd_status status;
  NMD_GOTO(make_units(&l));
  NMD_GOTO(take_lock(&l));
  NMD_GOTO(reuse(&l));
  NMD_GOTO(run_all(&l));
done:
  if (l.workers != NULL) end_all(&l);
  if (l.lock >= 0) close(l.lock);
  nmd_free(l.units);
  nmd_free(l.workers);
  return status;
}
