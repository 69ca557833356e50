/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/netcdf_elements.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/read_format.h"
#include "system/element.h"

/* Integers [n_atoms] of a variable (of its first record). */
static nmd_status read_integers(const nmd__nc_reader *r, const nmd__nc_variable *v, int64_t *out) {
  const size_t each = nmd__nc_type_size(v->type);
  if (v->count != r->n_atoms || (v->type != NMD__NC_INT && v->type != NMD__NC_INT64))
    NMD_FAIL(FILE_FORMAT, "%s: variable %s: type %d, %lld values; expected an integer for each of %lld atoms", r->name,
             v->name, v->type, (long long)v->count, (long long)r->n_atoms);
  if (v->record && r->n_frames == 0) NMD_FAIL(FILE_TRUNCATED, "%s: no whole frame; copy the file again", r->name);
  uint8_t *raw;
  NMD_TRY(nmd_alloc(&raw, (size_t)r->n_atoms, each));
  const nmd_status status = r->fetch(r->file, v->begin, (size_t)r->n_atoms * each, raw);
  for (int64_t i = 0; i < r->n_atoms && status == NMD_OK; i++) {
    uint32_t narrow = 0;
    uint64_t wide = 0;
    memcpy(&narrow, raw + (size_t)i * each, sizeof narrow);
    if (each == 8) memcpy(&wide, raw + (size_t)i * each, sizeof wide);
    out[i] = each == 4 ? (int64_t)(int32_t)__builtin_bswap32(narrow) : (int64_t)__builtin_bswap64(wide);
  }
  nmd_free(raw);
  return status;
}

static nmd_status element_of(const nmd__nc_reader *r, const char *word, size_t length, int *number) {
  char symbol[8] = "";
  if (length < sizeof symbol) memcpy(symbol, word, length);
  *number = nmd_element_from_symbol(symbol);
  if (*number > 0) return NMD_OK;
  NMD_FAIL(UNKNOWN_ELEMENT, "%s: the element '%.20s' given for its atoms is no symbol; expected e.g. Li or Li*400",
           r->name, word);
}

/* One element for all atoms, or a list "Li Li Au*3" that makes up all of them. */
static nmd_status from_caller(const nmd__nc_reader *r, const nmd_read_options *o, int *numbers) {
  int64_t filled = 0;
  for (int k = 0; k < o->n_elements; k++) {
    const char *word = o->elements[k], *star = strchr(word, '*');
    int64_t count = o->n_elements == 1 ? r->n_atoms : 1;
    int number;
    NMD_TRY(element_of(r, word, star != NULL ? (size_t)(star - word) : strlen(word), &number));
    if (star != NULL && (!nmd_parse_int(star + 1, &count) || count < 1))
      NMD_FAIL(BAD_NUMBER, "%s: elements: '%.40s'; expected a number of atoms behind *, e.g. Li*400", r->name, word);
    if (count > r->n_atoms - filled) count = r->n_atoms - filled + 1; /* too many: reported below */
    for (int64_t i = 0; i < count && filled + i < r->n_atoms; i++) numbers[filled + i] = number;
    filled += count;
    if (filled > r->n_atoms) break;
  }
  if (filled == r->n_atoms) return NMD_OK;
  NMD_FAIL(CONFLICT,
           "%s: the elements given are for %s%lld atoms; the file has %lld; give one for each, e.g. Li*400 Au*20",
           r->name, filled > r->n_atoms ? "at least " : "", (long long)filled, (long long)r->n_atoms);
}

static nmd_status from_types(const nmd__nc_reader *r, const nmd_read_options *o, const int64_t *types, int *numbers) {
  for (int64_t i = 0; i < r->n_atoms; i++) {
    if (types[i] < 1 || types[i] > o->n_elements)
      NMD_FAIL(CONFLICT, "%s: atom %lld has type %lld; %d elements were given; give one for each type", r->name,
               (long long)i + 1, (long long)types[i], o->n_elements);
    const char *word = o->elements[types[i] - 1];
    NMD_TRY(element_of(r, word, strlen(word), &numbers[i]));
  }
  return NMD_OK;
}

static nmd_status from_atomic_numbers(const nmd__nc_reader *r, const char *variable, const int64_t *values,
                                      int *numbers) {
  for (int64_t i = 0; i < r->n_atoms; i++) {
    if (values[i] < 1 || values[i] > NMD_ELEMENT_MAX)
      NMD_FAIL(UNKNOWN_ELEMENT,
               "%s: variable %s: atom %lld has atomic number %lld; expected 1 to %d; give the elements", r->name,
               variable, (long long)i + 1, (long long)values[i], NMD_ELEMENT_MAX);
    numbers[i] = (int)values[i];
  }
  return NMD_OK;
}

static nmd_status choose(const nmd__nc_reader *r, const nmd_read_options *o, int64_t *scratch, int *numbers) {
  static const char *const names[] = {"Z", "atom_types", "type"};
  const nmd__nc_variable *found = NULL;
  int which = 0;
  for (; which < 3 && found == NULL; which++) found = nmd__nc_find(r->header, names[which]);
  const bool given = o != NULL && o->n_elements > 0, own = found != NULL && strcmp(found->name, "Z") == 0;
  const bool numbered = own || (found != NULL && strcmp(r->header->program, "ASE") == 0);
  if (given && (found == NULL || numbered)) return from_caller(r, o, numbers);
  if (!given && !numbered)
    NMD_FAIL(MISSING_KEY,
             "%s: AMBER NetCDF tells no elements; expected them from the caller: one for all atoms, or for "
             "each atom in turn, e.g. Li*400 Au*20%s",
             r->name, found != NULL ? ", or one for each atom type" : "");
  NMD_TRY(read_integers(r, found, scratch));
  return given ? from_types(r, o, scratch, numbers) : from_atomic_numbers(r, found->name, scratch, numbers);
}

nmd_status nmd__nc_elements(const nmd__nc_reader *r, const nmd_read_options *options, int **numbers) {
  int64_t *scratch;
  NMD_TRY(NMD_ALLOC(*numbers, r->n_atoms));
  NMD_TRY(NMD_ALLOC(scratch, r->n_atoms));
  const nmd_status status = choose(r, options, scratch, *numbers);
  nmd_free(scratch);
  return status;
}

static nmd_status check_ids(const nmd__nc_reader *r, const int64_t *ids) {
  nmd__id_map map;
  nmd_status status = nmd__id_map_init(&map, r->n_atoms);
  for (int64_t i = 0; i < r->n_atoms && status == NMD_OK; i++)
    if (ids[i] < 1 || !nmd__id_map_add(&map, ids[i], i))
      status =
          nmd_fail(NMD_DUPLICATE_KEY, "%s: variable atom_id: %lld of atom %lld is %s; expected distinct ids from 1",
                   r->name, (long long)ids[i], (long long)i + 1, ids[i] < 1 ? "no id" : "there twice");
  nmd__id_map_free(&map);
  return status;
}

nmd_status nmd__nc_ids(const nmd__nc_reader *r, int64_t **ids) {
  NMD_TRY(NMD_ALLOC(*ids, r->n_atoms));
  for (int64_t i = 0; i < r->n_atoms; i++) (*ids)[i] = i + 1;
  const nmd__nc_variable *v = nmd__nc_find(r->header, "atom_id");
  if (v == NULL) return NMD_OK;
  NMD_TRY(read_integers(r, v, *ids));
  return check_ids(r, *ids);
}
