/* SPDX-License-Identifier: BSD-3-Clause */
/* One rank and all ranks of the job compute the same physics: energies and forces of the first step, and trajectories
 * atom by atom. Solids stay cool, so that rounding (1e-15) has no time to grow to the tolerance.
 *
 * LINKS: engine */
#include "base/memory.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/test.h"

enum part { LENNARD_JONES, NNP_CRYSTAL, NNP_SLAB, NNP_CLUSTER, PAIR, COULOMB, FEW_ATOMS, GROUPED, OTHERS };

typedef struct engine_case {
  enum part part; /* the test that runs it */
  const char *label;
  const char *potential;
  engine_crystal crystal;
  const char *extra; /* further sections of the input */
  int n_stages;
  const char *stages[4];
} engine_case;

#define PAIR_TERMS                                                                                                     \
  "sum: {terms: [{morse: {cutoff: 6, pairs: [{elements: [Li, F], depth: 0.8, alpha: 1.6, distance: 2.4}]}}, "          \
  "{screened_coulomb: {cutoff: 5, ions: [{element: Li, charge: 0.8}, {element: F, charge: -0.8, radius: 1.33}]}}]}"
#define IONIC                                                                                                          \
  "sum: {terms: [{buckingham: {cutoff: 6, pairs: [{elements: [Li, F], A: 900, rho: 0.27}]}}, {spme: {cutoff: 6, ions: "   \
  "[{element: Li, charge: 1}, {element: F, charge: -1}]}}]}"
#define SILICON                                                                                                        \
  "stillinger_weber: {pairs: [{elements: [Si, Si], epsilon: 2.1683, sigma: 2.0951}], triples: [{elements: [Si, Si, Si]}]}"
#define LENGTH "steps: 200, timestep: 2 fs, velocities: 100 K"
#define NVE "nve: {" LENGTH "}"
#define LANGEVIN "nvt: {" LENGTH ", temperature: 100 K, thermostat: langevin, tau: 100 fs}"
#define CSVR "nvt: {" LENGTH ", temperature: 120 K, thermostat: csvr, tau: 50 fs}"
#define DRIVEN                                                                                                         \
  "field: {" LENGTH ", field: 0.05, direction: [1, 0, 1], temperature: 100 K, charges: [{element: Li, charge: 1}]}"
#define TWO_BATHS                                                                                                      \
  "nvt: {" LENGTH ", temperature: 80 K, tau: 50 fs, groups: [{group: hot, temperature: 120 K, thermostat: langevin}]}"
#define NPT "npt: {" LENGTH ", temperature: 100 K, pressure: 0.5 GPa, tau_p: 200 fs}"
#define NPT_FREE \
  "npt: {" LENGTH ", temperature: 100 K, pressure: 0.5 GPa, tau_p: 200 fs, coupling: anisotropic, thermostat: langevin}"
#define NPT_PLANE \
  "npt: {" LENGTH ", temperature: 100 K, coupling: semi-isotropic, tau_p: 200 fs, axes: [true, true, false]}"
#define LBFGS "minimise: {method: lbfgs, max_steps: 200, cell: triclinic, pressure: 0.5 GPa, force_tolerance: 1e-6}"
#define DEFORM                                                                                                         \
  "deform: {" LENGTH ", strain: [0.03, 0, 0], shear_strain: [0, 0.02, 0], temperature: 100 K, relax: [false, true, true]}"
#define CHAIN "nose_hoover: {" LENGTH ", temperature: 100 K, tau: 50 fs}"
#define MTK "mtk: {" LENGTH ", temperature: 100 K, pressure: 0.5 GPa, tau: 50 fs, tau_p: 200 fs, coupling: triclinic}"
#define NPT_LOAD                                                                                                       \
  "npt: {" LENGTH ", temperature: 100 K, tau_p: 200 fs, coupling: triclinic, extra_pressure: [0, 0, 1 GPa], "          \
  "shear_pressure: [0, 0.2 GPa, 0]}"
#define SHORT "nve: {" LENGTH ", largest_move: 0.01 A, on_large_move: shorten}"
#define HOT "nve: {steps: 200, timestep: 4 fs, velocities: 1500 K}"
#define AU_LI(na, nb, nc) .sites = "b2", .a = 3.15, .cells = {na, nb, nc}, .z = {79, 3}, .rattle = 0.03

#define FLOOR "{lennard_jones: {epsilon: 0.05, sigma: 2.6, cutoff: 6}}"

static const engine_case cases[] = {
    {LENNARD_JONES,
     "LJ crystal",
     ENGINE_LJ,
     {.sites = "fcc", .a = 5.3, .cells = {4, 4, 4}, .z = {18}, .rattle = 0.05},
     "",
     4,
     {NVE, LANGEVIN, CSVR, NPT}},
    {LENNARD_JONES,
     "LJ, no skin, not balanced",
     ENGINE_LJ,
     {.sites = "fcc", .a = 5.3, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.05},
     "parallel: {skin: 0 A, balance: false}",
     1,
     {NVE}},
    {LENNARD_JONES,
     "LJ gas, atoms change ranks",
     ENGINE_LJ,
     {.sites = "fcc", .a = 8.5, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.3, .shear = 0.2},
     "parallel: {skin: 0.5 A}",
     1,
     {HOT}},
    {NNP_CRYSTAL, "Au-Li", ENGINE_AU_LI, {AU_LI(3, 3, 3)}, "", 4, {NVE, LANGEVIN, CSVR, NPT}},
    {NNP_CRYSTAL,
     "Au-Li, triclinic",
     ENGINE_AU_LI,
     {AU_LI(3, 3, 2), .shear = 0.15},
     "",
     4,
     {NVE, NPT_FREE, LBFGS, DEFORM}},
    {NNP_CRYSTAL,
     "Au-Li, thin",
     ENGINE_AU_LI,
     {AU_LI(2, 1, 1), .shear = 0.1},
     "parallel: {skin: 0.3 A}",
     1,
     {LANGEVIN}},
    {NNP_SLAB,
     "Au-Li slab with vacuum",
     ENGINE_AU_LI,
     {AU_LI(2, 2, 4), .vacuum = {0, 0, 12}},
     "",
     2,
     {CSVR, NPT_PLANE}},
    {NNP_SLAB,
     "Au-Li slab, open",
     ENGINE_AU_LI,
     {AU_LI(2, 2, 4), .vacuum = {0, 0, 4}, .open = {false, false, true}},
     "",
     1,
     {LANGEVIN}},
    {NNP_CLUSTER,
     "Au-Li cluster, open",
     ENGINE_AU_LI,
     {AU_LI(3, 3, 3), .vacuum = {1, 1, 1}, .open = {true, true, true}, .shear = 0.1},
     "",
     2,
     {NVE, LANGEVIN}},
    {PAIR,
     "Morse and Coulomb",
     PAIR_TERMS,
     {.sites = "b2", .a = 2.9, .cells = {4, 3, 3}, .z = {3, 9}, .rattle = 0.03, .shear = 0.1},
     "",
     3,
     {NVE, NPT, DRIVEN}},
    {PAIR,
     "Stillinger-Weber, 3 threads",
     SILICON,
     {.sites = "fcc", .a = 4.1, .cells = {3, 2, 2}, .z = {14}, .rattle = 0.02},
     "parallel: {threads: 3}",
     1,
     {NVE}},
    {COULOMB,
     "Born-Mayer and SPME",
     IONIC,
     {.sites = "b2", .a = 2.5, .cells = {4, 3, 3}, .z = {3, 9}, .rattle = 0.03, .shear = 0.1},
     "",
     2,
     {NVE, NPT}},
    {GROUPED,
     "Li among Ar",
     "sum: {among: [Li, all], terms: [{" ENGINE_AU_LI "}, {lennard_jones: {epsilon: 0.02, sigma: 2.6, cutoff: 6}}]}",
     {.sites = "b2", .a = 3.4, .cells = {4, 4, 3}, .z = {3, 18}, .rattle = 0.03, .shear = 0.1},
     "",
     2,
     {NVE, NPT}},
    {FEW_ATOMS,
     "LJ pair",
     ENGINE_LJ,
     {.sites = "b2", .a = 4.3, .cells = {1, 1, 1}, .z = {18, 18}, .vacuum = {20, 20, 20}},
     "",
     1,
     {NVE}},
    {FEW_ATOMS, "LJ atom", ENGINE_LJ, {.sites = "sc", .a = 3.8, .cells = {1, 1, 1}, .z = {18}}, "", 1, {NPT}},
    {GROUPED,
     "one potential a group",
     "sum: {groups: [film, all, film], weights: [1, 1, -1], terms: [{" ENGINE_AU_LI "}, " FLOOR ", " FLOOR "]}",
     {AU_LI(3, 3, 4), .shear = 0.1},
     "groups: [{name: film, axis: c, from: 6 A}]",
     2,
     {NVE, NPT}},
    {GROUPED,
     "LJ, groups",
     ENGINE_LJ,
     {.sites = "fcc", .a = 5.3, .cells = {4, 4, 4}, .z = {18}, .rattle = 0.05},
     "groups:\n  - {name: floor, axis: c, to: 4 A, frozen: true}\n  - {name: hot, axis: c, from: 12 A}\n",
     2,
     {TWO_BATHS, NPT}},
    {OTHERS,
     "LJ, others",
     ENGINE_LJ,
     {.sites = "fcc", .a = 5.3, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.05},
     "",
     4,
     {CHAIN, MTK, NPT_LOAD, SHORT}},
};

static double largest_of_all; /* position, A */

static bool alone(void) { return nmd_comm_rank(TEST_COMM) == 0; }

static void compare(const char *label, const char *when, const engine_state *one, const engine_state *all) {
  const double x = engine_largest_difference((const double(*)[3])one->x, (const double(*)[3])all->x, one->n);
  const double f = engine_largest_difference((const double(*)[3])one->f, (const double(*)[3])all->f, one->n);
  const double v = engine_largest_difference((const double(*)[3])one->v, (const double(*)[3])all->v, one->n);
  const double energy = fabs(one->potential - all->potential) / (double)one->n;
  const double kept = fabs(one->conserved - all->conserved) / (double)one->n;
  engine_say("  %-26s %-6s x %.1e A  v %.1e A/fs  f %.1e eV/A  E %.1e eV/atom  conserved %.1e\n", label, when, x, v, f,
             energy, kept);
  TEST_CHECK(x <= 1e-9, "%s, %s: positions differ by %g A", label, when, x);
  TEST_CHECK(v <= 1e-10, "%s, %s: velocities differ by %g A/fs", label, when, v);
  TEST_CHECK(f <= 1e-8, "%s, %s: forces differ by %g eV/A", label, when, f);
  TEST_CHECK(energy <= 1e-10 && kept <= 1e-10, "%s, %s: energies differ by %g, %g eV/atom", label, when, energy, kept);
  TEST_CHECK(fabs(one->box.volume - all->box.volume) <= 1e-10 * one->box.volume, "%s, %s: volumes", label, when);
  TEST_CHECK(fabs(one->pressure - all->pressure) <= 1e-10, "%s, %s: pressures %g", label, when,
             one->pressure - all->pressure);
  if (!(x <= largest_of_all)) largest_of_all = x;
}

/* Many more ranks than cores take turns: a shorter run then. */
static int64_t length_here(const nmd_simulation *s) {
  return nmd_comm_size(TEST_COMM) > 16 ? 40 : s->stages[0].steps;
}

/* Rank 0 alone, then all ranks: states at the start and after the stage. */
static void run_both(const engine_case *c, const char *input, nmd_comm *single) {
  engine_state one[2] = {{0}}, all[2] = {{0}};
  const char *when[2] = {"start", "end"};
  nmd_simulation *ours = engine_open(TEST_COMM, input);
  nmd_simulation *serial = alone() ? engine_open(single, input) : NULL;
  if (ours == NULL || (alone() && serial == NULL)) return;
  for (int k = 0; k < 2; k++) {
    if (k == 1 && alone()) engine_steps(serial, length_here(serial));
    if (alone()) engine_look(serial, &one[k]);
    engine_state_share(TEST_COMM, 0, &one[k]);
    if (k == 1 && !engine_steps(ours, length_here(ours))) break;
    engine_look(ours, &all[k]);
    TEST_EQUAL_INT(all[k].n, one[k].n);
    compare(c->label, when[k], &one[k], &all[k]);
  }
  if (alone()) TEST_CHECK(serial->counters.rebuilds == ours->counters.rebuilds, "%s: lists built", c->label);
  for (int k = 0; k < 2; k++) {
    engine_state_free(&one[k]);
    engine_state_free(&all[k]);
  }
  nmd_simulation_destroy(serial);
  nmd_simulation_destroy(ours);
}

static void run_case(const engine_case *c) {
  nmd_comm *single;
  if (!TEST_OK(nmd_comm_split(TEST_COMM, nmd_comm_rank(TEST_COMM), &single))) return;
  engine_write_crystal(&c->crystal, "start.extxyz");
  for (int k = 0; k < c->n_stages; k++) {
    const char *input =
        engine_write_input("input.yaml",
                           "seed: 5\nstructure: {file: start.extxyz}\npotential:\n  %s\nstages:\n  - %s\n%s\n",
                           c->potential, c->stages[k], c->extra);
    char label[64];
    engine_case shown = *c;
    snprintf(label, sizeof label, "%s, %.3s %d", c->label, c->stages[k], k + 1);
    shown.label = label;
    run_both(&shown, input, single);
    nmd_comm_barrier(TEST_COMM); /* nobody writes the next input while another reads this one */
  }
  nmd_comm_free(single);
}

static void run_part(enum part part) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    if (cases[k].part == part) run_case(&cases[k]);
  engine_say("  largest difference of a position so far: %.2e A on %d ranks\n", largest_of_all,
             nmd_comm_size(TEST_COMM));
}

static void test_lennard_jones(void) { run_part(LENNARD_JONES); }
static void test_nnp_crystal(void) { run_part(NNP_CRYSTAL); }
static void test_nnp_slab(void) { run_part(NNP_SLAB); }
static void test_nnp_cluster(void) { run_part(NNP_CLUSTER); }
static void test_pair_terms(void) { run_part(PAIR); }
static void test_spme(void) { run_part(COULOMB); }
static void test_few_atoms(void) { run_part(FEW_ATOMS); }
static void test_groups(void) { run_part(GROUPED); }
static void test_others(void) { run_part(OTHERS); }

/* Monte Carlo, bands and the client of i-PI have tests of their own at several ranks (simulation/mpi_monte_carlo,
 * mpi_neb, ipi). */
static void test_every_ensemble_is_here(void) {
  for (int k = 0; nmd_ensemble_registry[k] != NULL; k++) {
    const char *name = nmd_ensemble_registry[k]->name;
    bool found = strcmp(name, "monte_carlo") == 0 || strcmp(name, "neb") == 0 || strcmp(name, "ipi") == 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
      for (int stage = 0; stage < cases[c].n_stages; stage++)
        found = found || (strncmp(cases[c].stages[stage], name, strlen(name)) == 0 &&
                          cases[c].stages[stage][strlen(name)] == ':');
    TEST_CHECK(found, "no case for ensemble %s", name);
  }
}

/* ---- restart ---- */

static void check_same_bits(const char *stage, const nmd_simulation *a, const nmd_simulation *b) {
  const size_t bytes = (size_t)a->atoms.n_owned * 3 * sizeof(double);
  if (!TEST_CHECK(a->atoms.n_owned == b->atoms.n_owned, "%s: %d and %d atoms", stage, a->atoms.n_owned,
                  b->atoms.n_owned))
    return;
  TEST_CHECK(memcmp(a->atoms.x, b->atoms.x, bytes) == 0 && memcmp(a->atoms.v, b->atoms.v, bytes) == 0 &&
                 memcmp(a->atoms.f, b->atoms.f, bytes) == 0, "%s: atoms differ after the restart", stage);
  TEST_CHECK(memcmp(&a->box, &b->box, sizeof a->box) == 0, "%s: cells differ after the restart", stage);
  const double one = engine_conserved(a), two = engine_conserved(b);
  TEST_CHECK(memcmp(&one, &two, sizeof one) == 0, "%s: conserved %.17g and %.17g", stage, one, two);
}

/* At the same layout a run that stops at half and goes on has the bits of the whole run, on every rank. */
static void check_restart(const char *stage, int threads) {
  const engine_crystal crystal = {AU_LI(3, 3, 2), .shear = 0.1};
  engine_write_crystal(&crystal, "start.extxyz");
  const char *input = engine_write_input("input.yaml",
                                         "seed: 2\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n"
                                         "  %s\nstages:\n  - %s\nparallel: {skin: 0.2 A, threads: %d}\n",
                                         test_folder(), ENGINE_AU_LI, stage, threads);
  nmd_simulation *whole = engine_open(TEST_COMM, input), *first = engine_open(TEST_COMM, input), *second = NULL;
  if (engine_steps(whole, 60) && engine_steps(first, 30) && TEST_OK(nmd_state_save(first)) &&
      TEST_OK(engine_create(TEST_COMM, input, &second)) &&
      TEST_OK(nmd_state_load(second, first->checkpoint_path, NULL))) {
    engine_steps(second, 30);
    check_same_bits(stage, whole, second);
  }
  nmd_simulation_destroy(whole);
  nmd_simulation_destroy(first);
  nmd_simulation_destroy(second);
  nmd_comm_barrier(TEST_COMM);
}

static void test_restart(void) {
  check_restart("nve: {steps: 200, timestep: 4 fs, velocities: 600 K}", 1);
  check_restart(LANGEVIN, 1);
  check_restart(NPT, 2);
}

/* ---- threads ---- */

/* Energies, forces and virials of every atom as evaluated at the start, by id. */
typedef struct atom_values {
  int64_t n;
  double *value; /* [n][13]: force, energy, virial */
} atom_values;
enum { VALUES = 13 };

static void look_at_atoms(nmd_simulation *s, atom_values *out) {
  out->n = s->n_atoms;
  TEST_OK(NMD_ALLOC(out->value, VALUES * s->n_atoms));
  s->wants = NMD_WANT_ATOM_ENERGY | NMD_WANT_ATOM_VIRIAL;
  TEST_OK(nmd_simulation_forces(s));
  for (int i = 0; i < s->atoms.n_owned; i++) {
    double *to = &out->value[VALUES * (s->atoms.id[i] - 1)];
    memcpy(to, &s->atoms.f[3 * i], 3 * sizeof *to);
    to[3] = s->atom_energy[i];
    memcpy(to + 4, s->atom_virial[i], 9 * sizeof *to);
  }
  nmd_comm_sum(s->comm, out->value, VALUES * (int)s->n_atoms);
}

static const char *thread_input(const char *potential, int threads) {
  return engine_write_input("input.yaml",
                            "seed: 5\noutput_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\n"
                            "stages:\n  - " NVE "\nparallel: {threads: %d}\n",
                            test_folder(), potential, threads);
}

/* The same bits in every run of one layout, and those of one thread but for the order of sums. */
static void check_threads(const char *potential, int threads, const atom_values *one) {
  atom_values all[2] = {{0}};
  nmd_simulation *s[2];
  for (int k = 0; k < 2; k++) {
    s[k] = engine_open(TEST_COMM, thread_input(potential, threads));
    if (s[k] == NULL) return;
    TEST_EQUAL_INT(s[k]->threads, threads);
    look_at_atoms(s[k], &all[k]);
    engine_steps(s[k], 12);
  }
  check_same_bits("threads", s[0], s[1]);
  CU_ASSERT(memcmp(all[0].value, all[1].value, VALUES * (size_t)one->n * sizeof(double)) == 0);
  double largest = 0;
  for (int64_t k = 0; k < VALUES * one->n; k++) largest = fmax(largest, fabs(all[0].value[k] - one->value[k]));
  engine_say("  %d ranks of %d threads: largest difference %.1e\n", nmd_comm_size(TEST_COMM), threads, largest);
  TEST_CHECK(largest < 1e-11, "%d threads: forces, energies, virials differ by %g", threads, largest);
  for (int k = 0; k < 2; k++) {
    nmd_simulation_destroy(s[k]);
    nmd_free(all[k].value);
  }
}

static void test_threads(void) {
  static const struct {
    const char *potential;
    engine_crystal crystal;
  } systems[] = {{ENGINE_AU_LI, {AU_LI(4, 3, 3), .shear = 0.1}},
                 {ENGINE_AU_LI, {AU_LI(3, 3, 2), .vacuum = {0, 0, 9}, .open = {false, false, true}}},
                 {ENGINE_LJ, {.sites = "fcc", .a = 5.3, .cells = {3, 3, 3}, .z = {18}, .rattle = 0.05}}};
  for (int k = 0; k < NMD_COUNT(systems); k++) {
    engine_write_crystal(&systems[k].crystal, "start.extxyz");
    atom_values one = {0};
    nmd_simulation *serial = engine_open(TEST_COMM, thread_input(systems[k].potential, 1));
    if (serial == NULL) continue;
    look_at_atoms(serial, &one);
    for (int threads = 2; threads <= 5; threads += 3) check_threads(systems[k].potential, threads, &one);
    nmd_simulation_destroy(serial);
    nmd_free(one.value);
  }
}

/* ---- balance ---- */

static double imbalance_after(const char *extra, int64_t *moves) {
  const char *input =
      engine_write_input("input.yaml",
                         "seed: 5\nstructure: {file: start.extxyz}\npotential:\n  %s\nstages:\n  - nve: {steps: "
                         "200, timestep: 2 fs, velocities: 300 K}\nparallel: {skin: 0.1 A, grid: [1, 1, %d]%s}\n",
                         ENGINE_AU_LI, nmd_comm_size(TEST_COMM), extra);
  double imbalance = 0;
  nmd_simulation *s = engine_open(TEST_COMM, input);
  if (s == NULL) return imbalance;
  engine_steps(s, 20);
  TEST_OK(nmd_simulation_imbalance(s, &imbalance));
  *moves = s->balance.moves;
  nmd_simulation_destroy(s);
  return imbalance;
}

/* A slab in vacuum, cut across: equal bricks leave ranks with little to do, moved planes level the cost. */
static void test_balance(void) {
  const engine_crystal crystal = {AU_LI(3, 3, 16), .vacuum = {0, 0, 30}};
  int64_t moves[2];
  const int ranks = nmd_comm_size(TEST_COMM);
  engine_write_crystal(&crystal, "start.extxyz");
  const double level = imbalance_after("", &moves[0]), equal = imbalance_after(", balance: false", &moves[1]);
  engine_say("  counted cost, max / mean: %.3f with equal bricks, %.3f after %lld moves\n", equal, level,
             (long long)moves[0]);
  TEST_EQUAL_INT(moves[1], 0);
  TEST_CHECK(ranks == 1 ? level == 1.0 : level < 1.2, "imbalance %g", level);
  if (ranks > 2) TEST_CHECK(equal > 1.2, "equal bricks: %g", equal);
}

/* A grid that does not fit the ranks is refused before anything starts, on all ranks alike. */
static void test_wrong_grid(void) {
  const engine_crystal crystal = {.sites = "fcc", .a = 5.3, .cells = {2, 2, 2}, .z = {18}};
  engine_write_crystal(&crystal, "start.extxyz");
  const char *input = engine_write_input("input.yaml",
                                         "structure: {file: start.extxyz}\npotential:\n  %s\nstages:\n  - %s\n"
                                         "parallel: {grid: [%d, 1, 2]}\n",
                                         ENGINE_LJ, NVE, nmd_comm_size(TEST_COMM));
  nmd_simulation *s;
  TEST_FAILS(engine_create(TEST_COMM, input, &s), NMD_DECOMPOSITION);
  TEST_CONTAINS(nmd_error_text(), "input.yaml:6");
  CU_ASSERT_PTR_NULL(s);
}

TEST_SUITE("contract/mpi_simulation", TEST(test_lennard_jones), TEST(test_nnp_crystal), TEST(test_nnp_slab),
           TEST(test_nnp_cluster), TEST(test_pair_terms), TEST(test_spme), TEST(test_groups), TEST(test_others),
           TEST(test_every_ensemble_is_here), TEST(test_few_atoms), TEST(test_restart), TEST(test_threads),
           TEST(test_balance), TEST(test_wrong_grid))
