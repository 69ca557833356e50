/* SPDX-License-Identifier: BSD-3-Clause */
/* Written and read back: exact where the format can say everything, the same up to one turn of the whole elsewhere. */
#include "io/write_structure.h"

#include "io/lammps_cell.h"
#include "io/read_structure.h"
#include "io/write_extxyz.h"
#include "io/write_lammps_dump.h"
#include "sample.h"

static void check_same(const nmd_structure *a, const nmd_structure *b, const char *name) {
  const size_t vectors = (size_t)a->n * sizeof *a->x;
  TEST_EQUAL_INT(b->n, a->n);
  if (a->n != b->n) return;
  TEST_CHECK(memcmp(a->box.h, b->box.h, sizeof a->box.h) == 0, "%s: cell", name);
  TEST_CHECK(memcmp(a->box.origin, b->box.origin, sizeof a->box.origin) == 0, "%s: origin", name);
  TEST_CHECK(memcmp(a->box.periodic, b->box.periodic, sizeof a->box.periodic) == 0, "%s: pbc", name);
  TEST_CHECK(memcmp(a->x, b->x, vectors) == 0, "%s: positions", name);
  TEST_CHECK(b->v != NULL && memcmp(a->v, b->v, vectors) == 0, "%s: velocities", name);
  TEST_CHECK(b->f != NULL && memcmp(a->f, b->f, vectors) == 0, "%s: forces", name);
  TEST_CHECK(b->image != NULL && memcmp(a->image, b->image, (size_t)a->n * sizeof *a->image) == 0, "%s: images", name);
  TEST_CHECK(memcmp(a->id, b->id, (size_t)a->n * sizeof *a->id) == 0, "%s: ids", name);
  TEST_CHECK(memcmp(a->atomic_number, b->atomic_number, (size_t)a->n * sizeof(int)) == 0, "%s: elements", name);
  TEST_CHECK(b->has_energy && a->energy == b->energy, "%s: energy", name);
}

static void test_extxyz_is_exact(void) {
  for (int c = 0; c < SAMPLE_CELLS; c++) {
    nmd_structure s, back;
    sample_make(c, &s);
    TEST_OK(nmd_structure_write(test_path("exact.extxyz"), NULL, &s));
    const bool ok = TEST_OK(nmd_structure_read(test_path("exact.extxyz"), NULL, 0, &back));
    if (ok) check_same(&s, &back, sample_cells[c].name);
    nmd_structure_free(&back);
    nmd_structure_free(&s);
  }
}

/* What no turn of the whole changes: the cell's volume, unwrapped distances, velocities against them, handedness. */
static void check_turned(const nmd_structure *a, const nmd_structure *b, const char *name) {
  TEST_RELATIVE(b->box.volume, a->box.volume, 1e-13);
  TEST_CHECK(nmd_det(b->box.h) > 0 && b->box.h[0][1] == 0 && b->box.h[0][2] == 0 && b->box.h[1][2] == 0, "%s", name);
  for (int64_t i = 0; i < a->n; i++) {
    double s[3];
    nmd_box_to_fractional(&b->box, b->x[i], s);
    for (int d = 0; d < 3; d++) TEST_CHECK(s[d] > -1e-12 && s[d] < 1 + 1e-12, "%s: atom outside", name);
    for (int64_t j = 0; j < a->n; j++) {
      double ai[3], aj[3], bi[3], bj[3], da[3], db[3];
      sample_unwrapped(a, i, ai), sample_unwrapped(a, j, aj);
      sample_unwrapped(b, i, bi), sample_unwrapped(b, j, bj);
      for (int k = 0; k < 3; k++) da[k] = aj[k] - ai[k], db[k] = bj[k] - bi[k];
      TEST_NEAR(nmd_norm(db), nmd_norm(da), 1e-11);
      TEST_NEAR(nmd_dot(db, b->v[i]), nmd_dot(da, a->v[i]), 1e-12);
      double ca[3], cb[3];
      nmd_cross(a->v[i], a->v[j], ca);
      nmd_cross(b->v[i], b->v[j], cb);
      TEST_NEAR(nmd_dot(cb, db), nmd_dot(ca, da), 1e-13); /* a mirror image would change the sign */
    }
  }
}

static void test_lammps_files_turn(void) {
  static const char *const names[] = {"turn.data", "turn.lammpstrj"};
  for (int c = 0; c < SAMPLE_CELLS * 2; c++) {
    nmd_structure s, back;
    const char *path = test_path(names[c % 2]);
    sample_make(c / 2, &s);
    TEST_OK(nmd_structure_write(path, NULL, &s));
    const bool ok = TEST_OK(nmd_structure_read(path, NULL, 0, &back));
    if (ok) check_turned(&s, &back, sample_cells[c / 2].name);
    for (int d = 0; d < 3 && ok && c % 2 == 1; d++)
      TEST_EQUAL_INT(back.box.periodic[d], sample_cells[c / 2].periodic[d]);
    nmd_structure_free(&back);
    nmd_structure_free(&s);
  }
}

static void test_lammps_cell(void) {
  nmd_structure s;
  nmd_lammps_cell cell;
  sample_make(1, &s);
  nmd_lammps_cell_init(&cell, &s.box);
  TEST_CHECK(!cell.turned && !cell.reversed && cell.tilted && cell.xz == 3.1 && cell.low[1] == -2.25, "kept exactly");
  nmd_structure_free(&s);
  sample_make(4, &s);
  nmd_lammps_cell_init(&cell, &s.box);
  TEST_CHECK(cell.turned && cell.reversed, "left-handed");
  nmd_structure_free(&s);
}

static void test_poscar(void) {
  nmd_structure s, back;
  sample_make(3, &s);
  TEST_OK(nmd_structure_write(test_path("POSCAR"), NULL, &s));
  if (!TEST_OK(nmd_structure_read(test_path("POSCAR"), NULL, 0, &back))) return;
  static const int order[SAMPLE_ATOMS] = {1, 2, 3, 6, 5, 0, 4}; /* by element */
  double shift[3];
  for (int i = 0; i < SAMPLE_ATOMS; i++) {
    const int j = order[i];
    TEST_EQUAL_INT(back.atomic_number[i], s.atomic_number[j]);
    for (int d = 0; d < 3; d++) shift[d] = s.x[j][d] - back.x[i][d];
    for (int d = 0; d < 3; d++) TEST_NEAR(shift[d], s.box.origin[d], 1e-13);
    TEST_CHECK(memcmp(back.v[i], s.v[j], sizeof back.v[i]) == 0, "velocity");
  }
  nmd_structure_free(&back);
  nmd_structure_free(&s);
}

static const double virials[SAMPLE_ATOMS][9] = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};
static const double energies[SAMPLE_ATOMS] = {-1.5};
static const int outside[SAMPLE_ATOMS] = {0, 3};

static void full_view(const nmd_structure *s, nmd_frame_view *view) {
  static const nmd_frame_extra extras[] = {{"program", "nnpmd"}, {"note", "a \"quoted\" = text\nsecond"}};
  nmd_frame_view_init(view, s);
  view->atom_energy = view->sigma_force = energies;
  view->atom_virial = virials;
  view->extrapolation = outside;
  view->step = 5000000000;
  view->time = 0.1;
  view->has_stress = view->has_temperature = true;
  view->temperature = 300;
  for (int d = 0; d < 3; d++) view->stress[d][d] = -0.25;
  view->extras = extras;
  view->n_extras = 2;
}

static void test_extxyz_text(void) {
  nmd_structure s;
  sample_make(0, &s);
  nmd_frame_view view;
  full_view(&s, &view);
  nmd_buffer text = {0};
  TEST_OK(nmd_extxyz_format(&view, ~0u & 255u, 3, &text));
  TEST_CONTAINS(text.data, "7\nLattice=\"5.1 0 0 0 6.2 0 0 0 7.3\" Properties=species:S:1:pos:R:3:id:I:1:image:I:3:"
                           "velo:R:3:forces:R:3:energies:R:1:virials:R:9:sigma_force:R:1:extrapolation:I:1 pbc=\"T T T\" "
                           "step=5000000000 time=0.1 energy=-1234.5678901234567 stress=\"-0.25 0 0 0 -0.25 0 0 0 "
                           "-0.25\" virial=\"57.7064");
  TEST_CONTAINS(text.data, " 0 0 0 57.7064");
  TEST_CONTAINS(text.data, "temperature=300 program=nnpmd note=\"a \\\"quoted\\\" = text second\"\nAu ");
  TEST_CONTAINS(text.data, " 1 2 3 4 5 6 7 8 9 -1.5 0\n");
  nmd_structure_reader *reader;
  nmd_structure back;
  bool end;
  TEST_OK(nmd_extxyz_format(&view, NMD_FIELDS_DEFAULT, NMD_DIGITS_DEFAULT, &text)); /* a second frame behind */
  TEST_OK(nmd_structure_reader_open_bytes("x.xyz", text.data, text.length, NULL, &reader));
  for (int k = 0; k < 2; k++) {
    TEST_OK(nmd_structure_reader_next(reader, &back, &end));
    TEST_CHECK(!end && (back.v != NULL) == (k == 0), "frame %d", k);
    for (int i = 0; i < SAMPLE_ATOMS && !end; i++) TEST_NEAR(back.x[i][1], s.x[i][1], k == 0 ? 5e-3 : 5e-10);
    nmd_structure_free(&back);
  }
  nmd_structure_reader_close(reader);
  nmd_buffer_free(&text);
  nmd_structure_free(&s);
}

static void test_dump_text(void) {
  nmd_structure s;
  sample_make(1, &s);
  nmd_frame_view view;
  full_view(&s, &view);
  nmd_buffer text = {0};
  TEST_OK(nmd_lammps_dump_format(&view, 255u, 6, &text));
  /* bounding box: x from 1.5 - 2.5 to 9.5 + 3.1, y from -2.25 - 1.7 */
  TEST_CONTAINS(text.data, "ITEM: TIMESTEP\n5000000000\nITEM: NUMBER OF ATOMS\n7\nITEM: BOX BOUNDS xy xz yz pp pp pp\n"
                           "-1 12.6 -2.5\n-3.95 4.75 3.1\n0.75 7.25 -1.7\n"
                           "ITEM: ATOMS id type element x y z ix iy iz vx vy vz fx fy fz energy "
                           "w1 w2 w3 w4 w5 w6 w7 w8 w9 sigma_force extrapolation\n10 4 Au ");
  nmd_buffer_free(&text);
  nmd_structure_free(&s);
  sample_make(2, &s);
  nmd_frame_view_init(&view, &s);
  TEST_OK(nmd_lammps_dump_format(&view, NMD_FIELDS_DEFAULT, 6, &text));
  TEST_CONTAINS(text.data, "xy xz yz pp pp ff\n0 10.5 2.5\n0 7 0\n-10 10 0\n");
  TEST_CONTAINS(text.data, "\nITEM: ATOMS id type element x y z ix iy iz\n");
  nmd_buffer_free(&text);
  nmd_structure_free(&s);
}

static void test_misuse(void) {
  nmd_structure s;
  sample_make(0, &s);
  nmd_frame_view view;
  nmd_frame_view_init(&view, &s);
  nmd_buffer text = {0};
  TEST_FAILS(nmd_extxyz_format(&view, NMD_FIELD_SIGMA_FORCE, 10, &text), NMD_INTERNAL);
  TEST_FAILS(nmd_extxyz_format(&view, 0, 18, &text), NMD_INTERNAL);
  TEST_FAILS(nmd_structure_write(test_path("x.pdb"), NULL, &s), NMD_BAD_CHOICE);
  TEST_FAILS(nmd_structure_write("/nonexistent/folder/x.xyz", NULL, &s), NMD_WRITE);
  nmd_structure_free(&s);
}

static void test_numbers(void) {
  static const double values[] = {0,         -0.0,               0.1,  1.0 / 3,             1e300,
                                  -2.5e-310, 33.599999999999994, 1e15, 123456789012345678.0};
  nmd_buffer text = {0};
  for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
    nmd_buffer_clear(&text);
    nmd_buffer_exact(&text, values[k]);
    TEST_CHECK(strtod(text.data, NULL) == values[k] && text.length < 25, "%s", text.data);
  }
  nmd_buffer_clear(&text);
  nmd_buffer_int(&text, INT64_MIN);
  nmd_buffer_int(&text, 0);
  nmd_buffer_int(&text, INT64_MAX);
  TEST_EQUAL_TEXT(text.data, " -9223372036854775808 0 9223372036854775807");
  nmd_buffer_free(&text);
}

/* The fast path of trajectories against the C library: the same text but for ties. */
static void test_fast_numbers(void) {
  uint64_t state = 5;
  nmd_buffer text = {0};
  int different = 0, total = 0;
  for (int digits = 1; digits <= 17; digits++)
    for (int k = 0; k < 4000; k++) {
      static const double special[] = {0.0, -0.0, 1e-4, 0.001, 1, 10, 1e9, 9.9999999999, 0.99999999999, 99999999999.0};
      const double power = pow(10, (int)(16 * fabs(sample_number(&state))) - 5);
      const double value = k < 10 ? special[k] : sample_number(&state) * power;
      char expected[40];
      snprintf(expected, sizeof expected, " %.*g", digits, value);
      nmd_buffer_clear(&text);
      nmd_buffer_real(&text, value, digits);
      const bool same = strcmp(text.data, expected) == 0;
      const double unit = pow(10, floor(log10(fabs(value) + 1e-300)) - digits + 1);
      TEST_CHECK(same || fabs(strtod(text.data, NULL) - value) <= 0.501 * unit, "%s for%s", text.data, expected);
      different += !same;
      total++;
    }
  TEST_CHECK(different <= total / 1000, "%d of %d differ", different, total);
  nmd_buffer_free(&text);
}

TEST_SUITE("io/write_structure", TEST(test_extxyz_is_exact), TEST(test_lammps_files_turn), TEST(test_lammps_cell),
           TEST(test_poscar), TEST(test_extxyz_text), TEST(test_dump_text), TEST(test_misuse), TEST(test_numbers),
           TEST(test_fast_numbers))
