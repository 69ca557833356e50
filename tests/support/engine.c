/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/engine.h"

#include <stdarg.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/vec3.h"
#include "build/crystal.h"
#include "io/write_structure.h"
#include "support/test.h"
#include "support/test_mpi.h"

enum { RATTLE_SEED = 11 };

static void place_sites(const engine_crystal *c, const nmd_site *sites, int n_sites, nmd_structure *out) {
  int64_t i = 0;
  for (int cell = 0; cell < c->cells[0] * c->cells[1] * c->cells[2]; cell++) {
    const int at[3] = {cell / (c->cells[1] * c->cells[2]), cell / c->cells[2] % c->cells[1], cell % c->cells[2]};
    for (int s = 0; s < n_sites; s++, i++) {
      double g[3];
      nmd_random_normal3(RATTLE_SEED, NMD_STREAM_TEST, 0, i, 0, g);
      for (int k = 0; k < 3; k++)
        out->x[i][k] = c->a * (at[k] + sites[s].s[k] + 0.25) + c->rattle * g[k] + 0.5 * c->vacuum[k];
      out->atomic_number[i] = c->z[sites[s].sublattice];
    }
  }
}

static nmd_status make_crystal(const engine_crystal *c, nmd_structure *out) {
  nmd_site sites[NMD_SITES_MAX];
  int which = 0;
  while (which < NMD_CRYSTAL_COUNT - 1 && strcmp(nmd_crystal_name((nmd_crystal)which), c->sites) != 0) which++;
  const int n_sites = nmd_crystal_sites((nmd_crystal)which, sites);
  NMD_TRY(nmd_structure_init(out, (int64_t)n_sites * c->cells[0] * c->cells[1] * c->cells[2]));
  place_sites(c, sites, n_sites, out);
  double h[3][3] = {{0}}, sheared[3][3];
  const double e = c->shear, m[3][3] = {{1, 0, 0}, {e, 1, 0}, {-0.7 * e, 0.5 * e, 1}};
  bool periodic[3];
  for (int k = 0; k < 3; k++) {
    h[k][k] = c->a * c->cells[k] + c->vacuum[k];
    periodic[k] = !c->open[k];
  }
  nmd_mat_times((const double(*)[3])h, m, sheared);
  for (int64_t i = 0; i < out->n; i++) {
    double x[3];
    nmd_row_times(out->x[i], m, x);
    memcpy(out->x[i], x, sizeof x);
  }
  return nmd_box_init(&out->box, (const double(*)[3])sheared, NULL, periodic);
}

void engine_write_crystal(const engine_crystal *crystal, const char *name) {
  const char *path = test_path(name);
  if (test_mpi_rank() == 0) {
    nmd_structure structure = {0};
    TEST_OK(make_crystal(crystal, &structure));
    TEST_OK(nmd_structure_write(path, "extxyz", &structure));
    nmd_structure_free(&structure);
  }
  test_mpi_barrier();
}

const char *engine_write_input(const char *name, const char *format, ...) {
  static char path[1024];
  char text[4096];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  snprintf(path, sizeof path, "%s", test_path(name));
  if (test_mpi_rank() == 0) test_write(name, text);
  test_mpi_barrier();
  return path;
}

nmd_status engine_create(const nmd_comm *comm, const char *input_path, nmd_simulation **out) {
  nmd_input input;
  *out = NULL;
  NMD_TRY(nmd_input_read(comm, input_path, 0, NULL, &input));
  return nmd_simulation_create(comm, &input, out);
}

nmd_simulation *engine_open(const nmd_comm *comm, const char *input_path) {
  nmd_simulation *s;
  nmd_status status = engine_create(comm, input_path, &s);
  if (status == NMD_OK) status = nmd_simulation_rebuild(s);
  if (status == NMD_OK) status = nmd_simulation_forces(s);
  if (status == NMD_OK) status = nmd_stage_begin(s, 0);
  if (TEST_OK(status)) return s;
  nmd_simulation_destroy(s);
  return NULL;
}

bool engine_steps(nmd_simulation *s, int64_t steps) {
  nmd_status status = s == NULL ? NMD_INTERNAL : NMD_OK;
  for (int64_t k = 0; k < steps && status == NMD_OK; k++) status = nmd_simulation_step(s);
  return TEST_OK(status);
}

double engine_conserved(const nmd_simulation *s) { return nmd_simulation_conserved(s); }

double engine_kinetic(const nmd_simulation *s) {
  const nmd_ensemble_ops *ops = s->stages[s->stage].ops;
  return ops->kinetic_energy != NULL ? ops->kinetic_energy(s->ensemble, &s->motion) : nmd_kinetic_energy(&s->motion);
}

double engine_pressure(const nmd_simulation *s) {
  double sum = 2 * nmd_kinetic_energy(&s->motion);
  for (int k = 0; k < 3; k++) sum += s->totals.virial[k][k];
  return sum / (3 * s->box.volume);
}

typedef struct record {
  int64_t id;
  double x[3], v[3], f[3];
} record;

static record make_record(const nmd_simulation *s, int i) {
  record r = {.id = s->atoms.id[i]};
  memcpy(r.x, s->atoms.x + 3 * i, sizeof r.x);
  memcpy(r.v, s->atoms.v + 3 * i, sizeof r.v);
  memcpy(r.f, s->atoms.f + 3 * i, sizeof r.f);
  for (int d = 0; d < 3; d++)
    for (int k = 0; k < 3; k++) r.x[k] += s->atoms.image[3 * i + d] * s->box.h[d][k];
  return r;
}

static nmd_status state_alloc(engine_state *state) {
  NMD_TRY(NMD_ALLOC(state->x, state->n));
  NMD_TRY(NMD_ALLOC(state->v, state->n));
  return NMD_ALLOC(state->f, state->n);
}

/* Atoms from all ranks into their places, on rank 0 of the simulation. */
static nmd_status collect(const nmd_simulation *s, engine_state *state) {
  record *mine;
  char *all;
  NMD_TRY(NMD_ALLOC(mine, s->atoms.n_owned));
  for (int i = 0; i < s->atoms.n_owned; i++) mine[i] = make_record(s, i);
  const nmd_status status =
      nmd_comm_gather(s->comm, mine, (size_t)s->atoms.n_owned * sizeof *mine, 0, &all, NULL);
  nmd_free(mine);
  NMD_TRY(status);
  if (nmd_comm_rank(s->comm) != 0) return NMD_OK;
  for (int64_t k = 0; k < s->n_atoms; k++) {
    const record *r = (const record *)all + k;
    memcpy(state->x[r->id - 1], r->x, sizeof r->x);
    memcpy(state->v[r->id - 1], r->v, sizeof r->v);
    memcpy(state->f[r->id - 1], r->f, sizeof r->f);
  }
  nmd_free(all);
  return NMD_OK;
}

void engine_look(const nmd_simulation *s, engine_state *state) {
  *state = (engine_state){.n = s->n_atoms, .box = s->box, .potential = s->totals.potential_energy};
  state->kinetic = engine_kinetic(s);
  state->conserved = engine_conserved(s);
  state->temperature = nmd_temperature_of(&s->motion, state->kinetic);
  state->pressure = engine_pressure(s);
  TEST_OK(state_alloc(state));
  TEST_OK(collect(s, state));
  engine_state_share(s->comm, 0, state);
}

void engine_state_share(const nmd_comm *comm, int root, engine_state *state) {
  engine_state copy = *state;
  nmd_comm_broadcast(comm, &copy, sizeof copy, root);
  if (nmd_comm_rank(comm) != root && state->x == NULL) {
    copy.x = copy.v = copy.f = NULL;
    TEST_OK(state_alloc(&copy));
  } else {
    copy.x = state->x;
    copy.v = state->v;
    copy.f = state->f;
  }
  *state = copy;
  const size_t bytes = (size_t)state->n * sizeof *state->x;
  nmd_comm_broadcast(comm, state->x, bytes, root);
  nmd_comm_broadcast(comm, state->v, bytes, root);
  nmd_comm_broadcast(comm, state->f, bytes, root);
}

void engine_state_free(engine_state *state) {
  nmd_free(state->x);
  nmd_free(state->v);
  nmd_free(state->f);
  *state = (engine_state){0};
}

double engine_largest_difference(const double (*a)[3], const double (*b)[3], int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; i++)
    for (int k = 0; k < 3; k++) {
      const double d = fabs(a[i][k] - b[i][k]);
      if (!(d <= largest)) largest = d; /* NaN shows */
    }
  return largest;
}

void engine_say(const char *format, ...) {
  if (test_mpi_rank() != 0) return;
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  fflush(stdout);
}
