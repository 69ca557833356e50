/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataset_tool.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/option_join.h"

static const nmd_option input_options[] = {
    {"format", NMD_OPT_TEXT, offsetof(dataset_input, format), .fallback = "",
     .doc = "format of the files; default: by name and content"},
    {"length-unit", NMD_OPT_REAL, offsetof(dataset_input, length_unit), NMD_DIM_LENGTH, "1 A", 0, 100, .min_open = 1,
     .doc = "length of one unit in input.data files, e.g. \"1 bohr\""},
    {"energy-unit", NMD_OPT_REAL, offsetof(dataset_input, energy_unit), NMD_DIM_ENERGY, "1 eV", 0, 1000, .min_open = 1,
     .doc = "energy of one unit in input.data files, e.g. \"1 hartree\""},
    {"max-force", NMD_OPT_REAL, offsetof(dataset_input, max_force), NMD_DIM_FORCE, "0 eV/A", 0, -1,
     .doc = "leave out frames with a larger force; 0: none"},
    {"stride", NMD_OPT_INT, offsetof(dataset_input, stride), .fallback = "1", .min = 1, .max = -1,
     .doc = "use every N-th frame of each file"},
    {"only", NMD_OPT_TEXT_LIST, offsetof(dataset_input, only), .fallback = "",
     .doc = "use only frames with these keys, e.g. kind=md,kind=eos (any of them)"},
};
const nmd_option_table nmd__dataset_input_options = {"input", "reading", sizeof(dataset_input),
                                                     NMD_COUNT(input_options), input_options};

static const nmd_option target_options[] = {
    {"to", NMD_OPT_PATH, offsetof(dataset_target, to),
     .doc = "data set to write: .extxyz, .data (input.data), .poscar, or folder/ (DeePMD)"},
    {"to-format", NMD_OPT_TEXT, offsetof(dataset_target, to_format), .fallback = "",
     .doc = "its format, when the name does not tell: extxyz, input_data, deepmd, poscar"},
    {"digits", NMD_OPT_INT, offsetof(dataset_target, digits), .fallback = "17", .min = 1, .max = 17,
     .doc = "significant digits of positions and forces; 17: exact"},
    {"to-length-unit", NMD_OPT_REAL, offsetof(dataset_target, to_length_unit), NMD_DIM_LENGTH, "1 A", 0, 100,
     .min_open = 1, .doc = "length of one unit in an input.data file that is written"},
    {"to-energy-unit", NMD_OPT_REAL, offsetof(dataset_target, to_energy_unit), NMD_DIM_ENERGY, "1 eV", 0, 1000,
     .min_open = 1, .doc = "energy of one unit in an input.data file that is written"},
};
const nmd_option_table nmd__dataset_target_options = {"target", "writing", sizeof(dataset_target),
                                                      NMD_COUNT(target_options), target_options};

const dataset_input *nmd__dataset_input(const tool *t) { return t->options; }

const dataset_target *nmd__dataset_target(const tool *t) {
  return (const void *)((const char *)t->options + nmd_option_tables_join_offset(&nmd__dataset_input_options));
}

const void *nmd__dataset_own(const tool *t, bool writes) {
  const nmd_option_table *head = &nmd__dataset_input_options;
  if (writes) head = nmd_option_tables_join(head, &nmd__dataset_target_options);
  return (const char *)t->options + nmd_option_tables_join_offset(head);
}

/* "kind=md" holds for the frame? */
static bool has_pair(const nmd_structure *frame, const char *pair) {
  const char *equals = strchr(pair, '=');
  if (equals == NULL) return nmd_structure_info(frame, pair) != NULL;
  for (int k = 0; k < frame->n_info; k++)
    if (strncmp(frame->info[k].key, pair, (size_t)(equals - pair)) == 0 && frame->info[k].key[equals - pair] == '\0' &&
        strcmp(frame->info[k].value, equals + 1) == 0)
      return true;
  return false;
}

static bool is_wanted(const nmd_structure *frame, const dataset_input *in, int64_t number) {
  if (number % in->stride != 0) return false;
  if (in->max_force > 0.0 && nmd_structure_largest_force(frame) > in->max_force) return false;
  for (int k = 0; k < in->only.n; k++)
    if (has_pair(frame, in->only.items[k])) return true;
  return in->only.n == 0;
}

/* Frames from `first` on that are not wanted go. */
static void filter(nmd_dataset *set, const dataset_input *in, int64_t first) {
  int64_t kept = first;
  for (int64_t k = first; k < set->n; k++) {
    if (is_wanted(&set->frames[k], in, k - first)) {
      set->frames[kept] = set->frames[k];
      set->place[kept++] = set->place[k];
      continue;
    }
    nmd_structure_free(&set->frames[k]);
    nmd_free(set->place[k]);
  }
  set->n = kept;
}

/* A file a line, as long as that can be read; of a folder of calculations the sum says more. */
static void note_file(tool *t, const char *path, int64_t read, int64_t used) {
  enum { FEW = 20 };
  if (t->n_words > FEW) return;
  nmd_tool_note(t, "%s: %lld frames%s", path, (long long)read, used < read ? " read" : "");
  if (used < read) nmd_tool_note(t, "  %lld of them used", (long long)used);
}

nmd_status nmd__dataset_load(tool *t, nmd_dataset *set) {
  const dataset_input *in = nmd__dataset_input(t);
  const nmd_read_options options = {
      .format = in->format, .length_unit = in->length_unit, .energy_unit = in->energy_unit};
  *set = (nmd_dataset){0};
  nmd_status status = NMD_OK;
  int64_t all = 0;
  for (int k = 0; k < t->n_words && status == NMD_OK; k++) {
    const int64_t first = set->n;
    int64_t read;
    status = nmd_dataset_read(set, t->words[k], &options, &read);
    if (status != NMD_OK) break;
    filter(set, in, first);
    note_file(t, t->words[k], read, set->n - first);
    all += read;
  }
  if (status == NMD_OK && t->n_words > 1)
    nmd_tool_note(t, "%d files: %lld frames%s", t->n_words, (long long)all, set->n < all ? " read" : "");
  if (status == NMD_OK && t->n_words > 1 && set->n < all) nmd_tool_note(t, "  %lld of them used", (long long)set->n);
  if (status == NMD_OK && set->n == 0)
    status =
        nmd_fail(NMD_OUT_OF_RANGE, "no frame is left after --only, --max-force and --stride; expected at least one");
  if (status != NMD_OK) nmd_dataset_free(set);
  return status;
}

nmd_status nmd__dataset_store(tool *t, const nmd_dataset *set, const int64_t *index, int64_t n) {
  const dataset_target *to = nmd__dataset_target(t);
  const nmd_dataset_write_options options = {.format = to->to_format,
                                             .digits = (int)to->digits,
                                             .length_unit = to->to_length_unit,
                                             .energy_unit = to->to_energy_unit};
  NMD_TRY(nmd_dataset_write(set, index, n, to->to, &options));
  nmd_tool_note(t, "wrote %lld frames to %s", (long long)n, to->to);
  return NMD_OK;
}

/* The command as a tool; `name` [size] is its program's. */
static nmd_tool define(const dataset_command *command, char *name, size_t size) {
  snprintf(name, size, "nnpmd-dataset %s", command->name);
  const nmd_option_table *table = &nmd__dataset_input_options;
  if (command->writes) table = nmd_option_tables_join(table, &nmd__dataset_target_options);
  if (command->own != NULL) table = nmd_option_tables_join(table, command->own);
  return (nmd_tool){.program = name,
                    .words = command->words,
                    .summary = command->summary,
                    .description = command->description,
                    .options = table,
                    .no_trajectory = true,
                    .min_words = 1,
                    .run = command->run};
}

enum { NAME_SIZE = 64 };

void nmd__dataset_page(const dataset_command *command, nmd_page *page) {
  char name[NAME_SIZE];
  const nmd_tool definition = define(command, name, sizeof name);
  nmd_tool_page(&definition, page);
  page->text.program = "nnpmd-dataset";
}

int nmd__dataset_main(const dataset_command *command, int argc, char **argv) {
  static char name[NAME_SIZE];
  const nmd_tool definition = define(command, name, sizeof name);
  return nmd_tool_main(&definition, argc, argv);
}
