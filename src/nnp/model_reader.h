/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader of model folders, shared by the model_*.c files and by nobody else. */
#ifndef NNPMD_NNP_MODEL_READER_H
#define NNPMD_NNP_MODEL_READER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "nnp/model_data.h"
#include "nnp/model_keywords.h"

/* A text that grows. */
typedef struct nmd_text_buffer {
  char *text; /* NUL-terminated once something was added; owned */
  size_t length, capacity;
} nmd_text_buffer;
nmd_status nmd__text_add(nmd_text_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3))) NMD_MUST_USE;

/* One line of input.nn with a keyword neither irrelevant nor refused. */
typedef struct nmd_input_line {
  const nmd_keyword *keyword;
  int number;        /* 1-based, in the file */
  const char *start; /* of the line, for columns */
  int n_words;       /* keyword included */
  char **words;      /* into the text */
} nmd_input_line;

enum { NMD_MODEL_LAYERS_MAX = 64 }; /* hidden layers */
enum { NMD_MODEL_NODES_MAX = 100000 };

typedef struct nmd_model_reader {
  nmd_model *model;
  char *path;   /* of input.nn, owned */
  char *text;   /* its text, cut into words; owned */
  char **words; /* owned */
  int n_lines;
  nmd_input_line *lines; /* owned */
  double length_unit, energy_unit;
  double mean_energy, conv_energy; /* model units; conv_energy 1 without normalisation */
  bool normalised;
  bool untrained; /* input.nn alone */
  nmd_text_buffer irrelevant, unknown, notes; /* for the summary */
  char place[1100];                           /* last nmd__place */
} nmd_model_reader;

/* model_input.c: input.nn as lines of words. Duplicates, refused keywords and the two names of symfunction are dealt
 * with here. */
nmd_status nmd__model_input_read(nmd_model_reader *reader, const char *folder) NMD_MUST_USE;
void nmd__model_input_free(nmd_model_reader *reader);
/* The only line of a keyword, or NULL. */
const nmd_input_line *nmd__find_line(const nmd_model_reader *reader, nmd_keyword_id id);
/* "file:line:column" of a word of a line (or of the line's end, if it has fewer words). */
const char *nmd__place(nmd_model_reader *reader, const nmd_input_line *line, int word);
/* Numbers of a line; Fortran exponents (1.0d0) are read. Errors: MODEL_KEYWORD (word missing, out of range),
 * BAD_NUMBER. */
nmd_status nmd__real_word(nmd_model_reader *reader, const nmd_input_line *line, int word, const char *what,
                          double *value) NMD_MUST_USE;
nmd_status nmd__int_word(nmd_model_reader *reader, const nmd_input_line *line, int word, const char *what, int low,
                         int high, int *value) NMD_MUST_USE;
/* The model's index of an element named on a line. Errors: UNKNOWN_ELEMENT, MODEL_ELEMENT. */
nmd_status nmd__element_word(nmd_model_reader *reader, const nmd_input_line *line, int word, int *element) NMD_MUST_USE;
bool nmd__parse_real(const char *word, double *value); /* nmd_parse_real plus Fortran exponents */

/* model_functions.c: symmetry functions of every element, sorted, in A. */
nmd_status nmd__model_functions_read(nmd_model_reader *reader) NMD_MUST_USE;
int nmd__function_type(nmd_function_kind kind); /* the format's number */
const char *nmd__function_kind_name(nmd_function_kind kind);

/* model_scaling.c: scaling.data. */
nmd_status nmd__model_scaling_read(nmd_model_reader *reader) NMD_MUST_USE;

/* model_weights.c: shapes of the networks and weights.NNN.data. */
nmd_status nmd__model_networks_read(nmd_model_reader *reader) NMD_MUST_USE;

/* model_summary.c */
nmd_status nmd__model_summary_write(nmd_model_reader *reader) NMD_MUST_USE;

#endif
