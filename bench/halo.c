/* SPDX-License-Identifier: BSD-3-Clause */
/* Time of the exchange of a step (positions to ghosts, forces back) against its messages and bytes, for the fit of a
 * latency and a bandwidth (bench/scaling.py).
 *
 *   mpirun -n RANKS halo       one line a size: atoms, messages and kB a rank one way, microseconds there and back
 *
 * Random atoms at the density of a metal; the best of many repeats, since a shared machine only ever adds time. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/timer.h"
#include "parallel/domain.h"

enum { REPEATS = 200, SIZES = 8 };
static const double density = 0.058, reach = 7.0; /* 1/A^3, A */

static nmd_status fill(const nmd_domain *domain, const nmd_box *box, int n, nmd_atoms *atoms) {
  for (int i = 0; i < n; i++) {
    double g[3], s[3];
    for (int d = 0; d < 3; d++) {
      double u[2];
      nmd_random_uniform2(1, NMD_STREAM_TEST, d, i, 0, u);
      s[d] = u[0];
    }
    if (nmd_domain_owner(domain, s) != nmd_comm_rank(domain->comm)) continue;
    nmd_box_to_cartesian(box, s, g);
    NMD_TRY(nmd_atoms_reserve(atoms, atoms->n_owned + 1));
    for (int d = 0; d < 3; d++) atoms->x[3 * atoms->n_owned + d] = g[d];
    atoms->id[atoms->n_owned++] = i + 1;
  }
  return NMD_OK;
}

static double best_of(const nmd_comm *comm, nmd_halo *halo, const nmd_box *box, nmd_atoms *atoms) {
  double best = INFINITY;
  for (int k = 0; k < REPEATS; k++) {
    nmd_comm_barrier(comm);
    const double begin = nmd_wall_seconds();
    nmd_halo_forward(halo, box, atoms);
    nmd_halo_reverse(halo, atoms->f, 3);
    double seconds = nmd_wall_seconds() - begin;
    nmd_comm_max(comm, &seconds, 1);
    if (seconds < best) best = seconds;
  }
  return best;
}

static nmd_status measure(const nmd_comm *comm, int n) {
  const double edge = cbrt(n / density), h[3][3] = {{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}};
  nmd_box box;
  nmd_domain domain;
  nmd_atoms atoms;
  nmd_halo *halo;
  int messages;
  int64_t bytes;
  nmd_atoms_init(&atoms);
  NMD_TRY(nmd_box_init(&box, h, NULL, NULL));
  NMD_TRY(nmd_domain_init(&domain, comm, &box, NULL));
  NMD_TRY(fill(&domain, &box, n, &atoms));
  NMD_TRY(nmd_halo_create(&halo));
  NMD_TRY(nmd_halo_build(halo, &domain, &box, reach, &atoms));
  nmd_halo_statistics(halo, &messages, &bytes);
  int64_t most[2] = {messages, bytes};
  nmd_comm_max_int(comm, most, 2);
  const double seconds = best_of(comm, halo, &box, &atoms);
  if (nmd_comm_rank(comm) == 0)
    printf("%d %lld %.3f %.3f\n", n, (long long)most[0], 1e-3 * (double)most[1], 1e6 * seconds);
  nmd_halo_destroy(halo);
  nmd_atoms_free(&atoms);
  nmd_domain_free(&domain);
  return NMD_OK;
}

int main(int argc, char **argv) {
  nmd_comm *world;
  nmd_status status = nmd_comm_start(&argc, &argv, &world);
  if (status == NMD_OK && nmd_comm_rank(world) == 0) printf("# atoms messages kB microseconds\n");
  for (int k = 0, n = 2000; k < SIZES && status == NMD_OK; k++, n *= 2) status = measure(world, n);
  if (status != NMD_OK) fprintf(stderr, "halo: %s\n", nmd_error_text());
  nmd_comm_stop(world);
  return nmd_status_exit_code(status);
}
