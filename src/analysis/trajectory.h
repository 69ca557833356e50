/* SPDX-License-Identifier: BSD-3-Clause */
/* One or several trajectory files as one run: frame after frame, atoms in order of id, unwrapped, on an even time axis.
 *
 * What must hold is checked on the way, and refused with frame and place: the same atoms (ids, elements, number) in
 * every frame, times that go forward in even steps, hops that can be told. Atoms in another order are sorted back. When
 * a file goes back behind the end of the one before (a restart), what both hold is taken once. A last frame that is cut
 * off is left out with a warning (strict: refused), and so is a last one that comes early (where a run ended); damage
 * elsewhere is refused. */
#ifndef NNPMD_ANALYSIS_TRAJECTORY_H
#define NNPMD_ANALYSIS_TRAJECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/selection.h"
#include "analysis/unwrap.h"
#include "io/read_structure.h"
#include "system/structure.h"

typedef struct nmd_trajectory_options {
  const nmd_read_options *read;   /* NULL: all automatic; borrowed */
  const nmd_selection *selection; /* NULL: all atoms; borrowed */
  double timestep;                /* fs of one MD step; 0: the file knows the times. A file without steps or times:
                                   * fs from frame to frame */
  bool timeless;                  /* times are not needed: without them they count frames, spacing is not checked */
  double skip;                    /* fs to leave out at the beginning of the run */
  int64_t first, stride;          /* frame (from 0, of the run, not of a file) to begin with; every stride-th (0: 1) */
  int64_t n_frames;               /* at most so many; 0: all */
  nmd_unwrap unwrap;
  bool strict;
} nmd_trajectory_options;

typedef struct nmd_trajectory_frame {
  const nmd_structure *atoms; /* the selected ones in order of id; x unwrapped (A), image NULL, v and f if in the file;
                               * valid until the next call */
  int64_t index;              /* in the run, overlaps left out, skipped frames counted */
  int64_t step;               /* -1: not known */
  double time;                /* fs */
} nmd_trajectory_frame;

typedef struct nmd_trajectory nmd_trajectory;

/* paths [n_paths] and options are borrowed until nmd_trajectory_close. Local.
 * Errors of open and next: those of nmd_structure_reader_next; MISSING_KEY (no time axis; no atom selected), CONFLICT
 * (atoms, elements or times that do not fit the frames before; uneven spacing; ambiguous hop), MEMORY. */
nmd_status nmd_trajectory_open(const char *const *paths, int n_paths, const nmd_trajectory_options *options,
                               nmd_trajectory **trajectory) NMD_MUST_USE;
nmd_status nmd_trajectory_next(nmd_trajectory *trajectory, nmd_trajectory_frame *frame, bool *end) NMD_MUST_USE;
void nmd_trajectory_close(nmd_trajectory *trajectory); /* NULL-safe */

/* What has been learnt from the frames read so far. */
typedef struct nmd_trajectory_facts {
  int64_t frames_read, overlap; /* frames of the files; of those left out as overlap */
  double spacing;               /* fs from frame to frame of the files, mean; 0: fewer than two frames */
  bool variable_cell;
  bool periodic;           /* along any axis */
  nmd_unwrap unwrap;       /* the scheme in use */
  const char *unwrap_text; /* the same as a sentence */
} nmd_trajectory_facts;
nmd_trajectory_facts nmd_trajectory_learnt(const nmd_trajectory *trajectory);
/* To what formats of text keep of a cell: 1e-6 of its largest number. */
bool nmd_trajectory_same_cell(const nmd_box *a, const nmd_box *b);

#endif
