/* SPDX-License-Identifier: BSD-3-Clause */
#include "input_case.h"

#include <ftw.h>

#include "base/memory.h"
#include "simulation/simulation.h"
#include "support/test.h"

enum { TEXT_MAX = 8192, PARTS = 3 };

const char input_good[] =
    "title: a small crystal\n"
    "seed: 1\n"
    "output_folder: never_made\n"
    "structure:\n"
    "  file: crystal.xyz\n"
    "  repeat: 2\n"
    "potential:\n"
    "  lennard_jones: {epsilon: 0.0104 eV, sigma: 3.4 A, cutoff: 7 A}\n"
    "stages:\n"
    "  - nve: {steps: 10, timestep: 1 fs}\n"
    "  - nvt: {duration: 20 fs, temperature: 300 K -> 600 K, thermostat: csvr}\n"
    "outputs:\n"
    "  - thermo: {every: 5}\n"
    "  - trajectory: {every: 5, format: extxyz, forces: true}\n"
    "parallel: {skin: 1 A, grid: [1, 1, 1], balance: true}\n"
    "checkpoint: {every: 5, every_walltime: 15 min}\n";

static const input_file good_files[] = {
    {"crystal.xyz", "4\nLattice=\"5.26 0 0 0 5.26 0 0 0 5.26\" Properties=species:S:1:pos:R:3 pbc=\"T T T\"\n"
                    "Ar 0 0 0\nAr 0 2.63 2.63\nAr 2.63 0 2.63\nAr 2.63 2.63 0\n"},
};

void input_files_write(const input_file *files, size_t n) {
  for (size_t k = 0; k < n; k++) test_write(files[k].name, files[k].text);
}

static int n_entries;
static int count_entry(const char *path, const struct stat *info, int kind, struct FTW *place) {
  (void)path, (void)info, (void)kind, (void)place;
  n_entries++;
  return 0;
}

static int entries_here(void) {
  n_entries = 0;
  nftw(test_folder(), count_entry, 16, FTW_PHYS);
  return n_entries;
}

/* The good text with the edit; line and column of the ^, or 0. */
static void edit(const input_case *c, char *text, int *line, int *column) {
  *line = *column = 0;
  if (c->find == NULL) {
    snprintf(text, TEXT_MAX, "%s", c->put);
  } else {
    const char *place = strstr(input_good, c->find);
    if (!TEST_CHECK(place != NULL, "\"%s\" is not in the good input", c->find)) place = input_good;
    snprintf(text, TEXT_MAX, "%.*s%s%s", (int)(place - input_good), input_good, c->put, place + strlen(c->find));
  }
  char *mark = strchr(text, '^');
  if (mark == NULL) return;
  *line = *column = 1;
  for (const char *p = text; p < mark; p++) {
    ++*column;
    if (*p == '\n') ++*line, *column = 1;
  }
  memmove(mark, mark + 1, strlen(mark));
}

static nmd_status read_and_create(const char *path, int n, char *const *assignments) {
  nmd_input input;
  NMD_TRY(nmd_input_read(TEST_COMM, path, n, assignments, &input));
  nmd_simulation *simulation;
  NMD_TRY(nmd_simulation_create(TEST_COMM, &input, &simulation));
  nmd_simulation_destroy(simulation);
  return NMD_OK;
}

/* Tables that are made once stay allocated: the first use must not look like a leak. */
static void warm_up(void) {
  static bool warm;
  if (warm) return;
  input_files_write(good_files, sizeof good_files / sizeof *good_files);
  TEST_OK(read_and_create(test_write("input.yaml", input_good), 0, NULL));
  warm = true;
}

static void check_message(const input_case *c, const char *label, const char *begin) {
  const char *message = nmd_error_text();
  TEST_CHECK(strncmp(message, begin, strlen(begin)) == 0, "%s: \"%s\" does not begin with \"%s\"", label, message,
             begin);
  for (int k = 0; k < PARTS && c->say[k] != NULL; k++)
    TEST_CHECK(strstr(message, c->say[k]) != NULL, "%s: \"%s\" does not contain \"%s\"", label, message, c->say[k]);
  bool control = false;
  for (const char *p = message; *p != '\0'; p++) control |= (unsigned char)*p < ' ';
  TEST_CHECK(!control, "%s: the message is no single plain line: %s", label, message);
  if (getenv("SHOW_MESSAGES") != NULL) printf("%s\n", message);
}

static void begin_of(const input_case *c, const char *path, int line, int column, char *begin, size_t size) {
  if (line > 0)
    snprintf(begin, size, "%s:%d:%d: ", path, line, column);
  else if (c->at != NULL && strncmp(c->at, "--", 2) != 0)
    snprintf(begin, size, "%s", test_path(c->at));
  else
    snprintf(begin, size, "%s", c->at != NULL ? c->at : "");
}

static void check_case(const input_case *c, const char *label, const char *path, const char *begin, char *assignment) {
  const int entries = entries_here();
  const int64_t memory = nmd_memory_in_use();
  const nmd_status status = read_and_create(path, assignment != NULL, &assignment);
  TEST_CHECK(nmd_memory_in_use() == memory, "%s: %lld bytes left", label, (long long)(nmd_memory_in_use() - memory));
  TEST_CHECK(entries_here() == entries, "%s: files were made", label);
  if (TEST_CHECK(status == c->code, "%s: got %s (%s), expected %s", label, nmd_status_name(status),
                 status == NMD_OK ? "accepted" : nmd_error_text(), nmd_status_name(c->code)))
    check_message(c, label, begin);
}

void input_cases_check(const input_case *cases, size_t n) {
  warm_up();
  for (size_t k = 0; k < n; k++) {
    char text[TEXT_MAX], begin[1200];
    int line, column;
    edit(&cases[k], text, &line, &column);
    const char *path = test_write("input.yaml", text);
    TEST_CHECK(line > 0 || cases[k].at != NULL, "%s: the case says no place", cases[k].put);
    begin_of(&cases[k], path, line, column, begin, sizeof begin);
    check_case(&cases[k], cases[k].put, path, begin, NULL);
  }
}

void input_assignment_check(const char *assignment, nmd_status code, const char *const *say, size_t n) {
  warm_up();
  input_case c = {.code = code};
  for (size_t k = 0; k < n && k < PARTS; k++) c.say[k] = say[k];
  char copy[256], begin[300];
  snprintf(copy, sizeof copy, "%s", assignment);
  snprintf(begin, sizeof begin, "--set %s: ", assignment);
  check_case(&c, assignment, test_write("input.yaml", input_good), begin, copy);
}

void input_accepted(const char *find, const char *put) {
  warm_up();
  char text[TEXT_MAX];
  int line, column;
  const input_case c = {.find = find, .put = put};
  edit(&c, text, &line, &column);
  const nmd_status status = read_and_create(test_write("input.yaml", text), 0, NULL);
  TEST_CHECK(status == NMD_OK, "%s: %s", put, nmd_error_text());
}
