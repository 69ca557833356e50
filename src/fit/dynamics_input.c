/* SPDX-License-Identifier: BSD-3-Clause */
/* The section `dynamics`, and what it names. */
#include <math.h>
#include <string.h>

#include "analysis/trajectory.h"
#include "base/memory.h"
#include "fit/dynamics.h"
#include "io/read_structure.h"
#include "simulation/stage.h"

typedef struct table_entry {
  nmd_text_list elements;
  char *file;
  int64_t column;
} table_entry;
typedef struct bond_entry {
  nmd_text_list elements;
  double length;
} bond_entry;
typedef struct rdf_section {
  double weight, cutoff;
  int64_t bins;
  nmd_text_list pairs;
  const nmd_yaml_node *tables;
} rdf_section;
typedef struct adf_section {
  double weight;
  int64_t bins;
  const nmd_yaml_node *bonds, *tables;
} adf_section;
typedef struct size_section {
  double weight, tolerance;
} size_section;
typedef struct dynamics_section {
  char *structure, *reference;
  int64_t frame, first, stride, every;
  double cap;
  const nmd_yaml_node *stages, *rdf, *adf, *volume, *lattice;
} dynamics_section;

static const nmd_option pair_table_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(table_entry, elements), .doc = "the two elements, [Nb, O]"},
    {"file", NMD_OPT_PATH, offsetof(table_entry, file), .doc = "text with r (A) in the first column"},
    {"column", NMD_OPT_INT, offsetof(table_entry, column), .fallback = "2", .min = 2, .max = 250,
     .doc = "the column of g(r), from 1"},
};
static const nmd_option_table pair_table = {"tables", "a tabulated g(r)", sizeof(table_entry),
                                            NMD_COUNT(pair_table_options), pair_table_options};
static const nmd_option angle_table_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(table_entry, elements),
     .doc = "the element of the centre, then the two outer ones, [Nb, O, O]"},
    {"file", NMD_OPT_PATH, offsetof(table_entry, file), .doc = "text with the angle (degrees) in the first column"},
    {"column", NMD_OPT_INT, offsetof(table_entry, column), .fallback = "2", .min = 2, .max = 250,
     .doc = "the column of the probability density (1/degree), from 1"},
};
static const nmd_option_table angle_table = {"tables", "a tabulated distribution of angles", sizeof(table_entry),
                                             NMD_COUNT(angle_table_options), angle_table_options};
static const nmd_option bond_options[] = {
    {"elements", NMD_OPT_TEXT_LIST, offsetof(bond_entry, elements), .doc = "the two elements, [Nb, O]"},
    {"length", NMD_OPT_REAL, offsetof(bond_entry, length), NMD_DIM_LENGTH, .min = 0, .max = 100, .min_open = 1,
     .doc = "they are bonded when closer than this"},
};
static const nmd_option_table bond_table = {"bonds", "what is a bond", sizeof(bond_entry), NMD_COUNT(bond_options),
                                            bond_options};

static const nmd_option rdf_options[] = {
    {"weight", NMD_OPT_REAL, offsetof(rdf_section, weight), .fallback = "1", .max = 1e6, .doc = "weight in the loss"},
    {"cutoff", NMD_OPT_REAL, offsetof(rdf_section, cutoff), NMD_DIM_LENGTH, "6 A", 0, 100, .min_open = 1,
     .doc = "largest distance"},
    {"bins", NMD_OPT_INT, offsetof(rdf_section, bins), .fallback = "60", .min = 2, .max = 10000,
     .doc = "bins up to there"},
    {"pairs", NMD_OPT_TEXT_LIST, offsetof(rdf_section, pairs), .fallback = "",
     .doc = "which pairs count, e.g. [Nb-O, Li-O]; none: all that the reference has"},
    {"tables", NMD_OPT_NODE, offsetof(rdf_section, tables), .fallback = "", .section = &pair_table, .is_list = 1,
     .doc = "tabulated g(r), instead of those of the reference"},
};
static const nmd_option_table rdf_table = {"rdf", "pair distribution functions", sizeof(rdf_section),
                                           NMD_COUNT(rdf_options), rdf_options};
static const nmd_option adf_options[] = {
    {"weight", NMD_OPT_REAL, offsetof(adf_section, weight), .fallback = "1", .max = 1e6, .doc = "weight in the loss"},
    {"bins", NMD_OPT_INT, offsetof(adf_section, bins), .fallback = "60", .min = 2, .max = 10000,
     .doc = "bins from 0 to 180 degrees"},
    {"bonds", NMD_OPT_NODE, offsetof(adf_section, bonds), .section = &bond_table, .is_list = 1,
     .doc = "between which elements there are bonds; every angle between two of them counts"},
    {"tables", NMD_OPT_NODE, offsetof(adf_section, tables), .fallback = "", .section = &angle_table, .is_list = 1,
     .doc = "tabulated distributions, instead of those of the reference"},
};
static const nmd_option_table adf_table = {"adf", "angles between bonds", sizeof(adf_section), NMD_COUNT(adf_options),
                                           adf_options};
static const nmd_option size_options[] = {
    {"weight", NMD_OPT_REAL, offsetof(size_section, weight), .fallback = "1", .max = 1e6, .doc = "weight in the loss"},
    {"tolerance", NMD_OPT_REAL, offsetof(size_section, tolerance), .fallback = "0.02", .max = 1, .min_open = 1,
     .doc = "relative difference that makes a loss of 1"},
};
static const nmd_option_table volume_table = {"volume", "the mean volume", sizeof(size_section),
                                              NMD_COUNT(size_options), size_options};
static const nmd_option_table lattice_table = {"lattice", "the mean lengths of the cell's vectors",
                                               sizeof(size_section), NMD_COUNT(size_options), size_options};

#define AT(member) offsetof(dynamics_section, member)
static const nmd_option options[] = {
    {"structure", NMD_OPT_PATH, AT(structure), .fallback = "",
     .doc = "where runs start; none: the first frame that is taken of the reference"},
    {"frame", NMD_OPT_INT, AT(frame), .fallback = "0", .min = -1, .max = 1e12,
     .doc = "which frame of that file, from 0; -1: the last"},
    {"reference", NMD_OPT_PATH, AT(reference), .fallback = "",
     .doc = "trajectory whose averages are the target; none: the tables, and the size of the cell at the start"},
    {"first", NMD_OPT_INT, AT(first), .fallback = "0", .max = 1e12, .doc = "first frame of it that counts, from 0"},
    {"stride", NMD_OPT_INT, AT(stride), .fallback = "1", .min = 1, .max = 1e12, .doc = "every so many frames of it"},
    {"stages", NMD_OPT_NODE, AT(stages), .is_list = 1,
     .doc = "the run, as in an input of nnpmd; averages are those of the last stage"},
    {"every", NMD_OPT_INT, AT(every), .fallback = "10", .min = 1, .max = 1e9,
     .doc = "steps from sample to sample of the last stage"},
    {"cap", NMD_OPT_REAL, AT(cap), .fallback = "100", .max = 1e9, .min_open = 1,
     .doc = "most that this entry adds to the loss; also that of a run that flies apart"},
    {"rdf", NMD_OPT_NODE, AT(rdf), .fallback = "", .section = &rdf_table, .doc = "pair distribution functions"},
    {"adf", NMD_OPT_NODE, AT(adf), .fallback = "", .section = &adf_table,
     .doc = "angles between bonds; none: not looked at"},
    {"volume", NMD_OPT_NODE, AT(volume), .fallback = "", .section = &volume_table,
     .doc = "the mean volume; none: no target"},
    {"lattice", NMD_OPT_NODE, AT(lattice), .fallback = "", .section = &lattice_table,
     .doc = "the mean lengths of the cell's vectors; none: no target"},
};
const nmd_option_table nmd_dynamics_table = {"dynamics", "molecular dynamics as a target", sizeof(dynamics_section),
                                             NMD_COUNT(options), options};

/* ---- elements, bonds, pairs ---- */

static nmd_status find_elements(const nmd_yaml_node *node, const nmd_text_list *names, int n,
                                const nmd_species *species, int *kind) {
  if (names->n != n) NMD_FAIL_AT(node, WRONG_TYPE, "elements: %d given; expected %d", names->n, n);
  for (int k = 0; k < n; k++) {
    const int z = nmd_element_from_symbol(names->items[k]);
    if (z == 0)
      NMD_FAIL_AT(node, UNKNOWN_ELEMENT, "elements: \"%s\" is no chemical symbol; expected e.g. Li", names->items[k]);
    kind[k] = nmd_species_index(species, z);
    if (kind[k] < 0)
      NMD_FAIL_AT(node, CONFLICT, "elements: the structure has no %s; expected elements that are there",
                  names->items[k]);
  }
  return NMD_OK;
}

static nmd_status need_list(const nmd_yaml_node *list, const char *key) {
  if (list != NULL && list->kind != NMD_YAML_LIST)
    NMD_FAIL_AT(list, WRONG_TYPE, "%s: expected a list such as - {elements: [Nb, O], ...}", key);
  return NMD_OK;
}

static nmd_status read_bonds(const nmd_yaml_node *list, nmd_distribution_plan *plan) {
  const int kinds = plan->species.n;
  NMD_TRY(need_list(list, "bonds"));
  NMD_TRY(NMD_ALLOC(plan->bond, kinds * kinds));
  for (int k = 0; k < list->n; k++) {
    bond_entry entry;
    int kind[2] = {0};
    NMD_TRY(nmd_options_parse(&bond_table, list->items[k], &entry));
    const nmd_status status = find_elements(list->items[k], &entry.elements, 2, &plan->species, kind);
    plan->bond[kind[0] * kinds + kind[1]] = plan->bond[kind[1] * kinds + kind[0]] = entry.length;
    nmd_options_free(&bond_table, &entry);
    NMD_TRY(status);
  }
  if (list->n == 0) NMD_FAIL_AT(list, MISSING_KEY, "bonds: the list is empty; expected at least one");
  return NMD_OK;
}

/* "Nb-O" to the place of the pair. */
static nmd_status find_pair(const nmd_yaml_node *node, const char *text, const nmd_species *species, int *pair) {
  char first[8] = "";
  const size_t length = strcspn(text, "-");
  if (text[length] != '-' || length >= sizeof first)
    NMD_FAIL_AT(node, BAD_CHOICE, "pairs: \"%s\"; expected two elements such as Nb-O", text);
  memcpy(first, text, length);
  const int a = nmd_species_index(species, nmd_element_from_symbol(first));
  const int b = nmd_species_index(species, nmd_element_from_symbol(text + length + 1));
  if (a < 0 || b < 0)
    NMD_FAIL_AT(node, CONFLICT, "pairs: \"%s\" is not in the structure; expected two of its elements such as Nb-O",
                text);
  *pair = nmd_kind_pair(species->n, a, b);
  return NMD_OK;
}

static nmd_status choose_pairs(const nmd_yaml_node *node, const nmd_text_list *names, nmd_dynamics *t) {
  const int pairs = nmd_kind_pairs(t->plan.species.n);
  NMD_TRY(NMD_ALLOC(t->wanted, pairs));
  for (int k = 0; k < pairs; k++) t->wanted[k] = names->n == 0;
  for (int k = 0; k < names->n; k++) {
    int pair = 0;
    NMD_TRY(find_pair(node, names->items[k], &t->plan.species, &pair));
    t->wanted[pair] = true;
  }
  return NMD_OK;
}

/* ---- the reference ---- */

static nmd_status check_elements(const dynamics_section *p, const nmd_dynamics *t, const nmd_structure *frame) {
  nmd_species other;
  nmd_species_init(&other, frame->atomic_number, (long)frame->n);
  const size_t bytes = sizeof other.atomic_number[0] * (size_t)other.n;
  if (other.n == t->plan.species.n && memcmp(other.atomic_number, t->plan.species.atomic_number, bytes) == 0)
    return NMD_OK;
  NMD_FAIL(CONFLICT, "%s: other elements than the structure that runs start from; expected the same", p->reference);
}

static nmd_status add_frame(const nmd_structure *frame, const nmd_species *species, nmd_sampler *sampler) {
  int *kind;
  NMD_TRY(NMD_ALLOC(kind, frame->n));
  for (int64_t i = 0; i < frame->n; i++) kind[i] = nmd_species_index(species, frame->atomic_number[i]);
  const nmd_status status = nmd_sampler_add(sampler, &frame->box, frame->n, (const double(*)[3])frame->x, kind);
  nmd_free(kind);
  return status;
}

/* The start, where it is the reference's. */
static nmd_status add_frames(const dynamics_section *p, nmd_dynamics *t, nmd_trajectory *run, nmd_sampler *sampler) {
  for (;;) {
    nmd_trajectory_frame frame;
    bool end;
    NMD_TRY(nmd_trajectory_next(run, &frame, &end));
    if (end) break;
    if (sampler->frames == 0) NMD_TRY(check_elements(p, t, frame.atoms));
    NMD_TRY(add_frame(frame.atoms, &t->plan.species, sampler));
  }
  if (sampler->frames == 0)
    NMD_FAIL(OUT_OF_RANGE, "%s: no frame from number %lld on; expected at least one", p->reference,
             (long long)p->first);
  return NMD_OK;
}

static nmd_status average_reference(const dynamics_section *p, nmd_dynamics *t) {
  const nmd_trajectory_options how = {
      .timeless = true, .unwrap = NMD_UNWRAP_NONE, .first = p->first, .stride = p->stride};
  nmd_trajectory *run;
  nmd_sampler sampler;
  const char *paths[1] = {p->reference};
  NMD_TRY(nmd_sampler_init(&sampler, &t->plan));
  nmd_status status = nmd_trajectory_open(paths, 1, &how, &run);
  if (status == NMD_OK) {
    status = add_frames(p, t, run, &sampler);
    nmd_trajectory_close(run);
  }
  if (status == NMD_OK) status = nmd_sampler_result(&sampler, &t->reference);
  nmd_sampler_free(&sampler);
  return status;
}

static nmd_status without_reference(nmd_dynamics *t) {
  NMD_TRY(nmd_distributions_init(&t->reference, &t->plan));
  t->reference.volume = t->start.box.volume;
  for (int d = 0; d < 3; d++)
    for (int k = 0; k < 3; k++) t->reference.lengths[d] += t->start.box.h[d][k] * t->start.box.h[d][k];
  for (int d = 0; d < 3; d++) t->reference.lengths[d] = sqrt(t->reference.lengths[d]);
  return NMD_OK;
}

/* Tables of g(r) (two elements) or of angles (three) into the curves [..][bins] of the reference. */
static nmd_status read_tables(const nmd_yaml_node *list, nmd_dynamics *t, const nmd_option_table *table, int outer,
                              int bins, double step, double *curves) {
  double *x;
  NMD_TRY(need_list(list, "tables"));
  NMD_TRY(NMD_ALLOC(x, bins));
  for (int k = 0; k < bins; k++) x[k] = (k + 0.5) * step;
  nmd_status status = NMD_OK;
  for (int k = 0; list != NULL && k < list->n && status == NMD_OK; k++) {
    table_entry entry;
    int kind[3] = {0};
    status = nmd_options_parse(table, list->items[k], &entry);
    if (status != NMD_OK) break;
    status = find_elements(list->items[k], &entry.elements, outer, &t->plan.species, kind);
    const nmd_adf sizes = {.kinds = t->plan.species.n};
    const int place = outer == 2 ? nmd_kind_pair(t->plan.species.n, kind[0], kind[1])
                                 : nmd_adf_triplet(&sizes, kind[1], kind[0], kind[2]);
    if (status == NMD_OK) status = nmd_table_sample(entry.file, (int)entry.column, bins, x, curves + place * bins);
    nmd_options_free(table, &entry);
  }
  nmd_free(x);
  return status;
}

/* ---- opening ---- */

typedef struct sections {
  dynamics_section main;
  rdf_section rdf;
  adf_section adf;
  size_section volume, lattice;
} sections;

static nmd_status parse(const nmd_yaml_node *node, sections *p) {
  NMD_TRY(nmd_options_parse(&nmd_dynamics_table, node, &p->main));
  NMD_TRY(nmd_options_parse(&rdf_table, p->main.rdf, &p->rdf));
  if (p->main.adf != NULL) NMD_TRY(nmd_options_parse(&adf_table, p->main.adf, &p->adf));
  NMD_TRY(nmd_options_parse(&volume_table, p->main.volume, &p->volume));
  NMD_TRY(nmd_options_parse(&lattice_table, p->main.lattice, &p->lattice));
  if (p->main.structure == NULL && p->main.reference == NULL)
    NMD_FAIL_AT(node, MISSING_KEY, "neither structure nor reference; expected one to start from");
  return NMD_OK;
}

static void take_numbers(const sections *p, nmd_dynamics *t) {
  t->stages = p->main.stages;
  t->every = p->main.every;
  t->cap = p->main.cap;
  t->weights = (nmd_dynamics_weights){.rdf = p->rdf.weight,
                                      .adf = p->main.adf != NULL ? p->adf.weight : 0,
                                      .volume = p->main.volume != NULL ? p->volume.weight : 0,
                                      .lattice = p->main.lattice != NULL ? p->lattice.weight : 0,
                                      .volume_tolerance = p->volume.tolerance,
                                      .lattice_tolerance = p->lattice.tolerance};
  t->plan.cutoff = p->rdf.cutoff;
  t->plan.bins = (int)p->rdf.bins;
  t->plan.angle_bins = p->main.adf != NULL ? (int)p->adf.bins : 1;
}

static nmd_status read_start(const dynamics_section *p, nmd_dynamics *t) {
  const bool own = p->structure != NULL;
  NMD_TRY(nmd_structure_read(own ? p->structure : p->reference, NULL, own ? p->frame : p->first, &t->start));
  nmd_species_init(&t->plan.species, t->start.atomic_number, (long)t->start.n);
  if (t->start.n == 0) NMD_FAIL(CONFLICT, "%s: no atoms; expected at least one", own ? p->structure : p->reference);
  return NMD_OK;
}

static bool has_target(const nmd_dynamics *t, const sections *p) {
  const int pairs = nmd_kind_pairs(t->plan.species.n) * t->plan.bins;
  bool found = t->weights.volume > 0 || t->weights.lattice > 0;
  for (int k = 0; k < pairs && !found; k++)
    found = t->weights.rdf > 0 && t->wanted[k / t->plan.bins] && t->reference.g[k] > 0;
  for (int k = 0; p->main.adf != NULL && k < t->reference.triplets * t->plan.angle_bins && !found; k++)
    found = t->weights.adf > 0 && t->reference.p[k] > 0;
  return found;
}

static nmd_status open_target(const nmd_yaml_node *node, sections *p, nmd_dynamics *t) {
  NMD_TRY(parse(node, p));
  take_numbers(p, t);
  NMD_TRY(read_start(&p->main, t));
  NMD_TRY(choose_pairs(p->main.rdf != NULL ? p->main.rdf : node, &p->rdf.pairs, t));
  if (p->main.adf != NULL) NMD_TRY(read_bonds(p->adf.bonds, &t->plan));
  NMD_TRY(p->main.reference != NULL ? average_reference(&p->main, t) : without_reference(t));
  NMD_TRY(read_tables(p->rdf.tables, t, &pair_table, 2, t->plan.bins, t->plan.cutoff / t->plan.bins, t->reference.g));
  if (p->main.adf != NULL)
    NMD_TRY(
        read_tables(p->adf.tables, t, &angle_table, 3, t->plan.angle_bins, 180.0 / t->plan.angle_bins, t->reference.p));
  if (has_target(t, p)) return NMD_OK;
  NMD_FAIL_AT(node, MISSING_KEY,
              "nothing to compare with; expected a reference, tables, volume or lattice with a weight");
}

nmd_status nmd_dynamics_open(const nmd_yaml_node *node, int64_t seed, nmd_dynamics *out) {
  sections p = {0};
  *out = (nmd_dynamics){.seed = seed};
  const nmd_status status = open_target(node, &p, out);
  nmd_options_free(&rdf_table, &p.rdf);
  nmd_options_free(&nmd_dynamics_table, &p.main);
  if (status != NMD_OK) nmd_dynamics_free(out);
  return status;
}

void nmd_dynamics_free(nmd_dynamics *t) {
  nmd_structure_free(&t->start);
  nmd_free(t->plan.bond);
  nmd_free(t->wanted);
  nmd_distributions_free(&t->reference);
  nmd_distributions_free(&t->result.seen);
  *t = (nmd_dynamics){0};
}
