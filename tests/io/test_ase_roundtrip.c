/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd and ASE read each other's files; passes without doing anything where python3 has no ASE. */
#include "base/units.h"
#include "io/file_atomic.h"
#include "io/read_structure.h"
#include "io/write_extxyz.h"
#include "io/write_lammps_dump.h"
#include "io/write_structure.h"
#include "sample.h"
#include "system/element.h"

static const char *python(void) {
  static const char *const candidates[] = {"python3", "/usr/bin/python3"};
  for (int k = 0; k < 2; k++) {
    char command[1024];
    snprintf(command, sizeof command, "%s '%s/io/ase_roundtrip.py' probe >/dev/null 2>&1", candidates[k],
             NMD_TEST_DATA);
    if (system(command) == 0) return candidates[k];
  }
  printf("no python3 with ASE: skipped\n");
  return NULL;
}

static bool run(const char *interpreter, const char *what) {
  char command[2048];
  snprintf(command, sizeof command, "PYTHONWARNINGS=ignore %s '%s/io/ase_roundtrip.py' %s '%s'", interpreter,
           NMD_TEST_DATA, what, test_folder());
  return TEST_CHECK(system(command) == 0, "%s", command);
}

static void write_expected(const char *base, const nmd_structure *s) {
  nmd_buffer text = {0};
  for (int k = 0; k < 9; k++) nmd_buffer_real(&text, s->box.h[k / 3][k % 3], 17);
  nmd_buffer_printf(&text, "\n%c %c %c\n", s->box.periodic[0] ? 'T' : 'F', s->box.periodic[1] ? 'T' : 'F',
                    s->box.periodic[2] ? 'T' : 'F');
  for (int64_t i = 0; i < s->n; i++) {
    nmd_buffer_text(&text, nmd_element_symbol(s->atomic_number[i]));
    nmd_buffer_reals(&text, s->x[i], 3, 17);
    nmd_buffer_reals(&text, s->v[i], 3, 17);
    nmd_buffer_reals(&text, s->f[i], 3, 17);
    nmd_buffer_text(&text, "\n");
  }
  nmd_buffer_printf(&text, "%.17g\n", s->energy);
  char path[512];
  snprintf(path, sizeof path, "%s.expected", base);
  TEST_OK(nmd_file_write_atomic(path, text.data, text.length, 1));
  nmd_buffer_free(&text);
}

/* Two frames of each trajectory format, one of each structure format. */
static void write_ours(int cell) {
  static const nmd_frame_extra extras[] = {{"note", "say \"hi\" = there"}, {"plain", "word"}};
  nmd_structure s;
  sample_make(cell, &s);
  char name[64], path[512], base[448];
  snprintf(name, sizeof name, "nmd_%s", sample_cells[cell].name);
  snprintf(base, sizeof base, "%s", test_path(name));
  write_expected(base, &s);
  nmd_frame_view view;
  nmd_frame_view_init(&view, &s);
  view.step = 12;
  view.has_stress = true;
  for (int d = 0; d < 3; d++) view.stress[d][d] = -0.25;
  view.extras = extras;
  view.n_extras = 2;
  static const char *const formats[] = {"extxyz", "lammps_dump", "lammps_data", "poscar"};
  static const char *const ends[] = {"extxyz", "lammpstrj", "data", "poscar"};
  for (int k = 0; k < 4; k++) {
    nmd_buffer text = {0};
    for (int frame = 0; frame < (k < 2 ? 2 : 1); frame++)
      TEST_OK(nmd_frame_formatter_find(formats[k])(&view, nmd_frame_fields(&view), NMD_DIGITS_MAX, &text));
    snprintf(path, sizeof path, "%s.%s", base, ends[k]);
    TEST_OK(nmd_file_write_atomic(path, text.data, text.length, 1));
    nmd_buffer_free(&text);
  }
  nmd_structure_free(&s);
}

static void test_ase_reads_ours(void) {
  const char *interpreter = python();
  if (interpreter == NULL) return;
  for (int cell = 0; cell < SAMPLE_CELLS; cell++) write_ours(cell);
  run(interpreter, "check");
}

typedef struct expected {
  double h[9], x[7][3], v[7][3], f[7][3], energy;
  char pbc[3], symbol[7][4];
} expected;

static bool read_expected(const char *path, expected *e) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return false;
  int n = 0;
  for (int k = 0; k < 9; k++) n += fscanf(file, "%lf", &e->h[k]);
  n += fscanf(file, " %c %c %c", &e->pbc[0], &e->pbc[1], &e->pbc[2]);
  for (int i = 0; i < 7; i++) {
    n += fscanf(file, "%3s", e->symbol[i]);
    double *rows[] = {e->x[i], e->v[i], e->f[i]};
    for (int k = 0; k < 9; k++) n += fscanf(file, "%lf", &rows[k / 3][k % 3]);
  }
  n += fscanf(file, "%lf", &e->energy);
  fclose(file);
  return n == 9 + 3 + 7 * 10 + 1;
}

static void check_positions(const nmd_structure *s, const expected *e, bool moving, double tolerance) {
  for (int k = 0; k < 9; k++) TEST_NEAR(s->box.h[k / 3][k % 3], e->h[k], tolerance);
  for (int i = 0; i < 7; i++) {
    TEST_EQUAL_TEXT(nmd_element_symbol(s->atomic_number[i]), e->symbol[i]);
    for (int d = 0; d < 3; d++) TEST_NEAR(s->x[i][d], e->x[i][d], tolerance);
    /* ASE's table of masses differs from ours in the fifth digit */
    for (int d = 0; d < 3 && moving; d++) TEST_NEAR(s->v[i][d], e->v[i][d], 1e-4 * fabs(e->v[i][d]) + 1e-9);
  }
}

static void check_theirs(const char *kind) {
  expected e;
  nmd_structure s;
  char name[64];
  snprintf(name, sizeof name, "ase_%s.expected", kind);
  if (!TEST_CHECK(read_expected(test_path(name), &e), "%s", name)) return;
  snprintf(name, sizeof name, "ase_%s.extxyz", kind);
  if (TEST_OK(nmd_structure_read(test_path(name), NULL, -1, &s))) {
    check_positions(&s, &e, true, 1e-7); /* eight decimals */
    TEST_NEAR(s.energy, e.energy, 1e-12);
    for (int i = 0; i < 7; i++)
      for (int d = 0; d < 3; d++) TEST_NEAR(s.f[i][d], e.f[i][d], 1e-7);
    for (int d = 0; d < 3; d++) TEST_EQUAL_INT(s.box.periodic[d], e.pbc[d] == 'T');
    nmd_structure_free(&s);
  }
  snprintf(name, sizeof name, "ase_%s.vasp", kind);
  if (TEST_OK(nmd_structure_read(test_path(name), NULL, -1, &s))) check_positions(&s, &e, false, 1e-9);
  nmd_structure_free(&s);
  if (strcmp(kind, "general") == 0) return; /* ASE would turn it */
  static const char *const elements[] = {"Au", "Li", "O", "La"};
  const nmd_read_options options = {.elements = elements, .n_elements = 4};
  snprintf(name, sizeof name, "ase_%s.lmp", kind);
  if (TEST_OK(nmd_structure_read(test_path(name), &options, -1, &s))) check_positions(&s, &e, true, 1e-7);
  nmd_structure_free(&s);
}

static void test_we_read_theirs(void) {
  const char *interpreter = python();
  if (interpreter == NULL || !run(interpreter, "write")) return;
  check_theirs("ortho");
  check_theirs("tilted");
  check_theirs("general");
}

TEST_SUITE("io/ase_roundtrip", TEST(test_ase_reads_ours), TEST(test_we_read_theirs))
