/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_lammps_dump.h"

#include <math.h>

#include "base/vec3.h"
#include "io/lammps_cell.h"
#include "system/element.h"

static void put_bounds(nmd_buffer *out, double low, double high, double tilt, bool with_tilt) {
  nmd_buffer_exact(out, low);
  nmd_buffer_text(out, " ");
  nmd_buffer_exact(out, high);
  if (with_tilt) nmd_buffer_text(out, " ");
  if (with_tilt) nmd_buffer_exact(out, tilt);
  nmd_buffer_text(out, "\n");
}

/* A tilted box is given by the bounds of its bounding box. */
static void put_box(nmd_buffer *out, const nmd_lammps_cell *cell, const bool periodic[3]) {
  nmd_buffer_text(out, cell->tilted ? "ITEM: BOX BOUNDS xy xz yz" : "ITEM: BOX BOUNDS");
  for (int d = 0; d < 3; d++) nmd_buffer_text(out, periodic[d] ? " pp" : " ff");
  nmd_buffer_text(out, "\n");
  const double *low = cell->low, *length = cell->length;
  const double reach = cell->xy + cell->xz;
  const double x_below = fmin(fmin(0.0, cell->xy), fmin(cell->xz, reach));
  const double x_above = fmax(fmax(0.0, cell->xy), fmax(cell->xz, reach));
  put_bounds(out, low[0] + x_below, low[0] + length[0] + x_above, cell->xy, cell->tilted);
  put_bounds(out, low[1] + fmin(0.0, cell->yz), low[1] + length[1] + fmax(0.0, cell->yz), cell->xz, cell->tilted);
  put_bounds(out, low[2], low[2] + length[2], cell->yz, cell->tilted);
}

static void put_columns(nmd_buffer *out, bool unwrapped, unsigned fields) {
  nmd_buffer_printf(out, "ITEM: ATOMS id type element %s", unwrapped ? "xu yu zu" : "x y z");
  if (fields & NMD_FIELD_IMAGE) nmd_buffer_text(out, " ix iy iz");
  if (fields & NMD_FIELD_VELOCITY) nmd_buffer_text(out, " vx vy vz");
  if (fields & NMD_FIELD_FORCE) nmd_buffer_text(out, " fx fy fz");
  if (fields & NMD_FIELD_ATOM_ENERGY) nmd_buffer_text(out, " energy");
  if (fields & NMD_FIELD_ATOM_VIRIAL) nmd_buffer_text(out, " w1 w2 w3 w4 w5 w6 w7 w8 w9");
  if (fields & NMD_FIELD_SIGMA_ENERGY) nmd_buffer_text(out, " sigma_energy");
  if (fields & NMD_FIELD_SIGMA_FORCE) nmd_buffer_text(out, " sigma_force");
  if (fields & NMD_FIELD_EXTRAPOLATION) nmd_buffer_text(out, " extrapolation");
  nmd_buffer_text(out, "\n");
}

static void put_turned(nmd_buffer *out, const nmd_lammps_cell *cell, const double vector[3], double scale, int digits) {
  double turned[3];
  nmd_lammps_cell_turn(cell, vector, turned);
  for (int d = 0; d < 3; d++) nmd_buffer_real(out, scale * turned[d], digits);
}

static void put_image(nmd_buffer *out, const nmd_lammps_cell *cell, const int image[3]) {
  int turned[3];
  nmd_lammps_cell_image(cell, image, turned);
  for (int d = 0; d < 3; d++) nmd_buffer_int(out, turned[d]);
}

/* w' = A w A^T with the axes as rows of A. */
static void put_virial(nmd_buffer *out, const nmd_lammps_cell *cell, const double virial[9], int digits) {
  for (int k = 0; k < 3; k++)
    for (int l = 0; l < 3; l++) {
      double sum = 0.0;
      for (int i = 0; i < 9; i++) sum += cell->axes[k][i / 3] * virial[i] * cell->axes[l][i % 3];
      nmd_buffer_real(out, cell->turned ? sum : virial[3 * k + l], digits);
    }
}

static void put_atom(nmd_buffer *out, const nmd_frame_view *view, const nmd_lammps_cell *cell,
                     const nmd_species *species, unsigned fields, int digits, int64_t i) {
  const int number = view->atomic_number[i];
  nmd_buffer_printf(out, "%lld %d %s", (long long)nmd_frame_id(view, i), nmd_species_index(species, number) + 1,
                    nmd_element_symbol(number));
  put_turned(out, cell, view->x[i], 1.0, digits);
  if (fields & NMD_FIELD_IMAGE) put_image(out, cell, view->image[i]);
  if (fields & NMD_FIELD_VELOCITY) put_turned(out, cell, view->v[i], 1e3, digits); /* A/ps */
  if (fields & NMD_FIELD_FORCE) put_turned(out, cell, view->f[i], 1.0, digits);
  if (fields & NMD_FIELD_ATOM_ENERGY) nmd_buffer_real(out, view->atom_energy[i], digits);
  if (fields & NMD_FIELD_ATOM_VIRIAL) put_virial(out, cell, view->atom_virial[i], digits);
  if (fields & NMD_FIELD_SIGMA_ENERGY) nmd_buffer_real(out, view->sigma_energy[i], digits);
  if (fields & NMD_FIELD_SIGMA_FORCE) nmd_buffer_real(out, view->sigma_force[i], digits);
  if (fields & NMD_FIELD_EXTRAPOLATION) nmd_buffer_int(out, view->extrapolation[i]);
  nmd_buffer_text(out, "\n");
}

nmd_status nmd_lammps_dump_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) {
  NMD_TRY(nmd_frame_check(view, fields, digits));
  nmd_lammps_cell cell;
  nmd_species species;
  nmd_lammps_cell_init(&cell, view->box);
  nmd_species_init(&species, view->atomic_number, (long)view->n);
  nmd_buffer_printf(out, "ITEM: TIMESTEP\n%lld\nITEM: NUMBER OF ATOMS\n%lld\n",
                    (long long)(view->step >= 0 ? view->step : 0), (long long)view->n);
  put_box(out, &cell, view->box->periodic);
  put_columns(out, view->unwrapped, fields);
  for (int64_t i = 0; i < view->n; i++) put_atom(out, view, &cell, &species, fields, digits, i);
  return out->status;
}
