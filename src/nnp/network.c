/* SPDX-License-Identifier: BSD-3-Clause */
#include "nnp/network.h"

#include "base/memory.h"
#include "nnp/plan.h"

static nmd_status layer_init(nmd_network_layer *to, const nmd_layer *from) {
  *to = (nmd_network_layer){.n_in = nmd_padded(from->n_in),
                            .n_out = nmd_padded(from->n_out),
                            .real_in = from->n_in,
                            .real_out = from->n_out,
                            .activation = from->activation};
  NMD_TRY(NMD_ALLOC(to->weight, (size_t)to->real_in * (size_t)to->n_out));
  NMD_TRY(NMD_ALLOC(to->transposed, (size_t)to->real_out * (size_t)to->n_in));
  NMD_TRY(NMD_ALLOC(to->bias, to->n_out));
  for (int i = 0; i < from->n_in; i++)
    for (int o = 0; o < from->n_out; o++) {
      const double w = from->weight[(size_t)i * (size_t)from->n_out + (size_t)o];
      to->weight[(size_t)i * (size_t)to->n_out + (size_t)o] = w;
      to->transposed[(size_t)o * (size_t)to->n_in + (size_t)i] = w;
    }
  for (int o = 0; o < from->n_out; o++) to->bias[o] = from->bias[o];
  return NMD_OK;
}

nmd_status nmd_network_init(nmd_network *network, const nmd_element_model *element, double energy_factor) {
  const int n = element->n_functions;
  *network = (nmd_network){.n_inputs = nmd_padded(n), .energy_factor = energy_factor};
  NMD_TRY(NMD_ALLOC(network->factor, network->n_inputs));
  NMD_TRY(NMD_ALLOC(network->shift, network->n_inputs));
  NMD_TRY(NMD_ALLOC(network->offset, network->n_inputs));
  NMD_TRY(NMD_ALLOC(network->layers, element->n_layers));
  for (int i = 0; i < n; i++) {
    network->factor[i] = element->scale_factor[i];
    network->shift[i] = element->scale_shift[i];
    network->offset[i] = element->scale_base;
  }
  int first = network->n_inputs;
  for (int l = 0; l < element->n_layers; l++) {
    NMD_TRY(layer_init(&network->layers[network->n_layers++], &element->layers[l]));
    network->layers[l].first = first;
    first += 2 * network->layers[l].n_out;
  }
  network->work_length = first;
  return NMD_OK;
}

void nmd_network_free(nmd_network *network) {
  for (int l = 0; l < network->n_layers; l++) {
    nmd_free(network->layers[l].weight);
    nmd_free(network->layers[l].transposed);
    nmd_free(network->layers[l].bias);
  }
  nmd_free(network->layers);
  nmd_free(network->factor);
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
  return n;
}
