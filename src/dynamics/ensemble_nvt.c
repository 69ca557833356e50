/* SPDX-License-Identifier: BSD-3-Clause */
/* Constant number, volume, temperature.
 *
 * csvr: a step of velocity Verlet, then all velocities times one stochastic factor (thermostat_csvr.c).
 * langevin: a step of GJ-I (thermostat_langevin.c).
 * The target T follows its ramp linearly over the stage: T = T_start + (T_end - T_start) progress.
 *
 * Groups of atoms may have baths of their own, each with its T, kind and time, or none (then those atoms move by
 * velocity Verlet alone); the stage's own bath is for the atoms in no listed group, and an atom in several belongs to
 * the first. Separate factors do not keep the total momentum, so each bath counts three freedoms an atom.
 *
 * Conserved (eV): K + U - sum of the heat given to the atoms; csvr: heat = (factor^2 - 1) K, langevin: heat =
 * (v + v') / 2 . (beta - gamma m (x' - x)). Its fluctuation and drift are those of velocity Verlet, as in nve.
 *
 * References: in the files of the thermostats.
 *
 * Trade-off: csvr is the default because it leaves diffusion alone (one global degree of freedom is stirred); langevin
 * also equilibrates parts that exchange no energy (harmonic solids, gases, interfaces from a cold start). */
#include "base/memory.h"
#include "dynamics/thermostat_csvr.h"
#include "dynamics/thermostat_langevin.h"

extern const nmd_ensemble_ops nmd__ensemble_nvt;
extern const nmd_option_table nmd__ensemble_nvt_options;

enum { CSVR, LANGEVIN, NO_BATH };

typedef struct bath_parameters {
  char *group;
  double temperature[2]; /* K; < 0: the stage's */
  int thermostat;        /* 0: the stage's; else 1 + CSVR ... */
  double tau;            /* fs; 0: the stage's */
} bath_parameters;

static const nmd_option bath_options[] = {
    {"group", NMD_OPT_TEXT, offsetof(bath_parameters, group), .doc = "name of one of the input's `groups`"},
    {"temperature", NMD_OPT_RAMP, offsetof(bath_parameters, temperature), NMD_DIM_TEMPERATURE, "-1 K", -1, 1e6,
     .doc = "target temperature of these atoms; -1: that of the stage"},
    {"thermostat", NMD_OPT_CHOICE, offsetof(bath_parameters, thermostat), .fallback = "stage",
     .choices = "stage|csvr|langevin|none",
     .doc = "thermostat of these atoms; stage: that of the stage; none: they have none"},
    {"tau", NMD_OPT_REAL, offsetof(bath_parameters, tau), NMD_DIM_TIME, "0 fs", 0, 1e9,
     .doc = "relaxation time; 0: that of the stage"},
};
static const nmd_option_table bath_table = {"groups", "the thermostat of one group of atoms", sizeof(bath_parameters),
                                            NMD_COUNT(bath_options), bath_options};

typedef struct nvt_parameters {
  double temperature[2]; /* K */
  int thermostat;
  double tau; /* fs */
  const nmd_yaml_node *groups;
} nvt_parameters;

static const nmd_option options[] = {
    {"temperature", NMD_OPT_RAMP, offsetof(nvt_parameters, temperature), NMD_DIM_TEMPERATURE, .min = 0, .max = 1e6,
     .doc = "target temperature, e.g. 300 K, or 300 K -> 600 K for a linear ramp over the stage"},
    {"thermostat", NMD_OPT_CHOICE, offsetof(nvt_parameters, thermostat), .fallback = "csvr", .choices = "csvr|langevin",
     .doc = "csvr: stochastic velocity rescaling (global, keeps dynamics); langevin: GJ-I (local friction and noise)"},
    {"tau", NMD_OPT_REAL, offsetof(nvt_parameters, tau), NMD_DIM_TIME, "100 fs", 0, 1e9, .min_open = 1,
     .doc = "relaxation time of the thermostat (langevin: 1 / friction rate)"},
    {"groups", NMD_OPT_NODE, offsetof(nvt_parameters, groups), .fallback = "", .section = &bath_table, .is_list = 1,
     .doc = "other thermostats for groups of atoms; those in no listed group have the stage's, those in several the "
            "first"},
};
const nmd_option_table nmd__ensemble_nvt_options = {"nvt", "constant volume and temperature", sizeof(nvt_parameters),
                                                    NMD_COUNT(options), options};

enum { BATHS_MAX = NMD_GROUPS_MAX + 1 };

typedef struct nvt_bath {
  int thermostat;
  double temperature[2]; /* K */
  double tau;            /* fs */
  double freedoms;
  uint32_t in, out;           /* of its atoms, but for frozen ones */
  nmd_langevin_partial first; /* langevin: of the step being made */
} nvt_bath;

typedef struct nvt {
  int n;
  nvt_bath bath[BATHS_MAX]; /* the stage's first */
  double heat;              /* eV given to the atoms since the start of the stage */
  double half_step_kinetic; /* langevin: eV, of the last step */
} nvt;

static nmd_subset atoms_of(const nvt_bath *bath, const nmd_motion *motion) {
  return (nmd_subset){bath->in, bath->out | motion->frozen};
}

static nmd_status add_bath(nvt *own, const nmd_yaml_node *node, const nmd_motion *motion) {
  bath_parameters p;
  NMD_TRY(nmd_options_parse(&bath_table, node, &p));
  const nvt_bath *stage = &own->bath[0];
  nvt_bath *bath = &own->bath[own->n];
  *bath = *stage; /* its `out`: those that an earlier bath has taken */
  nmd_status status = nmd_groups_find(motion->groups, p.group, &bath->in);
  if (status == NMD_OK && bath->in == 0)
    status = nmd_fail(NMD_BAD_CHOICE, "\"all\" has the thermostat of the stage already");
  if (status == NMD_OK && own->n == BATHS_MAX - 1)
    status = nmd_fail(NMD_CONFLICT, "more thermostats than there are groups");
  status = nmd_yaml_blame(status, node, "group");
  nmd_options_free(&bath_table, &p);
  NMD_TRY(status);
  if (p.temperature[0] >= 0 && p.temperature[1] >= 0)
    for (int k = 0; k < 2; k++) bath->temperature[k] = p.temperature[k];
  if (p.thermostat > 0) bath->thermostat = p.thermostat - 1;
  if (p.tau > 0) bath->tau = p.tau;
  own->bath[0].out |= bath->in;
  own->n++;
  return NMD_OK;
}

/* Three freedoms an atom; the whole system may lack those of the total momentum. */
static void count_freedoms(nvt *own, const nmd_motion *motion) {
  int64_t count[BATHS_MAX] = {0};
  for (int i = 0; i < motion->atoms->n_owned; i++)
    for (int b = 0; b < own->n; b++) count[b] += nmd_in_subset(atoms_of(&own->bath[b], motion), motion->atoms, i);
  nmd_comm_sum_int(motion->comm, count, own->n);
  for (int b = 0; b < own->n; b++) own->bath[b].freedoms = 3.0 * (double)count[b];
  if (own->n == 1) own->bath[0].freedoms = nmd_freedoms(motion);
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  const nvt_parameters *p = parameters;
  nvt *own;
  NMD_TRY(NMD_ALLOC(own, 1));
  own->n = 1;
  own->bath[0] = (nvt_bath){.thermostat = p->thermostat, .tau = p->tau};
  for (int k = 0; k < 2; k++) own->bath[0].temperature[k] = p->temperature[k];
  nmd_status status = NMD_OK;
  for (int k = 0; p->groups != NULL && k < p->groups->n && status == NMD_OK; k++)
    status = add_bath(own, p->groups->items[k], motion);
  if (status != NMD_OK) {
    nmd_free(own);
    return status;
  }
  count_freedoms(own, motion);
  own->half_step_kinetic = nmd_kinetic_energy(motion);
  if (p->thermostat == CSVR) nmd_csvr_warn_at_rest(motion, own->half_step_kinetic, p->temperature[1]);
  *self = own;
  return NMD_OK;
}

static nmd_langevin langevin_of(const nvt_bath *bath, const nmd_motion *motion) {
  return (nmd_langevin){nmd_ramp(bath->temperature, motion->progress), bath->tau, atoms_of(bath, motion)};
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  nvt *own = self;
  for (int b = 0; b < own->n; b++) {
    nvt_bath *bath = &own->bath[b];
    const nmd_langevin now = langevin_of(bath, motion);
    if (bath->thermostat == LANGEVIN) {
      bath->first = nmd_langevin_gj_first(motion, &now);
      continue;
    }
    nmd__kick_of(motion, now.atoms, 0.5 * motion->timestep);
    nmd__drift_of(motion, now.atoms, motion->timestep);
  }
  return NMD_OK;
}

/* The rest of the step on this rank: heat and kinetic energy, of the half step for langevin. */
static void finish_bath(nvt_bath *bath, nmd_motion *motion, double sum[2]) {
  const nmd_langevin now = langevin_of(bath, motion);
  if (bath->thermostat == LANGEVIN) {
    sum[0] = bath->first.heat.value + nmd_langevin_gj_second(motion, &now).value;
    sum[1] = bath->first.kinetic.value;
    return;
  }
  nmd__kick_of(motion, now.atoms, 0.5 * motion->timestep);
  sum[0] = 0.0;
  sum[1] = nmd__kinetic_partial_of(motion, now.atoms).value;
}

/* Velocities of a csvr bath with reduced kinetic energy *kinetic, which becomes that afterwards; returns the heat. */
static double rescale(const nvt_bath *bath, int index, nmd_motion *motion, double *kinetic) {
  const nmd_csvr_bath target = {nmd_ramp(bath->temperature, motion->progress), bath->tau, bath->freedoms, index};
  const double factor = nmd_csvr_factor_of(motion, &target, *kinetic, motion->timestep);
  const double heat = (factor * factor - 1.0) * *kinetic;
  nmd__velocities_scale_of(motion, atoms_of(bath, motion), factor);
  *kinetic += heat;
  return heat;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  nvt *own = self;
  double sum[2 * BATHS_MAX];
  for (int b = 0; b < own->n; b++) finish_bath(&own->bath[b], motion, sum + 2 * b);
  nmd_comm_sum(motion->comm, sum, 2 * own->n);
  own->half_step_kinetic = 0.0;
  for (int b = 0; b < own->n; b++) {
    own->heat += sum[2 * b];
    if (own->bath[b].thermostat == CSVR) own->heat += rescale(&own->bath[b], b, motion, &sum[2 * b + 1]);
    own->half_step_kinetic += sum[2 * b + 1];
  }
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  return nmd_kinetic_energy(motion) + motion->potential_energy - ((const nvt *)self)->heat;
}

static double kinetic_energy(const void *self, const nmd_motion *motion) {
  const nvt *own = self;
  for (int b = 0; b < own->n; b++)
    if (own->bath[b].thermostat == LANGEVIN) return own->half_step_kinetic;
  return nmd_kinetic_energy(motion);
}

static bool conserves_momentum(const void *parameters) {
  const nvt_parameters *p = parameters;
  return p->thermostat == CSVR && p->groups == NULL;
}

static int state_size(const void *self) {
  (void)self;
  return 2;
}

static void save(const void *self, double *state) {
  const nvt *own = self;
  state[0] = own->heat;
  state[1] = own->half_step_kinetic;
}

static void restore(void *self, const double *state) {
  nvt *own = self;
  own->heat = state[0];
  own->half_step_kinetic = state[1];
}

const nmd_ensemble_ops nmd__ensemble_nvt = {
    .name = "nvt",
    .options = &nmd__ensemble_nvt_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = nmd_free,
    .conserves_momentum = conserves_momentum,
    .kinetic_energy = kinetic_energy,
};
