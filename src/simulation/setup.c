/* SPDX-License-Identifier: BSD-3-Clause */
/* From input to objects, in order of dependence. Nothing is written here. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/vec3.h"
#include "build/builder.h"
#include "build/overlap.h"
#include "build/transform.h"
#include "io/read_structure.h"
#include "io/write_structure.h"
#include "simulation/monte_carlo.h"

static void log_lines(void *context, const char *text) {
  (void)context;
  const size_t length = strlen(text);
  if (length > 0) nmd_log_info("  %.*s", (int)(length - (text[length - 1] == '\n')), text);
}

/* Put the place of a key of `map` in front of a message of a layer that does not know the input. */
static nmd_status blame(nmd_status status, const nmd_yaml_node *map, const char *key) {
  if (status == NMD_OK) return NMD_OK;
  const nmd_yaml_node *value = nmd_yaml_find(map, key);
  return nmd_yaml_blame(status, value != NULL ? value : map, key);
}

/* A message with a line of the structure file says enough; one about the file as a whole lacks who asked for it. */
static nmd_status read_structure(const nmd_input *input, nmd_structure *structure) {
  const nmd_structure_input *in = &input->structure;
  const nmd_read_options options = {.format = nmd_structure_format_chosen(in->format),
                                    .elements = (const char *const *)in->elements.items,
                                    .n_elements = in->elements.n,
                                    .length_unit = in->length_unit};
  const nmd_status status = nmd_structure_read(in->file, &options, in->frame, structure);
  if (status == NMD_OK || nmd_error_is_in(in->file)) return status;
  return blame(status, input->structure_node, status == NMD_OUT_OF_RANGE ? "frame" : "file");
}

static bool is_same_file(const char *a, const char *b) {
  struct stat x, y;
  return a != NULL && b != NULL && stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static nmd_status load_structure(const nmd_input *input, nmd_structure *structure) {
  const nmd_structure_input *in = &input->structure;
  const nmd_build_report report = {log_lines, NULL};
  if (in->build != NULL)
    NMD_TRY(nmd_build(in->build, (uint64_t)input->seed, &report, structure));
  else
    NMD_TRY(read_structure(input, structure));
  if (in->repeat[0] * in->repeat[1] * in->repeat[2] > 1) {
    nmd_structure once = *structure;
    const nmd_status status = nmd_structure_repeat(&once, in->repeat, structure);
    nmd_structure_free(&once);
    NMD_TRY(blame(status, input->structure_node, "repeat"));
  }
  if (structure->n == 0) NMD_FAIL_AT(input->structure_node, CONFLICT, "structure: no atoms; expected at least one");
  const nmd_status status = nmd_structure_check_overlaps(structure, in->minimum_distance);
  NMD_TRY(blame(status, input->structure_node, in->build != NULL ? "build" : "file"));
  if (in->save == NULL) return NMD_OK;
  if (is_same_file(in->save, in->file))
    NMD_FAIL_AT(input->structure_node, CONFLICT, "save: \"%s\" would overwrite the structure file", in->save);
  return blame(nmd_structure_write(in->save, NULL, structure), input->structure_node, "save");
}

static nmd_status place_atoms(nmd_simulation *s, const nmd_structure *structure) {
  const int64_t *g = s->input.parallel.grid;
  const int grid[3] = {(int)g[0], (int)g[1], (int)g[2]};
  nmd_status status = nmd_domain_init(&s->domain, s->comm, &s->box, grid);
  if (s->input.parallel_node != NULL) status = blame(status, s->input.parallel_node, "grid");
  NMD_TRY(nmd_comm_agree(s->comm, status));
  NMD_TRY(nmd_simulation_deal(s, structure));
  NMD_TRY(nmd_comm_agree(s->comm, nmd_halo_create(&s->halo)));
  nmd_neighbour_list_init(&s->list, s->potential.ops->cutoff(s->potential.self), s->input.parallel.skin);
  s->list.threads = s->threads;
  return NMD_OK;
}

/* No file is written twice, and none that is read: a slip in `file` must not cost the structure. */
static nmd_status check_path(const nmd_simulation *s, const char *path, const nmd_yaml_node *node) {
  const char *other = strcmp(s->checkpoint_path, path) == 0 ? "is the checkpoint" : NULL;
  for (int k = 0; k < s->n_outputs; k++)
    if (strcmp(s->outputs[k].path, path) == 0) other = "is written by an earlier output too";
  if (is_same_file(path, s->input.structure.file)) other = "would overwrite the structure file";
  if (is_same_file(path, nmd_yaml_root(s->input.tree)->file)) other = "would overwrite the input";
  if (other == NULL) return NMD_OK;
  NMD_FAIL_AT(node, CONFLICT, "file: \"%s\" %s; give each output a `file` of its own", path, other);
}

/* What only a committee can tell, or only this set of files. */
static nmd_status check_output(const nmd_simulation *s, const nmd_output *output, const nmd_yaml_node *node) {
  NMD_TRY(check_path(s, output->path, node));
  if ((output->ops->wants(output->self) & NMD_WANT_SIGMA) == 0 || nmd_potential_members(&s->potential) > 1) return NMD_OK;
  NMD_FAIL_AT(node, CONFLICT,
              "sigma: the potential has one member; expected a committee, models in the sub-folders 1, 2, ... of "
              "its folder; leave sigma out");
}

static nmd_status create_outputs(nmd_simulation *s) {
  const nmd_yaml_node *list = s->input.outputs;
  const int n = list != NULL ? list->n : 0;
  NMD_TRY(nmd_path_join(s->input.output_folder, s->input.checkpoint.file, &s->checkpoint_path));
  NMD_TRY(NMD_ALLOC(s->outputs, n));
  for (; s->n_outputs < n; s->n_outputs++) {
    nmd_output *fresh = &s->outputs[s->n_outputs];
    NMD_TRY(nmd_output_create(list->items[s->n_outputs], s->input.output_folder, &s->species, &s->groups, fresh));
    const nmd_status status = check_output(s, fresh, list->items[s->n_outputs]);
    if (status != NMD_OK) nmd_output_destroy(fresh);
    NMD_TRY(status);
  }
  return NMD_OK;
}

static nmd_status run_exchange(void *context, const nmd_exchange *what, nmd_exchange_counts *counts) {
  return nmd_monte_carlo_moves(context, what, counts);
}

static nmd_status evaluate_images(void *context, nmd_band *band, const bool *wanted) {
  nmd_simulation *s = context;
  if (s->images == NULL) NMD_TRY(nmd_images_create(s, band->n - 2, &s->images));
  return nmd_images_evaluate(s->images, s, band, wanted);
}

/* Moves of single elements need energies of single atoms that look no farther than the cut-off, at elements only. */
static bool has_local_energies(const nmd_potential *potential) {
  const unsigned traits = potential->ops->traits != NULL ? potential->ops->traits(potential->self) : 0;
  return (traits & (NMD_TRAIT_FULL_COULOMB | NMD_TRAIT_GROUPS)) == 0;
}

static void connect_motion(nmd_simulation *s) {
  s->exchange = (nmd_exchange_service){run_exchange, s};
  s->band_service = (nmd_band_service){evaluate_images, s};
  s->motion = (nmd_motion){.comm = s->comm,
                           .atoms = &s->atoms,
                           .box = &s->box,
                           .species = &s->species,
                           .groups = &s->groups,
                           .n_atoms = s->n_atoms,
                           .seed = (uint64_t)s->input.seed,
                           .timestep = 1.0,
                           .exchange = has_local_energies(&s->potential) ? &s->exchange : NULL,
                           .images = &s->band_service};
}

/* What only an ensemble can check (axes of a barostat, say) should fail now and not after days of earlier stages. */
static nmd_status try_stages(nmd_simulation *s) {
  for (int k = 0; k < s->n_stages; k++) {
    const nmd_stage *stage = &s->stages[k];
    void *ensemble = NULL;
    s->motion.timestep = stage->common.timestep;
    nmd_log_mute(true); /* velocities are not there yet: warnings about them would be false */
    nmd_status status = stage->ops->create(stage->own, &s->motion, &ensemble);
    nmd_log_mute(false);
    if (status == NMD_OK) stage->ops->destroy(ensemble);
    else
      status = nmd_yaml_blame(status, stage->node, NULL); /* sections below it know theirs */
    NMD_TRY(nmd_comm_agree(s->comm, status));
  }
  return NMD_OK;
}

static nmd_status create_from_structure(nmd_simulation *s, const nmd_structure *structure) {
  NMD_TRY(nmd_comm_agree(s->comm, nmd_simulation_set_masses(s)));
  NMD_TRY(nmd_comm_agree(s->comm, nmd_groups_parse(s->input.groups, &s->groups)));
  nmd_log_info("Loading the potential");
  NMD_TRY(nmd_comm_agree(s->comm,
                         nmd_potential_create_grouped(s->input.potential, &s->species, &s->groups, &s->potential)));
  s->potential.ops->describe(s->potential.self, log_lines, NULL);
  NMD_TRY(nmd_comm_agree(s->comm, nmd_stages_parse(s->input.stages, &s->groups, &s->stages, &s->n_stages)));
  NMD_TRY(nmd_comm_agree(s->comm, create_outputs(s)));
  NMD_TRY(place_atoms(s, structure));
  connect_motion(s);
  NMD_TRY(nmd_members_check(s));
  if (s->input.checkpoint.last_frames > 0)
    NMD_TRY(nmd_comm_agree(s->comm, nmd_ring_create((int)s->input.checkpoint.last_frames, &s->ring)));
  return try_stages(s);
}

static void log_structure(const nmd_structure *structure) {
  int64_t count[NMD_ELEMENT_MAX + 1] = {0};
  nmd_species species;
  nmd_species_init(&species, structure->atomic_number, (long)structure->n);
  for (int64_t k = 0; k < structure->n; k++) count[structure->atomic_number[k]]++;
  char text[512] = "";
  size_t used = 0;
  for (int e = 0; e < species.n && used < sizeof text - 32; e++)
    used += (size_t)snprintf(text + used, sizeof text - used, " %s%lld", nmd_element_symbol(species.atomic_number[e]),
                             (long long)count[species.atomic_number[e]]);
  nmd_log_info("Structure: %lld atoms,%s, volume %.6g A^3", (long long)structure->n, text, structure->box.volume);
}

nmd_status nmd_simulation_create_with(const nmd_comm *comm, nmd_input *input, const nmd_structure *structure,
                                      nmd_simulation **out) {
  *out = NULL;
  nmd_simulation *s;
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(s, 1)));
  s->comm = comm;
  s->input = *input;
  *input = (nmd_input){0};
  nmd_atoms_init(&s->atoms);
  nmd_timer_init(&s->timer);
  s->program_MB = nmd_memory_peak_MB();
  nmd_status status = nmd_simulation_set_threads(s);
  if (status == NMD_OK) nmd_simulation_share_head(s, structure);
  if (status == NMD_OK && nmd_comm_rank(comm) == 0) log_structure(structure);
  if (status == NMD_OK) status = create_from_structure(s, structure);
  if (status != NMD_OK) {
    nmd_simulation_destroy(s);
    return status;
  }
  *out = s;
  return NMD_OK;
}

nmd_status nmd_simulation_create(const nmd_comm *comm, nmd_input *input, nmd_simulation **out) {
  *out = NULL;
  if (input->title != NULL) nmd_log_info("%s", input->title);
  nmd_structure structure = {0};
  const double program_MB = nmd_memory_peak_MB();
  nmd_status status = nmd_comm_agree_root(comm, nmd_comm_rank(comm) == 0 ? load_structure(input, &structure) : NMD_OK);
  if (status == NMD_OK) status = nmd_simulation_create_with(comm, input, &structure, out);
  if (status == NMD_OK) (*out)->program_MB = program_MB;
  nmd_structure_free(&structure);
  nmd_input_free(input); /* whatever was not taken over */
  return status;
}

void nmd_simulation_destroy(nmd_simulation *s) {
  if (s == NULL) return;
  nmd_stage_end(s);
  nmd_ring_destroy(s->ring);
  nmd_free(s->sigma_force);
  nmd_free(s->sigma_energy);
  nmd_free(s->atom_extrapolation);
  nmd_free(s->atom_virial);
  nmd_free(s->atom_energy);
  nmd_atoms_free(&s->atoms);
  nmd_neighbour_list_free(&s->list);
  nmd_halo_destroy(s->halo);
  nmd_domain_free(&s->domain);
  nmd_free(s->checkpoint_path);
  for (int k = 0; k < s->n_outputs; k++) nmd_output_destroy(&s->outputs[k]);
  nmd_free(s->outputs);
  for (int k = 0; k < s->n_stages; k++) nmd_stage_free(&s->stages[k]);
  nmd_free(s->stages);
  nmd_potential_destroy(&s->potential);
  nmd_groups_free(&s->groups);
  nmd_input_free(&s->input);
  nmd_free(s);
}
