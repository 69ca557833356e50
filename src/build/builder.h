/* SPDX-License-Identifier: BSD-3-Clause */
/* Builders make a structure from input keys. Ops + registry; one file per builder (build_<name>.c). */
#ifndef NNPMD_BUILD_BUILDER_H
#define NNPMD_BUILD_BUILDER_H

#include <stdint.h>

#include "base/option.h"
#include "system/structure.h"

/* Where a builder says what it made: whole lines ending in \n. write NULL: silent. */
typedef struct nmd_build_report {
  nmd_text_writer *write;
  void *context;
} nmd_build_report;
void nmd_build_say(const nmd_build_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef struct nmd_builder_ops {
  const char *name;
  const nmd_option_table *options;
  /* `parameters`: struct filled from the option table. *out is made by the call and owned by the caller on success.
   * The same input and seed give the same bits on every rank. Local. Errors: BUILD, CONFLICT, UNKNOWN_ELEMENT, MEMORY;
   * messages without place, which nmd_build puts before them. */
  nmd_status (*build)(const void *parameters, uint64_t seed, nmd_structure *out, const nmd_build_report *report);
} nmd_builder_ops;

/* Registry: NULL-terminated, and the option tables in the same order. */
extern const nmd_builder_ops *const nmd_build_registry[];
extern const nmd_option_table *const nmd_build_tables[];

/* Structure from the input's `build:` node (one variant). Refuses atoms closer than 0.6 A. Local. Errors: those of the
 * option tables, of the builder, OVERLAP. */
nmd_status nmd_build(const nmd_yaml_node *node, uint64_t seed, const nmd_build_report *report,
                     nmd_structure *out) NMD_MUST_USE;

/* Atomic number of an element symbol of the input. Errors: UNKNOWN_ELEMENT. */
nmd_status nmd_build_element(const char *symbol, int *atomic_number) NMD_MUST_USE;
/* product of the n factors as a number of atoms. Errors: BUILD when one rank could not hold them (2^31 - 1). */
nmd_status nmd_build_count(const int64_t *factors, int n, int64_t *product) NMD_MUST_USE;

#endif
