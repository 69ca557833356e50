/* SPDX-License-Identifier: BSD-3-Clause */
/* The reciprocal part against the plain sum over modes, in slanted and left-handed cells, with atoms dealt out to the
 * ranks in any way. */
#include "base/memory.h"
#include "base/random.h"
#include "base/units.h"
#include "base/vec3.h"
#include "electrostatics/spme.h"
#include "parallel/comm.h"
#include "support/test.h"

#define PI 3.14159265358979323846
enum { ATOMS = 24 };

typedef struct scene {
  nmd_box box;
  double x[ATOMS][3], q[3];
  int32_t species[ATOMS];
} scene;

typedef struct answer {
  double energy, virial[9], force[ATOMS][3], atom_energy[ATOMS], atom_virial[ATOMS][9];
} answer;

static void make_scene(scene *s, const double h[3][3], double last_charge) {
  const double q[3] = {2, -1, last_charge};
  TEST_OK(nmd_box_init(&s->box, h, NULL, NULL));
  memcpy(s->q, q, sizeof q);
  for (int i = 0; i < ATOMS; i++) {
    double g[3];
    nmd_random_normal3(11, NMD_STREAM_TEST, 0, i, 0, g);
    s->species[i] = i % 3;
    nmd_box_to_cartesian(&s->box, g, s->x[i]); /* also outside the cell */
    for (int a = 0; a < 3; a++) g[a] -= floor(g[a]);
    if (i % 2 == 0) nmd_box_to_cartesian(&s->box, g, s->x[i]);
  }
}

/* One mode added to everything. */
static void add_mode(const scene *s, double alpha, const double m[3], answer *sum) {
  double re = 0, im = 0, c[ATOMS], n[ATOMS];
  const double m2 = nmd_dot(m, m), decay = PI * PI / (alpha * alpha);
  const double strength = NMD_COULOMB / (2 * PI * s->box.volume) * exp(-decay * m2) / m2;
  for (int i = 0; i < ATOMS; i++) {
    c[i] = s->q[s->species[i]] * cos(2 * PI * nmd_dot(m, s->x[i]));
    n[i] = s->q[s->species[i]] * sin(2 * PI * nmd_dot(m, s->x[i]));
    re += c[i];
    im += n[i];
  }
  for (int i = 0; i < ATOMS; i++) {
    const double own = strength * (c[i] * re + n[i] * im);
    sum->energy += own;
    sum->atom_energy[i] += own;
    for (int a = 0; a < 3; a++) {
      sum->force[i][a] += strength * 4 * PI * m[a] * (n[i] * re - c[i] * im);
      for (int b = 0; b < 3; b++) {
        const double w = own * ((a == b) - 2 * (1 / m2 + decay) * m[a] * m[b]);
        sum->atom_virial[i][3 * a + b] += w;
        sum->virial[3 * a + b] += w;
      }
    }
  }
}

static void plain_sum(const scene *s, double alpha, int reach, answer *sum) {
  *sum = (answer){0};
  for (int a = -reach; a <= reach; a++)
    for (int b = -reach; b <= reach; b++)
      for (int c = -reach; c <= reach; c++) {
        double m[3];
        if (a == 0 && b == 0 && c == 0) continue;
        for (int x = 0; x < 3; x++)
          m[x] = a * s->box.inverse[x][0] + b * s->box.inverse[x][1] + c * s->box.inverse[x][2];
        if (PI * PI * nmd_dot(m, m) / (alpha * alpha) < 60) add_mode(s, alpha, m, sum);
      }
  double net = 0, squares = 0;
  for (int i = 0; i < ATOMS; i++) net += s->q[s->species[i]], squares += pow(s->q[s->species[i]], 2);
  const double background = -NMD_COULOMB * PI / (2 * s->box.volume * alpha * alpha) * net * net;
  sum->energy += background - NMD_COULOMB * alpha / sqrt(PI) * squares;
  for (int k = 0; k < 9; k += 4) sum->virial[k] += background;
}

/* Atoms dealt to the ranks one after the other, or all to the last one. */
static bool mesh_sum(const scene *s, const nmd_spme_settings *settings, bool deal, answer *sum) {
  const int rank = nmd_comm_rank(TEST_COMM), ranks = nmd_comm_size(TEST_COMM);
  double x[ATOMS][3], force[ATOMS][3] = {{0}}, energy[ATOMS] = {0}, virial[ATOMS][9] = {{0}};
  int32_t species[ATOMS];
  int who[ATOMS], n = 0;
  for (int i = 0; i < ATOMS; i++) {
    if ((deal ? i % ranks : ranks - 1) != rank) continue;
    memcpy(x[n], s->x[i], sizeof x[n]);
    species[n] = s->species[i];
    who[n++] = i;
  }
  nmd_spme *spme;
  if (!TEST_OK(nmd_spme_create(settings, &spme))) return false;
  const nmd_spme_atoms atoms = {n, x[0], species, s->q};
  nmd_spme_results r = {.force = force, .atom_energy = energy, .atom_virial = virial};
  const bool done = TEST_OK(nmd_spme_compute(spme, TEST_COMM, &s->box, &atoms, &r));
  *sum = (answer){.energy = r.energy};
  memcpy(sum->virial, r.virial, sizeof r.virial);
  for (int i = 0; i < n; i++) {
    memcpy(sum->force[who[i]], force[i], sizeof force[i]);
    memcpy(sum->atom_virial[who[i]], virial[i], sizeof virial[i]);
    sum->atom_energy[who[i]] = energy[i];
  }
  nmd_comm_sum(TEST_COMM, (double *)sum, sizeof *sum / sizeof(double));
  nmd_spme_destroy(spme);
  return done;
}

static void check_scene(const scene *s, bool deal) {
  const nmd_spme_settings settings = {.alpha = 0.8, .order = 14, .spacing = 0.2};
  answer plain, mesh;
  plain_sum(s, settings.alpha, 24, &plain);
  if (!mesh_sum(s, &settings, deal, &mesh)) return;
  double atom_energy = 0, atom_virial = 0;
  TEST_RELATIVE(mesh.energy, plain.energy, 1e-9);
  for (int i = 0; i < ATOMS; i++) {
    atom_energy += mesh.atom_energy[i];
    atom_virial += mesh.atom_virial[i][4];
    for (int a = 0; a < 3; a++) TEST_NEAR(mesh.force[i][a], plain.force[i][a], 1e-7);
  }
  TEST_RELATIVE(atom_energy, mesh.energy, 1e-12);
  TEST_NEAR(atom_virial, mesh.virial[4], 1e-9);
  for (int k = 0; k < 9; k++) TEST_NEAR(mesh.virial[k], plain.virial[k], 1e-6);
}

static void test_cells(void) {
  static const double cube[3][3] = {{7, 0, 0}, {0, 7, 0}, {0, 0, 7}},
                      slanted[3][3] = {{6, 0.5, 0}, {2, 7, -1}, {1, -2, 5}},
                      left[3][3] = {{0, 6.5, 1}, {8, 0.3, 0.2}, {0, 1, 5.5}};
  const double(*const cells[3])[3] = {cube, slanted, left};
  for (int c = 0; c < 3; c++)
    for (int deal = 0; deal < 2; deal++) {
      scene s;
      make_scene(&s, cells[c], -1);
      check_scene(&s, deal == 1);
      make_scene(&s, cells[c], -0.75); /* a net charge: the background */
      check_scene(&s, deal == 1);
    }
}

static void test_errors(void) {
  static const double h[3][3] = {{7, 0, 0}, {0, 7, 0}, {0, 0, 7}};
  const nmd_spme_settings settings = {.alpha = 0.5, .order = 6, .spacing = 0.7};
  scene s;
  nmd_spme *spme;
  make_scene(&s, h, -1);
  const bool last = nmd_comm_rank(TEST_COMM) == nmd_comm_size(TEST_COMM) - 1;
  double force[ATOMS][3];
  const nmd_spme_atoms atoms = {last ? ATOMS : 0, s.x[0], s.species, s.q};
  nmd_spme_results r = {.force = force};
  if (!TEST_OK(nmd_spme_create(&settings, &spme))) return;
  s.x[5][1] = NAN;
  TEST_FAILS(nmd_spme_compute(spme, TEST_COMM, &s.box, &atoms, &r), NMD_EXPLODED);
  TEST_CONTAINS(nmd_error_text(), "not finite");
  s.box.periodic[2] = false;
  TEST_FAILS(nmd_spme_compute(spme, TEST_COMM, &s.box, &atoms, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "not periodic along all axes");
  nmd_spme_destroy(spme);
}

TEST_SUITE("electrostatics/spme", TEST(test_cells), TEST(test_errors))
