/* SPDX-License-Identifier: BSD-3-Clause */
/* Splits and weights: numbers, families kept whole, the seed decides. Uses TEST_COMM. */
#include "dataset/split.h"

#include "base/memory.h"
#include "support/test.h"
#include "toy_set.h"

static void count(const nmd_part *part, int64_t n, int64_t counts[NMD_PARTS]) {
  counts[0] = counts[1] = counts[2] = 0;
  for (int64_t k = 0; k < n; k++) counts[part[k]]++;
}

static void test_by_structure(void) {
  nmd_dataset set;
  nmd_part a[100], b[100];
  int64_t n[NMD_PARTS], same = 0;
  toy_set_make(100, &set);
  nmd_split_options o = {.test = 0.2, .holdout = 0.07, .key = "group", .seed = 5};
  TEST_OK(nmd_dataset_split(&set, &o, a));
  count(a, 100, n);
  CU_ASSERT(n[NMD_PART_TEST] == 20 && n[NMD_PART_HOLDOUT] == 7 && n[NMD_PART_TRAIN] == 73);
  TEST_OK(nmd_dataset_split(&set, &o, b));
  CU_ASSERT(memcmp(a, b, sizeof a) == 0);
  o.seed = 6;
  TEST_OK(nmd_dataset_split(&set, &o, b));
  for (int k = 0; k < 100; k++) same += a[k] == b[k];
  TEST_CHECK(same < 90, "%lld frames in the same part under another seed", (long long)same);
  o.test = 0.6, o.holdout = 0.5;
  TEST_FAILS(nmd_dataset_split(&set, &o, b), NMD_OUT_OF_RANGE);
  nmd_dataset_free(&set);
}

static void test_by_family(void) {
  nmd_dataset set;
  nmd_part part[100];
  int64_t n[NMD_PARTS];
  toy_set_make(100, &set);
  char *held[] = {"run3"};
  const nmd_text_list values = {1, held};
  nmd_split_options o = {.test = 0.25, .by_group = true, .key = "group", .holdout_values = &values, .seed = 1};
  TEST_OK(nmd_dataset_split(&set, &o, part));
  count(part, 100, n);
  CU_ASSERT(n[NMD_PART_TEST] == 20 && n[NMD_PART_HOLDOUT] == 10); /* whole runs of ten, no more than asked for */
  for (int k = 0; k < 100; k++) CU_ASSERT(part[k] == part[10 * (k / 10)]);
  CU_ASSERT(part[30] == NMD_PART_HOLDOUT);
  held[0] = "run77";
  TEST_FAILS(nmd_dataset_split(&set, &o, part), NMD_BAD_CHOICE);
  TEST_CONTAINS(nmd_error_text(), "no frame has group=run77");
  o.key = "family";
  TEST_FAILS(nmd_dataset_split(&set, &o, part), NMD_MISSING_KEY);
  TEST_CONTAINS(nmd_error_text(), "toy:0: no key family");
  nmd_dataset_free(&set);
}

static void test_weights(void) {
  nmd_dataset set;
  toy_set_make(50, &set); /* 30 even, 20 odd */
  char *named[] = {"odd=0.25"};
  const nmd_text_list weights = {1, named};
  nmd_weight_options o = {.key = "kind", .weights = &weights, .other = 2.0};
  TEST_OK(nmd_dataset_reweight(&set, &o));
  TEST_EQUAL_TEXT(nmd_structure_key(&set.frames[0], "weight"), "2");
  TEST_EQUAL_TEXT(nmd_structure_key(&set.frames[10], "weight"), "0.25");
  o.weights = NULL, o.balance = true;
  TEST_OK(nmd_dataset_reweight(&set, &o));
  double sum[2] = {0.0, 0.0};
  for (int k = 0; k < 50; k++) sum[k / 10 % 2] += atof(nmd_structure_key(&set.frames[k], "weight"));
  TEST_NEAR(sum[0], 25.0, 1e-3);
  TEST_NEAR(sum[1], 25.0, 1e-3);
  o.weights = &weights;
  named[0] = "odd=x";
  TEST_FAILS(nmd_dataset_reweight(&set, &o), NMD_BAD_NUMBER);
  named[0] = "strange=1";
  TEST_FAILS(nmd_dataset_reweight(&set, &o), NMD_BAD_CHOICE);
  o.key = "weight";
  TEST_FAILS(nmd_dataset_reweight(&set, &o), NMD_CONFLICT);
  nmd_dataset_free(&set);
}

static void test_families(void) {
  const int64_t before = nmd_memory_in_use();
  nmd_dataset set;
  nmd_families_of families;
  toy_set_make(25, &set);
  TEST_OK(nmd_dataset_families(&set, "group", &families));
  CU_ASSERT(families.n == 3 && families.count[0] == 10 && families.count[2] == 5 && families.of_frame[24] == 2);
  TEST_EQUAL_TEXT(families.name[1], "run1");
  nmd_families_of_free(&families);
  nmd_dataset_free(&set);
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

TEST_SUITE("dataset/split", TEST(test_by_structure), TEST(test_by_family), TEST(test_weights), TEST(test_families))
