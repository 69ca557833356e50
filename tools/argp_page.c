/* SPDX-License-Identifier: BSD-3-Clause */
#include "argp_page.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/command_page.h"
#include "base/version.h"

static void to_stdout(void *context, const char *text) {
  (void)context;
  fputs(text, stdout);
}

static void add_option(const struct argp_option *option, nmd_page *page) {
  NMD_ASSERT(page->n < NMD_PAGE_OPTIONS_MAX);
  nmd_page_option *to = &page->options[page->n++];
  *to = (nmd_page_option){.name = option->name, .value = option->arg, .doc = option->doc};
  if (option->key > ' ' && option->key < 127 && isprint(option->key)) to->letter = (char)option->key;
  if (strcmp(option->name, "completion") == 0) to->choices = "bash|zsh";
}

/* argp's text: what it does, a vertical tab, what it returns. Into `summary` [size] without its full stop. */
static const char *split_doc(const char *doc, char *summary, size_t size) {
  const char *tab = strchr(doc, '\v');
  const size_t n = tab != NULL ? (size_t)(tab - doc) : strlen(doc);
  snprintf(summary, size, "%.*s", (int)n, doc);
  char *dot = strchr(summary, '.');
  if (dot != NULL) *dot = '\0';
  return tab != NULL ? tab + 1 : "";
}

static void fill_page(const struct argp *argp, const char *program, const char *description, nmd_page *page) {
  static char summary[256];
  static const struct argp_option help = {"help", '?', 0, 0, "a summary of the options", 0};
  *page = (nmd_page){.exit_status = split_doc(argp->doc, summary, sizeof summary)};
  page->text = (nmd_command_text){.program = program,
                                  .words = argp->args_doc,
                                  .summary = summary,
                                  .description = description,
                                  .version = NMD_VERSION};
  for (const struct argp_option *o = argp->options; o->name != NULL; o++) add_option(o, page);
  add_option(&help, page);
}

bool nmd_argp_answer(const struct argp *argp, const char *program, const char *description, int argc, char **argv,
                     int *exit_code) {
  static nmd_page page;
  const char *word = argc > 1 ? argv[1] : "", *shell = NULL;
  if (strcmp(word, "--completion") == 0) shell = argc > 2 ? argv[2] : "";
  if (strncmp(word, "--completion=", sizeof "--completion=" - 1) == 0) shell = strchr(word, '=') + 1;
  if (shell == NULL && strcmp(word, "--man") != 0) return false;
  fill_page(argp, program, description, &page);
  nmd_status status = NMD_OK;
  if (shell == NULL)
    nmd_page_man(&page, to_stdout, NULL);
  else
    status = nmd_page_completion(&page, 1, program, shell, to_stdout, NULL);
  if (status != NMD_OK) fprintf(stderr, "%s: error: %s\n", program, nmd_error_text());
  *exit_code = nmd_status_exit_code(status);
  return true;
}
