/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that an input names: missing, garbled, or at odds with the rest. LINKS: reference */
#include "input_case.h"
#include "parallel/comm.h" /* TEST_COMM: one process with MPI */
#include "support/model_folder.h"
#include "support/test.h"

#define LJ "lennard_jones: {epsilon: 0.0104 eV, sigma: 3.4 A, cutoff: 7 A}"
#define CELL "Lattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3"
#define FILE_OF(name) "file: crystal.xyz", "file: " name

static const input_file files[] = {
    {"one.xyz", "1\n" CELL "\nAr 0 0 0\n"},
    {"word.xyz", "1\n" CELL "\nAr 0 zero 0\n"},
    {"element.xyz", "1\n" CELL "\nQq 0 0 0\n"},
    {"short.xyz", "2\n" CELL "\nAr 0 0 0\n"},
    {"flat.xyz", "1\nLattice=\"9 0 0 0 9 0 9 9 0\" Properties=species:S:1:pos:R:3\nAr 0 0 0\n"},
    {"no_cell.xyz", "1\nProperties=species:S:1:pos:R:3\nAr 0 0 0\n"},
    {"infinite.xyz", "1\n" CELL "\nAr 0 0 inf\n"},
    {"overlap.xyz", "2\n" CELL "\nAr 0 0 0\nAr 0 0 8.9\n"},
    {"open.xyz", "1\n" CELL " pbc=\"T T F\"\nAr 0 0 4\n"},
    {"empty.xyz", ""},
    {"garbage.txt", "nothing of\nany format\n"},
    {"count.data", "title\n\n2 atoms\n1 atom types\n0 9 xlo xhi\n0 9 ylo yhi\n0 9 zlo zhi\n\nMasses\n\n1 39.948\n\n"
                   "Atoms # atomic\n\n1 1 0 0 0\n"},
    {"type.data", "title\n\n1 atoms\n1 atom types\n0 9 xlo xhi\n0 9 ylo yhi\n0 9 zlo zhi\n\nMasses\n\n1 39.948\n\n"
                  "Atoms # atomic\n\n1 2 0 0 0\n"},
    {"unnamed.data", "title\n\n1 atoms\n1 atom types\n0 9 xlo xhi\n0 9 ylo yhi\n0 9 zlo zhi\n\n"
                     "Atoms # atomic\n\n1 1 0 0 0\n"},
    {"scale.poscar", "title\nx\n9 0 0\n0 9 0\n0 0 9\nAr\n1\nDirect\n0 0 0\n"},
    {"short.poscar", "title\n1\n9 0 0\n0 9 0\n0 0 9\nAr\n2\nDirect\n0 0 0\n"},
    {"word.nn", "begin\nlattice 9 0 0\nlattice 0 9 0\nlattice 0 0 9\natom 0 0 zero Ar 0 0 0 0 0\nenergy 0\ncharge 0\n"
                "end\n"},
    {"no_end.nn", "begin\nlattice 9 0 0\nlattice 0 9 0\nlattice 0 0 9\natom 0 0 0 Ar 0 0 0 0 0\n"},
    {"broken.xyz.gz", "\x1f\x8b\x08 no gzip at all"},
};

static void test_structure_files(void) {
  input_files_write(files, sizeof files / sizeof *files);
  static const input_case cases[] = {
      {FILE_OF("^none.xyz"), NMD_FILE_MISSING, {"none.xyz", "No such file", "check the path"}, 0},
      {FILE_OF("^."), NMD_FILE_MISSING, {"a folder without type.raw", "expected a DeePMD data folder"}, 0},
      {FILE_OF("^\"\""), NMD_WRONG_TYPE, {"a path"}, 0},
      {FILE_OF("word.xyz"), NMD_BAD_NUMBER, {"zero"}, "word.xyz:3:6: "},
      {FILE_OF("element.xyz"), NMD_UNKNOWN_ELEMENT, {"Qq", "expected"}, "element.xyz:3:1: "},
      {FILE_OF("short.xyz"), NMD_FILE_TRUNCATED, {"2"}, "short.xyz:"},
      {FILE_OF("flat.xyz"), NMD_BAD_CELL, {"volume"}, "flat.xyz:2"},
      {FILE_OF("no_cell.xyz"), NMD_BUILD, {"axis a", "not periodic"}, "input.yaml:6:11: repeat: "},
      {FILE_OF("infinite.xyz"), NMD_BAD_NUMBER, {"inf"}, "infinite.xyz:3:8: "},
      {FILE_OF("empty.xyz"), NMD_FILE_TRUNCATED, {"no structure", "check the path"}, "empty.xyz:1: "},
      {FILE_OF("garbage.txt"), NMD_FILE_FORMAT, {"expected one of", "extxyz"}, "garbage.txt:1: "},
      {FILE_OF("count.data"), NMD_FILE_TRUNCATED, {"2"}, "count.data:"},
      {FILE_OF("type.data"), NMD_OUT_OF_RANGE, {"2"}, "type.data:15"},
      {FILE_OF("^unnamed.data"), NMD_UNKNOWN_ELEMENT, {"atom type 1", "give the elements"}, 0},
      {FILE_OF("scale.poscar"), NMD_BAD_NUMBER, {"x"}, "scale.poscar:2"},
      {FILE_OF("short.poscar"), NMD_FILE_TRUNCATED, {"2"}, "short.poscar:"},
      {FILE_OF("word.nn\n  format: input_data"), NMD_BAD_NUMBER, {"zero"}, "word.nn:5"},
      {FILE_OF("no_end.nn\n  format: input_data"), NMD_FILE_TRUNCATED, {"end"}, "no_end.nn:"},
      {FILE_OF("^broken.xyz.gz"), NMD_FILE_FORMAT, {"gzip"}, 0},
      {FILE_OF("one.xyz\n  frame: ^3"), NMD_OUT_OF_RANGE, {"frame 3", "0 to 0", "-1 for the last"}, 0},
  };
  INPUT_CASES(cases);
}

static void test_structure_at_odds(void) {
  static const input_case cases[] = {
      {FILE_OF("^overlap.xyz"), NMD_OVERLAP, {"0.1 A apart", "expected at least 0.5 A", "correct"}, 0},
      {"file: crystal.xyz", "minimum_distance: 3.8 A\n  file: ^crystal.xyz", NMD_OVERLAP, {"3.719 A apart", "3.8 A"},
       0},
      {"file: crystal.xyz\n  repeat: 2", "file: open.xyz\n  repeat: ^[1, 1, 2]", NMD_BUILD,
       {"axis c", "not periodic", "expected 1"}, 0},
      {"file: crystal.xyz\n  repeat: 2\npotential:\n  " LJ "\nstages:\n",
       "file: open.xyz\npotential:\n  " LJ "\nstages:\n  - ^npt: {steps: 5, temperature: 300 K}\n", NMD_CONFLICT,
       {"cell vector c is not periodic", "expected false"}, 0},
  };
  INPUT_CASES(cases);
  char text[4096];
  snprintf(text, sizeof text,
           "output_folder: %s\nstructure: {file: one.xyz}\npotential: {" LJ "}\nstages: [nve: {steps: 1}]\n"
           "outputs: [^{thermo: {file: one.xyz}}]\n",
           test_folder());
  const input_case over[] = {{NULL, text, NMD_CONFLICT, {"one.xyz", "overwrite the structure"}, 0}};
  INPUT_CASES(over);
}

static void test_models(void) {
  static const input_case cases[] = {
      {LJ, "^nnp: {folder: no_model, length_unit: A, energy_unit: eV}", NMD_FILE_MISSING,
       {"no_model/input.nn", "No such file", "check the path"}, 0},
      {LJ, "nnp: ^{folder: no_model, energy_unit: eV}", NMD_MISSING_KEY, {"\"length_unit\" is missing", "A, bohr"}, 0},
      {LJ, "nnp: {folder: no_model, length_unit: ^angstrom, energy_unit: eV}", NMD_BAD_CHOICE, {"\"angstrom\""}, 0},
      {LJ, "^nnp: {folder: " NMD_TEST_DATA "/reference/001-t2-ortho, length_unit: A, energy_unit: eV}",
       NMD_MODEL_ELEMENT, {"Ar", "expected only: Au"}, 0},
  };
  INPUT_CASES(cases);
}

/* The model's files lie in the test's own folder, which is the input's. */
static void model_case(model_edit change, nmd_status code, const char *say) {
  model_folder_edited("003-t9-zetas-alpha", &change, 1);
  const input_case cases[] = {
      {LJ, "^nnp: {folder: ., length_unit: A, energy_unit: eV}", code, {change.file, say}, 0},
  };
  INPUT_CASES(cases);
}

static void test_garbled_models(void) {
  model_case((model_edit){"input.nn", NULL, "\nsymfunction_short Cu 99 Cu 1 2\n"}, NMD_MODEL_FUNCTION, "99");
  model_case((model_edit){"input.nn", "symfunction_short", "symfunction_shrt"}, NMD_MODEL_SCALING,
             "make scaling.data anew");
  model_case((model_edit){"scaling.data", NULL, NULL}, NMD_FILE_MISSING, "check the path");
  model_case((model_edit){"weights.029.data", NULL, NULL}, NMD_FILE_MISSING, "check the path");
  model_case((model_edit){"weights.029.data", NULL, "\nnonsense\n"}, NMD_BAD_NUMBER, "expected a weight");
}

/* The potential in a file of its own: messages are about the file where the mistake is. */
static void test_section_files(void) {
  static const input_file parts[] = {
      {"lj.yaml", "title: any other input\npotential:\n  " LJ "\n"},
      {"next.yaml", "potential: {file: lj.yaml}\n"},
      {"round.yaml", "potential: {file: round.yaml}\n"},
      {"other.yaml", LJ "\n"},
      {"blank.yaml", ""},
      {"key.yaml", "potential:\n  lennard_jones: {epsilon: 0.0104 eV, sigmo: 3.4 A, cutoff: 7 A}\n"},
      {"open.yaml", "potential:\n  {" LJ "\n"},
      {"model.yaml", "potential: {nnp: {folder: no_model, length_unit: A, energy_unit: eV}}\n"},
  };
  static const input_case cases[] = {
      {LJ, "^file: none.yaml", NMD_FILE_MISSING, {"potential: ", "none.yaml", "No such file"}, 0},
      {LJ, "file: ^[a, b]", NMD_WRONG_TYPE, {"file: got a list", "a path"}, 0},
      {LJ, "file: lj.yaml\n  ^zbl: {}", NMD_UNKNOWN_KEY, {"\"zbl\"", "known: file"}, 0},
      {LJ, "file: round.yaml", NMD_CONFLICT, {"the 8th file that names another", "the section itself"}, "round.yaml:1:12: "},
      {LJ, "file: other.yaml", NMD_MISSING_KEY, {"no section \"potential\"", "expected a file with"}, "other.yaml: "},
      {LJ, "file: blank.yaml", NMD_MISSING_KEY, {"no section \"potential\""}, "blank.yaml: "},
      {LJ, "file: key.yaml", NMD_UNKNOWN_KEY, {"\"sigmo\"", "did you mean \"sigma\"?"}, "key.yaml:2:39: "},
      {LJ, "file: open.yaml", NMD_SYNTAX, {"check the indentation"}, "open.yaml:"},
      {LJ, "file: model.yaml", NMD_FILE_MISSING, {"no_model/input.nn"}, "model.yaml:1:12: "},
  };
  input_files_write(parts, sizeof parts / sizeof *parts);
  INPUT_CASES(cases);
  input_accepted(LJ, "file: lj.yaml");
  input_accepted(LJ, "file: next.yaml");
}

TEST_SUITE("simulation/input_files", TEST(test_section_files), TEST(test_structure_files), TEST(test_structure_at_odds), TEST(test_models),
           TEST(test_garbled_models))
