/* SPDX-License-Identifier: BSD-3-Clause */
/* The walks of a cycle: every start at every temperature, in a folder with an input of nnpmd that can be run by hand.
 */
#ifndef NNPMD_STUDY_ACTIVE_WALKS_H
#define NNPMD_STUDY_ACTIVE_WALKS_H

#include "io/buffer.h"
#include "study/active.h"

typedef struct nmd_active_walk {
  int64_t start;           /* index of the structure */
  const char *temperature; /* as written, or "" */
  char name[32];           /* walk_0007 */
} nmd_active_walk;

/* How a walk ended. */
typedef struct nmd_active_walk_end {
  char *input; /* digest of its input: another one means it is to be done again */
  int64_t steps;
  char *ended; /* "complete", or why it ended early */
} nmd_active_walk_end;

void nmd_active_walk_at(const nmd_active *active, int64_t index, nmd_active_walk *out);
/* The section `potential` with the folder of models in place of the word committee, paths made absolute: text of the
 * value of a key, indented by `indent`. Errors: FILE_MISSING (no such folder), MEMORY. */
nmd_status nmd_active_potential_text(const nmd_active *active, const char *models, int indent,
                                     nmd_buffer *out) NMD_MUST_USE;
/* Run what is not done. Collective. Errors: those of inputs; INTERRUPTED, WRITE, MEMORY. A walk that physics ends is a
 * result. */
nmd_status nmd_active_walks_run(const nmd_active *active, int64_t cycle) NMD_MUST_USE;
/* steps of all walks, and how many ended early. Local; after walks_run. Errors: as nmd_options_parse, READ. */
nmd_status nmd_active_walks_count(const nmd_active *active, int64_t cycle, int64_t *steps, int64_t *early) NMD_MUST_USE;
/* File of the frames to choose from, relative to the folder of a walk. */
const char *nmd_active_walk_frames(const nmd_active *active);

#endif
