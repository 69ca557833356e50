/* SPDX-License-Identifier: BSD-3-Clause */
/* Monte Carlo over which element sits on which site, the sites standing still.
 *
 * Swap: two atoms a, b of different elements change places; accepted with min(1, exp(-dU / kT)). Canonical: samples
 * exp(-U / kT) over all arrangements of the given composition.
 * Semi-grand: an atom of element A becomes one of B, every other element of the list being equally likely; accepted
 * with min(1, exp(-(dU - (mu_B - mu_A)) / kT)). Samples exp(-(U - sum_A mu_A N_A) / kT) at a fixed number of atoms;
 * only differences of the chemical potentials mu matter, and they are those of the configuration: the kinetic part
 * (3/2) kT ln m of each element is not in them.
 *   dU (eV) change of the potential energy, from the atoms that the move touches; k Boltzmann's constant, T (K).
 *
 * A step is `moves` moves for each atom of the active regions, then one evaluation of all forces, against which the sum
 * of the local differences is held. How regions keep detailed balance: simulation/monte_carlo.h. Velocities: atoms that
 * change places keep theirs; an atom that changes its element keeps its kinetic energy. Both leave the
 * Maxwell-Boltzmann distribution as it is, so that stages of Monte Carlo and of dynamics may take turns.
 *
 * Tempering: `levels` copies of the arrangement at temperatures from T to T_highest, which the ranks share out; after
 * each step neighbouring temperatures swap their arrangements with min(1, exp((1/kT_i - 1/kT_j) (U_i - U_j))), pairs (0
 * 1), (2 3), ... and (1 2), (3 4), ... in turns. The run shows the lowest one, T.
 *
 * "Conserved": U + K; nothing is conserved here.
 *
 * N. Metropolis et al., J. Chem. Phys. 21, 1087 (1953); D. Kofke, E. Glandt, Mol. Phys. 64, 1105 (1988); B. Sadigh et
 * al., Phys. Rev. B 85, 184203 (2012) on domains;
 * R. Swendsen, J.-S. Wang, Phys. Rev. Lett. 57, 2607 (1986) on tempering. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "dynamics/ensemble.h"

extern const nmd_ensemble_ops nmd__ensemble_monte_carlo;
extern const nmd_option_table nmd__ensemble_monte_carlo_options;

typedef struct monte_carlo_parameters {
  int kind;              /* nmd_exchange_kind */
  double temperature[2]; /* K */
  double moves;
  nmd_text_list elements, chemical_potentials;
  int regions; /* AUTO, ONE */
  int64_t levels;
  double highest; /* K */
} monte_carlo_parameters;
enum { AUTO, ONE };

static const nmd_option options[] = {
    {"move", NMD_OPT_CHOICE, offsetof(monte_carlo_parameters, kind), .fallback = "swap", .choices = "swap|semi_grand",
     .doc = "swap: atoms of two elements change places; semi_grand: atoms change their element"},
    {"temperature", NMD_OPT_RAMP, offsetof(monte_carlo_parameters, temperature), NMD_DIM_TEMPERATURE, .max = 1e6,
     .doc =
         "temperature of the acceptance; start -> end is a linear ramp over the stage (annealing); 0 K: downhill only"},
    {"moves", NMD_OPT_REAL, offsetof(monte_carlo_parameters, moves), .fallback = "1", .max = 1e6, .min_open = 1,
     .doc = "moves tried in a step, per atom that may take part"},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(monte_carlo_parameters, elements), .fallback = "",
     .doc = "elements that take part, e.g. [Au, Li]; none given: all"},
    {"chemical_potentials", NMD_OPT_TEXT_LIST, offsetof(monte_carlo_parameters, chemical_potentials), .fallback = "",
     .doc = "semi_grand: one energy for each of `elements`, e.g. [0 eV, 0.3 eV]; only differences matter"},
    {"regions", NMD_OPT_CHOICE, offsetof(monte_carlo_parameters, regions), .fallback = "auto", .choices = "auto|one",
     .doc = "auto: in large cells distant regions at once, shared by the ranks, with swaps inside a region; one: swaps "
            "over any distance, by one rank"},
    {"levels", NMD_OPT_INT, offsetof(monte_carlo_parameters, levels), .fallback = "1", .min = 1, .max = 1024,
     .doc = "tempering: temperatures from `temperature` to `highest` at which arrangements are kept and exchanged, "
            "shared by the ranks; 1: none"},
    {"highest", NMD_OPT_REAL, offsetof(monte_carlo_parameters, highest), NMD_DIM_TEMPERATURE, "0 K", 0, 1e6,
     .doc = "tempering: temperature of the last level"},
};
const nmd_option_table nmd__ensemble_monte_carlo_options = {
    "monte_carlo", "Monte Carlo of the elements on their sites: swaps or semi-grand-canonical",
    sizeof(monte_carlo_parameters), NMD_COUNT(options), options};

typedef struct monte_carlo {
  monte_carlo_parameters parameters; /* texts are the stage's */
  nmd_exchange what;
  /* state */
  double tried, accepted;
  double worst;          /* eV, largest difference of local sums from whole evaluations */
  double before, change; /* eV, potential energy before the moves and what they add */
  double swaps, swapped; /* of levels */
  int64_t n_occupants;   /* of what.occupant */
} monte_carlo;

/* Elements of the option, all by default, as species of the run. */
static nmd_status set_elements(monte_carlo *own, const nmd_species *species) {
  const nmd_text_list *list = &own->parameters.elements;
  int n = list->n > 0 ? 0 : species->n;
  for (int s = 0; s < species->n && list->n == 0; s++) own->what.takes_part[s] = true;
  for (int k = 0; k < list->n; k++) {
    const int z = nmd_element_from_symbol(list->items[k]), s = z > 0 ? nmd_species_index(species, z) : -1;
    if (s < 0)
      NMD_FAIL(CONFLICT,
               "monte_carlo: elements: no atom of \"%s\" in the structure; expected elements that it has (start "
               "with at least one atom of each)",
               list->items[k]);
    n += !own->what.takes_part[s];
    own->what.takes_part[s] = true;
  }
  if (n < 2)
    NMD_FAIL(CONFLICT,
             "monte_carlo: %d element takes part; expected a structure with at least two that may change places", n);
  return NMD_OK;
}

static nmd_status set_potentials(monte_carlo *own, const nmd_species *species) {
  const nmd_text_list *list = &own->parameters.chemical_potentials, *elements = &own->parameters.elements;
  if (own->what.kind == NMD_EXCHANGE_SWAP) {
    if (list->n == 0) return NMD_OK;
    NMD_FAIL(CONFLICT,
             "monte_carlo: chemical_potentials: %d given for swaps, which keep the composition; expected none, or "
             "move: semi_grand",
             list->n);
  }
  if (list->n == 0 || list->n != elements->n)
    NMD_FAIL(CONFLICT,
             "monte_carlo: chemical_potentials: %d given for %d elements; expected one for each of `elements`, "
             "e.g. elements: [Au, Li], chemical_potentials: [0 eV, 0.3 eV]",
             list->n, elements->n);
  for (int k = 0; k < list->n; k++) {
    double *mu = &own->what.chemical_potential[nmd_species_index(species, nmd_element_from_symbol(elements->items[k]))];
    const nmd_status status = nmd_quantity_parse(list->items[k], NMD_DIM_ENERGY, mu);
    if (status != NMD_OK) return nmd_fail_prefix(status, "monte_carlo: chemical_potentials");
  }
  return NMD_OK;
}

/* All levels start from the arrangement of the run. */
static nmd_status set_levels(monte_carlo *own, int64_t n) {
  const monte_carlo_parameters *p = &own->parameters;
  own->what.levels = (int)p->levels;
  own->what.highest = p->highest;
  if (p->levels == 1) return NMD_OK;
  if (own->what.kind != NMD_EXCHANGE_SWAP)
    NMD_FAIL(CONFLICT, "monte_carlo: levels: %lld with move: semi_grand; tempering is for swaps", (long long)p->levels);
  if (p->highest <= fmax(p->temperature[0], p->temperature[1]) || fmin(p->temperature[0], p->temperature[1]) <= 0)
    NMD_FAIL(CONFLICT, "monte_carlo: highest: %g K; expected more than the temperature of the run, and that above 0 K",
             p->highest);
  own->n_occupants = (p->levels - 1) * n;
  NMD_TRY(NMD_ALLOC(own->what.occupant, own->n_occupants));
  for (int64_t k = 0; k < own->n_occupants; k++) own->what.occupant[k] = (int32_t)(k % n);
  return NMD_OK;
}

static void destroy(void *self) {
  monte_carlo *own = self;
  if (own != NULL) nmd_free(own->what.occupant);
  nmd_free(own);
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  monte_carlo *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const monte_carlo_parameters *)parameters;
  own->what.kind = (nmd_exchange_kind)own->parameters.kind;
  own->what.moves = own->parameters.moves;
  own->what.one_region = own->parameters.regions == ONE;
  own->what.seed = motion->seed;
  nmd_status status = set_elements(own, motion->species);
  if (status == NMD_OK) status = set_potentials(own, motion->species);
  if (status == NMD_OK) status = set_levels(own, motion->n_atoms);
  if (status == NMD_OK && motion->exchange == NULL)
    status = nmd_fail(
        NMD_CONFLICT,
        "monte_carlo: needs energies of atoms that end at a cut-off and follow from elements, and this potential "
        "sums Coulomb forces over all distances, or goes by groups; expected e.g. screened_coulomb instead of "
        "spme, `among` instead of `groups`");
  if (status != NMD_OK) {
    destroy(own);
    return status;
  }
  *self = own;
  return NMD_OK;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  monte_carlo *own = self;
  own->what.temperature = nmd_ramp(own->parameters.temperature, motion->progress);
  own->what.step = motion->step;
  nmd_exchange_counts counts;
  own->before = motion->potential_energy;
  NMD_TRY(motion->exchange->run(motion->exchange->context, &own->what, &counts));
  own->tried += counts.tried;
  own->accepted += counts.accepted;
  own->change = counts.energy;
  own->swaps += counts.level_swaps;
  own->swapped += counts.level_swaps_accepted;
  return NMD_OK;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  monte_carlo *own = self;
  own->worst = fmax(own->worst, fabs(motion->potential_energy - own->before - own->change));
  if (motion->progress < 1) return NMD_OK;
  nmd_log_info("monte_carlo: %.0f moves tried, %.0f accepted (%.3g %%); local sums within %.1e eV of whole evaluations",
               own->tried, own->accepted, own->tried > 0 ? 100 * own->accepted / own->tried : 0, own->worst);
  if (own->swaps > 0)
    nmd_log_info("monte_carlo: %.0f of %.0f swaps of neighbouring temperatures accepted (%.3g %%)", own->swapped,
                 own->swaps, 100 * own->swapped / own->swaps);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  (void)self;
  return nmd_kinetic_energy(motion) + motion->potential_energy;
}

/* Atoms that change places keep their velocities. */
static bool conserves_momentum(const void *parameters) {
  return ((const monte_carlo_parameters *)parameters)->kind == NMD_EXCHANGE_SWAP;
}

/* Every number that a step changes, then the levels. */
#define NMD_STATE(own)                                                                                                 \
  { &(own)->tried, &(own)->accepted, &(own)->worst, &(own)->before, &(own)->change, &(own)->swaps, &(own)->swapped }
enum { MEMBERS = 7 };
static int state_size(const void *self) { return MEMBERS + (int)((const monte_carlo *)self)->n_occupants; }

static void save(const void *self, double *state) {
  const monte_carlo *own = self;
  const double *const members[MEMBERS] = NMD_STATE(own);
  for (int k = 0; k < MEMBERS; k++) state[k] = *members[k];
  for (int64_t k = 0; k < own->n_occupants; k++) state[MEMBERS + k] = own->what.occupant[k];
}

static void restore(void *self, const double *state) {
  monte_carlo *own = self;
  double *const members[MEMBERS] = NMD_STATE(own);
  for (int k = 0; k < MEMBERS; k++) *members[k] = state[k];
  for (int64_t k = 0; k < own->n_occupants; k++) own->what.occupant[k] = (int32_t)state[MEMBERS + k];
}

const nmd_ensemble_ops nmd__ensemble_monte_carlo = {
    .name = "monte_carlo",
    .options = &nmd__ensemble_monte_carlo_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = destroy,
    .conserves_momentum = conserves_momentum,
    .timeless = true,
};
