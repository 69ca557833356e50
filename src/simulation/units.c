/* SPDX-License-Identifier: BSD-3-Clause */
/* A model fitted in Bohr but declared in Angstrom (or the reverse) gives numbers that look like a bad structure. It shows
 * at step 0: functions out of range everywhere, but not if distances are taken in the other unit. */
#include "simulation/simulation.h"

/* Extrapolating functions per atom above which something is wrong at the start, and the factor by which the other unit
 * must do better to be the explanation. */
#define NMD_SUSPICIOUS_EXTRAPOLATIONS 2.0
#define NMD_UNIT_EXPLANATION 0.2

static nmd_status count_other_unit(nmd_simulation *s, int64_t *count, const char **unit) {
  const double cutoff = s->list.cutoff;
  s->list.cutoff = 2 * cutoff; /* enough for distances shrunk by Bohr / Angstrom */
  nmd_status status = nmd_simulation_rebuild(s);
  if (status == NMD_OK) {
    const nmd_potential_input input = {.atoms = &s->atoms, .list = &s->list, .threads = s->threads};
    status = nmd_comm_agree(s->comm, s->potential.ops->count_other_unit(s->potential.self, &input, count, unit));
  }
  s->list.cutoff = cutoff;
  NMD_TRY(status);
  nmd_comm_sum_int(s->comm, count, 1);
  NMD_TRY(nmd_simulation_rebuild(s));
  s->counters.rebuilds = 1;
  const int64_t extrapolations = s->counters.extrapolations;
  NMD_TRY(nmd_simulation_forces(s)); /* the rebuild dropped the forces on the atoms' old places */
  s->counters.extrapolations = extrapolations;
  return NMD_OK;
}

nmd_status nmd_simulation_check_units(nmd_simulation *s) {
  const double n = (double)s->n_atoms, per_atom = (double)s->totals.extrapolations / n;
  if (per_atom < NMD_SUSPICIOUS_EXTRAPOLATIONS || s->potential.ops->count_other_unit == NULL) return NMD_OK;
  int64_t other = 0;
  const char *unit = "";
  NMD_TRY(count_other_unit(s, &other, &unit));
  if ((double)other < NMD_UNIT_EXPLANATION * per_atom * n)
    NMD_FAIL_AT(
        s->input.potential, MODEL_UNITS,
        "potential: %.1f functions per atom are outside the training range, with length_unit: %s only %.2f; the "
        "model seems to be fitted in that unit (energy_unit too?), or the structure is not in A",
        per_atom, unit, (double)other / n);
  nmd_log_warning("%.1f functions per atom are outside the training range at the start: the potential does not know such "
                  "structures",
                  per_atom);
  return NMD_OK;
}
