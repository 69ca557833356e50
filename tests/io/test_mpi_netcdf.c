/* SPDX-License-Identifier: BSD-3-Clause */
/* AMBER NetCDF: written by any number of ranks the bytes are the same; read back to 32-bit precision; netCDF4, ASE and
 * MDAnalysis read ours and we theirs (on one rank, where python has them); cut back and continued, the file is that of
 * an uninterrupted run; damaged files get a message with their place. */
#include <unistd.h>

#include "base/memory.h"
#include "base/vec3.h"
#include "io/read_netcdf.h"
#include "io/write_netcdf.h"
#include "parallel/comm.h"
#include "sample.h"

enum { ATOMS = 23, FRAMES = 5 };

static int rank(void) { return nmd_comm_rank(TEST_COMM); }

/* Frame k: a cell that changes, general orientation if asked for. */
typedef struct scene {
  nmd_box box;
  int number[ATOMS];
  int64_t id[ATOMS];
  double x[ATOMS][3], v[ATOMS][3], f[ATOMS][3];
} scene;

static void make_scene(int frame, bool general, scene *s) {
  static const int elements[3] = {79, 3, 8};
  uint64_t state = (uint64_t)frame + 3;
  double h[3][3] = {{9, 0, 0}, {-2.5, 8, 0}, {3.1, -1.7, 7.5}}, origin[3] = {0.5, -1, 0.25};
  if (general) memcpy(h, sample_cells[3].h, sizeof h);
  for (int k = 0; k < 9; k++) h[k / 3][k % 3] *= 1 + 0.01 * frame;
  TEST_OK(nmd_box_init(&s->box, h, origin, NULL));
  for (int i = 0; i < ATOMS; i++) {
    s->number[i] = elements[i % 3];
    s->id[i] = 2 * i + 5;
    for (int d = 0; d < 3; d++) {
      s->x[i][d] = 20 * sample_number(&state);
      s->v[i][d] = 0.01 * sample_number(&state);
      s->f[i][d] = 5 * sample_number(&state);
    }
  }
}

static double time_of(int frame) { return 1e6 + 0.5 * frame; /* fs: a nanosecond and half steps */ }

static void put_frame(nmd_netcdf_writer *writer, int frame, bool general) {
  scene s;
  make_scene(frame, general, &s);
  const int size = nmd_comm_size(TEST_COMM);
  const int64_t first = (int64_t)rank() * ATOMS / size, n = (int64_t)(rank() + 1) * ATOMS / size - first;
  const nmd_netcdf_view share = {.box = &s.box,
                                  .time = time_of(frame),
                                  .first = first,
                                  .n = n,
                                  .x = (const double(*)[3])s.x + first,
                                  .v = (const double(*)[3])s.v + first,
                                  .f = (const double(*)[3])s.f + first};
  TEST_OK(nmd_netcdf_writer_write(writer, &share));
}

static nmd_netcdf_writer *create(const char *path, bool general) {
  scene s;
  make_scene(0, general, &s);
  const int size = nmd_comm_size(TEST_COMM);
  const int64_t first = (int64_t)rank() * ATOMS / size, n = (int64_t)(rank() + 1) * ATOMS / size - first;
  const nmd_netcdf_layout layout = {.n_atoms = ATOMS,
                                    .first = first,
                                    .n = n,
                                    .velocities = true,
                                    .forces = true,
                                    .unwrapped = true,
                                    .periodic = s.box.periodic,
                                    .atomic_number = s.number + first,
                                    .id = s.id + first};
  nmd_netcdf_writer *writer = NULL;
  TEST_OK(nmd_netcdf_writer_create(TEST_COMM, path, &layout, &writer));
  return writer;
}

static void write_file(const char *path, bool general) {
  nmd_netcdf_writer *writer = create(path, general);
  if (writer == NULL) return;
  for (int k = 0; k < FRAMES; k++) put_frame(writer, k, general);
  TEST_OK(nmd_netcdf_writer_close(writer));
}

static bool without_writer(void) {
  if (nmd_netcdf_writer_available()) return false;
  nmd_netcdf_writer *writer = NULL;
  TEST_FAILS(nmd_netcdf_writer_create(TEST_COMM, "x.nc", NULL, &writer), NMD_BAD_CHOICE);
  return true;
}

static void compare(const nmd_structure *read, const scene *s) {
  TEST_EQUAL_INT(read->n, ATOMS);
  TEST_CHECK(read->image != NULL && read->image[ATOMS - 1][0] == 0, "unwrapped");
  for (int i = 0; i < ATOMS && read->n == ATOMS; i++) {
    TEST_EQUAL_INT(read->atomic_number[i], s->number[i]);
    TEST_EQUAL_INT(read->id[i], s->id[i]);
    for (int d = 0; d < 3; d++) {
      TEST_RELATIVE(read->x[i][d], s->x[i][d], 1e-7);
      TEST_RELATIVE(read->v[i][d], s->v[i][d], 1e-7);
      TEST_RELATIVE(read->f[i][d], s->f[i][d], 1e-7);
      TEST_NEAR(read->box.origin[d], s->box.origin[d], 0);
      for (int k = 0; k < 3; k++) TEST_NEAR(read->box.h[k][d], s->box.h[k][d], 1e-13);
    }
  }
}

static void test_round_trip(void) {
  if (without_writer()) return;
  char path[512];
  snprintf(path, sizeof path, "%s", test_path("round.nc"));
  write_file(path, false);
  nmd_netcdf *file;
  if (!TEST_OK(nmd_netcdf_open(path, NULL, &file))) return;
  const nmd_netcdf_summary *summary = nmd_netcdf_summarise(file);
  TEST_EQUAL_INT(summary->n_frames, FRAMES);
  TEST_EQUAL_INT(summary->n_announced, FRAMES);
  for (int k = FRAMES - 1; k >= 0; k--) {
    scene s;
    nmd_structure read;
    double time, part[4][3];
    make_scene(k, false, &s);
    TEST_OK(nmd_netcdf_frame(file, k, &read));
    compare(&read, &s);
    TEST_OK(nmd_netcdf_time(file, k, &time));
    TEST_NEAR(time, time_of(k), 1e-9);
    TEST_OK(nmd_netcdf_positions(file, k, 7, 4, part));
    for (int i = 0; i < 4; i++)
      for (int d = 0; d < 3; d++) TEST_NEAR(part[i][d], read.x[7 + i][d], 0);
    nmd_structure_free(&read);
  }
  double x[1][3];
  TEST_FAILS(nmd_netcdf_positions(file, FRAMES, 0, 1, x), NMD_OUT_OF_RANGE);
  TEST_FAILS(nmd_netcdf_positions(file, 0, ATOMS, 1, x), NMD_OUT_OF_RANGE);
  nmd_netcdf_close(file);
  nmd_structure last; /* through the common reader, too */
  TEST_OK(nmd_structure_read(path, NULL, -1, &last));
  TEST_EQUAL_TEXT(nmd_structure_info(&last, "time"), "1000002");
  nmd_structure_free(&last);
}

/* A turned cell: what a turn leaves alone. */
static void test_turned_cell(void) {
  if (!nmd_netcdf_writer_available()) return;
  char path[512];
  snprintf(path, sizeof path, "%s", test_path("turned.nc"));
  write_file(path, true);
  scene s;
  nmd_structure read;
  make_scene(2, true, &s);
  if (!TEST_OK(nmd_structure_read(path, NULL, 2, &read))) return;
  for (int i = 0; i < ATOMS; i++) {
    double a[3], b[3], fraction[3], expected[3];
    for (int d = 0; d < 3; d++) a[d] = read.x[i][d] - read.x[0][d], b[d] = s.x[i][d] - s.x[0][d];
    TEST_NEAR(nmd_norm(a), nmd_norm(b), 1e-5);
    TEST_NEAR(nmd_dot(read.v[i], read.f[i]), nmd_dot(s.v[i], s.f[i]), 1e-6);
    nmd_box_to_fractional(&read.box, read.x[i], fraction);
    nmd_box_to_fractional(&s.box, s.x[i], expected);
    for (int d = 0; d < 3; d++) TEST_NEAR(fraction[d], expected[d], 1e-5);
  }
  nmd_structure_free(&read);
}

static void compare_files(const char *a, const char *b) {
  if (rank() != 0) return;
  FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
  int64_t at = 0;
  int p = 0, q = 0;
  while (x != NULL && y != NULL && p == q && p != EOF) p = fgetc(x), q = fgetc(y), at++;
  TEST_CHECK(x != NULL && y != NULL && p == q, "%s and %s differ at byte %lld", a, b, (long long)at);
  if (x != NULL) fclose(x);
  if (y != NULL) fclose(y);
}

static void test_continuation(void) {
  if (!nmd_netcdf_writer_available()) return;
  char whole[512], broken[512];
  snprintf(whole, sizeof whole, "%s", test_path("whole.nc"));
  snprintf(broken, sizeof broken, "%s", test_path("broken.nc"));
  write_file(whole, false);
  nmd_netcdf_writer *writer = create(broken, false);
  if (writer == NULL) return;
  int64_t offset = 0;
  for (int k = 0; k < 2; k++) put_frame(writer, k, false);
  TEST_OK(nmd_netcdf_writer_flush(writer, &offset));
  put_frame(writer, 4, false); /* lost */
  TEST_OK(nmd_netcdf_writer_close(writer));
  TEST_OK(nmd_netcdf_writer_resume(TEST_COMM, broken, offset, &writer));
  for (int k = 2; k < FRAMES; k++) put_frame(writer, k, false);
  TEST_OK(nmd_netcdf_writer_close(writer));
  compare_files(whole, broken);
  TEST_FAILS(nmd_netcdf_writer_resume(TEST_COMM, broken, offset + 1, &writer), NMD_CHECKPOINT);
  TEST_FAILS(nmd_netcdf_writer_resume(TEST_COMM, broken, 1 << 20, &writer), NMD_CHECKPOINT);
  TEST_FAILS(nmd_netcdf_writer_resume(TEST_COMM, test_path("none.nc"), offset, &writer), NMD_CHECKPOINT);
}

static void test_unwritable(void) {
  if (!nmd_netcdf_writer_available()) return;
  scene s;
  make_scene(0, false, &s);
  const nmd_netcdf_layout layout = {.n_atoms = nmd_comm_size(TEST_COMM),
                                    .first = rank(),
                                    .n = 1,
                                    .periodic = s.box.periodic,
                                    .atomic_number = s.number,
                                    .id = s.id};
  nmd_netcdf_writer *writer = NULL;
  TEST_FAILS(nmd_netcdf_writer_create(TEST_COMM, "/nonexistent/folder/x.nc", &layout, &writer), NMD_WRITE);
}

/* ---- other programs ---- */

static const char *python(void) {
  const char *const candidates[] = {getenv("NNPMD_PYTHON"), "python3", "/usr/bin/python3"};
  if (nmd_comm_size(TEST_COMM) > 1 || !nmd_netcdf_writer_available()) return NULL;
  for (int k = 0; k < 3; k++) {
    char command[1024];
    if (candidates[k] == NULL) continue;
    snprintf(command, sizeof command, "%s '%s/io/netcdf_check.py' probe >/dev/null 2>&1", candidates[k], NMD_TEST_DATA);
    if (system(command) == 0) return candidates[k];
  }
  printf("no python3 with netCDF4, ASE and MDAnalysis: skipped\n");
  return NULL;
}

static bool run(const char *interpreter, const char *what) {
  char command[2048];
  snprintf(command, sizeof command, "%s '%s/io/netcdf_check.py' %s '%s'", interpreter, NMD_TEST_DATA, what,
           test_folder());
  return TEST_CHECK(system(command) == 0, "%s", command);
}

static void test_others_read_ours(void) {
  const char *interpreter = python();
  if (interpreter == NULL) return;
  write_file(test_path("nmd.nc"), false);
  FILE *out = fopen(test_path("nmd.expected"), "w");
  fprintf(out, "%d %d\n", FRAMES, ATOMS);
  for (int k = 0; k < FRAMES; k++) {
    scene s;
    make_scene(k, false, &s);
    fprintf(out, "%.17g", time_of(k));
    for (int a = 0; a < 9; a++) fprintf(out, " %.17g", s.box.h[a / 3][a % 3]);
    for (int i = 0; i < ATOMS; i++) {
      fprintf(out, "\n%d", s.number[i]);
      for (int d = 0; d < 9; d++) fprintf(out, " %.17g", d < 3 ? s.x[i][d] : d < 6 ? s.v[i][d - 3] : s.f[i][d - 6]);
    }
    fprintf(out, "\n");
  }
  fclose(out);
  run(interpreter, "check");
}

static void check_theirs(const char *name, const nmd_read_options *options, bool moving) {
  char file_name[64];
  snprintf(file_name, sizeof file_name, "%s.expected", name);
  FILE *in = fopen(test_path(file_name), "r");
  int frames = 0, atoms = 0;
  if (!TEST_CHECK(in != NULL && fscanf(in, "%d %d", &frames, &atoms) == 2 && frames > 0, "%s", file_name)) return;
  snprintf(file_name, sizeof file_name, "%s.nc", name);
  for (int k = 0; k < frames; k++) {
    nmd_structure s;
    double value, row[10];
    if (!TEST_OK(nmd_structure_read(test_path(file_name), options, k, &s))) break;
    TEST_EQUAL_INT(s.n, atoms);
    CU_ASSERT(fscanf(in, "%lf", &value) == 1);
    if (moving) TEST_NEAR(strtod(nmd_structure_info(&s, "time"), NULL), value, 1e-3);
    for (int a = 0; a < 9; a++) {
      CU_ASSERT(fscanf(in, "%lf", &value) == 1);
      TEST_NEAR(s.box.h[a / 3][a % 3], value, 1e-5);
    }
    for (int i = 0; i < atoms; i++) {
      for (int c = 0; c < 10; c++) CU_ASSERT(fscanf(in, "%lf", &row[c]) == 1);
      TEST_EQUAL_INT(s.atomic_number[i], (int)row[0]);
      for (int d = 0; d < 3; d++) {
        TEST_RELATIVE(s.x[i][d], row[1 + d], 2e-7);
        if (moving) TEST_RELATIVE(s.v[i][d], row[4 + d], 1e-6);
        if (moving) TEST_RELATIVE(s.f[i][d], row[7 + d], 1e-6);
      }
    }
    nmd_structure_free(&s);
  }
  fclose(in);
}

static void test_we_read_theirs(void) {
  const char *interpreter = python();
  if (interpreter == NULL || !run(interpreter, "write")) return;
  check_theirs("ase", NULL, false); /* elements in its variable atom_types */
  static const char *const each[] = {"Li", "Au", "Li", "O*1", "Au"};
  const nmd_read_options options = {.elements = each, .n_elements = 5};
  check_theirs("mda", &options, true);
  nmd_structure s;
  TEST_FAILS(nmd_structure_read(test_path("mda.nc"), NULL, 0, &s), NMD_MISSING_KEY);
  TEST_CONTAINS(nmd_error_text(), "Li*400");
  const nmd_read_options few = {.elements = each, .n_elements = 3}, none = {.format = "extxyz"};
  TEST_FAILS(nmd_structure_read(test_path("mda.nc"), &few, 0, &s), NMD_CONFLICT);
  TEST_FAILS(nmd_structure_read(test_path("mda.nc"), &none, 0, &s), NMD_FILE_FORMAT);
}

/* ---- damage ---- */

typedef struct image {
  uint8_t *bytes;
  size_t length;
} image;

static image load(const char *path) {
  image file = {NULL, 0};
  FILE *in = fopen(path, "rb");
  if (in == NULL) return file;
  fseek(in, 0, SEEK_END);
  file.length = (size_t)ftell(in);
  rewind(in);
  file.bytes = malloc(file.length);
  if (fread(file.bytes, 1, file.length, in) != file.length) file.length = 0;
  fclose(in);
  return file;
}

static nmd_status read_all(const uint8_t *bytes, size_t length) {
  nmd_structure_reader *reader;
  bool end = false;
  NMD_TRY(nmd_structure_reader_open_bytes("damaged.nc", bytes, length, NULL, &reader));
  nmd_status status = NMD_OK;
  while (status == NMD_OK && !end) {
    nmd_structure s;
    status = nmd_structure_reader_next(reader, &s, &end);
    if (status == NMD_OK && !end) nmd_structure_free(&s);
  }
  nmd_structure_reader_close(reader);
  return status;
}

/* Cut at every length: whole frames are delivered, then FILE_TRUNCATED. */
static void check_cuts(const image *file) {
  for (size_t n = 4; n < file->length; n += n < 2000 ? 1 : 97) {
    const nmd_status status = read_all(file->bytes, n);
    if (status != NMD_FILE_TRUNCATED && status != NMD_FILE_FORMAT)
      TEST_CHECK(false, "cut at %zu: %s", n, nmd_status_name(status));
  }
}

/* Any byte may be anything: an answer or an error, never a crash (sanitizers look at it too). */
static void check_flips(const image *file) {
  uint64_t state = 11;
  for (size_t at = 4; at < file->length && at < 3000; at++)
    for (int k = 0; k < 3; k++) {
      const uint8_t kept = file->bytes[at];
      file->bytes[at] = k == 0 ? 0xff : k == 1 ? 0 : (uint8_t)(128 * (1 + sample_number(&state)));
      const nmd_status status = read_all(file->bytes, file->length);
      TEST_CHECK(status == NMD_OK || nmd_error_text()[0] != '\0', "no message");
      file->bytes[at] = kept;
    }
}

static void test_damage(void) {
  if (!nmd_netcdf_writer_available() || nmd_comm_size(TEST_COMM) > 1) return;
  char path[512];
  snprintf(path, sizeof path, "%s", test_path("damage.nc"));
  write_file(path, false);
  image file = load(path);
  if (!TEST_CHECK(file.length > 2000, "length %zu", file.length)) return;
  TEST_OK(read_all(file.bytes, file.length));
  check_cuts(&file);
  check_flips(&file);
  file.bytes[file.length - 80 - 4 * ATOMS] = 0x7f; /* a force of the last frame becomes NaN */
  file.bytes[file.length - 79 - 4 * ATOMS] = 0xff;
  uint8_t *const frames = file.bytes + 4;
  frames[3] = FRAMES + 1; /* one more frame than there is */
  const nmd_status status = read_all(file.bytes, file.length);
  TEST_CHECK(status == NMD_FILE_TRUNCATED || status == NMD_BAD_NUMBER, "%s", nmd_status_name(status));
  TEST_CONTAINS(nmd_error_text(), "damaged.nc: frame");
  free(file.bytes);
  TEST_FAILS(read_all((const uint8_t *)"CDF\002", 4), NMD_FILE_TRUNCATED);
  TEST_FAILS(read_all((const uint8_t *)"CDF\001\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32),
             NMD_FILE_FORMAT);
  TEST_CONTAINS(nmd_error_text(), "dimension atom is 0");
}

TEST_SUITE("io/mpi_netcdf", TEST(test_round_trip), TEST(test_turned_cell), TEST(test_continuation),
           TEST(test_unwritable), TEST(test_others_read_ours), TEST(test_we_read_theirs), TEST(test_damage))
