/* SPDX-License-Identifier: BSD-3-Clause */
/* Deformation at a given rate, with or without a thermostat: stress-strain curves, loading, shear.
 *
 * The cell is h(t) = h_0 F(t), F = 1 + e, e_kk = engineering strain along x, y, z (L = L_0 (1 + e)), e_yx, e_zx, e_zy =
 * engineering shear strains xy, xz, yz (x moves by e times y, ...): a cell with a along x and b in the xy plane stays
 * one. e grows in time at `rate`, or evenly over the stage to `strain`. A step, from F to F', A = F^-1 F':
 *     kick/2, drift/2, h -> h A (x -> x A where atoms follow), drift/2, force, kick/2, thermostat
 * Velocities are not touched: they are those beside the affine flow. Conserved (eV): K + U - heat - work, with the work
 * of the deformation by the trapezoid rule: atoms that follow -1/2 [W : (A - 1) + W' : (1 - A^-1)], W virial before, W'
 * after; atoms that stay feel the cell only through their images: + sum x f : (...) of the atoms.
 *
 * This is `fix deform` of LAMMPS with erate, its `remap x` (follow: true) and `remap none` (follow: false).
 *
 * Trade-off: engineering strain has an even rate of length, as experiments; a thermostat must take the heat away, csvr
 * evenly, langevin where it arises. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dynamics/thermostat_csvr.h"
#include "dynamics/thermostat_langevin.h"

extern const nmd_ensemble_ops nmd__ensemble_deform;
extern const nmd_option_table nmd__ensemble_deform_options;

enum { CSVR, LANGEVIN };

typedef struct deform_parameters {
  double rate[3], shear_rate[3];     /* 1/fs: xx, yy, zz; yz, xz, xy */
  double strain[3], shear_strain[3]; /* at the end of the stage */
  bool follow;
  int thermostat;
  double temperature[2]; /* K */
  double tau;            /* fs */
} deform_parameters;

#define RATE_MAX 1.0 /* 1/fs */
static const nmd_option options[] = {
    {"rate", NMD_OPT_REAL3, offsetof(deform_parameters, rate), NMD_DIM_FREQUENCY, "0 1/fs", -RATE_MAX, RATE_MAX,
     .doc = "engineering strain rate along x, y, z, e.g. [0.01 1/ps, 0, 0]; give rates or strains"},
    {"shear_rate", NMD_OPT_REAL3, offsetof(deform_parameters, shear_rate), NMD_DIM_FREQUENCY, "0 1/fs", -RATE_MAX,
     RATE_MAX, .doc = "engineering shear strain rates yz, xz, xy"},
    {"strain", NMD_OPT_REAL3, offsetof(deform_parameters, strain), NMD_DIM_NONE, "0", -0.9, 10,
     .doc = "engineering strain along x, y, z reached at the end of the stage, evenly in time, e.g. [0.1, 0, 0]"},
    {"shear_strain", NMD_OPT_REAL3, offsetof(deform_parameters, shear_strain), NMD_DIM_NONE, "0", -10, 10,
     .doc = "engineering shear strains yz, xz, xy reached at the end of the stage"},
    {"follow", NMD_OPT_BOOL, offsetof(deform_parameters, follow), .fallback = "true",
     .doc = "atoms are carried along affinely; false: only the cell changes, atoms feel it through its boundaries"},
    {"thermostat", NMD_OPT_CHOICE, offsetof(deform_parameters, thermostat), .fallback = "csvr",
     .choices = "csvr|langevin|none",
     .doc = "csvr: stochastic velocity rescaling; langevin: local friction and noise; none: the work stays as heat"},
    {"temperature", NMD_OPT_RAMP, offsetof(deform_parameters, temperature), NMD_DIM_TEMPERATURE, "300 K", 0, 1e6,
     .doc = "target temperature of the thermostat, e.g. 300 K"},
    {"tau", NMD_OPT_REAL, offsetof(deform_parameters, tau), NMD_DIM_TIME, "100 fs", 0, 1e9, .min_open = 1,
     .doc = "relaxation time of the thermostat (langevin: 1 / friction rate)"},
};
const nmd_option_table nmd__ensemble_deform_options = {"deform", "deform the cell at a given rate or to a given strain",
                                                       sizeof(deform_parameters), NMD_COUNT(options), options};

typedef struct deform {
  deform_parameters parameters;
  double step[3][3], back[3][3]; /* A - 1, 1 - A^-1 of the step being made */
  double work_before;            /* eV, the half of it that is known before the force */
  /* state */
  double start[3][3]; /* h_0, A */
  double elapsed;     /* fs */
  double heat, work;  /* eV */
} deform;

static bool any_of(const double a[3], const double b[3]) {
  return a[0] != 0 || a[1] != 0 || a[2] != 0 || b[0] != 0 || b[1] != 0 || b[2] != 0;
}

static nmd_status check(const deform_parameters *p, const nmd_box *box) {
  const bool rates = any_of(p->rate, p->shear_rate), strains = any_of(p->strain, p->shear_strain);
  if (rates == strains)
    NMD_FAIL(CONFLICT, "deform: %s; expected rate and shear_rate, or strain and shear_strain, e.g. strain: [0.1, 0, 0]",
             rates ? "rates and strains both given" : "no rate and no strain");
  for (int k = 0; k < 3; k++) {
    const int low = k == 2 ? 0 : k == 1 ? 0 : 1, high = k == 2 ? 1 : 2; /* of the shear k: yz, xz, xy */
    const bool stretched = p->rate[k] != 0 || p->strain[k] != 0,
               sheared = p->shear_rate[k] != 0 || p->shear_strain[k] != 0;
    if ((stretched && !box->periodic[k]) || (sheared && !(box->periodic[low] && box->periodic[high])))
      NMD_FAIL(CONFLICT, "deform: cell vector %c is not periodic; expected no strain that involves it",
               "abc"[stretched && !box->periodic[k] ? k
                     : !box->periodic[low]          ? low
                                                    : high]);
  }
  return NMD_OK;
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  deform *own;
  NMD_TRY(check(parameters, motion->box));
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const deform_parameters *)parameters;
  memcpy(own->start, motion->box->h, sizeof own->start);
  if (own->parameters.thermostat == CSVR)
    nmd_csvr_warn_at_rest(motion, nmd_kinetic_energy(motion), own->parameters.temperature[1]);
  *self = own;
  return NMD_OK;
}

/* F at this time (fs) of a stage that has come this far. */
static void deformation(const deform_parameters *p, double elapsed, double progress, double f[3][3]) {
  double e[3], g[3];
  for (int k = 0; k < 3; k++) {
    e[k] = p->rate[k] * elapsed + p->strain[k] * progress;
    g[k] = p->shear_rate[k] * elapsed + p->shear_strain[k] * progress;
  }
  const double now[3][3] = {{1 + e[0], 0, 0}, {g[2], 1 + e[1], 0}, {g[1], g[0], 1 + e[2]}};
  memcpy(f, now, sizeof now);
}

/* sum over all atoms of x_a f_b from the origin of the cell: what the cell alone does not feel. */
static void moments(const nmd_motion *motion, double sum[3][3]) {
  const nmd_atoms *atoms = motion->atoms;
  memset(sum, 0, 9 * sizeof(double));
  for (int i = 0; i < atoms->n_owned; i++)
    for (int a = 0; a < 3; a++)
      for (int b = 0; b < 3; b++) sum[a][b] += (atoms->x[3 * i + a] - motion->box->origin[a]) * atoms->f[3 * i + b];
  nmd_comm_sum(motion->comm, &sum[0][0], 9);
}

/* Half the work (eV) of a strain by d at the present virial and forces. */
static double half_work(const deform *own, const nmd_motion *motion, const double d[3][3]) {
  double held[3][3] = {{0}}, sum = 0.0;
  if (!own->parameters.follow) moments(motion, held);
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) sum += (held[a][b] - motion->virial[a][b]) * d[a][b];
  return 0.5 * sum;
}

/* h -> h A, and A - 1, 1 - A^-1 for the work. */
static nmd_status strain_cell(deform *own, nmd_motion *motion) {
  double f[3][3], inverse[3][3], h[3][3], a[3][3];
  own->elapsed += motion->timestep;
  deformation(&own->parameters, own->elapsed, motion->progress, f);
  nmd_mat_times((const double(*)[3])own->start, (const double(*)[3])f, h);
  if (!(f[0][0] > 0.05 && f[1][1] > 0.05 && f[2][2] > 0.05))
    NMD_FAIL(EXPLODED,
             "deform: step %lld: the cell is down to a twentieth of its length; expected a shorter stage or less rate",
             (long long)motion->step);
  nmd_mat_times(motion->box->inverse, (const double(*)[3])h, a);
  nmd_mat_invert((const double(*)[3])a, inverse);
  for (int k = 0; k < 9; k++) {
    own->step[k / 3][k % 3] = a[k / 3][k % 3] - (k % 4 == 0);
    own->back[k / 3][k % 3] = (k % 4 == 0) - inverse[k / 3][k % 3];
  }
  return nmd_box_set_h(motion->box, (const double(*)[3])h);
}

static void carry(const deform *own, nmd_motion *motion) {
  const double *origin = motion->box->origin;
  for (int i = 0; i < motion->atoms->n_owned; i++) {
    double *x = &motion->atoms->x[3 * i], d[3];
    const double from[3] = {x[0] - origin[0], x[1] - origin[1], x[2] - origin[2]};
    nmd_row_times(from, own->step, d);
    for (int k = 0; k < 3; k++) x[k] += d[k];
  }
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  deform *own = self;
  const double half = 0.5 * motion->timestep;
  nmd_kick(motion, half);
  NMD_TRY(strain_cell(own, motion));
  own->work_before =
      half_work(own, motion, (const double(*)[3])own->step); /* positions and forces still those of the virial */
  nmd_drift(motion, half);
  if (own->parameters.follow) carry(own, motion);
  nmd_drift(motion, half);
  return NMD_OK;
}

static double thermostat(const deform *own, nmd_motion *motion) {
  const deform_parameters *p = &own->parameters;
  const nmd_langevin bath = {nmd_ramp(p->temperature, motion->progress), p->tau, nmd__mobile(motion)};
  if (p->thermostat == CSVR)
    return nmd_csvr_apply(motion, nmd_kinetic_energy(motion), bath.temperature, bath.tau, motion->timestep);
  if (p->thermostat != LANGEVIN) return 0.0;
  double heat = nmd_langevin_velocities(motion, &bath, motion->timestep).value;
  nmd_comm_sum(motion->comm, &heat, 1);
  return heat;
}

static nmd_status after_force(void *self, nmd_motion *motion) {
  deform *own = self;
  own->work += own->work_before + half_work(own, motion, (const double(*)[3])own->back);
  nmd_kick(motion, 0.5 * motion->timestep);
  own->heat += thermostat(own, motion);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  const deform *own = self;
  return nmd_kinetic_energy(motion) + motion->potential_energy - own->heat - own->work;
}

static double target_temperature(const void *self, const nmd_motion *motion) {
  const deform_parameters *p = &((const deform *)self)->parameters;
  return p->thermostat <= LANGEVIN ? nmd_ramp(p->temperature, motion->progress) : -1.0;
}

static bool conserves_momentum(const void *parameters) {
  return ((const deform_parameters *)parameters)->thermostat != LANGEVIN;
}

enum { STATE_SIZE = 12 };

static int state_size(const void *self) {
  (void)self;
  return STATE_SIZE;
}

static void save(const void *self, double *state) {
  const deform *own = self;
  memcpy(state, own->start, sizeof own->start);
  state[9] = own->elapsed;
  state[10] = own->heat;
  state[11] = own->work;
}

static void restore(void *self, const double *state) {
  deform *own = self;
  memcpy(own->start, state, sizeof own->start);
  own->elapsed = state[9];
  own->heat = state[10];
  own->work = state[11];
}

const nmd_ensemble_ops nmd__ensemble_deform = {
    .name = "deform",
    .options = &nmd__ensemble_deform_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .target_temperature = target_temperature,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = nmd_free,
    .conserves_momentum = conserves_momentum,
};
