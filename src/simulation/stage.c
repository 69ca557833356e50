/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/stage.h"

#include <math.h>
#include <stdbool.h>

#include "base/memory.h"
#include "base/option_join.h"

enum { STAGE_MAX = 32, REPEAT_MAX = 1000000 };

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
    {"remove_drift", NMD_OPT_INT, offsetof(nmd_stage_common, remove_drift), .fallback = "0", .min = 0, .max = 1e12,
     .doc = "take the motion of the centre of mass out every so many steps; 0: never (stages that keep the total momentum "
            "start without it and need no removal; langevin and groups with thermostats do)"},
    {"largest_move", NMD_OPT_REAL, offsetof(nmd_stage_common, largest_move), NMD_DIM_LENGTH, "0 A", 0, 10,
     .doc = "no atom should move farther in one step, e.g. 0.1 A; 0: no limit"},
    {"on_large_move", NMD_OPT_CHOICE, offsetof(nmd_stage_common, on_large_move), .fallback = "stop",
     .choices = "stop|warn|shorten",
     .doc = "when one would: stop (exit code 3, naming the atom); warn; or shorten that step so that none does"},
};
static const nmd_option_table common_table = {"stage", "keys of every stage", sizeof(nmd_stage_common),
                                              NMD_COUNT(common_options), common_options};

typedef struct repeat_parameters {
  int64_t times;
  const nmd_yaml_node *stages;
} repeat_parameters;

static nmd_option repeat_options[] = {
    {"times", NMD_OPT_INT, offsetof(repeat_parameters, times), .min = 1, .max = REPEAT_MAX,
     .doc = "how many times the stages are done, one round after the other"},
    {"stages", NMD_OPT_NODE, offsetof(repeat_parameters, stages), .is_list = 1,
     .doc = "stages of a round, e.g. monte_carlo and nvt in turns"},
};
static const nmd_option_table repeat_table = {"repeat", "rounds of stages, as if they were written so many times",
                                              sizeof(repeat_parameters), NMD_COUNT(repeat_options), repeat_options};

/* Tables of the stages proper (what a round may hold), and with `repeat` behind them. */
static const nmd_option_table *const *stage_tables(bool with_repeat) {
  static const nmd_option_table *plain[STAGE_MAX], *all[STAGE_MAX];
  if (plain[0] == NULL) {
    int n = 0;
    for (; nmd_ensemble_tables[n] != NULL; n++)
      plain[n] = all[n] = nmd_option_tables_join(&common_table, nmd_ensemble_tables[n]);
    all[n] = &repeat_table;
    repeat_options[1].variants = plain;
  }
  return with_repeat ? all : plain;
}

const nmd_option_table *const *nmd_stage_tables(void) { return stage_tables(true); }

static nmd_status steps_of_duration(const nmd_yaml_node *node, nmd_stage *stage) {
  const double steps = round(stage->common.duration / stage->common.timestep);
  if (!(steps >= 1 && steps <= 1e15))
    NMD_FAIL_AT(node, OUT_OF_RANGE, "%s: duration %g fs is %g steps of %g fs; expected 1 to 1e15 steps",
                stage->ops->name, stage->common.duration, steps, stage->common.timestep);
  stage->steps = (int64_t)steps;
  return NMD_OK;
}

static nmd_status stage_length(const nmd_yaml_node *node, nmd_stage *stage) {
  const nmd_stage_common *c = &stage->common;
  const int64_t own = stage->ops->max_steps != NULL ? stage->ops->max_steps(stage->own) : 0;
  if (own == 0 && c->duration <= 0 && c->steps == 0)
    NMD_FAIL_AT(node, MISSING_KEY, "%s: no length; expected duration (e.g. 10 ps) or steps", stage->ops->name);
  if (c->duration > 0 && c->steps > 0)
    NMD_FAIL_AT(node, CONFLICT, "%s: duration and steps both given; expected one of them", stage->ops->name);
  if (c->duration > 0 && stage->ops->timeless)
    NMD_FAIL_AT(node, CONFLICT, "%s: has no time: duration %g fs means nothing; expected steps", stage->ops->name,
                c->duration);
  if (own > 0 && (c->duration > 0 || c->steps > 0))
    NMD_FAIL_AT(node, CONFLICT, "%s: has max_steps; expected neither duration nor steps", stage->ops->name);
  if ((stage->ops->finished != NULL || stage->ops->timeless) && (c->largest_move > 0 || c->remove_drift > 0))
    NMD_FAIL_AT(node, CONFLICT,
                "%s: largest_move and remove_drift are for dynamics; expected neither here (minimise has max_move)",
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

static nmd_status parse_stage(const nmd_yaml_node *node, const nmd_groups *groups, nmd_stage *stage) {
  *stage = (nmd_stage){.node = node};
  int which;
  const nmd_yaml_node *body;
  NMD_TRY(nmd_options_variant(node, stage_tables(false), "stage", &which, &body));
  stage->ops = nmd_ensemble_registry[which];
  stage->table = stage_tables(false)[which];
  const nmd_status status = stage_setup(node, body, groups, stage);
  if (status != NMD_OK) nmd_stage_free(stage);
  return status;
}

static nmd_status append_stage(const nmd_yaml_node *node, const nmd_groups *groups, nmd_stage **stages, int *n) {
  if (*n % STAGE_MAX == 0) NMD_TRY(NMD_GROW(*stages, *n, *n + STAGE_MAX));
  NMD_TRY(parse_stage(node, groups, &(*stages)[*n]));
  (*n)++;
  return NMD_OK;
}

static nmd_status append_rounds(const nmd_yaml_node *body, const nmd_groups *groups, nmd_stage **stages, int *n) {
  repeat_parameters rounds;
  NMD_TRY(nmd_options_parse(&repeat_table, body, &rounds));
  if (rounds.stages->kind != NMD_YAML_LIST || rounds.stages->n == 0)
    NMD_FAIL_AT(rounds.stages, WRONG_TYPE,
                "repeat: stages: expected a list of at least one stage, e.g. [nve: {steps: 100}]");
  if (rounds.times * rounds.stages->n > REPEAT_MAX)
    NMD_FAIL_AT(body, OUT_OF_RANGE, "repeat: %lld rounds of %d stages; expected at most %d stages in all",
                (long long)rounds.times, rounds.stages->n, REPEAT_MAX);
  for (int64_t k = 0; k < rounds.times * rounds.stages->n; k++)
    NMD_TRY(append_stage(rounds.stages->items[k % rounds.stages->n], groups, stages, n));
  return NMD_OK;
}

nmd_status nmd_stages_parse(const nmd_yaml_node *list, const nmd_groups *groups, nmd_stage **stages, int *n) {
  for (int k = 0; k < list->n; k++) {
    int which;
    const nmd_yaml_node *body;
    NMD_TRY(nmd_options_variant(list->items[k], stage_tables(true), "stage", &which, &body));
    if (stage_tables(true)[which] == &repeat_table) NMD_TRY(append_rounds(body, groups, stages, n));
    else NMD_TRY(append_stage(list->items[k], groups, stages, n));
  }
  return NMD_OK;
}

void nmd_stage_free(nmd_stage *stage) {
  if (stage->parameters != NULL) nmd_options_free(stage->table, stage->parameters);
  nmd_free(stage->parameters);
  *stage = (nmd_stage){0};
}
