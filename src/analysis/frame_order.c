/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/frame_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "system/element.h"

typedef struct labelled {
  int64_t id, index;
} labelled;

static int by_id(const void *a, const void *b) {
  const int64_t x = ((const labelled *)a)->id, y = ((const labelled *)b)->id;
  return (x > y) - (x < y);
}

/* rank [n]: where in the file each atom by id is. */
static nmd_status sort_ids(nmd_frame_order *o, const nmd_structure *frame) {
  bool sorted = true;
  for (int64_t i = 0; i < o->n; i++) {
    o->rank[i] = i;
    sorted = sorted && (i == 0 || frame->id[i] > frame->id[i - 1]);
  }
  memcpy(o->raw_id, frame->id, (size_t)o->n * sizeof *o->raw_id);
  if (sorted) return NMD_OK;
  labelled *list;
  NMD_TRY(NMD_ALLOC(list, o->n));
  for (int64_t i = 0; i < o->n; i++) list[i] = (labelled){frame->id[i], i};
  qsort(list, (size_t)o->n, sizeof *list, by_id);
  for (int64_t i = 0; i < o->n; i++) o->rank[i] = list[i].index;
  nmd_free(list);
  return NMD_OK;
}

static nmd_status begin(nmd_frame_order *o, const nmd_structure *frame, const nmd_selection *selection) {
  o->n = frame->n;
  NMD_TRY(NMD_ALLOC(o->id, o->n));
  NMD_TRY(NMD_ALLOC(o->atomic_number, o->n));
  NMD_TRY(NMD_ALLOC(o->raw_id, o->n));
  NMD_TRY(NMD_ALLOC(o->rank, o->n));
  NMD_TRY(NMD_ALLOC(o->chosen, o->n));
  NMD_TRY(NMD_ALLOC(o->order, o->n));
  NMD_TRY(NMD_ALLOC(o->last_x, o->n));
  NMD_TRY(sort_ids(o, frame));
  for (int64_t k = 0; k < o->n; k++) {
    o->id[k] = frame->id[o->rank[k]];
    o->atomic_number[k] = frame->atomic_number[o->rank[k]];
    if (selection == NULL || nmd_selection_has(selection, o->id[k], o->atomic_number[k])) o->chosen[o->selected++] = k;
  }
  if (o->selected > 0) return NMD_OK;
  NMD_FAIL(MISSING_KEY,
           "no atom of the elements and ids selected; expected at least one; the frame has %lld atoms, the "
           "first of them %s",
           (long long)o->n, nmd_element_symbol(o->atomic_number[0]));
}

static nmd_status check_same_atoms(const nmd_frame_order *o, const nmd_structure *frame) {
  for (int64_t k = 0; k < o->n; k++) {
    const int64_t i = o->rank[k];
    if (frame->id[i] != o->id[k])
      NMD_FAIL(CONFLICT,
               "atom id %lld where the first frame has %lld; expected the same atoms in every frame; are these "
               "files of one run?",
               (long long)frame->id[i], (long long)o->id[k]);
    if (frame->atomic_number[i] != o->atomic_number[k])
      NMD_FAIL(CONFLICT,
               "atom %lld is %s, in the first frame it was %s; expected the same elements in every frame; are "
               "the atoms of a file without ids in another order?",
               (long long)o->id[k], nmd_element_symbol(frame->atomic_number[i]),
               nmd_element_symbol(o->atomic_number[k]));
  }
  return NMD_OK;
}

static nmd_status make_room(const nmd_frame_order *o, const nmd_structure *frame, nmd_structure *atoms) {
  if (atoms->n != o->selected) {
    nmd_structure_free(atoms);
    NMD_TRY(nmd_structure_init(atoms, o->selected));
  }
  if (frame->v != NULL) NMD_TRY(nmd_structure_need_velocities(atoms));
  if (frame->f != NULL) NMD_TRY(nmd_structure_need_forces(atoms));
  return NMD_OK;
}

static void copy_atoms(nmd_frame_order *o, const nmd_structure *frame, nmd_structure *atoms) {
  for (int64_t m = 0; m < o->selected; m++) {
    const int64_t k = o->chosen[m], i = o->rank[k];
    o->order[m] = i;
    atoms->id[m] = o->id[k];
    atoms->atomic_number[m] = o->atomic_number[k];
    memcpy(atoms->x[m], frame->x[i], sizeof atoms->x[m]);
    if (frame->v != NULL) memcpy(atoms->v[m], frame->v[i], sizeof atoms->v[m]);
    if (frame->f != NULL) memcpy(atoms->f[m], frame->f[i], sizeof atoms->f[m]);
  }
  memcpy(o->last_x, frame->x, (size_t)o->n * sizeof *o->last_x);
  atoms->box = frame->box;
}

nmd_status nmd_frame_order_apply(nmd_frame_order *order, const nmd_structure *frame, const nmd_selection *selection,
                                 nmd_structure *atoms) {
  if (order->n == 0) NMD_TRY(begin(order, frame, selection));
  if (frame->n != order->n)
    NMD_FAIL(CONFLICT, "%lld atoms, the first frame has %lld; expected the same number in every frame",
             (long long)frame->n, (long long)order->n);
  if (memcmp(order->raw_id, frame->id, (size_t)order->n * sizeof *order->raw_id) != 0) NMD_TRY(sort_ids(order, frame));
  NMD_TRY(check_same_atoms(order, frame));
  if ((frame->v == NULL && atoms->v != NULL) || (frame->f == NULL && atoms->f != NULL))
    NMD_FAIL(CONFLICT, "no velocities or forces, the frames before had them; expected the same columns in all frames");
  NMD_TRY(make_room(order, frame, atoms));
  copy_atoms(order, frame, atoms);
  return NMD_OK;
}

void nmd_frame_order_free(nmd_frame_order *order) {
  nmd_free(order->id);
  nmd_free(order->atomic_number);
  nmd_free(order->raw_id);
  nmd_free(order->rank);
  nmd_free(order->chosen);
  nmd_free(order->order);
  nmd_free(order->last_x);
  *order = (nmd_frame_order){0};
}
