/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/fit.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/units.h"
#include "training/fit_memory.h"
#include "training/fit_output.h"
#include "training/grow.h"
#include "training/offsets.h"
#include "training/ranges.h"

static nmd_read_options read_options(const nmd_data_input *in) {
  return (nmd_read_options){
      .format = nmd_fit_format(in->format), .length_unit = in->length_unit, .energy_unit = in->energy_unit};
}

static nmd_status read_files(nmd_fit *fit, const nmd_text_list *files, int level, double max_force,
                             nmd_sample_set *set) {
  const nmd_data_input *in = &fit->input->data;
  const nmd_read_options options = read_options(in);
  const nmd_baseline *baseline = &fit->input->baseline;
  const nmd_sample_filter filter = {.max_force = max_force,
                                    .use_stress = in->stress,
                                    .level = level,
                                    .baseline = baseline->evaluate != NULL ? baseline : NULL};
  if (fit->input->baseline_node != NULL && baseline->evaluate == NULL)
    NMD_FAIL_AT(fit->input->baseline_node, CONFLICT,
                "baseline: this program has no potentials to stand on; expected a training by nnpmd-train");
  for (int i = 0; i < files->n; i++)
    NMD_TRY(nmd_sample_set_read(set, files->items[i], &options, fit->model, &filter, &fit->families));
  return NMD_OK;
}

static nmd_status read_sets(nmd_fit *fit, nmd_sample_set *training, nmd_sample_set *validation) {
  const nmd_data_input *in = &fit->input->data;
  NMD_TRY(read_files(fit, &in->training, 0, in->max_force, training));
  NMD_TRY(read_files(fit, &in->second_level, 1, in->max_force, training));
  NMD_TRY(read_files(fit, &in->validation, 0, in->validation_max_force, validation));
  if (in->validation.n == 0 && in->validation_fraction > 0.0)
    NMD_TRY(nmd_sample_set_split(training, in->validation_fraction, in->split == 1, (uint64_t)fit->input->seed,
                                 validation));
  if (training->n == 0)
    NMD_FAIL(CONFLICT, "%s: no structure is left to train with (%d dropped by max_force); expected at least one",
             in->training.n > 0 ? in->training.items[0] : nmd_yaml_root(fit->input->tree)->file, training->dropped);
  if (validation->n == 0 && (in->validation.n > 0 || in->validation_fraction > 0.0))
    nmd_log_warning(
        "data: no structure fell to validation, so the training set chooses the epoch; with few structures or "
        "groups name validation files, or a larger validation_fraction");
  nmd_log_info("data: %d training structures (%d dropped), %d for validation (%d dropped), %d families", training->n,
               training->dropped, validation->n, validation->dropped, fit->families.n);
  return NMD_OK;
}

static nmd_status family_weights(nmd_fit *fit) {
  const nmd_yaml_node *map = fit->input->loss.families;
  for (int i = 0; i < NMD_FAMILIES_MAX; i++) fit->objective.family_weight[i] = 1.0;
  if (map == NULL || map->kind == NMD_YAML_NULL) return NMD_OK;
  if (map->kind != NMD_YAML_MAP) NMD_FAIL_AT(map, WRONG_TYPE, "families: expected a map such as {md: 2, short: 0.5}");
  for (int k = 0; k < map->n; k++) {
    int family = 0;
    double weight;
    while (family < fit->families.n && strcmp(fit->families.name[family], map->keys[k]->text) != 0) family++;
    if (family == fit->families.n)
      NMD_FAIL_AT(map->keys[k], UNKNOWN_KEY, "families: no structure has kind=%s; remove the key", map->keys[k]->text);
    if (map->items[k]->text == NULL || nmd_quantity_parse(map->items[k]->text, NMD_DIM_NONE, &weight) != NMD_OK ||
        weight < 0.0)
      NMD_FAIL_AT(map->items[k], BAD_NUMBER, "families: %s: expected a weight >= 0", map->keys[k]->text);
    fit->objective.family_weight[family] = weight;
  }
  return NMD_OK;
}

static double rms_force(const nmd_sample_set *set) {
  double sum = 0.0, n = 0.0;
  for (int i = 0; i < set->n; i++) {
    const nmd_structure *s = &set->samples[i].structure;
    for (int64_t k = 0; s->f != NULL && k < 3 * s->n; k++) {
      const double f = (&s->f[0][0])[k];
      sum += f * f;
      n += 1.0;
    }
  }
  return n > 0.0 && sum > 0.0 ? sqrt(sum / n) : 1.0;
}

static nmd_status set_objective(nmd_fit *fit, const nmd_sample_set *training) {
  nmd_objective *o = &fit->objective;
  o->model = fit->model;
  o->layout = &fit->layout;
  fit->normal_force = rms_force(training);
  if (fit->grown_from != NULL)
    fit->conv_length = fit->normal_force / fit->model->energy_factor * fit->input->length_unit;
  o->force_weight = fit->input->loss.force_weight / fit->normal_force;
  o->energy_weight[0] = fit->input->loss.energy_weight / fit->normal_force;
  o->energy_weight[1] = o->energy_weight[0] * fit->input->loss.second_energy;
  o->stress_weight = fit->input->loss.stress_weight / fit->normal_force;
  o->level_weight[0] = 1.0;
  o->level_weight[1] = fit->input->loss.second_level;
  NMD_TRY(family_weights(fit));
  if (fit->input->atom_energies == 0 && fit->input->start_from == NULL) return nmd_offsets_fit(training, o);
  for (int level = 0; level < NMD_LEVELS; level++)
    for (int e = 0; e < fit->model->n_elements; e++) o->offset[level][e] = fit->model->elements[e].offset;
  return NMD_OK;
}

/* The unit of a grown model is written anew, as the settings do not know it. */
static nmd_status read_model(nmd_fit *fit) {
  const nmd_fit_input *in = fit->input;
  nmd_model **fitted = in->settings != NULL ? &fit->grown_from : &fit->model;
  if (in->start_from != NULL) NMD_TRY(nmd_model_read(in->start_from, in->length_unit, in->energy_unit, fitted));
  if (in->settings == NULL) return NMD_OK;
  NMD_TRY(nmd_model_read_untrained(in->settings, in->length_unit, in->energy_unit, &fit->model));
  return fit->grown_from != NULL ? nmd_grow_begin(fit->grown_from, fit->model) : NMD_OK;
}

static nmd_status prepare_data(nmd_fit *fit, nmd_data *data, nmd_sample_set *set, size_t cap) {
  const nmd_data_options options = {.n_streams = (int)fit->input->streams,
                                    .want_double = fit->input->precision == 1,
                                    .want_strain = fit->input->data.stress,
                                    .cap = cap};
  return nmd_comm_agree(fit->world,
                        nmd_data_init(data, fit->world, fit->alone, fit->model, &fit->dependence, &options, set));
}

static nmd_status load_data(nmd_fit *fit) {
  nmd_sample_set training = {0}, validation = {0};
  nmd_status status = nmd_comm_agree(fit->world, read_sets(fit, &training, &validation));
  if (status == NMD_OK) status = set_objective(fit, &training);
  const size_t cap = (size_t)(fit->input->memory * 1e9);
  if (status == NMD_OK) status = prepare_data(fit, &fit->training, &training, cap);
  const size_t left = cap > fit->training.wanted ? cap - fit->training.wanted : 0;
  if (status == NMD_OK) status = prepare_data(fit, &fit->validation, &validation, left);
  if (status == NMD_OK) nmd_fit_log_memory(fit);
  nmd_sample_set_free(&training);
  nmd_sample_set_free(&validation);
  return status;
}

static nmd_status set_scaling(nmd_fit *fit) {
  NMD_TRY(NMD_ALLOC(fit->statistics, fit->model->n_elements));
  for (int e = 0; e < fit->model->n_elements; e++)
    NMD_TRY(NMD_ALLOC(fit->statistics[e], fit->model->elements[e].n_functions));
  NMD_TRY(nmd_data_statistics(&fit->training, fit->statistics));
  if (fit->input->settings == NULL)
    return fit->input->ranges == 1 ? nmd_ranges_widen(fit->model, fit->statistics) : NMD_OK;
  for (int e = 0; e < fit->model->n_elements; e++)
    for (int f = 0; f < fit->model->elements[e].n_functions; f++)
      NMD_TRY(nmd_model_set_scaling(fit->model, e, f, &fit->statistics[e][f]));
  if (fit->grown_from != NULL) nmd_grow_weights(fit->grown_from, fit->model);
  return NMD_OK;
}

static nmd_status evaluate_descriptors(nmd_fit *fit) {
  NMD_TRY(nmd_comm_agree(fit->world, nmd_data_evaluate(&fit->training)));
  NMD_TRY(nmd_comm_agree(fit->world, nmd_data_evaluate(&fit->validation)));
  NMD_TRY(nmd_comm_agree(fit->world, set_scaling(fit)));
  nmd_data_scale(&fit->training);
  nmd_data_scale(&fit->validation);
  return NMD_OK;
}

static nmd_status member_init(nmd_fit *fit, nmd_member *m, int index) {
  m->seed = (uint64_t)fit->input->seed + (uint64_t)index;
  m->best_score = INFINITY;
  NMD_TRY(NMD_ALLOC(m->weights, fit->layout.n));
  NMD_TRY(NMD_ALLOC(m->average, fit->layout.n));
  NMD_TRY(NMD_ALLOC(m->best, fit->layout.n));
  if (fit->input->start_from != NULL)
    nmd_layout_from_model(&fit->layout, fit->model, m->weights);
  else
    nmd_layout_random(&fit->layout, m->seed, m->weights);
  return NMD_OK;
}

/* rms force of the networks as they start, in their own unit. */
static nmd_status first_forces(nmd_fit *fit, double *rms) {
  double sums[2] = {0.0, 0.0};
  nmd_status status = NMD_OK;
  for (int i = 0; i < fit->training.set.n && status == NMD_OK; i++) {
    const nmd_descriptors *d;
    double energy;
    if (!nmd_data_owns(&fit->training, i)) continue;
    status = nmd_data_get(&fit->training, i, &d);
    if (status == NMD_OK) status = nmd_pass_forward(fit->pass, d, fit->members[0].weights, true, &energy);
    if (status == NMD_OK && fit->errors.capacity < d->n) {
      status = NMD_GROW(fit->errors.force, 0, d->n);
      fit->errors.capacity = d->n;
    }
    if (status != NMD_OK) break;
    nmd_pass_forces(fit->pass, fit->errors.force, NULL);
    for (int k = 0; k < 3 * d->n; k++) sums[0] += (&fit->errors.force[0][0])[k] * (&fit->errors.force[0][0])[k];
    sums[1] += 3 * d->n;
  }
  NMD_TRY(nmd_comm_agree(fit->world, status));
  nmd_comm_sum(fit->world, sums, 2);
  *rms = nmd_rms(sums[0], sums[1]);
  return NMD_OK;
}

/* The network's unit of energy is chosen so that its first forces are as large as the labels', in units of which the
 * labels then have variance 1 (n2p2: normalize_data_set force). */
static nmd_status normalise(nmd_fit *fit) {
  double rms;
  if (!fit->input->normalise) return NMD_OK;
  NMD_TRY(first_forces(fit, &rms));
  if (!(rms > 0.0)) return NMD_OK;
  fit->model->energy_factor = fit->normal_force / rms;
  fit->conv_length = fit->normal_force / fit->model->energy_factor * fit->input->length_unit;
  nmd_log_info("normalisation: rms force %.4g eV/A, first network force %.4g: 1 network unit = %.6g eV",
               fit->normal_force, rms, fit->model->energy_factor);
  return NMD_OK;
}

static nmd_status create(nmd_fit *fit, bool only_check) {
  NMD_TRY(nmd_comm_split(fit->world, nmd_comm_rank(fit->world), &fit->alone));
  NMD_TRY(nmd_comm_agree(fit->world, nmd_fit_check_output(fit)));
  NMD_TRY(nmd_comm_agree(fit->world, read_model(fit)));
  NMD_TRY(nmd_layout_init(&fit->layout, fit->model));
  NMD_TRY(nmd_dependence_init(&fit->dependence, fit->model));
  NMD_TRY(load_data(fit));
  nmd_log_info("model: %d elements, %zu weights, cut-off %.4g A, committee of %lld", fit->model->n_elements,
               fit->layout.n, fit->model->cutoff, (long long)fit->input->committee);
  if (only_check) return NMD_OK;
  NMD_TRY(evaluate_descriptors(fit));
  NMD_TRY(nmd_pass_create(&fit->layout, &fit->dependence, &fit->pass));
  NMD_TRY(NMD_ALLOC(fit->members, fit->input->committee));
  for (int m = 0; m < fit->input->committee; m++) NMD_TRY(member_init(fit, &fit->members[fit->n_members++], m));
  if (fit->input->start_from == NULL) return normalise(fit);
  if (fit->input->atom_energies == 0) NMD_TRY(nmd_fit_refit_level(fit, 0));
  return nmd_fit_refit_level(fit, 1);
}

nmd_status nmd_fit_create(const nmd_comm *world, const nmd_fit_input *input, bool only_check, nmd_fit **out) {
  nmd_fit *fit;
  *out = NULL;
  NMD_TRY(NMD_ALLOC(fit, 1));
  fit->world = world;
  fit->input = input;
  const nmd_status status = create(fit, only_check);
  if (status != NMD_OK) {
    nmd_fit_destroy(fit);
    return status;
  }
  *out = fit;
  return NMD_OK;
}

void nmd_fit_destroy(nmd_fit *fit) {
  if (fit == NULL) return;
  for (int m = 0; m < fit->n_members; m++) {
    nmd_free(fit->members[m].weights);
    nmd_free(fit->members[m].average);
    nmd_free(fit->members[m].best);
  }
  nmd_free(fit->members);
  for (int e = 0; fit->statistics != NULL && e < fit->model->n_elements; e++) nmd_free(fit->statistics[e]);
  nmd_free(fit->statistics);
  nmd_errors_free(&fit->errors);
  nmd_pass_destroy(fit->pass);
  nmd_data_free(&fit->training);
  nmd_data_free(&fit->validation);
  nmd_dependence_free(&fit->dependence);
  nmd_layout_free(&fit->layout);
  nmd_model_destroy(fit->model);
  nmd_model_destroy(fit->grown_from);
  nmd_comm_free(fit->alone);
  nmd_free(fit);
}

nmd_status nmd_fit_errors(nmd_fit *fit, nmd_data *data, int sample, const double *weights) {
  const nmd_descriptors *d;
  NMD_TRY(nmd_data_get(data, sample, &d));
  return nmd_errors_compute(&fit->objective, fit->pass, &data->set.samples[sample], d, weights, &fit->errors);
}

nmd_status nmd_fit_measure(nmd_fit *fit, nmd_data *data, const double *weights, nmd_metrics *out) {
  nmd_status status = NMD_OK;
  memset(out, 0, sizeof *out);
  for (int i = 0; i < data->set.n && status == NMD_OK; i++) {
    if (!nmd_data_owns(data, i)) continue;
    status = nmd_fit_errors(fit, data, i, weights);
    if (status == NMD_OK) nmd_metrics_add(out, &fit->objective, &data->set.samples[i], &fit->errors);
  }
  NMD_TRY(nmd_comm_agree(fit->world, status));
  nmd_metrics_reduce(fit->world, out);
  return NMD_OK;
}

static nmd_status add_residuals(nmd_fit *fit, int level, nmd_offset_sums *sums) {
  const nmd_data *data = &fit->training;
  for (int i = 0; i < data->set.n; i++) {
    const nmd_sample *sample = &data->set.samples[i];
    double energy;
    if (!nmd_data_owns(data, i) || sample->level != level) continue;
    NMD_TRY(nmd_pass_forward(fit->pass, &data->descriptors[i], fit->members[0].weights, false, &energy));
    nmd_offset_sums_add(
        sums, sample, sample->energy - nmd_sample_offset(&fit->objective, sample) - fit->model->energy_factor * energy);
  }
  return NMD_OK;
}

nmd_status nmd_fit_refit_level(nmd_fit *fit, int level) {
  nmd_offset_sums sums;
  double x[NMD_ELEMENT_MAX];
  if (level == 1 && fit->input->data.second_level.n == 0) return NMD_OK;
  nmd_status status = nmd_offset_sums_init(&sums, fit->model->n_elements);
  if (status == NMD_OK) status = add_residuals(fit, level, &sums);
  status = nmd_comm_agree(fit->world, status);
  if (status == NMD_OK) {
    nmd_comm_sum(fit->world, sums.numbers, nmd_offset_sums_length(&sums));
    nmd_offset_sums_solve(&sums, x);
    for (int e = 0; e < fit->model->n_elements; e++) fit->objective.offset[level][e] += x[e];
  }
  nmd_offset_sums_free(&sums);
  return status;
}

static nmd_status add_gradients(nmd_fit *fit, const double *weights, double *sums, double *gradient, double *scratch) {
  nmd_data *data = &fit->training;
  for (int i = 0; i < data->set.n; i++) {
    const nmd_sample *sample = &data->set.samples[i];
    if (!nmd_data_owns(data, i)) continue;
    NMD_TRY(nmd_fit_errors(fit, data, i, weights));
    sums[0] += nmd_sample_loss(&fit->objective, sample, &fit->errors);
    sums[1] += nmd_sample_weight(&fit->objective, sample);
    if (gradient != NULL)
      NMD_TRY(nmd_sample_gradient(&fit->objective, fit->pass, sample, &fit->errors, scratch, gradient));
  }
  return NMD_OK;
}

static int64_t most_atoms(const nmd_sample_set *set) {
  int64_t most = 0;
  for (int i = 0; i < set->n; i++)
    if (set->samples[i].structure.n > most) most = set->samples[i].structure.n;
  return most;
}

nmd_status nmd_fit_loss(nmd_fit *fit, const double *weights, double *loss, double *gradient) {
  const size_t n = fit->layout.n;
  double *scratch, sums[2] = {0.0, 0.0};
  NMD_TRY(NMD_ALLOC(scratch, 2 * n + 3 * (size_t)most_atoms(&fit->training.set) + 6));
  if (gradient != NULL) memset(gradient, 0, n * sizeof *gradient);
  const nmd_status status = nmd_comm_agree(fit->world, add_gradients(fit, weights, sums, gradient, scratch));
  nmd_free(scratch);
  if (status != NMD_OK) return status;
  nmd_comm_sum(fit->world, sums, 2);
  *loss = sums[1] > 0.0 ? sums[0] / sums[1] : 0.0;
  if (gradient == NULL) return NMD_OK;
  nmd_comm_sum(fit->world, gradient, (int)n);
  for (size_t k = 0; k < n && sums[1] > 0.0; k++) gradient[k] /= sums[1];
  return NMD_OK;
}
