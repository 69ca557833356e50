/* SPDX-License-Identifier: BSD-3-Clause */
/* Making, sharing and describing evaluators. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/committee.h"
#include "nnp/cost.h"
#include "nnp/evaluator_data.h"

static nmd_simd wished_simd(void) {
  static const char *const names[] = {"", "portable", "avx2", "avx512"};
  const char *wish = getenv("NNPMD_SIMD");
  for (int i = NMD_SIMD_PORTABLE; wish != NULL && i <= NMD_SIMD_AVX512; i++)
    if (strcmp(wish, names[i]) == 0) return (nmd_simd)i;
  return NMD_SIMD_AVX512;
}

const nmd_kernels *nmd_kernels_choose(nmd_simd simd, nmd_precision precision) {
  const bool mixed = precision == NMD_PRECISION_MIXED;
  if (simd == NMD_SIMD_BEST) simd = wished_simd();
#ifdef NMD_HAVE_X86_KERNELS
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd");
  if (avx512 && avx2 && simd >= NMD_SIMD_AVX512) return mixed ? &nmd__kernels_mixed_avx512 : &nmd__kernels_avx512;
  if (avx2 && simd >= NMD_SIMD_AVX2) return mixed ? &nmd__kernels_mixed_avx2 : &nmd__kernels_avx2;
#endif
  return mixed ? &nmd__kernels_mixed_portable : &nmd__kernels_portable;
}

static const char *simd_name(nmd_simd simd) {
  return simd == NMD_SIMD_AVX512 ? "AVX-512" : simd == NMD_SIMD_AVX2 ? "AVX2" : "portable";
}

nmd_simd nmd_evaluator_simd(const nmd_evaluator *evaluator) { return evaluator->kernels->simd; }

const char *nmd_evaluator_simd_name(void) {
  return simd_name(nmd_kernels_choose(NMD_SIMD_BEST, NMD_PRECISION_DOUBLE)->simd);
}

static bool one_shape(const nmd_model *const *models, int n) {
  for (int k = 1; k < n; k++)
    for (int i = 0; i < models[0]->n_elements; i++)
      if (!nmd_network_same_shape(&models[0]->elements[i], &models[k]->elements[i])) return false;
  return true;
}

static nmd_status networks_init(nmd_evaluator *e, const nmd_model *const *models) {
  const int n = e->n_members, each = one_shape(models, n) ? n : 1, n_networks = n / each;
  NMD_TRY(NMD_ALLOC(e->networks, e->model->n_elements * n_networks));
  NMD_TRY(NMD_ALLOC(e->extra_offset, e->model->n_elements * n));
  e->n_networks = n_networks;
  for (int i = 0; i < e->model->n_elements; i++) {
    const nmd_element_model *elements[NMD_COMMITTEE_MAX];
    double factors[NMD_COMMITTEE_MAX];
    for (int k = 0; k < n; k++) {
      elements[k] = &models[k]->elements[i];
      factors[k] = models[k]->energy_factor;
      e->extra_offset[i * n + k] = elements[k]->offset - elements[0]->offset;
    }
    for (int k = 0; k < n_networks; k++)
      NMD_TRY(nmd_network_init(&e->networks[i * n_networks + k], elements + k * each, factors + k * each, each));
  }
  return NMD_OK;
}

/* A block loads the weights of a committee once for all its centres, but has the scratch of all of them, which pays as
 * long as none holds streams of pairs. */
static int block_of(const nmd_evaluator *e) {
  if (e->n_members == 1 || e->n_networks > 1) return 1;
  for (int i = 0; i < e->model->n_elements; i++)
    if (e->plans[i].n_triples > 0) return 1;
  return NMD_BLOCK;
}

static nmd_status evaluator_init(nmd_evaluator *e, const nmd_model *const *models, int n,
                                 const nmd_evaluator_options *options) {
  const nmd_model *model = models[0];
  NMD_ASSERT(n >= 1 && n <= NMD_COMMITTEE_MAX);
  e->model = model;
  e->n_members = n;
  e->kernels = nmd_kernels_choose(options->simd, options->precision);
  NMD_TRY(NMD_ALLOC(e->users, 1));
  atomic_init(e->users, 1);
  NMD_TRY(NMD_ALLOC(e->plans, model->n_elements));
  for (int i = 0; i < model->n_elements; i++)
    NMD_TRY(nmd_element_plan_choose(&e->plans[i], model, i, options->algorithm, e->kernels->simd, e->kernels->lanes));
  NMD_TRY(networks_init(e, models));
  e->block = block_of(e);
  return nmd__scratch_init(e);
}

nmd_status nmd_evaluator_create_committee(const nmd_model *const *models, int n, const nmd_evaluator_options *options,
                                          nmd_evaluator **out) {
  const nmd_evaluator_options defaults = {0};
  nmd_evaluator *e;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(e, 1));
  const nmd_status status = evaluator_init(e, models, n, options != NULL ? options : &defaults);
  if (status != NMD_OK) {
    nmd_evaluator_destroy(e);
    return status;
  }
  *out = e;
  return NMD_OK;
}

nmd_status nmd_evaluator_create(const nmd_model *model, const nmd_evaluator_options *options, nmd_evaluator **out) {
  return nmd_evaluator_create_committee(&model, 1, options, out);
}

int nmd_evaluator_members(const nmd_evaluator *evaluator) { return evaluator->n_members; }

nmd_status nmd_evaluator_clone(const nmd_evaluator *evaluator, nmd_evaluator **out) {
  nmd_evaluator *e;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(e, 1));
  *e = *evaluator;
  memset(e->scratch, 0, sizeof e->scratch);
  atomic_fetch_add(e->users, 1);
  const nmd_status status = nmd__scratch_init(e);
  if (status != NMD_OK) {
    nmd_evaluator_destroy(e);
    return status;
  }
  *out = e;
  return NMD_OK;
}

static void free_shared(nmd_evaluator *e) {
  const int n = e->model->n_elements;
  for (int i = 0; e->plans != NULL && i < n; i++) nmd_element_plan_free(&e->plans[i]);
  for (int i = 0; e->networks != NULL && i < n * e->n_networks; i++) nmd_network_free(&e->networks[i]);
  nmd_free(e->plans);
  nmd_free(e->networks);
  nmd_free(e->extra_offset);
  nmd_free(e->users);
}

void nmd_evaluator_destroy(nmd_evaluator *e) {
  if (e == NULL) return;
  if (e->users != NULL && atomic_fetch_sub(e->users, 1) == 1) free_shared(e);
  nmd__scratch_free(e);
  nmd_free(e);
}

int nmd_evaluator_batch_size(const nmd_evaluator *evaluator) {
  (void)evaluator;
  return 16; /* centres are evaluated one by one or in small blocks: only the calls should not be too many, nor the
              * lists too long */
}

double nmd_evaluator_cost(const nmd_evaluator *e, int element, const double *neighbours) {
  const nmd_cost_environment environment =
      nmd_cost_typical(&e->plans[element], neighbours, e->model->cutoff, e->kernels->lanes);
  nmd_cost cost = {0};
  nmd_cost_add_plan(&e->plans[element], &environment, &cost);
  for (int k = 0; k < e->n_networks; k++)
    nmd_cost_add_network(&e->networks[element * e->n_networks + k], e->kernels->lanes, &cost);
  return nmd_cost_us(&cost, e->kernels->simd);
}

nmd_status nmd_evaluator_describe(const nmd_evaluator *e, const double *neighbours, nmd_text_writer *write,
                                  void *context) {
  const char *precision = e->kernels->precision == NMD_PRECISION_MIXED ? "mixed precision" : "double precision";
  char line[200];
  double n = 0.0;
  for (int i = 0; i < e->model->n_elements && neighbours != NULL; i++) n += neighbours[i];
  if (neighbours != NULL)
    snprintf(line, sizeof line,
             "Evaluation plan (%s, %s), us per atom with %.1f neighbours, of another algorithm in brackets:\n",
             simd_name(e->kernels->simd), precision, n);
  else
    snprintf(line, sizeof line,
             "Evaluation plan (%s, %s), us per atom at a typical density, of another algorithm in brackets:\n",
             simd_name(e->kernels->simd), precision);
  write(context, line);
  for (int i = 0; i < e->model->n_elements; i++)
    NMD_TRY(nmd_cost_describe(&e->plans[i], &e->networks[i * e->n_networks], e->n_networks, e->model, i,
                              e->kernels->simd, neighbours, e->kernels->lanes, write, context));
  return NMD_OK;
}
