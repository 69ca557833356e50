/* SPDX-License-Identifier: BSD-3-Clause */
/* Whole trainings on a small case: every optimiser learns, models are what the engine reads, restarts and recomputed
 * descriptors change nothing. TEST_COMM LINKS: reference simulation */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "nnp/committee.h"
#include "simulation/evaluate_structure.h"
#include "support/test.h"
#include "training/committee_errors.h"
#include "training/fit_case.h"
#include "training/optimiser.h"

enum { STRUCTURES = 24 };

typedef struct finished {
  nmd_fit_input input;
  nmd_fit *fit;
} finished;

static finished run_case(const char *name, const char *more, const char *stages) {
  finished f = {0};
  TEST_OK(fit_case_run(TEST_COMM, fit_case_input(name, more, stages), NULL, &f.input, &f.fit));
  if (f.fit == NULL) exit(1);
  return f;
}

static void end_case(finished *f) {
  nmd_fit_destroy(f->fit);
  nmd_fit_input_free(&f->input);
}

static void test_optimisers(void) {
  static const char *const stages[] = {"[kalman: {epochs: 8}]", "[levenberg_marquardt: {epochs: 12}]",
                                       "[adam: {epochs: 60, rate: 2e-2 -> 1e-3}]", "[lbfgs: {epochs: 80}]"};
  TEST_EQUAL_INT(nmd_optimiser_count(), NMD_COUNT(stages));
  for (int k = 0; k < NMD_COUNT(stages); k++) {
    const char *name = nmd_optimiser_at(k)->table->name;
    TEST_CONTAINS(stages[k], name);
    finished f = run_case(name, "", stages[k]);
    double before, after;
    TEST_OK(nmd_fit_loss(f.fit, f.fit->members[0].weights, &after, NULL));
    nmd_layout_random(&f.fit->layout, 1, f.fit->members[0].weights);
    TEST_OK(nmd_fit_loss(f.fit, f.fit->members[0].weights, &before, NULL));
    TEST_CHECK(after < 0.03 * before, "%s: loss %g before, %g after", name, before, after);
    TEST_CHECK(f.fit->members[0].best_score < 0.05 * before, "%s: validation loss %g", name,
               f.fit->members[0].best_score);
    end_case(&f);
  }
}

/* The loss gradient that L-BFGS and Adam see, against differences along random directions. */
static void test_loss_gradient(void) {
  finished f = run_case("gradient", "precision: double\nloss: {families: {big: 2}}", "[kalman: {epochs: 1}]");
  const size_t n = f.fit->layout.n;
  double *w = f.fit->members[0].weights, *g, loss, up, down;
  TEST_OK(NMD_ALLOC(g, n));
  TEST_OK(nmd_fit_loss(f.fit, w, &loss, g));
  for (size_t k = 0; k < n; k += 7) {
    const double saved = w[k], h = 1e-4;
    w[k] = saved + h;
    TEST_OK(nmd_fit_loss(f.fit, w, &up, NULL));
    w[k] = saved - h;
    TEST_OK(nmd_fit_loss(f.fit, w, &down, NULL));
    w[k] = saved;
    TEST_NEAR(g[k], (up - down) / (2 * h), 1e-5 * fmax(1.0, fabs(g[k])));
  }
  nmd_free(g);
  end_case(&f);
}

/* Energies and forces of the written folder by the engine's potential, against the trainer's own. */
static void compare_with_engine(nmd_fit *fit, const char *name) {
  char text[1024];
  snprintf(text, sizeof text, "nnp: {folder: '%s', length_unit: A, energy_unit: eV}", test_path(name));
  nmd_yaml *tree;
  nmd_species species;
  nmd_potential potential;
  TEST_OK(nmd_yaml_parse("test", text, strlen(text), &tree));
  nmd_species_init(&species, fit->validation.set.samples[0].structure.atomic_number, 8);
  TEST_OK(nmd_potential_create(nmd_yaml_root(tree), &species, &potential));
  for (int i = 0; i < fit->validation.set.n; i++) {
    const nmd_sample *s = &fit->validation.set.samples[i];
    nmd_structure_results r;
    TEST_OK(nmd_structure_evaluate(TEST_COMM, &potential, &species, &s->structure, &r));
    TEST_OK(nmd_fit_errors(fit, &fit->validation, i, fit->members[0].best));
    TEST_NEAR(r.energy, s->energy - fit->errors.energy, 1e-10 * fabs(s->energy));
    for (int64_t k = 0; k < s->structure.n; k++)
      for (int d = 0; d < 3; d++) TEST_NEAR(r.force[k][d], s->structure.f[k][d] - fit->errors.force[k][d], 1e-10);
    nmd_structure_results_free(&r);
  }
  nmd_potential_destroy(&potential);
  nmd_yaml_destroy(tree);
}

static void test_model_is_read_by_engine(void) {
  finished f = run_case("written", "precision: double", "[kalman: {epochs: 3}]");
  compare_with_engine(f.fit, "written");
  end_case(&f);
}

/* So is one that was made from another, whose unit of energy it keeps. */
static void test_tuned_model_is_read_by_engine(void) {
  static const char *const more[] = {"precision: double\nstart_from: %s",
                                     "precision: double\natom_energies: settings\nstart_from: %s"};
  finished f = run_case("first", "", "[kalman: {epochs: 2}]");
  end_case(&f);
  for (int k = 0; k < 2; k++) {
    char text[2048];
    snprintf(text, sizeof text, more[k], test_path("first"));
    f = run_case("second", text, "[kalman: {epochs: 1, noise: 0.02, covariance: 0.01}]");
    compare_with_engine(f.fit, "second");
    end_case(&f);
  }
}

/* The written folder is a committee for the engine: its energy is the mean of what the members give here. */
static void test_committee_is_read_by_engine(void) {
  finished f = run_case("committee", "committee: 3\nprecision: double", "[kalman: {epochs: 2}]");
  nmd_fit *fit = f.fit;
  nmd_committee committee;
  nmd_species species;
  nmd_potential potential;
  nmd_yaml *tree;
  char text[1024];
  TEST_OK(nmd_committee_read(test_path("committee"), NULL, 0, false, 1.0, 1.0, &committee));
  TEST_EQUAL_INT(committee.n, 3);
  nmd_committee_free(&committee);
  snprintf(text, sizeof text, "nnp: {folder: '%s', length_unit: A, energy_unit: eV}", test_path("committee"));
  TEST_OK(nmd_yaml_parse("test", text, strlen(text), &tree));
  nmd_species_init(&species, fit->validation.set.samples[0].structure.atomic_number, 8);
  TEST_OK(nmd_potential_create(nmd_yaml_root(tree), &species, &potential));
  for (int i = 0; i < fit->validation.set.n; i++) {
    const nmd_sample *s = &fit->validation.set.samples[i];
    nmd_structure_results r;
    double mean = 0.0;
    TEST_OK(nmd_structure_evaluate(TEST_COMM, &potential, &species, &s->structure, &r));
    for (int m = 0; m < 3; m++) {
      TEST_OK(nmd_fit_errors(fit, &fit->validation, i, fit->members[m].best));
      mean += (s->energy - fit->errors.energy) / 3.0;
    }
    TEST_NEAR(r.energy, mean, 1e-10 * fabs(s->energy));
    nmd_structure_results_free(&r);
  }
  nmd_potential_destroy(&potential);
  nmd_yaml_destroy(tree);
  end_case(&f);
}

/* A folder with members of an earlier, larger committee: nnpmd would read those. */
static void test_stale_members(void) {
  static const char *const fewer[] = {"", "committee: 2"};
  finished f = run_case("stale", "committee: 3", "[kalman: {epochs: 1}]");
  end_case(&f);
  for (int k = 0; k < 2; k++) {
    nmd_fit_input input;
    nmd_fit *fit;
    TEST_OK(nmd_fit_input_read(TEST_COMM, fit_case_input("stale", fewer[k], "[kalman: {epochs: 1}]"), 0, NULL, &input));
    TEST_FAILS(nmd_fit_create(TEST_COMM, &input, true, &fit), NMD_CONFLICT);
    TEST_CHECK(strstr(nmd_error_text(), "earlier committee") != NULL, "said %s", nmd_error_text());
    nmd_fit_input_free(&input);
  }
  f = run_case("stale", "committee: 3", "[kalman: {epochs: 1}]"); /* the same size again */
  end_case(&f);
}

/* keep: last ends with the mean of the last part, whatever the validation set says. */
static void test_keep_last(void) {
  finished f = run_case("last", "keep: last\naverage: 0.5", "[kalman: {epochs: 4}]");
  const nmd_member *m = &f.fit->members[0];
  TEST_CHECK(m->n_average > 1, "no average");
  TEST_EQUAL_INT(m->best_epoch, 4);
  TEST_CHECK(memcmp(m->best, m->average, f.fit->layout.n * sizeof(double)) == 0, "these are not the last weights");
  end_case(&f);
  f = run_case("last", "keep: last\naverage: 0", "[kalman: {epochs: 2}, adam: {epochs: 1, rate: 10}]"); /* made worse */
  TEST_CHECK(memcmp(f.fit->members[0].best, f.fit->members[0].weights, f.fit->layout.n * sizeof(double)) == 0,
             "these are not the last weights");
  end_case(&f);
}

/* Errors of a committee are those of the mean: no larger than the mean of the members' (convexity), and exact for one.
 */
static void test_committee_errors(void) {
  finished f = run_case("mean", "committee: 3", "[kalman: {epochs: 2}]");
  nmd_metrics mean, one[3];
  nmd_fit *fit = f.fit;
  double sum = 0.0;
  TEST_OK(nmd_fit_measure_committee(fit, &fit->validation, &mean));
  for (int m = 0; m < 3; m++) {
    TEST_OK(nmd_fit_measure(fit, &fit->validation, fit->members[m].best, &one[m]));
    sum += one[m].all.force2 / 3.0;
  }
  TEST_EQUAL_INT((int)mean.all.n_force, (int)one[0].all.n_force);
  TEST_CHECK(mean.all.force2 < sum, "mean of the members: %g, their errors %g", mean.all.force2, sum);
  fit->n_members = 1;
  TEST_OK(nmd_fit_measure_committee(fit, &fit->validation, &mean));
  fit->n_members = 3;
  TEST_CHECK(mean.all.force2 == one[0].all.force2 && mean.all.energy2 == one[0].all.energy2,
             "a committee of one differs");
  end_case(&f);
}

/* Stresses are learnt as well: better than without them, and much better than at the start. */
static void test_stress(void) {
  double rms[3];
  static const char *const stages[] = {"[kalman: {epochs: 1, noise: 1e6}]", "[kalman: {epochs: 12, stress_rows: 0}]",
                                       "[kalman: {epochs: 12, stress_rows: 2}]"};
  for (int k = 0; k < 3; k++) {
    char name[32], path[2048], assignment[] = "data.stress=true", *assignments[1] = {assignment};
    nmd_metrics metrics;
    nmd_fit_input input;
    nmd_fit *fit;
    snprintf(name, sizeof name, "stress%d", k);
    snprintf(path, sizeof path, "%s", fit_case_input(name, "loss: {stress_weight: 60}", stages[k]));
    TEST_OK(nmd_fit_input_read(TEST_COMM, path, 1, assignments, &input));
    TEST_OK(nmd_fit_create(TEST_COMM, &input, false, &fit));
    TEST_OK(nmd_fit_run(fit, &(nmd_fit_run_options){0}));
    TEST_OK(nmd_fit_measure(fit, &fit->validation, fit->members[0].best, &metrics));
    rms[k] = nmd_rms(metrics.all.stress2, metrics.all.n_stress);
    TEST_CHECK(metrics.all.n_stress > 0.0, "no stresses");
    nmd_fit_destroy(fit);
    nmd_fit_input_free(&input);
  }
  TEST_CHECK(rms[2] < 0.1 * rms[0], "stress: %g at first, %g eV/A^3 after training", rms[0], rms[2]);
  TEST_CHECK(rms[2] < 0.8 * rms[1], "stress: %g with, %g eV/A^3 without stress rows", rms[2], rms[1]);
}

/* The last line of a table of the output folder that has this word as its third column, from its `skip`-th column on;
 * numbers [n]. */
static void last_line(const char *path, const char *word, int skip, int n, double *numbers) {
  char *text, *line;
  size_t length;
  nmd_lines lines;
  for (int k = 0; k < n; k++) numbers[k] = -1.0;
  if (!TEST_OK(nmd_text_read_file(path, &text, &length))) return;
  nmd_lines_init(&lines, path, text);
  while (nmd_lines_next(&lines, &line)) {
    char third[32];
    if (sscanf(line, "%*s %*s %31s", third) != 1 || strcmp(third, word) != 0) continue;
    char *at = line + strspn(line, " ");
    for (int k = 0; k < skip; k++) at += strcspn(at, " "), at += strspn(at, " ");
    for (int k = 0; k < n; k++) numbers[k] = strtod(at, &at);
  }
  nmd_free(text);
}

/* learning_curve.txt and families.txt: rms and mean absolute errors of energy, forces and stress, of training and
 * validation; those of all structures lie where those of the families say. */
static void test_tables(void) {
  enum { COLUMNS = 12 };
  char assignment[] = "data.stress=true", *assignments[1] = {assignment}, path[2048];
  double all[COLUMNS], big[2 + COLUMNS], small[2 + COLUMNS];
  nmd_fit_input input;
  nmd_fit *fit;
  snprintf(path, sizeof path, "%s", fit_case_input("tables", "average: 0", "[kalman: {epochs: 2}]"));
  TEST_OK(nmd_fit_input_read(TEST_COMM, path, 1, assignments, &input));
  TEST_OK(nmd_fit_create(TEST_COMM, &input, false, &fit));
  TEST_OK(nmd_fit_run(fit, &(nmd_fit_run_options){0}));
  last_line(test_path("tables/learning_curve.txt"), "kalman", 7, COLUMNS, all);
  last_line(test_path("tables/families.txt"), "big", 3, 2 + COLUMNS, big);
  last_line(test_path("tables/families.txt"), "small", 3, 2 + COLUMNS, small);
  for (int k = 0; k < COLUMNS; k++) {
    const double n = big[k % 2] + small[k % 2],
                 share = k < 4 || k > 7 ? big[k % 2] / n : 2.0 * big[k % 2] / (n + big[k % 2]);
    const int power =
        k % 4 < 2 ? 2 : 1; /* rms, rms, mean, mean; forces count by atoms, of which big cells have twice */
    const double mean = share * pow(big[2 + k], power) + (1.0 - share) * pow(small[2 + k], power);
    TEST_CHECK(all[k] > 0.0 && fabs(pow(all[k], power) - mean) < 2e-3 * mean,
               "column %d: %g of all, %g and %g of families", k, all[k], big[2 + k], small[2 + k]);
  }
  nmd_fit_destroy(fit);
  nmd_fit_input_free(&input);
}

static void test_memory_cap(void) {
  finished kept = run_case("kept", "", "[kalman: {epochs: 2}]");
  finished anew = run_case("anew", "memory_GB: 0.00005", "[kalman: {epochs: 2}]");
  const size_t bytes = kept.fit->layout.n * sizeof(double);
  TEST_EQUAL_INT(kept.fit->training.n_kept, STRUCTURES);
  TEST_CHECK(anew.fit->training.n_kept < STRUCTURES, "%d structures were kept", anew.fit->training.n_kept);
  TEST_CHECK(memcmp(kept.fit->members[0].weights, anew.fit->members[0].weights, bytes) == 0, "weights differ");
  end_case(&kept);
  end_case(&anew);
}

/* A run stopped after every epoch and continued ends with the bits of the uninterrupted one. */
static void test_restart(void) {
  static const char stages[] =
      "[kalman: {epochs: 2}, adam: {epochs: 2}, levenberg_marquardt: {epochs: 2}, lbfgs: {epochs: 2}]";
  const nmd_fit_run_options first = {.max_seconds = 1e-9}, next = {.restart = true, .max_seconds = 1e-9};
  finished whole = run_case("whole", "committee: 2\naverage: 0.5", stages);
  char path[2048];
  snprintf(path, sizeof path, "%s", fit_case_input("parts", "committee: 2\naverage: 0.5", stages));
  finished part;
  int runs = 0;
  nmd_status status = NMD_INTERRUPTED;
  while (status == NMD_INTERRUPTED && runs < 20) {
    if (runs > 0) end_case(&part);
    status = fit_case_run(TEST_COMM, path, runs++ == 0 ? &first : &next, &part.input, &part.fit);
  }
  TEST_EQUAL_INT(status, NMD_OK);
  TEST_EQUAL_INT(runs, 9); /* one epoch each, and a look at the finished training */
  for (int m = 0; m < 2; m++) {
    const size_t bytes = whole.fit->layout.n * sizeof(double);
    TEST_CHECK(memcmp(whole.fit->members[m].weights, part.fit->members[m].weights, bytes) == 0, "weights of member %d",
               m);
    TEST_CHECK(memcmp(whole.fit->members[m].best, part.fit->members[m].best, bytes) == 0, "best weights of member %d",
               m);
  }
  TEST_CHECK(memcmp(whole.fit->members[0].weights, whole.fit->members[1].weights, 64) != 0, "two equal members");
  end_case(&whole);
  end_case(&part);
}

/* Fine-tuning starts where the model is. */
static void test_start_from(void) {
  finished f = run_case("base", "", "[kalman: {epochs: 4}]");
  const double base = f.fit->members[0].best_score;
  char more[2048];
  end_case(&f);
  snprintf(more, sizeof more, "start_from: %s", test_path("base"));
  finished tuned = run_case("tuned", more, "[kalman: {epochs: 2, noise: 0.02 -> 0.01, covariance: 0.01}]");
  TEST_CHECK(tuned.fit->members[0].best_score <= 1.001 * base, "fine-tuning went from %g to %g", base,
             tuned.fit->members[0].best_score);
  end_case(&tuned);
}

static nmd_status create_on(const char *name, const char *more, const char *training, finished *f) {
  char path[2048], assignment[2048], *assignments[1] = {assignment};
  snprintf(path, sizeof path, "%s", fit_case_input(name, more, "[kalman: {epochs: 1}]"));
  snprintf(assignment, sizeof assignment, "data.training=%s", test_path(training));
  NMD_TRY(nmd_fit_input_read(TEST_COMM, path, 1, assignments, &f->input));
  return nmd_fit_create(TEST_COMM, &f->input, false, &f->fit);
}

static void check_same_model(nmd_fit *one, nmd_fit *other) {
  nmd_metrics errors[2];
  TEST_OK(nmd_fit_measure(one, &one->training, one->members[0].weights, &errors[0]));
  TEST_OK(nmd_fit_measure(other, &other->training, other->members[0].weights, &errors[1]));
  TEST_NEAR(errors[1].all.force2 / errors[0].all.force2, 1.0, 1e-9);
  TEST_NEAR(errors[1].all.energy2 / errors[0].all.energy2, 1.0, 1e-9);
}

/* Widened ranges hold old and new data, and the model is the same one: with other data its errors are those it had. */
static void test_widen(void) {
  finished base = run_case("narrow", "", "[kalman: {epochs: 2}]"), kept = {0}, widened = {0};
  char more[2048];
  int wider = 0;
  end_case(&base);
  snprintf(more, sizeof more, "precision: double\natom_energies: settings\nstart_from: %s", test_path("narrow"));
  TEST_OK(create_on("kept", more, "validation.extxyz", &kept));
  snprintf(more, sizeof more, "precision: double\natom_energies: settings\nranges: widen\nstart_from: %s",
           test_path("narrow"));
  TEST_OK(create_on("widened", more, "validation.extxyz", &widened));
  for (int e = 0; e < kept.fit->model->n_elements; e++)
    for (int f = 0; f < kept.fit->model->elements[e].n_functions; f++) {
      const nmd_element_model *old = &kept.fit->model->elements[e], *new = &widened.fit->model->elements[e];
      const nmd_function_statistics *data = &kept.fit->statistics[e][f];
      TEST_NEAR(new->low[f], fmin(old->low[f], data->min), 0.0);
      TEST_NEAR(new->high[f], fmax(old->high[f], data->max), 0.0);
      wider += new->high[f] > old->high[f] || new->low[f] < old->low[f];
    }
  TEST_CHECK(wider > 0, "the new data are inside all ranges: they test nothing");
  check_same_model(kept.fit, widened.fit);
  TEST_OK(nmd_fit_run(widened.fit, &(nmd_fit_run_options){0}));
  nmd_model *written;
  TEST_OK(nmd_model_read(test_path("widened"), 1.0, 1.0, &written));
  for (int e = 0; e < written->n_elements; e++)
    for (int f = 0; f < written->elements[e].n_functions; f++)
      TEST_NEAR(written->elements[e].high[f], widened.fit->model->elements[e].high[f], 0.0);
  nmd_model_destroy(written);
  end_case(&kept);
  end_case(&widened);
}

/* A model with more functions, at other places among the old ones, is the same model until it is trained. */
static void test_grow(void) {
  finished base = run_case("small", "", "[kalman: {epochs: 2}]"), kept = {0}, grown = {0};
  char more[4096], *text = test_read(test_path("input.nn")), *at = strstr(text, "symfunction_short"), name[1024],
                   all[8192];
  end_case(&base);
  snprintf(name, sizeof name, "%s", test_path("larger"));
  mkdir(name, 0777);
  snprintf(all, sizeof all, "%.*ssymfunction_short Li 2 Li 0.5 2.0 5.0\n%ssymfunction_short Au 9 Li Au 0.3 1.0 2 7.0\n",
           (int)(at - text), text, at);
  free(text);
  test_write("larger/input.nn", all);
  snprintf(more, sizeof more, "precision: double\natom_energies: settings\nstart_from: %s", test_path("small"));
  TEST_OK(create_on("same", more, "validation.extxyz", &kept));
  snprintf(more, sizeof more, "precision: double\natom_energies: settings\nsettings: %s\nstart_from: %s", name,
           test_path("small"));
  TEST_OK(create_on("grown", more, "validation.extxyz", &grown));
  for (int e = 0; e < 2; e++)
    TEST_EQUAL_INT(grown.fit->model->elements[e].n_functions, kept.fit->model->elements[e].n_functions + 1);
  check_same_model(kept.fit, grown.fit);
  TEST_OK(nmd_fit_run(grown.fit, &(nmd_fit_run_options){0}));
  nmd_model *written;
  TEST_OK(nmd_model_read(test_path("grown"), 1.0, 1.0, &written));
  TEST_NEAR(written->energy_factor, grown.fit->model->energy_factor, 1e-12);
  nmd_model_destroy(written);
  end_case(&kept);
  end_case(&grown);
}

/* The training structures again, with energies shifted by `li` and `au` eV for each atom and by +-`wrong` eV in turn.
 */
static void write_level(double li, double au, double wrong) {
  char *text = test_read(test_path("train.extxyz")), *at = text, *copy = calloc(2 * strlen(text), 1), *to = copy;
  for (int frame = 0; *at != '\0'; frame++) {
    char *next = strstr(at, "energy=");
    if (next == NULL) break;
    int n_au = 0, n_li = 0;
    memcpy(to, at, (size_t)(next - at));
    to += next - at;
    const double energy = strtod(next + 7, &at);
    char *end = strstr(at, "Lattice");
    if (end == NULL) end = at + strlen(at);
    for (const char *c = at; c < end; c++) n_au += strncmp(c, "\nAu", 3) == 0, n_li += strncmp(c, "\nLi", 3) == 0;
    to += sprintf(to, "energy=%.12g", energy + au * n_au + li * n_li + (frame % 2 == 0 ? wrong : -wrong));
  }
  strcpy(to, at);
  test_write("level.extxyz", copy);
  free(text);
  free(copy);
}

static finished run_levels(const char *name, const char *more) {
  finished f;
  char path[2048], assignment[2048], *assignments[1] = {assignment};
  snprintf(path, sizeof path, "%s", fit_case_input(name, more, "[kalman: {epochs: 6}]"));
  snprintf(assignment, sizeof assignment, "data.second_level=%s", test_path("level.extxyz"));
  TEST_OK(nmd_fit_input_read(TEST_COMM, path, 1, assignments, &f.input));
  TEST_OK(nmd_fit_create(TEST_COMM, &f.input, false, &f.fit));
  TEST_OK(nmd_fit_run(f.fit, &(nmd_fit_run_options){0}));
  return f;
}

static void test_second_level(void) {
  write_level(1.0, 2.0, 0.0);
  finished f = run_levels("levels", "");
  TEST_EQUAL_INT(f.fit->training.set.n, 2 * STRUCTURES);
  const double li = f.fit->objective.offset[1][0] - f.fit->objective.offset[0][0];
  const double au = f.fit->objective.offset[1][1] - f.fit->objective.offset[0][1];
  TEST_NEAR(li, 1.0, 0.3); /* most cells have as many of both, so the sum is known best */
  TEST_NEAR(au, 2.0, 0.3);
  TEST_NEAR(li + au, 3.0, 0.05);
  end_case(&f);
}

/* Energies of the second level that are no good do no harm when they do not count. */
static void test_second_energy(void) {
  nmd_metrics metrics;
  double rms[3];
  write_level(1.0, 2.0, 3.0);
  for (int k = 0; k < 3; k++) {
    static const char *const more[] = {"", "loss: {second_energy: 0}", "loss: {second_level: 1e-4}"};
    finished f = run_levels(k == 0 ? "all" : k == 1 ? "forces" : "little", more[k]);
    TEST_OK(nmd_fit_measure(f.fit, &f.fit->validation, f.fit->members[0].weights, &metrics));
    rms[k] = nmd_rms(metrics.all.energy2, metrics.all.n_energy);
    end_case(&f);
  }
  TEST_CHECK(rms[1] < 0.2 * rms[0], "energy errors %g eV with wrong energies, %g without them", rms[0], rms[1]);
  TEST_CHECK(rms[2] < 0.4 * rms[0], "energy errors %g eV with wrong energies, %g at little weight", rms[0], rms[2]);
}

static void test_start(void) { fit_case_write(STRUCTURES); }

TEST_SUITE("training/fit", TEST(test_start), TEST(test_optimisers), TEST(test_loss_gradient),
           TEST(test_model_is_read_by_engine), TEST(test_tuned_model_is_read_by_engine),
           TEST(test_committee_is_read_by_engine), TEST(test_stale_members), TEST(test_keep_last),
           TEST(test_committee_errors), TEST(test_stress), TEST(test_tables), TEST(test_memory_cap), TEST(test_restart),
           TEST(test_start_from), TEST(test_widen), TEST(test_grow), TEST(test_second_level), TEST(test_second_energy))
