/* SPDX-License-Identifier: BSD-3-Clause */
/* Screened nuclear repulsion of Ziegler, Biersack and Littmark, the floor below potentials that know no close contacts:
 *
 *   V(r) = s(r) Zi Zj e^2 / (4 pi eps0 r) phi(r / a),  a = 0.46850 A / (Zi^0.23 + Zj^0.23)
 *   phi(x) = 0.18175 exp(-3.19980 x) + 0.50986 exp(-0.94229 x) + 0.28022 exp(-0.40290 x) + 0.02817 exp(-0.20162 x)
 *
 *   Z  atomic numbers        s  1 below r_inner, 0 beyond r_outer, between them 1 - t^3 (10 - 15 t + 6 t^2) with
 *                               t = (r - r_inner) / (r_outer - r_inner): energy, force and its slope are continuous
 *
 * J. F. Ziegler, J. P. Biersack, U. Littmark, The Stopping and Range of Ions in Matter, vol. 1, Pergamon (1985).
 * Trade-off: the switch takes the repulsion away altogether beyond r_outer, so that a potential trained there is left
 * as it is; its slope adds to the force between the two radii, which should lie where no training structure has atoms.
 */
#include <stdio.h>

#include "potential/pair.h"
#include "potential/pair_math.h"

typedef struct zbl_parameters {
  double inner, outer;
} zbl_parameters;

static const nmd_option zbl_options[] = {
    {"inner", NMD_OPT_REAL, offsetof(zbl_parameters, inner), NMD_DIM_LENGTH, "0.8 A", 0, 20, .min_open = 1,
     .doc = "the full repulsion up to this distance"},
    {"outer", NMD_OPT_REAL, offsetof(zbl_parameters, outer), NMD_DIM_LENGTH, "1.4 A", 0, 20, .min_open = 1,
     .doc = "none of it beyond this distance: less than the closest contact that the other potential was made for"},
};

extern const nmd_option_table nmd__potential_zbl_options;
const nmd_option_table nmd__potential_zbl_options = {"zbl", "screened nuclear repulsion at short distances (ZBL)",
                                                     sizeof(zbl_parameters), NMD_COUNT(zbl_options), zbl_options};

/* parameters: Zi Zj e^2 / (4 pi eps0) (eV A), 1 / a, inner, outer */
NMD_PAIR_KERNEL
static void zbl_form(const double *parameters, int n, const double *r, const double *inverse, double *energy,
                     double *force_over_r) {
  const double charge = parameters[0], inverse_length = parameters[1];
  const double inner = parameters[2], inverse_width = 1 / (parameters[3] - inner);
  static const double weight[4] = {0.18175, 0.50986, 0.28022, 0.02817}, decay[4] = {3.19980, 0.94229, 0.40290, 0.20162};
  for (int k = 0; k < n; k++) {
    const double coulomb = charge * inverse[k], width = (r[k] - inner) * inverse_width, t = width > 0 ? width : 0;
    double phi = 0, slope = 0;
    for (int w = 0; w < 4; w++) {
      const double rate = decay[w] * inverse_length, term = weight[w] * nmd__pair_exp(-rate * r[k]);
      phi += term;
      slope -= rate * term;
    }
    const double s = 1 - t * t * t * (10 - t * (15 - 6 * t)), s_slope = -30 * t * t * (1 - t) * (1 - t) * inverse_width;
    energy[k] = s * coulomb * phi;
    force_over_r[k] = -coulomb * (s * (slope - phi * inverse[k]) + s_slope * phi) * inverse[k];
  }
}

static nmd_status fill_table(nmd__pair_table *table, const void *parameters, const nmd_species *species) {
  const zbl_parameters *p = parameters;
  for (int a = 0; a < species->n; a++)
    for (int b = a; b < species->n; b++) {
      const double zi = species->atomic_number[a], zj = species->atomic_number[b];
      const double pair[4] = {zi * zj * NMD_COULOMB, (pow(zi, 0.23) + pow(zj, 0.23)) / 0.46850, p->inner, p->outer};
      NMD_TRY(nmd__pair_table_set(table, a, b, p->outer, pair, 4));
    }
  table->cost = 0.1;
  snprintf(table->summary, sizeof table->summary, "ZBL repulsion up to %.6g A, switched off at %.6g A\n", p->inner,
           p->outer);
  return NMD_OK;
}

static nmd_status zbl_create(const void *parameters, const nmd_species *species, void **out) {
  const zbl_parameters *p = parameters;
  if (p->inner >= p->outer)
    NMD_FAIL(CONFLICT, "zbl: inner %g A is not below outer %g A; expected inner < outer", p->inner, p->outer);
  return nmd__pair_build(zbl_form, NMD__PAIR_AS_IS, fill_table, p, species, out);
}

extern const nmd_potential_ops nmd__potential_zbl;
const nmd_potential_ops nmd__potential_zbl = {
    .name = "zbl",
    .options = &nmd__potential_zbl_options,
    .create = zbl_create,
    .cutoff = nmd__pair_cutoff,
    .compute = nmd__pair_compute,
    .describe = nmd__pair_describe,
    .identify = nmd__pair_identify,
    .cost = nmd__pair_cost,
    .destroy = nmd__pair_destroy,
};
