/* SPDX-License-Identifier: BSD-3-Clause */
/* Building from a line of YAML, and neighbour counts by brute force. */
#ifndef NNPMD_TESTS_BUILD_BUILD_SUPPORT_H
#define NNPMD_TESTS_BUILD_BUILD_SUPPORT_H

#include "base/vec3.h"
#include "base/yaml.h"
#include "build/builder.h"
#include "support/test.h"

static char report_text[4096]; /* of the last build_from */

static inline void keep_report(void *context, const char *text) {
  (void)context;
  const size_t used = strlen(report_text);
  snprintf(report_text + used, sizeof report_text - used, "%s", text);
}

static inline nmd_status build_from(const char *yaml, uint64_t seed, nmd_structure *out) {
  nmd_yaml *document;
  const nmd_build_report report = {keep_report, NULL};
  report_text[0] = '\0';
  memset(out, 0, sizeof *out);
  nmd_status status = nmd_yaml_parse("input.yaml", yaml, strlen(yaml), &document);
  if (status != NMD_OK) return status;
  status = nmd_build(nmd_yaml_root(document), seed, &report, out);
  nmd_yaml_destroy(document);
  return status;
}

/* One line, naming place and value. */
static inline void build_fails(const char *yaml, nmd_status code, const char *part) {
  nmd_structure s;
  const nmd_status status = build_from(yaml, 1, &s);
  test_check(status == code, __FILE__, __LINE__, "%s: got %s (%s)", yaml, nmd_status_name(status), nmd_error_text());
  if (status == NMD_OK) nmd_structure_free(&s);
  TEST_CONTAINS(nmd_error_text(), part);
  TEST_CONTAINS(nmd_error_text(), "input.yaml:1:");
  CU_ASSERT(strchr(nmd_error_text(), '\n') == NULL);
}

static inline int64_t count_element(const nmd_structure *s, int z) {
  int64_t n = 0;
  for (int64_t i = 0; i < s->n; i++) n += s->atomic_number[i] == z;
  return n;
}

/* Pairs (i of element `of`, any image of j of element `to`) with low < r < high. */
static inline int64_t count_pairs(const nmd_structure *s, int of, int to, double low, double high) {
  int reach[3];
  int64_t n = 0;
  for (int d = 0; d < 3; d++) reach[d] = s->box.periodic[d] ? 1 + (int)ceil(high / nmd_box_height(&s->box, d)) : 0;
  for (int64_t i = 0; i < s->n; i++)
    for (int64_t j = 0; j < s->n; j++) {
      if ((of != 0 && s->atomic_number[i] != of) || (to != 0 && s->atomic_number[j] != to)) continue;
      for (int a = -reach[0]; a <= reach[0]; a++)
        for (int b = -reach[1]; b <= reach[1]; b++)
          for (int c = -reach[2]; c <= reach[2]; c++) {
            double r[3];
            for (int k = 0; k < 3; k++)
              r[k] = s->x[j][k] - s->x[i][k] + a * s->box.h[0][k] + b * s->box.h[1][k] + c * s->box.h[2][k];
            const double length = nmd_norm(r);
            n += length > low && length < high && !(i == j && a == 0 && b == 0 && c == 0);
          }
    }
  return n;
}

#endif
