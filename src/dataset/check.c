/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "dataset/fingerprint.h"
#include "dataset/median.h"
#include "dataset/radii.h"
#include "system/element.h"

enum { FINGERPRINT_CUTOFF = 6 /* A */ };

const char *nmd_finding_name(nmd_finding_kind kind) {
  static const char *const names[] = {
#define NMD_X(name, text) text,
      NMD_FINDING_LIST(NMD_X)
#undef NMD_X
  };
  return names[kind];
}

nmd_status nmd__report(nmd_check_report *report, nmd_finding_kind kind, int64_t frame, const char *format, ...) {
  if (report->n == report->capacity) {
    const int64_t capacity = 2 * report->capacity + 64;
    NMD_TRY(NMD_GROW(report->findings, report->n, capacity));
    report->capacity = capacity;
  }
  nmd_finding *finding = &report->findings[report->n++];
  finding->kind = kind;
  finding->frame = frame;
  report->count[kind]++;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(finding->text, sizeof finding->text, format, arguments);
  va_end(arguments);
  return NMD_OK;
}

static nmd_status check_labels(const nmd_structure *s, int64_t k, const nmd_check_options *o, nmd_check_report *r) {
  const char *scf = nmd_structure_key(s, "scf");
  if (!s->has_energy) NMD_TRY(nmd__report(r, NMD_FINDING_NO_ENERGY, k, "no energy; label it or drop it"));
  if (s->f == NULL) NMD_TRY(nmd__report(r, NMD_FINDING_NO_FORCES, k, "no forces; only its energy can be learnt from"));
  if (strcmp(scf, "unconverged") == 0)
    NMD_TRY(nmd__report(r, NMD_FINDING_SCF, k, "the electrons did not converge; calculate it again or drop it"));
  const double largest = nmd_structure_largest_force(s);
  if (largest > o->max_force)
    NMD_TRY(nmd__report(r, NMD_FINDING_LARGE_FORCE, k, "largest force %.4g eV/A; expected at most %g", largest,
                        o->max_force));
  double sum[3] = {0};
  for (int64_t i = 0; s->f != NULL && i < s->n; i++)
    for (int d = 0; d < 3; d++) sum[d] += s->f[i][d];
  const double net = sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]) / (double)s->n;
  if (net > o->net_force)
    NMD_TRY(
        nmd__report(r, NMD_FINDING_NET_FORCE, k, "net force %.3g eV/A an atom; expected below %g", net, o->net_force));
  double skew = 0.0, size = 1e-6;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      skew = fmax(skew, fabs(s->stress[a][b] - s->stress[b][a]));
      size = fmax(size, fabs(s->stress[a][b]));
    }
  if (s->has_stress && skew > 1e-3 * size)
    NMD_TRY(nmd__report(r, NMD_FINDING_STRESS, k, "stress components differ by %.3g eV/A^3 across the diagonal", skew));
  return NMD_OK;
}

/* Nearest neighbour of every atom: distances against covalent radii. */
static nmd_status check_distances(const nmd_structure *s, const nmd_neighbours *nb, int64_t k,
                                  const nmd_check_options *o, double *ratio, nmd_check_report *r) {
  double worst = INFINITY, at = 0.0;
  int64_t pair[2] = {0, 0}, alone = -1;
  for (int64_t i = 0; i < s->n; i++) {
    double nearest = INFINITY;
    ratio[i] = INFINITY;
    for (int64_t m = nb->first[i]; m < nb->first[i + 1]; m++) {
      const double sum = nmd_covalent_radius(s->atomic_number[i]) + nmd_covalent_radius(s->atomic_number[nb->atom[m]]);
      nearest = fmin(nearest, nb->r[m]);
      ratio[i] = fmin(ratio[i], nb->r[m] / sum);
      if (nb->r[m] / sum >= worst) continue;
      worst = nb->r[m] / sum;
      at = nb->r[m];
      pair[0] = i, pair[1] = nb->atom[m];
    }
    if (nearest > o->isolated && alone < 0) alone = i;
  }
  if (alone >= 0 && s->n > 1)
    NMD_TRY(nmd__report(r, NMD_FINDING_ISOLATED, k, "atom %lld (%s) has no neighbour within %g A", (long long)alone + 1,
                        nmd_element_symbol(s->atomic_number[alone]), o->isolated));
  if (worst < o->shortest)
    NMD_TRY(nmd__report(r, NMD_FINDING_SHORT, k,
                        "%s-%s %.3f A (atoms %lld, %lld), %.2f of the covalent radii; expected at "
                        "least %g",
                        nmd_element_symbol(s->atomic_number[pair[0]]), nmd_element_symbol(s->atomic_number[pair[1]]),
                        at, (long long)pair[0] + 1, (long long)pair[1] + 1, worst, o->shortest));
  return NMD_OK;
}

static nmd_status check_frames(const nmd_comm *alone, const nmd_dataset *set, const nmd_check_options *o, double *ratio,
                               double *prints, nmd_check_report *r) {
  const double cutoff = fmax(FINGERPRINT_CUTOFF, o->isolated + 1e-9);
  for (int64_t k = 0, atoms = 0; k < set->n; atoms += set->frames[k++].n) {
    nmd_neighbours nb;
    NMD_TRY(check_labels(&set->frames[k], k, o, r));
    nmd_status status = nmd_neighbours_find(alone, &set->frames[k], cutoff, &nb);
    if (status != NMD_OK) return nmd_fail_prefix(status, "%s", set->place[k]);
    status = check_distances(&set->frames[k], &nb, k, o, ratio + atoms, r);
    nmd_fingerprint(&set->frames[k], &nb, cutoff, prints + k * NMD_FINGERPRINT_SIZE);
    nmd_neighbours_free(&nb);
    NMD_TRY(status);
  }
  return NMD_OK;
}

static nmd_status check_duplicates(const nmd_dataset *set, const double *prints, const nmd_check_options *o,
                                   nmd_check_report *r) {
  nmd_duplicate *found;
  int64_t n;
  NMD_TRY(nmd_duplicates_find(set, prints, o->tolerance, &found, &n));
  nmd_status status = NMD_OK;
  for (int64_t k = 0; k < n && status == NMD_OK; k++) {
    const nmd_structure *a = &set->frames[found[k].first], *b = &set->frames[found[k].second];
    const double de = a->energy / (double)a->n - b->energy / (double)b->n;
    const bool differ = a->has_energy && b->has_energy && fabs(de) > 1e-3;
    status = nmd__report(r, differ ? NMD_FINDING_CONTRADICTION : NMD_FINDING_DUPLICATE, found[k].second,
                         "like frame %lld (%s); energies differ by %.3g eV/atom", (long long)found[k].first,
                         set->place[found[k].first], de);
  }
  nmd_free(found);
  return status;
}

/* Positions in Bohr taken for A are 1.89 times too far apart. */
static nmd_status check_lengths(double *ratio, int64_t n, nmd_check_report *r) {
  int64_t kept = 0;
  for (int64_t i = 0; i < n; i++)
    if (isfinite(ratio[i])) ratio[kept++] = ratio[i];
  r->nearest_ratio = nmd_median(ratio, kept);
  if (kept == 0 || (r->nearest_ratio > 0.65 && r->nearest_ratio < 1.6)) return NMD_OK;
  return nmd__report(r, NMD_FINDING_UNITS, -1,
                     "nearest neighbours are %.2f times the covalent radii apart (median); "
                     "expected about 1: are lengths in %s?",
                     r->nearest_ratio, r->nearest_ratio > 1.0 ? "Bohr" : "nm, or were they divided by Bohr twice");
}

static int by_frame(const void *a, const void *b) {
  const nmd_finding *x = a, *y = b;
  return x->frame != y->frame ? (x->frame > y->frame) - (x->frame < y->frame) : (int)x->kind - (int)y->kind;
}

nmd_status nmd_dataset_check(const nmd_comm *alone, const nmd_dataset *set, const nmd_check_options *o,
                             nmd_check_report *r) {
  double *ratio = NULL, *prints = NULL;
  int64_t atoms = 0;
  *r = (nmd_check_report){0};
  for (int64_t k = 0; k < set->n; k++) atoms += set->frames[k].n;
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(ratio, atoms));
  NMD_GOTO(NMD_ALLOC(prints, set->n * NMD_FINGERPRINT_SIZE));
  NMD_GOTO(check_frames(alone, set, o, ratio, prints, r));
  NMD_GOTO(check_lengths(ratio, atoms, r));
  NMD_GOTO(check_duplicates(set, prints, o, r));
  NMD_GOTO(nmd__check_energies(set, o, r));
  NMD_GOTO(nmd__check_work(set, o, r));
  if (r->n > 0) qsort(r->findings, (size_t)r->n, sizeof *r->findings, by_frame);
done:
  nmd_free(ratio);
  nmd_free(prints);
  if (status != NMD_OK) nmd_check_report_free(r);
  return status;
}

void nmd_check_report_free(nmd_check_report *report) {
  nmd_free(report->findings);
  *report = (nmd_check_report){0};
}
