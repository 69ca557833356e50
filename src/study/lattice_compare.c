/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrangements side by side: those of a file and the lowest of the Monte Carlo, by expansion and, relaxed, by
 * potential. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "io/read_structure.h"
#include "io/write_structure.h"
#include "study/lattice_data.h"
#include "study/lattice_walks.h"

/* By its rank: eV/cell by the expansion and of the potential; nmd_mapping_result before and after; number of cells. */
enum { EXPANSION, POTENTIAL, BEFORE, AFTER, CELLS, N_RESULTS };

typedef struct candidate {
  char name[NMD_LATTICE_NAME];
  nmd_structure structure; /* owned, unrelaxed */
  double result[N_RESULTS];
} candidate;

typedef struct comparison {
  nmd_lattice_study *st;
  candidate *item;
  int n;
} comparison;

static nmd_status add(comparison *c, const char *name, const nmd_structure *s) {
  NMD_TRY(NMD_GROW(c->item, c->n, c->n + 1));
  candidate *k = &c->item[c->n];
  NMD_TRY(nmd_structure_copy(s, &k->structure));
  snprintf(k->name, sizeof k->name, "%s", name);
  c->n++;
  return NMD_OK;
}

static nmd_status read_candidates(comparison *c) {
  nmd_structure_reader *reader;
  nmd_status status = NMD_OK;
  if (c->st->input->compare == NULL) return NMD_OK;
  NMD_TRY(nmd_structure_reader_open(c->st->input->compare, NULL, &reader));
  for (bool end = false; status == NMD_OK;) {
    nmd_structure s;
    char name[NMD_LATTICE_NAME];
    status = nmd_structure_reader_next(reader, &s, &end);
    if (status != NMD_OK || end) break;
    nmd_lattice_frame_name(reader, &s, name);
    status = add(c, name, &s);
    nmd_structure_free(&s);
  }
  nmd_structure_reader_close(reader);
  return status;
}

nmd_status nmd__lattice_compare_check(nmd_lattice_study *study) {
  comparison c = {.st = study};
  const nmd_status status = read_candidates(&c);
  for (int k = 0; k < c.n; k++) nmd_structure_free(&c.item[k].structure);
  nmd_free(c.item);
  return status;
}

static nmd_status add_lowest(comparison *c, const nmd_lattice_walks *w, const uint8_t *best) {
  nmd_structure s;
  if (w == NULL) return NMD_OK;
  NMD_TRY(nmd_supercell_structure(&w->scene.super, &c->st->parent, best, &s));
  const nmd_status status = add(c, "lowest", &s);
  nmd_structure_free(&s);
  return status;
}

/* ---- one of them ---- */

static nmd_status by_expansion(const nmd_lattice_study *st, candidate *k) {
  nmd_mapping map;
  nmd_lattice_scene scene;
  double *features;
  NMD_TRY(nmd_lattice_map(st, &k->structure, &map));
  k->result[BEFORE] = map.result;
  k->result[CELLS] = map.super.cells;
  nmd_status status = NMD_OK;
  if (map.result == NMD_MAPPED) status = nmd_lattice_scene_init(st, (const int(*)[3])map.super.matrix, &scene);
  if (status == NMD_OK && map.result == NMD_MAPPED) {
    status = NMD_ALLOC(features, st->n_features);
    if (status == NMD_OK) nmd_lattice_features(st, &scene, map.occupation, features);
    if (status == NMD_OK) k->result[EXPANSION] = nmd_lattice_predict(st, features);
    nmd_free(features);
    nmd_lattice_scene_free(&scene);
  }
  nmd_mapping_free(&map);
  return status;
}

static nmd_status by_potential(const nmd_lattice_study *st, candidate *k) {
  nmd_mapping map;
  bool converged;
  char path[4096];
  k->result[POTENTIAL] = NAN;
  if (st->input->potential == NULL || k->result[CELLS] < 1) return NMD_OK;
  const nmd_status status = nmd_lattice_relax_one(st, &k->structure, &converged);
  if (status == NMD_EXPLODED || status == NMD_BAD_CELL) return NMD_OK;
  NMD_TRY(status);
  if (!converged) nmd_log_detail("%s: not relaxed within relax.max_steps", k->name);
  k->result[POTENTIAL] = k->structure.energy / k->result[CELLS];
  NMD_TRY(nmd_lattice_map(st, &k->structure, &map));
  k->result[AFTER] = map.result;
  nmd_mapping_free(&map);
  NMD_TRY(nmd_structure_set_info(&k->structure, "name", k->name));
  snprintf(path, sizeof path, "%s/results/compare-%s.extxyz", st->input->output, k->name);
  return strchr(k->name, '/') == NULL ? nmd_structure_write(path, "extxyz", &k->structure) : NMD_OK;
}

static nmd_status do_mine(comparison *c) {
  const int size = nmd_comm_size(c->st->comm);
  for (int k = nmd_comm_rank(c->st->comm); k < c->n; k += size) {
    candidate *mine = &c->item[c->n - 1 - k]; /* the lowest, a large one, first */
    NMD_TRY(by_expansion(c->st, mine));
    NMD_TRY(by_potential(c->st, mine));
  }
  return NMD_OK;
}

/* ---- the table ---- */

static void write_line(nmd_buffer *out, const candidate *k, const double lowest[2]) {
  const bool mapped = k->result[BEFORE] == NMD_MAPPED;
  nmd_buffer_printf(out, "%s %.0f ", k->name, k->result[CELLS]);
  for (int e = 0; e < 2; e++) {
    if (e == 0 ? mapped : isfinite(k->result[POTENTIAL]))
      nmd_buffer_printf(out, "%.8f %.3f ", k->result[e], 1e3 * (k->result[e] - lowest[e]));
    else
      nmd_buffer_text(out, "- - ");
  }
  nmd_buffer_printf(out, "\"%s\" \"%s\"\n", nmd_mapping_reason((nmd_mapping_result)k->result[BEFORE]),
                    isfinite(k->result[POTENTIAL]) ? nmd_mapping_reason((nmd_mapping_result)k->result[AFTER])
                                                   : "not relaxed");
}

static nmd_status write_table(const comparison *c) {
  nmd_buffer out = {0};
  double lowest[2] = {INFINITY, INFINITY};
  for (int k = 0; k < c->n; k++) {
    if (c->item[k].result[BEFORE] == NMD_MAPPED) lowest[0] = fmin(lowest[0], c->item[k].result[EXPANSION]);
    if (isfinite(c->item[k].result[POTENTIAL])) lowest[1] = fmin(lowest[1], c->item[k].result[POTENTIAL]);
  }
  nmd_buffer_text(
      &out, "# arrangement cells expansion above_lowest potential_relaxed above_lowest mapped_before mapped_relaxed\n"
            "# 1 1 eV/cell meV/cell eV/cell meV/cell - -\n");
  nmd_log_info("arrangements, meV/cell above the lowest by expansion and (relaxed) by potential:");
  for (int k = 0; k < c->n; k++) {
    write_line(&out, &c->item[k], lowest);
    nmd_log_info("  %-28s %10.3f %10.3f", c->item[k].name,
                 c->item[k].result[BEFORE] == NMD_MAPPED ? 1e3 * (c->item[k].result[EXPANSION] - lowest[0]) : NAN,
                 1e3 * (c->item[k].result[POTENTIAL] - lowest[1]));
  }
  return nmd_lattice_write(c->st, "compare.dat", &out);
}

static nmd_status share_results(comparison *c) {
  double *all;
  NMD_TRY(NMD_ALLOC(all, N_RESULTS * c->n));
  const int size = nmd_comm_size(c->st->comm), rank = nmd_comm_rank(c->st->comm);
  for (int k = 0; k < c->n; k++)
    if ((c->n - 1 - k) % size == rank) memcpy(all + N_RESULTS * k, c->item[k].result, sizeof c->item[k].result);
  nmd_comm_sum(c->st->comm, all, N_RESULTS * c->n);
  for (int k = 0; k < c->n; k++) memcpy(c->item[k].result, all + N_RESULTS * k, sizeof c->item[k].result);
  nmd_free(all);
  return NMD_OK;
}

nmd_status nmd__lattice_compare(nmd_lattice_study *study, const nmd_lattice_walks *walks, const uint8_t *best) {
  comparison c = {.st = study};
  nmd_status status = read_candidates(&c);
  if (status == NMD_OK) status = add_lowest(&c, walks, best);
  status = nmd_comm_agree(study->comm, status);
  if (status == NMD_OK) status = nmd_comm_agree(study->comm, do_mine(&c));
  if (status == NMD_OK) status = nmd_comm_agree(study->comm, share_results(&c));
  if (status == NMD_OK)
    status = nmd_comm_agree_root(study->comm, nmd_comm_rank(study->comm) == 0 ? write_table(&c) : NMD_OK);
  for (int k = 0; k < c.n; k++) nmd_structure_free(&c.item[k].structure);
  nmd_free(c.item);
  return status;
}
