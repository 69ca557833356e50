/* SPDX-License-Identifier: BSD-3-Clause */
/* Every potential of the registry on all ranks of the job and on one: energy, virial, forces, energies and virials of
 * atoms, at the start and after some steps. The cases are those of contract/potential, repeated to 128 atoms.
 *
 * LINKS: engine */
#include "base/memory.h"
#include "build/transform.h"
#include "parallel/comm.h"
#include "potential_cases.h"
#include "support/engine.h"
#include "support/test.h"

enum { VALUES = 16, STEPS = 12 }; /* of an atom: x, f, energy, virial */

typedef struct picture {
  double energy, virial[9];
  double *atom; /* [n][VALUES] by id */
  int64_t n;
} picture;

static nmd_status make_cell(const potential_case *which, nmd_structure *out) {
  const int64_t repeat[3] = {2, 2, 2};
  nmd_structure once = {0};
  NMD_TRY(potential_case_structure(which, &once));
  const nmd_status status = nmd_structure_repeat(&once, repeat, out);
  nmd_structure_free(&once);
  return status;
}

static nmd_simulation *open_case(const potential_case *which, const nmd_comm *comm, nmd_yaml *trees[3]) {
  char text[1024];
  static const char stages[] = "[nve: {steps: 100, timestep: 0.5 fs, velocities: 50 K}]";
  nmd_structure cell = {0};
  nmd_input input;
  nmd_simulation *s = NULL;
  potential_case_text(which, text, sizeof text);
  if (!TEST_OK(nmd_yaml_parse("case", text, strlen(text), &trees[0])) ||
      !TEST_OK(nmd_yaml_parse("stages", stages, strlen(stages), &trees[1])) ||
      !TEST_OK(nmd_yaml_parse("groups", POTENTIAL_CASE_GROUPS, strlen(POTENTIAL_CASE_GROUPS), &trees[2])) ||
      !TEST_OK(make_cell(which, &cell)) ||
      !TEST_OK(nmd_input_compose(nmd_yaml_root(trees[0]), nmd_yaml_root(trees[1]), 7, &input)))
    return NULL;
  if (strstr(text, "groups:") != NULL) input.groups = nmd_yaml_root(trees[2]);
  const nmd_status status = nmd_simulation_create_with(comm, &input, &cell, &s);
  nmd_structure_free(&cell);
  test_check(status == NMD_OK, __FILE__, __LINE__, "%s: %s", which->label, nmd_error_text());
  if (s == NULL || !TEST_OK(nmd_simulation_rebuild(s)) || !TEST_OK(nmd_simulation_forces(s)) ||
      !TEST_OK(nmd_stage_begin(s, 0))) {
    nmd_simulation_destroy(s);
    return NULL;
  }
  return s;
}

static void look(nmd_simulation *s, picture *out) {
  s->wants = NMD_WANT_ATOM_ENERGY | NMD_WANT_ATOM_VIRIAL;
  TEST_OK(nmd_simulation_forces(s));
  s->wants = 0;
  out->n = s->n_atoms;
  out->energy = s->totals.potential_energy;
  memcpy(out->virial, s->totals.virial, sizeof out->virial);
  TEST_OK(NMD_ALLOC(out->atom, VALUES * s->n_atoms));
  for (int i = 0; i < s->atoms.n_owned; i++) {
    double *to = out->atom + VALUES * (s->atoms.id[i] - 1);
    for (int a = 0; a < 3; a++) {
      to[a] = s->atoms.x[3 * i + a];
      for (int k = 0; k < 3; k++) to[a] += s->atoms.image[3 * i + k] * s->box.h[k][a];
    }
    memcpy(to + 3, s->atoms.f + 3 * i, 3 * sizeof *to);
    to[6] = s->atom_energy[i];
    memcpy(to + 7, s->atom_virial[i], 9 * sizeof *to);
  }
  nmd_comm_sum(s->comm, out->atom, VALUES * (int)s->n_atoms);
}

static double worst;

static void compare(const char *label, int step, const picture *one, const picture *all) {
  static const int first[5] = {0, 3, 6, 7, VALUES};
  static const char *const name[4] = {"positions", "forces", "energies", "virials"};
  double size = 1;
  for (int64_t k = 0; k < VALUES * one->n; k++)
    if (k % VALUES >= 3) size = fmax(size, fabs(one->atom[k]));
  TEST_NEAR(all->energy, one->energy, 1e-11 * (fabs(one->energy) + size));
  for (int k = 0; k < 9; k++) TEST_NEAR(all->virial[k], one->virial[k], 1e-10 * (double)one->n * size);
  for (int kind = 0; kind < 4; kind++) {
    double apart = 0;
    for (int64_t i = 0; i < one->n; i++)
      for (int k = first[kind]; k < first[kind + 1]; k++)
        apart = fmax(apart, fabs(all->atom[VALUES * i + k] - one->atom[VALUES * i + k]));
    worst = fmax(worst, apart / size);
    TEST_CHECK(apart <= 1e-10 * size, "%s, step %d: %s are %g apart (largest value %g)", label, step, name[kind], apart,
               size);
  }
}

/* The serial run is rank 0's; all compare with it. */
static void share(picture *seen) {
  nmd_comm_broadcast(TEST_COMM, &seen->n, sizeof seen->n, 0);
  nmd_comm_broadcast(TEST_COMM, &seen->energy, sizeof seen->energy, 0);
  nmd_comm_broadcast(TEST_COMM, seen->virial, sizeof seen->virial, 0);
  if (seen->atom == NULL) TEST_OK(NMD_ALLOC(seen->atom, VALUES * seen->n));
  nmd_comm_broadcast(TEST_COMM, seen->atom, (size_t)(VALUES * seen->n) * sizeof *seen->atom, 0);
}

static void run_case(const potential_case *which, const nmd_comm *single) {
  nmd_yaml *trees[2][3] = {{NULL}};
  const bool root = nmd_comm_rank(TEST_COMM) == 0;
  nmd_simulation *serial = root ? open_case(which, single, trees[0]) : NULL;
  nmd_simulation *ours = open_case(which, TEST_COMM, trees[1]);
  double ready = ours != NULL && (serial != NULL || !root);
  nmd_comm_min(TEST_COMM, &ready, 1);
  for (int step = 0; step <= STEPS && ready > 0; step += STEPS) {
    picture one = {0}, all = {0};
    if (step > 0 && root) engine_steps(serial, STEPS);
    if (step > 0) engine_steps(ours, STEPS);
    if (root) look(serial, &one);
    look(ours, &all);
    share(&one);
    compare(which->label, step, &one, &all);
    nmd_free(one.atom);
    nmd_free(all.atom);
  }
  nmd_simulation_destroy(serial);
  nmd_simulation_destroy(ours);
  for (int k = 0; k < 6; k++) nmd_yaml_destroy(trees[k / 3][k % 3]);
}

/* One network is enough: the others differ in functions, not in what ranks share. */
static bool differs(const potential_case *which) {
  return strcmp(which->name, "nnp") != 0 || strcmp(which->label, "Au-Li") == 0;
}

static void test_all(void) {
  nmd_comm *single;
  if (!TEST_OK(nmd_comm_alone(&single))) return;
  for (int k = 0; k < n_potential_cases; k++)
    if (differs(&potential_cases[k])) run_case(&potential_cases[k], single);
  engine_say("  %d cases, 1 and %d ranks: at most %.1e of the largest value apart\n", n_potential_cases,
             nmd_comm_size(TEST_COMM), worst);
  nmd_comm_free(single);
}

TEST_SUITE("contract/mpi_potential", TEST(test_all))
