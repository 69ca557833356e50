/* SPDX-License-Identifier: BSD-3-Clause */
/* Lennard-Jones: V(r) = 4 epsilon [(sigma/r)^12 - (sigma/r)^6], cut at rc.
 *
 *   epsilon  well depth (eV)          sigma  V(sigma) = 0 (A)          rc  cut-off (A)
 *
 * At the cut-off V is shifted so that it ends at zero ("shift") or so that energy and force end at zero
 * ("force_shift", V(r) - V(rc) - (r - rc) V'(rc); the default, since a jump of the force spoils energy conservation).
 * J. E. Jones, Proc. R. Soc. A 106, 463 (1924); Toxvaerd & Dyre, J. Chem. Phys. 134, 081102 (2011) on force shifts.
 * A pair is visited from both ends (full list) and each end takes half: simpler than a half list, at twice the cost. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "potential/potential.h"

typedef struct lj_parameters {
  double epsilon, sigma, cutoff;
  int truncation;
  const nmd_yaml_node *pairs;
} lj_parameters;

typedef struct lj_pair_parameters {
  nmd_text_list elements;
  double epsilon, sigma;
} lj_pair_parameters;

enum { FORCE_SHIFT, SHIFT };

static const nmd_option pair_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(lj_pair_parameters, elements), .doc = "the two elements, [Ar, Kr]"},
    {"epsilon", NMD_OPT_REAL, offsetof(lj_pair_parameters, epsilon), NMD_DIM_ENERGY, NULL, 0, 1e3, .min_open = 0,
     .doc = "well depth"},
    {"sigma", NMD_OPT_REAL, offsetof(lj_pair_parameters, sigma), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "distance of zero energy"},
};
static const nmd_option_table pair_table = {"pairs", "parameters of one pair of elements", sizeof(lj_pair_parameters),
                                            NMD_COUNT(pair_options), pair_options};

static const nmd_option lj_options[] = {
    {"epsilon", NMD_OPT_REAL, offsetof(lj_parameters, epsilon), NMD_DIM_ENERGY, NULL, 0, 1e3, .doc = "well depth"},
    {"sigma", NMD_OPT_REAL, offsetof(lj_parameters, sigma), NMD_DIM_LENGTH, NULL, 0, 100, .min_open = 1,
     .doc = "distance of zero energy"},
    {"cutoff", NMD_OPT_REAL, offsetof(lj_parameters, cutoff), NMD_DIM_LENGTH, NULL, 0, 1000, .min_open = 1,
     .doc = "cut-off radius"},
    {"truncation", NMD_OPT_CHOICE, offsetof(lj_parameters, truncation), .fallback = "force_shift",
     .choices = "force_shift|shift", .doc = "what is continuous at the cut-off: energy and force, or the energy only"},
    {"pairs", NMD_OPT_NODE, offsetof(lj_parameters, pairs), .fallback = "", .section = &pair_table, .is_list = 1,
     .doc = "other parameters for some pairs of elements"},
};

extern const nmd_option_table nmd__potential_lennard_jones_options;
const nmd_option_table nmd__potential_lennard_jones_options = {
    "lennard_jones", "Lennard-Jones pair potential, the same for all elements unless `pairs` says otherwise",
    sizeof(lj_parameters), NMD_COUNT(lj_options), lj_options};

typedef struct lj_pair {
  double c12, c6;             /* 4 epsilon sigma^12 (eV A^12), 4 epsilon sigma^6 (eV A^6) */
  double shift, slope;        /* V(rc), V'(rc) or 0 */
} lj_pair;

typedef struct lj {
  double cutoff;
  int n_species;
  lj_pair *pairs;             /* [n_species][n_species] */
} lj;

static lj_pair make_pair(double epsilon, double sigma, double cutoff, int truncation) {
  const double s6 = pow(sigma, 6), r6 = pow(cutoff, -6);
  lj_pair pair = {4 * epsilon * s6 * s6, 4 * epsilon * s6, 0, 0};
  pair.shift = (pair.c12 * r6 - pair.c6) * r6;
  if (truncation == FORCE_SHIFT) pair.slope = -(12 * pair.c12 * r6 - 6 * pair.c6) * r6 / cutoff;
  return pair;
}

static nmd_status set_special_pair(lj *self, const lj_parameters *p, const nmd_species *species,
                                   const nmd_yaml_node *node) {
  lj_pair_parameters special;
  NMD_TRY(nmd_options_parse(&pair_table, node, &special));
  nmd_status status = NMD_OK;
  if (special.elements.n != 2) {
    status = nmd_fail(NMD_CONFLICT, "%s: elements: %d given; expected the two elements of the pair, e.g. [Ar, Kr]",
                      nmd_yaml_where(node), special.elements.n);
    goto done;
  }
  int index[2];
  for (int k = 0; k < 2; k++) {
    const int z = nmd_element_from_symbol(special.elements.items[k]);
    if (z == 0) {
      status = nmd_fail(NMD_UNKNOWN_ELEMENT, "%s: elements: \"%s\" is no chemical symbol; expected e.g. Ar",
                        nmd_yaml_where(node), special.elements.items[k]);
      goto done;
    }
    index[k] = nmd_species_index(species, z);
  }
  if (index[0] < 0 || index[1] < 0) goto done; /* an element that this run does not have */
  const lj_pair pair = make_pair(special.epsilon, special.sigma, p->cutoff, p->truncation);
  self->pairs[index[0] * self->n_species + index[1]] = self->pairs[index[1] * self->n_species + index[0]] = pair;
done:
  nmd_options_free(&pair_table, &special);
  return status;
}

static void lj_destroy(void *self) {
  if (self == NULL) return;
  nmd_free(((lj *)self)->pairs);
  nmd_free(self);
}

static nmd_status lj_create(const void *parameters, const nmd_species *species, void **out) {
  const lj_parameters *p = parameters;
  lj *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->cutoff = p->cutoff;
  self->n_species = species->n;
  nmd_status status = NMD_ALLOC(self->pairs, species->n * species->n);
  if (status == NMD_OK) {
    for (int k = 0; k < species->n * species->n; k++)
      self->pairs[k] = make_pair(p->epsilon, p->sigma, p->cutoff, p->truncation);
    for (int k = 0; p->pairs != NULL && k < p->pairs->n && status == NMD_OK; k++)
      status = set_special_pair(self, p, species, p->pairs->items[k]);
  }
  if (status != NMD_OK) {
    lj_destroy(self);
    return status;
  }
  *out = self;
  return NMD_OK;
}

static double lj_cutoff(const void *self) { return ((const lj *)self)->cutoff; }

/* Energy of a pair and -V'(r)/r. */
static inline double pair_energy(const lj_pair *pair, double r2, double cutoff, double *force_over_r) {
  const double inverse2 = 1 / r2, r6 = inverse2 * inverse2 * inverse2, r = sqrt(r2);
  *force_over_r = (12 * pair->c12 * r6 - 6 * pair->c6) * r6 * inverse2 + pair->slope / r;
  return (pair->c12 * r6 - pair->c6) * r6 - pair->shift - (r - cutoff) * pair->slope;
}

static void add_pair(nmd_potential_partial *partial, const nmd_potential_input *input, int i, int j, const double d[3],
                     double energy, double force_over_r) {
  /* Half of the pair belongs to this visit: dE_i/dr_j = -force_over_r d / 2. */
  for (int a = 0; a < 3; a++) {
    const double f = 0.5 * force_over_r * d[a];
    partial->force[j][a] += f;
    partial->force[i][a] -= f;
    for (int b = 0; b < 3; b++) {
      const double w = 0.5 * force_over_r * d[a] * d[b];
      partial->virial[a][b] += w;
      if (input->want_atom_virial) partial->atom_virial[j][3 * a + b] += w;
    }
  }
  partial->energy += 0.5 * energy;
  if (input->want_atom_energy) partial->atom_energy[i] += 0.5 * energy;
}

static nmd_status lj_compute(void *opaque, const nmd_potential_input *input, nmd_potential_partial *partial) {
  const lj *self = opaque;
  const nmd_atoms *atoms = input->atoms;
  const double cutoff2 = self->cutoff * self->cutoff;
  for (int i = 0; i < input->list->n; i++) {
    const lj_pair *row = self->pairs + atoms->species[i] * self->n_species;
    for (int64_t k = input->list->first[i]; k < input->list->first[i + 1]; k++) {
      const int j = input->list->index[k];
      const double d[3] = {atoms->x[3 * j] - atoms->x[3 * i], atoms->x[3 * j + 1] - atoms->x[3 * i + 1],
                           atoms->x[3 * j + 2] - atoms->x[3 * i + 2]};
      const double r2 = nmd_dot(d, d);
      if (r2 >= cutoff2) continue;
      double force_over_r;
      const double energy = pair_energy(&row[atoms->species[j]], r2, self->cutoff, &force_over_r);
      add_pair(partial, input, i, j, d, energy, force_over_r);
    }
  }
  return NMD_OK;
}

static void lj_describe(const void *opaque, nmd_text_writer *write, void *context) {
  const lj *self = opaque;
  char line[128];
  snprintf(line, sizeof line, "Lennard-Jones, cut-off %.6g A\n", self->cutoff);
  write(context, line);
}

static double lj_cost(const void *self) {
  (void)self;
  return 0.3;
}

extern const nmd_potential_ops nmd__potential_lennard_jones;
const nmd_potential_ops nmd__potential_lennard_jones = {
    .name = "lennard_jones",
    .options = &nmd__potential_lennard_jones_options,
    .create = lj_create,
    .cutoff = lj_cutoff,
    .compute = lj_compute,
    .describe = lj_describe,
    .cost = lj_cost,
    .destroy = lj_destroy,
};
