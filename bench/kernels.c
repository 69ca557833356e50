/* SPDX-License-Identifier: BSD-3-Clause */
/* Speed of the evaluator's kernels on one core: energy and forces of the atoms of a rattled crystal, neighbour list
 * with a skin given. For each algorithm the time per atom, its arithmetic beside the FMA peak and the bandwidth of the
 * innermost cache measured in the same run, and how close it comes to the nearer of the two (its roofline). */
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "environments.h"
#include "nnp/committee.h"
#include "work.h"

static const double skin = 1.0; /* A */

typedef struct command_line {
  double neighbours, length_unit, energy_unit, composition[BENCH_ELEMENTS];
  nmd_evaluator_options options;
  bool json, plan;
  int n_folders;
  char **folders;
} command_line;

static const struct argp_option argp_options[] = {
    {"neighbours", 'n', "N", 0, "neighbours within the cut-off (60)", 0},
    {"units", 'u', "A,EV", 0, "length and energy unit of the model in A and eV (1,1)", 0},
    {"composition", 'c', "X,Y,...", 0, "shares of the elements (equal ones)", 0},
    {"algorithm", 'a', "NAME", 0, "best, moments, pairs or generic (best)", 0},
    {"precision", 'p', "NAME", 0, "double or mixed (double)", 0},
    {"simd", 's', "NAME", 0, "best, portable, avx2 or avx512 (best)", 0},
    {"plan", 'v', NULL, 0, "print the evaluation plan", 0},
    {"json", 'j', NULL, 0, "JSON in place of the table", 0},
    {0}};

static int choice(struct argp_state *state, const char *text, const char *const *names, int n) {
  for (int i = 0; i < n; i++)
    if (strcmp(text, names[i]) == 0) return i;
  argp_error(state, "%s: no such name", text);
  return 0;
}

static int numbers(const char *text, double *values, int max) {
  int n = 0;
  for (char *end; n < max && *text != '\0'; text = *end == ',' ? end + 1 : end) {
    values[n++] = strtod(text, &end);
    if (end == text) return n - 1;
  }
  return n;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
  static const char *const algorithms[] = {"best", "moments", "pairs", "generic"}, *const precisions[] = {"double",
                                                                                                          "mixed"};
  static const char *const sets[] = {"best", "portable", "avx2", "avx512"};
  command_line *line = state->input;
  double units[2];
  switch (key) {
    case 'n': line->neighbours = atof(argument); return 0;
    case 'u':
      if (numbers(argument, units, 2) != 2)
        argp_error(state, "%s: expected two numbers such as 0.529177,27.2114", argument);
      line->length_unit = units[0];
      line->energy_unit = units[1];
      return 0;
    case 'c': numbers(argument, line->composition, BENCH_ELEMENTS); return 0;
    case 'a': line->options.algorithm = (nmd_algorithm)choice(state, argument, algorithms, 4); return 0;
    case 'p': line->options.precision = (nmd_precision)choice(state, argument, precisions, 2); return 0;
    case 's': line->options.simd = (nmd_simd)choice(state, argument, sets, 4); return 0;
    case 'v': line->plan = true; return 0;
    case 'j': line->json = true; return 0;
    case ARGP_KEY_ARGS:
      line->folders = state->argv + state->next;
      line->n_folders = state->argc - state->next;
      return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "expected a model folder"); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp argp_parser = {
    argp_options, parse_option, "FOLDER...", "Speed of the evaluator on the models of these folders.", 0, 0, 0};

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Median seconds of one sweep over all centres of a batch */
static nmd_status time_batch(nmd_evaluator *evaluator, bench_batch *b, double *seconds) {
  enum { REPEATS = 5 };
  double times[REPEATS];
  int sweeps = 1;
  for (int i = 0; i < REPEATS; i++) {
    double elapsed;
    for (;; sweeps *= 2) {
      const double start = bench_cpu_seconds();
      for (int k = 0; k < sweeps; k++) NMD_TRY(nmd_evaluate(evaluator, &b->environments, &b->results));
      elapsed = bench_cpu_seconds() - start;
      if (elapsed > 0.05) break;
    }
    times[i] = elapsed / sweeps;
  }
  qsort(times, REPEATS, sizeof times[0], by_value);
  *seconds = times[REPEATS / 2];
  return NMD_OK;
}

typedef struct phase_sum { /* per atom, averaged over the centres */
  double us, flops, bytes;
} phase_sum;

typedef struct outcome {
  int atoms, members;
  double seconds, neighbours, estimate; /* of all atoms; mean; us */
  phase_sum phases[BENCH_PHASES];
  double peak, bandwidth; /* GF/s of this precision, GB/s */
  const char *simd;
} outcome;

static void add_phase(const nmd_cost *cost, bench_phase phase, double us, int lanes, double weight, phase_sum *sum) {
  double flops = 0.0, bytes = 0.0;
  for (int u = bench_phase_units[phase].first; u <= (int)bench_phase_units[phase].last; u++) {
    flops += cost->units[u] * bench_lane_work[u].flops * lanes;
    bytes += cost->units[u] * bench_lane_work[u].bytes * lanes;
  }
  if (phase == BENCH_GATHER) {
    flops += cost->units[NMD_COST_NEIGHBOUR] * bench_neighbour_work.flops;
    bytes += cost->units[NMD_COST_NEIGHBOUR] * bench_neighbour_work.bytes;
  }
  sum->us += weight * us;
  sum->flops += weight * flops;
  sum->bytes += weight * bytes;
}

static nmd_status measure_element(nmd_evaluator *e, const bench_crystal *crystal, int element, outcome *out) {
  const double cutoff = nmd_model_cutoff(e->model);
  const int lanes = e->kernels->lanes;
  double seconds, phases[BENCH_PHASES];
  nmd_cost cost = {0};
  bench_batch b;
  NMD_TRY(bench_make_batch(crystal, element, BENCH_ATOMS, cutoff, cutoff + skin, &b));
  if (b.environments.n > 0) {
    const nmd_cost_environment seen = bench_mean_environment(&b, e->plans[element].cutoff, lanes);
    const double weight = b.environments.n;
    NMD_TRY(time_batch(e, &b, &seconds));
    NMD_TRY(bench_profile(e, &b, phases));
    nmd_cost_add_plan(&e->plans[element], &seen, &cost);
    for (int k = 0; k < e->n_networks; k++) nmd_cost_add_network(&e->networks[element * e->n_networks + k], lanes, &cost);
    for (int p = 0; p < BENCH_PHASES; p++)
      add_phase(&cost, (bench_phase)p, 1e6 * phases[p], lanes, weight, &out->phases[p]);
    out->seconds += seconds;
    out->atoms += b.environments.n;
    out->neighbours += weight * b.within;
    out->estimate += weight * nmd_cost_us(&cost, e->kernels->simd);
  }
  bench_batch_free(&b);
  return NMD_OK;
}

static void finish(nmd_evaluator *e, outcome *out) {
  static const char *const sets[] = {"", "portable", "AVX2", "AVX-512"};
  for (int p = 0; p < BENCH_PHASES; p++) {
    out->phases[p].us /= out->atoms;
    out->phases[p].flops /= out->atoms;
    out->phases[p].bytes /= out->atoms;
  }
  out->neighbours /= out->atoms;
  out->estimate /= out->atoms;
  out->members = e->n_members;
  out->simd = sets[e->kernels->simd];
  out->bandwidth = bench_cache_bandwidth();
  out->peak = bench_fma_peak();
}

static void print_table(const char *folder, const command_line *line, const outcome *o) {
  const bool mixed = line->options.precision == NMD_PRECISION_MIXED;
  const double scale = mixed ? 2.0 : 1.0; /* lanes of the arithmetic; the network stays in double */
  printf("  %-20s %9s %9s %8s %9s %9s %10s\n", "algorithm", "us/atom", "kflop", "GF/s", "of peak", "GB/s",
         "of roofline");
  for (int p = 0; p < BENCH_PHASES; p++) {
    const phase_sum *s = &o->phases[p];
    if (!(s->us > 0.0)) continue;
    const double peak = p == BENCH_NETWORK ? o->peak : scale * o->peak;
    const double bytes = mixed && p != BENCH_NETWORK ? 0.5 * s->bytes : s->bytes;
    const double bound = o->peak > 0.0 ? fmax(s->flops / peak, bytes / o->bandwidth) * 1e-3 : 0.0;
    printf("  %-20s %9.3f %9.2f %8.2f %8.1f%% %9.1f %9.1f%%\n", bench_phase_units[p].name, s->us, 1e-3 * s->flops,
           1e-3 * s->flops / s->us, peak > 0.0 ? 0.1 * s->flops / s->us / peak : 0.0, 1e-3 * bytes / s->us,
           100.0 * bound / s->us);
  }
  printf("%s: %.0f atoms/s on one core, %.2f us each (estimate %.2f), %.1f neighbours", folder, o->atoms / o->seconds,
         1e6 * o->seconds / o->atoms, o->estimate, o->neighbours);
  if (o->members > 1) printf(", committee of %d", o->members);
  printf(", %s, %s; FMA peak %.1f GF/s double, cache %.0f GB/s\n", o->simd, mixed ? "mixed" : "double", o->peak,
         o->bandwidth);
}

static void print_json(const char *folder, const command_line *line, const outcome *o, bool first) {
  printf("%s{\"model\": \"%s\", \"precision\": \"%s\", \"simd\": \"%s\", \"members\": %d, \"neighbours\": %.2f,\n"
         "  \"atoms_per_s\": %.1f, \"us_per_atom\": %.4f, \"estimate_us\": %.4f, \"fma_peak_gflops\": %.2f,\n"
         "  \"cache_GB_per_s\": %.1f, \"algorithms\": [",
         first ? "[" : ",\n ", folder, line->options.precision == NMD_PRECISION_MIXED ? "mixed" : "double", o->simd,
         o->members, o->neighbours, o->atoms / o->seconds, 1e6 * o->seconds / o->atoms, o->estimate, o->peak,
         o->bandwidth);
  bool first_phase = true;
  for (int p = 0; p < BENCH_PHASES; p++) {
    const phase_sum *s = &o->phases[p];
    if (!(s->us > 0.0)) continue;
    printf("%s\n   {\"name\": \"%s\", \"us_per_atom\": %.4f, \"flops\": %.0f, \"bytes\": %.0f}", first_phase ? "" : ",",
           bench_phase_units[p].name, s->us, s->flops, s->bytes);
    first_phase = false;
  }
  printf("]}");
}

static void print_text(void *context, const char *text) { fputs(text, context); }

static nmd_status run_model(const command_line *line, const char *folder, bool first) {
  static bench_crystal crystal;
  nmd_committee models;
  nmd_evaluator *e;
  outcome out = {0};
  NMD_TRY(nmd_committee_read(folder, NULL, 0, false, line->length_unit, line->energy_unit, &models));
  NMD_TRY(nmd_evaluator_create_committee((const nmd_model *const *)models.models, models.n, &line->options, &e));
  const int n_elements = nmd_model_element_count(e->model);
  if (n_elements > BENCH_ELEMENTS) NMD_FAIL(USAGE, "%s: more than %d elements", folder, BENCH_ELEMENTS);
  if (line->plan) NMD_TRY(nmd_evaluator_describe(e, NULL, print_text, stdout));
  bench_make_crystal(&crystal, line->neighbours, nmd_model_cutoff(e->model), n_elements, line->composition);
  for (int element = 0; element < n_elements; element++) NMD_TRY(measure_element(e, &crystal, element, &out));
  finish(e, &out);
  if (line->json)
    print_json(folder, line, &out, first);
  else
    print_table(folder, line, &out);
  nmd_evaluator_destroy(e);
  nmd_committee_free(&models);
  return NMD_OK;
}

int main(int argc, char **argv) {
  command_line line = {.neighbours = 60.0, .length_unit = 1.0, .energy_unit = 1.0};
  for (int i = 0; i < BENCH_ELEMENTS; i++) line.composition[i] = 1.0;
  argp_parse(&argp_parser, argc, argv, 0, NULL, &line);
  for (int i = 0; i < line.n_folders; i++) {
    const nmd_status status = run_model(&line, line.folders[i], i == 0);
    if (status == NMD_OK) continue;
    fprintf(stderr, "kernels: %s\n", nmd_error_text());
    return nmd_status_exit_code(status);
  }
  if (line.json) printf("]\n");
  return 0;
}
