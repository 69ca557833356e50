/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/test.h"

#include <CUnit/Basic.h>
#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/test_mpi.h"

/* Tests of one process; an MPI test links the real ones of test_mpi.c. */
struct nmd_comm *test_comm __attribute__((weak)) = NULL;
__attribute__((weak)) void test_mpi_start(int *argc, char ***argv) { (void)argc, (void)argv; }
__attribute__((weak)) void test_mpi_stop(void) {}
__attribute__((weak)) int test_mpi_max(int value) { return value; }
__attribute__((weak)) int test_mpi_rank(void) { return 0; }
__attribute__((weak)) int test_mpi_size(void) { return 1; }
__attribute__((weak)) void test_mpi_barrier(void) {}

enum { MESSAGES_SHOWN = 20 }; /* a loop over atoms that fails everywhere should stay readable */

/* Marks the checks whose message test_check has printed already. */
static const char reported[] = "(reported)";

static const char *suite_name = "";
static const char *case_name = "";
static int n_failed_here;

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void report(const char *file, int line, const char *format, va_list arguments) {
  if (++n_failed_here == MESSAGES_SHOWN + 1) fprintf(stderr, "  ... more failures in %s not shown\n", case_name);
  if (n_failed_here > MESSAGES_SHOWN) return;
  char text[1024];
  vsnprintf(text, sizeof text, format, arguments);
  if (test_mpi_size() > 1) fprintf(stderr, "[rank %d] ", test_mpi_rank());
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, case_name, text);
}

bool test_check(bool ok, const char *file, int line, const char *format, ...) {
  CU_assertImplementation(ok, (unsigned)line, reported, file, case_name, CU_FALSE);
  if (ok) return true;
  va_list arguments;
  va_start(arguments, format);
  report(file, line, format, arguments);
  va_end(arguments);
  return false;
}

bool test_near(double value, double expected, double tolerance, const char *text, const char *file, int line) {
  return test_check(fabs(value - expected) <= tolerance, file, line, "%s = %.17g, expected %.17g (off by %.3g > %.3g)",
                    text, value, expected, value - expected, tolerance);
}

bool test_relative(double value, double expected, double tolerance, const char *text, const char *file, int line) {
  return test_near(value, expected, tolerance * fabs(expected), text, file, line);
}

bool test_equal_int(int64_t value, int64_t expected, const char *text, const char *file, int line) {
  return test_check(value == expected, file, line, "%s = %lld, expected %lld", text, (long long)value,
                    (long long)expected);
}

bool test_equal_text(const char *value, const char *expected, const char *text, const char *file, int line) {
  const bool ok = value != NULL && expected != NULL && strcmp(value, expected) == 0;
  return test_check(ok, file, line, "%s = \"%s\", expected \"%s\"", text, value ? value : "(null)",
                    expected ? expected : "(null)");
}

bool test_contains(const char *text, const char *part, const char *file, int line) {
  return test_check(text != NULL && strstr(text, part) != NULL, file, line, "\"%s\" does not contain \"%s\"",
                    text ? text : "(null)", part);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place) {
  (void)info, (void)kind, (void)place;
  return remove(path);
}

const char *test_folder(void) {
  static char folder[512];
  if (folder[0]) return folder;
  /* One folder a program and rank count: ctest may run the same program at 1, 2, 4 and 8 ranks at once. */
  snprintf(folder, sizeof folder, "%s/scratch/%s.%d", NMD_BINARY_DIR, suite_name, test_mpi_size());
  for (char *c = folder + strlen(NMD_BINARY_DIR) + strlen("/scratch/"); *c; c++)
    if (*c == '/' || *c == ' ') *c = '_';
  if (test_mpi_rank() == 0) {
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    mkdir(NMD_BINARY_DIR "/scratch", 0777);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
      perror(folder);
      exit(EXIT_FAILURE);
    }
  }
  test_mpi_barrier();
  return folder;
}

const char *test_path(const char *name) {
  static char paths[8][1024];
  static unsigned next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
  return path;
}

const char *test_write(const char *name, const char *text) {
  const char *path = test_path(name);
  FILE *file = fopen(path, "wb");
  const bool ok = file != NULL && fputs(text, file) >= 0;
  if (file == NULL || fclose(file) != 0 || !ok) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  return path;
}

char *test_read(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  size_t size = 0, capacity = 4096;
  char *text = malloc(capacity + 1);
  while (text != NULL) {
    const size_t got = fread(text + size, 1, capacity - size, file);
    size += got;
    if (got == 0) break;
    if (size == capacity) {
      char *larger = realloc(text, 2 * capacity + 1);
      if (larger == NULL) free(text);
      text = larger;
      capacity *= 2;
    }
  }
  fclose(file);
  if (text != NULL) text[size] = '\0';
  return text;
}

static void on_start(const CU_pTest test, const CU_pSuite suite) {
  (void)suite;
  case_name = test->pName;
  n_failed_here = 0;
}

/* The plain CU_ASSERT... of a test are recorded by CUnit alone: print them as test_check prints its own. */
static void on_complete(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure) {
  (void)suite;
  for (CU_pFailureRecord f = failure; f != NULL; f = f->pNext) {
    if (f->type != CUF_AssertFailed || f->strCondition == NULL || strcmp(f->strCondition, reported) == 0) continue;
    if (test_mpi_size() > 1) fprintf(stderr, "[rank %d] ", test_mpi_rank());
    fprintf(stderr, "%s:%u: %s: %s\n", f->strFileName, f->uiLineNumber, test->pName, f->strCondition);
  }
}

static bool is_wanted(const char *name, int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], name) == 0) return true;
  return argc <= 1;
}

static int add_and_run(int argc, char **argv, const test_case *cases, size_t n_cases) {
  if (CU_initialize_registry() != CUE_SUCCESS) return 1;
  CU_set_error_action(CUEA_IGNORE);
  const CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
  int n_wanted = 0;
  for (size_t i = 0; suite != NULL && i < n_cases; i++) {
    if (!is_wanted(cases[i].name, argc, argv)) continue;
    n_wanted++;
    if (CU_add_test(suite, cases[i].name, cases[i].run) == NULL) return 1;
  }
  if (n_wanted == 0) {
    fprintf(stderr, "%s: no such test\n", suite_name);
    return 1;
  }
  CU_set_test_start_handler(on_start);
  CU_set_test_complete_handler(on_complete);
  const double start = seconds_now();
  CU_run_all_tests();
  /* A failure of one rank is a failure of the test. */
  const int failed_tests = test_mpi_max((int)CU_get_number_of_tests_failed());
  const int failed = test_mpi_max((int)CU_get_number_of_failures());
  if (test_mpi_rank() == 0)
    printf("%s: %u tests, %d failed; %u checks, %d failed; %.2f s on %d rank%s\n", suite_name,
           CU_get_number_of_tests_run(), failed_tests, CU_get_number_of_asserts(), failed, seconds_now() - start,
           test_mpi_size(), test_mpi_size() == 1 ? "" : "s");
  CU_cleanup_registry();
  return failed;
}

int test_main(int argc, char **argv, const char *suite, const test_case *cases, size_t n_cases) {
  suite_name = suite;
  if (argc == 2 && strcmp(argv[1], "-l") == 0) {
    for (size_t i = 0; i < n_cases; i++) printf("%s\n", cases[i].name);
    return EXIT_SUCCESS;
  }
  test_mpi_start(&argc, &argv);
  const int failed = add_and_run(argc, argv, cases, n_cases);
  test_mpi_stop();
  return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
