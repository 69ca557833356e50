/* SPDX-License-Identifier: BSD-3-Clause */
#include "electrostatics/spme.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"
#include "electrostatics/spme_atoms.h"

#define PI 3.14159265358979323846

struct nmd_spme {
  nmd_spme_settings settings;
  const nmd_comm *comm; /* of the mesh; not owned */
  nmd_fft *fft;         /* NULL: no mesh yet */
  nmd__patch patch;
  double (*sums)[8];  /* [ranks] extents, failure, charge: reduced in one go; as doubles, which hold them exactly */
  double *modulus[3]; /* [k] B of each axis */
  double *influence;  /* [modes] k / (pi V) exp(-pi^2 m^2 / alpha^2) / m^2 B, in the order of the modes */
  nmd_box box;        /* that the influence is for */
  double (*saved)[2]; /* [modes] transform of the charges, kept for atomic virials */
  double *phi, (*gradient)[3];
  int64_t capacity_atoms;
};

nmd_status nmd_spme_create(const nmd_spme_settings *settings, nmd_spme **out) {
  NMD_TRY(NMD_ALLOC(*out, 1));
  (*out)->settings = *settings;
  return NMD_OK;
}

static void free_mesh(nmd_spme *spme) {
  nmd_fft_destroy(spme->fft);
  nmd__patch_free(&spme->patch);
  for (int a = 0; a < 3; a++) nmd_free(spme->modulus[a]);
  nmd_free(spme->influence);
  nmd_free(spme->saved);
  nmd_free(spme->sums);
  spme->fft = NULL;
  spme->modulus[0] = spme->modulus[1] = spme->modulus[2] = spme->influence = NULL;
  spme->saved = NULL;
  spme->sums = NULL;
}

void nmd_spme_destroy(nmd_spme *spme) {
  if (spme == NULL) return;
  free_mesh(spme);
  nmd_free(spme->phi);
  nmd_free(spme->gradient);
  nmd_free(spme);
}

/* ---- mesh ---- */

static bool is_smooth(int n) {
  for (int p = 2; p <= 7; p++)
    while (n % p == 0) n /= p;
  return n == 1;
}

/* A mode m has m . a / K of a period between mesh points along a, so it is the length of the edge that counts. */
void nmd_spme_mesh(const nmd_spme_settings *settings, const nmd_box *box, int k[3]) {
  for (int a = 0; a < 3; a++) {
    k[a] = (int)ceil(nmd_norm(box->h[a]) / settings->spacing - 1e-9);
    if (k[a] < settings->order) k[a] = settings->order;
    while (!is_smooth(k[a])) k[a]++;
  }
}

/* B(m) = 1 / |sum_k M(k + 1) exp(2 pi i m k / K)|^2 along one axis. */
static void fill_modulus(int order, int k, double *modulus) {
  double value[NMD_SPME_ORDER_MAX], slope[NMD_SPME_ORDER_MAX];
  nmd__spline(order, 0, value, slope);
  for (int m = 0; m < k; m++) {
    double re = 0, im = 0;
    for (int l = 0; l < order; l++) {
      re += value[l] * cos(2 * PI * m * l / k);
      im += value[l] * sin(2 * PI * m * l / k);
    }
    modulus[m] = 1 / (re * re + im * im);
  }
}

static int64_t mode_count(const nmd_fft_layout *l) { return (int64_t)l->mode_n[0] * l->mode_n[1] * l->mode_n[2]; }

static nmd_status make_tables(nmd_spme *spme, const int k[3]) {
  NMD_TRY(NMD_ALLOC(spme->patch.extents, nmd_comm_size(spme->comm)));
  NMD_TRY(NMD_ALLOC(spme->sums, nmd_comm_size(spme->comm)));
  NMD_TRY(NMD_ALLOC(spme->influence, mode_count(nmd_fft_layout_of(spme->fft))));
  for (int a = 0; a < 3; a++) {
    NMD_TRY(NMD_ALLOC(spme->modulus[a], k[a]));
    fill_modulus(spme->settings.order, k[a], spme->modulus[a]);
  }
  return NMD_OK;
}

static nmd_status need_mesh(nmd_spme *spme, const nmd_comm *comm, const nmd_box *box) {
  int k[3];
  nmd_spme_mesh(&spme->settings, box, k);
  if (spme->fft != NULL && spme->comm == comm && memcmp(k, nmd_fft_layout_of(spme->fft)->k, sizeof k) == 0)
    return NMD_OK;
  free_mesh(spme);
  spme->comm = comm;
  spme->box.volume = 0;
  NMD_TRY(nmd_fft_create(comm, k, &spme->fft));
  return nmd_comm_agree(comm, make_tables(spme, k));
}

/* ---- modes ---- */

/* The modes of this rank in the order of memory, the innermost next to each other: axes from the slowest to the
 * fastest. */
typedef struct mode_order {
  int axis[3];
  int low[3], n[3], k[3]; /* of those axes */
} mode_order;

static mode_order order_of(const nmd_fft_layout *l) {
  mode_order o;
  const bool last_is_fastest = l->mode_stride[2] <= l->mode_stride[0];
  for (int d = 0; d < 3; d++) {
    o.axis[d] = last_is_fastest ? d : 2 - d;
    o.low[d] = l->mode_low[o.axis[d]];
    o.n[d] = l->mode_n[o.axis[d]];
    o.k[d] = l->k[o.axis[d]];
  }
  return o;
}

/* The signed mode number; *nyquist: half way, where the sign is not defined. */
static inline int mode_number(int i, int k, bool *nyquist) {
  *nyquist = 2 * i == k;
  return 2 * i > k ? i - k : i;
}

/* Modes with a number half way round are left out: their sign, and with it m in a slanted cell, is not defined. */
static void fill_influence(nmd_spme *spme, const nmd_box *box) {
  const mode_order o = order_of(nmd_fft_layout_of(spme->fft));
  const double decay = PI * PI / (spme->settings.alpha * spme->settings.alpha),
               scale = NMD_COULOMB / (PI * box->volume);
  double *influence = spme->influence;
  for (int a = 0; a < o.n[0]; a++)
    for (int b = 0; b < o.n[1]; b++)
      for (int c = 0; c < o.n[2]; c++) {
        const int at[3] = {o.low[0] + a, o.low[1] + b, o.low[2] + c};
        double m[3] = {0, 0, 0}, factor = scale;
        for (int d = 0; d < 3; d++) {
          bool nyquist;
          const int number = mode_number(at[d], o.k[d], &nyquist);
          for (int x = 0; x < 3; x++) m[x] += number * box->inverse[x][o.axis[d]];
          factor *= nyquist ? 0 : spme->modulus[o.axis[d]][at[d]];
        }
        const double m2 = nmd_dot(m, m);
        *influence++ = m2 > 0 ? factor * exp(-decay * m2) / m2 : 0;
      }
  spme->box = *box;
}

static nmd_status need_influence(nmd_spme *spme, const nmd_box *box) {
  if (spme->box.volume == 0 || memcmp(spme->box.h, box->h, sizeof box->h) != 0) fill_influence(spme, box);
  return NMD_OK;
}

/* Energy and virial of this rank's modes; modes become those of the potential. Modes of axis 2 stand for two each, but
 * for number 0. */
static void convolve(const nmd_spme *spme, double *energy, double virial[6]) {
  const mode_order o = order_of(nmd_fft_layout_of(spme->fft));
  const double decay = PI * PI / (spme->settings.alpha * spme->settings.alpha);
  const double(*inverse)[3] = spme->box.inverse, *influence = spme->influence;
  double(*modes)[2] = nmd_fft_modes(spme->fft);
  for (int a = 0; a < o.n[0]; a++)
    for (int b = 0; b < o.n[1]; b++)
      for (int c = 0; c < o.n[2]; c++, influence++, modes++) {
        const int at[3] = {o.low[0] + a, o.low[1] + b, o.low[2] + c};
        const bool twice = at[o.axis[0] == 2 ? 0 : 2] > 0;
        const double term = (twice ? 1 : 0.5) * *influence * (modes[0][0] * modes[0][0] + modes[0][1] * modes[0][1]);
        modes[0][0] *= *influence;
        modes[0][1] *= *influence;
        if (term == 0) continue;
        double m[3] = {0, 0, 0};
        for (int d = 0; d < 3; d++) {
          bool nyquist;
          const int number = mode_number(at[d], o.k[d], &nyquist);
          for (int x = 0; x < 3; x++) m[x] += number * inverse[x][o.axis[d]];
        }
        const double slope = 2 * term * (1 / nmd_dot(m, m) + decay);
        *energy += term;
        for (int x = 0; x < 3; x++) virial[x] += term - slope * m[x] * m[x];
        virial[3] -= slope * m[0] * m[1];
        virial[4] -= slope * m[0] * m[2];
        virial[5] -= slope * m[1] * m[2];
      }
}

/* Modes = saved charges times influence times element (x, y) of the virial of a mode. */
static void convolve_virial(const nmd_spme *spme, int x, int y) {
  const mode_order o = order_of(nmd_fft_layout_of(spme->fft));
  const double decay = PI * PI / (spme->settings.alpha * spme->settings.alpha), *influence = spme->influence;
  double(*modes)[2] = nmd_fft_modes(spme->fft);
  const double(*saved)[2] = (const double(*)[2])spme->saved;
  for (int a = 0; a < o.n[0]; a++)
    for (int b = 0; b < o.n[1]; b++)
      for (int c = 0; c < o.n[2]; c++, influence++, modes++, saved++) {
        const int at[3] = {o.low[0] + a, o.low[1] + b, o.low[2] + c};
        double m[3] = {0, 0, 0};
        for (int d = 0; d < 3; d++) {
          bool nyquist;
          const int number = mode_number(at[d], o.k[d], &nyquist);
          for (int z = 0; z < 3; z++) m[z] += number * spme->box.inverse[z][o.axis[d]];
        }
        const double m2 = nmd_dot(m, m), same = x == y ? 1 : 0;
        const double factor = m2 > 0 ? *influence * (same - 2 * (1 / m2 + decay) * m[x] * m[y]) : 0;
        modes[0][0] = factor * saved[0][0];
        modes[0][1] = factor * saved[0][1];
      }
}

/* ---- atoms ---- */

static nmd_status need_atoms(nmd_spme *spme, int n) {
  if (n <= spme->capacity_atoms && spme->phi != NULL) return NMD_OK;
  NMD_TRY(NMD_GROW(spme->phi, 0, n + n / 8 + 1));
  NMD_TRY(NMD_GROW(spme->gradient, 0, n + n / 8 + 1));
  spme->capacity_atoms = n + n / 8;
  return NMD_OK;
}

/* One reduction tells all ranks about all patches, the net charge, and who failed. */
static nmd_status share_extents(nmd_spme *spme, const nmd__spread *spread, double *net) {
  const int ranks = nmd_comm_size(spme->comm), rank = nmd_comm_rank(spme->comm);
  nmd__extent own = {{0}, {0}};
  nmd_status status = need_atoms(spme, spread->atoms->n);
  if (status == NMD_OK && !nmd__spread_extent(spread, &own))
    status = nmd_fail(NMD_EXPLODED,
                      "spme: an atom is more than two cells away from its cell, or its position is not finite");
  memset(spme->sums, 0, (size_t)ranks * sizeof *spme->sums);
  for (int a = 0; a < 3; a++) {
    spme->sums[rank][a] = own.low[a];
    spme->sums[rank][3 + a] = own.n[a];
  }
  spme->sums[rank][6] = status != NMD_OK;
  for (int i = 0; i < spread->atoms->n; i++) spme->sums[rank][7] += spread->atoms->charge[spread->atoms->species[i]];
  nmd_comm_sum(spme->comm, spme->sums[0], 8 * ranks);
  double failed = 0;
  *net = 0;
  for (int r = 0; r < ranks; r++) {
    for (int a = 0; a < 3; a++) {
      spme->patch.extents[r].low[a] = (int)spme->sums[r][a];
      spme->patch.extents[r].n[a] = (int)spme->sums[r][3 + a];
    }
    failed += spme->sums[r][6];
    *net += spme->sums[r][7];
  }
  return failed > 0 ? nmd_comm_agree(spme->comm, status) : NMD_OK;
}

/* Each atom with itself, and with the background of the net charge. */
static void add_constant_terms(const nmd_spme *spme, const nmd_box *box, const nmd_spme_atoms *atoms,
                               nmd_spme_results *r) {
  const double alpha = spme->settings.alpha, self = -NMD_COULOMB * alpha / sqrt(PI);
  const double background = -NMD_COULOMB * PI * r->net / (2 * box->volume * alpha * alpha);
  for (int i = 0; i < atoms->n; i++) {
    const double q = atoms->charge[atoms->species[i]], energy = self * q * q + background * q;
    r->energy += energy;
    if (r->atom_energy != NULL) r->atom_energy[i] += energy;
    for (int k = 0; k < 9; k += 4) {
      r->virial[k] += background * q;
      if (r->atom_virial != NULL) r->atom_virial[i][k] += background * q;
    }
  }
}

static void add_forces(const nmd_spme *spme, const nmd_spme_atoms *atoms, nmd_spme_results *r) {
  for (int i = 0; i < atoms->n; i++) {
    const double q = atoms->charge[atoms->species[i]];
    for (int a = 0; a < 3; a++) r->force[i][a] -= q * spme->gradient[i][a];
    if (r->atom_energy != NULL) r->atom_energy[i] += 0.5 * q * spme->phi[i];
  }
}

static const int virial_x[6] = {0, 1, 2, 0, 0, 1}, virial_y[6] = {0, 1, 2, 1, 2, 2};

/* Six more transforms, so only when wanted. */
static void add_atom_virials(nmd_spme *spme, nmd__spread *spread, nmd_spme_results *r) {
  const nmd_fft_layout *layout = nmd_fft_layout_of(spme->fft);
  for (int k = 0; k < 6; k++) {
    const int x = virial_x[k], y = virial_y[k];
    convolve_virial(spme, x, y);
    nmd_fft_backward(spme->fft);
    nmd__patch_scatter(&spme->patch, spme->comm, layout, nmd_fft_real(spme->fft));
    nmd__spread_potential(spread, spme->phi, NULL);
    for (int i = 0; i < spread->atoms->n; i++) {
      const double w = 0.5 * spread->atoms->charge[spread->atoms->species[i]] * spme->phi[i];
      r->atom_virial[i][3 * x + y] += w;
      if (x != y) r->atom_virial[i][3 * y + x] += w;
    }
  }
}

static nmd_status need_saved(nmd_spme *spme) {
  const int64_t n = mode_count(nmd_fft_layout_of(spme->fft));
  if (spme->saved == NULL) NMD_TRY(nmd_comm_agree(spme->comm, NMD_ALLOC(spme->saved, n)));
  memcpy(spme->saved, nmd_fft_modes(spme->fft), (size_t)n * sizeof *spme->saved);
  return NMD_OK;
}

static nmd_status compute_mesh(nmd_spme *spme, nmd__spread *spread, nmd_spme_results *r) {
  const nmd_fft_layout *layout = nmd_fft_layout_of(spme->fft);
  double virial[6] = {0};
  nmd__spread_charges(spread);
  nmd__patch_gather(&spme->patch, spme->comm, layout, nmd_fft_real(spme->fft));
  nmd_fft_forward(spme->fft);
  if (r->atom_virial != NULL) NMD_TRY(need_saved(spme));
  convolve(spme, &r->energy, virial);
  nmd_fft_backward(spme->fft);
  nmd__patch_scatter(&spme->patch, spme->comm, layout, nmd_fft_real(spme->fft));
  nmd__spread_potential(spread, spme->phi, spme->gradient);
  add_forces(spme, spread->atoms, r);
  for (int k = 0; k < 6; k++) {
    r->virial[3 * virial_x[k] + virial_y[k]] += virial[k];
    if (k > 2) r->virial[3 * virial_y[k] + virial_x[k]] += virial[k];
  }
  if (r->atom_virial != NULL) add_atom_virials(spme, spread, r);
  return NMD_OK;
}

nmd_status nmd_spme_compute(nmd_spme *spme, const nmd_comm *comm, const nmd_box *box, const nmd_spme_atoms *atoms,
                            nmd_spme_results *results) {
  if (!box->periodic[0] || !box->periodic[1] || !box->periodic[2])
    NMD_FAIL(CONFLICT,
             "spme: the cell is not periodic along all axes; expected a periodic cell, with vacuum where there are "
             "surfaces");
  NMD_TRY(need_mesh(spme, comm, box));
  NMD_TRY(need_influence(spme, box));
  nmd__spread spread = {
      .atoms = atoms, .box = box, .order = spme->settings.order, .extent = &spme->patch.extents[nmd_comm_rank(comm)]};
  memcpy(spread.k, nmd_fft_layout_of(spme->fft)->k, sizeof spread.k);
  NMD_TRY(share_extents(spme, &spread, &results->net));
  NMD_TRY(nmd_comm_agree(comm, nmd__patch_prepare(&spme->patch, comm, nmd_fft_layout_of(spme->fft))));
  spread.patch = spme->patch.values;
  add_constant_terms(spme, box, atoms, results);
  return compute_mesh(spme, &spread, results);
}
