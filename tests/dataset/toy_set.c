/* SPDX-License-Identifier: BSD-3-Clause */
#include "toy_set.h"

#include "base/memory.h"
#include "base/random.h"
#include "dataset/environments.h"
#include "support/test.h"
#include "support/test_mpi.h"

enum { RUN = 10, ATOMS = 6 };

static double draw(int64_t frame, int64_t what) {
  double u[2];
  nmd_random_uniform2(11, NMD_STREAM_TEST, frame, what, 0, u);
  return 2.0 * u[0] - 1.0;
}

void toy_set_label(nmd_structure *s) {
  nmd_neighbours nb;
  const double cutoff = 25.0; /* exp(-25) is nothing */
  TEST_OK(nmd_structure_need_forces(s));
  TEST_OK(nmd_neighbours_find(TEST_COMM, s, cutoff, &nb));
  s->energy = 0.0;
  memset(s->stress, 0, sizeof s->stress);
  for (int64_t i = 0; i < s->n; i++) {
    memset(s->f[i], 0, sizeof s->f[i]);
    for (int64_t k = nb.first[i]; k < nb.first[i + 1]; k++) {
      const double e = 50.0 * exp(-nb.r[k]);
      s->energy += 0.5 * e;
      for (int a = 0; a < 3; a++) {
        s->f[i][a] -= e * nb.d[k][a] / nb.r[k]; /* repulsion */
        for (int b = 0; b < 3; b++) s->stress[a][b] -= 0.5 * e * nb.d[k][a] * nb.d[k][b] / nb.r[k] / s->box.volume;
      }
    }
  }
  s->has_energy = s->has_stress = true;
  nmd_neighbours_free(&nb);
}

void toy_set_append(nmd_dataset *set, const nmd_structure *frame) {
  char place[32];
  TEST_OK(NMD_GROW(set->frames, set->n, set->n + 1));
  TEST_OK(NMD_GROW(set->place, set->n, set->n + 1));
  set->capacity = set->n + 1;
  snprintf(place, sizeof place, "toy:%lld", (long long)set->n);
  TEST_OK(nmd_strdup(place, &set->place[set->n]));
  TEST_OK(nmd_structure_copy(frame, &set->frames[set->n]));
  set->n++;
}

static void make_frame(int64_t k, nmd_structure *s) {
  const int64_t run = k / RUN;
  double h[3][3];
  char text[32];
  TEST_OK(nmd_structure_init(s, ATOMS));
  for (int m = 0; m < 9; m++)
    h[m / 3][m % 3] = (m % 4 == 0 ? 6.0 : 0.0) + 0.5 * draw(run, 100 + m) + 0.02 * draw(k, 200 + m);
  TEST_OK(nmd_box_init(&s->box, h, NULL, NULL));
  for (int i = 0; i < ATOMS; i++) {
    double fraction[3];
    for (int d = 0; d < 3; d++)
      fraction[d] = 0.25 + 0.5 * (i >> d & 1) + 0.04 * draw(run, 10 * i + d) + 0.005 * draw(k, 10 * i + d);
    nmd_box_to_cartesian(&s->box, fraction, s->x[i]);
    s->atomic_number[i] = (run + i) % 3 == 0 ? 3 : 79;
  }
  toy_set_label(s);
  snprintf(text, sizeof text, "run%lld", (long long)run);
  TEST_OK(nmd_structure_set_info(s, "group", text));
  TEST_OK(nmd_structure_set_info(s, "kind", run % 2 == 0 ? "even" : "odd"));
}

void toy_set_make(int64_t frames, nmd_dataset *set) {
  *set = (nmd_dataset){0};
  for (int64_t k = 0; k < frames; k++) {
    nmd_structure s;
    make_frame(k, &s);
    toy_set_append(set, &s);
    nmd_structure_free(&s);
  }
}
