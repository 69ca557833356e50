/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/command_page.h"

#include "base/memory.h"
#include "support/test.h"

typedef struct sample {
  double time;
  int64_t count;
  bool flag;
  char *text;
  nmd_text_list list;
  int choice;
  double axis[3];
} sample;

static const nmd_option options[] = {
    {"time", NMD_OPT_REAL, offsetof(sample, time), NMD_DIM_TIME, "1 fs", 0, 0, .min_open = 1, .doc = "a time"},
    {"count", NMD_OPT_INT, offsetof(sample, count), .fallback = "3", .min = 0, .max = 9, .doc = "a count"},
    {"flag", NMD_OPT_BOOL, offsetof(sample, flag), .fallback = "false", .doc = "a flag"},
    {"text", NMD_OPT_TEXT, offsetof(sample, text), .fallback = "", .doc = "any text"},
    {"list", NMD_OPT_TEXT_LIST, offsetof(sample, list), .fallback = "", .doc = "words"},
    {"choice", NMD_OPT_CHOICE, offsetof(sample, choice), .fallback = "one", .choices = "one|two", .doc = "one of two"},
    {"axis", NMD_OPT_REAL3, offsetof(sample, axis), .fallback = "[0, 0, 1]", .doc = "three numbers"},
};
static const nmd_option_table table = {"sample", "a sample", sizeof(sample), NMD_COUNT(options), options};

#define PARSE(parameters, command, ...)                                                                                \
  nmd_command_parse(&table, (int)(sizeof((char *[]){"prog", __VA_ARGS__}) / sizeof(char *)),                           \
                    (char *[]){"prog", __VA_ARGS__}, parameters, command)

static void test_values(void) {
  sample s;
  nmd_command c;
  TEST_OK(PARSE(&s, &c, "file1", "--time", "2.5 ps", "--flag", "file2", "--text=it's: #1", "--list", "Li,La",
                "--choice", "two", "--axis", "1,0,-1", "--count=5", "--", "--odd"));
  TEST_NEAR(s.time, 2500.0, 1e-12);
  TEST_EQUAL_INT(s.count, 5);
  TEST_CHECK(s.flag && s.choice == 1, "flag %d, choice %d", s.flag, s.choice);
  TEST_EQUAL_TEXT(s.text, "it's: #1");
  TEST_EQUAL_INT(s.list.n, 2);
  TEST_EQUAL_TEXT(s.list.items[1], "La");
  TEST_NEAR(s.axis[2], -1.0, 0.0);
  TEST_EQUAL_INT(c.n_words, 3);
  TEST_EQUAL_TEXT(c.words[2], "--odd");
  nmd_options_free(&table, &s);
  nmd_command_free(&c);
}

static void test_messages(void) {
  sample s;
  nmd_command c;
  TEST_FAILS(PARSE(&s, &c, "--tiem", "1 fs"), NMD_USAGE);
  TEST_CONTAINS(nmd_error_text(), "did you mean --time?");
  TEST_FAILS(PARSE(&s, &c, "--time"), NMD_USAGE);
  TEST_FAILS(PARSE(&s, &c, "--flag", "--flag"), NMD_USAGE);
  TEST_CONTAINS(nmd_error_text(), "given twice");
  TEST_FAILS(PARSE(&s, &c, "-x"), NMD_USAGE);
  TEST_FAILS(PARSE(&s, &c, "--time", "2 eV"), NMD_WRONG_UNIT);
  TEST_CONTAINS(nmd_error_text(), "--time: time:");
  TEST_FAILS(PARSE(&s, &c, "--count=99"), NMD_OUT_OF_RANGE);
  TEST_FAILS(PARSE(&s, &c, "--choice", "three"), NMD_BAD_CHOICE);
}

static void collect(void *context, const char *text) {
  char *all = context;
  strncat(all, text, 8191 - strlen(all));
}

static void test_texts(void) {
  static char text[8192];
  const nmd_command_text about = {"prog", "FILE...", "does a thing", "How it does it.", "1.0"};
  sample s;
  nmd_command c;
  TEST_OK(PARSE(&s, &c, "--time", "1 fs", "--help"));
  TEST_EQUAL_INT(c.request, NMD_COMMAND_HELP);
  nmd_command_free(&c);
  nmd_command_help(&table, &about, collect, text);
  TEST_CONTAINS(text, "Usage: prog [OPTION...] FILE...");
  TEST_CONTAINS(text, "--time QUANTITY\n        a time (a time (fs, ps, ns");
}

static void test_page(void) {
  static char text[8192];
  static nmd_page page;
  page = (nmd_page){.text = {"prog", "FILE...", "does a thing", "How it does it.\n\n.dots", "1.0"}, .exit_status = "0: done."};
  nmd_page_fill(&table, &page);
  text[0] = '\0';
  nmd_page_man(&page, collect, text);
  TEST_CONTAINS(text, ".TH PROG 1");
  TEST_CONTAINS(text, "\\fB\\-\\-axis\\fR A,B,..");
  TEST_CONTAINS(text, "\n.PP\n\\&.dots");
  TEST_CONTAINS(text, "\\fB\\-h\\fR, \\fB\\-\\-help\\fR");
  text[0] = '\0';
  TEST_OK(nmd_page_completion(&page, 1, "a-prog", "bash", collect, text));
  TEST_CONTAINS(text, "complete -o filenames -F _a_prog a-prog");
  TEST_CONTAINS(text, "--choice) COMPREPLY=($(compgen -W 'one two' -- \"$word\"))");
  text[0] = '\0';
  TEST_OK(nmd_page_completion(&page, 1, "a-prog", "zsh", collect, text));
  TEST_CONTAINS(text, "#compdef a-prog");
  TEST_CONTAINS(text, ":NAME:(one two)'");
  TEST_FAILS(nmd_page_completion(&page, 1, "a-prog", "fish", collect, text), NMD_BAD_CHOICE);
  TEST_CONTAINS(nmd_error_text(), "expected bash or zsh");
  sample s;
  nmd_command c;
  TEST_OK(PARSE(&s, &c, "--completion", "zsh"));
  TEST_EQUAL_INT(c.request, NMD_COMMAND_COMPLETION);
  TEST_EQUAL_TEXT(c.shell, "zsh");
  nmd_command_free(&c);
}

TEST_SUITE("base/option_command", TEST(test_values), TEST(test_messages), TEST(test_texts),
           TEST(test_page))
