/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/file_append.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/file_atomic.h"

static bool is_filled_file(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
}

static nmd_status open_file(const char *path, int flags, nmd_append_file *file) {
  *file = (nmd_append_file){.fd = -1};
  NMD_TRY(nmd_strdup(path, &file->path));
  file->fd = open(path, flags | O_WRONLY | O_CLOEXEC, 0666);
  if (file->fd >= 0) return NMD_OK;
  const int reason = errno;
  nmd_free(file->path);
  *file = (nmd_append_file){0};
  NMD_FAIL(WRITE, "%s: cannot be opened for writing: %s; check the folder and its permissions", path, strerror(reason));
}

static void drop(nmd_append_file *file) {
  close(file->fd);
  nmd_free(file->path);
  *file = (nmd_append_file){0};
}

nmd_status nmd_append_create(const char *path, const void *header, size_t length, int keep_old,
                             nmd_append_file *file) {
  if (keep_old > 0 && is_filled_file(path)) NMD_TRY(nmd_file_rotate(path, keep_old));
  NMD_TRY(open_file(path, O_CREAT | O_TRUNC, file));
  const nmd_status status = nmd_append_write(file, header, header != NULL ? length : 0, false);
  if (status != NMD_OK) drop(file);
  return status;
}

nmd_status nmd_append_resume(const char *path, int64_t offset, nmd_append_file *file) {
  struct stat info;
  *file = (nmd_append_file){0};
  if (offset < 0 || stat(path, &info) != 0)
    NMD_FAIL(CHECKPOINT, "%s: cannot be continued at byte %lld: %s; expected the file of the interrupted run; put it "
             "back or start a new output", path, (long long)offset, offset < 0 ? "negative offset" : strerror(errno));
  if (!S_ISREG(info.st_mode) || info.st_size < offset)
    NMD_FAIL(CHECKPOINT, "%s: has %lld bytes, but the checkpoint was made when it had %lld; expected the file of the "
             "interrupted run; put it back or start a new output", path, (long long)info.st_size, (long long)offset);
  NMD_TRY(open_file(path, 0, file));
  file->offset = offset;
  if (ftruncate(file->fd, (off_t)offset) == 0 && lseek(file->fd, (off_t)offset, SEEK_SET) == (off_t)offset)
    return NMD_OK;
  const int reason = errno;
  drop(file);
  NMD_FAIL(WRITE, "%s: cannot be cut at byte %lld: %s; check its permissions", path, (long long)offset,
           strerror(reason));
}

nmd_status nmd_append_write(nmd_append_file *file, const void *block, size_t length, bool sync) {
  size_t done = 0;
  while (done < length) {
    const ssize_t n = write(file->fd, (const char *)block + done, length - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int reason = n == 0 ? ENOSPC : errno;
      /* best effort: on a device (/dev/full) there is nothing to take back */
      if (ftruncate(file->fd, (off_t)file->offset) == 0) (void)lseek(file->fd, (off_t)file->offset, SEEK_SET);
      NMD_FAIL(WRITE, "%s: cannot write %zu bytes behind byte %lld: %s; free space or choose another folder",
               file->path, length, (long long)file->offset, strerror(reason));
    }
    done += (size_t)n;
  }
  file->offset += (int64_t)length;
  return sync ? nmd_append_sync(file) : NMD_OK;
}

nmd_status nmd_append_sync(nmd_append_file *file) {
  if (fsync(file->fd) == 0 || errno == EINVAL || errno == EROFS) return NMD_OK; /* pipes and devices cannot */
  NMD_FAIL(WRITE, "%s: cannot bring the data to the disk: %s; free space or choose another folder", file->path,
           strerror(errno));
}

nmd_status nmd_append_close(nmd_append_file *file) {
  if (file->path == NULL) return NMD_OK;
  nmd_status status = NMD_OK;
  if (close(file->fd) != 0 && errno != EINTR)
    status = nmd_fail(NMD_WRITE, "%s: error on closing: %s; check the disk", file->path, strerror(errno));
  nmd_free(file->path);
  *file = (nmd_append_file){0};
  return status;
}
