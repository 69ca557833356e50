/* SPDX-License-Identifier: BSD-3-Clause */
/* Structures for the tests of io: a few atoms in cells of every awkward kind. */
#ifndef NNPMD_TESTS_IO_SAMPLE_H
#define NNPMD_TESTS_IO_SAMPLE_H

#include "base/vec3.h"
#include "support/test.h"
#include "system/structure.h"

enum { SAMPLE_ATOMS = 7 };

static const struct {
  const char *name;
  double h[3][3], origin[3];
  bool periodic[3];
} sample_cells[] = {
    {"orthorhombic", {{5.1, 0, 0}, {0, 6.2, 0}, {0, 0, 7.3}}, {0, 0, 0}, {true, true, true}},
    {"tilted", {{8, 0, 0}, {-2.5, 7, 0}, {3.1, -1.7, 6.5}}, {1.5, -2.25, 0.75}, {true, true, true}},
    {"slab", {{8, 0, 0}, {2.5, 7, 0}, {0, 0, 20}}, {0, 0, -10}, {true, true, false}},
    {"general", {{1, 5, 2}, {-4, 0.5, 3}, {0.3, -1, 6}}, {0.1, 0.2, 0.3}, {true, true, true}},
    {"left_handed", {{0, 4.1, 4.1}, {4.1, 4.1, 0}, {4.1, 0, 4.1}}, {0, 0, 0}, {true, true, true}},
    {"left_handed_shifted", {{6, 0.5, 0}, {1, 0.2, 7}, {0, 5, 1}}, {-3, 2, 1}, {true, false, true}},
    {"needle", {{2.1, 0, 0}, {0, 90, 0}, {40, 0.1, 1.9}}, {0, 0, 0}, {true, true, true}},
};
enum { SAMPLE_CELLS = sizeof sample_cells / sizeof sample_cells[0] };

/* Reproducible numbers in [-1, 1] that need all 17 digits. */
static inline double sample_number(uint64_t *state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(int64_t)(*state >> 11) / 4503599627370496.0 - 1.0;
}

static inline void sample_make(int cell, nmd_structure *s) {
  static const int elements[SAMPLE_ATOMS] = {79, 3, 3, 8, 79, 57, 8};
  uint64_t state = (uint64_t)cell + 17;
  TEST_OK(nmd_structure_init(s, SAMPLE_ATOMS));
  TEST_OK(nmd_structure_need_velocities(s));
  TEST_OK(nmd_structure_need_forces(s));
  TEST_OK(nmd_structure_need_images(s));
  TEST_OK(nmd_box_init(&s->box, sample_cells[cell].h, sample_cells[cell].origin, sample_cells[cell].periodic));
  for (int i = 0; i < SAMPLE_ATOMS; i++) {
    double fraction[3];
    for (int d = 0; d < 3; d++) {
      fraction[d] = 0.5 + 0.49 * sample_number(&state);
      s->v[i][d] = 0.01 * sample_number(&state);
      s->f[i][d] = 10.0 * sample_number(&state);
      s->image[i][d] = sample_cells[cell].periodic[d] ? (int)(3.9 * sample_number(&state)) : 0;
    }
    nmd_box_to_cartesian(&s->box, fraction, s->x[i]);
    s->atomic_number[i] = elements[i];
    s->id[i] = 10 * (i + 1);
  }
  s->has_energy = true;
  s->energy = -1234.5678901234567;
}

/* Unwrapped vector between two atoms, the quantity no writer may change but for a turn of the whole. */
static inline void sample_unwrapped(const nmd_structure *s, int64_t i, double x[3]) {
  for (int k = 0; k < 3; k++) {
    x[k] = s->x[i][k];
    for (int d = 0; d < 3; d++) x[k] += s->image[i][d] * s->box.h[d][k];
  }
}

#endif
