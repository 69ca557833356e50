/* SPDX-License-Identifier: BSD-3-Clause */
/* The load summary of a model: what was read, which keywords counted, which were passed over. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "nnp/activation.h"
#include "nnp/cutoff.h"
#include "nnp/model_reader.h"
#include "system/element.h"

static nmd_status add_elements(const nmd_model_reader *reader, nmd_text_buffer *out) {
  const nmd_model *model = reader->model;
  NMD_TRY(nmd__text_add(out, "model %s\n  elements:", model->folder));
  for (int e = 0; e < model->n_elements; e++)
    NMD_TRY(nmd__text_add(out, " %s", nmd_element_symbol(model->elements[e].atomic_number)));
  NMD_TRY(nmd__text_add(out, "\n  units of the files: %.12g A, %.12g eV\n", reader->length_unit, reader->energy_unit));
  return nmd__text_add(out, "  cut-off: type %d (%s), alpha %g; largest radius %.6g A\n", (int)model->cutoff_kind,
                       nmd_cutoff_name(model->cutoff_kind), model->cutoff_alpha, model->cutoff);
}

static nmd_status add_functions(const nmd_element_model *e, nmd_text_buffer *out) {
  NMD_TRY(nmd__text_add(out, "  %s: %d functions", nmd_element_symbol(e->atomic_number), e->n_functions));
  for (int i = 0; i < e->n_functions;) { /* sorted by type */
    const nmd_function_kind kind = e->functions[i].kind;
    int n = 0;
    while (i < e->n_functions && e->functions[i].kind == kind) i++, n++;
    NMD_TRY(nmd__text_add(out, "%s %d %s (type %d)", i == n ? ":" : ",", n, nmd__function_kind_name(kind),
                          nmd__function_type(kind)));
  }
  return nmd__text_add(out, "\n");
}

static nmd_status add_network(const nmd_element_model *e, nmd_text_buffer *out) {
  long long size = 0;
  NMD_TRY(nmd__text_add(out, "  %s: network %d", nmd_element_symbol(e->atomic_number), e->n_functions));
  for (int i = 0; i < e->n_layers; i++) {
    NMD_TRY(nmd__text_add(out, "-%d", e->layers[i].n_out));
    size += (long long)(e->layers[i].n_in + 1) * e->layers[i].n_out;
  }
  for (int i = 0; i < e->n_layers; i++)
    NMD_TRY(nmd__text_add(out, "%s %s", i == 0 ? "," : "", nmd_activation_name(e->layers[i].activation)));
  return nmd__text_add(out, ", %lld weights; offset %.10g eV/atom\n", size, e->offset);
}

static const char *scaling_text(const nmd_model_reader *reader) {
  if (reader->model->scaling.scale && reader->model->scaling.center) return "centred at the mean, scaled by the range";
  if (reader->model->scaling.scale) return "scaled to the range";
  if (reader->model->scaling.center) return "centred at the mean";
  return reader->model->scaling.sigma ? "centred at the mean, scaled by sigma" : "none";
}

static nmd_status add_switches(const nmd_model_reader *reader, nmd_text_buffer *out) {
  NMD_TRY(nmd__text_add(out, "  scaling of the functions: %s", scaling_text(reader)));
  if (reader->model->scaling.scale || reader->model->scaling.sigma)
    NMD_TRY(nmd__text_add(out, ", to %g .. %g", reader->model->scaling.min, reader->model->scaling.max));
  NMD_TRY(nmd__text_add(out, "\n"));
  if (reader->model->normalize_nodes)
    NMD_TRY(nmd__text_add(out, "  normalize_nodes: inputs of neurons divided by their number\n"));
  if (!reader->normalised) return NMD_OK;
  return nmd__text_add(out, "  normalisation: mean_energy %.10g, conv_energy %.10g (conv_length cancels)\n",
                       reader->mean_energy, reader->conv_energy);
}

static bool first_of_its_name(const nmd_model_reader *reader, int line) {
  for (int i = 0; i < line; i++)
    if (reader->lines[i].keyword == reader->lines[line].keyword) return false;
  return true;
}

/* A list with ", " between its items, broken into lines. */
static nmd_status add_list(const char *head, const char *items, nmd_text_buffer *out) {
  enum { WIDTH = 120 };
  size_t column = strlen(head);
  NMD_TRY(nmd__text_add(out, "%s", head));
  while (*items != '\0') {
    const char *comma = strstr(items, ", ");
    const size_t length = comma != NULL ? (size_t)(comma - items) + 1 : strlen(items);
    const bool broken = column + length + 1 > WIDTH;
    NMD_TRY(nmd__text_add(out, "%s%.*s", broken ? "\n    " : " ", (int)length, items));
    column = (broken ? 4 : column + 1) + length;
    items += length;
    items += *items == ' ';
  }
  return nmd__text_add(out, "\n");
}

static nmd_status add_keywords(const nmd_model_reader *reader, nmd_text_buffer *out) {
  nmd_text_buffer used = {0};
  nmd_status status = NMD_OK;
  for (int i = 0; i < reader->n_lines; i++) {
    const bool repeated = i > 0 && reader->lines[i].keyword == reader->lines[i - 1].keyword;
    if (repeated || !first_of_its_name(reader, i)) continue;
    NMD_GOTO(nmd__text_add(&used, "%s%s", used.length > 0 ? ", " : "", reader->lines[i].keyword->name));
  }
  if (used.length > 0) NMD_GOTO(add_list("  keywords used:", used.text, out));
  if (reader->irrelevant.length > 0)
    NMD_GOTO(add_list("  keywords without effect on the energy:", reader->irrelevant.text, out));
  if (reader->unknown.length > 0) NMD_GOTO(add_list("  UNKNOWN keywords, passed over:", reader->unknown.text, out));
done:
  nmd_free(used.text);
  return status;
}

nmd_status nmd__model_summary_write(nmd_model_reader *reader) {
  nmd_text_buffer out = {0};
  nmd_status status = NMD_OK;
  const nmd_model *model = reader->model;
  NMD_GOTO(add_elements(reader, &out));
  for (int e = 0; e < model->n_elements; e++) NMD_GOTO(add_functions(&model->elements[e], &out));
  for (int e = 0; e < model->n_elements; e++) NMD_GOTO(add_network(&model->elements[e], &out));
  NMD_GOTO(add_switches(reader, &out));
  if (reader->notes.length > 0) NMD_GOTO(nmd__text_add(&out, "%s", reader->notes.text));
  NMD_GOTO(add_keywords(reader, &out));
done:
  reader->model->summary = out.text;
  return status;
}
