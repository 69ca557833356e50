/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "io/write_structure.h"
#include "study/elastic.h"
#include "study/symmetry.h"

static const double GPa = NMD_EV_PER_A3_TO_GPA;

static nmd_status write_text(const nmd_elastic_input *input, const char *name, nmd_buffer *text) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", input->output, name);
  nmd_status status = text->status;
  if (status == NMD_OK) status = nmd_file_write_atomic(path, text->data, text->length, 1);
  nmd_buffer_free(text);
  return status;
}

static void put_constants(nmd_buffer *out, const char *title, const nmd_elastic_constants *e) {
  nmd_buffer_printf(
      out,
      "# %s: C_ij (GPa), Voigt order xx yy zz yz xz xy; before it was made symmetric C_ij and C_ji differed by "
      "up to %.2e\n",
      title, e->asymmetry * GPa);
  for (int i = 0; i < 6; i++) {
    nmd_buffer_printf(out, "%s", title);
    for (int j = 0; j < 6; j++) nmd_buffer_printf(out, " %11.5f", e->c[i][j] * GPa);
    nmd_buffer_text(out, "\n");
  }
  nmd_buffer_printf(out, "# C_jj from energies (GPa):");
  for (int j = 0; j < 6; j++) nmd_buffer_printf(out, " %.5f", e->from_energy[j] * GPa);
  nmd_buffer_printf(out, "\n# lowest eigenvalue %.5f GPa%s\n", e->lowest * GPa,
                    e->lowest > 0 ? "" : ": elastically unstable");
  nmd_buffer_printf(out, "# bulk modulus (Voigt, Reuss) %.5f %.5f GPa, shear modulus %.5f %.5f GPa\n", e->bulk[0] * GPa,
                    e->bulk[1] * GPa, e->shear[0] * GPa, e->shear[1] * GPa);
  const double b = 0.5 * (e->bulk[0] + e->bulk[1]), g = 0.5 * (e->shear[0] + e->shear[1]);
  nmd_buffer_printf(out,
                    "# polycrystal (Hill): Young's modulus %.5f GPa, Poisson's ratio %.5f; universal anisotropy %.5f\n",
                    9 * b * g / (3 * b + g) * GPa, (3 * b - 2 * g) / (6 * b + 2 * g),
                    5 * e->shear[0] / e->shear[1] + e->bulk[0] / e->bulk[1] - 6);
}

static nmd_status write_constants(const nmd_elastic_input *input, const nmd_elastic_result *r) {
  nmd_buffer out = {0};
  char symmetry[NMD_SYMMETRY_TEXT];
  nmd_symmetry_label(&r->structure, 1e-3, symmetry);
  nmd_buffer_printf(&out, "# crystal at rest: %lld atoms, %s, %.8f A^3/atom, %.8f eV/atom; strains of %g and %g\n",
                    (long long)r->structure.n, symmetry, r->structure.box.volume / (double)r->structure.n, r->energy,
                    input->strain, 2 * input->strain);
  put_constants(&out, "fixed", &r->fixed);
  put_constants(&out, "relaxed", &r->relaxed);
  return write_text(input, "elastic.dat", &out);
}

static nmd_status write_volumes(const nmd_elastic_input *input, const nmd_elastic_result *r) {
  nmd_buffer out = {0};
  nmd_buffer_printf(&out,
                    "# third-order Birch equation: V0 %.6f A^3/atom, B %.5f GPa, B' %.4f, rms of the fit %.2e eV/atom\n"
                    "# volume energy pressure\n# A^3/atom eV/atom GPa\n",
                    r->volume, r->bulk * GPa, r->slope, r->rms);
  for (int64_t k = 0; k < r->n; k++)
    nmd_buffer_printf(&out, "%.8f %.10f %.6f\n", r->point[k][0], r->point[k][1], r->point[k][2] * GPa);
  return write_text(input, "eos.dat", &out);
}

static nmd_status draw(const nmd_elastic_input *input, const nmd_elastic_result *r) {
  nmd_buffer out = {0};
  char command[4200];
  nmd_buffer_printf(
      &out,
      "set terminal pngcairo size 900,650 font ',12'\nset output 'eos.png'\nset xlabel 'volume (A^3/atom)'\n"
      "set ylabel 'energy (meV/atom)'\nset y2label 'pressure (GPa)'\nset y2tics\nset ytics nomirror\n"
      "set grid\nplot 'eos.dat' using 1:(1000*($2-(%.10f))) with linespoints pt 7 lc rgb '#4c2a85' title "
      "'energy', '' using 1:3 axes x1y2 with linespoints pt 6 lc rgb '#d4a017' title 'pressure'\n",
      r->energy);
  NMD_TRY(write_text(input, "eos.gnuplot", &out));
  if (!input->pictures) return NMD_OK;
  snprintf(command, sizeof command, "cd '%s' && gnuplot eos.gnuplot >/dev/null 2>&1", input->output);
  if (strchr(input->output, '\'') != NULL || system(command) != 0)
    nmd_log_info("no picture (is gnuplot installed?): gnuplot eos.gnuplot in %s makes it", input->output);
  return NMD_OK;
}

static void log_constants(const char *title, const nmd_elastic_constants *e) {
  nmd_log_info(
      "%s: C11 %.2f C22 %.2f C33 %.2f C12 %.2f C13 %.2f C23 %.2f C44 %.2f C55 %.2f C66 %.2f GPa; bulk %.2f, shear "
      "%.2f GPa%s",
      title, e->c[0][0] * GPa, e->c[1][1] * GPa, e->c[2][2] * GPa, e->c[0][1] * GPa, e->c[0][2] * GPa, e->c[1][2] * GPa,
      e->c[3][3] * GPa, e->c[4][4] * GPa, e->c[5][5] * GPa, 0.5 * (e->bulk[0] + e->bulk[1]) * GPa,
      0.5 * (e->shear[0] + e->shear[1]) * GPa, e->lowest > 0 ? "" : "; UNSTABLE: a negative eigenvalue");
}

nmd_status nmd_elastic_report(const nmd_elastic_input *input, const nmd_elastic_result *r) {
  char path[4096];
  log_constants("Atoms follow the cell", &r->fixed);
  log_constants("Atoms relaxed        ", &r->relaxed);
  nmd_log_info("Equation of state: V0 %.5f A^3/atom, B %.3f GPa, B' %.3f", r->volume, r->bulk * GPa, r->slope);
  snprintf(path, sizeof path, "%s/structure.extxyz", input->output);
  NMD_TRY(nmd_structure_write(path, "extxyz", &r->structure));
  NMD_TRY(write_constants(input, r));
  NMD_TRY(write_volumes(input, r));
  return draw(input, r);
}
