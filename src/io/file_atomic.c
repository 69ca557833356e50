/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/file_atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { SUFFIX_MAX = 16 };

static nmd_status cannot(const char *path, const char *what, int reason) {
  NMD_FAIL(WRITE, "%s: %s: %s; free space, check permissions or choose another folder", path, what, strerror(reason));
}

static nmd_status write_all(int fd, const char *path, const char *bytes, size_t length) {
  while (length > 0) {
    const ssize_t n = write(fd, bytes, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return cannot(path, "cannot be written", n == 0 ? ENOSPC : errno);
    bytes += n;
    length -= (size_t)n;
  }
  return NMD_OK;
}

static nmd_status write_and_sync(const char *path, const nmd_file_part *parts, int n) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return cannot(path, "cannot be opened for writing", errno);
  nmd_status status = NMD_OK;
  for (int k = 0; k < n && status == NMD_OK; k++) status = write_all(fd, path, parts[k].bytes, parts[k].length);
  if (status == NMD_OK && fsync(fd) != 0) status = cannot(path, "cannot be brought to the disk", errno);
  if (close(fd) != 0 && status == NMD_OK) status = cannot(path, "error on closing", errno);
  return status;
}

/* The rename itself is only safe once its folder is on the disk; a file system that cannot do that is no error. */
static void sync_folder(const char *path) {
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  const size_t n = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
  if (n >= sizeof folder) return;
  memcpy(folder, path, n);
  folder[n] = '\0';
  const int fd = open(n == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)fsync(fd);
  close(fd);
}

/* Make room at path.1: path.1 becomes path.2 and so on; path.<count> is overwritten. */
static nmd_status shift_numbered(const char *path, int count, char *from, char *to, size_t size) {
  for (int k = count - 1; k >= 1; k--) {
    snprintf(from, size, "%s.%d", path, k);
    snprintf(to, size, "%s.%d", path, k + 1);
    if (rename(from, to) != 0 && errno != ENOENT) return cannot(to, "cannot be renamed to", errno);
  }
  snprintf(to, size, "%s.1", path);
  return NMD_OK;
}

/* Keep the old file as path.1 while path itself stays: a second name for it, where the file system can; else the
 * rename leaves a moment without `path`, with path.1 still whole. */
static nmd_status keep_as_first(const char *path, const char *first) {
  if (unlink(first) != 0 && errno != ENOENT) return cannot(first, "cannot be removed", errno);
  if (link(path, first) == 0 || errno == ENOENT) return NMD_OK;
  if (rename(path, first) == 0 || errno == ENOENT) return NMD_OK;
  return cannot(first, "the file before cannot be kept", errno);
}

static nmd_status with_names(const char *path, int count, bool move) {
  const size_t size = strlen(path) + SUFFIX_MAX;
  char *names;
  NMD_TRY(NMD_ALLOC(names, 2 * size));
  nmd_status status = shift_numbered(path, count, names, names + size, size);
  if (status == NMD_OK && !move) status = keep_as_first(path, names + size);
  if (status == NMD_OK && move && rename(path, names + size) != 0 && errno != ENOENT)
    status = cannot(path, "cannot be renamed", errno);
  nmd_free(names);
  return status;
}

nmd_status nmd_file_rotate(const char *path, int count) {
  if (count < 1 || access(path, F_OK) != 0) return NMD_OK;
  return with_names(path, count, true);
}

static nmd_status replace(const char *path, const char *fresh, int keep) {
  struct stat info;
  if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
    NMD_FAIL(WRITE, "%s: is no regular file and cannot be replaced; choose another name", path);
  if (keep > 1 && access(path, F_OK) == 0) NMD_TRY(with_names(path, keep - 1, false));
  if (rename(fresh, path) != 0) return cannot(path, "the new file cannot take its name", errno);
  sync_folder(path);
  return NMD_OK;
}

nmd_status nmd_file_write_atomic(const char *path, const void *bytes, size_t length, int keep) {
  const nmd_file_part part = {bytes, length};
  return nmd_file_write_atomic_parts(path, &part, 1, keep);
}

nmd_status nmd_file_write_atomic_parts(const char *path, const nmd_file_part *parts, int n, int keep) {
  const size_t size = strlen(path) + SUFFIX_MAX;
  char *fresh;
  NMD_TRY(NMD_ALLOC(fresh, size));
  snprintf(fresh, size, "%s.tmp", path);
  nmd_status status = write_and_sync(fresh, parts, n);
  if (status == NMD_OK) status = replace(path, fresh, keep);
  if (status != NMD_OK) (void)unlink(fresh);
  nmd_free(fresh);
  return status;
}
