/* SPDX-License-Identifier: BSD-3-Clause */
/* What the environment tells about the launcher. */
#include <stdlib.h>

#include "parallel/comm_private.h"

typedef struct claim {
  const char *name;
  bool is_rank; /* the variable holds a rank, so at least rank + 1 processes were started */
} claim;

static const claim mpi_claims[] = {
    {"OMPI_COMM_WORLD_SIZE", false}, {"PMI_SIZE", false}, {"MV2_COMM_WORLD_SIZE", false},
    {"OMPI_COMM_WORLD_RANK", true},  {"PMI_RANK", true},  {"PMIX_RANK", true},
};
/* SLURM_NTASKS is not here: a batch script has it too, and a single process started from there is no mistake. */
static const claim slurm_claims[] = {{"SLURM_STEP_NUM_TASKS", false}, {"SLURM_PROCID", true}};

/* Processes that one variable stands for; 0 if it is absent or no number. */
static int64_t claimed(const claim *c, char *(*get)(const char *)) {
  const char *text = get(c->name);
  if (text == NULL || *text == '\0') return 0;
  char *end;
  const long value = strtol(text, &end, 10);
  if (*end != '\0' || value < 0 || value > 1000000000L) return 0;
  return c->is_rank ? value + 1 : value;
}

const char *nmd__launch_claim(char *(*get)(const char *), int64_t *processes) {
  bool alone = false;
  for (size_t k = 0; k < sizeof mpi_claims / sizeof *mpi_claims; k++) {
    *processes = claimed(&mpi_claims[k], get);
    if (*processes > 1) return mpi_claims[k].name;
    if (*processes == 1 && !mpi_claims[k].is_rank) alone = true;
  }
  /* An MPI launcher that said 1 is to be trusted: Slurm's variables may come from the step that carries its daemons. */
  for (size_t k = 0; !alone && k < sizeof slurm_claims / sizeof *slurm_claims; k++) {
    *processes = claimed(&slurm_claims[k], get);
    if (*processes > 1) return slurm_claims[k].name;
  }
  *processes = 1;
  return NULL;
}
