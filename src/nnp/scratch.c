/* SPDX-License-Identifier: BSD-3-Clause */
/* The working memory of an evaluator. */
#include "base/memory.h"
#include "nnp/evaluator_data.h"

static nmd_status alloc_reals(const nmd_evaluator *e, void *out, size_t count) {
  return nmd_alloc(out, count, e->kernels->real_size);
}

/* `centres`: how many go through the networks with this scratch's activations */
static nmd_status fixed_arrays(const nmd_evaluator *e, nmd_scratch *s, int centres) {
  const int lanes = e->kernels->lanes;
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
    for (int k = 0; k < e->n_networks; k++) LARGER(work, e->networks[i * e->n_networks + k].work_length);
    for (int k = 0; k < p->n_triples; k++) LARGER(terms, p->triples[k].n_terms);
    for (int k = 0; k < p->n_generic; k++) {
      LARGER(terms, p->generic[k].n_terms);
      LARGER(bends, p->generic[k].n_bends);
    }
#undef LARGER
  }
  NMD_TRY(NMD_ALLOC(s->start, e->model->n_elements + 1));
  NMD_TRY(NMD_ALLOC(s->count, e->model->n_elements));
  NMD_TRY(NMD_ALLOC(s->near, e->model->n_elements));
  NMD_TRY(NMD_ALLOC(s->G, functions));
  NMD_TRY(NMD_ALLOC(s->dG, functions));
  NMD_TRY(NMD_ALLOC(s->dG_member, functions));
  NMD_TRY(NMD_ALLOC(s->member_energy, e->n_members));
  NMD_TRY(NMD_ALLOC(s->member_weight, e->n_members));
  NMD_TRY(NMD_ALLOC(s->sums, uses));
  NMD_TRY(NMD_ALLOC(s->moments, moments));
  NMD_TRY(NMD_ALLOC(s->dmoments, moments));
  NMD_TRY(NMD_ALLOC(s->self, sets));
  NMD_TRY(NMD_ALLOC(s->dself, sets));
  NMD_TRY(alloc_reals(e, &s->coefficients, (size_t)gradient));
  NMD_TRY(NMD_ALLOC(s->streams, groups));
  NMD_TRY(alloc_reals(e, &s->terms, (size_t)(terms * lanes)));
  NMD_TRY(alloc_reals(e, &s->bends, (size_t)(2 * bends * lanes)));
  return NMD_ALLOC(s->network, centres * work);
}

/* The arrays of neighbours, all of length capacity; X(name, how many of them) */
#define NEIGHBOUR_ARRAYS(X)                                                                                            \
  X(x, 1)                                                                                                              \
  X(y, 1)                                                                                                              \
  X(z, 1)                                                                                                              \
  X(ux, 1)                                                                                                             \
  X(uy, 1) X(uz, 1) X(r, 1) X(inverse, 1) X(gx, 1) X(gy, 1) X(gz, 1) X(radial, 1) X(alpha, 1) X(shifted, 1)            \
      X(ratio, 1) X(fc, cuts) X(dfc, cuts) X(value, factors) X(slope, factors)

static void free_neighbour_arrays(nmd_scratch *s) {
#define X(name, number)                                                                                                \
  nmd_free(s->name);                                                                                                   \
  s->name = NULL;
  NEIGHBOUR_ARRAYS(X)
#undef X
  nmd_free(s->origin);
  nmd_free(s->inside);
  nmd_free(s->close);
  s->origin = NULL;
  s->inside = s->close = NULL;
  s->capacity = 0;
}

static nmd_status neighbour_arrays(const nmd_evaluator *e, nmd_scratch *s, int n) {
  size_t cuts = 1, factors = 1;
  const int lanes = e->kernels->lanes, spare = lanes * (e->model->n_elements + 3),
            line = 64 / (int)e->kernels->real_size;
  int capacity = (n + n / 8 + spare + line - 1) / line * line;
  if (capacity / line % 2 == 0) capacity += line; /* no strides of a power of two */
  if (n + spare <= s->capacity) return NMD_OK;
  for (int i = 0; i < e->model->n_elements; i++) {
    if ((size_t)e->plans[i].n_cuts > cuts) cuts = (size_t)e->plans[i].n_cuts;
    if ((size_t)e->plans[i].n_factors > factors) factors = (size_t)e->plans[i].n_factors;
  }
  free_neighbour_arrays(s);
#define X(name, number) NMD_TRY(alloc_reals(e, &s->name, (size_t)(number) * (size_t)capacity));
  NEIGHBOUR_ARRAYS(X)
#undef X
  NMD_TRY(NMD_ALLOC(s->origin, capacity));
  NMD_TRY(NMD_ALLOC(s->inside, capacity));
  NMD_TRY(NMD_ALLOC(s->close, capacity));
  s->capacity = capacity;
  return NMD_OK;
}

nmd_status nmd__scratch_neighbours(nmd_evaluator *e, int n) {
  for (int c = 0; c < e->block; c++) NMD_TRY(neighbour_arrays(e, &e->scratch[c], n));
  return NMD_OK;
}

nmd_status nmd__scratch_init(nmd_evaluator *e) {
  for (int c = 0; c < e->block; c++) NMD_TRY(fixed_arrays(e, &e->scratch[c], c == 0 ? e->block : 0));
  return nmd__scratch_neighbours(e, 64);
}

nmd_status nmd__scratch_streams(const nmd_evaluator *e, const nmd_element_plan *plan, nmd_scratch *s) {
  const size_t lanes = (size_t)e->kernels->lanes;
  size_t reals = 0, masks = 0;
  for (int i = 0; i < plan->n_triples; i++) {
    const nmd_plan_triples *t = &plan->triples[i];
    const size_t a = (size_t)s->count[t->a], b = (size_t)s->count[t->b];
    const size_t pairs = t->a == t->b ? a * (a - (a > 0)) / 2 : a * b;
    nmd_triple_stream *where = &s->streams[i];
    where->capacity = (pairs + lanes - 1) / lanes * lanes + 5 * lanes; /* the last block may be empty */
    where->first = reals;
    where->first_mask = masks;
    reals += where->capacity * (size_t)(5 + t->n_eta);
    masks += (a + 1) * (b / lanes + 2);
  }
  if (reals > s->stream_capacity) {
    nmd_free(s->stream);
    s->stream = NULL;
    s->stream_capacity = 0;
    NMD_TRY(alloc_reals(e, &s->stream, reals + reals / 8));
    s->stream_capacity = reals + reals / 8;
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

static void free_one(nmd_scratch *s) {
  free_neighbour_arrays(s);
  nmd_free(s->start);
  nmd_free(s->count);
  nmd_free(s->near);
  nmd_free(s->G);
  nmd_free(s->dG);
  nmd_free(s->dG_member);
  nmd_free(s->member_energy);
  nmd_free(s->member_weight);
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

void nmd__scratch_free(nmd_evaluator *e) {
  for (int c = 0; c < NMD_BLOCK; c++) free_one(&e->scratch[c]);
}
