/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/checkpoint_layout.h"

struct nmd_checkpoint {
  char *path;
  char *image;  /* the whole file, 64-byte aligned */
  size_t size;
  const nmd__checkpoint_entry *entries; /* into the image */
  int n;
};

#define ELSE_USE "use the checkpoint before it (same name with .1) or start anew"

static nmd_status damaged(const nmd_checkpoint *c, const char *reason) {
  NMD_FAIL(CHECKPOINT, "%s: damaged checkpoint: %s; " ELSE_USE, c->path, reason);
}

/* Magic, byte order, version and size come before the hash: they tell more than "checksum differs". */
static nmd_status check_header(const nmd_checkpoint *c, nmd__checkpoint_header *header) {
  if (c->size < sizeof *header + NMD__CHECKPOINT_HASH_SIZE)
    NMD_FAIL(CHECKPOINT, "%s: %zu bytes are too few for a checkpoint; expected at least %zu; " ELSE_USE, c->path,
             c->size, sizeof *header + NMD__CHECKPOINT_HASH_SIZE);
  memcpy(header, c->image, sizeof *header);
  if (memcmp(header->magic, NMD__CHECKPOINT_MAGIC, sizeof header->magic) != 0)
    NMD_FAIL(CHECKPOINT, "%s: no nnpmd checkpoint (its first bytes differ); check the path", c->path);
  if (header->marker != nmd__checkpoint_marker)
    NMD_FAIL(CHECKPOINT, "%s: byte order marker %08x, expected %08x: written on another kind of machine, or damaged; "
             ELSE_USE, c->path, (unsigned)header->marker, (unsigned)nmd__checkpoint_marker);
  if (header->version != NMD_CHECKPOINT_VERSION)
    NMD_FAIL(CHECKPOINT, "%s: checkpoint version %u, but this program reads version %d; continue with the program that "
             "wrote it", c->path, (unsigned)header->version, NMD_CHECKPOINT_VERSION);
  if (header->file_size != c->size)
    NMD_FAIL(CHECKPOINT, "%s: damaged checkpoint: %zu bytes, but %llu were written (copied incompletely?); " ELSE_USE,
             c->path, c->size, (unsigned long long)header->file_size);
  return NMD_OK;
}

static nmd_status check_hash(const nmd_checkpoint *c) {
  const size_t covered = c->size - NMD__CHECKPOINT_HASH_SIZE;
  uint64_t stored;
  memcpy(&stored, c->image + covered, sizeof stored);
  const uint64_t found = nmd__checkpoint_hash(c->image, covered);
  if (stored == found) return NMD_OK;
  NMD_FAIL(CHECKPOINT, "%s: damaged checkpoint: checksum %016llx, expected %016llx; " ELSE_USE, c->path,
           (unsigned long long)found, (unsigned long long)stored);
}

static nmd_status check_entry(const nmd_checkpoint *c, int i) {
  const nmd__checkpoint_entry *entry = &c->entries[i];
  const uint64_t end = c->size - NMD__CHECKPOINT_HASH_SIZE;
  if (entry->name[0] == '\0' || entry->name[NMD_CHECKPOINT_NAME_MAX] != '\0')
    return damaged(c, "a section without a proper name");
  if (entry->offset % NMD__CHECKPOINT_ALIGN != 0 || entry->offset > end || entry->size > end - entry->offset)
    return damaged(c, "a section that reaches beyond the file");
  for (int k = 0; k < i; k++)
    if (strcmp(c->entries[k].name, entry->name) == 0) return damaged(c, "two sections of one name");
  return NMD_OK;
}

/* A right hash does not make a crafted file safe: every bound is checked all the same. */
static nmd_status check_image(nmd_checkpoint *c) {
  nmd__checkpoint_header header;
  NMD_TRY(check_header(c, &header));
  NMD_TRY(check_hash(c));
  const uint64_t room = (c->size - sizeof header - NMD__CHECKPOINT_HASH_SIZE) / sizeof(nmd__checkpoint_entry);
  if (header.sections > room || header.sections > NMD_CHECKPOINT_SECTIONS_MAX)
    return damaged(c, "more sections than the file has room for");
  c->entries = (const nmd__checkpoint_entry *)(c->image + sizeof header);
  c->n = (int)header.sections;
  for (int i = 0; i < c->n; i++) NMD_TRY(check_entry(c, i));
  return NMD_OK;
}

static nmd_status finish(nmd_checkpoint *c, nmd_status status, nmd_checkpoint **checkpoint) {
  if (status == NMD_OK) status = check_image(c);
  if (status == NMD_OK) *checkpoint = c;
  else nmd_checkpoint_destroy(c);
  return status;
}

static nmd_status make(const char *path, nmd_checkpoint **fresh) {
  NMD_TRY(NMD_ALLOC(*fresh, 1));
  const nmd_status status = nmd_strdup(path, &(*fresh)->path);
  if (status != NMD_OK) nmd_checkpoint_destroy(*fresh);
  return status;
}

nmd_status nmd_checkpoint_parse(const char *name, const void *bytes, size_t size, nmd_checkpoint **checkpoint) {
  nmd_checkpoint *c;
  NMD_TRY(make(name, &c));
  const nmd_status status = NMD_ALLOC(c->image, size);
  c->size = size;
  if (status == NMD_OK && size > 0) memcpy(c->image, bytes, size);
  return finish(c, status, checkpoint);
}

static nmd_status read_bytes(int fd, nmd_checkpoint *c) {
  size_t done = 0;
  while (done < c->size) {
    const ssize_t n = read(fd, c->image + done, c->size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) NMD_FAIL(READ, "%s: read error: %s; check the disk or network", c->path, strerror(errno));
    if (n == 0) return damaged(c, "it became shorter while it was read");
    done += (size_t)n;
  }
  return NMD_OK;
}

static nmd_status read_file(nmd_checkpoint *c) {
  const int fd = open(c->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) NMD_FAIL(FILE_MISSING, "%s: cannot be opened: %s; check the path", c->path, strerror(errno));
  struct stat info;
  nmd_status status = NMD_OK;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
    status = nmd_fail(NMD_CHECKPOINT, "%s: is no regular file; expected a checkpoint; check the path", c->path);
  if (status == NMD_OK) c->size = (size_t)info.st_size;
  if (status == NMD_OK) status = NMD_ALLOC(c->image, c->size);
  if (status == NMD_OK) status = read_bytes(fd, c);
  close(fd);
  return status;
}

nmd_status nmd_checkpoint_read(const char *path, nmd_checkpoint **checkpoint) {
  nmd_checkpoint *c;
  NMD_TRY(make(path, &c));
  return finish(c, read_file(c), checkpoint);
}

void nmd_checkpoint_destroy(nmd_checkpoint *checkpoint) {
  if (checkpoint == NULL) return;
  nmd_free(checkpoint->path);
  nmd_free(checkpoint->image);
  nmd_free(checkpoint);
}

int nmd_checkpoint_count(const nmd_checkpoint *checkpoint) { return checkpoint->n; }
const char *nmd_checkpoint_name(const nmd_checkpoint *checkpoint, int index) { return checkpoint->entries[index].name; }

void nmd_checkpoint_image(const nmd_checkpoint *checkpoint, const void **bytes, size_t *size) {
  *bytes = checkpoint->image;
  *size = checkpoint->size;
}

static const nmd__checkpoint_entry *find(const nmd_checkpoint *checkpoint, const char *name) {
  for (int i = 0; i < checkpoint->n; i++)
    if (strcmp(checkpoint->entries[i].name, name) == 0) return &checkpoint->entries[i];
  return NULL;
}

bool nmd_checkpoint_has(const nmd_checkpoint *checkpoint, const char *name) { return find(checkpoint, name) != NULL; }

static nmd_status need(const nmd_checkpoint *checkpoint, const char *name, const nmd__checkpoint_entry **entry) {
  *entry = find(checkpoint, name);
  if (*entry != NULL) return NMD_OK;
  NMD_FAIL(CHECKPOINT, "%s: has no section '%s'; expected a checkpoint of the same input and program version",
           checkpoint->path, name);
}

nmd_status nmd_checkpoint_get(const nmd_checkpoint *checkpoint, const char *name, void *out, size_t size) {
  const nmd__checkpoint_entry *entry;
  NMD_TRY(need(checkpoint, name, &entry));
  if (entry->size != size)
    NMD_FAIL(CHECKPOINT, "%s: section '%s' has %llu bytes, expected %zu; use the checkpoint with the input and program "
             "version that wrote it", checkpoint->path, name, (unsigned long long)entry->size, size);
  if (size > 0) memcpy(out, checkpoint->image + entry->offset, size);
  return NMD_OK;
}

nmd_status nmd_checkpoint_view(const nmd_checkpoint *checkpoint, const char *name, size_t item_size,
                               const void **bytes, size_t *count) {
  const nmd__checkpoint_entry *entry;
  NMD_TRY(need(checkpoint, name, &entry));
  if (entry->size % item_size != 0)
    NMD_FAIL(CHECKPOINT, "%s: section '%s' has %llu bytes, expected a multiple of %zu; use the checkpoint with the "
             "input and program version that wrote it", checkpoint->path, name, (unsigned long long)entry->size,
             item_size);
  *bytes = checkpoint->image + entry->offset;
  *count = (size_t)entry->size / item_size;
  return NMD_OK;
}
