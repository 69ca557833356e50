/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-lattice: cluster expansion of arrangements on a parent lattice, and Monte Carlo with it. */
#include <stdio.h>

#include "input_program.h"
#include "study/lattice.h"

static void list_orbits(const nmd_lattice_study *study) {
  printf("# clusters: points, diameter (A), a parent cell, functions\n");
  for (int k = 0; k < study->clusters.n; k++) {
    const nmd_cluster_orbit *o = &study->clusters.orbit[k];
    printf("%d %.6f %d %d\n", o->points, o->diameter, o->n, o->n_functions);
  }
}

static nmd_status run(const nmd_comm *world, const input_run *asked) {
  nmd_lattice_input input;
  nmd_lattice_study *study;
  NMD_TRY(nmd_lattice_input_read(world, asked->path, asked->n, asked->assignments, &input));
  nmd_status status = nmd_lattice_create(world, &input, &study);
  if (status == NMD_OK && asked->check && nmd_comm_rank(world) == 0) list_orbits(study);
  if (status == NMD_OK && !asked->check) status = nmd_lattice_run(study);
  nmd_lattice_destroy(study);
  nmd_lattice_input_free(&input);
  return status;
}

static const input_program program = {
    .name = "nnpmd-lattice",
    .argument = "STUDY.yaml",
    .summary = "Cluster expansion of the energies of arrangements (species and vacancies on a lattice), and Monte "
               "Carlo with it. Started again it goes on where it ended.",
    .exit_codes = "0 done, 2 input error, 3 stopped by physics, 4 I/O or memory, 75 stopped early: run it again to go "
                  "on.",
    .about = "Reads STUDY.yaml, finds the clusters of a parent lattice, takes energies of arrangements from a file or "
             "makes and relaxes them with the ranks sharing them out, fits a cluster expansion with cross-validation "
             "(with the energy of point charges as one more term, if wanted), and runs annealings or parallel "
             "tempering with it: ground states, energies and heat capacities, Warren-Cowley parameters, maps of layers "
             "and their structure factors, structures for molecular dynamics. A study that was killed goes on when "
             "started again.\n\n"
             "Every key of the input is explained by nnpmd-lattice --explain KEY; nnpmd-lattice --reference prints "
             "them all.",
    .example = "monte_carlo.sweeps=500",
    .check = "read the input, list the clusters, do nothing",
    .table = nmd_lattice_input_table,
    .run = run};

int main(int argc, char **argv) { return input_program_main(&program, argc, argv); }
