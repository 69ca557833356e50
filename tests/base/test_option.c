/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/option.h"

#include "base/memory.h"
#include "support/test.h"

/* A small input language with every type of option. */
typedef struct thermostat {
  double temperature[2], tau;
} thermostat;
static const nmd_option thermostat_options[] = {
    {"temperature", NMD_OPT_RAMP, offsetof(thermostat, temperature), NMD_DIM_TEMPERATURE, NULL, 0, 1e5, .min_open = 1,
     .doc = "of the bath"},
    {"tau", NMD_OPT_REAL, offsetof(thermostat, tau), NMD_DIM_TIME, "100 fs", 0, 0, .min_open = 1,
     .doc = "coupling | time"},
};
static const nmd_option_table nvt_table = {"nvt", "constant temperature", sizeof(thermostat), 2, thermostat_options};

typedef struct plain {
  double unused;
} plain;
static const nmd_option nve_options[] = {
    {"unused", NMD_OPT_REAL, offsetof(plain, unused), .fallback = "1", .doc = "nothing"},
};
static const nmd_option_table nve_table = {"nve", "constant energy", sizeof(plain), 1, nve_options};
static const nmd_option_table *const ensembles[] = {&nve_table, &nvt_table, NULL};

typedef struct section {
  int64_t keep;
  char *file;
} section;
static const nmd_option section_options[] = {
    {"keep", NMD_OPT_INT, offsetof(section, keep), .fallback = "2", .min = 1, .max = 100, .doc = "how many"},
    {"file", NMD_OPT_PATH, offsetof(section, file), .fallback = "out/run.bin", .doc = "where"},
};
static const nmd_option_table section_table = {"checkpoint", "saving", sizeof(section), 2, section_options};

typedef struct everything {
  bool flag, flags[3];
  int64_t steps, grid[3];
  double timestep, factor, pressure[2], box[3], walltime, angle;
  int scheme;
  char *title, *path, *optional;
  nmd_text_list elements;
  const nmd_yaml_node *ensemble, *stages, *checkpoint, *free;
} everything;

#define AT(member) offsetof(everything, member)
static const nmd_option options[] = {
    {"flag", NMD_OPT_BOOL, AT(flag), .fallback = "true", .doc = "a switch"},
    {"flags", NMD_OPT_BOOL3, AT(flags), .fallback = "[true, false, true]", .doc = "three switches"},
    {"steps", NMD_OPT_INT, AT(steps), .fallback = "100", .min = 0, .max = 1e12, .doc = "number of steps"},
    {"grid", NMD_OPT_INT3, AT(grid), .fallback = "1", .min = 1, .max = 64, .doc = "bricks"},
    {"timestep", NMD_OPT_REAL, AT(timestep), NMD_DIM_TIME, "1 fs", 0, 100, .min_open = 1, .doc = "time step"},
    {"factor", NMD_OPT_REAL, AT(factor), NMD_DIM_NONE, "0.5", -1, 1, .doc = "a \"pure\" number"},
    {"pressure", NMD_OPT_RAMP, AT(pressure), NMD_DIM_PRESSURE, "1 GPa", .doc = "outer pressure"},
    {"box", NMD_OPT_REAL3, AT(box), NMD_DIM_LENGTH, "10 A", 1, 0, .doc = "edges"},
    {"walltime", NMD_OPT_REAL, AT(walltime), NMD_DIM_WALLTIME, "", 0, 1e9, .doc = "limit"},
    {"angle", NMD_OPT_REAL, AT(angle), NMD_DIM_ANGLE, "90", .doc = "an angle"},
    {"scheme", NMD_OPT_CHOICE, AT(scheme), .fallback = "velocity", .choices = "leapfrog|velocity|position",
     .doc = "Verlet form"},
    {"title", NMD_OPT_TEXT, AT(title), .fallback = "run", .doc = "for people"},
    {"path", NMD_OPT_PATH, AT(path), .fallback = "", .doc = "a file"},
    {"optional", NMD_OPT_TEXT, AT(optional), .fallback = "", .doc = "may be absent"},
    {"elements", NMD_OPT_TEXT_LIST, AT(elements), .fallback = "[Au, Li]", .doc = "symbols"},
    {"ensemble", NMD_OPT_NODE, AT(ensemble), .fallback = "", .doc = "one", .variants = ensembles},
    {"stages", NMD_OPT_NODE, AT(stages), .fallback = "", .doc = "many", .variants = ensembles, .is_list = 1},
    {"checkpoint", NMD_OPT_NODE, AT(checkpoint), .fallback = "", .doc = "saving", .section = &section_table},
    {"free", NMD_OPT_NODE, AT(free), .fallback = "", .doc = "anything"},
};
static const nmd_option_table table = {"input", "one run", sizeof(everything), NMD_COUNT(options), options};

static nmd_yaml *document;

static nmd_status parse(const char *text, everything *e) {
  nmd_yaml_destroy(document);
  document = NULL;
  const nmd_status status = nmd_yaml_parse("dir/in.yaml", text, strlen(text), &document);
  if (!TEST_CHECK(status == NMD_OK, "%s", nmd_error_text())) return status;
  return nmd_options_parse(&table, nmd_yaml_root(document), e);
}

static void release(everything *e) {
  nmd_options_free(&table, e);
  nmd_yaml_destroy(document);
  document = NULL;
}

static void test_defaults(void) {
  everything e;
  TEST_OK(nmd_options_parse(&table, NULL, &e));
  CU_ASSERT(e.flag && e.flags[0] && !e.flags[1] && e.flags[2]);
  TEST_EQUAL_INT(e.steps, 100);
  for (int k = 0; k < 3; k++) TEST_EQUAL_INT(e.grid[k], 1);
  TEST_NEAR(e.timestep, 1, 0);
  TEST_NEAR(e.factor, 0.5, 0);
  for (int k = 0; k < 2; k++) TEST_RELATIVE(e.pressure[k], 1 / NMD_EV_PER_A3_TO_GPA, 1e-15);
  TEST_NEAR(e.box[2], 10, 0);
  TEST_NEAR(e.walltime, 0, 0);
  TEST_NEAR(e.angle, 90, 0);
  TEST_EQUAL_INT(e.scheme, 1);
  TEST_EQUAL_TEXT(e.title, "run");
  CU_ASSERT(e.path == NULL && e.optional == NULL && e.ensemble == NULL && e.free == NULL);
  TEST_EQUAL_INT(e.elements.n, 2);
  TEST_EQUAL_TEXT(e.elements.items[1], "Li");
  release(&e);
}

static void test_values(void) {
  everything e;
  TEST_OK(parse("flag: false\nflags: false\nsteps: 1e6\ngrid: [1, 2, 3]\ntimestep: 0.5 fs\nfactor: -1\n"
                "pressure: [1 GPa, 20 kbar]\nbox: [1 nm, 20, 3e1 A]\nwalltime: 1:30:00\nangle: \"1 rad\"\n"
                "scheme: 'leapfrog'\ntitle: 5\npath: data/x.dat\noptional: \"\"\nelements: Cu\nfree: {a: 1}\n"
                "ensemble: nve\nstages: [nve, {nvt: {temperature: 1}}]\n",
                &e));
  CU_ASSERT(!e.flag && !e.flags[0] && !e.flags[2]);
  TEST_EQUAL_INT(e.steps, 1000000);
  for (int k = 0; k < 3; k++) TEST_EQUAL_INT(e.grid[k], k + 1);
  TEST_NEAR(e.timestep, 0.5, 0);
  TEST_NEAR(e.factor, -1, 0);
  TEST_RELATIVE(e.pressure[1], 2 / NMD_EV_PER_A3_TO_GPA, 1e-15);
  for (int k = 0; k < 3; k++) TEST_NEAR(e.box[k], 10.0 * (k + 1), 0);
  TEST_NEAR(e.walltime, 5400, 0);
  TEST_RELATIVE(e.angle, 180 / M_PI, 1e-15);
  TEST_EQUAL_INT(e.scheme, 0);
  TEST_EQUAL_TEXT(e.title, "5");
  TEST_EQUAL_TEXT(e.path, "dir/data/x.dat");
  TEST_EQUAL_TEXT(e.optional, "");
  TEST_EQUAL_INT(e.elements.n, 1);
  TEST_EQUAL_INT(e.stages->n, 2);
  TEST_EQUAL_TEXT(nmd_yaml_find(e.free, "a")->text, "1");
  release(&e);
}

static void test_ramps(void) {
  static const struct {
    const char *text;
    double start, end;
  } known[] = {{"300 K -> 600 K", 300, 600},  {"300->600", 300, 600},       {"\"300 K -> 600 K\"", 300, 600},
               {"[300, 600]", 300, 600},      {"[300 K, 600 K]", 300, 600}, {"450", 450, 450},
               {"1e2 K -> 1.5e2 K", 100, 150}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    char text[64];
    thermostat t;
    nmd_yaml *d;
    snprintf(text, sizeof text, "temperature: %s", known[i].text);
    TEST_OK(nmd_yaml_parse("f", text, strlen(text), &d));
    TEST_OK(nmd_options_parse(&nvt_table, nmd_yaml_root(d), &t));
    TEST_NEAR(t.temperature[0], known[i].start, 0);
    TEST_NEAR(t.temperature[1], known[i].end, 0);
    nmd_yaml_destroy(d);
  }
}

static void test_paths(void) {
  everything e;
  section s;
  TEST_OK(parse("path: /abs/x\n", &e));
  TEST_EQUAL_TEXT(e.path, "/abs/x");
  nmd_options_free(&table, &e);
  TEST_OK(nmd_yaml_set(document, "path=../x"));
  TEST_OK(nmd_options_parse(&table, nmd_yaml_root(document), &e));
  TEST_EQUAL_TEXT(e.path, "dir/../x"); /* of the input file's folder, from the command line as well */
  release(&e);
  TEST_OK(parse("checkpoint:\n", &e)); /* an empty section: all defaults, relative to the same folder */
  TEST_OK(nmd_options_parse(&section_table, e.checkpoint, &s));
  TEST_EQUAL_TEXT(s.file, "dir/out/run.bin");
  nmd_options_free(&section_table, &s);
  CU_ASSERT(s.file == NULL);
  nmd_options_free(&section_table, &s); /* twice does no harm */
  release(&e);
}

/* The whole message, so that what users see is reviewed here. */
static void expect_message(const char *text, nmd_status code, const char *message) {
  everything e;
  nmd_yaml_destroy(document);
  document = NULL;
  const int64_t before = nmd_memory_in_use();
  TEST_FAILS(parse(text, &e), code);
  TEST_EQUAL_TEXT(nmd_error_text(), message);
  nmd_yaml_destroy(document);
  document = NULL;
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_unknown_keys(void) {
  static const char known[] =
      "known: flag, flags, steps, grid, timestep, factor, pressure, box, walltime, angle, scheme, "
      "title, path, optional, elements, ensemble, stages, checkpoint, free";
  char message[1024];
  snprintf(message, sizeof message, "dir/in.yaml:2:1: input: unknown key \"timstep\"; did you mean \"timestep\"?; %s",
           known);
  expect_message("steps: 5\ntimstep: 1\n", NMD_UNKNOWN_KEY, message);
  snprintf(message, sizeof message, "dir/in.yaml:1:1: input: unknown key \"zzzzzz\"; %s", known);
  expect_message("zzzzzz: 5\n", NMD_UNKNOWN_KEY, message);
}

static void test_bool_messages(void) {
  expect_message("flag: yes\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:7: flag: got \"yes\" (write true); expected true or false");
  expect_message("flag: Off\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:7: flag: got \"Off\" (write false); expected true or false");
  expect_message("flag: True\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:7: flag: got \"True\" (write true); expected true or false");
  expect_message("flag: maybe\n", NMD_WRONG_TYPE, "dir/in.yaml:1:7: flag: got \"maybe\"; expected true or false");
  expect_message("flag: \"true\"\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:7: flag: got \"true\" in quotes, which is text (remove the quotes); expected true or "
                 "false");
  expect_message("flags: [true, no, true]\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:15: flags: got \"no\" (write false); expected true or false, or a list of three");
}

static void test_int_messages(void) {
  static const char expected[] = "; expected a whole number, >= 0 and <= 1000000000000";
  char message[256];
  static const char *const bad[] = {"1.5", "many", "0x10", "1.5e0", "5 fs", "1e-3", "nan"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char text[64];
    snprintf(text, sizeof text, "steps: %s\n", bad[i]);
    snprintf(message, sizeof message, "dir/in.yaml:1:8: steps: got \"%s\"%s", bad[i], expected);
    expect_message(text, NMD_WRONG_TYPE, message);
  }
  snprintf(message, sizeof message, "dir/in.yaml:1:8: steps: got \"1_000_000\" (write the digits without \"_\")%s",
           expected);
  expect_message("steps: 1_000_000\n", NMD_WRONG_TYPE, message);
  expect_message("steps: -1\n", NMD_OUT_OF_RANGE,
                 "dir/in.yaml:1:8: steps: \"-1\" is out of range; expected >= 0 and <= 1000000000000");
  expect_message("steps: 99999999999999999999\n", NMD_OUT_OF_RANGE,
                 "dir/in.yaml:1:8: steps: \"99999999999999999999\" is out of range; expected at most 9007199254740992 "
                 "in size");
  expect_message("steps: [1]\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:8: steps: got a list; expected a whole number, >= 0 and <= 1000000000000");
  expect_message("grid: [1, 2]\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:7: grid: got a list with too few values; expected a whole number or a list of three, "
                 ">= 1 and <= 64");
  expect_message("grid: [1, 2, 0]\n", NMD_OUT_OF_RANGE,
                 "dir/in.yaml:1:14: grid: \"0\" is out of range; expected >= 1 and <= 64");
}

static void test_quantity_messages(void) {
  expect_message("timestep: -1 fs\n", NMD_OUT_OF_RANGE,
                 "dir/in.yaml:1:11: timestep: \"-1 fs\" is out of range; expected > 0 fs and <= 100 fs");
  expect_message("timestep: 0\n", NMD_OUT_OF_RANGE,
                 "dir/in.yaml:1:11: timestep: \"0\" is out of range; expected > 0 fs and <= 100 fs");
  expect_message("timestep: 1 ps\n", NMD_OUT_OF_RANGE,
                 "dir/in.yaml:1:11: timestep: \"1 ps\" is out of range; expected > 0 fs and <= 100 fs");
  expect_message("timestep: 1 GPa\n", NMD_WRONG_UNIT,
                 "dir/in.yaml:1:11: timestep: \"1 GPa\": GPa is a unit of pressure; expected one of time: fs, ps, ns, "
                 "us");
  expect_message(
      "timestep: 1 sec\n", NMD_WRONG_UNIT,
      "dir/in.yaml:1:11: timestep: \"1 sec\": unknown unit \"sec\"; units of time: fs, ps, ns, us (upper and "
      "lower case matter)");
  expect_message("timestep: fast\n", NMD_BAD_NUMBER,
                 "dir/in.yaml:1:11: timestep: \"fast\" is not a finite number with an optional unit (fs, ps, ns, us)");
  expect_message("factor: .inf\n", NMD_BAD_NUMBER, "dir/in.yaml:1:9: factor: \".inf\" is not a finite number");
  expect_message("factor: 1 fs\n", NMD_WRONG_UNIT,
                 "dir/in.yaml:1:9: factor: \"1 fs\" carries a unit; expected a plain number");
  expect_message("factor: \"1\"\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:9: factor: got \"1\" in quotes, which is text (remove the quotes); expected a number, "
                 ">= -1 and <= 1");
  expect_message("timestep: {a: 1}\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:11: timestep: got a map; expected a time (fs, ps, ns, us), > 0 fs and <= 100 fs");
  expect_message("timestep:\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:10: timestep: got nothing (give a value, or remove the line for the default); expected "
                 "a time (fs, ps, ns, us), > 0 fs and <= 100 fs");
  expect_message("box: [1 A, 0 A, 1 A]\n", NMD_OUT_OF_RANGE,
                 "dir/in.yaml:1:12: box: \"0 A\" is out of range; expected >= 1 A");
  expect_message("pressure: [1, 2 GPa]\n", NMD_WRONG_UNIT,
                 "dir/in.yaml:1:11: pressure: only one of \"1\" and \"2 GPa\" has a unit; give it to both");
  expect_message("pressure: [1, 2, 3]\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:11: pressure: got a list with too many values; expected a pressure (GPa, MPa, kbar, "
                 "bar, atm, eV/A^3, Pa), or start -> end");
  expect_message("pressure: 1 -> x\n", NMD_WRONG_UNIT,
                 "dir/in.yaml:1:11: pressure: only one of \"1 \" and \" x\" has a unit; give it to both");
  expect_message("pressure: 1 -> \n", NMD_BAD_NUMBER,
                 "dir/in.yaml:1:11: pressure: \"\" is not a finite number with an optional unit (GPa, MPa, kbar, bar, "
                 "atm, eV/A^3, Pa)");
  expect_message("walltime: 90:00\n", NMD_WRONG_UNIT,
                 "dir/in.yaml:1:11: walltime: \"90:00\": unknown unit \":00\"; units of wall time: s, min, h, d, or "
                 "H:MM:SS (upper and lower case matter)");
}

static void test_other_messages(void) {
  expect_message("scheme: velocty\n", NMD_BAD_CHOICE,
                 "dir/in.yaml:1:9: scheme: \"velocty\" is not a choice; did you mean \"velocity\"?; expected one of "
                 "leapfrog, velocity, position");
  expect_message("scheme: [a]\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:9: scheme: got a list; expected one of leapfrog, velocity, position");
  expect_message("title: [a]\n", NMD_WRONG_TYPE, "dir/in.yaml:1:8: title: got a list; expected a text");
  expect_message("path: ''\n", NMD_WRONG_TYPE, "dir/in.yaml:1:7: path: got \"\"; expected a path");
  expect_message("title: x\nelements: [Au, [Li]]\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:2:16: elements: got a list; expected a word or a list of words");
  expect_message("stages: {nve: {}}\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:9: stages: got a map (begin each entry with \"- \"); expected a list of any of nve, "
                 "nvt");
  expect_message("- a\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:1: input: got a list; expected \"key: value\" lines (a blank after the colon)");
  expect_message("steps:5\n", NMD_WRONG_TYPE,
                 "dir/in.yaml:1:1: input: got \"steps:5\"; expected \"key: value\" lines (a blank after the colon)");
  thermostat t;
  nmd_yaml *d;
  TEST_OK(nmd_yaml_parse("f", "tau: 1\n", 7, &d));
  TEST_FAILS(nmd_options_parse(&nvt_table, nmd_yaml_root(d), &t), NMD_MISSING_KEY);
  TEST_EQUAL_TEXT(nmd_error_text(), "f:1:1: nvt: required key \"temperature\" is missing (of the bath); expected a "
                                    "temperature (K), or start -> end");
  nmd_yaml_destroy(d);
  TEST_FAILS(nmd_options_parse(&nvt_table, NULL, &t), NMD_MISSING_KEY);
}

static void test_long_values_are_shortened(void) {
  static char text[5000];
  everything e;
  memset(text, 'x', sizeof text - 1);
  memcpy(text, "flag: ", 6);
  TEST_FAILS(parse(text, &e), NMD_WRONG_TYPE);
  TEST_CONTAINS(nmd_error_text(), "xxx...\"; expected true or false");
  TEST_FAILS(parse("flag: \"a\\nb\"\n", &e), NMD_WRONG_TYPE);
  CU_ASSERT(strchr(nmd_error_text(), '\n') == NULL);
  memcpy(text, "steps", 5);
  TEST_FAILS(parse(text, &e), NMD_WRONG_TYPE);
  memset(text, 'x', 900); /* a key of YAML has at most 1024 characters */
  strcpy(text + 900, ": 1\n");
  TEST_FAILS(parse(text, &e), NMD_UNKNOWN_KEY);
  release(&(everything){0});
}

static void test_set_place(void) {
  everything e;
  TEST_OK(parse("steps: 1\n", &e));
  nmd_options_free(&table, &e);
  TEST_OK(nmd_yaml_set(document, "timestep=-2 fs"));
  TEST_FAILS(nmd_options_parse(&table, nmd_yaml_root(document), &e), NMD_OUT_OF_RANGE);
  TEST_EQUAL_TEXT(nmd_error_text(),
                  "--set timestep=-2 fs: timestep: \"-2 fs\" is out of range; expected > 0 fs and <= 100 fs");
  TEST_OK(nmd_yaml_set(document, "timestep=1"));
  TEST_OK(nmd_yaml_set(document, "a.b=1"));
  TEST_FAILS(nmd_options_parse(&table, nmd_yaml_root(document), &e), NMD_UNKNOWN_KEY);
  TEST_CHECK(strncmp(nmd_error_text(), "--set a.b=1: input: unknown key \"a\"", 34) == 0, "%s", nmd_error_text());
  nmd_yaml_destroy(document);
  document = NULL;
}

static void expect_variant(const char *text, nmd_status code, int expected, const char *message) {
  nmd_yaml *d;
  int index = -1;
  const nmd_yaml_node *body = NULL;
  TEST_OK(nmd_yaml_parse("f", text, strlen(text), &d));
  const nmd_yaml_node *node = nmd_yaml_find(nmd_yaml_root(d), "e");
  TEST_FAILS(nmd_options_variant(node, ensembles, "ensemble", &index, &body), code);
  TEST_EQUAL_INT(index, expected);
  if (code != NMD_OK) TEST_EQUAL_TEXT(nmd_error_text(), message);
  if (code == NMD_OK && expected == 0) {
    plain p;
    TEST_OK(nmd_options_parse(&nve_table, body, &p));
  }
  if (code == NMD_OK && expected == 1) {
    thermostat t; /* the place of a missing key is known even for a plain name */
    TEST_FAILS(nmd_options_parse(&nvt_table, body, &t), NMD_MISSING_KEY);
    TEST_CHECK(strncmp(nmd_error_text(), "f:1:", 4) == 0, "%s", nmd_error_text());
  }
  nmd_yaml_destroy(d);
}

static void test_variants(void) {
  expect_variant("e: nve", NMD_OK, 0, NULL);
  expect_variant("e: {nve: {}}", NMD_OK, 0, NULL);
  expect_variant("e: {nve: {unused: 2}}", NMD_OK, 0, NULL);
  expect_variant("e:\n  nve:\n", NMD_OK, 0, NULL);
  expect_variant("e: nvt", NMD_OK, 1, NULL);
  expect_variant("e: {nvt: }", NMD_OK, 1, NULL);
  expect_variant("e: nvtt", NMD_UNKNOWN_KEY, -1,
                 "f:1:4: ensemble: unknown key \"nvtt\"; did you mean \"nvt\"?; known: nve, nvt");
  expect_variant("e: {qqqq: {}}", NMD_UNKNOWN_KEY, -1, "f:1:5: ensemble: unknown key \"qqqq\"; known: nve, nvt");
  expect_variant("e: {nve: {}, nvt: {}}", NMD_WRONG_TYPE, -1,
                 "f:1:4: ensemble: got a map with 2 keys; expected exactly one of nve, nvt (indent what belongs to it "
                 "deeper)");
  expect_variant("e: {}", NMD_WRONG_TYPE, -1,
                 "f:1:4: ensemble: got a map with 0 keys; expected exactly one of nve, nvt (indent what belongs to it "
                 "deeper)");
  expect_variant("e: [nve]", NMD_WRONG_TYPE, -1, "f:1:4: ensemble: got a list; expected one of nve, nvt");
  expect_variant("e:", NMD_WRONG_TYPE, -1, "f:1:3: ensemble: got nothing; expected one of nve, nvt");
  expect_variant("x: 1", NMD_MISSING_KEY, -1, "ensemble: nothing given; expected one of nve, nvt");
}

static void test_nearest(void) {
  static const char *const names[] = {"temperature", "timestep", "tau", "pressure", "nvt"};
  static const char *const known[][2] = {{"tempreature", "temperature"},
                                         {"temperatur", "temperature"},
                                         {"Timestep", "timestep"},
                                         {"temp", "temperature"},
                                         {"pres", "pressure"},
                                         {"tua", "tau"},
                                         {"ntv", "nvt"}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    TEST_EQUAL_TEXT(nmd_nearest(known[i][0], names, 5), known[i][1]);
  static const char *const far[] = {"", "x", "ensemble",
                                    "a-text-much-longer-than-any-name-that-could-stand-in-an-option-table"};
  for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) CU_ASSERT(nmd_nearest(far[i], names, 5) == NULL);
  CU_ASSERT(nmd_nearest("tau", names, 0) == NULL);
}

static char collected[200000];
static void collect(void *context, const char *text) {
  const size_t used = strlen(collected);
  snprintf(collected + used, sizeof collected - used, "%s%s", text, (const char *)context);
}

/* The echo is YAML that gives the same values again. */
static void test_echo(void) {
  everything e, again;
  TEST_OK(parse("flags: [false, true, false]\ngrid: [4, 5, 6]\ntimestep: 0.3333333333333333\npressure: 1 bar -> 3 GPa\n"
                "box: [1 nm, 2.5, 3]\nwalltime: 0:20:00\nscheme: position\ntitle: \"a \\\"b\\\" \\\\ \\t c: # d\"\n"
                "elements: ['Au', \"x, y\"]\n",
                &e));
  collected[0] = '\0';
  nmd_options_echo(&table, &e, collect, "\n");
  TEST_CONTAINS(collected, "flag: true\n");
  TEST_CONTAINS(collected, "steps: 100\n");
  TEST_CONTAINS(collected, "pressure: 0.0001 GPa -> 3 GPa\n");
  TEST_CONTAINS(collected, "box: [10 A, 2.5 A, 3 A]\n");
  TEST_CONTAINS(collected, "walltime: 1200 s\n");
  TEST_CONTAINS(collected, "scheme: position\n");
  CU_ASSERT(strstr(collected, "optional") == NULL);
  nmd_yaml *d = NULL;
  TEST_OK(nmd_yaml_parse("echo", collected, strlen(collected), &d));
  TEST_OK(nmd_options_parse(&table, nmd_yaml_root(d), &again));
  CU_ASSERT(memcmp(e.flags, again.flags, sizeof e.flags) == 0 && e.flag == again.flag);
  CU_ASSERT(memcmp(e.grid, again.grid, sizeof e.grid) == 0 && e.steps == again.steps && e.scheme == again.scheme);
  CU_ASSERT(memcmp(e.pressure, again.pressure, sizeof e.pressure) == 0);
  CU_ASSERT(memcmp(e.box, again.box, sizeof e.box) == 0);
  CU_ASSERT(e.timestep == again.timestep && e.factor == again.factor && e.walltime == again.walltime);
  TEST_EQUAL_TEXT(again.title, "a \"b\" \\ \t c: # d");
  TEST_EQUAL_TEXT(again.elements.items[1], "x, y");
  nmd_options_free(&table, &again);
  nmd_yaml_destroy(d);
  release(&e);
}

static void test_explain(void) {
  collected[0] = '\0';
  TEST_OK(nmd_options_explain(&table, "timestep", collect, ""));
  TEST_EQUAL_TEXT(collected, "timestep\n  time step\n  value:   a time (fs, ps, ns, us)\n  default: 1 fs\n"
                             "  range:   > 0 fs and <= 100 fs\n");
  collected[0] = '\0';
  TEST_OK(nmd_options_explain(&table, "temperature", collect, ""));
  TEST_EQUAL_TEXT(collected, "ensemble.nvt.temperature\nstages.nvt.temperature\n  of the bath\n"
                             "  value:   a temperature (K), or start -> end\n  default: required\n"
                             "  range:   > 0 K and <= 100000 K\n");
  collected[0] = '\0';
  TEST_OK(nmd_options_explain(&table, "stages.nvt.tau", collect, ""));
  CU_ASSERT(strncmp(collected, "stages.nvt.tau\n  coupling", 25) == 0);
  CU_ASSERT(strstr(collected, "ensemble.nvt") == NULL);
  collected[0] = '\0';
  TEST_OK(nmd_options_explain(&table, "checkpoint.keep", collect, ""));
  TEST_CONTAINS(collected, ">= 1 and <= 100");
  collected[0] = '\0';
  TEST_OK(nmd_options_explain(&table, "nvt", collect, ""));
  TEST_CONTAINS(collected, "constant temperature\n  keys:\n    temperature          of the bath (required)\n");
  collected[0] = '\0';
  TEST_OK(nmd_options_explain(&table, "", collect, ""));
  TEST_CONTAINS(collected, "input\n  one run\n  keys:\n    flag ");
  TEST_FAILS(nmd_options_explain(&table, "stages.nvt.temprature", collect, ""), NMD_UNKNOWN_KEY);
  TEST_CONTAINS(nmd_error_text(), "did you mean \"temperature\"?");
  TEST_FAILS(nmd_options_explain(&table, "qqqqqq", collect, ""), NMD_UNKNOWN_KEY);
}

static void test_markdown(void) {
  collected[0] = '\0';
  nmd_options_markdown(&table, collect, "");
  TEST_CONTAINS(collected, "# Reference of the input\n\nOne run.\n");
  TEST_CONTAINS(collected, "## stages.nvt\n\nConstant temperature.\n");
  TEST_CONTAINS(collected, "## checkpoint\n");
  TEST_CONTAINS(collected, "| `tau` | a time (fs, ps, ns, us) | `100 fs` | > 0 fs | coupling \\| time |\n");
}

/* The brackets of the schema balance and it has the parts; a validator checks it in tools' tests. */
static void test_schema(void) {
  collected[0] = '\0';
  nmd_options_schema(&table, "a \"title\"", collect, "");
  TEST_CONTAINS(collected, "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"");
  TEST_CONTAINS(collected, "\"title\": \"a \\\"title\\\"\"");
  TEST_CONTAINS(collected, "\"exclusiveMinimum\": 0");
  TEST_CONTAINS(collected, "\"$ref\": \"#/$defs/nvt\"");
  TEST_CONTAINS(collected, "\"$ref\": \"#/$defs/checkpoint\"");
  int depth = 0;
  bool quoted = false;
  for (const char *c = collected; *c != '\0'; c++) {
    if (quoted && *c == '\\')
      c++;
    else if (*c == '"')
      quoted = !quoted;
    else if (!quoted)
      depth += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
    CU_ASSERT(depth >= 0);
  }
  TEST_EQUAL_INT(depth, 0);
  /* a schema is itself YAML of our strict kind: no key twice, nothing unbalanced */
  nmd_yaml *d = NULL;
  TEST_OK(nmd_yaml_parse("schema", collected, strlen(collected), &d));
  nmd_yaml_destroy(d);
  test_write("schema.json", collected);
}

static void test_bad_default_is_a_defect(void) {
  static const nmd_option bad[] = {{"x", NMD_OPT_INT, 0, .fallback = "many", .doc = "d"}};
  static const nmd_option_table bad_table = {"bad", "d", sizeof(int64_t), 1, bad};
  int64_t x;
  TEST_FAILS(nmd_options_parse(&bad_table, NULL, &x), NMD_INTERNAL);
  TEST_CONTAINS(nmd_error_text(), "default of \"x\"");
}

TEST_SUITE("base/option", TEST(test_defaults), TEST(test_values), TEST(test_ramps), TEST(test_paths),
           TEST(test_unknown_keys), TEST(test_bool_messages), TEST(test_int_messages), TEST(test_quantity_messages),
           TEST(test_other_messages), TEST(test_long_values_are_shortened), TEST(test_set_place), TEST(test_variants),
           TEST(test_nearest), TEST(test_echo), TEST(test_explain), TEST(test_markdown), TEST(test_schema),
           TEST(test_bad_default_is_a_defect))
