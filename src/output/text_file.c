/* SPDX-License-Identifier: BSD-3-Clause */
#include "output/text_file.h"

#include <string.h>

enum { BACKUPS = 3 }; /* earlier files of the same name that are kept */

static bool writes(const nmd_text_file *file) { return nmd_comm_rank(file->comm) == 0; }

nmd_status nmd_text_file_begin(nmd_text_file *file, const nmd_comm *comm, const char *path, int64_t offset,
                               const char *header) {
  file->comm = comm;
  nmd_status status = NMD_OK;
  if (writes(file))
    status = offset < 0 ? nmd_append_create(path, header, strlen(header), BACKUPS, &file->file)
                        : nmd_append_resume(path, offset, &file->file);
  return nmd_comm_agree(comm, status);
}

nmd_status nmd_text_file_write(nmd_text_file *file, const char *text, size_t length) {
  return nmd_comm_agree(file->comm, writes(file) ? nmd_append_write(&file->file, text, length, false) : NMD_OK);
}

nmd_status nmd_text_file_flush(nmd_text_file *file, int64_t *offset) {
  const bool root = writes(file);
  *offset = root ? file->file.offset : 0;
  return nmd_comm_agree(file->comm, root ? nmd_append_sync(&file->file) : NMD_OK);
}

nmd_status nmd_text_file_end(nmd_text_file *file) {
  return file->file.path != NULL ? nmd_append_close(&file->file) : NMD_OK;
}
