/* SPDX-License-Identifier: BSD-3-Clause */
/* structure.save: what was built, in a file whose header tells every choice, and which reads back as the same
 * structure. LINKS: engine io */
#include "base/memory.h"
#include "base/text.h"
#include "io/read_structure.h"
#include "parallel/comm.h"
#include "support/engine.h"
#include "support/test.h"

static const char *input_of(const char *name, const char *structure) {
  return engine_write_input(
      name,
      "seed: 4\nstructure: %s\npotential:\n  sum: {terms: [{morse: {cutoff: 5, set: bond_valence}}, "
      "{screened_coulomb: {cutoff: 5, charges: fixed_bvs}}]}\nstages: [nve: {steps: 1, timestep: 1 fs}]\n",
      structure);
}

static void test_saved(void) {
  const char *input =
      input_of("build.yaml", "{save: built.extxyz, build: {perovskite: {elements: [La, Nb, O], a: 3.95, repeat: "
                             "[3, 4, 2], rich: 0.5, inserted: Li, inserted_distance: 3}}}");
  nmd_simulation *s;
  if (!TEST_OK(engine_create(TEST_COMM, input, &s))) return;
  TEST_EQUAL_INT(s->n_atoms, 108);
  nmd_simulation_destroy(s);
  char *text;
  size_t length;
  if (!TEST_OK(nmd_text_read_file(test_path("built.extxyz"), &text, &length))) return;
  TEST_CONTAINS(text, "perovskite La Nb O, 3 x 4 x 2 units");
  TEST_CONTAINS(text, "6 Li in vacancies of all layers, at least 3 A apart");
  TEST_CONTAINS(text, "seed 4");
  nmd_free(text);
  if (!TEST_OK(engine_create(TEST_COMM, input_of("read.yaml", "{file: built.extxyz}"), &s))) return;
  TEST_EQUAL_INT(s->n_atoms, 108);
  nmd_simulation_destroy(s);
  TEST_FAILS(engine_create(TEST_COMM, input_of("over.yaml", "{file: built.extxyz, save: built.extxyz}"), &s),
             NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "would overwrite the structure file");
  TEST_FAILS(engine_create(TEST_COMM, input_of("name.yaml", "{file: built.extxyz, save: built.what}"), &s),
             NMD_BAD_CHOICE);
  TEST_CONTAINS(nmd_error_text(), "built.what");
}

TEST_SUITE("simulation/save_structure", TEST(test_saved))
