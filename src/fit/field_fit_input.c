/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/field_fit.h"
#include "fit/field_fit_parts.h"
#include "parallel/input_tree.h"

static const nmd_option data_options[] = {
    {"file", NMD_OPT_PATH, offsetof(nmd__fit_data, file),
     .doc = "labelled structures: energies, forces, stresses if there are"},
    {"every", NMD_OPT_INT, offsetof(nmd__fit_data, every), .fallback = "1", .min = 1, .max = 1e9,
     .doc = "take every so many frames"},
    {"most", NMD_OPT_INT, offsetof(nmd__fit_data, most), .fallback = "0", .max = 1e9,
     .doc = "take at most so many; 0: all"},
};
const nmd_option_table nmd__fit_data_table = {"data", "the targets", sizeof(nmd__fit_data), NMD_COUNT(data_options),
                                              data_options};

static const nmd_option loss_options[] = {
    {"energy", NMD_OPT_REAL, offsetof(nmd__fit_weights, energy), .fallback = "1", .max = 1e6,
     .doc = "weight of the squared differences of energies over their variance"},
    {"force", NMD_OPT_REAL, offsetof(nmd__fit_weights, force), .fallback = "1", .max = 1e6, .doc = "of forces"},
    {"stress", NMD_OPT_REAL, offsetof(nmd__fit_weights, stress), .fallback = "0.1", .max = 1e6, .doc = "of stresses"},
    {"skip_dynamics_above", NMD_OPT_REAL, offsetof(nmd__fit_weights, skip_above), .fallback = "0", .max = 1e9,
     .doc = "where the other targets give a larger loss than this, the runs of `dynamics` are left out and count as "
            "their caps; 0: always run"},
};
const nmd_option_table nmd__fit_weights_table = {"loss", "weights of the loss", sizeof(nmd__fit_weights),
                                                 NMD_COUNT(loss_options), loss_options};

static const nmd_option relaxed_options[] = {
    {"file", NMD_OPT_PATH, offsetof(nmd__fit_relaxed, file),
     .doc =
         "a structure whose cell is the target: relaxed at zero pressure it should keep its lengths along x, y and z"},
    {"frame", NMD_OPT_INT, offsetof(nmd__fit_relaxed, frame), .fallback = "0", .min = -1, .max = 1e12,
     .doc = "which frame of the file, from 0; -1: the last"},
    {"steps", NMD_OPT_INT, offsetof(nmd__fit_relaxed, steps), .fallback = "150", .min = 1, .max = 1e6,
     .doc = "most steps of the relaxation"},
    {"weight", NMD_OPT_REAL, offsetof(nmd__fit_relaxed, weight), .fallback = "1", .max = 1e6,
     .doc = "weight in the loss"},
    {"tolerance", NMD_OPT_REAL, offsetof(nmd__fit_relaxed, tolerance), .fallback = "0.02", .max = 1, .min_open = 1,
     .doc = "relative difference of a length that makes a loss of 1"},
};
const nmd_option_table nmd__fit_relaxed_table = {"relaxed", "one cell that should keep its size",
                                                 sizeof(nmd__fit_relaxed), NMD_COUNT(relaxed_options), relaxed_options};

#define AT(member) offsetof(nmd_field_fit_input, member)
static const nmd_option options[] = {
    {"seed", NMD_OPT_INT, AT(seed), .fallback = "1", .max = 9e15, .doc = "seed of all random numbers"},
    {"output_folder", NMD_OPT_TEXT, AT(output), .fallback = "fit", .doc = "where results go; made if missing"},
    {"potential", NMD_OPT_NODE, AT(potential), .variants = nmd_potential_tables, .in_file = 1,
     .doc = "the force field with the numbers to start from"},
    {"parameters", NMD_OPT_NODE, AT(parameters), .section = &nmd_variable_table, .is_list = 1,
     .doc = "the numbers of the potential that are fitted"},
    {"data", NMD_OPT_NODE, AT(data), .fallback = "", .section = &nmd__fit_data_table,
     .doc = "the labelled structures; none: other targets only"},
    {"loss", NMD_OPT_NODE, AT(loss), .fallback = "", .section = &nmd__fit_weights_table,
     .doc = "weights of the targets"},
    {"relaxed", NMD_OPT_NODE, AT(relaxed), .fallback = "", .section = &nmd__fit_relaxed_table, .is_list = 1,
     .doc = "lattice constants as targets, at most 16 cells"},
    {"dynamics", NMD_OPT_NODE, AT(dynamics), .fallback = "", .section = &nmd_dynamics_table, .is_list = 1,
     .doc = "short runs of molecular dynamics as targets, at most 8"},
    {"search", NMD_OPT_NODE, AT(search), .variants = nmd_search_tables, .doc = "the method"},
    {"population", NMD_OPT_INT, AT(population), .fallback = "20", .min = 4, .max = 100000,
     .doc = "individuals of each island; an island is a rank"},
    {"generations", NMD_OPT_INT, AT(generations), .fallback = "200", .min = 1, .max = 1e9, .doc = "how long to search"},
    {"migrate", NMD_OPT_INT, AT(migrate), .fallback = "10", .max = 1e9,
     .doc = "generations after which the best of each island moves to the next; 0: never"},
    {"checkpoint_every", NMD_OPT_INT, AT(every), .fallback = "1", .min = 1, .max = 1e9,
     .doc = "generations between checkpoints"},
    {"report_every", NMD_OPT_INT, AT(report), .fallback = "10", .min = 1, .max = 1e9,
     .doc = "generations between lines of the log"},
    {"pictures", NMD_OPT_BOOL, AT(pictures), .fallback = "true", .doc = "draw the results (with gnuplot)"},
};
static const nmd_option_table input_table = {"input", "one fit of nnpmd-fit", sizeof(nmd_field_fit_input),
                                             NMD_COUNT(options), options};
const nmd_option_table *nmd_field_fit_table(void) { return &input_table; }

static nmd_status finish(void *input) {
  (void)input; /* sections are parsed where they are used */
  return NMD_OK;
}

static void free_input(void *input) { nmd_field_fit_input_free(input); }

nmd_status nmd_field_fit_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                              nmd_field_fit_input *input) {
  static const nmd_input_kind kind = {nmd_field_fit_table, finish, free_input};
  return nmd_input_kind_read(&kind, comm, path, n, assignments, input);
}

void nmd_field_fit_input_free(nmd_field_fit_input *input) {
  nmd_options_free(&input_table, input);
  nmd_yaml_destroy(input->tree);
  *input = (nmd_field_fit_input){0};
}
