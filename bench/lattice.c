/* SPDX-License-Identifier: BSD-3-Clause */
/* Trial moves per second of lattice Monte Carlo: bench_lattice [EDGE [TEMPERATURE]]. A binary alloy on EDGE^3 cells of
 * the simple cubic lattice, pairs, triplets and quadruplets, with and without charges; one process,
 * per second of processor time. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lattice/walk.h"

static nmd_status make_parent(nmd_parent_lattice *parent) {
  const double h[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
  const nmd_site_rule rule = {.z = 57, .kind = {2, {57, NMD_VACANCY}}};
  nmd_structure s;
  NMD_TRY(nmd_structure_init(&s, 1));
  s.atomic_number[0] = 57;
  nmd_status status = nmd_box_init(&s.box, h, NULL, NULL);
  if (status == NMD_OK) status = nmd_parent_lattice_init(parent, &s, 1, &rule, 1e-3);
  nmd_structure_free(&s);
  return status;
}

static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

static nmd_status measure(const nmd_lattice_model *model, double temperature, const char *what) {
  nmd_lattice_walk walk;
  const int64_t count[2] = {model->n / 3, model->n - model->n / 3};
  NMD_TRY(nmd_lattice_walk_init(&walk, model, 1, 0));
  NMD_TRY(nmd_lattice_walk_shuffle(&walk, count));
  for (int k = 0; k < 50; k++) nmd_lattice_walk_sweep(&walk, temperature);
  const double from = seconds();
  const int64_t moves = walk.moves, accepted = walk.accepted;
  while (seconds() - from < 1.5) nmd_lattice_walk_sweep(&walk, temperature);
  const double n = (double)(walk.moves - moves);
  printf("%-22s %6d sites %6.0f K: %.3g moves/s, %.1f %% accepted\n", what, model->n, temperature,
         n / (seconds() - from), 100 * (double)(walk.accepted - accepted) / n);
  nmd_lattice_walk_free(&walk);
  return NMD_OK;
}

static nmd_status run(int edge, double temperature) {
  const int matrix[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
  const double diameter[5] = {0, 0, 12.6, 8, 5.7};
  double charge[NMD_LATTICE_Z_MAX] = {0}, j[128] = {0};
  nmd_parent_lattice parent;
  nmd_supercell super;
  nmd_cluster_list list;
  nmd_lattice_energy energy;
  nmd_ewald_pairs ewald;
  nmd_lattice_model model;
  charge[57] = 0.3;
  NMD_TRY(make_parent(&parent));
  NMD_TRY(nmd_supercell_init(&super, &parent, matrix));
  NMD_TRY(nmd_cluster_list_init(&list, &parent, diameter));
  for (int k = 1; k <= list.n_functions; k++) j[k] = 0.005 * (k % 2 == 0 ? 1 : -0.7) / k;
  NMD_TRY(nmd_lattice_energy_init(&energy, &list, &parent, &super, j));
  NMD_TRY(nmd_lattice_model_init(&model, &parent, &energy, NULL, 0, NULL));
  printf("%.0f clusters and %.0f neighbours a site\n", energy.clusters, (double)energy.near_first[super.n] / super.n);
  NMD_TRY(measure(&model, temperature, "clusters"));
  NMD_TRY(nmd_ewald_pairs_init(&ewald, &parent, &super, charge));
  NMD_TRY(nmd_lattice_model_init(&model, &parent, &energy, &ewald, 1, charge));
  return measure(&model, temperature, "clusters and charges");
}

int main(int argc, char **argv) {
  const int edge = argc > 1 ? atoi(argv[1]) : 10;
  const double temperature = argc > 2 ? atof(argv[2]) : 300;
  if (edge < 1 || edge > 20 || run(edge, temperature) != NMD_OK) {
    fprintf(stderr, "bench_lattice: %s\n", edge < 1 || edge > 20 ? "EDGE: expected 1 to 20" : nmd_error_text());
    return 2;
  }
  return 0;
}
