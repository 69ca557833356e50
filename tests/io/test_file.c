/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that grow by blocks and files that are replaced whole, with full disks and restarts. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file_append.h"
#include "io/file_atomic.h"
#include "support/test.h"

static void check_content(const char *path, const char *expected) {
  char *text = test_read(path);
  TEST_EQUAL_TEXT(text != NULL ? text : "(missing)", expected);
  free(text);
}

static void test_append_and_resume(void) {
  const char *path = test_path("grow.txt");
  nmd_append_file file;
  if (!TEST_OK(nmd_append_create(path, "head\n", 5, 0, &file))) return;
  TEST_OK(nmd_append_write(&file, "one\n", 4, true));
  const int64_t offset = file.offset;
  TEST_EQUAL_INT(offset, 9);
  TEST_OK(nmd_append_write(&file, "two\nhal", 7, false)); /* as a crash would leave it */
  TEST_OK(nmd_append_close(&file));
  TEST_OK(nmd_append_close(&file));

  if (!TEST_OK(nmd_append_resume(path, offset, &file))) return;
  TEST_OK(nmd_append_write(&file, "2\n", 2, true));
  TEST_OK(nmd_append_close(&file));
  check_content(path, "head\none\n2\n");
}

static void test_resume_refuses(void) {
  nmd_append_file file;
  TEST_FAILS(nmd_append_resume(test_path("none.txt"), 3, &file), NMD_CHECKPOINT);
  TEST_CONTAINS(nmd_error_text(), "No such file");
  TEST_FAILS(nmd_append_resume(test_write("short.txt", "ab"), 3, &file), NMD_CHECKPOINT);
  TEST_CONTAINS(nmd_error_text(), "short.txt: has 2 bytes, but the checkpoint was made when it had 3");
  TEST_FAILS(nmd_append_resume(test_path("short.txt"), -1, &file), NMD_CHECKPOINT);
  TEST_FAILS(nmd_append_resume(test_folder(), 0, &file), NMD_CHECKPOINT);
}

static void test_create_keeps_old(void) {
  const char *path = test_path("again.txt");
  nmd_append_file file;
  static const char *const heads[] = {"a", "b", "c"};
  for (int k = 0; k < 3; k++) {
    TEST_OK(nmd_append_create(path, heads[k], 1, 2, &file));
    TEST_OK(nmd_append_close(&file));
  }
  check_content(path, "c");
  check_content(test_path("again.txt.1"), "b");
  check_content(test_path("again.txt.2"), "a");
  TEST_OK(nmd_append_create(path, NULL, 0, 0, &file));
  TEST_OK(nmd_append_close(&file));
  check_content(path, "");
  check_content(test_path("again.txt.1"), "b");
}

static void test_full_disk(void) {
  nmd_append_file file;
  if (access("/dev/full", W_OK) == 0) {
    TEST_FAILS(nmd_append_create("/dev/full", "head", 4, 1, &file), NMD_WRITE);
    TEST_CONTAINS(nmd_error_text(), "/dev/full: cannot write 4 bytes behind byte 0: No space left on device");
  }
  TEST_FAILS(nmd_append_create("/nonexistent/x", NULL, 0, 0, &file), NMD_WRITE);
  TEST_CONTAINS(nmd_error_text(), "/nonexistent/x: cannot be opened for writing");

  /* a limit on the size of files stands for a disk with little room: half a block fits */
  const char *path = test_path("limit.txt");
  struct rlimit old, small = {.rlim_cur = 12};
  getrlimit(RLIMIT_FSIZE, &old);
  small.rlim_max = old.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  TEST_OK(nmd_append_create(path, "head\n", 5, 0, &file));
  TEST_OK(nmd_file_write_atomic(test_path("limit2.txt"), "old", 3, 1));
  setrlimit(RLIMIT_FSIZE, &small);
  const nmd_status appended = nmd_append_write(&file, "0123456789", 10, false);
  const int64_t offset = file.offset;
  const nmd_status fits = nmd_append_write(&file, "ok\n", 3, false);
  const nmd_status replaced = nmd_file_write_atomic(test_path("limit2.txt"), "0123456789abcdef", 16, 2);
  setrlimit(RLIMIT_FSIZE, &old);
  TEST_EQUAL_INT(appended, NMD_WRITE);
  TEST_EQUAL_INT(offset, 5);
  TEST_EQUAL_INT(fits, NMD_OK);
  TEST_EQUAL_INT(replaced, NMD_WRITE);
  TEST_CONTAINS(nmd_error_text(), "limit2.txt.tmp: cannot be written: File too large");
  TEST_OK(nmd_append_close(&file));
  check_content(path, "head\nok\n");
  check_content(test_path("limit2.txt"), "old");
  TEST_CHECK(access(test_path("limit2.txt.tmp"), F_OK) != 0, "no rests");
  TEST_CHECK(access(test_path("limit2.txt.1"), F_OK) != 0, "no rotation");
}

static void test_atomic_rotation(void) {
  const char *path = test_path("state");
  static const char *const texts[] = {"1", "2", "3", "4"};
  for (int k = 0; k < 4; k++) TEST_OK(nmd_file_write_atomic(path, texts[k], 1, 3));
  check_content(path, "4");
  check_content(test_path("state.1"), "3");
  check_content(test_path("state.2"), "2");
  TEST_CHECK(access(test_path("state.3"), F_OK) != 0, "no more than three");
  TEST_CHECK(access(test_path("state.tmp"), F_OK) != 0, "no rests");
  TEST_OK(nmd_file_write_atomic(path, "5", 1, 1));
  check_content(path, "5");
  check_content(test_path("state.1"), "3");
  TEST_OK(nmd_file_write_atomic(path, NULL, 0, 0));
  check_content(path, "");
}

static void test_atomic_refuses(void) {
  TEST_FAILS(nmd_file_write_atomic("/nonexistent/state", "x", 1, 1), NMD_WRITE);
  TEST_CONTAINS(nmd_error_text(), "/nonexistent/state.tmp: cannot be opened for writing: No such file");
  mkdir(test_path("folder"), 0777);
  TEST_FAILS(nmd_file_write_atomic(test_path("folder"), "x", 1, 2), NMD_WRITE);
  TEST_CONTAINS(nmd_error_text(), "is no regular file");
  TEST_CHECK(access(test_path("folder.tmp"), F_OK) != 0, "no rests");
  TEST_OK(nmd_file_rotate(test_path("missing"), 3));
}

TEST_SUITE("io/file", TEST(test_append_and_resume), TEST(test_resume_refuses), TEST(test_create_keeps_old),
           TEST(test_full_disk), TEST(test_atomic_rotation), TEST(test_atomic_refuses))
