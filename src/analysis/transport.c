/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/transport.h"

#include <math.h>

#include "base/memory.h"

const double *nmd_transport_msd(const nmd_transport *t, int set, int kind) {
  return t->projected + ((int64_t)set * t->msd.n_kinds + kind) * t->msd.n_lags;
}

const nmd_spread *nmd_transport_spread(const nmd_transport *t, int set, int kind) {
  return t->spread + ((int64_t)set * t->msd.n_kinds + kind) * t->windows.n_levels;
}

const nmd_diffusion *nmd_transport_fit(const nmd_transport *t, int set, int kind) {
  return t->fit + (int64_t)set * t->msd.n_kinds + kind;
}

void nmd_transport_free(nmd_transport *transport) {
  nmd_free(transport->projected);
  nmd_free(transport->spread);
  nmd_free(transport->fit);
  nmd_windows_free(&transport->windows);
  nmd_msd_free(&transport->msd);
  nmd_paths_free(&transport->paths);
  *transport = (nmd_transport){0};
}

/* A species without any motion has an MSD of rounding errors: nothing to fit. */
static bool stands_still(const double *msd, int64_t n) {
  double largest = 0.0;
  for (int64_t m = 0; m < n; m++) largest = fmax(largest, msd[m]);
  return largest < 1e-16;
}

static nmd_status fit_one(nmd_transport *t, int set, int kind) {
  const nmd_transport_options *o = &t->options;
  nmd_spread *spread = t->spread + ((int64_t)set * t->msd.n_kinds + kind) * t->windows.n_levels;
  double *msd = t->projected + ((int64_t)set * t->msd.n_kinds + kind) * t->msd.n_lags;
  nmd_diffusion *fit = t->fit + (int64_t)set * t->msd.n_kinds + kind;
  nmd_msd_project(&t->msd, kind, &t->set[set], msd);
  for (int level = 0; level < t->windows.n_levels; level++)
    nmd_windows_spread(&t->windows, level, kind, set, &spread[level]);
  if (stands_still(msd, t->msd.n_lags)) {
    *fit = (nmd_diffusion){.why = "the atoms do not move at all along this direction"};
    return NMD_OK;
  }
  int n_spread = t->windows.n_levels;
  while (n_spread > 0 && spread[n_spread - 1].width >= t->msd.n_lags) n_spread--; /* --max-lag cuts them off */
  const nmd_diffusion_input input = {.msd = msd,
                                     .n_lags = t->msd.n_lags,
                                     .n_frames = t->msd.n_frames,
                                     .spacing = t->msd.spacing,
                                     .dimensions = t->set[set].n,
                                     .ions = (double)t->msd.count[kind],
                                     .spread = spread,
                                     .n_spread = n_spread,
                                     .start = o->start,
                                     .end = o->end,
                                     .hop_time = -1.0,
                                     .prior_sigma = -1.0,
                                     .hop = o->hop};
  if (n_spread < 1 || t->msd.n_lags < 8) {
    *fit = (nmd_diffusion){.why = "too few frames for a fit: expected at least 16 in the run"};
    return NMD_OK;
  }
  return nmd_diffusion_fit(&input, fit);
}

static nmd_status fit_all(nmd_transport *t) {
  const int64_t cells = (int64_t)t->options.n_sets * t->msd.n_kinds;
  NMD_TRY(NMD_ALLOC(t->projected, cells * t->msd.n_lags));
  NMD_TRY(NMD_ALLOC(t->spread, cells * (t->windows.n_levels + 1)));
  NMD_TRY(NMD_ALLOC(t->fit, cells));
  for (int set = 0; set < t->options.n_sets; set++)
    for (int kind = 0; kind < t->msd.n_kinds; kind++)
      if (t->msd.count[kind] > 0) NMD_TRY(fit_one(t, set, kind));
  return NMD_OK;
}

static nmd_status count_lags(const nmd_transport *t, int64_t *n_lags) {
  const double spacing = t->paths.spacing, wanted = t->options.max_lag;
  *n_lags = wanted > 0.0 ? (int64_t)nearbyint(wanted / spacing) + 1 : t->paths.n_frames / 2 + 1;
  if (*n_lags >= 2 && *n_lags <= t->paths.n_frames) return NMD_OK;
  NMD_FAIL(OUT_OF_RANGE, "longest lag %g fs; expected one frame (%g fs) up to the run (%g fs)", wanted, spacing,
           spacing * (double)(t->paths.n_frames - 1));
}

static double centre_at(const nmd_paths *p, int64_t t, int d) {
  double mass = 0.0, sum = 0.0;
  for (int k = 0; k < p->species.n; k++) {
    const double weight = p->species.mass[k] * (double)p->population[k];
    mass += weight;
    sum += weight * p->mean[3 * (k * p->n_frames + t) + d];
  }
  return sum / mass + p->drift[3 * t + d];
}

/* How the centre of mass moves by itself: a thermostat that pushes atoms, or atoms that are not in the file. */
static void watch_centre(nmd_transport *r) {
  const nmd_paths *p = &r->paths;
  const double n = (double)p->n_frames, half = 0.5 * (n - 1.0), spread = n * (n * n - 1.0) / 12.0;
  double shift = 0.0, rest = 0.0;
  for (int d = 0; d < 3; d++) {
    const double first = centre_at(p, 0, d);
    double y = 0.0, yy = 0.0, ty = 0.0;
    for (int64_t t = 0; t < p->n_frames; t++) {
      const double c = centre_at(p, t, d) - first;
      y += c, yy += c * c, ty += ((double)t - half) * c;
    }
    shift += pow(centre_at(p, p->n_frames - 1, d) - first, 2.0);
    rest += fmax(0.0, yy - y * y / n - ty * ty / spread) / n;
  }
  r->centre_shift = sqrt(shift);
  r->centre_wander = sqrt(rest);
}

/* MSDs and windows in one visit of the paths. */
static nmd_status count_all(const nmd_comm *comm, int64_t n_lags, nmd_transport *t) {
  nmd_msd_counter *msd;
  nmd_windows_counter *windows;
  nmd_path_visit visits[2];
  NMD_TRY(nmd_msd_begin(&t->paths, comm, n_lags, t->options.origin_stride, &msd, &visits[0]));
  nmd_status status = nmd_windows_begin(&t->paths, comm, t->set, t->options.n_sets, &windows, &visits[1]);
  if (status != NMD_OK) return nmd_msd_end(msd, status, &t->msd);
  status = nmd_paths_visit(&t->paths, 2, visits);
  status = nmd_msd_end(msd, status, &t->msd);
  return nmd_windows_end(windows, status, &t->windows);
}

static nmd_status run(const nmd_comm *comm, const char *const *files, int n_files, nmd_transport *t) {
  const nmd_transport_options *o = &t->options;
  NMD_TRY((o->independent ? nmd_paths_pool : nmd_paths_load)(comm, files, n_files, &o->paths, &t->paths));
  watch_centre(t);
  for (int set = 0; set < o->n_sets; set++)
    NMD_TRY(nmd_directions_parse(o->directions[set], t->paths.mean_h, &t->set[set]));
  int64_t n_lags;
  NMD_TRY(count_lags(t, &n_lags));
  NMD_TRY(count_all(comm, n_lags, t));
  return fit_all(t);
}

nmd_status nmd_transport_run(const nmd_comm *comm, const char *const *files, int n_files,
                             const nmd_transport_options *options, nmd_transport *transport) {
  *transport = (nmd_transport){.options = *options};
  NMD_ASSERT(options->n_sets >= 1 && options->n_sets <= NMD_DIRECTION_SETS_MAX);
  const nmd_status status = nmd_comm_agree(comm, run(comm, files, n_files, transport));
  if (status != NMD_OK) nmd_transport_free(transport);
  return status;
}

double nmd_yeh_hummer(double temperature, double viscosity, double length) {
  static const double boltzmann = 1.380649e-23, xi = 2.837297, pi = 3.14159265358979323846;
  const double metres2_per_second = boltzmann * temperature * xi / (6.0 * pi * viscosity * length * 1e-10);
  return metres2_per_second * 1e5; /* 1 m^2/s = 1e20 A^2 / 1e15 fs */
}
