/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/fit_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "base/yaml_write.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "nnp/model_write.h"
#include "system/element.h"

nmd_status nmd_fit_path(const nmd_fit *fit, int member, const char *name, char **path) {
  char file[128];
  if (member >= 0 && fit->input->committee > 1)
    snprintf(file, sizeof file, "%d/%s", member + 1, name);
  else
    snprintf(file, sizeof file, "%s", name);
  return nmd_path_join(fit->input->output, file, path);
}

static nmd_status make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return NMD_OK;
  NMD_FAIL(WRITE, "%s: the folder cannot be made: %s", path, strerror(errno));
}

static void to_buffer(void *context, const char *text) { nmd_buffer_text(context, text); }

static nmd_status write_whole(const nmd_fit *fit, int member, const char *name, nmd_buffer *text) {
  char *path = NULL;
  nmd_status status = text->status;
  if (status == NMD_OK) status = nmd_fit_path(fit, member, name, &path);
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text->data, text->length, 1);
  nmd_free(path);
  return status;
}

static bool has_key(const char *line, const char *key) {
  const size_t n = strlen(key);
  line += strspn(line, " \t");
  return strncmp(line, key, n) == 0 && (line[n] == ' ' || line[n] == '\t');
}

/* A line of input.nn with the energies of this fit. The unit of the network's energy stays as given unless it was
 * chosen here; mean_energy is part of the atoms' energies then, but the three keys of the unit go together. */
static void write_line(const nmd_fit *fit, const char *line, nmd_buffer *out) {
  const bool is_mean = has_key(line, "mean_energy"), new_unit = fit->conv_length > 0.0;
  if (has_key(line, "atom_energy")) return;
  if (new_unit && (is_mean || has_key(line, "conv_energy") || has_key(line, "conv_length"))) return;
  nmd_buffer_printf(out, "%s\n", is_mean ? "mean_energy 0.0" : line);
}

/* The energies: what the network does not know, and its unit. */
static void write_energies(const nmd_fit *fit, nmd_buffer *out) {
  const double unit = fit->input->energy_unit;
  nmd_buffer_text(out, "# energies fitted by nnpmd-train\n");
  for (int e = 0; e < fit->model->n_elements; e++)
    nmd_buffer_printf(out, "atom_energy %s %.17g\n", nmd_element_symbol(fit->model->elements[e].atomic_number),
                      fit->objective.offset[0][e] / unit);
  if (fit->conv_length > 0.0)
    nmd_buffer_printf(out, "mean_energy 0.0\nconv_energy %.17g\nconv_length %.17g\n", unit / fit->model->energy_factor,
                      fit->conv_length);
}

/* input.nn as given, with the energies of this fit in place of those it had. */
static nmd_status input_text(const nmd_fit *fit, nmd_buffer *out) {
  const bool all = fit->input->atom_energies == 0 || fit->conv_length > 0.0;
  char *text, *line;
  size_t length;
  nmd_lines lines;
  char *path;
  NMD_TRY(nmd_path_join(fit->model->folder, "input.nn", &path));
  const nmd_status status = nmd_text_read_file(path, &text, &length);
  if (status == NMD_OK) {
    if (all) write_energies(fit, out);
    nmd_lines_init(&lines, path, text);
    while (nmd_lines_next(&lines, &line))
      if (all)
        write_line(fit, line, out);
      else
        nmd_buffer_printf(out, "%s\n", line);
    nmd_free(text);
  }
  nmd_free(path);
  return status == NMD_OK ? out->status : status;
}

/* A model that is fine-tuned keeps its scaling, as its weights belong to it, unless both were widened. */
static nmd_status scaling_text(const nmd_fit *fit, nmd_buffer *out) {
  char *text, *path;
  size_t length;
  if (fit->input->settings != NULL || fit->input->ranges == 1) {
    nmd_model_write_scaling(fit->model, (const nmd_function_statistics *const *)fit->statistics, to_buffer, out);
    return out->status;
  }
  NMD_TRY(nmd_path_join(fit->input->start_from, "scaling.data", &path));
  const nmd_status status = nmd_text_read_file(path, &text, &length);
  nmd_free(path);
  NMD_TRY(status);
  nmd_buffer_text(out, text);
  nmd_free(text);
  return out->status;
}

static nmd_status write_member_settings(const nmd_fit *fit, int member) {
  nmd_buffer input = {0}, scaling = {0};
  char *folder;
  NMD_TRY(nmd_fit_path(fit, member, "", &folder));
  nmd_status status = make_folder(folder);
  nmd_free(folder);
  if (status == NMD_OK) status = input_text(fit, &input);
  if (status == NMD_OK) status = write_whole(fit, member, "input.nn", &input);
  if (status == NMD_OK) status = scaling_text(fit, &scaling);
  if (status == NMD_OK) status = write_whole(fit, member, "scaling.data", &scaling);
  nmd_buffer_free(&input);
  nmd_buffer_free(&scaling);
  return status;
}

nmd_status nmd_fit_check_output(const nmd_fit *fit) {
  const int64_t members = fit->input->committee, next = members > 1 ? members + 1 : 1;
  char name[64], *path;
  snprintf(name, sizeof name, "%lld/input.nn", (long long)next);
  NMD_TRY(nmd_path_join(fit->input->output, name, &path));
  const bool there = access(path, F_OK) == 0;
  nmd_free(path);
  if (!there) return NMD_OK;
  NMD_FAIL(CONFLICT,
           "%s/%lld: a member of an earlier committee is there, and nnpmd would read it %s; remove the folders from "
           "%lld on, or choose another output",
           fit->input->output, (long long)next, members > 1 ? "with this one" : "in place of this model",
           (long long)next);
}

/* The sum of the network and its baseline, for `potential: {file: ...}` of an input. */
static nmd_status write_sum(const nmd_fit *fit) {
  const bool bohr = fit->input->model_units == 1;
  nmd_buffer text = {0};
  nmd_buffer_printf(&text,
                    "# The network with what it was trained upon. In an input: potential: {file: PATH of this file}.\n"
                    "potential:\n  sum:\n    terms:\n      - nnp: {folder: ., length_unit: %s, energy_unit: %s}",
                    bohr ? "bohr" : "A", bohr ? "hartree" : "eV");
  nmd_yaml_write(fit->input->baseline_node, 6, NULL, NULL, to_buffer, &text);
  const nmd_status status = write_whole(fit, -1, "potential.yaml", &text);
  nmd_buffer_free(&text);
  return status;
}

nmd_status nmd_fit_write_settings(const nmd_fit *fit) {
  NMD_TRY(make_folder(fit->input->output));
  if (fit->input->baseline_node != NULL) NMD_TRY(write_sum(fit));
  for (int m = 0; m < fit->n_members; m++) NMD_TRY(write_member_settings(fit, m));
  return NMD_OK;
}

nmd_status nmd_fit_write_weights(nmd_fit *fit, int member, const double *weights) {
  nmd_layout_to_model(&fit->layout, weights, fit->model);
  nmd_status status = NMD_OK;
  for (int e = 0; e < fit->model->n_elements && status == NMD_OK; e++) {
    nmd_buffer text = {0};
    char name[32];
    snprintf(name, sizeof name, "weights.%03d.data", fit->model->elements[e].atomic_number);
    nmd_model_write_weights(fit->model, e, to_buffer, &text);
    status = write_whole(fit, member, name, &text);
    nmd_buffer_free(&text);
  }
  return status;
}

#define ERROR_NAMES                                                                                                    \
  "E_rmse_train E_rmse_val E_mae_train E_mae_val F_rmse_train F_rmse_val F_mae_train F_mae_val S_rmse_train "          \
  "S_rmse_val S_mae_train S_mae_val\n"
#define ERROR_UNITS "meV/atom meV/atom meV/atom meV/atom meV/A meV/A meV/A meV/A GPa GPa GPa GPa\n"

const char nmd_curve_header[] =
    "# epoch member stage wall core loss_train loss_val " ERROR_NAMES "# - - - s s - - " ERROR_UNITS;
const char nmd_families_header[] = "# epoch member family n_train n_val " ERROR_NAMES "# - - - - - " ERROR_UNITS;

/* The end of a line of both tables: what ERROR_NAMES says. */
static void error_columns(const nmd_error_sums *t, const nmd_error_sums *v, size_t size, char *text) {
  const double gpa = NMD_EV_PER_A3_TO_GPA;
  snprintf(text, size, "%9.4f %9.4f %9.4f %9.4f %9.3f %9.3f %9.3f %9.3f %8.5f %8.5f %8.5f %8.5f",
           1e3 * nmd_rms(t->energy2, t->n_energy), 1e3 * nmd_rms(v->energy2, v->n_energy),
           1e3 * nmd_mean(t->energy1, t->n_energy), 1e3 * nmd_mean(v->energy1, v->n_energy),
           1e3 * nmd_rms(t->force2, t->n_force), 1e3 * nmd_rms(v->force2, v->n_force),
           1e3 * nmd_mean(t->force1, t->n_force), 1e3 * nmd_mean(v->force1, v->n_force),
           gpa * nmd_rms(t->stress2, t->n_stress), gpa * nmd_rms(v->stress2, v->n_stress),
           gpa * nmd_mean(t->stress1, t->n_stress), gpa * nmd_mean(v->stress1, v->n_stress));
}

nmd_status nmd_curve_write(nmd_append_file *file, const nmd_curve_row *row) {
  char text[768], errors[512];
  error_columns(&row->training->all, &row->validation->all, sizeof errors, errors);
  const int n = snprintf(text, sizeof text, "%6lld %3d %-20s %10.2f %10.2f %12.5e %12.5e %s\n", (long long)row->epoch,
                         row->member + 1, row->stage, row->wall, row->core, nmd_metrics_score(row->training),
                         nmd_metrics_score(row->validation), errors);
  return nmd_append_write(file, text, (size_t)n, false);
}

nmd_status nmd_families_write(nmd_append_file *file, const nmd_families *families, const nmd_curve_row *row) {
  for (int k = 0; k < families->n; k++) {
    const nmd_error_sums *t = &row->training->family[k], *v = &row->validation->family[k];
    char text[768], errors[512];
    error_columns(t, v, sizeof errors, errors);
    const int n = snprintf(text, sizeof text, "%6lld %3d %-20s %7.0f %7.0f %s\n", (long long)row->epoch,
                           row->member + 1, families->name[k], t->n_energy, v->n_energy, errors);
    NMD_TRY(nmd_append_write(file, text, (size_t)n, false));
  }
  return NMD_OK;
}
