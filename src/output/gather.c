/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* One atom on its way to rank 0; `values` follows: energy and virial when asked for. */
typedef struct atom_record {
  int64_t id;
  int32_t atomic_number, image[3];
  double x[3], v[3], f[3];
} atom_record;

enum { EXTRA = 13 }; /* energy, 9 virial components, functions out of range, spread of energy and force */

static size_t record_size(unsigned fields) {
  const bool extra = fields & (NMD_FIELD_ATOM_ENERGY | NMD_FIELD_ATOM_VIRIAL | NMD_FIELD_EXTRAPOLATION |
                               NMD_FIELD_SIGMA_ENERGY | NMD_FIELD_SIGMA_FORCE);
  return sizeof(atom_record) + (extra ? EXTRA * sizeof(double) : 0);
}

static void fill_record(const nmd_observation *seen, int i, bool unwrapped, size_t size, char *out) {
  const nmd_atoms *atoms = seen->atoms;
  atom_record record = {.id = atoms->id[i], .atomic_number = seen->species->atomic_number[atoms->species[i]]};
  int image[3] = {0, 0, 0};
  memcpy(record.x, atoms->x + 3 * i, sizeof record.x);
  nmd_box_wrap(seen->box, record.x, image);
  for (int a = 0; a < 3; a++) record.image[a] = atoms->image[3 * i + a] + image[a];
  for (int d = 0; d < 3 && unwrapped; d++)
    for (int a = 0; a < 3; a++) record.x[a] += record.image[d] * seen->box->h[d][a];
  memcpy(record.v, atoms->v + 3 * i, sizeof record.v);
  memcpy(record.f, atoms->f + 3 * i, sizeof record.f);
  memcpy(out, &record, sizeof record);
  if (size == sizeof record) return;
  double extra[EXTRA] = {0};
  if (seen->atom_energy != NULL) extra[0] = seen->atom_energy[i];
  if (seen->atom_virial != NULL) memcpy(extra + 1, seen->atom_virial[i], sizeof seen->atom_virial[i]);
  if (seen->atom_extrapolation != NULL) extra[10] = seen->atom_extrapolation[i];
  if (seen->sigma_energy != NULL) extra[11] = seen->sigma_energy[i];
  if (seen->sigma_force != NULL) extra[12] = seen->sigma_force[i];
  memcpy(out + sizeof record, extra, sizeof extra);
}

static nmd_status reserve(nmd_gathered *g, int64_t n) {
  if (n <= g->capacity) return NMD_OK;
  NMD_TRY(NMD_GROW(g->id, 0, n));
  NMD_TRY(NMD_GROW(g->atomic_number, 0, n));
  NMD_TRY(NMD_GROW(g->image, 0, n));
  NMD_TRY(NMD_GROW(g->x, 0, n));
  NMD_TRY(NMD_GROW(g->v, 0, n));
  NMD_TRY(NMD_GROW(g->f, 0, n));
  NMD_TRY(NMD_GROW(g->atom_energy, 0, n));
  NMD_TRY(NMD_GROW(g->atom_virial, 0, n));
  NMD_TRY(NMD_GROW(g->extrapolation, 0, n));
  NMD_TRY(NMD_GROW(g->sigma_energy, 0, n));
  NMD_TRY(NMD_GROW(g->sigma_force, 0, n));
  g->capacity = n;
  return NMD_OK;
}

static int by_id(const void *a, const void *b) { /* both begin with the id */
  int64_t i, j;
  memcpy(&i, a, sizeof i);
  memcpy(&j, b, sizeof j);
  return (i > j) - (i < j);
}

static void spread_records(nmd_gathered *g, const char *records, int64_t n, size_t size) {
  for (int64_t k = 0; k < n; k++) {
    atom_record record;
    memcpy(&record, records + (size_t)k * size, sizeof record);
    g->id[k] = record.id;
    g->atomic_number[k] = record.atomic_number;
    for (int a = 0; a < 3; a++) g->image[k][a] = record.image[a];
    memcpy(g->x[k], record.x, sizeof record.x);
    memcpy(g->v[k], record.v, sizeof record.v);
    memcpy(g->f[k], record.f, sizeof record.f);
    if (size == sizeof record) continue;
    double extra[EXTRA];
    memcpy(extra, records + (size_t)k * size + sizeof record, sizeof extra);
    g->atom_energy[k] = extra[0];
    memcpy(g->atom_virial[k], extra + 1, sizeof g->atom_virial[k]);
    g->extrapolation[k] = (int)extra[10];
    g->sigma_energy[k] = extra[11];
    g->sigma_force[k] = extra[12];
  }
}

static void fill_view(const nmd_gathered *g, const nmd_observation *seen, unsigned fields, nmd_frame_view *view) {
  *view = (nmd_frame_view){.n = g->n, .id = g->id, .atomic_number = g->atomic_number,
                           .unwrapped = g->unwrapped,
                           .x = (const double(*)[3])g->x, .image = (const int(*)[3])g->image,
                           .v = (const double(*)[3])g->v, .f = (const double(*)[3])g->f, .box = seen->box,
                           .step = seen->step, .time = seen->time, .has_energy = true, .has_stress = true,
                           .has_temperature = true, .energy = seen->potential_energy,
                           .temperature = seen->temperature};
  if (fields & NMD_FIELD_ATOM_ENERGY) view->atom_energy = g->atom_energy;
  if (fields & NMD_FIELD_ATOM_VIRIAL) view->atom_virial = (const double(*)[9])g->atom_virial;
  if (fields & NMD_FIELD_EXTRAPOLATION) view->extrapolation = g->extrapolation;
  if (fields & NMD_FIELD_SIGMA_ENERGY) view->sigma_energy = g->sigma_energy;
  if (fields & NMD_FIELD_SIGMA_FORCE) view->sigma_force = g->sigma_force;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) view->stress[a][b] = -seen->virial[a][b] / seen->box->volume;
}

static nmd_status collect(nmd_gathered *g, const nmd_observation *seen, const char *mine, int64_t n, size_t size) {
  char *all = NULL;
  int64_t total = n;
  nmd_comm_sum_int(seen->comm, &total, 1);
  NMD_TRY(nmd_comm_gather(seen->comm, mine, (size_t)n * size, 0, &all, NULL));
  if (nmd_comm_rank(seen->comm) != 0) return NMD_OK;
  nmd_status status = reserve(g, total);
  if (status == NMD_OK) {
    g->n = total;
    qsort(all, (size_t)total, size, by_id);
    spread_records(g, all, total, size);
  }
  nmd_free(all);
  return status;
}

nmd_status nmd_gather_frame(nmd_gathered *g, const nmd_observation *seen, unsigned fields, nmd_frame_view *view) {
  const size_t size = record_size(fields);
  char *mine;
  NMD_TRY(nmd_comm_agree(seen->comm, nmd_alloc(&mine, (size_t)seen->atoms->n_owned, size)));
  int64_t n = 0;
  for (int i = 0; i < seen->atoms->n_owned; i++)
    if (nmd_chosen(g->only, seen->atoms, i))
      fill_record(seen, i, g->unwrapped, size, mine + (size_t)n++ * size);
  nmd_status status = collect(g, seen, mine, n, size);
  nmd_free(mine);
  status = nmd_comm_agree(seen->comm, status);
  if (status == NMD_OK && nmd_comm_rank(seen->comm) == 0) fill_view(g, seen, fields, view);
  return status;
}

void nmd_gathered_free(nmd_gathered *g) {
  void *arrays[] = {g->id, g->atomic_number, g->image, g->x, g->v, g->f, g->atom_energy, g->atom_virial, g->extrapolation,
                    g->sigma_energy, g->sigma_force};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  *g = (nmd_gathered){0};
}
