/* SPDX-License-Identifier: BSD-3-Clause */
/* Layers of an arrangement and their diffraction: sites at the same height along the axis whose layers differ most in
 * composition, a map of each, and the intensity |sum_i exp(2 pi i (h x_i + k y_i))|^2 / n of the species in the rich
 * layers, h and k in reciprocal cell vectors of the parent, at the waves that fit the supercell: what an electron beam
 * along the axis shows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "study/lattice_walks.h"

typedef struct layer_site {
  int site;
  double s[3]; /* in parent cell vectors */
} layer_site;

typedef struct layers {
  const nmd_lattice_walks *w;
  const uint8_t *arrangement;
  int axis, n;
  layer_site *sorted; /* [sites] by height */
  int *start;         /* [n + 1] */
  double *share;      /* [n] of the species */
} layers;

static int species_on(const layers *l, int site) {
  const nmd_lattice_model *m = &l->w->scene.model;
  return m->global_of[m->kind_of_site[site % m->sites_per_cell]][l->arrangement[site]];
}

static int sort_axis; /* for qsort */
static int by_height(const void *a, const void *b) {
  const layer_site *p = a, *q = b;
  const double d = p->s[sort_axis] - q->s[sort_axis];
  if (fabs(d) > 1e-3) return d < 0 ? -1 : 1;
  return p->site - q->site;
}

/* Cut along an axis; returns the variance of the layers' shares. */
static double cut(layers *l, int axis) {
  const nmd_supercell *super = &l->w->scene.super;
  const nmd_parent_lattice *parent = &l->w->study->parent;
  for (int i = 0; i < super->n; i++) {
    l->sorted[i].site = i;
    for (int a = 0; a < 3; a++)
      l->sorted[i].s[a] = super->cell[i / parent->n_sites][a] + parent->site[i % parent->n_sites][a];
  }
  sort_axis = l->axis = axis;
  qsort(l->sorted, (size_t)super->n, sizeof *l->sorted, by_height);
  l->n = 0;
  for (int i = 0; i < super->n; i++)
    if (i == 0 || l->sorted[i].s[axis] - l->sorted[i - 1].s[axis] > 1e-3) l->start[l->n++] = i;
  l->start[l->n] = super->n;
  double mean = 0, square = 0;
  for (int k = 0; k < l->n; k++) {
    l->share[k] = 0;
    for (int i = l->start[k]; i < l->start[k + 1]; i++)
      l->share[k] += (species_on(l, l->sorted[i].site) == l->w->species) / (double)(l->start[k + 1] - l->start[k]);
    mean += l->share[k] / l->n;
    square += l->share[k] * l->share[k] / l->n;
  }
  return square - mean * mean;
}

/* c first, so that it wins where axes are alike. */
static void choose_axis(layers *l) {
  int best = 2;
  double most = cut(l, 2);
  for (int axis = 0; axis < 2; axis++) {
    const double variance = cut(l, axis);
    if (variance > most + 1e-9) {
      most = variance;
      best = axis;
    }
  }
  cut(l, best);
}

static nmd_status write_layers(const layers *l) {
  const nmd_lattice_model *m = &l->w->scene.model;
  nmd_buffer out = {0};
  const int u = (l->axis + 1) % 3, v = (l->axis + 2) % 3;
  nmd_buffer_printf(
      &out,
      "# layers along %c, one after another: share of %s; in-plane coordinates along %c and %c, in parent cells\n"
      "# layer height share x y species number\n",
      "abc"[l->axis], nmd_lattice_species_name(m->z[l->w->species]), "abc"[u], "abc"[v]);
  for (int k = 0; k < l->n; k++) {
    for (int i = l->start[k]; i < l->start[k + 1]; i++)
      nmd_buffer_printf(&out, "%d %.6f %.6f %.6f %.6f %s %d\n", k, l->sorted[i].s[l->axis], l->share[k],
                        l->sorted[i].s[u], l->sorted[i].s[v],
                        nmd_lattice_species_name(m->z[species_on(l, l->sorted[i].site)]),
                        species_on(l, l->sorted[i].site));
    nmd_buffer_text(&out, "\n\n");
  }
  return nmd_lattice_write(l->w->study, "layers.dat", &out);
}

/* The builder's words: rows of 1 (the species) and 0 along u, one after the other along v. */
static nmd_status write_rows(const layers *l) {
  const int u = (l->axis + 1) % 3, v = (l->axis + 2) % 3;
  nmd_buffer out = {0};
  nmd_buffer_printf(
      &out,
      "# layers along %c: rows along %c of %s (1) and anything else (0), as pattern: given of the builder "
      "perovskite takes them\n# layer share rows\n",
      "abc"[l->axis], "abc"[u], nmd_lattice_species_name(l->w->scene.model.z[l->w->species]));
  const int n_u = (int)l->w->study->input->walks.repeat[u], n_v = (int)l->w->study->input->walks.repeat[v];
  char *row;
  NMD_TRY(NMD_ALLOC(row, n_u * n_v));
  for (int k = 0; k < l->n; k++) {
    for (int i = l->start[k]; i < l->start[k + 1]; i++) {
      const int *cell = l->w->scene.super.cell[l->sorted[i].site];
      row[cell[v] * n_u + cell[u]] = species_on(l, l->sorted[i].site) == l->w->species ? '1' : '0';
    }
    nmd_buffer_printf(&out, "%d %.6f ", k, l->share[k]);
    for (int r = 0; r < n_v; r++) nmd_buffer_printf(&out, "%s%.*s", r > 0 ? "," : "", n_u, row + r * n_u);
    nmd_buffer_text(&out, "\n");
  }
  nmd_free(row);
  return nmd_lattice_write(l->w->study, "rows.dat", &out);
}

/* ---- structure factor of the rich layers ---- */

static double mean_share(const layers *l) {
  double mean = 0;
  for (int k = 0; k < l->n; k++) mean += l->share[k] / l->n;
  return mean;
}

static double layer_intensity(const layers *l, int k, double h, double kk) {
  const int u = (l->axis + 1) % 3, v = (l->axis + 2) % 3;
  double re = 0, im = 0;
  for (int i = l->start[k]; i < l->start[k + 1]; i++) {
    if (species_on(l, l->sorted[i].site) != l->w->species) continue;
    const double phase = 2 * M_PI * (h * l->sorted[i].s[u] + kk * l->sorted[i].s[v]);
    re += cos(phase);
    im += sin(phase);
  }
  return (re * re + im * im) / (l->start[k + 1] - l->start[k]);
}

static double rich_intensity(const layers *l, double h, double k) {
  const double mean = mean_share(l);
  double sum = 0;
  int n = 0;
  for (int layer = 0; layer < l->n; layer++) {
    if (l->share[layer] < mean - 1e-9) continue;
    sum += layer_intensity(l, layer, h, k);
    n++;
  }
  return sum / n;
}

static void repeats_in_plane(const layers *l, int repeat[2]) {
  const int64_t *all = l->w->study->input->walks.repeat;
  repeat[0] = (int)all[(l->axis + 1) % 3];
  repeat[1] = (int)all[(l->axis + 2) % 3];
}

static nmd_status write_factor(const layers *l) {
  nmd_buffer out = {0};
  int repeat[2];
  repeats_in_plane(l, repeat);
  nmd_buffer_printf(&out,
                    "# |sum exp 2 pi i (h x + k y)|^2 / n of %s, mean of the rich layers along %c\n# h k intensity\n",
                    nmd_lattice_species_name(l->w->scene.model.z[l->w->species]), "abc"[l->axis]);
  for (int a = -repeat[0]; a <= repeat[0]; a++) {
    for (int b = -repeat[1]; b <= repeat[1]; b++)
      nmd_buffer_printf(&out, "%.6f %.6f %.6g\n", (double)a / repeat[0], (double)b / repeat[1],
                        rich_intensity(l, (double)a / repeat[0], (double)b / repeat[1]));
    nmd_buffer_text(&out, "\n");
  }
  return nmd_lattice_write(l->w->study, "structure_factor.dat", &out);
}

/* The strongest waves in the log: which modulation it is. */
static void say_waves(const layers *l) {
  int repeat[2];
  double last = INFINITY;
  repeats_in_plane(l, repeat);
  for (int rank = 0; rank < 4; rank++) {
    double most = 0, at[2] = {0};
    for (int a = 0; a <= repeat[0] / 2; a++)
      for (int b = -(repeat[1] / 2) + 1; b <= repeat[1] / 2; b++) {
        if ((a == 0 && b <= 0) || (2 * a == repeat[0] && b < 0)) continue; /* k and -k are one */
        const double i = rich_intensity(l, (double)a / repeat[0], (double)b / repeat[1]);
        if (i <= most + 1e-9 || i >= last - 1e-9) continue;
        most = i;
        at[0] = (double)a / repeat[0], at[1] = (double)b / repeat[1];
      }
    if (most < 0.05) return;
    nmd_log_info("  wave (%.4f %.4f) in the layers: intensity %.3f", at[0], at[1], most);
    last = most;
  }
}

/* ---- picture ---- */

static nmd_status draw(const layers *l) {
  const nmd_lattice_model *m = &l->w->scene.model;
  static const char *const colours[] = {"#4c2a85", "#2e9e6b", "#d4a017", "#c0392b", "#5b8def", "#888888"};
  nmd_buffer out = {0};
  const int shown = l->n < 8 ? l->n : 8, columns = shown < 3 ? 3 : (shown + 2) / 2;
  nmd_buffer_printf(&out,
                    "set terminal pngcairo size %d,860 font ',10'\nset output 'layers.png'\nset multiplot layout 2,%d\n"
                    "set size ratio -1\nset key off\nset xtics 2\nset ytics 2\nset offsets 0.7,0.7,0.7,0.7\n",
                    380 * columns, columns);
  for (int k = 0; k < shown; k++) {
    nmd_buffer_printf(&out, "set title 'layer %d along %c: %.0f %% %s'\nplot", k, "abc"[l->axis], 100 * l -> share[k],
                      nmd_lattice_species_name(m->z[l->w->species]));
    for (int s = 0; s < m->n_species; s++)
      nmd_buffer_printf(&out, "%s 'layers.dat' index %d using 4:($7==%d?$5:NaN) with points pt %d ps 1.6 lc rgb '%s'",
                        s > 0 ? "," : "", k, s, m->z[s] == NMD_VACANCY ? 4 : 7,
                        m->z[s] == NMD_VACANCY ? "#b0a890" : colours[s % 6]);
    nmd_buffer_text(&out, "\n");
  }
  nmd_buffer_text(
      &out,
      "unset offsets\nset title 'structure factor of the rich layers, log10'\nset view map\nset xlabel 'h'\nset ylabel "
      "'k'\n"
      "set xtics 0.5\nset ytics 0.5\nset palette defined (0 'white', 1 '#d4a017', 2 '#4c2a85')\nset cbrange [-2:*]\n"
      "plot 'structure_factor.dat' using 1:2:(log10($3+1e-3)) with points pt 7 ps 0.9 palette\nunset multiplot\n");
  NMD_TRY(nmd_lattice_write(l->w->study, "layers.gnuplot", &out));
  nmd_lattice_draw(l->w->study, "layers.gnuplot");
  return NMD_OK;
}

static nmd_status look(layers *l) {
  const int n = l->w->scene.super.n;
  NMD_TRY(NMD_ALLOC(l->sorted, n));
  NMD_TRY(NMD_ALLOC(l->start, n + 1));
  NMD_TRY(NMD_ALLOC(l->share, n));
  choose_axis(l);
  nmd_log_info("layers of the lowest arrangement along %c, share of %s:", "abc"[l->axis],
               nmd_lattice_species_name(l->w->scene.model.z[l->w->species]));
  for (int k = 0; k < l->n && k < 12; k++) nmd_log_info("  layer %d: %.4f", k, l->share[k]);
  say_waves(l);
  NMD_TRY(write_layers(l));
  if (l->w->study->parent.n_sites == 1) NMD_TRY(write_rows(l));
  NMD_TRY(write_factor(l));
  return draw(l);
}

nmd_status nmd__lattice_layers_report(const nmd_lattice_walks *walks, const uint8_t *arrangement) {
  layers l = {.w = walks, .arrangement = arrangement};
  const nmd_status status = look(&l);
  nmd_free(l.sorted);
  nmd_free(l.start);
  nmd_free(l.share);
  return status;
}
