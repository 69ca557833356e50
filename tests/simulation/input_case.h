/* SPDX-License-Identifier: BSD-3-Clause */
/* Malformed inputs as tables: a good input with one edit, and the message it must give. */
#ifndef NNPMD_TESTS_SIMULATION_INPUT_CASE_H
#define NNPMD_TESTS_SIMULATION_INPUT_CASE_H

#include <stddef.h>

#include "base/status.h"

typedef struct input_case {
  /* `find` (must be in the good input) replaced by `put`; find NULL: `put` is the whole input. A ^ in `put` is taken
   * out and marks the place that the message must begin with. */
  const char *find, *put;
  nmd_status code;
  const char *say[3]; /* parts of the message: the value, the remedy */
  const char *at;     /* no ^: the message begins with this, in the test's folder if it names a file of it */
} input_case;

/* The good input, for tests that change more than the text. */
extern const char input_good[];

typedef struct input_file {
  const char *name, *text;
} input_file;

/* Write files into test_folder(); the structures of the good input come by themselves. */
void input_files_write(const input_file *files, size_t n);

/* Each case: reading the input and creating the simulation must fail with the code and the message, on one line, leave
 * the folder as it was, and free all memory. */
void input_cases_check(const input_case *cases, size_t n);
/* The same for "a.b=c" assignments on top of the good input. */
void input_assignment_check(const char *assignment, nmd_status code, const char *const *say, size_t n);
/* The good input with an edit must be accepted. */
void input_accepted(const char *find, const char *put);

#define INPUT_CASES(cases) input_cases_check(cases, sizeof(cases) / sizeof *(cases))

#endif
