/* SPDX-License-Identifier: BSD-3-Clause */
/* Angular functions pair by pair: G = 2 sum_{j<k} u^zeta exp(-eta T) fc(r_ij) fc(r_ik) [fc(r_jk)], u = (1 + lambda c)/2,
 * T = (r_ij - rs)^2 + (r_ik - rs)^2 [+ (r_jk - rs)^2]; the brackets belong to the narrow ones. J. Behler, J. Chem. Phys. 134,
 * 074106 (2011), eqs 9-10.
 *
 * Pass 1 walks over all pairs of a group and writes those that count (r_jk < rc for narrow functions, about 45 %) one
 * behind the other into a stream; the expensive part then works on full vectors. Per stream entry it keeps c, 1/(r_j r_k),
 * fc(r_jk), its slope and one exponential per eta. Pass 2 collapses all functions of a pair to four numbers (B, a, hc, Q),
 *   dE/dx_j = sum_k B x_k + x_j sum_k (a - hc / r_j^2 + Q fc'(r_j) / (fc(r_j) r_j)),
 * symmetric in j and k, and a second walk in the same order hands them out. */
#include "nnp/kernel_cutoff.h"
#include "nnp/kernel_parts.h"

enum { STREAM_ARRAYS = 5 }; /* c, inverse, f, slope, weight; then one per eta */

typedef struct stream {
  double *c, *inverse;      /* cos(theta), 1 / (r_j r_k) */
  double *f, *slope;        /* r_jk^2 and T, later fc(r_jk) and dfc/dr / r_jk */
  double *weight;           /* fc(r_j) fc(r_k) */
  double *x;                /* [n_eta][capacity] exp(-eta T) fc(r_j) fc(r_k) */
} stream;

static stream stream_of(const nmd_scratch *s, const nmd_triple_stream *where) {
  double *p = s->stream + where->first;
  const size_t n = where->capacity;
  return (stream){p, p + n, p + 2 * n, p + 3 * n, p + 4 * n, p + STREAM_ARRAYS * n};
}

/* Per neighbour: its part of T, and fc'/(fc r) with the shift's part folded in (a shifted group has one eta). */
static void prepare_neighbours(const nmd_plan_triples *t, const nmd_scratch *s, int from, int to) {
  const double *fc = s->fc + (size_t)t->cut * (size_t)s->capacity, *dfc = s->dfc + (size_t)t->cut * (size_t)s->capacity;
  const double pull = t->rs != 0.0 ? 2.0 * t->eta[0] * t->rs : 0.0;
  for (int i = from; i < to; i += W) {
    const vd r = v_load(s->r + i), f = v_load(fc + i), d = r - t->rs, zero = v_set(0.0);
    const vd logarithmic = v_select_less(zero, f, v_load(dfc + i) / v_max(f, v_set(1e-300)), zero);
    v_store(s->shifted + i, d * d);
    v_store(s->ratio + i, (logarithmic + pull) * v_load(s->inverse + i));
  }
}

typedef struct walk { /* the pairs of one j: vectors from `from` to `to`, the first one with mask `head` */
  int from, to;
  unsigned head;
} walk;

static walk walk_of(const nmd_plan_triples *t, const nmd_scratch *s, int j) {
  const unsigned all = (1u << W) - 1u;
  const int end = s->start[t->b] + nmd_padded(s->count[t->b]);
  if (t->a != t->b) return (walk){s->start[t->b], end, all};
  const int next = j + 1, from = next / W * W; /* each unordered pair once */
  return (walk){from, end, all << (next - from) & all};
}

/* Compact the pairs that count. */
NMD_INLINE void collect(const bool narrow, const nmd_plan_triples *t, const nmd_scratch *s, stream q,
                        nmd_triple_stream *where) {
  const double *fc = s->fc + (size_t)t->cut * (size_t)s->capacity;
  const vd limit = v_set(t->rc), limit2 = v_set(t->rc * t->rc);
  unsigned char *mask = s->masks + where->first_mask;
  size_t n = 0;
  for (int j = s->start[t->a]; j < s->start[t->a] + s->count[t->a]; j++) {
    walk w = walk_of(t, s, j);
    const double x = s->x[j], y = s->y[j], z = s->z[j], inverse = s->inverse[j], shifted = s->shifted[j], f = fc[j];
    if (!(s->r[j] < t->rc)) w.from = w.to;
    for (int k = w.from; k < w.to; k += W) {
      const vd xk = v_load(s->x + k), yk = v_load(s->y + k), zk = v_load(s->z + k);
      const vd dx = xk - x, dy = yk - y, dz = zk - z;
      const vd r2 = dx * dx + dy * dy + dz * dz;
      unsigned bits = w.head & v_bits_less(v_load(s->r + k), limit);
      w.head = (1u << W) - 1u;
      if (narrow) bits &= v_bits_less(r2, limit2);
      *mask++ = (unsigned char)bits;
      if (bits == 0) continue;
      const vd ir = inverse * v_load(s->inverse + k);
      v_compress_store(q.c + n, bits, (x * xk + y * yk + z * zk) * ir);
      v_compress_store(q.inverse + n, bits, ir);
      v_compress_store(q.slope + n, bits, shifted + v_load(s->shifted + k));
      v_compress_store(q.weight + n, bits, f * v_load(fc + k));
      if (narrow) v_compress_store(q.f + n, bits, r2);
      n += (size_t)__builtin_popcount(bits);
    }
  }
  where->n = n;
  for (int i = 0; i < W; i++) { /* fill the last vector with pairs of weight zero */
    q.c[n + (size_t)i] = q.inverse[n + (size_t)i] = q.weight[n + (size_t)i] = 0.0;
    q.f[n + (size_t)i] = q.slope[n + (size_t)i] = t->rc * t->rc;
  }
}

/* u^zeta: the powers of all angles of the group; p[i] = u^(zeta - 1) too where it is wanted. Where 1 + lambda c <= 0 both
 * are 0. */
NMD_INLINE void angle_powers(const nmd_plan_triples *t, vd c, vd *value, vd *p) {
  vd u = v_set(0.0), positive = u;
  for (int i = 0; i < t->n_angles; i++) {
    const nmd_plan_angle *angle = &t->angles[i];
    if (i == 0 || angle->lambda != angle[-1].lambda) {
      u = v_max(c * (0.5 * angle->lambda) + 0.5, v_set(0.0));
      positive = v_select_less(v_set(0.0), u, v_set(1.0), v_set(0.0));
    }
    if (!angle->integer) {
      const vd low = v_exp((angle->zeta - 1.0) * v_log(v_max(u, v_set(1e-300)))) * positive;
      value[i] = low * u;
      if (p) p[i] = low;
      continue;
    }
    const vd low = angle->chained ? value[i - 1] * v_power(u, angle->step - 1) : positive * v_power(u, angle->step - 1);
    value[i] = low * u;
    if (p) p[i] = low;
  }
}

/* exp(-eta T) times the weight, for each eta. */
NMD_INLINE void exponentials(const nmd_plan_triples *t, vd T, vd weight, vd *x) {
  vd e[NMD_MAX_EXPONENTS];
  for (int i = 0; i < t->n_eta; i++) {
    e[i] = t->multiple_of[i] < 0 ? v_exp(-t->eta[i] * T) : v_power(e[t->multiple_of[i]], t->multiple[i]);
    x[i] = e[i] * weight;
  }
}

NMD_INLINE void stream_values(const bool narrow, nmd_cutoff_kind kind, v_cutoff cut, const nmd_plan_triples *t, stream q,
                              const nmd_triple_stream *where, vd *sums) {
  for (size_t i = 0; i < where->n; i += W) {
    vd T = v_load(q.slope + i), f = v_set(1.0), x[NMD_MAX_EXPONENTS], value[NMD_MAX_ANGLES];
    if (narrow) {
      const vd r2 = v_load(q.f + i), r = v_sqrt(v_max(r2, v_set(1e-60))), d = r - t->rs, inverse = 1.0 / r;
      vd slope;
      f = v_cutoff_value(kind, cut, r, &slope);
      T += d * d;
      slope *= inverse;
      if (t->rs != 0.0) slope += (2.0 * t->eta[0] * t->rs) * inverse * f;
      v_store(q.f + i, f);
      v_store(q.slope + i, slope);
    }
    exponentials(t, T, v_load(q.weight + i), x);
    angle_powers(t, v_load(q.c + i), value, NULL);
    for (int e = 0; e < t->n_eta; e++) {
      v_store(q.x + (size_t)e * where->capacity + i, x[e]);
      x[e] *= f;
      for (int k = t->first_term[e]; k < t->first_term[e + 1]; k++) sums[k] += x[e] * value[t->terms[k].angle];
    }
  }
}

#define STREAM_CASE(kind)                                                                                              \
  case kind: stream_values(true, kind, v_cutoff_of(kind, plan->cutoff_alpha, t->rc), t, q, where, sums); break;

static void group_values(const nmd_element_plan *plan, const nmd_plan_triples *t, nmd_scratch *s,
                         nmd_triple_stream *where) {
  const stream q = stream_of(s, where);
  vd *sums = (vd *)s->terms;
  for (int k = 0; k < t->n_terms; k++) sums[k] = v_set(0.0);
  prepare_neighbours(t, s, s->start[t->a], s->start[t->a + 1]);
  if (t->b != t->a) prepare_neighbours(t, s, s->start[t->b], s->start[t->b + 1]);
  if (!t->narrow) {
    collect(false, t, s, q, where);
    stream_values(false, NMD_CUTOFF_HARD, (v_cutoff){0}, t, q, where, sums);
  } else {
    collect(true, t, s, q, where);
    switch (plan->cutoff_kind) {
      STREAM_CASE(NMD_CUTOFF_HARD)
      STREAM_CASE(NMD_CUTOFF_COSINE)
      STREAM_CASE(NMD_CUTOFF_TANH3)
      STREAM_CASE(NMD_CUTOFF_TANH3_NORMALISED)
      STREAM_CASE(NMD_CUTOFF_EXP)
      STREAM_CASE(NMD_CUTOFF_POLY1)
      STREAM_CASE(NMD_CUTOFF_POLY2)
      STREAM_CASE(NMD_CUTOFF_POLY3)
      STREAM_CASE(NMD_CUTOFF_POLY4)
    }
  }
  for (int k = 0; k < t->n_terms; k++) s->G[t->terms[k].function] += t->terms[k].coefficient * v_sum(sums[k]);
}

void NMD_KERNEL(triples)(const nmd_element_plan *plan, nmd_scratch *s) {
  for (int i = 0; i < plan->n_triples; i++) group_values(plan, &plan->triples[i], s, &s->streams[i]);
}

/* All functions of a pair become B (over inverse), a (over slope), hc (over c) and Q (over f). */
NMD_INLINE void stream_gradient(const bool narrow, const nmd_plan_triples *t, stream q, const nmd_triple_stream *where,
                                const double *g, const double *h) {
  for (size_t i = 0; i < where->n; i += W) {
    const vd c = v_load(q.c + i), inverse = v_load(q.inverse + i);
    vd value[NMD_MAX_ANGLES], p[NMD_MAX_ANGLES], sum = v_set(0.0), sum_eta = sum, sum_c = sum, f = v_set(1.0), side = sum;
    if (narrow) f = v_load(q.f + i);
    angle_powers(t, c, value, p);
    for (int e = 0; e < t->n_eta; e++) {
      const vd x = v_load(q.x + (size_t)e * where->capacity + i);
      vd P = v_set(0.0), dP = P;
      for (int k = t->first_term[e]; k < t->first_term[e + 1]; k++) {
        P += g[k] * value[t->terms[k].angle];
        dP += h[k] * p[t->terms[k].angle];
      }
      P *= x;
      sum += P;
      sum_eta += t->eta[e] * P;
      sum_c += x * dP;
    }
    const vd pull = -2.0 * f * sum_eta; /* 2 dE/dT */
    const vd angular = f * sum_c;
    if (narrow) side = sum * v_load(q.slope + i) + pull;
    v_store(q.c + i, angular * c);
    v_store(q.inverse + i, angular * inverse - side);
    v_store(q.slope + i, side + pull);
    v_store(q.f + i, f * sum);
  }
}

/* Hand the four numbers of each pair to j and k. */
static void distribute(const nmd_plan_triples *t, nmd_scratch *s, stream q, const nmd_triple_stream *where) {
  const unsigned char *mask = s->masks + where->first_mask;
  size_t n = 0;
  for (int j = s->start[t->a]; j < s->start[t->a] + s->count[t->a]; j++) {
    const walk w = walk_of(t, s, j);
    const double x = s->x[j], y = s->y[j], z = s->z[j];
    vd gx = v_set(0.0), gy = gx, gz = gx, sum_a = gx, sum_c = gx, sum_Q = gx;
    if (!(s->r[j] < t->rc)) continue;
    for (int k = w.from; k < w.to; k += W) {
      const unsigned bits = *mask++;
      if (bits == 0) continue;
      const vd B = v_expand_load(q.inverse + n, bits), a = v_expand_load(q.slope + n, bits);
      const vd hc = v_expand_load(q.c + n, bits), Q = v_expand_load(q.f + n, bits), inverse = v_load(s->inverse + k);
      n += (size_t)__builtin_popcount(bits);
      gx += B * v_load(s->x + k);
      gy += B * v_load(s->y + k);
      gz += B * v_load(s->z + k);
      sum_a += a;
      sum_c += hc;
      sum_Q += Q;
      v_add_to(s->gx + k, B * x);
      v_add_to(s->gy + k, B * y);
      v_add_to(s->gz + k, B * z);
      v_add_to(s->alpha + k, a - hc * inverse * inverse + Q * v_load(s->ratio + k));
    }
    s->gx[j] += v_sum(gx);
    s->gy[j] += v_sum(gy);
    s->gz[j] += v_sum(gz);
    s->alpha[j] += v_sum(sum_a) - v_sum(sum_c) * s->inverse[j] * s->inverse[j] + v_sum(sum_Q) * s->ratio[j];
  }
}

static void group_gradient(const nmd_plan_triples *t, nmd_scratch *s, const nmd_triple_stream *where) {
  const stream q = stream_of(s, where);
  double *g = s->terms, *h = s->terms + t->n_terms;
  for (int k = 0; k < t->n_terms; k++) {
    const nmd_plan_angle *angle = &t->angles[t->terms[k].angle];
    g[k] = t->terms[k].coefficient * s->dG[t->terms[k].function];
    h[k] = g[k] * 0.5 * angle->lambda * angle->zeta;
  }
  prepare_neighbours(t, s, s->start[t->a], s->start[t->a + 1]);
  if (t->b != t->a) prepare_neighbours(t, s, s->start[t->b], s->start[t->b + 1]);
  if (t->narrow) stream_gradient(true, t, q, where, g, h);
  else stream_gradient(false, t, q, where, g, h);
  distribute(t, s, q, where);
}

void NMD_KERNEL(triples_gradient)(const nmd_element_plan *plan, nmd_scratch *s) {
  if (plan->n_triples == 0) return;
  for (int i = 0; i < s->n; i += W) v_store(s->alpha + i, v_set(0.0));
  for (int i = 0; i < plan->n_triples; i++) group_gradient(&plan->triples[i], s, &s->streams[i]);
  for (int i = 0; i < s->n; i += W) v_add_to(s->radial + i, v_load(s->alpha + i) * v_load(s->r + i));
}
