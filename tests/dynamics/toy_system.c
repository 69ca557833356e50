/* SPDX-License-Identifier: BSD-3-Clause */
#include "dynamics/toy_system.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"

static const uint64_t seed = 20260;

static void *checked(void *pointer) {
  if (pointer == NULL) abort();
  return pointer;
}

static void force_none(toy_system *toy) {
  memset(toy->atoms.f, 0, sizeof(double) * 3 * (size_t)toy->atoms.n_owned);
  toy->motion.potential_energy = 0.0;
}

static void force_einstein(toy_system *toy) {
  nmd_atoms *atoms = &toy->atoms;
  double energy = 0.0;
  for (int i = 0; i < atoms->n_owned; i++) {
    double r[3], rr = 0.0;
    for (int k = 0; k < 3; k++) r[k] = atoms->x[3 * i + k] - toy->site[atoms->id[i] - 1][k];
    rr = nmd_dot(r, r);
    energy += 0.5 * toy->spring * rr + 0.25 * toy->quartic * rr * rr;
    for (int k = 0; k < 3; k++) atoms->f[3 * i + k] = -(toy->spring + toy->quartic * rr) * r[k];
  }
  nmd_comm_sum(toy->motion.comm, &energy, 1);
  toy->motion.potential_energy = energy;
}

/* Positions are never wrapped here, so the cell shift of a bond stays what it is. */
static void force_crystal(toy_system *toy) {
  nmd_atoms *atoms = &toy->atoms;
  force_none(toy);
  memset(toy->motion.virial, 0, sizeof toy->motion.virial);
  for (int n = 0; n < toy->n_bonds; n++) {
    const toy_bond *bond = &toy->bonds[n];
    double r[3], across[3];
    nmd_row_times(bond->shift, (const double(*)[3])toy->box.h, across);
    for (int k = 0; k < 3; k++) r[k] = atoms->x[3 * bond->j + k] - atoms->x[3 * bond->i + k] + across[k];
    const double length = nmd_norm(r), d = length - bond->length;
    toy->motion.potential_energy += 0.5 * bond->spring * d * d + 0.25 * bond->quartic * d * d * d * d;
    const double pull = -(bond->spring * d + bond->quartic * d * d * d) / length;
    for (int a = 0; a < 3; a++) {
      atoms->f[3 * bond->j + a] += pull * r[a];
      atoms->f[3 * bond->i + a] -= pull * r[a];
      for (int b = 0; b < 3; b++) toy->motion.virial[a][b] += r[a] * pull * r[b];
    }
  }
}

static double uniform(int64_t id, int k) {
  double u[2];
  nmd_random_uniform2(seed, NMD_STREAM_TEST, 0, id, (unsigned)k, u);
  return u[0];
}

void toy_gas(toy_system *toy, const nmd_comm *comm, int64_t n, const double h[3][3]) {
  memset(toy, 0, sizeof *toy);
  const int elements[] = {3, 8}, rank = nmd_comm_rank(comm), size = nmd_comm_size(comm);
  nmd_species_init(&toy->species, elements, 2);
  nmd_atoms *atoms = &toy->atoms;
  nmd_atoms_init(atoms);
  if (nmd_box_init(&toy->box, h, NULL, NULL) != NMD_OK || nmd_atoms_reserve(atoms, (int)n + 1) != NMD_OK) abort();
  for (int64_t id = 1 + rank; id <= n; id += size) {
    const int i = atoms->n_owned++;
    const double s[3] = {uniform(id, 0), uniform(id, 1), uniform(id, 2)};
    atoms->id[i] = id;
    atoms->species[i] = (int32_t)(id % 2);
    nmd_box_to_cartesian(&toy->box, s, &atoms->x[3 * i]);
  }
  toy->motion = (nmd_motion){.comm = comm,
                             .atoms = atoms,
                             .box = &toy->box,
                             .species = &toy->species,
                             .n_atoms = n,
                             .timestep = 1.0,
                             .seed = seed};
  toy->force = force_none;
}

void toy_einstein(toy_system *toy, const nmd_comm *comm, int64_t n, double spring, double quartic) {
  const double h[3][3] = {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}};
  toy_gas(toy, comm, n, h);
  toy->spring = spring;
  toy->quartic = quartic;
  toy->site = checked(calloc((size_t)n, sizeof *toy->site));
  for (int64_t id = 1; id <= n; id++)
    for (int k = 0; k < 3; k++) toy->site[id - 1][k] = 10.0 * uniform(id, k);
  toy->external = true;
  toy->force = force_einstein;
  toy->force(toy);
}

/* Bonds of the atom at cell p to the neighbours at offset +-(the half set below). */
static void crystal_bonds(toy_system *toy, int n, const int p[3]) {
  static const int half[9][3] = {{1, 0, 0}, {0, 1, 0},  {0, 0, 1}, {1, 1, 0}, {1, -1, 0},
                                 {1, 0, 1}, {1, 0, -1}, {0, 1, 1}, {0, 1, -1}};
  for (int b = 0; b < 9; b++) {
    toy_bond bond = {.i = (p[0] * n + p[1]) * n + p[2]};
    int q[3];
    for (int k = 0; k < 3; k++) {
      q[k] = (p[k] + half[b][k] + n) % n;
      bond.shift[k] = (p[k] + half[b][k] - q[k]) / n;
    }
    bond.j = (q[0] * n + q[1]) * n + q[2];
    bond.length = b < 3 ? 3.0 : 3.0 * sqrt(2.0);
    bond.spring = b < 3 ? 3.0 : 1.0;
    bond.quartic = b < 3 ? 4.0 : 2.0;
    toy->bonds[toy->n_bonds++] = bond;
  }
}

void toy_crystal(toy_system *toy, const nmd_comm *comm, int n, double tilt) {
  const double l = 3.0 * n, h[3][3] = {{l, 0, 0}, {tilt * l, l, 0}, {-tilt * l, 0.5 * tilt * l, l}};
  toy_gas(toy, comm, (int64_t)n * n * n, h);
  toy->bonds = checked(calloc((size_t)(9 * n * n * n), sizeof *toy->bonds));
  for (int a = 0; a < n; a++)
    for (int b = 0; b < n; b++)
      for (int c = 0; c < n; c++) {
        const double s[3] = {(double)a / n, (double)b / n, (double)c / n};
        nmd_box_to_cartesian(&toy->box, s, &toy->atoms.x[3 * ((a * n + b) * n + c)]);
        crystal_bonds(toy, n, (const int[3]){a, b, c});
      }
  toy->force = force_crystal;
  toy->force(toy);
}

static void stage_end(toy_system *toy) {
  if (toy->ensemble != NULL) toy->ops->destroy(toy->ensemble);
  if (toy->parameters != NULL) nmd_options_free(toy->table, toy->parameters);
  nmd_free(toy->parameters);
  toy->ensemble = toy->parameters = NULL;
}

void toy_free(toy_system *toy) {
  stage_end(toy);
  nmd_atoms_free(&toy->atoms);
  free(toy->site);
  free(toy->bonds);
}

static nmd_status parse_stage(toy_system *toy, const nmd_yaml_node *node) {
  int which;
  const nmd_yaml_node *body;
  NMD_TRY(nmd_options_variant(node, nmd_ensemble_tables, "stage", &which, &body));
  toy->ops = nmd_ensemble_registry[which];
  toy->table = nmd_ensemble_tables[which];
  NMD_TRY(nmd_alloc(&toy->parameters, 1, toy->table->size));
  return nmd_options_parse(toy->table, body, toy->parameters);
}

nmd_status toy_stage(toy_system *toy, const char *text, double timestep, int64_t steps) {
  stage_end(toy);
  nmd_yaml *document;
  NMD_TRY(nmd_yaml_parse("toy.yaml", text, strlen(text), &document));
  const nmd_status status = parse_stage(toy, nmd_yaml_root(document));
  nmd_yaml_destroy(document);
  if (status != NMD_OK) {
    nmd_free(toy->parameters);
    toy->parameters = NULL;
    return status;
  }
  nmd_motion *motion = &toy->motion;
  motion->timestep = timestep;
  motion->progress = 0.0;
  motion->removed_freedoms = toy->ops->conserves_momentum(toy->parameters) && !toy->external ? 3 : 0;
  if (motion->removed_freedoms > 0) nmd_momentum_remove(motion);
  toy->stage_steps = steps;
  toy->stage_step = 0;
  toy->force(toy);
  return toy->ops->create(toy->parameters, motion, &toy->ensemble);
}

nmd_status toy_step(toy_system *toy) {
  toy->motion.step++;
  toy->motion.progress = (double)++toy->stage_step / (double)toy->stage_steps;
  NMD_TRY(toy->ops->before_force(toy->ensemble, &toy->motion));
  toy->force(toy);
  return toy->ops->after_force(toy->ensemble, &toy->motion);
}

bool toy_run(toy_system *toy, const char *text, double timestep, int64_t steps) {
  nmd_status status = toy_stage(toy, text, timestep, steps);
  for (int64_t n = 0; n < steps && status == NMD_OK; n++) status = toy_step(toy);
  if (status != NMD_OK) fprintf(stderr, "%s: %s\n", text, nmd_error_text());
  return status == NMD_OK;
}

void toy_resume(toy_system *to, const toy_system *from) {
  const size_t bytes = sizeof(double) * 3 * (size_t)from->atoms.n_owned;
  memcpy(to->atoms.x, from->atoms.x, bytes);
  memcpy(to->atoms.v, from->atoms.v, bytes);
  memcpy(to->atoms.f, from->atoms.f, bytes);
  to->box = from->box;
  if (nmd_atoms_set_extra(&to->atoms, from->atoms.n_extra) != NMD_OK) abort();
  if (from->atoms.n_extra > 0)
    memcpy(to->atoms.extra, from->atoms.extra, (size_t)from->atoms.n_owned * nmd_atoms_extra_bytes(&from->atoms));
  to->motion.step = from->motion.step;
  to->motion.progress = from->motion.progress;
  to->motion.potential_energy = from->motion.potential_energy;
  memcpy(to->motion.virial, from->motion.virial, sizeof to->motion.virial);
  to->stage_step = from->stage_step;
  double state[256];
  if (from->ops->state_size(from->ensemble) > 256) abort();
  from->ops->save(from->ensemble, state);
  to->ops->restore(to->ensemble, state);
}

bool toy_same_bits(const toy_system *a, const toy_system *b) {
  const size_t bytes = sizeof(double) * 3 * (size_t)a->atoms.n_owned;
  double first[256] = {0}, second[256] = {0};
  a->ops->save(a->ensemble, first);
  b->ops->save(b->ensemble, second);
  return memcmp(a->atoms.x, b->atoms.x, bytes) == 0 && memcmp(a->atoms.v, b->atoms.v, bytes) == 0 &&
         memcmp(a->box.h, b->box.h, sizeof a->box.h) == 0 && memcmp(first, second, sizeof first) == 0;
}

bool toy_restart_is_exact(void (*make)(toy_system *toy), const char *text, double timestep, int64_t steps) {
  toy_system whole, half, rest;
  make(&whole);
  make(&half);
  make(&rest);
  bool ok = toy_run(&whole, text, timestep, steps);
  ok = ok && toy_stage(&half, text, timestep, steps) == NMD_OK;
  for (int64_t n = 0; n < steps / 2 && ok; n++) ok = toy_step(&half) == NMD_OK;
  /* as after a restart, create meets the cell and the atoms of that time */
  rest.box = half.box;
  ok = ok && toy_stage(&rest, text, timestep, steps) == NMD_OK;
  if (ok) toy_resume(&rest, &half);
  for (int64_t n = steps / 2; n < steps && ok; n++) ok = toy_step(&rest) == NMD_OK;
  ok = ok && toy_same_bits(&whole, &rest) && toy_conserved(&whole) == toy_conserved(&rest);
  toy_free(&whole);
  toy_free(&half);
  toy_free(&rest);
  return ok;
}

double toy_conserved(const toy_system *toy) { return toy->ops->conserved(toy->ensemble, &toy->motion); }

double toy_temperature(const toy_system *toy) {
  const nmd_motion *motion = &toy->motion;
  const double kinetic =
      toy->ops->kinetic_energy != NULL ? toy->ops->kinetic_energy(toy->ensemble, motion) : nmd_kinetic_energy(motion);
  return nmd_temperature_of(motion, kinetic);
}

double toy_pressure(const toy_system *toy) {
  double kinetic[3][3], trace = 0.0;
  nmd_kinetic_tensor(&toy->motion, kinetic);
  for (int k = 0; k < 3; k++) trace += kinetic[k][k] + toy->motion.virial[k][k];
  return trace / (3.0 * toy->box.volume);
}

void toy_show(const char *format, ...) {
  if (getenv("TEST_SHOW") == NULL) return;
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
}

static double mean_of(const double *series, int n) {
  double sum = 0.0;
  for (int i = 0; i < n; i++) sum += series[i];
  return sum / n;
}

static double variance_about(const double *series, int n, double mean) {
  double sum = 0.0;
  for (int i = 0; i < n; i++) sum += (series[i] - mean) * (series[i] - mean);
  return sum / n;
}

toy_statistics toy_analyse(const double *series, int n) {
  enum { BLOCKS = 32 };
  double means[BLOCKS], variances[BLOCKS];
  const int length = n / BLOCKS;
  const double mean = mean_of(series, n);
  for (int b = 0; b < BLOCKS; b++) {
    means[b] = mean_of(&series[b * length], length);
    variances[b] = variance_about(&series[b * length], length, mean);
  }
  return (toy_statistics){mean, sqrt(variance_about(means, BLOCKS, mean_of(means, BLOCKS)) / (BLOCKS - 1)),
                          mean_of(variances, BLOCKS),
                          sqrt(variance_about(variances, BLOCKS, mean_of(variances, BLOCKS)) / (BLOCKS - 1))};
}

double toy_slope(const double *x, const double *y, int n, double *error) {
  const double mx = mean_of(x, n), my = mean_of(y, n);
  double xx = 0.0, xy = 0.0, rest = 0.0;
  for (int i = 0; i < n; i++) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
  }
  const double slope = xy / xx;
  for (int i = 0; i < n; i++) rest += pow(y[i] - my - slope * (x[i] - mx), 2);
  if (error != NULL) *error = n > 2 ? sqrt(rest / (n - 2) / xx) : INFINITY;
  return slope;
}

/* Sum of the variances of the conserved quantity in the windows of one run. */
static double window_variances(void (*make)(toy_system *toy), int run, const char *text, double timestep, int windows) {
  enum { WINDOW_MAX = 1000 };
  double series[WINDOW_MAX], sum = 0.0;
  const int window = (int)(1000.0 / timestep);
  toy_system toy;
  make(&toy);
  toy.motion.seed += (uint64_t)run;
  bool ok = toy_run(&toy, "nvt: {temperature: 900 K, thermostat: langevin, tau: 100 fs}", 1.0, 2000);
  ok = ok && toy_stage(&toy, text, timestep, (int64_t)window * windows) == NMD_OK;
  for (int w = 0; w < windows; w++) {
    for (int n = 0; n < window; n++) {
      ok = ok && toy_step(&toy) == NMD_OK;
      series[n] = toy_conserved(&toy);
    }
    sum += variance_about(series, window, mean_of(series, window));
  }
  toy_free(&toy);
  return ok ? sum : NAN;
}

/* Many short runs, not a long one: mode energies change slowly, and the runs of all time steps start from the same
 * states, so that what is compared differs in the time step only. */
double toy_fluctuation(void (*make)(toy_system *toy), const char *text, double timestep, double time) {
  enum { WINDOWS = 4 };
  const int runs = (int)(time / (1000.0 * WINDOWS));
  double sum = 0.0;
  for (int r = 0; r < runs; r++) sum += window_variances(make, r, text, timestep, WINDOWS);
  return sqrt(sum / (runs * WINDOWS));
}

double toy_order(void (*make)(toy_system *toy), const char *text, double time) {
  double x[3], y[3];
  for (int k = 0; k < 3; k++) {
    const double dt = (double)(1 << k), rms = toy_fluctuation(make, text, dt, time);
    x[k] = log(dt);
    y[k] = log(rms);
    toy_show("  dt %g fs: RMS of the conserved quantity %.4g meV\n", dt, 1e3 * rms);
  }
  const double order = toy_slope(x, y, 3, NULL);
  toy_show("  %s: order %.3f\n", text, order);
  return order;
}

double toy_drift(void (*make)(toy_system *toy), const char *text, double timestep, double time, double *error) {
  enum { BLOCKS = 16 };
  double change[BLOCKS];
  const int length = (int)(time / timestep / BLOCKS);
  toy_system toy;
  make(&toy);
  if (toy_stage(&toy, text, timestep, (int64_t)length * (BLOCKS + 1)) != NMD_OK) return NAN;
  double last = 0.0;
  for (int b = -1; b < BLOCKS; b++) { /* the first block lets it settle */
    for (int n = 0; n < length; n++)
      if (toy_step(&toy) != NMD_OK) return NAN;
    const double now = toy_conserved(&toy);
    if (b >= 0) change[b] = now - last;
    last = now;
  }
  const double unit = 1e3 * 1e6 / (length * timestep) / (double)toy.motion.n_atoms;
  const double mean = mean_of(change, BLOCKS);
  *error = unit * sqrt(variance_about(change, BLOCKS, mean) / (BLOCKS - 1));
  toy_show("  %s: drift %.3g +- %.2g meV/ns/atom\n", text, unit * mean, *error);
  toy_free(&toy);
  return unit * mean;
}
