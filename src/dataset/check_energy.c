/* SPDX-License-Identifier: BSD-3-Clause */
/* Energies against the composition, and against the work of forces and stresses along runs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"
#include "dataset/check.h"
#include "dataset/energies.h"
#include "dataset/median.h"
#include "dataset/split.h"
#include "system/element.h"

/* residual[k] of frame k, NaN without energy; kept: those with, for the median. */
static int64_t residuals(const nmd_dataset *set, const nmd_species *species, const double *energy, double *residual,
                         double *kept) {
  int64_t n = 0;
  for (int64_t k = 0; k < set->n; k++) {
    const nmd_structure *s = &set->frames[k];
    double fraction[NMD_ELEMENT_MAX];
    residual[k] = NAN;
    if (!s->has_energy) continue;
    nmd_structure_fractions(s, species, fraction);
    residual[k] = s->energy / (double)s->n;
    for (int e = 0; e < species->n; e++) residual[k] -= fraction[e] * energy[e];
    kept[n++] = residual[k];
  }
  return n;
}

nmd_status nmd__check_energies(const nmd_dataset *set, const nmd_check_options *o, nmd_check_report *r) {
  nmd_species species;
  double *residual = NULL, *kept = NULL, energy[NMD_ELEMENT_MAX];
  nmd_dataset_elements(set, &species);
  nmd_status status;
  NMD_GOTO(NMD_ALLOC(residual, set->n));
  NMD_GOTO(NMD_ALLOC(kept, set->n));
  NMD_GOTO(nmd_dataset_fit_elements(set, &species, energy));
  const int64_t n = residuals(set, &species, energy, residual, kept);
  const double centre = nmd_median(kept, n), spread = nmd_median_deviation(kept, n, centre);
  for (int64_t k = 0; k < set->n; k++) {
    const double off = fabs(residual[k] - centre);
    if (!(off > o->outlier * spread) || off < 0.05) continue;
    NMD_GOTO(nmd__report(r, NMD_FINDING_ENERGY, k,
                         "%+.3f eV/atom from the energies of its composition, %.0f times their median deviation (%.3f)",
                         residual[k] - centre, off / spread, spread));
  }
done:
  nmd_free(residual);
  nmd_free(kept);
  return status;
}

/* Sums of the normal equations of dE = a f + b s. */
typedef struct sums {
  int64_t pairs;
  double ff, fs, ss, fe, se, ee;
} sums;

enum { MAX_STRAIN_PERCENT = 8 };
#define MAX_MOVE 0.4 /* A */
#define BOND 3.0     /* A, to turn strains into moves */

/* Work of the mean forces and the mean stress on the way from a to b: positions move in the cell, the cell strains. */
static bool work_between(const nmd_structure *a, const nmd_structure *b, double *force, double *stress, double *size) {
  double change[3][3], strain[3][3];
  for (int k = 0; k < 9; k++) change[k / 3][k % 3] = b->box.h[k / 3][k % 3] - a->box.h[k / 3][k % 3];
  double mid[3][3], inverse[3][3];
  for (int k = 0; k < 9; k++) mid[k / 3][k % 3] = 0.5 * (a->box.h[k / 3][k % 3] + b->box.h[k / 3][k % 3]);
  nmd_mat_invert(mid, inverse);
  nmd_mat_times(inverse, change, strain);
  *force = *stress = *size = 0.0;
  for (int k = 0; k < 9; k++) {
    if (fabs(strain[k / 3][k % 3]) > 0.01 * MAX_STRAIN_PERCENT) return false;
    *size = fmax(*size, BOND * fabs(strain[k / 3][k % 3]));
    *stress += 0.5 * (a->box.volume * a->stress[k / 3][k % 3] + b->box.volume * b->stress[k / 3][k % 3]) *
               strain[k / 3][k % 3];
  }
  for (int64_t i = 0; i < a->n; i++) {
    double sa[3], sb[3], move[3];
    nmd_box_to_fractional(&a->box, a->x[i], sa);
    nmd_box_to_fractional(&b->box, b->x[i], sb);
    for (int d = 0; d < 3; d++) {
      sb[d] -= sa[d];
      if (a->box.periodic[d]) sb[d] -= nearbyint(sb[d]);
    }
    nmd_row_times(sb, mid, move);
    if (nmd_norm(move) > MAX_MOVE) return false;
    *size = fmax(*size, nmd_norm(move));
    for (int d = 0; d < 3; d++) *force -= 0.5 * (a->f[i][d] + b->f[i][d]) * move[d];
  }
  return true;
}

static bool comparable(const nmd_structure *a, const nmd_structure *b, const char *key) {
  if (a->n != b->n || !a->has_energy || !b->has_energy || a->f == NULL || b->f == NULL) return false;
  const bool strained = memcmp(a->box.h, b->box.h, sizeof a->box.h) != 0;
  if (strained && (!a->has_stress || !b->has_stress)) return false;
  if (memcmp(a->atomic_number, b->atomic_number, (size_t)a->n * sizeof(int)) != 0) return false;
  return strcmp(nmd_structure_key(a, key), nmd_structure_key(b, key)) == 0;
}

/* The trapezoid's error grows with the third power of the move: near pairs count more. */
static void add_pair(const nmd_structure *a, const nmd_structure *b, sums *t) {
  double f, s, size;
  if (!work_between(a, b, &f, &s, &size)) return;
  const double e = b->energy - a->energy;
  if (fabs(f) + fabs(s) < 1e-9) return;
  const double error = (double)a->n * (size * size * size + 1e-4), w = 1.0 / (error * error);
  t->pairs++;
  t->ff += w * f * f, t->fs += w * f * s, t->ss += w * s * s;
  t->fe += w * f * e, t->se += w * s * e, t->ee += w * e * e;
}

/* Frames of a run need not follow one another in the file: the last frame of each run is remembered. */
static nmd_status add_pairs(const nmd_dataset *set, const char *key, sums *t) {
  nmd_families_of runs;
  int64_t *last;
  NMD_TRY(nmd_dataset_families(set, key, &runs));
  const nmd_status status = NMD_ALLOC(last, runs.n);
  for (int64_t k = 0; k < set->n && status == NMD_OK; k++) {
    int64_t *before = &last[runs.of_frame[k]]; /* number + 1; 0: none yet */
    if (*before > 0 && comparable(&set->frames[*before - 1], &set->frames[k], key))
      add_pair(&set->frames[*before - 1], &set->frames[k], t);
    *before = k + 1;
  }
  if (status == NMD_OK) nmd_free(last);
  nmd_families_of_free(&runs);
  return status;
}

/* One or two slopes, whichever the pairs determine. */
static void solve(const sums *t, nmd_work_fit *fit) {
  *fit = (nmd_work_fit){t->pairs, NAN, NAN, NAN, NAN};
  const double determinant = t->ff * t->ss - t->fs * t->fs;
  const bool force = t->ff > 1e-6 * t->ee && t->ff > 0.0, stress = t->ss > 1e-6 * t->ee && t->ss > 0.0;
  if (t->pairs < 3 || (!force && !stress)) return;
  const bool both = force && stress && determinant > 1e-6 * t->ff * t->ss;
  if (both) {
    fit->force = (t->fe * t->ss - t->se * t->fs) / determinant;
    fit->stress = (t->se * t->ff - t->fe * t->fs) / determinant;
  } else if (t->ff > t->ss)
    fit->force = t->fe / t->ff;
  else
    fit->stress = t->se / t->ss;
  const double a = isnan(fit->force) ? 0.0 : fit->force, b = isnan(fit->stress) ? 0.0 : fit->stress;
  const double rest = t->ee - 2.0 * (a * t->fe + b * t->se) + a * a * t->ff + 2.0 * a * b * t->fs + b * b * t->ss;
  const double variance = fmax(rest, 0.0) / (double)(t->pairs - 1 - both);
  if (both) {
    fit->force_error = sqrt(variance * t->ss / determinant);
    fit->stress_error = sqrt(variance * t->ff / determinant);
  } else if (!isnan(fit->force))
    fit->force_error = sqrt(variance / t->ff);
  else
    fit->stress_error = sqrt(variance / t->ss);
}

/* Names a slope that is not 1. */
static const char *explain(double slope, bool stress) {
  static const struct {
    double slope;
    const char *text;
    bool of_force, of_stress;
  } known[] = {
      {-1.0, "the sign is the other one", true, true},
      {NMD_HARTREE, "energies in eV, forces in Hartree?", true, true},
      {1.0 / NMD_HARTREE, "energies in Hartree, forces in eV/A?", true, true},
      {NMD_HARTREE / NMD_BOHR, "forces in Hartree/Bohr, energies in eV?", true, false},
      {NMD_BOHR / NMD_HARTREE, "energies in Hartree and lengths in Bohr, forces in eV/A?", true, false},
      {NMD_BOHR, "forces in eV/Bohr with lengths in A, or the other way round?", true, false},
      {1.0 / NMD_BOHR, "forces in eV/Bohr with lengths in A, or the other way round?", true, false},
      {1.0 / NMD_EV_PER_A3_TO_GPA, "stresses in GPa?", false, true},
      {-1.0 / NMD_EV_PER_A3_TO_GPA, "stresses in GPa with the other sign?", false, true},
      {0.1 / NMD_EV_PER_A3_TO_GPA, "stresses in kbar?", false, true},
      {-0.1 / NMD_EV_PER_A3_TO_GPA, "stresses in kbar with the sign of VASP?", false, true},
  };
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if ((stress ? known[k].of_stress : known[k].of_force) && fabs(slope / known[k].slope - 1.0) < 0.15)
      return known[k].text;
  return "units, or a label that belongs to another structure?";
}

nmd_status nmd__check_work(const nmd_dataset *set, const nmd_check_options *o, nmd_check_report *r) {
  sums t = {0};
  NMD_TRY(add_pairs(set, o->key, &t));
  solve(&t, &r->work);
  for (int k = 0; k < 2; k++) {
    const double slope = k == 0 ? r->work.force : r->work.stress,
                 error = k == 0 ? r->work.force_error : r->work.stress_error;
    if (isnan(slope) || error > 0.3 * fmax(1.0, fabs(slope)) || fabs(slope - 1.0) < 0.2 + 3.0 * error) continue;
    NMD_TRY(nmd__report(
        r, NMD_FINDING_UNITS, -1,
        "energies change %.4g +- %.2g times as the work of the %s says (%lld pairs of frames); expected 1: %s", slope,
        error, k == 0 ? "forces" : "stress", (long long)r->work.pairs, explain(slope, k == 1)));
  }
  return NMD_OK;
}
