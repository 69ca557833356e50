/* SPDX-License-Identifier: BSD-3-Clause */
/* Fuzz target of model folders: input.nn, scaling.data and the weights of S and Cu, one behind the other with a byte
 * 0x1e (record separator) between them; a file that is not there is missing. Any bytes give a model that can tell about
 * itself, or an error with a message. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nnp/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64];

static void remove_folder(void) {
  if (rmdir(folder) != 0) perror(folder);
}

static void make_folder(void) {
  if (folder[0] != '\0') return;
  snprintf(folder, sizeof folder, "%s/fuzz_model_XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  if (mkdtemp(folder) == NULL) abort();
  atexit(remove_folder);
}

static const char *const names[] = {"input.nn", "scaling.data", "weights.016.data", "weights.029.data"};
enum { FILES = sizeof names / sizeof names[0] };

static const char *path_of(int file) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, names[file]);
  return path;
}

static void write_part(int file, const uint8_t *data, size_t size) {
  FILE *out = fopen(path_of(file), "wb");
  if (out == NULL || fwrite(data, 1, size, out) != size || fclose(out) != 0) abort();
}

static void write_nothing(void *context, const char *text) {
  volatile size_t *sum = context;
  *sum += strlen(text);
}

static void read_model(void) {
  nmd_model *model;
  size_t sum = 0;
  if (nmd_model_read(folder, 1.0, 1.0, &model) != NMD_OK) {
    if (nmd_error_text()[0] == '\0') abort();
    return;
  }
  nmd_model_describe(model, write_nothing, &sum);
  if (nmd_model_element_count(model) < 1 || !(nmd_model_cutoff(model) > 0)) abort();
  for (int e = 0; e < nmd_model_element_count(model); e++)
    for (int f = 0; f < nmd_model_function_count(model, e); f++) sum += strlen(nmd_model_function_text(model, e, f));
  nmd_model_destroy(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  make_folder();
  for (int file = 0; file < FILES; file++) {
    const uint8_t *end = size > 0 ? memchr(data, 0x1e, size) : NULL;
    const size_t length = end != NULL ? (size_t)(end - data) : size;
    write_part(file, data, length);
    data += length;
    size -= length;
    if (size == 0) break;
    data++; /* the separator */
    size--;
  }
  read_model();
  for (int file = 0; file < FILES; file++) unlink(path_of(file));
  return 0;
}
