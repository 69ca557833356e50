/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/symmetry.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/version.h"

#if NMD_HAVE_SYMSPG
#include <spglib.h>

static void find_label(const nmd_structure *s, double tolerance, double (*direct)[3], char *label) {
  double columns[3][3]; /* spglib has the cell vectors in columns */
  for (int k = 0; k < 9; k++) columns[k / 3][k % 3] = s->box.h[k % 3][k / 3];
  for (int64_t i = 0; i < s->n; i++) nmd_box_to_fractional(&s->box, s->x[i], direct[i]);
  char symbol[11] = "";
  const int number = spg_get_international(symbol, columns, direct, s->atomic_number, (int)s->n, tolerance);
  if (number > 0) snprintf(label, NMD_SYMMETRY_TEXT, "%s_%d", symbol, number);
}
#endif

void nmd_symmetry_label(const nmd_structure *s, double tolerance, char label[NMD_SYMMETRY_TEXT]) {
  snprintf(label, NMD_SYMMETRY_TEXT, "-");
#if NMD_HAVE_SYMSPG
  double(*direct)[3];
  if (NMD_ALLOC(direct, s->n) != NMD_OK) return;
  find_label(s, tolerance, direct, label);
  nmd_free(direct);
#else
  (void)s, (void)tolerance;
#endif
}
