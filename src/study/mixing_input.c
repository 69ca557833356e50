/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/mixing_input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "build/derivative.h"
#include "build/prototype.h"
#include "parallel/input_tree.h"
#include "potential/potential.h"
#include "study/random_cell.h"
#include "system/element.h"

static const nmd_option enumerate_options[] = {
    {"parents", NMD_OPT_TEXT_LIST, offsetof(nmd_mixing_enumerate, parents), .fallback = "[fcc, bcc, hcp]",
     .doc = "lattices: fcc, bcc, hcp"},
    {"atoms", NMD_OPT_INT, offsetof(nmd_mixing_enumerate, atoms), .fallback = "4", .min = 0, .max = 8,
     .doc = "all inequivalent orderings with up to so many atoms in the period; 0: none"},
};
static const nmd_option_table enumerate_table = {"enumerate", "all orderings of small cells",
                                                 sizeof(nmd_mixing_enumerate), NMD_COUNT(enumerate_options),
                                                 enumerate_options};

static const nmd_option grid_options[] = {
    {"parents", NMD_OPT_TEXT_LIST, offsetof(nmd_mixing_grid, parents), .fallback = "[fcc, bcc, hcp]",
     .doc = "lattices: fcc, bcc, hcp"},
    {"denominator", NMD_OPT_INT, offsetof(nmd_mixing_grid, denominator), .fallback = "32", .min = 0, .max = 1024,
     .doc = "compositions k/denominator in cells of so many sites; 0: none"},
    {"orderings", NMD_OPT_INT, offsetof(nmd_mixing_grid, orderings), .fallback = "1", .min = 1, .max = 1000,
     .doc = "annealed orderings of each composition and lattice"},
    {"sweeps", NMD_OPT_INT, offsetof(nmd_mixing_grid, sweeps), .fallback = "40", .min = 1, .max = 1e6,
     .doc = "length of the annealing, swaps tried per atom"},
    {"temperature", NMD_OPT_RAMP, offsetof(nmd_mixing_grid, temperature), NMD_DIM_TEMPERATURE, "3000 K -> 300 K", 0,
     1e6, .doc = "of the annealing on rigid sites"},
};
static const nmd_option_table grid_table = {"grid", "orderings on a fine grid of compositions, by annealing",
                                            sizeof(nmd_mixing_grid), NMD_COUNT(grid_options), grid_options};

static const nmd_option random_options[] = {
    {"number", NMD_OPT_INT, offsetof(nmd_mixing_random, number), .fallback = "0", .min = 0, .max = 1e6,
     .doc = "cells of random shape, composition and positions to start from"},
    {"symmetric", NMD_OPT_INT, offsetof(nmd_mixing_random, symmetric), .fallback = "0", .min = 0, .max = 1e6,
     .doc = "cells of random space group, shape, composition and positions to start from (needs spglib)"},
    {"atoms", NMD_OPT_INT, offsetof(nmd_mixing_random, atoms), .fallback = "8", .min = 2, .max = 64,
     .doc = "most atoms in them (in the primitive cell)"},
};
static const nmd_option_table random_table = {"random", "structure search from random cells", sizeof(nmd_mixing_random),
                                              NMD_COUNT(random_options), random_options};

static const nmd_option relax_options[] = {
    {"force_tolerance", NMD_OPT_REAL, offsetof(nmd_mixing_relax, force_tolerance), NMD_DIM_FORCE, "0.005 eV/A", 0, 1e3,
     .min_open = 1, .doc = "longest force at the end"},
    {"stress_tolerance", NMD_OPT_REAL, offsetof(nmd_mixing_relax, stress_tolerance), NMD_DIM_PRESSURE, "0.02 GPa", 0,
     1e3, .min_open = 1, .doc = "largest stress at the end"},
    {"max_steps", NMD_OPT_INT, offsetof(nmd_mixing_relax, max_steps), .fallback = "2000", .min = 1, .max = 1e9,
     .doc = "a structure that needs more is left out of the hull"},
};
static const nmd_option_table relax_table = {"relax", "relaxation of cells and atoms", sizeof(nmd_mixing_relax),
                                             NMD_COUNT(relax_options), relax_options};

enum { POTENTIAL = 2 };
static nmd_option options[] = {
    {"seed", NMD_OPT_INT, offsetof(nmd_mixing_input, seed), .fallback = "1", .min = 0, .max = 9e15,
     .doc = "seed of all random numbers"},
    {"output_folder", NMD_OPT_TEXT, offsetof(nmd_mixing_input, output), .fallback = "mixing.out",
     .doc = "where all files go, relative to the working folder; structures found there are not done again"},
    {"potential", NMD_OPT_NODE, offsetof(nmd_mixing_input, potential), .in_file = 1,
     .doc = "the interatomic potential, as in nnpmd"},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(nmd_mixing_input, elements), .doc = "the two elements, e.g. [Au, Li]"},
    {"volumes", NMD_OPT_TEXT_LIST, offsetof(nmd_mixing_input, volumes),
     .doc = "volumes an atom (A^3) of the two elements, about: structures start from their mean by composition"},
    {"prototypes", NMD_OPT_TEXT_LIST, offsetof(nmd_mixing_input, prototypes), .fallback = "all",
     .doc = "compounds by Strukturbericht names, e.g. [b2, l1_0, d0_3], each with both choices of who is who; all, or "
            "none"},
    {"enumerate", NMD_OPT_NODE, offsetof(nmd_mixing_input, enumerate_node), .fallback = "", .section = &enumerate_table,
     .doc = "all orderings of small cells"},
    {"grid", NMD_OPT_NODE, offsetof(nmd_mixing_input, grid_node), .fallback = "", .section = &grid_table,
     .doc = "orderings on a fine grid of compositions, by annealing"},
    {"random", NMD_OPT_NODE, offsetof(nmd_mixing_input, random_node), .fallback = "", .section = &random_table,
     .doc = "structure search from random cells"},
    {"relax", NMD_OPT_NODE, offsetof(nmd_mixing_input, relax_node), .fallback = "", .section = &relax_table,
     .doc = "relaxation of cells and atoms"},
    {"minimum_distance", NMD_OPT_REAL, offsetof(nmd_mixing_input, minimum_distance), NMD_DIM_LENGTH, "2.2 A", 0, 10,
     .doc = "a structure with closer atoms after relaxation fell into a hole of the potential and is left out"},
    {"window", NMD_OPT_REAL, offsetof(nmd_mixing_input, window), NMD_DIM_ENERGY, "10 meV", 0, 10,
     .doc = "structures up to so much an atom above the hull are written to the folder `stable`"},
    {"compare", NMD_OPT_PATH, offsetof(nmd_mixing_input, compare), .fallback = "",
     .doc = "labelled structures (extxyz): mixing energies of the same structures by potential and label"},
    {"pictures", NMD_OPT_BOOL, offsetof(nmd_mixing_input, pictures), .fallback = "true",
     .doc = "draw with gnuplot, if there is one"},
};
static const nmd_option_table input_table = {"mixing", "one study of nnpmd-mixing", sizeof(nmd_mixing_input),
                                             NMD_COUNT(options), options};

const nmd_option_table *nmd_mixing_input_table(void) {
  options[POTENTIAL].variants = nmd_potential_tables;
  return &input_table;
}

static const nmd_yaml_node *place_of(const nmd_mixing_input *input, const char *key) {
  const nmd_yaml_node *found = nmd_yaml_find(nmd_yaml_root(input->tree), key);
  return found != NULL ? found : nmd_yaml_root(input->tree);
}

static nmd_status check_elements(nmd_mixing_input *input) {
  const nmd_yaml_node *at = place_of(input, "elements");
  if (input->elements.n != 2)
    NMD_FAIL_AT(at, CONFLICT, "elements: %d given; expected two, e.g. [Au, Li]", input->elements.n);
  for (int k = 0; k < 2; k++) {
    input->z[k] = nmd_element_from_symbol(input->elements.items[k]);
    if (input->z[k] == 0)
      NMD_FAIL_AT(at, UNKNOWN_ELEMENT, "elements: \"%s\" is no chemical symbol; expected e.g. Au",
                  input->elements.items[k]);
  }
  if (input->z[0] == input->z[1])
    NMD_FAIL_AT(at, CONFLICT, "elements: %s twice; expected two different ones, e.g. [Au, Li]",
                input->elements.items[0]);
  at = place_of(input, "volumes");
  for (int k = 0; k < 2; k++)
    if (input->volumes.n != 2 || !nmd_parse_real(input->volumes.items[k], &input->volume[k]) ||
        !(input->volume[k] > 1 && input->volume[k] < 1000))
      NMD_FAIL_AT(at, OUT_OF_RANGE,
                  "volumes: expected one volume an atom (A^3, 1 to 1000) for each element, e.g. [17.9, 20.3]");
  return NMD_OK;
}

static nmd_status check_parents(const nmd_mixing_input *input, const nmd_text_list *parents, const char *key) {
  static const char *const known[] = {"fcc", "bcc", "hcp"};
  const nmd_yaml_node *at = place_of(input, key);
  for (int k = 0; k < parents->n; k++) {
    if (nmd_parent_find(parents->items[k]) != NULL) continue;
    const char *near = nmd_nearest(parents->items[k], known, NMD_COUNT(known));
    NMD_FAIL_AT(at, BAD_CHOICE, "%s: parents: \"%s\" is no lattice of this program; expected fcc, bcc or hcp%s%s", key,
                parents->items[k], near != NULL ? "; did you mean " : "", near != NULL ? near : "");
  }
  return NMD_OK;
}

static nmd_status check_prototypes(const nmd_mixing_input *input) {
  const nmd_text_list *list = &input->prototypes;
  const nmd_yaml_node *at = place_of(input, "prototypes");
  const char *known[64];
  char names[512] = "";
  if (list->n == 1 && (strcmp(list->items[0], "all") == 0 || strcmp(list->items[0], "none") == 0)) return NMD_OK;
  for (int k = 0; k < nmd_prototype_count(); k++) {
    known[k] = nmd_prototype_at(k)->name;
    strncat(names, " ", sizeof names - strlen(names) - 1);
    strncat(names, known[k], sizeof names - strlen(names) - 1);
  }
  for (int k = 0; k < list->n; k++) {
    if (nmd_prototype_find(list->items[k]) != NULL) continue;
    const char *near = nmd_nearest(list->items[k], known, nmd_prototype_count());
    NMD_FAIL_AT(at, BAD_CHOICE, "prototypes: unknown prototype \"%s\"%s%s; known:%s", list->items[k],
                near != NULL ? ", did you mean " : "", near != NULL ? near : "", names);
  }
  return NMD_OK;
}

/* Cells of the grid are made of cells with right angles: 4 sites of fcc and hcp, 2 of bcc. */
static nmd_status check_grid(const nmd_mixing_input *input) {
  const nmd_yaml_node *at = place_of(input, "grid");
  for (int k = 0; k < input->grid.parents.n; k++) {
    const int each = strcmp(input->grid.parents.items[k], "bcc") == 0 ? 2 : 4;
    if (input->grid.denominator % each != 0)
      NMD_FAIL_AT(at, CONFLICT,
                  "grid: compositions k/%lld are impossible in whole cells of %s; expected a multiple of %d, e.g. 32",
                  (long long)input->grid.denominator, input->grid.parents.items[k], each);
  }
  return NMD_OK;
}

static nmd_status check_random(const nmd_mixing_input *input) {
  if (input->random.symmetric == 0 || nmd_random_cell_has_symmetry()) return NMD_OK;
  NMD_FAIL_AT(place_of(input, "random"), CONFLICT,
              "random: symmetric: this program was built without spglib; install it (libsymspg-dev) and build again, "
              "or set symmetric to 0");
}

/* Read at the end of the study: better missed now. */
static nmd_status check_compare(const nmd_mixing_input *input) {
  if (input->compare == NULL || access(input->compare, R_OK) == 0) return NMD_OK;
  NMD_FAIL_AT(place_of(input, "compare"), FILE_MISSING,
              "compare: cannot read \"%s\": %s; give the path of labelled structures, or leave it out", input->compare,
              strerror(errno));
}

static nmd_status finish(void *parsed) {
  nmd_mixing_input *input = parsed;
  NMD_TRY(nmd_options_parse(&enumerate_table, input->enumerate_node, &input->enumerate));
  NMD_TRY(nmd_options_parse(&grid_table, input->grid_node, &input->grid));
  NMD_TRY(nmd_options_parse(&random_table, input->random_node, &input->random));
  NMD_TRY(nmd_options_parse(&relax_table, input->relax_node, &input->relax));
  NMD_TRY(check_elements(input));
  NMD_TRY(check_prototypes(input));
  NMD_TRY(check_parents(input, &input->enumerate.parents, "enumerate"));
  NMD_TRY(check_parents(input, &input->grid.parents, "grid"));
  NMD_TRY(check_random(input));
  NMD_TRY(check_compare(input));
  return check_grid(input);
}

static void free_any(void *input) { nmd_mixing_input_free(input); }

static const nmd_input_kind kind = {nmd_mixing_input_table, finish, free_any};

nmd_status nmd_mixing_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                 nmd_mixing_input *input) {
  return nmd_input_kind_read(&kind, comm, path, n, assignments, input);
}

void nmd_mixing_input_free(nmd_mixing_input *input) {
  nmd_options_free(&enumerate_table, &input->enumerate);
  nmd_options_free(&grid_table, &input->grid);
  nmd_options_free(&random_table, &input->random);
  nmd_options_free(&relax_table, &input->relax);
  nmd_options_free(&input_table, input);
  nmd_yaml_destroy(input->tree);
  *input = (nmd_mixing_input){0};
}
