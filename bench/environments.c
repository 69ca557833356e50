/* SPDX-License-Identifier: BSD-3-Clause */
#include "environments.h"

#include <math.h>
#include <string.h>
#include <time.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/memory.h"

double bench_cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double bench_random(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) * 0x1p-53;
}

void bench_make_crystal(bench_crystal *c, double neighbours, double cutoff, int n_elements, const double *composition) {
  const double pi = 3.14159265358979323846, spacing = cutoff * cbrt(4.0 / 3.0 * pi / (neighbours + 1.0));
  double total = 0.0;
  for (int e = 0; e < n_elements; e++) total += composition[e];
  c->edge = spacing * BENCH_CELLS;
  for (int i = 0; i < BENCH_ATOMS; i++) {
    const int cell[3] = {i % BENCH_CELLS, i / BENCH_CELLS % BENCH_CELLS, i / BENCH_CELLS / BENCH_CELLS};
    double u = bench_random() * total;
    for (int d = 0; d < 3; d++) c->x[i][d] = spacing * (cell[d] + 0.25 * (bench_random() - 0.5));
    c->element[i] = 0;
    while (c->element[i] < n_elements - 1 && (u -= composition[c->element[i]]) > 0.0) c->element[i]++;
  }
}

/* Neighbours of atom i over all periodic images; returns the new end. */
static int add_neighbours(const bench_crystal *c, int i, double cutoff, double reach, int n, double *x[3], int *kind,
                          int64_t *within) {
  const int images = (int)ceil(reach / c->edge), m = 2 * images + 1;
  for (int k = 0; k < BENCH_ATOMS; k++)
    for (int image = 0; image < m * m * m; image++) {
      const int shift[3] = {image % m - images, image / m % m - images, image / m / m - images};
      double d[3], r2 = 0.0;
      for (int a = 0; a < 3; a++) {
        d[a] = c->x[k][a] + shift[a] * c->edge - c->x[i][a];
        r2 += d[a] * d[a];
      }
      if (r2 >= reach * reach || r2 == 0.0) continue;
      *within += r2 < cutoff * cutoff;
      for (int a = 0; a < 3; a++) x[a][n] = d[a];
      kind[n++] = c->element[k];
    }
  return n;
}

nmd_status bench_make_batch(const bench_crystal *c, int element, int most, double cutoff, double reach,
                            bench_batch *b) {
  const double spacing = c->edge / BENCH_CELLS, cells = pow(2.0 * reach / spacing + 2.0, 3.0);
  int *first, *kind, n = 0, centres = 0;
  int64_t within = 0;
  double *x[3];
  *b = (bench_batch){0};
  NMD_TRY(NMD_ALLOC(first, BENCH_ATOMS + 1));
  NMD_TRY(NMD_ALLOC(kind, (size_t)(most * cells)));
  for (int d = 0; d < 3; d++) NMD_TRY(NMD_ALLOC(x[d], (size_t)(most * cells)));
  for (int i = 0; i < BENCH_ATOMS && centres < most; i++) {
    if (c->element[i] != element) continue;
    n = add_neighbours(c, i, cutoff, reach, n, x, kind, &within);
    first[++centres] = n;
  }
  b->environments = (nmd_environments){centres, element, first, x[0], x[1], x[2], kind};
  b->within = centres > 0 ? (double)within / centres : 0.0;
  NMD_TRY(NMD_ALLOC(b->results.energy, centres));
  NMD_TRY(NMD_ALLOC(b->results.gx, n));
  NMD_TRY(NMD_ALLOC(b->results.gy, n));
  return NMD_ALLOC(b->results.gz, n);
}

void bench_batch_free(bench_batch *b) {
  const nmd_environments *e = &b->environments;
  const void *arrays[] = {e->first,          e->dx,         e->dy,         e->dz,        e->neighbour_element,
                          b->results.energy, b->results.gx, b->results.gy, b->results.gz};
  for (int i = 0; i < NMD_COUNT(arrays); i++) nmd_free((void *)arrays[i]);
}

nmd_cost_environment bench_mean_environment(const bench_batch *b, double cutoff, int lanes) {
  const nmd_environments *e = &b->environments;
  nmd_cost_environment seen = {.lanes = lanes, .listed = (double)e->first[e->n] / e->n};
  for (int i = 0; i < e->first[e->n]; i++)
    if (e->dx[i] * e->dx[i] + e->dy[i] * e->dy[i] + e->dz[i] * e->dz[i] < cutoff * cutoff)
      seen.count[e->neighbour_element[i]] += 1.0 / e->n;
  return seen;
}

#ifdef __x86_64__
enum { CHAINS = 12 };
__attribute__((target("avx512f"))) static double fma_avx512(int n) {
  __m512d a[CHAINS], b = _mm512_set1_pd(0.999999), c = _mm512_set1_pd(1e-9);
  for (int i = 0; i < CHAINS; i++) a[i] = _mm512_set1_pd(1.0 + i);
  for (int k = 0; k < n; k++)
    for (int i = 0; i < CHAINS; i++) a[i] = _mm512_fmadd_pd(a[i], b, c);
  for (int i = 1; i < CHAINS; i++) a[0] = _mm512_add_pd(a[0], a[i]);
  return _mm512_reduce_add_pd(a[0]);
}

__attribute__((target("avx2,fma"))) static double fma_avx2(int n) {
  __m256d a[CHAINS], b = _mm256_set1_pd(0.999999), c = _mm256_set1_pd(1e-9);
  for (int i = 0; i < CHAINS; i++) a[i] = _mm256_set1_pd(1.0 + i);
  for (int k = 0; k < n; k++)
    for (int i = 0; i < CHAINS; i++) a[i] = _mm256_fmadd_pd(a[i], b, c);
  for (int i = 1; i < CHAINS; i++) a[0] = _mm256_add_pd(a[0], a[i]);
  return a[0][0] + a[0][1] + a[0][2] + a[0][3];
}

double bench_fma_peak(void) {
  enum { N = 4000000 };
  const int wide = __builtin_cpu_supports("avx512f") != 0, narrow = __builtin_cpu_supports("fma") != 0;
  volatile double keep = 0.0;
  double best = 0.0;
  if (!wide && !narrow) return 0.0;
  for (int i = 0; i < 5; i++) {
    const double start = bench_cpu_seconds();
    keep += wide ? fma_avx512(N) : fma_avx2(N);
    const double rate = (wide ? 16.0 : 8.0) * CHAINS * N / (bench_cpu_seconds() - start) * 1e-9;
    if (rate > best) best = rate;
  }
  return best;
}
#else
double bench_fma_peak(void) { return 0.0; }
#endif

/* GB/s that loads from the innermost cache reach. */
#ifdef __x86_64__
__attribute__((target("avx512f"))) static double read_avx512(const double *data, int n, int rounds) {
  __m512d a[4] = {_mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd()};
  for (int k = 0; k < rounds; k++)
    for (int i = 0; i < n; i += 32)
      for (int c = 0; c < 4; c++) a[c] = _mm512_max_pd(a[c], _mm512_load_pd(data + i + 8 * c));
  return _mm512_reduce_add_pd(_mm512_add_pd(_mm512_add_pd(a[0], a[1]), _mm512_add_pd(a[2], a[3])));
}

__attribute__((target("avx2"))) static double read_avx2(const double *data, int n, int rounds) {
  __m256d a[4] = {_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
  for (int k = 0; k < rounds; k++)
    for (int i = 0; i < n; i += 16)
      for (int c = 0; c < 4; c++) a[c] = _mm256_max_pd(a[c], _mm256_load_pd(data + i + 4 * c));
  return a[0][0] + a[1][1] + a[2][2] + a[3][3];
}

double bench_cache_bandwidth(void) {
  enum { N = 2048, ROUNDS = 20000 };
  static double data[N] __attribute__((aligned(64)));
  const int wide = __builtin_cpu_supports("avx512f") != 0;
  volatile double keep = 0.0;
  double best = 0.0;
  if (!wide && !__builtin_cpu_supports("avx2")) return 0.0;
  for (int i = 0; i < 5; i++) {
    const double start = bench_cpu_seconds();
    keep += wide ? read_avx512(data, N, ROUNDS) : read_avx2(data, N, ROUNDS);
    best = fmax(best, 8.0 * N * ROUNDS / (bench_cpu_seconds() - start) * 1e-9);
  }
  return best;
}
#else
double bench_cache_bandwidth(void) { return 0.0; }
#endif

/* A clock that costs a few nanoseconds to read, in ticks of its own. */
static double ticks(void) {
#ifdef __x86_64__
  return (double)__rdtsc();
#else
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
#endif
}

static double ticks_per_second(void) {
#ifdef __x86_64__
  static double rate;
  if (rate > 0.0) return rate;
  struct timespec a, b;
  const double start = ticks();
  clock_gettime(CLOCK_MONOTONIC, &a);
  do clock_gettime(CLOCK_MONOTONIC, &b);
  while ((double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec) < 0.05);
  rate = (ticks() - start) / ((double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec));
  return rate;
#else
  return 1e9;
#endif
}

/* What reading the clock twice measures of nothing */
static double idle_ticks(void) {
  double least = 1e30;
  for (int i = 0; i < 1000; i++) {
    const double start = ticks();
    least = fmin(least, ticks() - start);
  }
  return least;
}

#define TIMED(phase, call)                                                                                             \
  do {                                                                                                                 \
    const double start = ticks();                                                                                      \
    call;                                                                                                              \
    t->spent[phase] += ticks() - start;                                                                                \
    t->calls[phase]++;                                                                                                 \
  } while (0)

typedef struct timing {
  double spent[BENCH_PHASES];
  int calls[BENCH_PHASES];
} timing;

static nmd_status first_pass(nmd_evaluator *e, const bench_batch *b, int c, nmd_scratch *s, timing *t) {
  const nmd_environments *environments = &b->environments;
  const nmd_element_plan *plan = &e->plans[environments->element];
  const nmd_kernels *k = e->kernels;
  memset(s->G, 0, (size_t)nmd_padded(plan->n_functions) * sizeof *s->G);
  TIMED(BENCH_GATHER, k->gather(plan, environments, c, s));
  TIMED(BENCH_RADIAL, k->radial(plan, s));
  if (plan->n_forms > 0) TIMED(BENCH_MOMENTS, (k->moments(plan, s), k->forms(plan, s)));
  if (plan->n_triples > 0) NMD_TRY(nmd__scratch_streams(e, plan, s));
  if (plan->n_triples > 0) TIMED(BENCH_TRIPLES, k->triples(plan, s));
  if (plan->n_generic > 0) TIMED(BENCH_GENERIC, k->generic(plan, s));
  return NMD_OK;
}

static void networks(nmd_evaluator *e, int element, timing *t) {
  const nmd_network *network = &e->networks[element * e->n_networks];
  nmd_scratch *s = e->scratch;
  if (e->block > 1) TIMED(BENCH_NETWORK, e->kernels->network_block(network, s, s->member_weight));
  for (int m = 0; e->block == 1 && m < e->n_networks; m++)
    TIMED(BENCH_NETWORK, e->kernels->network(network + m, s->G, s->network, s->member_energy, s->member_weight, s->dG));
}

static void second_pass(nmd_evaluator *e, const bench_batch *b, int c, nmd_scratch *s, timing *t) {
  const nmd_element_plan *plan = &e->plans[b->environments.element];
  const nmd_kernels *k = e->kernels;
  const int first = b->environments.first[c];
  TIMED(BENCH_RADIAL, k->radial_gradient(plan, s));
  if (plan->n_forms > 0) TIMED(BENCH_MOMENTS, (k->forms_gradient(plan, s), k->moments_gradient(plan, s)));
  if (plan->n_triples > 0) TIMED(BENCH_TRIPLES, k->triples_gradient(plan, s));
  if (plan->n_generic > 0) TIMED(BENCH_GENERIC, k->generic_gradient(plan, s));
  TIMED(BENCH_GATHER, k->scatter(plan, s, b->results.gx + first, b->results.gy + first, b->results.gz + first));
}

static nmd_status sweep(nmd_evaluator *e, const bench_batch *b, timing *t) {
  const int n = b->environments.n;
  for (int c = 0; c < n; c += e->block) {
    for (int k = 0; k < e->block && c + k < n; k++) NMD_TRY(first_pass(e, b, c + k, &e->scratch[k], t));
    networks(e, b->environments.element, t);
    for (int k = 0; k < e->block && c + k < n; k++) second_pass(e, b, c + k, &e->scratch[k], t);
  }
  return NMD_OK;
}

nmd_status bench_profile(nmd_evaluator *e, const bench_batch *b, double seconds[BENCH_PHASES]) {
  enum { SWEEPS = 7 };
  const int n = b->environments.n;
  const double idle = idle_ticks();
  int most = 0;
  for (int c = 0; c < n; c++) {
    const int listed = b->environments.first[c + 1] - b->environments.first[c];
    most = listed > most ? listed : most;
  }
  NMD_TRY(nmd__scratch_neighbours(e, most));
  for (int m = 0; m < e->n_members; m++) e->scratch[0].member_weight[m] = 1.0 / e->n_members;
  for (int p = 0; p < BENCH_PHASES; p++) seconds[p] = 1e30;
  for (int i = 0; i < SWEEPS; i++) {
    timing t = {0};
    NMD_TRY(sweep(e, b, &t));
    for (int p = 0; p < BENCH_PHASES; p++)
      seconds[p] = fmin(seconds[p], fmax(t.spent[p] - t.calls[p] * idle, 0.0) / ticks_per_second() / n);
  }
  return NMD_OK;
}
