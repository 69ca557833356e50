/* SPDX-License-Identifier: BSD-3-Clause */
#include "io/lammps_types.h"

#include <math.h>
#include <stdio.h>

#include "system/element.h"

/* The one element with this mass, or 0. Masses are often rounded, and neighbours (Co / Ni, Ar / Ca) are close. */
static int element_of_mass(double mass) {
  int best = 0, near = 0;
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++) {
    const double distance = fabs(nmd_element_mass(z) - mass);
    if (distance > 0.1) continue;
    near++;
    if (best == 0 || distance < fabs(nmd_element_mass(best) - mass)) best = z;
  }
  return near == 1 || (best > 0 && fabs(nmd_element_mass(best) - mass) < 0.02) ? best : 0;
}

static nmd_status refuse(const nmd__lammps_type *type, int64_t index, const char *file, nmd_status code,
                         const char *reason) {
  char place[32] = "";
  if (type->line > 0) snprintf(place, sizeof place, ":%lld", (long long)type->line);
  nmd_fail(code, "%s%s: atom type %lld (mass %g, comment '%s', label '%s'): %s", file, place, (long long)index + 1,
           type->mass, type->comment, type->label, reason);
  if (type->line > 0) nmd_error_set_file(file);
  return code;
}

nmd_status nmd__lammps_type_element(const nmd__lammps_type *type, int64_t index, const char *file,
                                    const nmd_read_options *options, int *atomic_number) {
  if (index < options->n_elements) {
    *atomic_number = nmd_element_from_symbol(options->elements[index]);
    if (*atomic_number > 0) return NMD_OK;
    return refuse(type, index, file, NMD_UNKNOWN_ELEMENT, "the element given for it is no symbol; expected e.g. Li");
  }
  if (options->n_elements > 0)
    return refuse(type, index, file, NMD_CONFLICT, "no element given for it; give one element for each type");
  const int by_mass = type->mass > 0.0 ? element_of_mass(type->mass) : 0;
  *atomic_number = nmd_element_from_symbol(type->comment);
  if (*atomic_number == 0) *atomic_number = nmd_element_from_symbol(type->label);
  if (*atomic_number == 0) *atomic_number = by_mass;
  if (*atomic_number == 0)
    return refuse(type, index, file, NMD_UNKNOWN_ELEMENT,
                  "no element follows; expected `# Li` behind the mass; add it or give the elements of the types");
  if (by_mass > 0 && by_mass != *atomic_number && fabs(nmd_element_mass(*atomic_number) - type->mass) > 0.5)
    return refuse(type, index, file, NMD_CONFLICT,
                  "the mass is that of another element; correct the comment, label or mass");
  return NMD_OK;
}
