/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: folders of DeePMD-kit ("deepmd/npy"), for the choice among formats. */
#ifndef NNPMD_IO_READ_DEEPMD_H
#define NNPMD_IO_READ_DEEPMD_H

#include <stdbool.h>

/* Is the path a folder? */
bool nmd__deepmd_is_folder(const char *path);

#endif
