/* SPDX-License-Identifier: BSD-3-Clause */
/* Legs are short, so an atom has few neighbours and the loops stay scalar. Each further thread adds forces to an array
 * of its own, which are added in the order of the parts. */
#include "potential/triples.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/team.h"
#include "base/vec3.h"

enum { NEIGHBOURS_MAX = 512 }; /* of one centre, within its legs */

nmd_status nmd__triples_init(nmd__triples *triples, const nmd_species *species) {
  *triples = (nmd__triples){0};
  NMD_TRY(nmd__pair_table_create(NULL, NMD__PAIR_AS_IS, species, &triples->reach));
  return NMD_ALLOC(triples->entries, species->n * species->n * species->n);
}

void nmd__triples_free(nmd__triples *triples) {
  nmd__pair_destroy(triples->reach);
  nmd_free(triples->entries);
  nmd_free(triples->scratch);
  *triples = (nmd__triples){0};
}

static void set_reach(nmd__pair_table *reach, int centre, int element, double cutoff) {
  double *own = &reach->entries[centre * reach->n_species + element].cutoff;
  if (cutoff > *own) *own = cutoff;
  if (cutoff > reach->cutoff) reach->cutoff = cutoff;
}

void nmd__triples_set(nmd__triples *triples, int centre, int b, int c, const nmd__triple_entry *entry) {
  const int n = triples->reach->n_species;
  const nmd__triple_entry swapped = {entry->strength, entry->cosine, {entry->leg[1], entry->leg[0]}};
  triples->entries[(centre * n + c) * n + b] = swapped;
  triples->entries[(centre * n + b) * n + c] = *entry;
  set_reach(triples->reach, centre, b, entry->leg[0].cutoff);
  set_reach(triples->reach, centre, c, entry->leg[1].cutoff);
}

void nmd__triples_identify(const nmd__triples *triples, uint64_t *hash) {
  const int n = triples->reach->n_species;
  nmd_hash_bytes(hash, triples->entries, (size_t)(n * n * n) * sizeof *triples->entries);
}

typedef struct neighbour {
  int index, species;
  double d[3], r; /* x_j - x_i and its length, A */
} neighbour;

typedef struct part {
  nmd_potential_partial partial; /* arrays of its own or shared, sums of its own */
  neighbour near[NEIGHBOURS_MAX];
} part;

typedef struct job {
  nmd__triples *triples;
  const nmd__pair_rows *rows;
  const nmd_potential_input *input;
  int n_parts;
  part *parts;
} job;

/* Factor of one leg into *decay, and its derivative / itself; false beyond the cut-off. */
static bool leg_factor(const nmd__triple_leg *leg, double r, double *exponent, double *slope) {
  const double gap = r - leg->cutoff;
  if (gap >= -1e-9) return false;
  *exponent += leg->decay / gap;
  *slope = -leg->decay / (gap * gap);
  return true;
}

static void book_leg(const nmd_potential_input *input, nmd_potential_partial *partial, const neighbour *j,
                     const double g[3]) {
  for (int a = 0; a < 3; a++) {
    partial->force[j->index][a] -= g[a];
    for (int b = 0; b < 3; b++) {
      partial->virial[a][b] -= j->d[a] * g[b];
      if (input->want_atom_virial) partial->atom_virial[j->index][3 * a + b] -= j->d[a] * g[b];
    }
  }
}

static void visit_triple(const nmd_potential_input *input, nmd_potential_partial *partial, int i, const neighbour *j,
                         const neighbour *k, const nmd__triple_entry *entry) {
  double exponent = 0, slope_j, slope_k, gj[3], gk[3];
  if (!leg_factor(&entry->leg[0], j->r, &exponent, &slope_j) || !leg_factor(&entry->leg[1], k->r, &exponent, &slope_k))
    return;
  const double cosine = nmd_dot(j->d, k->d) / (j->r * k->r), bend = cosine - entry->cosine;
  const double factor = entry->strength * exp(exponent), energy = factor * bend * bend, turn = 2 * factor * bend;
  for (int a = 0; a < 3; a++) {
    const double uj = j->d[a] / j->r, uk = k->d[a] / k->r;
    gj[a] = energy * slope_j * uj + turn * (uk - cosine * uj) / j->r;
    gk[a] = energy * slope_k * uk + turn * (uj - cosine * uk) / k->r;
    partial->force[i][a] += gj[a] + gk[a];
  }
  book_leg(input, partial, j, gj);
  book_leg(input, partial, k, gk);
  partial->energy += energy;
  if (input->want_atom_energy) partial->atom_energy[i] += energy;
}

static nmd_status collect_neighbours(const job *j, int i, neighbour *near, int *count) {
  const nmd__pair_table *reach = j->triples->reach;
  const nmd_atoms *atoms = j->input->atoms;
  const int n = reach->n_species;
  *count = 0;
  for (int s = 0; s < n; s++) {
    const int64_t *end = j->rows->end + (int64_t)i * n;
    const double cutoff = reach->entries[atoms->species[i] * n + s].cutoff;
    for (int64_t k = s == 0 ? j->input->list->first[i] : end[s - 1]; k < end[s]; k++) {
      neighbour next = {.index = j->rows->index[k], .species = s};
      for (int a = 0; a < 3; a++) next.d[a] = atoms->x[3 * next.index + a] - atoms->x[3 * i + a];
      next.r = nmd_norm(next.d);
      if (next.r >= cutoff) continue;
      if (*count == NEIGHBOURS_MAX)
        NMD_FAIL(EXPLODED, "atom %lld has more than %d neighbours within %g A, the legs of an angular term",
                 (long long)atoms->id[i], NEIGHBOURS_MAX, cutoff);
      near[(*count)++] = next;
    }
  }
  return NMD_OK;
}

static nmd_status visit_part(void *context, int number) {
  const job *j = context;
  part *p = &j->parts[number];
  const int n = j->triples->reach->n_species, stop = (int)nmd_team_share(j->input->list->n, number + 1, j->n_parts);
  for (int i = (int)nmd_team_share(j->input->list->n, number, j->n_parts); i < stop; i++) {
    const nmd__triple_entry *entries = j->triples->entries + j->input->atoms->species[i] * n * n;
    int count;
    NMD_TRY(collect_neighbours(j, i, p->near, &count));
    for (int a = 0; a < count; a++)
      for (int b = a + 1; b < count; b++) {
        const nmd__triple_entry *entry = &entries[p->near[a].species * n + p->near[b].species];
        if (entry->strength != 0) visit_triple(j->input, &p->partial, i, &p->near[a], &p->near[b], entry);
      }
  }
  return NMD_OK;
}

/* The first part adds to the caller's arrays, others to zeroed ones behind each other (virials after forces, as rows of
 * three). */
static nmd_status prepare_parts(job *j, const nmd_potential_partial *partial, int64_t total) {
  const int64_t rows = total * (j->input->want_atom_virial ? 4 : 1), wanted = rows * (j->n_parts - 1);
  if (wanted > j->triples->capacity) {
    NMD_TRY(NMD_GROW(j->triples->scratch, 0, wanted));
    j->triples->capacity = wanted;
  }
  if (wanted > 0) memset(j->triples->scratch, 0, (size_t)wanted * sizeof *j->triples->scratch);
  for (int p = 0; p < j->n_parts; p++) {
    double(*own)[3] = j->triples->scratch + (p - 1) * rows;
    j->parts[p].partial =
        (nmd_potential_partial){.force = p == 0 ? partial->force : own,
                                .atom_energy = partial->atom_energy,
                                .atom_virial = p == 0 ? partial->atom_virial : (double(*)[9])(own + total)};
  }
  return NMD_OK;
}

static void add_parts(const job *j, nmd_potential_partial *partial, int64_t total) {
  for (int p = 0; p < j->n_parts; p++) {
    const nmd_potential_partial *own = &j->parts[p].partial;
    partial->energy += own->energy;
    for (int k = 0; k < 9; k++) partial->virial[k / 3][k % 3] += own->virial[k / 3][k % 3];
    for (int64_t k = 0; p > 0 && k < 3 * total; k++) partial->force[k / 3][k % 3] += own->force[k / 3][k % 3];
    for (int64_t k = 0; p > 0 && j->input->want_atom_virial && k < 9 * total; k++)
      partial->atom_virial[k / 9][k % 9] += own->atom_virial[k / 9][k % 9];
  }
}

nmd_status nmd__triples_compute(nmd__triples *triples, const nmd_potential_input *input,
                                nmd_potential_partial *partial) {
  const int64_t total = input->atoms->n_owned + input->atoms->n_ghost;
  job j = {.triples = triples, .input = input, .n_parts = input->threads > 1 ? input->threads : 1};
  if (partial->force == NULL) return NMD_OK; /* only extrapolations are counted */
  NMD_TRY(NMD_ALLOC(j.parts, j.n_parts));
  nmd_status status = nmd__pair_rows_update(triples->reach, input, &j.rows);
  if (status == NMD_OK) status = prepare_parts(&j, partial, total);
  if (status == NMD_OK) status = nmd_team_run(j.n_parts, visit_part, &j);
  if (status == NMD_OK) add_parts(&j, partial, total);
  nmd_free(j.parts);
  return status;
}
