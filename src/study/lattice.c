/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/lattice.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "io/file_atomic.h"
#include "io/read_structure.h"
#include "simulation/simulation.h"
#include "study/lattice_data.h"
#include "study/lattice_fit.h"
#include "study/lattice_walks.h"

/* ---- set-up ---- */

static nmd_status make_folders(const nmd_lattice_study *st) {
  static const char *const names[] = {"", "/results"};
  char path[4096];
  for (int k = 0; k < NMD_COUNT(names); k++) {
    snprintf(path, sizeof path, "%s%s", st->input->output, names[k]);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
      NMD_FAIL(WRITE, "output_folder: cannot make \"%s\": %s; its parent folder must exist and be writable", path,
               strerror(errno));
  }
  return NMD_OK;
}

static nmd_status check_charge(const nmd_lattice_input *in, int z) {
  if (in->charge_given[z]) return NMD_OK;
  NMD_FAIL_AT(nmd_lattice_input_place(in, "ewald.charges"), MISSING_KEY,
              "charges: none of %s; expected one for each species and element of the frame",
              nmd_lattice_species_name(z));
}

static nmd_status check_charges(const nmd_lattice_study *st) {
  for (int k = 0; k < st->parent.n_kinds; k++)
    for (int s = 0; s < st->parent.kinds[k].n; s++) NMD_TRY(check_charge(st->input, st->parent.kinds[k].z[s]));
  for (int f = 0; f < st->parent.n_frame; f++) NMD_TRY(check_charge(st->input, st->parent.frame_z[f]));
  return NMD_OK;
}

static nmd_status setup(nmd_lattice_study *st) {
  const nmd_lattice_input *in = st->input;
  const double diameter[NMD_CLUSTER_POINTS_MAX + 1] = {0, 0, in->clusters.pairs, in->clusters.triplets,
                                                       in->clusters.quadruplets};
  nmd_structure crystal;
  NMD_TRY(nmd_comm_alone(&st->alone));
  NMD_TRY(nmd__lattice_engine_create(&st->engine));
  NMD_TRY(nmd_structure_read(in->parent.structure, NULL, 0, &crystal));
  const nmd_status status = nmd_parent_lattice_init(&st->parent, &crystal, in->n_rules, in->rule, in->parent.tolerance);
  nmd_structure_free(&crystal);
  NMD_TRY(nmd_yaml_blame(status, nmd_lattice_input_place(in, "parent.sites"), "parent"));
  NMD_TRY(nmd_yaml_blame(nmd_cluster_list_init(&st->clusters, &st->parent, diameter),
                         nmd_lattice_input_place(in, "clusters"), "clusters"));
  st->with_ewald = in->ewald_node != NULL;
  if (st->with_ewald) NMD_TRY(check_charges(st));
  st->n_features = st->clusters.n_functions + st->with_ewald;
  return NMD_ALLOC(st->j, 1 + st->n_features);
}

static void describe(const nmd_lattice_study *st) {
  int by_points[NMD_CLUSTER_POINTS_MAX + 1] = {0};
  for (int k = 0; k < st->clusters.n; k++) by_points[st->clusters.orbit[k].points]++;
  nmd_log_info("parent lattice: %d sites and %d atoms of the frame in a cell, %d symmetries", st->parent.n_sites,
               st->parent.n_frame, st->parent.n_symmetries);
  nmd_log_info("clusters: %d points, %d pairs, %d triplets, %d quadruplets; %d functions%s", by_points[1], by_points[2],
               by_points[3], by_points[4], st->clusters.n_functions, st->with_ewald ? " and Ewald's energy" : "");
}

nmd_status nmd_lattice_create(const nmd_comm *comm, const nmd_lattice_input *input, nmd_lattice_study **out) {
  nmd_lattice_study *st;
  *out = NULL;
  NMD_TRY(nmd_comm_agree(comm, NMD_ALLOC(st, 1)));
  st->comm = comm;
  st->input = input;
  const nmd_status status = nmd_comm_agree(comm, setup(st));
  if (status != NMD_OK) {
    nmd_lattice_destroy(st);
    return status;
  }
  describe(st);
  *out = st;
  return NMD_OK;
}

void nmd_lattice_destroy(nmd_lattice_study *st) {
  if (st == NULL) return;
  for (int r = 0; r < st->n_rows; r++) nmd_free(st->row[r].features);
  nmd_free(st->row);
  nmd_free(st->j);
  nmd_regression_free(&st->fit);
  nmd__lattice_engine_destroy(st->engine);
  nmd_cluster_list_free(&st->clusters);
  nmd_parent_lattice_free(&st->parent);
  nmd_comm_free(st->alone);
  nmd_free(st);
}

/* ---- scenes ---- */

nmd_status nmd_lattice_scene_init(const nmd_lattice_study *study, const int matrix[3][3], nmd_lattice_scene *scene) {
  *scene = (nmd_lattice_scene){0};
  nmd_status status = nmd_supercell_init(&scene->super, &study->parent, matrix);
  if (status == NMD_OK)
    status = nmd_lattice_energy_init(&scene->energy, &study->clusters, &study->parent, &scene->super, study->j);
  if (status == NMD_OK && study->with_ewald)
    status = nmd_ewald_pairs_init(&scene->ewald, &study->parent, &scene->super, study->input->charge);
  if (status == NMD_OK)
    status =
        nmd_lattice_model_init(&scene->model, &study->parent, &scene->energy, study->with_ewald ? &scene->ewald : NULL,
                               study->with_ewald ? study->j[study->n_features] : 0, study->input->charge);
  if (status != NMD_OK) nmd_lattice_scene_free(scene);
  return status;
}

void nmd_lattice_scene_free(nmd_lattice_scene *scene) {
  nmd_ewald_pairs_free(&scene->ewald);
  nmd_lattice_energy_free(&scene->energy);
  nmd_supercell_free(&scene->super);
}

nmd_status nmd_lattice_counts(const nmd_lattice_study *study, const nmd_lattice_scene *scene,
                              const nmd_lattice_amounts *shares, const char *key, int64_t *count) {
  const nmd_lattice_model *m = &scene->model;
  const nmd_yaml_node *at = nmd_lattice_input_place(study->input, key);
  double sum = 0;
  for (int k = 0; k < shares->n; k++) sum += shares->item[k].value;
  memset(count, 0, (size_t)m->n_species * sizeof *count);
  for (int k = 0; k < shares->n; k++) {
    const int s = nmd_lattice_model_species(m, shares->item[k].z);
    const double number = shares->item[k].value / sum * m->n;
    const char *name = nmd_lattice_species_name(shares->item[k].z);
    if (s < 0) NMD_FAIL_AT(at, CONFLICT, "composition: no site may hold %s; expected species of parent.sites", name);
    if (shares->item[k].value < 0 || fabs(number - round(number)) > 1e-6)
      NMD_FAIL_AT(at, CONFLICT,
                  "composition: %d sites would hold %.6g %s; expected a whole number: change cell or composition", m->n,
                  number, name);
    count[s] = llround(number);
  }
  return NMD_OK;
}

void nmd_lattice_features(const nmd_lattice_study *study, const nmd_lattice_scene *scene, const uint8_t *occupation,
                          double *features) {
  const nmd_parent_lattice *parent = &study->parent;
  nmd_correlations(&study->clusters, parent, &scene->super, occupation, features);
  if (!study->with_ewald) return;
  const nmd_ewald_pairs *e = &scene->ewald;
  double energy = e->constant;
  for (int i = 0; i < e->n; i++) {
    const double *row = e->pair + (size_t)i * (size_t)e->n;
    const double qi = study->input->charge[parent->kinds[parent->kind[i % parent->n_sites]].z[occupation[i]]];
    double potential = 0;
    for (int j = 0; j < e->n && qi != 0; j++)
      potential += row[j] * study->input->charge[parent->kinds[parent->kind[j % parent->n_sites]].z[occupation[j]]];
    energy += qi * (e->field[i] + 0.5 * potential);
  }
  features[study->clusters.n_functions] = energy / scene->super.cells;
}

double nmd_lattice_predict(const nmd_lattice_study *study, const double *features) {
  double sum = study->j[0];
  for (int f = 0; f < study->n_features; f++) sum += study->j[1 + f] * features[f];
  return sum;
}

/* ---- files ---- */

nmd_status nmd_lattice_write(const nmd_lattice_study *study, const char *name, nmd_buffer *text) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", study->input->output, name);
  const nmd_status status =
      text->status == NMD_OK ? nmd_file_write_atomic(path, text->data, text->length, 1) : text->status;
  nmd_buffer_free(text);
  return status;
}

void nmd_lattice_draw(const nmd_lattice_study *study, const char *script) {
  char command[8400];
  if (!study->input->pictures) return;
  snprintf(command, sizeof command, "cd '%s' && gnuplot %s >/dev/null 2>&1", study->input->output, script);
  if (strchr(study->input->output, '\'') != NULL || system(command) != 0)
    nmd_log_info("no picture (is gnuplot installed?): gnuplot %s in %s makes it", script, study->input->output);
}

/* ---- the study ---- */

static nmd_status make_energies(nmd_lattice_study *st) {
  const nmd_lattice_configurations *c = &st->input->configurations;
  if (c->file != NULL) NMD_TRY(nmd_lattice_read_file(st));
  for (int64_t round = 0; st->input->n_cells > 0 && round < c->rounds; round++) {
    if (round > 0) NMD_TRY(nmd_lattice_fit(st));
    NMD_TRY(nmd_lattice_make_round(st, round));
  }
  return nmd_lattice_fit(st);
}

nmd_status nmd_lattice_run(nmd_lattice_study *st) {
  const bool root = nmd_comm_rank(st->comm) == 0;
  nmd_signals_catch();
  NMD_TRY(nmd_comm_agree_root(st->comm, root ? make_folders(st) : NMD_OK));
  NMD_TRY(nmd_comm_agree(st->comm, nmd__lattice_compare_check(st))); /* not only after the long part */
  if (st->input->expansion != NULL)
    NMD_TRY(nmd_comm_agree(st->comm, nmd_lattice_read_expansion(st)));
  else {
    NMD_TRY(make_energies(st));
    NMD_TRY(nmd_comm_agree_root(st->comm, root ? nmd_lattice_report_fit(st) : NMD_OK));
  }
  return st->input->walks_node != NULL || st->input->compare != NULL ? nmd_lattice_walks_run(st) : NMD_OK;
}
