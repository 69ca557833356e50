/* SPDX-License-Identifier: BSD-3-Clause */
/* What every output must do, run over the whole registry: write, flush, be cut back to an offset and continue, so that the
 * files are the same bytes as without the interruption; trajectories read back to the digits written. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/version.h"
#include "io/netcdf_header.h"
#include "io/pack.h"
#include "io/read_structure.h"
#include "io/source.h"
#include "io/write_netcdf.h"
#include "output/output.h"
#include "support/test.h"

enum { N = 24 };

typedef struct output_case {
  const char *name, *label, *yaml, *format; /* format: of the reader, NULL: not a trajectory */
  double precision;                         /* relative, of numbers read back; 0: exact */
  int only;                                 /* atomic number of the atoms written; 0: all */
} output_case;

static const output_case cases[] = {
    {"thermo", "thermo", "thermo: {every: 2, screen: false}", NULL, 0, 0},
    {"profile", "profile", "profile: {every: 2, bins: 5, axis: b}", NULL, 0, 0},
    {"profile", "profile average", "profile: {every: 2, bins: 5, axis: b, average: 3}", NULL, 0, 0},
    {"summary", "summary", "summary: {every: 2}", NULL, 0, 0},
    {"mixing", "mixing", "mixing: {every: 2, bins: 4}", NULL, 0, 0},
    {"composition", "composition", "composition: {every: 2}", NULL, 0, 0},
    {"band", "band", "band: {every: 2}", NULL, 0, 0},
    {"groups", "groups", "groups: {every: 2}", NULL, 0, 0},
    {"rdf", "rdf", "rdf: {every: 2, cutoff: 6 A, bins: 12}", NULL, 0, 0},
    {"rdf", "rdf average", "rdf: {every: 2, cutoff: 6 A, bins: 12, average: 2}", NULL, 0, 0},
    {"msd", "msd", "msd: {every: 2, frames: 4, lags: 3}", NULL, 0, 0},
    {"trajectory", "extxyz",
     "trajectory: {every: 2, velocities: true, forces: true, energies: true, virials: true, digits: 17}", "extxyz", 0,
     0},
    {"trajectory", "dump", "trajectory: {every: 2, format: dump, velocities: true, digits: 17}", "lammps_dump", 0, 0},
    {"trajectory", "few digits", "trajectory: {every: 2, velocities: true, digits: 6}", "extxyz", 5e-6, 0},
    {"trajectory", "unwrapped", "trajectory: {every: 2, coordinates: unwrapped, velocities: true, digits: 17}",
     "extxyz", 0, 0},
    {"trajectory", "unwrapped dump",
     "trajectory: {every: 2, format: dump, coordinates: unwrapped, velocities: true, digits: 17}", "lammps_dump", 0, 0},
    {"trajectory", "gold", "trajectory: {every: 2, elements: Au, velocities: true, digits: 17}", "extxyz", 0, 79},
    {"trajectory", "out of range", "trajectory: {every: 2, velocities: true, extrapolation: true, digits: 17}",
     "extxyz", 0, 0},
    {"thermo", "thermo with spread", "thermo: {every: 2, screen: false, sigma: true}", NULL, 0, 0},
    {"trajectory", "spread", "trajectory: {every: 2, velocities: true, sigma: true, digits: 17}", "extxyz", 0, 0},
    {"trajectory", "spread dump", "trajectory: {every: 2, format: dump, velocities: true, sigma: true, digits: 17}",
     "lammps_dump", 0, 0},
    {"extrapolation", "extrapolation", "extrapolation: {every: 2, gap: 2, distance: 0 A}", "extxyz", 0, 0},
    {"extrapolation", "disputed", "extrapolation: {every: 2, gap: 2, distance: 0 A, tolerated: 9, sigma: 0.001}",
     "extxyz", 0, 0},
    {"trajectory", "gzip", "trajectory: {every: 2, compress: gzip, velocities: true, digits: 17}", "extxyz", 0, 0},
    {"trajectory", "gzip by name",
     "trajectory: {every: 2, file: a.lammpstrj.gz, format: dump, velocities: true, digits: 17}", "lammps_dump", 0, 0},
    {"trajectory", "xdatcar", "trajectory: {every: 2, format: xdatcar}", NULL, 0, 0},
#if NMD_HAVE_ZSTD
    {"trajectory", "zstd", "trajectory: {every: 2, compress: zstd, velocities: true, digits: 17}", "extxyz", 0, 0},
#endif
#if NMD_HAVE_PNETCDF
    {"trajectory", "netcdf", "trajectory: {every: 2, format: netcdf, velocities: true, forces: true}", "netcdf", 1e-7,
     0},
    {"trajectory", "netcdf with numbers of atoms",
     "trajectory: {every: 2, format: netcdf, velocities: true, energies: true, extrapolation: true, sigma: true}",
     "netcdf", 1e-7, 0},
    {"trajectory", "lithium", "trajectory: {every: 2, format: netcdf, elements: [Li], velocities: true}", "netcdf",
     1e-7, 3},
#endif
};

/* Atoms in a triclinic cell, moved a little from frame to frame; some outside the cell. */
typedef struct scene {
  nmd_species species;
  nmd_box box;
  nmd_atoms atoms;
  double energy[N], virial[N][9], sigma[N];
  int extrapolation[N];
  double path[2], slope[2], across[2];
  nmd_band band; /* of two images: the atoms, and where they were */
  nmd_observation seen;
} scene;

static void fill_atoms(scene *s, int64_t step) {
  for (int i = 0; i < N; i++) {
    double g[3];
    nmd_random_normal3(5, NMD_STREAM_TEST, step, i, 0, g);
    const double fractional[3] = {0.04 * i + 0.05 * g[0], 0.5 + 0.4 * g[1], 0.5 + 0.3 * g[2]};
    nmd_box_to_cartesian(&s->box, fractional, s->atoms.x + 3 * i);
    for (int a = 0; a < 3; a++) {
      s->atoms.v[3 * i + a] = 1e-3 * g[a];
      s->atoms.f[3 * i + a] = g[(a + 1) % 3];
      s->atoms.image[3 * i + a] = i % 3 - 1;
    }
    s->atoms.id[i] = (i * 7) % N + 1;
    s->atoms.species[i] = i & 1;
    s->energy[i] = g[0];
    s->sigma[i] = g[1] * g[1];
    s->extrapolation[i] = i % 5 == 0;
    for (int k = 0; k < 9; k++) s->virial[i][k] = g[k % 3] + k;
  }
}

/* Images and numbers of a band that follow from the step; borrowed arrays. */
static void fill_band(scene *s, int64_t step) {
  static double x[6 * N], force[6 * N];
  static int64_t id[N];
  static int32_t kind[N];
  s->band = (nmd_band){.n = 2,
                       .atoms = N,
                       .id = id,
                       .kind = kind,
                       .x = x,
                       .force = force,
                       .energy = s->energy,
                       .path = s->path,
                       .slope = s->slope,
                       .across = s->across};
  for (int i = 0; i < N; i++) {
    id[i] = i + 1;
    kind[i] = i & 1;
    for (int a = 0; a < 3; a++) x[3 * i + a] = x[3 * (i + N) + a] + 0.1 * a;
    memcpy(x + 3 * (i + N), s->atoms.x + 3 * i, 3 * sizeof *x);
  }
  s->path[1] = (double)step;
  s->slope[0] = 0.5;
  s->seen.band = &s->band;
}

static void scene_open(scene *s) {
  memset(s, 0, sizeof *s);
  const int z[2] = {3, 79};
  const double h[3][3] = {{8, 0, 0}, {1.5, 9, 0}, {-1, 0.5, 10}};
  nmd_species_init(&s->species, z, 2);
  nmd_atoms_init(&s->atoms);
  test_check(nmd_box_init(&s->box, h, NULL, NULL) == NMD_OK && nmd_atoms_reserve(&s->atoms, N) == NMD_OK, __FILE__,
             __LINE__, "scene");
  s->atoms.n_owned = N;
  s->seen = (nmd_observation){.comm = TEST_COMM, .atoms = &s->atoms, .box = &s->box, .species = &s->species,
                              .n_atoms = N, .stage_name = "nve", .atom_energy = s->energy,
                              .atom_virial = (const double(*)[9])s->virial,
                              .sigma_energy = s->sigma, .sigma_force = s->sigma, .sigma_total = 0.5,
                              .atom_extrapolation = s->extrapolation, .extrapolations = 5,
                              .extrapolations_total = 5};
}

static void show(scene *s, nmd_output *output, int64_t step) {
  fill_atoms(s, step);
  fill_band(s, step);
  s->seen.step = step;
  s->seen.regular = true;
  s->seen.time = 0.5 * (double)step;
  s->seen.temperature = 300 + (double)step;
  s->seen.potential_energy = -1.25 * (double)step;
  test_check(output->ops->write(output->self, &s->seen) == NMD_OK, __FILE__, __LINE__, "%s", nmd_error_text());
}

/* What a checkpoint keeps of an output beside the length of its file. */
static nmd_buffer saved_state;

static void keep_state(const nmd_output *output) {
  size_t n = 0;
  const void *bytes = output->ops->state != NULL ? output->ops->state(output->self, &n) : NULL;
  nmd_buffer_clear(&saved_state);
  nmd_buffer_bytes(&saved_state, bytes, n);
}

static bool open_output(const output_case *which, const char *folder, const scene *s, int64_t offset,
                        nmd_output *output) {
  nmd_yaml *tree = NULL;
  nmd_status status = nmd_yaml_parse("case", which->yaml, strlen(which->yaml), &tree);
  if (status == NMD_OK) status = nmd_output_create(nmd_yaml_root(tree), folder, &s->species, NULL, output);
  nmd_yaml_destroy(tree);
  if (status == NMD_OK && offset >= 0 && output->ops->restore != NULL)
    status = output->ops->restore(output->self, TEST_COMM, saved_state.data, saved_state.length);
  if (status == NMD_OK) status = output->ops->begin(output->self, TEST_COMM, offset);
  return test_check(status == NMD_OK, __FILE__, __LINE__, "%s: %s", which->label, nmd_error_text());
}

static void make_folder(char folder[64]) {
  snprintf(folder, 64, "/tmp/nnpmd_output_XXXXXX");
  test_check(mkdtemp(folder) != NULL, __FILE__, __LINE__, "mkdtemp");
}

static void remove_folder(const char *folder) {
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", folder);
  test_check(system(command) == 0, __FILE__, __LINE__, "%s", command);
}

/* The same text: where members of a packed file end depends on the flushes. */
static void compare_packed(const output_case *which, const char *a, const char *b) {
  nmd_source x, y;
  bool end[2] = {false, false}, same = true;
  int64_t lines = 0;
  if (nmd_source_open(a, &x) != NMD_OK || nmd_source_open(b, &y) != NMD_OK) {
    test_check(false, __FILE__, __LINE__, "%s", nmd_error_text());
    return;
  }
  while (same && !end[0] && !end[1]) {
    same = nmd_source_next(&x, &end[0]) == NMD_OK && nmd_source_next(&y, &end[1]) == NMD_OK && end[0] == end[1] &&
           (end[0] || strcmp(x.text, y.text) == 0);
    lines++;
  }
  test_check(same && lines > N, __FILE__, __LINE__, "%s: a continued file differs (line %lld)", which->label,
             (long long)lines);
  nmd_source_close(&x);
  nmd_source_close(&y);
}

/* The same bytes. */
static void compare_files(const output_case *which, const char *a, const char *b) {
  if (nmd_packing_of_name(a) != NMD_PACK_NONE) {
    compare_packed(which, a, b);
    return;
  }
  char command[512];
  snprintf(command, sizeof command, "cmp '%s' '%s'", a, b);
  test_check(system(command) == 0, __FILE__, __LINE__, "%s: a continued file differs", which->label);
}

/* Frames 2, 4, ... 18 at once, against 2, flush, 4 (lost in a crash), then cut back, 4, ... 18. */
static void check_continuation(const output_case *which, scene *s) {
  char whole[64], broken[64];
  make_folder(whole);
  make_folder(broken);
  nmd_output a, b;
  int64_t offset = -1;
  if (!open_output(which, whole, s, -1, &a)) return;
  for (int64_t step = 2; step <= 18; step += 2) show(s, &a, step);
  test_check(a.ops->flush(a.self, &offset) == NMD_OK, __FILE__, __LINE__, "flush");
  if (!open_output(which, broken, s, -1, &b)) return;
  show(s, &b, 2);
  test_check(b.ops->flush(b.self, &offset) == NMD_OK && offset > 0, __FILE__, __LINE__, "flush");
  keep_state(&b);
  show(s, &b, 4);
  nmd_output_destroy(&b);
  if (!open_output(which, broken, s, offset, &b)) return;
  for (int64_t step = 4; step <= 18; step += 2) show(s, &b, step);
  char paths[2][128];
  snprintf(paths[0], sizeof paths[0], "%s", a.path);
  snprintf(paths[1], sizeof paths[1], "%s", b.path);
  nmd_output_destroy(&a);
  nmd_output_destroy(&b);
  nmd_buffer_free(&saved_state);
  compare_files(which, paths[0], paths[1]);
  remove_folder(whole);
  remove_folder(broken);
}

/* Unwrapped positions agree whatever form was written; wrapped ones are in the cell. */
static void compare_atom(const output_case *which, const scene *s, const nmd_structure *read, int64_t k, int i) {
  CU_ASSERT_EQUAL(read->id[k], s->atoms.id[i]);
  CU_ASSERT_EQUAL(read->atomic_number[k], s->species.atomic_number[s->atoms.species[i]]);
  double fractional[3], expected[3], found[3];
  const bool unwrapped = strcmp(which->format, "netcdf") == 0 || strstr(which->yaml, "unwrapped") != NULL;
  nmd_box_to_fractional(&read->box, read->x[k], fractional);
  for (int a = 0; a < 3 && !unwrapped; a++)
    CU_ASSERT(fractional[a] > -1e-9 - which->precision && fractional[a] < 1 + 1e-9 + which->precision);
  for (int a = 0; a < 3; a++) {
    found[a] = read->x[k][a];
    expected[a] = s->atoms.x[3 * i + a];
    for (int d = 0; d < 3; d++) {
      found[a] += read->image[k][d] * read->box.h[d][a];
      expected[a] += s->atoms.image[3 * i + d] * s->box.h[d][a];
    }
    TEST_NEAR(found[a], expected[a], (1e-12 + which->precision) * 40);
    TEST_NEAR(read->v[k][a], s->atoms.v[3 * i + a], 1e-17 + which->precision * 1e-2);
  }
}

static void compare_frame(const output_case *which, scene *s, int64_t step, const nmd_structure *read) {
  fill_atoms(s, step);
  test_check(read->v != NULL && read->image != NULL, __FILE__, __LINE__, "%s: columns", which->label);
  int64_t k = 0;
  for (int64_t id = 1; id <= N && k < read->n; id++) { /* written in order of id */
    int i = 0;
    while (s->atoms.id[i] != id) i++;
    if (which->only == 0 || s->species.atomic_number[s->atoms.species[i]] == which->only)
      compare_atom(which, s, read, k++, i);
  }
  CU_ASSERT_EQUAL(k, read->n);
  CU_ASSERT_EQUAL(read->n, which->only == 0 ? N : N / 2);
}

static void check_reading(const output_case *which, scene *s) {
  if (which->format == NULL) return;
  char folder[64];
  make_folder(folder);
  nmd_output output;
  if (!open_output(which, folder, s, -1, &output)) return;
  for (int64_t step = 2; step <= 6; step += 2) show(s, &output, step);
  int64_t offset;
  test_check(output.ops->flush(output.self, &offset) == NMD_OK, __FILE__, __LINE__, "flush");
  const nmd_read_options options = {.format = which->format};
  for (int64_t frame = 0; frame < 3; frame++) {
    nmd_structure read = {0};
    const nmd_status status = nmd_structure_read(output.path, &options, frame, &read);
    if (test_check(status == NMD_OK, __FILE__, __LINE__, "%s: %s", which->label, nmd_error_text()))
      compare_frame(which, s, 2 * frame + 2, &read);
    nmd_structure_free(&read);
  }
  nmd_output_destroy(&output);
  remove_folder(folder);
}

/* A variable that readers of positions pass over, as other programs find it: by name, 32-bit numbers, big-endian. */
static void check_numbers(FILE *file, const nmd__nc_header *header, const char *name, int64_t frame, const double *expected,
                          const scene *s) {
  const nmd__nc_variable *found = nmd__nc_find(header, name);
  unsigned char bytes[4 * N];
  if (!test_check(found != NULL, __FILE__, __LINE__, "variable %s", name)) return;
  fseek(file, (long)(found->begin + frame * header->record_bytes), SEEK_SET);
  TEST_EQUAL_INT(fread(bytes, 4, N, file), N);
  for (int i = 0; i < N; i++) {
    const unsigned char *b = bytes + 4 * (s->atoms.id[i] - 1); /* in order of id */
    const uint32_t bits = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    float value;
    memcpy(&value, &bits, sizeof value);
    TEST_NEAR(value, expected[i], 1e-7 * (1 + fabs(expected[i])));
  }
}

static void check_netcdf_numbers(const char *path, scene *s) {
  enum { HEAD = 4096 };
  static uint8_t head[HEAD];
  static nmd__nc_header header;
  double outside[N];
  FILE *file = fopen(path, "rb");
  if (!test_check(file != NULL, __FILE__, __LINE__, "%s", path)) return;
  const size_t n = fread(head, 1, HEAD, file);
  if (TEST_OK(nmd__nc_header_parse(path, head, n, INT32_MAX, &header)))
    for (int64_t frame = 0; frame < 3; frame++) {
      fill_atoms(s, 2 * frame + 2);
      for (int i = 0; i < N; i++) outside[i] = s->extrapolation[i];
      check_numbers(file, &header, "energies", frame, s->energy, s);
      check_numbers(file, &header, "sigma_energy", frame, s->sigma, s);
      check_numbers(file, &header, "sigma_force", frame, s->sigma, s);
      check_numbers(file, &header, "extrapolation", frame, outside, s);
    }
  fclose(file);
}

/* Energies, spreads and counts of atoms in NetCDF. */
static void test_netcdf_numbers(void) {
  const output_case which = {"trajectory", "numbers",
                             "trajectory: {every: 2, format: netcdf, energies: true, extrapolation: true, sigma: true}",
                             "netcdf", 0, 0};
  scene s;
  char folder[64];
  nmd_output output;
  int64_t offset;
  if (!nmd_netcdf_writer_available()) return;
  scene_open(&s);
  make_folder(folder);
  if (open_output(&which, folder, &s, -1, &output)) {
    for (int64_t step = 2; step <= 6; step += 2) show(&s, &output, step);
    TEST_OK(output.ops->flush(output.self, &offset));
    check_netcdf_numbers(output.path, &s);
    nmd_output_destroy(&output);
  }
  remove_folder(folder);
  nmd_atoms_free(&s.atoms);
}

/* Elements that change in the midst of a NetCDF trajectory, whole or of some elements: refused, not mislabelled. */
static void test_changed_elements(void) {
  const output_case both[] = {{"trajectory", "all", "trajectory: {every: 2, format: netcdf}", NULL, 0, 0},
                              {"trajectory", "gold", "trajectory: {every: 2, format: netcdf, elements: Au}", NULL, 0, 0}};
  for (int k = 0; k < 2 && nmd_netcdf_writer_available(); k++) {
    scene s;
    char folder[64];
    nmd_output output;
    scene_open(&s);
    make_folder(folder);
    if (open_output(&both[k], folder, &s, -1, &output)) {
      show(&s, &output, 2);
      show(&s, &output, 4);
      fill_atoms(&s, 6);
      s.atoms.species[5] = 0;
      s.seen.step = 6;
      TEST_FAILS(output.ops->write(output.self, &s.seen), NMD_CONFLICT);
      TEST_CONTAINS(nmd_error_text(), "atoms have changed their elements");
      nmd_output_destroy(&output);
    }
    remove_folder(folder);
    nmd_atoms_free(&s.atoms);
  }
}

/* Largest and root mean square of the atoms, energy per atom. */
static void test_thermo_spread(void) {
  const output_case which = {"thermo", "spread", "thermo: {every: 1, screen: false, sigma: true}", NULL, 0, 0};
  scene s;
  char folder[64];
  nmd_output output;
  int64_t offset;
  scene_open(&s);
  make_folder(folder);
  if (open_output(&which, folder, &s, -1, &output)) {
    show(&s, &output, 1);
    TEST_OK(output.ops->flush(output.self, &offset));
    char *text = test_read(output.path);
    double found[3] = {0, 0, 0}, largest = 0, squares = 0;
    for (int i = 0; i < N; i++) {
      largest = fmax(largest, s.sigma[i]);
      squares += s.sigma[i] * s.sigma[i];
    }
    const char *last = text != NULL ? strstr(text, " 5 5 ") : NULL; /* extrapolations, in all */
    if (test_check(last != NULL && sscanf(last, " 5 5 %lf %lf %lf\n", found, found + 1, found + 2) == 3, __FILE__, __LINE__,
                   "%s", text)) {
      TEST_NEAR(found[0], 0.5 / N, 1e-9);
      TEST_NEAR(found[1], largest, 1e-9 * largest);
      TEST_NEAR(found[2], sqrt(squares / N), 1e-9 * largest);
    }
    free(text);
    nmd_output_destroy(&output);
  }
  remove_folder(folder);
  nmd_atoms_free(&s.atoms);
}

static void for_each_case(void (*check)(const output_case *, scene *)) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    scene s;
    scene_open(&s);
    check(&cases[k], &s);
    nmd_atoms_free(&s.atoms);
  }
}

static void test_every_entry_has_a_case(void) {
  for (int k = 0; nmd_output_registry[k] != NULL; k++) {
    bool found = false;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
      found = found || strcmp(cases[c].name, nmd_output_registry[k]->name) == 0;
    test_check(found, __FILE__, __LINE__, "no case for output %s", nmd_output_registry[k]->name);
  }
}
static void test_continuation(void) { for_each_case(check_continuation); }
static void test_reading_back(void) { for_each_case(check_reading); }

/* Told to stop, the run stops when the limit is passed, not before, and the frame is there. */
static void check_stop(const char *text, int64_t at_step, int64_t in_all) {
  const output_case which = {"extrapolation", "stop", text, NULL, 0, 0};
  scene s;
  char folder[64];
  nmd_output output;
  scene_open(&s);
  make_folder(folder);
  if (open_output(&which, folder, &s, -1, &output)) {
    show(&s, &output, 1);
    s.seen.extrapolations = at_step;
    s.seen.extrapolations_total = in_all;
    s.seen.step = 2;
    TEST_FAILS(output.ops->write(output.self, &s.seen), NMD_EXTRAPOLATED);
    TEST_CONTAINS(nmd_error_text(),
                  at_step == 5 ? "step 2: 5 (atom, function) pairs" : "step 2: 6 (atom, function) pairs");
    TEST_CONTAINS(nmd_error_text(), at_step == 5 ? "expected at most 7;" : "expected at most 5;");
    nmd_output_destroy(&output);
  }
  remove_folder(folder);
  nmd_atoms_free(&s.atoms);
}

static void test_stop_on_extrapolation(void) {
  check_stop("extrapolation: {every: 1, policy: stop, limit: 7, gap: 1}", 5, 8);
  check_stop("extrapolation: {every: 1, policy: warn, outside_end: 5, gap: 1}", 6, 11);
}

/* Averages of two stages against sums done here, the same text after a continuation, and YAML that parses. */
static void test_summary(void) {
  const output_case which = {"summary", "summary", "summary: {every: 1}", NULL, 0, 0};
  scene s;
  char folder[64], path[96];
  nmd_output output;
  int64_t offset = -1;
  double sum = 0, blocks[16] = {0}, scatter = 0;
  scene_open(&s);
  make_folder(folder);
  if (!open_output(&which, folder, &s, -1, &output)) return;
  for (int64_t step = 0; step < 24; step++) { /* 16 samples of the second stage: blocks of one */
    s.seen.stage = step >= 8;
    show(&s, &output, step);
    if (step != 13) continue; /* interrupted in the midst, with a row that is lost */
    test_check(output.ops->flush(output.self, &offset) == NMD_OK, __FILE__, __LINE__, "%s", nmd_error_text());
    show(&s, &output, 99);
    nmd_output_destroy(&output);
    if (!open_output(&which, folder, &s, offset, &output)) return;
  }
  for (int step = 8; step < 24; step++) sum += blocks[step - 8] = 300.0 + step;
  for (int k = 0; k < 16; k++) scatter += (blocks[k] - sum / 16) * (blocks[k] - sum / 16);
  test_check(output.ops->flush(output.self, &offset) == NMD_OK, __FILE__, __LINE__, "%s", nmd_error_text());
  nmd_output_destroy(&output);
  snprintf(path, sizeof path, "%s/summary.yaml", folder);
  char *text = test_read(path);
  nmd_yaml *tree = NULL;
  if (text != NULL && TEST_OK(nmd_yaml_parse(path, text, strlen(text), &tree))) {
    const nmd_yaml_node *stages = nmd_yaml_find(nmd_yaml_root(tree), "stages");
    TEST_EQUAL_INT(stages->n, 2);
    const nmd_yaml_node *second = stages->items[1], *t = nmd_yaml_find(second, "temperature_K");
    TEST_EQUAL_TEXT(nmd_yaml_find(second, "samples")->text, "16");
    TEST_EQUAL_TEXT(nmd_yaml_find(second, "last_step")->text, "23");
    TEST_NEAR(strtod(nmd_yaml_find(t, "mean")->text, NULL), sum / 16, 1e-10);
    TEST_NEAR(strtod(nmd_yaml_find(t, "error")->text, NULL), sqrt(scatter / (16 * 15)), 1e-10);
    TEST_NEAR(strtod(nmd_yaml_find(nmd_yaml_find(second, "volume_A3"), "mean")->text, NULL), s.box.volume, 1e-9);
    TEST_NEAR(strtod(nmd_yaml_find(nmd_yaml_find(second, "a_A"), "mean")->text, NULL), 8, 1e-12);
  }
  nmd_yaml_destroy(tree);
  free(text);
  remove_folder(folder);
  nmd_atoms_free(&s.atoms);
}

TEST_SUITE("contract/output", TEST(test_every_entry_has_a_case), TEST(test_continuation), TEST(test_reading_back),
           TEST(test_stop_on_extrapolation), TEST(test_summary),
           TEST(test_netcdf_numbers), TEST(test_changed_elements), TEST(test_thermo_spread))
