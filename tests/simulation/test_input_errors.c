/* SPDX-License-Identifier: BSD-3-Clause */
/* Wrong inputs: whatever is wrong with keys and values, the user learns where, what and what to do. */
#include "input_case.h"
#include "parallel/comm.h" /* TEST_COMM: one process with MPI */
#include "support/test.h"

#define LJ "lennard_jones: {epsilon: 0.0104 eV, sigma: 3.4 A, cutoff: 7 A}"
#define NVT "nvt: {duration: 20 fs, temperature: 300 K -> 600 K, thermostat: csvr}"
#define NVE "nve: {steps: 10, timestep: 1 fs}"

static void test_yaml(void) {
  static const input_case cases[] = {
      {"  file: crystal.xyz", "^\tfile: crystal.xyz", NMD_SYNTAX, {"tab", "use spaces"}, 0},
      {"title: a small crystal", "title: a ^\xff crystal", NMD_SYNTAX, {"UTF-8", "0xFF"}, 0},
      {"title: a small crystal", "title: a ^\x01 crystal", NMD_SYNTAX, {"UTF-8", "0x01"}, 0},
      {"seed: 1", "seed: ^&one 1", NMD_SYNTAX, {"\"&one\"", "anchors are not supported", "write the value out"}, 0},
      {"seed: 1", "seed: ^*one", NMD_SYNTAX, {"\"*one\"", "aliases are not supported", "write the value out"}, 0},
      {"seed: 1", "seed: ^!!int 1", NMD_SYNTAX, {"tags are not supported", "remove it"}, 0},
      {"seed: 1", "{seed: 1", NMD_SYNTAX, {"check the indentation", "starts at line 2"}, "input.yaml:3:14: "},
      {"seed: 1", "^title: another", NMD_DUPLICATE_KEY, {"\"title\"", "given twice", "first at"}, 0},
      {"{steps: 10, timestep", "{steps: 10, ^steps: 20, timestep", NMD_DUPLICATE_KEY, {"\"steps\"", "keep one"}, 0},
      {"checkpoint:", "^---\ncheckpoint:", NMD_SYNTAX, {"second document", "one document"}, 0},
      {NULL, "^- a\n- b\n", NMD_WRONG_TYPE, {"a list", "key: value"}, 0},
      {NULL, "^just words\n", NMD_WRONG_TYPE, {"just words", "key: value"}, 0},
      {NULL, "^", NMD_MISSING_KEY, {"\"structure\"", "required"}, 0},
  };
  static const input_case no_mark[] = {/* the place of a broken bracket is where the text breaks off */
      {"[1, 1, 1]", "[1, 1, 1", NMD_SYNTAX, {"line 15"}, "input.yaml:"},
  };
  INPUT_CASES(cases);
  INPUT_CASES(no_mark);
}

static void test_unknown_keys(void) {
  static const input_case cases[] = {
      {"title:", "^titel:", NMD_UNKNOWN_KEY, {"\"titel\"", "did you mean \"title\"?"}, 0},
      {"  repeat:", "  ^repaet:", NMD_UNKNOWN_KEY, {"\"repaet\"", "did you mean \"repeat\"?"}, 0},
      {"lennard_jones", "^lenard_jones", NMD_UNKNOWN_KEY, {"\"lenard_jones\"", "did you mean \"lennard_jones\"?"}, 0},
      {"cutoff", "^cut_off", NMD_UNKNOWN_KEY, {"\"cut_off\"", "did you mean \"cutoff\"?"}, 0},
      {"- nve", "- ^nev", NMD_UNKNOWN_KEY, {"\"nev\"", "did you mean \"nve\"?"}, 0},
      {"- nve", "- ^grand_canonical", NMD_UNKNOWN_KEY, {"\"grand_canonical\"", "known: nve, nvt"}, 0},
      {"duration", "^durration", NMD_UNKNOWN_KEY, {"\"durration\"", "did you mean \"duration\"?"}, 0},
      {"- thermo", "- ^termo", NMD_UNKNOWN_KEY, {"\"termo\"", "did you mean \"thermo\"?"}, 0},
      {"forces", "^force", NMD_UNKNOWN_KEY, {"\"force\"", "did you mean \"forces\"?"}, 0},
      {"skin", "^skinn", NMD_UNKNOWN_KEY, {"\"skinn\"", "did you mean \"skin\"?"}, 0},
      {"every_walltime", "^every_walltme", NMD_UNKNOWN_KEY, {"did you mean \"every_walltime\"?"}, 0},
      {"file: crystal.xyz", "build: {^latice: {a: 5.26}}", NMD_UNKNOWN_KEY, {"did you mean \"lattice\"?"}, 0},
      {"file: crystal.xyz", "build: {lattice: {type: fcc, a: 5.26, ^element: Ar}}", NMD_UNKNOWN_KEY,
       {"\"element\"", "did you mean \"elements\"?"}, 0},
  };
  INPUT_CASES(cases);
}

static void test_types(void) {
  static const input_case cases[] = {
      {"seed: 1", "seed: ^one", NMD_WRONG_TYPE, {"seed: got \"one\"", "a whole number"}, 0},
      {"seed: 1", "seed: ^1.5", NMD_WRONG_TYPE, {"\"1.5\"", "a whole number"}, 0},
      {"seed: 1", "seed: ^\"1\"", NMD_WRONG_TYPE, {"remove the quotes"}, 0},
      {"seed: 1", "seed: ^[1, 2]", NMD_WRONG_TYPE, {"got a list", "a whole number"}, 0},
      {"title: a small crystal", "title: ^{a: b}", NMD_WRONG_TYPE, {"got a map", "a text"}, 0},
      {"balance: true", "balance: ^yes", NMD_WRONG_TYPE, {"\"yes\"", "write true"}, 0},
      {"forces: true", "forces: ^2", NMD_WRONG_TYPE, {"\"2\"", "true or false"}, 0},
      {"grid: [1, 1, 1]", "grid: ^[1, 1]", NMD_WRONG_TYPE, {"too few values", "list of three"}, 0},
      {"grid: [1, 1, 1]", "grid: [1, ^x, 1]", NMD_WRONG_TYPE, {"\"x\"", "a whole number"}, 0},
      {"cutoff: 7 A", "cutoff: ^seven", NMD_BAD_NUMBER, {"\"seven\"", "A, nm"}, 0},
      {"cutoff: 7 A", "cutoff: ^nan", NMD_BAD_NUMBER, {"\"nan\"", "finite number"}, 0},
      {"cutoff: 7 A", "cutoff: ^1e999", NMD_BAD_NUMBER, {"\"1e999\"", "finite number"}, 0},
      {"300 K -> 600 K", "^[300 K, 400 K, 600 K]", NMD_WRONG_TYPE, {"too many values", "start -> end"}, 0},
      {"300 K -> 600 K", "^300 K -> hot", NMD_BAD_NUMBER, {"hot"}, 0},
      {"300 K -> 600 K", "^", NMD_WRONG_TYPE, {"temperature: got nothing", "a temperature"}, "input.yaml:11:39: "},
      {"  - " NVE "\n", "  - nve: ^5\n", NMD_WRONG_TYPE, {"\"5\"", "key: value"}, 0},
      {"stages:\n  - " NVE, "stages:\n  nve: {steps: 10}\nx:\n  - " NVE, NMD_UNKNOWN_KEY, {"\"x\""},
       "input.yaml:11:1: "},
      {"structure:", "structure: 5\nx:", NMD_UNKNOWN_KEY, {"\"x\""}, "input.yaml:5:1: "},
  };
  static const input_case whole[] = {
      {NULL, "structure: {file: crystal.xyz}\npotential: {" LJ "}\nstages: ^{" NVE "}\n", NMD_WRONG_TYPE,
       {"stages: got a map", "\"- \""}, 0},
      {NULL, "structure: {file: crystal.xyz}\npotential: {" LJ "}\nstages: ^nve\n", NMD_WRONG_TYPE,
       {"\"nve\"", "\"- \""}, 0},
      {NULL, "structure: ^5\npotential: {" LJ "}\nstages: [" NVE "]\n", NMD_WRONG_TYPE, {"\"5\"", "key: value"}, 0},
      {NULL, "structure: {file: crystal.xyz}\npotential: ^[" LJ "]\nstages: [" NVE "]\n", NMD_WRONG_TYPE,
       {"got a list", "one of nnp, lennard_jones"}, 0},
      {NULL, "structure: {file: crystal.xyz}\npotential: {" LJ "}\nstages: [^{" NVE ", " NVT "}]\n", NMD_WRONG_TYPE,
       {"2 keys", "exactly one of nve"}, 0},
  };
  INPUT_CASES(cases);
  INPUT_CASES(whole);
}

static void test_units_and_ranges(void) {
  static const input_case cases[] = {
      {"timestep: 1 fs", "timestep: ^1 K", NMD_WRONG_UNIT, {"\"1 K\"", "unit of temperature", "fs, ps"}, 0},
      {"timestep: 1 fs", "timestep: ^1 fortnight", NMD_WRONG_UNIT, {"unknown unit \"fortnight\"", "fs, ps"}, 0},
      {"300 K -> 600 K", "^300 K -> 600", NMD_WRONG_UNIT, {"only one", "give it to both"}, 0},
      {"timestep: 1 fs", "timestep: ^-1 fs", NMD_OUT_OF_RANGE, {"\"-1 fs\"", "> 0 fs and <= 100 fs"}, 0},
      {"timestep: 1 fs", "timestep: ^2 ps", NMD_OUT_OF_RANGE, {"\"2 ps\"", "<= 100 fs"}, 0},
      {"seed: 1", "seed: ^-5", NMD_OUT_OF_RANGE, {"\"-5\"", ">= 0"}, 0},
      {"seed: 1", "seed: ^99999999999999999999", NMD_OUT_OF_RANGE, {"99999999999999999999"}, 0},
      {"sigma: 3.4 A", "sigma: ^0", NMD_OUT_OF_RANGE, {"\"0\"", "> 0 A"}, 0},
      {"300 K -> 600 K", "^300 K -> -600 K", NMD_OUT_OF_RANGE, {"-600", ">= 0 K"}, 0},
      {"repeat: 2", "repeat: ^0", NMD_OUT_OF_RANGE, {"\"0\"", ">= 1"}, 0},
      {"repeat: 2", "repeat: ^10000", NMD_BUILD, {"more than", "fewer"}, 0},
      {"skin: 1 A", "skin: ^9 A", NMD_OUT_OF_RANGE, {"\"9 A\"", "<= 5 A"}, 0},
      {"thermo: {every: 5}", "thermo: {every: ^0}", NMD_OUT_OF_RANGE, {"every: \"0\"", ">= 1"}, 0},
      {"duration: 20 fs", "duration: 0.1 fs", NMD_OUT_OF_RANGE, {"duration 0.1 fs", "1 to 1e15 steps"},
       "input.yaml:11:5: "},
      {"duration: 20 fs", "duration: 100 ns, timestep: 1e-30 fs", NMD_OUT_OF_RANGE, {"1 to 1e15 steps"},
       "input.yaml:11:5: "},
      {"every_walltime: 15 min", "every_walltime: ^15:99", NMD_WRONG_UNIT, {"15:99", "H:MM:SS"}, 0},
      {"thermostat: csvr", "thermostat: ^cvsr", NMD_BAD_CHOICE, {"\"cvsr\"", "did you mean \"csvr\"?"}, 0},
      {"format: extxyz", "format: ^h5md", NMD_BAD_CHOICE, {"\"h5md\"", "one of extxyz, dump"}, 0},
      {"repeat: 2", "format: ^xyz", NMD_BAD_CHOICE, {"\"xyz\"", "one of auto, extxyz"}, 0},
  };
  INPUT_CASES(cases);
}

#define DRIVEN "field: {steps: 1, temperature: 300, field: 0.1, "
static void test_field(void) {
  static const input_case cases[] = {
      {NVE,
       "^" DRIVEN "direction: [1, 0, 0], charges: [{element: Ar, charge: 1}]}",
       NMD_CONFLICT,
       {"it moves nothing", "expected charges of some elements"},
       0},
      {NVE,
       "^" DRIVEN "direction: 0, charges: [{element: Ar, charge: 1}]}",
       NMD_CONFLICT,
       {"direction [0, 0, 0]", "a vector with a length"},
       0},
      {NVE,
       DRIVEN "direction: [1, 0, 0], charges: [^{element: Kr, charge: 1}]}",
       NMD_CONFLICT,
       {"no atom of \"Kr\"", "elements that it has"},
       0},
      {NVE, DRIVEN "charges: []}", NMD_MISSING_KEY, {"\"direction\" is missing"}, "input.yaml:10:12: "},
      {NVE,
       DRIVEN "direction: [1, 0, 0], charges: [{element: Ar}]}",
       NMD_MISSING_KEY,
       {"\"charge\" is missing"},
       "input.yaml:10"},
  };
  INPUT_CASES(cases);
}

#define GRAND "monte_carlo: {steps: 1, temperature: 300, move: semi_grand, "
static void test_monte_carlo(void) {
  static const input_case cases[] = {
      {NVE, "^monte_carlo: {steps: 5, temperature: 300}", NMD_CONFLICT, {"1 element takes part", "at least two"}, 0},
      {NVE, "^monte_carlo: {steps: 5, temperature: 300, elements: [Ar, Kr]}", NMD_CONFLICT,
       {"no atom of \"Kr\"", "start with at least one atom of each"}, 0},
      {NVE, "^monte_carlo: {duration: 5 ps, temperature: 300}", NMD_CONFLICT, {"has no time", "expected steps"}, 0},
      {NVE, "monte_carlo: {steps: 5}", NMD_MISSING_KEY, {"\"temperature\" is missing"}, "input.yaml:10:18: "},
      {NVE, "monte_carlo: {steps: 5, temperature: 300, move: ^flip}", NMD_BAD_CHOICE, {"\"flip\"", "swap"}, 0},
      {NVE, "repeat: {times: 2, stages: ^[]}", NMD_WRONG_TYPE, {"at least one stage"}, 0},
      {NVE, "repeat: {times: ^0, stages: [nve: {steps: 1}]}", NMD_OUT_OF_RANGE, {"0", ">= 1"}, 0},
      {NVE, "repeat: {times: 2, stages: [^repeat: {times: 2}]}", NMD_UNKNOWN_KEY, {"\"repeat\""}, 0},
  };
  static const input_case alloys[] = {
      {NVE, "^monte_carlo: {steps: 1, temperature: 300, chemical_potentials: [1, 2]}", NMD_CONFLICT,
       {"for swaps, which keep the composition", "semi_grand"}, 0},
      {NVE, "^monte_carlo: {steps: 1, temperature: 300, levels: 4, highest: 200}", NMD_CONFLICT,
       {"highest: 200 K", "more than the temperature"}, 0},
      {NVE, "^" GRAND "elements: [Ar, Kr], chemical_potentials: [0, 1], levels: 4, highest: 900}", NMD_CONFLICT,
       {"levels: 4", "tempering is for swaps"}, 0},
      {NVE, "^" GRAND "elements: [Ar, Kr]}", NMD_CONFLICT, {"0 given for 2 elements", "one for each"}, 0},
      {NVE, "^" GRAND "elements: [Ar, Kr], chemical_potentials: [1 eV, 2 A]}", NMD_WRONG_UNIT, {"\"2 A\"", "eV"}, 0},
  };
  INPUT_CASES(cases);
  static const input_file alloy[] = {{"crystal.xyz", "2\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3\n"
                                                     "Ar 0 0 0\nKr 4 4 4\n"}};
  input_files_write(alloy, 1);
  INPUT_CASES(alloys);
  static const input_case ions[] = {
      {LJ "\nstages:\n  - " NVE,
       "sum: {terms: [spme: {ions: [{element: Ar, charge: 1}, {element: Kr, charge: -1}]}]}"
       "\nstages:\n  - ^monte_carlo: {steps: 1, "
       "temperature: 300}",
       NMD_CONFLICT,
       {"Coulomb forces over all distances", "instead of spme"},
       0},
      {LJ "\nstages:\n  - " NVE,
       "sum: {groups: [half], terms: [zbl]}\ngroups: [{name: half, ids: [1]}]"
       "\nstages:\n  - ^monte_carlo: {steps: 1, "
       "temperature: 300}",
       NMD_CONFLICT,
       {"goes by groups", "`among` instead of `groups`"},
       0},
  };
  INPUT_CASES(ions);
}

static void test_missing_and_conflicting(void) {
  static const input_case cases[] = {
      {"cutoff: 7 A", "truncation: shift", NMD_MISSING_KEY, {"\"cutoff\" is missing", "a length"}, "input.yaml:8:18: "},
      {"temperature: 300 K -> 600 K, ", "", NMD_MISSING_KEY, {"\"temperature\" is missing"}, "input.yaml:11:10: "},
      {"stages:", "more:", NMD_UNKNOWN_KEY, {"\"more\""}, "input.yaml:9:1: "},
      {"  - " NVE "\n  - " NVT "\n", "  []\n", NMD_MISSING_KEY, {"the list is empty", "- nve: {duration: 1 ps}"},
       "input.yaml:10:3: "},
      {"steps: 10, ", "", NMD_MISSING_KEY, {"no length", "duration (e.g. 10 ps) or steps"}, "input.yaml:10:5: "},
      {"steps: 10", "steps: 10, duration: 10 fs", NMD_CONFLICT, {"duration and steps", "one of them"},
       "input.yaml:10:5: "},
      {NVE, "^minimise: {steps: 10}", NMD_CONFLICT, {"max_steps", "neither duration nor steps"}, 0},
      {"seed: 1", "groups: [^{name: far, axis: c, from: 90 A}]", NMD_CONFLICT, {"\"far\"", "no atom fits"}, 0},
      {"seed: 1", "groups: [^{name: a, ids: [0]}]", NMD_BAD_NUMBER, {"\"0\"", "like 1-100"}, 0},
      {NVE, "^minimise: {largest_move: 0.1}", NMD_CONFLICT, {"max_move"}, 0},
      {NVE, "^nve: {steps: 10, frozen: floor}", NMD_BAD_CHOICE, {"no group \"floor\"", "one of: all"}, 0},
      {NVT, "nvt: {steps: 9, temperature: 1, groups: [^{group: x}]}", NMD_BAD_CHOICE, {"no group \"x\""}, 0},
      {"seed: 1", "masses: {^Xx: 2}", NMD_UNKNOWN_ELEMENT, {"\"Xx\"", "e.g. Li"}, 0},
      {"seed: 1", "masses: {^Kr: 2}", NMD_CONFLICT, {"no Kr"}, 0},
      {"seed: 1", "masses: {Ar: ^-2}", NMD_OUT_OF_RANGE, {"-2 u", "> 0 u"}, 0},
      {"seed: 1", "masses: {Ar: ^2 kg}", NMD_WRONG_UNIT, {"kg"}, 0},
      {"seed: 1", "masses: ^[2]", NMD_WRONG_TYPE, {"{Li: 6.015"}, 0},
      {NVE, "^npt: {steps: 10, temperature: 300, axes: false}", NMD_CONFLICT, {"axes", "expected one true"}, 0},
      {"file: crystal.xyz", "file: crystal.xyz\n  build: {lattice: {type: fcc, a: 5.26, elements: Ar}}",
       NMD_CONFLICT, {"`file` or `build`", "got both"}, "input.yaml:5:3: "},
      {"  file: crystal.xyz\n", "", NMD_CONFLICT, {"`file` or `build`", "got neither"}, "input.yaml:5:3: "},
      {"thermo: {every: 5}", "thermo: {every: 5, file: trajectory.extxyz}", NMD_CONFLICT,
       {"trajectory.extxyz", "earlier output"}, "input.yaml:14:5: "},
      {"thermo: {every: 5}", "^thermo: {every: 5, file: run.checkpoint}", NMD_CONFLICT, {"is the checkpoint"}, 0},
      {"grid: [1, 1, 1]", "grid: ^[2, 1, 1]", NMD_DECOMPOSITION, {"2 x 1 x 1", "change the number of ranks"}, 0},
      {LJ, "lennard_jones: {epsilon: 1, sigma: 3, cutoff: 7, pairs: [^{elements: [Ar], epsilon: 1, sigma: 2}]}",
       NMD_CONFLICT, {"1 given", "e.g. [Ar, Kr]"}, 0},
      {LJ, "lennard_jones: {epsilon: 1, sigma: 3, cutoff: 7, pairs: [^{elements: [Ar, Qq], epsilon: 1, sigma: 2}]}",
       NMD_UNKNOWN_ELEMENT, {"\"Qq\"", "expected e.g. [Ar, Kr]"}, 0},
  };
  static const input_case whole[] = {
      {NULL, "^structure: {file: crystal.xyz}\npotential: {" LJ "}\n", NMD_MISSING_KEY, {"\"stages\" is missing"}, 0},
      {NULL, "^structure: {file: crystal.xyz}\nstages: [" NVE "]\n", NMD_MISSING_KEY, {"\"potential\" is missing"}, 0},
      {NULL, "^potential: {" LJ "}\nstages: [" NVE "]\n", NMD_MISSING_KEY, {"\"structure\" is missing"}, 0},
  };
  INPUT_CASES(cases);
  INPUT_CASES(whole);
}

static void test_builders(void) {
  static const input_case cases[] = {
      {"file: crystal.xyz", "build: {lattice: ^{type: fcc, elements: Ar}}", NMD_MISSING_KEY, {"\"a\" is missing"}, 0},
      {"file: crystal.xyz", "build: {lattice: {type: ^fc, a: 5.26, elements: Ar}}", NMD_BAD_CHOICE,
       {"\"fc\"", "did you mean \"fcc\"?"}, 0},
      {"file: crystal.xyz", "build: {lattice: ^{type: fcc, a: 5.26, elements: Argon}}", NMD_UNKNOWN_ELEMENT,
       {"'Argon'", "a symbol such as"}, 0},
      {"file: crystal.xyz", "build: {lattice: ^{type: fcc, a: 5.26, elements: [Ar, Kr]}}", NMD_BUILD,
       {"2 given", "needs 1"}, 0},
      {"file: crystal.xyz", "build: {lattice: ^{type: fcc, a: 0.5, elements: Ar}}", NMD_OVERLAP, {"expected at least"},
       0},
      {"file: crystal.xyz", "build: ^[lattice]", NMD_WRONG_TYPE, {"a list", "one of lattice"}, 0},
      {"file: crystal.xyz",
       "build: {lattice: ^{type: fcc, a: 5.26, elements: Ar, substitute: [{element: Ar, by: Kr}]}}", NMD_CONFLICT,
       {"fraction", "count"}, 0},
      {"file: crystal.xyz",
       "build: {interface: ^{side_a: {element: Au, lattice: fcc, a: 4.17, surface: 100},"
       " side_b: {element: Li, lattice: bcc, a: 9, surface: 111}, max_strain: 0.001, atoms: 100}}",
       NMD_BUILD, {"strain"}, 0},
  };
  INPUT_CASES(cases);
}

static void test_assignments(void) {
#define SET(text, code, ...)                                                                                           \
  do {                                                                                                                 \
    const char *const say[] = {__VA_ARGS__};                                                                           \
    input_assignment_check(text, code, say, sizeof say / sizeof *say);                                                 \
  } while (0)
  SET("seed=x", NMD_WRONG_TYPE, "\"x\"", "a whole number");
  SET("sed=1", NMD_UNKNOWN_KEY, "\"sed\"", "did you mean \"seed\"?");
  SET("seed", NMD_USAGE, "no \"=\"", "expected key.key=value");
  SET("=1", NMD_USAGE, "empty key");
  SET("stages.7.nve.steps=1", NMD_OUT_OF_RANGE, "index 7", "2 items, counted from 0");
  SET("stages.first.nve.steps=1", NMD_USAGE, "\"first\" is not an index", "0 to 1");
  SET("stages.0.nve.timestep=-1 fs", NMD_OUT_OF_RANGE, "\"-1 fs\"", "> 0 fs");
  SET("title.x=1", NMD_WRONG_TYPE, "\"x\" cannot be set inside");
  SET("parallel.grid=[1, 1", NMD_SYNTAX, "check");
}

static void test_accepted(void) {
  input_accepted("title:", "title:"); /* the good input itself */
  input_accepted(NVE, "minimise");
  input_accepted("{every: 5}", "");
  input_accepted("repeat: 2", "repeat: [3, 2, 2]\n  frame: -1\n  format: extxyz");
  input_accepted("file: crystal.xyz", "build: {lattice: {type: fcc, a: 5.26, elements: Ar}}");
}

TEST_SUITE("simulation/input_errors", TEST(test_accepted), TEST(test_yaml), TEST(test_unknown_keys), TEST(test_types),
           TEST(test_units_and_ranges), TEST(test_missing_and_conflicting), TEST(test_builders), TEST(test_assignments),
           TEST(test_field), TEST(test_monte_carlo))
