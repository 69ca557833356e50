/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the plan share with each other and with nobody else. */
#ifndef NNPMD_NNP_PLAN_PARTS_H
#define NNPMD_NNP_PLAN_PARTS_H

#include "nnp/plan.h"

nmd_status nmd__plan_cut(nmd_element_plan *plan, double rc, int *index) NMD_MUST_USE; /* find or add */
bool nmd__is_narrow(nmd_function_kind kind);
/* Whether the algorithm can do an angular function; radial ones have a single way and no algorithm can do them. */
bool nmd__plan_can(const nmd_symmetry_function *f, nmd_algorithm algorithm);
nmd_status nmd__plan_add_triple(nmd_element_plan *plan, const nmd_model *model, int function,
                                const nmd_symmetry_function *f) NMD_MUST_USE;
nmd_status nmd__plan_finish_triples(nmd_plan_triples *group) NMD_MUST_USE;
nmd_status nmd__plan_fill_forms(nmd_element_plan *plan, const nmd_element_model *element) NMD_MUST_USE;
/* Counted cost (us) of the plan that these algorithms [n_functions] make, for nmd_cost_typical. Errors: MEMORY. */
nmd_status nmd__plan_cost_of(const nmd_model *model, int element, const nmd_algorithm *algorithms, nmd_simd simd,
                             int lanes, const double *neighbours, double *us) NMD_MUST_USE;
/* The programs of a group whose eta and angles are complete and sorted. */
nmd_status nmd__plan_write_programs(nmd_plan_triples *group) NMD_MUST_USE;

#endif
