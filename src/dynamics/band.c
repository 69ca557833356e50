/* SPDX-License-Identifier: BSD-3-Clause */
#include "dynamics/band.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

nmd_status nmd_band_init(nmd_band *band, int images, int64_t atoms) {
  *band = (nmd_band){.n = images, .atoms = atoms, .climbing = -1};
  NMD_TRY(NMD_ALLOC(band->id, atoms));
  NMD_TRY(NMD_ALLOC(band->kind, atoms));
  NMD_TRY(NMD_ALLOC(band->fixed, atoms));
  NMD_TRY(NMD_ALLOC(band->x, images * atoms * 3));
  NMD_TRY(NMD_ALLOC(band->force, images * atoms * 3));
  NMD_TRY(NMD_ALLOC(band->pull, images * atoms * 3));
  NMD_TRY(NMD_ALLOC(band->energy, images));
  NMD_TRY(NMD_ALLOC(band->path, images));
  NMD_TRY(NMD_ALLOC(band->slope, images));
  return NMD_ALLOC(band->across, images);
}

void nmd_band_free(nmd_band *band) {
  void *arrays[] = {band->id,   band->kind,   band->fixed, band->x,     band->force,
                    band->pull, band->energy, band->path,  band->slope, band->across};
  for (int k = 0; k < (int)(sizeof arrays / sizeof *arrays); k++) nmd_free(arrays[k]);
  *band = (nmd_band){0};
}

static double dot(const double *a, const double *b, int64_t n) {
  double sum = 0;
  for (int64_t k = 0; k < n; k++) sum += a[k] * b[k];
  return sum;
}

static double longest(const double *vectors, int64_t atoms) {
  double most = 0;
  for (int64_t i = 0; i < atoms; i++) most = fmax(most, nmd_dot(vectors + 3 * i, vectors + 3 * i));
  return sqrt(most);
}

/* How much the steps to the next and from the previous image count in the tangent. */
static void tangent_weights(double previous, double here, double next, double weight[2]) {
  const double up = fabs(next - here), down = fabs(previous - here);
  weight[0] = next > here && here > previous;
  weight[1] = next < here && here < previous;
  if (weight[0] + weight[1] > 0) return;
  weight[0] = next > previous ? fmax(up, down) : fmin(up, down);
  weight[1] = next > previous ? fmin(up, down) : fmax(up, down);
  if (weight[0] + weight[1] <= 0) weight[0] = weight[1] = 1; /* level: the line between the neighbours */
}

/* At the ends the step to the only neighbour. */
static void tangent_of(const nmd_band *band, int k, double *tangent) {
  const int64_t n = 3 * band->atoms;
  const double *here = nmd_band_of(band, band->x, k);
  double weight[2] = {k == 0, k == band->n - 1};
  const double *next = weight[1] > 0 ? here : here + n, *previous = weight[0] > 0 ? here : here - n;
  if (weight[0] + weight[1] < 1) tangent_weights(band->energy[k - 1], band->energy[k], band->energy[k + 1], weight);
  for (int64_t i = 0; i < n; i++) tangent[i] = weight[0] * (next[i] - here[i]) + weight[1] * (here[i] - previous[i]);
  const double length = sqrt(dot(tangent, tangent, n)), scale = length > 0 ? 1 / length : 0;
  for (int64_t i = 0; i < n; i++) tangent[i] *= scale;
}

static nmd_status measure_path(nmd_band *band) {
  const int64_t n = 3 * band->atoms;
  band->path[0] = 0;
  band->highest = 0;
  for (int k = 1; k < band->n; k++) {
    const double *x = nmd_band_of(band, band->x, k);
    double square = 0;
    for (int64_t i = 0; i < n; i++) square += (x[i] - x[i - n]) * (x[i] - x[i - n]);
    if (!(square > 0))
      NMD_FAIL(CONFLICT, "neb: images %d and %d are the same; expected two different ends, and a path between them",
               k - 1, k);
    band->path[k] = band->path[k - 1] + sqrt(square);
    if (band->energy[k] > band->energy[band->highest]) band->highest = k;
  }
  return NMD_OK;
}

static void pull_image(nmd_band *band, int k, double spring, const double *tangent) {
  const int64_t n = 3 * band->atoms;
  const double *force = nmd_band_of(band, band->force, k);
  double *pull = nmd_band_of(band, band->pull, k);
  const double along = dot(force, tangent, n);
  band->slope[k] = -along;
  for (int64_t i = 0; i < n; i++) pull[i] = force[i] - along * tangent[i];
  band->across[k] = longest(pull, band->atoms);
  double push = -along;
  if (k == 0 || k == band->n - 1)
    memset(pull, 0, (size_t)n * sizeof *pull);
  else if (k != band->climbing)
    push = spring * (band->path[k + 1] - 2 * band->path[k] + band->path[k - 1]);
  if (k > 0 && k < band->n - 1)
    for (int64_t i = 0; i < n; i++) pull[i] += push * tangent[i];
  for (int64_t i = 0; i < band->atoms; i++)
    if (band->fixed[i]) pull[3 * i] = pull[3 * i + 1] = pull[3 * i + 2] = 0;
  band->largest = fmax(band->largest, longest(pull, band->atoms));
}

nmd_status nmd_band_measure(nmd_band *band, double spring, bool climb) {
  double *tangent;
  NMD_TRY(measure_path(band));
  NMD_TRY(NMD_ALLOC(tangent, 3 * band->atoms));
  band->climbing = climb && band->highest > 0 && band->highest < band->n - 1 ? band->highest : -1;
  band->largest = 0;
  for (int k = 0; k < band->n; k++) {
    tangent_of(band, k, tangent);
    pull_image(band, k, spring, tangent);
  }
  nmd_free(tangent);
  return NMD_OK;
}

double nmd_band_energy_between(const nmd_band *band, int k, double t) {
  const double step = band->path[k + 1] - band->path[k], u = 1 - t;
  return (1 + 2 * t) * u * u * band->energy[k] + t * u * u * step * band->slope[k] +
         (3 - 2 * t) * t * t * band->energy[k + 1] - t * t * u * step * band->slope[k + 1];
}

void nmd_band_barriers(const nmd_band *band, bool between, double *forward, double *back) {
  enum { POINTS = 100 };
  double top = band->energy[band->highest];
  for (int k = 0; k + 1 < band->n && between; k++)
    for (int p = 1; p < POINTS; p++) top = fmax(top, nmd_band_energy_between(band, k, (double)p / POINTS));
  *forward = top - band->energy[0];
  *back = top - band->energy[band->n - 1];
}
