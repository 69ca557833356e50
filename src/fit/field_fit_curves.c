/* SPDX-License-Identifier: BSD-3-Clause */
/* What the runs of the result look like beside their references: tables, pictures, lines of the log. */
#include <math.h>
#include <stdio.h>

#include "base/log.h"
#include "fit/field_fit_parts.h"

/* Curves of one kind: reference and trial side by side. */
typedef struct curves {
  int n, bins;                     /* how many, points of each */
  double step;                     /* of x */
  const bool *wanted;              /* [n], or NULL: all */
  const double *reference, *trial; /* [n][bins] */
} curves;

static bool is_shown(const curves *c, int k) {
  double sum = 0;
  for (int i = 0; i < c->bins; i++)
    if (!isnan(c->reference[k * c->bins + i])) sum += c->reference[k * c->bins + i];
  return sum > 0 && (c->wanted == NULL || c->wanted[k]);
}

static const char *symbol(const nmd_dynamics *t, int kind) {
  return nmd_element_symbol(t->plan.species.atomic_number[kind]);
}

/* "Nb-O", "O-Nb-O" of curve k. */
static void name_of(const nmd_dynamics *t, bool angles, int k, char name[24]) {
  const int kinds = t->plan.species.n;
  const nmd_adf sizes = {.kinds = kinds};
  for (int c = 0; c < (angles ? kinds : 1); c++)
    for (int a = 0; a < kinds; a++)
      for (int b = a; b < kinds; b++) {
        if (!angles && nmd_kind_pair(kinds, a, b) == k)
          snprintf(name, 24, "%s-%s", symbol(t, a), symbol(t, b));
        if (angles && nmd_adf_triplet(&sizes, a, c, b) == k)
          snprintf(name, 24, "%s-%s-%s", symbol(t, a), symbol(t, c), symbol(t, b));
      }
}

static void put_table(const nmd_dynamics *t, const curves *c, bool angles, nmd_buffer *out) {
  char name[24] = "";
  nmd_buffer_text(out, angles ? "# angle" : "# r");
  for (int k = 0; k < c->n; k++) {
    if (!is_shown(c, k)) continue;
    name_of(t, angles, k, name);
    nmd_buffer_printf(out, " reference_%s %s", name, name);
  }
  nmd_buffer_text(out, angles ? "\n# degree 1/degree ...\n" : "\n# A 1 ...\n");
  for (int i = 0; i < c->bins; i++) {
    nmd_buffer_printf(out, "%.6g", (i + 0.5) * c->step);
    for (int k = 0; k < c->n; k++)
      if (is_shown(c, k))
        nmd_buffer_printf(out, " %.6g %.6g", c->reference[k * c->bins + i], c->trial[k * c->bins + i]);
    nmd_buffer_text(out, "\n");
  }
}

/* A panel for each curve: reference as points, trial as a line. */
static void put_picture(const nmd_dynamics *t, const curves *c, bool angles, const char *stem, nmd_buffer *out) {
  int shown = 0, column = 2;
  for (int k = 0; k < c->n; k++) shown += is_shown(c, k);
  const int across = shown > 2 ? (shown + 1) / 2 : shown, down = shown > 2 ? 2 : 1;
  if (shown == 0) return;
  nmd_buffer_printf(out,
                    "set terminal pngcairo size %d,%d font ',11'\nset output '%s.png'\nset multiplot layout %d,%d\n",
                    340 * across, 300 * down, stem, down, across);
  nmd_buffer_printf(out, "set xlabel '%s'\nset ylabel '%s'\nset yrange [0:*]\nset key top left samplen 1.5\n",
                    angles ? "angle (degrees)" : "r (A)", angles ? "p (1/degree)" : "g(r)");
  for (int k = 0; k < c->n; k++) {
    char name[24] = "";
    if (!is_shown(c, k)) continue;
    name_of(t, angles, k, name);
    nmd_buffer_printf(out,
                      "set title '%s'\nplot '%s.dat' using 1:%d with points pt 7 ps 0.5 lc rgb '#888888' title "
                      "'reference', '' using 1:%d with lines lw 2 lc rgb '#4c2a85' title 'fit'\n",
                      name, stem, column, column + 1);
    column += 2;
  }
  nmd_buffer_text(out, "unset multiplot\nunset title\nset yrange [*:*]\n");
}

static nmd_status report_curves(const nmd__field_fit *fit, int target, const curves *c, bool angles,
                                nmd_buffer *pictures) {
  char stem[32], file[40];
  nmd_buffer text = {0};
  snprintf(stem, sizeof stem, "%s_%d", angles ? "adf" : "rdf", target + 1);
  snprintf(file, sizeof file, "%s.dat", stem);
  put_table(&fit->dynamics[target], c, angles, &text);
  put_picture(&fit->dynamics[target], c, angles, stem, pictures);
  const nmd_status status = nmd__fit_write_text(fit, file, &text);
  nmd_buffer_free(&text);
  return status;
}

void nmd__fit_log_dynamics(const nmd__field_fit *fit) {
  for (int k = 0; k < fit->n_dynamics; k++) {
    const nmd_dynamics_result *r = &fit->dynamics[k].result;
    const nmd_distributions *now = &r->seen, *was = &fit->dynamics[k].reference;
    if (r->failed) {
      nmd_log_info("dynamics %d: no averages (the run flew apart, or was left out): loss %g", k + 1, r->loss);
      continue;
    }
    nmd_log_info(
        "dynamics %d: loss %.4g; g(r) %.4g, angles %.4g; volume %.5g A^3 (reference %.5g), lengths %.4f %.4f %.4f A "
        "(%.4f %.4f %.4f)",
        k + 1, r->loss, r->rdf, r->adf, now->volume, was->volume, now->lengths[0], now->lengths[1], now->lengths[2],
        was->lengths[0], was->lengths[1], was->lengths[2]);
  }
}

nmd_status nmd__fit_report_dynamics(const nmd__field_fit *fit, nmd_buffer *pictures) {
  for (int k = 0; k < fit->n_dynamics; k++) {
    const nmd_dynamics *t = &fit->dynamics[k];
    const nmd_distributions *now = &t->result.seen, *was = &t->reference;
    if (t->result.failed) continue;
    const curves g = {
        nmd_kind_pairs(was->kinds), was->bins, t->plan.cutoff / was->bins, t->wanted, was->g, now->g};
    const curves p = {was->triplets, was->angle_bins, 180.0 / was->angle_bins, NULL, was->p, now->p};
    NMD_TRY(report_curves(fit, k, &g, false, pictures));
    if (was->triplets > 0) NMD_TRY(report_curves(fit, k, &p, true, pictures));
  }
  return NMD_OK;
}
