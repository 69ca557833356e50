/* SPDX-License-Identifier: BSD-3-Clause */
/* A sound checkpoint whose stage was saved by another version, with fewer numbers, is refused and not read beyond its
 * end.
 *
 * LINKS: engine */
#include "io/checkpoint.h"
#include "parallel/comm.h" /* TEST_COMM */
#include "support/engine.h"
#include "support/test.h"

/* The same sections, that of the ensemble shorter by `less` bytes. */
static void rewrite(const char *path, size_t less) {
  nmd_checkpoint *old;
  nmd_checkpoint_writer *writer;
  if (!TEST_OK(nmd_checkpoint_read(path, &old)) || !TEST_OK(nmd_checkpoint_writer_create(&writer))) return;
  for (int k = 0; k < nmd_checkpoint_count(old); k++) {
    const char *name = nmd_checkpoint_name(old, k);
    const void *bytes;
    size_t size;
    TEST_OK(nmd_checkpoint_view(old, name, 1, &bytes, &size));
    TEST_OK(nmd_checkpoint_writer_add(writer, name, bytes, strcmp(name, "ensemble") == 0 ? size - less : size));
  }
  TEST_OK(nmd_checkpoint_writer_save(writer, path, 1));
  nmd_checkpoint_writer_destroy(writer);
  nmd_checkpoint_destroy(old);
}

static void test_state_of_another_length(void) {
  const engine_crystal solid = {.sites = "fcc", .a = 5.3, .cells = {3, 3, 3}, .z = {18}};
  engine_write_crystal(&solid, "start.extxyz");
  const char *input = engine_write_input("input.yaml",
                                         "output_folder: '%s'\nstructure: {file: start.extxyz}\npotential:\n  %s\n"
                                         "stages:\n  - npt: {steps: 100, velocities: 100 K, temperature: 100 K}\n",
                                         test_folder(), ENGINE_LJ);
  nmd_simulation *s = engine_open(TEST_COMM, input), *again = NULL;
  if (s == NULL) return;
  engine_steps(s, 5);
  TEST_OK(nmd_state_save(s));
  rewrite(s->checkpoint_path, 0);
  if (TEST_OK(engine_create(TEST_COMM, input, &again))) TEST_OK(nmd_state_load(again, s->checkpoint_path, NULL));
  nmd_simulation_destroy(again);
  rewrite(s->checkpoint_path, 8);
  if (TEST_OK(engine_create(TEST_COMM, input, &again))) {
    TEST_FAILS(nmd_state_load(again, s->checkpoint_path, NULL), NMD_CHECKPOINT);
    TEST_CONTAINS(nmd_error_text(), "the state of stage npt has 13 numbers, expected 14");
  }
  nmd_simulation_destroy(again);
  nmd_simulation_destroy(s);
}

TEST_SUITE("simulation/state", TEST(test_state_of_another_length))
