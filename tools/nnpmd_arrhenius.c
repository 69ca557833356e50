/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-arrhenius: activation energies from diffusion coefficients at several temperatures. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/arrhenius.h"
#include "analysis/quantile.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/yaml.h"
#include "tool.h"

enum { POINTS_MAX = 64, DIRECTIONS_MAX = 8 };

typedef struct arrhenius_options {
  nmd_text_list temperatures, direction;
  char *species;
} arrhenius_options;

static const nmd_option arrhenius_option_list[] = {
    {"temperatures", NMD_OPT_TEXT_LIST, offsetof(arrhenius_options, temperatures), .fallback = "",
     .doc = "temperature of each file in K, in order; default: what the files say"},
    {"species", NMD_OPT_TEXT, offsetof(arrhenius_options, species), .fallback = "",
     .doc = "element whose D is taken; default: the only one of the files"},
    {"direction", NMD_OPT_TEXT_LIST, offsetof(arrhenius_options, direction), .fallback = "xyz",
     .doc = "directions to fit, each by itself, e.g. xyz,ab,c"},
};
static const nmd_option_table arrhenius_table = {"arrhenius", "arrhenius", sizeof(arrhenius_options),
                                                 NMD_COUNT(arrhenius_option_list), arrhenius_option_list};

typedef struct series {
  const char *direction;
  int n;
  nmd_arrhenius_point point[POINTS_MAX];
  nmd_arrhenius fit;
} series;

static nmd_status number_of(const nmd_yaml_node *map, const char *key, const char *file, double *value) {
  const nmd_yaml_node *node = nmd_yaml_find(map, key);
  if (node != NULL && node->kind == NMD_YAML_SCALAR && nmd_parse_real(node->text, value)) return NMD_OK;
  NMD_FAIL(MISSING_KEY, "%s: no number \"%s\"; expected the JSON of nnpmd-diffusion or nnpmd-msd", file, key);
}

/* The species asked for, or the only one. */
static nmd_status find_species(const nmd_yaml_node *root, const char *wanted, const char *file,
                               const nmd_yaml_node **species) {
  const nmd_yaml_node *all = nmd_yaml_find(root, "species");
  if (all == NULL || all->kind != NMD_YAML_MAP || all->n == 0)
    NMD_FAIL(FILE_FORMAT, "%s: no \"species\"; expected the JSON of nnpmd-diffusion or nnpmd-msd", file);
  *species = wanted != NULL ? nmd_yaml_find(all, wanted) : all->n == 1 ? all->items[0] : NULL;
  if (*species != NULL) return NMD_OK;
  NMD_FAIL(MISSING_KEY, "%s: %s%s; give --species with one of its elements, e.g. %s", file,
           wanted != NULL ? "no species " : "several species", wanted != NULL ? wanted : "", all->keys[0]->text);
}

/* D of one direction; *found is false where the run allowed none. */
static nmd_status read_D(const nmd_yaml_node *root, const nmd_yaml_node *species, const char *direction,
                         const char *file, nmd_arrhenius_point *p, bool *found) {
  const nmd_yaml_node *directions = nmd_yaml_find(species, "directions"),
                      *main_direction = nmd_yaml_find(root, "direction");
  const nmd_yaml_node *place = directions != NULL ? nmd_yaml_find(directions, direction) : NULL;
  if (directions == NULL && main_direction != NULL && strcmp(main_direction->text, direction) == 0) place = species;
  if (place == NULL)
    NMD_FAIL(MISSING_KEY, "%s: no D along %s in the file; make it with nnpmd-diffusion", file, direction);
  const nmd_yaml_node *D = nmd_yaml_find(place, "D_A2_per_ps");
  *found = D != NULL && D->kind == NMD_YAML_MAP;
  if (!*found) return NMD_OK;
  NMD_TRY(number_of(D, "value", file, &p->D));
  NMD_TRY(number_of(D, "sigma", file, &p->sigma));
  if (nmd_yaml_find(D, "freedom_of_sigma") != NULL)
    NMD_TRY(number_of(D, "freedom_of_sigma", file, &p->freedom_of_sigma));
  return NMD_OK;
}

static nmd_status temperature_of(const nmd_yaml_node *root, const arrhenius_options *o, int index, const char *file,
                                 double *T) {
  if (o->temperatures.n == 0) return number_of(root, "temperature_K", file, T);
  if (nmd_parse_real(o->temperatures.items[index], T) && *T > 0.0) return NMD_OK;
  NMD_FAIL(BAD_NUMBER, "--temperatures: '%.20s' is no temperature in K above 0", o->temperatures.items[index]);
}

static nmd_status read_json(tool *t, const arrhenius_options *o, int index, const char *text, size_t length,
                            series *all) {
  const char *file = t->words[index];
  nmd_yaml *document;
  NMD_TRY(nmd_yaml_parse(file, text, length, &document));
  const nmd_yaml_node *root = nmd_yaml_root(document), *species;
  nmd_status status;
  nmd_arrhenius_point p = {0};
  NMD_GOTO(temperature_of(root, o, index, file, &p.temperature));
  NMD_GOTO(find_species(root, o->species, file, &species));
  for (int k = 0; k < o->direction.n; k++) {
    bool found;
    NMD_GOTO(read_D(root, species, all[k].direction, file, &p, &found));
    if (found)
      all[k].point[all[k].n++] = p;
    else if (t->root)
      nmd_log_warning("%s: no D along %s: the point is left out", file, all[k].direction);
  }
done:
  nmd_yaml_destroy(document);
  return status;
}

/* Lines "T D sigma [freedom]" for the first direction. */
static nmd_status read_table(const char *file, char *text, series *all) {
  nmd_lines lines;
  char *line, *words[5];
  nmd_lines_init(&lines, file, text);
  while (nmd_lines_next(&lines, &line)) {
    line[strcspn(line, "#")] = '\0';
    const int n = nmd_split(line, words, 5);
    double value[4] = {0};
    if (n == 0) continue;
    bool good = (n == 3 || n == 4) && all->n < POINTS_MAX;
    for (int k = 0; k < n && good; k++) good = nmd_parse_real(words[k], &value[k]);
    if (!good)
      NMD_FAIL(FILE_FORMAT, "%s:%d: expected temperature (K), D and sigma, at most %d lines", file, lines.line,
               POINTS_MAX);
    all->point[all->n++] = (nmd_arrhenius_point){value[0], value[1], value[2], value[3]};
  }
  return NMD_OK;
}

static nmd_status read_all(tool *t, const arrhenius_options *o, series *all) {
  if (o->direction.n > DIRECTIONS_MAX || t->n_words > POINTS_MAX)
    NMD_FAIL(OUT_OF_RANGE, "%d directions, %d files; expected at most %d and %d", o->direction.n, t->n_words,
             DIRECTIONS_MAX, POINTS_MAX);
  if (o->temperatures.n > 0 && o->temperatures.n != t->n_words)
    NMD_FAIL(CONFLICT, "%d temperatures for %d files; expected one for each", o->temperatures.n, t->n_words);
  for (int k = 0; k < o->direction.n; k++) all[k].direction = o->direction.items[k];
  for (int i = 0; i < t->n_words; i++) {
    char *text;
    size_t length;
    NMD_TRY(nmd_text_read_file(t->words[i], &text, &length));
    const nmd_status status =
        text[strspn(text, " \t\n")] == '{' ? read_json(t, o, i, text, length, all) : read_table(t->words[i], text, all);
    nmd_free(text);
    NMD_TRY(status);
  }
  return NMD_OK;
}

static void put_fit(tool *t, const series *s) {
  const nmd_arrhenius *f = &s->fit;
  nmd_tool_note(t, "%s: E_a = %.4g +- %.2g eV, 68 %%: %.4g to %.4g, 95 %%: %.4g to %.4g eV", s->direction,
                f->energy.value, f->energy.sigma, f->energy.ci68[0], f->energy.ci68[1], f->energy.ci95[0],
                f->energy.ci95[1]);
  nmd_tool_note(
      t,
      "    ln D0 = %.4g +- %.2g (D0 = %.4g A^2/ps), covariance with E_a %.4g eV; chi^2 = %.3g, p = %.2g of %d points",
      f->ln_D0, f->ln_D0_sigma, exp(f->ln_D0), f->covariance, f->chi2, f->p_value, s->n);
  if (f->p_value < 0.01)
    nmd_log_warning(
        "%s: the points scatter about the line more than their errors allow (p = %.2g): not one process, or a point "
        "that is not in equilibrium",
        s->direction, f->p_value);
}

static void put_points(nmd_buffer *out, const series *s) {
  const double quantile = nmd_student_quantile(0.975, s->fit.freedom);
  for (int i = 0; i < s->n; i++) {
    const nmd_arrhenius_point *p = &s->point[i];
    double ln_D, error;
    nmd_arrhenius_predict(&s->fit, p->temperature, &ln_D, &error);
    nmd_buffer_printf(out, "%s %.8g %.8g %.4g %.6g %.6g %.6g\n", s->direction, p->temperature, p->D, p->sigma,
                      exp(ln_D), exp(ln_D - quantile * error), exp(ln_D + quantile * error));
  }
}

static void put_json(nmd_json *json, const series *s) {
  const nmd_arrhenius *f = &s->fit;
  double column[POINTS_MAX];
  nmd_json_open(json, s->direction, '{');
  nmd_json_open(json, "E_a_eV", '{');
  nmd_json_real(json, "value", f->energy.value);
  nmd_json_real(json, "sigma", f->energy.sigma);
  nmd_json_reals(json, "ci68", f->energy.ci68, 2, 1);
  nmd_json_reals(json, "ci95", f->energy.ci95, 2, 1);
  nmd_json_close(json);
  nmd_json_real(json, "ln_D0", f->ln_D0);
  nmd_json_real(json, "ln_D0_sigma", f->ln_D0_sigma);
  nmd_json_real(json, "covariance_eV", f->covariance);
  nmd_json_real(json, "chi2", f->chi2);
  nmd_json_real(json, "p_value", f->p_value);
  for (int i = 0; i < s->n; i++) column[i] = s->point[i].temperature;
  nmd_json_reals(json, "temperature_K", column, s->n, 1);
  for (int i = 0; i < s->n; i++) column[i] = s->point[i].D;
  nmd_json_reals(json, "D_A2_per_ps", column, s->n, 1);
  for (int i = 0; i < s->n; i++) column[i] = s->point[i].sigma;
  nmd_json_reals(json, "sigma_A2_per_ps", column, s->n, 1);
  nmd_json_close(json);
}

/* Points with error bars, lines, and the band of 95 % over the range of 1/T and a fifth beyond. */
static void put_plot(tool *t, const series *all, int n) {
  nmd_buffer *p = &t->plot;
  for (int k = 0; k < n; k++) {
    const series *s = &all[k];
    double low = INFINITY, high = 0.0;
    nmd_buffer_printf(p, "$points%d << EOD\n", k);
    for (int i = 0; i < s->n; i++) {
      low = fmin(low, 1e3 / s->point[i].temperature);
      high = fmax(high, 1e3 / s->point[i].temperature);
      nmd_buffer_printf(p, "%.9g %.9g %.9g\n", 1e3 / s->point[i].temperature, s->point[i].D, s->point[i].sigma);
    }
    nmd_buffer_printf(p, "EOD\n$band%d << EOD\n", k);
    const double margin = 0.2 * (high - low), quantile = nmd_student_quantile(0.975, s->fit.freedom);
    for (int i = 0; i <= 100; i++) {
      const double x = low - margin + (high - low + 2.0 * margin) * i / 100.0;
      double ln_D, error;
      nmd_arrhenius_predict(&s->fit, 1e3 / x, &ln_D, &error);
      nmd_buffer_printf(p, "%.9g %.9g %.9g %.9g\n", x, exp(ln_D), exp(ln_D - quantile * error),
                        exp(ln_D + quantile * error));
    }
    nmd_buffer_text(p, "EOD\n");
  }
  nmd_buffer_text(p, "set xlabel '1000 / T (1/K)'\nset ylabel 'D (A^2/ps)'\nset logscale y\nset format y "
                     "'10^{%T}'\nset key right top\nplot ");
  for (int k = 0; k < n; k++)
    nmd_buffer_printf(
        p,
        "%s$band%d using 1:3:4 with filledcurves lc %d fs transparent solid 0.2 notitle, $band%d using 1:2 with lines "
        "lc %d lw 2 title '%s: E_a = %.3g +- %.2g eV', $points%d using 1:2:3 with yerrorbars lc %d pt 7 notitle",
        k > 0 ? ", " : "", k, k + 1, k, k + 1, all[k].direction, all[k].fit.energy.value, all[k].fit.energy.sigma, k,
        k + 1);
  nmd_buffer_text(p, "\n");
}

static nmd_status run(tool *t) {
  const arrhenius_options *o = t->options;
  series *all;
  NMD_TRY(NMD_ALLOC(all, DIRECTIONS_MAX));
  nmd_status status = read_all(t, o, all);
  for (int k = 0; k < o->direction.n && status == NMD_OK; k++) {
    status = nmd_arrhenius_fit(all[k].point, all[k].n, &all[k].fit);
    if (status != NMD_OK) status = nmd_fail_prefix(status, "direction %s", all[k].direction);
  }
  if (status == NMD_OK && t->root) {
    for (int k = 0; k < o->direction.n; k++) put_fit(t, &all[k]);
    nmd_tool_columns(t, "direction T D sigma line band95_low band95_high", "- K A^2/ps A^2/ps A^2/ps A^2/ps A^2/ps");
    nmd_json_open(&t->json, "directions", '{');
    for (int k = 0; k < o->direction.n; k++) {
      put_points(&t->text, &all[k]);
      put_json(&t->json, &all[k]);
    }
    nmd_json_close(&t->json);
    if (t->output->plot) put_plot(t, all, o->direction.n);
  }
  nmd_free(all);
  return status;
}

int main(int argc, char **argv) {
  const nmd_tool definition = {
      .program = "nnpmd-arrhenius",
      .words = "FILE...",
      .summary = "activation energy from diffusion coefficients at several temperatures",
      .description = "Reads the JSON files that nnpmd-diffusion (or nnpmd-msd) wrote for runs at several temperatures, "
                     "or one table with lines of temperature (K), D and sigma, and fits ln D = ln D0 - E_a / (k T), "
                     "weighted by the errors of ln D. Prints E_a and ln D0 with their covariance, intervals of 68 % "
                     "and 95 %, and the band of the line; several directions side by side, e.g. --direction ab,c.",
      .options = &arrhenius_table,
      .no_trajectory = true,
      .min_words = 1,
      .run = run,
  };
  return nmd_tool_main(&definition, argc, argv);
}
