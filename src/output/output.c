/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/output.h"

#include "base/memory.h"
#include "base/option_join.h"
#include "base/text.h"

extern const nmd_output_ops nmd__output_thermo;
extern const nmd_output_ops nmd__output_trajectory;
extern const nmd_output_ops nmd__output_profile;
extern const nmd_output_ops nmd__output_mixing;
extern const nmd_output_ops nmd__output_composition;
extern const nmd_output_ops nmd__output_groups;
extern const nmd_output_ops nmd__output_extrapolation;
extern const nmd_output_ops nmd__output_rdf;
extern const nmd_output_ops nmd__output_msd;
extern const nmd_output_ops nmd__output_band;
extern const nmd_output_ops nmd__output_summary;

const nmd_output_ops *const nmd_output_registry[] = {
    &nmd__output_thermo,      &nmd__output_trajectory, &nmd__output_profile,       &nmd__output_mixing,
    &nmd__output_composition, &nmd__output_groups,     &nmd__output_extrapolation, &nmd__output_rdf,
    &nmd__output_msd,         &nmd__output_band,       &nmd__output_summary,       NULL,
};
enum { OUTPUT_MAX = 32 };

static const nmd_option common_options[] = {
    {"file", NMD_OPT_TEXT, offsetof(nmd_output_common, file), .fallback = "",
     .doc = "file name inside the output folder; none: the name of the output with an end that tells the format, e.g. "
            "thermo.dat, trajectory.extxyz"},
    {"every", NMD_OPT_INT, offsetof(nmd_output_common, every), .fallback = "100", .min = 1, .max = 1e12,
     .doc = "steps between two writes"},
};
static const nmd_option_table common_table = {"output", "keys of every output", sizeof(nmd_output_common),
                                              NMD_COUNT(common_options), common_options};

const nmd_option_table *const *nmd_output_tables(void) {
  static const nmd_option_table *tables[OUTPUT_MAX];
  if (tables[0] == NULL)
    for (int k = 0; nmd_output_registry[k] != NULL; k++)
      tables[k] = nmd_option_tables_join(&common_table, nmd_output_registry[k]->options);
  return tables;
}

static nmd_status output_setup(nmd_output *out, const nmd_yaml_node *body, const char *folder,
                               const nmd_species *species) {
  void *parameters;
  NMD_TRY(nmd_alloc(&parameters, 1, out->table->size));
  const nmd_status status = nmd_options_parse(out->table, body, parameters);
  if (status != NMD_OK) {
    nmd_free(parameters);
    return status;
  }
  out->parameters = parameters;
  const nmd_output_common *common = parameters;
  out->every = common->every;
  const char *own = (const char *)parameters + nmd_option_tables_join_offset(&common_table);
  const char *file = out->ops->name_file != NULL ? out->ops->name_file(own) : out->ops->default_file;
  NMD_TRY(nmd_path_join(folder, common->file != NULL ? common->file : file, &out->path));
  return out->ops->create(own, out->path, species, &out->self);
}

nmd_status nmd_output_create(const nmd_yaml_node *node, const char *folder, const nmd_species *species,
                             const nmd_groups *groups, nmd_output *out) {
  *out = (nmd_output){0};
  int which;
  const nmd_yaml_node *body;
  NMD_TRY(nmd_options_variant(node, nmd_output_tables(), "output", &which, &body));
  out->ops = nmd_output_registry[which];
  out->table = nmd_output_tables()[which];
  nmd_status status = output_setup(out, body, folder, species);
  if (status == NMD_OK && out->ops->choose != NULL)
    status = nmd_yaml_blame(out->ops->choose(out->self, groups), body, out->ops->name);
  if (status != NMD_OK) nmd_output_destroy(out);
  return status;
}

void nmd_output_destroy(nmd_output *output) {
  if (output->self != NULL) output->ops->destroy(output->self);
  if (output->parameters != NULL) nmd_options_free(output->table, output->parameters);
  nmd_free(output->parameters);
  nmd_free(output->path);
  *output = (nmd_output){0};
}

bool nmd_output_due(const nmd_output *output, int64_t step, bool last) { return last || step % output->every == 0; }
