/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/ring.h"

#include <string.h>

#include "base/memory.h"
#include "io/file_atomic.h"
#include "io/write_extxyz.h"
#include "output/gather.h"
#include "simulation/simulation.h"

/* This rank's part of one frame. */
typedef struct ring_frame {
  int64_t step; /* -1: empty */
  double time, energy, temperature, virial[3][3];
  nmd_box box;
  int n, capacity;
  char *packed; /* [n] atoms, their checkpoint fields */
} ring_frame;

struct nmd_ring {
  int n, next;
  ring_frame *frames; /* [n], the oldest at `next` */
};

nmd_status nmd_ring_create(int frames, nmd_ring **out) {
  nmd_ring *ring;
  NMD_TRY(NMD_ALLOC(ring, 1));
  ring->n = frames;
  const nmd_status status = NMD_ALLOC(ring->frames, frames);
  if (status != NMD_OK) {
    nmd_free(ring);
    return status;
  }
  for (int k = 0; k < frames; k++) ring->frames[k].step = -1;
  *out = ring;
  return NMD_OK;
}

void nmd_ring_destroy(nmd_ring *ring) {
  if (ring == NULL) return;
  for (int k = 0; k < ring->n; k++) nmd_free(ring->frames[k].packed);
  nmd_free(ring->frames);
  nmd_free(ring);
}

void nmd_ring_record(nmd_ring *ring, const nmd_simulation *s) {
  ring_frame *f = &ring->frames[ring->next];
  int n = s->atoms.n_owned;
  if (n > f->capacity) {
    const int capacity = n + n / 16;
    const nmd_status grown = nmd_grow(&f->packed, 0, (size_t)capacity, nmd_atoms_packed_bytes(NMD_FIELD_C));
    if (grown == NMD_OK)
      f->capacity = capacity;
    else
      n = 0;
  }
  f->n = n;
  char *to = f->packed;
  for (int i = 0; i < n; i++) to = nmd_atoms_pack(&s->atoms, i, NMD_FIELD_C, to);
  f->step = s->counters.step;
  f->time = s->counters.time;
  f->energy = s->totals.potential_energy;
  memcpy(f->virial, s->totals.virial, sizeof f->virial);
  f->box = s->box;
  ring->next = (ring->next + 1) % ring->n;
}

static nmd_status unpack(const ring_frame *f, nmd_atoms *atoms) {
  NMD_TRY(nmd_atoms_reserve(atoms, f->n));
  const char *from = f->packed;
  for (int i = 0; i < f->n; i++) from = nmd_atoms_unpack(atoms, i, NMD_FIELD_C, from);
  atoms->n_owned = f->n;
  return NMD_OK;
}

static nmd_status format(const nmd_simulation *s, const ring_frame *f, nmd_gathered *gathered, nmd_buffer *text) {
  static const unsigned fields = NMD_FIELD_ID | NMD_FIELD_IMAGE | NMD_FIELD_VELOCITY | NMD_FIELD_FORCE;
  nmd_atoms atoms;
  nmd_atoms_init(&atoms);
  nmd_status status = nmd_comm_agree(s->comm, unpack(f, &atoms));
  if (status == NMD_OK) {
    nmd_observation seen = {.comm = s->comm,
                            .atoms = &atoms,
                            .box = &f->box,
                            .species = &s->species,
                            .n_atoms = s->n_atoms,
                            .step = f->step,
                            .time = f->time,
                            .potential_energy = f->energy};
    memcpy(seen.virial, f->virial, sizeof seen.virial);
    nmd_frame_view view;
    status = nmd_gather_frame(gathered, &seen, fields, &view);
    view.has_temperature = false;
    if (status == NMD_OK && nmd_comm_rank(s->comm) == 0)
      status = nmd_extxyz_format(&view, fields, NMD_DIGITS_MAX, text);
    status = nmd_comm_agree(s->comm, status);
  }
  nmd_atoms_free(&atoms);
  return status;
}

nmd_status nmd_ring_write(nmd_ring *ring, const nmd_simulation *s, const char *path, int *written) {
  nmd_gathered gathered = {0};
  nmd_buffer text = {0};
  nmd_status status = NMD_OK;
  *written = 0;
  for (int k = 0; k < ring->n && status == NMD_OK; k++) {
    const ring_frame *f = &ring->frames[(ring->next + k) % ring->n];
    if (f->step < 0) continue;
    status = format(s, f, &gathered, &text);
    ++*written;
  }
  if (status == NMD_OK && nmd_comm_rank(s->comm) == 0 && text.length > 0)
    status = nmd_file_write_atomic(path, text.data, text.length, 2);
  nmd_buffer_free(&text);
  nmd_gathered_free(&gathered);
  return nmd_comm_agree(s->comm, status);
}
