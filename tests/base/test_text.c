/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"

#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "support/test.h"

static const char *write_bytes(const char *name, const char *bytes, size_t length) {
  const char *path = test_path(name);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) abort();
  return path;
}

static void expect_text(const char *bytes, size_t length, const char *expected) {
  char *text = NULL;
  size_t n = 0;
  if (!TEST_OK(nmd_text_read_file(write_bytes("a.txt", bytes, length), &text, &n))) return;
  TEST_EQUAL_TEXT(text, expected);
  TEST_EQUAL_INT(n, strlen(expected));
  nmd_free(text);
}

static void test_line_ends(void) {
  expect_text("", 0, "");
  expect_text("a\nb\n", 4, "a\nb\n");
  expect_text("a\r\nb\r\n", 6, "a\nb\n");
  expect_text("a\rb\r", 4, "a\nb\n");
  expect_text("a\r\r\nb", 5, "a\n\nb");
  expect_text("\xEF\xBB\xBF"
              "a\n",
              5, "a\n");
  expect_text("\xEF\xBB", 2, "\xEF\xBB");
}

/* A repeating text that is larger than every buffer. */
static char *long_text(size_t length) {
  char *text = malloc(length + 1);
  if (text == NULL) abort();
  for (size_t i = 0; i < length; i++) text[i] = i % 61 == 60 ? '\n' : (char)('0' + i * i % 73 % 10);
  text[length] = '\0';
  return text;
}

static const char *write_gzip(const char *name, const char *bytes, size_t length) {
  const char *path = test_path(name);
  gzFile file = gzopen(path, "wb");
  if (file == NULL || gzwrite(file, bytes, (unsigned)length) != (int)length || gzclose(file) != Z_OK) abort();
  return path;
}

static void test_gzip_by_content(void) {
  const size_t sizes[] = {1, 1000, 65535, 65536, 131071, 131072, 1000003};
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
    char *expected = long_text(sizes[k]), *text = NULL;
    size_t n = 0;
    /* the name says nothing: plain content behind .gz and packed content behind .txt both work */
    TEST_OK(nmd_text_read_file(write_gzip("packed.txt", expected, sizes[k]), &text, &n));
    CU_ASSERT(text != NULL && n == sizes[k] && memcmp(text, expected, n + 1) == 0);
    nmd_free(text);
    TEST_OK(nmd_text_read_file(write_bytes("plain.gz", expected, sizes[k]), &text, &n));
    CU_ASSERT(text != NULL && n == sizes[k] && memcmp(text, expected, n + 1) == 0);
    nmd_free(text);
    free(expected);
  }
}

static void expect_failure(const char *path, nmd_status code, const char *part) {
  char *text = NULL;
  size_t n = 0;
  const int64_t before = nmd_memory_in_use();
  TEST_FAILS(nmd_text_read_file(path, &text, &n), code);
  TEST_CONTAINS(nmd_error_text(), path);
  TEST_CONTAINS(nmd_error_text(), part);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_bad_files(void) {
  expect_failure(test_path("no/such.file"), NMD_FILE_MISSING, "No such file");
  expect_failure(test_folder(), NMD_FILE_MISSING, "Is a directory");
  expect_failure(write_bytes("nul.txt", "ab\0c", 4), NMD_FILE_FORMAT, "offset 2");
  expect_failure(write_bytes("utf16.txt",
                             "\xFF\xFE"
                             "a\0b\0",
                             6),
                 NMD_FILE_FORMAT, "NUL");

  char *plain = long_text(200000);
  const char *path = write_gzip("whole.gz", plain, 200000);
  free(plain);
  FILE *file = fopen(path, "rb");
  static char packed[200000];
  const size_t n = fread(packed, 1, sizeof packed, file);
  fclose(file);
  expect_failure(write_bytes("cut.gz", packed, n / 2), NMD_FILE_FORMAT, "too early");
  packed[n / 2] ^= 0x55;
  packed[n / 2 + 1] ^= 0x55;
  expect_failure(write_bytes("broken.gz", packed, n), NMD_FILE_FORMAT, "gzip");
}

static void test_lines(void) {
  char text[] = "first\n\nthird";
  char *line;
  nmd_lines lines;
  nmd_lines_init(&lines, "f", text);
  CU_ASSERT(nmd_lines_next(&lines, &line));
  TEST_EQUAL_TEXT(line, "first");
  CU_ASSERT(nmd_lines_next(&lines, &line));
  TEST_EQUAL_TEXT(line, "");
  CU_ASSERT(nmd_lines_next(&lines, &line));
  TEST_EQUAL_TEXT(line, "third");
  TEST_EQUAL_INT(lines.line, 3);
  CU_ASSERT(!nmd_lines_next(&lines, &line));
  CU_ASSERT(!nmd_lines_next(&lines, &line));

  char empty[] = "", one[] = "a\n", blank[] = "\n\n";
  nmd_lines_init(&lines, "f", empty);
  CU_ASSERT(!nmd_lines_next(&lines, &line));
  nmd_lines_init(&lines, "f", one);
  CU_ASSERT(nmd_lines_next(&lines, &line));
  CU_ASSERT(!nmd_lines_next(&lines, &line));
  nmd_lines_init(&lines, "f", blank);
  CU_ASSERT(nmd_lines_next(&lines, &line));
  CU_ASSERT(nmd_lines_next(&lines, &line));
  CU_ASSERT(!nmd_lines_next(&lines, &line));
}

static void test_split(void) {
  char *words[3];
  char line[] = " a\t bb  ccc ", more[] = "a b  c d\t e \t", none[] = " \t ", empty[] = "";
  TEST_EQUAL_INT(nmd_split(line, words, 3), 3);
  TEST_EQUAL_TEXT(words[0], "a");
  TEST_EQUAL_TEXT(words[1], "bb");
  TEST_EQUAL_TEXT(words[2], "ccc");
  TEST_EQUAL_INT(nmd_split(more, words, 3), 3);
  TEST_EQUAL_TEXT(words[2], "c d\t e");
  TEST_EQUAL_INT(nmd_split(none, words, 3), 0);
  TEST_EQUAL_INT(nmd_split(empty, words, 3), 0);
}

static void test_reals(void) {
  static const struct {
    const char *text;
    double value;
  } good[] = {{"1", 1}, {"-1.5", -1.5}, {"+2e3", 2000}, {".5", 0.5}, {"5.", 5}, {"1E-3", 1e-3}, {"1e-400", 0}};
  static const char *const bad[] = {"",      "a",   "1a",    "1 ",     " 1",  "0x10", "inf", "nan", "1e", "1e+",
                                    "1.2.3", "--1", "1e999", "-1e999", "1d3", "1,5",  ".",   "+",   "1_0"};
  double x;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    TEST_CHECK(nmd_parse_real(good[i].text, &x) && x == good[i].value, "\"%s\"", good[i].text);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    TEST_CHECK(!nmd_parse_real(bad[i], &x), "\"%s\" was accepted", bad[i]);
}

static void test_ints(void) {
  static const char *const bad[] = {
      "",    "a",    "1a", "1.0", "1e3", "0x10", " 1", "1 ", "-", "9223372036854775808", "-9223372036854775809",
      "1-2", "1_000"};
  int64_t n;
  CU_ASSERT(nmd_parse_int("9223372036854775807", &n) && n == INT64_MAX);
  CU_ASSERT(nmd_parse_int("-9223372036854775808", &n) && n == INT64_MIN);
  CU_ASSERT(nmd_parse_int("+7", &n) && n == 7);
  CU_ASSERT(nmd_parse_int("007", &n) && n == 7); /* decimal, not octal */
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    TEST_CHECK(!nmd_parse_int(bad[i], &n), "\"%s\" was accepted", bad[i]);
}

TEST_SUITE("base/text", TEST(test_line_ends), TEST(test_gzip_by_content), TEST(test_bad_files), TEST(test_lines),
           TEST(test_split), TEST(test_reals), TEST(test_ints))
