/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/yaml.h"

#include "base/memory.h"
#include "support/test.h"

static nmd_yaml *parse(const char *text) {
  nmd_yaml *document = NULL;
  TEST_OK(nmd_yaml_parse("in.yaml", text, strlen(text), &document));
  return document;
}

static void expect_place(const nmd_yaml_node *node, int line, int column) {
  if (!TEST_CHECK(node != NULL, "no node")) return;
  TEST_EQUAL_INT(node->line, line);
  TEST_EQUAL_INT(node->column, column);
}

static void test_tree_and_places(void) {
  nmd_yaml *document = parse("# comment\n"
                             "title: two words  # comment\n"
                             "nested:\n"
                             "  list: [a, 'b c', \"d\\n\"]\n"
                             "  gr\xC3\xB6\xC3\x9F"
                             "e: 5 K\n"
                             "  items:\n"
                             "    - nve\n"
                             "    - npt: {p: 1}\n");
  if (document == NULL) return;
  const nmd_yaml_node *root = nmd_yaml_root(document), *title = nmd_yaml_find(root, "title");
  TEST_EQUAL_INT(root->kind, NMD_YAML_MAP);
  TEST_EQUAL_INT(root->n, 2);
  TEST_EQUAL_TEXT(title->text, "two words");
  TEST_EQUAL_TEXT(title->file, "in.yaml");
  CU_ASSERT(!title->quoted);
  expect_place(title, 2, 8);
  expect_place(root->keys[1], 3, 1);
  const nmd_yaml_node *nested = nmd_yaml_find(root, "nested"), *list = nmd_yaml_find(nested, "list");
  TEST_EQUAL_INT(list->kind, NMD_YAML_LIST);
  TEST_EQUAL_INT(list->n, 3);
  TEST_EQUAL_TEXT(list->items[1]->text, "b c");
  CU_ASSERT(list->items[1]->quoted && !list->items[0]->quoted);
  TEST_EQUAL_TEXT(list->items[2]->text, "d\n");
  expect_place(list->items[1], 4, 13);
  expect_place(nmd_yaml_find(nested, "gr\xC3\xB6\xC3\x9F"
                                     "e"),
               5, 10); /* columns count characters */
  const nmd_yaml_node *items = nmd_yaml_find(nested, "items");
  expect_place(nmd_yaml_find(nmd_yaml_find(items->items[1], "npt"), "p"), 8, 16);
  TEST_EQUAL_TEXT(nmd_yaml_where(items->items[0]), "in.yaml:7:7");
  CU_ASSERT(nmd_yaml_find(root, "absent") == NULL);
  CU_ASSERT(nmd_yaml_find(title, "x") == NULL);
  CU_ASSERT(nmd_yaml_find(NULL, "x") == NULL);
  nmd_yaml_destroy(document);
}

static void test_empty_and_null(void) {
  static const char *const empty[] = {"", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "~\n", "\xEF\xBB\xBF"};
  for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
    nmd_yaml *document = parse(empty[i]);
    if (document == NULL) continue;
    TEST_EQUAL_INT(nmd_yaml_root(document)->kind, NMD_YAML_MAP);
    TEST_EQUAL_INT(nmd_yaml_root(document)->n, 0);
    nmd_yaml_destroy(document);
  }
  nmd_yaml *document = parse("a:\nb: ~\nc: null\nd: \"\"\ne: 'null'\n");
  const nmd_yaml_node *root = nmd_yaml_root(document);
  for (int i = 0; i < 3; i++) TEST_EQUAL_INT(root->items[i]->kind, NMD_YAML_NULL);
  for (int i = 3; i < 5; i++) TEST_EQUAL_INT(root->items[i]->kind, NMD_YAML_SCALAR);
  expect_place(root->items[1], 2, 4);
  nmd_yaml_destroy(document);
}

static void test_byte_order_mark(void) {
  nmd_yaml *document = parse("\xEF\xBB\xBF"
                             "a: 1\n");
  if (document == NULL) return;
  TEST_EQUAL_TEXT(nmd_yaml_find(nmd_yaml_root(document), "a")->text, "1");
  nmd_yaml_destroy(document);
}

static void expect_failure_n(const char *text, size_t length, nmd_status code, const char *place, const char *part) {
  nmd_yaml *document = NULL;
  const int64_t before = nmd_memory_in_use();
  TEST_FAILS(nmd_yaml_parse("in.yaml", text, length, &document), code);
  TEST_CHECK(strncmp(nmd_error_text(), place, strlen(place)) == 0, "\"%s\" does not begin with %s", nmd_error_text(),
             place);
  TEST_CONTAINS(nmd_error_text(), part);
  CU_ASSERT(strchr(nmd_error_text(), '\n') == NULL);
  CU_ASSERT(document == NULL);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void expect_failure(const char *text, nmd_status code, const char *place, const char *part) {
  expect_failure_n(text, strlen(text), code, place, part);
}

static void test_syntax_errors(void) {
  expect_failure("a: [1, 2\nb: 3\n", NMD_SYNTAX, "in.yaml:2:", "flow sequence");
  expect_failure("a: {b: 1\n", NMD_SYNTAX, "in.yaml:2:1:", "flow mapping");
  expect_failure("a: 'open\n", NMD_SYNTAX, "in.yaml:2:1:", "quoted scalar");
  expect_failure("a: b: c\n", NMD_SYNTAX, "in.yaml:1:5:", "mapping values");
  expect_failure("a: 1\n  b: 2\n", NMD_SYNTAX, "in.yaml:2:4:", "mapping values");
  expect_failure("a:\n\tb: 1\n", NMD_SYNTAX, "in.yaml:2:1:", "use spaces");
  expect_failure("a:\n  - 1\n b: 2\n", NMD_SYNTAX, "in.yaml:3:2:", "block");
  expect_failure("key\nother: 1\n", NMD_SYNTAX, "in.yaml:2:6:", "YAML");
  expect_failure("a: \"\\q\"\n", NMD_SYNTAX, "in.yaml:1:", "escape");
  expect_failure("a: @b\n", NMD_SYNTAX, "in.yaml:1:4:", "start any token");
}

static void test_strictness(void) {
  expect_failure("a: 1\nb: 2\na: 3\n", NMD_DUPLICATE_KEY, "in.yaml:3:1:", "first at in.yaml:1:1");
  expect_failure("a: {x: 1, y: 2, x: 3}\n", NMD_DUPLICATE_KEY, "in.yaml:1:17:", "\"x\"");
  expect_failure("a: &name 1\n", NMD_SYNTAX, "in.yaml:1:4:", "anchor");
  expect_failure("a: &name [1]\n", NMD_SYNTAX, "in.yaml:1:4:", "anchor");
  expect_failure("a: &name {b: 1}\n", NMD_SYNTAX, "in.yaml:1:4:", "anchor");
  expect_failure("a: *name\n", NMD_SYNTAX, "in.yaml:1:4:", "alias");
  expect_failure("*name : 1\n", NMD_SYNTAX, "in.yaml:1:1:", "alias");
  expect_failure("a: !!int 1\n", NMD_SYNTAX, "in.yaml:1:4:", "tag");
  expect_failure("a: !mine {b: 1}\n", NMD_SYNTAX, "in.yaml:1:4:", "tag");
  expect_failure("a: ! x\n", NMD_SYNTAX, "in.yaml:1:4:", "tag");
  expect_failure("a: !!seq [1]\n", NMD_SYNTAX, "in.yaml:1:4:", "tag");
  expect_failure("a: 1\n---\nb: 2\n", NMD_SYNTAX, "in.yaml:2:1:", "second document");
  expect_failure("? [a, b]\n: 1\n", NMD_SYNTAX, "in.yaml:1:3:", "key must be a word; found a list");
  expect_failure("{a: 1}: 2\n", NMD_SYNTAX, "in.yaml:1:1:", "found a map");
  expect_failure("a: 1\n: 2\n", NMD_SYNTAX, "in.yaml:2:1:", "expected key");
  expect_failure("~: 2\n", NMD_SYNTAX, "in.yaml:1:1:", "empty key");
}

static void test_bad_bytes(void) {
  expect_failure("a: 1\nb: \xC3\x28\n", NMD_SYNTAX, "in.yaml:2:5:", "not plain UTF-8");
  expect_failure("\xFF\xFE"
                 "a",
                 NMD_SYNTAX, "in.yaml:1:1:", "not plain UTF-8");
  expect_failure("a: \xED\xA0\x80\n", NMD_SYNTAX, "in.yaml:1:4:", "not plain UTF-8"); /* a surrogate */
  expect_failure("a: b\x01\n", NMD_SYNTAX, "in.yaml:1:5:", "control characters");
  expect_failure_n("a: 1\0b", 6, NMD_SYNTAX, "in.yaml:1:5:", "control characters");
  expect_failure("a: \"x\\0y\"\n", NMD_SYNTAX, "in.yaml:1:4:", "NUL");
  expect_failure("a: \xE2\x82", NMD_SYNTAX, "in.yaml:1:4:", "incomplete");
}

static void test_depth(void) {
  enum { DEEP = 100000 };
  static char text[DEEP + 1];
  memset(text, '[', DEEP);
  expect_failure(text, NMD_SYNTAX, "in.yaml:1:", "deep");
  memset(text, ' ', DEEP);
  for (int i = 0; i < DEEP; i += 2) text[i] = '-';
  expect_failure(text, NMD_SYNTAX, "in.yaml:1:", "deep");
}

/* The check for duplicates must not be quadratic. */
static void test_many_keys(void) {
  enum { KEYS = 100000 };
  char *text = malloc(KEYS * 12 + 64);
  size_t n = 0;
  for (int i = 0; i < KEYS; i++) n += (size_t)sprintf(text + n, "k%06d: 1\n", (i * 7919) % KEYS);
  nmd_yaml *document = parse(text);
  TEST_EQUAL_INT(nmd_yaml_root(document)->n, KEYS);
  nmd_yaml_destroy(document);
  sprintf(text + n, "k000007: 2\n");
  expect_failure(text, NMD_DUPLICATE_KEY, "in.yaml:100001:1:", "k000007");
  free(text);
}

/* Whatever the bytes: no crash, and either a tree or a message with a place. Cheap fuzzing: a good file mutated. */
static void test_mutations(void) {
  static const char good[] =
      "a: {b: [1, 'x', \"\\u00e9\"], c: ~}\nlist:\n  - nve\n  - k: |\n      text\n  - >-\n    f\n";
  static const char bytes[] = "{}[]:,-?&*!|>'\"%@`# \t\n\\~\x80\xFF\x00"
                              "a1";
  unsigned state = 1;
  for (int trial = 0; trial < 20000; trial++) {
    char text[sizeof good];
    memcpy(text, good, sizeof good);
    for (int k = 0; k < 1 + trial % 4; k++) {
      state = state * 1664525u + 1013904223u;
      text[(state >> 8) % (sizeof good - 1)] = bytes[(state >> 20) % (sizeof bytes - 1)];
    }
    nmd_yaml *document = NULL;
    const nmd_status status = nmd_yaml_parse("in.yaml", text, (state >> 16) % sizeof good, &document);
    if (status != NMD_OK) {
      CU_ASSERT(strncmp(nmd_error_text(), "in.yaml:", 8) == 0 && document == NULL);
      CU_ASSERT(status == NMD_SYNTAX || status == NMD_DUPLICATE_KEY);
    }
    nmd_yaml_destroy(document);
  }
}

static void test_set(void) {
  nmd_yaml *document = parse("a:\n  b: 1\n  stages:\n    - nve\n    - npt: {p: 1}\nempty:\nplain: nvt\n");
  TEST_OK(nmd_yaml_set(document, "a.b=2"));
  TEST_OK(nmd_yaml_set(document, "a.stages.1.npt.p=[1 GPa, 2 GPa]"));
  TEST_OK(nmd_yaml_set(document, "a.stages.0.nve.steps=10"));
  TEST_OK(nmd_yaml_set(document, "new.deep.key={x: 'y=z'}"));
  TEST_OK(nmd_yaml_set(document, "empty.key=~"));
  TEST_OK(nmd_yaml_set(document, "plain.nvt.temperature=300 K"));
  TEST_OK(nmd_yaml_set(document, "nothing="));
  const nmd_yaml_node *root = nmd_yaml_root(document), *a = nmd_yaml_find(root, "a");
  const nmd_yaml_node *b = nmd_yaml_find(a, "b"), *stages = nmd_yaml_find(a, "stages");
  TEST_EQUAL_TEXT(b->text, "2");
  TEST_EQUAL_TEXT(b->file, "--set a.b=2");
  TEST_EQUAL_TEXT(nmd_yaml_where(b), "--set a.b=2");
  TEST_EQUAL_TEXT(nmd_yaml_find(nmd_yaml_find(stages->items[1], "npt"), "p")->items[1]->text, "2 GPa");
  TEST_EQUAL_TEXT(nmd_yaml_find(nmd_yaml_find(stages->items[0], "nve"), "steps")->text, "10");
  TEST_EQUAL_TEXT(nmd_yaml_find(nmd_yaml_find(nmd_yaml_find(nmd_yaml_find(root, "new"), "deep"), "key"), "x")->text,
                  "y=z");
  TEST_EQUAL_INT(nmd_yaml_find(nmd_yaml_find(root, "empty"), "key")->kind, NMD_YAML_NULL);
  TEST_EQUAL_TEXT(nmd_yaml_find(nmd_yaml_find(nmd_yaml_find(root, "plain"), "nvt"), "temperature")->text, "300 K");
  TEST_EQUAL_INT(nmd_yaml_find(root, "nothing")->kind, NMD_YAML_NULL);
  TEST_EQUAL_INT(a->n, 2);
  nmd_yaml_destroy(document);
}

static void expect_set_failure(const char *assignment, nmd_status code, const char *part) {
  nmd_yaml *document = parse("a: 5\nlist: [x, y]\n");
  TEST_FAILS(nmd_yaml_set(document, assignment), code);
  TEST_CHECK(strncmp(nmd_error_text(), "--set ", 6) == 0, "%s", nmd_error_text());
  TEST_CONTAINS(nmd_error_text(), part);
  CU_ASSERT(strchr(nmd_error_text(), '\n') == NULL);
  TEST_EQUAL_INT(nmd_yaml_root(document)->n, 2); /* nothing was changed */
  TEST_EQUAL_TEXT(nmd_yaml_root(document)->items[0]->text, "5");
  nmd_yaml_destroy(document);
}

static void test_set_errors(void) {
  expect_set_failure("a", NMD_USAGE, "--set a: no \"=\"");
  expect_set_failure("=1", NMD_USAGE, "empty key");
  expect_set_failure("b..c=1", NMD_USAGE, "empty key");
  expect_set_failure("b.=1", NMD_USAGE, "empty key");
  expect_set_failure("a.b=1", NMD_WRONG_TYPE, "inside the value \"5\" at in.yaml:1:4");
  expect_set_failure("list.2=1", NMD_OUT_OF_RANGE, "2 items");
  expect_set_failure("list.-1=1", NMD_OUT_OF_RANGE, "--set list.-1=1");
  expect_set_failure("list.x=1", NMD_USAGE, "not an index");
  expect_set_failure("new=[1", NMD_SYNTAX, "--set new=[1: YAML");
  expect_set_failure("new={x: 1, x: 2}", NMD_DUPLICATE_KEY, "\"x\"");
  expect_set_failure("new=&a 1", NMD_SYNTAX, "anchor");
  expect_set_failure("new=\"\nq", NMD_SYNTAX, "--set new=\" q");
  expect_set_failure("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1", NMD_USAGE, "too long");
}

/* A copy is what the document is, and changes alone. */
static void test_copy(void) {
  static const char text[] = "a: 5\nlist: [x, {b: \"7\"}]\n", other[] = "list: [{c: here}]\n";
  nmd_yaml *document = NULL, *copy = NULL;
  TEST_OK(nmd_yaml_parse("x/in.yaml", text, sizeof text - 1, &document));
  TEST_OK(nmd_yaml_set(document, "list.1.d=e"));
  TEST_OK(nmd_yaml_copy(document, &copy));
  const nmd_yaml_node *list = nmd_yaml_find(nmd_yaml_root(copy), "list");
  TEST_EQUAL_INT(list->n, 2);
  TEST_EQUAL_TEXT(nmd_yaml_where(list->items[0]), "x/in.yaml:2:8");
  TEST_EQUAL_TEXT(nmd_yaml_where(nmd_yaml_find(list->items[1], "d")), "--set list.1.d=e");
  CU_ASSERT(nmd_yaml_find(list->items[1], "b")->quoted);
  TEST_OK(nmd_yaml_set(copy, "list.1.b=8"));
  TEST_OK(nmd_yaml_set(copy, "f=g"));
  TEST_EQUAL_TEXT(nmd_yaml_find(nmd_yaml_root(copy), "f")->folder, "x/");
  TEST_EQUAL_TEXT(nmd_yaml_find(list->items[1], "b")->text, "8");
  TEST_EQUAL_TEXT(nmd_yaml_find(nmd_yaml_find(nmd_yaml_root(document), "list")->items[1], "b")->text, "7");
  TEST_EQUAL_INT(nmd_yaml_root(document)->n, 2);
  nmd_yaml_destroy(copy);
  TEST_OK(nmd_yaml_include(document, nmd_yaml_find(nmd_yaml_root(document), "list"), "list", "y/o.yaml", other,
                           sizeof other - 1));
  TEST_OK(nmd_yaml_copy(document, &copy));
  list = nmd_yaml_find(nmd_yaml_root(copy), "list");
  TEST_EQUAL_TEXT(nmd_yaml_find(list->items[0], "c")->folder, "y/");
  nmd_yaml_destroy(copy);
  nmd_yaml_destroy(document);
}

static void test_paths_are_relative_to(void) {
  static const char *const names[][2] = {{"in.yaml", ""}, {"x/in.yaml", "x/"}, {"/in.yaml", "/"}, {"../a/b", "../a/"}};
  for (size_t i = 0; i < 4; i++) {
    nmd_yaml *document = NULL;
    TEST_OK(nmd_yaml_parse(names[i][0], "a: 1", 4, &document));
    TEST_OK(nmd_yaml_set(document, "b=other/file"));
    TEST_EQUAL_TEXT(nmd_yaml_root(document)->items[0]->folder, names[i][1]);
    TEST_EQUAL_TEXT(nmd_yaml_root(document)->items[1]->folder, names[i][1]);
    nmd_yaml_destroy(document);
  }
}

TEST_SUITE("base/yaml", TEST(test_tree_and_places), TEST(test_empty_and_null), TEST(test_byte_order_mark),
           TEST(test_paths_are_relative_to), TEST(test_syntax_errors), TEST(test_strictness), TEST(test_bad_bytes),
           TEST(test_depth), TEST(test_many_keys), TEST(test_mutations), TEST(test_set), TEST(test_set_errors),
           TEST(test_copy))
