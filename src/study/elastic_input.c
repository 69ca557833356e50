/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/elastic_input.h"

#include <string.h>

#include "base/text.h"
#include "build/prototype.h"
#include "io/read_structure.h"
#include "parallel/input_tree.h"
#include "potential/potential.h"
#include "system/element.h"

static const nmd_option crystal_options[] = {
    {"prototype", NMD_OPT_TEXT, offsetof(nmd_elastic_crystal, prototype),
     .doc =
         "Strukturbericht name: a1 (fcc), a2 (bcc), a3 (hcp), b2, l1_0, l1_2, d0_3, ...; nnpmd-mixing knows the same"},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(nmd_elastic_crystal, elements),
     .doc = "its elements in the order of the type's name (l1_2: the one of the corners first), e.g. [Au, Li]"},
    {"volume", NMD_OPT_REAL, offsetof(nmd_elastic_crystal, volume), .min = 1, .max = 1000,
     .doc = "A^3 an atom, about: the crystal is relaxed"},
};
static const nmd_option_table crystal_table = {"crystal", "a crystal by its name", sizeof(nmd_elastic_crystal),
                                               NMD_COUNT(crystal_options), crystal_options};

static const nmd_option relax_options[] = {
    {"force_tolerance", NMD_OPT_REAL, offsetof(nmd_elastic_relax, force_tolerance), NMD_DIM_FORCE, "1e-5 eV/A", 0, 1e3,
     .min_open = 1, .doc = "longest force at the end"},
    {"stress_tolerance", NMD_OPT_REAL, offsetof(nmd_elastic_relax, stress_tolerance), NMD_DIM_PRESSURE, "1e-4 GPa", 0,
     1e3, .min_open = 1, .doc = "largest stress at the end, before any strain"},
    {"max_steps", NMD_OPT_INT, offsetof(nmd_elastic_relax, max_steps), .fallback = "20000", .min = 1, .max = 1e9,
     .doc = "more than that is an error"},
};
static const nmd_option_table relax_table = {"relax", "relaxation of cell and atoms", sizeof(nmd_elastic_relax),
                                             NMD_COUNT(relax_options), relax_options};

enum { POTENTIAL = 1 };
static nmd_option options[] = {
    {"output_folder", NMD_OPT_TEXT, offsetof(nmd_elastic_input, output), .fallback = "elastic.out",
     .doc = "where all files go, relative to the working folder"},
    {"potential", NMD_OPT_NODE, offsetof(nmd_elastic_input, potential), .in_file = 1,
     .doc = "the interatomic potential, as in nnpmd"},
    {"structure", NMD_OPT_PATH, offsetof(nmd_elastic_input, structure), .fallback = "",
     .doc = "a file with the crystal, periodic along all axes; give this or crystal"},
    {"crystal", NMD_OPT_NODE, offsetof(nmd_elastic_input, crystal_node), .fallback = "", .section = &crystal_table,
     .doc = "a crystal by its name; give this or structure"},
    {"strain", NMD_OPT_REAL, offsetof(nmd_elastic_input, strain), .fallback = "0.002", .max = 0.05, .min_open = 1,
     .doc = "step of the finite differences; strains up to twice this are used"},
    {"range", NMD_OPT_REAL, offsetof(nmd_elastic_input, range), .fallback = "0.08", .max = 0.5, .min_open = 1,
     .doc = "equation of state: volumes from 1 - range to 1 + range of that at rest"},
    {"points", NMD_OPT_INT, offsetof(nmd_elastic_input, points), .fallback = "13", .min = 5, .max = 1001,
     .doc = "equation of state: number of volumes"},
    {"relax", NMD_OPT_NODE, offsetof(nmd_elastic_input, relax_node), .fallback = "", .section = &relax_table,
     .doc = "relaxation of cell and atoms"},
    {"pictures", NMD_OPT_BOOL, offsetof(nmd_elastic_input, pictures), .fallback = "true",
     .doc = "draw with gnuplot, if there is one"},
};
static const nmd_option_table input_table = {"elastic", "one study of nnpmd-elastic", sizeof(nmd_elastic_input),
                                             NMD_COUNT(options), options};

const nmd_option_table *nmd_elastic_input_table(void) {
  options[POTENTIAL].variants = nmd_potential_tables;
  return &input_table;
}

static nmd_status check_crystal(const nmd_elastic_input *input) {
  const nmd_elastic_crystal *c = &input->crystal;
  const char *known[64];
  for (int k = 0; k < nmd_prototype_count(); k++) known[k] = nmd_prototype_at(k)->name;
  const nmd_prototype *p = nmd_prototype_find(c->prototype);
  if (p == NULL) {
    const char *near = nmd_nearest(c->prototype, known, nmd_prototype_count());
    NMD_FAIL_AT(input->crystal_node, BAD_CHOICE, "crystal: unknown prototype \"%s\"%s%s; nnpmd-mixing --man lists them",
                c->prototype, near != NULL ? ", did you mean " : "", near != NULL ? near : "");
  }
  const int n = p->first > 1 - 1e-9 ? 1 : 2;
  if (c->elements.n != n)
    NMD_FAIL_AT(input->crystal_node, CONFLICT, "crystal: %s has %d elements, %d given", p->name, n, c->elements.n);
  for (int k = 0; k < n; k++)
    if (nmd_element_from_symbol(c->elements.items[k]) == 0)
      NMD_FAIL_AT(input->crystal_node, UNKNOWN_ELEMENT, "crystal: \"%s\" is no chemical symbol; expected e.g. Au",
                  c->elements.items[k]);
  if (n == 2 && strcmp(c->elements.items[0], c->elements.items[1]) == 0)
    NMD_FAIL_AT(input->crystal_node, CONFLICT,
                "crystal: elements: %s twice; expected two different ones: %s is a compound", c->elements.items[0],
                p->name);
  return NMD_OK;
}

static nmd_status finish(void *parsed) {
  nmd_elastic_input *input = parsed;
  NMD_TRY(nmd_options_parse(&relax_table, input->relax_node, &input->relax));
  if ((input->structure == NULL) == (input->crystal_node == NULL))
    NMD_FAIL_AT(nmd_yaml_root(input->tree), CONFLICT, "expected either `structure` or `crystal`, got %s",
                input->structure == NULL ? "neither" : "both");
  if (input->crystal_node == NULL) return NMD_OK;
  NMD_TRY(nmd_options_parse(&crystal_table, input->crystal_node, &input->crystal));
  return check_crystal(input);
}

static void free_any(void *input) { nmd_elastic_input_free(input); }

static const nmd_input_kind kind = {nmd_elastic_input_table, finish, free_any};

nmd_status nmd_elastic_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                  nmd_elastic_input *input) {
  return nmd_input_kind_read(&kind, comm, path, n, assignments, input);
}

void nmd_elastic_input_free(nmd_elastic_input *input) {
  nmd_options_free(&crystal_table, &input->crystal);
  nmd_options_free(&relax_table, &input->relax);
  nmd_options_free(&input_table, input);
  nmd_yaml_destroy(input->tree);
  *input = (nmd_elastic_input){0};
}

nmd_status nmd_elastic_input_structure(const nmd_elastic_input *input, nmd_structure *out) {
  const nmd_elastic_crystal *c = &input->crystal;
  if (input->structure == NULL) {
    const int z[2] = {nmd_element_from_symbol(c->elements.items[0]),
                      nmd_element_from_symbol(c->elements.items[c->elements.n - 1])};
    return nmd_prototype_structure(nmd_prototype_find(c->prototype), z, c->volume, out);
  }
  NMD_TRY(nmd_structure_read(input->structure, NULL, 0, out));
  if (out->box.periodic[0] && out->box.periodic[1] && out->box.periodic[2]) return NMD_OK;
  nmd_structure_free(out);
  NMD_FAIL(CONFLICT,
           "%s: the structure has open boundaries; elastic constants are of crystals that are periodic along all axes",
           input->structure);
}
