/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_TEXT_MAX = 2048 };
static _Thread_local char error_text[ERROR_TEXT_MAX];

static const struct {
  const char *name, *meaning;
  int exit_code;
} status_table[] = {
#define NMD_X(name, exit_code, meaning) {#name, meaning, exit_code},
    NMD_STATUS_LIST(NMD_X)
#undef NMD_X
};

/* One line, whatever a quoted value or file name contains. */
static void keep_one_line(char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7F) *text = ' ';
}

nmd_status nmd_fail(nmd_status code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error_text, sizeof error_text, format, arguments);
  va_end(arguments);
  keep_one_line(error_text);
  return code;
}

nmd_status nmd_fail_prefix(nmd_status code, const char *format, ...) {
  char old[ERROR_TEXT_MAX];
  memcpy(old, error_text, sizeof old);
  va_list arguments;
  va_start(arguments, format);
  int used = vsnprintf(error_text, sizeof error_text, format, arguments);
  va_end(arguments);
  if (used >= 0 && used < ERROR_TEXT_MAX)
    snprintf(error_text + used, sizeof error_text - (size_t)used, ": %.*s", ERROR_TEXT_MAX - used - 3, old);
  return code;
}

const char *nmd_error_text(void) { return error_text; }
const char *nmd_status_name(nmd_status code) { return status_table[code].name; }
const char *nmd_status_meaning(nmd_status code) { return status_table[code].meaning; }
int nmd_status_exit_code(nmd_status code) { return status_table[code].exit_code; }

void nmd_assert_failed(const char *what, const char *file, int line) {
  fprintf(stderr, "nnpmd: internal error: assertion \"%s\" failed at %s:%d; please report it\n", what, file, line);
  abort();
}
