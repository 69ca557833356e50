/* SPDX-License-Identifier: BSD-3-Clause */
/* Files to a run: order of atoms, unwrapping, times, restarts, damage. */
#include "analysis/trajectory.h"

#include "base/memory.h"
#include "base/vec3.h"
#include "support/test.h"

/* One dump frame of two atoms (Li 1, O 2) in a cube of 10 A; atom 1 at x (wrapped unless unwrapped is asked for). */
static void put_frame(char *text, size_t size, long step, double x, const char *first, const char *second) {
  const size_t used = strlen(text);
  snprintf(text + used, size - used,
           "ITEM: TIMESTEP\n%ld\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 10\n0 10\n0 10\n"
           "ITEM: ATOMS id element x y z\n%s %.10g 1 2\n%s 5 5 5\n",
           step, first, x, second);
}

static const char *ramp(const char *name, long from, long to, long every) {
  static char text[65536];
  text[0] = '\0';
  for (long step = from; step <= to; step += every) {
    const double x = 0.02 * (double)step; /* 2 A in a hundred steps: leaves the cell again and again */
    put_frame(text, sizeof text, step, x - 10.0 * floor(x / 10.0), "1 Li", "2 O");
  }
  return test_write(name, text);
}

typedef struct run {
  int n;
  double x[200], time[200];
  nmd_trajectory_facts facts;
} run;

/* Read the whole run: x of the first atom. */
static nmd_status read_run(const char *const *paths, int n_paths, const nmd_trajectory_options *options, run *r) {
  nmd_trajectory *t;
  *r = (run){0};
  NMD_TRY(nmd_trajectory_open(paths, n_paths, options, &t));
  nmd_status status = NMD_OK;
  for (bool end = false; !end && status == NMD_OK;) {
    nmd_trajectory_frame frame;
    status = nmd_trajectory_next(t, &frame, &end);
    if (end || status != NMD_OK) break;
    r->x[r->n] = frame.atoms->x[0][0];
    r->time[r->n++] = frame.time;
  }
  r->facts = nmd_trajectory_learnt(t);
  nmd_trajectory_close(t);
  return status;
}

static const nmd_trajectory_options fs2 = {.timestep = 2.0};

static void test_unwraps_and_times(void) {
  const char *path = ramp("ramp.lammpstrj", 0, 5000, 100);
  run r;
  TEST_OK(read_run(&path, 1, &fs2, &r));
  TEST_EQUAL_INT(r.n, 51);
  for (int k = 0; k < r.n; k++) {
    TEST_NEAR(r.x[k], 2.0 * k, 1e-9);
    TEST_NEAR(r.time[k], 200.0 * k, 1e-9);
  }
  TEST_NEAR(r.facts.spacing, 200.0, 1e-9);
  TEST_CHECK(!r.facts.variable_cell && r.facts.unwrap == NMD_UNWRAP_NEAREST, "scheme %d", r.facts.unwrap);
}

static void test_ambiguous_hop(void) {
  const char *path = ramp("fast.lammpstrj", 0, 1000, 225); /* 4.5 of 10 A a frame */
  run r;
  TEST_FAILS(read_run(&path, 1, &fs2, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "frame 1");
  TEST_CONTAINS(nmd_error_text(), "half a cell");
}

static void test_damaged_coordinate(void) {
  char text[1024] = "";
  put_frame(text, sizeof text, 0, 1, "1 Li", "2 O");
  put_frame(text, sizeof text, 10, 1e100, "1 Li", "2 O");
  const char *path = test_write("far.lammpstrj", text);
  run r;
  TEST_FAILS(read_run(&path, 1, &fs2, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "atom 1 moves by 1e+99 cells along vector a");
}

static void test_restarts_are_one_run(void) {
  char first[256], second[256], third[256];
  snprintf(first, sizeof first, "%s", ramp("r1.lammpstrj", 0, 2000, 100));
  snprintf(second, sizeof second, "%s", ramp("r2.lammpstrj", 1500, 3000, 100));
  snprintf(third, sizeof third, "%s", ramp("r3.lammpstrj", 3000, 5000, 100));
  const char *parts[] = {first, second, third};
  run r;
  TEST_OK(read_run(parts, 3, &fs2, &r));
  TEST_EQUAL_INT(r.n, 51);
  TEST_EQUAL_INT(r.facts.overlap, 7);
  for (int k = 0; k < r.n; k++) TEST_NEAR(r.x[k], 2.0 * k, 1e-9);
  const char *wrong[] = {third, first};
  TEST_FAILS(read_run(wrong, 2, &fs2, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "in order of time");
}

static void test_order_and_identity(void) {
  char text[2048] = "";
  run r;
  put_frame(text, sizeof text, 0, 1.0, "1 Li", "2 O");
  put_frame(text, sizeof text, 1, 5.0, "2 O", "1 Li"); /* reordered: atom 1 is at 5 now */
  const char *path = test_write("order.lammpstrj", text);
  TEST_OK(read_run(&path, 1, &(nmd_trajectory_options){.timestep = 1.0, .unwrap = NMD_UNWRAP_NONE}, &r));
  TEST_NEAR(r.x[1], 5.0, 0.0);
  put_frame(text, sizeof text, 2, 1.0, "1 O", "2 O");
  path = test_write("species.lammpstrj", text);
  TEST_FAILS(read_run(&path, 1, &(nmd_trajectory_options){.timestep = 1.0, .unwrap = NMD_UNWRAP_NONE}, &r),
             NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "atom 1 is O, in the first frame it was Li");
  text[0] = '\0';
  put_frame(text, sizeof text, 0, 1.0, "1 Li", "2 O");
  put_frame(text, sizeof text, 1, 1.0, "1 Li", "3 O");
  path = test_write("ids.lammpstrj", text);
  TEST_FAILS(read_run(&path, 1, &fs2, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "ids.lammpstrj:22: frame 1: atom id 3");
}

/* A run that ended between two times at which it writes; in the middle it is uneven. */
static void test_last_is_early(void) {
  static const long steps[] = {0, 10, 20, 23, 33};
  char text[4096] = "";
  run r;
  for (int k = 0; k < 4; k++) put_frame(text, sizeof text, steps[k], 1.0 + 0.1 * k, "1 Li", "2 O");
  const char *path = test_write("early.lammpstrj", text);
  if (!TEST_OK(read_run(&path, 1, &fs2, &r))) return;
  TEST_EQUAL_INT(r.n, 3);
  TEST_EQUAL_INT(r.facts.frames_read, 4);
  TEST_NEAR(r.facts.spacing, 20.0, 1e-9);
  put_frame(text, sizeof text, steps[4], 1.4, "1 Li", "2 O");
  path = test_write("early.lammpstrj", text);
  TEST_FAILS(read_run(&path, 1, &fs2, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "frame 3 comes 6 fs after the one before, the frames until there came every 20 fs");
}

static void test_times(void) {
  char text[4096] = "";
  run r;
  put_frame(text, sizeof text, 0, 1.0, "1 Li", "2 O");
  put_frame(text, sizeof text, 10, 1.1, "1 Li", "2 O");
  put_frame(text, sizeof text, 30, 1.2, "1 Li", "2 O");
  const char *path = test_write("uneven.lammpstrj", text);
  TEST_FAILS(read_run(&path, 1, &fs2, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "frame 2 comes 40 fs after");
  TEST_OK(read_run(&path, 1, &(nmd_trajectory_options){.timestep = 2.0, .first = 1}, &r)); /* what is left is even */
  TEST_EQUAL_INT(r.n, 2);
  TEST_NEAR(r.facts.spacing, 40.0, 1e-9);
  TEST_OK(read_run(&path, 1, &(nmd_trajectory_options){.timestep = 2.0, .skip = 15}, &r));
  TEST_EQUAL_INT(r.n, 2);
  TEST_OK(read_run(&path, 1, &(nmd_trajectory_options){.timestep = 2.0, .n_frames = 2}, &r));
  TEST_NEAR(r.facts.spacing, 20.0, 1e-9);
  TEST_FAILS(read_run(&path, 1, &(nmd_trajectory_options){0}, &r), NMD_MISSING_KEY);
  TEST_CONTAINS(nmd_error_text(), "--timestep");
  TEST_OK(read_run(&path, 1, &(nmd_trajectory_options){.timeless = true}, &r));
  text[0] = '\0';
  put_frame(text, sizeof text, 10, 1.0, "1 Li", "2 O");
  put_frame(text, sizeof text, 5, 1.1, "1 Li", "2 O");
  path = test_write("back.lammpstrj", text);
  TEST_FAILS(read_run(&path, 1, &fs2, &r), NMD_CONFLICT);
  TEST_CONTAINS(nmd_error_text(), "time goes back, from step 10");
}

static void test_range(void) {
  const char *path = ramp("range.lammpstrj", 0, 5000, 100);
  run r;
  TEST_OK(read_run(
      &path, 1, &(nmd_trajectory_options){.timestep = 2.0, .skip = 1000, .first = 3, .stride = 4, .n_frames = 3}, &r));
  TEST_EQUAL_INT(r.n, 3);
  TEST_NEAR(r.x[0], 14.0, 1e-9); /* frames 3, 7, ...; the first at or after 1000 fs = frame 5 */
  TEST_NEAR(r.x[2], 30.0, 1e-9);
}

static void test_cut_off(void) {
  char *whole = test_read(ramp("whole.lammpstrj", 0, 1000, 100));
  char *cut = strdup(whole);
  cut[strlen(cut) - 40] = '\0';
  const char *path = test_write("cut.lammpstrj", cut);
  run r;
  TEST_OK(read_run(&path, 1, &fs2, &r));
  TEST_EQUAL_INT(r.n, 10);
  TEST_FAILS(read_run(&path, 1, &(nmd_trajectory_options){.timestep = 2.0, .strict = true}, &r), NMD_FILE_TRUNCATED);
  TEST_CONTAINS(nmd_error_text(), "frame 10");
  char *atom = strstr(strstr(whole, "ITEM: TIMESTEP\n500"), "1 Li");
  memcpy(atom, "1 Qq", 4);
  path = test_write("corrupt.lammpstrj", whole);
  TEST_FAILS(read_run(&path, 1, &fs2, &r), NMD_UNKNOWN_ELEMENT);
  TEST_CONTAINS(nmd_error_text(), "frame 5 of the file (from 0)");
  TEST_CONTAINS(nmd_error_text(), "corrupt.lammpstrj:65:3");
  free(whole);
  free(cut);
}

static void test_variable_cell(void) {
  /* An atom fixed in fractional coordinates of a breathing cell, with a hop through the boundary by +0.3 a frame. */
  char text[16384] = "";
  for (int k = 0; k < 20; k++) {
    const double length = 10.0 + 0.5 * sin(k), s = 0.3 * k - floor(0.3 * k);
    const size_t used = strlen(text);
    snprintf(text + used, sizeof text - used,
             "1\nLattice=\"%.12g 0 0 1 10 0 0 0 10\" Properties=species:S:1:pos:R:3 time=%d\nLi %.12f 0 0\n", length,
             5 * k, s * length);
  }
  const char *path = test_write("breathing.xyz", text);
  run nearest, tor;
  TEST_OK(read_run(&path, 1, &(nmd_trajectory_options){0}, &nearest));
  TEST_OK(read_run(&path, 1, &(nmd_trajectory_options){.unwrap = NMD_UNWRAP_TOR}, &tor));
  TEST_CHECK(nearest.facts.variable_cell, "cell seen as fixed");
  double sum = 0.0, before = 0.0;
  for (int k = 0; k < 20; k++) {
    const double length = 10.0 + 0.5 * sin(k), s = 0.3 * k - floor(0.3 * k), x = s * length;
    if (k > 0) sum += x - before - length * nearbyint((x - before) / length);
    before = x;
    TEST_NEAR(nearest.x[k], 0.3 * k * length, 1e-8);
    TEST_NEAR(tor.x[k], sum, 1e-8);
  }
  TEST_NEAR(nearest.facts.spacing, 5.0, 1e-12);
}

static void test_selection(void) {
  nmd_selection s;
  char *items[] = {"Li"};
  const nmd_text_list list = {1, items};
  TEST_OK(nmd_selection_init(&s, &list, "1-10:3,20"));
  TEST_CHECK(nmd_selection_has(&s, 4, 3) && nmd_selection_has(&s, 20, 3), "ids 4, 20");
  TEST_CHECK(!nmd_selection_has(&s, 5, 3) && !nmd_selection_has(&s, 4, 8), "id 5, oxygen");
  nmd_selection_free(&s);
  TEST_FAILS(nmd_selection_init(&s, NULL, "3-1"), NMD_BAD_NUMBER);
  TEST_CONTAINS(nmd_error_text(), "3-1");
  const char *path = ramp("none.lammpstrj", 0, 100, 100);
  char *other[] = {"Au"};
  TEST_OK(nmd_selection_init(&s, &(nmd_text_list){1, other}, NULL));
  run r;
  TEST_FAILS(read_run(&path, 1, &(nmd_trajectory_options){.timestep = 1.0, .selection = &s}, &r), NMD_MISSING_KEY);
  nmd_selection_free(&s);
}

TEST_SUITE("analysis/trajectory", TEST(test_unwraps_and_times), TEST(test_ambiguous_hop), TEST(test_damaged_coordinate),
           TEST(test_restarts_are_one_run), TEST(test_order_and_identity), TEST(test_last_is_early), TEST(test_times),
           TEST(test_range), TEST(test_cut_off), TEST(test_variable_cell), TEST(test_selection))
