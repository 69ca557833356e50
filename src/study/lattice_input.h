/* SPDX-License-Identifier: BSD-3-Clause */
/* The input of nnpmd-lattice: a parent lattice, its clusters, energies to fit, and Monte Carlo. */
#ifndef NNPMD_STUDY_LATTICE_INPUT_H
#define NNPMD_STUDY_LATTICE_INPUT_H

#include "base/option.h"
#include "lattice/clusters.h"
#include "lattice/ewald_pairs.h"
#include "lattice/mapping.h"
#include "lattice/regression.h"
#include "parallel/comm.h"

/* A species and a number: "La 1" (shares of the sites), "La 3" (charge). */
typedef struct nmd_lattice_amount {
  int z;
  double value;
} nmd_lattice_amount;
enum {
  NMD_LATTICE_AMOUNTS_MAX = 16,
  NMD_LATTICE_CELLS_MAX = 64,
  NMD_LATTICE_WAVES_MAX = 16,
  NMD_LATTICE_PLANES_MAX = 4
};

typedef struct nmd_lattice_amounts {
  int n;
  nmd_lattice_amount item[NMD_LATTICE_AMOUNTS_MAX];
} nmd_lattice_amounts;

typedef struct nmd_lattice_parent_input {
  char *structure;
  double tolerance; /* A */
  const nmd_yaml_node *sites_node;
} nmd_lattice_parent_input;

typedef struct nmd_lattice_clusters_input {
  double pairs, triplets, quadruplets; /* A */
} nmd_lattice_clusters_input;

typedef struct nmd_lattice_ewald_input {
  nmd_text_list charges;
} nmd_lattice_ewald_input;

typedef struct nmd_lattice_configurations {
  char *file;
  nmd_text_list cells, composition;
  int64_t random, annealed, rounds, sweeps;
  double temperature[2]; /* K */
} nmd_lattice_configurations;

typedef struct nmd_lattice_relax {
  int cell;
  double force_tolerance, stress_tolerance;
  int64_t max_steps, tries;
  double rattle; /* A */
} nmd_lattice_relax;

typedef struct nmd_lattice_fit_input {
  int method;
  int64_t folds;
  double lambda, displacement, strain;
} nmd_lattice_fit_input;

typedef enum nmd_lattice_method { NMD_LATTICE_ANNEAL, NMD_LATTICE_TEMPERING } nmd_lattice_method;

typedef struct nmd_lattice_walks_input {
  int64_t repeat[3];
  nmd_text_list composition, potentials, waves, diffuse;
  int method, moves;
  double temperature[2]; /* K */
  int64_t temperatures, replicas, sweeps, equilibration, block;
  double shells;     /* A */
  double checkpoint; /* s */
  char *species;
} nmd_lattice_walks_input;

typedef struct nmd_lattice_input {
  nmd_yaml *tree; /* first, for nmd_input_kind; owned */
  int64_t seed;
  char *output, *expansion, *compare;
  bool pictures;
  const nmd_yaml_node *parent_node, *clusters_node, *ewald_node, *configurations_node, *potential, *relax_node,
      *fit_node, *walks_node;
  /* parsed */
  nmd_lattice_parent_input parent;
  nmd_lattice_clusters_input clusters;
  nmd_lattice_ewald_input ewald;
  nmd_lattice_configurations configurations;
  nmd_lattice_relax relax;
  nmd_lattice_fit_input fit;
  nmd_lattice_walks_input walks;
  int n_rules;
  nmd_site_rule rule[NMD_LATTICE_KINDS_MAX];
  double charge[NMD_LATTICE_Z_MAX]; /* e, with ewald_node */
  bool charge_given[NMD_LATTICE_Z_MAX];
  nmd_lattice_amounts made, walked, chemical_potentials; /* compositions of configurations and of Monte Carlo */
  int n_cells, cell[NMD_LATTICE_CELLS_MAX][3];
  int n_waves;
  double wave[NMD_LATTICE_WAVES_MAX][3];
  int n_planes;
  double plane[NMD_LATTICE_PLANES_MAX]; /* heights l of maps of diffuse scattering */
} nmd_lattice_input;

const nmd_option_table *nmd_lattice_input_table(void);
/* Text on rank 0, broadcast, "a.b=c" assignments, parsed and checked. Collective; same status on all ranks. */
nmd_status nmd_lattice_input_read(const nmd_comm *comm, const char *path, int n, char *const *assignments,
                                  nmd_lattice_input *input) NMD_MUST_USE;
void nmd_lattice_input_free(nmd_lattice_input *input);
/* The place of a key of the file for messages: "walks" or "walks.composition". */
const nmd_yaml_node *nmd_lattice_input_place(const nmd_lattice_input *input, const char *key);

#endif
