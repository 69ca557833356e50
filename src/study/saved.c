/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/saved.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/buffer.h"
#include "io/file_atomic.h"

nmd_status nmd_saved_write(const char *folder, const char *name, uint64_t hash, int n, const double *values) {
  char path[4096];
  nmd_buffer text = {0};
  snprintf(path, sizeof path, "%s/%s", folder, name);
  nmd_buffer_printf(&text, "%016" PRIx64 " %d\n", hash, n);
  for (int k = 0; k < n; k++) nmd_buffer_printf(&text, "%.17g\n", values[k]);
  nmd_buffer_text(&text, "end\n");
  nmd_status status = text.status;
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text.data, text.length, 1);
  nmd_buffer_free(&text);
  return status;
}

bool nmd_saved_read(const char *folder, const char *name, uint64_t hash, int n, double *values) {
  char path[4096], word[8] = "";
  uint64_t found = 0;
  int count = 0;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) return false;
  bool good = fscanf(file, "%" SCNx64 " %d", &found, &count) == 2 && found == hash && count == n;
  for (int k = 0; k < n && good; k++) good = fscanf(file, "%lf", &values[k]) == 1;
  good = good && fscanf(file, "%7s", word) == 1 && strcmp(word, "end") == 0;
  fclose(file);
  return good;
}
