/* SPDX-License-Identifier: BSD-3-Clause */
/* The innermost loops have the order as a constant: one copy of each for every even order, made by the compiler. */
#include "electrostatics/spme_atoms.h"

#include <math.h>

#if defined __GNUC__ && !defined __clang__ && defined __x86_64__ && defined __gnu_linux__ &&                           \
    !defined __SANITIZE_ADDRESS__
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

/* The recursion in the order, M_n(u) = u / (n - 1) M_n-1(u) + (n - u) / (n - 1) M_n-1(u - 1); slope M_n-1(u) - M_n-1(u
 * - 1). */
INLINE void spline(int order, double f, double *value, double *slope) {
  value[order - 1] = 0;
  value[1] = f;
  value[0] = 1 - f;
  for (int j = 3; j < order; j++) {
    const double share = 1.0 / (j - 1);
    value[j - 1] = share * f * value[j - 2];
    for (int l = 1; l < j - 1; l++)
      value[j - l - 1] = share * ((f + l) * value[j - l - 2] + (j - l - f) * value[j - l - 1]);
    value[0] *= share * (1 - f);
  }
  slope[0] = -value[0];
  for (int l = 1; l < order; l++) slope[l] = value[l - 1] - value[l];
  const double share = 1.0 / (order - 1);
  value[order - 1] = share * f * value[order - 2];
  for (int l = 1; l < order - 1; l++)
    value[order - l - 1] = share * ((f + l) * value[order - l - 2] + (order - l - f) * value[order - l - 1]);
  value[0] *= share * (1 - f);
}

void nmd__spline(int order, double f, double *value, double *slope) { spline(order, f, value, slope); }

/* Where an atom is on the mesh: first point, and weights of the next `order` points along each axis. */
typedef struct place {
  int low[3];
  double value[3][NMD_SPME_ORDER_MAX], slope[3][NMD_SPME_ORDER_MAX];
} place;

INLINE void mesh_coordinates(const nmd__spread *s, int i, double u[3]) {
  nmd_box_to_fractional(s->box, s->atoms->x + 3 * i, u);
  for (int a = 0; a < 3; a++) u[a] *= s->k[a];
}

INLINE void find_place(const nmd__spread *s, int i, int order, place *p) {
  double u[3];
  mesh_coordinates(s, i, u);
  for (int a = 0; a < 3; a++) {
    const double whole = floor(u[a]);
    p->low[a] = (int)whole - s->extent->low[a];
    spline(order, u[a] - whole, p->value[a], p->slope[a]);
  }
}

bool nmd__spread_extent(const nmd__spread *s, nmd__extent *extent) {
  int low[3] = {0, 0, 0}, high[3] = {0, 0, 0};
  for (int i = 0; i < s->atoms->n; i++) {
    double u[3];
    mesh_coordinates(s, i, u);
    for (int a = 0; a < 3; a++) {
      if (!(fabs(u[a]) < 3.0 * s->k[a])) return false;
      const int first = (int)floor(u[a]);
      if (i == 0 || first < low[a]) low[a] = first;
      if (i == 0 || first > high[a]) high[a] = first;
    }
  }
  for (int a = 0; a < 3; a++) {
    extent->low[a] = low[a];
    extent->n[a] = s->atoms->n == 0 ? 0 : high[a] - low[a] + s->order;
  }
  return true;
}

INLINE double *row_of(const nmd__spread *s, const place *p, int a, int b) {
  const nmd__extent *e = s->extent;
  return s->patch + ((int64_t)(p->low[0] + a) * e->n[1] + p->low[1] + b) * e->n[2] + p->low[2];
}

INLINE void spread_all(const nmd__spread *s, int order) {
  place p;
  for (int i = 0; i < s->atoms->n; i++) {
    const double q = s->atoms->charge[s->atoms->species[i]];
    if (q == 0) continue;
    find_place(s, i, order, &p);
    for (int a = 0; a < order; a++)
      for (int b = 0; b < order; b++) {
        const double weight = q * p.value[0][a] * p.value[1][b];
        double *row = row_of(s, &p, a, b);
        for (int c = 0; c < order; c++) row[c] += weight * p.value[2][c];
      }
  }
}

INLINE void potential_all(const nmd__spread *s, int order, double *phi, double (*gradient)[3]) {
  place p;
  for (int i = 0; i < s->atoms->n; i++) {
    double sum = 0, g[3] = {0, 0, 0};
    find_place(s, i, order, &p);
    for (int a = 0; a < order; a++)
      for (int b = 0; b < order; b++) {
        const double *row = row_of(s, &p, a, b);
        double along = 0, slope = 0;
        for (int c = 0; c < order; c++) {
          along += row[c] * p.value[2][c];
          slope += row[c] * p.slope[2][c];
        }
        sum += along * p.value[0][a] * p.value[1][b];
        g[0] += along * p.slope[0][a] * p.value[1][b];
        g[1] += along * p.value[0][a] * p.slope[1][b];
        g[2] += slope * p.value[0][a] * p.value[1][b];
      }
    phi[i] = sum;
    for (int a = 0; a < 3 && gradient != NULL; a++)
      gradient[i][a] = s->box->inverse[a][0] * g[0] * s->k[0] + s->box->inverse[a][1] * g[1] * s->k[1] +
                       s->box->inverse[a][2] * g[2] * s->k[2];
  }
}

#define FOR_ORDER(order, call)                                                                                         \
  switch (order) {                                                                                                     \
    case 4: call(4); break;                                                                                            \
    case 6: call(6); break;                                                                                            \
    case 8: call(8); break;                                                                                            \
    case 10: call(10); break;                                                                                          \
    case 12: call(12); break;                                                                                          \
    case 14: call(14); break;                                                                                          \
    default: call(16); break;                                                                                          \
  }

CLONES
void nmd__spread_charges(const nmd__spread *s){
#define SPREAD(n) spread_all(s, n)
    FOR_ORDER(s->order, SPREAD)}

CLONES void nmd__spread_potential(const nmd__spread *s, double *phi, double (*gradient)[3]) {
#define POTENTIAL(n) potential_all(s, n, phi, gradient)
  FOR_ORDER(s->order, POTENTIAL)
}
