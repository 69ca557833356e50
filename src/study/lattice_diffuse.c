/* SPDX-License-Identifier: BSD-3-Clause */
/* Maps of diffuse scattering: intensities of the waves of composition of a species in planes (h k l), mean of the
 * blocks at each temperature and of the orientations that the parent's symmetries allow, as a crystal with many domains
 * shows it. Constant scattering factors, atoms on ideal sites: order alone, no displacements. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "study/lattice_walks.h"

enum { SHOWN = 4 }; /* temperatures in the picture */

static bool tempering(const nmd_lattice_walks *w) { return w->study->input->walks.method == NMD_LATTICE_TEMPERING; }

/* Mean of slots and blocks at temperature k. */
static void mean_of(const nmd_lattice_walks *w, const nmd_lattice_slot *slots, int k, double *out) {
  const int first = tempering(w) ? k : 0, last = tempering(w) ? k + 1 : w->slots, step = tempering(w) ? 0 : k;
  memset(out, 0, (size_t)w->n_diffuse * sizeof *out);
  for (int s = first; s < last; s++)
    for (int q = 0; q < w->n_diffuse; q++)
      out[q] += slots[s].diffuse[(size_t)step * (size_t)w->n_diffuse + (size_t)q] / ((last - first) * w->blocks[1]);
}

static int whole(int a, int n) { return (a % n + n) % n; }

/* Lines of h; even repeats have both edges of the zone. */
static void put_plane(const nmd_lattice_walks *w, double temperature, double height, const double *intensity,
                      nmd_buffer *out) {
  const int *r = w->grid.repeat, c = whole((int)round(height * r[2]), r[2]);
  for (int a = -(r[0] / 2); a <= r[0] / 2; a++) {
    for (int b = -(r[1] / 2); b <= r[1] / 2; b++)
      nmd_buffer_printf(out, "%.6g %.6f %.6f %.6f %.6g\n", temperature, (double)a / r[0], (double)b / r[1], height,
                        intensity[(whole(a, r[0]) * r[1] + whole(b, r[1])) * r[2] + c]);
    nmd_buffer_text(out, "\n");
  }
  nmd_buffer_text(out, "\n");
}

static nmd_status draw(const nmd_lattice_walks *w) {
  const nmd_lattice_input *in = w->study->input;
  const int shown = w->n_temperatures < SHOWN ? w->n_temperatures : SHOWN;
  nmd_buffer out = {0};
  nmd_buffer_printf(
      &out,
      "set terminal pngcairo size %d,%d font ',10'\nset output 'diffuse.png'\nset multiplot layout %d,%d\n"
      "set size ratio -1\nset key off\nset xlabel 'h'\nset ylabel 'k'\nset xtics 0.25\nset ytics 0.25\n"
      "set palette defined (0 'white', 1 '#d4a017', 2 '#4c2a85')\nset cbrange [-2:2]\nset xrange "
      "[-0.5:0.5]\nset yrange [-0.5:0.5]\n",
      340 * shown, 330 * in->n_planes, in->n_planes, shown);
  for (int p = 0; p < in->n_planes; p++)
    for (int s = 0; s < shown; s++) {
      const int k = shown > 1 ? (int)round((double)s * (w->n_temperatures - 1) / (shown - 1)) : 0;
      nmd_buffer_printf(&out,
                        "set title '%.0f K, l = %g: log10 of the intensity'\n"
                        "plot 'diffuse.dat' index %d using 2:3:(log10($5+1e-3)) with image\n",
                        w->temperature[k], in->plane[p], k * in->n_planes + p);
    }
  nmd_buffer_text(&out, "unset multiplot\n");
  NMD_TRY(nmd_lattice_write(w->study, "diffuse.gnuplot", &out));
  nmd_lattice_draw(w->study, "diffuse.gnuplot");
  return NMD_OK;
}

static nmd_status write_maps(const nmd_lattice_walks *w, const nmd_lattice_slot *slots, double *mean, double *even) {
  const nmd_lattice_input *in = w->study->input;
  nmd_buffer out = {0};
  nmd_buffer_printf(&out,
                    "# |sum exp 2 pi i k x|^2 / N of %s without k = 0, mean of all orientations\n"
                    "# temperature h k l intensity\n",
                    nmd_lattice_species_name(w->scene.model.z[w->species]));
  for (int k = 0; k < w->n_temperatures; k++) {
    mean_of(w, slots, k, mean);
    nmd_wave_grid_symmetrise(&w->grid, mean, even);
    for (int p = 0; p < in->n_planes; p++) put_plane(w, w->temperature[k], in->plane[p], even, &out);
  }
  NMD_TRY(nmd_lattice_write(w->study, "diffuse.dat", &out));
  return draw(w);
}

nmd_status nmd__lattice_diffuse_report(const nmd_lattice_walks *walks, nmd_lattice_slot *slots) {
  double *mean, *even = NULL;
  if (walks->n_diffuse == 0) return NMD_OK;
  NMD_TRY(NMD_ALLOC(mean, walks->n_diffuse));
  nmd_status status = NMD_ALLOC(even, walks->n_diffuse);
  if (status == NMD_OK) status = write_maps(walks, slots, mean, even);
  nmd_free(mean);
  nmd_free(even);
  return status;
}
