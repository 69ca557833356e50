/* SPDX-License-Identifier: BSD-3-Clause */
/* Documentation from the option tables: --explain and the reference pages. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/option_internal.h"

enum { PATH_MAX_LENGTH = 256, DEPTH_MAX = 16, MATCHES_MAX = 64, NAMES_MAX = 1024, LINE_MAX_LENGTH = 4096 };

void nmd__print(const nmd__output *out, const char *format, ...) {
  char text[LINE_MAX_LENGTH];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  out->write(out->context, text);
}

/* The way down to the current table; `open` guards against tables that contain themselves. */
typedef struct walk {
  nmd__visitor *visit;
  void *context;
  const nmd_option_table *open[DEPTH_MAX];
  int depth;
} walk;

static void visit_table(walk *w, const nmd_option_table *table, const char *path) {
  for (int i = 0; i < w->depth; i++)
    if (w->open[i] == table) return;
  NMD_ASSERT(w->depth < DEPTH_MAX);
  w->open[w->depth++] = table;
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    char here[PATH_MAX_LENGTH], below[PATH_MAX_LENGTH];
    snprintf(here, sizeof here, "%s%s%s", path, path[0] == '\0' ? "" : ".", o->key);
    w->visit(w->context, here, o, NULL);
    if (o->section != NULL) visit_table(w, o->section, here);
    for (int v = 0; o->variants != NULL && o->variants[v] != NULL; v++) {
      below[0] = '\0';
      nmd__append(below, sizeof below, "%s.%s", here, o->variants[v]->name);
      w->visit(w->context, below, NULL, o->variants[v]);
      visit_table(w, o->variants[v], below);
    }
  }
  w->depth--;
}

void nmd__options_visit(const nmd_option_table *root, nmd__visitor *visit, void *context) {
  walk w = {.visit = visit, .context = context};
  visit_table(&w, root, "");
}

static const char *default_text(const nmd_option *o) {
  if (o->fallback == NULL) return "required";
  if (o->fallback[0] != '\0') return o->fallback;
  return o->section != NULL && !o->is_list ? "its defaults" : "none";
}

static void print_keys(const nmd__output *out, const nmd_option_table *table) {
  nmd__print(out, "  keys:\n");
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    nmd__print(out, "    %-20s %s (%s%s)\n", o->key, o->doc, o->fallback == NULL ? "" : "default: ", default_text(o));
  }
}

static const char in_file_doc[] = "a YAML file with this section, e.g. another input; its paths are relative to it";

static void print_option(const nmd__output *out, const nmd_option *o) {
  char text[NMD__TEXT_MAX];
  nmd__print(out, "  %s\n", o->doc);
  nmd__option_type_text(o, text, sizeof text);
  nmd__print(out, "  value:   %s\n", text);
  nmd__print(out, "  default: %s\n", default_text(o));
  nmd__option_range_text(o, text, sizeof text);
  if (text[0] != '\0') nmd__print(out, "  range:   %s\n", text);
  for (int v = 0; o->variants != NULL && o->variants[v] != NULL; v++)
    nmd__print(out, "    %-20s %s\n", o->variants[v]->name, o->variants[v]->doc);
  if (o->in_file) nmd__print(out, "    %-20s %s\n", "file", in_file_doc);
  if (o->section != NULL) print_keys(out, o->section);
}

/* What --explain found: keys that several tables share (the time step of every ensemble) are described once. */
typedef struct search {
  const char *key;
  bool whole; /* the key is a full path; otherwise the end of one will do */
  int n;
  struct {
    char path[PATH_MAX_LENGTH];
    const nmd_option *option;
    const nmd_option_table *table;
    bool printed;
  } found[MATCHES_MAX];
} search;

static bool is_end_of(const char *path, const char *key) {
  const size_t n = strlen(path), m = strlen(key);
  return n > m && path[n - m - 1] == '.' && strcmp(path + n - m, key) == 0;
}

static void visit_search(void *context, const char *path, const nmd_option *option, const nmd_option_table *table) {
  search *s = context;
  const bool matches = strcmp(path, s->key) == 0 || (!s->whole && is_end_of(path, s->key));
  if (!matches || s->n == MATCHES_MAX) return;
  snprintf(s->found[s->n].path, PATH_MAX_LENGTH, "%s", path);
  s->found[s->n].option = option;
  s->found[s->n].table = table;
  s->n++;
}

static bool is_same(const search *s, int i, int k) {
  const nmd_option *a = s->found[i].option, *b = s->found[k].option;
  if (a == NULL || b == NULL) return s->found[i].table == s->found[k].table && a == b;
  return strcmp(a->doc, b->doc) == 0 && a->type == b->type && strcmp(default_text(a), default_text(b)) == 0;
}

static void print_found(search *s, const nmd__output *out) {
  for (int i = 0; i < s->n; i++) {
    if (s->found[i].printed) continue;
    for (int k = i; k < s->n; k++) {
      if (s->found[k].printed || !is_same(s, i, k)) continue;
      nmd__print(out, "%s\n", s->found[k].path);
      s->found[k].printed = true;
    }
    if (s->found[i].option != NULL) {
      print_option(out, s->found[i].option);
    } else {
      nmd__print(out, "  %s\n", s->found[i].table->doc);
      print_keys(out, s->found[i].table);
    }
  }
}

typedef struct names {
  int n;
  const char *names[NAMES_MAX];
} names;

static void visit_names(void *context, const char *path, const nmd_option *option, const nmd_option_table *table) {
  (void)path;
  names *all = context;
  if (all->n < NAMES_MAX) all->names[all->n++] = option != NULL ? option->key : table->name;
}

static nmd_status unknown(const nmd_option_table *root, const char *key) {
  names all = {0};
  const char *dot = strrchr(key, '.'), *last = dot == NULL ? key : dot + 1;
  nmd__options_visit(root, visit_names, &all);
  const char *near = nmd_nearest(last, all.names, all.n);
  NMD_FAIL(UNKNOWN_KEY, "unknown key \"%.80s\"%s%s%s; expected a key or a path like stages.nvt.temperature", key,
           near == NULL ? "" : "; did you mean \"", near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

nmd_status nmd_options_explain(const nmd_option_table *root, const char *key, nmd_text_writer *write, void *context) {
  const nmd__output out = {write, context};
  if (key == NULL || key[0] == '\0') {
    nmd__print(&out, "%s\n  %s\n", root->name, root->doc);
    print_keys(&out, root);
    return NMD_OK;
  }
  static _Thread_local search s;
  s.n = 0;
  s.key = key;
  for (int pass = 0; pass < 2 && s.n == 0; pass++) {
    memset(s.found, 0, sizeof s.found);
    s.whole = pass == 0;
    nmd__options_visit(root, visit_search, &s);
  }
  if (s.n == 0) return unknown(root, key);
  print_found(&s, &out);
  return NMD_OK;
}

static const char how_to_read[] =
    "A heading is the way to a section: `stages.nvt` is an entry `nvt: {...}` of the list `stages`. A value with a\n"
    "unit is written `10 ps`; without one it counts in the first unit named. `start -> end` (or `[start, end]`)\n"
    "changes evenly over the stage. Where a list of three is possible, one value stands for all three. A section\n"
    "whose keys all have defaults may be written by its name alone: `- thermo`. Upper and lower case matter.\n\n";

/* A table of GitHub's Markdown ends a cell at every bar. */
static void print_cell(const nmd__output *out, const char *text) {
  char cell[LINE_MAX_LENGTH];
  size_t n = 0;
  for (const char *c = text; *c != '\0' && n + 2 < sizeof cell; c++) {
    if (*c == '|') cell[n++] = '\\';
    cell[n++] = *c;
  }
  cell[n] = '\0';
  nmd__print(out, " %s |", cell);
}

static void print_rows(const nmd__output *out, const nmd_option_table *table) {
  char text[NMD__TEXT_MAX];
  nmd__print(out, "| key | value | default | range | meaning |\n|---|---|---|---|---|\n");
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    const bool has_default = o->fallback != NULL && o->fallback[0] != '\0';
    nmd__print(out, "| `%s` |", o->key);
    nmd__option_type_text(o, text, sizeof text);
    print_cell(out, text);
    nmd__print(out, has_default ? " `%s` |" : " %s |", default_text(o));
    nmd__option_range_text(o, text, sizeof text);
    print_cell(out, text);
    print_cell(out, o->doc);
    nmd__print(out, "\n");
  }
  nmd__print(out, "\n");
}

static void print_sentence(const nmd__output *out, const char *doc) {
  nmd__print(out, "%c%s.\n\n", toupper((unsigned char)doc[0]), doc + 1);
}

static void visit_markdown(void *context, const char *path, const nmd_option *option, const nmd_option_table *table) {
  const nmd_option_table *t = option != NULL ? option->section : table;
  if (t == NULL) return;
  const nmd__output *out = context;
  nmd__print(out, "## %s\n\n", path);
  print_sentence(out, t->doc);
  print_rows(out, t);
}

void nmd_options_markdown(const nmd_option_table *root, nmd_text_writer *write, void *context) {
  nmd__output out = {write, context};
  nmd__print(&out, "# Reference of the %s\n\n", root->name);
  print_sentence(&out, root->doc);
  nmd__print(&out, "%s", how_to_read);
  print_rows(&out, root);
  nmd__options_visit(root, visit_markdown, &out);
}
