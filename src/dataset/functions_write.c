/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "dataset/functions.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "nnp/evaluate.h"

/* What n2p2's nnp-train wants to find besides; nnpmd-train has settings of its own and passes over these. */
static const char n2p2_settings[] = "# settings of n2p2's nnp-train (nnpmd-train has its own)\n"
                                    "random_seed                  1\n"
                                    "epochs                       20\n"
                                    "normalize_data_set           force\n"
                                    "updater_type                 1\n"
                                    "parallel_mode                4\n"
                                    "jacobian_mode                1\n"
                                    "update_strategy              0\n"
                                    "selection_mode               2\n"
                                    "task_batch_size_energy       1\n"
                                    "task_batch_size_force        1\n"
                                    "memorize_symfunc_results\n"
                                    "test_fraction                0.1\n"
                                    "use_short_forces\n"
                                    "force_weight                 1.0\n"
                                    "short_energy_fraction        1.0\n"
                                    "force_energy_ratio           2.0\n"
                                    "short_energy_error_threshold 0.0\n"
                                    "short_force_error_threshold  1.0\n"
                                    "rmse_threshold_trials        3\n"
                                    "weights_min                  -1.0\n"
                                    "weights_max                  1.0\n"
                                    "nguyen_widrow_weights_short\n"
                                    "main_error_metric            RMSEpa\n"
                                    "write_trainpoints            0\n"
                                    "write_trainforces            0\n"
                                    "write_weights_epoch          1\n"
                                    "write_neuronstats            0\n"
                                    "kalman_type                  0\n"
                                    "kalman_epsilon               1.0E-2\n"
                                    "kalman_q0                    0.01\n"
                                    "kalman_qtau                  2.302\n"
                                    "kalman_qmin                  1.0E-6\n"
                                    "kalman_eta                   0.01\n"
                                    "kalman_etatau                2.302\n"
                                    "kalman_etamax                1.0\n";

static void put_general(const nmd_species *species, const nmd_input_nn_options *o, nmd_buffer *out) {
  nmd_buffer_printf(out, "number_of_elements           %d\nelements                    ", species->n);
  for (int e = 0; e < species->n; e++) nmd_buffer_printf(out, " %s", nmd_element_symbol(species->atomic_number[e]));
  nmd_buffer_printf(out, "\ncutoff_type                  %d\n", o->cutoff_type);
  nmd_buffer_text(out, "scale_symmetry_functions\ncenter_symmetry_functions\nscale_min_short              0.0\n"
                       "scale_max_short              1.0\n");
  nmd_buffer_printf(out,
                    "global_hidden_layers_short   %d\nglobal_nodes_short           %s\nglobal_activation_short     ",
                    o->n_hidden, o->nodes);
  for (int k = 0; k < o->n_hidden; k++) nmd_buffer_text(out, " t");
  nmd_buffer_text(out, " l\n");
}

static void put_functions(const nmd_function_set *set, const int *keep, int n, const nmd_species *species,
                          nmd_buffer *out) {
  for (int e = 0; e < species->n; e++) {
    int count = 0;
    for (int k = 0; k < n; k++) count += set->lines[keep[k]].centre == e;
    nmd_buffer_printf(out, "\n# %d functions of %s, the most telling first\n", count,
                      nmd_element_symbol(species->atomic_number[e]));
    for (int k = 0; k < n; k++) {
      const nmd_function_line *line = &set->lines[keep[k]];
      if (line->centre == e) nmd_buffer_printf(out, "%-62s # %s\n", line->text, line->note);
    }
  }
}

nmd_status nmd_functions_write(const nmd_function_set *set, const int *keep, int n, const nmd_species *species,
                               const nmd_input_nn_options *o, char **text) {
  nmd_buffer out = {0};
  nmd_buffer_text(&out, o->head != NULL ? o->head : "");
  put_general(species, o, &out);
  nmd_buffer_text(&out, n2p2_settings);
  put_functions(set, keep, n, species, &out);
  nmd_status status = out.status;
  if (status == NMD_OK) status = nmd_strdup(out.data, text);
  nmd_buffer_free(&out);
  return status;
}

static nmd_status read_through_file(const char *folder, const char *text, nmd_model **out) {
  char path[4200];
  snprintf(path, sizeof path, "%s/input.nn", folder);
  nmd_status status = nmd_file_write_atomic(path, text, strlen(text), 1);
  if (status == NMD_OK) status = nmd_model_read_untrained(folder, 1.0, 1.0, out);
  unlink(path);
  return status;
}

nmd_status nmd_functions_model(const nmd_function_set *set, const int *keep, int n, const nmd_species *species,
                               const nmd_input_nn_options *o, nmd_model **out) {
  const char *place = getenv("TMPDIR");
  char folder[4096], *text;
  snprintf(folder, sizeof folder, "%s/nnpmd-functions-XXXXXX", place != NULL ? place : "/tmp");
  NMD_TRY(nmd_functions_write(set, keep, n, species, o, &text));
  nmd_status status = NMD_OK;
  if (mkdtemp(folder) == NULL)
    status = nmd_fail(NMD_WRITE, "%s: the folder for temporary files cannot be made: %s; set TMPDIR", folder,
                      strerror(errno));
  if (status == NMD_OK) {
    status = read_through_file(folder, text, out);
    rmdir(folder);
  }
  nmd_free(text);
  return status;
}

nmd_status nmd_model_cost(const nmd_model *model, const nmd_ranges *ranges, double *cost) {
  nmd_evaluator *evaluator;
  NMD_TRY(nmd_evaluator_create(model, NULL, &evaluator));
  *cost = 0.0;
  const int n = ranges->species.n;
  for (int e = 0; e < n; e++) {
    double neighbours[NMD_ELEMENT_MAX] = {0.0};
    const int element = nmd_model_element_index(model, ranges->species.atomic_number[e]);
    if (element < 0) continue; /* a model of other elements: what it knows counts */
    for (int b = 0; b < n; b++) {
      const int other = nmd_model_element_index(model, ranges->species.atomic_number[b]);
      if (other >= 0) neighbours[other] = ranges->neighbours[e * n + b];
    }
    *cost += ranges->share[e] * nmd_evaluator_cost(evaluator, element, neighbours);
  }
  nmd_evaluator_destroy(evaluator);
  return NMD_OK;
}
