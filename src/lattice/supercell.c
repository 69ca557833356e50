/* SPDX-License-Identifier: BSD-3-Clause */
#include "lattice/supercell.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"

enum { SITES_MAX = 1 << 24 };

static int floor_divide(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

static void subtract(int to[3], const int from[3], int times) {
  for (int c = 0; c < 3; c++) to[c] -= times * from[c];
}

/* Lower triangular form of the rows, by Euclid's algorithm on the columns from the last on. */
static void reduce_rows(int h[3][3]) {
  for (int k = 2; k >= 0; k--) {
    for (int r = k - 1; r >= 0; r--)
      while (h[r][k] != 0) {
        int other[3];
        subtract(h[k], h[r], h[k][k] / h[r][k]);
        memcpy(other, h[k], sizeof other);
        memcpy(h[k], h[r], sizeof other);
        memcpy(h[r], other, sizeof other);
      }
    if (h[k][k] < 0)
      for (int c = 0; c < 3; c++) h[k][c] = -h[k][c];
  }
}

int nmd_supercell_cell(const nmd_supercell *super, const int cell[3]) {
  int v[3] = {cell[0], cell[1], cell[2]};
  const int(*h)[3] = super->reduced;
  for (int k = 2; k >= 0; k--) subtract(v, h[k], floor_divide(v[k], h[k][k]));
  return (v[0] * h[1][1] + v[1]) * h[2][2] + v[2];
}

nmd_status nmd_supercell_init(nmd_supercell *super, const nmd_parent_lattice *parent, const int matrix[3][3]) {
  double real[3][3];
  *super = (nmd_supercell){0};
  memcpy(super->matrix, matrix, sizeof super->matrix);
  memcpy(super->reduced, matrix, sizeof super->reduced);
  for (int k = 0; k < 9; k++) real[k / 3][k % 3] = matrix[k / 3][k % 3];
  const double cells = fabs(nmd_det((const double(*)[3])real));
  if (cells < 0.5) NMD_FAIL(BAD_CELL, "a supercell without volume; expected three independent rows of integers");
  if (cells * parent->n_sites > SITES_MAX)
    NMD_FAIL(OUT_OF_RANGE, "a supercell of %.0f sites; expected up to %d", cells * parent->n_sites, SITES_MAX);
  reduce_rows(super->reduced);
  const int(*h)[3] = super->reduced;
  super->cells = h[0][0] * h[1][1] * h[2][2];
  super->n = super->cells * parent->n_sites;
  NMD_TRY(NMD_ALLOC(super->cell, super->cells));
  for (int k = 0; k < super->cells; k++) {
    super->cell[k][2] = k % h[2][2];
    super->cell[k][1] = k / h[2][2] % h[1][1];
    super->cell[k][0] = k / (h[2][2] * h[1][1]);
  }
  return NMD_OK;
}

void nmd_supercell_free(nmd_supercell *super) {
  nmd_free(super->cell);
  *super = (nmd_supercell){0};
}

static nmd_status super_box(const nmd_supercell *super, const nmd_parent_lattice *parent, nmd_box *box) {
  double h[3][3];
  for (int r = 0; r < 3; r++) {
    const double row[3] = {super->matrix[r][0], super->matrix[r][1], super->matrix[r][2]};
    nmd_row_times(row, parent->box.h, h[r]);
  }
  return nmd_box_init(box, (const double(*)[3])h, parent->box.origin, NULL);
}

static void place(const nmd_supercell *super, const nmd_parent_lattice *parent, int cell, const double s[3],
                  double x[3]) {
  double at[3];
  for (int a = 0; a < 3; a++) at[a] = s[a] + super->cell[cell][a];
  nmd_box_to_cartesian(&parent->box, at, x);
}

nmd_status nmd_supercell_positions(const nmd_supercell *super, const nmd_parent_lattice *parent, nmd_box *box,
                                   double (*x)[3]) {
  NMD_TRY(super_box(super, parent, box));
  for (int i = 0; i < super->n; i++) place(super, parent, i / parent->n_sites, parent->site[i % parent->n_sites], x[i]);
  return NMD_OK;
}

static void put_atom(const nmd_supercell *super, const nmd_parent_lattice *parent, int cell, const double s[3], int z,
                     nmd_structure *out) {
  int image[3] = {0};
  if (z == NMD_VACANCY) return;
  place(super, parent, cell, s, out->x[out->n]);
  nmd_box_wrap(&out->box, out->x[out->n], image);
  out->atomic_number[out->n++] = z;
}

nmd_status nmd_supercell_structure(const nmd_supercell *super, const nmd_parent_lattice *parent,
                                   const uint8_t *occupation, nmd_structure *out) {
  NMD_TRY(nmd_structure_init(out, (int64_t)super->cells * (parent->n_sites + parent->n_frame)));
  const nmd_status status = super_box(super, parent, &out->box);
  out->n = 0;
  if (status != NMD_OK) {
    nmd_structure_free(out);
    return status;
  }
  for (int i = 0; i < super->n; i++) {
    const int b = i % parent->n_sites;
    put_atom(super, parent, i / parent->n_sites, parent->site[b], parent->kinds[parent->kind[b]].z[occupation[i]], out);
  }
  for (int c = 0; c < super->cells; c++)
    for (int f = 0; f < parent->n_frame; f++) put_atom(super, parent, c, parent->frame[f], parent->frame_z[f], out);
  return NMD_OK;
}
