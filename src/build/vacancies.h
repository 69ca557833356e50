/* SPDX-License-Identifier: BSD-3-Clause */
/* Which A sites of a perovskite are taken, and where ions go into the empty ones. */
#ifndef NNPMD_BUILD_VACANCIES_H
#define NNPMD_BUILD_VACANCIES_H

#include <stddef.h>
#include <stdint.h>

#include <stdbool.h>

#include "base/option.h"

enum { NMD__LAYERS_ALTERNATE, NMD__LAYERS_UNIFORM };
enum { NMD__PATTERN_RANDOM, NMD__PATTERN_STRIPED, NMD__PATTERN_CLOSED, NMD__PATTERN_GIVEN };
enum { NMD__INSERT_ANY, NMD__INSERT_RICH, NMD__INSERT_POOR };
enum { NMD__INSERT_VACANCY, NMD__INSERT_WINDOW };

typedef struct nmd__vacancies {
  int layers, pattern, where, sites;
  double rich, poor;
  int64_t tile[3], island[3], shift[3];
  nmd_text_list rows;
  double distance; /* A */
} nmd__vacancies;

enum { NMD__SITE_EMPTY, NMD__SITE_TAKEN };
typedef struct nmd__sites {
  char *state; /* [n0 n1 n2] NMD__SITE_..., owned */
  int64_t taken;
  double (*inserted)[3]; /* [inserted] in units, owned */
} nmd__sites;

/* Layers of even number along c are rich ones. Local. Errors: BUILD (a pattern that does not fit the cell or the
 * share), MEMORY. */
nmd_status nmd__vacancies_choose(const nmd__vacancies *v, const int64_t n[3], uint64_t seed,
                                 nmd__sites *out) NMD_MUST_USE;
/* `count` ions into empty sites, drawn at random, at least v->distance apart in a cell of units with these edges (A).
 * Local. Errors: BUILD (no room), MEMORY. */
nmd_status nmd__vacancies_insert(const nmd__vacancies *v, const int64_t n[3], const double edge[3], uint64_t seed,
                                 int64_t count, nmd__sites *sites) NMD_MUST_USE;
void nmd__vacancies_describe(const nmd__vacancies *v, const int64_t n[3], char *text, size_t size);
void nmd__sites_free(nmd__sites *sites);

#endif
