/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_lammps_data.h"

#include "io/lammps_cell.h"
#include "system/element.h"

static void put_box(nmd_buffer *out, const nmd_lammps_cell *cell) {
  static const char axis[] = "xyz";
  for (int d = 0; d < 3; d++) {
    nmd_buffer_exact(out, cell->low[d]);
    nmd_buffer_text(out, " ");
    nmd_buffer_exact(out, cell->low[d] + cell->length[d]);
    nmd_buffer_printf(out, " %clo %chi\n", axis[d], axis[d]);
  }
  if (!cell->tilted) return;
  const double tilt[3] = {cell->xy, cell->xz, cell->yz};
  for (int d = 0; d < 3; d++) {
    nmd_buffer_exact(out, tilt[d]);
    nmd_buffer_text(out, " ");
  }
  nmd_buffer_text(out, "xy xz yz\n");
}

static void put_atom(nmd_buffer *out, const nmd_frame_view *view, const nmd_lammps_cell *cell, int type,
                     unsigned fields, int digits, int64_t i) {
  double x[3];
  nmd_lammps_cell_turn(cell, view->x[i], x);
  nmd_buffer_printf(out, "%lld %d", (long long)nmd_frame_id(view, i), type);
  nmd_buffer_reals(out, x, 3, digits);
  if (fields & NMD_FIELD_IMAGE) {
    int image[3];
    nmd_lammps_cell_image(cell, view->image[i], image);
    for (int d = 0; d < 3; d++) nmd_buffer_int(out, image[d]);
  }
  nmd_buffer_text(out, "\n");
}

static void put_velocities(nmd_buffer *out, const nmd_frame_view *view, const nmd_lammps_cell *cell, int digits) {
  nmd_buffer_text(out, "\nVelocities # A/ps\n\n");
  for (int64_t i = 0; i < view->n; i++) {
    double v[3];
    nmd_lammps_cell_turn(cell, view->v[i], v);
    nmd_buffer_printf(out, "%lld", (long long)nmd_frame_id(view, i));
    for (int d = 0; d < 3; d++) nmd_buffer_real(out, 1e3 * v[d], digits);
    nmd_buffer_text(out, "\n");
  }
}

nmd_status nmd_lammps_data_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) {
  NMD_TRY(nmd_frame_check(view, fields, digits));
  nmd_lammps_cell cell;
  nmd_species species;
  nmd_lammps_cell_init(&cell, view->box);
  nmd_species_init(&species, view->atomic_number, (long)view->n);
  nmd_buffer_printf(out, "written by nnpmd, metal units\n\n%lld atoms\n%d atom types\n\n", (long long)view->n,
                    species.n);
  put_box(out, &cell);
  nmd_buffer_text(out, "\nMasses\n\n");
  for (int t = 0; t < species.n; t++)
    nmd_buffer_printf(out, "%d %.10g # %s\n", t + 1, species.mass[t], nmd_element_symbol(species.atomic_number[t]));
  nmd_buffer_text(out, "\nAtoms # atomic\n\n");
  for (int64_t i = 0; i < view->n; i++)
    put_atom(out, view, &cell, nmd_species_index(&species, view->atomic_number[i]) + 1, fields, digits, i);
  if (fields & NMD_FIELD_VELOCITY) put_velocities(out, view, &cell, digits);
  return out->status;
}
