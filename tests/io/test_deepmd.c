/* SPDX-License-Identifier: BSD-3-Clause */
/* Folders of DeePMD-kit and .npy files; dpdata reads ours where it is installed (NNPMD_TEST_PYTHON names a Python). */
#include <sys/stat.h>

#include "base/memory.h"
#include "io/npy.h"
#include "io/read_structure.h"
#include "io/write_deepmd.h"
#include "io/write_structure.h"
#include "sample.h"

static void make_labelled(int cell, int seed, nmd_structure *s) {
  sample_make(cell, s);
  memset(s->box.origin, 0, sizeof s->box.origin);
  uint64_t state = (uint64_t)seed + 100;
  for (int k = 0; k < 3; k++) s->box.periodic[k] = true;
  for (int k = 0; k < 9; k++) s->stress[k / 3][k % 3] = sample_number(&state);
  for (int64_t i = 0; i < s->n; i++) s->x[i][0] += 0.01 * seed;
  s->has_stress = true;
  s->energy -= seed;
}

/* The atom of b that is atom i of a: same element, same place in its order. */
static int64_t partner(const nmd_structure *a, const nmd_structure *b, int64_t i) {
  int64_t rank = 0, j = 0;
  for (int64_t k = 0; k < i; k++) rank += a->atomic_number[k] == a->atomic_number[i];
  for (;; j++)
    if (b->atomic_number[j] == a->atomic_number[i] && rank-- == 0) return j;
}

static void compare(const nmd_structure *a, const nmd_structure *b) {
  TEST_EQUAL_INT(b->n, a->n);
  CU_ASSERT(b->energy == a->energy && memcmp(b->box.h, a->box.h, sizeof a->box.h) == 0);
  for (int64_t i = 0; i < a->n; i++) {
    const int64_t j = partner(a, b, i);
    CU_ASSERT(memcmp(a->x[i], b->x[j], sizeof a->x[i]) == 0 && memcmp(a->f[i], b->f[j], sizeof a->f[i]) == 0);
  }
  for (int k = 0; k < 9; k++) TEST_RELATIVE(b->stress[k / 3][k % 3], a->stress[k / 3][k % 3], 1e-15);
}

static void remove_tree(const char *path) {
  char command[1024];
  snprintf(command, sizeof command, "rm -rf '%s'", path);
  TEST_EQUAL_INT(system(command), 0);
}

static void test_round_trip(void) {
  enum { FRAMES = 4 };
  const int64_t before = nmd_memory_in_use();
  nmd_structure in[FRAMES], out;
  for (int k = 0; k < FRAMES; k++) make_labelled(k % 2, k, &in[k]);
  in[3].n = 5; /* another composition, and it comes first by name */
  char folder[512];
  snprintf(folder, sizeof folder, "%s", test_path("set"));
  remove_tree(folder);
  TEST_OK(nmd_deepmd_write(folder, in, FRAMES));
  static const int order[FRAMES] = {3, 0, 1, 2};
  nmd_structure_reader *reader;
  bool end;
  if (!TEST_OK(nmd_structure_reader_open(folder, NULL, &reader))) return;
  TEST_EQUAL_TEXT(nmd_structure_reader_format(reader), "deepmd");
  for (int k = 0; k < FRAMES; k++) {
    if (!TEST_OK(nmd_structure_reader_next(reader, &out, &end)) || end) break;
    compare(&in[order[k]], &out);
    nmd_structure_free(&out);
  }
  TEST_OK(nmd_structure_reader_next(reader, &out, &end));
  CU_ASSERT(end);
  nmd_structure_reader_close(reader);
  TEST_FAILS(nmd_deepmd_write(folder, in, FRAMES), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "exists already");
  in[0].has_energy = false;
  TEST_FAILS(nmd_deepmd_write(test_path("other"), in, FRAMES), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "frame 0 has no energy");
  in[0].has_energy = true;
  in[0].box.periodic[1] = false;
  TEST_FAILS(nmd_deepmd_write(test_path("other"), in, FRAMES), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "periodic along 2 axes");
  in[3].n = SAMPLE_ATOMS;
  for (int k = 0; k < FRAMES; k++) nmd_structure_free(&in[k]);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_cluster(void) {
  nmd_structure in, out;
  make_labelled(0, 1, &in);
  for (int d = 0; d < 3; d++) in.box.periodic[d] = false;
  char folder[512];
  snprintf(folder, sizeof folder, "%s", test_path("cluster"));
  remove_tree(folder);
  TEST_OK(nmd_deepmd_write(folder, &in, 1));
  if (TEST_OK(nmd_structure_read(folder, NULL, 0, &out))) {
    CU_ASSERT(!out.box.periodic[0] && !out.has_stress && out.energy == in.energy);
    nmd_structure_free(&out);
  }
  nmd_structure_free(&in);
}

static void test_npy(void) {
  nmd_npy a;
  const double values[6] = {1.5, -2.0, 3.25, 1e-300, 5.0, -0.0};
  TEST_OK(nmd_npy_write(test_path("a.npy"), values, 2, 3));
  TEST_OK(nmd_npy_read(test_path("a.npy"), &a));
  CU_ASSERT(a.n_dimensions == 2 && a.shape[0] == 2 && a.shape[1] == 3 && memcmp(a.values, values, sizeof values) == 0);
  nmd_npy_free(&a);
  TEST_OK(nmd_npy_write(test_path("b.npy"), values, 4, 0));
  TEST_OK(nmd_npy_read(test_path("b.npy"), &a));
  CU_ASSERT(a.n_dimensions == 1 && a.count == 4 && a.values[2] == 3.25);
  nmd_npy_free(&a);
}

/* Files of NumPy itself, byte for byte: types, byte orders, Fortran order, version 2. */
static void write_bytes(const char *name, const char *bytes, size_t length) {
  FILE *file = fopen(test_path(name), "wb");
  if (!TEST_CHECK(file != NULL, "%s", name)) return;
  fwrite(bytes, 1, length, file);
  fclose(file);
}

static void write_npy(const char *name, const char *header, const char *values, size_t n_values) {
  char bytes[512];
  const size_t n = strlen(header);
  memcpy(bytes, "\x93NUMPY\x01\x00", 8);
  bytes[8] = (char)n;
  bytes[9] = 0;
  memcpy(bytes + 10, header, n);
  memcpy(bytes + 10 + n, values, n_values);
  write_bytes(name, bytes, 10 + n + n_values);
}

static void test_npy_kinds(void) {
  nmd_npy a;
  write_npy("f4.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", "\0\0\xc0\x3f\0\0\0\xc0", 8);
  TEST_OK(nmd_npy_read(test_path("f4.npy"), &a));
  CU_ASSERT(a.count == 2 && a.values[0] == 1.5 && a.values[1] == -2.0);
  nmd_npy_free(&a);
  write_npy("i2.npy", "{'descr': '>i2', 'fortran_order': False, 'shape': (2, 1), }\n", "\x01\x02\xff\xfe", 4);
  TEST_OK(nmd_npy_read(test_path("i2.npy"), &a));
  CU_ASSERT(a.n_dimensions == 2 && a.values[0] == 258.0 && a.values[1] == -2.0);
  nmd_npy_free(&a);
  write_npy("u1.npy", "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", "\1\2\3\4\5\6", 6);
  TEST_OK(nmd_npy_read(test_path("u1.npy"), &a)); /* columns first: rows are 1 3 5 and 2 4 6 */
  CU_ASSERT(a.values[0] == 1.0 && a.values[1] == 3.0 && a.values[2] == 5.0 && a.values[3] == 2.0);
  nmd_npy_free(&a);
}

static void test_dpdata(void) {
  const char *python = getenv("NNPMD_TEST_PYTHON");
  char command[2048], folder[512];
  snprintf(command, sizeof command, "%s -c 'import dpdata' 2>/dev/null", python != NULL ? python : "python3");
  if (system(command) != 0) {
    printf("no Python with dpdata: skipped\n");
    return;
  }
  nmd_structure in[3];
  for (int k = 0; k < 3; k++) make_labelled(0, k, &in[k]);
  snprintf(folder, sizeof folder, "%s", test_path("for_dpdata"));
  remove_tree(folder);
  TEST_OK(nmd_deepmd_write(folder, in, 3));
  nmd_buffer text = {0};
  for (int k = 0; k < 3; k++) {
    nmd_frame_view view;
    nmd_frame_view_init(&view, &in[k]);
    TEST_OK(nmd_frame_formatter_find("extxyz")(&view, NMD_FIELD_FORCE, NMD_DIGITS_MAX, &text));
    nmd_structure_free(&in[k]);
  }
  test_write("for_dpdata.extxyz", text.data);
  nmd_buffer_free(&text);
  snprintf(command, sizeof command, "%s '%s/io/dpdata_check.py' '%s'", python != NULL ? python : "python3",
           NMD_TEST_DATA, test_folder());
  TEST_EQUAL_INT(system(command), 0);
  nmd_structure ours, theirs; /* and what dpdata wrote from the extended XYZ */
  for (int k = 0; k < 3; k++) {
    TEST_OK(nmd_structure_read(test_path("for_dpdata.extxyz"), NULL, k, &ours));
    TEST_OK(nmd_structure_read(test_path("from_dpdata"), NULL, k, &theirs));
    compare(&ours, &theirs);
    nmd_structure_free(&ours);
    nmd_structure_free(&theirs);
  }
}

TEST_SUITE("io/deepmd", TEST(test_round_trip), TEST(test_cluster), TEST(test_npy), TEST(test_npy_kinds),
           TEST(test_dpdata))
