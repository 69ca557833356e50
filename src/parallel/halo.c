/* SPDX-License-Identifier: BSD-3-Clause */
/* Setting up ghosts, axis by axis, in as many passes as bricks are thin.
 *
 * Along axis d a rank sends to its low neighbour the atoms with s_d < low_d + cutoff / height_d. In the first pass
 * these come from its own atoms and the ghosts of earlier axes (which fills edges and corners), in later passes from
 * what arrived from the high side one pass before: so they travel on as long as somebody needs them; the same to the
 * high side. The number of passes follows from the planes, which all ranks know. A cell smaller than the cut-off needs
 * nothing more: its images are what it sends to itself.
 *
 * Atoms travel with the position of their owner and a count of crossed edges. A ghost stands at x_owner + shift h, so
 * two ranks place the same image at exactly the same point, by whatever way it came, and a changed h needs no rebuild.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "parallel/domain_private.h"
#include "parallel/halo_private.h"

static const double reach_margin = 1e-9; /* relative: pairs at the cut-off within rounding are kept */
static const double most_passes = 1e6;   /* beyond, the cut-off is surely a slip */

typedef struct build {
  nmd_halo *halo;
  const nmd_domain *domain;
  const nmd_box *box;
  nmd_atoms *atoms;
  double reach[3]; /* the cut-off in fractional units */
  size_t atom_bytes;
} build;

nmd_status nmd_halo_create(nmd_halo **out) { return nmd_alloc(out, 1, sizeof **out); }

void nmd_halo_destroy(nmd_halo *halo) {
  if (halo == NULL) return;
  nmd_free(halo->swaps);
  nmd_free(halo->send_index);
  nmd_free(halo->shift);
  nmd_free(halo->s);
  nmd_free(halo->packed);
  nmd_free(halo->incoming);
  for (int side = 0; side < 2; side++) nmd_free(halo->buffer[side]);
  nmd_free(halo);
}

/* Position of plane j of the periodically continued grid. */
static double plane(const nmd_domain *domain, int d, int64_t j) {
  const int n = domain->grid[d];
  const int64_t cell = j >= 0 ? j / n : -((n - 1 - j) / n);
  return domain->planes[d][j - cell * n] + (double)cell;
}

/* Passes to one side so that atoms from every brick within reach of some brick arrive. */
static int passes_needed(const build *b, int d, int side) {
  const int n = b->domain->grid[d];
  int most = 0;
  for (int c = 0; c < n; c++) {
    const int limit = b->box->periodic[d] ? INT32_MAX : (side == 0 ? n - 1 - c : c);
    int k = 0;
    if (side == 0) /* what travels to the low side comes from bricks above */
      while (k < limit && plane(b->domain, d, c + 1 + k) < plane(b->domain, d, c + 1) + b->reach[d]) k++;
    else
      while (k < limit && plane(b->domain, d, c - k) > plane(b->domain, d, c) - b->reach[d]) k++;
    if (k > most) most = k;
  }
  return most;
}

static nmd_status check_reach(build *b, double cutoff) {
  if (!(cutoff >= 0.0 && isfinite(cutoff))) NMD_FAIL(OUT_OF_RANGE, "halo cutoff %g A: expected >= 0", cutoff);
  for (int d = 0; d < 3; d++) {
    const double height = nmd_box_height(b->box, d);
    b->reach[d] = cutoff / height * (1.0 + reach_margin);
    if (!(b->reach[d] * b->domain->grid[d] < most_passes))
      NMD_FAIL(DECOMPOSITION, "cutoff with skin %g A spans %g cells along %c (height %g A); repeat the cell", cutoff,
               b->reach[d], 'a' + d, height);
  }
  return NMD_OK;
}

/* Grow an array to hold `needed` items, with half as many in reserve. */
static nmd_status need(void *array, int64_t kept, int64_t needed, int64_t *capacity, size_t item) {
  if (needed <= *capacity) return NMD_OK;
  const int64_t wanted = needed + needed / 2 + 64;
  NMD_TRY(nmd_grow(array, (size_t)kept, (size_t)wanted, item));
  *capacity = wanted;
  return NMD_OK;
}

static nmd_status start(build *b) {
  nmd_halo *halo = b->halo;
  nmd_atoms *atoms = b->atoms;
  double volume = 1.0;
  for (int d = 0; d < 3; d++) {
    const double width = b->domain->high[d] - b->domain->low[d];
    if (b->box->periodic[d]) volume *= 1.0 + 2.0 * b->reach[d] / width;
  }
  if (volume * atoms->n_owned > INT32_MAX)
    NMD_FAIL(MEMORY, "%d atoms need about %.3g ghosts on one rank (limit 2^31); repeat the cell or shorten the cutoff",
             atoms->n_owned, volume * atoms->n_owned);
  /* At least one item, so that a rank without atoms has arrays to point into. */
  NMD_TRY(nmd_atoms_reserve(atoms, atoms->n_owned + 1));
  NMD_TRY(need(&halo->s, 0, atoms->n_owned + 1, &halo->capacity_s, sizeof *halo->s));
  NMD_TRY(need(&halo->shift, 0, atoms->n_owned + 1, &halo->capacity_shift, sizeof *halo->shift));
  NMD_TRY(need(&halo->send_index, 0, 1, &halo->capacity_send, sizeof *halo->send_index));
  memset(halo->shift, 0, (size_t)atoms->n_owned * sizeof *halo->shift);
  for (int i = 0; i < atoms->n_owned; i++) nmd_box_to_fractional(b->box, &atoms->x[3 * (int64_t)i], halo->s[i]);
  return NMD_OK;
}

/* Which of the candidates [first, last) go to `side` along d. */
static nmd_status select_atoms(build *b, nmd__swap *swap, int d, int side, int first, int last) {
  nmd_halo *halo = b->halo;
  if (swap->to < 0) return NMD_OK;
  NMD_TRY(need(&halo->send_index, halo->n_send, halo->n_send + last - first, &halo->capacity_send,
               sizeof *halo->send_index));
  const double low_limit = b->domain->low[d] + b->reach[d], high_limit = b->domain->high[d] - b->reach[d];
  for (int i = first; i < last; i++)
    if (side == 0 ? halo->s[i][d] < low_limit : halo->s[i][d] >= high_limit) halo->send_index[halo->n_send++] = i;
  swap->n_send = (int)(halo->n_send - swap->first_send);
  return NMD_OK;
}

/* H fields, then the image shift as the receiver sees it. */
static nmd_status pack(build *b, const nmd__swap *swap, int d, int side) {
  nmd_halo *halo = b->halo;
  const int step = nmd__domain_at_edge(b->domain, d, side) ? (side == 0 ? 1 : -1) : 0;
  NMD_TRY(need(&halo->packed, 0, swap->n_send * (int64_t)b->atom_bytes, &halo->capacity_packed, 1));
  char *next = halo->packed;
  for (int k = 0; k < swap->n_send; k++) {
    const int i = halo->send_index[swap->first_send + k];
    int32_t shift[3];
    memcpy(shift, halo->shift[i], sizeof shift);
    shift[d] += step;
    next = nmd_atoms_pack(b->atoms, i, NMD_FIELD_H, next);
    memcpy(next, shift, sizeof shift);
    next += sizeof shift;
  }
  return NMD_OK;
}

static nmd_status unpack(build *b, nmd__swap *swap, size_t bytes) {
  nmd_halo *halo = b->halo;
  nmd_atoms *atoms = b->atoms;
  const int64_t first = (int64_t)atoms->n_owned + atoms->n_ghost, count = (int64_t)(bytes / b->atom_bytes);
  if (first + count > INT32_MAX) NMD_FAIL(MEMORY, "more than 2^31 atoms and ghosts on one rank; use more ranks");
  NMD_TRY(nmd_atoms_reserve(atoms, (int)(first + count)));
  NMD_TRY(need(&halo->s, first, first + count, &halo->capacity_s, sizeof *halo->s));
  NMD_TRY(need(&halo->shift, first, first + count, &halo->capacity_shift, sizeof *halo->shift));
  swap->first_receive = (int)first;
  swap->n_receive = (int)count;
  const char *next = halo->incoming;
  for (int64_t i = first; i < first + count; i++) {
    next = nmd_atoms_unpack(atoms, (int)i, NMD_FIELD_H, next);
    memcpy(halo->shift[i], next, sizeof *halo->shift);
    next += sizeof *halo->shift;
    nmd_box_to_fractional(b->box, &atoms->x[3 * i], halo->s[i]);
    for (int d = 0; d < 3; d++) halo->s[i][d] += halo->shift[i][d];
  }
  atoms->n_ghost += (int)count;
  return NMD_OK;
}

/* One message to `side` along d, chosen among [*first, *last), which become the atoms that came in. A rank that failed
 * takes part with empty messages. */
static nmd_status swap_atoms(build *b, int d, int side, int *first, int *last, nmd_status status) {
  nmd_halo *halo = b->halo;
  nmd__swap swap = {.to = nmd__domain_neighbour(b->domain, b->box, d, side),
                    .from = nmd__domain_neighbour(b->domain, b->box, d, 1 - side),
                    .first_send = halo->n_send,
                    .first_receive = b->atoms->n_owned + b->atoms->n_ghost};
  if (status == NMD_OK) status = select_atoms(b, &swap, d, side, *first, *last);
  if (status == NMD_OK) status = pack(b, &swap, d, side);
  size_t received;
  const nmd_status arrived =
      nmd_comm_exchange(halo->comm, swap.to, halo->packed, status == NMD_OK ? swap.n_send * b->atom_bytes : 0,
                        swap.from, &halo->incoming, &halo->capacity_incoming, &received);
  if (status == NMD_OK) status = arrived;
  if (status == NMD_OK) status = unpack(b, &swap, received);
  if (status == NMD_OK)
    status = need(&halo->swaps, halo->n_swaps, halo->n_swaps + 1, &halo->capacity_swaps, sizeof *halo->swaps);
  if (status != NMD_OK) return status;
  halo->swaps[halo->n_swaps++] = swap;
  *first = swap.first_receive;
  *last = swap.first_receive + swap.n_receive;
  return NMD_OK;
}

static nmd_status build_axis(build *b, int d, nmd_status status) {
  const int n = b->atoms->n_owned + b->atoms->n_ghost;
  const int low = passes_needed(b, d, 0), high = passes_needed(b, d, 1), passes = low > high ? low : high;
  int first[2] = {0, 0}, last[2] = {n, n};
  for (int k = 0; k < passes; k++)
    for (int side = 0; side < 2; side++) status = swap_atoms(b, d, side, &first[side], &last[side], status);
  return status;
}

/* Buffers of the per-step exchange: three doubles an atom of the largest swap, or one atom of many components. */
static nmd_status reserve_buffers(nmd_halo *halo) {
  int64_t items = NMD__HALO_COMPONENTS_MAX;
  for (int k = 0; k < halo->n_swaps; k++)
    if (3 * (int64_t)halo->swaps[k].n_send > items) items = 3 * (int64_t)halo->swaps[k].n_send;
  for (int side = 0; side < 2; side++)
    NMD_TRY(need(&halo->buffer[side], 0, items, &halo->capacity_buffer[side], sizeof *halo->buffer[side]));
  return NMD_OK;
}

nmd_status nmd_halo_build(nmd_halo *halo, const nmd_domain *domain, const nmd_box *box, double cutoff,
                          nmd_atoms *atoms) {
  build b = {.halo = halo, .domain = domain, .box = box, .atoms = atoms};
  b.atom_bytes = nmd_atoms_packed_bytes(NMD_FIELD_H) + sizeof *halo->shift;
  halo->comm = domain->comm;
  halo->n_owned = atoms->n_owned;
  halo->n_swaps = 0;
  halo->n_send = 0;
  halo->n_ghost = atoms->n_ghost = 0;
  NMD_TRY(check_reach(&b, cutoff));
  NMD_TRY(nmd_comm_agree(halo->comm, start(&b)));
  nmd_status status = NMD_OK;
  for (int d = 0; d < 3; d++) status = build_axis(&b, d, status);
  if (status == NMD_OK) status = reserve_buffers(halo);
  NMD_TRY(nmd_comm_agree(halo->comm, status));
  halo->n_ghost = atoms->n_ghost;
  nmd__halo_shift(halo, box, atoms);
  return NMD_OK;
}
