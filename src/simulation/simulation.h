/* SPDX-License-Identifier: BSD-3-Clause */
/* The whole run: owns everything, made in order of dependence, destroyed in reverse. */
#ifndef NNPMD_SIMULATION_SIMULATION_H
#define NNPMD_SIMULATION_SIMULATION_H

#include <signal.h>

#include "base/timer.h"
#include "neighbour/list.h"
#include "output/output.h"
#include "parallel/domain.h"
#include "potential/potential.h"
#include "simulation/images.h"
#include "simulation/input.h"
#include "simulation/ring.h"
#include "simulation/stage.h"
#include "system/structure.h"

/* Results of the last force evaluation, reduced over ranks. */
typedef struct nmd_totals {
  double potential_energy;         /* eV */
  double virial[3][3];             /* eV */
  int64_t extrapolations;          /* at this step */
  double sigma;                    /* eV, of a committee's energies, when wanted */
} nmd_totals;

typedef struct nmd_run_counters {
  int64_t step;                    /* completed steps of the whole run */
  int64_t stage_step;              /* of the current stage */
  int64_t rebuilds;                /* neighbour lists built */
  int64_t extrapolations;          /* since the run began */
  double time;                     /* fs */
  double drift_energy;             /* eV, taken out with the motion of the centre of mass in this stage */
  int64_t large_moves;             /* steps of this stage beyond largest_move */
} nmd_run_counters;

/* Counted cost of the ranks: max / mean (balance.c). */
typedef struct nmd_balance_state {
  double first;                    /* at the first look, the atoms level by number */
  double floor;                    /* right after the last move; 0: not moved yet */
  int64_t moves;                   /* of the planes */
  bool moved;                      /* since the last look */
} nmd_balance_state;

struct nmd_checkpoint;
struct nmd_checkpoint_writer;

typedef struct nmd_simulation {
  const nmd_comm *comm;            /* not owned */
  int threads;                     /* of this rank */
  nmd_input input;
  nmd_species species;
  nmd_groups groups;
  nmd_box box;
  int64_t n_atoms;                 /* all ranks */
  nmd_potential potential;
  nmd_stage *stages;
  int n_stages;
  nmd_output *outputs;
  int n_outputs;
  char *checkpoint_path;

  nmd_domain domain;
  nmd_halo *halo;
  nmd_neighbour_list list;
  nmd_atoms atoms;

  int stage;                       /* current index */
  void *ensemble;                  /* state of the current stage's ensemble, or NULL */
  nmd_motion motion;
  nmd_exchange_service exchange;   /* what `motion` points to, for Monte Carlo */
  nmd_band_service band_service;   /* likewise, for bands of images */
  nmd_images *images;              /* of the present stage, once it has evaluated some */
  nmd_totals totals;
  nmd_run_counters counters;
  int n_offenders;                 /* of this rank */
  nmd_offender offenders[NMD_OFFENDER_MAX];
  int wants;                       /* NMD_WANT_* of this step's force evaluation */
  double *atom_energy;             /* [capacity] when wanted */
  double (*atom_virial)[9];
  int *atom_extrapolation;
  double *sigma_energy, *sigma_force;
  int atom_capacity;               /* of these five */
  bool stop, save;                 /* agreed: end this run early; write a checkpoint now (by wall time) */
  bool want_stop, want_save;       /* of this rank, agreed in the next step's reduction */
  nmd_balance_state balance;
  double program_MB;               /* resident memory before the structure was read */
  nmd_timer timer;
  nmd_ring *ring;                  /* last frames, or NULL: not kept */
} nmd_simulation;

/* From input to objects, nothing written: reads or builds the structure, loads the potential, parses stages and outputs,
 * places the atoms. Collective; same status on all ranks. `input` is taken over. On error *out is NULL. */
nmd_status nmd_simulation_create(const nmd_comm *comm, nmd_input *input, nmd_simulation **out) NMD_MUST_USE;
/* The same for a structure in memory (of rank 0), whatever the input says about one. */
nmd_status nmd_simulation_create_with(const nmd_comm *comm, nmd_input *input, const nmd_structure *structure,
                                      nmd_simulation **out) NMD_MUST_USE;
void nmd_simulation_destroy(nmd_simulation *simulation);

/* Number of atoms, cell and elements of the structure of rank 0, then its atoms to their ranks (deal.c); elsewhere
 * `structure` is not looked at. Collective. */
void nmd_simulation_share_head(nmd_simulation *simulation, const nmd_structure *structure);
nmd_status nmd_simulation_deal(nmd_simulation *simulation, const nmd_structure *structure) NMD_MUST_USE;
/* Threads of each rank from the input or the environment, with a warning when they have no cores (threads.c).
 * Collective. Errors: CONFLICT. */
nmd_status nmd_simulation_set_threads(nmd_simulation *simulation) NMD_MUST_USE;
/* Level the ranks' counted cost if it is not level, before a rebuild; *moved: planes moved by cost. Collective. */
nmd_status nmd_simulation_balance(nmd_simulation *simulation, bool *moved) NMD_MUST_USE;
/* Counted cost of the ranks at the present list, max / mean. Collective. */
nmd_status nmd_simulation_imbalance(const nmd_simulation *simulation, double *imbalance) NMD_MUST_USE;
/* The input's masses instead of the standard ones (masses.c). Local. Errors: UNKNOWN_ELEMENT, CONFLICT, WRONG_TYPE, BAD_NUMBER,
 * WRONG_UNIT, OUT_OF_RANGE. */
nmd_status nmd_simulation_set_masses(nmd_simulation *simulation) NMD_MUST_USE;
/* Groups (members.c), all Collective. check: CONFLICT for a group without atoms or a stage in which none moves. freeze: those
 * that the present stage freezes, their number, and zero forces and velocities. */
nmd_status nmd_members_check(const nmd_simulation *simulation) NMD_MUST_USE;
nmd_status nmd_members_freeze(nmd_simulation *simulation) NMD_MUST_USE;
/* Into a checkpoint (rank 0), and after its atoms have been read: groups that are there with the same definition keep their
 * members, others get theirs from today's positions. Errors: CHECKPOINT, MEMORY. */
nmd_status nmd_members_save(const nmd_simulation *simulation, struct nmd_checkpoint_writer *writer) NMD_MUST_USE;
nmd_status nmd_members_restore(nmd_simulation *simulation, const struct nmd_checkpoint *file) NMD_MUST_USE;
/* Move atoms to their owners, rebuild ghosts and list (step.c). Collective. */
nmd_status nmd_simulation_rebuild(nmd_simulation *simulation) NMD_MUST_USE;
/* Forces at the present positions into atoms.f, totals; f of ghosts is scratch. Collective. */
nmd_status nmd_simulation_forces(nmd_simulation *simulation) NMD_MUST_USE;
/* One step of the current stage. Collective. */
nmd_status nmd_simulation_step(nmd_simulation *simulation) NMD_MUST_USE;

/* Before a step: its length (fs) in motion.timestep, and what the stage wants done about atoms that would move too far
 * (guard.c). Collective. Errors: EXPLODED. */
nmd_status nmd_simulation_guard_step(nmd_simulation *simulation) NMD_MUST_USE;
/* After it: remove the drift of the centre of mass when due. Collective. */
void nmd_simulation_stop_drift(nmd_simulation *simulation);
/* What the present stage's ensemble conserves and what the removal of drift took out, eV. Collective. */
double nmd_simulation_conserved(const nmd_simulation *simulation);

/* After the first forces: if extrapolations abound and would not in the potential's other unit of length, MODEL_UNITS; if
 * they abound anyway, a warning (units.c). Collective. */
nmd_status nmd_simulation_check_units(nmd_simulation *simulation) NMD_MUST_USE;

typedef struct nmd_run_options {
  const char *restart;             /* checkpoint to continue from, or NULL */
  double max_seconds;              /* wall time after which to stop with a checkpoint; 0: no limit */
  bool self_test;                  /* before anything is written (self_test.h) */
  void (*progress)(void *context, double fraction, double seconds_left); /* NULL: none; rank 0, about once a second */
  void *progress_context;
} nmd_run_options;
/* All stages to the end (run.c). Errors: INTERRUPTED after a signal or the time limit, with a valid checkpoint. */
nmd_status nmd_simulation_run(nmd_simulation *simulation, const nmd_run_options *options) NMD_MUST_USE;

/* State to disk and back (state.c). save: Collective. load: the simulation has just been created. */
nmd_status nmd_state_save(nmd_simulation *simulation) NMD_MUST_USE;
nmd_status nmd_state_load(nmd_simulation *simulation, const char *path, int64_t *output_offsets) NMD_MUST_USE;

/* Is the file a sound checkpoint (checksum, sections, sizes)? Says of which step, stage, layout. Local. Errors:
 * CHECKPOINT, READ, MEMORY. */
nmd_status nmd_state_verify(const char *path, nmd_text_writer *write, void *context) NMD_MUST_USE;

/* From now on SIGTERM, SIGINT, SIGUSR1 and SIGUSR2 ask for a stop; a second one ends the process at once. Local. */
void nmd_signals_catch(void);
bool nmd_signals_seen(void);
const volatile sig_atomic_t *nmd_signals_flag(void); /* 0 until one came, for those who look while they wait */

/* Start stage `index`: makes its ensemble, draws velocities when asked. Collective. */
nmd_status nmd_stage_begin(nmd_simulation *simulation, int index) NMD_MUST_USE;
/* Take up stage `index` where counters say, with its ensemble's saved state [n]. Collective. Errors: CHECKPOINT (another
 * length: saved by another version). */
nmd_status nmd_stage_resume(nmd_simulation *simulation, int index, const double *state, size_t n) NMD_MUST_USE;
/* All its steps are done, or its ensemble says so (minimisers). Collective where the ensemble is. */
bool nmd_stage_finished(const nmd_simulation *simulation);
void nmd_stage_end(nmd_simulation *simulation);

/* The worst extrapolations of all ranks, table [NMD_OFFENDER_MAX], on rank 0 (*n = 0 elsewhere). Collective. */
void nmd_simulation_worst(const nmd_simulation *simulation, nmd_offender *table, int *n);
/* What --check prints: sizes, memory, cost per step, decomposition (check.c). Collective; text from rank 0. */
nmd_status nmd_simulation_report(nmd_simulation *simulation, nmd_text_writer *write, void *context) NMD_MUST_USE;
/* End summary: speed, phases, imbalance, memory, worst extrapolations (summary.c). Collective; log of rank 0. */
void nmd_simulation_summary(nmd_simulation *simulation, double wall_seconds, int64_t steps);

#endif
