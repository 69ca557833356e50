/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_cif.h"

#include <math.h>

#include "base/vec3.h"
#include "system/element.h"

static void put_cell(nmd_buffer *out, const nmd_box *box, int digits) {
  static const char *const name[3] = {"alpha", "beta", "gamma"};
  double length[3];
  for (int k = 0; k < 3; k++) {
    length[k] = nmd_norm(box->h[k]);
    nmd_buffer_printf(out, "_cell_length_%c %.*g\n", 'a' + k, digits, length[k]);
  }
  for (int k = 0; k < 3; k++) {
    const int i = (k + 1) % 3, j = (k + 2) % 3;
    const double angle = acos(nmd_dot(box->h[i], box->h[j]) / (length[i] * length[j])) * 180 / M_PI;
    nmd_buffer_printf(out, "_cell_angle_%s %.*g\n", name[k], digits, angle);
  }
}

nmd_status nmd_cif_format(const nmd_frame_view *view, unsigned fields, int digits, nmd_buffer *out) {
  NMD_TRY(nmd_frame_check(view, fields, digits));
  nmd_buffer_text(out, "# written by nnpmd\ndata_structure\n");
  put_cell(out, view->box, digits);
  nmd_buffer_text(out,
                  "_space_group_name_H-M_alt 'P 1'\n_space_group_IT_number 1\nloop_\n_space_group_symop_operation_xyz\n"
                  "'x, y, z'\nloop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n"
                  "_atom_site_fract_y\n_atom_site_fract_z\n");
  for (int64_t i = 0; i < view->n; i++) {
    double direct[3];
    const char *symbol = nmd_element_symbol(view->atomic_number[i]);
    nmd_box_to_fractional(view->box, view->x[i], direct);
    nmd_buffer_printf(out, "%s%lld %s ", symbol, (long long)(i + 1), symbol);
    nmd_buffer_reals(out, direct, 3, digits);
    nmd_buffer_text(out, "\n");
  }
  return out->status;
}
