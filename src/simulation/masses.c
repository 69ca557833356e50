/* SPDX-License-Identifier: BSD-3-Clause */
/* `masses: {Li: 6.015}`: isotopes, or heavier atoms for longer time steps. */
#include "simulation/simulation.h"

static nmd_status set_mass(nmd_species *species, const nmd_yaml_node *key, const nmd_yaml_node *value) {
  const int z = nmd_element_from_symbol(key->text);
  const int index = nmd_species_index(species, z);
  double mass = 0;
  if (z == 0) NMD_FAIL_AT(key, UNKNOWN_ELEMENT, "masses: \"%s\" is no chemical symbol; expected e.g. Li", key->text);
  if (index < 0)
    NMD_FAIL_AT(key, CONFLICT, "masses: the structure has no %s; expected elements that are there", key->text);
  if (value->kind != NMD_YAML_SCALAR)
    NMD_FAIL_AT(value, WRONG_TYPE, "masses: %s: expected a mass, e.g. 6.015 u", key->text);
  const nmd_status status = nmd_quantity_parse(value->text, NMD_DIM_MASS, &mass);
  if (status != NMD_OK) return nmd_yaml_blame(nmd_fail_prefix(status, "%s", key->text), value, "masses");
  if (!(mass > 0 && mass <= 1e6))
    NMD_FAIL_AT(value, OUT_OF_RANGE, "masses: %s: got %g u; expected > 0 u and <= 1e6 u", key->text, mass);
  nmd_log_info("Mass of %s: %g u instead of %g u", key->text, mass, species->mass[index]);
  species->mass[index] = mass;
  return NMD_OK;
}

nmd_status nmd_simulation_set_masses(nmd_simulation *s) {
  const nmd_yaml_node *map = s->input.masses;
  if (map == NULL || map->kind == NMD_YAML_NULL) return NMD_OK;
  if (map->kind != NMD_YAML_MAP)
    NMD_FAIL_AT(map, WRONG_TYPE, "masses: expected elements and masses, e.g. {Li: 6.015, H: 2.014}");
  for (int k = 0; k < map->n; k++) NMD_TRY(set_mass(&s->species, map->keys[k], map->items[k]));
  return NMD_OK;
}
