/* SPDX-License-Identifier: BSD-3-Clause */
/* Averages of each stage for machines: mean and error of temperature, pressure, energies, cell and stress in
 * summary.yaml, written anew at each checkpoint and at the end. Errors are standard errors of the mean from blocks
 * (analysis/blocks.h), so that correlated samples do not make them too small; null where there are too few.
 *
 * The samples themselves are in summary.dat (17 digits): a continued run reads them back, so that its averages are
 * those of an uninterrupted one, to the last digit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/blocks.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vec3.h"
#include "base/version.h"
#include "io/buffer.h"
#include "io/file_atomic.h"
#include "io/frame.h"
#include "output/output.h"
#include "output/text_file.h"

static const char *const names[] = {"temperature_K",
                                    "pressure_GPa",
                                    "potential_energy_eV",
                                    "kinetic_energy_eV",
                                    "total_energy_eV",
                                    "conserved_eV",
                                    "volume_A3",
                                    "a_A",
                                    "b_A",
                                    "c_A",
                                    "alpha_degree",
                                    "beta_degree",
                                    "gamma_degree",
                                    "pressure_xx_GPa",
                                    "pressure_yy_GPa",
                                    "pressure_zz_GPa",
                                    "pressure_yz_GPa",
                                    "pressure_xz_GPa",
                                    "pressure_xy_GPa"};
enum { WIDTH = sizeof names / sizeof names[0], NAME_MAX_BYTES = 32 };

typedef struct summary_parameters {
  bool unused;
} summary_parameters;

static const nmd_option_table summary_table = {"summary", "averages of each stage with errors, as YAML for machines",
                                               sizeof(summary_parameters), 0, NULL};

typedef struct stage_series {
  char name[NAME_MAX_BYTES];
  nmd_blocks blocks;
  int64_t samples, first_step, last_step;
  double first_time, last_time;
} stage_series;

typedef struct summary {
  const char *path; /* of the samples, not owned */
  char *yaml;       /* path of the summary */
  nmd_text_file file;
  int n_stages;
  stage_series *stages; /* [n_stages], rank 0 */
  int64_t n_atoms, extrapolations;
} summary;

static nmd_status summary_create(const void *parameters, const char *path, const nmd_species *species, void **out) {
  (void)parameters, (void)species;
  summary *self;
  NMD_TRY(NMD_ALLOC(self, 1));
  self->path = path;
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  const size_t stem = dot != NULL && (slash == NULL || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);
  const nmd_status status = nmd_alloc(&self->yaml, stem + sizeof ".yaml", 1);
  if (status != NMD_OK) {
    nmd_free(self);
    return status;
  }
  memcpy(self->yaml, path, stem);
  memcpy(self->yaml + stem, ".yaml", sizeof ".yaml");
  *out = self;
  return NMD_OK;
}

static int summary_wants(const void *self) {
  (void)self;
  return 0;
}

/* ---- samples ---- */

static nmd_status add_sample(summary *self, int stage, const char *name, int64_t step, double time,
                             const double *values) {
  if (stage >= self->n_stages) {
    NMD_TRY(NMD_GROW(self->stages, self->n_stages, stage + 1));
    for (; self->n_stages <= stage; self->n_stages++)
      NMD_TRY(nmd_blocks_init(&self->stages[self->n_stages].blocks, WIDTH));
  }
  stage_series *s = &self->stages[stage];
  if (s->samples == 0) {
    snprintf(s->name, sizeof s->name, "%s", name);
    s->first_step = step;
    s->first_time = time;
  }
  s->last_step = step;
  s->last_time = time;
  nmd_blocks_add(&s->blocks, s->samples++, values);
  return NMD_OK;
}

static double angle(const double a[3], const double b[3]) {
  return acos(fmax(-1, fmin(1, nmd_dot(a, b) / (nmd_norm(a) * nmd_norm(b))))) * (180 / M_PI);
}

static void fill_values(const nmd_observation *seen, double v[WIDTH]) {
  const double(*h)[3] = seen->box->h, (*p)[3] = seen->pressure;
  const double gpa = NMD_EV_PER_A3_TO_GPA;
  const double all[WIDTH] = {seen->temperature,
                             (p[0][0] + p[1][1] + p[2][2]) / 3 * gpa,
                             seen->potential_energy,
                             seen->kinetic_energy,
                             seen->potential_energy + seen->kinetic_energy,
                             seen->conserved,
                             seen->box->volume,
                             nmd_norm(h[0]),
                             nmd_norm(h[1]),
                             nmd_norm(h[2]),
                             angle(h[1], h[2]),
                             angle(h[0], h[2]),
                             angle(h[0], h[1]),
                             p[0][0] * gpa,
                             p[1][1] * gpa,
                             p[2][2] * gpa,
                             p[1][2] * gpa,
                             p[0][2] * gpa,
                             p[0][1] * gpa};
  memcpy(v, all, sizeof all);
}

static void format_row(const nmd_observation *seen, const double *values, nmd_buffer *row) {
  nmd_buffer_printf(row, "%d %s %lld %.17g %lld %lld", seen->stage + 1, seen->stage_name, (long long)seen->step,
                    seen->time, (long long)seen->extrapolations_total, (long long)seen->n_atoms);
  nmd_buffer_reals(row, values, WIDTH, NMD_DIGITS_MAX);
  nmd_buffer_text(row, "\n");
}

static nmd_status summary_write(void *opaque, const nmd_observation *seen) {
  summary *self = opaque;
  nmd_buffer row = {0};
  nmd_status status = NMD_OK;
  self->n_atoms = seen->n_atoms;
  self->extrapolations = seen->extrapolations_total;
  if (nmd_comm_rank(seen->comm) == 0) {
    double values[WIDTH];
    fill_values(seen, values);
    status = add_sample(self, seen->stage, seen->stage_name, seen->step, seen->time, values);
    format_row(seen, values, &row);
    if (status == NMD_OK) status = row.status;
  }
  status = nmd_comm_agree(seen->comm, status);
  if (status == NMD_OK) status = nmd_text_file_write(&self->file, row.data, row.length);
  nmd_buffer_free(&row);
  return status;
}

/* A row of an earlier run; damage is reported, not averaged. */
static nmd_status take_row(summary *self, const nmd_lines *lines, char *line) {
  enum { HEAD = 6 };
  char *words[HEAD + WIDTH + 1];
  int64_t stage, step;
  double time, values[WIDTH];
  bool sound = nmd_split(line, words, HEAD + WIDTH + 1) == HEAD + WIDTH && nmd_parse_int(words[0], &stage) &&
               stage >= 1 && stage <= 100000 && nmd_parse_int(words[2], &step) && nmd_parse_real(words[3], &time) &&
               nmd_parse_int(words[4], &self->extrapolations) &&
               nmd_parse_int(words[5], &self->n_atoms);
  for (int k = 0; k < WIDTH && sound; k++) sound = nmd_parse_real(words[HEAD + k], &values[k]);
  if (!sound)
    NMD_FAIL(FILE_FORMAT, "%s:%d: no row of samples; expected %d columns as written; put the file of the run back",
             lines->file, lines->line, HEAD + WIDTH);
  return add_sample(self, (int)stage - 1, words[1], step, time, values);
}

static nmd_status read_back(summary *self) {
  char *text, *line;
  size_t length;
  NMD_TRY(nmd_text_read_file(self->path, &text, &length));
  nmd_lines lines;
  nmd_lines_init(&lines, self->path, text);
  nmd_status status = NMD_OK;
  while (status == NMD_OK && nmd_lines_next(&lines, &line))
    if (line[0] != '#' && line[0] != '\0') status = take_row(self, &lines, line);
  nmd_free(text);
  return status;
}

static nmd_status summary_begin(void *opaque, const nmd_comm *comm, int64_t offset) {
  summary *self = opaque;
  nmd_buffer header = {0};
  nmd_buffer_text(&header, "# stage name step time extrapolations atoms");
  for (int k = 0; k < WIDTH; k++) nmd_buffer_printf(&header, " %s", names[k]);
  nmd_buffer_text(&header, "\n# 1 1 1 fs 1 1, units of the others in their names\n");
  nmd_status status = nmd_comm_agree(comm, header.status);
  if (status == NMD_OK) status = nmd_text_file_begin(&self->file, comm, self->path, offset, header.data);
  nmd_buffer_free(&header);
  NMD_TRY(status);
  return nmd_comm_agree(comm, offset > 0 && nmd_comm_rank(comm) == 0 ? read_back(self) : NMD_OK);
}

/* ---- the summary ---- */

static void put_number(nmd_buffer *out, double value) {
  if (isfinite(value))
    nmd_buffer_exact(out, value);
  else
    nmd_buffer_text(out, "null");
}

static void put_stage(nmd_buffer *out, int index, const stage_series *s) {
  double mean[WIDTH], error[WIDTH];
  nmd_buffer_printf(out, "  - stage: %d\n    name: %s\n    first_step: %lld\n    last_step: %lld\n", index + 1, s->name,
                    (long long)s->first_step, (long long)s->last_step);
  nmd_buffer_text(out, "    first_time_ps: ");
  put_number(out, 1e-3 * s->first_time);
  nmd_buffer_text(out, "\n    last_time_ps: ");
  put_number(out, 1e-3 * s->last_time);
  nmd_buffer_printf(out, "\n    samples: %lld\n    blocks: %d\n", (long long)s->samples, nmd_blocks_full(&s->blocks));
  nmd_blocks_mean(&s->blocks, mean, error);
  for (int k = 0; k < WIDTH; k++) {
    nmd_buffer_printf(out, "    %s: {mean: ", names[k]);
    put_number(out, mean[k]);
    nmd_buffer_text(out, ", error: ");
    put_number(out, error[k]);
    nmd_buffer_text(out, "}\n");
  }
}

static nmd_status write_yaml(const summary *self) {
  nmd_buffer out = {0};
  nmd_buffer_printf(&out, "program: nnpmd %s\natoms: %lld\nextrapolations: %lld\nstages:\n", NMD_VERSION,
                    (long long)self->n_atoms, (long long)self->extrapolations);
  for (int k = 0; k < self->n_stages; k++)
    if (self->stages[k].samples > 0) put_stage(&out, k, &self->stages[k]);
  nmd_status status = out.status;
  if (status == NMD_OK && self->n_stages > 0) status = nmd_file_write_atomic(self->yaml, out.data, out.length, 1);
  nmd_buffer_free(&out);
  return status;
}

static nmd_status summary_flush(void *opaque, int64_t *offset) {
  summary *self = opaque;
  const nmd_comm *comm = self->file.comm;
  NMD_TRY(nmd_comm_agree(comm, nmd_comm_rank(comm) == 0 ? write_yaml(self) : NMD_OK));
  return nmd_text_file_flush(&self->file, offset);
}

static void summary_destroy(void *opaque) {
  summary *self = opaque;
  (void)!nmd_text_file_end(&self->file); /* flushed and checked before */
  for (int k = 0; k < self->n_stages; k++) nmd_blocks_free(&self->stages[k].blocks);
  nmd_free(self->stages);
  nmd_free(self->yaml);
  nmd_free(self);
}

extern const nmd_output_ops nmd__output_summary;
const nmd_output_ops nmd__output_summary = {
    .name = "summary",
    .options = &summary_table,
    .default_file = "summary.dat",
    .create = summary_create,
    .wants = summary_wants,
    .begin = summary_begin,
    .write = summary_write,
    .flush = summary_flush,
    .destroy = summary_destroy,
};
