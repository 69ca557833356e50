/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups of a run: who is in them, which of them are frozen, and the same after a restart. */
#include <string.h>

#include "base/memory.h"
#include "io/checkpoint.h"
#include "simulation/simulation.h"

/* Atoms with any of these bits, on all ranks. */
static int64_t count_members(const nmd_simulation *s, uint32_t bits) {
  int64_t n = 0;
  for (int i = 0; i < s->atoms.n_owned; i++) n += (s->atoms.groups[i] & bits) != 0;
  nmd_comm_sum_int(s->comm, &n, 1);
  return n;
}

nmd_status nmd_members_check(const nmd_simulation *s) {
  for (int k = 0; k < s->groups.n; k++) {
    const int64_t n = count_members(s, (uint32_t)1 << k);
    const char *name = nmd_groups_name(&s->groups, k);
    if (n == 0)
      NMD_FAIL_AT(s->input.groups->items[k], CONFLICT,
                  "group \"%s\": no atom fits; check elements, ids and bounds (A) against the structure", name);
    nmd_log_info("Group %s: %lld atoms", name, (long long)n);
  }
  for (int k = 0; k < s->n_stages; k++) {
    const int64_t frozen = count_members(s, s->groups.frozen | s->stages[k].frozen);
    if (frozen > 0 && s->stages[k].common.remove_drift > 0)
      NMD_FAIL_AT(s->stages[k].node, CONFLICT, "remove_drift: frozen atoms hold the others; expected 0 with them");
    if (frozen == s->n_atoms) NMD_FAIL_AT(s->stages[k].node, CONFLICT, "all atoms are frozen; expected some that move");
  }
  return NMD_OK;
}

nmd_status nmd_members_freeze(nmd_simulation *s) {
  const uint32_t frozen = s->groups.frozen | s->stages[s->stage].frozen;
  const bool thawed = (s->motion.frozen & ~frozen) != 0; /* their forces were not kept */
  s->motion.frozen = frozen;
  s->motion.n_frozen = count_members(s, frozen);
  if (thawed) {
    const nmd_run_counters counters = s->counters;
    NMD_TRY(nmd_simulation_forces(s));
    s->counters = counters;
  }
  nmd_freeze(&s->motion);
  return NMD_OK;
}

/* ---- checkpoint ---- */

nmd_status nmd_members_save(const nmd_simulation *s, nmd_checkpoint_writer *writer) {
  char *text;
  NMD_TRY(nmd_groups_describe(&s->groups, &text));
  nmd_status status = nmd_checkpoint_writer_add(writer, "groups", text, strlen(text));
  nmd_free(text);
  if (status == NMD_OK)
    status = nmd_checkpoint_writer_add(writer, "frozen", &s->motion.frozen, sizeof s->motion.frozen);
  return status;
}

static const char *line_end(const char *line) {
  const char *end = strchr(line, '\n');
  return end != NULL ? end : line + strlen(line);
}

/* Number of the line of `text` that equals `line`, -1: none. */
static int find_line(const char *text, const char *line, size_t length) {
  for (int k = 0; *text != '\0'; k++) {
    const char *end = line_end(text);
    if ((size_t)(end - text) == length && memcmp(text, line, length) == 0) return k;
    text = *end != '\0' ? end + 1 : end;
  }
  return -1;
}

/* Groups that the checkpoint knows keep their members; others get theirs from where the atoms are now. */
static void renew(nmd_simulation *s, const int *old) {
  for (int i = 0; i < s->atoms.n_owned; i++) {
    double x[3];
    int image[3] = {0, 0, 0};
    memcpy(x, s->atoms.x + 3 * i, sizeof x);
    nmd_box_wrap(&s->box, x, image);
    const uint32_t saved = s->atoms.groups[i];
    const int z = s->species.atomic_number[s->atoms.species[i]];
    const uint32_t fresh = nmd_groups_of(&s->groups, &s->box, s->atoms.id[i], z, x);
    s->atoms.groups[i] = 0;
    for (int k = 0; k < s->groups.n; k++) {
      const uint32_t bit = (uint32_t)1 << k;
      const bool in = old[k] >= 0 ? (saved >> old[k] & 1) != 0 : (fresh & bit) != 0;
      if (in) s->atoms.groups[i] |= bit;
    }
  }
}

static nmd_status match_groups(nmd_simulation *s, const char *saved) {
  int old[NMD_GROUPS_MAX];
  char *text;
  NMD_TRY(nmd_groups_describe(&s->groups, &text));
  const char *line = text;
  for (int k = 0; k < s->groups.n; k++) {
    const char *end = line_end(line);
    old[k] = find_line(saved, line, (size_t)(end - line));
    if (old[k] < 0)
      nmd_log_info("Group %s is new or defined otherwise than in the checkpoint: its members are chosen now",
                   nmd_groups_name(&s->groups, k));
    line = end + 1;
  }
  if (strcmp(saved, text) != 0) {
    renew(s, old);
    if (s->motion.frozen != 0) s->motion.frozen = ~(uint32_t)0; /* other bits now: whoever moves needs new forces */
  }
  nmd_free(text);
  return NMD_OK;
}

nmd_status nmd_members_restore(nmd_simulation *s, const nmd_checkpoint *file) {
  const void *bytes = NULL;
  size_t n = 0;
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(s->comm) == 0) status = nmd_checkpoint_view(file, "groups", 1, &bytes, &n);
  if (nmd_comm_rank(s->comm) == 0 && status == NMD_OK)
    status = nmd_checkpoint_get(file, "frozen", &s->motion.frozen, sizeof s->motion.frozen);
  NMD_TRY(nmd_comm_agree(s->comm, status));
  nmd_comm_broadcast(s->comm, &s->motion.frozen, sizeof s->motion.frozen, 0);
  nmd_comm_broadcast(s->comm, &n, sizeof n, 0);
  char *saved;
  NMD_TRY(nmd_comm_agree(s->comm, nmd_alloc(&saved, n + 1, 1)));
  if (bytes != NULL) memcpy(saved, bytes, n);
  nmd_comm_broadcast(s->comm, saved, n, 0);
  status = nmd_comm_agree(s->comm, match_groups(s, saved));
  nmd_free(saved);
  return status;
}
