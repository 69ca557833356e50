/* SPDX-License-Identifier: BSD-3-Clause */
/* Membership from element, id and place, and what is said of definitions that cannot be. */
#include <string.h>

#include "base/memory.h"
#include "support/test.h"
#include "system/groups.h"

static nmd_status parse(const char *text, nmd_yaml **tree, nmd_groups *groups) {
  *groups = (nmd_groups){0};
  NMD_TRY(nmd_yaml_parse("in.yaml", text, strlen(text), tree));
  return nmd_groups_parse(nmd_yaml_root(*tree), groups);
}

static nmd_box skewed(void) {
  nmd_box box;
  const double h[3][3] = {{10, 0, 0}, {4, 10, 0}, {0, 3, 20}}, origin[3] = {1, 2, 3};
  TEST_OK(nmd_box_init(&box, h, origin, NULL));
  return box;
}

static const char five[] = "- {name: metal, elements: [Au, Ag]}\n"
                           "- {name: some, ids: [1-3, 7], elements: Li}\n"
                           "- {name: bottom, axis: c, from: 0 A, to: 5 A, frozen: true}\n"
                           "- {name: block, box_low: [0, 0, 0], box_high: [5 A, 9 A, 9 A]}\n"
                           "- {name: rest, axis: c, to: 5, invert: true}\n";

static void test_membership(void) {
  nmd_groups groups;
  nmd_yaml *tree;
  if (!TEST_OK(parse(five, &tree, &groups))) return;
  const nmd_box box = skewed();
  double x[3];
  /* s = 0.2 along c: the face is 0.2 * height below */
  const double height = nmd_box_height(&box, 2), inside = 4.999 / height, outside = 5.001 / height;
  nmd_box_to_cartesian(&box, (const double[3]){0.5, 0.5, inside}, x);
  TEST_EQUAL_INT(nmd_groups_of(&groups, &box, 9, 79, x), 1 | 4);
  TEST_EQUAL_INT(nmd_groups_of(&groups, &box, 3, 3, x), 2 | 4);
  TEST_EQUAL_INT(nmd_groups_of(&groups, &box, 4, 3, x), 4);
  TEST_EQUAL_INT(nmd_groups_of(&groups, &box, 3, 47, x), 1 | 4);
  nmd_box_to_cartesian(&box, (const double[3]){0.5, 0.5, outside}, x);
  TEST_EQUAL_INT(nmd_groups_of(&groups, &box, 7, 3, x), 2 | 16);
  TEST_EQUAL_INT(nmd_groups_of(&groups, &box, 8, 3, (const double[3]){4.9, 5, 3.5}), 4 | 8);
  TEST_EQUAL_INT(nmd_groups_of(&groups, &box, 8, 3, (const double[3]){5, 5, 3.5}), 4); /* half open */
  TEST_EQUAL_INT(groups.frozen, 4);
  nmd_groups_free(&groups);
  nmd_yaml_destroy(tree);
}

static void test_names(void) {
  nmd_groups groups;
  nmd_yaml *tree;
  uint32_t bits;
  if (!TEST_OK(parse(five, &tree, &groups))) return;
  TEST_OK(nmd_groups_find(&groups, "block", &bits));
  TEST_EQUAL_INT(bits, 8);
  TEST_OK(nmd_groups_find(&groups, "all", &bits));
  TEST_EQUAL_INT(bits, 0);
  TEST_OK(nmd_groups_find(NULL, "all", &bits));
  TEST_FAILS(nmd_groups_find(&groups, "blok", &bits), NMD_BAD_CHOICE);
  TEST_CONTAINS(nmd_error_text(), "metal, some, bottom, block, rest");
  char *items[] = {"metal", "rest"};
  const nmd_text_list names = {2, items};
  TEST_OK(nmd_groups_find_all(&groups, &names, &bits));
  TEST_EQUAL_INT(bits, 17);
  nmd_groups_free(&groups);
  nmd_yaml_destroy(tree);
}

/* One line a group; `frozen` is no part of who is in it. */
static void test_description(void) {
  nmd_groups one, two;
  nmd_yaml *trees[2];
  char *a, *b;
  if (!TEST_OK(parse("- {name: x, ids: 1-9}\n- {name: y, axis: a, to: 3}\n", &trees[0], &one))) return;
  if (!TEST_OK(parse("- {name: x, ids: 1-8}\n- {name: y, axis: a, to: 3.0 A, frozen: true}\n", &trees[1], &two)))
    return;
  TEST_OK(nmd_groups_describe(&one, &a));
  TEST_OK(nmd_groups_describe(&two, &b));
  const char *second_a = strchr(a, '\n'), *second_b = strchr(b, '\n');
  CU_ASSERT(second_a != NULL && second_b != NULL && strcmp(second_a, second_b) == 0 && strcmp(a, b) != 0);
  nmd_free(a);
  nmd_free(b);
  nmd_groups_free(&one);
  nmd_groups_free(&two);
  nmd_yaml_destroy(trees[0]);
  nmd_yaml_destroy(trees[1]);
}

static void test_errors(void) {
  static const struct {
    const char *text;
    nmd_status code;
    const char *say;
  } cases[] = {
      {"- {elements: Au}\n", NMD_MISSING_KEY, "name"},
      {"- {name: all, elements: Au}\n", NMD_BAD_CHOICE, "all atoms"},
      {"- {name: \"a b\", elements: Au}\n", NMD_BAD_CHOICE, "letters, digits"},
      {"- {name: a}\n", NMD_CONFLICT, "in.yaml:1:3: group: \"a\" has no criterion"},
      {"- {name: a, from: 1}\n", NMD_CONFLICT, "axis: a, b or c"},
      {"- {name: a, elements: Xx}\n", NMD_UNKNOWN_ELEMENT, "\"Xx\""},
      {"- {name: a, ids: 0}\n", NMD_BAD_NUMBER, "\"0\""},
      {"- {name: a, ids: [1-4, 9-7]}\n", NMD_BAD_NUMBER, "range like 1-100"},
      {"- {name: a, ids: 1}\n- {name: a, ids: 2}\n", NMD_DUPLICATE_KEY, "in.yaml:2:3"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    nmd_groups groups;
    nmd_yaml *tree;
    TEST_FAILS(parse(cases[k].text, &tree, &groups), cases[k].code);
    TEST_CONTAINS(nmd_error_text(), cases[k].say);
    nmd_yaml_destroy(tree);
  }
}

TEST_SUITE("system/groups", TEST(test_membership), TEST(test_names), TEST(test_description), TEST(test_errors))
