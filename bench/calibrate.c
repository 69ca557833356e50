/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures what nnp/cost.h counts: random models of each kind of function are timed kernel by kernel, and the
 * nanoseconds of a unit of work follow from a fit with non-negative coefficients to the relative deviations.
 *
 *   calibrate > src/nnp/cost_table.c        (about a minute on an otherwise idle core; the quality goes to stderr) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "environments.h"
#include "work.h"

enum { MODELS = 100, CENTRES = 24, ELEMENTS = 4, FUNCTIONS = 80, LAYERS = 4, WIDEST = 64, SAMPLES = 3 * MODELS };

typedef enum model_kind { WIDE_MOMENTS, STREAMS, GENERIC, MODEL_KINDS } model_kind;

static int below(int n) { return (int)(bench_random() * n); }

/* A model with the storage of its arrays; all elements are alike. */
typedef struct random_model {
  nmd_model model;
  nmd_element_model elements[ELEMENTS];
  nmd_symmetry_function functions[FUNCTIONS];
  nmd_layer layers[LAYERS];
  double ones[FUNCTIONS], zeros[FUNCTIONS], high[FUNCTIONS], weights[FUNCTIONS * WIDEST + WIDEST * WIDEST],
      bias[WIDEST];
} random_model;

typedef struct recipe { /* what the functions of a model have in common */
  bool narrow, compact, windows;
  int n_eta, n_zeta, first_zeta;
  double rs;
} recipe;

static nmd_symmetry_function angular(const recipe *r, model_kind kind, int a, int b, int eta, int zeta) {
  static const double zetas[] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 16.0, 2.5, 7.3};
  nmd_symmetry_function f = {.kind = r->narrow ? NMD_NARROW : NMD_WIDE, .e1 = a, .e2 = b, .rc = 6.0, .rl = -6.0};
  f.eta = 0.01 * (1 + eta) * (1.0 + (eta > 1 ? 0.37 : 0.0)); /* the second is the first one's square, the others not */
  f.rs = r->rs;
  f.zeta = zetas[(r->first_zeta + zeta) % (kind == WIDE_MOMENTS ? 6 : 11)];
  f.lambda = below(2) ? 1.0 : -1.0;
  if (!r->compact) return f;
  f.kind = r->narrow ? NMD_COMPACT_NARROW : NMD_COMPACT_WIDE;
  f.rl = eta % 2 ? 1.0 : -6.0;
  f.rc = 6.0 - 0.4 * eta;
  f.theta_l = 20.0 * zeta;
  f.theta_r = 180.0;
  f.compact = (nmd_cutoff_kind)(NMD_CUTOFF_POLY1 + r->first_zeta % 4);
  return f;
}

static int add_radials(random_model *m, int n_elements, int n) {
  const int etas = 1 + below(6), compact = below(3) == 0;
  for (int e = 0; e < n_elements; e++)
    for (int i = 0; i < etas && n < FUNCTIONS; i++)
      m->functions[n++] = (nmd_symmetry_function){.kind = compact ? NMD_COMPACT_RADIAL : NMD_RADIAL,
                                                  .e1 = e,
                                                  .e2 = -1,
                                                  .eta = 0.03 * i,
                                                  .rc = 6.0,
                                                  .rl = -6.0 + i,
                                                  .compact = NMD_CUTOFF_POLY2};
  return n;
}

static int add_angulars(random_model *m, model_kind kind, int n_elements, int n) {
  recipe r = {.narrow = kind != WIDE_MOMENTS && below(3) > 0, .compact = kind == GENERIC && below(2)};
  r.rs = kind == STREAMS && below(4) == 0 ? 1.0 : 0.0;
  r.n_eta = 1 + below(4);
  r.n_zeta = 1 + below(5);
  r.first_zeta = below(11);
  for (int a = 0; a < n_elements; a++)
    for (int b = a; b < n_elements; b++)
      for (int i = 0; i < r.n_eta; i++)
        for (int z = 0; z < r.n_zeta; z++)
          if (n < FUNCTIONS && (z == 0 || below(4) > 0)) m->functions[n++] = angular(&r, kind, a, b, i, z);
  return n;
}

static void make_network(random_model *m, nmd_element_model *element) {
  const nmd_activation activation = below(2) ? NMD_ACT_TANH : NMD_ACT_SOFTPLUS;
  int n_in = element->n_functions;
  element->layers = m->layers;
  element->n_layers = 2 + below(LAYERS - 1);
  for (int l = 0; l < element->n_layers; l++) {
    const bool last = l == element->n_layers - 1;
    const int n_out = last ? 1 : 8 + below(WIDEST - 8);
    m->layers[l] = (nmd_layer){n_in, n_out, last ? NMD_ACT_IDENTITY : activation, m->weights, m->bias};
    n_in = n_out;
  }
}

static void make_model(random_model *m, model_kind kind) {
  static const nmd_cutoff_kind cutoffs[] = {NMD_CUTOFF_COSINE, NMD_CUTOFF_TANH3, NMD_CUTOFF_POLY2, NMD_CUTOFF_EXP};
  const int n_elements = 1 + below(ELEMENTS), n = add_angulars(m, kind, n_elements, add_radials(m, n_elements, 0));
  for (int i = 0; i < FUNCTIONS; i++) m->ones[i] = 0.01, m->high[i] = 1e9;
  for (int i = 0; i < NMD_COUNT(m->weights); i++) m->weights[i] = 0.2 * (bench_random() - 0.5);
  for (int e = 0; e < n_elements; e++) {
    m->elements[e] = (nmd_element_model){.atomic_number = 3 + e,
                                         .n_functions = n,
                                         .functions = m->functions,
                                         .scale_factor = m->ones,
                                         .scale_shift = m->zeros,
                                         .low = m->zeros,
                                         .high = m->high};
    if (e == 0) make_network(m, &m->elements[0]);
    m->elements[e].layers = m->elements[0].layers;
    m->elements[e].n_layers = m->elements[0].n_layers;
  }
  m->model = (nmd_model){.n_elements = n_elements,
                         .elements = m->elements,
                         .cutoff_kind = cutoffs[below(4)],
                         .cutoff_alpha = 0.2,
                         .cutoff = 6.0,
                         .energy_factor = 1.0};
}

typedef struct sample {
  nmd_cost cost;
  double ns[BENCH_PHASES];
} sample;

static nmd_status measure(nmd_simd simd, model_kind kind, sample *out) {
  static const double even[ELEMENTS] = {1.0, 1.0, 1.0, 1.0};
  static const nmd_algorithm algorithms[] = {NMD_ALGORITHM_MOMENTS, NMD_ALGORITHM_PAIRS, NMD_ALGORITHM_GENERIC};
  static random_model m;
  static bench_crystal crystal;
  const nmd_evaluator_options options = {.simd = simd, .algorithm = algorithms[kind]};
  const double neighbours = 12.0 * pow(10.0, bench_random());
  nmd_evaluator *evaluator;
  bench_batch b;
  make_model(&m, kind);
  NMD_TRY(nmd_evaluator_create(&m.model, &options, &evaluator));
  bench_make_crystal(&crystal, neighbours, 6.0, m.model.n_elements, even);
  NMD_TRY(bench_make_batch(&crystal, 0, CENTRES, 6.0, below(2) ? 6.0 : 7.0, &b));
  NMD_TRY(bench_profile(evaluator, &b, out->ns));
  for (int p = 0; p < BENCH_PHASES; p++) out->ns[p] *= 1e9;
  const nmd_cost_environment e = bench_mean_environment(&b, 6.0, evaluator->kernels->lanes);
  out->cost = (nmd_cost){0};
  nmd_cost_add_plan(&evaluator->plans[0], &e, &out->cost);
  nmd_cost_add_network(&evaluator->networks[0], e.lanes, &out->cost);
  bench_batch_free(&b);
  nmd_evaluator_destroy(evaluator);
  return NMD_OK;
}

/* Minimise sum (1 - sum_u c_u x_u / t)^2 over c >= 0 by coordinate descent. */
static void fit(const sample *samples, bench_phase phase, double *table) {
  const nmd_cost_unit first = bench_phase_units[phase].first, last = bench_phase_units[phase].last;
  static double residual[SAMPLES];
  for (int i = 0; i < SAMPLES; i++) residual[i] = samples[i].ns[phase] > 0.0 ? 1.0 : 0.0;
  for (int u = first; u <= (int)last; u++) table[u] = 0.0;
  for (int round = 0; round < 20000; round++)
    for (int u = first; u <= (int)last; u++) {
      double gradient = 0.0, curvature = 0.0;
      for (int i = 0; i < SAMPLES; i++) {
        if (!(samples[i].ns[phase] > 0.0)) continue;
        const double x = samples[i].cost.units[u] / samples[i].ns[phase];
        gradient += x * residual[i];
        curvature += x * x;
      }
      if (!(curvature > 0.0)) continue;
      const double change = fmax(gradient / curvature, -table[u]);
      table[u] += change;
      for (int i = 0; i < SAMPLES; i++)
        if (samples[i].ns[phase] > 0.0) residual[i] -= change * samples[i].cost.units[u] / samples[i].ns[phase];
    }
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(const sample *samples, bench_phase phase, const double *table, nmd_simd simd) {
  double off[SAMPLES];
  int n = 0;
  for (int i = 0; i < SAMPLES; i++) {
    double sum = 0.0;
    if (!(samples[i].ns[phase] > 0.0)) continue;
    for (int u = bench_phase_units[phase].first; u <= (int)bench_phase_units[phase].last; u++)
      sum += table[u] * samples[i].cost.units[u];
    off[n++] = fabs(sum / samples[i].ns[phase] - 1.0);
  }
  qsort(off, (size_t)n, sizeof off[0], by_value);
  fprintf(stderr, "set %d, %s: %d samples, deviation median %.1f %%, 90th percentile %.1f %%\n", (int)simd,
          bench_phase_units[phase].name, n, 100.0 * off[n / 2], 100.0 * off[n * 9 / 10]);
}

static nmd_status calibrate(nmd_simd simd, double *table) {
  static sample samples[SAMPLES];
  for (int i = 0; i < SAMPLES; i++) NMD_TRY(measure(simd, (model_kind)(i % MODEL_KINDS), &samples[i]));
  for (int p = 0; p < BENCH_PHASES; p++) {
    fit(samples, (bench_phase)p, table);
    report(samples, (bench_phase)p, table, simd);
  }
  return NMD_OK;
}

static const char *const unit_names[] = {
#define X(name, text) #name,
    NMD_COST_UNITS(X)
#undef X
};

/* The model name of this CPU as Linux has it */
static void cpu_name(char *name, size_t size) {
  char line[256];
  FILE *file = fopen("/proc/cpuinfo", "r");
  snprintf(name, size, "an unknown CPU");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    const char *value = strchr(line, ':');
    if (strncmp(line, "model name", 10) != 0 || value == NULL) continue;
    snprintf(name, size, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
    break;
  }
  if (file != NULL) fclose(file);
}

static void write_table(double tables[][NMD_COST_UNIT_COUNT]) {
  static const char *const sets[] = {"", "PORTABLE", "AVX2", "AVX512"};
  char cpu[128];
  cpu_name(cpu, sizeof cpu);
  printf("/* SPDX-License-Identifier: BSD-3-Clause */\n/* Made by bench/calibrate on %s. Do not edit: run it again.\n"
         " * Nanoseconds of each unit of work of nnp/cost.h. */\n#include \"nnp/cost.h\"\n\n"
         "static const double tables[][NMD_COST_UNIT_COUNT] = {\n",
         cpu);
  for (int s = NMD_SIMD_PORTABLE; s <= NMD_SIMD_AVX512; s++) {
    printf("    [NMD_SIMD_%s] = {\n", sets[s]);
    for (int u = 0; u < NMD_COST_UNIT_COUNT; u++)
      printf("        [NMD_COST_%s] = %.4g,\n", unit_names[u], tables[s][u]);
    printf("    },\n");
  }
  printf("};\n\nconst double *nmd_cost_table(nmd_simd simd) { return tables[simd]; }\n");
}

int main(void) {
  static double tables[NMD_SIMD_AVX512 + 1][NMD_COST_UNIT_COUNT];
  for (nmd_simd simd = NMD_SIMD_PORTABLE; simd <= NMD_SIMD_AVX512; simd++) {
    if (calibrate(simd, tables[simd]) == NMD_OK) continue;
    fprintf(stderr, "calibrate: %s\n", nmd_error_text());
    return 1;
  }
  write_table(tables);
  return 0;
}
