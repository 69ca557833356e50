/* SPDX-License-Identifier: BSD-3-Clause */
#include "tool.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/memory.h"
#include "base/command_page.h"
#include "base/option_join.h"
#include "base/text.h"
#include "base/version.h"
#include "io/file_atomic.h"

#define MEMORY_DEFAULT "2 GB"

static const nmd_option output_options[] = {
    {"output", NMD_OPT_PATH, offsetof(tool_output, output), .fallback = "",
     .doc = "file of the table; default: the screen"},
    {"json", NMD_OPT_PATH, offsetof(tool_output, json), .fallback = "", .doc = "also write everything as JSON to FILE"},
    {"plot", NMD_OPT_BOOL, offsetof(tool_output, plot), .fallback = "false",
     .doc = "write data and script for gnuplot, and a PNG when gnuplot is there"},
    {"memory", NMD_OPT_TEXT, offsetof(tool_output, memory), .fallback = MEMORY_DEFAULT,
     .doc = "most memory for the data of one rank, e.g. \"500 MB\""},
    {"quiet", NMD_OPT_BOOL, offsetof(tool_output, quiet), .fallback = "false", .doc = "no remarks on the screen"},
};
static const nmd_option_table output_table = {"output", "output", sizeof(tool_output), NMD_COUNT(output_options),
                                              output_options};

static const nmd_option input_options[] = {
    {"species", NMD_OPT_TEXT_LIST, offsetof(tool_input, species), .fallback = "",
     .doc = "elements to look at; default: all"},
    {"ids", NMD_OPT_TEXT, offsetof(tool_input, ids), .fallback = "",
     .doc = "ids of the atoms to look at, e.g. 1-100,205,300-400:2, or @FILE with ids; default: all"},
    {"elements", NMD_OPT_TEXT_LIST, offsetof(tool_input, elements), .fallback = "",
     .doc = "element of each atom type, for files that have types only, e.g. Li,La,Nb,O"},
    {"format", NMD_OPT_TEXT, offsetof(tool_input, format), .fallback = "",
     .doc = "format of the files; default: by name and content"},
    {"timestep", NMD_OPT_REAL, offsetof(tool_input, timestep), NMD_DIM_TIME, "", 0, 0, .min_open = 1,
     .doc = "time step of the simulation, for files that count steps; without steps: time from frame to frame"},
    {"skip", NMD_OPT_REAL, offsetof(tool_input, skip), NMD_DIM_TIME, "0 fs", 0, -1,
     .doc = "time to leave out at the beginning of the run"},
    {"first", NMD_OPT_INT, offsetof(tool_input, first), .fallback = "0", .min = 0, .max = -1,
     .doc = "first frame of the run to use, counted from 0"},
    {"frames", NMD_OPT_INT, offsetof(tool_input, frames), .fallback = "0", .min = 0, .max = -1,
     .doc = "most frames to use; 0: all"},
    {"stride", NMD_OPT_INT, offsetof(tool_input, stride), .fallback = "1", .min = 1, .max = -1,
     .doc = "use every N-th frame"},
    {"unwrap", NMD_OPT_CHOICE, offsetof(tool_input, unwrap), .fallback = "auto", .choices = NMD_UNWRAP_CHOICES,
     .doc = "how paths through the periodic boundaries are found"},
    {"strict", NMD_OPT_BOOL, offsetof(tool_input, strict), .fallback = "false",
     .doc = "refuse a file whose last frame is cut off, instead of using the frames before"},
};
static const nmd_option_table input_table = {"input", "input", sizeof(tool_input), NMD_COUNT(input_options),
                                             input_options};

static void to_stdout(void *context, const char *text) {
  (void)context;
  fputs(text, stdout);
}

static void log_to_screen(nmd_log_level level, const char *line, void *context) {
  (void)context;
  fprintf(stderr, "%s%s\n", level == NMD_LOG_WARNING ? "WARNING: " : "", line);
}

/* "500 MB", "2GB", "1.5e9" */
static nmd_status parse_memory(const char *text, int64_t *bytes) {
  char *end;
  const double value = strtod(text, &end);
  static const char units[] = "kMGT";
  double factor = 1.0;
  while (*end == ' ') end++;
  const char *unit = *end == '\0' ? NULL : strchr(units, *end == 'K' ? 'k' : *end);
  for (const char *u = units; unit != NULL && u <= unit; u++) factor *= 1e3;
  if (unit != NULL) end++;
  if (end != text && *end == 'B') end++;
  if (end == text || *end != '\0' || !(value * factor >= 1e6) || value * factor > 9e18)
    NMD_FAIL(BAD_NUMBER, "--memory: '%.40s' is no size of at least 1 MB; expected e.g. \"500 MB\" or \"2 GB\"", text);
  *bytes = (int64_t)(value * factor);
  return NMD_OK;
}

/* Checksum of a file: all of it, or of a large one 64 pieces evenly over it (said by "sampled"). */
static void checksum(const char *path, char *text, size_t size) {
  enum { PIECE = 1 << 20, PIECES = 64, WHOLE = 256 << 20 };
  FILE *file = fopen(path, "rb");
  XXH3_state_t *state = XXH3_createState();
  char *piece = malloc(PIECE);
  snprintf(text, size, "not readable twice");
  if (file != NULL && state != NULL && piece != NULL && fseeko(file, 0, SEEK_END) == 0) {
    const off_t length = ftello(file);
    const bool sampled = length > WHOLE;
    XXH3_64bits_reset(state);
    for (off_t k = 0; k < (sampled ? PIECES : (length + PIECE - 1) / PIECE); k++) {
      fseeko(file, sampled ? k * ((length - PIECE) / (PIECES - 1)) : k * PIECE, SEEK_SET);
      XXH3_64bits_update(state, piece, fread(piece, 1, PIECE, file));
    }
    snprintf(text, size, "%lld bytes, xxh3%s %016llx", (long long)length, sampled ? " sampled" : "",
             (unsigned long long)XXH3_64bits_digest(state));
  }
  free(piece);
  XXH3_freeState(state);
  if (file != NULL) fclose(file);
}

static void record_command(tool *t, int argc, char **argv) {
  size_t used = (size_t)snprintf(t->command, sizeof t->command, "%s", t->program);
  for (int i = 1; i < argc && used < sizeof t->command; i++) {
    const bool plain = argv[i][0] != '\0' && strpbrk(argv[i], " \t\n\"'*?$&;|<>()#") == NULL;
    used += (size_t)snprintf(t->command + used, sizeof t->command - used, plain ? " %s" : " '%s'", argv[i]);
  }
  for (char *c = t->command; *c != '\0'; c++)
    if (iscntrl((unsigned char)*c)) *c = ' ';
}

/* Of many inputs, a folder of calculations say, the text names the first; JSON has all. */
static void write_heads(tool *t) {
  enum { FEW = 20 };
  char sum[96];
  int named = 0, left = 0;
  nmd_buffer_printf(&t->text, "# %s %s %s\n# command: %s\n", t->program, NMD_VERSION, NMD_REVISION, t->command);
  nmd_json_init(&t->json, &t->json_text);
  nmd_json_open(&t->json, NULL, '{');
  nmd_json_text(&t->json, "program", t->program);
  nmd_json_text(&t->json, "version", NMD_VERSION);
  nmd_json_text(&t->json, "revision", NMD_REVISION);
  nmd_json_text(&t->json, "command", t->command);
  nmd_json_open(&t->json, "inputs", '[');
  for (int i = 0; i < t->n_words; i++) {
    if (access(t->words[i], R_OK) != 0) continue;
    checksum(t->words[i], sum, sizeof sum);
    if (named++ < FEW)
      nmd_buffer_printf(&t->text, "# input: %s (%s)\n", t->words[i], sum);
    else
      left++;
    nmd_json_open(&t->json, NULL, '{');
    nmd_json_text(&t->json, "file", t->words[i]);
    nmd_json_text(&t->json, "checksum", sum);
    nmd_json_close(&t->json);
  }
  if (left > 0) nmd_buffer_printf(&t->text, "# input: and %d more files\n", left);
  nmd_json_close(&t->json);
}

void nmd_tool_columns(tool *t, const char *names, const char *units) {
  nmd_buffer_printf(&t->text, "# %s\n# %s\n", names, units);
}

void nmd_tool_note(tool *t, const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  nmd_buffer_printf(&t->text, "# %s\n", line);
  if (t->output->output != NULL) nmd_log_info("%s", line);
}

void nmd_tool_path(const tool *t, const char *end, char *path, size_t size) {
  const char *base = t->output->output != NULL ? t->output->output : t->program;
  const char *slash = strrchr(base, '/'), *dot = strrchr(base, '.');
  const size_t length =
      dot != NULL && (slash == NULL || dot > slash + 1) && dot != base ? (size_t)(dot - base) : strlen(base);
  snprintf(path, size, "%.*s%s", (int)length, base, end);
}

nmd_status nmd_tool_claim_memory(tool *t, int64_t bytes, const char *what, const char *remedy) {
  if (t->root)
    nmd_log_info("memory: %.4g MB a rank for %s (limit %.4g MB, --memory)", 1e-6 * (double)bytes, what,
                 1e-6 * (double)t->memory_limit);
  if (bytes <= t->memory_limit) return NMD_OK;
  NMD_FAIL(MEMORY, "%.4g MB are needed for %s, the limit is %.4g MB; %s, or raise the limit with --memory",
           1e-6 * (double)bytes, what, 1e-6 * (double)t->memory_limit, remedy);
}

/* The script stays beside the picture, so that it can be made anew in another style. */
static nmd_status write_plot(tool *t) {
  char script[4096], picture[4096];
  nmd_tool_path(t, ".gnuplot", script, sizeof script);
  nmd_tool_path(t, ".png", picture, sizeof picture);
  nmd_buffer text = {0};
  nmd_buffer_printf(&text,
                    "# %s\nset terminal pngcairo size 900,650 font 'sans,12'\nset output '%s'\nset key left top\n"
                    "set grid lc rgb '#dddddd'\n%s",
                    t->command, picture, t->plot.data);
  nmd_status status = text.status;
  if (status == NMD_OK) status = nmd_file_write_atomic(script, text.data, text.length, 1);
  nmd_buffer_free(&text);
  NMD_TRY(status);
  char command[8300];
  snprintf(command, sizeof command, "gnuplot '%s' >/dev/null 2>&1", script);
  const int code = strchr(script, '\'') == NULL ? system(command) : -1;
  if (code == 0)
    nmd_log_info("plot: %s (made by %s)", picture, script);
  else
    nmd_log_warning("plot: no picture (is gnuplot installed?); gnuplot %s makes it", script);
  return NMD_OK;
}

static nmd_status write_results(tool *t) {
  nmd_json_close(&t->json);
  NMD_TRY(t->text.status);
  NMD_TRY(t->json_text.status);
  NMD_TRY(t->plot.status);
  if (t->output->output != NULL)
    NMD_TRY(nmd_file_write_atomic(t->output->output, t->text.data, t->text.length, 1));
  else if (fwrite(t->text.data, 1, t->text.length, stdout) != t->text.length || fflush(stdout) != 0)
    NMD_FAIL(WRITE, "the table cannot be written to the screen (standard output)");
  if (t->output->json != NULL)
    NMD_TRY(nmd_file_write_atomic(t->output->json, t->json_text.data, t->json_text.length, 1));
  return t->output->plot && t->plot.length > 0 ? write_plot(t) : NMD_OK;
}

static nmd_status prepare(tool *t) {
  NMD_TRY(parse_memory(t->output->memory, &t->memory_limit));
  const tool_input *in = t->input;
  if (in == NULL) return NMD_OK;
  NMD_TRY(nmd_selection_init(&t->selection, &in->species, in->ids));
  t->read = (nmd_read_options){
      .format = in->format, .elements = (const char *const *)in->elements.items, .n_elements = in->elements.n};
  t->trajectory = (nmd_trajectory_options){
      .read = &t->read,
      .selection = &t->selection,
      .timestep = in->timestep,
      .skip = in->skip,
      .first = in->first,
      .n_frames = in->frames,
      .stride = in->stride,
      .unwrap = (nmd_unwrap)in->unwrap,
      .strict = in->strict,
  };
  return NMD_OK;
}

static nmd_status run_tool(const nmd_tool *definition, tool *t) {
  if (t->n_words < definition->min_words)
    NMD_FAIL(USAGE, "expected: %s [OPTION...] %s (--help lists the options)", t->program, definition->words);
  NMD_TRY(prepare(t));
  if (t->root)
    write_heads(t);
  else
    nmd_json_init(&t->json, &t->json_text), nmd_json_open(&t->json, NULL, '{');
  NMD_TRY(definition->run(t));
  return t->root ? write_results(t) : NMD_OK;
}

static void release(tool *t) {
  nmd_selection_free(&t->selection);
  nmd_buffer_free(&t->text);
  nmd_buffer_free(&t->json_text);
  nmd_buffer_free(&t->plot);
}

/* All tables in one struct: output, input (if any), the tool's own. */
typedef struct layout {
  const nmd_option_table *table;
  size_t input, own;
} layout;

static layout lay_out(const nmd_tool *definition) {
  const nmd_option_table *head = &output_table;
  layout l = {.input = nmd_option_tables_join_offset(&output_table)};
  if (!definition->no_trajectory) head = nmd_option_tables_join(&output_table, &input_table);
  l.own = nmd_option_tables_join_offset(head);
  l.table = nmd_option_tables_join(head, definition->options);
  return l;
}

void nmd_tool_page(const nmd_tool *definition, nmd_page *page) {
  *page = (nmd_page){.text = {.program = definition->program,
                              .words = definition->words,
                              .summary = definition->summary,
                              .description = definition->description,
                              .version = NMD_VERSION},
                     .exit_status = "0: done. 2: input error. 3: the data do not allow the answer. 4: I/O or memory."};
  nmd_page_fill(lay_out(definition).table, page);
}

static nmd_status answer(const nmd_tool *definition, const layout *l, const nmd_command *command) {
  static nmd_page page;
  nmd_tool_page(definition, &page);
  switch (command->request) {
    case NMD_COMMAND_HELP: nmd_command_help(l->table, &page.text, to_stdout, NULL); return NMD_OK;
    case NMD_COMMAND_MAN: nmd_page_man(&page, to_stdout, NULL); return NMD_OK;
    case NMD_COMMAND_COMPLETION:
      return nmd_page_completion(&page, 1, definition->program, command->shell, to_stdout, NULL);
    default: printf("%s %s %s\n", definition->program, NMD_VERSION, NMD_REVISION); return NMD_OK;
  }
}

static nmd_status start(const nmd_tool *definition, const nmd_comm *comm, int argc, char **argv) {
  const layout l = lay_out(definition);
  char *parameters;
  nmd_command command;
  NMD_TRY(nmd_alloc(&parameters, l.table->size, 1));
  nmd_status status = nmd_command_parse(l.table, argc, argv, parameters, &command);
  const bool root = nmd_comm_rank(comm) == 0;
  if (status == NMD_OK && command.request != NMD_COMMAND_RUN) {
    if (root) status = answer(definition, &l, &command);
    nmd_command_free(&command);
  } else if (status == NMD_OK) {
    tool t = {
        .comm = comm, .root = root, .program = definition->program, .n_words = command.n_words, .words = command.words};
    t.output = (const tool_output *)parameters;
    t.input = definition->no_trajectory ? NULL : (const tool_input *)(parameters + l.input);
    t.options = parameters + l.own;
    if (root && !t.output->quiet) nmd_log_set_sink(log_to_screen, NULL);
    record_command(&t, argc, argv);
    status = nmd_comm_check_launch(comm);
    if (status == NMD_OK) status = run_tool(definition, &t);
    status = nmd_comm_agree(comm, status);
    release(&t);
    nmd_options_free(l.table, parameters);
    nmd_command_free(&command);
  }
  nmd_free(parameters);
  return status;
}

/* Texts for people and shells need no MPI, whose start takes longer than all the rest. */
static bool wants_text(int argc, char **argv) {
  static const char *const words[] = {"--help", "-h", "--man", "--completion", "--version", "-V"};
  for (int k = 0; argc > 1 && k < NMD_COUNT(words); k++)
    if (strcmp(argv[1], words[k]) == 0) return true;
  return false;
}

static nmd_status give_text(const nmd_tool *definition, int argc, char **argv) {
  const layout l = lay_out(definition);
  char *parameters;
  nmd_command command;
  NMD_TRY(nmd_alloc(&parameters, l.table->size, 1));
  nmd_status status = nmd_command_parse(l.table, argc, argv, parameters, &command);
  if (status == NMD_OK) status = answer(definition, &l, &command);
  nmd_command_free(&command);
  nmd_free(parameters);
  return status;
}

static int give_up(const nmd_tool *definition, nmd_status status) {
  fflush(stdout);
  fprintf(stderr, "%s: error: %s\n", definition->program, nmd_error_text());
  return nmd_status_exit_code(status);
}

int nmd_tool_main(const nmd_tool *definition, int argc, char **argv) {
  nmd_comm *world;
  nmd_status status;
  if (wants_text(argc, argv)) {
    status = give_text(definition, argc, argv);
    return status == NMD_OK ? 0 : give_up(definition, status);
  }
  status = nmd_comm_start(&argc, &argv, &world);
  if (status != NMD_OK) return give_up(definition, status);
  status = start(definition, world, argc, argv);
  if (status != NMD_OK && nmd_comm_rank(world) == 0) give_up(definition, status);
  nmd_comm_stop(world);
  return nmd_status_exit_code(status);
}
