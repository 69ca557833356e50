/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/read_format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

bool nmd__head_line(const char *head, int index, char line[NMD__LINE_HEAD]) {
  for (; index > 0; index--) {
    head += strcspn(head, "\r\n");
    if (*head == '\0') return false;
    head += head[0] == '\r' && head[1] == '\n' ? 2 : 1;
  }
  size_t n = strcspn(head, "\r\n");
  if (n == 0 && *head == '\0') return false;
  if (n > NMD__LINE_HEAD - 1) n = NMD__LINE_HEAD - 1;
  memcpy(line, head, n);
  line[n] = '\0';
  return true;
}

bool nmd__line_is_reals(const char *line, int n) {
  char copy[NMD__LINE_HEAD], *words[8];
  snprintf(copy, sizeof copy, "%s", line);
  copy[strcspn(copy, "#!")] = '\0';
  const int found = nmd_split(copy, words, 8);
  if (found != n) return false;
  for (int i = 0; i < n; i++) {
    double value;
    if (!nmd_parse_real(words[i], &value)) return false;
  }
  return true;
}

bool nmd__line_is_integer(const char *line) {
  char copy[NMD__LINE_HEAD], *words[2];
  int64_t value;
  snprintf(copy, sizeof copy, "%s", line);
  return nmd_split(copy, words, 2) == 1 && nmd_parse_int(words[0], &value);
}

nmd_status nmd__id_map_init(nmd__id_map *map, int64_t capacity) {
  *map = (nmd__id_map){.slots = 16};
  while (map->slots < 2 * (uint64_t)capacity) map->slots *= 2;
  NMD_TRY(NMD_ALLOC(map->id, map->slots));
  return NMD_ALLOC(map->index, map->slots);
}

/* Slot that holds the id or the free one where it would go. */
static uint64_t slot_of(const nmd__id_map *map, int64_t id) {
  uint64_t slot = ((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (map->slots - 1);
  while (map->id[slot] != 0 && map->id[slot] != id) slot = (slot + 1) & (map->slots - 1);
  return slot;
}

bool nmd__id_map_add(nmd__id_map *map, int64_t id, int64_t index) {
  const uint64_t slot = slot_of(map, id);
  if (map->id[slot] != 0) return false;
  map->id[slot] = id;
  map->index[slot] = index;
  return true;
}

int64_t nmd__id_map_find(const nmd__id_map *map, int64_t id) {
  if (id <= 0) return -1;
  const uint64_t slot = slot_of(map, id);
  return map->id[slot] == 0 ? -1 : map->index[slot];
}

void nmd__id_map_free(nmd__id_map *map) {
  nmd_free(map->id);
  nmd_free(map->index);
  *map = (nmd__id_map){0};
}

nmd_status nmd__read_id(const nmd_source *source, nmd__id_map *map, const char *word, int64_t index, int64_t *id) {
  NMD_TRY(nmd_source_int(source, word, "atom id", 1, INT64_MAX, id));
  if (nmd__id_map_add(map, *id, index)) return NMD_OK;
  return nmd_source_fail(source, word, NMD_DUPLICATE_KEY,
                         "atom id %s occurs a second time (first: atom %lld of the list); expected distinct ids; "
                         "renumber the atoms",
                         word, (long long)nmd__id_map_find(map, *id) + 1);
}

nmd_status nmd__read_box(const nmd_source *source, const double h[3][3], const double origin[3], const bool periodic[3],
                         nmd_box *box) {
  const nmd_status status = nmd_box_init(box, h, origin, periodic);
  if (status == NMD_OK) return NMD_OK;
  nmd_fail_prefix(status, "%s:%lld", source->name, (long long)source->line);
  nmd_error_set_file(source->name);
  return status;
}

nmd_status nmd__box_around(const nmd_source *source, nmd_structure *structure) {
  static const bool open[3] = {false, false, false};
  double h[3][3] = {{0}}, low[3];
  for (int d = 0; d < 3; d++) {
    double high = low[d] = structure->n > 0 ? structure->x[0][d] : 0.0;
    for (int64_t i = 1; i < structure->n; i++) {
      low[d] = fmin(low[d], structure->x[i][d]);
      high = fmax(high, structure->x[i][d]);
    }
    low[d] -= NMD_CLUSTER_MARGIN;
    h[d][d] = high + NMD_CLUSTER_MARGIN - low[d];
  }
  return nmd__read_box(source, h, low, open, &structure->box);
}

/* End of the number at c. */
static const char *fixed_end(const char *c, int decimals) {
  while (*c != '\0' && *c != ' ' && *c != '\t' && *c != '.') c++;
  if (*c != '.') return c;
  int digits = 0;
  for (c++; digits < decimals && *c >= '0' && *c <= '9'; digits++) c++;
  /* a digit or a sign begins the next number; anything else belongs to this word, right (an exponent) or wrong */
  return strchr("+-*0123456789", *c) != NULL ? c : c + strcspn(c, " \t");
}

nmd_status nmd__fixed_reals(const nmd_source *source, const char **at, int decimals, int n, const char *what,
                            double *values) {
  const char *c = *at;
  for (int k = 0; k < n; k++) {
    char word[64];
    c += strspn(c, " \t");
    const char *end = fixed_end(c, decimals);
    if (end == c)
      return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "%s: %d numbers; expected %d; is the file cut or edited?",
                             what, k, n);
    snprintf(word, sizeof word, "%.*s", (int)(end - c), c);
    if (!nmd_parse_real(word, &values[k]))
      return nmd_source_fail(source, c, NMD_BAD_NUMBER, "%s: '%.40s' is not a finite number; correct the value%s", what,
                             word, word[0] == '*' ? " (stars: too large for its field)" : "");
    c = end;
  }
  *at = c;
  return NMD_OK;
}

bool nmd__is_last_line(nmd_source *source) {
  bool end;
  return nmd_source_next(source, &end) == NMD_OK && end;
}

nmd_status nmd__check_finite(const nmd_source *source, const nmd_structure *structure) {
  for (int64_t i = 0; i < structure->n; i++)
    for (int d = 0; d < 3; d++) {
      const double sum = structure->x[i][d] + (structure->v != NULL ? structure->v[i][d] : 0.0) +
                         (structure->f != NULL ? structure->f[i][d] : 0.0);
      if (!isfinite(sum))
        return nmd_source_fail(source, NULL, NMD_OUT_OF_RANGE,
                               "atom %lld of the frame ending here: position, velocity or force is too large to "
                               "represent; expected ordinary magnitudes; correct the values or their unit",
                               (long long)i + 1);
    }
  return NMD_OK;
}
