/* SPDX-License-Identifier: BSD-3-Clause */
/* The main() of a test program, over CUnit.
 *
 *   #include "support/test.h"
 *   static void test_one(void) { CU_ASSERT_EQUAL(1 + 1, 2); }
 *   TEST_SUITE("base/units", TEST(test_one))
 *
 * The program prints one line per failed assertion and a summary, and returns non-zero if any failed on any rank.
 * Files named test_mpi_*.c run at 1, 2, 4 and 8 ranks; any other file that mentions TEST_COMM runs as one process with
 * MPI started. `prog -l` lists the tests, `prog NAME...` runs those named. */
#ifndef NNPMD_TESTS_SUPPORT_TEST_H
#define NNPMD_TESTS_SUPPORT_TEST_H

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef NMD_TEST_DATA
#define NMD_TEST_DATA "tests" /* the build sets the full path */
#endif
#ifndef NMD_BINARY_DIR
#define NMD_BINARY_DIR "."
#endif

typedef struct test_case {
  const char *name;
  void (*run)(void);
} test_case;

#define TEST(function) { #function, function }

/* Defines main. */
#define TEST_SUITE(suite_name, ...)                                                                                    \
  int main(int argc, char **argv) {                                                                                    \
    static const test_case test_main_cases[] = {__VA_ARGS__};                                                          \
    return test_main(argc, argv, suite_name, test_main_cases, sizeof test_main_cases / sizeof(test_case));             \
  }

int test_main(int argc, char **argv, const char *suite, const test_case *cases, size_t n_cases);

/* The communicator of all ranks, started and stopped around the suite; NULL in tests that are not MPI tests. */
struct nmd_comm;
extern struct nmd_comm *test_comm;
#define TEST_COMM test_comm

/* Assertions that show the numbers. Each evaluates its arguments once and continues after a failure. */
bool test_check(bool ok, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));
bool test_near(double value, double expected, double tolerance, const char *text, const char *file, int line);
bool test_relative(double value, double expected, double tolerance, const char *text, const char *file, int line);
bool test_equal_int(int64_t value, int64_t expected, const char *text, const char *file, int line);
bool test_equal_text(const char *value, const char *expected, const char *text, const char *file, int line);
bool test_contains(const char *text, const char *part, const char *file, int line);

/* |value - expected| <= tolerance; false for NaN. */
#define TEST_NEAR(value, expected, tolerance) test_near(value, expected, tolerance, #value, __FILE__, __LINE__)
/* |value - expected| <= tolerance * |expected| */
#define TEST_RELATIVE(value, expected, tolerance) test_relative(value, expected, tolerance, #value, __FILE__, __LINE__)
#define TEST_EQUAL_INT(value, expected) test_equal_int(value, expected, #value, __FILE__, __LINE__)
#define TEST_EQUAL_TEXT(value, expected) test_equal_text(value, expected, #value, __FILE__, __LINE__)
/* `text` contains `part`. */
#define TEST_CONTAINS(text, part) test_contains(text, part, __FILE__, __LINE__)
/* Any condition with a message of its own: TEST_CHECK(n > 0, "n = %d", n). */
#define TEST_CHECK(condition, ...) test_check(condition, __FILE__, __LINE__, __VA_ARGS__)
/* The call returns NMD_OK (needs base/status.h); prints the error text otherwise. */
#define TEST_OK(call) test_check((call) == NMD_OK, __FILE__, __LINE__, "%s: %s", #call, nmd_error_text())
/* The call returns the code; prints what came instead. */
#define TEST_FAILS(call, code)                                                                                         \
  do {                                                                                                                 \
    const int test_code = (int)(call);                                                                                 \
    test_check(test_code == (int)(code), __FILE__, __LINE__, "%s: got %s (%s), expected %s", #call,                    \
               nmd_status_name((nmd_status)test_code), test_code == 0 ? "no message" : nmd_error_text(), #code);       \
  } while (0)

/* A private, empty folder of this test program (under NMD_BINARY_DIR, removed and made anew on first use), the same on
 * all ranks of an MPI test; test_path joins a name to it (static buffers, a few may be alive at once). */
const char *test_folder(void);
const char *test_path(const char *name);
/* Writes text to test_path(name) and returns that path; ends the program if it cannot. */
const char *test_write(const char *name, const char *text);
/* A whole file as a new NUL-terminated string (owner: caller, free), NULL if it cannot be read. */
char *test_read(const char *path);

#endif
