/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/model.h"

#include <string.h>

#include "base/memory.h"
#include "nnp/model_data.h"

static void free_element(nmd_element_model *e) {
  for (int i = 0; i < e->n_layers; i++) {
    nmd_free(e->layers[i].weight);
    nmd_free(e->layers[i].bias);
  }
  nmd_free(e->layers);
  nmd_free(e->functions);
  nmd_free(e->scale_factor);
  nmd_free(e->scale_shift);
  nmd_free(e->low);
  nmd_free(e->high);
  nmd_free(e->scaling_line);
}

void nmd_model_destroy(nmd_model *model) {
  if (model == NULL) return;
  for (int e = 0; e < model->n_elements; e++) free_element(&model->elements[e]);
  nmd_free(model->elements);
  nmd_free(model->folder);
  nmd_free(model->summary);
  nmd_free(model);
}

int nmd_model_element_count(const nmd_model *model) { return model->n_elements; }
int nmd_model_atomic_number(const nmd_model *model, int element) { return model->elements[element].atomic_number; }
int nmd_model_function_count(const nmd_model *model, int element) { return model->elements[element].n_functions; }
double nmd_model_cutoff(const nmd_model *model) { return model->cutoff; }
double nmd_model_offset(const nmd_model *model, int element) { return model->elements[element].offset; }

int nmd_model_element_index(const nmd_model *model, int atomic_number) {
  for (int e = 0; e < model->n_elements; e++)
    if (model->elements[e].atomic_number == atomic_number) return e;
  return -1;
}

/* One call of `write` a line. */
void nmd_model_describe(const nmd_model *model, nmd_text_writer *write, void *context) {
  enum { LINE_MAX_LENGTH = 1024 };
  char line[LINE_MAX_LENGTH];
  for (const char *at = model->summary; at != NULL && *at != '\0';) {
    const size_t length = strcspn(at, "\n") + 1, kept = length < sizeof line ? length : sizeof line - 1;
    memcpy(line, at, kept);
    line[kept] = '\0';
    line[kept - 1] = '\n';
    write(context, line);
    at += length;
  }
}
