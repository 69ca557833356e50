/* SPDX-License-Identifier: BSD-3-Clause */
/* Ensembles: how positions and velocities advance by one step. Ops + registry; one file per ensemble. */
#ifndef NNPMD_DYNAMICS_ENSEMBLE_H
#define NNPMD_DYNAMICS_ENSEMBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/option.h"
#include "dynamics/band.h"
#include "dynamics/exchange.h"
#include "parallel/comm.h"
#include "system/atoms.h"
#include "system/box.h"
#include "system/element.h"
#include "system/groups.h"

/* The moving system as an ensemble sees it; borrowed pointers. Energies, virials are REDUCED over ranks. */
typedef struct nmd_motion {
  const nmd_comm *comm;
  nmd_atoms *atoms;          /* owned atoms are moved; ghosts untouched */
  nmd_box *box;              /* barostats change it with nmd_box_set_h (origin fixed) */
  const nmd_species *species;
  int64_t n_atoms;           /* all ranks */
  const nmd_groups *groups;  /* of the input, or NULL: none */
  uint32_t frozen;           /* bits of the groups that do not move in this stage: their forces and velocities are zero */
  int64_t n_frozen;          /* atoms of them, all ranks */
  int64_t step;              /* step being made: 1, 2, ... over the whole run */
  double timestep;           /* fs */
  double progress;           /* of the stage at the END of this step, in (0, 1]: for ramps */
  uint64_t seed;
  double potential_energy;   /* eV, at the last force evaluation */
  double virial[3][3];       /* eV, at the last force evaluation */
  bool jumped;               /* the ensemble set positions that may be far from the last ones: that is no explosion */
  int removed_freedoms;      /* degrees of freedom of the whole system that carry no kinetic energy (3: momentum) */
  const nmd_exchange_service *exchange; /* for monte_carlo; NULL: nobody offers it */
  const nmd_band_service *images;       /* for neb, likewise */
  const nmd_band *band;                 /* of the present stage, for outputs, or NULL: it has none */
} nmd_motion;

typedef struct nmd_ensemble_ops {
  const char *name;                    /* the stage's key: "nve", "nvt", ... */
  const nmd_option_table *options;     /* the stage's keys, common ones (duration, timestep) excluded */
  nmd_status (*create)(const void *parameters, const nmd_motion *motion, void **self); /* Collective */
  /* Before the force at the new positions: advances x (and v by half a kick). Collective: may reduce. */
  nmd_status (*before_force)(void *self, nmd_motion *motion);
  /* After it: completes v. */
  nmd_status (*after_force)(void *self, nmd_motion *motion);
  /* Energy that exact dynamics would keep: kinetic + potential + what the ensemble booked (eV). Collective. */
  double (*conserved)(const void *self, const nmd_motion *motion);
  /* Fixed number of doubles that, with atoms and box, continue the run bit for bit. */
  int (*state_size)(const void *self);
  void (*save)(const void *self, double *state);
  void (*restore)(void *self, const double *state);
  bool (*finished)(const void *self, const nmd_motion *motion); /* NULL: never before the stage's length (minimisers) */
  void (*destroy)(void *self);
  /* True if total momentum stays as it is at the start of the stage: the caller then sets motion->removed_freedoms = 3
   * (else 0) before create, and at a fresh start of the stage (not at a restart) calls nmd_momentum_remove. Local. */
  bool (*conserves_momentum)(const void *parameters);
  /* Length of the stage in steps if the ensemble itself says so (minimisers); NULL: the common keys do. Local. */
  int64_t (*max_steps)(const void *parameters);
  /* The kinetic energy (eV) that estimates the temperature best, where that is not the one of atoms->v (half-step
   * velocities of GJ-I); NULL: nmd_kinetic_energy. Collective. */
  double (*kinetic_energy)(const void *self, const nmd_motion *motion);
  bool timeless; /* steps are not steps in time: the common key `duration` is refused, the run's time stands still */
} nmd_ensemble_ops;

extern const nmd_ensemble_ops *const nmd_ensemble_registry[];    /* NULL-terminated */
extern const nmd_option_table *const nmd_ensemble_tables[];      /* the same order, NULL-terminated */

/* Shared by ensembles and outputs. Collective unless said. */
double nmd_kinetic_energy(const nmd_motion *motion);                        /* eV */
void nmd_kinetic_tensor(const nmd_motion *motion, double tensor[3][3]);     /* sum m v (x) v, eV */
double nmd_temperature_of(const nmd_motion *motion, double kinetic_energy); /* K, with removed_freedoms; Local */
double nmd_freedoms(const nmd_motion *motion);                              /* 3 (N - frozen) - removed_freedoms; Local */
void nmd_kick(nmd_motion *motion, double time);                             /* v += f/m time; Local */
void nmd_drift(nmd_motion *motion, double time);                            /* x += v time; Local */
double nmd_ramp(const double ramp[2], double progress);                     /* Local */
bool nmd_keeps_momentum(const void *parameters);                            /* true: for conserves_momentum; Local */
/* For ensembles without a state, and for those whose velocities are not those of a motion (0). Local. */
int nmd_no_state_size(const void *self);
void nmd_no_save(const void *self, double *state);
void nmd_no_restore(void *self, const double *state);
double nmd_no_kinetic_energy(const void *self, const nmd_motion *motion);
/* Maxwell-Boltzmann velocities at T from (seed, step, id), momentum removed (unless atoms are frozen: there is none to
 * keep then), scaled to T exactly. Collective. Errors: OUT_OF_RANGE (T < 0 or not finite). */
nmd_status nmd_velocities_set(nmd_motion *motion, double temperature) NMD_MUST_USE;
double nmd_momentum_remove(nmd_motion *motion); /* returns the kinetic energy taken out, eV; Collective */
void nmd_velocities_scale(nmd_motion *motion, double factor); /* Local */
/* Forces and velocities of frozen atoms to zero. Local. */
void nmd_freeze(nmd_motion *motion);

#endif
