/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/hull.h"
#include "base/memory.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "io/write_structure.h"
#include "study/mixing.h"
#include "study/mixing_compare.h"

/* Two results are the same structure if composition, symmetry, energy (eV/atom) and volume (relative) agree. */
static const double same_energy = 3e-4, same_volume = 5e-3;

typedef struct table {
  const nmd_mixing *m;
  nmd_mixing_result *result; /* [n] by composition, then energy */
  int64_t n;
  double *composition, *energy; /* [n][2], [n] */
  nmd_hull_point *point;        /* [n] */
  double *sigma;                /* [n] eV/atom of the mixing energy over a committee, or 0 */
  int64_t *same_as;             /* [n] the first result with this structure, itself if it is new */
  int64_t pure[2];
} table;

/* ---- what counts ---- */

static bool trusted(const nmd_mixing *m, const nmd_mixing_result *r) {
  return r->converged && r->shortest >= m->input->minimum_distance;
}

static int by_composition(const void *a, const void *b) {
  const nmd_mixing_result *x = a, *y = b;
  if (fabs(x->second - y->second) > 1e-9) return x->second < y->second ? -1 : 1;
  if (x->energy < y->energy || x->energy > y->energy) return x->energy < y->energy ? -1 : 1;
  return strcmp(x->task->name, y->task->name);
}

/* Trusted ones to the front, sorted. */
static void sort_results(table *t) {
  int64_t kept = 0;
  for (int64_t k = 0; k < t->n; k++) {
    if (!trusted(t->m, &t->result[k])) continue;
    const nmd_mixing_result other = t->result[kept];
    t->result[kept++] = t->result[k];
    t->result[k] = other;
  }
  nmd_log_info("%lld results are left out: not converged, or with atoms closer than %g A", (long long)(t->n - kept),
               t->m->input->minimum_distance);
  t->n = kept;
  qsort(t->result, (size_t)kept, sizeof *t->result, by_composition);
}

static bool same_structure(const nmd_mixing_result *a, const nmd_mixing_result *b) {
  const double va = a->structure.box.volume / (double)a->structure.n,
               vb = b->structure.box.volume / (double)b->structure.n;
  return fabs(a->second - b->second) < 1e-9 && fabs(a->energy - b->energy) < same_energy &&
         fabs(va - vb) < same_volume * vb && strcmp(a->symmetry, b->symmetry) == 0;
}

/* The name of a prototype wins over that of an ordering, which wins over a random start. */
static void find_same(table *t) {
  for (int64_t i = 0; i < t->n; i++) {
    t->same_as[i] = i;
    for (int64_t j = 0; j < t->n; j++)
      if (t->result[j].task->kind < t->result[t->same_as[i]].task->kind && same_structure(&t->result[i], &t->result[j]))
        t->same_as[i] = j;
    for (int64_t j = 0; j < i && t->same_as[i] == i; j++)
      if (t->same_as[j] == j && same_structure(&t->result[i], &t->result[j])) t->same_as[i] = j;
  }
}

static double member_mixing(const table *t, int64_t i, int k) {
  const nmd_mixing_result *r = &t->result[i];
  return r->member[k] - (1 - r->second) * t->result[t->pure[0]].member[k] - r->second * t->result[t->pure[1]].member[k];
}

static void find_sigma(table *t) {
  for (int64_t i = 0; i < t->n; i++) {
    const int members = t->result[i].members;
    double sum = 0, square = 0;
    for (int k = 0; k < members; k++) {
      const double e = member_mixing(t, i, k);
      sum += e / members;
      square += e * e / members;
    }
    t->sigma[i] = members > 1 ? sqrt(fmax(square - sum * sum, 0) * members / (members - 1)) : 0;
  }
}

static nmd_status solve(table *t) {
  for (int64_t i = 0; i < t->n; i++) {
    t->composition[2 * i] = 1 - t->result[i].second;
    t->composition[2 * i + 1] = t->result[i].second;
    t->energy[i] = t->result[i].energy;
  }
  NMD_TRY(nmd_hull_compute(2, t->n, t->composition, t->energy, t->pure, t->point));
  find_sigma(t);
  find_same(t);
  return NMD_OK;
}

/* ---- what is written ---- */

static nmd_status write_text(const nmd_mixing *m, const char *name, nmd_buffer *text) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", m->input->output, name);
  nmd_status status = text->status;
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text->data, text->length, 1);
  nmd_buffer_free(text);
  return status;
}

static const char *element(const nmd_mixing *m, int which) { return nmd_element_symbol(m->input->z[which]); }

static void put_row(nmd_buffer *out, const table *t, int64_t i) {
  const nmd_mixing_result *r = &t->result[i];
  nmd_buffer_printf(out, "%s %lld %.8f %.8f %.5f %.8f %.8f %.8f %s %.4f %lld %s\n", r->task->name,
                    (long long)r->structure.n, r->second, r->energy, r->structure.box.volume / (double)r->structure.n,
                    t->point[i].mixing, t->sigma[i], t->point[i].distance, r->symmetry, r->shortest,
                    (long long)r->extrapolations, t->result[t->same_as[i]].task->name);
}

static nmd_status write_table(const table *t, const char *name, bool near_only) {
  const nmd_mixing *m = t->m;
  nmd_buffer out = {0};
  nmd_buffer_printf(
      &out,
      "# mixing energies against the lowest phases of the same potential: %s %s (%.8f eV/atom), %s %s (%.8f "
      "eV/atom)\n",
      element(m, 0), t->result[t->pure[0]].task->name, t->energy[t->pure[0]], element(m, 1),
      t->result[t->pure[1]].task->name, t->energy[t->pure[1]]);
  nmd_buffer_printf(&out,
                    "# structure atoms x_%s energy volume mixing sigma above_hull symmetry shortest extrapolations "
                    "same_as\n# - 1 1 eV/atom A^3/atom eV/atom eV/atom eV/atom - A 1 -\n",
                    element(m, 1));
  for (int64_t i = 0; i < t->n; i++)
    if (!near_only || (t->point[i].distance <= m->input->window && t->same_as[i] == i)) put_row(&out, t, i);
  return write_text(m, name, &out);
}

static nmd_status write_structures(const table *t) {
  static const char *const formats[][2] = {{"extxyz", "extxyz"}, {"poscar", "vasp"}, {"cif", "cif"}};
  char path[4096];
  for (int64_t i = 0; i < t->n; i++) {
    if (t->point[i].distance > t->m->input->window || t->same_as[i] != i) continue;
    for (int f = 0; f < NMD_COUNT(formats); f++) {
      snprintf(path, sizeof path, "%s/stable/%s.%s", t->m->input->output, t->result[i].task->name, formats[f][1]);
      NMD_TRY(nmd_structure_write(path, formats[f][0], &t->result[i].structure));
    }
  }
  return NMD_OK;
}

/* Starts of one kind at the composition of structure i: how many, how many ended there, and how many it took to get
 * there for the first time (0: none did). */
typedef struct search_count {
  int64_t tries, hits, first;
} search_count;

static search_count count_starts(const table *t, int64_t i, nmd_mixing_kind kind) {
  search_count c = {0};
  int64_t earliest = INT64_MAX;
  for (int64_t k = 0; k < t->n; k++) {
    if (t->result[k].task->kind != kind || fabs(t->result[k].second - t->result[i].second) > 1e-9) continue;
    c.tries++;
    if (t->same_as[k] != i && k != i) continue;
    c.hits++;
    if (t->result[k].task->trial < earliest) earliest = t->result[k].task->trial;
  }
  for (int64_t k = 0; k < t->n && c.hits > 0; k++)
    c.first += t->result[k].task->kind == kind && fabs(t->result[k].second - t->result[i].second) < 1e-9 &&
               t->result[k].task->trial <= earliest;
  return c;
}

/* The lowest structures of every composition, and what the search needed to find them. */
static nmd_status write_search(const table *t) {
  const nmd_mixing *m = t->m;
  nmd_buffer out = {0};
  double lowest = 0;
  nmd_buffer_printf(&out,
                    "# structures up to %g eV/atom above the lowest of their composition: starts of that composition, "
                    "how many ended there, and the first that did (0: none)\n"
                    "# x_%s structure symmetry above_lowest random_starts random_hits random_first symmetric_starts "
                    "symmetric_hits symmetric_first\n# 1 - - eV/atom 1 1 1 1 1 1\n",
                    m->input->window, element(m, 1));
  for (int64_t i = 0; i < t->n; i++) {
    if (i == 0 || fabs(t->result[i].second - t->result[i - 1].second) > 1e-9) lowest = t->energy[i];
    if (t->same_as[i] != i || t->energy[i] - lowest > m->input->window) continue;
    const search_count plain = count_starts(t, i, NMD_MIXING_RANDOM),
                       symmetric = count_starts(t, i, NMD_MIXING_SYMMETRIC);
    if (plain.tries + symmetric.tries == 0) continue;
    nmd_buffer_printf(&out, "%.8f %s %s %.8f %lld %lld %lld %lld %lld %lld\n", t->result[i].second,
                      t->result[i].task->name, t->result[i].symmetry, t->energy[i] - lowest, (long long)plain.tries,
                      (long long)plain.hits, (long long)plain.first, (long long)symmetric.tries,
                      (long long)symmetric.hits, (long long)symmetric.first);
  }
  return write_text(m, "search.dat", &out);
}

static void say_starts(char *text, size_t size, const char *name, search_count c) {
  const size_t used = strlen(text);
  if (c.tries > 0 && used < size)
    snprintf(text + used, size - used, "; %s starts: %lld of %lld here", name, (long long)c.hits, (long long)c.tries);
}

static void log_vertex(const table *t, int64_t i) {
  const int64_t is = t->same_as[i];
  char found[160] = "";
  say_starts(found, sizeof found, "random", count_starts(t, is, NMD_MIXING_RANDOM));
  say_starts(found, sizeof found, "symmetric", count_starts(t, is, NMD_MIXING_SYMMETRIC));
  nmd_log_info("  x_%s = %.4f  %-20s %-14s mixing %8.2f +- %.2f meV/atom%s", element(t->m, 1), t->result[i].second,
               t->result[is].task->name, t->result[i].symmetry, 1e3 * t->point[i].mixing, 1e3 * t->sigma[i], found);
}

static void log_hull(const table *t) {
  int64_t compositions = 0, near = 0;
  for (int64_t i = 0; i < t->n; i++) {
    compositions += i == 0 || fabs(t->result[i].second - t->result[i - 1].second) > 1e-9;
    near += t->point[i].distance <= t->m->input->window && t->same_as[i] == i;
  }
  nmd_log_info("%lld structures at %lld compositions; %lld on or within %g meV/atom of the hull:", (long long)t->n,
               (long long)compositions, (long long)near, 1e3 * t->m->input->window);
  int64_t last = -1;
  for (int64_t i = 0; i < t->n; i++) { /* equal structures are next to each other, and all of them are on the hull */
    if (t->point[i].distance > 0 || t->same_as[i] == last) continue;
    log_vertex(t, i);
    last = t->same_as[i];
  }
}

/* Points by the way they were made, the hull, and those of the comparison. */
static void put_points(nmd_buffer *out, const table *t) {
  static const char *const names[] = {"prototype", "ordering", "grid", "random", "symmetric"};
  for (int kind = 0; kind < NMD_COUNT(names); kind++) {
    nmd_buffer_printf(out, "$%s << EOD\n2 0 0\n", names[kind]);
    for (int64_t i = 0; i < t->n; i++)
      if ((int)t->result[i].task->kind == kind)
        nmd_buffer_printf(out, "%.6f %.4f %.4f\n", t->result[i].second, 1e3 * t->point[i].mixing, 1e3 * t->sigma[i]);
    nmd_buffer_text(out, "EOD\n");
  }
  nmd_buffer_text(out, "$hull << EOD\n");
  for (int64_t i = 0; i < t->n; i++)
    if (t->point[i].distance <= 0)
      nmd_buffer_printf(out, "%.6f %.4f %s\n", t->result[i].second, 1e3 * t->point[i].mixing, t->result[i].task->name);
  nmd_buffer_text(out, "EOD\n");
}

static nmd_status draw(const table *t) {
  const nmd_mixing *m = t->m;
  nmd_buffer out = {0};
  double lowest = 0;
  for (int64_t i = 0; i < t->n; i++) lowest = fmin(lowest, 1e3 * t->point[i].mixing);
  nmd_buffer_text(&out, "set terminal pngcairo size 1100,750 font ',12'\nset output 'mixing.png'\n");
  put_points(&out, t);
  nmd_buffer_printf(
      &out,
      "set xlabel 'fraction of %s'\nset ylabel 'mixing energy (meV/atom)'\nset xrange [0:1]\n"
      "set yrange [%.0f:%.0f]\nset key bottom left\nset grid\nplot 0 notitle lc rgb 'gray50', \\\n"
      " $grid using 1:2:3 with yerrorbars pt 6 ps 0.6 lc rgb '#9aa5b1' title 'annealed orderings', \\\n"
      " $ordering using 1:2:3 with yerrorbars pt 4 ps 0.6 lc rgb '#5b8def' title 'small cells', \\\n"
      " $random using 1:2:3 with yerrorbars pt 2 ps 0.6 lc rgb '#2e9e6b' title 'random starts', \\\n"
      " $symmetric using 1:2:3 with yerrorbars pt 8 ps 0.6 lc rgb '#17806d' title 'symmetric starts', \\\n"
      " $prototype using 1:2:3 with yerrorbars pt 7 ps 0.8 lc rgb '#4c2a85' title 'prototypes', \\\n"
      " $hull using 1:2 with lines lw 2 lc rgb '#d4a017' title 'convex hull'%s\n",
      element(m, 1), 1.12 * lowest - 10, 40 - 0.05 * lowest,
      m->input->compare == NULL ? ""
                                : ", \\\n 'compare.dat' using 2:(1000*$3) with points pt 3 lc rgb '#c0392b' "
                                  "title 'labels'");
  NMD_TRY(write_text(m, "mixing.gnuplot", &out));
  char command[4200];
  snprintf(command, sizeof command, "cd '%s' && gnuplot mixing.gnuplot >/dev/null 2>&1", m->input->output);
  if (!m->input->pictures) return NMD_OK;
  if (strchr(m->input->output, '\'') != NULL || system(command) != 0)
    nmd_log_info("no picture (is gnuplot installed?): gnuplot mixing.gnuplot in %s makes it", m->input->output);
  return NMD_OK;
}

static nmd_status room(table *t) {
  NMD_TRY(NMD_ALLOC(t->composition, 2 * t->n));
  NMD_TRY(NMD_ALLOC(t->energy, t->n));
  NMD_TRY(NMD_ALLOC(t->point, t->n));
  NMD_TRY(NMD_ALLOC(t->sigma, t->n));
  return NMD_ALLOC(t->same_as, t->n);
}

static nmd_status report(table *t) {
  const nmd_mixing_input *input = t->m->input;
  NMD_TRY(room(t));
  sort_results(t);
  const nmd_status status = solve(t);
  if (status == NMD_MISSING_KEY)
    NMD_FAIL(CONFLICT,
             "no pure phase of one of the elements survived relaxation: mixing energies have no zero; look at volumes "
             "and at the potential");
  NMD_TRY(status);
  NMD_TRY(write_table(t, "mixing.dat", false));
  NMD_TRY(write_table(t, "hull.dat", true));
  NMD_TRY(write_structures(t));
  if (input->random.number + input->random.symmetric > 0) NMD_TRY(write_search(t));
  log_hull(t);
  const double pure[2] = {t->energy[t->pure[0]], t->energy[t->pure[1]]};
  if (input->compare != NULL) NMD_TRY(nmd_mixing_compare(t->m, pure));
  return draw(t);
}

nmd_status nmd_mixing_report(const nmd_mixing *mixing, nmd_mixing_result *results, int64_t n) {
  table t = {.m = mixing, .result = results, .n = n};
  const nmd_status status = report(&t);
  void *all[] = {t.composition, t.energy, t.point, t.sigma, t.same_as};
  for (int k = 0; k < NMD_COUNT(all); k++) nmd_free(all[k]);
  return status;
}
