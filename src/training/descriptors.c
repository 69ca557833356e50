/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/descriptors.h"

#include <string.h>

#include "base/memory.h"
#include "training/neighbourhood.h"

struct nmd_descriptor_maker {
  const nmd_comm *alone;
  const nmd_model *model;
  const nmd_dependence *dependence; /* none of the three owned */
  bool want_double, want_strain;
  nmd_evaluator *evaluator;
  int capacity; /* neighbours of a centre */
  double *dx, *dy, *dz;
  int *element, *owner;
  double *G, *dG; /* of one centre */
  double *sums;   /* [3][functions] derivative with respect to one atom */
  int slot_capacity;
  int *slot; /* [atoms] pair of the centre that an atom has, or -1 */
  int most_functions;
};

nmd_status nmd_descriptor_maker_create(const nmd_comm *alone, const nmd_model *model, const nmd_dependence *dependence,
                                       bool want_double, bool want_strain, nmd_descriptor_maker **out) {
  nmd_descriptor_maker *m;
  NMD_TRY(NMD_ALLOC(m, 1));
  *out = m;
  m->alone = alone;
  m->model = model;
  m->dependence = dependence;
  m->want_double = want_double;
  m->want_strain = want_strain;
  for (int e = 0; e < model->n_elements; e++)
    if (model->elements[e].n_functions > m->most_functions) m->most_functions = model->elements[e].n_functions;
  NMD_TRY(NMD_ALLOC(m->G, m->most_functions));
  NMD_TRY(NMD_ALLOC(m->sums, 3 * m->most_functions));
  return nmd_evaluator_create(model, NULL, &m->evaluator);
}

void nmd_descriptor_maker_destroy(nmd_descriptor_maker *m) {
  if (m == NULL) return;
  nmd_evaluator_destroy(m->evaluator);
  void *arrays[] = {m->dx, m->dy, m->dz, m->element, m->owner, m->G, m->dG, m->sums, m->slot};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  nmd_free(m);
}

static nmd_status room(nmd_descriptor_maker *m, int64_t neighbours, int atoms) {
  if (atoms > m->slot_capacity) {
    NMD_TRY(NMD_GROW(m->slot, 0, atoms));
    m->slot_capacity = atoms;
  }
  if (neighbours <= m->capacity) return NMD_OK;
  const int n = (int)(neighbours + neighbours / 4);
  NMD_TRY(NMD_GROW(m->dx, 0, n));
  NMD_TRY(NMD_GROW(m->dy, 0, n));
  NMD_TRY(NMD_GROW(m->dz, 0, n));
  NMD_TRY(NMD_GROW(m->element, 0, n));
  NMD_TRY(NMD_GROW(m->owner, 0, n));
  NMD_TRY(NMD_GROW(m->dG, 0, 3 * (size_t)n * (size_t)m->most_functions));
  m->capacity = n;
  return NMD_OK;
}

/* Environment of atom i into the scratch arrays; returns the number of neighbours. */
static int gather(nmd_descriptor_maker *m, const nmd_neighbourhood *w, int i) {
  const double *x = w->atoms.x;
  int n = 0;
  for (int64_t k = w->list.first[i]; k < w->list.first[i + 1]; k++, n++) {
    const int j = w->list.index[k];
    m->dx[n] = x[3 * j] - x[3 * i];
    m->dy[n] = x[3 * j + 1] - x[3 * i + 1];
    m->dz[n] = x[3 * j + 2] - x[3 * i + 2];
    m->element[n] = w->atoms.species[j];
    m->owner[n] = (int)w->atoms.id[j] - 1;
  }
  return n;
}

static int64_t most_neighbours(const nmd_neighbourhood *w) {
  int64_t most = 0;
  for (int i = 0; i < w->list.n; i++)
    if (w->list.first[i + 1] - w->list.first[i] > most) most = w->list.first[i + 1] - w->list.first[i];
  return most;
}

typedef struct pair_count {
  int pairs;
  size_t values;
} pair_count;

/* Pairs of centre i and distinct atoms, itself first; with `pairs` they are entered. */
static void enter_pairs(nmd_descriptor_maker *m, int i, int element, int n, nmd_descriptors *out, pair_count *at) {
  const nmd_dependence *d = m->dependence;
  const int self = nmd_dependence_index(d, element, d->n_elements);
  for (int k = 0; k < n; k++) m->slot[m->owner[k]] = -1;
  m->slot[i] = -1;
  for (int k = -1; k < n; k++) {
    const int j = k < 0 ? i : m->owner[k];
    const int list = k < 0 ? self : nmd_dependence_index(d, element, m->element[k]);
    if (m->slot[j] >= 0) continue;
    m->slot[j] = at->pairs;
    if (out != NULL) {
      out->neighbour[at->pairs] = j;
      out->list[at->pairs] = list;
      out->start[at->pairs] = at->values;
    }
    at->pairs++;
    at->values += 3 * (size_t)d->count[list];
  }
}

static pair_count count_pairs(nmd_descriptor_maker *m, const nmd_neighbourhood *w) {
  pair_count count = {0, 0};
  for (int i = 0; i < w->list.n; i++) enter_pairs(m, i, w->atoms.species[i], gather(m, w, i), NULL, &count);
  return count;
}

nmd_status nmd_descriptors_estimate(nmd_descriptor_maker *m, const nmd_sample *sample, size_t *bytes) {
  nmd_neighbourhood w;
  *bytes = 0;
  nmd_status status = nmd_neighbourhood_init(&w, m->alone, sample, m->model->cutoff);
  if (status == NMD_OK) status = room(m, most_neighbours(&w), w.list.n);
  if (status == NMD_OK) {
    const pair_count count = count_pairs(m, &w);
    *bytes = count.values * (m->want_double ? sizeof(double) : sizeof(float)) + 16 * (size_t)count.pairs;
    if (m->want_strain) *bytes += (size_t)w.list.n * 6 * (size_t)m->most_functions * sizeof(double);
  }
  nmd_neighbourhood_free(&w);
  return status;
}

static nmd_status counted_alloc(void *pointer, size_t count, size_t size, nmd_descriptors *d) {
  d->bytes += count * size;
  return nmd_alloc(pointer, count, size);
}
#define COUNTED(pointer, count, d) counted_alloc((void *)&(pointer), (size_t)(count), sizeof *(pointer), d)

static nmd_status sort_centres(const nmd_descriptor_maker *m, const nmd_sample *sample, nmd_descriptors *d) {
  int at = 0;
  d->n = (int)sample->structure.n;
  d->n_elements = m->model->n_elements;
  NMD_TRY(COUNTED(d->first_atom, d->n_elements + 1, d));
  NMD_TRY(COUNTED(d->atom, d->n, d));
  NMD_TRY(COUNTED(d->G, d->n_elements, d));
  for (int e = 0; e < d->n_elements; e++) {
    d->first_atom[e] = at;
    for (int i = 0; i < d->n; i++)
      if (sample->element[i] == e) d->atom[at++] = i;
    NMD_TRY(COUNTED(d->G[e], (size_t)(at - d->first_atom[e]) * (size_t)m->model->elements[e].n_functions, d));
  }
  d->first_atom[d->n_elements] = at;
  return NMD_OK;
}

static nmd_status prepare_pairs(const nmd_descriptor_maker *m, pair_count count, nmd_descriptors *d) {
  d->is_double = m->want_double;
  NMD_TRY(COUNTED(d->first, d->n + 1, d));
  NMD_TRY(COUNTED(d->neighbour, count.pairs, d));
  NMD_TRY(COUNTED(d->list, count.pairs, d));
  NMD_TRY(COUNTED(d->start, count.pairs, d));
  NMD_TRY(counted_alloc(&d->derivative, count.values, d->is_double ? sizeof(double) : sizeof(float), d));
  if (!m->want_strain) return NMD_OK;
  NMD_TRY(COUNTED(d->strain, d->n_elements, d));
  for (int e = 0; e < d->n_elements; e++)
    NMD_TRY(COUNTED(d->strain[e],
                    (size_t)(d->first_atom[e + 1] - d->first_atom[e]) * 6 * (size_t)m->model->elements[e].n_functions,
                    d));
  return NMD_OK;
}

static void put(nmd_descriptors *d, size_t at, double value) {
  if (d->is_double)
    ((double *)d->derivative)[at] = value;
  else
    ((float *)d->derivative)[at] = (float)value;
}

/* Sum over the images of the pair's atom; for the centre itself: minus the sum over all other atoms. */
static void fill_pair(nmd_descriptor_maker *m, int pair, int i, int n, nmd_descriptors *d) {
  const int *list = m->dependence->lists[d->list[pair]], count = m->dependence->count[d->list[pair]];
  const int j = d->neighbour[pair];
  memset(m->sums, 0, 3 * (size_t)count * sizeof *m->sums);
  for (int k = 0; k < n; k++) {
    if (j == i ? m->owner[k] == i : m->owner[k] != j) continue;
    for (int c = 0; c < 3 * count; c++)
      m->sums[c] += m->dG[((size_t)list[c % count] * 3 + (size_t)(c / count)) * (size_t)n + (size_t)k];
  }
  for (int c = 0; c < 3 * count; c++) put(d, d->start[pair] + (size_t)c, j == i ? -m->sums[c] : m->sums[c]);
}

/* dG/dstrain_ab = sum_k dG/dx_ka d_kb, symmetric for functions of distances and angles. */
static void fill_strain(const nmd_descriptor_maker *m, int n, int n_functions, double *strain) {
  for (int f = 0; f < n_functions; f++) {
    const double *gx = m->dG + (size_t)f * 3 * (size_t)n, *gy = gx + n, *gz = gy + n;
    double s[6] = {0};
    for (int k = 0; k < n; k++) {
      s[0] += gx[k] * m->dx[k];
      s[1] += gy[k] * m->dy[k];
      s[2] += gz[k] * m->dz[k];
      s[3] += gy[k] * m->dz[k];
      s[4] += gx[k] * m->dz[k];
      s[5] += gx[k] * m->dy[k];
    }
    for (int a = 0; a < 6; a++) strain[a * n_functions + f] = s[a];
  }
}

static nmd_status fill_centre(nmd_descriptor_maker *m, const nmd_neighbourhood *w, int element, int local,
                              bool derivatives, pair_count *at, nmd_descriptors *d) {
  const int sorted = d->first_atom[element] + local, i = d->atom[sorted], n = gather(m, w, i);
  const int n_functions = m->model->elements[element].n_functions, first[2] = {0, n};
  const nmd_environments one = {1, element, first, m->dx, m->dy, m->dz, m->element};
  double energy, *G = d->G[element] + (size_t)local * (size_t)n_functions;
  if (!derivatives) {
    nmd_environment_results results = {.energy = &energy, .G = G};
    return nmd_evaluate(m->evaluator, &one, &results);
  }
  NMD_TRY(nmd_evaluate_derivatives(m->evaluator, &one, 0, G, m->dG));
  d->first[sorted] = at->pairs;
  enter_pairs(m, i, element, n, d, at);
  d->first[sorted + 1] = at->pairs;
  for (int pair = d->first[sorted]; pair < at->pairs; pair++) fill_pair(m, pair, i, n, d);
  if (d->strain != NULL) fill_strain(m, n, n_functions, d->strain[element] + (size_t)local * 6 * (size_t)n_functions);
  return NMD_OK;
}

static nmd_status make(nmd_descriptor_maker *m, const nmd_neighbourhood *w, const nmd_sample *sample, bool derivatives,
                       nmd_descriptors *out) {
  pair_count at = {0, 0};
  NMD_TRY(room(m, most_neighbours(w), w->list.n));
  NMD_TRY(sort_centres(m, sample, out));
  if (derivatives) NMD_TRY(prepare_pairs(m, count_pairs(m, w), out));
  for (int e = 0; e < out->n_elements; e++)
    for (int k = 0; k < out->first_atom[e + 1] - out->first_atom[e]; k++)
      NMD_TRY(fill_centre(m, w, e, k, derivatives, &at, out));
  return NMD_OK;
}

nmd_status nmd_descriptors_make(nmd_descriptor_maker *m, const nmd_sample *sample, bool derivatives,
                                nmd_descriptors *out) {
  nmd_neighbourhood w;
  *out = (nmd_descriptors){0};
  nmd_status status = nmd_neighbourhood_init(&w, m->alone, sample, m->model->cutoff);
  if (status == NMD_OK) status = make(m, &w, sample, derivatives, out);
  nmd_neighbourhood_free(&w);
  if (status != NMD_OK) nmd_descriptors_free(out);
  return status;
}

static void scale_pair(const nmd_dependence *dependence, const double *factor, int pair, nmd_descriptors *d) {
  const int *list = dependence->lists[d->list[pair]], count = dependence->count[d->list[pair]];
  for (int c = 0; c < 3 * count; c++) {
    const size_t at = d->start[pair] + (size_t)c;
    if (d->is_double)
      ((double *)d->derivative)[at] *= factor[list[c % count]];
    else
      ((float *)d->derivative)[at] = (float)(((float *)d->derivative)[at] * factor[list[c % count]]);
  }
}

static void scale_element(const nmd_element_model *element, int n_atoms, double *G, double *strain) {
  const int n = element->n_functions;
  for (int k = 0; k < n_atoms; k++)
    for (int f = 0; f < n; f++) {
      double *value = &G[(size_t)k * (size_t)n + (size_t)f];
      *value = element->scale_factor[f] * (*value - element->scale_shift[f]) + element->scale_base;
      for (int a = 0; strain != NULL && a < 6; a++)
        strain[((size_t)k * 6 + (size_t)a) * (size_t)n + (size_t)f] *= element->scale_factor[f];
    }
}

void nmd_descriptors_scale(const nmd_dependence *dependence, const nmd_model *model, nmd_descriptors *d) {
  for (int e = 0; e < d->n_elements; e++) {
    const nmd_element_model *element = &model->elements[e];
    scale_element(element, d->first_atom[e + 1] - d->first_atom[e], d->G[e], d->strain ? d->strain[e] : NULL);
    for (int i = d->first_atom[e]; d->first != NULL && i < d->first_atom[e + 1]; i++)
      for (int pair = d->first[i]; pair < d->first[i + 1]; pair++)
        scale_pair(dependence, element->scale_factor, pair, d);
  }
}

void nmd_descriptors_free(nmd_descriptors *d) {
  for (int e = 0; e < d->n_elements; e++) {
    if (d->G != NULL) nmd_free(d->G[e]);
    if (d->strain != NULL) nmd_free(d->strain[e]);
  }
  void *arrays[] = {d->first_atom, d->atom, d->G, d->first, d->neighbour, d->list, d->start, d->derivative, d->strain};
  for (int k = 0; k < NMD_COUNT(arrays); k++) nmd_free(arrays[k]);
  *d = (nmd_descriptors){0};
}

const double *nmd_descriptors_block(const nmd_descriptors *d, int pair, int count, double *scratch) {
  if (d->is_double) return (const double *)d->derivative + d->start[pair];
  const float *from = (const float *)d->derivative + d->start[pair];
  for (int c = 0; c < 3 * count; c++) scratch[c] = from[c];
  return scratch;
}
