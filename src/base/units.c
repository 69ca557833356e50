/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/units.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* CODATA 2018: the SI defines the Avogadro number and the elementary charge, so kJ/mol in eV is exact to the digits. */
#define KJ_PER_MOL (1.0 / 96.485332123310018)
#define GPA (1.0 / NMD_EV_PER_A3_TO_GPA)
#define RAD (180.0 / 3.14159265358979323846)

typedef struct unit {
  const char *name;
  double factor; /* internal value of one such unit */
  bool alias;    /* understood, but not listed in messages */
} unit;

enum { UNITS_MAX = 12 };

/* The first unit of each dimension is its default. Frequencies are cycles per time, not angular. */
static const struct {
  const char *name;
  unit units[UNITS_MAX];
} dimensions[] = {
    [NMD_DIM_NONE] = {"number", {{NULL, 1.0, false}}},
    [NMD_DIM_LENGTH] = {"length",
                        {{"A", 1.0, false},
                         {"nm", 10.0, false},
                         {"bohr", NMD_BOHR, false},
                         {"pm", 0.01, false},
                         {"angstrom", 1.0, true},
                         {"Angstrom", 1.0, true},
                         {"\xC3\x85", 1.0, true},
                         {"Bohr", NMD_BOHR, true}}},
    [NMD_DIM_ENERGY] = {"energy",
                        {{"eV", 1.0, false},
                         {"meV", 1e-3, false},
                         {"hartree", NMD_HARTREE, false},
                         {"kJ/mol", KJ_PER_MOL, false},
                         {"kcal/mol", 4.184 * KJ_PER_MOL, false},
                         {"Hartree", NMD_HARTREE, true},
                         {"Ha", NMD_HARTREE, true}}},
    [NMD_DIM_TIME] = {"time", {{"fs", 1.0, false}, {"ps", 1e3, false}, {"ns", 1e6, false}, {"us", 1e9, false}}},
    [NMD_DIM_TEMPERATURE] = {"temperature", {{"K", 1.0, false}}},
    [NMD_DIM_PRESSURE] = {"pressure",
                          {{"GPa", GPA, false},
                           {"MPa", 1e-3 * GPA, false},
                           {"kbar", 0.1 * GPA, false},
                           {"bar", 1e-4 * GPA, false},
                           {"atm", 1.01325e-4 * GPA, false},
                           {"eV/A^3", 1.0, false},
                           {"Pa", 1e-9 * GPA, false}}},
    [NMD_DIM_FORCE] = {"force",
                       {{"eV/A", 1.0, false},
                        {"meV/A", 1e-3, false},
                        {"hartree/bohr", NMD_HARTREE / NMD_BOHR, false},
                        {"Ha/bohr", NMD_HARTREE / NMD_BOHR, true}}},
    [NMD_DIM_MASS] = {"mass", {{"u", 1.0, false}, {"amu", 1.0, true}, {"g/mol", 1.0, true}, {"Da", 1.0, true}}},
    [NMD_DIM_ANGLE] = {"angle", {{"deg", 1.0, false}, {"rad", RAD, false}, {"\xC2\xB0", 1.0, true}}},
    [NMD_DIM_FREQUENCY] = {"frequency",
                           {{"1/fs", 1.0, false},
                            {"1/ps", 1e-3, false},
                            {"THz", 1e-3, false},
                            {"1/ns", 1e-6, false},
                            {"1/cm", 2.99792458e-5, false}}},
    [NMD_DIM_VELOCITY] = {"velocity", {{"A/fs", 1.0, false}, {"A/ps", 1e-3, false}, {"m/s", 1e-5, false}}},
    [NMD_DIM_WALLTIME] = {"wall time",
                          {{"s", 1.0, false}, {"min", 60.0, false}, {"h", 3600.0, false}, {"d", 86400.0, false}}},
};
enum { DIMENSION_COUNT = sizeof dimensions / sizeof dimensions[0] };

static const unit *find_unit(nmd_dimension dimension, const char *name) {
  for (int i = 0; i < UNITS_MAX && dimensions[dimension].units[i].name != NULL; i++)
    if (strcmp(dimensions[dimension].units[i].name, name) == 0) return &dimensions[dimension].units[i];
  return NULL;
}

const char *nmd_dimension_name(nmd_dimension dimension) { return dimensions[dimension].name; }

const char *nmd_dimension_spelling(nmd_dimension dimension, int i) {
  return i < 0 || i >= UNITS_MAX ? NULL : dimensions[dimension].units[i].name;
}

const char *nmd_dimension_unit(nmd_dimension dimension, int i) {
  if (i < 0 || i >= UNITS_MAX) return NULL;
  const unit *u = &dimensions[dimension].units[i];
  return u->name == NULL || u->alias ? NULL : u->name;
}

/* "fs, ps, ns" */
static void list_units(nmd_dimension dimension, char *text, size_t size) {
  size_t used = 0;
  text[0] = '\0';
  for (int i = 0; nmd_dimension_unit(dimension, i) != NULL && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", nmd_dimension_unit(dimension, i));
  if (dimension == NMD_DIM_WALLTIME && used < size) snprintf(text + used, size - used, ", or H:MM:SS");
}

static nmd_status wrong_unit(const char *text, nmd_dimension dimension, const char *name) {
  char known[256];
  list_units(dimension, known, sizeof known);
  if (dimension == NMD_DIM_NONE) NMD_FAIL(WRONG_UNIT, "\"%.80s\" carries a unit; expected a plain number", text);
  for (int d = 0; d < DIMENSION_COUNT; d++)
    if (find_unit((nmd_dimension)d, name) != NULL)
      NMD_FAIL(WRONG_UNIT, "\"%.80s\": %.40s is a unit of %s; expected one of %s: %s", text, name, dimensions[d].name,
               dimensions[dimension].name, known);
  NMD_FAIL(WRONG_UNIT, "\"%.80s\": unknown unit \"%.40s\"; units of %s: %s (upper and lower case matter)", text, name,
           dimensions[dimension].name, known);
}

/* "1:30:00", "90:00" is refused as ambiguous; also a batch system's "2-12:00:00" (days). */
static bool parse_clock(const char *text, double *seconds) {
  long days = 0, hours, minutes, secs;
  int used = 0;
  if (strspn(text, "0123456789:-") != strlen(text) || strlen(text) > 20 || text[0] == '-') return false;
  if (strchr(text, '-') != NULL) {
    if (sscanf(text, "%6ld-%n", &days, &used) != 1 || used == 0) return false;
    text += used;
  }
  used = 0;
  if (sscanf(text, "%6ld:%2ld:%2ld%n", &hours, &minutes, &secs, &used) != 3 || text[used] != '\0') return false;
  if (days < 0 || hours < 0 || minutes < 0 || secs < 0 || minutes > 59 || secs > 59) return false;
  *seconds = (double)((days * 24 + hours) * 3600 + minutes * 60 + secs);
  return true;
}

/* The number at the start of text: strtod without hexadecimal, "inf", "nan"; *rest is what follows. */
static bool leading_number(const char *text, double *number, const char **rest) {
  if (strchr("0123456789+-.", text[0]) == NULL || text[0] == '\0') return false;
  const char *digits = text + (text[0] == '+' || text[0] == '-');
  if (strchr("0123456789.", digits[0]) == NULL || digits[0] == '\0') return false;
  if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) return false;
  char *end;
  *number = strtod(text, &end);
  *rest = end;
  return end != text && isfinite(*number);
}

nmd_status nmd_quantity_parse(const char *text, nmd_dimension dimension, double *value) {
  const char *start = text + strspn(text, " \t"), *rest;
  if (dimension == NMD_DIM_WALLTIME && parse_clock(start, value)) return NMD_OK;
  double number;
  if (!leading_number(start, &number, &rest)) {
    char known[256];
    list_units(dimension, known, sizeof known);
    NMD_FAIL(BAD_NUMBER, "\"%.80s\" is not a finite number%s%s%s", text,
             dimension == NMD_DIM_NONE ? "" : " with an optional unit (", known, dimension == NMD_DIM_NONE ? "" : ")");
  }
  char name[32];
  rest += strspn(rest, " \t");
  size_t length = strlen(rest);
  while (length > 0 && (rest[length - 1] == ' ' || rest[length - 1] == '\t')) length--;
  snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), rest);
  double factor = 1.0;
  if (length > 0) {
    const unit *u = length < sizeof name ? find_unit(dimension, name) : NULL;
    if (u == NULL) return wrong_unit(text, dimension, name);
    factor = u->factor;
  } else if (dimension != NMD_DIM_NONE) {
    factor = dimensions[dimension].units[0].factor;
  }
  const double internal = number * factor;
  if (!isfinite(internal)) NMD_FAIL(BAD_NUMBER, "\"%.80s\" is too large for a finite number", text);
  *value = internal;
  return NMD_OK;
}

const char *nmd_dimension_default_unit(nmd_dimension dimension) {
  const char *name = dimensions[dimension].units[0].name;
  return name == NULL ? "" : name;
}

double nmd_dimension_to_default_unit(nmd_dimension dimension, double value) {
  return value / dimensions[dimension].units[0].factor;
}

/* With a factor that is no power of two, not every value has a text that reads back to the last bit: then one unit in
 * the last place will do. */
void nmd_quantity_format(double value, nmd_dimension dimension, char *text, size_t size) {
  const char *name = nmd_dimension_default_unit(dimension);
  const double shown = nmd_dimension_to_default_unit(dimension, value);
  for (int exact = 1; exact >= 0; exact--)
    for (int digits = 6; digits <= 17; digits++) {
      double back;
      snprintf(text, size, "%.*g%s%s", digits, shown, name[0] == '\0' ? "" : " ", name);
      if (!isfinite(shown) || nmd_quantity_parse(text, dimension, &back) != NMD_OK) return;
      if (fabs(back - value) <= (exact ? 0.0 : DBL_EPSILON * fabs(value))) return;
    }
}
