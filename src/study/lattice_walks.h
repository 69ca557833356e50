/* SPDX-License-Identifier: BSD-3-Clause */
/* Monte Carlo of a study: replicas cooled side by side, or one at each temperature exchanging arrangements.
 *
 * A slot is a replica (annealing) or a temperature (tempering); slot k belongs to rank k modulo their number. After
 * every block of sweeps a slot is synchronised with its arrangement, so that arrangements, numbers of moves and sums
 * are all that a checkpoint holds, and a continued run ends with the bytes of an undisturbed one. Neighbouring
 * temperatures exchange arrangements with probability min(1, exp((1/kT_a - 1/kT_b)(E_a - E_b))) (K. Hukushima, K.
 * Nemoto, J. Phys. Soc. Jpn 65, 1604 (1996)). */
#ifndef NNPMD_STUDY_LATTICE_WALKS_H
#define NNPMD_STUDY_LATTICE_WALKS_H

#include "lattice/wave_grid.h"
#include "study/lattice.h"

typedef struct nmd_lattice_slot {
  nmd_lattice_walk walk;
  /* One array that a checkpoint takes whole: */
  double *state;
  double *best;          /* [1] eV, lowest so far (without chemical potentials: energy) */
  double *moves;         /* [2] tried, accepted */
  double *accepted;      /* [steps] moves accepted while averages were taken, a move */
  double *exchanged;     /* [2] exchanges tried and made with the next slot */
  double *energy;        /* [steps][sweeps] eV */
  double *order;         /* [steps][n_order] sums over blocks */
  double *diffuse;       /* [steps][n_diffuse] intensities of waves, sums over blocks */
  uint8_t *arrangements; /* [2][sites] as it is, lowest so far */
} nmd_lattice_slot;

typedef struct nmd_lattice_walks {
  const nmd_lattice_study *study; /* not owned */
  nmd_lattice_scene scene;
  nmd_shells shells;
  int n_pairs, pair[NMD_LATTICE_GLOBAL_MAX * NMD_LATTICE_GLOBAL_MAX][2]; /* species of Warren-Cowley parameters */
  int species;                                                           /* of waves and layers */
  int n_waves;
  nmd_wave_star star[NMD_LATTICE_WAVES_MAX];
  int n_order;        /* pairs x shells, then of each wave the strongest of its star and their sum */
  nmd_wave_grid grid; /* with maps of diffuse scattering */
  int n_diffuse;      /* waves of the grid, or 0 */
  int n_temperatures;
  double *temperature;          /* [n_temperatures] K */
  int steps;                    /* one after another: temperatures of an annealing, 1 of tempering */
  int slots, blocks[2], sweeps; /* blocks of equilibration and of averages; sweeps averaged */
  size_t n_state;
  nmd_lattice_slot *slot; /* [own]; rank 0 at the end: of all */
  int own;
  uint64_t hash;       /* of all that the walks depend on */
  int64_t step, block; /* where it stands */
} nmd_lattice_walks;

/* Monte Carlo as the input asks, its tables and pictures, and the comparison. Collective. */
nmd_status nmd_lattice_walks_run(nmd_lattice_study *study) NMD_MUST_USE;

/* Checkpoint: written by rank 0 from all slots, read at the start if it belongs to these walks. Collective. */
nmd_status nmd__lattice_walks_save(nmd_lattice_walks *walks) NMD_MUST_USE;
nmd_status nmd__lattice_walks_load(nmd_lattice_walks *walks) NMD_MUST_USE;
/* All slots to rank 0: state [slots][n_state], arrangements [slots][2][sites]; NULL on others. Owner: the caller.
 * Collective. */
nmd_status nmd__lattice_walks_gather(const nmd_lattice_walks *walks, double **state,
                                     uint8_t **arrangements) NMD_MUST_USE;
/* Pointers of a slot into its state. */
void nmd__lattice_slot_layout(const nmd_lattice_walks *walks, nmd_lattice_slot *slot);

/* Rank 0, slots of all: tables, structures, layers, pictures. */
nmd_status nmd__lattice_walks_report(const nmd_lattice_walks *walks, nmd_lattice_slot *slots) NMD_MUST_USE;
nmd_status nmd__lattice_diffuse_report(const nmd_lattice_walks *walks, nmd_lattice_slot *slots) NMD_MUST_USE;
nmd_status nmd__lattice_layers_report(const nmd_lattice_walks *walks, const uint8_t *arrangement) NMD_MUST_USE;
/* Can the file input->compare be read? Local. */
nmd_status nmd__lattice_compare_check(nmd_lattice_study *study) NMD_MUST_USE;
/* Energies of the arrangements of input->compare and of the best of the slots, by expansion and potential. walks NULL:
 * no Monte Carlo. Collective. */
nmd_status nmd__lattice_compare(nmd_lattice_study *study, const nmd_lattice_walks *walks,
                                const uint8_t *best) NMD_MUST_USE;

#endif
