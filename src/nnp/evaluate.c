/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/evaluate.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/kernel.h"

struct nmd_evaluator {
  const nmd_model *model; /* not owned */
  const nmd_kernels *kernels;
  atomic_int *users;       /* evaluators that share what follows; the last one frees it */
  nmd_element_plan *plans; /* [n_elements], read only once made, like the networks */
  nmd_network *networks;
  nmd_scratch scratch; /* of this one alone */
};

static const double tolerance = 1000.0 * 2.220446e-16; /* of the training range, as n2p2 has it */

static nmd_simd wished_simd(void) {
  static const char *const names[] = {"", "portable", "avx2", "avx512"};
  const char *wish = getenv("NNPMD_SIMD");
  for (int i = NMD_SIMD_PORTABLE; wish != NULL && i <= NMD_SIMD_AVX512; i++)
    if (strcmp(wish, names[i]) == 0) return (nmd_simd)i;
  return NMD_SIMD_AVX512;
}

const nmd_kernels *nmd_kernels_choose(nmd_simd simd) {
  if (simd == NMD_SIMD_BEST) simd = wished_simd();
#ifdef NMD_HAVE_X86_KERNELS
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd");
  if (avx512 && avx2 && simd >= NMD_SIMD_AVX512) return &nmd__kernels_avx512;
  if (avx2 && simd >= NMD_SIMD_AVX2) return &nmd__kernels_avx2;
#endif
  return &nmd__kernels_portable;
}

static const char *simd_name(nmd_simd simd) {
  return simd == NMD_SIMD_AVX512 ? "AVX-512" : simd == NMD_SIMD_AVX2 ? "AVX2" : "portable";
}

nmd_simd nmd_evaluator_simd(const nmd_evaluator *evaluator) { return evaluator->kernels->simd; }

const char *nmd_evaluator_simd_name(void) { return simd_name(nmd_kernels_choose(NMD_SIMD_BEST)->simd); }

/* Arrays whose length depends on the plans alone. */
static nmd_status fixed_scratch(nmd_evaluator *e) {
  nmd_scratch *s = &e->scratch;
  int functions = 0, uses = 0, moments = 0, gradient = 0, sets = 0, groups = 0, terms = 0, bends = 0, work = 0;
  for (int i = 0; i < e->model->n_elements; i++) {
    const nmd_element_plan *p = &e->plans[i];
#define LARGER(a, b) (a) = (a) > (b) ? (a) : (b)
    LARGER(functions, nmd_padded(p->n_functions));
    LARGER(uses, p->n_uses);
    LARGER(moments, p->moments_length);
    LARGER(gradient, p->gradient_length);
    LARGER(sets, p->n_moments);
    LARGER(groups, p->n_triples);
    LARGER(work, e->networks[i].work_length);
    for (int k = 0; k < p->n_triples; k++) LARGER(terms, p->triples[k].n_terms);
    for (int k = 0; k < p->n_generic; k++) {
      LARGER(terms, p->generic[k].n_terms);
      LARGER(bends, p->generic[k].n_bends);
    }
#undef LARGER
  }
  NMD_TRY(NMD_ALLOC(s->start, e->model->n_elements + 1));
  NMD_TRY(NMD_ALLOC(s->count, e->model->n_elements));
  NMD_TRY(NMD_ALLOC(s->G, functions));
  NMD_TRY(NMD_ALLOC(s->dG, functions));
  NMD_TRY(NMD_ALLOC(s->sums, uses));
  NMD_TRY(NMD_ALLOC(s->moments, moments));
  NMD_TRY(NMD_ALLOC(s->dmoments, moments));
  NMD_TRY(NMD_ALLOC(s->self, sets));
  NMD_TRY(NMD_ALLOC(s->dself, sets));
  NMD_TRY(NMD_ALLOC(s->coefficients, gradient));
  NMD_TRY(NMD_ALLOC(s->streams, groups));
  NMD_TRY(NMD_ALLOC(s->terms, terms * NMD_LANES));
  NMD_TRY(NMD_ALLOC(s->bends, 2 * bends * NMD_LANES));
  return NMD_ALLOC(s->network, work);
}

/* The arrays of neighbours, all of length capacity; X(name, how many of them) */
#define NEIGHBOUR_ARRAYS(X)                                                                                            \
  X(distance2, 1)                                                                                                      \
  X(x, 1) X(y, 1) X(z, 1) X(ux, 1) X(uy, 1) X(uz, 1) X(r, 1) X(inverse, 1) X(gx, 1) X(gy, 1) X(gz, 1) X(radial, 1)     \
      X(alpha, 1) X(shifted, 1) X(ratio, 1) X(fc, cuts) X(dfc, cuts) X(value, factors) X(slope, factors)

static void free_neighbour_arrays(nmd_scratch *s) {
#define X(name, number)                                                                                                \
  nmd_free(s->name);                                                                                                   \
  s->name = NULL;
  NEIGHBOUR_ARRAYS(X)
#undef X
  nmd_free(s->origin);
  nmd_free(s->inside);
  s->origin = NULL;
  s->inside = NULL;
  s->capacity = 0;
}

/* Room for `n` neighbours of a centre. */
static nmd_status neighbour_room(nmd_evaluator *e, int n) {
  nmd_scratch *s = &e->scratch;
  size_t cuts = 1, factors = 1;
  int capacity = nmd_padded(n + n / 8) + NMD_LANES * (e->model->n_elements + 2);
  if (capacity / NMD_LANES % 2 == 0) capacity += NMD_LANES; /* no strides of a power of two */
  if (nmd_padded(n) + NMD_LANES * (e->model->n_elements + 2) <= s->capacity) return NMD_OK;
  for (int i = 0; i < e->model->n_elements; i++) {
    if ((size_t)e->plans[i].n_cuts > cuts) cuts = (size_t)e->plans[i].n_cuts;
    if ((size_t)e->plans[i].n_factors > factors) factors = (size_t)e->plans[i].n_factors;
  }
  free_neighbour_arrays(s);
#define X(name, number) NMD_TRY(NMD_ALLOC(s->name, (size_t)(number) * (size_t)capacity));
  NEIGHBOUR_ARRAYS(X)
#undef X
  NMD_TRY(NMD_ALLOC(s->origin, capacity));
  NMD_TRY(NMD_ALLOC(s->inside, capacity));
  s->capacity = capacity;
  return NMD_OK;
}

/* Where each triple group's pairs go, for the neighbours now in the scratch. */
static nmd_status stream_room(const nmd_element_plan *plan, nmd_scratch *s) {
  size_t doubles = 0, masks = 0;
  for (int i = 0; i < plan->n_triples; i++) {
    const nmd_plan_triples *t = &plan->triples[i];
    const size_t a = (size_t)s->count[t->a], b = (size_t)s->count[t->b];
    const size_t pairs = t->a == t->b ? a * (a - (a > 0)) / 2 : a * b;
    nmd_triple_stream *where = &s->streams[i];
    where->capacity = (pairs + NMD_LANES - 1) / NMD_LANES * NMD_LANES + 5 * NMD_LANES; /* the last block may be empty */
    where->first = doubles;
    where->first_mask = masks;
    doubles += where->capacity * (size_t)(5 + t->n_eta);
    masks += (a + 1) * (b + 2 * NMD_LANES); /* more than any vector width needs */
  }
  if (doubles > s->stream_capacity) {
    nmd_free(s->stream);
    s->stream = NULL;
    s->stream_capacity = 0;
    NMD_TRY(NMD_ALLOC(s->stream, doubles + doubles / 8));
    s->stream_capacity = doubles + doubles / 8;
  }
  if (masks > s->mask_capacity) {
    nmd_free(s->masks);
    s->masks = NULL;
    s->mask_capacity = 0;
    NMD_TRY(NMD_ALLOC(s->masks, masks + masks / 8));
    s->mask_capacity = masks + masks / 8;
  }
  return NMD_OK;
}

static nmd_status evaluator_init(nmd_evaluator *e, const nmd_model *model, const nmd_evaluator_options *options) {
  e->model = model;
  e->kernels = nmd_kernels_choose(options->simd);
  NMD_TRY(NMD_ALLOC(e->users, 1));
  atomic_init(e->users, 1);
  NMD_TRY(NMD_ALLOC(e->plans, model->n_elements));
  NMD_TRY(NMD_ALLOC(e->networks, model->n_elements));
  for (int i = 0; i < model->n_elements; i++) {
    NMD_TRY(nmd_element_plan_choose(&e->plans[i], model, i, options->algorithm));
    NMD_TRY(nmd_network_init(&e->networks[i], &model->elements[i], model->energy_factor));
  }
  NMD_TRY(fixed_scratch(e));
  return neighbour_room(e, 64);
}

nmd_status nmd_evaluator_create(const nmd_model *model, const nmd_evaluator_options *options, nmd_evaluator **out) {
  const nmd_evaluator_options defaults = {0};
  nmd_evaluator *e;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(e, 1));
  const nmd_status status = evaluator_init(e, model, options != NULL ? options : &defaults);
  if (status != NMD_OK) {
    nmd_evaluator_destroy(e);
    return status;
  }
  *out = e;
  return NMD_OK;
}

nmd_status nmd_evaluator_clone(const nmd_evaluator *evaluator, nmd_evaluator **out) {
  nmd_evaluator *e;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(e, 1));
  *e = *evaluator;
  e->scratch = (nmd_scratch){0};
  atomic_fetch_add(e->users, 1);
  nmd_status status = fixed_scratch(e);
  if (status == NMD_OK) status = neighbour_room(e, 64);
  if (status != NMD_OK) {
    nmd_evaluator_destroy(e);
    return status;
  }
  *out = e;
  return NMD_OK;
}

static void free_scratch(nmd_scratch *s) {
  free_neighbour_arrays(s);
  nmd_free(s->start);
  nmd_free(s->count);
  nmd_free(s->G);
  nmd_free(s->dG);
  nmd_free(s->sums);
  nmd_free(s->moments);
  nmd_free(s->dmoments);
  nmd_free(s->self);
  nmd_free(s->dself);
  nmd_free(s->coefficients);
  nmd_free(s->streams);
  nmd_free(s->terms);
  nmd_free(s->bends);
  nmd_free(s->network);
  nmd_free(s->stream);
  nmd_free(s->masks);
}

static void free_shared(nmd_evaluator *e) {
  for (int i = 0; i < e->model->n_elements; i++) {
    if (e->plans != NULL) nmd_element_plan_free(&e->plans[i]);
    if (e->networks != NULL) nmd_network_free(&e->networks[i]);
  }
  nmd_free(e->plans);
  nmd_free(e->networks);
  nmd_free(e->users);
}

void nmd_evaluator_destroy(nmd_evaluator *e) {
  if (e == NULL) return;
  if (e->users != NULL && atomic_fetch_sub(e->users, 1) == 1) free_shared(e);
  free_scratch(&e->scratch);
  nmd_free(e);
}

int nmd_evaluator_batch_size(const nmd_evaluator *evaluator) {
  (void)evaluator;
  return 64; /* centres are evaluated one by one: only the calls should not be too many, nor the lists too long */
}

static void count_extrapolations(const nmd_element_model *element, int centre, const double *G,
                                 nmd_environment_results *results) {
  for (int f = 0; f < element->n_functions; f++) {
    if (!(G[f] + tolerance < element->low[f]) && !(G[f] - tolerance > element->high[f])) continue;
    if (results->extrapolations != NULL && results->n_extrapolations < results->capacity)
      results->extrapolations[results->n_extrapolations] =
          (nmd_extrapolation){centre, f, G[f], element->low[f], element->high[f]};
    results->n_extrapolations++;
  }
}

/* G of the centre in the scratch */
static nmd_status values(nmd_evaluator *e, const nmd_element_plan *plan, const nmd_environments *environments,
                         int centre) {
  const nmd_kernels *k = e->kernels;
  nmd_scratch *s = &e->scratch;
  memset(s->G, 0, (size_t)nmd_padded(plan->n_functions) * sizeof *s->G);
  k->gather(plan, environments, centre, s);
  k->radial(plan, s);
  if (plan->n_forms > 0) k->moments(plan, s);
  if (plan->n_triples > 0) {
    NMD_TRY(stream_room(plan, s));
    k->triples(plan, s);
  }
  if (plan->n_generic > 0) k->generic(plan, s);
  return NMD_OK;
}

static void gradients(nmd_evaluator *e, const nmd_element_plan *plan, int first, int n,
                      nmd_environment_results *results) {
  const nmd_kernels *k = e->kernels;
  nmd_scratch *s = &e->scratch;
  const size_t bytes = (size_t)n * sizeof(double);
  k->radial_gradient(plan, s);
  if (plan->n_forms > 0) k->moments_gradient(plan, s);
  if (plan->n_triples > 0) k->triples_gradient(plan, s);
  if (plan->n_generic > 0) k->generic_gradient(plan, s);
  memset(results->gx + first, 0, bytes); /* of the neighbours beyond the cut-off */
  memset(results->gy + first, 0, bytes);
  memset(results->gz + first, 0, bytes);
  k->scatter(plan, s, results->gx + first, results->gy + first, results->gz + first);
}

nmd_status nmd_evaluate(nmd_evaluator *e, const nmd_environments *environments, nmd_environment_results *results) {
  const int element = environments->element, *first = environments->first;
  const nmd_element_plan *plan = &e->plans[element];
  const nmd_network *network = &e->networks[element];
  nmd_scratch *s = &e->scratch;
  int most = 0;
  for (int c = 0; c < environments->n; c++)
    if (first[c + 1] - first[c] > most) most = first[c + 1] - first[c];
  NMD_TRY(neighbour_room(e, most));
  results->n_extrapolations = 0;
  for (int c = 0; c < environments->n; c++) {
    const bool forces = results->gx != NULL;
    NMD_TRY(values(e, plan, environments, c));
    if (results->G != NULL)
      memcpy(results->G + (size_t)c * (size_t)plan->n_functions, s->G, (size_t)plan->n_functions * sizeof *s->G);
    count_extrapolations(&e->model->elements[element], c, s->G, results);
    results->energy[c] = e->kernels->network(network, s->G, s->network, forces ? s->dG : NULL);
    if (forces) gradients(e, plan, first[c], first[c + 1] - first[c], results);
  }
  return NMD_OK;
}

double nmd_evaluator_cost(const nmd_evaluator *e, int element, int n_neighbours) {
  const double operations = nmd_element_plan_operations(&e->plans[element], n_neighbours, e->kernels->lanes) +
                            nmd_network_operations(&e->networks[element]) / e->kernels->lanes;
  return operations * 0.38e-3; /* us per vector operation on a core of 2022; only ratios matter */
}

void nmd_evaluator_describe(const nmd_evaluator *e, nmd_text_writer *write, void *context) {
  char line[160];
  snprintf(line, sizeof line, "evaluation plan (%s, %d lanes):\n", simd_name(e->kernels->simd), e->kernels->lanes);
  write(context, line);
  for (int i = 0; i < e->model->n_elements; i++) nmd_element_plan_describe(&e->plans[i], e->model, i, write, context);
}
