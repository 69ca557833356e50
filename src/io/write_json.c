/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_json.h"

#include <math.h>

#include "base/status.h"

void nmd_json_init(nmd_json *json, nmd_buffer *out) { *json = (nmd_json){.out = out}; }

static void put_text(nmd_buffer *out, const char *text) {
  nmd_buffer_text(out, "\"");
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\')
      nmd_buffer_printf(out, "\\%c", *c);
    else if ((unsigned char)*c < 0x20)
      nmd_buffer_printf(out, "\\u%04x", (unsigned)*c);
    else
      nmd_buffer_printf(out, "%c", *c);
  }
  nmd_buffer_text(out, "\"");
}

static void put_line(nmd_json *json) {
  nmd_buffer_text(json->out, "\n");
  for (int k = 0; k < json->depth; k++) nmd_buffer_text(json->out, " ");
}

/* Comma, line and key of the next item. */
static void begin(nmd_json *json, const char *key) {
  if (json->depth == 0) return;
  const int top = json->depth - 1;
  if (json->filled[top]) nmd_buffer_text(json->out, ",");
  json->filled[top] = true;
  put_line(json);
  if (json->kind[top] == '[') return;
  put_text(json->out, key);
  nmd_buffer_text(json->out, ": ");
}

void nmd_json_open(nmd_json *json, const char *key, char kind) {
  NMD_ASSERT(json->depth < NMD_JSON_DEPTH && (kind == '{' || kind == '['));
  begin(json, key);
  json->kind[json->depth] = kind;
  json->filled[json->depth++] = false;
  nmd_buffer_text(json->out, kind == '{' ? "{" : "[");
}

void nmd_json_close(nmd_json *json) {
  NMD_ASSERT(json->depth > 0);
  const int top = --json->depth;
  if (json->filled[top]) put_line(json);
  nmd_buffer_text(json->out, json->kind[top] == '{' ? "}" : "]");
  if (top == 0) nmd_buffer_text(json->out, "\n");
}

static void put_real(nmd_buffer *out, double value) {
  if (isfinite(value))
    nmd_buffer_exact(out, value);
  else
    nmd_buffer_text(out, "null");
}

void nmd_json_real(nmd_json *json, const char *key, double value) {
  begin(json, key);
  put_real(json->out, value);
}

void nmd_json_int(nmd_json *json, const char *key, int64_t value) {
  begin(json, key);
  nmd_buffer_printf(json->out, "%lld", (long long)value);
}

void nmd_json_bool(nmd_json *json, const char *key, bool value) {
  begin(json, key);
  nmd_buffer_text(json->out, value ? "true" : "false");
}

void nmd_json_text(nmd_json *json, const char *key, const char *value) {
  begin(json, key);
  if (value == NULL)
    nmd_buffer_text(json->out, "null");
  else
    put_text(json->out, value);
}

void nmd_json_reals(nmd_json *json, const char *key, const double *values, int64_t n, int64_t stride) {
  begin(json, key);
  nmd_buffer_text(json->out, "[");
  for (int64_t i = 0; i < n; i++) {
    if (i > 0) nmd_buffer_text(json->out, ", ");
    put_real(json->out, values[i * stride]);
  }
  nmd_buffer_text(json->out, "]");
}
