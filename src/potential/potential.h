/* SPDX-License-Identifier: BSD-3-Clause */
/* A potential: energy, forces and virial of the atoms of a rank. Ops + registry; one file per potential. */
#ifndef NNPMD_POTENTIAL_POTENTIAL_H
#define NNPMD_POTENTIAL_POTENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"
#include "neighbour/list.h"
#include "parallel/comm.h"
#include "system/element.h"
#include "system/groups.h"

/* An extrapolating (atom, function) pair, for the table of worst offenders. excess: distance outside [low, high] in
 * units of the range. */
typedef struct nmd_offender {
  int64_t atom_id;
  int atomic_number;
  int function;               /* 1-based, sorted order of the model */
  double value, low, high, excess;
  int64_t step;               /* set by the simulation */
} nmd_offender;
enum { NMD_OFFENDER_MAX = 8 };
/* Keep the worst NMD_OFFENDER_MAX in table [NMD_OFFENDER_MAX], worst first, one entry an (atom, function). */
void nmd_offenders_add(nmd_offender *table, int *n, const nmd_offender *candidate);

/* What a potential may look at. All pointers not owned. */
typedef struct nmd_potential_input {
  const nmd_atoms *atoms;
  const nmd_neighbour_list *list;
  bool want_atom_energy, want_atom_virial;
  bool want_atom_sigma;          /* of a committee (members > 1); others leave it alone */
  int member;                    /* of a committee, whose energies, forces and virial: 0 the mean, k member k alone (1 ..
                                  * members). The spread of forces takes an evaluation for each member */
  bool energies_only;            /* forces and virial are not looked at: may be left out where that saves time */
  int threads;                   /* that may work on it; <= 1: the caller alone. Changes the order of sums only */
  const nmd_box *box;            /* for potentials that need more than the neighbours, which are `collective` */
  const nmd_comm *comm;          /* of all ranks that hold the atoms, likewise */
} nmd_potential_input;

enum { NMD_POTENTIAL_MEMBERS_MAX = 64 };

/* What a term is, where a sum must know: parameters from bond valences hold the attraction of unlike ions already, and
 * so are not for a Coulomb sum over all pairs. ANY_COULOMB: the user takes both. GROUPS: atoms->groups matter. */
enum { NMD_TRAIT_BOND_VALENCE = 1, NMD_TRAIT_FULL_COULOMB = 2, NMD_TRAIT_ANY_COULOMB = 4, NMD_TRAIT_GROUPS = 8 };

/* What it adds to (never clears): this RANK's parts, not reduced. */
typedef struct nmd_potential_partial {
  double energy;                 /* eV */
  double virial[3][3];           /* W_ab = sum r_a f_b = -dE/dstrain_ab (eV) */
  double (*force)[3];            /* [n_owned + n_ghost] eV/A */
  double *atom_energy;           /* [n_owned], when wanted */
  double (*atom_virial)[9];      /* [n_owned + n_ghost], when wanted: W_j += -(r_j - r_i) (x) dE_i/dr_j on atom j, the
                                  * form that gives the right heat flux (Fan et al., PRB 92, 094301 (2015)) */
  int *atom_extrapolation;       /* [n_owned] functions of each atom outside the range, or NULL: not wanted */
  double *atom_sigma;            /* [n_owned], when wanted: spread of the members' energies of the atom, eV */
  double member_energy[NMD_POTENTIAL_MEMBERS_MAX]; /* eV, of each member of a committee (members > 1) */
  int64_t extrapolations;        /* (atom, function) pairs outside the training range */
  int n_offenders;               /* the worst ones, largest excess first (ties: id, function) */
  nmd_offender offenders[NMD_OFFENDER_MAX];
} nmd_potential_partial;

typedef struct nmd_potential_ops {
  const char *name;
  const nmd_option_table *options;
  /* `parameters`: struct filled from the option table, owned by the caller, alive as long as *self. `species`: alive
   * likewise. Local and the same on every rank; files are read through nmd_text_read_file. */
  nmd_status (*create)(const void *parameters, const nmd_species *species, void **self);
  /* After create: names of groups into bits; groups NULL: the program has none. Local. NULL: asks for no groups. */
  nmd_status (*choose)(void *self, const nmd_groups *groups);
  double (*cutoff)(const void *self);                                  /* A; the energy of an atom looks no farther */
  nmd_status (*compute)(void *self, const nmd_potential_input *input, nmd_potential_partial *partial); /* Local */
  bool collective;   /* `compute` is Collective over input->comm, and fails on all ranks if on one */
  void (*describe)(const void *self, nmd_text_writer *write, void *context); /* load summary, lines ending in \n */
  /* Adds all that its energies depend on, and nothing else: neither names nor places of files. NULL: what describe says. */
  void (*identify)(const void *self, uint64_t *hash);
  /* Extrapolations this rank would count if the files were in the other unit of length, and which that is: to tell a Bohr
   * / Angstrom mix-up from a bad structure. The list must reach twice the cut-off. NULL: no units to mix up. Local. */
  nmd_status (*count_other_unit)(void *self, const nmd_potential_input *input, int64_t *count, const char **unit);
  int (*members)(const void *self); /* of a committee: models that the potential is the mean of. NULL: one */
  unsigned (*traits)(const void *self); /* NMD_TRAIT_...; NULL: none */
  double (*cost)(const void *self);                                    /* estimated microseconds per atom and step */
  /* Counted cost of an atom with so many listed neighbours, in any unit: for the balance of ranks and threads. Must not
   * be measured, so that runs repeat bit for bit. NULL: proportional to the neighbours. Local. */
  double (*atom_cost)(const void *self, int species, int neighbours);
  /* What --check prints: how the work is done and what each part costs in an environment with neighbours [species] within
   * the cut-off; *us is the mean over the atoms. NULL: nothing to say. Local. */
  nmd_status (*describe_cost)(const void *self, const double *neighbours, nmd_text_writer *write, void *context, double *us);
  void (*destroy)(void *self);
} nmd_potential_ops;

/* Cost of every owned atom into cost [n_owned]; returns the sum. NULL cost_of: see atom_cost. Local. */
double nmd_atom_costs(double (*cost_of)(const void *self, int species, int neighbours), const void *self,
                      const nmd_atoms *atoms, const nmd_neighbour_list *list, double *cost);

/* Registry: NULL-terminated, and the option tables in the same order. */
extern const nmd_potential_ops *const nmd_potential_registry[];
extern const nmd_option_table *const nmd_potential_tables[];
extern const nmd_option_table *const nmd_potential_term_tables[]; /* without the sum itself */

typedef struct nmd_potential {
  const nmd_potential_ops *ops;
  void *self;
  void *parameters;   /* owned */
  const nmd_groups *groups; /* not owned; NULL: none */
} nmd_potential;
/* From the input's `potential:` node (one variant). Local. */
nmd_status nmd_potential_create(const nmd_yaml_node *node, const nmd_species *species, nmd_potential *out) NMD_MUST_USE;
/* The same where atoms have groups, which outlive it; without, a potential that names one is refused. */
nmd_status nmd_potential_create_grouped(const nmd_yaml_node *node, const nmd_species *species, const nmd_groups *groups,
                                        nmd_potential *out) NMD_MUST_USE;
void nmd_potential_destroy(nmd_potential *potential);
/* Adds what the potential is to a hash (base/hash.h): the same for one that was moved, another for other numbers. Local. */
void nmd_potential_identify(const nmd_potential *potential, uint64_t *hash);
int nmd_potential_members(const nmd_potential *potential); /* 1 unless it is a committee */

#endif
