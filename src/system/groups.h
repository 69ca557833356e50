/* SPDX-License-Identifier: BSD-3-Clause */
/* Atom groups: named sets of atoms by element, id or place at the start, that stay the same for the whole run.
 *
 * Membership is decided once for each atom, from its element, its id and its wrapped position in the structure at the
 * start, and then travels with it as bits in atoms->groups: through migration, sorting, restarts, and whatever place it
 * moves to. It does not depend on the number of ranks. */
#ifndef NNPMD_SYSTEM_GROUPS_H
#define NNPMD_SYSTEM_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"
#include "system/atoms.h"
#include "system/box.h"

enum { NMD_GROUPS_MAX = 32 };

typedef struct nmd_group nmd_group;

typedef struct nmd_groups {
  int n;
  uint32_t frozen;  /* bits of groups that never move */
  nmd_group *group; /* [n] */
} nmd_groups;

extern const nmd_option_table nmd_group_table; /* one item of the input's `groups:` list */

/* From the list (NULL: no groups). Errors: those of the table; DUPLICATE_KEY (a name twice), CONFLICT (too many, a group
 * without criterion), BAD_CHOICE (name), BAD_NUMBER (ids), UNKNOWN_ELEMENT; each with place. Local. */
nmd_status nmd_groups_parse(const nmd_yaml_node *list, nmd_groups *groups) NMD_MUST_USE;
void nmd_groups_free(nmd_groups *groups); /* leaves it zeroed */
const char *nmd_groups_name(const nmd_groups *groups, int k);

/* Bits of the groups that an atom with this id, element and wrapped position (A) belongs to: bit k for group k. */
uint32_t nmd_groups_of(const nmd_groups *groups, const nmd_box *box, int64_t id, int atomic_number, const double x[3]);
/* Bit of the group of this name; "all" has 0, see nmd_subset. groups NULL: there are none. Errors: BAD_CHOICE with the
 * names there are; the caller puts the place in front. */
nmd_status nmd_groups_find(const nmd_groups *groups, const char *name, uint32_t *bit) NMD_MUST_USE;
/* Union of several; an empty list gives 0. */
nmd_status nmd_groups_find_all(const nmd_groups *groups, const nmd_text_list *names, uint32_t *bits) NMD_MUST_USE;
/* One line a group, the name first, then its criteria: equal lines define equal groups. Owner: the caller (nmd_free). */
nmd_status nmd_groups_describe(const nmd_groups *groups, char **text) NMD_MUST_USE;

/* Atoms with any bit of `in` (0: all atoms) and none of `out`. */
typedef struct nmd_subset {
  uint32_t in, out;
} nmd_subset;

static inline bool nmd_in_subset(nmd_subset subset, const nmd_atoms *atoms, int i) {
  const uint32_t bits = atoms->groups[i];
  return (subset.in == 0 || (bits & subset.in) != 0) && (bits & subset.out) == 0;
}

#endif
