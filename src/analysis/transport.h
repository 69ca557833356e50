/* SPDX-License-Identifier: BSD-3-Clause */
/* From trajectory files to MSDs and diffusion coefficients of every species in several sets of directions: what the
 * tools msd, diffusion and conductivity have in common. */
#ifndef NNPMD_ANALYSIS_TRANSPORT_H
#define NNPMD_ANALYSIS_TRANSPORT_H

#include "analysis/diffusion.h"

typedef struct nmd_transport_options {
  nmd_paths_options paths;
  const char *const *directions; /* [n_sets] names for nmd_directions_parse; the first is the main one */
  int n_sets;
  bool independent;      /* files are independent runs, their ions taken together; otherwise pieces of one */
  double max_lag;        /* fs; 0: half the run */
  int64_t origin_stride; /* see nmd_msd_self */
  double start, end;     /* fs of the fits; start < 0, end 0: chosen */
  double hop;            /* A */
} nmd_transport_options;

typedef struct nmd_transport {
  nmd_transport_options options;
  nmd_paths paths;
  nmd_msd msd;
  nmd_windows windows;
  nmd_directions set[NMD_DIRECTION_SETS_MAX];
  double *projected;  /* [n_sets][n_kinds][n_lags] A^2 */
  nmd_spread *spread; /* [n_sets][n_kinds][n_levels] */
  nmd_diffusion *fit; /* [n_sets][n_kinds]; zero where a species has no atom */
  /* Of the centre of mass, drift not removed: displacement from first to last frame (A), and root mean square distance
   * from a straight line. Momentum is conserved without a thermostat, and by one that scales velocities: then it moves
   * evenly. */
  double centre_shift, centre_wander;
} nmd_transport;

/* Collective. files and options are borrowed until nmd_transport_free. Errors: those of the parts. */
nmd_status nmd_transport_run(const nmd_comm *comm, const char *const *files, int n_files,
                             const nmd_transport_options *options, nmd_transport *transport) NMD_MUST_USE;
void nmd_transport_free(nmd_transport *transport);
const double *nmd_transport_msd(const nmd_transport *transport, int set, int kind);
const nmd_spread *nmd_transport_spread(const nmd_transport *transport, int set, int kind);
const nmd_diffusion *nmd_transport_fit(const nmd_transport *transport, int set, int kind);
/* Finite-size correction of D in a cubic periodic cell: k T xi / (6 pi eta L), xi = 2.837297 (I.-C. Yeh, G. Hummer,
 * J. Phys. Chem. B 108, 15873 (2004), eq. 7): to be added to D. temperature K, viscosity Pa s, length A; A^2/fs. */
double nmd_yeh_hummer(double temperature, double viscosity, double length);

#endif
