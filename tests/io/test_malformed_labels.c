/* SPDX-License-Identifier: BSD-3-Clause */
/* Damaged OUTCAR, vasprun.xml, input.data and DeePMD folders: each gives its code and a message with the place. A case
 * is a good file with one piece replaced. */
#include <sys/stat.h>

#include "base/memory.h"
#include "io/npy.h"
#include "io/read_structure.h"
#include "support/test.h"

typedef struct damage {
  const char *from, *to; /* the first `from` becomes `to`; "" : the file is cut there */
  nmd_status code;
  const char *part;
} damage;

static const damage outcar_cases[] = {
    {"VRHFIN =Au", "VRHFIN =Qq", NMD_UNKNOWN_ELEMENT, "OUTCAR:19:4: 'VRHFIN =Qq"},
    {"VRHFIN =Li: 1s2s2p", "VRHFIN", NMD_UNKNOWN_ELEMENT, "OUTCAR:27:4:"},
    {"ions per type =               3   2", "ions per type =               3", NMD_CONFLICT,
     "OUTCAR:40: ions per type: 1 numbers; expected one for each of the 2 VRHFIN"},
    {"ions per type =               3   2", "ions per type =               3   x", NMD_BAD_NUMBER, "OUTCAR:40:38:"},
    {"ions per type =               3   2", "ions per type =               0   0", NMD_OUT_OF_RANGE,
     "OUTCAR:40:34: ions per type: no atoms"},
    {"ions per type =               3   2", "ions per type =               3   3", NMD_FILE_FORMAT,
     "the table ends at atom 5; expected 6"},
    {"   ions per type", "   tons per type", NMD_MISSING_KEY, "positions before any `ions per type`"},
    {"  4.100000000", "  4.1x0000000", NMD_BAD_NUMBER, "OUTCAR:47:7: lattice vector 1: '4.1x0000000'"},
    {"  4.100000000", "*************", NMD_BAD_NUMBER, "stars: too large for its field"},
    {"direct lattice vectors                 reciprocal lattice vectors\n      4.1", "", NMD_FILE_TRUNCATED,
     "without a complete ionic step"},
    {"  in kB", "  in kB  oops", NMD_BAD_NUMBER, "stress (in kB): 'oops'"},
    {"TOTAL-FORCE (eV/Angst)\n -----------------------------------------------------------------------------------\n",
     "", NMD_FILE_TRUNCATED, "the file ends here; expected the table of positions and forces to go on"},
    {"0.695303     -1.344215", "0.695303           nan", NMD_BAD_NUMBER, "position and force of atom 1 of 5: 'nan'"},
    {"0.695303     -1.344215     -0.457616", "0.695303     -1.344215", NMD_FILE_FORMAT, "atom 1 of 5: 2 numbers"},
    {"energy(sigma->0) =     -14.18", "energy(sigma-->) =     -14.18", NMD_FILE_FORMAT, "no `energy(sigma->0) =`"},
    {"energy(sigma->0) =     -14.18713329", "energy(sigma->0) =     -14.187", NMD_FILE_FORMAT, "expected 8 decimals"},
    {"energy(sigma->0) =     -14.18713329", "energy(sigma->0) =               NaN", NMD_BAD_NUMBER,
     "energy(sigma->0): 'NaN'"},
    {"FREE ENERGIE", "", NMD_FILE_TRUNCATED, "expected `energy  without entropy=`; did VASP finish?"},
};

static const damage vasprun_cases[] = {
    {"<c>Au</c>", "<c>Qq</c>", NMD_UNKNOWN_ELEMENT, "vasprun.xml:37:12: 'Qq' is not a chemical element"},
    {"<array name=\"atoms\" >", "<array name=\"atom\" >", NMD_FILE_FORMAT, "positions: more than 0 rows"},
    {"<v>      0.69530300", "<v>             nan", NMD_BAD_NUMBER, "forces: 'nan' is not a finite number"},
    {"<varray name=\"forces\" >", "<varray name=\"farces\" >", NMD_MISSING_KEY, "lacks <varray name=\"forces\">"},
    {"<i name=\"e_fr_energy\">    -14.20373424 </i>", "<i name=\"e_fr_energy\"></i>", NMD_FILE_FORMAT,
     "e_fr_energy: <i> without a value; expected 1 number"},
    {"<calculation>", "", NMD_FILE_TRUNCATED, "the file ends without a complete <calculation>; expected one"},
    {"</calculation>", "", NMD_FILE_TRUNCATED, "the file ends within <calculation>; expected </calculation>"},
    {"<scstep>", "<scstep", NMD_FILE_FORMAT, "a tag without '>'"},
    {"<atominfo>", "", NMD_FILE_TRUNCATED, "the file ends without a complete <calculation>"},
    {"NELM\">     3<", "NELM\">     three<", NMD_BAD_NUMBER, "vasprun.xml:22:36: NELM: 'three'"},
    {"<v>      4.10000000      0.20000000      0.10000000 </v>\n     <v>     -1.30000000      5.30000000      "
     "0.40000000 </v>",
     "<v>      0.00000000      0.00000000      0.00000000 </v>\n     <v>     -1.30000000      5.30000000      "
     "0.40000000 </v>",
     NMD_OK, NULL}, /* of the initial structure, which is passed over */
};

/* searched from the first <calculation> on */
static const damage step_cases[] = {
    {"<v>      4.10000000", "<v>      4.1o000000", NMD_BAD_NUMBER, "basis: '4.1o000000' is not a finite number"},
    {"<v>      4.10000000", "<v>****************", NMD_BAD_NUMBER, "stars: too large for its field"},
    {"<v>      4.10000000      0.20000000      0.10000000 </v>", "<v>      4.10000000      0.20000000 </v>",
     NMD_FILE_FORMAT, "basis: 2 numbers; expected 3"},
    {"<v>      4.10000000      0.20000000      0.10000000 </v>",
     "<v>      4.10000000      0.20000000      0.10000000      9.00000000 </v>", NMD_FILE_FORMAT,
     "basis: '9.00000000 ' behind the last of 3 numbers"},
};

#define DATA                                                                                                           \
  "begin\ncomment kind=md\nlattice 5 0 0\nlattice 0 5 0\nlattice 0 0 5\natom 0 0 0 Li 0 0 1 2 3\nenergy -1\ncharge "   \
  "0\nend\n"
static const damage data_cases[] = {
    {"energy -1", "energy -1 eV", NMD_FILE_FORMAT, "input.data:7:11: energy: 2 values; expected `energy E"},
    {"energy -1", "energy nan", NMD_BAD_NUMBER, "input.data:7:8: energy: 'nan'"},
    {"energy -1", "energi -1", NMD_UNKNOWN_KEY, "input.data:7:1: unknown keyword 'energi'"},
    {"lattice 0 0 5\n", "", NMD_FILE_TRUNCATED, "input.data:5: the file ends here; expected the line `end`"},
    {"lattice 0 0 5\n", "lattice 0 5 0\n", NMD_BAD_CELL, "input.data:9: cell"},
    {"Li 0 0 1", "Xx 0 0 1", NMD_UNKNOWN_ELEMENT, "input.data:6:12: 'Xx'"},
    {"Li 0 0 1 2 3", "Li 0 0 1 2", NMD_FILE_FORMAT, "input.data:6:21: atom: 8 values"},
    {"Li 0 0 1 2 3", "Li 0 0 1 2 1e400", NMD_BAD_NUMBER, "input.data:6:23: force: '1e400'"},
};

static char *replace(const char *text, const char *start, const damage *d) {
  const char *at = strstr(start, d->from);
  if (!TEST_CHECK(at != NULL, "'%.60s' is not in the sample", d->from)) return NULL;
  char *changed = malloc(strlen(text) + strlen(d->to) + 1);
  const size_t before = (size_t)(at - text);
  memcpy(changed, text, before);
  strcpy(changed + before, d->to);
  if (d->to[0] != '\0')
    strcat(changed, at + strlen(d->from));
  else if (d->from[strlen(d->from) - 1] == '\n') /* cut behind the piece when it ends a line */
    strcpy(changed + before, d->from);
  if (d->to[0] == '\0' && strcmp(d->from, "lattice 0 0 5\n") == 0) changed[before] = '\0';
  return changed;
}

static void try_case(const char *name, const char *text, const char *start, const damage *d) {
  nmd_structure s;
  char *changed = replace(text, start, d);
  if (changed == NULL) return;
  const nmd_status status = nmd_structure_read(test_write(name, changed), NULL, 0, &s);
  TEST_CHECK(status == d->code, "%s '%.40s': %s (%s)", name, d->to[0] ? d->to : d->from, nmd_status_name(status),
             nmd_error_text());
  if (d->part != NULL) TEST_CONTAINS(nmd_error_text(), d->part);
  if (status == NMD_OK)
    nmd_structure_free(&s);
  else
    TEST_CHECK(strchr(nmd_error_text(), ':') != NULL && strchr(nmd_error_text(), '\n') == NULL,
               "one line with a place");
  free(changed);
}

static void test_text_files(void) {
  const int64_t before = nmd_memory_in_use();
  char *outcar = test_read(NMD_TEST_DATA "/io/vasp/OUTCAR"), *vasprun = test_read(NMD_TEST_DATA "/io/vasp/vasprun.xml");
  if (!TEST_CHECK(outcar != NULL && vasprun != NULL, "tests/io/vasp")) return;
  for (size_t k = 0; k < sizeof outcar_cases / sizeof *outcar_cases; k++)
    try_case("OUTCAR", outcar, outcar, &outcar_cases[k]);
  for (size_t k = 0; k < sizeof vasprun_cases / sizeof *vasprun_cases; k++)
    try_case("vasprun.xml", vasprun, vasprun, &vasprun_cases[k]);
  for (size_t k = 0; k < sizeof step_cases / sizeof *step_cases; k++)
    try_case("vasprun.xml", vasprun, strstr(vasprun, "<calculation>"), &step_cases[k]);
  for (size_t k = 0; k < sizeof data_cases / sizeof *data_cases; k++)
    try_case("input.data", DATA, DATA, &data_cases[k]);
  free(outcar);
  free(vasprun);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

/* A DeePMD folder of two atoms and two frames, one part of it spoilt. */
typedef struct folder_case {
  const char *file, *text; /* a text file to write; or, when text is NULL, the array `file` gets `count` values */
  int count;
  double value; /* of all of them */
  nmd_status code;
  const char *part;
} folder_case;

static const folder_case folder_cases[] = {
    {"type.raw", "0\n1\n", 0, 0, NMD_OK, NULL},
    {"type_map.raw", "Au\nQq\n", 0, 0, NMD_UNKNOWN_ELEMENT, "type_map.raw:2:1: 'Qq'"},
    {"type_map.raw", "Au\n", 0, 0, NMD_OUT_OF_RANGE, "type.raw:2:1: atom type: 1 is out of range; expected 0 to 0"},
    {"type.raw", "0\nx\n", 0, 0, NMD_BAD_NUMBER, "type.raw:2:1: atom type: 'x'"},
    {"type.raw", "", 0, 0, NMD_FILE_TRUNCATED, "type.raw:1: no atom types"},
    {"type.raw", "0\n1\n1\n", 0, 0, NMD_FILE_FORMAT, "coord.npy: byte 10: 2 frames, 12 values; expected 2 frames of 9"},
    {"set.000/coord.npy", "not an array\n", 0, 0, NMD_FILE_FORMAT, "coord.npy: byte 0: not an array of NumPy"},
    {"set.000/coord.npy", "\x93NUMPY\x09............", 0, 0, NMD_FILE_FORMAT, "coord.npy: byte 6: version 9"},
    {"set.000/energy.npy", NULL, 3, -1.0, NMD_FILE_FORMAT, "energy.npy: byte 10: 3 frames, 3 values; expected 2"},
    {"set.000/force.npy", NULL, 11, 0.5, NMD_FILE_FORMAT, "force.npy: byte 10: 11 frames"},
    {"set.000/energy.npy", NULL, 2, (double)NAN, NMD_BAD_NUMBER, "energy.npy: value 1 of frame 0 is not finite"},
    {"set.000/virial.npy", NULL, 2, 0.0, NMD_FILE_FORMAT, "virial.npy: byte 10: 2 frames, 2 values"},
};

static void make_folder(const char *folder) {
  char command[4096], path[1024];
  double x[12] = {0, 0, 0, 1.5, 1.5, 1.5, 0, 0, 0, 1.6, 1.5, 1.5},
         box[18] = {4, 0, 0, 0, 4, 0, 0, 0, 4, 4, 0, 0, 0, 4, 0, 0, 0, 4};
  snprintf(command, sizeof command,
           "rm -rf '%s' && mkdir -p '%s/set.000' && printf 'Au\\nLi\\n' > '%s/type_map.raw' && "
           "printf '0\\n1\\n' > '%s/type.raw'",
           folder, folder, folder, folder);
  TEST_EQUAL_INT(system(command), 0);
  snprintf(path, sizeof path, "%s/set.000/coord.npy", folder);
  TEST_OK(nmd_npy_write(path, x, 2, 6));
  snprintf(path, sizeof path, "%s/set.000/box.npy", folder);
  TEST_OK(nmd_npy_write(path, box, 2, 9));
}

static void test_folders(void) {
  const int64_t before = nmd_memory_in_use();
  char folder[480], path[1024];
  snprintf(folder, sizeof folder, "%s", test_path("deepmd"));
  for (size_t k = 0; k < sizeof folder_cases / sizeof *folder_cases; k++) {
    const folder_case *c = &folder_cases[k];
    make_folder(folder);
    snprintf(path, sizeof path, "%.480s/%.60s", folder, c->file);
    if (c->text != NULL) {
      FILE *file = fopen(path, "w");
      if (file != NULL) fputs(c->text, file), fclose(file);
    } else {
      double values[16];
      for (int m = 0; m < 16; m++) values[m] = c->value;
      TEST_OK(nmd_npy_write(path, values, c->count, 0));
    }
    nmd_structure s;
    const nmd_status status = nmd_structure_read(folder, NULL, 0, &s);
    TEST_CHECK(status == c->code, "case %zu, %s: %s (%s)", k, c->file, nmd_status_name(status), nmd_error_text());
    if (c->part != NULL) TEST_CONTAINS(nmd_error_text(), c->part);
    if (status == NMD_OK) nmd_structure_free(&s);
  }
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

/* All types on one line, more than anybody writes by hand. */
static void test_long_line(void) {
  enum { N = 1500 };
  static double x[3 * N], box[9] = {90, 0, 0, 0, 90, 0, 0, 0, 90};
  char folder[480], path[1024];
  snprintf(folder, sizeof folder, "%s", test_path("long"));
  make_folder(folder);
  for (int k = 0; k < N; k++) x[3 * k] = 0.05 * k;
  snprintf(path, sizeof path, "%s/type.raw", folder);
  FILE *file = fopen(path, "w");
  if (!TEST_CHECK(file != NULL, "%s", path)) return;
  for (int k = 0; k < N; k++) fprintf(file, "%d ", k == N - 1);
  fclose(file);
  snprintf(path, sizeof path, "%s/set.000/coord.npy", folder);
  TEST_OK(nmd_npy_write(path, x, 1, (int64_t)3 * N));
  snprintf(path, sizeof path, "%s/set.000/box.npy", folder);
  TEST_OK(nmd_npy_write(path, box, 1, 9));
  nmd_structure s;
  if (!TEST_OK(nmd_structure_read(folder, NULL, 0, &s))) return;
  TEST_EQUAL_INT(s.n, N);
  TEST_EQUAL_INT(s.atomic_number[N - 2], 79);
  TEST_EQUAL_INT(s.atomic_number[N - 1], 3);
  nmd_structure_free(&s);
}

/* Headers of arrays that lie about what follows. */
static void test_npy_headers(void) {
  static const struct {
    const char *header;
    nmd_status code;
    const char *part;
  } cases[] = {
      {"{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", NMD_FILE_FORMAT, "type '<f2'"},
      {"{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (1,), }", NMD_FILE_FORMAT, "expected a plain type"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999,), }", NMD_FILE_TRUNCATED, "expected 99999 values"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", NMD_FILE_FORMAT, "expected a shape"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 1099511627776), }", NMD_FILE_FORMAT, "shape"},
      {"{'descr': '<f8', 'shape': (1,), }", NMD_FILE_FORMAT, "expected a plain type"},
      {"{'descr': '<f8', 'fortran_order': False, }", NMD_FILE_FORMAT, "expected a shape"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    nmd_npy a;
    FILE *file = fopen(test_path("a.npy"), "wb");
    if (!TEST_CHECK(file != NULL, "a.npy")) return;
    fwrite("\x93NUMPY\x01\x00", 1, 8, file);
    fputc((int)strlen(cases[k].header), file);
    fputc(0, file);
    fputs(cases[k].header, file);
    fwrite("12345678", 1, 8, file);
    fclose(file);
    TEST_FAILS(nmd_npy_read(test_path("a.npy"), &a), cases[k].code);
    TEST_CONTAINS(nmd_error_text(), cases[k].part);
  }
  nmd_npy a;
  TEST_FAILS(nmd_npy_read(test_path("none.npy"), &a), NMD_FILE_MISSING);
  nmd_structure s;
  char empty[600];
  snprintf(empty, sizeof empty, "mkdir -p '%s'", test_path("empty/x"));
  TEST_EQUAL_INT(system(empty), 0);
  TEST_FAILS(nmd_structure_read(test_path("empty"), NULL, 0, &s), NMD_FILE_MISSING);
  TEST_CONTAINS(nmd_error_text(), "a folder without type.raw");
}

TEST_SUITE("io/malformed_labels", TEST(test_text_files), TEST(test_folders), TEST(test_long_line), TEST(test_npy_headers))
