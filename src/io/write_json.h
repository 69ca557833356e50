/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON, piece by piece into a buffer: commas, indentation and escapes are taken care of; NaN and infinities become
 * null.
 *
 *   nmd_json_open(&json, NULL, '{'); nmd_json_real(&json, "D", 1.5); nmd_json_close(&json); */
#ifndef NNPMD_IO_WRITE_JSON_H
#define NNPMD_IO_WRITE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "io/buffer.h"

enum { NMD_JSON_DEPTH = 32 };

typedef struct nmd_json {
  nmd_buffer *out; /* not owned; its status tells of a failure */
  int depth;
  char kind[NMD_JSON_DEPTH]; /* '{' or '[' */
  bool filled[NMD_JSON_DEPTH];
} nmd_json;

void nmd_json_init(nmd_json *json, nmd_buffer *out);
/* key: NULL inside a list and at the top. kind: '{' or '['. */
void nmd_json_open(nmd_json *json, const char *key, char kind);
void nmd_json_close(nmd_json *json); /* what was opened last; at the top with a line end */
void nmd_json_real(nmd_json *json, const char *key, double value); /* reads back exactly */
void nmd_json_int(nmd_json *json, const char *key, int64_t value);
void nmd_json_bool(nmd_json *json, const char *key, bool value);
void nmd_json_text(nmd_json *json, const char *key, const char *value); /* NULL: null */
/* [n] numbers, stride apart, on one line */
void nmd_json_reals(nmd_json *json, const char *key, const double *values, int64_t n, int64_t stride);

#endif
