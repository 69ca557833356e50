/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/option_command.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/option_internal.h"

enum { OPTIONS_MAX = 64 };

/* What was found on the command line, option by option of the table. */
typedef struct found {
  const char *value[OPTIONS_MAX]; /* NULL: not given */
  const char *word[OPTIONS_MAX];  /* of the command line, for messages */
} found;

static nmd_status unknown_option(const nmd_option_table *table, const char *name) {
  const char *names[OPTIONS_MAX];
  for (int i = 0; i < table->n; i++) names[i] = table->options[i].key;
  const char *near = nmd_nearest(name, names, table->n);
  NMD_FAIL(USAGE, "--%.40s: unknown option%s%s%s; --help lists the options", name,
           near == NULL ? "" : "; did you mean --", near == NULL ? "" : near, near == NULL ? "" : "?");
}

/* One option at argv[*i]; *i moves on when the next word is its value. */
static nmd_status take_option(const nmd_option_table *table, int argc, char **argv, int *i, found *f) {
  const char *name = argv[*i] + 2, *equals = strchr(name, '=');
  const size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
  int k = 0;
  while (k < table->n &&
         !(strlen(table->options[k].key) == length && strncmp(table->options[k].key, name, length) == 0))
    k++;
  if (k == table->n) return unknown_option(table, name);
  if (f->word[k] != NULL)
    NMD_FAIL(USAGE, "--%s: given twice; expected once (lists are written a,b,c)", table->options[k].key);
  f->word[k] = argv[*i];
  if (equals != NULL)
    f->value[k] = equals + 1;
  else if (table->options[k].type == NMD_OPT_BOOL)
    f->value[k] = "true";
  else if (*i + 1 < argc)
    f->value[k] = argv[++*i];
  else
    NMD_FAIL(USAGE, "--%s: a value is missing (%s)", table->options[k].key, table->options[k].doc);
  return NMD_OK;
}

static nmd_status scan(const nmd_option_table *table, int argc, char **argv, found *f, nmd_command *command) {
  bool options = true;
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i];
    if (!options || word[0] != '-' || word[1] == '\0')
      command->words[command->n_words++] = argv[i];
    else if (strcmp(word, "--") == 0)
      options = false;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
      command->request = NMD_COMMAND_HELP;
    else if (strcmp(word, "--man") == 0)
      command->request = NMD_COMMAND_MAN;
    else if (strcmp(word, "--completion") == 0 || strncmp(word, "--completion=", 13) == 0) {
      command->request = NMD_COMMAND_COMPLETION;
      command->shell = word[12] == '=' ? word + 13 : i + 1 < argc ? argv[i + 1] : "";
    } else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
      command->request = NMD_COMMAND_VERSION;
    else if (word[1] != '-')
      NMD_FAIL(USAGE, "%.40s: unknown option; options are written --key; --help lists them", word);
    else
      NMD_TRY(take_option(table, argc, argv, &i, f));
    if (command->request != NMD_COMMAND_RUN) return NMD_OK;
  }
  return NMD_OK;
}

/* Value as YAML: text in quotes, numbers bare; what would be YAML's own marks is text, too, and refused as such. */
static void put_value(const nmd_option *o, const char *value, char *out, size_t size) {
  const bool list = o->type == NMD_OPT_TEXT_LIST || o->type == NMD_OPT_REAL3 || o->type == NMD_OPT_INT3 ||
                    o->type == NMD_OPT_BOOL3 || (o->type == NMD_OPT_RAMP && strchr(value, ',') != NULL);
  const bool text = o->type == NMD_OPT_TEXT || o->type == NMD_OPT_PATH || o->type == NMD_OPT_CHOICE ||
                    o->type == NMD_OPT_TEXT_LIST || value[0] == '\0' || strpbrk(value, ":#{}[]&*!|>%@`'\"\n") != NULL;
  nmd__append(out, size, list ? "[" : "");
  nmd__append(out, size, text ? "'" : "");
  for (const char *c = value; *c != '\0'; c++) {
    if (*c == ',' && list)
      nmd__append(out, size, text ? "', '" : ", ");
    else if (*c == '\'')
      nmd__append(out, size, "''");
    else
      nmd__append(out, size, "%c", *c);
  }
  nmd__append(out, size, text ? "'" : "");
  nmd__append(out, size, list ? "]" : "");
}

/* Messages name the option instead of a line. */
static void name_place(nmd_yaml_node *node, const char *word) {
  node->file = word;
  node->line = node->column = 0;
  for (int i = 0; i < node->n; i++) name_place(node->items[i], word);
}

static nmd_status parse_found(const nmd_option_table *table, const found *f, void *parameters) {
  size_t size = 64;
  for (int k = 0; k < table->n; k++)
    if (f->value[k] != NULL) size += 64 + 6 * strlen(f->value[k]) + strlen(table->options[k].key);
  char *text;
  NMD_TRY(NMD_ALLOC(text, size));
  int given[OPTIONS_MAX], n = 0;
  for (int k = 0; k < table->n; k++) {
    if (f->value[k] == NULL) continue;
    given[n++] = k;
    nmd__append(text, size, "%s: ", table->options[k].key);
    put_value(&table->options[k], f->value[k], text, size);
    nmd__append(text, size, "\n");
  }
  nmd_yaml *document = NULL;
  nmd_status status = nmd_yaml_parse("command line", text, strlen(text), &document);
  if (status == NMD_OK) {
    const nmd_yaml_node *root = nmd_yaml_root(document);
    for (int i = 0; i < root->n && i < n; i++) {
      name_place(root->items[i], f->word[given[i]]);
      name_place(root->keys[i], f->word[given[i]]);
    }
    status = nmd_options_parse(table, root, parameters);
  }
  nmd_yaml_destroy(document);
  nmd_free(text);
  return status;
}

nmd_status nmd_command_parse(const nmd_option_table *table, int argc, char **argv, void *parameters,
                             nmd_command *command) {
  NMD_ASSERT(table->n <= OPTIONS_MAX);
  *command = (nmd_command){0};
  found f = {.value = {0}};
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(command->words, argc + 1));
  NMD_GOTO(scan(table, argc, argv, &f, command));
  if (command->request == NMD_COMMAND_RUN) NMD_GOTO(parse_found(table, &f, parameters));
done:
  if (status != NMD_OK) nmd_command_free(command);
  return status;
}

void nmd_command_free(nmd_command *command) {
  nmd_free(command->words);
  *command = (nmd_command){0};
}

/* "a time (fs, ps, ns), >= 0 fs; default: 0 fs" */
void nmd__command_about(const nmd_option *o, char *text, size_t size) {
  char range[NMD__TEXT_MAX];
  text[0] = '\0';
  if (o->type != NMD_OPT_BOOL) nmd__option_type_text(o, text, size);
  nmd__option_range_text(o, range, sizeof range);
  if (range[0] != '\0') nmd__append(text, size, ", %s", range);
  if (o->fallback == NULL)
    nmd__append(text, size, "; required");
  else if (o->fallback[0] != '\0' && o->type != NMD_OPT_BOOL)
    nmd__append(text, size, "; default: %s", o->fallback);
}

const char *nmd__command_value(const nmd_option *o) {
  switch (o->type) {
    case NMD_OPT_BOOL: return NULL;
    case NMD_OPT_INT: return "N";
    case NMD_OPT_PATH: return "FILE";
    case NMD_OPT_TEXT_LIST:
    case NMD_OPT_REAL3:
    case NMD_OPT_INT3:
    case NMD_OPT_BOOL3: return "A,B,..";
    case NMD_OPT_CHOICE: return "NAME";
    case NMD_OPT_TEXT: return "TEXT";
    default: return o->dimension == NMD_DIM_NONE ? "X" : "QUANTITY";
  }
}

void nmd_command_help(const nmd_option_table *table, const nmd_command_text *text, nmd_text_writer *write,
                      void *context) {
  const nmd__output out = {write, context};
  nmd__print(&out, "Usage: %s [OPTION...] %s\n%s.\n\n%s\n\nOptions:\n", text->program, text->words, text->summary,
             text->description);
  for (int i = 0; i < table->n; i++) {
    const nmd_option *o = &table->options[i];
    char about[NMD__TEXT_MAX];
    nmd__command_about(o, about, sizeof about);
    const char *value = nmd__command_value(o);
    nmd__print(&out, "  --%s%s%s\n        %s%s%s%s\n", o->key, value == NULL ? "" : " ", value == NULL ? "" : value,
               o->doc, about[0] == '\0' ? "" : " (", about, about[0] == '\0' ? "" : ")");
  }
  nmd__print(&out, "  -h, --help; -V, --version; --man (a man page);\n  --completion bash|zsh (a script)\n\n"
                   "Quantities carry their unit (\"1 fs\", \"2.5 ps\"); lists are written a,b,c.\n"
                   "Exit codes: 0 done, 2 input error, 3 the data do not allow the answer, 4 I/O or memory.\n");
}
