/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/unpack.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/version.h"

#if NMD_HAVE_ZSTD
#include <zstd.h>
#endif

enum { PACKED = 1 << 17, DEFLATE_RATIO = 1032 /* of zlib's format */, ZSTD_RATIO = 1 << 15 /* 128 KiB in 4 bytes */ };

struct nmd_unpack {
  const char *name; /* not owned */
  gzFile gz;        /* passes plain bytes through, so it also feeds zstd */
  bool is_zstd, fed_all, looked;
  uint8_t *packed;   /* [PACKED] */
  size_t length, at; /* of packed */
  bool inside;       /* a zstd frame has begun and not ended */
#if NMD_HAVE_ZSTD
  ZSTD_DStream *zstd;
#endif
};

/* Bytes as zlib sees them: unpacked gzip, or the plain file. */
static nmd_status read_gz(nmd_unpack *u, void *out, size_t size, size_t *got) {
  const int n = gzread(u->gz, out, (unsigned)size);
  int code = Z_OK;
  const char *reason = gzerror(u->gz, &code);
  if (n < 0 && code == Z_ERRNO)
    NMD_FAIL(READ, "%s: read error: %s; check the disk or network", u->name, strerror(errno));
  if (n < 0)
    NMD_FAIL(FILE_FORMAT, "%s: broken gzip data (%s); expected a plain, gzip or zstd file; copy the file again",
             u->name, reason);
  if ((size_t)n < size && code == Z_BUF_ERROR)
    NMD_FAIL(FILE_TRUNCATED, "%s: the gzip data ends too early; copy the file again", u->name);
  *got = (size_t)n;
  return NMD_OK;
}

#if NMD_HAVE_ZSTD
static nmd_status start_zstd(nmd_unpack *u) {
  u->zstd = ZSTD_createDStream();
  if (u->zstd == NULL || ZSTD_isError(ZSTD_initDStream(u->zstd)))
    NMD_FAIL(MEMORY, "%s: out of memory for unpacking; use a node with more memory", u->name);
  return NMD_OK;
}

static nmd_status read_zstd(nmd_unpack *u, void *out, size_t size, size_t *got) {
  ZSTD_outBuffer to = {out, size, 0};
  while (to.pos < size) {
    if (u->at == u->length && !u->fed_all) {
      NMD_TRY(read_gz(u, u->packed, PACKED, &u->length));
      u->at = 0;
      u->fed_all = u->length < PACKED;
    }
    ZSTD_inBuffer from = {u->packed, u->length, u->at};
    const size_t before = to.pos;
    if (from.pos == from.size && !u->inside) break; /* nothing left, between frames */
    const size_t left = ZSTD_decompressStream(u->zstd, &to, &from);
    if (ZSTD_isError(left))
      NMD_FAIL(FILE_FORMAT, "%s: broken zstd data (%s); copy the file again", u->name, ZSTD_getErrorName(left));
    const bool stuck = from.pos == u->at && to.pos == before;
    u->at = from.pos;
    u->inside = left != 0;
    if (stuck && u->fed_all && u->inside)
      NMD_FAIL(FILE_TRUNCATED, "%s: the zstd data ends too early; copy the file again", u->name);
  }
  *got = to.pos;
  return NMD_OK;
}
#else
static nmd_status start_zstd(nmd_unpack *u) {
  NMD_FAIL(FILE_FORMAT,
           "%s: zstd data, and this nnpmd was built without libzstd; unpack it (zstd -d), or install libzstd "
           "and build again",
           u->name);
}
static nmd_status read_zstd(nmd_unpack *u, void *out, size_t size, size_t *got) {
  (void)out, (void)size, (void)got;
  return start_zstd(u);
}
#endif

/* The first bytes tell; they stay in `packed` for whoever reads next. */
static nmd_status look(nmd_unpack *u) {
  static const uint8_t magic[] = {0x28, 0xB5, 0x2F, 0xFD};
  u->looked = true;
  NMD_TRY(read_gz(u, u->packed, PACKED, &u->length));
  u->fed_all = u->length < PACKED;
  u->is_zstd = u->length >= sizeof magic && memcmp(u->packed, magic, sizeof magic) == 0;
  return u->is_zstd ? start_zstd(u) : NMD_OK;
}

nmd_status nmd_unpack_open(int fd, const char *name, nmd_unpack **out) {
  nmd_unpack *u = NULL;
  nmd_status status = NMD_ALLOC(u, 1);
  if (status == NMD_OK) status = NMD_ALLOC(u->packed, PACKED);
  if (status == NMD_OK) {
    u->name = name;
    u->gz = gzdopen(fd, "rb");
    if (u->gz == NULL)
      status = nmd_fail(NMD_MEMORY, "%s: out of memory for unpacking; use a node with more memory", name);
  }
  if (status != NMD_OK) {
    if (u != NULL) nmd_free(u->packed);
    nmd_free(u);
    close(fd);
    return status;
  }
  gzbuffer(u->gz, PACKED);
  *out = u;
  return NMD_OK;
}

nmd_status nmd_unpack_read(nmd_unpack *u, void *out, size_t size, size_t *got) {
  *got = 0;
  if (!u->looked) NMD_TRY(look(u));
  if (u->is_zstd) return read_zstd(u, out, size, got);
  const size_t kept = u->length - u->at < size ? u->length - u->at : size;
  memcpy(out, u->packed + u->at, kept);
  u->at += kept;
  size_t more = 0;
  if (kept < size && !u->fed_all) NMD_TRY(read_gz(u, (char *)out + kept, size - kept, &more));
  *got = kept + more;
  return NMD_OK;
}

int64_t nmd_unpack_ratio(const nmd_unpack *u) {
  return (u->is_zstd ? (int64_t)ZSTD_RATIO : 1) * (gzdirect(u->gz) ? 1 : DEFLATE_RATIO);
}

void nmd_unpack_close(nmd_unpack *u) {
  if (u == NULL) return;
#if NMD_HAVE_ZSTD
  ZSTD_freeDStream(u->zstd);
#endif
  gzclose(u->gz);
  nmd_free(u->packed);
  nmd_free(u);
}
