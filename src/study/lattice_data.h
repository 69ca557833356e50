/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrangements with energies for a cluster expansion: read from a file, or made here and relaxed, with ranks sharing
 * them out. */
#ifndef NNPMD_STUDY_LATTICE_DATA_H
#define NNPMD_STUDY_LATTICE_DATA_H

#include "io/read_structure.h"
#include "lattice/mapping.h"
#include "study/lattice.h"

/* Structures of the file configurations.file, mapped; those that cannot be are counted. Collective. */
nmd_status nmd_lattice_read_file(nmd_lattice_study *study) NMD_MUST_USE;
/* The arrangements of one round: made, relaxed unless their results are there, mapped. Collective. Errors: INTERRUPTED,
 * those of the potential. */
nmd_status nmd_lattice_make_round(nmd_lattice_study *study, int64_t round) NMD_MUST_USE;
/* Relax one structure with the potential of the input, which is made for its composition; *converged. Local. EXPLODED
 * and BAD_CELL are errors of this structure. */
nmd_status nmd_lattice_relax_one(const nmd_lattice_study *study, nmd_structure *structure,
                                 bool *converged) NMD_MUST_USE;

/* The arrangement that a structure has on the parent lattice; free it. Local. Errors: as nmd_mapping_find. */
nmd_status nmd_lattice_map(const nmd_lattice_study *study, const nmd_structure *structure,
                           nmd_mapping *out) NMD_MUST_USE;
/* What the frame just read calls itself (name=...), or its number. Local. */
void nmd_lattice_frame_name(const nmd_structure_reader *reader, const nmd_structure *frame,
                            char name[NMD_LATTICE_NAME]);

/* NULL-safe. */
void nmd__lattice_engine_destroy(struct nmd__lattice_engine *engine);
nmd_status nmd__lattice_engine_create(struct nmd__lattice_engine **out) NMD_MUST_USE;

#endif
