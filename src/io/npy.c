/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/npy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "io/file_atomic.h"

typedef struct npy_type {
  char kind; /* f, i, u or b */
  int size;  /* bytes */
  bool swap; /* of the other byte order */
  bool fortran;
} npy_type;

static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

static nmd_status read_bytes(const char *path, unsigned char **bytes, size_t *length) {
  FILE *file = fopen(path, "rb");
  struct stat info;
  if (file == NULL) NMD_FAIL(FILE_MISSING, "%s: cannot be opened: %s; check the path", path, strerror(errno));
  nmd_status status = NMD_OK;
  *bytes = NULL;
  if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode))
    status = nmd_fail(NMD_FILE_MISSING, "%s: not a file; expected an array of NumPy; check the path", path);
  if (status == NMD_OK) status = NMD_ALLOC(*bytes, info.st_size + 1);
  if (status == NMD_OK) {
    *length = fread(*bytes, 1, (size_t)info.st_size, file);
    if (ferror(file)) status = nmd_fail(NMD_READ, "%s: cannot be read: %s", path, strerror(errno));
  }
  fclose(file);
  if (status != NMD_OK) nmd_free(*bytes);
  return status;
}

/* Start of the value behind 'key': in the header, or NULL. */
static const char *find_value(const char *header, const char *key) {
  char quoted[32];
  snprintf(quoted, sizeof quoted, "'%s'", key);
  const char *at = strstr(header, quoted);
  if (at == NULL) return NULL;
  at += strlen(quoted);
  at += strspn(at, " :");
  return at;
}

static nmd_status parse_type(const char *path, const char *header, npy_type *type) {
  const char *descr = find_value(header, "descr"), *order = find_value(header, "fortran_order");
  char mark = '?', kind = '?';
  int size = 0;
  if (descr == NULL || order == NULL || sscanf(descr, "'%c%c%d'", &mark, &kind, &size) != 3)
    NMD_FAIL(FILE_FORMAT,
             "%s: byte 10: header '%.80s'; expected a plain type such as '<f8' and its shape; save the array "
             "as float64",
             path, header);
  const bool real = kind == 'f' && (size == 4 || size == 8);
  const bool whole = (kind == 'i' || kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8);
  if (!real && !whole && !(kind == 'b' && size == 1))
    NMD_FAIL(FILE_FORMAT,
             "%s: byte 10: type '%c%c%d'; expected f4, f8, i1 to i8, u1 to u8 or b1; save the array as "
             "float64",
             path, mark, kind, size);
  *type = (npy_type){kind, size, mark == '>', strncmp(order, "True", 4) == 0};
  return NMD_OK;
}

static nmd_status parse_shape(const char *path, const char *header, nmd_npy *out) {
  const char *c = find_value(header, "shape");
  out->count = 1;
  if (c != NULL && *c == '(')
    for (c++;; c++) {
      c += strspn(c, " ");
      if (*c == ')') return NMD_OK;
      char *end;
      const long long n = strtoll(c, &end, 10);
      if (end == c || n < 0 || n > (1LL << 40) || out->n_dimensions == NMD_NPY_DIMENSIONS) break;
      if (n > 0 && out->count > (1LL << 40) / n) break;
      out->shape[out->n_dimensions++] = n;
      out->count *= n;
      c = end + strspn(end, " ");
      if (*c == ')') return NMD_OK;
      if (*c != ',') break;
    }
  NMD_FAIL(FILE_FORMAT, "%s: byte 10: header '%.80s'; expected a shape of up to %d dimensions", path, header,
           NMD_NPY_DIMENSIONS);
}

static double convert(const unsigned char *from, npy_type type) {
  unsigned char raw[8];
  for (int b = 0; b < type.size; b++) raw[b] = from[type.swap ? type.size - 1 - b : b];
  if (type.kind == 'f' && type.size == 4) {
    float value;
    memcpy(&value, raw, sizeof value);
    return (double)value;
  }
  if (type.kind == 'f') {
    double value;
    memcpy(&value, raw, sizeof value);
    return value;
  }
  uint64_t bits = 0;
  for (int b = 0; b < type.size; b++) bits |= (uint64_t)raw[b] << (8 * b);
  if (type.kind != 'i') return (double)bits;
  const int spare = 64 - 8 * type.size;
  return (double)((int64_t)(bits << spare) >> spare);
}

static nmd_status read_values(const char *path, const unsigned char *bytes, size_t length, size_t start, npy_type type,
                              nmd_npy *out) {
  if (length - start < (size_t)out->count * (size_t)type.size)
    NMD_FAIL(FILE_TRUNCATED, "%s: byte %zu: the file ends; expected %lld values of %d bytes; write it again", path,
             length, (long long)out->count, type.size);
  if (type.fortran && out->n_dimensions > 2)
    NMD_FAIL(FILE_FORMAT,
             "%s: byte 10: Fortran order with %d dimensions; expected C order; save it with "
             "numpy.ascontiguousarray",
             path, out->n_dimensions);
  NMD_TRY(NMD_ALLOC(out->values, out->count));
  const bool turned = type.fortran && out->n_dimensions == 2;
  const int64_t columns = turned ? out->shape[1] : 1, rows = turned ? out->shape[0] : 0;
  for (int64_t k = 0; k < out->count; k++) {
    const int64_t from = turned ? (k % columns) * rows + k / columns : k;
    out->values[k] = convert(bytes + start + (size_t)from * (size_t)type.size, type);
  }
  return NMD_OK;
}

/* The header as text (owner: the caller) and the byte where the values begin. */
static nmd_status find_header(const char *path, const unsigned char *bytes, size_t length, char **header,
                              size_t *start) {
  if (length < 10 || memcmp(bytes, magic, sizeof magic) != 0)
    NMD_FAIL(FILE_FORMAT, "%s: byte 0: not an array of NumPy; expected a file made by numpy.save", path);
  const bool wide = bytes[6] >= 2;
  if (bytes[6] < 1 || bytes[6] > 3 || (wide && length < 12))
    NMD_FAIL(FILE_FORMAT, "%s: byte 6: version %d; expected 1, 2 or 3", path, bytes[6]);
  size_t size = 0;
  for (int b = wide ? 3 : 1; b >= 0; b--) size = size << 8 | bytes[8 + b];
  const size_t first = wide ? 12 : 10;
  if (size > length - first)
    NMD_FAIL(FILE_TRUNCATED, "%s: byte %zu: the file ends within its header; write it again", path, length);
  NMD_TRY(NMD_ALLOC(*header, size + 1));
  memcpy(*header, bytes + first, size);
  *start = first + size;
  return NMD_OK;
}

nmd_status nmd_npy_read(const char *path, nmd_npy *out) {
  *out = (nmd_npy){0};
  unsigned char *bytes;
  char *header = NULL;
  size_t length = 0, start = 0;
  npy_type type = {0};
  NMD_TRY(read_bytes(path, &bytes, &length));
  nmd_status status;
  NMD_GOTO(find_header(path, bytes, length, &header, &start));
  NMD_GOTO(parse_type(path, header, &type));
  NMD_GOTO(parse_shape(path, header, out));
  NMD_GOTO(read_values(path, bytes, length, start, type, out));
done:
  nmd_free(bytes);
  nmd_free(header);
  if (status != NMD_OK) nmd_npy_free(out);
  return status;
}

void nmd_npy_free(nmd_npy *array) {
  nmd_free(array->values);
  *array = (nmd_npy){0};
}

/* Values go out as they lie in memory: little-endian machines only, as all that nnpmd runs on. */
nmd_status nmd_npy_write(const char *path, const double *values, int64_t rows, int64_t columns) {
  char header[129], shape[64], *bytes;
  const int64_t count = columns > 0 ? rows * columns : rows;
  snprintf(shape, sizeof shape, columns > 0 ? "(%lld, %lld)" : "(%lld,)", (long long)rows, (long long)columns);
  memcpy(header, magic, sizeof magic);
  memcpy(header + 6, "\x01\x00\x76\x00", 4); /* version 1.0, 118 bytes of header: the values begin at 128 */
  const int used = snprintf(header + 10, 119, "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", shape);
  memset(header + 10 + used, ' ', 118 - (size_t)used);
  header[127] = '\n';
  NMD_TRY(NMD_ALLOC(bytes, 128 + (size_t)count * sizeof(double)));
  memcpy(bytes, header, 128);
  if (count > 0) memcpy(bytes + 128, values, (size_t)count * sizeof(double));
  const nmd_status status = nmd_file_write_atomic(path, bytes, 128 + (size_t)count * sizeof(double), 1);
  nmd_free(bytes);
  return status;
}
