/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/extxyz_header.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

typedef struct pair {
  const char *key;
  char *value; /* "" when the key stands alone (then `alone`) */
  bool alone;
} pair;

#define SEPARATORS " \t[]{},"
enum { MAX_INFO = 1000 };

static bool is_space(char c) { return c == ' ' || c == '\t'; }

/* Take the quotes (and \" and \\ inside) off in place; *cursor is left behind the closing one. */
static nmd_status unquote(const nmd_source *source, char **cursor, char **text) {
  const char *opening = *cursor;
  char *from = *cursor + 1, *to = from;
  *text = from;
  while (*from != '"') {
    if (*from == '\\' && from[1] != '\0') from++;
    if (*from == '\0')
      return nmd_source_fail(source, opening, NMD_FILE_FORMAT, "quote without end; expected a closing \"; add it");
    *to++ = *from++;
  }
  *to = '\0';
  *cursor = from + 1;
  return NMD_OK;
}

/* Old ASE style {...} and JSON-like [...] values reach to the bracket that closes them. */
static char *end_of_brackets(char *c) {
  int depth = 0;
  do {
    if (*c == '[' || *c == '{') depth++;
    if (*c == ']' || *c == '}') depth--;
    c++;
  } while (*c != '\0' && depth > 0);
  return c;
}

static char *end_of_bare_word(char *c, bool stop_at_equals) {
  while (*c != '\0' && !is_space(*c) && !(stop_at_equals && *c == '=')) c++;
  return c;
}

static nmd_status next_value(const nmd_source *source, char **cursor, pair *found) {
  char *c = *cursor;
  if (*c == '"') return unquote(source, cursor, &found->value);
  found->value = c;
  char *end = *c == '[' || *c == '{' ? end_of_brackets(c) : end_of_bare_word(c, false);
  *cursor = *end == '\0' ? end : end + 1;
  *end = '\0';
  return NMD_OK;
}

/* The next key, alone or with a value; found->key is NULL at the end of the line. */
static nmd_status next_pair(const nmd_source *source, char **cursor, pair *found) {
  char *c = *cursor;
  while (is_space(*c)) c++;
  *found = (pair){.alone = true};
  if (*c == '\0') return NMD_OK;
  *cursor = c;
  char *end;
  if (*c == '"') {
    char *key;
    NMD_TRY(unquote(source, cursor, &key));
    found->key = key;
    end = *cursor;
  } else {
    found->key = c;
    end = *cursor = end_of_bare_word(c, true);
  }
  while (is_space(*end)) end++;
  found->value = end;
  found->alone = *end != '=';
  if (found->alone) { /* a word or free text: `end` may be the start of the next key */
    if (end > *cursor) **cursor = '\0', *cursor = end;
    return NMD_OK;
  }
  **cursor = '\0';
  *end = '\0';
  for (*cursor = end + 1; is_space(**cursor);) ++*cursor;
  return next_value(source, cursor, found);
}

static nmd_status read_reals(const nmd_source *source, char *text, const char *what, int n, double *out) {
  char *words[16];
  const char *start = text;
  for (char *c = text; *c != '\0'; c++)
    if (strchr(SEPARATORS, *c) != NULL) *c = ' ';
  const int found = nmd_split(text, words, n + 1);
  if (found != n)
    return nmd_source_fail(source, start, NMD_FILE_FORMAT, "%s: %s%d numbers; expected %d, as in %s=\"1 0 0 ...\"",
                           what, found > n ? "more than " : "", found > n ? n : found, n, what);
  return nmd_source_reals(source, words, n, what, out);
}

static bool parse_flag(const char *word, bool *flag) {
  static const char *const yes[] = {"T", "True", "true", "TRUE", "t", "1"};
  static const char *const no[] = {"F", "False", "false", "FALSE", "f", "0"};
  for (int i = 0; i < 6; i++) {
    *flag = strcmp(word, yes[i]) == 0;
    if (*flag || strcmp(word, no[i]) == 0) return true;
  }
  return false;
}

static nmd_status read_flags(const nmd_source *source, char *text, bool flags[3]) {
  char *words[4];
  const char *start = text;
  for (char *c = text; *c != '\0'; c++)
    if (strchr(SEPARATORS, *c) != NULL) *c = ' ';
  const int found = nmd_split(text, words, 4);
  if (found != 3)
    return nmd_source_fail(source, start, NMD_FILE_FORMAT, "pbc: %d values; expected three, as in pbc=\"T T F\"",
                           found);
  for (int d = 0; d < 3; d++)
    if (!parse_flag(words[d], &flags[d]))
      return nmd_source_fail(source, words[d], NMD_FILE_FORMAT, "pbc: '%.20s'; expected T or F, as in pbc=\"T T F\"",
                             words[d]);
  return NMD_OK;
}

/* Names under which programs write what we know. `vel` and `velo` are in A/fs (QUIP, GPUMD, nnpmd). */
static const struct {
  const char *name;
  nmd__xyz_field field;
  char type;
  int count;
} known_columns[] = {
    {"species", NMD__XYZ_SPECIES, 'S', 1},    {"element", NMD__XYZ_SPECIES, 'S', 1},
    {"symbols", NMD__XYZ_SPECIES, 'S', 1},    {"Z", NMD__XYZ_NUMBER, 'I', 1},
    {"numbers", NMD__XYZ_NUMBER, 'I', 1},     {"pos", NMD__XYZ_POSITION, 'R', 3},
    {"positions", NMD__XYZ_POSITION, 'R', 3}, {"velo", NMD__XYZ_VELOCITY, 'R', 3},
    {"vel", NMD__XYZ_VELOCITY, 'R', 3},       {"velocities", NMD__XYZ_VELOCITY, 'R', 3},
    {"momenta", NMD__XYZ_MOMENTUM, 'R', 3},   {"forces", NMD__XYZ_FORCE, 'R', 3},
    {"force", NMD__XYZ_FORCE, 'R', 3},        {"id", NMD__XYZ_ID, 'I', 1},
    {"image", NMD__XYZ_IMAGE, 'I', 3},        {"images", NMD__XYZ_IMAGE, 'I', 3},
    {"mass", NMD__XYZ_MASS, 'R', 1},          {"masses", NMD__XYZ_MASS, 'R', 1},
};
enum { N_KNOWN = sizeof known_columns / sizeof known_columns[0] };

static nmd_status enter_column(const nmd_source *source, const char *name, char type, int64_t count,
                               nmd__xyz_header *header) {
  for (int k = 0; k < N_KNOWN; k++) {
    if (strcmp(known_columns[k].name, name) != 0) continue;
    int *start = &header->start[known_columns[k].field];
    if (*start >= 0)
      return nmd_source_fail(source, name, NMD_DUPLICATE_KEY,
                             "Properties: column '%s' repeats one before it; expected one column of a kind; drop one",
                             name);
    const bool whole_as_real = type == 'I' && known_columns[k].type == 'R';
    if ((type != known_columns[k].type && !whole_as_real) || count != known_columns[k].count)
      return nmd_source_fail(source, name, NMD_FILE_FORMAT,
                             "Properties: column %s:%c:%lld; expected %s:%c:%d; correct or rename it", name, type,
                             (long long)count, name, known_columns[k].type, known_columns[k].count);
    *start = header->columns;
  }
  header->columns += (int)count;
  return NMD_OK;
}

/* Cut the next part off a "name:type:count:..." text; NULL behind the last. */
static char *next_part(char **cursor) {
  char *part = *cursor;
  if (part == NULL) return NULL;
  char *colon = strchr(part, ':');
  *cursor = colon != NULL ? colon + 1 : NULL;
  if (colon != NULL) *colon = '\0';
  return part;
}

static nmd_status read_properties(const nmd_source *source, char *text, nmd__xyz_header *header) {
  for (char *cursor = text; cursor != NULL;) {
    const char *name = next_part(&cursor), *type = next_part(&cursor), *count = next_part(&cursor);
    if (count == NULL)
      return nmd_source_fail(source, name, NMD_FILE_FORMAT,
                             "Properties: '%.40s' lacks type or count; expected triples such as pos:R:3", name);
    if (strlen(type) != 1 || strchr("SIRL", *type) == NULL)
      return nmd_source_fail(source, type, NMD_FILE_FORMAT,
                             "Properties: type '%.20s' of column '%.40s'; expected S, I, R or L", type, name);
    int64_t width;
    NMD_TRY(nmd_source_int(source, count, "Properties: column count", 1, NMD__XYZ_MAX_COLUMNS - header->columns - 1,
                           &width));
    NMD_TRY(enter_column(source, name, *type, width, header));
  }
  return NMD_OK;
}

static nmd_status check_columns(const nmd_source *source, const nmd__xyz_header *header) {
  const int *start = header->start;
  if (start[NMD__XYZ_POSITION] < 0)
    return nmd_source_fail(source, NULL, NMD_MISSING_KEY,
                           "Properties: no column of positions; expected pos:R:3; add it");
  if (start[NMD__XYZ_SPECIES] < 0 && start[NMD__XYZ_NUMBER] < 0)
    return nmd_source_fail(source, NULL, NMD_MISSING_KEY,
                           "Properties: no column of elements; expected species:S:1 or Z:I:1; add it");
  return NMD_OK;
}

/* Nine numbers, or six in the order of Voigt: xx yy zz yz xz xy. */
static nmd_status read_tensor(const nmd_source *source, char *text, const char *what, double out[3][3]) {
  int words = 0;
  for (const char *c = text; *c != '\0'; words++) {
    c += strspn(c, SEPARATORS);
    if (*c == '\0') break;
    c += strcspn(c, SEPARATORS);
  }
  if (words != 6) return read_reals(source, text, what, 9, &out[0][0]);
  double v[6];
  NMD_TRY(read_reals(source, text, what, 6, v));
  const double full[9] = {v[0], v[5], v[4], v[5], v[1], v[3], v[4], v[3], v[2]};
  memcpy(out, full, sizeof full);
  return NMD_OK;
}

static nmd_status take_info(const nmd_source *source, const pair *p, nmd_structure *labels) {
  if (labels->n_info < MAX_INFO || nmd_structure_info(labels, p->key) != NULL)
    return nmd_structure_set_info(labels, p->key, p->value);
  return nmd_source_fail(source, p->key, NMD_FILE_FORMAT, "more than %d keys in this line; expected fewer; drop some",
                         MAX_INFO);
}

enum { KEY_LATTICE, KEY_ORIGIN, KEY_PBC, KEY_PROPERTIES, KEY_ENERGY, KEY_STRESS, KEY_VIRIAL, N_KEYS };
static const char *const keys[N_KEYS] = {"Lattice", "Origin", "pbc", "Properties", "energy", "stress", "virial"};

static int find_key(const char *name) {
  int key = 0;
  /* a `lattice` overlooked because of its case would silently make a cluster of a crystal */
  while (key < N_KEYS && (key >= KEY_ENERGY ? strcmp : strcasecmp)(name, keys[key]) != 0) key++;
  return key;
}

static nmd_status take_pair(const nmd_source *source, const pair *p, bool seen[N_KEYS], nmd__xyz_header *header) {
  if (p->alone) return NMD_OK;
  const int key = find_key(p->key);
  if (key == N_KEYS) return take_info(source, p, &header->labels);
  if (seen[key])
    return nmd_source_fail(source, p->key, NMD_DUPLICATE_KEY, "%s: given twice in this line; expected once; drop one",
                           keys[key]);
  seen[key] = true;
  switch (key) {
  case KEY_LATTICE: return read_reals(source, p->value, keys[key], 9, &header->lattice[0][0]);
  case KEY_ORIGIN: return read_reals(source, p->value, keys[key], 3, header->origin);
  case KEY_PBC: return read_flags(source, p->value, header->periodic);
  case KEY_PROPERTIES: return read_properties(source, p->value, header);
  case KEY_STRESS: return read_tensor(source, p->value, keys[key], header->labels.stress);
  case KEY_VIRIAL: return read_tensor(source, p->value, keys[key], header->virial);
  default: return nmd_source_real(source, p->value, keys[key], &header->labels.energy);
  }
}

nmd_status nmd__xyz_info_read(const nmd_source *source, char *text, nmd_structure *labels) {
  char *cursor = text;
  for (;;) {
    pair p;
    if (next_pair(source, &cursor, &p) != NMD_OK || p.key == NULL) return NMD_OK;
    if (p.alone || p.key[0] == '\0' || labels->n_info == MAX_INFO) continue;
    const int key = find_key(p.key);
    if (key == N_KEYS) NMD_TRY(nmd_structure_set_info(labels, p.key, p.value));
    if (key == KEY_STRESS) labels->has_stress = read_tensor(source, p.value, p.key, labels->stress) == NMD_OK;
  }
}

nmd_status nmd__xyz_header_read(nmd_source *source, nmd__xyz_header *header) {
  *header = (nmd__xyz_header){0};
  for (int k = 0; k < NMD__XYZ_FIELDS; k++) header->start[k] = -1;
  bool seen[N_KEYS] = {false};
  memcpy(source->words, source->text, source->length + 1);
  char *cursor = source->words;
  for (;;) {
    pair p;
    NMD_TRY(next_pair(source, &cursor, &p));
    if (p.key == NULL) break;
    NMD_TRY(take_pair(source, &p, seen, header));
  }
  header->has_lattice = seen[KEY_LATTICE];
  header->has_virial = seen[KEY_VIRIAL];
  header->labels.has_energy = seen[KEY_ENERGY];
  header->labels.has_stress = seen[KEY_STRESS];
  if (!seen[KEY_PROPERTIES]) { /* plain XYZ */
    header->start[NMD__XYZ_SPECIES] = 0;
    header->start[NMD__XYZ_POSITION] = 1;
    header->columns = 4;
  }
  const bool *pbc = header->periodic;
  if (!header->has_lattice && (pbc[0] || pbc[1] || pbc[2]))
    return nmd_source_fail(source, NULL, NMD_MISSING_KEY,
                           "pbc has T but there is no Lattice; expected Lattice=\"ax ay az bx ... cz\"; add it");
  for (int d = 0; d < 3 && header->has_lattice && !seen[KEY_PBC]; d++) header->periodic[d] = true;
  return check_columns(source, header);
}
