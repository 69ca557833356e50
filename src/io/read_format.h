/* SPDX-License-Identifier: BSD-3-Clause */
/* Inside io: what a structure format provides, and the pieces its reader shares with the others. */
#ifndef NNPMD_IO_READ_FORMAT_H
#define NNPMD_IO_READ_FORMAT_H

#include <stdbool.h>

#include "io/read_structure.h"
#include "io/source.h"

enum { NMD__LINE_HEAD = 512 }; /* as much of a line as is looked at to recognise a format */

typedef struct nmd__structure_format {
  const char *name;
  const char *doc;
  const char *name_parts;          /* "|.xyz|^POSCAR|": ends (.x) or beginnings (^X) of file names that decide */
  bool (*fits)(const char *head);  /* does this beginning of a file look like the format? */
  /* The next frame into the zeroed *out, or *end. On errors the caller frees *out. */
  nmd_status (*read)(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end);
} nmd__structure_format;

extern const nmd__structure_format nmd__format_extxyz, nmd__format_lammps_data, nmd__format_poscar,
    nmd__format_input_data, nmd__format_lammps_dump, nmd__format_outcar, nmd__format_vasprun, nmd__format_deepmd,
    nmd__format_xdatcar;

/* Line `index` (from 0) of a file's head, cut to NMD__LINE_HEAD - 1 bytes; false if there is none. */
bool nmd__head_line(const char *head, int index, char line[NMD__LINE_HEAD]);
/* The line holds exactly n real numbers (a `#` or `!` ends it). */
bool nmd__line_is_reals(const char *line, int n);
bool nmd__line_is_integer(const char *line);

/* Which index has an id? Open addressing; room for `capacity` ids. */
typedef struct nmd__id_map {
  int64_t *id;    /* 0: free */
  int64_t *index;
  uint64_t slots; /* a power of two */
} nmd__id_map;
nmd_status nmd__id_map_init(nmd__id_map *map, int64_t capacity) NMD_MUST_USE;
bool nmd__id_map_add(nmd__id_map *map, int64_t id, int64_t index); /* false: the id is there already */
int64_t nmd__id_map_find(const nmd__id_map *map, int64_t id);      /* -1: not there */
void nmd__id_map_free(nmd__id_map *map);

/* Read an id word (1 or more) and enter it; a second occurrence is reported with its place. */
nmd_status nmd__read_id(const nmd_source *source, nmd__id_map *map, const char *word, int64_t index, int64_t *id)
    NMD_MUST_USE;

/* nmd_box_init whose message names the line. origin / periodic may be NULL. */
nmd_status nmd__read_box(const nmd_source *source, const double h[3][3], const double origin[3],
                         const bool periodic[3], nmd_box *box) NMD_MUST_USE;
/* The box of a structure without cell: around its atoms, not periodic. */
nmd_status nmd__box_around(const nmd_source *source, nmd_structure *structure) NMD_MUST_USE;
/* Numbers of Fortran's fixed formats from *at (in source->text) on, which may touch one another: a number ends after
 * `decimals` digits behind its point. *at moves behind the last. Errors: FILE_FORMAT (too few), BAD_NUMBER (stars: the
 * field was too narrow). */
nmd_status nmd__fixed_reals(const nmd_source *source, const char **at, int decimals, int n, const char *what,
                            double *values) NMD_MUST_USE;
/* Nothing follows the current line: an error in it may be that of a file cut there. */
bool nmd__is_last_line(nmd_source *source);
/* Positions must still be finite after scaling and conversion. */
nmd_status nmd__check_finite(const nmd_source *source, const nmd_structure *structure) NMD_MUST_USE;

#endif
