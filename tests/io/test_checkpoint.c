/* SPDX-License-Identifier: BSD-3-Clause */
/* A checkpoint gives back exactly what went in; any damage is found. */
#include "io/checkpoint.h"

#include "base/memory.h"
#include "base/status.h"
#include "io/checkpoint_layout.h"
#include "support/test.h"

static const double positions[5] = {1.0, -2.5, 1.0 / 3, 1e300, -0.0};

static nmd_checkpoint_writer *make_writer(void) {
  nmd_checkpoint_writer *writer;
  TEST_OK(nmd_checkpoint_writer_create(&writer));
  TEST_OK(nmd_checkpoint_writer_add(writer, "x", positions, sizeof positions));
  TEST_OK(nmd_checkpoint_writer_add(writer, "input", "step: 1\n", 8));
  TEST_OK(nmd_checkpoint_writer_add(writer, "empty", NULL, 0));
  return writer;
}

static void check_sections(const nmd_checkpoint *c) {
  double x[5];
  const void *bytes;
  size_t count;
  TEST_EQUAL_INT(nmd_checkpoint_count(c), 3);
  TEST_EQUAL_TEXT(nmd_checkpoint_name(c, 1), "input");
  TEST_OK(nmd_checkpoint_get(c, "x", x, sizeof x));
  TEST_CHECK(memcmp(x, positions, sizeof x) == 0, "the same bits");
  TEST_OK(nmd_checkpoint_view(c, "x", sizeof(double), &bytes, &count));
  TEST_CHECK(count == 5 && (uintptr_t)bytes % 64 == 0, "aligned");
  TEST_OK(nmd_checkpoint_view(c, "input", 1, &bytes, &count));
  TEST_CHECK(count == 8 && memcmp(bytes, "step: 1\n", 8) == 0, "text");
  TEST_OK(nmd_checkpoint_get(c, "empty", NULL, 0));
  TEST_CHECK(nmd_checkpoint_has(c, "x") && !nmd_checkpoint_has(c, "v"), "has");
  TEST_FAILS(nmd_checkpoint_get(c, "v", x, sizeof x), NMD_CHECKPOINT);
  TEST_CONTAINS(nmd_error_text(), "has no section 'v'");
  TEST_FAILS(nmd_checkpoint_get(c, "x", x, sizeof x - 8), NMD_CHECKPOINT);
  TEST_CONTAINS(nmd_error_text(), "section 'x' has 40 bytes, expected 32");
  TEST_FAILS(nmd_checkpoint_view(c, "x", 24, &bytes, &count), NMD_CHECKPOINT);
  TEST_CONTAINS(nmd_error_text(), "expected a multiple of 24");
}

static void test_round_trip(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_checkpoint_writer *writer = make_writer();
  const char *path = test_path("run.ckp");
  TEST_OK(nmd_checkpoint_writer_save(writer, path, 2));
  TEST_OK(nmd_checkpoint_writer_add(writer, "more", "x", 1));
  TEST_OK(nmd_checkpoint_writer_save(writer, path, 2));
  nmd_checkpoint_writer_destroy(writer);
  nmd_checkpoint *c;
  if (TEST_OK(nmd_checkpoint_read(test_path("run.ckp.1"), &c))) check_sections(c);
  const void *bytes;
  size_t size;
  nmd_checkpoint_image(c, &bytes, &size);
  nmd_checkpoint *copy;
  if (TEST_OK(nmd_checkpoint_parse("copy", bytes, size, &copy))) check_sections(copy);
  nmd_checkpoint_destroy(copy);
  nmd_checkpoint_destroy(c);
  if (TEST_OK(nmd_checkpoint_read(path, &c))) TEST_EQUAL_INT(nmd_checkpoint_count(c), 4);
  nmd_checkpoint_destroy(c);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void expect_damage(const void *bytes, size_t size, const char *part) {
  nmd_checkpoint *c = NULL;
  const nmd_status code = nmd_checkpoint_parse("d.ckp", bytes, size, &c);
  TEST_CHECK(code == NMD_CHECKPOINT, "%zu bytes: %s", size, nmd_status_name(code));
  TEST_CHECK(strncmp(nmd_error_text(), "d.ckp: ", 7) == 0, "%s", nmd_error_text());
  if (part != NULL) TEST_CONTAINS(nmd_error_text(), part);
  if (code == NMD_OK) nmd_checkpoint_destroy(c);
}

/* A lent section gives the file of a copied one, also after it has changed in between. */
static void test_lending(void) {
  double values[3] = {1, 2, 3};
  nmd_checkpoint_writer *copied, *lent;
  const void *bytes[2];
  size_t size[2];
  TEST_OK(nmd_checkpoint_writer_create(&copied));
  TEST_OK(nmd_checkpoint_writer_create(&lent));
  TEST_OK(nmd_checkpoint_writer_lend(lent, "x", values, sizeof values));
  TEST_OK(nmd_checkpoint_writer_add(lent, "n", "12", 2));
  values[1] = -4;
  TEST_OK(nmd_checkpoint_writer_add(copied, "x", values, sizeof values));
  TEST_OK(nmd_checkpoint_writer_add(copied, "n", "12", 2));
  TEST_OK(nmd_checkpoint_writer_image(copied, &bytes[0], &size[0]));
  TEST_OK(nmd_checkpoint_writer_image(lent, &bytes[1], &size[1]));
  CU_ASSERT(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
  TEST_FAILS(nmd_checkpoint_writer_lend(lent, "x", values, sizeof values), NMD_INTERNAL);
  nmd_checkpoint_writer_destroy(copied);
  nmd_checkpoint_writer_destroy(lent);
}

static void test_every_byte_flipped(void) {
  nmd_checkpoint_writer *writer = make_writer();
  const void *bytes;
  size_t size;
  TEST_OK(nmd_checkpoint_writer_image(writer, &bytes, &size));
  char *copy = malloc(size + 1);
  for (size_t at = 0; at < size; at++)
    for (int bit = 0; bit < 8; bit++) {
      memcpy(copy, bytes, size);
      copy[at] = (char)(copy[at] ^ (1 << bit));
      expect_damage(copy, size, NULL);
    }
  for (size_t length = 0; length < size; length++) expect_damage(bytes, length, NULL);
  memcpy(copy, bytes, size);
  copy[size] = 0;
  expect_damage(copy, size + 1, "copied incompletely");
  free(copy);
  nmd_checkpoint_writer_destroy(writer);
}

static void test_reasons(void) {
  nmd_checkpoint_writer *writer = make_writer();
  const void *bytes;
  size_t size;
  TEST_OK(nmd_checkpoint_writer_image(writer, &bytes, &size));
  char *copy = malloc(size);
  const struct {
    size_t at;
    const char *part;
  } damages[] = {{0, "no nnpmd checkpoint"}, {8, "byte order"}, {12, "checkpoint version"}, {16, "bytes, but"},
                 {64, "checksum"},           {size - 1, "checksum"}};
  for (size_t k = 0; k < sizeof damages / sizeof damages[0]; k++) {
    memcpy(copy, bytes, size);
    copy[damages[k].at] ^= 64;
    expect_damage(copy, size, damages[k].part);
  }
  expect_damage("", 0, "too few");
  nmd_checkpoint *c;
  TEST_FAILS(nmd_checkpoint_read(test_path("none.ckp"), &c), NMD_FILE_MISSING);
  TEST_FAILS(nmd_checkpoint_read(test_folder(), &c), NMD_CHECKPOINT);
  free(copy);
  nmd_checkpoint_writer_destroy(writer);
}

/* Tables that lie although the checksum is right, as no disk but a person can make them. */
static void test_crafted(void) {
  nmd_checkpoint_writer *writer = make_writer();
  const void *bytes;
  size_t size;
  TEST_OK(nmd_checkpoint_writer_image(writer, &bytes, &size));
  char *copy = malloc(size);
  for (int k = 0; k < 7; k++) {
    memcpy(copy, bytes, size);
    nmd__checkpoint_header *header = (nmd__checkpoint_header *)copy;
    nmd__checkpoint_entry *entry = (nmd__checkpoint_entry *)(copy + sizeof *header);
    switch (k) {
    case 0: header->sections = UINT64_MAX; break;
    case 1: entry[1].offset = UINT64_MAX - 63; break;
    case 2: entry[0].size = UINT64_MAX; break;
    case 3: entry[0].offset += 8; break;
    case 4: memset(entry[0].name, 'a', sizeof entry[0].name); break;
    case 5: memcpy(entry[1].name, "x\0", 2); break;
    default: entry[2].name[0] = '\0';
    }
    const uint64_t hash = nmd__checkpoint_hash(copy, size - 8);
    memcpy(copy + size - 8, &hash, 8);
    expect_damage(copy, size, "damaged checkpoint: ");
  }
  free(copy);
  nmd_checkpoint_writer_destroy(writer);
}

static void test_writer_misuse(void) {
  nmd_checkpoint_writer *writer = make_writer();
  TEST_FAILS(nmd_checkpoint_writer_add(writer, "x", "1", 1), NMD_INTERNAL);
  TEST_FAILS(nmd_checkpoint_writer_add(writer, "", "1", 1), NMD_INTERNAL);
  TEST_FAILS(nmd_checkpoint_writer_add(writer, "a name that is longer than any section may be called", "1", 1),
             NMD_INTERNAL);
  TEST_FAILS(nmd_checkpoint_writer_save(writer, "/nonexistent/run.ckp", 1), NMD_WRITE);
  nmd_checkpoint_writer_destroy(writer);
  nmd_checkpoint_writer_destroy(NULL);
}

TEST_SUITE("io/checkpoint", TEST(test_round_trip), TEST(test_lending), TEST(test_every_byte_flipped), TEST(test_reasons),
           TEST(test_crafted), TEST(test_writer_misuse))
