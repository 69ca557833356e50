/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/input.h"

#include <string.h>

#include "base/team.h"
#include "build/builder.h"
#include "output/output.h"
#include "parallel/input_tree.h"
#include "potential/potential.h"
#include "simulation/stage.h"
#include "system/groups.h"

#define STRUCTURE_FORMATS "auto|extxyz|lammps_data|lammps_dump|poscar|input_data|netcdf|xdatcar"
const char *nmd_structure_format_chosen(int format) {
  static const char *const names[] = {NULL, "extxyz", "lammps_data", "lammps_dump", "poscar", "input_data", "netcdf", "xdatcar"};
  return names[format];
}

static nmd_option structure_options[] = {
    {"file", NMD_OPT_PATH, offsetof(nmd_structure_input, file), .fallback = "",
     .doc = "structure file, relative to the input file: extxyz, LAMMPS data or dump, POSCAR, XDATCAR, "
            "n2p2 / RuNNer input.data, AMBER NetCDF; text may be packed by gzip or zstd"},
    {"format", NMD_OPT_CHOICE, offsetof(nmd_structure_input, format), .fallback = "auto",
     .choices = STRUCTURE_FORMATS, .doc = "format of the file; auto: by its name, else by its content"},
    {"frame", NMD_OPT_INT, offsetof(nmd_structure_input, frame), .fallback = "0", .min = -1, .max = 1e12,
     .doc = "which frame of a file with several, counted from 0; -1: the last"},
    {"length_unit", NMD_OPT_REAL, offsetof(nmd_structure_input, length_unit), NMD_DIM_LENGTH, "1 A", 0, 100,
     .min_open = 1, .doc = "length of one unit in an input.data file, e.g. 1 bohr"},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(nmd_structure_input, elements), .fallback = "",
     .doc = "elements of the atom types 1, 2, ... of a LAMMPS file that does not name them; of the atoms in turn "
            "(Li*400, Au*20) for NetCDF without them"},
    {"repeat", NMD_OPT_INT3, offsetof(nmd_structure_input, repeat), .fallback = "1", .min = 1, .max = 10000,
     .doc = "copies of the cell along a, b and c"},
    {"build", NMD_OPT_NODE, offsetof(nmd_structure_input, build), .fallback = "",
     .doc = "build the structure instead of reading a file"},
    {"minimum_distance", NMD_OPT_REAL, offsetof(nmd_structure_input, minimum_distance), NMD_DIM_LENGTH, "0.5 A", 0, 10,
     .doc = "refuse a structure with two atoms closer than this"},
    {"save", NMD_OPT_PATH, offsetof(nmd_structure_input, save), .fallback = "",
     .doc = "write the structure to this file, too, relative to the input file; .extxyz has in its header what a builder chose"},
};
static const nmd_option_table structure_table = {"structure", "the atoms at the start: give either file or build",
                                                 sizeof(nmd_structure_input), NMD_COUNT(structure_options),
                                                 structure_options};

static const nmd_option parallel_options[] = {
    {"grid", NMD_OPT_INT3, offsetof(nmd_parallel_input, grid), .fallback = "0", .min = 0, .max = 4096,
     .doc = "bricks (one a rank) along a, b and c; 0: chosen for the least surface"},
    {"threads", NMD_OPT_INT, offsetof(nmd_parallel_input, threads), .fallback = "0", .min = 0, .max = NMD_THREADS_MAX,
     .doc = "threads of each rank; 0: as OMP_NUM_THREADS says, one if it is not set"},
    {"skin", NMD_OPT_REAL, offsetof(nmd_parallel_input, skin), NMD_DIM_LENGTH, "1 A", 0, 5,
     .doc = "Verlet skin: the neighbour list reaches this far beyond the cut-off"},
    {"balance", NMD_OPT_BOOL, offsetof(nmd_parallel_input, balance), .fallback = "true",
     .doc = "move the planes between bricks when the counted cost of the ranks is not level"},
};
static const nmd_option_table parallel_table = {"parallel", "domain decomposition and neighbour list",
                                                sizeof(nmd_parallel_input), NMD_COUNT(parallel_options),
                                                parallel_options};

static const nmd_option checkpoint_options[] = {
    {"file", NMD_OPT_TEXT, offsetof(nmd_checkpoint_input, file), .fallback = "run.checkpoint",
     .doc = "file name inside the output folder"},
    {"every", NMD_OPT_INT, offsetof(nmd_checkpoint_input, every), .fallback = "10000", .min = 0, .max = 1e12,
     .doc = "steps between checkpoints; 0: none by steps"},
    {"every_walltime", NMD_OPT_REAL, offsetof(nmd_checkpoint_input, every_walltime), NMD_DIM_WALLTIME, "15 min", 0, 1e7,
     .doc = "wall-clock time between checkpoints; 0: none by time"},
    {"keep", NMD_OPT_INT, offsetof(nmd_checkpoint_input, keep), .fallback = "2", .min = 1, .max = 100,
     .doc = "how many checkpoints to keep (file, file.1, ...)"},
    {"last_frames", NMD_OPT_INT, offsetof(nmd_checkpoint_input, last_frames), .fallback = "5", .min = 0, .max = 1000,
     .doc = "the last steps, kept in memory and written to last_frames.extxyz when physics ends the run (exit code 3)"},
};
static const nmd_option_table checkpoint_table = {"checkpoint", "saving the state, so that a run can be continued",
                                                  sizeof(nmd_checkpoint_input), NMD_COUNT(checkpoint_options),
                                                  checkpoint_options};

enum { STRUCTURE, POTENTIAL, STAGES, OUTPUTS, PARALLEL, CHECKPOINT, FIRST_SECTION = 3 };
static nmd_option input_options[] = {
    {"title", NMD_OPT_TEXT, offsetof(nmd_input, title), .fallback = "", .doc = "what this run is, for people"},
    {"seed", NMD_OPT_INT, offsetof(nmd_input, seed), .fallback = "1", .min = 0, .max = 9e15,
     .doc = "seed of all random numbers; the same seed gives the same run"},
    {"output_folder", NMD_OPT_TEXT, offsetof(nmd_input, output_folder), .fallback = ".",
     .doc = "where all outputs go, relative to the working folder; made if missing"},
    {"structure", NMD_OPT_NODE, offsetof(nmd_input, structure_node), .section = &structure_table,
     .doc = "the atoms at the start: read from a file or built"},
    {"potential", NMD_OPT_NODE, offsetof(nmd_input, potential), .in_file = 1, .doc = "the interatomic potential"},
    {"stages", NMD_OPT_NODE, offsetof(nmd_input, stages), .is_list = 1,
     .doc = "what is done, one stage after the other"},
    {"outputs", NMD_OPT_NODE, offsetof(nmd_input, outputs), .fallback = "", .is_list = 1, .doc = "what is written"},
    {"parallel", NMD_OPT_NODE, offsetof(nmd_input, parallel_node), .fallback = "", .section = &parallel_table,
     .doc = "domain decomposition and neighbour list"},
    {"checkpoint", NMD_OPT_NODE, offsetof(nmd_input, checkpoint_node), .fallback = "", .section = &checkpoint_table,
     .doc = "saving the state, so that a run can be continued"},
    {"groups", NMD_OPT_NODE, offsetof(nmd_input, groups), .fallback = "", .section = &nmd_group_table, .is_list = 1,
     .doc = "named sets of atoms, decided at the start, for thermostats, freezing and outputs"},
    {"masses", NMD_OPT_NODE, offsetof(nmd_input, masses), .fallback = "",
     .doc = "masses of elements other than the standard ones, in u, e.g. {Li: 6.015}"},
};
static const nmd_option_table input_table = {"input", "one run of nnpmd", sizeof(nmd_input), NMD_COUNT(input_options),
                                             input_options};

/* The lists of variants are made by their own modules at run time. */
const nmd_option_table *nmd_input_table(void) {
  structure_options[6].variants = nmd_build_tables;
  input_options[FIRST_SECTION + POTENTIAL].variants = nmd_potential_tables;
  input_options[FIRST_SECTION + STAGES].variants = nmd_stage_tables();
  input_options[FIRST_SECTION + OUTPUTS].variants = nmd_output_tables();
  return &input_table;
}

static nmd_status require_list(const nmd_yaml_node *node, const char *key, const char *example) {
  if (node != NULL && node->kind != NMD_YAML_LIST)
    NMD_FAIL_AT(node, WRONG_TYPE, "%s: expected a list of sections, each starting with \"-\", e.g. %s", key, example);
  return NMD_OK;
}

static nmd_status check_stages(const nmd_yaml_node *stages) {
  NMD_TRY(require_list(stages, "stages", "- nve: {duration: 1 ps}"));
  if (stages->n == 0)
    NMD_FAIL_AT(stages, MISSING_KEY, "stages: the list is empty; expected at least one, e.g. - nve: {duration: 1 ps}");
  return NMD_OK;
}

static nmd_status check_structure(const nmd_input *input) {
  const nmd_structure_input *s = &input->structure;
  if ((s->file == NULL) == (s->build == NULL))
    NMD_FAIL_AT(input->structure_node, CONFLICT, "structure: expected either `file` or `build`, got %s",
                s->file == NULL ? "neither" : "both");
  return NMD_OK;
}

static nmd_status finish(void *parsed) {
  nmd_input *input = parsed;
  NMD_TRY(nmd_options_parse(&structure_table, input->structure_node, &input->structure));
  NMD_TRY(nmd_options_parse(&parallel_table, input->parallel_node, &input->parallel));
  NMD_TRY(nmd_options_parse(&checkpoint_table, input->checkpoint_node, &input->checkpoint));
  NMD_TRY(check_stages(input->stages));
  NMD_TRY(require_list(input->outputs, "outputs", "- thermo: {every: 100}"));
  NMD_TRY(require_list(input->groups, "groups", "- {name: bottom, axis: c, to: 5 A}"));
  return check_structure(input);
}

static void free_any(void *input) { nmd_input_free(input); }

static const nmd_input_kind kind = {nmd_input_table, finish, free_any};

nmd_status nmd_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments, nmd_input *input) {
  return nmd_input_kind_read(&kind, comm, path, n, assignments, input);
}

nmd_status nmd_input_compose(const nmd_yaml_node *potential, const nmd_yaml_node *stages, int64_t seed,
                             nmd_input *input) {
  static const char defaults[] = "{structure: {file: none}, potential: none, stages: [nve]}";
  nmd_yaml *tree;
  *input = (nmd_input){0};
  NMD_TRY(check_stages(stages));
  NMD_TRY(nmd_yaml_parse("", defaults, strlen(defaults), &tree));
  const nmd_status status = nmd_input_kind_parse(&kind, tree, input);
  if (status != NMD_OK) nmd_input_free(input);
  NMD_TRY(status);
  input->potential = potential;
  input->stages = stages;
  input->seed = seed;
  return NMD_OK;
}

void nmd_input_free(nmd_input *input) {
  nmd_options_free(&structure_table, &input->structure);
  nmd_options_free(&parallel_table, &input->parallel);
  nmd_options_free(&checkpoint_table, &input->checkpoint);
  nmd_options_free(&input_table, input);
  nmd_yaml_destroy(input->tree);
  *input = (nmd_input){0};
}
