/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/write_json.h"

#include "support/test.h"

static void test_document(void) {
  nmd_buffer out = {0};
  nmd_json json;
  const double values[] = {1.0, 7.0, 0.1, 7.0};
  nmd_json_init(&json, &out);
  nmd_json_open(&json, NULL, '{');
  nmd_json_text(&json, "name", "a\"b\\c\n");
  nmd_json_real(&json, "none", NAN);
  nmd_json_open(&json, "list", '[');
  nmd_json_int(&json, NULL, -3);
  nmd_json_bool(&json, NULL, true);
  nmd_json_close(&json);
  nmd_json_reals(&json, "every_second", values, 2, 2);
  nmd_json_close(&json);
  TEST_EQUAL_TEXT(out.data,
                  "{\n \"name\": \"a\\\"b\\\\c\\u000a\",\n \"none\": null,\n \"list\": [\n  -3,\n  true\n ],\n"
                  " \"every_second\": [1, 0.1]\n}\n");
  nmd_buffer_free(&out);
}

TEST_SUITE("io/write_json", TEST(test_document))
