/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/active_input.h"

#include <string.h>

#include "parallel/input_tree.h"
#include "potential/potential.h"

const char nmd_active_word_committee[] = "committee", nmd_active_word_temperature[] = "each";

static const nmd_option dynamics_options[] = {
    {"structures", NMD_OPT_TEXT_LIST, offsetof(nmd_active_dynamics, structures),
     .doc = "files with structures to start from, relative to the working folder; every frame of them is a start"},
    {"temperatures", NMD_OPT_TEXT_LIST, offsetof(nmd_active_dynamics, temperatures), .fallback = "",
     .doc = "each start runs at each of these, which replaces the word `each` in the stages, e.g. [600 K, 1200 K]"},
    {"stages", NMD_OPT_NODE, offsetof(nmd_active_dynamics, stages),
     .doc = "what a walk does, as in nnpmd: any ensemble, monte_carlo for swaps; temperature: each"},
    {"settings", NMD_OPT_NODE, offsetof(nmd_active_dynamics, settings), .fallback = "",
     .doc = "other sections of nnpmd's input for all walks: parallel, groups, masses"},
    {"every", NMD_OPT_INT, offsetof(nmd_active_dynamics, every), .fallback = "10", .min = 1, .max = 1e9,
     .doc = "steps between two looks at the committee's disagreement"},
    {"gap", NMD_OPT_INT, offsetof(nmd_active_dynamics, gap), .fallback = "50", .min = 1, .max = 1e12,
     .doc = "steps at least between two flagged frames of a walk"},
    {"frames", NMD_OPT_INT, offsetof(nmd_active_dynamics, frames), .fallback = "20", .min = 1, .max = 1e6,
     .doc = "flagged frames of a walk at most"},
    {"distance", NMD_OPT_REAL, offsetof(nmd_active_dynamics, distance), NMD_DIM_LENGTH, "0.3 A", 0, 100,
     .doc = "how far flagged atoms must have moved (root mean square) since each frame flagged before in the walk"},
};
static const nmd_option_table dynamics_table = {"dynamics", "the walks of each cycle", sizeof(nmd_active_dynamics),
                                                NMD_COUNT(dynamics_options), dynamics_options};

static const nmd_option pick_options[] = {
    {"sigma", NMD_OPT_REAL, offsetof(nmd_active_pick, sigma), NMD_DIM_FORCE, "0.2 eV/A", 0, 1e6, .min_open = 1,
     .doc = "a frame is flagged when the committee disagrees by more than this about the force on an atom, or when an "
            "atom is outside the training range"},
    {"limit", NMD_OPT_REAL, offsetof(nmd_active_pick, limit), NMD_DIM_FORCE, "2 eV/A", 0, 1e6, .min_open = 1,
     .doc = "beyond this disagreement a walk ends and the frame is not used: the forces that led there mean nothing"},
    {"outside", NMD_OPT_REAL, offsetof(nmd_active_pick, outside), NMD_DIM_NONE, "5", 0, 1e6, .min_open = 1,
     .doc = "likewise beyond so many symmetry functions out of range, for each atom of the cell on average: the atoms "
            "have collapsed or flown apart, and a committee may agree about it"},
    {"shortest", NMD_OPT_REAL, offsetof(nmd_active_pick, shortest), NMD_DIM_LENGTH, "0.8 A", 0, 100,
     .doc = "frames with two atoms closer than this are not used"},
    {"frames", NMD_OPT_INT, offsetof(nmd_active_pick, frames), .fallback = "50", .min = 1, .max = 1e6,
     .doc = "frames to label in a cycle at most"},
    {"apart", NMD_OPT_REAL, offsetof(nmd_active_pick, apart), NMD_DIM_NONE, "0", 0, 1e6,
     .doc = "least distance of a frame from the training set and from those picked before, in units of standard "
            "deviations of the symmetry functions (principal components); 0: only doubles are left out"},
    {"components", NMD_OPT_INT, offsetof(nmd_active_pick, components), .fallback = "20", .min = 1, .max = 500,
     .doc = "principal components in which distances are measured"},
    {"method", NMD_OPT_CHOICE, offsetof(nmd_active_pick, method), .fallback = "farthest", .choices = "farthest|random",
     .doc = "farthest: of the flagged frames those farthest from all that is known; random: any frames of the walks, "
            "for comparison"},
};
static const nmd_option_table pick_table = {"pick", "which frames are labelled", sizeof(nmd_active_pick),
                                            NMD_COUNT(pick_options), pick_options};

static const nmd_option label_options[] = {
    {"command", NMD_OPT_TEXT, offsetof(nmd_active_label, command), .fallback = "",
     .doc = "run by the shell in a folder with structure.extxyz (and POSCAR, when it is one frame); leaves `result`"},
    {"calculator", NMD_OPT_TEXT, offsetof(nmd_active_label, calculator), .fallback = "",
     .doc = "instead of a command: an ASE calculator, MODULE:CLASS KEY=VALUE ..., run by nnpmd-ase-label"},
    {"result", NMD_OPT_TEXT, offsetof(nmd_active_label, result), .fallback = "result.extxyz",
     .doc = "file that the command leaves: extxyz, OUTCAR, vasprun.xml, ..."},
    {"workers", NMD_OPT_INT, offsetof(nmd_active_label, workers), .fallback = "1", .min = 1, .max = 4096,
     .doc = "commands at a time"},
    {"batch", NMD_OPT_INT, offsetof(nmd_active_label, batch), .fallback = "1", .min = 1, .max = 1e6,
     .doc = "frames of each command"},
    {"tries", NMD_OPT_INT, offsetof(nmd_active_label, tries), .fallback = "2", .min = 1, .max = 100,
     .doc = "attempts before frames are given up; the cycle goes on without them"},
};
static const nmd_option_table label_table = {"label", "energies and forces of the frames", sizeof(nmd_active_label),
                                             NMD_COUNT(label_options), label_options};

static const nmd_option options[] = {
    {"title", NMD_OPT_TEXT, offsetof(nmd_active_input, title), .fallback = "", .doc = "what this is, for people"},
    {"seed", NMD_OPT_INT, offsetof(nmd_active_input, seed), .fallback = "1", .min = 0, .max = 9e15,
     .doc = "seed of all random numbers"},
    {"output_folder", NMD_OPT_TEXT, offsetof(nmd_active_input, output), .fallback = "active.out",
     .doc = "where all files go, relative to the working folder; what is found there is not done again"},
    {"cycles", NMD_OPT_INT, offsetof(nmd_active_input, cycles), .fallback = "4", .min = 1, .max = 999,
     .doc = "at most; the loop ends earlier when no frame is flagged"},
    {"committee", NMD_OPT_INT, offsetof(nmd_active_input, committee), .fallback = "4", .min = 2,
     .max = NMD_POTENTIAL_MEMBERS_MAX, .doc = "models that are trained, from different seeds"},
    {"model", NMD_OPT_TEXT, offsetof(nmd_active_input, model), .fallback = "",
     .doc = "folder of a fitted committee (1, 2, ...) to begin with; none: the first one is trained from the data"},
    {"potential", NMD_OPT_NODE, offsetof(nmd_active_input, potential), .in_file = 1,
     .doc = "the potential of the walks, as in nnpmd; the word `committee` stands for the folder of the present models: "
            "nnp: {folder: committee}"},
    {"dynamics", NMD_OPT_NODE, offsetof(nmd_active_input, dynamics_node), .section = &dynamics_table,
     .doc = "the walks of each cycle"},
    {"pick", NMD_OPT_NODE, offsetof(nmd_active_input, pick_node), .fallback = "", .section = &pick_table,
     .doc = "which frames are labelled"},
    {"label", NMD_OPT_NODE, offsetof(nmd_active_input, label_node), .section = &label_table,
     .doc = "energies and forces of the frames"},
    {"training", NMD_OPT_NODE, offsetof(nmd_active_input, training),
     .doc = "a training as in nnpmd-train, with the data there are at the start; settings: of the first models"},
    {"retraining", NMD_OPT_NODE, offsetof(nmd_active_input, retraining), .fallback = "",
     .doc = "keys of the training that are other ones when it goes on from the last models, e.g. shorter stages"},
    {"test", NMD_OPT_TEXT_LIST, offsetof(nmd_active_input, test), .fallback = "",
     .doc = "labelled structures that every committee is tested with and none is trained with"},
    {"pictures", NMD_OPT_BOOL, offsetof(nmd_active_input, pictures), .fallback = "true",
     .doc = "draw with gnuplot, if there is one"},
};
static const nmd_option_table input_table = {"active", "one loop of nnpmd-active", sizeof(nmd_active_input),
                                             NMD_COUNT(options), options};

/* Potentials and stages are those of nnpmd: its reference has them, and this one need not repeat it. */
const nmd_option_table *nmd_active_input_table(void) { return &input_table; }

/* ---- checks ---- */

static bool holds_word(const nmd_yaml_node *node, const char *word) {
  if (node == NULL) return false;
  if (node->kind == NMD_YAML_SCALAR) return !node->quoted && strcmp(node->text, word) == 0;
  for (int k = 0; k < node->n; k++)
    if (holds_word(node->items[k], word)) return true;
  return false;
}

static nmd_status check_words(const nmd_active_input *input) {
  const nmd_active_dynamics *d = &input->dynamics;
  if (!holds_word(input->potential, nmd_active_word_committee))
    NMD_FAIL_AT(input->potential, CONFLICT,
                "potential: nothing in it is the word `committee`, which stands for the models; expected e.g. "
                "nnp: {folder: committee}");
  if (holds_word(d->stages, nmd_active_word_temperature) != (d->temperatures.n > 0))
    NMD_FAIL_AT(d->stages, CONFLICT, "stages: the word `each` stands for the temperatures: expected %s",
                d->temperatures.n > 0 ? "it in some stage, e.g. nvt: {temperature: each}"
                                      : "a list of them, e.g. temperatures: [300 K, 600 K]");
  for (int k = 0; k < d->temperatures.n; k++) {
    double value;
    if (nmd_quantity_parse(d->temperatures.items[k], NMD_DIM_TEMPERATURE, &value) != NMD_OK || value < 0)
      NMD_FAIL_AT(input->dynamics_node, BAD_NUMBER, "temperatures: \"%s\" is no temperature; expected e.g. 600 K",
                  d->temperatures.items[k]);
  }
  return NMD_OK;
}

static nmd_status refuse_keys(const nmd_yaml_node *node, const char *section, const char *const *keys, int n) {
  if (node == NULL || node->kind == NMD_YAML_NULL) return NMD_OK;
  if (node->kind != NMD_YAML_MAP) NMD_FAIL_AT(node, WRONG_TYPE, "%s: expected a section of keys and values", section);
  for (int k = 0; k < n; k++) {
    const nmd_yaml_node *found = nmd_yaml_find(node, keys[k]);
    if (found != NULL)
      NMD_FAIL_AT(found, CONFLICT, "%s: %s is set by the loop itself; remove the key", section, keys[k]);
  }
  return NMD_OK;
}

static nmd_status check_training(const nmd_active_input *input) {
  static const char *const own[] = {"output", "start_from", "committee", "seed"}, *const more[] = {"data", "settings"},
                           *const walk[] = {"structure", "potential", "stages", "outputs", "output_folder", "seed"};
  NMD_TRY(refuse_keys(input->training, "training", own, NMD_COUNT(own)));
  NMD_TRY(refuse_keys(input->retraining, "retraining", own, NMD_COUNT(own)));
  NMD_TRY(refuse_keys(input->retraining, "retraining", more, NMD_COUNT(more)));
  NMD_TRY(refuse_keys(input->dynamics.settings, "settings", walk, NMD_COUNT(walk)));
  const nmd_yaml_node *data = nmd_yaml_find(input->training, "data");
  if (nmd_yaml_find(data, "training") == NULL)
    NMD_FAIL_AT(data != NULL ? data : input->training, MISSING_KEY,
                "training: expected data: {training: FILE, ...}, the labelled structures to begin with");
  if (input->model == NULL && nmd_yaml_find(input->training, "settings") == NULL)
    NMD_FAIL_AT(input->training, CONFLICT,
                "expected either model: FOLDER, a committee to begin with, or training: {settings: FOLDER, ...} "
                "to train one");
  return NMD_OK;
}

static nmd_status finish(void *parsed) {
  nmd_active_input *input = parsed;
  NMD_TRY(nmd_options_parse(&dynamics_table, input->dynamics_node, &input->dynamics));
  NMD_TRY(nmd_options_parse(&pick_table, input->pick_node, &input->pick));
  NMD_TRY(nmd_options_parse(&label_table, input->label_node, &input->label));
  if ((input->label.command == NULL) == (input->label.calculator == NULL))
    NMD_FAIL_AT(input->label_node, CONFLICT, "label: expected either `command` or `calculator`, got %s",
                input->label.command == NULL ? "neither" : "both");
  if (input->pick.limit <= input->pick.sigma)
    NMD_FAIL_AT(input->pick_node != NULL ? input->pick_node : nmd_yaml_root(input->tree), OUT_OF_RANGE,
                "pick: limit %g eV/A; expected more than sigma, %g eV/A", input->pick.limit, input->pick.sigma);
  NMD_TRY(check_words(input));
  return check_training(input);
}

static void free_any(void *input) { nmd_active_input_free(input); }

static const nmd_input_kind kind = {nmd_active_input_table, finish, free_any};

nmd_status nmd_active_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                 nmd_active_input *input) {
  return nmd_input_kind_read(&kind, comm, path, n, assignments, input);
}

void nmd_active_input_free(nmd_active_input *input) {
  nmd_options_free(&dynamics_table, &input->dynamics);
  nmd_options_free(&pick_table, &input->pick);
  nmd_options_free(&label_table, &input->label);
  nmd_options_free(&input_table, input);
  nmd_yaml_destroy(input->tree);
  *input = (nmd_active_input){0};
}
