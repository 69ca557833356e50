/* SPDX-License-Identifier: BSD-3-Clause */
/* Global methods of NLopt (S. G. Johnson, The NLopt nonlinear-optimization package). NLopt keeps its own state, so each
 * generation is a run of `evaluations` from the best point so far, and a restart goes on from there; ISRES, CRS2 and
 * ESCH draw a new population each time, DIRECT-L and MLSL begin anew. */
#include <math.h>
#include <nlopt.h>
#include <string.h>

#include "fit/search.h"

extern const nmd_search_ops nmd__search_nlopt;
extern const nmd_option_table nmd__search_nlopt_options;

typedef struct nlopt_parameters {
  int algorithm;
  int64_t evaluations;
} nlopt_parameters;

static const nmd_option options[] = {
    {"algorithm", NMD_OPT_CHOICE, offsetof(nlopt_parameters, algorithm), .fallback = "crs2",
     .choices = "crs2|isres|esch|direct_l|mlsl", .doc = "the global method; mlsl: multistart with BOBYQA"},
    {"evaluations", NMD_OPT_INT, offsetof(nlopt_parameters, evaluations), .fallback = "1000", .min = 10, .max = 1e9,
     .doc = "of the loss in one generation"},
};
const nmd_option_table nmd__search_nlopt_options = {"nlopt", "global methods of NLopt", sizeof(nlopt_parameters),
                                                    NMD_COUNT(options), options};

typedef struct run {
  const nmd_search_problem *problem;
  nmd_search_state *state;
  nlopt_opt optimiser;
  nmd_status status;
} run;

/* NLopt sees the logarithm, as losses of bad points are huge. */
static double objective(unsigned n, const double *x, double *gradient, void *context) {
  run *r = context;
  double loss = INFINITY;
  (void)n;
  (void)gradient;
  if (r->status == NMD_OK) r->status = r->problem->loss(r->problem->context, x, &loss);
  if (r->status != NMD_OK) nlopt_force_stop(r->optimiser);
  r->state->evaluations++;
  const int worst = nmd_search_worst(r->state);
  if (loss < r->state->loss[worst]) { /* the population holds the best points that were seen */
    memcpy(r->state->x + (int64_t)worst * r->state->dim, x, (size_t)r->state->dim * sizeof *x);
    r->state->loss[worst] = loss;
  }
  return log(fmin(fmax(loss, 1e-300), 1e300));
}

static bool prepare(run *r, const nlopt_parameters *p, uint64_t seed) {
  static const nlopt_algorithm algorithms[] = {NLOPT_GN_CRS2_LM, NLOPT_GN_ISRES, NLOPT_GN_ESCH, NLOPT_GN_DIRECT_L,
                                               NLOPT_G_MLSL_LDS};
  const unsigned dim = (unsigned)r->state->dim;
  nlopt_srand((unsigned long)seed);
  r->optimiser = nlopt_create(algorithms[p->algorithm], dim);
  if (r->optimiser == NULL) return false;
  nlopt_opt local = p->algorithm == 4 ? nlopt_create(NLOPT_LN_BOBYQA, dim) : NULL;
  if (local != NULL) {
    nlopt_set_ftol_rel(local, 1e-8);
    nlopt_set_local_optimizer(r->optimiser, local);
    nlopt_destroy(local);
  }
  return nlopt_set_lower_bounds(r->optimiser, r->problem->low) > 0 &&
         nlopt_set_upper_bounds(r->optimiser, r->problem->high) > 0 &&
         nlopt_set_min_objective(r->optimiser, objective, r) > 0 &&
         nlopt_set_maxeval(r->optimiser, (int)p->evaluations) > 0;
}

static nmd_status generation(const void *parameters, const nmd_search_problem *problem, uint64_t seed, int island,
                             nmd_search_state *s) {
  run r = {.problem = problem, .state = s};
  double x[NMD_SEARCH_DIM_MAX], value;
  s->generation++;
  const bool ready = prepare(&r, parameters, seed + 1000003 * (uint64_t)s->generation + 17 * (uint64_t)island);
  memcpy(x, s->x + (int64_t)nmd_search_best(s) * s->dim, (size_t)s->dim * sizeof *x);
  const int result = ready ? (int)nlopt_optimize(r.optimiser, x, &value) : -1;
  if (r.optimiser != NULL) nlopt_destroy(r.optimiser);
  if (r.status == NMD_OK && (!ready || (result < 0 && result != NLOPT_ROUNDOFF_LIMITED)))
    return nmd_fail(NMD_INTERNAL, "NLopt ended with code %d", result);
  return r.status;
}

const nmd_search_ops nmd__search_nlopt = {
    .name = "nlopt", .options = &nmd__search_nlopt_options, .generation = generation};
