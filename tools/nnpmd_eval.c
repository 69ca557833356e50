/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-eval: energies, forces and stresses of given structures, frames shared over ranks; over the library's API. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "argp_page.h"
#include "base/memory.h"
#include "eval_errors.h"
#include "io/file_append.h"
#include "io/read_structure.h"
#include "io/write_extxyz.h"
#include "nnp/blas.h"
#include "nnpmd/nnpmd.h"
#include "parallel/comm.h"

typedef struct command_line {
  const char *model, *output, *json, *format, *length_unit, *energy_unit, *precision;
  char units[64];
  bool errors;
  int n_files;
  char **files;
} command_line;

static const struct argp_option argp_options[] = {
    {"output", 'o', "FILE", 0,
     "write the structures with results as extended XYZ (17 digits); default: standard output", 0},
    {"model-units", 'u', "LENGTH,ENERGY", 0, "units of the model: A,eV (default) or bohr,hartree", 0},
    {"precision", 'p', "NAME", 0, "double (default) or mixed: single-precision arithmetic, sums in double", 0},
    {"json", 'j', "FILE", 0, "also write the results as JSON", 0},
    {"errors", 'e', NULL, 0,
     "print the errors against the labels of the structures, by family (key kind); structures only with --output", 0},
    {"format", 'f', "NAME", 0, "format of the structure files (default: by name and content)", 0},
    ARGP_PAGE_OPTIONS,
    {0}};

static error_t parse_units(command_line *line, const char *argument) {
  snprintf(line->units, sizeof line->units, "%s", argument);
  char *comma = strchr(line->units, ',');
  if (comma == NULL) return EINVAL;
  *comma = '\0';
  line->length_unit = line->units;
  line->energy_unit = comma + 1;
  return 0;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
  command_line *line = state->input;
  switch (key) {
    case 'o': line->output = argument; return 0;
    case 'e': line->errors = true; return 0;
    case 'j': line->json = argument; return 0;
    case 'f': line->format = argument; return 0;
    case 'p': line->precision = argument; return 0;
    case 'u':
      if (parse_units(line, argument) != 0) argp_error(state, "--model-units %s: expected e.g. bohr,hartree", argument);
      return 0;
    case ARGP_KEY_ARG:
      if (line->model != NULL) return ARGP_ERR_UNKNOWN; /* the rest come as ARGP_KEY_ARGS */
      line->model = argument;
      return 0;
    case ARGP_KEY_ARGS:
      line->files = state->argv + state->next;
      line->n_files = state->argc - state->next;
      return 0;
    case ARGP_KEY_END:
      if (line->model == NULL || line->n_files == 0) argp_error(state, "expected a potential and structure files");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const char usage[] = "Energy, forces and stress of every frame of the given structure files. POTENTIAL is the "
                            "folder of a Behler-Parrinello potential (n2p2 / RuNNer), or a YAML file with a section "
                            "\"potential\": any potential of nnpmd.\vExit codes: 0 done, 2 input error, 4 I/O or "
                            "memory.";
static const struct argp argp_parser = {argp_options, parse_option, "POTENTIAL STRUCTURES...", usage, 0, 0, 0};

typedef struct evaluator {
  const command_line *line;
  nnpmd_model *model;
} evaluator;

/* Status of a call of the library with its text. */
static nmd_status of_library(int code, const char *error) {
  static const nmd_status codes[] = {NMD_OK, NMD_INTERNAL, NMD_CONFLICT, NMD_EXPLODED, NMD_MEMORY};
  return code == NNPMD_OK ? NMD_OK : nmd_fail(codes[code], "%s", error);
}

/* Results with room for the arrays of a structure; owner: the caller (frame_results_free). */
typedef struct frame_results {
  int64_t n;
  nnpmd_results r;
} frame_results;

static void frame_results_free(frame_results *results) {
  nmd_free(results->r.force);
  nmd_free(results->r.atom_energy);
  nmd_free(results->r.atom_virial);
  nmd_free(results->r.sigma_energy);
  nmd_free(results->r.sigma_force);
  *results = (frame_results){0};
}

static nmd_status evaluate_into(const evaluator *e, const nmd_structure *structure, frame_results *results) {
  NMD_TRY(NMD_ALLOC(results->r.force, 3 * structure->n));
  NMD_TRY(NMD_ALLOC(results->r.atom_energy, structure->n));
  NMD_TRY(NMD_ALLOC(results->r.atom_virial, 9 * structure->n));
  NMD_TRY(NMD_ALLOC(results->r.sigma_energy, structure->n));
  NMD_TRY(NMD_ALLOC(results->r.sigma_force, structure->n));
  const int periodic[3] = {structure->box.periodic[0], structure->box.periodic[1], structure->box.periodic[2]};
  const nnpmd_structure given = {structure->n, structure->atomic_number, structure->x[0], structure->box.h[0],
                                 periodic};
  char error[NNPMD_ERROR_MAX];
  return of_library(nnpmd_evaluate(e->model, &given, &results->r, error, sizeof error), error);
}

static nmd_status evaluate_frame(const evaluator *e, const nmd_structure *structure, frame_results *results) {
  *results = (frame_results){.n = structure->n};
  const nmd_status status = evaluate_into(e, structure, results);
  if (status != NMD_OK) frame_results_free(results);
  return status;
}

static nmd_status append_extxyz(const nmd_structure *structure, const nnpmd_results *r, nmd_buffer *out) {
  nmd_frame_view view;
  nmd_frame_view_init(&view, structure);
  char count[32], spread[32];
  snprintf(count, sizeof count, "%lld", (long long)r->extrapolations);
  snprintf(spread, sizeof spread, "%.17g", r->sigma);
  const nmd_frame_extra extras[] = {{"extrapolations", count}, {"sigma", spread}};
  view.f = (const double(*)[3])(const void *)r->force;
  view.atom_energy = r->atom_energy;
  view.atom_virial = (const double(*)[9])(const void *)r->atom_virial;
  view.has_energy = true;
  view.energy = r->energy;
  const bool bulk = structure->box.periodic[0] && structure->box.periodic[1] && structure->box.periodic[2];
  view.has_stress = bulk;
  for (int k = 0; k < 9; k++) view.stress[k / 3][k % 3] = -r->virial[k] / structure->box.volume;
  view.extras = extras;
  view.n_extras = r->members > 1 ? 2 : 1;
  view.sigma_energy = r->sigma_energy;
  view.sigma_force = r->sigma_force;
  const unsigned fields = NMD_FIELD_ID | NMD_FIELD_FORCE | NMD_FIELD_ATOM_ENERGY | NMD_FIELD_ATOM_VIRIAL |
                          (view.v != NULL ? NMD_FIELD_VELOCITY : 0u) |
                          (r->members > 1 ? NMD_FIELD_SIGMA_ENERGY | NMD_FIELD_SIGMA_FORCE : 0u);
  return nmd_extxyz_format(&view, fields, NMD_DIGITS_MAX, out);
}

static void append_numbers(nmd_buffer *out, const char *key, const double *values, int64_t n) {
  nmd_buffer_printf(out, ", \"%s\": [", key);
  for (int64_t k = 0; k < n; k++) nmd_buffer_printf(out, "%s%.17g", k > 0 ? ", " : "", values[k]);
  nmd_buffer_text(out, "]");
}

static void append_json(const char *file, int64_t frame, int64_t n, const nnpmd_results *r, nmd_buffer *out) {
  nmd_buffer_text(out, "{\"file\": \"");
  for (const char *c = file; *c != '\0'; c++) nmd_buffer_printf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
  nmd_buffer_printf(out, "\", \"frame\": %lld, \"n_atoms\": %lld, \"energy_eV\": %.17g, \"extrapolations\": %lld",
                    (long long)frame, (long long)n, r->energy, (long long)r->extrapolations);
  append_numbers(out, "virial_eV", r->virial, 9);
  append_numbers(out, "forces_eV_per_A", r->force, 3 * n);
  append_numbers(out, "atom_energy_eV", r->atom_energy, n);
  if (r->members > 1) {
    nmd_buffer_printf(out, ", \"members\": %d, \"sigma_eV\": %.17g", r->members, r->sigma);
    append_numbers(out, "sigma_energy_eV", r->sigma_energy, n);
    append_numbers(out, "sigma_force_eV_per_A", r->sigma_force, n);
  }
  nmd_buffer_text(out, "}");
}

/* Where rank 0 puts the texts of all ranks, and what --errors adds up. */
typedef struct sinks {
  nmd_append_file extxyz, json; /* path NULL: not asked for */
  bool first_json, silent;      /* silent: structures do not go to standard output */
  error_table errors;
} sinks;

static nmd_status put(const sinks *out, nmd_append_file *file, const char *text, size_t length) {
  if (file->path != NULL) return nmd_append_write(file, text, length, false);
  if (out->silent) return NMD_OK;
  fwrite(text, 1, length, stdout);
  return NMD_OK;
}

/* The frames of one round, one a rank, in order of rank. */
static nmd_status collect(const nmd_comm *world, const nmd_buffer *mine, bool json, sinks *out) {
  char *all;
  size_t *counts;
  NMD_TRY(NMD_ALLOC(counts, nmd_comm_size(world)));
  nmd_status status = nmd_comm_gather(world, mine->data, mine->length, 0, &all, counts);
  if (status == NMD_OK && nmd_comm_rank(world) == 0) {
    size_t at = 0;
    for (int r = 0; r < nmd_comm_size(world) && status == NMD_OK; r++) {
      if (counts[r] == 0) continue;
      if (json) {
        if (!out->first_json) status = put(out, &out->json, ",\n", 2);
        out->first_json = false;
      }
      if (status == NMD_OK) status = put(out, json ? &out->json : &out->extxyz, all + at, counts[r]);
      at += counts[r];
    }
    nmd_free(all);
  }
  nmd_free(counts);
  return nmd_comm_agree(world, status);
}

static nmd_status one_frame(const evaluator *e, const char *file, int64_t frame, const nmd_structure *structure,
                            int family, error_table *errors, nmd_buffer *extxyz, nmd_buffer *json) {
  frame_results results;
  nmd_status status = evaluate_frame(e, structure, &results);
  if (status != NMD_OK) return nmd_fail_prefix(status, "%s: frame %lld", file, (long long)frame);
  status = append_extxyz(structure, &results.r, extxyz);
  append_json(file, frame, results.n, &results.r, json);
  if (status == NMD_OK && e->line->errors) status = error_table_add(errors, family, structure, &results.r);
  frame_results_free(&results);
  return status != NMD_OK ? status : json->status;
}

/* Frames of one file: every rank reads all, evaluates every size-th. */
static nmd_status evaluate_file(const nmd_comm *world, const evaluator *e, const char *file, sinks *out) {
  const nmd_read_options options = {.format = e->line->format};
  nmd_structure_reader *reader = NULL;
  NMD_TRY(nmd_comm_agree(world, nmd_structure_reader_open(file, &options, &reader)));
  const int size = nmd_comm_size(world), rank = nmd_comm_rank(world);
  nmd_status status = NMD_OK;
  bool end = false;
  nmd_buffer extxyz = {0}, json = {0};
  for (int64_t frame = 0; !end && status == NMD_OK;) {
    nmd_buffer_clear(&extxyz);
    nmd_buffer_clear(&json);
    nmd_status mine = NMD_OK;
    for (int k = 0; k < size && !end && mine == NMD_OK; k++) {
      nmd_structure structure;
      mine = nmd_structure_reader_next(reader, &structure, &end);
      if (mine != NMD_OK || end) break;
      int family = 0;
      if (e->line->errors) mine = error_table_family(&out->errors, &structure, &family);
      if (mine == NMD_OK && k == rank)
        mine = one_frame(e, file, frame, &structure, family, &out->errors, &extxyz, &json);
      nmd_structure_free(&structure);
      frame++;
    }
    status = nmd_comm_agree(world, mine);
    if (status == NMD_OK) status = collect(world, &extxyz, false, out);
    if (status == NMD_OK && e->line->json != NULL) status = collect(world, &json, true, out);
  }
  nmd_buffer_free(&extxyz);
  nmd_buffer_free(&json);
  nmd_structure_reader_close(reader);
  return status;
}

/* Results go to PATH.part, which becomes PATH when all is well and vanishes otherwise: never half a file. */
static nmd_status open_part(const char *path, const char *header, nmd_append_file *file) {
  if (path == NULL) return NMD_OK;
  char part[PATH_MAX];
  if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
    NMD_FAIL(WRITE, "%s: the path is too long", path);
  return nmd_append_create(part, header, strlen(header), 0, file);
}

static nmd_status close_part(nmd_status status, const char *path, const char *footer, nmd_append_file *file) {
  if (file->path == NULL) return status;
  char part[PATH_MAX];
  snprintf(part, sizeof part, "%s", file->path);
  if (status == NMD_OK) status = nmd_append_write(file, footer, strlen(footer), true);
  const nmd_status closed = nmd_append_close(file);
  if (status == NMD_OK) status = closed;
  if (status == NMD_OK && rename(part, path) != 0)
    status = nmd_fail(NMD_WRITE, "%s: cannot be put in place: %s", path, strerror(errno));
  if (status != NMD_OK) remove(part);
  return status;
}

static nmd_status open_sinks(const nmd_comm *world, const command_line *line, sinks *out) {
  nmd_status status = NMD_OK;
  if (nmd_comm_rank(world) == 0) {
    status = open_part(line->output, "", &out->extxyz);
    if (status == NMD_OK) status = open_part(line->json, "[\n", &out->json);
  }
  return nmd_comm_agree(world, status);
}

static nmd_status close_sinks(const nmd_comm *world, nmd_status status, const command_line *line, sinks *out) {
  status = close_part(status, line->output, "", &out->extxyz);
  status = close_part(status, line->json, "\n]\n", &out->json);
  return nmd_comm_agree(world, status);
}

static nmd_status note_elements(const char *file, const char *format, bool *seen) {
  const nmd_read_options options = {.format = format};
  nmd_structure_reader *reader = NULL;
  NMD_TRY(nmd_structure_reader_open(file, &options, &reader));
  nmd_status status = NMD_OK;
  for (bool end = false; !end && status == NMD_OK;) {
    nmd_structure structure;
    status = nmd_structure_reader_next(reader, &structure, &end);
    if (status != NMD_OK || end) break;
    for (int64_t i = 0; i < structure.n; i++) seen[structure.atomic_number[i]] = true;
    nmd_structure_free(&structure);
  }
  nmd_structure_reader_close(reader);
  return status;
}

/* A file does not say for which elements its potential is wanted: those of all structures. */
static nmd_status load_file(const command_line *line, nnpmd_model **model) {
  bool seen[NMD_ELEMENT_MAX + 1] = {false};
  int numbers[NMD_ELEMENT_MAX], n = 0;
  if (line->length_unit != NULL || line->precision != NULL)
    NMD_FAIL(CONFLICT, "%s: a file says itself in which units and precision its models are; leave out %s", line->model,
             line->precision != NULL ? "--precision" : "--model-units");
  for (int k = 0; k < line->n_files; k++) NMD_TRY(note_elements(line->files[k], line->format, seen));
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++)
    if (seen[z]) numbers[n++] = z;
  nmd_buffer text = {0};
  nmd_buffer_text(&text, "file: ");
  nmd_buffer_quote(&text, line->model);
  char error[NNPMD_ERROR_MAX];
  const nmd_status status =
      text.status != NMD_OK ? text.status
                            : of_library(nnpmd_load_input(text.data, numbers, n, model, error, sizeof error), error);
  nmd_buffer_free(&text);
  return status;
}

static nmd_status load_model(const command_line *line, nnpmd_model **model) {
  struct stat entry;
  if (stat(line->model, &entry) == 0 && S_ISREG(entry.st_mode)) return load_file(line, model);
  const nnpmd_options options = {line->length_unit, line->energy_unit, line->precision};
  char error[NNPMD_ERROR_MAX];
  return of_library(nnpmd_load(line->model, &options, model, error, sizeof error), error);
}

static nmd_status evaluate_all(const nmd_comm *world, const command_line *line) {
  evaluator e = {.line = line};
  NMD_TRY(nmd_comm_agree(world, load_model(line, &e.model)));
  sinks out = {.first_json = true, .silent = line->errors};
  nmd_status status = open_sinks(world, line, &out);
  for (int k = 0; k < line->n_files && status == NMD_OK; k++) status = evaluate_file(world, &e, line->files[k], &out);
  status = close_sinks(world, status, line, &out);
  if (status == NMD_OK && line->errors) status = nmd_comm_agree(world, error_table_print(world, &out.errors));
  error_table_free(&out.errors);
  nnpmd_free(e.model);
  return status;
}

static const char about[] = "Evaluates each frame of the structure files with the potential and writes energies, "
                            "forces, stresses and the number of extrapolating functions; frames are shared out over "
                            "the ranks of an MPI job.";

int main(int argc, char **argv) {
  argp_err_exit_status = 2;
  command_line line = {0};
  int code;
  if (nmd_argp_answer(&argp_parser, "nnpmd-eval", about, argc, argv, &code)) return code;
  if (argp_parse(&argp_parser, argc, argv, 0, NULL, &line) != 0) return 2;
  nmd_blas_single_thread();
  nmd_comm *world;
  nmd_status status = nmd_comm_start(&argc, &argv, &world);
  if (status == NMD_OK) {
    status = nmd_comm_check_launch(world);
    if (status == NMD_OK) status = evaluate_all(world, &line);
    if (status != NMD_OK && nmd_comm_rank(world) == 0) fprintf(stderr, "nnpmd-eval: error: %s\n", nmd_error_text());
    nmd_comm_stop(world);
  } else
    fprintf(stderr, "nnpmd-eval: error: %s\n", nmd_error_text());
  return nmd_status_exit_code(status);
}
