/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/pack.h"

#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/version.h"

#if NMD_HAVE_ZSTD
#include <zstd.h>
#endif

/* Trajectory text packs about as well at these as at higher ones, several times faster. */
enum { GZIP_LEVEL = 4, ZSTD_LEVEL = 3, GZIP_WINDOW = 15 + 16 /* zlib: 16 more means a gzip header */ };

static bool ends_in(const char *path, const char *end) {
  const size_t n = strlen(path), m = strlen(end);
  return n > m && strcmp(path + n - m, end) == 0;
}

nmd_packing nmd_packing_of_name(const char *path) {
  return ends_in(path, ".gz") ? NMD_PACK_GZIP : ends_in(path, ".zst") ? NMD_PACK_ZSTD : NMD_PACK_NONE;
}

bool nmd_packing_available(nmd_packing packing) { return packing != NMD_PACK_ZSTD || NMD_HAVE_ZSTD; }

static nmd_status reserve(nmd_buffer *out, size_t more) {
  if (out->length + more + 1 <= out->capacity) return NMD_OK;
  const size_t capacity = out->length + more + 1;
  NMD_TRY(NMD_GROW(out->data, out->length, capacity));
  out->capacity = capacity;
  return NMD_OK;
}

static nmd_status pack_gzip(const void *bytes, size_t length, nmd_buffer *out) {
  z_stream stream = {0};
  if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    NMD_FAIL(MEMORY, "out of memory for packing; use a node with more memory");
  const size_t bound = deflateBound(&stream, (uLong)length);
  nmd_status status = reserve(out, bound);
  if (status == NMD_OK) {
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)out->data + out->length;
    stream.avail_out = (uInt)bound;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
      status = nmd_fail(NMD_INTERNAL, "zlib cannot pack; please report it");
    else
      out->length += stream.total_out;
  }
  deflateEnd(&stream);
  return status;
}

#if NMD_HAVE_ZSTD
static nmd_status pack_zstd(const void *bytes, size_t length, nmd_buffer *out) {
  const size_t bound = ZSTD_compressBound(length);
  NMD_TRY(reserve(out, bound));
  const size_t n = ZSTD_compress(out->data + out->length, bound, bytes, length, ZSTD_LEVEL);
  if (ZSTD_isError(n)) NMD_FAIL(MEMORY, "zstd cannot pack: %s; use a node with more memory", ZSTD_getErrorName(n));
  out->length += n;
  return NMD_OK;
}
#else
static nmd_status pack_zstd(const void *bytes, size_t length, nmd_buffer *out) {
  (void)bytes, (void)length, (void)out;
  NMD_FAIL(INTERNAL, "built without libzstd; please report it");
}
#endif

/* A piece is at most this long: zlib counts in 32 bits. */
static const size_t piece_max = (size_t)1 << 30;

nmd_status nmd_pack(nmd_packing packing, const void *bytes, size_t length, nmd_buffer *out) {
  for (size_t at = 0; at < length;) {
    const size_t n = length - at < piece_max ? length - at : piece_max;
    const char *piece = (const char *)bytes + at;
    if (packing == NMD_PACK_GZIP)
      NMD_TRY(pack_gzip(piece, n, out));
    else
      NMD_TRY(pack_zstd(piece, n, out));
    at += n;
  }
  return NMD_OK;
}
