/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/crystal.h"

#include <math.h>
#include <string.h>

typedef enum centring { PRIMITIVE, BODY, FACE } centring;
typedef enum cell_shape { CUBIC, HEXAGONAL, ORTHOHEXAGONAL } cell_shape;

enum { MOTIF_MAX = 5 };
typedef struct crystal_row {
  const char *name, *formula;
  cell_shape shape;
  centring lattice;
  int n_motif;
  nmd_site motif[MOTIF_MAX];
} crystal_row;

/* Strukturbericht prototypes: A4 C, B1 NaCl, B2 CsCl, L1_0 CuAu, L1_2 AuCu3 (Au first), D0_3 AlFe3 (Al first),
 * B32 NaTl, B3 ZnS, C1 CaF2, E2_1 CaTiO3 (corner, centre, faces). */
static const crystal_row crystals[NMD_CRYSTAL_COUNT] = {
    [NMD_CRYSTAL_fcc] = {"fcc", "A", CUBIC, FACE, 1, {{{0, 0, 0}, 0}}},
    [NMD_CRYSTAL_bcc] = {"bcc", "A", CUBIC, BODY, 1, {{{0, 0, 0}, 0}}},
    [NMD_CRYSTAL_hcp] = {"hcp", "A", HEXAGONAL, PRIMITIVE, 2, {{{0, 0, 0}, 0}, {{1.0 / 3, 2.0 / 3, 0.5}, 0}}},
    [NMD_CRYSTAL_hcp_orthogonal] =
        {"hcp_orthogonal",
         "A",
         ORTHOHEXAGONAL,
         PRIMITIVE,
         4,
         {{{0, 0, 0}, 0}, {{0.5, 0.5, 0}, 0}, {{0, 1.0 / 3, 0.5}, 0}, {{0.5, 5.0 / 6, 0.5}, 0}}},
    [NMD_CRYSTAL_sc] = {"sc", "A", CUBIC, PRIMITIVE, 1, {{{0, 0, 0}, 0}}},
    [NMD_CRYSTAL_diamond] = {"diamond", "A", CUBIC, FACE, 2, {{{0, 0, 0}, 0}, {{0.25, 0.25, 0.25}, 0}}},
    [NMD_CRYSTAL_rocksalt] = {"rocksalt", "A B", CUBIC, FACE, 2, {{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 1}}},
    [NMD_CRYSTAL_cscl] = {"cscl", "A B", CUBIC, PRIMITIVE, 2, {{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 1}}},
    [NMD_CRYSTAL_b2] = {"b2", "A B", CUBIC, PRIMITIVE, 2, {{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 1}}},
    [NMD_CRYSTAL_l1_0] = {"l1_0",
                          "A B",
                          CUBIC,
                          PRIMITIVE,
                          4,
                          {{{0, 0, 0}, 0}, {{0.5, 0.5, 0}, 0}, {{0.5, 0, 0.5}, 1}, {{0, 0.5, 0.5}, 1}}},
    [NMD_CRYSTAL_l1_2] = {"l1_2",
                          "A B3",
                          CUBIC,
                          PRIMITIVE,
                          4,
                          {{{0, 0, 0}, 0}, {{0.5, 0.5, 0}, 1}, {{0.5, 0, 0.5}, 1}, {{0, 0.5, 0.5}, 1}}},
    [NMD_CRYSTAL_d0_3] = {"d0_3",
                          "A B3",
                          CUBIC,
                          FACE,
                          4,
                          {{{0, 0, 0}, 0}, {{0.25, 0.25, 0.25}, 1}, {{0.5, 0.5, 0.5}, 1}, {{0.75, 0.75, 0.75}, 1}}},
    [NMD_CRYSTAL_b32] = {"b32",
                         "A B",
                         CUBIC,
                         FACE,
                         4,
                         {{{0, 0, 0}, 0}, {{0.25, 0.25, 0.25}, 0}, {{0.5, 0.5, 0.5}, 1}, {{0.75, 0.75, 0.75}, 1}}},
    [NMD_CRYSTAL_zincblende] = {"zincblende", "A B", CUBIC, FACE, 2, {{{0, 0, 0}, 0}, {{0.25, 0.25, 0.25}, 1}}},
    [NMD_CRYSTAL_fluorite] =
        {"fluorite", "A B2", CUBIC, FACE, 3, {{{0, 0, 0}, 0}, {{0.25, 0.25, 0.25}, 1}, {{0.75, 0.75, 0.75}, 1}}},
    [NMD_CRYSTAL_perovskite] =
        {"perovskite",
         "A B C3",
         CUBIC,
         PRIMITIVE,
         5,
         {{{0, 0, 0}, 0}, {{0.5, 0.5, 0.5}, 1}, {{0.5, 0.5, 0}, 2}, {{0.5, 0, 0.5}, 2}, {{0, 0.5, 0.5}, 2}}},
};

const char *nmd_crystal_name(nmd_crystal crystal) { return crystals[crystal].name; }
const char *nmd_crystal_formula(nmd_crystal crystal) { return crystals[crystal].formula; }

int nmd_crystal_sublattices(nmd_crystal crystal) {
  const crystal_row *row = &crystals[crystal];
  return row->motif[row->n_motif - 1].sublattice + 1; /* motifs list the sublattices in order */
}

double nmd_crystal_c_over_a(nmd_crystal crystal) { return crystals[crystal].shape == CUBIC ? 1.0 : sqrt(8.0 / 3.0); }

int nmd_crystal_sites(nmd_crystal crystal, nmd_site *sites) {
  static const double centres[][3] = {{0, 0, 0}, {0.5, 0.5, 0.5}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  static const struct {
    int n, index[4];
  } of_lattice[] = {[PRIMITIVE] = {1, {0}}, [BODY] = {2, {0, 1}}, [FACE] = {4, {0, 2, 3, 4}}};
  const crystal_row *row = &crystals[crystal];
  int n = 0;
  for (int m = 0; m < row->n_motif; m++)
    for (int c = 0; c < of_lattice[row->lattice].n; c++) {
      const double *shift = centres[of_lattice[row->lattice].index[c]];
      sites[n].sublattice = row->motif[m].sublattice;
      for (int k = 0; k < 3; k++) {
        const double s = row->motif[m].s[k] + shift[k];
        sites[n].s[k] = s - floor(s);
      }
      n++;
    }
  return n;
}

void nmd_crystal_cell(nmd_crystal crystal, double a, double c, double h[3][3]) {
  memset(h, 0, 9 * sizeof(double));
  h[0][0] = a;
  h[2][2] = c;
  switch (crystals[crystal].shape) {
    case CUBIC: h[1][1] = a; break;
    case ORTHOHEXAGONAL: h[1][1] = sqrt(3.0) * a; break;
    case HEXAGONAL:
      h[1][0] = -0.5 * a;
      h[1][1] = sqrt(0.75) * a;
      break;
  }
}
