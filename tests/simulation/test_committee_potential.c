/* SPDX-License-Identifier: BSD-3-Clause */
/* The potential of a committee in the engine: mean energy, forces and virial against the members as potentials of their
 * own, spread of the atoms' energies, one member alone, and all of it with threads. LINKS: engine reference */
#include <sys/stat.h>

#include "base/memory.h"
#include "support/engine.h"
#include "support/model_folder.h"
#include "support/test.h"

enum { MEMBERS = 3 };

static void make_committee(void) {
  char member[64];
  mkdir(test_path("committee"), 0777);
  for (int k = 1; k <= MEMBERS; k++) {
    snprintf(member, sizeof member, "committee/%d", k);
    model_folder_copy("012-all-types-sorted", test_path(member), 0.7 + 0.1 * k);
  }
}

static nmd_simulation *open_crystal(const char *model) {
  const engine_crystal crystal = {.sites = "b2", .a = 3.2, .cells = {4, 4, 4}, .z = {3, 79}, .rattle = 0.1};
  engine_write_crystal(&crystal, "crystal.extxyz");
  return engine_open(TEST_COMM, engine_write_input("input.yaml",
                                                   "output_folder: %s/out\nstructure: {file: crystal.extxyz}\n"
                                                   "potential: {nnp: {folder: '%s/committee%s', length_unit: A, "
                                                   "energy_unit: eV}}\nstages:\n  - nve: {steps: 1, timestep: 1 fs}\n",
                                                   test_folder(), test_folder(), model));
}

typedef struct answer {
  nmd_potential_partial partial;
  int n;
} answer;

static answer ask(nmd_simulation *s, int member, int threads) {
  answer a = {.n = s->atoms.n_owned + s->atoms.n_ghost};
  nmd_potential_partial *p = &a.partial;
  const nmd_potential_input input = {.atoms = &s->atoms,
                                     .list = &s->list,
                                     .want_atom_energy = true,
                                     .want_atom_sigma = true,
                                     .member = member,
                                     .threads = threads};
  TEST_OK(NMD_ALLOC(p->force, a.n));
  TEST_OK(NMD_ALLOC(p->atom_energy, a.n));
  TEST_OK(NMD_ALLOC(p->atom_sigma, a.n));
  TEST_OK(s->potential.ops->compute(s->potential.self, &input, p));
  return a;
}

static void answer_free(answer *a) {
  nmd_free(a->partial.force);
  nmd_free(a->partial.atom_energy);
  nmd_free(a->partial.atom_sigma);
}

static void compare(const answer *a, const answer *b, double tolerance) {
  TEST_NEAR(a->partial.energy, b->partial.energy, 100 * tolerance);
  for (int k = 0; k < 9; k++)
    TEST_NEAR(a->partial.virial[k / 3][k % 3], b->partial.virial[k / 3][k % 3], 100 * tolerance);
  for (int i = 0; i < a->n; i++) {
    for (int d = 0; d < 3; d++) TEST_NEAR(a->partial.force[i][d], b->partial.force[i][d], tolerance);
    TEST_NEAR(a->partial.atom_energy[i], b->partial.atom_energy[i], tolerance);
  }
}

/* Mean and spread of the members' answers, by hand. */
static answer combine(const answer *members) {
  answer a = {.n = members[0].n};
  nmd_potential_partial *p = &a.partial;
  TEST_OK(NMD_ALLOC(p->force, a.n));
  TEST_OK(NMD_ALLOC(p->atom_energy, a.n));
  TEST_OK(NMD_ALLOC(p->atom_sigma, a.n));
  for (int k = 0; k < MEMBERS; k++) {
    const nmd_potential_partial *m = &members[k].partial;
    p->member_energy[k] = m->energy;
    p->energy += m->energy / MEMBERS;
    for (int v = 0; v < 9; v++) p->virial[v / 3][v % 3] += m->virial[v / 3][v % 3] / MEMBERS;
    for (int i = 0; i < a.n; i++) {
      p->atom_energy[i] += m->atom_energy[i] / MEMBERS;
      for (int d = 0; d < 3; d++) p->force[i][d] += m->force[i][d] / MEMBERS;
    }
  }
  for (int i = 0; i < a.n; i++) {
    double squares = 0.0;
    for (int k = 0; k < MEMBERS; k++) squares += pow(members[k].partial.atom_energy[i] - p->atom_energy[i], 2.0);
    p->atom_sigma[i] = sqrt(squares / (MEMBERS - 1));
  }
  return a;
}

static void check_spread(const answer *a, const answer *b, int n_owned, double tolerance) {
  for (int i = 0; i < n_owned; i++) {
    TEST_NEAR(a->partial.atom_sigma[i], b->partial.atom_sigma[i], tolerance);
    CU_ASSERT(a->partial.atom_sigma[i] > 1e-4);
  }
  for (int k = 0; k < MEMBERS; k++)
    TEST_NEAR(a->partial.member_energy[k], b->partial.member_energy[k], 100 * tolerance);
}

static void test_committee(void) {
  answer members[MEMBERS];
  make_committee();
  for (int k = 0; k < MEMBERS; k++) {
    char name[8];
    snprintf(name, sizeof name, "/%d", k + 1);
    nmd_simulation *alone = open_crystal(name);
    if (alone == NULL) return;
    TEST_EQUAL_INT(nmd_potential_members(&alone->potential), 1);
    members[k] = ask(alone, 0, 1);
    nmd_simulation_destroy(alone);
  }
  nmd_simulation *s = open_crystal("");
  if (s == NULL) return;
  TEST_EQUAL_INT(nmd_potential_members(&s->potential), MEMBERS);
  answer expected = combine(members);
  for (int threads = 1; threads <= 3; threads++) {
    answer mean = ask(s, 0, threads);
    compare(&mean, &expected, 1e-12);
    check_spread(&mean, &expected, s->atoms.n_owned, 1e-12);
    answer_free(&mean);
    for (int k = 0; k < MEMBERS; k++) {
      answer one = ask(s, k + 1, threads);
      compare(&one, &members[k], 1e-12);
      answer_free(&one);
    }
  }
  answer_free(&expected);
  for (int k = 0; k < MEMBERS; k++) answer_free(&members[k]);
  nmd_simulation_destroy(s);
}

TEST_SUITE("simulation/committee_potential", TEST(test_committee))
