/* SPDX-License-Identifier: BSD-3-Clause */
/* main() of a fuzz target without libFuzzer: every file named on the command line once. So the corpus, with all that
 * ever went wrong, is read in the default test suite by any compiler. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) return 1;
  const long size = ftell(file);
  rewind(file);
  uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
  const int bad = data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size;
  fclose(file);
  if (!bad) LLVMFuzzerTestOneInput(data, (size_t)size);
  free(data);
  return bad;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (replay(argv[i]) != 0) {
      fprintf(stderr, "%s: cannot be read\n", argv[i]);
      return 1;
    }
  printf("%d inputs\n", argc - 1);
  return argc > 1 ? 0 : 1;
}
