/* SPDX-License-Identifier: BSD-3-Clause */
/* Preloaded into a program (LD_PRELOAD), makes the n-th step of its writing fail: nothing of this is in the program.
 *
 * Steps are the calls that change files below a folder: open for writing, write, pwrite, writev, fsync, ftruncate,
 * rename, link, unlink. At step NMD_FAULT_AT of the files below NMD_FAULT_FOLDER, NMD_FAULT_HOW says what happens:
 *
 *   before   SIGKILL before the call                  after   SIGKILL right after it
 *   half     SIGKILL with half of a write done        error   the call fails (EIO) and the program goes on
 *   power    as before, and what no fsync brought to the disk is gone: files lose their last bytes
 *
 * NMD_FAULT_LOG: a file that gets a line for each step. Only rank NMD_FAULT_RANK (default 0) is meant. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FILES_MAX = 256, ANY_MODE = 0666 };
typedef enum verdict { GO_ON, FAIL, HALF, DIE_AFTER } verdict;

/* A file that was written to, by a descriptor of our own, so that renames do not matter. */
typedef struct tracked {
  dev_t device;
  ino_t inode;
  int fd;
  off_t durable; /* bytes that an fsync has seen */
} tracked;

static tracked files[FILES_MAX];
static int n_files;
static long step_number;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value == NULL ? "" : value;
}

static bool concerned(void) {
  const char *rank = getenv("OMPI_COMM_WORLD_RANK"), *wanted = setting("NMD_FAULT_RANK");
  return rank == NULL || strcmp(rank, wanted[0] == '\0' ? "0" : wanted) == 0;
}

static bool below_folder(const char *path) {
  const char *folder = setting("NMD_FAULT_FOLDER");
  char full[PATH_MAX];
  if (folder[0] == '\0' || !concerned()) return false;
  if (path[0] != '/') {
    if (getcwd(full, sizeof full) == NULL) return false;
    strncat(full, "/", sizeof full - strlen(full) - 1);
    strncat(full, path, sizeof full - strlen(full) - 1);
    path = full;
  }
  return strncmp(path, folder, strlen(folder)) == 0;
}

static bool path_of(int fd, char *path) {
  char link_path[64];
  snprintf(link_path, sizeof link_path, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link_path, path, PATH_MAX - 1);
  if (n <= 0) return false;
  path[n] = '\0';
  return below_folder(path);
}

static tracked *find(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0) return NULL;
  for (int k = 0; k < n_files; k++)
    if (files[k].inode == info.st_ino && files[k].device == info.st_dev) return &files[k];
  if (n_files == FILES_MAX) return NULL;
  char link_path[64];
  snprintf(link_path, sizeof link_path, "/proc/self/fd/%d", fd);
  files[n_files] = (tracked){info.st_dev, info.st_ino, REAL(open)(link_path, O_WRONLY | O_CLOEXEC), info.st_size};
  return &files[n_files++];
}

static void lose_power(void) {
  struct stat info;
  for (int k = 0; k < n_files; k++)
    if (fstat(files[k].fd, &info) == 0 && info.st_size > files[k].durable)
      if (REAL(ftruncate)(files[k].fd, files[k].durable) != 0) perror("shim: ftruncate");
}

static void die(void) {
  raise(SIGKILL);
  for (;;) pause();
}

static void log_step(const char *call, const char *path) {
  const char *log = setting("NMD_FAULT_LOG");
  if (log[0] == '\0') return;
  char line[PATH_MAX + 64];
  const int n = snprintf(line, sizeof line, "%ld %s %s\n", step_number, call, path);
  const int fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, ANY_MODE);
  if (fd < 0) return;
  if (REAL(write)(fd, line, (size_t)n) != n) perror("shim: log");
  close(fd);
}

static verdict judge(const char *call, const char *path) {
  step_number++;
  log_step(call, path);
  if (step_number != atol(setting("NMD_FAULT_AT"))) return GO_ON;
  const char *how = setting("NMD_FAULT_HOW");
  if (strcmp(how, "error") == 0) return FAIL;
  if (strcmp(how, "after") == 0) return DIE_AFTER;
  if (strcmp(how, "half") == 0 && strstr(call, "write") != NULL) return HALF;
  if (strcmp(how, "power") == 0) lose_power();
  die();
  return FAIL;
}

/* What a call on a descriptor, or on a path, is to do. */
static verdict judge_fd(const char *call, int fd) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return GO_ON;
  (void)find(fd);
  return judge(call, path);
}

static verdict judge_path(const char *call, const char *path) { return below_folder(path) ? judge(call, path) : GO_ON; }

static int fails(void) {
  errno = EIO;
  return -1;
}

#define AFTER(verdict)                                                                                                 \
  do {                                                                                                                 \
    if ((verdict) == HALF || (verdict) == DIE_AFTER) die();                                                            \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t length) {
  const verdict v = judge_fd("write", fd);
  if (v == FAIL) return fails();
  const ssize_t n = REAL(write)(fd, bytes, v == HALF ? length / 2 : length);
  AFTER(v);
  return n;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  const verdict v = judge_fd("pwrite", fd);
  if (v == FAIL) return fails();
  const ssize_t n = REAL(pwrite)(fd, bytes, v == HALF ? length / 2 : length, offset);
  AFTER(v);
  return n;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

ssize_t writev(int fd, const struct iovec *parts, int n_parts) {
  const verdict v = judge_fd("writev", fd);
  if (v == FAIL) return fails();
  const ssize_t n = REAL(writev)(fd, parts, v == HALF ? n_parts / 2 : n_parts);
  AFTER(v);
  return n;
}

int fsync(int fd) {
  char path[PATH_MAX];
  struct stat info;
  const verdict v = judge_fd("fsync", fd);
  if (v == FAIL) return fails();
  const int code = REAL(fsync)(fd);
  if (code == 0 && path_of(fd, path) && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    tracked *file = find(fd);
    if (file != NULL) file->durable = info.st_size;
  }
  AFTER(v);
  return code;
}

int ftruncate(int fd, off_t length) {
  const verdict v = judge_fd("ftruncate", fd);
  if (v == FAIL) return fails();
  const int code = REAL(ftruncate)(fd, length);
  tracked *file = v == GO_ON && n_files > 0 ? find(fd) : NULL;
  if (file != NULL && file->durable > length) file->durable = length;
  AFTER(v);
  return code;
}

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int rename(const char *from, const char *to) {
  const verdict v = judge_path("rename", to);
  if (v == FAIL) return fails();
  const int code = REAL(rename)(from, to);
  AFTER(v);
  return code;
}

int link(const char *from, const char *to) {
  const verdict v = judge_path("link", to);
  if (v == FAIL) return fails();
  const int code = REAL(link)(from, to);
  AFTER(v);
  return code;
}

int unlink(const char *path) {
  const verdict v = judge_path("unlink", path);
  if (v == FAIL) return fails();
  const int code = REAL(unlink)(path);
  AFTER(v);
  return code;
}

/* A new or emptied file: all of what it gets is at stake. */
int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  const verdict v = writes ? judge_path("open", path) : GO_ON;
  if (v == FAIL) return fails();
  const int fd = REAL(open)(path, flags, mode);
  if (writes && fd >= 0 && below_folder(path)) {
    tracked *file = find(fd);
    if (file != NULL && flags & O_TRUNC) file->durable = 0;
  }
  AFTER(v);
  return fd;
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
  va_end(arguments);
  return open(path, flags, mode);
}
