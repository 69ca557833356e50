/* SPDX-License-Identifier: BSD-3-Clause */
/* Outputs: what is written while a run goes on. Ops + registry; one file per output. */
#ifndef NNPMD_OUTPUT_OUTPUT_H
#define NNPMD_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"
#include "dynamics/ensemble.h"
#include "potential/potential.h"

/* The system after a completed step, as outputs see it. Scalars are reduced over ranks; atoms are this rank's. */
typedef struct nmd_observation {
  const nmd_comm *comm;
  const nmd_atoms *atoms;          /* owned ones */
  const nmd_box *box;
  const nmd_species *species;
  int64_t n_atoms;
  int64_t step;                    /* over the whole run, 0 before the first */
  double time;                     /* fs, over the whole run (minimisation adds none) */
  int stage;                       /* index into the input's stages */
  const char *stage_name;
  bool regular;                    /* the step is a multiple of the output's `every`: not the odd end of a run */
  double progress;                 /* of the whole run in [0, 1] */
  double potential_energy, kinetic_energy, conserved; /* eV */
  double temperature;              /* K */
  double pressure[3][3];           /* eV/A^3, kinetic + virial, symmetrised */
  double virial[3][3];             /* eV */
  int64_t extrapolations;          /* (atom, function) pairs out of range at this step */
  int64_t extrapolations_total;    /* since the run began */
  const double *atom_energy;       /* [n_owned] eV, or NULL unless asked for */
  const double (*atom_virial)[9];  /* [n_owned] eV, or NULL unless asked for */
  const int *atom_extrapolation;   /* [n_owned] functions out of range, or NULL unless asked for */
  const double *sigma_energy;      /* [n_owned] eV, spread of a committee's energies of the atom, or NULL likewise */
  const double *sigma_force;       /* [n_owned] eV/A, and of its forces; both there or neither */
  double sigma_total;              /* eV, of the whole energy, likewise */
  const nmd_band *band;            /* of a stage that moves one, or NULL */
} nmd_observation;

enum {
  NMD_WANT_ATOM_ENERGY = 1,
  NMD_WANT_ATOM_VIRIAL = 2,
  NMD_WANT_ATOM_EXTRAPOLATION = 4,
  NMD_WANT_SIGMA = 8 /* takes an evaluation a member; committees only */
};

/* The keys every output has, parsed by this layer. */
typedef struct nmd_output_common {
  char *file;                      /* relative to the output folder; NULL: the output's own default name */
  int64_t every;                   /* steps between two writes */
} nmd_output_common;

typedef struct nmd_output_ops {
  const char *name;
  const nmd_option_table *options; /* beside the common keys */
  const char *default_file;        /* NULL where name_file tells it */
  const char *(*name_file)(const void *parameters); /* instead, where it depends on the parameters; or NULL. Local. */
  /* `path`: output folder + file. Opens nothing: that is `begin`. */
  nmd_status (*create)(const void *parameters, const char *path, const nmd_species *species, void **self);
  int (*wants)(const void *self);  /* NMD_WANT_* bits */
  /* Open: offset < 0 makes a new file, otherwise the file is cut to `offset` bytes and continued. Rank 0 does I/O;
   * Collective, same status on all ranks. */
  nmd_status (*begin)(void *self, const nmd_comm *comm, int64_t offset);
  nmd_status (*write)(void *self, const nmd_observation *seen); /* Collective, same status on all ranks */
  nmd_status (*flush)(void *self, int64_t *offset);             /* to disk; bytes written so far (rank 0; else 0) */
  /* What a file does not hold and a restarted run needs, as of the last flush; borrowed until the next call. Local, of use
   * on rank 0. NULL: nothing. */
  const void *(*state)(const void *self, size_t *bytes);
  /* Before `begin`: that state, on rank 0 (n 0: there is none). Collective, same status on all ranks. NULL with `state`. */
  nmd_status (*restore)(void *self, const nmd_comm *comm, const void *bytes, size_t n);
  void (*destroy)(void *self);
  /* After create: resolve names of groups into bits (nmd_groups_find; `groups` outlives the output). An atom i of an observation
   * belongs to the group if nmd_in_subset((nmd_subset){bit, 0}, seen->atoms, i). NULL: no groups in its options. Local. */
  nmd_status (*choose)(void *self, const nmd_groups *groups);
} nmd_output_ops;

extern const nmd_output_ops *const nmd_output_registry[]; /* NULL-terminated */

/* Tables with the common keys in front, for parsing, schema and docs; NULL-terminated. */
const nmd_option_table *const *nmd_output_tables(void);

typedef struct nmd_output {
  const nmd_output_ops *ops;
  void *self;
  void *parameters;                /* common keys, then the output's own */
  const nmd_option_table *table;
  char *path;
  int64_t every;
} nmd_output;

/* From one item of the input's `outputs:` list; `groups` of the input. Opens nothing. Local. */
nmd_status nmd_output_create(const nmd_yaml_node *node, const char *folder, const nmd_species *species,
                             const nmd_groups *groups, nmd_output *out) NMD_MUST_USE;
void nmd_output_destroy(nmd_output *output);
bool nmd_output_due(const nmd_output *output, int64_t step, bool last);

#endif
