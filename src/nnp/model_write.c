/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/model_write.h"

#include <stdio.h>

enum { LINE = 256 };

static void rule(char mark, int length, nmd_text_writer *write, void *context) {
  char line[LINE];
  int n = 0;
  for (; n < length && n < LINE - 2; n++) line[n] = mark;
  line[n++] = '\n';
  line[n] = '\0';
  write(context, line);
}

void nmd_model_write_scaling(const nmd_model *model, const nmd_function_statistics *const *statistics,
                             nmd_text_writer *write, void *context) {
  char line[LINE];
  rule('#', 80, write, context);
  write(context, "# Symmetry function scaling data.\n");
  rule('#', 80, write, context);
  write(context, "# Col  Name     Description\n");
  rule('#', 80, write, context);
  write(
      context,
      "# 1    e_index  Element index.\n# 2    sf_index Symmetry function index.\n# 3    sf_min   Symmetry function "
      "minimum.\n# 4    sf_max   Symmetry function maximum.\n# 5    sf_mean  Symmetry function mean.\n# 6    sf_sigma "
      "Symmetry function sigma.\n");
  rule('#', 121, write, context);
  snprintf(line, sizeof line, "#%9d %10d %24d %24d %24d %24d\n", 1, 2, 3, 4, 5, 6);
  write(context, line);
  snprintf(line, sizeof line, "#%9s %10s %24s %24s %24s %24s\n", "e_index", "sf_index", "sf_min", "sf_max", "sf_mean",
           "sf_sigma");
  write(context, line);
  rule('#', 121, write, context);
  for (int e = 0; e < model->n_elements; e++)
    for (int f = 0; f < model->elements[e].n_functions; f++) {
      const nmd_function_statistics *s = &statistics[e][f];
      snprintf(line, sizeof line, "%10d %10d %24.16E %24.16E %24.16E %24.16E\n", e + 1, f + 1, s->min, s->max, s->mean,
               s->sigma);
      write(context, line);
    }
}

static void weights_head(nmd_text_writer *write, void *context) {
  rule('#', 80, write, context);
  write(context, "# Neural network connection values (weights and biases).\n");
  rule('#', 80, write, context);
  write(context, "# Col  Name       Description\n");
  rule('#', 80, write, context);
  write(
      context,
      "# 1    connection Neural network connection value.\n# 2    t          Connection type (a = weight, b = "
      "bias).\n# 3    index      Index enumerating weights.\n# 4    l_s        Starting point layer (end point layer "
      "for biases).\n# 5    n_s        Starting point neuron in starting layer (end point neuron for biases).\n# 6    "
      "l_e        End point layer.\n# 7    n_e        End point neuron in end layer.\n");
  rule('#', 80, write, context);
  write(context, "#                      1 2         3     4     5     6     7\n"
                 "#             connection t     index   l_s   n_s   l_e   n_e\n");
  rule('#', 60, write, context);
}

/* Weights of a layer go by the neuron they come from, then its biases. */
void nmd_model_write_weights(const nmd_model *model, int element, nmd_text_writer *write, void *context) {
  const nmd_element_model *e = &model->elements[element];
  char line[LINE];
  int index = 0;
  weights_head(write, context);
  for (int l = 0; l < e->n_layers; l++) {
    const nmd_layer *layer = &e->layers[l];
    const double width = model->normalize_nodes ? layer->n_in : 1.0;
    for (int i = 0; i < layer->n_in; i++)
      for (int o = 0; o < layer->n_out; o++) {
        const double value = width * layer->weight[(size_t)i * (size_t)layer->n_out + (size_t)o];
        snprintf(line, sizeof line, "%24.16E a %9d %5d %5d %5d %5d\n", value, ++index, l, i + 1, l + 1, o + 1);
        write(context, line);
      }
    for (int o = 0; o < layer->n_out; o++) {
      snprintf(line, sizeof line, "%24.16E b %9d %5d %5d\n", width * layer->bias[o], ++index, l + 1, o + 1);
      write(context, line);
    }
  }
}
