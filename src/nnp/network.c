/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/network.h"

#include "base/memory.h"
#include "nnp/plan.h"

/* Weights of member k of K into a layer. */
static void fill_member(nmd_network_layer *to, const nmd_layer *from, int k, int members, bool first) {
  const size_t n_out = (size_t)to->n_out, n_in = (size_t)to->n_in, n = (size_t)members, m = (size_t)k;
  for (int i = 0; i < from->n_in; i++)
    for (int o = 0; o < from->n_out; o++) {
      const double w = from->weight[(size_t)i * (size_t)from->n_out + (size_t)o];
      const size_t row = first ? (size_t)i * n + m : m * (size_t)to->real_in + (size_t)i;
      to->weight[row * n_out + (size_t)o] = w;
      to->transposed[(m * (size_t)to->real_out + (size_t)o) * n_in + (size_t)i] = w;
    }
  for (int o = 0; o < from->n_out; o++) to->bias[m * n_out + (size_t)o] = from->bias[o];
}

static nmd_status layer_init(nmd_network_layer *to, const nmd_element_model *const *elements, int layer, int members) {
  const nmd_layer *shape = &elements[0]->layers[layer];
  *to = (nmd_network_layer){.n_in = nmd_padded(shape->n_in),
                            .n_out = nmd_padded(shape->n_out),
                            .real_in = shape->n_in,
                            .real_out = shape->n_out,
                            .activation = shape->activation};
  NMD_TRY(NMD_ALLOC(to->weight, (size_t)members * (size_t)to->real_in * (size_t)to->n_out));
  NMD_TRY(NMD_ALLOC(to->transposed, (size_t)members * (size_t)to->real_out * (size_t)to->n_in));
  NMD_TRY(NMD_ALLOC(to->bias, (size_t)members * (size_t)to->n_out));
  for (int k = 0; k < members; k++) fill_member(to, &elements[k]->layers[layer], k, members, layer == 0);
  return NMD_OK;
}

nmd_status nmd_network_init(nmd_network *network, const nmd_element_model *const *elements,
                            const double *energy_factors, int members) {
  const nmd_element_model *element = elements[0];
  const int n = element->n_functions;
  *network = (nmd_network){.members = members, .n_inputs = nmd_padded(n)};
  NMD_TRY(NMD_ALLOC(network->factor, network->n_inputs));
  NMD_TRY(NMD_ALLOC(network->shift, network->n_inputs));
  NMD_TRY(NMD_ALLOC(network->offset, network->n_inputs));
  NMD_TRY(NMD_ALLOC(network->energy_factor, members));
  NMD_TRY(NMD_ALLOC(network->layers, element->n_layers));
  for (int k = 0; k < members; k++) network->energy_factor[k] = energy_factors[k];
  for (int i = 0; i < n; i++) {
    network->factor[i] = element->scale_factor[i];
    network->shift[i] = element->scale_shift[i];
    network->offset[i] = element->scale_base;
  }
  int first = network->n_inputs;
  for (int l = 0; l < element->n_layers; l++) {
    NMD_TRY(layer_init(&network->layers[network->n_layers++], elements, l, members));
    network->layers[l].first = first;
    first += 2 * members * network->layers[l].n_out;
  }
  network->work_length = first;
  return NMD_OK;
}

bool nmd_network_same_shape(const nmd_element_model *a, const nmd_element_model *b) {
  if (a->n_layers != b->n_layers) return false;
  for (int l = 0; l < a->n_layers; l++)
    if (a->layers[l].n_out != b->layers[l].n_out || a->layers[l].activation != b->layers[l].activation) return false;
  return true;
}

void nmd_network_free(nmd_network *network) {
  for (int l = 0; l < network->n_layers; l++) {
    nmd_free(network->layers[l].weight);
    nmd_free(network->layers[l].transposed);
    nmd_free(network->layers[l].bias);
  }
  nmd_free(network->layers);
  nmd_free(network->factor);
  nmd_free(network->energy_factor);
  nmd_free(network->shift);
  nmd_free(network->offset);
  *network = (nmd_network){0};
}

double nmd_network_operations(const nmd_network *network) {
  double n = 0.0;
  for (int l = 0; l < network->n_layers; l++) {
    const nmd_network_layer *layer = &network->layers[l];
    n += (double)layer->real_in * layer->n_out + (double)layer->real_out * layer->n_in;
  }
  return n * network->members;
}
