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
 * Cell vectors of `relax` follow a pressure meanwhile, by stochastic cell rescaling as in npt (barostat_crescale.c):
 * tension with free sides. Their strain comes in the middle of the step, too; the conserved quantity then has P V - k T
 * (1 + r / 3) ln V and the barostat's sum, less what the deformation itself changes in P V - k T (1 + r / 3) ln V.
 *
 * This is `fix deform` of LAMMPS with erate, its `remap x` (follow: true) and `remap none` (follow: false).
 *
 * Trade-off: engineering strain has an even rate of length, as experiments; a thermostat must take the heat away, csvr
 * evenly, langevin where it arises. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dynamics/barostat_crescale.h"
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
  bool relax[3];
  double pressure[2];         /* eV/A^3 */
  double tau_p;               /* fs */
  double compressibility_GPa; /* 1/GPa */
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
    {"relax", NMD_OPT_BOOL3, offsetof(deform_parameters, relax), .fallback = "false",
     .doc = "cell vectors a, b, c whose length follows `pressure` meanwhile, e.g. [false, true, true] for tension "
            "along a with free sides"},
    {"pressure", NMD_OPT_RAMP, offsetof(deform_parameters, pressure), NMD_DIM_PRESSURE, "0 GPa",
     -100 / NMD_EV_PER_A3_TO_GPA, 1000 / NMD_EV_PER_A3_TO_GPA, .doc = "target pressure along the vectors of `relax`"},
    {"tau_p", NMD_OPT_REAL, offsetof(deform_parameters, tau_p), NMD_DIM_TIME, "1 ps", 0, 1e9, .min_open = 1,
     .doc = "relaxation time of these vectors, if compressibility is that of the material"},
    {"compressibility", NMD_OPT_REAL, offsetof(deform_parameters, compressibility_GPa), NMD_DIM_NONE, "0.02", 0, 1e6,
     .min_open = 1, .doc = "isothermal compressibility in 1/GPa; only compressibility / tau_p matters"},
};
const nmd_option_table nmd__ensemble_deform_options = {"deform", "deform the cell at a given rate or to a given strain",
                                                       sizeof(deform_parameters), NMD_COUNT(options), options};

typedef struct deform {
  deform_parameters parameters;
  bool relaxes;
  nmd_crescale barostat;                                        /* of the vectors that relax */
  nmd_bath bath;                                                /* its targets in this step */
  double slope[NMD_CELL_MODES_MAX], strain[NMD_CELL_MODES_MAX]; /* of the step being made */
  double step[3][3], back[3][3];                                /* A - 1, 1 - A^-1 of it */
  double work_before;                                           /* eV, the half of it that is known before the force */
  /* state */
  double start[3][3]; /* h_0, A */
  double f[3][3];     /* F so far */
  double booked;      /* eV: the barostat's sum, less what deformation and ramps put into its energy */
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
    if (stretched && p->relax[k])
      NMD_FAIL(CONFLICT, "deform: relax: cell vector %c is strained already; expected false for it", "abc"[k]);
  }
  return NMD_OK;
}

static nmd_bath bath_at(const deform *own, const nmd_motion *motion) {
  return (nmd_bath){nmd_ramp(own->parameters.temperature, motion->progress),
                    nmd_ramp(own->parameters.pressure, motion->progress)};
}

static nmd_status barostat_init(deform *own, const nmd_motion *motion) {
  const deform_parameters *p = &own->parameters;
  own->relaxes = p->relax[0] || p->relax[1] || p->relax[2];
  own->bath = bath_at(own, motion);
  if (!own->relaxes) return NMD_OK;
  return nmd_crescale_init(&own->barostat, NMD_ANISOTROPIC, p->relax, p->compressibility_GPa * NMD_EV_PER_A3_TO_GPA,
                           p->tau_p, motion->box);
}

static nmd_status create(const void *parameters, const nmd_motion *motion, void **self) {
  deform *own;
  NMD_TRY(check(parameters, motion->box));
  NMD_TRY(NMD_ALLOC(own, 1));
  own->parameters = *(const deform_parameters *)parameters;
  memcpy(own->start, motion->box->h, sizeof own->start);
  for (int k = 0; k < 3; k++) own->f[k][k] = 1.0;
  const nmd_status status = barostat_init(own, motion);
  if (status != NMD_OK) {
    nmd_free(own);
    return status;
  }
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

/* F' of this step: A - 1 and 1 - A^-1 for the work, A = F^-1 F'. */
static nmd_status next_strain(deform *own, const nmd_motion *motion) {
  double f[3][3], a[3][3], inverse[3][3];
  own->elapsed += motion->timestep;
  deformation(&own->parameters, own->elapsed, motion->progress, f);
  if (!(f[0][0] > 0.05 && f[1][1] > 0.05 && f[2][2] > 0.05))
    NMD_FAIL(EXPLODED,
             "deform: step %lld: the cell is down to a twentieth of its length; expected a shorter stage or less rate",
             (long long)motion->step);
  nmd_mat_invert((const double(*)[3])own->f, inverse);
  nmd_mat_times((const double(*)[3])inverse, (const double(*)[3])f, a);
  nmd_mat_invert((const double(*)[3])a, inverse);
  for (int k = 0; k < 9; k++) {
    own->step[k / 3][k % 3] = a[k / 3][k % 3] - (k % 4 == 0);
    own->back[k / 3][k % 3] = (k % 4 == 0) - inverse[k / 3][k % 3];
  }
  memcpy(own->f, f, sizeof f);
  return NMD_OK;
}

/* The cell: h_0 F' to the last bit where nothing relaxes; else the barostat's strain, then A. */
static nmd_status set_cell(deform *own, nmd_motion *motion, const nmd_cell_move *relaxed) {
  double h[3][3], extra[3][3];
  if (!own->relaxes) {
    nmd_mat_times((const double(*)[3])own->start, (const double(*)[3])own->f, h);
    return nmd_box_set_h(motion->box, (const double(*)[3])h);
  }
  NMD_TRY(nmd_box_set_h(motion->box, relaxed->h));
  own->booked += nmd_crescale_energy(motion, &own->bath);
  nmd_mat_times(relaxed->h, (const double(*)[3])own->step, extra);
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] = relaxed->h[k / 3][k % 3] + extra[k / 3][k % 3];
  NMD_TRY(nmd_box_set_h(motion->box, (const double(*)[3])h));
  own->booked -= nmd_crescale_energy(motion, &own->bath);
  return NMD_OK;
}

/* Half a drift, the barostat's strain on positions and velocities, A on positions that follow, half a drift. */
static void move_atoms(const deform *own, nmd_motion *motion, const nmd_cell_move *relaxed) {
  const double *origin = motion->box->origin, half = 0.5 * motion->timestep;
  for (int i = 0; i < motion->atoms->n_owned; i++) {
    double *x = &motion->atoms->x[3 * i], *v = &motion->atoms->v[3 * i], from[3], to[3], u[3], d[3];
    for (int k = 0; k < 3; k++) from[k] = to[k] = x[k] + half * v[k] - origin[k];
    memcpy(u, v, sizeof u);
    if (own->relaxes) {
      nmd_row_times(from, relaxed->positions, to);
      nmd_row_times(v, relaxed->momenta, u);
    }
    nmd_row_times(to, (const double(*)[3])own->step, d);
    for (int k = 0; k < 3; k++) {
      v[k] = u[k];
      x[k] = origin[k] + to[k] + (own->parameters.follow ? d[k] : 0.0) + half * u[k];
    }
  }
}

/* The barostat's strain of this step. */
static nmd_status draw_strain(deform *own, nmd_motion *motion, nmd_cell_move *relaxed) {
  if (!own->relaxes) return NMD_OK;
  const nmd_bath next = bath_at(own, motion);
  double kinetic[3][3];
  own->booked += nmd_crescale_energy(motion, &own->bath) - nmd_crescale_energy(motion, &next);
  own->bath = next;
  nmd_kinetic_tensor(motion, kinetic);
  nmd_crescale_slopes(&own->barostat, motion, (const double(*)[3])kinetic, &own->bath, own->slope);
  NMD_TRY(nmd_crescale_draw(&own->barostat, motion, &own->bath, own->slope, own->strain));
  nmd_cell_modes_move(&own->barostat.modes, motion->box, own->strain, relaxed);
  return NMD_OK;
}

static nmd_status before_force(void *self, nmd_motion *motion) {
  deform *own = self;
  nmd_cell_move relaxed;
  nmd_kick(motion, 0.5 * motion->timestep);
  NMD_TRY(draw_strain(own, motion, &relaxed));
  NMD_TRY(next_strain(own, motion));
  own->work_before = half_work(own, motion, (const double(*)[3])own->step); /* positions and forces of the virial */
  NMD_TRY(set_cell(own, motion, &relaxed));
  move_atoms(own, motion, &relaxed);
  return NMD_OK;
}

/* The strain's probability against that of the way back, from the slopes behind it, before the last kick. */
static void book_strain(deform *own, const nmd_motion *motion) {
  if (!own->relaxes) return;
  double kinetic[3][3], slope[NMD_CELL_MODES_MAX];
  nmd_kinetic_tensor(motion, kinetic);
  nmd_crescale_slopes(&own->barostat, motion, (const double(*)[3])kinetic, &own->bath, slope);
  own->booked += nmd_crescale_log_ratio(&own->barostat, motion->timestep, own->strain, own->strain, own->slope, slope);
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
  book_strain(own, motion);
  nmd_kick(motion, 0.5 * motion->timestep);
  own->heat += thermostat(own, motion);
  return NMD_OK;
}

static double conserved(const void *self, const nmd_motion *motion) {
  const deform *own = self;
  const double cell = own->relaxes ? nmd_crescale_energy(motion, &own->bath) + own->booked : 0.0;
  return nmd_kinetic_energy(motion) + motion->potential_energy + cell - own->heat - own->work;
}

static bool conserves_momentum(const void *parameters) {
  return ((const deform_parameters *)parameters)->thermostat != LANGEVIN;
}

enum { F_AT = 9, REST_AT = 18, STATE_SIZE = 25 };

static int state_size(const void *self) {
  (void)self;
  return STATE_SIZE;
}

/* The barostat's mobility holds the volume at the start of the stage. */
static void save(const void *self, double *state) {
  const deform *own = self;
  const double rest[] = {
      own->elapsed,          own->heat, own->work, own->booked, own->bath.temperature, own->bath.pressure,
      own->barostat.mobility};
  memcpy(state, own->start, sizeof own->start);
  memcpy(state + F_AT, own->f, sizeof own->f);
  memcpy(state + REST_AT, rest, sizeof rest);
}

static void restore(void *self, const double *state) {
  deform *own = self;
  const double *rest = state + REST_AT;
  memcpy(own->start, state, sizeof own->start);
  memcpy(own->f, state + F_AT, sizeof own->f);
  own->elapsed = rest[0];
  own->heat = rest[1];
  own->work = rest[2];
  own->booked = rest[3];
  own->bath = (nmd_bath){rest[4], rest[5]};
  own->barostat.mobility = rest[6];
}

const nmd_ensemble_ops nmd__ensemble_deform = {
    .name = "deform",
    .options = &nmd__ensemble_deform_options,
    .create = create,
    .before_force = before_force,
    .after_force = after_force,
    .conserved = conserved,
    .state_size = state_size,
    .save = save,
    .restore = restore,
    .destroy = nmd_free,
    .conserves_momentum = conserves_momentum,
};
