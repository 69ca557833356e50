/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset/functions.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"

/* The place where lines are added: text first, then the reason. */
static nmd_status add(nmd_function_set *set, int centre, const char *note, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static nmd_status add(nmd_function_set *set, int centre, const char *note, const char *format, ...) {
  if (set->n == set->capacity) {
    NMD_TRY(NMD_GROW(set->lines, set->n, 2 * set->capacity + 64));
    set->capacity = 2 * set->capacity + 64;
  }
  nmd_function_line *line = &set->lines[set->n++];
  line->centre = centre;
  snprintf(line->note, sizeof line->note, "%s", note);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line->text, sizeof line->text, format, arguments);
  va_end(arguments);
  return NMD_OK;
}

static const char *symbol(const nmd_ranges *r, int e) { return nmd_element_symbol(r->species.atomic_number[e]); }

/* Where the cut-off function leaves little to see: functions centred beyond would be small and steep. */
#define LAST_SHELL 0.86
/* The first shell is centred below the distances that occur: centred on them it would have the same value on both
 * sides, where the energy changes most. Fits to the Au-Li set have force errors a quarter smaller for it. */
#define FIRST_SHELL 0.85

/* Gaussians on shells from the shortest distance to near the cut-off, a little narrower than their step, and two broad
 * ones at the centre, which see the density as a whole. */
static nmd_status radial(const nmd_ranges *r, const nmd_function_options *o, int a, int b, nmd_function_set *out) {
  const double first = FIRST_SHELL * r->shortest[a * r->species.n + b], last = fmax(first, LAST_SHELL * o->cutoff);
  const double step = o->shells > 1 ? (last - first) / (o->shells - 1) : o->cutoff - first;
  if (!(step > 0.0)) return NMD_OK;
  char note[80];
  for (int k = 0; k < 2; k++)
    NMD_TRY(add(out, a, "all neighbours, the near ones more", "symfunction_short %s 2 %s %.4f 0.0 %.4f", symbol(r, a),
                symbol(r, b), (k == 0 ? 0.5 : 4.0) / (o->cutoff * o->cutoff), o->cutoff));
  for (int k = 0; k < o->shells; k++) {
    snprintf(note, sizeof note, "%s at %.2f A", symbol(r, b), first + k * step);
    NMD_TRY(add(out, a, note, "symfunction_short %s 2 %s %.4f %.4f %.4f", symbol(r, a), symbol(r, b),
                0.7 / (step * step), first + k * step, o->cutoff));
  }
  return NMD_OK;
}

/* Polynomial bumps that overlap by half, and one over everything. */
static nmd_status radial_compact(const nmd_ranges *r, const nmd_function_options *o, int a, int b,
                                 nmd_function_set *out) {
  const double first = r->shortest[a * r->species.n + b], step = (o->cutoff - first) / o->shells;
  if (!(step > 0.0)) return NMD_OK;
  char note[80];
  NMD_TRY(add(out, a, "all neighbours", "symfunction_short %s 20 %s %.4f %.4f p2", symbol(r, a), symbol(r, b),
              -o->cutoff, o->cutoff));
  for (int k = 0; k < o->shells; k++) {
    const double low = first + (k - 1) * step, high = fmin(first + (k + 1.5) * step, o->cutoff);
    snprintf(note, sizeof note, "%s from %.2f to %.2f A", symbol(r, b), low, high);
    NMD_TRY(add(out, a, note, "symfunction_short %s 20 %s %.4f %.4f p2", symbol(r, a), symbol(r, b), low, high));
  }
  return NMD_OK;
}

/* Angle (degrees) at which 2^(1-zeta) (1 + cos)^zeta has fallen to a half. */
static double half_width(int zeta) { return acos(pow(2.0, 1.0 - 1.0 / zeta) - 1.0) * 180.0 / M_PI; }

/* Exponents for widths from the whole sphere to the first shell. */
static double angular_eta(const nmd_function_options *o, double shortest, int k) {
  const double slow = 0.2 / (o->cutoff * o->cutoff), fast = 0.5 / (shortest * shortest);
  return o->angular_shells > 1 ? slow * pow(fast / slow, (double)k / (o->angular_shells - 1)) : slow;
}

static nmd_status angular(const nmd_ranges *r, const nmd_function_options *o, int type, int a, int b, int c,
                          nmd_function_set *out) {
  const int n = r->species.n;
  const double smallest = r->smallest_angle[(a * n + b) * n + c];
  double shortest =
      o->cutoff; /* one for all pairs of neighbours: functions with the same radial part share their work */
  for (int e = 0; e < n; e++) shortest = fmin(shortest, r->shortest[a * n + e]);
  if (smallest >= 180.0) return NMD_OK; /* no such triple in the data */
  char note[80];
  for (int k = 0; k < o->angular_shells; k++)
    for (int zeta = 1; zeta <= o->largest_zeta; zeta *= 2)
      for (int lambda = -1; lambda <= 1; lambda += 2) {
        /* towards 0 degrees there is nothing to see below the smallest angle */
        if (lambda == 1 && zeta > 1 && half_width(zeta) < smallest) continue;
        snprintf(note, sizeof note, "%s angles near %d degrees, half at %.0f", type == 9 ? "all" : "triangles with",
                 lambda == 1 ? 0 : 180, lambda == 1 ? half_width(zeta) : 180.0 - half_width(zeta));
        NMD_TRY(add(out, a, note, "symfunction_short %s %d %s %s %.5f %d.0 %d %.4f", symbol(r, a), type, symbol(r, b),
                    symbol(r, c), angular_eta(o, shortest, k), lambda, zeta, o->cutoff));
      }
  return NMD_OK;
}

/* Windows along the angle, from the smallest one to 180 and its mirror image, in one or more spheres. */
static nmd_status angular_compact(const nmd_ranges *r, const nmd_function_options *o, int a, int b, int c,
                                  nmd_function_set *out) {
  const int n = r->species.n;
  const double smallest = r->smallest_angle[(a * n + b) * n + c], step = (180.0 - smallest) / o->angle_windows;
  if (smallest >= 180.0) return NMD_OK;
  char note[80];
  for (int k = 0; k < o->angular_shells; k++) {
    const double radius = o->cutoff * (o->angular_shells - k) / o->angular_shells;
    if (radius < r->shortest[a * n + b] || radius < r->shortest[a * n + c]) break;
    for (int w = 0; w <= o->angle_windows; w++) {
      /* in tenths of a degree, as written: the format wants windows within 0 to 180, or symmetric about 180 */
      const double low = fmax(0.0, round(10.0 * (smallest + (w - 1) * step)) / 10.0);
      const double high =
          w == o->angle_windows ? 360.0 - low : fmin(180.0, round(10.0 * (smallest + (w + 1) * step)) / 10.0);
      snprintf(note, sizeof note, "angles from %.0f to %.0f degrees", low, fmin(high, 180.0));
      NMD_TRY(add(out, a, note, "symfunction_short %s 22 %s %s %.4f %.4f %.1f %.1f p2", symbol(r, a), symbol(r, b),
                  symbol(r, c), -radius, radius, low, high));
    }
  }
  return NMD_OK;
}

static nmd_status angular_of(const nmd_ranges *r, const nmd_function_options *o, int a, nmd_function_set *out) {
  for (int b = 0; b < r->species.n; b++)
    for (int c = b; c < r->species.n; c++) {
      if (o->compact && (o->wide || o->narrow)) NMD_TRY(angular_compact(r, o, a, b, c, out));
      if (!o->compact && o->wide) NMD_TRY(angular(r, o, 9, a, b, c, out));
      if (!o->compact && o->narrow) NMD_TRY(angular(r, o, 3, a, b, c, out));
    }
  return NMD_OK;
}

nmd_status nmd_functions_generate(const nmd_ranges *r, const nmd_function_options *o, nmd_function_set *out) {
  *out = (nmd_function_set){0};
  nmd_status status = NMD_OK;
  for (int a = 0; a < r->species.n && status == NMD_OK; a++) {
    for (int b = 0; b < r->species.n && status == NMD_OK; b++)
      status = o->compact ? radial_compact(r, o, a, b, out) : radial(r, o, a, b, out);
    if (status == NMD_OK) status = angular_of(r, o, a, out);
  }
  if (status != NMD_OK) nmd_function_set_free(out);
  return status;
}

void nmd_function_set_free(nmd_function_set *set) {
  nmd_free(set->lines);
  *set = (nmd_function_set){0};
}
