/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/active_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/buffer.h"
#include "io/file_atomic.h"

#define COUNT(key, text)                                                                                               \
  { #key, NMD_OPT_INT, offsetof(nmd_active_record, key), .fallback = "-1", .min = -1, .max = 9e15, .doc = text }
#define VALUE(key, text)                                                                                               \
  { #key, NMD_OPT_REAL, offsetof(nmd_active_record, key), .fallback = "-1", .min = -1, .max = 1e300, .doc = text }
static const nmd_option options[] = {
    COUNT(cycle, "number of the cycle; 0: before any dynamics"),
    {"reached", NMD_OPT_CHOICE, offsetof(nmd_active_record, reached), .fallback = "begun",
     .choices = "begun|picked|labelled|trained", .doc = "last step that is complete"},
    COUNT(walks, "dynamics from one start at one temperature"),
    COUNT(early, "walks that ended before their time"),
    COUNT(steps, "of all walks"),
    COUNT(flagged, "frames beyond the committee's threshold or outside the training range"),
    COUNT(usable, "of these below the limits"),
    COUNT(picked, "of these to be labelled"),
    VALUE(sigma_mean, "eV/A"),
    VALUE(sigma_max, "eV/A"),
    COUNT(labelled, "frames"),
    COUNT(failed, "frames without label"),
    VALUE(new_energy, "eV/atom"),
    VALUE(new_force, "eV/A"),
    COUNT(training, "frames labelled by the loop so far"),
    VALUE(test_energy, "eV/atom"),
    VALUE(test_force, "eV/A"),
    VALUE(walk_seconds, "s"),
    VALUE(label_seconds, "s"),
    VALUE(training_seconds, "s"),
};
static const nmd_option_table table = {"cycle", "one cycle", sizeof(nmd_active_record), NMD_COUNT(options), options};

void nmd_active_record_init(nmd_active_record *record, int64_t cycle) {
  *record = (nmd_active_record){.cycle = cycle, .reached = NMD_ACTIVE_BEGUN};
  for (int k = 0; k < table.n; k++) {
    char *field = (char *)record + options[k].offset;
    if (options[k].type == NMD_OPT_INT && k > 0) *(int64_t *)field = -1;
    if (options[k].type == NMD_OPT_REAL) *(double *)field = -1;
  }
}

nmd_status nmd_active_record_read(const nmd_active *a, int64_t cycle, nmd_active_record *record, bool *there) {
  char path[NMD_ACTIVE_PATH], *text;
  size_t length;
  nmd_yaml *tree = NULL;
  nmd_active_record_init(record, cycle);
  nmd_active_path(a, cycle, "cycle.yaml", path);
  *there = nmd_active_exists(path);
  if (!*there) return NMD_OK;
  NMD_TRY(nmd_text_read_file(path, &text, &length));
  nmd_status status = nmd_yaml_parse(path, text, length, &tree);
  if (status == NMD_OK) status = nmd_options_parse(&table, nmd_yaml_root(tree), record);
  nmd_yaml_destroy(tree);
  nmd_free(text);
  return status;
}

static const char *reached_name(int reached) {
  static const char *const names[] = {"begun", "picked", "labelled", "trained"};
  return names[reached];
}

static void put_field(nmd_buffer *out, const nmd_active_record *r, const nmd_option *o) {
  const char *field = (const char *)r + o->offset;
  if (o->type == NMD_OPT_INT) nmd_buffer_printf(out, "%lld", (long long)*(const int64_t *)field);
  if (o->type == NMD_OPT_REAL) nmd_buffer_printf(out, "%.10g", *(const double *)field);
  if (o->type == NMD_OPT_CHOICE) nmd_buffer_text(out, reached_name(*(const int *)field));
}

static nmd_status store(const char *path, nmd_buffer *text) {
  nmd_status status = text->status;
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text->data, text->length, 1);
  nmd_buffer_free(text);
  return status;
}

nmd_status nmd_active_record_write(const nmd_active *a, const nmd_active_record *record) {
  char path[NMD_ACTIVE_PATH];
  nmd_buffer out = {0};
  for (int k = 0; k < table.n; k++) {
    nmd_buffer_printf(&out, "%s: ", options[k].key);
    put_field(&out, record, &options[k]);
    nmd_buffer_text(&out, "\n");
  }
  nmd_active_path(a, record->cycle, "cycle.yaml", path);
  return store(path, &out);
}

/* ---- summary ---- */

static void top_path(const nmd_active *a, const char *name, char path[NMD_ACTIVE_PATH]) {
  snprintf(path, NMD_ACTIVE_PATH, "%.3900s/%s", a->input->output, name);
}

static nmd_status write_yaml(const nmd_active *a, const nmd_active_record *records, int64_t n) {
  char path[NMD_ACTIVE_PATH];
  nmd_buffer out = {0};
  for (int64_t c = 0; c < n; c++) {
    nmd_buffer_text(&out, "- {");
    for (int k = 0; k < table.n; k++) {
      nmd_buffer_printf(&out, "%s%s: ", k > 0 ? ", " : "", options[k].key);
      put_field(&out, &records[c], &options[k]);
    }
    nmd_buffer_text(&out, "}\n");
  }
  top_path(a, "summary.yaml", path);
  return store(path, &out);
}

static void put_number(nmd_buffer *out, double value, double unit) {
  if (value < 0)
    nmd_buffer_text(out, " -");
  else
    nmd_buffer_printf(out, " %.4g", value * unit);
}

static void put_row(nmd_buffer *out, const nmd_active_record *r) {
  const int64_t counts[] = {r->walks, r->early, r->steps, r->flagged, r->usable, r->picked};
  nmd_buffer_printf(out, "%lld", (long long)r->cycle);
  for (int k = 0; k < NMD_COUNT(counts); k++) put_number(out, (double)counts[k], 1);
  put_number(out, r->sigma_mean, 1e3);
  put_number(out, r->sigma_max, 1e3);
  put_number(out, (double)r->labelled, 1);
  put_number(out, r->new_energy, 1e3);
  put_number(out, r->new_force, 1e3);
  put_number(out, (double)r->training, 1);
  put_number(out, r->test_energy, 1e3);
  put_number(out, r->test_force, 1e3);
  put_number(out, r->walk_seconds, 1);
  put_number(out, r->label_seconds, 1);
  put_number(out, r->training_seconds, 1);
  nmd_buffer_text(out, "\n");
}

static nmd_status write_text(const nmd_active *a, const nmd_active_record *records, int64_t n) {
  char path[NMD_ACTIVE_PATH];
  nmd_buffer out = {0};
  nmd_buffer_text(&out,
                  "# new_energy, new_force: errors of the models before the cycle's training for its labels; test_...: "
                  "of those after it\n"
                  "# cycle walks early steps flagged usable picked sigma_mean sigma_max labelled new_energy new_force "
                  "training test_energy test_force walk_time label_time training_time\n"
                  "# - - - - - - - meV/A meV/A - meV/atom meV/A - meV/atom meV/A s s s\n");
  for (int64_t c = 0; c < n; c++) put_row(&out, &records[c]);
  top_path(a, "summary.txt", path);
  return store(path, &out);
}

static nmd_status draw(const nmd_active *a, int64_t last) {
  char path[NMD_ACTIVE_PATH], command[NMD_ACTIVE_PATH + 100];
  nmd_buffer out = {0};
  nmd_buffer_text(&out,
                  "set terminal pngcairo size 1000,900 font ',12'\nset output 'active.png'\nset datafile missing '-'\n"
                  "set multiplot layout 2,1\nset grid\nset xtics 1\nset xlabel 'cycle'\n"
                  "set ylabel 'force (meV/A)'\nset yrange [0:*]\n");
  nmd_buffer_printf(&out, "set xrange [-0.3:%lld.3]\n", (long long)last);
  nmd_buffer_text(
      &out,
      "plot 'summary.txt' using 1:15 with linespoints pt 7 lw 2 lc rgb '#4c2a85' title 'error on the test set', \\\n"
      " '' using 1:12 with linespoints pt 5 lw 2 lc rgb '#c0392b' title 'error on new frames, before training', \\\n"
      " '' using 1:8 with linespoints pt 6 lc rgb '#9aa5b1' title 'disagreement (worst atom, mean of frames)'\n"
      "set ylabel 'frames'\nset y2label 'energy error on the test set (meV/atom)'\nset y2tics\nset ytics nomirror\n"
      "set y2range [0:*]\n"
      "plot 'summary.txt' using 1:5 with linespoints pt 6 lc rgb '#d4a017' title 'flagged', \\\n"
      " '' using 1:7 with linespoints pt 7 lc rgb '#2e9e6b' title 'picked', \\\n"
      " '' using 1:3 with linespoints pt 2 lc rgb '#c0392b' title 'walks that ended early', \\\n"
      " '' using 1:14 axes x1y2 with linespoints pt 9 lw 2 lc rgb '#5b8def' title 'energy error (right)'\n");
  top_path(a, "active.gnuplot", path);
  NMD_TRY(store(path, &out));
  if (!a->input->pictures) return NMD_OK;
  snprintf(command, sizeof command, "cd '%s' && gnuplot active.gnuplot >/dev/null 2>&1", a->input->output);
  if (system(command) != 0)
    nmd_log_info("no picture (is gnuplot installed?): gnuplot active.gnuplot in %s makes it", a->input->output);
  return NMD_OK;
}

static void log_row(const nmd_active_record *r) {
  char test[96] = "";
  if (r->test_force >= 0)
    snprintf(test, sizeof test, "; test set: %.3f meV/atom, %.2f meV/A", 1e3 * r->test_energy, 1e3 * r->test_force);
  if (r->cycle == 0)
    nmd_log_info("cycle 0: first models%s", test);
  else if (r->picked == 0)
    nmd_log_info("cycle %lld: %lld frames flagged, none to label", (long long)r->cycle, (long long)r->flagged);
  else
    nmd_log_info(
        "cycle %lld: %lld walks (%lld ended early), %lld frames flagged, %lld labelled, on which the models before "
        "had errors of %.2f meV/atom and %.1f meV/A%s",
        (long long)r->cycle, (long long)r->walks, (long long)r->early, (long long)r->flagged, (long long)r->labelled,
        1e3 * r->new_energy, 1e3 * r->new_force, test);
}

nmd_status nmd_active_report(const nmd_active *a, int64_t last) {
  nmd_active_record *records;
  bool there;
  NMD_TRY(NMD_ALLOC(records, last + 1));
  nmd_status status = NMD_OK;
  for (int64_t c = 0; c <= last && status == NMD_OK; c++) status = nmd_active_record_read(a, c, &records[c], &there);
  if (status == NMD_OK) status = write_yaml(a, records, last + 1);
  if (status == NMD_OK) status = write_text(a, records, last + 1);
  if (status == NMD_OK && last > 0) status = draw(a, last); /* one point makes no picture */
  if (status == NMD_OK) log_row(&records[last]);
  nmd_free(records);
  return status;
}
