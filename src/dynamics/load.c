/* SPDX-License-Identifier: BSD-3-Clause */
/* A constant stress does work that depends on the way the cell takes, and so has no ensemble; the thermodynamic tension
 * of Parrinello and Rahman has one. The target pressure tensor is p 1 + D, D without trace; p acts as a pressure (P V),
 * D on the strain from the cell h_0 of the start of the stage (volume V_0):
 *     E_D = V_0 D : (A A^T - 1) / 2,   A = h_0^-1 h,
 *     dE_D/de_k = V_0 (A^T D A) : B_k   for a strain x -> x exp(sum e_k B_k).
 * So the pressure tensor inside balances p 1 + (V_0 / V) A^T D A, which is p 1 + D to first order in the strain since
 * the start; E_D does not change when the cell turns. After a large strain a further stage takes the new cell as its
 * reference.
 *
 * M. Parrinello, A. Rahman, J. Appl. Phys. 52, 7182 (1981). */
#include "dynamics/load.h"

#include <math.h>
#include <string.h>

#include "base/vec3.h"

nmd_status nmd_load_init(nmd_load *load, const nmd_load_parameters *p, int coupling, const nmd_box *box,
                         const char *stage) {
  const bool sheared = p->shear[0] != 0.0 || p->shear[1] != 0.0 || p->shear[2] != 0.0;
  const bool uneven = p->normal[0] != p->normal[1] || p->normal[1] != p->normal[2];
  if (sheared && coupling != NMD_TRICLINIC)
    NMD_FAIL(CONFLICT, "%s: shear_pressure: this cell cannot shear; expected triclinic for it, or no shear_pressure",
             stage);
  if ((uneven || p->normal[0] != 0.0) && (coupling < 0 || coupling == NMD_ISOTROPIC))
    NMD_FAIL(
        CONFLICT,
        "%s: extra_pressure: this cell cannot answer along one axis alone; expected semi-isotropic, anisotropic or "
        "triclinic for it, or no extra_pressure",
        stage);
  *load = (nmd_load){.any = sheared || uneven, .volume = box->volume};
  load->mean = (p->normal[0] + p->normal[1] + p->normal[2]) / 3.0;
  for (int k = 0; k < 3; k++) {
    load->deviator[k][k] = p->normal[k] - load->mean;
    load->deviator[(k + 1) % 3][(k + 2) % 3] = load->deviator[(k + 2) % 3][(k + 1) % 3] = p->shear[k];
  }
  memcpy(load->inverse, box->inverse, sizeof load->inverse);
  return NMD_OK;
}

double nmd_load_energy(const nmd_load *load, const nmd_box *box) {
  if (!load->any) return 0.0;
  double a[3][3], sum = 0.0;
  nmd_mat_times(load->inverse, box->h, a);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) sum += load->deviator[i][j] * (nmd_dot(a[i], a[j]) - (i == j ? 1.0 : 0.0));
  return 0.5 * load->volume * sum;
}

void nmd_load_add_slopes(const nmd_load *load, const nmd_box *box, const nmd_cell_modes *modes, double factor,
                         double *slope) {
  if (!load->any) return;
  double a[3][3], da[3][3], pull[3][3] = {{0}}, out[NMD_CELL_MODES_MAX];
  nmd_mat_times(load->inverse, box->h, a);
  nmd_mat_times(load->deviator, (const double(*)[3])a, da);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 3; k++) pull[i][j] += a[k][i] * da[k][j];
  nmd_cell_modes_project(modes, (const double(*)[3])pull, out);
  for (int k = 0; k < modes->n; k++) slope[k] += factor * load->volume * out[k];
}

void nmd_load_save(const nmd_load *load, double state[NMD_LOAD_STATE]) {
  memcpy(state, load->inverse, sizeof load->inverse);
  state[9] = load->volume;
}

void nmd_load_restore(nmd_load *load, const double state[NMD_LOAD_STATE]) {
  memcpy(load->inverse, state, sizeof load->inverse);
  load->volume = state[9];
}
