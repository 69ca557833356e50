/* SPDX-License-Identifier: BSD-3-Clause */
/* A crystal: one element per sublattice (ordered alloys), repeated, with random substitution.
 *
 *   build: {lattice: {type: fcc, a: 4.17, elements: Au, repeat: 6, substitute: [{element: Au, by: Li, fraction:
 * 0.25}]}}
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "build/builder_list.h"
#include "build/crystal.h"
#include "build/transform.h"

typedef struct lattice_parameters {
  int type;
  double a, c; /* A; c 0: ideal */
  nmd_text_list elements;
  int64_t repeat[3];
  const nmd_yaml_node *substitute;
} lattice_parameters;

static const nmd_option options[] = {
    {.key = "type",
     .type = NMD_OPT_CHOICE,
     .offset = offsetof(lattice_parameters, type),
     .choices = NMD_CRYSTAL_CHOICES,
     .doc = "crystal structure; hcp_orthogonal is hcp in a cell with right angles"},
    {.key = "a",
     .type = NMD_OPT_REAL,
     .offset = offsetof(lattice_parameters, a),
     .dimension = NMD_DIM_LENGTH,
     .min = 0.5,
     .max = 100.0,
     .doc = "lattice constant of the conventional cell"},
    {.key = "c",
     .type = NMD_OPT_REAL,
     .offset = offsetof(lattice_parameters, c),
     .dimension = NMD_DIM_LENGTH,
     .fallback = "",
     .min = 0.5,
     .max = 100.0,
     .doc = "lattice constant along c; default a (hcp: ideal 1.633 a); a cubic lattice becomes tetragonal"},
    {.key = "elements",
     .type = NMD_OPT_TEXT_LIST,
     .offset = offsetof(lattice_parameters, elements),
     .doc = "one element per sublattice, in the order of the prototype: l1_2 and d0_3 A B3, fluorite A B2, perovskite "
            "A (corner) B (centre) X3 (faces)"},
    {.key = "repeat",
     .type = NMD_OPT_INT3,
     .offset = offsetof(lattice_parameters, repeat),
     .fallback = "1",
     .min = 1,
     .max = 100000,
     .doc = "number of cells along a, b, c"},
    {.key = "substitute",
     .type = NMD_OPT_NODE,
     .offset = offsetof(lattice_parameters, substitute),
     .fallback = "",
     .is_list = 1,
     .section = &nmd_substitution_table,
     .doc = "random replacements, exact in number"},
};
const nmd_option_table nmd__build_lattice_table = {.name = "lattice",
                                                   .doc = "a crystal, ordered or with random substitution",
                                                   .size = sizeof(lattice_parameters),
                                                   .n = NMD_COUNT(options),
                                                   .options = options};

static nmd_status sublattice_elements(const lattice_parameters *p, int *atomic_number) {
  const nmd_crystal type = (nmd_crystal)p->type;
  const int wanted = nmd_crystal_sublattices(type);
  if (p->elements.n != wanted)
    NMD_FAIL(BUILD, "elements: %d given; %s needs %d, one per sublattice of %s", p->elements.n, nmd_crystal_name(type),
             wanted, nmd_crystal_formula(type));
  for (int k = 0; k < wanted; k++) NMD_TRY(nmd_build_element(p->elements.items[k], &atomic_number[k]));
  return NMD_OK;
}

static nmd_status unit_cell(const lattice_parameters *p, nmd_structure *cell) {
  const nmd_crystal type = (nmd_crystal)p->type;
  int atomic_number[NMD_SITES_MAX];
  nmd_site sites[NMD_SITES_MAX];
  double h[3][3];
  NMD_TRY(sublattice_elements(p, atomic_number));
  const int n = nmd_crystal_sites(type, sites);
  nmd_crystal_cell(type, p->a, p->c > 0.0 ? p->c : p->a * nmd_crystal_c_over_a(type), h);
  NMD_TRY(nmd_structure_init(cell, n));
  const nmd_status status = nmd_box_init(&cell->box, h, NULL, NULL);
  if (status != NMD_OK) {
    nmd_structure_free(cell);
    return status;
  }
  for (int i = 0; i < n; i++) {
    cell->atomic_number[i] = atomic_number[sites[i].sublattice];
    nmd_box_to_cartesian(&cell->box, sites[i].s, cell->x[i]);
  }
  return NMD_OK;
}

static nmd_status build(const void *parameters, uint64_t seed, nmd_structure *out, const nmd_build_report *report) {
  const lattice_parameters *p = parameters;
  nmd_structure cell;
  NMD_TRY(unit_cell(p, &cell));
  nmd_status status = nmd_structure_repeat(&cell, p->repeat, out);
  nmd_structure_free(&cell);
  if (status != NMD_OK) return status;
  nmd_build_say(report, "%s, %lld x %lld x %lld cells, c/a = %.6g\n", nmd_crystal_name((nmd_crystal)p->type),
                (long long)p->repeat[0], (long long)p->repeat[1], (long long)p->repeat[2],
                p->c > 0.0 ? p->c / p->a : nmd_crystal_c_over_a((nmd_crystal)p->type));
  status = nmd_structure_substitute_from(out, p->substitute, seed, report);
  if (status != NMD_OK) nmd_structure_free(out);
  if (status == NMD_OK) nmd_build_say_composition(out, report);
  return status;
}

const nmd_builder_ops nmd__build_lattice = {.name = "lattice", .options = &nmd__build_lattice_table, .build = build};
