/* SPDX-License-Identifier: BSD-3-Clause */
/* Temperature and centre of mass of every group of the input, and of all atoms: for thermostats of groups, heat flow,
 * slabs that move.
 *
 * T = sum m v^2 / (3 n k) over the group's n atoms: three freedoms an atom, motion of its centre included. The centre
 * of mass is that of unwrapped positions, x + image h. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "output/output.h"
#include "output/text_file.h"

typedef struct groups_parameters {
  char unused; /* C has no empty structs */
} groups_parameters;

static const nmd_option_table groups_table = {
    "groups", "temperature and centre of mass of each of the input's groups, and of all atoms, in time",
    sizeof(groups_parameters), 0, NULL};

enum { SETS = NMD_GROUPS_MAX + 1, SUMS = 6, NAME_MAX_BYTES = 64 }; /* n, m, m v^2, m x */

typedef struct groups_output {
  const char *path;         /* not owned */
  const nmd_groups *groups; /* not owned, or NULL */
  nmd_text_file file;
} groups_output;

static int sets_of(const groups_output *self) { return 1 + (self->groups != NULL ? self->groups->n : 0); }

static const char *name_of(const groups_output *self, int k) {
  return k == 0 ? "all" : nmd_groups_name(self->groups, k - 1);
}

static void groups_destroy(void *opaque) {
  groups_output *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_free(self);
}

static nmd_status groups_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  (void)parameters, (void)species;
  groups_output *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->path = path;
  *out = self;
  return NMD_OK;
}

static nmd_status groups_choose(void *opaque, const nmd_groups *groups) {
  ((groups_output *)opaque)->groups = groups;
  return NMD_OK;
}

static int groups_wants(const void *self) {
  (void)self;
  return 0;
}

static nmd_status groups_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  groups_output *self = opaque;
  char head[64 + SETS * (4 * NAME_MAX_BYTES + 32)];
  int used = snprintf(head, sizeof head, "# step time");
  for (int k = 0; k < sets_of(self); k++)
    used += snprintf(head + used, sizeof head - (size_t)used, " T_%s x_%s y_%s z_%s", name_of(self, k),
                     name_of(self, k), name_of(self, k), name_of(self, k));
  used += snprintf(head + used, sizeof head - (size_t)used, "\n# 1 fs");
  for (int k = 0; k < sets_of(self); k++) used += snprintf(head + used, sizeof head - (size_t)used, " K A A A");
  snprintf(head + used, sizeof head - (size_t)used, "\n");
  return nmd_text_file_begin(&self->file, comm, self->path, offset, head);
}

/* n, m, m v^2 (eV), m x of atom i. */
static void sums_of_atom(const nmd_observation *seen, int i, double sum[SUMS]) {
  const nmd_atoms *atoms = seen->atoms;
  const double m = seen->species->mass[atoms->species[i]], *v = atoms->v + 3 * i;
  sum[0] = 1;
  sum[1] = m;
  sum[2] = NMD_MV2_TO_EV * m * nmd_dot(v, v);
  for (int a = 0; a < 3; a++) {
    double x = atoms->x[3 * i + a];
    for (int d = 0; d < 3; d++) x += atoms->image[3 * i + d] * seen->box->h[d][a];
    sum[3 + a] = m * x;
  }
}

static void add_own_atoms(const groups_output *self, const nmd_observation *seen, double sums[SETS][SUMS]) {
  for (int i = 0; i < seen->atoms->n_owned; i++) {
    double mine[SUMS];
    sums_of_atom(seen, i, mine);
    for (int k = 0; k < sets_of(self); k++)
      if (k == 0 || (seen->atoms->groups[i] >> (k - 1) & 1) != 0)
        for (int c = 0; c < SUMS; c++) sums[k][c] += mine[c];
  }
}

static nmd_status groups_write(void *opaque, const nmd_observation *seen) {
  groups_output *self = opaque;
  double sums[SETS][SUMS] = {{0}};
  char row[64 + SETS * 80];
  add_own_atoms(self, seen, sums);
  nmd_comm_sum(seen->comm, &sums[0][0], sets_of(self) * SUMS);
  int used = snprintf(row, sizeof row, "%lld %.3f", (long long)seen->step, seen->time);
  for (int k = 0; k < sets_of(self); k++) {
    const double *s = sums[k], n = s[0] > 0 ? s[0] : 1, m = s[1] > 0 ? s[1] : 1;
    used += snprintf(row + used, sizeof row - (size_t)used, " %.4f %.6f %.6f %.6f", s[2] / (3 * n * NMD_BOLTZMANN),
                     s[3] / m, s[4] / m, s[5] / m);
  }
  used += snprintf(row + used, sizeof row - (size_t)used, "\n");
  return nmd_text_file_write(&self->file, row, (size_t)used);
}

static nmd_status groups_flush(void *opaque, int64_t *offset) {
  return nmd_text_file_flush(&((groups_output *)opaque)->file, offset);
}

extern const nmd_output_ops nmd__output_groups;
const nmd_output_ops nmd__output_groups = {
    .name = "groups",
    .options = &groups_table,
    .default_file = "groups.dat",
    .create = groups_create,
    .wants = groups_wants,
    .begin = groups_begin,
    .write = groups_write,
    .flush = groups_flush,
    .destroy = groups_destroy,
    .choose = groups_choose,
};
