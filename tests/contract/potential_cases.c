/* SPDX-License-Identifier: BSD-3-Clause */
#include "potential_cases.h"

#include <stdio.h>

#include "base/random.h"
#include "support/test.h"

#define NNP(folder) "nnp: {folder: '%s/reference/" folder "', length_unit: A, energy_unit: eV}"
#define SPME_TERM "spme: {cutoff: 5.5, accuracy: 1e-13, ions: [{element: Li, charge: 0.9}, {element: F, charge: -0.7}]}"
#define SPME SPME_TERM " #%s"
const potential_case potential_cases[] = {
    {"nnp", "radial", NNP("001-t2-ortho"), 2.9, {79, 79}},
    {"nnp", "narrow", NNP("002-t3-zetas"), 2.9, {3, 79}},
    {"nnp", "wide", NNP("003-t9-zetas-alpha"), 2.9, {16, 29}},
    {"nnp", "weighted", NNP("004-t12-t13-weighted"), 2.9, {12, 13}},
    {"nnp", "all types", NNP("012-all-types-sorted"), 2.9, {3, 79}},
    {"nnp", "mixed cut-offs", NNP("034-mixed-cutoffs"), 2.9, {12, 13}},
    {"nnp", "Au-Li", "nnp: {folder: '%s/../potentials/AuLi-starter', length_unit: A, energy_unit: eV}", 2.9, {3, 79}},
    {"lennard_jones", "plain", "lennard_jones: {epsilon: 0.0104, sigma: 2.4, cutoff: 5.5} #%s", 2.7, {18, 36}},
    {"lennard_jones",
     "pairs",
     "lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.5, pairs: [{elements: [Ar, Kr], epsilon: 0.013, sigma: "
     "2.5}]} "
     "#%s",
     2.7,
     {18, 36}},
    {"lennard_jones",
     "shift",
     "lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.5, truncation: shift} #%s",
     2.7,
     {18, 36}},
    {"morse",
     "given",
     "morse: {cutoff: 5.5, pairs: [{elements: [Li, O], depth: 0.3, alpha: 1.4, distance: 2.3}, {elements: [Li, Li], "
     "depth: "
     "0.1, alpha: 1.1, distance: 2.9}]} #%s",
     2.5,
     {3, 8}},
    {"morse", "bond valence", "morse: {cutoff: 6.0, set: bond_valence} #%s", 2.2, {41, 8}},
    {"buckingham",
     "given",
     "buckingham: {cutoff: 5.5, pairs: [{elements: [Li, O], A: 426.5, rho: 0.3}, {elements: [O, O], A: 22764, rho: "
     "0.149, "
     "C: 27.9}]} #%s",
     2.5,
     {3, 8}},
    {"screened_coulomb", "radii", "screened_coulomb: {cutoff: 6.0, charges: fixed_bvs} #%s", 2.2, {41, 8}},
    {"screened_coulomb",
     "all",
     "screened_coulomb: {cutoff: 5.0, between: all, screening: length, length: 2.5, ions: [{element: Li, charge: 0.9}, "
     "{element: F, charge: -0.7}]} #%s",
     2.4,
     {3, 9}},
    {"tabulated",
     "table",
     "tabulated: {pairs: [{elements: [Ar, Kr], file: '%s/contract/pair_table.dat'}]}",
     2.7,
     {18, 36}},
    {"angular",
     "O-Nb-O",
     "angular: {triples: [{elements: [Nb, O, O], alpha: 2.0, beta: 1.0, gamma: -0.1, cutoff: 3.4}, "
     "{elements: [O, Nb, O], alpha: 0.7, gamma: 0.2, cutoff: 3.1}]} #%s",
     2.4,
     {41, 8}},
    {"stillinger_weber",
     "silicon",
     "stillinger_weber: {pairs: [{elements: [Si, Si], epsilon: 2.1683, sigma: 2.0951}], triples: [{elements: [Si, Si, "
     "Si]}]} "
     "#%s",
     2.6,
     {14, 14}},
    {"stillinger_weber",
     "two elements",
     "stillinger_weber: {pairs: [{elements: [Si, Si], epsilon: 2.17, sigma: 2.1}, {elements: [Si, C], epsilon: 1.5, "
     "sigma: "
     "1.8, q: 1, p: 5}], triples: [{elements: [Si, Si, C], lambda: 15}, {elements: [C, Si, Si], angle: 100, epsilon: "
     "2}]} #%s",
     2.5,
     {14, 6}},
    {"spme", "ionic", SPME, 2.5, {3, 9}},
    {"sum",
     "Born-Mayer and spme",
     "sum: {terms: [{buckingham: {cutoff: 5.5, pairs: [{elements: [Li, F], A: 426.5, rho: 0.3}]}}, {" SPME_TERM
     "}]} #%s",
     2.5,
     {3, 9}},
    {"sum",
     "bond-valence force field",
     "sum: {terms: [{morse: {cutoff: 6.0, set: bond_valence}}, {screened_coulomb: {cutoff: 5.0, charges: fixed_bvs}}]} "
     "#%s",
     2.2,
     {41, 8}},
    {"zbl", "close", "zbl: {inner: 2.0, outer: 3.1} #%s", 2.4, {3, 79}},
    {"zbl", "defaults", "zbl #%s", 1.3, {8, 14}},
    {"sum",
     "pairs",
     "sum: {terms: [{lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.5}}, {zbl: {inner: 1.0, outer: 2.6}}]} #%s",
     2.7,
     {18, 36}},
    {"sum",
     "lithium by itself, floor for all",
     "sum: {among: [Li, Ar-Li], terms: [{nnp: {folder: '%s/../potentials/AuLi-starter', length_unit: A, energy_unit: eV}}, "
     "{lennard_jones: {epsilon: 0.01, sigma: 2.4, cutoff: 5.0}}]}",
     2.9,
     {3, 18}},
    {"sum",
     "one potential a group",
     "sum: {groups: [heart, rim], terms: [{nnp: {folder: '%s/../potentials/AuLi-starter', length_unit: A, energy_unit: eV}}, "
     "{lennard_jones: {epsilon: 0.05, sigma: 2.5, cutoff: 5.0}}]}",
     2.9,
     {3, 79}},
    {"sum",
     "embedded",
     "sum: {groups: [heart, all, heart], weights: [1, 1, -1], terms: [{nnp: {folder: '%s/../potentials/AuLi-starter', "
     "length_unit: "
     "A, energy_unit: eV}}, {lennard_jones: {epsilon: 0.05, sigma: 2.5, cutoff: 5.0}}, "
     "{lennard_jones: {epsilon: 0.05, sigma: 2.5, cutoff: 5.0}}]}",
     2.9,
     {3, 79}},
    {"sum",
     "group and element",
     "sum: {among: [Li, all], groups: [heart, rim], weights: [0.5, 2], terms: [{nnp: {folder: '%s/../potentials/AuLi-starter', "
     "length_unit: A, energy_unit: eV}}, {zbl: {inner: 1.5, outer: 2.9}}]}",
     2.7,
     {3, 79}},
    {"sum",
     "nnp and floor",
     "sum: {terms: [{zbl: {inner: 1.5, outer: 2.9}}, {nnp: {folder: '%s/../potentials/AuLi-starter', length_unit: A, "
     "energy_unit: "
     "eV}}]}",
     2.9,
     {3, 79}},
    {"sum",
     "nnp and charges",
     "sum: {terms: [{nnp: {folder: '%s/../potentials/AuLi-starter', length_unit: A, energy_unit: eV}}, {spme: {cutoff: 5.5, "
     "accuracy: 1e-13, ions: [{element: Li, charge: 0.3}, {element: Au, charge: -0.2333333333333333}]}}]}",
     2.9,
     {3, 79}},
};
const int n_potential_cases = (int)(sizeof potential_cases / sizeof *potential_cases);

nmd_status potential_case_structure(const potential_case *which, nmd_structure *out) {
  const double a = which->spacing;
  const double h[3][3] = {{2 * a, 0.1, -0.2}, {0.3, 2 * a, 0.15}, {-0.1, 0.25, 2 * a}};
  NMD_TRY(nmd_structure_init(out, 16));
  NMD_TRY(nmd_box_init(&out->box, h, NULL, NULL));
  for (int i = 0; i < 16; i++) {
    double g[3], s[3];
    nmd_random_normal3(7, NMD_STREAM_TEST, 0, i, 0, g);
    for (int k = 0; k < 3; k++) s[k] = (((i / 2) >> k & 1) + 0.5 * (i & 1)) / 2 + 0.02 * g[k];
    nmd_box_to_cartesian(&out->box, s, out->x[i]);
    out->atomic_number[i] = which->z[(i * 5 / 3) & 1];
  }
  return NMD_OK;
}

void potential_case_text(const potential_case *which, char *text, size_t size) {
  snprintf(text, size, which->yaml, NMD_TEST_DATA);
}
