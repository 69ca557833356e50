/* SPDX-License-Identifier: BSD-3-Clause */
/* What every ensemble must do, run over the whole registry through the real engine on a Lennard-Jones solid: restart at
 * half is the uninterrupted run bit for bit, the conserved quantity fluctuates with dt^2 and does not drift, targets
 * are reached, deterministic motion runs backwards. A registry entry without a case here fails.
 *
 * LINKS: engine */
#include "base/units.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/statistics.h"
#include "support/test.h"

typedef struct ensemble_case {
  const char *name;    /* registry name */
  const char *label;
  const char *steady;  /* options at constant targets */
  const char *ramp;    /* options with moving targets, for the restart */
  double order_margin; /* |exponent - 2| of the conserved quantity against dt; 0: it has none */
  double temperature;  /* K, target; 0: none */
  bool pressure;       /* PRESSURE is reached */
  bool reversible;
  bool alloy;          /* two elements on the same sites */
  double walk;         /* eV/fs: drift that the theory of the barostat allows, see WALK */
  int odd[3][2];       /* first, number of the entries of the ensemble's state that change sign with time */
} ensemble_case;

/* The cell of stochastic cell rescaling moves by overdamped steps. The logarithm of their acceptance ratio, summed in
 * the conserved quantity, walks at random and grows by its variance / 2 kT: about k T dt / tau_p in each tau_p and for
 * each group of cell vectors that moves. */
#define WALK(groups) ((groups) * NMD_BOLTZMANN * 300 * STEADY_TIMESTEP / (2000.0 * 2000.0))
#define NOSE_HOOVER_W {{12, 10}} /* velocities of the chain */
#define MTK_W {{3, 6}, {20, 10}, {41, 10}} /* of the cell and of both chains */
#define PRESSURE_GPA 0.5
#define STEADY_TIMESTEP 4 /* fs, of the runs for drift and targets */
#define FIELD "field: 0.01 eV/A, direction: [1, 1, 0], charges: [{element: Ar, charge: 1}], "
#define NEB                                                                                                            \
  "moves: ['1 by 0.9 0.9 0.3', '2 by -0.6 -0.6 0'], images: 3, force_tolerance: 1e-9, max_move: 0.004, max_steps: "    \
  "2000"
#define LENGTH_KEYS "steps: 1000000, velocities: 600 K, "
static const ensemble_case cases[] = {
    {.name = "nve",
     .label = "nve",
     .steady = LENGTH_KEYS,
     .ramp = LENGTH_KEYS,
     .order_margin = 0.1,
     .reversible = true},
    {.name = "nvt",
     .label = "nvt csvr",
     .order_margin = 0.1,
     .temperature = 300,
     .steady = LENGTH_KEYS "temperature: 300 K, thermostat: csvr, tau: 200 fs",
     .ramp = LENGTH_KEYS "temperature: 200 K -> 400 K, thermostat: csvr, tau: 100 fs"},
    {.name = "nvt",
     .label = "nvt langevin",
     .order_margin = 0.1,
     .temperature = 300,
     .steady = LENGTH_KEYS "temperature: 300 K, thermostat: langevin, tau: 500 fs",
     .ramp = LENGTH_KEYS "temperature: 200 K -> 400 K, thermostat: langevin, tau: 100 fs"},
    {.name = "nvt",
     .label = "nvt groups",
     .order_margin = 0.1,
     .temperature = 300,
     .steady =
         LENGTH_KEYS "temperature: 300 K, tau: 200 fs, groups: [{group: some, thermostat: langevin, tau: 500 fs}, "
                     "{group: most, tau: 300 fs}]",
     .ramp =
         LENGTH_KEYS "temperature: 200 K -> 400 K, tau: 100 fs, groups: [{group: some, temperature: 300 K -> 100 K}, "
                     "{group: most, thermostat: langevin}]"},
    {.name = "nve",
     .label = "nve frozen",
     .reversible = true,
     .steady = LENGTH_KEYS "frozen: some",
     .ramp = LENGTH_KEYS "frozen: some"},
    {.name = "npt",
     .label = "npt csvr",
     .walk = WALK(1),
     .order_margin = 0.1,
     .temperature = 300,
     .pressure = true,
     .steady = LENGTH_KEYS "temperature: 300 K, pressure: 0.5 GPa, tau_p: 2 ps, tau: 200 fs",
     .ramp = LENGTH_KEYS "temperature: 200 K -> 400 K, pressure: 0 GPa -> 1 GPa, tau_p: 500 fs"},
    {.name = "npt",
     .label = "npt langevin",
     .walk = WALK(3),
     .order_margin = 0.1,
     .temperature = 300,
     .pressure = true,
     .steady = LENGTH_KEYS "temperature: 300 K, pressure: 0.5 GPa, tau_p: 2 ps, thermostat: langevin, tau: 500 fs, "
                           "coupling: anisotropic",
     .ramp = LENGTH_KEYS "temperature: 300 K, pressure: 0 GPa -> 1 GPa, tau_p: 500 fs, thermostat: langevin, "
                         "coupling: anisotropic"},
    {.name = "npt",
     .label = "npt triclinic",
     .walk = WALK(6),
     .order_margin = 0.1,
     .temperature = 300,
     .pressure = true,
     .steady = LENGTH_KEYS "temperature: 300 K, pressure: 0.5 GPa, tau_p: 2 ps, tau: 200 fs, coupling: triclinic",
     .ramp = LENGTH_KEYS "temperature: 200 K -> 400 K, pressure: 0 GPa -> 1 GPa, tau_p: 500 fs, coupling: triclinic"},
    {.name = "mtk",
     .label = "mtk",
     .order_margin = 0.1,
     .temperature = 300,
     .pressure = true,
     .reversible = true,
     .odd = MTK_W,
     .steady = LENGTH_KEYS "temperature: 300 K, pressure: 0.5 GPa, tau: 200 fs, tau_p: 1 ps",
     .ramp = LENGTH_KEYS "temperature: 200 K -> 400 K, pressure: 0 GPa -> 1 GPa, tau_p: 500 fs"},
    {.name = "mtk",
     .label = "mtk triclinic",
     .order_margin = 0.1,
     .temperature = 300,
     .pressure = true,
     .reversible = true,
     .odd = MTK_W,
     .steady = LENGTH_KEYS "temperature: 300 K, pressure: 0.5 GPa, tau: 200 fs, tau_p: 1 ps, coupling: triclinic",
     .ramp = LENGTH_KEYS "temperature: 200 K -> 400 K, pressure: 0 GPa -> 1 GPa, tau_p: 500 fs, coupling: triclinic"},
    {.name = "deform",
     .label = "deform",
     .order_margin = 0.1,
     .temperature = 300,
     .steady = LENGTH_KEYS "rate: [5e-8, 0, 0], shear_rate: [0, 0, 3e-8], temperature: 300 K, tau: 200 fs",
     .ramp =
         LENGTH_KEYS "strain: [0.03, 0, 0], shear_strain: [0, -0.02, 0], temperature: 200 K -> 400 K, follow: false"},
    {.name = "field",
     .label = "field",
     .order_margin = 0.1,
     .temperature = 300,
     .alloy = true,
     .steady = LENGTH_KEYS FIELD "temperature: 300 K, tau: 200 fs",
     .ramp = LENGTH_KEYS FIELD "temperature: 200 K -> 400 K"},
    {.name = "field",
     .label = "field across",
     .order_margin = 0.1,
     .temperature = 300,
     .alloy = true,
     .steady = LENGTH_KEYS FIELD "temperature: 300 K, tau: 200 fs, thermostat: across",
     .ramp = LENGTH_KEYS FIELD "temperature: 300 K, thermostat: across, settle: 100 fs"},
    {.name = "nose_hoover",
     .label = "nose_hoover",
     .order_margin = 0.1,
     .temperature = 300,
     .reversible = true,
     .odd = NOSE_HOOVER_W,
     .steady = LENGTH_KEYS "temperature: 300 K, tau: 200 fs",
     .ramp = LENGTH_KEYS "temperature: 200 K -> 400 K, tau: 100 fs"},
    {.name = "monte_carlo",
     .label = "monte_carlo",
     .alloy = true,
     .steady = LENGTH_KEYS "temperature: 300 K",
     .ramp = LENGTH_KEYS "temperature: 600 K -> 300 K"},
    {.name = "monte_carlo",
     .label = "semi-grand",
     .alloy = true,
     .steady = LENGTH_KEYS "temperature: 300 K, move: semi_grand, elements: [Ar, Kr], chemical_potentials: [0, 10 meV]",
     .ramp = LENGTH_KEYS
     "temperature: 600 K -> 300 K, move: semi_grand, elements: [Ar, Kr], chemical_potentials: [0, 10 meV]"},
    {.name = "neb", .label = "neb", .steady = NEB, .ramp = NEB},
    {.name = "neb",
     .label = "neb fire",
     .steady = NEB ", relax_ends: true, method: fire",
     .ramp = NEB ", relax_ends: true, method: fire"},
    {.name = "minimise",
     .label = "minimise cell",
     .steady = "force_tolerance: 1e-6, max_steps: 2000, cell: triclinic",
     .ramp = "force_tolerance: 1e-6, max_steps: 2000, cell: triclinic"},
    {.name = "minimise",
     .label = "minimise lbfgs",
     .steady = "force_tolerance: 1e-9, method: lbfgs, max_move: 0.004",
     .ramp = "force_tolerance: 1e-12, method: lbfgs, max_move: 0.004, cell: triclinic"},
    {.name = "minimise",
     .label = "minimise",
     .steady = "force_tolerance: 1e-6, max_steps: 2000",
     .ramp = "force_tolerance: 1e-6, max_steps: 2000"},
};

enum { N_CASES = sizeof cases / sizeof *cases, HALF = 137, N_ATOMS = 108 };

static const char *write_case(const ensemble_case *c, const char *options, double timestep, double rattle) {
  const engine_crystal crystal = {.sites = c->alloy ? "l1_2" : "fcc", .a = 5.25, .cells = {3, 3, 3}, .z = {18, 36},
                                  .rattle = rattle};
  engine_write_crystal(&crystal, "start.extxyz");
  return engine_write_input("input.yaml",
                            "seed: 3\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\n"
                            "groups:\n  - {name: some, ids: 1-30}\n  - {name: most, ids: 21-90}\n"
                            "stages:\n  - %s: {%s%s timestep: %g fs}\n",
                            test_folder(), ENGINE_LJ, c->name, options, options[strlen(options) - 2] == ',' ? "" : ",",
                            timestep);
}

static nmd_simulation *open_case(const ensemble_case *c, const char *options, double timestep, double rattle) {
  return engine_open(TEST_COMM, write_case(c, options, timestep, rattle));
}

static void test_every_entry_has_a_case(void) {
  for (int k = 0; nmd_ensemble_registry[k] != NULL; k++) {
    bool found = false;
    if (strcmp(nmd_ensemble_registry[k]->name, "ipi") == 0) continue; /* moved by a server: simulation/test_ipi.py */
    for (int c = 0; c < N_CASES; c++) found = found || strcmp(cases[c].name, nmd_ensemble_registry[k]->name) == 0;
    TEST_CHECK(found, "no case for ensemble %s", nmd_ensemble_registry[k]->name);
    CU_ASSERT_PTR_EQUAL(nmd_ensemble_registry[k]->options, nmd_ensemble_tables[k]);
  }
}

/* ---- restart ---- */

static void check_same_bits(const char *label, const nmd_simulation *a, const nmd_simulation *b) {
  const int n = a->atoms.n_owned;
  TEST_EQUAL_INT(b->atoms.n_owned, n);
  for (int k = 0; k < nmd_atom_field_count(); k++) {
    const nmd_atom_field *field = &nmd_atom_fields[k];
    if (!(field->what & NMD_FIELD_C) || b->atoms.n_owned != n) continue;
    TEST_CHECK(memcmp(nmd_atom_field_data(&a->atoms, field), nmd_atom_field_data(&b->atoms, field),
                      (size_t)n * field->item_bytes) == 0, "%s: field %s after the restart", label, field->name);
  }
  TEST_CHECK(memcmp(&a->box, &b->box, sizeof a->box) == 0, "%s: cell differs after the restart", label);
  TEST_CHECK(memcmp(&a->counters, &b->counters, sizeof a->counters) == 0, "%s: counters differ", label);
  const double one = engine_conserved(a), two = engine_conserved(b);
  TEST_CHECK(memcmp(&one, &two, sizeof one) == 0, "%s: conserved %.17g and %.17g", label, one, two);
}

static void check_restart(const ensemble_case *c) {
  char options[512];
  snprintf(options, sizeof options, "%s", c->ramp);
  char *length = strstr(options, "steps: 1000000");
  if (length != NULL) memcpy(length, "steps: 274    ", 14); /* ramps end with the run */
  const char *input = write_case(c, options, 4, 0.2);
  nmd_simulation *whole = engine_open(TEST_COMM, input), *first = engine_open(TEST_COMM, input), *second = NULL;
  if (engine_steps(whole, 2 * HALF) && engine_steps(first, HALF) && TEST_OK(nmd_state_save(first)) &&
      TEST_OK(engine_create(TEST_COMM, input, &second)) &&
      TEST_OK(nmd_state_load(second, first->checkpoint_path, NULL))) {
    check_same_bits(c->label, first, second);
    engine_steps(second, HALF);
    check_same_bits(c->label, whole, second);
    TEST_CHECK(whole->counters.rebuilds > 1, "%s: the list was never rebuilt", c->label);
  }
  nmd_simulation_destroy(whole);
  nmd_simulation_destroy(first);
  nmd_simulation_destroy(second);
}

static void test_restart(void) {
  for (int k = 0; k < N_CASES; k++) check_restart(&cases[k]);
}

/* ---- the conserved quantity ---- */

enum { EQUILIBRATE_FS = 4000, SAMPLE_FS = 40000, SERIES_MAX = SAMPLE_FS / 2 };

typedef struct series {
  int n;
  double per_fs; /* samples */
  double conserved[SERIES_MAX], temperature[SERIES_MAX], pressure[SERIES_MAX];
} series;
static series seen; /* too large for the stack */

static void sample(const ensemble_case *c, double timestep, double duration) {
  nmd_simulation *s = open_case(c, c->steady, timestep, 0);
  engine_steps(s, (int64_t)(EQUILIBRATE_FS / timestep));
  seen.n = (int)(duration / timestep);
  seen.per_fs = 1 / timestep;
  for (int k = 0; k < seen.n && engine_steps(s, 1); k++) {
    seen.conserved[k] = engine_conserved(s) / (double)s->n_atoms;
    seen.temperature[k] = nmd_temperature_of(&s->motion, engine_kinetic(s));
    seen.pressure[k] = engine_pressure(s);
  }
  nmd_simulation_destroy(s);
}

/* No drift, and the targets, from the series just taken. */
static void check_steady(const ensemble_case *c) {
  const test_estimate drift = test_drift(seen.conserved, seen.n, 24);
  const double to_ns = seen.per_fs * 1e6, allowed = 2 * c->walk / (N_ATOMS * seen.per_fs);
  const test_estimate t = test_mean(seen.temperature, seen.n), p = test_mean(seen.pressure, seen.n);
  engine_say("  %-13s drift %9.2e +- %.1e eV/atom/ns   T %.2f +- %.2f K   P %.4f +- %.4f GPa\n", c->label,
             drift.value * to_ns, drift.error * to_ns, t.value, t.error, p.value * NMD_EV_PER_A3_TO_GPA,
             p.error * NMD_EV_PER_A3_TO_GPA);
  TEST_CHECK(fabs(drift.value) <= 3 * drift.error + allowed, "%s: drift %g +- %g eV/atom/ns", c->label,
             drift.value * to_ns, drift.error * to_ns);
  if (c->temperature > 0)
    TEST_CHECK(fabs(t.value - c->temperature) <= 3 * t.error + 1e-3 * c->temperature, "%s: T = %.2f +- %.2f K",
               c->label, t.value, t.error);
  const double target = PRESSURE_GPA / NMD_EV_PER_A3_TO_GPA;
  if (c->pressure)
    TEST_CHECK(fabs(p.value - target) <= 3 * p.error + 0.01 * target, "%s: P = %g +- %g eV/A^3", c->label, p.value,
               p.error);
}

static void check_conserved(const ensemble_case *c) {
  const double timesteps[3] = {2, STEADY_TIMESTEP, 8};
  double x[3], y[3];
  for (int k = 0; k < 3; k++) {
    sample(c, timesteps[k], SAMPLE_FS);
    x[k] = log(timesteps[k]);
    y[k] = log(test_fluctuation(seen.conserved, seen.n, (int)(1000 * seen.per_fs)));
    if (timesteps[k] == STEADY_TIMESTEP) check_steady(c);
  }
  const test_estimate slope = test_slope(x, y, 3);
  engine_say("  %-13s RMS %.2e %.2e %.2e eV/atom at 2, 4, 8 fs: exponent %.3f\n", c->label, exp(y[0]), exp(y[1]),
             exp(y[2]), slope.value);
  TEST_CHECK(fabs(slope.value - 2) <= c->order_margin, "%s: conserved quantity: exponent %.3f", c->label, slope.value);
}

static void test_conserved_and_targets(void) {
  for (int k = 0; k < N_CASES; k++)
    if (cases[k].order_margin > 0) check_conserved(&cases[k]);
}

/* ---- motion backwards ---- */

static void turn_back(const ensemble_case *c, nmd_simulation *s) {
  const nmd_ensemble_ops *ops = s->stages[0].ops;
  double state[256];
  nmd_velocities_scale(&s->motion, -1);
  ops->save(s->ensemble, state);
  for (int r = 0; r < 3; r++)
    for (int k = 0; k < c->odd[r][1]; k++) state[c->odd[r][0] + k] *= -1;
  ops->restore(s->ensemble, state);
}

static void check_reversible(const ensemble_case *c) {
  nmd_simulation *s = open_case(c, c->steady, 4, 0.1);
  engine_state start, end;
  engine_steps(s, EQUILIBRATE_FS / 4); /* far from equilibrium phase space contracts too much for doubles */
  engine_look(s, &start);
  const double before = engine_conserved(s);
  engine_steps(s, 200);
  turn_back(c, s);
  engine_steps(s, 200);
  engine_look(s, &end);
  const double x = engine_largest_difference((const double(*)[3])start.x, (const double(*)[3])end.x, start.n);
  engine_say("  %-13s 200 steps of 4 fs and back: %.1e A, %.1e eV\n", c->label, x, engine_conserved(s) - before);
  TEST_CHECK(x <= 1e-10, "%s: after 200 steps and back %g A away", c->label, x);
  TEST_NEAR(engine_conserved(s), before, 1e-10);
  engine_state_free(&start);
  engine_state_free(&end);
  nmd_simulation_destroy(s);
}

static void test_reversible(void) {
  for (int k = 0; k < N_CASES; k++)
    if (cases[k].reversible) check_reversible(&cases[k]);
}

/* A minimiser ends at rest, at lower energy, with forces below its tolerance. */
static void test_minimum(void) {
  const ensemble_case *c = &cases[N_CASES - 1];
  nmd_simulation *s = open_case(c, c->steady, 4, 0.2);
  const double before = s->totals.potential_energy;
  const nmd_ensemble_ops *ops = s->stages[0].ops;
  while (!ops->finished(s->ensemble, &s->motion) && s->counters.stage_step < 2000 && engine_steps(s, 1)) continue;
  engine_state end;
  engine_look(s, &end);
  double force = 0;
  for (int64_t i = 0; i < end.n; i++) force = fmax(force, sqrt(end.f[i][0] * end.f[i][0] + end.f[i][1] * end.f[i][1] +
                                                               end.f[i][2] * end.f[i][2]));
  engine_say("  minimise: %lld steps, %.6f -> %.6f eV, largest force %.1e eV/A\n", (long long)s->counters.step, before,
             end.potential, force);
  CU_ASSERT(force < 1e-6 && end.potential < before - 0.1 && end.kinetic == 0);
  CU_ASSERT_EQUAL(end.conserved, end.potential);
  engine_state_free(&end);
  nmd_simulation_destroy(s);
}

TEST_SUITE("contract/ensemble", TEST(test_every_entry_has_a_case), TEST(test_restart), TEST(test_reversible),
           TEST(test_minimum), TEST(test_conserved_and_targets))
