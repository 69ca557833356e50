/* SPDX-License-Identifier: BSD-3-Clause */
#include "training/sample.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vec3.h"
#include "system/element.h"

enum { VALUE_MAX = 512 };

static void sample_free(nmd_sample *s) {
  nmd_structure_free(&s->structure);
  nmd_free(s->name);
  nmd_free(s->element);
  *s = (nmd_sample){0};
}

void nmd_sample_set_free(nmd_sample_set *set) {
  for (int i = 0; i < set->n; i++) sample_free(&set->samples[i]);
  nmd_free(set->samples);
  *set = (nmd_sample_set){0};
}

static nmd_status set_push(nmd_sample_set *set, nmd_sample *sample) {
  if (set->n == set->capacity) {
    const int capacity = 2 * set->capacity + 256;
    NMD_TRY(NMD_GROW(set->samples, set->n, capacity));
    set->capacity = capacity;
  }
  set->samples[set->n++] = *sample;
  *sample = (nmd_sample){0};
  return NMD_OK;
}

static uint64_t hash_text(const char *text) {
  uint64_t hash = NMD_HASH_START;
  nmd_hash_text(&hash, text);
  return hash;
}

static int family_index(nmd_families *families, const char *name) {
  for (int i = 0; i < families->n; i++)
    if (strncmp(families->name[i], name, NMD_FAMILY_NAME_MAX - 1) == 0) return i;
  if (families->n == NMD_FAMILIES_MAX) return NMD_FAMILIES_MAX - 1; /* the last one takes all the rest */
  snprintf(families->name[families->n], NMD_FAMILY_NAME_MAX, "%.*s", NMD_FAMILY_NAME_MAX - 1, name);
  return families->n++;
}

static nmd_status read_nine(const nmd_sample *s, const char *key, const char *value, double out[3][3]) {
  char text[VALUE_MAX], *words[10];
  snprintf(text, sizeof text, "%s", value);
  const int found = nmd_split(text, words, 10);
  if (found != 9)
    NMD_FAIL(FILE_FORMAT, "%s: %s: %d numbers; expected 9 (xx xy xz yx ... zz); correct or remove it", s->name, key,
             found);
  for (int k = 0; k < 9; k++)
    if (!nmd_parse_real(words[k], &out[k / 3][k % 3]))
      NMD_FAIL(BAD_NUMBER, "%s: %s: \"%.40s\" is not a finite number; correct or remove it", s->name, key, words[k]);
  return NMD_OK;
}

/* Virial (eV) from the stress of the frame (eV/A^3, tension positive), or as it is given. */
static nmd_status read_stress(nmd_sample *s) {
  const nmd_structure *structure = &s->structure;
  const nmd_box *box = &structure->box;
  double t[3][3], factor = 1.0;
  if (!(box->periodic[0] && box->periodic[1] && box->periodic[2])) return NMD_OK;
  const char *virial = nmd_structure_info(structure, "virial");
  if (structure->has_stress) {
    memcpy(t, structure->stress, sizeof t);
    factor = -box->volume;
  } else if (virial != NULL) {
    NMD_TRY(read_nine(s, "virial", virial, t));
  } else {
    return NMD_OK;
  }
  for (int k = 0; k < 6; k++) s->virial[k] = factor * nmd_symmetric((const double(*)[3])t, k);
  s->has_stress = true;
  return NMD_OK;
}

static nmd_status read_keys(nmd_sample *s, const nmd_sample_filter *filter, nmd_families *families) {
  const char *kind = nmd_structure_info(&s->structure, "kind"), *group = nmd_structure_info(&s->structure, "group");
  const char *weight = nmd_structure_info(&s->structure, "weight");
  s->family = family_index(families, kind != NULL ? kind : "all");
  s->group = hash_text(group != NULL ? group : s->name);
  s->weight = 1.0;
  if (weight != NULL && (!nmd_parse_real(weight, &s->weight) || s->weight < 0.0))
    NMD_FAIL(BAD_NUMBER, "%s: weight=%.40s; expected a number >= 0; correct or remove it", s->name, weight);
  return filter->use_stress ? read_stress(s) : NMD_OK;
}

static nmd_status map_elements(nmd_sample *s, const nmd_model *model) {
  NMD_TRY(NMD_ALLOC(s->element, s->structure.n));
  for (int64_t i = 0; i < s->structure.n; i++) {
    s->element[i] = nmd_model_element_index(model, s->structure.atomic_number[i]);
    if (s->element[i] < 0)
      NMD_FAIL(MODEL_ELEMENT,
               "%s: atom %lld is %s, which is not on the elements line of input.nn; add it there or "
               "remove the frame",
               s->name, (long long)i + 1, nmd_element_symbol(s->structure.atomic_number[i]));
  }
  return NMD_OK;
}

static double largest_force(const nmd_structure *s) {
  double most = 0.0;
  for (int64_t i = 0; s->f != NULL && i < s->n; i++)
    most = fmax(most, sqrt(s->f[i][0] * s->f[i][0] + s->f[i][1] * s->f[i][1] + s->f[i][2] * s->f[i][2]));
  return most;
}

static nmd_status take_off(const nmd_baseline *baseline, nmd_sample *s) {
  double energy, virial[6], (*force)[3];
  NMD_TRY(NMD_ALLOC(force, s->structure.n));
  const nmd_status status = baseline->evaluate(baseline->context, &s->structure, &energy, force, virial);
  if (status == NMD_OK) {
    s->energy -= energy;
    for (int64_t i = 0; s->structure.f != NULL && i < s->structure.n; i++)
      for (int d = 0; d < 3; d++) s->structure.f[i][d] -= force[i][d];
    for (int k = 0; k < 6 && s->has_stress; k++) s->virial[k] -= virial[k];
  }
  nmd_free(force);
  return status;
}

/* Takes the structure over. */
static nmd_status make_sample(const char *place, nmd_structure *structure, const nmd_model *model,
                              const nmd_sample_filter *filter, nmd_families *families, nmd_sample *s) {
  *s = (nmd_sample){.structure = *structure, .level = filter->level};
  *structure = (nmd_structure){0};
  NMD_TRY(nmd_strdup(place, &s->name));
  if (!s->structure.has_energy)
    NMD_FAIL(MISSING_KEY, "%s: the frame that ends here has no energy; expected energy=... (eV); label it or remove it",
             place);
  s->energy = s->structure.energy;
  s->largest_force = largest_force(&s->structure);
  NMD_TRY(map_elements(s, model));
  NMD_TRY(read_keys(s, filter, families));
  return filter->baseline != NULL ? take_off(filter->baseline, s) : NMD_OK;
}

static nmd_status read_frame(nmd_sample_set *set, nmd_structure_reader *reader, const nmd_model *model,
                             const nmd_sample_filter *filter, nmd_families *families, bool *end) {
  nmd_structure structure;
  nmd_sample sample = {0};
  NMD_TRY(nmd_structure_reader_next(reader, &structure, end));
  if (*end) return NMD_OK;
  nmd_status status = make_sample(nmd_structure_reader_place(reader), &structure, model, filter, families, &sample);
  if (status == NMD_OK && filter->max_force > 0.0 && sample.largest_force > filter->max_force)
    set->dropped++;
  else if (status == NMD_OK)
    status = set_push(set, &sample);
  sample_free(&sample);
  return status;
}

nmd_status nmd_sample_set_read(nmd_sample_set *set, const char *path, const nmd_read_options *options,
                               const nmd_model *model, const nmd_sample_filter *filter, nmd_families *families) {
  nmd_structure_reader *reader;
  NMD_TRY(nmd_structure_reader_open(path, options, &reader));
  bool end = false;
  nmd_status status = NMD_OK;
  while (!end && status == NMD_OK) status = read_frame(set, reader, model, filter, families, &end);
  nmd_structure_reader_close(reader);
  return status;
}

nmd_status nmd_sample_set_split(nmd_sample_set *set, double fraction, bool by_group, uint64_t seed,
                                nmd_sample_set *other) {
  int kept = 0;
  for (int i = 0; i < set->n; i++) {
    nmd_sample *s = &set->samples[i];
    double u[2];
    nmd_random_uniform2(seed, NMD_STREAM_SPLIT, 0, by_group ? (int64_t)s->group : (int64_t)hash_text(s->name), 0, u);
    if (u[0] < fraction)
      NMD_TRY(set_push(other, s));
    else
      set->samples[kept++] = *s;
    if (kept - 1 < i) *s = (nmd_sample){0};
  }
  set->n = kept;
  return NMD_OK;
}
