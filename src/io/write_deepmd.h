/* SPDX-License-Identifier: BSD-3-Clause */
/* Labelled structures as folders of DeePMD-kit, one a composition: FOLDER/Au12Li8/{type.raw, type_map.raw, set.000/...}.
 *
 * The format wants the atoms of all frames of a system in the same order: they are sorted by element (order kept within
 * one). Clusters get the file nopbc and the ending _open; frames that lack forces or stress get folders of their own.
 * Info (kind, group, ...) has no place in the format and is lost. */
#ifndef NNPMD_IO_WRITE_DEEPMD_H
#define NNPMD_IO_WRITE_DEEPMD_H

#include "system/structure.h"

enum { NMD_DEEPMD_SET_SIZE = 5000 }; /* frames a set.NNN, as dpdata makes them */

/* Write n structures (all with an energy) into a new folder, which appears when it is complete. Numbers are exact.
 * Local. Errors: CONFLICT (folder exists; frame without energy; periodic along some axes only), WRITE, MEMORY. */
nmd_status nmd_deepmd_write(const char *folder, const nmd_structure *structures, int64_t n) NMD_MUST_USE;

#endif
