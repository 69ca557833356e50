/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_poscar.h"

#include "system/element.h"

static int64_t count_of(const nmd_frame_view *view, int number) {
  int64_t count = 0;
  for (int64_t i = 0; i < view->n; i++) count += view->atomic_number[i] == number;
  return count;
}

static void put_header(nmd_buffer *out, const nmd_frame_view *view, const nmd_species *species) {
  nmd_buffer_text(out, "written by nnpmd\n1.0\n");
  for (int k = 0; k < 9; k++) {
    nmd_buffer_exact(out, view->box->h[k / 3][k % 3]);
    nmd_buffer_text(out, k % 3 == 2 ? "\n" : " ");
  }
  for (int s = 0; s < species->n; s++) nmd_buffer_printf(out, " %s", nmd_element_symbol(species->atomic_number[s]));
  nmd_buffer_text(out, "\n");
  for (int s = 0; s < species->n; s++) nmd_buffer_int(out, count_of(view, species->atomic_number[s]));
  nmd_buffer_text(out, "\n");
}

static void put_vectors(nmd_buffer *out, const nmd_frame_view *view, const nmd_species *species, bool velocities,
                        int digits) {
  for (int s = 0; s < species->n; s++)
    for (int64_t i = 0; i < view->n; i++) {
      if (view->atomic_number[i] != species->atomic_number[s]) continue;
      double direct[3];
      nmd_box_to_fractional(view->box, view->x[i], direct);
      nmd_buffer_reals(out, velocities ? view->v[i] : direct, 3, digits);
      nmd_buffer_text(out, "\n");
    }
}

nmd_status nmd_poscar_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) {
  NMD_TRY(nmd_frame_check(view, fields, digits));
  nmd_species species;
  nmd_species_init(&species, view->atomic_number, (long)view->n);
  put_header(out, view, &species);
  nmd_buffer_text(out, "Direct\n");
  put_vectors(out, view, &species, false, digits);
  if (fields & NMD_FIELD_VELOCITY) {
    nmd_buffer_text(out, "Cartesian\n");
    put_vectors(out, view, &species, true, digits);
  }
  return out->status;
}

nmd_status nmd_xdatcar_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) {
  NMD_TRY(nmd_frame_check(view, fields, digits));
  nmd_species species;
  nmd_species_init(&species, view->atomic_number, (long)view->n);
  put_header(out, view, &species);
  nmd_buffer_printf(out, "Direct configuration= %lld\n", (long long)(view->step >= 0 ? view->step : 1));
  put_vectors(out, view, &species, false, digits);
  return out->status;
}
