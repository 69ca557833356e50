/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_input_data.h"

#include "io/write_extxyz.h"
#include "system/element.h"

static void put_comment(const nmd_frame_view *view, nmd_buffer *out) {
  if (view->n_extras == 0 && !view->has_stress) return;
  nmd_buffer_text(out, "comment");
  for (int k = 0; k < view->n_extras; k++) nmd_extxyz_put_extra(out, &view->extras[k]);
  if (view->has_stress) nmd_buffer_text(out, " stress=\"");
  for (int k = 0; k < 9 && view->has_stress; k++) {
    if (k > 0) nmd_buffer_text(out, " ");
    nmd_buffer_exact(out, view->stress[k / 3][k % 3]);
  }
  nmd_buffer_text(out, view->has_stress ? "\"\n" : "\n");
}

static void put_exact(nmd_buffer *out, double value) {
  nmd_buffer_text(out, " ");
  nmd_buffer_exact(out, value);
}

static void put_lattice(const nmd_box *box, nmd_buffer *out) {
  for (int d = 0; d < 3; d++) {
    nmd_buffer_text(out, "lattice");
    for (int k = 0; k < 3; k++) put_exact(out, box->h[d][k]);
    nmd_buffer_text(out, "\n");
  }
}

static void put_atoms(const nmd_frame_view *view, bool forces, int digits, nmd_buffer *out) {
  static const double none[3] = {0.0, 0.0, 0.0};
  for (int64_t i = 0; i < view->n; i++) {
    nmd_buffer_text(out, "atom");
    nmd_buffer_reals(out, view->x[i], 3, digits);
    nmd_buffer_printf(out, " %s 0 0", nmd_element_symbol(view->atomic_number[i]));
    nmd_buffer_reals(out, forces ? view->f[i] : none, 3, digits);
    nmd_buffer_text(out, "\n");
  }
}

nmd_status nmd_input_data_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) {
  NMD_TRY(nmd_frame_check(view, fields, digits));
  const bool *p = view->box->periodic;
  const int axes = p[0] + p[1] + p[2];
  if (axes != 0 && axes != 3)
    NMD_FAIL(CONFLICT,
             "input.data: a structure that is periodic along %d of its axes; expected all three or none; leave vacuum "
             "along the others and set pbc=\"T T T\"",
             axes);
  nmd_buffer_text(out, "begin\n");
  put_comment(view, out);
  if (axes == 3) put_lattice(view->box, out);
  put_atoms(view, (fields & NMD_FIELD_FORCE) != 0, digits, out);
  nmd_buffer_text(out, "energy");
  put_exact(out, view->has_energy ? view->energy : 0.0);
  nmd_buffer_text(out, "\ncharge 0\nend\n");
  return out->status;
}
