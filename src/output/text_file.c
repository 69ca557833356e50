/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/text_file.h"

#include <string.h>

enum {
  BACKUPS = 3,       /* earlier files of the same name that are kept */
  WAIT_MAX = 4 << 20 /* bytes packed at a time: enough for the packing to be good, little enough to lose in a crash */
};

static bool writes(const nmd_text_file *file) { return nmd_comm_rank(file->comm) == 0; }

static nmd_status write_packed(nmd_text_file *file) {
  if (file->waiting.length == 0) return NMD_OK;
  nmd_buffer packed = {0};
  nmd_status status = nmd_pack(file->packing, file->waiting.data, file->waiting.length, &packed);
  if (status == NMD_OK) status = nmd_append_write(&file->file, packed.data, packed.length, false);
  nmd_buffer_free(&packed);
  nmd_buffer_clear(&file->waiting);
  return status;
}

static nmd_status write_text(nmd_text_file *file, const char *text, size_t length) {
  if (file->packing == NMD_PACK_NONE) return nmd_append_write(&file->file, text, length, false);
  nmd_buffer_bytes(&file->waiting, text, length);
  NMD_TRY(file->waiting.status);
  return file->waiting.length >= WAIT_MAX ? write_packed(file) : NMD_OK;
}

nmd_status nmd_text_file_begin(nmd_text_file *file, const nmd_comm *comm, const char *path, int64_t offset,
                               const char *header) {
  file->comm = comm;
  nmd_status status = NMD_OK;
  if (writes(file)) {
    if (offset >= 0)
      status = nmd_append_resume(path, offset, &file->file);
    else
      status = nmd_append_create(path, NULL, 0, BACKUPS, &file->file);
    if (status == NMD_OK && offset < 0) status = write_text(file, header, strlen(header));
  }
  return nmd_comm_agree(comm, status);
}

nmd_status nmd_text_file_write(nmd_text_file *file, const char *text, size_t length) {
  return nmd_comm_agree(file->comm, writes(file) ? write_text(file, text, length) : NMD_OK);
}

static nmd_status flush(nmd_text_file *file) {
  NMD_TRY(write_packed(file));
  return nmd_append_sync(&file->file);
}

nmd_status nmd_text_file_flush(nmd_text_file *file, int64_t *offset) {
  const bool root = writes(file);
  const nmd_status status = nmd_comm_agree(file->comm, root ? flush(file) : NMD_OK);
  *offset = root ? file->file.offset : 0;
  return status;
}

nmd_status nmd_text_file_end(nmd_text_file *file) {
  if (file->file.path == NULL) return NMD_OK;
  const nmd_status status = write_packed(file), closed = nmd_append_close(&file->file);
  nmd_buffer_free(&file->waiting);
  return status != NMD_OK ? status : closed;
}
