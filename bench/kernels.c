/* SPDX-License-Identifier: BSD-3-Clause */
/* How many atoms a second one core evaluates (energy and forces, neighbour list with a skin given), and the FMA peak of
 * the same core in the same run.
 *
 *   kernels FOLDER [neighbours within the cut-off, 60] [A per length unit, 1] [eV per energy unit, 1] [composition, 1 1
 * ...]
 *
 * In the precision that the environment variable PRECISION names (double, mixed). The environments are those of a
 * rattled simple cubic crystal, periodic, with the species drawn at random. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/memory.h"
#include "nnp/evaluate.h"

enum { CELLS = 8, ATOMS = CELLS * CELLS * CELLS, ELEMENTS_MAX = 16, REPEATS = 5 };
static const double skin = 1.0; /* A */

typedef struct crystal {
  double x[ATOMS][3], edge;
  int element[ATOMS];
} crystal;

typedef struct batch { /* all centres of one element */
  nmd_environments environments;
  nmd_environment_results results;
  int pairs_within;
} batch;

/* Of this process: what others do on the machine should not count. */
static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double random_unit(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) * 0x1p-53;
}

static void make_crystal(crystal *c, double neighbours, double cutoff, int n_elements, const double *composition) {
  const double pi = 3.14159265358979323846, spacing = cutoff * cbrt(4.0 / 3.0 * pi / (neighbours + 1.0));
  double total = 0.0;
  for (int e = 0; e < n_elements; e++) total += composition[e];
  c->edge = spacing * CELLS;
  for (int i = 0; i < ATOMS; i++) {
    const int cell[3] = {i % CELLS, i / CELLS % CELLS, i / CELLS / CELLS};
    double u = random_unit() * total;
    for (int d = 0; d < 3; d++) c->x[i][d] = spacing * (cell[d] + 0.25 * (random_unit() - 0.5));
    c->element[i] = 0;
    while (c->element[i] < n_elements - 1 && (u -= composition[c->element[i]]) > 0.0) c->element[i]++;
  }
}

static nmd_status make_batch(const crystal *c, int element, double cutoff, batch *b) {
  const double reach = cutoff + skin;
  const int images = (int)ceil(reach / c->edge);
  int *first, *kind, n = 0, centres = 0;
  double *x[3];
  const size_t most = (size_t)ATOMS * 1000;
  NMD_TRY(NMD_ALLOC(first, ATOMS + 1));
  NMD_TRY(NMD_ALLOC(kind, most));
  for (int d = 0; d < 3; d++) NMD_TRY(NMD_ALLOC(x[d], most));
  b->pairs_within = 0;
  for (int i = 0; i < ATOMS; i++) {
    if (c->element[i] != element) continue;
    for (int k = 0; k < ATOMS; k++)
      for (int image = 0; image < (2 * images + 1) * (2 * images + 1) * (2 * images + 1); image++) {
        const int m = 2 * images + 1, shift[3] = {image % m - images, image / m % m - images, image / m / m - images};
        double d[3], r2 = 0.0;
        for (int a = 0; a < 3; a++) {
          d[a] = c->x[k][a] + shift[a] * c->edge - c->x[i][a];
          r2 += d[a] * d[a];
        }
        if (r2 >= reach * reach || r2 == 0.0 || (size_t)n == most) continue;
        b->pairs_within += r2 < cutoff * cutoff;
        for (int a = 0; a < 3; a++) x[a][n] = d[a];
        kind[n++] = c->element[k];
      }
    first[++centres] = n;
  }
  b->environments = (nmd_environments){centres, element, first, x[0], x[1], x[2], kind};
  NMD_TRY(NMD_ALLOC(b->results.energy, centres));
  NMD_TRY(NMD_ALLOC(b->results.gx, n));
  NMD_TRY(NMD_ALLOC(b->results.gy, n));
  NMD_TRY(NMD_ALLOC(b->results.gz, n));
  return NMD_OK;
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

static double peak_gflops(void) {
  enum { N = 4000000 };
  const int wide = __builtin_cpu_supports("avx512f") != 0, narrow = __builtin_cpu_supports("fma") != 0;
  volatile double keep = 0.0;
  double best = 0.0;
  if (!wide && !narrow) return 0.0;
  for (int i = 0; i < REPEATS; i++) {
    const double start = cpu_seconds();
    keep += wide ? fma_avx512(N) : fma_avx2(N);
    const double rate = (wide ? 16.0 : 8.0) * CHAINS * N / (cpu_seconds() - start) * 1e-9;
    if (rate > best) best = rate;
  }
  return best;
}
#else
static double peak_gflops(void) { return 0.0; }
#endif

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median seconds of one sweep over all centres of a batch */
static nmd_status time_batch(nmd_evaluator *evaluator, batch *b, double *seconds) {
  double times[REPEATS];
  int sweeps = 1;
  for (int i = 0; i < REPEATS; i++) {
    double elapsed;
    for (;; sweeps *= 2) {
      const double start = cpu_seconds();
      for (int k = 0; k < sweeps; k++) NMD_TRY(nmd_evaluate(evaluator, &b->environments, &b->results));
      elapsed = cpu_seconds() - start;
      if (elapsed > 0.1) break;
    }
    times[i] = elapsed / sweeps;
  }
  qsort(times, REPEATS, sizeof times[0], by_value);
  *seconds = times[REPEATS / 2];
  return NMD_OK;
}

static void print_text(void *context, const char *text) { fputs(text, context); }

static nmd_status run(int argc, char **argv) {
  static crystal c;
  nmd_model *model;
  nmd_evaluator *evaluator;
  double composition[ELEMENTS_MAX], total = 0.0, peak;
  int atoms = 0;
  const double neighbours = argc > 2 ? atof(argv[2]) : 60.0;
  NMD_TRY(nmd_model_read(argv[1], argc > 3 ? atof(argv[3]) : 1.0, argc > 4 ? atof(argv[4]) : 1.0, &model));
  const char *precision = getenv("PRECISION");
  const bool mixed = precision != NULL && strcmp(precision, "mixed") == 0;
  const nmd_evaluator_options options = {.precision = mixed ? NMD_PRECISION_MIXED : NMD_PRECISION_DOUBLE};
  NMD_TRY(nmd_evaluator_create(model, &options, &evaluator));
  const int n_elements = nmd_model_element_count(model);
  const double cutoff = nmd_model_cutoff(model);
  if (n_elements > ELEMENTS_MAX) NMD_FAIL(USAGE, "more than %d elements", ELEMENTS_MAX);
  for (int e = 0; e < n_elements; e++) composition[e] = argc > 5 + e ? atof(argv[5 + e]) : 1.0;
  if (getenv("VERBOSE") != NULL) NMD_TRY(nmd_evaluator_describe(evaluator, NULL, print_text, stdout));
  make_crystal(&c, neighbours, cutoff, n_elements, composition);
  for (int e = 0; e < n_elements; e++) {
    batch b = {0};
    double seconds;
    NMD_TRY(make_batch(&c, e, cutoff, &b));
    if (b.environments.n == 0) continue;
    NMD_TRY(time_batch(evaluator, &b, &seconds));
    const double each = (double)b.pairs_within / b.environments.n;
    printf("  element %3d: %9.0f atoms/s, %.2f us each (estimate %.2f); %d centres, %.1f neighbours within %.2f A\n",
           nmd_model_atomic_number(model, e), b.environments.n / seconds, seconds / b.environments.n * 1e6,
           nmd_evaluator_cost(evaluator, e, NULL), b.environments.n, each, cutoff);
    total += seconds;
    atoms += b.environments.n;
  }
  peak = peak_gflops();
  printf("%s: %.0f atoms/s on one core, %s, %s, FMA peak %.1f GF/s\n", argv[1], atoms / total, nmd_evaluator_simd_name(),
         mixed ? "mixed" : "double", peak);
  nmd_evaluator_destroy(evaluator);
  nmd_model_destroy(model);
  return NMD_OK;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: kernels FOLDER [NEIGHBOURS] [A_PER_LENGTH_UNIT] [EV_PER_ENERGY_UNIT] [COMPOSITION ...]\n");
    return 2;
  }
  const nmd_status status = run(argc, argv);
  if (status != NMD_OK) fprintf(stderr, "kernels: %s\n", nmd_error_text());
  return nmd_status_exit_code(status);
}
