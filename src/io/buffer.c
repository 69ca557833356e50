/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/buffer.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { NUMBER_MAX = 40, FAST_DIGITS = 12 };

/* Room for `extra` more bytes and the NUL; 0 after a failure. */
static int reserve(nmd_buffer *buffer, size_t extra) {
  if (buffer->status != NMD_OK) return 0;
  const size_t wanted = buffer->length + extra + 1;
  if (wanted <= buffer->capacity) return 1;
  const size_t capacity = wanted + wanted / 2 + 1024;
  buffer->status = NMD_GROW(buffer->data, buffer->length, capacity);
  if (buffer->status == NMD_OK) buffer->capacity = capacity;
  return buffer->status == NMD_OK;
}

void nmd_buffer_bytes(nmd_buffer *buffer, const void *bytes, size_t length) {
  if (length == 0 || !reserve(buffer, length)) return;
  memcpy(buffer->data + buffer->length, bytes, length);
  buffer->length += length;
  buffer->data[buffer->length] = '\0';
}

void nmd_buffer_text(nmd_buffer *buffer, const char *text) {
  const size_t n = strlen(text);
  if (!reserve(buffer, n)) return;
  memcpy(buffer->data + buffer->length, text, n + 1);
  buffer->length += n;
}

void nmd_buffer_printf(nmd_buffer *buffer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int n = vsnprintf(NULL, 0, format, arguments);
  if (n > 0 && reserve(buffer, (size_t)n)) {
    vsnprintf(buffer->data + buffer->length, (size_t)n + 1, format, again);
    buffer->length += (size_t)n;
  }
  va_end(again);
  va_end(arguments);
}

/* |value| in fixed notation with `digits` <= FAST_DIGITS significant ones, as %g prints it but several times faster
 * (trajectories spend their time here). At a tie the last digit may be rounded either way. Returns the end, or NULL for
 * what %g would print with an exponent. */
static char *put_fixed(char *to, double magnitude, int digits) {
  static const double powers[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                  1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
  if (!(magnitude >= 1e-4 && magnitude < powers[digits] - 1.0)) return NULL;
  int whole = 0; /* digits before the point; <= 0: zeros behind it */
  while (magnitude >= powers[whole]) whole++;
  while (whole <= 0 && magnitude * powers[1 - whole] < 1.0) whole--;
  int decimals = digits - whole;
  uint64_t scaled = (uint64_t)(magnitude * powers[decimals] + 0.5);
  while (decimals > 0 && scaled % 10 == 0) scaled /= 10, decimals--;
  char text[NUMBER_MAX], *c = text + NUMBER_MAX;
  for (int k = 0; k < decimals || scaled > 0 || k == decimals; k++, scaled /= 10) {
    if (k == decimals && k > 0) *--c = '.';
    *--c = (char)('0' + scaled % 10);
  }
  const size_t n = (size_t)(text + NUMBER_MAX - c);
  memcpy(to, c, n);
  return to + n;
}

static bool put_fast(nmd_buffer *buffer, double value, int digits) {
  char *const start = buffer->data + buffer->length, *c = start;
  if (digits > FAST_DIGITS) return false;
  *c++ = ' ';
  if (signbit(value)) *c++ = '-';
  if (value == 0.0) *c++ = '0';
  else c = put_fixed(c, fabs(value), digits);
  if (c == NULL) return false;
  *c = '\0';
  buffer->length += (size_t)(c - start);
  return true;
}

void nmd_buffer_real(nmd_buffer *buffer, double value, int digits) {
  if (!reserve(buffer, NUMBER_MAX) || put_fast(buffer, value, digits)) return;
  buffer->length += (size_t)snprintf(buffer->data + buffer->length, NUMBER_MAX, " %.*g", digits, value);
}

void nmd_buffer_reals(nmd_buffer *buffer, const double *values, int n, int digits) {
  for (int i = 0; i < n; i++) nmd_buffer_real(buffer, values[i], digits);
}

void nmd_buffer_int(nmd_buffer *buffer, int64_t value) {
  char text[NUMBER_MAX], *c = text + NUMBER_MAX - 1;
  uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
  *c = '\0';
  do *--c = (char)('0' + rest % 10);
  while ((rest /= 10) != 0);
  if (value < 0) *--c = '-';
  *--c = ' ';
  nmd_buffer_text(buffer, c);
}

void nmd_buffer_exact(nmd_buffer *buffer, double value) {
  char text[NUMBER_MAX];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  nmd_buffer_text(buffer, text);
}

void nmd_buffer_clear(nmd_buffer *buffer) {
  buffer->length = 0;
  buffer->status = NMD_OK;
  if (buffer->data != NULL) buffer->data[0] = '\0';
}

void nmd_buffer_free(nmd_buffer *buffer) {
  nmd_free(buffer->data);
  *buffer = (nmd_buffer){0};
}

void nmd_buffer_quote(nmd_buffer *buffer, const char *text) {
  nmd_buffer_text(buffer, "'");
  for (const char *c = text; *c != '\0'; c++) nmd_buffer_printf(buffer, *c == '\'' ? "''" : "%c", *c);
  nmd_buffer_text(buffer, "'");
}
