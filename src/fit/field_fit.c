/* SPDX-License-Identifier: BSD-3-Clause */
#include "fit/field_fit.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timer.h"
#include "fit/field_fit_parts.h"
#include "io/read_structure.h"

static const double impossible = 1e30; /* loss of parameters with which there is no potential */

/* Runs cost most: where the other targets are far off, their caps will do. */
static nmd_status add_dynamics(nmd__field_fit *fit, const nmd_yaml_node *potential, double others, double *loss) {
  const bool skip = fit->weights.skip_above > 0 && !(others <= fit->weights.skip_above);
  for (int k = 0; k < fit->n_dynamics; k++) {
    nmd_dynamics *target = &fit->dynamics[k];
    if (skip)
      nmd_dynamics_leave_out(target);
    else
      NMD_TRY(nmd_dynamics_evaluate(target, fit->alone, potential));
    *loss += target->result.loss;
  }
  return NMD_OK;
}

/* Losses of the potential of this node; *loss is left alone where it cannot be made. */
static nmd_status add_losses(nmd__field_fit *fit, const nmd_yaml_node *potential, double *loss) {
  double sum = 0, own;
  NMD_TRY(nmd_labelled_evaluate(&fit->set, fit->alone, potential, &fit->parts));
  for (int k = 0; k < fit->n_relaxed; k++) {
    if (fit->relaxed[k].weight == 0) continue;
    NMD_TRY(nmd_relaxed_evaluate(&fit->relaxed[k], fit->alone, potential, &own));
    sum += fit->relaxed[k].weight * own;
  }
  sum += fit->weights.energy * fit->parts.energy + fit->weights.force * fit->parts.force +
         fit->weights.stress * fit->parts.stress;
  double total = sum;
  NMD_TRY(add_dynamics(fit, potential, sum, &total)); /* a run that fails is no bargain: not the sum without it */
  *loss = total;
  return NMD_OK;
}

nmd_status nmd__fit_loss(nmd__field_fit *fit, const double *x, double *loss, nmd_status *why) {
  nmd_yaml *document;
  *loss = impossible;
  NMD_TRY(nmd_yaml_copy(fit->input->tree, &document));
  nmd_status status = nmd_variables_apply(&fit->variables, x, document);
  if (status == NMD_OK) {
    *why = add_losses(fit, nmd_yaml_find(nmd_yaml_root(document), "potential"), loss);
    if (*why == NMD_MEMORY) status = *why;
    if (!isfinite(*loss)) *loss = impossible;
  }
  nmd_yaml_destroy(document);
  return status;
}

static nmd_status search_loss(void *context, const double *x, double *loss) {
  nmd_status why;
  return nmd__fit_loss(context, x, loss, &why);
}

/* ---- opening ---- */

static nmd_status parse_section(const nmd_option_table *table, const nmd_yaml_node *node, void *out) {
  return nmd_options_parse(table, node, out);
}

static nmd_status open_method(nmd__field_fit *fit) {
  int which;
  const nmd_yaml_node *body;
  NMD_TRY(nmd_options_variant(fit->input->search, nmd_search_tables, "search", &which, &body));
  fit->ops = nmd_search_registry[which];
  NMD_TRY(nmd_alloc(&fit->parameters, 1, fit->ops->options->size));
  return nmd_options_parse(fit->ops->options, body, fit->parameters);
}

static nmd_status open_relaxed(nmd__field_fit *fit) {
  const nmd_yaml_node *list = fit->input->relaxed;
  if (list != NULL && (list->kind != NMD_YAML_LIST || list->n > NMD__RELAXED_MAX))
    NMD_FAIL_AT(list, WRONG_TYPE, "relaxed: expected a list of at most %d entries such as - {file: cell.extxyz}",
                NMD__RELAXED_MAX);
  for (int k = 0; list != NULL && k < list->n; k++) {
    nmd__fit_relaxed p;
    nmd_relaxed *target = &fit->relaxed[k];
    NMD_TRY(nmd_options_parse(&nmd__fit_relaxed_table, list->items[k], &p));
    const nmd_status status = nmd_structure_read(p.file, NULL, p.frame, &target->reference);
    nmd_options_free(&nmd__fit_relaxed_table, &p);
    NMD_TRY(status);
    fit->n_relaxed++;
    nmd_species_init(&target->species, target->reference.atomic_number, (long)target->reference.n);
    target->steps = (int)p.steps;
    target->weight = p.weight;
    target->tolerance = p.tolerance;
  }
  return NMD_OK;
}

static nmd_status open_targets(nmd__field_fit *fit) {
  nmd__fit_data data;
  NMD_TRY(parse_section(&nmd__fit_weights_table, fit->input->loss, &fit->weights));
  if (fit->input->data == NULL) return NMD_OK;
  NMD_TRY(parse_section(&nmd__fit_data_table, fit->input->data, &data));
  const nmd_status status = nmd_labelled_read(data.file, data.every, data.most, &fit->set);
  nmd_options_free(&nmd__fit_data_table, &data);
  return status;
}

static nmd_status open_dynamics(nmd__field_fit *fit) {
  const nmd_yaml_node *list = fit->input->dynamics;
  if (list != NULL && (list->kind != NMD_YAML_LIST || list->n > NMD_DYNAMICS_MAX))
    NMD_FAIL_AT(list, WRONG_TYPE,
                "dynamics: expected a list of at most %d entries such as - {reference: md.extxyz, stages: [...]}",
                NMD_DYNAMICS_MAX);
  for (; list != NULL && fit->n_dynamics < list->n; fit->n_dynamics++)
    NMD_TRY(nmd_dynamics_open(list->items[fit->n_dynamics], fit->input->seed, &fit->dynamics[fit->n_dynamics]));
  if (fit->set.n + fit->n_relaxed + fit->n_dynamics > 0) return NMD_OK;
  NMD_FAIL_AT(fit->input->parameters, MISSING_KEY, "no target; expected data, relaxed or dynamics");
}

static nmd_status open_all(nmd__field_fit *fit) {
  NMD_TRY(open_method(fit));
  NMD_TRY(nmd_variables_read(fit->input->parameters, fit->input->potential, &fit->variables));
  if (fit->variables.n_free > NMD_SEARCH_DIM_MAX)
    NMD_FAIL(CONFLICT, "parameters: %d are free; expected at most %d", fit->variables.n_free, NMD_SEARCH_DIM_MAX);
  NMD_TRY(open_targets(fit));
  NMD_TRY(open_relaxed(fit));
  return open_dynamics(fit);
}

/* A potential that cannot be made with the numbers at the start is a mistake in the input. */
static nmd_status check_start(nmd__field_fit *fit, double *loss) {
  nmd_status why = NMD_OK;
  NMD_TRY(nmd__fit_loss(fit, fit->variables.start, loss, &why));
  return why;
}

static nmd_status make_folder(const nmd__field_fit *fit) {
  if (nmd_comm_rank(fit->comm) != 0 || mkdir(fit->input->output, 0777) == 0 || errno == EEXIST) return NMD_OK;
  NMD_FAIL(WRITE, "output_folder: cannot make \"%s\": %s", fit->input->output, strerror(errno));
}

static void close_all(nmd__field_fit *fit) {
  if (fit->ops != NULL && fit->parameters != NULL) nmd_options_free(fit->ops->options, fit->parameters);
  nmd_free(fit->parameters);
  nmd_labelled_free(&fit->set);
  for (int k = 0; k < fit->n_relaxed; k++) nmd_structure_free(&fit->relaxed[k].reference);
  for (int k = 0; k < fit->n_dynamics; k++) nmd_dynamics_free(&fit->dynamics[k]);
  nmd_variables_free(&fit->variables);
  nmd_search_state_free(&fit->state);
  nmd_comm_free(fit->alone);
}

static void log_start(const nmd__field_fit *fit, double loss) {
  nmd_log_info(
      "%d structures, %d free parameters, %s, %d islands of %lld; loss at the start %.6g: energy %.4g eV/atom, force "
      "%.4g eV/A, stress %.4g GPa",
      fit->set.n, fit->variables.n_free, fit->ops->name, nmd_comm_size(fit->comm), (long long)fit->input->population,
      loss, fit->parts.energy_rmse, fit->parts.force_rmse, fit->parts.stress_rmse * NMD_EV_PER_A3_TO_GPA);
  nmd__fit_log_dynamics(fit);
}

/* What --check says beyond that: the numbers that are searched, the other targets, how long it will take. */
static void log_plan(const nmd__field_fit *fit, double seconds) {
  const nmd_variables *v = &fit->variables;
  for (int i = 0; i < v->n; i++) {
    const nmd_variable *one = &v->all[i];
    if (one->fixed)
      nmd_log_info("%s: fixed", one->path);
    else if (one->same_as != NULL)
      nmd_log_info("%s: %.6g times %s", one->path, one->factor, one->same_as);
    else
      nmd_log_info("%s: %.6g, searched from %.6g to %.6g", one->path, v->start[v->source[i]], one->low, one->high);
  }
  const double evaluations = (double)fit->input->population * (double)fit->input->generations;
  nmd_log_info("%d relaxed cells, %d runs; %.3g s an evaluation: %lld generations take about %.3g h or more",
               fit->n_relaxed, fit->n_dynamics, seconds, (long long)fit->input->generations,
               evaluations * seconds / 3600.0);
}

/* ---- running ---- */

/* The best of each island takes the place of the worst of the next. */
static void migrate(nmd__field_fit *fit) {
  const int ranks = nmd_comm_size(fit->comm), rank = nmd_comm_rank(fit->comm), dim = fit->state.dim;
  if (ranks == 1) return;
  double out[NMD_SEARCH_DIM_MAX + 1], in[NMD_SEARCH_DIM_MAX + 1];
  const int best = nmd_search_best(&fit->state), worst = nmd_search_worst(&fit->state);
  memcpy(out, fit->state.x + (int64_t)best * dim, (size_t)dim * sizeof *out);
  out[dim] = fit->state.loss[best];
  const size_t bytes = (size_t)(dim + 1) * sizeof *out;
  nmd_comm_exchange_known(fit->comm, (rank + 1) % ranks, out, bytes, (rank + ranks - 1) % ranks, in, bytes);
  if (in[dim] >= fit->state.loss[worst]) return;
  memcpy(fit->state.x + (int64_t)worst * dim, in, (size_t)dim * sizeof *in);
  fit->state.loss[worst] = in[dim];
}

/* Best of all islands to all ranks. */
static void find_best(const nmd__field_fit *fit, nmd_field_fit_result *result) {
  const int best = nmd_search_best(&fit->state);
  double least = fit->state.loss[best];
  nmd_comm_min(fit->comm, &least, 1);
  double owner = fit->state.loss[best] == least ? nmd_comm_rank(fit->comm) : nmd_comm_size(fit->comm);
  nmd_comm_min(fit->comm, &owner, 1);
  if (nmd_comm_rank(fit->comm) == (int)owner)
    memcpy(result->x, fit->state.x + (int64_t)best * fit->state.dim, (size_t)fit->state.dim * sizeof *result->x);
  nmd_comm_broadcast(fit->comm, result->x, sizeof result->x, (int)owner);
  result->loss = least;
  result->generation = fit->state.generation;
  result->evaluations = fit->state.evaluations;
  nmd_comm_sum_int(fit->comm, &result->evaluations, 1);
}

static nmd_status log_progress(const nmd__field_fit *fit, const nmd_field_fit_result *r, double seconds, int64_t done) {
  const double left = seconds / (double)(done > 0 ? done : 1) * (double)(fit->input->generations - r->generation);
  nmd_log_info("generation %lld of %lld: loss %.6g (%.3g of the start), %lld evaluations, %.1f s, %.0f s to go",
               (long long)r->generation, (long long)fit->input->generations, r->loss,
               r->start_loss > 0 ? r->loss / r->start_loss : 0, (long long)r->evaluations, seconds, left);
  if (nmd_comm_rank(fit->comm) != 0) return NMD_OK;
  char *path;
  NMD_TRY(nmd_path_join(fit->input->output, "history.dat", &path));
  FILE *file = fopen(path, "a");
  nmd_status status = NMD_OK;
  if (file == NULL ||
      fprintf(file, "%lld %.10g %lld\n", (long long)r->generation, r->loss, (long long)r->evaluations) < 0)
    status = nmd_fail(NMD_WRITE, "%s: cannot be written: %s", path, strerror(errno));
  if (file != NULL && fclose(file) != 0 && status == NMD_OK)
    status = nmd_fail(NMD_WRITE, "%s: %s", path, strerror(errno));
  nmd_free(path);
  return status;
}

static nmd_status one_generation(nmd__field_fit *fit, const nmd_search_problem *problem) {
  NMD_TRY(nmd_comm_agree(fit->comm, fit->ops->generation(fit->parameters, problem, (uint64_t)fit->input->seed,
                                                         nmd_comm_rank(fit->comm), &fit->state)));
  const int64_t g = fit->state.generation;
  if (fit->input->migrate > 0 && g % fit->input->migrate == 0) migrate(fit);
  return g % fit->input->every == 0 || g == fit->input->generations ? nmd__fit_save(fit) : NMD_OK;
}

static nmd_status search(nmd__field_fit *fit, const nmd_search_problem *problem, const nmd_field_fit_options *options,
                         nmd_field_fit_result *result) {
  const double start = nmd_wall_seconds();
  const int64_t first = fit->state.generation;
  find_best(fit, result);
  while (fit->state.generation < fit->input->generations) {
    NMD_TRY(one_generation(fit, problem));
    find_best(fit, result);
    double seconds = nmd_wall_seconds() - start;
    nmd_comm_max(fit->comm, &seconds, 1);
    const bool late = options->max_seconds > 0 && seconds > options->max_seconds;
    if (fit->state.generation % fit->input->report == 0 || fit->state.generation == fit->input->generations || late)
      NMD_TRY(nmd_comm_agree(fit->comm, log_progress(fit, result, seconds, fit->state.generation - first)));
    if (!late || fit->state.generation == fit->input->generations) continue;
    NMD_TRY(nmd__fit_save(fit));
    NMD_FAIL(INTERRUPTED, "at the limit of %.4g s after generation %lld; --restart goes on", options->max_seconds,
             (long long)fit->state.generation);
  }
  return NMD_OK;
}

static nmd_status begin_search(nmd__field_fit *fit, const nmd_search_problem *problem, bool restart) {
  const int n = (int)fit->input->population;
  if (!restart)
    return nmd_comm_agree(
        fit->comm, nmd_search_begin(problem, n, (uint64_t)fit->input->seed, nmd_comm_rank(fit->comm), &fit->state));
  NMD_TRY(nmd_comm_agree(fit->comm, nmd_search_state_init(&fit->state, problem->dim, n)));
  return nmd__fit_load(fit);
}

static nmd_status run(nmd__field_fit *fit, const nmd_field_fit_options *options, nmd_field_fit_result *result) {
  NMD_TRY(nmd_comm_agree(fit->comm, nmd_comm_alone(&fit->alone)));
  NMD_TRY(nmd_comm_agree(fit->comm, open_all(fit)));
  if (!options->check) NMD_TRY(nmd_comm_agree(fit->comm, make_folder(fit)));
  const double began = nmd_wall_seconds();
  NMD_TRY(nmd_comm_agree(fit->comm, check_start(fit, &result->start_loss)));
  log_start(fit, result->start_loss);
  if (options->check) {
    log_plan(fit, nmd_wall_seconds() - began);
    return NMD_OK;
  }
  const nmd_search_problem problem = {fit->variables.n_free, fit->variables.low, fit->variables.high,
                                      fit->variables.start,  search_loss,        fit};
  NMD_TRY(begin_search(fit, &problem, options->restart));
  NMD_TRY(search(fit, &problem, options, result));
  NMD_TRY(nmd_comm_agree(fit->comm, nmd_comm_rank(fit->comm) == 0 ? nmd__fit_report(fit, result->x) : NMD_OK));
  if (nmd_comm_rank(fit->comm) == 0)
    nmd_log_info("best loss %.6g: energy %.4g eV/atom, force %.4g eV/A, stress %.4g GPa; fitted.yaml and parity in %s",
                 result->loss, fit->parts.energy_rmse, fit->parts.force_rmse,
                 fit->parts.stress_rmse * NMD_EV_PER_A3_TO_GPA, fit->input->output);
  for (int k = 0; k < fit->n_relaxed && nmd_comm_rank(fit->comm) == 0; k++)
    nmd_log_info("relaxed cell %d: %.5f %.5f %.5f of its reference", k + 1, fit->relaxed[k].lengths[0],
                 fit->relaxed[k].lengths[1], fit->relaxed[k].lengths[2]);
  if (nmd_comm_rank(fit->comm) == 0) nmd__fit_log_dynamics(fit);
  return NMD_OK;
}

nmd_status nmd_field_fit_run(const nmd_comm *comm, const nmd_field_fit_input *input,
                             const nmd_field_fit_options *options, nmd_field_fit_result *result) {
  nmd__field_fit fit = {.comm = comm, .input = input};
  *result = (nmd_field_fit_result){0};
  const nmd_status status = run(&fit, options, result);
  close_all(&fit);
  return status;
}
