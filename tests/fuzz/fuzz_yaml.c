/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target of the input: YAML, then the keys of a table with every type of value. Behind a zero byte stands an
 * assignment of --set. Any bytes give a tree and values within their bounds, or an error with a message. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct values {
  bool flag, flags[3];
  int64_t count, counts[3];
  double time, ramp[2], vector[3];
  int choice;
  char *text, *path;
  nmd_text_list list;
  const nmd_yaml_node *stages;
} values;

static const nmd_option options[] = {
    {"flag", NMD_OPT_BOOL, offsetof(values, flag), .fallback = "false", .doc = ""},
    {"flags", NMD_OPT_BOOL3, offsetof(values, flags), .fallback = "true", .doc = ""},
    {"count", NMD_OPT_INT, offsetof(values, count), .fallback = "3", .min = 0, .max = 9, .doc = ""},
    {"counts", NMD_OPT_INT3, offsetof(values, counts), .fallback = "1", .min = 1, .max = -1, .doc = ""},
    {"time", NMD_OPT_REAL, offsetof(values, time), NMD_DIM_TIME, "1 fs", 0, 1e9, .min_open = 1, .doc = ""},
    {"ramp", NMD_OPT_RAMP, offsetof(values, ramp), NMD_DIM_TEMPERATURE, "300 K", 0, 1e6, .doc = ""},
    {"vector", NMD_OPT_REAL3, offsetof(values, vector), NMD_DIM_LENGTH, "0 A", .doc = ""},
    {"choice", NMD_OPT_CHOICE, offsetof(values, choice), .fallback = "one", .choices = "one|two", .doc = ""},
    {"text", NMD_OPT_TEXT, offsetof(values, text), .fallback = "", .doc = ""},
    {"path", NMD_OPT_PATH, offsetof(values, path), .fallback = "", .doc = ""},
    {"list", NMD_OPT_TEXT_LIST, offsetof(values, list), .fallback = "", .doc = ""},
    {"stages", NMD_OPT_NODE, offsetof(values, stages), .fallback = "", .doc = ""},
};
static const nmd_option_table table = {"input", "input", sizeof(values), NMD_COUNT(options), options};
static const nmd_option_table *const variants[] = {&table, NULL};

static void check(int promised) {
  if (!promised) abort();
}

static void check_failure(nmd_status status) { check(status == NMD_OK || nmd_error_text()[0] != '\0'); }

static void parse_values(const nmd_yaml_node *node) {
  values v;
  const nmd_status status = nmd_options_parse(&table, node, &v);
  check_failure(status);
  if (status != NMD_OK) return;
  check(v.count >= 0 && v.count <= 9 && v.time > 0 && v.ramp[1] <= 1e6 && v.counts[2] >= 1);
  for (int k = 0; v.stages != NULL && v.stages->kind == NMD_YAML_LIST && k < v.stages->n; k++) {
    int index;
    const nmd_yaml_node *body;
    check_failure(nmd_options_variant(v.stages->items[k], variants, "stage", &index, &body));
  }
  nmd_options_free(&table, &v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const uint8_t *zero = memchr(data, '\0', size);
  const size_t length = zero != NULL ? (size_t)(zero - data) : size;
  nmd_yaml *document = NULL;
  nmd_status status = nmd_yaml_parse("fuzz.yaml", (const char *)data, length, &document);
  check_failure(status);
  if (status != NMD_OK) return 0;
  parse_values(nmd_yaml_root(document));
  if (zero != NULL) {
    const size_t rest = size - length - 1;
    char *assignment = malloc(rest + 1);
    if (assignment != NULL) {
      memcpy(assignment, zero + 1, rest);
      assignment[rest] = '\0';
      check_failure(nmd_yaml_set(document, assignment));
      parse_values(nmd_yaml_root(document));
      free(assignment);
    }
  }
  nmd_yaml_destroy(document);
  return 0;
}
