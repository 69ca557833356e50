/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "dataset/label.h"
#include "system/element.h"

#define SAME_PLACE 0.01 /* A: OUTCAR has five decimals, and some programs shift atoms by a rounding of the cell */

static double distance_between(const nmd_box *box, const double a[3], const double b[3]) {
  double sa[3], sb[3], d[3];
  nmd_box_to_fractional(box, a, sa);
  nmd_box_to_fractional(box, b, sb);
  for (int k = 0; k < 3; k++) {
    sb[k] -= sa[k];
    if (box->periodic[k]) sb[k] -= nearbyint(sb[k]);
  }
  nmd_row_times(sb, box->h, d);
  return nmd_norm(d);
}

static bool same_cell(const nmd_structure *a, const nmd_structure *b) {
  for (int k = 0; k < 9 && a->box.periodic[k / 3]; k++)
    if (fabs(a->box.h[k / 3][k % 3] - b->box.h[k / 3][k % 3]) > SAME_PLACE) return false;
  return true;
}

/* partner[i]: the atom of the result that is atom i of the frame. Same order first, as it mostly is. */
static nmd_status find_partners(const nmd_structure *frame, const nmd_structure *result, int64_t *partner,
                                bool *taken) {
  for (int64_t i = 0; i < frame->n; i++) {
    partner[i] = -1;
    for (int64_t m = 0; m < frame->n && partner[i] < 0; m++) {
      const int64_t j = (i + m) % frame->n;
      if (taken[j] || result->atomic_number[j] != frame->atomic_number[i]) continue;
      if (distance_between(&frame->box, frame->x[i], result->x[j]) < SAME_PLACE) partner[i] = j;
    }
    if (partner[i] < 0)
      NMD_FAIL(CONFLICT, "the result has no %s where atom %lld is; expected the same structure, not relaxed",
               nmd_element_symbol(frame->atomic_number[i]), (long long)i + 1);
    taken[partner[i]] = true;
  }
  return NMD_OK;
}

static nmd_status copy_labels(nmd_structure *frame, const nmd_structure *result, const int64_t *partner) {
  NMD_TRY(nmd_structure_need_forces(frame));
  for (int64_t i = 0; i < frame->n; i++) memcpy(frame->f[i], result->f[partner[i]], sizeof frame->f[i]);
  frame->has_energy = true;
  frame->energy = result->energy;
  frame->has_stress = result->has_stress;
  memcpy(frame->stress, result->stress, sizeof frame->stress);
  const char *scf = nmd_structure_info(result, "scf");
  return scf != NULL ? nmd_structure_set_info(frame, "scf", scf) : NMD_OK;
}

nmd_status nmd_labels_take(nmd_structure *frame, const nmd_structure *result) {
  int64_t *partner = NULL;
  bool *taken = NULL;
  if (!result->has_energy || result->f == NULL)
    NMD_FAIL(MISSING_KEY, "the result has no %s; expected energy and forces", result->has_energy ? "forces" : "energy");
  if (result->n != frame->n)
    NMD_FAIL(CONFLICT, "the result has %lld atoms; expected the %lld of the structure", (long long)result->n,
             (long long)frame->n);
  if (!same_cell(frame, result)) NMD_FAIL(CONFLICT, "the result has another cell; expected that of the structure");
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(partner, frame->n));
  NMD_GOTO(NMD_ALLOC(taken, frame->n));
  NMD_GOTO(find_partners(frame, result, partner, taken));
  NMD_GOTO(copy_labels(frame, result, partner));
done:
  nmd_free(partner);
  nmd_free(taken);
  return status;
}
