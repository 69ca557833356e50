/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/lattice_input.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "parallel/input_tree.h"
#include "potential/potential.h"
#include "system/element.h"

/* ---- the tables ---- */

typedef struct site_input {
  char *element;
  nmd_text_list species;
} site_input;

static const nmd_option site_options[] = {
    {"element", NMD_OPT_TEXT, offsetof(site_input, element),
     .doc = "element that marks these sites in the parent's file"},
    {"species", NMD_OPT_TEXT_LIST, offsetof(site_input, species),
     .doc = "what they may hold: elements, and X for a vacancy, e.g. [La, X]"},
};
static const nmd_option_table site_table = {"site", "sites of one kind", sizeof(site_input), NMD_COUNT(site_options),
                                            site_options};

static const nmd_option parent_options[] = {
    {"structure", NMD_OPT_PATH, offsetof(nmd_lattice_parent_input, structure),
     .doc = "the parent crystal (any format), all sites filled; its cell may be the primitive one"},
    {"tolerance", NMD_OPT_REAL, offsetof(nmd_lattice_parent_input, tolerance), NMD_DIM_LENGTH, "0.001 A", 0, 1,
     .min_open = 1, .doc = "positions closer than this are equal when symmetries are looked for"},
    {"sites", NMD_OPT_NODE, offsetof(nmd_lattice_parent_input, sites_node), .section = &site_table, .is_list = 1,
     .doc = "which sites may hold several species; all others are the frame"},
};
static const nmd_option_table parent_table = {"parent", "the parent lattice", sizeof(nmd_lattice_parent_input),
                                              NMD_COUNT(parent_options), parent_options};

static const nmd_option clusters_options[] = {
    {"pairs", NMD_OPT_REAL, offsetof(nmd_lattice_clusters_input, pairs), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "pairs of sites up to this distance"},
    {"triplets", NMD_OPT_REAL, offsetof(nmd_lattice_clusters_input, triplets), NMD_DIM_LENGTH, "0 A", 0, 100,
     .doc = "three sites, the two furthest at most so far apart; 0: none"},
    {"quadruplets", NMD_OPT_REAL, offsetof(nmd_lattice_clusters_input, quadruplets), NMD_DIM_LENGTH, "0 A", 0, 100,
     .doc = "four sites, likewise"},
};
static const nmd_option_table clusters_table = {"clusters", "clusters of the expansion",
                                                sizeof(nmd_lattice_clusters_input), NMD_COUNT(clusters_options),
                                                clusters_options};

static const nmd_option ewald_options[] = {
    {"charges", NMD_OPT_TEXT_LIST, offsetof(nmd_lattice_ewald_input, charges),
     .doc = "formal charges (e) of all species and of the frame, e.g. [La 3, X 0, Nb 5, O -2]"},
};
static const nmd_option_table ewald_table = {"ewald",
                                             "energy of point charges on the sites, as one more term of the expansion",
                                             sizeof(nmd_lattice_ewald_input), NMD_COUNT(ewald_options), ewald_options};

#define AT(member) offsetof(nmd_lattice_configurations, member)
static const nmd_option configurations_options[] = {
    {"file", NMD_OPT_PATH, AT(file), .fallback = "",
     .doc = "relaxed structures with energies (extxyz), each a supercell of the parent"},
    {"cells", NMD_OPT_TEXT_LIST, AT(cells), .fallback = "",
     .doc = "supercells to make arrangements in, parent cells along a, b, c, e.g. [3 1 1, 3 2 2]"},
    {"composition", NMD_OPT_TEXT_LIST, AT(composition), .fallback = "",
     .doc = "proportions of the species on the sites, e.g. [La 1, X 2]"},
    {"random", NMD_OPT_INT, AT(random), .fallback = "10", .min = 0, .max = 1e6,
     .doc = "random arrangements in each cell"},
    {"annealed", NMD_OPT_INT, AT(annealed), .fallback = "5", .min = 0, .max = 1e6,
     .doc = "arrangements annealed with the expansion so far, in each cell and round after the first; later ones stop "
            "at higher temperatures"},
    {"rounds", NMD_OPT_INT, AT(rounds), .fallback = "3", .min = 1, .max = 100,
     .doc = "the first has the random arrangements, each later one adds what the expansion believes to be low"},
    {"sweeps", NMD_OPT_INT, AT(sweeps), .fallback = "300", .min = 1, .max = 1e7, .doc = "of each annealing"},
    {"temperature", NMD_OPT_RAMP, AT(temperature), NMD_DIM_TEMPERATURE, "3000 K -> 100 K", 0, 1e6,
     .doc = "of the annealing"},
};
#undef AT
static const nmd_option_table configurations_table = {"configurations", "arrangements with energies",
                                                      sizeof(nmd_lattice_configurations),
                                                      NMD_COUNT(configurations_options), configurations_options};

static const nmd_option relax_options[] = {
    {"cell", NMD_OPT_CHOICE, offsetof(nmd_lattice_relax, cell), .fallback = "triclinic",
     .choices = "fixed|isotropic|anisotropic|triclinic", .doc = "how the cell may change"},
    {"force_tolerance", NMD_OPT_REAL, offsetof(nmd_lattice_relax, force_tolerance), NMD_DIM_FORCE, "0.02 eV/A", 0, 1e3,
     .min_open = 1, .doc = "longest force at the end"},
    {"stress_tolerance", NMD_OPT_REAL, offsetof(nmd_lattice_relax, stress_tolerance), NMD_DIM_PRESSURE, "0.1 GPa", 0,
     1e3, .min_open = 1, .doc = "largest stress at the end"},
    {"max_steps", NMD_OPT_INT, offsetof(nmd_lattice_relax, max_steps), .fallback = "3000", .min = 1, .max = 1e9,
     .doc = "a structure that needs more is left out"},
    {"rattle", NMD_OPT_REAL, offsetof(nmd_lattice_relax, rattle), NMD_DIM_LENGTH, "0 A", 0, 1,
     .doc = "random displacements of the start (standard deviation), so that a frame can leave its ideal symmetry"},
    {"tries", NMD_OPT_INT, offsetof(nmd_lattice_relax, tries), .fallback = "1", .min = 1, .max = 1000,
     .doc = "starts with other displacements; the lowest energy counts"},
};
static const nmd_option_table relax_table = {"relax", "relaxation of the arrangements made", sizeof(nmd_lattice_relax),
                                             NMD_COUNT(relax_options), relax_options};

#define AT(member) offsetof(nmd_lattice_fit_input, member)
static const nmd_option fit_options[] = {
    {"method", NMD_OPT_CHOICE, AT(method), .fallback = "ridge", .choices = "ridge|lasso",
     .doc = "ridge: all interactions, small ones shrunk; lasso: few of them"},
    {"folds", NMD_OPT_INT, AT(folds), .fallback = "10", .min = 2, .max = 1e6,
     .doc = "parts of the cross-validation; leave-one-out is always done for ridge"},
    {"lambda", NMD_OPT_REAL, AT(lambda), .fallback = "0", .max = 1e12,
     .doc = "weight of the penalty on scaled interactions; 0: with the least cross-validation error"},
    {"displacement", NMD_OPT_REAL, AT(displacement), NMD_DIM_LENGTH, "1 A", 0, 10, .min_open = 1,
     .doc = "a relaxed structure with an atom further from its site has left the lattice and is dropped"},
    {"strain", NMD_OPT_REAL, AT(strain), .fallback = "0.1", .max = 1, .min_open = 1,
     .doc = "and so has one whose cell is strained more, besides its volume"},
};
#undef AT
static const nmd_option_table fit_table = {"fit", "least squares", sizeof(nmd_lattice_fit_input),
                                           NMD_COUNT(fit_options), fit_options};

#define AT(member) offsetof(nmd_lattice_walks_input, member)
static const nmd_option walks_options[] = {
    {"repeat", NMD_OPT_INT3, AT(repeat), .min = 1, .max = 1000, .doc = "parent cells along a, b, c"},
    {"composition", NMD_OPT_TEXT_LIST, AT(composition), .doc = "proportions of the species, e.g. [La 1, X 2]"},
    {"method", NMD_OPT_CHOICE, AT(method), .fallback = "anneal", .choices = "anneal|tempering",
     .doc = "anneal: replicas cooled side by side; tempering: one replica a temperature, which exchange arrangements"},
    {"moves", NMD_OPT_CHOICE, AT(moves), .fallback = "swap", .choices = "swap|change",
     .doc = "swap two species (canonical); change one site at given chemical potentials (semi-grand canonical)"},
    {"chemical_potentials", NMD_OPT_TEXT_LIST, AT(potentials), .fallback = "",
     .doc = "eV, of species for moves: change, e.g. [La 0.5]; others 0"},
    {"temperature", NMD_OPT_RAMP, AT(temperature), NMD_DIM_TEMPERATURE, "2000 K -> 200 K", 0, 1e7, .min_open = 1,
     .doc = "first and last; those between are in geometric progression"},
    {"temperatures", NMD_OPT_INT, AT(temperatures), .fallback = "16", .min = 1, .max = 10000, .doc = "how many"},
    {"replicas", NMD_OPT_INT, AT(replicas), .fallback = "4", .min = 1, .max = 100000,
     .doc = "of the annealing, from random arrangements; shared out over ranks"},
    {"sweeps", NMD_OPT_INT, AT(sweeps), .fallback = "1000", .min = 1, .max = 1e9,
     .doc = "at each temperature; a sweep tries as many moves as there are sites"},
    {"equilibration", NMD_OPT_INT, AT(equilibration), .fallback = "200", .min = 0, .max = 1e9,
     .doc = "sweeps before them that are not averaged"},
    {"block", NMD_OPT_INT, AT(block), .fallback = "10", .min = 1, .max = 1e6,
     .doc = "sweeps between exchanges of tempering, measurements of order and chances to write a checkpoint"},
    {"shells", NMD_OPT_REAL, AT(shells), NMD_DIM_LENGTH, "0 A", 0, 100,
     .doc = "Warren-Cowley parameters of the shells of pairs up to this distance; 0: of all pairs of the expansion"},
    {"species", NMD_OPT_TEXT, AT(species), .fallback = "",
     .doc = "whose waves, layers and structure factors are looked at; default: the first of the first sites"},
    {"waves", NMD_OPT_TEXT_LIST, AT(waves), .fallback = "",
     .doc = "order parameters: waves of composition in reciprocal cell vectors of the parent, e.g. [0 0 0.5], with "
            "those that its symmetry makes of them"},
    {"diffuse", NMD_OPT_TEXT_LIST, AT(diffuse), .fallback = "",
     .doc = "maps of diffuse scattering at each temperature: heights l of planes (h k l) in reciprocal cell vectors of "
            "the parent, e.g. [0, 0.5]"},
    {"checkpoint", NMD_OPT_REAL, AT(checkpoint), NMD_DIM_WALLTIME, "60 s", 0, 1e7,
     .doc = "written this often, and when a signal ends the program"},
};
#undef AT
static const nmd_option_table walks_table = {"monte_carlo", "Monte Carlo of arrangements",
                                             sizeof(nmd_lattice_walks_input), NMD_COUNT(walks_options), walks_options};

#define AT(member) offsetof(nmd_lattice_input, member)
enum { POTENTIAL = 7 };
static nmd_option options[] = {
    {"seed", NMD_OPT_INT, AT(seed), .fallback = "1", .min = 0, .max = 9e15, .doc = "seed of all random numbers"},
    {"output_folder", NMD_OPT_TEXT, AT(output), .fallback = "lattice.out",
     .doc = "where all files go, relative to the working folder; what is found there is not done again"},
    {"parent", NMD_OPT_NODE, AT(parent_node), .section = &parent_table, .doc = "the parent lattice"},
    {"clusters", NMD_OPT_NODE, AT(clusters_node), .section = &clusters_table, .doc = "clusters of the expansion"},
    {"ewald", NMD_OPT_NODE, AT(ewald_node), .fallback = "", .section = &ewald_table,
     .doc = "energy of point charges on the sites as one more term, for the long range"},
    {"expansion", NMD_OPT_PATH, AT(expansion), .fallback = "",
     .doc = "interactions from this file (expansion.dat of another run with the same clusters) instead of a fit"},
    {"configurations", NMD_OPT_NODE, AT(configurations_node), .fallback = "", .section = &configurations_table,
     .doc = "arrangements with energies, to be fitted"},
    {"potential", NMD_OPT_NODE, AT(potential), .fallback = "", .in_file = 1, .doc = "for arrangements made here, as in nnpmd"},
    {"relax", NMD_OPT_NODE, AT(relax_node), .fallback = "", .section = &relax_table,
     .doc = "relaxation of the arrangements made"},
    {"fit", NMD_OPT_NODE, AT(fit_node), .fallback = "", .section = &fit_table, .doc = "least squares"},
    {"monte_carlo", NMD_OPT_NODE, AT(walks_node), .fallback = "", .section = &walks_table,
     .doc = "Monte Carlo of arrangements with the expansion"},
    {"compare", NMD_OPT_PATH, AT(compare), .fallback = "",
     .doc = "arrangements (extxyz, unrelaxed) whose energies by expansion and potential are put beside those found"},
    {"pictures", NMD_OPT_BOOL, AT(pictures), .fallback = "true", .doc = "draw with gnuplot, if there is one"},
};
#undef AT
static const nmd_option_table input_table = {"lattice", "one study of nnpmd-lattice", sizeof(nmd_lattice_input),
                                             NMD_COUNT(options), options};

const nmd_option_table *nmd_lattice_input_table(void) {
  options[POTENTIAL].variants = nmd_potential_tables;
  return &input_table;
}

const nmd_yaml_node *nmd_lattice_input_place(const nmd_lattice_input *input, const char *key) {
  const nmd_yaml_node *node = nmd_yaml_root(input->tree);
  char part[64];
  while (*key != '\0') {
    const size_t length = strcspn(key, ".");
    memcpy(part, key, length);
    part[length] = '\0';
    const nmd_yaml_node *next = node->kind == NMD_YAML_MAP ? nmd_yaml_find(node, part) : NULL;
    if (next == NULL) return node;
    node = next;
    key += length + (key[length] == '.');
  }
  return node;
}

/* ---- words of the input ---- */

static nmd_status parse_species(const nmd_yaml_node *at, const char *text, int *z) {
  *z = strcmp(text, "X") == 0 ? NMD_VACANCY : nmd_element_from_symbol(text);
  if (*z == 0 && strcmp(text, "X") != 0)
    NMD_FAIL_AT(at, UNKNOWN_ELEMENT, "\"%s\" is no chemical symbol; expected e.g. La, or X for a vacancy", text);
  return NMD_OK;
}

static nmd_status parse_amounts(const nmd_lattice_input *input, const char *key, const nmd_text_list *list,
                                nmd_lattice_amounts *out) {
  const nmd_yaml_node *at = nmd_lattice_input_place(input, key);
  *out = (nmd_lattice_amounts){0};
  if (list->n > NMD_LATTICE_AMOUNTS_MAX)
    NMD_FAIL_AT(at, OUT_OF_RANGE, "%s: %d entries; expected up to %d", key, list->n, NMD_LATTICE_AMOUNTS_MAX);
  for (int k = 0; k < list->n; k++) {
    char text[64], *words[3];
    snprintf(text, sizeof text, "%s", list->items[k]);
    const int n = nmd_split(text, words, 3);
    nmd_lattice_amount *a = &out->item[out->n++];
    if (n != 2 || !nmd_parse_real(words[1], &a->value))
      NMD_FAIL_AT(at, BAD_NUMBER, "%s: \"%s\"; expected a species and a number, e.g. La 3", key, list->items[k]);
    NMD_TRY(parse_species(at, words[0], &a->z));
    for (int q = 0; q < k; q++)
      if (out->item[q].z == a->z) NMD_FAIL_AT(at, CONFLICT, "%s: %s is given twice; expected once", key, words[0]);
  }
  return NMD_OK;
}

static nmd_status parse_three(const nmd_yaml_node *at, const char *key, const char *text, double out[3]) {
  char copy[96], *words[4];
  snprintf(copy, sizeof copy, "%s", text);
  if (nmd_split(copy, words, 4) != 3 || !nmd_parse_real(words[0], &out[0]) || !nmd_parse_real(words[1], &out[1]) ||
      !nmd_parse_real(words[2], &out[2]))
    NMD_FAIL_AT(at, BAD_NUMBER, "%s: \"%s\"; expected three numbers, e.g. 0 0 0.5", key, text);
  return NMD_OK;
}

/* ---- sections ---- */

static nmd_status take_site(const nmd_yaml_node *node, nmd_site_rule *rule) {
  site_input site;
  NMD_TRY(nmd_options_parse(&site_table, node, &site));
  nmd_status status = parse_species(node, site.element, &rule->z);
  if (status == NMD_OK && rule->z == NMD_VACANCY)
    status =
        nmd_yaml_fail(node, NMD_CONFLICT, "element: X; expected the element that stands on these sites in the file");
  rule->kind.n = site.species.n;
  if (status == NMD_OK && (site.species.n < 2 || site.species.n > NMD_LATTICE_SPECIES_MAX))
    status = nmd_yaml_fail(node, NMD_CONFLICT, "species: %d given; expected 2 to %d, e.g. [La, X]", site.species.n,
                           NMD_LATTICE_SPECIES_MAX);
  for (int k = 0; k < site.species.n && status == NMD_OK; k++)
    status = parse_species(node, site.species.items[k], &rule->kind.z[k]);
  nmd_options_free(&site_table, &site);
  return status;
}

static nmd_status parse_sites(nmd_lattice_input *input) {
  const nmd_yaml_node *list = input->parent.sites_node;
  if (list->kind != NMD_YAML_LIST || list->n < 1 || list->n > NMD_LATTICE_KINDS_MAX)
    NMD_FAIL_AT(list, WRONG_TYPE, "sites: expected a list of 1 to %d kinds, e.g. [{element: La, species: [La, X]}]",
                NMD_LATTICE_KINDS_MAX);
  for (int k = 0; k < list->n; k++) NMD_TRY(take_site(list->items[k], &input->rule[input->n_rules++]));
  return NMD_OK;
}

static nmd_status parse_ewald(nmd_lattice_input *input) {
  nmd_lattice_amounts charges;
  if (input->ewald_node == NULL) return NMD_OK;
  NMD_TRY(nmd_options_parse(&ewald_table, input->ewald_node, &input->ewald));
  NMD_TRY(parse_amounts(input, "ewald.charges", &input->ewald.charges, &charges));
  input->charge_given[NMD_VACANCY] = true;
  for (int k = 0; k < charges.n; k++) {
    input->charge[charges.item[k].z] = charges.item[k].value;
    input->charge_given[charges.item[k].z] = true;
  }
  return NMD_OK;
}

static nmd_status parse_cells(nmd_lattice_input *input) {
  const nmd_text_list *list = &input->configurations.cells;
  const nmd_yaml_node *at = nmd_lattice_input_place(input, "configurations.cells");
  if (list->n > NMD_LATTICE_CELLS_MAX)
    NMD_FAIL_AT(at, OUT_OF_RANGE, "cells: %d given; expected up to %d", list->n, NMD_LATTICE_CELLS_MAX);
  for (int k = 0; k < list->n; k++) {
    double repeat[3];
    NMD_TRY(parse_three(at, "cells", list->items[k], repeat));
    for (int a = 0; a < 3; a++) {
      input->cell[k][a] = (int)repeat[a];
      if (repeat[a] < 1 || repeat[a] > 1000 || repeat[a] != (int)repeat[a])
        NMD_FAIL_AT(at, OUT_OF_RANGE, "cells: \"%s\"; expected three whole numbers from 1 on, e.g. 3 2 2",
                    list->items[k]);
    }
    input->n_cells++;
  }
  return NMD_OK;
}

static nmd_status parse_configurations(nmd_lattice_input *input) {
  nmd_lattice_configurations *c = &input->configurations;
  if (input->configurations_node == NULL) return NMD_OK;
  NMD_TRY(nmd_options_parse(&configurations_table, input->configurations_node, c));
  NMD_TRY(parse_cells(input));
  NMD_TRY(parse_amounts(input, "configurations.composition", &c->composition, &input->made));
  const nmd_yaml_node *at = nmd_lattice_input_place(input, "configurations");
  if (c->file == NULL && input->n_cells == 0)
    NMD_FAIL_AT(at, MISSING_KEY, "configurations: neither file nor cells; expected at least one of them");
  if (input->n_cells > 0 && input->made.n == 0)
    NMD_FAIL_AT(at, MISSING_KEY, "configurations: cells without composition; expected e.g. composition: [La 1, X 2]");
  if (input->n_cells > 0 && input->potential == NULL)
    NMD_FAIL_AT(at, MISSING_KEY, "configurations: cells without a potential; expected the key potential, or file only");
  return NMD_OK;
}

static nmd_status parse_planes(nmd_lattice_input *input) {
  const nmd_text_list *list = &input->walks.diffuse;
  const nmd_yaml_node *at = nmd_lattice_input_place(input, "monte_carlo.diffuse");
  const double cells = (double)input->walks.repeat[2];
  if (list->n > NMD_LATTICE_PLANES_MAX)
    NMD_FAIL_AT(at, OUT_OF_RANGE, "diffuse: %d given; expected up to %d", list->n, NMD_LATTICE_PLANES_MAX);
  for (int k = 0; k < list->n; k++) {
    double *l = &input->plane[input->n_planes++];
    if (!nmd_parse_real(list->items[k], l))
      NMD_FAIL_AT(at, BAD_NUMBER, "diffuse: \"%s\"; expected a number, e.g. 0.5", list->items[k]);
    if (fabs(*l * cells - round(*l * cells)) > 1e-6 || fabs(*l) > 0.5)
      NMD_FAIL_AT(at, OUT_OF_RANGE, "diffuse: %s; expected a multiple of 1/%.0f (repeat along c) from -0.5 to 0.5",
                  list->items[k], cells);
  }
  return NMD_OK;
}

static nmd_status parse_walks(nmd_lattice_input *input) {
  nmd_lattice_walks_input *w = &input->walks;
  if (input->walks_node == NULL) return NMD_OK;
  NMD_TRY(nmd_options_parse(&walks_table, input->walks_node, w));
  NMD_TRY(parse_amounts(input, "monte_carlo.composition", &w->composition, &input->walked));
  NMD_TRY(parse_amounts(input, "monte_carlo.chemical_potentials", &w->potentials, &input->chemical_potentials));
  const nmd_yaml_node *at = nmd_lattice_input_place(input, "monte_carlo.waves");
  if (w->waves.n > NMD_LATTICE_WAVES_MAX)
    NMD_FAIL_AT(at, OUT_OF_RANGE, "waves: %d given; expected up to %d", w->waves.n, NMD_LATTICE_WAVES_MAX);
  for (int k = 0; k < w->waves.n; k++)
    NMD_TRY(parse_three(at, "waves", w->waves.items[k], input->wave[input->n_waves++]));
  return parse_planes(input);
}

static nmd_status check_whole(const nmd_lattice_input *input) {
  const nmd_yaml_node *at = nmd_yaml_root(input->tree);
  if (input->expansion == NULL && input->configurations_node == NULL)
    NMD_FAIL_AT(at, MISSING_KEY,
                "neither configurations nor expansion; expected energies to fit, or the file of a fit");
  if (input->expansion != NULL && input->configurations_node != NULL)
    NMD_FAIL_AT(at, CONFLICT, "both configurations and expansion; expected one of them");
  return NMD_OK;
}

static nmd_status finish(void *parsed) {
  nmd_lattice_input *input = parsed;
  NMD_TRY(nmd_options_parse(&parent_table, input->parent_node, &input->parent));
  NMD_TRY(nmd_options_parse(&clusters_table, input->clusters_node, &input->clusters));
  NMD_TRY(nmd_options_parse(&relax_table, input->relax_node, &input->relax));
  NMD_TRY(nmd_options_parse(&fit_table, input->fit_node, &input->fit));
  NMD_TRY(parse_sites(input));
  NMD_TRY(parse_ewald(input));
  NMD_TRY(parse_configurations(input));
  NMD_TRY(parse_walks(input));
  return check_whole(input);
}

static void free_any(void *input) { nmd_lattice_input_free(input); }

static const nmd_input_kind kind = {nmd_lattice_input_table, finish, free_any};

nmd_status nmd_lattice_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                  nmd_lattice_input *input) {
  return nmd_input_kind_read(&kind, comm, path, n, assignments, input);
}

void nmd_lattice_input_free(nmd_lattice_input *input) {
  nmd_options_free(&parent_table, &input->parent);
  nmd_options_free(&clusters_table, &input->clusters);
  nmd_options_free(&ewald_table, &input->ewald);
  nmd_options_free(&configurations_table, &input->configurations);
  nmd_options_free(&relax_table, &input->relax);
  nmd_options_free(&fit_table, &input->fit);
  nmd_options_free(&walks_table, &input->walks);
  nmd_options_free(&input_table, input);
  nmd_yaml_destroy(input->tree);
  *input = (nmd_lattice_input){0};
}
