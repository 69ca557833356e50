/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/groups.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/element.h"

#define FAR 1e9 /* A: no bound */

typedef struct group_parameters {
  char *name;
  nmd_text_list elements, ids;
  int axis; /* 0: none */
  double from, to, box_low[3], box_high[3];
  bool invert, frozen;
} group_parameters;

static const nmd_option options[] = {
    {"name", NMD_OPT_TEXT, offsetof(group_parameters, name),
     .doc = "letters, digits, _ and -; what other keys call it"},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(group_parameters, elements), .fallback = "",
     .doc = "atoms of these elements"},
    {"ids", NMD_OPT_TEXT_LIST, offsetof(group_parameters, ids), .fallback = "",
     .doc = "atoms with these ids (from 1), single ones and ranges, e.g. [1-100, 205]"},
    {"axis", NMD_OPT_CHOICE, offsetof(group_parameters, axis), .fallback = "none", .choices = "none|a|b|c",
     .doc = "atoms between `from` and `to`, measured from the face of the cell at the start across this cell vector"},
    {"from", NMD_OPT_REAL, offsetof(group_parameters, from), NMD_DIM_LENGTH, "-1e9 A", -FAR, FAR,
     .doc = "lower bound along `axis` (belongs to the group)"},
    {"to", NMD_OPT_REAL, offsetof(group_parameters, to), NMD_DIM_LENGTH, "1e9 A", -FAR, FAR,
     .doc = "upper bound along `axis` (does not belong to it)"},
    {"box_low", NMD_OPT_REAL3, offsetof(group_parameters, box_low), NMD_DIM_LENGTH, "-1e9 A", -FAR, FAR,
     .doc = "atoms in a Cartesian box: lowest x, y, z"},
    {"box_high", NMD_OPT_REAL3, offsetof(group_parameters, box_high), NMD_DIM_LENGTH, "1e9 A", -FAR, FAR,
     .doc = "upper bounds of that box in x, y, z (do not belong to it)"},
    {"invert", NMD_OPT_BOOL, offsetof(group_parameters, invert), .fallback = "false",
     .doc = "the atoms that do not fit all the criteria, instead of those that do"},
    {"frozen", NMD_OPT_BOOL, offsetof(group_parameters, frozen), .fallback = "false",
     .doc = "these atoms never move: no force, no velocity, no degrees of freedom (they follow a cell that changes)"},
};
const nmd_option_table nmd_group_table = {"group", "a set of atoms: those that fit all the criteria given",
                                          sizeof(group_parameters), NMD_COUNT(options), options};

typedef struct id_range {
  int64_t first, last;
} id_range;

struct nmd_group {
  group_parameters p; /* owned */
  bool in_box;
  bool element[NMD_ELEMENT_MAX + 1];
  id_range *ranges; /* [p.ids.n] */
};

static nmd_status parse_range(const char *text, id_range *range) {
  char copy[64];
  char *dash = NULL;
  const bool fits = snprintf(copy, sizeof copy, "%s", text) < (int)sizeof copy;
  if (fits && (dash = strchr(copy, '-')) != NULL) *dash++ = '\0';
  const bool good = fits && nmd_parse_int(copy, &range->first) &&
                    (dash == NULL ? (range->last = range->first) > 0 : nmd_parse_int(dash, &range->last));
  if (!good || range->first < 1 || range->last < range->first)
    NMD_FAIL(BAD_NUMBER, "ids: got \"%s\"; expected an id from 1, or a range like 1-100", text);
  return NMD_OK;
}

static nmd_status check_name(const char *name) {
  bool good = name[0] != '\0' && strlen(name) < 64 && strcmp(name, "all") != 0;
  for (const char *c = name; *c != '\0'; c++) good = good && (isalnum((unsigned char)*c) || *c == '_' || *c == '-');
  if (!good)
    NMD_FAIL(BAD_CHOICE, "name: got \"%s\"; expected letters, digits, _ and -, and not \"all\", which means all atoms",
             name);
  return NMD_OK;
}

static nmd_status set_elements(nmd_group *group) {
  for (int k = 0; k < group->p.elements.n; k++) {
    const int z = nmd_element_from_symbol(group->p.elements.items[k]);
    if (z == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "elements: \"%s\" is no chemical symbol; expected e.g. Li", group->p.elements.items[k]);
    group->element[z] = true;
  }
  return NMD_OK;
}

static nmd_status set_criteria(nmd_group *group) {
  const group_parameters *p = &group->p;
  NMD_TRY(check_name(p->name));
  NMD_TRY(set_elements(group));
  NMD_TRY(NMD_ALLOC(group->ranges, p->ids.n));
  for (int k = 0; k < p->ids.n; k++) NMD_TRY(parse_range(p->ids.items[k], &group->ranges[k]));
  for (int k = 0; k < 3; k++) group->in_box = group->in_box || p->box_low[k] > -FAR || p->box_high[k] < FAR;
  if (p->axis == 0 && (p->from > -FAR || p->to < FAR))
    NMD_FAIL(CONFLICT, "from, to: there is no `axis` to measure them along; expected axis: a, b or c");
  if (p->elements.n == 0 && p->ids.n == 0 && p->axis == 0 && !group->in_box)
    NMD_FAIL(CONFLICT, "\"%s\" has no criterion; expected elements, ids, axis or box_low / box_high", p->name);
  return NMD_OK;
}

static nmd_status add_group(nmd_groups *groups, const nmd_yaml_node *node) {
  nmd_group *group = &groups->group[groups->n];
  NMD_TRY(nmd_options_parse(&nmd_group_table, node, &group->p));
  const uint32_t bit = (uint32_t)1 << groups->n++; /* from here on freed with the others */
  nmd_status status = set_criteria(group);
  for (int k = 0; k < groups->n - 1 && status == NMD_OK; k++)
    if (strcmp(groups->group[k].p.name, group->p.name) == 0)
      status =
          nmd_fail(NMD_DUPLICATE_KEY, "name: \"%s\" is given twice; give each group a name of its own", group->p.name);
  if (group->p.frozen) groups->frozen |= bit;
  return nmd_yaml_blame(status, node, "group");
}

nmd_status nmd_groups_parse(const nmd_yaml_node *list, nmd_groups *groups) {
  *groups = (nmd_groups){0};
  const int n = list != NULL ? list->n : 0;
  if (n > NMD_GROUPS_MAX) NMD_FAIL_AT(list, CONFLICT, "groups: %d given; expected at most %d", n, NMD_GROUPS_MAX);
  NMD_TRY(NMD_ALLOC(groups->group, n));
  nmd_status status = NMD_OK;
  for (int k = 0; k < n && status == NMD_OK; k++) status = add_group(groups, list->items[k]);
  if (status != NMD_OK) nmd_groups_free(groups);
  return status;
}

void nmd_groups_free(nmd_groups *groups) {
  for (int k = 0; k < groups->n; k++) {
    nmd_options_free(&nmd_group_table, &groups->group[k].p);
    nmd_free(groups->group[k].ranges);
  }
  nmd_free(groups->group);
  *groups = (nmd_groups){0};
}

const char *nmd_groups_name(const nmd_groups *groups, int k) { return groups->group[k].p.name; }

static bool in_ranges(const nmd_group *group, int64_t id) {
  for (int k = 0; k < group->p.ids.n; k++)
    if (id >= group->ranges[k].first && id <= group->ranges[k].last) return true;
  return group->p.ids.n == 0;
}

static bool in_region(const nmd_group *group, const nmd_box *box, const double x[3]) {
  const group_parameters *p = &group->p;
  if (p->axis > 0) {
    double s[3];
    nmd_box_to_fractional(box, x, s);
    const double height = s[p->axis - 1] * nmd_box_height(box, p->axis - 1);
    if (!(height >= p->from && height < p->to)) return false;
  }
  for (int k = 0; k < 3 && group->in_box; k++)
    if (!(x[k] >= p->box_low[k] && x[k] < p->box_high[k])) return false;
  return true;
}

uint32_t nmd_groups_of(const nmd_groups *groups, const nmd_box *box, int64_t id, int atomic_number, const double x[3]) {
  uint32_t bits = 0;
  for (int k = 0; k < groups->n; k++) {
    const nmd_group *group = &groups->group[k];
    const bool fits =
        (group->p.elements.n == 0 || group->element[atomic_number]) && in_ranges(group, id) && in_region(group, box, x);
    if (fits != group->p.invert) bits |= (uint32_t)1 << k;
  }
  return bits;
}

nmd_status nmd_groups_find(const nmd_groups *groups, const char *name, uint32_t *bit) {
  *bit = 0;
  if (strcmp(name, "all") == 0) return NMD_OK;
  char known[512] = "all";
  size_t used = strlen(known);
  for (int k = 0; groups != NULL && k < groups->n; k++) {
    if (strcmp(groups->group[k].p.name, name) == 0) {
      *bit = (uint32_t)1 << k;
      return NMD_OK;
    }
    if (used < sizeof known)
      used += (size_t)snprintf(known + used, sizeof known - used, ", %s", groups->group[k].p.name);
  }
  NMD_FAIL(BAD_CHOICE, "there is no group \"%s\"; expected one of: %s (add it to `groups`)", name, known);
}

nmd_status nmd_groups_find_all(const nmd_groups *groups, const nmd_text_list *names, uint32_t *bits) {
  *bits = 0;
  for (int k = 0; k < names->n; k++) {
    uint32_t bit;
    NMD_TRY(nmd_groups_find(groups, names->items[k], &bit));
    if (bit == 0) NMD_FAIL(BAD_CHOICE, "\"all\" is no choice here; expected names of `groups`");
    *bits |= bit;
  }
  return NMD_OK;
}

/* ---- description ---- */

typedef struct growing_text {
  char *text;
  size_t length, capacity;
  nmd_status status;
} growing_text;

static void append(void *context, const char *piece) {
  growing_text *to = context;
  const size_t more = strlen(piece) + 3;
  if (to->status != NMD_OK) return;
  if (to->length + more > to->capacity) {
    const size_t wanted = 2 * to->capacity + more;
    to->status = nmd_grow((void *)&to->text, to->capacity, wanted, 1);
    if (to->status != NMD_OK) return;
    to->capacity = wanted;
  }
  to->length += (size_t)snprintf(to->text + to->length, to->capacity - to->length, "%s; ", piece);
}

/* The echo of a long list of ids is cut: what is left out must still tell. */
static void append_ids(growing_text *to, const nmd_group *group) {
  char piece[64];
  uint64_t hash = 0;
  for (int k = 0; k < group->p.ids.n; k++)
    hash = 31 * (31 * hash + (uint64_t)group->ranges[k].first) + (uint64_t)group->ranges[k].last;
  snprintf(piece, sizeof piece, "%d ranges, hash %llx", group->p.ids.n, (unsigned long long)hash);
  append(to, piece);
}

nmd_status nmd_groups_describe(const nmd_groups *groups, char **text) {
  growing_text to = {.status = nmd_alloc(&to.text, 1, 1), .capacity = 1};
  for (int k = 0; k < groups->n; k++) {
    group_parameters p = groups->group[k].p;
    p.frozen = false; /* may change in a restart without changing the members */
    nmd_options_echo(&nmd_group_table, &p, append, &to);
    append_ids(&to, &groups->group[k]);
    if (to.status == NMD_OK) to.text[to.length - 1] = '\n';
  }
  if (to.status != NMD_OK) nmd_free(to.text);
  *text = to.status == NMD_OK ? to.text : NULL;
  return to.status;
}
