/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/memory.h"
#include "io/checkpoint_layout.h"
#include "io/file_atomic.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

typedef struct section {
  char name[NMD_CHECKPOINT_NAME_MAX + 1];
  void *bytes; /* owned */
  size_t size;
} section;

struct nmd_checkpoint_writer {
  section *sections;
  int n, capacity;
  char *image;
  size_t image_size;
};

uint64_t nmd__checkpoint_hash(const void *bytes, size_t size) { return XXH64(bytes, size, 0); }

nmd_status nmd_checkpoint_writer_create(nmd_checkpoint_writer **writer) { return NMD_ALLOC(*writer, 1); }

static nmd_status check_name(const nmd_checkpoint_writer *writer, const char *name) {
  const size_t length = strlen(name);
  if (length == 0 || length > NMD_CHECKPOINT_NAME_MAX || writer->n == NMD_CHECKPOINT_SECTIONS_MAX)
    NMD_FAIL(INTERNAL, "checkpoint section '%.60s': name of 1 to %d bytes and at most %d sections expected; report it",
             name, NMD_CHECKPOINT_NAME_MAX, NMD_CHECKPOINT_SECTIONS_MAX);
  for (int i = 0; i < writer->n; i++)
    if (strcmp(writer->sections[i].name, name) == 0)
      NMD_FAIL(INTERNAL, "checkpoint section '%s' added twice; please report it", name);
  return NMD_OK;
}

nmd_status nmd_checkpoint_writer_add(nmd_checkpoint_writer *writer, const char *name, const void *bytes, size_t size) {
  NMD_TRY(check_name(writer, name));
  if (writer->n == writer->capacity) {
    const int capacity = 2 * writer->capacity + 16;
    NMD_TRY(NMD_GROW(writer->sections, writer->n, capacity));
    writer->capacity = capacity;
  }
  section *s = &writer->sections[writer->n];
  NMD_TRY(nmd_alloc(&s->bytes, size, 1));
  if (size > 0) memcpy(s->bytes, bytes, size);
  s->size = size;
  memcpy(s->name, name, strlen(name) + 1);
  writer->n++;
  return NMD_OK;
}

static uint64_t total_size(const nmd_checkpoint_writer *writer) {
  uint64_t size = sizeof(nmd__checkpoint_header) + (uint64_t)writer->n * sizeof(nmd__checkpoint_entry);
  for (int i = 0; i < writer->n; i++) size += nmd__checkpoint_round(writer->sections[i].size);
  return size + NMD__CHECKPOINT_HASH_SIZE;
}

static void fill_image(const nmd_checkpoint_writer *writer, char *image, uint64_t size) {
  nmd__checkpoint_header header = {.marker = nmd__checkpoint_marker, .version = NMD_CHECKPOINT_VERSION};
  memcpy(header.magic, NMD__CHECKPOINT_MAGIC, sizeof header.magic);
  header.file_size = size;
  header.sections = (uint64_t)writer->n;
  memcpy(image, &header, sizeof header);
  uint64_t offset = sizeof header + (uint64_t)writer->n * sizeof(nmd__checkpoint_entry);
  for (int i = 0; i < writer->n; i++) {
    const section *s = &writer->sections[i];
    nmd__checkpoint_entry entry = {.offset = offset, .size = s->size};
    memcpy(entry.name, s->name, strlen(s->name));
    memcpy(image + sizeof header + (size_t)i * sizeof entry, &entry, sizeof entry);
    memcpy(image + offset, s->bytes, s->size);
    offset += nmd__checkpoint_round(s->size);
  }
  const uint64_t hash = nmd__checkpoint_hash(image, offset);
  memcpy(image + offset, &hash, sizeof hash);
}

nmd_status nmd_checkpoint_writer_image(nmd_checkpoint_writer *writer, const void **bytes, size_t *size) {
  nmd_free(writer->image);
  writer->image = NULL;
  writer->image_size = total_size(writer);
  NMD_TRY(NMD_ALLOC(writer->image, writer->image_size));
  fill_image(writer, writer->image, writer->image_size);
  *bytes = writer->image;
  *size = writer->image_size;
  return NMD_OK;
}

nmd_status nmd_checkpoint_writer_save(nmd_checkpoint_writer *writer, const char *path, int keep) {
  const void *bytes;
  size_t size;
  NMD_TRY(nmd_checkpoint_writer_image(writer, &bytes, &size));
  return nmd_file_write_atomic(path, bytes, size, keep);
}

void nmd_checkpoint_writer_destroy(nmd_checkpoint_writer *writer) {
  if (writer == NULL) return;
  for (int i = 0; i < writer->n; i++) nmd_free(writer->sections[i].bytes);
  nmd_free(writer->sections);
  nmd_free(writer->image);
  nmd_free(writer);
}
