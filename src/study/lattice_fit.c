/* SPDX-License-Identifier: BSD-3-Clause */
#include "study/lattice_fit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static nmd_status fit_rows(nmd_lattice_study *st) {
  const nmd_lattice_fit_input *f = &st->input->fit;
  const nmd_regression_settings settings = {.method = (nmd_regression_method)f->method,
                                            .folds = (int)(f->folds < st->n_rows ? f->folds : st->n_rows),
                                            .lambda = f->lambda,
                                            .seed = (uint64_t)st->input->seed};
  double *x, *y = NULL;
  const size_t p = (size_t)st->n_features;
  nmd_regression_free(&st->fit);
  NMD_TRY(NMD_ALLOC(x, (size_t)st->n_rows * p));
  nmd_status status = NMD_ALLOC(y, st->n_rows);
  for (int r = 0; r < st->n_rows && status == NMD_OK; r++) {
    memcpy(x + (size_t)r * p, st->row[r].features, p * sizeof *x);
    y[r] = st->row[r].energy;
  }
  if (status == NMD_OK) status = nmd_regression_fit(&settings, st->n_rows, st->n_features, x, y, &st->fit);
  if (status == NMD_OK) memcpy(st->j, st->fit.j, (p + 1) * sizeof *st->j);
  nmd_free(x);
  nmd_free(y);
  return nmd_yaml_blame(status, nmd_lattice_input_place(st->input, "configurations"), "fit");
}

nmd_status nmd_lattice_fit(nmd_lattice_study *study) {
  const bool root = nmd_comm_rank(study->comm) == 0;
  NMD_TRY(nmd_comm_agree_root(study->comm, root ? fit_rows(study) : NMD_OK));
  nmd_comm_broadcast(study->comm, study->j, (size_t)(1 + study->n_features) * sizeof *study->j, 0);
  study->has_j = true;
  if (root)
    nmd_log_info("fit of %d energies: rms %.3f, left out %.3f meV/cell (%s), %d of %d interactions, lambda %.3g",
                 study->n_rows, 1e3 * study->fit.rmse, 1e3 * study->fit.loo,
                 study->input->fit.method == 0 ? "one by one" : "in parts", study->fit.used, study->n_features,
                 study->fit.lambda);
  return NMD_OK;
}

/* ---- files ---- */

static void put_function(nmd_buffer *out, const nmd_cluster_orbit *o, int f, const double *multiplicity, double j,
                         int at) {
  nmd_buffer_printf(out, "%d %d %.6f %.0f ", at, o->points, o->diameter, multiplicity[at - 1]);
  for (int k = 0; k < o->points; k++) nmd_buffer_printf(out, "%s%d", k > 0 ? "-" : "", o->function[f].choice[0][k]);
  nmd_buffer_printf(out, " %.17g\n", j);
}

static nmd_status write_expansion(const nmd_lattice_study *st) {
  nmd_buffer out = {0};
  double *multiplicity;
  int at = 1;
  NMD_TRY(NMD_ALLOC(multiplicity, st->clusters.n_functions));
  nmd_correlation_multiplicities(&st->clusters, multiplicity);
  nmd_buffer_text(
      &out, "# E/cell = sum_f multiplicity_f J_f <phi_f>; functions: of each point, as nnpmd-lattice numbers them\n"
            "# number points diameter multiplicity functions J\n# 1 1 A 1/cell 1 eV\n");
  nmd_buffer_printf(&out, "0 0 0 1 - %.17g\n", st->j[0]);
  for (int k = 0; k < st->clusters.n; k++)
    for (int f = 0; f < st->clusters.orbit[k].n_functions; f++, at++)
      put_function(&out, &st->clusters.orbit[k], f, multiplicity, st->j[at], at);
  if (st->with_ewald) nmd_buffer_printf(&out, "%d 0 0 1 ewald %.17g\n", at, st->j[at]);
  nmd_free(multiplicity);
  return nmd_lattice_write(st, "expansion.dat", &out);
}

static nmd_status write_rows(const nmd_lattice_study *st) {
  nmd_buffer out = {0};
  nmd_buffer_text(&out, "# structure cells energy fitted left_out\n# 1 1 eV/cell eV/cell eV/cell\n");
  for (int r = 0; r < st->n_rows; r++)
    nmd_buffer_printf(&out, "%s %d %.10f %.10f %.10f\n", st->row[r].name, st->row[r].cells, st->row[r].energy,
                      st->fit.predicted[r], st->fit.left_out[r]);
  return nmd_lattice_write(st, "fit.dat", &out);
}

static void say_fates(const nmd_lattice_study *st) {
  const nmd_lattice_fates *f = &st->fates;
  nmd_log_info("%lld structures: %lld kept (%lld of them rearranged), %lld not converged", (long long)f->made,
               (long long)f->kept, (long long)f->rearranged, (long long)f->unconverged);
  for (int k = NMD_MAPPING_CELL; k <= NMD_MAPPING_HOLE; k++)
    if (f->left[k] > 0)
      nmd_log_info("  left the parent lattice: %lld, %s", (long long)f->left[k],
                   nmd_mapping_reason((nmd_mapping_result)k));
}

static nmd_status draw_fit(const nmd_lattice_study *st) {
  nmd_buffer out = {0};
  double lowest = INFINITY;
  for (int r = 0; r < st->n_rows; r++) lowest = fmin(lowest, st->row[r].energy);
  nmd_buffer_printf(
      &out,
      "set terminal pngcairo size 800,760 font ',12'\nset output 'fit.png'\nset size ratio -1\nset grid\n"
      "set key top left Left reverse\nset xlabel 'calculated, above the lowest (meV/cell)'\n"
      "set ylabel 'by the expansion (meV/cell)'\ne(x) = 1e3*(x - (%.10f))\n"
      "plot x notitle lc rgb 'gray50', 'fit.dat' using (e($3)):(e($5)) with points pt 6 ps 0.9 lc rgb '#d4a017' "
      "title 'left out (rms %.2f)', '' using (e($3)):(e($4)) with points pt 7 ps 0.5 lc rgb '#4c2a85' "
      "title 'fitted (rms %.2f)'\n",
      lowest, 1e3 * st->fit.loo, 1e3 * st->fit.rmse);
  NMD_TRY(nmd_lattice_write(st, "fit.gnuplot", &out));
  nmd_lattice_draw(st, "fit.gnuplot");
  return NMD_OK;
}

nmd_status nmd_lattice_report_fit(nmd_lattice_study *study) {
  double mean = 0, spread = 0;
  for (int r = 0; r < study->n_rows; r++) mean += study->row[r].energy / study->n_rows;
  for (int r = 0; r < study->n_rows; r++) spread += pow(study->row[r].energy - mean, 2) / study->n_rows;
  say_fates(study);
  nmd_log_info("energies spread by %.3f meV/cell; cross-validation: one by one %.3f, in parts %.3f meV/cell; %.1f "
               "parameters in effect",
               1e3 * sqrt(spread), 1e3 * study->fit.loo, 1e3 * study->fit.folds, study->fit.freedom);
  if (study->with_ewald) nmd_log_info("factor of Ewald's energy: %.6f", study->j[study->n_features]);
  NMD_TRY(write_expansion(study));
  NMD_TRY(write_rows(study));
  return draw_fit(study);
}

/* ---- reading ---- */

static nmd_status take_line(const nmd_lines *lines, char *line, int64_t *points, double *diameter, double *j) {
  char *words[6];
  const int n = nmd_split(line, words, 6);
  const char *bad = n != 6                                ? NULL
                    : !nmd_parse_int(words[1], points)    ? words[1]
                    : !nmd_parse_real(words[2], diameter) ? words[2]
                    : !nmd_parse_real(words[5], j)        ? words[5]
                                                          : "";
  if (bad == NULL)
    NMD_FAIL(FILE_FORMAT,
             "%s:%d: %d words; expected six, as a fit writes them: number points diameter multiplicity functions J",
             lines->file, lines->line, n);
  if (bad[0] != '\0')
    NMD_FAIL(FILE_FORMAT, "%s:%d: \"%.40s\" is no number; expected: number points diameter multiplicity functions J",
             lines->file, lines->line, bad);
  return NMD_OK;
}

static nmd_status read_lines(nmd_lattice_study *st, nmd_lines *lines) {
  char *line;
  int at = 0, function = 0, orbit = 0;
  while (nmd_lines_next(lines, &line)) {
    if (line[0] == '#' || line[0] == '\0') continue;
    int64_t points;
    double diameter;
    NMD_TRY(take_line(lines, line, &points, &diameter, &st->j[at <= st->n_features ? at : 0]));
    if (at > 0 && orbit < st->clusters.n) {
      const nmd_cluster_orbit *o = &st->clusters.orbit[orbit];
      if (points != o->points || fabs(diameter - o->diameter) > 1e-3)
        NMD_FAIL(CONFLICT,
                 "%s:%d: %lld points, %.4f A; expected %d points, %.4f A: an expansion with the clusters of this input",
                 lines->file, lines->line, (long long)points, diameter, o->points, o->diameter);
      if (++function == o->n_functions) function = 0, orbit++;
    }
    at++;
  }
  if (at != 1 + st->n_features)
    NMD_FAIL(CONFLICT, "%s: %d interactions; expected %d: an expansion with the clusters of this input", lines->file,
             at, 1 + st->n_features);
  return NMD_OK;
}

nmd_status nmd_lattice_read_expansion(nmd_lattice_study *study) {
  char *text;
  size_t length;
  nmd_lines lines;
  NMD_TRY(nmd_text_read_file(study->input->expansion, &text, &length));
  nmd_lines_init(&lines, study->input->expansion, text);
  const nmd_status status = read_lines(study, &lines);
  nmd_free(text);
  study->has_j = status == NMD_OK;
  return status;
}
