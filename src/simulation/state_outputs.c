/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/state_outputs.h"

#include <stdio.h>
#include <string.h>

nmd_status nmd__state_output_find(const nmd_checkpoint *file, int64_t n_saved, const char *path, int64_t *place) {
  *place = -1;
  for (int64_t j = 0; j < n_saved; j++) {
    char name[32];
    const void *saved;
    size_t length;
    snprintf(name, sizeof name, "output%lld", (long long)j);
    NMD_TRY(nmd_checkpoint_view(file, name, 1, &saved, &length));
    if (length == strlen(path) && memcmp(saved, path, length) == 0) *place = j;
  }
  return NMD_OK;
}

nmd_status nmd__state_outputs_add(const nmd_simulation *s, nmd_checkpoint_writer *writer) {
  for (int k = 0; k < s->n_outputs; k++) {
    const nmd_output *output = &s->outputs[k];
    char name[32];
    size_t bytes = 0;
    const void *state = output->ops->state != NULL ? output->ops->state(output->self, &bytes) : NULL;
    snprintf(name, sizeof name, "state%d", k);
    if (bytes > 0) NMD_TRY(nmd_checkpoint_writer_lend(writer, name, state, bytes));
  }
  return NMD_OK;
}

static nmd_status find_state(const nmd_checkpoint *file, int64_t n_saved, const char *path, const void **bytes,
                             size_t *n) {
  char name[32];
  int64_t place;
  NMD_TRY(nmd__state_output_find(file, n_saved, path, &place));
  snprintf(name, sizeof name, "state%lld", (long long)place);
  if (place < 0 || !nmd_checkpoint_has(file, name)) return NMD_OK;
  return nmd_checkpoint_view(file, name, 1, bytes, n);
}

nmd_status nmd__state_outputs_restore(nmd_simulation *s, const nmd_checkpoint *file, int64_t n_saved) {
  for (int k = 0; k < s->n_outputs; k++) {
    const nmd_output *output = &s->outputs[k];
    const void *bytes = NULL;
    size_t n = 0;
    if (output->ops->restore == NULL) continue;
    const bool root = nmd_comm_rank(s->comm) == 0;
    NMD_TRY(nmd_comm_agree(s->comm, root ? find_state(file, n_saved, output->path, &bytes, &n) : NMD_OK));
    NMD_TRY(output->ops->restore(output->self, s->comm, bytes, n));
  }
  return NMD_OK;
}
