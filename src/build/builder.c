/* SPDX-License-Identifier: BSD-3-Clause */
#include "build/builder.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "build/builder_list.h"
#include "build/overlap.h"
#include "system/element.h"

const nmd_builder_ops *const nmd_build_registry[] = {
#define NMD_X(name) &nmd__build_##name,
    NMD_BUILDERS(NMD_X)
#undef NMD_X
        NULL};
const nmd_option_table *const nmd_build_tables[] = {
#define NMD_X(name) &nmd__build_##name##_table,
    NMD_BUILDERS(NMD_X)
#undef NMD_X
        NULL};

static const double closest_allowed = 0.6; /* A; shorter than any bond */

void nmd_build_say(const nmd_build_report *report, const char *format, ...) {
  if (report == NULL || report->write == NULL) return;
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  report->write(report->context, line);
}

nmd_status nmd_build_element(const char *symbol, int *atomic_number) {
  *atomic_number = nmd_element_from_symbol(symbol);
  if (*atomic_number == 0)
    NMD_FAIL(UNKNOWN_ELEMENT, "'%s' is not a chemical element; expected a symbol such as Au or Li (case matters)",
             symbol != NULL ? symbol : "");
  return NMD_OK;
}

nmd_status nmd_build_count(const int64_t *factors, int n, int64_t *product) {
  int64_t total = 1;
  for (int i = 0; i < n; i++)
    if (factors[i] < 1 || __builtin_mul_overflow(total, factors[i], &total) || total > INT32_MAX)
      NMD_FAIL(BUILD, "the structure would have more than %d atoms; ask for fewer repeats or layers", INT32_MAX);
  *product = total;
  return NMD_OK;
}

static nmd_status build_variant(const nmd_builder_ops *ops, const nmd_yaml_node *node, const nmd_yaml_node *body,
                                uint64_t seed, const nmd_build_report *report, nmd_structure *out) {
  void *parameters;
  NMD_TRY(nmd_alloc(&parameters, 1, ops->options->size));
  nmd_status status = nmd_options_parse(ops->options, body, parameters);
  if (status == NMD_OK) {
    status = ops->build(parameters, seed, out, report);
    if (status == NMD_OK) {
      status = nmd_structure_check_overlaps(out, closest_allowed);
      if (status != NMD_OK) nmd_structure_free(out);
    }
    nmd_yaml_blame(status, node, ops->name);
    nmd_options_free(ops->options, parameters);
  }
  nmd_free(parameters);
  return status;
}

nmd_status nmd_build(const nmd_yaml_node *node, uint64_t seed, const nmd_build_report *report, nmd_structure *out) {
  int index;
  const nmd_yaml_node *body;
  NMD_TRY(nmd_options_variant(node, nmd_build_tables, "build", &index, &body));
  return build_variant(nmd_build_registry[index], body != NULL ? body : node, body, seed, report, out);
}
