/* SPDX-License-Identifier: BSD-3-Clause */
/* Screened nuclear repulsion of Ziegler, Biersack and Littmark, the floor below potentials that know no close contacts:
 *
 *   V(r) = s(r) Zi Zj e^2 / (4 pi eps0 r) phi(r / a),  a = 0.46850 A / (Zi^0.23 + Zj^0.23)
 *   phi(x) = 0.18175 exp(-3.19980 x) + 0.50986 exp(-0.94229 x) + 0.28022 exp(-0.40290 x) + 0.02817 exp(-0.20162 x)
 *
 *   Z  atomic numbers        s  1 below r_inner, 0 beyond r_outer, between them 1 - t^3 (10 - 15 t + 6 t^2) with
 *                               t = (r - r_inner) / (r_outer - r_inner): energy, force and its slope are continuous
 *
 * J. F. Ziegler, J. P. Biersack, U. Littmark, The Stopping and Range of Ions in Matter, vol. 1, Pergamon (1985).
 * Trade-off: the switch takes the repulsion away altogether beyond r_outer, so that a potential trained there is left
 * as it is; its slope adds to the force between the two radii, which should lie where no training structure has atoms.
 */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "potential/potential.h"

typedef struct zbl_parameters {
  double inner, outer;
} zbl_parameters;

static const nmd_option zbl_options[] = {
    {"inner", NMD_OPT_REAL, offsetof(zbl_parameters, inner), NMD_DIM_LENGTH, "0.8 A", 0, 20, .min_open = 1,
     .doc = "the full repulsion up to this distance"},
    {"outer", NMD_OPT_REAL, offsetof(zbl_parameters, outer), NMD_DIM_LENGTH, "1.4 A", 0, 20, .min_open = 1,
     .doc = "none of it beyond this distance: less than the closest contact that the other potential was made for"},
};

extern const nmd_option_table nmd__potential_zbl_options;
const nmd_option_table nmd__potential_zbl_options = {"zbl", "screened nuclear repulsion at short distances (ZBL)",
                                                     sizeof(zbl_parameters), NMD_COUNT(zbl_options), zbl_options};

typedef struct zbl_pair {
  double charge;         /* Zi Zj e^2 / (4 pi eps0), eV A */
  double inverse_length; /* 1 / a */
} zbl_pair;

typedef struct zbl {
  double inner, outer;
  int n_species;
  zbl_pair *pairs; /* [n_species][n_species] */
} zbl;

static void zbl_destroy(void *self) {
  if (self == NULL) return;
  nmd_free(((zbl *)self)->pairs);
  nmd_free(self);
}

static nmd_status zbl_create(const void *parameters, const nmd_species *species, void **out) {
  const zbl_parameters *p = parameters;
  if (p->inner >= p->outer)
    NMD_FAIL(CONFLICT, "zbl: inner %g A is not below outer %g A; expected inner < outer", p->inner, p->outer);
  zbl *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  *self = (zbl){.inner = p->inner, .outer = p->outer, .n_species = species->n};
  const nmd_status status = NMD_ALLOC(self->pairs, species->n * species->n);
  if (status != NMD_OK) {
    zbl_destroy(self);
    return status;
  }
  for (int k = 0; k < species->n * species->n; k++) {
    const double zi = species->atomic_number[k / species->n], zj = species->atomic_number[k % species->n];
    self->pairs[k] = (zbl_pair){zi * zj * NMD_COULOMB, (pow(zi, 0.23) + pow(zj, 0.23)) / 0.46850};
  }
  *out = self;
  return NMD_OK;
}

static double zbl_cutoff(const void *self) { return ((const zbl *)self)->outer; }

/* s(r) and ds/dr. */
static double switched(const zbl *self, double r, double *slope) {
  const double width = self->outer - self->inner, t = (r - self->inner) / width;
  *slope = 0;
  if (t <= 0) return 1;
  *slope = -30 * t * t * (1 - t) * (1 - t) / width;
  return 1 - t * t * t * (10 - t * (15 - 6 * t));
}

/* Energy of a pair and dV/dr. */
static double pair_energy(const zbl *self, const zbl_pair *pair, double r, double *slope) {
  static const double weight[4] = {0.18175, 0.50986, 0.28022, 0.02817}, decay[4] = {3.19980, 0.94229, 0.40290, 0.20162};
  double phi = 0, phi_slope = 0, switch_slope;
  for (int k = 0; k < 4; k++) {
    const double rate = decay[k] * pair->inverse_length, term = weight[k] * exp(-rate * r);
    phi += term;
    phi_slope -= rate * term;
  }
  const double coulomb = pair->charge / r, s = switched(self, r, &switch_slope);
  *slope = coulomb * (s * (phi_slope - phi / r) + switch_slope * phi);
  return s * coulomb * phi;
}

/* A pair is seen from both ends: half of it belongs to each. */
static void add_pair(nmd_potential_partial *partial, const nmd_potential_input *input, int i, int j, const double d[3],
                     double energy, double slope_over_r) {
  for (int a = 0; a < 3; a++) {
    const double f = -0.5 * slope_over_r * d[a];
    partial->force[j][a] += f;
    partial->force[i][a] -= f;
    for (int b = 0; b < 3; b++) {
      partial->virial[a][b] += f * d[b];
      if (input->want_atom_virial) partial->atom_virial[j][3 * a + b] += f * d[b];
    }
  }
  partial->energy += 0.5 * energy;
  if (input->want_atom_energy) partial->atom_energy[i] += 0.5 * energy;
}

static nmd_status zbl_compute(void *opaque, const nmd_potential_input *input, nmd_potential_partial *partial) {
  const zbl *self = opaque;
  const nmd_atoms *atoms = input->atoms;
  for (int i = 0; i < input->list->n; i++) {
    const zbl_pair *row = self->pairs + atoms->species[i] * self->n_species;
    for (int64_t k = input->list->first[i]; k < input->list->first[i + 1]; k++) {
      const int j = input->list->index[k];
      const double d[3] = {atoms->x[3 * j] - atoms->x[3 * i], atoms->x[3 * j + 1] - atoms->x[3 * i + 1],
                           atoms->x[3 * j + 2] - atoms->x[3 * i + 2]};
      const double r2 = nmd_dot(d, d);
      if (r2 >= self->outer * self->outer) continue;
      const double r = sqrt(r2);
      double slope;
      const double energy = pair_energy(self, &row[atoms->species[j]], r, &slope);
      add_pair(partial, input, i, j, d, energy, slope / r);
    }
  }
  return NMD_OK;
}

static void zbl_describe(const void *opaque, nmd_text_writer *write, void *context) {
  const zbl *self = opaque;
  char line[128];
  snprintf(line, sizeof line, "ZBL repulsion up to %.6g A, switched off at %.6g A\n", self->inner, self->outer);
  write(context, line);
}

static double zbl_cost(const void *self) {
  (void)self;
  return 0.1;
}

extern const nmd_potential_ops nmd__potential_zbl;
const nmd_potential_ops nmd__potential_zbl = {
    .name = "zbl",
    .options = &nmd__potential_zbl_options,
    .create = zbl_create,
    .cutoff = zbl_cutoff,
    .compute = zbl_compute,
    .describe = zbl_describe,
    .cost = zbl_cost,
    .destroy = zbl_destroy,
};
