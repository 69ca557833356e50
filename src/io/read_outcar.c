/* SPDX-License-Identifier: BSD-3-Clause */
/* OUTCAR of VASP: every ionic step that is complete, with energy(sigma->0), forces and stress.
 *
 * Elements come from the VRHFIN lines and `ions per type`, the cell from `direct lattice vectors`, positions and forces
 * from the table `POSITION ... TOTAL-FORCE`, the stress from `in kB` (VASP's sign: compression positive; here tension
 * is), the energy from `energy(sigma->0)`: the one extrapolated to zero smearing, which belongs to the forces up to a
 * correction of second order in the smearing. A step whose electrons did not converge gets the info scf=unconverged. A
 * step cut off by the end of the file is left out with a warning.
 * Layout: https://www.vasp.at/wiki/index.php/OUTCAR */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/units.h"
#include "io/read_format.h"
#include "system/element.h"

enum { LATTICE_DECIMALS = 9, POSITION_DECIMALS = 5, FORCE_DECIMALS = 6, STRESS_DECIMALS = 5, ENERGY_DECIMALS = 8 };

/* What the file has said so far, kept between frames. */
typedef struct outcar {
  int *types, n_types; /* atomic numbers in order of the POTCARs */
  bool counted;        /* `ions per type` came after them */
  int *atomic_number;  /* [n] */
  int64_t n, frames;
  bool has_cell;
  double h[3][3];
  bool has_stress, has_positions, unconverged; /* of the ionic step under way */
  double stress[3][3];
  double (*x)[3], (*f)[3]; /* [n] */
} outcar;

static void free_outcar(void *opaque) {
  outcar *o = opaque;
  nmd_free(o->types);
  nmd_free(o->atomic_number);
  nmd_free(o->x);
  nmd_free(o->f);
  nmd_free(o);
}

static bool fits(const char *head) {
  const char *c = head + strspn(head, " \n");
  return strncmp(c, "vasp.", 5) == 0;
}

/* "   VRHFIN =Au: s1p10": a new list begins where a second calculation was appended to the file. */
static nmd_status take_element(const nmd_source *source, const char *at, outcar *o) {
  char symbol[8];
  const char *c = strchr(at, '=');
  int number = 0;
  if (c != NULL && sscanf(c + 1, " %7[A-Za-z]", symbol) == 1) number = nmd_element_from_symbol(symbol);
  if (number == 0)
    return nmd_source_fail(source, at, NMD_UNKNOWN_ELEMENT,
                           "'%.30s' names no element; expected `VRHFIN =Symbol: ...`; is the file edited?", at);
  if (o->counted) o->n_types = 0;
  o->counted = false;
  NMD_TRY(NMD_GROW(o->types, o->n_types, o->n_types + 1));
  o->types[o->n_types++] = number;
  return NMD_OK;
}

static nmd_status allocate_atoms(outcar *o, int64_t n) {
  nmd_free(o->atomic_number);
  nmd_free(o->x);
  nmd_free(o->f);
  o->atomic_number = NULL;
  o->x = o->f = NULL;
  o->n = n;
  NMD_TRY(NMD_ALLOC(o->atomic_number, n));
  NMD_TRY(NMD_ALLOC(o->x, n));
  return NMD_ALLOC(o->f, n);
}

/* "   ions per type =              17   3" */
static nmd_status take_counts(nmd_source *source, outcar *o) {
  enum { MAX_TYPES = 200 };
  char *words[MAX_TYPES + 5];
  int64_t counts[MAX_TYPES], n = 0;
  const int found = nmd_source_words(source, words, MAX_TYPES + 5) - 4;
  if (found != o->n_types || found < 1)
    return nmd_source_fail(source, NULL, NMD_CONFLICT,
                           "ions per type: %d numbers; expected one for each of the %d VRHFIN lines above; is the file "
                           "edited?",
                           found, o->n_types);
  for (int k = 0; k < found; k++) {
    NMD_TRY(nmd_source_int(source, words[4 + k], "ions per type", 0, 10000000, &counts[k]));
    n += counts[k];
  }
  if (n < 1) return nmd_source_fail(source, words[4], NMD_OUT_OF_RANGE, "ions per type: no atoms; expected some");
  NMD_TRY(allocate_atoms(o, n));
  for (int64_t k = 0, i = 0; k < found; k++)
    for (int64_t m = 0; m < counts[k]; m++) o->atomic_number[i++] = o->types[k];
  o->counted = true;
  return NMD_OK;
}

static nmd_status take_cell(nmd_source *source, outcar *o) {
  static const char *const what[3] = {"lattice vector 1", "lattice vector 2", "lattice vector 3"};
  for (int d = 0; d < 3; d++) {
    NMD_TRY(nmd_source_need(source, what[d]));
    const char *at = source->text;
    NMD_TRY(nmd__fixed_reals(source, &at, LATTICE_DECIMALS, 3, what[d], o->h[d]));
  }
  o->has_cell = true;
  return NMD_OK;
}

/* XX YY ZZ XY YZ ZX in kbar */
static nmd_status take_stress(const nmd_source *source, const char *numbers, outcar *o) {
  static const int place[6][2] = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {1, 2}, {2, 0}};
  double kbar[6];
  NMD_TRY(nmd__fixed_reals(source, &numbers, STRESS_DECIMALS, 6, "stress (in kB)", kbar));
  for (int k = 0; k < 6; k++) {
    const double value = 0.0 - 0.1 * kbar[k] / NMD_EV_PER_A3_TO_GPA;
    o->stress[place[k][0]][place[k][1]] = o->stress[place[k][1]][place[k][0]] = value;
  }
  o->has_stress = true;
  return NMD_OK;
}

/* Columns 3F13.5, 3X, 3F14.6: the two halves have different decimals. */
static nmd_status take_row(const nmd_source *source, int64_t i, outcar *o) {
  char what[64];
  double six[6];
  snprintf(what, sizeof what, "position and force of atom %lld of %lld", (long long)i + 1, (long long)o->n);
  if (source->text[strspn(source->text, " ")] == '-' && strstr(source->text, "----") != NULL)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                           "the table ends at atom %lld; expected %lld as in `ions per "
                           "type`; is the file edited?",
                           (long long)i, (long long)o->n);
  const char *at = source->text;
  NMD_TRY(nmd__fixed_reals(source, &at, POSITION_DECIMALS, 3, what, six));
  NMD_TRY(nmd__fixed_reals(source, &at, FORCE_DECIMALS, 3, what, six + 3));
  memcpy(o->x[i], six, sizeof o->x[i]);
  memcpy(o->f[i], six + 3, sizeof o->f[i]);
  return NMD_OK;
}

static nmd_status take_table(nmd_source *source, outcar *o) {
  if (!o->counted)
    return nmd_source_fail(
        source, NULL, NMD_MISSING_KEY,
        "positions before any `ions per type`; expected the head of the OUTCAR; copy the whole file");
  NMD_TRY(nmd_source_need(source, "the line below POSITION"));
  for (int64_t i = 0; i < o->n; i++) {
    NMD_TRY(nmd_source_need(source, "the table of positions and forces to go on"));
    NMD_TRY(take_row(source, i, o));
  }
  o->has_positions = true;
  return NMD_OK;
}

/* "  energy  without entropy=   -10.8  energy(sigma->0) =   -10.8": ends an ionic step */
static nmd_status take_energy(const nmd_source *source, double *energy) {
  const char *at = strstr(source->text, "energy(sigma->0)");
  const char *number = at != NULL ? strchr(at, '=') : NULL;
  if (number == NULL)
    return nmd_source_fail(source, NULL, NMD_FILE_FORMAT,
                           "no `energy(sigma->0) =` in the line of energies; expected VASP 5 or 6");
  number++;
  NMD_TRY(nmd__fixed_reals(source, &number, ENERGY_DECIMALS, 1, "energy(sigma->0)", energy));
  const char *point = strchr(at, '.');
  if (point != NULL && number - point == ENERGY_DECIMALS + 1) return NMD_OK;
  return nmd_source_fail(source, number, NMD_FILE_FORMAT,
                         "energy(sigma->0): expected %d decimals; is the file cut here?", ENERGY_DECIMALS);
}

static nmd_status deliver(const nmd_source *source, double energy, outcar *o, nmd_structure *out) {
  if (!o->has_cell || !o->has_positions)
    return nmd_source_fail(source, NULL, NMD_MISSING_KEY, "an energy without %s before it; copy the whole file",
                           o->has_cell ? "positions and forces" : "lattice vectors");
  NMD_TRY(nmd_structure_init(out, o->n));
  NMD_TRY(nmd_structure_need_forces(out));
  memcpy(out->atomic_number, o->atomic_number, (size_t)o->n * sizeof(int));
  memcpy(out->x, o->x, (size_t)o->n * sizeof *out->x);
  memcpy(out->f, o->f, (size_t)o->n * sizeof *out->f);
  out->has_energy = true;
  out->energy = energy;
  out->has_stress = o->has_stress;
  memcpy(out->stress, o->stress, sizeof out->stress);
  if (o->unconverged) NMD_TRY(nmd_structure_set_info(out, "scf", "unconverged"));
  o->has_stress = o->has_positions = o->unconverged = false;
  o->frames++;
  return nmd__read_box(source, o->h, NULL, NULL, &out->box);
}

/* One line; *done when it completed a step. */
static nmd_status take_line(nmd_source *source, outcar *o, nmd_structure *out, bool *done) {
  const char *text = source->text, *at = text + strspn(text, " ");
  if (strncmp(at, "VRHFIN", 6) == 0) return take_element(source, at, o);
  if (strncmp(at, "ions per type =", 15) == 0) return take_counts(source, o);
  if (strncmp(at, "direct lattice vectors", 22) == 0) return take_cell(source, o);
  if (strncmp(at, "in kB", 5) == 0) return take_stress(source, at + 5, o);
  if (strncmp(at, "POSITION", 8) == 0 && strstr(at, "TOTAL-FORCE") != NULL) return take_table(source, o);
  if (strstr(at, "EDIFF was not reached") != NULL) o->unconverged = true;
  if (strncmp(at, "energy  without entropy", 23) != 0) return NMD_OK; /* one blank: an electronic step */
  double energy;
  NMD_TRY(take_energy(source, &energy));
  *done = true;
  return deliver(source, energy, o, out);
}

/* The end of the file may fall into a step: what came before is worth having. */
static nmd_status finish(const nmd_source *source, const outcar *o) {
  if (o->frames > 0) {
    if (o->has_positions || o->has_stress)
      nmd_log_warning("%s:%lld: the file ends within ionic step %lld, which is left out", source->name,
                      (long long)source->line, (long long)o->frames + 1);
    return NMD_OK;
  }
  return nmd_source_fail(source, NULL, NMD_FILE_TRUNCATED,
                         "the file ends without a complete ionic step; expected %s; did VASP finish?",
                         !o->counted        ? "`ions per type`"
                         : o->has_positions ? "`energy  without entropy=`"
                                            : "a table POSITION ... TOTAL-FORCE");
}

static nmd_status read(nmd_source *source, const nmd_read_options *options, nmd_structure *out, bool *end) {
  (void)options;
  if (source->memo == NULL) {
    outcar *fresh;
    NMD_TRY(NMD_ALLOC(fresh, 1));
    source->memo = fresh;
    source->free_memo = free_outcar;
  }
  outcar *o = source->memo;
  for (bool done = false; !done;) {
    NMD_TRY(nmd_source_next(source, end));
    if (*end) return finish(source, o);
    const nmd_status status = take_line(source, o, out, &done);
    if (status != NMD_OK && status != NMD_MEMORY && o->frames > 0 && nmd__is_last_line(source)) {
      o->has_stress = true; /* a step was under way */
      *end = true;
      return finish(source, o);
    }
    NMD_TRY(status);
  }
  return NMD_OK;
}

const nmd__structure_format nmd__format_outcar = {
    .name = "outcar",
    .doc = "OUTCAR of VASP: complete ionic steps with energy(sigma->0), forces and stress",
    .name_parts = "|^OUTCAR|.outcar|",
    .fits = fits,
    .read = read,
};
