/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/yaml_write.h"

#include "support/test.h"

static char written[4096];

static void append(void *context, const char *text) {
  (void)context;
  strncat(written, text, sizeof written - strlen(written) - 1);
}

static nmd_yaml *parse(const char *text) {
  nmd_yaml *document = NULL;
  TEST_OK(nmd_yaml_parse("in.yaml", text, strlen(text), &document));
  return document;
}

static bool same(const nmd_yaml_node *a, const nmd_yaml_node *b) {
  if (a->kind != b->kind || a->n != b->n || a->quoted != b->quoted) return false;
  if (a->kind == NMD_YAML_SCALAR) return strcmp(a->text, b->text) == 0;
  for (int k = 0; k < a->n; k++) {
    if (a->kind == NMD_YAML_MAP && !same(a->keys[k], b->keys[k])) return false;
    if (!same(a->items[k], b->items[k])) return false;
  }
  return true;
}

static void write(const nmd_yaml_node *node, nmd_yaml_replacer *replace, void *context) {
  written[0] = '\0';
  nmd_yaml_write(node, 2, replace, context, append, NULL);
}

/* Parsed again it is the same tree, as a value at any depth. */
static void test_round_trip(void) {
  static const char *const texts[] = {
      "a: 1\nb: [x, -2.5e-3, 300 K -> 600 K]\nc: {d: {}, e: [], f: }\n",
      "- nvt: {temperature: 300 K}\n- [1, [2, 3], {a: [b]}]\n- nve\n",
      "a: '300'\nb: \"q \\\" \\\\ \\t \\n end\"\nc: ''\n'k: 1': yes\nd: \"gr\xC3\xB6\xC3\x9F\"\n",
      "a: potentials/AuLi-CHGNet\nb: '# no comment'\nc: two\n  lines\nd: \"- dash\"\n",
      "plain",
      "a:\n  - b:\n      - c: {d: [{e: f, g: -1}]}\n",
  };
  for (int k = 0; k < NMD_COUNT(texts); k++) {
    nmd_yaml *first = parse(texts[k]);
    if (first == NULL) continue;
    char text[sizeof written + 16];
    write(nmd_yaml_root(first), NULL, NULL);
    snprintf(text, sizeof text, "key:%s", written);
    nmd_yaml *second = parse(text);
    if (second != NULL)
      TEST_CHECK(same(nmd_yaml_root(first), nmd_yaml_find(nmd_yaml_root(second), "key")), "case %d: %s", k, text);
    nmd_yaml_destroy(second);
    nmd_yaml_destroy(first);
  }
}

static const char *replace_each(void *context, const char *key, const nmd_yaml_node *scalar) {
  TEST_CHECK(key == NULL || strcmp(key, "t") == 0 || strcmp(key, "u") == 0, "key %s", key);
  return strcmp(scalar->text, "each") == 0 && !scalar->quoted ? context : NULL;
}

static void test_replacement(void) {
  char value[] = "[1, 2]";
  nmd_yaml *document = parse("t: each\nu: 'each'\nl: [each, other, -]\n");
  if (document == NULL) return;
  write(nmd_yaml_root(document), replace_each, value);
  TEST_EQUAL_TEXT(written, "\n  t: [1, 2]\n  u: \"each\"\n  l:\n    - [1, 2]\n    - other\n    - \"-\"\n");
  nmd_yaml_destroy(document);
}

TEST_SUITE("base/yaml_write", TEST(test_round_trip), TEST(test_replacement))
