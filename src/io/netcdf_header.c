/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/netcdf_header.h"

#include <string.h>

enum { TAG_DIMENSION = 10, TAG_VARIABLE = 11, TAG_ATTRIBUTE = 12 };
static const int64_t count_max = (int64_t)1 << 40; /* values or bytes that no sane header exceeds */

typedef struct cursor {
  const char *name; /* of the file */
  const uint8_t *bytes;
  size_t length, at;
  int64_t size; /* of the file */
  int version;
} cursor;

bool nmd__nc_is_magic(const void *bytes, size_t length) {
  const uint8_t *b = bytes;
  return length >= 4 && memcmp(b, "CDF", 3) == 0 && (b[3] == 1 || b[3] == 2 || b[3] == 5);
}

size_t nmd__nc_type_size(int type) {
  static const unsigned char sizes[] = {0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8};
  return type > 0 && type < (int)sizeof sizes ? sizes[type] : 0;
}

static nmd_status need(const cursor *c, int64_t bytes) {
  if (bytes >= 0 && (uint64_t)bytes <= c->length - c->at) return NMD_OK;
  if ((int64_t)c->length < c->size)
    NMD_FAIL(FILE_FORMAT,
             "%s: byte %zu: the header of this NetCDF file is longer than %zu bytes; expected an AMBER "
             "trajectory; is the file damaged?",
             c->name, c->at, c->length);
  NMD_FAIL(FILE_TRUNCATED,
           "%s: byte %zu: the NetCDF header needs %lld more bytes, the file ends after %zu; copy the file "
           "again",
           c->name, c->at, (long long)bytes, c->length - c->at);
}

static uint64_t big_endian(const uint8_t *bytes, int n) {
  uint64_t value = 0;
  for (int k = 0; k < n; k++) value = value << 8 | bytes[k];
  return value;
}

static nmd_status take(cursor *c, int width, const char *what, int64_t *value) {
  NMD_TRY(need(c, width));
  const uint64_t raw = big_endian(c->bytes + c->at, width);
  if (raw > (uint64_t)INT64_MAX)
    NMD_FAIL(FILE_FORMAT, "%s: byte %zu: %s %llu; expected a count; is the file damaged?", c->name, c->at, what,
             (unsigned long long)raw);
  c->at += (size_t)width;
  *value = (int64_t)raw;
  return NMD_OK;
}

/* A count is 4 bytes wide in CDF-1 and CDF-2, 8 in CDF-5. */
static nmd_status take_count(cursor *c, const char *what, int64_t max, int64_t *value) {
  const size_t at = c->at;
  NMD_TRY(take(c, c->version == 5 ? 8 : 4, what, value));
  if (*value <= max) return NMD_OK;
  NMD_FAIL(FILE_FORMAT, "%s: byte %zu: %s is %lld; expected at most %lld; is the file damaged?", c->name, at, what,
           (long long)*value, (long long)max);
}

static nmd_status skip(cursor *c, int64_t bytes) {
  const int64_t padded = (bytes + 3) / 4 * 4;
  NMD_TRY(need(c, padded));
  c->at += (size_t)padded;
  return NMD_OK;
}

/* Names longer than ours are cut: none of those we look for is. */
static nmd_status take_name(cursor *c, char name[NMD__NC_NAME]) {
  int64_t length = 0;
  NMD_TRY(take_count(c, "length of a name", 4096, &length));
  NMD_TRY(need(c, length));
  const size_t kept = length < NMD__NC_NAME ? (size_t)length : NMD__NC_NAME - 1;
  memcpy(name, c->bytes + c->at, kept);
  name[kept] = '\0';
  return skip(c, length);
}

/* Start of a list: its tag and length, or two zeros. */
static nmd_status take_list(cursor *c, int tag, const char *what, int64_t max, int64_t *n) {
  int64_t found;
  const size_t at = c->at;
  NMD_TRY(take(c, 4, what, &found));
  NMD_TRY(take_count(c, what, found == 0 ? 0 : max, n));
  if (found == tag || found == 0) return NMD_OK;
  NMD_FAIL(FILE_FORMAT, "%s: byte %zu: tag %lld where the %s begin; expected %d; is the file damaged?", c->name, at,
           (long long)found, what, tag);
}

typedef struct attribute {
  char name[NMD__NC_NAME], text[NMD__NC_NAME];
  double number;
  bool has_number;
} attribute;

static double as_number(const uint8_t *bytes, int type) {
  double value = 0;
  if (type == NMD__NC_DOUBLE) {
    const uint64_t raw = big_endian(bytes, 8);
    memcpy(&value, &raw, sizeof value);
  } else {
    const uint32_t raw = (uint32_t)big_endian(bytes, 4);
    float single;
    memcpy(&single, &raw, sizeof single);
    value = (double)single;
  }
  return value;
}

static nmd_status take_attribute(cursor *c, attribute *a) {
  int64_t type, n;
  *a = (attribute){.number = 1};
  NMD_TRY(take_name(c, a->name));
  const size_t at = c->at;
  NMD_TRY(take(c, 4, "type", &type));
  const size_t each = nmd__nc_type_size((int)(type < 100 ? type : 0));
  if (each == 0)
    NMD_FAIL(FILE_FORMAT, "%s: byte %zu: attribute of type %lld; expected 1 to 11; is the file damaged?", c->name, at,
             (long long)type);
  NMD_TRY(take_count(c, "length of an attribute", count_max, &n));
  NMD_TRY(need(c, n * (int64_t)each));
  const size_t kept = n < NMD__NC_NAME ? (size_t)n : NMD__NC_NAME - 1;
  if (type == NMD__NC_CHAR) memcpy(a->text, c->bytes + c->at, kept);
  a->has_number = n == 1 && (type == NMD__NC_FLOAT || type == NMD__NC_DOUBLE);
  if (a->has_number) a->number = as_number(c->bytes + c->at, (int)type);
  return skip(c, n * (int64_t)each);
}

static nmd_status take_global_attributes(cursor *c, nmd__nc_header *h) {
  int64_t n;
  NMD_TRY(take_list(c, TAG_ATTRIBUTE, "attributes", 65536, &n));
  for (int64_t k = 0; k < n; k++) {
    attribute a;
    NMD_TRY(take_attribute(c, &a));
    if (strcmp(a.name, "Conventions") == 0) memcpy(h->conventions, a.text, sizeof a.text);
    if (strcmp(a.name, "program") == 0) memcpy(h->program, a.text, sizeof a.text);
    if (strcmp(a.name, "nnpmd_coordinates") == 0) memcpy(h->coordinates, a.text, sizeof a.text);
  }
  return NMD_OK;
}

static nmd_status take_dimensions(cursor *c, nmd__nc_header *h) {
  int64_t n;
  NMD_TRY(take_list(c, TAG_DIMENSION, "dimensions", NMD__NC_DIMENSIONS_MAX, &n));
  h->n_dimensions = (int)n;
  for (int k = 0; k < h->n_dimensions; k++) {
    NMD_TRY(take_name(c, h->dimension[k].name));
    NMD_TRY(take_count(c, "length of a dimension", count_max, &h->dimension[k].length));
  }
  return NMD_OK;
}

static nmd_status take_shape(cursor *c, const nmd__nc_header *h, nmd__nc_variable *v) {
  int64_t rank, index;
  NMD_TRY(take_count(c, "number of dimensions of a variable", NMD__NC_RANK_MAX, &rank));
  v->rank = (int)rank;
  v->count = 1;
  for (int k = 0; k < v->rank; k++) {
    NMD_TRY(take_count(c, "dimension of a variable", h->n_dimensions - 1, &index));
    v->dimension[k] = (int)index;
    const int64_t length = h->dimension[index].length;
    if (length == 0 && k == 0)
      v->record = true;
    else if (length == 0 || v->count > count_max / length)
      NMD_FAIL(FILE_FORMAT, "%s: byte %zu: variable %s has an impossible shape; is the file damaged?", c->name, c->at,
               v->name);
    else
      v->count *= length;
  }
  return NMD_OK;
}

static nmd_status take_variable(cursor *c, const nmd__nc_header *h, nmd__nc_variable *v) {
  int64_t n, type, stored_size;
  *v = (nmd__nc_variable){.scale = 1};
  NMD_TRY(take_name(c, v->name));
  NMD_TRY(take_shape(c, h, v));
  NMD_TRY(take_list(c, TAG_ATTRIBUTE, "attributes", 65536, &n));
  for (int64_t k = 0; k < n; k++) {
    attribute a;
    NMD_TRY(take_attribute(c, &a));
    if (strcmp(a.name, "units") == 0) memcpy(v->units, a.text, sizeof a.text);
    if (strcmp(a.name, "scale_factor") == 0 && a.has_number) v->scale = a.number;
  }
  NMD_TRY(take(c, 4, "type", &type));
  v->type = type < 100 ? (int)type : 0;
  if (nmd__nc_type_size(v->type) == 0)
    NMD_FAIL(FILE_FORMAT, "%s: byte %zu: variable %s of type %lld; expected 1 to 11; is the file damaged?", c->name,
             c->at - 4, v->name, (long long)type);
  NMD_TRY(take_count(c, "size of a variable", INT64_MAX, &stored_size)); /* redundant; wrong in some old files */
  return take(c, c->version == 1 ? 4 : 8, "place of a variable", &v->begin);
}

/* Records hold the variables one after the other, each filled up to 4 bytes; a lone variable is not filled up. */
static nmd_status measure_records(const cursor *c, nmd__nc_header *h) {
  int n = 0;
  int64_t padded = 0, exact = 0;
  for (int k = 0; k < h->n_variables; k++) {
    const nmd__nc_variable *v = &h->variable[k];
    const int64_t bytes = v->count * (int64_t)nmd__nc_type_size(v->type);
    if (v->begin < (int64_t)c->at || v->begin > INT64_MAX / 4)
      NMD_FAIL(FILE_FORMAT, "%s: variable %s begins at byte %lld, inside the header of %zu bytes; is the file damaged?",
               c->name, v->name, (long long)v->begin, c->at);
    if (!v->record && v->begin + bytes > c->size)
      NMD_FAIL(FILE_TRUNCATED, "%s: variable %s needs bytes %lld to %lld, the file has %lld; copy the file again",
               c->name, v->name, (long long)v->begin, (long long)(v->begin + bytes), (long long)c->size);
    if (!v->record) continue;
    n++;
    exact = bytes;
    padded += (bytes + 3) / 4 * 4;
  }
  h->record_bytes = n == 1 ? exact : padded;
  return NMD_OK;
}

nmd_status nmd__nc_header_parse(const char *name, const uint8_t *bytes, size_t length, int64_t size,
                                nmd__nc_header *h) {
  if (!nmd__nc_is_magic(bytes, length))
    NMD_FAIL(FILE_FORMAT,
             "%s: byte 0: no classic NetCDF file; expected CDF-1, CDF-2 or CDF-5 (nccopy -k 64-bit-offset "
             "converts NetCDF-4)",
             name);
  cursor c = {.name = name, .bytes = bytes, .length = length, .at = 4, .size = size, .version = bytes[3]};
  memset(h, 0, sizeof *h);
  h->version = c.version;
  const int width = c.version == 5 ? 8 : 4;
  NMD_TRY(need(&c, width));
  const uint64_t records = big_endian(bytes + 4, width), streaming = width == 8 ? UINT64_MAX : UINT32_MAX;
  c.at += (size_t)width;
  if (records != streaming && records > (uint64_t)INT64_MAX)
    NMD_FAIL(FILE_FORMAT, "%s: byte 4: %llu frames; is the file damaged?", name, (unsigned long long)records);
  h->records = records == streaming ? -1 : (int64_t)records;
  NMD_TRY(take_dimensions(&c, h));
  NMD_TRY(take_global_attributes(&c, h));
  int64_t n;
  NMD_TRY(take_list(&c, TAG_VARIABLE, "variables", NMD__NC_VARIABLES_MAX, &n));
  for (; h->n_variables < (int)n; h->n_variables++) NMD_TRY(take_variable(&c, h, &h->variable[h->n_variables]));
  return measure_records(&c, h);
}

const nmd__nc_variable *nmd__nc_find(const nmd__nc_header *h, const char *name) {
  for (int k = 0; k < h->n_variables; k++)
    if (strcmp(h->variable[k].name, name) == 0) return &h->variable[k];
  return NULL;
}
