/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/poscar_header.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/vec3.h"
#include "io/read_format.h"
#include "system/element.h"

/* Words up to a comment. */
static int words_of(nmd_source *source, char **words, int max) {
  const int n = nmd_source_words(source, words, max);
  for (int i = 0; i < n; i++)
    if (words[i][0] == '!' || words[i][0] == '#') return i;
  return n;
}

static nmd_status read_scale(nmd_source *source, nmd__poscar *p) {
  char *words[4];
  NMD_TRY(nmd_source_need(source, "the scale factor of the cell"));
  const int n = words_of(source, words, 4);
  if (n != 1 && n != 3)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "scale: %d words; expected one number, or three", n);
  NMD_TRY(nmd_source_reals(source, words, n, "scale", p->scale));
  for (int d = n; d < 3; d++) p->scale[d] = p->scale[0];
  for (int d = 0; d < n; d++)
    if (p->scale[d] == 0.0 || (n == 3 && p->scale[d] < 0.0))
      return nmd_source_fail(source, words[d], NMD_OUT_OF_RANGE,
                             "scale: %s; expected a positive factor, or one negative number for the volume", words[d]);
  return NMD_OK;
}

static nmd_status read_cell(nmd_source *source, nmd__poscar *p) {
  char *words[4];
  NMD_TRY(read_scale(source, p));
  for (int k = 0; k < 3; k++) {
    NMD_TRY(nmd_source_need(source, "a cell vector"));
    const int n = words_of(source, words, 4);
    if (n != 3)
      return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "cell vector %d: %d words; expected three numbers", k + 1,
                             n);
    NMD_TRY(nmd_source_reals(source, words, 3, "cell vector", p->h[k]));
  }
  if (p->scale[0] < 0.0) { /* the volume wanted */
    const double volume = fabs(nmd_det(p->h)), scale = volume > 0.0 ? cbrt(-p->scale[0] / volume) : 1.0;
    for (int d = 0; d < 3; d++) p->scale[d] = scale;
  }
  for (int k = 0; k < 9; k++) p->h[k / 3][k % 3] *= p->scale[k % 3];
  return NMD_OK;
}

/* "Li", "Li_sv", "Li/5f2c..." (a hash of VASP 6). */
static nmd_status read_symbol(const nmd_source *source, char *word, int *number) {
  char symbol[8] = "";
  const size_t n = strcspn(word, "_/");
  if (n < sizeof symbol) memcpy(symbol, word, n);
  *number = nmd_element_from_symbol(symbol);
  return *number > 0 ? NMD_OK : nmd_source_element(source, word, number);
}

static nmd_status read_symbols(nmd_source *source, const nmd_read_options *options, nmd__poscar *p) {
  char *words[NMD__POSCAR_GROUPS_MAX + 1];
  double value;
  NMD_TRY(nmd_source_need(source, "the line of element symbols"));
  int n = words_of(source, words, NMD__POSCAR_GROUPS_MAX + 1);
  if (n == 0 || n > NMD__POSCAR_GROUPS_MAX)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "%d element symbols; expected 1 to %d", n,
                           NMD__POSCAR_GROUPS_MAX);
  if (nmd_parse_real(words[0], &value)) { /* VASP 4: counts come without symbols */
    if (options->n_elements == 0)
      return nmd_source_fail(source, words[0], NMD_MISSING_KEY,
                             "'%s' where element symbols are due (VASP 4 file?); expected e.g. `Li Au`; insert that "
                             "line above the counts or give the elements",
                             words[0]);
    nmd_source_back(source);
    n = options->n_elements;
  }
  p->groups = n;
  for (int g = 0; g < n && options->n_elements == 0; g++) NMD_TRY(read_symbol(source, words[g], &p->number[g]));
  return NMD_OK;
}

/* Elements the caller gave go before those of the file. */
static nmd_status take_given_elements(const nmd_source *source, const nmd_read_options *options, nmd__poscar *p) {
  if (options->n_elements == 0) return NMD_OK;
  if (options->n_elements != p->groups)
    return nmd_source_fail(source, NULL, NMD_CONFLICT, "%d groups of atoms, but %d elements given; give one for each",
                           p->groups, options->n_elements);
  for (int g = 0; g < p->groups; g++) {
    p->number[g] = nmd_element_from_symbol(options->elements[g]);
    if (p->number[g] == 0)
      return nmd_source_fail(source, NULL, NMD_UNKNOWN_ELEMENT, "given element '%.20s'; expected a symbol such as Li",
                             options->elements[g]);
  }
  return NMD_OK;
}

static nmd_status read_counts(nmd_source *source, nmd__poscar *p) {
  char *words[NMD__POSCAR_GROUPS_MAX + 1];
  NMD_TRY(nmd_source_need(source, "the numbers of atoms of each element"));
  const int n = words_of(source, words, NMD__POSCAR_GROUPS_MAX + 1);
  if (n != p->groups)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                           "%d numbers of atoms for %d elements; expected one for each; correct one of the two lines",
                           n, p->groups);
  for (int g = 0; g < n; g++) {
    NMD_TRY(nmd_source_int(source, words[g], "number of atoms", 0, INT64_MAX / NMD__POSCAR_GROUPS_MAX, &p->count[g]));
    p->n += p->count[g];
  }
  if (p->n == 0)
    return nmd_source_fail(source, words[0], NMD_OUT_OF_RANGE, "no atoms at all; expected at least one; correct it");
  return nmd_source_expect(source, words[0], p->n, 6, "atoms");
}

nmd_status nmd__poscar_triple_read(nmd_source *source, const char *what, int64_t i, int64_t n, double out[3]) {
  char *words[4], expected[80];
  snprintf(expected, sizeof expected, "the %s of atom %lld of %lld", what, (long long)i + 1, (long long)n);
  NMD_TRY(nmd_source_need(source, expected));
  const int found = nmd_source_words(source, words, 4);
  if (found < 3)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT, "%s of atom %lld of %lld: %d numbers; expected three", what,
                           (long long)i + 1, (long long)n, found);
  return nmd_source_reals(source, words, 3, what, out);
}

nmd_status nmd__poscar_header_read(nmd_source *source, const nmd_read_options *options, nmd__poscar *p) {
  *p = (nmd__poscar){.n = 0};
  NMD_TRY(read_cell(source, p));
  NMD_TRY(nmd__read_box(source, p->h, NULL, NULL, &p->box));
  NMD_TRY(read_symbols(source, options, p));
  NMD_TRY(take_given_elements(source, options, p));
  return read_counts(source, p);
}
