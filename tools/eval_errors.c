/* SPDX-License-Identifier: BSD-3-Clause */
#include "eval_errors.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"

static nmd_status new_family(error_table *table, const char *name, int *family) {
  NMD_TRY(NMD_GROW(table->families, table->n, table->n + 1));
  *family = table->n;
  error_family *f = &table->families[table->n++];
  *f = (error_family){0};
  snprintf(f->name, sizeof f->name, "%s", name);
  return NMD_OK;
}

nmd_status error_table_family(error_table *table, const nmd_structure *structure, int *family) {
  const char *kind = nmd_structure_info(structure, "kind");
  char name[sizeof table->families->name];
  snprintf(name, sizeof name, "%s", kind != NULL && *kind != '\0' ? kind : "none");
  if (table->n == 0) NMD_TRY(new_family(table, "all", family));
  for (int k = 1; k < table->n; k++) {
    *family = k;
    if (strcmp(table->families[k].name, name) == 0) return NMD_OK;
  }
  return new_family(table, name, family);
}

static void add(error_family *family, const nmd_structure *s, const nnpmd_results *r, const double *force) {
  nmd_error_sums *sums = &family->sums;
  double stress[6];
  family->frames += 1.0;
  family->atoms += (double)s->n;
  if (s->has_energy) nmd_error_sums_energy(sums, (s->energy - r->energy) / (double)s->n);
  if (s->f != NULL) nmd_error_sums_force(sums, 3 * s->n, force);
  if (!s->has_stress || !(s->box.volume > 0.0)) return;
  for (int k = 0; k < 6; k++) {
    const int a = nmd_voigt[k][0], b = nmd_voigt[k][1];
    stress[k] = s->stress[a][b] + r->virial[3 * a + b] / s->box.volume;
  }
  nmd_error_sums_stress(sums, stress);
}

nmd_status error_table_add(error_table *table, int family, const nmd_structure *structure,
                           const nnpmd_results *results) {
  double *force = NULL;
  if (structure->f != NULL) {
    NMD_TRY(NMD_ALLOC(force, 3 * structure->n));
    for (int64_t k = 0; k < 3 * structure->n; k++) force[k] = structure->f[k / 3][k % 3] - results->force[k];
  }
  add(&table->families[0], structure, results, force);
  add(&table->families[family], structure, results, force);
  nmd_free(force);
  return NMD_OK;
}

/* rms and mean absolute error, or a sign for "no label" */
static void print_pair(double sum2, double sum1, double n, double unit) {
  if (n > 0.0)
    printf(" %9.3f %9.3f", unit * nmd_rms(sum2, n), unit * nmd_mean(sum1, n));
  else
    printf(" %9s %9s", "-", "-");
}

static void print_family(const error_family *family) {
  const nmd_error_sums *s = &family->sums;
  printf("%-20s %7.0f %8.0f", family->name, family->frames, family->atoms);
  print_pair(s->energy2, s->energy1, s->n_energy, 1e3);
  print_pair(s->force2, s->force1, s->n_force, 1e3);
  print_pair(s->stress2, s->stress1, s->n_stress, NMD_EV_PER_A3_TO_GPA);
  printf("\n");
}

nmd_status error_table_print(const nmd_comm *world, error_table *table) {
  for (int k = 0; k < table->n; k++) {
    error_family *f = &table->families[k];
    nmd_comm_sum(world, &f->frames, 1);
    nmd_comm_sum(world, &f->atoms, 1);
    nmd_comm_sum(world, (double *)&f->sums, (int)(sizeof f->sums / sizeof(double)));
  }
  const nmd_error_sums *all = table->n > 0 ? &table->families[0].sums : NULL;
  if (all == NULL || all->n_energy + all->n_force + all->n_stress == 0.0)
    NMD_FAIL(MISSING_KEY, "--errors: no structure has energies, forces or a stress; expected labels to compare with");
  if (nmd_comm_rank(world) != 0) return NMD_OK;
  printf("# rms and mean absolute errors against the labels\n"
         "# family              frames    atoms     E rms     E mae     F rms     F mae     S rms     S mae\n"
         "# -                        -        -  meV/atom  meV/atom     meV/A     meV/A       GPa       GPa\n");
  for (int k = 0; k < table->n; k++)
    if (k != 1 || table->n > 2) print_family(&table->families[k]); /* of one family nothing is new */
  return NMD_OK;
}

void error_table_free(error_table *table) {
  nmd_free(table->families);
  *table = (error_table){0};
}
