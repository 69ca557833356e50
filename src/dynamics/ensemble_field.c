/* SPDX-License-Identifier: BSD-3-Clause */
/* Colour-field dynamics: a constant force along one direction on atoms by a charge of their element, balanced by a
 * thermostat that does not see the drift. The steady current gives a conductivity without the long correlations of
 * equilibrium.
 *
 *   m_i dv_i = (f_i + c_i E n) dt + thermostat,    c_i = q_i - m_i sum q / sum m
 *   J = sum c_i v_i . n,    sigma = <J> / (V E),    D_sigma = k T <J> / (E sum_s N_s c_s^2)
 *
 *   q  charge (e, real or only a colour)    E  field (V/A: eV/A on a unit charge)    n  direction    V  volume (A^3)
 *   D_sigma  charge diffusion coefficient; that of the tracer divided by Haven's ratio. For small E it is that of
 * equilibrium, 1/(2 t sum N c^2) <(sum c_i dx_i . n)^2>, by linear response.
 *
 * What the charges do not balance is taken from all atoms by mass, so that the total momentum stays; not so with frozen
 * atoms, which hold the others. Velocity Verlet, the field in the kicks. Thermostats: stochastic velocity rescaling of
 *   drift:  v - u_s, u_s the mean velocity of the element along n (profile-unbiased for one stream an element);
 *   across: the two components at right angles to n; the third is warmer by what collisions need to pass the heat on.
 * <J> is the displacement of charge over time, its error from up to 64 blocks, which double in length as they fill up.
 *
 * Conserved (eV): K + U - sum of heats - E Q, Q = sum c_i dx_i . n. D. Evans, W. Hoover, B. Failor, B. Moran, A. Ladd,
 * Phys. Rev. A 28, 1016 (1983); D. Evans, G. Morriss, Statistical Mechanics of Nonequilibrium Liquids (2008),
 * chapter 6.
 *
 * Trade-off: signal grows as E, noise does not: a factor of ten in E is one of a hundred in time; but beyond E c a of
 * about kT (a: length of a hop) the response is not linear any more: compare two fields. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"
#include "dynamics/motion.h"
#include "dynamics/thermostat_csvr.h"

extern const nmd_ensemble_ops nmd__ensemble_field;
extern const nmd_option_table nmd__ensemble_field_options;

typedef struct charge_parameters {
  char *element;
  double charge; /* e */
} charge_parameters;

static const nmd_option charge_options[] = {
    {"element", NMD_OPT_TEXT, offsetof(charge_parameters, element), .doc = "symbol"},
    {"charge", NMD_OPT_REAL, offsetof(charge_parameters, charge), .min = -100, .max = 100,
     .doc = "of each of its atoms, e; a colour need not be the charge of the potential"},
};
static const nmd_option_table charge_table = {"charges", "what the field acts on", sizeof(charge_parameters),
                                              NMD_COUNT(charge_options), charge_options};

typedef struct field_parameters {
  double field, direction[3];
  const nmd_yaml_node *charges;
  double temperature[2];
  int thermostat;
  double tau, settle;
} field_parameters;
enum { DRIFT, ACROSS, NONE };

#define AT(member) offsetof(field_parameters, member)
static const nmd_option options[] = {
    {"field", NMD_OPT_REAL, AT(field), NMD_DIM_FORCE, .min = -100, .max = 100, .doc = "force on a unit charge (V/A)"},
    {"direction", NMD_OPT_REAL3, AT(direction), .min = -1e6, .max = 1e6,
     .doc = "of the field, of any length, e.g. [0, 0, 1]"},
    {"charges", NMD_OPT_NODE, AT(charges), .section = &charge_table, .is_list = 1,
     .doc = "elements that feel it, e.g. [{element: Li, charge: 1}]; the others have none"},
    {"temperature", NMD_OPT_RAMP, AT(temperature), NMD_DIM_TEMPERATURE, .max = 1e6, .doc = "target temperature"},
    {"thermostat", NMD_OPT_CHOICE, AT(thermostat), .fallback = "drift", .choices = "drift|across|none",
     .doc = "csvr on velocities less the mean one of each element along the field (drift), or on the components across "
            "it"},
    {"tau", NMD_OPT_REAL, AT(tau), NMD_DIM_TIME, "100 fs", 0, 1e9, .min_open = 1,
     .doc = "relaxation time of the thermostat"},
    {"settle", NMD_OPT_REAL, AT(settle), NMD_DIM_TIME, "0 fs", 0, 1e15,
     .doc = "time at the start that is not averaged over, until the current is steady"},
};
const nmd_option_table nmd__ensemble_field_options = {"field",
                                                      "a field that drives charges or colours, and the conductivity",
                                                      sizeof(field_parameters), NMD_COUNT(options), options};

enum { BLOCKS_MAX = 64 };

typedef struct blocks {
  double length;          /* steps of a block */
  double full, filled;    /* blocks; steps of the one being filled */
  double sum[BLOCKS_MAX]; /* e A */
  double current;         /* e A, of the one being filled */
} blocks;

typedef struct field {
  field_parameters parameters;
  double n[3];
  double colour[NMD_ELEMENT_MAX];         /* [species] e, balanced */
  double atoms[NMD_ELEMENT_MAX], squares; /* mobile ones of a species; sum of squared charges, e^2 */
  double freedoms, volume;                /* without the drifts; A^3 */
  /* state */
  double heat, charge;    /* eV given by the thermostat; e A moved, since the start of the stage */
  double steps, settling; /* made; of these, not averaged over */
  double kelvin;          /* K, sum of the temperature over the others */
  blocks blocks;
} field;

static nmd_subset mobile(const nmd_motion *motion) { return nmd__mobile(motion); }

static nmd_status parse_charges(field *own, const nmd_species *species) {
  const nmd_yaml_node *list = own->parameters.charges;
  for (int k = 0; k < list->n; k++) {
    charge_parameters p;
    NMD_TRY(nmd_options_parse(&charge_table, list->items[k], &p));
    const int z = nmd_element_from_symbol(p.element), s = z > 0 ? nmd_species_index(species, z) : -1;
    nmd_status status = NMD_OK;
    if (s < 0)
      status = nmd_yaml_fail(list->items[k], NMD_CONFLICT,
                             "field: no atom of \"%s\" in the structure; expected elements that it has", p.element);
    else
      own->colour[s] = p.charge;
    nmd_options_free(&charge_table, &p);
    NMD_TRY(status);
  }
  return NMD_OK;
}

static void count_atoms(field *own, const nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  for (int i = 0; i < atoms->n_owned; i++) own->atoms[atoms->species[i]] += nmd_in_subset(mobile(motion), atoms, i);
  nmd_comm_sum(motion->comm, own->atoms, motion->species->n);
}

/* The charges as they are in the frame of the centre of mass. */
static nmd_status balance(field *own, const nmd_motion *motion) {
  const nmd_species *species = motion->species;
  double charge = 0, mass = 0, drifting = 0;
  for (int s = 0; s < species->n; s++) {
    charge += own->atoms[s] * own->colour[s];
    mass += own->atoms[s] * species->mass[s];
    drifting += own->atoms[s] > 0;
  }
  for (int s = 0; s < species->n; s++) {
    if (motion->n_frozen == 0) own->colour[s] -= species->mass[s] * charge / mass;
    own->squares += own->atoms[s] * own->colour[s] * own->colour[s];
  }
  if (own->squares < 1e-12)
    NMD_FAIL(CONFLICT,
             "field: it moves nothing: all atoms have the same charge for their mass, or none; expected charges of "
             "some elements");
  own->freedoms = nmd_freedoms(motion) - drifting + (motion->removed_freedoms > 0); /* one drift is gone already */
  return NMD_OK;
}

static nmd_status setup(field *own, const nmd_motion *motion) {
  const double length = nmd_norm(own->parameters.direction);
  if (!(length > 0)) NMD_FAIL(CONFLICT, "field: direction [0, 0, 0]; expected a vector with a length, e.g. [0, 0, 1]");
  for (int a = 0; a < 3; a++) own->n[a] = own->parameters.direction[a] / length;
  NMD_TRY(parse_charges(own, motion->species));
  count_atoms(own, motion);
  own->volume = motion->box->volume;
  own->blocks.length = 1;
  return balance(own, motion);
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  field *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const field_parameters *)parameters;
  const nmd_status status = setup(own, motion);
  if (status != NMD_OK) {
    nmd_free(own);
    return status;
  }
  const double kinetic = nmd_kinetic_energy(motion);
  if (own->parameters.thermostat != NONE) nmd_csvr_warn_at_rest(motion, kinetic, own->parameters.temperature[1]);
  *self = own;
  return NMD_OK;
}

/* ---- a step ---- */

static void kick_by_field(const field *own, nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  const double kick = 0.5 * motion->timestep * NMD_FORCE_TO_ACCELERATION * own->parameters.field;
  for (int i = 0; i < atoms->n_owned; i++) {
    if (!nmd_in_subset(mobile(motion), atoms, i)) continue;
    const double dv = kick * own->colour[atoms->species[i]] / nmd__mass(motion, i);
    for (int a = 0; a < 3; a++) atoms->v[3 * i + a] += dv * own->n[a];
  }
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  field *own = self;
  nmd_kick(motion, 0.5 * motion->timestep);
  kick_by_field(own, motion);
  nmd_drift(motion, motion->timestep);
  return NMD_OK;
}

/* What a step needs of all atoms: reduced in one message. */
enum { KINETIC, ALONG, MOVED, DRIFTS };
typedef struct sums {
  double of[DRIFTS + NMD_ELEMENT_MAX];
  double drift[NMD_ELEMENT_MAX]; /* A/fs, of each species along the field */
  double peculiar;               /* eV, without the drifts */
} sums;

/* e A along the field in the step being made, of this rank: velocities are still those of its drift. */
static double charge_moved(const field *own, const nmd_motion *motion) {
  const nmd_atoms *atoms = motion->atoms;
  double moved = 0;
  for (int i = 0; i < atoms->n_owned; i++)
    if (nmd_in_subset(mobile(motion), atoms, i))
      moved += own->colour[atoms->species[i]] * nmd_dot(atoms->v + 3 * i, own->n) * motion->timestep;
  return moved;
}

static void measure(const field *own, const nmd_motion *motion, double moved, sums *now) {
  const nmd_atoms *atoms = motion->atoms;
  const nmd_species *species = motion->species;
  memset(now, 0, sizeof *now);
  now->of[MOVED] = moved;
  for (int i = 0; i < atoms->n_owned; i++) {
    if (!nmd_in_subset(mobile(motion), atoms, i)) continue;
    const double *v = atoms->v + 3 * i, along = nmd_dot(v, own->n), mass = nmd__mass(motion, i);
    now->of[KINETIC] += 0.5 * NMD_MV2_TO_EV * mass * nmd_dot(v, v);
    now->of[ALONG] += 0.5 * NMD_MV2_TO_EV * mass * along * along;
    now->of[DRIFTS + atoms->species[i]] += along;
  }
  nmd_comm_sum(motion->comm, now->of, DRIFTS + species->n);
  now->peculiar = now->of[KINETIC];
  for (int s = 0; s < species->n; s++) {
    if (own->atoms[s] > 0) now->drift[s] = now->of[DRIFTS + s] / own->atoms[s];
    now->peculiar -= 0.5 * NMD_MV2_TO_EV * species->mass[s] * own->atoms[s] * now->drift[s] * now->drift[s];
  }
}

/* Velocities that the thermostat scales: v less the drift of the element, or the components across the field. Returns
 * heat. */
static double rescale(const field *own, nmd_motion *motion, const sums *now) {
  const bool across = own->parameters.thermostat == ACROSS;
  const double kinetic = across ? now->of[KINETIC] - now->of[ALONG] : now->peculiar;
  const double freedoms = across ? 2.0 / 3.0 * nmd_freedoms(motion) : own->freedoms;
  const nmd_csvr_bath bath = {nmd_ramp(own->parameters.temperature, motion->progress), own->parameters.tau, freedoms,
                              0};
  const double factor = nmd_csvr_factor_of(motion, &bath, kinetic, motion->timestep);
  for (int i = 0; i < motion->atoms->n_owned; i++) {
    if (!nmd_in_subset(mobile(motion), motion->atoms, i)) continue;
    double *v = motion->atoms->v + 3 * i;
    const double keep = across ? nmd_dot(v, own->n) : now->drift[motion->atoms->species[i]];
    for (int a = 0; a < 3; a++) v[a] = factor * v[a] + (1 - factor) * keep * own->n[a];
  }
  return (factor * factor - 1) * kinetic;
}

/* ---- what is averaged ---- */

static void add_to_blocks(blocks *b, double moved) {
  b->current += moved;
  if (++b->filled < b->length) return;
  b->sum[(int)b->full++] = b->current;
  b->current = b->filled = 0;
  if (b->full < BLOCKS_MAX) return;
  for (int k = 0; k < BLOCKS_MAX / 2; k++) b->sum[k] = b->sum[2 * k] + b->sum[2 * k + 1];
  b->full = BLOCKS_MAX / 2;
  b->length *= 2;
}

/* Mean current and its standard error, e A/fs. */
static void mean_current(const blocks *b, double timestep, double *mean, double *error) {
  const int n = (int)b->full;
  double sum = 0, squares = 0;
  for (int k = 0; k < n; k++) sum += b->sum[k] / n;
  for (int k = 0; k < n; k++) squares += (b->sum[k] - sum) * (b->sum[k] - sum);
  *mean = sum / (b->length * timestep);
  *error = n > 1 ? sqrt(squares / n / (n - 1)) / (b->length * timestep) : INFINITY;
}

static void report(const field *own, const nmd_motion *motion) {
  static const double to_S_per_cm = 16021.76634; /* of e A/fs in A^3 and V/A */
  const double strength = own->parameters.field, averaged = own->steps - own->settling;
  const double block = own->blocks.length * motion->timestep * 1e-3;
  double mean, error;
  if (own->blocks.full < 2) return;
  mean_current(&own->blocks, motion->timestep, &mean, &error);
  nmd_log_info("field: current %.6g +- %.2g e A/ps in %d blocks of %g ps; temperature without drift %.2f K", mean * 1e3,
               error * 1e3, (int)own->blocks.full, block, own->kelvin / averaged);
  if (strength == 0) return;
  const double sigma = mean / (own->volume * strength), off = fabs(error / (own->volume * strength));
  const double diffusion = NMD_BOLTZMANN * own->kelvin / averaged * own->volume / own->squares;
  nmd_log_info("field: conductivity %.6g +- %.2g S/cm, charge diffusion coefficient %.6g +- %.2g A^2/ps",
               sigma * to_S_per_cm, off * to_S_per_cm, sigma * diffusion * 1e3, off * diffusion * 1e3);
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  field *own = self;
  sums now;
  const double moved = charge_moved(own, motion);
  kick_by_field(own, motion);
  nmd_kick(motion, 0.5 * motion->timestep);
  measure(own, motion, moved, &now);
  if (own->parameters.thermostat != NONE) own->heat += rescale(own, motion, &now);
  own->charge += now.of[MOVED];
  own->steps++;
  if (own->steps * motion->timestep <= own->parameters.settle) {
    own->settling = own->steps;
  } else {
    own->kelvin += 2 * now.peculiar / (NMD_BOLTZMANN * own->freedoms);
    add_to_blocks(&own->blocks, now.of[MOVED]);
  }
  if (motion->progress >= 1) report(own, motion);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  const field *own = self;
  return nmd_kinetic_energy(motion) + motion->potential_energy - own->heat - own->parameters.field * own->charge;
}

enum { NUMBERS = 5, STATE_SIZE = NUMBERS + (int)(sizeof(blocks) / sizeof(double)) };

static int state_size(const void *self) {
  (void)self;
  return STATE_SIZE;
}

static void save(const void *self, double *state) {
  const field *own = self;
  const double numbers[NUMBERS] = {own->heat, own->charge, own->steps, own->settling, own->kelvin};
  memcpy(state, numbers, sizeof numbers);
  memcpy(state + NUMBERS, &own->blocks, sizeof own->blocks); /* doubles only */
}

static void restore(void *self, const double *state) {
  field *own = self;
  double *const numbers[NUMBERS] = {&own->heat, &own->charge, &own->steps, &own->settling, &own->kelvin};
  for (int k = 0; k < NUMBERS; k++) *numbers[k] = state[k];
  memcpy(&own->blocks, state + NUMBERS, sizeof own->blocks);
}

const nmd_ensemble_ops nmd__ensemble_field = {
    .name = "field",
    .options = &nmd__ensemble_field_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = nmd_free,
    .conserves_momentum = nmd_keeps_momentum,
};
