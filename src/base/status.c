/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local nmd_error last;

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
  vsnprintf(last.text, sizeof last.text, format, arguments);
  va_end(arguments);
  keep_one_line(last.text);
  last.file[0] = '\0';
  return code;
}

nmd_status nmd_fail_prefix(nmd_status code, const char *format, ...) {
  char old[NMD_ERROR_TEXT_MAX];
  memcpy(old, last.text, sizeof old);
  va_list arguments;
  va_start(arguments, format);
  int used = vsnprintf(last.text, sizeof last.text, format, arguments);
  va_end(arguments);
  if (used >= 0 && used < NMD_ERROR_TEXT_MAX)
    snprintf(last.text + used, sizeof last.text - (size_t)used, ": %.*s", NMD_ERROR_TEXT_MAX - used - 3, old);
  return code;
}

void nmd_error_set_file(const char *file) { snprintf(last.file, sizeof last.file, "%s", file != NULL ? file : ""); }

bool nmd_error_is_in(const char *file) {
  return last.file[0] != '\0' && strncmp(last.file, file, sizeof last.file - 1) == 0;
}

void nmd_error_save(nmd_status code, nmd_error *error) {
  *error = last;
  error->code = code;
}

nmd_status nmd_error_restore(const nmd_error *error) {
  last = *error;
  return error->code;
}

const char *nmd_error_text(void) { return last.text; }
const char *nmd_status_name(nmd_status code) { return status_table[code].name; }
const char *nmd_status_meaning(nmd_status code) { return status_table[code].meaning; }
int nmd_status_exit_code(nmd_status code) { return status_table[code].exit_code; }

void nmd_assert_failed(const char *what, const char *file, int line) {
  fprintf(stderr, "nnpmd: internal error: assertion \"%s\" failed at %s:%d; please report it\n", what, file, line);
  abort();
}
