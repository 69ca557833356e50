/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/density.h"

#include <math.h>

#include "base/memory.h"
#include "base/units.h"
#include "base/vec3.h"

enum { POINTS_MAX = 1 << 29 };

nmd_status nmd_density_init(nmd_density *density, const int n[3]) {
  *density = (nmd_density){.n = {n[0], n[1], n[2]}};
  const double points = (double)n[0] * n[1] * n[2];
  if (n[0] < 1 || n[1] < 1 || n[2] < 1 || points > POINTS_MAX)
    NMD_FAIL(OUT_OF_RANGE, "grid %d x %d x %d: expected at least one point along each axis and at most %d in all", n[0],
             n[1], n[2], POINTS_MAX);
  return NMD_ALLOC(density->atoms, (int64_t)points);
}

void nmd_density_free(nmd_density *density) {
  nmd_free(density->atoms);
  *density = (nmd_density){0};
}

static int64_t place(const nmd_density *density, int i, int j, int k) {
  return ((int64_t)i * density->n[1] + j) * density->n[2] + k;
}

/* One atom at fractional s in [0, 1): weights fall linearly to zero at the next points; the grid closes on itself. */
static void share(nmd_density *density, const double s[3]) {
  int low[3], high[3];
  double weight[3];
  for (int d = 0; d < 3; d++) {
    const double t = s[d] * density->n[d];
    low[d] = (int)t < density->n[d] ? (int)t : density->n[d] - 1;
    high[d] = (low[d] + 1) % density->n[d];
    weight[d] = t - low[d];
  }
  for (int corner = 0; corner < 8; corner++) {
    double w = 1;
    int at[3];
    for (int d = 0; d < 3; d++) {
      const int upper = corner >> d & 1;
      w *= upper ? weight[d] : 1 - weight[d];
      at[d] = upper ? high[d] : low[d];
    }
    density->atoms[place(density, at[0], at[1], at[2])] += w;
  }
}

void nmd_density_add(nmd_density *density, const nmd_box *box, int64_t n, const double (*x)[3], const int *kind,
                     int wanted) {
  for (int64_t i = 0; i < n; i++) {
    double s[3];
    bool inside = kind == NULL || kind[i] == wanted;
    if (!inside) continue;
    nmd_box_to_fractional(box, x[i], s);
    for (int d = 0; d < 3; d++) {
      if (box->periodic[d]) s[d] -= floor(s[d]);
      inside = inside && s[d] >= 0 && s[d] <= 1;
    }
    if (inside) share(density, s);
  }
  for (int d = 0; d < 3; d++) {
    density->origin[d] += box->origin[d];
    for (int e = 0; e < 3; e++) density->h[d][e] += box->h[d][e];
  }
  density->frames++;
}

void nmd_density_reduce(nmd_density *density, const nmd_comm *comm) {
  const int64_t total = (int64_t)density->n[0] * density->n[1] * density->n[2];
  nmd_comm_sum(comm, density->atoms, (int)total);
  nmd_comm_sum_int(comm, &density->frames, 1);
  nmd_comm_sum(comm, density->h[0], 9);
  nmd_comm_sum(comm, density->origin, 3);
}

static void mean_cell(const nmd_density *density, double h[3][3], double origin[3]) {
  for (int d = 0; d < 3; d++) {
    origin[d] = density->origin[d] / (double)density->frames;
    for (int e = 0; e < 3; e++) h[d][e] = density->h[d][e] / (double)density->frames;
  }
}

double nmd_density_at(const nmd_density *density, int i, int j, int k) {
  double h[3][3], origin[3];
  mean_cell(density, h, origin);
  const double points = (double)density->n[0] * density->n[1] * density->n[2];
  return density->atoms[place(density, i, j, k)] / (double)density->frames * points / fabs(nmd_det(h));
}

static void put_vector(nmd_buffer *out, const double v[3], double unit) {
  nmd_buffer_printf(out, " %12.6f %12.6f %12.6f\n", v[0] / unit, v[1] / unit, v[2] / unit);
}

void nmd_density_cube(const nmd_density *density, const char *title, const nmd_structure *frame, nmd_buffer *out) {
  double h[3][3], origin[3];
  const int64_t atoms = frame == NULL ? 0 : frame->n;
  mean_cell(density, h, origin);
  nmd_buffer_printf(out, "%s\nnumber density, 1/bohr^3\n%lld", title, (long long)atoms);
  put_vector(out, origin, NMD_BOHR);
  for (int d = 0; d < 3; d++) {
    nmd_buffer_printf(out, "%d", density->n[d]);
    put_vector(out, h[d], NMD_BOHR * density->n[d]);
  }
  for (int64_t a = 0; a < atoms; a++) {
    nmd_buffer_printf(out, "%d 0.0", frame->atomic_number[a]);
    put_vector(out, frame->x[a], NMD_BOHR);
  }
  const double unit = NMD_BOHR * NMD_BOHR * NMD_BOHR;
  for (int i = 0; i < density->n[0]; i++)
    for (int j = 0; j < density->n[1]; j++)
      for (int k = 0; k < density->n[2]; k++)
        nmd_buffer_printf(out, " %12.5e%s", nmd_density_at(density, i, j, k) * unit,
                          k % 6 == 5 || k == density->n[2] - 1 ? "\n" : "");
}

void nmd_density_vtk(const nmd_density *density, const char *title, nmd_buffer *out) {
  double h[3][3], origin[3];
  const int *n = density->n;
  mean_cell(density, h, origin);
  nmd_buffer_printf(out, "# vtk DataFile Version 3.0\n%.200s\nASCII\nDATASET STRUCTURED_GRID\nDIMENSIONS %d %d %d\n",
                    title, n[0], n[1], n[2]);
  const long long points = (long long)n[0] * n[1] * n[2];
  nmd_buffer_printf(out, "POINTS %lld float\n", points);
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++)
      for (int i = 0; i < n[0]; i++) {
        const double s[3] = {(double)i / n[0], (double)j / n[1], (double)k / n[2]};
        double x[3];
        nmd_row_times(s, h, x);
        nmd_buffer_printf(out, "%.5f %.5f %.5f\n", x[0] + origin[0], x[1] + origin[1], x[2] + origin[2]);
      }
  nmd_buffer_printf(out, "POINT_DATA %lld\nSCALARS density double 1\nLOOKUP_TABLE default\n", points);
  for (int k = 0; k < n[2]; k++)
    for (int j = 0; j < n[1]; j++)
      for (int i = 0; i < n[0]; i++) nmd_buffer_printf(out, "%.6e\n", nmd_density_at(density, i, j, k));
}
