/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/fit_input.h"

#include "base/memory.h"
#include "parallel/input_tree.h"
#include "training/optimiser.h"

#define FORMATS "auto|extxyz|input_data|lammps_data|lammps_dump|poscar"
const char *nmd_fit_format(int choice) {
  static const char *const names[] = {NULL, "extxyz", "input_data", "lammps_data", "lammps_dump", "poscar"};
  return names[choice];
}

static const nmd_option data_options[] = {
    {"training", NMD_OPT_TEXT_LIST, offsetof(nmd_data_input, training),
     .doc = "files with labelled structures, relative to the working folder: extxyz (energy, forces, stress; keys "
            "kind, group, weight) or input.data of n2p2 / RuNNer"},
    {"validation", NMD_OPT_TEXT_LIST, offsetof(nmd_data_input, validation), .fallback = "",
     .doc = "files that the model is judged by and never trained with"},
    {"second_level", NMD_OPT_TEXT_LIST, offsetof(nmd_data_input, second_level), .fallback = "",
     .doc = "more training files whose energies come from another reference method: constants for each element between "
            "the two levels are fitted"},
    {"validation_fraction", NMD_OPT_REAL, offsetof(nmd_data_input, validation_fraction), .fallback = "0.1", .min = 0,
     .max = 0.9, .doc = "without validation files: this share of the training structures, chosen at random"},
    {"split", NMD_OPT_CHOICE, offsetof(nmd_data_input, split), .fallback = "structure", .choices = "structure|group",
     .doc = "what is drawn for validation: single structures, or all that share a `group` key"},
    {"format", NMD_OPT_CHOICE, offsetof(nmd_data_input, format), .fallback = "auto", .choices = FORMATS,
     .doc = "format of all files; auto: by name, else by content"},
    {"length_unit", NMD_OPT_REAL, offsetof(nmd_data_input, length_unit), NMD_DIM_LENGTH, "1 A", 0, 100, .min_open = 1,
     .doc = "length of one unit in input.data files, e.g. 1 bohr"},
    {"energy_unit", NMD_OPT_REAL, offsetof(nmd_data_input, energy_unit), NMD_DIM_ENERGY, "1 eV", 0, 1000, .min_open = 1,
     .doc = "energy of one unit in input.data files, e.g. 1 hartree"},
    {"max_force", NMD_OPT_REAL, offsetof(nmd_data_input, max_force), NMD_DIM_FORCE, "0 eV/A", 0, 1e6,
     .doc = "leave out training structures with a larger force on any atom; 0: none"},
    {"validation_max_force", NMD_OPT_REAL, offsetof(nmd_data_input, validation_max_force), NMD_DIM_FORCE, "0 eV/A", 0,
     1e6, .doc = "the same for validation files; 0: none"},
    {"stress", NMD_OPT_BOOL, offsetof(nmd_data_input, stress), .fallback = "false",
     .doc = "train with the stress (or virial) of periodic structures too"},
};
static const nmd_option_table data_table = {"data", "labelled structures", sizeof(nmd_data_input),
                                            NMD_COUNT(data_options), data_options};

static const nmd_option loss_options[] = {
    {"energy_weight", NMD_OPT_REAL, offsetof(nmd_loss_input, energy_weight), .fallback = "10", .min = 0, .max = 1e6,
     .doc = "an energy error of 1 eV/atom counts as much as a force error of this many eV/A"},
    {"second_level", NMD_OPT_REAL, offsetof(nmd_loss_input, second_level), .fallback = "1", .min = 0, .max = 1e6,
     .doc = "weight of all structures of the second level: small where it only fills in what the first does not cover"},
    {"second_energy", NMD_OPT_REAL, offsetof(nmd_loss_input, second_energy), .fallback = "1", .min = 0, .max = 1e6,
     .doc = "energies of the second level count this times as much: small where its forces are good and its energies "
            "are not"},
    {"force_weight", NMD_OPT_REAL, offsetof(nmd_loss_input, force_weight), .fallback = "1", .min = 0, .max = 1e6,
     .doc = "weight of forces"},
    {"stress_weight", NMD_OPT_REAL, offsetof(nmd_loss_input, stress_weight), .fallback = "20", .min = 0, .max = 1e6,
     .doc = "a stress error of 1 eV/A^3 (160 GPa) counts as much as a force error of this many eV/A"},
    {"families", NMD_OPT_NODE, offsetof(nmd_loss_input, families), .fallback = "",
     .doc = "weights of families (key `kind` of the structures), e.g. {md: 2, short: 0.5}; the others have 1"},
};
static const nmd_option_table loss_table = {"loss", "what counts how much", sizeof(nmd_loss_input),
                                            NMD_COUNT(loss_options), loss_options};

enum { STAGES = 2 };
static nmd_option input_options[] = {
    {"data", NMD_OPT_NODE, offsetof(nmd_fit_input, data_node), .section = &data_table, .doc = "labelled structures"},
    {"loss", NMD_OPT_NODE, offsetof(nmd_fit_input, loss_node), .fallback = "", .section = &loss_table,
     .doc = "what counts how much"},
    {"stages", NMD_OPT_NODE, offsetof(nmd_fit_input, stages_node), .is_list = 1,
     .doc = "optimisers, one after the other"},
    {"title", NMD_OPT_TEXT, offsetof(nmd_fit_input, title), .fallback = "", .doc = "what this is, for people"},
    {"settings", NMD_OPT_TEXT, offsetof(nmd_fit_input, settings), .fallback = "",
     .doc = "folder with input.nn: elements, symmetry functions, network, scaling (n2p2's format)"},
    {"start_from", NMD_OPT_TEXT, offsetof(nmd_fit_input, start_from), .fallback = "",
     .doc = "folder of a fitted model to go on from (fine-tuning): its input.nn, scaling and weights; with `settings`, "
            "too: the symmetry functions there, among which are all of the model's, new ones with weight zero, ranges "
            "anew"},
    {"ranges", NMD_OPT_CHOICE, offsetof(nmd_fit_input, ranges), .fallback = "keep", .choices = "keep|widen",
     .doc = "training ranges of start_from (scaling.data): as they are, or widened to these data too, the first "
            "weights changed along so that the model is the same"},
    {"baseline", NMD_OPT_NODE, offsetof(nmd_fit_input, baseline_node), .fallback = "",
     .doc = "potentials that the network stands on, a list as the terms of nnpmd's `sum`, e.g. [zbl]: their energies, forces "
            "and stresses are taken off the labels; potential.yaml in the output folder is the sum"},
    {"output", NMD_OPT_TEXT, offsetof(nmd_fit_input, output), .fallback = "model",
     .doc = "folder for the model, the learning curve, the checkpoint; made if missing"},
    {"seed", NMD_OPT_INT, offsetof(nmd_fit_input, seed), .fallback = "1", .min = 0, .max = 9e15,
     .doc = "seed of first weights, order of structures, choice of force components, split"},
    {"committee", NMD_OPT_INT, offsetof(nmd_fit_input, committee), .fallback = "1", .min = 1, .max = 64,
     .doc = "models trained side by side on the same descriptors, with seeds seed, seed + 1, ..."},
    {"patience", NMD_OPT_INT, offsetof(nmd_fit_input, patience), .fallback = "0", .min = 0, .max = 1e6,
     .doc = "end when no member's validation loss has fallen for so many epochs; 0: never"},
    {"keep", NMD_OPT_CHOICE, offsetof(nmd_fit_input, keep), .fallback = "best", .choices = "best|last",
     .doc = "the weights that are written: of the lowest validation loss, or the last ones (their mean, with average), "
            "when the validation set is small or shall have no say; patience has no effect then"},
    {"average", NMD_OPT_REAL, offsetof(nmd_fit_input, average), .fallback = "0.25", .min = 0, .max = 1,
     .doc = "the mean of the weights over this last part of the run is tried as well"},
    {"units", NMD_OPT_CHOICE, offsetof(nmd_fit_input, model_units), .fallback = "A,eV", .choices = "A,eV|bohr,hartree",
     .doc = "units of input.nn and of the model that is written"},
    {"normalise", NMD_OPT_BOOL, offsetof(nmd_fit_input, normalise), .fallback = "true",
     .doc = "choose mean_energy, conv_energy and conv_length from the data (n2p2: normalize_data_set force)"},
    {"atom_energies", NMD_OPT_CHOICE, offsetof(nmd_fit_input, atom_energies), .fallback = "fit",
     .choices = "fit|settings",
     .doc = "energy of an atom of each element outside the network: least squares, or as in input.nn"},
    {"precision", NMD_OPT_CHOICE, offsetof(nmd_fit_input, precision), .fallback = "single", .choices = "single|double",
     .doc = "of the derivatives kept in memory"},
    {"memory_GB", NMD_OPT_REAL, offsetof(nmd_fit_input, memory), .fallback = "4", .min = 0, .max = 1e6,
     .doc = "cap of the derivatives kept in memory on each rank; the rest is evaluated anew at each use"},
    {"streams", NMD_OPT_INT, offsetof(nmd_fit_input, streams), .fallback = "8", .min = 1, .max = 4096,
     .doc = "structures treated at once; they are dealt out to the ranks, so more than ranks, best a multiple"},
    {"checkpoint_every", NMD_OPT_INT, offsetof(nmd_fit_input, checkpoint_every), .fallback = "1", .min = 0, .max = 1e6,
     .doc = "epochs between checkpoints; 0: none"},
    {"pictures", NMD_OPT_BOOL, offsetof(nmd_fit_input, pictures), .fallback = "true",
     .doc = "draw learning curve and parity with gnuplot, if there is one"},
};
static const nmd_option_table input_table = {"training input", "one training of nnpmd-train", sizeof(nmd_fit_input),
                                             NMD_COUNT(input_options), input_options};

const nmd_option_table *nmd_fit_input_table(void) {
  input_options[STAGES].variants = nmd_optimiser_tables();
  return &input_table;
}

static nmd_status parse_stage(const nmd_yaml_node *node, nmd_fit_input *input) {
  const nmd_yaml_node *body;
  nmd_stage *stage = &input->stages[input->n_stages];
  NMD_TRY(nmd_options_variant(node, nmd_optimiser_tables(), "stages", &stage->optimiser, &body));
  const nmd_option_table *table = nmd_optimiser_tables()[stage->optimiser];
  NMD_TRY(nmd_alloc(&stage->parameters, 1, table->size));
  input->n_stages++;
  NMD_TRY(nmd_options_parse(table, body, stage->parameters));
  input->epochs += ((const nmd_stage_parameters *)stage->parameters)->epochs;
  return NMD_OK;
}

static nmd_status parse_stages(nmd_fit_input *input) {
  const nmd_yaml_node *list = input->stages_node;
  if (list->kind != NMD_YAML_LIST || list->n == 0 || list->n > NMD_STAGES_MAX)
    NMD_FAIL_AT(list, WRONG_TYPE,
                "stages: expected a list of 1 to %d optimisers, each starting with \"-\", e.g. - kalman: "
                "{epochs: 20}",
                NMD_STAGES_MAX);
  for (int i = 0; i < list->n; i++) NMD_TRY(parse_stage(list->items[i], input));
  return NMD_OK;
}

static nmd_status finish(void *parsed) {
  nmd_fit_input *input = parsed;
  NMD_TRY(nmd_options_parse(&data_table, input->data_node, &input->data));
  NMD_TRY(nmd_options_parse(&loss_table, input->loss_node, &input->loss));
  NMD_TRY(parse_stages(input));
  input->length_unit = input->model_units == 1 ? NMD_BOHR : 1.0;
  input->energy_unit = input->model_units == 1 ? NMD_HARTREE : 1.0;
  if (input->settings == NULL && input->start_from == NULL)
    NMD_FAIL_AT(
        nmd_yaml_root(input->tree), CONFLICT,
        "expected `settings` (a new model), `start_from` (a fitted one) or both (a fitted one with more functions), "
        "got neither");
  return NMD_OK;
}

static void free_any(void *input) { nmd_fit_input_free(input); }

static const nmd_input_kind kind = {nmd_fit_input_table, finish, free_any};

nmd_status nmd_fit_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                              nmd_fit_input *input) {
  return nmd_input_kind_read(&kind, comm, path, n, assignments, input);
}

void nmd_fit_input_free(nmd_fit_input *input) {
  for (int i = 0; i < input->n_stages; i++) {
    nmd_options_free(nmd_optimiser_tables()[input->stages[i].optimiser], input->stages[i].parameters);
    nmd_free(input->stages[i].parameters);
  }
  nmd_options_free(&data_table, &input->data);
  nmd_options_free(&loss_table, &input->loss);
  nmd_options_free(&input_table, input);
  nmd_yaml_destroy(input->tree);
  *input = (nmd_fit_input){0};
}
