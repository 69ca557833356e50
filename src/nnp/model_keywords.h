/* SPDX-License-Identifier: BSD-3-Clause */
/* Every keyword that n2p2 and RuNNer know in input.nn, and what becomes of it here. */
#ifndef NNPMD_NNP_MODEL_KEYWORDS_H
#define NNPMD_NNP_MODEL_KEYWORDS_H

#include <stdbool.h>

/* Keywords that take part in building a model. */
typedef enum nmd_keyword_id {
  NMD_KEY_NONE, /* of no use here, or refused */
  NMD_KEY_NUMBER_OF_ELEMENTS,
  NMD_KEY_ELEMENTS,
  NMD_KEY_ATOM_ENERGY,
  NMD_KEY_CUTOFF_TYPE,
  NMD_KEY_CUTOFF_ALPHA,
  NMD_KEY_FUNCTION,
  NMD_KEY_ELEMENT_FUNCTION,
  NMD_KEY_GLOBAL_FUNCTION,
  NMD_KEY_SCALE,
  NMD_KEY_CENTER,
  NMD_KEY_SCALE_SIGMA,
  NMD_KEY_SCALE_MIN,
  NMD_KEY_SCALE_MAX,
  NMD_KEY_HIDDEN_LAYERS,
  NMD_KEY_NODES,
  NMD_KEY_ACTIVATION,
  NMD_KEY_ELEMENT_HIDDEN_LAYERS,
  NMD_KEY_ELEMENT_NODES,
  NMD_KEY_ELEMENT_ACTIVATION,
  NMD_KEY_NORMALIZE_NODES,
  NMD_KEY_MEAN_ENERGY,
  NMD_KEY_CONV_ENERGY,
  NMD_KEY_CONV_LENGTH,
  NMD_KEY_GENERATION,   /* which generation of networks: only the second passes */
  NMD_KEY_NN_TYPE_SHORT /* 1: atomic networks, 2: pair networks (refused) */
} nmd_keyword_id;

typedef enum nmd_keyword_use {
  NMD_KEYWORD_USED,
  NMD_KEYWORD_IRRELEVANT, /* training, output or preparation of data: no effect on the energy of a finished model */
  NMD_KEYWORD_REFUSED     /* changes the energy in a way that is not supported */
} nmd_keyword_use;

typedef struct nmd_keyword {
  const char *name;
  nmd_keyword_use use;
  nmd_keyword_id id;
  bool repeatable;    /* may stand on several lines */
  const char *reason; /* REFUSED: what it does */
} nmd_keyword;

const nmd_keyword *nmd_keyword_find(const char *name); /* NULL: neither program knows it */
const char *nmd_keyword_nearest(const char *name);     /* a used keyword spelled almost so, or NULL */

#endif
