/* SPDX-License-Identifier: BSD-3-Clause */
/* nnpmd-mix: energies of mixing and the lower convex hull of a set of structures. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/hull.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/read_structure.h"
#include "system/element.h"
#include "tool.h"

typedef struct mix_options {
  nmd_text_list table, member, reference;
  char *format, *x;
} mix_options;

static const nmd_option mix_option_list[] = {
    {"table", NMD_OPT_TEXT_LIST, offsetof(mix_options, table), .fallback = "",
     .doc = "files with a line `FORMULA ENERGY [ENERGY OF EACH COMMITTEE MEMBER]` a structure (eV, whole structure)"},
    {"member", NMD_OPT_TEXT_LIST, offsetof(mix_options, member), .fallback = "",
     .doc = "files with the same structures in the same order, energies by one committee member each"},
    {"reference", NMD_OPT_TEXT_LIST, offsetof(mix_options, reference), .fallback = "",
     .doc = "energies of pure elements in eV/atom that are not among the structures, e.g. Li=-1.90,Au=-3.27"},
    {"x", NMD_OPT_TEXT, offsetof(mix_options, x), .fallback = "",
     .doc = "element whose fraction is the axis of the plot of a binary system; default: the lighter one"},
    {"format", NMD_OPT_TEXT, offsetof(mix_options, format), .fallback = "",
     .doc = "format of the structure files; default: by name and content"},
};
static const nmd_option_table mix_table = {"mix", "energies of mixing", sizeof(mix_options), NMD_COUNT(mix_option_list),
                                           mix_option_list};

enum { MEMBERS_MAX = 256, FORMULA_MAX = 200 };

typedef struct entry {
  char name[FORMULA_MAX];
  double count[NMD_ELEMENT_MAX + 1]; /* by atomic number */
  double n;                          /* atoms; 0: a given reference */
  double energy[1 + MEMBERS_MAX];    /* eV/atom: the energy, then the members' */
} entry;

typedef struct mix {
  entry *entry;
  int64_t n, capacity;
  int members;                                 /* of every entry; -1: no entry yet */
  int elements, number[NMD_HULL_ELEMENTS_MAX]; /* atomic numbers, in order of the columns */
  double *composition, *energy;                /* [n][elements], [n] */
  int64_t pure[NMD_HULL_ELEMENTS_MAX];
  nmd_hull_point *point; /* [n] of the energies */
  double *sum, *square;  /* [2][n] of mixing energy and distance over the members */
  double *stable;        /* [n] share of members for which it is on the hull */
} mix;

static nmd_status new_entry(mix *m, entry **out) {
  if (m->n == m->capacity) {
    NMD_TRY(NMD_GROW(m->entry, m->n, 2 * m->capacity + 64));
    m->capacity = 2 * m->capacity + 64;
  }
  *out = &m->entry[m->n];
  memset(*out, 0, sizeof **out);
  return NMD_OK;
}

static void name_by_formula(entry *e, const char *place) {
  size_t used = 0;
  for (int z = 1; z <= NMD_ELEMENT_MAX && used < sizeof e->name; z++)
    if (e->count[z] > 0)
      used += (size_t)snprintf(e->name + used, sizeof e->name - used, "%s%g", nmd_element_symbol(z), e->count[z]);
  if (used < sizeof e->name) snprintf(e->name + used, sizeof e->name - used, "(%s)", place);
  for (char *c = e->name; *c != '\0'; c++)
    if (isspace((unsigned char)*c)) *c = '_'; /* a word of the table */
}

/* "Li3Au", "Au4 Li12" is not one word, "Li0.5Au0.5" is fine. */
static nmd_status parse_formula(const char *place, const char *word, entry *e) {
  for (const char *c = word; *c != '\0';) {
    char symbol[3] = {c[0], 0, 0}, *end = NULL;
    if (isupper((unsigned char)c[0]) && islower((unsigned char)c[1])) symbol[1] = c[1];
    const int z = nmd_element_from_symbol(symbol);
    if (z == 0)
      NMD_FAIL(UNKNOWN_ELEMENT, "%s: formula '%s': no element at '%.10s'; expected e.g. Li3Au", place, word, c);
    c += strlen(symbol);
    const bool counted = isdigit((unsigned char)*c) || *c == '.';
    const double count = counted ? strtod(c, &end) : 1;
    if (counted) c = end;
    if (!(count > 0 && count < 1e12))
      NMD_FAIL(BAD_NUMBER, "%s: formula '%s': a count of %g; expected > 0", place, word, count);
    e->count[z] += count;
    e->n += count;
  }
  return NMD_OK;
}

static nmd_status check_members(mix *m, const char *place, int members) {
  if (members > MEMBERS_MAX)
    NMD_FAIL(OUT_OF_RANGE, "%s: %d committee members; expected at most %d", place, members, MEMBERS_MAX);
  if (m->members < 0) m->members = members;
  if (members == m->members) return NMD_OK;
  NMD_FAIL(CONFLICT, "%s: energies of %d committee members, the structures before have %d; expected the same number",
           place, members, m->members);
}

static nmd_status read_row(mix *m, const char *place, char *line) {
  char *words[MEMBERS_MAX + 3];
  const int n = nmd_split(line, words, MEMBERS_MAX + 3);
  entry *e;
  if (n == 0 || words[0][0] == '#') return NMD_OK;
  if (n < 2) NMD_FAIL(SYNTAX, "%s: '%s': expected a formula and its energy in eV, e.g. Li3Au -9.81", place, words[0]);
  NMD_TRY(new_entry(m, &e));
  NMD_TRY(parse_formula(place, words[0], e));
  NMD_TRY(check_members(m, place, n - 2));
  for (int k = 1; k < n; k++) {
    double value;
    if (!nmd_parse_real(words[k], &value))
      NMD_FAIL(BAD_NUMBER, "%s: energy '%s': expected a number in eV", place, words[k]);
    e->energy[k - 1] = value / e->n;
  }
  snprintf(e->name, sizeof e->name, "%s", words[0]);
  m->n++;
  return NMD_OK;
}

static nmd_status read_table(mix *m, const char *path) {
  char *text, *line, place[512];
  size_t length;
  nmd_lines lines;
  nmd_status status = NMD_OK;
  NMD_TRY(nmd_text_read_file(path, &text, &length));
  nmd_lines_init(&lines, path, text);
  while (status == NMD_OK && nmd_lines_next(&lines, &line)) {
    snprintf(place, sizeof place, "%.480s:%d", path, lines.line);
    status = read_row(m, place, line);
  }
  nmd_free(text);
  return status;
}

static nmd_status take_structure(mix *m, const nmd_structure *s, const char *place, const char *short_place) {
  entry *e;
  if (!s->has_energy)
    NMD_FAIL(MISSING_KEY,
             "%s: no energy of this structure; expected one (extxyz: energy=..., in eV), e.g. from nnpmd-eval", place);
  NMD_TRY(new_entry(m, &e));
  for (int64_t i = 0; i < s->n; i++) e->count[s->atomic_number[i]] += 1;
  e->n = (double)s->n;
  e->energy[0] = s->energy / e->n;
  name_by_formula(e, short_place);
  m->n++;
  return NMD_OK;
}

/* Another committee member's opinion of entry k. */
static nmd_status take_opinion(mix *m, int64_t k, int member, const nmd_structure *s, const char *place) {
  double count[NMD_ELEMENT_MAX + 1] = {0};
  for (int64_t i = 0; i < s->n; i++) count[s->atomic_number[i]] += 1;
  if (k >= m->n || memcmp(count, m->entry[k].count, sizeof count) != 0 || !s->has_energy)
    NMD_FAIL(CONFLICT,
             "%s: structure %lld is not the one of the files without --member, or has no energy; expected the same "
             "structures in the same order",
             place, (long long)(k + 1));
  m->entry[k].energy[1 + member] = s->energy / (double)s->n;
  return NMD_OK;
}

static nmd_status read_frame(mix *m, nmd_structure_reader *reader, const char *path, int member, int64_t *k,
                             bool *end) {
  nmd_structure s = {0};
  char place[64];
  NMD_TRY(nmd_structure_reader_next(reader, &s, end));
  if (*end) return NMD_OK;
  const char *slash = strrchr(path, '/'), *name = nmd_structure_info(&s, "name");
  snprintf(place, sizeof place, "%.40s:%lld", slash != NULL ? slash + 1 : path,
           (long long)nmd_structure_reader_frame(reader));
  const nmd_status status = member < 0
                                ? take_structure(m, &s, nmd_structure_reader_place(reader), name != NULL ? name : place)
                                : take_opinion(m, *k, member, &s, nmd_structure_reader_place(reader));
  (*k)++;
  nmd_structure_free(&s);
  return status;
}

/* member < 0: the structures themselves. */
static nmd_status read_structures(mix *m, const mix_options *options, const char *path, int member) {
  nmd_structure_reader *reader;
  const nmd_read_options read = {.format = options->format};
  bool end = false;
  int64_t k = 0;
  NMD_TRY(nmd_structure_reader_open(path, &read, &reader));
  nmd_status status = NMD_OK;
  while (status == NMD_OK && !end) status = read_frame(m, reader, path, member, &k, &end);
  nmd_structure_reader_close(reader);
  if (status == NMD_OK && member >= 0 && k != m->n)
    status = nmd_fail(NMD_CONFLICT, "%s: %lld structures, the files without --member have %lld; expected as many", path,
                      (long long)k, (long long)m->n);
  return status;
}

static nmd_status add_reference(mix *m, const char *item) {
  char symbol[4];
  double energy;
  const char *equals = strchr(item, '=');
  entry *e;
  snprintf(symbol, sizeof symbol, "%.*s", equals == NULL ? 0 : (int)(equals - item), item);
  const int z = nmd_element_from_symbol(symbol);
  if (z == 0 || !nmd_parse_real(equals + 1, &energy))
    NMD_FAIL(USAGE, "--reference '%s': expected ELEMENT=ENERGY in eV/atom, e.g. Li=-1.90", item);
  NMD_TRY(new_entry(m, &e));
  e->count[z] = 1;
  for (int k = 0; k <= MEMBERS_MAX; k++) e->energy[k] = energy;
  snprintf(e->name, sizeof e->name, "%s(given)", symbol);
  m->n++;
  return NMD_OK;
}

static nmd_status read_all(tool *t, mix *m) {
  const mix_options *options = t->options;
  m->members = -1;
  for (int k = 0; k < t->n_words; k++) NMD_TRY(read_structures(m, options, t->words[k], -1));
  if (t->n_words > 0) NMD_TRY(check_members(m, "--member", options->member.n));
  for (int k = 0; k < options->member.n; k++) NMD_TRY(read_structures(m, options, options->member.items[k], k));
  for (int k = 0; k < options->table.n; k++) NMD_TRY(read_table(m, options->table.items[k]));
  if (m->n == 0) NMD_FAIL(USAGE, "no structure; expected structure files with energies, or --table FILE");
  for (int k = 0; k < options->reference.n; k++) NMD_TRY(add_reference(m, options->reference.items[k]));
  return NMD_OK;
}

static nmd_status find_elements(mix *m) {
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++) {
    bool present = false;
    for (int64_t i = 0; i < m->n; i++) present = present || m->entry[i].count[z] > 0;
    if (!present) continue;
    if (m->elements == NMD_HULL_ELEMENTS_MAX)
      NMD_FAIL(OUT_OF_RANGE, "more than %d elements; expected fewer for a convex hull", NMD_HULL_ELEMENTS_MAX);
    m->number[m->elements++] = z;
  }
  NMD_TRY(NMD_ALLOC(m->composition, m->n * m->elements));
  NMD_TRY(NMD_ALLOC(m->energy, m->n));
  NMD_TRY(NMD_ALLOC(m->point, m->n));
  NMD_TRY(NMD_ALLOC(m->sum, 2 * m->n));
  NMD_TRY(NMD_ALLOC(m->square, 2 * m->n));
  NMD_TRY(NMD_ALLOC(m->stable, m->n));
  for (int64_t i = 0; i < m->n; i++) {
    double total = 0;
    for (int e = 0; e < m->elements; e++) total += m->entry[i].count[m->number[e]];
    for (int e = 0; e < m->elements; e++) m->composition[i * m->elements + e] = m->entry[i].count[m->number[e]] / total;
  }
  return NMD_OK;
}

static nmd_status solve_member(mix *m, int member, nmd_hull_point *point) {
  for (int64_t i = 0; i < m->n; i++) m->energy[i] = m->entry[i].energy[member];
  const nmd_status status = nmd_hull_compute(m->elements, m->n, m->composition, m->energy, m->pure, point);
  if (status != NMD_MISSING_KEY) return status;
  int missing = 0;
  for (int e = 0; e < m->elements; e++) {
    bool pure = false;
    for (int64_t i = 0; i < m->n; i++) pure = pure || m->composition[i * m->elements + e] > 1 - 1e-12;
    if (!pure) missing = m->number[e];
  }
  NMD_FAIL(MISSING_KEY,
           "no structure of pure %s: the energy of mixing is relative to the pure elements; add one or give "
           "--reference %s=ENERGY (eV/atom)",
           nmd_element_symbol(missing), nmd_element_symbol(missing));
}

static nmd_status solve(mix *m) {
  NMD_TRY(find_elements(m));
  for (int k = 1; k <= m->members; k++) {
    NMD_TRY(solve_member(m, k, m->point));
    for (int64_t i = 0; i < m->n; i++) {
      const double value[2] = {m->point[i].mixing, m->point[i].distance};
      for (int q = 0; q < 2; q++) {
        m->sum[q * m->n + i] += value[q];
        m->square[q * m->n + i] += value[q] * value[q];
      }
      m->stable[i] += (value[1] == 0) / (double)m->members;
    }
  }
  return solve_member(m, 0, m->point);
}

/* Standard deviation over the members; NaN without a committee. */
static double spread(const mix *m, int quantity, int64_t i) {
  const double n = m->members, mean = m->sum[quantity * m->n + i] / n;
  return n < 2 ? NAN : sqrt(fmax(m->square[quantity * m->n + i] / n - mean * mean, 0) * n / (n - 1));
}

static void put_products(nmd_buffer *out, const mix *m, int64_t i) {
  const nmd_hull_point *p = &m->point[i];
  for (int k = 0; k < p->n_products; k++)
    nmd_buffer_printf(out, "%s%.4g*%s", k == 0 ? " " : "+", p->share[k], m->entry[p->product[k]].name);
}

static void put_columns(tool *t, const mix *m) {
  nmd_buffer names = {0}, units = {0};
  nmd_buffer_text(&names, "structure atoms");
  nmd_buffer_text(&units, "- 1");
  for (int e = 0; e < m->elements; e++) {
    nmd_buffer_printf(&names, " x_%s", nmd_element_symbol(m->number[e]));
    nmd_buffer_text(&units, " 1");
  }
  nmd_buffer_text(&names, " energy mixing above_hull stability");
  nmd_buffer_text(&units, " eV/atom eV/atom eV/atom eV/atom");
  if (m->members >= 2) nmd_buffer_text(&names, " mixing_sigma above_hull_sigma share_stable");
  if (m->members >= 2) nmd_buffer_text(&units, " eV/atom eV/atom 1");
  nmd_buffer_text(&names, " hull_mixture");
  nmd_buffer_text(&units, " share_of_atoms");
  nmd_tool_columns(t, names.data != NULL ? names.data : "", units.data != NULL ? units.data : "");
  nmd_buffer_free(&names);
  nmd_buffer_free(&units);
}

static void put_row(tool *t, const mix *m, int64_t i) {
  const nmd_hull_point *p = &m->point[i];
  nmd_buffer_printf(&t->text, "%s %g", m->entry[i].name, m->entry[i].n);
  for (int e = 0; e < m->elements; e++) nmd_buffer_printf(&t->text, " %.6f", m->composition[i * m->elements + e]);
  nmd_buffer_printf(&t->text, " %.8f %.8f %.8f %.8f", m->energy[i], p->mixing, p->distance, p->depth);
  if (m->members >= 2) nmd_buffer_printf(&t->text, " %.8f %.8f %.3f", spread(m, 0, i), spread(m, 1, i), m->stable[i]);
  put_products(&t->text, m, i);
  nmd_buffer_text(&t->text, "\n");
}

static void put_table(tool *t, const mix *m) {
  nmd_tool_note(t,
                "%lld structures; mixing: energy above the pure elements; above_hull: distance to the hull (0: stable)",
                (long long)m->n);
  nmd_tool_note(t,
                "stability: how far the structure lies below the hull of all others (negative: above); 0 for the pure "
                "elements");
  if (m->members >= 2)
    nmd_tool_note(t,
                  "sigma: standard deviation over %d committee members; share_stable: members that have it on the hull",
                  m->members);
  for (int64_t i = 0; i < m->n; i++)
    if (m->point[i].distance == 0)
      nmd_tool_note(t, "stable: %s, mixing %.6f eV/atom", m->entry[i].name, m->point[i].mixing);
  put_columns(t, m);
  for (int64_t i = 0; i < m->n; i++) put_row(t, m, i);
}

static void put_json(tool *t, const mix *m) {
  nmd_json *json = &t->json;
  nmd_json_open(json, "elements", '[');
  for (int e = 0; e < m->elements; e++) nmd_json_text(json, NULL, nmd_element_symbol(m->number[e]));
  nmd_json_close(json);
  nmd_json_int(json, "committee_members", m->members);
  nmd_json_open(json, "structures", '[');
  for (int64_t i = 0; i < m->n; i++) {
    nmd_json_open(json, NULL, '{');
    nmd_json_text(json, "name", m->entry[i].name);
    nmd_json_reals(json, "composition", m->composition + i * m->elements, m->elements, 1);
    nmd_json_real(json, "energy_eV_per_atom", m->energy[i]);
    nmd_json_real(json, "mixing_eV_per_atom", m->point[i].mixing);
    nmd_json_real(json, "above_hull_eV_per_atom", m->point[i].distance);
    nmd_json_real(json, "stability_eV_per_atom", m->point[i].depth);
    nmd_json_bool(json, "stable", m->point[i].distance == 0);
    if (m->members >= 2) {
      nmd_json_real(json, "mixing_sigma_eV_per_atom", spread(m, 0, i));
      nmd_json_real(json, "above_hull_sigma_eV_per_atom", spread(m, 1, i));
      nmd_json_real(json, "share_stable", m->stable[i]);
    }
    nmd_json_open(json, "hull_mixture", '[');
    for (int k = 0; k < m->point[i].n_products; k++) {
      nmd_json_open(json, NULL, '{');
      nmd_json_text(json, "name", m->entry[m->point[i].product[k]].name);
      nmd_json_real(json, "share", m->point[i].share[k]);
      nmd_json_close(json);
    }
    nmd_json_close(json);
    nmd_json_close(json);
  }
  nmd_json_close(json);
}

/* The vertices from left to right: the stable point of least x not yet passed. */
static void put_hull_line(tool *t, const mix *m, int column) {
  nmd_buffer_text(&t->plot, "$hull << EOD\n");
  for (double x = -1;;) {
    int64_t next = -1;
    for (int64_t i = 0; i < m->n; i++) {
      const double at = m->composition[2 * i + column];
      if (m->point[i].distance == 0 && at > x && (next < 0 || at < m->composition[2 * next + column])) next = i;
    }
    if (next < 0) break;
    x = m->composition[2 * next + column];
    nmd_buffer_printf(&t->plot, "%.8f %.8f\n", x, 1000 * m->point[next].mixing);
  }
  nmd_buffer_text(&t->plot, "EOD\n");
}

static nmd_status put_plot(tool *t, const mix *m) {
  const mix_options *options = t->options;
  int column = 0;
  if (options->x != NULL) {
    const int z = nmd_element_from_symbol(options->x);
    while (column < m->elements && m->number[column] != z) column++;
    if (column == m->elements)
      NMD_FAIL(UNKNOWN_ELEMENT, "--x %s: expected one of the elements of the structures", options->x);
  }
  if (m->elements != 2) return NMD_OK;
  nmd_buffer_text(&t->plot, "$points << EOD\n");
  for (int64_t i = 0; i < m->n; i++)
    nmd_buffer_printf(&t->plot, "%.8f %.8f %.8f\n", m->composition[2 * i + column], 1000 * m->point[i].mixing,
                      m->members >= 2 ? 1000 * spread(m, 0, i) : 0);
  nmd_buffer_text(&t->plot, "EOD\n");
  put_hull_line(t, m, column);
  nmd_buffer_printf(&t->plot,
                    "set xlabel 'fraction of %s'\nset ylabel 'energy of mixing (meV/atom)'\nset key bottom right\n"
                    "set xrange [0:1]\nplot 0 notitle lc rgb 'gray50', $points using 1:2%s title 'structures', \\\n"
                    "  $hull using 1:2 with linespoints pt 7 lw 2 title 'convex hull'\n",
                    nmd_element_symbol(m->number[column]),
                    m->members >= 2 ? ":3 with yerrorbars pt 6" : " with points pt 6");
  return NMD_OK;
}

static nmd_status run(tool *t) {
  mix m = {0};
  nmd_status status = read_all(t, &m);
  if (status == NMD_OK) status = solve(&m);
  if (status == NMD_OK && t->root) {
    put_table(t, &m);
    put_json(t, &m);
    status = put_plot(t, &m);
  }
  void *all[] = {m.entry, m.composition, m.energy, m.point, m.sum, m.square, m.stable};
  for (int k = 0; k < NMD_COUNT(all); k++) nmd_free(all[k]);
  return status;
}

static const nmd_tool definition = {
    .program = "nnpmd-mix",
    .words = "[STRUCTURES...]",
    .summary = "energies of mixing and the lower convex hull",
    .description =
        "From a set of relaxed structures with energies (extended XYZ as nnpmd-eval writes it, input.data, ...) or a "
        "table of formulas and energies from any other program: the energy of mixing, the distance to the convex hull, "
        "the stable set and what an unstable structure would decompose into, for any number of elements up to "
        "eight.\n\n"
        "Energies by the members of a committee (columns of the table, or files with --member) give error bars and the "
        "share of members that find a structure stable.",
    .options = &mix_table,
    .no_trajectory = true,
    .run = run};

int main(int argc, char **argv) { return nmd_tool_main(&definition, argc, argv); }
