/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/stage.h"

#include <math.h>

#include "base/memory.h"
#include "base/option_join.h"

enum { STAGE_MAX = 32 };

static const nmd_option common_options[] = {
    {"duration", NMD_OPT_REAL, offsetof(nmd_stage_common, duration), NMD_DIM_TIME, "0 fs", 0, 1e15,
     .doc = "length of the stage in time; give this or steps (minimise: neither)"},
    {"steps", NMD_OPT_INT, offsetof(nmd_stage_common, steps), .fallback = "0", .min = 0, .max = 1e15,
     .doc = "length of the stage in steps; give this or duration (minimise: neither)"},
    {"timestep", NMD_OPT_REAL, offsetof(nmd_stage_common, timestep), NMD_DIM_TIME, "1 fs", 0, 100, .min_open = 1,
     .doc = "time step"},
    {"velocities", NMD_OPT_REAL, offsetof(nmd_stage_common, velocities), NMD_DIM_TEMPERATURE, "-1", -1, 1e6,
     .doc = "draw new velocities at this temperature when the stage starts (the first stage often needs it); -1: keep "
            "them"},
    {"frozen", NMD_OPT_TEXT_LIST, offsetof(nmd_stage_common, frozen), .fallback = "",
     .doc = "groups of atoms that do not move in this stage, beside those that are `frozen` in `groups`"},
};
static const nmd_option_table common_table = {"stage", "keys of every stage", sizeof(nmd_stage_common),
                                              NMD_COUNT(common_options), common_options};

const nmd_option_table *const *nmd_stage_tables(void) {
  static const nmd_option_table *tables[STAGE_MAX];
  if (tables[0] == NULL)
    for (int k = 0; nmd_ensemble_tables[k] != NULL; k++)
      tables[k] = nmd_option_tables_join(&common_table, nmd_ensemble_tables[k]);
  return tables;
}

static nmd_status steps_of_duration(const nmd_yaml_node *node, nmd_stage *stage) {
  const double steps = round(stage->common.duration / stage->common.timestep);
  if (!(steps >= 1 && steps <= 1e15))
    NMD_FAIL(OUT_OF_RANGE, "%s: %s: duration %g fs is %g steps of %g fs; expected 1 to 1e15 steps",
             nmd_yaml_where(node), stage->ops->name, stage->common.duration, steps, stage->common.timestep);
  stage->steps = (int64_t)steps;
  return NMD_OK;
}

static nmd_status stage_length(const nmd_yaml_node *node, nmd_stage *stage) {
  const nmd_stage_common *c = &stage->common;
  const int64_t own = stage->ops->max_steps != NULL ? stage->ops->max_steps(stage->own) : 0;
  if (own == 0 && c->duration <= 0 && c->steps == 0)
    NMD_FAIL(MISSING_KEY, "%s: %s: no length; expected duration (e.g. 10 ps) or steps", nmd_yaml_where(node),
             stage->ops->name);
  if (c->duration > 0 && c->steps > 0)
    NMD_FAIL(CONFLICT, "%s: %s: duration and steps both given; expected one of them", nmd_yaml_where(node),
             stage->ops->name);
  if (own > 0 && (c->duration > 0 || c->steps > 0))
    NMD_FAIL(CONFLICT, "%s: %s: has max_steps; expected neither duration nor steps", nmd_yaml_where(node),
             stage->ops->name);
  stage->steps = own > 0 ? own : c->steps;
  return stage->steps > 0 ? NMD_OK : steps_of_duration(node, stage);
}

static nmd_status stage_setup(const nmd_yaml_node *node, const nmd_yaml_node *body, const nmd_groups *groups,
                              nmd_stage *stage) {
  void *parameters;
  NMD_TRY(nmd_alloc(&parameters, 1, stage->table->size));
  const nmd_status status = nmd_options_parse(stage->table, body, parameters);
  if (status != NMD_OK) {
    nmd_free(parameters);
    return status;
  }
  stage->parameters = parameters;
  stage->common = *(const nmd_stage_common *)parameters;
  stage->own = (const char *)parameters + nmd_option_tables_join_offset(&common_table);
  NMD_TRY(nmd_yaml_blame(nmd_groups_find_all(groups, &stage->common.frozen, &stage->frozen), node, "frozen"));
  return stage_length(node, stage);
}

nmd_status nmd_stage_parse(const nmd_yaml_node *node, const nmd_groups *groups, nmd_stage *stage) {
  *stage = (nmd_stage){0};
  int which;
  const nmd_yaml_node *body;
  NMD_TRY(nmd_options_variant(node, nmd_stage_tables(), "stage", &which, &body));
  stage->ops = nmd_ensemble_registry[which];
  stage->table = nmd_stage_tables()[which];
  const nmd_status status = stage_setup(node, body, groups, stage);
  if (status != NMD_OK) nmd_stage_free(stage);
  return status;
}

void nmd_stage_free(nmd_stage *stage) {
  if (stage->parameters != NULL) nmd_options_free(stage->table, stage->parameters);
  nmd_free(stage->parameters);
  *stage = (nmd_stage){0};
}
