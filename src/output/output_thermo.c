/* SPDX-License-Identifier: BSD-3-Clause */
/* Thermodynamic log: a line on the screen with LAMMPS' columns, and a full table in a file.
 *
 * File: two comment lines (names, units), then one row a write. Pressure P = (2 K + tr W) / 3V; stresses are the pressure
 * tensor (kinetic + virial, positive under compression). Cell vectors as lengths and angles would lose the rotation: all
 * nine components are written. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "output/output.h"
#include "output/text_file.h"

typedef struct thermo_parameters {
  bool screen, sigma;
} thermo_parameters;

static const nmd_option thermo_options[] = {
    {"screen", NMD_OPT_BOOL, offsetof(thermo_parameters, screen), .fallback = "true",
     .doc = "also print a line on the screen"},
    {"sigma", NMD_OPT_BOOL, offsetof(thermo_parameters, sigma), .fallback = "false",
     .doc = "spread of a committee: sigma_E of the energy per atom, sigma_F_max and sigma_F_rms the largest and the root mean "
            "square of the atoms' forces; takes one more evaluation a member at the steps written"},
};
static const nmd_option_table thermo_table = {"thermo", "energies, temperature, pressure and cell as a table",
                                              sizeof(thermo_parameters), NMD_COUNT(thermo_options), thermo_options};

typedef struct thermo {
  bool screen, sigma;
  const char *path; /* not owned */
  nmd_text_file file;
  int stage;        /* of the last screen header; -1: none yet */
} thermo;

#define NAMES                                                                                                          \
  "# step stage time T E_potential E_kinetic E_total E_conserved pressure volume p_xx p_yy p_zz p_yz p_xz p_xy "       \
  "a_x a_y a_z b_x b_y b_z c_x c_y c_z extrapolations extrapolations_total"
#define UNITS "# 1 1 fs K eV eV eV eV GPa A^3 GPa GPa GPa GPa GPa GPa A A A A A A A A A 1 1"
static const char header[] = NAMES "\n" UNITS "\n";
static const char header_sigma[] = NAMES " sigma_E sigma_F_max sigma_F_rms\n" UNITS " eV eV/A eV/A\n";

static nmd_status thermo_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  (void)species;
  thermo *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->screen = ((const thermo_parameters *)parameters)->screen;
  self->sigma = ((const thermo_parameters *)parameters)->sigma;
  self->path = path;
  self->stage = -1;
  *out = self;
  return NMD_OK;
}

static int thermo_wants(const void *self) { return ((const thermo *)self)->sigma ? NMD_WANT_SIGMA : 0; }

static nmd_status thermo_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  thermo *self = opaque;
  return nmd_text_file_begin(&self->file, comm, self->path, offset, self->sigma ? header_sigma : header);
}

static double scalar_pressure(const nmd_observation *seen) {
  return (seen->pressure[0][0] + seen->pressure[1][1] + seen->pressure[2][2]) / 3 * NMD_EV_PER_A3_TO_GPA;
}

/* Of the committee: energy per atom, largest and rms spread of the forces. Collective. */
static void find_spread(const nmd_observation *seen, double spread[3]) {
  double largest = 0, squares = 0;
  for (int i = 0; i < seen->atoms->n_owned; i++) {
    largest = fmax(largest, seen->sigma_force[i]);
    squares += seen->sigma_force[i] * seen->sigma_force[i];
  }
  nmd_comm_max(seen->comm, &largest, 1);
  nmd_comm_sum(seen->comm, &squares, 1);
  spread[0] = seen->sigma_total / (double)seen->n_atoms;
  spread[1] = largest;
  spread[2] = sqrt(squares / (double)seen->n_atoms);
}

static void to_screen(thermo *self, const nmd_observation *seen, const double spread[3]) {
  if (!self->screen) return;
  if (self->stage != seen->stage) {
    nmd_log_info("%10s %9s %15s %12s %15s %10s %12s %15s%s", "Step", "Temp", "PotEng", "KinEng", "TotEng", "Press",
                 "Volume", "Conserved", self->sigma ? "   sigE/atom   maxSigF" : "");
    self->stage = seen->stage;
  }
  char more[48] = "";
  if (self->sigma) snprintf(more, sizeof more, " %11.6f %9.4f", spread[0], spread[1]);
  nmd_log_info("%10lld %9.2f %15.5f %12.5f %15.5f %10.4f %12.3f %15.5f%s", (long long)seen->step, seen->temperature,
               seen->potential_energy, seen->kinetic_energy, seen->potential_energy + seen->kinetic_energy,
               scalar_pressure(seen), seen->box->volume, seen->conserved, more);
}

static nmd_status thermo_write(void *opaque, const nmd_observation *seen) {
  thermo *self = opaque;
  char row[1024];
  int used = snprintf(row, sizeof row, "%lld %d %.6f %.6f %.9f %.9f %.9f %.9f %.6f %.6f", (long long)seen->step,
                      seen->stage + 1, seen->time, seen->temperature, seen->potential_energy, seen->kinetic_energy,
                      seen->potential_energy + seen->kinetic_energy, seen->conserved, scalar_pressure(seen),
                      seen->box->volume);
  for (int k = 0; k < 6; k++)
    used += snprintf(row + used, sizeof row - (size_t)used, " %.6f",
                     seen->pressure[nmd_voigt[k][0]][nmd_voigt[k][1]] * NMD_EV_PER_A3_TO_GPA);
  for (int k = 0; k < 9; k++)
    used += snprintf(row + used, sizeof row - (size_t)used, " %.8f", seen->box->h[k / 3][k % 3]);
  double spread[3] = {0, 0, 0};
  used += snprintf(row + used, sizeof row - (size_t)used, " %lld %lld", (long long)seen->extrapolations,
                   (long long)seen->extrapolations_total);
  if (self->sigma) {
    find_spread(seen, spread);
    used += snprintf(row + used, sizeof row - (size_t)used, " %.10g %.10g %.10g", spread[0], spread[1], spread[2]);
  }
  used += snprintf(row + used, sizeof row - (size_t)used, "\n");
  to_screen(self, seen, spread);
  return nmd_text_file_write(&self->file, row, (size_t)used);
}

static nmd_status thermo_flush(void *opaque, int64_t *offset) {
  return nmd_text_file_flush(&((thermo *)opaque)->file, offset);
}

static void thermo_destroy(void *opaque) {
  thermo *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  nmd_free(self);
}

extern const nmd_output_ops nmd__output_thermo;
const nmd_output_ops nmd__output_thermo = {
    .name = "thermo",
    .options = &thermo_table,
    .default_file = "thermo.dat",
    .create = thermo_create,
    .wants = thermo_wants,
    .begin = thermo_begin,
    .write = thermo_write,
    .flush = thermo_flush,
    .destroy = thermo_destroy,
};
