/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/memory.h"
#include "io/checkpoint_layout.h"
#include "io/file_atomic.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

typedef struct section {
  char name[NMD_CHECKPOINT_NAME_MAX + 1];
  const void *bytes;
  void *owned; /* the same, or NULL: lent by the caller */
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

nmd_status nmd_checkpoint_writer_lend(nmd_checkpoint_writer *writer, const char *name, const void *bytes, size_t size) {
  NMD_TRY(check_name(writer, name));
  if (writer->n == writer->capacity) {
    const int capacity = 2 * writer->capacity + 16;
    NMD_TRY(NMD_GROW(writer->sections, writer->n, capacity));
    writer->capacity = capacity;
  }
  section *s = &writer->sections[writer->n++];
  *s = (section){.bytes = bytes, .size = size};
  memcpy(s->name, name, strlen(name) + 1);
  return NMD_OK;
}

nmd_status nmd_checkpoint_writer_add(nmd_checkpoint_writer *writer, const char *name, const void *bytes, size_t size) {
  void *copy;
  NMD_TRY(nmd_alloc(&copy, size, 1));
  if (size > 0) memcpy(copy, bytes, size);
  const nmd_status status = nmd_checkpoint_writer_lend(writer, name, copy, size);
  if (status == NMD_OK)
    writer->sections[writer->n - 1].owned = copy;
  else
    nmd_free(copy);
  return status;
}

/* The file in pieces: header and table, then each section and what fills it up to the next multiple, then the hash. */
typedef struct pieces {
  nmd_file_part *part;
  int n;
  char *head;
  uint64_t hash;
} pieces;

static const char filling[NMD__CHECKPOINT_ALIGN];

static void fill_head(const nmd_checkpoint_writer *writer, char *head, uint64_t head_size) {
  nmd__checkpoint_header header = {.marker = nmd__checkpoint_marker, .version = NMD_CHECKPOINT_VERSION};
  memcpy(header.magic, NMD__CHECKPOINT_MAGIC, sizeof header.magic);
  header.sections = (uint64_t)writer->n;
  uint64_t offset = head_size;
  for (int i = 0; i < writer->n; i++) {
    const section *s = &writer->sections[i];
    nmd__checkpoint_entry entry = {.offset = offset, .size = s->size};
    memcpy(entry.name, s->name, strlen(s->name));
    memcpy(head + sizeof header + (size_t)i * sizeof entry, &entry, sizeof entry);
    offset += nmd__checkpoint_round(s->size);
  }
  header.file_size = offset + NMD__CHECKPOINT_HASH_SIZE;
  memcpy(head, &header, sizeof header);
}

static void add_piece(pieces *p, const void *bytes, uint64_t size) {
  if (size > 0) p->part[p->n++] = (nmd_file_part){bytes, (size_t)size};
}

static nmd_status make_pieces(const nmd_checkpoint_writer *writer, pieces *p) {
  const uint64_t head_size = sizeof(nmd__checkpoint_header) + (uint64_t)writer->n * sizeof(nmd__checkpoint_entry);
  *p = (pieces){0};
  NMD_TRY(NMD_ALLOC(p->part, 2 * writer->n + 2));
  NMD_TRY(NMD_ALLOC(p->head, head_size));
  fill_head(writer, p->head, head_size);
  add_piece(p, p->head, head_size);
  for (int i = 0; i < writer->n; i++) {
    const section *s = &writer->sections[i];
    add_piece(p, s->bytes, s->size);
    add_piece(p, filling, nmd__checkpoint_round(s->size) - s->size);
  }
  XXH64_state_t state;
  XXH64_reset(&state, 0);
  for (int k = 0; k < p->n; k++) XXH64_update(&state, p->part[k].bytes, p->part[k].length);
  p->hash = XXH64_digest(&state);
  add_piece(p, &p->hash, sizeof p->hash);
  return NMD_OK;
}

static void free_pieces(pieces *p) {
  nmd_free(p->part);
  nmd_free(p->head);
}

static nmd_status join_pieces(nmd_checkpoint_writer *writer, const pieces *p) {
  size_t size = 0;
  for (int k = 0; k < p->n; k++) size += p->part[k].length;
  nmd_free(writer->image);
  writer->image = NULL;
  NMD_TRY(NMD_ALLOC(writer->image, size));
  writer->image_size = size;
  char *to = writer->image;
  for (int k = 0; k < p->n; to += p->part[k].length, k++) memcpy(to, p->part[k].bytes, p->part[k].length);
  return NMD_OK;
}

nmd_status nmd_checkpoint_writer_image(nmd_checkpoint_writer *writer, const void **bytes, size_t *size) {
  pieces p;
  nmd_status status = make_pieces(writer, &p);
  if (status == NMD_OK) status = join_pieces(writer, &p);
  free_pieces(&p);
  *bytes = writer->image;
  *size = writer->image_size;
  return status;
}

nmd_status nmd_checkpoint_writer_save(nmd_checkpoint_writer *writer, const char *path, int keep) {
  pieces p;
  nmd_status status = make_pieces(writer, &p);
  if (status == NMD_OK) status = nmd_file_write_atomic_parts(path, p.part, p.n, keep);
  free_pieces(&p);
  return status;
}

void nmd_checkpoint_writer_destroy(nmd_checkpoint_writer *writer) {
  if (writer == NULL) return;
  for (int i = 0; i < writer->n; i++) nmd_free(writer->sections[i].owned);
  nmd_free(writer->sections);
  nmd_free(writer->image);
  nmd_free(writer);
}
