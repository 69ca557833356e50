/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of the Monte Carlo of a study: energies and heat capacities, order, histograms, arrangements found. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "io/write_structure.h"
#include "study/lattice_walks.h"

enum { PARTS = 10, BINS = 60 };

typedef struct table {
  const nmd_lattice_walks *w;
  nmd_lattice_slot *slot;
} table;

static bool tempering(const nmd_lattice_walks *w) { return w->study->input->walks.method == NMD_LATTICE_TEMPERING; }

/* Slots and step that were at temperature k. */
static void slots_at(const table *t, int k, int *first, int *last, int *step) {
  *first = tempering(t->w) ? k : 0;
  *last = tempering(t->w) ? k + 1 : t->w->slots;
  *step = tempering(t->w) ? 0 : k;
}

typedef struct thermal {
  double energy, error, heat; /* eV/site, eV/site, k_B/site */
  double accepted;
} thermal;

/* Error from the spread of the means of PARTS parts of each slot. */
static thermal average(const table *t, int k) {
  const nmd_lattice_walks *w = t->w;
  const double n = w->scene.super.n, kt = NMD_BOLTZMANN * w->temperature[k];
  int first, last, step, parts = 0;
  thermal out = {0};
  double square = 0;
  slots_at(t, k, &first, &last, &step);
  for (int s = first; s < last; s++) {
    const double *e = t->slot[s].energy + (size_t)step * (size_t)w->sweeps;
    double mean = 0, variance = 0;
    for (int i = 0; i < w->sweeps; i++) mean += e[i] / w->sweeps;
    for (int i = 0; i < w->sweeps; i++) variance += (e[i] - mean) * (e[i] - mean) / w->sweeps;
    out.heat += variance / (kt * kt * n) / (last - first);
    out.accepted += t->slot[s].accepted[step] / (last - first);
    for (int p = 0; p < PARTS && w->sweeps >= PARTS; p++, parts++) {
      double part = 0;
      const int from = w->sweeps * p / PARTS, to = w->sweeps * (p + 1) / PARTS;
      for (int i = from; i < to; i++) part += e[i] / n / (to - from);
      square += part * part;
    }
    out.energy += mean / n / (last - first);
  }
  if (parts > 1) out.error = sqrt(fmax(square / parts - out.energy * out.energy, 0) / (parts - 1));
  return out;
}

/* Transitions: temperatures where the heat capacity is larger than at both neighbours. */
static void say_peaks(const table *t) {
  const nmd_lattice_walks *w = t->w;
  for (int k = 1; k + 1 < w->n_temperatures; k++) {
    const double c = average(t, k).heat, before = average(t, k - 1).heat, after = average(t, k + 1).heat;
    if (c > before && c > after)
      nmd_log_info("heat capacity: a peak of %.3g k_B/site at %.0f K (neighbours %.0f and %.0f K: %.3g, %.3g)", c,
                   w->temperature[k], w->temperature[k - 1], w->temperature[k + 1], before, after);
  }
}

static nmd_status write_temperatures(const table *t) {
  const nmd_lattice_walks *w = t->w;
  nmd_buffer out = {0};
  say_peaks(t);
  nmd_buffer_text(
      &out, "# temperature energy error heat_capacity accepted exchanged\n# K eV/site eV/site k_B/site 1/move 1/try\n");
  for (int k = 0; k < w->n_temperatures; k++) {
    const thermal a = average(t, k);
    const double *e = tempering(w) ? t->slot[k].exchanged : NULL;
    nmd_buffer_printf(&out, "%.6g %.10f %.3g %.6g %.5g %.4g\n", w->temperature[k], a.energy, a.error, a.heat,
                      a.accepted, e != NULL && e[0] > 0 ? e[1] / e[0] : 0);
  }
  return nmd_lattice_write(w->study, "temperatures.dat", &out);
}

/* ---- order ---- */

static void put_order_names(nmd_buffer *out, const nmd_lattice_walks *w) {
  const nmd_lattice_model *m = &w->scene.model;
  nmd_buffer_text(out, "# temperature");
  for (int p = 0; p < w->n_pairs; p++)
    for (int k = 0; k < w->shells.n; k++)
      nmd_buffer_printf(out, " %s-%s(%.3f)", nmd_lattice_species_name(m->z[w->pair[p][0]]),
                        nmd_lattice_species_name(m->z[w->pair[p][1]]), w->shells.distance[k]);
  for (int v = 0; v < w->n_waves; v++) {
    const double *k = w->study->input->wave[v];
    nmd_buffer_printf(out, " max|%s(%g,%g,%g)|^2/N sum|%s(%g,%g,%g)|^2/N", nmd_lattice_species_name(m->z[w->species]),
                      k[0], k[1], k[2], nmd_lattice_species_name(m->z[w->species]), k[0], k[1], k[2]);
  }
  nmd_buffer_text(out, "\n# K then Warren-Cowley parameters (species and distance in A), then intensities of waves\n");
}

static nmd_status write_order(const table *t) {
  const nmd_lattice_walks *w = t->w;
  nmd_buffer out = {0};
  put_order_names(&out, w);
  for (int k = 0; k < w->n_temperatures; k++) {
    int first, last, step;
    slots_at(t, k, &first, &last, &step);
    nmd_buffer_printf(&out, "%.6g", w->temperature[k]);
    for (int o = 0; o < w->n_order; o++) {
      double sum = 0;
      for (int s = first; s < last; s++) sum += t->slot[s].order[(size_t)step * (size_t)w->n_order + (size_t)o];
      nmd_buffer_printf(&out, " %.6g", sum / ((last - first) * w->blocks[1]));
    }
    nmd_buffer_text(&out, "\n");
  }
  return nmd_lattice_write(w->study, "order.dat", &out);
}

/* ---- histograms ---- */

static void energy_range(const table *t, double range[2]) {
  const nmd_lattice_walks *w = t->w;
  range[0] = INFINITY, range[1] = -INFINITY;
  for (int s = 0; s < w->slots; s++)
    for (int i = 0; i < w->steps * w->sweeps; i++) {
      range[0] = fmin(range[0], t->slot[s].energy[i]);
      range[1] = fmax(range[1], t->slot[s].energy[i]);
    }
  if (range[1] <= range[0]) range[1] = range[0] + 1e-6;
}

static nmd_status write_histogram(const table *t) {
  const nmd_lattice_walks *w = t->w;
  nmd_buffer out = {0};
  double range[2];
  energy_range(t, range);
  nmd_buffer_text(&out, "# temperature energy share\n# K eV/site 1\n");
  for (int k = 0; k < w->n_temperatures; k++) {
    int first, last, step;
    double bin[BINS + 1] = {0};
    slots_at(t, k, &first, &last, &step);
    for (int s = first; s < last; s++)
      for (int i = 0; i < w->sweeps; i++) {
        const double e = t->slot[s].energy[(size_t)step * (size_t)w->sweeps + (size_t)i];
        bin[(int)((e - range[0]) / (range[1] - range[0]) * (BINS - 1e-9))] += 1.0 / ((last - first) * w->sweeps);
      }
    for (int b = 0; b < BINS; b++)
      nmd_buffer_printf(&out, "%.6g %.8f %.6g\n", w->temperature[k],
                        (range[0] + (b + 0.5) * (range[1] - range[0]) / BINS) / w->scene.super.n, bin[b]);
    nmd_buffer_text(&out, "\n");
  }
  return nmd_lattice_write(w->study, "histogram.dat", &out);
}

/* ---- arrangements ---- */

static nmd_status write_arrangement(const nmd_lattice_walks *w, const uint8_t *occupation, const char *name,
                                    double energy) {
  nmd_structure s;
  char path[4096], text[48];
  NMD_TRY(nmd_supercell_structure(&w->scene.super, &w->study->parent, occupation, &s));
  snprintf(text, sizeof text, "%.17g", energy);
  nmd_status status = nmd_structure_set_info(&s, "name", name);
  if (status == NMD_OK && isfinite(energy)) status = nmd_structure_set_info(&s, "expansion_energy", text);
  snprintf(path, sizeof path, "%s/%s.extxyz", w->study->input->output, name);
  if (status == NMD_OK) status = nmd_structure_write(path, "extxyz", &s);
  snprintf(path, sizeof path, "%s/%s.poscar", w->study->input->output, name);
  if (status == NMD_OK) status = nmd_structure_write(path, "poscar", &s);
  nmd_structure_free(&s);
  return status;
}

static nmd_status write_arrangements(const table *t) {
  const nmd_lattice_walks *w = t->w;
  const size_t n = (size_t)w->scene.super.n;
  char name[NMD_LATTICE_NAME];
  int best = 0;
  for (int s = 0; s < w->slots; s++) {
    if (*t->slot[s].best < *t->slot[best].best - 1e-9) best = s;
    snprintf(name, sizeof name, "snapshot-%03d", s);
    NMD_TRY(write_arrangement(w, t->slot[s].arrangements, name, NAN));
    snprintf(name, sizeof name, "found-%03d", s);
    NMD_TRY(write_arrangement(w, t->slot[s].arrangements + n, name, *t->slot[s].best));
  }
  int same = 0;
  for (int s = 0; s < w->slots; s++) same += *t->slot[s].best < *t->slot[best].best + 1e-6 * (double)n;
  nmd_log_info("lowest arrangement: %.8f eV/site, reached by %d of %d", *t->slot[best].best / (double)n, same,
               w->slots);
  return write_arrangement(w, t->slot[best].arrangements + n, "lowest", *t->slot[best].best);
}

static nmd_status draw(const table *t) {
  nmd_buffer out = {0};
  nmd_buffer_text(
      &out, "set terminal pngcairo size 1100,760 font ',12'\nset output 'monte_carlo.png'\nset multiplot layout 2,2\n"
            "set grid\nset autoscale xfix\nset logscale x\nset xlabel 'T (K)'\nset ylabel 'energy (eV/site)'\nset format y '%.4f'\n"
            "plot 'temperatures.dat' using 1:2:3 with yerrorbars pt 7 ps 0.6 lc rgb '#4c2a85' notitle\n"
            "set format y '%g'\nset ylabel 'heat capacity (k_B/site)'\n"
            "plot 'temperatures.dat' using 1:4 with linespoints pt 7 ps 0.6 lc rgb '#d4a017' notitle\n"
            "set ylabel 'Warren-Cowley parameters'\nset key outside right font ',8'\n");
  const nmd_lattice_walks *w = t->w;
  for (int k = 0; k < w->shells.n && k < 6; k++)
    nmd_buffer_printf(&out, "%s 'order.dat' using 1:%d with linespoints pt 7 ps 0.5 title '%.2f A'",
                      k == 0 ? "plot" : ",", k + 2, w->shells.distance[k]);
  nmd_buffer_text(&out, "\nset ylabel 'wave: strongest of its star / N'\n");
  for (int v = 0; v < w->n_waves; v++)
    nmd_buffer_printf(&out, "%s 'order.dat' using 1:%d with linespoints pt 7 ps 0.5 title '(%g %g %g)'",
                      v == 0 ? "plot" : ",", 2 + w->n_pairs * w->shells.n + 2 * v, w->study->input->wave[v][0],
                      w->study->input->wave[v][1], w->study->input->wave[v][2]);
  nmd_buffer_text(&out, "\nunset multiplot\n");
  NMD_TRY(nmd_lattice_write(w->study, "monte_carlo.gnuplot", &out));
  nmd_lattice_draw(w->study, "monte_carlo.gnuplot");
  return NMD_OK;
}

nmd_status nmd__lattice_walks_report(const nmd_lattice_walks *walks, nmd_lattice_slot *slots) {
  const table t = {walks, slots};
  NMD_TRY(write_temperatures(&t));
  NMD_TRY(write_order(&t));
  NMD_TRY(write_histogram(&t));
  NMD_TRY(write_arrangements(&t));
  return draw(&t);
}
