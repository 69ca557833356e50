/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/selection.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/element.h"

static nmd_status bad_range(const char *word) {
  NMD_FAIL(BAD_NUMBER, "--ids: '%.40s' is no id or range; expected e.g. 1-100,205,300-400:2 with ids from 1 up", word);
}

/* "7", "7-9", "7-90:2"; the word is cut up. */
static nmd_status parse_range(char *word, nmd_id_range *range) {
  char whole[48] = "";
  strncat(whole, word, sizeof whole - 1);
  char *dash = strchr(word, '-'), *colon = strchr(word, ':');
  if (dash != NULL) *dash = '\0';
  if (colon != NULL) *colon = '\0';
  range->stride = 1;
  if (!nmd_parse_int(word, &range->first)) return bad_range(whole);
  range->last = range->first;
  if (dash != NULL && !nmd_parse_int(dash + 1, &range->last)) return bad_range(whole);
  if (colon != NULL && !nmd_parse_int(colon + 1, &range->stride)) return bad_range(whole);
  if (range->first >= 1 && range->last >= range->first && range->stride >= 1) return NMD_OK;
  return bad_range(whole);
}

static nmd_status parse_ranges(nmd_selection *selection, char *text) {
  int capacity = 0;
  for (char *word = strtok(text, ", \t\r\n"); word != NULL; word = strtok(NULL, ", \t\r\n")) {
    if (selection->n_ranges == capacity) {
      capacity = 2 * capacity + 16;
      NMD_TRY(NMD_GROW(selection->ranges, selection->n_ranges, capacity));
    }
    NMD_TRY(parse_range(word, &selection->ranges[selection->n_ranges++]));
  }
  if (selection->n_ranges > 0) return NMD_OK;
  NMD_FAIL(OUT_OF_RANGE, "--ids: no ids at all; expected e.g. 1-100,205");
}

nmd_status nmd_selection_init(nmd_selection *selection, const nmd_text_list *elements, const char *ids) {
  *selection = (nmd_selection){.any_element = elements == NULL || elements->n == 0};
  for (int k = 0; elements != NULL && k < elements->n; k++) {
    const int number = nmd_element_from_symbol(elements->items[k]);
    if (number == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "'%.40s' is not a chemical element; expected symbols such as Li,La (case matters)",
               elements->items[k]);
    selection->element[number] = true;
  }
  if (ids == NULL || ids[0] == '\0') return NMD_OK;
  char *text;
  size_t length;
  NMD_TRY(ids[0] == '@' ? nmd_text_read_file(ids + 1, &text, &length) : nmd_strdup(ids, &text));
  const nmd_status status = parse_ranges(selection, text);
  nmd_free(text);
  if (status != NMD_OK) nmd_selection_free(selection);
  return status;
}

bool nmd_selection_has(const nmd_selection *selection, int64_t id, int atomic_number) {
  if (!selection->any_element && !selection->element[atomic_number]) return false;
  for (int k = 0; k < selection->n_ranges; k++) {
    const nmd_id_range *r = &selection->ranges[k];
    if (id >= r->first && id <= r->last && (id - r->first) % r->stride == 0) return true;
  }
  return selection->n_ranges == 0;
}

void nmd_selection_free(nmd_selection *selection) {
  nmd_free(selection->ranges);
  *selection = (nmd_selection){0};
}
