/* SPDX-License-Identifier: BSD-3-Clause */
/* What each format's reader makes of good files, written by hand or by other programs. */
#include "io/read_structure.h"

#include <zlib.h>

#include "base/units.h"
#include "base/version.h"
#include "io/file_atomic.h"
#include "io/pack.h"
#include "sample.h"
#include "system/element.h"

static const char first[] =
    "3\n"
    "Properties=forces:R:3:extra:L:1:pos:R:3:species:S:1:id:I:1:velo:R:3:image:I:3 config_type=\"a \\\"b\\\" c\" flag "
    "Lattice = \"4 0 0  0 5 0  0.5 0 6\" Origin=\"-1 0 2\" energy=-3.25 pbc=\"T F T\" name=[[1,2],[3,4]]\n"
    "0.1 0.2 0.3 T 1 2 3 Au 30 1e-3 0 0 0 1 -2\n"
    " -1 -2 -3 F -1 0 9.5 Li 10 0 2e-3 0 0 0 0 \n"
    "\t0 0 0 T 0 0 0 O 20 0 0 3e-3 7 0 0\n";
static const char second[] = "1\nno cell here\nH 1 2 3\n";

static void check_first(const nmd_structure *s) {
  static const double h[3][3] = {{4, 0, 0}, {0, 5, 0}, {0.5, 0, 6}};
  TEST_EQUAL_INT(s->n, 3);
  TEST_CHECK(memcmp(s->box.h, h, sizeof h) == 0, "lattice");
  TEST_CHECK(s->box.origin[0] == -1 && s->box.origin[2] == 2, "origin");
  TEST_CHECK(s->box.periodic[0] && !s->box.periodic[1] && s->box.periodic[2], "pbc");
  TEST_CHECK(s->has_energy && s->energy == -3.25, "energy %g", s->energy);
  TEST_CHECK(s->atomic_number[0] == 79 && s->atomic_number[1] == 3 && s->atomic_number[2] == 8, "elements");
  TEST_CHECK(s->id[0] == 30 && s->id[1] == 10 && s->id[2] == 20, "ids");
  TEST_CHECK(s->x[1][0] == -1 && s->x[1][2] == 9.5, "positions stay as given");
  TEST_CHECK(s->v[2][2] == 3e-3 && s->f[1][2] == -3 && s->image[0][2] == -2, "columns");
}

static void test_extxyz(void) {
  char text[2048];
  snprintf(text, sizeof text, "\xEF\xBB\xBF%s\n\n%s", first, second);
  const char *path = test_write("two.xyz", text);
  nmd_structure s;
  if (!TEST_OK(nmd_structure_read(path, NULL, 0, &s))) return;
  check_first(&s);
  nmd_structure_free(&s);
  TEST_OK(nmd_structure_read(path, NULL, -1, &s));
  TEST_EQUAL_INT(s.n, 1);
  TEST_EQUAL_TEXT(s.comment, "no cell here");
  TEST_CHECK(!s.box.periodic[0] && s.box.h[1][1] == 2 * NMD_CLUSTER_MARGIN && s.box.origin[0] == 1 - NMD_CLUSTER_MARGIN,
             "cluster box");
  TEST_CHECK(s.v == NULL && s.f == NULL && s.image == NULL && !s.has_energy, "nothing invented");
  nmd_structure_free(&s);
}

static void test_line_ends(void) {
  static const char *const ends[] = {"\r\n", "\r"};
  for (int k = 0; k < 2; k++) {
    char text[1024] = "";
    for (const char *c = first; *c != '\0'; c++) {
      const char one[2] = {*c, '\0'};
      strcat(text, *c == '\n' ? ends[k] : one);
    }
    nmd_structure s;
    if (!TEST_OK(nmd_structure_read(test_write("ends.xyz", text), NULL, 0, &s))) return;
    check_first(&s);
    nmd_structure_free(&s);
  }
}

static void test_gzip(void) {
  gzFile out = gzopen(test_path("zip.xyz.gz"), "wb");
  for (int k = 0; k < 2000; k++) gzwrite(out, first, (unsigned)strlen(first));
  gzclose(out);
  nmd_structure_reader *reader;
  nmd_structure s;
  bool end = false;
  if (!TEST_OK(nmd_structure_reader_open(test_path("zip.xyz.gz"), NULL, &reader))) return;
  TEST_EQUAL_TEXT(nmd_structure_reader_format(reader), "extxyz");
  while (TEST_OK(nmd_structure_reader_next(reader, &s, &end)) && !end) {
    if (nmd_structure_reader_frame(reader) == 1999) check_first(&s);
    nmd_structure_free(&s);
  }
  TEST_EQUAL_INT(nmd_structure_reader_frame(reader), 2000);
  TEST_CONTAINS(nmd_structure_reader_place(reader), "zip.xyz.gz:10001");
  nmd_structure_reader_close(reader);

  char *bytes = malloc(100000);
  FILE *whole = fopen(test_path("zip.xyz.gz"), "rb");
  const size_t n = fread(bytes, 1, 100000, whole);
  fclose(whole);
  FILE *cut = fopen(test_path("cut.xyz.gz"), "wb");
  fwrite(bytes, 1, n / 2, cut);
  fclose(cut);
  free(bytes);
  TEST_FAILS(nmd_structure_read(test_path("cut.xyz.gz"), NULL, -1, &s), NMD_FILE_TRUNCATED);
  TEST_CONTAINS(nmd_error_text(), "gzip data ends too early");
}

/* ASE: p = m v with v in A per sqrt(u A^2 / eV); 1 A/fs is sqrt(103.6427) of these. */
/* Frames with one head, with a head each, and what a caller is told. */
static void test_xdatcar(void) {
  static const char text[] = "c\n1.0\n4 0 0\n0 5 0\n0 0 6\nLi Au\n1 2\nDirect configuration=     1\n0 0 0\n0.5 0.5 0.5\n"
                             "0.25 0.25 1.5\nDirect configuration=     2\n0 0 0.1\n0.5 0.5 0.5\n0.25 0.25 1.5\n"
                             "c\n2.0\n4 0 0\n0 5 0\n0 0 6\nLi Au\n1 2\nDirect configuration=     3\n0 0 0.1\n0.5 0.5 0.5\n"
                             "0.25 0.25 1.5\n";
  nmd_structure_reader *reader;
  if (!TEST_OK(nmd_structure_reader_open(test_write("some.name", text), NULL, &reader))) return;
  TEST_EQUAL_TEXT(nmd_structure_reader_format(reader), "xdatcar");
  bool end = false;
  for (int k = 1; k <= 3; k++) {
    nmd_structure s;
    if (!TEST_OK(nmd_structure_reader_next(reader, &s, &end))) break;
    TEST_EQUAL_INT(s.n, 3);
    TEST_EQUAL_INT(s.atomic_number[2], 79);
    TEST_NEAR(s.x[0][2], (k == 1 ? 0.0 : 0.6) * (k == 3 ? 2 : 1), 1e-14);
    TEST_NEAR(s.x[2][2], 9.0 * (k == 3 ? 2 : 1), 1e-14);
    TEST_EQUAL_INT(atoi(nmd_structure_info(&s, "configuration")), k);
    nmd_structure_free(&s);
  }
  nmd_structure s;
  TEST_OK(nmd_structure_reader_next(reader, &s, &end));
  TEST_CHECK(end, "end");
  nmd_structure_reader_close(reader);
}

#if NMD_HAVE_ZSTD
/* Frames of zstd one after another, cut off, and broken. */
static void test_zstd(void) {
  nmd_buffer packed = {0};
  for (int k = 0; k < 300; k++) TEST_OK(nmd_pack(NMD_PACK_ZSTD, first, strlen(first), &packed));
  nmd_structure s;
  TEST_OK(nmd_file_write_atomic(test_path("z.xyz.zst"), packed.data, packed.length, 1));
  TEST_OK(nmd_structure_read(test_path("z.xyz.zst"), NULL, 299, &s));
  nmd_structure_free(&s);
  TEST_OK(nmd_structure_read(test_path("z.xyz.zst"), NULL, -1, &s));
  nmd_structure_free(&s);
  TEST_FAILS(nmd_structure_read(test_path("z.xyz.zst"), NULL, 300, &s), NMD_OUT_OF_RANGE);
  TEST_OK(nmd_file_write_atomic(test_path("cut.xyz.zst"), packed.data, packed.length - 5, 1));
  TEST_FAILS(nmd_structure_read(test_path("cut.xyz.zst"), NULL, -1, &s), NMD_FILE_TRUNCATED);
  TEST_CONTAINS(nmd_error_text(), "zstd data ends too early");
  packed.data[packed.length / 2] ^= 0x55;
  packed.data[packed.length / 2 + 1] ^= 0x55;
  TEST_OK(nmd_file_write_atomic(test_path("bad.xyz.zst"), packed.data, packed.length, 1));
  TEST_CHECK(nmd_structure_read(test_path("bad.xyz.zst"), NULL, -1, &s) != NMD_OK, "broken data accepted");
  nmd_buffer_free(&packed);
}
#else
static void test_zstd(void) {
  static const char magic[] = "\x28\xB5\x2F\xFD and more";
  nmd_structure s;
  TEST_FAILS(nmd_structure_read(test_write("z.xyz.zst", magic), NULL, -1, &s), NMD_FILE_FORMAT);
  TEST_CONTAINS(nmd_error_text(), "built without libzstd");
}
#endif

static void test_momenta(void) {
  static const char text[] = "1\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3:momenta:R:3\n"
                             "Au 0 0 0 2005.21 0 -1\n";
  nmd_structure s;
  if (!TEST_OK(nmd_structure_read(test_write("p.xyz", text), NULL, 0, &s))) return;
  TEST_RELATIVE(s.v[0][0], 2005.21 / (nmd_element_mass(79) * 10.180505710774743), 1e-9);
  nmd_structure_free(&s);
}

static void test_lammps_data(void) {
  static const char text[] =
      "made by hand\n\n3 atoms # three\n2 atom types\n0 bonds\n-1 9 xlo xhi\n0 8 ylo yhi\n2 9 zlo zhi\n"
      "1 -2 0.5 xy xz yz\n\nMasses\n\n1 196.967 # Au\n2 6.94\n\nPair Coeffs # eam\n\n1 1.0 2.0\n2 1.0 2.0\n\n"
      "Atoms # charge\n\n7 2 0.5 1 2 3 0 0 -1\n3 1 -0.5 4 5 6 1 0 0 # note\n5 2 0 0 0 2 0 0 0\n\n"
      "Velocities\n\n5 3 0 0\n7 0 0 1000\n3 0 0 0\n";
  nmd_structure s;
  if (!TEST_OK(nmd_structure_read(test_write("hand.data", text), NULL, 0, &s))) return;
  static const double h[3][3] = {{10, 0, 0}, {1, 8, 0}, {-2, 0.5, 7}};
  TEST_CHECK(memcmp(s.box.h, h, sizeof h) == 0 && s.box.origin[0] == -1 && s.box.origin[2] == 2, "box");
  TEST_CHECK(s.id[0] == 7 && s.atomic_number[0] == 3 && s.atomic_number[1] == 79, "types by mass and comment");
  TEST_CHECK(s.x[1][2] == 6 && s.image[0][2] == -1 && s.image[1][0] == 1, "atoms");
  TEST_NEAR(s.v[0][2], 1.0, 1e-15);
  TEST_NEAR(s.v[2][0], 0.003, 1e-15);
  TEST_EQUAL_TEXT(s.comment, "made by hand");
  nmd_structure_free(&s);

  static const char *const swapped[] = {"Cu", "O"};
  const nmd_read_options options = {.elements = swapped, .n_elements = 2};
  TEST_OK(nmd_structure_read(test_path("hand.data"), &options, 0, &s));
  TEST_CHECK(s.atomic_number[0] == 8 && s.atomic_number[1] == 29, "given elements");
  nmd_structure_free(&s);
  const nmd_read_options too_few = {.elements = swapped, .n_elements = 1};
  TEST_FAILS(nmd_structure_read(test_path("hand.data"), &too_few, 0, &s), NMD_CONFLICT);
}

static void test_lammps_labels_and_general_box(void) {
  static const char text[] = "c\n2 atoms\n2 atom types\n0 4 4 avec\n4 0 4 bvec\n4 4 0 cvec\n1 2 3 abc origin\n\n"
                             "Atom Type Labels\n\n1 Li\n2 Au\n\nAtoms # atomic\n\n1 Au 0 0 0\n2 1 1 1 1\n";
  nmd_structure s;
  if (!TEST_OK(nmd_structure_read(test_write("labels.lmp", text), NULL, 0, &s))) return;
  TEST_CHECK(s.atomic_number[0] == 79 && s.atomic_number[1] == 3 && s.image == NULL && s.v == NULL, "labels");
  TEST_NEAR(s.box.volume, 128.0, 1e-12);
  TEST_CHECK(s.box.h[2][0] == 4 && s.box.origin[1] == 2, "general box");
  nmd_structure_free(&s);
}

static void test_lammps_dump(void) {
  static const char text[] =
      "ITEM: UNITS\nmetal\nITEM: TIMESTEP\n100\nITEM: TIME\n0.1\nITEM: NUMBER OF ATOMS\n2\n"
      "ITEM: BOX BOUNDS xy xz yz pp ff pp\n-1 11 2\n0 9 -1\n1 5 1\n" /* lx = 9, ly = 8, lz = 4, origin 0 0 1 */
      "ITEM: ATOMS ix vx type zs element id ys xs vy vz iz iy fx fy fz c_pe \n"
      "1 1000 1 0.5 Au 2 0 0 0 1 3 2 1 2 3 9\n0 0 2 0 Li 1 0.5 0.25 0 0 0 0 0 0 0 9\n"
      "ITEM: TIMESTEP\n200\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 10\n0 9\n0 8\n"
      "ITEM: ATOMS id type xu yu zu ix iy iz\n1 2 25 -3 4 2 -1 0\n";
  static const char *const elements[] = {"Li", "O"};
  const nmd_read_options options = {.elements = elements, .n_elements = 2};
  nmd_structure s;
  if (!TEST_OK(nmd_structure_read(test_write("d.lammpstrj", text), NULL, 0, &s))) return;
  static const double h[3][3] = {{9, 0, 0}, {2, 8, 0}, {-1, 1, 4}};
  for (int k = 0; k < 9; k++) TEST_NEAR(s.box.h[k / 3][k % 3], h[k / 3][k % 3], 1e-14);
  TEST_CHECK(s.box.origin[0] == 0 && s.box.origin[2] == 1 && !s.box.periodic[1] && s.box.periodic[2], "box");
  TEST_CHECK(s.x[0][0] == -0.5 && s.x[0][1] == 0.5 && s.x[0][2] == 3 && s.x[1][0] == 3.25, "scaled positions");
  TEST_CHECK(s.image[0][0] == 1 && s.image[0][1] == 2 && s.image[0][2] == 3 && s.id[0] == 2, "images, ids");
  TEST_CHECK(s.v[0][0] == 1.0 && s.f[0][2] == 3 && s.atomic_number[0] == 79, "vectors");
  TEST_EQUAL_TEXT(s.comment, "timestep=100");
  nmd_structure_free(&s);
  TEST_FAILS(nmd_structure_read(test_path("d.lammpstrj"), NULL, 1, &s), NMD_MISSING_KEY);
  TEST_CONTAINS(nmd_error_text(), "d.lammpstrj:24: no column element");
  if (!TEST_OK(nmd_structure_read(test_path("d.lammpstrj"), &options, 1, &s))) return;
  TEST_CHECK(s.x[0][0] == 25 && s.image[0][0] == 0, "unwrapped: counters are not added again");
  TEST_EQUAL_INT(s.atomic_number[0], 8);
  nmd_structure_free(&s);
}

static void test_poscar(void) {
  static const char text[] = "Li Au\n-64\n1 0 0\n0 1 0\n0 0 1\nLi_sv Au/0123abc\n1 2\nSelective dynamics\nDirect\n"
                             "0 0 0 T T F Li\n0.5 0.5 1.25 F F F Au\n0.25 0 0 T T T Au\n\n1e-3 0 0\n0 0 0\n"
                             "0 0 -2e-3\n\n1\n0.5\n";
  nmd_structure s;
  if (!TEST_OK(nmd_structure_read(test_write("POSCAR_one", text), NULL, 0, &s))) return;
  TEST_NEAR(s.box.h[0][0], 4.0, 1e-14);
  TEST_CHECK(s.atomic_number[0] == 3 && s.atomic_number[2] == 79, "elements");
  TEST_NEAR(s.x[1][2], 5.0, 1e-13);
  TEST_CHECK(s.v[0][0] == 1e-3 && s.v[2][2] == -2e-3, "velocities");
  nmd_structure_free(&s);
  static const char cartesian[] = "c\n2\n1 0 0\n0 2 0\n0 0 3\nO\n1\nCartesian\n0.5 1 1.5\n\n";
  TEST_OK(nmd_structure_read(test_write("c.vasp", cartesian), NULL, 0, &s));
  TEST_CHECK(s.x[0][2] == 3.0 && s.box.h[2][2] == 6.0 && s.v == NULL, "scaled");
  nmd_structure_free(&s);
  static const char old[] = "c\n2\n1 0 0\n0 2 0\n0 0 3\n1 1\nCartesian\n0 0 0\n.5 .5 .5\n";
  static const char *const elements[] = {"O", "H"};
  const nmd_read_options options = {.elements = elements, .n_elements = 2};
  TEST_OK(nmd_structure_read(test_write("old", old), &options, 0, &s));
  TEST_CHECK(s.n == 2 && s.atomic_number[1] == 1, "VASP 4");
  nmd_structure_free(&s);
}

static void test_input_data(void) {
  static const char text[] =
      "# two structures in bohr and hartree\nbegin\ncomment first one\nlattice 10 0 0\nlattice 0 10 0\nlattice 1 0 10\n"
      "atom 1 0 0 Li 0.1 0 0.5 0 0\natom 0 2 0 Au 0 0 0 0 -1\nenergy -2.0\ncharge 0.0\nend\n\n"
      "begin\natom 0 0 0 H 0 0 0 0 0\nend\n";
  const nmd_read_options options = {.length_unit = NMD_BOHR, .energy_unit = NMD_HARTREE};
  nmd_structure_reader *reader;
  nmd_structure s;
  bool end;
  if (!TEST_OK(nmd_structure_reader_open(test_write("input.data", text), &options, &reader))) return;
  TEST_OK(nmd_structure_reader_next(reader, &s, &end));
  TEST_CHECK(s.n == 2 && s.box.periodic[0] && s.has_energy, "first frame");
  TEST_RELATIVE(s.box.h[2][0], NMD_BOHR, 1e-15);
  TEST_RELATIVE(s.x[1][1], 2 * NMD_BOHR, 1e-15);
  TEST_RELATIVE(s.energy, -2 * NMD_HARTREE, 1e-15);
  TEST_RELATIVE(s.f[0][0], 0.5 * NMD_HARTREE / NMD_BOHR, 1e-15);
  TEST_EQUAL_TEXT(s.comment, "first one");
  nmd_structure_free(&s);
  TEST_OK(nmd_structure_reader_next(reader, &s, &end));
  TEST_CHECK(!end && s.n == 1 && !s.box.periodic[0] && !s.has_energy, "second frame");
  nmd_structure_free(&s);
  TEST_OK(nmd_structure_reader_next(reader, &s, &end));
  TEST_CHECK(end && s.x == NULL, "end");
  TEST_OK(nmd_structure_reader_next(reader, &s, &end));
  TEST_CHECK(end, "stays at the end");
  nmd_structure_reader_close(reader);
}

static void test_many_ids(void) {
  enum { N = 20000 };
  char *text = malloc(64 * N), *c = text;
  c += sprintf(c, "%d\nProperties=species:S:1:pos:R:3:id:I:1\n", N);
  for (int i = 0; i < N; i++) c += sprintf(c, "H %d 0 0 %lld\n", i, (long long)(N - i) * 1048576);
  nmd_structure s;
  if (TEST_OK(nmd_structure_read(test_write("ids.xyz", text), NULL, 0, &s))) {
    TEST_CHECK(s.id[0] == (int64_t)N * 1048576 && s.x[N - 1][0] == N - 1, "ids");
    nmd_structure_free(&s);
  }
  free(text);
}

static void test_format_table(void) {
  TEST_EQUAL_INT(nmd_structure_format_count(), 10);
  for (int k = 0; k < nmd_structure_format_count(); k++)
    TEST_CHECK(strlen(nmd_structure_format_name(k)) > 0 && strlen(nmd_structure_format_doc(k)) > 0, "format %d", k);
}

TEST_SUITE("io/read_structure", TEST(test_extxyz), TEST(test_line_ends), TEST(test_gzip), TEST(test_zstd),
           TEST(test_xdatcar), TEST(test_momenta), TEST(test_lammps_data), TEST(test_lammps_labels_and_general_box),
           TEST(test_lammps_dump), TEST(test_poscar), TEST(test_input_data), TEST(test_many_ids),
           TEST(test_format_table))
