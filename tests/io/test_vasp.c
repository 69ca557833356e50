/* SPDX-License-Identifier: BSD-3-Clause */
/* OUTCAR and vasprun.xml against what ASE reads in the same files (tests/io/vasp, made by vasp_samples.py), and what a
 * killed or appended calculation leaves behind. */
#include "base/log.h"
#include "base/memory.h"
#include "io/read_structure.h"
#include "support/test.h"
#include "system/element.h"

/* Next frame of the file; NULL text end. */
static void check_frame(FILE *expected, const nmd_structure *s) {
  int n = 0, read = 0;
  double energy, h[9], stress[9];
  char name[32];
  read += fscanf(expected, "%31s %d %lf", name, &n, &energy);
  for (int k = 0; k < 9; k++) read += fscanf(expected, "%lf", &h[k]);
  for (int k = 0; k < 9; k++) read += fscanf(expected, "%lf", &stress[k]);
  if (!TEST_EQUAL_INT(read, 21) || !TEST_EQUAL_INT(s->n, n)) return;
  CU_ASSERT(s->has_energy && s->has_stress && s->f != NULL);
  TEST_NEAR(s->energy, energy, 1e-12);
  for (int k = 0; k < 9; k++) TEST_NEAR(s->box.h[k / 3][k % 3], h[k], 1e-14);
  for (int k = 0; k < 9; k++) TEST_NEAR(s->stress[k / 3][k % 3], stress[k], 1e-9); /* another CODATA in ASE */
  for (int i = 0; i < n; i++) {
    double row[6];
    TEST_EQUAL_INT(fscanf(expected, "%31s", name), 1);
    for (int k = 0; k < 6; k++) TEST_EQUAL_INT(fscanf(expected, "%lf", &row[k]), 1);
    TEST_EQUAL_TEXT(nmd_element_symbol(s->atomic_number[i]), name);
    for (int d = 0; d < 3; d++) TEST_NEAR(s->x[i][d], row[d], 1e-13);
    for (int d = 0; d < 3; d++) TEST_NEAR(s->f[i][d], row[3 + d], 1e-14);
  }
}

static void test_same_as_ase(void) {
  static const char *const files[] = {"OUTCAR", "vasprun.xml"};
  FILE *expected = fopen(NMD_TEST_DATA "/io/vasp/expected.txt", "r");
  if (!TEST_CHECK(expected != NULL, "tests/io/vasp/expected.txt is missing")) return;
  TEST_EQUAL_INT(fscanf(expected, "%*[^\n]"), 0);
  for (int f = 0; f < 2; f++) {
    char path[1024];
    nmd_structure_reader *reader;
    nmd_structure s;
    bool end;
    snprintf(path, sizeof path, NMD_TEST_DATA "/io/vasp/%s", files[f]);
    if (!TEST_OK(nmd_structure_reader_open(path, NULL, &reader))) break;
    for (int frame = 0; frame < 2; frame++) {
      TEST_OK(nmd_structure_reader_next(reader, &s, &end));
      check_frame(expected, &s);
      /* the second step used all its electronic steps */
      const char *scf = nmd_structure_info(&s, "scf");
      TEST_EQUAL_TEXT(scf != NULL ? scf : "", frame == 0 ? "" : "unconverged");
      nmd_structure_free(&s);
    }
    TEST_OK(nmd_structure_reader_next(reader, &s, &end));
    CU_ASSERT(end);
    nmd_structure_reader_close(reader);
  }
  fclose(expected);
}

static char last_warning[512];
static void keep_warning(nmd_log_level level, const char *line, void *context) {
  (void)context;
  if (level == NMD_LOG_WARNING) snprintf(last_warning, sizeof last_warning, "%s", line);
}

static int count_frames(const char *name, const char *text, nmd_status *status) {
  nmd_structure_reader *reader;
  nmd_structure s;
  bool end = false;
  int frames = 0;
  *status = nmd_structure_reader_open(test_write(name, text), NULL, &reader);
  if (*status != NMD_OK) return 0;
  while (*status == NMD_OK && !end) {
    *status = nmd_structure_reader_next(reader, &s, &end);
    if (*status != NMD_OK || end) break;
    TEST_NEAR(s.energy, frames % 2 == 0 ? -14.18713329 : -14.79229632, 1e-12);
    frames++;
    nmd_structure_free(&s);
  }
  nmd_structure_reader_close(reader);
  return frames;
}

/* Cut at every 23rd byte: never a crash, never a half frame; at most the frames that are whole, and never a wrong one.
 */
static void test_cut_anywhere(void) {
  static const char *const files[] = {"OUTCAR", "vasprun.xml"};
  const int64_t before = nmd_memory_in_use();
  nmd_log_set_sink(keep_warning, NULL);
  for (int f = 0; f < 2; f++) {
    char path[1024];
    snprintf(path, sizeof path, NMD_TEST_DATA "/io/vasp/%s", files[f]);
    char *text = test_read(path);
    if (!TEST_CHECK(text != NULL, "%s", path)) continue;
    int last = 0;
    for (size_t cut = strlen(text); cut > 0; cut -= cut < 23 ? cut : 23) {
      nmd_status status;
      text[cut] = '\0';
      const int frames = count_frames(files[f], text, &status);
      if (last == 0) last = frames;
      TEST_CHECK(frames <= last, "%s cut at %zu: %d frames after %d", files[f], cut, frames, last);
      TEST_CHECK(status == NMD_OK ? frames > 0 : frames == 0, "%s cut at %zu: %d frames, %s", files[f], cut, frames,
                 nmd_status_name(status));
      last = frames > 0 ? frames : last;
    }
    free(text);
  }
  TEST_CONTAINS(last_warning, "ends within ionic step 2, which is left out");
  nmd_log_set_sink(NULL, NULL);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

/* Two OUTCARs joined: the elements of the second count for its frames. */
static void test_appended(void) {
  char *text = test_read(NMD_TEST_DATA "/io/vasp/OUTCAR");
  if (!TEST_CHECK(text != NULL, "tests/io/vasp/OUTCAR")) return;
  char *twice = malloc(2 * strlen(text) + 1);
  sprintf(twice, "%s%s", text, text);
  nmd_status status;
  TEST_EQUAL_INT(count_frames("OUTCAR", twice, &status), 4);
  TEST_OK(status);
  free(twice);
  free(text);
}

TEST_SUITE("io/vasp", TEST(test_same_as_ase), TEST(test_cut_anywhere), TEST(test_appended))
