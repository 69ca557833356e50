/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/frame.h"

#include <string.h>

void nmd_frame_view_init(nmd_frame_view *view, const nmd_structure *structure) {
  *view = (nmd_frame_view){
      .n = structure->n,
      .id = structure->id,
      .atomic_number = structure->atomic_number,
      .x = (const double(*)[3])structure->x,
      .image = (const int(*)[3])structure->image,
      .v = (const double(*)[3])structure->v,
      .f = (const double(*)[3])structure->f,
      .box = &structure->box,
      .step = -1,
      .has_energy = structure->has_energy,
      .energy = structure->energy,
      .has_stress = structure->has_stress,
      .extras = structure->info,
      .n_extras = structure->n_info,
  };
  memcpy(view->stress, structure->stress, sizeof view->stress);
}

unsigned nmd_frame_fields(const nmd_frame_view *view) {
  unsigned fields = 0;
#define NMD_X(name, bit, member)                                                                                       \
  if (view->member != NULL) fields |= bit;
  NMD_FRAME_FIELDS(NMD_X)
#undef NMD_X
  return fields | NMD_FIELD_ID; /* without ids the atoms are numbered */
}

nmd_status nmd_frame_check(const nmd_frame_view *view, unsigned fields, int digits) {
  const unsigned missing = fields & ~nmd_frame_fields(view);
  if (missing != 0) NMD_FAIL(INTERNAL, "frame without the fields asked for (bits %u); please report it", missing);
  if (digits < 1 || digits > NMD_DIGITS_MAX)
    NMD_FAIL(INTERNAL, "%d digits asked for; expected 1 to %d; please report it", digits, NMD_DIGITS_MAX);
  return NMD_OK;
}
