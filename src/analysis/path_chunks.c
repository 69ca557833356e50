/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/path_chunks.h"

#include <string.h>

#include "base/memory.h"

/* LINE floats fill a line of the cache; a chunk is short enough that one page holds several coordinates' pieces. */
enum { LINE = 16, CHUNK = 64 };

static size_t each(bool single) { return single ? sizeof(float) : sizeof(double); }

int64_t nmd__path_chunks_bytes(int64_t atoms, int64_t frames, bool single) {
  return atoms * 3 * (int64_t)each(single) * ((frames + CHUNK - 1) / CHUNK * CHUNK + LINE);
}

void nmd__path_chunks_drop(nmd__path_chunks *chunks) {
  for (int64_t k = 0; k < chunks->n; k++) nmd_free(chunks->chunk[k]);
  nmd_free(chunks->chunk);
  nmd_free(chunks->stage);
  *chunks = (nmd__path_chunks){.single = chunks->single};
}

nmd_status nmd__path_chunks_begin(nmd__path_chunks *chunks, int64_t atoms, bool single) {
  nmd__path_chunks_drop(chunks);
  *chunks = (nmd__path_chunks){.atoms = atoms, .single = single};
  return nmd_alloc(&chunks->stage, (size_t)(LINE * 3 * atoms), each(single));
}

static nmd_status next_chunk(nmd__path_chunks *chunks) {
  if (chunks->n == chunks->capacity) {
    chunks->capacity = 2 * chunks->capacity + 64;
    NMD_TRY(NMD_GROW(chunks->chunk, chunks->n, chunks->capacity));
  }
  NMD_TRY(nmd_alloc(&chunks->chunk[chunks->n], (size_t)(CHUNK * 3 * chunks->atoms), each(chunks->single)));
  chunks->n++;
  return NMD_OK;
}

/* [rows][width] to [width][CHUNK], LINE columns at a time: they are whole lines of the cache in both. */
#define DEFINE_TURN(name, real)                                                                                        \
  static void name(const real *restrict from, int64_t rows, int64_t width, real *restrict to) {                        \
    for (int64_t c = 0; c < width; c += LINE) {                                                                        \
      const int64_t end = c + LINE < width ? c + LINE : width;                                                         \
      for (int64_t k = c; k < end; k++)                                                                                \
        for (int64_t r = 0; r < rows; r++) to[k * CHUNK + r] = from[r * width + k];                                    \
    }                                                                                                                  \
  }
DEFINE_TURN(turn_floats, float)
DEFINE_TURN(turn_doubles, double)

/* The frames on the way, up to number `frames`, into their chunk. */
static void turn(nmd__path_chunks *chunks) {
  const int64_t rows = (chunks->frames - 1) % LINE + 1, at = (chunks->frames - rows) % CHUNK;
  void *to = chunks->chunk[chunks->n - 1];
  if (chunks->single)
    turn_floats(chunks->stage, rows, 3 * chunks->atoms, (float *)to + at);
  else
    turn_doubles(chunks->stage, rows, 3 * chunks->atoms, (double *)to + at);
}

nmd_status nmd__path_chunks_put(nmd__path_chunks *chunks, const double (*x)[3], const int64_t *which, int64_t offset) {
  if (chunks->frames % CHUNK == 0) NMD_TRY(next_chunk(chunks));
  const int64_t at = chunks->frames % LINE * 3 * chunks->atoms;
  for (int64_t i = 0; i < chunks->atoms; i++)
    for (int d = 0; d < 3; d++) {
      const double value = x[which[i] - offset][d];
      if (chunks->single)
        ((float *)chunks->stage)[at + 3 * i + d] = (float)value;
      else
        ((double *)chunks->stage)[at + 3 * i + d] = value;
    }
  chunks->frames++;
  if (chunks->frames % LINE == 0) turn(chunks);
  return NMD_OK;
}

void nmd__path_chunks_end(nmd__path_chunks *chunks) {
  if (chunks->frames % LINE != 0) turn(chunks);
}

static void get_piece(const nmd__path_chunks *chunks, int64_t chunk, int64_t row, int64_t n, double *out) {
  if (!chunks->single) {
    memcpy(out, (const double *)chunks->chunk[chunk] + row * CHUNK, (size_t)n * sizeof *out);
    return;
  }
  const float *from = (const float *)chunks->chunk[chunk] + row * CHUNK;
  for (int64_t k = 0; k < n; k++) out[k] = (double)from[k];
}

void nmd__path_chunks_get(const nmd__path_chunks *chunks, int64_t atom, double *x) {
  for (int64_t chunk = 0; chunk < chunks->n; chunk++) {
    const int64_t from = chunk * CHUNK, left = chunks->frames - from;
    for (int d = 0; d < 3; d++)
      get_piece(chunks, chunk, 3 * atom + d, left < CHUNK ? left : CHUNK, x + d * chunks->frames + from);
  }
}
