/* SPDX-License-Identifier: BSD-3-Clause */
/* All Coulomb forces of a periodic cell: Ewald's sum, its reciprocal part by smooth particle-mesh Ewald.
 *
 *   E = sum_pairs k qi qj erfc(alpha r) / r  (r < rc)  +  reciprocal part (electrostatics/spme.h)
 *
 *   q  charges (e)    alpha  splitting (1/A)    rc  cut-off (A)    k  14.39964 eV A
 *
 * P. P. Ewald, Ann. Phys. 369, 253 (1921); U. Essmann et al., J. Chem. Phys. 103, 8577 (1995). alpha, spline order and
 * mesh follow from the wanted error of forces; the mesh of a changing cell follows the cell, as a function of it alone,
 * so that a restarted run does the same. The real-space term is shifted to end at zero, which changes no force. */
#include <stdio.h>

#include "base/hash.h"
#include "base/memory.h"
#include "electrostatics/spme.h"
#include "potential/ions.h"
#include "potential/pair.h"
#include "potential/pair_math.h"

typedef struct spme_parameters {
  double cutoff, accuracy, alpha, spacing;
  int64_t order;
  int charges;
  bool with_bond_valence;
  const nmd_yaml_node *ions;
} spme_parameters;

static const nmd_option spme_options[] = {
    {"cutoff", NMD_OPT_REAL, offsetof(spme_parameters, cutoff), NMD_DIM_LENGTH, "8 A", 0, 100, .min_open = 1,
     .doc = "real-space cut-off: changes where the work is done, not the result"},
    {"accuracy", NMD_OPT_REAL, offsetof(spme_parameters, accuracy), .fallback = "1e-5", .min = 1e-13, .max = 0.1,
     .doc = "wanted RMS error of forces, relative to the force of two unit charges at 1 A (14.4 eV/A)"},
    {"alpha", NMD_OPT_REAL, offsetof(spme_parameters, alpha), .fallback = "0", .max = 10,
     .doc = "splitting, 1/A; 0: from the accuracy"},
    {"order", NMD_OPT_INT, offsetof(spme_parameters, order), .fallback = "0", .max = NMD_SPME_ORDER_MAX,
     .doc = "of the B-splines, even, 4 to 16; 0: from the accuracy"},
    {"spacing", NMD_OPT_REAL, offsetof(spme_parameters, spacing), NMD_DIM_LENGTH, "0 A", 0, 10,
     .doc = "of the mesh; 0: from the accuracy"},
    {"with_bond_valence", NMD_OPT_BOOL, offsetof(spme_parameters, with_bond_valence), .fallback = "false",
     .doc = "allow it beside bond-valence parameters, which hold the attraction of cation and oxygen already"},
    NMD__ION_OPTIONS(spme_parameters),
};

extern const nmd_option_table nmd__potential_spme_options;
const nmd_option_table nmd__potential_spme_options = {
    "spme", "all Coulomb forces between point charges in a periodic cell (smooth particle-mesh Ewald)",
    sizeof(spme_parameters), NMD_COUNT(spme_options), spme_options};

typedef struct spme {
  nmd__pair_table *pairs; /* real space */
  nmd_spme *mesh;
  nmd__ions ions;
  nmd_spme_settings settings;
  double errors[2]; /* expected, eV/A */
  unsigned traits;
  bool composition_known; /* and neutral, then */
} spme;

static void spme_destroy(void *opaque) {
  spme *self = opaque;
  if (self == NULL) return;
  nmd__pair_destroy(self->pairs);
  nmd_spme_destroy(self->mesh);
  nmd_free(self);
}

/* Mean square charge; where the composition is not known, of the largest. */
static double mean_square(const nmd__ions *ions, const nmd_species *species) {
  double sum = 0, n = 0, largest = 0;
  for (int s = 0; s < species->n; s++) {
    const double q2 = ions->charge[s] * ions->charge[s];
    sum += (double)species->atoms[s] * q2;
    n += (double)species->atoms[s];
    largest = fmax(largest, q2);
  }
  return n > 0 ? sum / n : largest;
}

static nmd_status choose(spme *self, const spme_parameters *p, double q2) {
  nmd_spme_settings *s = &self->settings;
  if (p->order % 2 != 0 || (p->order > 0 && p->order < 4))
    NMD_FAIL(OUT_OF_RANGE, "spme: order %lld; expected an even number from 4 to %d, or 0", (long long)p->order,
             NMD_SPME_ORDER_MAX);
  if (q2 <= 0) NMD_FAIL(CONFLICT, "spme: all charges are zero; expected charges of the elements");
  nmd_spme_choose(p->accuracy * NMD_COULOMB, p->cutoff, q2, s);
  if (p->alpha > 0) s->alpha = p->alpha;
  if (p->order > 0) s->order = (int)p->order;
  if (p->spacing > 0) s->spacing = p->spacing;
  nmd_spme_errors(s, p->cutoff, q2, 0.1, self->errors);
  return NMD_OK;
}

static nmd_status fill(spme *self, const spme_parameters *p, const nmd_species *species) {
  NMD_TRY(nmd__ions_parse((nmd__charges)p->charges, p->ions, species, &self->ions));
  NMD_TRY(choose(self, p, mean_square(&self->ions, species)));
  NMD_TRY(nmd_spme_create(&self->settings, &self->mesh));
  NMD_TRY(nmd__pair_table_create(nmd__screened_coulomb_form, NMD__PAIR_SHIFT, species, &self->pairs));
  self->pairs->cutoff = p->cutoff;
  for (int s = 0; s < species->n; s++) self->composition_known = self->composition_known || species->atoms[s] > 0;
  for (int a = 0; a < species->n; a++)
    for (int b = a; b < species->n; b++) {
      const double parameters[2] = {NMD_COULOMB * self->ions.charge[a] * self->ions.charge[b], self->settings.alpha};
      if (parameters[0] != 0) NMD_TRY(nmd__pair_table_set(self->pairs, a, b, p->cutoff, parameters, 2));
    }
  self->traits = NMD_TRAIT_FULL_COULOMB | (p->with_bond_valence ? NMD_TRAIT_ANY_COULOMB : 0);
  return NMD_OK;
}

static nmd_status spme_create(const void *parameters, const nmd_species *species, void **out) {
  spme *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  const nmd_status status = fill(self, parameters, species);
  if (status != NMD_OK)
    spme_destroy(self);
  else
    *out = self;
  return status;
}

static double spme_cutoff(const void *self) { return nmd__pair_cutoff(((const spme *)self)->pairs); }

static nmd_status spme_compute(void *opaque, const nmd_potential_input *input, nmd_potential_partial *partial) {
  spme *self = opaque;
  if (partial->force == NULL) return NMD_OK; /* only extrapolations are counted */
  if (input->comm == NULL || input->box == NULL)
    NMD_FAIL(CONFLICT, "spme: energies of single atoms depend on all others; expected a potential of neighbours only here, "
                       "such as screened_coulomb");
  const nmd_spme_atoms atoms = {input->atoms->n_owned, input->atoms->x, input->atoms->species, self->ions.charge};
  nmd_spme_results results = {.force = partial->force,
                              .atom_energy = input->want_atom_energy ? partial->atom_energy : NULL,
                              .atom_virial = input->want_atom_virial ? partial->atom_virial : NULL};
  NMD_TRY(nmd_spme_compute(self->mesh, input->comm, input->box, &atoms, &results));
  if (!self->composition_known && fabs(results.net) > 1e-3)
    NMD_FAIL(CONFLICT, "spme: the charges of this structure add up to %+.6g e; expected 0", results.net);
  partial->energy += results.energy;
  for (int k = 0; k < 9; k++) partial->virial[k / 3][k % 3] += results.virial[k];
  return nmd__pair_compute(self->pairs, input, partial);
}

static void spme_describe(const void *opaque, nmd_text_writer *write, void *context) {
  const spme *self = opaque;
  char line[256];
  snprintf(line, sizeof line,
           "Coulomb by particle-mesh Ewald: cut-off %.6g A, alpha %.6g /A, splines of order %d, mesh of %.4g "
           "A, expected error of forces %.1e (real space) and %.1e eV/A (mesh)\n",
           spme_cutoff(self), self->settings.alpha, self->settings.order, self->settings.spacing, self->errors[0],
           self->errors[1]);
  write(context, line);
}

static void spme_identify(const void *opaque, uint64_t *hash) {
  const spme *self = opaque;
  const double settings[] = {self->settings.alpha, self->settings.spacing, self->settings.order};
  nmd_hash_bytes(hash, settings, sizeof settings);
  nmd__pair_identify(self->pairs, hash);
}

static unsigned spme_traits(const void *self) { return ((const spme *)self)->traits; }

static double spme_cost(const void *self) {
  (void)self;
  return 1.5;
}

extern const nmd_potential_ops nmd__potential_spme;
const nmd_potential_ops nmd__potential_spme = {
    .name = "spme",
    .options = &nmd__potential_spme_options,
    .create = spme_create,
    .cutoff = spme_cutoff,
    .compute = spme_compute,
    .collective = true,
    .describe = spme_describe,
    .identify = spme_identify,
    .traits = spme_traits,
    .cost = spme_cost,
    .destroy = spme_destroy,
};
