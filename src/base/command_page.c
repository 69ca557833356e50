/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/command_page.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/option_internal.h"
#include "base/version.h"

/* ---- from a table ---- */

void nmd_page_fill(const nmd_option_table *table, nmd_page *page) {
  static const nmd_page_option common[] = {
      {.name = "help", .letter = 'h', .doc = "a summary of the options"},
      {.name = "version", .letter = 'V', .doc = "version and revision"},
      {.name = "man", .doc = "this text as a man page"},
      {.name = "completion", .value = "SHELL", .choices = "bash|zsh", .doc = "a script that completes these options"},
  };
  page->n = 0;
  for (int k = 0; k < table->n + NMD_COUNT(common); k++) {
    NMD_ASSERT(page->n < NMD_PAGE_OPTIONS_MAX);
    nmd_page_option *to = &page->options[page->n++];
    if (k >= table->n) {
      *to = common[k - table->n];
      continue;
    }
    const nmd_option *o = &table->options[k];
    *to = (nmd_page_option){.name = o->key, .value = nmd__command_value(o), .choices = o->choices, .doc = o->doc};
    nmd__command_about(o, to->about, sizeof to->about);
  }
}

/* ---- man ---- */

/* Text in roff: hyphens that are to be copied are escaped, lines must not begin with a dot or a quote. */
static void put_roff(const nmd__output *out, const char *text) {
  for (const char *c = text; *c != '\0'; c++) {
    if ((*c == '.' || *c == '\'') && (c == text || c[-1] == '\n')) nmd__print(out, "\\&");
    if (*c == '\\')
      nmd__print(out, "\\e");
    else if (*c == '-')
      nmd__print(out, "\\-");
    else if (*c == '\n' && c[1] == '\n')
      nmd__print(out, "\n.PP");
    else
      nmd__print(out, "%c", *c);
  }
}

static void put_heading(const nmd__output *out, const nmd_command_text *text) {
  nmd__print(out, ".TH ");
  for (const char *c = text->program; *c != '\0'; c++)
    nmd__print(out, "%c", *c == ' ' ? '-' : toupper((unsigned char)*c));
  nmd__print(out, " 1 \"" NMD_DATE "\" \"nnpmd %s\" \"User Commands\"\n.SH NAME\n", text->version);
  for (const char *c = text->program; *c != '\0'; c++) nmd__print(out, "%c", *c == ' ' ? '-' : *c);
  nmd__print(out, " \\- %s\n.SH SYNOPSIS\n.B %s\n", text->summary, text->program);
  nmd__print(out, "[OPTION...] %s\n.SH DESCRIPTION\n", text->words);
}

void nmd_page_man(const nmd_page *page, nmd_text_writer *write, void *context) {
  const nmd__output out = {write, context};
  put_heading(&out, &page->text);
  put_roff(&out, page->text.description);
  nmd__print(&out, "\n.SH OPTIONS\n");
  for (int i = 0; i < page->n; i++) {
    const nmd_page_option *o = &page->options[i];
    nmd__print(&out, ".TP\n");
    if (o->letter != 0) nmd__print(&out, "\\fB\\-%c\\fR, ", o->letter);
    nmd__print(&out, "\\fB\\-\\-");
    put_roff(&out, o->name);
    nmd__print(&out, "\\fR%s%s\n", o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
    put_roff(&out, o->doc);
    if (o->about[0] != '\0') nmd__print(&out, "\n(");
    put_roff(&out, o->about);
    nmd__print(&out, o->about[0] == '\0' ? "\n" : ")\n");
  }
  nmd__print(&out, ".SH EXIT STATUS\n");
  put_roff(&out, page->exit_status);
  nmd__print(&out, "\n");
}

/* ---- completions ---- */

static bool names_file(const nmd_page_option *o) {
  return o->value != NULL && (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "FOLDER") == 0);
}

/* Characters that are no part of a name become '_'. */
static void put_name(const nmd__output *out, const char *program) {
  for (const char *c = program; *c != '\0'; c++) nmd__print(out, "%c", isalnum((unsigned char)*c) ? *c : '_');
}

static void put_choices(const nmd__output *out, const char *choices) {
  char name[NMD__TEXT_MAX];
  for (int k = 0; nmd__choice_name(choices, k, name, sizeof name); k++)
    nmd__print(out, "%s%s", k == 0 ? "" : " ", name);
}

static void put_pattern(const nmd__output *out, const nmd_page_option *o) {
  nmd__print(out, "      --%s", o->name);
  if (o->letter != 0) nmd__print(out, "|-%c", o->letter);
  nmd__print(out, ") ");
}

/* What follows an option in bash; sets `words` to the options. */
static void put_bash_page(const nmd__output *out, const nmd_page *page) {
  nmd__print(out, "    case $before in\n");
  for (int i = 0; i < page->n; i++) {
    const nmd_page_option *o = &page->options[i];
    if (o->value == NULL) continue;
    put_pattern(out, o);
    if (o->choices != NULL) {
      nmd__print(out, "COMPREPLY=($(compgen -W '");
      put_choices(out, o->choices);
      nmd__print(out, "' -- \"$word\")); return ;;\n");
    } else
      nmd__print(out, names_file(o) ? "COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n" : "return ;;\n");
  }
  nmd__print(out, "    esac\n    words='");
  for (int i = 0; i < page->n; i++) nmd__print(out, "%s--%s", i == 0 ? "" : " ", page->options[i].name);
  nmd__print(out, "'\n");
}

static void put_bash(const nmd__output *out, const nmd_page *pages, int n, const char *program) {
  nmd__print(out, "# bash completion of %s, written by %s --completion bash\n_", program, program);
  put_name(out, program);
  nmd__print(out, "() {\n  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n");
  if (pages[0].command != NULL) {
    nmd__print(out, "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W '");
    for (int k = 0; k < n; k++) nmd__print(out, "%s%s", k == 0 ? "" : " ", pages[k].command);
    nmd__print(out, "' -- \"$word\"))\n    return\n  fi\n");
  }
  nmd__print(out, "  case ${COMP_WORDS[1]} in\n");
  for (int k = 0; k < n; k++) {
    nmd__print(out, "  %s)\n", pages[k].command != NULL ? pages[k].command : "*");
    put_bash_page(out, &pages[k]);
    nmd__print(out, "    ;;\n");
  }
  nmd__print(out, "  esac\n  case $word in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
                  "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n  esac\n}\ncomplete -o filenames -F _");
  put_name(out, program);
  nmd__print(out, " %s\n", program);
}

/* Text inside '...[...]' of zsh's _arguments. */
static void put_zsh_text(const nmd__output *out, const char *text) {
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '\'')
      nmd__print(out, "'\\''");
    else
      nmd__print(out, strchr("[]:\\", *c) != NULL ? "\\%c" : "%c", *c);
  }
}

static void put_zsh_option(const nmd__output *out, const nmd_page_option *o) {
  nmd__print(out, "    '");
  if (o->letter != 0) nmd__print(out, "(-%c --%s)'{-%c,--%s}'", o->letter, o->name, o->letter, o->name);
  if (o->letter == 0) nmd__print(out, "--%s%s", o->name, o->value != NULL ? "=" : "");
  nmd__print(out, "[");
  put_zsh_text(out, o->doc);
  nmd__print(out, "]");
  if (o->value != NULL) {
    nmd__print(out, ":%s:", o->value);
    if (o->choices != NULL) {
      nmd__print(out, "(");
      put_choices(out, o->choices);
      nmd__print(out, ")");
    } else if (names_file(o))
      nmd__print(out, "_files");
  }
  nmd__print(out, "' \\\n");
}

static void put_zsh(const nmd__output *out, const nmd_page *pages, int n, const char *program) {
  nmd__print(out, "#compdef %s\n# zsh completion of %s, written by %s --completion zsh\n", program, program, program);
  if (pages[0].command != NULL) {
    nmd__print(out, "if (( CURRENT == 2 )); then\n  compadd");
    for (int k = 0; k < n; k++) nmd__print(out, " %s", pages[k].command);
    nmd__print(out, "\n  return\nfi\n");
  }
  nmd__print(out, "case $words[2] in\n");
  for (int k = 0; k < n; k++) {
    nmd__print(out, "%s)\n%s  _arguments \\\n", pages[k].command != NULL ? pages[k].command : "*",
               pages[k].command != NULL ? "  shift words\n  (( CURRENT-- ))\n" : "");
    for (int i = 0; i < pages[k].n; i++) put_zsh_option(out, &pages[k].options[i]);
    nmd__print(out, "    '*:file:_files'\n  ;;\n");
  }
  nmd__print(out, "esac\n");
}

nmd_status nmd_page_completion(const nmd_page *pages, int n, const char *program, const char *shell,
                               nmd_text_writer *write, void *context) {
  const nmd__output out = {write, context};
  const bool bash = strcmp(shell, "bash") == 0;
  if (!bash && strcmp(shell, "zsh") != 0)
    NMD_FAIL(BAD_CHOICE, "--completion: \"%.40s\" is no shell that is known; expected bash or zsh", shell);
  (bash ? put_bash : put_zsh)(&out, pages, n, program);
  return NMD_OK;
}
