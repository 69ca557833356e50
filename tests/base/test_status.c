/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/status.h"

#include "base/log.h"
#include "base/timer.h"
#include "support/test.h"

static void test_codes(void) {
  TEST_EQUAL_INT(NMD_OK, 0);
  TEST_EQUAL_TEXT(nmd_status_name(NMD_UNKNOWN_KEY), "UNKNOWN_KEY");
  TEST_EQUAL_TEXT(nmd_status_meaning(NMD_MEMORY), "out of memory");
  TEST_EQUAL_INT(nmd_status_exit_code(NMD_OK), 0);
  TEST_EQUAL_INT(nmd_status_exit_code(NMD_INTERRUPTED), 75);
  for (int code = 1; code < NMD_STATUS_COUNT; code++) {
    const int exit_code = nmd_status_exit_code((nmd_status)code);
    TEST_CHECK(exit_code > 0 && exit_code < 126, "%s: exit code %d", nmd_status_name((nmd_status)code), exit_code);
    for (int other = 0; other < code; other++)
      CU_ASSERT(strcmp(nmd_status_name((nmd_status)code), nmd_status_name((nmd_status)other)) != 0);
  }
}

static nmd_status fail_at(const char *place) { NMD_FAIL(OUT_OF_RANGE, "%s: %d is too large", place, 7); }

static nmd_status pass_on(const char *place) {
  NMD_TRY(fail_at(place));
  return NMD_OK;
}

static void test_message(void) {
  TEST_FAILS(pass_on("a:1:2"), NMD_OUT_OF_RANGE);
  TEST_EQUAL_TEXT(nmd_error_text(), "a:1:2: 7 is too large");
  TEST_EQUAL_INT(nmd_fail_prefix(NMD_READ, "%s", "file.txt"), NMD_READ);
  TEST_EQUAL_TEXT(nmd_error_text(), "file.txt: a:1:2: 7 is too large");
}

static void test_messages_are_one_line(void) {
  TEST_EQUAL_INT(nmd_fail(NMD_SYNTAX, "a\nb\t%s\x7F", "c\x01\r\n"), NMD_SYNTAX);
  TEST_EQUAL_TEXT(nmd_error_text(), "a b c    ");
}

static void test_long_messages_are_cut(void) {
  static char text[10000];
  memset(text, 'x', sizeof text - 1);
  TEST_EQUAL_INT(nmd_fail(NMD_SYNTAX, "%s", text), NMD_SYNTAX);
  CU_ASSERT(strlen(nmd_error_text()) < 4096);
  for (int i = 0; i < 4; i++) TEST_EQUAL_INT(nmd_fail_prefix(NMD_SYNTAX, "%.1500s", text), NMD_SYNTAX);
  TEST_EQUAL_INT(nmd_fail_prefix(NMD_SYNTAX, "%s", text), NMD_SYNTAX);
  CU_ASSERT(strlen(nmd_error_text()) < 4096);
}

static nmd_status clean_up(bool fail, int *cleaned) {
  nmd_status status = NMD_OK;
  NMD_GOTO(fail ? fail_at("b") : NMD_OK);
done:
  ++*cleaned;
  return status;
}

static void test_goto_runs_the_clean_up(void) {
  int cleaned = 0;
  TEST_OK(clean_up(false, &cleaned));
  TEST_FAILS(clean_up(true, &cleaned), NMD_OUT_OF_RANGE);
  TEST_EQUAL_INT(cleaned, 2);
}

static void catch_line(nmd_log_level level, const char *line, void *context) {
  snprintf(context, 64, "%d %s", (int)level, line);
}

static void test_log_sink(void) {
  char seen[64] = "";
  nmd_log_set_sink(catch_line, seen);
  nmd_log_warning("%d %s", 3, "atoms");
  TEST_EQUAL_TEXT(seen, "0 3 atoms");
  nmd_log_set_sink(NULL, NULL);
  nmd_log_info("unseen");
  TEST_EQUAL_TEXT(seen, "0 3 atoms");
}

static void test_timer_adds_up(void) {
  nmd_timer timer;
  const double start = nmd_wall_seconds();
  nmd_timer_init(&timer);
  TEST_EQUAL_INT(nmd_timer_switch(&timer, NMD_PHASE_FORCE), NMD_PHASE_OTHER);
  while (nmd_wall_seconds() - start < 0.01) {}
  TEST_EQUAL_INT(nmd_timer_switch(&timer, NMD_PHASE_OTHER), NMD_PHASE_FORCE);
  const double elapsed = nmd_wall_seconds() - start;
  double sum = 0;
  for (int p = 0; p < NMD_PHASE_COUNT; p++) sum += timer.seconds[p];
  CU_ASSERT(timer.seconds[NMD_PHASE_FORCE] > 0.009 && sum <= elapsed);
  TEST_EQUAL_TEXT(nmd_phase_label(NMD_PHASE_FORCE), "potential");
}

TEST_SUITE("base/status", TEST(test_codes), TEST(test_message), TEST(test_messages_are_one_line),
           TEST(test_long_messages_are_cut), TEST(test_goto_runs_the_clean_up), TEST(test_log_sink),
           TEST(test_timer_adds_up))
