/* SPDX-License-Identifier: BSD-3-Clause */
#include "potential/potential.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

/* Here a new potential is one more X(name): file potential_name.c with nmd__potential_name and its table of options.
 * They may all be terms of a sum, which comes last. */
#define TERMS(X)                                                                                                       \
  X(nnp) X(lennard_jones) X(morse) X(buckingham) X(screened_coulomb) X(tabulated) X(angular) X(stillinger_weber) X(spme) X(zbl)

#define NMD_X(name)                                                                                                    \
  extern const nmd_potential_ops nmd__potential_##name;                                                                \
  extern const nmd_option_table nmd__potential_##name##_options;
TERMS(NMD_X)
NMD_X(sum)
#undef NMD_X

#define OPS(name) &nmd__potential_##name,
#define TABLE(name) &nmd__potential_##name##_options,
const nmd_potential_ops *const nmd_potential_registry[] = {TERMS(OPS) OPS(sum) NULL};
const nmd_option_table *const nmd_potential_tables[] = {TERMS(TABLE) TABLE(sum) NULL};
const nmd_option_table *const nmd_potential_term_tables[] = {TERMS(TABLE) NULL};

nmd_status nmd_potential_create(const nmd_yaml_node *node, const nmd_species *species, nmd_potential *out) {
  return nmd_potential_create_grouped(node, species, NULL, out);
}

nmd_status nmd_potential_create_grouped(const nmd_yaml_node *node, const nmd_species *species, const nmd_groups *groups,
                                        nmd_potential *out) {
  *out = (nmd_potential){0};
  int which;
  const nmd_yaml_node *body;
  NMD_TRY(nmd_options_variant(node, nmd_potential_tables, "potential", &which, &body));
  const nmd_potential_ops *ops = nmd_potential_registry[which];
  void *parameters;
  NMD_TRY(nmd_alloc(&parameters, 1, ops->options->size));
  nmd_status status = nmd_options_parse(ops->options, body, parameters);
  if (status != NMD_OK) {
    nmd_free(parameters);
    return status;
  }
  *out = (nmd_potential){ops, NULL, parameters, groups};
  status = ops->create(parameters, species, &out->self);
  if (status == NMD_OK && ops->choose != NULL) status = ops->choose(out->self, groups);
  if (status != NMD_OK) {
    nmd_potential_destroy(out);
    nmd_yaml_blame(status, node, "potential");
  }
  return status;
}

int nmd_potential_members(const nmd_potential *potential) {
  return potential->ops->members != NULL ? potential->ops->members(potential->self) : 1;
}

void nmd_potential_identify(const nmd_potential *potential, uint64_t *hash) {
  nmd_hash_text(hash, potential->ops->name);
  if (potential->ops->identify != NULL)
    potential->ops->identify(potential->self, hash);
  else
    potential->ops->describe(potential->self, nmd_hash_line, hash);
}

void nmd_potential_destroy(nmd_potential *potential) {
  if (potential->ops == NULL) return;
  if (potential->self != NULL) potential->ops->destroy(potential->self);
  nmd_options_free(potential->ops->options, potential->parameters);
  nmd_free(potential->parameters);
  *potential = (nmd_potential){0};
}

/* Is a worse than b? Ties are broken so that the table does not depend on the order of visits. */
static bool worse(const nmd_offender *a, const nmd_offender *b) {
  if (a->excess != b->excess) return a->excess > b->excess;
  if (a->atom_id != b->atom_id) return a->atom_id < b->atom_id;
  return a->function < b->function;
}

void nmd_offenders_add(nmd_offender *table, int *n, const nmd_offender *candidate) {
  for (int i = 0; i < *n; i++) /* one line per atom and function: the worst */
    if (table[i].atom_id == candidate->atom_id && table[i].function == candidate->function) {
      if (!worse(candidate, &table[i])) return;
      for (int k = i; k + 1 < *n; k++) table[k] = table[k + 1];
      (*n)--;
      break;
    }
  int place = *n;
  while (place > 0 && worse(candidate, &table[place - 1])) place--;
  if (place == NMD_OFFENDER_MAX) return;
  if (*n < NMD_OFFENDER_MAX) (*n)++;
  for (int k = *n - 1; k > place; k--) table[k] = table[k - 1];
  table[place] = *candidate;
}

static const double cost_without_neighbours = 10.0; /* in neighbours, of a potential that does not say */

/* Costs already worked out, one a slot: atoms differ in few pairs of species and neighbours. */
enum { SLOTS = 1024 };
typedef struct known_cost {
  int species, neighbours;
  double cost; /* 0: free */
} known_cost;

double nmd_atom_costs(double (*cost_of)(const void *self, int species, int neighbours), const void *self,
                      const nmd_atoms *atoms, const nmd_neighbour_list *list, double *cost) {
  known_cost known[SLOTS];
  memset(known, 0, sizeof known);
  double sum = 0;
  for (int i = 0; i < list->n; i++) {
    const int species = atoms->species[i], neighbours = (int)(list->first[i + 1] - list->first[i]);
    known_cost *slot = &known[(unsigned)(neighbours + 257 * species) % SLOTS];
    if (slot->cost <= 0 || slot->species != species || slot->neighbours != neighbours)
      *slot = (known_cost){species, neighbours,
                           cost_of != NULL ? cost_of(self, species, neighbours) : cost_without_neighbours + neighbours};
    sum += cost[i] = slot->cost;
  }
  return sum;
}
