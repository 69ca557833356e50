/* SPDX-License-Identifier: BSD-3-Clause */
/* A growing text. A failure (out of memory) sticks, so that writers check once at the end. */
#ifndef NNPMD_IO_BUFFER_H
#define NNPMD_IO_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct nmd_buffer {
  char *data;         /* owned; NUL-terminated once something was put; NULL in a zeroed buffer */
  size_t length;      /* without the NUL */
  size_t capacity;
  nmd_status status;  /* NMD_OK or MEMORY, with its message left in nmd_error_text() */
} nmd_buffer;

void nmd_buffer_text(nmd_buffer *buffer, const char *text);
void nmd_buffer_bytes(nmd_buffer *buffer, const void *bytes, size_t length);
void nmd_buffer_printf(nmd_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A number with a blank before it: `digits` significant ones (1..17), no trailing zeros. */
void nmd_buffer_real(nmd_buffer *buffer, double value, int digits);
void nmd_buffer_reals(nmd_buffer *buffer, const double *values, int n, int digits);
void nmd_buffer_int(nmd_buffer *buffer, int64_t value); /* with a blank before it */
/* The shortest text that reads back as exactly this value, without a blank. */
void nmd_buffer_exact(nmd_buffer *buffer, double value);
void nmd_buffer_clear(nmd_buffer *buffer); /* empties it, keeps the memory */
void nmd_buffer_free(nmd_buffer *buffer);  /* leaves it zeroed */
/* A text of one line, such as a path, as a YAML scalar in single quotes. */
void nmd_buffer_quote(nmd_buffer *buffer, const char *text);

#endif
