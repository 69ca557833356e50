/* SPDX-License-Identifier: BSD-3-Clause */
/* Status codes and the text of the last error of this thread.
 *
 * Every fallible function returns nmd_status; on failure the message (one line: where, the value, what was expected,
 * what to do) waits in nmd_error_text(). Programs print it and turn the code into an exit code. */
#ifndef NNPMD_BASE_STATUS_H
#define NNPMD_BASE_STATUS_H

#include <stdbool.h>

/* X(name, exit code, meaning) */
#define NMD_STATUS_LIST(X)                                                                                             \
  X(OK, 0, "success")                                                                                                  \
  X(INTERNAL, 1, "a defect of the program")                                                                            \
  X(USAGE, 2, "command line")                                                                                          \
  X(SYNTAX, 2, "text that cannot be parsed")                                                                           \
  X(UNKNOWN_KEY, 2, "unknown key")                                                                                     \
  X(DUPLICATE_KEY, 2, "key given twice")                                                                               \
  X(MISSING_KEY, 2, "required key missing")                                                                            \
  X(WRONG_TYPE, 2, "value of the wrong type")                                                                          \
  X(WRONG_UNIT, 2, "unknown unit or unit of another dimension")                                                        \
  X(OUT_OF_RANGE, 2, "value outside its range")                                                                        \
  X(BAD_CHOICE, 2, "value not among the choices")                                                                      \
  X(CONFLICT, 2, "values that do not go together")                                                                     \
  X(FILE_MISSING, 2, "file that cannot be opened")                                                                     \
  X(FILE_FORMAT, 2, "file that breaks its format")                                                                     \
  X(FILE_TRUNCATED, 2, "file that ends too early")                                                                     \
  X(BAD_NUMBER, 2, "text that is not a finite number")                                                                 \
  X(UNKNOWN_ELEMENT, 2, "unknown chemical element")                                                                    \
  X(BAD_CELL, 2, "cell without volume")                                                                                \
  X(OVERLAP, 2, "atoms on top of each other")                                                                          \
  X(BUILD, 2, "structure that cannot be built as asked")                                                               \
  X(MODEL_KEYWORD, 2, "model keyword that is malformed or changes physics and is not supported")                       \
  X(MODEL_FUNCTION, 2, "malformed symmetry function")                                                                  \
  X(MODEL_SCALING, 2, "malformed scaling data")                                                                        \
  X(MODEL_WEIGHTS, 2, "malformed network weights")                                                                     \
  X(MODEL_ELEMENT, 2, "element that the model does not know")                                                          \
  X(MODEL_COMMITTEE, 2, "models that do not make a committee")                                                          \
  X(MODEL_UNITS, 2, "units of model and structure do not fit")                                                         \
  X(DECOMPOSITION, 2, "box that cannot be divided over the ranks")                                                     \
  X(CHECKPOINT, 2, "checkpoint that cannot be used")                                                                   \
  X(LAUNCH, 2, "processes started without a common MPI job")                                                           \
  X(EXPLODED, 3, "forces, velocities or positions out of bounds")                                                      \
  X(EXTRAPOLATED, 3, "atoms in environments that the potential was not made for")                                      \
  X(NO_ANSWER, 3, "data that do not allow the answer asked for")                                                       \
  X(LOST_ATOM, 3, "atoms lost or found twice")                                                                         \
  X(READ, 4, "read error")                                                                                             \
  X(WRITE, 4, "write error")                                                                                           \
  X(MEMORY, 4, "out of memory")                                                                                        \
  X(INTERRUPTED, 75, "stopped early with a valid checkpoint")

typedef enum nmd_status {
#define NMD_X(name, exit_code, meaning) NMD_##name,
  NMD_STATUS_LIST(NMD_X)
#undef NMD_X
      NMD_STATUS_COUNT
} nmd_status;

#define NMD_MUST_USE __attribute__((warn_unused_result))

/* Store a printf-style message for this thread and return the code. */
nmd_status nmd_fail(nmd_status code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Put "<prefix>: " before the stored message (where the lower layer did not know the file, say); returns the code. */
nmd_status nmd_fail_prefix(nmd_status code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The last message names a place in this file (NULL: none after all). Whoever knows where a thing was asked for, in the
 * same file, need not say so then. nmd_fail forgets it. */
void nmd_error_set_file(const char *file);
bool nmd_error_is_in(const char *file);
const char *nmd_error_text(void);                  /* the last message of this thread; never NULL */
const char *nmd_status_name(nmd_status code);      /* "UNKNOWN_KEY" */
const char *nmd_status_meaning(nmd_status code);   /* the third column */
int nmd_status_exit_code(nmd_status code);         /* the second column */

/* The last failure as a value, to be carried over to another thread or process. */
enum { NMD_ERROR_TEXT_MAX = 2048, NMD_ERROR_FILE_MAX = 512 };
typedef struct nmd_error {
  nmd_status code;
  char text[NMD_ERROR_TEXT_MAX], file[NMD_ERROR_FILE_MAX];
} nmd_error;
void nmd_error_save(nmd_status code, nmd_error *error);
nmd_status nmd_error_restore(const nmd_error *error); /* returns the code */

#define NMD_TRY(call)                                                                                                  \
  do {                                                                                                                 \
    const nmd_status nmd_try_status = (call);                                                                          \
    if (nmd_try_status != NMD_OK) return nmd_try_status;                                                               \
  } while (0)
/* As NMD_TRY, for functions with clean-up: needs a local `nmd_status status` and a label `done:`. */
#define NMD_GOTO(call)                                                                                                 \
  do {                                                                                                                 \
    status = (call);                                                                                                   \
    if (status != NMD_OK) goto done;                                                                                   \
  } while (0)
#define NMD_FAIL(code, ...) return nmd_fail(NMD_##code, __VA_ARGS__)

/* A programmer error, never bad input: prints place and ends the process. */
void nmd_assert_failed(const char *what, const char *file, int line) __attribute__((noreturn));
#define NMD_ASSERT(condition) ((condition) ? (void)0 : nmd_assert_failed(#condition, __FILE__, __LINE__))

#endif
